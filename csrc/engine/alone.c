/* alone: candidates of a sweep one by one, taken from a shared counter, each evaluated by itself. */
#include <stdatomic.h>
#include <string.h>

#include "crew.h"
#include "exposure.h"
#include "sort.h"
#include "sweep.h"

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
    if (!shift->sweep->rows.items[number].counted && !ban_alone(worker, (uint32_t)number))
      atomic_store(&shift->stop, true);
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

bool sweep_alone(struct sweep *sweep, struct control *control, struct failure *failure) {
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
