/* paths: the best proofs of one entity, in order, each a path without a loop.
 *
 * Yen's method as Lawler improved it, on the graph of backward.h: each path that is found is left once at every vertex
 * for the best way on that none before it took. The way on is sought from there towards the restriction, guided by how
 * far each entity is from it, which the evaluation knows; so that a search sees little more than what it returns.
 * A path has no entity twice in one role (restricted, in the flow, on the chain), and no two have the same relations.
 */
#ifndef KNOCKON_PATHS_H
#define KNOCKON_PATHS_H

#include "backward.h"

enum weight { WEIGHT_STEPS, WEIGHT_STRONGEST };

struct found_path {
  size_t first, count; /* proof steps, from the target on */
  uint32_t length;     /* relations */
  uint32_t share;      /* the least of its holdings; SHARE_WHOLE: it has none below */
  uint8_t reliance;    /* the least of its supplies; RELIANCE_STRONGEST: it has none */
};

struct paths {
  struct memory *memory;
  enum weight weight;
  struct proof steps;
  struct vector_of(struct found_path) paths;
  bool truncated; /* there are more */
  double total;   /* how many there are; negative: not counted */
};

/* To a parent, or else a user, or else a restricted entity, in the reading of its row; found false: it is none. At most
 * `most` paths, fewest steps first, or with WEIGHT_STRONGEST: largest least share, then highest least reliance, then
 * fewest steps. */
bool paths_find(struct paths *paths, const struct exposure *exposure, uint32_t entity, size_t most, enum weight weight,
                bool *found, struct memory *memory, struct control *control, struct failure *failure);
void paths_close(struct paths *paths);

#endif
