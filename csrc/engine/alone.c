/* alone: candidates of a sweep one by one, taken from a shared counter, each evaluated by itself. */
#include "crew.h"
#include "sort.h"
#include "sweep.h"
#include "tally.h"

/* One thread's own; everything is counted by the member's memory. */
struct worker {
  struct crew_member member;
  struct sweep *sweep;
  struct tally_space space;
  struct act act; /* its policy is the sweep's */
  struct spends spends;
  struct entity_list rows; /* those with spends here, in the order of being done */
  struct entity_list carried;
};

/* What sure users spend on the relations that carry the harm to them, each contract once. */
static bool count_spend(struct worker *worker, const struct stage *stage, uint32_t number) {
  struct sweep_row *row = &worker->sweep->rows.items[number];
  struct entity_list *carried = &worker->carried;
  carried->count = 0;
  for (size_t i = 0; i < worker->space.users.yes; i++)
    if (!tally_carried(stage, &worker->space, READING_LOW, worker->space.users.items.items[i].entity, carried))
      return false;
  carried->count = sort_unique(carried->items, carried->count);
  size_t before = worker->spends.count;
  if (!spend_total(stage->overlay, carried->items, carried->count, &worker->member.memory, &worker->spends))
    return false;
  row->first_spend = (uint32_t)before;
  row->spends = (uint32_t)(worker->spends.count - before);
  return row->spends == 0 || vector_push(&worker->member.memory, &worker->rows, number);
}

static void set_counts(uint32_t counts[CERTAINTIES], const struct tally_list *list) {
  counts[SURE] = (uint32_t)list->yes;
  counts[PERHAPS] = (uint32_t)(list->count - list->yes);
}

static bool ban_alone(struct worker *worker, uint32_t number) {
  const struct sweep *sweep = worker->sweep;
  struct sweep_row *row = &worker->sweep->rows.items[number];
  struct act *act = &worker->act;
  struct stage stage = {&worker->member.memory,  sweep->overlay,         act, NULL,
                        &worker->member.control, &worker->member.failure};
  sweep_act_on(sweep, row, act);
  struct tally_ground ground = {sweep->overlay, sweep->chains, NULL, NULL};
  struct tally_wish wish = {.carried = sweep->asks_spend};
  if (!tally_run(&stage, &ground, &worker->space, wish)) return false;
  set_counts(row->restricted, &worker->space.restrictions);
  set_counts(row->users, &worker->space.users);
  set_counts(row->parents, &worker->space.parents);
  return !sweep->asks_spend || count_spend(worker, &stage, number) ||
         fail_memory(&worker->member.failure, &worker->member.memory);
}

/* What a worker needs whatever it bans. */
static bool open_worker(struct worker *worker) {
  struct memory *memory = &worker->member.memory;
  struct failure *failure = &worker->member.failure;
  return (sweep_act_open(worker->sweep, &worker->act, memory) || fail_memory(failure, memory)) &&
         tally_open(&worker->space, worker->sweep->overlay, memory, failure);
}

static void close_worker(struct worker *worker) {
  tally_close(&worker->space);
  sweep_act_close(&worker->act, &worker->member.memory);
  vector_free(&worker->member.memory, &worker->spends);
  vector_free(&worker->member.memory, &worker->rows);
  vector_free(&worker->member.memory, &worker->carried);
}

static void work(void *context, unsigned number) {
  struct worker *worker = &((struct worker *)context)[number];
  size_t row;
  bool fine = open_worker(worker);
  if (!fine) crew_end(&worker->member, false);
  while (fine && crew_take(&worker->member, 1, &row)) {
    fine = worker->sweep->rows.items[row].counted || ban_alone(worker, (uint32_t)row);
    crew_end(&worker->member, fine);
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
  struct crew crew = {.caller = control, .what = "banning one at a time", .total = sweep->rows.count};
  size_t limit = memory->limit > memory->used ? (memory->limit - memory->used) / sweep->threads + 1 : 1;
  for (unsigned w = 0; w < sweep->threads; w++) {
    workers[w].sweep = sweep;
    crew_join(&crew, &workers[w].member, w, memory->limit ? limit : 0);
  }
  crew_run(sweep->threads, work, workers);
  bool fine = true;
  for (unsigned w = 0; w < sweep->threads; w++) fine = crew_fine(&workers[w].member, memory, failure) && fine;
  fine = fine && (gather_spends(sweep, workers) || fail_memory(failure, memory));
  for (unsigned w = 0; w < sweep->threads; w++) close_worker(&workers[w]);
  memory_free(memory, workers, sweep->threads * sizeof *workers);
  return fine;
}
