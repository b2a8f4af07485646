/* together: candidates of a sweep many at a time, each a lane of the condensed network. */
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "sort.h"
#include "sweep.h"
#include "tally.h"

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

/* ---- lanes: what a ban on each row's targets restricts ---- */

struct restricting {
  struct sweep *sweep;
  struct tally_space space;
  struct act act;                     /* its policy is the sweep's */
  struct entity_list start, entities; /* of the lanes */
  struct entity_list rows;            /* lane -> row */
};

/* One lane more, unless it is open who is restricted: then the two readings start from different entities. */
static bool restrict_row(struct restricting *r, const struct stage *stage, uint32_t number) {
  struct sweep *sweep = r->sweep;
  const struct tally_list *restricted = &r->space.restrictions;
  sweep_act_on(sweep, &sweep->rows.items[number], &r->act);
  struct tally_ground ground = {sweep->overlay, sweep->chains, NULL, NULL};
  if (!tally_restricted(stage, &ground, &r->space, (struct tally_wish){.listed = true})) return false;
  size_t first = r->entities.count, count = restricted->count;
  if (restricted->yes < count) return true;
  if (first + count > UINT32_MAX || !vector_reserve(&sweep->memory, &r->entities, count)) return false;
  for (size_t i = 0; i < count; i++) r->entities.items[r->entities.count++] = restricted->items.items[i].entity;
  if (count > 0) (void)sort_unique(r->entities.items + first, count);
  r->rows.items[r->rows.count++] = number;
  r->start.items[r->start.count++] = (uint32_t)r->entities.count;
  return true;
}

static bool list_lanes(struct restricting *r, struct control *control, struct failure *failure) {
  struct sweep *sweep = r->sweep;
  struct memory *memory = &sweep->memory;
  struct stage stage = {memory, sweep->overlay, &r->act, NULL, control, failure};
  r->act.policy = sweep->policy;
  r->act.scope = sweep->scope;
  bool fine = vector_reserve(memory, &r->start, sweep->rows.count + 1) &&
              vector_reserve(memory, &r->rows, sweep->rows.count) && vector_reserve(memory, &r->act.targets, 2) &&
              vector_reserve(memory, &r->act.restrictions, 1) && tally_open(&r->space, sweep->overlay, memory, failure);
  if (fine) r->start.items[r->start.count++] = 0;
  for (uint32_t i = 0; i < sweep->rows.count && fine; i++)
    fine =
        ((i & 255) != 0 || control_checkpoint(control, i, (double)sweep->rows.count, "following ownership", failure)) &&
        restrict_row(r, &stage, i);
  return fine || fail_memory(failure, memory); /* a checkpoint's own cause comes first */
}

static void close_lanes(struct restricting *r) {
  struct memory *memory = &r->sweep->memory;
  tally_close(&r->space);
  sweep_act_close(&r->act, memory);
  vector_free(memory, &r->start);
  vector_free(memory, &r->entities);
  vector_free(memory, &r->rows);
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
    fine = fine && lanes_run(&condense[reading], &lanes, reached[reading], sweep->threads, sweep->table, &sweep->memory,
                             control, failure);
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
  if (!sweep->index->made && sweep->rows.count < WORTH_CANDIDATES && entities > WORTH_ENTITIES) return true;
  struct restricting restricting = {.sweep = sweep};
  if (!make_index(sweep, control, failure)) return false;
  if (!lanes_fit(&sweep->index->condense[READING_LOW], &sweep->memory)) return true;
  bool fine = list_lanes(&restricting, control, failure) && count_lanes(&restricting, control, failure);
  close_lanes(&restricting);
  return fine;
}
