/* record: what one record says, checked, and put into the draft of a network.
 *
 * One implementation of the checks for CSV, JSON, tables of Lua and edits of a scenario: a field is an input, by name
 * or by the number of what it means. A failure says what is wrong with which field.
 */
#ifndef KNOCKON_RECORD_H
#define KNOCKON_RECORD_H

#include "network.h"

/* What one relation record says, checked but not yet added. Used for networks and for relations an overlay adds. */
struct relation_record {
  const char *id, *from, *to, *party, *class;
  size_t id_length, from_length, to_length, party_length, class_length;
  uint64_t id_hash, from_hash, to_hash; /* 0: not computed */
  struct share share;
  struct validity validity;
  uint8_t kind;
};
bool relation_record_read(const struct input *inputs, size_t count, struct relation_record *record,
                          struct failure *failure);
/* Is this input a column of the relation itself and not one of its further fields? */
bool relation_column(const struct input *input);

#endif
