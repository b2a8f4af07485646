/* lineage: what stands before an entity in the proofs of one act, in one reading; read off an evaluated exposure.
 *
 *   the restriction ─► targets ─► … restricted … ─► what the flow reaches ─► users ─► … chain … ─► a parent
 *                                                                 └─► signed: a user under a party's contract ─► party
 *
 * An entity may stand in several roles, as restricted and on the chain, say; a standing is one of them. Walking back
 * from a parent meets all that leads to it and nothing else. Proofs under a rule with several tiers count them, so that
 * what the flow reaches stands at a tier; tier 0 is any, for those who do not count.
 * Cost: opening, the links of the climb; then the inward relations of what is asked about.
 */
#ifndef KNOCKON_LINEAGE_H
#define KNOCKON_LINEAGE_H

#include "exposure.h"

enum role { ROLE_RESTRICTION, ROLE_RESTRICTED, ROLE_FLOW, ROLE_SIGNED, ROLE_CHAIN, ROLES };

struct standing {
  uint32_t entity; /* ENTITY_NONE: the restriction */
  uint32_t pair;   /* ROLE_SIGNED: the first of the party's contracts with the user stands for the pair; else 0 */
  uint32_t tier;   /* ROLE_FLOW and ROLE_SIGNED, when tiers count; else 0 */
  uint8_t role;
};

struct before {
  uint32_t relation; /* RELATION_NONE: none, it is the same entity; to a party, its first contract with the user */
  struct standing standing;
};

/* A `supplies` to a bound user that a home party signs. */
struct contract {
  uint32_t party; /* node */
  uint32_t user, relation;
};

struct lineage {
  struct memory *memory;
  const struct exposure *exposure;
  const struct stage_result *result;
  enum reading reading;
  struct stage stage;
  uint32_t *start, *lower, *below;             /* of climb_lower */
  bool by_tier;                                /* the rule counts tiers, and paths may be too long */
  struct vector_of(struct contract) contracts; /* by party, then user, then relation */
  struct vector_of(struct before) found;
};

bool lineage_open(struct lineage *lineage, const struct exposure *exposure, const struct stage_result *result,
                  enum reading reading, struct memory *memory); /* false: no memory; close it all the same */
void lineage_close(struct lineage *lineage);

/* Fills lineage->found with what stands directly before. False: no memory. */
bool lineage_before(struct lineage *lineage, struct standing standing);

/* The fewest relations from a target to it, or fewer, so that it can guide a search; UINT32_MAX: not reached. */
uint32_t lineage_least(const struct lineage *lineage, struct standing standing);

#endif
