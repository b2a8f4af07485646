#include "condense.h"

#include <string.h>

#include "adjacency.h"

#define ASSIGNED UINT32_C(0x80000000) /* bit of an entity whose component is known */

/* While it is made: who harm comes from, by entity. */
struct arrows {
  uint32_t *start, *from;
  size_t count;
  uint64_t *passes; /* bit: something comes from the entity */
};

struct making {
  struct condense *condense;
  struct control *control;
  struct failure *failure;
  struct arrows arrows;
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

static bool arrow_up(const struct condense *condense, uint32_t relation) {
  return harm_against(condense->overlay, condense->reading, relation, overlay_kind(condense->overlay, relation));
}

/* Call visit(making, source, target) for each arrow, by source. */
static bool each_arrow(struct making *making, void (*visit)(struct making *making, uint32_t source, uint32_t target)) {
  const struct condense *condense = making->condense;
  const struct overlay *overlay = condense->overlay;
  const struct network *network = overlay->network;
  const uint64_t *nothing = condense->chains->nothing[condense->reading];
  for (uint32_t e = 0; e < network->entity_count; e++) {
    if (stopped(making, e, network->entity_count)) return false;
    for (uint32_t r = network->out_start[e]; r < network->out_start[e + 1]; r++)
      if (harm_along(network_kind(network, r)) && overlay_in_force(overlay, r) && network->to[r] != e)
        visit(making, e, network->to[r]);
    for (uint32_t u = network->up_start[e]; u < network->up_start[e + 1]; u++) {
      uint32_t r = network->up_relation[u];
      if (network->up_from[u] == e || !overlay_in_force(overlay, r) || (nothing && bit_at(nothing, u))) continue;
      visit(making, e, network->up_from[u]);
    }
  }
  for (size_t i = 0; i < overlay->added.count; i++) {
    const struct added_relation *added = &overlay->added.items[i];
    if (!added->in_force || added->from == added->to) continue;
    if (harm_along((enum relation_kind)(added->kind & RELATION_KIND))) visit(making, added->from, added->to);
    if (arrow_up(condense, (uint32_t)(network->relation_count + i))) visit(making, added->to, added->from);
  }
  return true;
}

static void count_arrow(struct making *making, uint32_t source, uint32_t target) {
  making->arrows.start[target + 2]++;
  bit_set(making->arrows.passes, source);
  making->arrows.count++;
}

static void put_arrow(struct making *making, uint32_t source, uint32_t target) {
  making->arrows.from[making->arrows.start[target + 1]++] = source;
}

static bool sort_arrows(struct making *making) {
  struct condense *condense = making->condense;
  const struct overlay *overlay = condense->overlay;
  struct memory *memory = &condense->memory;
  struct arrows *arrows = &making->arrows;
  size_t n = overlay->network->entity_count;
  arrows->start = memory_zeroed(memory, n + 2, sizeof *arrows->start);
  arrows->passes = memory_zeroed(memory, n / 64 + 1, sizeof *arrows->passes);
  if (!arrows->start || !arrows->passes) return fail_memory(making->failure, memory);
  uint32_t *start = arrows->start;
  if (!each_arrow(making, count_arrow)) return false;
  if (arrows->count >= UINT32_MAX) return fail(making->failure, FAILURE_LIMIT, "more relations than can be condensed");
  arrows->from = memory_resize(memory, NULL, 0, (arrows->count + 1) * sizeof *arrows->from);
  if (!arrows->from) return fail_memory(making->failure, memory);
  for (size_t e = 2; e < n + 2; e++) start[e] += start[e - 1];
  return each_arrow(making, put_arrow);
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
  const struct arrows *arrows = &making->arrows;
  uint32_t *mark = condense->component, index = 0, components = 0;
  for (size_t i = 0; i < making->passing.count; i++) {
    uint32_t root = making->passing.items[i];
    if (stopped(making, i, making->passing.count)) return false;
    if (mark[root]) continue;
    struct step first = {root, arrows->start[root], true};
    mark[root] = ++index;
    if (!vector_push(memory, path, first)) return false;
    while (path->count > 0) {
      struct step *top = &path->items[path->count - 1];
      uint32_t entity = top->entity;
      if (top->at < arrows->start[entity + 1]) {
        uint32_t before = arrows->from[top->at++];
        if (mark[before] == 0) {
          if (arrows->start[before] == arrows->start[before + 1]) { /* nothing leads there */
            mark[before] = ASSIGNED | components++;
            continue;
          }
          struct step next = {before, arrows->start[before], true};
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
  const struct arrows *arrows = &making->arrows;
  size_t n = condense->overlay->network->entity_count;
  struct steps path = {0};
  struct entity_list stack = {0};
  condense->component = memory_zeroed(memory, n + 1, sizeof *condense->component);
  bool fine = condense->component != NULL;
  for (uint32_t e = 0; e < n && fine; e++)
    if (bit_at(arrows->passes, e)) fine = vector_push(memory, &making->passing, e);
  fine = fine && search(making, &path, &stack);
  for (uint32_t e = 0; e < n && fine; e++) {
    uint32_t *component = &condense->component[e];
    if (bit_at(arrows->passes, e)) *component &= ~ASSIGNED;
    else *component = arrows->start[e] < arrows->start[e + 1] ? COMPONENT_SINK : COMPONENT_NONE;
  }
  vector_free(memory, &path);
  vector_free(memory, &stack);
  return fine || fail_memory(making->failure, memory); /* a checkpoint's own cause comes first */
}

/* ---- where each component's harm comes from ---- */

/* Adds the components that harm reaches the entity from, but `own`, each once: mark[c] is the token where c was seen.
 */
static void list_origins(struct making *making, uint32_t entity, uint32_t own, uint32_t *mark, uint32_t token) {
  struct condense *condense = making->condense;
  const struct arrows *arrows = &making->arrows;
  for (uint32_t i = arrows->start[entity]; i < arrows->start[entity + 1]; i++) {
    uint32_t origin = condense->component[arrows->from[i]];
    if (origin == own || mark[origin] == token) continue;
    mark[origin] = token;
    condense->pull.items[condense->pull.count++] = origin; /* there is room for every arrow */
  }
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
      list_origins(making, members[m], c, mark, c + 1);
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
  const struct arrows *arrows = &making->arrows;
  size_t n = condense->overlay->network->entity_count;
  for (uint32_t e = 0; e < n; e++) {
    if (stopped(making, e, n)) return false;
    if (condense->component[e] != COMPONENT_SINK) continue;
    enum weight_class class = weight_class(condense->chains, e);
    struct sink sink = {e, 0};
    uint32_t earliest = UINT32_MAX;
    for (uint32_t i = arrows->start[e]; i < arrows->start[e + 1]; i++) {
      uint32_t origin = condense->component[arrows->from[i]];
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
  for (size_t i = 0; i < count && fine; i++) {
    uint32_t number = condense->kept + condense->sinks++;
    condense->start[number] = (uint32_t)condense->pull.count;
    fine = !stopped(making, i, count);
    list_origins(making, sinks->list[class].items[order[i]].entity, COMPONENT_NONE, mark, number + 1);
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
              vector_reserve(memory, &condense->pull, making->arrows.count + CONDENSE_SPARE);
  for (int class = 0; class < WEIGHT_CLASSES && fine; class ++)
    fine = (sinks.folded[class] = memory_zeroed(memory, kept + 1, sizeof **sinks.folded)) != NULL;
  fine = fine && list_kept(making, mark) && sort_sinks(making, &sinks);
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
  memory_free(&condense->memory, making.arrows.start, (n + 2) * sizeof *making.arrows.start);
  memory_free(&condense->memory, making.arrows.passes, (n / 64 + 1) * sizeof *making.arrows.passes);
  memory_free(&condense->memory, making.arrows.from, (making.arrows.count + 1) * sizeof *making.arrows.from);
  vector_free(&condense->memory, &making.passing);
  if (fine) {
    vector_fit(&condense->memory, &condense->pull);
    vector_fit(&condense->memory, &condense->heavies);
  } else {
    condense_close(condense);
  }
  return fine;
}
