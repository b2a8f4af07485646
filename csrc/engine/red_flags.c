#include "red_flags.h"

#include <stdlib.h>

const char *const red_flag_name[FLAGS] = {"unknown_share", "minority", "largest_holder", "board"};

static bool add(struct memory *memory, struct red_flags *flags, enum red_flag_code code, uint32_t entity,
                uint32_t holder, uint32_t relation) {
  struct red_flag flag = {code, entity, holder, relation};
  return vector_push(memory, flags, flag);
}

/* Holders of an entity that is not surely restricted. */
static bool look_at_holders(const struct exposure *exposure, const struct cascade *high, uint32_t entity,
                            struct memory *memory, struct red_flags *flags) {
  const struct overlay *overlay = exposure->overlay;
  bool possible = cascade_caught(high, entity), several = false;
  uint32_t largest = 0, others = 0, largest_relation = RELATION_NONE;
  struct walk walk = walk_in(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    uint32_t holder = overlay_from(overlay, r);
    if (overlay_kind(overlay, r) != RELATION_OWNS || holder == entity) continue;
    struct share share = overlay_share(overlay, r);
    if (!cascade_caught(high, holder)) {
      several = true;
      if (share.hi > others) others = share.hi;
      continue;
    }
    if (share.hi == 0) continue;
    if (share.lo > largest) largest = share.lo, largest_relation = r;
    bool unknown = share.lo < share.hi;
    if (!unknown && possible) continue; /* the verdict says it already */
    if (!add(memory, flags, unknown ? FLAG_UNKNOWN_SHARE : FLAG_MINORITY, entity, holder, r)) return false;
  }
  if (!several || largest_relation == RELATION_NONE || largest <= others) return true;
  return add(memory, flags, FLAG_LARGEST_HOLDER, entity, overlay_from(overlay, largest_relation), largest_relation);
}

/* Ties of a restricted entity that no test of the rule counts. */
static bool look_at_ties(const struct exposure *exposure, const struct act *act,
                         const struct cascade cascades[READINGS], uint32_t holder, struct memory *memory,
                         struct red_flags *flags) {
  const struct overlay *overlay = exposure->overlay;
  for (int inward = 0; inward <= 1; inward++) {
    struct walk walk = inward ? walk_in(overlay, holder) : walk_out(overlay, holder);
    for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
      enum relation_kind kind = overlay_kind(overlay, r);
      uint32_t other = inward ? overlay_from(overlay, r) : overlay_to(overlay, r);
      bool tie = kind == RELATION_LINKED ||
                 (kind == RELATION_CONTROLS && !inward && !policy_controls(&act->policy, overlay, r, READING_HIGH));
      if (tie && other != holder && !cascade_caught(&cascades[READING_LOW], other) &&
          !add(memory, flags, FLAG_BOARD, other, holder, r))
        return false;
    }
  }
  return true;
}

static int by_entity(const void *a, const void *b) {
  const struct red_flag *x = a, *y = b;
  if (x->entity != y->entity) return x->entity < y->entity ? -1 : 1;
  if (x->code != y->code) return x->code < y->code ? -1 : 1;
  return (x->relation > y->relation) - (x->relation < y->relation);
}

bool red_flags_list(const struct exposure *exposure, uint32_t act, struct memory *memory, struct red_flags *flags) {
  const struct cascade *cascades = exposure->cascades[act], *high = &cascades[READING_HIGH];
  for (size_t i = 0; i < high->rows.count; i++) {
    uint32_t entity = high->rows.items[i].entity;
    bool sure = cascade_caught(&cascades[READING_LOW], entity);
    if (!sure && !look_at_holders(exposure, high, entity, memory, flags)) return false;
    if (high->rows.items[i].because != BECAUSE_NONE &&
        !look_at_ties(exposure, &exposure->acts.items[act], cascades, entity, memory, flags))
      return false;
  }
  if (flags->count > 1) qsort(flags->items, flags->count, sizeof *flags->items, by_entity);
  return true;
}
