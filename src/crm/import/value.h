/* Cells to values: numbers, dates, times, as people and programs write them. Pure functions.
 * Threads: any. */
#pragma once
#include "../../base/day.h"
#include "reading.h"

/* Blanks (no-break ones too), a leading apostrophe (how a spreadsheet keeps a number as text) and
 * invisible marks at the ends removed. */
struct str cell_trim(struct str s);

enum value_verdict {
    VALUE_OK,
    VALUE_NONE,       /* empty, or a word for nothing: "-", "n/a", "null" */
    VALUE_WRONG,      /* cannot be read so */
    VALUE_IMPOSSIBLE, /* reads as a date, but there is no such day; a number out of range */
};

/* A decimal number in units of 10^-scale, rounded half away from zero. Accepts thousands separators
 * (groups of three), currency signs and codes, a sign before or after, parentheses for negative. No
 * exponents. |result| ≤ 10^15. `scale` ≤ 9. */
enum value_verdict value_decimal(struct str s, char decimal, int scale, int64_t *ret);

struct when {
    int32_t day;    /* civil day as written */
    int32_t second; /* of the day; -1: no time given */
    bool instant;   /* an offset was given: `us` is exact */
    int64_t us;
};
/* A date with or without time: 2010-12-01, 01/12/2010 8:26, 12/1/10 8:26 PM, 20101201, 1 déc. 2010,
 * 1 de diciembre de 2010, 1 декабря 2010 г., Dec 1, 2010, 2010-12-01T08:26:00+01:00, and a
 * spreadsheet's serial number of five digits. `order` decides numbers only where they can be read
 * two ways. Years of two digits lie in the hundred years that end with `last_year`. */
enum value_verdict value_when(struct str s, enum date_order order, int last_year, struct when *ret);
/* A time of day: 8:26, 08:26:00, 8.26 PM, 8h26. */
enum value_verdict value_time(struct str s, int32_t *ret_second);

struct birthday {
    int32_t year, month, day; /* 0 = unknown; the year alone, or month and day at least */
};
/* A date, a day and month without year (03-12, --03-12, 12 mars), or a year of four digits. */
enum value_verdict value_birthday(struct str s, enum date_order order, int last_year,
                                  struct birthday *ret);

/* What a numeric date says of its own order: bit 1 << DATE_YMD, … for each reading that is
 * possible; 0: no numeric date. For detection. */
int value_date_orders(struct str s);
/* What a number says of its decimal sign: '.' or ',' when it can only be that one, else 0. */
char value_decimal_hint(struct str s);
