#include "crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

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
