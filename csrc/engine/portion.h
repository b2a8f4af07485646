/* portion: what of a spend falls to somebody who holds a part of its users. Figures in floating point, by currency.
 *
 * As in spend, a contract counts once: with its largest amount and the largest part of it.
 */
#ifndef KNOCKON_PORTION_H
#define KNOCKON_PORTION_H

#include "overlay.h"

struct portioned { /* a supply, and the part of its user that is held */
  uint32_t relation;
  double low, high;
};
struct portioned_list vector_of(struct portioned);

struct portion {
  const char *currency; /* borrowed from the overlay's or the network's texts */
  size_t currency_length;
  double low, high;
};
struct portions vector_of(struct portion);

/* Appends one item a currency, in byte order. False: no memory. */
bool portion_total(const struct overlay *overlay, const struct portioned_list *list, struct memory *memory,
                   struct portions *totals);

#endif
