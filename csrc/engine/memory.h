/* memory: counted blocks and growing arrays.
 *
 * Every long-lived object (a network, an overlay, an exposure) has one `struct memory`, which counts the bytes it
 * owns and refuses to pass `limit`. Blocks are returned with the size they were asked for, so nothing is stored beside
 * them. Blocks of megabytes ask for large pages. There is no global count. A refused or failed request returns NULL and
 * leaves the old block as it was.
 */
#ifndef KNOCKON_MEMORY_H
#define KNOCKON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory {
  size_t used, peak;
  size_t limit;    /* bytes; 0 = no limit */
  bool over_limit; /* the last refusal came from `limit`, not from the system */
};

/* Make `block` (NULL when old_size is 0) hold new_size bytes; new_size 0 frees it and returns NULL. */
void *memory_resize(struct memory *memory, void *block, size_t old_size, size_t new_size);

/* A new block of count zeroed items; pages nobody touches cost nothing. NULL also when the product overflows. */
void *memory_zeroed(struct memory *memory, size_t count, size_t item_size);

/* Would so many more bytes pass the limit? For room that is asked for ahead and that nobody needs yet. */
static inline bool memory_has_room(const struct memory *memory, size_t bytes) {
  return !memory->limit || (memory->used <= memory->limit && bytes <= memory->limit - memory->used);
}

/* A block changes hands: another counts it from now on. */
static inline void memory_hand_over(struct memory *from, struct memory *to, size_t size) {
  from->used -= size;
  to->used += size;
  if (to->used > to->peak) to->peak = to->used;
}

static inline void memory_free(struct memory *memory, void *block, size_t size) {
  if (block) (void)memory_resize(memory, block, size, 0);
}

/* A growing array: `struct vector_of(uint32_t) list = {0};` The items may move whenever it grows. */
#define vector_of(type)     \
  {                         \
    type *items;            \
    size_t count, capacity; \
  }

/* slot: address of the vector's `items`. */
bool vector_grow(struct memory *memory, void *slot, size_t *capacity, size_t item_size, size_t needed);

#define vector_reserve(memory, v, extra)    \
  ((v)->count + (extra) <= (v)->capacity || \
   vector_grow((memory), &(v)->items, &(v)->capacity, sizeof *(v)->items, (v)->count + (extra)))
#define vector_push(memory, v, item) \
  (vector_reserve((memory), (v), 1) ? ((v)->items[(v)->count++] = (item), true) : false)
#define vector_free(memory, v)                                                               \
  (memory_free((memory), (v)->items, (v)->capacity * sizeof *(v)->items), (v)->items = NULL, \
   (v)->count = (v)->capacity = 0)
/* Give back what a finished vector does not use. */
#define vector_fit(memory, v) (vector_shrink((memory), &(v)->items, &(v)->capacity, sizeof *(v)->items, (v)->count))
void vector_shrink(struct memory *memory, void *slot, size_t *capacity, size_t item_size, size_t count);

#endif
