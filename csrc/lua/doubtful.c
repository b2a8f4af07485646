/* doubtful: what is probably a mistake in the records, as tables. */
#include <string.h>

#include "binding.h"
#include "engine/doubtful.h"

#define DOUBTFUL_TYPE "knockon.doubtful"

static int close_doubtful(lua_State *L) {
  doubtful_close(luaL_checkudata(L, 1, DOUBTFUL_TYPE));
  return 0;
}

static void set_count(lua_State *L, const char *name, size_t count) {
  lua_pushinteger(L, (lua_Integer)count);
  lua_setfield(L, -2, name);
}

/* doubtful() -> { dangling, odd_dates, duplicates = counts, collisions = { { field, value, ids = {…} }, … } } */
int find_doubtful(lua_State *L) {
  struct network_box *box = check_network(L, 1);
  const struct network *network = &box->network;
  struct failure failure = {0};
  if (!network->sealed) return raise_error(L, "argument", NULL, "this network is still being built");
  struct doubtful *doubtful = lua_newuserdata(L, sizeof *doubtful);
  memset(doubtful, 0, sizeof *doubtful);
  luaL_getmetatable(L, DOUBTFUL_TYPE);
  lua_setmetatable(L, -2);
  if (!doubtful_find(doubtful, network, date_today(), &failure)) return push_failure(L, &failure, NULL);
  lua_createtable(L, 0, 4);
  set_count(L, "dangling", doubtful->dangling);
  set_count(L, "odd_dates", doubtful->odd_dates);
  set_count(L, "duplicates", doubtful->duplicates);
  lua_newtable(L);
  int list = 0, ids = 0;
  for (size_t i = 0; i < doubtful->colliding.count; i++) {
    const struct identifier *one = &doubtful->colliding.items[i], *before = i > 0 ? one - 1 : NULL;
    if (!before || before->key != one->key || before->value != one->value) {
      if (before) lua_pop(L, 2); /* ids and row of the value before */
      lua_createtable(L, 0, 3);
      lua_pushvalue(L, -1);
      lua_rawseti(L, -3, ++list);
      push_text(L, &network->texts, network->fields.keys.items[one->key]);
      lua_setfield(L, -2, "field");
      push_text(L, &network->texts, one->value);
      lua_setfield(L, -2, "value");
      lua_newtable(L);
      lua_pushvalue(L, -1);
      lua_setfield(L, -3, "ids");
      ids = 0;
    }
    push_entity_id(L, network, one->entity);
    lua_rawseti(L, -2, ++ids);
  }
  if (doubtful->colliding.count > 0) lua_pop(L, 2);
  lua_setfield(L, -2, "collisions");
  doubtful_close(doubtful);
  return 1;
}

void open_doubtful(lua_State *L) {
  luaL_newmetatable(L, DOUBTFUL_TYPE);
  lua_pushcfunction(L, close_doubtful);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
