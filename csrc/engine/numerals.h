/* numerals: texts that are whole numbers, found by their value.
 *
 * Ids often are. Numbers near each other stand near each other here, and files mostly name such together, so that they
 * are found without the many far places of a hash table. Only while records come in, and only a help: one that is not
 * found may be among the texts all the same. Memory: 4 bytes for each number below the largest, which stays within
 * some times the count of texts.
 */
#ifndef KNOCKON_NUMERALS_H
#define KNOCKON_NUMERALS_H

#include "text.h"

#define NUMERAL_NONE    UINT32_MAX
#define NUMERAL_LONGEST 8 /* digits */

struct numerals {
  uint32_t *text; /* of each number; 0 = not met */
  size_t size;
};

void numerals_close(struct numerals *numerals, struct memory *memory);
/* Room for a number that was not met, if it is to be had, among so many texts. */
void numerals_widen(struct numerals *numerals, struct memory *memory, uint32_t numeral, size_t texts);

/* The value of decimal digits without a zero before them, or NUMERAL_NONE. Seven bytes after the first may be looked at
 * too. */
static inline uint32_t numeral_of(const char *bytes, size_t length) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  const uint64_t zeros = UINT64_C(0x3030303030303030), high = UINT64_C(0xf0f0f0f0f0f0f0f0);
  uint64_t digits;
  if (length - 1 >= NUMERAL_LONGEST) return NUMERAL_NONE;
  memcpy(&digits, bytes, 8);
  digits <<= 64 - 8 * length; /* zeros in front, one after the other up to eight digits */
  digits |= zeros >> 1 >> (8 * length - 1);
  uint64_t wrong = ((digits & high) ^ zeros) | (((digits + UINT64_C(0x0606060606060606)) & high) ^ zeros);
  if (wrong || (*bytes == '0' && length > 1)) return NUMERAL_NONE;
  digits = (digits & ~high) * 10 + ((digits & ~high) >> 8); /* two digits to a byte, then four and eight together */
  digits = ((digits & UINT64_C(0x000000ff000000ff)) * (100 + (UINT64_C(1000000) << 32)) +
            (digits >> 16 & UINT64_C(0x000000ff000000ff)) * (1 + (UINT64_C(10000) << 32))) >>
           32;
  return (uint32_t)digits;
#else
  uint32_t value = 0;
  if (length - 1 >= NUMERAL_LONGEST || (*bytes == '0' && length > 1)) return NUMERAL_NONE;
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] < '0' || bytes[i] > '9') return NUMERAL_NONE;
    value = value * 10 + (uint32_t)(bytes[i] - '0');
  }
  return value;
#endif
}

static inline uint32_t numerals_find(const struct numerals *numerals, uint32_t numeral) { /* 0: not met */
  return numeral < numerals->size ? numerals->text[numeral] : 0;
}
static inline void numerals_note(struct numerals *numerals, struct memory *memory, uint32_t numeral, uint32_t text,
                                 size_t texts) {
  if (numeral == NUMERAL_NONE || text == TEXT_NONE) return;
  if (numeral >= numerals->size) numerals_widen(numerals, memory, numeral, texts);
  if (numeral < numerals->size) numerals->text[numeral] = text;
}

#endif
