/* chunks: the bytes that a Lua function gives, one text after another, for a source of the engine. */
#include <string.h>

#include "binding.h"

void push_chunks(lua_State *L, int read, int more) {
  lua_createtable(L, CHUNKS_LATEST + more, 0);
  lua_pushvalue(L, read);
  lua_rawseti(L, -2, CHUNKS_READ);
  lua_pushboolean(L, 0);
  lua_rawseti(L, -2, CHUNKS_LATEST);
}

/* A chunk too long for the room is used bit by bit. Nothing here may raise: the engine holds what only it knows. */
static bool read_chunk(void *context, char *into, size_t room, size_t *got, struct failure *failure) {
  struct chunks *chunks = context;
  lua_State *L = chunks->L;
  int top = lua_gettop(L);
  size_t length = 0;
  const char *bytes;
  lua_rawgeti(L, chunks->place, CHUNKS_LATEST);
  bytes = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  while (!bytes || chunks->at >= length) {
    lua_settop(L, top);
    lua_rawgeti(L, chunks->place, CHUNKS_READ);
    if (lua_pcall(L, 0, 1, 0) != 0) {
      chunks->raised = true;
      return fail(failure, FAILURE_INTERRUPTED, "the source of the bytes failed");
    }
    if (lua_type(L, -1) != LUA_TSTRING) {
      lua_settop(L, top);
      *got = 0;
      return true;
    }
    bytes = lua_tolstring(L, -1, &length);
    chunks->at = 0;
    lua_pushvalue(L, -1);
    lua_rawseti(L, chunks->place, CHUNKS_LATEST); /* the slot is there: this takes no memory */
  }
  *got = length - chunks->at < room ? length - chunks->at : room;
  memcpy(into, bytes + chunks->at, *got);
  chunks->at += *got;
  lua_settop(L, top);
  return true;
}

struct source_reader read_chunks(lua_State *L, int place, struct chunks *chunks) {
  luaL_checkstack(L, 8, "reading");
  chunks->L = L;
  chunks->place = place;
  chunks->raised = false;
  return (struct source_reader){read_chunk, chunks};
}
