/* worlds: a network in which relations are there or not, each by its `confidence`, independently of the others.
 *
 * The doubtful relations are those below confidence 1 that can matter to what acts restrict, reach and bind; relations
 * that a scenario adds are meant as they are. A world says of each whether it is there. When all of them are few enough
 * every world is listed with its probability, else worlds are drawn, the same for a seed and the relation's id wherever
 * that stands. 64 worlds are one word: bit w of a relation's word is world w.
 *
 * A world's overlay borrows what it shares with the overlay it is made of.
 */
#ifndef KNOCKON_WORLDS_H
#define KNOCKON_WORLDS_H

#include "exposure.h"
#include "lookup.h"

struct doubtful {
  uint32_t relation;
  uint32_t confidence; /* parts of SHARE_WHOLE */
};

struct worlds {
  struct memory memory;
  const struct overlay *overlay;
  struct vector_of(struct doubtful) doubtful; /* in order of relation */
  struct lookup places;                       /* relation -> index above */
  size_t count;
  bool exact;
  struct vector_of(uint64_t) there;   /* by block of 64 worlds, then by doubtful relation */
  struct vector_of(double) weights;   /* exact: probability of each world */
  struct vector_of(uint64_t) digests; /* by world: equal for worlds that are alike */
  struct overlay world;               /* the one that was made last; its mask and hulls are ours */
};

/* Finds the doubtful relations of an exposure, and lists or draws worlds. Cost: what is near the targets; a number for
 * every 64 worlds and relation. */
bool worlds_open(struct worlds *worlds, const struct exposure *exposure, size_t samples, uint64_t seed,
                 struct control *control, struct failure *failure);
void worlds_close(struct worlds *worlds);

/* Make worlds->world that of a number. Cost: the doubtful relations, and the holdings reported twice. */
bool worlds_make(struct worlds *worlds, size_t number, struct failure *failure);

/* Which of 64 worlds have a relation; all, unless it is doubtful. */
static inline uint64_t worlds_with(const struct worlds *worlds, size_t block, uint32_t relation) {
  uint32_t place = lookup_find(&worlds->places, relation);
  return place == PLACE_NONE ? ~UINT64_C(0) : worlds->there.items[block * worlds->doubtful.count + place];
}

#endif
