/* Dates and times. A text is cut into numbers and words; what they are follows from their shape,
 * and for three numbers that can be read two ways from the order decided for the whole file. */
#include "value.h"
#include "../../base/check.h"

enum { TOKENS_MAX = 12 };
struct token {
    int64_t number; /* -1: a word */
    int digits;
    struct str text;
    char before; /* the sign that stood before it: / . - : , T + or a blank; 0 at the start */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* -1: too many, or a character that no date has. */
static int tokens_of(struct str s, struct token t[static TOKENS_MAX])
{
    int n = 0;
    char before = 0;
    for (size_t i = 0; i < s.n;) {
        char c = s.p[i];
        if (is_digit(c)) {
            if (n == TOKENS_MAX)
                return -1;
            struct token *k = &t[n++];
            *k = (struct token){.text = {s.p + i, 0}, .before = before};
            for (; i < s.n && is_digit(s.p[i]); i++, k->digits++)
                if (k->digits < 17)
                    k->number = k->number * 10 + (s.p[i] - '0');
            k->text.n = (size_t)k->digits;
            before = 0;
        } else if (is_letter(c)) {
            if (n == TOKENS_MAX)
                return -1;
            size_t from = i;
            while (i < s.n && is_letter(s.p[i]))
                i++;
            t[n++] = (struct token){.number = -1, .text = {s.p + from, i - from}, .before = before};
            before = 0;
        } else if (strchr(" /.-:,+'\"", c)) {
            before = before == 0 || before == ' ' ? c : c == ' ' ? before : c;
            i++;
        } else {
            return -1;
        }
    }
    return n;
}

/* Lower case without accents for Latin and Cyrillic letters: enough for the names of months. */
static size_t plain_letters(struct str s, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n + 2 < size; i++) {
        unsigned char c = (unsigned char)s.p[i], d = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
        if (c < 0x80) {
            out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            continue;
        }
        i++;
        if (c == 0xC3) { /* Latin-1 supplement: É é è û ó á í ñ */
            static const char base[] =
                "aaaaaaaceeeeiiiidnooooo/ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy";
            out[n++] = base[d & 0x3F];
        } else if (c == 0xD0 && d >= 0x90 && d <= 0x9F) {
            out[n++] = (char)0xD0;
            out[n++] = (char)(d + 0x20);
        } else if (c == 0xD0 && d >= 0xA0 && d <= 0xAF) {
            out[n++] = (char)0xD1;
            out[n++] = (char)(d - 0x20);
        } else {
            out[n++] = (char)c;
            out[n++] = (char)d;
        }
    }
    out[n] = 0;
    return n;
}

/* 1…12, or 0. By how the names begin in English, French, Italian, Spanish and Russian. */
static int month_of(struct str word)
{
    static const struct {
        int month;
        const char *start;
    } starts[] = {{1, "jan"},  {1, "gen"},  {1, "ene"},  {1, "янв"},  {2, "feb"},  {2, "fev"},
                  {2, "фев"},  {3, "mar"},  {3, "мар"},  {4, "apr"},  {4, "avr"},  {4, "abr"},
                  {4, "апр"},  {5, "may"},  {5, "mai"},  {5, "mag"},  {5, "май"},  {5, "мая"},
                  {6, "jun"},  {6, "juin"}, {6, "giu"},  {6, "июн"},  {7, "jul"},  {7, "juil"},
                  {7, "lug"},  {7, "июл"},  {8, "aug"},  {8, "aou"},  {8, "ago"},  {8, "авг"},
                  {9, "sep"},  {9, "set"},  {9, "сен"},  {10, "oct"}, {10, "ott"}, {10, "окт"},
                  {11, "nov"}, {11, "ноя"}, {12, "dec"}, {12, "dic"}, {12, "дек"}};
    char plain[32];
    if (word.n > 24)
        return 0;
    struct str w = {plain, plain_letters(word, plain, sizeof plain)};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (starts[i].start[0] == plain[0] && str_starts(w, str_c(starts[i].start)))
            return starts[i].month;
    return 0;
}

/* Words that dates have besides months: "1er", "de", "г.", "of". */
static bool is_filler(struct str word)
{
    static const char *const words[] = {"er", "st", "nd",   "rd",  "th",  "of", "de",   "del",
                                        "di", "le", "el",   "il",  "the", "г",  "года", "год",
                                        "a",  "at", "alle", "ore", "las", "в"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_ieq_ascii(word, str_c(words[i])))
            return true;
    return str_eq(word, STR("à"));
}

struct civil_read {
    int64_t year, month, day; /* year -1 = none given */
    int year_digits;
};

/* Three numbers in an order. False: it cannot be. */
static bool assign(const struct token *t, enum date_order order, struct civil_read *ret)
{
    static const uint8_t places[DATE_ORDERS][3] = {{0, 1, 2}, {2, 1, 0}, {2, 0, 1}}; /* y m d */
    const struct token *y = &t[places[order][0]], *m = &t[places[order][1]],
                       *d = &t[places[order][2]];
    if ((y->digits != 2 && y->digits != 4) || m->digits > 2 || d->digits > 2)
        return false;
    *ret = (struct civil_read){y->number, m->number, d->number, y->digits};
    return true;
}

static bool plausible(const struct civil_read *c)
{
    return c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= 31;
}

static bool three_numbers(const struct token *t, enum date_order order, struct civil_read *ret)
{
    struct civil_read c;
    if (t[0].digits == 4) /* a year at the front is one in every order */
        return assign(t, DATE_YMD, ret);
    if (assign(t, order, &c) && plausible(&c)) {
        *ret = c;
        return true;
    }
    /* 13/25/2010 in a file of d/m/y: no other reading is tried, else a column would be read two
     * ways. */
    return assign(t, order, ret) || (order == DATE_YMD && assign(t, DATE_DMY, ret));
}

/* 20101201, 20101201082600, 201012010826: returns how many digits were the date, or 0. */
static bool compact(const struct token *t, struct civil_read *c, int32_t *second)
{
    int64_t n = t->number, time = -1;
    if (t->digits == 14) {
        time = n % 1000000;
        n /= 1000000;
    } else if (t->digits == 12) {
        time = n % 10000 * 100;
        n /= 10000;
    } else if (t->digits != 8) {
        return false;
    }
    *c = (struct civil_read){n / 10000, n / 100 % 100, n % 100, 4};
    if (time >= 0) {
        if (time / 10000 > 23 || time / 100 % 100 > 59 || time % 100 > 59)
            return false;
        *second = (int32_t)(time / 10000 * 3600 + time / 100 % 100 * 60 + time % 100);
    }
    return true;
}

static bool is_half(struct str word, const char *half)
{
    return str_ieq_ascii(word, str_c(half)) || (word.n == 1 && (word.p[0] | 0x20) == half[0]);
}

/* Takes "AM"/"PM" (also a.m.) at `*at`. False: the hour does not go with it. */
static bool halves(const struct token *t, int n, int *at, int64_t *hour)
{
    if (*at >= n || t[*at].number >= 0)
        return true;
    bool am = is_half(t[*at].text, "am"), pm = is_half(t[*at].text, "pm");
    if (!am && !pm)
        return true;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (pm ? 12 : 0);
    *at += t[*at].text.n == 1 && *at + 1 < n && str_ieq_ascii(t[*at + 1].text, STR("m")) ? 2 : 1;
    return true;
}

/* [h]h:mm[:ss[.fff]] [AM|PM] from token *at. VALUE_NONE: no time stands there. */
static enum value_verdict read_time(const struct token *t, int n, int *at, int32_t *ret)
{
    int i = *at;
    if (i >= n || t[i].number < 0 || t[i].digits > 2)
        return i < n ? VALUE_WRONG : VALUE_NONE;
    int64_t hour = t[i++].number, minute = 0, second = 0;
    bool minutes = false;
    if (i < n && str_ieq_ascii(t[i].text, STR("h")))
        i++, minutes = true;
    if (i < n && t[i].number >= 0 && t[i].digits == 2 &&
        (t[i].before == ':' || t[i].before == '.' || minutes)) {
        minute = t[i++].number;
        minutes = true;
        if (i < n && t[i].number >= 0 && t[i].digits == 2 &&
            (t[i].before == ':' || t[i].before == '.'))
            second = t[i++].number;
        if (i < n && t[i].number >= 0 && (t[i].before == '.' || t[i].before == ','))
            i++; /* parts of a second */
    }
    int had = i;
    if (!halves(t, n, &i, &hour) || hour > 24 || minute > 59 || second > 60)
        return VALUE_IMPOSSIBLE;
    if (!minutes && i == had)
        return VALUE_WRONG;
    if (hour == 24 && minute + second > 0)
        return VALUE_IMPOSSIBLE;
    *ret = (int32_t)(hour == 24 ? 86399 : hour * 3600 + minute * 60 + (second > 59 ? 59 : second));
    *at = i;
    return VALUE_OK;
}

/* Z, UTC, +01:00, -0330 at the end. False: something else stands there. */
static bool read_offset(const struct token *t, int n, int *at, bool *ret_given,
                        int32_t *ret_seconds)
{
    *ret_given = false;
    if (*at >= n)
        return true;
    const struct token *k = &t[*at];
    if (k->number < 0 && (str_ieq_ascii(k->text, STR("z")) || str_ieq_ascii(k->text, STR("utc")) ||
                          str_ieq_ascii(k->text, STR("gmt")))) {
        *ret_given = true;
        *ret_seconds = 0;
        (*at)++;
        return true;
    }
    if (k->number < 0 || (k->before != '+' && k->before != '-'))
        return false;
    int64_t hours = k->digits == 4 ? k->number / 100 : k->number;
    int64_t minutes = k->digits == 4 ? k->number % 100 : 0;
    bool split =
        k->digits == 2 && *at + 1 < n && t[*at + 1].before == ':' && t[*at + 1].digits == 2;
    if (split)
        minutes = t[*at + 1].number;
    if ((k->digits != 2 && k->digits != 4) || hours > 18 || minutes > 59)
        return false;
    *ret_given = true;
    *ret_seconds = (int32_t)(hours * 3600 + minutes * 60) * (k->before == '-' ? -1 : 1);
    *at += split ? 2 : 1;
    return true;
}

static int skip_fillers(const struct token *t, int n, int at)
{
    while (at < n && t[at].number < 0 && is_filler(t[at].text))
        at++;
    return at;
}

/* A day with a month's name, from the front. Returns the tokens used, 0: no such thing. */
static int named_date(const struct token *t, int n, struct civil_read *ret)
{
    int i = skip_fillers(t, n, 0), month;
    if (i + 1 < n && t[i].number < 0 &&
        (month_of(t[i].text) == 0 || t[i + 1].number < 0 ||
         (i + 2 < n && t[i + 1].digits <= 2 && t[i + 2].number < 0 && month_of(t[i + 2].text) > 0)))
        i++; /* a weekday */
    i = skip_fillers(t, n, i);
    if (i >= n)
        return 0;
    if (t[i].number < 0) { /* December 1st, 2010 */
        month = month_of(t[i++].text);
        if (month == 0 || i >= n || t[i].number < 0 || t[i].digits > 2)
            return 0;
        ret->day = t[i++].number;
    } else { /* 1 December 2010, 01-Dec-10 */
        if (t[i].digits > 2)
            return 0;
        ret->day = t[i++].number;
        i = skip_fillers(t, n, i);
        if (i >= n || t[i].number >= 0 || (month = month_of(t[i++].text)) == 0)
            return 0;
    }
    ret->month = month;
    ret->year = -1;
    int year = skip_fillers(t, n, i);
    bool time = year + 1 < n && t[year + 1].before == ':';
    if (year < n && !time && (t[year].digits == 4 || t[year].digits == 2) && t[year].number >= 0) {
        ret->year = t[year].number;
        ret->year_digits = t[year].digits;
        i = year + 1;
    }
    return skip_fillers(t, n, i);
}

static bool spreadsheet_serial(const struct token *t, int n, struct when *ret)
{
    if (t[0].digits != 5 || t[0].number < 20000 || t[0].number > 80000 || n > 2 ||
        (n == 2 && (t[1].before != '.' && t[1].before != ',')))
        return false;
    *ret = (struct when){.day = (int32_t)t[0].number - 25569, .second = -1};
    if (n == 2 && t[1].digits <= 17) {
        double part = (double)t[1].number;
        for (int i = 0; i < t[1].digits; i++)
            part /= 10;
        ret->second = (int32_t)(part * 86400 + 0.5);
        if (ret->second > 86399)
            ret->second = 86399;
    }
    return true;
}

/* The date at the front; returns the tokens used, 0: none is there. */
static int read_date(const struct token *t, int n, enum date_order order, struct civil_read *c,
                     int32_t *second)
{
    if (t[0].number >= 0 && compact(&t[0], c, second))
        return 1;
    if (n >= 3 && t[0].number >= 0 && t[1].number >= 0 && t[2].number >= 0 &&
        strchr("/.- ", t[1].before) && t[2].before == t[1].before && three_numbers(t, order, c))
        return 3;
    return named_date(t, n, c);
}

static bool to_day(const struct civil_read *c, int last_year, int32_t *ret)
{
    int64_t year = c->year;
    if (c->year_digits == 2) {
        year += last_year / 100 * 100;
        if (year > last_year)
            year -= 100;
    }
    struct civil civil = {(int32_t)year, (int32_t)c->month, (int32_t)c->day};
    if (year < 1 || !civil_valid(civil))
        return false;
    *ret = day_from_civil(civil);
    return true;
}

static bool any_number(const struct token *t, int n)
{
    for (int i = 0; i < n; i++)
        if (t[i].number >= 0)
            return true;
    return false;
}

static bool means_nothing(struct str s)
{
    return s.n == 0 || str_eq(s, STR("-")) || str_ieq_ascii(s, STR("n/a")) ||
           str_ieq_ascii(s, STR("null")) || str_starts(s, STR("0000-00-00")) ||
           str_eq(s, STR("00/00/0000"));
}

enum value_verdict value_when(struct str s, enum date_order order, int last_year, struct when *ret)
{
    struct token t[TOKENS_MAX];
    s = cell_trim(s);
    if (means_nothing(s))
        return VALUE_NONE;
    int n = s.n <= 80 ? tokens_of(s, t) : -1;
    if (n < 1 || !any_number(t, n))
        return VALUE_WRONG;
    if (spreadsheet_serial(t, n, ret))
        return VALUE_OK;
    struct civil_read c = {.year = -1};
    *ret = (struct when){.second = -1};
    int at = read_date(t, n, order, &c, &ret->second);
    if (at == 0 || c.year < 0)
        return VALUE_WRONG;
    if (at < n && t[at].number < 0 && str_ieq_ascii(t[at].text, STR("t")))
        at++;
    at = skip_fillers(t, n, at);
    if (at < n && ret->second < 0) {
        enum value_verdict v = read_time(t, n, &at, &ret->second);
        if (v == VALUE_WRONG || v == VALUE_IMPOSSIBLE)
            return v;
    }
    int32_t offset = 0;
    if (!read_offset(t, n, &at, &ret->instant, &offset) || at != n)
        return VALUE_WRONG;
    if (!to_day(&c, last_year, &ret->day))
        return VALUE_IMPOSSIBLE;
    if (ret->instant && ret->second >= 0)
        ret->us = ret->day * US_PER_DAY + (ret->second - (int64_t)offset) * 1000000;
    else
        ret->instant = false;
    return VALUE_OK;
}

enum value_verdict value_time(struct str s, int32_t *ret_second)
{
    struct token t[TOKENS_MAX];
    s = cell_trim(s);
    if (s.n == 0)
        return VALUE_NONE;
    int n = s.n <= 40 ? tokens_of(s, t) : -1, at = 0;
    if (n < 1)
        return VALUE_WRONG;
    if (n == 1 && t[0].number >= 0 && (t[0].digits == 6 || t[0].digits == 4)) { /* 082600, 0826 */
        int64_t v = t[0].digits == 6 ? t[0].number : t[0].number * 100;
        if (v / 10000 > 23 || v / 100 % 100 > 59 || v % 100 > 59)
            return VALUE_IMPOSSIBLE;
        *ret_second = (int32_t)(v / 10000 * 3600 + v / 100 % 100 * 60 + v % 100);
        return VALUE_OK;
    }
    enum value_verdict v = read_time(t, n, &at, ret_second);
    return v != VALUE_OK || at == n ? v : VALUE_WRONG;
}

enum value_verdict value_birthday(struct str s, enum date_order order, int last_year,
                                  struct birthday *ret)
{
    struct when w;
    enum value_verdict v = value_when(s, order, last_year, &w);
    if (v == VALUE_OK) {
        struct civil c = day_to_civil(w.day);
        *ret = (struct birthday){c.year, c.month, c.day};
        return VALUE_OK;
    }
    struct token t[TOKENS_MAX];
    s = cell_trim(s);
    int n = v == VALUE_WRONG && s.n <= 80 ? tokens_of(s, t) : -1;
    if (n == 1 && s.n == 4 && t[0].digits == 4 && t[0].number > 0) {
        *ret = (struct birthday){(int32_t)t[0].number, 0, 0};
        return VALUE_OK;
    }
    if (n < 2)
        return v;
    struct civil_read c = {.year = -1};
    if (n == 2 && t[0].number >= 0 && t[1].number >= 0 && t[0].digits <= 2 && t[1].digits <= 2 &&
        strchr("/.-", t[1].before)) {
        bool day_first = order == DATE_DMY && t[0].before != '-';
        c.day = t[day_first ? 0 : 1].number;
        c.month = t[day_first ? 1 : 0].number;
    } else if (named_date(t, n, &c) != n || c.year >= 0) {
        return VALUE_WRONG;
    }
    if (!plausible(&c) || !civil_valid((struct civil){2000, (int32_t)c.month, (int32_t)c.day}))
        return VALUE_IMPOSSIBLE;
    *ret = (struct birthday){0, (int32_t)c.month, (int32_t)c.day};
    return VALUE_OK;
}

int value_date_orders(struct str s)
{
    struct token t[TOKENS_MAX];
    s = cell_trim(s);
    int n = s.n > 0 && s.n <= 80 ? tokens_of(s, t) : -1, orders = 0;
    struct civil_read whole;
    int32_t second;
    if (n == 1 && t[0].digits >= 8 && t[0].number >= 0 && compact(&t[0], &whole, &second))
        return 1 << DATE_YMD;
    if (n < 3 || t[0].number < 0 || t[1].number < 0 || t[2].number < 0 ||
        !strchr("/.-", t[1].before) || t[2].before != t[1].before)
        return 0;
    if (t[0].digits == 4)
        return 1 << DATE_YMD;
    for (int o = 0; o < DATE_ORDERS; o++) {
        struct civil_read c;
        if (assign(t, (enum date_order)o, &c) && plausible(&c))
            orders |= 1 << o;
    }
    return t[2].digits == 4 ? orders & ~(1 << DATE_YMD) : orders;
}
