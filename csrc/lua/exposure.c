/* exposure: evaluating, and turning rows into tables. */
#include <string.h>

#include "acts.h"
#include "keeper.h"
#include "rows.h"
#include "engine/sort.h"

struct exposure_box *check_exposure(lua_State *L, int index) {
  struct exposure_box *box = luaL_checkudata(L, index, EXPOSURE_TYPE);
  if (!box->live || !box->overlay->live || !box->overlay->network->live)
    raise_error(L, "closed", NULL, "the network of this exposure is closed");
  return box;
}

static int close_exposure(lua_State *L) {
  struct exposure_box *box = luaL_checkudata(L, 1, EXPOSURE_TYPE);
  if (box->live) exposure_close(&box->exposure);
  box->live = false;
  return 0;
}

/* evaluate(overlay, acts, restriction ids in the order of the acts, exceptions or nil, opts) -> exposure | nil,
 * message, code */
static int evaluate(lua_State *L) {
  struct overlay_box *overlay = check_overlay(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 5);
  struct failure failure = {0};
  struct lua_control control;
  struct exposure_box *box = lua_newuserdata(L, sizeof *box); /* 6 */
  memset(box, 0, sizeof *box);
  box->overlay = overlay;
  luaL_getmetatable(L, EXPOSURE_TYPE);
  lua_setmetatable(L, 6);
  lua_newtable(L); /* 7: sources of exceptions */
  lua_createtable(L, 3, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, ANCHOR_OVERLAY);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, ANCHOR_RESTRICTIONS);
  lua_pushvalue(L, 7);
  lua_rawseti(L, -2, ANCHOR_EXCEPTIONS);
  set_anchor(L, 6);
  box->live = true;
  if (!exposure_open(&box->exposure, &overlay->overlay, &failure)) return push_failure(L, &failure, NULL);
  read_acts(L, 2, 4, 7, &box->exposure);
  read_control(L, 5, &control, &box->exposure.memory);
  overlay->at_work++;
  overlay->network->at_work++;
  bool evaluated = exposure_evaluate(&box->exposure, &control.control, &failure);
  overlay->network->at_work--;
  overlay->at_work--;
  if (!evaluated) {
    exposure_close(&box->exposure);
    box->live = false;
  }
  end_control(L, &control);
  if (!evaluated) return push_failure(L, &failure, NULL);
  box->exposure.memory.limit = 0;
  tell_collector(L, box->exposure.memory.used);
  lua_settop(L, 6);
  return 1;
}

/* ---- rows ---- */

static void set_restrictions(lua_State *L, int box, const struct exposure *exposure, uint32_t set) {
  set_restrictions_of(L, box, &exposure->sets, set);
}

/* { until =, source = }: the day on which a row is excepted no more, and where the exception that lapses then is
 * written: one that covers the relations, else (it covers some before them) the first. */
static void set_excepted(lua_State *L, int box, const struct exposure *exposure, uint32_t causes, int32_t lapses,
                         const uint32_t *relations, size_t count) {
  const struct exception *first = NULL;
  bool covers = false;
  for (size_t e = 0; e < exposure->exceptions.count && !covers; e++) {
    const struct exception *exception = &exposure->exceptions.items[e];
    bool concerns =
        exception->restriction == EVERY_RESTRICTION || sets_contain(&exposure->sets, causes, exception->restriction);
    if (exception->until != lapses || !concerns) continue;
    for (size_t i = 0; i < count && !covers; i++) covers = flow_excepted(exposure->overlay, exception, relations[i]);
    if (covers || !first) first = exception;
  }
  lua_createtable(L, 0, 2);
  if (lapses != DATE_MISSING) push_day(L, lapses), lua_setfield(L, -2, "until");
  if (!first) { /* it hangs on several, of which none lapses last */
    lua_setfield(L, -2, "excepted");
    return;
  }
  push_anchor(L, box);
  lua_rawgeti(L, -1, ANCHOR_EXCEPTIONS);
  lua_rawgeti(L, -1, (int)(first - exposure->exceptions.items) + 1);
  if (lua_type(L, -1) == LUA_TSTRING) lua_setfield(L, -4, "source");
  else lua_pop(L, 1);
  lua_pop(L, 2);
  lua_setfield(L, -2, "excepted");
}

static void push_restricted(lua_State *L, int box, const struct exposure *exposure, const struct restricted_row *row) {
  const struct cascade *cascade = &exposure->cascades[row->act][row->reading];
  const struct captured *captured = cascade_find(cascade, row->entity);
  start_row(L, exposure, row->entity, row->verdict);
  set_text(L, "because", because_name[row->because]);
  set_restrictions(L, box, exposure, row->causes);
  if (row->because == BECAUSE_TARGET || !captured) return;
  if (row->because == BECAUSE_OWNED) {
    push_share(L, captured->lo, captured->hi);
    lua_setfield(L, -2, "share");
  }
  lua_newtable(L);
  if (row->because == BECAUSE_OWNED) {
    for (uint32_t i = 0; i < captured->stake_count; i++) {
      uint32_t relation = cascade->stakes.items[captured->stakes + i];
      lua_createtable(L, 0, 3);
      push_entity_id(L, network_of(exposure), overlay_from(exposure->overlay, relation));
      lua_setfield(L, -2, "id");
      set_stake_share(L, exposure, relation);
      set_relation(L, exposure, relation);
      lua_rawseti(L, -2, (int)i + 1);
    }
  } else {
    lua_createtable(L, 0, 2);
    push_entity_id(L, network_of(exposure), captured->previous);
    lua_setfield(L, -2, "id");
    set_relation(L, exposure, captured->relation);
    lua_rawseti(L, -2, 1);
  }
  lua_setfield(L, -2, "held_by");
}

static int list_restricted(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  struct wanted wanted = read_wanted(L, 2, &box->exposure, true, push_scratch(L));
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < box->exposure.restricted.count && n < wanted.first; i++) {
    const struct restricted_row *row = &box->exposure.restricted.items[i];
    if (!is_wanted(&wanted, row->entity, row->verdict)) continue;
    push_restricted(L, 1, &box->exposure, row);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

static void set_scope(lua_State *L, uint8_t scope) {
  if (scope < SCOPES) set_text(L, "scope", scope_name[scope]);
}

static int list_users(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  struct scratch *scratch = push_scratch(L);
  struct wanted wanted = read_wanted(L, 2, exposure, true, scratch);
  struct scratch *spare = push_scratch(L);
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < exposure->users.count && n < wanted.first; i++) {
    const struct user_row *row = &exposure->users.items[i];
    if (!is_wanted(&wanted, row->entity, row->verdict)) continue;
    const uint32_t *carried = sets_items(&exposure->sets, row->carried);
    size_t count = sets_count(&exposure->sets, row->carried);
    start_row(L, exposure, row->entity, row->verdict);
    set_scope(L, row->scope);
    set_restrictions(L, 1, exposure, row->causes);
    spare->numbers.count = 0;
    if (!vector_reserve(&spare->memory, &spare->numbers, count)) return luaL_error(L, "not enough memory");
    for (size_t k = 0; k < count; k++) spare->numbers.items[k] = overlay_from(exposure->overlay, carried[k]);
    size_t suppliers = sort_unique(spare->numbers.items, count);
    lua_createtable(L, (int)suppliers, 0);
    for (size_t k = 0; k < suppliers; k++) {
      push_entity_id(L, network_of(exposure), spare->numbers.items[k]);
      lua_rawseti(L, -2, (int)k + 1);
    }
    lua_setfield(L, -2, "suppliers");
    set_spend(L, "spend", exposure, carried, count, spare);
    if (row->excepted) set_excepted(L, 1, exposure, row->causes, row->lapses, carried, count);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* The supplies of the users in a set but not in another, each once, into scratch->numbers. */
static void collect_carried(lua_State *L, const struct exposure *exposure, uint32_t users, uint32_t without,
                            struct scratch *scratch) {
  scratch->numbers.count = 0;
  for (size_t u = 0; u < sets_count(&exposure->sets, users); u++) {
    uint32_t entity = sets_items(&exposure->sets, users)[u];
    if (sets_contain(&exposure->sets, without, entity)) continue;
    const struct user_row *user = exposure_user(exposure, entity);
    size_t count = user ? sets_count(&exposure->sets, user->carried) : 0;
    if (!vector_reserve(&scratch->memory, &scratch->numbers, count)) luaL_error(L, "not enough memory");
    if (count)
      memcpy(scratch->numbers.items + scratch->numbers.count, sets_items(&exposure->sets, user->carried),
             count * sizeof(uint32_t));
    scratch->numbers.count += count;
  }
  scratch->numbers.count = sort_unique(scratch->numbers.items, scratch->numbers.count);
}

static void push_parent(lua_State *L, int box, const struct exposure *exposure, const struct parent_row *row,
                        struct scratch *scratch) {
  start_row(L, exposure, row->entity, row->verdict);
  set_scope(L, row->scope);
  set_restrictions(L, box, exposure, row->causes);
  set_entities(L, "users", exposure, row->users);
  set_entities(L, "liable", exposure, row->liable);
  set_entities(L, "owners", exposure, row->owners);
  uint32_t sure = row->verdict == VERDICT_YES ? row->users : 0; /* under another act they may be possible ones too */
  collect_carried(L, exposure, sure, 0, scratch);
  set_spend(L, "spend", exposure, scratch->numbers.items, scratch->numbers.count, scratch);
  collect_carried(L, exposure, row->users_possible, sure, scratch);
  set_spend(L, "spend_possible", exposure, scratch->numbers.items, scratch->numbers.count, scratch);
  if (row->excepted) {
    collect_carried(L, exposure, row->users, 0, scratch);
    set_excepted(L, box, exposure, row->causes, row->lapses, scratch->numbers.items, scratch->numbers.count);
  }
  scratch->proof.count = 0;
  if (!proof_parent(exposure, row, &scratch->memory, &scratch->proof)) luaL_error(L, "not enough memory");
  push_path(L, exposure, &scratch->proof, false);
  lua_setfield(L, -2, "path");
}

static int list_parents(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  struct wanted wanted = read_wanted(L, 2, &box->exposure, true, push_scratch(L));
  struct scratch *scratch = push_scratch(L);
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < box->exposure.parents.count && n < wanted.first; i++) {
    const struct parent_row *row = &box->exposure.parents.items[i];
    if (!is_wanted(&wanted, row->entity, row->verdict)) continue;
    push_parent(L, 1, &box->exposure, row, scratch);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

static int list_concerned(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  struct wanted wanted = read_wanted(L, 2, exposure, true, push_scratch(L));
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < exposure->concerned.count && n < wanted.first; i++) {
    const struct concerned_row *row = &exposure->concerned.items[i];
    if (!is_wanted(&wanted, row->entity, row->verdict)) continue;
    start_row(L, exposure, row->entity, row->verdict);
    set_text(L, "measure", measure_name[row->measure]);
    set_restrictions(L, 1, exposure, row->causes);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* Ties of the wanted, at either end. */
static int list_linked(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  struct wanted wanted = read_wanted(L, 2, exposure, false, push_scratch(L));
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < exposure->linked.count && n < wanted.first; i++) {
    const struct linked_row *row = &exposure->linked.items[i];
    if (!is_wanted(&wanted, row->entity, 0) && !is_wanted(&wanted, row->of, 0)) continue;
    lua_createtable(L, 0, 4);
    push_entity_id(L, network_of(exposure), row->entity);
    lua_setfield(L, -2, "id");
    set_name(L, exposure, row->entity);
    push_entity_id(L, network_of(exposure), row->of);
    lua_setfield(L, -2, "of");
    if (row->holds) push_share(L, row->share.lo, row->share.hi), lua_setfield(L, -2, "share");
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* warnings() -> list of { code, ids } */
static int list_warnings(lua_State *L) {
  static const char *const codes[] = {"overlap", "ring", "self_supporting", "above_whole"};
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  lua_newtable(L);
  for (size_t i = 0; i < exposure->warnings.count; i++) {
    const struct warning *warning = &exposure->warnings.items[i];
    lua_createtable(L, 0, 3);
    set_text(L, "code", codes[warning->code]);
    if (warning->code == WARNING_OVERLAP) {
      lua_newtable(L);
      for (size_t k = 0; k < sets_count(&exposure->sets, warning->ids); k++) {
        push_relation_id(L, exposure->overlay, sets_items(&exposure->sets, warning->ids)[k]);
        lua_rawseti(L, -2, (int)k + 1);
      }
      lua_setfield(L, -2, "ids");
    } else {
      set_entities(L, "ids", exposure, warning->ids);
    }
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* unknowns() -> list of { fact = "share" | "country" | "control", relation =, from =, to =, id =, decides = entity } */
static int list_unknowns(lua_State *L) {
  static const char *const facts[] = {"share", "country", "control"};
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  lua_newtable(L);
  for (size_t i = 0; i < exposure->unknowns.count; i++) {
    const struct unknown *unknown = &exposure->unknowns.items[i];
    lua_createtable(L, 0, 5);
    set_text(L, "fact", facts[unknown->fact]);
    if (unknown->fact == UNKNOWN_COUNTRY) {
      push_entity_id(L, network_of(exposure), unknown->subject);
      lua_setfield(L, -2, "id");
    } else {
      set_relation(L, exposure, unknown->subject);
      set_text(L, "kind", relation_kind_name[overlay_kind(exposure->overlay, unknown->subject)]);
      push_entity_id(L, network_of(exposure), overlay_from(exposure->overlay, unknown->subject));
      lua_setfield(L, -2, "from");
      push_entity_id(L, network_of(exposure), overlay_to(exposure->overlay, unknown->subject));
      lua_setfield(L, -2, "to");
      if (unknown->fact == UNKNOWN_SHARE) set_stake_share(L, exposure, unknown->subject);
    }
    push_entity_id(L, network_of(exposure), unknown->decides);
    lua_setfield(L, -2, "decides");
    lua_pushinteger(L, (lua_Integer)unknown->act + 1);
    lua_setfield(L, -2, "act");
    lua_pushboolean(L, unknown->majority);
    lua_setfield(L, -2, "majority");
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

static int count_rows(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  size_t counts[] = {exposure->restricted.count, exposure->users.count, exposure->parents.count,
                     exposure->concerned.count, exposure->linked.count};
  static const char *const names[] = {"restricted", "users", "parents", "concerned", "linked"};
  lua_createtable(L, 0, 5);
  for (int i = 0; i < 5; i++) {
    lua_pushinteger(L, (lua_Integer)counts[i]);
    lua_setfield(L, -2, names[i]);
  }
  return 1;
}

static void push_verdicts(lua_State *L, const size_t counts[3]) {
  lua_createtable(L, 0, 3);
  for (int v = 0; v < 3; v++) {
    lua_pushinteger(L, (lua_Integer)counts[v]);
    lua_setfield(L, -2, verdict_name[v]);
  }
}

/* totals() -> { restricted = { yes =, possible =, no = }, users =, parents =, concerned =, linked = how many } */
static int count_verdicts(lua_State *L) {
  const struct exposure *exposure = &check_exposure(L, 1)->exposure;
  size_t counts[4][3] = {{0}};
  for (size_t i = 0; i < exposure->restricted.count; i++) counts[0][exposure->restricted.items[i].verdict]++;
  for (size_t i = 0; i < exposure->users.count; i++) counts[1][exposure->users.items[i].verdict]++;
  for (size_t i = 0; i < exposure->parents.count; i++) counts[2][exposure->parents.items[i].verdict]++;
  for (size_t i = 0; i < exposure->concerned.count; i++) counts[3][exposure->concerned.items[i].verdict]++;
  static const char *const names[] = {"restricted", "users", "parents", "concerned"};
  lua_createtable(L, 0, 5);
  for (int list = 0; list < 4; list++) {
    push_verdicts(L, counts[list]);
    lua_setfield(L, -2, names[list]);
  }
  lua_pushinteger(L, (lua_Integer)exposure->linked.count);
  lua_setfield(L, -2, "linked");
  return 1;
}

static int memory_of_exposure(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  lua_pushnumber(L, (lua_Number)box->exposure.memory.used);
  return 1;
}

void open_exposure(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"restricted", list_restricted}, {"users", list_users},     {"parents", list_parents},
      {"concerned", list_concerned},   {"linked", list_linked},   {"warnings", list_warnings},
      {"unknowns", list_unknowns},     {"count", count_rows},     {"totals", count_verdicts},
      {"memory", memory_of_exposure},  {"close", close_exposure}, {NULL, NULL}};
  luaL_newmetatable(L, EXPOSURE_TYPE);
  lua_pushcfunction(L, close_exposure);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  luaL_setfuncs(L, why_methods, 0);
  luaL_setfuncs(L, between_methods, 0);
  luaL_setfuncs(L, paths_methods, 0);
  luaL_setfuncs(L, graph_of_exposure_methods, 0);
  luaL_setfuncs(L, harm_methods, 0);
  luaL_setfuncs(L, look_through_methods, 0);
  luaL_setfuncs(L, loss_methods, 0);
  luaL_setfuncs(L, odds_methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, evaluate);
  lua_setfield(L, -2, "evaluate");
}
