/* disruption: what stops working when the restricted suppliers are gone.
 *
 * A user has needs, and the suppliers of one need are alternatives: it fails as soon as an essential need has no
 * working supplier left, and what it supplies fails with it. Least fixpoint, round by round: what nothing restricted
 * brings down keeps working, also where suppliers hang on each other. A need is essential unless every supply for it
 * has reliance `low` or `none`; a supply without `need` is a need of its own. Gone is what a restriction that prohibits
 * catches, for everybody; supplies that an exception covers go on, unless their supplier fails itself.
 *
 * Cost: the supplies of what fails, and those to it. The structure owns its blocks, and borrows the exposure.
 */
#ifndef KNOCKON_DISRUPTION_H
#define KNOCKON_DISRUPTION_H

#include "column.h"
#include "exposure.h"
#include "sort.h"

struct lost_supply { /* a supply to a user that loses any, in order of relation */
  uint32_t relation, need;
  uint32_t round; /* in which it is lost; 0: it works */
  bool direct;    /* its supplier is gone, rather than failing */
  struct share fraction;
};

struct user_need {
  const struct field *name; /* NULL: a supply that names none */
  uint32_t user, working;
  uint32_t round;   /* in which it is left without; 0: it is not */
  uint64_t left[2]; /* fractions of the working suppliers, least and most */
  bool essential;
};

struct failing_user {
  uint32_t entity;
  uint32_t first_supply, supplies, first_need, needs;
  uint32_t round;  /* in which it fails; 0: it does not */
  uint32_t causes; /* set of restrictions */
  uint32_t last;   /* the supply (index) whose loss brings it down; of several the first in relation order */
};

struct gone_supplier {
  uint32_t entity, act;
  uint32_t causes; /* set of restrictions that prohibit */
};

/* One reading. */
struct failing {
  struct places users, gone; /* entity -> index below */
  struct vector_of(struct failing_user) touched;
  struct vector_of(struct user_need) needs;
  struct vector_of(struct lost_supply) supplies;
  struct vector_of(struct gone_supplier) suppliers;
  struct entity_list failed; /* touched that fail, in order of round */
};

struct disrupted_row {
  uint32_t entity, user; /* user: in touched of its reading */
  uint8_t verdict, reading;
  bool excepted; /* exceptions keep it working, until `lapses` (DATE_MISSING: for good) */
  int32_t lapses;
};

struct disruption {
  struct memory memory;
  const struct exposure *exposure;
  struct sets sets;
  uint32_t least; /* of a need that must be covered, in parts of SHARE_WHOLE; 0: any working supplier is enough */
  struct failing readings[READINGS];           /* as if nothing were excepted */
  bool same;                                   /* the low reading is the high one too */
  struct vector_of(struct disrupted_row) rows; /* by entity */
};

bool disruption_run(struct disruption *disruption, const struct exposure *exposure, uint32_t least,
                    struct control *control, struct failure *failure);
void disruption_close(struct disruption *disruption);

static inline const struct failing *disruption_of(const struct disruption *disruption, enum reading reading) {
  return &disruption->readings[disruption->same ? READING_LOW : reading];
}

/* The steps from a target to what brings a row down, and on to it. False: no memory. */
bool disruption_proof(const struct disruption *disruption, const struct disrupted_row *row, struct memory *memory,
                      struct proof *proof);

/* saves: which single supplier to keep, or which need to give one more working supplier, would save the most.
 * Exact: whoever could be among the best is tried, 64 at a time. Cost: the lost supplies, for every 64 tried. */
enum { SAVES_MOST = 64 }; /* rows that can be asked for */

struct save {
  uint32_t entity;       /* the supplier, or the user whose need it is */
  uint32_t need;         /* in needs, or UINT32_MAX: keep the supplier */
  uint32_t saves;        /* how many fail no more */
  uint32_t first, count; /* in `saved`: who, by entity; the user itself among them */
};

struct saves { /* owns its blocks */
  struct memory memory;
  struct vector_of(struct save) rows;
  struct entity_list saved;
};

bool disruption_saves(const struct disruption *disruption, enum reading reading, size_t most, struct saves *saves,
                      struct control *control, struct failure *failure);
void saves_close(struct saves *saves);

#endif
