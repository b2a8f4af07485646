/* impact: how much stops, where amounts are known. Figures, not verdicts: floating point, in one order of summation.
 *
 * ESRI (Diem et al., Sci. Rep. 12:7719, 2022): every firm makes from its inputs what they allow, of inputs of one kind
 * those that count together, and sells what its users still order. An input is essential (its loss stops as large a
 * part), non-essential (its part of all inputs) or neither, as `reliance` says; a supplier that fails is replaced by
 * others of its kind as far as these have a market. The kind of an input is the supplier's sector, else the need it is
 * for, else the supplier. ESRI is what is lost of everything that is sold.
 *
 * DebtRank (Battiston et al. 2012): distress goes from a supplier to its user once, by the part of the user's equity
 * that is at stake; the differential kind (Bardoscia et al. 2015) passes every increase on.
 *
 * Cost: all supplies once for each round. The structure owns its blocks, and borrows the overlay.
 */
#ifndef KNOCKON_IMPACT_H
#define KNOCKON_IMPACT_H

#include "column.h"
#include "policy.h"

enum impact_measure { IMPACT_ESRI, IMPACT_DEBTRANK, IMPACT_DIFFERENTIAL };

struct impact_rate { /* how many units of account one unit of a currency is */
  const char *currency;
  size_t length;
  double factor;
};

struct impact_options {
  enum impact_measure measure;
  bool fractions;                      /* amounts are `fraction`, not `spend` */
  bool replaceable;                    /* ESRI: may failed suppliers be replaced? */
  bool down, up;                       /* ESRI: for want of inputs, for want of orders */
  double tolerance;                    /* stop when nothing changes by more */
  const char *sector, *equity, *value; /* fields of entities; value NULL: all count the same */
  const struct impact_rate *rates;
  size_t rate_count;
};

struct impact_link {
  uint32_t from, to, product;
  uint8_t level; /* of the input: 2 essential, 1 not, 0 counts for nothing */
  bool first;    /* of its kind, among the inputs of its user, where they stand together */
  double amount;
  double part[2]; /* of the inputs of its kind (or of all, when not essential); of what its supplier sells */
};

struct impact_product { /* what one supplier sells of one kind */
  uint32_t from, kind;
  double sales;
};

struct impact {
  struct memory memory;
  const struct overlay *overlay;
  struct impact_options options;
  struct vector_of(struct impact_link) links; /* by user */
  struct vector_of(struct impact_product) products;
  struct vector_of(double) market; /* by kind, while it runs */
  uint32_t *start;                 /* links of a user */
  double *sales;                   /* by entity */
  double *shock;                   /* by entity: the part that stops by itself */
  double *loss[READINGS];          /* by entity, after running: ESRI: the larger of the two below; DebtRank: distress */
  double *down[READINGS], *up[READINGS]; /* ESRI: what is lost for want of inputs, of orders */
  double *state[3];                      /* while it runs */
  double weight;                         /* of everybody together */
  double total[READINGS];
  size_t unknown; /* supplies without an amount: left out */
  int rounds[READINGS];
  bool settled;
};

bool impact_open(struct impact *impact, const struct overlay *overlay, const struct impact_options *options,
                 struct control *control, struct failure *failure);
/* What the shock does, as loss and total of a reading. */
bool impact_run(struct impact *impact, enum reading reading, struct control *control, struct failure *failure);
void impact_close(struct impact *impact);

#endif
