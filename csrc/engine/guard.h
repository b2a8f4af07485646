/* guard: the only entry to igraph.
 *
 * igraph keeps its handlers and clean-up stack in globals and is not thread-safe as distributions build it, so that
 * every call runs behind one process-wide lock, with our handlers installed and the host's put back afterwards. An
 * error is recorded and comes back as a failure; work is interrupted when the deadline of the control has passed;
 * after a fatal error of igraph (but for want of memory) no further call is let in. No Lua runs in here.
 */
#ifndef KNOCKON_GUARD_H
#define KNOCKON_GUARD_H

#include <igraph.h>

#include "failure.h"

#if IGRAPH_VERSION_MAJOR == 0 && (IGRAPH_VERSION_MINOR < 10)
#error "knockon needs igraph 0.10 or later"
#endif

/* Work on igraph objects that the function makes itself, in igraph's own manner: each goes onto its clean-up stack at
 * once (IGRAPH_FINALLY), and is taken off when it is destroyed. When igraph fails, the work is left for good and only
 * what is on that stack is undone; so it owns nothing else, and calls no part of igraph that is written in C++. */
typedef igraph_error_t guarded_work(void *context);

/* False when igraph failed, was interrupted, or is unusable; the failure says which. */
bool guard_run(guarded_work *work, void *context, const struct control *control, struct failure *failure);

/* Refuse work that igraph could not be stopped in, by its estimate in seconds. */
bool guard_admits(double seconds, const char *what, bool force, struct failure *failure);

#endif
