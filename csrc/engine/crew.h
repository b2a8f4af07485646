/* crew: a few threads that live within one call.
 *
 * The calling thread is one of them. Threads that are started have every signal blocked, end before the call returns
 * and know nothing of Lua. Work is taken from a shared counter, so the crew may turn out smaller than asked for (the
 * system has no more threads) and still does all of it. One member that fails stops the others; progress is told, and
 * the caller's wish to stop heard, by the calling thread alone.
 */
#ifndef KNOCKON_CREW_H
#define KNOCKON_CREW_H

#include <stdatomic.h>

#include "failure.h"

enum { CREW_MOST = 64 };

struct crew {
  struct control *caller; /* its deadline and progress; may be NULL */
  const char *what;       /* is being done, for progress */
  size_t total;           /* pieces of work */
  atomic_size_t next, done;
  atomic_bool stop;
};

/* One thread's own: what it asks for is counted and limited here, and its budget checked against `control`. */
struct crew_member {
  struct crew *crew;
  struct memory memory;
  struct control control;
  struct failure failure;
  size_t piece; /* pieces it is at work on: their part that is done counts in progress */
  bool refused; /* the caller's progress said stop, to this one */
};

/* number 0: the calling thread. */
void crew_join(struct crew *crew, struct crew_member *member, unsigned number, size_t limit);

/* Take up to `count` pieces: the first one's number; false when none is left, or somebody failed. */
bool crew_take(struct crew_member *member, size_t count, size_t *first);
/* The pieces taken last are done, or could not be. */
void crew_end(struct crew_member *member, bool fine);

/* Call work(context, i) once for each i below count (1 to CREW_MOST) that a thread could be had for, i = 0 in the
 * calling thread, and wait for all. */
void crew_run(unsigned count, void (*work)(void *context, unsigned member), void *context);

/* False when this member failed: its cause is recorded, unless it only stopped because another had failed. So ask all.
 * memory: whose limit the members share. */
bool crew_fine(const struct crew_member *member, const struct memory *memory, struct failure *failure);

#endif
