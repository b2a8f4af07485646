/* fields: what a record carries beyond the engine's own columns, kept in order and written back.
 *
 * A record's fields are a run of 8-byte items in one array; the run ends at the item marked `last`. A list is several
 * items of one key. Values are texts: numbers in their shortest decimal form, nested tables as JSON. Records that say
 * the same mostly share one run.
 */
#ifndef KNOCKON_FIELDS_H
#define KNOCKON_FIELDS_H

#include "failure.h"
#include "known.h"
#include "text.h"

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_TRUE, FIELD_FALSE, FIELD_JSON, FIELD_EMPTY_LIST };

#define FIELDS_NONE UINT32_MAX /* a record without fields */
#define KEY_NONE    UINT16_MAX
#define KEYS_MOST   4096 /* different field names in one network */

struct field {
  uint32_t value; /* text */
  uint16_t key;
  uint8_t type; /* enum field_type */
  uint8_t in_list : 1, last : 1;
};

struct fields {
  struct memory *memory;
  struct texts *texts;
  struct vector_of(struct field) items;
  struct vector_of(uint32_t) keys;        /* key -> text */
  struct vector_of(uint16_t) key_of_text; /* text -> key, as far as the largest text that is a key */
  uint32_t *recent; /* while records come in: the run + 1 last seen with each hash; NULL until there are many */
};

/* One value on its way in: borrowed bytes. Items of a list follow each other with the same key and in_list set. What
 * stands below in_list spares work where a reader knows it; zero is always right. */
struct input {
  const char *key;
  size_t key_length;
  const char *bytes;
  size_t length;
  enum field_type type;
  bool in_list;
  bool valid;           /* key and bytes are UTF-8 without NUL */
  uint8_t known;        /* enum known, what the key means */
  uint32_t text;        /* what network_recall gave */
  uint64_t hash;        /* of the bytes, in the texts of the network */
  uint16_t *key_number; /* where the reader keeps the number of the key + 1, once it is known */
};

uint16_t fields_key(const struct fields *fields, const char *name, size_t length); /* KEY_NONE: no record has it */
bool fields_add(struct fields *fields, const struct input *input, struct failure *failure);
/* Ends the record whose items began at start; returns its run. share: an equal run that came lately may stand for it.
 */
uint32_t fields_end(struct fields *fields, size_t start, bool share);
void fields_forget(struct fields *fields); /* no more records come */
void fields_close(struct fields *fields);

/* First item with this key in the run that begins at start, or NULL. Lists: step with fields_next. The items of a file
 * that was opened are looked at only here: a run that does not exist is empty, and the last item of all ends one. */
const struct field *fields_find(const struct fields *fields, uint32_t start, uint16_t key);
const struct field *fields_next(const struct field *field, uint16_t key);

#endif
