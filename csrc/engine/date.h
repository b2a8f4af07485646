/* date: days as integers, counted from 1970-01-01 in the proleptic Gregorian calendar. */
#ifndef KNOCKON_DATE_H
#define KNOCKON_DATE_H

#include "failure.h"

#define DATE_MISSING INT32_MIN /* a since or until that is not given: open */
#define DATE_FIRST   (-719162) /* 0001-01-01 */
#define DATE_LAST    2932896   /* 9999-12-31 */
#define DATE_TEXT    11        /* bytes of "2018-03-05" and its NUL */

/* "2018", "2018-03" or "2018-03-05": the first day it names. Years 0001 to 9999. */
bool date_parse(const char *bytes, size_t length, int32_t *day, struct failure *failure);
void date_format(int32_t day, char text[DATE_TEXT]);
int32_t date_today(void); /* UTC */

#endif
