#include "fields.h"

#include <string.h>

enum { RECENT = 1 << 14 };

uint16_t fields_key(const struct fields *fields, const char *name, size_t length) {
  uint32_t text = text_lookup(fields->texts, name, length);
  uint16_t key = text < fields->key_of_text.count ? fields->key_of_text.items[text] : KEY_NONE;
  return key < fields->keys.count ? key : KEY_NONE; /* a damaged file may say anything */
}

static uint16_t intern_key(struct fields *fields, const struct input *input, struct failure *failure) {
  uint32_t text = text_intern(fields->texts, input->key, input->key_length);
  if (text == TEXT_NONE) return fail_memory(failure, fields->memory), KEY_NONE;
  while (fields->key_of_text.count <= text)
    if (!vector_push(fields->memory, &fields->key_of_text, KEY_NONE))
      return fail_memory(failure, fields->memory), KEY_NONE;
  uint16_t *key = &fields->key_of_text.items[text];
  if (*key != KEY_NONE) return *key;
  if (fields->keys.count == KEYS_MOST)
    return fail(failure, FAILURE_PARSE, "more than %d different field names", KEYS_MOST), KEY_NONE;
  if (!vector_push(fields->memory, &fields->keys, text)) return fail_memory(failure, fields->memory), KEY_NONE;
  return *key = (uint16_t)(fields->keys.count - 1);
}

bool fields_add(struct fields *fields, const struct input *input, struct failure *failure) {
  struct field field = {.value = input->text, .type = (uint8_t)input->type, .in_list = input->in_list};
  if (input->key_number && *input->key_number) {
    field.key = *input->key_number - 1;
  } else {
    field.key = intern_key(fields, input, failure);
    if (field.key == KEY_NONE) return false;
    if (input->key_number) *input->key_number = field.key + 1;
  }
  if (!field.value) field.value = text_intern(fields->texts, input->bytes, input->length);
  if (field.value == TEXT_NONE || fields->items.count >= FIELDS_NONE - 1) return fail_memory(failure, fields->memory);
  return vector_push(fields->memory, &fields->items, field) || fail_memory(failure, fields->memory);
}

/* The items of a record are few, and most records say what one before them said. A run seen that has gone since, with a
 * record that did not get in, does no harm: what stands in its place now is compared. */
static uint32_t shared_run(struct fields *fields, size_t start) {
  const struct field *run = fields->items.items + start;
  size_t count = fields->items.count - start;
  if (!fields->recent) {
    if (start < 256 || !memory_has_room(fields->memory, RECENT * sizeof *fields->recent)) return (uint32_t)start;
    fields->recent = memory_zeroed(fields->memory, RECENT, sizeof *fields->recent);
    if (!fields->recent) return (uint32_t)start;
  }
  uint64_t hash = count, word;
  for (size_t i = 0; i < count; i++) {
    memcpy(&word, &run[i], sizeof word);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 32;
  }
  uint32_t *seen = &fields->recent[hash & (RECENT - 1)];
  if (*seen && *seen - 1 + count <= start && memcmp(run, fields->items.items + *seen - 1, count * sizeof *run) == 0) {
    fields->items.count = start;
    return *seen - 1;
  }
  *seen = (uint32_t)start + 1;
  return (uint32_t)start;
}

uint32_t fields_end(struct fields *fields, size_t start, bool share) {
  if (fields->items.count == start) return FIELDS_NONE;
  fields->items.items[fields->items.count - 1].last = 1;
  return share ? shared_run(fields, start) : (uint32_t)start;
}

void fields_forget(struct fields *fields) {
  memory_free(fields->memory, fields->recent, RECENT * sizeof *fields->recent);
  fields->recent = NULL;
}

void fields_close(struct fields *fields) {
  if (!fields->memory) return;
  fields_forget(fields);
  vector_free(fields->memory, &fields->items);
  vector_free(fields->memory, &fields->keys);
  vector_free(fields->memory, &fields->key_of_text);
}

const struct field *fields_find(const struct fields *fields, uint32_t start, uint16_t key) {
  if (start >= fields->items.count || key == KEY_NONE) return NULL; /* FIELDS_NONE is past the end too */
  for (const struct field *field = fields->items.items + start;; field++) {
    if (field->key == key) return field;
    if (field->last) return NULL;
  }
}

const struct field *fields_next(const struct field *field, uint16_t key) {
  while (!field->last)
    if ((++field)->key == key) return field;
  return NULL;
}
