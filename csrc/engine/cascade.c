#include "cascade.h"

#include <string.h>

#include "targets.h"

const char *const because_name[] = {"none", "target", "owned", "controlled", "branch", "operated"};

enum { PENDING_CONTROLLED = 1, PENDING_BRANCH = 2, PENDING_OPERATED = 4, PENDING_STAKE = 8 };
enum { EQUITY = 1, VOTES = 2 };

/* One group of targets in one reading. */
struct run {
  const struct stage *stage;
  enum reading reading;
  struct cascade *cascade;
  struct entity_list frontier, candidates; /* rows */
  struct places *holders;                  /* empty; for the search for firms that hold each other up */
  bool doubt;
};

/* Groups run one after the other on the same blocks: what one touched is cleared before the next. */
struct workspace {
  struct cascade group[READINGS];
  struct places holders;
};

void cascade_close(struct cascade *cascade, struct memory *memory) {
  places_close(&cascade->places);
  vector_free(memory, &cascade->rows);
  vector_free(memory, &cascade->stakes);
  vector_free(memory, &cascade->trails);
}

static struct captured *touch(struct memory *memory, struct cascade *cascade, uint32_t entity) {
  uint32_t row = places_find(&cascade->places, entity);
  if (row == PLACE_NONE) {
    struct captured fresh = {.entity = entity,
                             .steps = UINT32_MAX,
                             .relation = RELATION_NONE,
                             .previous = ENTITY_NONE,
                             .consolidator = ENTITY_NONE,
                             .trail = TRAIL_NONE};
    row = (uint32_t)cascade->rows.count;
    if (!vector_push(memory, &cascade->rows, fresh) || !places_put(&cascade->places, entity, row)) return NULL;
  }
  return &cascade->rows.items[row];
}

/* doubt, when given, becomes true if the answer hangs on a country that is not known. */
static bool can_be_caught(const struct stage *stage, enum reading reading, uint32_t entity, bool *doubt) {
  const struct policy *policy = &stage->act->policy;
  if (!policy->foreign_only) return true;
  enum home home = policy_solely_home(policy, stage->overlay, entity);
  if (home == HOME_OPEN && doubt) *doubt = true;
  return home == HOME_NO || (home == HOME_OPEN && reading == READING_HIGH);
}

static bool passes(const struct policy *policy, uint64_t sum) {
  return policy->strict ? sum > policy->threshold : sum >= policy->threshold;
}

/* The bases on which the sums meet the test: of two, equity speaks. */
static uint8_t basis_met(const struct policy *policy, const struct captured *row) {
  if (!policy->owned) return 0;
  if (policy->basis != BASIS_VOTES && passes(policy, row->sum[0])) return EQUITY;
  if (policy->basis != BASIS_EQUITY && passes(policy, row->sum[1])) return VOTES;
  return 0;
}

static uint8_t basis_asked(const struct policy *policy, const struct captured *row) {
  bool votes = policy->basis == BASIS_VOTES || (policy->basis == BASIS_EITHER && row->sum[1] > row->sum[0]);
  return votes ? VOTES : EQUITY;
}

/* How much a relation from `holder` counts in the ownership test of the entity it points at, by basis. A
 * consolidation counts like a stake of unknown size where no `owns` of the pair is in force. */
static uint32_t stake_of(const struct overlay *overlay, uint32_t relation, enum reading reading, uint8_t *bases) {
  enum relation_kind kind = overlay_kind(overlay, relation);
  *bases = 0;
  if (overlay_from(overlay, relation) == overlay_to(overlay, relation)) return 0;
  if (kind == RELATION_OWNS) {
    struct share share = overlay_share(overlay, relation);
    *bases = overlay_kind_byte(overlay, relation) & RELATION_VOTES ? VOTES : EQUITY;
    return reading == READING_LOW ? share.lo : share.hi;
  }
  if (kind == RELATION_CONSOLIDATES &&
      !overlay_owns(overlay, overlay_from(overlay, relation), overlay_to(overlay, relation))) {
    *bases = EQUITY | VOTES;
    return reading == READING_LOW ? 0 : SHARE_WHOLE;
  }
  return 0;
}

static bool pend(struct run *run, uint32_t entity, uint8_t reason, uint64_t stake, uint8_t bases) {
  struct memory *memory = run->stage->memory;
  struct captured *row = touch(memory, run->cascade, entity);
  if (!row) return fail_memory(run->stage->failure, memory);
  if (bases & EQUITY) row->sum[0] += stake;
  if (bases & VOTES) row->sum[1] += stake;
  if (row->because == BECAUSE_NONE && row->pending == 0 &&
      !vector_push(memory, &run->candidates, (uint32_t)(row - run->cascade->rows.items)))
    return fail_memory(run->stage->failure, memory);
  row->pending |= reason;
  return true;
}

/* What a newly caught entity does to its neighbours. */
static bool spread(struct run *run, uint32_t holder) {
  const struct overlay *overlay = run->stage->overlay;
  const struct policy *policy = &run->stage->act->policy;
  struct walk walk = walk_out(overlay, holder);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(overlay, r);
    uint32_t entity = overlay_to(overlay, r);
    if (kind >= RELATION_SUPPLIES) {
      if (!overlay_is_added(overlay, r)) walk.at = walk.end; /* rows are ordered by kind: no more of ours */
      continue;
    }
    if (entity == holder) continue;
    bool fine = true;
    if (kind == RELATION_HAS_BRANCH) fine = pend(run, entity, PENDING_BRANCH, 0, 0);
    if (kind == RELATION_OPERATES) fine = pend(run, entity, PENDING_OPERATED, 0, 0);
    if (kind == RELATION_CONTROLS) {
      if (policy->control == CONTROL_LISTED) run->doubt = true;
      if (policy_controls(policy, overlay, r, run->reading)) fine = pend(run, entity, PENDING_CONTROLLED, 0, 0);
    }
    if (kind == RELATION_CONSOLIDATES && policy->control == CONTROL_ANY)
      fine = pend(run, entity, PENDING_CONTROLLED, 0, 0);
    if (fine && policy->owned && (kind == RELATION_OWNS || kind == RELATION_CONSOLIDATES)) {
      uint8_t bases;
      uint32_t stake = stake_of(overlay, r, run->reading, &bases);
      struct captured *row = touch(run->stage->memory, run->cascade, entity);
      if (!row) return fail_memory(run->stage->failure, run->stage->memory);
      if (kind == RELATION_CONSOLIDATES) { /* several of one pair count once */
        if (row->consolidator == holder) bases = 0;
        row->consolidator = holder;
      }
      if (bases && (kind == RELATION_CONSOLIDATES || overlay_share(overlay, r).lo != overlay_share(overlay, r).hi))
        run->doubt = true;
      if (bases) fine = pend(run, entity, PENDING_STAKE, stake, bases);
    }
    if (!fine) return false;
  }
  walk = walk_up(overlay, holder);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(overlay, r) == RELATION_HAS_BRANCH && overlay_from(overlay, r) != holder &&
        !pend(run, overlay_from(overlay, r), PENDING_BRANCH, 0, 0))
      return false;
  return true;
}

static enum because reason_of(struct run *run, struct captured *row) {
  const struct policy *policy = &run->stage->act->policy;
  uint8_t met = basis_met(policy, row);
  if ((met || (row->pending & PENDING_CONTROLLED)) &&
      can_be_caught(run->stage, run->reading, row->entity, &run->doubt)) {
    if (met) row->basis = met;
    return met ? BECAUSE_OWNED : BECAUSE_CONTROLLED;
  }
  return row->pending & PENDING_BRANCH     ? BECAUSE_BRANCH
         : row->pending & PENDING_OPERATED ? BECAUSE_OPERATED
                                           : BECAUSE_NONE;
}

static bool reach_fixpoint(struct run *run, const struct targets *targets, const uint32_t *members, size_t count) {
  struct memory *memory = run->stage->memory;
  struct failure *failure = run->stage->failure;
  for (size_t i = 0; i < count; i++) {
    struct captured *row = touch(memory, run->cascade, targets->entities.items[members[i]]);
    if (!row) return fail_memory(failure, memory);
    row->because = BECAUSE_TARGET;
    row->causes = targets->causes.items[members[i]];
    if (!vector_push(memory, &run->frontier, (uint32_t)(row - run->cascade->rows.items)))
      return fail_memory(failure, memory);
  }
  while (run->frontier.count > 0) {
    for (size_t i = 0; i < run->frontier.count; i++) {
      if ((i & 1023) == 0 &&
          !control_checkpoint(run->stage->control, (double)run->cascade->rows.count, 0, "following ownership", failure))
        return false;
      if (!spread(run, run->cascade->rows.items[run->frontier.items[i]].entity)) return false;
    }
    run->frontier.count = 0;
    for (size_t i = 0; i < run->candidates.count; i++) {
      struct captured *row = &run->cascade->rows.items[run->candidates.items[i]];
      enum because because = reason_of(run, row);
      row->pending = 0;
      if (because == BECAUSE_NONE) continue;
      row->because = (uint8_t)because;
      if (!vector_push(memory, &run->frontier, run->candidates.items[i])) return fail_memory(failure, memory);
    }
    run->candidates.count = 0;
  }
  return true;
}

bool cascade_counts(const struct stage *stage, enum reading reading, const struct captured *row, uint32_t relation,
                    bool upward) {
  const struct overlay *overlay = stage->overlay;
  const struct policy *policy = &stage->act->policy;
  enum relation_kind kind = overlay_kind(overlay, relation);
  uint8_t bases;
  if (kind == RELATION_HAS_BRANCH) return true;
  if (upward || kind >= RELATION_SUPPLIES) return false;
  if (kind == RELATION_OPERATES) return true;
  bool by_control = (kind == RELATION_CONTROLS && policy_controls(policy, overlay, relation, reading)) ||
                    (kind == RELATION_CONSOLIDATES && policy->control == CONTROL_ANY);
  if (by_control) return can_be_caught(stage, reading, row->entity, NULL);
  return row->met && stake_of(overlay, relation, reading, &bases) > 0 && (bases & row->met);
}

/* After the fixpoint: for each row the relations that count, the fewest steps from a target, and the causes. */
static bool trace(struct run *run) {
  const struct stage *stage = run->stage;
  const struct overlay *overlay = stage->overlay;
  const struct policy *policy = &stage->act->policy;
  struct captured *rows = run->cascade->rows.items;
  struct memory *memory = stage->memory;
  run->frontier.count = run->candidates.count = 0;
  bool fine = true;
  for (size_t i = 0; i < run->cascade->rows.count && fine; i++) {
    struct captured *row = &rows[i];
    row->pending = 0;
    if (row->because != BECAUSE_OWNED) row->basis = basis_met(policy, row);
    row->met = row->basis && can_be_caught(run->stage, run->reading, row->entity, &run->doubt) ? row->basis : 0;
    if (!row->basis) row->basis = basis_asked(policy, row);
    if (row->because == BECAUSE_TARGET) {
      row->steps = 0;
      fine = vector_push(memory, &run->frontier, (uint32_t)i);
    }
  }
  /* Breadth first over the relations that count, from caught to caught. Where causes differ an entity is visited again
   * whenever its causes grew. */
  while (fine && run->frontier.count > 0) {
    for (size_t i = 0; i < run->frontier.count && fine; i++) {
      uint32_t at = run->frontier.items[i];
      for (int upward = 0; upward <= 1 && fine; upward++) {
        struct walk walk = upward ? walk_up(overlay, rows[at].entity) : walk_out(overlay, rows[at].entity);
        for (uint32_t r; fine && (r = walk_next(&walk)) != RELATION_NONE;) {
          enum relation_kind kind = overlay_kind(overlay, r);
          if (upward ? kind != RELATION_HAS_BRANCH : kind >= RELATION_SUPPLIES) continue;
          uint32_t next =
              places_find(&run->cascade->places, upward ? overlay_from(overlay, r) : overlay_to(overlay, r));
          if (next == PLACE_NONE || next == at || rows[next].because <= BECAUSE_TARGET) continue;
          struct captured *row = &rows[next];
          if (!cascade_counts(stage, run->reading, row, r, upward)) continue;
          uint32_t steps = rows[at].steps + 1, causes = sets_union(stage->sets, row->causes, rows[at].causes);
          if (causes == SET_NONE) return fail_memory(stage->failure, memory);
          bool news = steps < row->steps || causes != row->causes;
          row->causes = causes;
          if (steps < row->steps || (steps == row->steps && r < row->relation)) {
            row->steps = steps;
            row->relation = r;
            row->previous = rows[at].entity;
          }
          if (news && !row->pending) {
            row->pending = 1; /* listed for the next pass */
            fine = vector_push(memory, &run->candidates, next);
          }
        }
      }
    }
    struct entity_list done = run->frontier;
    run->frontier = run->candidates;
    run->candidates = done;
    run->candidates.count = 0;
    for (size_t i = 0; i < run->frontier.count; i++) rows[run->frontier.items[i]].pending = 0;
  }
  return fine || fail_memory(stage->failure, memory);
}

/* The stakes that make up the sum, of firms caught as owned and of those below the threshold. */
static bool list_stakes(struct run *run) {
  const struct overlay *overlay = run->stage->overlay;
  for (size_t i = 0; i < run->cascade->rows.count; i++) {
    struct captured *row = &run->cascade->rows.items[i];
    row->stakes = (uint32_t)run->cascade->stakes.count;
    if (row->because != BECAUSE_OWNED && row->because != BECAUSE_NONE) continue;
    uint32_t consolidator = ENTITY_NONE;
    struct walk walk = walk_up(overlay, row->entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      uint8_t bases;
      uint32_t holder = overlay_from(overlay, r);
      bool consolidation = overlay_kind(overlay, r) == RELATION_CONSOLIDATES;
      if (!cascade_caught(run->cascade, holder) || stake_of(overlay, r, run->reading, &bases) == 0 ||
          !(bases & row->basis))
        continue;
      if (consolidation && consolidator == holder) continue;
      if (consolidation) consolidator = holder;
      if (!vector_push(run->stage->memory, &run->cascade->stakes, r))
        return fail_memory(run->stage->failure, run->stage->memory);
    }
    row->stake_count = (uint32_t)run->cascade->stakes.count - row->stakes;
  }
  return true;
}

/* Keep how the group reached an entity it caught. line: empty. */
static bool keep_trail(struct memory *memory, struct cascade *all, struct cascade *group, struct captured *row,
                       struct entity_list *line) {
  for (; row->trail == TRAIL_NONE; row = &group->rows.items[places_find(&group->places, row->previous)]) {
    if (!vector_push(memory, line, (uint32_t)(row - group->rows.items))) return false;
    if (row->relation == RELATION_NONE) break;
  }
  for (uint32_t before = row->trail; line->count > 0;) {
    struct captured *step = &group->rows.items[line->items[--line->count]];
    struct trail trail = {step->entity, step->relation, before};
    before = step->trail = (uint32_t)all->trails.count;
    if (!vector_push(memory, &all->trails, trail)) return false;
  }
  return true;
}

/* Join one group's rows to those of the groups before it: a target first, then the fewest steps. */
static bool merge(const struct stage *stage, struct cascade *all, struct cascade *group, const struct cascade *other,
                  enum reading reading, struct entity_list *line) {
  for (size_t i = 0; i < group->rows.count; i++) {
    struct captured row = group->rows.items[i];
    const struct captured *opposite = cascade_find(other, row.entity);
    int votes = row.basis == VOTES;
    uint64_t theirs = opposite ? opposite->sum[votes] : 0;
    row.lo = reading == READING_LOW ? row.sum[votes] : theirs;
    row.hi = reading == READING_LOW ? theirs : row.sum[votes];
    uint32_t first = (uint32_t)all->stakes.count;
    if (!vector_reserve(stage->memory, &all->stakes, row.stake_count))
      return fail_memory(stage->failure, stage->memory);
    if (row.stake_count)
      memcpy(all->stakes.items + first, group->stakes.items + row.stakes, row.stake_count * sizeof *all->stakes.items);
    row.stakes = first;
    bool fresh = places_find(&all->places, row.entity) == PLACE_NONE;
    struct captured *known = touch(stage->memory, all, row.entity);
    if (!known) return fail_memory(stage->failure, stage->memory);
    bool better =
        row.because == BECAUSE_NONE ? known->because == BECAUSE_NONE && row.hi > known->hi : row.steps < known->steps;
    uint32_t causes = known->because == BECAUSE_TARGET ? known->causes
                      : row.because == BECAUSE_TARGET  ? row.causes
                                                       : sets_union(stage->sets, known->causes, row.causes);
    if (causes == SET_NONE) return fail_memory(stage->failure, stage->memory);
    uint8_t met = known->met | row.met;
    if (fresh || better) {
      all->stakes.count += row.stake_count;
      if (row.because != BECAUSE_NONE && !keep_trail(stage->memory, all, group, &group->rows.items[i], line))
        return fail_memory(stage->failure, stage->memory);
      row.trail = group->rows.items[i].trail;
      *known = row;
    }
    known->causes = causes;
    known->met = met;
  }
  return true;
}

/* Would the entity meet the ownership test if every candidate were caught too? candidates NULL: if every holder were.
 */
static bool held_up(struct run *run, uint32_t entity, const struct places *candidates) {
  const struct overlay *overlay = run->stage->overlay;
  struct captured sums = {0};
  uint32_t consolidator = ENTITY_NONE;
  struct walk walk = walk_up(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    uint8_t bases;
    uint32_t holder = overlay_from(overlay, r), stake = stake_of(overlay, r, READING_HIGH, &bases);
    if (!bases ||
        (candidates && places_find(candidates, holder) == PLACE_NONE && !cascade_caught(run->cascade, holder)))
      continue;
    if (overlay_kind(overlay, r) == RELATION_CONSOLIDATES) {
      if (consolidator == holder) continue;
      consolidator = holder;
    }
    if (bases & EQUITY) sums.sum[0] += stake;
    if (bases & VOTES) sums.sum[1] += stake;
  }
  return basis_met(&run->stage->act->policy, &sums) && can_be_caught(run->stage, run->reading, entity, &run->doubt);
}

/* Add to the list the firms, not caught, that the entity holds a stake in: those that are no candidates yet (fresh, and
 * they become some), or those that still are. */
static bool each_held(struct run *run, uint32_t entity, struct places *places, struct entity_list *list, bool fresh) {
  struct walk walk = walk_out(run->stage->overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(run->stage->overlay, r);
    uint32_t held = overlay_to(run->stage->overlay, r);
    if (kind != RELATION_OWNS && kind != RELATION_CONSOLIDATES) continue;
    bool candidate = places_find(places, held) != PLACE_NONE;
    if (candidate == fresh || cascade_caught(run->cascade, held)) continue;
    if (fresh && !places_put(places, held, 0)) return false;
    if (!vector_push(run->stage->memory, list, held)) return false;
  }
  return true;
}

/* Firms that would hold each other up (greatest fixpoint), from what the cascade touched onward: first every firm whose
 * holders together could meet the test, then those that fail are struck out until none does. */
static bool find_self_supporting(struct run *run, struct entity_list *found) {
  struct memory *memory = run->stage->memory;
  if (!run->stage->act->policy.owned) return true;
  struct entity_list list = {0}, queue = {0};
  struct places *places = run->holders;
  bool fine = true;
  for (size_t i = 0; i < run->cascade->rows.count && fine; i++)
    if (run->cascade->rows.items[i].because == BECAUSE_NONE) {
      fine = places_put(places, run->cascade->rows.items[i].entity, 0) &&
             vector_push(memory, &list, run->cascade->rows.items[i].entity);
    }
  for (size_t i = 0; i < list.count && fine; i++) {
    if (!held_up(run, list.items[i], NULL)) places_remove(places, list.items[i]);
    else fine = vector_push(memory, &queue, list.items[i]) && each_held(run, list.items[i], places, &list, true);
  }
  for (size_t i = 0; i < queue.count && fine; i++) {
    uint32_t entity = queue.items[i];
    if (places_find(places, entity) == PLACE_NONE || held_up(run, entity, places)) continue;
    places_remove(places, entity);
    fine = each_held(run, entity, places, &queue, false); /* they lost a holder: look again */
  }
  size_t before = found->count;
  for (size_t i = 0; i < list.count && fine; i++)
    if (places_find(places, list.items[i]) != PLACE_NONE) fine = vector_push(memory, found, list.items[i]);
  if (fine && found->count > before) fine = vector_push(memory, found, ENTITY_NONE);
  for (size_t i = 0; i < list.count; i++) places_remove(places, list.items[i]);
  vector_free(memory, &list);
  vector_free(memory, &queue);
  return fine || fail_memory(run->stage->failure, memory);
}

static void clear(struct cascade *cascade) {
  for (size_t i = 0; i < cascade->rows.count; i++) places_remove(&cascade->places, cascade->rows.items[i].entity);
  cascade->rows.count = cascade->stakes.count = 0;
}

/* members: indexes into targets. */
static bool run_group(const struct stage *stage, const struct targets *targets, const uint32_t *members, size_t count,
                      struct workspace *workspace, struct cascade result[READINGS], struct entity_list *self_supporting,
                      bool *doubt) {
  struct memory *memory = stage->memory;
  struct cascade *group = workspace->group;
  bool fine = true;
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++) {
    struct run run = {.stage = stage, .reading = reading, .cascade = &group[reading], .holders = &workspace->holders};
    fine = reach_fixpoint(&run, targets, members, count) && trace(&run) && list_stakes(&run);
    if (fine && reading == READING_HIGH) fine = find_self_supporting(&run, self_supporting);
    *doubt = *doubt || run.doubt;
    vector_free(memory, &run.frontier);
    vector_free(memory, &run.candidates);
  }
  struct entity_list line = {0};
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++)
    fine = merge(stage, &result[reading], &group[reading], &group[!reading], reading, &line);
  vector_free(memory, &line);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) clear(&group[reading]);
  return fine;
}

bool cascade_run(const struct stage *stage, struct cascade result[READINGS], struct entity_list *self_supporting,
                 bool *doubt) {
  struct memory *memory = stage->memory;
  size_t n = stage->overlay->network->entity_count;
  struct targets targets = {0};
  struct workspace workspace = {0};
  bool fine = places_open(&workspace.holders, memory, n) && targets_list(stage->act, stage->sets, memory, &targets);
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++)
    fine = places_open(&result[reading].places, memory, n) && places_open(&workspace.group[reading].places, memory, n);
  if (!fine) fail_memory(stage->failure, memory);
  for (size_t g = 0, first = 0; g < targets.ends.count && fine; first = targets.ends.items[g++])
    fine = run_group(stage, &targets, targets.grouped.items + first, targets.ends.items[g] - first, &workspace, result,
                     self_supporting, doubt);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    cascade_close(&workspace.group[reading], memory);
  places_close(&workspace.holders);
  targets_close(&targets, memory);
  return fine;
}
