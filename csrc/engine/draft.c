#include "draft.h"

#include <string.h>

bool draft_open(struct network *network) {
  network->draft = memory_zeroed(&network->memory, 1, sizeof *network->draft);
  return network->draft != NULL;
}

void draft_close(struct network *network) {
  struct draft *draft = network->draft;
  if (!draft) return;
  vector_free(&network->memory, &draft->from);
  vector_free(&network->memory, &draft->to);
  vector_free(&network->memory, &draft->saying);
  vector_free(&network->memory, &draft->sayings);
  vector_free(&network->memory, &draft->validity);
  vector_free(&network->memory, &draft->id);
  vector_free(&network->memory, &draft->record);
  memory_free(&network->memory, draft->validity_table, draft->validity_table_size * sizeof *draft->validity_table);
  numerals_close(&draft->numerals, &network->memory);
  memory_free(&network->memory, draft, sizeof *draft);
  network->draft = NULL;
}

void draft_expect(struct network *network, bool relations, size_t more) {
  struct memory *memory = &network->memory;
  struct draft *draft = network->draft;
  bool fine = memory_has_room(memory, more * 16);
  if (relations)
    fine = fine && vector_reserve(memory, &draft->from, more) && vector_reserve(memory, &draft->to, more) &&
           vector_reserve(memory, &draft->saying, more);
  else
    fine = fine && vector_reserve(memory, &network->entity_id, more) &&
           vector_reserve(memory, &network->entity_kind, more) &&
           vector_reserve(memory, &network->entity_fields, more) &&
           vector_reserve(memory, &network->entity_validity, more) &&
           vector_reserve(memory, &network->entity_of_text, more);
  if (fine && !relations) texts_expect(&network->texts, more);
}

bool validity_check(const struct validity *v, struct failure *failure) {
  if (v->since == DATE_MISSING || v->until == DATE_MISSING || v->since < v->until) return true;
  char since[DATE_TEXT], until[DATE_TEXT];
  date_format(v->since, since);
  date_format(v->until, until);
  return fail(failure, FAILURE_PARSE, "since %s is not before until %s", since, until);
}

bool draft_validity_number(struct network *network, const struct validity *v, uint32_t *number,
                           struct failure *failure) {
  struct draft *draft = network->draft;
  if (v->since == DATE_MISSING && v->until == DATE_MISSING) return *number = 0, true;
  if (!validity_check(v, failure)) return false;
  size_t known = network->validities.count;
  if (known * 2 >= draft->validity_table_size) {
    size_t old = draft->validity_table_size, size = old ? old * 2 : 64;
    uint32_t *table = memory_zeroed(&network->memory, size, sizeof *table);
    if (!table) return fail_memory(failure, &network->memory);
    for (uint32_t i = 1; i < known; i++) {
      const struct validity *w = &network->validities.items[i];
      size_t at = ((uint32_t)w->since * 31u + (uint32_t)w->until) * 2654435761u & (size - 1);
      while (table[at]) at = (at + 1) & (size - 1);
      table[at] = i + 1;
    }
    memory_free(&network->memory, draft->validity_table, old * sizeof *table);
    draft->validity_table = table;
    draft->validity_table_size = size;
  }
  size_t mask = draft->validity_table_size - 1;
  size_t at = ((uint32_t)v->since * 31u + (uint32_t)v->until) * 2654435761u & mask;
  for (; draft->validity_table[at]; at = (at + 1) & mask) {
    const struct validity *w = &network->validities.items[draft->validity_table[at] - 1];
    if (w->since == v->since && w->until == v->until) return *number = draft->validity_table[at] - 1, true;
  }
  if (!vector_push(&network->memory, &network->validities, *v)) return fail_memory(failure, &network->memory);
  draft->validity_table[at] = (uint32_t)known + 1;
  *number = (uint32_t)known;
  return true;
}

bool draft_add_entity(struct network *network, const struct draft_row *row, struct failure *failure) {
  struct memory *memory = &network->memory;
  if (network->entity_count >= ENTITY_NONE - 1) return fail(failure, FAILURE_LIMIT, "more than 4,294,967,293 entities");
  if (row->id == TEXT_NONE || !vector_reserve(memory, &network->entity_id, 1) ||
      !vector_reserve(memory, &network->entity_kind, 1) || !vector_reserve(memory, &network->entity_fields, 1) ||
      !vector_reserve(memory, &network->entity_validity, 1))
    return fail_memory(failure, memory);
  while (network->entity_of_text.count <= row->id)
    if (!vector_push(memory, &network->entity_of_text, ENTITY_NONE)) return fail_memory(failure, memory);
  uint32_t *entity = &network->entity_of_text.items[row->id];
  if (*entity != ENTITY_NONE)
    return fail(failure, FAILURE_PARSE, "this id was given before, by entity record %u", *entity + 1);
  network->entity_id.items[network->entity_id.count++] = row->id;
  network->entity_kind.items[network->entity_kind.count++] = row->kind;
  network->entity_fields.items[network->entity_fields.count++] = row->fields;
  network->entity_validity.items[network->entity_validity.count++] = row->validity;
  *entity = (uint32_t)network->entity_count++;
  return true;
}

/* What a relation that did not get in has left in the columns that not all have. */
static void draft_cut(struct draft *draft, size_t count) {
  if (draft->validity.count > count) draft->validity.count = count;
  if (draft->id.count > count) draft->id.count = count;
  if (draft->record.count > count) draft->record.count = count;
}

/* A column that most relations leave empty reaches as far as the last that does not. */
static bool put(struct memory *memory, struct draft_numbers *column, size_t at, uint32_t value) {
  if (!vector_reserve(memory, column, at + 1 - column->count)) return false;
  memset(column->items + column->count, 0, (at - column->count) * sizeof *column->items);
  column->items[at] = value;
  column->count = at + 1;
  return true;
}

/* Records that were left out make numbers that no longer follow from the place. */
static bool put_record(struct memory *memory, struct draft *draft, size_t at, uint32_t record) {
  if (!vector_reserve(memory, &draft->record, at + 1 - draft->record.count)) return false;
  while (draft->record.count < at) {
    draft->record.items[draft->record.count] = (uint32_t)draft->record.count + 1;
    draft->record.count++;
  }
  draft->record.items[draft->record.count++] = record;
  return true;
}

/* The columns that all relations have. */
static bool make_room(struct network *network) {
  struct memory *memory = &network->memory;
  struct draft *draft = network->draft;
  if (!vector_reserve(memory, &draft->from, 1) || !vector_reserve(memory, &draft->to, 1) ||
      !vector_reserve(memory, &draft->saying, 1))
    return false;
  draft->room = draft->from.capacity;
  if (draft->to.capacity < draft->room) draft->room = draft->to.capacity;
  if (draft->saying.capacity < draft->room) draft->room = draft->saying.capacity;
  return true;
}

static bool says(const struct saying *saying, const struct draft_row *row) {
  return saying->fields == row->fields && saying->class == row->class && saying->kind == row->kind &&
         saying->share.lo == row->share.lo && saying->share.hi == row->share.hi;
}

/* The number of what a relation says: one that came lately, or a new one. */
static bool find_saying(struct network *network, const struct draft_row *row, uint32_t *number) {
  struct draft *draft = network->draft;
  if (row->saying) return *number = row->saying - 1, true;
  uint64_t hash = ((uint64_t)row->fields << 32 | row->class) * UINT64_C(0x9e3779b97f4a7c15);
  hash ^= (hash >> 32) ^ ((uint64_t)row->share.lo << 32 | row->share.hi) ^ row->kind;
  uint32_t *recent = &draft->recent[hash * UINT64_C(0x9e3779b97f4a7c15) >> 54];
  if (*recent && says(&draft->sayings.items[*recent - 1], row)) return *number = *recent - 1, true;
  struct saying saying = {row->class, row->fields, row->share, row->kind};
  if (!vector_push(&network->memory, &draft->sayings, saying)) return false;
  *number = (uint32_t)draft->sayings.count - 1;
  *recent = *number + 1;
  return true;
}

bool draft_add_relation(struct network *network, const struct draft_row *row, struct failure *failure) {
  struct memory *memory = &network->memory;
  struct draft *draft = network->draft;
  size_t at = draft->from.count;
  uint32_t saying;
  if (row->from == TEXT_NONE || row->to == TEXT_NONE || row->id == TEXT_NONE || row->class == TEXT_NONE ||
      (at >= draft->room && !make_room(network)) || !find_saying(network, row, &saying))
    return fail_memory(failure, memory);
  if ((row->validity && !put(memory, &draft->validity, at, row->validity)) ||
      (row->id && !put(memory, &draft->id, at, row->id)) ||
      ((draft->record.count || network->records != at) && !put_record(memory, draft, at, network->records + 1))) {
    draft_cut(draft, at);
    return fail_memory(failure, memory);
  }
  draft->from.items[at] = row->from;
  draft->to.items[at] = row->to;
  draft->saying.items[at] = saying;
  draft->from.count = draft->to.count = draft->saying.count = at + 1;
  return true;
}

struct draft_row draft_last(const struct network *network, bool relation) {
  const struct draft *draft = network->draft;
  size_t last = relation ? draft->from.count - 1 : network->entity_count - 1;
  if (!relation)
    return (struct draft_row){.id = network->entity_id.items[last],
                              .validity = network->entity_validity.items[last],
                              .fields = network->entity_fields.items[last],
                              .kind = network->entity_kind.items[last]};
  return (struct draft_row){.saying = draft->saying.items[last] + 1};
}
