/* attribution: from bound users up to their ultimate parents, with the shortest ascent to each. */
#include <stdlib.h>

#include "adjacency.h"
#include "exposure.h"
#include "sort.h"

struct start {
  uint32_t steps, node, previous, relation;
  uint8_t how;
};

struct starts vector_of(struct start);

static int by_steps(const void *context, uint32_t a, uint32_t b) {
  const struct start *x = (const struct start *)context + a, *y = (const struct start *)context + b;
  if (x->steps != y->steps) return x->steps < y->steps ? -1 : 1;
  if (x->how != y->how) return x->how < y->how ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

static int by_node(const void *a, const void *b) {
  const struct signature *x = a, *y = b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

/* Where climbing begins: each bound user, and under facilitation each party through every supply it signed. */
static bool list_starts(const struct stage *stage, const struct exposure *exposure, struct stage_result *result,
                        enum reading reading, const struct bound_user *users, size_t count, struct starts *starts) {
  const struct flow *flow = result_flow(result, reading);
  const struct overlay *overlay = stage->overlay;
  for (size_t i = 0; i < count; i++) {
    const struct bound_user *user = &users[i];
    if ((i & 4095) == 0 &&
        !control_checkpoint(stage->control, (double)i, (double)count, "attributing to parents", stage->failure))
      return false;
    if (!user->bound[reading]) continue;
    struct start start = {user->steps[reading], user->node, PLACE_NONE, RELATION_NONE, ASCENT_USER};
    if (!vector_push(stage->memory, starts, start)) return fail_memory(stage->failure, stage->memory);
    if (user->parties[reading] == 0) continue;
    const uint32_t *carried = sets_items(stage->sets, user->carried[reading]);
    for (size_t k = 0; k < sets_count(stage->sets, user->carried[reading]); k++) {
      uint32_t party = overlay_party(overlay, carried[k]), label;
      if (party == ENTITY_NONE || !sets_contain(stage->sets, user->parties[reading], party)) continue;
      (void)flow_carries(flow, overlay, carried[k], &label);
      uint32_t steps = label == LABEL_NONE ? UINT32_MAX : flow->labels.items[label].steps;
      uint32_t from = overlay_from(overlay, carried[k]);
      if (places_find(&flow->sources, from) != PLACE_NONE) {
        const struct captured *source = cascade_find(&exposure->cascades[result->act][reading], from);
        if (source && source->steps < steps) steps = source->steps;
      }
      struct signature signature = {places_find(&result->climb.places, party), carried[k]};
      if (!vector_push(stage->memory, &result->signatures[reading], signature))
        return fail_memory(stage->failure, stage->memory);
      start = (struct start){steps + 2, signature.node, user->node, carried[k], ASCENT_PARTY};
      if (!vector_push(stage->memory, starts, start)) return fail_memory(stage->failure, stage->memory);
    }
  }
  if (result->signatures[reading].count > 1)
    qsort(result->signatures[reading].items, result->signatures[reading].count, sizeof(struct signature), by_node);
  return true;
}

struct rising {
  struct memory *memory;
  struct ascent *ascent;
  struct entity_list next;
};

/* One link up from a node that is `steps` away from a target. */
static bool rise(struct rising *rising, const struct chain_link *link, uint32_t node, uint32_t steps) {
  struct ascent *upper = &rising->ascent[link->upper];
  if (upper->steps <= steps || (upper->steps == steps + 1 && upper->relation <= link->relation)) return true;
  bool fresh = upper->steps == UINT32_MAX;
  *upper =
      (struct ascent){steps + 1, node, link->relation, link->first_step ? ASCENT_OPERATED : ASCENT_LINK, upper->user};
  return !fresh || vector_push(rising->memory, &rising->next, link->upper);
}

/* Fewest relations from a target to every node that bound users lead up to: level by level from the starts. */
static bool ascend(const struct stage *stage, const struct climb *climb, enum reading reading,
                   const struct starts *starts, struct ascent *ascent) {
  struct memory *memory = stage->memory;
  struct rising rising = {memory, ascent, {0}};
  struct entity_list order = {0}, spare = {0}, frontier = {0};
  size_t count = climb->nodes.count, at = 0;
  for (size_t i = 0; i < count; i++)
    ascent[i] = (struct ascent){UINT32_MAX, PLACE_NONE, RELATION_NONE, ASCENT_USER, false};
  bool fine = vector_reserve(memory, &order, starts->count) && vector_reserve(memory, &spare, starts->count);
  for (uint32_t i = 0; i < starts->count && fine; i++) order.items[i] = i;
  if (fine && starts->count) sort_numbers(order.items, spare.items, starts->count, by_steps, starts->items);
  for (uint32_t steps = 0; fine && (at < starts->count || frontier.count > 0); steps++) {
    if (frontier.count == 0) steps = starts->items[order.items[at]].steps;
    for (; at < starts->count && starts->items[order.items[at]].steps == steps && fine; at++) {
      const struct start *start = &starts->items[order.items[at]];
      const struct chain_node *chain = &climb->nodes.items[start->node];
      bool user = start->how == ASCENT_USER;
      for (uint32_t l = 0; l < chain->links && user && fine; l++) { /* whoever operates it is above the user alone */
        const struct chain_link *link = &climb->links.items[chain->first_link + l];
        if (link->first_step) fine = rise(&rising, link, start->node, steps);
      }
      if (user) ascent[start->node].user = true;
      if (ascent[start->node].steps <= steps) continue;
      ascent[start->node] =
          (struct ascent){steps, start->previous, start->relation, start->how, ascent[start->node].user};
      fine = fine && vector_push(memory, &frontier, start->node);
    }
    for (size_t i = 0; i < frontier.count && fine; i++) {
      uint32_t node = frontier.items[i];
      const struct chain_node *chain = &climb->nodes.items[node];
      for (uint32_t l = 0; l < chain->links && fine; l++) {
        const struct chain_link *link = &climb->links.items[chain->first_link + l];
        if ((link->certain || reading == READING_HIGH) && !link->first_step) fine = rise(&rising, link, node, steps);
      }
    }
    struct entity_list done = frontier;
    frontier = rising.next;
    rising.next = done;
    rising.next.count = 0;
  }
  vector_free(memory, &order);
  vector_free(memory, &spare);
  vector_free(memory, &frontier);
  vector_free(memory, &rising.next);
  return fine || fail_memory(stage->failure, memory);
}

/* Which bound user (index) is attributed to which ring. */
struct attributed {
  struct entity_list ring, user;
  struct entity_list party; /* who leads there, when it is a party to the user's contract; else ENTITY_NONE */
};

static bool attribute_to(const struct stage *stage, struct attributed *attributed, uint32_t tops, uint32_t user,
                         uint32_t party) {
  if (tops == SET_NONE) return fail_memory(stage->failure, stage->memory);
  for (size_t i = 0; i < sets_count(stage->sets, tops); i++)
    if (!vector_push(stage->memory, &attributed->ring, sets_items(stage->sets, tops)[i]) ||
        !vector_push(stage->memory, &attributed->user, user) || !vector_push(stage->memory, &attributed->party, party))
      return fail_memory(stage->failure, stage->memory);
  return true;
}

/* Of a party that is a service or site, its operator is no step: that is for users only. */
static uint32_t tops_of_party(const struct stage *stage, const struct climb *climb, enum reading reading,
                              uint32_t party) {
  const struct chain_node *node = &climb->nodes.items[places_find(&climb->places, party)];
  if (!climb_is_thing(stage->overlay->network, party)) return node->tops[reading];
  struct set_list list = {0};
  bool fine = true;
  for (uint32_t l = 0; l < node->links && fine; l++) {
    const struct chain_link *link = &climb->links.items[node->first_link + l];
    if (!link->first_step && (link->certain || reading == READING_HIGH))
      fine = sets_gather(stage->sets, &list, climb->nodes.items[link->upper].tops[reading]);
  }
  uint32_t tops = fine ? sets_gathered(stage->sets, &list) : SET_NONE;
  set_list_free(stage->sets, &list);
  return tops;
}

static bool list_attributed(const struct stage *stage, const struct climb *climb, enum reading reading,
                            const struct bound_user *users, size_t count, struct attributed *attributed) {
  for (uint32_t i = 0; i < count; i++) {
    const struct bound_user *user = &users[i];
    if (!user->bound[reading]) continue;
    if (!attribute_to(stage, attributed, climb->nodes.items[user->node].tops[reading], i, ENTITY_NONE)) return false;
    for (size_t p = 0; p < sets_count(stage->sets, user->parties[reading]); p++) {
      uint32_t party = sets_items(stage->sets, user->parties[reading])[p];
      if (!attribute_to(stage, attributed, tops_of_party(stage, climb, reading, party), i, party)) return false;
    }
  }
  return true;
}

/* The users of a run of pairs; pairs are in order of user, and users in order of entity. */
static uint32_t set_of_users(const struct stage *stage, const struct bound_user *users, const struct entity_list *user,
                             const uint32_t *pairs, size_t count, struct entity_list *buffer) {
  buffer->count = 0;
  if (!vector_reserve(stage->memory, buffer, count)) return SET_NONE;
  for (size_t i = 0; i < count; i++) {
    uint32_t entity = users[user->items[pairs[i]]].entity;
    if (buffer->count == 0 || buffer->items[buffer->count - 1] != entity) buffer->items[buffer->count++] = entity;
  }
  return sets_of(stage->sets, buffer->items, buffer->count);
}

/* Users attributed in the high reading alone. */
static uint32_t set_without(const struct stage *stage, uint32_t all, uint32_t some, struct entity_list *buffer) {
  size_t count = sets_count(stage->sets, all), others = sets_count(stage->sets, some);
  buffer->count = 0;
  if (!vector_reserve(stage->memory, buffer, count)) return SET_NONE;
  const uint32_t *x = sets_items(stage->sets, all), *y = sets_items(stage->sets, some);
  for (size_t i = 0, k = 0; i < count; i++) {
    while (k < others && y[k] < x[i]) k++;
    if (k == others || y[k] != x[i]) buffer->items[buffer->count++] = x[i];
  }
  return sets_of(stage->sets, buffer->items, buffer->count);
}

struct grouped {
  uint32_t *start, *order;
};

static bool add_parent(const struct stage *stage, struct exposure *exposure, uint32_t result_number,
                       uint32_t ring_number, const struct bound_user *users, const struct attributed *attributed,
                       const struct grouped *grouped, struct entity_list *buffer) {
  const struct stage_result *result = &exposure->results.items[result_number];
  const struct ring *ring = &result->climb.rings.items[ring_number];
  uint32_t sets_by_reading[READINGS];
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    uint32_t first = grouped[reading].start[ring_number], end = grouped[reading].start[ring_number + 1];
    sets_by_reading[reading] =
        set_of_users(stage, users, &attributed[reading].user, grouped[reading].order + first, end - first, buffer);
    if (sets_by_reading[reading] == SET_NONE) return fail_memory(stage->failure, stage->memory);
  }
  enum reading reading = sets_by_reading[READING_LOW] ? READING_LOW : READING_HIGH;
  struct parent_row row = {.entity = ring->entity,
                           .verdict = reading == READING_LOW ? VERDICT_YES : VERDICT_POSSIBLE,
                           .scope = SCOPE_NONE,
                           .reading = (uint8_t)reading,
                           .measure = (uint8_t)result->measure,
                           .excepted = true,
                           .lapses = DATE_MISSING,
                           .result = result_number,
                           .node = places_find(&result->climb.places, ring->entity),
                           .owners = ring->owners};
  row.steps = result->ascent[reading][row.node].steps;
  row.users = sets_by_reading[reading];
  row.users_possible =
      reading == READING_LOW ? set_without(stage, sets_by_reading[READING_HIGH], row.users, buffer) : row.users;
  struct set_list causes = {0}, liables = {0};
  bool fine = true;
  for (uint32_t i = grouped[reading].start[ring_number]; i < grouped[reading].start[ring_number + 1] && fine; i++) {
    uint32_t pair = grouped[reading].order[i], party = attributed[reading].party.items[pair];
    const struct bound_user *user = &users[attributed[reading].user.items[pair]];
    uint8_t level = party == ENTITY_NONE ? user->level[reading] : SCOPE_FACILITATION;
    uint32_t liable = party == ENTITY_NONE ? user->liable[reading] : sets_of(stage->sets, &party, 1);
    if (level < row.scope) row.scope = level;
    fine = sets_gather(stage->sets, &causes, user->causes[reading]) && sets_gather(stage->sets, &liables, liable);
    row.excepted = row.excepted && user->excepted[reading];
    if (user->excepted[reading]) row.lapses = exposure_sooner(row.lapses, user->lapses[reading]);
  }
  row.causes = fine ? sets_gathered(stage->sets, &causes) : SET_NONE;
  row.liable = fine ? sets_gathered(stage->sets, &liables) : SET_NONE;
  set_list_free(stage->sets, &causes);
  set_list_free(stage->sets, &liables);
  if (row.users_possible == SET_NONE || row.causes == SET_NONE || row.liable == SET_NONE ||
      !vector_push(stage->memory, &exposure->parents, row))
    return fail_memory(stage->failure, stage->memory);
  if (ring->members > 1) {
    buffer->count = 0;
    if (!vector_reserve(stage->memory, buffer, ring->members)) return fail_memory(stage->failure, stage->memory);
    for (uint32_t m = 0; m < ring->members; m++)
      buffer->items[buffer->count++] =
          result->climb.nodes.items[result->climb.ring_members.items[ring->first_member + m]].entity;
    buffer->count = sort_unique(buffer->items, buffer->count);
    struct warning warning = {WARNING_RING, sets_of(stage->sets, buffer->items, buffer->count)};
    if (warning.ids == SET_NONE || !vector_push(stage->memory, &exposure->warnings, warning))
      return fail_memory(stage->failure, stage->memory);
  }
  return true;
}

bool attribute(const struct stage *stage, struct exposure *exposure, uint32_t result_number,
               const struct bound_user *users, size_t count) {
  struct memory *memory = stage->memory;
  struct stage_result *result = &exposure->results.items[result_number];
  size_t rings = result->climb.rings.count;
  struct attributed attributed[READINGS] = {0};
  struct grouped grouped[READINGS] = {0};
  struct entity_list buffer = {0};
  bool fine = true;
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++) {
    struct starts starts = {0};
    result->ascent[reading] = memory_zeroed(memory, result->nodes + 1, sizeof **result->ascent);
    fine = (result->ascent[reading] || fail_memory(stage->failure, memory)) &&
           list_starts(stage, exposure, result, reading, users, count, &starts) &&
           ascend(stage, &result->climb, reading, &starts, result->ascent[reading]) &&
           list_attributed(stage, &result->climb, reading, users, count, &attributed[reading]);
    vector_free(memory, &starts);
    if (!fine) break;
    size_t pairs = attributed[reading].ring.count;
    grouped[reading].start = memory_zeroed(memory, rings + 1, sizeof *grouped->start);
    grouped[reading].order = memory_zeroed(memory, pairs + 1, sizeof *grouped->order);
    fine = (grouped[reading].start && grouped[reading].order) || fail_memory(stage->failure, memory);
    if (fine && pairs)
      adjacency_sort(attributed[reading].ring.items, NULL, pairs, rings, grouped[reading].start,
                     grouped[reading].order);
  }
  for (uint32_t r = 0; r < rings && fine; r++) {
    if ((r & 1023) == 0)
      fine = control_checkpoint(stage->control, r, (double)rings, "attributing to parents", stage->failure);
    if (!fine) break;
    if (grouped[READING_HIGH].start[r] < grouped[READING_HIGH].start[r + 1] ||
        grouped[READING_LOW].start[r] < grouped[READING_LOW].start[r + 1])
      fine = add_parent(stage, exposure, result_number, r, users, attributed, grouped, &buffer);
  }
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    memory_free(memory, grouped[reading].start, (rings + 1) * sizeof *grouped->start);
    memory_free(memory, grouped[reading].order, (attributed[reading].ring.count + 1) * sizeof *grouped->order);
    vector_free(memory, &attributed[reading].ring);
    vector_free(memory, &attributed[reading].user);
    vector_free(memory, &attributed[reading].party);
  }
  vector_free(memory, &buffer);
  return fine;
}
