#include "subgraph.h"

#include <string.h>

#include "guard.h"

/* One act at a time; the graph is the same for all. */
struct growing {
  struct subgraph *subgraph;
  struct lineage lineage;
  struct places expanded[ROLES]; /* as places of the subgraph, under this act */
  struct vector_of(struct standing) queue;
};

static uint32_t place_of(struct standing standing) {
  return standing.role == ROLE_SIGNED ? standing.pair : standing.entity;
}

static bool add_vertex(struct growing *g, struct standing standing, uint32_t *vertex) {
  struct subgraph *subgraph = g->subgraph;
  uint32_t place = place_of(standing);
  *vertex = places_find(&subgraph->places[standing.role], place);
  if (*vertex == PLACE_NONE) {
    struct subgraph_vertex fresh = {standing.entity, RELATION_NONE, standing.role};
    *vertex = (uint32_t)subgraph->vertices.count;
    if (!vector_push(subgraph->memory, &subgraph->vertices, fresh) ||
        !places_put(&subgraph->places[standing.role], place, *vertex))
      return false;
  }
  if (places_find(&g->expanded[standing.role], place) != PLACE_NONE) return true;
  return places_put(&g->expanded[standing.role], place, 0) && vector_push(subgraph->memory, &g->queue, standing);
}

static bool add_edge(struct subgraph *subgraph, uint32_t from, uint32_t to) {
  struct subgraph_edge edge = {from, to};
  return vector_push(subgraph->memory, &subgraph->edges, edge);
}

/* A relation that leads into a role. A supply that the party signs is the one that carries the flow. */
static bool add_relation(struct subgraph *subgraph, enum role into, uint32_t relation, uint32_t *vertex) {
  if (into == ROLE_SIGNED) into = ROLE_FLOW;
  *vertex = places_find(&subgraph->relations[into], relation);
  if (*vertex != PLACE_NONE) return true;
  struct subgraph_vertex between = {ENTITY_NONE, relation, (uint8_t)into};
  *vertex = (uint32_t)subgraph->vertices.count;
  return vector_push(subgraph->memory, &subgraph->vertices, between) &&
         places_put(&subgraph->relations[into], relation, *vertex);
}

/* Steps before a standing as edges. A step that is none, or to a party, has no relation of its own. */
static bool add_before(struct growing *g, struct standing standing) {
  struct subgraph *subgraph = g->subgraph;
  uint32_t vertex = places_find(&subgraph->places[standing.role], place_of(standing));
  if (!lineage_before(&g->lineage, standing)) return false;
  for (size_t i = 0; i < g->lineage.found.count; i++) {
    struct before before = g->lineage.found.items[i];
    uint32_t from = SUBGRAPH_START, middle = vertex;
    if (before.standing.role != ROLE_RESTRICTION && !add_vertex(g, before.standing, &from)) return false;
    if (before.relation != RELATION_NONE && before.standing.role != ROLE_SIGNED &&
        !(add_relation(subgraph, (enum role)standing.role, before.relation, &middle)))
      return false;
    /* a relation between two entities in two roles of one flow is met once for each: its own edge in is there then */
    if (!add_edge(subgraph, from, middle) || (middle != vertex && !add_edge(subgraph, middle, vertex))) return false;
  }
  return true;
}

static bool leads(const struct stage_result *result, const struct parent_row *row, enum reading reading) {
  uint32_t node = places_find(&result->climb.places, row->entity);
  return result->measure == (enum measure)row->measure && node != PLACE_NONE &&
         result->ascent[reading][node].steps != UINT32_MAX;
}

/* What leads to the parents under one act, in one reading. */
static bool grow(struct subgraph *subgraph, const struct stage_result *result, enum reading reading, bool own,
                 struct control *control, struct failure *failure) {
  struct memory *memory = subgraph->memory;
  const struct exposure *exposure = subgraph->exposure;
  size_t relations = exposure->overlay->network->relation_count + exposure->overlay->added.count;
  struct growing g = {.subgraph = subgraph};
  bool fine = lineage_open(&g.lineage, exposure, result, reading, memory), met = false;
  subgraph->by_tier = subgraph->by_tier || g.lineage.by_tier;
  g.lineage.by_tier = false;
  for (int role = 0; role < ROLES && fine; role++)
    fine = places_open(&g.expanded[role], memory,
                       role == ROLE_SIGNED ? relations : exposure->overlay->network->entity_count);
  for (size_t i = 0; i < subgraph->parents.count && fine; i++) {
    const struct parent_row *row = exposure_parent(exposure, subgraph->parents.items[i]);
    struct standing standing = {row->entity, 0, 0, ROLE_CHAIN};
    uint32_t vertex;
    if ((own && row->reading != reading) || !leads(result, row, reading)) continue;
    fine = add_vertex(&g, standing, &vertex);
    met = true;
  }
  for (size_t i = 0; i < g.queue.count && fine; i++) {
    if ((i & 1023) == 0 && !control_checkpoint(control, (double)i, 0, "following what leads to the parents", failure))
      fine = false;
    fine = fine && add_before(&g, g.queue.items[i]);
  }
  subgraph->acts += met;
  lineage_close(&g.lineage);
  for (int role = 0; role < ROLES; role++) places_close(&g.expanded[role]);
  vector_free(memory, &g.queue);
  return fine;
}

bool subgraph_open(struct subgraph *subgraph, const struct exposure *exposure, const uint32_t *parents, size_t count,
                   enum reading reading, struct memory *memory, struct control *control, struct failure *failure) {
  const struct overlay *overlay = exposure->overlay;
  size_t entities = overlay->network->entity_count, relations = overlay->network->relation_count + overlay->added.count;
  memset(subgraph, 0, sizeof *subgraph);
  subgraph->memory = memory;
  subgraph->exposure = exposure;
  struct subgraph_vertex end = {ENTITY_NONE, RELATION_NONE, ROLE_RESTRICTION};
  bool fine = vector_push(memory, &subgraph->vertices, end) && vector_push(memory, &subgraph->vertices, end);
  for (int role = 0; role < ROLES && fine; role++)
    fine = places_open(&subgraph->places[role], memory, role == ROLE_SIGNED ? relations : entities) &&
           places_open(&subgraph->relations[role], memory, relations);
  for (size_t i = 0; i < count && fine; i++)
    if (exposure_parent(exposure, parents[i])) fine = vector_push(memory, &subgraph->parents, parents[i]);
  for (size_t i = 0; i < exposure->results.count && fine; i++)
    for (enum reading r = READING_LOW; r < READINGS && fine; r++)
      if (reading == READINGS || reading == r)
        fine = grow(subgraph, &exposure->results.items[i], r, reading == READINGS, control, failure);
  for (size_t i = 0; i < subgraph->parents.count && fine; i++) {
    uint32_t vertex = places_find(&subgraph->places[ROLE_CHAIN], subgraph->parents.items[i]);
    if (vertex != PLACE_NONE) fine = add_edge(subgraph, vertex, SUBGRAPH_END);
  }
  return fine || fail_memory(failure, memory); /* a checkpoint's own cause comes first */
}

void subgraph_close(struct subgraph *subgraph) {
  if (!subgraph->memory) return;
  vector_free(subgraph->memory, &subgraph->vertices);
  vector_free(subgraph->memory, &subgraph->edges);
  vector_free(subgraph->memory, &subgraph->parents);
  for (int role = 0; role < ROLES; role++) {
    places_close(&subgraph->places[role]);
    places_close(&subgraph->relations[role]);
  }
  subgraph->memory = NULL;
}

/* ---- chokepoints ---- */

struct dominating {
  const struct subgraph *subgraph;
  uint32_t *above; /* immediate dominator of each vertex */
};

static igraph_error_t dominate(void *context) {
  struct dominating *dominating = context;
  const struct subgraph *subgraph = dominating->subgraph;
  igraph_vector_int_t ends, dominators;
  igraph_t graph;
  IGRAPH_VECTOR_INT_INIT_FINALLY(&ends, (igraph_integer_t)(2 * subgraph->edges.count));
  for (size_t i = 0; i < subgraph->edges.count; i++) {
    VECTOR(ends)[2 * i] = subgraph->edges.items[i].from;
    VECTOR(ends)[2 * i + 1] = subgraph->edges.items[i].to;
  }
  IGRAPH_CHECK(igraph_create(&graph, &ends, (igraph_integer_t)subgraph->vertices.count, IGRAPH_DIRECTED));
  igraph_vector_int_destroy(&ends);
  IGRAPH_FINALLY_CLEAN(1);
  IGRAPH_FINALLY(igraph_destroy, &graph);
  IGRAPH_VECTOR_INT_INIT_FINALLY(&dominators, 0);
  IGRAPH_CHECK(igraph_dominator_tree(&graph, SUBGRAPH_START, &dominators, NULL, NULL, IGRAPH_OUT));
  for (size_t v = 0; v < subgraph->vertices.count; v++) {
    igraph_integer_t above = VECTOR(dominators)[v];
    dominating->above[v] = above < 0 ? UINT32_MAX : (uint32_t)above;
  }
  igraph_vector_int_destroy(&dominators);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(2);
  return IGRAPH_SUCCESS;
}

/* Drops from the list what stands there before in another role, and the parent itself. */
static bool list_once(const struct subgraph *subgraph, struct entity_list *vertices) {
  const struct overlay *overlay = subgraph->exposure->overlay;
  struct places entities = {0}, relations = {0};
  bool fine = places_open(&entities, subgraph->memory, overlay->network->entity_count) &&
              places_open(&relations, subgraph->memory, overlay->network->relation_count + overlay->added.count);
  size_t kept = 0;
  for (size_t i = 0; i < subgraph->parents.count && fine; i++)
    fine = places_put(&entities, subgraph->parents.items[i], 0);
  for (size_t i = 0; i < vertices->count && fine; i++) {
    const struct subgraph_vertex *vertex = &subgraph->vertices.items[vertices->items[i]];
    bool entity = vertex->relation == RELATION_NONE;
    struct places *places = entity ? &entities : &relations;
    uint32_t number = entity ? vertex->entity : vertex->relation;
    if (places_find(places, number) != PLACE_NONE) continue;
    fine = places_put(places, number, 0);
    vertices->items[kept++] = vertices->items[i];
  }
  vertices->count = kept;
  places_close(&entities);
  places_close(&relations);
  return fine;
}

bool subgraph_dominators(const struct subgraph *subgraph, uint32_t *above, bool force, struct control *control,
                         struct failure *failure) {
  struct dominating dominating = {subgraph, above};
  double size = (double)(subgraph->edges.count + subgraph->vertices.count);
  return guard_admits(size * 1e-6, "finding the chokepoints", force, failure) &&
         guard_run(dominate, &dominating, control, failure);
}

bool subgraph_chokepoints(const struct subgraph *subgraph, struct entity_list *vertices, bool force,
                          struct control *control, struct failure *failure) {
  size_t count = subgraph->vertices.count;
  struct memory *memory = subgraph->memory;
  uint32_t *above = memory_zeroed(memory, count, sizeof *above);
  if (!above) return fail_memory(failure, memory);
  bool fine = subgraph_dominators(subgraph, above, force, control, failure);
  uint32_t v = fine ? above[SUBGRAPH_END] : UINT32_MAX;
  for (; fine && v != SUBGRAPH_START && v != UINT32_MAX; v = above[v])
    fine = vector_push(memory, vertices, v) || fail_memory(failure, memory);
  memory_free(memory, above, count * sizeof *above);
  for (size_t i = 0, k = vertices->count; i + 1 < k; i++, k--) {
    uint32_t swap = vertices->items[i];
    vertices->items[i] = vertices->items[k - 1];
    vertices->items[k - 1] = swap;
  }
  return fine && (list_once(subgraph, vertices) || fail_memory(failure, memory));
}

/* ---- cut ---- */

/* A relation that may be ended is two vertices, in and out, with an edge of its cost between: the second of vertex v is
 * out[v]. All other edges bear more than all costs together. */
struct flowing {
  const struct subgraph *subgraph;
  const double *cost;
  const uint32_t *out;
  size_t vertices, arcs;
  double sum;
  igraph_real_t total;
  uint32_t *cut; /* vertices */
  size_t cut_count;
};

static igraph_error_t flow_through(void *context) {
  struct flowing *flowing = context;
  const struct subgraph *subgraph = flowing->subgraph;
  size_t edges = subgraph->edges.count, count = subgraph->vertices.count, arc = edges;
  igraph_vector_int_t ends, cut;
  igraph_vector_t capacity;
  igraph_t graph;
  IGRAPH_VECTOR_INT_INIT_FINALLY(&ends, (igraph_integer_t)(2 * flowing->arcs));
  IGRAPH_VECTOR_INIT_FINALLY(&capacity, (igraph_integer_t)flowing->arcs);
  for (size_t i = 0; i < edges; i++) {
    VECTOR(ends)[2 * i] = flowing->out[subgraph->edges.items[i].from];
    VECTOR(ends)[2 * i + 1] = subgraph->edges.items[i].to;
    VECTOR(capacity)[i] = flowing->sum + 1;
  }
  for (size_t v = 0; v < count; v++) {
    if (flowing->out[v] == v) continue;
    VECTOR(ends)[2 * arc] = (igraph_integer_t)v;
    VECTOR(ends)[2 * arc + 1] = flowing->out[v];
    VECTOR(capacity)[arc++] = flowing->cost[v];
  }
  IGRAPH_CHECK(igraph_create(&graph, &ends, (igraph_integer_t)flowing->vertices, IGRAPH_DIRECTED));
  IGRAPH_FINALLY(igraph_destroy, &graph);
  IGRAPH_VECTOR_INT_INIT_FINALLY(&cut, 0);
  IGRAPH_CHECK(
      igraph_maxflow(&graph, &flowing->total, NULL, &cut, NULL, NULL, SUBGRAPH_START, SUBGRAPH_END, &capacity, NULL));
  for (igraph_integer_t i = 0; i < igraph_vector_int_size(&cut) && flowing->total <= flowing->sum; i++)
    flowing->cut[flowing->cut_count++] = (uint32_t)VECTOR(ends)[2 * VECTOR(cut)[i]];
  igraph_vector_int_destroy(&cut);
  igraph_destroy(&graph);
  igraph_vector_destroy(&capacity);
  igraph_vector_int_destroy(&ends);
  IGRAPH_FINALLY_CLEAN(4);
  return IGRAPH_SUCCESS;
}

bool subgraph_cut(const struct subgraph *subgraph, const double *cost, struct entity_list *cut, double *total,
                  bool force, struct control *control, struct failure *failure) {
  struct memory *memory = subgraph->memory;
  size_t count = subgraph->vertices.count;
  uint32_t *out = memory_zeroed(memory, count, sizeof *out);
  if (!out) return fail_memory(failure, memory);
  struct flowing flowing = {.subgraph = subgraph, .cost = cost, .out = out, .vertices = count};
  for (uint32_t v = 0; v < count; v++) {
    bool may_end = subgraph->vertices.items[v].relation != RELATION_NONE && cost[v] >= 0;
    out[v] = may_end ? (uint32_t)flowing.vertices++ : v;
    if (may_end) flowing.sum += cost[v];
  }
  flowing.arcs = subgraph->edges.count + flowing.vertices - count;
  flowing.cut = memory_zeroed(memory, flowing.arcs + 1, sizeof *flowing.cut);
  bool fine = flowing.cut || fail_memory(failure, memory);
  fine = fine && guard_admits((double)(flowing.arcs + flowing.vertices) * 2e-6, "finding the cut", force, failure) &&
         guard_run(flow_through, &flowing, control, failure);
  *total = flowing.total <= flowing.sum ? flowing.total : -1;
  for (size_t i = 0; i < flowing.cut_count && fine; i++)
    fine = vector_push(memory, cut, flowing.cut[i]) || fail_memory(failure, memory);
  memory_free(memory, flowing.cut, (flowing.arcs + 1) * sizeof *flowing.cut);
  memory_free(memory, out, count * sizeof *out);
  return fine;
}
