/* backward: the proofs of one act as a graph that is walked back from an entity to the restriction, and made on the
 * way.
 *
 * A vertex is a standing of a lineage; its steps back are listed when it is first left, in order of relation. Nothing
 * is made that nobody walks to. Vertex 0 is the restriction. Cost: the inward relations of what is expanded.
 */
#ifndef KNOCKON_BACKWARD_H
#define KNOCKON_BACKWARD_H

#include "lineage.h"

enum { BACKWARD_RESTRICTION };

/* How much a supply is relied on; more is stronger. What is no supply does not weaken a path. */
enum reliance { RELIANCE_NONE, RELIANCE_LOW, RELIANCE_UNSTATED, RELIANCE_MATERIAL, RELIANCE_FULL, RELIANCE_STRONGEST };
extern const char *const reliance_name[RELIANCE_STRONGEST]; /* NULL: unstated */

struct back_step {
  uint32_t relation; /* RELATION_NONE: none, the same entity in another role, or the start */
  uint32_t vertex;   /* that it leads back to */
  uint32_t share;    /* of an `owns`, in this reading; else the whole */
  uint8_t reliance;
};

struct back_vertex {
  struct standing standing;
  uint32_t least;             /* relations since a target, at least */
  uint32_t first_step, steps; /* in `steps`, once expanded */
  bool expanded;
};

struct backward {
  struct memory *memory;
  struct lineage lineage;
  struct vector_of(struct back_vertex) vertices;
  struct vector_of(struct back_step) steps;
  uint32_t *table; /* open addressing by standing, vertex + 1 */
  size_t table_size;
};

bool backward_open(struct backward *backward, const struct exposure *exposure, const struct stage_result *result,
                   enum reading reading, struct memory *memory); /* false: no memory; close it all the same */
void backward_close(struct backward *backward);
bool backward_vertex(struct backward *backward, struct standing standing, uint32_t *vertex); /* made if it is new */
bool backward_expand(struct backward *backward, uint32_t vertex);

/* How many ways there are from the vertex back to the restriction, when that is told by adding up: it is not where they
 * may go round in a ring, or where there are more than `most` vertices. Negative: not told. False: no memory. */
bool backward_count(struct backward *backward, uint32_t vertex, size_t most, double *ways);

#endif
