/* places: where in a dense list an entity is, for lists of any length over networks of any size.
 *
 * A small list is a hash table, so that it costs what was put in; one that holds more than a sixteenth of all entities
 * becomes an array over all of them, which is quicker to ask. Opening costs nothing.
 */
#ifndef KNOCKON_PLACES_H
#define KNOCKON_PLACES_H

#include "memory.h"

#define PLACE_NONE UINT32_MAX

struct placed {
  uint32_t entity, index; /* both + 1; entity 0: free, index 0: taken out */
};

struct places {
  struct memory *memory;
  size_t size;     /* entities are below it */
  uint32_t *place; /* entity -> index + 1; 0 = not in the list. NULL while the list is small */
  struct placed *slots;
  size_t slot_count, used;
};

static inline bool places_open(struct places *places, struct memory *memory, size_t size) {
  *places = (struct places){.memory = memory, .size = size};
  return true;
}
void places_close(struct places *places);
#if defined(__GNUC__)
__attribute__((warn_unused_result))
#endif
bool places_put(struct places *places, uint32_t entity, uint32_t index); /* false: no memory */
void places_remove(struct places *places, uint32_t entity);

static inline uint32_t places_find(const struct places *places, uint32_t entity) {
  if (places->place) return places->place[entity] - 1;
  if (!places->slots) return PLACE_NONE;
  size_t mask = places->slot_count - 1, at = (entity * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
  for (; places->slots[at].entity; at = (at + 1) & mask)
    if (places->slots[at].entity == entity + 1) return places->slots[at].index - 1;
  return PLACE_NONE;
}

#endif
