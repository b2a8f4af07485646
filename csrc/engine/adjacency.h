/* adjacency: who is next to whom, as compressed rows built by counting sort.
 *
 *   out_start  [e] [e+1]            relations are stored in this order, so a row is a range of relation numbers
 *   in_start   [e] [e+1] ─► in_relation: the relation numbers that end at e, ascending
 *   up_start   [e] [e+1] ─► up_relation, up_from: of these the few that say who is above e, and who that is
 *
 * Cost: two passes over the relations; 4 bytes an entity and kind of row, 4 bytes a relation for the inward rows, 8 for
 * each relation upward.
 */
#ifndef KNOCKON_ADJACENCY_H
#define KNOCKON_ADJACENCY_H

#include "memory.h"

/* start (buckets + 1 numbers) and order (count numbers): order lists the items of `bucket` by bucket, stable. When
 * `items` is given it lists those numbers instead of 0 … count - 1; bucket is indexed by them. */
void adjacency_sort(const uint32_t *bucket, const uint32_t *items, size_t count, size_t buckets, uint32_t *start,
                    uint32_t *order);

#endif
