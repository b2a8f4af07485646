/* sets: sorted lists of numbers, each kept once; equal sets have one number. Set 0 is empty. None is ever given back.
 *
 * Restrictions that cause a verdict, firms that are liable, parents a user is attributed to: many entities share few
 * different sets, so a union is mostly a look-up of one made before.
 */
#ifndef KNOCKON_SETS_H
#define KNOCKON_SETS_H

#include "memory.h"

#define SET_NONE UINT32_MAX /* out of memory */

struct sets {
  struct memory *memory;
  struct vector_of(uint32_t) numbers;
  struct vector_of(uint32_t) starts; /* start of set i; one more than there are sets */
  uint32_t *table;                   /* open addressing by content, set + 1 */
  size_t table_size;
  struct union_of {
    uint32_t a, b, result;
  } * unions; /* a cache of unions, direct mapped */
};

enum { SET_UNIONS = 4096 };

bool sets_open(struct sets *sets, struct memory *memory);
void sets_close(struct sets *sets);
uint32_t sets_of(struct sets *sets, const uint32_t *sorted, size_t count); /* ascending, each once */
uint32_t sets_union(struct sets *sets, uint32_t a, uint32_t b);            /* of SET_NONE: SET_NONE */
/* The union of many: gather each into a list (empty at first), then make the set of what it holds, each once; the list
 * is empty again. Nothing in between is kept, as it would be by sets_union one after another. False, SET_NONE: no
 * memory. */
struct set_list {
  uint32_t first[2]; /* the first two; with a third all are in numbers */
  int few;
  struct vector_of(uint32_t) numbers;
};
bool sets_gather(struct sets *sets, struct set_list *list, uint32_t set);
uint32_t sets_gathered(struct sets *sets, struct set_list *list);
void set_list_free(struct sets *sets, struct set_list *list);
bool sets_contain(const struct sets *sets, uint32_t set, uint32_t number); /* cost: log of its count */
static inline size_t sets_count(const struct sets *sets, uint32_t set) {
  return sets->starts.items[set + 1] - sets->starts.items[set];
}
static inline const uint32_t *sets_items(const struct sets *sets, uint32_t set) {
  return sets->numbers.items + sets->starts.items[set];
}

#endif
