#include "impact.h"

enum { ROUNDS_MOST = 100000 };

void impact_close(struct impact *impact) {
  struct memory *memory = &impact->memory;
  if (!impact->overlay) return;
  size_t n = impact->overlay->network->entity_count;
  memory_free(memory, impact->start, (n + 2) * sizeof *impact->start);
  memory_free(memory, impact->sales, (n + 1) * sizeof *impact->sales);
  memory_free(memory, impact->shock, (n + 1) * sizeof *impact->shock);
  for (int i = 0; i < 3; i++) memory_free(memory, impact->state[i], (n + 1) * sizeof(double));
  for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
    memory_free(memory, impact->loss[reading], (n + 1) * sizeof(double));
    memory_free(memory, impact->down[reading], (n + 1) * sizeof(double));
    memory_free(memory, impact->up[reading], (n + 1) * sizeof(double));
  }
  vector_free(memory, &impact->links);
  vector_free(memory, &impact->products);
  vector_free(memory, &impact->market);
  impact->overlay = NULL;
}

static bool round_begins(int round, struct control *control, struct failure *failure) {
  return control_checkpoint(control, round, ROUNDS_MOST, "spreading the shock", failure);
}

/* ---- ESRI ---- */

/* How much of a failed product's users find no other supplier of its kind: its part of the market that is left. */
static void find_markets(struct impact *impact, const double *output) {
  for (size_t i = 0; i < impact->market.count; i++) impact->market.items[i] = 0;
  for (size_t p = 0; p < impact->products.count; p++) {
    const struct impact_product *product = &impact->products.items[p];
    impact->market.items[product->kind] += output[product->from] * product->sales;
  }
}

static double irreplaceable(const struct impact *impact, uint32_t product) {
  const struct impact_product *one = &impact->products.items[product];
  double market = impact->market.items[one->kind];
  if (!impact->options.replaceable || market <= one->sales) return 1;
  return one->sales / market;
}

/* What a user makes of its inputs. */
static double output_of(const struct impact *impact, const double *output, uint32_t user) {
  double least = 1, others = 0, kind = 0;
  for (uint32_t i = impact->start[user]; i < impact->start[user + 1]; i++) {
    const struct impact_link *link = &impact->links.items[i];
    if (link->first) kind = 0;
    double lost = 1 - output[link->from];
    if (link->level == 0 || lost == 0) continue;
    lost *= link->part[0] * irreplaceable(impact, link->product);
    if (link->level == 1) {
      others += lost;
      continue;
    }
    kind += lost;
    if (1 - kind < least) least = 1 - kind;
  }
  if (1 - others < least) least = 1 - others;
  return least;
}

static bool spread_down(struct impact *impact, enum reading reading, struct control *control, struct failure *failure) {
  size_t n = impact->overlay->network->entity_count;
  double *now = impact->state[0], *next = impact->state[1], change = 1;
  for (size_t e = 0; e < n; e++) now[e] = 1 - impact->shock[e];
  for (int round = 0; change > impact->options.tolerance && impact->options.down; round++) {
    if (round == ROUNDS_MOST) return impact->settled = false, true;
    if (!round_begins(round, control, failure)) return false;
    find_markets(impact, now);
    change = 0;
    for (uint32_t e = 0; e < n; e++) {
      double output = impact->start[e] < impact->start[e + 1] ? output_of(impact, now, e) : 1;
      if (output > now[e]) output = now[e]; /* nothing recovers */
      next[e] = output > 0 ? output : 0;
      if (now[e] - next[e] > change) change = now[e] - next[e];
    }
    double *done = now;
    now = next;
    next = done;
    impact->rounds[reading] = round + 1;
  }
  for (size_t e = 0; e < n; e++) impact->down[reading][e] = 1 - now[e];
  return true;
}

static bool spread_up(struct impact *impact, enum reading reading, struct control *control, struct failure *failure) {
  size_t n = impact->overlay->network->entity_count;
  double *now = impact->state[0], *next = impact->state[1], *lost = impact->state[2], change = 1;
  for (size_t e = 0; e < n; e++) now[e] = 1 - impact->shock[e];
  for (int round = 0; change > impact->options.tolerance && impact->options.up; round++) {
    if (round == ROUNDS_MOST) return impact->settled = false, true;
    if (!round_begins(round, control, failure)) return false;
    memset(lost, 0, n * sizeof *lost);
    for (size_t i = 0; i < impact->links.count; i++) {
      const struct impact_link *link = &impact->links.items[i];
      lost[link->from] += link->part[1] * (1 - now[link->to]);
    }
    change = 0;
    for (size_t e = 0; e < n; e++) {
      double orders = 1 - lost[e];
      if (orders > now[e]) orders = now[e];
      next[e] = orders > 0 ? orders : 0;
      if (now[e] - next[e] > change) change = now[e] - next[e];
    }
    double *done = now;
    now = next;
    next = done;
    if (round + 1 > impact->rounds[reading]) impact->rounds[reading] = round + 1;
  }
  for (size_t e = 0; e < n; e++) impact->up[reading][e] = 1 - now[e];
  return true;
}

static bool run_esri(struct impact *impact, enum reading reading, struct control *control, struct failure *failure) {
  size_t n = impact->overlay->network->entity_count;
  if (!spread_down(impact, reading, control, failure) || !spread_up(impact, reading, control, failure)) return false;
  double total = 0;
  for (size_t e = 0; e < n; e++) {
    double down = impact->down[reading][e], up = impact->up[reading][e];
    impact->loss[reading][e] = down > up ? down : up;
    total += impact->sales[e] * impact->loss[reading][e];
  }
  impact->total[reading] = impact->weight > 0 ? total / impact->weight : 0;
  return true;
}

/* ---- DebtRank ---- */

/* What a user takes over from its suppliers, by what each of them passes on; of one supplier no more than all. */
static double taken_over(const struct impact *impact, const double *passed, uint32_t user) {
  double sum = 0;
  for (uint32_t i = impact->start[user], end = impact->start[user + 1]; i < end;) {
    uint32_t from = impact->links.items[i].from;
    double part = 0;
    for (; i < end && impact->links.items[i].from == from; i++) part += impact->links.items[i].part[0];
    sum += (part < 1 ? part : 1) * passed[from];
  }
  return sum;
}

static bool run_debtrank(struct impact *impact, enum reading reading, struct control *control,
                         struct failure *failure) {
  size_t n = impact->overlay->network->entity_count;
  bool differential = impact->options.measure == IMPACT_DIFFERENTIAL;
  double *distress = impact->loss[reading], *passed = impact->state[0], *next = impact->state[1], change = 1;
  double *spoken = impact->state[2]; /* has passed its distress on */
  memset(spoken, 0, n * sizeof *spoken);
  for (size_t e = 0; e < n; e++) {
    distress[e] = passed[e] = impact->shock[e];
    spoken[e] = passed[e] > 0;
  }
  for (int round = 0; change > impact->options.tolerance; round++) {
    if (round == ROUNDS_MOST) return impact->settled = false, true;
    if (!round_begins(round, control, failure)) return false;
    change = 0;
    for (uint32_t e = 0; e < n; e++) {
      double sum = impact->start[e] < impact->start[e + 1] ? taken_over(impact, passed, e) : 0;
      double risen = distress[e] + sum < 1 ? distress[e] + sum : 1;
      double more = risen - distress[e];
      next[e] = differential ? more : more > 0 && !spoken[e] ? risen : 0;
      distress[e] = risen;
      if (next[e] > change) change = next[e];
    }
    for (size_t e = 0; e < n && !differential; e++)
      if (next[e] > 0) spoken[e] = 1;
    double *done = passed;
    passed = next;
    next = done;
    impact->rounds[reading] = round + 1;
  }
  double total = 0;
  for (size_t e = 0; e < n; e++) total += impact->sales[e] * (distress[e] - impact->shock[e]);
  impact->total[reading] = impact->weight > 0 ? total / impact->weight : 0;
  return true;
}

bool impact_run(struct impact *impact, enum reading reading, struct control *control, struct failure *failure) {
  return impact->options.measure == IMPACT_ESRI ? run_esri(impact, reading, control, failure)
                                                : run_debtrank(impact, reading, control, failure);
}
