/* E-mail addresses: RFC 5321 section 4.1.2, RFC 5322 section 3.4.1, RFC 6531; domains by UTS 46. */
#include "check.h"
#include "text.h"
#include <pthread.h>
#include <unicode/unorm2.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

enum { ADDRESS_MAX = 254, LOCAL_MAX = 64, DOMAIN_MAX = 253 };

static bool atext(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool dot_atom(struct str s)
{
    bool atom = false; /* the byte before was atext */
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && atom)
            atom = false;
        else if (atext((uint8_t)s.p[i]))
            atom = true;
        else
            return false;
    }
    return atom;
}

/* "…", empty too, quoted-pairs as RFC 5321 has them. */
static bool quoted_string(struct str s)
{
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
        return false;
    for (size_t i = 1; i < s.n - 1; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < 0x20 || c == 0x7F || c == '"')
            return false;
        if (c == '\\') {
            i++;
            if (i == s.n - 1 || (uint8_t)s.p[i] < 0x20 || (uint8_t)s.p[i] > 0x7E)
                return false;
        }
    }
    return true;
}

static UIDNA *idna;
static pthread_once_t idna_once = PTHREAD_ONCE_INIT;

static void idna_open(void)
{
    UErrorCode status = U_ZERO_ERROR;
    idna = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                               UIDNA_NONTRANSITIONAL_TO_ASCII,
                           &status);
    check(U_SUCCESS(status));
}

/* Letters, digits and inner hyphens in labels of 1 to 63, two labels at least, the last not a
 * number. */
static bool ascii_domain(struct str s)
{
    size_t label = 0, labels = 1;
    bool number = true; /* the current label has only digits */
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c == '.') {
            if (label == 0 || s.p[i - 1] == '-')
                return false;
            labels++;
            label = 0;
            number = true;
            continue;
        }
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && !(c == '-' && label > 0))
            return false;
        number &= c >= '0' && c <= '9';
        if (++label > 63)
            return false;
    }
    return labels >= 2 && label > 0 && s.p[s.n - 1] != '-' && !number;
}

/* A domain of at most `max` bytes as DNS writes it. */
static bool domain(struct str s, size_t max)
{
    if (s.n == 0)
        return false;
    bool ascii = true;
    for (size_t i = 0; i < s.n; i++)
        ascii &= (uint8_t)s.p[i] < 0x80;
    if (ascii)
        return s.n <= max && ascii_domain(s);
    pthread_once(&idna_once, idna_open);
    char out[DOMAIN_MAX + 1];
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = uidna_nameToASCII_UTF8(idna, s.p, (int32_t)s.n, out, sizeof(out), &info, &status);
    if (U_FAILURE(status) || info.errors || (size_t)n > max)
        return false;
    return ascii_domain((struct str){out, (size_t)n});
}

/* Where the domain begins: after the last @, or 0. */
static size_t domain_at(struct str s)
{
    const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;
    return at ? (size_t)(at - s.p) + 1 : 0;
}

/* C1 controls, blanks and invisible format characters are no letters of anybody; the joiners are,
 * in Persian and Indic scripts. */
static bool misplaced(UChar32 c)
{
    if (c < 0x80 || c == 0x200C || c == 0x200D)
        return false;
    return c < 0xA0 || u_isUWhiteSpace(c) || u_charType(c) == U_FORMAT_CHAR || !u_isdefined(c);
}

bool email_valid(struct str s)
{
    size_t at = domain_at(s);
    if (s.n > ADDRESS_MAX || at < 2 || at - 1 > LOCAL_MAX || !utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.n;) {
        UChar32 c;
        U8_NEXT((const uint8_t *)s.p, i, s.n, c);
        if (misplaced(c))
            return false;
    }
    struct str local = {s.p, at - 1};
    size_t left = ADDRESS_MAX - at; /* for the domain, which is longer in ASCII */
    return (dot_atom(local) || quoted_string(local)) &&
           domain((struct str){s.p + at, s.n - at}, left < DOMAIN_MAX ? left : DOMAIN_MAX);
}

struct str email_match_key(struct arena *a, struct str s)
{
    uint8_t signs = 0;
    char *lower = arena_room(a, s.n + 1, 1);
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        signs |= c;
        lower[i] = (char)(c + ((uint8_t)(c - 'A') < 26 ? 'a' - 'A' : 0));
    }
    lower[s.n] = '\0';
    if (signs < 0x80 || s.n > ADDRESS_MAX || !utf8_valid(s))
        return (struct str){lower, s.n};
    enum { ROOM = ADDRESS_MAX * 3 };
    UChar wide[ROOM], low[ROOM], composed[ROOM];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    u_strFromUTF8(wide, ROOM, &n, s.p, (int32_t)s.n, &status);
    n = u_strToLower(low, ROOM, wide, n, "", &status);
    n = unorm2_normalize(unorm2_getNFCInstance(&status), low, n, composed, ROOM, &status);
    if (U_FAILURE(status)) /* longer than any address: as it is */
        return (struct str){lower, s.n};
    char *out = arena_alloc(a, (size_t)n * 3 + 1);
    int32_t bytes = 0;
    u_strToUTF8(out, n * 3 + 1, &bytes, composed, n, &status);
    check(U_SUCCESS(status));
    return (struct str){out, (size_t)bytes};
}

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
static int distance(struct str a, struct str b)
{
    enum { LONGEST = 32 };
    if (a.n > LONGEST || b.n > LONGEST)
        return LONGEST;
    int d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= a.n; i++) {
        for (size_t k = 0; k <= b.n; k++) {
            if (i == 0 || k == 0) {
                d[i][k] = (int)(i + k);
                continue;
            }
            int best = d[i - 1][k - 1] + (a.p[i - 1] != b.p[k - 1]);
            if (d[i - 1][k] + 1 < best)
                best = d[i - 1][k] + 1;
            if (d[i][k - 1] + 1 < best)
                best = d[i][k - 1] + 1;
            if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1] &&
                d[i - 2][k - 2] + 1 < best)
                best = d[i - 2][k - 2] + 1;
            d[i][k] = best;
        }
    }
    return d[a.n][b.n];
}

/* Most common first: the first of equally near ones is suggested. */
static const char *const providers[] = {
    "gmail.com",     "hotmail.com", "yahoo.com",     "outlook.com",    "icloud.com",
    "hotmail.fr",    "orange.fr",   "yahoo.fr",      "wanadoo.fr",     "free.fr",
    "laposte.net",   "sfr.fr",      "outlook.fr",    "live.fr",        "bbox.fr",
    "neuf.fr",       "libero.it",   "hotmail.it",    "yahoo.it",       "virgilio.it",
    "alice.it",      "tiscali.it",  "outlook.it",    "live.it",        "tim.it",
    "fastwebnet.it", "hotmail.es",  "yahoo.es",      "outlook.es",     "telefonica.net",
    "mail.ru",       "yandex.ru",   "rambler.ru",    "bk.ru",          "list.ru",
    "inbox.ru",      "ya.ru",       "hotmail.co.uk", "yahoo.co.uk",    "btinternet.com",
    "sky.com",       "live.co.uk",  "aol.com",       "live.com",       "msn.com",
    "me.com",        "mac.com",     "gmx.com",       "gmx.de",         "gmx.fr",
    "web.de",        "t-online.de", "proton.me",     "protonmail.com", "googlemail.com",
    "ymail.com",     "mail.com",    "vodafone.it",   "inwind.it",      "gmx.net",
};

struct str email_suggestion(struct arena *a, struct str s)
{
    size_t at = domain_at(s);
    if (at < 2 || s.n > ADDRESS_MAX)
        return (struct str){"", 0};
    struct str typed = email_match_key(a, (struct str){s.p + at, s.n - at});
    const char *nearest = NULL;
    int least = 3;
    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        struct str provider = str_c(providers[i]);
        int d = distance(typed, provider);
        if (d == 0)
            return (struct str){"", 0};
        /* Short names are too near to one another (ya.ru, me.com): one slip needs eight letters,
         * two need ten. */
        if (d < least && provider.n >= (d == 1 ? 8 : 10)) {
            least = d;
            nearest = providers[i];
        }
    }
    if (!nearest)
        return (struct str){"", 0};
    return str_c(arena_printf(a, "%.*s%s", (int)at, s.p, nearest));
}
