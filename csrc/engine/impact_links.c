/* impact_links: the supplies in force as amounts, kinds of input and parts. */
#include <math.h>
#include <stdlib.h>

#include "impact.h"
#include "money.h"

struct raw_link {
  uint32_t relation, from, to;
  uint64_t kind, need;
  double amount, fraction; /* NAN: not known */
  uint8_t level;
};
struct raw_links vector_of(struct raw_link);

struct under_contract {
  uint64_t contract;
  uint32_t link;
};

struct linking {
  struct impact *impact;
  const struct overlay *overlay;
  struct column spend, currency, contract, fraction, need, reliance;
  uint16_t sector;
  struct raw_links raw;
  struct vector_of(struct under_contract) contracts;
  struct control *control;
  struct failure *failure;
};

static bool out_of_memory(struct linking *l) { return fail_memory(l->failure, &l->impact->memory); }

static bool checkpoint(struct linking *l, uint32_t entity) {
  return (entity & 4095) != 0 || control_checkpoint(l->control, entity, (double)l->overlay->network->entity_count,
                                                    "reading amounts", l->failure);
}

static double spend_of(const struct linking *l, uint32_t relation) {
  const struct texts *texts = NULL, *currencies = NULL;
  struct failure failure = {0};
  money amount;
  const struct field *field = column_at(l->spend, l->overlay, relation, &texts);
  const struct field *currency = column_at(l->currency, l->overlay, relation, &currencies);
  if (!field || !currency ||
      !money_parse(text_bytes(texts, field->value), text_length(texts, field->value), &amount, &failure) || amount <= 0)
    return NAN;
  for (size_t i = 0; i < l->impact->options.rate_count; i++) {
    const struct impact_rate *rate = &l->impact->options.rates[i];
    if (rate->length == text_length(currencies, currency->value) &&
        memcmp(rate->currency, text_bytes(currencies, currency->value), rate->length) == 0)
      return (double)amount / 1e9 * rate->factor;
  }
  return NAN;
}

static uint64_t word_at(const struct linking *l, struct column column, uint32_t relation) {
  const struct texts *texts;
  const struct field *field = column_at(column, l->overlay, relation, &texts);
  return field ? column_word(l->overlay, texts, field->value) : UINT64_MAX;
}

/* 2 essential, 1 hardly relied on, 0 not at all. */
static uint8_t level_of(const struct linking *l, uint32_t relation) {
  const struct texts *texts;
  const struct field *field = column_at(l->reliance, l->overlay, relation, &texts);
  const char *word = field ? text_bytes(texts, field->value) : "";
  return strcmp(word, "none") == 0 ? 0 : strcmp(word, "low") == 0 ? 1 : 2;
}

static bool read_user(struct linking *l, uint32_t user) {
  static const struct share unknown = {UINT32_MAX, UINT32_MAX};
  struct walk walk = walk_in(l->overlay, user);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    uint32_t from = overlay_from(l->overlay, r);
    if (overlay_kind(l->overlay, r) != RELATION_SUPPLIES || from == user) continue;
    struct share fraction = column_share(l->fraction, l->overlay, r, unknown);
    struct raw_link link = {.relation = r,
                            .from = from,
                            .to = user,
                            .need = word_at(l, l->need, r),
                            .fraction =
                                fraction.lo == UINT32_MAX || fraction.lo == 0 ? NAN : (double)fraction.lo / SHARE_WHOLE,
                            .level = level_of(l, r)};
    const struct field *sector = network_entity_field(l->overlay->network, from, l->sector);
    bool apart = l->impact->options.measure != IMPACT_ESRI; /* the supplies of one supplier stand together */
    link.kind = apart                                        ? from
                : sector && sector->type != FIELD_EMPTY_LIST ? (uint64_t)sector->value | UINT64_C(1) << 40
                : link.need != UINT64_MAX                    ? link.need | UINT64_C(2) << 40
                                                             : (uint64_t)from | UINT64_C(3) << 40;
    link.amount = l->impact->options.fractions ? link.fraction : spend_of(l, r);
    struct under_contract contract = {word_at(l, l->contract, r), (uint32_t)l->raw.count};
    bool signed_and_known = !l->impact->options.fractions && contract.contract != UINT64_MAX && !isnan(link.amount);
    if (!vector_push(&l->impact->memory, &l->raw, link) ||
        (signed_and_known && !vector_push(&l->impact->memory, &l->contracts, contract)))
      return out_of_memory(l);
  }
  return true;
}

static int by_contract(const void *a, const void *b) {
  const struct under_contract *x = a, *y = b;
  if (x->contract != y->contract) return x->contract < y->contract ? -1 : 1;
  return (x->link > y->link) - (x->link < y->link);
}

/* A contract is one amount, the largest should they differ: its supplies share it. */
static void share_contracts(struct linking *l) {
  const struct under_contract *items = l->contracts.items;
  if (l->contracts.count > 1) qsort(l->contracts.items, l->contracts.count, sizeof *l->contracts.items, by_contract);
  for (size_t first = 0, end; first < l->contracts.count; first = end) {
    double most = 0;
    for (end = first; end < l->contracts.count && items[end].contract == items[first].contract; end++)
      if (l->raw.items[items[end].link].amount > most) most = l->raw.items[items[end].link].amount;
    for (size_t i = first; i < end; i++) l->raw.items[items[i].link].amount = most / (double)(end - first);
  }
}

static int by_need(const void *a, const void *b) {
  const struct raw_link *x = a, *y = b;
  if (x->need != y->need) return x->need < y->need ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

/* Where one supplier of a need has a spend and a fraction, the fractions of the others tell what they get. */
static void infer_amounts(struct raw_link *links, size_t count) {
  if (count > 1) qsort(links, count, sizeof *links, by_need);
  for (size_t first = 0, end; first < count; first = end) {
    double known = 0, fractions = 0;
    for (end = first; end < count && links[end].need == links[first].need; end++)
      if (!isnan(links[end].amount) && !isnan(links[end].fraction))
        known += links[end].amount, fractions += links[end].fraction;
    for (size_t i = first; i < end && fractions > 0 && links[first].need != UINT64_MAX; i++)
      if (isnan(links[i].amount) && !isnan(links[i].fraction))
        links[i].amount = links[i].fraction * (known / fractions);
  }
}

static int by_kind(const void *a, const void *b) {
  const struct raw_link *x = a, *y = b;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

/* The links of one user whose amounts are known, by kind; product holds the raw link for now. */
static bool add_user(struct linking *l, size_t first, size_t end) {
  struct impact *impact = l->impact;
  double inputs = 0;
  size_t kept = first;
  struct raw_link *raw = l->raw.items;
  if (!impact->options.fractions) infer_amounts(raw + first, end - first);
  for (size_t i = first; i < end; i++) {
    if (isnan(raw[i].amount)) impact->unknown++;
    else raw[kept++] = raw[i];
  }
  if (kept - first > 1) qsort(raw + first, kept - first, sizeof *raw, by_kind);
  for (size_t i = first; i < kept; i++) inputs += raw[i].amount;
  for (size_t i = first, last; i < kept; i = last) {
    double of_kind = 0;
    uint8_t level = 0;
    for (last = i; last < kept && raw[last].kind == raw[i].kind; last++) {
      of_kind += raw[last].amount;
      if (raw[last].level > level) level = raw[last].level;
    }
    for (size_t k = i; k < last; k++) {
      struct impact_link link = {.from = raw[k].from,
                                 .to = raw[k].to,
                                 .product = (uint32_t)k,
                                 .level = level,
                                 .first = k == i,
                                 .amount = raw[k].amount,
                                 .part = {raw[k].amount / (level == 2 ? of_kind : inputs), 0}};
      if (!vector_push(&impact->memory, &impact->links, link)) return out_of_memory(l);
      impact->sales[link.from] += link.amount;
    }
  }
  return true;
}

struct by_product {
  uint64_t kind;
  uint32_t from, link;
};

static int by_product(const void *a, const void *b) {
  const struct by_product *x = a, *y = b;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  return (x->link > y->link) - (x->link < y->link);
}

/* What each supplier sells of each kind, and the markets. */
static bool find_products(struct linking *l) {
  struct impact *impact = l->impact;
  struct vector_of(struct by_product) order = {0};
  uint32_t kinds = 0;
  bool fine = vector_reserve(&impact->memory, &order, impact->links.count + 1);
  for (size_t i = 0; i < impact->links.count && fine; i++) {
    const struct raw_link *raw = &l->raw.items[impact->links.items[i].product];
    order.items[order.count++] = (struct by_product){raw->kind, raw->from, (uint32_t)i};
  }
  if (fine && order.count > 1) qsort(order.items, order.count, sizeof *order.items, by_product);
  for (size_t i = 0; i < order.count && fine; i++) {
    bool same_kind = i > 0 && order.items[i - 1].kind == order.items[i].kind;
    if (!same_kind) fine = vector_push(&impact->memory, &impact->market, 0), kinds++;
    struct impact_product fresh = {order.items[i].from, kinds - 1, 0};
    if (fine && !(same_kind && order.items[i - 1].from == order.items[i].from))
      fine = vector_push(&impact->memory, &impact->products, fresh);
    if (!fine) break;
    struct impact_link *link = &impact->links.items[order.items[i].link];
    link->product = (uint32_t)impact->products.count - 1;
    link->part[1] = link->amount / impact->sales[link->from];
    impact->products.items[link->product].sales += link->amount;
  }
  vector_free(&impact->memory, &order);
  return fine || out_of_memory(l);
}

static double money_of(const struct network *network, uint32_t entity, uint16_t key) {
  struct failure failure = {0};
  money amount;
  const struct field *field = network_entity_field(network, entity, key);
  if (!field ||
      !money_parse(text_bytes(&network->texts, field->value), text_length(&network->texts, field->value), &amount,
                   &failure) ||
      amount <= 0)
    return 0;
  return (double)amount / 1e9;
}

/* DebtRank: part[0] is the part of the user's equity at stake, sales are what everybody counts. */
static void weigh_by_equity(struct linking *l) {
  struct impact *impact = l->impact;
  const struct network *network = l->overlay->network;
  uint16_t equity = fields_key(&network->fields, impact->options.equity, strlen(impact->options.equity));
  uint16_t value = KEY_NONE;
  if (impact->options.value) value = fields_key(&network->fields, impact->options.value, strlen(impact->options.value));
  size_t kept = 0;
  for (size_t i = 0; i < impact->links.count; i++) {
    struct impact_link link = impact->links.items[i];
    double whole = impact->options.fractions ? 1 : money_of(network, link.to, equity);
    impact->sales[link.from] = impact->sales[link.to] = -1; /* counted below */
    if (whole > 0) {
      link.part[0] = link.amount / whole;
      impact->links.items[kept++] = link;
    } else {
      impact->unknown++;
    }
  }
  impact->links.count = kept;
  for (uint32_t e = 0; e < network->entity_count; e++) {
    if (impact->options.value) impact->sales[e] = network_same(network, e) == e ? money_of(network, e, value) : 0;
    else impact->sales[e] = impact->sales[e] == -1 ? 1 : 0;
  }
}

static bool read_links(struct linking *l) {
  struct impact *impact = l->impact;
  size_t n = l->overlay->network->entity_count;
  for (uint32_t user = 0; user < n; user++)
    if (!checkpoint(l, user) || !read_user(l, user)) return false;
  share_contracts(l);
  for (size_t first = 0, end; first < l->raw.count; first = end) {
    for (end = first + 1; end < l->raw.count && l->raw.items[end].to == l->raw.items[first].to;) end++;
    if (!add_user(l, first, end)) return false;
  }
  if (impact->options.measure == IMPACT_ESRI ? !find_products(l) : (weigh_by_equity(l), false)) return false;
  uint32_t user = 0;
  for (size_t i = 0; i < impact->links.count; i++)
    while (user <= impact->links.items[i].to) impact->start[user++] = (uint32_t)i;
  while (user <= n) impact->start[user++] = (uint32_t)impact->links.count;
  for (uint32_t e = 0; e < n; e++) impact->weight += impact->sales[e];
  return true;
}

bool impact_open(struct impact *impact, const struct overlay *overlay, const struct impact_options *options,
                 struct control *control, struct failure *failure) {
  size_t n = overlay->network->entity_count;
  struct linking l = {.impact = impact,
                      .overlay = overlay,
                      .spend = column_of(overlay, "spend"),
                      .currency = column_of(overlay, "currency"),
                      .contract = column_of(overlay, "contract"),
                      .fraction = column_of(overlay, "fraction"),
                      .need = column_of(overlay, "need"),
                      .reliance = column_of(overlay, "reliance"),
                      .sector = fields_key(&overlay->network->fields, options->sector, strlen(options->sector)),
                      .control = control,
                      .failure = failure};
  impact->overlay = overlay;
  impact->options = *options;
  impact->settled = true;
  impact->start = memory_zeroed(&impact->memory, n + 2, sizeof *impact->start);
  impact->sales = memory_zeroed(&impact->memory, n + 1, sizeof *impact->sales);
  impact->shock = memory_zeroed(&impact->memory, n + 1, sizeof *impact->shock);
  bool fine = impact->start && impact->sales && impact->shock;
  for (int i = 0; i < 3 && fine; i++)
    fine = (impact->state[i] = memory_zeroed(&impact->memory, n + 1, sizeof(double))) != NULL;
  for (enum reading reading = READING_LOW; reading < READINGS && fine; reading++) {
    impact->loss[reading] = memory_zeroed(&impact->memory, n + 1, sizeof(double));
    impact->down[reading] = memory_zeroed(&impact->memory, n + 1, sizeof(double));
    impact->up[reading] = memory_zeroed(&impact->memory, n + 1, sizeof(double));
    fine = impact->loss[reading] && impact->down[reading] && impact->up[reading];
  }
  fine = fine ? read_links(&l) : fail_memory(failure, &impact->memory);
  vector_free(&impact->memory, &l.raw);
  vector_free(&impact->memory, &l.contracts);
  return fine;
}
