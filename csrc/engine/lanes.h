/* lanes: many questions of who is reached, one bit each, answered in one pass over a condensed network.
 *
 * A lane is a set of entities harm starts from. Lanes stand side by side in rows of bits, one row for each component
 * that passes harm on: a row is what the rows before it in topological order say, or-ed, and the lane's own seeds.
 *
 *     row(c) = row(p1) | row(p2) | … | seeds(c)       lanes ─► 0110 1000 1111 …
 *
 * How many entities each lane reaches is counted on the way by carry-save adders on bits, a whole row at a time.
 *
 * Extra memory: a table of rows for each thread. Rows are 512, 1024 or 2048 lanes wide, the widest for which all tables
 * together stay below LANES_BYTES (and below what the caller's limit leaves), at the least 512; what does not fit in
 * one pass takes several. One table may stay for the next run. Cost of a pass: one row read for each edge of the
 * condensed network.
 */
#ifndef KNOCKON_LANES_H
#define KNOCKON_LANES_H

#include "condense.h"

#define LANES_BYTES (256u << 20)

/* A table that stays for the next run, below LANES_BYTES: to have so much memory anew may take longer than the pass. */
struct lanes_table {
  struct memory memory;
  void *bytes; /* NULL: none, or it is in use */
  size_t size;
};
void lanes_table_close(struct lanes_table *table);

/* Lane i starts from entities[start[i]] … entities[start[i + 1] - 1], ascending and each once. */
struct lanes {
  size_t count;
  const uint32_t *start, *entities;
};

/* What a lane reaches beside those it starts from. */
struct reached {
  uint32_t users;
  /* Ultimate parents above a user, by the certainty of the links to them: those surely on top, by certain links; those
   * perhaps on top, by possible ones. */
  uint32_t parents[READINGS];
};

/* Does a table of the narrowest rows fit in what memory.limit leaves? */
bool lanes_fit(const struct condense *condense, const struct memory *memory);

/* One result for each lane. threads: at most CREW_MOST; memory.limit bounds the tables. kept: where one is left. */
bool lanes_run(const struct condense *condense, const struct lanes *lanes, struct reached *results, unsigned threads,
               struct lanes_table *kept, struct memory *memory, struct control *control, struct failure *failure);

#endif
