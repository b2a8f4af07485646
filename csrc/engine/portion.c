#include "portion.h"

#include <stdlib.h>

#include "column.h"
#include "money.h"

struct bytes {
  const char *at;
  size_t length;
};

struct item {
  struct bytes currency, contract;
  double amount, low, high;
  uint32_t relation;
};

static int compare(struct bytes a, struct bytes b) {
  int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);
  return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int by_contract(const void *a, const void *b) {
  const struct item *x = a, *y = b;
  int order = compare(x->currency, y->currency);
  if (!order) order = compare(x->contract, y->contract);
  return order ? order : (x->relation > y->relation) - (x->relation < y->relation);
}

static struct bytes field_bytes(const struct overlay *overlay, uint32_t relation, struct column column) {
  const struct texts *texts;
  const struct field *field = column_at(column, overlay, relation, &texts);
  if (!field) return (struct bytes){"", 0};
  return (struct bytes){text_bytes(texts, field->value), text_length(texts, field->value)};
}

static double larger(double a, double b) { return a > b ? a : b; }

bool portion_total(const struct overlay *overlay, const struct portioned_list *list, struct memory *memory,
                   struct portions *totals) {
  struct vector_of(struct item) items = {0};
  struct column spend = column_of(overlay, "spend"), currency = column_of(overlay, "currency"),
                contract = column_of(overlay, "contract");
  bool fine = true;
  for (size_t i = 0; i < list->count && fine; i++) {
    uint32_t relation = list->items[i].relation;
    struct failure failure = {0};
    struct bytes text = field_bytes(overlay, relation, spend);
    money amount;
    if (text.length == 0 || !money_parse(text.at, text.length, &amount, &failure)) continue;
    struct item item = {field_bytes(overlay, relation, currency),
                        field_bytes(overlay, relation, contract),
                        (double)amount / 1e9,
                        list->items[i].low,
                        list->items[i].high,
                        relation};
    fine = vector_push(memory, &items, item);
  }
  if (items.count > 1) qsort(items.items, items.count, sizeof *items.items, by_contract);
  for (size_t i = 0; i < items.count && fine;) {
    struct item item = items.items[i++];
    for (; i < items.count && item.contract.length && compare(item.contract, items.items[i].contract) == 0 &&
           compare(item.currency, items.items[i].currency) == 0;
         i++) {
      item.amount = larger(item.amount, items.items[i].amount);
      item.low = larger(item.low, items.items[i].low);
      item.high = larger(item.high, items.items[i].high);
    }
    struct portion *last = totals->count ? &totals->items[totals->count - 1] : NULL;
    if (!last || compare((struct bytes){last->currency, last->currency_length}, item.currency) != 0) {
      struct portion fresh = {item.currency.at, item.currency.length, 0, 0};
      fine = vector_push(memory, totals, fresh);
      if (!fine) break;
      last = &totals->items[totals->count - 1];
    }
    last->low += item.amount * item.low;
    last->high += item.amount * item.high;
  }
  vector_free(memory, &items);
  return fine;
}
