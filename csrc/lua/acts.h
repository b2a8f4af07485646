/* acts: from checked rule tables and restrictions to what the engine evaluates. */
#ifndef KNOCKON_ACTS_H
#define KNOCKON_ACTS_H

#include "binding.h"

/* The place of a word in a list that ends with NULL; `otherwise` when it is none of them, or NULL. */
int read_option(const char *word, const char *const *words, int otherwise);

/* A checked rule at stack index `rule`. Its filters are owned by the policy from the first byte. */
void read_policy(lua_State *L, int rule, struct policy *policy, struct memory *memory);

/* Read the list of acts at stack index `acts`, { rule =, scope =, restrictions = { { measure =, targets =, joint =,
 * except = } } }, and the scenario's own exceptions at `exceptions` (a list or nil) into the exposure, which owns them
 * from the first byte. The source of exception i goes to the table at `sources` as item i + 1. Restrictions are
 * numbered from 0 in the order of the list. Raises on anything malformed. */
void read_acts(lua_State *L, int acts, int exceptions, int sources, struct exposure *exposure);

#endif
