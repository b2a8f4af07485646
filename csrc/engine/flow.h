/* flow: whom the restricted supply, and how many steps away.
 *
 * Breadth first from the restricted, over `supplies` (use: as many tiers as the rule says; goods: any number) or over
 * everything exposure travels along (any). Each way an entity is first or better reached is a label, never changed
 * once others may lead through it, so that a label is a proof. Cost: the relations of what is reached.
 */
#ifndef KNOCKON_FLOW_H
#define KNOCKON_FLOW_H

#include "cascade.h"

#define LABEL_NONE UINT32_MAX

struct label {
  uint32_t entity;
  uint32_t relation; /* by which it was reached */
  uint32_t previous; /* label of the entity before; LABEL_NONE: that is a source */
  uint32_t older;    /* an earlier label of this entity, worse in steps or with fewer causes; LABEL_NONE */
  uint32_t steps;    /* relations since the target */
  uint32_t tier;     /* supply steps since the source */
  uint32_t causes;   /* set of restrictions */
};

struct flow {
  struct places places; /* entity -> its newest label */
  struct vector_of(struct label) labels;
  struct entity_list reached; /* each entity once, in the order of being reached */
  struct places sources;      /* entity -> row of the cascade */
  uint32_t tiers;             /* how far it went; UINT32_MAX: without limit */
};

/* Relations that exceptions cover carry nothing; those that have lapsed by the day count no more. */
struct excepting {
  const struct exception *exceptions;
  size_t count;
  int32_t day;
};

/* source[i]: is row i of the cascade one? excepting: NULL for none. doubt: an open share decided whether something is
 * followed. Cost of exceptions: each is asked about every `supplies` met. */
bool flow_run(const struct stage *stage, const struct cascade *cascade, const bool *source, enum reading reading,
              const struct excepting *excepting, struct flow *flow, bool *doubt);
void flow_close(struct flow *flow, struct memory *memory);

/* Does harm travel along a relation, in its direction or against it? Supply always does; the rest only when the rule's
 * flow is `any`. */
bool flow_follows(const struct stage *stage, enum reading reading, uint32_t relation, bool against);

/* Does this `supplies` carry the flow into its user, and from which label (LABEL_NONE: from a source)? */
bool flow_carries(const struct flow *flow, const struct overlay *overlay, uint32_t relation, uint32_t *label);

/* Is the relation excepted for this restriction? */
bool flow_excepted(const struct overlay *overlay, const struct exception *exception, uint32_t relation);

#endif
