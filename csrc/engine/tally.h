/* tally: who is restricted, who uses them and is bound, and which parents that concerns - without saying why.
 *
 * The same verdicts as an exposure, act by act, from bit sets: no rows, sets or arithmetic are kept. A space is used
 * again and again, and each run clears what the one before touched, so that a run costs what it reaches. With `ways`
 * every one reached also keeps the relation it was reached by, which makes one proof for each parent in the same pass.
 */
#ifndef KNOCKON_TALLY_H
#define KNOCKON_TALLY_H

#include "arrows.h"
#include "exposure.h"
#include "holders.h"
#include "targets.h"

/* Whoever was reached, in that order: the restricted, then users, then whom climbing adds. */
struct tally_log {
  struct entity_list entity;
  struct entity_list relation, before; /* with ways: by which, and from which entry; RELATION_NONE for a target */
  size_t restricted, users;            /* ends of the first two parts */
  bool along;                          /* users were reached along arrows: relation says nothing of them */
};

struct tally_entry {
  uint32_t entity, at; /* at: entry of the log of its reading */
};

/* The first `yes` are certain (their log is the low one), the others possible (their log is tally_log's high one). */
struct tally_list {
  struct vector_of(struct tally_entry) items; /* stays empty where they are only counted */
  size_t yes, count;
};

/* What runs on one overlay have in common. */
struct tally_ground {
  const struct overlay *overlay;
  const struct chains *chains;
  const struct arrows *arrows;   /* NULL, or not drawn: harm follows the rows */
  const struct holders *holders; /* the same of cascades */
};

/* Of a cascade along holders, by node; made when the first comes. */
struct tally_nodes {
  size_t words, places; /* there are, of caught and of sums; 0: not made */
  uint64_t *caught;     /* one bit each */
  uint32_t *sums;       /* of those that are held, by basis, in parts per billion; stops at the largest number */
  struct entity_list captured, queue;
  struct entity_list summed; /* places in sums */
};

/* Of a flow along arrows, by node; made when the first comes. Each flow clears what the one before touched. */
struct tally_reach {
  size_t words;                      /* there are, of reached; 0: not made */
  uint64_t *reached;                 /* one bit each */
  struct entity_list entered, queue; /* nodes as in the log, NODE_NONE for none; entries from which there is further */
};

struct tally_space {
  struct memory *memory;
  const struct overlay *overlay;
  size_t entities;
  /* By entity, one bit each; what a run touched is cleared by the next. */
  uint64_t *caught, *restricted[READINGS], *reached, *carrying[READINGS], *climbed, *sure_user, *sure_parent;
  uint32_t (*sums)[2];       /* of the cascade, by basis, in parts per billion; stops at the largest number */
  uint8_t *bound;            /* by entity: what bound_alone said, while the act stays the same; 0 = not asked */
  uint64_t *under[READINGS]; /* has a home firm above it, while the act stays the same; NULL: not worked out */
  struct tally_nodes nodes;
  struct tally_reach reach;
  struct entity_list summed, asked;
  struct entity_list queue; /* entries of a log from which there is further to go */
  bool noted, bound_asked;  /* has the last run noted who carries harm on; asked who is bound? */
  struct tally_log log[READINGS];
  struct targets targets;
  /* What a run found. same: nothing open was met as far as the users, and the low log serves both readings. */
  bool same;
  struct tally_list restrictions, users, parents;
};

static inline const struct tally_log *tally_log(const struct tally_space *space, enum verdict verdict) {
  return &space->log[verdict == VERDICT_YES || space->same ? READING_LOW : READING_HIGH];
}

bool tally_open(struct tally_space *space, const struct overlay *overlay, struct memory *memory,
                struct failure *failure);
void tally_close(struct tally_space *space);
/* Another act on the same space must be told: what is kept about who is bound hangs on its policy and scope. */
void tally_forget(struct tally_space *space);

struct tally_wish {
  bool listed;  /* who they are, not only how many */
  bool ways;    /* how each was reached; implies listed */
  bool carried; /* tally_carried will be asked */
};
/* stage: its sets are not used; its memory is the space's. */
bool tally_run(const struct stage *stage, const struct tally_ground *ground, struct tally_space *space,
               struct tally_wish wish);

/* The restricted alone. */
bool tally_restricted(const struct stage *stage, const struct tally_ground *ground, struct tally_space *space,
                      struct tally_wish wish);

/* The relations that carry the harm to a user found by the last run (verdict yes: READING_LOW), appended. */
bool tally_carried(const struct stage *stage, const struct tally_space *space, enum reading reading, uint32_t user,
                   struct entity_list *relations);

/* With ways: the steps from a target to an entry of a log, appended; RELATION_NONE stands before a target. Each is a
 * step of the rule, though not always of the fewest. False: no memory. */
bool tally_proof(const struct tally_ground *ground, const struct tally_log *log, uint32_t at, struct memory *memory,
                 struct proof *proof);

#endif
