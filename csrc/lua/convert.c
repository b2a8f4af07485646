/* convert: tables to records and filters, columns and rows to tables. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

/* ---- scratch ---- */

struct scratch *push_scratch(lua_State *L) {
  struct scratch *scratch = lua_newuserdata(L, sizeof *scratch);
  memset(scratch, 0, sizeof *scratch);
  luaL_getmetatable(L, SCRATCH_TYPE);
  lua_setmetatable(L, -2);
  return scratch;
}

static int scratch_gc(lua_State *L) {
  struct scratch *scratch = luaL_checkudata(L, 1, SCRATCH_TYPE);
  vector_free(&scratch->memory, &scratch->numbers);
  vector_free(&scratch->memory, &scratch->proof);
  vector_free(&scratch->memory, &scratch->spends);
  vector_free(&scratch->memory, &scratch->red_flags);
  vector_free(&scratch->memory, &scratch->rings);
  vector_free(&scratch->memory, &scratch->inputs);
  ndjson_rest_close(&scratch->rest);
  vector_free(&scratch->memory, &scratch->named);
  if (scratch->filter_live) filter_close(&scratch->filter);
  scratch->filter_live = false;
  return 0;
}

void open_scratch(lua_State *L) {
  luaL_newmetatable(L, SCRATCH_TYPE);
  lua_pushcfunction(L, scratch_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

/* ---- numbers, whatever the locale of the host ---- */

const char *number_text(lua_State *L, int index, size_t *length) {
  char text[40];
  lua_Number number = lua_tonumber(L, index);
  if (number == floor(number) && fabs(number) < 1e15) {
    (void)snprintf(text, sizeof text, "%.0f", number);
  } else {
    for (int digits = 15; digits <= 17; digits++) {
      (void)snprintf(text, sizeof text, "%.*g", digits, number);
      if (strtod(text, NULL) == number) break;
    }
    const char *point = localeconv()->decimal_point;
    char *at = point[0] == '.' ? NULL : strstr(text, point);
    if (at) {
      *at = '.';
      memmove(at + 1, at + strlen(point), strlen(at + strlen(point)) + 1);
    }
  }
  lua_pushstring(L, text);
  return lua_tolstring(L, -1, length);
}

static void push_number(lua_State *L, const char *text) {
  char local[80];
  const char *point = localeconv()->decimal_point, *dot = strchr(text, '.');
  bool whole = strpbrk(text, ".eE") == NULL && strlen(text) < 16;
  if (whole) {
    lua_pushinteger(L, (lua_Integer)strtoll(text, NULL, 10));
    return;
  }
  if (dot && point[0] != '.' && strlen(text) + strlen(point) < sizeof local) {
    size_t whole_part = (size_t)(dot - text);
    memcpy(local, text, whole_part);
    memcpy(local + whole_part, point, strlen(point));
    memcpy(local + whole_part + strlen(point), dot + 1, strlen(dot)); /* its NUL too */
    text = local;
  }
  lua_pushnumber(L, strtod(text, NULL));
}

/* ---- records ---- */

static void add_input(lua_State *L, struct scratch *scratch, const struct input *input) {
  if (!vector_push(&scratch->memory, &scratch->inputs, *input)) luaL_error(L, "not enough memory");
}

/* The value on top as one input. Strings are borrowed; what is made here is kept in `keep` (a table) until the record
 * has been read. */
static bool read_scalar(lua_State *L, struct input *input, int keep) {
  int type = lua_type(L, -1);
  if (type == LUA_TSTRING) {
    input->type = FIELD_TEXT;
    input->bytes = lua_tolstring(L, -1, &input->length);
  } else if (type == LUA_TNUMBER) {
    lua_Number number = lua_tonumber(L, -1);
    if (number != number || number - number != 0) return false; /* NaN, infinities */
    input->type = FIELD_NUMBER;
    input->bytes = number_text(L, -1, &input->length);
    luaL_ref(L, keep);
  } else if (type == LUA_TBOOLEAN) {
    input->type = lua_toboolean(L, -1) ? FIELD_TRUE : FIELD_FALSE;
    input->bytes = "";
    input->length = 0;
  } else {
    return false;
  }
  return true;
}

static bool is_null(lua_State *L, int index) {
  return lua_islightuserdata(L, index) && lua_touserdata(L, index) == NULL; /* cjson.null */
}

/* A table is a list when it is a sequence of scalars, else it is kept as JSON. */
static void read_table(lua_State *L, struct scratch *scratch, struct input *input, int keep, const char *argument) {
  size_t count = lua_rawlen(L, -1), pairs = 0, first = scratch->inputs.count;
  bool list = true;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    pairs++;
    int type = lua_type(L, -1);
    list =
        list && lua_type(L, -2) == LUA_TNUMBER && (type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN);
    lua_pop(L, 1);
  }
  if (pairs == 0) {
    input->type = FIELD_EMPTY_LIST;
    input->bytes = "";
    input->length = 0;
    add_input(L, scratch, input);
    return;
  }
  if (list && pairs == count) {
    for (size_t i = 1; i <= count; i++) {
      lua_rawgeti(L, -1, (int)i);
      input->in_list = true;
      if (!read_scalar(L, input, keep))
        raise_error(L, "argument", argument, "%s: '%s' has a number that is not finite", argument, input->key);
      add_input(L, scratch, input);
      lua_pop(L, 1);
    }
    return;
  }
  scratch->inputs.count = first;
  push_setup(L, "encode");
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  input->type = FIELD_JSON;
  input->bytes = lua_tolstring(L, -1, &input->length);
  luaL_ref(L, keep);
  add_input(L, scratch, input);
}

void read_inputs(lua_State *L, int index, struct scratch *scratch, const char *argument) {
  luaL_checkstack(L, 12, argument);
  scratch->inputs.count = 0;
  lua_newtable(L);
  int keep = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    struct input input = {0};
    if (lua_type(L, -2) != LUA_TSTRING)
      raise_error(L, "argument", argument, "%s: a record has named fields only", argument);
    input.key = lua_tolstring(L, -2, &input.key_length);
    input.known = (uint8_t)known_field(input.key, input.key_length);
    if (is_null(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    if (lua_istable(L, -1)) {
      read_table(L, scratch, &input, keep, argument);
    } else if (read_scalar(L, &input, keep)) {
      add_input(L, scratch, &input);
    } else {
      raise_error(L, "argument", argument, "%s: '%s' is a %s, which cannot be kept", argument, input.key,
                  lua_type(L, -1) == LUA_TNUMBER ? "number that is not finite" : luaL_typename(L, -1));
    }
    lua_pop(L, 1);
  }
  /* `keep` stays on the stack: it holds the texts made here */
}

/* ---- filters ---- */

static void add_condition_value(lua_State *L, struct filter *filter, const char *argument) {
  size_t length;
  const char *bytes;
  int type = lua_type(L, -1);
  if (type == LUA_TBOOLEAN) {
    bytes = lua_toboolean(L, -1) ? "true" : "false";
    length = strlen(bytes);
    lua_pushnil(L); /* keeps the stack even with the other branches */
  } else if (type == LUA_TNUMBER) {
    bytes = number_text(L, -1, &length);
  } else if (type == LUA_TSTRING) {
    bytes = lua_tolstring(L, -1, &length);
    lua_pushnil(L);
  } else {
    raise_error(L, "argument", argument, "%s: a condition is a text, a number, a boolean or a list of them, not a %s",
                argument, luaL_typename(L, -1));
    return;
  }
  bool added = filter_value(filter, bytes, length);
  lua_pop(L, 1);
  if (!added) luaL_error(L, "not enough memory");
}

void read_filter(lua_State *L, int index, struct filter *filter, struct memory *memory, const char *argument) {
  luaL_checkstack(L, 8, argument);
  if (!filter->memory && !filter_open(filter, memory)) luaL_error(L, "not enough memory");
  lua_pushnil(L);
  while (lua_next(L, index)) {
    size_t length;
    if (lua_type(L, -2) != LUA_TSTRING)
      raise_error(L, "argument", argument, "%s: a filter has named fields: { field = value }", argument);
    const char *name = lua_tolstring(L, -2, &length);
    if (!filter_condition(filter, name, length)) luaL_error(L, "not enough memory");
    if (lua_istable(L, -1)) {
      size_t count = lua_rawlen(L, -1);
      for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (int)i);
        add_condition_value(L, filter, argument);
        lua_pop(L, 1);
      }
      if (count == 0) { /* an empty list matches nothing; named fields are a mistake */
        lua_pushnil(L);
        if (lua_next(L, -2))
          raise_error(L, "argument", argument, "%s: the values of '%s' must be a list", argument, name);
      }
    } else {
      add_condition_value(L, filter, argument);
    }
    lua_pop(L, 1);
  }
}

/* ---- from the engine to Lua ---- */

void push_text(lua_State *L, const struct texts *texts, uint32_t text) {
  lua_pushlstring(L, text_bytes(texts, text), text_length(texts, text));
}

void push_entity_id(lua_State *L, const struct network *network, uint32_t entity) {
  push_text(L, &network->texts, network->entity_id.items[entity]);
}

void push_relation_id(lua_State *L, const struct overlay *overlay, uint32_t relation) {
  char spare[DEFAULT_ID];
  size_t length;
  const char *id = overlay_relation_id(overlay, relation, spare, &length);
  lua_pushlstring(L, id, length);
}

void push_day(lua_State *L, int32_t day) {
  char text[DATE_TEXT];
  date_format(day, text);
  lua_pushstring(L, text);
}

bool read_day(lua_State *L, int index, int32_t *day, const char *argument) {
  struct failure failure = {0};
  size_t length;
  *day = DATE_MISSING;
  if (lua_isnoneornil(L, index)) return false;
  if (lua_type(L, index) != LUA_TSTRING)
    raise_error(L, "argument", argument, "%s must be a date such as \"2018-03-05\", not a %s", argument,
                luaL_typename(L, index));
  const char *text = lua_tolstring(L, index, &length);
  if (!date_parse(text, length, day, &failure))
    raise_error(L, "argument", argument, "%s: %s", argument, failure.message);
  return true;
}

static void push_bound(lua_State *L, uint64_t bound) {
  char text[SHARE_TEXT];
  share_format_bound(bound, text);
  lua_pushstring(L, text);
}

void push_share(lua_State *L, uint64_t lo, uint64_t hi) {
  lua_createtable(L, 2, 0);
  push_bound(L, lo);
  lua_rawseti(L, -2, 1);
  push_bound(L, hi);
  lua_rawseti(L, -2, 2);
}

static void push_value(lua_State *L, const struct texts *texts, const struct field *field) {
  switch (field->type) {
  case FIELD_NUMBER: push_number(L, text_bytes(texts, field->value)); break;
  case FIELD_TRUE: lua_pushboolean(L, 1); break;
  case FIELD_FALSE: lua_pushboolean(L, 0); break;
  case FIELD_EMPTY_LIST: lua_newtable(L); break;
  case FIELD_JSON:
    push_setup(L, "decode");
    push_text(L, texts, field->value);
    lua_call(L, 1, 1);
    break;
  default: push_text(L, texts, field->value); /* FIELD_TEXT, and what a damaged file may say */
  }
}

/* Fields not yet in the table on top. */
void push_fields(lua_State *L, const struct fields *fields, uint32_t run) {
  if (run >= fields->items.count) return;
  luaL_checkstack(L, 6, "fields");
  for (const struct field *field = fields->items.items + run;; field++) {
    push_text(L, fields->texts, field->key < fields->keys.count ? fields->keys.items[field->key] : TEXT_NONE);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    bool known = !lua_isnil(L, -1);
    if (field->in_list) {
      if (!known) { /* the whole list at once */
        lua_pop(L, 1);
        lua_newtable(L);
        int n = 0;
        for (const struct field *item = field; item; item = fields_next(item, field->key)) {
          push_value(L, fields->texts, item);
          lua_rawseti(L, -2, ++n);
        }
        lua_rawset(L, -3);
      } else {
        lua_pop(L, 2);
      }
    } else {
      lua_pop(L, 1);
      if (known) {
        lua_pop(L, 1);
      } else {
        push_value(L, fields->texts, field);
        lua_rawset(L, -3);
      }
    }
    if (field->last) return;
  }
}

static void push_validity(lua_State *L, struct validity validity) {
  if (validity.since != DATE_MISSING) {
    push_day(L, validity.since);
    lua_setfield(L, -2, "since");
  }
  if (validity.until != DATE_MISSING) {
    push_day(L, validity.until);
    lua_setfield(L, -2, "until");
  }
}

/* The record as it was given, or the entity with what all its records say. */
void push_entity(lua_State *L, const struct network *network, uint32_t entity, bool whole) {
  lua_createtable(L, 0, 6);
  push_entity_id(L, network, entity);
  lua_setfield(L, -2, "id");
  push_validity(L, network_entity_validity(network, entity));
  for (; entity != ENTITY_NONE; entity = whole && network->same_next ? network->same_next[entity] : ENTITY_NONE)
    push_fields(L, &network->fields, network->entity_fields.items[entity]);
}

void push_relation(lua_State *L, const struct overlay *overlay, uint32_t relation) {
  const struct network *network = overlay->network;
  bool added = overlay_is_added(overlay, relation);
  enum relation_kind kind = overlay_kind(overlay, relation);
  uint32_t from = overlay_from(overlay, relation), to = overlay_to(overlay, relation);
  for (size_t low = 0, high = added ? 0 : network->aliased.count / 3; low < high;) { /* ends as they were given */
    const uint32_t *middle = network->aliased.items + 3 * ((low + high) / 2);
    if (middle[0] == relation) from = middle[1], to = middle[2];
    if (middle[0] < relation) low = (low + high) / 2 + 1;
    else high = (low + high) / 2;
  }
  lua_createtable(L, 0, 8);
  push_relation_id(L, overlay, relation);
  lua_setfield(L, -2, "id");
  lua_pushstring(L, relation_kind_name[kind]);
  lua_setfield(L, -2, "kind");
  push_entity_id(L, network, from);
  lua_setfield(L, -2, "from");
  push_entity_id(L, network, to);
  lua_setfield(L, -2, "to");
  if (kind == RELATION_OWNS) {
    struct share share = added ? overlay_added(overlay, relation)->share : network_share(network, relation);
    if (share.lo != share_unknown.lo || share.hi != share_unknown.hi) {
      char text[SHARE_TEXT];
      share_format(share, text);
      lua_pushstring(L, text);
      lua_setfield(L, -2, "share");
    }
    if (overlay_kind_byte(overlay, relation) & RELATION_VOTES) {
      lua_pushliteral(L, "votes");
      lua_setfield(L, -2, "basis");
    }
  }
  push_validity(L, overlay_validity(overlay, relation));
  push_fields(L, added ? &overlay->fields : &network->fields,
              added ? overlay_added(overlay, relation)->fields : network_relation_fields(network, relation));
}
