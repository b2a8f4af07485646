/* holdings: who holds and who controls whom in the end, and what of the spend falls to whom. */
#include <math.h>
#include <string.h>

#include "engine/controllers.h"
#include "engine/holdings.h"
#include "engine/portion.h"
#include "keeper.h"

struct kept_holdings { /* everything of one call */
  struct memory memory;
  struct holdings holdings;
  struct holding_rows rows;
  struct controllers controllers;
  struct portioned_list portioned;
  struct portions portions;
};

static void close_kept(void *block) {
  struct kept_holdings *kept = block;
  holdings_close(&kept->holdings);
  vector_free(&kept->memory, &kept->rows);
  vector_free(&kept->memory, &kept->controllers);
  vector_free(&kept->memory, &kept->portioned);
  vector_free(&kept->memory, &kept->portions);
}

static enum basis check_basis(lua_State *L, int index) {
  return strcmp(luaL_checkstring(L, index), "votes") == 0 ? BASIS_VOTES : BASIS_EQUITY;
}

static void push_named(lua_State *L, const struct network *network, uint32_t entity) {
  const struct field *name = network_entity_field(network, entity, fields_key(&network->fields, "name", 4));
  lua_createtable(L, 0, 8);
  push_entity_id(L, network, entity);
  lua_setfield(L, -2, "id");
  if (!name) return;
  push_text(L, &network->texts, name->value);
  lua_setfield(L, -2, "name");
}

static void set_number(lua_State *L, const char *key, double number) {
  lua_pushnumber(L, number);
  lua_setfield(L, -2, key);
}

static void push_holding(lua_State *L, const struct network *network, const struct holding_row *row, bool upward) {
  push_named(L, network, row->entity);
  set_number(L, "low", row->low);
  set_number(L, "high", row->high);
  if (isfinite(row->gross_low)) set_number(L, "gross_low", row->gross_low);
  if (isfinite(row->gross_high)) set_number(L, "gross_high", row->gross_high);
  if (row->direct) {
    push_share(L, row->share.lo, row->share.hi);
    lua_setfield(L, -2, "share");
  }
  if (!upward) return;
  lua_pushboolean(L, row->ultimate);
  lua_setfield(L, -2, "ultimate");
}

/* holdings(id, basis, upward, opts) -> rows, settled? | nil, message, code */
static int list_holdings(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  uint32_t entity = check_entity(L, box->overlay.network, 2, "id");
  enum basis basis = check_basis(L, 3);
  bool upward = lua_toboolean(L, 4);
  struct failure failure = {0};
  struct lua_control control;
  lua_settop(L, 5);
  struct kept_holdings *kept = keep(L, sizeof *kept, close_kept); /* 6 */
  read_control(L, 5, &control, &kept->memory);
  box->at_work++;
  box->network->at_work++;
  bool done =
      holdings_open(&kept->holdings, &box->overlay, basis, entity, upward, &kept->memory, &control.control, &failure);
  if (done && upward) done = holdings_owners(&kept->holdings, &kept->rows, &control.control, &failure);
  else if (done) done = holdings_held(&kept->holdings, &kept->rows, &control.control, &failure);
  box->network->at_work--;
  box->at_work--;
  end_control(L, &control);
  if (!done) return push_failure(L, &failure, "id");
  lua_createtable(L, (int)kept->rows.count, 0);
  for (size_t i = 0; i < kept->rows.count; i++) {
    push_holding(L, box->overlay.network, &kept->rows.items[i], upward);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushboolean(L, kept->holdings.settled);
  keep_end(L, 6);
  return 2;
}

/* controllers(id, opts) -> { id, name, verdict } … | nil, message, code */
static int list_controllers(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  uint32_t entity = check_entity(L, box->overlay.network, 2, "id");
  struct failure failure = {0};
  struct lua_control control;
  lua_settop(L, 3);
  struct kept_holdings *kept = keep(L, sizeof *kept, close_kept); /* 4 */
  read_control(L, 3, &control, &kept->memory);
  box->at_work++;
  box->network->at_work++;
  bool done = controllers_list(&box->overlay, entity, &kept->controllers, &kept->memory, &control.control, &failure);
  box->network->at_work--;
  box->at_work--;
  end_control(L, &control);
  if (!done) return push_failure(L, &failure, "id");
  lua_createtable(L, (int)kept->controllers.count, 0);
  for (size_t i = 0; i < kept->controllers.count; i++) {
    push_named(L, box->overlay.network, kept->controllers.items[i].entity);
    set_text(L, "verdict", verdict_name[kept->controllers.items[i].verdict]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  keep_end(L, 4);
  return 1;
}

/* holders(id) -> basis, { id, name, share, power } …, why there is no power or nil. By votes, where any are known. */
static int list_holders(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  uint32_t entity = check_entity(L, box->overlay.network, 2, "id");
  struct failure failure = {0};
  struct kept_holdings *kept = keep(L, sizeof *kept, close_kept);
  struct holdings *holdings = &kept->holdings;
  enum basis basis = BASIS_EQUITY;
  struct walk walk = walk_in(&box->overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(&box->overlay, r) == RELATION_OWNS && (overlay_kind_byte(&box->overlay, r) & RELATION_VOTES))
      basis = BASIS_VOTES;
  if (!holdings_open(holdings, &box->overlay, basis, entity, true, &kept->memory, NULL, &failure))
    return push_failure(L, &failure, "id");
  uint32_t weights[POWER_MOST];
  double power[POWER_MOST];
  const struct holding_node *node = &holdings->nodes.items[0];
  const struct stake *stakes = holdings->stakes.items + node->first_stake;
  uint64_t sum = 0;
  bool exact = true;
  for (uint32_t i = 0; i < node->stakes; i++) {
    exact = exact && stakes[i].share.lo == stakes[i].share.hi;
    sum += stakes[i].share.lo;
    if (i < POWER_MOST) weights[i] = stakes[i].share.lo;
  }
  const char *refused = node->stakes > POWER_MOST ? "many"
                        : !exact                  ? "inexact"
                        : sum > SHARE_WHOLE       ? "above_whole"
                        : sum <= SHARE_WHOLE / 2  ? "no_majority"
                                                  : NULL;
  if (!refused) power_index(weights, node->stakes, power);
  lua_pushstring(L, basis == BASIS_VOTES ? "votes" : "equity");
  lua_createtable(L, (int)node->stakes, 0);
  for (uint32_t i = 0; i < node->stakes; i++) {
    push_named(L, box->overlay.network, holdings->nodes.items[stakes[i].holder].entity);
    push_share(L, stakes[i].share.lo, stakes[i].share.hi);
    lua_setfield(L, -2, "share");
    if (!refused) set_number(L, "power", power[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  if (refused) lua_pushstring(L, refused);
  else lua_pushnil(L);
  return 3;
}

/* ---- what of the spend falls to a parent ---- */

static const struct holding_row *find_held(const struct holding_rows *rows, uint32_t entity) {
  for (size_t low = 0, high = rows->count; low < high;) {
    size_t middle = (low + high) / 2;
    if (rows->items[middle].entity == entity) return &rows->items[middle];
    if (rows->items[middle].entity < entity) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

/* Users of a parent with the part of each that it holds, as `users`; their supplies into kept->portioned. */
static bool set_held_users(lua_State *L, const struct exposure *exposure, const struct parent_row *row,
                           struct kept_holdings *kept) {
  lua_newtable(L);
  for (size_t i = 0; i < sets_count(&exposure->sets, row->users); i++) {
    uint32_t entity = sets_items(&exposure->sets, row->users)[i];
    const struct holding_row *held = find_held(&kept->rows, entity);
    double low = entity == row->entity ? 1
                 : held                ? held->low
                                       : 0,
           high = entity == row->entity ? 1
                  : held                ? held->high
                                        : 0;
    const struct user_row *user = exposure_user(exposure, entity);
    for (size_t k = 0; user && k < sets_count(&exposure->sets, user->carried); k++) {
      struct portioned one = {sets_items(&exposure->sets, user->carried)[k], low, high};
      if (!vector_push(&kept->memory, &kept->portioned, one)) return false;
    }
    push_named(L, network_of(exposure), entity);
    set_number(L, "low", low);
    set_number(L, "high", high);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "users");
  return true;
}

static void set_portions(lua_State *L, const struct portions *portions) {
  lua_newtable(L);
  for (size_t i = 0; i < portions->count; i++) {
    lua_pushlstring(L, portions->items[i].currency, portions->items[i].currency_length);
    lua_createtable(L, 0, 2);
    set_number(L, "low", portions->items[i].low);
    set_number(L, "high", portions->items[i].high);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, "spend");
}

/* look_through(filter, basis, opts) -> rows of parents, with `users` and `spend` | nil, message, code */
static int list_look_through(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  enum basis basis = check_basis(L, 3);
  struct failure failure = {0};
  struct lua_control control;
  int n = 0;
  lua_settop(L, 4);
  struct wanted wanted = read_wanted(L, 2, exposure, true, push_scratch(L));
  lua_newtable(L); /* 6 */
  struct memory limits = {0};
  read_control(L, 4, &control, &limits);
  luaL_checkstack(L, 20, "rows");
  int place = lua_gettop(L);
  for (size_t i = 0; i < exposure->parents.count && n < wanted.first; i++) {
    const struct parent_row *row = &exposure->parents.items[i];
    if (!is_wanted(&wanted, row->entity, row->verdict)) continue;
    lua_settop(L, place);
    struct kept_holdings *kept = keep(L, sizeof *kept, close_kept);
    kept->memory.limit = limits.limit;
    box->overlay->at_work++;
    box->overlay->network->at_work++;
    bool done = holdings_open(&kept->holdings, exposure->overlay, basis, row->entity, false, &kept->memory,
                              &control.control, &failure) &&
                holdings_held(&kept->holdings, &kept->rows, &control.control, &failure);
    box->overlay->network->at_work--;
    box->overlay->at_work--;
    end_control(L, &control);
    if (!done) return push_failure(L, &failure, NULL);
    start_row(L, exposure, row->entity, row->verdict);
    if (!set_held_users(L, exposure, row, kept) ||
        !portion_total(exposure->overlay, &kept->portioned, &kept->memory, &kept->portions)) {
      fail_memory(&failure, &kept->memory);
      return push_failure(L, &failure, NULL);
    }
    set_portions(L, &kept->portions);
    lua_rawseti(L, 6, ++n);
    keep_end(L, place + 1);
  }
  lua_settop(L, 6);
  return 1;
}

const luaL_Reg holding_methods[] = {
    {"holdings", list_holdings}, {"controllers", list_controllers}, {"holders", list_holders}, {NULL, NULL}};
const luaL_Reg look_through_methods[] = {{"look_through", list_look_through}, {NULL, NULL}};
