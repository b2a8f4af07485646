/* view: entities and relations as a plain graph for igraph, from a whole overlay or from what leads to parents. */
#include "measures.h"

#include <stdlib.h>

#include "sort.h"

void view_close(struct view *view) {
  if (!view->memory) return;
  vector_free(view->memory, &view->entities);
  vector_free(view->memory, &view->edges);
  view->memory = NULL;
}

static int by_ends(const void *a, const void *b) {
  const struct view_edge *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

static uint32_t vertex_of(const struct view *view, uint32_t entity) {
  size_t low = 0;
  for (size_t high = view->entities.count; low < high;) {
    size_t middle = (low + high) / 2;
    if (view->entities.items[middle] < entity) low = middle + 1;
    else high = middle;
  }
  return (uint32_t)low;
}

/* From entities to vertices; each edge once. */
static bool settle(struct view *view) {
  size_t kept = 0;
  if (!vector_reserve(view->memory, &view->entities, 2 * view->edges.count)) return false;
  if (view->edges.count > 1) qsort(view->edges.items, view->edges.count, sizeof *view->edges.items, by_ends);
  for (size_t i = 0; i < view->edges.count; i++) {
    const struct view_edge *edge = &view->edges.items[i];
    if (kept > 0 && by_ends(&view->edges.items[kept - 1], edge) == 0) continue;
    view->entities.items[view->entities.count++] = edge->from;
    view->entities.items[view->entities.count++] = edge->to;
    view->edges.items[kept++] = *edge;
  }
  view->edges.count = kept;
  view->entities.count = sort_unique(view->entities.items, view->entities.count);
  for (size_t i = 0; i < kept; i++) {
    view->edges.items[i].from = vertex_of(view, view->edges.items[i].from);
    view->edges.items[i].to = vertex_of(view, view->edges.items[i].to);
  }
  return true;
}

bool view_of_overlay(struct view *view, const struct overlay *overlay, struct filter *filter, struct memory *memory,
                     struct control *control, struct failure *failure) {
  size_t total = overlay->network->relation_count + overlay->added.count;
  bool fine = true;
  *view = (struct view){.memory = memory};
  for (uint32_t r = 0; r < total && fine; r++) {
    if ((r & 65535) == 0 && !control_checkpoint(control, r, (double)total, "taking a view", failure)) return false;
    if (!overlay_in_force(overlay, r) || overlay_kind(overlay, r) == RELATION_SAME_AS ||
        (filter && !filter_relation(filter, overlay, r)))
      continue;
    struct view_edge edge = {overlay_from(overlay, r), overlay_to(overlay, r), r};
    fine = vector_push(memory, &view->edges, edge);
  }
  return (fine && settle(view)) || fail_memory(failure, memory);
}

bool view_of_subgraph(struct view *view, const struct subgraph *subgraph, struct failure *failure) {
  struct memory *memory = subgraph->memory;
  const struct subgraph_vertex *vertices = subgraph->vertices.items;
  *view = (struct view){.memory = memory};
  /* entity -> relation -> entity: the edges into a relation stand before or after those out of it, so they are joined
   * by the relation's vertex */
  size_t count = subgraph->vertices.count, edges = subgraph->edges.count;
  uint32_t *start = memory_zeroed(memory, count + 2, sizeof *start),
           *from = memory_zeroed(memory, edges + 1, sizeof *from);
  bool fine = start && from;
  for (size_t i = 0; i < edges && fine; i++) start[subgraph->edges.items[i].to + 2]++;
  for (size_t v = 0; v < count && fine; v++) start[v + 2] += start[v + 1];
  for (size_t i = 0; i < edges && fine; i++)
    from[start[subgraph->edges.items[i].to + 1]++] = subgraph->edges.items[i].from;
  for (size_t i = 0; i < edges && fine; i++) {
    const struct subgraph_vertex *to = &vertices[subgraph->edges.items[i].to];
    uint32_t middle = subgraph->edges.items[i].from;
    if (vertices[middle].relation == RELATION_NONE) {
      /* to a party, by a contract that is not named here: what it signs stands at its user */
      struct view_edge edge = {vertices[middle].entity, to->entity, RELATION_NONE};
      bool party = vertices[middle].role == ROLE_SIGNED && to->role == ROLE_CHAIN;
      if (party) fine = vector_push(memory, &view->edges, edge);
      continue;
    }
    for (uint32_t k = start[middle]; k < start[middle + 1] && fine; k++) {
      struct view_edge edge = {vertices[from[k]].entity, to->entity, vertices[middle].relation};
      if (edge.from != edge.to) fine = vector_push(memory, &view->edges, edge);
    }
  }
  memory_free(memory, start, (count + 2) * sizeof *start);
  memory_free(memory, from, (edges + 1) * sizeof *from);
  return (fine && settle(view)) || fail_memory(failure, memory);
}
