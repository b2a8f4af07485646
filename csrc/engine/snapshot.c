#define _POSIX_C_SOURCE 200809L
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(_POSIX_MAPPED_FILES) && _POSIX_MAPPED_FILES > 0 && !defined(KNOCKON_NO_MAP)
#include <sys/mman.h>
#define MAPS 1
#endif

enum {
  BOUNDARY = 64,           /* where sections begin: a line of the cache */
  PIECE = 1 << 15,         /* bytes that are checked and summed while they are at hand */
  PIECES_BETWEEN = 64,     /* checkpoints */
  ALWAYS_SUMMED = 1 << 20, /* bytes of a section that is small */
  BYTE_ORDER_MARK = 0x01020304
};

struct header {
  char magic[8];
  uint32_t byte_order, format;
  uint64_t layout;
  char version[SNAPSHOT_VERSION];
  uint64_t size;     /* bytes of the file */
  uint64_t checksum; /* of header and table, this being 0 */
  uint64_t sections, seed;
  uint64_t entities, relations, rows, ups, holdings, records;
  uint64_t of_kind[RELATION_KINDS];
};

struct section {
  char name[32];
  uint64_t offset, count, item_size, checksum;
};

/* ---- checksums ---- */

/* Eight sums of words, each of which goes on into a second that turns: at the speed of memory, and every bit that
 * differs changes all that comes after it. */
typedef uint64_t words __attribute__((vector_size(16)));

struct sum {
  words first[4], second[4];
};

static void sum_add(struct sum *sum, const char *bytes, size_t length) {
  struct sum s = *sum;
  while (length > 0) {
    words four[4] = {{0}};
    size_t taken = length < sizeof four ? length : sizeof four;
    if (taken == sizeof four) memcpy(four, bytes, sizeof four);
    else memcpy(four, bytes, taken);
    for (int i = 0; i < 4; i++) {
      s.first[i] += four[i];
      s.second[i] += s.first[i];
      s.second[i] = s.second[i] << 13 | s.second[i] >> 51;
    }
    bytes += taken;
    length -= taken;
  }
  *sum = s;
}

static uint64_t stir(uint64_t state, uint64_t word) {
  state = (state ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return state ^ state >> 29;
}

static uint64_t sum_of(const struct sum *sum, uint64_t length) {
  uint64_t state = stir(UINT64_C(0x6b6e6f636b6f6e21), length);
  for (int i = 0; i < 4; i++)
    for (int lane = 0; lane < 2; lane++) state = stir(stir(state, sum->first[i][lane]), sum->second[i][lane]);
  return state;
}

uint64_t snapshot_checksum(const void *bytes, size_t length) {
  struct sum sum = {{{0}}, {{0}}};
  sum_add(&sum, bytes, length);
  return sum_of(&sum, length);
}

/* ---- what header and table must say ---- */

static uint64_t stir_bytes(uint64_t state, const void *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) state = stir(state, ((const unsigned char *)bytes)[i]);
  return stir(state, length);
}

/* One number for how this build lays out what it keeps. */
static uint64_t layout_of(const struct block *blocks, size_t count) {
  const struct field field = {.value = 1, .key = 2, .type = FIELD_JSON, .in_list = 1};
  const struct share share = {.lo = 1, .hi = 2};
  const struct validity validity = {.since = 1, .until = 2};
  const struct text_slot slot = {.key = 1, .text = 2, .length = 3};
  uint64_t state = stir(sizeof(struct header), sizeof(struct section));
  for (size_t i = 0; i < count; i++)
    state = stir(stir_bytes(state, blocks[i].name, strlen(blocks[i].name)), blocks[i].item_size);
  state = stir_bytes(stir_bytes(state, &field, sizeof field), &share, sizeof share);
  return stir_bytes(stir_bytes(state, &validity, sizeof validity), &slot, sizeof slot);
}

static uint64_t after(uint64_t offset, uint64_t length) {
  return (offset + length + BOUNDARY - 1) / BOUNDARY * BOUNDARY;
}

/* ---- writing ---- */

static struct section section_of(const char *name, const void *items, size_t count, size_t item_size, uint64_t offset) {
  struct section section = {.offset = offset, .count = count, .item_size = item_size};
  (void)snprintf(section.name, sizeof section.name, "%s", name);
  section.checksum = snapshot_checksum(items, count * item_size);
  return section;
}

bool snapshot_begin(struct freezing *freezing, struct network *network, const char *version, const char *facts,
                    size_t facts_length, struct failure *failure) {
  freezing->facts = facts;
  freezing->facts_length = facts_length;
  freezing->block_count = network_blocks(network, freezing->blocks);
  size_t sections = freezing->block_count + 1;
  freezing->head_length = sizeof(struct header) + sections * sizeof(struct section);
  freezing->head = memory_zeroed(&freezing->memory, freezing->head_length, 1);
  if (!freezing->head) return fail_memory(failure, &freezing->memory);
  struct header header = {.magic = {0},
                          .byte_order = BYTE_ORDER_MARK,
                          .format = SNAPSHOT_FORMAT,
                          .layout = layout_of(freezing->blocks, freezing->block_count),
                          .sections = sections,
                          .seed = network->texts.seed,
                          .entities = network->entity_count,
                          .relations = network->relation_count,
                          .rows = network->row_count,
                          .ups = network->up_count,
                          .holdings = network->holding_count,
                          .records = network->records};
  memcpy(header.magic, SNAPSHOT_MAGIC, sizeof header.magic);
  (void)snprintf(header.version, sizeof header.version, "%s", version);
  for (int k = 0; k < RELATION_KINDS; k++) header.of_kind[k] = network->of_kind[k];
  char *at = freezing->head + sizeof header;
  uint64_t offset = after(0, freezing->head_length);
  struct section section = section_of("facts", facts, facts_length, 1, offset);
  memcpy(at, &section, sizeof section);
  for (size_t i = 0; i < freezing->block_count; i++) {
    const struct block *block = &freezing->blocks[i];
    offset = after(offset, section.count * section.item_size);
    section = section_of(block->name, block_items(block), block_count(block), block->item_size, offset);
    memcpy(at += sizeof section, &section, sizeof section);
  }
  header.size = after(offset, section.count * section.item_size);
  memcpy(freezing->head, &header, sizeof header);
  header.checksum = snapshot_checksum(freezing->head, freezing->head_length);
  memcpy(freezing->head, &header, sizeof header);
  return true;
}

const char *snapshot_piece(struct freezing *freezing, size_t most, size_t *length) {
  static const char gap[BOUNDARY] = {0};
  for (; freezing->section < freezing->block_count + 2; freezing->section++, freezing->at = 0) {
    const char *bytes = freezing->section == 0 ? freezing->head : freezing->facts;
    size_t whole = freezing->section == 0 ? freezing->head_length : freezing->facts_length;
    if (freezing->section >= 2) {
      const struct block *block = &freezing->blocks[freezing->section - 2];
      bytes = block_items(block);
      whole = block_count(block) * block->item_size;
    }
    size_t padded = (size_t)after(0, whole), at = freezing->at;
    if (at == padded) continue;
    *length = at < whole ? whole - at : padded - at;
    if (*length > most) *length = most;
    freezing->at += *length;
    return at < whole ? bytes + at : gap;
  }
  return NULL;
}

void snapshot_end(struct freezing *freezing) {
  memory_free(&freezing->memory, freezing->head, freezing->head_length);
  memset(freezing, 0, sizeof *freezing);
}

/* ---- opening ---- */

struct opening {
  struct network *network;
  const char *path;
  bool all;
  struct control *control;
  struct failure *failure;
  double done, total; /* bytes */
};

static bool damaged(const struct opening *opening, const char *what) {
  return fail(opening->failure, FAILURE_PARSE, "%s: this snapshot is damaged (%s); make it again", opening->path, what);
}

static bool io_failed(const struct opening *opening) {
  return fail(opening->failure, FAILURE_IO, "%s: %s", opening->path, strerror(errno));
}

/* The file's bytes, shared where the system maps files. */
static bool bring_in(struct opening *opening, int descriptor, size_t length) {
  struct opened_file *file = &opening->network->file;
#if defined(MAPS)
  void *base = mmap(NULL, length, PROT_READ, MAP_SHARED, descriptor, 0);
  if (base == MAP_FAILED) return io_failed(opening);
  *file = (struct opened_file){base, length, true};
#else
  void *base = memory_zeroed(&opening->network->memory, length, 1);
  if (!base) return fail_memory(opening->failure, &opening->network->memory);
  *file = (struct opened_file){base, length, false};
  for (size_t at = 0; at < length;) {
    ssize_t got = pread(descriptor, (char *)base + at, length - at, (off_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_failed(opening);
    if (got == 0) return damaged(opening, "it ends early");
    at += (size_t)got;
  }
#endif
  return true;
}

static bool open_file(struct opening *opening) {
  struct stat status;
  int descriptor = open(opening->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would make us wait */
  if (descriptor < 0) return io_failed(opening);
  bool fine = fstat(descriptor, &status) == 0 || io_failed(opening);
  if (fine && !S_ISREG(status.st_mode))
    fine = fail(opening->failure, FAILURE_IO, "%s: a snapshot is a regular file", opening->path);
  if (fine && (status.st_size < (off_t)sizeof(struct header) || (uintmax_t)status.st_size > SIZE_MAX))
    fine = fail(opening->failure, FAILURE_PARSE, "%s: %s", opening->path,
                status.st_size ? "this is no snapshot" : "the file is empty");
  fine = fine && bring_in(opening, descriptor, (size_t)status.st_size);
  (void)close(descriptor);
  return fine;
}

void snapshot_release(struct network *network) {
  struct opened_file file = network->file;
  network->file.base = NULL;
#if defined(MAPS)
  if (file.shared) {
    (void)munmap(file.base, file.length);
    return;
  }
#endif
  memory_free(&network->memory, file.base, file.length);
}

static bool check_header(const struct opening *opening, const struct header *header, const char *version,
                         uint64_t layout) {
  const struct opened_file *file = &opening->network->file;
  const char *path = opening->path;
  if (memcmp(header->magic, SNAPSHOT_MAGIC, sizeof header->magic) != 0)
    return fail(opening->failure, FAILURE_PARSE, "%s: this is no snapshot", path);
  if (header->byte_order != BYTE_ORDER_MARK)
    return fail(opening->failure, FAILURE_PARSE,
                "%s: this snapshot was made on a machine with another byte order; make it again here", path);
  if (header->format != SNAPSHOT_FORMAT)
    return fail(opening->failure, FAILURE_PARSE, "%s: this snapshot has format %u, this knockon %d; make it again",
                path, header->format, SNAPSHOT_FORMAT);
  if (strncmp(header->version, version, sizeof header->version) != 0)
    return fail(opening->failure, FAILURE_PARSE,
                "%s: this snapshot was made by knockon %.*s, this is %s; make it again", path, SNAPSHOT_VERSION - 1,
                header->version, version);
  if (header->layout != layout)
    return fail(opening->failure, FAILURE_PARSE,
                "%s: this snapshot was made by another build of knockon %s; make it again", path, version);
  if (header->size > file->length) return damaged(opening, "it ends early");
  if (header->size < file->length) return damaged(opening, "something follows its end");
  return true;
}

/* Are header and table as they were written? */
static bool check_head(const struct opening *opening, struct header header, size_t length) {
  char head[sizeof header + (BLOCKS_MOST + 1) * sizeof(struct section)];
  uint64_t told = header.checksum;
  header.checksum = 0;
  memcpy(head, opening->network->file.base, length);
  memcpy(head, &header, sizeof header);
  return snapshot_checksum(head, length) == told || damaged(opening, "header");
}

/* Section and block agree, and the section lies where the one before it ended. */
static bool check_section(const struct opening *opening, const struct section *section, const char *name,
                          size_t item_size, uint64_t *offset) {
  uint64_t length = opening->network->file.length, left = length < *offset ? 0 : length - *offset;
  if (strncmp(section->name, name, sizeof section->name) != 0 || section->item_size != item_size ||
      section->offset != *offset || section->count > left / item_size)
    return damaged(opening, name);
  *offset = after(*offset, section->count * item_size);
  return *offset <= length || damaged(opening, name);
}

/* A section's items, in pieces that are looked at twice while they are at hand. */
static bool check_items(struct opening *opening, const struct section *section, const struct block *block, bool sum) {
  const char *bytes = (const char *)opening->network->file.base + section->offset;
  size_t length = (size_t)(section->count * section->item_size), pieces = 0;
  bool ruled = block && block->rule != RULE_NONE;
  struct sum sums = {{{0}}, {{0}}};
  if (!sum && !ruled) return true;
  for (size_t at = 0; at < length; at += PIECE) {
    size_t taken = length - at < PIECE ? length - at : PIECE;
    if (sum) sum_add(&sums, bytes + at, taken);
    if (ruled && !block_keeps_rule(block, at / block->item_size, (at + taken) / block->item_size))
      return damaged(opening, section->name);
    if (++pieces % PIECES_BETWEEN == 0 &&
        !control_checkpoint(opening->control, opening->done + (double)at, opening->total, "checking the snapshot",
                            opening->failure))
      return false;
  }
  opening->done += (double)length;
  return !sum || sum_of(&sums, length) == section->checksum || damaged(opening, section->name);
}

static bool take_sections(struct opening *opening, struct block *blocks, size_t count, const struct section *sections,
                          const char **facts, size_t *facts_length) {
  struct network *network = opening->network;
  char *base = network->file.base;
  uint64_t offset = after(0, sizeof(struct header) + (count + 1) * sizeof *sections);
  if (!check_section(opening, &sections[0], "facts", 1, &offset)) return false;
  *facts = base + sections[0].offset;
  *facts_length = (size_t)sections[0].count;
  for (size_t i = 0; i < count; i++) {
    const struct section *section = &sections[i + 1];
    const struct block *block = &blocks[i];
    if (!check_section(opening, section, block->name, block->item_size, &offset)) return false;
    bool absent = section->count == 0 && (block->optional || block->wanted == 0);
    if (!absent && block->wanted != BLOCK_ANY && section->count != block->wanted) return damaged(opening, block->name);
    block_set(block, section->count ? base + section->offset : NULL, (size_t)section->count);
  }
  if (offset != network->file.length) return damaged(opening, "it ends elsewhere");
  if (!network->texts.starts.items || !network->texts.table) return damaged(opening, "texts");
  (void)network_blocks(network, blocks); /* the rules as the counts of vectors now say them */
  if (!check_items(opening, &sections[0], NULL, true)) return false;
  for (size_t i = 0; i < count; i++) {
    const struct section *section = &sections[i + 1];
    bool sum = opening->all || blocks[i].part == PART_ADJACENCY || section->count * section->item_size <= ALWAYS_SUMMED;
    if (!check_items(opening, section, &blocks[i], sum)) return false;
  }
  const char *unsound = blocks_unsound(network);
  return !unsound || damaged(opening, unsound);
}

static bool check_rows(struct opening *opening) {
  const struct network *network = opening->network;
  for (size_t first = 0; first < network->entity_count; first += PIECE) {
    size_t end = network->entity_count - first < PIECE ? network->entity_count : first + PIECE;
    const char *wrong = blocks_disagree(network, first, end);
    if (wrong) return damaged(opening, wrong);
    if (!control_checkpoint(opening->control, (double)end, (double)network->entity_count, "checking the snapshot",
                            opening->failure))
      return false;
  }
  return true;
}

static bool take_counts(struct network *network, const struct header *header) {
  uint64_t all = 0, most = UINT32_MAX - 1;
  if (header->entities > most || header->relations > most || header->rows > header->relations ||
      header->ups > header->relations || header->holdings > header->relations || header->records > most)
    return false;
  network->entity_count = (size_t)header->entities;
  network->relation_count = (size_t)header->relations;
  network->row_count = (size_t)header->rows;
  network->up_count = (size_t)header->ups;
  network->holding_count = (size_t)header->holdings;
  network->records = (uint32_t)header->records;
  for (int k = 0; k < RELATION_KINDS; k++) {
    if (header->of_kind[k] > header->relations) return false;
    all += network->of_kind[k] = (size_t)header->of_kind[k];
  }
  network->texts.seed = header->seed;
  return all == header->relations;
}

bool snapshot_open(struct network *network, const char *path, const char *version, bool all, const char **facts,
                   size_t *facts_length, struct control *control, struct failure *failure) {
  struct opening opening = {.network = network, .path = path, .all = all, .control = control, .failure = failure};
  struct block blocks[BLOCKS_MOST];
  struct header header;
  network->texts.memory = network->fields.memory = &network->memory;
  network->fields.texts = &network->texts;
  size_t count = network_blocks(network, blocks), head_length = sizeof header + (count + 1) * sizeof(struct section);
  if (!open_file(&opening)) return false;
  const char *base = network->file.base;
  opening.total = (double)network->file.length;
  memcpy(&header, base, sizeof header);
  if (!check_header(&opening, &header, version, layout_of(blocks, count))) return false;
  if (header.sections != count + 1 || head_length > network->file.length) return damaged(&opening, "header");
  if (!check_head(&opening, header, head_length)) return false;
  if (!take_counts(network, &header)) return damaged(&opening, "counts");
  (void)network_blocks(network, blocks);
  const struct section *sections = (const struct section *)(const void *)(base + sizeof header);
  if (!take_sections(&opening, blocks, count, sections, facts, facts_length)) return false;
  if (all && !check_rows(&opening)) return false;
  network->sealed = true;
  return true;
}
