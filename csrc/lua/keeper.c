#include <string.h>

#include "keeper.h"

#define KEEPER_TYPE "knockon.keeper"

struct keeper {
  void (*close)(void *block);
  union {
    void *pointer;
    double number;
    uint64_t integer;
  } block[]; /* aligned for anything the engine has */
};

void *keep(lua_State *L, size_t size, void (*close)(void *block)) {
  struct keeper *keeper = lua_newuserdata(L, sizeof *keeper + size);
  memset(keeper, 0, sizeof *keeper + size);
  luaL_getmetatable(L, KEEPER_TYPE);
  lua_setmetatable(L, -2);
  keeper->close = close;
  return keeper->block;
}

static int close_keeper(lua_State *L) {
  struct keeper *keeper = luaL_checkudata(L, 1, KEEPER_TYPE);
  if (keeper->close) keeper->close(keeper->block);
  keeper->close = NULL;
  return 0;
}

void keep_end(lua_State *L, int index) {
  struct keeper *keeper = lua_touserdata(L, index);
  if (keeper->close) keeper->close(keeper->block);
  keeper->close = NULL;
}

void open_keeper(lua_State *L) {
  luaL_newmetatable(L, KEEPER_TYPE);
  lua_pushcfunction(L, close_keeper);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
