/* red_flags: what a rule's authority says to look at twice, apart from any verdict.
 *
 * About entities that are not surely restricted: a restricted holder whose share is not known, one below the threshold,
 * one who holds more than any other, and a seat or other tie to a restricted entity that the rule's tests do not count.
 */
#ifndef KNOCKON_RED_FLAGS_H
#define KNOCKON_RED_FLAGS_H

#include "exposure.h"

enum red_flag_code { FLAG_UNKNOWN_SHARE, FLAG_MINORITY, FLAG_LARGEST_HOLDER, FLAG_BOARD, FLAGS };
extern const char *const red_flag_name[FLAGS];

struct red_flag {
  enum red_flag_code code;
  uint32_t entity, holder, relation;
};
struct red_flags vector_of(struct red_flag);

/* Of one act, in order of entity, code and relation. Cost: the relations of what its cascade touched. */
bool red_flags_list(const struct exposure *exposure, uint32_t act, struct memory *memory, struct red_flags *flags);

#endif
