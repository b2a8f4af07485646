/* subgraph: the part of an exposure that lies between the restriction and one parent, as a graph for igraph.
 *
 *   vertex 0 (the restriction) ─► targets ─► … restricted … ─► users ─► … chain … ─► the parent
 *
 * Vertices are entities by stage and, between them, relations: so that a relation can be a chokepoint or be cut. Built
 * backwards from the parent, it holds just what leads to it, under every act that gives the parent its verdict. It may
 * hold paths that are none (one that is longer than the rule's tiers, or goes on under another act): so what every path
 * passes is sure, and something that every real one passes may be missed. Cost: the inward relations of its entities,
 * by act.
 */
#ifndef KNOCKON_SUBGRAPH_H
#define KNOCKON_SUBGRAPH_H

#include "exposure.h"

enum subgraph_stage { SUBGRAPH_RESTRICTED, SUBGRAPH_FLOW, SUBGRAPH_CHAIN, SUBGRAPH_STAGES };

struct subgraph_vertex {
  uint32_t entity;   /* ENTITY_NONE: a relation */
  uint32_t relation; /* RELATION_NONE: an entity */
};

struct subgraph_edge {
  uint32_t from, to;
};

struct subgraph {
  struct memory *memory;
  struct vector_of(struct subgraph_vertex) vertices; /* vertex 0 is the restriction, neither */
  struct vector_of(struct subgraph_edge) edges;
  struct places places[SUBGRAPH_STAGES];    /* entity -> vertex */
  struct places relations[SUBGRAPH_STAGES]; /* relation -> vertex, by the stage that it leads into */
  uint32_t parent;                          /* its vertex */
};

bool subgraph_open(struct subgraph *subgraph, const struct exposure *exposure, const struct parent_row *row,
                   struct memory *memory, struct failure *failure);
void subgraph_close(struct subgraph *subgraph);

/* chokepoints: vertices that every path from the restriction to the parent passes, in that order (igraph's dominator
 * tree), each entity and relation once. The parent itself and the restriction are left out. */
bool subgraph_chokepoints(const struct subgraph *subgraph, struct entity_list *vertices, bool force,
                          struct control *control, struct memory *memory, struct failure *failure);

#endif
