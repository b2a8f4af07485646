/* arrows: whom harm reaches from each entity in one step when it travels anywhere, side by side.
 *
 * Along supplies, has_branch and operates, against whatever says who is above: the flow of rules whose flow is `any`,
 * without kinds, masks and shares to ask about. Drawn for an overlay whose chains are not doubtful (both readings flow
 * alike), added relations included. Cost: two passes over the relations; 4 bytes an entity and a relation, one bit an
 * entity. Worth it from the second question on that goes far.
 */
#ifndef KNOCKON_ARROWS_H
#define KNOCKON_ARROWS_H

#include "chains.h"

struct arrows {
  uint32_t *start, *to; /* entity -> a range of to; start is NULL until they are drawn */
  uint64_t *passing;    /* by entity, one bit: has it arrows? */
  size_t count, entities;
};

bool arrows_draw(struct arrows *arrows, const struct overlay *overlay, const struct chains *chains,
                 struct memory *memory, struct control *control, struct failure *failure);
void arrows_close(struct arrows *arrows, struct memory *memory);

/* The relation that an arrow stands for: the first of its row that leads there. */
uint32_t arrows_relation(const struct overlay *overlay, const struct chains *chains, uint32_t entity, uint32_t to);

#endif
