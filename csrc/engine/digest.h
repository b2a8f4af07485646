/* digest: SHA-256 (FIPS 180-4), to name the data and the rules an answer came from.
 *
 * Cost: about 2 bytes a nanosecond where the processor has instructions for it, a tenth of that where not.
 */
#ifndef KNOCKON_DIGEST_H
#define KNOCKON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
  uint32_t state[8];
  uint64_t length;
  unsigned char block[64];
  bool extension; /* the processor has instructions for it */
};

void digest_open(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t length);
void digest_close(struct digest *digest, char hex[65]);

#endif
