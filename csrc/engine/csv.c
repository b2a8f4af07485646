#include "csv.h"

#include <errno.h>
#include <string.h>

enum { BLOCK = 1 << 18, LONGEST_ROW = 1 << 28 };

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

void csv_open_source(struct csv *csv, const char *name, struct csv_source source, char separator,
                     struct memory *memory) {
  memset(csv, 0, sizeof *csv);
  csv->memory = memory;
  csv->path = name;
  csv->separator = separator;
  csv->next_line = 1;
  csv->source = source;
}

void csv_close(struct csv *csv) {
  if (!csv->memory) return;
  if (csv->file) fclose(csv->file);
  vector_free(csv->memory, &csv->buffer);
  vector_free(csv->memory, &csv->cells);
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
  if (!vector_reserve(csv->memory, &csv->buffer, block)) return fail_memory(failure, csv->memory);
  size_t got = 0;
  if (csv->source.read) {
    if (!csv->source.read(csv->source.context, csv->buffer.items + csv->buffer.count, block, &got, failure))
      return false;
  } else {
    got = fread(csv->buffer.items + csv->buffer.count, 1, block, csv->file);
    if (got == 0 && ferror(csv->file)) return fail(failure, FAILURE_IO, "%s: %s", csv->path, strerror(errno));
  }
  if (csv->digest) digest_add(csv->digest, csv->buffer.items + csv->buffer.count, got);
  bool first = csv->bytes == 0;
  csv->bytes += got;
  csv->buffer.count += got;
  csv->ended = got == 0;
  if (first && csv->buffer.count >= 3 && memcmp(csv->buffer.items, "\xef\xbb\xbf", 3) == 0) csv->at = 3;
  return true;
}

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

bool csv_next(struct csv *csv, struct failure *failure) {
  for (;;) {
    bool quotes;
    size_t end;
    while ((end = csv->at < csv->buffer.count || csv->ended ? find_end(csv, &quotes) : SIZE_MAX) == SIZE_MAX)
      if (!refill(csv, failure)) return false;
    size_t start = csv->at;
    if (start >= csv->buffer.count) return false;
    csv->line = csv->next_line;
    csv->at = end < csv->buffer.count ? end + 1 : end;
    csv->next_line++;
    if (quotes)
      for (const char *p = csv->buffer.items + start;
           (p = memchr(p, '\n', (size_t)(csv->buffer.items + end - p))) != NULL; p++)
        csv->next_line++;
    if (end > start && csv->buffer.items[end - 1] == '\r') end--;
    if (end == start) continue; /* a blank line */
    csv->cells.count = 0;
    if (quotes) return split_quoted(csv, start, end, failure);
    const char *bytes = csv->buffer.items;
    for (size_t p = start;;) {
      const char *separator = memchr(bytes + p, csv->separator, end - p);
      size_t stop = separator ? (size_t)(separator - bytes) : end;
      if (!add_cell(csv, p, stop - p, failure)) return false;
      if (!separator) return true;
      p = stop + 1;
    }
  }
}

/* ---- knockon's own tables ---- */

struct column {
  uint32_t name; /* text */
  bool list;     /* semicolons stand between its items */
  bool always;   /* name[]: a list also when it has one item */
};

struct table {
  struct vector_of(struct column) columns;
  struct texts names, headings; /* without and with [] */
  bool twins;                   /* some name stands both with and without [] */
  struct vector_of(struct input) inputs;
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
  return true;
}

static bool read_cells(struct table *table, struct csv *csv, struct failure *failure) {
  table->inputs.count = 0;
  for (size_t i = 0; i < table->columns.count; i++) {
    const struct column *column = &table->columns.items[i];
    const char *bytes = csv_bytes(csv, i);
    size_t length = csv_length(csv, i);
    if (length == 0) continue; /* blank: not given */
    struct input input = {text_bytes(&table->names, column->name),
                          text_length(&table->names, column->name),
                          bytes,
                          length,
                          FIELD_TEXT,
                          false};
    const char *end = bytes + length, *semicolon = column->list ? memchr(bytes, ';', length) : NULL;
    input.in_list = semicolon || column->always;
    for (const char *item = bytes; item <= end;) {
      const char *stop = semicolon ? memchr(item, ';', (size_t)(end - item)) : NULL;
      if (!stop) stop = end;
      input.bytes = item;
      input.length = (size_t)(stop - item);
      if (input.length == 0 && item == end) break; /* "a;" is a list of one */
      if (!vector_push(csv->memory, &table->inputs, input)) return fail_memory(failure, csv->memory);
      item = stop + 1;
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

static bool read_rows(struct network *network, struct csv *csv, struct table *table, bool relations,
                      const struct skipped *skipped, struct control *control, struct failure *failure) {
  struct place place = {csv->path, 0, 0};
  if (!read_header(table, csv, relations, failure)) return false;
  for (;;) {
    struct failure cause = {0};
    bool more = csv_next(csv, &cause);
    if (!more && cause.code == FAILURE_NONE) return true;
    place.record++;
    place.line = csv->line;
    if ((place.record & 8191) == 0 &&
        !control_checkpoint(control, (double)csv->bytes, (double)csv->size,
                            relations ? "reading relations" : "reading entities", failure))
      return false;
    const char *what = relations ? "relation" : "entity";
    if (more && csv->cells.count != table->columns.count)
      more = fail(&cause, FAILURE_PARSE, "%s:%zu: %s record %zu: %zu cells, but the header has %zu", csv->path,
                  csv->line, what, place.record, csv->cells.count, table->columns.count);
    if (more && !read_cells(table, csv, failure)) return false;
    const char *twice = more ? filled_twice(table) : NULL;
    if (twice)
      more = fail(&cause, FAILURE_PARSE, "%s:%zu: %s record %zu: both '%s' and '%s[]' are filled", csv->path, csv->line,
                  what, place.record, twice, twice);
    if (more && (relations ? network_add_relation(network, table->inputs.items, table->inputs.count, &place, &cause)
                           : network_add_entity(network, table->inputs.items, table->inputs.count, &place, &cause)))
      continue;
    if (!more && relations && network->records < UINT32_MAX - 1)
      network->records++; /* ids of those after it stay file#record */
    if (!skipped || cause.code != FAILURE_PARSE) return fail(failure, cause.code, "%s", cause.message);
    skipped->report(skipped->context, cause.message);
  }
}

bool network_read_csv(struct network *network, const char *path, bool relations, const struct skipped *skipped,
                      struct digest *digest, struct control *control, struct failure *failure) {
  struct csv csv = {0};
  struct table table = {0};
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
