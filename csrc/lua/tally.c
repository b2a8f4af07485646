/* tally: counts and proofs of what bans do on an overlay, without the rows of an exposure. */
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "rows.h"
#include "tally.h"

/* ---- what is kept with an overlay: chains, and one space that is not at work ---- */

void close_tallies(struct overlay_box *box) {
  struct tallies *tallies = box->tallies;
  if (!tallies) return;
  chains_close(&tallies->chains, &tallies->memory);
  arrows_close(&tallies->arrows, &tallies->memory);
  holders_close(&tallies->holders, &tallies->memory);
  tally_close(&tallies->space);
  free(tallies);
  box->tallies = NULL;
}

static struct tallies *tallies_of(struct overlay_box *box, struct failure *failure) {
  if (!box->tallies && !(box->tallies = calloc(1, sizeof *box->tallies)))
    fail(failure, FAILURE_MEMORY, "out of memory");
  return box->tallies;
}

/* Whose chains and holders serve: edits of supplies alone change neither. */
static struct overlay_box *owner_of_chains(struct overlay_box *box) {
  return box->like && box->like->live ? box->like : box;
}

const struct chains *overlay_chains(struct overlay_box *box, size_t limit, struct control *control,
                                    struct failure *failure) {
  struct overlay_box *owner = owner_of_chains(box);
  struct tallies *tallies = tallies_of(owner, failure);
  if (!tallies) return NULL;
  if (tallies->chains.overlay) return &tallies->chains;
  struct chains fresh;
  size_t before = tallies->memory.limit;
  tallies->memory.limit = limit;
  bool done = chains_open(&fresh, &owner->overlay, &tallies->memory, control, failure);
  tallies->memory.limit = before;
  if (!done) return NULL;
  if (tallies->chains.overlay) chains_close(&fresh, &tallies->memory); /* a progress function may ask for them too */
  else tallies->chains = fresh;
  return &tallies->chains;
}

/* What a run on the overlay stands on. */
static bool prepare(struct overlay_box *box, size_t limit, struct tally_ground *ground, struct control *control,
                    struct failure *failure) {
  struct tallies *tallies = box->tallies;
  if (!(ground->chains = overlay_chains(box, limit, control, failure))) return false;
  ground->overlay = &box->overlay;
  ground->arrows = &tallies->arrows;
  ground->holders = &owner_of_chains(box)->tallies->holders;
  return tallies->space.overlay || tally_open(&tallies->space, &box->overlay, &tallies->memory, failure);
}

/* ---- several acts: the strongest verdict of each entity ---- */

struct told {
  uint32_t entity, act, at;
  uint8_t verdict;
};

enum { TOLD_RESTRICTED, TOLD_USERS, TOLD_PARENTS, TOLD_CONCERNED, TOLD_LISTS };

struct tally_box {
  struct overlay_box *overlay;
  struct exposure acts; /* only its acts */
  struct memory memory;
  struct vector_of(struct told) lists[TOLD_LISTS];
  struct vector_of(struct tally_space) spaces; /* with ways: one an act */
  struct tally_ground ground;
  enum { ASKED_COUNTS, ASKED_RESTRICTED, ASKED_PROOFS } asked;
  bool united;        /* are the lists in order, each entity once? */
  struct proof proof; /* room for the one that is being written */
  bool live;
};

static int close_box(lua_State *L) {
  struct tally_box *box = luaL_checkudata(L, 1, TALLY_TYPE);
  if (!box->live) return 0;
  box->live = false;
  for (size_t i = 0; i < box->spaces.count; i++) tally_close(&box->spaces.items[i]);
  vector_free(&box->memory, &box->spaces);
  for (int i = 0; i < TOLD_LISTS; i++) vector_free(&box->memory, &box->lists[i]);
  vector_free(&box->memory, &box->proof);
  exposure_close(&box->acts);
  return 0;
}

static bool tell(struct tally_box *box, int which, const struct tally_list *list, uint32_t act) {
  if (!vector_reserve(&box->memory, &box->lists[which], list->items.count)) return false;
  for (size_t i = 0; i < list->items.count; i++) {
    const struct tally_entry *entry = &list->items.items[i];
    struct told told = {entry->entity, act, entry->at, i < list->yes ? VERDICT_YES : VERDICT_POSSIBLE};
    box->lists[which].items[box->lists[which].count++] = told;
  }
  return true;
}

/* In order of entity, each once with its strongest verdict and then the first act that gives it: every entity's place
 * is the number of entities before it, counted in bits. */
static bool unite(struct tally_box *box, int which) {
  struct memory *memory = &box->memory;
  size_t words = box->overlay->overlay.network->entity_count / 64 + 1, count = box->lists[which].count, kept = 0;
  const struct told *items = box->lists[which].items;
  if (count < 2) return true;
  uint64_t *bits = memory_zeroed(memory, words, sizeof *bits);
  uint32_t *before = memory_zeroed(memory, words, sizeof *before);
  struct vector_of(struct told) sorted = {0};
  bool fine = bits && before && vector_reserve(memory, &sorted, count);
  for (size_t i = 0; i < count && fine; i++) bit_set(bits, items[i].entity);
  for (size_t w = 0; w < words && fine; w++) {
    before[w] = (uint32_t)kept;
    kept += (size_t)__builtin_popcountll(bits[w]);
  }
  for (size_t i = 0; i < kept && fine; i++) sorted.items[i].verdict = VERDICT_NO;
  for (size_t i = 0; i < count && fine; i++) {
    uint32_t e = items[i].entity;
    uint64_t lower = bits[e >> 6] & ((UINT64_C(1) << (e & 63)) - 1);
    struct told *place = &sorted.items[before[e >> 6] + (uint32_t)__builtin_popcountll(lower)];
    if (items[i].verdict > place->verdict) *place = items[i];
  }
  memory_free(memory, bits, words * sizeof *bits);
  memory_free(memory, before, words * sizeof *before);
  if (!fine) {
    vector_free(memory, &sorted);
    return false;
  }
  vector_free(memory, &box->lists[which]);
  box->lists[which].items = sorted.items;
  box->lists[which].capacity = sorted.capacity;
  box->lists[which].count = kept;
  return true;
}

/* Reads the acts at `acts` into a new box, which is left on the stack. */
static struct tally_box *new_box(lua_State *L, struct overlay_box *overlay, int acts) {
  struct tally_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  box->overlay = overlay;
  luaL_getmetatable(L, TALLY_TYPE);
  lua_setmetatable(L, -2);
  lua_createtable(L, 1, 0); /* keeps the overlay */
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  set_anchor(L, -2);
  box->acts.overlay = &overlay->overlay;
  box->live = true;
  lua_pushnil(L); /* exceptions change no verdict */
  lua_newtable(L);
  int sources = lua_gettop(L);
  read_acts(L, acts, sources - 1, sources, &box->acts);
  lua_settop(L, sources - 2);
  return box;
}

/* Restrictions of one act under several measures take causes to tell apart, which a tally does not keep. */
static bool one_measure(const struct tally_box *box) {
  for (size_t a = 0; a < box->acts.acts.count; a++) {
    const struct act *act = &box->acts.acts.items[a];
    for (size_t i = 1; i < act->restrictions.count; i++)
      if (act->restrictions.items[i].measure != act->restrictions.items[0].measure) return false;
  }
  return true;
}

static bool prohibits(const struct act *act) {
  return act->restrictions.count == 0 || act->restrictions.items[0].measure == MEASURE_PROHIBIT;
}

/* Proofs keep their spaces; a count that a progress function asks for must not disturb the one under way. */
static bool needs_own_space(const struct tally_box *box) {
  return box->asked == ASKED_PROOFS || box->overlay->tallies->busy > 1;
}

/* One prohibiting act is counted where it was found: in the overlay's own space. */
static bool counted_in_place(const struct tally_box *box) {
  return box->spaces.count == 0 && box->acts.acts.count == 1 && prohibits(&box->acts.acts.items[0]);
}

/* Drawing takes what some ten runs that go far save, so it waits for a few of them. Small networks are drawn at once.
 */
static bool pays(const struct overlay_box *box, uint64_t entities, double times) {
  size_t count = box->overlay.network->entity_count;
  return count < 65536 ? entities > 0 : (double)entities > times * (double)count;
}

/* What serves an act, once earlier runs have gone far. */
static bool draw(const struct tally_box *box, const struct act *act, struct control *control, struct failure *failure) {
  struct overlay_box *overlay = box->overlay, *owner = owner_of_chains(overlay);
  struct tallies *tallies = overlay->tallies;
  bool flows = act->policy.flow == FLOW_ANY && box->asked != ASKED_RESTRICTED && pays(overlay, tallies->far, 2),
       cascades = act->policy.owned && box->asked != ASKED_PROOFS && pays(overlay, tallies->wide, 0.25);
  return (!flows ||
          arrows_draw(&tallies->arrows, &overlay->overlay, box->ground.chains, &tallies->memory, control, failure)) &&
         (!cascades ||
          holders_draw(&owner->tallies->holders, &owner->overlay, &owner->tallies->memory, control, failure));
}

static bool run_act(const struct tally_box *box, const struct stage *stage, struct tally_space *space) {
  struct tallies *tallies = box->overlay->tallies;
  const struct policy *policy = &stage->act->policy;
  struct tally_wish wish = {.listed = !counted_in_place(box), .ways = box->asked == ASKED_PROOFS};
  tally_forget(space);
  if (!(box->asked == ASKED_RESTRICTED ? tally_restricted(stage, &box->ground, space, wish)
                                       : tally_run(stage, &box->ground, space, wish)))
    return false;
  if (policy->flow == FLOW_ANY && space->users.count > space->entities / 64) tallies->far += space->users.count;
  if (policy->owned && space->restrictions.count > space->entities / 64) tallies->wide += space->restrictions.count;
  return true;
}

/* Proofs are of exposed parents. */
static bool tell_act(struct tally_box *box, const struct tally_space *space, uint32_t a) {
  bool soft = !prohibits(&box->acts.acts.items[a]), ways = box->asked == ASKED_PROOFS;
  return (ways || tell(box, TOLD_RESTRICTED, &space->restrictions, a)) &&
         (ways || tell(box, soft ? TOLD_CONCERNED : TOLD_USERS, &space->users, a)) &&
         ((ways && soft) || tell(box, soft ? TOLD_CONCERNED : TOLD_PARENTS, &space->parents, a));
}

static bool run_acts(struct tally_box *box, struct control *control, struct failure *failure) {
  const struct tally_ground *ground = &box->ground;
  for (uint32_t a = 0; a < box->acts.acts.count; a++) {
    const struct act *act = &box->acts.acts.items[a];
    struct tally_space *space = &box->overlay->tallies->space;
    if (needs_own_space(box)) {
      struct tally_space fresh = {0};
      if (!vector_push(&box->memory, &box->spaces, fresh)) return fail_memory(failure, &box->memory);
      space = &box->spaces.items[a];
      if (!tally_open(space, ground->overlay, &box->memory, failure)) return false;
    }
    if (!draw(box, act, control, failure)) return false;
    struct stage stage = {space->memory, ground->overlay, act, NULL, control, failure};
    if (!run_act(box, &stage, space)) return false;
    if (counted_in_place(box)) return true;
    if (!tell_act(box, space, a)) return fail_memory(failure, &box->memory);
  }
  bool fine = true;
  if (box->asked == ASKED_PROOFS && box->acts.acts.count == 1) return true; /* each once; in order when it is asked */
  for (int i = 0; i < TOLD_LISTS && fine; i++) fine = unite(box, i);
  box->united = true;
  return fine || fail_memory(failure, &box->memory);
}

static bool run(lua_State *L, struct tally_box *box, int options, struct failure *failure) {
  struct lua_control control;
  struct overlay_box *overlay = box->overlay, *owner = owner_of_chains(overlay);
  read_control(L, options, &control, &box->memory);
  size_t limit = box->memory.limit;
  if (!tallies_of(overlay, failure) || !tallies_of(owner, failure)) {
    end_control(L, &control);
    return false;
  }
  overlay->tallies->memory.limit = owner->tallies->memory.limit = limit;
  overlay->at_work++, owner->at_work++;
  overlay->network->at_work++;
  overlay->tallies->busy++;
  bool done =
      prepare(overlay, limit, &box->ground, &control.control, failure) && run_acts(box, &control.control, failure);
  overlay->tallies->busy--;
  overlay->network->at_work--;
  overlay->at_work--, owner->at_work--;
  overlay->tallies->memory.limit = owner->tallies->memory.limit = 0;
  box->memory.limit = 0;
  end_control(L, &control);
  return done;
}

static void set_count(lua_State *L, const char *name, const char *possible, size_t yes, size_t all) {
  lua_pushinteger(L, (lua_Integer)yes);
  lua_setfield(L, -2, name);
  lua_pushinteger(L, (lua_Integer)(all - yes));
  lua_setfield(L, -2, possible);
}

static int push_counts(lua_State *L, const struct tally_box *box) {
  static const char *const names[] = {"restricted", "users", "parents", "concerned"}, *const possible[] = {
                                                                                          "restricted_possible",
                                                                                          "users_possible",
                                                                                          "parents_possible",
                                                                                          "concerned_possible"};
  lua_createtable(L, 0, 8);
  int lists = box->asked == ASKED_RESTRICTED ? TOLD_RESTRICTED + 1 : TOLD_LISTS;
  for (int which = 0; which < lists; which++) {
    size_t yes = 0, all = box->lists[which].count;
    for (size_t i = 0; i < all; i++) yes += box->lists[which].items[i].verdict == VERDICT_YES;
    set_count(L, names[which], possible[which], yes, all);
  }
  return 1;
}

/* count(overlay, acts, opts, restricted alone?) -> { restricted =, restricted_possible =, … } | false: an act of
 * several measures | nil, message, code */
static int count_acts(lua_State *L) {
  struct overlay_box *overlay = check_overlay(L, 1);
  struct failure failure = {0};
  luaL_checktype(L, 2, LUA_TTABLE);
  bool restricted = lua_toboolean(L, 4);
  lua_settop(L, 3);
  struct tally_box *box = new_box(L, overlay, 2); /* 4 */
  if (!one_measure(box)) return lua_pushboolean(L, 0), 1;
  box->asked = restricted ? ASKED_RESTRICTED : ASKED_COUNTS;
  if (!run(L, box, 3, &failure)) return push_failure(L, &failure, NULL);
  push_counts(L, box);
  if (counted_in_place(box)) {
    const struct tally_space *space = &overlay->tallies->space;
    set_count(L, "restricted", "restricted_possible", space->restrictions.yes, space->restrictions.count);
    if (!restricted) {
      set_count(L, "users", "users_possible", space->users.yes, space->users.count);
      set_count(L, "parents", "parents_possible", space->parents.yes, space->parents.count);
    }
  }
  lua_pushcfunction(L, close_box);
  lua_pushvalue(L, 4);
  lua_call(L, 1, 0);
  return 1;
}

/* proofs(overlay, acts, opts) -> proofs | false: an act of several measures | nil, message, code */
static int prove(lua_State *L) {
  struct overlay_box *overlay = check_overlay(L, 1);
  struct failure failure = {0};
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 3);
  struct tally_box *box = new_box(L, overlay, 2); /* 4 */
  if (!one_measure(box)) return lua_pushboolean(L, 0), 1;
  box->asked = ASKED_PROOFS;
  if (!run(L, box, 3, &failure)) return push_failure(L, &failure, NULL);
  tell_collector(L, box->memory.used);
  lua_settop(L, 4);
  return 1;
}

static struct tally_box *check_proofs(lua_State *L, int index) {
  struct tally_box *box = luaL_checkudata(L, index, TALLY_TYPE);
  if (!box->live || !box->overlay->live || !box->overlay->network->live)
    raise_error(L, "closed", NULL, "the network of these proofs is closed");
  return box;
}

static int count_parents(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_proofs(L, 1)->lists[TOLD_PARENTS].count);
  return 1;
}

static const struct tally_log *log_of(const struct tally_box *box, const struct told *told) {
  return tally_log(&box->spaces.items[told->act], (enum verdict)told->verdict);
}

/* How far each entry of a log is from a target: before it stands whom it was reached from. */
static bool measure_depths(struct tally_box *box, const struct tally_log *log, struct entity_list *depths) {
  depths->count = 0;
  if (!vector_reserve(&box->memory, depths, log->entity.count)) return false;
  for (size_t at = 0; at < log->entity.count; at++) {
    uint32_t before = log->before.items[at];
    depths->items[at] = before == RELATION_NONE ? 0 : depths->items[before] + 1;
  }
  return true;
}

/* steps() -> relations in the proofs of all parents together */
static int count_steps(lua_State *L) {
  struct tally_box *box = check_proofs(L, 1);
  const struct tally_log *measured = NULL;
  struct entity_list depths = {0};
  size_t steps = 0;
  bool fine = true;
  for (size_t i = 0; i < box->lists[TOLD_PARENTS].count && fine; i++) {
    const struct told *told = &box->lists[TOLD_PARENTS].items[i];
    const struct tally_log *log = log_of(box, told);
    if (log != measured) fine = measure_depths(box, measured = log, &depths);
    if (fine) steps += depths.items[told->at];
  }
  vector_free(&box->memory, &depths);
  if (!fine) return luaL_error(L, "not enough memory");
  lua_pushinteger(L, (lua_Integer)steps);
  return 1;
}

/* In order of id, which is asked for when a path is. */
static void put_in_order(lua_State *L, struct tally_box *box) {
  if (box->united) return;
  if (!unite(box, TOLD_PARENTS)) luaL_error(L, "not enough memory");
  box->united = true;
}

static void push_proof(lua_State *L, struct tally_box *box, const struct told *told) {
  box->proof.count = 0;
  if (!tally_proof(&box->ground, log_of(box, told), told->at, &box->memory, &box->proof))
    luaL_error(L, "not enough memory");
  push_path(L, &box->acts, &box->proof, false);
}

/* path(id) -> path, verdict | nil: no exposed parent */
static int path_of(lua_State *L) {
  struct tally_box *box = check_proofs(L, 1);
  uint32_t wanted = check_entity(L, box->overlay->overlay.network, 2, "id");
  put_in_order(L, box);
  for (size_t low = 0, high = box->lists[TOLD_PARENTS].count; low < high;) {
    size_t middle = (low + high) / 2;
    const struct told *told = &box->lists[TOLD_PARENTS].items[middle];
    if (told->entity == wanted) {
      push_proof(L, box, told);
      lua_pushstring(L, verdict_name[told->verdict]);
      return 2;
    }
    if (told->entity < wanted) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/* next(number) -> number + 1, id, verdict, path | nothing at the end */
static int next_proof(lua_State *L) {
  struct tally_box *box = check_proofs(L, 1);
  lua_Number number = luaL_checknumber(L, 2);
  if (!(number >= 0 && number < (lua_Number)box->lists[TOLD_PARENTS].count)) return 0;
  put_in_order(L, box);
  const struct told *told = &box->lists[TOLD_PARENTS].items[(size_t)number];
  lua_pushnumber(L, number + 1);
  push_entity_id(L, box->overlay->overlay.network, told->entity);
  lua_pushstring(L, verdict_name[told->verdict]);
  push_proof(L, box, told);
  return 4;
}

void open_tally(lua_State *L) {
  static const luaL_Reg methods[] = {{"count", count_parents}, {"steps", count_steps}, {"path", path_of},
                                     {"next", next_proof},     {"close", close_box},   {NULL, NULL}};
  static const luaL_Reg functions[] = {{"count", count_acts}, {"proofs", prove}, {NULL, NULL}};
  luaL_newmetatable(L, TALLY_TYPE);
  lua_pushcfunction(L, close_box);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
