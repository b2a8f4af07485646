#include "chains.h"

#include <string.h>

#include "climb.h"
#include "stakes.h"

void chains_close(struct chains *chains, struct memory *memory) {
  if (!chains->overlay) return;
  size_t n = chains->overlay->network->entity_count, words = n / 64 + 1;
  memory_free(memory, chains->start, (n + 1) * sizeof *chains->start);
  memory_free(memory, chains->taking, words * sizeof *chains->taking);
  memory_free(memory, chains->supplying, words * sizeof *chains->supplying);
  memory_free(memory, chains->held, words * sizeof *chains->held);
  vector_free(memory, &chains->upper);
  vector_free(memory, &chains->certain);
  for (int reading = 0; reading < READINGS; reading++) {
    memory_free(memory, chains->top[reading], words * sizeof **chains->top);
    memory_free(memory, chains->nothing[reading],
                (chains->overlay->network->up_count / 64 + 1) * sizeof **chains->nothing);
  }
  chains->overlay = NULL;
}

static void tell_rows(struct chains *chains, uint32_t entity) {
  const struct network *network = chains->overlay->network;
  uint32_t first = network->out_start[entity], end = network->out_start[entity + 1];
  if (first < end && network_kind(network, first) < RELATION_SUPPLIES) bit_set(chains->taking, entity); /* by kind */
  const uint32_t followed = 1u << RELATION_SUPPLIES | 1u << RELATION_HAS_BRANCH | 1u << RELATION_OPERATES;
  for (uint32_t r = first; r < end; r++) {
    if (!(followed >> network_kind(network, r) & 1)) continue;
    bit_set(chains->supplying, entity);
    break;
  }
  if (network->up_start[entity] < network->up_start[entity + 1]) bit_set(chains->held, entity);
}

static bool list_links(struct chains *chains, struct memory *memory, struct control *control, struct failure *failure) {
  const struct overlay *overlay = chains->overlay;
  const struct network *network = overlay->network;
  struct stakes stakes = {0};
  bool fine = true;
  for (uint32_t e = 0; e < network->entity_count && fine; e++) {
    if ((e & 65535) == 0)
      fine = control_checkpoint(control, e, (double)network->entity_count, "following majorities", failure);
    chains->start[e] = (uint32_t)chains->upper.count;
    tell_rows(chains, e);
    bool nobody = !bit_at(chains->held, e) && overlay->added.count == 0;
    if (!fine || nobody || climb_is_person(network, e)) continue;
    fine = stakes_list(overlay, e, memory, &stakes);
    for (size_t i = 0; i < stakes.items.count && fine; i++) {
      const struct stake *stake = &stakes.items.items[i];
      bool certain, firm = !climb_is_thing(network, stake->owner) && !climb_is_person(network, stake->owner);
      if (!firm || stake->owner == e || stake_link(stake, &certain) == RELATION_NONE) continue;
      fine = vector_push(memory, &chains->upper, stake->owner) && vector_push(memory, &chains->certain, certain);
      chains->open = chains->open || !certain;
    }
  }
  chains->start[network->entity_count] = (uint32_t)chains->upper.count;
  stakes_close(&stakes, memory);
  return fine || fail_memory(failure, memory);
}

/* What harm does not climb: an added holding counts for whether it is doubtful alone, for it has no place. */
static bool list_nothing(struct chains *chains, struct memory *memory) {
  const struct overlay *overlay = chains->overlay;
  const struct network *network = overlay->network;
  size_t words = network->up_count / 64 + 1;
  bool any = overlay->mask != NULL;
  for (size_t i = 0; i < network->holding_count && !any; i++) any = network->holdings[i].lo == 0;
  for (size_t i = 0; i < overlay->added.count; i++) {
    const struct added_relation *added = &overlay->added.items[i];
    bool holding = (added->kind & RELATION_KIND) == RELATION_OWNS && added->in_force;
    chains->doubtful = chains->doubtful || (holding && added->share.lo == 0 && added->share.hi > 0);
  }
  for (int reading = 0; reading < READINGS && any; reading++)
    if (!(chains->nothing[reading] = memory_zeroed(memory, words, sizeof **chains->nothing))) return false;
  for (uint32_t up = 0; up < network->up_count && any; up++) {
    uint32_t r = network->up_relation[up];
    if (!overlay_in_force(overlay, r)) {
      bit_set(chains->nothing[READING_LOW], up);
      bit_set(chains->nothing[READING_HIGH], up);
    }
    if (network_kind(network, r) != RELATION_OWNS || !overlay_in_force(overlay, r)) continue;
    struct share share = overlay_share(overlay, r);
    if (share.lo == 0) bit_set(chains->nothing[READING_LOW], up);
    if (share.hi == 0) bit_set(chains->nothing[READING_HIGH], up);
    chains->doubtful = chains->doubtful || (share.lo == 0 && share.hi > 0);
  }
  return true;
}

/* ---- rings: strong components of certain links with more than one member ---- */

struct search { /* Tarjan's algorithm without recursion */
  uint32_t *index, *low, *at;
  struct entity_list path, stack, ring;
};

/* The members of a ring share one bit, at the smallest, which is off as soon as a link leaves the ring. */
static void top_of_ring(struct chains *chains, const struct entity_list *ring, uint8_t *inside) {
  bool entered[READINGS] = {false, false};
  uint32_t smallest = ENTITY_NONE;
  for (size_t i = 0; i < ring->count; i++) inside[ring->items[i]] = 1;
  for (size_t i = 0; i < ring->count; i++) {
    uint32_t e = ring->items[i];
    if (e < smallest) smallest = e;
    for (uint32_t l = chains->start[e]; l < chains->start[e + 1]; l++) {
      if (inside[chains->upper.items[l]]) continue;
      entered[READING_HIGH] = true;
      if (chains->certain.items[l]) entered[READING_LOW] = true;
    }
    for (int reading = 0; reading < READINGS; reading++) bit_clear(chains->top[reading], e);
  }
  for (size_t i = 0; i < ring->count; i++) inside[ring->items[i]] = 0;
  if (!entered[READING_HIGH]) bit_set(chains->top[READING_LOW], smallest);
  if (!entered[READING_LOW]) bit_set(chains->top[READING_HIGH], smallest);
}

static bool search_from(struct chains *chains, struct search *s, uint32_t root, uint32_t *counter, uint8_t *inside,
                        struct memory *memory) {
  bool fine = vector_push(memory, &s->path, root) && vector_push(memory, &s->stack, root);
  s->index[root] = s->low[root] = ++*counter;
  s->at[root] = chains->start[root];
  while (s->path.count > 0 && fine) {
    uint32_t e = s->path.items[s->path.count - 1];
    if (s->at[e] < chains->start[e + 1]) {
      uint32_t l = s->at[e]++, upper = chains->upper.items[l];
      if (!chains->certain.items[l]) continue;
      if (!s->index[upper]) {
        s->index[upper] = s->low[upper] = ++*counter;
        s->at[upper] = chains->start[upper];
        fine = vector_push(memory, &s->path, upper) && vector_push(memory, &s->stack, upper);
      } else if (s->at[upper] != UINT32_MAX && s->index[upper] < s->low[e]) { /* still on the stack */
        s->low[e] = s->index[upper];
      }
      continue;
    }
    s->path.count--;
    if (s->path.count > 0 && s->low[e] < s->low[s->path.items[s->path.count - 1]])
      s->low[s->path.items[s->path.count - 1]] = s->low[e];
    if (s->low[e] != s->index[e]) continue;
    uint32_t member;
    s->ring.count = 0;
    do {
      member = s->stack.items[--s->stack.count];
      s->at[member] = UINT32_MAX;
      fine = fine && vector_push(memory, &s->ring, member);
    } while (member != e);
    if (fine && s->ring.count > 1) top_of_ring(chains, &s->ring, inside);
  }
  return fine;
}

static bool find_tops(struct chains *chains, struct memory *memory, struct failure *failure) {
  const struct network *network = chains->overlay->network;
  size_t n = network->entity_count;
  struct search s = {0};
  uint32_t counter = 0;
  for (uint32_t e = 0; e < n; e++) {
    if (climb_is_thing(network, e) || climb_is_person(network, e)) continue;
    bool certain = false;
    for (uint32_t l = chains->start[e]; l < chains->start[e + 1]; l++) certain = certain || chains->certain.items[l];
    if (chains->start[e] == chains->start[e + 1]) bit_set(chains->top[READING_LOW], e);
    if (!certain) bit_set(chains->top[READING_HIGH], e);
  }
  s.index = memory_zeroed(memory, n + 1, sizeof *s.index);
  s.low = memory_zeroed(memory, n + 1, sizeof *s.low);
  s.at = memory_zeroed(memory, n + 1, sizeof *s.at);
  uint8_t *inside = memory_zeroed(memory, n + 1, 1);
  bool fine = s.index && s.low && s.at && inside;
  for (uint32_t e = 0; e < n && fine; e++)
    if (!s.index[e] && chains->start[e] < chains->start[e + 1])
      fine = search_from(chains, &s, e, &counter, inside, memory);
  memory_free(memory, s.index, (n + 1) * sizeof *s.index);
  memory_free(memory, s.low, (n + 1) * sizeof *s.low);
  memory_free(memory, s.at, (n + 1) * sizeof *s.at);
  memory_free(memory, inside, n + 1);
  vector_free(memory, &s.path);
  vector_free(memory, &s.stack);
  vector_free(memory, &s.ring);
  return fine || fail_memory(failure, memory);
}

bool chains_open(struct chains *chains, const struct overlay *overlay, struct memory *memory, struct control *control,
                 struct failure *failure) {
  size_t n = overlay->network->entity_count, words = n / 64 + 1;
  memset(chains, 0, sizeof *chains);
  chains->overlay = overlay;
  chains->start = memory_zeroed(memory, n + 1, sizeof *chains->start);
  chains->top[READING_LOW] = memory_zeroed(memory, words, sizeof **chains->top);
  chains->top[READING_HIGH] = memory_zeroed(memory, words, sizeof **chains->top);
  chains->taking = memory_zeroed(memory, words, sizeof *chains->taking);
  chains->supplying = memory_zeroed(memory, words, sizeof *chains->supplying);
  chains->held = memory_zeroed(memory, words, sizeof *chains->held);
  bool fine = (chains->start && chains->top[READING_LOW] && chains->top[READING_HIGH] && chains->taking &&
               chains->supplying && chains->held && list_nothing(chains, memory)) ||
              fail_memory(failure, memory);
  fine = fine && list_links(chains, memory, control, failure) && find_tops(chains, memory, failure);
  if (!fine) chains_close(chains, memory);
  return fine;
}
