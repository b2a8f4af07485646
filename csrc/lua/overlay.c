/* overlay: a network on a day, with edits; what a scenario evaluates on. */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "engine/sort.h"
#include "keeper.h"
#include "tally.h"

struct overlay_box *check_overlay(lua_State *L, int index) {
  struct overlay_box *box = luaL_checkudata(L, index, OVERLAY_TYPE);
  if (!box->live || !box->network->live) raise_error(L, "closed", NULL, "the network of this scenario is closed");
  return box;
}

static int close_overlay(lua_State *L) {
  struct overlay_box *box = luaL_checkudata(L, 1, OVERLAY_TYPE);
  if (box->at_work) return raise_error(L, "argument", NULL, "this scenario is being evaluated");
  sweep_index_close(&box->index);
  close_tallies(box);
  if (box->live) overlay_close(&box->overlay);
  box->live = false;
  return 0;
}

/* The numbers of the relations named in scratch->named, into scratch->numbers from `first` on. */
static size_t take_numbers(lua_State *L, struct scratch *scratch) {
  if (!vector_reserve(&scratch->memory, &scratch->numbers, scratch->named.count)) luaL_error(L, "not enough memory");
  for (size_t i = 0; i < scratch->named.count; i++) {
    if (scratch->named.items[i].relation == RELATION_NONE)
      raise_error(L, "unknown_id", "relations", "no relation has the id \"%s\"", scratch->named.items[i].id);
    scratch->numbers.items[scratch->numbers.count++] = scratch->named.items[i].relation;
  }
  return scratch->named.count;
}

/* Do the edits leave it as it is who is above whom? */
static bool edits_supplies(const struct overlay *overlay, const uint32_t *numbers, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (network_kind(overlay->network, numbers[i]) < RELATION_SUPPLIES) return false;
  for (size_t i = 0; i < overlay->added.count; i++)
    if ((overlay->added.items[i].kind & RELATION_KIND) < RELATION_SUPPLIES) return false;
  return true;
}

/* overlay(network, { day =, dropped = {ids}, replaced = {ids}, added = {records}, plain = overlay or nil }) -> overlay
 * | nil, message, code. An added record may have the id of a replaced relation, whose place it takes. plain: of the
 * same day, without edits; what only depends on holdings is then worked out once for both. */
static int new_overlay(lua_State *L) {
  struct network_box *network = check_network(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  if (!network->network.sealed) return raise_error(L, "argument", NULL, "this network is still being built");
  struct failure failure = {0};
  lua_settop(L, 2);
  lua_getfield(L, 2, "day");
  lua_Number day = lua_tonumber(L, -1);
  struct overlay_box *box = lua_newuserdata(L, sizeof *box); /* 4 */
  memset(box, 0, sizeof *box);
  box->network = network;
  luaL_getmetatable(L, OVERLAY_TYPE);
  lua_setmetatable(L, 4);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  set_anchor(L, 4);
  box->live = true;
  if (!overlay_open(&box->overlay, &network->network, (int32_t)day, &failure)) return push_failure(L, &failure, NULL);
  struct scratch *scratch = push_scratch(L); /* 5 */
  lua_getfield(L, 2, "replaced");            /* 6 */
  size_t replaced = 0, dropped = 0;
  lua_newtable(L); /* 7: id -> true */
  if (lua_istable(L, 6)) {
    find_relations(L, &network->network, 6, scratch);
    take_numbers(L, scratch);
    replaced = scratch->numbers.count = sort_unique(scratch->numbers.items, scratch->numbers.count);
    for (size_t i = 0; i < scratch->named.count; i++) {
      lua_pushlstring(L, scratch->named.items[i].id, scratch->named.items[i].length);
      lua_pushboolean(L, 1);
      lua_rawset(L, 7);
    }
  }
  lua_getfield(L, 2, "added"); /* 8 */
  if (lua_istable(L, 8) && lua_rawlen(L, 8) > 0 && !relation_ids_open(&network->network, &failure))
    return push_failure(L, &failure, NULL);
  for (size_t i = 1, count = lua_istable(L, 8) ? lua_rawlen(L, 8) : 0; i <= count; i++) {
    lua_settop(L, 8);
    lua_rawgeti(L, 8, (int)i);
    read_inputs(L, 9, scratch, "relation");
    lua_getfield(L, 9, "id");
    lua_rawget(L, 7);
    bool replaces = lua_toboolean(L, -1);
    if (!overlay_add(&box->overlay, scratch->inputs.items, scratch->inputs.count, replaces, &failure)) {
      if (failure.code == FAILURE_PARSE) failure.code = FAILURE_ARGUMENT;
      return push_failure(L, &failure, "relation");
    }
  }
  lua_settop(L, 5);
  lua_getfield(L, 2, "dropped"); /* 6 */
  if (lua_istable(L, 6)) {
    find_relations(L, &network->network, 6, scratch);
    dropped = take_numbers(L, scratch);
  }
  lua_settop(L, 5);
  struct edits edits = {scratch->numbers.items + replaced, dropped, scratch->numbers.items, replaced};
  box->plain = scratch->numbers.count == 0 && box->overlay.added.count == 0;
  lua_getfield(L, 2, "plain"); /* 6 */
  if (!lua_isnil(L, 6) && edits_supplies(&box->overlay, scratch->numbers.items, scratch->numbers.count)) {
    struct overlay_box *plain = check_overlay(L, 6);
    if (plain->plain && plain->network == network && plain->overlay.day == box->overlay.day) box->like = plain;
  }
  if (box->like) {
    push_anchor(L, 4);
    lua_pushvalue(L, 6);
    lua_rawseti(L, -2, 2);
  }
  if (!overlay_settle(&box->overlay, &edits, box->like ? &box->like->overlay : NULL, &failure))
    return push_failure(L, &failure, "relation");
  vector_free(&scratch->memory, &scratch->numbers);
  tell_collector(L, box->overlay.memory.used);
  lua_settop(L, 4);
  return 1;
}

/* relations(filter) -> ids of the relations in force that match, added ones too */
static int match_relations(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  struct scratch *scratch = push_scratch(L);
  scratch->filter_live = true;
  read_filter(L, 2, &scratch->filter, &scratch->memory, "filter");
  lua_newtable(L);
  int n = 0;
  uint32_t total = (uint32_t)(box->overlay.network->relation_count + box->overlay.added.count);
  for (uint32_t r = 0; r < total; r++) {
    if (!overlay_in_force(&box->overlay, r) || !filter_relation(&scratch->filter, &box->overlay, r)) continue;
    push_relation_id(L, &box->overlay, r);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* targets(predicate) -> ids of the entities in force that match */
static int match_entities(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  const struct network *network = box->overlay.network;
  luaL_checktype(L, 2, LUA_TTABLE);
  struct scratch *scratch = push_scratch(L);
  scratch->filter_live = true;
  read_filter(L, 2, &scratch->filter, &scratch->memory, "targets");
  lua_newtable(L);
  int n = 0;
  for (uint32_t e = 0; e < network->entity_count; e++) {
    if (network_same(network, e) != e || !overlay_entity_in_force(&box->overlay, e) ||
        !filter_entity(&scratch->filter, network, e))
      continue;
    push_entity_id(L, network, e);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* in_force(id) -> is the entity in force on the day? */
static int entity_in_force(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  lua_pushboolean(L, overlay_entity_in_force(&box->overlay, check_entity(L, box->overlay.network, 2, "id")));
  return 1;
}

/* has_relations(id) -> does any relation in force touch the entity? */
static int has_relations(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  uint32_t entity = check_entity(L, box->overlay.network, 2, "id");
  struct walk out = walk_out(&box->overlay, entity), in = walk_in(&box->overlay, entity);
  lua_pushboolean(L, walk_next(&out) != RELATION_NONE || walk_next(&in) != RELATION_NONE);
  return 1;
}

static void push_warning(lua_State *L, int list, const char *code, int ids) {
  lua_createtable(L, 0, 2);
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  lua_pushvalue(L, ids);
  lua_setfield(L, -2, "ids");
  lua_rawseti(L, list, (int)lua_rawlen(L, list) + 1);
}

/* Rings of majority links, one warning each. */
static int push_rings(lua_State *L, const struct overlay *overlay) {
  struct failure failure = {0};
  struct scratch *scratch = push_scratch(L); /* 3 */
  if (!climb_rings(overlay, &scratch->memory, &scratch->rings, &failure)) return push_failure(L, &failure, NULL);
  int n = 0;
  lua_newtable(L); /* 4 */
  for (size_t i = 0; i < scratch->rings.count; i++) {
    if (scratch->rings.items[i] != ENTITY_NONE) {
      push_entity_id(L, overlay->network, scratch->rings.items[i]);
      lua_rawseti(L, 4, ++n);
      continue;
    }
    push_warning(L, 2, "ring", 4);
    lua_settop(L, 3);
    lua_newtable(L);
    n = 0;
  }
  lua_settop(L, 2);
  return 0;
}

/* warnings() -> list of { code, ids } about the data on the day: holdings reported twice, holders that sum above
 * 100 %, holdings of oneself, firms that hold each other by majority */
static int data_warnings(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  const struct overlay *overlay = &box->overlay;
  lua_settop(L, 1);
  lua_newtable(L); /* 2 */
  for (size_t i = 0; i + 1 < overlay->overlaps.count; i += 2) {
    lua_createtable(L, 2, 0); /* 3 */
    for (int k = 0; k < 2; k++) {
      push_relation_id(L, overlay, overlay->overlaps.items[i + (size_t)k]);
      lua_rawseti(L, 3, k + 1);
    }
    push_warning(L, 2, "overlap", 3);
    lua_settop(L, 2);
  }
  for (uint32_t e = 0; e < overlay->network->entity_count; e++) {
    uint64_t total[2] = {0, 0};
    struct walk walk = walk_in(overlay, e);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) != RELATION_OWNS) continue;
      total[(overlay_kind_byte(overlay, r) & RELATION_VOTES) != 0] += overlay_share(overlay, r).lo;
      if (overlay_from(overlay, r) != e) continue;
      lua_createtable(L, 1, 0);
      push_relation_id(L, overlay, r);
      lua_rawseti(L, 3, 1);
      push_warning(L, 2, "self_holding", 3);
      lua_settop(L, 2);
    }
    if (total[0] <= SHARE_WHOLE && total[1] <= SHARE_WHOLE) continue;
    lua_createtable(L, 1, 0);
    push_entity_id(L, overlay->network, e);
    lua_rawseti(L, 3, 1);
    push_warning(L, 2, "above_whole", 3);
    lua_settop(L, 2);
  }
  int failed = push_rings(L, overlay);
  if (failed) return failed;
  return 1;
}

void open_overlay(lua_State *L) {
  static const luaL_Reg methods[] = {{"match", match_relations},
                                     {"targets", match_entities},
                                     {"in_force", entity_in_force},
                                     {"has_relations", has_relations},
                                     {"warnings", data_warnings},
                                     {"close", close_overlay},
                                     {NULL, NULL}};
  luaL_newmetatable(L, OVERLAY_TYPE);
  lua_pushcfunction(L, close_overlay);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  luaL_setfuncs(L, edit_methods, 0);
  luaL_setfuncs(L, graph_of_overlay_methods, 0);
  luaL_setfuncs(L, holding_methods, 0);
  luaL_setfuncs(L, impact_methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, new_overlay);
  lua_setfield(L, -2, "overlay");
}
