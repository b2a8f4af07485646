/* records: looking at what a network was made of, one by one, all that match, or by a field. */
#include <string.h>

#include "binding.h"
#include "engine/sort.h"

/* entity(id) -> table, with what all records of the entity say; nil when there is none */
static int get_entity(lua_State *L) {
  struct network_box *box = check_sealed(L);
  size_t length;
  if (lua_type(L, 2) != LUA_TSTRING)
    return raise_error(L, "argument", "id", "id must be text, not a %s", luaL_typename(L, 2));
  const char *id = lua_tolstring(L, 2, &length);
  uint32_t entity = network_find(&box->network, id, length);
  if (entity == ENTITY_NONE) lua_pushnil(L);
  else push_entity(L, &box->network, network_same(&box->network, entity), true);
  return 1;
}

/* The filter argument at 2, or none: true when everything is wanted. */
static struct filter *read_optional_filter(lua_State *L) {
  lua_settop(L, 2);
  struct scratch *scratch = push_scratch(L);
  scratch->filter_live = true;
  if (lua_istable(L, 2)) read_filter(L, 2, &scratch->filter, &scratch->memory, "filter");
  else if (!lua_isnoneornil(L, 2))
    raise_error(L, "argument", "filter", "a filter is a table { field = value }, not a %s", luaL_typename(L, 2));
  return &scratch->filter;
}

static int list_entities(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct network *network = &box->network;
  const struct filter *filter = read_optional_filter(L);
  lua_newtable(L);
  int n = 0;
  for (uint32_t e = 0; e < network->entity_count; e++) {
    if (!is_node(network, e) || !filter_entity(filter, network, e)) continue;
    push_entity(L, network, e, true);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* The relations with the ids that the filter at 2 names, ascending, into the scratch; false: it names none. */
static bool find_named(lua_State *L, struct network *network, struct scratch *scratch) {
  if (!lua_istable(L, 2)) return false;
  lua_getfield(L, 2, "id");
  if (lua_type(L, -1) == LUA_TSTRING) {
    lua_createtable(L, 1, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
  }
  bool ids = lua_istable(L, -1);
  for (size_t i = 1; ids && i <= lua_rawlen(L, -1); i++) {
    lua_rawgeti(L, -1, (int)i);
    ids = lua_type(L, -1) == LUA_TSTRING;
    lua_pop(L, 1);
  }
  if (!ids) return lua_pop(L, 1), false;
  find_relations(L, network, lua_gettop(L), scratch);
  if (!vector_reserve(&scratch->memory, &scratch->numbers, scratch->named.count)) luaL_error(L, "not enough memory");
  for (size_t i = 0; i < scratch->named.count; i++)
    if (scratch->named.items[i].relation != RELATION_NONE)
      scratch->numbers.items[scratch->numbers.count++] = scratch->named.items[i].relation;
  scratch->numbers.count = sort_unique(scratch->numbers.items, scratch->numbers.count);
  return true;
}

static int list_relations(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct filter *filter = read_optional_filter(L);
  struct overlay plain = {.network = &box->network, .day = date_today()};
  struct scratch *scratch = push_scratch(L);
  bool named = find_named(L, &box->network, scratch);
  size_t count = named ? scratch->numbers.count : box->network.relation_count;
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t r = named ? scratch->numbers.items[i] : (uint32_t)i;
    if (!filter_relation(filter, &plain, r)) continue;
    push_relation(L, &plain, r);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* "entities" | "relations", i at 2 and 3: which record, from 0, in the network's order; false past the end. */
static bool read_place(lua_State *L, const struct network *network, bool *relation, uint32_t *place) {
  *relation = strcmp(luaL_checkstring(L, 2), "relations") == 0;
  lua_Number i = luaL_checknumber(L, 3);
  size_t count = *relation ? network->relation_count : network->entity_count;
  if (!(i >= 1 && i <= (lua_Number)count)) return false;
  *place = (uint32_t)i - 1;
  return true;
}

/* record("entities" | "relations", i) -> the record as it was given, i from 1; nil past the end */
static int get_record(lua_State *L) {
  struct network_box *box = check_sealed(L);
  struct overlay plain = {.network = &box->network, .day = date_today()};
  bool relation;
  uint32_t place;
  if (!read_place(L, &box->network, &relation, &place)) return 0;
  if (relation) push_relation(L, &plain, place);
  else push_entity(L, &box->network, place, false);
  return 1;
}

/* record_id("entities" | "relations", i) -> its id alone; nil past the end */
static int get_record_id(lua_State *L) {
  struct network_box *box = check_sealed(L);
  struct overlay plain = {.network = &box->network};
  bool relation;
  uint32_t place;
  if (!read_place(L, &box->network, &relation, &place)) return 0;
  if (relation) push_relation_id(L, &plain, place);
  else push_entity_id(L, &box->network, place);
  return 1;
}

static bool same_text(const char *a, size_t la, const char *b, size_t lb, bool folded) {
  if (la != lb) return false;
  if (!folded) return memcmp(a, b, la) == 0;
  for (size_t i = 0; i < la; i++) {
    char x = a[i], y = b[i];
    if (x >= 'A' && x <= 'Z') x = (char)(x + 32);
    if (y >= 'A' && y <= 'Z') y = (char)(y + 32);
    if (x != y) return false;
  }
  return true;
}

/* Is the field of a record (or its id) this text? */
static bool record_has(const struct network *network, uint32_t record, uint16_t key, const char *value, size_t length,
                       bool folded) {
  const struct texts *texts = &network->texts;
  if (key == KEY_NONE) {
    uint32_t id = network->entity_id.items[record];
    return same_text(text_bytes(texts, id), text_length(texts, id), value, length, folded);
  }
  const struct field *field = fields_find(&network->fields, network->entity_fields.items[record], key);
  for (; field; field = fields_next(field, key))
    if (same_text(text_bytes(texts, field->value), text_length(texts, field->value), value, length, folded))
      return true;
  return false;
}

/* The same for an entity, through the records that same_as made one. */
static bool entity_has(const struct network *network, uint32_t entity, uint16_t key, const char *value, size_t length,
                       bool folded) {
  for (; entity != ENTITY_NONE; entity = network->same_next ? network->same_next[entity] : ENTITY_NONE)
    if (record_has(network, entity, key, value, length, folded)) return true;
  return false;
}

/* find(field, value) -> entities whose field is that text: exact ones first, then those that differ in ASCII case */
static int find_entities(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct network *network = &box->network;
  size_t name_length, length;
  const char *name = luaL_checklstring(L, 2, &name_length), *value = luaL_checklstring(L, 3, &length);
  uint16_t key = fields_key(&network->fields, name, name_length);
  bool by_id = strcmp(name, "id") == 0;
  lua_newtable(L);
  if (key == KEY_NONE && !by_id) return 1; /* no record has the field */
  if (by_id) key = KEY_NONE;
  int n = 0;
  for (int folded = 0; folded <= 1; folded++) {
    for (uint32_t e = 0; e < network->entity_count; e++) {
      if (!is_node(network, e) || !entity_has(network, e, key, value, length, folded)) continue;
      if (folded && entity_has(network, e, key, value, length, false)) continue; /* is there already */
      push_entity(L, network, e, true);
      lua_rawseti(L, -2, ++n);
    }
  }
  return 1;
}

const luaL_Reg record_methods[] = {{"entity", get_entity},
                                   {"entities", list_entities},
                                   {"relations", list_relations},
                                   {"record", get_record},
                                   {"record_id", get_record_id},
                                   {"find_field", find_entities},
                                   {NULL, NULL}};
