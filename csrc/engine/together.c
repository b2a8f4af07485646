/* together: candidates of a sweep many at a time, each a lane of the condensed network. */
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "sort.h"
#include "sweep.h"

/* Making the index pays for itself from so many candidates on, or where the network is small. */
enum { WORTH_CANDIDATES = 16, WORTH_ENTITIES = 1 << 16 };

void sweep_index_close(struct sweep_index *index) {
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) condense_close(&index->condense[reading]);
  index->made = false;
}

/* The index as it is kept. It is put there whole: a progress function may begin another sweep meanwhile. */
static bool make_index(struct sweep *sweep, struct control *control, struct failure *failure) {
  struct sweep_index fresh = {.made = true}, *kept = sweep->index;
  bool fine = true;
  for (enum reading reading = READING_LOW; reading < READINGS && fine && !kept->made; reading++) {
    if (reading == READING_HIGH && !sweep->chains->doubtful) break;
    fresh.condense[reading].memory.limit = sweep->memory.limit;
    fine = condense_open(&fresh.condense[reading], sweep->overlay, sweep->chains, reading, control, failure);
    fresh.condense[reading].memory.limit = 0;
  }
  if (fine && !kept->made) *kept = fresh;
  else sweep_index_close(&fresh);
  return fine;
}

/* ---- who is restricted, where nothing but branches and what is operated is caught with a target ---- */

struct restricting {
  struct sweep *sweep;
  uint64_t *caught;                   /* by entity, of the row at hand */
  struct entity_list start, entities; /* of the lanes */
  struct entity_list rows;            /* lane -> row */
};

static bool restrict_one(struct restricting *r, uint32_t entity) {
  if (bit_at(r->caught, entity)) return true;
  bit_set(r->caught, entity);
  return vector_push(&r->sweep->memory, &r->entities, entity);
}

/* Add what a ban on the row's targets restricts, in order of entity. */
static bool restrict_row(struct restricting *r, const struct sweep_row *row) {
  const struct overlay *overlay = r->sweep->overlay;
  const uint32_t targets[] = {row->first, row->second};
  size_t first = r->entities.count;
  bool spreads = overlay_may_have(overlay, RELATION_HAS_BRANCH) || overlay_may_have(overlay, RELATION_OPERATES);
  bool fine = true;
  for (int i = 0; i < 2 && fine; i++)
    if (targets[i] != ENTITY_NONE && overlay_entity_in_force(overlay, targets[i])) fine = restrict_one(r, targets[i]);
  for (size_t i = first; i < r->entities.count && spreads && fine; i++) {
    struct walk walk = walk_out(overlay, r->entities.items[i]);
    for (uint32_t relation; fine && (relation = walk_next(&walk)) != RELATION_NONE;) {
      enum relation_kind kind = overlay_kind(overlay, relation);
      if (kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES)
        fine = restrict_one(r, overlay_to(overlay, relation));
      if (kind >= RELATION_SUPPLIES && !overlay_is_added(overlay, relation)) walk.at = walk.end; /* ordered by kind */
    }
    walk = walk_up(overlay, r->entities.items[i]);
    for (uint32_t relation; fine && (relation = walk_next(&walk)) != RELATION_NONE;)
      if (overlay_kind(overlay, relation) == RELATION_HAS_BRANCH)
        fine = restrict_one(r, overlay_from(overlay, relation));
  }
  for (size_t i = first; i < r->entities.count; i++) bit_clear(r->caught, r->entities.items[i]);
  if (fine && r->entities.count > first) (void)sort_unique(r->entities.items + first, r->entities.count - first);
  return fine;
}

static bool list_lanes(struct restricting *r, struct control *control, struct failure *failure) {
  struct sweep *sweep = r->sweep;
  struct memory *memory = &sweep->memory;
  size_t words = sweep->overlay->network->entity_count / 64 + 1;
  r->caught = memory_zeroed(memory, words, sizeof *r->caught);
  bool fine = r->caught && vector_reserve(memory, &r->start, sweep->rows.count + 1) &&
              vector_reserve(memory, &r->rows, sweep->rows.count);
  for (uint32_t i = 0; i < sweep->rows.count && fine; i++) {
    if ((i & 1023) == 0)
      fine = control_checkpoint(control, i, (double)sweep->rows.count, "following ownership", failure);
    r->start.items[r->start.count++] = (uint32_t)r->entities.count;
    r->rows.items[r->rows.count++] = i;
    fine = fine && restrict_row(r, &sweep->rows.items[i]) && r->entities.count < UINT32_MAX;
  }
  if (fine) r->start.items[r->start.count++] = (uint32_t)r->entities.count;
  memory_free(memory, r->caught, words * sizeof *r->caught);
  return fine || fail_memory(failure, memory);
}

static bool count_lanes(struct restricting *r, struct control *control, struct failure *failure) {
  struct sweep *sweep = r->sweep;
  const struct condense *condense = sweep->index->condense;
  struct lanes lanes = {r->rows.count, r->start.items, r->entities.items};
  enum reading readings = sweep->chains->doubtful ? READINGS : READING_HIGH;
  struct reached *reached[READINGS] = {NULL, NULL};
  bool fine = true;
  for (enum reading reading = READING_LOW; reading < readings && fine; reading++) {
    reached[reading] = memory_zeroed(&sweep->memory, lanes.count, sizeof **reached);
    fine = reached[reading] || fail_memory(failure, &sweep->memory);
    fine = fine &&
           lanes_run(&condense[reading], &lanes, reached[reading], sweep->threads, &sweep->memory, control, failure);
  }
  for (size_t i = 0; i < lanes.count && fine; i++) {
    struct sweep_row *row = &sweep->rows.items[r->rows.items[i]];
    const struct reached *low = &reached[READING_LOW][i], *high = &reached[readings - 1][i];
    row->restricted[SURE] = lanes.start[i + 1] - lanes.start[i];
    row->users[SURE] = low->users;
    row->users[PERHAPS] = high->users - low->users;
    row->parents[SURE] = low->parents[READING_LOW];
    row->parents[PERHAPS] = high->parents[READING_HIGH] - low->parents[READING_LOW];
    row->counted = true;
  }
  if (fine) sweep->together += lanes.count;
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    if (reached[reading]) memory_free(&sweep->memory, reached[reading], lanes.count * sizeof **reached);
  return fine;
}

bool sweep_together(struct sweep *sweep, struct control *control, struct failure *failure) {
  const struct policy *policy = &sweep->policy;
  size_t entities = sweep->overlay->network->entity_count;
  if (policy->bound != BOUND_ANYONE || policy->flow != FLOW_ANY || sweep->asks_spend || sweep->rows.count == 0)
    return true;
  if (policy->owned || policy->control != CONTROL_NONE) return true;
  if (!sweep->index->made && sweep->rows.count < WORTH_CANDIDATES && entities > WORTH_ENTITIES) return true;
  struct restricting restricting = {.sweep = sweep};
  bool fine = make_index(sweep, control, failure) && list_lanes(&restricting, control, failure) &&
              count_lanes(&restricting, control, failure);
  vector_free(&sweep->memory, &restricting.start);
  vector_free(&sweep->memory, &restricting.entities);
  vector_free(&sweep->memory, &restricting.rows);
  return fine;
}
