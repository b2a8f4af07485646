/* draft: records on their way into a network, before sealing gives them their order. */
#ifndef KNOCKON_DRAFT_H
#define KNOCKON_DRAFT_H

#include "network.h"

enum { RECALLED = 1024 }; /* a power of two */

/* A short value that passed the checks of a field, so that they need not be made again, nor the text be looked up. */
struct recalled {
  uint64_t bytes; /* the value, at most eight */
  uint32_t text;  /* 0 = free */
  uint16_t field; /* key + 1, and whether of a relation */
  uint8_t length, type;
};

struct draft_numbers vector_of(uint32_t);

/* Relations in the order of loading, as columns. Those below `fields` reach only as far as the last relation that has
 * something to say there: see draft_*. */
struct draft {
  struct draft_numbers from, to;  /* texts until resolved by sealing, then entities; RELATION_NONE = dropped */
  struct vector_of(uint8_t) kind; /* the kind byte */
  struct vector_of(uint32_t) fields;
  struct vector_of(struct share) share;
  struct draft_numbers validity, class, id; /* class and id are texts, 0 = none */
  struct vector_of(uint32_t) record;        /* empty: relation i came from record i + 1 */
  size_t room;                              /* all of the first four have that much */
  uint32_t *validity_table;                 /* open addressing over network->validities, number + 1 */
  size_t validity_table_size;
  struct recalled recalled[RECALLED];
};

static inline struct share draft_share(const struct draft *draft, size_t i) {
  return i < draft->share.count ? draft->share.items[i] : share_unknown;
}
static inline uint32_t draft_validity(const struct draft *draft, size_t i) {
  return i < draft->validity.count ? draft->validity.items[i] : 0;
}
static inline uint32_t draft_class(const struct draft *draft, size_t i) {
  return i < draft->class.count ? draft->class.items[i] : 0;
}
static inline uint32_t draft_id(const struct draft *draft, size_t i) {
  return i < draft->id.count ? draft->id.items[i] : 0;
}
static inline uint32_t draft_record(const struct draft *draft, size_t i) {
  return draft->record.count ? draft->record.items[i] : (uint32_t)i + 1;
}

/* What a record says, found good. Of an entity: id, fields, validity and kind. */
struct draft_row {
  uint32_t from, to, id, class, validity, fields;
  struct share share;
  uint8_t kind;
};

/* Add one; texts may be TEXT_NONE, for want of memory. An id that an entity has already is an error. */
bool draft_add_entity(struct network *network, const struct draft_row *row, struct failure *failure);
bool draft_add_relation(struct network *network, const struct draft_row *row, struct failure *failure);
/* The record added last. */
struct draft_row draft_last(const struct network *network, bool relation);
/* Does it end after it begins? */
bool validity_check(const struct validity *validity, struct failure *failure);
/* The number of a period, which must be one. */
bool draft_validity_number(struct network *network, const struct validity *validity, uint32_t *number,
                           struct failure *failure);

bool draft_open(struct network *network);
void draft_close(struct network *network);
/* So many more records are likely: room for them, if it is to be had. */
void draft_expect(struct network *network, bool relations, size_t more);

#endif
