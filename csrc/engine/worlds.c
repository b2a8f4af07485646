#include "worlds.h"

#include <stdlib.h>

#include "column.h"
#include "sort.h"

/* ---- what can matter ---- */

enum { NEAR_RESTRICTED = 1, NEAR_FLOW = 2, NEAR_PARTY = 4, NEAR_CHAIN = 8, NEAR_ASKED = 16 };

/* Everything an evaluation could look at in any world, and more: whatever the shares and countries. */
struct nearby {
  struct worlds *worlds;
  const struct exposure *exposure;
  uint8_t *near; /* by entity */
  struct entity_list queue;
  struct entity_list relations; /* doubtful ones, as they are met */
  struct column confidence;
  bool any; /* a flow of any kind */
  struct control *control;
  struct failure *failure;
};

static bool meet(struct nearby *n, uint32_t entity, uint8_t stage) {
  if (n->near[entity] & stage) return true;
  n->near[entity] |= stage;
  return vector_push(&n->worlds->memory, &n->queue, entity);
}

static uint32_t confidence_of(const struct nearby *n, uint32_t relation) {
  static const struct share certain = {SHARE_WHOLE, SHARE_WHOLE};
  if (overlay_is_added(n->worlds->overlay, relation)) return SHARE_WHOLE;
  return column_share(n->confidence, n->worlds->overlay, relation, certain).lo;
}

/* The first pair of overlap whose hull stands at a relation, or past it. */
static size_t first_overlap(const struct overlay *overlay, uint32_t relation) {
  size_t low = 0, high = overlay->overlaps.count / 2;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (overlay->overlaps.items[2 * middle] < relation) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

static bool note_one(struct nearby *n, uint32_t relation) {
  return confidence_of(n, relation) == SHARE_WHOLE || vector_push(&n->worlds->memory, &n->relations, relation);
}

/* A relation counts, and so do the other reports whose hull it has. */
static bool note(struct nearby *n, uint32_t relation) {
  const struct overlay *overlay = n->worlds->overlay;
  if (!note_one(n, relation)) return false;
  if (overlay_is_added(overlay, relation) || !(overlay_kind_byte(overlay, relation) & RELATION_REPORT)) return true;
  for (size_t i = first_overlap(overlay, relation);
       i + 1 < overlay->overlaps.count && overlay->overlaps.items[i] == relation; i += 2)
    if (!note_one(n, overlay->overlaps.items[i + 1])) return false;
  return true;
}

static bool is_hold(enum relation_kind kind) {
  return kind == RELATION_OWNS || kind == RELATION_CONTROLS || kind == RELATION_CONSOLIDATES;
}

static bool look_around(struct nearby *n, uint32_t entity, bool outward, uint8_t stage) {
  const struct overlay *overlay = n->worlds->overlay;
  struct walk walk = outward ? walk_out(overlay, entity) : walk_in(overlay, entity);
  for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) {
    enum relation_kind kind = overlay_kind(overlay, r);
    bool holds = is_hold(kind), follows = false;
    uint8_t into = stage;
    if (stage == NEAR_RESTRICTED)
      follows = kind == RELATION_HAS_BRANCH || (outward && (holds || kind == RELATION_OPERATES));
    if (stage == NEAR_FLOW) {
      follows = outward && kind == RELATION_SUPPLIES;
      if (n->any) follows = follows || kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES || (!outward && holds);
    }
    if (stage == NEAR_CHAIN) follows = !outward && (holds || kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES);
    if (stage == NEAR_ASKED) follows = outward && kind == RELATION_OPERATES, into = 0;
    if (!follows) continue;
    if (!note(n, r) || (into && !meet(n, outward ? overlay_to(overlay, r) : overlay_from(overlay, r), into)))
      return false;
    uint32_t party = stage == NEAR_FLOW && kind == RELATION_SUPPLIES ? overlay_party(overlay, r) : ENTITY_NONE;
    if (party != ENTITY_NONE) n->near[party] |= NEAR_PARTY;
  }
  return true;
}

/* Breadth first within one stage, from what `from` is near already; rounds: how far. */
static bool go_on(struct nearby *n, uint8_t from, uint8_t stage, uint32_t rounds) {
  size_t count = n->worlds->overlay->network->entity_count;
  n->queue.count = 0;
  for (uint32_t e = 0; e < count; e++)
    if ((n->near[e] & from) && !(n->near[e] & stage) && !meet(n, e, stage)) return false;
  if (from == stage)
    for (uint32_t e = 0; e < count; e++)
      if ((n->near[e] & stage) && !vector_push(&n->worlds->memory, &n->queue, e)) return false;
  for (size_t at = 0; at < n->queue.count && rounds > 0; rounds -= rounds != UINT32_MAX)
    for (size_t end = n->queue.count; at < end; at++) {
      if ((at & 1023) == 0 &&
          !control_checkpoint(n->control, (double)at, (double)count, "finding what is in doubt", n->failure))
        return false;
      if (!look_around(n, n->queue.items[at], true, stage) || !look_around(n, n->queue.items[at], false, stage))
        return false;
    }
  return true;
}

static bool look_all(struct nearby *n) {
  const struct exposure *exposure = n->exposure;
  uint32_t tiers = 0;
  for (size_t a = 0; a < exposure->acts.count; a++) {
    const struct act *act = &exposure->acts.items[a];
    uint32_t own = act->policy.flow == FLOW_USE ? act->policy.tiers : UINT32_MAX;
    if (own > tiers) tiers = own;
    n->any = n->any || act->policy.flow == FLOW_ANY;
    for (size_t i = 0; i < act->targets.count; i++) n->near[act->targets.items[i]] |= NEAR_RESTRICTED;
  }
  return go_on(n, NEAR_RESTRICTED, NEAR_RESTRICTED, UINT32_MAX) && go_on(n, NEAR_RESTRICTED, NEAR_FLOW, tiers) &&
         go_on(n, NEAR_RESTRICTED | NEAR_FLOW | NEAR_PARTY, NEAR_CHAIN, UINT32_MAX) &&
         go_on(n, NEAR_CHAIN, NEAR_ASKED, 1);
}

static bool find_doubtful(struct worlds *worlds, const struct exposure *exposure, struct control *control,
                          struct failure *failure) {
  struct memory *memory = &worlds->memory;
  const struct overlay *overlay = worlds->overlay;
  size_t entities = overlay->network->entity_count;
  struct nearby n = {.worlds = worlds,
                     .exposure = exposure,
                     .confidence = column_of(overlay, "confidence"),
                     .control = control,
                     .failure = failure};
  bool fine = control_checkpoint(control, 0, (double)entities, "finding what is in doubt", failure);
  if (n.confidence.network == KEY_NONE) return fine;
  n.near = memory_zeroed(memory, entities + 1, 1);
  fine = fine && n.near && look_all(&n);
  size_t count = fine ? sort_unique(n.relations.items, n.relations.count) : 0;
  for (size_t i = 0; i < count && fine; i++) {
    struct doubtful one = {n.relations.items[i], confidence_of(&n, n.relations.items[i])};
    fine =
        lookup_put(&worlds->places, memory, one.relation, (uint32_t)i) && vector_push(memory, &worlds->doubtful, one);
  }
  memory_free(memory, n.near, entities + 1);
  vector_free(memory, &n.queue);
  vector_free(memory, &n.relations);
  return fine || fail_memory(failure, memory);
}

/* ---- which worlds there are ---- */

static uint64_t mixed(uint64_t number) { /* splitmix64 */
  number += UINT64_C(0x9e3779b97f4a7c15);
  number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
  return number ^ (number >> 31);
}

static uint64_t key_of(const struct overlay *overlay, uint32_t relation) { /* FNV-1a of its id */
  char spare[DEFAULT_ID];
  size_t length;
  const char *id = overlay_relation_id(overlay, relation, spare, &length);
  uint64_t key = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < length; i++) key = (key ^ (unsigned char)id[i]) * UINT64_C(0x100000001b3);
  return key;
}

static bool is_there(const struct worlds *worlds, size_t world, size_t place) {
  return worlds->there.items[world / 64 * worlds->doubtful.count + place] >> (world % 64) & 1;
}

static bool draw(struct worlds *worlds, uint64_t seed, struct control *control, struct failure *failure) {
  size_t blocks = (worlds->count + 63) / 64, doubtful = worlds->doubtful.count;
  for (size_t place = 0; place < doubtful; place++) {
    const struct doubtful *one = &worlds->doubtful.items[place];
    uint64_t key = mixed(key_of(worlds->overlay, one->relation) ^ mixed(seed));
    if (!control_checkpoint(control, (double)place, (double)doubtful, "drawing worlds", failure)) return false;
    for (size_t block = 0; block < blocks; block++) {
      uint64_t word = 0;
      for (int bit = 0; bit < 64; bit++) { /* a number below 2^32, against the confidence in the same units */
        uint64_t drawn = mixed(key + block * 64 + (uint64_t)bit) >> 32;
        word |= (uint64_t)(drawn * SHARE_WHOLE < (uint64_t)one->confidence << 32) << bit;
      }
      worlds->there.items[block * doubtful + place] = word;
    }
  }
  return true;
}

static void list_every(struct worlds *worlds) {
  for (size_t world = 0; world < worlds->count; world++) {
    double weight = 1;
    for (size_t place = 0; place < worlds->doubtful.count; place++) {
      double confidence = (double)worlds->doubtful.items[place].confidence / SHARE_WHOLE;
      uint64_t there = world >> place & 1;
      worlds->there.items[world / 64 * worlds->doubtful.count + place] |= there << (world % 64);
      weight *= there ? confidence : 1 - confidence;
    }
    worlds->weights.items[world] = weight;
  }
}

bool worlds_open(struct worlds *worlds, const struct exposure *exposure, size_t samples, uint64_t seed,
                 struct control *control, struct failure *failure) {
  struct memory *memory = &worlds->memory;
  worlds->overlay = exposure->overlay;
  if (!find_doubtful(worlds, exposure, control, failure)) return false;
  size_t doubtful = worlds->doubtful.count;
  worlds->exact = doubtful < 24 && (size_t)1 << doubtful <= samples;
  worlds->count = worlds->exact ? (size_t)1 << doubtful : samples;
  size_t words = (worlds->count + 63) / 64 * doubtful;
  if (!vector_reserve(memory, &worlds->there, words + 1) || !vector_reserve(memory, &worlds->weights, worlds->count) ||
      !vector_reserve(memory, &worlds->digests, worlds->count))
    return fail_memory(failure, memory);
  memset(worlds->there.items, 0, (words + 1) * sizeof *worlds->there.items);
  if (worlds->exact) list_every(worlds);
  else if (!draw(worlds, seed, control, failure)) return false;
  for (size_t world = 0; world < worlds->count; world++) {
    uint64_t digest = 0;
    for (size_t place = 0; place < doubtful; place++)
      if (is_there(worlds, world, place)) digest ^= mixed(place + 1);
    worlds->digests.items[world] = digest;
  }
  const struct overlay *overlay = exposure->overlay;
  size_t mask = overlay->network->relation_count / 64 + 1;
  worlds->world = *overlay;
  worlds->world.mask = NULL;
  memset(&worlds->world.hulls, 0, sizeof worlds->world.hulls);
  worlds->world.mask = memory_zeroed(memory, mask, sizeof *worlds->world.mask);
  if (!worlds->world.mask) return fail_memory(failure, memory);
  if (overlay->mask) memcpy(worlds->world.mask, overlay->mask, mask * sizeof *overlay->mask);
  else memset(worlds->world.mask, 0xff, mask * sizeof *overlay->mask);
  return true;
}

void worlds_close(struct worlds *worlds) {
  struct memory *memory = &worlds->memory;
  if (!worlds->overlay) return;
  memory_free(memory, worlds->world.mask,
              (worlds->overlay->network->relation_count / 64 + 1) * sizeof *worlds->world.mask);
  vector_free(memory, &worlds->world.hulls);
  vector_free(memory, &worlds->doubtful);
  vector_free(memory, &worlds->there);
  vector_free(memory, &worlds->weights);
  vector_free(memory, &worlds->digests);
  lookup_close(&worlds->places, memory);
  worlds->overlay = NULL;
}

/* ---- one world ---- */

static void set_bit(uint64_t *mask, uint32_t relation, bool on) {
  uint64_t bit = UINT64_C(1) << (relation & 63);
  mask[relation >> 6] = on ? mask[relation >> 6] | bit : mask[relation >> 6] & ~bit;
}

static bool world_has(const struct worlds *worlds, size_t number, uint32_t relation) {
  uint32_t place = lookup_find(&worlds->places, relation);
  return place == PLACE_NONE || is_there(worlds, number, place);
}

static void join_hull(struct worlds *worlds, size_t number, uint32_t report, struct hull *hull) {
  bool there = world_has(worlds, number, report), first = hull->relation == RELATION_NONE;
  set_bit(worlds->world.mask, report, there && first);
  if (!there) return;
  struct share share = network_share(worlds->overlay->network, report);
  if (first) *hull = (struct hull){report, share};
  if (share.lo < hull->share.lo) hull->share.lo = share.lo;
  if (share.hi > hull->share.hi) hull->share.hi = share.hi;
}

/* Holdings that several reports describe: the hull of those that are there, at the first of them. */
static bool make_hulls(struct worlds *worlds, size_t number) {
  const struct overlay *overlay = worlds->overlay;
  worlds->world.hulls.count = 0;
  for (size_t h = 0; h < overlay->hulls.count; h++) {
    uint32_t first = overlay->hulls.items[h].relation;
    struct hull hull = {RELATION_NONE, {0, 0}};
    if (!overlay_in_force(overlay, first)) continue; /* a holding that the scenario adds took its place */
    join_hull(worlds, number, first, &hull);
    for (size_t i = first_overlap(overlay, first);
         i + 1 < overlay->overlaps.count && overlay->overlaps.items[i] == first; i += 2)
      join_hull(worlds, number, overlay->overlaps.items[i + 1], &hull);
    if (hull.relation != RELATION_NONE && !vector_push(&worlds->memory, &worlds->world.hulls, hull)) return false;
  }
  return true;
}

bool worlds_make(struct worlds *worlds, size_t number, struct failure *failure) {
  for (size_t place = 0; place < worlds->doubtful.count; place++) {
    uint32_t relation = worlds->doubtful.items[place].relation;
    if (overlay_in_force(worlds->overlay, relation))
      set_bit(worlds->world.mask, relation, is_there(worlds, number, place));
  }
  return make_hulls(worlds, number) || fail_memory(failure, &worlds->memory);
}
