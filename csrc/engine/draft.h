/* draft: records on their way into a network, before sealing gives them their order. */
#ifndef KNOCKON_DRAFT_H
#define KNOCKON_DRAFT_H

#include "network.h"

struct draft_relation {
  uint32_t from, to; /* texts until resolved by sealing, then entities */
  uint32_t from_given, to_given;
  uint32_t id; /* text, 0 = file#record */
  uint32_t record;
  uint32_t fields;
  uint32_t validity;
  uint32_t class; /* text, 0 = none */
  struct share share;
  uint8_t kind; /* the kind byte */
};

struct draft {
  struct vector_of(struct draft_relation) relations;
  uint32_t *validity_table; /* open addressing over network->validities, number + 1 */
  size_t validity_table_size;
};

bool draft_open(struct network *network);
void draft_close(struct network *network);

/* What one relation record says, checked but not yet added. Used for networks and for relations an overlay adds. */
struct relation_record {
  const char *id, *from, *to, *party, *class;
  size_t id_length, from_length, to_length, party_length, class_length;
  struct share share;
  struct validity validity;
  uint8_t kind;
};
bool relation_record_read(const struct input *inputs, size_t count, struct relation_record *record,
                          struct failure *failure);
/* Is this input a column of the relation itself and not one of its further fields? */
bool relation_column(const struct input *input);

#endif
