#include "record.h"

#include <stdio.h>
#include <string.h>

#include "draft.h"
#include "money.h"

const char *const relation_kind_name[RELATION_KINDS] = {"owns",     "controls", "consolidates", "has_branch",
                                                        "operates", "supplies", "linked",       "same_as"};

static enum known known_of(const struct input *input) {
  return input->known ? (enum known)input->known : known_field(input->key, input->key_length);
}

static bool equals(const struct input *input, const char *word) {
  size_t length = strlen(word);
  return input->length == length && memcmp(input->bytes, word, length) == 0;
}

/* ---- values seen before ---- */

static struct recalled *place_of(struct draft *draft, const struct input *input, bool relation, uint64_t *bytes,
                                 uint16_t *field) {
  *bytes = text_short_key(input->bytes, input->length);
  *field = (uint16_t)(*input->key_number | (relation ? 0x8000 : 0));
  uint64_t hash = (*bytes ^ *field) * UINT64_C(0x9e3779b97f4a7c15);
  return &draft->recalled[hash >> 54];
}

static bool may_recall(const struct input *input) {
  return input->length - 1 < TEXT_SHORT && !input->in_list && input->key_number && *input->key_number;
}

uint32_t network_recall(const struct network *network, const struct input *input, bool relation) {
  uint64_t bytes;
  uint16_t field;
  if (!may_recall(input)) return 0;
  const struct recalled *recalled = place_of(network->draft, input, relation, &bytes, &field);
  bool same = recalled->bytes == bytes && recalled->field == field && recalled->length == input->length &&
              recalled->type == (uint8_t)input->type;
  return same ? recalled->text : 0;
}

static void note(struct network *network, const struct input *input, bool relation, uint32_t text) {
  uint64_t bytes;
  uint16_t field;
  if (!may_recall(input)) return;
  struct recalled *recalled = place_of(network->draft, input, relation, &bytes, &field);
  *recalled = (struct recalled){bytes, text, field, (uint8_t)input->length, (uint8_t)input->type};
}

/* ---- checks ---- */

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
static bool check_field(const struct input *input, enum known known, struct failure *failure) {
  if (!input->valid) {
    if (input->key_length == 0) return fail(failure, FAILURE_PARSE, "a field has no name");
    size_t bad = text_invalid_at(input->key, input->key_length);
    if (bad < input->key_length)
      return fail(failure, FAILURE_PARSE, "a field name is not valid UTF-8 (byte %zu)", bad + 1);
    bad = text_invalid_at(input->bytes, input->length);
    if (bad < input->length)
      return fail(failure, FAILURE_PARSE, "'%.*s' is not valid UTF-8 (byte %zu)", (int)input->key_length, input->key,
                  bad + 1);
  }
  if (input->text) return true; /* passed before */
  switch (known) {
  case KNOWN_CONFIDENCE:
  case KNOWN_FRACTION: return is_number(input, 0, 1, false, failure);
  case KNOWN_NAME:
  case KNOWN_SOURCE:
  case KNOWN_EVIDENCE: return is_text(input, failure);
  case KNOWN_COUNTRY:
  case KNOWN_LOCATED_IN:
    if (input->type == FIELD_TEXT || input->type == FIELD_EMPTY_LIST) return true;
    return wrong(failure, input, "text or a list of texts");
  default: return true;
  }
}

/* "since" and "until"; a bare year may come as a number. */
static bool read_day(const struct input *input, int32_t *day, struct failure *failure) {
  if ((input->type != FIELD_TEXT && input->type != FIELD_NUMBER) || input->in_list)
    return wrong(failure, input, "a date such as 2018-03-05");
  struct failure cause = {0};
  if (date_parse(input->bytes, input->length, day, &cause)) return true;
  return fail(failure, FAILURE_PARSE, "'%.*s': %s", (int)input->key_length, input->key, cause.message);
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

static bool is_entity_column(enum known known) {
  return known == KNOWN_ID || known == KNOWN_SINCE || known == KNOWN_UNTIL;
}

static bool is_relation_column(enum known known) {
  switch (known) {
  case KNOWN_ID:
  case KNOWN_KIND:
  case KNOWN_FROM:
  case KNOWN_TO:
  case KNOWN_SHARE:
  case KNOWN_BASIS:
  case KNOWN_SINCE:
  case KNOWN_UNTIL: return true;
  default: return false;
  }
}

bool relation_column(const struct input *input) { return is_relation_column(known_of(input)); }

static uint32_t intern(struct texts *texts, const char *bytes, size_t length, uint64_t hash) {
  return text_intern_hashed(texts, bytes, length, hash ? hash : text_hash(texts, bytes, length));
}

/* Keep what is no column of its own. */
static bool keep_fields(struct network *network, const struct input *inputs, size_t count, bool relation, uint32_t *run,
                        struct failure *failure) {
  struct fields *fields = &network->fields;
  size_t start = fields->items.count;
  for (size_t i = 0; i < count; i++) {
    enum known known = known_of(&inputs[i]);
    if (relation ? is_relation_column(known) : is_entity_column(known)) continue;
    struct input input = inputs[i];
    if (input.type == FIELD_TEXT && (known == KNOWN_CONFIDENCE || known == KNOWN_FRACTION || known == KNOWN_RANK))
      input.type = FIELD_NUMBER;
    if (!fields_add(fields, &input, failure)) {
      fields->items.count = start;
      return false;
    }
    if (!input.text) note(network, &inputs[i], relation, fields->items.items[fields->items.count - 1].value);
  }
  *run = fields_end(fields, start, true);
  return true;
}

/* ---- entities ---- */

static uint8_t entity_kind(const char *word, size_t length) {
  switch (length) {
  case 4: return memcmp(word, "site", 4) == 0 ? KIND_SITE : KIND_FIRM;
  case 5: return memcmp(word, "state", 5) == 0 ? KIND_STATE : KIND_FIRM;
  case 6:
    return memcmp(word, "branch", 6) == 0 ? KIND_BRANCH : memcmp(word, "person", 6) == 0 ? KIND_PERSON : KIND_FIRM;
  case 7: return memcmp(word, "service", 7) == 0 ? KIND_SERVICE : KIND_FIRM;
  default: return KIND_FIRM;
  }
}

static bool add_entity(struct network *network, const struct input *inputs, size_t count, struct failure *failure) {
  const struct input *id = NULL;
  struct validity validity = {DATE_MISSING, DATE_MISSING};
  uint8_t kind = KIND_FIRM;
  for (size_t i = 0; i < count; i++) {
    const struct input *input = &inputs[i];
    enum known known = known_of(input);
    if (!check_field(input, known, failure)) return false;
    if (known == KNOWN_ID) {
      if (!is_text(input, failure)) return false;
      id = input;
    } else if (known == KNOWN_SINCE || known == KNOWN_UNTIL) {
      if (!read_day(input, known == KNOWN_SINCE ? &validity.since : &validity.until, failure)) return false;
    } else if (known == KNOWN_KIND) {
      if (!is_text(input, failure)) return false;
      kind = entity_kind(input->bytes, input->length);
    }
  }
  if (!id || id->length == 0) return fail(failure, FAILURE_PARSE, "it has no id");
  struct draft_row row = {.kind = kind};
  if (!validity_check(&validity, failure)) return false;
  row.id = intern(&network->texts, id->bytes, id->length, id->hash);
  size_t start = network->fields.items.count;
  if (!draft_validity_number(network, &validity, &row.validity, failure) ||
      !keep_fields(network, inputs, count, false, &row.fields, failure))
    return false;
  if (draft_add_entity(network, &row, failure)) return true;
  network->fields.items.count = start;
  return false;
}

static const struct input *find_id(const struct input *inputs, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (known_of(&inputs[i]) == KNOWN_ID && inputs[i].type == FIELD_TEXT) return &inputs[i];
  return NULL;
}

bool network_add_entity(struct network *network, const struct input *inputs, size_t count, const struct place *place,
                        struct failure *failure) {
  struct failure cause;
  cause.code = FAILURE_NONE; /* the message is written with the code */
  if (add_entity(network, inputs, count, &cause)) return true;
  const struct input *id = find_id(inputs, count);
  return located(failure, &cause, place, "entity", id ? id->bytes : "", id ? id->length : 0);
}

/* ---- relations ---- */

static uint8_t relation_kind(const char *word, size_t length) {
  uint8_t kind = RELATION_KINDS;
  switch (length) {
  case 4: kind = RELATION_OWNS; break;
  case 6: kind = RELATION_LINKED; break;
  case 7: kind = RELATION_SAME_AS; break;
  case 8: kind = *word == 's' ? RELATION_SUPPLIES : *word == 'c' ? RELATION_CONTROLS : RELATION_OPERATES; break;
  case 10: kind = RELATION_HAS_BRANCH; break;
  case 12: kind = RELATION_CONSOLIDATES; break;
  default: return kind;
  }
  return memcmp(relation_kind_name[kind], word, length) == 0 ? kind : RELATION_KINDS;
}

/* Only some kinds of relation can carry these; elsewhere they are a mistake worth telling. */
static bool belongs(const struct input *input, enum relation_kind owner, enum relation_kind kind,
                    struct failure *failure) {
  if (kind == owner) return true;
  return fail(failure, FAILURE_PARSE, "'%.*s' belongs to '%s', not to '%s'", (int)input->key_length, input->key,
              relation_kind_name[owner], relation_kind_name[kind]);
}

/* A text that a relation record points at. */
static bool take(const struct input *input, const char **bytes, size_t *length, struct failure *failure) {
  if (!is_text(input, failure)) return false;
  *bytes = input->bytes;
  *length = input->length;
  return true;
}

static bool read_share(const struct input *input, struct share *share, struct failure *failure) {
  if ((input->type != FIELD_TEXT && input->type != FIELD_NUMBER) || input->in_list)
    return wrong(failure, input, "a share such as \"51%\"");
  return share_parse(input->bytes, input->length, input->type == FIELD_NUMBER, share, failure);
}

static bool read_basis(const struct input *input, uint8_t *kind, struct failure *failure) {
  if (!is_text(input, failure)) return false;
  if (!equals(input, "equity") && !equals(input, "votes")) return wrong(failure, input, "equity or votes");
  if (equals(input, "votes")) *kind |= RELATION_VOTES;
  return true;
}

static bool check_spend(const struct input *input, struct failure *failure) {
  money amount;
  if (input->text) return true;
  if ((input->type != FIELD_TEXT && input->type != FIELD_NUMBER) || input->in_list)
    return wrong(failure, input, "a decimal amount such as \"1200000\"");
  return money_parse(input->bytes, input->length, &amount, failure);
}

static bool check_reliance(const struct input *input, struct failure *failure) {
  static const char *const reliances[] = {"full", "material", "low", "none", NULL};
  return input->text || (is_text(input, failure) && one_of(input, reliances, "full, material, low or none", failure));
}

bool relation_record_read(const struct input *inputs, size_t count, struct relation_record *record,
                          struct failure *failure) {
  const struct input *named = NULL;
  memset(record, 0, sizeof *record);
  record->share = share_unknown;
  record->validity = (struct validity){DATE_MISSING, DATE_MISSING};
  for (size_t i = 0; i < count; i++)
    if (known_of(&inputs[i]) == KNOWN_KIND) named = &inputs[i];
  if (!named) return fail(failure, FAILURE_PARSE, "it has no kind");
  if (!is_text(named, failure)) return false;
  record->kind = relation_kind(named->bytes, named->length);
  if (record->kind == RELATION_KINDS)
    return wrong(failure, named, "owns, controls, consolidates, has_branch, operates, supplies, linked or same_as");
  enum relation_kind kind = (enum relation_kind)record->kind;
  bool spend = false, currency = false;
  for (size_t i = 0; i < count; i++) {
    const struct input *input = &inputs[i];
    enum known known = known_of(input);
    bool good = check_field(input, known, failure);
    if (!good) return false;
    switch (known) {
    case KNOWN_ID:
      good = take(input, &record->id, &record->id_length, failure);
      record->id_hash = input->hash;
      break;
    case KNOWN_FROM:
      good = take(input, &record->from, &record->from_length, failure);
      record->from_hash = input->hash;
      break;
    case KNOWN_TO:
      good = take(input, &record->to, &record->to_length, failure);
      record->to_hash = input->hash;
      break;
    case KNOWN_SHARE:
      good = belongs(input, RELATION_OWNS, kind, failure) && read_share(input, &record->share, failure);
      break;
    case KNOWN_BASIS:
      good = belongs(input, RELATION_OWNS, kind, failure) && read_basis(input, &record->kind, failure);
      break;
    case KNOWN_CLASS:
      good =
          belongs(input, RELATION_OWNS, kind, failure) && take(input, &record->class, &record->class_length, failure);
      break;
    case KNOWN_BY: good = belongs(input, RELATION_CONTROLS, kind, failure) && is_text(input, failure); break;
    case KNOWN_PARTY:
      good = belongs(input, RELATION_SUPPLIES, kind, failure) &&
             take(input, &record->party, &record->party_length, failure);
      record->kind |= RELATION_PARTY;
      break;
    case KNOWN_RELIANCE:
      good = belongs(input, RELATION_SUPPLIES, kind, failure) && check_reliance(input, failure);
      break;
    case KNOWN_SINCE: good = read_day(input, &record->validity.since, failure); break;
    case KNOWN_UNTIL: good = read_day(input, &record->validity.until, failure); break;
    case KNOWN_RANK: good = input->text || is_number(input, 1, 1e9, true, failure); break;
    case KNOWN_SPEND:
      good = check_spend(input, failure);
      spend = true;
      break;
    case KNOWN_CURRENCY:
      good = is_text(input, failure);
      currency = true;
      break;
    case KNOWN_NEED:
    case KNOWN_CONTRACT: good = is_text(input, failure); break;
    default: break;
    }
    if (!good) return false;
  }
  if (spend && !currency) return fail(failure, FAILURE_PARSE, "'spend' needs a 'currency'");
  if (record->from_length == 0) return fail(failure, FAILURE_PARSE, "it has no 'from'");
  if (record->to_length == 0) return fail(failure, FAILURE_PARSE, "it has no 'to'");
  return validity_check(&record->validity, failure);
}

static bool add_relation(struct network *network, const struct input *inputs, size_t count, struct failure *failure) {
  struct relation_record record;
  struct texts *texts = &network->texts;
  if (!relation_record_read(inputs, count, &record, failure)) return false;
  if (network->records >= RELATION_NONE - 1) return fail(failure, FAILURE_LIMIT, "more than 4,294,967,293 relations");
  struct draft_row row = {.kind = record.kind, .share = record.share};
  row.from = intern(texts, record.from, record.from_length, record.from_hash);
  row.to = intern(texts, record.to, record.to_length, record.to_hash);
  if (record.id_length) row.id = intern(texts, record.id, record.id_length, record.id_hash);
  if (record.class_length) row.class = text_intern(texts, record.class, record.class_length);
  size_t start = network->fields.items.count;
  if (!draft_validity_number(network, &record.validity, &row.validity, failure) ||
      !keep_fields(network, inputs, count, true, &row.fields, failure))
    return false;
  if (draft_add_relation(network, &row, failure)) return true;
  network->fields.items.count = start;
  return false;
}

bool network_add_relation(struct network *network, const struct input *inputs, size_t count, const struct place *place,
                          struct failure *failure) {
  struct failure cause;
  cause.code = FAILURE_NONE; /* the message is written with the code */
  bool added = add_relation(network, inputs, count, &cause);
  /* Skipped records count too: ids stay file#record. One that found no memory may come again. */
  if ((added || cause.code != FAILURE_MEMORY) && network->records < UINT32_MAX - 1) network->records++;
  if (added) return true;
  const struct input *id = find_id(inputs, count);
  return located(failure, &cause, place, "relation", id ? id->bytes : "", id ? id->length : 0);
}
