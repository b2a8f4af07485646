#include "csv.h"

#include <errno.h>
#include <string.h>

#include "memo.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { BLOCK = 1 << 18, LONGEST_ROW = 1 << 28, MARKED = 64 };

bool csv_open(struct csv *csv, const char *path, char separator, struct memory *memory, struct failure *failure) {
  memset(csv, 0, sizeof *csv);
  csv->memory = memory;
  csv->path = path;
  csv->separator = separator;
  csv->next_line = 1;
  csv->file = fopen(path, "rb");
  if (!csv->file && errno == ENOMEM) return fail(failure, FAILURE_MEMORY, "out of memory");
  if (!csv->file) return fail(failure, FAILURE_IO, "%s: %s", path, strerror(errno));
  setvbuf(csv->file, NULL, _IONBF, 0);
  if (fseek(csv->file, 0, SEEK_END) == 0) {
    long size = ftell(csv->file);
    csv->size = size > 0 ? (uint64_t)size : 0;
    rewind(csv->file);
  }
  return true;
}

void csv_close(struct csv *csv) {
  if (!csv->memory) return;
  if (csv->file) fclose(csv->file);
  vector_free(csv->memory, &csv->buffer);
  vector_free(csv->memory, &csv->cells);
  vector_free(csv->memory, &csv->rows);
  memset(csv, 0, sizeof *csv);
}

static void forget_marks(struct csv *csv) {
  csv->marks = 0;
  csv->marked = SIZE_MAX;
}

/* Keep the row under way, at the front, and read on behind it. */
static bool refill(struct csv *csv, struct failure *failure) {
  if (csv->at > 0) {
    memmove(csv->buffer.items, csv->buffer.items + csv->at, csv->buffer.count - csv->at);
    csv->buffer.count -= csv->at;
    csv->at = 0;
  }
  if (csv->buffer.count > LONGEST_ROW &&
      (csv->at = csv->buffer.count, csv->ended = true)) /* nothing after it is read */
    return fail(failure, FAILURE_PARSE, "%s:%zu: a row of more than 256 MB", csv->path, csv->next_line);
  size_t block =
      csv->buffer.count > BLOCK ? csv->buffer.count : BLOCK; /* long rows: double, so that scanning stays linear */
  if (!vector_reserve(csv->memory, &csv->buffer, block + MARKED)) return fail_memory(failure, csv->memory);
  size_t got = fread(csv->buffer.items + csv->buffer.count, 1, block, csv->file);
  if (got == 0 && ferror(csv->file)) return fail(failure, FAILURE_IO, "%s: %s", csv->path, strerror(errno));
  if (csv->digest) digest_add(csv->digest, csv->buffer.items + csv->buffer.count, got);
  bool first = csv->bytes == 0;
  csv->bytes += got;
  csv->buffer.count += got;
  csv->ended = got == 0;
  memset(csv->buffer.items + csv->buffer.count, 0, MARKED);
  if (first && csv->buffer.count >= 3 && memcmp(csv->buffer.items, "\xef\xbb\xbf", 3) == 0) csv->at = 3;
  forget_marks(csv);
  return true;
}

/* ---- what ends a cell, 64 bytes at a time ---- */

#if defined(__SSE2__)

static uint64_t mark(const char *bytes, char separator, bool *plain) {
  const __m128i separators = _mm_set1_epi8(separator), breaks = _mm_set1_epi8('\n'), quotes = _mm_set1_epi8('"');
  uint64_t marks = 0;
  int odd = 0;
  for (int i = 0; i < MARKED; i += 16) {
    __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
    __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(part, separators), _mm_cmpeq_epi8(part, breaks)),
                                 _mm_cmpeq_epi8(part, quotes));
    marks |= (uint64_t)(unsigned)_mm_movemask_epi8(found) << i;
    odd |= _mm_movemask_epi8(_mm_or_si128(part, _mm_cmpeq_epi8(part, _mm_setzero_si128())));
  }
  *plain = odd == 0;
  return marks;
}

#else

static uint64_t mark(const char *bytes, char separator, bool *plain) {
  uint64_t marks = 0;
  bool odd = false;
  for (int i = 0; i < MARKED; i++) {
    unsigned char c = (unsigned char)bytes[i];
    marks |= (uint64_t)(bytes[i] == separator || c == '\n' || c == '"') << i;
    odd |= c - 1u >= 127;
  }
  *plain = !odd;
  return marks;
}

#endif

/* The next 64 bytes, or those from `at` when nothing is marked; false when the buffer has no more. The zeros behind its
 * end make a row look as if it had some: it is looked at again then. There is room for the cells they may end. */
static bool mark_next(struct csv *csv, size_t at, bool *plain) {
  size_t next = csv->marked == SIZE_MAX ? at : csv->marked + MARKED;
  if (next >= csv->buffer.count) return false;
  csv->marked = next;
  csv->marks = mark(csv->buffer.items + next, csv->separator, &csv->marked_plain);
  *plain = *plain && csv->marked_plain;
  size_t left = csv->buffer.count - next;
  if (left < MARKED) csv->marks &= (UINT64_C(1) << left) - 1;
  return true;
}

/* The next mark, or SIZE_MAX. */
static size_t next_mark(struct csv *csv, size_t at, bool *plain) {
  while (csv->marks == 0)
    if (!mark_next(csv, at, plain)) return SIZE_MAX;
  size_t found = csv->marked + (size_t)__builtin_ctzll(csv->marks);
  csv->marks &= csv->marks - 1;
  return found;
}

/* ---- rows ---- */

/* Where the row that begins at `at` ends (its line break, or the end of the file), or SIZE_MAX: the buffer ends first.
 * quotes: does it have any? Line breaks inside quotes do not end it. */
static size_t find_end(const struct csv *csv, bool *quotes) {
  const char *bytes = csv->buffer.items, *end = bytes + csv->buffer.count, *from = bytes + csv->at;
  const char *line_break = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;
  size_t row = (size_t)((line_break ? line_break : end) - from);
  const char *quote = row ? memchr(from, '"', row) : NULL;
  *quotes = quote != NULL;
  if (!quote) return line_break ? (size_t)(line_break - bytes) : csv->ended ? csv->buffer.count : SIZE_MAX;
  bool inside = false;
  for (const char *p = quote; p < end; p++) {
    if (*p == '"') inside = !inside;
    if (*p == '\n' && !inside) return (size_t)(p - bytes);
  }
  return csv->ended ? csv->buffer.count : SIZE_MAX;
}

static bool add_cell(struct csv *csv, size_t start, size_t length, struct failure *failure) {
  struct cell cell = {(uint32_t)start, (uint32_t)length};
  return vector_push(csv->memory, &csv->cells, cell) || fail_memory(failure, csv->memory);
}

static bool split_quoted(struct csv *csv, size_t start, size_t end, struct failure *failure) {
  char *bytes = csv->buffer.items;
  size_t line = csv->line, line_start = start;
  for (size_t p = start;; p++) {
    if (p < end && bytes[p] == '"') {
      size_t out = p, first = p, opened_line = line, opened_column = p - line_start + 1;
      for (p++;; p++) {
        if (p >= end)
          return fail(failure, FAILURE_PARSE, "%s:%zu:%zu: this quote is never closed", csv->path, opened_line,
                      opened_column);
        if (bytes[p] == '\n') line++, line_start = p + 1;
        if (bytes[p] == '"') {
          if (p + 1 < end && bytes[p + 1] == '"') p++;
          else break;
        }
        bytes[out++] = bytes[p];
      }
      p++;
      if (p < end && bytes[p] != csv->separator)
        return fail(failure, FAILURE_PARSE, "%s:%zu:%zu: text after a closing quote", csv->path, line,
                    p - line_start + 1);
      if (!add_cell(csv, first, out - first, failure)) return false;
    } else {
      size_t first = p;
      while (p < end && bytes[p] != csv->separator) {
        if (bytes[p] == '"')
          return fail(failure, FAILURE_PARSE, "%s:%zu:%zu: a quote inside a cell that does not begin with one",
                      csv->path, line, p - line_start + 1);
        p++;
      }
      if (!add_cell(csv, first, p - first, failure)) return false;
    }
    if (p >= end) return true;
  }
}

enum taken { ROW, MORE, END, BROKEN }; /* MORE: the row does not end in the buffer */

/* A row with quotes in unusual places, from its start. */
static enum taken take_quoted(struct csv *csv, struct csv_row *row) {
  bool quotes;
  size_t start = csv->at, end = find_end(csv, &quotes);
  if (end == SIZE_MAX) return MORE;
  csv->cells.count = row->first;
  csv->at = end < csv->buffer.count ? end + 1 : end;
  csv->line = row->line = csv->next_line++;
  for (const char *p = csv->buffer.items + start; (p = memchr(p, '\n', (size_t)(csv->buffer.items + end - p))); p++)
    csv->next_line++;
  if (end > start && csv->buffer.items[end - 1] == '\r') end--;
  forget_marks(csv);
  row->plain = false;
  if (!split_quoted(csv, start, end, &csv->cause)) return BROKEN;
  row->count = csv->cells.count - row->first;
  return ROW;
}

/* The end of a cell whose opening quote stands at `at`, when the next quote closes it and it has no line break; else
 * SIZE_MAX. */
static size_t close_quote(struct csv *csv, size_t at, bool *plain) {
  const char *bytes = csv->buffer.items;
  size_t end;
  do end = next_mark(csv, at, plain);
  while (end != SIZE_MAX && bytes[end] == csv->separator);
  if (end == SIZE_MAX || bytes[end] != '"' || end + 2 >= csv->buffer.count) return SIZE_MAX;
  bool closed =
      bytes[end + 1] == csv->separator || bytes[end + 1] == '\n' || (bytes[end + 1] == '\r' && bytes[end + 2] == '\n');
  return closed ? end : SIZE_MAX;
}

static bool more_cells(struct csv *csv, size_t count) {
  csv->cells.count = count;
  return vector_reserve(csv->memory, &csv->cells, MARKED) || fail_memory(&csv->cause, csv->memory);
}

/* What is asked for each cell stands in variables of its own while the row is taken. */
static enum taken take_row(struct csv *csv, struct csv_row *row) {
  size_t start = csv->at, from, end, closed;
  do {
    closed = SIZE_MAX; /* where the quote of the last cell is */
    if ((from = start) >= csv->buffer.count) return csv->ended ? END : MORE;
    *row = (struct csv_row){.first = csv->cells.count, .plain = csv->marked == SIZE_MAX || csv->marked_plain};
    const char *bytes = csv->buffer.items;
    struct cell *cells = csv->cells.items;
    size_t count = csv->cells.count, room = csv->cells.capacity, marked = csv->marked;
    uint64_t marks = csv->marks;
    for (;;) {
      if (marks == 0) {
        while (marks == 0 && mark_next(csv, start, &row->plain)) marks = csv->marks;
        marked = csv->marked;
        if (marks == 0 && !csv->ended) return MORE;
        if (marks == 0) {
          end = csv->buffer.count;
          break;
        }
      }
      end = marked + (size_t)__builtin_ctzll(marks);
      marks &= marks - 1;
      if (bytes[end] == '\n') break;
      size_t stop = end;
      if (bytes[end] == '"') {
        csv->marks = marks;
        stop = end == from ? close_quote(csv, end, &row->plain) : SIZE_MAX;
        if (stop == SIZE_MAX) return take_quoted(csv, row);
        from++;
        end = next_mark(csv, start, &row->plain); /* it is there */
        marks = csv->marks;
        marked = csv->marked;
        if (bytes[end] == '\n') {
          closed = stop;
          break;
        }
      }
      if (count + 1 >= room) { /* one more for the last */
        if (!more_cells(csv, count)) return BROKEN;
        cells = csv->cells.items;
        room = csv->cells.capacity;
      }
      cells[count++] = (struct cell){(uint32_t)from, (uint32_t)(stop - from)};
      from = end + 1;
    }
    if (count + 1 >= room) {
      if (!more_cells(csv, count)) return BROKEN;
      cells = csv->cells.items;
    }
    cells[count++] = (struct cell){(uint32_t)from, (uint32_t)((closed == SIZE_MAX ? end : closed) - from)};
    csv->marks = marks;
    csv->at = end < csv->buffer.count ? end + 1 : end;
    csv->line = row->line = csv->next_line++;
    struct cell *last = &cells[count - 1];
    if (last->length > 0 && last->start + last->length == end && bytes[end - 1] == '\r') last->length--;
    row->count = count - row->first;
    csv->cells.count = count;
    if (last->start > start || last->length > 0) return ROW;
    csv->cells.count = row->first; /* a blank line */
    start = csv->at;
  } while (true);
}

bool csv_rows(struct csv *csv, size_t most, struct failure *failure) {
  csv->cells.count = csv->rows.count = 0;
  if (!vector_reserve(csv->memory, &csv->rows, most)) return fail_memory(failure, csv->memory);
  while (csv->rows.count < most) {
    size_t cells = csv->cells.count;
    struct csv_row *row = &csv->rows.items[csv->rows.count];
    enum taken taken = take_row(csv, row);
    if (taken == END) break;
    if (taken == MORE) { /* from its start again */
      csv->cells.count = cells;
      forget_marks(csv);
      if (csv->rows.count > 0) break;
      if (!refill(csv, failure)) return false;
      continue;
    }
    row->broken = taken == BROKEN;
    csv->rows.count++;
    if (row->broken) break;
  }
  return csv->rows.count > 0;
}

bool csv_next(struct csv *csv, struct failure *failure) {
  if (!csv_rows(csv, 1, failure)) return false;
  if (!csv->rows.items[0].broken) return true;
  *failure = csv->cause;
  csv->cause.code = FAILURE_NONE;
  return false;
}

/* ---- knockon's own tables ---- */

enum { ROWS = 128 };

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
  struct memo memo;
  struct own_text texts[ROWS][OWNS];
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
}

static bool read_header(struct table *table, struct csv *csv, bool relations, struct failure *failure) {
  static const char *const needed[2][3] = {{"id", NULL, NULL}, {"kind", "from", "to"}};
  bool found[3] = {false, false, false};
  if (!csv_next(csv, failure)) /* the first cause stays */
    return fail(failure, FAILURE_PARSE, "%s: the file is empty; its first line must name the columns", csv->path);
  for (size_t i = 0; i < csv->cells.count; i++) {
    const char *name = csv_bytes(csv, i);
    size_t length = csv_length(csv, i);
    if (length == 0) return fail(failure, FAILURE_PARSE, "%s:%zu: column %zu has no name", csv->path, csv->line, i + 1);
    struct column column = {.always = length > 2 && memcmp(name + length - 2, "[]", 2) == 0};
    if (text_lookup(&table->headings, name, length) != TEXT_NONE)
      return fail(failure, FAILURE_PARSE, "%s:%zu: two columns are named '%.*s'", csv->path, csv->line, (int)length,
                  name);
    if (text_intern(&table->headings, name, length) == TEXT_NONE) return fail_memory(failure, csv->memory);
    if (column.always) length -= 2;
    if (text_invalid_at(name, length) < length)
      return fail(failure, FAILURE_PARSE, "%s:%zu: the name of column %zu is not valid UTF-8", csv->path, csv->line,
                  i + 1);
    table->twins = table->twins || text_lookup(&table->names, name, length) != TEXT_NONE;
    column.name = text_intern(&table->names, name, length);
    column.input = (struct input){.type = FIELD_TEXT, .known = (uint8_t)known_field(name, length)};
    column.list = column.always || is_list_field(name, length);
    if (column.name == TEXT_NONE || !vector_push(csv->memory, &table->columns, column))
      return fail_memory(failure, csv->memory);
    for (int k = 0; k < 3; k++)
      if (needed[relations][k] && strlen(needed[relations][k]) == length &&
          memcmp(name, needed[relations][k], length) == 0)
        found[k] = true;
  }
  for (int k = 0; k < 3; k++)
    if (needed[relations][k] && !found[k])
      return fail(failure, FAILURE_PARSE, "%s:%zu: there is no column '%s'", csv->path, csv->line,
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
    if (!vector_push(csv->memory, &table->inputs, input)) return fail_memory(failure, csv->memory);
    item = stop + 1;
  }
  return true;
}

static bool read_cells(struct table *table, struct network *network, struct csv *csv, size_t r, bool relations,
                       struct failure *failure) {
  const struct csv_row *row = &csv->rows.items[r];
  table->inputs.count = 0;
  if (!vector_reserve(csv->memory, &table->inputs, table->columns.count)) return fail_memory(failure, csv->memory);
  const struct cell *cells = csv->cells.items + row->first;
  for (size_t i = 0; i < table->columns.count; i++) {
    const struct column *column = &table->columns.items[i];
    if (cells[i].length == 0) continue; /* blank: not given */
    struct input input = column->input;
    input.bytes = csv->buffer.items + cells[i].start;
    input.length = cells[i].length;
    input.valid = row->plain;
    const char *semicolon = column->list ? memchr(input.bytes, ';', input.length) : NULL;
    input.in_list = semicolon || column->always;
    if (column->own != OWNS) input.hash = table->texts[r][column->own].hash;
    else input.text = network_recall(network, &input, relations);
    if (input.in_list) {
      if (!read_items(table, csv, &input, semicolon, failure)) return false;
    } else if (!vector_push(csv->memory, &table->inputs, input)) {
      return fail_memory(failure, csv->memory);
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

/* What the rows at hand have of their own, and where it is looked up on its way from memory before it is asked for. */
static void look_ahead(struct table *table, const struct csv *csv, const struct texts *texts) {
  bool long_ids = false;
  for (size_t r = 0; r < csv->rows.count; r++) {
    const struct csv_row *row = &csv->rows.items[r];
    bool whole = !row->broken && row->count == table->columns.count;
    for (int k = 0; k < table->own_count; k++) {
      enum own own = table->owns[k].own;
      struct own_text *text = &table->texts[r][own];
      text->hash = text->length = 0;
      if (!whole) continue;
      struct cell cell = csv->cells.items[row->first + table->owns[k].column];
      text->bytes = csv->buffer.items + cell.start;
      text->length = cell.length;
      if (own > OWN_TO || cell.length == 0) continue;
      text->hash = text_hash(texts, text->bytes, text->length);
      text_prefetch(texts, text->hash);
      long_ids = long_ids || text->length > TEXT_SHORT;
    }
  }
  for (int stage = 0; stage < 2 && long_ids; stage++)
    for (size_t r = 0; r < csv->rows.count; r++)
      for (int k = 0; k <= OWN_TO; k++)
        if (table->texts[r][k].length > TEXT_SHORT) text_prefetch_bytes(texts, table->texts[r][k].hash, stage == 1);
}

/* The place of a row in the memo, NULL when it has none. key: is set. */
static struct memo_entry *recall_row(struct table *table, const struct csv *csv, const struct csv_row *row,
                                     struct memo_key *key, bool *known) {
  const struct cell *cells = csv->cells.items + row->first;
  key->count = 0;
  key->lengths = 0;
  if (!row->plain || table->twins || table->span_count > MEMO_PARTS) return NULL;
  for (int i = 0; i < table->span_count; i++) {
    size_t start = cells[table->spans[i].first].start;
    const struct cell *last = &cells[table->spans[i].last];
    memo_add(key, csv->buffer.items + start, last->start + last->length - start);
  }
  return memo_find(&table->memo, key, known);
}

/* One row into the network: true, or what is wrong with it. */
static bool read_row(struct network *network, struct csv *csv, struct table *table, size_t r, bool relations,
                     const struct place *place, struct failure *cause) {
  const struct csv_row *row = &csv->rows.items[r];
  const char *what = relations ? "relation" : "entity";
  struct memo_key key;
  bool known = false;
  if (row->broken) {
    *cause = csv->cause;
    csv->cause.code = FAILURE_NONE;
    return false;
  }
  if (row->count != table->columns.count)
    return fail(cause, FAILURE_PARSE, "%s:%zu: %s record %zu: %zu cells, but the header has %zu", csv->path, row->line,
                what, place->record, row->count, table->columns.count);
  struct memo_entry *entry = recall_row(table, csv, row, &key, &known);
  if (known && memo_repeat(network, table->texts[r], entry, relations)) return true;
  if (!read_cells(table, network, csv, r, relations, cause)) return false;
  const char *twice = filled_twice(table);
  if (twice)
    return fail(cause, FAILURE_PARSE, "%s:%zu: %s record %zu: both '%s' and '%s[]' are filled", csv->path, row->line,
                what, place->record, twice, twice);
  if (!(relations ? network_add_relation(network, table->inputs.items, table->inputs.count, place, cause)
                  : network_add_entity(network, table->inputs.items, table->inputs.count, place, cause)))
    return false;
  if (entry) memo_note(entry, &key, network, relations);
  return true;
}

/* How many rows a long file has, judged by its first ones. */
static void expect_rows(struct network *network, const struct csv *csv, bool relations) {
  enum { LONG = 1 << 20 };
  if (csv->size < LONG || csv->rows.count < ROWS) return;
  double mean = (double)csv->at / (double)csv->rows.count;
  draft_expect(network, relations, (size_t)((double)csv->size / mean * 1.02));
}

static bool read_rows(struct network *network, struct csv *csv, struct table *table, bool relations,
                      const struct skipped *skipped, struct control *control, struct failure *failure) {
  struct place place = {csv->path, 0, 0};
  if (!read_header(table, csv, relations, failure)) return false;
  for (bool first = true;; first = false) {
    struct failure cause;
    cause.code = FAILURE_NONE; /* the message comes with it */
    if (!csv_rows(csv, ROWS, &cause)) {
      if (cause.code == FAILURE_NONE) return true;
      if (!skipped || cause.code != FAILURE_PARSE) return fail(failure, cause.code, "%s", cause.message);
      skipped->report(skipped->context, cause.message);
      continue;
    }
    if (first) expect_rows(network, csv, relations);
    look_ahead(table, csv, &network->texts);
    for (size_t r = 0; r < csv->rows.count; r++) {
      uint32_t records = network->records;
      place.record++;
      place.line = csv->rows.items[r].line;
      if ((place.record & 8191) == 0 &&
          !control_checkpoint(control, (double)csv->bytes, (double)csv->size,
                              relations ? "reading relations" : "reading entities", failure))
        return false;
      if (read_row(network, csv, table, r, relations, &place, &cause)) continue;
      if (relations && network->records == records && records < UINT32_MAX - 1)
        network->records++; /* ids of those after it stay file#record */
      if (!skipped || cause.code != FAILURE_PARSE) return fail(failure, cause.code, "%s", cause.message);
      skipped->report(skipped->context, cause.message);
      cause.code = FAILURE_NONE;
    }
  }
}

bool network_read_csv(struct network *network, const char *path, bool relations, const struct skipped *skipped,
                      struct digest *digest, struct control *control, struct failure *failure) {
  struct memory *memory = &network->memory;
  struct csv csv = {0};
  struct table *table = memory_zeroed(memory, 1, sizeof *table);
  if (!table) return fail_memory(failure, memory);
  bool fine = csv_open(&csv, path, ',', memory, failure);
  csv.digest = digest;
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
