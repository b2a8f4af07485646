/* failure: why a call could not do what was asked, and the budget it had.
 *
 * Engine functions that can fail return false (or NULL) and fill a `struct failure`; the first cause is kept. Nothing
 * here prints, exits or jumps.
 */
#ifndef KNOCKON_FAILURE_H
#define KNOCKON_FAILURE_H

#include "memory.h"

enum failure_code {
  FAILURE_NONE,
  FAILURE_MEMORY,      /* the system has no more */
  FAILURE_LIMIT,       /* limits.seconds or limits.bytes reached */
  FAILURE_INTERRUPTED, /* progress said stop */
  FAILURE_PARSE,       /* unreadable data */
  FAILURE_IO,
  FAILURE_ARGUMENT /* misuse */
};

struct failure {
  enum failure_code code;
  char message[600];
};

/* Record a cause (printf-like) unless there is one already; always returns false. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
bool fail(struct failure *failure, enum failure_code code, const char *format, ...);

/* Out of memory or over limits.bytes, whichever it was. Always false. */
bool fail_memory(struct failure *failure, const struct memory *memory);

/* The budget of one call. progress runs at checkpoints, never while igraph's lock is held; false cancels. */
struct control {
  double deadline; /* seconds of the monotonic clock; 0 = none */
  bool (*progress)(void *context, double done, double total, const char *what);
  void *context;
  double next_progress; /* clock time before which progress is not called again */
};

double control_now(void);
bool control_checkpoint(struct control *control, double done, double total, const char *what, struct failure *failure);

#endif
