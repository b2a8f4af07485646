#include "ndjson.h"

#include "json.h"
#include "memo.h"
#include "source.h"

enum { ROWS = 128, FORETOLD = 64, NAMES_MOST = 2 * KEYS_MOST, STRING_BIT = 0x80 };
enum { DEPTH = 3 }; /* of a value in the JSON format: in a record, in a list, in the document */

enum part { PART_ENTITY, PART_RELATION, PART_REST };

/* A name of fields, met in this file; its number is that of its text. */
struct name {
  struct input input;  /* what all fields of that name have in common, but for where the name stands */
  uint16_t key_number; /* of a further field, + 1; 0: no record had it yet */
  enum own own;        /* what it is to the memo; OWNS: a part of its key */
  uint32_t seen;       /* the record that had it last */
  bool valid;          /* not empty, UTF-8 without NUL */
};

/* Where what a field says stands, when not in the buffer: pointers are made of it once nothing moves any more. */
struct aside {
  uint32_t name;
  bool moved; /* its bytes stand in `made`, from `start` */
  size_t start;
};

struct record {
  size_t first, count; /* fields */
  size_t start, length, line;
  enum part part;
  bool broken;  /* cause says why; it is the last of its rows */
  bool repeats; /* the memo may know it */
  struct memo_key key;
};

struct reader {
  struct network *network;
  struct memory *memory;
  struct source source;
  enum ndjson_part part;
  const struct ndjson_nested *nested;
  struct ndjson_rest *rest;
  struct texts names;
  struct vector_of(struct name) name;
  uint32_t foretold[FORETOLD]; /* the name that the last record had at each place */
  uint32_t serial;
  uint32_t from, to, rule, targets, heading;
  bool begun;   /* a record came */
  size_t count; /* records at hand */
  struct vector_of(struct input) fields;
  struct vector_of(struct aside) aside;
  struct vector_of(char) made; /* unescaped, shortened, encoded */
  struct memo memo[2];
  size_t records[2]; /* entities and relations so far */
  struct failure cause;
  struct record record[ROWS];
  struct own_text texts[ROWS][OWNS];
};

void ndjson_rest_close(struct ndjson_rest *rest) {
  vector_free(&rest->memory, &rest->bytes);
  vector_free(&rest->memory, &rest->lines);
}

/* ---- names ---- */

static enum own own_of(enum known known) {
  switch (known) {
  case KNOWN_ID: return OWN_ID;
  case KNOWN_FROM: return OWN_FROM;
  case KNOWN_TO: return OWN_TO;
  case KNOWN_SINCE: return OWN_SINCE;
  case KNOWN_UNTIL: return OWN_UNTIL;
  default: return OWNS;
  }
}

/* The number of a name, new ones too; TEXT_NONE when it cannot be had. */
static uint32_t find_name(struct reader *reader, const char *bytes, size_t length) {
  uint32_t name = text_intern(&reader->names, bytes, length);
  if (name == TEXT_NONE) return fail_memory(&reader->cause, reader->memory), TEXT_NONE;
  while (reader->name.count <= name) {
    if (reader->name.count >= NAMES_MOST)
      return fail(&reader->cause, FAILURE_PARSE, "%s:%zu: more than %d different field names", reader->source.path,
                  reader->source.next_line, KEYS_MOST),
             TEXT_NONE;
    uint32_t at = (uint32_t)reader->name.count;
    enum known known = known_field(text_bytes(&reader->names, at), text_length(&reader->names, at));
    struct name entry = {.input = {.known = (uint8_t)known}, .own = own_of(known)};
    size_t size = text_length(&reader->names, at);
    entry.valid = size > 0 && text_invalid_at(text_bytes(&reader->names, at), size) == size;
    if (!vector_push(reader->memory, &reader->name, entry))
      return fail_memory(&reader->cause, reader->memory), TEXT_NONE;
  }
  return name;
}

static bool open_names(struct reader *reader) {
  reader->from = find_name(reader, "from", 4);
  reader->to = find_name(reader, "to", 2);
  reader->rule = find_name(reader, "rule", 4);
  reader->targets = find_name(reader, "targets", 7);
  reader->heading = find_name(reader, "knockon", 7);
  return reader->heading != TEXT_NONE && reader->cause.code == FAILURE_NONE;
}

/* ---- one record ---- */

static bool out_of_memory(struct reader *reader) { return fail_memory(&reader->cause, reader->memory); }

/* FILE:LINE:COLUMN: why. Columns count letters. */
static bool malformed(struct reader *reader, const struct json *json) {
  const char *start = reader->source.buffer.items + reader->source.at;
  size_t column = 1;
  for (const char *at = start; at < json->wrong; at++) column += (*at & 0xc0) != 0x80;
  size_t letter = json->wrong < json->end ? 1 : 0;
  while (letter && json->wrong + letter < json->end && (json->wrong[letter] & 0xc0) == 0x80) letter++;
  char found[40] = "";
  if (memcmp(json->why, "expected", 8) == 0) {
    if (letter) (void)snprintf(found, sizeof found, ", found '%.*s'", letter < 8 ? (int)letter : 8, json->wrong);
    else (void)snprintf(found, sizeof found, ", found the end of the line");
  }
  return fail(&reader->cause, FAILURE_PARSE, "%s:%zu:%zu: %s%s", reader->source.path, reader->source.next_line, column,
              json->why, found);
}

static bool add_field(struct reader *reader, uint32_t name, const struct input *input, bool moved, size_t start) {
  struct aside aside = {name, moved, start};
  return (vector_push(reader->memory, &reader->fields, *input) && vector_push(reader->memory, &reader->aside, aside)) ||
         out_of_memory(reader);
}

/* Text as it stands, or unescaped. */
static bool add_text(struct reader *reader, struct json *json, uint32_t name, struct input *input,
                     const struct json_string *string) {
  input->type = FIELD_TEXT;
  input->bytes = string->bytes;
  input->length = string->length;
  if (!string->escaped) {
    input->valid = string->plain;
    return add_field(reader, name, input, false, 0);
  }
  size_t start = reader->made.count;
  if (!vector_reserve(reader->memory, &reader->made, string->length + 1)) return out_of_memory(reader);
  input->length = json_unescape(json, string, reader->made.items + start);
  if (input->length == SIZE_MAX) return malformed(reader, json);
  reader->made.count += input->length;
  return add_field(reader, name, input, true, start);
}

static bool add_number(struct reader *reader, struct json *json, uint32_t name, struct input *input, const char *number,
                       size_t length) {
  char text[JSON_NUMBER_TEXT];
  size_t shortest = json_shortest(number, length, text), start = reader->made.count;
  if (shortest == 0) return json_fail(json, number, "a number that is not finite"), malformed(reader, json);
  input->type = FIELD_NUMBER;
  input->bytes = number;
  input->length = shortest;
  input->valid = true;
  if (shortest == length && memcmp(text, number, length) == 0) return add_field(reader, name, input, false, 0);
  if (!vector_reserve(reader->memory, &reader->made, shortest)) return out_of_memory(reader);
  memcpy(reader->made.items + start, text, shortest);
  reader->made.count += shortest;
  return add_field(reader, name, input, true, start);
}

static const char *read_value(struct reader *reader, struct json *json, const char *at, uint32_t name,
                              struct input *input, struct record *record);

/* A list: its items, unless there is a table among them. Nulls are no items. */
static const char *read_list(struct reader *reader, struct json *json, const char *at, uint32_t name,
                             struct input *input) {
  size_t first = reader->fields.count;
  const char *end = json_value(json, at, DEPTH);
  bool tables = false;
  if (!end) return malformed(reader, json), NULL;
  at = json_blanks(json, at + 1);
  while (*at != ']' && !tables) {
    tables = *at == '[' || *at == '{';
    struct input item = *input;
    item.in_list = true;
    const char *next = tables ? at : read_value(reader, json, at, name, &item, NULL);
    if (!next) return NULL;
    next = json_blanks(json, next);
    at = *next == ',' ? json_blanks(json, next + 1) : next;
  }
  if (!tables && reader->fields.count > first) return end;
  reader->fields.count = reader->aside.count = first;
  input->type = tables ? FIELD_JSON : FIELD_EMPTY_LIST;
  return end;
}

/* The value of a field, added; null is none. What it says goes into the key of the memo, or ends its use. */
static const char *read_value(struct reader *reader, struct json *json, const char *at, uint32_t name,
                              struct input *input, struct record *record) {
  struct json_string string;
  const char *start = at;
  bool repeats = false;
  if (at < json->end && *at == '"') {
    at = json_string(json, at + 1, &string);
    if (!at) return malformed(reader, json), NULL;
    if (!add_text(reader, json, name, input, &string)) return NULL;
    repeats = string.plain && !string.escaped;
    if (record && repeats && reader->name.items[name].own == OWNS) {
      memo_add(&record->key, string.bytes, string.length);
      record->key.lengths |= STRING_BIT;
    }
  } else if (at < json->end && (*at == '[' || *at == '{')) {
    if (*at == '[') {
      at = read_list(reader, json, at, name, input);
      if (!at) return NULL;
    } else {
      at = json_value(json, at, DEPTH);
      if (!at) return malformed(reader, json), NULL;
      input->type = FIELD_JSON;
    }
    if (input->type == FIELD_JSON || input->type == FIELD_EMPTY_LIST) {
      input->bytes = input->type == FIELD_JSON ? start : "";
      input->length = input->type == FIELD_JSON ? (size_t)(at - start) : 0;
      if (!add_field(reader, name, input, false, 0)) return NULL;
    }
  } else {
    at = json_value(json, at, DEPTH);
    if (!at) return malformed(reader, json), NULL;
    input->type = *start == 't' ? FIELD_TRUE : FIELD_FALSE;
    input->bytes = "";
    input->length = 0;
    input->valid = true;
    if (*start == 't' || *start == 'f') {
      if (!add_field(reader, name, input, false, 0)) return NULL;
    } else if (*start != 'n' && !add_number(reader, json, name, input, start, (size_t)(at - start))) {
      return NULL;
    }
    repeats = record && reader->name.items[name].own == OWNS;
    if (repeats && *start != 'n') memo_add(&record->key, start, (size_t)(at - start));
  }
  if (record && !repeats) record->repeats = false;
  return at;
}

/* The name of a field, guessed by what stood at this place before; comes to its value. */
static const char *read_name(struct reader *reader, struct json *json, const char *at, size_t place, uint32_t *name) {
  struct json_string string;
  if (at >= json->end || *at != '"')
    return json_fail(json, at, "expected the name of a field, in quotes"), malformed(reader, json), NULL;
  at = json_string(json, at + 1, &string);
  if (!at) return malformed(reader, json), NULL;
  uint32_t guess = place < FORETOLD ? reader->foretold[place] : 0;
  if (!string.escaped && text_length(&reader->names, guess) == string.length &&
      memcmp(text_bytes(&reader->names, guess), string.bytes, string.length) == 0) {
    *name = guess;
  } else {
    size_t start = reader->made.count, length = string.length;
    const char *bytes = string.bytes;
    if (string.escaped) {
      if (!vector_reserve(reader->memory, &reader->made, length + 1)) return out_of_memory(reader), NULL;
      bytes = reader->made.items + start;
      length = json_unescape(json, &string, reader->made.items + start);
      if (length == SIZE_MAX) return malformed(reader, json), NULL;
    }
    *name = find_name(reader, bytes, length);
    if (*name == TEXT_NONE) return NULL;
    if (place < FORETOLD) reader->foretold[place] = *name;
  }
  at = json_blanks(json, at);
  if (at >= json->end || *at != ':') return json_fail(json, at, "expected ':'"), malformed(reader, json), NULL;
  return json_blanks(json, at + 1);
}

/* A name that comes again in one record: the last one counts. */
static void drop_earlier(struct reader *reader, struct record *record, uint32_t name) {
  size_t kept = record->first;
  for (size_t i = record->first; i < reader->fields.count; i++) {
    if (reader->aside.items[i].name == name) continue;
    reader->aside.items[kept] = reader->aside.items[i];
    reader->fields.items[kept++] = reader->fields.items[i];
  }
  reader->fields.count = reader->aside.count = kept;
  record->repeats = false;
}

static bool read_field(struct reader *reader, struct json *json, const char **at, size_t place, struct record *record,
                       struct own_text *texts) {
  uint32_t name;
  const char *value = read_name(reader, json, *at, place, &name);
  if (!value) return false;
  struct name *known = &reader->name.items[name];
  if (known->seen == reader->serial) drop_earlier(reader, record, name);
  known->seen = reader->serial;
  size_t first = reader->fields.count;
  struct input input = known->input;
  *at = read_value(reader, json, value, name, &input, record);
  if (!*at) return false;
  bool given = reader->fields.count > first;
  if (known->own == OWNS) { /* which names the key speaks of */
    if (name > 254) record->repeats = false;
    if (given) record->key.words[0] = record->key.words[0] << 8 | (name + 1);
    return true;
  }
  if (!given || !record->repeats) return true;
  struct input *field = &reader->fields.items[first];
  struct own_text *own = &texts[known->own];
  *own = (struct own_text){.bytes = field->bytes, .length = (uint32_t)field->length, .numeral = NUMERAL_NONE};
  if (known->own > OWN_TO || own->length == 0) return true;
  own_foresee(reader->network, own);
  field->hash = own->hash;
  return true;
}

static bool has(const struct reader *reader, uint32_t name) { return reader->name.items[name].seen == reader->serial; }

static enum part part_of(const struct reader *reader) {
  switch (reader->part) {
  case NDJSON_ENTITIES: return PART_ENTITY;
  case NDJSON_RELATIONS: return PART_RELATION;
  case NDJSON_RESTRICTIONS: return PART_REST;
  case NDJSON_ANY: break;
  }
  if (!reader->begun && has(reader, reader->heading)) return PART_REST;
  if (has(reader, reader->from) || has(reader, reader->to)) return PART_RELATION;
  return has(reader, reader->rule) || has(reader, reader->targets) ? PART_REST : PART_ENTITY;
}

/* A line that is an object. */
static bool read_record(struct reader *reader, struct json *json, const char *at, struct record *record,
                        struct own_text *texts) {
  if (++reader->serial == 0) { /* all of them again */
    for (size_t i = 0; i < reader->name.count; i++) reader->name.items[i].seen = 0;
    reader->serial = 1;
  }
  for (int k = 0; k < OWNS; k++) texts[k].length = 0;
  record->first = reader->fields.count;
  record->repeats = true;
  record->key.count = 1; /* the first word is for the names */
  record->key.words[0] = record->key.lengths = 0;
  if (*at != '{') return json_fail(json, at, "expected an object, {"), malformed(reader, json);
  at = json_blanks(json, at + 1);
  size_t parts = 0;
  if (at < json->end && *at == '}') {
    at++;
  } else {
    for (size_t place = 0;; place++) {
      size_t count = reader->fields.count;
      if (!read_field(reader, json, &at, place, record, texts)) return false;
      parts += reader->fields.count > count;
      at = json_blanks(json, at);
      if (at < json->end && *at == '}') break;
      if (at >= json->end || *at != ',') return json_fail(json, at, "expected ',' or '}'"), malformed(reader, json);
      at = json_blanks(json, at + 1);
    }
    at++;
  }
  at = json_blanks(json, at);
  if (at < json->end) return json_fail(json, at, "a line has one object only"), malformed(reader, json);
  record->count = reader->fields.count - record->first;
  record->part = part_of(reader);
  bool ends = texts[OWN_FROM].length || texts[OWN_TO].length;
  size_t own = 0;
  for (int k = 0; k < OWNS; k++) own += texts[k].length > 0;
  if (parts - own > MEMO_PARTS || (ends && record->part != PART_RELATION)) record->repeats = false;
  return true;
}

enum taken { ROW, MORE, END, BROKEN };

static enum taken take_line(struct reader *reader, struct record *record, struct own_text *texts) {
  struct source *source = &reader->source;
  for (;;) {
    size_t left = source->buffer.count - source->at;
    if (left == 0) return source->ended ? END : MORE;
    const char *start = source->buffer.items + source->at, *line_break = memchr(start, '\n', left);
    if (!line_break && !source->ended) return MORE;
    struct json json = {.end = line_break ? line_break : start + left};
    const char *at = json_blanks(&json, start);
    bool blank = at == json.end;
    source_digest_some(source);
    *record = (struct record){.start = source->at, .length = (size_t)(json.end - start), .line = source->next_line};
    bool read = blank || read_record(reader, &json, at, record, texts);
    reader->begun = reader->begun || !blank;
    source->at += record->length + (line_break != NULL);
    source->next_line++;
    if (!read) return BROKEN;
    if (!blank) return ROW;
  }
}

static bool take_lines(struct reader *reader, struct failure *failure) {
  reader->count = 0;
  reader->fields.count = reader->aside.count = reader->made.count = 0;
  while (reader->count < ROWS) {
    struct record *record = &reader->record[reader->count];
    enum taken taken = take_line(reader, record, reader->texts[reader->count]);
    if (taken == END) break;
    if (taken == MORE) {
      if (reader->count > 0) break;
      if (!source_read(&reader->source, failure)) return false;
      continue;
    }
    record->broken = taken == BROKEN;
    reader->count++;
    if (record->broken) break;
  }
  return reader->count > 0;
}

/* ---- into the network ---- */

static void look_ahead(struct reader *reader) {
  bool long_ids = false;
  for (size_t r = 0; r < reader->count; r++)
    for (int k = 0; k <= OWN_TO && reader->record[r].repeats; k++) {
      own_find(reader->network, &reader->texts[r][k]);
      long_ids = long_ids || reader->texts[r][k].length > TEXT_SHORT;
    }
  for (int stage = 0; stage < 2 && long_ids; stage++)
    for (size_t r = 0; r < reader->count; r++)
      for (int k = 0; k <= OWN_TO && reader->record[r].repeats; k++)
        if (reader->texts[r][k].length > TEXT_SHORT)
          text_prefetch_bytes(&reader->network->texts, reader->texts[r][k].hash, stage == 1);
}

/* Values that are tables, in the one way in which such values are kept. */
static bool encode_nested(struct reader *reader, const struct record *record, const struct place *place,
                          struct failure *cause) {
  for (size_t i = record->first; i < record->first + record->count; i++) {
    struct input *field = &reader->fields.items[i];
    struct aside *aside = &reader->aside.items[i];
    size_t written;
    if (field->type != FIELD_JSON) continue;
    struct failure why;
    why.code = FAILURE_NONE;
    const char *text = reader->nested->encode(reader->nested->context, field->bytes, field->length, &written, &why);
    if (!text && why.code != FAILURE_PARSE) return fail(cause, why.code, "%s", why.message);
    if (!text)
      return fail(cause, FAILURE_PARSE, "%s:%zu: %s record %zu: '%.60s' %s", place->file, place->line,
                  record->part == PART_RELATION ? "relation" : "entity", place->record,
                  text_bytes(&reader->names, aside->name), why.message);
    if (!vector_reserve(reader->memory, &reader->made, written + 1)) return fail_memory(cause, reader->memory);
    memcpy(reader->made.items + reader->made.count, text, written);
    *aside = (struct aside){aside->name, true, reader->made.count};
    reader->made.count += written;
    field->length = written;
    if (written == 2 && memcmp(text, "[]", 2) == 0) { /* {} or what had nothing but nulls */
      field->type = FIELD_EMPTY_LIST;
      field->length = 0;
    }
  }
  return true;
}

/* The fields of a record, ready to be read. */
static struct input *settle_fields(struct reader *reader, const struct record *record) {
  for (size_t i = record->first; i < record->first + record->count; i++) {
    struct input *field = &reader->fields.items[i];
    const struct aside *aside = &reader->aside.items[i];
    struct name *name = &reader->name.items[aside->name];
    field->key = text_bytes(&reader->names, aside->name);
    field->key_length = text_length(&reader->names, aside->name);
    field->valid = field->valid && name->valid;
    if (aside->moved) field->bytes = reader->made.items + aside->start;
    if (name->own != OWNS && name->input.known != KNOWN_OTHER) continue;
    field->key_number = &name->key_number;
  }
  return reader->fields.items + record->first;
}

static bool keep_line(struct reader *reader, const struct record *record, struct failure *cause) {
  struct ndjson_rest *rest = reader->rest;
  struct ndjson_line line = {rest->bytes.count, record->length, record->line};
  if (!vector_reserve(&rest->memory, &rest->bytes, record->length + 1) ||
      !vector_push(&rest->memory, &rest->lines, line))
    return fail_memory(cause, &rest->memory);
  memcpy(rest->bytes.items + rest->bytes.count, reader->source.buffer.items + record->start, record->length);
  rest->bytes.count += record->length;
  return true;
}

static bool add_record(struct reader *reader, size_t r, struct failure *cause) {
  struct record *record = &reader->record[r];
  struct network *network = reader->network;
  bool relation = record->part == PART_RELATION, known = false;
  if (record->part == PART_REST) return keep_line(reader, record, cause);
  struct place place = {reader->source.path, ++reader->records[relation], record->line};
  struct memo_entry *entry = record->repeats ? memo_find(&reader->memo[relation], &record->key, &known) : NULL;
  if (known && memo_repeat(network, reader->texts[r], entry, relation)) return true;
  if (!encode_nested(reader, record, &place, cause)) return false;
  struct input *fields = settle_fields(reader, record);
  for (size_t i = 0; i < record->count; i++) fields[i].text = network_recall(network, &fields[i], relation);
  if (!(relation ? network_add_relation(network, fields, record->count, &place, cause)
                 : network_add_entity(network, fields, record->count, &place, cause)))
    return false;
  if (entry) memo_note(entry, &record->key, network, relation);
  return true;
}

/* One of the records at hand; what is wrong with it ends the file, or is told. */
static bool take_record(struct reader *reader, size_t r, const struct skipped *skipped, struct failure *failure) {
  struct failure cause;
  cause.code = FAILURE_NONE;
  struct network *network = reader->network;
  const struct record *record = &reader->record[r];
  uint32_t records = network->records;
  if (record->broken) {
    cause = reader->cause;
    reader->cause.code = FAILURE_NONE;
    if (reader->part == NDJSON_ENTITIES) reader->records[0]++;
    if (reader->part == NDJSON_RELATIONS) reader->records[1]++;
  } else if (add_record(reader, r, &cause)) {
    return true;
  }
  bool relation = record->broken ? reader->part == NDJSON_RELATIONS : record->part == PART_RELATION;
  if (relation && network->records == records && records < UINT32_MAX - 1)
    network->records++; /* ids of those after it stay file#record */
  if (!skipped || cause.code != FAILURE_PARSE) return fail(failure, cause.code, "%s", cause.message);
  skipped->report(skipped->context, cause.message);
  return true;
}

static bool read_lines(struct reader *reader, const struct skipped *skipped, struct control *control,
                       struct failure *failure) {
  enum { EVERY = 64 }; /* batches between checkpoints */
  for (size_t batch = 0;; batch++) {
    struct failure cause;
    cause.code = FAILURE_NONE;
    if (!take_lines(reader, &cause)) {
      if (cause.code == FAILURE_NONE) return true;
      if (!skipped || cause.code != FAILURE_PARSE) return fail(failure, cause.code, "%s", cause.message);
      skipped->report(skipped->context, cause.message);
      continue;
    }
    if (batch % EVERY == EVERY - 1 && !control_checkpoint(control, (double)reader->source.bytes,
                                                          (double)reader->source.size, "reading records", failure))
      return false;
    look_ahead(reader);
    for (size_t r = 0; r < reader->count; r++)
      if (!take_record(reader, r, skipped, failure)) return false;
  }
}

static bool open_reader(struct reader *reader, const char *path, const struct source_reader *bytes) {
  struct memory *memory = reader->memory;
  struct failure *cause = &reader->cause;
  if (bytes) source_open_reader(&reader->source, path, "line", *bytes, memory);
  else if (!source_open(&reader->source, path, "line", memory, cause)) return false;
  const char *name = strrchr(path, '/');
  name = name ? name + 1 : path;
  if (!texts_open(&reader->names, memory) || !memo_open(&reader->memo[0], memory) ||
      !memo_open(&reader->memo[1], memory))
    return out_of_memory(reader);
  bool relations = reader->part == NDJSON_ANY || reader->part == NDJSON_RELATIONS;
  if (reader->source.lines > 0 && (reader->part == NDJSON_ENTITIES || reader->part == NDJSON_RELATIONS))
    draft_expect(reader->network, relations, (size_t)(reader->source.lines * 1.02));
  return open_names(reader) && (!relations || network_begin_file(reader->network, name, strlen(name), cause));
}

static void close_reader(struct reader *reader) {
  struct memory *memory = reader->memory;
  source_close(&reader->source);
  texts_close(&reader->names);
  memo_close(&reader->memo[0]);
  memo_close(&reader->memo[1]);
  vector_free(memory, &reader->name);
  vector_free(memory, &reader->fields);
  vector_free(memory, &reader->aside);
  vector_free(memory, &reader->made);
  memory_free(memory, reader, sizeof *reader);
}

bool network_read_ndjson(struct network *network, const char *path, const struct source_reader *bytes,
                         enum ndjson_part part, const struct ndjson_nested *nested, struct ndjson_rest *rest,
                         const struct skipped *skipped, struct digest *digest, struct control *control,
                         struct failure *failure) {
  struct reader *reader = memory_zeroed(&network->memory, 1, sizeof *reader);
  if (!reader) return fail_memory(failure, &network->memory);
  reader->network = network;
  reader->memory = &network->memory;
  reader->part = part;
  reader->nested = nested;
  reader->rest = rest;
  bool fine = open_reader(reader, path, bytes);
  if (!fine) (void)fail(failure, reader->cause.code, "%s", reader->cause.message);
  reader->source.digest = digest;
  fine = fine && read_lines(reader, skipped, control, failure);
  close_reader(reader);
  return fine;
}
