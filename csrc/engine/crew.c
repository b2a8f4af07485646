#include "crew.h"

#include <pthread.h>
#include <signal.h>

/* Asked within a piece of work: go on? */
static bool heed_others(void *context, double done, double total, const char *what) {
  const struct crew_member *member = context;
  (void)done, (void)total, (void)what; /* of the piece */
  return !atomic_load_explicit(&member->crew->stop, memory_order_relaxed);
}

/* The same in the calling thread: how far all are, and the part of its own pieces that is done. */
static bool tell_caller(void *context, double done, double total, const char *what) {
  struct crew_member *member = context;
  struct crew *crew = member->crew;
  if (!heed_others(context, done, total, what)) return false;
  double all = (double)atomic_load(&crew->done), most = (double)crew->total;
  if (total > 0) all += done / total * (double)member->piece;
  member->refused = !crew->caller->progress(crew->caller->context, all < most ? all : most, most, crew->what);
  return !member->refused;
}

void crew_join(struct crew *crew, struct crew_member *member, unsigned number, size_t limit) {
  bool tells = number == 0 && crew->caller && crew->caller->progress;
  *member = (struct crew_member){.crew = crew, .memory = {.limit = limit}};
  member->control.deadline = crew->caller ? crew->caller->deadline : 0;
  member->control.context = member;
  member->control.progress = tells ? tell_caller : heed_others;
}

bool crew_take(struct crew_member *member, size_t count, size_t *first) {
  struct crew *crew = member->crew;
  if (!control_checkpoint(&member->control, 0, 0, crew->what, &member->failure)) atomic_store(&crew->stop, true);
  if (atomic_load(&crew->stop)) return false;
  *first = atomic_fetch_add(&crew->next, count);
  if (*first >= crew->total) return false;
  member->piece = crew->total - *first < count ? crew->total - *first : count;
  return true;
}

void crew_end(struct crew_member *member, bool fine) {
  if (!fine) atomic_store(&member->crew->stop, true);
  atomic_fetch_add(&member->crew->done, member->piece);
  member->piece = 0;
}

bool crew_fine(const struct crew_member *member, const struct memory *memory, struct failure *failure) {
  const struct failure *cause = &member->failure;
  if (cause->code == FAILURE_NONE) return true;
  if (cause->code == FAILURE_INTERRUPTED && !member->refused) return false;
  if (cause->code == FAILURE_LIMIT && member->memory.over_limit)
    return fail(failure, FAILURE_LIMIT, "stopped at the limit of %zu bytes", memory->limit);
  return fail(failure, cause->code, "%s", cause->message);
}

struct member {
  void (*work)(void *context, unsigned member);
  void *context;
  unsigned number;
  pthread_t thread;
  bool started;
};

static void *start(void *argument) {
  const struct member *member = argument;
  member->work(member->context, member->number);
  return NULL;
}

void crew_run(unsigned count, void (*work)(void *context, unsigned member), void *context) {
  struct member members[CREW_MOST];
  sigset_t all, before;
  if (count > CREW_MOST) count = CREW_MOST;
  sigfillset(&all);
  bool blocked = count > 1 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0; /* a new thread inherits the mask */
  for (unsigned i = 1; i < count; i++) {
    members[i] = (struct member){.work = work, .context = context, .number = i};
    members[i].started = blocked && pthread_create(&members[i].thread, NULL, start, &members[i]) == 0;
  }
  if (blocked) (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  work(context, 0);
  for (unsigned i = 1; i < count; i++)
    if (members[i].started) (void)pthread_join(members[i].thread, NULL);
}
