/* money: exact decimal amounts, in billionths of a unit; 18 digits before the point and 9 after it. */
#ifndef KNOCKON_MONEY_H
#define KNOCKON_MONEY_H

#include "failure.h"

__extension__ typedef __int128 money;

#define MONEY_TEXT 48

/* "1200000", "-3.50"; no separators, no exponent. */
bool money_parse(const char *bytes, size_t length, money *amount, struct failure *failure);
void money_format(money amount, char text[MONEY_TEXT]); /* without trailing zeros */

#endif
