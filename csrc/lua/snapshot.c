/* snapshot: a network written to a file piece by piece, and opened from one. */
#include <string.h>

#include "binding.h"
#include "engine/snapshot.h"

enum { PIECE = 1 << 18 }; /* bytes that are handed over at a time */

struct freezer_box { /* its anchor table keeps the network at [1] and the facts at [2] */
  struct freezing freezing;
  struct network_box *network;
};

static int close_freezer(lua_State *L) {
  struct freezer_box *box = luaL_checkudata(L, 1, FREEZER_TYPE);
  snapshot_end(&box->freezing);
  return 0;
}

/* freezer(version, facts) -> the file in the making. facts: what the Lua side knows of the network, as text. */
int new_freezer(lua_State *L) {
  struct network_box *network = check_network(L, 1);
  struct failure failure = {0};
  size_t length;
  const char *version = luaL_checkstring(L, 2), *facts = luaL_checklstring(L, 3, &length);
  if (!network->network.sealed) return raise_error(L, "argument", NULL, "this network is still being built");
  struct freezer_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_getmetatable(L, FREEZER_TYPE);
  lua_setmetatable(L, -2);
  lua_createtable(L, 2, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, 2);
  set_anchor(L, -2);
  box->network = network;
  if (!snapshot_begin(&box->freezing, &network->network, version, facts, length, &failure))
    return push_failure(L, &failure, NULL);
  return 1;
}

/* piece() -> the next bytes of the file; nil at its end */
static int next_piece(lua_State *L) {
  struct freezer_box *box = luaL_checkudata(L, 1, FREEZER_TYPE);
  size_t length;
  if (!box->network->live) return raise_error(L, "closed", NULL, "this network is closed");
  const char *bytes = snapshot_piece(&box->freezing, PIECE, &length);
  if (bytes) lua_pushlstring(L, bytes, length);
  else lua_pushnil(L);
  return 1;
}

/* open(path, version, all, opts) -> network, facts | nil, message, code */
int open_snapshot(lua_State *L) {
  struct failure failure = {0};
  const char *path = luaL_checkstring(L, 1), *version = luaL_checkstring(L, 2), *facts = "";
  bool all = lua_toboolean(L, 3);
  size_t length = 0;
  lua_settop(L, 4);
  struct network_box *box = push_network(L);
  struct lua_control control;
  read_control(L, 4, &control, &box->network.memory);
  box->at_work++;
  bool opened = snapshot_open(&box->network, path, version, all, &facts, &length, &control.control, &failure);
  box->at_work--;
  if (!opened) {
    network_close(&box->network);
    box->live = false;
  }
  end_control(L, &control);
  if (!opened) return push_failure(L, &failure, "path");
  box->network.memory.limit = 0;
  lua_pushvalue(L, 5);
  lua_pushlstring(L, facts, length);
  return 2;
}

/* snapshot_checksum(text) -> the eight bytes that a snapshot keeps for a section that is this text: with them the specs
 * write files that lie */
int checksum_of_text(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  uint64_t sum = snapshot_checksum(bytes, length);
  lua_pushlstring(L, (const char *)&sum, sizeof sum);
  return 1;
}

void open_freezer(lua_State *L) {
  static const luaL_Reg methods[] = {{"piece", next_piece}, {"close", close_freezer}, {NULL, NULL}};
  luaL_newmetatable(L, FREEZER_TYPE);
  lua_pushcfunction(L, close_freezer);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
