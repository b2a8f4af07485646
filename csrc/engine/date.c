#include "date.h"

#include <stdio.h>
#include <time.h>

/* Civil date <-> day count by 400-year eras starting in March, so that leap days come last. */
static int32_t day_of(int year, int month, int day) {
  year -= month <= 2;
  int era = (year >= 0 ? year : year - 399) / 400;
  int year_of_era = year - era * 400;
  int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

static int days_in(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

static bool digits(const char *bytes, size_t count, int *number) {
  *number = 0;
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] < '0' || bytes[i] > '9') return false;
    *number = *number * 10 + (bytes[i] - '0');
  }
  return true;
}

bool date_parse(const char *bytes, size_t length, int32_t *day, struct failure *failure) {
  int y = 0, m = 1, d = 1;
  bool shape = length == 4 || (length == 7 && bytes[4] == '-') || (length == 10 && bytes[4] == '-' && bytes[7] == '-');
  shape = shape && digits(bytes, 4, &y) && (length < 7 || digits(bytes + 5, 2, &m)) &&
          (length < 10 || digits(bytes + 8, 2, &d));
  if (!shape)
    return fail(failure, FAILURE_PARSE, "'%.*s' is not a date; write 2018, 2018-03 or 2018-03-05",
                (int)(length > 40 ? 40 : length), bytes);
  if (y < 1 || m < 1 || m > 12 || d < 1 || d > days_in(y, m))
    return fail(failure, FAILURE_PARSE, "'%.*s' is not a day of the calendar", (int)length, bytes);
  *day = day_of(y, m, d);
  return true;
}

void date_format(int32_t day, char text[DATE_TEXT]) {
  int32_t z = day + 719468;
  int era = (z >= 0 ? z : z - 146096) / 146097;
  int day_of_era = z - era * 146097;
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int shifted = (5 * day_of_year + 2) / 153;
  int d = day_of_year - (153 * shifted + 2) / 5 + 1;
  int m = shifted + (shifted < 10 ? 3 : -9);
  int y = year_of_era + era * 400 + (m <= 2);
  char long_enough[40];
  (void)snprintf(long_enough, sizeof long_enough, "%04d-%02d-%02d", y, m, d);
  for (int i = 0; i < DATE_TEXT - 1; i++) text[i] = long_enough[i];
  text[DATE_TEXT - 1] = '\0';
}

int32_t date_today(void) {
  time_t now = time(NULL);
  return (int32_t)(now / 86400 - (now % 86400 < 0));
}
