#include "tallying.h"

#include <string.h>

static size_t words_of(const struct tally_space *space) { return space->entities / 64 + 1; }

enum { BIT_SETS = 9 };
static void list_bit_sets(struct tally_space *space, uint64_t **sets[BIT_SETS]) {
  uint64_t **all[BIT_SETS] = {&space->caught,
                              &space->restricted[READING_LOW],
                              &space->restricted[READING_HIGH],
                              &space->reached,
                              &space->carrying[READING_LOW],
                              &space->carrying[READING_HIGH],
                              &space->climbed,
                              &space->sure_user,
                              &space->sure_parent};
  memcpy(sets, all, sizeof all);
}

bool tally_open(struct tally_space *space, const struct overlay *overlay, struct memory *memory,
                struct failure *failure) {
  memset(space, 0, sizeof *space);
  space->memory = memory;
  space->overlay = overlay;
  space->entities = overlay->network->entity_count;
  uint64_t **sets[BIT_SETS];
  bool fine = true;
  list_bit_sets(space, sets);
  for (int i = 0; i < BIT_SETS && fine; i++)
    fine = (*sets[i] = memory_zeroed(memory, words_of(space), sizeof **sets[i])) != NULL;
  if (!fine) tally_close(space);
  return fine || fail_memory(failure, memory);
}

static void close_log(struct tally_log *log, struct memory *memory) {
  vector_free(memory, &log->entity);
  vector_free(memory, &log->relation);
  vector_free(memory, &log->before);
}

void tally_close(struct tally_space *space) {
  struct memory *memory = space->memory;
  uint64_t **sets[BIT_SETS];
  if (!space->overlay) return;
  tally_forget(space);
  tally_close_nodes(space);
  tally_close_reach(space);
  list_bit_sets(space, sets);
  for (int i = 0; i < BIT_SETS; i++) memory_free(memory, *sets[i], words_of(space) * sizeof **sets[i]);
  memory_free(memory, space->sums, (space->entities + 1) * sizeof *space->sums);
  memory_free(memory, space->bound, space->entities + 1);
  vector_free(memory, &space->summed);
  vector_free(memory, &space->asked);
  vector_free(memory, &space->queue);
  for (int reading = 0; reading < READINGS; reading++) close_log(&space->log[reading], memory);
  targets_close(&space->targets, memory);
  vector_free(memory, &space->restrictions.items);
  vector_free(memory, &space->users.items);
  vector_free(memory, &space->parents.items);
  space->overlay = NULL;
}

void tally_forget(struct tally_space *space) {
  for (size_t i = 0; i < space->asked.count; i++) space->bound[space->asked.items[i]] = 0;
  space->asked.count = 0;
  for (int reading = 0; reading < READINGS; reading++) {
    memory_free(space->memory, space->under[reading], words_of(space) * sizeof **space->under);
    space->under[reading] = NULL;
  }
}

void tally_clear_bits(const struct tally_space *space, uint64_t *bits, const uint32_t *entities, size_t count) {
  if (count > words_of(space) / 4) memset(bits, 0, words_of(space) * sizeof *bits);
  else
    for (size_t i = 0; i < count; i++) bits[entities[i] >> 6] = 0;
}

void tally_clear_sums(struct tally_space *space) {
  for (size_t i = 0; i < space->summed.count; i++) memset(space->sums[space->summed.items[i]], 0, sizeof *space->sums);
  space->summed.count = 0;
}

/* Everything the last run touched, also one that was broken off. */
static void clear(struct tally_space *space) {
  for (int reading = 0; reading < READINGS; reading++) {
    struct tally_log *log = &space->log[reading];
    const uint32_t *entities = log->entity.items;
    size_t count = log->entity.count, restricted = log->restricted ? log->restricted : count;
    if (count > 0) {
      tally_clear_bits(space, space->caught, entities, restricted);
      tally_clear_bits(space, space->restricted[READING_LOW], entities, restricted);
      tally_clear_bits(space, space->restricted[READING_HIGH], entities, restricted);
      tally_clear_bits(space, space->reached, entities, count);
    }
    if (count > 0 && space->noted) {
      tally_clear_bits(space, space->carrying[READING_LOW], entities, count);
      tally_clear_bits(space, space->carrying[READING_HIGH], entities, count);
    }
    if (count > 0 && space->bound_asked) {
      tally_clear_bits(space, space->climbed, entities, count);
      tally_clear_bits(space, space->sure_user, entities, count);
      tally_clear_bits(space, space->sure_parent, entities, count);
    }
    log->entity.count = log->relation.count = log->before.count = log->restricted = log->users = 0;
    log->along = false;
  }
  tally_clear_sums(space);
  tally_clear_nodes(space);
  space->noted = space->bound_asked = false;
  space->targets.entities.count = space->targets.grouped.count = space->targets.ends.count = 0;
  struct tally_list *lists[] = {&space->restrictions, &space->users, &space->parents};
  for (int i = 0; i < 3; i++) lists[i]->items.count = lists[i]->yes = lists[i]->count = 0;
}

/* Under a flow that takes every link upward, whoever is above a user is one too, or restricted. When nothing is below
 * the restricted, the parents are the tops among the users. */
static bool reached_all_above(const struct tallying *t) {
  const struct policy *policy = &t->stage->act->policy;
  if (policy->flow != FLOW_ANY || policy->bound != BOUND_ANYONE || !t->space->same) return false;
  for (size_t i = 0; i < t->log->restricted; i++) {
    struct walk walk = walk_out(t->overlay, t->log->entity.items[i]);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(t->overlay, r) < RELATION_SUPPLIES) return false;
      if (!overlay_is_added(t->overlay, r)) walk.at = walk.end;
    }
  }
  return true;
}

static size_t count_tops(const struct tallying *t, enum reading reading) {
  const struct tally_log *log = t->log;
  size_t count = 0;
  if (log->along) return tally_tops_along(t, reading);
  for (size_t at = log->restricted; at < log->users; at++)
    count += bit_at(t->chains->top[reading], log->entity.items[at]);
  return count;
}

/* None of the reached is restricted: those were marked before. */
static bool list_reached(struct tallying *t) {
  struct tally_space *space = t->space;
  const struct tally_log *log = t->log;
  const uint64_t *sure = t->chains->top[READING_LOW], *perhaps = t->chains->top[READING_HIGH];
  size_t users = log->users - log->restricted, parents = 0;
  space->users.yes = space->users.count = users;
  if (!t->listed) {
    space->parents.yes = count_tops(t, READING_LOW);
    space->parents.count = t->chains->open ? count_tops(t, READING_HIGH) : space->parents.yes;
    return true;
  }
  if (!vector_reserve(space->memory, &space->users.items, users) ||
      !vector_reserve(space->memory, &space->parents.items, users))
    return out_of_memory(t);
  struct tally_entry *user = space->users.items.items, *parent = space->parents.items.items;
  for (size_t i = 0; i < users; i++) {
    size_t at = log->restricted + i;
    user[i] = (struct tally_entry){log->entity.items[at], (uint32_t)at};
    parent[parents] = user[i]; /* stays if it is one */
    parents += bit_at(sure, user[i].entity);
  }
  space->users.items.count = users;
  space->parents.items.count = space->parents.yes = space->parents.count = parents;
  for (size_t i = 0; i < users && t->chains->open; i++)
    if (!bit_at(sure, user[i].entity) && bit_at(perhaps, user[i].entity) &&
        !add_to(t, &space->parents, user[i].entity, user[i].at))
      return false;
  return true;
}

/* ---- the line ---- */

static bool list_restricted(struct tallying *t) {
  struct tally_space *space = t->space;
  struct tally_list *list = &space->restrictions;
  for (int reading = 0; reading < READINGS; reading++) {
    const struct tally_log *log = &space->log[reading];
    for (size_t at = 0; at < log->restricted; at++) { /* caught, done with, marks who is listed */
      uint32_t entity = log->entity.items[at];
      if (bit_at(space->caught, entity)) continue;
      bit_set(space->caught, entity);
      if (!add_to(t, list, entity, at)) return false;
    }
    if (reading == READING_LOW) list->yes = list->count;
  }
  return true;
}

static void read_as(struct tallying *t, enum reading reading) {
  t->reading = reading;
  t->log = &t->space->log[t->space->same ? READING_LOW : reading];
}

static bool restrict_in_both(struct tallying *t) {
  struct tally_space *space = t->space;
  read_as(t, READING_LOW);
  if (!tally_restrict(t)) return false;
  space->same = !t->doubt && !(t->chains->doubtful && t->stage->act->policy.flow == FLOW_ANY);
  if (!space->same) {
    read_as(t, READING_HIGH);
    if (!tally_restrict(t)) return false;
    read_as(t, READING_LOW);
  }
  return list_restricted(t);
}

static bool run(struct tallying *t, bool noted) {
  struct tally_space *space = t->space;
  bool open = false;
  noted = noted || tally_asks_parties(t);
  space->noted = noted;
  bool above = reached_all_above(t);
  if (!tally_flow(t, noted, above && !t->listed)) return false;
  if (above) return list_reached(t);
  space->bound_asked = true;
  if (!tally_bind(t) || !tally_climb(t, &open)) return false;
  read_as(t, READING_HIGH);
  if (!space->same) {
    const struct entity_list *low = &space->log[READING_LOW].entity;
    tally_clear_bits(space, space->reached, low->items, low->count);
    tally_clear_bits(space, space->climbed, low->items, low->count);
    if (!tally_flow(t, noted, false)) return false;
  }
  size_t certain = space->users.count;
  if (!tally_bind(t)) return false;
  bool more = !space->same || open || space->users.count > certain || tally_asks_parties(t);
  return !more || tally_climb(t, &open);
}

static struct tallying tallying(const struct stage *stage, const struct tally_ground *ground, struct tally_space *space,
                                struct tally_wish wish) {
  return (struct tallying){.stage = stage,
                           .overlay = stage->overlay,
                           .network = stage->overlay->network,
                           .ground = ground,
                           .chains = ground->chains,
                           .space = space,
                           .listed = wish.listed || wish.ways || wish.carried,
                           .ways = wish.ways,
                           .last = {.entity = ENTITY_NONE}};
}

static bool begin(struct tallying *t) {
  struct tally_space *space = t->space;
  const struct act *act = t->stage->act;
  clear(space);
  const struct holders *holders = t->ground->holders;
  if (holders && holders->node_of && !t->ways) { /* which relation a stake is they do not say */
    t->holders = holders;
    if (!tally_open_nodes(t)) return false;
  } else if (act->policy.owned && !space->sums &&
             !(space->sums = memory_zeroed(space->memory, space->entities + 1, sizeof *space->sums))) {
    return out_of_memory(t);
  }
  if (!targets_list(act, NULL, space->memory, &space->targets)) return out_of_memory(t);
  return restrict_in_both(t);
}

bool tally_restricted(const struct stage *stage, const struct tally_ground *ground, struct tally_space *space,
                      struct tally_wish wish) {
  struct tallying t = tallying(stage, ground, space, wish);
  return begin(&t);
}

bool tally_run(const struct stage *stage, const struct tally_ground *ground, struct tally_space *space,
               struct tally_wish wish) {
  struct tallying t = tallying(stage, ground, space, wish);
  return begin(&t) && run(&t, wish.carried);
}
