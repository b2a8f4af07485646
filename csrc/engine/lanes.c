#include "lanes.h"

#include <stdlib.h>
#include <string.h>

#include "crew.h"

enum {
  LANE_WIDTHS = 4,              /* vectors of the widest row */
  VECTOR_LANES = 512,           /* lanes of a vector */
  LANES_AHEAD = CONDENSE_SPARE, /* rows are asked for so many edges early */
  LEVELS = 36                   /* bits of a count, and what carries beyond */
};

typedef uint64_t lane_word __attribute__((vector_size(64)));
union lane_vector {
  lane_word word;
  uint64_t parts[8];
};

/* Rows of one weight, until there are eight. */
struct waiting {
  const union lane_vector *rows[8];
  int count;
};

/* One block of lanes on its way through the network. */
struct block {
  union lane_vector planes[WEIGHT_CLASSES][LEVELS][LANE_WIDTHS]; /* bit i of every lane's count, by class */
  struct waiting waiting[WEIGHT_CLASSES][32];
  union lane_vector *rows;
  int width;
  const uint32_t *start, *pull;
  const uint8_t *light;
  const struct heavy *heavy;
  const uint64_t *seed, *seed_end; /* component << 32 | lane, ascending */
};

/* sum += a + b, bit by bit: the sum stays, the carry goes to the next level. */
#define carry_save(carry, sum, a, b)        \
  do {                                      \
    lane_word half_ = (sum) ^ (a);          \
    lane_word b_ = (b);                     \
    (carry) = ((sum) & (a)) | (half_ & b_); \
    (sum) = half_ ^ b_;                     \
  } while (0)
#define any_lane(w) (((w)[0] | (w)[1] | (w)[2] | (w)[3] | (w)[4] | (w)[5] | (w)[6] | (w)[7]) != 0)

static inline bool lane_at(const union lane_vector *row, uint32_t lane) {
  return row[lane / VECTOR_LANES].parts[lane >> 6 & 7] >> (lane & 63) & 1;
}
static inline void set_lane(union lane_vector *row, uint32_t lane) {
  row[lane / VECTOR_LANES].parts[lane >> 6 & 7] |= UINT64_C(1) << (lane & 63);
}

#define PASS_NAME(name) name##_plain
#define PASS_TARGET
#include "lanes_pass.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define PASS_NAME(name) name##_avx2
#define PASS_TARGET     __attribute__((target("avx2")))
#include "lanes_pass.h"
#define PASS_NAME(name) name##_avx512
#define PASS_TARGET     __attribute__((target("avx512f")))
#include "lanes_pass.h"
#endif

typedef void pass(struct block *block, uint32_t first, uint32_t end, int class);

static pass *best_pass(void) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f")) return pass_avx512;
  if (__builtin_cpu_supports("avx2")) return pass_avx2;
#endif
  return pass_plain;
}

/* ---- what the counts say too much ---- */

/* A worker: a table of rows, and room to look at one lane. */
struct puller {
  struct crew_member member; /* its memory: of seeds and of looking at a lane */
  const struct condense *condense;
  const struct lanes *lanes;
  struct reached *results;
  struct block *block;
  void *table;
  size_t table_size;
  struct vector_of(uint64_t) seeds;
  struct entity_list climbed; /* positions among the lane's entities */
  struct vector_of(uint8_t) seen;
  struct shared *shared;
};

struct shared {
  struct crew crew;
  pass *pass;
  size_t per_block;
  struct puller pullers[CREW_MOST];
};

/* Is the entity reached by harm from elsewhere, or is it among those that pass harm on and start the lane? */
static bool is_reached(const struct puller *puller, uint32_t entity, uint32_t lane) {
  const struct condense *condense = puller->condense;
  const struct overlay *overlay = condense->overlay;
  const struct block *block = puller->block;
  uint32_t component = condense->component[entity];
  if (component < condense->kept) return lane_at(block->rows + (size_t)component * (size_t)block->width, lane);
  if (component == COMPONENT_NONE) return false;
  for (int inward = 0; inward <= 1; inward++) { /* a sink: is any that it comes from? */
    struct walk walk = inward ? walk_in(overlay, entity) : walk_out(overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      uint32_t other = inward ? overlay_from(overlay, r) : overlay_to(overlay, r);
      enum relation_kind kind = overlay_kind(overlay, r);
      bool comes =
          inward ? harm_along(kind) : kind != RELATION_SUPPLIES && harm_against(overlay, condense->reading, r, kind);
      if (comes && other != entity &&
          lane_at(block->rows + (size_t)condense->component[other] * (size_t)block->width, lane))
        return true;
    }
  }
  return false;
}

static const uint32_t *find(const uint32_t *entities, size_t count, uint32_t entity) {
  for (size_t low = 0, high = count; low < high;) {
    size_t middle = (low + high) / 2;
    if (entities[middle] == entity) return &entities[middle];
    if (entities[middle] < entity) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

/* Has x a majority link up to y, certain or at least possible? */
static bool links_up(const struct chains *chains, uint32_t x, uint32_t y, enum reading reading) {
  for (uint32_t l = chains->start[x]; l < chains->start[x + 1]; l++)
    if (chains->upper.items[l] == y && (reading == READING_HIGH || chains->certain.items[l])) return true;
  return false;
}

static bool climbs(struct puller *puller, const uint32_t *entities, const uint32_t *at, bool *fine) {
  uint32_t position = (uint32_t)(at - entities);
  if (puller->seen.items[position]) return false;
  puller->seen.items[position] = 1;
  *fine = *fine && vector_push(&puller->member.memory, &puller->climbed, position);
  return true;
}

/* A parent that is itself restricted, with its whole ring, is exposed only when a user leads up to it: someone the lane
 * reaches that is not restricted, below it by majority links, through restricted ones alone. (Whoever is below someone
 * reached and not restricted needs no look: that one is a user already.) */
static bool leads_up(struct puller *puller, const uint32_t *entities, size_t count, uint32_t parent, uint32_t lane,
                     enum reading reading, bool *fine) {
  const struct overlay *overlay = puller->condense->overlay;
  const struct chains *chains = puller->condense->chains;
  bool found = false;
  puller->climbed.count = 0;
  (void)climbs(puller, entities, find(entities, count, parent), fine);
  for (size_t i = 0; i < puller->climbed.count && !found && *fine; i++) { /* a ring's certain links lead all round it */
    uint32_t member = entities[puller->climbed.items[i]];
    for (uint32_t l = chains->start[member]; l < chains->start[member + 1] && !found; l++) {
      if (!chains->certain.items[l]) continue;
      const uint32_t *upper = find(entities, count, chains->upper.items[l]);
      if (upper) (void)climbs(puller, entities, upper, fine);
      else found = true; /* of the ring, reached, and not restricted: a user */
    }
  }
  for (size_t i = 0; i < puller->climbed.count && !found && *fine; i++) {
    uint32_t upper = entities[puller->climbed.items[i]];
    struct walk walk = walk_out(overlay, upper);
    for (uint32_t r; !found && (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) > RELATION_HAS_BRANCH) {
        if (!overlay_is_added(overlay, r)) walk.at = walk.end; /* rows are ordered by kind */
        continue;
      }
      uint32_t lower = overlay_to(overlay, r);
      if (!links_up(chains, lower, upper, reading)) continue;
      const uint32_t *at = find(entities, count, lower);
      if (at) (void)climbs(puller, entities, at, fine);
      else found = is_reached(puller, lower, lane);
    }
  }
  for (size_t i = 0; i < puller->climbed.count; i++) puller->seen.items[puller->climbed.items[i]] = 0;
  return found;
}

/* What a lane starts from is restricted: no users, and parents only as above. */
static bool settle_lane(struct puller *puller, size_t number, uint32_t lane) {
  const struct chains *chains = puller->condense->chains;
  const struct block *block = puller->block;
  size_t count = puller->lanes->start[number + 1] - puller->lanes->start[number];
  const uint32_t *entities = count ? puller->lanes->entities + puller->lanes->start[number] : NULL;
  uint32_t counts[WEIGHT_CLASSES] = {0};
  for (int class = 0; class < WEIGHT_CLASSES; class ++)
    for (int level = 0; level < 32; level++)
      counts[class] |= (uint32_t)lane_at(block->planes[class][level], lane) << level;
  struct reached *result = &puller->results[number];
  result->users = counts[WEIGHT_PLAIN] + counts[WEIGHT_TOP] + counts[WEIGHT_PERHAPS_TOP];
  result->parents[READING_LOW] = counts[WEIGHT_TOP];
  result->parents[READING_HIGH] = counts[WEIGHT_TOP] + counts[WEIGHT_PERHAPS_TOP];
  while (puller->seen.count < count)
    if (!vector_push(&puller->member.memory, &puller->seen, 0)) return false;
  bool fine = true;
  for (size_t i = 0; i < count && fine; i++) {
    if (!is_reached(puller, entities[i], lane)) continue; /* not counted either */
    result->users--;
    enum weight_class class = weight_class(chains, entities[i]);
    if (class == WEIGHT_TOP && !leads_up(puller, entities, count, entities[i], lane, READING_LOW, &fine))
      result->parents[READING_LOW]--;
    if (class != WEIGHT_PLAIN && !leads_up(puller, entities, count, entities[i], lane, READING_HIGH, &fine))
      result->parents[READING_HIGH]--;
  }
  return fine;
}

/* ---- one block ---- */

static int by_component(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static bool go_on(struct puller *puller, size_t done) {
  const struct condense *condense = puller->condense;
  return control_checkpoint(&puller->member.control, (double)done, (double)(condense->kept + condense->sinks),
                            puller->member.crew->what, &puller->member.failure);
}

/* Components first … end - 1, with a look around now and then. */
static bool pull_range(struct puller *puller, uint32_t first, uint32_t end, int class) {
  enum { AT_ONCE = 1 << 16 };
  while (first < end) {
    uint32_t next = end - first > AT_ONCE ? first + AT_ONCE : end;
    if (!go_on(puller, first)) return false;
    puller->shared->pass(puller->block, first, next, class);
    first = next;
  }
  return true;
}

static bool run_block(struct puller *puller, size_t first, size_t end) {
  const struct condense *condense = puller->condense;
  const struct lanes *lanes = puller->lanes;
  struct block *block = puller->block;
  puller->seeds.count = 0;
  for (size_t number = first; number < end; number++)
    for (uint32_t i = lanes->start[number]; i < lanes->start[number + 1]; i++) {
      uint64_t component = condense->component[lanes->entities[i]];
      if (component < condense->kept &&
          !vector_push(&puller->member.memory, &puller->seeds, component << 32 | (number - first)))
        return fail_memory(&puller->member.failure, &puller->member.memory);
    }
  block->seed = block->seed_end = puller->seeds.items;
  if (puller->seeds.count) {
    qsort(puller->seeds.items, puller->seeds.count, sizeof *puller->seeds.items, by_component);
    block->seed_end += puller->seeds.count;
  }
  memset(block->planes, 0, sizeof block->planes);
  block->heavy = condense->heavies.items;
  if (!pull_range(puller, 0, condense->kept, WEIGHT_CLASSES)) return false;
  puller->shared->pass(block, 0, 0, WEIGHT_CLASSES + 1);
  uint32_t sink = condense->kept;
  for (int class = 0; class < WEIGHT_CLASSES; class ++) {
    if (!pull_range(puller, sink, condense->class_end[class], class)) return false;
    sink = condense->class_end[class];
  }
  for (size_t number = first; number < end; number++)
    if (((number & 63) == 0 && !go_on(puller, condense->kept)) ||
        !settle_lane(puller, number, (uint32_t)(number - first)))
      return fail_memory(&puller->member.failure, &puller->member.memory);
  return true;
}

static void pull_blocks(void *context, unsigned number) {
  struct puller *puller = &((struct shared *)context)->pullers[number];
  size_t first;
  bool fine = true;
  while (fine && crew_take(&puller->member, puller->shared->per_block, &first)) {
    fine = run_block(puller, first, first + puller->member.piece);
    crew_end(&puller->member, fine);
  }
}

/* ---- the whole ---- */

static size_t table_bytes(const struct condense *condense, int width) {
  return ((size_t)condense->kept + 1) * (size_t)width * sizeof(union lane_vector) + sizeof(struct block) +
         2 * sizeof(union lane_vector);
}

bool lanes_fit(const struct condense *condense, const struct memory *memory) {
  return memory_has_room(memory, (table_bytes(condense, 1) + sizeof(struct shared)) / 3 * 4);
}

static size_t blocks_of(size_t lanes, int width) {
  size_t block = (size_t)width * VECTOR_LANES;
  return (lanes + block - 1) / block;
}

/* Rows as wide as may be, with a block for every thread, in tables that fit the bytes. */
static int choose_width(const struct condense *condense, size_t lanes, unsigned *threads, size_t bytes) {
  int width = LANE_WIDTHS;
  if (*threads > blocks_of(lanes, 1)) *threads = (unsigned)blocks_of(lanes, 1);
  while (width > 1 && (blocks_of(lanes, width) < *threads || blocks_of(lanes, width) == blocks_of(lanes, width / 2)))
    width /= 2;
  while (*threads * table_bytes(condense, width) > bytes && (width > 1 || *threads > 1)) {
    if (width > 1) width /= 2;
    else --*threads;
  }
  return width;
}

void lanes_table_close(struct lanes_table *table) {
  memory_free(&table->memory, table->bytes, table->size);
  table->bytes = NULL;
  table->size = 0;
}

/* The table that was kept, where it is of the size, or a new one. */
static void *open_table(struct lanes_table *kept, size_t size, struct memory *memory) {
  void *bytes = kept->bytes;
  if (!bytes || kept->size != size || !memory_has_room(memory, size)) return memory_resize(memory, NULL, 0, size);
  memory_hand_over(&kept->memory, memory, size);
  kept->bytes = NULL;
  kept->size = 0;
  return bytes;
}

static void leave_table(struct lanes_table *kept, void *bytes, size_t size, struct memory *memory) {
  if (!bytes || size > LANES_BYTES || size <= kept->size) {
    memory_free(memory, bytes, size);
    return;
  }
  lanes_table_close(kept);
  memory_hand_over(memory, &kept->memory, size);
  kept->bytes = bytes;
  kept->size = size;
}

static bool open_puller(struct puller *puller, int width, struct lanes_table *kept, struct memory *memory) {
  const struct condense *condense = puller->condense;
  puller->table_size = table_bytes(condense, width);
  puller->table = open_table(kept, puller->table_size, memory);
  if (!puller->table) return false;
  const uintptr_t align = sizeof(union lane_vector);
  uintptr_t address = ((uintptr_t)puller->table + align - 1) & ~(align - 1);
  struct block *block = puller->block = (struct block *)address;
  memset(block, 0, sizeof *block);
  block->rows = (union lane_vector *)((address + sizeof *block + align - 1) & ~(align - 1));
  block->width = width;
  block->start = condense->start;
  block->pull = condense->pull.items;
  block->light = condense->light;
  return true;
}

bool lanes_run(const struct condense *condense, const struct lanes *lanes, struct reached *results, unsigned threads,
               struct lanes_table *kept, struct memory *memory, struct control *control, struct failure *failure) {
  if (lanes->count == 0) return true;
  size_t bytes = LANES_BYTES, left = memory->limit > memory->used ? memory->limit - memory->used : 0;
  if (memory->limit && left / 4 * 3 < bytes) bytes = left / 4 * 3; /* the rest is for seeds */
  int width = choose_width(condense, lanes->count, &threads, bytes);
  struct shared *shared = memory_zeroed(memory, 1, sizeof *shared);
  if (!shared) return fail_memory(failure, memory);
  shared->pass = best_pass();
  shared->per_block = (size_t)width * VECTOR_LANES;
  shared->crew.caller = control;
  shared->crew.what = "banning many at a time";
  shared->crew.total = lanes->count;
  bool fine = true;
  for (unsigned i = 0; i < threads && fine; i++) {
    struct puller *puller = &shared->pullers[i];
    puller->condense = condense;
    puller->lanes = lanes;
    puller->results = results;
    puller->shared = shared;
    fine = open_puller(puller, width, kept, memory) || fail_memory(failure, memory);
  }
  size_t limit = memory->limit > memory->used ? (memory->limit - memory->used) / threads + 1 : 1;
  for (unsigned i = 0; i < threads; i++)
    crew_join(&shared->crew, &shared->pullers[i].member, i, memory->limit ? limit : 0);
  if (fine) crew_run(threads, pull_blocks, shared);
  for (unsigned i = 0; i < threads; i++) fine = crew_fine(&shared->pullers[i].member, memory, failure) && fine;
  for (unsigned i = 0; i < threads; i++) {
    struct puller *puller = &shared->pullers[i];
    leave_table(kept, puller->table, puller->table_size, memory);
    vector_free(&puller->member.memory, &puller->seeds);
    vector_free(&puller->member.memory, &puller->climbed);
    vector_free(&puller->member.memory, &puller->seen);
  }
  memory_free(memory, shared, sizeof *shared);
  return fine;
}
