#include "lineage.h"

#include <stdlib.h>

static int by_party(const void *a, const void *b) {
  const struct contract *x = a, *y = b;
  if (x->party != y->party) return x->party < y->party ? -1 : 1;
  if (x->user != y->user) return x->user < y->user ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

static bool list_contracts(struct lineage *lineage) {
  size_t count = lineage->result->signatures[lineage->reading].count;
  if (!vector_reserve(lineage->memory, &lineage->contracts, count)) return false;
  for (size_t i = 0; i < count; i++) {
    const struct signature *signature = &lineage->result->signatures[lineage->reading].items[i];
    lineage->contracts.items[i] = (struct contract){
        signature->node, overlay_to(lineage->exposure->overlay, signature->relation), signature->relation};
  }
  lineage->contracts.count = count;
  if (count > 1) qsort(lineage->contracts.items, count, sizeof *lineage->contracts.items, by_party);
  return true;
}

bool lineage_open(struct lineage *lineage, const struct exposure *exposure, const struct stage_result *result,
                  enum reading reading, struct memory *memory) {
  const struct act *act = &exposure->acts.items[result->act];
  *lineage = (struct lineage){
      .memory = memory,
      .exposure = exposure,
      .result = result,
      .reading = reading,
      .stage = {.memory = memory, .overlay = exposure->overlay, .act = act},
  };
  const struct flow *flow = result_flow(result, reading);
  lineage->by_tier = act->policy.flow == FLOW_USE && flow->tiers > 1 && flow->tiers < flow->reached.count;
  return list_contracts(lineage) &&
         climb_lower(&result->climb, memory, &lineage->start, &lineage->lower, &lineage->below);
}

void lineage_close(struct lineage *lineage) {
  if (!lineage->memory) return;
  size_t nodes = lineage->result->climb.nodes.count, links = lineage->result->climb.links.count;
  memory_free(lineage->memory, lineage->start, (nodes + 1) * sizeof *lineage->start);
  memory_free(lineage->memory, lineage->lower, (links + 1) * sizeof *lineage->lower);
  memory_free(lineage->memory, lineage->below, (links + 1) * sizeof *lineage->below);
  vector_free(lineage->memory, &lineage->found);
  vector_free(lineage->memory, &lineage->contracts);
  lineage->memory = NULL;
}

static bool find(struct lineage *lineage, uint32_t relation, enum role role, uint32_t entity, uint32_t pair,
                 uint32_t tier) {
  struct before before = {relation, {entity, pair, tier, (uint8_t)role}};
  return vector_push(lineage->memory, &lineage->found, before);
}

/* What restricts a restricted entity. */
static bool before_restricted(struct lineage *lineage, uint32_t entity) {
  const struct overlay *overlay = lineage->exposure->overlay;
  const struct cascade *cascade = &lineage->exposure->cascades[lineage->result->act][lineage->reading];
  const struct captured *row = cascade_find(cascade, entity);
  if (!row || row->because == BECAUSE_NONE) return true;
  if (row->because == BECAUSE_TARGET) return find(lineage, RELATION_NONE, ROLE_RESTRICTION, ENTITY_NONE, 0, 0);
  for (int outward = 0; outward <= 1; outward++) {
    struct walk walk = outward ? walk_out(overlay, entity) : walk_in(overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      uint32_t other = outward ? overlay_to(overlay, r) : overlay_from(overlay, r);
      if (other == entity || !cascade_caught(cascade, other) ||
          !cascade_counts(&lineage->stage, lineage->reading, row, r, outward))
        continue;
      if (!find(lineage, r, ROLE_RESTRICTED, other, 0, 0)) return false;
    }
  }
  return true;
}

/* Does the flow reach it within a tier (0: within any that still leads on)? */
static bool reached_within(const struct flow *flow, uint32_t entity, uint32_t tier) {
  uint32_t label = places_find(&flow->places, entity);
  for (; label != PLACE_NONE; label = flow->labels.items[label].older)
    if (tier ? flow->labels.items[label].tier <= tier : flow->labels.items[label].tier < flow->tiers) return true;
  return false;
}

/* The other end of a relation that carries the flow, as a source and as reached itself. */
static bool before_carried(struct lineage *lineage, uint32_t relation, uint32_t other, uint32_t tier) {
  const struct flow *flow = result_flow(lineage->result, lineage->reading);
  if (tier != 1 && reached_within(flow, other, tier ? tier - 1 : 0) &&
      !find(lineage, relation, ROLE_FLOW, other, 0, tier ? tier - 1 : 0))
    return false;
  return tier > 1 || places_find(&flow->sources, other) == PLACE_NONE ||
         find(lineage, relation, ROLE_RESTRICTED, other, 0, 0);
}

static bool before_flow(struct lineage *lineage, uint32_t entity, uint32_t tier) {
  const struct overlay *overlay = lineage->exposure->overlay;
  for (int outward = 0; outward <= (lineage->stage.act->policy.flow == FLOW_ANY); outward++) {
    struct walk walk = outward ? walk_out(overlay, entity) : walk_in(overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      uint32_t other = outward ? overlay_to(overlay, r) : overlay_from(overlay, r);
      if (flow_follows(&lineage->stage, lineage->reading, r, outward) && !before_carried(lineage, r, other, tier))
        return false;
    }
  }
  return true;
}

/* The first contract of a party with a user, or with one after it. */
static size_t contracts_from(const struct lineage *lineage, uint32_t party, uint32_t user) {
  const struct contract *contracts = lineage->contracts.items;
  struct contract wanted = {party, user, 0};
  size_t low = 0;
  for (size_t high = lineage->contracts.count; low < high;) {
    size_t middle = (low + high) / 2;
    if (by_party(&contracts[middle], &wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static bool of_pair(const struct lineage *lineage, size_t i, uint32_t party, uint32_t user) {
  return i < lineage->contracts.count && lineage->contracts.items[i].party == party &&
         lineage->contracts.items[i].user == user;
}

static uint32_t node_of_party(const struct lineage *lineage, uint32_t relation) {
  return places_find(&lineage->result->climb.places, overlay_party(lineage->exposure->overlay, relation));
}

/* A user as it stands under the contracts of one party: the supplies that the party signs. */
static bool before_signed(struct lineage *lineage, uint32_t user, uint32_t pair, uint32_t tier) {
  uint32_t party = node_of_party(lineage, pair);
  for (size_t i = contracts_from(lineage, party, user); of_pair(lineage, i, party, user); i++) {
    uint32_t r = lineage->contracts.items[i].relation;
    if (!before_carried(lineage, r, overlay_from(lineage->exposure->overlay, r), tier)) return false;
  }
  return true;
}

/* A user as the flow reaches it: at one tier or another. */
static bool as_reached(struct lineage *lineage, uint32_t relation, enum role role, uint32_t entity, uint32_t pair,
                       bool by_tier) {
  if (!by_tier) return find(lineage, relation, role, entity, pair, 0);
  const struct flow *flow = result_flow(lineage->result, lineage->reading);
  for (uint32_t tier = 1; tier <= flow->tiers; tier++)
    if (reached_within(flow, entity, tier) && !find(lineage, relation, role, entity, pair, tier)) return false;
  return true;
}

/* Below a firm on the chain: what leads up to it; a bound user stands there by its flow, a party by what it signs. */
static bool before_chain(struct lineage *lineage, uint32_t entity, bool by_tier) {
  const struct climb *climb = &lineage->result->climb;
  const struct ascent *ascent = lineage->result->ascent[lineage->reading];
  uint32_t node = places_find(&climb->places, entity);
  for (uint32_t l = lineage->start[node]; l < lineage->start[node + 1]; l++) {
    const struct chain_link *link = &climb->links.items[lineage->lower[l]];
    uint32_t lower = lineage->below[lineage->lower[l]], under = climb->nodes.items[lower].entity;
    if ((lineage->reading == READING_LOW && !link->certain) || ascent[lower].steps == UINT32_MAX) continue;
    if (link->first_step) { /* who operates it is above the user alone */
      if (ascent[lower].user && !as_reached(lineage, link->relation, ROLE_FLOW, under, 0, by_tier)) return false;
    } else if (!find(lineage, link->relation, ROLE_CHAIN, under, 0, 0)) {
      return false;
    }
  }
  if (ascent[node].user && !as_reached(lineage, RELATION_NONE, ROLE_FLOW, entity, 0, by_tier)) return false;
  for (size_t i = contracts_from(lineage, node, 0); i < lineage->contracts.count; i++) {
    const struct contract *contract = &lineage->contracts.items[i];
    if (contract->party != node) break;
    if (i > 0 && of_pair(lineage, i - 1, node, contract->user)) continue;
    if (!as_reached(lineage, contract->relation, ROLE_SIGNED, contract->user, contract->relation, by_tier))
      return false;
  }
  return true;
}

bool lineage_before(struct lineage *lineage, struct standing standing) {
  lineage->found.count = 0;
  switch ((enum role)standing.role) {
  case ROLE_RESTRICTED: return before_restricted(lineage, standing.entity);
  case ROLE_FLOW: return before_flow(lineage, standing.entity, standing.tier);
  case ROLE_SIGNED: return before_signed(lineage, standing.entity, standing.pair, standing.tier);
  case ROLE_CHAIN: return before_chain(lineage, standing.entity, lineage->by_tier);
  default: return true;
  }
}

static uint32_t least_restricted(const struct lineage *lineage, uint32_t entity) {
  const struct captured *row =
      cascade_find(&lineage->exposure->cascades[lineage->result->act][lineage->reading], entity);
  return row && row->because != BECAUSE_NONE ? row->steps : UINT32_MAX;
}

static uint32_t least_flow(const struct lineage *lineage, uint32_t entity, uint32_t below_tier) {
  const struct flow *flow = result_flow(lineage->result, lineage->reading);
  uint32_t least = UINT32_MAX;
  for (uint32_t label = places_find(&flow->places, entity); label != PLACE_NONE;
       label = flow->labels.items[label].older)
    if (flow->labels.items[label].tier < below_tier && flow->labels.items[label].steps < least)
      least = flow->labels.items[label].steps;
  return least;
}

static uint32_t least_signed(const struct lineage *lineage, uint32_t user, uint32_t pair) {
  const struct flow *flow = result_flow(lineage->result, lineage->reading);
  uint32_t least = UINT32_MAX, party = node_of_party(lineage, pair);
  for (size_t i = contracts_from(lineage, party, user); of_pair(lineage, i, party, user); i++) {
    uint32_t from = overlay_from(lineage->exposure->overlay, lineage->contracts.items[i].relation);
    uint32_t reached = least_flow(lineage, from, flow->tiers);
    if (places_find(&flow->sources, from) != PLACE_NONE && least_restricted(lineage, from) < reached)
      reached = least_restricted(lineage, from);
    if (reached < least) least = reached;
  }
  return least == UINT32_MAX ? least : least + 1;
}

uint32_t lineage_least(const struct lineage *lineage, struct standing standing) {
  uint32_t node;
  switch ((enum role)standing.role) {
  case ROLE_RESTRICTED: return least_restricted(lineage, standing.entity);
  case ROLE_FLOW: return least_flow(lineage, standing.entity, UINT32_MAX);
  case ROLE_SIGNED: return least_signed(lineage, standing.entity, standing.pair);
  case ROLE_CHAIN:
    node = places_find(&lineage->result->climb.places, standing.entity);
    return node == PLACE_NONE ? UINT32_MAX : lineage->result->ascent[lineage->reading][node].steps;
  default: return 0;
  }
}
