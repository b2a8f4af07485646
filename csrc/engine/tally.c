#include "tally.h"

#include <string.h>

#include "adjacency.h"

#define AHEAD 12 /* entries whose rows are asked for before they are needed */

struct tallying {
  const struct stage *stage;
  const struct overlay *overlay;
  const struct network *network;
  const struct chains *chains;
  struct tally_space *space;
  struct tally_log *log;
  enum reading reading;
  bool ways;
  bool doubt; /* the other reading may find otherwise */
  struct subject last;
};

static size_t words_of(const struct tally_space *space) { return space->entities / 64 + 1; }

enum { BIT_SETS = 9 };
static void list_bit_sets(struct tally_space *space, uint64_t **sets[BIT_SETS]) {
  uint64_t **all[BIT_SETS] = {&space->caught,      &space->restricted[READING_LOW], &space->restricted[READING_HIGH],
                              &space->reached,     &space->carrying[READING_LOW],   &space->carrying[READING_HIGH],
                              &space->climbed,     &space->sure_user,               &space->sure_parent};
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

/* Bits of these entities: one by one, or all at once where they are many. */
static void clear_bits(const struct tally_space *space, uint64_t *bits, const uint32_t *entities, size_t count) {
  if (count > words_of(space) / 4) memset(bits, 0, words_of(space) * sizeof *bits);
  else
    for (size_t i = 0; i < count; i++) bits[entities[i] >> 6] = 0;
}

static void clear_sums(struct tally_space *space) {
  for (size_t i = 0; i < space->summed.count; i++) memset(space->sums[space->summed.items[i]], 0, sizeof *space->sums);
  space->summed.count = 0;
}

/* Everything the last run touched, also one that was broken off. */
static void clear(struct tally_space *space) {
  uint64_t **sets[BIT_SETS];
  list_bit_sets(space, sets);
  for (int reading = 0; reading < READINGS; reading++) {
    struct tally_log *log = &space->log[reading];
    for (int i = 0; i < BIT_SETS && log->entity.count > 0; i++)
      clear_bits(space, *sets[i], log->entity.items, log->entity.count);
    log->entity.count = log->relation.count = log->before.count = log->restricted = log->users = 0;
  }
  clear_sums(space);
  space->targets.entities.count = space->targets.grouped.count = space->targets.ends.count = 0;
  space->restrictions.items.count = space->users.items.count = space->parents.items.count = 0;
  space->restrictions.yes = space->users.yes = space->parents.yes = 0;
}

static bool out_of_memory(const struct tallying *t) { return fail_memory(t->stage->failure, t->stage->memory); }

static bool stopped(const struct tallying *t, size_t done, const char *what) {
  return (done & 4095) == 4095 && !control_checkpoint(t->stage->control, (double)done, (double)t->network->entity_count,
                                                      what, t->stage->failure);
}

/* Room for so many more entries, so that `enter` need not ask. */
static inline bool make_room(struct tallying *t, size_t entries) {
  struct memory *memory = t->space->memory;
  return vector_reserve(memory, &t->log->entity, entries) &&
         (!t->ways || (vector_reserve(memory, &t->log->relation, entries) &&
                       vector_reserve(memory, &t->log->before, entries)));
}

static inline void enter(struct tallying *t, uint32_t entity, uint32_t relation, uint32_t before) {
  struct tally_log *log = t->log;
  if (t->ways) {
    log->relation.items[log->relation.count++] = relation;
    log->before.items[log->before.count++] = before;
  }
  log->entity.items[log->entity.count++] = entity;
}

/* ---- restricted ---- */

static bool can_be_caught(struct tallying *t, uint32_t entity) {
  if (!t->stage->act->policy.foreign_only) return true;
  enum home home = policy_solely_home(&t->stage->act->policy, t->overlay, entity);
  t->doubt = t->doubt || home == HOME_OPEN;
  return home == HOME_NO || (home == HOME_OPEN && t->reading == READING_HIGH);
}

static bool catch(struct tallying *t, uint32_t entity, uint32_t relation, uint32_t before) {
  if (bit_at(t->space->caught, entity)) return true;
  bit_set(t->space->caught, entity);
  if (!make_room(t, 1)) return out_of_memory(t);
  enter(t, entity, relation, before);
  return true;
}

/* One more stake in an entity. */
static bool add_stake(struct tallying *t, uint32_t entity, int basis, uint32_t stake, uint32_t relation,
                      uint32_t before) {
  const struct policy *policy = &t->stage->act->policy;
  if (stake == 0 || bit_at(t->space->caught, entity)) return true;
  if (policy->basis != BASIS_EITHER && (policy->basis == BASIS_VOTES) != (basis == 1)) return true;
  uint32_t *sum = t->space->sums[entity];
  if (sum[0] == 0 && sum[1] == 0 && !vector_push(t->space->memory, &t->space->summed, entity)) return out_of_memory(t);
  sum[basis] = stake > UINT32_MAX - sum[basis] ? UINT32_MAX : sum[basis] + stake;
  bool passes = policy->strict ? sum[basis] > policy->threshold : sum[basis] >= policy->threshold;
  return !passes || !can_be_caught(t, entity) || catch(t, entity, relation, before);
}

/* Several consolidations of one pair count once. */
static bool consolidated_before(const struct tallying *t, uint32_t holder, uint32_t relation) {
  struct walk walk = walk_out(t->overlay, holder);
  for (uint32_t r; (r = walk_next(&walk)) != relation;)
    if (overlay_kind(t->overlay, r) == RELATION_CONSOLIDATES &&
        overlay_to(t->overlay, r) == overlay_to(t->overlay, relation))
      return true;
  return false;
}

static bool spread_caught(struct tallying *t, uint32_t holder, uint32_t at) {
  const struct overlay *overlay = t->overlay;
  const struct policy *policy = &t->stage->act->policy;
  struct walk walk = walk_out(overlay, holder);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(overlay, r);
    if (kind >= RELATION_SUPPLIES) {
      if (!overlay_is_added(overlay, r)) walk.at = walk.end; /* rows are ordered by kind: no more of ours */
      continue;
    }
    uint32_t entity = overlay_to(overlay, r);
    bool fine = true;
    if (entity == holder) continue;
    if (kind == RELATION_OWNS) {
      if (!policy->owned) continue;
      struct share share = overlay_share(overlay, r);
      t->doubt = t->doubt || share.lo != share.hi;
      int votes = (overlay_kind_byte(overlay, r) & RELATION_VOTES) != 0;
      fine = add_stake(t, entity, votes, t->reading == READING_LOW ? share.lo : share.hi, r, at);
    } else if (kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES) {
      fine = catch(t, entity, r, at);
    } else if (kind == RELATION_CONTROLS) {
      t->doubt = t->doubt || policy->control == CONTROL_LISTED;
      if (policy_controls(policy, overlay, r, t->reading) && can_be_caught(t, entity)) fine = catch(t, entity, r, at);
    } else { /* consolidates */
      if (policy->control == CONTROL_ANY && can_be_caught(t, entity)) fine = catch(t, entity, r, at);
      if (!policy->owned || overlay_owns(overlay, holder, entity) || consolidated_before(t, holder, r)) continue;
      t->doubt = true;
      for (int basis = 0; basis < 2 && t->reading == READING_HIGH && fine; basis++)
        fine = add_stake(t, entity, basis, SHARE_WHOLE, r, at);
    }
    if (!fine) return false;
  }
  if (!overlay_may_have(overlay, RELATION_HAS_BRANCH)) return true;
  walk = walk_up(overlay, holder);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(overlay, r) == RELATION_HAS_BRANCH && !catch(t, overlay_from(overlay, r), r, at)) return false;
  return true;
}

static void ask_for_row(const struct tallying *t, size_t at) {
  const struct entity_list *entity = &t->log->entity;
  if (at + AHEAD < entity->count) __builtin_prefetch(&t->network->out_start[entity->items[at + AHEAD]]);
  if (at + AHEAD / 2 >= entity->count) return;
  uint32_t row = t->network->out_start[entity->items[at + AHEAD / 2]];
  __builtin_prefetch(&t->network->kind[row]);
  __builtin_prefetch(&t->network->to[row]);
}

/* The groups one after the other; what an earlier one caught is entered once. */
static bool restrict_all(struct tallying *t) {
  struct tally_space *space = t->space;
  struct tally_log *log = t->log;
  uint64_t *restricted = space->restricted[t->reading];
  for (size_t g = 0, first = 0; g < space->targets.ends.count; first = space->targets.ends.items[g++]) {
    size_t begin = log->entity.count, kept = begin;
    for (size_t i = first; i < space->targets.ends.items[g]; i++)
      if (!catch(t, space->targets.entities.items[space->targets.grouped.items[i]], RELATION_NONE, RELATION_NONE))
        return false;
    for (size_t at = begin; at < log->entity.count; at++) {
      ask_for_row(t, at);
      if (stopped(t, at, "following ownership") || !spread_caught(t, log->entity.items[at], (uint32_t)at)) return false;
    }
    clear_sums(space);
    /* With ways an entry stays though it is there twice: later ones of its group came from it. */
    for (size_t at = begin; at < log->entity.count; at++) {
      uint32_t entity = log->entity.items[at];
      bit_clear(space->caught, entity);
      if (bit_at(restricted, entity) && !t->ways) continue;
      bit_set(restricted, entity);
      log->entity.items[kept++] = entity;
    }
    log->entity.count = kept;
  }
  log->restricted = log->entity.count;
  return true;
}

/* ---- users ---- */

static inline void arrive(struct tallying *t, uint32_t entity, uint32_t relation, uint32_t before) {
  uint64_t *word = &t->space->reached[entity >> 6], bit = UINT64_C(1) << (entity & 63);
  if (*word & bit) return;
  *word |= bit;
  enter(t, entity, relation, before);
}

static bool may_flow_up(const struct tallying *t, uint32_t relation) {
  if (overlay_kind(t->overlay, relation) != RELATION_OWNS) return true;
  struct share share = overlay_share(t->overlay, relation);
  return (t->reading == READING_LOW ? share.lo : share.hi) > 0;
}

/* Along the rows of one entity. any: ownership and the like too. */
static inline bool flow_from(struct tallying *t, uint32_t entity, uint32_t at, bool any, bool masked) {
  const struct network *network = t->network;
  const uint64_t *mask = t->overlay->mask;
  uint32_t r = network->out_start[entity], end = network->out_start[entity + 1], up = network->up_start[entity],
           up_end = any ? network->up_start[entity + 1] : up;
  if (!make_room(t, (size_t)(end - r) + (up_end - up))) return out_of_memory(t);
  const uint32_t followed = 1u << RELATION_SUPPLIES | (any ? 1u << RELATION_HAS_BRANCH | 1u << RELATION_OPERATES : 0u);
  for (; r < end; r++)
    if ((followed >> (network->kind[r] & RELATION_KIND) & 1) && (!masked || bit_at(mask, r)))
      arrive(t, network->to[r], r, at);
  for (; up < up_end; up++) {
    uint32_t relation = network->up_relation[up];
    if (masked && !bit_at(mask, relation)) continue;
    if (t->chains->weightless && !may_flow_up(t, relation)) continue;
    arrive(t, network->up_from[up], relation, at);
  }
  return true;
}

static bool flow_added(struct tallying *t, uint32_t entity, uint32_t at, bool any) {
  struct walk out = walk_out(t->overlay, entity), up = walk_up(t->overlay, entity);
  out.at = out.end;
  up.at = up.end;
  for (uint32_t r; (r = walk_next(&out)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(t->overlay, r);
    if (kind != RELATION_SUPPLIES && !(any && (kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES))) continue;
    if (!make_room(t, 1)) return out_of_memory(t);
    arrive(t, overlay_to(t->overlay, r), r, at);
  }
  for (uint32_t r; any && (r = walk_next(&up)) != RELATION_NONE;) {
    if (overlay_kind(t->overlay, r) >= RELATION_SUPPLIES || !may_flow_up(t, r)) continue;
    if (!make_room(t, 1)) return out_of_memory(t);
    arrive(t, overlay_from(t->overlay, r), r, at);
  }
  return true;
}

static void ask_for_rows(const struct tallying *t, size_t at) {
  const struct network *network = t->network;
  const struct entity_list *entity = &t->log->entity;
  if (at + AHEAD < entity->count) {
    __builtin_prefetch(&network->out_start[entity->items[at + AHEAD]]);
    __builtin_prefetch(&network->up_start[entity->items[at + AHEAD]]);
  }
  if (at + AHEAD / 2 >= entity->count) return;
  uint32_t next = entity->items[at + AHEAD / 2], row = network->out_start[next];
  if (row < network->out_start[next + 1]) {
    __builtin_prefetch(&network->kind[row]);
    __builtin_prefetch(&network->to[row]);
  }
  if (network->up_start[next] < network->up_start[next + 1])
    __builtin_prefetch(&network->up_from[network->up_start[next]]);
}

static inline bool flow_all(struct tallying *t, bool any, bool masked, bool noted) {
  const struct policy *policy = &t->stage->act->policy;
  uint32_t tiers = policy->flow == FLOW_USE ? policy->tiers : UINT32_MAX;
  struct entity_list *entity = &t->log->entity;
  bool added = t->overlay->added.count > 0;
  size_t at = 0, end = entity->count;
  for (uint32_t tier = 0; tier < tiers && at < end; tier++, end = entity->count) {
    for (; at < end; at++) {
      ask_for_rows(t, at);
      if (stopped(t, at, "following supplies")) return false;
      if (noted) bit_set(t->space->carrying[t->reading], entity->items[at]);
      if (!flow_from(t, entity->items[at], (uint32_t)at, any, masked)) return false;
      if (added && !flow_added(t, entity->items[at], (uint32_t)at, any)) return false;
    }
  }
  t->log->users = entity->count;
  return true;
}

/* From the restricted of this reading, which stand in the log, to all that they reach. noted: who carries it on. */
static bool flow_to_users(struct tallying *t, bool noted) {
  struct tally_space *space = t->space;
  bool masked = t->overlay->mask != NULL;
  for (size_t i = 0; i < t->log->restricted; i++) /* the surely restricted are never users */
    if (bit_at(space->restricted[READING_LOW], t->log->entity.items[i])) bit_set(space->reached, t->log->entity.items[i]);
  if (t->stage->act->policy.flow == FLOW_ANY)
    return masked ? flow_all(t, true, true, noted) : flow_all(t, true, false, noted);
  return masked ? flow_all(t, false, true, noted) : flow_all(t, false, false, noted);
}

/* ---- bound ---- */

enum { ASKED = 1, BOUND_SURELY = 2, BOUND_PERHAPS = 4 };

/* Who has a home firm above it: from each home firm down. */
static bool find_under(struct tallying *t) {
  struct tally_space *space = t->space;
  const struct chains *chains = t->chains;
  struct memory *memory = space->memory;
  size_t n = space->entities, links = chains->upper.count;
  uint32_t *start = memory_zeroed(memory, n + 1, sizeof *start), *link = memory_zeroed(memory, links + 1, sizeof *link),
           *below = memory_zeroed(memory, links + 1, sizeof *below);
  struct entity_list queue = {0};
  bool fine = start && link && below;
  for (uint32_t e = 0; e < n && fine; e++)
    for (uint32_t l = chains->start[e]; l < chains->start[e + 1]; l++) below[l] = e;
  if (fine) adjacency_sort(chains->upper.items, NULL, links, n, start, link);
  for (int reading = 0; reading < READINGS && fine; reading++) {
    fine = (space->under[reading] = memory_zeroed(memory, words_of(space), sizeof **space->under)) != NULL;
    queue.count = 0;
    for (uint32_t e = 0; e < n && fine; e++) {
      if (start[e] == start[e + 1]) continue;
      if ((e & 4095) == 0) fine = control_checkpoint(t->stage->control, e, (double)n, "finding who is bound", t->stage->failure);
      enum home home = policy_home(&t->stage->act->policy, t->overlay, e);
      if (home == HOME_YES || (home == HOME_OPEN && reading == READING_HIGH))
        fine = fine && vector_push(memory, &queue, e);
    }
    for (size_t i = 0; i < queue.count && fine; i++) {
      uint32_t e = queue.items[i];
      for (uint32_t k = start[e]; k < start[e + 1] && fine; k++) {
        uint32_t lower = below[link[k]];
        if (bit_at(space->under[reading], lower) || (reading == READING_LOW && !chains->certain.items[link[k]])) continue;
        bit_set(space->under[reading], lower);
        fine = vector_push(memory, &queue, lower);
      }
    }
  }
  memory_free(memory, start, (n + 1) * sizeof *start);
  memory_free(memory, link, (links + 1) * sizeof *link);
  memory_free(memory, below, (links + 1) * sizeof *below);
  vector_free(memory, &queue);
  if (!fine) tally_forget(space);
  return fine || out_of_memory(t);
}

static void bound_by_owner(const struct tallying *t, uint32_t user, uint8_t level[READINGS]) {
  const struct tally_space *space = t->space;
  for (int reading = 0; reading < READINGS; reading++) {
    bool above = bit_at(space->under[reading], user);
    struct walk walk = walk_up(t->overlay, user);
    for (uint32_t r; !above && climb_is_thing(t->network, user) && (r = walk_next(&walk)) != RELATION_NONE;) {
      uint32_t above_it = overlay_from(t->overlay, r);
      if (overlay_kind(t->overlay, r) != RELATION_OPERATES || climb_is_thing(t->network, above_it) ||
          climb_is_person(t->network, above_it))
        continue;
      enum home home = policy_home(&t->stage->act->policy, t->overlay, above_it);
      above = bit_at(space->under[reading], above_it) || home == HOME_YES ||
              (home == HOME_OPEN && reading == READING_HIGH);
    }
    if (above && level[reading] > SCOPE_OWNED) level[reading] = SCOPE_OWNED;
  }
}

/* Is a user bound at the scope asked, whatever it is supplied with? The answer is kept. */
static bool ask_bound(struct tallying *t, uint32_t user, uint8_t *answer) {
  struct tally_space *space = t->space;
  const struct policy *policy = &t->stage->act->policy;
  enum scope scope = t->stage->act->scope;
  uint8_t level[READINGS];
  *answer = ASKED | BOUND_SURELY | BOUND_PERHAPS;
  if (policy->bound == BOUND_ANYONE) return true;
  if (!space->bound && !(space->bound = memory_zeroed(space->memory, space->entities + 1, 1))) return out_of_memory(t);
  if ((*answer = space->bound[user]) != 0) return true;
  bound_alone(t->stage, user, &t->last, level);
  if (policy->bound == BOUND_HOME && scope >= SCOPE_OWNED) {
    if (!space->under[READING_HIGH] && !find_under(t)) return false;
    bound_by_owner(t, user, level);
  }
  *answer = (uint8_t)(ASKED | (level[READING_LOW] <= scope ? BOUND_SURELY : 0) |
                      (level[READING_HIGH] <= scope ? BOUND_PERHAPS : 0));
  if (!vector_push(space->memory, &space->asked, user)) return out_of_memory(t);
  space->bound[user] = *answer;
  return true;
}

bool tally_carried(const struct stage *stage, const struct tally_space *space, enum reading reading, uint32_t user,
                   struct entity_list *relations) {
  const uint64_t *carrying = space->carrying[space->same ? READING_LOW : reading];
  struct walk walk = walk_in(stage->overlay, user);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    if (overlay_kind(stage->overlay, r) != RELATION_SUPPLIES) continue;
    if (bit_at(carrying, overlay_from(stage->overlay, r)) && !vector_push(space->memory, relations, r))
      return fail_memory(stage->failure, stage->memory);
  }
  return true;
}

/* Home parties to the contracts that carry the harm bind at the widest scope. parties and by: those and what they sign,
 * appended. */
static bool ask_parties(struct tallying *t, uint32_t user, struct entity_list *parties, struct entity_list *by,
                        bool *bound) {
  struct entity_list carried = {0};
  struct memory *memory = t->space->memory;
  *bound = false;
  bool fine = tally_carried(t->stage, t->space, t->reading, user, &carried);
  for (size_t i = 0; i < carried.count && fine; i++) {
    uint32_t party = overlay_party(t->overlay, carried.items[i]);
    if (party == ENTITY_NONE || !overlay_entity_in_force(t->overlay, party)) continue;
    enum home home = policy_home(&t->stage->act->policy, t->overlay, party);
    if (home == HOME_NO || (home == HOME_OPEN && t->reading == READING_LOW)) continue;
    *bound = true;
    if (parties)
      fine = (vector_push(memory, parties, party) && vector_push(memory, by, carried.items[i])) || out_of_memory(t);
  }
  vector_free(memory, &carried);
  return fine;
}

static bool add_to(struct tallying *t, struct tally_list *list, uint32_t entity, size_t at) {
  struct tally_entry entry = {entity, (uint32_t)at};
  return vector_push(t->space->memory, &list->items, entry) || out_of_memory(t);
}

static bool asks_parties(const struct tallying *t) {
  return t->stage->act->policy.bound == BOUND_HOME && t->stage->act->scope >= SCOPE_FACILITATION;
}

/* The users of this reading that are bound, into the queue; into the list too, unless they are there as certain. */
static bool bind_users(struct tallying *t) {
  struct tally_space *space = t->space;
  const struct tally_log *log = t->log;
  bool low = t->reading == READING_LOW, anyone = t->stage->act->policy.bound == BOUND_ANYONE;
  const uint64_t *restricted = space->restricted[space->same || !low ? READING_LOW : READING_HIGH];
  size_t count = log->users - log->restricted;
  if (!vector_reserve(space->memory, &space->queue, count) ||
      (low && !vector_reserve(space->memory, &space->users.items, count)))
    return out_of_memory(t);
  space->queue.count = 0;
  for (size_t at = log->restricted; at < log->users; at++) {
    uint32_t user = log->entity.items[at];
    if (bit_at(restricted, user)) continue;
    if (!anyone) {
      uint8_t answer;
      if (stopped(t, at, "finding who is bound") || !ask_bound(t, user, &answer)) return false;
      bool bound = answer & (low ? BOUND_SURELY : BOUND_PERHAPS);
      if (!bound && asks_parties(t) && !ask_parties(t, user, NULL, NULL, &bound)) return false;
      if (!bound) continue;
    }
    space->queue.items[space->queue.count++] = (uint32_t)at;
    if (!low && bit_at(space->sure_user, user)) continue;
    if (low) bit_set(space->sure_user, user);
    if (!add_to(t, &space->users, user, at)) return false;
  }
  if (low) space->users.yes = space->users.items.count;
  return true;
}

/* ---- attributed ---- */

/* Someone to climb from, unless that was done. */
static bool start_at(struct tallying *t, uint32_t entity, uint32_t relation, uint32_t before) {
  struct tally_space *space = t->space;
  if (bit_at(space->climbed, entity)) return true;
  bit_set(space->climbed, entity);
  uint32_t at = (uint32_t)t->log->entity.count;
  if (!make_room(t, 1) || !vector_push(space->memory, &space->queue, at)) return out_of_memory(t);
  enter(t, entity, relation, before);
  return true;
}

/* Beside a user: whoever operates it (which is above the user alone), and home parties to its contracts. */
static bool start_beside(struct tallying *t, uint32_t at) {
  uint32_t user = t->log->entity.items[at];
  if (climb_is_thing(t->network, user) && overlay_may_have(t->overlay, RELATION_OPERATES)) {
    struct walk walk = walk_up(t->overlay, user);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      uint32_t operates = overlay_from(t->overlay, r);
      bool firm = !climb_is_thing(t->network, operates) && !climb_is_person(t->network, operates);
      if (overlay_kind(t->overlay, r) == RELATION_OPERATES && firm && !start_at(t, operates, r, at)) return false;
    }
  }
  if (!asks_parties(t)) return true;
  struct entity_list parties = {0}, by = {0};
  bool bound, fine = ask_parties(t, user, &parties, &by, &bound);
  for (size_t i = 0; i < parties.count && fine; i++) fine = start_at(t, parties.items[i], by.items[i], at);
  vector_free(t->space->memory, &parties);
  vector_free(t->space->memory, &by);
  return fine;
}

/* From the users in the queue up to every firm above, and list the parents among them. open: a link was met that is
 * only possible. */
static bool climb(struct tallying *t, bool *open) {
  const struct chains *chains = t->chains;
  struct tally_space *space = t->space;
  const uint64_t *top = chains->top[t->reading];
  size_t users = space->queue.count;
  bool low = t->reading == READING_LOW;
  clear_bits(space, space->climbed, t->log->entity.items, t->log->entity.count);
  for (size_t i = 0; i < users; i++) bit_set(space->climbed, t->log->entity.items[space->queue.items[i]]);
  bool beside = overlay_may_have(t->overlay, RELATION_OPERATES) || asks_parties(t);
  for (size_t i = 0; i < users && beside; i++)
    if (!start_beside(t, space->queue.items[i])) return false;
  for (size_t i = 0; i < space->queue.count; i++) {
    uint32_t at = space->queue.items[i], entity = t->log->entity.items[at];
    if (stopped(t, i, "climbing to parents")) return false;
    if (bit_at(top, entity) && (low || !bit_at(space->sure_parent, entity))) {
      if (low) bit_set(space->sure_parent, entity);
      if (!add_to(t, &space->parents, entity, at)) return false;
    }
    for (uint32_t l = chains->start[entity]; l < chains->start[entity + 1]; l++) {
      if (!chains->certain.items[l]) {
        *open = true;
        if (low) continue;
      }
      if (!start_at(t, chains->upper.items[l], RELATION_NONE, at)) return false;
    }
  }
  if (low) space->parents.yes = space->parents.items.count;
  return true;
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

static bool list_tops(struct tallying *t) {
  struct tally_space *space = t->space;
  const uint64_t *sure = t->chains->top[READING_LOW], *perhaps = t->chains->top[READING_HIGH];
  size_t users = space->users.items.count;
  for (size_t i = 0; i < users; i++) {
    struct tally_entry user = space->users.items.items[i];
    if (bit_at(sure, user.entity) && !add_to(t, &space->parents, user.entity, user.at)) return false;
  }
  space->parents.yes = space->parents.items.count;
  for (size_t i = 0; i < users && t->chains->open; i++) {
    struct tally_entry user = space->users.items.items[i];
    if (!bit_at(sure, user.entity) && bit_at(perhaps, user.entity) &&
        !add_to(t, &space->parents, user.entity, user.at))
      return false;
  }
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
    if (reading == READING_LOW) list->yes = list->items.count;
  }
  return true;
}

static void read_as(struct tallying *t, enum reading reading) {
  t->reading = reading;
  t->log = &t->space->log[t->space->same ? READING_LOW : reading];
}

static bool run(struct tallying *t, bool noted) {
  struct tally_space *space = t->space;
  bool open = false;
  noted = noted || asks_parties(t);
  read_as(t, READING_LOW);
  if (!restrict_all(t)) return false;
  space->same = !t->doubt && !(t->chains->weightless && t->stage->act->policy.flow == FLOW_ANY);
  if (!space->same) {
    read_as(t, READING_HIGH);
    if (!restrict_all(t)) return false;
    read_as(t, READING_LOW);
  }
  if (!list_restricted(t) || !flow_to_users(t, noted) || !bind_users(t)) return false;
  if (reached_all_above(t)) return list_tops(t);
  if (!climb(t, &open)) return false;
  read_as(t, READING_HIGH);
  if (!space->same) {
    const struct entity_list *low = &space->log[READING_LOW].entity;
    clear_bits(space, space->reached, low->items, low->count);
    clear_bits(space, space->climbed, low->items, low->count);
    if (!flow_to_users(t, noted)) return false;
  }
  size_t certain = space->users.items.count;
  if (!bind_users(t)) return false;
  bool more = !space->same || open || space->users.items.count > certain || asks_parties(t);
  return !more || climb(t, &open);
}

bool tally_run(const struct stage *stage, const struct chains *chains, struct tally_space *space,
               struct tally_wish wish) {
  struct tallying t = {.stage = stage,
                       .overlay = stage->overlay,
                       .network = stage->overlay->network,
                       .chains = chains,
                       .space = space,
                       .ways = wish.ways,
                       .last = {.entity = ENTITY_NONE}};
  clear(space);
  if (stage->act->policy.owned && !space->sums &&
      !(space->sums = memory_zeroed(space->memory, space->entities + 1, sizeof *space->sums)))
    return out_of_memory(&t);
  if (!targets_list(stage->act, NULL, space->memory, &space->targets)) return out_of_memory(&t);
  return run(&t, wish.carried);
}
