/* network: building, sealing and looking at a network. */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "engine/blocks.h"
#include "engine/nearest.h"

struct network_box *check_network(lua_State *L, int index) {
  struct network_box *box = luaL_checkudata(L, index, NETWORK_TYPE);
  if (!box->live) raise_error(L, "closed", NULL, "this network is closed");
  return box;
}

struct network_box *check_sealed(lua_State *L) {
  struct network_box *box = check_network(L, 1);
  if (!box->network.sealed) raise_error(L, "argument", NULL, "this network is still being built");
  return box;
}

struct network_box *check_draft(lua_State *L) {
  struct network_box *box = check_network(L, 1);
  if (box->network.sealed) raise_error(L, "argument", NULL, "this network is sealed; build another one");
  if (box->at_work) raise_error(L, "argument", NULL, "this network is being worked on");
  return box;
}

static int close_network(lua_State *L) {
  struct network_box *box = luaL_checkudata(L, 1, NETWORK_TYPE);
  if (!box->live) return 0;
  if (box->at_work)
    return raise_error(L, "argument", NULL, "this network is being worked on; close it when that is done");
  box->live = false;
  lanes_table_close(&box->table);
  network_close(&box->network);
  texts_close(&box->skipped_texts);
  vector_free(&box->memory, &box->skipped);
  return 0;
}

struct network_box *push_network(lua_State *L) {
  struct network_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_getmetatable(L, NETWORK_TYPE);
  lua_setmetatable(L, -2);
  box->live = true;
  return box;
}

static int new_builder(lua_State *L) {
  struct failure failure = {0};
  struct network_box *box = push_network(L);
  if (!network_open(&box->network, &failure)) return push_failure(L, &failure, NULL);
  if (!texts_open(&box->skipped_texts, &box->memory)) return luaL_error(L, "not enough memory");
  return 1;
}

uint32_t check_entity(lua_State *L, const struct network *network, int index, const char *argument) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING)
    raise_error(L, "argument", argument, "%s must be an id (text), not a %s", argument, luaL_typename(L, index));
  const char *id = lua_tolstring(L, index, &length);
  uint32_t entity = network_find(network, id, length);
  if (entity != ENTITY_NONE) return network_same(network, entity);
  uint32_t near[NEAREST_MOST];
  size_t count = nearest_ids(network, id, length, near);
  lua_createtable(L, 0, 4);
  lua_pushfstring(L, "no entity has the id \"%s\"", id);
  lua_setfield(L, -2, "message");
  lua_pushliteral(L, "unknown_id");
  lua_setfield(L, -2, "code");
  lua_pushstring(L, argument);
  lua_setfield(L, -2, "argument");
  if (count > 0) {
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
      push_entity_id(L, network, near[i]);
      lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "near");
  }
  push_setup(L, "errors");
  lua_setmetatable(L, -2);
  lua_error(L);
  return ENTITY_NONE;
}

/* ---- building ---- */

/* add_entity(record [, file, number]) / add_relation(…): true | nil, message, code */
static int add_record(lua_State *L, bool relation) {
  struct network_box *box = check_draft(L);
  struct failure failure = {0};
  const char *what = relation ? "relation" : "entity";
  if (!lua_istable(L, 2))
    return raise_error(L, "argument", what, "%s must be a table, not a %s", what, luaL_typename(L, 2));
  struct place place = {luaL_optstring(L, 3, NULL), (size_t)luaL_optinteger(L, 4, 0), 0};
  struct scratch *scratch = push_scratch(L);
  read_inputs(L, 2, scratch, what);
  bool added = relation
                   ? network_add_relation(&box->network, scratch->inputs.items, scratch->inputs.count, &place, &failure)
                   : network_add_entity(&box->network, scratch->inputs.items, scratch->inputs.count, &place, &failure);
  vector_free(&scratch->memory, &scratch->inputs);
  if (!added) return push_failure(L, &failure, what);
  lua_pushboolean(L, 1);
  return 1;
}

static int add_entity(lua_State *L) { return add_record(L, false); }
static int add_relation(lua_State *L) { return add_record(L, true); }

/* skip(message): count a record that the Lua side left out. */
static int skip_record(lua_State *L) {
  struct network_box *box = check_draft(L);
  note_skipped(box, luaL_checkstring(L, 2));
  return box->out_of_memory ? luaL_error(L, "not enough memory") : 0;
}

/* begin_file(name): relations that follow default to the id name#record. */
static int begin_file(lua_State *L) {
  struct network_box *box = check_draft(L);
  struct failure failure = {0};
  size_t length;
  const char *name = luaL_checklstring(L, 2, &length);
  if (!network_begin_file(&box->network, name, length, &failure)) return push_failure(L, &failure, "name");
  lua_pushboolean(L, 1);
  return 1;
}

/* limit(bytes): what the network may take while it is filled; without it only sealing looks at limits.bytes. */
static int limit_bytes(lua_State *L) {
  struct network_box *box = check_draft(L);
  lua_Number bytes = luaL_checknumber(L, 2);
  box->network.memory.limit = bytes >= 1 && bytes < 1e18 ? (size_t)bytes : 0;
  return 0;
}

/* has(id): was an entity with this id added? */
static int has_entity(lua_State *L) {
  struct network_box *box = check_draft(L);
  size_t length;
  const char *id = luaL_checklstring(L, 2, &length);
  lua_pushboolean(L, network_find(&box->network, id, length) != ENTITY_NONE);
  return 1;
}

static int seal_network(lua_State *L) {
  struct network_box *box = check_draft(L);
  struct failure failure = {0};
  struct skipped skipped = {note_skipped, box};
  bool skip = read_skip(L, 2);
  struct lua_control control;
  read_control(L, 2, &control, &box->network.memory);
  box->at_work++;
  bool sealed = network_seal(&box->network, skip ? &skipped : NULL, &control.control, &failure);
  box->at_work--;
  if (!sealed || box->out_of_memory) { /* half a network is none */
    network_close(&box->network);
    texts_close(&box->skipped_texts);
    vector_free(&box->memory, &box->skipped);
    box->live = false;
  }
  end_control(L, &control);
  if (box->out_of_memory) return luaL_error(L, "not enough memory");
  if (!sealed) return push_failure(L, &failure, NULL);
  box->network.memory.limit = 0;
  tell_collector(L, box->network.memory.used);
  lua_pushboolean(L, 1);
  return 1;
}

static int list_skipped(lua_State *L) {
  struct network_box *box = check_network(L, 1);
  lua_newtable(L);
  for (size_t i = 0; i < box->skipped.count; i++) {
    push_text(L, &box->skipped_texts, box->skipped.items[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* ---- looking ---- */

static void add_count(lua_State *L, const char *key, size_t length) {
  lua_pushlstring(L, key, length);
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);
  lua_Integer n = lua_tointeger(L, -1);
  lua_pop(L, 1);
  lua_pushinteger(L, n + 1);
  lua_rawset(L, -3);
}

/* counts() -> { entities = {kind = n}, relations = {kind = n}, shares_unknown = n, dated = n } */
static int count_records(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct network *network = &box->network;
  uint16_t kind = fields_key(&network->fields, "kind", 4);
  size_t of_kind[RELATION_KINDS] = {0}, unknown = 0, dated = 0;
  lua_newtable(L);
  lua_newtable(L);
  for (uint32_t e = 0; e < network->entity_count; e++) {
    if (!is_node(network, e)) continue;
    const struct field *field = network_entity_field(network, e, kind);
    if (field) add_count(L, text_bytes(&network->texts, field->value), text_length(&network->texts, field->value));
    else add_count(L, "firm", 4);
  }
  lua_setfield(L, -2, "entities");
  for (uint32_t r = 0; r < network->relation_count; r++) {
    enum relation_kind relation = network_kind(network, r);
    of_kind[relation]++;
    dated += network->validity && network->validity[r];
    if (relation != RELATION_OWNS) continue;
    struct share share = network_share(network, r);
    unknown += share.lo == share_unknown.lo && share.hi == share_unknown.hi;
  }
  lua_newtable(L);
  for (int k = 0; k < RELATION_KINDS; k++) {
    if (of_kind[k] == 0) continue;
    lua_pushinteger(L, (lua_Integer)of_kind[k]);
    lua_setfield(L, -2, relation_kind_name[k]);
  }
  lua_setfield(L, -2, "relations");
  lua_pushinteger(L, (lua_Integer)unknown);
  lua_setfield(L, -2, "shares_unknown");
  lua_pushinteger(L, (lua_Integer)dated);
  lua_setfield(L, -2, "dated");
  return 1;
}

static int size_of_network(lua_State *L) {
  struct network_box *box = check_sealed(L);
  size_t count = box->network.entity_count;
  for (uint32_t e = 0; box->network.same && e < box->network.entity_count; e++) count -= !is_node(&box->network, e);
  lua_pushinteger(L, (lua_Integer)count);
  return 1;
}

/* field_names() -> names of the further fields that records carry */
static int list_field_names(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct fields *fields = &box->network.fields;
  lua_createtable(L, (int)fields->keys.count, 0);
  for (size_t i = 0; i < fields->keys.count; i++) {
    push_text(L, fields->texts, fields->keys.items[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* Is a country written as rules write it: two upper-case letters? */
static bool is_country_code(const char *text, size_t length) {
  return length == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
}

/* odd_countries() -> { [value] = {ids} }: countries of entities that no rule can mean */
static int list_odd_countries(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct network *network = &box->network;
  uint16_t keys[2] = {fields_key(&network->fields, "country", 7), fields_key(&network->fields, "located_in", 10)};
  lua_settop(L, 1);
  lua_newtable(L); /* 2 */
  for (uint32_t e = 0; e < network->entity_count; e++) {
    uint32_t node = network_same(network, e);
    for (int k = 0; k < 2; k++) {
      if (keys[k] == KEY_NONE) continue;
      const struct field *field = fields_find(&network->fields, network->entity_fields.items[e], keys[k]);
      for (; field; field = fields_next(field, keys[k])) {
        if (field->type != FIELD_TEXT && field->type != FIELD_NUMBER) continue;
        const char *text = text_bytes(&network->texts, field->value);
        size_t length = text_length(&network->texts, field->value);
        if (length == 0 || is_country_code(text, length)) continue;
        lua_pushlstring(L, text, length);
        lua_pushvalue(L, -1);
        lua_rawget(L, 2); /* 4: ids */
        if (!lua_istable(L, 4)) {
          lua_settop(L, 3);
          lua_newtable(L);
          lua_pushvalue(L, 3);
          lua_pushvalue(L, 4);
          lua_rawset(L, 2);
        }
        push_entity_id(L, network, node);
        lua_rawgeti(L, 4, (int)lua_rawlen(L, 4));
        bool again = lua_rawequal(L, 5, 6);
        lua_settop(L, 5);
        if (!again) lua_rawseti(L, 4, (int)lua_rawlen(L, 4) + 1);
        lua_settop(L, 2);
      }
    }
  }
  return 1;
}

static int by_day(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* days(from, to) -> the days after `from`, up to `to`, on which a fact starts or ends, ascending */
static int list_days(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct network *network = &box->network;
  lua_Number from = luaL_checknumber(L, 2), to = luaL_checknumber(L, 3);
  struct scratch *scratch = push_scratch(L);
  for (size_t i = 0; i < network->validities.count; i++) { /* distinct periods: few, however many relations */
    int32_t ends[2] = {network->validities.items[i].since, network->validities.items[i].until};
    for (int k = 0; k < 2; k++)
      if (ends[k] != DATE_MISSING && ends[k] > from && ends[k] <= to &&
          !vector_push(&scratch->memory, &scratch->numbers, (uint32_t)ends[k]))
        return luaL_error(L, "not enough memory");
  }
  if (scratch->numbers.count > 1) qsort(scratch->numbers.items, scratch->numbers.count, sizeof(uint32_t), by_day);
  lua_newtable(L);
  int n = 0;
  for (size_t i = 0; i < scratch->numbers.count; i++) {
    if (i > 0 && scratch->numbers.items[i] == scratch->numbers.items[i - 1]) continue;
    lua_pushinteger(L, (int32_t)scratch->numbers.items[i]);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

static void push_event(lua_State *L, const char *kind, bool starts, int *n) { /* id on top, list below */
  lua_createtable(L, 0, 5);
  lua_insert(L, -2);
  lua_setfield(L, -2, "id");
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, starts ? "starts" : "ends");
  lua_setfield(L, -2, "what");
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, ++*n);
}

/* events(day) -> the entities and relations that start or end on a day: { kind, id, what [, from, to] } */
static int list_events(lua_State *L) {
  struct network_box *box = check_sealed(L);
  const struct network *network = &box->network;
  lua_Number day = luaL_checknumber(L, 2);
  struct overlay plain = {.network = network};
  lua_newtable(L);
  int n = 0;
  for (uint32_t e = 0; e < network->entity_validity.count; e++) {
    struct validity v = network_entity_validity(network, e);
    if (v.since != day && v.until != day) continue;
    push_entity_id(L, network, e);
    push_event(L, "entity", v.since == day, &n);
    lua_pop(L, 1);
  }
  for (uint32_t r = 0; r < network->relation_count && network->validity; r++) {
    struct validity v = network_validity(network, r);
    if (v.since != day && v.until != day) continue;
    push_relation_id(L, &plain, r);
    push_event(L, "relation", v.since == day, &n);
    push_entity_id(L, network, network_from(network, r));
    lua_setfield(L, -2, "from");
    push_entity_id(L, network, network->to[r]);
    lua_setfield(L, -2, "to");
    lua_pop(L, 1);
  }
  return 1;
}

/* memory() -> bytes: adjacency (ends, rows, kinds, shares, dates), ids, fields, total; of it, in a file that is shared
 */
static int memory_of_network(lua_State *L) {
  struct network_box *box = check_sealed(L);
  struct network *network = &box->network;
  struct block blocks[BLOCKS_MOST];
  size_t of_part[BLOCK_PARTS] = {0}, mapped = network->file.shared ? network->file.length : 0;
  size_t total = network->memory.used + mapped, count = network_blocks(network, blocks);
  for (size_t i = 0; i < count; i++) of_part[blocks[i].part] += block_bytes(&blocks[i]);
  lua_createtable(L, 0, 6);
  lua_pushnumber(L, (lua_Number)of_part[PART_ADJACENCY]);
  lua_setfield(L, -2, "adjacency");
  lua_pushnumber(L, (lua_Number)of_part[PART_FIELDS]);
  lua_setfield(L, -2, "fields");
  lua_pushnumber(L, (lua_Number)(total - of_part[PART_ADJACENCY] - of_part[PART_FIELDS]));
  lua_setfield(L, -2, "ids");
  lua_pushnumber(L, (lua_Number)mapped);
  lua_setfield(L, -2, "mapped");
  lua_pushnumber(L, (lua_Number)total);
  lua_setfield(L, -2, "total");
  lua_pushnumber(L, (lua_Number)(network->memory.peak + mapped));
  lua_setfield(L, -2, "peak");
  return 1;
}

static int network_text(lua_State *L) {
  struct network_box *box = luaL_checkudata(L, 1, NETWORK_TYPE);
  if (!box->live) lua_pushliteral(L, "network (closed)");
  else
    lua_pushfstring(L, "network (%d entities, %d relations)", (int)box->network.entity_count,
                    (int)box->network.relation_count);
  return 1;
}

/* same(id) -> the id that stands for it; unknown ids raise, naming near ones */
static int same_entity(lua_State *L) {
  struct network_box *box = check_sealed(L);
  push_entity_id(L, &box->network, check_entity(L, &box->network, 2, luaL_optstring(L, 3, "id")));
  return 1;
}

static int is_live(lua_State *L) {
  struct network_box *box = luaL_checkudata(L, 1, NETWORK_TYPE);
  lua_pushboolean(L, box->live);
  return 1;
}

void open_network(lua_State *L) {
  static const luaL_Reg methods[] = {{"add_entity", add_entity},
                                     {"add_relation", add_relation},
                                     {"begin_file", begin_file},
                                     {"skip_record", skip_record},
                                     {"limit", limit_bytes},
                                     {"has", has_entity},
                                     {"read_csv", read_csv},
                                     {"read_ndjson", read_ndjson},
                                     {"seal", seal_network},
                                     {"skipped", list_skipped},
                                     {"live", is_live},
                                     {"same", same_entity},
                                     {"count_records", count_records},
                                     {"memory", memory_of_network},
                                     {"field_names", list_field_names},
                                     {"odd_countries", list_odd_countries},
                                     {"doubtful", find_doubtful},
                                     {"days", list_days},
                                     {"events", list_events},
                                     {"freezer", new_freezer},
                                     {"close", close_network},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", close_network},
                                         {"__close", close_network},
                                         {"__len", size_of_network},
                                         {"__tostring", network_text},
                                         {NULL, NULL}};
  luaL_newmetatable(L, NETWORK_TYPE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushliteral(L, NETWORK_TYPE);
  lua_setfield(L, -2, "__name");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  luaL_setfuncs(L, record_methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_setfield(L, -3, "network_methods"); /* the Lua side adds its own */
  lua_pop(L, 1);
  lua_pushcfunction(L, new_builder);
  lua_setfield(L, -2, "builder");
}
