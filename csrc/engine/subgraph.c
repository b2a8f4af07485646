#include "subgraph.h"

#include <string.h>

#include "guard.h"

struct to_expand {
  uint32_t vertex;
  enum subgraph_stage stage;
};

/* One act at a time; the graph is the same for all. */
struct growing {
  struct subgraph *subgraph;
  const struct exposure *exposure;
  const struct stage_result *result;
  enum reading reading;
  struct stage stage;
  struct places expanded[SUBGRAPH_STAGES]; /* entity, under this act */
  struct vector_of(struct to_expand) queue;
};

static bool add_vertex(struct growing *g, enum subgraph_stage stage, uint32_t entity, uint32_t *vertex) {
  struct subgraph *subgraph = g->subgraph;
  *vertex = places_find(&subgraph->places[stage], entity);
  if (*vertex == PLACE_NONE) {
    struct subgraph_vertex fresh = {entity, RELATION_NONE};
    *vertex = (uint32_t)subgraph->vertices.count;
    if (!vector_push(subgraph->memory, &subgraph->vertices, fresh) ||
        !places_put(&subgraph->places[stage], entity, *vertex))
      return false;
  }
  if (places_find(&g->expanded[stage], entity) != PLACE_NONE) return true;
  if (!places_put(&g->expanded[stage], entity, 0)) return false;
  struct to_expand step = {*vertex, stage};
  return vector_push(subgraph->memory, &g->queue, step);
}

static bool add_edge(struct growing *g, uint32_t from, uint32_t to) {
  struct subgraph_edge edge = {from, to};
  return vector_push(g->subgraph->memory, &g->subgraph->edges, edge);
}

/* entity (in a stage) --relation--> vertex (in stage `into`) */
static bool add_step(struct growing *g, enum subgraph_stage stage, uint32_t entity, uint32_t relation,
                     enum subgraph_stage into, uint32_t to) {
  struct subgraph *subgraph = g->subgraph;
  uint32_t from, middle = places_find(&subgraph->relations[into], relation);
  if (!add_vertex(g, stage, entity, &from)) return false;
  if (middle == PLACE_NONE) {
    struct subgraph_vertex between = {ENTITY_NONE, relation};
    middle = (uint32_t)subgraph->vertices.count;
    if (!vector_push(subgraph->memory, &subgraph->vertices, between) ||
        !places_put(&subgraph->relations[into], relation, middle))
      return false;
  }
  return add_edge(g, from, middle) && add_edge(g, middle, to);
}

/* What restricts a restricted entity. */
static bool expand_restricted(struct growing *g, uint32_t entity, uint32_t vertex) {
  const struct cascade *cascade = &g->exposure->cascades[g->result->act][g->reading];
  const struct captured *row = cascade_find(cascade, entity);
  if (!row || row->because == BECAUSE_NONE) return true;
  if (row->because == BECAUSE_TARGET) return add_edge(g, 0, vertex);
  for (int outward = 0; outward <= 1; outward++) {
    struct walk walk = outward ? walk_out(g->exposure->overlay, entity) : walk_in(g->exposure->overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      uint32_t other = outward ? overlay_to(g->exposure->overlay, r) : overlay_from(g->exposure->overlay, r);
      if (other == entity || !cascade_caught(cascade, other) || !cascade_counts(&g->stage, g->reading, row, r, outward))
        continue;
      if (!add_step(g, SUBGRAPH_RESTRICTED, other, r, SUBGRAPH_RESTRICTED, vertex)) return false;
    }
  }
  return true;
}

/* What carries the flow into an entity. */
static bool expand_flow(struct growing *g, uint32_t entity, uint32_t vertex) {
  const struct flow *flow = result_flow(g->result, g->reading);
  const struct overlay *overlay = g->exposure->overlay;
  for (int outward = 0; outward <= (g->stage.act->policy.flow == FLOW_ANY); outward++) {
    struct walk walk = outward ? walk_out(overlay, entity) : walk_in(overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      uint32_t other = outward ? overlay_to(overlay, r) : overlay_from(overlay, r);
      if (!flow_follows(&g->stage, g->reading, r, outward)) continue;
      uint32_t label = places_find(&flow->places, other);
      while (label != PLACE_NONE && flow->labels.items[label].tier >= flow->tiers)
        label = flow->labels.items[label].older;
      if (label != PLACE_NONE && !add_step(g, SUBGRAPH_FLOW, other, r, SUBGRAPH_FLOW, vertex)) return false;
      if (places_find(&flow->sources, other) != PLACE_NONE &&
          !add_step(g, SUBGRAPH_RESTRICTED, other, r, SUBGRAPH_FLOW, vertex))
        return false;
    }
  }
  return true;
}

/* Below a firm on the chain: the nodes that lead up to it; a bound user stands there by its flow, a party by a supply
 * that it signs. */
static bool expand_chain(struct growing *g, uint32_t entity, uint32_t vertex, const uint32_t *start,
                         const uint32_t *lower, const uint32_t *below) {
  const struct climb *climb = &g->result->climb;
  const struct ascent *ascent = g->result->ascent[g->reading];
  uint32_t node = places_find(&climb->places, entity);
  for (uint32_t l = start[node]; l < start[node + 1]; l++) {
    const struct chain_link *link = &climb->links.items[lower[l]];
    const struct chain_node *under = &climb->nodes.items[below[lower[l]]];
    const struct ascent *from = &ascent[below[lower[l]]];
    if ((g->reading == READING_LOW && !link->certain) || from->steps == UINT32_MAX || (link->first_step && !from->user))
      continue;
    if (!add_step(g, SUBGRAPH_CHAIN, under->entity, link->relation, SUBGRAPH_CHAIN, vertex)) return false;
  }
  uint32_t flow;
  if (ascent[node].user && !(add_vertex(g, SUBGRAPH_FLOW, entity, &flow) && add_edge(g, flow, vertex))) return false;
  const struct signature *signatures = g->result->signatures[g->reading].items;
  size_t low = 0, count = g->result->signatures[g->reading].count;
  for (size_t high = count; low < high;) {
    size_t middle = (low + high) / 2;
    if (signatures[middle].node < node) low = middle + 1;
    else high = middle;
  }
  for (; low < count && signatures[low].node == node; low++) {
    uint32_t relation = signatures[low].relation;
    if (!add_step(g, SUBGRAPH_FLOW, overlay_to(g->exposure->overlay, relation), relation, SUBGRAPH_CHAIN, vertex))
      return false;
  }
  return true;
}

static bool expand(struct growing *g, const uint32_t *start, const uint32_t *lower, const uint32_t *below) {
  for (size_t i = 0; i < g->queue.count; i++) {
    struct to_expand step = g->queue.items[i];
    uint32_t entity = g->subgraph->vertices.items[step.vertex].entity;
    bool fine = step.stage == SUBGRAPH_RESTRICTED ? expand_restricted(g, entity, step.vertex)
                : step.stage == SUBGRAPH_FLOW     ? expand_flow(g, entity, step.vertex)
                                                  : expand_chain(g, entity, step.vertex, start, lower, below);
    if (!fine) return false;
  }
  return true;
}

/* What leads to the parent under one act. */
static bool grow(struct subgraph *subgraph, const struct exposure *exposure, const struct stage_result *result,
                 const struct parent_row *row) {
  struct memory *memory = subgraph->memory;
  const struct climb *climb = &result->climb;
  size_t nodes = climb->nodes.count, links = climb->links.count;
  struct growing g = {
      .subgraph = subgraph,
      .exposure = exposure,
      .result = result,
      .reading = (enum reading)row->reading,
      .stage = {.memory = memory, .overlay = exposure->overlay, .act = &exposure->acts.items[result->act]}};
  uint32_t *start = NULL, *lower = NULL, *below = NULL;
  bool fine = climb_lower(climb, memory, &start, &lower, &below);
  for (int stage = 0; stage < SUBGRAPH_STAGES && fine; stage++)
    fine = places_open(&g.expanded[stage], memory, exposure->overlay->network->entity_count);
  fine = fine && add_vertex(&g, SUBGRAPH_CHAIN, row->entity, &subgraph->parent) && expand(&g, start, lower, below);
  for (int stage = 0; stage < SUBGRAPH_STAGES; stage++) places_close(&g.expanded[stage]);
  memory_free(memory, start, (nodes + 1) * sizeof *start);
  memory_free(memory, lower, (links + 1) * sizeof *lower);
  memory_free(memory, below, (links + 1) * sizeof *below);
  vector_free(memory, &g.queue);
  return fine;
}

bool subgraph_open(struct subgraph *subgraph, const struct exposure *exposure, const struct parent_row *row,
                   struct memory *memory, struct failure *failure) {
  const struct overlay *overlay = exposure->overlay;
  subgraph->memory = memory;
  struct subgraph_vertex root = {ENTITY_NONE, RELATION_NONE};
  bool fine = vector_push(memory, &subgraph->vertices, root);
  for (int stage = 0; stage < SUBGRAPH_STAGES && fine; stage++)
    fine = places_open(&subgraph->places[stage], memory, overlay->network->entity_count) &&
           places_open(&subgraph->relations[stage], memory, overlay->network->relation_count + overlay->added.count);
  for (size_t i = 0; i < exposure->results.count && fine; i++) {
    const struct stage_result *result = &exposure->results.items[i];
    uint32_t node = places_find(&result->climb.places, row->entity);
    bool leads = result->measure == (enum measure)row->measure && node != PLACE_NONE &&
                 result->ascent[row->reading][node].steps != UINT32_MAX;
    if (leads) fine = grow(subgraph, exposure, result, row);
  }
  return fine || fail_memory(failure, memory);
}

void subgraph_close(struct subgraph *subgraph) {
  if (!subgraph->memory) return;
  vector_free(subgraph->memory, &subgraph->vertices);
  vector_free(subgraph->memory, &subgraph->edges);
  for (int stage = 0; stage < SUBGRAPH_STAGES; stage++) {
    places_close(&subgraph->places[stage]);
    places_close(&subgraph->relations[stage]);
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
  IGRAPH_CHECK(igraph_dominator_tree(&graph, 0, &dominators, NULL, NULL, IGRAPH_OUT));
  for (size_t v = 0; v < subgraph->vertices.count; v++) {
    igraph_integer_t above = VECTOR(dominators)[v];
    dominating->above[v] = above < 0 ? UINT32_MAX : (uint32_t)above;
  }
  igraph_vector_int_destroy(&dominators);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(2);
  return IGRAPH_SUCCESS;
}

bool subgraph_chokepoints(const struct subgraph *subgraph, struct entity_list *vertices, bool force,
                          struct control *control, struct memory *memory, struct failure *failure) {
  size_t count = subgraph->vertices.count;
  if (!guard_admits((double)(subgraph->edges.count + count) * 1e-6, "finding the chokepoints", force, failure))
    return false;
  struct dominating dominating = {subgraph, memory_zeroed(memory, count, sizeof(uint32_t))};
  if (!dominating.above) return fail_memory(failure, memory);
  bool fine = guard_run(dominate, &dominating, control, failure);
  uint32_t v = fine ? dominating.above[subgraph->parent] : UINT32_MAX;
  for (; fine && v != 0 && v != UINT32_MAX; v = dominating.above[v])
    fine = vector_push(memory, vertices, v) || fail_memory(failure, memory);
  for (size_t i = 0, k = vertices->count; i + 1 < k; i++, k--) {
    uint32_t swap = vertices->items[i];
    vertices->items[i] = vertices->items[k - 1];
    vertices->items[k - 1] = swap;
  }
  /* An entity or a relation that stands in several stages is one chokepoint; the parent is none. */
  uint32_t *listed = dominating.above; /* it has done its work: from here on, is the vertex listed? */
  memset(listed, 0, count * sizeof *listed);
  size_t kept = 0;
  listed[subgraph->parent] = 1;
  for (size_t i = 0; i < vertices->count; i++) {
    const struct subgraph_vertex *vertex = &subgraph->vertices.items[vertices->items[i]];
    bool known = false;
    for (int stage = 0; stage < SUBGRAPH_STAGES && !known; stage++) {
      uint32_t twin = vertex->relation == RELATION_NONE ? places_find(&subgraph->places[stage], vertex->entity)
                                                        : places_find(&subgraph->relations[stage], vertex->relation);
      known = twin != PLACE_NONE && listed[twin];
    }
    listed[vertices->items[i]] = 1;
    if (!known) vertices->items[kept++] = vertices->items[i];
  }
  vertices->count = kept;
  memory_free(memory, dominating.above, count * sizeof *dominating.above);
  return fine;
}
