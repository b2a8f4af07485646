/* controllers: who controls an entity, alone.
 *
 * Somebody controls what it holds more than half of (equity or votes, never mixed) together with what it controls
 * already, what any of these controls or consolidates otherwise, operates, or is one person with (head office and
 * branch): the cascade of one target under a rule of more than 50 % with any control, asked the other way round.
 * Exact, in both readings. Cost: the relations of everybody above, once for each of them.
 */
#ifndef KNOCKON_CONTROLLERS_H
#define KNOCKON_CONTROLLERS_H

#include "exposure.h"

struct controller {
  uint32_t entity;
  uint8_t verdict;
};
struct controllers vector_of(struct controller);

/* In order of entity, the entity itself left out. */
bool controllers_list(const struct overlay *overlay, uint32_t entity, struct controllers *controllers,
                      struct memory *memory, struct control *control, struct failure *failure);

#endif
