#include "json.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

const char *json_fail(struct json *json, const char *at, const char *why) {
  json->wrong = at;
  json->why = why;
  return NULL;
}

/* The next quote or backslash, or `end`. */
static const char *string_mark(const char *at, const char *end, bool *plain) {
#if defined(__SSE2__)
  for (; at < end; at += 16) {
    __m128i part = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(part, _mm_set1_epi8('"')), _mm_cmpeq_epi8(part, _mm_set1_epi8('\\')));
    unsigned found = (unsigned)_mm_movemask_epi8(marks);
    unsigned odd = (unsigned)_mm_movemask_epi8(_mm_or_si128(part, _mm_cmpeq_epi8(part, _mm_setzero_si128())));
    if (found) odd &= (found & -found) - 1;
    if (odd) *plain = false;
    if (found) return at + __builtin_ctz(found) < end ? at + __builtin_ctz(found) : end;
  }
  return end;
#else
  for (; at < end && *at != '"' && *at != '\\'; at++)
    if ((unsigned char)*at - 1u >= 127) *plain = false;
  return at;
#endif
}

const char *json_string(struct json *json, const char *at, struct json_string *string) {
  *string = (struct json_string){.bytes = at, .plain = true};
  const char *p = at;
  for (;;) {
    p = string_mark(p, json->end, &string->plain);
    if (p >= json->end) return json_fail(json, at - 1, "this text is never closed");
    if (*p == '"') break;
    string->escaped = true;
    p += 2;
  }
  string->length = (size_t)(p - at);
  return p + 1;
}

static int hex(const char *at) {
  int value = 0;
  for (int i = 0; i < 4; i++) {
    char c = at[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

static char *put_letter(char *out, unsigned letter) {
  if (letter < 0x80) {
    *out++ = (char)letter;
  } else if (letter < 0x800) {
    *out++ = (char)(0xc0 | letter >> 6);
    *out++ = (char)(0x80 | (letter & 0x3f));
  } else if (letter < 0x10000) {
    *out++ = (char)(0xe0 | letter >> 12);
    *out++ = (char)(0x80 | (letter >> 6 & 0x3f));
    *out++ = (char)(0x80 | (letter & 0x3f));
  } else {
    *out++ = (char)(0xf0 | letter >> 18);
    *out++ = (char)(0x80 | (letter >> 12 & 0x3f));
    *out++ = (char)(0x80 | (letter >> 6 & 0x3f));
    *out++ = (char)(0x80 | (letter & 0x3f));
  }
  return out;
}

/* at: behind the u. Two halves of a surrogate pair are one letter. */
static const char *read_letter(struct json *json, const char *at, const char *end, unsigned *letter) {
  int first = end - at >= 4 ? hex(at) : -1;
  if (first < 0) return json_fail(json, at - 2, "an escape without four hexadecimal digits");
  *letter = (unsigned)first;
  if (first < 0xd800 || first > 0xdfff) return at + 4;
  int second = first < 0xdc00 && end - at >= 10 && at[4] == '\\' && at[5] == 'u' ? hex(at + 6) : -1;
  if (second < 0xdc00 || second > 0xdfff) return json_fail(json, at - 2, "half of a surrogate pair");
  *letter = 0x10000 + ((unsigned)first - 0xd800) * 0x400 + ((unsigned)second - 0xdc00);
  return at + 10;
}

size_t json_unescape(struct json *json, const struct json_string *string, char *out) {
  static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  const char *at = string->bytes, *end = at + string->length;
  char *start = out;
  while (at < end) {
    const char *escape = memchr(at, '\\', (size_t)(end - at));
    size_t plain = (size_t)((escape ? escape : end) - at);
    memcpy(out, at, plain);
    out += plain;
    if (!escape) break;
    const char *letter = escape[1] && escape + 1 < end ? strchr(letters, escape[1]) : NULL;
    unsigned code;
    if (letter) {
      *out++ = values[letter - letters];
      at = escape + 2;
    } else if (escape + 1 < end && escape[1] == 'u') {
      at = read_letter(json, escape + 2, end, &code);
      if (!at) return SIZE_MAX;
      out = put_letter(out, code);
    } else {
      (void)json_fail(json, escape, "an escape that JSON does not have");
      return SIZE_MAX;
    }
  }
  return (size_t)(out - start);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The text ends with a byte that is no digit. */
const char *json_number(struct json *json, const char *at) {
  const char *start = at;
  if (*at == '-') at++;
  if (at >= json->end || !is_digit(*at)) return json_fail(json, start, "not a number");
  if (*at == '0' && at + 1 < json->end && is_digit(at[1]))
    return json_fail(json, start, "a number that begins with a zero");
  while (at < json->end && is_digit(*at)) at++;
  if (at < json->end && *at == '.') {
    if (++at >= json->end || !is_digit(*at)) return json_fail(json, start, "a number without digits after its point");
    while (at < json->end && is_digit(*at)) at++;
  }
  if (at < json->end && (*at == 'e' || *at == 'E')) {
    if (++at < json->end && (*at == '-' || *at == '+')) at++;
    if (at >= json->end || !is_digit(*at)) return json_fail(json, start, "a number without digits in its exponent");
    while (at < json->end && is_digit(*at)) at++;
  }
  return at;
}

static const char *json_table(struct json *json, const char *at, int depth) {
  const char *open = at;
  char close = *at == '{' ? '}' : ']';
  if (depth >= JSON_DEEPEST) return json_fail(json, at, "nested deeper than 200");
  at = json_blanks(json, at + 1);
  if (at < json->end && *at == close) return at + 1;
  for (;;) {
    struct json_string key;
    if (close == '}') {
      if (at >= json->end || *at != '"') return json_fail(json, at, "expected the name of a field, in quotes");
      at = json_string(json, at + 1, &key);
      if (!at) return NULL;
      at = json_blanks(json, at);
      if (at >= json->end || *at != ':') return json_fail(json, at, "expected ':'");
      at = json_blanks(json, at + 1);
    }
    at = json_value(json, at, depth + 1);
    if (!at) return NULL;
    at = json_blanks(json, at);
    if (at >= json->end)
      return json_fail(json, open, close == '}' ? "this object is never closed" : "this list is never closed");
    if (*at == close) return at + 1;
    if (*at != ',') return json_fail(json, at, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
    at = json_blanks(json, at + 1);
  }
}

const char *json_value(struct json *json, const char *at, int depth) {
  struct json_string string;
  size_t left = (size_t)(json->end - at);
  if (left == 0) return json_fail(json, at, "expected a value");
  switch (*at) {
  case '"': return json_string(json, at + 1, &string);
  case '{':
  case '[': return json_table(json, at, depth);
  case 't':
    if (left >= 4 && memcmp(at, "true", 4) == 0) return at + 4;
    break;
  case 'n':
    if (left >= 4 && memcmp(at, "null", 4) == 0) return at + 4;
    break;
  case 'f':
    if (left >= 5 && memcmp(at, "false", 5) == 0) return at + 5;
    break;
  default:
    if (*at == '-' || is_digit(*at)) return json_number(json, at);
  }
  return json_fail(json, at, "expected a value");
}

/* Is the text as short as it can be already? Up to 15 digits read back as themselves. */
static bool is_shortest(const char *number, size_t length) {
  if (length > 15 || memchr(number, 'e', length) || memchr(number, 'E', length)) return false;
  const char *point = memchr(number, '.', length);
  bool negative = *number == '-';
  if (!point) return !(negative && number[1] == '0');
  if (number[length - 1] == '0') return false;
  return number[negative] != '0' || length - negative < 6 || memcmp(number + negative, "0.0000", 6) != 0;
}

size_t json_shortest(const char *number, size_t length, char text[JSON_NUMBER_TEXT]) {
  char local[400];
  if (is_shortest(number, length)) return memcpy(text, number, length), length;
  const char *point = localeconv()->decimal_point;
  size_t out = 0;
  if (length + strlen(point) >= sizeof local) return 0;
  for (size_t i = 0; i < length; i++) {
    if (number[i] != '.') {
      local[out++] = number[i];
      continue;
    }
    memcpy(local + out, point, strlen(point));
    out += strlen(point);
  }
  local[out] = '\0';
  double value = strtod(local, NULL);
  if (!isfinite(value)) return 0;
  if (value == floor(value) && fabs(value) < 1e15) {
    if (value == 0) value = 0; /* no -0 */
    return (size_t)snprintf(text, JSON_NUMBER_TEXT, "%.0f", value);
  }
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(text, JSON_NUMBER_TEXT, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  char *at = point[0] == '.' ? NULL : strstr(text, point);
  if (at) {
    *at = '.';
    memmove(at + 1, at + strlen(point), strlen(at + strlen(point)) + 1);
  }
  return strlen(text);
}
