/* csv: a streaming reader of comma-separated values (RFC 4180).
 *
 * One row at a time, or the next few; cells are unescaped in place and live until rows are asked for again. A byte
 * order mark, CRLF, quoted line breaks and blank lines are fine. Memory: the longest row. Anything malformed is an
 * error with line and column. Sixty-four bytes are looked at together for what ends a cell. Rows that are even (no
 * quotes, nothing beyond ASCII, as many cells as the row before) take a shorter way.
 */
#ifndef KNOCKON_CSV_H
#define KNOCKON_CSV_H

#include "source.h"

struct cell {
  uint32_t start, length; /* in the buffer, which is shorter than 4 GB */
};

struct csv_row {
  size_t first, count; /* cells */
  size_t line;
  bool plain;  /* no byte of it is a NUL or above 127 */
  bool broken; /* csv->cause says why; it has no cells, and is the last of its rows */
};

struct csv {
  struct source source;
  char separator;
  size_t line;    /* of the row last read */
  size_t marked;  /* the 64 bytes of the buffer that marks speak of */
  uint64_t marks; /* which of them end a cell or are a quote, and were not taken yet */
  bool marked_plain;
  size_t columns;                  /* cells of the row before; 0: there was none */
  struct vector_of(uint32_t) ends; /* of even rows: see csv_ends */
  size_t returns;                  /* bytes between the last cell of an even row and its line break: 0 or 1 */
  struct vector_of(struct cell) cells;
  struct vector_of(struct csv_row) rows;
  struct failure cause;
};

bool csv_open(struct csv *csv, const char *path, char separator, struct memory *memory, struct failure *failure);
/* The same over bytes of any origin; name: what messages call them. */
void csv_open_reader(struct csv *csv, const char *name, struct source_reader reader, char separator,
                     struct memory *memory);
void csv_close(struct csv *csv);
/* Next row; false at the end (failure empty) or on failure. Its cells are csv_bytes and csv_length from 0. */
bool csv_next(struct csv *csv, struct failure *failure);
/* Next rows, `most` or as many as stand in the buffer, at least one; false as csv_next, but a malformed row is broken.
 */
bool csv_rows(struct csv *csv, size_t most, struct failure *failure);
/* Even rows that come next, at most `most`, which are not split yet: how many; 0 when the next row is otherwise, or
 * near the end of the buffer. Each is made a row of csv->rows, at its place, by csv_split. */
size_t csv_even_rows(struct csv *csv, size_t most);
void csv_split(struct csv *csv, size_t row);
/* One before where the first cell of an even row begins; then where its cells end, each one before where the next
 * begins, the last with csv->returns. In 32 bits, where -1 is the largest number. */
static inline const uint32_t *csv_ends(const struct csv *csv, size_t row) {
  return csv->ends.items + row * csv->columns;
}
static inline const char *csv_bytes(const struct csv *csv, size_t cell) {
  return csv->source.buffer.items + csv->cells.items[cell].start;
}
static inline size_t csv_length(const struct csv *csv, size_t cell) { return csv->cells.items[cell].length; }

#endif
