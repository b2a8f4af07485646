/* seal: from drafts in the order of loading to columns in the order of ids. What the parts of sealing share. */
#ifndef KNOCKON_SEAL_H
#define KNOCKON_SEAL_H

#include "draft.h"

/* A block that lives while sealing. */
struct scratch {
  void *block;
  size_t size;
};

/* A relation on its way into its row. */
struct arrival {
  uint32_t from, to, saying;
  uint32_t relation; /* its place in the draft */
};

struct sealing {
  struct network *network;
  const struct skipped *skipped;
  struct control *control;
  struct failure *failure;
  struct scratch scratch[8];
  int scratches;
  void *room; /* for the keys of entities, then for arrivals, then for pairs; the first block borrowed */
};

/* Zeroed, until give_back; NULL: no memory, and it was said. */
void *sealing_borrow(struct sealing *sealing, size_t count, size_t item_size);
/* All but the room. */
void sealing_give_back(struct sealing *sealing);
bool sealing_checkpoint(struct sealing *sealing, int step);

/* Once the ends of relations are entities: their order, their columns and both adjacencies. The room has 16 bytes for
 * each relation of the draft. */
bool seal_relations(struct sealing *sealing);

#endif
