/* The way to an entry of a tally's log, read back step by step. */
#include "stakes.h"
#include "tally.h"

/* Climbing keeps no relation: it is found again among the stakes of the entity below. */
static bool find_link(const struct overlay *overlay, uint32_t below, uint32_t upper, struct memory *memory,
                      uint32_t *relation) {
  struct stakes stakes = {0};
  bool certain, fine = stakes_list(overlay, below, memory, &stakes);
  for (size_t i = 0; i < stakes.items.count && fine; i++)
    if (stakes.items.items[i].owner == upper) *relation = stake_link(&stakes.items.items[i], &certain);
  stakes_close(&stakes, memory);
  return fine;
}

bool tally_proof(const struct tally_ground *ground, const struct tally_log *log, uint32_t at, struct memory *memory,
                 struct proof *proof) {
  const struct overlay *overlay = ground->overlay;
  size_t first = proof->count;
  for (;;) {
    uint32_t entity = log->entity.items[at], before = log->before.items[at];
    bool start = before == RELATION_NONE, along = log->along && at >= log->restricted && at < log->users;
    struct proof_step step = {RELATION_NONE, entity, false};
    if (along) step.relation = arrows_relation(overlay, ground->chains, log->entity.items[before], entity);
    else step.relation = log->relation.items[at];
    if (!start && step.relation == RELATION_NONE &&
        !find_link(overlay, log->entity.items[before], entity, memory, &step.relation))
      return false;
    if (!start && overlay_kind(overlay, step.relation) == RELATION_SUPPLIES) {
      uint32_t user = overlay_to(overlay, step.relation);
      step.party = user == log->entity.items[before] && user != entity;
    }
    if (!vector_push(memory, proof, step)) return false;
    if (start) break;
    at = before;
  }
  for (size_t i = first, k = proof->count; i + 1 < k; i++, k--) {
    struct proof_step swap = proof->items[i];
    proof->items[i] = proof->items[k - 1];
    proof->items[k - 1] = swap;
  }
  return true;
}
