#include "odds.h"

#include <stdlib.h>

void odds_close(struct odds *odds) {
  worlds_close(&odds->worlds);
  for (int list = 0; list < ODDS_LISTS; list++) {
    vector_free(&odds->memory, &odds->rows[list]);
    lookup_close(&odds->places[list], &odds->memory);
  }
}

static bool add(struct odds *odds, enum odds_list list, uint32_t entity, uint8_t verdict, double weight) {
  if (verdict == VERDICT_NO || weight == 0) return true;
  uint32_t place = lookup_find(&odds->places[list], entity);
  if (place == PLACE_NONE) {
    struct odds_row fresh = {entity, 0, 0};
    place = (uint32_t)odds->rows[list].count;
    if (!vector_push(&odds->memory, &odds->rows[list], fresh) ||
        !lookup_put(&odds->places[list], &odds->memory, entity, place))
      return false;
  }
  struct odds_row *row = &odds->rows[list].items[place];
  row->possible += weight;
  if (verdict == VERDICT_YES) row->yes += weight;
  return true;
}

/* ---- world by world ---- */

static bool add_rows(struct odds *odds, const struct exposure *exposure, double weight) {
  bool fine = true;
  for (size_t i = 0; i < exposure->restricted.count && fine; i++)
    fine =
        add(odds, ODDS_RESTRICTED, exposure->restricted.items[i].entity, exposure->restricted.items[i].verdict, weight);
  for (size_t i = 0; i < exposure->users.count && fine; i++)
    fine = add(odds, ODDS_USERS, exposure->users.items[i].entity, exposure->users.items[i].verdict, weight);
  for (size_t i = 0; i < exposure->parents.count && fine; i++)
    fine = add(odds, ODDS_PARENTS, exposure->parents.items[i].entity, exposure->parents.items[i].verdict, weight);
  return fine;
}

/* The acts and exceptions are borrowed. */
static bool evaluate_world(struct odds *odds, const struct exposure *given, double weight, struct control *control,
                           struct failure *failure) {
  struct exposure world = {.memory = {.limit = odds->memory.limit}};
  bool fine = exposure_open(&world, &odds->worlds.world, failure);
  if (fine) {
    memcpy(&world.acts, &given->acts, sizeof world.acts);
    memcpy(&world.exceptions, &given->exceptions, sizeof world.exceptions);
    world.restrictions = given->restrictions;
    fine = exposure_evaluate(&world, control, failure) &&
           (add_rows(odds, &world, weight) || fail_memory(failure, &odds->memory));
    memset(&world.acts, 0, sizeof world.acts);
    memset(&world.exceptions, 0, sizeof world.exceptions);
  }
  exposure_close(&world);
  odds->evaluated++;
  return fine;
}

static int by_digest(const void *a, const void *b) {
  const uint64_t *x = a, *y = b; /* digest, world */
  if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
  return (x[1] > y[1]) - (x[1] < y[1]);
}

static bool evaluate_worlds(struct odds *odds, const struct exposure *exposure, struct control *control,
                            struct failure *failure) {
  struct worlds *worlds = &odds->worlds;
  size_t count = worlds->count;
  uint64_t(*order)[2] = memory_zeroed(&odds->memory, count, sizeof *order);
  bool fine = order || fail_memory(failure, &odds->memory);
  for (size_t i = 0; i < count && fine; i++) order[i][0] = worlds->digests.items[i], order[i][1] = i;
  if (fine && count > 1) qsort(order, count, sizeof *order, by_digest);
  for (size_t first = 0, end; first < count && fine; first = end) {
    double weight = 0;
    for (end = first; end < count && order[end][0] == order[first][0]; end++)
      weight += worlds->exact ? worlds->weights.items[order[end][1]] : 1.0 / (double)count;
    fine = control_checkpoint(control, (double)first, (double)count, "evaluating worlds", failure) &&
           (weight == 0 || (worlds_make(worlds, (size_t)order[first][1], failure) &&
                            evaluate_world(odds, exposure, weight, control, failure)));
  }
  memory_free(&odds->memory, order, count * sizeof *order);
  return fine;
}

/* ---- 64 worlds at a time ---- */

struct lane {
  uint32_t entity;
  uint64_t reached, fresh, coming; /* in which worlds; since the last round; in the next */
};

struct lanes {
  struct odds *odds;
  const struct exposure *exposure;
  struct places places; /* entity -> lane */
  struct vector_of(struct lane) lanes;
  struct entity_list now, next; /* lanes with fresh worlds */
};

static void lanes_close(struct lanes *lanes) {
  struct memory *memory = &lanes->odds->memory;
  places_close(&lanes->places);
  vector_free(memory, &lanes->lanes);
  vector_free(memory, &lanes->now);
  vector_free(memory, &lanes->next);
}

/* Is only the flow in doubt? */
static bool is_flow_alone(const struct odds *odds, const struct exposure *exposure) {
  if (exposure->acts.count != 1) return false;
  const struct act *act = &exposure->acts.items[0];
  for (size_t i = 0; i < act->restrictions.count; i++)
    if (act->restrictions.items[i].measure != MEASURE_PROHIBIT) return false;
  for (size_t i = 0; i < odds->worlds.doubtful.count; i++)
    if (overlay_kind(exposure->overlay, odds->worlds.doubtful.items[i].relation) != RELATION_SUPPLIES) return false;
  return act->scope != SCOPE_FACILITATION || act->policy.bound != BOUND_HOME;
}

static bool come(struct lanes *lanes, uint32_t entity, uint64_t worlds) {
  struct memory *memory = &lanes->odds->memory;
  if (worlds == 0) return true;
  uint32_t place = places_find(&lanes->places, entity);
  if (place == PLACE_NONE) {
    struct lane fresh = {.entity = entity};
    place = (uint32_t)lanes->lanes.count;
    if (!vector_push(memory, &lanes->lanes, fresh) || !places_put(&lanes->places, entity, place)) return false;
  }
  struct lane *lane = &lanes->lanes.items[place];
  worlds &= ~lane->reached;
  if (worlds == 0) return true;
  if (lane->coming == 0 && !vector_push(memory, &lanes->next, place)) return false;
  lane->coming |= worlds;
  return true;
}

/* What leaves an entity in some worlds goes to whom it supplies, in those that have the supply. */
static bool leave(struct lanes *lanes, const struct stage *stage, enum reading reading, size_t block, uint32_t entity,
                  uint64_t worlds) {
  const struct overlay *overlay = stage->overlay;
  struct walk walk = walk_out(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (flow_follows(stage, reading, r, false) &&
        !come(lanes, overlay_to(overlay, r), worlds & worlds_with(&lanes->odds->worlds, block, r)))
      return false;
  if (stage->act->policy.flow != FLOW_ANY) return true;
  walk = walk_in(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (flow_follows(stage, reading, r, true) && !come(lanes, overlay_from(overlay, r), worlds)) return false;
  return true;
}

static bool follow(struct lanes *lanes, enum reading reading, size_t block, struct control *control,
                   struct failure *failure) {
  const struct exposure *exposure = lanes->exposure;
  const struct act *act = &exposure->acts.items[0];
  const struct stage stage = {.overlay = exposure->overlay, .act = act};
  const struct cascade *cascade = &exposure->cascades[0][reading];
  uint32_t tiers = act->policy.flow == FLOW_USE ? act->policy.tiers : UINT32_MAX;
  for (size_t i = 0; i < lanes->lanes.count; i++) lanes->lanes.items[i].reached = lanes->lanes.items[i].coming = 0;
  lanes->next.count = 0;
  for (size_t i = 0; i < cascade->rows.count; i++)
    if (cascade->rows.items[i].because != BECAUSE_NONE &&
        !leave(lanes, &stage, reading, block, cascade->rows.items[i].entity, ~UINT64_C(0)))
      return fail_memory(failure, &lanes->odds->memory);
  while (lanes->next.count > 0) {
    struct entity_list done = lanes->now;
    lanes->now = lanes->next;
    lanes->next = done;
    lanes->next.count = 0;
    for (size_t i = 0; i < lanes->now.count; i++) {
      struct lane *lane = &lanes->lanes.items[lanes->now.items[i]];
      lane->fresh = lane->coming;
      lane->reached |= lane->coming;
      lane->coming = 0;
    }
    if (--tiers == 0) break;
    for (size_t i = 0; i < lanes->now.count; i++) {
      struct lane lane = lanes->lanes.items[lanes->now.items[i]];
      if ((i & 4095) == 4095 &&
          !control_checkpoint(control, (double)i, (double)lanes->now.count, "following supplies", failure))
        return false;
      if (!leave(lanes, &stage, reading, block, lane.entity, lane.fresh))
        return fail_memory(failure, &lanes->odds->memory);
    }
  }
  return true;
}

static uint64_t reached(const struct lanes *lanes, uint32_t entity) {
  uint32_t place = places_find(&lanes->places, entity);
  return place == PLACE_NONE ? 0 : lanes->lanes.items[place].reached;
}

static double weigh(const struct worlds *worlds, size_t block, uint64_t bits) {
  if (!worlds->exact) return (double)__builtin_popcountll(bits) / (double)worlds->count;
  double weight = 0;
  for (; bits; bits &= bits - 1) weight += worlds->weights.items[block * 64 + (size_t)__builtin_ctzll(bits)];
  return weight;
}

/* In which worlds some of the users of a parent are reached and bound. */
static uint64_t any_user(const struct exposure *exposure, uint32_t users, const uint64_t *words) {
  uint64_t any = 0;
  for (size_t i = 0; i < sets_count(&exposure->sets, users); i++) {
    const struct user_row *user = exposure_user(exposure, sets_items(&exposure->sets, users)[i]);
    if (user) any |= words[user - exposure->users.items];
  }
  return any;
}

static bool add_block(struct odds *odds, const struct exposure *exposure, size_t block,
                      uint64_t *const words[READINGS]) {
  const struct worlds *worlds = &odds->worlds;
  size_t left = worlds->count - block * 64;
  uint64_t used = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
  bool fine = true;
  for (size_t i = 0; i < exposure->users.count && fine; i++) {
    uint64_t yes = words[READING_LOW][i] & used, possible = (words[READING_HIGH][i] & used) | yes;
    uint32_t entity = exposure->users.items[i].entity;
    fine = add(odds, ODDS_USERS, entity, VERDICT_YES, weigh(worlds, block, yes)) &&
           add(odds, ODDS_USERS, entity, VERDICT_POSSIBLE, weigh(worlds, block, possible & ~yes));
  }
  for (size_t i = 0; i < exposure->parents.count && fine; i++) {
    const struct parent_row *row = &exposure->parents.items[i];
    uint64_t yes = row->verdict == VERDICT_YES ? any_user(exposure, row->users, words[READING_LOW]) & used : 0;
    uint64_t possible = (any_user(exposure, row->users, words[READING_HIGH]) |
                         any_user(exposure, row->users_possible, words[READING_HIGH])) &
                        used;
    fine = add(odds, ODDS_PARENTS, row->entity, VERDICT_YES, weigh(worlds, block, yes)) &&
           add(odds, ODDS_PARENTS, row->entity, VERDICT_POSSIBLE, weigh(worlds, block, possible & ~yes));
  }
  return fine;
}

static bool follow_worlds(struct odds *odds, const struct exposure *exposure, struct control *control,
                          struct failure *failure) {
  struct lanes lanes = {.odds = odds, .exposure = exposure};
  size_t blocks = (odds->worlds.count + 63) / 64, users = exposure->users.count;
  uint64_t *words[READINGS];
  bool same = exposure->results.count == 1 && exposure->results.items[0].same; /* one flow for both readings */
  bool fine = places_open(&lanes.places, &odds->memory, exposure->overlay->network->entity_count) ||
              fail_memory(failure, &odds->memory);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    words[reading] = memory_zeroed(&odds->memory, users + 1, sizeof **words);
    fine = fine && (words[reading] || fail_memory(failure, &odds->memory));
  }
  for (size_t block = 0; block < blocks && fine; block++) {
    fine = control_checkpoint(control, (double)block, (double)blocks, "following supplies", failure);
    for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++) {
      fine = (same && reading == READING_HIGH) || follow(&lanes, reading, block, control, failure);
      for (size_t i = 0; i < users && fine; i++) {
        const struct user_row *user = &exposure->users.items[i];
        words[reading][i] = user->bound[reading] ? reached(&lanes, user->entity) : 0;
      }
    }
    fine = fine && (add_block(odds, exposure, block, words) || fail_memory(failure, &odds->memory));
  }
  for (size_t i = 0; i < exposure->restricted.count && fine; i++)
    fine = add(odds, ODDS_RESTRICTED, exposure->restricted.items[i].entity, exposure->restricted.items[i].verdict, 1) ||
           fail_memory(failure, &odds->memory);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    memory_free(&odds->memory, words[reading], (users + 1) * sizeof **words);
  lanes_close(&lanes);
  return fine;
}

static int by_entity(const void *a, const void *b) {
  const struct odds_row *x = a, *y = b;
  return (x->entity > y->entity) - (x->entity < y->entity);
}

bool odds_run(struct odds *odds, const struct exposure *exposure, size_t samples, uint64_t seed,
              struct control *control, struct failure *failure) {
  odds->worlds.memory.limit = odds->memory.limit;
  if (!worlds_open(&odds->worlds, exposure, samples, seed, control, failure)) return false;
  bool done = is_flow_alone(odds, exposure) ? follow_worlds(odds, exposure, control, failure)
                                            : evaluate_worlds(odds, exposure, control, failure);
  for (int list = 0; list < ODDS_LISTS && done; list++)
    if (odds->rows[list].count > 1)
      qsort(odds->rows[list].items, odds->rows[list].count, sizeof *odds->rows[list].items, by_entity);
  return done;
}
