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

/* By digits of eight bits, the lowest first; digits that are all alike are passed over. numbers may be NULL. */
static void sort_digits(uint64_t *keys, uint32_t *numbers, uint64_t *spare_keys, uint32_t *spare, size_t count,
                        int from_bit) {
  uint64_t every = keys[0], some = keys[0], *source = keys, *target = spare_keys;
  uint32_t *from = numbers, *into = spare;
  for (size_t i = 0; i < count; i++) {
    every &= keys[i];
    some |= keys[i];
  }
  for (int shift = from_bit; shift < 64; shift += 8) {
    if (!((every ^ some) >> shift & 255)) continue;
    size_t start[257] = {0};
    for (size_t i = 0; i < count; i++) start[(source[i] >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++) start[digit + 1] += start[digit];
    for (size_t i = 0; i < count; i++) {
      size_t at = start[source[i] >> shift & 255]++;
      target[at] = source[i];
      if (numbers) into[at] = from[i];
    }
    uint64_t *keys_now = target;
    uint32_t *numbers_now = into;
    target = source, into = from;
    source = keys_now, from = numbers_now;
  }
  if (source == keys) return;
  memcpy(keys, source, count * sizeof *keys);
  if (numbers) memcpy(numbers, from, count * sizeof *numbers);
}

void sort_keys(uint64_t *keys, uint32_t *numbers, uint64_t *spare_keys, uint32_t *spare, size_t count) {
  if (!is_ordered(keys, count)) sort_digits(keys, numbers, spare_keys, spare, count, 0);
}

void sort_words(uint64_t *words, uint64_t *spare, size_t count, int from_bit) {
  enum { FEW = 96 }; /* fewer are inserted one by one */
  if (is_ordered(words, count)) return;
  if (count > FEW) {
    sort_digits(words, NULL, spare, NULL, count, from_bit);
    return;
  }
  for (size_t i = 1; i < count; i++) {
    uint64_t moving = words[i];
    size_t at = i;
    for (; at > 0 && words[at - 1] > moving; at--) words[at] = words[at - 1];
    words[at] = moving;
  }
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
