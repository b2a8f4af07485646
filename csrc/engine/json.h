/* json: the tokens of JSON (RFC 8259), for a text that ends at `end` and has SOURCE_SPARE readable bytes behind it.
 *
 * Functions that read return where they came to; on failure they return NULL and set json.wrong to the place and
 * json.why to the cause.
 */
#ifndef KNOCKON_JSON_H
#define KNOCKON_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum { JSON_DEEPEST = 200, JSON_NUMBER_TEXT = 48 };

struct json {
  const char *end;
  const char *wrong, *why;
};

struct json_string {
  const char *bytes; /* between the quotes */
  size_t length;
  bool plain;   /* no byte is a NUL or above 127 */
  bool escaped; /* it has a backslash */
};

static inline const char *json_blanks(const struct json *json, const char *at) {
  while (at < json->end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
  return at;
}

const char *json_fail(struct json *json, const char *at, const char *why); /* always NULL */
/* at: behind the opening quote. Comes behind the closing one. */
const char *json_string(struct json *json, const char *at, struct json_string *string);
/* Into `out`, which has room for as many bytes; SIZE_MAX when an escape is none. */
size_t json_unescape(struct json *json, const struct json_string *string, char *out);
const char *json_number(struct json *json, const char *at);
/* Passes over a value of any kind. depth: how many tables are open around it. */
const char *json_value(struct json *json, const char *at, int depth);

/* The shortest decimal text that reads back as the same number, whatever the locale: whole numbers below 10^15 without
 * point or exponent. Its length; 0 when it is not finite or too long to tell. The text may be the one given. */
size_t json_shortest(const char *number, size_t length, char text[JSON_NUMBER_TEXT]);

#endif
