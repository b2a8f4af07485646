/* edits: what the methods of a scenario that change relations have to know about those that are there. */
#include <string.h>

#include "binding.h"

void find_relations(lua_State *L, struct network *network, int index, struct scratch *scratch) {
  struct failure failure = {0};
  size_t count = lua_rawlen(L, index);
  scratch->named.count = 0;
  if (!vector_reserve(&scratch->memory, &scratch->named, count)) luaL_error(L, "not enough memory");
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, index, (int)i);
    if (lua_type(L, -1) != LUA_TSTRING)
      raise_error(L, "argument", "relations", "a relation is named by its id (text), not a %s", luaL_typename(L, -1));
    struct named_relation *named = &scratch->named.items[scratch->named.count++];
    named->id = lua_tolstring(L, -1, &named->length);
    if (!relation_ids_open(network, &failure)) luaL_error(L, "not enough memory");
    named->relation = relation_ids_find(network, named->id, named->length);
    lua_pop(L, 1);
  }
}

/* The record of a relation, and whether it is in force, as the next items of the lists below the top. */
static void append(lua_State *L, const struct overlay *overlay, uint32_t relation, int *n) {
  push_relation(L, overlay, relation);
  lua_rawseti(L, -3, ++*n);
  lua_pushboolean(L, overlay_in_force(overlay, relation));
  lua_rawseti(L, -2, *n);
}

/* records(ids) -> list of records (false: no relation of the network or added has this id), list of booleans: in force?
 * An added one stands for the relation that it replaced. */
static int list_records(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  const struct overlay *overlay = &box->overlay;
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  struct scratch *scratch = push_scratch(L);
  find_relations(L, &box->network->network, 2, scratch);
  lua_newtable(L);
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < scratch->named.count; i++) {
    const struct named_relation *named = &scratch->named.items[i];
    uint32_t relation = named->relation, text = text_lookup(&overlay->texts, named->id, named->length);
    for (size_t k = 0; k < overlay->added.count && text != TEXT_NONE && text != 0; k++)
      if (overlay->added.items[k].id == text) relation = (uint32_t)(overlay->network->relation_count + k);
    if (relation != RELATION_NONE) {
      append(L, overlay, relation, &n);
    } else {
      lua_pushboolean(L, 0);
      lua_rawseti(L, -3, ++n);
      lua_pushboolean(L, 0);
      lua_rawseti(L, -2, n);
    }
  }
  return 2;
}

/* from(id, kind, to id or nil) -> list of records, list of booleans: in force? Of relations of the kind from one
 * entity, whatever the day, the network's and the added ones. */
static int list_from(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  const struct overlay *overlay = &box->overlay;
  const struct network *network = overlay->network;
  uint32_t entity = check_entity(L, network, 2, "id"), other = ENTITY_NONE;
  const char *kind = luaL_checkstring(L, 3);
  if (!lua_isnoneornil(L, 4)) other = check_entity(L, network, 4, "id");
  lua_settop(L, 4);
  lua_newtable(L);
  lua_newtable(L);
  int n = 0;
  uint32_t first = network->out_start[entity], rows = network->out_start[entity + 1] - first;
  for (uint32_t i = 0; i < rows + overlay->added.count; i++) {
    uint32_t r = i < rows ? first + i : (uint32_t)network->relation_count + i - rows;
    if (overlay_from(overlay, r) != entity || (other != ENTITY_NONE && overlay_to(overlay, r) != other)) continue;
    if (strcmp(relation_kind_name[overlay_kind(overlay, r)], kind) == 0) append(L, overlay, r, &n);
  }
  return 2;
}

/* into(id, kind) -> the same of relations to one entity. */
static int list_into(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  const struct overlay *overlay = &box->overlay;
  const struct network *network = overlay->network;
  uint32_t entity = check_entity(L, network, 2, "id");
  const char *kind = luaL_checkstring(L, 3);
  lua_settop(L, 3);
  lua_newtable(L);
  lua_newtable(L);
  int n = 0;
  uint32_t first = network->in_start[entity], rows = network->in_start[entity + 1] - first;
  for (uint32_t i = 0; i < rows + overlay->added.count; i++) {
    uint32_t r = i < rows ? network->in_relation[first + i] : (uint32_t)network->relation_count + i - rows;
    if (overlay_to(overlay, r) != entity) continue;
    if (strcmp(relation_kind_name[overlay_kind(overlay, r)], kind) == 0) append(L, overlay, r, &n);
  }
  return 2;
}

const luaL_Reg edit_methods[] = {{"records", list_records}, {"from", list_from}, {"into", list_into}, {NULL, NULL}};
