/* evaluate: the straight line restricted -> users -> bound -> attributed, act by act, and the union of acts. */
#include <stdlib.h>
#include <string.h>

#include "exposure.h"
#include "sort.h"

bool exposure_open(struct exposure *exposure, const struct overlay *overlay, struct failure *failure) {
  struct memory memory = exposure->memory;
  memset(exposure, 0, sizeof *exposure);
  exposure->memory = memory;
  exposure->overlay = overlay;
  return sets_open(&exposure->sets, &exposure->memory) || fail_memory(failure, &exposure->memory);
}

void exposure_close(struct exposure *exposure) {
  struct memory *memory = &exposure->memory;
  if (!exposure->overlay) return;
  for (size_t i = 0; i < exposure->results.count; i++) {
    struct stage_result *result = &exposure->results.items[i];
    for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
      flow_close(&result->flow[reading], memory);
      memory_free(memory, result->ascent[reading], (result->nodes + 1) * sizeof **result->ascent);
      vector_free(memory, &result->signatures[reading]);
    }
    climb_close(&result->climb, memory);
  }
  for (size_t a = 0; a < exposure->cascade_count; a++)
    for (enum reading reading = READING_LOW; reading < READINGS; reading++)
      cascade_close(&exposure->cascades[a][reading], memory);
  memory_free(memory, exposure->cascades, exposure->cascade_count * sizeof *exposure->cascades);
  for (size_t i = 0; i < exposure->acts.count; i++) act_close(&exposure->acts.items[i], memory);
  for (size_t i = 0; i < exposure->exceptions.count; i++) filter_close(&exposure->exceptions.items[i].covers);
  vector_free(memory, &exposure->acts);
  vector_free(memory, &exposure->exceptions);
  vector_free(memory, &exposure->results);
  vector_free(memory, &exposure->restricted);
  vector_free(memory, &exposure->users);
  vector_free(memory, &exposure->parents);
  vector_free(memory, &exposure->concerned);
  vector_free(memory, &exposure->linked);
  vector_free(memory, &exposure->warnings);
  vector_free(memory, &exposure->unknowns);
  sets_close(&exposure->sets);
  exposure->overlay = NULL;
}

/* ---- one act ---- */

static bool note_unknown(const struct stage *stage, struct exposure *exposure, enum unknown_fact fact, uint32_t subject,
                         uint32_t decides) {
  uint32_t act = (uint32_t)(stage->act - exposure->acts.items);
  bool majority = fact == UNKNOWN_SHARE && !cascade_find(&exposure->cascades[act][READING_HIGH], decides);
  struct unknown unknown = {fact, subject, decides, act, majority};
  return vector_push(stage->memory, &exposure->unknowns, unknown) || fail_memory(stage->failure, stage->memory);
}

static bool note_restricted_unknowns(const struct stage *stage, struct exposure *exposure, const struct cascade *high,
                                     const struct captured *row) {
  const struct overlay *overlay = stage->overlay;
  const struct policy *policy = &stage->act->policy;
  for (uint32_t i = 0; i < row->stake_count; i++) {
    uint32_t relation = high->stakes.items[row->stakes + i];
    bool holding = overlay_kind(overlay, relation) == RELATION_OWNS;
    if (holding && overlay_share(overlay, relation).lo == overlay_share(overlay, relation).hi) continue;
    if (!note_unknown(stage, exposure, UNKNOWN_SHARE, relation, row->entity)) return false;
  }
  const struct texts *texts;
  if (row->because == BECAUSE_CONTROLLED && policy->control == CONTROL_LISTED &&
      !overlay_field(overlay, row->relation, "by", &texts) &&
      !note_unknown(stage, exposure, UNKNOWN_CONTROL, row->relation, row->entity))
    return false;
  if (policy->foreign_only && (row->because == BECAUSE_OWNED || row->because == BECAUSE_CONTROLLED) &&
      policy_solely_home(policy, overlay, row->entity) == HOME_OPEN)
    return note_unknown(stage, exposure, UNKNOWN_COUNTRY, row->entity, row->entity);
  return true;
}

static bool restrict_entities(const struct stage *stage, struct exposure *exposure, uint32_t act, bool *doubt) {
  struct cascade *cascades = exposure->cascades[act];
  struct entity_list rings = {0};
  bool fine = cascade_run(stage, cascades, &rings, doubt);
  for (size_t i = 0; i < cascades[READING_HIGH].rows.count && fine; i++) {
    const struct captured *row = &cascades[READING_HIGH].rows.items[i],
                          *low = cascade_find(&cascades[READING_LOW], row->entity);
    if (row->because == BECAUSE_NONE) continue;
    bool sure = low && low->because != BECAUSE_NONE;
    if (!sure) fine = note_restricted_unknowns(stage, exposure, &cascades[READING_HIGH], row);
    if (sure) row = low;
    struct restricted_row restricted = {row->entity, sure ? VERDICT_YES : VERDICT_POSSIBLE, row->because, row->causes,
                                        act,         sure ? READING_LOW : READING_HIGH};
    fine = fine && (vector_push(stage->memory, &exposure->restricted, restricted) ||
                    fail_memory(stage->failure, stage->memory));
  }
  for (size_t i = 0, first = 0; i < rings.count && fine; i++) {
    if (rings.items[i] != ENTITY_NONE) continue;
    size_t count = 0;
    for (size_t k = first; k < i; k++) /* another group of targets may have caught them */
      if (!cascade_caught(&cascades[READING_HIGH], rings.items[k])) rings.items[first + count++] = rings.items[k];
    count = sort_unique(rings.items + first, count);
    struct warning warning = {WARNING_SELF_SUPPORTING, sets_of(stage->sets, rings.items + first, count)};
    fine = (warning.ids != SET_NONE && (count == 0 || vector_push(stage->memory, &exposure->warnings, warning))) ||
           fail_memory(stage->failure, stage->memory);
    first = i + 1;
  }
  vector_free(stage->memory, &rings);
  return fine;
}

static enum measure strictest(const struct stage *stage, uint32_t causes) {
  enum measure strict = MEASURES;
  for (size_t i = 0; i < sets_count(stage->sets, causes); i++) {
    uint32_t restriction = sets_items(stage->sets, causes)[i] - stage->act->first_restriction;
    enum measure measure = stage->act->restrictions.items[restriction].measure;
    if (measure < strict) strict = measure;
  }
  return strict;
}

/* Rows of the cascade that are sources under a measure. What is certain under one and perhaps under a stricter one may
 * still be the former, so the high reading keeps it. */
static bool *list_sources(const struct stage *stage, const struct cascade cascades[READINGS], enum reading reading,
                          enum measure measure, bool *any) {
  const struct cascade *cascade = &cascades[reading];
  bool *source = memory_zeroed(stage->memory, cascade->rows.count + 1, sizeof *source);
  if (!source) return (void)fail_memory(stage->failure, stage->memory), NULL;
  for (size_t i = 0; i < cascade->rows.count; i++) {
    const struct captured *row = &cascade->rows.items[i];
    if (row->because == BECAUSE_NONE) continue;
    source[i] = strictest(stage, row->causes) == measure;
    const struct captured *low = reading == READING_HIGH ? cascade_find(&cascades[READING_LOW], row->entity) : NULL;
    if (low && low->because != BECAUSE_NONE) source[i] = source[i] || strictest(stage, low->causes) == measure;
    *any = *any || source[i];
  }
  return source;
}

struct users vector_of(struct bound_user);

static bool carry(const struct stage *stage, const struct flow *flow, uint32_t entity, struct entity_list *buffer,
                  uint32_t *set) {
  uint32_t label;
  struct walk walk = walk_in(stage->overlay, entity);
  buffer->count = 0;
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(stage->overlay, r) == RELATION_SUPPLIES && flow_carries(flow, stage->overlay, r, &label) &&
        !vector_push(stage->memory, buffer, r))
      return fail_memory(stage->failure, stage->memory);
  *set = sets_of(stage->sets, buffer->items, buffer->count);
  return *set != SET_NONE || fail_memory(stage->failure, stage->memory);
}

/* Who is reached and not restricted, in order of entity. */
static bool list_users(const struct stage *stage, const struct stage_result *result,
                       const struct cascade cascades[READINGS], const struct flow *without, struct users *users) {
  struct entity_list reached = {0}, buffer = {0};
  const struct flow *high = result_flow(result, READING_HIGH);
  bool fine =
      vector_reserve(stage->memory, &reached, high->reached.count) || fail_memory(stage->failure, stage->memory);
  if (fine && high->reached.count) {
    memcpy(reached.items, high->reached.items, high->reached.count * sizeof *reached.items);
    reached.count = sort_unique(reached.items, high->reached.count);
  }
  for (size_t i = 0; i < reached.count && fine; i++) {
    struct bound_user user = {.entity = reached.items[i], .lapses = {DATE_MISSING, DATE_MISSING}};
    if ((i & 4095) == 0)
      fine =
          control_checkpoint(stage->control, (double)i, (double)reached.count, "finding who is bound", stage->failure);
    for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++) {
      const struct flow *flow = result_flow(result, reading);
      uint32_t label = places_find(&flow->places, user.entity);
      user.user[reading] = label != PLACE_NONE && !cascade_caught(&cascades[!reading], user.entity);
      if (!user.user[reading]) continue;
      user.causes[reading] = flow->labels.items[label].causes;
      user.steps[reading] = flow->labels.items[label].steps;
      user.excepted[reading] =
          without && places_find(&without[result->same ? READING_LOW : reading].places, user.entity) == PLACE_NONE;
      if (reading == READING_HIGH && result->same && user.user[READING_LOW])
        user.carried[READING_HIGH] = user.carried[READING_LOW];
      else fine = carry(stage, flow, user.entity, &buffer, &user.carried[reading]);
    }
    if (fine && user.user[READING_HIGH] && !vector_push(stage->memory, users, user))
      fine = fail_memory(stage->failure, stage->memory);
  }
  vector_free(stage->memory, &reached);
  vector_free(stage->memory, &buffer);
  return fine;
}

static uint32_t ordered(int32_t day) { return (uint32_t)day + UINT32_C(0x80000000); }

/* On which day excepted users are reached after all: exceptions end one day after the other. */
static bool find_lapses(const struct stage *stage, const struct exposure *exposure, const struct stage_result *result,
                        bool *const source[READINGS], struct users *users) {
  struct memory *memory = stage->memory;
  struct entity_list days = {0};
  bool fine = true, unused = false;
  for (size_t i = 0; i < exposure->exceptions.count && fine; i++)
    if (exposure->exceptions.items[i].until != DATE_MISSING)
      fine = vector_push(memory, &days, ordered(exposure->exceptions.items[i].until));
  if (!fine) fail_memory(stage->failure, memory);
  size_t count = sort_unique(days.items, days.count);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    size_t open = 0;
    for (size_t i = 0; i < users->count; i++) open += users->items[i].excepted[reading];
    for (size_t d = 0; d < count && open > 0 && fine; d++) {
      struct excepting excepting = {exposure->exceptions.items, exposure->exceptions.count,
                                    (int32_t)(days.items[d] - ordered(0))};
      struct flow flow = {0};
      fine = flow_run(stage, &exposure->cascades[result->act][reading], source[reading], reading, &excepting, &flow,
                      &unused);
      for (size_t i = 0; i < users->count && fine; i++) {
        struct bound_user *user = &users->items[i];
        if (!user->excepted[reading] || user->lapses[reading] != DATE_MISSING ||
            places_find(&flow.places, user->entity) == PLACE_NONE)
          continue;
        user->lapses[reading] = excepting.day;
        open--;
      }
      flow_close(&flow, memory);
    }
  }
  vector_free(memory, &days);
  return fine;
}

static bool climb_from_users(const struct stage *stage, struct climb *climb, struct users *users) {
  bool fine = climb_open(climb, stage);
  for (size_t i = 0; i < users->count && fine; i++)
    fine = climb_add(climb, stage, users->items[i].entity, &users->items[i].node);
  for (size_t i = 0; i < users->count && fine; i++) {
    uint32_t carried = users->items[i].carried[READING_HIGH], node;
    for (size_t k = 0; k < sets_count(stage->sets, carried) && fine; k++) {
      uint32_t relation = sets_items(stage->sets, carried)[k];
      if (!(overlay_kind_byte(stage->overlay, relation) & RELATION_PARTY)) continue;
      uint32_t party = overlay_party(stage->overlay, relation);
      if (party != ENTITY_NONE && overlay_entity_in_force(stage->overlay, party))
        fine = climb_add(climb, stage, party, &node);
    }
  }
  return fine && climb_run(climb, stage);
}

/* Why is this user only possibly bound: countries and links the sources leave open. */
static bool note_user_unknowns(const struct stage *stage, struct exposure *exposure, const struct climb *climb,
                               const struct bound_user *user) {
  const struct policy *policy = &stage->act->policy;
  const struct overlay *overlay = stage->overlay;
  const struct chain_node *chain = &climb->nodes.items[user->node];
  if (policy->bound != BOUND_HOME || !user->user[READING_LOW]) return true;
  if (user->level[READING_HIGH] <= SCOPE_LOCATED) {
    bool operated = false;
    struct walk walk = walk_in(overlay, user->entity);
    for (uint32_t r; climb_is_thing(overlay->network, user->entity) && (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) != RELATION_OPERATES) continue;
      operated = true;
      if (policy_home(policy, overlay, overlay_from(overlay, r)) == HOME_OPEN &&
          !note_unknown(stage, exposure, UNKNOWN_COUNTRY, overlay_from(overlay, r), user->entity))
        return false;
    }
    return operated || policy_home(policy, overlay, user->entity) != HOME_OPEN ||
           note_unknown(stage, exposure, UNKNOWN_COUNTRY, user->entity, user->entity);
  }
  for (uint32_t l = 0; l < chain->links && user->level[READING_HIGH] == SCOPE_OWNED; l++) {
    const struct chain_link *link = &climb->links.items[chain->first_link + l];
    if (!link->certain && !note_unknown(stage, exposure, UNKNOWN_SHARE, link->relation, user->entity)) return false;
  }
  for (size_t i = 0; i < sets_count(stage->sets, user->liable[READING_HIGH]); i++) {
    uint32_t liable = sets_items(stage->sets, user->liable[READING_HIGH])[i];
    if (policy_home(policy, overlay, liable) == HOME_OPEN &&
        !note_unknown(stage, exposure, UNKNOWN_COUNTRY, liable, user->entity))
      return false;
  }
  return true;
}

static bool bind_users(const struct stage *stage, struct exposure *exposure, uint32_t result_number,
                       struct users *users) {
  struct stage_result *result = &exposure->results.items[result_number];
  const struct climb *climb = &result->climb;
  struct subject last = {.entity = ENTITY_NONE};
  for (size_t i = 0; i < users->count; i++) {
    struct bound_user *user = &users->items[i];
    uint32_t parties[READINGS];
    if ((i & 4095) == 0 &&
        !control_checkpoint(stage->control, (double)i, (double)users->count, "finding who is bound", stage->failure))
      return false;
    if (!bound_levels(stage, climb, user->node, user->carried, &last, user->level, parties)) return false;
    for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
      user->bound[reading] = user->user[reading] && user->level[reading] <= stage->act->scope;
      user->liable[reading] = user->level[reading] == SCOPE_OWNED ? climb->nodes.items[user->node].liable[reading]
                              : user->level[reading] == SCOPE_FACILITATION ? parties[reading]
                                                                           : 0;
      user->parties[reading] = stage->act->scope == SCOPE_FACILITATION ? parties[reading] : 0;
    }
    enum verdict verdict = user->bound[READING_LOW]    ? VERDICT_YES
                           : user->bound[READING_HIGH] ? VERDICT_POSSIBLE
                                                       : VERDICT_NO;
    enum reading reading = verdict == VERDICT_YES        ? READING_LOW
                           : verdict == VERDICT_POSSIBLE ? READING_HIGH
                           : user->user[READING_LOW]     ? READING_LOW
                                                         : READING_HIGH;
    if (verdict == VERDICT_POSSIBLE && !note_user_unknowns(stage, exposure, climb, user)) return false;
    struct user_row row = {.entity = user->entity,
                           .verdict = (uint8_t)verdict,
                           .reading = (uint8_t)reading,
                           .measure = (uint8_t)result->measure,
                           .excepted = verdict != VERDICT_NO && user->excepted[reading],
                           .lapses = user->lapses[reading],
                           .result = result_number,
                           .scope = user->level[verdict == VERDICT_YES ? READING_LOW : READING_HIGH],
                           .level = {user->level[0], user->level[1]},
                           .bound = {user->bound[0], user->bound[1]},
                           .causes = user->causes[reading],
                           .carried = user->carried[reading],
                           .liable = user->liable[reading]};
    if (!vector_push(stage->memory, &exposure->users, row)) return fail_memory(stage->failure, stage->memory);
  }
  return true;
}

/* Holders below a majority, and `linked` relations, of bound users and of whatever they lead up to. */
static bool list_linked(const struct stage *stage, struct exposure *exposure, const struct stage_result *result) {
  const struct climb *climb = &result->climb;
  const struct ascent *ascent = result->ascent[READING_HIGH];
  for (size_t i = 0; i < climb->holders.count; i++) {
    const struct chain_holder *holder = &climb->holders.items[i];
    struct linked_row row = {holder->entity, climb->nodes.items[holder->node].entity, holder->relation, true,
                             holder->share};
    if (ascent[holder->node].steps != UINT32_MAX && !vector_push(stage->memory, &exposure->linked, row))
      return fail_memory(stage->failure, stage->memory);
  }
  bool ties = overlay_may_have(stage->overlay, RELATION_LINKED);
  for (uint32_t node = 0; node < climb->nodes.count && ties; node++) {
    if (ascent[node].steps == UINT32_MAX) continue;
    uint32_t entity = climb->nodes.items[node].entity;
    for (int inward = 0; inward <= 1; inward++) {
      struct walk walk = inward ? walk_in(stage->overlay, entity) : walk_out(stage->overlay, entity);
      for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
        uint32_t other = inward ? overlay_from(stage->overlay, r) : overlay_to(stage->overlay, r);
        struct linked_row row = {other, entity, r, false, {0, 0}};
        if (overlay_kind(stage->overlay, r) == RELATION_LINKED && other != entity &&
            !vector_push(stage->memory, &exposure->linked, row))
          return fail_memory(stage->failure, stage->memory);
      }
    }
  }
  for (size_t i = 0; i < climb->oversubscribed.count; i++) {
    struct warning warning = {WARNING_ABOVE_WHOLE, sets_of(stage->sets, &climb->oversubscribed.items[i], 1)};
    if (warning.ids == SET_NONE || !vector_push(stage->memory, &exposure->warnings, warning))
      return fail_memory(stage->failure, stage->memory);
  }
  return true;
}

static bool note_parent_unknowns(const struct stage *stage, struct exposure *exposure, const struct parent_row *row) {
  const struct stage_result *result = &exposure->results.items[row->result];
  const struct climb *climb = &result->climb;
  if (row->verdict != VERDICT_POSSIBLE) return true;
  const struct ring *ring = &climb->rings.items[climb->nodes.items[row->node].ring];
  for (uint32_t m = 0; m < ring->members; m++) { /* what may be above it */
    const struct chain_node *chain = &climb->nodes.items[climb->ring_members.items[ring->first_member + m]];
    for (uint32_t l = 0; l < chain->links; l++) {
      const struct chain_link *link = &climb->links.items[chain->first_link + l];
      if (!link->certain && !note_unknown(stage, exposure, UNKNOWN_SHARE, link->relation, row->entity)) return false;
    }
  }
  const struct ascent *ascent = result->ascent[READING_HIGH];
  for (uint32_t node = row->node; ascent[node].start == ASCENT_LINK;
       node = ascent[node].previous) { /* the way up to it */
    const struct chain_node *below = &climb->nodes.items[ascent[node].previous];
    for (uint32_t l = 0; l < below->links; l++) {
      const struct chain_link *link = &climb->links.items[below->first_link + l];
      if (link->upper == node && link->relation == ascent[node].relation && !link->certain &&
          !note_unknown(stage, exposure, UNKNOWN_SHARE, link->relation, row->entity))
        return false;
    }
  }
  return true;
}

/* Rows of a measure that does not prohibit: bound users and parents alike are concerned. */
static bool move_to_concerned(const struct stage *stage, struct exposure *exposure, size_t first_user,
                              size_t first_parent) {
  for (size_t i = first_user; i < exposure->users.count; i++) {
    const struct user_row *user = &exposure->users.items[i];
    struct concerned_row row = {user->entity, user->verdict, user->measure, user->causes};
    if (row.verdict != VERDICT_NO && !vector_push(stage->memory, &exposure->concerned, row))
      return fail_memory(stage->failure, stage->memory);
  }
  for (size_t i = first_parent; i < exposure->parents.count; i++) {
    const struct parent_row *parent = &exposure->parents.items[i];
    struct concerned_row row = {parent->entity, parent->verdict, parent->measure, parent->causes};
    if (!vector_push(stage->memory, &exposure->concerned, row)) return fail_memory(stage->failure, stage->memory);
  }
  exposure->users.count = first_user;
  exposure->parents.count = first_parent;
  return true;
}

static bool run_measure(const struct stage *stage, struct exposure *exposure, uint32_t act, enum measure measure,
                        bool doubt) {
  struct memory *memory = stage->memory;
  struct cascade *cascades = exposure->cascades[act];
  bool *source[READINGS] = {NULL, NULL}, any = false, fine = true;
  struct flow without[READINGS] = {0};
  struct users users = {0};
  uint32_t number = (uint32_t)exposure->results.count;
  size_t first_user = exposure->users.count, first_parent = exposure->parents.count;
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++)
    fine = (source[reading] = list_sources(stage, cascades, reading, measure, &any)) != NULL;
  if (fine && any) {
    struct stage_result fresh = {.act = act, .measure = measure};
    fine = vector_push(memory, &exposure->results, fresh) || fail_memory(stage->failure, memory);
  }
  if (fine && any) {
    struct stage_result *result = &exposure->results.items[number];
    fine = flow_run(stage, &cascades[READING_LOW], source[READING_LOW], READING_LOW, NULL, &result->flow[READING_LOW],
                    &doubt);
    result->same = !doubt;
    if (fine && doubt)
      fine = flow_run(stage, &cascades[READING_HIGH], source[READING_HIGH], READING_HIGH, NULL,
                      &result->flow[READING_HIGH], &doubt);
    bool excepted = fine && exposure->exceptions.count > 0;
    struct excepting excepting = {exposure->exceptions.items, exposure->exceptions.count, stage->overlay->day};
    for (enum reading reading = READING_LOW; reading < (result->same ? READING_HIGH : READINGS) && fine && excepted;
         reading++)
      fine = flow_run(stage, &cascades[reading], source[reading], reading, &excepting, &without[reading], &doubt);
    fine = fine && list_users(stage, result, cascades, excepted ? without : NULL, &users) &&
           (!excepted || find_lapses(stage, exposure, result, source, &users)) &&
           climb_from_users(stage, &result->climb, &users);
    result->nodes = result->climb.nodes.count;
    fine = fine && bind_users(stage, exposure, number, &users) &&
           attribute(stage, exposure, number, users.items, users.count) && list_linked(stage, exposure, result);
    for (size_t i = first_parent; i < exposure->parents.count && fine; i++) {
      if ((i & 63) == 0)
        fine = control_checkpoint(stage->control, (double)(i - first_parent),
                                  (double)(exposure->parents.count - first_parent), "listing what is not known",
                                  stage->failure);
      fine = fine && note_parent_unknowns(stage, exposure, &exposure->parents.items[i]);
    }
    if (fine && measure != MEASURE_PROHIBIT) fine = move_to_concerned(stage, exposure, first_user, first_parent);
  }
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    memory_free(memory, source[reading], (cascades[reading].rows.count + 1) * sizeof *source[reading]);
    flow_close(&without[reading], memory);
  }
  vector_free(memory, &users);
  return fine;
}

static bool note_overlaps(struct exposure *exposure, struct failure *failure) {
  const struct overlay *overlay = exposure->overlay;
  for (size_t i = 0; i + 1 < overlay->overlaps.count; i += 2) {
    uint32_t pair[2] = {overlay->overlaps.items[i], overlay->overlaps.items[i + 1]};
    struct warning warning = {WARNING_OVERLAP, sets_of(&exposure->sets, pair, 2)};
    if (warning.ids == SET_NONE || !vector_push(&exposure->memory, &exposure->warnings, warning))
      return fail_memory(failure, &exposure->memory);
  }
  return true;
}

bool exposure_evaluate(struct exposure *exposure, struct control *control, struct failure *failure) {
  struct memory *memory = &exposure->memory;
  size_t acts = exposure->acts.count;
  if (acts > 0) {
    exposure->cascades = memory_zeroed(memory, acts, sizeof *exposure->cascades);
    if (!exposure->cascades) return fail_memory(failure, memory);
    exposure->cascade_count = acts;
  }
  if (!note_overlaps(exposure, failure)) return false;
  for (uint32_t a = 0; a < acts; a++) {
    const struct act *act = &exposure->acts.items[a];
    struct stage stage = {memory, exposure->overlay, act, &exposure->sets, control, failure};
    bool present[MEASURES] = {false}, doubt = false;
    if (!restrict_entities(&stage, exposure, a, &doubt)) return false;
    for (size_t i = 0; i < act->restrictions.count; i++) present[act->restrictions.items[i].measure] = true;
    for (enum measure measure = MEASURE_PROHIBIT; measure < MEASURES; measure++)
      if (present[measure] && !run_measure(&stage, exposure, a, measure, doubt)) return false;
  }
  return unite_acts(exposure, failure);
}

/* ---- look-ups ---- */

#define find_row(rows, wanted)                                                 \
  for (size_t low = 0, high = (rows).count; low < high;) {                     \
    size_t middle = (low + high) / 2;                                          \
    if ((rows).items[middle].entity == (wanted)) return &(rows).items[middle]; \
    if ((rows).items[middle].entity < (wanted)) low = middle + 1;              \
    else high = middle;                                                        \
  }                                                                            \
  return NULL

const struct restricted_row *exposure_restricted(const struct exposure *exposure, uint32_t entity) {
  find_row(exposure->restricted, entity);
}
const struct user_row *exposure_user(const struct exposure *exposure, uint32_t entity) {
  find_row(exposure->users, entity);
}
const struct parent_row *exposure_parent(const struct exposure *exposure, uint32_t entity) {
  find_row(exposure->parents, entity);
}
