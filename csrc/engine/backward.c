#include "backward.h"

#include <stdlib.h>
#include <string.h>

const char *const reliance_name[RELIANCE_STRONGEST] = {"none", "low", NULL, "material", "full"};

static size_t hash_of(struct standing standing) {
  uint64_t hash = standing.entity * UINT64_C(0x9e3779b97f4a7c15);
  hash ^= (hash >> 29) + standing.pair * UINT64_C(0xbf58476d1ce4e5b9);
  hash ^= (hash >> 31) + (standing.tier * (uint64_t)ROLES + standing.role) * UINT64_C(0x94d049bb133111eb);
  return (size_t)(hash ^ (hash >> 32));
}

static bool same_standing(struct standing a, struct standing b) {
  return a.entity == b.entity && a.pair == b.pair && a.tier == b.tier && a.role == b.role;
}

static bool grow_table(struct backward *backward) {
  size_t size = backward->table_size ? backward->table_size * 2 : 256;
  uint32_t *table = memory_zeroed(backward->memory, size, sizeof *table);
  if (!table) return false;
  for (uint32_t v = 0; v < backward->vertices.count; v++) {
    size_t at = hash_of(backward->vertices.items[v].standing) & (size - 1);
    while (table[at]) at = (at + 1) & (size - 1);
    table[at] = v + 1;
  }
  memory_free(backward->memory, backward->table, backward->table_size * sizeof *table);
  backward->table = table;
  backward->table_size = size;
  return true;
}

bool backward_vertex(struct backward *backward, struct standing standing, uint32_t *vertex) {
  if (2 * (backward->vertices.count + 1) > backward->table_size && !grow_table(backward)) return false;
  size_t at = hash_of(standing) & (backward->table_size - 1);
  for (; backward->table[at]; at = (at + 1) & (backward->table_size - 1)) {
    *vertex = backward->table[at] - 1;
    if (same_standing(backward->vertices.items[*vertex].standing, standing)) return true;
  }
  struct back_vertex fresh = {.standing = standing, .least = lineage_least(&backward->lineage, standing)};
  *vertex = (uint32_t)backward->vertices.count;
  if (!vector_push(backward->memory, &backward->vertices, fresh)) return false;
  backward->table[at] = *vertex + 1;
  return true;
}

bool backward_open(struct backward *backward, const struct exposure *exposure, const struct stage_result *result,
                   enum reading reading, struct memory *memory) {
  struct standing restriction = {ENTITY_NONE, 0, 0, ROLE_RESTRICTION};
  uint32_t vertex;
  memset(backward, 0, sizeof *backward);
  backward->memory = memory;
  if (!lineage_open(&backward->lineage, exposure, result, reading, memory) ||
      !backward_vertex(backward, restriction, &vertex))
    return false;
  backward->vertices.items[vertex].expanded = true;
  return true;
}

void backward_close(struct backward *backward) {
  if (!backward->memory) return;
  lineage_close(&backward->lineage);
  vector_free(backward->memory, &backward->vertices);
  vector_free(backward->memory, &backward->steps);
  memory_free(backward->memory, backward->table, backward->table_size * sizeof *backward->table);
  backward->memory = NULL;
}

static uint8_t reliance_of(const struct overlay *overlay, uint32_t relation) {
  if (overlay_kind(overlay, relation) != RELATION_SUPPLIES) return RELIANCE_STRONGEST;
  const struct texts *texts;
  const struct field *field = overlay_field(overlay, relation, "reliance", &texts);
  for (uint8_t r = 0; field && r < RELIANCE_STRONGEST; r++)
    if (reliance_name[r] && strcmp(reliance_name[r], text_bytes(texts, field->value)) == 0) return r;
  return RELIANCE_UNSTATED;
}

static int in_order(const void *a, const void *b) {
  const struct before *x = a, *y = b;
  if (x->relation != y->relation) return x->relation < y->relation ? -1 : 1; /* RELATION_NONE comes last */
  if (x->standing.role != y->standing.role) return x->standing.role < y->standing.role ? -1 : 1;
  if (x->standing.entity != y->standing.entity) return x->standing.entity < y->standing.entity ? -1 : 1;
  return (x->standing.tier > y->standing.tier) - (x->standing.tier < y->standing.tier);
}

bool backward_expand(struct backward *backward, uint32_t vertex) {
  struct lineage *lineage = &backward->lineage;
  const struct overlay *overlay = lineage->exposure->overlay;
  if (backward->vertices.items[vertex].expanded) return true;
  if (!lineage_before(lineage, backward->vertices.items[vertex].standing)) return false;
  if (lineage->found.count > 1)
    qsort(lineage->found.items, lineage->found.count, sizeof *lineage->found.items, in_order);
  size_t first = backward->steps.count;
  for (size_t i = 0; i < lineage->found.count; i++) {
    const struct before *before = &lineage->found.items[i];
    struct back_step step = {before->relation, 0, SHARE_WHOLE, RELIANCE_STRONGEST};
    if (!backward_vertex(backward, before->standing, &step.vertex)) return false;
    if (backward->vertices.items[step.vertex].least == UINT32_MAX) continue;
    if (before->relation != RELATION_NONE && before->standing.role != ROLE_SIGNED) {
      step.reliance = reliance_of(overlay, before->relation);
      if (overlay_kind(overlay, before->relation) == RELATION_OWNS) {
        struct share share = overlay_share(overlay, before->relation);
        step.share = lineage->reading == READING_LOW ? share.lo : share.hi;
      }
    }
    if (!vector_push(backward->memory, &backward->steps, step)) return false;
  }
  struct back_vertex *made = &backward->vertices.items[vertex];
  made->first_step = (uint32_t)first;
  made->steps = (uint32_t)(backward->steps.count - first);
  made->expanded = true;
  return true;
}

/* ---- counting ---- */

enum { WAYS_UNKNOWN = 0, WAYS_OPEN = 1, WAYS_KNOWN = 2 };

struct ways {
  double count;
  uint8_t state;
  uint32_t at; /* the step looked at */
};

bool backward_count(struct backward *backward, uint32_t vertex, size_t most, double *ways) {
  struct memory *memory = backward->memory;
  struct vector_of(struct ways) table = {0};
  struct vector_of(uint32_t) stack = {0};
  bool fine = vector_push(memory, &stack, vertex), told = true;
  while (fine && told && stack.count > 0) {
    uint32_t v = stack.items[stack.count - 1];
    fine = backward_expand(backward, v) && vector_reserve(memory, &table, backward->vertices.count - table.count);
    if (!fine) break;
    for (; table.count < backward->vertices.count; table.count++) table.items[table.count] = (struct ways){0};
    struct ways *own = &table.items[v];
    const struct back_vertex *from = &backward->vertices.items[v];
    if (v == BACKWARD_RESTRICTION) own->count = 1, own->at = from->steps;
    own->state = WAYS_OPEN;
    bool deeper = false;
    for (; own->at < from->steps && !deeper && told; own->at += !deeper) {
      uint32_t next = backward->steps.items[from->first_step + own->at].vertex;
      told = table.items[next].state != WAYS_OPEN && backward->vertices.count <= most;
      deeper = table.items[next].state == WAYS_UNKNOWN;
      if (deeper) fine = vector_push(memory, &stack, next);
      else own->count += table.items[next].count;
      if (deeper) break;
    }
    if (deeper) continue;
    own->state = WAYS_KNOWN;
    stack.count--;
  }
  *ways = fine && told ? table.items[vertex].count : -1;
  vector_free(memory, &table);
  vector_free(memory, &stack);
  return fine;
}
