/* proof: the chain of relations behind a row, read back from the stages that made it. */
#include "exposure.h"

static bool push(struct memory *memory, struct proof *proof, uint32_t relation, uint32_t entity, bool party) {
  struct proof_step step = {relation, entity, party};
  return vector_push(memory, proof, step);
}

static void reverse(struct proof *proof, size_t first) {
  for (size_t i = first, k = proof->count; i + 1 < k; i++, k--) {
    struct proof_step swap = proof->items[i];
    proof->items[i] = proof->items[k - 1];
    proof->items[k - 1] = swap;
  }
}

bool proof_restricted(const struct exposure *exposure, uint32_t act, enum reading reading, uint32_t entity,
                      struct memory *memory, struct proof *proof) {
  const struct cascade *cascade = &exposure->cascades[act][reading];
  const struct captured *row = cascade_find(cascade, entity);
  size_t first = proof->count;
  for (uint32_t at = row ? row->trail : TRAIL_NONE; at != TRAIL_NONE; at = cascade->trails.items[at].before)
    if (!push(memory, proof, cascade->trails.items[at].relation, cascade->trails.items[at].entity, false)) return false;
  reverse(proof, first);
  return true;
}

/* The flow as far as a label; the source is the other end of its first relation. */
static bool proof_label(const struct exposure *exposure, const struct stage_result *result, enum reading reading,
                        uint32_t label, struct memory *memory, struct proof *proof) {
  const struct flow *flow = result_flow(result, reading);
  struct proof tail = {0};
  bool fine = true;
  uint32_t source = ENTITY_NONE;
  for (uint32_t at = label; at != LABEL_NONE && fine; at = flow->labels.items[at].previous) {
    const struct label *step = &flow->labels.items[at];
    fine = push(memory, &tail, step->relation, step->entity, false);
    uint32_t from = overlay_from(exposure->overlay, step->relation);
    source = from == step->entity ? overlay_to(exposure->overlay, step->relation) : from;
  }
  fine = fine && proof_restricted(exposure, result->act, reading, source, memory, proof);
  for (size_t i = tail.count; i-- > 0 && fine;)
    fine = push(memory, proof, tail.items[i].relation, tail.items[i].entity, false);
  vector_free(memory, &tail);
  return fine;
}

bool proof_user(const struct exposure *exposure, const struct user_row *row, struct memory *memory,
                struct proof *proof) {
  const struct stage_result *result = &exposure->results.items[row->result];
  uint32_t label = places_find(&result_flow(result, row->reading)->places, row->entity);
  return proof_label(exposure, result, row->reading, label, memory, proof);
}

bool proof_parent(const struct exposure *exposure, const struct parent_row *row, struct memory *memory,
                  struct proof *proof) {
  const struct stage_result *result = &exposure->results.items[row->result];
  const struct ascent *ascent = result->ascent[row->reading];
  const struct climb *climb = &result->climb;
  const struct flow *flow = result_flow(result, row->reading);
  struct proof tail = {0};
  uint32_t node = row->node;
  bool fine = true, user = false;
  for (; !user && ascent[node].start >= ASCENT_LINK && fine; node = ascent[node].previous) {
    fine = push(memory, &tail, ascent[node].relation, climb->nodes.items[node].entity, false);
    user = ascent[node].start == ASCENT_OPERATED;
  }
  if (fine && !user && ascent[node].start == ASCENT_PARTY) {
    uint32_t supplies = ascent[node].relation, from = overlay_from(exposure->overlay, supplies), label;
    (void)flow_carries(flow, exposure->overlay, supplies, &label);
    const struct captured *source = places_find(&flow->sources, from) == PLACE_NONE
                                        ? NULL
                                        : cascade_find(&exposure->cascades[result->act][row->reading], from);
    bool by_source = source && (label == LABEL_NONE || source->steps <= flow->labels.items[label].steps);
    fine = (by_source ? proof_restricted(exposure, result->act, row->reading, from, memory, proof)
                      : proof_label(exposure, result, row->reading, label, memory, proof)) &&
           push(memory, proof, supplies, overlay_to(exposure->overlay, supplies), false) &&
           push(memory, proof, supplies, climb->nodes.items[node].entity, true);
  } else if (fine) {
    fine = proof_label(exposure, result, row->reading, places_find(&flow->places, climb->nodes.items[node].entity),
                       memory, proof);
  }
  for (size_t i = tail.count; i-- > 0 && fine;)
    fine = push(memory, proof, tail.items[i].relation, tail.items[i].entity, false);
  vector_free(memory, &tail);
  return fine;
}
