/* sort: orders of numbers.
 *
 * By an order that needs a context: a stable merge sort; n log n. Of keys with their numbers: by digits, a pass over
 * them for every eight bits in which they differ. Of words: into parts, and parts of these. One buffer of n items each.
 */
#ifndef KNOCKON_SORT_H
#define KNOCKON_SORT_H

#include "memory.h"

typedef int sort_order(const void *context, uint32_t a, uint32_t b);

/* spare: room for `count` numbers. */
void sort_numbers(uint32_t *numbers, uint32_t *spare, size_t count, sort_order *order, const void *context);

/* Ascending by key, stable; each number goes with its key. */
void sort_keys(uint64_t *keys, uint32_t *numbers, uint64_t *spare_keys, uint32_t *spare, size_t count);

/* Ascending; fewer than 2^32. from_bit: the bits below it ascend already among equal upper ones. spare: room for
 * `count` words. */
void sort_words(uint64_t *words, uint64_t *spare, size_t count, int from_bit);

/* Ascending, and each number once; returns how many are left. */
size_t sort_unique(uint32_t *numbers, size_t count);

#endif
