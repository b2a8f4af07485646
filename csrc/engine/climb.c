#include "climb.h"

#include "adjacency.h"
#include "sort.h"
#include "stakes.h"

bool climb_open(struct climb *climb, const struct stage *stage) {
  return places_open(&climb->places, stage->memory, stage->overlay->network->entity_count) ||
         fail_memory(stage->failure, stage->memory);
}

void climb_close(struct climb *climb, struct memory *memory) {
  places_close(&climb->places);
  vector_free(memory, &climb->nodes);
  vector_free(memory, &climb->links);
  vector_free(memory, &climb->owners);
  vector_free(memory, &climb->holders);
  vector_free(memory, &climb->rings);
  vector_free(memory, &climb->ring_members);
  vector_free(memory, &climb->oversubscribed);
}

bool climb_add(struct climb *climb, const struct stage *stage, uint32_t entity, uint32_t *node) {
  *node = places_find(&climb->places, entity);
  if (*node != PLACE_NONE) return true;
  const struct network *network = stage->overlay->network;
  struct chain_node fresh = {.entity = entity,
                             .firm = !climb_is_thing(network, entity) && !climb_is_person(network, entity)};
  *node = (uint32_t)climb->nodes.count;
  if (!vector_push(stage->memory, &climb->nodes, fresh)) return fail_memory(stage->failure, stage->memory);
  return places_put(&climb->places, entity, *node) || fail_memory(stage->failure, stage->memory);
}

/* ---- links ---- */

static bool add_links(struct climb *climb, const struct stage *stage, uint32_t node, const struct stake *stake) {
  const struct network *network = stage->overlay->network;
  struct memory *memory = stage->memory;
  uint32_t entity = climb->nodes.items[node].entity, upper;
  if (stake->owner == entity) return true;
  bool certain, operates = stake->first_operates != RELATION_NONE && climb_is_thing(network, entity);
  uint32_t by = stake_link(stake, &certain);
  if (climb_is_thing(network, stake->owner)) return true;
  if (by == RELATION_NONE) {
    int basis = stake->first_holding[0] == RELATION_NONE;
    if (stake->first_holding[basis] != RELATION_NONE) {
      struct chain_holder holder = {
          node, stake->owner, stake->first_holding[basis], {(uint32_t)stake->lo[basis], (uint32_t)stake->hi[basis]}};
      if (!vector_push(memory, &climb->holders, holder)) return fail_memory(stage->failure, memory);
    }
    if (!operates) return true;
  }
  if (climb_is_person(network, stake->owner)) {
    struct chain_owner owner = {node, stake->owner};
    return vector_push(memory, &climb->owners, owner) || fail_memory(stage->failure, memory);
  }
  if (!climb_add(climb, stage, stake->owner, &upper)) return false;
  struct chain_link link = {upper, by, certain, false};
  if (by != RELATION_NONE && !vector_push(memory, &climb->links, link)) return fail_memory(stage->failure, memory);
  struct chain_link first = {upper, stake->first_operates, true, true};
  if (operates && !vector_push(memory, &climb->links, first)) return fail_memory(stage->failure, memory);
  return true;
}

static bool expand(struct climb *climb, const struct stage *stage, uint32_t node, struct stakes *stakes) {
  const struct overlay *overlay = stage->overlay;
  uint32_t entity = climb->nodes.items[node].entity;
  uint64_t total[2] = {0, 0};
  climb->nodes.items[node].first_link = (uint32_t)climb->links.count;
  if (climb_is_person(overlay->network, entity)) return true;
  if (!stakes_list(overlay, entity, stage->memory, stakes)) return fail_memory(stage->failure, stage->memory);
  for (size_t i = 0; i < stakes->items.count; i++) {
    const struct stake *stake = &stakes->items.items[i];
    for (int basis = 0; basis < 2; basis++) total[basis] += stake->lo[basis];
    if (!add_links(climb, stage, node, stake)) return false;
  }
  climb->nodes.items[node].links = (uint32_t)climb->links.count - climb->nodes.items[node].first_link;
  if ((total[0] > SHARE_WHOLE || total[1] > SHARE_WHOLE) && !vector_push(stage->memory, &climb->oversubscribed, entity))
    return fail_memory(stage->failure, stage->memory);
  return true;
}

/* ---- the nearest home firms above ---- */

static bool admits(const struct chain_node *node, enum reading reading) {
  return node->firm && (node->home == HOME_YES || (node->home == HOME_OPEN && reading == READING_HIGH));
}

static bool stopped(const struct stage *stage, size_t done, size_t all) {
  return (done & 4095) == 0 &&
         !control_checkpoint(stage->control, (double)done, (double)all, "climbing to parents", stage->failure);
}

/* Level by level downward: nodes right under a home firm, then nodes under those, … Each takes the liable of every
 * nearest one. lower: links in order of their upper node. */
static bool find_liable(struct climb *climb, const struct stage *stage, enum reading reading,
                        const uint32_t *lower_start, const uint32_t *lower, const uint32_t *node_of_link) {
  struct memory *memory = stage->memory;
  size_t count = climb->nodes.count;
  uint32_t *level = memory_zeroed(memory, count, sizeof *level);
  struct entity_list frontier = {0}, next = {0};
  struct set_list list = {0};
  bool fine = level != NULL;
  for (uint32_t upper = 0; upper < count && fine; upper++)
    if (admits(&climb->nodes.items[upper], reading)) fine = vector_push(memory, &frontier, upper);
  for (uint32_t depth = 1; frontier.count > 0 && fine; depth++) {
    for (size_t i = 0; i < frontier.count && fine; i++) {
      uint32_t upper = frontier.items[i];
      fine = !stopped(stage, i, frontier.count);
      for (uint32_t l = lower_start[upper]; l < lower_start[upper + 1] && fine; l++) {
        uint32_t below = node_of_link[lower[l]];
        if (level[below] || (!climb->links.items[lower[l]].certain && reading == READING_LOW)) continue;
        level[below] = depth;
        fine = vector_push(memory, &next, below);
      }
    }
    for (size_t i = 0; i < next.count && fine; i++) {
      struct chain_node *below = &climb->nodes.items[next.items[i]];
      fine = !stopped(stage, i, next.count);
      for (uint32_t l = 0; l < below->links && fine; l++) {
        const struct chain_link *link = &climb->links.items[below->first_link + l];
        const struct chain_node *upper = &climb->nodes.items[link->upper];
        if ((!link->certain && reading == READING_LOW) ||
            !(depth == 1 ? admits(upper, reading) : level[link->upper] == depth - 1))
          continue;
        fine = sets_gather(stage->sets, &list,
                           depth == 1 ? sets_of(stage->sets, &upper->entity, 1) : upper->liable[reading]);
      }
      fine = fine && (below->liable[reading] = sets_gathered(stage->sets, &list)) != SET_NONE;
    }
    struct entity_list done = frontier;
    frontier = next;
    next = done;
    next.count = 0;
  }
  vector_free(memory, &frontier);
  vector_free(memory, &next);
  set_list_free(stage->sets, &list);
  memory_free(memory, level, count ? count * sizeof *level : 1);
  return fine || fail_memory(stage->failure, memory);
}

bool climb_lower(const struct climb *climb, struct memory *memory, uint32_t **start, uint32_t **lower,
                 uint32_t **below) {
  size_t links = climb->links.count, count = climb->nodes.count;
  uint32_t *upper = memory_zeroed(memory, links + 1, sizeof *upper);
  *start = memory_zeroed(memory, count + 1, sizeof **start);
  *lower = memory_zeroed(memory, links + 1, sizeof **lower);
  *below = memory_zeroed(memory, links + 1, sizeof **below);
  bool fine = upper && *start && *lower && *below;
  for (uint32_t node = 0; node < count && fine; node++)
    for (uint32_t l = 0; l < climb->nodes.items[node].links; l++)
      (*below)[climb->nodes.items[node].first_link + l] = node;
  for (size_t l = 0; l < links && fine; l++) upper[l] = climb->links.items[l].upper;
  if (fine) adjacency_sort(upper, NULL, links, count, *start, *lower);
  memory_free(memory, upper, (links + 1) * sizeof *upper);
  return fine;
}

static bool find_homes(struct climb *climb, const struct stage *stage) {
  struct memory *memory = stage->memory;
  size_t links = climb->links.count, count = climb->nodes.count;
  uint32_t *start = NULL, *lower = NULL, *below = NULL;
  for (size_t i = 0; i < count; i++) {
    if (stopped(stage, i, count)) return false;
    if (climb->nodes.items[i].firm)
      climb->nodes.items[i].home =
          (uint8_t)policy_home(&stage->act->policy, stage->overlay, climb->nodes.items[i].entity);
  }
  bool fine = climb_lower(climb, memory, &start, &lower, &below) || fail_memory(stage->failure, memory);
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++)
    fine = find_liable(climb, stage, reading, start, lower, below);
  memory_free(memory, start, (count + 1) * sizeof *start);
  memory_free(memory, lower, (links + 1) * sizeof *lower);
  memory_free(memory, below, (links + 1) * sizeof *below);
  return fine;
}

/* ---- strong components: rings on certain links, and on possible ones to gather tops ---- */

/* Tarjan's algorithm without recursion. component[node] numbers components so that whatever a component leads up to has
 * a smaller number. */
static bool find_components(const struct climb *climb, const struct stage *stage, bool certain_only,
                            uint32_t *component, uint32_t *components) {
  struct memory *memory = stage->memory;
  size_t count = climb->nodes.count;
  uint32_t *index = memory_zeroed(memory, count + 1, sizeof *index),
           *low = memory_zeroed(memory, count + 1, sizeof *low);
  uint32_t *at = memory_zeroed(memory, count + 1, sizeof *at);
  struct entity_list path = {0}, stack = {0};
  uint32_t counter = 0;
  bool fine = index && low && at;
  *components = 0;
  for (size_t i = 0; i < count; i++) component[i] = UINT32_MAX;
  for (uint32_t root = 0; root < count && fine; root++) {
    if (index[root]) continue;
    fine = vector_push(memory, &path, root) && vector_push(memory, &stack, root);
    index[root] = low[root] = ++counter;
    while (path.count > 0 && fine) {
      uint32_t node = path.items[path.count - 1];
      const struct chain_node *chain = &climb->nodes.items[node];
      if (at[node] < chain->links) {
        const struct chain_link *link = &climb->links.items[chain->first_link + at[node]++];
        if (certain_only && !link->certain) continue; /* things are never above: their first step closes no ring */
        if (!index[link->upper]) {
          index[link->upper] = low[link->upper] = ++counter;
          fine = vector_push(memory, &path, link->upper) && vector_push(memory, &stack, link->upper);
        } else if (component[link->upper] == UINT32_MAX && index[link->upper] < low[node]) {
          low[node] = index[link->upper];
        }
        continue;
      }
      path.count--;
      if (path.count > 0 && low[node] < low[path.items[path.count - 1]]) low[path.items[path.count - 1]] = low[node];
      if (low[node] != index[node]) continue;
      uint32_t member;
      do {
        member = stack.items[--stack.count];
        component[member] = *components;
      } while (member != node);
      ++*components;
    }
  }
  vector_free(memory, &path);
  vector_free(memory, &stack);
  memory_free(memory, index, (count + 1) * sizeof *index);
  memory_free(memory, low, (count + 1) * sizeof *low);
  memory_free(memory, at, (count + 1) * sizeof *at);
  return fine || fail_memory(stage->failure, memory);
}

static bool fill_rings(struct climb *climb, const struct stage *stage, const uint32_t *component, uint32_t components,
                       uint32_t *start) {
  struct memory *memory = stage->memory;
  size_t count = climb->nodes.count;
  if (!vector_reserve(memory, &climb->rings, components) || !vector_reserve(memory, &climb->ring_members, count))
    return fail_memory(stage->failure, memory);
  climb->rings.count = components;
  climb->ring_members.count = count;
  adjacency_sort(component, NULL, count, components, start, climb->ring_members.items);
  for (uint32_t c = 0; c < components; c++) {
    struct ring ring = {.entity = ENTITY_NONE, .first_member = start[c], .members = start[c + 1] - start[c]};
    for (uint32_t m = 0; m < ring.members; m++) {
      uint32_t node = climb->ring_members.items[ring.first_member + m], entity = climb->nodes.items[node].entity;
      climb->nodes.items[node].ring = c;
      if (entity < ring.entity) ring.entity = entity;
    }
    climb->rings.items[c] = ring;
  }
  for (uint32_t node = 0; node < count; node++) {
    const struct chain_node *chain = &climb->nodes.items[node];
    for (uint32_t l = 0; l < chain->links; l++) {
      const struct chain_link *link = &climb->links.items[chain->first_link + l];
      struct ring *ring = &climb->rings.items[chain->ring];
      if (!chain->firm || climb->nodes.items[link->upper].ring == chain->ring) continue;
      ring->entered[READING_HIGH] = true;
      if (link->certain) ring->entered[READING_LOW] = true;
    }
  }
  struct set_list list = {0};
  bool fine = true;
  for (size_t i = 0; i < climb->owners.count && fine;) { /* those of one node stand together */
    uint32_t node = climb->owners.items[i].node;
    struct ring *ring = &climb->rings.items[climb->nodes.items[node].ring];
    fine = !stopped(stage, i, climb->owners.count) && sets_gather(stage->sets, &list, ring->owners);
    for (; i < climb->owners.count && climb->owners.items[i].node == node && fine; i++)
      fine = sets_gather(stage->sets, &list, sets_of(stage->sets, &climb->owners.items[i].entity, 1));
    fine = fine && (ring->owners = sets_gathered(stage->sets, &list)) != SET_NONE;
  }
  set_list_free(stage->sets, &list);
  return fine || fail_memory(stage->failure, memory);
}

/* Ultimate parents of every node: its own ring if nothing is above it, and those of whatever it leads up to. Surely a
 * parent: no possible link enters; perhaps one: no certain link does. */
static bool gather_tops(struct climb *climb, const struct stage *stage, enum reading reading, const uint32_t *component,
                        uint32_t components, uint32_t *start, uint32_t *members) {
  size_t count = climb->nodes.count;
  struct set_list list = {0};
  bool fine = true;
  adjacency_sort(component, NULL, count, components, start, members);
  for (uint32_t c = 0; c < components && fine; c++) {
    fine = !stopped(stage, c, components);
    for (uint32_t m = start[c]; m < start[c + 1] && fine; m++) {
      const struct chain_node *chain = &climb->nodes.items[members[m]];
      const struct ring *ring = &climb->rings.items[chain->ring];
      bool topped = ring->entered[reading == READING_LOW ? READING_HIGH : READING_LOW];
      if (chain->firm && !topped) fine = sets_gather(stage->sets, &list, sets_of(stage->sets, &chain->ring, 1));
      for (uint32_t l = 0; l < chain->links && fine; l++) {
        const struct chain_link *link = &climb->links.items[chain->first_link + l];
        if ((reading == READING_LOW && !link->certain) || component[link->upper] == c) continue;
        fine = sets_gather(stage->sets, &list, climb->nodes.items[link->upper].tops[reading]);
      }
    }
    uint32_t tops = fine ? sets_gathered(stage->sets, &list) : SET_NONE;
    fine = tops != SET_NONE;
    for (uint32_t m = start[c]; m < start[c + 1] && fine; m++) climb->nodes.items[members[m]].tops[reading] = tops;
  }
  set_list_free(stage->sets, &list);
  return fine || fail_memory(stage->failure, stage->memory);
}

/* Rings, and with tops the ultimate parents of every node too. */
static bool find_rings(struct climb *climb, const struct stage *stage, bool tops) {
  struct memory *memory = stage->memory;
  size_t count = climb->nodes.count, room = count + 2;
  uint32_t *component = memory_zeroed(memory, room, sizeof *component),
           *start = memory_zeroed(memory, room, sizeof *start);
  uint32_t *members = memory_zeroed(memory, room, sizeof *members), components;
  bool fine = (component && start && members) || fail_memory(stage->failure, memory);
  fine = fine && find_components(climb, stage, true, component, &components) &&
         fill_rings(climb, stage, component, components, start);
  if (tops)
    fine = fine && gather_tops(climb, stage, READING_LOW, component, components, start, members) &&
           find_components(climb, stage, false, component, &components) &&
           gather_tops(climb, stage, READING_HIGH, component, components, start, members);
  memory_free(memory, component, room * sizeof *component);
  memory_free(memory, start, room * sizeof *start);
  memory_free(memory, members, room * sizeof *members);
  return fine;
}

/* Follow the links up from all that was added. */
static bool follow_links(struct climb *climb, const struct stage *stage) {
  struct stakes stakes = {0};
  bool fine = true;
  for (uint32_t node = 0; node < climb->nodes.count && fine; node++)
    fine = !stopped(stage, node, climb->nodes.count) && expand(climb, stage, node, &stakes);
  stakes_close(&stakes, stage->memory);
  return fine;
}

bool climb_run(struct climb *climb, const struct stage *stage) {
  return follow_links(climb, stage) && (stage->act->policy.bound != BOUND_HOME || find_homes(climb, stage)) &&
         find_rings(climb, stage, true);
}

bool climb_rings(const struct overlay *overlay, struct memory *memory, struct entity_list *rings,
                 struct failure *failure) {
  struct act nobody = {.policy = {.bound = BOUND_ANYONE}}; /* chains do not depend on a rule */
  struct sets sets = {0};
  struct climb climb = {0};
  struct stage stage = {memory, overlay, &nobody, &sets, NULL, failure};
  uint32_t node;
  bool fine = (sets_open(&sets, memory) || fail_memory(failure, memory)) && climb_open(&climb, &stage);
  for (uint32_t e = 0; e < overlay->network->entity_count && fine; e++)
    if (network_same(overlay->network, e) == e) fine = climb_add(&climb, &stage, e, &node);
  fine = fine && follow_links(&climb, &stage) && find_rings(&climb, &stage, false);
  for (size_t r = 0; r < climb.rings.count && fine; r++) {
    const struct ring *ring = &climb.rings.items[r];
    size_t first = rings->count;
    if (ring->members < 2) continue;
    for (uint32_t m = 0; m < ring->members && fine; m++)
      fine = vector_push(memory, rings, climb.nodes.items[climb.ring_members.items[ring->first_member + m]].entity) ||
             fail_memory(failure, memory);
    if (fine) (void)sort_unique(rings->items + first, rings->count - first);
    fine = fine && (vector_push(memory, rings, ENTITY_NONE) || fail_memory(failure, memory));
  }
  climb_close(&climb, memory);
  sets_close(&sets);
  return fine;
}
