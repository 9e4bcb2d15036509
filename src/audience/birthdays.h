/* Birthdays by the day of the year, without their year. A day of the year is YEAR_DAY(month, day):
 * 29 February has its own place, which the caller adds to another one in years that lack it.
 * One pass over a byte a customer, and a look at each found: about two milliseconds a million for a
 * month. Threads: any. */
#pragma once
#include "audience.h"

#define YEAR_DAY(month, day) ((month)*32 + (day))

struct birthday_ask {
    const struct audience_viewer *viewer;
    int32_t low, high; /* days of the year, inclusive; low <= high */
};
struct birthday_count {
    int64_t customers;
    int64_t blocked;    /* of them */
    int64_t consenting; /* of them, not blocked, and one channel at least is granted */
};
/* `ret` has high - low + 1 places, by day - low. */
void audience_birthday_counts(struct audience *a, const struct birthday_ask *ask,
                              struct birthday_count *ret);
/* Who was born on one of the days: ids, ascending. */
void audience_birthday_ids(struct audience *a, const struct birthday_ask *ask, struct arena *arena,
                           int64_t **ret, size_t *ret_n);
/* Which of these customers are there and seen by the viewer. */
void audience_seen(struct audience *a, const struct audience_viewer *viewer, const int64_t *ids,
                   size_t n, bool *ret);
