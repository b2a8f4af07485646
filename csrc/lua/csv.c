/* csv: rows of any CSV file, one at a time, for scripts that map columns of their own. */
#include <string.h>

#include "binding.h"
#include "engine/csv.h"

struct csv_box {
  struct csv csv;
  struct memory memory;
  bool live, ended;
  bool held; /* a row was read that has not been handed over: the tables for it found no memory */
};

static int close_csv(lua_State *L) {
  struct csv_box *box = luaL_checkudata(L, 1, CSV_TYPE);
  if (box->live) csv_close(&box->csv);
  box->live = false;
  return 0;
}

/* row() -> list of cells, line | nil at the end | nil, message, code */
static int next_row(lua_State *L) {
  struct csv_box *box = luaL_checkudata(L, 1, CSV_TYPE);
  struct failure failure = {0};
  if (box->ended) return 0;
  if (!box->live) return raise_error(L, "closed", NULL, "this CSV file is closed");
  if (!box->held && !csv_next(&box->csv, &failure)) {
    csv_close(&box->csv);
    box->live = false;
    box->ended = failure.code == FAILURE_NONE;
    return box->ended ? 0 : push_failure(L, &failure, "path");
  }
  box->held = true;
  lua_createtable(L, (int)box->csv.cells.count, 0);
  for (size_t i = 0; i < box->csv.cells.count; i++) {
    lua_pushlstring(L, csv_bytes(&box->csv, i), csv_length(&box->csv, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)box->csv.line);
  box->held = false;
  return 2;
}

/* csv(path [, separator]) -> reader with :row() and :close() | nil, message, code */
int csv_reader(lua_State *L) {
  struct failure failure = {0};
  const char *path = luaL_checkstring(L, 1), *separator = luaL_optstring(L, 2, ",");
  luaL_argcheck(L, strlen(separator) == 1 && separator[0] != '"' && separator[0] != '\n' && separator[0] != '\r', 2,
                "one byte, no quote or line break");
  struct csv_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_getmetatable(L, CSV_TYPE);
  lua_setmetatable(L, -2);
  lua_createtable(L, 1, 0); /* keeps the path alive: the reader borrows it */
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  set_anchor(L, -2);
  box->live = true;
  if (!csv_open(&box->csv, path, separator[0], &box->memory, &failure)) return push_failure(L, &failure, "path");
  return 1;
}

void open_csv(lua_State *L) {
  static const luaL_Reg methods[] = {{"row", next_row}, {"close", close_csv}, {NULL, NULL}};
  luaL_newmetatable(L, CSV_TYPE);
  lua_pushcfunction(L, close_csv);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
