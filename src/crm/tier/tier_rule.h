/* Which level a customer has reached on a day: arithmetic alone, no base.
 *
 * A customer's measure is a list of days with what each brought (money, visit days, points). What
 * counts on a day is
 *   year    the sum of that calendar year so far or of the whole one before it, whichever is more:
 *           what was reached in a year holds to the end of the next;
 *   months  the sum of the last N calendar months, (day − N months, day];
 *   ever    the sum of everything up to the day;
 * and with days of grace the most that this was on any of that many days before: so a level is left
 * so many days after it is no longer reached. The level is the highest whose threshold is met. It
 * follows from the list and the day alone, so the day on which it will change is known beforehand.
 * Threads: any. */
#pragma once
#include "../../base/arena.h"

#define TIERS_MAX 12
#define TIER_MONTHS_MAX 60
#define TIER_GRACE_MAX 366
#define TIER_THRESHOLD_MAX 1000000000000LL

enum tier_measure { TIER_NONE, TIER_SPEND, TIER_VISITS, TIER_POINTS, TIER_MEASURES };
enum tier_period { TIER_YEAR, TIER_MONTHS, TIER_EVER, TIER_PERIODS };
struct tier_rules {
    enum tier_measure measure; /* TIER_NONE: no level is reached */
    enum tier_period period;
    int32_t months, grace_days;
    int64_t thresholds[TIERS_MAX]; /* ascending; 0: given by hand alone */
    int n;
};
/* What a customer's days brought, the earliest first. */
struct tier_history {
    struct tier_day {
        int32_t day;
        int64_t total; /* of this day and all before it */
    } * v;
    size_t n, cap;
};
/* `day`: that of the last call or a later one. Amounts are negative for what came back. */
void tier_history_add(struct arena *a, struct tier_history *h, int32_t day, int64_t amount);

/* The period's sum on that day, without grace and without the year before: what people are told. */
int64_t tier_sum(const struct tier_rules *r, const struct tier_history *h, int32_t day);
/* -1: none; else the place of the level. */
int tier_reached(const struct tier_rules *r, const struct tier_history *h, int32_t day);
/* The first day after `day` on which the level is another one than on `day` if nothing more
 * happens; DAY_NONE: never. *ret_level: that level. */
int32_t tier_turn(const struct tier_rules *r, const struct tier_history *h, int32_t day,
                  struct arena *a, int *ret_level);
/* Days before this one count for nothing on `day` or later. */
int32_t tier_first_day(const struct tier_rules *r, int32_t day);
