/* cascade: which entities a restriction catches, as a least fixpoint.
 *
 * Starting from the targets, round by round: a firm is caught when the stakes of entities already caught meet the
 * rule's ownership test (and then its own stakes count whole), when one of them controls it as the rule says, when it
 * is the head office or a branch of one, or when one operates it. Sums are exact integers. Each group of targets runs
 * alone (`sum` of the rule); the result is their union. Cost: the relations of what is caught.
 */
#ifndef KNOCKON_CASCADE_H
#define KNOCKON_CASCADE_H

#include "places.h"
#include "policy.h"
#include "sets.h"

enum because { BECAUSE_NONE, BECAUSE_TARGET, BECAUSE_OWNED, BECAUSE_CONTROLLED, BECAUSE_BRANCH, BECAUSE_OPERATED };
extern const char *const because_name[BECAUSE_OPERATED + 1];

/* An entity that the cascade touched: caught, or (because none) held in part by something caught. */
struct captured {
  uint32_t entity;
  uint8_t because;
  uint8_t
      basis; /* bit 0 equity, bit 1 votes: the one that met the test, else the one asked about, of two the larger sum */
  uint8_t pending;             /* while running: reasons met since the last round */
  uint8_t met;                 /* after running: bases on which the owned test holds, where the entity can be caught */
  uint64_t sum[2];             /* stakes of what is caught, by basis, in this reading */
  uint64_t lo, hi;             /* of `basis`: the sum in the low and in the high reading, when merged */
  uint32_t steps;              /* fewest relations from a target */
  uint32_t relation, previous; /* the last of them, and the entity before; RELATION_NONE for a target */
  uint32_t causes;             /* set of restrictions */
  uint32_t stakes,
      stake_count; /* relations that make up the sum, in `stakes` of the cascade: of the owned, and of the not caught */
  uint32_t consolidator; /* while running: the last parent whose consolidation was counted */
  uint32_t trail; /* in `trails`: how it was reached, in the group of targets that reached it first; TRAIL_NONE */
};

/* One step from a target: kept beside the rows, for another group may have reached what stands before it sooner. */
struct trail {
  uint32_t entity, relation, before; /* before: TRAIL_NONE for a target */
};
#define TRAIL_NONE UINT32_MAX

struct cascade {
  struct places places; /* entity -> row */
  struct vector_of(struct captured) rows;
  struct vector_of(uint32_t) stakes;
  struct vector_of(struct trail) trails;
};

/* What every stage of an evaluation works with. */
struct stage {
  struct memory *memory;
  const struct overlay *overlay;
  const struct act *act;
  struct sets *sets;
  struct control *control;
  struct failure *failure;
};

/* Both readings at once. self_supporting receives firms that would hold each other up, run by run, each run ended by
 * ENTITY_NONE. doubt: whether anything open was met, so that the readings may differ. */
bool cascade_run(const struct stage *stage, struct cascade result[READINGS], struct entity_list *self_supporting,
                 bool *doubt);
void cascade_close(struct cascade *cascade, struct memory *memory);

/* Does a relation between a caught entity and `row` count among the reasons that hold in the end? upward: it points
 * from row to the other entity. */
bool cascade_counts(const struct stage *stage, enum reading reading, const struct captured *row, uint32_t relation,
                    bool upward);

static inline const struct captured *cascade_find(const struct cascade *cascade, uint32_t entity) {
  uint32_t row = places_find(&cascade->places, entity);
  return row == PLACE_NONE ? NULL : &cascade->rows.items[row];
}
static inline bool cascade_caught(const struct cascade *cascade, uint32_t entity) {
  const struct captured *row = cascade_find(cascade, entity);
  return row && row->because != BECAUSE_NONE;
}

#endif
