#include "harm.h"

#include <stdlib.h>

struct spreading_harm {
  struct harm *harm;
  struct harm_reach *reach;
  enum reading reading;
  struct entity_list queue; /* labels */
  struct control *control;
  struct failure *failure;
};

void harm_close(struct harm *harm) {
  struct memory *memory = &harm->memory;
  if (!harm->exposure) return;
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    places_close(&harm->reach[reading].places);
    places_close(&harm->reach[reading].sources);
    lookup_close(&harm->reach[reading].known, memory);
    vector_free(memory, &harm->reach[reading].labels);
    vector_free(memory, &harm->reach[reading].restricted);
  }
  lookup_close(&harm->words, memory);
  vector_free(memory, &harm->classes);
  vector_free(memory, &harm->rows);
  sets_close(&harm->sets);
  harm->exposure = NULL;
}

static uint64_t known_as(uint32_t entity, uint32_t class) { return (uint64_t) class << 32 | entity; }

uint32_t harm_find(const struct harm *harm, enum reading reading, uint32_t entity, uint32_t class) {
  return lookup_find(&harm->reach[reading].known, known_as(entity, class)); /* PLACE_NONE is LABEL_NONE */
}

static bool lists(const struct harm *harm, uint32_t relation, uint32_t class) {
  const struct overlay *overlay = harm->exposure->overlay;
  const struct texts *texts;
  if (harm->kind == HARM_COMPROMISE) return true;
  const struct field *field = column_at(harm->data, overlay, relation, &texts);
  if (field && field->type == FIELD_EMPTY_LIST) return false;
  for (; field; field = fields_next(field, field->key))
    if (column_word(overlay, texts, field->value) == harm->classes.items[class].word) return true;
  return false;
}

bool harm_carries(const struct harm *harm, enum reading reading, uint32_t relation, uint32_t class) {
  uint32_t from = overlay_from(harm->exposure->overlay, relation);
  if (overlay_kind(harm->exposure->overlay, relation) != RELATION_SUPPLIES || !lists(harm, relation, class))
    return false;
  return places_find(&harm->reach[reading].sources, from) != PLACE_NONE ||
         harm_find(harm, reading, from, class) != LABEL_NONE;
}

static bool out_of_memory(struct spreading_harm *s) { return fail_memory(s->failure, &s->harm->memory); }

/* Breadth first, so that a label keeps its first, fewest steps; only its causes may grow later. */
static bool arrive(struct spreading_harm *s, uint32_t entity, uint32_t class, uint32_t relation, uint32_t previous,
                   uint32_t steps, uint32_t causes) {
  struct harm_reach *reach = s->reach;
  uint32_t known = harm_find(s->harm, s->reading, entity, class);
  if (known != LABEL_NONE) {
    struct harm_label *label = &reach->labels.items[known];
    if (steps == label->steps && relation < label->relation) label->relation = relation, label->previous = previous;
    uint32_t united = sets_union(&s->harm->sets, label->causes, causes);
    if (united == SET_NONE) return out_of_memory(s);
    if (united == label->causes) return true;
    label->causes = united;
    if (label->queued) return true;
    label->queued = true;
    return vector_push(&s->harm->memory, &s->queue, known) || out_of_memory(s);
  }
  uint32_t index = (uint32_t)reach->labels.count;
  uint32_t first = places_find(&reach->places, entity);
  struct harm_label label = {entity, class, relation, previous, steps, causes, LABEL_NONE, true};
  if (first != PLACE_NONE) label.next = reach->labels.items[first].next;
  if (!vector_push(&s->harm->memory, &reach->labels, label) ||
      !lookup_put(&reach->known, &s->harm->memory, known_as(entity, class), index) ||
      !vector_push(&s->harm->memory, &s->queue, index) ||
      (first == PLACE_NONE && !places_put(&reach->places, entity, index)))
    return out_of_memory(s);
  if (first != PLACE_NONE) reach->labels.items[first].next = index; /* after the first, which stays in its place */
  return true;
}

static bool arrive_with_data(struct spreading_harm *s, uint32_t relation, uint32_t causes) {
  struct harm *harm = s->harm;
  const struct overlay *overlay = harm->exposure->overlay;
  const struct texts *texts;
  const struct field *field = column_at(harm->data, overlay, relation, &texts);
  if (field && field->type == FIELD_EMPTY_LIST) return true;
  for (; field; field = fields_next(field, field->key)) {
    struct harm_class fresh = {column_word(overlay, texts, field->value), field, texts};
    uint32_t class = lookup_find(&harm->words, fresh.word);
    if (class == PLACE_NONE) {
      class = (uint32_t)harm->classes.count;
      if (!vector_push(&harm->memory, &harm->classes, fresh) ||
          !lookup_put(&harm->words, &harm->memory, fresh.word, class))
        return out_of_memory(s);
    }
    if (!arrive(s, overlay_to(overlay, relation), class, relation, LABEL_NONE, 1, causes)) return false;
  }
  return true;
}

static bool list_sources(struct spreading_harm *s) {
  struct harm *harm = s->harm;
  const struct exposure *exposure = harm->exposure;
  for (size_t a = 0; a < exposure->cascade_count; a++) {
    const struct cascade *cascade = &exposure->cascades[a][s->reading];
    for (size_t i = 0; i < cascade->rows.count; i++) {
      const struct captured *row = &cascade->rows.items[i];
      if (row->because == BECAUSE_NONE) continue;
      uint32_t known = places_find(&s->reach->sources, row->entity);
      struct harm_source source = {
          row->entity, (uint32_t)a,
          sets_of(&harm->sets, sets_items(&exposure->sets, row->causes), sets_count(&exposure->sets, row->causes))};
      if (source.causes != SET_NONE && known != PLACE_NONE)
        source.causes = s->reach->restricted.items[known].causes =
            sets_union(&harm->sets, s->reach->restricted.items[known].causes, source.causes);
      if (source.causes == SET_NONE) return out_of_memory(s);
      if (known != PLACE_NONE) continue;
      if (!places_put(&s->reach->sources, row->entity, (uint32_t)s->reach->restricted.count) ||
          !vector_push(&harm->memory, &s->reach->restricted, source))
        return out_of_memory(s);
    }
  }
  return true;
}

static bool spread(struct spreading_harm *s) {
  const struct overlay *overlay = s->harm->exposure->overlay;
  for (size_t i = 0; i < s->reach->restricted.count; i++) {
    struct harm_source source = s->reach->restricted.items[i];
    struct walk walk = walk_out(overlay, source.entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) != RELATION_SUPPLIES) continue;
      if (s->harm->kind == HARM_COMPROMISE ? !arrive(s, overlay_to(overlay, r), 0, r, LABEL_NONE, 1, source.causes)
                                           : !arrive_with_data(s, r, source.causes))
        return false;
    }
  }
  for (size_t at = 0; at < s->queue.count; at++) {
    if ((at & 1023) == 0 &&
        !control_checkpoint(s->control, (double)at, (double)s->queue.count, "following what is supplied", s->failure))
      return false;
    s->reach->labels.items[s->queue.items[at]].queued = false;
    struct harm_label label = s->reach->labels.items[s->queue.items[at]];
    struct walk walk = walk_out(overlay, label.entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
      if (overlay_kind(overlay, r) == RELATION_SUPPLIES && lists(s->harm, r, label.class) &&
          !arrive(s, overlay_to(overlay, r), label.class, r, s->queue.items[at], label.steps + 1, label.causes))
        return false;
  }
  return true;
}

static int by_entity(const void *a, const void *b) {
  const struct harm_row *x = a, *y = b;
  return (x->entity > y->entity) - (x->entity < y->entity);
}

/* As with users: the surely restricted are none, the possibly restricted only possibly. */
static bool list_rows(struct harm *harm, struct failure *failure) {
  const struct harm_reach *low = &harm->reach[READING_LOW], *high = &harm->reach[READING_HIGH];
  for (size_t i = 0; i < high->labels.count; i++) {
    uint32_t entity = high->labels.items[i].entity;
    if (places_find(&high->places, entity) != i || places_find(&low->sources, entity) != PLACE_NONE) continue;
    bool sure = places_find(&low->places, entity) != PLACE_NONE && places_find(&high->sources, entity) == PLACE_NONE;
    struct harm_row row = {entity, sure ? VERDICT_YES : VERDICT_POSSIBLE, sure ? READING_LOW : READING_HIGH};
    if (!vector_push(&harm->memory, &harm->rows, row)) return fail_memory(failure, &harm->memory);
  }
  if (harm->rows.count > 1) qsort(harm->rows.items, harm->rows.count, sizeof *harm->rows.items, by_entity);
  return true;
}

bool harm_run(struct harm *harm, const struct exposure *exposure, enum harm_kind kind, struct control *control,
              struct failure *failure) {
  size_t n = exposure->overlay->network->entity_count;
  static const struct harm_class nothing = {0, NULL, NULL};
  harm->exposure = exposure;
  harm->kind = kind;
  harm->data = column_of(exposure->overlay, "data");
  if (!sets_open(&harm->sets, &harm->memory) ||
      (kind == HARM_COMPROMISE && !vector_push(&harm->memory, &harm->classes, nothing)))
    return fail_memory(failure, &harm->memory);
  bool fine = true;
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++) {
    struct harm_reach *reach = &harm->reach[reading];
    struct spreading_harm s = {
        .harm = harm, .reach = reach, .reading = reading, .control = control, .failure = failure};
    fine = (places_open(&reach->places, &harm->memory, n) && places_open(&reach->sources, &harm->memory, n)) ||
           out_of_memory(&s);
    fine = fine && control_checkpoint(control, 0, (double)n, "following what is supplied", failure) &&
           list_sources(&s) && spread(&s);
    vector_free(&harm->memory, &s.queue);
  }
  return fine && list_rows(harm, failure);
}

bool harm_proof(const struct harm *harm, enum reading reading, uint32_t label, struct memory *memory,
                struct proof *proof) {
  const struct harm_reach *reach = &harm->reach[reading];
  struct entity_list steps = {0};
  bool fine = true;
  uint32_t source = ENTITY_NONE;
  for (uint32_t at = label; at != LABEL_NONE && fine; at = reach->labels.items[at].previous) {
    fine = vector_push(memory, &steps, at);
    source = overlay_from(harm->exposure->overlay, reach->labels.items[at].relation);
  }
  fine = fine && proof_restricted(harm->exposure, reach->restricted.items[places_find(&reach->sources, source)].act,
                                  reading, source, memory, proof);
  for (size_t i = steps.count; i-- > 0 && fine;) {
    struct proof_step step = {reach->labels.items[steps.items[i]].relation, reach->labels.items[steps.items[i]].entity,
                              false};
    fine = vector_push(memory, proof, step);
  }
  vector_free(memory, &steps);
  return fine;
}
