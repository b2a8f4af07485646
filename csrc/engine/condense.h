/* condense: everything harm travels along when it may travel anywhere, with whatever reaches each other made one.
 *
 * The flow of rules whose flow is `any` is a graph over the entities of an overlay: along supplies, against owns (of a
 * share that may be above zero), controls and consolidates, both ways along has_branch and operates. Its strong
 * components are numbered so that harm only travels from smaller to larger numbers, and each lists the components it
 * comes from, to be pulled through in one pass. Entities that pass nothing on are components of their own and need no
 * number: sinks, listed after the others, so that nothing has to be kept of them. A sink that harm reaches from one
 * component alone is only counted there.
 *
 *   0 … kept - 1             components that pass harm on; start[c] … start[c + 1] in pull: where it comes from
 *   kept … kept + sinks - 1  the same of entities that pass nothing on, those of one weight class after another
 *
 * Made once for an overlay and a reading, whatever the rule and the targets. Cost: two passes over the relations and a
 * depth-first search; 4 bytes a relation at most and 9 an entity, twice that while it is made. It owns its blocks
 * and borrows overlay and chains.
 */
#ifndef KNOCKON_CONDENSE_H
#define KNOCKON_CONDENSE_H

#include "chains.h"

/* What an entity counts as, beside being one: nothing more, surely an ultimate parent, or perhaps one. */
enum weight_class { WEIGHT_PLAIN, WEIGHT_TOP, WEIGHT_PERHAPS_TOP, WEIGHT_CLASSES };

#define COMPONENT_NONE UINT32_MAX       /* nothing leads to or from it */
#define COMPONENT_SINK (UINT32_MAX - 1) /* it passes nothing on */

/* A component that stands for more than one entity, with the sinks counted there. */
struct heavy {
  uint32_t component;
  uint32_t weight[WEIGHT_CLASSES];
};

enum { CONDENSE_SPARE = 16 }; /* zeros after the last item of pull: room to look ahead */

struct condense {
  struct memory memory;
  const struct overlay *overlay;
  const struct chains *chains;
  enum reading reading;
  uint32_t *component; /* entity -> component, COMPONENT_SINK or COMPONENT_NONE */
  uint32_t kept, sinks;
  uint32_t class_end[WEIGHT_CLASSES]; /* sinks of a class end here */
  uint32_t *start;
  struct entity_list pull;
  uint8_t *light; /* component -> class of the one entity it stands for; WEIGHT_CLASSES: see heavies */
  struct vector_of(struct heavy) heavies; /* in order of component */
};

/* memory.limit of the condense may be set before. */
bool condense_open(struct condense *condense, const struct overlay *overlay, const struct chains *chains,
                   enum reading reading, struct control *control, struct failure *failure);
void condense_close(struct condense *condense);

static inline enum weight_class weight_class(const struct chains *chains, uint32_t entity) {
  return bit_at(chains->top[READING_LOW], entity)    ? WEIGHT_TOP
         : bit_at(chains->top[READING_HIGH], entity) ? WEIGHT_PERHAPS_TOP
                                                     : WEIGHT_PLAIN;
}

/* Does harm travel along a relation of this kind; against it? (An `owns` with no share at all carries none.) */
static inline bool harm_along(enum relation_kind kind) {
  return kind == RELATION_SUPPLIES || kind == RELATION_HAS_BRANCH || kind == RELATION_OPERATES;
}
static inline bool harm_against(const struct overlay *overlay, enum reading reading, uint32_t relation,
                                enum relation_kind kind) {
  if (kind == RELATION_OWNS) {
    struct share share = overlay_share(overlay, relation);
    return (reading == READING_LOW ? share.lo : share.hi) > 0;
  }
  return kind == RELATION_CONTROLS || kind == RELATION_CONSOLIDATES || kind == RELATION_HAS_BRANCH ||
         kind == RELATION_OPERATES;
}

#endif
