/* paths: the best proofs of one entity as tables. */
#include <string.h>

#include "rows.h"
#include "engine/paths.h"

#define PATHS_TYPE "knockon.paths"

struct paths_box {
  struct memory memory;
  struct paths paths;
};

static int close_paths(lua_State *L) {
  struct paths_box *box = luaL_checkudata(L, 1, PATHS_TYPE);
  paths_close(&box->paths);
  return 0;
}

static void push_found(lua_State *L, const struct exposure *exposure, const struct paths *paths, size_t number) {
  const struct found_path *path = &paths->paths.items[number];
  struct proof steps = {.items = paths->steps.items + path->first, .count = path->count};
  lua_createtable(L, 0, 4);
  push_path(L, exposure, &steps, true);
  lua_setfield(L, -2, "path");
  lua_pushinteger(L, (lua_Integer)path->length);
  lua_setfield(L, -2, "steps");
  bool holds = false;
  for (size_t i = 0; i < path->count; i++)
    holds = holds || (steps.items[i].relation != RELATION_NONE &&
                      overlay_kind(exposure->overlay, steps.items[i].relation) == RELATION_OWNS);
  if (holds) {
    push_share(L, path->share, path->share);
    lua_rawgeti(L, -1, 1);
    lua_setfield(L, -3, "share");
    lua_pop(L, 1);
  }
  if (path->reliance < RELIANCE_STRONGEST && reliance_name[path->reliance])
    set_text(L, "reliance", reliance_name[path->reliance]);
}

/* paths(id, most, strongest, opts) -> { path =, steps =, share =, reliance = } …, truncated, total or nil | false: it
 * is neither parent, user nor restricted | nil, message, code */
static int find_paths(lua_State *L) {
  struct exposure_box *exposure = check_exposure(L, 1);
  uint32_t entity = check_entity(L, network_of(&exposure->exposure), 2, "id");
  double most = luaL_checknumber(L, 3);
  lua_settop(L, 5);
  struct failure failure = {0};
  struct lua_control control;
  struct paths_box *box = lua_newuserdata(L, sizeof *box); /* 6 */
  memset(box, 0, sizeof *box);
  luaL_getmetatable(L, PATHS_TYPE);
  lua_setmetatable(L, 6);
  read_control(L, 5, &control, &box->memory);
  bool found;
  exposure->overlay->at_work++;
  exposure->overlay->network->at_work++;
  bool fine = paths_find(&box->paths, &exposure->exposure, entity, (size_t)most,
                         lua_toboolean(L, 4) ? WEIGHT_STRONGEST : WEIGHT_STEPS, &found, &box->memory, &control.control,
                         &failure);
  exposure->overlay->network->at_work--;
  exposure->overlay->at_work--;
  end_control(L, &control);
  if (!fine) return push_failure(L, &failure, NULL);
  if (!found) {
    lua_pushboolean(L, 0);
    return 1;
  }
  lua_createtable(L, (int)box->paths.paths.count, 0);
  for (size_t i = 0; i < box->paths.paths.count; i++) {
    push_found(L, &exposure->exposure, &box->paths, i);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushboolean(L, box->paths.truncated);
  if (box->paths.total >= 0 && box->paths.total <= 9007199254740992.0)
    lua_pushinteger(L, (lua_Integer)box->paths.total);
  else lua_pushnil(L);
  paths_close(&box->paths);
  return 3;
}

const luaL_Reg paths_methods[] = {{"paths", find_paths}, {NULL, NULL}};

void open_paths(lua_State *L) {
  luaL_newmetatable(L, PATHS_TYPE);
  lua_pushcfunction(L, close_paths);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
