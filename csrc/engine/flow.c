#include "flow.h"

struct spreading {
  const struct stage *stage;
  enum reading reading;
  const struct excepting *excepting;
  size_t asked; /* questions about exceptions */
  struct flow *flow;
  struct entity_list next; /* labels made in this round */
  uint32_t round;
  bool doubt;
};

void flow_close(struct flow *flow, struct memory *memory) {
  places_close(&flow->places);
  places_close(&flow->sources);
  vector_free(memory, &flow->labels);
  vector_free(memory, &flow->reached);
}

bool flow_excepted(const struct overlay *overlay, const struct exception *exception, uint32_t relation) {
  if (exception->contracts_before != DATE_MISSING) {
    int32_t since = overlay_validity(overlay, relation).since;
    if (since == DATE_MISSING || since >= exception->contracts_before) return false;
  }
  return filter_relation(&exception->covers, overlay, relation);
}

static bool stopped(struct spreading *s) {
  return !control_checkpoint(s->stage->control, (double)s->flow->labels.count,
                             (double)s->stage->overlay->network->entity_count, "following supplies", s->stage->failure);
}

/* The causes that still reach through a `supplies` once exceptions are taken out; SET_NONE: no memory, or stopped. */
static uint32_t causes_through(struct spreading *s, uint32_t relation, uint32_t causes) {
  struct sets *sets = s->stage->sets;
  uint32_t left = causes;
  for (size_t i = 0; i < s->excepting->count && left; i++) {
    const struct exception *exception = &s->excepting->exceptions[i];
    if (exception->until != DATE_MISSING && exception->until <= s->excepting->day) continue;
    if (exception->restriction != EVERY_RESTRICTION && !sets_contain(sets, left, exception->restriction)) continue;
    if ((++s->asked & 65535) == 0 && stopped(s)) return SET_NONE;
    if (!flow_excepted(s->stage->overlay, exception, relation)) continue;
    if (exception->restriction == EVERY_RESTRICTION) return 0;
    uint32_t kept = 0;
    for (size_t k = 0; k < sets_count(sets, left); k++) {
      uint32_t restriction = sets_items(sets, left)[k];
      uint32_t one = restriction == exception->restriction ? 0 : sets_of(sets, &restriction, 1);
      kept = one == SET_NONE || kept == SET_NONE ? SET_NONE : sets_union(sets, kept, one);
    }
    left = kept;
    if (left == SET_NONE) return left;
  }
  return left;
}

static bool arrive(struct spreading *s, uint32_t entity, uint32_t relation, uint32_t previous, uint32_t steps,
                   uint32_t causes) {
  struct flow *flow = s->flow;
  struct memory *memory = s->stage->memory;
  struct label label = {entity, relation, previous, LABEL_NONE, steps, s->round, causes};
  uint32_t known = places_find(&flow->places, entity);
  if (known != PLACE_NONE) {
    struct label *old = &flow->labels.items[known];
    label.causes = sets_union(s->stage->sets, old->causes, causes);
    if (label.causes == SET_NONE) return false;
    bool better = steps < old->steps || (steps == old->steps && old->tier == s->round && relation < old->relation);
    if (old->tier == s->round) { /* made in this round: nothing leads through it yet */
      if (better) old->relation = relation, old->previous = previous, old->steps = steps;
      old->causes = label.causes;
      return true;
    }
    if (!better && label.causes == old->causes) return true;
    if (!better) label.relation = old->relation, label.previous = old->previous, label.steps = old->steps;
    label.older = known;
  } else if (!vector_push(memory, &flow->reached, entity)) {
    return false;
  }
  uint32_t index = (uint32_t)flow->labels.count;
  if (!vector_push(memory, &flow->labels, label) || !vector_push(memory, &s->next, index)) return false;
  return places_put(&flow->places, entity, index);
}

bool flow_follows(const struct stage *stage, enum reading reading, uint32_t relation, bool against) {
  const struct overlay *overlay = stage->overlay;
  enum relation_kind kind = overlay_kind(overlay, relation);
  if (kind == RELATION_SUPPLIES) return !against;
  if (stage->act->policy.flow != FLOW_ANY) return false;
  if (kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES) return true;
  if (!against || (kind != RELATION_OWNS && kind != RELATION_CONTROLS && kind != RELATION_CONSOLIDATES)) return false;
  if (kind != RELATION_OWNS) return true;
  struct share share = overlay_share(overlay, relation);
  return (reading == READING_LOW ? share.lo : share.hi) > 0 &&
         overlay_from(overlay, relation) != overlay_to(overlay, relation);
}

/* Would the other reading decide otherwise? */
static bool in_doubt(struct spreading *s, uint32_t relation) {
  if (overlay_kind(s->stage->overlay, relation) != RELATION_OWNS) return false;
  struct share share = overlay_share(s->stage->overlay, relation);
  return share.lo == 0 && share.hi > 0;
}

static bool expand(struct spreading *s, uint32_t entity, uint32_t previous, uint32_t steps, uint32_t causes) {
  const struct overlay *overlay = s->stage->overlay;
  bool any = s->stage->act->policy.flow == FLOW_ANY;
  struct walk walk = walk_out(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    uint32_t through = causes;
    if (overlay_kind(overlay, r) == RELATION_SUPPLIES) {
      if (s->excepting) through = causes_through(s, r, causes);
      if (through == SET_NONE) return false;
      if (through == 0 && causes != 0) continue;
    } else if (!flow_follows(s->stage, s->reading, r, false)) {
      continue;
    }
    if (!arrive(s, overlay_to(overlay, r), r, previous, steps + 1, through)) return false;
  }
  if (!any) return true;
  walk = walk_up(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    s->doubt = s->doubt || in_doubt(s, r);
    if (flow_follows(s->stage, s->reading, r, true) &&
        !arrive(s, overlay_from(overlay, r), r, previous, steps + 1, causes))
      return false;
  }
  return true;
}

bool flow_run(const struct stage *stage, const struct cascade *cascade, const bool *source, enum reading reading,
              const struct excepting *excepting, struct flow *flow, bool *doubt) {
  struct memory *memory = stage->memory;
  size_t n = stage->overlay->network->entity_count;
  struct spreading s = {.stage = stage, .reading = reading, .excepting = excepting, .flow = flow, .round = 1};
  struct entity_list frontier = {0};
  bool fine = places_open(&flow->places, memory, n) && places_open(&flow->sources, memory, n);
  flow->tiers = stage->act->policy.flow == FLOW_USE ? stage->act->policy.tiers : UINT32_MAX;
  for (uint32_t i = 0; i < cascade->rows.count && fine; i++) {
    if ((i & 1023) == 0 && stopped(&s)) fine = false;
    if (!source[i] || !fine) continue;
    const struct captured *row = &cascade->rows.items[i];
    fine = places_put(&flow->sources, row->entity, i) && expand(&s, row->entity, LABEL_NONE, row->steps, row->causes);
  }
  while (fine && s.next.count > 0 && s.round < flow->tiers) {
    struct entity_list done = frontier;
    frontier = s.next;
    s.next = done;
    s.next.count = 0;
    s.round++;
    for (size_t i = 0; i < frontier.count && fine; i++) {
      struct label label = flow->labels.items[frontier.items[i]];
      fine =
          ((i & 4095) != 0 || !stopped(&s)) && expand(&s, label.entity, frontier.items[i], label.steps, label.causes);
    }
  }
  vector_free(memory, &frontier);
  vector_free(memory, &s.next);
  *doubt = *doubt || s.doubt;
  if (!fine) return fail_memory(stage->failure, memory); /* a checkpoint's own cause comes first */
  return true;
}

bool flow_carries(const struct flow *flow, const struct overlay *overlay, uint32_t relation, uint32_t *label) {
  uint32_t from = overlay_from(overlay, relation), at = places_find(&flow->places, from);
  *label = LABEL_NONE;
  while (at != PLACE_NONE && flow->labels.items[at].tier >= flow->tiers) at = flow->labels.items[at].older;
  if (at != PLACE_NONE && at != LABEL_NONE) *label = at;
  return *label != LABEL_NONE || places_find(&flow->sources, from) != PLACE_NONE;
}
