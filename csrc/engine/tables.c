#include "tables.h"

#include "csv.h"
#include "memo.h"

enum { ROWS = 128, EVERY = 8192 }; /* records between checkpoints */

struct column {
  uint32_t name;       /* text */
  struct input input;  /* what all its cells have in common */
  uint16_t key_number; /* of a further field, + 1; 0: no record had it yet */
  bool list;           /* semicolons stand between its items */
  bool always;         /* name[]: a list also when it has one item */
  enum own own;        /* what it is to the memo; OWNS: a part of its key */
};

/* Columns next to each other that the memo takes together. */
struct span {
  size_t first, last;
};

struct table {
  struct vector_of(struct column) columns;
  struct texts names, headings; /* without and with [] */
  bool twins;                   /* some name stands both with and without [] */
  struct vector_of(struct input) inputs;
  struct column_own {
    size_t column;
    enum own own;
  } owns[OWNS]; /* columns that are no part of the memo's key */
  int own_count;
  struct span spans[MEMO_PARTS];
  int span_count; /* more than MEMO_PARTS: no memo */
  bool brief;     /* own columns are `from` and `to` of relations, or the id of entities, and no more */
  struct memo memo;
  struct own_text texts[ROWS][OWNS];
  struct memo_key keys[ROWS];
  uint64_t hashes[ROWS]; /* of the keys */
};

static bool is_list_field(const char *name, size_t length) {
  return (length == 4 && memcmp(name, "data", 4) == 0) || (length == 7 && memcmp(name, "country", 7) == 0) ||
         (length == 10 && memcmp(name, "located_in", 10) == 0);
}

static enum own own_of(const struct column *column, bool relations) {
  if (column->list) return OWNS;
  switch ((enum known)column->input.known) {
  case KNOWN_ID: return OWN_ID;
  case KNOWN_SINCE: return OWN_SINCE;
  case KNOWN_UNTIL: return OWN_UNTIL;
  case KNOWN_FROM: return relations ? OWN_FROM : OWNS;
  case KNOWN_TO: return relations ? OWN_TO : OWNS;
  default: return OWNS;
  }
}

/* Once the header is read and no name moves any more. */
static void prepare_columns(struct table *table, bool relations) {
  bool open = false; /* does the last span go on? */
  for (size_t i = 0; i < table->columns.count; i++) {
    struct column *column = &table->columns.items[i];
    column->input.key = text_bytes(&table->names, column->name);
    column->input.key_length = text_length(&table->names, column->name);
    column->input.key_number = &column->key_number;
    column->own = own_of(column, relations);
    if (column->own != OWNS) {
      table->owns[table->own_count++] = (struct column_own){i, column->own};
      open = false;
      continue;
    }
    if (!open && table->span_count++ < MEMO_PARTS) table->spans[table->span_count - 1].first = i;
    open = true;
    if (table->span_count <= MEMO_PARTS) table->spans[table->span_count - 1].last = i;
  }
  if (relations) table->brief = table->own_count == 2 && table->owns[0].own + table->owns[1].own == OWN_FROM + OWN_TO;
  else table->brief = table->own_count == 1 && table->owns[0].own == OWN_ID;
  table->brief = table->brief && table->span_count <= MEMO_PARTS && !table->twins;
}

static bool read_header(struct table *table, struct csv *csv, bool relations, struct failure *failure) {
  static const char *const needed[2][3] = {{"id", NULL, NULL}, {"kind", "from", "to"}};
  bool found[3] = {false, false, false};
  if (!csv_next(csv, failure)) /* the first cause stays */
    return fail(failure, FAILURE_PARSE, "%s: the file is empty; its first line must name the columns",
                csv->source.path);
  for (size_t i = 0; i < csv->cells.count; i++) {
    const char *name = csv_bytes(csv, i);
    size_t length = csv_length(csv, i);
    if (length == 0)
      return fail(failure, FAILURE_PARSE, "%s:%zu: column %zu has no name", csv->source.path, csv->line, i + 1);
    struct column column = {.always = length > 2 && memcmp(name + length - 2, "[]", 2) == 0};
    if (text_lookup(&table->headings, name, length) != TEXT_NONE)
      return fail(failure, FAILURE_PARSE, "%s:%zu: two columns are named '%.*s'", csv->source.path, csv->line,
                  (int)length, name);
    if (text_intern(&table->headings, name, length) == TEXT_NONE) return fail_memory(failure, csv->source.memory);
    if (column.always) length -= 2;
    if (text_invalid_at(name, length) < length)
      return fail(failure, FAILURE_PARSE, "%s:%zu: the name of column %zu is not valid UTF-8", csv->source.path,
                  csv->line, i + 1);
    table->twins = table->twins || text_lookup(&table->names, name, length) != TEXT_NONE;
    column.name = text_intern(&table->names, name, length);
    column.input = (struct input){.type = FIELD_TEXT, .known = (uint8_t)known_field(name, length)};
    column.list = column.always || is_list_field(name, length);
    if (column.name == TEXT_NONE || !vector_push(csv->source.memory, &table->columns, column))
      return fail_memory(failure, csv->source.memory);
    for (int k = 0; k < 3; k++)
      if (needed[relations][k] && strlen(needed[relations][k]) == length &&
          memcmp(name, needed[relations][k], length) == 0)
        found[k] = true;
  }
  for (int k = 0; k < 3; k++)
    if (needed[relations][k] && !found[k])
      return fail(failure, FAILURE_PARSE, "%s:%zu: there is no column '%s'", csv->source.path, csv->line,
                  needed[relations][k]);
  prepare_columns(table, relations);
  return true;
}

/* The items of a cell with semicolons, or its one value. */
static bool read_items(struct table *table, struct csv *csv, const struct input *whole, const char *semicolon,
                       struct failure *failure) {
  struct input input = *whole;
  const char *end = whole->bytes + whole->length;
  for (const char *item = whole->bytes; item <= end;) {
    const char *stop = semicolon ? memchr(item, ';', (size_t)(end - item)) : NULL;
    if (!stop) stop = end;
    input.bytes = item;
    input.length = (size_t)(stop - item);
    if (input.length == 0 && item == end) break; /* "a;" is a list of one */
    if (!vector_push(csv->source.memory, &table->inputs, input)) return fail_memory(failure, csv->source.memory);
    item = stop + 1;
  }
  return true;
}

static bool read_cells(struct table *table, struct network *network, struct csv *csv, size_t r, bool relations,
                       struct failure *failure) {
  const struct csv_row *row = &csv->rows.items[r];
  table->inputs.count = 0;
  if (!vector_reserve(csv->source.memory, &table->inputs, table->columns.count))
    return fail_memory(failure, csv->source.memory);
  const struct cell *cells = csv->cells.items + row->first;
  for (size_t i = 0; i < table->columns.count; i++) {
    const struct column *column = &table->columns.items[i];
    if (cells[i].length == 0) continue; /* blank: not given */
    struct input input = column->input;
    input.bytes = csv->source.buffer.items + cells[i].start;
    input.length = cells[i].length;
    input.valid = row->plain;
    const char *semicolon = column->list ? memchr(input.bytes, ';', input.length) : NULL;
    input.in_list = semicolon || column->always;
    if (column->own != OWNS) input.hash = table->texts[r][column->own].hash;
    else input.text = network_recall(network, &input, relations);
    if (input.in_list) {
      if (!read_items(table, csv, &input, semicolon, failure)) return false;
    } else if (!vector_push(csv->source.memory, &table->inputs, input)) {
      return fail_memory(failure, csv->source.memory);
    }
  }
  return true;
}

/* The name of a field that a row gives both as a text and as a list, or NULL. */
static const char *filled_twice(const struct table *table) {
  const struct input *inputs = table->inputs.items;
  for (size_t i = 0; table->twins && i < table->inputs.count; i++) {
    bool same_list = i > 0 && inputs[i].key == inputs[i - 1].key && inputs[i].in_list && inputs[i - 1].in_list;
    for (size_t k = i + 1; k < table->inputs.count && !same_list; k++)
      if (inputs[k].key == inputs[i].key && !(inputs[k].in_list && inputs[i].in_list)) return inputs[i].key;
  }
  return NULL;
}

/* The key of a row in the memo; false when it has none. */
static bool make_key(const struct table *table, const struct csv *csv, const struct csv_row *row,
                     struct memo_key *key) {
  const struct cell *cells = csv->cells.items + row->first;
  const char *bytes = csv->source.buffer.items;
  key->count = 0;
  key->lengths = 0;
  if (!row->plain || row->count != table->columns.count || table->twins || table->span_count > MEMO_PARTS) return false;
  for (int i = 0; i < table->span_count; i++) {
    size_t start = cells[table->spans[i].first].start;
    const struct cell *last = &cells[table->spans[i].last];
    memo_add(key, bytes + start, last->start + last->length - start);
  }
  return true;
}

/* Of ids too long for the table of texts alone. */
static void look_further(const struct table *table, const struct network *network, size_t rows) {
  for (int stage = 0; stage < 2; stage++)
    for (size_t r = 0; r < rows; r++)
      for (int k = 0; k <= OWN_TO; k++)
        if (table->texts[r][k].length > TEXT_SHORT)
          text_prefetch_bytes(&network->texts, table->texts[r][k].hash, stage == 1);
}

/* What the rows at hand have of their own, and where it is looked up on its way from memory before it is asked for. */
static void look_ahead(struct table *table, struct csv *csv, const struct network *network) {
  const char *bytes = csv->source.buffer.items;
  bool long_ids = false;
  for (int k = 0; k < table->own_count; k++) {
    size_t column = table->owns[k].column;
    enum own own = table->owns[k].own;
    for (size_t r = 0; r < csv->rows.count; r++) {
      const struct csv_row *row = &csv->rows.items[r];
      struct own_text *text = &table->texts[r][own];
      if (r % 4 == 0) source_digest_some(&csv->source);
      text->length = 0;
      if (row->count != table->columns.count) continue;
      struct cell cell = csv->cells.items[row->first + column];
      text->bytes = bytes + cell.start;
      text->length = cell.length;
      text->hash = text->text = 0;
      if (own > OWN_TO || cell.length == 0) continue;
      if (own == OWN_ID) own_foresee_new(network, text);
      else own_foresee(network, text);
      long_ids = long_ids || text->length > TEXT_SHORT;
    }
  }
  for (size_t r = 0; r < csv->rows.count; r++) {
    if (r % 4 == 0) source_digest_some(&csv->source);
    if (!make_key(table, csv, &csv->rows.items[r], &table->keys[r])) table->keys[r].count = MEMO_WORDS + 1;
    else table->hashes[r] = memo_hash(&table->keys[r]);
  }
  for (int k = 0; k < table->own_count; k++)
    for (size_t r = 0; r < csv->rows.count && table->owns[k].own <= OWN_TO; r++)
      own_find(network, &table->texts[r][table->owns[k].own]);
  if (long_ids) look_further(table, network, csv->rows.count);
}

/* ---- even rows: nothing of them is split that the memo knows ---- */

/* What look_ahead does, of even rows. */
static void look_ahead_even(struct table *table, struct csv *csv, const struct network *network, size_t rows) {
  const char *bytes = csv->source.buffer.items;
  uint32_t last = (uint32_t)csv->columns - 1, returns = (uint32_t)csv->returns;
  bool long_ids = false;
  for (size_t r = 0; r < rows; r++) {
    const uint32_t *end = csv_ends(csv, r);
    if (r % 2 == 0) source_digest_some(&csv->source);
    for (int k = 0; k < table->own_count; k++) {
      size_t column = table->owns[k].column;
      struct own_text *text = &table->texts[r][table->owns[k].own];
      text->bytes = bytes + (uint32_t)(end[column] + 1);
      text->length = end[column + 1] - end[column] - 1 - (column == last ? returns : 0);
      if (table->owns[k].own == OWN_ID) own_foresee_new(network, text);
      else own_foresee(network, text);
      long_ids |= text->length > TEXT_SHORT;
    }
    struct memo_key *key = &table->keys[r];
    key->count = 0;
    key->lengths = 0;
    for (int i = 0; i < table->span_count; i++) {
      uint32_t start = end[table->spans[i].first] + 1;
      size_t column = table->spans[i].last;
      memo_add(key, bytes + start, end[column + 1] - start - (column == last ? returns : 0));
    }
    table->hashes[r] = memo_hash(key);
  }
  if (long_ids) look_further(table, network, rows);
}

/* From row r on, those that say what others said of two ends, or of an entity; comes to the first that takes more. */
static size_t repeat_rows(struct table *table, struct network *network, size_t r, size_t count, bool relations) {
  for (; r < count; r++) {
    struct own_text *own = table->texts[r];
    const struct memo_entry *like = memo_known(&table->memo, &table->keys[r], table->hashes[r]);
    if (!like) break;
    if (!relations) {
      if (!memo_repeat(network, own, like, false)) break;
      continue;
    }
    struct own_text *from = &own[OWN_FROM], *to = &own[OWN_TO];
    if (from->length == 0 || to->length == 0 || network->records >= RELATION_NONE - 1) break;
    if (!from->hash) from->text = numerals_find(&network->draft->numerals, from->numeral);
    if (!to->hash) to->text = numerals_find(&network->draft->numerals, to->numeral);
    uint32_t from_text = own_intern(network, from), to_text = own_intern(network, to);
    if (!draft_add_plain(network, from_text, to_text, like->saying - 1)) break;
    network->records++;
  }
  return r;
}

/* One row into the network: true, or what is wrong with it. */
static bool read_row(struct network *network, struct csv *csv, struct table *table, size_t r, bool relations,
                     const struct place *place, struct failure *cause) {
  const struct csv_row *row = &csv->rows.items[r];
  const char *what = relations ? "relation" : "entity";
  const struct memo_key *key = &table->keys[r];
  bool known = false;
  if (row->broken) {
    *cause = csv->cause;
    csv->cause.code = FAILURE_NONE;
    return false;
  }
  if (row->count != table->columns.count)
    return fail(cause, FAILURE_PARSE, "%s:%zu: %s record %zu: %zu cells, but the header has %zu", csv->source.path,
                row->line, what, place->record, row->count, table->columns.count);
  struct memo_entry *entry = memo_find(&table->memo, key, &known);
  if (known && memo_repeat(network, table->texts[r], entry, relations)) return true;
  if (!read_cells(table, network, csv, r, relations, cause)) return false;
  const char *twice = filled_twice(table);
  if (twice)
    return fail(cause, FAILURE_PARSE, "%s:%zu: %s record %zu: both '%s' and '%s[]' are filled", csv->source.path,
                row->line, what, place->record, twice, twice);
  if (!(relations ? network_add_relation(network, table->inputs.items, table->inputs.count, place, cause)
                  : network_add_entity(network, table->inputs.items, table->inputs.count, place, cause)))
    return false;
  if (entry) memo_note(entry, key, network, relations);
  return true;
}

static bool read_rows(struct network *network, struct csv *csv, struct table *table, bool relations,
                      const struct skipped *skipped, struct control *control, struct failure *failure) {
  struct place place = {csv->source.path, 0, 0};
  if (!read_header(table, csv, relations, failure)) return false;
  if (csv->source.lines > 0) draft_expect(network, relations, (size_t)(csv->source.lines * 1.02));
  for (;;) {
    struct failure cause;
    cause.code = FAILURE_NONE; /* the message comes with it */
    size_t even = table->brief && csv->columns == table->columns.count ? csv_even_rows(csv, ROWS) : 0;
    if (even > 0) look_ahead_even(table, csv, network, even);
    else if (csv_rows(csv, ROWS, &cause)) look_ahead(table, csv, network);
    else {
      if (cause.code == FAILURE_NONE) return true;
      if (!skipped || cause.code != FAILURE_PARSE) return fail(failure, cause.code, "%s", cause.message);
      skipped->report(skipped->context, cause.message);
      continue;
    }
    if ((place.record + csv->rows.count) / EVERY != place.record / EVERY &&
        !control_checkpoint(control, (double)csv->source.bytes, (double)csv->source.size,
                            relations ? "reading relations" : "reading entities", failure))
      return false;
    for (size_t r = 0; r < csv->rows.count; r++) {
      if (even > 0) {
        size_t before = r;
        r = repeat_rows(table, network, r, even, relations);
        place.record += r - before;
        if (r == even) break;
        csv_split(csv, r);
      }
      uint32_t records = network->records;
      place.record++;
      place.line = csv->rows.items[r].line;
      if (read_row(network, csv, table, r, relations, &place, &cause)) continue;
      if (relations && network->records == records && records < UINT32_MAX - 1)
        network->records++; /* ids of those after it stay file#record */
      if (!skipped || cause.code != FAILURE_PARSE) return fail(failure, cause.code, "%s", cause.message);
      skipped->report(skipped->context, cause.message);
      cause.code = FAILURE_NONE;
    }
  }
}

bool network_read_csv(struct network *network, const char *path, const struct source_reader *reader, bool relations,
                      const struct skipped *skipped, struct digest *digest, struct control *control,
                      struct failure *failure) {
  struct memory *memory = &network->memory;
  struct csv csv = {0};
  struct table *table = memory_zeroed(memory, 1, sizeof *table);
  if (!table) return fail_memory(failure, memory);
  bool fine = true;
  if (reader) csv_open_reader(&csv, path, *reader, ',', memory);
  else fine = csv_open(&csv, path, ',', memory, failure);
  csv.source.digest = digest;
  fine =
      fine &&
      ((texts_open(&table->names, memory) && texts_open(&table->headings, memory) && memo_open(&table->memo, memory)) ||
       fail_memory(failure, memory));
  if (fine && relations) {
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    fine = network_begin_file(network, name, strlen(name), failure);
  }
  fine = fine && read_rows(network, &csv, table, relations, skipped, control, failure);
  csv_close(&csv);
  texts_close(&table->names);
  texts_close(&table->headings);
  memo_close(&table->memo);
  vector_free(memory, &table->columns);
  vector_free(memory, &table->inputs);
  memory_free(memory, table, sizeof *table);
  return fine;
}
