#include "csv.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { MARKED = 64 };

bool csv_open(struct csv *csv, const char *path, char separator, struct memory *memory, struct failure *failure) {
  memset(csv, 0, sizeof *csv);
  csv->separator = separator;
  return source_open(&csv->source, path, "row", memory, failure);
}

void csv_open_reader(struct csv *csv, const char *name, struct source_reader reader, char separator,
                     struct memory *memory) {
  memset(csv, 0, sizeof *csv);
  csv->separator = separator;
  source_open_reader(&csv->source, name, "row", reader, memory);
}

void csv_close(struct csv *csv) {
  struct memory *memory = csv->source.memory;
  if (!memory) return;
  vector_free(memory, &csv->ends);
  vector_free(memory, &csv->cells);
  vector_free(memory, &csv->rows);
  source_close(&csv->source);
  memset(csv, 0, sizeof *csv);
}

static void forget_marks(struct csv *csv) {
  csv->marks = 0;
  csv->marked = SIZE_MAX;
}

/* ---- what ends a cell, 64 bytes at a time ---- */

/* quoted: is a quote among them? plain: no byte is a NUL or above 127. */
#if defined(__SSE2__)

static inline uint64_t mark(const char *bytes, char separator, bool *quoted, bool *plain) {
  const __m128i separators = _mm_set1_epi8(separator), breaks = _mm_set1_epi8('\n'), quotes = _mm_set1_epi8('"');
  const __m128i zero = _mm_setzero_si128();
  __m128i quote = zero, odd = zero;
  uint64_t marks = 0;
  for (int i = 0; i < MARKED; i += 16) {
    __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i)), here = _mm_cmpeq_epi8(part, quotes);
    __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(part, separators), _mm_cmpeq_epi8(part, breaks)), here);
    marks |= (uint64_t)(unsigned)_mm_movemask_epi8(found) << i;
    quote = _mm_or_si128(quote, here);
    odd = _mm_or_si128(odd, _mm_or_si128(part, _mm_cmpeq_epi8(part, zero)));
  }
  *quoted = _mm_movemask_epi8(quote) != 0;
  *plain = _mm_movemask_epi8(odd) == 0;
  return marks;
}

#else

static inline uint64_t mark(const char *bytes, char separator, bool *quoted, bool *plain) {
  uint64_t marks = 0;
  bool odd = false, quote = false;
  for (int i = 0; i < MARKED; i++) {
    unsigned char c = (unsigned char)bytes[i];
    marks |= (uint64_t)(bytes[i] == separator || c == '\n' || c == '"') << i;
    quote |= c == '"';
    odd |= c - 1u >= 127;
  }
  *quoted = quote;
  *plain = !odd;
  return marks;
}

#endif

/* The next 64 bytes, or those from `at` when nothing is marked; false when the buffer has no more. The zeros behind its
 * end make a row look as if it had some: it is looked at again then. There is room for the cells they may end. */
static bool mark_next(struct csv *csv, size_t at, bool *plain) {
  size_t next = csv->marked == SIZE_MAX ? at : csv->marked + MARKED;
  if (next >= csv->source.buffer.count) return false;
  bool quoted;
  csv->marked = next;
  csv->marks = mark(csv->source.buffer.items + next, csv->separator, &quoted, &csv->marked_plain);
  *plain = *plain && csv->marked_plain;
  size_t left = csv->source.buffer.count - next;
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
  const char *bytes = csv->source.buffer.items, *end = bytes + csv->source.buffer.count, *from = bytes + csv->source.at;
  const char *line_break = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;
  size_t row = (size_t)((line_break ? line_break : end) - from);
  const char *quote = row ? memchr(from, '"', row) : NULL;
  *quotes = quote != NULL;
  if (!quote)
    return line_break ? (size_t)(line_break - bytes) : csv->source.ended ? csv->source.buffer.count : SIZE_MAX;
  bool inside = false;
  for (const char *p = quote; p < end; p++) {
    if (*p == '"') inside = !inside;
    if (*p == '\n' && !inside) return (size_t)(p - bytes);
  }
  return csv->source.ended ? csv->source.buffer.count : SIZE_MAX;
}

static bool add_cell(struct csv *csv, size_t start, size_t length, struct failure *failure) {
  struct cell cell = {(uint32_t)start, (uint32_t)length};
  return vector_push(csv->source.memory, &csv->cells, cell) || fail_memory(failure, csv->source.memory);
}

static bool split_quoted(struct csv *csv, size_t start, size_t end, struct failure *failure) {
  char *bytes = csv->source.buffer.items;
  size_t line = csv->line, line_start = start;
  for (size_t p = start;; p++) {
    if (p < end && bytes[p] == '"') {
      size_t out = p, first = p, opened_line = line, opened_column = p - line_start + 1;
      for (p++;; p++) {
        if (p >= end)
          return fail(failure, FAILURE_PARSE, "%s:%zu:%zu: this quote is never closed", csv->source.path, opened_line,
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
        return fail(failure, FAILURE_PARSE, "%s:%zu:%zu: text after a closing quote", csv->source.path, line,
                    p - line_start + 1);
      if (!add_cell(csv, first, out - first, failure)) return false;
    } else {
      size_t first = p;
      while (p < end && bytes[p] != csv->separator) {
        if (bytes[p] == '"')
          return fail(failure, FAILURE_PARSE, "%s:%zu:%zu: a quote inside a cell that does not begin with one",
                      csv->source.path, line, p - line_start + 1);
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
  size_t start = csv->source.at, end = find_end(csv, &quotes);
  if (end == SIZE_MAX) return MORE;
  csv->cells.count = row->first;
  csv->source.at = end < csv->source.buffer.count ? end + 1 : end;
  csv->line = row->line = csv->source.next_line++;
  for (const char *p = csv->source.buffer.items + start;
       (p = memchr(p, '\n', (size_t)(csv->source.buffer.items + end - p))); p++)
    csv->source.next_line++;
  if (end > start && csv->source.buffer.items[end - 1] == '\r') end--;
  forget_marks(csv);
  row->plain = false;
  source_digest_all(&csv->source); /* quotes are taken out in place */
  if (!split_quoted(csv, start, end, &csv->cause)) return BROKEN;
  row->count = csv->cells.count - row->first;
  return ROW;
}

/* The end of a cell whose opening quote stands at `at`, when the next quote closes it and it has no line break; else
 * SIZE_MAX. */
static size_t close_quote(struct csv *csv, size_t at, bool *plain) {
  const char *bytes = csv->source.buffer.items;
  size_t end;
  do end = next_mark(csv, at, plain);
  while (end != SIZE_MAX && bytes[end] == csv->separator);
  if (end == SIZE_MAX || bytes[end] != '"' || end + 2 >= csv->source.buffer.count) return SIZE_MAX;
  bool closed =
      bytes[end + 1] == csv->separator || bytes[end + 1] == '\n' || (bytes[end + 1] == '\r' && bytes[end + 2] == '\n');
  return closed ? end : SIZE_MAX;
}

static bool more_cells(struct csv *csv, size_t count) {
  csv->cells.count = count;
  return vector_reserve(csv->source.memory, &csv->cells, MARKED) || fail_memory(&csv->cause, csv->source.memory);
}

/* What is asked for each cell stands in variables of its own while the row is taken. */
static enum taken take_row(struct csv *csv, struct csv_row *row) {
  size_t start = csv->source.at, from, end, closed;
  do {
    closed = SIZE_MAX; /* where the quote of the last cell is */
    if ((from = start) >= csv->source.buffer.count) return csv->source.ended ? END : MORE;
    *row = (struct csv_row){.first = csv->cells.count, .plain = csv->marked == SIZE_MAX || csv->marked_plain};
    const char *bytes = csv->source.buffer.items;
    struct cell *cells = csv->cells.items;
    size_t count = csv->cells.count, room = csv->cells.capacity, marked = csv->marked;
    uint64_t marks = csv->marks;
    for (;;) {
      if (marks == 0) {
        while (marks == 0 && mark_next(csv, start, &row->plain)) marks = csv->marks;
        marked = csv->marked;
        if (marks == 0 && !csv->source.ended) return MORE;
        if (marks == 0) {
          end = csv->source.buffer.count;
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
    csv->source.at = end < csv->source.buffer.count ? end + 1 : end;
    csv->line = row->line = csv->source.next_line++;
    struct cell *last = &cells[count - 1];
    if (last->length > 0 && last->start + last->length == end && bytes[end - 1] == '\r') last->length--;
    row->count = count - row->first;
    csv->cells.count = count;
    if (last->start > start || last->length > 0) return ROW;
    csv->cells.count = row->first; /* a blank line */
    start = csv->source.at;
  } while (true);
}

/* ---- even rows ---- */

static int count_bits(uint64_t word) {
  word -= word >> 1 & UINT64_C(0x5555555555555555);
  word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
  return (int)(((word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f)) * UINT64_C(0x0101010101010101) >> 56);
}

/* Where the marks are, from `at` on. Eight at a time, so that how many there are is not asked for each: behind them
 * there is room for as many as a block can have. */
static size_t list_marks(uint64_t marks, size_t at, uint32_t *ends) {
  int count = count_bits(marks);
  for (int told = 0; told < count; told += 8)
    for (int i = 0; i < 8; i++) {
      ends[told + i] = (uint32_t)at + (uint32_t)__builtin_ctzll(marks | UINT64_C(1) << 63);
      marks &= marks - 1;
    }
  return (size_t)count;
}

/* Where the cells of even rows end, for `most` rows or as many blocks as are whole and even. */
static size_t list_ends(const struct csv *csv, size_t most, uint32_t *ends) {
  const struct source *source = &csv->source;
  size_t found = 0;
  for (size_t at = source->at; found < most * csv->columns && at + MARKED <= source->buffer.count; at += MARKED) {
    bool quoted, plain;
    uint64_t marks = mark(source->buffer.items + at, csv->separator, &quoted, &plain);
    if (quoted || !plain) break;
    found += list_marks(marks, at, ends + found);
  }
  return found;
}

size_t csv_even_rows(struct csv *csv, size_t most) {
  struct memory *memory = csv->source.memory;
  size_t columns = csv->columns, cells = most * columns, rows = 0;
  csv->cells.count = csv->rows.count = 0;
  if (columns < 2 || csv->source.at >= csv->source.buffer.count) return 0; /* a blank line is a row of one column */
  if (!vector_reserve(memory, &csv->ends, cells + 2 * MARKED) || !vector_reserve(memory, &csv->cells, cells) ||
      !vector_reserve(memory, &csv->rows, most))
    return 0;
  const char *bytes = csv->source.buffer.items;
  uint32_t *end = csv->ends.items;
  *end++ = (uint32_t)csv->source.at - 1;
  size_t found = list_ends(csv, most, end);
  if (found < columns || end[columns - 1] == 0) return 0;
  csv->returns = bytes[end[columns - 1] - 1] == '\r';
  for (; rows < most && found >= columns; rows++, found -= columns, end += columns) {
    bool breaks = false;
    for (size_t k = 0; k + 1 < columns; k++) breaks |= bytes[end[k]] == '\n';
    uint32_t last = end[columns - 1];
    if (breaks || bytes[last] != '\n' || (bytes[last - 1] == '\r') != csv->returns) break;
  }
  if (rows == 0) return 0;
  forget_marks(csv);
  csv->rows.count = rows;
  csv->cells.count = rows * columns;
  csv->source.next_line += rows;
  csv->line = csv->source.next_line - 1;
  csv->source.at = (size_t)end[-1] + 1;
  return rows;
}

void csv_split(struct csv *csv, size_t row) {
  size_t columns = csv->columns;
  const uint32_t *end = csv_ends(csv, row);
  struct cell *cell = csv->cells.items + row * columns;
  csv->rows.items[row] = (struct csv_row){row * columns, columns, csv->line + 1 - (csv->rows.count - row), true, false};
  for (size_t k = 0; k < columns; k++) cell[k] = (struct cell){end[k] + 1, end[k + 1] - end[k] - 1};
  cell[columns - 1].length -= (uint32_t)csv->returns;
}

bool csv_rows(struct csv *csv, size_t most, struct failure *failure) {
  csv->cells.count = csv->rows.count = 0;
  if (!vector_reserve(csv->source.memory, &csv->rows, most)) return fail_memory(failure, csv->source.memory);
  size_t even = most > 1 ? csv_even_rows(csv, most) : 0;
  for (size_t r = 0; r < even; r++) csv_split(csv, r);
  if (even > 0) return true;
  while (csv->rows.count < most) {
    size_t cells = csv->cells.count;
    struct csv_row *row = &csv->rows.items[csv->rows.count];
    enum taken taken = take_row(csv, row);
    if (taken == END) break;
    if (taken == MORE) { /* from its start again */
      csv->cells.count = cells;
      forget_marks(csv);
      if (csv->rows.count > 0) break;
      forget_marks(csv);
      if (!source_read(&csv->source, failure)) return false;
      continue;
    }
    row->broken = taken == BROKEN;
    csv->columns = row->count;
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
