/* snapshot: a sealed network as one file that is mapped and used as it stands.
 *
 *   header | table of sections | facts of the Lua side, JSON | one section for each block of blocks.c, from 64-byte
 * bounds
 *
 * All in the byte order and with the item sizes of the machine and the build that wrote it: a cache, not an archive.
 * Another format, library version, byte order or layout is refused, and so is a file that is shorter or longer than its
 * header says. Every process that opens it shares its pages.
 *
 * What is trusted: opening checks the header and the table against their checksum, and every section that answers are
 * worked out from (and every small one) against its own; `all` does so for all sections. Checksums find damage; whoever
 * can write the file can write fitting ones. So every number that is used as an index is checked as well, at opening in
 * one pass over the columns (blocks.h) or where it is used. What a forged file can still do: give wrong answers, texts
 * that are not UTF-8, JSON that is refused, and ask for memory by counts that are too large. That inward rows list the
 * relations that end there is looked at with `all` only; without it a forged file may make an answer run until its
 * limits end it. Open without `all` what you or somebody you trust has written.
 *
 * A file must not be changed in place while somebody has it open: shortening it would end that process with SIGBUS.
 * Whoever makes it again writes beside it and renames, so that those who have the old one keep it; that is the caller's
 * part.
 */
#ifndef KNOCKON_SNAPSHOT_H
#define KNOCKON_SNAPSHOT_H

#include "blocks.h"

#define SNAPSHOT_MAGIC   "\x89knockon" /* no text begins so */
#define SNAPSHOT_FORMAT  1             /* one more whenever the same bytes come to mean something else */
#define SNAPSHOT_VERSION 40            /* bytes of the library version that a file keeps, NUL included */

/* A file in the making: pieces to be written one after another. Borrows the network and the facts. */
struct freezing {
  struct memory memory;
  struct block blocks[BLOCKS_MOST];
  size_t block_count;
  const char *facts;
  size_t facts_length;
  char *head; /* header and table */
  size_t head_length;
  size_t section, at; /* what comes next: 0 is the head, then the facts, then the blocks */
};

/* Works out header and checksums. Cost: one pass over the network. */
bool snapshot_begin(struct freezing *freezing, struct network *network, const char *version, const char *facts,
                    size_t facts_length, struct failure *failure);
/* The next piece, of at most `most` bytes; NULL at the end. */
const char *snapshot_piece(struct freezing *freezing, size_t most, size_t *length);
void snapshot_end(struct freezing *freezing);

/* Opens a file as a network, which was zeroed but for the limit of its memory; network_close releases it, also after a
 * failure. facts lie in the file. FAILURE_PARSE: no snapshot, another version, or damaged. Cost: one pass over the
 * adjacency, 20 ms for 12 million relations; `all`: over the whole file. */
bool snapshot_open(struct network *network, const char *path, const char *version, bool all, const char **facts,
                   size_t *facts_length, struct control *control, struct failure *failure);
void snapshot_release(struct network *network);

/* What a section's bytes come to. Finds damage; hides nothing from whoever would forge one. */
uint64_t snapshot_checksum(const void *bytes, size_t length);

#endif
