#include "network.h"

#include <string.h>

#include "blocks.h"
#include "draft.h"
#include "snapshot.h"

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

static void free_blocks(struct network *network, const struct block *blocks, size_t count) {
  for (size_t i = 0; i < count; i++) {
    memory_free(&network->memory, block_items(&blocks[i]), block_bytes(&blocks[i]));
    block_set(&blocks[i], NULL, 0);
  }
}

void network_close(struct network *network) {
  struct block blocks[BLOCKS_MOST];
  free_blocks(network, blocks, network_derived(network, blocks));
  if (network->file.base) {
    snapshot_release(network);
  } else {
    draft_close(network);
    free_blocks(network, blocks, network_blocks(network, blocks));
    fields_close(&network->fields); /* what is of loading alone */
  }
  memset(network, 0, sizeof *network);
}

/* A name with bytes that are no UTF-8 (the system lets files have any), as the text that ids begin with. */
static uint32_t intern_legible(struct network *network, const char *name, size_t length) {
  char *copy = memory_zeroed(&network->memory, length + 1, 1);
  if (!copy) return TEXT_NONE;
  memcpy(copy, name, length);
  text_repair(copy);
  uint32_t text = text_intern(&network->texts, copy, length);
  memory_free(&network->memory, copy, length + 1);
  return text;
}

bool network_begin_file(struct network *network, const char *name, size_t length, struct failure *failure) {
  bool legible = text_invalid_at(name, length) == length;
  uint32_t text = legible ? text_intern(&network->texts, name, length) : intern_legible(network, name, length);
  struct source_file file = {text, network->records};
  if (file.name == TEXT_NONE || !vector_push(&network->memory, &network->files, file))
    return fail_memory(failure, &network->memory);
  return true;
}

/* The entity whose id is this text, or ENTITY_NONE. */
static uint32_t entity_of(const struct network *network, uint32_t text) {
  uint32_t entity = text < network->entity_of_text.count ? network->entity_of_text.items[text] : ENTITY_NONE;
  return entity < network->entity_count ? entity : ENTITY_NONE; /* a damaged file may say anything */
}

uint32_t network_find(const struct network *network, const char *id, size_t length) {
  return entity_of(network, text_lookup(&network->texts, id, length));
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
  enum { DIGITS = 10 }; /* by hand: a million proofs name as many relations */
  uint32_t file = network_file_of(network, &record);
  size_t length = text_length(&network->texts, file), most = DEFAULT_ID - DIGITS - 2;
  if (length > most) length = most;
  memcpy(id, text_bytes(&network->texts, file), length);
  id[length++] = '#';
  char digits[DIGITS];
  int count = 0;
  do digits[count++] = (char)('0' + record % 10);
  while (record /= 10);
  while (count > 0) id[length++] = digits[--count];
  id[length] = 0;
  return length;
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
  uint32_t entity = entity_of(network, field ? field->value : TEXT_NONE);
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
