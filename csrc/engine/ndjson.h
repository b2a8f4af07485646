/* ndjson: newline-delimited JSON of native fields, one record a line, into a draft network in one pass.
 *
 * A line is an object. With `from` or `to` it is a relation, else with `rule` or `targets` a restriction, else an
 * entity; unless the whole file is said to be of one part. A first line with `knockon` is a heading. Restrictions and
 * heading are few and not the engine's: their lines are handed back. Values become what the JSON format makes of them;
 * a list with tables in it, or an object, is written by the caller in the one way such values are kept.
 */
#ifndef KNOCKON_NDJSON_H
#define KNOCKON_NDJSON_H

#include "digest.h"
#include "network.h"
#include "source.h"

enum ndjson_part { NDJSON_ANY, NDJSON_ENTITIES, NDJSON_RELATIONS, NDJSON_RESTRICTIONS };

struct ndjson_line {
  size_t start, length; /* in bytes */
  size_t line;
};

struct ndjson_rest {
  struct memory memory; /* of its own */
  struct vector_of(char) bytes;
  struct vector_of(struct ndjson_line) lines;
};
void ndjson_rest_close(struct ndjson_rest *rest);

/* JSON that was found well-formed, as it is kept: a text that lives until the next call, or NULL. */
struct ndjson_nested {
  const char *(*encode)(void *context, const char *bytes, size_t length, size_t *written, struct failure *failure);
  void *context;
};

/* reader: gives the bytes, instead of the file itself, or NULL. */
bool network_read_ndjson(struct network *network, const char *path, const struct source_reader *reader,
                         enum ndjson_part part, const struct ndjson_nested *nested, struct ndjson_rest *rest,
                         const struct skipped *skipped, struct digest *digest, struct control *control,
                         struct failure *failure);

#endif
