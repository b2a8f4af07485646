#include "measures.h"

#include <math.h>
#include <string.h>

#include "guard.h"

#if IGRAPH_VERSION_MAJOR >= 1
#define BETWEENNESS(g, res, directed, cutoff) \
  igraph_betweenness_cutoff(g, NULL, res, igraph_vss_all(), directed, false, cutoff)
#define SUGIYAMA(g, res, layers) igraph_layout_sugiyama(g, res, NULL, layers, 1, 1, 100, NULL)
#else
#define BETWEENNESS(g, res, directed, cutoff) \
  igraph_betweenness_cutoff(g, res, igraph_vss_all(), directed, NULL, cutoff)
#define SUGIYAMA(g, res, layers) igraph_layout_sugiyama(g, res, NULL, NULL, layers, 1, 1, 100, NULL)
#endif

enum { LAYERS_MOST = 2000 };

struct measured {
  const struct view *view;
  const struct measuring *measuring;
  double *values;
  uint32_t *layer; /* of a layered layout, by vertex */
  size_t total;
  double quality;
};

/* The edges that a measure looks at: simple, each pair once and no loops; falling, from a higher layer to a lower. */
static igraph_error_t make(const struct measured *m, bool simple, bool falling, igraph_bool_t directed,
                           igraph_t *graph) {
  const struct view *view = m->view;
  igraph_vector_int_t ends;
  IGRAPH_VECTOR_INT_INIT_FINALLY(&ends, 0);
  IGRAPH_CHECK(igraph_vector_int_reserve(&ends, (igraph_integer_t)(2 * view->edges.count)));
  for (size_t i = 0; i < view->edges.count; i++) {
    const struct view_edge *edge = &view->edges.items[i];
    bool repeated = i > 0 && edge[-1].from == edge->from && edge[-1].to == edge->to;
    if (simple && (repeated || edge->from == edge->to)) continue;
    if (falling && m->layer[edge->from] >= m->layer[edge->to]) continue;
    igraph_vector_int_push_back(&ends, edge->from);
    igraph_vector_int_push_back(&ends, edge->to);
  }
  IGRAPH_CHECK(igraph_create(graph, &ends, (igraph_integer_t)view->entities.count, directed));
  igraph_vector_int_destroy(&ends);
  IGRAPH_FINALLY_CLEAN(1);
  IGRAPH_FINALLY(igraph_destroy, graph);
  return IGRAPH_SUCCESS;
}

static igraph_neimode_t mode_of(enum direction direction) {
  return direction == DIRECTION_ALL ? IGRAPH_ALL : direction == DIRECTION_OUT ? IGRAPH_OUT : IGRAPH_IN;
}

static igraph_error_t centrality(struct measured *m) {
  const struct measuring *how = m->measuring;
  igraph_t graph;
  igraph_vector_t values;
  IGRAPH_CHECK(make(m, false, false, IGRAPH_DIRECTED, &graph));
  IGRAPH_VECTOR_INIT_FINALLY(&values, 0);
  if (how->name == MEASURE_BETWEENNESS) {
    IGRAPH_CHECK(BETWEENNESS(&graph, &values, !how->undirected, how->cutoff));
  } else {
    IGRAPH_CHECK(igraph_closeness_cutoff(&graph, &values, NULL, NULL, igraph_vss_all(), mode_of(how->direction), NULL,
                                         true, how->cutoff));
  }
  for (size_t v = 0; v < m->view->entities.count; v++) m->values[v] = VECTOR(values)[v];
  igraph_vector_destroy(&values);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(2);
  return IGRAPH_SUCCESS;
}

static igraph_error_t degree(struct measured *m) {
  igraph_t graph;
  igraph_vector_int_t values;
  IGRAPH_CHECK(make(m, false, false, IGRAPH_DIRECTED, &graph));
  IGRAPH_VECTOR_INT_INIT_FINALLY(&values, 0);
  IGRAPH_CHECK(igraph_degree(&graph, &values, igraph_vss_all(), mode_of(m->measuring->direction), IGRAPH_LOOPS));
  for (size_t v = 0; v < m->view->entities.count; v++) m->values[v] = (double)VECTOR(values)[v];
  igraph_vector_int_destroy(&values);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(2);
  return IGRAPH_SUCCESS;
}

static igraph_error_t components(struct measured *m) {
  igraph_t graph;
  igraph_vector_int_t membership;
  igraph_integer_t count;
  IGRAPH_CHECK(make(m, false, false, IGRAPH_DIRECTED, &graph));
  IGRAPH_VECTOR_INT_INIT_FINALLY(&membership, 0);
  IGRAPH_CHECK(igraph_connected_components(&graph, &membership, NULL, &count,
                                           m->measuring->direction == DIRECTION_ALL ? IGRAPH_WEAK : IGRAPH_STRONG));
  for (size_t v = 0; v < m->view->entities.count; v++) m->values[v] = (double)VECTOR(membership)[v];
  m->total = (size_t)count;
  igraph_vector_int_destroy(&membership);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(2);
  return IGRAPH_SUCCESS;
}

static igraph_error_t articulation(struct measured *m) {
  igraph_t graph;
  igraph_vector_int_t points;
  IGRAPH_CHECK(make(m, true, false, IGRAPH_UNDIRECTED, &graph));
  IGRAPH_VECTOR_INT_INIT_FINALLY(&points, 0);
  IGRAPH_CHECK(igraph_articulation_points(&graph, &points));
  for (igraph_integer_t i = 0; i < igraph_vector_int_size(&points); i++) m->values[VECTOR(points)[i]] = 1;
  m->total = (size_t)igraph_vector_int_size(&points);
  igraph_vector_int_destroy(&points);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(2);
  return IGRAPH_SUCCESS;
}

/* By fast greedy joining: it draws no random numbers. What it joined is read off up to the best modularity here, since
 * igraph 0.10.2 stops short of it when that is the last. */
static igraph_error_t communities(struct measured *m) {
  igraph_t graph;
  igraph_vector_int_t membership;
  igraph_vector_t modularity;
  igraph_matrix_int_t merges;
  IGRAPH_CHECK(make(m, true, false, IGRAPH_UNDIRECTED, &graph));
  IGRAPH_CHECK(igraph_simplify(&graph, true, true, NULL)); /* a pair that is joined both ways */
  IGRAPH_VECTOR_INT_INIT_FINALLY(&membership, 0);
  IGRAPH_VECTOR_INIT_FINALLY(&modularity, 0);
  IGRAPH_CHECK(igraph_matrix_int_init(&merges, 0, 0));
  IGRAPH_FINALLY(igraph_matrix_int_destroy, &merges);
  IGRAPH_CHECK(igraph_community_fastgreedy(&graph, NULL, &merges, &modularity, NULL));
  igraph_integer_t best = 0;
  for (igraph_integer_t i = 1; i < igraph_vector_size(&modularity); i++)
    if (VECTOR(modularity)[i] > VECTOR(modularity)[best]) best = i;
  IGRAPH_CHECK(
      igraph_community_to_membership(&merges, (igraph_integer_t)m->view->entities.count, best, &membership, NULL));
  for (size_t v = 0; v < m->view->entities.count; v++) {
    m->values[v] = (double)VECTOR(membership)[v];
    if (m->values[v] + 1 > (double)m->total) m->total = (size_t)m->values[v] + 1;
  }
  m->quality = igraph_vector_size(&modularity) ? VECTOR(modularity)[best] : 0;
  if (isnan(m->quality)) m->quality = 0;
  igraph_matrix_int_destroy(&merges);
  igraph_vector_destroy(&modularity);
  igraph_vector_int_destroy(&membership);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(4);
  return IGRAPH_SUCCESS;
}

static igraph_error_t layout(struct measured *m) {
  bool layered = m->measuring->name == MEASURE_LAYERED;
  size_t count = m->view->entities.count;
  igraph_t graph;
  igraph_matrix_t places;
  igraph_vector_int_t layers;
  IGRAPH_CHECK(make(m, true, layered, IGRAPH_DIRECTED, &graph));
  IGRAPH_MATRIX_INIT_FINALLY(&places, (igraph_integer_t)count, 2);
  IGRAPH_VECTOR_INT_INIT_FINALLY(&layers, (igraph_integer_t)count);
  if (layered) {
    for (size_t v = 0; v < count; v++) VECTOR(layers)[v] = m->layer[v];
    IGRAPH_CHECK(SUGIYAMA(&graph, &places, &layers));
  } else {
    /* from places of our own and a seed of our own, so that it is the same each time: on a spiral */
    igraph_rng_seed(igraph_rng_default(), 1);
    for (size_t v = 0; v < count; v++) {
      double angle = 2.399963229728653 * (double)v, radius = sqrt((double)v);
      MATRIX(places, v, 0) = radius * cos(angle);
      MATRIX(places, v, 1) = radius * sin(angle);
    }
    IGRAPH_CHECK(igraph_layout_fruchterman_reingold(&graph, &places, true, 300, sqrt((double)count + 1),
                                                    IGRAPH_LAYOUT_AUTOGRID, NULL, NULL, NULL, NULL, NULL));
  }
  for (size_t v = 0; v < count; v++) { /* rows after these are bends */
    m->values[2 * v] = MATRIX(places, v, 0);
    m->values[2 * v + 1] = MATRIX(places, v, 1);
  }
  igraph_vector_int_destroy(&layers);
  igraph_matrix_destroy(&places);
  igraph_destroy(&graph);
  IGRAPH_FINALLY_CLEAN(3);
  return IGRAPH_SUCCESS;
}

static igraph_error_t measure(void *context) {
  struct measured *m = context;
  switch (m->measuring->name) {
  case MEASURE_DEGREE: return degree(m);
  case MEASURE_COMPONENTS: return components(m);
  case MEASURE_ARTICULATION: return articulation(m);
  case MEASURE_COMMUNITIES: return communities(m);
  case MEASURE_LAYERED:
  case MEASURE_FORCE: return layout(m);
  default: return centrality(m);
  }
}

/* PageRank by turns, in order of id: igraph's solver is C++ and cannot be stopped. Rank that ends in vertices without a
 * way out is spread over all. */
static bool pagerank(struct measured *m, struct control *control, struct failure *failure) {
  enum { TURNS = 1000 };
  struct memory *memory = m->view->memory;
  size_t count = m->view->entities.count;
  double damping = m->measuring->damping, change = 1;
  double *next = memory_zeroed(memory, count + 1, sizeof *next), *out = memory_zeroed(memory, count + 1, sizeof *out);
  bool fine = (next && out) || fail_memory(failure, memory);
  for (size_t i = 0; i < m->view->edges.count && fine; i++) out[m->view->edges.items[i].from]++;
  for (size_t v = 0; v < count; v++) m->values[v] = 1 / (double)count;
  for (int turn = 0; turn < TURNS && fine && change > 1e-12; turn++) {
    double lost = 0;
    fine = control_checkpoint(control, turn, TURNS, "working out the PageRank", failure);
    for (size_t v = 0; v < count && fine; v++) next[v] = 0;
    for (size_t v = 0; v < count && fine; v++)
      if (out[v] == 0) lost += m->values[v];
    for (size_t i = 0; i < m->view->edges.count && fine; i++) {
      const struct view_edge *edge = &m->view->edges.items[i];
      next[edge->to] += m->values[edge->from] / out[edge->from];
    }
    change = 0;
    for (size_t v = 0; v < count && fine; v++) {
      double rank = (1 - damping) / (double)count + damping * (next[v] + lost / (double)count);
      change += fabs(rank - m->values[v]);
      m->values[v] = rank;
    }
  }
  memory_free(memory, next, (count + 1) * sizeof *next);
  memory_free(memory, out, (count + 1) * sizeof *out);
  return fine;
}

/* The layer of each vertex: the longest way to it over strong components, whose members share one. dummies: rows that
 * the layout makes for edges over several layers. */
static bool find_layers(struct measured *m, double *dummies, struct control *control, struct failure *failure) {
  const struct view *view = m->view;
  struct memory *memory = view->memory;
  size_t count = view->entities.count;
  struct measuring strong = {.name = MEASURE_COMPONENTS, .direction = DIRECTION_OUT, .force = true};
  struct measured parts = {.view = view, .measuring = &strong};
  uint32_t *open = memory_zeroed(memory, count + 1, sizeof *open), *of = memory_zeroed(memory, count + 1, sizeof *of);
  parts.values = memory_zeroed(memory, count + 1, sizeof *parts.values);
  m->layer = memory_zeroed(memory, count + 1, sizeof *m->layer);
  bool fine = (open && of && parts.values && m->layer) || fail_memory(failure, memory);
  fine = fine && guard_run(measure, &parts, control, failure);
  /* open: the layer of a component. A pass over the edges lifts what stands too low; as many as there are layers. */
  for (size_t v = 0; v < count && fine; v++) of[v] = (uint32_t)parts.values[v];
  bool lifted = true;
  for (size_t pass = 0; fine && lifted; pass++) {
    lifted = false;
    fine = control_checkpoint(control, (double)pass, 0, "finding the layers", failure);
    if (pass == LAYERS_MOST) fine = fail(failure, FAILURE_LIMIT, "it has more than %d layers to place", LAYERS_MOST);
    for (size_t i = 0; i < view->edges.count && fine; i++) {
      uint32_t a = of[view->edges.items[i].from], b = of[view->edges.items[i].to];
      if (a == b || open[b] > open[a]) continue;
      open[b] = open[a] + 1;
      lifted = true;
    }
  }
  *dummies = (double)count;
  for (size_t v = 0; v < count && fine; v++) m->layer[v] = open[of[v]];
  for (size_t i = 0; i < view->edges.count && fine; i++) {
    uint32_t a = m->layer[view->edges.items[i].from], b = m->layer[view->edges.items[i].to];
    if (b > a) *dummies += b - a - 1;
  }
  memory_free(memory, open, (count + 1) * sizeof *open);
  memory_free(memory, of, (count + 1) * sizeof *of);
  memory_free(memory, parts.values, (count + 1) * sizeof *parts.values);
  return fine;
}

/* Seconds that igraph could not be stopped in. */
static double estimate(const struct view *view, enum measure_name name, double rows) {
  double size = (double)(view->entities.count + view->edges.count), made = size * 0.4e-6;
  switch (name) {
  case MEASURE_COMPONENTS: return made + size * 0.4e-6;
  case MEASURE_ARTICULATION: return made + size * 0.6e-6;
  case MEASURE_LAYERED: return made + rows * 60e-6;
  default: return made;
  }
}

bool view_measure(const struct view *view, const struct measuring *measuring, double *values, size_t *total,
                  double *quality, struct control *control, struct failure *failure) {
  static const char *const what[] = {
      "the degrees",         "the betweenness",         "the closeness",   "the PageRank",
      "the components",      "the articulation points", "the communities", "placing it layer by layer",
      "placing it by forces"};
  struct measured m = {.view = view, .measuring = measuring, .values = values};
  double rows = 0;
  bool fine = true;
  memset(values, 0, view->entities.count * (measuring->name >= MEASURE_LAYERED ? 2 : 1) * sizeof *values);
  *total = 0;
  *quality = 0;
  if (view->entities.count == 0) return true;
  if (measuring->name == MEASURE_PAGERANK) return pagerank(&m, control, failure);
  if (measuring->name == MEASURE_LAYERED)
    fine = guard_admits(estimate(view, MEASURE_COMPONENTS, 0), what[measuring->name], measuring->force, failure) &&
           find_layers(&m, &rows, control, failure);
  fine = fine &&
         guard_admits(estimate(view, measuring->name, rows), what[measuring->name], measuring->force, failure) &&
         guard_run(measure, &m, control, failure);
  if (m.layer) memory_free(view->memory, m.layer, (view->entities.count + 1) * sizeof *m.layer);
  *total = m.total;
  *quality = m.quality;
  return fine;
}
