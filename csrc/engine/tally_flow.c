/* The flow of a tally: from what is restricted to whom it reaches. */
#include "tallying.h"

#define AHEAD 32 /* entries whose rows are asked for before they are needed */

static inline void arrive(struct tallying *t, uint32_t entity, uint32_t relation, uint32_t before) {
  uint64_t *word = &t->space->reached[entity >> 6], bit = UINT64_C(1) << (entity & 63);
  if (*word & bit) return;
  *word |= bit;
  enter(t, entity, relation, before);
}

static bool may_flow_up(const struct tallying *t, uint32_t relation) {
  if (overlay_kind(t->overlay, relation) != RELATION_OWNS) return true;
  struct share share = overlay_share(t->overlay, relation);
  return (t->reading == READING_LOW ? share.lo : share.hi) > 0;
}

/* Along the rows of one entity. any: ownership and the like too. What the loops ask is kept out of memory: this is
 * where a ban that reaches far spends its time. */
static inline bool flow_from(struct tallying *t, uint32_t entity, uint32_t at, bool any, bool masked) {
  const struct network *network = t->network;
  bool supplying = bit_at(t->chains->supplying, entity), held = any && bit_at(t->chains->held, entity);
  if (!supplying && !held) return true;
  uint32_t r = supplying ? network->out_start[entity] : 0, end = supplying ? network->out_start[entity + 1] : 0;
  uint32_t up = held ? network->up_start[entity] : 0, up_end = held ? network->up_start[entity + 1] : 0;
  if (!make_room(t, (size_t)(end - r) + (up_end - up))) return out_of_memory(t);
  const uint64_t *mask = t->overlay->mask, *nothing = t->chains->nothing[t->reading];
  uint64_t *reached = t->space->reached;
  uint32_t *entered = t->log->entity.items, *relations = t->log->relation.items, *before = t->log->before.items;
  size_t count = t->log->entity.count;
  bool ways = t->ways;
  const uint32_t followed = 1u << RELATION_SUPPLIES | (any ? 1u << RELATION_HAS_BRANCH | 1u << RELATION_OPERATES : 0u);
  const uint8_t *kind = network->kind;
  const uint32_t *to = network->to;
  for (; r < end; r++) {
    if (!(followed >> (kind[r] & RELATION_KIND) & 1) || (masked && !bit_at(mask, r)) || bit_at(reached, to[r]))
      continue;
    bit_set(reached, to[r]);
    if (ways) relations[count] = r, before[count] = at;
    entered[count++] = to[r];
  }
  for (; up < up_end; up++) {
    uint32_t from = network->up_from[up];
    if (bit_at(reached, from) || (nothing && bit_at(nothing, up))) continue;
    bit_set(reached, from);
    if (ways) relations[count] = network->up_relation[up], before[count] = at;
    entered[count++] = from;
  }
  t->log->entity.count = count;
  if (ways) t->log->relation.count = t->log->before.count = count;
  return true;
}

static bool flow_added(struct tallying *t, uint32_t entity, uint32_t at, bool any) {
  struct walk out = walk_out(t->overlay, entity), up = walk_up(t->overlay, entity);
  out.at = out.end;
  up.at = up.end;
  for (uint32_t r; (r = walk_next(&out)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(t->overlay, r);
    if (kind != RELATION_SUPPLIES && !(any && (kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES))) continue;
    if (!make_room(t, 1)) return out_of_memory(t);
    arrive(t, overlay_to(t->overlay, r), r, at);
  }
  for (uint32_t r; any && (r = walk_next(&up)) != RELATION_NONE;) {
    if (overlay_kind(t->overlay, r) >= RELATION_SUPPLIES || !may_flow_up(t, r)) continue;
    if (!make_room(t, 1)) return out_of_memory(t);
    arrive(t, overlay_from(t->overlay, r), r, at);
  }
  return true;
}

static inline void ask_for_rows(const struct tallying *t, size_t at, bool any) {
  const struct network *network = t->network;
  const struct entity_list *entity = &t->log->entity;
  if (at + AHEAD < entity->count) {
    uint32_t next = entity->items[at + AHEAD];
    if (bit_at(t->chains->supplying, next)) __builtin_prefetch(&network->out_start[next]);
    if (any && bit_at(t->chains->held, next)) __builtin_prefetch(&network->up_start[next]);
  }
  if (at + AHEAD / 2 >= entity->count) return;
  uint32_t next = entity->items[at + AHEAD / 2];
  if (bit_at(t->chains->supplying, next)) {
    uint32_t row = network->out_start[next];
    __builtin_prefetch(&network->kind[row]);
    __builtin_prefetch(&network->to[row]);
    if (t->overlay->mask) __builtin_prefetch(&t->overlay->mask[row >> 6]);
  }
  if (any && bit_at(t->chains->held, next)) __builtin_prefetch(&network->up_from[network->up_start[next]]);
}

static inline bool flow_all(struct tallying *t, bool any, bool masked, bool noted) {
  const struct policy *policy = &t->stage->act->policy;
  uint32_t tiers = policy->flow == FLOW_USE ? policy->tiers : UINT32_MAX;
  struct entity_list *entity = &t->log->entity;
  bool added = t->overlay->added.count > 0;
  size_t at = 0, end = entity->count;
  for (uint32_t tier = 0; tier < tiers && at < end; tier++, end = entity->count) {
    for (; at < end; at++) {
      ask_for_rows(t, at, any);
      if (stopped(t, at, "following supplies")) return false;
      if (noted) bit_set(t->space->carrying[t->reading], entity->items[at]);
      if (!flow_from(t, entity->items[at], (uint32_t)at, any, masked)) return false;
      if (added && !flow_added(t, entity->items[at], (uint32_t)at, any)) return false;
    }
  }
  t->log->users = entity->count;
  return true;
}

bool tally_flow(struct tallying *t, bool noted, bool brief) {
  struct tally_space *space = t->space;
  bool masked = t->overlay->mask != NULL;
  if (tally_has_arrows(t)) return tally_flow_along(t, noted, brief);
  for (size_t i = 0; i < t->log->restricted; i++) /* the surely restricted are never users */
    if (bit_at(space->restricted[READING_LOW], t->log->entity.items[i]))
      bit_set(space->reached, t->log->entity.items[i]);
  if (t->stage->act->policy.flow == FLOW_ANY)
    return masked ? flow_all(t, true, true, noted) : flow_all(t, true, false, noted);
  return masked ? flow_all(t, false, true, noted) : flow_all(t, false, false, noted);
}
