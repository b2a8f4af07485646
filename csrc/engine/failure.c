#define _POSIX_C_SOURCE 200809L
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "text.h"

bool fail(struct failure *failure, enum failure_code code, const char *format, ...) {
  if (failure->code != FAILURE_NONE) return false;
  failure->code = code;
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(failure->message, sizeof failure->message, format, arguments);
  va_end(arguments);
  text_repair(failure->message);
  return false;
}

bool fail_memory(struct failure *failure, const struct memory *memory) {
  if (memory->over_limit) return fail(failure, FAILURE_LIMIT, "stopped at the limit of %zu bytes", memory->limit);
  return fail(failure, FAILURE_MEMORY, "out of memory");
}

double control_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

bool control_checkpoint(struct control *control, double done, double total, const char *what, struct failure *failure) {
  if (!control || (control->deadline == 0 && !control->progress)) return true;
  double now = control_now();
  if (control->deadline != 0 && now > control->deadline)
    return fail(failure, FAILURE_LIMIT, "stopped at the limit of seconds, while %s", what);
  if (control->progress && now >= control->next_progress) {
    control->next_progress = now + 0.05;
    if (!control->progress(control->context, done, total, what))
      return fail(failure, FAILURE_INTERRUPTED, "interrupted while %s", what);
  }
  return true;
}
