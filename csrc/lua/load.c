/* load: files of records into a network that is being built. */
#include <stdio.h>
#include <string.h>

#include "binding.h"
#include "engine/ndjson.h"
#include "engine/tables.h"

void note_skipped(void *context, const char *message) {
  struct network_box *box = context;
  char repaired[600];
  (void)snprintf(repaired, sizeof repaired, "%s", message);
  text_repair(repaired);
  uint32_t text = text_intern(&box->skipped_texts, repaired, strlen(repaired));
  if (text == TEXT_NONE || !vector_push(&box->memory, &box->skipped, text)) box->out_of_memory = true;
}

bool read_skip(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  lua_getfield(L, index, "on_error");
  const char *word = lua_tostring(L, -1);
  bool skip = word && strcmp(word, "skip") == 0;
  lua_pop(L, 1);
  return skip;
}

/* The function at index 5, where there is one, gives the bytes of a file. */
static struct source_reader *read_bytes(lua_State *L, struct chunks *chunks, struct source_reader *reader) {
  if (!lua_isfunction(L, 5)) return NULL;
  push_chunks(L, 5, 0);
  *reader = read_chunks(L, lua_gettop(L), chunks);
  return reader;
}

/* read_csv(path, "entities" | "relations", opts [, read]) -> sha256 | nil, message, code. read(): the next bytes of the
 * file, nil at the end, where it is packed. */
int read_csv(lua_State *L) {
  struct network_box *box = check_draft(L);
  struct failure failure = {0};
  const char *path = luaL_checkstring(L, 2);
  bool relations = strcmp(luaL_checkstring(L, 3), "relations") == 0;
  struct skipped skipped = {note_skipped, box};
  bool skip = read_skip(L, 4);
  struct lua_control control;
  struct digest digest;
  char hex[65];
  struct chunks chunks = {0};
  struct source_reader bytes, *given = read_bytes(L, &chunks, &bytes);
  read_control(L, 4, &control, &box->network.memory);
  digest_open(&digest);
  box->at_work++;
  bool read = network_read_csv(&box->network, path, given, relations, skip ? &skipped : NULL, &digest, &control.control,
                               &failure);
  box->at_work--;
  if (chunks.raised) lua_error(L);
  end_control(L, &control);
  if (box->out_of_memory) return luaL_error(L, "not enough memory");
  if (!read) return push_failure(L, &failure, "path");
  digest_close(&digest, hex);
  lua_pushlstring(L, hex, 64);
  return 1;
}

/* ---- newline-delimited JSON ---- */

/* What an object or a list with tables in it is kept as. Its places on the stack: the function that asks, what it asks,
 * and the last text it gave, which lives as long as it stands there. */
struct lua_nested {
  lua_State *L;
  int place;
  const char *bytes;
  size_t length;
};

static int ask_nested(lua_State *L) { /* function, struct -> text | nil, message */
  const struct lua_nested *nested = lua_touserdata(L, 2);
  lua_settop(L, 1);
  lua_pushlstring(L, nested->bytes, nested->length);
  lua_call(L, 1, 2);
  return 2;
}

/* The engine holds blocks that only it knows: nothing here may raise, so what can is left to ask_nested. */
static const char *encode_nested(void *context, const char *bytes, size_t length, size_t *written,
                                 struct failure *failure) {
  struct lua_nested *nested = context;
  lua_State *L = nested->L;
  nested->bytes = bytes;
  nested->length = length;
  lua_settop(L, nested->place + 1);
  lua_pushvalue(L, nested->place);
  lua_pushvalue(L, nested->place + 1);
  lua_pushlightuserdata(L, nested);
  if (lua_pcall(L, 2, 2, 0) != 0) {
    (void)fail(failure, FAILURE_MEMORY, "out of memory");
    return NULL;
  }
  if (lua_type(L, -2) == LUA_TSTRING) return lua_tolstring(L, -2, written);
  (void)fail(failure, FAILURE_PARSE, "%s", lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "not to be kept");
  return NULL;
}

static enum ndjson_part check_part(lua_State *L, int index) {
  static const char *const parts[] = {"any", "entities", "relations", "restrictions", NULL};
  return (enum ndjson_part)luaL_checkoption(L, index, "any", parts);
}

/* read_ndjson(path, "any" | "entities" | "relations" | "restrictions", opts [, read]) -> sha256, list of { text, line }
 * of the heading and the restrictions | nil, message, code */
int read_ndjson(lua_State *L) {
  struct network_box *box = check_draft(L);
  struct failure failure = {0};
  const char *path = luaL_checkstring(L, 2);
  enum ndjson_part part = check_part(L, 3);
  struct skipped skipped = {note_skipped, box};
  bool skip = read_skip(L, 4);
  struct lua_control control;
  struct digest digest;
  char hex[65];
  luaL_checkstack(L, 16, "reading");
  struct chunks chunks = {0};
  struct source_reader bytes, *given = read_bytes(L, &chunks, &bytes);
  struct scratch *scratch = push_scratch(L);
  read_control(L, 4, &control, &box->network.memory);
  lua_pushcfunction(L, ask_nested);
  push_setup(L, "nested");
  struct lua_nested nested = {.L = L, .place = lua_gettop(L) - 1};
  struct ndjson_nested encoder = {encode_nested, &nested};
  digest_open(&digest);
  box->at_work++;
  bool read = network_read_ndjson(&box->network, path, given, part, &encoder, &scratch->rest, skip ? &skipped : NULL,
                                  &digest, &control.control, &failure);
  box->at_work--;
  if (chunks.raised) lua_error(L);
  end_control(L, &control);
  if (box->out_of_memory) return luaL_error(L, "not enough memory");
  if (!read) return push_failure(L, &failure, "path");
  digest_close(&digest, hex);
  lua_pushlstring(L, hex, 64);
  lua_createtable(L, (int)scratch->rest.lines.count, 0);
  for (size_t i = 0; i < scratch->rest.lines.count; i++) {
    const struct ndjson_line *line = &scratch->rest.lines.items[i];
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, scratch->rest.bytes.items + line->start, line->length);
    lua_setfield(L, -2, "text");
    lua_pushinteger(L, (lua_Integer)line->line);
    lua_setfield(L, -2, "line");
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 2;
}
