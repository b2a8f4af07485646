/* tables: knockon's own CSV files, entities and relations, into a draft network.
 *
 * What a column means is looked up once. Rows are taken many at a time: their ids are hashed and what they stand for is
 * fetched while others are read. Rows that fill all but ids, ends and dates as an earlier row did are not checked
 * again.
 */
#ifndef KNOCKON_TABLES_H
#define KNOCKON_TABLES_H

#include "digest.h"
#include "network.h"
#include "source.h"

/* Read a whole file of entities or relations into a draft network. Columns are the native fields; `name[]` is a list
 * with semicolons. reader: gives the bytes, instead of the file itself, or NULL. skipped NULL: the first bad record
 * fails. */
bool network_read_csv(struct network *network, const char *path, const struct source_reader *reader, bool relations,
                      const struct skipped *skipped, struct digest *digest, struct control *control,
                      struct failure *failure);

#endif
