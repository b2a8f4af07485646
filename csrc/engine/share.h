/* share: a fraction of ownership as exact integers.
 *
 * An interval [lo, hi] in parts per billion, rounded outward when a source is finer. Unknown is (0 %, 100 %]. No
 * floating point anywhere: exactly 50 % decides cases.
 */
#ifndef KNOCKON_SHARE_H
#define KNOCKON_SHARE_H

#include "failure.h"

#define SHARE_WHOLE UINT32_C(1000000000) /* 100 % */
#define SHARE_TEXT  40                   /* bytes that hold any formatted share */

struct share {
  uint32_t lo, hi;
};

static const struct share share_unknown = {1, SHARE_WHOLE};

/* Written forms: "51%", "12,5%", "25-50%", "25%..50%", ">50%", ">=25%", "<10%", "<=10%", "(25%,50%]", and a decimal
 * with a point as a fraction. number: the bytes are a number of the file, so 0 and 1 are fractions too. */
bool share_parse(const char *bytes, size_t length, bool number, struct share *share, struct failure *failure);

/* One bound as a percentage without trailing zeros: 500000000 -> "50%"; sums may exceed 100 %. */
void share_format_bound(uint64_t bound, char text[SHARE_TEXT]);

/* The shortest form that share_parse reads back as the same interval: "50%", ">50%", "(25%,50%]". */
void share_format(struct share share, char text[SHARE_TEXT]);

#endif
