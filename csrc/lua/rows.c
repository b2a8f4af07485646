#include "rows.h"

#include <limits.h>
#include <string.h>

#include "engine/sort.h"

const char *const verdict_name[] = {"no", "possible", "yes"};

void set_name(lua_State *L, const struct exposure *exposure, uint32_t entity) {
  const struct network *network = network_of(exposure);
  const struct field *name = network_entity_field(network, entity, fields_key(&network->fields, "name", 4));
  if (!name) return;
  push_text(L, &network->texts, name->value);
  lua_setfield(L, -2, "name");
}

void set_text(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

void start_row(lua_State *L, const struct exposure *exposure, uint32_t entity, uint8_t verdict) {
  lua_createtable(L, 0, 8);
  push_entity_id(L, network_of(exposure), entity);
  lua_setfield(L, -2, "id");
  set_name(L, exposure, entity);
  set_text(L, "verdict", verdict_name[verdict]);
}

/* A set of entities as a list of ids; numbers are in the order of ids. */
void set_entities(lua_State *L, const char *key, const struct exposure *exposure, uint32_t set) {
  size_t count = sets_count(&exposure->sets, set);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    push_entity_id(L, network_of(exposure), sets_items(&exposure->sets, set)[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, key);
}

static int compare_texts(lua_State *L, int a, int b) {
  size_t la, lb;
  const char *x = lua_tolstring(L, a, &la), *y = lua_tolstring(L, b, &lb);
  int order = memcmp(x, y, la < lb ? la : lb);
  return order ? order : (la > lb) - (la < lb);
}

void set_restrictions_of(lua_State *L, int box, const struct sets *sets, uint32_t set) {
  size_t count = sets_count(sets, set);
  push_anchor(L, box);
  lua_rawgeti(L, -1, ANCHOR_RESTRICTIONS);
  lua_remove(L, -2);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -2, (int)sets_items(sets, set)[i] + 1);
    size_t at = i + 1; /* insert where it belongs */
    for (; at > 1; at--) {
      lua_rawgeti(L, -2, (int)at - 1);
      bool smaller = compare_texts(L, -2, -1) < 0;
      if (!smaller) {
        lua_pop(L, 1);
        break;
      }
      lua_rawseti(L, -3, (int)at);
    }
    lua_rawseti(L, -2, (int)at);
  }
  lua_remove(L, -2);
  lua_setfield(L, -2, "restrictions");
}

void set_spend(lua_State *L, const char *key, const struct exposure *exposure, const uint32_t *relations, size_t count,
               struct scratch *scratch) {
  char text[MONEY_TEXT];
  scratch->spends.count = 0;
  if (!spend_total(exposure->overlay, relations, count, &scratch->memory, &scratch->spends))
    luaL_error(L, "not enough memory");
  lua_newtable(L);
  for (size_t i = 0; i < scratch->spends.count; i++) {
    const struct spend *spend = &scratch->spends.items[i];
    lua_pushlstring(L, spend->currency, spend->currency_length);
    money_format(spend->amount, text);
    lua_pushstring(L, text);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, key);
}

void set_relation(lua_State *L, const struct exposure *exposure, uint32_t relation) {
  push_relation_id(L, exposure->overlay, relation);
  lua_setfield(L, -2, "relation");
}

/* Share of a stake: its holding's, or of a consolidation anything. */
void set_stake_share(lua_State *L, const struct exposure *exposure, uint32_t relation) {
  struct share share = {0, SHARE_WHOLE};
  if (overlay_kind(exposure->overlay, relation) == RELATION_OWNS) share = overlay_share(exposure->overlay, relation);
  push_share(L, share.lo, share.hi);
  lua_setfield(L, -2, "share");
}

void set_source(lua_State *L, const struct exposure *exposure, uint32_t relation) {
  const struct texts *texts;
  const struct field *source = overlay_field(exposure->overlay, relation, "source", &texts);
  struct validity validity = overlay_validity(exposure->overlay, relation);
  if (source) {
    push_text(L, texts, source->value);
    lua_setfield(L, -2, "source");
  }
  if (validity.since != DATE_MISSING) push_day(L, validity.since), lua_setfield(L, -2, "since");
  if (validity.until != DATE_MISSING) push_day(L, validity.until), lua_setfield(L, -2, "until");
}

void push_path(lua_State *L, const struct exposure *exposure, const struct proof *proof, bool full) {
  lua_createtable(L, (int)proof->count, 0);
  for (size_t i = 0; i < proof->count; i++) {
    const struct proof_step *step = &proof->items[i];
    lua_createtable(L, 0, 4);
    push_entity_id(L, network_of(exposure), step->entity);
    lua_setfield(L, -2, "id");
    if (full) set_name(L, exposure, step->entity);
    if (step->relation != RELATION_NONE) {
      enum relation_kind kind = overlay_kind(exposure->overlay, step->relation);
      set_relation(L, exposure, step->relation);
      set_text(L, "kind", step->party ? "party" : relation_kind_name[kind]);
      if (kind == RELATION_OWNS) set_stake_share(L, exposure, step->relation);
      if (full) {
        set_source(L, exposure, step->relation);
        push_entity_id(L, network_of(exposure), overlay_from(exposure->overlay, step->relation));
        lua_setfield(L, -2, "from");
        push_entity_id(L, network_of(exposure), overlay_to(exposure->overlay, step->relation));
        lua_setfield(L, -2, "to");
      }
    }
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* ---- row filters: { ids = { … } or one id, verdict = "yes" } ---- */

static void want(lua_State *L, const struct exposure *exposure, struct scratch *scratch) { /* the id on top */
  uint32_t entity = check_entity(L, network_of(exposure), lua_gettop(L), "ids");
  if (!vector_push(&scratch->memory, &scratch->numbers, entity)) luaL_error(L, "not enough memory");
}

struct wanted read_wanted(lua_State *L, int index, const struct exposure *exposure, bool verdicts,
                          struct scratch *scratch) {
  const char *known = verdicts ? "ids, verdict and first" : "ids and first";
  struct wanted wanted = {true, -1, NULL, 0, INT_MAX};
  if (lua_isnoneornil(L, index)) return wanted;
  if (!lua_istable(L, index))
    raise_error(L, "argument", "filter", "a filter of rows is a table with %s, not a %s", known,
                luaL_typename(L, index));
  lua_pushnil(L);
  while (lua_next(L, index)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (verdicts && strcmp(key, "verdict") == 0) {
      const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
      for (int v = 0; v < 3; v++)
        if (strcmp(word, verdict_name[v]) == 0) wanted.verdict = v;
      if (wanted.verdict < 0) raise_error(L, "argument", "verdict", "verdict must be \"yes\", \"possible\" or \"no\"");
    } else if (strcmp(key, "first") == 0) {
      lua_Number first = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
      if (!(first >= 0)) raise_error(L, "argument", "first", "first must be a number of rows, 0 or more");
      if (first < INT_MAX) wanted.first = (int)first;
    } else if (strcmp(key, "ids") == 0 && lua_istable(L, -1)) {
      wanted.all = false;
      for (size_t i = 1, count = lua_rawlen(L, -1); i <= count; i++) {
        lua_rawgeti(L, -1, (int)i);
        want(L, exposure, scratch);
        lua_pop(L, 1);
      }
    } else if (strcmp(key, "ids") == 0) {
      wanted.all = false;
      want(L, exposure, scratch);
    } else {
      raise_error(L, "argument", "filter", "a filter of these rows has %s, not \"%s\"", known, key);
    }
    lua_pop(L, 1);
  }
  scratch->numbers.count = sort_unique(scratch->numbers.items, scratch->numbers.count);
  wanted.entities = scratch->numbers.items;
  wanted.count = scratch->numbers.count;
  return wanted;
}

bool is_wanted(const struct wanted *wanted, uint32_t entity, uint8_t verdict) {
  if (wanted->verdict >= 0 && wanted->verdict != verdict) return false;
  if (wanted->all) return true;
  for (size_t low = 0, high = wanted->count; low < high;) {
    size_t middle = (low + high) / 2;
    if (wanted->entities[middle] == entity) return true;
    if (wanted->entities[middle] < entity) low = middle + 1;
    else high = middle;
  }
  return false;
}
