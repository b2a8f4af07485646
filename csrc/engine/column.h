/* column: a further field of relations, its name looked up once for many questions. Borrows the overlay. */
#ifndef KNOCKON_COLUMN_H
#define KNOCKON_COLUMN_H

#include <string.h>

#include "overlay.h"

struct column {
  uint16_t network, added; /* keys; KEY_NONE: no record has it */
};

static inline struct column column_of(const struct overlay *overlay, const char *name) {
  size_t length = strlen(name);
  struct column column = {fields_key(&overlay->network->fields, name, length),
                          fields_key(&overlay->fields, name, length)};
  return column;
}

/* The first item of the field and the texts it is written in, or NULL; lists: step with fields_next. */
static inline const struct field *column_at(struct column column, const struct overlay *overlay, uint32_t relation,
                                            const struct texts **texts) {
  bool added = overlay_is_added(overlay, relation);
  uint16_t key = added ? column.added : column.network;
  if (key == KEY_NONE) return NULL;
  const struct fields *fields = added ? &overlay->fields : &overlay->network->fields;
  uint32_t run = added ? overlay_added(overlay, relation)->fields : network_relation_fields(overlay->network, relation);
  *texts = fields->texts;
  return run == FIELDS_NONE ? NULL : fields_find(fields, run, key);
}

/* A text of the field as a number that equal bytes share, whichever texts they are written in. */
static inline uint64_t column_word(const struct overlay *overlay, const struct texts *texts, uint32_t text) {
  if (texts == &overlay->network->texts) return text;
  uint32_t known = text_lookup(&overlay->network->texts, text_bytes(texts, text), text_length(texts, text));
  return known != TEXT_NONE ? known : UINT64_C(1) << 32 | text;
}

/* A field that holds a part of a whole, such as `fraction` or `confidence`; unknown when it is missing or no share. */
static inline struct share column_share(struct column column, const struct overlay *overlay, uint32_t relation,
                                        struct share unknown) {
  const struct texts *texts;
  struct failure failure = {0};
  struct share share;
  const struct field *field = column_at(column, overlay, relation, &texts);
  if (!field || !share_parse(text_bytes(texts, field->value), text_length(texts, field->value),
                             field->type == FIELD_NUMBER, &share, &failure))
    return unknown;
  return share;
}

#endif
