/* rows: what the tables of rows and of proofs are made of. Each `set_` function sets a field of the table on top. */
#ifndef KNOCKON_ROWS_H
#define KNOCKON_ROWS_H

#include "binding.h"

extern const char *const verdict_name[];

/* Places in the anchor table of an exposure. */
enum { ANCHOR_OVERLAY = 1, ANCHOR_RESTRICTIONS = 2, ANCHOR_EXCEPTIONS = 3 };

static inline const struct network *network_of(const struct exposure *exposure) { return exposure->overlay->network; }

/* A new row on top: id, name, verdict. */
void start_row(lua_State *L, const struct exposure *exposure, uint32_t entity, uint8_t verdict);
void set_name(lua_State *L, const struct exposure *exposure, uint32_t entity); /* `name`, where it has one */
void set_text(lua_State *L, const char *key, const char *text);
void set_entities(lua_State *L, const char *key, const struct exposure *exposure, uint32_t set); /* list of ids */
void set_relation(lua_State *L, const struct exposure *exposure, uint32_t relation);    /* its id as `relation` */
void set_stake_share(lua_State *L, const struct exposure *exposure, uint32_t relation); /* `share` = {lo, hi} */
void set_source(lua_State *L, const struct exposure *exposure, uint32_t relation);      /* source, since, until */
/* A proof as a list of steps; full adds names, dates, sources and both ends. */
void push_path(lua_State *L, const struct exposure *exposure, const struct proof *proof, bool full);

/* Totals by currency of what the relations (each once) are worth a year, as the field `key`. */
void set_spend(lua_State *L, const char *key, const struct exposure *exposure, const uint32_t *relations, size_t count,
               struct scratch *scratch);

/* ids of restrictions, in byte order, as `restrictions`. box: stack index of the exposure; set: of `sets`. */
void set_restrictions_of(lua_State *L, int box, const struct sets *sets, uint32_t set);

/* A filter of rows, { ids = { … } or one id, verdict = "yes", first = 10 }; the entities belong to the scratch.
 * verdicts: do the rows have any? */
struct wanted {
  bool all;
  int verdict; /* -1 = any */
  const uint32_t *entities;
  size_t count;
  int first; /* so many rows at most */
};
struct wanted read_wanted(lua_State *L, int index, const struct exposure *exposure, bool verdicts,
                          struct scratch *scratch);
bool is_wanted(const struct wanted *wanted, uint32_t entity, uint8_t verdict);

/* Methods of an exposure that explain one entity (why.c), what lies between (subgraph.c), and the paths
 * to it (paths.c). */
extern const luaL_Reg why_methods[];
extern const luaL_Reg between_methods[];
extern const luaL_Reg paths_methods[];

#endif
