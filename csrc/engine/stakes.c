#include "stakes.h"

#include "sort.h"

void stakes_close(struct stakes *stakes, struct memory *memory) {
  vector_free(memory, &stakes->items);
  vector_free(memory, &stakes->inward);
  vector_free(memory, &stakes->spare);
}

static int by_owner(const void *context, uint32_t a, uint32_t b) {
  const struct overlay *overlay = context;
  uint32_t x = overlay_from(overlay, a), y = overlay_from(overlay, b);
  return x != y ? (x > y) - (x < y) : (a > b) - (a < b);
}

/* Upward relations stand by owner already; only added ones must be brought to their place. */
static bool list_upward(const struct overlay *overlay, uint32_t entity, struct memory *memory, struct stakes *stakes) {
  struct walk walk = walk_up(overlay, entity);
  stakes->inward.count = 0;
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    if (overlay_is_added(overlay, r) && overlay_kind(overlay, r) >= RELATION_SUPPLIES) continue;
    if (!vector_push(memory, &stakes->inward, r)) return false;
  }
  if (overlay->added.count > 0 && stakes->inward.count > 1) {
    stakes->spare.count = 0;
    if (!vector_reserve(memory, &stakes->spare, stakes->inward.count)) return false;
    sort_numbers(stakes->inward.items, stakes->spare.items, stakes->inward.count, by_owner, overlay);
  }
  return true;
}

bool stakes_list(const struct overlay *overlay, uint32_t entity, struct memory *memory, struct stakes *stakes) {
  stakes->items.count = 0;
  if (!list_upward(overlay, entity, memory, stakes)) return false;
  struct stake *stake = NULL;
  for (size_t i = 0; i < stakes->inward.count; i++) {
    uint32_t r = stakes->inward.items[i], owner = overlay_from(overlay, r);
    if (!stake || stake->owner != owner) {
      struct stake fresh = {.owner = owner,
                            .first_holding = {RELATION_NONE, RELATION_NONE},
                            .first_link = RELATION_NONE,
                            .first_operates = RELATION_NONE};
      if (!vector_push(memory, &stakes->items, fresh)) return false;
      stake = &stakes->items.items[stakes->items.count - 1];
    }
    enum relation_kind kind = overlay_kind(overlay, r);
    if (kind == RELATION_OWNS) {
      int votes = (overlay_kind_byte(overlay, r) & RELATION_VOTES) != 0;
      struct share share = overlay_share(overlay, r);
      stake->lo[votes] += share.lo;
      stake->hi[votes] += share.hi;
      if (stake->first_holding[votes] == RELATION_NONE) stake->first_holding[votes] = r;
    } else if (kind == RELATION_OPERATES) {
      if (stake->first_operates == RELATION_NONE) stake->first_operates = r;
    } else if (stake->first_link == RELATION_NONE) { /* controls, consolidates, has_branch */
      stake->first_link = r;
    }
  }
  return true;
}

uint32_t stake_link(const struct stake *stake, bool *certain) {
  bool possible = *certain = stake->first_link != RELATION_NONE;
  uint32_t certain_by = stake->first_link, possible_by = stake->first_link;
  for (int basis = 1; basis >= 0; basis--) { /* an equity holding comes before votes, both before other links */
    if (stake->first_holding[basis] == RELATION_NONE) continue;
    if (stake->lo[basis] >= MAJORITY) *certain = true, certain_by = stake->first_holding[basis];
    if (stake->hi[basis] >= MAJORITY) possible = true, possible_by = stake->first_holding[basis];
  }
  return *certain ? certain_by : possible ? possible_by : RELATION_NONE;
}
