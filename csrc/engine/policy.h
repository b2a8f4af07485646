/* policy: a rule as the kernels read it, and the act that applies it. Rules themselves are data; see lua/knockon. */
#ifndef KNOCKON_POLICY_H
#define KNOCKON_POLICY_H

#include "filter.h"

/* Every open fact is read twice: low admits only what is certain, high all that may be. */
enum reading { READING_LOW, READING_HIGH, READINGS };

enum verdict { VERDICT_NO, VERDICT_POSSIBLE, VERDICT_YES };

/* Who is bound, from narrow to wide. */
enum scope {
  SCOPE_ENTITY,
  SCOPE_BRANCHES,
  SCOPE_LOCATED,
  SCOPE_OWNED,
  SCOPE_FACILITATION,
  SCOPES,
  SCOPE_NONE = SCOPES
};
extern const char *const scope_name[SCOPES];

enum basis { BASIS_EQUITY, BASIS_VOTES, BASIS_EITHER };
enum aggregation { SUM_ALL, SUM_EACH, SUM_JOINT };
enum control_test { CONTROL_NONE, CONTROL_LISTED, CONTROL_ANY };
enum flow_kind { FLOW_USE, FLOW_GOODS, FLOW_ANY };
enum bound_kind { BOUND_HOME, BOUND_WHERE, BOUND_ANYONE };

/* From strict to mild; only prohibit makes bound. */
enum measure { MEASURE_PROHIBIT, MEASURE_LICENSE, MEASURE_MITIGATE, MEASURE_REVIEW, MEASURE_WARN, MEASURES };
extern const char *const measure_name[MEASURES];

struct policy {
  bool owned;  /* is there an ownership test? */
  bool strict; /* more than, rather than at least */
  uint32_t threshold;
  enum basis basis;
  enum aggregation sum;
  enum control_test control;
  struct filter by; /* CONTROL_LISTED: one condition, `by` */
  bool foreign_only;
  enum flow_kind flow;
  uint32_t tiers; /* of FLOW_USE */
  enum bound_kind bound;
  struct filter home;       /* BOUND_HOME: one condition, `country` */
  struct filter located_in; /* the same countries, as `located_in` */
  struct filter where;      /* BOUND_WHERE */
};

/* A relation the user or the restriction excepts: a licence, a wind-down. */
struct exception {
  struct filter covers;
  uint32_t restriction;     /* the one it belongs to, or EVERY_RESTRICTION */
  int32_t contracts_before; /* only relations that began before this day; DATE_MISSING = all */
  int32_t until;            /* the day it lapses, DATE_MISSING = open */
};
#define EVERY_RESTRICTION UINT32_MAX

struct restriction {
  enum measure measure;
  uint32_t first_target, targets; /* range in act.targets */
};

struct entity_list vector_of(uint32_t);

/* Restrictions in force under one rule and scope: their targets add up. */
struct act {
  struct policy policy;
  enum scope scope;
  uint32_t first_restriction; /* number of restrictions[0] in the whole exposure */
  struct vector_of(struct restriction) restrictions;
  struct entity_list targets;    /* entities, representative, each in force */
  struct entity_list group_ends; /* joint groups: end of each in `grouped` */
  struct entity_list grouped;    /* entities of the groups */
};

/* Is an entity organised in the home country: no, perhaps (not known), or yes. */
enum home { HOME_NO, HOME_OPEN, HOME_YES };
const struct field *policy_country(const struct network *network, uint32_t entity); /* NULL: not known */
bool policy_is_branch(const struct overlay *overlay, uint32_t entity);
enum home policy_home(const struct policy *policy, const struct overlay *overlay, uint32_t entity);
/* The same, but an entity organised in several countries is at home only if all of them are. */
enum home policy_solely_home(const struct policy *policy, const struct overlay *overlay, uint32_t entity);
bool policy_controls(const struct policy *policy, const struct overlay *overlay, uint32_t relation,
                     enum reading reading);

void act_close(struct act *act, struct memory *memory);

#endif
