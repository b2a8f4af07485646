/* source: a text file, or bytes of any origin, read in blocks, for what reads it row by row.
 *
 * The bytes from `at` on have not been taken yet; they stay, at the front, when more are read behind them. Memory: a
 * block, or the longest row. Every byte goes through the digest, when there is one: some at a time while others are
 * looked at (the processor does both together), the rest before the next are read.
 */
#ifndef KNOCKON_SOURCE_H
#define KNOCKON_SOURCE_H

#include <stdio.h>

#include "digest.h"
#include "failure.h"

enum { SOURCE_SPARE = 64 }; /* zeros behind the last byte: what looks at many bytes together may look at them */

/* Where bytes come from when they are not those of a file: fills up to `room` bytes, none at the end. */
struct source_reader {
  bool (*read)(void *context, char *into, size_t room, size_t *got, struct failure *failure);
  void *context;
};

struct source {
  struct memory *memory;
  FILE *file;
  struct source_reader reader; /* read NULL: the file */
  const char *path;            /* borrowed; for messages */
  const char *row;             /* what a row is called in messages */
  struct vector_of(char) buffer;
  size_t at;             /* where the next row begins in the buffer */
  bool ended;            /* the file has no more */
  size_t next_line;      /* of the row that begins there */
  struct digest *digest; /* or NULL */
  size_t digested;       /* bytes of the buffer that went through it */
  uint64_t bytes, size;  /* read so far, and of the whole file (0: not known) */
  double lines;          /* about how many a long file has, judged by samples; 0: not known */
};

bool source_open(struct source *source, const char *path, const char *row, struct memory *memory,
                 struct failure *failure);
/* The same over bytes of any origin; path: what messages call them. */
void source_open_reader(struct source *source, const char *path, const char *row, struct source_reader reader,
                        struct memory *memory);
void source_close(struct source *source);
/* All bytes of the buffer through the digest: before one of them is changed. */
void source_digest_all(struct source *source);
/* The next sixty-four, if they were taken. */
static inline void source_digest_some(struct source *source) {
  enum { SOME = 64 };
  if (!source->digest || source->at < source->digested + SOME) return;
  digest_add(source->digest, source->buffer.items + source->digested, SOME);
  source->digested += SOME;
}
/* Read on. A byte order mark at the beginning is passed over. Rows of more than 256 MB are refused. */
bool source_read(struct source *source, struct failure *failure);

#endif
