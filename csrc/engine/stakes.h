/* stakes: who is above an entity, owner by owner, and whether that makes a link of the chain.
 *
 * A link is a majority on either basis (all classes of one owner together), control, a consolidation or a head office;
 * certain when the low ends of the shares say so, else only possible. Cost: the upward relations of the entity.
 */
#ifndef KNOCKON_STAKES_H
#define KNOCKON_STAKES_H

#include "overlay.h"
#include "policy.h"

#define MAJORITY (SHARE_WHOLE / 2)

/* What one owner has in an entity. */
struct stake {
  uint32_t owner;
  uint64_t lo[2], hi[2]; /* by basis */
  /* in relation order, RELATION_NONE where there is none: of the holdings by basis, of what alone is a link, of
   * operates */
  uint32_t first_holding[2], first_link, first_operates;
};

/* Blocks that a caller keeps from entity to entity. */
struct stakes {
  struct vector_of(struct stake) items; /* by owner */
  struct entity_list inward, spare;
};

bool stakes_list(const struct overlay *overlay, uint32_t entity, struct memory *memory, struct stakes *stakes);
void stakes_close(struct stakes *stakes, struct memory *memory);

/* The relation that makes a stake a link, of those that do the first; RELATION_NONE: it is none. What stands above a
 * service or site by operating it is no link. */
uint32_t stake_link(const struct stake *stake, bool *certain);

#endif
