/* arrows: whom harm reaches from each entity in one step when it travels anywhere, side by side.
 *
 * Along supplies, has_branch and operates, against whatever says who is above: the flow of rules whose flow is `any`,
 * without kinds, masks and shares to ask about. Whoever an arrow touches is a node. Nodes that pass harm on are
 * numbered first, each in the order in which others lead to them, so that what is reached together stands together in
 * memory: a flow spends its time on waiting for it. Drawn for an overlay whose chains are not doubtful (both readings
 * flow alike), added relations included. Cost: three passes over the relations; 4 bytes a relation, 12 an entity and
 * two bits. Worth it for some ten questions that go far.
 */
#ifndef KNOCKON_ARROWS_H
#define KNOCKON_ARROWS_H

#include "chains.h"
#include "holders.h"

struct arrows {
  uint32_t *node_of;       /* entity -> node or NODE_NONE; NULL until they are drawn */
  uint32_t *entity_of;     /* node -> entity */
  uint32_t *start, *to;    /* node that passes harm on -> a range of to, which are nodes */
  uint64_t *top[READINGS]; /* by node, one bit: of chains */
  uint32_t passing, nodes; /* nodes from 0 that pass harm on; all */
  size_t count, entities;
};

bool arrows_draw(struct arrows *arrows, const struct overlay *overlay, const struct chains *chains,
                 struct memory *memory, struct control *control, struct failure *failure);
void arrows_close(struct arrows *arrows, struct memory *memory);

/* The relation that an arrow between two entities stands for: the first of its row that leads there. */
uint32_t arrows_relation(const struct overlay *overlay, const struct chains *chains, uint32_t entity, uint32_t to);

#endif
