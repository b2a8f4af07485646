/* alone: candidates of a sweep one by one, taken from a shared counter, each evaluated by itself. */
#include <stdatomic.h>
#include <string.h>

#include "crew.h"
#include "sort.h"
#include "sweep.h"
#include "tally.h"

/* What the threads share. */
struct shift {
  struct sweep *sweep;
  struct control *control; /* of the call: asked by the calling thread only */
  atomic_size_t next, done;
  atomic_bool stop;
};

struct worker {
  struct shift *shift;
  struct memory memory; /* of everything below */
  struct control control;
  struct failure failure;
  struct tally_space space;
  struct act act; /* its policy is the sweep's */
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

/* What sure users spend on the relations that carry the harm to them, each contract once. */
static bool count_spend(struct worker *worker, const struct stage *stage, uint32_t number) {
  struct sweep_row *row = &worker->shift->sweep->rows.items[number];
  struct entity_list *carried = &worker->carried;
  carried->count = 0;
  for (size_t i = 0; i < worker->space.users.yes; i++)
    if (!tally_carried(stage, &worker->space, READING_LOW, worker->space.users.items.items[i].entity, carried))
      return false;
  carried->count = sort_unique(carried->items, carried->count);
  size_t before = worker->spends.count;
  if (!spend_total(stage->overlay, carried->items, carried->count, &worker->memory, &worker->spends)) return false;
  row->first_spend = (uint32_t)before;
  row->spends = (uint32_t)(worker->spends.count - before);
  return row->spends == 0 || vector_push(&worker->memory, &worker->rows, number);
}

static void set_counts(uint32_t counts[CERTAINTIES], const struct tally_list *list) {
  counts[SURE] = (uint32_t)list->yes;
  counts[PERHAPS] = (uint32_t)(list->items.count - list->yes);
}

static bool ban_alone(struct worker *worker, uint32_t number) {
  const struct sweep *sweep = worker->shift->sweep;
  struct sweep_row *row = &worker->shift->sweep->rows.items[number];
  struct act *act = &worker->act;
  struct stage stage = {&worker->memory, sweep->overlay, act, NULL, &worker->control, &worker->failure};
  const uint32_t targets[] = {row->first, row->second};
  act->targets.count = 0; /* room for two is there */
  for (int i = 0; i < 2; i++)
    if (targets[i] != ENTITY_NONE && overlay_entity_in_force(sweep->overlay, targets[i]))
      act->targets.items[act->targets.count++] = targets[i];
  act->restrictions.items[0] = (struct restriction){MEASURE_PROHIBIT, 0, (uint32_t)act->targets.count};
  if (!tally_run(&stage, sweep->chains, &worker->space, (struct tally_wish){false, sweep->asks_spend})) return false;
  set_counts(row->restricted, &worker->space.restrictions);
  set_counts(row->users, &worker->space.users);
  set_counts(row->parents, &worker->space.parents);
  return !sweep->asks_spend || count_spend(worker, &stage, number) || fail_memory(&worker->failure, &worker->memory);
}

/* What a worker needs whatever it bans. */
static bool open_worker(struct worker *worker) {
  const struct sweep *sweep = worker->shift->sweep;
  worker->act.policy = sweep->policy;
  worker->act.scope = sweep->scope;
  if (!vector_reserve(&worker->memory, &worker->act.targets, 2) ||
      !vector_reserve(&worker->memory, &worker->act.restrictions, 1))
    return fail_memory(&worker->failure, &worker->memory);
  worker->act.restrictions.count = 1;
  return tally_open(&worker->space, sweep->overlay, &worker->memory, &worker->failure);
}

static void close_worker(struct worker *worker) {
  tally_close(&worker->space);
  vector_free(&worker->memory, &worker->act.targets);
  vector_free(&worker->memory, &worker->act.restrictions);
  vector_free(&worker->memory, &worker->spends);
  vector_free(&worker->memory, &worker->rows);
  vector_free(&worker->memory, &worker->carried);
}

static bool go_on(struct worker *worker) {
  return control_checkpoint(&worker->control, 0, 0, "banning one at a time", &worker->failure);
}

static void work(void *context, unsigned member) {
  struct worker *worker = &((struct worker *)context)[member];
  struct shift *shift = worker->shift;
  size_t count = shift->sweep->rows.count;
  if (!open_worker(worker)) atomic_store(&shift->stop, true);
  for (size_t number; !atomic_load(&shift->stop) && (number = atomic_fetch_add(&shift->next, 1)) < count;) {
    if (!shift->sweep->rows.items[number].counted && (!go_on(worker) || !ban_alone(worker, (uint32_t)number)))
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
  if (sweep->together == sweep->rows.count) return true;
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
  for (unsigned w = 0; w < sweep->threads; w++) close_worker(&workers[w]);
  memory_free(memory, workers, sweep->threads * sizeof *workers);
  return fine;
}
