#include "chains.h"

#include <string.h>

#include "climb.h"

void chains_close(struct chains *chains, struct memory *memory) {
  if (!chains->overlay) return;
  size_t n = chains->overlay->network->entity_count, words = n / 64 + 1;
  memory_free(memory, chains->start, (n + 1) * sizeof *chains->start);
  vector_free(memory, &chains->upper);
  vector_free(memory, &chains->certain);
  for (int reading = 0; reading < READINGS; reading++)
    memory_free(memory, chains->top[reading], words * sizeof **chains->top);
  chains->overlay = NULL;
}

static bool any_weightless(const struct overlay *overlay) {
  for (size_t i = 0; i < overlay->network->holding_count; i++)
    if (overlay->network->holdings[i].lo == 0) return true;
  for (size_t i = 0; i < overlay->added.count; i++) {
    const struct added_relation *added = &overlay->added.items[i];
    if ((added->kind & RELATION_KIND) == RELATION_OWNS && added->share.lo == 0) return true;
  }
  return false;
}

bool chains_open(struct chains *chains, const struct overlay *overlay, struct memory *memory, struct control *control,
                 struct failure *failure) {
  size_t n = overlay->network->entity_count, words = n / 64 + 1;
  struct act nobody = {.policy = {.bound = BOUND_ANYONE}};
  struct sets sets = {0};
  struct climb climb = {0};
  struct stage stage = {memory, overlay, &nobody, &sets, control, failure};
  uint32_t node;
  memset(chains, 0, sizeof *chains);
  chains->overlay = overlay;
  chains->weightless = any_weightless(overlay);
  chains->start = memory_zeroed(memory, n + 1, sizeof *chains->start);
  chains->top[READING_LOW] = memory_zeroed(memory, words, sizeof **chains->top);
  chains->top[READING_HIGH] = memory_zeroed(memory, words, sizeof **chains->top);
  bool fine = (chains->start && chains->top[READING_LOW] && chains->top[READING_HIGH]) || fail_memory(failure, memory);
  fine = fine && (sets_open(&sets, memory) || fail_memory(failure, memory)) && climb_open(&climb, &stage);
  for (uint32_t e = 0; e < n && fine; e++) fine = climb_add(&climb, &stage, e, &node);
  fine = fine && climb_run(&climb, &stage);
  for (uint32_t e = 0; e < n && fine; e++) {
    const struct chain_node *chain = &climb.nodes.items[e];
    chains->start[e] = (uint32_t)chains->upper.count;
    for (uint32_t l = 0; l < chain->links && fine; l++) {
      const struct chain_link *link = &climb.links.items[chain->first_link + l];
      if (link->first_step) continue;
      fine = vector_push(memory, &chains->upper, climb.nodes.items[link->upper].entity) &&
             vector_push(memory, &chains->certain, link->certain);
    }
    chains->start[e + 1] = (uint32_t)chains->upper.count;
  }
  for (size_t r = 0; r < climb.rings.count && fine; r++) {
    const struct ring *ring = &climb.rings.items[r];
    if (!climb.nodes.items[places_find(&climb.places, ring->entity)].firm) continue;
    if (network_same(overlay->network, ring->entity) != ring->entity) continue;
    if (!ring->entered[READING_HIGH]) bit_set(chains->top[READING_LOW], ring->entity);
    if (!ring->entered[READING_LOW]) bit_set(chains->top[READING_HIGH], ring->entity);
  }
  climb_close(&climb, memory);
  sets_close(&sets);
  if (!fine) chains_close(chains, memory);
  return fine || fail_memory(failure, memory);
}
