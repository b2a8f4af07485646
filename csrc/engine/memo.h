/* memo: records that say the same but for their ids, ends and dates.
 *
 * A file of millions of relations has a few hundred different ways to fill the other fields. What such a record was
 * found to say, after all checks, is kept under the very bytes it was written with; the next one like it needs none of
 * them. A few places for each hash: the memo neither grows nor lasts, it forgets what collides.
 */
#ifndef KNOCKON_MEMO_H
#define KNOCKON_MEMO_H

#include "draft.h"

enum { MEMO_WORDS = 5, MEMO_PARTS = 4, MEMO_ENTRIES = 1 << 11, MEMO_WAYS = 4 };

/* The bytes that tell records apart, eight to a word, the last word of each part filled up with zeros. */
struct memo_key {
  uint64_t words[MEMO_WORDS];
  uint32_t lengths; /* of the parts, a byte each */
  uint32_t count;   /* of words; more than MEMO_WORDS: too long to be kept */
};

/* One line of the processor's cache. */
struct memo_entry {
  uint64_t words[MEMO_WORDS];
  uint32_t lengths;
  uint32_t saying; /* of a relation, + 1 */
  uint32_t fields; /* of an entity */
  uint8_t kind;    /* of an entity */
  uint8_t count;   /* of words */
  bool used;
};

struct memo {
  struct memory *memory;
  struct memo_entry *entries;
};

bool memo_open(struct memo *memo, struct memory *memory);
void memo_close(struct memo *memo);

/* The first bytes of eight. */
static inline uint64_t memo_first(uint64_t word, size_t length) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return word & ~(UINT64_MAX >> 8 * length);
#else
  return word & ((UINT64_C(1) << 8 * length) - 1);
#endif
}

/* Up to MEMO_PARTS parts. Seven bytes after the last may be looked at too. */
static inline void memo_add(struct memo_key *key, const char *bytes, size_t length) {
  uint64_t word;
  key->lengths = key->lengths << 8 | (uint32_t)length;
  if (length == 0) return;
  if (length > 8 * MEMO_WORDS || key->count + (length + 7) / 8 > MEMO_WORDS) {
    key->count = MEMO_WORDS + 1;
    return;
  }
  for (; length >= 8; length -= 8, bytes += 8) {
    memcpy(&word, bytes, 8);
    key->words[key->count++] = word;
  }
  if (length == 0) return;
  memcpy(&word, bytes, 8);
  key->words[key->count++] = memo_first(word, length);
}

static inline uint64_t memo_hash(const struct memo_key *key) {
  uint64_t hash = key->lengths;
  uint32_t count = key->count <= MEMO_WORDS ? key->count : 0; /* one that is too long is not asked for */
  for (uint32_t i = 0; i < count; i++) {
    hash = (hash ^ key->words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
  }
  return hash * UINT64_C(0x9e3779b97f4a7c15);
}
/* The first of the MEMO_WAYS entries next to each other that hold what has the same hash. */
static inline struct memo_entry *memo_set(const struct memo *memo, uint64_t hash) {
  return &memo->entries[(hash >> 53) & ~(uint64_t)(MEMO_WAYS - 1)];
}
static inline bool memo_is(const struct memo_entry *entry, const struct memo_key *key) {
  if (entry->lengths != key->lengths || entry->count != key->count || !entry->used) return false;
  uint64_t differ = 0;
  for (unsigned i = 0; i < key->count; i++) differ |= entry->words[i] ^ key->words[i];
  return differ == 0;
}
/* Where a record with this key is kept, or NULL. */
static inline const struct memo_entry *memo_known(const struct memo *memo, const struct memo_key *key, uint64_t hash) {
  if (key->count > MEMO_WORDS) return NULL;
  const struct memo_entry *set = memo_set(memo, hash);
  for (int way = 0; way < MEMO_WAYS; way++)
    if (memo_is(&set[way], key)) return &set[way];
  return NULL;
}
/* The same, or where it would be; NULL when it cannot be. known: is it there? */
struct memo_entry *memo_find(struct memo *memo, const struct memo_key *key, bool *known);
/* The record just added to the network says what the next one with this key will say. */
void memo_note(struct memo_entry *entry, const struct memo_key *key, const struct network *network, bool relation);

/* What a record has of its own. Length 0: not given. */
enum own { OWN_ID, OWN_FROM, OWN_TO, OWN_SINCE, OWN_UNTIL, OWNS };
struct own_text {
  const char *bytes; /* valid UTF-8 */
  uint64_t hash;     /* 0: not computed */
  uint32_t length;
  uint32_t text;    /* 0: not known */
  uint32_t numeral; /* its value, NUMERAL_NONE: it is none, or that was not asked */
};

/* What is asked of the text of an id or an end, and on its way from memory then. Seven bytes behind it may be looked at
 * too. */
static inline void own_foresee(const struct network *network, struct own_text *own) {
  own->numeral = numeral_of(own->bytes, own->length);
  own->text = 0;
  own->hash = 0;
  if (own->numeral < network->draft->numerals.size) {
    __builtin_prefetch(&network->draft->numerals.text[own->numeral]);
    return;
  }
  own->hash = text_hash(&network->texts, own->bytes, own->length);
  text_prefetch(&network->texts, own->hash);
}
/* The same of a text that is new, most likely: the next place that is free may be in the next line of the table. */
static inline void own_foresee_new(const struct network *network, struct own_text *own) {
  own->numeral = numeral_of(own->bytes, own->length);
  own->text = 0;
  own->hash = text_hash(&network->texts, own->bytes, own->length);
  text_prefetch(&network->texts, own->hash);
  text_prefetch(&network->texts, own->hash + 3);
}
/* After the above, for many of them: what the text is, if it is a number that was met. */
static inline void own_find(const struct network *network, struct own_text *own) {
  if (own->hash || own->length == 0) return;
  own->text = numerals_find(&network->draft->numerals, own->numeral);
  if (own->text) return;
  own->hash = text_hash(&network->texts, own->bytes, own->length);
  text_prefetch(&network->texts, own->hash);
}
/* The text, a new one if need be; TEXT_NONE: no memory. */
uint32_t own_intern_unknown(struct network *network, const struct own_text *own);
static inline uint32_t own_intern(struct network *network, const struct own_text *own) {
  return own->text ? own->text : own_intern_unknown(network, own);
}

/* Add a record that says what `like` says, and these of its own. False: nothing was added; read it in full. */
bool memo_repeat(struct network *network, const struct own_text own[OWNS], const struct memo_entry *like,
                 bool relation);

#endif
