#include "controllers.h"

#include <stdlib.h>

#include "adjacency.h"
#include "lookup.h"

struct grip {
  uint32_t upper, lower; /* nodes */
  uint8_t basis;         /* of a stake; else it suffices */
  bool suffices;
  struct share share;
};

struct gripping {
  const struct overlay *overlay;
  struct memory *memory;
  struct lookup places;
  struct entity_list nodes; /* everybody above, the entity first */
  struct vector_of(struct grip) grips;
  struct entity_list upper, start, order; /* grips by upper */
  uint64_t (*sums)[2];                    /* by node: what the controlled hold of it */
  bool *caught;
  struct entity_list queue;
};

static bool add_grip(struct gripping *g, uint32_t from, uint32_t lower, uint32_t relation) {
  uint32_t upper = lookup_find(&g->places, from);
  enum relation_kind kind = overlay_kind(g->overlay, relation);
  if (g->nodes.items[lower] == from) return true;
  if (upper == PLACE_NONE) {
    upper = (uint32_t)g->nodes.count;
    if (!vector_push(g->memory, &g->nodes, from) || !lookup_put(&g->places, g->memory, from, upper)) return false;
  }
  struct grip grip = {.upper = upper, .lower = lower, .suffices = kind != RELATION_OWNS};
  if (kind == RELATION_OWNS) {
    grip.share = overlay_share(g->overlay, relation);
    grip.basis = (overlay_kind_byte(g->overlay, relation) & RELATION_VOTES) != 0;
  }
  return vector_push(g->memory, &g->grips, grip) && vector_push(g->memory, &g->upper, upper);
}

static bool look_up(struct gripping *g, uint32_t node) {
  struct walk walk = walk_in(g->overlay, g->nodes.items[node]);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(g->overlay, r);
    bool grips = kind == RELATION_OWNS || kind == RELATION_CONTROLS || kind == RELATION_CONSOLIDATES ||
                 kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES;
    if (grips && !add_grip(g, overlay_from(g->overlay, r), node, r)) return false;
  }
  walk = walk_out(g->overlay, g->nodes.items[node]);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(g->overlay, r) == RELATION_HAS_BRANCH && !add_grip(g, overlay_to(g->overlay, r), node, r))
      return false;
  return true;
}

/* Does one of those above control the entity, in a reading? */
static bool controls(struct gripping *g, uint32_t who, enum reading reading, bool *answer) {
  g->queue.count = 0;
  bool fine = vector_push(g->memory, &g->queue, who);
  memset(g->sums, 0, g->nodes.count * sizeof *g->sums);
  memset(g->caught, 0, g->nodes.count * sizeof *g->caught);
  g->caught[who] = true;
  for (size_t at = 0; at < g->queue.count && fine && !g->caught[0]; at++) {
    uint32_t node = g->queue.items[at];
    for (uint32_t i = g->start.items[node]; i < g->start.items[node + 1] && fine; i++) {
      const struct grip *grip = &g->grips.items[g->order.items[i]];
      if (g->caught[grip->lower]) continue;
      uint64_t *sum = &g->sums[grip->lower][grip->basis];
      if (!grip->suffices) *sum += reading == READING_LOW ? grip->share.lo : grip->share.hi;
      if (!grip->suffices && *sum <= SHARE_WHOLE / 2) continue;
      g->caught[grip->lower] = true;
      fine = vector_push(g->memory, &g->queue, grip->lower);
    }
  }
  *answer = g->caught[0];
  return fine;
}

static int by_entity(const void *a, const void *b) {
  const struct controller *x = a, *y = b;
  return (x->entity > y->entity) - (x->entity < y->entity);
}

static bool ask_all(struct gripping *g, struct controllers *controllers, struct control *control,
                    struct failure *failure) {
  size_t n = g->nodes.count, grips = g->grips.count;
  bool fine = vector_reserve(g->memory, &g->start, n + 1) && vector_reserve(g->memory, &g->order, grips + 1);
  g->sums = memory_zeroed(g->memory, n, sizeof *g->sums);
  g->caught = memory_zeroed(g->memory, n, sizeof *g->caught);
  if (!fine || !g->sums || !g->caught) return fail_memory(failure, g->memory);
  adjacency_sort(g->upper.items, NULL, grips, n, g->start.items, g->order.items);
  for (uint32_t who = 1; who < n; who++) {
    bool high, low = false;
    if ((who & 63) == 1 && !control_checkpoint(control, who, (double)n, "finding who controls it", failure))
      return false;
    if (!controls(g, who, READING_HIGH, &high) || (high && !controls(g, who, READING_LOW, &low)))
      return fail_memory(failure, g->memory);
    struct controller row = {g->nodes.items[who], low ? VERDICT_YES : VERDICT_POSSIBLE};
    if (high && !vector_push(g->memory, controllers, row)) return fail_memory(failure, g->memory);
  }
  if (controllers->count > 1) qsort(controllers->items, controllers->count, sizeof *controllers->items, by_entity);
  return true;
}

bool controllers_list(const struct overlay *overlay, uint32_t entity, struct controllers *controllers,
                      struct memory *memory, struct control *control, struct failure *failure) {
  struct gripping g = {.overlay = overlay, .memory = memory};
  bool fine = vector_push(memory, &g.nodes, entity) && lookup_put(&g.places, memory, entity, 0);
  for (uint32_t node = 0; node < g.nodes.count && fine; node++) fine = look_up(&g, node);
  fine = fine ? ask_all(&g, controllers, control, failure) : fail_memory(failure, memory);
  memory_free(memory, g.sums, g.nodes.count * sizeof *g.sums);
  memory_free(memory, g.caught, g.nodes.count * sizeof *g.caught);
  lookup_close(&g.places, memory);
  vector_free(memory, &g.nodes);
  vector_free(memory, &g.grips);
  vector_free(memory, &g.upper);
  vector_free(memory, &g.start);
  vector_free(memory, &g.order);
  vector_free(memory, &g.queue);
  return fine;
}
