/* climb: the chain above users, and who ends up at its top.
 *
 * Nodes are the users (and parties) and everything that possible majority links lead up to; an edge is a link from a
 * node to the one above, certain or only possible. On it: the nearest home firm above (for the `owned` scope), rings,
 * and the ultimate parents of every node, in both readings. Cost: the inward relations of the nodes.
 */
#ifndef KNOCKON_CLIMB_H
#define KNOCKON_CLIMB_H

#include "flow.h"

struct chain_link {
  uint32_t upper;    /* node */
  uint32_t relation; /* in relation order the first that makes the link */
  bool certain;
  bool first_step; /* operates: only for the user itself */
};

struct chain_node {
  uint32_t entity;
  uint32_t first_link, links;
  bool firm;
  uint8_t home;              /* enum home, of firms */
  uint32_t liable[READINGS]; /* set of the nearest home firms above (entities); 0 = none */
  uint32_t ring;             /* component of certain links */
  uint32_t tops[READINGS];   /* set of rings */
};

/* A person or state above a firm; a holder whose holding is no link. */
struct chain_owner {
  uint32_t node, entity;
};
struct chain_holder {
  uint32_t node, entity, relation;
  struct share share;
};

struct ring {
  uint32_t entity;                /* the byte-smallest member */
  uint32_t first_member, members; /* in ring_members: nodes */
  bool entered[READINGS];         /* by a link from a firm outside: certain, possible */
  uint32_t owners;                /* set of persons and states above */
};

struct climb {
  struct places places; /* entity -> node */
  struct vector_of(struct chain_node) nodes;
  struct vector_of(struct chain_link) links;
  struct vector_of(struct chain_owner) owners;
  struct vector_of(struct chain_holder) holders;
  struct vector_of(struct ring) rings;
  struct entity_list ring_members;
  struct entity_list oversubscribed; /* entities whose certain holdings sum above 100 % */
};

bool climb_open(struct climb *climb, const struct stage *stage);
bool climb_add(struct climb *climb, const struct stage *stage, uint32_t entity, uint32_t *node);
/* Follow the links up from all that was added, then work out homes, rings and tops. */
bool climb_run(struct climb *climb, const struct stage *stage);
/* The links by their upper node: those into node v are lower[start[v]] … lower[start[v + 1] - 1]; below[link] is the
 * node a link comes from. start has a number more than there are nodes, the others one more than there are links; the
 * caller frees them, also after false (no memory). */
bool climb_lower(const struct climb *climb, struct memory *memory, uint32_t **start, uint32_t **lower,
                 uint32_t **below);
void climb_close(struct climb *climb, struct memory *memory);

/* Firms that hold each other by certain majority links, in the whole network: runs in order of entity, each ended by
 * ENTITY_NONE. */
bool climb_rings(const struct overlay *overlay, struct memory *memory, struct entity_list *rings,
                 struct failure *failure);

static inline bool climb_is_thing(const struct network *network, uint32_t entity) {
  uint8_t kind = network->entity_kind.items[entity];
  return kind == KIND_SERVICE || kind == KIND_SITE;
}
static inline bool climb_is_person(const struct network *network, uint32_t entity) {
  uint8_t kind = network->entity_kind.items[entity];
  return kind == KIND_PERSON || kind == KIND_STATE;
}

#endif
