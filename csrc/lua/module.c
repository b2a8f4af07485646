/* module: luaopen_knockon_core, errors, budgets, and the small functions that need no object. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/digest.h"
#include "keeper.h"

void push_setup(lua_State *L, const char *field) {
  lua_getfield(L, LUA_REGISTRYINDEX, SETUP_KEY);
  if (lua_istable(L, -1)) lua_getfield(L, -1, field);
  else lua_pushnil(L);
  lua_remove(L, -2);
}

int raise_error(lua_State *L, const char *code, const char *argument, const char *format, ...) {
  va_list arguments;
  lua_createtable(L, 0, 4);
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_setfield(L, -2, "message");
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  if (argument) {
    lua_pushstring(L, argument);
    lua_setfield(L, -2, "argument");
  }
  push_setup(L, "errors");
  lua_setmetatable(L, -2);
  return lua_error(L);
}

int push_failure(lua_State *L, const struct failure *failure, const char *argument) {
  static const char *const codes[] = {"none", "memory", "limit", "interrupted", "parse", "io", "argument"};
  if (failure->code == FAILURE_ARGUMENT) return raise_error(L, "argument", argument, "%s", failure->message);
  if (failure->code == FAILURE_MEMORY) return luaL_error(L, "not enough memory");
  lua_pushnil(L);
  lua_pushstring(L, failure->message);
  lua_pushstring(L, codes[failure->code]);
  return 3;
}

/* ---- limits and progress ---- */

/* progress, done, total, what (light) -> go on? */
static int ask_progress(lua_State *L) {
  const char *what = lua_touserdata(L, 4);
  lua_settop(L, 3);
  lua_pushstring(L, what);
  lua_call(L, 3, 1);
  return 1;
}

/* The engine holds blocks that only it knows: nothing here may raise, so what can is left to ask_progress. */
static bool call_progress(void *context, double done, double total, const char *what) {
  struct lua_control *control = context;
  lua_State *L = control->L;
  lua_pushvalue(L, control->progress + 1);
  lua_pushvalue(L, control->progress);
  lua_pushnumber(L, done);
  lua_pushnumber(L, total);
  lua_pushlightuserdata(L, (void *)(uintptr_t)what);
  if (lua_pcall(L, 4, 1, 0) != 0) {
    control->raised = true;
    return false;
  }
  bool go_on = lua_isnil(L, -1) || lua_toboolean(L, -1);
  lua_pop(L, 1);
  return go_on;
}

void read_control(lua_State *L, int index, struct lua_control *control, struct memory *memory) {
  memset(control, 0, sizeof *control);
  control->L = L;
  lua_pushnil(L); /* the place of the progress function */
  int place = lua_gettop(L);
  lua_pushcfunction(L, ask_progress); /* beside it: in 5.1 this allocates */
  if (!lua_istable(L, index)) return;
  lua_getfield(L, index, "progress");
  if (!lua_isnil(L, -1) && !lua_isfunction(L, -1))
    raise_error(L, "argument", "progress", "progress must be a function");
  lua_replace(L, place);
  lua_getfield(L, index, "limits");
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "seconds");
    if (!lua_isnil(L, -1)) {
      if (!lua_isnumber(L, -1) || !(lua_tonumber(L, -1) >= 0))
        raise_error(L, "argument", "limits.seconds", "limits.seconds must be a number, 0 or more");
      control->control.deadline = control_now() + lua_tonumber(L, -1);
    }
    lua_getfield(L, -2, "bytes");
    if (!lua_isnil(L, -1)) {
      double bytes = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : -1;
      if (!(bytes >= 1 && bytes < 1e18))
        raise_error(L, "argument", "limits.bytes", "limits.bytes must be a number, 1 or more");
      memory->limit = (size_t)bytes;
    }
    lua_pop(L, 2);
  } else if (!lua_isnil(L, -1)) {
    raise_error(L, "argument", "limits", "limits must be a table { seconds =, bytes = }");
  }
  lua_pop(L, 1);
  if (lua_isfunction(L, place)) {
    luaL_checkstack(L, 8, "progress");
    control->progress = place;
    control->control.progress = call_progress;
    control->control.context = control;
  }
}

void end_control(lua_State *L, struct lua_control *control) {
  if (control->raised) lua_error(L);
}

void tell_collector(lua_State *L, size_t bytes) {
#if LUA_VERSION_NUM >= 502
  if (!lua_gc(L, LUA_GCISRUNNING, 0)) return; /* the user stopped it */
#endif
  size_t kilobytes = bytes / 1024;
  if (kilobytes > 1024) (void)lua_gc(L, LUA_GCSTEP, kilobytes > 1 << 24 ? 1 << 24 : (int)kilobytes);
}

/* ---- small functions ---- */

/* setup{ errors = metatable, encode = f, decode = f, null = value }: what the Lua side lends to this one. */
static int setup(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushvalue(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, SETUP_KEY);
  return 0;
}

/* share(value) -> lo, hi in parts per billion | nil, message. A number is a fraction. */
static int share(lua_State *L) {
  struct failure failure = {0};
  struct share parsed;
  size_t length;
  bool number = lua_type(L, 1) == LUA_TNUMBER;
  const char *text = number ? number_text(L, 1, &length) : luaL_checklstring(L, 1, &length);
  if (!share_parse(text, length, number, &parsed, &failure)) {
    lua_pushnil(L);
    lua_pushstring(L, failure.message);
    return 2;
  }
  lua_pushnumber(L, parsed.lo);
  lua_pushnumber(L, parsed.hi);
  return 2;
}

/* percent(parts per billion) -> "50%" */
static int percent(lua_State *L) {
  char text[SHARE_TEXT];
  lua_Number bound = luaL_checknumber(L, 1);
  share_format_bound(bound > 0 ? (uint64_t)bound : 0, text);
  lua_pushstring(L, text);
  return 1;
}

/* date(text) -> day | nil, message */
static int date(lua_State *L) {
  struct failure failure = {0};
  size_t length;
  int32_t day;
  const char *text = luaL_checklstring(L, 1, &length);
  if (!date_parse(text, length, &day, &failure)) {
    lua_pushnil(L);
    lua_pushstring(L, failure.message);
    return 2;
  }
  lua_pushinteger(L, day);
  return 1;
}

/* day_text(day) -> "2018-03-05" */
static int day_text(lua_State *L) {
  lua_Number day = luaL_checknumber(L, 1);
  luaL_argcheck(L, day >= DATE_FIRST && day <= DATE_LAST, 1, "outside the years 1 to 9999");
  push_day(L, (int32_t)day);
  return 1;
}

static int today(lua_State *L) {
  lua_pushinteger(L, date_today());
  return 1;
}

static int sha256(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  struct digest digest;
  char hex[65];
  digest_open(&digest);
  digest_add(&digest, bytes, length);
  digest_close(&digest, hex);
  lua_pushlstring(L, hex, 64);
  return 1;
}

/* invalid_utf8(text) -> position of the first bad byte, or nil */
static int invalid_utf8(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  size_t at = text_invalid_at(bytes, length);
  if (at == length) lua_pushnil(L);
  else lua_pushinteger(L, (lua_Integer)at + 1);
  return 1;
}

static int is_terminal(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* make_folder(path) -> true (made, or there already) | nil, message */
static int make_folder(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  if (mkdir(path, 0777) != 0 && errno != EEXIST) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, strerror(errno));
    return 2;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* file_kind(path) -> "none" | "file", its path without symlinks | "stream": a pipe, a device or a socket
   | "other": a folder, or a link to nothing */
static int file_kind(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct stat status;
  char resolved[PATH_MAX];
  bool there = stat(path, &status) == 0;
  if (there && S_ISREG(status.st_mode) && realpath(path, resolved)) {
    lua_pushliteral(L, "file");
    lua_pushstring(L, resolved);
    return 2;
  }
  if (there && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) lua_pushliteral(L, "stream");
  else if (there || lstat(path, &status) == 0) lua_pushliteral(L, "other");
  else lua_pushliteral(L, "none");
  return 1;
}

/* copy_mode(from, to): gives `to` the owner and the mode of `from`, as far as that is allowed. */
static int copy_mode(lua_State *L) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  struct stat status;
  bool done = false;
  if (stat(from, &status) == 0) {
    mode_t mode = status.st_mode & 07777;
    if (chown(to, status.st_uid, status.st_gid) != 0) mode &= 0777; /* no other user's program */
    done = chmod(to, mode) == 0;
  }
  lua_pushboolean(L, done);
  return 1;
}

/* replace(temporary, path) -> true | nil, cause */
static int replace_file(lua_State *L) {
  const char *temporary = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  if (rename(temporary, path) != 0) {
    int cause = errno;
    (void)unlink(temporary);
    lua_pushnil(L);
    lua_pushstring(L, strerror(cause));
    return 2;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* processors() -> how many threads can run at once */
static int processors(lua_State *L) {
#if defined(_SC_NPROCESSORS_ONLN)
  long count = sysconf(_SC_NPROCESSORS_ONLN);
#else
  long count = 1;
#endif
  lua_pushinteger(L, count < 1 ? 1 : (lua_Integer)count);
  return 1;
}

static int now(lua_State *L) {
  lua_pushnumber(L, control_now());
  return 1;
}

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int luaopen_knockon_core(lua_State *L);

int luaopen_knockon_core(lua_State *L) {
  static const luaL_Reg functions[] = {{"setup", setup},
                                       {"share", share},
                                       {"percent", percent},
                                       {"date", date},
                                       {"day_text", day_text},
                                       {"today", today},
                                       {"sha256", sha256},
                                       {"invalid_utf8", invalid_utf8},
                                       {"isatty", is_terminal},
                                       {"now", now},
                                       {"processors", processors},
                                       {"make_folder", make_folder},
                                       {"file_kind", file_kind},
                                       {"copy_mode", copy_mode},
                                       {"replace", replace_file},
                                       {"csv", csv_reader},
                                       {"open", open_snapshot},
                                       {"snapshot_checksum", checksum_of_text},
                                       {NULL, NULL}};
#if LUA_VERSION_NUM >= 502
  luaL_checkversion(L);
#endif
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  open_scratch(L);
  open_keeper(L);
  open_csv(L);
  open_files(L);
  open_doubtful(L);
  open_freezer(L);
  open_network(L);
  open_overlay(L);
  open_exposure(L);
  open_subgraph(L);
  open_paths(L);
  open_graph(L);
  open_tally(L);
  open_sweep(L);
  return 1;
}
