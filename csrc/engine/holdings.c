#include "holdings.h"

#include <math.h>
#include <stdlib.h>

#include "sort.h"

enum { SWEEPS_BEFORE = 256, SWEEPS_MOST = 20000, ELIMINATED_MOST = 256 };
static const double SETTLED = 1e-16;

void holdings_close(struct holdings *holdings) {
  struct memory *memory = holdings->memory;
  if (!memory) return;
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    memory_free(memory, holdings->share[reading], (holdings->nodes.count + 1) * sizeof(double));
  lookup_close(&holdings->places, memory);
  vector_free(memory, &holdings->nodes);
  vector_free(memory, &holdings->stakes);
  vector_free(memory, &holdings->order);
  vector_free(memory, &holdings->lower_start);
  vector_free(memory, &holdings->lower);
  vector_free(memory, &holdings->queue);
  vector_free(memory, &holdings->matrix);
  holdings->memory = NULL;
}

/* ---- everybody above, or below ---- */

static bool add_node(struct holdings *holdings, uint32_t entity, uint32_t *node) {
  *node = lookup_find(&holdings->places, entity);
  if (*node != PLACE_NONE) return true;
  struct holding_node fresh = {.entity = entity, .ring = UINT32_MAX};
  *node = (uint32_t)holdings->nodes.count;
  return vector_push(holdings->memory, &holdings->nodes, fresh) &&
         lookup_put(&holdings->places, holdings->memory, entity, *node);
}

static bool is_operated(const struct holdings *holdings, uint32_t relation) {
  const struct overlay *overlay = holdings->overlay;
  return overlay_kind(overlay, relation) == RELATION_OPERATES &&
         climb_is_thing(overlay->network, overlay_to(overlay, relation));
}

/* A holding on the basis asked about; where the pair has none a consolidation, or a branch, which is one person with
 * its head office; what is operated. Not of oneself. */
static bool is_stake(const struct holdings *holdings, uint32_t relation) {
  const struct overlay *overlay = holdings->overlay;
  uint32_t from = overlay_from(overlay, relation), to = overlay_to(overlay, relation);
  enum relation_kind kind = overlay_kind(overlay, relation);
  if (from == to) return false;
  if (kind == RELATION_CONSOLIDATES || kind == RELATION_HAS_BRANCH) return !overlay_owns(overlay, from, to);
  bool votes = overlay_kind_byte(overlay, relation) & RELATION_VOTES;
  return (kind == RELATION_OWNS && votes == (holdings->basis == BASIS_VOTES)) || is_operated(holdings, relation);
}

/* Of a branch the whole; of what is consolidated, or operated by several, anything. */
static struct share share_of(const struct holdings *holdings, uint32_t relation, bool alone) {
  enum relation_kind kind = overlay_kind(holdings->overlay, relation);
  if (kind == RELATION_OWNS) return overlay_share(holdings->overlay, relation);
  bool whole = kind == RELATION_HAS_BRANCH || (kind == RELATION_OPERATES && alone);
  return (struct share){whole ? SHARE_WHOLE : 0, SHARE_WHOLE};
}

static int by_holder(const void *a, const void *b) {
  const struct stake *x = a, *y = b;
  return (x->holder > y->holder) - (x->holder < y->holder);
}

/* The stakes in a firm from `first` on, their holders as entities yet: one for each holder. */
static void fold_stakes(struct holdings *holdings, size_t first) {
  struct stake *stakes = holdings->stakes.items + first;
  size_t count = holdings->stakes.count - first, kept = 0;
  uint64_t sure = 0;
  if (count > 1) qsort(stakes, count, sizeof *stakes, by_holder);
  for (size_t i = 0; i < count; i++) {
    if (kept > 0 && stakes[kept - 1].holder == stakes[i].holder) {
      uint64_t lo = (uint64_t)stakes[kept - 1].share.lo + stakes[i].share.lo;
      uint64_t hi = (uint64_t)stakes[kept - 1].share.hi + stakes[i].share.hi;
      stakes[kept - 1].share.lo = lo < SHARE_WHOLE ? (uint32_t)lo : SHARE_WHOLE;
      stakes[kept - 1].share.hi = hi < SHARE_WHOLE ? (uint32_t)hi : SHARE_WHOLE;
    } else {
      stakes[kept++] = stakes[i];
    }
  }
  holdings->stakes.count = first + kept;
  for (size_t i = 0; i < kept; i++) sure += stakes[i].share.lo;
  for (size_t i = 0; i < kept; i++) {
    uint64_t others = sure - stakes[i].share.lo, left = others < SHARE_WHOLE ? SHARE_WHOLE - others : 0;
    uint64_t most = stakes[i].share.hi < left ? stakes[i].share.hi : left;
    if (most < stakes[i].share.lo) most = stakes[i].share.lo;
    stakes[i].part[READING_LOW] = (double)stakes[i].share.lo / SHARE_WHOLE;
    stakes[i].part[READING_HIGH] = (double)most / SHARE_WHOLE;
  }
}

static bool read_stakes(struct holdings *holdings, uint32_t node, bool add_holders) {
  const struct overlay *overlay = holdings->overlay;
  size_t first = holdings->stakes.count, kept = first, operators = 0;
  uint32_t entity = holdings->nodes.items[node].entity;
  if (climb_is_thing(overlay->network, entity)) {
    struct walk all = walk_in(overlay, entity);
    for (uint32_t r; (r = walk_next(&all)) != RELATION_NONE;) operators += is_stake(holdings, r);
  }
  struct walk walk = walk_in(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    if (!is_stake(holdings, r)) continue;
    struct stake stake = {.holder = overlay_from(overlay, r), .share = share_of(holdings, r, operators == 1)};
    if (!vector_push(holdings->memory, &holdings->stakes, stake)) return false;
  }
  holdings->nodes.items[node].held = holdings->stakes.count > first;
  fold_stakes(holdings, first);
  for (size_t i = first; i < holdings->stakes.count; i++) { /* from entities to nodes */
    uint32_t above = holdings->stakes.items[i].holder, holder = lookup_find(&holdings->places, above);
    if (add_holders && !add_node(holdings, above, &holder)) return false;
    if (holder == PLACE_NONE) continue;
    holdings->stakes.items[kept] = holdings->stakes.items[i];
    holdings->stakes.items[kept++].holder = holder;
  }
  holdings->stakes.count = kept;
  holdings->nodes.items[node].first_stake = (uint32_t)first;
  holdings->nodes.items[node].stakes = (uint32_t)(kept - first);
  return true;
}

static bool find_below(struct holdings *holdings, struct control *control, struct failure *failure) {
  for (uint32_t at = 0; at < holdings->nodes.count; at++) {
    if ((at & 4095) == 4095 && !control_checkpoint(control, at, (double)holdings->overlay->network->entity_count,
                                                   "following holdings", failure))
      return false;
    struct walk walk = walk_out(holdings->overlay, holdings->nodes.items[at].entity);
    for (uint32_t r, node; (r = walk_next(&walk)) != RELATION_NONE;)
      if (is_stake(holdings, r) && !add_node(holdings, overlay_to(holdings->overlay, r), &node))
        return fail_memory(failure, holdings->memory);
  }
  return true;
}

static bool find_stakes(struct holdings *holdings, bool upward, struct control *control, struct failure *failure) {
  for (uint32_t at = 0; at < holdings->nodes.count; at++) {
    if ((at & 4095) == 4095 &&
        !control_checkpoint(control, at, (double)holdings->nodes.count, "adding up holdings", failure))
      return false;
    if (!read_stakes(holdings, at, upward)) return fail_memory(failure, holdings->memory);
  }
  return true;
}

/* ---- rings and order ---- */

static bool fill(struct holdings *holdings, struct entity_list *list, size_t count) {
  list->count = 0;
  if (!vector_reserve(holdings->memory, list, count)) return false;
  if (count > 0) memset(list->items, 0, count * sizeof *list->items);
  list->count = count;
  return true;
}

/* Tarjan's strongly connected components along the stakes upwards: a ring is complete when all above it are. */
static bool find_rings(struct holdings *holdings) {
  struct memory *memory = holdings->memory;
  struct entity_list low = {0}, number = {0}, edge = {0}, path = {0}, open = {0};
  struct holding_node *nodes = holdings->nodes.items;
  size_t n = holdings->nodes.count;
  uint32_t numbers = 0, rings = 0;
  bool fine = fill(holdings, &low, n) && fill(holdings, &number, n) && fill(holdings, &edge, n);
  for (uint32_t start = 0; start < n && fine; start++) {
    if (number.items[start]) continue;
    fine = vector_push(memory, &path, start) && vector_push(memory, &open, start);
    number.items[start] = low.items[start] = ++numbers;
    while (path.count > 0 && fine) {
      uint32_t node = path.items[path.count - 1];
      if (edge.items[node] < nodes[node].stakes) {
        uint32_t above = holdings->stakes.items[nodes[node].first_stake + edge.items[node]++].holder;
        if (number.items[above] == 0) {
          number.items[above] = low.items[above] = ++numbers;
          fine = vector_push(memory, &path, above) && vector_push(memory, &open, above);
        } else if (nodes[above].ring == UINT32_MAX && number.items[above] < low.items[node]) {
          low.items[node] = number.items[above];
        }
        continue;
      }
      path.count--;
      if (path.count > 0 && low.items[node] < low.items[path.items[path.count - 1]])
        low.items[path.items[path.count - 1]] = low.items[node];
      if (low.items[node] != number.items[node]) continue;
      for (uint32_t member = UINT32_MAX; member != node && fine;) {
        member = open.items[--open.count];
        nodes[member].ring = rings;
        nodes[member].place = (uint32_t)holdings->order.count;
        fine = vector_push(memory, &holdings->order, member);
      }
      rings++;
    }
  }
  vector_free(memory, &low);
  vector_free(memory, &number);
  vector_free(memory, &edge);
  vector_free(memory, &path);
  vector_free(memory, &open);
  return fine;
}

static bool find_lower(struct holdings *holdings) {
  size_t n = holdings->nodes.count;
  if (!fill(holdings, &holdings->lower_start, n + 2) || !fill(holdings, &holdings->lower, holdings->stakes.count + 1))
    return false;
  uint32_t *start = holdings->lower_start.items;
  for (size_t s = 0; s < holdings->stakes.count; s++) start[holdings->stakes.items[s].holder + 2]++;
  for (size_t i = 2; i < n + 2; i++) start[i] += start[i - 1];
  for (uint32_t node = 0; node < n; node++)
    for (uint32_t s = 0; s < holdings->nodes.items[node].stakes; s++) {
      uint32_t holder = holdings->stakes.items[holdings->nodes.items[node].first_stake + s].holder;
      holdings->lower.items[start[holder + 1]++] = node;
    }
  return true;
}

bool holdings_open(struct holdings *holdings, const struct overlay *overlay, enum basis basis, uint32_t entity,
                   bool upward, struct memory *memory, struct control *control, struct failure *failure) {
  memset(holdings, 0, sizeof *holdings);
  holdings->memory = memory;
  holdings->overlay = overlay;
  holdings->basis = basis;
  holdings->settled = true;
  uint32_t node;
  if (!control_checkpoint(control, 0, (double)overlay->network->entity_count, "following holdings", failure))
    return false;
  if (!add_node(holdings, entity, &node)) return fail_memory(failure, memory);
  if ((!upward && !find_below(holdings, control, failure)) || !find_stakes(holdings, upward, control, failure))
    return false;
  size_t n = holdings->nodes.count;
  for (enum reading reading = READING_LOW; reading < READINGS; reading++)
    if (!(holdings->share[reading] = memory_zeroed(memory, n + 1, sizeof(double)))) return fail_memory(failure, memory);
  return (find_rings(holdings) && find_lower(holdings)) || fail_memory(failure, memory);
}

/* ---- what one owner holds of everybody below it ---- */

static double sum_of(const struct holdings *holdings, uint32_t owner, uint32_t node, enum reading reading) {
  const struct holding_node *at = &holdings->nodes.items[node];
  double sum = 0;
  for (uint32_t s = at->first_stake; s < at->first_stake + at->stakes; s++) {
    const struct stake *stake = &holdings->stakes.items[s];
    sum += stake->part[reading] * (stake->holder == owner ? 1.0 : holdings->share[reading][stake->holder]);
  }
  return sum < 1.0 ? sum : 1.0; /* nobody is held more than whole, whatever the reports add up to */
}

/* From below, so that wherever it stops it is a lower bound. */
static bool sweep(struct holdings *holdings, uint32_t owner, const uint32_t *ring, size_t count, enum reading reading,
                  int sweeps) {
  double *share = holdings->share[reading], change = 1;
  while (change > SETTLED && sweeps-- > 0) {
    change = 0;
    for (size_t i = 0; i < count; i++) {
      double sum = sum_of(holdings, owner, ring[i], reading), grown = sum - share[ring[i]];
      if (grown > change) change = grown;
      if (grown > 0) share[ring[i]] = sum;
    }
  }
  return change <= SETTLED;
}

/* Gaussian elimination with the largest pivot: the ring as linear equations. False: no memory, or no solution that is
 * a share. */
static bool eliminate(struct holdings *holdings, uint32_t owner, const uint32_t *ring, size_t count,
                      enum reading reading) {
  const struct holding_node *nodes = holdings->nodes.items;
  size_t width = count + 1;
  uint32_t first = nodes[ring[0]].place;
  holdings->matrix.count = 0;
  if (!vector_reserve(holdings->memory, &holdings->matrix, count * width)) return false;
  double *matrix = holdings->matrix.items, *share = holdings->share[reading];
  memset(matrix, 0, count * width * sizeof *matrix);
  for (size_t i = 0; i < count; i++) {
    double *row = matrix + i * width;
    row[i] = 1;
    for (uint32_t s = nodes[ring[i]].first_stake; s < nodes[ring[i]].first_stake + nodes[ring[i]].stakes; s++) {
      const struct stake *stake = &holdings->stakes.items[s];
      bool inside = stake->holder != owner && nodes[stake->holder].ring == nodes[ring[0]].ring;
      if (inside) row[nodes[stake->holder].place - first] -= stake->part[reading];
      else row[count] += stake->part[reading] * (stake->holder == owner ? 1.0 : share[stake->holder]);
    }
  }
  for (size_t k = 0; k < count; k++) {
    size_t best = k;
    for (size_t i = k + 1; i < count; i++)
      if (fabs(matrix[i * width + k]) > fabs(matrix[best * width + k])) best = i;
    if (fabs(matrix[best * width + k]) < 1e-14) return false;
    for (size_t j = k; j < width && best != k; j++) {
      double swap = matrix[k * width + j];
      matrix[k * width + j] = matrix[best * width + j];
      matrix[best * width + j] = swap;
    }
    for (size_t i = k + 1; i < count; i++) {
      double factor = matrix[i * width + k] / matrix[k * width + k];
      for (size_t j = k; j < width && factor != 0; j++) matrix[i * width + j] -= factor * matrix[k * width + j];
    }
  }
  for (size_t k = count; k-- > 0;) {
    double sum = matrix[k * width + count];
    for (size_t j = k + 1; j < count; j++) sum -= matrix[k * width + j] * matrix[j * width + count];
    sum /= matrix[k * width + k];
    if (!(sum >= -1e-12 && sum <= 1 + 1e-12)) return false;
    matrix[k * width + count] = sum < 0 ? 0 : sum > 1 ? 1 : sum;
  }
  for (size_t i = 0; i < count; i++) share[ring[i]] = matrix[i * width + count];
  return true;
}

static bool solve_ring(struct holdings *holdings, uint32_t owner, const uint32_t *ring, size_t count,
                       enum reading reading, struct control *control, struct failure *failure) {
  if (sweep(holdings, owner, ring, count, reading, SWEEPS_BEFORE)) return true;
  if (count <= ELIMINATED_MOST && eliminate(holdings, owner, ring, count, reading)) return true;
  for (int done = 0; done < SWEEPS_MOST; done += SWEEPS_BEFORE) {
    if (!control_checkpoint(control, done, SWEEPS_MOST, "going round a ring of holdings", failure)) return false;
    if (sweep(holdings, owner, ring, count, reading, SWEEPS_BEFORE)) return true;
  }
  holdings->settled = false;
  for (size_t i = 0; i < count && reading == READING_HIGH; i++) holdings->share[reading][ring[i]] = 1;
  return true;
}

/* Everybody below an owner, by place; the shares of all of them start at 0. */
static bool reach_down(struct holdings *holdings, uint32_t owner) {
  struct entity_list *queue = &holdings->queue;
  queue->count = 0;
  if (!vector_push(holdings->memory, queue, owner)) return false;
  holdings->share[READING_LOW][owner] = -1; /* met */
  for (size_t at = 0; at < queue->count; at++) {
    uint32_t node = queue->items[at];
    for (uint32_t i = holdings->lower_start.items[node]; i < holdings->lower_start.items[node + 1]; i++) {
      uint32_t below = holdings->lower.items[i];
      if (holdings->share[READING_LOW][below] == -1) continue;
      holdings->share[READING_LOW][below] = -1;
      if (!vector_push(holdings->memory, queue, below)) return false;
    }
  }
  for (size_t i = 0; i < queue->count; i++) {
    holdings->share[READING_LOW][queue->items[i]] = holdings->share[READING_HIGH][queue->items[i]] = 0;
    queue->items[i] = holdings->nodes.items[queue->items[i]].place;
  }
  queue->count = sort_unique(queue->items, queue->count);
  for (size_t i = 0; i < queue->count; i++) queue->items[i] = holdings->order.items[queue->items[i]];
  return true;
}

/* Fills share[] for the owner and everybody below it, who are in `queue` afterwards. */
static bool solve_owner(struct holdings *holdings, uint32_t owner, struct control *control, struct failure *failure) {
  if (!reach_down(holdings, owner)) return fail_memory(failure, holdings->memory);
  const struct entity_list *below = &holdings->queue;
  for (size_t first = 0, end; first < below->count; first = end) {
    uint32_t ring = holdings->nodes.items[below->items[first]].ring;
    for (end = first + 1; end < below->count && holdings->nodes.items[below->items[end]].ring == ring;) end++;
    for (enum reading reading = READING_LOW; reading < READINGS; reading++) {
      if (end == first + 1)
        holdings->share[reading][below->items[first]] = sum_of(holdings, owner, below->items[first], reading);
      else if (!solve_ring(holdings, owner, below->items + first, end - first, reading, control, failure)) return false;
    }
  }
  return true;
}

/* What is no longer told apart after the owner's turn. */
static void forget(struct holdings *holdings) {
  for (size_t i = 0; i < holdings->queue.count; i++)
    holdings->share[READING_LOW][holdings->queue.items[i]] = holdings->share[READING_HIGH][holdings->queue.items[i]] =
        0;
}

static double gross(double share, double own) { return own < 1 ? share / (1 - own) : share > 0 ? INFINITY : 0; }

static bool add_row(struct holdings *holdings, uint32_t owner, uint32_t owned, uint32_t told,
                    struct holding_rows *rows) {
  const struct holding_node *node = &holdings->nodes.items[owned];
  const double *low = holdings->share[READING_LOW], *high = holdings->share[READING_HIGH];
  struct holding_row row = {.entity = holdings->nodes.items[told].entity,
                            .low = low[owned],
                            .high = high[owned],
                            .gross_low = gross(low[owned], low[owner]),
                            .gross_high = gross(high[owned], high[owner]),
                            .ultimate = !holdings->nodes.items[owner].held};
  for (uint32_t s = node->first_stake; s < node->first_stake + node->stakes; s++)
    if (holdings->stakes.items[s].holder == owner) row.direct = true, row.share = holdings->stakes.items[s].share;
  if (row.high <= 0 && !row.direct) return true;
  return vector_push(holdings->memory, rows, row);
}

static int by_entity(const void *a, const void *b) {
  const struct holding_row *x = a, *y = b;
  return (x->entity > y->entity) - (x->entity < y->entity);
}

bool holdings_owners(struct holdings *holdings, struct holding_rows *rows, struct control *control,
                     struct failure *failure) {
  for (uint32_t owner = 0; owner < holdings->nodes.count; owner++) {
    if ((owner & 63) == 0 &&
        !control_checkpoint(control, owner, (double)holdings->nodes.count, "adding up holdings", failure))
      return false;
    if (!solve_owner(holdings, owner, control, failure)) return false;
    if (!add_row(holdings, owner, 0, owner, rows)) return fail_memory(failure, holdings->memory);
    forget(holdings);
  }
  if (rows->count > 1) qsort(rows->items, rows->count, sizeof *rows->items, by_entity);
  return true;
}

bool holdings_held(struct holdings *holdings, struct holding_rows *rows, struct control *control,
                   struct failure *failure) {
  if (!solve_owner(holdings, 0, control, failure)) return false;
  for (uint32_t node = 0; node < holdings->nodes.count; node++)
    if (!add_row(holdings, 0, node, node, rows)) return fail_memory(failure, holdings->memory);
  if (rows->count > 1) qsort(rows->items, rows->count, sizeof *rows->items, by_entity);
  return true;
}

/* ---- power ---- */

void power_index(const uint32_t *weights, size_t count, double *power) {
  double order[POWER_MOST]; /* the chance that a coalition of so many comes just before one holder */
  for (size_t size = 0; size < count; size++) {
    double ways = (double)count; /* count × the ways to choose `size` of the others */
    for (size_t k = 0; k < size; k++) ways = ways * (double)(count - 1 - k) / (double)(k + 1);
    order[size] = 1 / ways;
  }
  for (size_t i = 0; i < count; i++) power[i] = 0;
  uint64_t swings[POWER_MOST][POWER_MOST] = {{0}}; /* by holder and size */
  for (uint32_t coalition = 0, total = UINT32_C(1) << count; coalition < total; coalition++) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
      if (coalition >> i & 1) sum += weights[i];
    if (sum > SHARE_WHOLE / 2) continue;
    size_t size = (size_t)__builtin_popcount(coalition);
    for (size_t i = 0; i < count; i++)
      if (!(coalition >> i & 1) && sum + weights[i] > SHARE_WHOLE / 2) swings[i][size]++;
  }
  for (size_t i = 0; i < count; i++)
    for (size_t size = 0; size < count; size++) power[i] += (double)swings[i][size] * order[size];
}
