#include "targets.h"

#include "adjacency.h"
#include "sort.h"

void targets_close(struct targets *targets, struct memory *memory) {
  vector_free(memory, &targets->entities);
  vector_free(memory, &targets->causes);
  vector_free(memory, &targets->grouped);
  vector_free(memory, &targets->ends);
}

static uint32_t index_of(const struct entity_list *entities, uint32_t entity) { /* or ENTITY_NONE */
  size_t low = 0, high = entities->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (entities->items[middle] < entity) low = middle + 1;
    else high = middle;
  }
  return low < entities->count && entities->items[low] == entity ? (uint32_t)low : ENTITY_NONE;
}

static bool list_causes(const struct act *act, struct sets *sets, struct memory *memory, struct targets *targets) {
  if (!vector_reserve(memory, &targets->causes, targets->entities.count)) return false;
  for (size_t i = 0; i < targets->entities.count; i++) targets->causes.items[targets->causes.count++] = 0;
  for (size_t i = 0; i < act->restrictions.count; i++) {
    const struct restriction *restriction = &act->restrictions.items[i];
    uint32_t number = act->first_restriction + (uint32_t)i, set = sets_of(sets, &number, 1);
    for (uint32_t t = 0; t < restriction->targets; t++) {
      uint32_t at = index_of(&targets->entities, act->targets.items[restriction->first_target + t]);
      targets->causes.items[at] = sets_union(sets, targets->causes.items[at], set);
      if (targets->causes.items[at] == SET_NONE) return false;
    }
  }
  return true;
}

static uint32_t root_of(uint32_t *group, uint32_t index) {
  while (group[index] != index) index = group[index] = group[group[index]];
  return index;
}

/* Declared joint groups: group[i] leads to the root of target i. Members that are no targets do not count. */
static void join(const struct act *act, const struct targets *targets, uint32_t *group) {
  for (size_t g = 0, at = 0; g < act->group_ends.count; g++) {
    uint32_t first = ENTITY_NONE;
    for (; at < act->group_ends.items[g]; at++) {
      uint32_t target = index_of(&targets->entities, act->grouped.items[at]);
      if (target == ENTITY_NONE) continue;
      if (first == ENTITY_NONE) first = target;
      group[root_of(group, target)] = root_of(group, first);
    }
  }
}

static bool list_groups(const struct act *act, struct memory *memory, struct targets *targets) {
  uint32_t count = (uint32_t)targets->entities.count;
  struct entity_list group = {0}, start = {0};
  bool fine = vector_reserve(memory, &targets->grouped, count + 1) &&
              vector_reserve(memory, &targets->ends, count + 1) && vector_reserve(memory, &group, count + 1) &&
              vector_reserve(memory, &start, count + 1);
  if (fine) {
    for (uint32_t i = 0; i < count; i++) group.items[i] = act->policy.sum == SUM_ALL ? 0 : i;
    if (act->policy.sum == SUM_JOINT) join(act, targets, group.items);
    for (uint32_t i = 0; i < count; i++) group.items[i] = root_of(group.items, i);
    adjacency_sort(group.items, NULL, count, count, start.items, targets->grouped.items);
    targets->grouped.count = count;
    for (uint32_t i = 0; i < count; i++)
      if (start.items[i] < start.items[i + 1]) targets->ends.items[targets->ends.count++] = start.items[i + 1];
  }
  vector_free(memory, &group);
  vector_free(memory, &start);
  return fine;
}

bool targets_list(const struct act *act, struct sets *sets, struct memory *memory, struct targets *targets) {
  size_t count = act->targets.count;
  if (!vector_reserve(memory, &targets->entities, count + 1)) return false;
  for (size_t i = 0; i < count; i++) targets->entities.items[i] = act->targets.items[i];
  targets->entities.count = sort_unique(targets->entities.items, count);
  return (!sets || list_causes(act, sets, memory, targets)) && list_groups(act, memory, targets);
}
