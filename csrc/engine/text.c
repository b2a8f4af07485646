#define _POSIX_C_SOURCE 200809L
#include "text.h"

#include <string.h>
#include <time.h>

static uint64_t mix(uint64_t a, uint64_t b) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash(const struct texts *texts, const char *bytes, size_t length) {
  uint64_t h = texts->seed ^ length, word;
  while (length >= 8) {
    memcpy(&word, bytes, 8);
    h = mix(h ^ word, UINT64_C(0x9e3779b97f4a7c15));
    bytes += 8;
    length -= 8;
  }
  word = 0;
  memcpy(&word, bytes, length);
  return mix(h ^ word, UINT64_C(0xd6e8feb86659fd93));
}

bool texts_open(struct texts *texts, struct memory *memory) {
  memset(texts, 0, sizeof *texts);
  texts->memory = memory;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  texts->seed = mix((uint64_t)(uintptr_t)texts ^ (uint64_t)now.tv_nsec, UINT64_C(0xa0761d6478bd642f));
  texts->table_size = 256;
  texts->table = memory_zeroed(memory, texts->table_size, sizeof *texts->table);
  if (!texts->table || !vector_push(memory, &texts->starts, 0)) return false;
  return text_intern(texts, "", 0) == 0;
}

void texts_close(struct texts *texts) {
  if (!texts->memory) return;
  vector_free(texts->memory, &texts->arena);
  vector_free(texts->memory, &texts->starts);
  memory_free(texts->memory, texts->table, texts->table_size * sizeof *texts->table);
  texts->table = NULL;
}

static bool same(const struct texts *texts, uint32_t text, const char *bytes, size_t length) {
  return text_length(texts, text) == length && memcmp(text_bytes(texts, text), bytes, length) == 0;
}

static bool widen(struct texts *texts) {
  size_t size = texts->table_size * 2;
  uint32_t *table = memory_zeroed(texts->memory, size, sizeof *table);
  if (!table) return false;
  for (uint32_t i = 0; i < text_count(texts); i++) {
    size_t at = hash(texts, text_bytes(texts, i), text_length(texts, i)) & (size - 1);
    while (table[at]) at = (at + 1) & (size - 1);
    table[at] = i + 1;
  }
  memory_free(texts->memory, texts->table, texts->table_size * sizeof *table);
  texts->table = table;
  texts->table_size = size;
  return true;
}

uint32_t text_lookup(const struct texts *texts, const char *bytes, size_t length) {
  size_t at = hash(texts, bytes, length) & (texts->table_size - 1);
  for (; texts->table[at]; at = (at + 1) & (texts->table_size - 1))
    if (same(texts, texts->table[at] - 1, bytes, length)) return texts->table[at] - 1;
  return TEXT_NONE;
}

uint32_t text_intern(struct texts *texts, const char *bytes, size_t length) {
  size_t known = text_count(texts);
  if (known >= UINT32_MAX - 2) return TEXT_NONE;
  if (known * 2 >= texts->table_size && !widen(texts)) return TEXT_NONE;
  size_t at = hash(texts, bytes, length) & (texts->table_size - 1);
  for (; texts->table[at]; at = (at + 1) & (texts->table_size - 1))
    if (same(texts, texts->table[at] - 1, bytes, length)) return texts->table[at] - 1;
  if (!vector_reserve(texts->memory, &texts->arena, length + 1) || !vector_reserve(texts->memory, &texts->starts, 1))
    return TEXT_NONE;
  char *end = texts->arena.items + texts->arena.count;
  memcpy(end, bytes, length);
  end[length] = '\0';
  texts->arena.count += length + 1;
  texts->starts.items[texts->starts.count++] = texts->arena.count;
  texts->table[at] = (uint32_t)known + 1;
  return (uint32_t)known;
}

int text_compare(const struct texts *texts, uint32_t a, uint32_t b) {
  if (a == b) return 0;
  size_t la = text_length(texts, a), lb = text_length(texts, b);
  int order = memcmp(text_bytes(texts, a), text_bytes(texts, b), la < lb ? la : lb);
  return order ? order : (la > lb) - (la < lb);
}

size_t text_invalid_at(const char *text, size_t length) {
  const unsigned char *s = (const unsigned char *)text;
  size_t i = 0;
  while (i < length) {
    uint64_t word;
    while (length - i >= 8) { /* most text is ASCII: eight bytes at a time, none zero, none above 127 */
      memcpy(&word, s + i, 8);
      uint64_t zero = (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
      if ((word & UINT64_C(0x8080808080808080)) || zero) break;
      i += 8;
    }
    if (i >= length) break;
    unsigned char c = s[i];
    if (c == 0) return i;
    if (c < 0x80) {
      i++;
      continue;
    }
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || length - i <= more) return i;
    unsigned char d = s[i + 1];
    if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f))
      return i;
    for (size_t k = 1; k <= more; k++)
      if ((s[i + k] & 0xc0) != 0x80) return i;
    i += more + 1;
  }
  return length;
}

void text_repair(char *text) {
  size_t length = strlen(text);
  for (size_t at = 0; (at += text_invalid_at(text + at, length - at)) < length;) text[at] = '?';
}
