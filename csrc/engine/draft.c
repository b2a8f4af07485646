#include "draft.h"

#include <stdio.h>
#include <string.h>

#include "money.h"

const char *const relation_kind_name[RELATION_KINDS] = {"owns",     "controls", "consolidates", "has_branch",
                                                        "operates", "supplies", "linked",       "same_as"};

bool draft_open(struct network *network) {
  network->draft = memory_zeroed(&network->memory, 1, sizeof *network->draft);
  return network->draft != NULL;
}

void draft_close(struct network *network) {
  struct draft *draft = network->draft;
  if (!draft) return;
  vector_free(&network->memory, &draft->relations);
  memory_free(&network->memory, draft->validity_table, draft->validity_table_size * sizeof *draft->validity_table);
  memory_free(&network->memory, draft, sizeof *draft);
  network->draft = NULL;
}

static bool is(const struct input *input, const char *name) {
  size_t length = strlen(name);
  return input->key_length == length && memcmp(input->key, name, length) == 0;
}

static bool equals(const struct input *input, const char *word) {
  size_t length = strlen(word);
  return input->length == length && memcmp(input->bytes, word, length) == 0;
}

static bool wrong(struct failure *failure, const struct input *input, const char *expected) {
  int key = (int)(input->key_length > 60 ? 60 : input->key_length),
      length = (int)(input->length > 60 ? 60 : input->length);
  const char *what = input->in_list || input->type == FIELD_EMPTY_LIST ? "a list"
                     : input->type == FIELD_JSON                       ? "an object"
                     : input->type == FIELD_TRUE                       ? "true"
                     : input->type == FIELD_FALSE                      ? "false"
                                                                       : NULL;
  if (what) return fail(failure, FAILURE_PARSE, "'%.*s' is %s; expected %s", key, input->key, what, expected);
  return fail(failure, FAILURE_PARSE, "'%.*s' is '%.*s'; expected %s", key, input->key, length, input->bytes, expected);
}

static bool is_text(const struct input *input, struct failure *failure) {
  if (input->type == FIELD_TEXT && !input->in_list) return true;
  return fail(failure, FAILURE_PARSE, "'%.*s' must be text", (int)input->key_length, input->key);
}

/* A number, or text that is one (CSV knows only text), between low and high. */
static bool is_number(const struct input *input, double low, double high, bool whole, struct failure *failure) {
  double value = 0, unit = 1;
  bool point = false, good = input->length > 0 && !input->in_list;
  for (size_t i = 0; good && i < input->length; i++) {
    char c = input->bytes[i];
    if (c == '.' && !point && i > 0) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      if (point) unit /= 10;
      value = point ? value + (c - '0') * unit : value * 10 + (c - '0');
    } else if ((c == 'e' || c == 'E') && input->type == FIELD_NUMBER && i > 0) {
      value = 0; /* a number this small or large in its shortest form: only a negative exponent is in range */
      good = i + 1 < input->length && input->bytes[i + 1] == '-';
      break;
    } else {
      good = false;
    }
  }
  good =
      good && (input->type == FIELD_NUMBER || input->type == FIELD_TEXT) && value >= low && value <= high * (1 + 1e-12);
  if (good && !(whole && point)) return true;
  return wrong(failure, input, whole ? "a whole number, 1 or more" : "a number from 0 to 1");
}

static bool one_of(const struct input *input, const char *const *words, const char *expected, struct failure *failure) {
  for (; *words; words++)
    if (equals(input, *words)) return true;
  return wrong(failure, input, expected);
}

/* Checks that hold for fields of entities and relations alike; the value itself is kept as a further field. */
static bool check_field(const struct input *input, struct failure *failure) {
  if (input->key_length == 0) return fail(failure, FAILURE_PARSE, "a field has no name");
  size_t bad = text_invalid_at(input->key, input->key_length);
  if (bad < input->key_length)
    return fail(failure, FAILURE_PARSE, "a field name is not valid UTF-8 (byte %zu)", bad + 1);
  bad = text_invalid_at(input->bytes, input->length);
  if (bad < input->length)
    return fail(failure, FAILURE_PARSE, "'%.*s' is not valid UTF-8 (byte %zu)", (int)input->key_length, input->key,
                bad + 1);
  if (is(input, "confidence") || is(input, "fraction")) return is_number(input, 0, 1, false, failure);
  if (is(input, "name") || is(input, "source") || is(input, "evidence")) return is_text(input, failure);
  if (is(input, "country") || is(input, "located_in")) {
    if (input->type == FIELD_TEXT || input->type == FIELD_EMPTY_LIST) return true;
    return wrong(failure, input, "text or a list of texts");
  }
  return true;
}

/* "since" and "until"; a bare year may come as a number. */
static bool read_day(const struct input *input, int32_t *day, struct failure *failure) {
  if ((input->type != FIELD_TEXT && input->type != FIELD_NUMBER) || input->in_list)
    return wrong(failure, input, "a date such as 2018-03-05");
  struct failure cause = {0};
  if (date_parse(input->bytes, input->length, day, &cause)) return true;
  return fail(failure, FAILURE_PARSE, "'%.*s': %s", (int)input->key_length, input->key, cause.message);
}

static bool check_validity(const struct validity *v, struct failure *failure) {
  if (v->since == DATE_MISSING || v->until == DATE_MISSING || v->since < v->until) return true;
  char since[DATE_TEXT], until[DATE_TEXT];
  date_format(v->since, since);
  date_format(v->until, until);
  return fail(failure, FAILURE_PARSE, "since %s is not before until %s", since, until);
}

static bool intern_validity(struct network *network, const struct validity *v, uint32_t *number,
                            struct failure *failure) {
  struct draft *draft = network->draft;
  if (v->since == DATE_MISSING && v->until == DATE_MISSING) return *number = 0, true;
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

/* Put "FILE:LINE: entity 'id': " (as far as known) in front of what went wrong in a record. */
static bool located(struct failure *failure, const struct failure *cause, const struct place *place, const char *what,
                    const char *id, size_t id_length) {
  char where[300] = "", name[120] = "";
  if (place && place->file && place->line)
    (void)snprintf(where, sizeof where, "%.200s:%zu: ", place->file, place->line);
  else if (place && place->file) (void)snprintf(where, sizeof where, "%.200s: ", place->file);
  if (id_length) (void)snprintf(name, sizeof name, " '%.*s'", (int)(id_length > 100 ? 100 : id_length), id);
  if (place && place->record)
    return fail(failure, cause->code, "%s%s record %zu%s: %s", where, what, place->record, name, cause->message);
  return fail(failure, cause->code, "%s%s%s: %s", where, what, name, cause->message);
}

static bool keep_fields(struct network *network, const struct input *inputs, size_t count,
                        bool (*column)(const struct input *), uint32_t *run, struct failure *failure) {
  size_t start = network->fields.items.count;
  for (size_t i = 0; i < count; i++) {
    struct input input = inputs[i];
    if (column(&input)) continue;
    if (input.type == FIELD_TEXT && (is(&input, "confidence") || is(&input, "fraction") || is(&input, "rank")))
      input.type = FIELD_NUMBER;
    if (!fields_add(&network->fields, &input, failure)) {
      network->fields.items.count = start;
      return false;
    }
  }
  fields_end(&network->fields, start);
  *run = network->fields.items.count > start ? (uint32_t)start : FIELDS_NONE;
  return true;
}

static bool entity_column(const struct input *input) {
  return is(input, "id") || is(input, "since") || is(input, "until");
}

static bool add_entity(struct network *network, const struct input *inputs, size_t count, struct failure *failure) {
  static const struct {
    const char *name;
    enum entity_kind kind;
  } kinds[] = {{"branch", KIND_BRANCH},
               {"service", KIND_SERVICE},
               {"site", KIND_SITE},
               {"person", KIND_PERSON},
               {"state", KIND_STATE}};
  const struct input *id = NULL;
  struct validity validity = {DATE_MISSING, DATE_MISSING};
  uint8_t kind = KIND_FIRM;
  for (size_t i = 0; i < count; i++) {
    const struct input *input = &inputs[i];
    if (!check_field(input, failure)) return false;
    if (is(input, "id")) {
      if (!is_text(input, failure)) return false;
      id = input;
    } else if (is(input, "since")) {
      if (!read_day(input, &validity.since, failure)) return false;
    } else if (is(input, "until")) {
      if (!read_day(input, &validity.until, failure)) return false;
    } else if (is(input, "kind")) {
      if (!is_text(input, failure)) return false;
      for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (equals(input, kinds[k].name)) kind = (uint8_t)kinds[k].kind;
    }
  }
  if (!id || id->length == 0) return fail(failure, FAILURE_PARSE, "it has no id");
  if (!check_validity(&validity, failure)) return false;
  if (network->entity_count >= ENTITY_NONE - 1) return fail(failure, FAILURE_LIMIT, "more than 4,294,967,293 entities");
  struct memory *memory = &network->memory;
  uint32_t text = text_intern(&network->texts, id->bytes, id->length), number, run;
  if (text == TEXT_NONE || !vector_reserve(memory, &network->entity_id, 1) ||
      !vector_reserve(memory, &network->entity_kind, 1) || !vector_reserve(memory, &network->entity_fields, 1) ||
      !vector_reserve(memory, &network->entity_validity, 1))
    return fail_memory(failure, memory);
  while (network->entity_of_text.count <= text)
    if (!vector_push(memory, &network->entity_of_text, ENTITY_NONE)) return fail_memory(failure, memory);
  if (network->entity_of_text.items[text] != ENTITY_NONE)
    return fail(failure, FAILURE_PARSE, "this id was given before, by entity record %u",
                network->entity_of_text.items[text] + 1);
  if (!intern_validity(network, &validity, &number, failure) ||
      !keep_fields(network, inputs, count, entity_column, &run, failure))
    return false;
  network->entity_id.items[network->entity_id.count++] = text;
  network->entity_kind.items[network->entity_kind.count++] = kind;
  network->entity_fields.items[network->entity_fields.count++] = run;
  network->entity_validity.items[network->entity_validity.count++] = number;
  network->entity_of_text.items[text] = (uint32_t)network->entity_count++;
  return true;
}

static const struct input *find_id(const struct input *inputs, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (is(&inputs[i], "id") && inputs[i].type == FIELD_TEXT) return &inputs[i];
  return NULL;
}

bool network_add_entity(struct network *network, const struct input *inputs, size_t count, const struct place *place,
                        struct failure *failure) {
  struct failure cause = {0};
  if (add_entity(network, inputs, count, &cause)) return true;
  const struct input *id = find_id(inputs, count);
  return located(failure, &cause, place, "entity", id ? id->bytes : "", id ? id->length : 0);
}

bool relation_column(const struct input *input) {
  static const char *const names[] = {"id", "kind", "from", "to", "share", "basis", "since", "until"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (is(input, names[i])) return true;
  return false;
}

/* Only some kinds of relation can carry these; elsewhere they are a mistake worth telling. */
static bool belongs(const struct input *input, enum relation_kind kind, struct failure *failure) {
  static const struct {
    const char *field;
    enum relation_kind kind;
  } owners[] = {{"share", RELATION_OWNS},  {"basis", RELATION_OWNS},     {"class", RELATION_OWNS},
                {"by", RELATION_CONTROLS}, {"party", RELATION_SUPPLIES}, {"reliance", RELATION_SUPPLIES}};
  for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
    if (is(input, owners[i].field) && kind != owners[i].kind)
      return fail(failure, FAILURE_PARSE, "'%s' belongs to '%s', not to '%s'", owners[i].field,
                  relation_kind_name[owners[i].kind], relation_kind_name[kind]);
  return true;
}

bool relation_record_read(const struct input *inputs, size_t count, struct relation_record *record,
                          struct failure *failure) {
  static const char *const reliances[] = {"full", "material", "low", "none", NULL};
  const struct input *kind = NULL;
  memset(record, 0, sizeof *record);
  record->share = share_unknown;
  record->validity = (struct validity){DATE_MISSING, DATE_MISSING};
  for (size_t i = 0; i < count; i++)
    if (is(&inputs[i], "kind")) kind = &inputs[i];
  if (!kind) return fail(failure, FAILURE_PARSE, "it has no kind");
  if (!is_text(kind, failure)) return false;
  while (record->kind < RELATION_KINDS && !equals(kind, relation_kind_name[record->kind])) record->kind++;
  if (record->kind == RELATION_KINDS)
    return wrong(failure, kind, "owns, controls, consolidates, has_branch, operates, supplies, linked or same_as");
  enum relation_kind known = (enum relation_kind)record->kind;
  bool spend = false, currency = false;
  for (size_t i = 0; i < count; i++) {
    const struct input *input = &inputs[i];
    if (!check_field(input, failure) || !belongs(input, known, failure)) return false;
    if (is(input, "id")) {
      if (!is_text(input, failure)) return false;
      record->id = input->bytes;
      record->id_length = input->length;
    } else if (is(input, "from") || is(input, "to")) {
      if (!is_text(input, failure)) return false;
      bool from = input->key[0] == 'f';
      *(from ? &record->from : &record->to) = input->bytes;
      *(from ? &record->from_length : &record->to_length) = input->length;
    } else if (is(input, "share")) {
      if ((input->type != FIELD_TEXT && input->type != FIELD_NUMBER) || input->in_list)
        return wrong(failure, input, "a share such as \"51%\"");
      if (!share_parse(input->bytes, input->length, input->type == FIELD_NUMBER, &record->share, failure)) return false;
    } else if (is(input, "basis")) {
      if (!is_text(input, failure)) return false;
      if (!equals(input, "equity") && !equals(input, "votes")) return wrong(failure, input, "equity or votes");
      if (equals(input, "votes")) record->kind |= RELATION_VOTES;
    } else if (is(input, "class")) {
      if (!is_text(input, failure)) return false;
      record->class = input->bytes;
      record->class_length = input->length;
    } else if (is(input, "since")) {
      if (!read_day(input, &record->validity.since, failure)) return false;
    } else if (is(input, "until")) {
      if (!read_day(input, &record->validity.until, failure)) return false;
    } else if (is(input, "party")) {
      if (!is_text(input, failure)) return false;
      record->party = input->bytes;
      record->party_length = input->length;
      record->kind |= RELATION_PARTY;
    } else if (is(input, "reliance")) {
      if (!is_text(input, failure) || !one_of(input, reliances, "full, material, low or none", failure)) return false;
    } else if (is(input, "rank")) {
      if (!is_number(input, 1, 1e9, true, failure)) return false;
    } else if (is(input, "spend")) {
      money amount;
      if ((input->type != FIELD_TEXT && input->type != FIELD_NUMBER) || input->in_list)
        return wrong(failure, input, "a decimal amount such as \"1200000\"");
      if (!money_parse(input->bytes, input->length, &amount, failure)) return false;
      spend = true;
    } else if (is(input, "by") || is(input, "need") || is(input, "contract") || is(input, "currency")) {
      if (!is_text(input, failure)) return false;
      currency = currency || is(input, "currency");
    }
  }
  if (spend && !currency) return fail(failure, FAILURE_PARSE, "'spend' needs a 'currency'");
  if (record->from_length == 0) return fail(failure, FAILURE_PARSE, "it has no 'from'");
  if (record->to_length == 0) return fail(failure, FAILURE_PARSE, "it has no 'to'");
  return check_validity(&record->validity, failure);
}

static bool add_relation(struct network *network, const struct input *inputs, size_t count, struct failure *failure) {
  struct relation_record record;
  struct memory *memory = &network->memory;
  struct texts *texts = &network->texts;
  if (!relation_record_read(inputs, count, &record, failure)) return false;
  if (network->records >= RELATION_NONE - 1) return fail(failure, FAILURE_LIMIT, "more than 4,294,967,293 relations");
  struct draft_relation relation = {.kind = record.kind, .share = record.share, .record = network->records + 1};
  relation.from = text_intern(texts, record.from, record.from_length);
  relation.to = text_intern(texts, record.to, record.to_length);
  relation.id = record.id_length ? text_intern(texts, record.id, record.id_length) : 0;
  relation.class = record.class_length ? text_intern(texts, record.class, record.class_length) : 0;
  if (relation.from == TEXT_NONE || relation.to == TEXT_NONE || relation.id == TEXT_NONE ||
      relation.class == TEXT_NONE || !vector_reserve(memory, &network->draft->relations, 1))
    return fail_memory(failure, memory);
  if (!intern_validity(network, &record.validity, &relation.validity, failure) ||
      !keep_fields(network, inputs, count, relation_column, &relation.fields, failure))
    return false;
  network->draft->relations.items[network->draft->relations.count++] = relation;
  return true;
}

bool network_add_relation(struct network *network, const struct input *inputs, size_t count, const struct place *place,
                          struct failure *failure) {
  struct failure cause = {0};
  bool added = add_relation(network, inputs, count, &cause);
  /* Skipped records count too: ids stay file#record. One that found no memory may come again. */
  if (cause.code != FAILURE_MEMORY && network->records < UINT32_MAX - 1) network->records++;
  if (added) return true;
  const struct input *id = find_id(inputs, count);
  return located(failure, &cause, place, "relation", id ? id->bytes : "", id ? id->length : 0);
}
