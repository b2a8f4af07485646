/* overlay: a network as it stands on a day, with relations dropped and added. It never copies the network.
 *
 * A bit for each relation says whether it is in force (absent when nothing is dated, reported twice or dropped); the
 * rare holdings that several reports of one day describe have their hull in `hulls`; added relations are numbered
 * from relation_count on. Cost: one bit a relation, and the work of the dated relations alone.
 *
 * The overlay borrows the network, which must outlive it.
 */
#ifndef KNOCKON_OVERLAY_H
#define KNOCKON_OVERLAY_H

#include "record.h"
#include "network.h"

struct added_relation {
  uint32_t from, to, party; /* entities */
  struct share share;
  struct validity validity;
  uint32_t class, id; /* texts of the overlay; 0 = none */
  uint32_t fields;    /* run in the overlay's fields */
  uint8_t kind;
  bool in_force;
};

struct hull {
  uint32_t relation; /* the first of the reports; the others are off */
  struct share share;
};

struct overlay {
  struct memory memory;
  const struct network *network;
  int32_t day;
  uint64_t *mask;                      /* in force, by relation; NULL = all */
  uint64_t *entity_off;                /* not in force, by entity; NULL = none */
  struct vector_of(struct hull) hulls; /* by relation */
  struct vector_of(uint32_t) overlaps; /* runs: first relation, count - for the warning */
  struct texts texts;                  /* of what was added */
  struct fields fields;
  struct vector_of(struct added_relation) added;
  uint32_t *added_from, *added_to; /* added relations by from, by to (indexes into added) */
};

struct edits {
  const uint32_t *dropped; /* relation numbers, any order: ended, but what they superseded stays so */
  size_t dropped_count;
  const uint32_t *replaced; /* relation numbers, ascending: as if they had never been reported */
  size_t replaced_count;
};

bool overlay_open(struct overlay *overlay, const struct network *network, int32_t day, struct failure *failure);
/* Add a relation that the network does not have, or (replaces) one that takes the place of a relation of this id, which
 * must be among the replaced; call before overlay_settle. */
bool overlay_add(struct overlay *overlay, const struct input *inputs, size_t count, bool replaces,
                 struct failure *failure);
/* Work out what is in force. Afterwards the overlay never changes. plain: of the same network and day, without edits,
 * where these are of supplies alone: then what is in force but for them is taken from it. Else NULL. */
bool overlay_settle(struct overlay *overlay, const struct edits *edits, const struct overlay *plain,
                    struct failure *failure);
void overlay_close(struct overlay *overlay);

static inline bool overlay_is_added(const struct overlay *overlay, uint32_t relation) {
  return relation >= overlay->network->relation_count;
}
static inline const struct added_relation *overlay_added(const struct overlay *overlay, uint32_t relation) {
  return &overlay->added.items[relation - overlay->network->relation_count];
}
static inline bool overlay_in_force(const struct overlay *overlay, uint32_t relation) {
  if (overlay_is_added(overlay, relation)) return overlay_added(overlay, relation)->in_force;
  return !overlay->mask || (overlay->mask[relation >> 6] >> (relation & 63) & 1);
}
static inline bool overlay_entity_in_force(const struct overlay *overlay, uint32_t entity) {
  return !overlay->entity_off || !(overlay->entity_off[entity >> 6] >> (entity & 63) & 1);
}
static inline uint32_t overlay_from(const struct overlay *o, uint32_t r) {
  return overlay_is_added(o, r) ? overlay_added(o, r)->from : network_from(o->network, r);
}
static inline uint32_t overlay_to(const struct overlay *o, uint32_t r) {
  return overlay_is_added(o, r) ? overlay_added(o, r)->to : o->network->to[r];
}
static inline uint8_t overlay_kind_byte(const struct overlay *o, uint32_t r) {
  return overlay_is_added(o, r) ? overlay_added(o, r)->kind : o->network->kind[r];
}
static inline enum relation_kind overlay_kind(const struct overlay *o, uint32_t r) {
  return (enum relation_kind)(overlay_kind_byte(o, r) & RELATION_KIND);
}
/* May there be relations of this kind? False is certain. */
static inline bool overlay_may_have(const struct overlay *overlay, enum relation_kind kind) {
  return overlay->network->of_kind[kind] > 0 || overlay->added.count > 0;
}
struct share overlay_share(const struct overlay *overlay,
                           uint32_t relation);                            /* of an `owns`, its hull if there is one */
uint32_t overlay_party(const struct overlay *overlay, uint32_t relation); /* entity or ENTITY_NONE */
struct validity overlay_validity(const struct overlay *overlay, uint32_t relation);
const char *overlay_relation_id(const struct overlay *overlay, uint32_t relation, char spare[DEFAULT_ID],
                                size_t *length);

/* A further field of a relation by name: its first item and the texts it is written in, or NULL. */
const struct field *overlay_field(const struct overlay *overlay, uint32_t relation, const char *name,
                                  const struct texts **texts);

/* Walk the relations in force from or to an entity:
 *   struct walk walk = walk_out(overlay, entity);
 *   for (uint32_t r; (r = walk_next(&walk)) != RELATION_NONE;) …
 * First those of the network, ascending, then the added ones. */
struct walk {
  const struct overlay *overlay;
  const uint32_t *list; /* inward rows; NULL when the row is a range */
  uint32_t at, end;
  uint32_t entity;
  uint32_t extra, extra_end; /* positions in added_from or added_to */
  bool outward;
};
void walk_extra(struct walk *walk);

static inline struct walk walk_out(const struct overlay *overlay, uint32_t entity) {
  const struct network *network = overlay->network;
  struct walk walk = {overlay, NULL, network->out_start[entity], network->out_start[entity + 1], entity, 0, 0, true};
  if (overlay->added.count) walk_extra(&walk);
  return walk;
}
static inline struct walk walk_in(const struct overlay *overlay, uint32_t entity) {
  const struct network *network = overlay->network;
  struct walk walk = {
      overlay, network->in_relation, network->in_start[entity], network->in_start[entity + 1], entity, 0, 0, false};
  if (overlay->added.count) walk_extra(&walk);
  return walk;
}
/* Of the relations to an entity those that say who is above it, owns … operates; among added ones others may turn up.
 */
static inline struct walk walk_up(const struct overlay *overlay, uint32_t entity) {
  const struct network *network = overlay->network;
  struct walk walk = {
      overlay, network->up_relation, network->up_start[entity], network->up_start[entity + 1], entity, 0, 0, false};
  if (overlay->added.count) walk_extra(&walk);
  return walk;
}
static inline uint32_t walk_next(struct walk *walk) {
  while (walk->at < walk->end) {
    uint32_t relation = walk->list ? walk->list[walk->at] : walk->at;
    walk->at++;
    if (!walk->overlay->mask || (walk->overlay->mask[relation >> 6] >> (relation & 63) & 1)) return relation;
  }
  while (walk->extra < walk->extra_end) {
    const uint32_t *sorted = walk->outward ? walk->overlay->added_from : walk->overlay->added_to;
    uint32_t added = sorted[walk->extra++];
    if (walk->overlay->added.items[added].in_force) return (uint32_t)walk->overlay->network->relation_count + added;
  }
  return RELATION_NONE;
}

/* Is some `owns` of this pair in force, whatever its basis and class? */
bool overlay_owns(const struct overlay *overlay, uint32_t owner, uint32_t owned);

#endif
