#include "row_value.h"
#include "../../base/check.h"

static bool has_lower(struct str word)
{
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.p[i],
                      d = i + 1 < word.n ? (unsigned char)word.p[i + 1] : 0;
        if ((c >= 'a' && c <= 'z') || (c == 0xC3 && d >= 0x9F) || (c == 0xD0 && d >= 0xB0) ||
            c == 0xD1)
            return true;
    }
    return false;
}

/* How many words at the front are a family name in capitals ("DE LA TOUR Jean"); 0: none. */
static size_t capitals(struct str full)
{
    size_t at = 0, end = 0;
    while (at < full.n) {
        size_t stop = at;
        while (stop < full.n && full.p[stop] != ' ')
            stop++;
        struct str word = {full.p + at, stop - at};
        if (has_lower(word) || (word.n < 2))
            break;
        end = stop;
        at = stop < full.n ? stop + 1 : stop;
    }
    return end < full.n ? end : 0;
}

static bool ends_with(struct str s, const char *end)
{
    size_t n = strlen(end);
    return s.n > n && memcmp(s.p + s.n - n, end, n) == 0;
}

static struct str part(struct str s, size_t from, size_t to)
{
    return str_trim((struct str){s.p + from, to - from});
}

void name_split(struct str full, struct str *ret_first, struct str *ret_last)
{
    const char *comma = full.n ? memchr(full.p, ',', full.n) : NULL;
    *ret_first = full;
    *ret_last = (struct str){"", 0};
    if (comma) { /* Rossi, Anna */
        size_t at = (size_t)(comma - full.p);
        *ret_last = part(full, 0, at);
        *ret_first = part(full, at + 1, full.n);
        return;
    }
    size_t last = full.n;
    while (last > 0 && full.p[last - 1] != ' ')
        last--;
    if (last == 0)
        return;
    static const char *const patronymics[] = {"вич", "вна", "чна", "ична"};
    struct str end = part(full, last, full.n);
    for (size_t i = 0; i < ARRAY_LEN(patronymics); i++) {
        const char *blank = memchr(full.p, ' ', full.n);
        if (ends_with(end, patronymics[i]) && blank < full.p + last - 1) {
            *ret_last = part(full, 0, (size_t)(blank - full.p));
            *ret_first = part(full, (size_t)(blank - full.p), full.n);
            return;
        }
    }
    size_t upper = capitals(full);
    if (upper > 0) { /* ROSSI Anna */
        *ret_last = part(full, 0, upper);
        *ret_first = part(full, upper, full.n);
        return;
    }
    *ret_first = part(full, 0, last);
    *ret_last = end;
}

bool currency_matches(struct str cell, const char *currency)
{
    static const struct {
        const char *sign, *code;
    } signs[] = {{"€", "EUR"},   {"£", "GBP"},    {"$", "USD"}, {"₽", "RUB"},
                 {"руб", "RUB"}, {"руб.", "RUB"}, {"¥", "JPY"}, {"Fr.", "CHF"}};
    if (str_ieq_ascii(cell, str_c(currency)))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_eq(cell, str_c(signs[i].sign)) && strcmp(signs[i].code, currency) == 0)
            return true;
    return false;
}
