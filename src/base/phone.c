#include "phone_shim.h"
#include "check.h"
#include "text.h"
#include <stdio.h>

enum { INPUT_MAX = 64 }; /* the longest number with blanks and an extension is half of it */

static bool country_code(const char country[static 3])
{
    return country[0] >= 'A' && country[0] <= 'Z' && country[1] >= 'A' && country[1] <= 'Z' &&
           country[2] == 0;
}

static enum phone_verdict verdict_of(enum shim_verdict v)
{
    switch (v) {
    case SHIM_OK:
        return PHONE_OK;
    case SHIM_BAD_COUNTRY:
        return PHONE_BAD_COUNTRY;
    case SHIM_TOO_SHORT:
        return PHONE_TOO_SHORT;
    case SHIM_TOO_LONG:
        return PHONE_TOO_LONG;
    case SHIM_INVALID:
        return PHONE_INVALID;
    case SHIM_NOT_A_NUMBER:
        break;
    }
    return PHONE_NOT_A_NUMBER;
}

/* Brazilian mobile numbers got a ninth digit from 2012 to 2016; old address books lack it. The old
 * writing, as digits with country code, begins 55, area, 6 to 9. Adds the digit. */
static bool add_ninth_digit(struct str s, char out[static 20])
{
    char digits[16];
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            continue;
        if (n == sizeof(digits))
            return false;
        digits[n++] = s.p[i];
    }
    const char *national = digits;
    if (n == 12 && digits[0] == '5' && digits[1] == '5')
        national += 2;
    else if (n == 11 && digits[0] == '0')
        national += 1;
    else if (n != 10)
        return false;
    if (national[2] < '6')
        return false;
    snprintf(out, 20, "+55%.2s9%.8s", national, national + 2);
    return true;
}

enum phone_verdict phone_parse(struct str s, const char country[static 3], char ret_e164[static 20])
{
    s = str_trim(s);
    if (s.n > INPUT_MAX)
        return PHONE_TOO_LONG;
    if (s.n == 0 || !utf8_valid(s) || memchr(s.p, 0, s.n))
        return PHONE_NOT_A_NUMBER;
    const char *region = country_code(country) ? country : "ZZ";
    char e164[20];
    enum phone_verdict v = verdict_of(shim_parse(s.p, s.n, region, e164));
    if (v != PHONE_OK && (s.p[0] == '+' ? str_starts(s, STR("+55")) : strcmp(region, "BR") == 0)) {
        char longer[20];
        if (add_ninth_digit(s, longer) && shim_parse(longer, strlen(longer), "BR", e164) == SHIM_OK)
            v = PHONE_OK;
    }
    if (v == PHONE_OK)
        memcpy(ret_e164, e164, sizeof(e164));
    return v;
}

void phone_match_key(const char *e164, char ret_key[static 20])
{
    size_t n = strlen(e164);
    check(n < 20);
    size_t drop = 0; /* position of a digit that some writings lack */
    if (n == 14 && strncmp(e164, "+549", 4) == 0)
        drop = 3; /* Argentina: 9 before a mobile number dialled from abroad */
    else if (n == 14 && strncmp(e164, "+521", 4) == 0)
        drop = 3; /* Mexico: 1 before a mobile number, until 2019 */
    else if (n == 14 && strncmp(e164, "+55", 3) == 0 && e164[5] == '9' && e164[6] >= '6')
        drop = 5; /* Brazil: the ninth digit */
    if (!drop) {
        memcpy(ret_key, e164, n + 1);
        return;
    }
    memcpy(ret_key, e164, drop);
    memcpy(ret_key + drop, e164 + drop + 1, n - drop);
}

size_t phone_format(const char *e164, const char *country, char *out, size_t size)
{
    return shim_format(e164, country ? country : "", out, size);
}
