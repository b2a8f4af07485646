#define _POSIX_C_SOURCE 200809L
#include "text.h"

#include <time.h>

static uint64_t eight(const char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

uint64_t text_hash_long(const struct texts *texts, const char *bytes, size_t length) {
  uint64_t h = texts->seed ^ length;
  size_t at = 0;
  for (; at + 8 < length; at += 8) h = text_mix(h ^ eight(bytes + at), UINT64_C(0x9e3779b97f4a7c15));
  return text_mix(h ^ eight(bytes + length - 8), UINT64_C(0xd6e8feb86659fd93)); /* the last eight, some perhaps again */
}

bool texts_open(struct texts *texts, struct memory *memory) {
  memset(texts, 0, sizeof *texts);
  texts->memory = memory;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  texts->seed = text_mix((uint64_t)(uintptr_t)texts ^ (uint64_t)now.tv_nsec, UINT64_C(0xa0761d6478bd642f));
  texts->table_size = 64;
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

static uint32_t told_length(size_t length) { return length < UINT32_MAX ? (uint32_t)length : UINT32_MAX; }

static bool widen(struct texts *texts, size_t size) {
  struct text_slot *table = memory_zeroed(texts->memory, size, sizeof *table);
  if (!table) return false;
  for (size_t i = 0; i < texts->table_size; i++) {
    const struct text_slot *slot = &texts->table[i];
    if (!slot->text) continue;
    uint64_t hash = slot->length <= TEXT_SHORT ? text_hash_short(texts, slot->key, slot->length) : slot->key;
    size_t at = hash & (size - 1);
    while (table[at].text) at = (at + 1) & (size - 1);
    table[at] = *slot;
  }
  memory_free(texts->memory, texts->table, texts->table_size * sizeof *table);
  texts->table = table;
  texts->table_size = size;
  return true;
}

/* Four fifths full at most. */
static bool is_full(size_t count, size_t table_size) { return count * 5 >= table_size * 4; }

void texts_expect(struct texts *texts, size_t more) {
  size_t size = texts->table_size;
  while (size < SIZE_MAX / 64 && is_full(text_count(texts) + more, size)) size *= 2;
  if (size > texts->table_size && memory_has_room(texts->memory, size * sizeof *texts->table)) (void)widen(texts, size);
}

/* Where the text stands in the table, or where it would. */
static inline size_t place_of(const struct texts *texts, const char *bytes, size_t length, uint64_t hash) {
  size_t mask = texts->table_size - 1, at = hash & mask;
  if (length <= TEXT_SHORT) {
    uint64_t key = text_short_key(bytes, length);
    for (;; at = (at + 1) & mask) {
      const struct text_slot *slot = &texts->table[at];
      if ((slot->key == key && slot->length == length && slot->text) || !slot->text) return at;
    }
  }
  uint32_t told = told_length(length);
  for (;; at = (at + 1) & mask) {
    const struct text_slot *slot = &texts->table[at];
    if (!slot->text) return at;
    if (slot->key == hash && slot->length == told && same(texts, slot->text - 1, bytes, length)) return at;
  }
}

void text_prefetch_bytes(const struct texts *texts, uint64_t hash, bool start_is_there) {
  const struct text_slot *slot = &texts->table[hash & (texts->table_size - 1)];
  if (!slot->text || slot->key != hash) return;
  const size_t *start = &texts->starts.items[slot->text - 1];
  if (start_is_there) __builtin_prefetch(texts->arena.items + *start);
  else __builtin_prefetch(start);
}

/* The table may be that of a file that was opened: it may be full, and what it says may be wrong. */
uint32_t text_lookup(const struct texts *texts, const char *bytes, size_t length) {
  uint64_t hash = text_hash(texts, bytes, length), key = length <= TEXT_SHORT ? text_short_key(bytes, length) : hash;
  size_t mask = texts->table_size - 1, at = hash & mask;
  uint32_t told = told_length(length);
  for (size_t looked = 0; looked <= mask && texts->table[at].text; looked++, at = (at + 1) & mask) {
    const struct text_slot *slot = &texts->table[at];
    if (slot->key != key || slot->length != told || slot->text > text_count(texts)) continue;
    if (length <= TEXT_SHORT || same(texts, slot->text - 1, bytes, length)) return slot->text - 1;
  }
  return TEXT_NONE;
}

uint32_t text_intern(struct texts *texts, const char *bytes, size_t length) {
  return text_intern_hashed(texts, bytes, length, text_hash(texts, bytes, length));
}

static uint32_t add_text(struct texts *texts, const char *bytes, size_t length, uint64_t hash, size_t at) {
  size_t known = text_count(texts);
  if (known >= UINT32_MAX - 2) return TEXT_NONE;
  if (!vector_reserve(texts->memory, &texts->arena, length + 1) || !vector_reserve(texts->memory, &texts->starts, 1))
    return TEXT_NONE;
  if (is_full(known, texts->table_size)) {
    if (!widen(texts, texts->table_size * 2)) return TEXT_NONE;
    at = place_of(texts, bytes, length, hash);
  }
  char *end = texts->arena.items + texts->arena.count;
  memcpy(end, bytes, length);
  end[length] = '\0';
  texts->arena.count += length + 1;
  texts->starts.items[texts->starts.count++] = texts->arena.count;
  texts->table[at] = (struct text_slot){length <= TEXT_SHORT ? text_short_key(bytes, length) : hash,
                                        (uint32_t)known + 1, told_length(length)};
  return (uint32_t)known;
}

uint32_t text_intern_hashed(struct texts *texts, const char *bytes, size_t length, uint64_t hash) {
  size_t at = place_of(texts, bytes, length, hash);
  uint32_t text = texts->table[at].text;
  return text ? text - 1 : add_text(texts, bytes, length, hash, at);
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
