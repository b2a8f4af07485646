/* places: where in a dense list an entity is. A sparse set: asking costs one read, clearing costs what was put in. */
#ifndef KNOCKON_PLACES_H
#define KNOCKON_PLACES_H

#include <string.h>

#include "memory.h"

#define PLACE_NONE UINT32_MAX

struct places {
  struct memory *memory;
  uint32_t *place; /* entity -> index + 1; 0 = not in the list. Zero pages until touched */
  size_t size;
};

static inline bool places_open(struct places *places, struct memory *memory, size_t size) {
  places->memory = memory;
  places->size = size;
  places->place = memory_zeroed(memory, size + 1, sizeof *places->place);
  return places->place != NULL;
}
static inline void places_close(struct places *places) {
  if (places->place) memory_free(places->memory, places->place, (places->size + 1) * sizeof *places->place);
  places->place = NULL;
}
static inline uint32_t places_find(const struct places *places, uint32_t entity) { return places->place[entity] - 1; }
static inline void places_put(struct places *places, uint32_t entity, uint32_t index) {
  places->place[entity] = index + 1;
}

#endif
