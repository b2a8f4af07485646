/* lookup: where in a dense list a number of up to 64 bits is, such as an entity and a class together. Open addressing;
 * asking costs a probe or two, and memory grows with what was put in. Entities alone are found by places.h. */
#ifndef KNOCKON_LOOKUP_H
#define KNOCKON_LOOKUP_H

#include "places.h"

struct lookup { /* zeroed: empty */
  struct lookup_entry {
    uint64_t number;
    uint32_t place; /* place + 1; 0 = free */
  } * table;
  size_t size, count; /* size: a power of two, or 0 */
};

static inline size_t lookup_slot(const struct lookup *lookup, uint64_t number) {
  uint64_t mixed = (number ^ (number >> 29)) * UINT64_C(0x9e3779b97f4a7c15);
  size_t at = (size_t)(mixed >> 32) & (lookup->size - 1);
  while (lookup->table[at].place && lookup->table[at].number != number) at = (at + 1) & (lookup->size - 1);
  return at;
}
static inline uint32_t lookup_find(const struct lookup *lookup, uint64_t number) { /* or PLACE_NONE */
  return lookup->size ? lookup->table[lookup_slot(lookup, number)].place - 1 : PLACE_NONE;
}
static inline void lookup_close(struct lookup *lookup, struct memory *memory) {
  memory_free(memory, lookup->table, lookup->size * sizeof *lookup->table);
  memset(lookup, 0, sizeof *lookup);
}
/* A number that is not in yet. False: no memory, and nothing has changed. */
static inline bool lookup_put(struct lookup *lookup, struct memory *memory, uint64_t number, uint32_t place) {
  if (2 * (lookup->count + 1) > lookup->size) {
    struct lookup larger = {.size = lookup->size ? 2 * lookup->size : 16};
    larger.table = memory_zeroed(memory, larger.size, sizeof *larger.table);
    if (!larger.table) return false;
    for (size_t i = 0; i < lookup->size; i++)
      if (lookup->table[i].place) larger.table[lookup_slot(&larger, lookup->table[i].number)] = lookup->table[i];
    larger.count = lookup->count;
    lookup_close(lookup, memory);
    *lookup = larger;
  }
  struct lookup_entry entry = {number, place + 1};
  lookup->table[lookup_slot(lookup, number)] = entry;
  lookup->count++;
  return true;
}

#endif
