#include "condense.h"

#include <string.h>

#include "adjacency.h"

#define ASSIGNED UINT32_C(0x80000000) /* bit of an entity whose component is known */

/* While it is made: who harm comes from, by entity, arrow by arrow. */
struct origins {
  uint32_t *start, *from;
  size_t count;
  uint64_t *passes; /* bit: something comes from the entity */
};

struct making {
  struct condense *condense;
  struct control *control;
  struct failure *failure;
  struct origins origins;
  struct entity_list passing; /* entities that pass harm on */
};

void condense_close(struct condense *condense) {
  struct memory *memory = &condense->memory;
  if (!condense->overlay) return;
  size_t n = condense->overlay->network->entity_count;
  memory_free(memory, condense->component, (n + 1) * sizeof *condense->component);
  memory_free(memory, condense->start, (n + 2) * sizeof *condense->start);
  memory_free(memory, condense->light, n + 1);
  vector_free(memory, &condense->pull);
  vector_free(memory, &condense->heavies);
  condense->overlay = NULL;
}

static bool stopped(struct making *making, size_t done, size_t all) {
  return (done & 131071) == 0 &&
         !control_checkpoint(making->control, (double)done, (double)all, "condensing the network", making->failure);
}

/* ---- arrows: a counting sort of everything harm travels along, by where it arrives ---- */

enum { AHEAD = 24 }; /* what is looked up at random is asked for so many arrows early */

/* Count an arrow, or put it where it belongs. */
static inline void add_arrow(struct making *making, uint32_t source, uint32_t target, bool put) {
  struct origins *origins = &making->origins;
  if (put) {
    origins->from[origins->start[target + 1]++] = source;
    return;
  }
  origins->start[target + 2]++;
  origins->count++;
}

/* Every arrow, by source. */
static inline bool each_arrow(struct making *making, bool put) {
  const struct condense *condense = making->condense;
  const struct overlay *overlay = condense->overlay;
  const struct network *network = overlay->network;
  const uint64_t *nothing = condense->chains->nothing[condense->reading], *mask = overlay->mask;
  const uint32_t *start = making->origins.start, *to = network->to, *up_from = network->up_from;
  size_t outward = network->relation_count, upward = network->up_count;
  for (uint32_t e = 0; e < network->entity_count; e++) {
    size_t before = making->origins.count;
    if (stopped(making, e, network->entity_count)) return false;
    for (uint32_t r = network->out_start[e]; r < network->out_start[e + 1]; r++) {
      if (r + AHEAD < outward) __builtin_prefetch(&start[to[r + AHEAD] + 2], 1);
      if (harm_along(network_kind(network, r)) && (!mask || bit_at(mask, r)) && to[r] != e)
        add_arrow(making, e, to[r], put);
    }
    for (uint32_t u = network->up_start[e]; u < network->up_start[e + 1]; u++) {
      if (u + AHEAD < upward) __builtin_prefetch(&start[up_from[u + AHEAD] + 2], 1);
      if (up_from[u] != e && (!mask || bit_at(mask, network->up_relation[u])) && !(nothing && bit_at(nothing, u)))
        add_arrow(making, e, up_from[u], put);
    }
    if (!put && making->origins.count > before) bit_set(making->origins.passes, e);
  }
  for (size_t i = 0; i < overlay->added.count; i++) {
    const struct added_relation *added = &overlay->added.items[i];
    enum relation_kind kind = (enum relation_kind)(added->kind & RELATION_KIND);
    if (!added->in_force || added->from == added->to) continue;
    if (harm_along(kind)) {
      bit_set(making->origins.passes, added->from);
      add_arrow(making, added->from, added->to, put);
    }
    if (harm_against(overlay, condense->reading, (uint32_t)(outward + i), kind)) {
      bit_set(making->origins.passes, added->to);
      add_arrow(making, added->to, added->from, put);
    }
  }
  return true;
}

static bool sort_arrows(struct making *making) {
  struct condense *condense = making->condense;
  const struct overlay *overlay = condense->overlay;
  struct memory *memory = &condense->memory;
  struct origins *origins = &making->origins;
  size_t n = overlay->network->entity_count;
  origins->start = memory_zeroed(memory, n + 2, sizeof *origins->start);
  origins->passes = memory_zeroed(memory, n / 64 + 1, sizeof *origins->passes);
  if (!origins->start || !origins->passes) return fail_memory(making->failure, memory);
  uint32_t *start = origins->start;
  if (!each_arrow(making, false)) return false;
  if (origins->count >= UINT32_MAX) return fail(making->failure, FAILURE_LIMIT, "more relations than can be condensed");
  origins->from = memory_resize(memory, NULL, 0, (origins->count + 1) * sizeof *origins->from);
  if (!origins->from) return fail_memory(making->failure, memory);
  for (size_t e = 2; e < n + 2; e++) start[e] += start[e - 1];
  return each_arrow(making, true);
}

/* ---- strong components, against the arrows: where harm comes from is numbered first ---- */

struct step {
  uint32_t entity, at;
  bool root;
};
struct steps vector_of(struct step);

/* Pearce's form of Tarjan's algorithm without recursion. mark[e]: 0, the smallest index it leads back to, or the
 * component with ASSIGNED. Entities alone in their component, which most are, never enter the stack. */
static bool search(struct making *making, struct steps *path, struct entity_list *stack) {
  struct condense *condense = making->condense;
  struct memory *memory = &condense->memory;
  const struct origins *origins = &making->origins;
  uint32_t *mark = condense->component, index = 0, components = 0;
  for (size_t i = 0; i < making->passing.count; i++) {
    uint32_t root = making->passing.items[i];
    if (stopped(making, i, making->passing.count)) return false;
    if (mark[root]) continue;
    struct step first = {root, origins->start[root], true};
    mark[root] = ++index;
    if (!vector_push(memory, path, first)) return false;
    while (path->count > 0) {
      struct step *top = &path->items[path->count - 1];
      uint32_t entity = top->entity;
      if (top->at < origins->start[entity + 1]) {
        uint32_t before = origins->from[top->at++];
        if (mark[before] == 0) {
          if (origins->start[before] == origins->start[before + 1]) { /* nothing leads there */
            mark[before] = ASSIGNED | components++;
            continue;
          }
          struct step next = {before, origins->start[before], true};
          mark[before] = ++index;
          if (!vector_push(memory, path, next)) return false;
        } else if (mark[before] < mark[entity]) {
          mark[entity] = mark[before];
          top->root = false;
        }
        continue;
      }
      bool rooted = top->root;
      path->count--;
      if (rooted) {
        while (stack->count > 0 && mark[stack->items[stack->count - 1]] >= mark[entity])
          mark[stack->items[--stack->count]] = ASSIGNED | components;
        mark[entity] = ASSIGNED | components++;
        continue;
      }
      if (!vector_push(memory, stack, entity)) return false;
      struct step *below = &path->items[path->count - 1]; /* the first of a path is always a root */
      if (mark[entity] < mark[below->entity]) mark[below->entity] = mark[entity], below->root = false;
    }
  }
  condense->kept = components;
  return true;
}

static bool number_components(struct making *making) {
  struct condense *condense = making->condense;
  struct memory *memory = &condense->memory;
  const struct origins *origins = &making->origins;
  size_t n = condense->overlay->network->entity_count;
  struct steps path = {0};
  struct entity_list stack = {0};
  condense->component = memory_zeroed(memory, n + 1, sizeof *condense->component);
  bool fine = condense->component != NULL;
  for (uint32_t e = 0; e < n && fine; e++)
    if (bit_at(origins->passes, e)) fine = vector_push(memory, &making->passing, e);
  fine = fine && search(making, &path, &stack);
  for (uint32_t e = 0; e < n && fine; e++) {
    uint32_t *component = &condense->component[e];
    if (bit_at(origins->passes, e)) *component &= ~ASSIGNED;
    else *component = origins->start[e] < origins->start[e + 1] ? COMPONENT_SINK : COMPONENT_NONE;
  }
  vector_free(memory, &path);
  vector_free(memory, &stack);
  return fine || fail_memory(making->failure, memory); /* a checkpoint's own cause comes first */
}

/* ---- where each component's harm comes from ---- */

/* From here on arrows say the component they come from. */
static bool name_origins(struct making *making) {
  const uint32_t *component = making->condense->component;
  struct origins *origins = &making->origins;
  for (size_t i = 0; i < origins->count; i++) {
    if (stopped(making, i, origins->count)) return false;
    if (i + AHEAD < origins->count) __builtin_prefetch(&component[origins->from[i + AHEAD]]);
    origins->from[i] = component[origins->from[i]];
  }
  return true;
}

/* Adds the components that harm reaches the entity from, but `own`, each once. alone: no other entity is listed for the
 * same component. Then a short list is looked through; else mark[c] tells where c was seen: it holds the token. */
static void list_origins(struct making *making, uint32_t entity, bool alone, uint32_t own, uint32_t *mark,
                         uint32_t token) {
  enum { SHORT = 12 };
  const struct origins *origins = &making->origins;
  struct entity_list *pull = &making->condense->pull; /* there is room for every arrow */
  uint32_t first = origins->start[entity], end = origins->start[entity + 1];
  bool marked = !alone || end - first > SHORT;
  size_t before = pull->count;
  for (uint32_t i = first; i < end; i++) {
    uint32_t origin = origins->from[i];
    if (origin == own || (marked && mark[origin] == token)) continue;
    size_t seen = marked ? pull->count : before;
    while (seen < pull->count && pull->items[seen] != origin) seen++;
    if (seen < pull->count) continue;
    if (marked) mark[origin] = token;
    pull->items[pull->count++] = origin;
  }
}

/* Entities are listed out of their order: ask early for where their arrows are, then for these. */
static void ask_for(const struct origins *origins, const uint32_t *entities, size_t at, size_t count) {
  if (at + AHEAD < count) __builtin_prefetch(&origins->start[entities[at + AHEAD]]);
  if (at + AHEAD / 2 < count) __builtin_prefetch(&origins->from[origins->start[entities[at + AHEAD / 2]]]);
}

static bool list_kept(struct making *making, uint32_t *mark) {
  struct condense *condense = making->condense;
  struct memory *memory = &condense->memory;
  uint32_t kept = condense->kept;
  size_t count = making->passing.count;
  uint32_t *first = memory_zeroed(memory, (size_t)kept + 1, sizeof *first);
  uint32_t *bucket = memory_zeroed(memory, count + 1, sizeof *bucket);
  uint32_t *members = memory_zeroed(memory, count + 1, sizeof *members);
  bool fine = first && bucket && members;
  for (size_t i = 0; i < count && fine; i++) bucket[i] = condense->component[making->passing.items[i]];
  if (fine) adjacency_sort(bucket, NULL, count, kept, first, members);
  for (size_t i = 0; i < count && fine; i++) members[i] = making->passing.items[members[i]];
  for (uint32_t c = 0; c < kept && fine; c++) {
    struct heavy heavy = {.component = c};
    condense->start[c] = (uint32_t)condense->pull.count;
    if (stopped(making, c, kept)) {
      fine = false;
      break;
    }
    for (uint32_t m = first[c]; m < first[c + 1]; m++) {
      ask_for(&making->origins, members, m, count);
      list_origins(making, members[m], first[c + 1] - first[c] == 1, c, mark, c + 1);
      heavy.weight[weight_class(condense->chains, members[m])]++;
    }
    condense->light[c] = WEIGHT_CLASSES;
    if (first[c + 1] - first[c] == 1) condense->light[c] = (uint8_t)weight_class(condense->chains, members[first[c]]);
    else fine = vector_push(memory, &condense->heavies, heavy);
  }
  memory_free(memory, first, ((size_t)kept + 1) * sizeof *first);
  memory_free(memory, bucket, (count + 1) * sizeof *bucket);
  memory_free(memory, members, (count + 1) * sizeof *members);
  return fine;
}

/* A sink while sinks are brought in order. */
struct sink {
  uint32_t entity, latest; /* the greatest component harm comes from; those that share it stand together */
};

struct sinks {
  struct vector_of(struct sink) list[WEIGHT_CLASSES];
  uint32_t *folded[WEIGHT_CLASSES]; /* component -> sinks that are reached from it alone */
};

static bool sort_sinks(struct making *making, struct sinks *sinks) {
  struct condense *condense = making->condense;
  const struct origins *origins = &making->origins;
  size_t n = condense->overlay->network->entity_count;
  for (uint32_t e = 0; e < n; e++) {
    if (stopped(making, e, n)) return false;
    if (condense->component[e] != COMPONENT_SINK) continue;
    enum weight_class class = weight_class(condense->chains, e);
    struct sink sink = {e, 0};
    uint32_t earliest = UINT32_MAX;
    for (uint32_t i = origins->start[e]; i < origins->start[e + 1]; i++) {
      uint32_t origin = origins->from[i];
      if (origin > sink.latest) sink.latest = origin;
      if (origin < earliest) earliest = origin;
    }
    if (earliest == sink.latest) sinks->folded[class][earliest]++;
    else if (!vector_push(&condense->memory, &sinks->list[class], sink)) return false;
  }
  return true;
}

/* Sinks of one class, those with the same latest origin together. */
static bool list_sinks(struct making *making, struct sinks *sinks, enum weight_class class, uint32_t *mark) {
  struct condense *condense = making->condense;
  struct memory *memory = &condense->memory;
  size_t count = sinks->list[class].count;
  uint32_t *bucket = memory_zeroed(memory, count + 1, sizeof *bucket);
  uint32_t *order = memory_zeroed(memory, count + 1, sizeof *order);
  uint32_t *first = memory_zeroed(memory, (size_t)condense->kept + 1, sizeof *first);
  bool fine = bucket && order && first;
  for (size_t i = 0; i < count && fine; i++) bucket[i] = sinks->list[class].items[i].latest;
  if (fine && count) adjacency_sort(bucket, NULL, count, condense->kept, first, order);
  for (size_t i = 0; i < count && fine; i++) order[i] = sinks->list[class].items[order[i]].entity;
  for (size_t i = 0; i < count && fine; i++) {
    uint32_t number = condense->kept + condense->sinks++;
    ask_for(&making->origins, order, i, count);
    condense->start[number] = (uint32_t)condense->pull.count;
    fine = !stopped(making, i, count);
    list_origins(making, order[i], true, COMPONENT_NONE, mark, number + 1);
  }
  condense->class_end[class] = condense->kept + condense->sinks;
  memory_free(memory, bucket, (count + 1) * sizeof *bucket);
  memory_free(memory, order, (count + 1) * sizeof *order);
  memory_free(memory, first, ((size_t)condense->kept + 1) * sizeof *first);
  return fine;
}

/* Components that sinks were folded into weigh more. */
static bool weigh(struct condense *condense, const struct sinks *sinks) {
  struct memory *memory = &condense->memory;
  struct vector_of(struct heavy)
      before = {condense->heavies.items, condense->heavies.count, condense->heavies.capacity};
  condense->heavies.items = NULL;
  condense->heavies.count = condense->heavies.capacity = 0;
  bool fine = true;
  size_t at = 0;
  for (uint32_t c = 0; c < condense->kept && fine; c++) {
    struct heavy heavy = {.component = c};
    bool folded = false;
    if (condense->light[c] == WEIGHT_CLASSES) heavy = before.items[at++];
    else heavy.weight[condense->light[c]] = 1;
    for (int class = 0; class < WEIGHT_CLASSES; class ++) {
      folded = folded || sinks->folded[class][c] > 0;
      heavy.weight[class] += sinks->folded[class][c];
    }
    if (folded) condense->light[c] = WEIGHT_CLASSES;
    if (condense->light[c] == WEIGHT_CLASSES) fine = vector_push(memory, &condense->heavies, heavy);
  }
  vector_free(memory, &before);
  return fine;
}

static bool list_components(struct making *making) {
  struct condense *condense = making->condense;
  struct memory *memory = &condense->memory;
  size_t n = condense->overlay->network->entity_count, kept = condense->kept;
  struct sinks sinks = {0};
  uint32_t *mark = memory_zeroed(memory, kept + 1, sizeof *mark);
  condense->start = memory_zeroed(memory, n + 2, sizeof *condense->start);
  condense->light = memory_zeroed(memory, n + 1, 1);
  bool fine = mark && condense->start && condense->light &&
              vector_reserve(memory, &condense->pull, making->origins.count + CONDENSE_SPARE);
  for (int class = 0; class < WEIGHT_CLASSES && fine; class ++)
    fine = (sinks.folded[class] = memory_zeroed(memory, kept + 1, sizeof **sinks.folded)) != NULL;
  fine = fine && name_origins(making) && list_kept(making, mark) && sort_sinks(making, &sinks);
  for (enum weight_class class = WEIGHT_PLAIN; class < WEIGHT_CLASSES && fine; class ++)
    fine = list_sinks(making, &sinks, class, mark);
  fine = fine && weigh(condense, &sinks);
  if (fine) condense->start[condense->kept + condense->sinks] = (uint32_t)condense->pull.count;
  for (int i = 0; i < CONDENSE_SPARE && fine; i++) condense->pull.items[condense->pull.count++] = 0;
  for (int class = 0; class < WEIGHT_CLASSES; class ++) {
    vector_free(memory, &sinks.list[class]);
    memory_free(memory, sinks.folded[class], (kept + 1) * sizeof **sinks.folded);
  }
  memory_free(memory, mark, (kept + 1) * sizeof *mark);
  return fine || fail_memory(making->failure, memory);
}

bool condense_open(struct condense *condense, const struct overlay *overlay, const struct chains *chains,
                   enum reading reading, struct control *control, struct failure *failure) {
  struct memory memory = condense->memory;
  size_t n = overlay->network->entity_count;
  memset(condense, 0, sizeof *condense);
  condense->memory = memory;
  condense->overlay = overlay;
  condense->chains = chains;
  condense->reading = reading;
  struct making making = {.condense = condense, .control = control, .failure = failure};
  bool fine = n < ASSIGNED || fail(failure, FAILURE_LIMIT, "more entities than can be condensed");
  fine = fine && sort_arrows(&making) && number_components(&making) && list_components(&making);
  memory_free(&condense->memory, making.origins.start, (n + 2) * sizeof *making.origins.start);
  memory_free(&condense->memory, making.origins.passes, (n / 64 + 1) * sizeof *making.origins.passes);
  memory_free(&condense->memory, making.origins.from, (making.origins.count + 1) * sizeof *making.origins.from);
  vector_free(&condense->memory, &making.passing);
  if (fine) {
    vector_fit(&condense->memory, &condense->pull);
    vector_fit(&condense->memory, &condense->heavies);
  } else {
    condense_close(condense);
  }
  return fine;
}
