/* The ownership cascade of a tally along holders, where they are drawn: one reading and group, node by node. */
#include <string.h>

#include "tallying.h"

#define AHEAD 36 /* nodes of the queue whose stakes are asked for before they are needed */

bool tally_open_nodes(struct tallying *t) {
  struct tally_nodes *nodes = &t->space->nodes;
  struct memory *memory = t->space->memory;
  size_t count = t->holders->nodes;
  if (nodes->words) return true;
  nodes->words = count / 64 + 1;
  nodes->places = (size_t)t->holders->held * t->holders->bases + 1;
  nodes->caught = memory_zeroed(memory, nodes->words, sizeof *nodes->caught);
  nodes->sums = memory_zeroed(memory, nodes->places, sizeof *nodes->sums);
  /* each is captured and queued once, and a place beyond is written to */
  if (nodes->caught && nodes->sums && vector_reserve(memory, &nodes->captured, count + 1) &&
      vector_reserve(memory, &nodes->queue, count + 1))
    return true;
  tally_close_nodes(t->space);
  return out_of_memory(t);
}

void tally_clear_nodes(struct tally_space *space) {
  struct tally_nodes *nodes = &space->nodes;
  if (nodes->captured.count > nodes->words / 4) memset(nodes->caught, 0, nodes->words * sizeof *nodes->caught);
  else
    for (size_t i = 0; i < nodes->captured.count; i++) nodes->caught[nodes->captured.items[i] >> 6] = 0;
  for (size_t i = 0; i < nodes->summed.count; i++) nodes->sums[nodes->summed.items[i]] = 0;
  nodes->captured.count = nodes->queue.count = nodes->summed.count = 0;
}

void tally_close_nodes(struct tally_space *space) {
  struct tally_nodes *nodes = &space->nodes;
  memory_free(space->memory, nodes->caught, nodes->words * sizeof *nodes->caught);
  memory_free(space->memory, nodes->sums, nodes->places * sizeof *nodes->sums);
  vector_free(space->memory, &nodes->captured);
  vector_free(space->memory, &nodes->queue);
  vector_free(space->memory, &nodes->summed);
  memset(nodes, 0, sizeof *nodes);
}

/* Captures the node when `fresh`, without a branch: whether a stake catches is anybody's guess. */
static inline void capture_if(bool fresh, struct tally_nodes *nodes, const struct holders *holders, uint32_t node) {
  nodes->caught[node >> 6] |= (uint64_t)fresh << (node & 63);
  nodes->captured.items[nodes->captured.count] = node;
  nodes->captured.count += fresh;
  nodes->queue.items[nodes->queue.count] = node;
  nodes->queue.count += fresh & bit_at(holders->spreading, node);
}

bool tally_capture_node(struct tallying *t, uint32_t node) {
  struct tally_nodes *nodes = &t->space->nodes;
  capture_if(!bit_at(nodes->caught, node), nodes, t->holders, node);
  return true;
}

bool tally_add_to_node(struct tallying *t, uint32_t node, int basis, uint32_t stake) {
  struct tally_nodes *nodes = &t->space->nodes;
  const struct policy *policy = &t->stage->act->policy;
  if (stake == 0 || bit_at(nodes->caught, node)) return true;
  if (policy->basis != BASIS_EITHER && (policy->basis == BASIS_VOTES) != (basis == 1)) return true;
  size_t place = (size_t)node * t->holders->bases + (t->holders->bases == 2 ? (size_t)basis : 0);
  uint32_t *sum = &nodes->sums[place];
  if (*sum == 0 && !vector_push(t->space->memory, &nodes->summed, (uint32_t)place)) return out_of_memory(t);
  *sum = stake > UINT32_MAX - *sum ? UINT32_MAX : *sum + stake;
  bool passes = policy->strict ? *sum > policy->threshold : *sum >= policy->threshold;
  capture_if(passes && tally_can_be_caught(t, t->holders->entity_of[node]), nodes, t->holders, node);
  return true;
}

/* The stakes of one node. bases: of the holders, told apart where the loop is written for one. */
static inline bool spread_stakes(struct tallying *t, uint32_t node, const uint32_t bases) {
  const struct holders *holders = t->holders;
  const struct policy *policy = &t->stage->act->policy;
  struct tally_nodes *nodes = &t->space->nodes;
  uint32_t first = holders->start[node], end = holders->start[node + 1];
  const uint32_t *most = holders->most;
  const uint64_t least = (uint64_t)policy->threshold + policy->strict; /* that catches */
  bool low = t->reading == READING_LOW;
  if (!vector_reserve(t->space->memory, &nodes->summed, end - first)) return out_of_memory(t);
  uint32_t *summed = nodes->summed.items;
  for (uint32_t i = first; i < end; i++) {
    uint32_t held = holders->stakes[i].held & ~NODE_VOTES, stake = holders->stakes[i].share;
    bool votes = bases == 2 && (holders->stakes[i].held & NODE_VOTES);
    if (most) {
      t->doubt = t->doubt || stake != most[i];
      stake = low ? stake : most[i];
    }
    if (stake == 0 || (policy->basis != BASIS_EITHER && (policy->basis == BASIS_VOTES) != votes)) continue;
    size_t place = (size_t)held * bases + votes;
    uint32_t before = nodes->sums[place], sum = stake > UINT32_MAX - before ? UINT32_MAX : before + stake;
    summed[nodes->summed.count] = (uint32_t)place;
    nodes->summed.count += before == 0;
    nodes->sums[place] = sum;
    bool fresh = (sum >= least) & !bit_at(nodes->caught, held);
    if (policy->foreign_only) fresh = fresh && tally_can_be_caught(t, holders->entity_of[held]);
    capture_if(fresh, nodes, holders, held);
  }
  return true;
}

/* Of the nodes to come: first where their stakes are, then these, then the sums they add to. */
static inline void ask_for_stakes(const struct tallying *t, const uint32_t *queued) {
  const struct holders *holders = t->holders;
  __builtin_prefetch(&holders->start[queued[AHEAD]]);
  __builtin_prefetch(&holders->stakes[holders->start[queued[AHEAD / 3 * 2]]]);
  uint32_t near = holders->start[queued[AHEAD / 3]];
  __builtin_prefetch(&t->space->nodes.sums[(size_t)(holders->stakes[near].held & ~NODE_VOTES) * holders->bases]);
}

bool tally_spread_nodes(struct tallying *t) {
  const struct holders *holders = t->holders;
  const struct entity_list *queue = &t->space->nodes.queue;
  bool owned = t->stage->act->policy.owned;
  for (size_t next = 0; next < queue->count; next++) {
    uint32_t node = queue->items[next];
    if (next + AHEAD < queue->count && owned) ask_for_stakes(t, queue->items + next);
    if (stopped(t, next, "following ownership")) return false;
    if (owned && !(holders->bases == 1 ? spread_stakes(t, node, 1) : spread_stakes(t, node, 2))) return false;
    if (bit_at(holders->more, node) && !tally_spread_more(t, holders->entity_of[node])) return false;
  }
  return true;
}
