/* crew: a few threads that live within one call.
 *
 * The calling thread is one of them. Threads that are started have every signal blocked, end before the call returns
 * and know nothing of Lua. Work is taken from a shared counter, so the crew may turn out smaller than asked for (the
 * system has no more threads) and still does all of it.
 */
#ifndef KNOCKON_CREW_H
#define KNOCKON_CREW_H

enum { CREW_MOST = 64 };

/* Call work(context, i) once for each i below count (1 to CREW_MOST) that a thread could be had for, i = 0 in the
 * calling thread, and wait for all. */
void crew_run(unsigned count, void (*work)(void *context, unsigned member), void *context);

#endif
