/* harm: whom the restricted can reach through what they supply, other than by a prohibition.
 *
 *   data         a supply lists classes of data (`data`): the supplier holds those of its user. What the restricted
 * hold is within their reach, and so is what a supplier hands on: data of a class that a supply to it lists too
 *   compromise   an attacker inside a supplier reaches everyone downstream, through any number of tiers
 *
 * From everything restricted, whatever the measure and whatever is excepted: a licence moves no data. Cost: the
 * supplies of what is reached, once for each class. The structure owns its blocks, and borrows the exposure.
 */
#ifndef KNOCKON_HARM_H
#define KNOCKON_HARM_H

#include "column.h"
#include "exposure.h"
#include "lookup.h"

enum harm_kind { HARM_DATA, HARM_COMPROMISE };

struct harm_label { /* an entity is reached; once for each class of data */
  uint32_t entity, class;
  uint32_t relation; /* by which, of several the first */
  uint32_t previous; /* label of the supplier; LABEL_NONE: it is restricted */
  uint32_t steps;    /* supplies since the restricted */
  uint32_t causes;   /* set of restrictions */
  uint32_t next;     /* another class of the entity; LABEL_NONE */
  bool queued;
};

struct harm_class {
  uint64_t word;
  const struct field *name; /* and the texts it is written in */
  const struct texts *texts;
};

struct harm_source {
  uint32_t entity, act, causes;
};

struct harm_reach {      /* one reading */
  struct places places;  /* entity -> its first label */
  struct lookup known;   /* entity and class -> label */
  struct places sources; /* entity -> index below */
  struct vector_of(struct harm_label) labels;
  struct vector_of(struct harm_source) restricted;
};

struct harm_row {
  uint32_t entity;
  uint8_t verdict, reading;
};

struct harm {
  struct memory memory;
  const struct exposure *exposure;
  enum harm_kind kind;
  struct sets sets;
  struct column data;
  struct lookup words;                         /* of data -> class */
  struct vector_of(struct harm_class) classes; /* of data, as they are met; compromise has one without a name */
  struct harm_reach reach[READINGS];
  struct vector_of(struct harm_row) rows; /* by entity; the restricted are none, as with users */
};

bool harm_run(struct harm *harm, const struct exposure *exposure, enum harm_kind kind, struct control *control,
              struct failure *failure);
void harm_close(struct harm *harm);

/* The label of an entity for a class, or LABEL_NONE. */
uint32_t harm_find(const struct harm *harm, enum reading reading, uint32_t entity, uint32_t class);
/* Does this `supplies` carry the class to its user? */
bool harm_carries(const struct harm *harm, enum reading reading, uint32_t relation, uint32_t class);
/* The steps from a target to a label's entity. False: no memory. */
bool harm_proof(const struct harm *harm, enum reading reading, uint32_t label, struct memory *memory,
                struct proof *proof);

#endif
