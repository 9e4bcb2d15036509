#include "text.h"
#include "check.h"
#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ucol.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

/* ICU counts in int32_t, and UTF-16 may need room to grow: nothing longer gets near it. */
enum { TEXT_BYTES_MAX = 256 << 20 };

bool utf8_valid(struct str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    size_t i = 0;
    while (i < s.n) {
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        UChar32 c;
        U8_NEXT(p, i, s.n, c);
        if (c < 0)
            return false;
    }
    return true;
}

static bool control(UChar32 c)
{
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0);
}

/* Copies `s` without control characters; false: no UTF-8. *ret_ascii: nothing but ASCII is left. */
static bool copy_clean(struct str s, char *out, size_t *ret_n, bool *ret_ascii)
{
    const uint8_t *p = (const uint8_t *)s.p;
    size_t i = 0, n = 0;
    bool ascii = true;
    while (i < s.n) {
        size_t from = i;
        UChar32 c;
        U8_NEXT(p, i, s.n, c);
        if (c < 0)
            return false;
        if (control(c))
            continue;
        ascii &= c < 0x80;
        memcpy(out + n, s.p + from, i - from);
        n += i - from;
    }
    *ret_n = n;
    *ret_ascii = ascii;
    return true;
}

/* NFC of valid UTF-8. */
static struct str nfc(struct arena *a, struct str s)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normalizer = unorm2_getNFCInstance(&status);
    check(U_SUCCESS(status));
    int32_t n = 0;
    UChar *wide = arena_array(a, UChar, s.n + 1);
    u_strFromUTF8(wide, (int32_t)s.n + 1, &n, s.p, (int32_t)s.n, &status);
    check(U_SUCCESS(status));
    if (unorm2_spanQuickCheckYes(normalizer, wide, n, &status) == n)
        return s;
    int32_t room = n * 3 + 1; /* the most that NFC can lengthen UTF-16 (UAX 15) */
    UChar *composed = arena_array(a, UChar, (size_t)room);
    int32_t m = unorm2_normalize(normalizer, wide, n, composed, room, &status);
    check(U_SUCCESS(status));
    char *out = arena_alloc(a, (size_t)m * 3 + 1);
    int32_t bytes = 0;
    u_strToUTF8(out, m * 3 + 1, &bytes, composed, m, &status);
    check(U_SUCCESS(status));
    return (struct str){out, (size_t)bytes};
}

enum err text_clean(struct arena *a, struct str s, struct str *ret)
{
    if (s.n > TEXT_BYTES_MAX)
        return ERR_INVALID;
    char *out = arena_alloc(a, s.n + 1);
    size_t n;
    bool ascii;
    if (!copy_clean(s, out, &n, &ascii))
        return ERR_INVALID;
    struct str clean = str_trim((struct str){out, n});
    *ret = ascii ? clean : nfc(a, clean);
    return OK;
}

size_t text_length(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((uint8_t)s.p[i] & 0xC0) != 0x80;
    return n;
}

char text_initial(struct str s)
{
    enum { ENOUGH = 256 }; /* bytes: the first letter comes early or not at all */
    if (s.n > ENOUGH)
        s.n = ENOUGH;
    struct buf folded;
    buf_init(&folded, ENOUGH * 16);
    text_fold_into(&folded, s);
    char c = folded.n ? folded.p[0] : '#';
    buf_free(&folded);
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : '#';
}

struct collation {
    UCollator *collator;
};

enum err collation_open(const char *language, struct collation **ret)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollator *collator = ucol_open(language, &status);
    if (U_FAILURE(status))
        return ERR_INVALID;
    ucol_setAttribute(collator, UCOL_NORMALIZATION_MODE, UCOL_ON, &status);
    check(U_SUCCESS(status));
    struct collation *c = malloc(sizeof(*c));
    check(c);
    c->collator = collator;
    *ret = c;
    return OK;
}

void collation_close(struct collation **c)
{
    if (!c || !*c)
        return;
    ucol_close((*c)->collator);
    free(*c);
    *c = NULL;
}

int collation_compare(struct collation *c, struct str a, struct str b)
{
    check(a.n <= TEXT_BYTES_MAX && b.n <= TEXT_BYTES_MAX);
    UErrorCode status = U_ZERO_ERROR;
    UCollationResult r =
        ucol_strcollUTF8(c->collator, a.p, (int32_t)a.n, b.p, (int32_t)b.n, &status);
    check(U_SUCCESS(status));
    return r == UCOL_LESS ? -1 : r == UCOL_GREATER;
}

void collation_key(struct collation *c, struct str s, struct buf *out)
{
    check(s.n <= TEXT_BYTES_MAX);
    enum { SHORT = 256 };
    UChar on_stack[SHORT];
    UChar *wide = on_stack;
    if (s.n > SHORT) {
        wide = malloc(s.n * sizeof(UChar));
        check(wide);
    }
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    u_strFromUTF8WithSub(wide, (int32_t)(s.n > SHORT ? s.n : SHORT), &n, s.p, (int32_t)s.n, 0xFFFD,
                         NULL, &status);
    check(U_SUCCESS(status));
    uint8_t key[SHORT * 4];
    int32_t need =
        ucol_getSortKey(c->collator, wide, n, key, sizeof(key)); /* with ICU's closing NUL */
    if (need > (int32_t)sizeof(key)) {
        char *p = buf_reserve(out, (size_t)need);
        if (p && ucol_getSortKey(c->collator, wide, n, (uint8_t *)p, need) == need)
            out->n += (size_t)need - 1;
    } else if (need > 0) {
        buf_add(out, key, (size_t)need - 1);
    }
    if (wide != on_stack)
        free(wide);
}
