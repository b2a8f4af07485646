/* bits: sets of numbers, one bit each, in words of 64. */
#ifndef KNOCKON_BITS_H
#define KNOCKON_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t bit_words(size_t bits) { return bits / 64 + 1; }
static inline bool bit_at(const uint64_t *bits, uint32_t number) { return bits[number >> 6] >> (number & 63) & 1; }
static inline void bit_set(uint64_t *bits, uint32_t number) { bits[number >> 6] |= UINT64_C(1) << (number & 63); }
static inline void bit_clear(uint64_t *bits, uint32_t number) { bits[number >> 6] &= ~(UINT64_C(1) << (number & 63)); }

#endif
