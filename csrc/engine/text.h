/* text: an arena of interned byte strings; equal bytes have one number.
 *
 * Number 0 is the empty text and stands for "none". Texts are never removed. Bytes are NUL-terminated for convenience
 * but may contain anything that is valid UTF-8 except NUL. The arena may move when a text is added.
 */
#ifndef KNOCKON_TEXT_H
#define KNOCKON_TEXT_H

#include "memory.h"

#define TEXT_NONE UINT32_MAX /* out of memory, or not there */

struct texts {
  struct memory *memory;
  struct vector_of(char) arena;
  struct vector_of(size_t) starts; /* start of text i; one more than there are texts */
  uint32_t *table;                 /* open addressing, text number + 1, 0 = free */
  size_t table_size;               /* a power of two */
  uint64_t seed;                   /* makes collisions unpredictable to whoever wrote the file */
};

bool texts_open(struct texts *texts, struct memory *memory);
void texts_close(struct texts *texts);
uint32_t text_intern(struct texts *texts, const char *bytes, size_t length);       /* TEXT_NONE: no memory */
uint32_t text_lookup(const struct texts *texts, const char *bytes, size_t length); /* TEXT_NONE: not there */

static inline size_t text_count(const struct texts *texts) { return texts->starts.count - 1; }
static inline const char *text_bytes(const struct texts *texts, uint32_t text) {
  return texts->arena.items + texts->starts.items[text];
}
static inline size_t text_length(const struct texts *texts, uint32_t text) {
  return texts->starts.items[text + 1] - texts->starts.items[text] - 1;
}
/* Byte order, never the locale's. */
int text_compare(const struct texts *texts, uint32_t a, uint32_t b);

/* Where the first byte is that is not UTF-8 (or is NUL), or `length` when all is well. */
size_t text_invalid_at(const char *bytes, size_t length);
/* Puts a question mark for every byte that is not UTF-8: messages quote, and are cut. */
void text_repair(char *text);

#endif
