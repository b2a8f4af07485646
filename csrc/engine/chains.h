/* chains: the majority links of a whole overlay, and who stands at the top of them.
 *
 * Where climb looks up from a few users and keeps what a proof needs, this is made once for an overlay and serves any
 * number of questions that only ask who. Cost: one look at every upward relation; 4 bytes an entity, 5 a link, and five
 * bits an entity. It borrows the overlay.
 */
#ifndef KNOCKON_CHAINS_H
#define KNOCKON_CHAINS_H

#include "bits.h"
#include "policy.h"

struct chains {
  const struct overlay *overlay;
  uint32_t *start;          /* entity -> its links upward; one more than there are entities */
  struct entity_list upper; /* link -> the entity above */
  struct vector_of(bool) certain;
  /* By entity, one bit: is it surely (no possible link leads further up), or perhaps (no certain one does), an ultimate
   * parent? Of a ring only the byte-smallest member has the bit. */
  uint64_t *top[READINGS];
  /* By entity, one bit: has it relations of ownership, control and the like outward; relations outward that harm
   * follows; relations upward? Most have none, and asking here saves a look at their rows. */
  uint64_t *taking, *supplying, *held;
  bool open; /* is some link only possible? */
  /* By place among the upward relations, one bit: what harm does not climb, an `owns` of nothing (surely or perhaps) or
   * a relation that is not in force. NULL: there is none. doubtful: the readings differ. */
  uint64_t *nothing[READINGS];
  bool doubtful;
};

bool chains_open(struct chains *chains, const struct overlay *overlay, struct memory *memory, struct control *control,
                 struct failure *failure);
void chains_close(struct chains *chains, struct memory *memory);

#endif
