/* seal: from drafts in the order of loading to columns in the order of ids. */
#include <stdio.h>
#include <string.h>

#include "draft.h"
#include "sort.h"

/* A block that lives while sealing. */
struct scratch {
  void *block;
  size_t size;
};

struct sealing {
  struct network *network;
  const struct skipped *skipped;
  struct control *control;
  struct failure *failure;
  struct scratch scratch[8];
  int scratches;
  uint64_t *room; /* for the keys of entities and then the rows of relations; the first block borrowed */
};

static void *borrow(struct sealing *sealing, size_t count, size_t item_size) {
  struct memory *memory = &sealing->network->memory;
  void *block = memory_zeroed(memory, count, item_size);
  if (!block) return (void)fail_memory(sealing->failure, memory), NULL;
  size_t size = count * item_size;
  sealing->scratch[sealing->scratches++] = (struct scratch){block, size > 0 ? size : 1};
  return block;
}

/* All but the room. */
static void give_back(struct sealing *sealing) {
  while (sealing->scratches > (sealing->room ? 1 : 0)) {
    struct scratch *scratch = &sealing->scratch[--sealing->scratches];
    memory_free(&sealing->network->memory, scratch->block, scratch->size);
  }
}

static void give_back_room(struct sealing *sealing) {
  sealing->room = NULL;
  give_back(sealing);
}

static bool checkpoint(struct sealing *sealing, int step) {
  return control_checkpoint(sealing->control, step, 6, "ordering the network", sealing->failure);
}

/* ---- entities: number = rank of the id ---- */

static int by_id(const void *context, uint32_t a, uint32_t b) {
  const struct network *network = context;
  return text_compare(&network->texts, network->entity_id.items[a], network->entity_id.items[b]);
}

/* The beginnings of the ids as numbers that order like them. Ids use few different bytes: each is given as many bits
 * as tell them apart, so that eight bytes hold 16 digits or 10 capitals and digits; what all begin with is left out. */
static void key_ids(const struct network *network, uint64_t *keys) {
  const struct texts *texts = &network->texts;
  size_t n = network->entity_count;
  uint8_t used[256] = {0}, rank[256] = {0};
  const char *first = n ? text_bytes(texts, network->entity_id.items[0]) : "";
  size_t common = n ? text_length(texts, network->entity_id.items[0]) : 0; /* bytes that all begin with */
  for (size_t e = 0; e < n; e++) {
    const unsigned char *id = (const unsigned char *)text_bytes(texts, network->entity_id.items[e]);
    for (size_t i = 0; i < common; i++)
      if (id[i] != (unsigned char)first[i]) common = i;
    for (; *id; id++) used[*id] = 1;
  }
  int different = 0, bits = 1;
  for (int byte = 1; byte < 256; byte++)
    if (used[byte]) rank[byte] = (uint8_t)++different; /* 0 is the end */
  while (different >> bits) bits++;
  for (size_t e = 0; e < n; e++) {
    const unsigned char *id = (const unsigned char *)text_bytes(texts, network->entity_id.items[e]);
    uint64_t key = 0;
    int left = 64;
    for (id += common; left >= bits && *id; id++) {
      left -= bits;
      key |= (uint64_t)rank[*id] << left;
    }
    keys[e] = key;
  }
}

static bool order_entities(struct sealing *sealing) {
  struct network *network = sealing->network;
  size_t n = network->entity_count;
  uint64_t *keys = sealing->room, *spare_keys = keys + n;
  uint32_t *order = (uint32_t *)(void *)(keys + 2 * n), *spare = order + n;
  key_ids(network, keys);
  for (uint32_t e = 0; e < n; e++) order[e] = e;
  if (!checkpoint(sealing, 0)) return false;
  sort_keys(keys, order, spare_keys, spare, n);
  for (size_t start = 0, end; start < n; start = end) { /* ids that begin alike */
    for (end = start + 1; end < n && keys[end] == keys[start];) end++;
    if (end - start > 1) sort_numbers(order + start, spare, end - start, by_id, network);
  }
  bool dated = false;
#define reorder(column, type)                                                          \
  do {                                                                                 \
    type *sorted = (type *)(void *)spare_keys; /* 8 bytes each: room for any column */ \
    for (size_t e = 0; e < n; e++) sorted[e] = network->column.items[order[e]];        \
    if (n) memcpy(network->column.items, sorted, n * sizeof *sorted);                  \
  } while (0)
  for (size_t e = 0; e < n; e++) dated = dated || network->entity_validity.items[e] != 0;
  reorder(entity_id, uint32_t);
  reorder(entity_kind, uint8_t);
  reorder(entity_fields, uint32_t);
  if (dated) reorder(entity_validity, uint32_t);
#undef reorder
  if (!dated) vector_free(&network->memory, &network->entity_validity);
  for (uint32_t e = 0; e < n; e++) network->entity_of_text.items[network->entity_id.items[e]] = e;
  return true;
}

/* ---- relation ends ---- */

static uint32_t entity_of(const struct network *network, uint32_t text) {
  return text < network->entity_of_text.count ? network->entity_of_text.items[text] : ENTITY_NONE;
}

static void describe(const struct network *network, size_t relation, char *text, size_t size) {
  uint32_t record = draft_record(network->draft, relation), name = network_file_of(network, &record);
  uint32_t id = draft_id(network->draft, relation);
  (void)snprintf(text, size, "%.120s%srelation record %u%s%.80s%s", text_bytes(&network->texts, name), name ? ": " : "",
                 record, id ? " '" : "", text_bytes(&network->texts, id), id ? "'" : "");
}

/* An end nobody has: the id that shares the longest beginning with it is a good guess at what was meant. */
static bool dangling(struct sealing *sealing, size_t relation, const char *end, uint32_t text) {
  struct network *network = sealing->network;
  char record[260], message[600], near[160] = "";
  const char *wanted = text_bytes(&network->texts, text);
  size_t low = 0, high = network->entity_count, best = 0;
  while (low < high) { /* ids are sorted: the neighbours of where it would stand share most with it */
    size_t middle = (low + high) / 2;
    if (text_compare(&network->texts, network->entity_id.items[middle], text) < 0) low = middle + 1;
    else high = middle;
  }
  for (size_t e = low > 0 ? low - 1 : 0; e <= low && e < network->entity_count; e++) {
    const char *id = text_bytes(&network->texts, network->entity_id.items[e]);
    size_t shared = 0;
    while (id[shared] && id[shared] == wanted[shared]) shared++;
    if (shared > best && shared >= 2) {
      best = shared;
      (void)snprintf(near, sizeof near, "; near it is '%.120s'", id);
    }
  }
  describe(network, relation, record, sizeof record);
  (void)snprintf(message, sizeof message, "%s: '%s' names '%.100s', which no entity has%s", record, end, wanted, near);
  if (sealing->skipped) return sealing->skipped->report(sealing->skipped->context, message), true;
  return fail(sealing->failure, FAILURE_PARSE, "%s", message);
}

/* A relation that names an entity nobody has: in the order in which its ends are looked at. */
static bool drop_dangling(struct sealing *sealing, size_t i, uint32_t from, uint32_t to) {
  struct network *network = sealing->network;
  struct draft *draft = network->draft;
  const char *end = "party";
  uint32_t text = 0;
  if (entity_of(network, from) == ENTITY_NONE) {
    end = "from";
    text = from;
  } else if (entity_of(network, to) == ENTITY_NONE) {
    end = "to";
    text = to;
  } else {
    const struct field *party =
        fields_find(&network->fields, draft->fields.items[i], fields_key(&network->fields, "party", 5));
    if (party) text = party->value;
  }
  draft->from.items[i] = RELATION_NONE;
  return dangling(sealing, i, end, text);
}

static bool resolve_ends(struct sealing *sealing) {
  struct network *network = sealing->network;
  struct draft *draft = network->draft;
  const uint32_t *entity = network->entity_of_text.items;
  size_t known = network->entity_of_text.count;
  uint16_t party_key = fields_key(&network->fields, "party", 5);
  for (size_t i = 0; i < draft->from.count; i++) {
    uint32_t from = draft->from.items[i], to = draft->to.items[i];
    bool good = from < known && to < known && entity[from] != ENTITY_NONE && entity[to] != ENTITY_NONE;
    if (good && (draft->kind.items[i] & RELATION_PARTY)) {
      const struct field *party = fields_find(&network->fields, draft->fields.items[i], party_key);
      good = party && entity_of(network, party->value) != ENTITY_NONE;
    }
    if (good) {
      draft->from.items[i] = entity[from];
      draft->to.items[i] = entity[to];
    } else if (!drop_dangling(sealing, i, from, to)) {
      return false;
    }
  }
  return true;
}

/* Explicit relation ids are unique, and none takes the place of a default one (file#record). */
static bool check_relation_ids(struct sealing *sealing) {
  struct network *network = sealing->network;
  struct draft *draft = network->draft;
  size_t count = draft->from.count;
  if (draft->id.count == 0) return true;
  uint32_t *seen = borrow(sealing, text_count(&network->texts), sizeof *seen);
  if (!seen) return false;
  bool like_default = false; /* only an id with a # can be one */
  for (size_t i = 0; i < draft->id.count && !like_default; i++)
    like_default = draft->id.items[i] && draft->from.items[i] != RELATION_NONE &&
                   strchr(text_bytes(&network->texts, draft->id.items[i]), '#');
  for (size_t i = 0; i < count && like_default; i++) {
    if (draft_id(draft, i) || draft->from.items[i] == RELATION_NONE) continue;
    char id[DEFAULT_ID];
    size_t length = network_default_id(network, draft_record(draft, i), id);
    uint32_t text = text_lookup(&network->texts, id, length);
    if (text != TEXT_NONE) seen[text] = draft_record(draft, i);
  }
  for (size_t i = 0; i < draft->id.count; i++) {
    uint32_t id = draft->id.items[i];
    if (!id || draft->from.items[i] == RELATION_NONE) continue;
    if (seen[id]) {
      char record[260], message[500];
      describe(network, i, record, sizeof record);
      (void)snprintf(message, sizeof message, "%s: this id was given before, by relation record %u", record, seen[id]);
      if (!sealing->skipped) return fail(sealing->failure, FAILURE_PARSE, "%s", message);
      sealing->skipped->report(sealing->skipped->context, message);
      draft->from.items[i] = RELATION_NONE;
      continue;
    }
    seen[id] = draft_record(draft, i);
  }
  give_back(sealing);
  return true;
}

/* ---- same_as: every record points at the byte-smallest id of its class ---- */

static uint32_t root_of(uint32_t *same, uint32_t entity) {
  while (same[entity] != entity) entity = same[entity] = same[same[entity]];
  return entity;
}

static bool fold_same(struct sealing *sealing) {
  struct network *network = sealing->network;
  const struct draft *draft = network->draft;
  size_t count = draft->from.count, n = network->entity_count;
  bool any = false;
  for (size_t i = 0; i < count && !any; i++)
    any = (draft->kind.items[i] & RELATION_KIND) == RELATION_SAME_AS && draft->from.items[i] != RELATION_NONE;
  if (!any) return true;
  network->same = memory_zeroed(&network->memory, n, sizeof *network->same);
  network->same_next = memory_zeroed(&network->memory, n, sizeof *network->same_next);
  uint32_t *last = borrow(sealing, n, sizeof *last);
  uint8_t *decided = borrow(sealing, n, sizeof *decided); /* has a record so far named a kind? */
  uint16_t kind = fields_key(&network->fields, "kind", 4);
  if (!network->same || !network->same_next || !last || !decided)
    return fail_memory(sealing->failure, &network->memory);
  for (uint32_t e = 0; e < n; e++) network->same[e] = last[e] = e;
  for (size_t i = 0; i < count; i++) {
    if ((draft->kind.items[i] & RELATION_KIND) != RELATION_SAME_AS || draft->from.items[i] == RELATION_NONE) continue;
    uint32_t a = root_of(network->same, draft->from.items[i]), b = root_of(network->same, draft->to.items[i]);
    network->same[a > b ? a : b] = a > b ? b : a;
  }
  for (uint32_t e = 0; e < n; e++) {
    uint32_t root = network->same[e] = root_of(network->same, e);
    network->same_next[e] = ENTITY_NONE;
    if (root == e) continue;
    network->same_next[last[root]] = e;
    last[root] = e;
    if (!decided[root]) decided[root] = fields_find(&network->fields, network->entity_fields.items[root], kind) != NULL;
    if (decided[root] || !fields_find(&network->fields, network->entity_fields.items[e], kind)) continue;
    network->entity_kind.items[root] =
        network->entity_kind.items[e]; /* the first record that names a kind decides it */
    decided[root] = 1;
  }
  give_back(sealing);
  return true;
}

/* ---- relations: order, columns, adjacency ---- */

/* A relation on its way into its row, as one number that orders it: kind, to, flags of the kind byte, and where it
 * stands in the draft. */
struct packing {
  int flags, to, kind; /* how far to shift; the place has no shift */
};

static int bits_of(size_t count) {
  int bits = 1;
  while (count >> bits) bits++;
  return bits;
}

static bool choose_packing(struct packing *packing, size_t n, size_t m, struct failure *failure) {
  packing->flags = bits_of(m);
  packing->to = packing->flags + 2;
  packing->kind = packing->to + bits_of(n);
  return packing->kind + 3 <= 64 || fail(failure, FAILURE_LIMIT, "more entities and relations than can be ordered");
}

/* The ends that count: of the entity that stands for all its records, but for same_as itself. */
static inline void ends_of(const struct network *network, size_t i, uint32_t *from, uint32_t *to) {
  const struct draft *draft = network->draft;
  *from = draft->from.items[i];
  *to = draft->to.items[i];
  if (!network->same || (draft->kind.items[i] & RELATION_KIND) == RELATION_SAME_AS) return;
  *from = network->same[*from];
  *to = network->same[*to];
}

static int compare_numbers(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

/* By id as it is told, given or file#record: so a network that is written and read again keeps its order. */
static int by_told_id(const struct network *network, uint32_t a, uint32_t b) {
  const struct draft *draft = network->draft;
  uint32_t relations[2] = {a, b};
  char spare[2][DEFAULT_ID];
  const char *ids[2];
  for (int i = 0; i < 2; i++) {
    uint32_t id = draft_id(draft, relations[i]);
    ids[i] = id ? text_bytes(&network->texts, id) : spare[i];
    if (!id) (void)network_default_id(network, draft_record(draft, relations[i]), spare[i]);
  }
  return strcmp(ids[0], ids[1]);
}

/* Relations of one kind between the same two. */
static int by_facts(const void *context, uint32_t a, uint32_t b) {
  const struct network *network = context;
  const struct draft *draft = network->draft;
  const struct validity *vx = &network->validities.items[draft_validity(draft, a)],
                        *vy = &network->validities.items[draft_validity(draft, b)];
  struct share x = draft_share(draft, a), y = draft_share(draft, b);
  int order = compare_numbers(draft->kind.items[a] & RELATION_VOTES, draft->kind.items[b] & RELATION_VOTES);
  if (!order) order = text_compare(&network->texts, draft_class(draft, a), draft_class(draft, b));
  if (!order) order = (vx->since > vy->since) - (vx->since < vy->since);
  if (!order) order = (vx->until > vy->until) - (vx->until < vy->until);
  if (!order) order = compare_numbers(x.lo, y.lo);
  if (!order) order = compare_numbers(x.hi, y.hi);
  if (!order) order = by_told_id(network, a, b);
  return order ? order : compare_numbers(draft_record(draft, a), draft_record(draft, b));
}

/* One holding told more than once: same owner, owned, basis and class. */
static bool same_holding(const struct draft *draft, uint32_t a, uint32_t b) {
  return ((draft->kind.items[a] ^ draft->kind.items[b]) & RELATION_VOTES) == 0 &&
         draft_class(draft, a) == draft_class(draft, b);
}

/* Counts the rows of both adjacencies: how many relations leave and enter each entity, one place further on, so that
 * the sums are where each row starts. */
static bool count_rows(struct sealing *sealing) {
  struct network *network = sealing->network;
  const struct draft *draft = network->draft;
  struct memory *memory = &network->memory;
  size_t n = network->entity_count;
  network->out_start = memory_zeroed(memory, n + 1, sizeof *network->out_start);
  network->in_start = memory_zeroed(memory, n + 1, sizeof *network->in_start);
  network->up_start = memory_zeroed(memory, n + 1, sizeof *network->up_start);
  if (!network->out_start || !network->in_start || !network->up_start) return fail_memory(sealing->failure, memory);
  uint32_t *out = network->out_start, *in = network->in_start, *up = network->up_start;
  for (size_t i = 0; i < draft->from.count; i++) {
    uint32_t from, to;
    if (draft->from.items[i] == RELATION_NONE) continue;
    ends_of(network, i, &from, &to);
    if (from + 1 < n) out[from + 2]++;
    if (to + 1 < n) in[to + 2]++;
    enum relation_kind kind = (enum relation_kind)(draft->kind.items[i] & RELATION_KIND);
    if (kind < RELATION_SUPPLIES && to + 1 < n) up[to + 2]++;
    network->of_kind[kind]++;
  }
  for (size_t e = 0; e < n; e++) {
    network->row_count += e + 2 <= n ? out[e + 2] > 0 : 0;
    out[e + 1] += out[e];
    in[e + 1] += in[e];
    up[e + 1] += up[e];
  }
  for (int k = 0; k < RELATION_KINDS; k++) network->relation_count += network->of_kind[k];
  for (int k = 0; k < RELATION_SUPPLIES; k++) network->up_count += network->of_kind[k];
  network->row_count += n > 0 && out[n] < network->relation_count; /* the last entity's row has no sum behind it */
  network->holding_count = network->of_kind[RELATION_OWNS];
  return true;
}

/* Every relation as one number, in the row of the entity it leaves; within a row as they were loaded. */
static uint64_t *fill_rows(struct sealing *sealing, const struct packing *packing) {
  struct network *network = sealing->network;
  struct draft *draft = network->draft;
  enum { AHEAD = 24, NEAR = 12 };
  uint64_t *rows = sealing->room;
  const uint32_t *froms = draft->from.items;
  uint32_t *out = network->out_start + 1;
  size_t count = draft->from.count;
  bool whole = count == network->relation_count && !network->same; /* all ends are those that count */
  for (size_t i = 0; i < count; i++) {
    uint32_t from, to;
    if (froms[i] == RELATION_NONE) continue;
    if (whole && i + AHEAD < count) {
      __builtin_prefetch(&out[froms[i + AHEAD]], 1);
      __builtin_prefetch(&rows[out[froms[i + NEAR]]], 1);
    }
    ends_of(network, i, &from, &to);
    uint64_t kind = draft->kind.items[i];
    rows[out[from]++] = (kind & RELATION_KIND) << packing->kind | (uint64_t)to << packing->to |
                        (kind & (RELATION_VOTES | RELATION_PARTY)) >> 3 << packing->flags | i;
  }
  return rows;
}

/* Each row in order: kind, to, and then by what else the relations say. */
static bool order_rows(struct sealing *sealing, const struct packing *packing, uint64_t *rows) {
  struct network *network = sealing->network;
  const uint32_t *start = network->out_start;
  size_t longest = 0, n = network->entity_count, place = ((size_t)1 << packing->flags) - 1;
  for (size_t e = 0; e < n; e++)
    if (start[e + 1] - start[e] > longest) longest = start[e + 1] - start[e];
  uint64_t *spare = borrow(sealing, longest, sizeof *spare);
  uint32_t *alike = borrow(sealing, longest, sizeof *alike), *other = borrow(sealing, longest, sizeof *other);
  if (!spare || !alike || !other) return false;
  for (size_t e = 0; e < n; e++) {
    uint64_t *row = rows + start[e];
    size_t count = start[e + 1] - start[e];
    if (count < 2) continue;
    sort_words(row, spare, count, packing->flags);
    for (size_t i = 0, end; i < count; i = end) {
      for (end = i + 1; end < count && row[end] >> packing->to == row[i] >> packing->to;) end++;
      if (end - i < 2) continue;
      for (size_t k = i; k < end; k++) {
        alike[k - i] = (uint32_t)(row[k] & place);
        spare[k - i] = row[k];
      }
      sort_numbers(alike, other, end - i, by_facts, network);
      for (size_t k = i; k < end; k++) {
        uint32_t flags = network->draft->kind.items[alike[k - i]] & (RELATION_VOTES | RELATION_PARTY);
        row[k] = row[k] >> packing->to << packing->to | (uint64_t)(flags >> 3) << packing->flags | alike[k - i];
      }
    }
  }
  give_back(sealing);
  return true;
}

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

static void reuse_ends(struct sealing *sealing) {
  struct network *network = sealing->network;
  network->in_relation = reuse(&network->memory, &network->draft->from, network->relation_count + 1);
  network->to = reuse(&network->memory, &network->draft->to, network->relation_count + 1);
}

static bool make_columns(struct sealing *sealing) {
  struct network *network = sealing->network;
  const struct draft *draft = network->draft;
  struct memory *memory = &network->memory;
  size_t m = network->relation_count, words = m / 64 + 1;
  bool further = false;
  for (size_t i = 0; i < draft->fields.count && !further; i++) further = draft->fields.items[i] != FIELDS_NONE;
#define column(name, count, wanted) \
  ((wanted) && !network->name && !(network->name = memory_zeroed(memory, (count), sizeof *network->name)))
  if (column(to, m + 1, true) || column(kind, m + 1, true) || column(in_relation, m + 1, true) ||
      column(up_relation, network->up_count + 1, true) || column(up_from, network->up_count + 1, true) ||
      column(row_bits, words, true) || column(row_rank, words, true) ||
      column(row_entity, network->row_count + 1, true) || column(holding_bits, words, true) ||
      column(holding_rank, words, true) || column(holdings, network->holding_count + 1, true) ||
      column(validity, m + 1, draft->validity.count > 0) || column(relation_id, m + 1, draft->id.count > 0) ||
      column(relation_record, m + 1, true) || column(relation_fields, m + 1, further))
    return fail_memory(sealing->failure, memory);
#undef column
  return true;
}

/* Where same_as moved the ends of a relation, those that were given. */
static bool keep_given(struct sealing *sealing, uint32_t relation, uint32_t counts, uint32_t i) {
  struct network *network = sealing->network;
  struct memory *memory = &network->memory;
  uint32_t from = network->draft->from.items[i], to = network->draft->to.items[i];
  if (from == counts && to == network->to[relation]) return true;
  return (vector_push(memory, &network->aliased, relation) && vector_push(memory, &network->aliased, from) &&
          vector_push(memory, &network->aliased, to)) ||
         fail_memory(sealing->failure, memory);
}

/* An `owns` at its place among the holdings; told before by the relation just before it, both are reports. */
static void place_holding(struct network *network, uint32_t relation, size_t holding, uint32_t i, uint32_t before) {
  network->holding_bits[relation >> 6] |= UINT64_C(1) << (relation & 63);
  network->holdings[holding] = draft_share(network->draft, i);
  bool first = network->row_bits[relation >> 6] >> (relation & 63) & 1;
  if (first || network->to[relation - 1] != network->to[relation] ||
      network_kind(network, relation - 1) != RELATION_OWNS || !same_holding(network->draft, before, i))
    return;
  network->kind[relation - 1] |= RELATION_REPORT;
  network->kind[relation] |= RELATION_REPORT;
}

/* The columns in order, and the inward rows with them. What is read and written at random places is asked for ahead. */
static bool place_columns(struct sealing *sealing, const struct packing *packing, const uint64_t *rows) {
  enum { AHEAD = 24, NEAR = 12 };
  struct network *network = sealing->network;
  const struct draft *draft = network->draft;
  const uint32_t *out_start = network->out_start, *fields = network->relation_fields ? draft->fields.items : NULL;
  uint32_t *tos = network->to, *in_start = network->in_start + 1, *up_start = network->up_start + 1,
           *in_relation = network->in_relation, *records = network->relation_record;
  uint8_t *kinds = network->kind;
  size_t holding = 0, n = network->entity_count, m = network->relation_count, step = 0;
  uint64_t place = (UINT64_C(1) << packing->flags) - 1, entity = (UINT64_C(1) << (packing->kind - packing->to)) - 1;
  uint32_t r = 0, before = 0, row_number = 0;
  for (uint32_t from = 0; from < n; from++) {
    if (r >= step && (step = r + (1 << 20), !checkpoint(sealing, 4))) return false;
    uint32_t end = out_start[from + 1], first = r;
    if (first < end) network->row_entity[row_number] = from;
    for (; r < end; r++) {
      uint64_t row = rows[r];
      uint32_t to = (uint32_t)(row >> packing->to & entity), i = (uint32_t)(row & place);
      uint8_t kind = (uint8_t)(row >> packing->kind);
      if (r + AHEAD < m) {
        uint64_t later = rows[r + AHEAD], near = rows[r + NEAR];
        __builtin_prefetch(&in_start[later >> packing->to & entity], 1);
        if (fields) __builtin_prefetch(&fields[later & place]);
        __builtin_prefetch(&in_relation[in_start[near >> packing->to & entity]], 1);
      }
      if ((r & 63) == 0) network->row_rank[r >> 6] = row_number + (r > first);
      if (r == first) network->row_bits[r >> 6] |= UINT64_C(1) << (r & 63);
      tos[r] = to;
      kinds[r] = (uint8_t)(kind | (row >> packing->flags & 3) << 3);
      in_relation[in_start[to]++] = r;
      if (kind < RELATION_SUPPLIES) {
        uint32_t up = up_start[to]++;
        network->up_relation[up] = r;
        network->up_from[up] = from;
      }
      records[r] = draft_record(draft, i);
      if (fields) network->relation_fields[r] = fields[i];
      if (network->validity) network->validity[r] = draft_validity(draft, i);
      if (network->relation_id) network->relation_id[r] = draft_id(draft, i);
      if ((r & 63) == 0) network->holding_rank[r >> 6] = (uint32_t)holding;
      if (kind == RELATION_OWNS) place_holding(network, r, holding++, i, before);
      if (network->same && !keep_given(sealing, r, from, i)) return false;
      before = i;
    }
    row_number += first < end;
  }
  if ((r & 63) == 0) network->holding_rank[r >> 6] = (uint32_t)holding;
  return true;
}

static bool order_relations(struct sealing *sealing) {
  struct network *network = sealing->network;
  struct packing packing;
  if (!choose_packing(&packing, network->entity_count, network->draft->from.count, sealing->failure) ||
      !count_rows(sealing))
    return false;
  uint64_t *rows = fill_rows(sealing, &packing);
  if (!checkpoint(sealing, 2)) return false;
  if (!network->same) reuse_ends(sealing); /* the rows say it all */
  if (!order_rows(sealing, &packing, rows) || !checkpoint(sealing, 3)) return false;
  bool placed = make_columns(sealing) && place_columns(sealing, &packing, rows);
  give_back_room(sealing);
  return placed;
}

/* Which relations a date can switch: dated themselves or at an end, told in several reports, or same_as (never
 * followed: it has done its work). */
static bool list_timed(struct sealing *sealing) {
  struct network *network = sealing->network;
  bool entities_dated = network->entity_validity.count > 0;
  uint8_t *dated = NULL;
  if (entities_dated) {
    dated = borrow(sealing, network->entity_count, 1);
    if (!dated) return false;
    for (uint32_t e = 0; e < network->entity_count; e++)
      if (network->entity_validity.items[e]) dated[network_same(network, e)] = 1;
  }
  bool reports = network->validity || dated || network->of_kind[RELATION_SAME_AS];
  for (size_t r = 0; r < network->relation_count && !reports; r++) reports = network->kind[r] & RELATION_REPORT;
  for (uint32_t r = 0; r < network->relation_count && reports; r++) {
    bool timed = (network->validity && network->validity[r]) || (network->kind[r] & RELATION_REPORT) ||
                 network_kind(network, r) == RELATION_SAME_AS ||
                 (dated && (dated[network_from(network, r)] || dated[network->to[r]]));
    if (timed && !vector_push(&network->memory, &network->timed, r))
      return fail_memory(sealing->failure, &network->memory);
  }
  give_back(sealing);
  return true;
}

static bool seal(struct sealing *sealing) {
  struct network *network = sealing->network;
  fields_forget(&network->fields);
  size_t keys = 3 * network->entity_count, rows = network->draft->from.count; /* keys and numbers, twice */
  sealing->room = borrow(sealing, keys > rows ? keys : rows, sizeof *sealing->room);
  if (!sealing->room) return false;
  if (!checkpoint(sealing, 0) || !order_entities(sealing) || !checkpoint(sealing, 1)) return false;
  if (!resolve_ends(sealing) || !check_relation_ids(sealing) || !fold_same(sealing)) return false;
  if (!order_relations(sealing)) return false;
  draft_close(network);
  if (!checkpoint(sealing, 5) || !list_timed(sealing)) return false;
  struct memory *memory = &network->memory;
  vector_fit(memory, &network->texts.arena);
  vector_fit(memory, &network->texts.starts);
  vector_fit(memory, &network->fields.items);
  vector_fit(memory, &network->entity_id);
  vector_fit(memory, &network->entity_kind);
  vector_fit(memory, &network->entity_fields);
  vector_fit(memory, &network->entity_validity);
  vector_fit(memory, &network->entity_of_text);
  vector_fit(memory, &network->timed);
  network->sealed = true;
  return true;
}

bool network_seal(struct network *network, const struct skipped *skipped, struct control *control,
                  struct failure *failure) {
  struct sealing sealing = {.network = network, .skipped = skipped, .control = control, .failure = failure};
  bool sealed = seal(&sealing);
  give_back_room(&sealing);
  return sealed;
}
