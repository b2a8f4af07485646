#include "csv.h"

#include <errno.h>
#include <string.h>

#include "draft.h"

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
  csv->marks = 0;
  csv->marked = SIZE_MAX; /* nothing is marked */
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

/* Marks from `at` on; the bytes must be there. */
static void mark_from(struct csv *csv, size_t at) {
  csv->marked = at;
  csv->marks = mark(csv->buffer.items + at, csv->separator, &csv->marked_plain);
  size_t left = csv->buffer.count - at;
  if (left >= MARKED) return;
  csv->marks &= (UINT64_C(1) << left) - 1;
  csv->marked_plain = false; /* zeros follow: let what is there be looked at again */
}

/* The next mark, or SIZE_MAX when the buffer has none left. plain: cleared when a byte passed over is none. */
static inline size_t next_mark(struct csv *csv, bool *plain) {
  while (csv->marks == 0) {
    size_t next = csv->marked == SIZE_MAX ? csv->at : csv->marked + MARKED;
    if (next >= csv->buffer.count) return SIZE_MAX;
    mark_from(csv, next);
    *plain = *plain && csv->marked_plain;
  }
  size_t at = csv->marked + (size_t)__builtin_ctzll(csv->marks);
  csv->marks &= csv->marks - 1;
  return at;
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
  struct cell cell = {start, length};
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
  csv->marks = 0;
  csv->marked = SIZE_MAX;
  row->plain = false;
  if (!split_quoted(csv, start, end, &csv->cause)) return BROKEN;
  row->count = csv->cells.count - row->first;
  return ROW;
}

/* A cell that begins with a quote, when the next quote closes it: its mark is behind us then. Else false. */
static bool take_quoted_cell(struct csv *csv, size_t start, bool *plain, struct cell *cell) {
  const char *bytes = csv->buffer.items;
  size_t at;
  do at = next_mark(csv, plain);
  while (at != SIZE_MAX && bytes[at] == csv->separator);
  if (at == SIZE_MAX || bytes[at] != '"' || at + 1 >= csv->buffer.count) return false;
  *cell = (struct cell){start + 1, at - start - 1};
  return bytes[at + 1] == csv->separator || bytes[at + 1] == '\n' ||
         (bytes[at + 1] == '\r' && at + 2 < csv->buffer.count && bytes[at + 2] == '\n');
}

static enum taken take_row(struct csv *csv, struct csv_row *row) {
  for (;;) {
    size_t start = csv->at, from = start, end;
    bool quoted = false; /* the cell under way is in quotes, and closed */
    struct cell cell = {0};
    if (start >= csv->buffer.count) return csv->ended ? END : MORE;
    *row = (struct csv_row){.first = csv->cells.count, .plain = csv->marked == SIZE_MAX || csv->marked_plain};
    for (;;) {
      end = next_mark(csv, &row->plain);
      char c = end == SIZE_MAX ? '\n' : csv->buffer.items[end];
      if (end == SIZE_MAX) {
        if (!csv->ended) return MORE;
        end = csv->buffer.count;
      }
      if (c == '"') {
        if (end != from || !take_quoted_cell(csv, end, &row->plain, &cell)) return take_quoted(csv, row);
        quoted = true;
        continue;
      }
      if (!quoted) cell = (struct cell){from, end - from};
      quoted = false;
      if (c == '\n') break;
      from = end + 1;
      if (!vector_push(csv->memory, &csv->cells, cell)) return fail_memory(&csv->cause, csv->memory), BROKEN;
    }
    csv->at = end < csv->buffer.count ? end + 1 : end;
    csv->line = row->line = csv->next_line++;
    if (cell.length > 0 && cell.start + cell.length == end && csv->buffer.items[end - 1] == '\r') cell.length--;
    if (cell.start == start && cell.length == 0) continue; /* a blank line */
    if (!vector_push(csv->memory, &csv->cells, cell)) return fail_memory(&csv->cause, csv->memory), BROKEN;
    row->count = csv->cells.count - row->first;
    return ROW;
  }
}

bool csv_rows(struct csv *csv, size_t most, struct failure *failure) {
  struct csv_row row;
  csv->cells.count = csv->rows.count = 0;
  while (csv->rows.count < most) {
    size_t cells = csv->cells.count;
    enum taken taken = take_row(csv, &row);
    if (taken == END) break;
    if (taken == MORE) { /* from its start again */
      csv->cells.count = cells;
      csv->marks = 0;
      csv->marked = SIZE_MAX;
      if (csv->rows.count > 0) break;
      if (!refill(csv, failure)) return false;
      continue;
    }
    row.broken = taken == BROKEN;
    if (!vector_push(csv->memory, &csv->rows, row)) return fail_memory(failure, csv->memory);
    if (row.broken) break;
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

enum { ROWS = 128, HASHED = 3, NOT_HASHED = -1 };

struct column {
  uint32_t name;       /* text */
  struct input input;  /* what all its cells have in common */
  uint16_t key_number; /* of a further field, + 1; 0: no record had it yet */
  bool list;           /* semicolons stand between its items */
  bool always;         /* name[]: a list also when it has one item */
  int hashed;          /* which of the hashes of a row, or NOT_HASHED */
};

struct table {
  struct vector_of(struct column) columns;
  struct texts names, headings; /* without and with [] */
  bool twins;                   /* some name stands both with and without [] */
  struct vector_of(struct input) inputs;
  size_t hashed[HASHED]; /* columns of ids */
  int hashes;
  uint64_t hash[ROWS][HASHED]; /* 0: blank, or none of that row's */
};

static bool is_list_field(const char *name, size_t length) {
  return (length == 4 && memcmp(name, "data", 4) == 0) || (length == 7 && memcmp(name, "country", 7) == 0) ||
         (length == 10 && memcmp(name, "located_in", 10) == 0);
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
    column.hashed = NOT_HASHED;
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
  for (size_t i = 0; i < table->columns.count; i++) { /* no name is added any more */
    struct column *column = &table->columns.items[i];
    column->input.key = text_bytes(&table->names, column->name);
    column->input.key_length = text_length(&table->names, column->name);
    column->input.key_number = &column->key_number;
    enum known known = (enum known)column->input.known;
    bool end = relations && (known == KNOWN_FROM || known == KNOWN_TO);
    if (!(end || known == KNOWN_ID) || column->list || table->hashes == HASHED) continue;
    column->hashed = table->hashes;
    table->hashed[table->hashes++] = i;
  }
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

/* hash: of the cells of ids. */
static bool read_cells(struct table *table, struct network *network, struct csv *csv, const struct csv_row *row,
                       const uint64_t *hash, bool relations, struct failure *failure) {
  table->inputs.count = 0;
  if (!vector_reserve(csv->memory, &table->inputs, table->columns.count)) return fail_memory(failure, csv->memory);
  const struct cell *cells = csv->cells.items + row->first;
  for (size_t i = 0; i < table->columns.count; i++) {
    const struct column *column = &table->columns.items[i];
    if (cells[i].length == 0) continue; /* blank: not given */
    if (column->list) {
      struct input whole = column->input;
      whole.bytes = csv->buffer.items + cells[i].start;
      whole.length = cells[i].length;
      whole.valid = row->plain;
      const char *semicolon = memchr(whole.bytes, ';', whole.length);
      whole.in_list = semicolon || column->always;
      if (!whole.in_list) whole.text = network_recall(network, &whole, relations);
      if (!read_items(table, csv, &whole, semicolon, failure)) return false;
      continue;
    }
    if (!vector_reserve(csv->memory, &table->inputs, 1)) return fail_memory(failure, csv->memory);
    struct input *input = &table->inputs.items[table->inputs.count++];
    *input = column->input;
    input->bytes = csv->buffer.items + cells[i].start;
    input->length = cells[i].length;
    input->valid = row->plain;
    if (column->hashed >= 0) input->hash = hash[column->hashed];
    else input->text = network_recall(network, input, relations);
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

/* The hashes of the ids in the rows at hand; what they stand for is on its way from memory when it is asked for. */
static void look_ahead(struct table *table, const struct csv *csv, const struct texts *texts) {
  for (int stage = 0; stage < 3; stage++)
    for (size_t r = 0; r < csv->rows.count; r++) {
      const struct csv_row *row = &csv->rows.items[r];
      for (int k = 0; k < table->hashes; k++) {
        bool whole = !row->broken && row->count == table->columns.count;
        const struct cell *cell = whole ? &csv->cells.items[row->first + table->hashed[k]] : NULL;
        if (stage == 0) {
          table->hash[r][k] =
              cell && cell->length ? text_hash(texts, csv->buffer.items + cell->start, cell->length) : 0;
          if (table->hash[r][k]) text_prefetch(texts, table->hash[r][k]);
        } else if (cell && cell->length > TEXT_SHORT) {
          text_prefetch_bytes(texts, table->hash[r][k], stage == 2);
        }
      }
    }
}

/* One row into the network: true, or what is wrong with it. */
static bool read_row(struct network *network, struct csv *csv, struct table *table, size_t r, bool relations,
                     const struct place *place, struct failure *cause) {
  const struct csv_row *row = &csv->rows.items[r];
  const char *what = relations ? "relation" : "entity";
  if (row->broken) {
    *cause = csv->cause;
    csv->cause.code = FAILURE_NONE;
    return false;
  }
  if (row->count != table->columns.count)
    return fail(cause, FAILURE_PARSE, "%s:%zu: %s record %zu: %zu cells, but the header has %zu", csv->path, row->line,
                what, place->record, row->count, table->columns.count);
  if (!read_cells(table, network, csv, row, table->hash[r], relations, cause)) return false;
  const char *twice = filled_twice(table);
  if (twice)
    return fail(cause, FAILURE_PARSE, "%s:%zu: %s record %zu: both '%s' and '%s[]' are filled", csv->path, row->line,
                what, place->record, twice, twice);
  return relations ? network_add_relation(network, table->inputs.items, table->inputs.count, place, cause)
                   : network_add_entity(network, table->inputs.items, table->inputs.count, place, cause);
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
  struct csv csv = {0};
  struct table table;
  memset(&table, 0, sizeof table);
  bool fine = csv_open(&csv, path, ',', &network->memory, failure);
  csv.digest = digest;
  fine = fine && ((texts_open(&table.names, &network->memory) && texts_open(&table.headings, &network->memory)) ||
                  fail_memory(failure, &network->memory));
  if (fine && relations) {
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    fine = network_begin_file(network, name, strlen(name), failure);
  }
  fine = fine && read_rows(network, &csv, &table, relations, skipped, control, failure);
  csv_close(&csv);
  texts_close(&table.names);
  texts_close(&table.headings);
  vector_free(&network->memory, &table.columns);
  vector_free(&network->memory, &table.inputs);
  return fine;
}
