/* nearest: ids that somebody may have meant. Cost: one look at every id; only used for error messages. */
#ifndef KNOCKON_NEAREST_H
#define KNOCKON_NEAREST_H

#include "network.h"

enum { NEAREST_MOST = 3 };

/* Fills found with at most NEAREST_MOST entities whose id (or whole name, without regard to case) is close to what was
 * written, closest first; returns how many. */
size_t nearest_ids(const struct network *network, const char *written, size_t length, uint32_t found[NEAREST_MOST]);

#endif
