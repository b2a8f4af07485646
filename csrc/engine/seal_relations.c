/* seal_relations: relations in order, row by row, with both adjacencies.
 *
 * Going to the row of each relation at once would mean far places of memory for every one. So relations go to one of
 * some hundred divisions of the entities first, which are written next to each other, and from there to their rows,
 * where all of a division stays near. Inward rows are made the same way. Cost: some passes over the relations and
 * sorting within rows; 16 bytes a relation while it lasts.
 */
#include <string.h>

#include "seal.h"
#include "sort.h"

/* Entities next to each other, as many to a division as 1 << shift. */
enum { DIVISIONS_MOST = 1 << 10 };
struct divisions {
  int shift;
  size_t count;
  uint32_t out[DIVISIONS_MOST + 1], in[DIVISIONS_MOST + 1]; /* where the relations from and to each begin */
};

/* A relation within its row, as one number that orders it: kind, to, flags of the kind byte, and which arrival of its
 * division it is. */
struct packing {
  int flags, to, kind; /* how far to shift; the arrival has no shift */
};

struct ordering {
  struct sealing *sealing;
  struct network *network;
  struct divisions divisions;
  struct packing packing;
  bool further;        /* some relation has fields */
  size_t largest;      /* relations from one division */
  uint64_t *words;     /* of a division, row by row */
  uint64_t *spare;     /* as many */
  uint32_t *alike[2];  /* as many, of relations of one kind between the same two */
  uint32_t *cursor[2]; /* for each entity of a division */
  size_t holding;      /* holdings so far */
  uint32_t row;        /* rows so far */
};

static int bits_of(size_t count) {
  int bits = 1;
  while (count >> bits) bits++;
  return bits;
}

/* The ends that count: of the entity that stands for all its records, but for same_as itself. */
static inline void ends_of(const struct network *network, size_t i, enum relation_kind kind, uint32_t *from,
                           uint32_t *to) {
  const struct draft *draft = network->draft;
  *from = draft->from.items[i];
  *to = draft->to.items[i];
  if (!network->same || kind == RELATION_SAME_AS) return;
  *from = network->same[*from];
  *to = network->same[*to];
}

/* ---- order ---- */

struct division_order {
  const struct network *network;
  const struct arrival *arrivals;
};

static int compare_numbers(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

/* As texts, in decimal. */
static int compare_decimals(uint32_t a, uint32_t b) {
  uint64_t x = a, y = b;
  for (uint64_t unit = 10; unit <= a || unit <= b; unit *= 10) {
    if (a < unit) x *= 10;
    if (b < unit) y *= 10;
  }
  return x != y ? compare_numbers(x, y) : compare_numbers(a, b); /* 1 before 10 */
}

/* By id as it is told, given or file#record: so a network that is written and read again keeps its order. */
static int by_told_id(const struct network *network, uint32_t a, uint32_t b) {
  const struct draft *draft = network->draft;
  uint32_t relations[2] = {a, b}, given[2] = {draft_id(draft, a), draft_id(draft, b)};
  char spare[2][DEFAULT_ID];
  const char *ids[2];
  if (!given[0] && !given[1]) {
    uint32_t x = draft_record(draft, a), y = draft_record(draft, b);
    if (network_file_of(network, &x) == network_file_of(network, &y)) return compare_decimals(x, y);
  }
  for (int i = 0; i < 2; i++) {
    ids[i] = given[i] ? text_bytes(&network->texts, given[i]) : spare[i];
    if (!given[i]) (void)network_default_id(network, draft_record(draft, relations[i]), spare[i]);
  }
  return strcmp(ids[0], ids[1]);
}

/* Relations of one kind between the same two. */
static int by_facts(const void *context, uint32_t a, uint32_t b) {
  const struct division_order *order = context;
  const struct network *network = order->network;
  const struct draft *draft = network->draft;
  const struct arrival *of_a = &order->arrivals[a], *of_b = &order->arrivals[b];
  const struct saying *x = &draft->sayings.items[of_a->saying], *y = &draft->sayings.items[of_b->saying];
  const struct validity *vx = &network->validities.items[draft_validity(draft, of_a->relation)],
                        *vy = &network->validities.items[draft_validity(draft, of_b->relation)];
  int result = compare_numbers(x->kind & RELATION_VOTES, y->kind & RELATION_VOTES);
  if (!result) result = text_compare(&network->texts, x->class, y->class);
  if (!result) result = (vx->since > vy->since) - (vx->since < vy->since);
  if (!result) result = (vx->until > vy->until) - (vx->until < vy->until);
  if (!result) result = compare_numbers(x->share.lo, y->share.lo);
  if (!result) result = compare_numbers(x->share.hi, y->share.hi);
  if (!result) result = by_told_id(network, of_a->relation, of_b->relation);
  return result ? result : compare_numbers(draft_record(draft, of_a->relation), draft_record(draft, of_b->relation));
}

/* ---- into divisions ---- */

/* How many relations of each kind there are, and from and to each division. */
static bool count_relations(struct ordering *ordering) {
  struct network *network = ordering->network;
  const struct draft *draft = network->draft;
  struct divisions *divisions = &ordering->divisions;
  size_t n = network->entity_count;
  while (n > 0 && (n - 1) >> divisions->shift >= DIVISIONS_MOST) divisions->shift++;
  divisions->count = n > 0 ? ((n - 1) >> divisions->shift) + 1 : 0;
  for (size_t i = 0; i < draft->from.count; i++) {
    uint32_t from, to;
    if (draft->from.items[i] == RELATION_NONE) continue;
    const struct saying *saying = draft_saying(draft, i);
    enum relation_kind kind = (enum relation_kind)(saying->kind & RELATION_KIND);
    ends_of(network, i, kind, &from, &to);
    divisions->out[(from >> divisions->shift) + 1]++;
    divisions->in[(to >> divisions->shift) + 1]++;
    network->of_kind[kind]++;
    ordering->further |= saying->fields != FIELDS_NONE;
  }
  for (size_t d = 0; d < divisions->count; d++) {
    if (divisions->out[d + 1] > ordering->largest) ordering->largest = divisions->out[d + 1];
    divisions->out[d + 1] += divisions->out[d];
    divisions->in[d + 1] += divisions->in[d];
  }
  for (int k = 0; k < RELATION_KINDS; k++) network->relation_count += network->of_kind[k];
  for (int k = 0; k < RELATION_SUPPLIES; k++) network->up_count += network->of_kind[k];
  network->holding_count = network->of_kind[RELATION_OWNS];
  ordering->packing.flags = bits_of(ordering->largest);
  ordering->packing.to = ordering->packing.flags + 2;
  ordering->packing.kind = ordering->packing.to + bits_of(n);
  return ordering->packing.kind + 3 <= 64 ||
         fail(ordering->sealing->failure, FAILURE_LIMIT, "more entities and relations than can be ordered");
}

/* Every relation to the division of the entity it leaves; there they stay as they were loaded. */
static void divide(struct ordering *ordering) {
  const struct network *network = ordering->network;
  const struct draft *draft = network->draft;
  struct arrival *arrivals = ordering->sealing->room;
  uint32_t next[DIVISIONS_MOST];
  int shift = ordering->divisions.shift;
  memcpy(next, ordering->divisions.out, sizeof next);
  for (size_t i = 0; i < draft->from.count; i++) {
    struct arrival arrival = {.saying = draft->saying.items[i], .relation = (uint32_t)i};
    if (draft->from.items[i] == RELATION_NONE) continue;
    enum relation_kind kind = (enum relation_kind)(draft->sayings.items[arrival.saying].kind & RELATION_KIND);
    ends_of(network, i, kind, &arrival.from, &arrival.to);
    arrivals[next[arrival.from >> shift]++] = arrival;
  }
}

/* ---- columns ---- */

/* The block of a column of the draft that is needed no longer, as a column of the network, if it can be made to fit. */
static uint32_t *reuse(struct memory *memory, struct draft_numbers *numbers, size_t count) {
  uint32_t *items = NULL;
  numbers->count = 0;
  if (numbers->capacity >= count) {
    vector_shrink(memory, &numbers->items, &numbers->capacity, sizeof *numbers->items, count);
    if (numbers->capacity == count) {
      items = numbers->items;
      numbers->items = NULL;
      numbers->capacity = 0;
    }
  }
  vector_free(memory, numbers);
  if (items) items[count - 1] = 0; /* past the last relation */
  return items;
}

/* Arrivals say what these said. */
static void reuse_columns(struct ordering *ordering) {
  struct network *network = ordering->network;
  struct draft *draft = network->draft;
  size_t count = network->relation_count + 1;
  network->to = reuse(&network->memory, &draft->from, count);
  network->relation_record = reuse(&network->memory, &draft->to, count);
  if (ordering->further) network->relation_fields = reuse(&network->memory, &draft->saying, count);
}

static bool make_columns(struct ordering *ordering) {
  struct network *network = ordering->network;
  const struct draft *draft = network->draft;
  struct memory *memory = &network->memory;
  size_t n = network->entity_count, m = network->relation_count, words = m / 64 + 1;
  size_t most = ordering->largest, entities = (size_t)1 << ordering->divisions.shift;
#define column(name, count, wanted) \
  ((wanted) && !network->name && !(network->name = memory_zeroed(memory, (count), sizeof *network->name)))
  if (column(out_start, n + 1, true) || column(in_start, n + 1, true) || column(up_start, n + 1, true) ||
      column(to, m + 1, true) || column(kind, m + 1, true) || column(in_relation, m + 1, true) ||
      column(up_relation, network->up_count + 1, true) || column(up_from, network->up_count + 1, true) ||
      column(row_bits, words, true) || column(row_rank, words, true) || column(holding_bits, words, true) ||
      column(holding_rank, words, true) || column(holdings, network->holding_count + 1, true) ||
      column(validity, m + 1, draft->validity.count > 0) || column(relation_id, m + 1, draft->id.count > 0) ||
      column(relation_record, m + 1, true) || column(relation_fields, m + 1, ordering->further))
    return fail_memory(ordering->sealing->failure, memory);
#undef column
  ordering->words = sealing_borrow(ordering->sealing, most, sizeof *ordering->words);
  ordering->spare = sealing_borrow(ordering->sealing, most, sizeof *ordering->spare);
  for (int i = 0; i < 2; i++) {
    ordering->alike[i] = sealing_borrow(ordering->sealing, most, sizeof **ordering->alike);
    ordering->cursor[i] = sealing_borrow(ordering->sealing, entities, sizeof **ordering->cursor);
  }
  return ordering->words && ordering->spare && ordering->alike[0] && ordering->alike[1] && ordering->cursor[0] &&
         ordering->cursor[1];
}

/* ---- rows ---- */

/* Where the rows of a division begin, and their relations in them as words, still as they were loaded. */
static void fill_rows(struct ordering *ordering, size_t division, const struct arrival *arrivals, size_t count) {
  struct network *network = ordering->network;
  const struct saying *sayings = network->draft->sayings.items;
  const struct packing packing = ordering->packing;
  uint32_t first = (uint32_t)(division << ordering->divisions.shift), start = ordering->divisions.out[division],
           sum = 0;
  size_t entities = (size_t)1 << ordering->divisions.shift, left = network->entity_count - first;
  uint32_t *cursor = ordering->cursor[0];
  uint64_t *words = ordering->words;
  if (left < entities) entities = left;
  memset(cursor, 0, entities * sizeof *cursor);
  for (size_t i = 0; i < count; i++) cursor[arrivals[i].from - first]++;
  for (size_t e = 0; e < entities; e++) {
    uint32_t row = cursor[e];
    network->out_start[first + e] = start + sum;
    cursor[e] = sum;
    sum += row;
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t kind = sayings[arrivals[i].saying].kind;
    words[cursor[arrivals[i].from - first]++] = (kind & RELATION_KIND) << packing.kind |
                                                (uint64_t)arrivals[i].to << packing.to |
                                                (kind & (RELATION_VOTES | RELATION_PARTY)) >> 3 << packing.flags | i;
  }
}

/* A row in order: kind, to, and then by what else the relations say. */
static void order_row(struct ordering *ordering, const struct arrival *arrivals, uint64_t *row, size_t count) {
  const struct packing packing = ordering->packing;
  const struct division_order order = {ordering->network, arrivals};
  uint64_t place = (UINT64_C(1) << packing.flags) - 1;
  uint32_t *alike = ordering->alike[0];
  sort_words(row, ordering->spare, count, packing.flags);
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && row[end] >> packing.to == row[i] >> packing.to;) end++;
    if (end - i < 2) continue;
    for (size_t k = i; k < end; k++) alike[k - i] = (uint32_t)(row[k] & place);
    sort_numbers(alike, ordering->alike[1], end - i, by_facts, &order);
    for (size_t k = i; k < end; k++) {
      const struct saying *saying = &ordering->network->draft->sayings.items[arrivals[alike[k - i]].saying];
      uint64_t flags = saying->kind & (RELATION_VOTES | RELATION_PARTY);
      row[k] = row[k] >> packing.to << packing.to | flags >> 3 << packing.flags | alike[k - i];
    }
  }
}

/* Where same_as moved the ends of a relation, those that were given. */
static bool keep_given(struct ordering *ordering, uint32_t relation, const struct arrival *arrival) {
  struct network *network = ordering->network;
  struct memory *memory = &network->memory;
  uint32_t from = network->draft->from.items[arrival->relation], to = network->draft->to.items[arrival->relation];
  if (from == arrival->from && to == arrival->to) return true;
  return (vector_push(memory, &network->aliased, relation) && vector_push(memory, &network->aliased, from) &&
          vector_push(memory, &network->aliased, to)) ||
         fail_memory(ordering->sealing->failure, memory);
}

/* An `owns` at its place among the holdings. Told before by the relation just before it (same owner, owned, basis and
 * class), both are reports of one holding. */
static void place_holding(struct ordering *ordering, uint32_t relation, const struct saying *saying,
                          const struct saying *before) {
  struct network *network = ordering->network;
  network->holding_bits[relation >> 6] |= UINT64_C(1) << (relation & 63);
  network->holdings[ordering->holding++] = saying->share;
  if (!before || network->to[relation - 1] != network->to[relation] ||
      network_kind(network, relation - 1) != RELATION_OWNS || ((saying->kind ^ before->kind) & RELATION_VOTES) ||
      saying->class != before->class)
    return;
  network->kind[relation - 1] |= RELATION_REPORT;
  network->kind[relation] |= RELATION_REPORT;
}

/* The columns of a row, whose first relation is `relation`. */
static bool place_row(struct ordering *ordering, const struct arrival *arrivals, const uint64_t *row, size_t count,
                      uint32_t relation) {
  struct network *network = ordering->network;
  const struct draft *draft = network->draft;
  const struct saying *sayings = draft->sayings.items, *before = NULL;
  const struct packing packing = ordering->packing;
  uint64_t place = (UINT64_C(1) << packing.flags) - 1, entity = (UINT64_C(1) << (packing.kind - packing.to)) - 1;
  uint32_t *tos = network->to, *records = network->relation_record, *fields = network->relation_fields;
  uint8_t *kinds = network->kind;
  network->row_bits[relation >> 6] |= UINT64_C(1) << (relation & 63);
  for (size_t k = 0; k < count; k++) {
    uint32_t r = relation + (uint32_t)k;
    const struct arrival *arrival = &arrivals[row[k] & place];
    const struct saying *saying = &sayings[arrival->saying];
    uint8_t kind = (uint8_t)(row[k] >> packing.kind);
    tos[r] = (uint32_t)(row[k] >> packing.to & entity);
    kinds[r] = (uint8_t)(kind | (row[k] >> packing.flags & 3) << 3);
    records[r] = draft_record(draft, arrival->relation);
    if (fields) fields[r] = saying->fields;
    if (network->validity) network->validity[r] = draft_validity(draft, arrival->relation);
    if (network->relation_id) network->relation_id[r] = draft_id(draft, arrival->relation);
    if ((r & 63) == 0) {
      network->row_rank[r >> 6] = ordering->row + (k > 0);
      network->holding_rank[r >> 6] = (uint32_t)ordering->holding;
    }
    if (kind == RELATION_OWNS) place_holding(ordering, r, saying, before);
    if (network->same && !keep_given(ordering, r, arrival)) return false;
    before = saying;
  }
  ordering->row++;
  return true;
}

static bool place_rows(struct ordering *ordering) {
  struct network *network = ordering->network;
  const struct arrival *arrivals = ordering->sealing->room;
  const struct divisions *divisions = &ordering->divisions;
  uint32_t step = 0, m = (uint32_t)network->relation_count;
  for (size_t d = 0; d < divisions->count; d++) {
    uint32_t start = divisions->out[d], count = divisions->out[d + 1] - start, from = 0;
    if (start >= step && (step = start + (1 << 20), !sealing_checkpoint(ordering->sealing, 3))) return false;
    fill_rows(ordering, d, arrivals + start, count);
    for (size_t e = 0; from < count; e++) {
      uint32_t end = ordering->cursor[0][e], length = end - from;
      if (length > 1) order_row(ordering, arrivals + start, ordering->words + from, length);
      if (length > 0 && !place_row(ordering, arrivals + start, ordering->words + from, length, start + from))
        return false;
      from = end;
    }
  }
  network->out_start[network->entity_count] = m;
  if ((m & 63) == 0) network->holding_rank[m >> 6] = (uint32_t)ordering->holding;
  return true;
}

static bool list_rows(struct ordering *ordering) {
  struct network *network = ordering->network;
  network->row_count = ordering->row;
  network->row_entity = memory_zeroed(&network->memory, network->row_count + 1, sizeof *network->row_entity);
  if (!network->row_entity) return fail_memory(ordering->sealing->failure, &network->memory);
  uint32_t row = 0;
  for (uint32_t e = 0; e < network->entity_count; e++)
    if (network->out_start[e] < network->out_start[e + 1]) network->row_entity[row++] = e;
  return true;
}

/* ---- inward rows ---- */

/* A relation on its way into an inward row: the entity within its division, whether it says who is above, its number.
 */
enum { PAIR_UP = 32, PAIR_ENTITY = 33 };

static void place_inward(struct ordering *ordering, size_t division, const uint64_t *pairs, size_t count,
                         uint32_t *ups) {
  struct network *network = ordering->network;
  uint32_t first = (uint32_t)(division << ordering->divisions.shift), start = ordering->divisions.in[division];
  size_t entities = (size_t)1 << ordering->divisions.shift, left = network->entity_count - first;
  uint32_t *in = ordering->cursor[0], *up = ordering->cursor[1];
  if (left < entities) entities = left;
  memset(in, 0, entities * sizeof *in);
  memset(up, 0, entities * sizeof *up);
  for (size_t i = 0; i < count; i++) {
    in[pairs[i] >> PAIR_ENTITY]++;
    up[pairs[i] >> PAIR_ENTITY] += pairs[i] >> PAIR_UP & 1;
  }
  for (size_t e = 0; e < entities; e++) {
    uint32_t in_row = in[e], up_row = up[e];
    network->in_start[first + e] = in[e] = start;
    network->up_start[first + e] = up[e] = *ups;
    start += in_row;
    *ups += up_row;
  }
  for (size_t i = 0; i < count; i++) {
    uint32_t relation = (uint32_t)pairs[i];
    network->in_relation[in[pairs[i] >> PAIR_ENTITY]++] = relation;
    if (!(pairs[i] >> PAIR_UP & 1)) continue;
    uint32_t at = up[pairs[i] >> PAIR_ENTITY]++;
    network->up_relation[at] = relation;
    network->up_from[at] = network_from(network, relation);
  }
}

static bool place_inwards(struct ordering *ordering) {
  struct network *network = ordering->network;
  const struct divisions *divisions = &ordering->divisions;
  uint64_t *pairs = ordering->sealing->room; /* the arrivals are there */
  uint32_t next[DIVISIONS_MOST], ups = 0, m = (uint32_t)network->relation_count, step = 0;
  uint32_t within = ((uint32_t)1 << divisions->shift) - 1;
  memcpy(next, divisions->in, sizeof next);
  for (uint32_t r = 0; r < m; r++) {
    uint64_t up = network_kind(network, r) < RELATION_SUPPLIES;
    uint32_t to = network->to[r];
    pairs[next[to >> divisions->shift]++] = (uint64_t)(to & within) << PAIR_ENTITY | up << PAIR_UP | r;
  }
  for (size_t d = 0; d < divisions->count; d++) {
    uint32_t start = divisions->in[d], count = divisions->in[d + 1] - start;
    if (start >= step && (step = start + (1 << 20), !sealing_checkpoint(ordering->sealing, 4))) return false;
    place_inward(ordering, d, pairs + start, count, &ups);
  }
  network->in_start[network->entity_count] = m;
  network->up_start[network->entity_count] = ups;
  return true;
}

bool seal_relations(struct sealing *sealing) {
  struct memory *memory = &sealing->network->memory;
  struct ordering *ordering = memory_zeroed(memory, 1, sizeof *ordering);
  if (!ordering) return fail_memory(sealing->failure, memory);
  ordering->sealing = sealing;
  ordering->network = sealing->network;
  bool placed = count_relations(ordering) && sealing_checkpoint(sealing, 2);
  if (placed) {
    divide(ordering);
    if (!sealing->network->same) reuse_columns(ordering);
    placed = make_columns(ordering) && place_rows(ordering) && list_rows(ordering) && place_inwards(ordering);
  }
  sealing_give_back(sealing);
  memory_free(memory, ordering, sizeof *ordering);
  return placed;
}
