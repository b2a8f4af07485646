/* Who of the users of a tally is bound, and which parents that leads up to. */
#include <string.h>

#include "adjacency.h"
#include "tallying.h"

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
    fine = (space->under[reading] = memory_zeroed(memory, (space->entities / 64 + 1), sizeof **space->under)) != NULL;
    queue.count = 0;
    for (uint32_t e = 0; e < n && fine; e++) {
      if (start[e] == start[e + 1]) continue;
      if ((e & 4095) == 0)
        fine = control_checkpoint(t->stage->control, e, (double)n, "finding who is bound", t->stage->failure);
      enum home home = policy_home(&t->stage->act->policy, t->overlay, e);
      if (home == HOME_YES || (home == HOME_OPEN && reading == READING_HIGH))
        fine = fine && vector_push(memory, &queue, e);
    }
    for (size_t i = 0; i < queue.count && fine; i++) {
      uint32_t e = queue.items[i];
      for (uint32_t k = start[e]; k < start[e + 1] && fine; k++) {
        uint32_t lower = below[link[k]];
        if (bit_at(space->under[reading], lower) || (reading == READING_LOW && !chains->certain.items[link[k]]))
          continue;
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
      above =
          bit_at(space->under[reading], above_it) || home == HOME_YES || (home == HOME_OPEN && reading == READING_HIGH);
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

bool tally_asks_parties(const struct tallying *t) {
  return t->stage->act->policy.bound == BOUND_HOME && t->stage->act->scope >= SCOPE_FACILITATION;
}

bool tally_bind(struct tallying *t) {
  struct tally_space *space = t->space;
  const struct tally_log *log = t->log;
  bool low = t->reading == READING_LOW, anyone = t->stage->act->policy.bound == BOUND_ANYONE;
  const uint64_t *restricted = space->restricted[space->same || !low ? READING_LOW : READING_HIGH];
  size_t count = log->users - log->restricted;
  if (!vector_reserve(space->memory, &space->queue, count) ||
      (low && t->listed && !vector_reserve(space->memory, &space->users.items, count)))
    return out_of_memory(t);
  space->queue.count = 0;
  for (size_t at = log->restricted; at < log->users; at++) {
    uint32_t user = log->entity.items[at];
    if (bit_at(restricted, user)) continue;
    if (!anyone) {
      uint8_t answer;
      if (stopped(t, at, "finding who is bound") || !ask_bound(t, user, &answer)) return false;
      bool bound = answer & (low ? BOUND_SURELY : BOUND_PERHAPS);
      if (!bound && tally_asks_parties(t) && !ask_parties(t, user, NULL, NULL, &bound)) return false;
      if (!bound) continue;
    }
    space->queue.items[space->queue.count++] = (uint32_t)at;
    if (!low && bit_at(space->sure_user, user)) continue;
    if (low) bit_set(space->sure_user, user);
    if (!add_to(t, &space->users, user, at)) return false;
  }
  if (low) space->users.yes = space->users.count;
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
  if (!tally_asks_parties(t)) return true;
  struct entity_list parties = {0}, by = {0};
  bool bound, fine = ask_parties(t, user, &parties, &by, &bound);
  for (size_t i = 0; i < parties.count && fine; i++) fine = start_at(t, parties.items[i], by.items[i], at);
  vector_free(t->space->memory, &parties);
  vector_free(t->space->memory, &by);
  return fine;
}

bool tally_climb(struct tallying *t, bool *open) {
  const struct chains *chains = t->chains;
  struct tally_space *space = t->space;
  const uint64_t *top = chains->top[t->reading];
  size_t users = space->queue.count;
  bool low = t->reading == READING_LOW;
  tally_clear_bits(space, space->climbed, t->log->entity.items, t->log->entity.count);
  for (size_t i = 0; i < users; i++) bit_set(space->climbed, t->log->entity.items[space->queue.items[i]]);
  bool beside = overlay_may_have(t->overlay, RELATION_OPERATES) || tally_asks_parties(t);
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
  if (low) space->parents.yes = space->parents.count;
  return true;
}
