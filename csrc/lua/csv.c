/* csv: rows of any CSV file, one at a time, for scripts and readers that map columns of their own. */
#include <string.h>

#include "binding.h"
#include "engine/csv.h"

enum { ANCHOR_NAME = CHUNKS_LATEST + 1 }; /* what a reader keeps alive beside the chunks it reads */

struct csv_box {
  struct csv csv;
  struct memory memory;
  bool live, ended;
  bool held; /* a row was read that has not been handed over: the tables for it found no memory */
  struct vector_of(uint32_t) wanted; /* columns that select() chose, from 1; 0: none */
  bool selected;
  struct chunks chunks;
};

static int close_csv(lua_State *L) {
  struct csv_box *box = luaL_checkudata(L, 1, CSV_TYPE);
  if (box->live) csv_close(&box->csv);
  vector_free(&box->memory, &box->wanted);
  box->live = false;
  return 0;
}

static bool next(lua_State *L, struct csv_box *box, struct failure *failure) {
  if (!box->csv.source.reader.read) return csv_next(&box->csv, failure);
  push_anchor(L, 1);
  box->csv.source.reader = read_chunks(L, lua_gettop(L), &box->chunks);
  bool more = csv_next(&box->csv, failure);
  if (box->chunks.raised) lua_error(L);
  lua_pop(L, 1);
  return more;
}

static void push_cell(lua_State *L, const struct csv_box *box, size_t cell) {
  lua_pushlstring(L, csv_bytes(&box->csv, cell), csv_length(&box->csv, cell));
}

/* Fills the table at index 2 with the selected cells; what is empty or not there becomes nil. */
static void fill_selected(lua_State *L, const struct csv_box *box) {
  for (size_t i = 0; i < box->wanted.count; i++) {
    size_t cell = box->wanted.items[i];
    if (cell > 0 && cell <= box->csv.cells.count && csv_length(&box->csv, cell - 1) > 0) push_cell(L, box, cell - 1);
    else lua_pushnil(L);
    lua_rawseti(L, 2, (int)i + 1);
  }
}

/* row() -> cells, line | nil at the end | nil, message, code. After a row that is malformed the next one can be asked
 * for. row(into), for a reader with selected columns: fills the table -> it, line, how many cells the row has. */
static int next_row(lua_State *L) {
  struct csv_box *box = luaL_checkudata(L, 1, CSV_TYPE);
  struct failure failure = {0};
  lua_settop(L, 2);
  if (box->ended) return 0;
  if (!box->live) return raise_error(L, "closed", NULL, "this CSV file is closed");
  if (!box->held && !next(L, box, &failure)) {
    if (failure.code != FAILURE_PARSE) {
      csv_close(&box->csv);
      box->live = false;
      box->ended = failure.code == FAILURE_NONE;
    }
    return box->ended ? 0 : push_failure(L, &failure, "path");
  }
  box->held = true;
  bool into = box->selected && lua_istable(L, 2);
  if (into) {
    fill_selected(L, box);
  } else {
    lua_createtable(L, (int)box->csv.cells.count, 0);
    for (size_t i = 0; i < box->csv.cells.count; i++) {
      push_cell(L, box, i);
      lua_rawseti(L, -2, (int)i + 1);
    }
  }
  lua_pushinteger(L, (lua_Integer)box->csv.line);
  if (into) lua_pushinteger(L, (lua_Integer)box->csv.cells.count);
  box->held = false;
  return into ? 3 : 2;
}

/* select(columns): which cells the rows that follow hand over, as their numbers from 1; 0 stands for none. */
static int select_columns(lua_State *L) {
  struct csv_box *box = luaL_checkudata(L, 1, CSV_TYPE);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t count = lua_rawlen(L, 2);
  box->wanted.count = 0;
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, (int)i);
    lua_Integer column = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (!vector_push(&box->memory, &box->wanted, column > 0 && column < UINT32_MAX ? (uint32_t)column : 0))
      return luaL_error(L, "not enough memory");
  }
  box->selected = true;
  return 0;
}

/* csv(path [, separator]) or csv(read, separator, name) -> reader with :row(), :select() and :close() | nil, message,
 * code. read(): the next bytes, nil at the end; name: what messages call them. */
int csv_reader(lua_State *L) {
  struct failure failure = {0};
  bool source = lua_isfunction(L, 1);
  const char *separator = luaL_optstring(L, 2, ","), *path = luaL_checkstring(L, source ? 3 : 1);
  luaL_argcheck(L, strlen(separator) == 1 && separator[0] != '"' && separator[0] != '\n' && separator[0] != '\r', 2,
                "one byte, no quote or line break");
  struct csv_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_getmetatable(L, CSV_TYPE);
  lua_setmetatable(L, -2);
  push_chunks(L, 1, 1);
  lua_pushvalue(L, source ? 3 : 1); /* keeps the name alive: the reader borrows it */
  lua_rawseti(L, -2, ANCHOR_NAME);
  struct source_reader reader = read_chunks(L, lua_gettop(L), &box->chunks);
  set_anchor(L, -2);
  box->live = true;
  if (source) csv_open_reader(&box->csv, path, reader, separator[0], &box->memory);
  else if (!csv_open(&box->csv, path, separator[0], &box->memory, &failure)) return push_failure(L, &failure, "path");
  return 1;
}

void open_csv(lua_State *L) {
  static const luaL_Reg methods[] = {{"row", next_row}, {"select", select_columns}, {"close", close_csv}, {NULL, NULL}};
  luaL_newmetatable(L, CSV_TYPE);
  lua_pushcfunction(L, close_csv);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
