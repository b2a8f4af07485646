/* known: the fields that mean something to the engine, by name.
 *
 * Readers look a name up once (a column of a CSV file, a key that comes again line after line); what follows asks the
 * number. A field that means nothing is KNOWN_OTHER: it is kept and written back.
 */
#ifndef KNOCKON_KNOWN_H
#define KNOCKON_KNOWN_H

#include <stddef.h>

enum known {
  KNOWN_UNASKED, /* not looked up yet */
  KNOWN_OTHER,
  KNOWN_BASIS,
  KNOWN_BY,
  KNOWN_CLASS,
  KNOWN_CONFIDENCE,
  KNOWN_CONTRACT,
  KNOWN_COUNTRY,
  KNOWN_CURRENCY,
  KNOWN_EVIDENCE,
  KNOWN_FRACTION,
  KNOWN_FROM,
  KNOWN_ID,
  KNOWN_KIND,
  KNOWN_LOCATED_IN,
  KNOWN_NAME,
  KNOWN_NEED,
  KNOWN_PARTY,
  KNOWN_RANK,
  KNOWN_RELIANCE,
  KNOWN_SHARE,
  KNOWN_SINCE,
  KNOWN_SOURCE,
  KNOWN_SPEND,
  KNOWN_TO,
  KNOWN_UNTIL
};

enum known known_field(const char *name, size_t length); /* never KNOWN_UNASKED */

#endif
