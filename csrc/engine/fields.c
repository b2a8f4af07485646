#include "fields.h"

uint16_t fields_key(const struct fields *fields, const char *name, size_t length) {
  uint32_t text = text_lookup(fields->texts, name, length);
  return text < fields->key_of_text.count ? fields->key_of_text.items[text] : KEY_NONE;
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
  struct field field = {.type = (uint8_t)input->type, .in_list = input->in_list};
  field.key = intern_key(fields, input, failure);
  if (field.key == KEY_NONE) return false;
  field.value = text_intern(fields->texts, input->bytes, input->length);
  if (field.value == TEXT_NONE || fields->items.count >= FIELDS_NONE - 1) return fail_memory(failure, fields->memory);
  return vector_push(fields->memory, &fields->items, field) || fail_memory(failure, fields->memory);
}

void fields_end(struct fields *fields, size_t start) {
  if (fields->items.count > start) fields->items.items[fields->items.count - 1].last = 1;
}

void fields_close(struct fields *fields) {
  if (!fields->memory) return;
  vector_free(fields->memory, &fields->items);
  vector_free(fields->memory, &fields->keys);
  vector_free(fields->memory, &fields->key_of_text);
}

const struct field *fields_find(const struct fields *fields, uint32_t start, uint16_t key) {
  if (start == FIELDS_NONE || key == KEY_NONE) return NULL;
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
