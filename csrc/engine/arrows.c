#include "arrows.h"

#include <string.h>

/* Walks the arrows of one entity, relation by relation. */
struct quiver {
  const struct overlay *overlay;
  const uint64_t *nothing; /* by place among the upward relations: not climbed */
  uint32_t entity, out, out_end, up, up_end;
  struct walk added_out, added_up;
};

static struct quiver quiver_of(const struct overlay *overlay, const struct chains *chains, uint32_t entity) {
  const struct network *network = overlay->network;
  struct quiver quiver = {overlay,
                          chains->nothing[READING_LOW],
                          entity,
                          network->out_start[entity],
                          network->out_start[entity + 1],
                          network->up_start[entity],
                          network->up_start[entity + 1],
                          {0},
                          {0}};
  if (overlay->added.count == 0) return quiver;
  quiver.added_out = walk_out(overlay, entity);
  quiver.added_up = walk_up(overlay, entity);
  quiver.added_out.at = quiver.added_out.end;
  quiver.added_up.at = quiver.added_up.end;
  return quiver;
}

/* The next relation, with whom it leads to; RELATION_NONE after the last. */
static inline uint32_t next_arrow(struct quiver *quiver, uint32_t *to) {
  const struct overlay *overlay = quiver->overlay;
  const struct network *network = overlay->network;
  const uint32_t followed = 1u << RELATION_SUPPLIES | 1u << RELATION_HAS_BRANCH | 1u << RELATION_OPERATES;
  while (quiver->out < quiver->out_end) {
    uint32_t r = quiver->out++;
    if (!(followed >> network_kind(network, r) & 1) || (overlay->mask && !bit_at(overlay->mask, r))) continue;
    *to = network->to[r];
    return r;
  }
  while (quiver->up < quiver->up_end) {
    uint32_t up = quiver->up++;
    if (quiver->nothing && bit_at(quiver->nothing, up)) continue;
    *to = network->up_from[up];
    return network->up_relation[up];
  }
  if (overlay->added.count == 0) return RELATION_NONE;
  for (uint32_t r; (r = walk_next(&quiver->added_out)) != RELATION_NONE;) {
    if (!(followed >> overlay_kind(overlay, r) & 1)) continue;
    *to = overlay_to(overlay, r);
    return r;
  }
  for (uint32_t r; (r = walk_next(&quiver->added_up)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(overlay, r);
    if (kind >= RELATION_SUPPLIES || (kind == RELATION_OWNS && overlay_share(overlay, r).lo == 0)) continue;
    *to = overlay_from(overlay, r);
    return r;
  }
  return RELATION_NONE;
}

struct drawing {
  struct arrows arrows;
  const struct overlay *overlay;
  const struct chains *chains;
  struct memory *memory;
  struct control *control;
  struct failure *failure;
};

static bool stopped(struct drawing *drawing, size_t done, size_t all) {
  return (done & 131071) == 0 && !control_checkpoint(drawing->control, (double)done, (double)all,
                                                     "drawing what harm follows", drawing->failure);
}

static bool may_pass(const struct drawing *drawing, uint32_t entity) {
  return bit_at(drawing->chains->supplying, entity) || bit_at(drawing->chains->held, entity) ||
         drawing->overlay->added.count > 0;
}

/* Whether the entity has an arrow, be it to itself. */
static bool passes(const struct drawing *drawing, uint32_t entity) {
  if (!may_pass(drawing, entity)) return false;
  struct quiver quiver = quiver_of(drawing->overlay, drawing->chains, entity);
  uint32_t to;
  return next_arrow(&quiver, &to) != RELATION_NONE;
}

#define END UINT32_C(0x80000000) /* while nodes are numbered: counted among those that pass nothing on */

/* Those that pass harm on, then those that do not; either as others lead to them, and whoever nobody leads to last. */
static bool number_nodes(struct drawing *drawing, uint64_t *passing) {
  struct arrows *arrows = &drawing->arrows;
  size_t n = arrows->entities;
  memset(arrows->node_of, 0xff, n * sizeof *arrows->node_of);
  for (uint32_t e = 0; e < n; e++) {
    if (stopped(drawing, e, 2 * n)) return false;
    if (passes(drawing, e)) bit_set(passing, e);
  }
  uint32_t ends = 0;
  for (uint32_t e = 0; e < n; e++) {
    if (stopped(drawing, n + e, 2 * n)) return false;
    if (!bit_at(passing, e)) continue;
    struct quiver quiver = quiver_of(drawing->overlay, drawing->chains, e);
    for (uint32_t to, last = ENTITY_NONE; next_arrow(&quiver, &to) != RELATION_NONE; last = to) {
      arrows->count += to != last; /* rows are ordered by whom they lead to: what leads there twice is drawn once */
      if (arrows->node_of[to] != NODE_NONE) continue;
      arrows->node_of[to] = bit_at(passing, to) ? arrows->passing++ : END | ends++;
    }
  }
  for (uint32_t e = 0; e < n; e++)
    if (bit_at(passing, e) && arrows->node_of[e] == NODE_NONE) arrows->node_of[e] = arrows->passing++;
  for (uint32_t e = 0; e < n; e++)
    if (arrows->node_of[e] != NODE_NONE && (arrows->node_of[e] & END))
      arrows->node_of[e] = arrows->passing + (arrows->node_of[e] & ~END);
  arrows->nodes = arrows->passing + ends;
  return true;
}

static bool list_arrows(struct drawing *drawing) {
  struct arrows *arrows = &drawing->arrows;
  uint32_t count = 0;
  for (uint32_t e = 0; e < arrows->entities; e++)
    if (arrows->node_of[e] != NODE_NONE) arrows->entity_of[arrows->node_of[e]] = e;
  for (uint32_t node = 0; node < arrows->nodes; node++) {
    uint32_t entity = arrows->entity_of[node];
    if (stopped(drawing, node, arrows->nodes)) return false;
    for (enum reading reading = READING_LOW; reading < READINGS; reading++)
      if (bit_at(drawing->chains->top[reading], entity)) bit_set(arrows->top[reading], node);
    if (node >= arrows->passing) continue;
    arrows->start[node] = count;
    struct quiver quiver = quiver_of(drawing->overlay, drawing->chains, entity);
    for (uint32_t to, last = ENTITY_NONE; next_arrow(&quiver, &to) != RELATION_NONE; last = to)
      if (to != last) arrows->to[count++] = arrows->node_of[to];
  }
  arrows->start[arrows->passing] = count;
  return true;
}

static bool make_columns(struct drawing *drawing) {
  struct arrows *arrows = &drawing->arrows;
  struct memory *memory = drawing->memory;
  arrows->entity_of = memory_zeroed(memory, arrows->nodes + (size_t)1, sizeof *arrows->entity_of);
  arrows->start = memory_zeroed(memory, arrows->passing + (size_t)1, sizeof *arrows->start);
  arrows->to = memory_zeroed(memory, arrows->count + 1, sizeof *arrows->to);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    arrows->top[reading] = memory_zeroed(memory, bit_words(arrows->nodes), sizeof **arrows->top);
  return (arrows->entity_of && arrows->start && arrows->to && arrows->top[READING_LOW] && arrows->top[READING_HIGH]) ||
         fail_memory(drawing->failure, memory);
}

bool arrows_draw(struct arrows *arrows, const struct overlay *overlay, const struct chains *chains,
                 struct memory *memory, struct control *control, struct failure *failure) {
  size_t n = overlay->network->entity_count;
  size_t most = overlay->network->relation_count + overlay->network->up_count + 2 * overlay->added.count;
  bool room = memory_has_room(memory, 2 * sizeof *arrows->to * (most + 4 * n)); /* with what a flow along them takes */
  if (arrows->node_of || chains->doubtful || n >= END || most >= UINT32_MAX || !room) return true; /* rows do as well */
  struct drawing drawing = {.arrows.entities = n,
                            .overlay = overlay,
                            .chains = chains,
                            .memory = memory,
                            .control = control,
                            .failure = failure};
  struct arrows *fresh = &drawing.arrows;
  uint64_t *passing = memory_zeroed(memory, bit_words(n), sizeof *passing);
  fresh->node_of = memory_zeroed(memory, n + 1, sizeof *fresh->node_of);
  bool fine = (passing && fresh->node_of) || fail_memory(failure, memory);
  fine = fine && number_nodes(&drawing, passing) && make_columns(&drawing) && list_arrows(&drawing);
  memory_free(memory, passing, bit_words(n) * sizeof *passing);
  if (fine && !arrows->node_of) *arrows = *fresh; /* a progress function may have had them drawn meanwhile */
  else arrows_close(fresh, memory);
  return fine;
}

void arrows_close(struct arrows *arrows, struct memory *memory) {
  size_t nodes = arrows->nodes;
  memory_free(memory, arrows->node_of, (arrows->entities + 1) * sizeof *arrows->node_of);
  memory_free(memory, arrows->entity_of, (nodes + 1) * sizeof *arrows->entity_of);
  memory_free(memory, arrows->start, (arrows->passing + (size_t)1) * sizeof *arrows->start);
  memory_free(memory, arrows->to, (arrows->count + 1) * sizeof *arrows->to);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    memory_free(memory, arrows->top[reading], bit_words(nodes) * sizeof **arrows->top);
  memset(arrows, 0, sizeof *arrows);
}

/* The first relation of a kind from one entity to another that is in force: rows are ordered by kind, then by whom they
 * lead to. */
static uint32_t find_outward(const struct overlay *overlay, uint32_t entity, enum relation_kind kind, uint32_t to) {
  const struct network *network = overlay->network;
  uint32_t low = network->out_start[entity], end = network->out_start[entity + 1], high = end;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    enum relation_kind here = network_kind(network, middle);
    if (here < kind || (here == kind && network->to[middle] < to)) low = middle + 1;
    else high = middle;
  }
  for (; low < end && network_kind(network, low) == kind && network->to[low] == to; low++)
    if (overlay_in_force(overlay, low)) return low;
  return RELATION_NONE;
}

/* The same upward: these rows are ordered by who is above. */
static uint32_t find_upward(const struct overlay *overlay, const uint64_t *nothing, uint32_t entity, uint32_t above) {
  const struct network *network = overlay->network;
  uint32_t low = network->up_start[entity], end = network->up_start[entity + 1], high = end;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (network->up_from[middle] < above) low = middle + 1;
    else high = middle;
  }
  for (; low < end && network->up_from[low] == above; low++)
    if (!nothing || !bit_at(nothing, low)) return network->up_relation[low];
  return RELATION_NONE;
}

uint32_t arrows_relation(const struct overlay *overlay, const struct chains *chains, uint32_t entity, uint32_t to) {
  static const enum relation_kind followed[] = {RELATION_HAS_BRANCH, RELATION_OPERATES, RELATION_SUPPLIES};
  uint32_t relation = RELATION_NONE, next;
  for (int i = 0; i < 3 && relation == RELATION_NONE; i++) relation = find_outward(overlay, entity, followed[i], to);
  if (relation == RELATION_NONE) relation = find_upward(overlay, chains->nothing[READING_LOW], entity, to);
  if (relation != RELATION_NONE) return relation;
  struct quiver quiver = quiver_of(overlay, chains, entity);
  quiver.out = quiver.out_end, quiver.up = quiver.up_end;
  while ((relation = next_arrow(&quiver, &next)) != RELATION_NONE)
    if (next == to) break;
  return relation;
}
