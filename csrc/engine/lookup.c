#include "lookup.h"

#include <string.h>

#include "sort.h"

/* What a relation is found by: the text of its id, or (it was given none) the number of its record. */
struct key {
  uint32_t value, named;
};

struct keys {
  struct vector_of(struct key) unsorted;
  struct key *sorted;
  size_t count;
};

static int by_value(const void *context, uint32_t a, uint32_t b) {
  const struct key *keys = context;
  return (keys[a].value > keys[b].value) - (keys[a].value < keys[b].value);
}

static bool sort_keys(struct keys *keys, struct memory *memory) {
  size_t count = keys->unsorted.count;
  uint32_t *order = memory_zeroed(memory, count + 1, sizeof *order);
  uint32_t *spare = memory_zeroed(memory, count + 1, sizeof *spare);
  keys->sorted = memory_zeroed(memory, count + 1, sizeof *keys->sorted);
  bool fine = order && spare && keys->sorted;
  for (uint32_t i = 0; i < count && fine; i++) order[i] = i;
  if (fine && count) sort_numbers(order, spare, count, by_value, keys->unsorted.items);
  for (size_t i = 0; i < count && fine; i++) keys->sorted[i] = keys->unsorted.items[order[i]];
  keys->count = fine ? count : 0;
  memory_free(memory, order, (count + 1) * sizeof *order);
  memory_free(memory, spare, (count + 1) * sizeof *spare);
  return fine;
}

static void close_keys(struct keys *keys, struct memory *memory) {
  memory_free(memory, keys->sorted, (keys->unsorted.count + 1) * sizeof *keys->sorted);
  vector_free(memory, &keys->unsorted);
}

/* The records that a default id "file#7" may stand for: several, when files have one name. */
static bool add_records(const struct network *network, const struct named_relation *named, uint32_t number,
                        struct keys *keys, struct memory *memory) {
  size_t hash = named->length;
  uint64_t record = 0, place = 1;
  while (hash > 0 && named->id[hash - 1] >= '0' && named->id[hash - 1] <= '9' && place < UINT64_C(10000000000)) {
    record += (uint64_t)(named->id[--hash] - '0') * place;
    place *= 10;
  }
  if (hash == 0 || hash == named->length || named->id[hash - 1] != '#') return true;
  for (size_t f = 0; f <= network->files.count; f++) { /* the last round: records that came from no file */
    uint64_t global = record + (f < network->files.count ? network->files.items[f].first_record : 0);
    char id[DEFAULT_ID];
    if (global == 0 || global > network->records) continue;
    size_t length = network_default_id(network, (uint32_t)global, id);
    struct key key = {(uint32_t)global, number};
    if (length == named->length && memcmp(id, named->id, length) == 0 && !vector_push(memory, &keys->unsorted, key))
      return false;
  }
  return true;
}

static void mark_found(const struct keys *keys, uint32_t value, uint32_t relation, struct named_relation *named) {
  if (keys->count == 0 || value < keys->sorted[0].value || value > keys->sorted[keys->count - 1].value) return;
  size_t low = 0;
  for (size_t high = keys->count; low < high;) {
    size_t middle = (low + high) / 2;
    if (keys->sorted[middle].value < value) low = middle + 1;
    else high = middle;
  }
  for (; low < keys->count && keys->sorted[low].value == value; low++) {
    struct named_relation *one = &named[keys->sorted[low].named];
    if (one->relation == RELATION_NONE) one->relation = relation;
  }
}

bool lookup_relations(const struct network *network, struct named_relation *named, size_t count,
                      struct memory *memory) {
  struct keys texts = {0}, records = {0};
  bool fine = true;
  for (uint32_t i = 0; i < count && fine; i++) {
    uint32_t text = text_lookup(&network->texts, named[i].id, named[i].length);
    struct key key = {text, i};
    named[i].relation = RELATION_NONE;
    if (network->relation_id && text != TEXT_NONE && text != 0) fine = vector_push(memory, &texts.unsorted, key);
    fine = fine && add_records(network, &named[i], i, &records, memory);
  }
  fine = fine && sort_keys(&texts, memory) && sort_keys(&records, memory);
  for (uint32_t r = 0; r < network->relation_count && fine && texts.count; r++)
    mark_found(&texts, network->relation_id[r], r, named);
  for (uint32_t r = 0; r < network->relation_count && fine && records.count; r++)
    if (!network->relation_id || !network->relation_id[r]) mark_found(&records, network->relation_record[r], r, named);
  close_keys(&texts, memory);
  close_keys(&records, memory);
  return fine;
}
