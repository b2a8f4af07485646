#include "sort.h"

#include <stdlib.h>
#include <string.h>

void sort_numbers(uint32_t *numbers, uint32_t *spare, size_t count, sort_order *order, const void *context) {
  enum { RUN = 12 };
  for (size_t start = 0; start < count; start += RUN) {
    size_t end = start + RUN < count ? start + RUN : count;
    for (size_t i = start + 1; i < end; i++) {
      uint32_t moving = numbers[i];
      size_t at = i;
      for (; at > start && order(context, numbers[at - 1], moving) > 0; at--) numbers[at] = numbers[at - 1];
      numbers[at] = moving;
    }
  }
  for (size_t width = RUN; width < count; width *= 2) {
    for (size_t start = 0; start < count; start += 2 * width) {
      size_t middle = start + width < count ? start + width : count;
      size_t end = start + 2 * width < count ? start + 2 * width : count;
      if (middle == end || order(context, numbers[middle - 1], numbers[middle]) <= 0) continue;
      memcpy(spare, numbers + start, (middle - start) * sizeof *spare);
      size_t left = 0, lefts = middle - start, right = middle, out = start;
      while (left < lefts && right < end)
        numbers[out++] = order(context, spare[left], numbers[right]) <= 0 ? spare[left++] : numbers[right++];
      while (left < lefts) numbers[out++] = spare[left++];
    }
  }
}

/* Does anything stand in the wrong order? */
static bool is_ordered(const uint64_t *words, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (words[i - 1] > words[i]) return false;
  return true;
}

/* By digits of eight bits, the lowest first; digits that are all alike are passed over. */
static void sort_digits(uint64_t *keys, uint32_t *numbers, uint64_t *spare_keys, uint32_t *spare, size_t count) {
  uint64_t every = keys[0], some = keys[0], *source = keys, *target = spare_keys;
  uint32_t *from = numbers, *into = spare;
  for (size_t i = 0; i < count; i++) {
    every &= keys[i];
    some |= keys[i];
  }
  for (int shift = 0; shift < 64; shift += 8) {
    if (!((every ^ some) >> shift & 255)) continue;
    size_t start[257] = {0};
    for (size_t i = 0; i < count; i++) start[(source[i] >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++) start[digit + 1] += start[digit];
    for (size_t i = 0; i < count; i++) {
      size_t at = start[source[i] >> shift & 255]++;
      target[at] = source[i];
      into[at] = from[i];
    }
    uint64_t *keys_now = target;
    uint32_t *numbers_now = into;
    target = source, into = from;
    source = keys_now, from = numbers_now;
  }
  if (source == keys) return;
  memcpy(keys, source, count * sizeof *keys);
  memcpy(numbers, from, count * sizeof *numbers);
}

void sort_keys(uint64_t *keys, uint32_t *numbers, uint64_t *spare_keys, uint32_t *spare, size_t count) {
  if (!is_ordered(keys, count)) sort_digits(keys, numbers, spare_keys, spare, count);
}

static void insert_words(uint64_t *words, size_t count) {
  for (size_t i = 1; i < count; i++) {
    uint64_t moving = words[i];
    size_t at = i;
    for (; at > 0 && words[at - 1] > moving; at--) words[at] = words[at - 1];
    words[at] = moving;
  }
}

/* By the highest eight bits in which they differ, and then each part by itself: most parts are soon so small that they
 * are inserted one by one. Parts within parts: eight deep at most. */
static void sort_parts(uint64_t *words, uint64_t *spare, size_t count, int from_bit) {
  enum { FEW = 48 };
  if (count <= FEW) {
    insert_words(words, count);
    return;
  }
  uint64_t every = words[0], some = words[0];
  for (size_t i = 1; i < count; i++) {
    every &= words[i];
    some |= words[i];
  }
  uint64_t differ = (every ^ some) >> from_bit;
  if (!differ) return;
  int top = from_bit + 63 - __builtin_clzll(differ), shift = top - 7 > from_bit ? top - 7 : from_bit;
  uint32_t end[256] = {0}, sum = 0;
  for (size_t i = 0; i < count; i++) end[words[i] >> shift & 255]++;
  for (int part = 0; part < 256; part++) {
    uint32_t size = end[part];
    end[part] = sum;
    sum += size;
  }
  for (size_t i = 0; i < count; i++) spare[end[words[i] >> shift & 255]++] = words[i];
  memcpy(words, spare, count * sizeof *words);
  if (shift == from_bit) return;
  for (size_t part = 0, start = 0; part < 256; start = end[part++])
    if (end[part] - start > 1) sort_parts(words + start, spare, end[part] - start, from_bit);
}

void sort_words(uint64_t *words, uint64_t *spare, size_t count, int from_bit) {
  if (!is_ordered(words, count)) sort_parts(words, spare, count, from_bit);
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

size_t sort_unique(uint32_t *numbers, size_t count) {
  if (count < 2) return count;
  qsort(numbers, count, sizeof *numbers, ascending);
  size_t kept = 1;
  for (size_t i = 1; i < count; i++)
    if (numbers[i] != numbers[kept - 1]) numbers[kept++] = numbers[i];
  return kept;
}
