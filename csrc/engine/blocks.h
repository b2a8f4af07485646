/* blocks: the arrays that a network is made of, each told once.
 *
 * Whoever frees a network, counts its bytes, writes it to a file or opens it from one walks this table: an array that
 * is added to struct network is one more line of blocks.c, and one that is changed changes there. Allocates nothing.
 */
#ifndef KNOCKON_BLOCKS_H
#define KNOCKON_BLOCKS_H

#include "network.h"

/* What a block is part of, for those who ask where the memory is. An answer is worked out from the first; the others
 * say what things are called and what else is known of them. */
enum block_part { PART_ADJACENCY, PART_IDS, PART_FIELDS, BLOCK_PARTS };

/* What the numbers of a block that comes from a file must be before any is used as an index. */
enum block_rule {
  RULE_NONE,   /* nothing: what reads one checks it then, or blocks_sound did */
  RULE_BELOW,  /* 32 bits each, below the limit */
  RULE_STARTS, /* 32 bits each, from 0 to the limit without stepping back */
  RULE_CODES   /* a byte each, below the limit */
};

struct block {
  const char *name;
  void *items;              /* the address of the pointer to the first item */
  size_t *count, *capacity; /* where a vector keeps them; NULL when the network's counts say how many there are */
  size_t wanted;            /* items there must be, BLOCK_ANY */
  size_t item_size;
  enum block_part part;
  enum block_rule rule;
  size_t checked, limit; /* the first so many items are checked */
  bool optional;         /* may be absent: no items, NULL */
};

#define BLOCK_ANY SIZE_MAX

enum { BLOCKS_MOST = 64 };

/* The blocks that a file keeps, as the network's counts are now; returns how many there are. */
size_t network_blocks(struct network *network, struct block blocks[BLOCKS_MOST]);
/* Those that are made of them on first use and never stand in a file. */
size_t network_derived(struct network *network, struct block blocks[BLOCKS_MOST]);

void *block_items(const struct block *block);
size_t block_count(const struct block *block); /* 0 when it is absent */
size_t block_bytes(const struct block *block); /* that it takes in memory, room to grow included */
void block_set(const struct block *block, void *items, size_t count);

/* Do the items from `first` to before `end` keep the block's rule? They are looked at once, one after another; the item
 * before the first must be there. */
bool block_keeps_rule(const struct block *block, size_t first, size_t end);

/* What no rule of one block can say: that ranks count the bits before them, rows begin where they should, texts end
 * where they should, chains of records of one entity end, periods are of the calendar. Assumes that the rules are kept.
 * NULL, or the name of the block that is wrong. Cost: one look at each entity and at every 64th relation. */
const char *blocks_unsound(const struct network *network);

/* What takes a look at every relation: that inward rows list the relations that end there, and who is above whom. Of
 * the entities from `first` to before `end`; assumes that nothing is unsound. NULL, or the name of the block that is
 * wrong. */
const char *blocks_disagree(const struct network *network, size_t first, size_t end);

#endif
