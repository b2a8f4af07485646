#include "numerals.h"

enum { FEWEST = 1 << 12, FOR_EACH_TEXT = 4 };

void numerals_close(struct numerals *numerals, struct memory *memory) {
  memory_free(memory, numerals->text, numerals->size * sizeof *numerals->text);
  numerals->text = NULL;
  numerals->size = 0;
}

void numerals_widen(struct numerals *numerals, struct memory *memory, uint32_t numeral, size_t texts) {
  size_t size = numerals->size ? 2 * numerals->size : FEWEST;
  while (size <= numeral) size *= 2;
  if (size > FEWEST && size / FOR_EACH_TEXT > texts) return;
  if (!memory_has_room(memory, size * sizeof *numerals->text)) return;
  uint32_t *text = memory_zeroed(memory, size, sizeof *text);
  if (!text) return;
  if (numerals->size) memcpy(text, numerals->text, numerals->size * sizeof *text);
  numerals_close(numerals, memory);
  numerals->text = text;
  numerals->size = size;
}
