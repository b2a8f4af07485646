/* harms: what fails, which data is within reach, who is compromised. */
#include "engine/disruption.h"
#include "engine/harm.h"
#include "keeper.h"

static void close_disruption(void *block) { disruption_close(block); }
static void close_harm(void *block) { harm_close(block); }
static void close_saves(void *block) { saves_close(block); }

/* The engine works on the exposure: a progress function must not close what it stands on. */
static void begin_work(struct exposure_box *box) {
  box->overlay->at_work++;
  box->overlay->network->at_work++;
}

static void end_work(struct exposure_box *box) {
  box->overlay->network->at_work--;
  box->overlay->at_work--;
}

/* Run with the control table at `opts`; the disruption is left on top of the stack. False: nil, message, code are. */
static bool run_disruption(lua_State *L, struct exposure_box *box, int least, int opts, struct disruption **kept,
                           int *pushed) {
  struct failure failure = {0};
  struct lua_control control;
  lua_Number part = luaL_optnumber(L, least, 0);
  struct disruption *disruption = keep(L, sizeof *disruption, close_disruption);
  int place = lua_gettop(L);
  read_control(L, opts, &control, &disruption->memory);
  begin_work(box);
  bool done = disruption_run(disruption, &box->exposure, (uint32_t)part, &control.control, &failure);
  end_work(box);
  if (!done) keep_end(L, place);
  end_control(L, &control);
  *kept = disruption;
  *pushed = done ? 0 : push_failure(L, &failure, NULL);
  if (done) lua_settop(L, place);
  return done;
}

static void push_supplier(lua_State *L, const struct exposure *exposure, const struct lost_supply *supply) {
  lua_createtable(L, 0, 4);
  push_entity_id(L, network_of(exposure), overlay_from(exposure->overlay, supply->relation));
  lua_setfield(L, -2, "id");
  set_relation(L, exposure, supply->relation);
  set_text(L, "because", supply->direct ? "restricted" : "disrupted");
  lua_pushinteger(L, (lua_Integer)supply->round);
  lua_setfield(L, -2, "round");
}

/* The need by its name, which is written in the network's texts or in those of what the scenario adds. */
static void set_need_name(lua_State *L, const struct exposure *exposure, const struct user_need *need) {
  const struct fields *fields = &exposure->overlay->network->fields;
  if (!need->name) return;
  bool there = need->name >= fields->items.items && need->name < fields->items.items + fields->items.count;
  push_text(L, there ? &exposure->overlay->network->texts : &exposure->overlay->texts, need->name->value);
  lua_setfield(L, -2, "need");
}

/* The essential needs that are left without, in the order of their numbers, each with the suppliers it lost. */
static void set_needs(lua_State *L, const struct exposure *exposure, const struct failing *failing,
                      const struct failing_user *user) {
  lua_newtable(L);
  int list = lua_gettop(L), n = 0;
  lua_newtable(L); /* need number -> its suppliers, while they are gathered */
  for (uint32_t k = user->first_need; k < user->first_need + user->needs; k++) {
    const struct user_need *need = &failing->needs.items[k];
    if (!need->essential || !need->round) continue;
    lua_createtable(L, 0, 3);
    set_need_name(L, exposure, need);
    lua_pushinteger(L, (lua_Integer)need->round);
    lua_setfield(L, -2, "round");
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, list + 1, (int)(k - user->first_need) + 1);
    lua_setfield(L, -2, "suppliers");
    lua_rawseti(L, list, ++n);
  }
  for (uint32_t s = user->first_supply; s < user->first_supply + user->supplies; s++) {
    const struct lost_supply *supply = &failing->supplies.items[s];
    if (!supply->round) continue;
    lua_rawgeti(L, list + 1, (int)(supply->need - user->first_need) + 1);
    if (lua_istable(L, -1)) {
      push_supplier(L, exposure, supply);
      lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
    }
    lua_pop(L, 1);
  }
  lua_settop(L, list);
  lua_setfield(L, -2, "needs");
}

static void set_path(lua_State *L, const struct exposure *exposure, const struct proof *proof) {
  push_path(L, exposure, proof, false);
  lua_setfield(L, -2, "path");
}

static void push_disrupted(lua_State *L, const struct disruption *disruption, const struct disrupted_row *row,
                           struct scratch *scratch) {
  const struct exposure *exposure = disruption->exposure;
  const struct failing *failing = disruption_of(disruption, (enum reading)row->reading);
  const struct failing_user *user = &failing->touched.items[row->user];
  start_row(L, exposure, row->entity, row->verdict);
  lua_pushinteger(L, (lua_Integer)user->round);
  lua_setfield(L, -2, "round");
  set_needs(L, exposure, failing, user);
  set_restrictions_of(L, 1, &disruption->sets, user->causes);
  scratch->proof.count = 0;
  if (!disruption_proof(disruption, row, &scratch->memory, &scratch->proof)) luaL_error(L, "not enough memory");
  set_path(L, exposure, &scratch->proof);
  if (!row->excepted) return;
  lua_createtable(L, 0, 1);
  if (row->lapses != DATE_MISSING) {
    push_day(L, row->lapses);
    lua_setfield(L, -2, "until");
  }
  lua_setfield(L, -2, "excepted");
}

/* disrupted(filter, least in parts of the whole, opts) -> rows | nil, message, code */
static int list_disrupted(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  struct disruption *disruption;
  int pushed, n = 0;
  lua_settop(L, 4);
  struct scratch *wants = push_scratch(L), *scratch = push_scratch(L);
  struct wanted wanted = read_wanted(L, 2, &box->exposure, true, wants);
  if (!run_disruption(L, box, 3, 4, &disruption, &pushed)) return pushed;
  int keeper = lua_gettop(L);
  lua_newtable(L);
  for (size_t i = 0; i < disruption->rows.count && n < wanted.first; i++) {
    const struct disrupted_row *row = &disruption->rows.items[i];
    if (!is_wanted(&wanted, row->entity, row->verdict)) continue;
    push_disrupted(L, disruption, row, scratch);
    lua_rawseti(L, -2, ++n);
  }
  keep_end(L, keeper);
  return 1;
}

/* saves(how many, possible?, least, opts) -> { id, name, need, saves, saved = ids } … | nil, message, code */
static int list_saves(lua_State *L) {
  struct exposure_box *box = check_exposure(L, 1);
  const struct exposure *exposure = &box->exposure;
  lua_Number most = luaL_checknumber(L, 2);
  enum reading reading = lua_toboolean(L, 3) ? READING_HIGH : READING_LOW;
  struct disruption *disruption;
  struct failure failure = {0};
  struct lua_control control;
  int pushed;
  lua_settop(L, 5);
  if (!run_disruption(L, box, 4, 5, &disruption, &pushed)) return pushed;
  int keeper = lua_gettop(L);
  struct saves *saves = keep(L, sizeof *saves, close_saves);
  read_control(L, 5, &control, &saves->memory);
  begin_work(box);
  bool done = disruption_saves(disruption, reading, (size_t)most, saves, &control.control, &failure);
  end_work(box);
  end_control(L, &control);
  if (!done) return push_failure(L, &failure, NULL);
  const struct failing *failing = disruption_of(disruption, reading);
  lua_createtable(L, (int)saves->rows.count, 0);
  for (size_t i = 0; i < saves->rows.count; i++) {
    const struct save *save = &saves->rows.items[i];
    lua_createtable(L, 0, 6);
    push_entity_id(L, network_of(exposure), save->entity);
    lua_setfield(L, -2, "id");
    set_name(L, exposure, save->entity);
    set_text(L, "what", save->need == UINT32_MAX ? "keep" : "alternative");
    if (save->need != UINT32_MAX) set_need_name(L, exposure, &failing->needs.items[save->need]);
    lua_pushinteger(L, (lua_Integer)save->saves);
    lua_setfield(L, -2, "saves");
    lua_createtable(L, (int)save->count, 0);
    for (uint32_t k = 0; k < save->count; k++) {
      push_entity_id(L, network_of(exposure), saves->saved.items[save->first + k]);
      lua_rawseti(L, -2, (int)k + 1);
    }
    lua_setfield(L, -2, "saved");
    lua_rawseti(L, -2, (int)i + 1);
  }
  keep_end(L, keeper + 1);
  keep_end(L, keeper);
  return 1;
}

/* ---- data and compromise ---- */

static bool run_harm(lua_State *L, struct exposure_box *box, enum harm_kind kind, int opts, struct harm **kept,
                     int *pushed) {
  struct failure failure = {0};
  struct lua_control control;
  struct harm *harm = keep(L, sizeof *harm, close_harm);
  int place = lua_gettop(L);
  read_control(L, opts, &control, &harm->memory);
  begin_work(box);
  bool done = harm_run(harm, &box->exposure, kind, &control.control, &failure);
  end_work(box);
  if (!done) keep_end(L, place);
  end_control(L, &control);
  *kept = harm;
  *pushed = done ? 0 : push_failure(L, &failure, NULL);
  if (done) lua_settop(L, place);
  return done;
}

/* Through whom a class of data, or an attacker, comes to an entity. */
static void set_suppliers(lua_State *L, const struct harm *harm, enum reading reading, uint32_t entity, uint32_t class,
                          struct scratch *scratch) {
  const struct exposure *exposure = harm->exposure;
  scratch->numbers.count = 0;
  struct walk walk = walk_in(exposure->overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (harm_carries(harm, reading, r, class) &&
        !vector_push(&scratch->memory, &scratch->numbers, overlay_from(exposure->overlay, r)))
      luaL_error(L, "not enough memory");
  size_t count = sort_unique(scratch->numbers.items, scratch->numbers.count);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    push_entity_id(L, network_of(exposure), scratch->numbers.items[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "suppliers");
}

static void set_label(lua_State *L, const struct harm *harm, enum reading reading, uint32_t label,
                      struct scratch *scratch) {
  const struct harm_label *at = &harm->reach[reading].labels.items[label];
  lua_pushinteger(L, (lua_Integer)at->steps);
  lua_setfield(L, -2, "steps");
  set_suppliers(L, harm, reading, at->entity, at->class, scratch);
  set_restrictions_of(L, 1, &harm->sets, at->causes);
  scratch->proof.count = 0;
  if (!harm_proof(harm, reading, label, &scratch->memory, &scratch->proof)) luaL_error(L, "not enough memory");
  set_path(L, harm->exposure, &scratch->proof);
}

/* The classes of one row, in any order; Lua sorts them. */
static void set_classes(lua_State *L, const struct harm *harm, const struct harm_row *row, struct scratch *scratch) {
  int n = 0;
  lua_newtable(L);
  const struct harm_reach *high = &harm->reach[READING_HIGH]; /* has what the low one has */
  for (uint32_t at = places_find(&high->places, row->entity); at != LABEL_NONE; at = high->labels.items[at].next) {
    uint32_t class = high->labels.items[at].class, low = harm_find(harm, READING_LOW, row->entity, class);
    bool sure = row->verdict == VERDICT_YES && low != LABEL_NONE;
    enum reading reading = sure ? READING_LOW : READING_HIGH;
    uint32_t label = sure ? low : at;
    lua_createtable(L, 0, 6);
    push_text(L, harm->classes.items[class].texts, harm->classes.items[class].name->value);
    lua_setfield(L, -2, "class");
    set_text(L, "verdict", verdict_name[sure ? VERDICT_YES : VERDICT_POSSIBLE]);
    set_label(L, harm, reading, label, scratch);
    lua_rawseti(L, -2, ++n);
  }
  lua_setfield(L, -2, "data");
}

static int list_harm(lua_State *L, enum harm_kind kind) {
  struct exposure_box *box = check_exposure(L, 1);
  struct harm *harm;
  int pushed, n = 0;
  lua_settop(L, 3);
  struct scratch *wants = push_scratch(L), *scratch = push_scratch(L);
  struct wanted wanted = read_wanted(L, 2, &box->exposure, true, wants);
  if (!run_harm(L, box, kind, 3, &harm, &pushed)) return pushed;
  int keeper = lua_gettop(L);
  lua_newtable(L);
  for (size_t i = 0; i < harm->rows.count && n < wanted.first; i++) {
    const struct harm_row *row = &harm->rows.items[i];
    enum reading reading = (enum reading)row->reading;
    if (!is_wanted(&wanted, row->entity, row->verdict)) continue;
    start_row(L, &box->exposure, row->entity, row->verdict);
    if (kind == HARM_DATA) set_classes(L, harm, row, scratch);
    else set_label(L, harm, reading, harm_find(harm, reading, row->entity, 0), scratch);
    lua_rawseti(L, -2, ++n);
  }
  keep_end(L, keeper);
  return 1;
}

/* data(filter, opts), compromised(filter, opts) -> rows | nil, message, code */
static int list_data(lua_State *L) { return list_harm(L, HARM_DATA); }
static int list_compromised(lua_State *L) { return list_harm(L, HARM_COMPROMISE); }

const luaL_Reg harm_methods[] = {{"disrupted", list_disrupted},
                                 {"saves", list_saves},
                                 {"data", list_data},
                                 {"compromised", list_compromised},
                                 {NULL, NULL}};
