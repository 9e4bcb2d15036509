/* Numbers and what cells have around them; dates are in value_date.c. */
#include "value.h"
#include "../../base/check.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const int64_t VALUE_MAX = 1000000000000000;

/* Length of a blank or invisible character at the front: ASCII, NBSP, narrow and thin spaces,
 * marks. */
static size_t blank_at(struct str s)
{
    if (s.n == 0)
        return 0;
    unsigned char c = (unsigned char)s.p[0];
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (s.n >= 2 && c == 0xC2 && (unsigned char)s.p[1] == 0xA0)
        return 2;
    if (s.n >= 3 && c == 0xE2 && (unsigned char)s.p[1] == 0x80) {
        unsigned char d = (unsigned char)s.p[2]; /* U+2000…U+200F, U+202F */
        return (d >= 0x80 && d <= 0x8F) || d == 0xAF ? 3 : 0;
    }
    return s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static struct str skip(struct str s, size_t n)
{
    return (struct str){s.p + n, s.n - n};
}

struct str cell_trim(struct str s)
{
    if (s.n > 0 && (unsigned char)s.p[0] > ' ' && (unsigned char)s.p[0] < 0x80 && s.p[0] != '\'' &&
        (unsigned char)s.p[s.n - 1] > ' ' && (unsigned char)s.p[s.n - 1] < 0x80)
        return s;
    for (size_t n; (n = blank_at(s)) > 0;)
        s = skip(s, n);
    for (bool again = true; again && s.n > 0;) {
        again = false;
        for (size_t n = 1; n <= 3 && n <= s.n; n++) {
            struct str end = {s.p + s.n - n, n};
            if (blank_at(end) == n) {
                s.n -= n;
                again = true;
                break;
            }
        }
    }
    if (s.n > 1 && s.p[0] == '\'')
        s = skip(s, 1);
    return s;
}

static bool means_nothing(struct str s)
{
    static const char *const words[] = {"-", "--", "n/a", "na", "null", "none", "nan", "#n/a"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_ieq_ascii(s, str_c(words[i])))
            return true;
    return s.n == 0;
}

/* Signs, codes and abbreviations, the longer ones first; none has a digit. */
static const struct str currencies[] = {STR("CA$"), STR("US$"), STR("€"),   STR("$"),    STR("£"),
                                        STR("¥"),   STR("₽"), STR("₣"),   STR("руб."), STR("руб"),
                                        STR("р."),  STR("EUR"), STR("USD"), STR("GBP"),  STR("RUB"),
                                        STR("CHF"), STR("Fr.")};

/* Length of a currency at the front. */
static size_t currency_at(struct str s)
{
    if (s.n == 0 || is_digit(s.p[0]))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(currencies); i++)
        if (str_starts(s, currencies[i]))
            return currencies[i].n;
    return 0;
}

static size_t currency_at_end(struct str s)
{
    if (s.n == 0 || is_digit(s.p[s.n - 1]))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(currencies); i++) {
        size_t n = currencies[i].n;
        if (n <= s.n && str_eq(skip(s, s.n - n), currencies[i]))
            return n;
    }
    return 0;
}

static size_t minus_at(struct str s)
{
    return s.n > 0 && s.p[0] == '-' ? 1 : str_starts(s, STR("\xE2\x88\x92")) ? 3 : 0;
}

/* Takes signs, parentheses and currencies off both ends. */
static struct str bare_number(struct str s, bool *ret_negative)
{
    bool negative = false;
    for (bool again = true; again;) {
        struct str was = s;
        s = cell_trim(s);
        s = skip(s, currency_at(s));
        s.n -= currency_at_end(s);
        s = cell_trim(s);
        size_t minus = minus_at(s);
        if (minus > 0 && !negative) {
            negative = true;
            s = skip(s, minus);
        } else if (s.n > 1 && s.p[0] == '+') {
            s = skip(s, 1);
        } else if (s.n > 1 && s.p[s.n - 1] == '-' && !negative) {
            negative = true;
            s.n--;
        } else if (s.n > 2 && s.p[0] == '(' && s.p[s.n - 1] == ')' && !negative) {
            negative = true;
            s = (struct str){s.p + 1, s.n - 2};
        }
        again = s.p != was.p || s.n != was.n;
    }
    *ret_negative = negative;
    return s;
}

/* Length of a thousands separator at the front: a blank, an apostrophe, the sign that is no
 * decimal. */
static size_t separator_at(struct str s, char decimal)
{
    if (s.n == 0)
        return 0;
    if (s.p[0] == '\'' || (s.p[0] == ',' && decimal == '.') || (s.p[0] == '.' && decimal == ','))
        return 1;
    return str_starts(s, STR("\xE2\x80\x99")) ? 3 : blank_at(s);
}

struct digits {
    __int128 value;
    int count;
};

static bool add_digit(struct digits *d, char c)
{
    d->value = d->value * 10 + (c - '0');
    return ++d->count <= 30;
}

/* The part before the decimal sign. False: ill-formed groups. */
static bool whole_part(struct str *s, char decimal, struct digits *d)
{
    int group = 0, groups = 0;
    while (s->n > 0 && s->p[0] != decimal) {
        size_t n = separator_at(*s, decimal);
        if (n > 0 && group > 0 && (groups == 0 ? group <= 3 : group == 3)) {
            groups++;
            group = 0;
            *s = skip(*s, n);
        } else if (is_digit(s->p[0])) {
            if (!add_digit(d, s->p[0]))
                return false;
            group++;
            *s = skip(*s, 1);
        } else {
            return false;
        }
    }
    return groups == 0 || group == 3;
}

/* "-12.50" and the like, which most cells are. False: to be looked at closely. */
static bool plain_decimal(struct str s, char decimal, int scale, int64_t *ret)
{
    static const int64_t powers[] = {1,      10,      100,      1000,      10000,
                                     100000, 1000000, 10000000, 100000000, 1000000000};
    size_t i = s.n > 0 && s.p[0] == '-';
    int64_t value = 0;
    int places = -1;
    if (s.n == i || s.n > (scale > 6 ? 9 : 12) || !is_digit(s.p[i]))
        return false;
    for (; i < s.n; i++) {
        if (s.p[i] == decimal && places < 0) {
            places = 0;
            continue;
        }
        if (!is_digit(s.p[i]) || places == scale)
            return false;
        value = value * 10 + (s.p[i] - '0');
        places += places >= 0;
    }
    value *= powers[scale - (places > 0 ? places : 0)];
    if (value > VALUE_MAX)
        return false;
    *ret = s.p[0] == '-' ? -value : value;
    return true;
}

enum value_verdict value_decimal(struct str s, char decimal, int scale, int64_t *ret)
{
    check(scale >= 0 && scale <= 9);
    bool negative;
    if (plain_decimal(s, decimal, scale, ret))
        return VALUE_OK;
    s = cell_trim(s);
    if (means_nothing(s))
        return VALUE_NONE;
    s = bare_number(s, &negative);
    struct digits d = {0, 0};
    if (!whole_part(&s, decimal, &d))
        return VALUE_WRONG;
    int fraction = 0, whole = d.count;
    bool up = false;
    if (s.n > 0)
        s = skip(s, 1);
    for (; s.n > 0; s = skip(s, 1)) {
        if (!is_digit(s.p[0]))
            return VALUE_WRONG;
        if (fraction < scale && !add_digit(&d, s.p[0]))
            return VALUE_WRONG;
        if (fraction == scale)
            up = s.p[0] >= '5';
        fraction++;
    }
    if (whole + fraction == 0)
        return VALUE_WRONG;
    for (int i = fraction; i < scale; i++)
        d.value *= 10;
    d.value += up;
    if (d.value > VALUE_MAX)
        return VALUE_IMPOSSIBLE;
    *ret = negative ? -(int64_t)d.value : (int64_t)d.value;
    return VALUE_OK;
}

char value_decimal_hint(struct str s)
{
    bool negative;
    s = bare_number(cell_trim(s), &negative);
    int commas = 0, points = 0;
    size_t last = s.n;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ',' || s.p[i] == '.') {
            commas += s.p[i] == ',';
            points += s.p[i] == '.';
            last = i;
        } else if (!is_digit(s.p[i]) && separator_at(skip(s, i), '.') == 0) {
            if ((unsigned char)s.p[i] < 0x80)
                return 0;
        }
    }
    if (last == s.n)
        return 0;
    char sign = s.p[last], other = sign == ',' ? '.' : ',';
    if (commas > 0 && points > 0)
        return (sign == ',' ? commas : points) == 1 ? sign : 0;
    if (commas + points > 1)
        return other; /* only thousands repeat */
    size_t after = s.n - last - 1;
    return after != 3 || last == 0 || last > 3 || s.p[0] == '0' ? sign : 0;
}
