/* text_fold: what search compares. ICU needs microseconds a name, and a base of a million names is
 * folded at start: so what is ASCII goes by itself, and what a table knows by that. fold_test shows
 * that all ways give the same. */
#include "fold.h"
#include "text.h"
#include <unicode/utf8.h>

/* False: something is not in the table. */
static bool by_table(struct buf *out, struct str s)
{
    out->n = 0;
    const uint8_t *p = (const uint8_t *)s.p;
    for (size_t i = 0; i < s.n;) {
        if (p[i] < 0x80) {
            char c = s.p[i++];
            if (c >= 'A' && c <= 'Z')
                c = (char)(c + 32);
            fold_emit(out, (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : ' ');
            continue;
        }
        UChar32 c;
        U8_NEXT(p, i, s.n, c);
        int at = fold_at(c);
        if (at < 0)
            return false;
        const struct folded *entry = &fold_table[at];
        for (uint8_t k = 0; k < entry->n; k++)
            fold_emit(out, entry->p[k]);
    }
    fold_end(out);
    return true;
}

/* Letters and digits of ASCII alone, as most texts are. False: something else is there. */
static bool plain(struct buf *out, struct str s)
{
    out->n = 0;
    char *p = buf_reserve(out, s.n);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!p || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            return false;
        p[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    out->n = s.n;
    return true;
}

/* At most FOLD_BYTES_MAX, not cutting a character in two. */
static struct str cut(struct str s)
{
    if (s.n <= FOLD_BYTES_MAX)
        return s;
    size_t n = FOLD_BYTES_MAX;
    while (n > FOLD_BYTES_MAX - 4 && ((uint8_t)s.p[n] & 0xC0) == 0x80)
        n--;
    return (struct str){s.p, n};
}

void text_fold_into(struct buf *out, struct str s)
{
    s = cut(s);
    if (!plain(out, s) && !by_table(out, s))
        fold_by_icu(out, s);
}

struct str text_fold(struct arena *a, struct str s)
{
    struct buf out;
    buf_init(&out, (size_t)FOLD_BYTES_MAX * 16);
    text_fold_into(&out, s);
    struct str folded = arena_str(a, buf_str(&out));
    buf_free(&out);
    return folded;
}
