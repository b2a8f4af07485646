/* odds: the part of the worlds in which each verdict holds. */
#include "engine/odds.h"
#include "keeper.h"

static void close_odds(void *block) { odds_close(block); }

static void set_number(lua_State *L, const char *key, double number) {
  lua_pushnumber(L, number);
  lua_setfield(L, -2, key);
}

static void push_rows(lua_State *L, const struct network *network, const struct odds *odds, enum odds_list list) {
  lua_createtable(L, (int)odds->rows[list].count, 0);
  for (size_t i = 0; i < odds->rows[list].count; i++) {
    const struct odds_row *row = &odds->rows[list].items[i];
    const struct field *name = network_entity_field(network, row->entity, fields_key(&network->fields, "name", 4));
    lua_createtable(L, 0, 4);
    push_entity_id(L, network, row->entity);
    lua_setfield(L, -2, "id");
    if (name) {
      push_text(L, &network->texts, name->value);
      lua_setfield(L, -2, "name");
    }
    set_number(L, "yes", row->yes);
    set_number(L, "possible", row->possible);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* odds(samples, seed, opts) -> { worlds, exact, doubtful, evaluated, restricted, users, parents } | nil, message,
 * code */
static int list_odds(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  lua_Number samples = luaL_checknumber(L, 2), seed = luaL_checknumber(L, 3);
  struct failure failure = {0};
  struct lua_control control;
  static const char *const names[ODDS_LISTS] = {"restricted", "users", "parents"};
  lua_settop(L, 4);
  struct odds *odds = keep(L, sizeof *odds, close_odds); /* 5 */
  read_control(L, 4, &control, &odds->memory);
  box->overlay->at_work++;
  box->overlay->network->at_work++;
  bool done = odds_run(odds, &box->exposure, (size_t)samples, (uint64_t)seed, &control.control, &failure);
  box->overlay->network->at_work--;
  box->overlay->at_work--;
  end_control(L, &control);
  if (!done) return push_failure(L, &failure, NULL);
  lua_createtable(L, 0, 10);
  lua_pushinteger(L, (lua_Integer)odds->worlds.count);
  lua_setfield(L, -2, "worlds");
  lua_pushboolean(L, odds->worlds.exact);
  lua_setfield(L, -2, "exact");
  lua_pushinteger(L, (lua_Integer)odds->worlds.doubtful.count);
  lua_setfield(L, -2, "doubtful");
  lua_pushinteger(L, (lua_Integer)odds->evaluated);
  lua_setfield(L, -2, "evaluated");
  for (int list = 0; list < ODDS_LISTS; list++) {
    push_rows(L, network_of(&box->exposure), odds, (enum odds_list)list);
    lua_setfield(L, -2, names[list]);
  }
  keep_end(L, 5);
  return 1;
}

const luaL_Reg odds_methods[] = {{"odds", list_odds}, {NULL, NULL}};
