/* sweep: every candidate banned alone, as a list of rows. */
#include <string.h>

#include "acts.h"
#include "tally.h"
#include "engine/crew.h"

struct sweep_box {
  struct sweep sweep;
  bool live;
};

static int close_sweep(lua_State *L) {
  struct sweep_box *box = luaL_checkudata(L, 1, SWEEP_TYPE);
  if (box->live) sweep_close(&box->sweep);
  box->live = false;
  return 0;
}

/* A list of ids, a predicate over entities in force, or nil: everything that supplies somebody. */
static void read_candidates(lua_State *L, int index, struct sweep *sweep) {
  const struct overlay *overlay = sweep->overlay;
  const struct network *network = overlay->network;
  size_t count = lua_rawlen(L, index);
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, index, (int)i);
    uint32_t entity = check_entity(L, network, lua_gettop(L), "targets");
    if (!vector_push(&sweep->memory, &sweep->targets, entity)) luaL_error(L, "not enough memory");
    lua_pop(L, 1);
  }
  if (count > 0) return;
  struct scratch *scratch = push_scratch(L);
  scratch->filter_live = true;
  read_filter(L, index, &scratch->filter, &scratch->memory, "targets");
  for (uint32_t e = 0; e < network->entity_count; e++) {
    if (network_same(network, e) != e || !overlay_entity_in_force(overlay, e) ||
        !filter_entity(&scratch->filter, network, e))
      continue;
    if (!vector_push(&sweep->memory, &sweep->targets, e)) luaL_error(L, "not enough memory");
  }
  lua_pop(L, 1);
}

/* ---- the currency that is ranked by ---- */

/* Leaves on the stack the currency to rank by: the one asked for, or the only one there is; "" where no contract says
 * any. Raises, naming those there are, when there is a choice to be made. */
static void choose_currency(lua_State *L, int opts, const struct sweep *sweep) {
  const struct spends *known = &sweep->currencies;
  bool found = false;
  lua_getfield(L, opts, "currency");
  int asked = lua_gettop(L);
  luaL_Buffer names;
  luaL_buffinit(L, &names);
  for (size_t i = 0; i < known->count; i++) {
    if (i > 0) luaL_addstring(&names, ", ");
    luaL_addlstring(&names, known->items[i].currency, known->items[i].currency_length);
  }
  luaL_pushresult(&names);
  if (lua_isnil(L, asked)) {
    if (known->count > 1)
      raise_error(L, "argument", "currency", "say which currency to rank by; the contracts are in %s",
                  lua_tostring(L, -1));
    lua_replace(L, asked); /* the only one, or none */
    return;
  }
  for (size_t i = 0; i < known->count && !found; i++) {
    lua_pushlstring(L, known->items[i].currency, known->items[i].currency_length);
    found = lua_rawequal(L, -1, asked);
    lua_pop(L, 1);
  }
  if (!found && known->count > 0)
    raise_error(L, "argument", "currency", "no contract is in %s; there are %s", lua_tostring(L, asked),
                lua_tostring(L, -1));
  lua_settop(L, asked);
}

/* ---- rows ---- */

static void set_counts(lua_State *L, const char *sure, const char *perhaps, const uint32_t counts[CERTAINTIES]) {
  lua_pushinteger(L, (lua_Integer)counts[SURE]);
  lua_setfield(L, -2, sure);
  lua_pushinteger(L, (lua_Integer)counts[PERHAPS]);
  lua_setfield(L, -2, perhaps);
}

static void push_name(lua_State *L, const struct network *network, uint32_t entity) { /* "" where it has none */
  const struct field *name = network_entity_field(network, entity, fields_key(&network->fields, "name", 4));
  if (name) push_text(L, &network->texts, name->value);
  else lua_pushliteral(L, "");
}

static void push_row(lua_State *L, const struct sweep *sweep, const struct sweep_row *row) {
  const struct network *network = sweep->overlay->network;
  lua_createtable(L, 0, 9);
  if (row->second == ENTITY_NONE) {
    push_entity_id(L, network, row->first);
    lua_setfield(L, -2, "id");
    push_name(L, network, row->first);
    if (lua_rawlen(L, -1) > 0) lua_setfield(L, -2, "name");
    else lua_pop(L, 1);
  } else {
    lua_createtable(L, 2, 0);
    push_entity_id(L, network, row->first);
    lua_rawseti(L, -2, 1);
    push_entity_id(L, network, row->second);
    lua_rawseti(L, -2, 2);
    lua_setfield(L, -2, "ids");
    lua_createtable(L, 2, 0);
    push_name(L, network, row->first);
    lua_rawseti(L, -2, 1);
    push_name(L, network, row->second);
    lua_rawseti(L, -2, 2);
    lua_setfield(L, -2, "names");
  }
  set_counts(L, "restricted", "restricted_possible", row->restricted);
  set_counts(L, "users", "users_possible", row->users);
  set_counts(L, "parents", "parents_possible", row->parents);
  if (!sweep->asks_spend) return;
  char text[MONEY_TEXT];
  lua_createtable(L, 0, (int)row->spends);
  for (uint32_t i = 0; i < row->spends; i++) {
    const struct spend *spend = &sweep->spends.items[row->first_spend + i];
    lua_pushlstring(L, spend->currency, spend->currency_length);
    money_format(spend->amount, text);
    lua_pushstring(L, text);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, "spend");
}

static int number_field(lua_State *L, int index, const char *name, int otherwise) {
  lua_getfield(L, index, name);
  lua_Number number = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : otherwise;
  lua_pop(L, 1);
  return number >= 0 && number <= INT32_MAX ? (int)number : otherwise;
}

/* sweep(overlay, checked rule, scope, targets or nil, { by =, pairs =, spend =, currency =, top =, threads =, limits =,
 * progress = }) -> rows, how many there were before `top` cut them, currency they are ranked by or nil, how many the
 * kernel for many counted | nil, message, code */
static int sweep(lua_State *L) {
  static const char *const scopes[] = {"entity", "branches", "located", "owned", "facilitation", NULL},
                           *const ranks[] = {"parents", "users", "spend", NULL};
  struct overlay_box *overlay = check_overlay(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  const char *scope = luaL_checkstring(L, 3);
  if (!lua_isnil(L, 4)) luaL_checktype(L, 4, LUA_TTABLE);
  luaL_checktype(L, 5, LUA_TTABLE);
  lua_settop(L, 5);
  lua_getfield(L, 5, "pairs");
  bool pairs = lua_toboolean(L, -1);
  lua_getfield(L, 5, "spend");
  bool asks_spend = lua_toboolean(L, -1);
  lua_getfield(L, 5, "by");
  enum sweep_by by = (enum sweep_by)read_option(lua_tostring(L, -1), ranks, SWEEP_PARENTS);
  int top = number_field(L, 5, "top", INT32_MAX), threads = number_field(L, 5, "threads", 1);
  lua_settop(L, 5);

  struct failure failure = {0};
  struct lua_control control;
  struct sweep_box *box = lua_newuserdata(L, sizeof *box); /* 6 */
  memset(box, 0, sizeof *box);
  luaL_getmetatable(L, SWEEP_TYPE);
  lua_setmetatable(L, 6);
  sweep_open(&box->sweep, &overlay->overlay, &overlay->index, &overlay->network->table);
  box->live = true;
  struct sweep *work = &box->sweep;
  work->scope = (enum scope)read_option(scope, scopes, SCOPE_ENTITY);
  work->asks_spend = asks_spend || by == SWEEP_SPEND;
  work->threads = (unsigned)(threads < 1 ? 1 : threads > CREW_MOST ? CREW_MOST : threads);
  read_policy(L, 2, &work->policy, &work->memory);
  if (!lua_isnil(L, 4)) read_candidates(L, 4, work);
  read_control(L, 5, &control, &work->memory);
  bool indexed = overlay->index.made;
  size_t table = overlay->network->table.size;
  overlay->at_work++;
  overlay->network->at_work++;
  work->chains = overlay_chains(overlay, work->memory.limit, &control.control, &failure);
  bool done = work->chains && (!lua_isnil(L, 4) || sweep_every_supplier(work, &control.control, &failure));
  bool many = pairs && done && sweep_targets(work) > SWEEP_PAIRED_MOST;
  done = done && !many && sweep_run(work, pairs, &control.control, &failure);
  overlay->network->at_work--;
  overlay->at_work--;
  if (many) /* pairs grow with the square */
    return raise_error(L, "argument", "size", "pairs are for a short list: %d targets at most, and these are %d",
                       SWEEP_PAIRED_MOST, (int)work->targets.count);
  end_control(L, &control);
  if (overlay->network->table.size > table) tell_collector(L, overlay->network->table.size - table); /* it stays too */
  if (!indexed && overlay->index.made) /* it stays with the overlay */
    tell_collector(L, overlay->index.condense[0].memory.used + overlay->index.condense[1].memory.used);
  if (!done) {
    sweep_close(work);
    box->live = false;
    return push_failure(L, &failure, NULL);
  }
  lua_settop(L, 6);
  size_t length = 0;
  const char *currency = "";
  if (by == SWEEP_SPEND) {
    choose_currency(L, 5, work); /* 7 */
    currency = lua_tolstring(L, 7, &length);
  } else {
    lua_pushnil(L);
  }
  if (!sweep_rank(work, by, currency, length, &failure)) return push_failure(L, &failure, NULL);
  size_t together = work->together, count = work->rows.count, shown = count < (size_t)top ? count : (size_t)top;
  lua_createtable(L, (int)shown, 0); /* 8 */
  for (size_t i = 0; i < shown; i++) {
    push_row(L, work, &work->rows.items[i]);
    lua_rawseti(L, 8, (int)i + 1);
  }
  sweep_close(work);
  box->live = false;
  lua_pushinteger(L, (lua_Integer)count);
  if (length == 0) lua_pushnil(L);
  else lua_pushvalue(L, 7);
  lua_pushinteger(L, (lua_Integer)together);
  return 4;
}

void open_sweep(lua_State *L) {
  luaL_newmetatable(L, SWEEP_TYPE);
  lua_pushcfunction(L, close_sweep);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  lua_pushcfunction(L, sweep);
  lua_setfield(L, -2, "sweep");
}
