#include "known.h"

#include <string.h>

enum known known_field(const char *name, size_t length) {
  static const struct {
    const char *name;
    unsigned char length, known;
  } fields[] = {{"id", 2, KNOWN_ID},
                {"kind", 4, KNOWN_KIND},
                {"from", 4, KNOWN_FROM},
                {"to", 2, KNOWN_TO},
                {"name", 4, KNOWN_NAME},
                {"country", 7, KNOWN_COUNTRY},
                {"share", 5, KNOWN_SHARE},
                {"since", 5, KNOWN_SINCE},
                {"until", 5, KNOWN_UNTIL},
                {"source", 6, KNOWN_SOURCE},
                {"basis", 5, KNOWN_BASIS},
                {"by", 2, KNOWN_BY},
                {"class", 5, KNOWN_CLASS},
                {"confidence", 10, KNOWN_CONFIDENCE},
                {"contract", 8, KNOWN_CONTRACT},
                {"currency", 8, KNOWN_CURRENCY},
                {"evidence", 8, KNOWN_EVIDENCE},
                {"fraction", 8, KNOWN_FRACTION},
                {"located_in", 10, KNOWN_LOCATED_IN},
                {"need", 4, KNOWN_NEED},
                {"party", 5, KNOWN_PARTY},
                {"rank", 4, KNOWN_RANK},
                {"reliance", 8, KNOWN_RELIANCE},
                {"spend", 5, KNOWN_SPEND}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (fields[i].length == length && memcmp(name, fields[i].name, length) == 0) return (enum known)fields[i].known;
  return KNOWN_OTHER;
}
