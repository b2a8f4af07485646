#include "adjacency.h"

#include <string.h>

void adjacency_sort(const uint32_t *bucket, const uint32_t *items, size_t count, size_t buckets, uint32_t *start,
                    uint32_t *order) {
  memset(start, 0, (buckets + 1) * sizeof *start);
  for (size_t i = 0; i < count; i++) start[bucket[i] + 1]++;
  for (size_t b = 0; b < buckets; b++) start[b + 1] += start[b];
  for (size_t i = 0; i < count; i++) {
    uint32_t item = items ? items[i] : (uint32_t)i;
    order[start[bucket[item]]++] = item;
  }
  for (size_t b = buckets; b > 0; b--) start[b] = start[b - 1]; /* each start was moved to its end */
  start[0] = 0;
}
