#define _POSIX_C_SOURCE 200809L
#include "guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>

/* What is going on inside: the one piece of mutable state at file scope, touched only behind the lock. */
static struct {
  pthread_mutex_t lock;
  const struct control *control;
  unsigned ticks;
  bool interrupted, unusable;
  char reason[400]; /* the first one igraph gave */
  jmp_buf fatal;
} inside = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* igraph raises an error again at every level it passes; the first reason is the one that tells. It may live in a
 * buffer that the clean-up frees, so it is copied first. */
static void on_error(const char *reason, const char *file, int line, igraph_error_t code) {
  (void)file, (void)line, (void)code;
  if (!inside.reason[0] && reason) (void)snprintf(inside.reason, sizeof inside.reason, "%s", reason);
  IGRAPH_FINALLY_FREE();
}

static void on_warning(const char *reason, const char *file, int line) { (void)reason, (void)file, (void)line; }

/* igraph's state is lost here: leave it and never come back. The default handler would abort the host. */
static void on_fatal(const char *reason, const char *file, int line) {
  (void)file, (void)line;
  if (reason) (void)snprintf(inside.reason, sizeof inside.reason, "%s", reason);
  inside.unusable = true;
  longjmp(inside.fatal, 1);
}

static bool time_is_up(void) {
  if (inside.control == NULL || inside.control->deadline == 0 || (++inside.ticks & 255) != 0) return false;
  if (control_now() <= inside.control->deadline) return false;
  inside.interrupted = true;
  IGRAPH_FINALLY_FREE(); /* igraph only returns: what its frames hold would dangle on the clean-up stack */
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
  if (setjmp(inside.fatal) != 0) return IGRAPH_FAILURE;
  return work(context);
}

bool guard_run(guarded_work *work, void *context, const struct control *control, struct failure *failure) {
  pthread_mutex_lock(&inside.lock);
  if (inside.unusable) {
    pthread_mutex_unlock(&inside.lock);
    return fail(failure, FAILURE_ARGUMENT, "igraph failed fatally before; restart the process to use it again");
  }
  inside.control = control;
  inside.ticks = 0;
  inside.interrupted = false;
  inside.reason[0] = '\0';
  igraph_error_handler_t *error = igraph_set_error_handler(on_error);
  igraph_warning_handler_t *warning = igraph_set_warning_handler(on_warning);
  igraph_fatal_handler_t *fatal = igraph_set_fatal_handler(on_fatal);
  igraph_interruption_handler_t *interruption = igraph_set_interruption_handler(on_interruption);
  igraph_progress_handler_t *progress = igraph_set_progress_handler(on_progress);
  igraph_status_handler_t *status = igraph_set_status_handler(on_status);
  igraph_error_t code = run(work, context);
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
  return fail(failure, FAILURE_LIMIT, "%s would take about %.0f s and could not be stopped; force = true runs it all the same", what, seconds);
}
