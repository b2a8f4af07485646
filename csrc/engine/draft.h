/* draft: records on their way into a network, before sealing gives them their order. */
#ifndef KNOCKON_DRAFT_H
#define KNOCKON_DRAFT_H

#include "network.h"
#include "numerals.h"

enum { RECALLED = 1024, SAYINGS_RECENT = 1024 }; /* powers of two */

/* A short value that passed the checks of a field, so that they need not be made again, nor the text be looked up. */
struct recalled {
  uint64_t bytes; /* the value, at most eight */
  uint32_t text;  /* 0 = free */
  uint16_t field; /* key + 1, and whether of a relation */
  uint8_t length, type;
};

struct draft_numbers vector_of(uint32_t);

/* What relations say beside their ends, ids and periods. Most say what others say. */
struct saying {
  uint32_t class, fields; /* class: a text, 0 = none */
  struct share share;
  uint8_t kind; /* the kind byte */
};

/* Relations in the order of loading, as columns. Those below `saying` reach only as far as the last relation that has
 * something to say there: see draft_*. */
struct draft {
  struct draft_numbers from, to;     /* texts until resolved by sealing, then entities; RELATION_NONE = dropped */
  struct draft_numbers saying;       /* its number */
  struct draft_numbers validity, id; /* id is a text, 0 = none */
  struct draft_numbers record;       /* empty: relation i came from record i + 1 */
  size_t room;                       /* all of the first three have that much */
  struct vector_of(struct saying) sayings;
  uint32_t recent[SAYINGS_RECENT]; /* number + 1 of the saying last met with each hash */
  uint32_t *validity_table;        /* open addressing over network->validities, number + 1 */
  size_t validity_table_size;
  struct numerals numerals;
  struct recalled recalled[RECALLED];
};

static inline const struct saying *draft_saying(const struct draft *draft, size_t i) {
  return &draft->sayings.items[draft->saying.items[i]];
}
static inline uint32_t draft_validity(const struct draft *draft, size_t i) {
  return i < draft->validity.count ? draft->validity.items[i] : 0;
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
  uint32_t saying; /* number + 1, where it is known: class, fields, share and kind are not asked for then */
  struct share share;
  uint8_t kind;
};

/* Add one; texts may be TEXT_NONE, for want of memory. An id that an entity has already is an error. */
bool draft_add_entity(struct network *network, const struct draft_row *row, struct failure *failure);
bool draft_add_relation(struct network *network, const struct draft_row *row, struct failure *failure);
/* The same of a relation that has no more than that; false: nothing was done, it takes draft_add_relation. */
static inline bool draft_add_plain(struct network *network, uint32_t from, uint32_t to, uint32_t saying) {
  struct draft *draft = network->draft;
  size_t at = draft->from.count;
  if (at >= draft->room || network->records != at || draft->record.count || from == TEXT_NONE || to == TEXT_NONE)
    return false;
  draft->from.items[at] = from;
  draft->to.items[at] = to;
  draft->saying.items[at] = saying;
  draft->from.count = draft->to.count = draft->saying.count = at + 1;
  return true;
}
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
