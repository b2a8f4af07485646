/* lookup: relations of a network by their ids, many at once.
 *
 * Ids are not indexed: they are asked about when somebody edits, and a pass over one column of numbers is cheaper than
 * keeping an index for everybody who never does. Cost: that pass, and the logarithm of `count` for each relation whose
 * id may be one of them.
 */
#ifndef KNOCKON_LOOKUP_H
#define KNOCKON_LOOKUP_H

#include "network.h"

struct named_relation {
  const char *id; /* borrowed */
  size_t length;
  uint32_t relation; /* found; RELATION_NONE: the network has none of this id */
};

/* Fills `relation` of each. False: no memory. */
bool lookup_relations(const struct network *network, struct named_relation *named, size_t count, struct memory *memory);

#endif
