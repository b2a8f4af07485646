#include "source.h"

#include <errno.h>
#include <string.h>

enum { BLOCK = 1 << 18, LONGEST_ROW = 1 << 28, LONG_FILE = 1 << 20 };

/* About how many lines a long file has. Rows at its beginning are often shorter than others. */
static double count_lines(const struct source *source) {
  enum { SAMPLES = 16, SAMPLE = 4096 };
  char bytes[SAMPLE];
  size_t breaks = 0, looked = 0;
  if (source->size < LONG_FILE) return 0;
  for (int i = 0; i < SAMPLES; i++) {
    if (fseek(source->file, (long)(source->size / SAMPLES * (unsigned)i), SEEK_SET) != 0) return 0;
    size_t got = fread(bytes, 1, sizeof bytes, source->file);
    looked += got;
    for (size_t at = 0; at < got; at++) breaks += bytes[at] == '\n';
  }
  return looked > 0 ? (double)source->size * ((double)breaks / (double)looked) : 0;
}

bool source_open(struct source *source, const char *path, const char *row, struct memory *memory,
                 struct failure *failure) {
  memset(source, 0, sizeof *source);
  source->memory = memory;
  source->path = path;
  source->row = row;
  source->next_line = 1;
  source->file = fopen(path, "rb");
  if (!source->file && errno == ENOMEM) return fail(failure, FAILURE_MEMORY, "out of memory");
  if (!source->file) return fail(failure, FAILURE_IO, "%s: %s", path, strerror(errno));
  setvbuf(source->file, NULL, _IONBF, 0);
  if (fseek(source->file, 0, SEEK_END) == 0) {
    long size = ftell(source->file);
    source->size = size > 0 ? (uint64_t)size : 0;
    source->lines = count_lines(source);
    rewind(source->file);
  }
  return true;
}

void source_open_reader(struct source *source, const char *path, const char *row, struct source_reader reader,
                        struct memory *memory) {
  memset(source, 0, sizeof *source);
  source->memory = memory;
  source->path = path;
  source->row = row;
  source->next_line = 1;
  source->reader = reader;
}

void source_close(struct source *source) {
  if (!source->memory) return;
  if (source->file) fclose(source->file);
  vector_free(source->memory, &source->buffer);
  memset(source, 0, sizeof *source);
}

void source_digest_all(struct source *source) {
  if (source->digest && source->digested < source->buffer.count)
    digest_add(source->digest, source->buffer.items + source->digested, source->buffer.count - source->digested);
  source->digested = source->buffer.count;
}

bool source_read(struct source *source, struct failure *failure) {
  source_digest_all(source);
  if (source->at > 0) {
    memmove(source->buffer.items, source->buffer.items + source->at, source->buffer.count - source->at);
    source->buffer.count -= source->at;
    source->digested = source->buffer.count;
    source->at = 0;
  }
  if (source->buffer.count > LONGEST_ROW) {
    source->at = source->buffer.count; /* nothing after it is read */
    source->ended = true;
    return fail(failure, FAILURE_PARSE, "%s:%zu: a %s of more than 256 MB", source->path, source->next_line,
                source->row);
  }
  size_t held = source->buffer.count;
  size_t block = held > BLOCK ? held : BLOCK; /* long rows: double, so that scanning stays linear */
  if (!vector_reserve(source->memory, &source->buffer, block + SOURCE_SPARE))
    return fail_memory(failure, source->memory);
  size_t got = 0;
  if (source->reader.read) {
    if (!source->reader.read(source->reader.context, source->buffer.items + held, block, &got, failure)) return false;
  } else {
    got = fread(source->buffer.items + held, 1, block, source->file);
    if (got == 0 && ferror(source->file)) return fail(failure, FAILURE_IO, "%s: %s", source->path, strerror(errno));
  }
  bool first = source->bytes == 0;
  source->bytes += got;
  source->buffer.count += got;
  source->ended = got == 0;
  memset(source->buffer.items + source->buffer.count, 0, SOURCE_SPARE);
  if (first && source->buffer.count >= 3 && memcmp(source->buffer.items, "\xef\xbb\xbf", 3) == 0) source->at = 3;
  return true;
}
