#include "blocks.h"

#include <string.h>

/* One line a block: where it is, its part, how many items, and the rule they keep (first so many below a limit). */
#define BLOCK(its_name, field, its_part, items_wanted, ...)                                            \
  blocks[told++] = (struct block) {                                                                    \
    .name = its_name, .items = &network->field, .item_size = sizeof *network->field, .part = its_part, \
    .wanted = items_wanted, __VA_ARGS__                                                                \
  }
#define COLUMN(field, its_part, items_wanted, ...) BLOCK(#field, field, its_part, items_wanted, __VA_ARGS__)
#define VECTOR(field, its_part, items_wanted, ...)                                   \
  BLOCK(#field, field.items, its_part, items_wanted, .count = &network->field.count, \
        .capacity = &network->field.capacity, __VA_ARGS__)
#define FREE                  .rule = RULE_NONE
#define BELOW(so_many, most)  .rule = RULE_BELOW, .checked = so_many, .limit = most
#define STARTS(so_many, last) .rule = RULE_STARTS, .checked = so_many, .limit = last
#define CODES(so_many, most)  .rule = RULE_CODES, .checked = so_many, .limit = most
#define OPTIONAL              .optional = true

size_t network_blocks(struct network *network, struct block blocks[BLOCKS_MOST]) {
  const size_t n = network->entity_count, m = network->relation_count, words = m / 64 + 1, ups = network->up_count;
  const size_t rows = network->row_count, holdings = network->holding_count;
  const size_t texts = network->texts.starts.count ? text_count(&network->texts) : 0;
  size_t told = 0;

  VECTOR(texts.arena, PART_IDS, BLOCK_ANY, FREE);
  VECTOR(texts.starts, PART_IDS, BLOCK_ANY, FREE);
  COLUMN(texts.table, PART_IDS, BLOCK_ANY, FREE, .count = &network->texts.table_size,
         .capacity = &network->texts.table_size);
  VECTOR(fields.items, PART_FIELDS, BLOCK_ANY, FREE);
  VECTOR(fields.keys, PART_FIELDS, BLOCK_ANY, BELOW(network->fields.keys.count, texts));
  VECTOR(fields.key_of_text, PART_FIELDS, BLOCK_ANY, FREE);
  VECTOR(validities, PART_ADJACENCY, BLOCK_ANY, FREE);
  VECTOR(files, PART_IDS, BLOCK_ANY, FREE);

  VECTOR(entity_id, PART_IDS, n, FREE);
  VECTOR(entity_kind, PART_ADJACENCY, n, CODES(n, KIND_STATE + 1));
  VECTOR(entity_fields, PART_FIELDS, n, FREE);
  VECTOR(entity_validity, PART_ADJACENCY, n, FREE, OPTIONAL);
  VECTOR(entity_of_text, PART_IDS, BLOCK_ANY, FREE);
  COLUMN(same, PART_ADJACENCY, n, BELOW(n, n), OPTIONAL);
  COLUMN(same_next, PART_ADJACENCY, n, FREE, OPTIONAL);

  COLUMN(to, PART_ADJACENCY, m + 1, BELOW(m, n));
  COLUMN(kind, PART_ADJACENCY, m + 1, CODES(m, RELATION_CODES));
  COLUMN(out_start, PART_ADJACENCY, n + 1, STARTS(n + 1, m));
  COLUMN(in_start, PART_ADJACENCY, n + 1, STARTS(n + 1, m));
  COLUMN(in_relation, PART_ADJACENCY, m + 1, BELOW(m, m));
  COLUMN(up_start, PART_ADJACENCY, n + 1, STARTS(n + 1, ups));
  COLUMN(up_relation, PART_ADJACENCY, ups + 1, BELOW(ups, m));
  COLUMN(up_from, PART_ADJACENCY, ups + 1, BELOW(ups, n));
  COLUMN(row_bits, PART_ADJACENCY, words, FREE);
  COLUMN(row_rank, PART_ADJACENCY, words, FREE);
  COLUMN(row_entity, PART_ADJACENCY, rows + 1, BELOW(rows, n));
  COLUMN(holding_bits, PART_ADJACENCY, words, FREE);
  COLUMN(holding_rank, PART_ADJACENCY, words, FREE);
  COLUMN(holdings, PART_ADJACENCY, holdings + 1, FREE);
  COLUMN(validity, PART_ADJACENCY, m + 1, FREE, OPTIONAL);
  COLUMN(relation_id, PART_IDS, m + 1, FREE, OPTIONAL);
  COLUMN(relation_record, PART_IDS, m + 1, FREE);
  COLUMN(relation_fields, PART_FIELDS, m + 1, FREE, OPTIONAL);
  VECTOR(timed, PART_ADJACENCY, BLOCK_ANY, BELOW(network->timed.count, m));
  VECTOR(aliased, PART_IDS, BLOCK_ANY, FREE);
  return told;
}

size_t network_derived(struct network *network, struct block blocks[BLOCKS_MOST]) {
  size_t told = 0;
  COLUMN(relation_of_record, PART_IDS, (size_t)network->records + 1, FREE, OPTIONAL);
  COLUMN(relation_of_text, PART_IDS, network->indexed_texts, FREE, OPTIONAL);
  return told;
}

void *block_items(const struct block *block) {
  void *items;
  memcpy(&items, block->items, sizeof items);
  return items;
}

size_t block_count(const struct block *block) {
  if (!block_items(block)) return 0;
  return block->count ? *block->count : block->wanted;
}

size_t block_bytes(const struct block *block) {
  if (!block_items(block)) return 0;
  return (block->capacity ? *block->capacity : block->wanted) * block->item_size;
}

void block_set(const struct block *block, void *items, size_t count) {
  memcpy(block->items, &items, sizeof items);
  if (block->count) *block->count = *block->capacity = count;
}

/* ---- rules ---- */

/* Sixteen bytes at a time; a lane of all ones says that an item is wrong. */
typedef uint32_t numbers __attribute__((vector_size(16)));
typedef uint8_t codes __attribute__((vector_size(16)));

static bool all_below(const uint32_t *items, size_t count, uint32_t most) {
  numbers wrong = {0}, limit = {most, most, most, most};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    numbers four[4];
    memcpy(four, items + i, sizeof four);
    wrong |= (numbers)(four[0] > limit) | (numbers)(four[1] > limit);
    wrong |= (numbers)(four[2] > limit) | (numbers)(four[3] > limit);
  }
  uint32_t any = wrong[0] | wrong[1] | wrong[2] | wrong[3];
  for (; i < count; i++) any |= items[i] > most;
  return any == 0;
}

/* No item is below the one before it; items[-1] is there. */
static bool never_back(const uint32_t *items, size_t count) {
  numbers wrong = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    numbers here[2], before[2];
    memcpy(here, items + i, sizeof here);
    memcpy(before, items + i - 1, sizeof before);
    wrong |= (numbers)(here[0] < before[0]) | (numbers)(here[1] < before[1]);
  }
  uint32_t any = wrong[0] | wrong[1] | wrong[2] | wrong[3];
  for (; i < count; i++) any |= items[i] < items[i - 1];
  return any == 0;
}

static bool all_codes(const uint8_t *items, size_t count, uint8_t most) {
  uint64_t any = 0;
  codes wrong = {0}, limit;
  memset(&limit, most, sizeof limit);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    codes sixteen;
    memcpy(&sixteen, items + i, sizeof sixteen);
    wrong |= (codes)(sixteen > limit);
  }
  for (int lane = 0; lane < 16; lane++) any |= wrong[lane];
  for (; i < count; i++) any |= items[i] > most;
  return any == 0;
}

bool block_keeps_rule(const struct block *block, size_t first, size_t end) {
  const void *items = block_items(block);
  if (end > block->checked) end = block->checked;
  if (first >= end || !items) return true;
  const uint32_t *number = (const uint32_t *)items + first;
  switch (block->rule) {
  case RULE_BELOW: return block->limit > 0 && all_below(number, end - first, (uint32_t)(block->limit - 1));
  case RULE_CODES: return all_codes((const uint8_t *)items + first, end - first, (uint8_t)(block->limit - 1));
  case RULE_STARTS:
    if (first == 0 && (*number++ != 0 || ++first == end)) return number[-1] == 0 && block->limit == 0;
    if (end == block->checked && number[end - first - 1] != block->limit) return false;
    return never_back(number, end - first);
  case RULE_NONE: break;
  }
  return true;
}

/* ---- what takes more than one block ---- */

/* Ranks count the bits of the words before, and all the bits are as many as there are things that they count. */
static bool ranks_count(const uint64_t *bits, const uint32_t *ranks, size_t relations, size_t total) {
  size_t before = 0;
  for (size_t first = 0; first < relations; first += 64) {
    size_t word = first / 64, left = relations - first;
    if (ranks[word] != before) return false;
    uint64_t of_relations = left < 64 ? bits[word] & ((UINT64_C(1) << left) - 1) : bits[word];
    before += (size_t)__builtin_popcountll(of_relations);
  }
  return before == total;
}

/* Each entity that has relations has a row, which begins where they do; the rows are in the order of the entities. */
static bool rows_begin(const struct network *network) {
  size_t row = 0;
  for (size_t e = 0; e < network->entity_count; e++) {
    uint32_t first = network->out_start[e];
    if (first == network->out_start[e + 1]) continue;
    if (row == network->row_count || network->row_entity[row++] != e) return false;
    if (!(network->row_bits[first >> 6] >> (first & 63) & 1)) return false;
  }
  return row == network->row_count;
}

/* Every record points at the first of its entity, which points at itself, and lists go on upwards. */
static bool same_ends(const struct network *network) {
  for (size_t e = 0; network->same && e < network->entity_count; e++) {
    uint32_t root = network->same[e], next = network->same_next[e];
    if (root > e || network->same[root] != root) return false;
    if (next != ENTITY_NONE && (next <= e || next >= network->entity_count)) return false;
  }
  return true;
}

static bool in_calendar(int32_t day) { return day == DATE_MISSING || (day >= DATE_FIRST && day <= DATE_LAST); }

const char *blocks_unsound(const struct network *network) {
  const struct texts *texts = &network->texts;
  const struct fields *fields = &network->fields;
  size_t m = network->relation_count, n = network->entity_count;
  if (texts->arena.count == 0 || texts->arena.items[texts->arena.count - 1] != '\0') return "texts.arena";
  if (texts->starts.count < 2 || texts->starts.count > UINT32_MAX || texts->starts.items[0] != 0 ||
      texts->starts.items[texts->starts.count - 1] != texts->arena.count)
    return "texts.starts";
  if (texts->table_size == 0 || (texts->table_size & (texts->table_size - 1))) return "texts.table";
  if (fields->items.count && !fields->items.items[fields->items.count - 1].last) return "fields.items";
  if (fields->keys.count > KEYS_MOST) return "fields.keys";
  if (network->validities.count == 0) return "validities";
  for (size_t i = 0; i < network->validities.count; i++)
    if (!in_calendar(network->validities.items[i].since) || !in_calendar(network->validities.items[i].until))
      return "validities";
  if (!network->same != !network->same_next || !same_ends(network)) return "same";
  if (m > 0 && !(network->row_bits[0] & 1)) return "row_bits";
  if (!ranks_count(network->row_bits, network->row_rank, m, network->row_count)) return "row_rank";
  if (!rows_begin(network)) return "row_entity";
  if (!ranks_count(network->holding_bits, network->holding_rank, m, network->holding_count)) return "holding_rank";
  for (size_t i = 0; i < network->aliased.count; i++)
    if (network->aliased.items[i] >= (i % 3 == 0 ? m : n)) return "aliased";
  return network->aliased.count % 3 ? "aliased" : NULL;
}

const char *blocks_disagree(const struct network *network, size_t first, size_t end) {
  for (size_t e = first; e < end; e++) {
    for (uint32_t i = network->in_start[e]; i < network->in_start[e + 1]; i++) {
      uint32_t relation = network->in_relation[i];
      bool ascends = i == network->in_start[e] || relation > network->in_relation[i - 1];
      if (network->to[relation] != e || !ascends) return "in_relation";
    }
    for (uint32_t i = network->up_start[e]; i < network->up_start[e + 1]; i++) {
      uint32_t relation = network->up_relation[i];
      bool ascends = i == network->up_start[e] || relation > network->up_relation[i - 1];
      if (network->to[relation] != e || !ascends || network_kind(network, relation) >= RELATION_SUPPLIES)
        return "up_relation";
      if (network->up_from[i] != network_from(network, relation)) return "up_from";
    }
    for (uint32_t r = network->out_start[e]; r < network->out_start[e + 1]; r++)
      if ((network->holding_bits[r >> 6] >> (r & 63) & 1) != (network_kind(network, r) == RELATION_OWNS))
        return "holding_bits";
  }
  return NULL;
}
