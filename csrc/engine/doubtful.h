/* doubtful: what in the records of a sealed network is probably a mistake of its source.
 *
 * Cost: all entities and relations, and a sort of the identifiers. The network must stay while the result is used.
 */
#ifndef KNOCKON_DOUBTFUL_H
#define KNOCKON_DOUBTFUL_H

#include "network.h"

struct identifier {
  uint32_t key, value, entity; /* key of the field, text, entity (after same_as) */
};

struct doubtful {
  struct memory memory;
  size_t dangling;   /* entities that a source names and does not describe: their field `dangling` is true */
  size_t odd_dates;  /* records whose dates could not be kept as given, or that begin after the day */
  size_t duplicates; /* relations that say what another says, but for their ids and sources */
  /* Identifiers that several entities have: those of one value on end, in no order otherwise. */
  struct vector_of(struct identifier) colliding;
};

bool doubtful_find(struct doubtful *doubtful, const struct network *network, int32_t day, struct failure *failure);
void doubtful_close(struct doubtful *doubtful);

#endif
