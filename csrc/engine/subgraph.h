/* subgraph: the part of an exposure that lies between the restriction and some parents, as a graph for igraph.
 *
 *   vertex 0 (the restriction) ─► targets ─► … restricted … ─► users ─► … chain … ─► the parents ─► vertex 1 (the end)
 *
 * Vertices are entities by role and, between them, relations: so that a relation can be a chokepoint or be cut. Built
 * backwards from the parents, it holds just what leads to them, under every act. It may hold paths that are none (one
 * that is longer than the rule's tiers, or goes on under another act): so what every path passes is sure, and something
 * that every real one passes may be missed. Cost: the inward relations of its entities, by act.
 */
#ifndef KNOCKON_SUBGRAPH_H
#define KNOCKON_SUBGRAPH_H

#include "lineage.h"

enum { SUBGRAPH_START, SUBGRAPH_END };

struct subgraph_vertex {
  uint32_t entity;   /* ENTITY_NONE: a relation, or an end */
  uint32_t relation; /* RELATION_NONE: an entity, or an end */
  uint8_t role;      /* of a relation: that it leads into */
};

struct subgraph_edge {
  uint32_t from, to;
};

struct subgraph {
  struct memory *memory;
  const struct exposure *exposure;
  struct vector_of(struct subgraph_vertex) vertices;
  struct vector_of(struct subgraph_edge) edges;
  struct places places[ROLES];    /* entity (of ROLE_SIGNED the pair) -> vertex */
  struct places relations[ROLES]; /* relation -> vertex, by the role that it leads into; signed as flow */
  struct entity_list parents;     /* entities */
  size_t acts;                    /* that lead to them */
  bool by_tier;                   /* tiers were not counted where they should be */
};

/* parents: entities; those that are no parents of the exposure are left out. reading: READINGS for each parent's own.
 * Close it also when it fails. */
bool subgraph_open(struct subgraph *subgraph, const struct exposure *exposure, const uint32_t *parents, size_t count,
                   enum reading reading, struct memory *memory, struct control *control, struct failure *failure);
void subgraph_close(struct subgraph *subgraph);

/* chokepoints: vertices that every path from the restriction to the one parent passes, in that order (igraph's
 * dominator tree), each entity and relation once. The parent itself is left out. */
bool subgraph_chokepoints(const struct subgraph *subgraph, struct entity_list *vertices, bool force,
                          struct control *control, struct failure *failure);

/* The immediate dominator of each vertex, into `above` (by vertex; UINT32_MAX: none). */
bool subgraph_dominators(const struct subgraph *subgraph, uint32_t *above, bool force, struct control *control,
                         struct failure *failure);

/* The cheapest relations to end so that no path is left (igraph's maximum flow). cost: by vertex, of relations;
 * negative for what cannot be ended. Costs are whole numbers whose sum is below 2^53, so that the answer is exact. cut:
 * vertices, ascending. total is negative when there is no such set. */
bool subgraph_cut(const struct subgraph *subgraph, const double *cost, struct entity_list *cut, double *total,
                  bool force, struct control *control, struct failure *failure);

#endif
