/* saves: every single supplier that could be kept, and every need that could get one more, tried 64 at a time. */
#include "disruption.h"

#include <stdlib.h>

struct candidate {
  uint32_t who;   /* touched + 1 for the need that brings a user down, or the complement of a gone supplier */
  uint32_t bound; /* it cannot save more */
};

struct trying {
  const struct disruption *disruption;
  const struct failing *failing;
  enum reading reading;
  struct memory *memory;
  struct vector_of(struct candidate) candidates;
  uint64_t *failed; /* by touched: in which tries it fails */
  uint64_t *kept;   /* by touched: in which tries the need that brings it down gets a supplier */
  uint64_t *gone;   /* by gone supplier: in which tries it is */
};

static void trying_close(struct trying *trying) {
  size_t users = trying->failing->touched.count, gone = trying->failing->suppliers.count;
  vector_free(trying->memory, &trying->candidates);
  memory_free(trying->memory, trying->failed, (users + 1) * sizeof *trying->failed);
  memory_free(trying->memory, trying->kept, (users + 1) * sizeof *trying->kept);
  memory_free(trying->memory, trying->gone, (gone + 1) * sizeof *trying->gone);
}

static uint64_t is_lost(const struct trying *trying, const struct lost_supply *supply) {
  const struct failing *failing = trying->failing;
  uint32_t from = overlay_from(trying->disruption->exposure->overlay, supply->relation);
  uint32_t user = places_find(&failing->users, from), gone = places_find(&failing->gone, from);
  if (!supply->round) return 0;
  return (gone == PLACE_NONE ? 0 : trying->gone[gone]) | (user == PLACE_NONE ? 0 : trying->failed[user]);
}

/* Where a part of each need is asked for, the tries in which less than that is left. */
static uint64_t below_least(const struct trying *trying, const struct failing_user *user, uint32_t need) {
  const struct failing *failing = trying->failing;
  uint64_t left[64] = {0}, below = 0;
  for (uint32_t s = user->first_supply; s < user->first_supply + user->supplies; s++) {
    const struct lost_supply *supply = &failing->supplies.items[s];
    if (supply->need != need) continue;
    uint64_t works = ~is_lost(trying, supply);
    uint32_t fraction = trying->reading == READING_LOW ? supply->fraction.hi : supply->fraction.lo;
    for (; works; works &= works - 1) left[__builtin_ctzll(works)] += fraction;
  }
  for (int i = 0; i < 64; i++)
    if (left[i] < trying->disruption->least) below |= UINT64_C(1) << i;
  return below;
}

/* The one need that brings a user down, or UINT32_MAX when several do. Others may be lost because it failed. */
static uint32_t first_lost(const struct failing *failing, const struct failing_user *user) {
  uint32_t found = UINT32_MAX;
  for (uint32_t n = user->first_need; n < user->first_need + user->needs; n++) {
    if (failing->needs.items[n].round != user->round || !failing->needs.items[n].essential) continue;
    if (found != UINT32_MAX) return UINT32_MAX;
    found = n;
  }
  return found;
}

/* In which tries a user is left without something. `without` has room for its needs. */
static uint64_t is_left_without(const struct trying *trying, uint32_t place, uint64_t *without) {
  const struct failing *failing = trying->failing;
  const struct failing_user *user = &failing->touched.items[place];
  uint32_t given = trying->kept[place] ? first_lost(failing, user) : UINT32_MAX;
  uint64_t any = 0;
  for (uint32_t n = 0; n < user->needs; n++) without[n] = ~UINT64_C(0);
  for (uint32_t s = user->first_supply; s < user->first_supply + user->supplies; s++) {
    const struct lost_supply *supply = &failing->supplies.items[s];
    if (failing->needs.items[supply->need].round) without[supply->need - user->first_need] &= is_lost(trying, supply);
  }
  for (uint32_t n = 0; n < user->needs; n++) {
    const struct user_need *need = &failing->needs.items[user->first_need + n];
    if (!need->round || !need->essential) continue;
    if (trying->disruption->least) without[n] |= below_least(trying, user, user->first_need + n);
    any |= given == user->first_need + n ? without[n] & ~trying->kept[place] : without[n];
  }
  return any;
}

/* The least fixpoint of all tries at once, in the order of the rounds, until nothing more fails. */
static void settle(struct trying *trying, uint64_t *without) {
  const struct failing *failing = trying->failing;
  memset(trying->failed, 0, (failing->touched.count + 1) * sizeof *trying->failed);
  for (bool grown = true; grown;) {
    grown = false;
    for (size_t i = 0; i < failing->failed.count; i++) {
      uint32_t user = failing->failed.items[i];
      if (trying->failed[user] == ~UINT64_C(0)) continue;
      uint64_t down = is_left_without(trying, user, without);
      if (!(down & ~trying->failed[user])) continue;
      trying->failed[user] |= down;
      grown = true;
    }
  }
}

static void keep(struct trying *trying, uint32_t candidate, uint64_t bit) {
  if (candidate > INT32_MAX) trying->gone[~candidate] &= ~bit;
  else trying->kept[candidate - 1] |= bit;
}

static void keep_no_more(struct trying *trying, uint32_t candidate) {
  if (candidate > INT32_MAX) trying->gone[~candidate] = ~UINT64_C(0);
  else trying->kept[candidate - 1] = 0;
}

static int by_saves(const void *a, const void *b) {
  const struct save *x = a, *y = b;
  if (x->saves != y->saves) return x->saves > y->saves ? -1 : 1;
  if (x->entity != y->entity) return x->entity < y->entity ? -1 : 1;
  return (x->need < y->need) - (x->need > y->need);
}

static struct save save_of(const struct trying *trying, uint32_t candidate, uint32_t count) {
  const struct failing *failing = trying->failing;
  struct save save = {.saves = count, .need = UINT32_MAX};
  if (candidate > INT32_MAX) {
    save.entity = failing->suppliers.items[~candidate].entity;
  } else {
    save.entity = failing->touched.items[candidate - 1].entity;
    save.need = first_lost(failing, &failing->touched.items[candidate - 1]);
  }
  return save;
}

static bool is_row(const struct failing *failing, uint32_t user) {
  return places_find(&failing->gone, failing->touched.items[user].entity) == PLACE_NONE;
}

static void add_to(uint32_t *bound, uint32_t more) { *bound = *bound > UINT32_MAX - more ? UINT32_MAX : *bound + more; }

/* How many each could save at most: those in whose proof it is. A proof of a user is one need that brings it down, and
 * the proofs of its suppliers; without the suppliers in it there is another proof, or none. Of several suppliers each
 * counts the user, which is more than enough. */
static void find_bounds(const struct trying *trying, uint32_t *users, uint32_t *gone) {
  const struct failing *failing = trying->failing;
  const struct overlay *overlay = trying->disruption->exposure->overlay;
  for (size_t i = failing->failed.count; i-- > 0;) {
    uint32_t place = failing->failed.items[i];
    const struct failing_user *user = &failing->touched.items[place];
    uint32_t chosen = failing->supplies.items[user->last].need;
    if (is_row(failing, place)) add_to(&users[place], 1);
    for (uint32_t s = user->first_supply; s < user->first_supply + user->supplies; s++) {
      const struct lost_supply *supply = &failing->supplies.items[s];
      if (supply->need != chosen || !supply->round || supply->round > user->round) continue;
      uint32_t from = overlay_from(overlay, supply->relation);
      uint32_t above = places_find(&failing->users, from), source = places_find(&failing->gone, from);
      if (!supply->direct) add_to(&users[above], users[place]);
      else add_to(&gone[source], users[place]);
    }
  }
}

static int by_bound(const void *a, const void *b) {
  const struct candidate *x = a, *y = b;
  if (x->bound != y->bound) return x->bound > y->bound ? -1 : 1;
  return (x->who > y->who) - (x->who < y->who);
}

static bool list_candidates(struct trying *trying) {
  const struct failing *failing = trying->failing;
  size_t count = failing->touched.count, sources = failing->suppliers.count;
  uint32_t *users = memory_zeroed(trying->memory, count + 1, sizeof *users);
  uint32_t *gone = memory_zeroed(trying->memory, sources + 1, sizeof *gone);
  bool fine = users && gone;
  if (fine) find_bounds(trying, users, gone);
  for (uint32_t g = 0; g < sources && fine; g++) {
    struct candidate candidate = {~g, gone[g]};
    if (gone[g]) fine = vector_push(trying->memory, &trying->candidates, candidate);
  }
  for (size_t i = 0; i < failing->failed.count && fine; i++) {
    uint32_t user = failing->failed.items[i];
    struct candidate candidate = {user + 1, users[user]};
    if (is_row(failing, user) && first_lost(failing, &failing->touched.items[user]) != UINT32_MAX)
      fine = vector_push(trying->memory, &trying->candidates, candidate);
  }
  if (trying->candidates.count > 1)
    qsort(trying->candidates.items, trying->candidates.count, sizeof *trying->candidates.items, by_bound);
  memory_free(trying->memory, users, (count + 1) * sizeof *users);
  memory_free(trying->memory, gone, (sources + 1) * sizeof *gone);
  return fine;
}

/* How many each of up to 64 candidates saves. */
static void count_saved(struct trying *trying, const uint32_t *candidates, size_t count, uint32_t saved[64],
                        uint64_t *without) {
  const struct failing *failing = trying->failing;
  uint64_t used = count == 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
  for (size_t i = 0; i < count; i++) keep(trying, candidates[i], UINT64_C(1) << i);
  settle(trying, without);
  memset(saved, 0, 64 * sizeof *saved);
  for (size_t i = 0; i < failing->failed.count; i++) {
    uint64_t works = ~trying->failed[failing->failed.items[i]] & used;
    for (; works && is_row(failing, failing->failed.items[i]); works &= works - 1) saved[__builtin_ctzll(works)]++;
  }
}

/* Who the best save; their tries are made once more. */
static bool name_saved(struct trying *trying, struct saves *saves, uint64_t *without) {
  const struct failing *failing = trying->failing;
  uint32_t candidates[SAVES_MOST], saved[64];
  for (size_t i = 0; i < saves->rows.count; i++) {
    const struct save *save = &saves->rows.items[i];
    candidates[i] = save->need == UINT32_MAX ? ~places_find(&failing->gone, save->entity)
                                             : places_find(&failing->users, save->entity) + 1;
  }
  count_saved(trying, candidates, saves->rows.count, saved, without);
  for (size_t i = 0; i < saves->rows.count; i++) {
    struct save *save = &saves->rows.items[i];
    save->first = (uint32_t)saves->saved.count;
    for (size_t k = 0; k < failing->failed.count; k++) {
      uint32_t user = failing->failed.items[k];
      if (trying->failed[user] >> i & 1 || !is_row(failing, user)) continue;
      if (!vector_push(&saves->memory, &saves->saved, failing->touched.items[user].entity)) return false;
    }
    save->count = (uint32_t)sort_unique(saves->saved.items + save->first, saves->saved.count - save->first);
  }
  return true;
}

static void keep_best(struct saves *saves, size_t most) {
  if (saves->rows.count > 1) qsort(saves->rows.items, saves->rows.count, sizeof *saves->rows.items, by_saves);
  if (saves->rows.count > most) saves->rows.count = most;
}

/* Those that could save the most first, until the rest could not do better than what is found. */
static bool try_all(struct trying *trying, size_t most, struct saves *saves, uint64_t *without, struct control *control,
                    struct failure *failure) {
  if (!list_candidates(trying)) return fail_memory(failure, trying->memory);
  const struct candidate *candidates = trying->candidates.items;
  for (size_t first = 0, total = trying->candidates.count; first < total; first += 64) {
    uint32_t tried[64], saved[64];
    size_t count = total - first < 64 ? total - first : 64;
    if (saves->rows.count == most && candidates[first].bound < saves->rows.items[most - 1].saves) break;
    if (!control_checkpoint(control, (double)first, (double)total, "trying what would save the most", failure))
      return false;
    for (size_t i = 0; i < count; i++) tried[i] = candidates[first + i].who;
    count_saved(trying, tried, count, saved, without);
    for (size_t i = 0; i < count; i++) {
      keep_no_more(trying, tried[i]);
      struct save save = save_of(trying, tried[i], saved[i]);
      if (saved[i] && !vector_push(&saves->memory, &saves->rows, save)) return fail_memory(failure, trying->memory);
    }
    keep_best(saves, most);
  }
  return name_saved(trying, saves, without) || fail_memory(failure, trying->memory);
}

bool disruption_saves(const struct disruption *disruption, enum reading reading, size_t most, struct saves *saves,
                      struct control *control, struct failure *failure) {
  const struct failing *failing = disruption_of(disruption, reading);
  struct trying trying = {.disruption = disruption, .failing = failing, .reading = reading, .memory = &saves->memory};
  size_t users = failing->touched.count, gone = failing->suppliers.count, widest = 0;
  for (size_t i = 0; i < users; i++)
    if (failing->touched.items[i].needs > widest) widest = failing->touched.items[i].needs;
  uint64_t *without = memory_zeroed(&saves->memory, widest + 1, sizeof *without);
  trying.failed = memory_zeroed(&saves->memory, users + 1, sizeof *trying.failed);
  trying.kept = memory_zeroed(&saves->memory, users + 1, sizeof *trying.kept);
  trying.gone = memory_zeroed(&saves->memory, gone + 1, sizeof *trying.gone);
  bool fine = (without && trying.failed && trying.kept && trying.gone) || fail_memory(failure, &saves->memory);
  if (fine) memset(trying.gone, 0xff, (gone + 1) * sizeof *trying.gone);
  fine = fine && try_all(&trying, most < SAVES_MOST ? most : SAVES_MOST, saves, without, control, failure);
  trying_close(&trying);
  memory_free(&saves->memory, without, (widest + 1) * sizeof *without);
  return fine;
}

void saves_close(struct saves *saves) {
  vector_free(&saves->memory, &saves->rows);
  vector_free(&saves->memory, &saves->saved);
}
