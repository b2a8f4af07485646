#include "sets.h"

#include <string.h>

#include "sort.h"

bool sets_open(struct sets *sets, struct memory *memory) {
  memset(sets, 0, sizeof *sets);
  sets->memory = memory;
  sets->table_size = 64;
  sets->table = memory_zeroed(memory, sets->table_size, sizeof *sets->table);
  sets->unions = memory_zeroed(memory, SET_UNIONS, sizeof *sets->unions);
  if (!sets->table || !sets->unions || !vector_push(memory, &sets->starts, 0) ||
      !vector_reserve(memory, &sets->numbers, 1))
    return false;
  return sets_of(sets, NULL, 0) == 0;
}

void sets_close(struct sets *sets) {
  if (!sets->memory) return;
  vector_free(sets->memory, &sets->numbers);
  vector_free(sets->memory, &sets->starts);
  memory_free(sets->memory, sets->table, sets->table_size * sizeof *sets->table);
  memory_free(sets->memory, sets->unions, SET_UNIONS * sizeof *sets->unions);
  sets->memory = NULL;
}

static uint64_t hash(const uint32_t *numbers, size_t count) {
  uint64_t h = count;
  for (size_t i = 0; i < count; i++) h = (h ^ numbers[i]) * UINT64_C(0x9e3779b97f4a7c15), h ^= h >> 29;
  return h;
}

static bool widen(struct sets *sets) {
  size_t size = sets->table_size * 2;
  uint32_t *table = memory_zeroed(sets->memory, size, sizeof *table);
  if (!table) return false;
  for (uint32_t set = 0; set + 1 < sets->starts.count; set++) {
    size_t at = hash(sets_items(sets, set), sets_count(sets, set)) & (size - 1);
    while (table[at]) at = (at + 1) & (size - 1);
    table[at] = set + 1;
  }
  memory_free(sets->memory, sets->table, sets->table_size * sizeof *table);
  sets->table = table;
  sets->table_size = size;
  return true;
}

uint32_t sets_of(struct sets *sets, const uint32_t *sorted, size_t count) {
  size_t known = sets->starts.count - 1;
  if (known * 2 >= sets->table_size && !widen(sets)) return SET_NONE;
  size_t at = hash(sorted, count) & (sets->table_size - 1);
  for (; sets->table[at]; at = (at + 1) & (sets->table_size - 1)) {
    uint32_t set = sets->table[at] - 1;
    if (sets_count(sets, set) == count &&
        (count == 0 || memcmp(sets_items(sets, set), sorted, count * sizeof *sorted) == 0))
      return set;
  }
  if (count > UINT32_MAX - sets->numbers.count || known >= SET_NONE - 1) return SET_NONE; /* starts are 32 bits */
  if (!vector_reserve(sets->memory, &sets->numbers, count) || !vector_reserve(sets->memory, &sets->starts, 1))
    return SET_NONE;
  if (count) memcpy(sets->numbers.items + sets->numbers.count, sorted, count * sizeof *sorted);
  sets->numbers.count += count;
  sets->starts.items[sets->starts.count++] = (uint32_t)sets->numbers.count;
  sets->table[at] = (uint32_t)known + 1;
  return (uint32_t)known;
}

uint32_t sets_union(struct sets *sets, uint32_t a, uint32_t b) {
  if (a == SET_NONE || b == SET_NONE) return SET_NONE;
  if (a == b || b == 0) return a;
  if (a == 0) return b;
  if (a > b) {
    uint32_t swap = a;
    a = b;
    b = swap;
  }
  struct union_of *cached = &sets->unions[(a * 2654435761u ^ b * 40503u) % SET_UNIONS];
  if (cached->a == a && cached->b == b) return cached->result;
  size_t counts[2] = {sets_count(sets, a), sets_count(sets, b)}, i = 0, j = 0, n = 0, room = counts[0] + counts[1];
  uint32_t *merged = memory_resize(sets->memory, NULL, 0, room * sizeof *merged);
  if (!merged) return SET_NONE;
  const uint32_t *x = sets_items(sets, a), *y = sets_items(sets, b);
  while (i < counts[0] || j < counts[1]) {
    if (j == counts[1] || (i < counts[0] && x[i] < y[j])) merged[n++] = x[i++];
    else if (i == counts[0] || y[j] < x[i]) merged[n++] = y[j++];
    else merged[n++] = x[i++], j++;
  }
  uint32_t result = sets_of(sets, merged, n);
  memory_free(sets->memory, merged, room * sizeof *merged);
  if (result != SET_NONE) *cached = (struct union_of){a, b, result};
  return result;
}

static bool append(struct sets *sets, struct set_list *list, uint32_t set) {
  size_t count = sets_count(sets, set), held = list->numbers.count;
  if (count >
      list->numbers.capacity - held) { /* before it grows, what is there twice goes; then it grows to twice the rest */
    held = list->numbers.count = sort_unique(list->numbers.items, held);
    if (!vector_reserve(sets->memory, &list->numbers, held + count)) return false;
  }
  memcpy(list->numbers.items + held, sets_items(sets, set), count * sizeof *list->numbers.items);
  list->numbers.count += count;
  return true;
}

bool sets_gather(struct sets *sets, struct set_list *list, uint32_t set) {
  if (set == SET_NONE) return false;
  if (set == 0) return true;
  for (int i = 0; i < list->few; i++)
    if (list->first[i] == set) return true;
  if (list->few < 2) return list->first[list->few++] = set, true;
  if (list->numbers.count == 0 && !(append(sets, list, list->first[0]) && append(sets, list, list->first[1])))
    return false;
  return append(sets, list, set);
}

uint32_t sets_gathered(struct sets *sets, struct set_list *list) {
  uint32_t set;
  if (list->numbers.count == 0)
    set = list->few == 0 ? 0 : list->few == 1 ? list->first[0] : sets_union(sets, list->first[0], list->first[1]);
  else set = sets_of(sets, list->numbers.items, sort_unique(list->numbers.items, list->numbers.count));
  list->numbers.count = 0;
  list->few = 0;
  return set;
}

void set_list_free(struct sets *sets, struct set_list *list) { vector_free(sets->memory, &list->numbers); }

bool sets_contain(const struct sets *sets, uint32_t set, uint32_t number) {
  const uint32_t *items = sets_items(sets, set);
  for (size_t low = 0, high = sets_count(sets, set); low < high;) {
    size_t middle = (low + high) / 2;
    if (items[middle] == number) return true;
    if (items[middle] < number) low = middle + 1;
    else high = middle;
  }
  return false;
}
