/* memo: records that say the same but for their ids, ends and dates.
 *
 * A file of millions of relations has a few hundred different ways to fill the other fields. What such a record was
 * found to say, after all checks, is kept under the very bytes it was written with; the next one like it needs none of
 * them. One place for each hash: the memo neither grows nor lasts, it forgets what collides.
 */
#ifndef KNOCKON_MEMO_H
#define KNOCKON_MEMO_H

#include "draft.h"

enum { MEMO_WORDS = 5, MEMO_PARTS = 4 };

/* The bytes that tell records apart, eight to a word, the last word of each part filled up with zeros. */
struct memo_key {
  uint64_t words[MEMO_WORDS];
  uint32_t lengths; /* of the parts, a byte each */
  uint8_t count;    /* of words; more than MEMO_WORDS: too long to be kept */
};

/* One line of the processor's cache. */
struct memo_entry {
  uint64_t words[MEMO_WORDS];
  uint32_t lengths;
  uint32_t class, fields;
  struct share share;
  uint8_t kind, count;
  bool used;
};

struct memo {
  struct memory *memory;
  struct memo_entry *entries;
};

bool memo_open(struct memo *memo, struct memory *memory);
void memo_close(struct memo *memo);

/* Up to MEMO_PARTS parts. Seven bytes after the last may be looked at too. */
static inline void memo_add(struct memo_key *key, const char *bytes, size_t length) {
  if (length > 8 * MEMO_WORDS) key->count = MEMO_WORDS + 1;
  key->lengths = key->lengths << 8 | length;
  for (size_t at = 0; at < length; at += 8) {
    uint64_t word;
    if (key->count >= MEMO_WORDS) {
      key->count = MEMO_WORDS + 1;
      return;
    }
    memcpy(&word, bytes + at, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    if (length - at < 8) word &= ~(UINT64_MAX >> 8 * (length - at));
#else
    if (length - at < 8) word &= (UINT64_C(1) << 8 * (length - at)) - 1;
#endif
    key->words[key->count++] = word;
  }
}

/* Where a record with this key is kept, or would be; NULL when it cannot be. known: is it there? */
struct memo_entry *memo_find(struct memo *memo, const struct memo_key *key, bool *known);
/* The record just added to the network says what the next one with this key will say. */
void memo_note(struct memo_entry *entry, const struct memo_key *key, const struct network *network, bool relation);

/* What a record has of its own. Length 0: not given. */
enum own { OWN_ID, OWN_FROM, OWN_TO, OWN_SINCE, OWN_UNTIL, OWNS };
struct own_text {
  const char *bytes; /* valid UTF-8 */
  size_t length;
  uint64_t hash; /* 0: not computed */
};

/* Add a record that says what `like` says, and these of its own. False: nothing was added; read it in full. */
bool memo_repeat(struct network *network, const struct own_text own[OWNS], const struct memo_entry *like,
                 bool relation);

#endif
