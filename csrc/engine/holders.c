#include "holders.h"

#include <string.h>

#include "bits.h"

struct drawing {
  struct holders holders;
  const struct overlay *overlay;
  struct memory *memory;
  struct control *control;
  struct failure *failure;
  uint64_t *more, *holding; /* by entity, one bit */
  uint32_t uncertain;       /* stakes with a share at most that is above the share at least */
};

static bool out_of_memory(struct drawing *drawing) { return fail_memory(drawing->failure, drawing->memory); }

static bool stopped(struct drawing *drawing, size_t done, size_t all) {
  return (done & 131071) == 0 && !control_checkpoint(drawing->control, (double)done, (double)all,
                                                     "listing what holders hold", drawing->failure);
}

/* Relations of ownership, control and the like out of an entity: rows are ordered by kind, these first. */
static inline uint32_t next_held(struct walk *walk, uint32_t *held) {
  for (uint32_t r; (r = walk_next(walk)) != RELATION_NONE;) {
    if (overlay_kind(walk->overlay, r) >= RELATION_SUPPLIES) {
      if (!overlay_is_added(walk->overlay, r)) walk->at = walk->end;
      continue;
    }
    *held = overlay_to(walk->overlay, r);
    if (*held != walk->entity) return r;
  }
  return RELATION_NONE;
}

static inline void number(struct drawing *drawing, uint32_t entity) {
  struct holders *holders = &drawing->holders;
  if (holders->node_of[entity] == NODE_NONE) holders->node_of[entity] = holders->nodes++;
}

static bool may_hold(const struct overlay *overlay, uint32_t entity) {
  return overlay->network->out_start[entity] < overlay->network->out_start[entity + 1] || overlay->added.count > 0;
}

/* Whoever can be taken, then whoever only holds. */
static bool number_nodes(struct drawing *drawing) {
  const struct overlay *overlay = drawing->overlay;
  struct holders *holders = &drawing->holders;
  size_t n = holders->entities;
  memset(holders->node_of, 0xff, n * sizeof *holders->node_of);
  for (uint32_t e = 0; e < n; e++) {
    if (stopped(drawing, e, n)) return false;
    if (!may_hold(overlay, e)) continue;
    struct walk walk = walk_out(overlay, e);
    for (uint32_t r, held; (r = next_held(&walk, &held)) != RELATION_NONE;) {
      uint8_t kind = overlay_kind_byte(overlay, r);
      bit_set(drawing->holding, e);
      number(drawing, held);
      if ((kind & RELATION_KIND) == RELATION_OWNS) {
        struct share share = overlay_share(overlay, r);
        if (kind & RELATION_VOTES) holders->bases = 2;
        drawing->uncertain += share.lo != share.hi;
        holders->count++;
        continue;
      }
      bit_set(drawing->more, e);
      if ((kind & RELATION_KIND) == RELATION_CONSOLIDATES) holders->bases = 2;
      if ((kind & RELATION_KIND) != RELATION_HAS_BRANCH) continue; /* which takes from either end */
      number(drawing, e);
      bit_set(drawing->more, held);
    }
  }
  holders->held = holders->nodes;
  for (uint32_t e = 0; e < n; e++)
    if (bit_at(drawing->holding, e)) number(drawing, e);
  return true;
}

static bool list_stakes(struct drawing *drawing) {
  const struct overlay *overlay = drawing->overlay;
  struct holders *holders = &drawing->holders;
  uint32_t count = 0;
  for (uint32_t e = 0; e < holders->entities; e++)
    if (holders->node_of[e] != NODE_NONE) holders->entity_of[holders->node_of[e]] = e;
  for (uint32_t node = 0; node < holders->nodes; node++) {
    uint32_t entity = holders->entity_of[node];
    if (stopped(drawing, node, holders->nodes)) return false;
    holders->start[node] = count;
    if (bit_at(drawing->more, entity)) bit_set(holders->more, node);
    if (bit_at(drawing->more, entity) || bit_at(drawing->holding, entity)) bit_set(holders->spreading, node);
    if (!bit_at(drawing->holding, entity)) continue;
    struct walk walk = walk_out(overlay, entity);
    for (uint32_t r, held; (r = next_held(&walk, &held)) != RELATION_NONE;) {
      uint8_t kind = overlay_kind_byte(overlay, r);
      if ((kind & RELATION_KIND) != RELATION_OWNS) continue;
      struct share share = overlay_share(overlay, r);
      holders->stakes[count] =
          (struct holder_stake){holders->node_of[held] | (kind & RELATION_VOTES ? NODE_VOTES : 0), share.lo};
      if (holders->most) holders->most[count] = share.hi;
      count++;
    }
  }
  holders->start[holders->nodes] = count;
  return true;
}

static bool make_columns(struct drawing *drawing) {
  struct holders *holders = &drawing->holders;
  struct memory *memory = drawing->memory;
  size_t nodes = holders->nodes;
  holders->entity_of = memory_zeroed(memory, nodes + 1, sizeof *holders->entity_of);
  holders->start = memory_zeroed(memory, nodes + 1, sizeof *holders->start);
  holders->stakes = memory_zeroed(memory, holders->count + 1, sizeof *holders->stakes);
  holders->spreading = memory_zeroed(memory, bit_words(nodes), sizeof *holders->spreading);
  holders->more = memory_zeroed(memory, bit_words(nodes), sizeof *holders->more);
  if (drawing->uncertain) holders->most = memory_zeroed(memory, holders->count + 1, sizeof *holders->most);
  return (holders->entity_of && holders->start && holders->stakes && holders->spreading && holders->more &&
          (holders->most || !drawing->uncertain)) ||
         out_of_memory(drawing);
}

bool holders_draw(struct holders *holders, const struct overlay *overlay, struct memory *memory,
                  struct control *control, struct failure *failure) {
  size_t n = overlay->network->entity_count;
  size_t most = overlay->network->up_count + overlay->added.count;
  bool room = memory_has_room(memory, 2 * sizeof *holders->stakes * (most + 2 * n)); /* with a cascade along them */
  if (holders->node_of || n >= NODE_VOTES || !room) return true;                     /* rows do as well */
  struct drawing drawing = {.holders.entities = n,
                            .holders.bases = 1,
                            .overlay = overlay,
                            .memory = memory,
                            .control = control,
                            .failure = failure};
  struct holders *fresh = &drawing.holders;
  fresh->node_of = memory_zeroed(memory, n + 1, sizeof *fresh->node_of);
  drawing.more = memory_zeroed(memory, bit_words(n), sizeof *drawing.more);
  drawing.holding = memory_zeroed(memory, bit_words(n), sizeof *drawing.holding);
  bool fine = (fresh->node_of && drawing.more && drawing.holding) || out_of_memory(&drawing);
  fine = fine && number_nodes(&drawing) && make_columns(&drawing) && list_stakes(&drawing);
  memory_free(memory, drawing.more, bit_words(n) * sizeof *drawing.more);
  memory_free(memory, drawing.holding, bit_words(n) * sizeof *drawing.holding);
  if (fine && !holders->node_of) *holders = *fresh; /* a progress function may have had them drawn meanwhile */
  else holders_close(fresh, memory);
  return fine;
}

void holders_close(struct holders *holders, struct memory *memory) {
  size_t nodes = holders->nodes;
  memory_free(memory, holders->node_of, (holders->entities + 1) * sizeof *holders->node_of);
  memory_free(memory, holders->entity_of, (nodes + 1) * sizeof *holders->entity_of);
  memory_free(memory, holders->start, (nodes + 1) * sizeof *holders->start);
  memory_free(memory, holders->stakes, (holders->count + 1) * sizeof *holders->stakes);
  memory_free(memory, holders->most, (holders->count + 1) * sizeof *holders->most);
  memory_free(memory, holders->spreading, bit_words(nodes) * sizeof *holders->spreading);
  memory_free(memory, holders->more, bit_words(nodes) * sizeof *holders->more);
  memset(holders, 0, sizeof *holders);
}
