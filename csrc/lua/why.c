/* why: the arithmetic, the proof and the rung of one entity, and what every path to a parent passes. */
#include <string.h>

#include "engine/red_flags.h"
#include "rows.h"

/* The row whose stakes are told: of the high reading, for it has the possible holders too, unless its sum is another.
 */
static const struct captured *told_by(const struct captured *row, const struct captured *high) {
  return high && high->basis == row->basis && high->hi == row->hi && high->stake_count ? high : row;
}

/* arithmetic(id) -> for each act that touched the entity, in which any stake of it is held by what is restricted:
 * { act = number, because =, basis =, sum = {lo, hi}, stakes = { { id, name, share, relation, verdict, … } } } */
static int arithmetic(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  const struct overlay *overlay = exposure->overlay;
  uint32_t entity = check_entity(L, network_of(exposure), 2, "id");
  lua_newtable(L);
  int n = 0;
  for (size_t a = 0; a < exposure->cascade_count; a++) {
    const struct cascade *high = &exposure->cascades[a][READING_HIGH], *low = &exposure->cascades[a][READING_LOW];
    const struct captured *row = cascade_find(low, entity);
    if (!row || row->because == BECAUSE_NONE) row = cascade_find(high, entity) ? cascade_find(high, entity) : row;
    if (!row) continue;
    lua_createtable(L, 0, 6);
    lua_pushinteger(L, (lua_Integer)a + 1);
    lua_setfield(L, -2, "act");
    set_text(L, "because", because_name[row->because]);
    set_text(L, "basis", row->basis == 2 ? "votes" : "equity");
    push_share(L, row->lo, row->hi);
    lua_setfield(L, -2, "sum");
    lua_pushnumber(L, (lua_Number)row->lo);
    lua_setfield(L, -2, "lo");
    lua_pushnumber(L, (lua_Number)row->hi);
    lua_setfield(L, -2, "hi");
    lua_newtable(L);
    int stakes = 0;
    const struct captured *told = told_by(row, cascade_find(high, entity));
    const struct cascade *cascade = told == row && row == cascade_find(low, entity) ? low : high;
    for (uint32_t i = 0; i < told->stake_count; i++) {
      uint32_t r = cascade->stakes.items[told->stakes + i], holder = overlay_from(overlay, r);
      lua_createtable(L, 0, 8);
      push_entity_id(L, network_of(exposure), holder);
      lua_setfield(L, -2, "id");
      set_name(L, exposure, holder);
      set_text(L, "kind", relation_kind_name[overlay_kind(overlay, r)]);
      set_text(L, "verdict", verdict_name[cascade_caught(low, holder) ? VERDICT_YES : VERDICT_POSSIBLE]);
      set_stake_share(L, exposure, r);
      set_relation(L, exposure, r);
      set_source(L, exposure, r);
      lua_rawseti(L, -2, ++stakes);
    }
    lua_setfield(L, -2, "stakes");
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* proof(id, "restricted" | "user" | "parent") -> path with names, dates and sources | nil */
static int proof_path(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  uint32_t entity = check_entity(L, network_of(exposure), 2, "id");
  const char *what = luaL_checkstring(L, 3);
  struct scratch *scratch = push_scratch(L);
  const struct restricted_row *restricted =
      strcmp(what, "restricted") == 0 ? exposure_restricted(exposure, entity) : NULL;
  const struct user_row *user = strcmp(what, "user") == 0 ? exposure_user(exposure, entity) : NULL;
  const struct parent_row *parent = strcmp(what, "parent") == 0 ? exposure_parent(exposure, entity) : NULL;
  bool fine = true;
  if (restricted)
    fine = proof_restricted(exposure, restricted->act, (enum reading)restricted->reading, entity, &scratch->memory,
                            &scratch->proof);
  else if (user) fine = proof_user(exposure, user, &scratch->memory, &scratch->proof);
  else if (parent) fine = proof_parent(exposure, parent, &scratch->memory, &scratch->proof);
  else return 0;
  if (!fine) return luaL_error(L, "not enough memory");
  push_path(L, exposure, &scratch->proof, true);
  return 1;
}

/* bound(id) -> { low =, high = levels or nil, liable = ids } of a user | nil */
static int bound_of(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct user_row *row = exposure_user(&box->exposure, check_entity(L, network_of(&box->exposure), 2, "id"));
  if (!row) return 0;
  lua_createtable(L, 0, 4);
  if (row->level[READING_LOW] < SCOPES) set_text(L, "low", scope_name[row->level[READING_LOW]]);
  if (row->level[READING_HIGH] < SCOPES) set_text(L, "high", scope_name[row->level[READING_HIGH]]);
  set_entities(L, "liable", &box->exposure, row->liable);
  lua_pushinteger(L, (lua_Integer)box->exposure.results.items[row->result].act + 1);
  lua_setfield(L, -2, "act");
  return 1;
}

/* red_flags(act number) -> list of { code, id, name, holder, holder_name, relation, share } */
static int list_red_flags(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  lua_Number act = luaL_checknumber(L, 2);
  luaL_argcheck(L, act >= 1 && act <= (lua_Number)exposure->cascade_count, 2, "no such act");
  struct scratch *scratch = push_scratch(L);
  if (!red_flags_list(exposure, (uint32_t)act - 1, &scratch->memory, &scratch->red_flags))
    return luaL_error(L, "not enough memory");
  lua_newtable(L);
  for (size_t i = 0; i < scratch->red_flags.count; i++) {
    const struct red_flag *flag = &scratch->red_flags.items[i];
    lua_createtable(L, 0, 7);
    set_text(L, "code", red_flag_name[flag->code]);
    push_entity_id(L, network_of(exposure), flag->holder);
    lua_setfield(L, -2, "holder");
    set_name(L, exposure, flag->holder);
    lua_getfield(L, -1, "name");
    lua_setfield(L, -2, "holder_name");
    lua_pushnil(L);
    lua_setfield(L, -2, "name");
    push_entity_id(L, network_of(exposure), flag->entity);
    lua_setfield(L, -2, "id");
    set_name(L, exposure, flag->entity);
    set_relation(L, exposure, flag->relation);
    if (overlay_kind(exposure->overlay, flag->relation) == RELATION_OWNS) set_stake_share(L, exposure, flag->relation);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

const luaL_Reg why_methods[] = {{"arithmetic", arithmetic},
                                {"proof", proof_path},
                                {"bound", bound_of},
                                {"red_flags", list_red_flags},
                                {NULL, NULL}};
