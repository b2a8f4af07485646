/* filter: a predicate over the fields of entities or relations, `{ country = {"CN","RU"}, kind = "service" }`.
 *
 * Every condition must hold; a condition holds when the field, or an item of it when it is a list, equals one of the
 * values. A missing field does not match. Values are compared as text, so that a number reads the same from CSV and
 * from JSON. Columns (id, kind, since, until, from, to, basis) can be asked for like fields. An entity, also as an end
 * or a party of a relation, goes by any of its ids that same_as made one.
 */
#ifndef KNOCKON_FILTER_H
#define KNOCKON_FILTER_H

#include "overlay.h"

struct condition {
  uint32_t name;          /* text of the filter */
  uint32_t first, values; /* range in `values` */
};

struct filter {
  struct memory *memory;
  struct texts texts;
  struct vector_of(struct condition) conditions;
  struct vector_of(uint32_t) values; /* texts of the filter */
};

bool filter_open(struct filter *filter, struct memory *memory);
void filter_close(struct filter *filter);
/* Start a condition; its values follow. */
bool filter_condition(struct filter *filter, const char *name, size_t length);
bool filter_value(struct filter *filter, const char *bytes, size_t length);

/* Is the text among the values of the first condition? */
bool filter_text(const struct filter *filter, const char *bytes, size_t length);
bool filter_entity(const struct filter *filter, const struct network *network, uint32_t entity);
bool filter_relation(const struct filter *filter, const struct overlay *overlay, uint32_t relation);

#endif
