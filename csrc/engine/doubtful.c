#include "doubtful.h"

#include <stdlib.h>
#include <string.h>

static uint16_t key_of(const struct network *network, const char *name) {
  return fields_key(&network->fields, name, strlen(name));
}

static bool has(const struct network *network, uint32_t run, uint16_t key) {
  return key != KEY_NONE && run != FIELDS_NONE && fields_find(&network->fields, run, key) != NULL;
}

static bool begins_after(struct validity validity, int32_t day) {
  return validity.since != DATE_MISSING && validity.since > day;
}

static void count_records(struct doubtful *doubtful, const struct network *network, int32_t day) {
  uint16_t dangling = key_of(network, "dangling"), since = key_of(network, "since_given"),
           until = key_of(network, "until_given");
  for (uint32_t e = 0; e < network->entity_count; e++) {
    uint32_t run = network->entity_fields.items[e];
    const struct field *field =
        dangling == KEY_NONE || run == FIELDS_NONE ? NULL : fields_find(&network->fields, run, dangling);
    doubtful->dangling += field && field->type == FIELD_TRUE;
    doubtful->odd_dates +=
        has(network, run, since) || has(network, run, until) || begins_after(network_entity_validity(network, e), day);
  }
  for (uint32_t r = 0; r < network->relation_count; r++) {
    uint32_t run = network_relation_fields(network, r);
    doubtful->odd_dates +=
        has(network, run, since) || has(network, run, until) || begins_after(network_validity(network, r), day);
  }
}

/* ---- relations that say the same ---- */

/* Items of a run without those of the key, each of which stands in the other run too? Their number goes into *count. */
static bool stands_in(const struct network *network, uint32_t a, uint32_t b, uint16_t left_out, size_t *count) {
  *count = 0;
  if (a == FIELDS_NONE) return true;
  for (const struct field *x = &network->fields.items.items[a];; x++) {
    if (x->key != left_out) {
      const struct field *y = fields_find(&network->fields, b, x->key);
      while (y && (y->value != x->value || y->type != x->type)) y = fields_next(y, x->key);
      if (!y) return false;
      ++*count;
    }
    if (x->last) return true;
  }
}

static bool same_fields(const struct network *network, uint32_t a, uint32_t b, uint16_t left_out) {
  size_t count, other;
  return stands_in(network, a, b, left_out, &count) && stands_in(network, b, a, left_out, &other) && count == other;
}

/* Relations are sorted by all that counts: those that say the same stand next to each other. */
static void count_duplicates(struct doubtful *doubtful, const struct network *network) {
  uint16_t source = key_of(network, "source");
  for (uint32_t r = 1; r < network->relation_count; r++) {
    uint32_t p = r - 1;
    if (network_from(network, r) != network_from(network, p) || network->to[r] != network->to[p] ||
        (network->kind[r] & ~RELATION_REPORT) != (network->kind[p] & ~RELATION_REPORT))
      continue;
    struct validity v = network_validity(network, r), w = network_validity(network, p);
    if (v.since != w.since || v.until != w.until) continue;
    if (network_kind(network, r) == RELATION_OWNS) {
      struct share s = network_share(network, r), t = network_share(network, p);
      if (s.lo != t.lo || s.hi != t.hi) continue;
    }
    doubtful->duplicates +=
        same_fields(network, network_relation_fields(network, r), network_relation_fields(network, p), source);
  }
}

/* ---- identifiers ---- */

static int by_value(const void *a, const void *b) {
  const struct identifier *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  if (x->value != y->value) return x->value < y->value ? -1 : 1;
  return (x->entity > y->entity) - (x->entity < y->entity);
}

static bool find_collisions(struct doubtful *doubtful, const struct network *network, struct failure *failure) {
  static const char *const names[] = {"lei", "cik", "duns", "imo", "mmsi", "isin", "permid", "euid", "bic", "gb_coh"};
  struct vector_of(struct identifier) all = {0};
  bool fine = true;
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    uint16_t key = key_of(network, names[n]);
    if (key == KEY_NONE) continue;
    for (uint32_t e = 0; fine && e < network->entity_count; e++) {
      uint32_t run = network->entity_fields.items[e];
      const struct field *field = run == FIELDS_NONE ? NULL : fields_find(&network->fields, run, key);
      for (; fine && field; field = fields_next(field, key)) {
        struct identifier one = {key, field->value, network_same(network, e)};
        fine = vector_push(&doubtful->memory, &all, one);
      }
    }
  }
  if (fine && all.count > 1) qsort(all.items, all.count, sizeof *all.items, by_value);
  for (size_t i = 0, end; fine && i < all.count; i = end) {
    bool several = false;
    for (end = i + 1;
         end < all.count && all.items[end].key == all.items[i].key && all.items[end].value == all.items[i].value; end++)
      several = several || all.items[end].entity != all.items[i].entity;
    for (size_t k = i; fine && several && k < end; k++)
      if (k == i || all.items[k].entity != all.items[k - 1].entity)
        fine = vector_push(&doubtful->memory, &doubtful->colliding, all.items[k]);
  }
  vector_free(&doubtful->memory, &all);
  return fine || fail_memory(failure, &doubtful->memory);
}

bool doubtful_find(struct doubtful *doubtful, const struct network *network, int32_t day, struct failure *failure) {
  count_records(doubtful, network, day);
  count_duplicates(doubtful, network);
  return find_collisions(doubtful, network, failure);
}

void doubtful_close(struct doubtful *doubtful) { vector_free(&doubtful->memory, &doubtful->colliding); }
