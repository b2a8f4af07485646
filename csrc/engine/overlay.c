#include "overlay.h"

#include <string.h>

#include "relation_ids.h"
#include "sort.h"

bool overlay_open(struct overlay *overlay, const struct network *network, int32_t day, struct failure *failure) {
  struct memory memory = overlay->memory;
  memset(overlay, 0, sizeof *overlay);
  overlay->memory = memory;
  overlay->network = network;
  overlay->day = day;
  overlay->fields.memory = &overlay->memory;
  overlay->fields.texts = &overlay->texts;
  return texts_open(&overlay->texts, &overlay->memory) || fail_memory(failure, &overlay->memory);
}

void overlay_close(struct overlay *overlay) {
  struct memory *memory = &overlay->memory;
  if (!overlay->network) return;
  texts_close(&overlay->texts);
  fields_close(&overlay->fields);
  memory_free(memory, overlay->mask, (overlay->network->relation_count / 64 + 1) * sizeof *overlay->mask);
  memory_free(memory, overlay->entity_off, (overlay->network->entity_count / 64 + 1) * sizeof *overlay->entity_off);
  memory_free(memory, overlay->added_from, (overlay->added.count + 1) * sizeof *overlay->added_from);
  memory_free(memory, overlay->added_to, (overlay->added.count + 1) * sizeof *overlay->added_to);
  vector_free(memory, &overlay->hulls);
  vector_free(memory, &overlay->overlaps);
  vector_free(memory, &overlay->added);
  overlay->network = NULL;
}

/* ---- added relations ---- */

static bool find_end(const struct network *network, const char *end, const char *id, size_t length, uint32_t *entity,
                     struct failure *failure) {
  *entity = network_find(network, id, length);
  if (*entity == ENTITY_NONE)
    return fail(failure, FAILURE_ARGUMENT, "'%s' names '%.*s', which no entity has", end,
                (int)(length > 80 ? 80 : length), id);
  *entity = network_same(network, *entity);
  return true;
}

bool overlay_add(struct overlay *overlay, const struct input *inputs, size_t count, bool replaces,
                 struct failure *failure) {
  struct relation_record record;
  const struct network *network = overlay->network;
  if (!relation_record_read(inputs, count, &record, failure)) return false;
  struct added_relation added = {.kind = record.kind,
                                 .share = record.share,
                                 .validity = record.validity,
                                 .party = ENTITY_NONE,
                                 .fields = FIELDS_NONE};
  if ((added.kind & RELATION_KIND) == RELATION_SAME_AS)
    return fail(failure, FAILURE_ARGUMENT, "a same_as cannot be added to a scenario: it belongs into the network");
  if (!find_end(network, "from", record.from, record.from_length, &added.from, failure) ||
      !find_end(network, "to", record.to, record.to_length, &added.to, failure) ||
      (record.party_length && !find_end(network, "party", record.party, record.party_length, &added.party, failure)))
    return false;
  if (record.id_length && !replaces && relation_ids_find(network, record.id, record.id_length) != RELATION_NONE)
    return fail(failure, FAILURE_ARGUMENT, "the network has a relation with the id '%.*s'",
                (int)(record.id_length > 80 ? 80 : record.id_length), record.id);
  added.id = text_intern(&overlay->texts, record.id, record.id_length);
  added.class = record.class_length ? text_intern(&overlay->texts, record.class, record.class_length) : 0;
  if (added.id == TEXT_NONE || added.class == TEXT_NONE) return fail_memory(failure, &overlay->memory);
  size_t start = overlay->fields.items.count;
  for (size_t i = 0; i < count; i++)
    if (!relation_column(&inputs[i]) && !fields_add(&overlay->fields, &inputs[i], failure)) return false;
  added.fields = fields_end(&overlay->fields, start, false);
  return vector_push(&overlay->memory, &overlay->added, added) || fail_memory(failure, &overlay->memory);
}

static int added_by_from(const void *context, uint32_t a, uint32_t b) {
  const struct added_relation *added = context;
  return (added[a].from > added[b].from) - (added[a].from < added[b].from);
}

static int added_by_id(const void *context, uint32_t a, uint32_t b) {
  const struct added_relation *added = context;
  return (added[a].id > added[b].id) - (added[a].id < added[b].id);
}

static int added_by_to(const void *context, uint32_t a, uint32_t b) {
  const struct added_relation *added = context;
  return (added[a].to > added[b].to) - (added[a].to < added[b].to);
}

void walk_extra(struct walk *walk) {
  const struct overlay *overlay = walk->overlay;
  const uint32_t *sorted = walk->outward ? overlay->added_from : overlay->added_to;
  uint32_t low = 0, high = (uint32_t)overlay->added.count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    const struct added_relation *added = &overlay->added.items[sorted[middle]];
    if ((walk->outward ? added->from : added->to) < walk->entity) low = middle + 1;
    else high = middle;
  }
  walk->extra = walk->extra_end = low;
  for (; walk->extra_end < overlay->added.count; walk->extra_end++) {
    const struct added_relation *added = &overlay->added.items[sorted[walk->extra_end]];
    if ((walk->outward ? added->from : added->to) != walk->entity) break;
  }
}

/* ---- what is in force ---- */

static void switch_off(struct overlay *overlay, uint32_t relation) {
  overlay->mask[relation >> 6] &= ~(UINT64_C(1) << (relation & 63));
}

static bool settle_entities(struct overlay *overlay, struct failure *failure) {
  const struct network *network = overlay->network;
  if (network->entity_validity.count == 0) return true;
  overlay->entity_off = memory_zeroed(&overlay->memory, network->entity_count / 64 + 1, sizeof *overlay->entity_off);
  if (!overlay->entity_off) return fail_memory(failure, &overlay->memory);
  for (uint32_t e = 0; e < network->entity_count; e++) {
    uint32_t root = network_same(network, e); /* the first of its records, so it is settled before the others */
    bool holds = root != e && overlay_entity_in_force(overlay, root);
    for (uint32_t r = e; root == e && r != ENTITY_NONE && !holds;
         r = network->same_next ? network->same_next[r] : ENTITY_NONE)
      holds =
          validity_holds(network_entity_validity(network, r), overlay->day); /* in force when any of its records is */
    if (!holds) overlay->entity_off[e >> 6] |= UINT64_C(1) << (e & 63);
  }
  return true;
}

static bool same_holding(const struct network *network, uint32_t a, uint32_t b) {
  return network_from(network, a) == network_from(network, b) && network->to[a] == network->to[b] &&
         network_kind(network, b) == RELATION_OWNS &&
         (network->kind[a] & RELATION_VOTES) == (network->kind[b] & RELATION_VOTES) &&
         network_class(network, a) == network_class(network, b);
}

static bool is_replaced(const struct edits *edits, uint32_t relation) {
  for (size_t low = 0, high = edits->replaced_count; low < high;) {
    size_t middle = (low + high) / 2;
    if (edits->replaced[middle] == relation) return true;
    if (edits->replaced[middle] < relation) low = middle + 1;
    else high = middle;
  }
  return false;
}

/* Reports of one holding stand together, by since: only those with the latest since that has come count, dropped or
 * ended ones too (they supersede for good); of these, those still on make one holding with their hull. */
static bool settle_reports(struct overlay *overlay, const struct edits *edits, uint32_t first, uint32_t end,
                           struct failure *failure) {
  const struct network *network = overlay->network;
  uint32_t latest = RELATION_NONE;
  for (uint32_t r = first; r < end; r++) {
    struct validity v = network_validity(network, r);
    if ((v.since == DATE_MISSING || v.since <= overlay->day) && !is_replaced(edits, r)) latest = r;
  }
  struct hull hull = {RELATION_NONE, {0, 0}};
  uint32_t in_force = 0;
  for (uint32_t r = first; r < end; r++) {
    bool counts = latest != RELATION_NONE &&
                  network_validity(network, r).since == network_validity(network, latest).since &&
                  overlay_in_force(overlay, r);
    if (!counts) {
      switch_off(overlay, r);
      continue;
    }
    struct share share = network_share(network, r);
    if (in_force++ == 0) {
      hull = (struct hull){r, share};
      continue;
    }
    if (share.lo < hull.share.lo) hull.share.lo = share.lo;
    if (share.hi > hull.share.hi) hull.share.hi = share.hi;
    switch_off(overlay, r);
    if (!vector_push(&overlay->memory, &overlay->overlaps, hull.relation) ||
        !vector_push(&overlay->memory, &overlay->overlaps, r))
      return fail_memory(failure, &overlay->memory);
  }
  if (in_force > 1 && !vector_push(&overlay->memory, &overlay->hulls, hull))
    return fail_memory(failure, &overlay->memory);
  return true;
}

static bool same_added_holding(const struct added_relation *a, const struct added_relation *b) {
  uint8_t told = RELATION_KIND | RELATION_VOTES;
  return a->from == b->from && a->to == b->to && a->class == b->class && (a->kind & told) == (b->kind & told);
}

/* An added `owns` is one more report of its holding: it takes the place of those that began no later, but gives way to
 * one that began later. Of several the last edit speaks. */
static void settle_added(struct overlay *overlay, const struct edits *edits, uint32_t index) {
  const struct network *network = overlay->network;
  struct added_relation *added = &overlay->added.items[index];
  added->in_force = validity_holds(added->validity, overlay->day) && overlay_entity_in_force(overlay, added->from) &&
                    overlay_entity_in_force(overlay, added->to);
  if ((added->kind & RELATION_KIND) != RELATION_OWNS) return;
  bool started = added->validity.since == DATE_MISSING || added->validity.since <= overlay->day;
  if (!started) return;
  for (size_t i = index + 1; i < overlay->added.count; i++) {
    const struct added_relation *later = &overlay->added.items[i];
    bool come = later->validity.since == DATE_MISSING || later->validity.since <= overlay->day;
    if (!come || !same_added_holding(added, later)) continue;
    added->in_force = false;
    return;
  }
  for (uint32_t r = network->out_start[added->from]; r < network->out_start[added->from + 1]; r++) {
    if (network_kind(network, r) != RELATION_OWNS || network->to[r] != added->to || is_replaced(edits, r)) continue;
    if ((network->kind[r] & RELATION_VOTES) != (added->kind & RELATION_VOTES)) continue;
    uint32_t class = network_class(network, r);
    if (strcmp(text_bytes(&network->texts, class), text_bytes(&overlay->texts, added->class)) != 0) continue;
    struct validity v = network_validity(network, r);
    bool come = v.since == DATE_MISSING || v.since <= overlay->day;
    if (come && v.since > added->validity.since) added->in_force = false; /* DATE_MISSING is the least */
    else switch_off(overlay, r);
  }
}

static bool open_mask(struct overlay *overlay, struct failure *failure) {
  size_t bytes = (overlay->network->relation_count / 64 + 1) * sizeof *overlay->mask;
  overlay->mask = memory_resize(&overlay->memory, NULL, 0, bytes);
  if (!overlay->mask) return fail_memory(failure, &overlay->memory);
  memset(overlay->mask, 0xff, bytes);
  return true;
}

static void switch_edits_off(struct overlay *overlay, const struct edits *edits) {
  for (size_t i = 0; i < edits->dropped_count; i++)
    if (edits->dropped[i] < overlay->network->relation_count) switch_off(overlay, edits->dropped[i]);
  for (size_t i = 0; i < edits->replaced_count; i++) switch_off(overlay, edits->replaced[i]);
}

/* What the days of relations, and several reports of one holding, come to. */
static bool settle_dates(struct overlay *overlay, const struct edits *edits, struct failure *failure) {
  const struct network *network = overlay->network;
  for (size_t i = 0; i < network->timed.count; i++) {
    uint32_t r = network->timed.items[i];
    if (!validity_holds(network_validity(network, r), overlay->day) || network_kind(network, r) == RELATION_SAME_AS ||
        !overlay_entity_in_force(overlay, network_from(network, r)) ||
        !overlay_entity_in_force(overlay, network->to[r]))
      switch_off(overlay, r);
  }
  switch_edits_off(overlay, edits);
  for (size_t i = 0; i < network->timed.count;) {
    uint32_t first = network->timed.items[i++], end = first + 1;
    if (!(network->kind[first] & RELATION_REPORT)) continue;
    while (i < network->timed.count && network->timed.items[i] == end && (network->kind[end] & RELATION_REPORT) &&
           same_holding(network, first, end))
      end++, i++;
    if (!settle_reports(overlay, edits, first, end, failure)) return false;
  }
  return true;
}

/* The same from an overlay that stands for the day already. */
static bool settle_as(struct overlay *overlay, const struct edits *edits, const struct overlay *plain,
                      struct failure *failure) {
  struct memory *memory = &overlay->memory;
  size_t masks = overlay->network->relation_count / 64 + 1, offs = overlay->network->entity_count / 64 + 1;
  if (plain->entity_off) {
    overlay->entity_off = memory_zeroed(memory, offs, sizeof *overlay->entity_off);
    if (!overlay->entity_off) return fail_memory(failure, memory);
    memcpy(overlay->entity_off, plain->entity_off, offs * sizeof *overlay->entity_off);
  }
  if (!vector_reserve(memory, &overlay->hulls, plain->hulls.count) ||
      !vector_reserve(memory, &overlay->overlaps, plain->overlaps.count))
    return fail_memory(failure, memory);
  for (size_t i = 0; i < plain->hulls.count; i++) overlay->hulls.items[overlay->hulls.count++] = plain->hulls.items[i];
  for (size_t i = 0; i < plain->overlaps.count; i++)
    overlay->overlaps.items[overlay->overlaps.count++] = plain->overlaps.items[i];
  if (plain->mask) memcpy(overlay->mask, plain->mask, masks * sizeof *overlay->mask);
  switch_edits_off(overlay, edits);
  return true;
}

bool overlay_settle(struct overlay *overlay, const struct edits *edits, const struct overlay *plain,
                    struct failure *failure) {
  bool edited = edits->dropped_count > 0 || edits->replaced_count > 0 || overlay->added.count > 0;
  if ((overlay->network->timed.count > 0 || edited) && !open_mask(overlay, failure)) return false;
  if (!(plain ? settle_as(overlay, edits, plain, failure)
              : settle_entities(overlay, failure) && settle_dates(overlay, edits, failure)))
    return false;
  size_t added = overlay->added.count;
  if (added == 0) return true;
  uint32_t *spare = NULL;
  overlay->added_from = memory_zeroed(&overlay->memory, added + 1, sizeof *overlay->added_from);
  overlay->added_to = memory_zeroed(&overlay->memory, added + 1, sizeof *overlay->added_to);
  spare = memory_zeroed(&overlay->memory, added + 1, sizeof *spare);
  if (!overlay->added_from || !overlay->added_to || !spare) {
    memory_free(&overlay->memory, spare, (added + 1) * sizeof *spare);
    return fail_memory(failure, &overlay->memory);
  }
  for (uint32_t i = 0; i < added; i++) overlay->added_from[i] = i;
  sort_numbers(overlay->added_from, spare, added, added_by_id, overlay->added.items);
  for (size_t i = 1; i < added; i++) {
    uint32_t id = overlay->added.items[overlay->added_from[i]].id;
    if (overlay->added.items[overlay->added_from[i - 1]].id != id) continue;
    memory_free(&overlay->memory, spare, (added + 1) * sizeof *spare);
    return fail(failure, FAILURE_ARGUMENT, "two added relations have the id '%.80s'", text_bytes(&overlay->texts, id));
  }
  for (uint32_t i = 0; i < added; i++) {
    settle_added(overlay, edits, i);
    overlay->added_from[i] = overlay->added_to[i] = i;
  }
  sort_numbers(overlay->added_from, spare, added, added_by_from, overlay->added.items);
  sort_numbers(overlay->added_to, spare, added, added_by_to, overlay->added.items);
  memory_free(&overlay->memory, spare, (added + 1) * sizeof *spare);
  return true;
}

/* ---- reading ---- */

struct share overlay_share(const struct overlay *overlay, uint32_t relation) {
  if (overlay_is_added(overlay, relation)) return overlay_added(overlay, relation)->share;
  for (size_t low = 0, high = overlay->hulls.count; low < high;) {
    size_t middle = (low + high) / 2;
    if (overlay->hulls.items[middle].relation == relation) return overlay->hulls.items[middle].share;
    if (overlay->hulls.items[middle].relation < relation) low = middle + 1;
    else high = middle;
  }
  return network_share(overlay->network, relation);
}

uint32_t overlay_party(const struct overlay *overlay, uint32_t relation) {
  return overlay_is_added(overlay, relation) ? overlay_added(overlay, relation)->party
                                             : network_party(overlay->network, relation);
}

struct validity overlay_validity(const struct overlay *overlay, uint32_t relation) {
  return overlay_is_added(overlay, relation) ? overlay_added(overlay, relation)->validity
                                             : network_validity(overlay->network, relation);
}

const char *overlay_relation_id(const struct overlay *overlay, uint32_t relation, char spare[DEFAULT_ID],
                                size_t *length) {
  if (!overlay_is_added(overlay, relation)) return network_relation_id(overlay->network, relation, spare, length);
  uint32_t id = overlay_added(overlay, relation)->id;
  *length = text_length(&overlay->texts, id);
  return text_bytes(&overlay->texts, id);
}

const struct field *overlay_field(const struct overlay *overlay, uint32_t relation, const char *name,
                                  const struct texts **texts) {
  bool added = overlay_is_added(overlay, relation);
  const struct fields *fields = added ? &overlay->fields : &overlay->network->fields;
  uint32_t run = added ? overlay_added(overlay, relation)->fields : network_relation_fields(overlay->network, relation);
  *texts = fields->texts;
  return run == FIELDS_NONE ? NULL : fields_find(fields, run, fields_key(fields, name, strlen(name)));
}

bool overlay_owns(const struct overlay *overlay, uint32_t owner, uint32_t owned) {
  const struct network *network = overlay->network;
  uint32_t low = network->out_start[owner], end = network->out_start[owner + 1], high = end;
  while (low < high) { /* rows are ordered by kind, then to; owns comes first */
    uint32_t middle = low + (high - low) / 2;
    if (network_kind(network, middle) == RELATION_OWNS && network->to[middle] < owned) low = middle + 1;
    else high = middle;
  }
  for (; low < end && network_kind(network, low) == RELATION_OWNS && network->to[low] == owned; low++)
    if (overlay_in_force(overlay, low)) return true;
  for (size_t i = 0; i < overlay->added.count; i++) {
    const struct added_relation *added = &overlay->added.items[i];
    if (added->in_force && added->from == owner && added->to == owned && (added->kind & RELATION_KIND) == RELATION_OWNS)
      return true;
  }
  return false;
}
