/* network: the facts. Entities and relations as columns of integers, filled once, then sealed.
 *
 * Before sealing, records are appended with network_add_*, which check everything one record can tell. Sealing sorts
 * entities by id and relations by (from, kind, to, basis, class, since, until, share, id), resolves ends, folds
 * same_as, and builds both adjacencies by counting sort. From then on the order of loading is forgotten: an entity's
 * number is its rank among the ids, and comparing numbers compares ids. A sealed network never changes.
 *
 * The network owns everything reachable from it; network_close frees it at any stage, also half filled. One that was
 * opened from a file (snapshot.h) reads its arrays there: they are checked so far that every number used as an index is
 * in bounds, except where an accessor here, in text.h or in fields.h says that it looks.
 */
#ifndef KNOCKON_NETWORK_H
#define KNOCKON_NETWORK_H

#include "date.h"
#include "fields.h"
#include "share.h"

#define ENTITY_NONE   UINT32_MAX
#define RELATION_NONE UINT32_MAX

enum entity_kind { KIND_FIRM, KIND_BRANCH, KIND_SERVICE, KIND_SITE, KIND_PERSON, KIND_STATE };

enum relation_kind {
  RELATION_OWNS,
  RELATION_CONTROLS,
  RELATION_CONSOLIDATES,
  RELATION_HAS_BRANCH,
  RELATION_OPERATES,
  RELATION_SUPPLIES,
  RELATION_LINKED,
  RELATION_SAME_AS,
  RELATION_KINDS
};
extern const char *const relation_kind_name[RELATION_KINDS];

/* The relation's kind byte: the kind and what the inner loops ask about. */
#define RELATION_KIND   0x07
#define RELATION_VOTES  0x08 /* owns: basis = votes */
#define RELATION_PARTY  0x10 /* supplies: a party signs */
#define RELATION_REPORT 0x20 /* owns: one of several reports of a holding */
#define RELATION_CODES  0x40 /* kind bytes are below this */

struct validity {
  int32_t since, until; /* in force when since <= day < until; DATE_MISSING is open */
};

struct source_file {
  uint32_t name;         /* text */
  uint32_t first_record; /* records of this file are first_record + 1, … (entities and relations apart) */
};

/* Where a record came from, for messages. record 0: unknown. */
struct place {
  const char *file;
  size_t record, line;
};

struct draft; /* relations before sealing */

/* The file that a network was opened from, as it stands in memory; base NULL: there is none. */
struct opened_file {
  void *base;
  size_t length;
  bool shared; /* pages of the file itself, which all who open it have in common; otherwise a copy of our own */
};

struct network {
  struct memory memory;
  struct texts texts;
  struct fields fields;
  bool sealed;

  struct vector_of(struct validity) validities; /* distinct; number 0 is open on both ends */
  struct vector_of(struct source_file) files;

  /* Entities, in id order once sealed. */
  size_t entity_count;
  struct vector_of(uint32_t) entity_id; /* text */
  struct vector_of(uint8_t) entity_kind;
  struct vector_of(uint32_t) entity_fields;   /* run in `fields`, or FIELDS_NONE */
  struct vector_of(uint32_t) entity_validity; /* sealed: empty when no entity is dated */
  struct vector_of(uint32_t) entity_of_text;  /* text -> entity, ENTITY_NONE */
  uint32_t *same;                             /* sealed: representative of each entity, NULL when there is no same_as */
  uint32_t *same_next;                        /* the next record of the same entity, in id order; ENTITY_NONE ends */

  /* Relations, sealed. out_start[e] .. out_start[e + 1] are those from e; in_relation lists those to e, up_relation of
   * these the ones that say who is above it (owns … operates) with where they are from. */
  size_t relation_count;
  size_t of_kind[RELATION_KINDS]; /* how many of each: a question about a kind nobody has costs nothing */
  uint32_t *to;
  uint8_t *kind;
  uint32_t *out_start, *in_start, *in_relation, *up_start, *up_relation, *up_from;
  size_t up_count;
  uint64_t *row_bits;   /* bit r: relation r is the first from its entity */
  uint32_t *row_rank;   /* rows that begin before each word of row_bits */
  uint32_t *row_entity; /* row -> the entity that its relations are from */
  size_t row_count;
  uint64_t *holding_bits; /* bit r: relation r is an `owns` */
  uint32_t *holding_rank; /* `owns` before each word of holding_bits */
  struct share *holdings; /* shares, in relation order */
  size_t holding_count;
  uint32_t *validity;               /* NULL when no relation is dated */
  uint32_t *relation_id;            /* text, 0 = file#record; NULL when all are */
  uint32_t *relation_record;        /* counts over all files */
  uint32_t *relation_fields;        /* NULL when none has fields */
  struct vector_of(uint32_t) timed; /* relations whose being in force depends on the day or on other reports */
  struct vector_of(
      uint32_t) aliased; /* triples relation (ascending), from, to: the ends as given, where same_as moved them */

  uint32_t *relation_of_record, *relation_of_text; /* relation_ids: relation + 1, 0 where there is none */
  size_t indexed_texts;

  struct draft *draft;
  uint32_t records; /* relation records so far */

  struct opened_file file;
};

bool network_open(struct network *network, struct failure *failure);
void network_close(struct network *network);

/* A file that the next relation records come from; their ids default to name#record. */
bool network_begin_file(struct network *network, const char *name, size_t length, struct failure *failure);

/* Add one record; a failure names record and place, and the network must then be closed (or the record skipped:
 * nothing of it stays). */
bool network_add_entity(struct network *network, const struct input *inputs, size_t count, const struct place *place,
                        struct failure *failure);
bool network_add_relation(struct network *network, const struct input *inputs, size_t count, const struct place *place,
                          struct failure *failure);

/* The text of a value that the same field of an earlier record of this part had, or 0: for input.text. */
uint32_t network_recall(const struct network *network, const struct input *input, bool relation);

/* skip: drop relations with dangling ends and repeated ids instead of failing, and report each through it. */
struct skipped {
  void (*report)(void *context, const char *message);
  void *context;
};
bool network_seal(struct network *network, const struct skipped *skipped, struct control *control,
                  struct failure *failure);

uint32_t network_find(const struct network *network, const char *id, size_t length); /* or ENTITY_NONE */

static inline uint32_t network_same(const struct network *network, uint32_t entity) {
  return network->same ? network->same[entity] : entity;
}
/* The entity a relation is from. Where a row is walked it is known: this is for a relation met by itself. */
static inline uint32_t network_from(const struct network *network, uint32_t relation) {
  uint64_t until = network->row_bits[relation >> 6] & (~UINT64_C(0) >> (63 - (relation & 63)));
  return network->row_entity[network->row_rank[relation >> 6] + (uint32_t)__builtin_popcountll(until) - 1];
}
static inline enum relation_kind network_kind(const struct network *network, uint32_t relation) {
  return (enum relation_kind)(network->kind[relation] & RELATION_KIND);
}
/* Where the share of an `owns` stands in `holdings`. */
static inline uint32_t network_holding(const struct network *network, uint32_t relation) {
  uint64_t below = network->holding_bits[relation >> 6] & ((UINT64_C(1) << (relation & 63)) - 1);
  return network->holding_rank[relation >> 6] + (uint32_t)__builtin_popcountll(below);
}
static inline struct share network_share(const struct network *network, uint32_t relation) {
  return network->holdings[network_holding(network, relation)];
}
/* A period by its number; one that is none (a damaged file) is open on both ends. */
static inline struct validity network_period(const struct network *network, uint32_t number) {
  return network->validities.items[number < network->validities.count ? number : 0];
}
static inline struct validity network_validity(const struct network *network, uint32_t relation) {
  return network_period(network, network->validity ? network->validity[relation] : 0);
}
static inline struct validity network_entity_validity(const struct network *network, uint32_t entity) {
  return network_period(network, network->entity_validity.count ? network->entity_validity.items[entity] : 0);
}
static inline bool validity_holds(struct validity v, int32_t day) {
  return (v.since == DATE_MISSING || v.since <= day) && (v.until == DATE_MISSING || day < v.until);
}
/* The run of a relation's fields; one that is none (a damaged file) is FIELDS_NONE. */
static inline uint32_t network_relation_fields(const struct network *network, uint32_t relation) {
  uint32_t run = network->relation_fields ? network->relation_fields[relation] : FIELDS_NONE;
  return run < network->fields.items.count ? run : FIELDS_NONE;
}

/* The relation's id: as given, or file#record, which is written into `spare`. */
enum { DEFAULT_ID = 512 }; /* bytes: room for the longest file name */
size_t network_default_id(const struct network *network, uint32_t record, char id[DEFAULT_ID]); /* its length */
/* The file that a record came from (text, 0 = none); record then counts within it. */
uint32_t network_file_of(const struct network *network, uint32_t *record);
const char *network_relation_id(const struct network *network, uint32_t relation, char spare[DEFAULT_ID],
                                size_t *length);
/* The class of an `owns` (text, 0 = none) and the party of a supplies (entity or ENTITY_NONE). */
uint32_t network_class(const struct network *network, uint32_t relation);
uint32_t network_party(const struct network *network, uint32_t relation);

/* The first item of a field of an entity, looking through the records that same_as made one. */
const struct field *network_entity_field(const struct network *network, uint32_t entity, uint16_t key);

#endif
