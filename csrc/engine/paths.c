#include "paths.h"

#include <string.h>

#include "sort.h"

#define LINK_NONE UINT32_MAX

/* What a vertex is to the search that runs. Marks are numbers of searches: nothing has to be cleared. */
struct mark {
  uint32_t on_prefix;       /* may not be passed */
  uint32_t reached, depth;  /* by the search for the length */
  uint32_t dead, dead_from; /* from this depth on it leads nowhere */
};

/* What a path is ranked by. */
struct rank {
  uint32_t share, length;
  uint8_t reliance;
};

/* A path that was found, before its turn. Its steps lead back from the entity. */
struct candidate {
  size_t first, count; /* in `trail` */
  uint32_t left_at;    /* the first step that is its own */
  uint32_t barred;     /* steps that others took there, in `bars` */
  struct rank rank;
};

struct bar {
  uint32_t step, next;
};

struct queued { /* by value, best first */
  uint64_t value;
  uint32_t vertex, depth;
};

struct search {
  struct backward backward;
  struct memory *memory;
  struct control *control;
  struct failure *failure;
  enum weight weight;
  uint32_t root;
  struct vector_of(struct mark) marks; /* by vertex */
  struct vector_of(struct candidate) candidates;
  struct vector_of(uint32_t) heap; /* candidates, the best on top */
  struct vector_of(uint32_t) trail;
  struct vector_of(struct bar) bars;
  struct vector_of(struct queued) queue;
  struct vector_of(struct queued) stack; /* value: the step taken next, as a number in its vertex */
  struct vector_of(uint32_t) way;        /* steps of the way on */
  uint32_t number, round;                /* of the vertex that is left, and of the search that runs */
  size_t looked;
  struct rank least; /* steps below this are not taken */
};

static bool no_memory(struct search *s) { return fail_memory(s->failure, s->memory); }

static bool expand(struct search *s, uint32_t vertex) {
  if ((++s->looked & 1023) == 0 &&
      !control_checkpoint(s->control, (double)s->looked, 0, "looking for paths", s->failure))
    return false;
  if (!backward_expand(&s->backward, vertex)) return no_memory(s);
  size_t count = s->backward.vertices.count;
  if (s->marks.count >= count) return true;
  if (!vector_reserve(s->memory, &s->marks, count - s->marks.count)) return no_memory(s);
  memset(s->marks.items + s->marks.count, 0, (count - s->marks.count) * sizeof *s->marks.items);
  s->marks.count = count;
  return true;
}

/* ---- a queue, the smallest value on top; of equals the vertex that was made first ---- */

static bool comes_before(const struct queued *a, const struct queued *b) {
  return a->value != b->value ? a->value < b->value : a->vertex < b->vertex;
}

static bool put(struct search *s, uint64_t value, uint32_t vertex, uint32_t depth) {
  struct queued item = {value, vertex, depth};
  if (!vector_push(s->memory, &s->queue, item)) return no_memory(s);
  struct queued *heap = s->queue.items;
  for (size_t i = s->queue.count - 1; i > 0 && comes_before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2) {
    struct queued swap = heap[i];
    heap[i] = heap[(i - 1) / 2];
    heap[(i - 1) / 2] = swap;
  }
  return true;
}

static struct queued take(struct search *s) {
  struct queued *heap = s->queue.items, top = heap[0];
  size_t count = --s->queue.count;
  heap[0] = heap[count];
  for (size_t i = 0, child; (child = 2 * i + 1) < count; i = child) {
    if (child + 1 < count && comes_before(&heap[child + 1], &heap[child])) child++;
    if (!comes_before(&heap[child], &heap[i])) break;
    struct queued swap = heap[i];
    heap[i] = heap[child];
    heap[child] = swap;
  }
  return top;
}

/* ---- the way on from a vertex ---- */

struct spur {
  uint32_t vertex, barred;
};

static bool is_barred(const struct search *s, const struct spur *spur, uint32_t step) {
  for (uint32_t b = spur->barred; b != LINK_NONE; b = s->bars.items[b].next)
    if (s->bars.items[b].step == step) return true;
  return false;
}

static bool may_take(const struct search *s, const struct spur *spur, uint32_t from, uint32_t number) {
  const struct back_step *step = &s->backward.steps.items[number];
  return step->share >= s->least.share && step->reliance >= s->least.reliance &&
         s->marks.items[step->vertex].on_prefix != s->number && !(from == spur->vertex && is_barred(s, spur, number));
}

static uint32_t weight_of(const struct back_step *step) { return step->relation != RELATION_NONE; }

/* How long the shortest way is; UINT32_MAX: there is none. */
static bool shortest(struct search *s, const struct spur *spur, uint32_t *length) {
  *length = UINT32_MAX;
  s->queue.count = 0;
  s->round++;
  if (!expand(s, spur->vertex)) return false;
  s->marks.items[spur->vertex].reached = s->round;
  s->marks.items[spur->vertex].depth = 0;
  if (!put(s, s->backward.vertices.items[spur->vertex].least, spur->vertex, 0)) return false;
  while (s->queue.count > 0) {
    struct queued top = take(s);
    if (top.vertex == BACKWARD_RESTRICTION) {
      *length = top.depth;
      return true;
    }
    if (s->marks.items[top.vertex].depth < top.depth) continue; /* reached sooner since */
    if (!expand(s, top.vertex)) return false;
    struct back_vertex vertex = s->backward.vertices.items[top.vertex];
    for (uint32_t i = vertex.first_step; i < vertex.first_step + vertex.steps; i++) {
      if (!may_take(s, spur, top.vertex, i)) continue;
      const struct back_step *step = &s->backward.steps.items[i];
      struct mark *mark = &s->marks.items[step->vertex];
      uint32_t depth = top.depth + weight_of(step);
      if (mark->reached == s->round && mark->depth <= depth) continue;
      mark->reached = s->round;
      mark->depth = depth;
      if (!put(s, (uint64_t)depth + s->backward.vertices.items[step->vertex].least, step->vertex, depth)) return false;
    }
  }
  return true;
}

/* The largest least share (or else reliance) that a way on can have, of steps that may be taken. any: is there a way?
 */
static bool widest(struct search *s, const struct spur *spur, bool by_share, uint32_t *value, bool *any) {
  uint32_t most = by_share ? SHARE_WHOLE : RELIANCE_STRONGEST;
  *any = false;
  s->queue.count = 0;
  s->round++;
  if (!expand(s, spur->vertex)) return false;
  s->marks.items[spur->vertex].reached = s->round;
  s->marks.items[spur->vertex].depth = most;
  if (!put(s, 0, spur->vertex, most)) return false;
  while (s->queue.count > 0) {
    struct queued top = take(s);
    if (top.vertex == BACKWARD_RESTRICTION) {
      *any = true;
      *value = top.depth;
      return true;
    }
    if (s->marks.items[top.vertex].depth > top.depth) continue;
    if (!expand(s, top.vertex)) return false;
    struct back_vertex vertex = s->backward.vertices.items[top.vertex];
    for (uint32_t i = vertex.first_step; i < vertex.first_step + vertex.steps; i++) {
      if (!may_take(s, spur, top.vertex, i)) continue;
      const struct back_step *step = &s->backward.steps.items[i];
      struct mark *mark = &s->marks.items[step->vertex];
      uint32_t width = by_share ? step->share : step->reliance;
      if (width > top.depth) width = top.depth;
      if (mark->reached == s->round && mark->depth >= width) continue;
      mark->reached = s->round;
      mark->depth = width;
      uint64_t order = (uint64_t)(most - width) << 32 | s->backward.vertices.items[step->vertex].least;
      if (!put(s, order, step->vertex, width)) return false;
    }
  }
  return true;
}

/* The first shortest way in order of relation, by trying: a vertex that led nowhere within what was left is not tried
 * again with less. */
static bool first_way(struct search *s, const struct spur *spur, uint32_t length) {
  struct queued start = {0, spur->vertex, 0};
  s->stack.count = s->way.count = 0;
  s->round++;
  if (!vector_push(s->memory, &s->stack, start)) return no_memory(s);
  while (s->stack.count > 0) {
    struct queued *top = &s->stack.items[s->stack.count - 1];
    if (top->vertex == BACKWARD_RESTRICTION) return true;
    if (!expand(s, top->vertex)) return false;
    const struct back_vertex *vertex = &s->backward.vertices.items[top->vertex];
    bool deeper = false;
    while (top->value < vertex->steps && !deeper) {
      uint32_t number = vertex->first_step + (uint32_t)top->value++;
      const struct back_step *step = &s->backward.steps.items[number];
      const struct mark *mark = &s->marks.items[step->vertex];
      uint32_t depth = top->depth + weight_of(step);
      if (!may_take(s, spur, top->vertex, number) || depth > length ||
          s->backward.vertices.items[step->vertex].least > length - depth ||
          (mark->dead == s->round && mark->dead_from <= depth))
        continue;
      struct queued next = {0, step->vertex, depth};
      deeper = true;
      if (!vector_push(s->memory, &s->way, number) || !vector_push(s->memory, &s->stack, next)) return no_memory(s);
    }
    if (deeper) continue;
    top = &s->stack.items[s->stack.count - 1];
    struct mark *mark = &s->marks.items[top->vertex];
    if (mark->dead != s->round || mark->dead_from > top->depth) mark->dead_from = top->depth;
    mark->dead = s->round;
    s->stack.count--;
    if (s->way.count > 0) s->way.count--;
  }
  return true;
}

/* ---- candidates ---- */

static bool better_rank(const struct rank *a, const struct rank *b, bool *equal) {
  *equal = false;
  if (a->share != b->share) return a->share > b->share;
  if (a->reliance != b->reliance) return a->reliance > b->reliance;
  if (a->length != b->length) return a->length < b->length;
  *equal = true;
  return false;
}

static bool better(const struct search *s, uint32_t a, uint32_t b) {
  const struct candidate *x = &s->candidates.items[a], *y = &s->candidates.items[b];
  bool equal, first = better_rank(&x->rank, &y->rank, &equal);
  if (!equal) return first;
  for (size_t i = 0; i < x->count && i < y->count; i++) { /* steps of one vertex are in order */
    uint32_t p = s->trail.items[x->first + i], q = s->trail.items[y->first + i];
    if (p != q) return p < q;
  }
  return a < b;
}

static bool push_candidate(struct search *s, uint32_t candidate) {
  if (!vector_push(s->memory, &s->heap, candidate)) return no_memory(s);
  uint32_t *heap = s->heap.items;
  for (size_t i = s->heap.count - 1; i > 0 && better(s, heap[i], heap[(i - 1) / 2]); i = (i - 1) / 2) {
    uint32_t swap = heap[i];
    heap[i] = heap[(i - 1) / 2];
    heap[(i - 1) / 2] = swap;
  }
  return true;
}

static uint32_t pop_candidate(struct search *s) {
  uint32_t *heap = s->heap.items, top = heap[0];
  size_t count = --s->heap.count;
  heap[0] = heap[count];
  for (size_t i = 0, child; (child = 2 * i + 1) < count; i = child) {
    if (child + 1 < count && better(s, heap[child + 1], heap[child])) child++;
    if (!better(s, heap[child], heap[i])) break;
    uint32_t swap = heap[i];
    heap[i] = heap[child];
    heap[child] = swap;
  }
  return top;
}

static void weaken(struct search *s, struct rank *rank, uint32_t number) {
  const struct back_step *step = &s->backward.steps.items[number];
  rank->length += weight_of(step);
  if (s->weight == WEIGHT_STEPS) return;
  if (step->share < rank->share) rank->share = step->share;
  if (step->reliance < rank->reliance) rank->reliance = step->reliance;
}

/* The best way on from a vertex, into s->way; found false: there is none. prefix: rank of the way to it. */
static bool way_on(struct search *s, const struct spur *spur, const struct rank *prefix, bool *found) {
  uint32_t length, width;
  s->least = (struct rank){0, 0, 0};
  if (s->weight == WEIGHT_STRONGEST) s->least = *prefix; /* mostly it can go on as strong as it came */
  if (!shortest(s, spur, &length)) return false;
  if (length == UINT32_MAX && s->weight == WEIGHT_STRONGEST) {
    s->least = (struct rank){0, 0, 0};
    if (!widest(s, spur, true, &width, found)) return false;
    if (!*found) return true;
    s->least.share = width < prefix->share ? width : prefix->share;
    if (!widest(s, spur, false, &width, found)) return false;
    s->least.reliance = width < prefix->reliance ? (uint8_t)width : prefix->reliance;
    if (!shortest(s, spur, &length)) return false;
  }
  *found = length != UINT32_MAX;
  return !*found || first_way(s, spur, length);
}

/* Leave a path (the first `at` steps of it) at its vertex `at` for the best way on, past barred steps. */
static bool leave(struct search *s, const uint32_t *steps, uint32_t at, uint32_t vertex, uint32_t barred,
                  const struct rank *prefix) {
  struct spur spur = {vertex, barred};
  bool found;
  if (!way_on(s, &spur, prefix, &found)) return false;
  if (!found) return true;
  struct candidate fresh = {s->trail.count, at + s->way.count, at, barred, *prefix};
  for (size_t i = 0; i < s->way.count; i++) weaken(s, &fresh.rank, s->way.items[i]);
  size_t offset = steps ? (size_t)(steps - s->trail.items) : 0;
  if (!vector_reserve(s->memory, &s->trail, fresh.count)) return no_memory(s);
  for (uint32_t i = 0; i < at; i++) s->trail.items[s->trail.count++] = s->trail.items[offset + i];
  for (size_t i = 0; i < s->way.count; i++) s->trail.items[s->trail.count++] = s->way.items[i];
  if (!vector_push(s->memory, &s->candidates, fresh)) return no_memory(s);
  return push_candidate(s, (uint32_t)s->candidates.count - 1);
}

/* Leave a path that has had its turn at each vertex from where it became its own. */
static bool branch(struct search *s, uint32_t number) {
  struct candidate path = s->candidates.items[number];
  struct rank rank = {SHARE_WHOLE, 0, RELIANCE_STRONGEST};
  uint32_t vertex = s->root;
  s->number++;
  for (uint32_t at = 0; at < path.count; at++) {
    uint32_t step = s->trail.items[path.first + at];
    if (at >= path.left_at) {
      struct bar bar = {step, at == path.left_at ? path.barred : LINK_NONE};
      uint32_t barred = (uint32_t)s->bars.count, bars = 1;
      if (!vector_push(s->memory, &s->bars, bar)) return no_memory(s);
      for (uint32_t b = bar.next; b != LINK_NONE; b = s->bars.items[b].next) bars++;
      if (bars < s->backward.vertices.items[vertex].steps &&
          !leave(s, s->trail.items + path.first, at, vertex, barred, &rank))
        return false;
    }
    s->marks.items[vertex].on_prefix = s->number;
    weaken(s, &rank, step);
    vertex = s->backward.steps.items[step].vertex;
  }
  return true;
}

/* ---- what comes out ---- */

/* The path as steps of a proof from the target on. */
static bool write_path(struct search *s, struct paths *paths, const struct candidate *path) {
  struct found_path out = {paths->steps.count, 0, path->rank.length, SHARE_WHOLE, RELIANCE_STRONGEST};
  for (size_t i = path->count; i-- > 0;) {
    const struct back_step *step = &s->backward.steps.items[s->trail.items[path->first + i]];
    const struct standing *from = &s->backward.vertices.items[step->vertex].standing;
    uint32_t next = i == 0 ? s->root : s->backward.steps.items[s->trail.items[path->first + i - 1]].vertex;
    if (step->share < out.share) out.share = step->share;
    if (step->reliance < out.reliance) out.reliance = step->reliance;
    struct proof_step made = {step->relation, s->backward.vertices.items[next].standing.entity, false};
    if (step->relation == RELATION_NONE && from->role != ROLE_RESTRICTION) continue;
    if (from->role == ROLE_SIGNED) { /* to the party, by the contract that led to the user */
      made.party = true;
      made.relation = paths->steps.items[paths->steps.count - 1].relation;
    }
    if (!vector_push(s->memory, &paths->steps, made)) return no_memory(s);
  }
  out.count = paths->steps.count - out.first;
  return vector_push(s->memory, &paths->paths, out) || no_memory(s);
}

/* Is an entity passed twice in one role? The search forbids most of it, but not at two tiers, or signed and not. */
static bool has_loop(struct search *s, const struct candidate *path) {
  uint32_t before = s->root;
  for (size_t i = 0; i < path->count; i++) {
    const struct standing *a = &s->backward.vertices.items[before].standing;
    uint32_t after = before;
    for (size_t k = i; k < path->count; k++) {
      after = s->backward.steps.items[s->trail.items[path->first + k]].vertex;
      const struct standing *b = &s->backward.vertices.items[after].standing;
      bool flow = (a->role == ROLE_FLOW || a->role == ROLE_SIGNED) && (b->role == ROLE_FLOW || b->role == ROLE_SIGNED);
      if (a->entity == b->entity && (a->role == b->role || flow)) return true;
    }
    before = s->backward.steps.items[s->trail.items[path->first + i]].vertex;
  }
  return false;
}

static bool same_relations(const struct paths *paths, size_t a, size_t b) {
  const struct found_path *x = &paths->paths.items[a], *y = &paths->paths.items[b];
  if (x->count != y->count || x->length != y->length) return false;
  for (size_t i = x->count; i-- > 0;)
    if (paths->steps.items[x->first + i].relation != paths->steps.items[y->first + i].relation ||
        paths->steps.items[x->first + i].entity != paths->steps.items[y->first + i].entity)
      return false;
  return true;
}

/* Takes back the last path when one from `first` on has the same relations. */
static bool repeated(struct paths *paths, size_t first) {
  size_t last = paths->paths.count - 1;
  for (size_t i = last; i-- > first;) {
    if (!same_relations(paths, i, last)) continue;
    paths->steps.count = paths->paths.items[last].first;
    paths->paths.count = last;
    return true;
  }
  return false;
}

static void close_search(struct search *s) {
  backward_close(&s->backward);
  vector_free(s->memory, &s->marks);
  vector_free(s->memory, &s->candidates);
  vector_free(s->memory, &s->heap);
  vector_free(s->memory, &s->trail);
  vector_free(s->memory, &s->bars);
  vector_free(s->memory, &s->queue);
  vector_free(s->memory, &s->stack);
  vector_free(s->memory, &s->way);
}

enum { COUNTED = 100000 }; /* vertices that counting all paths may look at */

/* Appends up to `most` paths under one act, and one more when there is one: that makes `more` known. */
static bool find_under(struct paths *paths, const struct exposure *exposure, const struct stage_result *result,
                       enum reading reading, struct standing standing, size_t most, enum weight weight, double *total,
                       struct control *control, struct failure *failure) {
  struct search s = {.memory = paths->memory, .control = control, .failure = failure, .weight = weight, .number = 1};
  struct rank rank = {SHARE_WHOLE, 0, RELIANCE_STRONGEST};
  size_t first = paths->paths.count;
  bool fine = (backward_open(&s.backward, exposure, result, reading, s.memory) &&
               backward_vertex(&s.backward, standing, &s.root)) ||
              no_memory(&s);
  bool loops = fine && (s.backward.lineage.by_tier || s.backward.lineage.contracts.count > 0);
  fine =
      fine && (s.backward.vertices.items[s.root].least == UINT32_MAX || leave(&s, NULL, 0, s.root, LINK_NONE, &rank));
  while (fine && s.heap.count > 0 && paths->paths.count - first <= most) {
    uint32_t next = pop_candidate(&s);
    struct candidate path = s.candidates.items[next];
    fine = branch(&s, next);
    if (!fine || (loops && has_loop(&s, &path))) continue;
    fine = write_path(&s, paths, &path);
    if (fine) (void)repeated(paths, first);
  }
  *total = (double)(paths->paths.count - first);
  bool plain = !loops && exposure->acts.items[result->act].policy.flow != FLOW_ANY; /* each way is a path of its own */
  if (fine && paths->paths.count - first > most) {
    *total = -1;
    if (plain) fine = backward_count(&s.backward, s.root, COUNTED, total) || no_memory(&s);
  }
  close_search(&s);
  return fine;
}

/* ---- several acts ---- */

static int in_order(const void *context, uint32_t a, uint32_t b) {
  const struct paths *paths = context;
  const struct found_path *x = &paths->paths.items[a], *y = &paths->paths.items[b];
  if (paths->weight == WEIGHT_STRONGEST && x->share != y->share) return x->share > y->share ? -1 : 1;
  if (paths->weight == WEIGHT_STRONGEST && x->reliance != y->reliance) return x->reliance > y->reliance ? -1 : 1;
  if (x->length != y->length) return x->length < y->length ? -1 : 1;
  for (size_t i = x->count, k = y->count; i > 0 && k > 0; i--, k--) {
    uint32_t r = paths->steps.items[x->first + i - 1].relation, t = paths->steps.items[y->first + k - 1].relation;
    if (r != t) return r < t ? -1 : 1;
  }
  return x->count != y->count ? (x->count < y->count ? -1 : 1) : (a > b) - (a < b);
}

/* The paths under all acts in one order, each once, at most `most`. */
static bool merge(struct paths *paths, size_t most) {
  size_t count = paths->paths.count, kept = 0;
  uint32_t *order = memory_zeroed(paths->memory, count + 1, sizeof *order);
  uint32_t *spare = memory_zeroed(paths->memory, count + 1, sizeof *spare);
  struct found_path *sorted = memory_zeroed(paths->memory, count + 1, sizeof *sorted);
  bool fine = order && spare && sorted;
  for (uint32_t i = 0; i < count && fine; i++) order[i] = i;
  if (fine && count) sort_numbers(order, spare, count, in_order, paths);
  for (size_t i = 0; i < count && fine; i++) sorted[i] = paths->paths.items[order[i]];
  for (size_t i = 0; i < count && fine; i++) { /* equal ones need not be neighbours: they may start elsewhere */
    paths->paths.items[kept] = sorted[i];
    bool known = false;
    for (size_t k = kept; k-- > 0 && !known && paths->paths.items[k].length == sorted[i].length;)
      known = same_relations(paths, k, kept);
    kept += !known;
  }
  if (fine) paths->paths.count = kept < most ? kept : most;
  paths->truncated = paths->truncated || kept > most;
  memory_free(paths->memory, order, (count + 1) * sizeof *order);
  memory_free(paths->memory, spare, (count + 1) * sizeof *spare);
  memory_free(paths->memory, sorted, (count + 1) * sizeof *sorted);
  return fine;
}

/* Where the proofs of the entity end under an act; false: it has none there. acts: those that were looked at. */
static bool standing_of(const struct exposure *exposure, uint32_t entity, size_t number, enum reading *reading,
                        struct standing *standing) {
  const struct stage_result *result = &exposure->results.items[number];
  const struct parent_row *parent = exposure_parent(exposure, entity);
  const struct user_row *user = exposure_user(exposure, entity);
  const struct restricted_row *restricted = exposure_restricted(exposure, entity);
  *standing = (struct standing){entity, 0, 0, ROLE_CHAIN};
  if (parent) {
    uint32_t node = places_find(&result->climb.places, entity);
    *reading = (enum reading)parent->reading;
    return result->measure == (enum measure)parent->measure && node != PLACE_NONE &&
           result->ascent[*reading][node].steps != UINT32_MAX;
  }
  if (user) {
    *reading = (enum reading)user->reading;
    standing->role = ROLE_FLOW;
    return result->measure == (enum measure)user->measure &&
           places_find(&result_flow(result, *reading)->places, entity) != PLACE_NONE;
  }
  if (!restricted) return false;
  *reading = (enum reading)restricted->reading;
  standing->role = ROLE_RESTRICTED;
  for (size_t i = 0; i < number; i++)
    if (exposure->results.items[i].act == result->act) return false;
  return cascade_caught(&exposure->cascades[result->act][*reading], entity);
}

bool paths_find(struct paths *paths, const struct exposure *exposure, uint32_t entity, size_t most, enum weight weight,
                bool *found, struct memory *memory, struct control *control, struct failure *failure) {
  *paths = (struct paths){.memory = memory, .weight = weight};
  bool fine = true, counted = true;
  size_t acts = 0;
  *found =
      exposure_parent(exposure, entity) || exposure_user(exposure, entity) || exposure_restricted(exposure, entity);
  for (size_t i = 0; i < exposure->results.count && fine && *found; i++) {
    enum reading reading;
    struct standing standing;
    double total;
    if (!standing_of(exposure, entity, i, &reading, &standing)) continue;
    size_t before = paths->paths.count, last = before;
    const struct stage_result *result = &exposure->results.items[i];
    bool by_tier = standing.role == ROLE_FLOW && exposure->acts.items[result->act].policy.flow == FLOW_USE &&
                   result_flow(result, reading)->tiers > 1 &&
                   result_flow(result, reading)->tiers < result_flow(result, reading)->reached.count;
    uint32_t tiers = by_tier ? result_flow(result, reading)->tiers : 1;
    for (uint32_t tier = 1; tier <= tiers && fine; tier++) { /* a user is reached at any tier */
      if (by_tier) standing.tier = tier;
      fine = find_under(paths, exposure, result, reading, standing, most, weight, &total, control, failure);
      paths->truncated = paths->truncated || (fine && paths->paths.count - last > most);
      last = paths->paths.count;
    }
    counted = counted && !by_tier;
    acts++;
    paths->total = total;
  }
  if (!fine) return false;
  if (!merge(paths, most)) return fail_memory(failure, memory);
  if (!paths->truncated) paths->total = (double)paths->paths.count;
  else if (acts > 1 || !counted) paths->total = -1;
  return true;
}

void paths_close(struct paths *paths) {
  if (!paths->memory) return;
  vector_free(paths->memory, &paths->steps);
  vector_free(paths->memory, &paths->paths);
  paths->memory = NULL;
}
