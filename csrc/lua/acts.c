/* acts: from checked rule tables and restrictions to what the engine evaluates. */
#include <string.h>

#include "acts.h"

static const char *text_field(lua_State *L, int index, const char *name, const char *otherwise) {
  lua_getfield(L, index, name);
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : otherwise;
  lua_pop(L, 1); /* the table keeps it */
  return text;
}

int read_option(const char *word, const char *const *words, int otherwise) {
  for (int i = 0; word && words[i]; i++)
    if (strcmp(word, words[i]) == 0) return i;
  return otherwise;
}

static bool has_field(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  bool has = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return has;
}

static void read_threshold(lua_State *L, int owned, struct policy *policy) {
  struct failure failure = {0};
  struct share share = {0, 0};
  policy->strict = has_field(L, owned, "more_than");
  lua_getfield(L, owned, policy->strict ? "more_than" : "at_least");
  bool number = lua_type(L, -1) == LUA_TNUMBER;
  size_t length = 0;
  const char *text = number ? number_text(L, -1, &length) : lua_tolstring(L, -1, &length);
  if (!text || !share_parse(text, length, number, &share, &failure) || share.lo != share.hi)
    raise_error(L, "rule", "owned", "the rule's ownership test needs at_least or more_than, a share such as \"50%%\"");
  policy->threshold = share.lo;
  lua_pop(L, number ? 2 : 1);
}

/* A list of texts at the top as the values of a condition of each filter. */
static void read_texts(lua_State *L, struct filter *filter, struct memory *memory, const char *name) {
  if (!filter_open(filter, memory) || !filter_condition(filter, name, strlen(name))) luaL_error(L, "not enough memory");
  for (size_t i = 1, count = lua_rawlen(L, -1); i <= count; i++) {
    size_t length;
    lua_rawgeti(L, -1, (int)i);
    const char *text = lua_tolstring(L, -1, &length);
    bool added = text && filter_value(filter, text, length);
    lua_pop(L, 1);
    if (!added) luaL_error(L, "not enough memory");
  }
}

static void read_bound(lua_State *L, int bound, struct policy *policy, struct memory *memory) {
  lua_getfield(L, bound, "organised_in");
  if (lua_istable(L, -1)) {
    policy->bound = BOUND_HOME;
    read_texts(L, &policy->home, memory, "country");
    read_texts(L, &policy->located_in, memory, "located_in");
  } else {
    lua_getfield(L, bound, "where");
    policy->bound = lua_istable(L, -1) ? BOUND_WHERE : BOUND_ANYONE;
    if (policy->bound == BOUND_WHERE) read_filter(L, lua_gettop(L), &policy->where, memory, "bound.where");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

void read_policy(lua_State *L, int rule, struct policy *policy, struct memory *memory) {
  static const char *const bases[] = {"equity", "votes", "either", NULL},
                           *const sums[] = {"all", "each", "joint", NULL},
                           *const flows[] = {"use", "goods", "any", NULL};
  lua_getfield(L, rule, "owned");
  if (lua_istable(L, -1)) {
    int owned = lua_gettop(L);
    policy->owned = true;
    policy->basis = (enum basis)read_option(text_field(L, owned, "of", "equity"), bases, BASIS_EQUITY);
    policy->sum = (enum aggregation)read_option(text_field(L, owned, "sum", "all"), sums, SUM_ALL);
    read_threshold(L, owned, policy);
  }
  lua_pop(L, 1);
  lua_getfield(L, rule, "control");
  policy->control = lua_istable(L, -1) ? CONTROL_LISTED : lua_toboolean(L, -1) ? CONTROL_ANY : CONTROL_NONE;
  if (policy->control == CONTROL_LISTED) read_texts(L, &policy->by, memory, "by");
  lua_pop(L, 1);
  policy->foreign_only = strcmp(text_field(L, rule, "captures", "any"), "foreign") == 0;
  policy->flow = (enum flow_kind)read_option(text_field(L, rule, "flow", "use"), flows, FLOW_USE);
  lua_getfield(L, rule, "tiers");
  policy->tiers =
      lua_isnumber(L, -1) && lua_tonumber(L, -1) >= 1 && lua_tonumber(L, -1) < 1e9 ? (uint32_t)lua_tonumber(L, -1) : 1;
  lua_pop(L, 1);
  lua_getfield(L, rule, "bound");
  if (!lua_istable(L, -1)) raise_error(L, "rule", "bound", "the rule does not say who is bound");
  read_bound(L, lua_gettop(L), policy, memory);
  lua_pop(L, 1);
}

/* ---- targets ---- */

static void add_number(lua_State *L, struct memory *memory, struct entity_list *list, uint32_t number) {
  if (!vector_push(memory, list, number)) luaL_error(L, "not enough memory");
}

/* A list of ids; those not in force on the day are left out. */
static void read_targets(lua_State *L, int index, const struct overlay *overlay, struct act *act,
                         struct memory *memory) {
  for (size_t i = 1, count = lua_istable(L, index) ? lua_rawlen(L, index) : 0; i <= count; i++) {
    lua_rawgeti(L, index, (int)i);
    uint32_t entity = check_entity(L, overlay->network, lua_gettop(L), "targets");
    if (overlay_entity_in_force(overlay, entity)) add_number(L, memory, &act->targets, entity);
    lua_pop(L, 1);
  }
}

static void read_joint(lua_State *L, int index, const struct network *network, struct act *act, struct memory *memory) {
  for (size_t g = 1, groups = lua_istable(L, index) ? lua_rawlen(L, index) : 0; g <= groups; g++) {
    lua_rawgeti(L, index, (int)g);
    if (!lua_istable(L, -1)) raise_error(L, "argument", "joint", "joint must be a list of lists of ids");
    for (size_t i = 1, count = lua_rawlen(L, -1); i <= count; i++) {
      lua_rawgeti(L, -1, (int)i);
      add_number(L, memory, &act->grouped, check_entity(L, network, lua_gettop(L), "joint"));
      lua_pop(L, 1);
    }
    add_number(L, memory, &act->group_ends, (uint32_t)act->grouped.count);
    lua_pop(L, 1);
  }
}

/* ---- exceptions ---- */

/* The list at `index`: { covers = filter, since =, until =, contracts_before = }; those not in force are left out. */
static void read_exceptions(lua_State *L, int index, int sources, struct exposure *exposure, uint32_t restriction) {
  int32_t day = exposure->overlay->day;
  for (size_t i = 1, count = lua_istable(L, index) ? lua_rawlen(L, index) : 0; i <= count; i++) {
    lua_rawgeti(L, index, (int)i);
    int record = lua_gettop(L);
    struct validity validity;
    int32_t before;
    lua_getfield(L, record, "since");
    read_day(L, -1, &validity.since, "except.since");
    lua_getfield(L, record, "until");
    read_day(L, -1, &validity.until, "except.until");
    lua_getfield(L, record, "contracts_before");
    read_day(L, -1, &before, "except.contracts_before");
    if (validity_holds(validity, day)) {
      struct exception fresh = {.restriction = restriction, .contracts_before = before, .until = validity.until};
      if (!vector_push(&exposure->memory, &exposure->exceptions, fresh)) luaL_error(L, "not enough memory");
      lua_getfield(L, record, "covers");
      if (!lua_istable(L, -1))
        raise_error(L, "argument", "covers", "an exception needs covers, a filter over relations");
      read_filter(L, lua_gettop(L), &exposure->exceptions.items[exposure->exceptions.count - 1].covers,
                  &exposure->memory, "covers");
      lua_getfield(L, record, "source");
      if (lua_type(L, -1) != LUA_TSTRING) lua_pushboolean(L, 0); /* keeps the list whole */
      lua_rawseti(L, sources, (int)exposure->exceptions.count);
    }
    lua_settop(L, record - 1);
  }
}

static void read_restriction(lua_State *L, int index, int sources, struct exposure *exposure, struct act *act) {
  static const char *const measures[] = {"prohibit", "license", "mitigate", "review", "warn", NULL};
  struct memory *memory = &exposure->memory;
  struct restriction restriction = {
      .measure = (enum measure)read_option(text_field(L, index, "measure", "prohibit"), measures, MEASURE_PROHIBIT),
      .first_target = (uint32_t)act->targets.count};
  lua_getfield(L, index, "targets");
  read_targets(L, lua_gettop(L), exposure->overlay, act, memory);
  lua_pop(L, 1);
  restriction.targets = (uint32_t)act->targets.count - restriction.first_target;
  lua_getfield(L, index, "joint");
  read_joint(L, lua_gettop(L), exposure->overlay->network, act, memory);
  lua_pop(L, 1);
  lua_getfield(L, index, "except");
  read_exceptions(L, lua_gettop(L), sources, exposure, exposure->restrictions);
  lua_pop(L, 1);
  if (!vector_push(memory, &act->restrictions, restriction)) luaL_error(L, "not enough memory");
  exposure->restrictions++;
}

void read_acts(lua_State *L, int acts, int exceptions, int sources, struct exposure *exposure) {
  static const char *const scopes[] = {"entity", "branches", "located", "owned", "facilitation", NULL};
  luaL_checkstack(L, 20, "acts");
  for (size_t i = 1, count = lua_rawlen(L, acts); i <= count; i++) {
    struct act fresh = {.first_restriction = exposure->restrictions};
    if (!vector_push(&exposure->memory, &exposure->acts, fresh)) luaL_error(L, "not enough memory");
    struct act *act = &exposure->acts.items[exposure->acts.count - 1];
    lua_rawgeti(L, acts, (int)i);
    int record = lua_gettop(L);
    act->scope = (enum scope)read_option(text_field(L, record, "scope", "entity"), scopes, SCOPE_ENTITY);
    lua_getfield(L, record, "rule");
    read_policy(L, lua_gettop(L), &act->policy, &exposure->memory);
    lua_pop(L, 1);
    lua_getfield(L, record, "restrictions");
    int list = lua_gettop(L);
    for (size_t k = 1, restrictions = lua_rawlen(L, list); k <= restrictions; k++) {
      lua_rawgeti(L, list, (int)k);
      read_restriction(L, lua_gettop(L), sources, exposure, act);
      lua_pop(L, 1);
    }
    lua_settop(L, record - 1);
  }
  read_exceptions(L, exceptions, sources, exposure, EVERY_RESTRICTION);
}
