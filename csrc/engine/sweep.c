#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include "sort.h"

void sweep_open(struct sweep *sweep, const struct overlay *overlay, struct sweep_index *index,
                struct lanes_table *table) {
  struct memory memory = sweep->memory;
  memset(sweep, 0, sizeof *sweep);
  sweep->memory = memory;
  sweep->overlay = overlay;
  sweep->index = index;
  sweep->table = table;
  sweep->threads = 1;
}

static void close_policy(struct policy *policy) {
  filter_close(&policy->by);
  filter_close(&policy->home);
  filter_close(&policy->located_in);
  filter_close(&policy->where);
}

void sweep_close(struct sweep *sweep) {
  if (!sweep->overlay) return;
  close_policy(&sweep->policy);
  vector_free(&sweep->memory, &sweep->targets);
  vector_free(&sweep->memory, &sweep->rows);
  vector_free(&sweep->memory, &sweep->spends);
  vector_free(&sweep->memory, &sweep->currencies);
  sweep->overlay = NULL;
}

bool sweep_every_supplier(struct sweep *sweep, struct control *control, struct failure *failure) {
  const struct overlay *overlay = sweep->overlay;
  size_t count = overlay->network->entity_count;
  for (uint32_t entity = 0; entity < count; entity++) {
    if ((entity & 65535) == 0 && !control_checkpoint(control, entity, (double)count, "looking for suppliers", failure))
      return false;
    struct walk walk = walk_out(overlay, entity);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      if (overlay_kind(overlay, r) != RELATION_SUPPLIES) continue;
      if (!vector_push(&sweep->memory, &sweep->targets, entity)) return fail_memory(failure, &sweep->memory);
      break;
    }
  }
  return true;
}

/* ---- the act of a row ---- */

bool sweep_act_open(const struct sweep *sweep, struct act *act, struct memory *memory) {
  act->policy = sweep->policy;
  act->scope = sweep->scope;
  return vector_reserve(memory, &act->targets, 2) && vector_reserve(memory, &act->restrictions, 1);
}

void sweep_act_on(const struct sweep *sweep, const struct sweep_row *row, struct act *act) {
  const uint32_t targets[] = {row->first, row->second};
  act->targets.count = 0;
  for (int i = 0; i < 2; i++)
    if (targets[i] != ENTITY_NONE && overlay_entity_in_force(sweep->overlay, targets[i]))
      act->targets.items[act->targets.count++] = targets[i];
  act->restrictions.items[0] = (struct restriction){MEASURE_PROHIBIT, 0, (uint32_t)act->targets.count};
  act->restrictions.count = 1;
}

void sweep_act_close(struct act *act, struct memory *memory) {
  vector_free(memory, &act->targets);
  vector_free(memory, &act->restrictions);
}

/* ---- the whole ---- */

static int compare_currency(const struct spend *a, const char *currency, size_t length) {
  int order = memcmp(a->currency, currency, a->currency_length < length ? a->currency_length : length);
  return order ? order : (a->currency_length > length) - (a->currency_length < length);
}

static bool list_currencies(struct sweep *sweep) {
  struct spends *list = &sweep->currencies;
  for (size_t i = 0; i < sweep->spends.count; i++) {
    struct spend one = sweep->spends.items[i];
    size_t at = list->count; /* few */
    while (at > 0 && compare_currency(&list->items[at - 1], one.currency, one.currency_length) > 0) at--;
    if (at > 0 && compare_currency(&list->items[at - 1], one.currency, one.currency_length) == 0) continue;
    if (!vector_push(&sweep->memory, list, one)) return false;
    for (size_t k = list->count - 1; k > at; k--) list->items[k] = list->items[k - 1];
    list->items[at] = one;
  }
  return true;
}

size_t sweep_targets(struct sweep *sweep) {
  return sweep->targets.count = sort_unique(sweep->targets.items, sweep->targets.count);
}

static bool list_rows(struct sweep *sweep, bool pairs) {
  struct memory *memory = &sweep->memory;
  size_t count = sweep_targets(sweep);
  if (!vector_reserve(memory, &sweep->rows, pairs ? count * (count - (count > 0)) / 2 : count)) return false;
  for (size_t i = 0; i < count; i++) {
    struct sweep_row row = {.first = sweep->targets.items[i], .second = ENTITY_NONE};
    if (!pairs) sweep->rows.items[sweep->rows.count++] = row;
    for (size_t k = i + 1; k < count && pairs; k++) {
      row.second = sweep->targets.items[k];
      sweep->rows.items[sweep->rows.count++] = row;
    }
  }
  return true;
}

bool sweep_run(struct sweep *sweep, bool pairs, struct control *control, struct failure *failure) {
  if (!list_rows(sweep, pairs)) return fail_memory(failure, &sweep->memory);
  return sweep_together(sweep, control, failure) && sweep_alone(sweep, control, failure) &&
         (list_currencies(sweep) || fail_memory(failure, &sweep->memory));
}

/* ---- ranking ---- */

struct ranked {
  money first;
  uint32_t second, row;
};

static int by_harm(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  if (x->first != y->first) return x->first > y->first ? -1 : 1;
  if (x->second != y->second) return x->second > y->second ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static money amount_in(const struct sweep *sweep, const struct sweep_row *row, const char *currency, size_t length) {
  for (uint32_t i = 0; i < row->spends; i++) {
    const struct spend *spend = &sweep->spends.items[row->first_spend + i];
    if (compare_currency(spend, currency, length) == 0) return spend->amount;
  }
  return 0;
}

bool sweep_rank(struct sweep *sweep, enum sweep_by by, const char *currency, size_t length, struct failure *failure) {
  struct memory *memory = &sweep->memory;
  size_t count = sweep->rows.count;
  struct ranked *ranked = memory_zeroed(memory, count, sizeof *ranked);
  struct sweep_row *rows = memory_zeroed(memory, count, sizeof *rows);
  bool fine = (ranked && rows) || fail_memory(failure, memory);
  for (uint32_t i = 0; i < count && fine; i++) { /* rows are in order of entity until now */
    const struct sweep_row *row = &sweep->rows.items[i];
    ranked[i] = (struct ranked){row->parents[SURE], row->parents[PERHAPS], i};
    if (by == SWEEP_USERS) ranked[i] = (struct ranked){row->users[SURE], row->users[PERHAPS], i};
    if (by == SWEEP_SPEND) ranked[i] = (struct ranked){amount_in(sweep, row, currency, length), row->users[PERHAPS], i};
  }
  if (fine && count) qsort(ranked, count, sizeof *ranked, by_harm);
  for (size_t i = 0; i < count && fine; i++) rows[i] = sweep->rows.items[ranked[i].row];
  if (fine && count) memcpy(sweep->rows.items, rows, count * sizeof *rows);
  memory_free(memory, ranked, count ? count * sizeof *ranked : 1);
  memory_free(memory, rows, count ? count * sizeof *rows : 1);
  return fine;
}
