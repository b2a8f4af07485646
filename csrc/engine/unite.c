/* unite: rows of several acts about one entity become one: the strongest verdict, the lowest scope that gives it, and
 * everything that caused it. */
#include <stdlib.h>

#include "exposure.h"

static int by_restricted(const void *a, const void *b) {
  const struct restricted_row *x = a, *y = b;
  if (x->entity != y->entity) return x->entity < y->entity ? -1 : 1;
  if (x->verdict != y->verdict) return x->verdict > y->verdict ? -1 : 1;
  if (x->because != y->because) return x->because < y->because ? -1 : 1;
  return (x->act > y->act) - (x->act < y->act);
}

static int by_user(const void *a, const void *b) {
  const struct user_row *x = a, *y = b;
  if (x->entity != y->entity) return x->entity < y->entity ? -1 : 1;
  if (x->verdict != y->verdict) return x->verdict > y->verdict ? -1 : 1;
  return (x->result > y->result) - (x->result < y->result);
}

static int by_parent(const void *a, const void *b) {
  const struct parent_row *x = a, *y = b;
  if (x->entity != y->entity) return x->entity < y->entity ? -1 : 1;
  if (x->verdict != y->verdict) return x->verdict > y->verdict ? -1 : 1;
  if (x->steps != y->steps) return x->steps < y->steps ? -1 : 1;
  return (x->result > y->result) - (x->result < y->result);
}

static int by_concerned(const void *a, const void *b) {
  const struct concerned_row *x = a, *y = b;
  if (x->entity != y->entity) return x->entity < y->entity ? -1 : 1;
  if (x->measure != y->measure) return x->measure < y->measure ? -1 : 1;
  return (x->verdict < y->verdict) - (x->verdict > y->verdict);
}

static int by_linked(const void *a, const void *b) {
  const struct linked_row *x = a, *y = b;
  if (x->entity != y->entity) return x->entity < y->entity ? -1 : 1;
  if (x->of != y->of) return x->of < y->of ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

static int by_warning(const void *a, const void *b) {
  const struct warning *x = a, *y = b;
  if (x->code != y->code) return x->code < y->code ? -1 : 1;
  return (x->ids > y->ids) - (x->ids < y->ids);
}

static int by_unknown(const void *a, const void *b) {
  const struct unknown *x = a, *y = b;
  if (x->fact != y->fact) return x->fact < y->fact ? -1 : 1;
  if (x->subject != y->subject) return x->subject < y->subject ? -1 : 1;
  return (x->decides > y->decides) - (x->decides < y->decides);
}

/* Sort rows and fold those of one entity into the first (the strongest); `fold` adds a row of equal verdict. */
#define unite(rows, order, same, fold)                                                        \
  do {                                                                                        \
    if ((rows)->count > 1) qsort((rows)->items, (rows)->count, sizeof *(rows)->items, order); \
    size_t kept = 0;                                                                          \
    for (size_t i = 0; i < (rows)->count; i++) {                                              \
      if (kept > 0 && same(&(rows)->items[kept - 1], &(rows)->items[i]))                      \
        fold(sets, &(rows)->items[kept - 1], &(rows)->items[i]);                              \
      else (rows)->items[kept++] = (rows)->items[i];                                          \
    }                                                                                         \
    (rows)->count = kept;                                                                     \
  } while (0)

static bool same_entity_restricted(const struct restricted_row *a, const struct restricted_row *b) {
  return a->entity == b->entity;
}
static void fold_restricted(struct sets *sets, struct restricted_row *row, const struct restricted_row *other) {
  if (row->verdict == other->verdict) row->causes = sets_union(sets, row->causes, other->causes);
}
static bool same_entity_user(const struct user_row *a, const struct user_row *b) { return a->entity == b->entity; }
static void fold_user(struct sets *sets, struct user_row *row, const struct user_row *other) {
  if (row->verdict != other->verdict) return;
  if (other->scope < row->scope) row->scope = other->scope;
  row->causes = sets_union(sets, row->causes, other->causes);
  row->carried = sets_union(sets, row->carried, other->carried);
  row->liable = sets_union(sets, row->liable, other->liable);
  row->excepted = row->excepted && other->excepted;
  row->lapses = exposure_sooner(row->lapses, other->lapses);
}
static bool same_entity_parent(const struct parent_row *a, const struct parent_row *b) {
  return a->entity == b->entity;
}
static void fold_parent(struct sets *sets, struct parent_row *row, const struct parent_row *other) {
  row->users_possible = sets_union(sets, row->users_possible, other->users_possible);
  if (row->verdict != other->verdict) return;
  if (other->scope < row->scope) row->scope = other->scope;
  row->causes = sets_union(sets, row->causes, other->causes);
  row->users = sets_union(sets, row->users, other->users);
  row->liable = sets_union(sets, row->liable, other->liable);
  row->owners = sets_union(sets, row->owners, other->owners);
  row->excepted = row->excepted && other->excepted;
  row->lapses = exposure_sooner(row->lapses, other->lapses);
}
static bool same_concerned(const struct concerned_row *a, const struct concerned_row *b) {
  return a->entity == b->entity && a->measure == b->measure;
}
static void fold_concerned(struct sets *sets, struct concerned_row *row, const struct concerned_row *other) {
  if (row->verdict == other->verdict) row->causes = sets_union(sets, row->causes, other->causes);
}
static bool same_linked(const struct linked_row *a, const struct linked_row *b) { return by_linked(a, b) == 0; }
static void fold_linked(struct sets *sets, struct linked_row *row, const struct linked_row *other) {
  (void)sets, (void)row, (void)other;
}
static bool same_warning(const struct warning *a, const struct warning *b) { return by_warning(a, b) == 0; }
static void fold_warning(struct sets *sets, struct warning *row, const struct warning *other) {
  (void)sets, (void)row, (void)other;
}
static bool same_unknown(const struct unknown *a, const struct unknown *b) { return by_unknown(a, b) == 0; }
static void fold_unknown(struct sets *sets, struct unknown *row, const struct unknown *other) {
  (void)sets, (void)row, (void)other;
}

static bool broken(const struct exposure *exposure) { /* did a union run out of memory? */
  for (size_t i = 0; i < exposure->restricted.count; i++)
    if (exposure->restricted.items[i].causes == SET_NONE) return true;
  for (size_t i = 0; i < exposure->users.count; i++) {
    const struct user_row *row = &exposure->users.items[i];
    if (row->causes == SET_NONE || row->carried == SET_NONE || row->liable == SET_NONE) return true;
  }
  for (size_t i = 0; i < exposure->parents.count; i++) {
    const struct parent_row *row = &exposure->parents.items[i];
    if (row->causes == SET_NONE || row->users == SET_NONE || row->liable == SET_NONE || row->owners == SET_NONE ||
        row->users_possible == SET_NONE)
      return true;
  }
  for (size_t i = 0; i < exposure->concerned.count; i++)
    if (exposure->concerned.items[i].causes == SET_NONE) return true;
  return false;
}

bool unite_acts(struct exposure *exposure, struct failure *failure) {
  struct sets *sets = &exposure->sets;
  unite(&exposure->restricted, by_restricted, same_entity_restricted, fold_restricted);
  unite(&exposure->users, by_user, same_entity_user, fold_user);
  unite(&exposure->parents, by_parent, same_entity_parent, fold_parent);
  unite(&exposure->concerned, by_concerned, same_concerned, fold_concerned);
  unite(&exposure->linked, by_linked, same_linked, fold_linked);
  unite(&exposure->warnings, by_warning, same_warning, fold_warning);
  unite(&exposure->unknowns, by_unknown, same_unknown, fold_unknown);
  return !broken(exposure) || fail_memory(failure, &exposure->memory);
}
