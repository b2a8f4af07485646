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

/* Writes the arrows of an entity, or only counts them (to NULL). Rows are ordered by whom they lead to, so that most
 * of what leads twice to one entity stands together, and is written once. */
static inline size_t draw_from(const struct overlay *overlay, const struct chains *chains, uint32_t entity,
                               uint32_t *to) {
  struct quiver quiver = quiver_of(overlay, chains, entity);
  size_t count = 0;
  uint32_t next, last = ENTITY_NONE;
  while (next_arrow(&quiver, &next) != RELATION_NONE) {
    if (next == last) continue;
    if (to) to[count] = next;
    count++;
    last = next;
  }
  return count;
}

bool arrows_draw(struct arrows *arrows, const struct overlay *overlay, const struct chains *chains,
                 struct memory *memory, struct control *control, struct failure *failure) {
  size_t n = overlay->network->entity_count;
  bool many = false; /* more than can be numbered: questions go without them */
  if (arrows->start || chains->doubtful) return true;
  struct arrows fresh = {.entities = n};
  fresh.start = memory_zeroed(memory, n + 1, sizeof *fresh.start);
  fresh.passing = memory_zeroed(memory, n / 64 + 1, sizeof *fresh.passing);
  bool fine = (fresh.start && fresh.passing) || fail_memory(failure, memory);
  for (int pass = 0; pass < 2 && fine; pass++) { /* counts, then arrows */
    size_t count = 0;
    for (uint32_t e = 0; e < n && fine; e++) {
      if ((e & 131071) == 0) fine = control_checkpoint(control, e, (double)n, "drawing what harm follows", failure);
      fresh.start[e] = (uint32_t)count;
      count += draw_from(overlay, chains, e, fresh.to ? fresh.to + count : NULL);
      if (count > fresh.start[e]) bit_set(fresh.passing, e);
    }
    if (pass > 0 || !fine) break;
    fresh.start[n] = (uint32_t)count;
    fresh.count = count;
    many = count >= UINT32_MAX;
    if (many) break;
    fresh.to = memory_resize(memory, NULL, 0, (count + 1) * sizeof *fresh.to);
    fine = fresh.to || fail_memory(failure, memory);
  }
  if (fine && !many && !arrows->start) *arrows = fresh; /* a progress function may have had them drawn meanwhile */
  else arrows_close(&fresh, memory);
  return fine;
}

void arrows_close(struct arrows *arrows, struct memory *memory) {
  memory_free(memory, arrows->start, (arrows->entities + 1) * sizeof *arrows->start);
  memory_free(memory, arrows->to, (arrows->count + 1) * sizeof *arrows->to);
  memory_free(memory, arrows->passing, (arrows->entities / 64 + 1) * sizeof *arrows->passing);
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
