/* impact: how much stops, and what suppliers lose with the users who are bound. */
#include <string.h>

#include "engine/impact.h"
#include "engine/sort.h"
#include "keeper.h"

struct kept_impact {
  struct impact impact;
  struct memory memory; /* of what follows */
  struct vector_of(struct impact_rate) rates;
  struct entity_list numbers;
  struct spends spends;
};

static void close_kept(void *block) {
  struct kept_impact *kept = block;
  impact_close(&kept->impact);
  vector_free(&kept->memory, &kept->rates);
  vector_free(&kept->memory, &kept->numbers);
  vector_free(&kept->memory, &kept->spends);
}

/* Fields of the table of options, which was checked before. */
static const char *option_text(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  lua_pop(L, 1); /* the table keeps it */
  return text;
}

static bool option_set(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  bool set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

static void read_options(lua_State *L, int index, struct kept_impact *kept, struct impact_options *options) {
  const char *measure = option_text(L, index, "measure");
  options->measure = strcmp(measure, "esri") == 0       ? IMPACT_ESRI
                     : strcmp(measure, "debtrank") == 0 ? IMPACT_DEBTRANK
                                                        : IMPACT_DIFFERENTIAL;
  options->fractions = option_set(L, index, "fractions");
  options->replaceable = option_set(L, index, "replaceable");
  options->down = option_set(L, index, "down");
  options->up = option_set(L, index, "up");
  lua_getfield(L, index, "tolerance");
  options->tolerance = lua_tonumber(L, -1);
  lua_pop(L, 1);
  options->sector = option_text(L, index, "sector");
  options->equity = option_text(L, index, "equity");
  options->value = option_text(L, index, "value");
  lua_getfield(L, index, "rates");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    struct impact_rate rate = {.factor = lua_tonumber(L, -1)};
    rate.currency = lua_tolstring(L, -2, &rate.length); /* a key that is text: the table keeps it */
    if (!vector_push(&kept->memory, &kept->rates, rate)) luaL_error(L, "not enough memory");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  options->rates = kept->rates.items;
  options->rate_count = kept->rates.count;
}

/* { { id, low, high }, … }: the part of each that stops by itself, in a reading. */
static void read_shock(lua_State *L, int index, struct impact *impact, enum reading reading) {
  const struct network *network = impact->overlay->network;
  memset(impact->shock, 0, network->entity_count * sizeof *impact->shock);
  for (size_t i = 1, count = lua_rawlen(L, index); i <= count; i++) {
    lua_rawgeti(L, index, (int)i);
    lua_rawgeti(L, -1, 1);
    uint32_t entity = check_entity(L, network, lua_gettop(L), "shock");
    lua_rawgeti(L, -2, reading == READING_LOW ? 2 : 3);
    if (lua_tonumber(L, -1) > impact->shock[entity]) impact->shock[entity] = lua_tonumber(L, -1);
    lua_pop(L, 3);
  }
}

static void set_number(lua_State *L, const char *key, double number) {
  lua_pushnumber(L, number);
  lua_setfield(L, -2, key);
}

static void push_losses(lua_State *L, const struct impact *impact) {
  const struct network *network = impact->overlay->network;
  bool esri = impact->options.measure == IMPACT_ESRI;
  int n = 0;
  lua_newtable(L);
  for (uint32_t e = 0; e < network->entity_count; e++) {
    if (impact->loss[READING_HIGH][e] <= 0) continue;
    const struct field *name = network_entity_field(network, e, fields_key(&network->fields, "name", 4));
    lua_createtable(L, 0, 8);
    push_entity_id(L, network, e);
    lua_setfield(L, -2, "id");
    if (name) {
      push_text(L, &network->texts, name->value);
      lua_setfield(L, -2, "name");
    }
    set_number(L, "low", impact->loss[READING_LOW][e]);
    set_number(L, "high", impact->loss[READING_HIGH][e]);
    if (esri) {
      set_number(L, "inputs_low", impact->down[READING_LOW][e]);
      set_number(L, "inputs_high", impact->down[READING_HIGH][e]);
      set_number(L, "orders_low", impact->up[READING_LOW][e]);
      set_number(L, "orders_high", impact->up[READING_HIGH][e]);
    }
    lua_rawseti(L, -2, ++n);
  }
}

/* impact(shock, options, opts) -> { low, high, rows, known, unknown, rounds, settled } | nil, message, code */
static int work_out_impact(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  struct failure failure = {0};
  struct lua_control control;
  struct impact_options options = {0};
  lua_settop(L, 4);
  struct kept_impact *kept = keep(L, sizeof *kept, close_kept); /* 5 */
  struct impact *impact = &kept->impact;
  read_options(L, 3, kept, &options);
  read_control(L, 4, &control, &impact->memory);
  luaL_checkstack(L, 10, "shock");
  box->at_work++;
  box->network->at_work++;
  bool done = impact_open(impact, &box->overlay, &options, &control.control, &failure);
  box->network->at_work--;
  box->at_work--;
  end_control(L, &control);
  for (enum reading reading = READING_LOW; reading < READINGS && done; reading++) {
    read_shock(L, 2, impact, reading); /* may raise, so not while anything is at work */
    box->at_work++;
    box->network->at_work++;
    done = impact_run(impact, reading, &control.control, &failure);
    box->network->at_work--;
    box->at_work--;
    end_control(L, &control);
  }
  if (!done) return push_failure(L, &failure, "shock");
  lua_createtable(L, 0, 8);
  set_number(L, "low", impact->total[READING_LOW]);
  set_number(L, "high", impact->total[READING_HIGH]);
  lua_pushinteger(L, (lua_Integer)impact->links.count);
  lua_setfield(L, -2, "known");
  lua_pushinteger(L, (lua_Integer)impact->unknown);
  lua_setfield(L, -2, "unknown");
  int low = impact->rounds[READING_LOW], high = impact->rounds[READING_HIGH];
  lua_pushinteger(L, low > high ? low : high);
  lua_setfield(L, -2, "rounds");
  lua_pushboolean(L, impact->settled);
  lua_setfield(L, -2, "settled");
  push_losses(L, impact);
  lua_setfield(L, -2, "rows");
  keep_end(L, 5);
  return 1;
}

/* currencies() -> the currencies of supplies in force as keys of a table */
static int list_currencies(lua_State *L) {
  struct overlay_box *box = check_overlay(L, 1);
  const struct overlay *overlay = &box->overlay;
  struct column column = column_of(overlay, "currency");
  uint32_t last = TEXT_NONE;
  lua_newtable(L);
  if (column.network == KEY_NONE && column.added == KEY_NONE) return 1;
  for (uint32_t r = 0; r < overlay->network->relation_count + overlay->added.count; r++) {
    if (!overlay_in_force(overlay, r) || overlay_kind(overlay, r) != RELATION_SUPPLIES) continue;
    const struct texts *texts;
    const struct field *field = column_at(column, overlay, r, &texts);
    if (!field || (field->value == last && texts == &overlay->network->texts)) continue;
    last = texts == &overlay->network->texts ? field->value : TEXT_NONE;
    push_text(L, texts, field->value);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
  }
  return 1;
}

/* ---- what suppliers lose ---- */

static int by_supplier(const void *context, uint32_t a, uint32_t b) {
  const struct overlay *overlay = context;
  uint32_t x = overlay_from(overlay, a), y = overlay_from(overlay, b);
  if (x != y) return x < y ? -1 : 1;
  return (a > b) - (a < b);
}

/* The supplies of restricted suppliers to users of one verdict that no exception covers, by supplier. */
static bool gather_supplies(const struct exposure *exposure, uint8_t verdict, struct kept_impact *kept) {
  kept->numbers.count = 0;
  for (size_t i = 0; i < exposure->users.count; i++) {
    const struct user_row *user = &exposure->users.items[i];
    if (user->verdict != verdict || user->excepted || user->measure != MEASURE_PROHIBIT) continue;
    for (size_t k = 0; k < sets_count(&exposure->sets, user->carried); k++) {
      uint32_t relation = sets_items(&exposure->sets, user->carried)[k];
      if (exposure_restricted(exposure, overlay_from(exposure->overlay, relation)) &&
          !vector_push(&kept->memory, &kept->numbers, relation))
        return false;
    }
  }
  size_t count = kept->numbers.count = sort_unique(kept->numbers.items, kept->numbers.count);
  if (!vector_reserve(&kept->memory, &kept->numbers, count)) return false; /* the second half is spare */
  if (count > 1) sort_numbers(kept->numbers.items, kept->numbers.items + count, count, by_supplier, exposure->overlay);
  return true;
}

static void set_amounts(lua_State *L, const char *key, const struct spends *spends) {
  char text[MONEY_TEXT];
  lua_newtable(L);
  for (size_t i = 0; i < spends->count; i++) {
    lua_pushlstring(L, spends->items[i].currency, spends->items[i].currency_length);
    money_format(spends->items[i].amount, text);
    lua_pushstring(L, text);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, key);
}

/* The table of a supplier in the list at `rows`, by its id in the table above it; made when there is none. */
static void push_supplier(lua_State *L, const struct exposure *exposure, uint32_t supplier, int rows) {
  push_entity_id(L, network_of(exposure), supplier);
  lua_pushvalue(L, -1);
  lua_rawget(L, rows + 1);
  if (lua_istable(L, -1)) {
    lua_remove(L, -2);
    return;
  }
  lua_pop(L, 1);
  start_row(L, exposure, supplier, exposure_restricted(exposure, supplier)->verdict);
  lua_pushvalue(L, -2);
  lua_pushvalue(L, -2);
  lua_rawset(L, rows + 1);
  lua_pushvalue(L, -1);
  lua_rawseti(L, rows, (int)lua_rawlen(L, rows) + 1);
  lua_remove(L, -2);
}

/* losses() -> { id, name, verdict, users, users_possible (numbers), contracts = ids …, spend, spend_possible } … */
static int list_losses(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  struct column contract = column_of(exposure->overlay, "contract");
  lua_settop(L, 1);
  struct kept_impact *kept = keep(L, sizeof *kept, close_kept); /* 2 */
  lua_newtable(L);                                              /* 3: rows */
  lua_newtable(L);                                              /* 4: by id */
  for (int sure = 1; sure >= 0; sure--) {
    if (!gather_supplies(exposure, sure ? VERDICT_YES : VERDICT_POSSIBLE, kept))
      return luaL_error(L, "not enough memory");
    const uint32_t *relations = kept->numbers.items;
    for (size_t first = 0, end; first < kept->numbers.count; first = end) {
      uint32_t supplier = overlay_from(exposure->overlay, relations[first]), last = ENTITY_NONE;
      push_supplier(L, exposure, supplier, 3); /* 5 */
      lua_newtable(L);                         /* 6: users, each once */
      lua_newtable(L);                         /* 7: contracts */
      for (end = first; end < kept->numbers.count; end++) {
        const struct texts *texts;
        if (overlay_from(exposure->overlay, relations[end]) != supplier) break;
        last = overlay_to(exposure->overlay, relations[end]);
        push_entity_id(L, network_of(exposure), last);
        lua_pushboolean(L, 1);
        lua_rawset(L, 6);
        const struct field *field = column_at(contract, exposure->overlay, relations[end], &texts);
        if (!field) continue;
        push_text(L, texts, field->value);
        lua_pushboolean(L, 1);
        lua_rawset(L, 7);
      }
      lua_setfield(L, 5, sure ? "contracts" : "contracts_possible");
      lua_setfield(L, 5, sure ? "users" : "users_possible");
      kept->spends.count = 0;
      if (!spend_total(exposure->overlay, relations + first, end - first, &kept->memory, &kept->spends))
        return luaL_error(L, "not enough memory");
      set_amounts(L, sure ? "spend" : "spend_possible", &kept->spends);
      lua_settop(L, 4);
    }
  }
  keep_end(L, 2);
  lua_settop(L, 3);
  return 1;
}

const luaL_Reg impact_methods[] = {{"impact", work_out_impact}, {"currencies", list_currencies}, {NULL, NULL}};
const luaL_Reg loss_methods[] = {{"losses", list_losses}, {NULL, NULL}};
