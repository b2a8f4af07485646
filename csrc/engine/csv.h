/* csv: a streaming reader of comma-separated values (RFC 4180), and of knockon's own tables.
 *
 * One row at a time; cells are unescaped in place and live until the next row. A byte order mark, CRLF, quoted line
 * breaks and blank lines are fine. Memory: the longest row. Anything malformed is an error with line and column.
 */
#ifndef KNOCKON_CSV_H
#define KNOCKON_CSV_H

#include <stdio.h>

#include "digest.h"
#include "network.h"

struct cell {
  size_t start, length; /* in the buffer */
};

/* Where bytes come from when they are not those of a file: fills up to `room` bytes, 0 at the end. False: failure. */
struct csv_source {
  bool (*read)(void *context, char *into, size_t room, size_t *got, struct failure *failure);
  void *context;
};

struct csv {
  struct memory *memory;
  FILE *file;
  struct csv_source source; /* read NULL: the file */
  const char *path;         /* borrowed; for messages */
  char separator;
  struct vector_of(char) buffer;
  size_t at;              /* where the next row begins in the buffer */
  bool ended;             /* the file has no more */
  size_t line, next_line; /* of the row last read, and of the one after it */
  struct vector_of(struct cell) cells;
  struct digest *digest; /* every byte read goes here, when given */
  uint64_t bytes, size;  /* read so far, and of the whole file (0: not known) */
};

bool csv_open(struct csv *csv, const char *path, char separator, struct memory *memory, struct failure *failure);
/* The same over bytes of any origin; name: what messages call it. */
void csv_open_source(struct csv *csv, const char *name, struct csv_source source, char separator,
                     struct memory *memory);
void csv_close(struct csv *csv);
/* Next row; false at the end (failure empty) or on failure. */
bool csv_next(struct csv *csv, struct failure *failure);
static inline const char *csv_bytes(const struct csv *csv, size_t cell) {
  return csv->buffer.items + csv->cells.items[cell].start;
}
static inline size_t csv_length(const struct csv *csv, size_t cell) { return csv->cells.items[cell].length; }

/* Read a whole file of entities or relations into a draft network. Columns are the native fields; `name[]` is a list
 * with semicolons. skipped NULL: the first bad record fails. */
bool network_read_csv(struct network *network, const char *path, bool relations, const struct skipped *skipped,
                      struct digest *digest, struct control *control, struct failure *failure);

#endif
