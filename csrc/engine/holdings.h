/* holdings: who holds how much of whom in the end, through everybody in between (integrated ownership).
 *
 * With A[i][j] the share of j that i holds, T = A + A² + … counts what goes round a ring of holdings once for each
 * time round (Brioschi, Buzzacchi and Colombo 1989; here: gross). Corrected for that (Baldone, Brioschi and Paleari
 * 1998; here: the share) it is H[i][j] = A[i][j] + Σ over k ≠ i of H[i][k] A[k][j]: the chance that somebody who walks
 * up from j, at each step to a holder with the chance of its share, ever comes to i. T[i][j] = H[i][j] / (1 - H[i][i]).
 *
 * A branch is wholly its head office's, what one firm alone operates wholly that firm's; a consolidation without a
 * holding may be anything. Shares are intervals, and so are the figures: low from what is surely held, high from what
 * may be; a holder has no more than the others surely leave. Rings are solved by sweeps, small ones that settle slowly
 * by elimination; what still does not settle is a bound, and said to be one. Figures are floating point, in one order
 * of summation.
 *
 * Cost: held: the holdings below; owners: the holdings above, once for each owner that is above.
 */
#ifndef KNOCKON_HOLDINGS_H
#define KNOCKON_HOLDINGS_H

#include "exposure.h"
#include "lookup.h"

struct stake {           /* of one holder in one firm, on one basis: all classes together */
  uint32_t holder;       /* node */
  struct share share;    /* as reported */
  double part[READINGS]; /* high: no more than the others surely leave */
};

struct holding_node {
  uint32_t entity;
  uint32_t first_stake, stakes;
  uint32_t ring;  /* nodes of one ring have one number; owners have smaller ones than what they own */
  uint32_t place; /* in `order` */
  bool held;      /* does anybody hold it, also outside of these nodes? */
};

struct holdings { /* everybody above one entity, or below it; node 0 is the entity */
  struct memory *memory;
  const struct overlay *overlay;
  enum basis basis;
  struct lookup places;
  struct vector_of(struct holding_node) nodes;
  struct vector_of(struct stake) stakes;
  struct entity_list order;              /* nodes, owners first, those of a ring together */
  struct entity_list lower_start, lower; /* nodes by their holder */
  struct entity_list queue;
  double *share[READINGS]; /* by node, while one owner's are worked out */
  struct vector_of(double) matrix;
  bool settled; /* has everything settled so far? */
};

struct holding_row {
  uint32_t entity;
  double low, high;             /* H */
  double gross_low, gross_high; /* T; infinite: it does not converge */
  bool direct, ultimate;        /* ultimate: nobody holds the owner */
  struct share share;           /* direct: what is held without anybody in between */
};
struct holding_rows vector_of(struct holding_row);

/* basis: equity or votes. upward: the owners, else what is held. */
bool holdings_open(struct holdings *holdings, const struct overlay *overlay, enum basis basis, uint32_t entity,
                   bool upward, struct memory *memory, struct control *control, struct failure *failure);
void holdings_close(struct holdings *holdings);

/* Opened upward: everybody who holds the entity, in order of entity. Opened downward: everybody it holds. */
bool holdings_owners(struct holdings *holdings, struct holding_rows *rows, struct control *control,
                     struct failure *failure);
bool holdings_held(struct holdings *holdings, struct holding_rows *rows, struct control *control,
                   struct failure *failure);

/* power: the Shapley-Shubik index of holders who vote together on one firm: how often each turns a losing coalition
 * into a winning one, over all orders. A coalition wins with more than half of the whole. Counts every coalition;
 * above POWER_MOST holders it refuses. */
enum { POWER_MOST = 24 };
void power_index(const uint32_t *weights, size_t count, double *power);

#endif
