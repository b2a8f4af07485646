#include "share.h"

#include <stdio.h>
#include <string.h>

/* A decimal as written: digits / 10^scale, and whether a per cent sign follows. */
struct decimal {
  char digit[60];
  int count, scale;
  bool percent; /* "%" follows */
  bool point;   /* a decimal point or an exponent: a fraction without the sign */
};

/* Its value in parts per billion, rounded down and up. */
struct bound {
  uint64_t floor, ceiling;
};

struct cursor {
  const char *at, *end;
};

static void skip_space(struct cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) c->at++;
}

static bool take(struct cursor *c, const char *word) {
  size_t length = strlen(word);
  skip_space(c);
  if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0) return false;
  c->at += length;
  return true;
}

/* digits [. or , digits] [e exponent] [%] */
static bool read_decimal(struct cursor *c, struct decimal *decimal) {
  skip_space(c);
  int point = -1, exponent = 0;
  bool any = false;
  memset(decimal, 0, sizeof *decimal);
  for (; c->at < c->end; c->at++) {
    char ch = *c->at;
    bool digit_follows = c->end - c->at > 1 && c->at[1] >= '0' && c->at[1] <= '9';
    if (ch >= '0' && ch <= '9') {
      any = true;
      if (decimal->count == 0 && ch == '0' && point < 0) continue; /* leading zeros */
      if (decimal->count >= (int)sizeof decimal->digit) return false;
      decimal->digit[decimal->count++] = (char)(ch - '0');
    } else if ((ch == '.' || ch == ',') && point < 0 && digit_follows) {
      point = decimal->count;
      decimal->point = ch == '.'; /* a decimal comma is only read before a per cent sign */
    } else {
      break;
    }
  }
  if (!any) return false;
  if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
    c->at++;
    bool negative = c->at < c->end && *c->at == '-';
    if (c->at < c->end && (*c->at == '-' || *c->at == '+')) c->at++;
    int seen = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9' && seen < 4; c->at++, seen++)
      exponent = exponent * 10 + (*c->at - '0');
    if (!seen) return false;
    if (negative) exponent = -exponent;
    decimal->point = true;
  }
  decimal->scale = (point < 0 ? 0 : decimal->count - point) - exponent;
  decimal->percent = take(c, "%");
  return true;
}

static struct bound scaled(const struct decimal *decimal, bool percent) {
  int whole =
      decimal->count - decimal->scale + (percent ? 7 : 9); /* leading digits that make whole parts per billion */
  struct bound bound = {0, 0};
  for (int i = 0; i < decimal->count || i < whole; i++) {
    int next = i < decimal->count ? decimal->digit[i] : 0;
    if (i >= whole) {
      bound.ceiling |= next != 0;
      if (i >= decimal->count) break;
    } else {
      bound.floor = bound.floor * 10 + (uint64_t)next;
      if (bound.floor > 1000 * (uint64_t)SHARE_WHOLE || decimal->count == 0) break; /* far above 100 %, or zero */
    }
  }
  bound.ceiling += bound.floor;
  return bound;
}

static bool bad(struct failure *failure, const char *bytes, size_t length, const char *why) {
  return fail(failure, FAILURE_PARSE, "share '%.*s' %s", (int)(length > 40 ? 40 : length), bytes, why);
}

bool share_parse(const char *bytes, size_t length, bool number, struct share *share, struct failure *failure) {
  struct cursor c = {bytes, bytes + length};
  struct decimal first, second;
  uint64_t lo = 0, hi = SHARE_WHOLE;
  if (take(&c, "-")) return bad(failure, bytes, length, "is negative");
  if (take(&c, "(") || take(&c, "[")) {
    bool open_low = c.at[-1] == '(';
    bool read = read_decimal(&c, &first) && first.percent && (take(&c, ",") || take(&c, ";")) &&
                read_decimal(&c, &second) && second.percent;
    bool open_high = read && take(&c, ")");
    if (!read || (!open_high && !take(&c, "]")))
      return bad(failure, bytes, length, "is not an interval; write (25%,50%]");
    lo = scaled(&first, true).floor + open_low;
    hi = scaled(&second, true).ceiling;
    if (open_high && hi-- == 0) return bad(failure, bytes, length, "is an empty interval");
  } else if (take(&c, ">")) {
    bool closed = take(&c, "=");
    if (!read_decimal(&c, &first) || !first.percent)
      return bad(failure, bytes, length, "needs a per cent sign, as in >50%");
    lo = scaled(&first, true).floor + !closed;
  } else if (take(&c, "<")) {
    bool closed = take(&c, "=");
    if (!read_decimal(&c, &first) || !first.percent)
      return bad(failure, bytes, length, "needs a per cent sign, as in <10%");
    lo = 1; /* whoever owns holds something */
    hi = scaled(&first, true).ceiling;
    if (!closed && hi-- == 0) return bad(failure, bytes, length, "is an empty interval");
  } else {
    if (!read_decimal(&c, &first)) return bad(failure, bytes, length, "is not a share; write \"51%\"");
    if (take(&c, "..") || take(&c, "-") || take(&c, "\xe2\x80\x93")) {
      if (!read_decimal(&c, &second) || !second.percent)
        return bad(failure, bytes, length, "needs a per cent sign, as in 25-50%");
      lo = scaled(&first, true).floor; /* the sign of the second counts for both */
      hi = scaled(&second, true).ceiling;
    } else {
      skip_space(&c);
      struct bound bound = scaled(&first, first.percent);
      lo = bound.floor;
      hi = bound.ceiling;
      if (!first.percent && c.at == c.end && hi > SHARE_WHOLE)
        return bad(failure, bytes, length, "is above 1; a number is a fraction, so write \"51%\" or 0.51");
      if (!first.percent && !first.point && !number)
        return bad(failure, bytes, length, "is a bare integer; write a percentage (\"51%\") or a fraction (0.51)");
    }
  }
  skip_space(&c);
  if (c.at != c.end) return bad(failure, bytes, length, "is not a share; write \"51%\"");
  if (hi > SHARE_WHOLE || lo > (uint64_t)SHARE_WHOLE + 1) return bad(failure, bytes, length, "is above 100 %");
  if (lo > hi) return bad(failure, bytes, length, "is an empty interval");
  share->lo = (uint32_t)lo;
  share->hi = (uint32_t)hi;
  return true;
}

void share_format_bound(uint64_t bound, char text[SHARE_TEXT]) {
  int length = snprintf(text, SHARE_TEXT, "%llu.%07llu", (unsigned long long)(bound / 10000000),
                        (unsigned long long)(bound % 10000000));
  while (text[length - 1] == '0') length--;
  if (text[length - 1] == '.') length--;
  text[length++] = '%';
  text[length] = '\0';
}

void share_format(struct share share, char text[SHARE_TEXT]) {
  char lo[SHARE_TEXT], hi[SHARE_TEXT];
  bool open_low = share.lo % 1000 == 1, open_high = share.hi % 1000 == 999;
  share_format_bound(share.lo - open_low, lo);
  share_format_bound(share.hi + open_high, hi);
  if (share.lo == share.hi) {
    share_format_bound(share.lo, text);
  } else if (share.hi == SHARE_WHOLE) {
    (void)snprintf(text, SHARE_TEXT, "%s%.20s", open_low ? ">" : ">=", lo);
  } else if (share.lo == 1) {
    (void)snprintf(text, SHARE_TEXT, "%s%.20s", open_high ? "<" : "<=", hi);
  } else {
    (void)snprintf(text, SHARE_TEXT, "%c%.15s,%.15s%c", open_low ? '(' : '[', lo, hi, open_high ? ')' : ']');
  }
}
