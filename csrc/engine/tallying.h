/* tallying: one run of a tally under way, for the files that share its work. */
#ifndef KNOCKON_TALLYING_H
#define KNOCKON_TALLYING_H

#include "tally.h"

struct tallying {
  const struct stage *stage;
  const struct overlay *overlay;
  const struct network *network;
  const struct tally_ground *ground;
  const struct chains *chains;
  const struct holders *holders; /* the cascade goes along them; NULL: along the rows */
  struct tally_space *space;
  struct tally_log *log;
  enum reading reading;
  bool listed, ways;
  bool doubt; /* the other reading may find otherwise */
  struct subject last;
};

/* Bits of these entities: one by one, or all at once where they are many. */
void tally_clear_bits(const struct tally_space *space, uint64_t *bits, const uint32_t *entities, size_t count);
void tally_clear_sums(struct tally_space *space);

/* ---- cascades along holders ---- */
bool tally_open_nodes(struct tallying *t);
void tally_clear_nodes(struct tally_space *space);
void tally_close_nodes(struct tally_space *space);
bool tally_capture_node(struct tallying *t, uint32_t node);
bool tally_add_to_node(struct tallying *t, uint32_t node, int basis, uint32_t stake);
/* From those captured to all that they take. */
bool tally_spread_nodes(struct tallying *t);
/* What the policy asks of whoever is taken through ownership or control. */
bool tally_can_be_caught(struct tallying *t, uint32_t entity);
/* Control, consolidations, branches and what is operated: what is more than stakes. */
bool tally_spread_more(struct tallying *t, uint32_t entity);

/* ---- flows along arrows ---- */
/* From the restricted in the log to all that they reach. brief: none of these enters the log. */
bool tally_flow_along(struct tallying *t, bool noted, bool brief);
/* Of the reached, those that are ultimate parents. */
size_t tally_tops_along(const struct tallying *t, enum reading reading);
void tally_close_reach(struct tally_space *space);

/* The steps in order; each works in the reading and on the log that `t` says. */
bool tally_restrict(struct tallying *t);
/* From the restricted of this reading, which stand in the log, to all that they reach. noted: who carries it on. brief:
 * only how many are asked for, and tally_tops_along. */
bool tally_flow(struct tallying *t, bool noted, bool brief);
static inline bool tally_has_arrows(const struct tallying *t) {
  const struct arrows *arrows = t->ground->arrows;
  return t->stage->act->policy.flow == FLOW_ANY && arrows && arrows->node_of;
}
/* Can a contract bind whoever it supplies, through a party that signs it? */
bool tally_asks_parties(const struct tallying *t);
/* The users of this reading that are bound, into the queue; into the list too, unless they are there as certain. */
bool tally_bind(struct tallying *t);
/* From the users in the queue up to every firm above, and list the parents among them. open: a link was met that is
 * only possible. */
bool tally_climb(struct tallying *t, bool *open);

static inline bool out_of_memory(const struct tallying *t) { return fail_memory(t->stage->failure, t->stage->memory); }

static inline bool stopped(const struct tallying *t, size_t done, const char *what) {
  return (done & 4095) == 4095 && !control_checkpoint(t->stage->control, (double)done, (double)t->network->entity_count,
                                                      what, t->stage->failure);
}

/* Room for so many more entries, so that `enter` need not ask. */
static inline bool make_room(struct tallying *t, size_t entries) {
  struct memory *memory = t->space->memory;
  return vector_reserve(memory, &t->log->entity, entries) &&
         (!t->ways ||
          (vector_reserve(memory, &t->log->relation, entries) && vector_reserve(memory, &t->log->before, entries)));
}

static inline void enter(struct tallying *t, uint32_t entity, uint32_t relation, uint32_t before) {
  struct tally_log *log = t->log;
  if (t->ways) {
    log->relation.items[log->relation.count++] = relation;
    log->before.items[log->before.count++] = before;
  }
  log->entity.items[log->entity.count++] = entity;
}

static inline bool add_to(struct tallying *t, struct tally_list *list, uint32_t entity, size_t at) {
  struct tally_entry entry = {entity, (uint32_t)at};
  list->count++;
  return !t->listed || vector_push(t->space->memory, &list->items, entry) || out_of_memory(t);
}

#endif
