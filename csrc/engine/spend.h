/* spend: exact totals of what users spend on the relations that expose them, by currency.
 *
 * A contract counts once: relations with the same `contract` are one amount (the largest, should they differ), others
 * count each. Relations without a spend add nothing: unknown is not zero.
 */
#ifndef KNOCKON_SPEND_H
#define KNOCKON_SPEND_H

#include "money.h"
#include "overlay.h"

struct spend {
  const char *currency; /* borrowed from the overlay's or the network's texts */
  size_t currency_length;
  money amount;
};
struct spends vector_of(struct spend);

/* relations: each once. Appends one item a currency, in byte order. False: no memory. */
bool spend_total(const struct overlay *overlay, const uint32_t *relations, size_t count, struct memory *memory,
                 struct spends *totals);

#endif
