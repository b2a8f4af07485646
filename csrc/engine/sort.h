/* sort: a stable merge sort of numbers by an order that needs a context. Cost: n log n; one buffer of n numbers. */
#ifndef KNOCKON_SORT_H
#define KNOCKON_SORT_H

#include "memory.h"

typedef int sort_order(const void *context, uint32_t a, uint32_t b);

/* spare: room for `count` numbers. */
void sort_numbers(uint32_t *numbers, uint32_t *spare, size_t count, sort_order *order, const void *context);

/* Ascending, and each number once; returns how many are left. */
size_t sort_unique(uint32_t *numbers, size_t count);

#endif
