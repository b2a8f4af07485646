#include "disruption.h"

#include <stdlib.h>

struct failing_run {
  struct disruption *disruption;
  struct failing *failing;
  enum reading reading;
  bool excepting; /* do exceptions count? Those that have lapsed by `day` do not */
  int32_t day;
  struct column need, reliance, fraction;
  struct entity_list frontier, next; /* touched, in this round and the next */
  size_t steps;
  struct control *control;
  struct failure *failure;
};

static void failing_close(struct failing *failing, struct memory *memory) {
  places_close(&failing->users);
  places_close(&failing->gone);
  vector_free(memory, &failing->touched);
  vector_free(memory, &failing->needs);
  vector_free(memory, &failing->supplies);
  vector_free(memory, &failing->suppliers);
  vector_free(memory, &failing->failed);
}

void disruption_close(struct disruption *disruption) {
  struct memory *memory = &disruption->memory;
  if (!disruption->exposure) return;
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    failing_close(&disruption->readings[reading], memory);
  vector_free(memory, &disruption->rows);
  sets_close(&disruption->sets);
  disruption->exposure = NULL;
}

static bool out_of_memory(struct failing_run *run) { return fail_memory(run->failure, &run->disruption->memory); }

/* ---- who is gone ---- */

/* Those of the causes that prohibit, as a set of ours; SET_NONE: no memory. */
static uint32_t prohibiting(struct disruption *disruption, const struct act *act, uint32_t causes) {
  const struct sets *theirs = &disruption->exposure->sets;
  uint32_t kept = 0;
  for (size_t i = 0; i < sets_count(theirs, causes) && kept != SET_NONE; i++) {
    uint32_t cause = sets_items(theirs, causes)[i];
    if (act->restrictions.items[cause - act->first_restriction].measure != MEASURE_PROHIBIT) continue;
    uint32_t one = sets_of(&disruption->sets, &cause, 1);
    kept = one == SET_NONE ? one : sets_union(&disruption->sets, kept, one);
  }
  return kept;
}

static bool list_gone(struct failing_run *run) {
  struct disruption *disruption = run->disruption;
  struct failing *failing = run->failing;
  const struct exposure *exposure = disruption->exposure;
  for (size_t a = 0; a < exposure->cascade_count; a++) {
    const struct cascade *cascade = &exposure->cascades[a][run->reading];
    for (size_t i = 0; i < cascade->rows.count; i++) {
      const struct captured *row = &cascade->rows.items[i];
      if (row->because == BECAUSE_NONE) continue;
      uint32_t causes = prohibiting(disruption, &exposure->acts.items[a], row->causes);
      if (causes == 0) continue;
      uint32_t known = places_find(&failing->gone, row->entity);
      struct gone_supplier gone = {row->entity, (uint32_t)a, causes};
      if (causes != SET_NONE && known != PLACE_NONE) {
        causes = sets_union(&disruption->sets, failing->suppliers.items[known].causes, causes);
        failing->suppliers.items[known].causes = causes;
      }
      if (causes == SET_NONE) return out_of_memory(run);
      if (known != PLACE_NONE) continue;
      if (!places_put(&failing->gone, row->entity, (uint32_t)failing->suppliers.count) ||
          !vector_push(&disruption->memory, &failing->suppliers, gone))
        return out_of_memory(run);
    }
  }
  return true;
}

/* Is a supply from something gone kept up by exceptions, for every restriction that takes it? */
static bool is_kept_up(const struct failing_run *run, uint32_t relation, uint32_t causes) {
  const struct exposure *exposure = run->disruption->exposure;
  const struct sets *sets = &run->disruption->sets;
  if (!run->excepting) return false;
  for (size_t i = 0; i < sets_count(sets, causes); i++) {
    bool excepted = false;
    for (size_t e = 0; e < exposure->exceptions.count && !excepted; e++) {
      const struct exception *exception = &exposure->exceptions.items[e];
      bool runs = exception->until == DATE_MISSING || exception->until > run->day;
      excepted =
          runs &&
          (exception->restriction == EVERY_RESTRICTION || exception->restriction == sets_items(sets, causes)[i]) &&
          flow_excepted(exposure->overlay, exception, relation);
    }
    if (!excepted) return false;
  }
  return true;
}

/* ---- a user and its needs, looked up when it loses something ---- */

static bool is_essential(const struct failing_run *run, uint32_t relation) {
  const struct texts *texts;
  const struct field *field = column_at(run->reliance, run->disruption->exposure->overlay, relation, &texts);
  if (!field) return true;
  const char *word = text_bytes(texts, field->value);
  return strcmp(word, "low") != 0 && strcmp(word, "none") != 0;
}

struct named_supply {
  uint64_t word; /* the need */
  uint32_t supply;
  const struct field *name;
};
struct named_supplies vector_of(struct named_supply);

static int by_word(const void *a, const void *b) {
  const struct named_supply *x = a, *y = b;
  if (x->word != y->word) return x->word < y->word ? -1 : 1;
  return (x->supply > y->supply) - (x->supply < y->supply);
}

static bool add_need(struct failing_run *run, uint32_t user, const struct field *name) {
  struct user_need need = {.name = name, .user = user};
  return vector_push(&run->disruption->memory, &run->failing->needs, need) || out_of_memory(run);
}

static void join_need(struct failing_run *run, struct lost_supply *supply) {
  struct user_need *need = &run->failing->needs.items[run->failing->needs.count - 1];
  supply->need = (uint32_t)run->failing->needs.count - 1;
  need->working++;
  need->left[0] += supply->fraction.lo;
  need->left[1] += supply->fraction.hi;
  need->essential = need->essential || is_essential(run, supply->relation);
}

/* The needs of the supplies from `first` on: of those that name none, each its own. */
static bool group_needs(struct failing_run *run, uint32_t user, uint32_t first, struct named_supplies *named) {
  struct failing *failing = run->failing;
  size_t at = 0;
  for (uint32_t i = first; i < failing->supplies.count; i++) {
    if (at < named->count && named->items[at].supply == i) {
      at++;
      continue;
    }
    if (!add_need(run, user, NULL)) return false;
    join_need(run, &failing->supplies.items[i]);
  }
  if (named->count > 1) qsort(named->items, named->count, sizeof *named->items, by_word);
  for (size_t i = 0; i < named->count; i++) {
    const struct named_supply *one = &named->items[i];
    if ((i == 0 || one[-1].word != one->word) && !add_need(run, user, one->name)) return false;
    join_need(run, &failing->supplies.items[one->supply]);
  }
  return true;
}

static bool list_supplies(struct failing_run *run, uint32_t entity, struct named_supplies *named) {
  struct memory *memory = &run->disruption->memory;
  const struct overlay *overlay = run->disruption->exposure->overlay;
  static const struct share unknown = {0, SHARE_WHOLE};
  struct walk walk = walk_in(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    if (overlay_kind(overlay, r) != RELATION_SUPPLIES) continue;
    const struct texts *texts;
    struct lost_supply supply = {r, 0, 0, false, column_share(run->fraction, overlay, r, unknown)};
    const struct field *name = column_at(run->need, overlay, r, &texts);
    struct named_supply one = {name ? column_word(overlay, texts, name->value) : 0,
                               (uint32_t)run->failing->supplies.count, name};
    if (!vector_push(memory, &run->failing->supplies, supply) || (name && !vector_push(memory, named, one)))
      return out_of_memory(run);
  }
  return true;
}

static bool touch(struct failing_run *run, uint32_t entity, uint32_t *user) {
  struct failing *failing = run->failing;
  struct named_supplies named = {0};
  *user = places_find(&failing->users, entity);
  if (*user != PLACE_NONE) return true;
  if ((++run->steps & 1023) == 0 &&
      !control_checkpoint(run->control, (double)failing->touched.count,
                          (double)run->disruption->exposure->overlay->network->entity_count, "finding what fails",
                          run->failure))
    return false;
  struct failing_user fresh = {.entity = entity,
                               .first_supply = (uint32_t)failing->supplies.count,
                               .first_need = (uint32_t)failing->needs.count,
                               .last = UINT32_MAX};
  *user = (uint32_t)failing->touched.count;
  bool fine = list_supplies(run, entity, &named) && group_needs(run, *user, fresh.first_supply, &named);
  vector_free(&run->disruption->memory, &named);
  if (!fine) return false;
  fresh.supplies = (uint32_t)failing->supplies.count - fresh.first_supply;
  fresh.needs = (uint32_t)failing->needs.count - fresh.first_need;
  return (vector_push(&run->disruption->memory, &failing->touched, fresh) &&
          places_put(&failing->users, entity, *user)) ||
         out_of_memory(run);
}

/* ---- rounds ---- */

/* What is still covered decides only when a part of the need is asked for: certain failure by the most that it may be,
 * possible failure by the least. */
static bool is_left_without(const struct failing_run *run, const struct user_need *need) {
  return need->working == 0 || need->left[run->reading == READING_LOW] < run->disruption->least;
}

static struct lost_supply *supply_of(const struct failing *failing, const struct failing_user *user,
                                     uint32_t relation) {
  uint32_t low = user->first_supply, high = low + user->supplies;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (failing->supplies.items[middle].relation < relation) low = middle + 1;
    else high = middle;
  }
  return &failing->supplies.items[low];
}

static bool lose(struct failing_run *run, uint32_t relation, uint32_t round, bool direct) {
  struct failing *failing = run->failing;
  uint32_t user;
  if (!touch(run, overlay_to(run->disruption->exposure->overlay, relation), &user)) return false;
  struct failing_user *loser = &failing->touched.items[user];
  struct lost_supply *supply = supply_of(failing, loser, relation);
  if (supply->round) return true;
  supply->round = round;
  supply->direct = direct;
  struct user_need *need = &failing->needs.items[supply->need];
  need->working--;
  need->left[0] -= supply->fraction.lo;
  need->left[1] -= supply->fraction.hi;
  if (need->round || !is_left_without(run, need)) return true;
  need->round = round;
  if (!need->essential || loser->round) return true;
  loser->round = round;
  return (vector_push(&run->disruption->memory, &run->next, user) &&
          vector_push(&run->disruption->memory, &failing->failed, user)) ||
         out_of_memory(run);
}

static bool lose_all(struct failing_run *run, uint32_t entity, uint32_t round, bool direct, uint32_t causes) {
  const struct overlay *overlay = run->disruption->exposure->overlay;
  struct walk walk = walk_out(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;)
    if (overlay_kind(overlay, r) == RELATION_SUPPLIES && !(direct && is_kept_up(run, r, causes)) &&
        !lose(run, r, round, direct))
      return false;
  return true;
}

/* The restrictions that bring each user down, and the supply it fails with: those of the needs lost in its own round,
 * whose suppliers all failed before it. */
static bool trace(struct failing_run *run) {
  struct failing *failing = run->failing;
  struct sets *sets = &run->disruption->sets;
  for (size_t i = 0; i < failing->failed.count; i++) {
    struct failing_user *user = &failing->touched.items[failing->failed.items[i]];
    struct set_list list = {0};
    bool fine = true;
    for (uint32_t s = user->first_supply; s < user->first_supply + user->supplies && fine; s++) {
      const struct lost_supply *supply = &failing->supplies.items[s];
      const struct user_need *need = &failing->needs.items[supply->need];
      if (!supply->round || supply->round > user->round || need->round != user->round || !need->essential) continue;
      uint32_t from = overlay_from(run->disruption->exposure->overlay, supply->relation);
      uint32_t causes = supply->direct ? failing->suppliers.items[places_find(&failing->gone, from)].causes
                                       : failing->touched.items[places_find(&failing->users, from)].causes;
      if (supply->round == user->round && user->last == UINT32_MAX) user->last = s;
      fine = sets_gather(sets, &list, causes);
    }
    user->causes = fine ? sets_gathered(sets, &list) : SET_NONE;
    set_list_free(sets, &list);
    if (user->causes == SET_NONE) return out_of_memory(run);
  }
  return true;
}

static bool run_rounds(struct failing_run *run) {
  struct failing *failing = run->failing;
  struct memory *memory = &run->disruption->memory;
  uint32_t round = 1;
  for (size_t i = 0; i < failing->suppliers.count; i++)
    if (!lose_all(run, failing->suppliers.items[i].entity, round, true, failing->suppliers.items[i].causes))
      return false;
  while (run->next.count > 0) {
    struct entity_list done = run->frontier;
    run->frontier = run->next;
    run->next = done;
    run->next.count = 0;
    round++;
    for (size_t i = 0; i < run->frontier.count; i++) {
      uint32_t entity = failing->touched.items[run->frontier.items[i]].entity;
      if (!lose_all(run, entity, round, false, 0)) return false;
    }
  }
  vector_fit(memory, &failing->supplies);
  return trace(run);
}

static bool find_failing(struct disruption *disruption, struct failing *failing, enum reading reading, bool excepting,
                         int32_t day, struct control *control, struct failure *failure) {
  const struct overlay *overlay = disruption->exposure->overlay;
  struct memory *memory = &disruption->memory;
  struct failing_run run = {.disruption = disruption,
                            .failing = failing,
                            .reading = reading,
                            .excepting = excepting,
                            .day = day,
                            .need = column_of(overlay, "need"),
                            .reliance = column_of(overlay, "reliance"),
                            .fraction = column_of(overlay, "fraction"),
                            .control = control,
                            .failure = failure};
  size_t n = overlay->network->entity_count;
  bool fine =
      (places_open(&failing->users, memory, n) && places_open(&failing->gone, memory, n)) || out_of_memory(&run);
  fine = fine && control_checkpoint(control, 0, (double)n, "finding what fails", failure) && list_gone(&run) &&
         run_rounds(&run);
  vector_free(memory, &run.frontier);
  vector_free(memory, &run.next);
  return fine;
}

/* ---- rows ---- */

static const struct failing_user *user_of(const struct failing *failing, uint32_t entity) {
  uint32_t user = places_find(&failing->users, entity);
  return user == PLACE_NONE ? NULL : &failing->touched.items[user];
}

static bool fails(const struct failing *failing, uint32_t entity) {
  const struct failing_user *user = user_of(failing, entity);
  return user && user->round > 0;
}

static int by_entity(const void *a, const void *b) {
  const struct disrupted_row *x = a, *y = b;
  return (x->entity > y->entity) - (x->entity < y->entity);
}

static bool list_rows(struct disruption *disruption, struct failure *failure) {
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    const struct failing *failing = disruption_of(disruption, reading);
    if (reading == READING_HIGH && disruption->same) break;
    for (size_t i = 0; i < failing->failed.count; i++) {
      uint32_t user = failing->failed.items[i], entity = failing->touched.items[user].entity;
      if (places_find(&failing->gone, entity) != PLACE_NONE) continue;
      if (reading == READING_HIGH && fails(&disruption->readings[READING_LOW], entity)) continue;
      struct disrupted_row row = {entity,           user,  reading == READING_LOW ? VERDICT_YES : VERDICT_POSSIBLE,
                                  (uint8_t)reading, false, DATE_MISSING};
      if (!vector_push(&disruption->memory, &disruption->rows, row)) return fail_memory(failure, &disruption->memory);
    }
  }
  if (disruption->rows.count > 1)
    qsort(disruption->rows.items, disruption->rows.count, sizeof *disruption->rows.items, by_entity);
  return true;
}

/* With the exceptions that still run on a day: which rows they keep working, or no longer do. */
static bool except_rows(struct disruption *disruption, int32_t day, bool first, struct control *control,
                        struct failure *failure) {
  bool fine = true;
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++) {
    struct failing failing = {0};
    fine = find_failing(disruption, &failing, reading, true, day, control, failure);
    for (size_t i = 0; i < disruption->rows.count && fine; i++) {
      struct disrupted_row *row = &disruption->rows.items[i];
      if (row->reading != reading) continue;
      bool still = fails(&failing, row->entity);
      if (first) row->excepted = !still;
      else if (row->excepted && still && row->lapses == DATE_MISSING) row->lapses = day;
    }
    failing_close(&failing, &disruption->memory);
  }
  return fine;
}

static uint32_t ordered(int32_t day) { return (uint32_t)day + UINT32_C(0x80000000); }

static bool mark_excepted(struct disruption *disruption, struct control *control, struct failure *failure) {
  const struct exposure *exposure = disruption->exposure;
  struct entity_list days = {0};
  int32_t today = exposure->overlay->day;
  bool fine = true;
  if (exposure->exceptions.count == 0 || disruption->rows.count == 0) return true;
  for (size_t i = 0; i < exposure->exceptions.count && fine; i++) {
    int32_t until = exposure->exceptions.items[i].until;
    if (until != DATE_MISSING && until > today)
      fine = vector_push(&disruption->memory, &days, ordered(until)) || fail_memory(failure, &disruption->memory);
  }
  size_t count = sort_unique(days.items, days.count);
  fine = fine && except_rows(disruption, today, true, control, failure);
  for (size_t i = 0; i < count && fine; i++)
    fine = except_rows(disruption, (int32_t)(days.items[i] - UINT32_C(0x80000000)), false, control, failure);
  vector_free(&disruption->memory, &days);
  return fine;
}

/* Do both readings take the same suppliers for gone? */
static bool is_certain(const struct exposure *exposure) {
  for (size_t a = 0; a < exposure->cascade_count; a++) {
    const struct cascade *low = &exposure->cascades[a][READING_LOW], *high = &exposure->cascades[a][READING_HIGH];
    for (size_t i = 0; i < high->rows.count; i++) {
      const struct captured *row = &high->rows.items[i], *sure = cascade_find(low, row->entity);
      if (row->because != BECAUSE_NONE && (!sure || sure->because == BECAUSE_NONE || sure->causes != row->causes))
        return false;
    }
  }
  return true;
}

bool disruption_run(struct disruption *disruption, const struct exposure *exposure, uint32_t least,
                    struct control *control, struct failure *failure) {
  disruption->exposure = exposure;
  disruption->least = least;
  if (!sets_open(&disruption->sets, &disruption->memory)) return fail_memory(failure, &disruption->memory);
  disruption->same = least == 0 && is_certain(exposure);
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    if (!(reading == READING_HIGH && disruption->same) &&
        !find_failing(disruption, &disruption->readings[reading], reading, false, DATE_MISSING, control, failure))
      return false;
  return list_rows(disruption, failure) && mark_excepted(disruption, control, failure);
}

bool disruption_proof(const struct disruption *disruption, const struct disrupted_row *row, struct memory *memory,
                      struct proof *proof) {
  const struct exposure *exposure = disruption->exposure;
  const struct failing *failing = disruption_of(disruption, (enum reading)row->reading);
  const struct failing_user *user = &failing->touched.items[row->user];
  struct entity_list steps = {0};
  bool fine = true, at_source = false;
  uint32_t source = ENTITY_NONE;
  while (!at_source && fine) {
    const struct lost_supply *supply = &failing->supplies.items[user->last];
    fine = vector_push(memory, &steps, supply->relation);
    source = overlay_from(exposure->overlay, supply->relation);
    at_source = supply->direct;
    if (!at_source) user = user_of(failing, source);
  }
  const struct gone_supplier *gone = &failing->suppliers.items[places_find(&failing->gone, source)];
  fine = fine && proof_restricted(exposure, gone->act, (enum reading)row->reading, source, memory, proof);
  for (size_t i = steps.count; i-- > 0 && fine;) {
    struct proof_step step = {steps.items[i], overlay_to(exposure->overlay, steps.items[i]), false};
    fine = vector_push(memory, proof, step);
  }
  vector_free(memory, &steps);
  return fine;
}
