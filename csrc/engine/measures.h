/* measures: entities and relations as a plain graph, and what igraph says of it.
 *
 * A view owns its lists and borrows nothing; vertices are entities in order of id. igraph's own graph is made for each
 * measure and destroyed with it. Measures that igraph cannot be stopped in are refused, with their estimate, above
 * about 5 s, unless forced; the others end with the deadline of the control.
 */
#ifndef KNOCKON_MEASURES_H
#define KNOCKON_MEASURES_H

#include "subgraph.h"

struct view_edge {
  uint32_t from, to; /* vertices, once settled; entities before */
  uint32_t relation;
};

struct view {
  struct memory *memory;
  struct entity_list entities; /* ascending */
  struct vector_of(struct view_edge) edges;
};

/* The relations in force that match (filter NULL: all but `same_as`), from their `from` to their `to`. */
bool view_of_overlay(struct view *view, const struct overlay *overlay, struct filter *filter, struct memory *memory,
                     struct control *control, struct failure *failure);
/* What leads from the restriction to the parents, in the direction that exposure travels. */
bool view_of_subgraph(struct view *view, const struct subgraph *subgraph, struct failure *failure);
void view_close(struct view *view);

enum measure_name {
  MEASURE_DEGREE,
  MEASURE_BETWEENNESS,
  MEASURE_CLOSENESS,
  MEASURE_PAGERANK,
  MEASURE_COMPONENTS,
  MEASURE_ARTICULATION,
  MEASURE_COMMUNITIES,
  MEASURE_LAYERED,
  MEASURE_FORCE
};

enum direction { DIRECTION_ALL, DIRECTION_OUT, DIRECTION_IN };

struct measuring {
  enum measure_name name;
  enum direction direction; /* degree, closeness; of components all (weak) or else strong */
  bool undirected;          /* betweenness */
  double cutoff;            /* betweenness, closeness: longest path; negative: none */
  double damping;           /* PageRank */
  bool force;
};

/* values: room for a number each vertex, for layouts two (x, y). What it means: degree and centralities as they are;
 * numbers of components and communities from 0 on; 1 for an articulation point. total: how many components or
 * communities there are, or of communities their modularity in `quality`. */
bool view_measure(const struct view *view, const struct measuring *measuring, double *values, size_t *total,
                  double *quality, struct control *control, struct failure *failure);

#endif
