/* relation_ids: relations of a network by their ids, for whoever edits.
 *
 * The index is made on first use and kept with the network: 4 bytes a record, and 4 a text where ids are given.
 */
#ifndef KNOCKON_RELATION_IDS_H
#define KNOCKON_RELATION_IDS_H

#include "network.h"

bool relation_ids_open(struct network *network, struct failure *failure);
/* The relation with this id, or RELATION_NONE; of several (files of one name) the first. Needs relation_ids_open. */
uint32_t relation_ids_find(const struct network *network, const char *id, size_t length);

struct named_relation {
  const char *id; /* borrowed */
  size_t length;
  uint32_t relation; /* found; RELATION_NONE: the network has none of this id */
};

#endif
