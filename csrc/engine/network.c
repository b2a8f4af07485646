#include "network.h"

#include <stdio.h>
#include <string.h>

#include "draft.h"

bool network_open(struct network *network, struct failure *failure) {
  struct memory memory = network->memory; /* a limit may be set already */
  memset(network, 0, sizeof *network);
  network->memory = memory;
  network->fields.memory = &network->memory;
  network->fields.texts = &network->texts;
  struct validity open = {DATE_MISSING, DATE_MISSING};
  if (!texts_open(&network->texts, &network->memory) || !vector_push(&network->memory, &network->validities, open) ||
      !draft_open(network))
    return fail_memory(failure, &network->memory);
  return true;
}

void network_close(struct network *network) {
  struct memory *memory = &network->memory;
  size_t n = network->entity_count, m = network->relation_count, words = m / 64 + 1;
  draft_close(network);
  texts_close(&network->texts);
  fields_close(&network->fields);
  vector_free(memory, &network->validities);
  vector_free(memory, &network->files);
  vector_free(memory, &network->entity_id);
  vector_free(memory, &network->entity_kind);
  vector_free(memory, &network->entity_fields);
  vector_free(memory, &network->entity_validity);
  vector_free(memory, &network->entity_of_text);
  vector_free(memory, &network->timed);
  vector_free(memory, &network->aliased);
  memory_free(memory, network->same, n * sizeof *network->same);
  memory_free(memory, network->same_next, n * sizeof *network->same_next);
  memory_free(memory, network->to, (m + 1) * sizeof *network->to);
  memory_free(memory, network->kind, m + 1);
  memory_free(memory, network->out_start, (n + 1) * sizeof *network->out_start);
  memory_free(memory, network->in_start, (n + 1) * sizeof *network->in_start);
  memory_free(memory, network->in_relation, (m + 1) * sizeof *network->in_relation);
  memory_free(memory, network->relation_of_record, ((size_t)network->records + 1) * sizeof(uint32_t));
  memory_free(memory, network->relation_of_text, network->indexed_texts * sizeof(uint32_t));
  memory_free(memory, network->up_start, (n + 1) * sizeof *network->up_start);
  memory_free(memory, network->up_relation, (network->up_count + 1) * sizeof *network->up_relation);
  memory_free(memory, network->up_from, (network->up_count + 1) * sizeof *network->up_from);
  memory_free(memory, network->row_bits, words * sizeof *network->row_bits);
  memory_free(memory, network->row_rank, words * sizeof *network->row_rank);
  memory_free(memory, network->row_entity, (network->row_count + 1) * sizeof *network->row_entity);
  memory_free(memory, network->holding_bits, words * sizeof *network->holding_bits);
  memory_free(memory, network->holding_rank, words * sizeof *network->holding_rank);
  memory_free(memory, network->holdings, (network->holding_count + 1) * sizeof *network->holdings);
  memory_free(memory, network->validity, (m + 1) * sizeof *network->validity);
  memory_free(memory, network->relation_id, (m + 1) * sizeof *network->relation_id);
  memory_free(memory, network->relation_record, (m + 1) * sizeof *network->relation_record);
  memory_free(memory, network->relation_fields, (m + 1) * sizeof *network->relation_fields);
  memset(network, 0, sizeof *network);
}

bool network_begin_file(struct network *network, const char *name, size_t length, struct failure *failure) {
  struct source_file file = {text_intern(&network->texts, name, length), network->records};
  if (file.name == TEXT_NONE || !vector_push(&network->memory, &network->files, file))
    return fail_memory(failure, &network->memory);
  return true;
}

uint32_t network_find(const struct network *network, const char *id, size_t length) {
  uint32_t text = text_lookup(&network->texts, id, length);
  return text < network->entity_of_text.count ? network->entity_of_text.items[text] : ENTITY_NONE;
}

uint32_t network_file_of(const struct network *network, uint32_t *record) {
  for (size_t i = network->files.count; i-- > 0;) {
    const struct source_file *file = &network->files.items[i];
    if (file->first_record >= *record) continue;
    *record -= file->first_record;
    return file->name;
  }
  return 0;
}

size_t network_default_id(const struct network *network, uint32_t record, char id[DEFAULT_ID]) {
  const char *name = text_bytes(&network->texts, network_file_of(network, &record));
  return (size_t)snprintf(id, DEFAULT_ID, "%.*s#%u", DEFAULT_ID - 16, name, record);
}

const char *network_relation_id(const struct network *network, uint32_t relation, char spare[DEFAULT_ID],
                                size_t *length) {
  uint32_t id = network->relation_id ? network->relation_id[relation] : 0;
  if (id) {
    *length = text_length(&network->texts, id);
    return text_bytes(&network->texts, id);
  }
  *length = network_default_id(network, network->relation_record[relation], spare);
  return spare;
}

uint32_t network_class(const struct network *network, uint32_t relation) {
  uint16_t key = fields_key(&network->fields, "class", 5);
  const struct field *field = fields_find(&network->fields, network_relation_fields(network, relation), key);
  return field ? field->value : 0;
}

uint32_t network_party(const struct network *network, uint32_t relation) {
  if (!(network->kind[relation] & RELATION_PARTY)) return ENTITY_NONE;
  uint16_t key = fields_key(&network->fields, "party", 5);
  const struct field *field = fields_find(&network->fields, network_relation_fields(network, relation), key);
  uint32_t text = field ? field->value : TEXT_NONE;
  uint32_t entity = text < network->entity_of_text.count ? network->entity_of_text.items[text] : ENTITY_NONE;
  return entity == ENTITY_NONE ? ENTITY_NONE : network_same(network, entity);
}

const struct field *network_entity_field(const struct network *network, uint32_t entity, uint16_t key) {
  while (entity != ENTITY_NONE) {
    const struct field *field = fields_find(&network->fields, network->entity_fields.items[entity], key);
    if (field) return field;
    entity = network->same_next ? network->same_next[entity] : ENTITY_NONE;
  }
  return NULL;
}
