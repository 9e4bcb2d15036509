/* Numbers, money and days, single or as ranges, from query text to integers. */
#include "../base/text.h"
#include "query_parser.h"

enum comparison {
    COMPARE_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_MORE,
    COMPARE_MORE_EQUAL
};

static enum comparison split_comparison(struct str *s)
{
    static const struct {
        struct str sign;
        enum comparison means;
    } signs[] = {{{"<=", 2}, COMPARE_LESS_EQUAL},
                 {{">=", 2}, COMPARE_MORE_EQUAL},
                 {{"<", 1}, COMPARE_LESS},
                 {{">", 1}, COMPARE_MORE},
                 {{"=", 1}, COMPARE_EQUAL}};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (str_starts(*s, signs[i].sign)) {
            s->p += signs[i].sign.n;
            s->n -= signs[i].sign.n;
            return signs[i].means;
        }
    }
    return COMPARE_EQUAL;
}

/* a..b, a.. or ..b; an empty side is open. */
static bool split_range(struct str s, struct str *ret_low, struct str *ret_high)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] == '.' && s.p[i + 1] == '.') {
            *ret_low = (struct str){s.p, i};
            *ret_high = (struct str){s.p + i + 2, s.n - i - 2};
            return ret_low->n + ret_high->n > 0;
        }
    }
    return false;
}

/* 12, -3, 12.5 in units of 10^-decimals. */
static bool parse_decimal(struct str s, int decimals, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t i = negative, digits = 0;
    int64_t v = 0;
    int after = -1; /* digits after the point; -1: none seen */
    for (; i < s.n; i++) {
        if (s.p[i] == '.' && after < 0 && digits > 0) {
            after = 0;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || after == decimals)
            return false;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s.p[i] - '0', &v))
            return false;
        digits++;
        after += after >= 0;
    }
    if (digits == 0 || after == 0)
        return false;
    for (int k = after < 0 ? 0 : after; k < decimals; k++)
        if (__builtin_mul_overflow(v, 10, &v))
            return false;
    *ret = negative ? -v : v;
    return true;
}

static int field_decimals(const struct query_parser *p, enum field_id field)
{
    if (fields[field].kind == KIND_MONEY)
        return p->context->currency_decimals;
    return fields[field].kind == KIND_TENTHS ? 1 : 0;
}

/* Both ends of one thing (a number: twice itself; a month: its days) and a comparison. */
static void compare_range(enum comparison c, int64_t low, int64_t high, int64_t *ret_low,
                          int64_t *ret_high)
{
    *ret_low = INT64_MIN;
    *ret_high = INT64_MAX;
    if (c == COMPARE_EQUAL || c == COMPARE_MORE_EQUAL)
        *ret_low = low;
    if (c == COMPARE_EQUAL || c == COMPARE_LESS_EQUAL)
        *ret_high = high;
    if (c == COMPARE_MORE)
        *ret_low = high + 1;
    if (c == COMPARE_LESS)
        *ret_high = low - 1;
}

bool query_number_range(struct query_parser *p, enum field_id field, const struct query_token *t,
                        int64_t *ret_low, int64_t *ret_high)
{
    static const char *const expected[] = {"25, 25..40, >=25, <25", "1.5, 0.5..2, >=1.5, <1.5",
                                           "500, 12.50..20, >=500, <500"};
    const char *forms = expected[field_decimals(p, field) == 0       ? 0
                                 : fields[field].kind == KIND_TENTHS ? 1
                                                                     : 2];
    int decimals = field_decimals(p, field);
    int64_t low = INT64_MIN, high = INT64_MAX;
    struct str from, to, s = t->text;
    if (split_range(s, &from, &to)) {
        if ((from.n && !parse_decimal(from, decimals, &low)) ||
            (to.n && !parse_decimal(to, decimals, &high))) {
            query_fail_value(p, t, "query_bad_number", field, STR(""), forms);
            return false;
        }
        if (low > high) {
            query_fail_value(p, t, "query_bad_range", field, STR(""), forms);
            return false;
        }
    } else {
        enum comparison c = split_comparison(&s);
        int64_t v;
        if (!parse_decimal(s, decimals, &v) || v == INT64_MAX || v == INT64_MIN) {
            query_fail_value(p, t, "query_bad_number", field, STR(""), forms);
            return false;
        }
        compare_range(c, v, v, &low, &high);
    }
    *ret_low = low;
    *ret_high = high;
    return true;
}

struct days {
    int32_t low, high;
    bool age; /* an age: "less" means later */
};

static struct days month_days(int32_t day, int add)
{
    struct civil c = day_to_civil(day);
    c.day = 1;
    int32_t low = day_add_months(day_from_civil(c), add);
    return (struct days){low, day_add_months(low, 1) - 1, false};
}

static struct days year_days(int32_t year)
{
    struct civil first = {year, 1, 1}, last = {year, 12, 31};
    return (struct days){day_from_civil(first), day_from_civil(last), false};
}

static bool parse_day_word(int32_t today, struct str s, struct days *ret)
{
    static const char *const words[] = {"today",      "yesterday",  "this_week", "last_week",
                                        "this_month", "last_month", "this_year", "last_year"};
    size_t w = 0;
    while (w < sizeof(words) / sizeof(words[0]) && !str_ieq_ascii(s, str_c(words[w])))
        w++;
    int32_t monday = today - day_weekday(today);
    switch (w) {
    case 0:
    case 1:
        *ret = (struct days){today - (int32_t)w, today - (int32_t)w, false};
        return true;
    case 2:
        *ret = (struct days){monday, monday + 6, false};
        return true;
    case 3:
        *ret = (struct days){monday - 7, monday - 1, false};
        return true;
    case 4:
    case 5:
        *ret = month_days(today, w == 4 ? 0 : -1);
        return true;
    case 6:
    case 7:
        *ret = year_days(day_to_civil(today).year - (w == 7));
        return true;
    default:
        return false;
    }
}

#define AGE_MAX 99999 /* of any unit, and no more than 999 years */

static bool parse_age(int32_t today, struct str s, struct days *ret)
{
    int64_t n;
    if (s.n < 2 || s.n > 6 || s.p[0] == '-' || !str_int64((struct str){s.p, s.n - 1}, &n) ||
        n > AGE_MAX)
        return false;
    int32_t day;
    switch (s.p[s.n - 1]) {
    case 'd':
        day = today - (int32_t)n;
        break;
    case 'w':
        day = today - 7 * (int32_t)n;
        break;
    case 'm':
        if (n > 999 * 12)
            return false;
        day = day_add_months(today, -(int)n);
        break;
    case 'y':
        if (n > 999)
            return false;
        day = day_add_years(today, -(int)n);
        break;
    default:
        return false;
    }
    *ret = (struct days){day, day, true};
    return true;
}

/* A day, a month, a year, a word or an age. */
static bool parse_days(int32_t today, struct str s, struct days *ret)
{
    if (parse_day_word(today, s, ret) || parse_age(today, s, ret))
        return true;
    char whole[16];
    static const char first[] = "0000-01-01";
    if (s.n != 4 && s.n != 7 && s.n != 10)
        return false;
    memcpy(whole, first, sizeof(first));
    memcpy(whole, s.p, s.n);
    int32_t day;
    if (!day_parse((struct str){whole, 10}, &day))
        return false;
    if (s.n == 4)
        *ret = year_days(day_to_civil(day).year);
    else if (s.n == 7)
        *ret = month_days(day, 0);
    else
        *ret = (struct days){day, day, false};
    return true;
}

/* "Less than 90 days ago" is later than the day 90 days ago. */
static void compare_age(enum comparison c, bool bare, int32_t day, int64_t *ret_low,
                        int64_t *ret_high)
{
    static const enum comparison flipped[] = {COMPARE_EQUAL, COMPARE_MORE, COMPARE_MORE_EQUAL,
                                              COMPARE_LESS, COMPARE_LESS_EQUAL};
    compare_range(bare ? COMPARE_MORE : flipped[c], day, day, ret_low, ret_high);
}

static bool day_range(int32_t today, struct str low, struct str high, int64_t *ret_low,
                      int64_t *ret_high)
{
    struct days a = {0}, b = {0};
    if ((low.n && !parse_days(today, low, &a)) || (high.n && !parse_days(today, high, &b)))
        return false;
    bool only_ages = (low.n == 0 || a.age) && (high.n == 0 || b.age);
    *ret_low = low.n ? a.low : INT64_MIN;
    *ret_high = high.n ? b.high : INT64_MAX;
    if (!only_ages)
        return true;
    /* 30d..90d, and ..90d, 30d..: an age grows into the past */
    int64_t oldest = high.n ? b.low : INT64_MIN, newest = low.n ? a.high : INT64_MAX;
    bool swapped = low.n && high.n && oldest > newest;
    *ret_low = swapped ? newest : oldest;
    *ret_high = swapped ? oldest : newest;
    return true;
}

bool query_days(int32_t today, struct str text, int64_t *ret_low, int64_t *ret_high)
{
    struct str from, to, s = text;
    if (split_range(s, &from, &to))
        return day_range(today, from, to, ret_low, ret_high);
    enum comparison c = split_comparison(&s);
    struct days d;
    if (!parse_days(today, s, &d))
        return false;
    if (d.age)
        compare_age(c, s.n == text.n, d.low, ret_low, ret_high);
    else
        compare_range(c, d.low, d.high, ret_low, ret_high);
    return true;
}

bool query_day_range(struct query_parser *p, enum field_id field, const struct query_token *t,
                     int64_t *ret_low, int64_t *ret_high)
{
    static const char forms[] = "2026-01-31, 2026-01, 2026, 2026-01-01..2026-03-31, <90d, >=3m, "
                                "today, this_week, last_month, this_year";
    int64_t low = 0, high = 0;
    bool good = query_days(p->context->today, t->text, &low, &high);
    if (!good || low > high) {
        query_fail_value(p, t, good ? "query_bad_range" : "query_bad_day", field, STR(""), forms);
        return false;
    }
    *ret_low = low;
    *ret_high = high;
    return true;
}
