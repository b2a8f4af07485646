/* csv: a streaming reader of comma-separated values (RFC 4180), and of knockon's own tables.
 *
 * One row at a time, or the next few; cells are unescaped in place and live until rows are asked for again. A byte
 * order mark, CRLF, quoted line breaks and blank lines are fine. Memory: the longest row. Anything malformed is an
 * error with line and column. Sixty-four bytes are looked at together for what ends a cell.
 */
#ifndef KNOCKON_CSV_H
#define KNOCKON_CSV_H

#include <stdio.h>

#include "digest.h"
#include "network.h"

struct cell {
  size_t start, length; /* in the buffer */
};

struct csv_row {
  size_t first, count; /* cells */
  size_t line;
  bool plain;  /* no byte of it is a NUL or above 127 */
  bool broken; /* csv->cause says why; it has no cells, and is the last of its rows */
};

struct csv {
  struct memory *memory;
  FILE *file;
  const char *path; /* borrowed; for messages */
  char separator;
  struct vector_of(char) buffer; /* with room for 64 bytes after the last */
  size_t at;                     /* where the next row begins in the buffer */
  bool ended;                    /* the file has no more */
  size_t line, next_line;        /* of the row last read, and of the one after it */
  size_t marked;                 /* the 64 bytes that marks speak of */
  uint64_t marks;                /* which of them end a cell or are a quote, and come at or after `at` */
  bool marked_plain;
  struct vector_of(struct cell) cells;
  struct vector_of(struct csv_row) rows;
  struct failure cause;
  struct digest *digest; /* every byte read goes here, when given */
  uint64_t bytes, size;  /* read so far, and of the whole file (0: not known) */
};

bool csv_open(struct csv *csv, const char *path, char separator, struct memory *memory, struct failure *failure);
void csv_close(struct csv *csv);
/* Next row; false at the end (failure empty) or on failure. Its cells are csv_bytes and csv_length from 0. */
bool csv_next(struct csv *csv, struct failure *failure);
/* Next rows, `most` or as many as stand in the buffer, at least one; false as csv_next, but a malformed row is broken.
 */
bool csv_rows(struct csv *csv, size_t most, struct failure *failure);
static inline const char *csv_bytes(const struct csv *csv, size_t cell) {
  return csv->buffer.items + csv->cells.items[cell].start;
}
static inline size_t csv_length(const struct csv *csv, size_t cell) { return csv->cells.items[cell].length; }

/* Read a whole file of entities or relations into a draft network. Columns are the native fields; `name[]` is a list
 * with semicolons. skipped NULL: the first bad record fails. */
bool network_read_csv(struct network *network, const char *path, bool relations, const struct skipped *skipped,
                      struct digest *digest, struct control *control, struct failure *failure);

#endif
