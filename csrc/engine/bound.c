/* bound: on which rung of the ladder a user stands, in both readings. */
#include "exposure.h"

static void located(const struct stage *stage, uint32_t subject, bool branch, uint8_t level[READINGS]) {
  const struct policy *policy = &stage->act->policy;
  const struct overlay *overlay = stage->overlay;
  const struct network *network = overlay->network;
  bool sure = filter_entity(&policy->located_in, network, subject) ||
              (branch && filter_entity(&policy->home, network, subject));
  bool open = branch && !policy_country(network, subject);
  struct walk walk = walk_out(overlay, subject);
  for (uint32_t r; !sure && (r = walk_next(&walk)) != RELATION_NONE;) {
    uint32_t site = overlay_to(overlay, r);
    if (overlay_kind(overlay, r) != RELATION_OPERATES || network->entity_kind.items[site] != KIND_SITE) continue;
    sure = filter_entity(&policy->home, network, site);
    open = open || !policy_country(network, site);
  }
  if (sure && level[READING_LOW] > SCOPE_LOCATED) level[READING_LOW] = SCOPE_LOCATED;
  if ((sure || open) && level[READING_HIGH] > SCOPE_LOCATED) level[READING_HIGH] = SCOPE_LOCATED;
}

static void find_levels(const struct stage *stage, uint32_t subject, uint8_t level[READINGS]) {
  const struct policy *policy = &stage->act->policy;
  if (policy->bound == BOUND_WHERE) {
    if (filter_entity(&policy->where, stage->overlay->network, subject))
      level[READING_LOW] = level[READING_HIGH] = SCOPE_ENTITY;
    return;
  }
  bool branch = policy_is_branch(stage->overlay, subject);
  uint8_t own = branch ? SCOPE_BRANCHES : SCOPE_ENTITY;
  enum home home = policy_home(policy, stage->overlay, subject);
  if (home == HOME_YES && level[READING_LOW] > own) level[READING_LOW] = own;
  if (home != HOME_NO && level[READING_HIGH] > own) level[READING_HIGH] = own;
  if (level[READING_LOW] > SCOPE_LOCATED) located(stage, subject, branch, level);
}

/* Lower the levels to those on which a subject stands by itself. */
static void bound_subject(const struct stage *stage, uint32_t subject, struct subject *last, uint8_t level[READINGS]) {
  if (last->entity != subject) {
    *last = (struct subject){subject, {SCOPE_NONE, SCOPE_NONE}};
    find_levels(stage, subject, last->level);
  }
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    if (last->level[reading] < level[reading]) level[reading] = last->level[reading];
}

void bound_alone(const struct stage *stage, uint32_t entity, struct subject *last, uint8_t level[READINGS]) {
  const struct overlay *overlay = stage->overlay;
  level[READING_LOW] = level[READING_HIGH] = stage->act->policy.bound == BOUND_ANYONE ? SCOPE_ENTITY : SCOPE_NONE;
  if (stage->act->policy.bound == BOUND_ANYONE) return;
  bool stands_for_itself = true; /* a service or site counts as its operators, where it has any */
  if (climb_is_thing(overlay->network, entity)) {
    struct walk walk = walk_up(overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) != RELATION_OPERATES) continue;
      stands_for_itself = false;
      bound_subject(stage, overlay_from(overlay, r), last, level);
    }
  }
  if (stands_for_itself) bound_subject(stage, entity, last, level);
}

bool bound_levels(const struct stage *stage, const struct climb *climb, uint32_t node, const uint32_t carried[READINGS],
                  struct subject *last, uint8_t level[READINGS], uint32_t parties[READINGS]) {
  const struct overlay *overlay = stage->overlay;
  const struct policy *policy = &stage->act->policy;
  const struct chain_node *chain = &climb->nodes.items[node];
  parties[READING_LOW] = parties[READING_HIGH] = 0;
  bound_alone(stage, chain->entity, last, level);
  if (policy->bound != BOUND_HOME) return true;
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    if (level[reading] > SCOPE_OWNED && chain->liable[reading]) level[reading] = SCOPE_OWNED;
    if (level[reading] <= SCOPE_OWNED && stage->act->scope < SCOPE_FACILITATION) continue;
    struct set_list list = {0};
    bool fine = true;
    for (size_t i = 0; i < sets_count(stage->sets, carried[reading]) && fine;
         i++) { /* sets move when one is made below */
      uint32_t party = overlay_party(overlay, sets_items(stage->sets, carried[reading])[i]);
      if (party == ENTITY_NONE || !overlay_entity_in_force(overlay, party)) continue;
      enum home home = policy_home(policy, overlay, party);
      if (home == HOME_NO || (home == HOME_OPEN && reading == READING_LOW)) continue;
      if (level[reading] > SCOPE_FACILITATION) level[reading] = SCOPE_FACILITATION;
      fine = sets_gather(stage->sets, &list, sets_of(stage->sets, &party, 1));
    }
    parties[reading] = fine ? sets_gathered(stage->sets, &list) : SET_NONE;
    set_list_free(stage->sets, &list);
    if (parties[reading] == SET_NONE) return fail_memory(stage->failure, stage->memory);
  }
  return true;
}
