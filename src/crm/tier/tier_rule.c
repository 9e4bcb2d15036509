#include "tier_rule.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include <stdlib.h>

static int32_t year_of(int32_t day)
{
    return day_to_civil(day).year;
}

static int32_t new_year(int32_t year)
{
    return day_from_civil((struct civil){year, 1, 1});
}

void tier_history_add(struct arena *a, struct tier_history *h, int32_t day, int64_t amount)
{
    int64_t before = h->n ? h->v[h->n - 1].total : 0;
    check(h->n == 0 || h->v[h->n - 1].day <= day);
    if (h->n && h->v[h->n - 1].day == day) {
        h->v[h->n - 1].total += amount;
        return;
    }
    if (h->n == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 16;
        struct tier_day *more = arena_array(a, struct tier_day, h->cap);
        if (h->n)
            memcpy(more, h->v, h->n * sizeof *more);
        h->v = more;
    }
    h->v[h->n++] = (struct tier_day){day, before + amount};
}

/* How many days stand up to and with that one. */
static size_t up_to(const struct tier_history *h, int32_t day)
{
    size_t low = 0, high = h->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->v[middle].day <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t total(const struct tier_history *h, int32_t day)
{
    size_t n = up_to(h, day);
    return n ? h->v[n - 1].total : 0;
}

/* Of the days after `after` up to `to`. */
static int64_t sum(const struct tier_history *h, int32_t after, int32_t to)
{
    return total(h, to) - total(h, after);
}

int64_t tier_sum(const struct tier_rules *r, const struct tier_history *h, int32_t day)
{
    switch (r->period) {
    case TIER_YEAR:
        return sum(h, new_year(year_of(day)) - 1, day);
    case TIER_MONTHS:
        return sum(h, day_add_months(day, -r->months), day);
    default:
        return sum(h, INT32_MIN, day);
    }
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t year_sum(const struct tier_history *h, int32_t year)
{
    return sum(h, new_year(year) - 1, new_year(year + 1) - 1);
}

static int64_t counted_by_year(const struct tier_rules *r, const struct tier_history *h,
                               int32_t day)
{
    int32_t year = year_of(day);
    int64_t most = larger(tier_sum(r, h, day), year_sum(h, year - 1));
    if (day - new_year(year) < r->grace_days)
        most = larger(most, year_sum(h, year - 2));
    return most;
}

/* The first day on which what happened on `from` no longer counts. */
static int32_t leaves(const struct tier_rules *r, int32_t from)
{
    int32_t day = day_add_months(from, r->months) - 3;
    while (day_add_months(day, -r->months) < from)
        day++;
    return day;
}

/* The sum changes on the days of the history and on those on which they leave the window. */
static int64_t counted_with_grace(const struct tier_rules *r, const struct tier_history *h,
                                  int32_t day)
{
    int32_t since = day - r->grace_days;
    int64_t most = larger(tier_sum(r, h, day), tier_sum(r, h, since));
    if (r->grace_days == 0)
        return most;
    for (size_t i = up_to(h, since), end = up_to(h, day); i < end; i++)
        most = larger(most, tier_sum(r, h, h->v[i].day));
    if (r->period == TIER_EVER)
        return most;
    size_t end = up_to(h, day_add_months(day, -r->months));
    for (size_t i = up_to(h, day_add_months(since, -r->months)); i < end; i++)
        most = larger(most, tier_sum(r, h, leaves(r, h->v[i].day)));
    return most;
}

static int level_of(const struct tier_rules *r, int64_t counted)
{
    int level = -1;
    for (int i = 0; i < r->n; i++)
        if (r->thresholds[i] > 0 && counted >= r->thresholds[i])
            level = i;
    return level;
}

int tier_reached(const struct tier_rules *r, const struct tier_history *h, int32_t day)
{
    if (r->measure == TIER_NONE)
        return -1;
    return level_of(r, r->period == TIER_YEAR ? counted_by_year(r, h, day)
                                              : counted_with_grace(r, h, day));
}

/* ---- when it turns ---- */

struct days {
    int32_t *v;
    size_t n;
};

static void add(struct days *d, int32_t day, int32_t after)
{
    if (day > after)
        d->v[d->n++] = day;
}

/* Every day on which what counts may be another sum than the day before. */
static struct days turning_days(const struct tier_rules *r, const struct tier_history *h,
                                int32_t after, struct arena *a)
{
    struct days d = {arena_array(a, int32_t, h->n * 5 + 1), 0};
    for (size_t i = 0; i < h->n; i++) {
        int32_t came = h->v[i].day;
        add(&d, came, after);
        if (r->period == TIER_YEAR) {
            int32_t year = year_of(came);
            add(&d, new_year(year + 1), after);
            add(&d, new_year(year + 2), after);
            add(&d, new_year(year + 2) + r->grace_days, after);
            continue;
        }
        add(&d, came + r->grace_days, after);
        if (r->period == TIER_MONTHS) {
            add(&d, leaves(r, came), after);
            add(&d, leaves(r, came) + r->grace_days, after);
        }
    }
    return d;
}

static int compare_days(const void *x, const void *y)
{
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    return (a > b) - (a < b);
}

int32_t tier_turn(const struct tier_rules *r, const struct tier_history *h, int32_t day,
                  struct arena *a, int *ret_level)
{
    int now = tier_reached(r, h, day);
    *ret_level = now;
    if (r->measure == TIER_NONE || h->n == 0)
        return DAY_NONE;
    struct days d = turning_days(r, h, day, a);
    if (d.n)
        qsort(d.v, d.n, sizeof *d.v, compare_days);
    for (size_t i = 0; i < d.n; i++) {
        if (i && d.v[i] == d.v[i - 1])
            continue;
        int then = tier_reached(r, h, d.v[i]);
        if (then == now)
            continue;
        *ret_level = then;
        return d.v[i];
    }
    return DAY_NONE;
}

int32_t tier_first_day(const struct tier_rules *r, int32_t day)
{
    switch (r->period) {
    case TIER_YEAR:
        return new_year(year_of(day) - (r->grace_days > 0 ? 2 : 1));
    case TIER_MONTHS:
        return day_add_months(day - r->grace_days, -r->months);
    default:
        return 0;
    }
}
