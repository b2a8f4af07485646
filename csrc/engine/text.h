/* text: an arena of interned byte strings; equal bytes have one number.
 *
 * Number 0 is the empty text and stands for "none". Texts are never removed. Bytes are NUL-terminated for convenience
 * but may contain anything that is valid UTF-8 except NUL. The arena may move when a text is added.
 */
#ifndef KNOCKON_TEXT_H
#define KNOCKON_TEXT_H

#include <string.h>

#include "memory.h"

#define TEXT_NONE UINT32_MAX /* out of memory, or not there */

/* A place of the table. A text of up to eight bytes is its own key, so that finding it touches nothing else; a longer
 * one is known by its hash, and its bytes decide. */
struct text_slot {
  uint64_t key;
  uint32_t text;   /* number + 1, 0 = free */
  uint32_t length; /* of the text, UINT32_MAX when it is longer */
};

struct texts {
  struct memory *memory;
  struct vector_of(char) arena;
  struct vector_of(size_t) starts; /* start of text i; one more than there are texts */
  struct text_slot *table;         /* open addressing */
  size_t table_size;               /* a power of two */
  uint64_t seed;                   /* makes collisions unpredictable to whoever wrote the file */
};

bool texts_open(struct texts *texts, struct memory *memory);
void texts_close(struct texts *texts);
uint32_t text_intern(struct texts *texts, const char *bytes, size_t length);       /* TEXT_NONE: no memory */
uint32_t text_lookup(const struct texts *texts, const char *bytes, size_t length); /* TEXT_NONE: not there */

#define TEXT_SHORT 8

/* Up to TEXT_SHORT bytes as a number: with the length, no two texts have the same. */
static inline uint64_t text_short_key(const char *bytes, size_t length) {
  const unsigned char *b = (const unsigned char *)bytes;
  uint64_t whole;
  uint32_t first, last;
  if (length == TEXT_SHORT) return memcpy(&whole, bytes, 8), whole;
  if (length < 4) return length ? (uint64_t)b[0] | (uint64_t)b[length / 2] << 8 | (uint64_t)b[length - 1] << 16 : 0;
  memcpy(&first, bytes, 4);
  memcpy(&last, bytes + length - 4, 4);
  return first | (uint64_t)last << 32;
}

/* For many texts: their hashes first, so that the places of the table are on their way when they are looked at. */
static inline uint64_t text_mix(uint64_t a, uint64_t b) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}
static inline uint64_t text_hash_short(const struct texts *texts, uint64_t key, size_t length) {
  return text_mix(key ^ texts->seed, UINT64_C(0x9e3779b97f4a7c15) ^ length << 1);
}
uint64_t text_hash_long(const struct texts *texts, const char *bytes, size_t length);
static inline uint64_t text_hash(const struct texts *texts, const char *bytes, size_t length) {
  return length <= TEXT_SHORT ? text_hash_short(texts, text_short_key(bytes, length), length)
                              : text_hash_long(texts, bytes, length);
}
static inline void text_prefetch(const struct texts *texts, uint64_t hash) {
  __builtin_prefetch(&texts->table[hash & (texts->table_size - 1)]);
}
void text_prefetch_bytes(const struct texts *texts, uint64_t hash, bool start_is_there); /* of more than TEXT_SHORT */
uint32_t text_intern_hashed(struct texts *texts, const char *bytes, size_t length, uint64_t hash);
/* So many more are likely: room in the table, if it is to be had. */
void texts_expect(struct texts *texts, size_t more);

static inline size_t text_count(const struct texts *texts) { return texts->starts.count - 1; }
/* Texts of a file that was opened are looked at only here, when somebody asks: what is no text there is the empty one.
 */
static inline bool text_is_there(const struct texts *texts, uint32_t text) {
  const size_t *start = texts->starts.items;
  return text < text_count(texts) && start[text] < start[text + 1] && start[text + 1] <= texts->arena.count;
}
static inline const char *text_bytes(const struct texts *texts, uint32_t text) {
  return text_is_there(texts, text) ? texts->arena.items + texts->starts.items[text] : "";
}
static inline size_t text_length(const struct texts *texts, uint32_t text) {
  return text_is_there(texts, text) ? texts->starts.items[text + 1] - texts->starts.items[text] - 1 : 0;
}
/* Byte order, never the locale's. */
int text_compare(const struct texts *texts, uint32_t a, uint32_t b);

/* Where the first byte is that is not UTF-8 (or is NUL), or `length` when all is well. */
size_t text_invalid_at(const char *bytes, size_t length);
/* Puts a question mark for every byte that is not UTF-8: messages quote, and are cut. */
void text_repair(char *text);

#endif
