/* The flow of a tally along arrows, where they are drawn: node by node, with nothing to ask about a relation. They do
 * not say by which relation an entity was reached; arrows_relation finds it when a way is written. */
#include <string.h>

#include "tallying.h"

#define AHEAD 32 /* nodes of the queue whose arrows are asked for before they are needed */

void tally_close_reach(struct tally_space *space) {
  struct tally_reach *reach = &space->reach;
  memory_free(space->memory, reach->reached, reach->words * sizeof *reach->reached);
  vector_free(space->memory, &reach->entered);
  vector_free(space->memory, &reach->queue);
  memset(reach, 0, sizeof *reach);
}

static void clear_reach(struct tally_reach *reach) {
  size_t count = reach->entered.count;
  if (count > reach->words / 4) memset(reach->reached, 0, reach->words * sizeof *reach->reached);
  else
    for (size_t i = 0; i < count; i++)
      if (reach->entered.items[i] != NODE_NONE) reach->reached[reach->entered.items[i] >> 6] = 0;
  reach->entered.count = reach->queue.count = 0;
}

/* Room for everyone, and for a place beyond, which is written to. */
static bool open_reach(struct tallying *t) {
  struct tally_reach *reach = &t->space->reach;
  struct memory *memory = t->space->memory;
  const struct arrows *arrows = t->ground->arrows;
  size_t most = t->log->restricted + arrows->nodes + 1;
  if (!reach->words) {
    reach->reached = memory_zeroed(memory, arrows->nodes / 64 + (size_t)1, sizeof *reach->reached);
    if (!reach->reached) return out_of_memory(t);
    reach->words = arrows->nodes / 64 + (size_t)1;
  }
  clear_reach(reach);
  bool fine = vector_reserve(memory, &reach->entered, most) && vector_reserve(memory, &reach->queue, most) &&
              (!t->ways || vector_reserve(memory, &t->log->before, most - t->log->before.count));
  return fine || out_of_memory(t);
}

static inline void ask_for_arrows(const struct arrows *arrows, const struct entity_list *entered,
                                  const struct entity_list *queue, size_t next) {
  if (next + AHEAD >= queue->count) return;
  __builtin_prefetch(&arrows->start[entered->items[queue->items[next + AHEAD]]]);
  const uint32_t *row = &arrows->to[arrows->start[entered->items[queue->items[next + AHEAD / 2]]]];
  __builtin_prefetch(row);
  __builtin_prefetch(row + 16);
}

/* The loop has no branches but its own: whether someone was reached before is anybody's guess. */
static bool follow(struct tallying *t) {
  const struct arrows *arrows = t->ground->arrows;
  struct tally_reach *reach = &t->space->reach;
  struct entity_list *queue = &reach->queue, *list = &reach->entered;
  uint32_t *entered = list->items, *queued = queue->items, *before = t->ways ? t->log->before.items : NULL;
  uint64_t *reached = reach->reached;
  const uint32_t passing = arrows->passing;
  for (size_t next = 0; next < queue->count; next++) {
    uint32_t at = queued[next], node = entered[at];
    ask_for_arrows(arrows, list, queue, next);
    if (stopped(t, next, "following supplies")) return false;
    const uint32_t *to = arrows->to + arrows->start[node], *end = arrows->to + arrows->start[node + 1];
    size_t count = list->count, queue_end = queue->count;
    for (; to < end; to++) {
      uint64_t *word = &reached[*to >> 6], bit = UINT64_C(1) << (*to & 63);
      bool fresh = !(*word & bit);
      *word |= bit;
      entered[count] = *to;
      if (before) before[count] = at;
      queued[queue_end] = (uint32_t)count;
      queue_end += fresh & (*to < passing);
      count += fresh;
    }
    list->count = count;
    queue->count = queue_end;
  }
  return true;
}

/* Into the log. Who carries harm on to a user supplies it, and so passes it on. */
static bool enter_reached(struct tallying *t, bool noted) {
  const struct arrows *arrows = t->ground->arrows;
  const struct tally_reach *reach = &t->space->reach;
  struct tally_log *log = t->log;
  struct memory *memory = t->space->memory;
  size_t count = reach->entered.count, first = log->restricted;
  if (!vector_reserve(memory, &log->entity, count - first) ||
      (t->ways && !vector_reserve(memory, &log->relation, count - log->relation.count)))
    return out_of_memory(t);
  for (size_t i = first; i < count; i++) log->entity.items[i] = arrows->entity_of[reach->entered.items[i]];
  log->entity.count = count;
  if (t->ways) log->before.count = log->relation.count = count; /* of later entries; these know none */
  for (size_t i = 0; noted && i < reach->queue.count; i++)
    bit_set(t->space->carrying[t->reading], log->entity.items[reach->queue.items[i]]);
  return true;
}

bool tally_flow_along(struct tallying *t, bool noted, bool brief) {
  const struct arrows *arrows = t->ground->arrows;
  struct tally_reach *reach = &t->space->reach;
  struct tally_log *log = t->log;
  if (!open_reach(t)) return false;
  for (size_t at = 0; at < log->restricted; at++) { /* the surely restricted are never users */
    uint32_t entity = log->entity.items[at], node = arrows->node_of[entity];
    reach->entered.items[reach->entered.count++] = node;
    if (node == NODE_NONE) continue;
    if (bit_at(t->space->restricted[READING_LOW], entity)) bit_set(reach->reached, node);
    if (node < arrows->passing) reach->queue.items[reach->queue.count++] = (uint32_t)at;
  }
  if (!follow(t)) return false;
  log->users = reach->entered.count;
  log->along = true;
  return brief || enter_reached(t, noted);
}

/* Word by word where they are many. */
size_t tally_tops_along(const struct tallying *t, enum reading reading) {
  const struct tally_reach *reach = &t->space->reach;
  const uint64_t *top = t->ground->arrows->top[reading];
  size_t count = 0;
  if (reach->entered.count < reach->words) {
    for (size_t at = t->log->restricted; at < reach->entered.count; at++)
      count += bit_at(top, reach->entered.items[at]);
    return count;
  }
  for (size_t w = 0; w < reach->words; w++) count += (size_t)__builtin_popcountll(reach->reached[w] & top[w]);
  for (size_t at = 0; at < t->log->restricted; at++) {
    uint32_t node = reach->entered.items[at];
    if (node != NODE_NONE && bit_at(reach->reached, node)) count -= bit_at(top, node);
  }
  return count;
}
