/* sweep: every candidate banned alone, counted and ranked.
 *
 * A candidate is one entity, or a pair of them banned together. Each gets the numbers that one evaluation of a ban on
 * it would give: who is restricted, which users are bound and which parents they are attributed to, surely or only
 * possibly. Exceptions change no number (what they cover stays, and is marked), so none are asked about.
 *
 * Under rules by which everyone is bound and harm travels anywhere, candidates are counted many at a time on the
 * condensed network (lanes.h), whose index is kept with the overlay; all others by one evaluation each.
 *
 * A sweep borrows its overlay, the chains, the index and the table that is kept, and owns everything else. Extra
 * memory: a row for each candidate, and what one evaluation takes for each thread, or the tables of lanes.h.
 */
#ifndef KNOCKON_SWEEP_H
#define KNOCKON_SWEEP_H

#include "lanes.h"
#include "spend.h"

enum { SURE, PERHAPS, CERTAINTIES }; /* verdict yes; verdict possible */

enum { SWEEP_PAIRED_MOST = 200 }; /* targets that may be paired */

/* What many candidates are counted on; made when it is first needed. */
struct sweep_index {
  struct condense condense[READINGS]; /* the low one serves both where chains are not doubtful */
  bool made;
};
void sweep_index_close(struct sweep_index *index);

struct sweep_row {
  uint32_t first, second; /* second: ENTITY_NONE where it is no pair */
  uint32_t restricted[CERTAINTIES], users[CERTAINTIES], parents[CERTAINTIES];
  uint32_t first_spend, spends; /* range in sweep.spends: what sure users spend, by currency in byte order */
  bool counted;
};

struct sweep {
  struct memory memory;
  const struct overlay *overlay;
  const struct chains *chains;
  struct sweep_index *index; /* borrowed too, and filled */
  struct lanes_table *table; /* the same */
  struct policy policy;
  enum scope scope;
  bool asks_spend;
  unsigned threads;           /* at most CREW_MOST */
  struct entity_list targets; /* sorted, each once */
  struct vector_of(struct sweep_row) rows;
  struct spends spends;
  struct spends currencies; /* those of all rows, each once, in byte order */
  size_t together;          /* candidates that the kernel for many counted */
};

enum sweep_by { SWEEP_PARENTS, SWEEP_USERS, SWEEP_SPEND };

void sweep_open(struct sweep *sweep, const struct overlay *overlay, struct sweep_index *index,
                struct lanes_table *table);
void sweep_close(struct sweep *sweep);

/* Everything in force that supplies somebody, as targets. */
bool sweep_every_supplier(struct sweep *sweep, struct control *control, struct failure *failure);

/* How many targets there are, each counted once. */
size_t sweep_targets(struct sweep *sweep);

/* One row for each target, or for each pair of them. chains, policy, scope, targets and threads must be set. */
bool sweep_run(struct sweep *sweep, bool pairs, struct control *control, struct failure *failure);

/* The most harmful first: by sure parents, users or spend in a currency, then by the possible ones, then in order of
 * entity. */
bool sweep_rank(struct sweep *sweep, enum sweep_by by, const char *currency, size_t length, struct failure *failure);

/* ---- stages, in order ---- */

/* An act that bans the targets of one row after the other. Its policy stays the sweep's. False: no memory. */
bool sweep_act_open(const struct sweep *sweep, struct act *act, struct memory *memory);
void sweep_act_on(const struct sweep *sweep, const struct sweep_row *row, struct act *act);
void sweep_act_close(struct act *act, struct memory *memory);

/* Count many at a time those for which that is the same; mark them as counted. */
bool sweep_together(struct sweep *sweep, struct control *control, struct failure *failure);
/* Count the others one at a time. */
bool sweep_alone(struct sweep *sweep, struct control *control, struct failure *failure);

#endif
