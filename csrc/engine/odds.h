/* odds: in which part of the worlds each entity is restricted, a user or a parent that is exposed.
 *
 * Every world is evaluated, those that are alike once. Where only supplies are in doubt, under one act that prohibits
 * and binds no parties to contracts, who is restricted, bound and above whom is the same in all of them: the flow alone
 * is followed anew, 64 worlds at a time. Cost: an evaluation for each different world, or the flow for every 64 worlds.
 */
#ifndef KNOCKON_ODDS_H
#define KNOCKON_ODDS_H

#include "worlds.h"

enum odds_list { ODDS_RESTRICTED, ODDS_USERS, ODDS_PARENTS, ODDS_LISTS };

struct odds_row {
  uint32_t entity;
  double yes, possible; /* weight of the worlds in which the verdict is yes, and yes or possible */
};

struct odds {
  struct memory memory;
  struct worlds worlds;
  struct vector_of(struct odds_row) rows[ODDS_LISTS]; /* by entity; those with weight */
  struct lookup places[ODDS_LISTS];
  size_t evaluated; /* different worlds that were evaluated; 0: the flow alone was followed */
};

bool odds_run(struct odds *odds, const struct exposure *exposure, size_t samples, uint64_t seed,
              struct control *control, struct failure *failure);
void odds_close(struct odds *odds);

#endif
