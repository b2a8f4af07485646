/* The ownership cascade of a tally: one reading, group by group. */
#include <string.h>

#include "tallying.h"

#define AHEAD 36 /* entries of the queue whose rows are asked for before they are needed */
#define FIRST 8  /* stakes of a row whose sums are asked for with it */

bool tally_can_be_caught(struct tallying *t, uint32_t entity) {
  if (!t->stage->act->policy.foreign_only) return true;
  enum home home = policy_solely_home(&t->stage->act->policy, t->overlay, entity);
  t->doubt = t->doubt || home == HOME_OPEN;
  return home == HOME_NO || (home == HOME_OPEN && t->reading == READING_HIGH);
}

/* Has the entity anything to spread? Most that are caught have not, and stay out of the queue. */
static bool spreads(const struct tallying *t, uint32_t entity) {
  return bit_at(t->chains->taking, entity) || overlay_may_have(t->overlay, RELATION_HAS_BRANCH); /* or any added */
}

static bool capture(struct tallying *t, uint32_t entity, uint32_t relation, uint32_t before) {
  struct tally_space *space = t->space;
  uint32_t at = (uint32_t)t->log->entity.count;
  if (t->holders && t->holders->node_of[entity] != NODE_NONE) return tally_capture_node(t, t->holders->node_of[entity]);
  if (bit_at(space->caught, entity)) return true;
  bit_set(space->caught, entity);
  if (!make_room(t, 1)) return out_of_memory(t);
  enter(t, entity, relation, before);
  if (t->holders || !spreads(t, entity)) return true; /* who is no node spreads nothing */
  return vector_push(space->memory, &space->queue, at) || out_of_memory(t);
}

/* One more stake in an entity. */
static bool add_stake(struct tallying *t, uint32_t entity, int basis, uint32_t stake, uint32_t relation,
                      uint32_t before) {
  const struct policy *policy = &t->stage->act->policy;
  if (t->holders) return tally_add_to_node(t, t->holders->node_of[entity], basis, stake);
  if (stake == 0 || bit_at(t->space->caught, entity)) return true;
  if (policy->basis != BASIS_EITHER && (policy->basis == BASIS_VOTES) != (basis == 1)) return true;
  uint32_t *sum = t->space->sums[entity];
  if (sum[0] == 0 && sum[1] == 0 && !vector_push(t->space->memory, &t->space->summed, entity)) return out_of_memory(t);
  sum[basis] = stake > UINT32_MAX - sum[basis] ? UINT32_MAX : sum[basis] + stake;
  bool passes = policy->strict ? sum[basis] > policy->threshold : sum[basis] >= policy->threshold;
  return !passes || !tally_can_be_caught(t, entity) || capture(t, entity, relation, before);
}

/* Several consolidations of one pair count once. */
static bool consolidated_before(const struct tallying *t, uint32_t holder, uint32_t relation) {
  struct walk walk = walk_out(t->overlay, holder);
  for (uint32_t r; (r = walk_next(&walk)) != relation;)
    if (overlay_kind(t->overlay, r) == RELATION_CONSOLIDATES &&
        overlay_to(t->overlay, r) == overlay_to(t->overlay, relation))
      return true;
  return false;
}

/* A row begins with its holdings, and their shares follow each other too. rest: the first relation after them. */
static bool spread_holdings(struct tallying *t, uint32_t holder, uint32_t at, uint32_t *rest) {
  const struct network *network = t->network;
  const struct overlay *overlay = t->overlay;
  uint32_t r = network->out_start[holder], end = network->out_start[holder + 1];
  if (r < end && network_kind(network, r) == RELATION_OWNS && t->stage->act->policy.owned) {
    uint32_t place = network_holding(network, r);
    for (; r < end && network_kind(network, r) == RELATION_OWNS; r++, place++) {
      uint32_t entity = network->to[r];
      if (entity == holder || !overlay_in_force(overlay, r)) continue;
      struct share share = overlay->hulls.count ? overlay_share(overlay, r) : network->holdings[place];
      t->doubt = t->doubt || share.lo != share.hi;
      int votes = (network->kind[r] & RELATION_VOTES) != 0;
      if (!add_stake(t, entity, votes, t->reading == READING_LOW ? share.lo : share.hi, r, at)) return false;
    }
  }
  *rest = r;
  return true;
}

/* What is no holding of the network: control and the like, and whatever was added. Along holders all stakes are done
 * with. */
static bool spread_rest(struct tallying *t, uint32_t holder, uint32_t at, uint32_t rest) {
  const struct overlay *overlay = t->overlay;
  const struct policy *policy = &t->stage->act->policy;
  struct walk walk = walk_out(overlay, holder);
  walk.at = rest;
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(overlay, r);
    if (kind >= RELATION_SUPPLIES) {
      if (!overlay_is_added(overlay, r)) walk.at = walk.end; /* rows are ordered by kind: no more of ours */
      continue;
    }
    uint32_t entity = overlay_to(overlay, r);
    bool fine = true;
    if (entity == holder) continue;
    if (kind == RELATION_OWNS) {
      if (!policy->owned || t->holders) continue;
      struct share share = overlay_share(overlay, r);
      t->doubt = t->doubt || share.lo != share.hi;
      int votes = (overlay_kind_byte(overlay, r) & RELATION_VOTES) != 0;
      fine = add_stake(t, entity, votes, t->reading == READING_LOW ? share.lo : share.hi, r, at);
    } else if (kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES) {
      fine = capture(t, entity, r, at);
    } else if (kind == RELATION_CONTROLS) {
      t->doubt = t->doubt || policy->control == CONTROL_LISTED;
      if (policy_controls(policy, overlay, r, t->reading) && tally_can_be_caught(t, entity))
        fine = capture(t, entity, r, at);
    } else { /* consolidates */
      if (policy->control == CONTROL_ANY && tally_can_be_caught(t, entity)) fine = capture(t, entity, r, at);
      if (!policy->owned || overlay_owns(overlay, holder, entity) || consolidated_before(t, holder, r)) continue;
      t->doubt = true;
      for (int basis = 0; basis < 2 && t->reading == READING_HIGH && fine; basis++)
        fine = add_stake(t, entity, basis, SHARE_WHOLE, r, at);
    }
    if (!fine) return false;
  }
  return true;
}

static bool spread_to_head(struct tallying *t, uint32_t branch, uint32_t at) {
  if (!overlay_may_have(t->overlay, RELATION_HAS_BRANCH)) return true;
  struct walk walk = walk_up(t->overlay, branch);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(t->overlay, r) == RELATION_HAS_BRANCH && !capture(t, overlay_from(t->overlay, r), r, at))
      return false;
  return true;
}

bool tally_spread_more(struct tallying *t, uint32_t entity) {
  return spread_rest(t, entity, 0, t->network->out_start[entity]) && spread_to_head(t, entity, 0);
}

static bool spread_caught(struct tallying *t, uint32_t holder, uint32_t at) {
  const struct overlay *overlay = t->overlay;
  if (bit_at(t->chains->taking, holder) || overlay->added.count > 0) {
    uint32_t rest, end = t->network->out_start[holder + 1];
    if (!spread_holdings(t, holder, at, &rest)) return false;
    bool more = overlay->added.count > 0 || (rest < end && network_kind(t->network, rest) < RELATION_SUPPLIES);
    if (more && !spread_rest(t, holder, at, rest)) return false;
  }
  return spread_to_head(t, holder, at);
}

/* Of those to come: first where their row is, then the row, then the sums and shares it leads to. */
static void ask_for_rows(const struct tallying *t, const uint32_t *queued) {
  const struct network *network = t->network;
  const uint32_t *entity = t->log->entity.items;
  uint32_t near = entity[queued[AHEAD / 3]];
  __builtin_prefetch(&network->out_start[entity[queued[AHEAD]]]);
  uint32_t row = network->out_start[entity[queued[AHEAD / 3 * 2]]];
  __builtin_prefetch(&network->kind[row]);
  __builtin_prefetch(&network->to[row]);
  __builtin_prefetch(&network->holding_bits[row >> 6]);
  __builtin_prefetch(&network->holding_rank[row >> 6]);
  row = network->out_start[near];
  uint32_t end = network->out_start[near + 1];
  if (row == end || !t->space->sums || network_kind(network, row) != RELATION_OWNS) return;
  __builtin_prefetch(&network->holdings[network_holding(network, row)]);
  for (uint32_t r = row; r < end && r < row + FIRST; r++) __builtin_prefetch(&t->space->sums[network->to[r]]);
}

static bool spread_rows(struct tallying *t) {
  const struct entity_list *queue = &t->space->queue;
  for (size_t next = 0; next < queue->count; next++) {
    uint32_t at = queue->items[next];
    if (next + AHEAD < queue->count) ask_for_rows(t, queue->items + next);
    if (stopped(t, next, "following ownership") || !spread_caught(t, t->log->entity.items[at], at)) return false;
  }
  return true;
}

/* Those taken node by node are entered as entities. */
static bool enter_nodes(struct tallying *t) {
  const struct entity_list *captured = &t->space->nodes.captured;
  if (!make_room(t, captured->count)) return out_of_memory(t);
  for (size_t i = 0; i < captured->count; i++)
    enter(t, t->holders->entity_of[captured->items[i]], RELATION_NONE, RELATION_NONE);
  tally_clear_nodes(t->space);
  return true;
}

/* The groups one after the other; what an earlier one caught is entered once. */
bool tally_restrict(struct tallying *t) {
  struct tally_space *space = t->space;
  struct tally_log *log = t->log;
  uint64_t *restricted = space->restricted[t->reading];
  for (size_t g = 0, first = 0; g < space->targets.ends.count; first = space->targets.ends.items[g++]) {
    size_t begin = log->entity.count, kept = begin;
    space->queue.count = 0;
    for (size_t i = first; i < space->targets.ends.items[g]; i++)
      if (!capture(t, space->targets.entities.items[space->targets.grouped.items[i]], RELATION_NONE, RELATION_NONE))
        return false;
    if (!(t->holders ? tally_spread_nodes(t) && enter_nodes(t) : spread_rows(t))) return false;
    tally_clear_sums(space);
    /* With ways an entry stays though it is there twice: later ones of its group came from it. */
    for (size_t at = begin; at < log->entity.count; at++) {
      uint32_t entity = log->entity.items[at];
      bit_clear(space->caught, entity);
      if (bit_at(restricted, entity) && !t->ways) continue;
      bit_set(restricted, entity);
      log->entity.items[kept++] = entity;
    }
    log->entity.count = kept;
  }
  log->restricted = log->entity.count;
  return true;
}
