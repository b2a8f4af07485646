/* exposure: what evaluating acts on an overlay yields, as rows sorted by entity.
 *
 * Rows hold numbers and sets; the Lua side turns the ones it is asked for into tables. An exposure borrows its overlay
 * (and through it the network) and owns everything else, also the stages a proof is read from.
 */
#ifndef KNOCKON_EXPOSURE_H
#define KNOCKON_EXPOSURE_H

#include "climb.h"

struct restricted_row {
  uint32_t entity;
  uint8_t verdict, because;
  uint32_t causes;
  uint32_t act;
  uint8_t reading; /* whose cascade holds the arithmetic */
};

struct user_row {
  uint32_t entity;
  uint8_t verdict, scope; /* scope: SCOPE_NONE when no level binds */
  uint8_t reading;        /* of suppliers and causes */
  uint8_t measure;
  bool bound[READINGS], excepted;
  int32_t lapses; /* the day it is excepted no more; DATE_MISSING: open */
  uint8_t level[READINGS];
  uint32_t result;  /* which stage result it came from */
  uint32_t causes;  /* set of restrictions */
  uint32_t carried; /* set of the supplies that carry the flow to it */
  uint32_t liable;  /* set of entities */
};

struct parent_row {
  uint32_t entity;
  uint8_t verdict, scope, reading, measure;
  bool excepted;
  int32_t lapses;                                         /* as of a user */
  uint32_t result, node, steps;                           /* where its proof is */
  uint32_t causes, users, users_possible, liable, owners; /* sets */
};

struct concerned_row {
  uint32_t entity;
  uint8_t verdict, measure;
  uint32_t causes;
};

struct linked_row {
  uint32_t entity, of, relation;
  bool holds; /* a holding below a majority; else a `linked` relation */
  struct share share;
};

enum warning_code { WARNING_OVERLAP, WARNING_RING, WARNING_SELF_SUPPORTING, WARNING_ABOVE_WHOLE };

struct warning {
  enum warning_code code;
  uint32_t ids; /* set: relations for overlap, entities otherwise */
};

/* A missing fact, and one verdict that it would decide. */
enum unknown_fact { UNKNOWN_SHARE, UNKNOWN_COUNTRY, UNKNOWN_CONTROL };
struct unknown {
  enum unknown_fact fact;
  uint32_t subject; /* relation, or entity for a country */
  uint32_t decides; /* entity */
  uint32_t act;
  bool majority; /* the share is asked about as a link of a chain, not by the rule's ownership test */
};

/* One step up the chain in a proof. */
enum ascent_start { ASCENT_USER, ASCENT_PARTY, ASCENT_LINK, ASCENT_OPERATED };
struct ascent {
  uint32_t steps; /* relations since the target; UINT32_MAX: not reached */
  uint32_t
      previous; /* node below (ASCENT_LINK; ASCENT_OPERATED: as the user it is) or the user's node (ASCENT_PARTY) */
  uint32_t relation;
  uint8_t start;
  bool user; /* is the node a bound user? */
};

/* A `supplies` to a bound user, and the node of the home party that signs it. */
struct signature {
  uint32_t node, relation;
};

/* The stages of one act under one measure. */
struct stage_result {
  uint32_t act;
  enum measure measure;
  struct flow flow[READINGS]; /* see result_flow */
  bool same;                  /* nothing open was met: the low flow is the high one too */
  struct climb climb;
  struct ascent *ascent[READINGS];
  struct vector_of(struct signature) signatures[READINGS]; /* in order of node */
  size_t nodes;
};

static inline const struct flow *result_flow(const struct stage_result *result, enum reading reading) {
  return &result->flow[result->same ? READING_LOW : reading];
}

struct exposure {
  struct memory memory;
  const struct overlay *overlay;
  struct sets sets;
  struct vector_of(struct act) acts;
  struct vector_of(struct exception) exceptions;
  uint32_t restrictions;
  struct cascade (*cascades)[READINGS]; /* by act */
  size_t cascade_count;
  struct vector_of(struct stage_result) results;
  struct vector_of(struct restricted_row) restricted;
  struct vector_of(struct user_row) users;
  struct vector_of(struct parent_row) parents;
  struct vector_of(struct concerned_row) concerned;
  struct vector_of(struct linked_row) linked;
  struct vector_of(struct warning) warnings;
  struct vector_of(struct unknown) unknowns;
};

/* The earlier of two days on which exceptions lapse. */
static inline int32_t exposure_sooner(int32_t a, int32_t b) {
  return a == DATE_MISSING || (b != DATE_MISSING && b < a) ? b : a;
}

bool exposure_open(struct exposure *exposure, const struct overlay *overlay, struct failure *failure);
void exposure_close(struct exposure *exposure);
/* Fill the rows from acts and exceptions, which must be complete. */
bool exposure_evaluate(struct exposure *exposure, struct control *control, struct failure *failure);

const struct restricted_row *exposure_restricted(const struct exposure *exposure, uint32_t entity); /* or NULL */
const struct user_row *exposure_user(const struct exposure *exposure, uint32_t entity);
const struct parent_row *exposure_parent(const struct exposure *exposure, uint32_t entity);

/* ---- stages of the evaluation, in order ---- */

/* bound: the lowest level of each reading for a user (SCOPE_NONE: none), and the parties that are liable under
 * facilitation. carried: sets of the relations that carry the flow to it. */
struct subject {   /* who was looked at last: what one firm operates asks about it again and again */
  uint32_t entity; /* ENTITY_NONE at first */
  uint8_t level[READINGS];
};
/* … as far as the user stands by itself, or for its operators: without who owns it and who signs. */
void bound_alone(const struct stage *stage, uint32_t entity, struct subject *last, uint8_t level[READINGS]);
bool bound_levels(const struct stage *stage, const struct climb *climb, uint32_t node, const uint32_t carried[READINGS],
                  struct subject *last, uint8_t level[READINGS], uint32_t parties[READINGS]);

/* A user while its result is worked out. */
struct bound_user {
  uint32_t entity, node;
  bool user[READINGS], bound[READINGS], excepted[READINGS];
  int32_t lapses[READINGS]; /* where it is excepted */
  uint8_t level[READINGS];
  uint32_t causes[READINGS], carried[READINGS], liable[READINGS], steps[READINGS];
  uint32_t parties[READINGS]; /* home parties to its contracts, when facilitation is asked: exposed beside it */
};

/* attribution: append the parents of the bound users of a result (in order of entity) to exposure->parents, and leave
 * the ascents that prove them in the result. */
bool attribute(const struct stage *stage, struct exposure *exposure, uint32_t result, const struct bound_user *users,
               size_t count);

/* unite: sort the rows, and fold those of one entity into one. */
bool unite_acts(struct exposure *exposure, struct failure *failure);

/* proof: steps from target to `entity` as it was reached, or to a parent. Steps are listed from the target on. */
struct proof_step {
  uint32_t relation, entity; /* relation RELATION_NONE: the target itself */
  bool party;                /* not along the relation but to the party that signs it */
};
struct proof vector_of(struct proof_step);
bool proof_restricted(const struct exposure *exposure, uint32_t act, enum reading reading, uint32_t entity,
                      struct memory *memory, struct proof *proof);
bool proof_user(const struct exposure *exposure, const struct user_row *row, struct memory *memory,
                struct proof *proof);
bool proof_parent(const struct exposure *exposure, const struct parent_row *row, struct memory *memory,
                  struct proof *proof);

#endif
