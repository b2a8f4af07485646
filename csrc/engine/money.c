#include "money.h"

#include <stdio.h>

bool money_parse(const char *bytes, size_t length, money *amount, struct failure *failure) {
  size_t i = 0, whole = 0, fraction = 0;
  bool negative = length > 0 && bytes[0] == '-', point = false;
  money value = 0;
  for (i = negative; i < length; i++) {
    if (bytes[i] == '.' && !point && i + 1 < length) {
      point = true;
    } else if (bytes[i] >= '0' && bytes[i] <= '9') {
      if (point && fraction == 9 && bytes[i] == '0') continue;
      if (point ? ++fraction > 9 : (whole += whole || bytes[i] != '0') > 18) break;
      value = value * 10 + (bytes[i] - '0');
    } else {
      break;
    }
  }
  if (i < length || length == (size_t)negative || bytes[(size_t)negative] == '.')
    return fail(failure, FAILURE_PARSE,
                "amount '%.*s' is not a decimal such as 1200000 or 12.50 (at most 18 digits and 9 decimals)",
                (int)(length > 40 ? 40 : length), bytes);
  for (; fraction < 9; fraction++) value *= 10;
  *amount = negative ? -value : value;
  return true;
}

void money_format(money amount, char text[MONEY_TEXT]) {
  char digits[MONEY_TEXT];
  int count = 0, out = 0;
  bool negative = amount < 0;
  if (negative) amount = -amount;
  do {
    digits[count++] = (char)('0' + (int)(amount % 10));
    amount /= 10;
  } while (amount > 0 || count < 10);
  int last = 0; /* the lowest digit written */
  while (last < 9 && digits[last] == '0') last++;
  if (negative) text[out++] = '-';
  for (int i = count - 1; i >= last; i--) {
    if (i == 8) text[out++] = '.';
    text[out++] = digits[i];
  }
  text[out] = '\0';
}
