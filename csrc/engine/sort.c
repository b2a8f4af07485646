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
