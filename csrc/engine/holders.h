/* holders: what every holder holds in force, side by side, for cascades that go far.
 *
 * Whoever a cascade can take or start from by a relation is a node. Nodes are numbered in the order in which holders
 * hold them, so that what one holder has, and what that holds in turn, stands together in memory: cascades spend their
 * time on waiting for it. Stakes come without kinds, masks, places and hulls to look up, added ones included. Drawn for
 * an overlay. Cost: three passes over the relations of ownership and control; 8 bytes a stake and 12 an entity at
 * most. Worth it for some ten cascades that restrict many.
 */
#ifndef KNOCKON_HOLDERS_H
#define KNOCKON_HOLDERS_H

#include "overlay.h"

#define NODE_NONE  UINT32_MAX
#define NODE_VOTES UINT32_C(0x80000000) /* bit of holder_stake.held: a stake in votes */

struct holder_stake {
  uint32_t held;  /* node, with NODE_VOTES */
  uint32_t share; /* in parts per billion, at least */
};

struct holders {
  uint32_t *node_of;   /* entity -> node or NODE_NONE; NULL until they are drawn */
  uint32_t *entity_of; /* node -> entity */
  uint32_t *start;     /* node -> a range of stakes */
  struct holder_stake *stakes;
  uint32_t *most;      /* by stake: the share at most; NULL: nowhere more than at least */
  uint64_t *spreading; /* by node, one bit: has it stakes, or more? */
  uint64_t *more;      /* by node, one bit: has it control, consolidations, branches, or what it operates? */
  uint32_t held;       /* nodes from 0 that can be taken; the others only hold */
  uint32_t nodes;
  size_t count, entities;
  uint32_t bases; /* 2 where some stake is in votes or, consolidated, in both; else 1 */
};

bool holders_draw(struct holders *holders, const struct overlay *overlay, struct memory *memory,
                  struct control *control, struct failure *failure);
void holders_close(struct holders *holders, struct memory *memory);

#endif
