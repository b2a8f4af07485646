#include "filter.h"

#include <string.h>

bool filter_open(struct filter *filter, struct memory *memory) {
  memset(filter, 0, sizeof *filter);
  filter->memory = memory;
  return texts_open(&filter->texts, memory);
}

void filter_close(struct filter *filter) {
  if (!filter->memory) return;
  texts_close(&filter->texts);
  vector_free(filter->memory, &filter->conditions);
  vector_free(filter->memory, &filter->values);
  filter->memory = NULL;
}

bool filter_condition(struct filter *filter, const char *name, size_t length) {
  struct condition condition = {text_intern(&filter->texts, name, length), (uint32_t)filter->values.count, 0};
  return condition.name != TEXT_NONE && vector_push(filter->memory, &filter->conditions, condition);
}

bool filter_value(struct filter *filter, const char *bytes, size_t length) {
  uint32_t value = text_intern(&filter->texts, bytes, length);
  if (value == TEXT_NONE || !vector_push(filter->memory, &filter->values, value)) return false;
  filter->conditions.items[filter->conditions.count - 1].values++;
  return true;
}

static bool among(const struct filter *filter, const struct condition *condition, const char *bytes, size_t length) {
  uint32_t text = text_lookup(&filter->texts, bytes, length); /* most are not among its texts at all, however many */
  for (uint32_t i = 0; i < condition->values && text != TEXT_NONE; i++)
    if (filter->values.items[condition->first + i] == text) return true;
  return false;
}

bool filter_text(const struct filter *filter, const char *bytes, size_t length) {
  return filter->conditions.count > 0 && among(filter, &filter->conditions.items[0], bytes, length);
}

static bool named(const struct filter *filter, const struct condition *condition, const char *name) {
  return strcmp(text_bytes(&filter->texts, condition->name), name) == 0;
}

static bool field_among(const struct filter *filter, const struct condition *condition, const struct texts *texts,
                        const struct field *field, uint16_t key) {
  for (; field; field = fields_next(field, key)) {
    bool match = field->type == FIELD_TRUE    ? among(filter, condition, "true", 4)
                 : field->type == FIELD_FALSE ? among(filter, condition, "false", 5)
                 : field->type == FIELD_EMPTY_LIST
                     ? false
                     : among(filter, condition, text_bytes(texts, field->value), text_length(texts, field->value));
    if (match) return true;
  }
  return false;
}

static bool day_among(const struct filter *filter, const struct condition *condition, int32_t day) {
  char text[DATE_TEXT];
  if (day == DATE_MISSING) return false;
  date_format(day, text);
  return among(filter, condition, text, strlen(text));
}

/* Is any id of the entity, of its records that same_as made one, among the values? */
static bool end_among(const struct filter *filter, const struct condition *condition, const struct network *network,
                      uint32_t entity) {
  for (; entity != ENTITY_NONE; entity = network->same_next ? network->same_next[entity] : ENTITY_NONE) {
    uint32_t id = network->entity_id.items[entity];
    if (among(filter, condition, text_bytes(&network->texts, id), text_length(&network->texts, id))) return true;
  }
  return false;
}

static bool entity_matches(const struct filter *filter, const struct condition *condition,
                           const struct network *network, uint32_t entity) {
  const struct texts *texts = &network->texts;
  if (named(filter, condition, "id")) return end_among(filter, condition, network, entity);
  struct validity validity = network_entity_validity(network, entity);
  if (named(filter, condition, "since")) return day_among(filter, condition, validity.since);
  if (named(filter, condition, "until")) return day_among(filter, condition, validity.until);
  uint32_t name = condition->name;
  uint16_t key = fields_key(&network->fields, text_bytes(&filter->texts, name), text_length(&filter->texts, name));
  const struct field *field = network_entity_field(network, entity, key);
  if (!field && named(filter, condition, "kind")) return among(filter, condition, "firm", 4);
  return field_among(filter, condition, texts, field, key);
}

bool filter_entity(const struct filter *filter, const struct network *network, uint32_t entity) {
  for (size_t i = 0; i < filter->conditions.count; i++)
    if (!entity_matches(filter, &filter->conditions.items[i], network, entity)) return false;
  return true;
}

static bool relation_matches(const struct filter *filter, const struct condition *condition,
                             const struct overlay *overlay, uint32_t relation) {
  const struct network *network = overlay->network;
  if (named(filter, condition, "from")) return end_among(filter, condition, network, overlay_from(overlay, relation));
  if (named(filter, condition, "to")) return end_among(filter, condition, network, overlay_to(overlay, relation));
  if (named(filter, condition, "party") && (overlay_kind_byte(overlay, relation) & RELATION_PARTY))
    return end_among(filter, condition, network, overlay_party(overlay, relation));
  if (named(filter, condition, "kind")) {
    const char *kind = relation_kind_name[overlay_kind(overlay, relation)];
    return among(filter, condition, kind, strlen(kind));
  }
  if (named(filter, condition, "id")) {
    char spare[DEFAULT_ID];
    size_t length;
    const char *id = overlay_relation_id(overlay, relation, spare, &length);
    return among(filter, condition, id, length);
  }
  if (named(filter, condition, "basis")) {
    if (overlay_kind(overlay, relation) != RELATION_OWNS) return false;
    bool votes = overlay_kind_byte(overlay, relation) & RELATION_VOTES;
    return among(filter, condition, votes ? "votes" : "equity", votes ? 5 : 6);
  }
  if (named(filter, condition, "since")) return day_among(filter, condition, overlay_validity(overlay, relation).since);
  if (named(filter, condition, "until")) return day_among(filter, condition, overlay_validity(overlay, relation).until);
  const struct texts *texts;
  const char *name = text_bytes(&filter->texts, condition->name);
  const struct field *field = overlay_field(overlay, relation, name, &texts);
  return field && field_among(filter, condition, texts, field, field->key);
}

bool filter_relation(const struct filter *filter, const struct overlay *overlay, uint32_t relation) {
  for (size_t i = 0; i < filter->conditions.count; i++)
    if (!relation_matches(filter, &filter->conditions.items[i], overlay, relation)) return false;
  return true;
}
