/* seal: from drafts in the order of loading to columns in the order of ids. */
#include <stdio.h>
#include <string.h>

#include "adjacency.h"
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
};

static void *borrow(struct sealing *sealing, size_t count, size_t item_size) {
  struct memory *memory = &sealing->network->memory;
  void *block = memory_zeroed(memory, count, item_size);
  if (!block) return (void)fail_memory(sealing->failure, memory), NULL;
  size_t size = count * item_size;
  sealing->scratch[sealing->scratches++] = (struct scratch){block, size > 0 ? size : 1};
  return block;
}

static void give_back(struct sealing *sealing) {
  while (sealing->scratches > 0) {
    struct scratch *scratch = &sealing->scratch[--sealing->scratches];
    memory_free(&sealing->network->memory, scratch->block, scratch->size);
  }
}

static bool checkpoint(struct sealing *sealing, int step) {
  return control_checkpoint(sealing->control, step, 6, "ordering the network", sealing->failure);
}

/* ---- entities: number = rank of the id ---- */

struct id_order {
  const struct network *network;
  const uint64_t *prefix; /* the first eight bytes, so that most comparisons are one subtraction */
};

static int by_id(const void *context, uint32_t a, uint32_t b) {
  const struct id_order *order = context;
  if (order->prefix[a] != order->prefix[b]) return order->prefix[a] < order->prefix[b] ? -1 : 1;
  return text_compare(&order->network->texts, order->network->entity_id.items[a], order->network->entity_id.items[b]);
}

static bool order_entities(struct sealing *sealing) {
  struct network *network = sealing->network;
  size_t n = network->entity_count;
  uint32_t *order = borrow(sealing, n, sizeof *order), *spare = borrow(sealing, n, sizeof *spare);
  uint64_t *prefix = borrow(sealing, n, sizeof *prefix);
  if (!order || !spare || !prefix) return false;
  for (uint32_t e = 0; e < n; e++) {
    const unsigned char *id = (const unsigned char *)text_bytes(&network->texts, network->entity_id.items[e]);
    for (int i = 0; i < 8; i++) {
      prefix[e] = prefix[e] << 8 | *id;
      id += *id != 0;
    }
    order[e] = e;
  }
  struct id_order context = {network, prefix};
  sort_numbers(order, spare, n, by_id, &context);
  bool dated = false;
#define reorder(column, type)                                                      \
  do {                                                                             \
    type *sorted = (type *)(void *)prefix; /* 8 bytes each: room for any column */ \
    for (size_t e = 0; e < n; e++) sorted[e] = network->column.items[order[e]];    \
    if (n) memcpy(network->column.items, sorted, n * sizeof *sorted);              \
  } while (0)
  for (size_t e = 0; e < n; e++) dated = dated || network->entity_validity.items[e] != 0;
  reorder(entity_id, uint32_t);
  reorder(entity_kind, uint8_t);
  reorder(entity_fields, uint32_t);
  reorder(entity_validity, uint32_t);
#undef reorder
  if (!dated) vector_free(&network->memory, &network->entity_validity);
  for (uint32_t e = 0; e < n; e++) network->entity_of_text.items[network->entity_id.items[e]] = e;
  give_back(sealing);
  return true;
}

/* ---- relation ends ---- */

static uint32_t entity_of(const struct network *network, uint32_t text) {
  return text < network->entity_of_text.count ? network->entity_of_text.items[text] : ENTITY_NONE;
}

static void describe(const struct network *network, const struct draft_relation *relation, char *text, size_t size) {
  uint32_t record = relation->record, name = network_file_of(network, &record);
  const char *id = text_bytes(&network->texts, relation->id);
  (void)snprintf(text, size, "%.120s%srelation record %u%s%.80s%s", text_bytes(&network->texts, name), name ? ": " : "",
                 record, relation->id ? " '" : "", id, relation->id ? "'" : "");
}

/* An end nobody has: the id that shares the longest beginning with it is a good guess at what was meant. */
static bool dangling(struct sealing *sealing, const struct draft_relation *relation, const char *end, uint32_t text) {
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

static bool resolve_ends(struct sealing *sealing) {
  struct network *network = sealing->network;
  struct draft_relation *relations = network->draft->relations.items;
  uint16_t party_key = fields_key(&network->fields, "party", 5);
  size_t kept = 0;
  for (size_t i = 0; i < network->draft->relations.count; i++) {
    struct draft_relation relation = relations[i];
    const char *bad = NULL;
    uint32_t text = relation.from;
    if (entity_of(network, relation.from) == ENTITY_NONE) {
      bad = "from";
    } else if (entity_of(network, relation.to) == ENTITY_NONE) {
      bad = "to";
      text = relation.to;
    } else if (relation.kind & RELATION_PARTY) {
      const struct field *party = fields_find(&network->fields, relation.fields, party_key);
      if (!party || entity_of(network, party->value) == ENTITY_NONE) {
        bad = "party";
        text = party ? party->value : 0;
      }
    }
    if (bad) {
      if (!dangling(sealing, &relation, bad, text)) return false;
      continue;
    }
    relation.from = relation.from_given = entity_of(network, relation.from);
    relation.to = relation.to_given = entity_of(network, relation.to);
    relations[kept++] = relation;
  }
  network->draft->relations.count = kept;
  return true;
}

/* Explicit relation ids are unique, and none takes the place of a default one (file#record). */
static bool check_relation_ids(struct sealing *sealing) {
  struct network *network = sealing->network;
  struct draft_relation *relations = network->draft->relations.items;
  size_t count = network->draft->relations.count, kept = 0;
  uint32_t *seen = borrow(sealing, text_count(&network->texts), sizeof *seen);
  if (!seen) return false;
  bool like_default = false; /* only an id with a # can be one */
  for (size_t i = 0; i < count && !like_default; i++)
    like_default = relations[i].id && strchr(text_bytes(&network->texts, relations[i].id), '#');
  for (size_t i = 0; i < count && like_default; i++) {
    if (relations[i].id) continue;
    char id[DEFAULT_ID];
    size_t length = network_default_id(network, relations[i].record, id);
    uint32_t text = text_lookup(&network->texts, id, length);
    if (text != TEXT_NONE) seen[text] = relations[i].record;
  }
  for (size_t i = 0; i < count; i++) {
    uint32_t id = relations[i].id;
    if (id && seen[id]) {
      char record[260], message[500];
      describe(network, &relations[i], record, sizeof record);
      (void)snprintf(message, sizeof message, "%s: this id was given before, by relation record %u", record, seen[id]);
      if (!sealing->skipped) return fail(sealing->failure, FAILURE_PARSE, "%s", message);
      sealing->skipped->report(sealing->skipped->context, message);
      continue;
    }
    if (id) seen[id] = relations[i].record;
    relations[kept++] = relations[i];
  }
  network->draft->relations.count = kept;
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
  struct draft_relation *relations = network->draft->relations.items;
  size_t count = network->draft->relations.count, n = network->entity_count;
  bool any = false;
  for (size_t i = 0; i < count && !any; i++) any = (relations[i].kind & RELATION_KIND) == RELATION_SAME_AS;
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
    if ((relations[i].kind & RELATION_KIND) != RELATION_SAME_AS) continue;
    uint32_t a = root_of(network->same, relations[i].from), b = root_of(network->same, relations[i].to);
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
  for (size_t i = 0; i < count; i++) {
    if ((relations[i].kind & RELATION_KIND) == RELATION_SAME_AS) continue;
    relations[i].from = network->same[relations[i].from];
    relations[i].to = network->same[relations[i].to];
  }
  give_back(sealing);
  return true;
}

/* ---- relations: order, columns, adjacency ---- */

struct tie {
  const struct network *network;
  const struct draft_relation *relations;
};

static int compare_numbers(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

static int by_facts(const void *context, uint32_t a, uint32_t b) {
  const struct tie *tie = context;
  const struct draft_relation *x = &tie->relations[a], *y = &tie->relations[b];
  const struct validity *vx = &tie->network->validities.items[x->validity],
                        *vy = &tie->network->validities.items[y->validity];
  int order = compare_numbers(x->kind & RELATION_VOTES, y->kind & RELATION_VOTES);
  if (!order) order = text_compare(&tie->network->texts, x->class, y->class);
  if (!order) order = (vx->since > vy->since) - (vx->since < vy->since);
  if (!order) order = (vx->until > vy->until) - (vx->until < vy->until);
  if (!order) order = compare_numbers(x->share.lo, y->share.lo);
  if (!order) order = compare_numbers(x->share.hi, y->share.hi);
  if (!order) order = text_compare(&tie->network->texts, x->id, y->id);
  return order ? order : compare_numbers(x->record, y->record);
}

static bool same_row(const struct draft_relation *a, const struct draft_relation *b) {
  return a->from == b->from && a->to == b->to && (a->kind & RELATION_KIND) == (b->kind & RELATION_KIND);
}

/* One holding told more than once: same owner, owned, basis and class. */
static bool same_holding(const struct draft_relation *a, const struct draft_relation *b) {
  return same_row(a, b) && (a->kind & RELATION_KIND) == RELATION_OWNS &&
         (a->kind & RELATION_VOTES) == (b->kind & RELATION_VOTES) && a->class == b->class;
}

/* Three stable counting passes (to, kind, from), then the few that are still alike by all else they say. */
static uint32_t *order_relations(struct sealing *sealing) {
  struct network *network = sealing->network;
  struct draft_relation *relations = network->draft->relations.items;
  size_t m = network->draft->relations.count, n = network->entity_count;
  size_t buckets = n > RELATION_KINDS ? n : RELATION_KINDS;
  uint32_t *order = borrow(sealing, m, sizeof *order), *spare = borrow(sealing, m, sizeof *spare);
  uint32_t *bucket = borrow(sealing, m, sizeof *bucket), *start = borrow(sealing, buckets + 1, sizeof *start);
  if (!order || !spare || !bucket || !start) return NULL;
  for (size_t i = 0; i < m; i++) bucket[i] = relations[i].to;
  adjacency_sort(bucket, NULL, m, n, start, order);
  for (size_t i = 0; i < m; i++) bucket[i] = relations[i].kind & RELATION_KIND;
  adjacency_sort(bucket, order, m, RELATION_KINDS, start, spare);
  if (!checkpoint(sealing, 2)) return NULL;
  for (size_t i = 0; i < m; i++) bucket[i] = relations[i].from;
  adjacency_sort(bucket, spare, m, n, start, order);
  struct tie tie = {network, relations};
  for (size_t i = 0; i < m;) {
    size_t end = i + 1;
    while (end < m && same_row(&relations[order[i]], &relations[order[end]])) end++;
    if (end - i > 1) sort_numbers(order + i, spare, end - i, by_facts, &tie);
    i = end;
  }
  return order;
}

static bool place_columns(struct sealing *sealing, const uint32_t *order) {
  struct network *network = sealing->network;
  const struct draft_relation *relations = network->draft->relations.items;
  struct memory *memory = &network->memory;
  size_t m = network->draft->relations.count, n = network->entity_count, words = m / 64 + 1;
  bool dated = false, named = false, further = false;
  size_t rows = 0, ups = 0;
  for (size_t i = 0; i < m; i++) {
    rows += i == 0 || relations[order[i]].from != relations[order[i - 1]].from;
    ups += (relations[i].kind & RELATION_KIND) < RELATION_SUPPLIES;
    dated = dated || relations[i].validity;
    named = named || relations[i].id;
    further = further || relations[i].fields != FIELDS_NONE;
    network->of_kind[relations[i].kind & RELATION_KIND]++;
  }
  network->relation_count = m; /* the counts that say how large the blocks are */
  network->holding_count = network->of_kind[RELATION_OWNS];
  network->row_count = rows;
  network->up_count = ups;
#define column(name, count, wanted) \
  ((wanted) && !(network->name = memory_zeroed(memory, (count), sizeof *network->name)))
  if (column(to, m + 1, true) || column(kind, m + 1, true) ||
      column(out_start, n + 1, true) || column(in_start, n + 1, true) || column(in_relation, m + 1, true) ||
      column(up_start, n + 1, true) || column(up_relation, ups + 1, true) || column(up_from, ups + 1, true) ||
      column(row_bits, words, true) || column(row_rank, words, true) || column(row_entity, rows + 1, true) ||
      column(holding_bits, words, true) || column(holding_rank, words, true) ||
      column(holdings, network->holding_count + 1, true) || column(validity, m + 1, dated) ||
      column(relation_id, m + 1, named) || column(relation_record, m + 1, true) ||
      column(relation_fields, m + 1, further))
    return fail_memory(sealing->failure, memory);
#undef column
  size_t holding = 0, row = 0;
  for (uint32_t r = 0; r < m; r++) {
    const struct draft_relation *relation = &relations[order[r]];
    if ((r & 63) == 0) network->row_rank[r >> 6] = (uint32_t)row;
    if (r == 0 || relation->from != network->row_entity[row - 1]) {
      network->row_bits[r >> 6] |= UINT64_C(1) << (r & 63);
      network->row_entity[row++] = relation->from;
    }
    if ((relation->kind & RELATION_KIND) < RELATION_SUPPLIES) network->up_start[relation->to + 1]++;
    network->to[r] = relation->to;
    network->kind[r] = relation->kind;
    network->out_start[relation->from + 1]++;
    if ((r & 63) == 0) network->holding_rank[r >> 6] = (uint32_t)holding;
    if ((relation->kind & RELATION_KIND) == RELATION_OWNS) {
      network->holding_bits[r >> 6] |= UINT64_C(1) << (r & 63);
      network->holdings[holding++] = relation->share;
      bool again = (r > 0 && same_holding(relation, &relations[order[r - 1]])) ||
                   (r + 1 < m && same_holding(relation, &relations[order[r + 1]]));
      if (again) network->kind[r] |= RELATION_REPORT;
    }
    if (dated) network->validity[r] = relation->validity;
    if (named) network->relation_id[r] = relation->id;
    if (further) network->relation_fields[r] = relation->fields;
    network->relation_record[r] = relation->record;
    bool moved = relation->from != relation->from_given || relation->to != relation->to_given;
    if (moved &&
        (!vector_push(memory, &network->aliased, r) || !vector_push(memory, &network->aliased, relation->from_given) ||
         !vector_push(memory, &network->aliased, relation->to_given)))
      return fail_memory(sealing->failure, memory);
  }
  if ((m & 63) == 0) network->holding_rank[m >> 6] = (uint32_t)holding;
  for (size_t e = 0; e < n; e++) {
    network->out_start[e + 1] += network->out_start[e];
    network->up_start[e + 1] += network->up_start[e];
  }
  for (uint32_t r = 0; r < m; r++) { /* each start moves to its end, and back */
    const struct draft_relation *relation = &relations[order[r]];
    if ((relation->kind & RELATION_KIND) >= RELATION_SUPPLIES) continue;
    uint32_t at = network->up_start[relation->to]++;
    network->up_relation[at] = r;
    network->up_from[at] = relation->from;
  }
  for (size_t e = n; e > 0; e--) network->up_start[e] = network->up_start[e - 1];
  network->up_start[0] = 0;
  return true;
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
  for (uint32_t r = 0; r < network->relation_count; r++) {
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
  if (!checkpoint(sealing, 0) || !order_entities(sealing) || !checkpoint(sealing, 1)) return false;
  if (!resolve_ends(sealing) || !check_relation_ids(sealing) || !fold_same(sealing)) return false;
  uint32_t *order = order_relations(sealing);
  if (!order || !checkpoint(sealing, 3) || !place_columns(sealing, order)) return false;
  give_back(sealing);
  draft_close(network);
  if (!checkpoint(sealing, 4)) return false;
  adjacency_sort(network->to, NULL, network->relation_count, network->entity_count, network->in_start,
                 network->in_relation);
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
  give_back(&sealing);
  return sealed;
}
