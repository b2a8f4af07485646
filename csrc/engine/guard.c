#define _POSIX_C_SOURCE 200809L
#include "guard.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>

/* What is going on inside: the one piece of mutable state at file scope, touched only behind the lock. */
static struct {
  pthread_mutex_t lock;
  const struct control *control;
  unsigned ticks;
  bool interrupted, unusable;
  bool leaving;        /* the clean-up stack is being undone */
  bool undone;         /* down to where we came in */
  igraph_error_t code; /* why it was left */
  char reason[400];    /* the one igraph gave */
  jmp_buf way_out;
} inside = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void mark(void *context) { *(bool *)context = true; }

/* Undo what is on igraph's clean-up stack, while the frames it points into still stand, and leave them all. Returning
 * into igraph would not do: some of its functions go on after an error below them, with what was just freed. The stack
 * has levels, of which one is undone at a time; a mark lies at the bottom of ours. */
static void leave(igraph_error_t code) {
  inside.code = code;
  if (inside.leaving) { /* undoing failed in its turn */
    inside.unusable = true;
    longjmp(inside.way_out, 1);
  }
  inside.leaving = true;
  for (IGRAPH_FINALLY_FREE(); !inside.undone; IGRAPH_FINALLY_FREE()) IGRAPH_FINALLY_EXIT();
  longjmp(inside.way_out, 1);
}

/* The reason may live in a buffer that the clean-up frees, so it is copied first. */
static void on_error(const char *reason, const char *file, int line, igraph_error_t code) {
  (void)file, (void)line;
  if (!inside.reason[0] && reason) (void)snprintf(inside.reason, sizeof inside.reason, "%s", reason);
  leave(code);
}

static void on_warning(const char *reason, const char *file, int line) { (void)reason, (void)file, (void)line; }

/* The default handler would abort the host. igraph does not ask everywhere whether it got memory: an assertion that
 * fails after a failed allocation says no more than that. Any other leaves it in a state that nobody knows: leave it
 * and never come back. */
static void on_fatal(const char *reason, const char *file, int line) {
  (void)file, (void)line;
  if (errno == ENOMEM) leave(IGRAPH_ENOMEM);
  if (reason) (void)snprintf(inside.reason, sizeof inside.reason, "%s", reason);
  inside.unusable = true;
  inside.code = IGRAPH_FAILURE;
  longjmp(inside.way_out, 1);
}

static bool time_is_up(void) {
  if (inside.control == NULL || inside.control->deadline == 0 || (++inside.ticks & 255) != 0) return false;
  if (control_now() <= inside.control->deadline) return false;
  inside.interrupted = true;
  leave(IGRAPH_INTERRUPTED);
  return true;
}

#if IGRAPH_VERSION_MAJOR >= 1
static igraph_bool_t on_interruption(void) { return time_is_up(); }
#else
static igraph_error_t on_interruption(void *data) {
  (void)data;
  return time_is_up() ? IGRAPH_INTERRUPTED : IGRAPH_SUCCESS;
}
#endif

static igraph_error_t on_progress(const char *message, igraph_real_t percent, void *data) {
  (void)message, (void)percent, (void)data;
  return IGRAPH_SUCCESS;
}

static igraph_error_t on_status(const char *message, void *data) {
  (void)message, (void)data;
  return IGRAPH_SUCCESS;
}

static igraph_error_t run(guarded_work *work, void *context) {
  if (setjmp(inside.way_out) != 0) return inside.code;
  IGRAPH_FINALLY_ENTER();
  IGRAPH_FINALLY(mark, &inside.undone);
  igraph_error_t code = work(context);
  IGRAPH_FINALLY_CLEAN(1);
  return code;
}

bool guard_run(guarded_work *work, void *context, const struct control *control, struct failure *failure) {
  pthread_mutex_lock(&inside.lock);
  if (inside.unusable) {
    pthread_mutex_unlock(&inside.lock);
    return fail(failure, FAILURE_ARGUMENT, "igraph failed fatally before; restart the process to use it again");
  }
  inside.control = control;
  inside.ticks = 0;
  inside.interrupted = inside.leaving = inside.undone = false;
  inside.reason[0] = '\0';
  errno = 0;
  igraph_error_handler_t *error = igraph_set_error_handler(on_error);
  igraph_warning_handler_t *warning = igraph_set_warning_handler(on_warning);
  igraph_fatal_handler_t *fatal = igraph_set_fatal_handler(on_fatal);
  igraph_interruption_handler_t *interruption = igraph_set_interruption_handler(on_interruption);
  igraph_progress_handler_t *progress = igraph_set_progress_handler(on_progress);
  igraph_status_handler_t *status = igraph_set_status_handler(on_status);
  igraph_error_t code = run(work, context);
  if (!inside.unusable) IGRAPH_FINALLY_EXIT();
  igraph_set_status_handler(status);
  igraph_set_progress_handler(progress);
  igraph_set_interruption_handler(interruption);
  igraph_set_fatal_handler(fatal);
  igraph_set_warning_handler(warning);
  igraph_set_error_handler(error);
  if (code != IGRAPH_SUCCESS) {
    if (inside.interrupted) fail(failure, FAILURE_LIMIT, "stopped at the limit of seconds, while igraph was working");
    else if (code == IGRAPH_ENOMEM) fail(failure, FAILURE_MEMORY, "out of memory");
    else fail(failure, FAILURE_ARGUMENT, "igraph: %s", inside.reason[0] ? inside.reason : igraph_strerror(code));
  }
  inside.control = NULL;
  pthread_mutex_unlock(&inside.lock);
  return code == IGRAPH_SUCCESS;
}

bool guard_admits(double seconds, const char *what, bool force, struct failure *failure) {
  enum { MOST = 5 };
  if (force || seconds <= MOST) return true;
  return fail(failure, FAILURE_LIMIT,
              "%s would take about %.0f s and could not be stopped; force = true runs it all the same", what, seconds);
}
