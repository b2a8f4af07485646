/* tally: what an overlay keeps for questions that only ask who. */
#ifndef KNOCKON_LUA_TALLY_H
#define KNOCKON_LUA_TALLY_H

#include "binding.h"
#include "engine/tally.h"

struct tallies {
  struct memory memory;
  struct chains chains;
  struct tally_space space; /* of the count under way, or of the last one */
  bool far;                 /* a count has gone so far that arrows pay, should another come */
  int busy;                 /* counts under way: a progress function may ask for another */
};

/* The chains of an overlay, made on first use; NULL: the failure says why. They live as long as the overlay. */
const struct chains *overlay_chains(struct overlay_box *box, struct control *control, struct failure *failure);
void close_tallies(struct overlay_box *box);

#endif
