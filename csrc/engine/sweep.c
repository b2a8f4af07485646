/* sweep: candidates are taken one by one from a shared counter, each evaluated by itself. */
#include "sweep.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "exposure.h"
#include "sort.h"

void sweep_open(struct sweep *sweep, const struct overlay *overlay) {
  struct memory memory = sweep->memory;
  memset(sweep, 0, sizeof *sweep);
  sweep->memory = memory;
  sweep->overlay = overlay;
  sweep->threads = 1;
}

static void close_policy(struct policy *policy) {
  filter_close(&policy->by);
  filter_close(&policy->home);
  filter_close(&policy->located_in);
  filter_close(&policy->where);
}

void sweep_close(struct sweep *sweep) {
  if (!sweep->overlay) return;
  close_policy(&sweep->policy);
  vector_free(&sweep->memory, &sweep->targets);
  vector_free(&sweep->memory, &sweep->rows);
  vector_free(&sweep->memory, &sweep->spends);
  vector_free(&sweep->memory, &sweep->currencies);
  sweep->overlay = NULL;
}

bool sweep_every_supplier(struct sweep *sweep, struct control *control, struct failure *failure) {
  const struct overlay *overlay = sweep->overlay;
  size_t count = overlay->network->entity_count;
  for (uint32_t entity = 0; entity < count; entity++) {
    if ((entity & 65535) == 0 && !control_checkpoint(control, entity, (double)count, "looking for suppliers", failure))
      return false;
    struct walk walk = walk_out(overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) != RELATION_SUPPLIES) continue;
      if (!vector_push(&sweep->memory, &sweep->targets, entity)) return fail_memory(failure, &sweep->memory);
      break;
    }
  }
  return true;
}

/* ---- one by one ---- */

/* What the threads share. */
struct shift {
  struct sweep *sweep;
  struct control *control; /* of the call: asked by the calling thread only */
  atomic_size_t next, done;
  atomic_bool stop;
};

struct worker {
  struct shift *shift;
  struct memory memory;
  struct control control;
  struct failure failure;
  struct spends spends;
  struct entity_list rows; /* those with spends here, in the order of being done */
  struct entity_list carried;
};

/* Asked within one evaluation: go on? */
static bool heed_others(void *context, double done, double total, const char *what) {
  struct worker *worker = context;
  (void)done, (void)total, (void)what; /* of one evaluation */
  return !atomic_load_explicit(&worker->shift->stop, memory_order_relaxed);
}

static bool tell_caller(void *context, double done, double total, const char *what) {
  struct worker *worker = context;
  struct shift *shift = worker->shift;
  return heed_others(context, done, total, what) &&
         shift->control->progress(shift->control->context, (double)atomic_load(&shift->done),
                                  (double)shift->sweep->rows.count, "banning one at a time");
}

/* Everything the worker asks for while it evaluates is counted by the exposure's memory, which began as a copy of its
 * own and becomes that again. */
static bool count_spend(struct worker *worker, struct exposure *exposure, uint32_t number) {
  struct sweep_row *row = &worker->shift->sweep->rows.items[number];
  struct memory *memory = &exposure->memory;
  struct entity_list *carried = &worker->carried;
  carried->count = 0;
  for (size_t i = 0; i < exposure->users.count; i++) {
    const struct user_row *user = &exposure->users.items[i];
    size_t count = sets_count(&exposure->sets, user->carried);
    if (user->verdict != VERDICT_YES || count == 0) continue;
    if (!vector_reserve(memory, carried, count)) return false;
    memcpy(carried->items + carried->count, sets_items(&exposure->sets, user->carried), count * sizeof(uint32_t));
    carried->count += count;
  }
  carried->count = sort_unique(carried->items, carried->count);
  size_t before = worker->spends.count;
  if (!spend_total(exposure->overlay, carried->items, carried->count, memory, &worker->spends)) return false;
  row->first_spend = (uint32_t)before;
  row->spends = (uint32_t)(worker->spends.count - before);
  return row->spends == 0 || vector_push(memory, &worker->rows, number);
}

static bool evaluate(struct worker *worker, struct exposure *exposure, uint32_t number) {
  const struct sweep *sweep = worker->shift->sweep;
  struct sweep_row *row = &worker->shift->sweep->rows.items[number];
  struct memory *memory = &exposure->memory;
  struct act act = {.policy = sweep->policy, .scope = sweep->scope};
  struct restriction restriction = {MEASURE_PROHIBIT, 0, 0};
  const uint32_t targets[] = {row->first, row->second};
  bool fine = vector_push(memory, &exposure->acts, act);
  for (int i = 0; i < 2 && fine; i++) {
    if (targets[i] == ENTITY_NONE || !overlay_entity_in_force(sweep->overlay, targets[i])) continue;
    fine = vector_push(memory, &exposure->acts.items[0].targets, targets[i]);
    restriction.targets++;
  }
  exposure->restrictions = 1;
  if (!fine || !vector_push(memory, &exposure->acts.items[0].restrictions, restriction))
    return fail_memory(&worker->failure, memory);
  if (!exposure_evaluate(exposure, &worker->control, &worker->failure)) return false;
  for (size_t i = 0; i < exposure->restricted.count; i++)
    row->restricted[exposure->restricted.items[i].verdict == VERDICT_YES ? SURE : PERHAPS]++;
  for (size_t i = 0; i < exposure->users.count; i++)
    if (exposure->users.items[i].verdict != VERDICT_NO)
      row->users[exposure->users.items[i].verdict == VERDICT_YES ? SURE : PERHAPS]++;
  for (size_t i = 0; i < exposure->parents.count; i++)
    row->parents[exposure->parents.items[i].verdict == VERDICT_YES ? SURE : PERHAPS]++;
  return !sweep->asks_spend || count_spend(worker, exposure, number) || fail_memory(&worker->failure, memory);
}

static bool ban_alone(struct worker *worker, uint32_t number) {
  struct exposure exposure = {.memory = worker->memory};
  bool fine =
      exposure_open(&exposure, worker->shift->sweep->overlay, &worker->failure) && evaluate(worker, &exposure, number);
  if (exposure.acts.count) memset(&exposure.acts.items[0].policy, 0, sizeof(struct policy)); /* the sweep's own */
  exposure_close(&exposure);
  worker->memory = exposure.memory;
  return fine;
}

static void work(void *context, unsigned member) {
  struct worker *worker = &((struct worker *)context)[member];
  struct shift *shift = worker->shift;
  size_t count = shift->sweep->rows.count;
  for (size_t number; !atomic_load(&shift->stop) && (number = atomic_fetch_add(&shift->next, 1)) < count;) {
    if (!ban_alone(worker, (uint32_t)number)) atomic_store(&shift->stop, true);
    atomic_fetch_add(&shift->done, 1);
  }
}

/* Bring the amounts of all workers together. */
static bool gather_spends(struct sweep *sweep, const struct worker *workers) {
  for (unsigned w = 0; w < sweep->threads; w++) {
    const struct worker *worker = &workers[w];
    size_t before = sweep->spends.count;
    if (!vector_reserve(&sweep->memory, &sweep->spends, worker->spends.count)) return false;
    for (size_t i = 0; i < worker->spends.count; i++) sweep->spends.items[before + i] = worker->spends.items[i];
    sweep->spends.count += worker->spends.count;
    for (size_t i = 0; i < worker->rows.count; i++)
      sweep->rows.items[worker->rows.items[i]].first_spend += (uint32_t)before;
  }
  return true;
}

static bool ban_each_alone(struct sweep *sweep, struct control *control, struct failure *failure) {
  struct memory *memory = &sweep->memory;
  struct worker *workers = memory_zeroed(memory, sweep->threads, sizeof *workers);
  if (!workers) return fail_memory(failure, memory);
  struct shift shift = {.sweep = sweep, .control = control};
  for (unsigned w = 0; w < sweep->threads; w++) {
    workers[w].shift = &shift;
    workers[w].control.deadline = control ? control->deadline : 0;
    workers[w].control.context = &workers[w];
    workers[w].control.progress = w > 0 ? heed_others : control && control->progress ? tell_caller : NULL;
    if (memory->limit) workers[w].memory.limit = (memory->limit - memory->used) / sweep->threads;
  }
  crew_run(sweep->threads, work, workers);
  bool fine = true;
  for (unsigned w = 0; w < sweep->threads; w++) { /* a worker that was stopped says so only after the one that failed */
    struct failure *cause = &workers[w].failure;
    if (cause->code != FAILURE_NONE && cause->code != FAILURE_INTERRUPTED)
      (void)fail(failure, cause->code, "%s", cause->message);
    fine = fine && cause->code == FAILURE_NONE;
  }
  if (!fine) (void)fail(failure, FAILURE_INTERRUPTED, "%s", workers[0].failure.message);
  fine = fine && (gather_spends(sweep, workers) || fail_memory(failure, memory));
  for (unsigned w = 0; w < sweep->threads; w++) {
    vector_free(&workers[w].memory, &workers[w].spends);
    vector_free(&workers[w].memory, &workers[w].rows);
    vector_free(&workers[w].memory, &workers[w].carried);
  }
  memory_free(memory, workers, sweep->threads * sizeof *workers);
  return fine;
}

/* ---- the whole ---- */

static int compare_currency(const struct spend *a, const char *currency, size_t length) {
  int order = memcmp(a->currency, currency, a->currency_length < length ? a->currency_length : length);
  return order ? order : (a->currency_length > length) - (a->currency_length < length);
}

static bool list_currencies(struct sweep *sweep) {
  struct spends *list = &sweep->currencies;
  for (size_t i = 0; i < sweep->spends.count; i++) {
    struct spend one = sweep->spends.items[i];
    size_t at = list->count; /* few */
    while (at > 0 && compare_currency(&list->items[at - 1], one.currency, one.currency_length) > 0) at--;
    if (at > 0 && compare_currency(&list->items[at - 1], one.currency, one.currency_length) == 0) continue;
    if (!vector_push(&sweep->memory, list, one)) return false;
    for (size_t k = list->count - 1; k > at; k--) list->items[k] = list->items[k - 1];
    list->items[at] = one;
  }
  return true;
}

size_t sweep_targets(struct sweep *sweep) {
  return sweep->targets.count = sort_unique(sweep->targets.items, sweep->targets.count);
}

static bool list_rows(struct sweep *sweep, bool pairs) {
  struct memory *memory = &sweep->memory;
  size_t count = sweep_targets(sweep);
  if (!vector_reserve(memory, &sweep->rows, pairs ? count * (count - (count > 0)) / 2 : count)) return false;
  for (size_t i = 0; i < count; i++) {
    struct sweep_row row = {.first = sweep->targets.items[i], .second = ENTITY_NONE};
    if (!pairs) sweep->rows.items[sweep->rows.count++] = row;
    for (size_t k = i + 1; k < count && pairs; k++) {
      row.second = sweep->targets.items[k];
      sweep->rows.items[sweep->rows.count++] = row;
    }
  }
  return true;
}

bool sweep_run(struct sweep *sweep, bool pairs, struct control *control, struct failure *failure) {
  if (!list_rows(sweep, pairs)) return fail_memory(failure, &sweep->memory);
  return ban_each_alone(sweep, control, failure) && (list_currencies(sweep) || fail_memory(failure, &sweep->memory));
}

/* ---- ranking ---- */

struct ranked {
  money first;
  uint32_t second, row;
};

static int by_harm(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  if (x->first != y->first) return x->first > y->first ? -1 : 1;
  if (x->second != y->second) return x->second > y->second ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static money amount_in(const struct sweep *sweep, const struct sweep_row *row, const char *currency, size_t length) {
  for (uint32_t i = 0; i < row->spends; i++) {
    const struct spend *spend = &sweep->spends.items[row->first_spend + i];
    if (compare_currency(spend, currency, length) == 0) return spend->amount;
  }
  return 0;
}

bool sweep_rank(struct sweep *sweep, enum sweep_by by, const char *currency, size_t length, struct failure *failure) {
  struct memory *memory = &sweep->memory;
  size_t count = sweep->rows.count;
  struct ranked *ranked = memory_zeroed(memory, count, sizeof *ranked);
  struct sweep_row *rows = memory_zeroed(memory, count, sizeof *rows);
  bool fine = (ranked && rows) || fail_memory(failure, memory);
  for (uint32_t i = 0; i < count && fine; i++) { /* rows are in order of entity until now */
    const struct sweep_row *row = &sweep->rows.items[i];
    ranked[i] = (struct ranked){row->parents[SURE], row->parents[PERHAPS], i};
    if (by == SWEEP_USERS) ranked[i] = (struct ranked){row->users[SURE], row->users[PERHAPS], i};
    if (by == SWEEP_SPEND) ranked[i] = (struct ranked){amount_in(sweep, row, currency, length), row->users[PERHAPS], i};
  }
  if (fine && count) qsort(ranked, count, sizeof *ranked, by_harm);
  for (size_t i = 0; i < count && fine; i++) rows[i] = sweep->rows.items[ranked[i].row];
  if (fine && count) memcpy(sweep->rows.items, rows, count * sizeof *rows);
  memory_free(memory, ranked, count ? count * sizeof *ranked : 1);
  memory_free(memory, rows, count ? count * sizeof *rows : 1);
  return fine;
}
