/* tally: what an overlay keeps for questions that only ask who. */
#ifndef KNOCKON_LUA_TALLY_H
#define KNOCKON_LUA_TALLY_H

#include "binding.h"
#include "engine/tally.h"

struct tallies {
  struct memory memory;
  struct chains chains; /* not opened where another overlay's serve */
  struct arrows arrows;
  struct holders holders;
  struct tally_space space; /* of the count under way, or of the last one */
  uint64_t far, wide;       /* entities that harm has reached, ownership has restricted, by all runs that went far */
  int busy;                 /* counts under way: a progress function may ask for another */
};

/* The chains that serve an overlay, made on first use within so many bytes (0: no limit); NULL: the failure says why.
 * They live as long as the overlay. */
const struct chains *overlay_chains(struct overlay_box *box, size_t limit, struct control *control,
                                    struct failure *failure);
void close_tallies(struct overlay_box *box);

#endif
