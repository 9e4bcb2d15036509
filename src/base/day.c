#include "day.h"
#include "check.h"
#include <stdio.h>
#include <time.h>

static bool leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t month_length(int64_t year, int month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : lengths[month - 1];
}

bool civil_valid(struct civil c)
{
    return c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= month_length(c.year, c.month);
}

int32_t day_from_civil(struct civil c)
{
    check(civil_valid(c));
    int64_t y = (int64_t)c.year - (c.month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    int64_t day = era * 146097 + day_of_era - 719468;
    check(day > INT32_MIN && day <= INT32_MAX);
    return (int32_t)day;
}

struct civil day_to_civil(int32_t day)
{
    int64_t z = (int64_t)day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int32_t month = (int32_t)(mp < 10 ? mp + 3 : mp - 9);
    return (struct civil){
        .year = (int32_t)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int32_t)(doy - (153 * mp + 2) / 5 + 1),
    };
}

int32_t day_add_months(int32_t day, int months)
{
    struct civil c = day_to_civil(day);
    int64_t month = (int64_t)c.year * 12 + c.month - 1 + months;
    int64_t year = (month >= 0 ? month : month - 11) / 12;
    c.year = (int32_t)year;
    c.month = (int32_t)(month - year * 12 + 1);
    int32_t length = month_length(c.year, c.month);
    if (c.day > length)
        c.day = length;
    return day_from_civil(c);
}

void day_months_back(int32_t day, int n, int32_t *ret)
{
    struct civil c = day_to_civil(day);
    int32_t first = day - c.day + 1;
    for (int k = 0; k < n; k++) {
        int32_t length = month_length(c.year, c.month);
        ret[k] = first + (c.day < length ? c.day : length) - 1;
        if (--c.month == 0) {
            c.month = 12;
            c.year--;
        }
        first -= month_length(c.year, c.month);
    }
}

int32_t day_add_years(int32_t day, int years)
{
    check(years > -6000000 && years < 6000000);
    return day_add_months(day, years * 12);
}

int day_weekday(int32_t day)
{
    int64_t w = ((int64_t)day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(w < 0 ? w + 7 : w);
}

/* Exactly n digits at p. */
static bool digits(const char *p, int n, int32_t *ret)
{
    int32_t v = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (p[i] - '0');
    }
    *ret = v;
    return true;
}

bool day_parse(struct str s, int32_t *ret_day)
{
    struct civil c;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
        return false;
    if (!digits(s.p, 4, &c.year) || !digits(s.p + 5, 2, &c.month) || !digits(s.p + 8, 2, &c.day))
        return false;
    if (!civil_valid(c))
        return false;
    *ret_day = day_from_civil(c);
    return true;
}

size_t day_format(int32_t day, char out[static DAY_TEXT_MAX])
{
    struct civil c = day_to_civil(day);
    int n = snprintf(out, DAY_TEXT_MAX, "%04d-%02d-%02d", c.year, c.month, c.day);
    check(n > 0 && n < DAY_TEXT_MAX);
    return (size_t)n;
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec t;
    check(clock_gettime(clock, &t) == 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t now_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

int64_t monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

size_t instant_format(int64_t us, char out[static INSTANT_TEXT_MAX])
{
    int64_t day = us / US_PER_DAY, rest = us % US_PER_DAY;
    if (rest < 0) {
        rest += US_PER_DAY;
        day--;
    }
    size_t n = day_format((int32_t)day, out);
    int second = (int)(rest / 1000000), fraction = (int)(rest % 1000000);
    int more = snprintf(out + n, INSTANT_TEXT_MAX - n, "T%02d:%02d:%02d", second / 3600,
                        second / 60 % 60, second % 60);
    n += (size_t)more;
    if (fraction)
        more = snprintf(out + n, INSTANT_TEXT_MAX - n, ".%06dZ", fraction);
    else
        more = snprintf(out + n, INSTANT_TEXT_MAX - n, "Z");
    n += (size_t)more;
    check(n < INSTANT_TEXT_MAX);
    return n;
}

/* "Z" or "+hh:mm" at the end, in minutes. */
static bool parse_offset(struct str s, int *ret_minutes)
{
    if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
        *ret_minutes = 0;
        return true;
    }
    int32_t hour, minute;
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
        return false;
    if (!digits(s.p + 1, 2, &hour) || !digits(s.p + 4, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *ret_minutes = (hour * 60 + minute) * (s.p[0] == '-' ? -1 : 1);
    return true;
}

bool instant_parse(struct str s, int64_t *ret_us)
{
    int32_t day, hour, minute, second;
    if (s.n < 20 || !day_parse((struct str){s.p, 10}, &day))
        return false;
    const char *p = s.p;
    if ((p[10] != 'T' && p[10] != 't' && p[10] != ' ') || p[13] != ':' || p[16] != ':')
        return false;
    if (!digits(p + 11, 2, &hour) || !digits(p + 14, 2, &minute) || !digits(p + 17, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 60) /* 60: a leap second, RFC 3339 appendix D */
        return false;
    size_t at = 19;
    int64_t fraction = 0;
    if (p[at] == '.') {
        int64_t unit = 100000;
        size_t first = ++at;
        for (; at < s.n && p[at] >= '0' && p[at] <= '9'; at++, unit /= 10)
            fraction += (p[at] - '0') * unit;
        if (at == first)
            return false;
    }
    int offset;
    if (!parse_offset((struct str){p + at, s.n - at}, &offset))
        return false;
    *ret_us =
        day * US_PER_DAY + ((hour * 60LL + minute - offset) * 60 + second) * 1000000 + fraction;
    return true;
}
