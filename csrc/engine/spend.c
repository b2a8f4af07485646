#include "spend.h"

#include <stdlib.h>
#include <string.h>

struct item {
  const char *currency, *contract;
  size_t currency_length, contract_length;
  money amount;
};

static int compare_bytes(const char *a, size_t la, const char *b, size_t lb) {
  int order = memcmp(a, b, la < lb ? la : lb);
  return order ? order : (la > lb) - (la < lb);
}

static int by_contract(const void *a, const void *b) {
  const struct item *x = a, *y = b;
  int order = compare_bytes(x->currency, x->currency_length, y->currency, y->currency_length);
  if (!order) order = compare_bytes(x->contract, x->contract_length, y->contract, y->contract_length);
  return order ? order : (x->amount < y->amount) - (x->amount > y->amount); /* the largest first */
}

bool spend_total(const struct overlay *overlay, const uint32_t *relations, size_t count, struct memory *memory,
                 struct spends *totals) {
  struct vector_of(struct item) items = {0};
  bool fine = true;
  for (size_t i = 0; i < count && fine; i++) {
    const struct texts *texts;
    struct failure failure = {0};
    struct item item = {"", "", 0, 0, 0};
    const struct field *field = overlay_field(overlay, relations[i], "spend", &texts);
    if (!field ||
        !money_parse(text_bytes(texts, field->value), text_length(texts, field->value), &item.amount, &failure))
      continue;
    if ((field = overlay_field(overlay, relations[i], "currency", &texts)) != NULL)
      item.currency = text_bytes(texts, field->value), item.currency_length = text_length(texts, field->value);
    if ((field = overlay_field(overlay, relations[i], "contract", &texts)) != NULL)
      item.contract = text_bytes(texts, field->value), item.contract_length = text_length(texts, field->value);
    fine = vector_push(memory, &items, item);
  }
  if (items.count > 1) qsort(items.items, items.count, sizeof *items.items, by_contract);
  for (size_t i = 0; i < items.count && fine; i++) {
    const struct item *item = &items.items[i];
    bool known =
        i > 0 && compare_bytes(item[-1].currency, item[-1].currency_length, item->currency, item->currency_length) == 0;
    if (known && item->contract_length &&
        compare_bytes(item[-1].contract, item[-1].contract_length, item->contract, item->contract_length) == 0)
      continue;
    if (!known) {
      struct spend fresh = {item->currency, item->currency_length, 0};
      fine = vector_push(memory, totals, fresh);
    }
    if (fine) totals->items[totals->count - 1].amount += item->amount;
  }
  vector_free(memory, &items);
  return fine;
}
