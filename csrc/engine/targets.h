/* targets: those of an act, each once, and the groups in which their stakes add up. */
#ifndef KNOCKON_TARGETS_H
#define KNOCKON_TARGETS_H

#include "policy.h"
#include "sets.h"

struct targets {
  struct entity_list entities; /* ascending */
  struct entity_list causes;   /* of each: set of the restrictions that name it; empty without sets */
  struct entity_list grouped;  /* indexes of entities, group by group */
  struct entity_list ends;     /* end of each group in `grouped` */
};

/* sets may be NULL: who names whom is then not kept. Groups that share a member are one. False: no memory. */
bool targets_list(const struct act *act, struct sets *sets, struct memory *memory, struct targets *targets);
void targets_close(struct targets *targets, struct memory *memory);

#endif
