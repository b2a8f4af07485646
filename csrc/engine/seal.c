#include "seal.h"

#include <stdio.h>
#include <string.h>

#include "sort.h"

void *sealing_borrow(struct sealing *sealing, size_t count, size_t item_size) {
  struct memory *memory = &sealing->network->memory;
  void *block = memory_zeroed(memory, count, item_size);
  if (!block) return (void)fail_memory(sealing->failure, memory), NULL;
  size_t size = count * item_size;
  sealing->scratch[sealing->scratches++] = (struct scratch){block, size > 0 ? size : 1};
  return block;
}

void sealing_give_back(struct sealing *sealing) {
  while (sealing->scratches > (sealing->room ? 1 : 0)) {
    struct scratch *scratch = &sealing->scratch[--sealing->scratches];
    memory_free(&sealing->network->memory, scratch->block, scratch->size);
  }
}

static void give_back_room(struct sealing *sealing) {
  sealing->room = NULL;
  sealing_give_back(sealing);
}

bool sealing_checkpoint(struct sealing *sealing, int step) {
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

/* order: the entities by key, those of one key as they were. Keys that leave room for the number of an entity are
 * sorted with it as one word. */
static void sort_entities(uint64_t *keys, uint32_t *order, uint64_t *spare_keys, uint32_t *spare, size_t n) {
  uint64_t some = 0, number = 1;
  for (size_t e = 0; e < n; e++) some |= keys[e];
  while (number < n) number *= 2;
  number--;
  for (size_t e = 0; e < n; e++) order[e] = (uint32_t)e;
  if (some & number) {
    sort_keys(keys, order, spare_keys, spare, n);
    return;
  }
  for (size_t e = 0; e < n; e++) keys[e] |= e;
  sort_words(keys, spare_keys, n, 0);
  for (size_t e = 0; e < n; e++) {
    order[e] = (uint32_t)(keys[e] & number);
    keys[e] &= ~number;
  }
}

static bool order_entities(struct sealing *sealing) {
  struct network *network = sealing->network;
  size_t n = network->entity_count;
  uint64_t *keys = sealing->room, *spare_keys = keys + n;
  uint32_t *order = (uint32_t *)(void *)(keys + 2 * n), *spare = order + n;
  key_ids(network, keys);
  if (!sealing_checkpoint(sealing, 0)) return false;
  sort_entities(keys, order, spare_keys, spare, n);
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
        fields_find(&network->fields, draft_saying(draft, i)->fields, fields_key(&network->fields, "party", 5));
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
    if (good && (draft_saying(draft, i)->kind & RELATION_PARTY)) {
      const struct field *party = fields_find(&network->fields, draft_saying(draft, i)->fields, party_key);
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
  uint32_t *seen = sealing_borrow(sealing, text_count(&network->texts), sizeof *seen);
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
  sealing_give_back(sealing);
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
  bool said = false, any = false;
  for (size_t i = 0; i < draft->sayings.count; i++)
    said = said || (draft->sayings.items[i].kind & RELATION_KIND) == RELATION_SAME_AS;
  for (size_t i = 0; i < count && said && !any; i++)
    any = (draft_saying(draft, i)->kind & RELATION_KIND) == RELATION_SAME_AS && draft->from.items[i] != RELATION_NONE;
  if (!any) return true;
  network->same = memory_zeroed(&network->memory, n, sizeof *network->same);
  network->same_next = memory_zeroed(&network->memory, n, sizeof *network->same_next);
  uint32_t *last = sealing_borrow(sealing, n, sizeof *last);
  uint8_t *decided = sealing_borrow(sealing, n, sizeof *decided); /* has a record so far named a kind? */
  uint16_t kind = fields_key(&network->fields, "kind", 4);
  if (!network->same || !network->same_next || !last || !decided)
    return fail_memory(sealing->failure, &network->memory);
  for (uint32_t e = 0; e < n; e++) network->same[e] = last[e] = e;
  for (size_t i = 0; i < count; i++) {
    if ((draft_saying(draft, i)->kind & RELATION_KIND) != RELATION_SAME_AS || draft->from.items[i] == RELATION_NONE)
      continue;
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
  sealing_give_back(sealing);
  return true;
}

/* Which relations a date can switch: dated themselves or at an end, told in several reports, or same_as (never
 * followed: it has done its work). */
static bool list_timed(struct sealing *sealing) {
  struct network *network = sealing->network;
  bool entities_dated = network->entity_validity.count > 0;
  uint8_t *dated = NULL;
  if (entities_dated) {
    dated = sealing_borrow(sealing, network->entity_count, 1);
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
  sealing_give_back(sealing);
  return true;
}

static bool seal(struct sealing *sealing) {
  struct network *network = sealing->network;
  fields_forget(&network->fields);
  size_t keys = 3 * network->entity_count * sizeof(uint64_t); /* keys and numbers, twice */
  size_t arrivals = network->draft->from.count * sizeof(struct arrival);
  sealing->room = sealing_borrow(sealing, keys > arrivals ? keys : arrivals, 1);
  if (!sealing->room) return false;
  if (!sealing_checkpoint(sealing, 0) || !order_entities(sealing) || !sealing_checkpoint(sealing, 1)) return false;
  if (!resolve_ends(sealing) || !check_relation_ids(sealing) || !fold_same(sealing)) return false;
  if (!seal_relations(sealing)) return false;
  draft_close(network);
  give_back_room(sealing);
  if (!sealing_checkpoint(sealing, 5) || !list_timed(sealing)) return false;
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
