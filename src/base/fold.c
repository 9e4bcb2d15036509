/* text_fold: what search compares.
 *
 * The rule, by ICU: NFKC with case folding, any script to Latin, Latin to ASCII, marks removed;
 * what is no letter or digit then becomes a blank. ICU needs microseconds a name, and a base of a
 * million names is folded at start; so ASCII, Latin-1, Latin Extended-A and Cyrillic go through a
 * table that is filled by the same rule, one code point at a time. fold_test shows that both give
 * the same. */
#include "check.h"
#include "fold.h"
#include "text.h"
#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

/* Longer text is folded up to here: a search form of a megabyte serves nobody. */
enum { FOLD_BYTES_MAX = 1 << 20 };
enum { LATIN_FIRST = 0x80, LATIN_END = 0x180, CYRILLIC_FIRST = 0x400, CYRILLIC_END = 0x500 };
enum { TABLE_SIZE = LATIN_END - LATIN_FIRST + CYRILLIC_END - CYRILLIC_FIRST };

/* What a code point becomes; blanks are not yet joined. */
struct folded {
    uint8_t n;
    char p[7];
};

static struct folded table[TABLE_SIZE];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

/* A transliterator is used by one thread at a time: each has its own, closed when it ends. */
static UTransliterator *original;
static pthread_key_t clone_key;
static pthread_once_t original_once = PTHREAD_ONCE_INIT;

static void clone_close(void *p)
{
    utrans_close(p);
}

static void original_open(void)
{
    /* Modifier letters (the prime of a Cyrillic soft sign, Arabic ayn) go before Latin-ASCII would
     * make apostrophes of them, which would cut the word in two. */
    static const char id[] =
        "Any-Latin; [\\u02B0-\\u02FF] Remove; Latin-ASCII; NFKD; [:M:] Remove; Lower";
    UChar wide[sizeof(id)];
    UErrorCode status = U_ZERO_ERROR;
    u_uastrcpy(wide, id);
    original = utrans_openU(wide, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    check(U_SUCCESS(status) && pthread_key_create(&clone_key, clone_close) == 0);
}

static UTransliterator *transliterator(void)
{
    pthread_once(&original_once, original_open);
    UTransliterator *own = pthread_getspecific(clone_key);
    if (!own) {
        UErrorCode status = U_ZERO_ERROR;
        own = utrans_clone(original, &status);
        check(U_SUCCESS(status) && pthread_setspecific(clone_key, own) == 0);
    }
    return own;
}

/* A growing UTF-16 text for ICU, which asks for more room by U_BUFFER_OVERFLOW_ERROR. */
struct wide {
    UChar *p;
    int32_t n, cap;
};

static void wide_room(struct wide *w, int32_t cap)
{
    w->p = realloc(w->p, (size_t)cap * sizeof(UChar));
    check(w->p);
    w->cap = cap;
}

static struct wide casefold(struct str s)
{
    struct wide from = {0}, to = {0};
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&status);
    wide_room(&from, (int32_t)s.n + 1);
    u_strFromUTF8WithSub(from.p, from.cap, &from.n, s.p, (int32_t)s.n, 0xFFFD, NULL, &status);
    check(U_SUCCESS(status));
    wide_room(&to, from.n * 2 + 16);
    to.n = unorm2_normalize(nfkc, from.p, from.n, to.p, to.cap, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
        status = U_ZERO_ERROR;
        wide_room(&to, to.n + 1);
        to.n = unorm2_normalize(nfkc, from.p, from.n, to.p, to.cap, &status);
    }
    check(U_SUCCESS(status));
    free(from.p);
    return to;
}

static void to_ascii(struct wide *w)
{
    struct wide before = {0};
    wide_room(&before, w->n + 1);
    memcpy(before.p, w->p, (size_t)w->n * sizeof(UChar));
    before.n = w->n;
    wide_room(w, w->n * 4 + 64);
    for (;;) {
        UErrorCode status = U_ZERO_ERROR;
        int32_t limit = w->n;
        utrans_transUChars(transliterator(), w->p, &w->n, w->cap, 0, &limit, &status);
        if (status != U_BUFFER_OVERFLOW_ERROR) {
            check(U_SUCCESS(status));
            break;
        }
        wide_room(w, w->n + w->cap + 64); /* it left the text half done: once more from the start */
        memcpy(w->p, before.p, (size_t)before.n * sizeof(UChar));
        w->n = before.n;
    }
    free(before.p);
}

/* Appends a byte of a folded text, joining blanks. */
static void emit(struct buf *out, char c)
{
    if (c != ' ')
        buf_addc(out, c);
    else if (out->n && out->p[out->n - 1] != ' ')
        buf_addc(out, ' ');
}

static void end(struct buf *out)
{
    if (out->n && out->p[out->n - 1] == ' ')
        out->n--;
}

static void by_icu(struct buf *out, struct str s)
{
    struct wide w = casefold(s);
    to_ascii(&w);
    for (int32_t i = 0; i < w.n;) {
        UChar32 c;
        U16_NEXT(w.p, i, w.n, c);
        if (c < 0x80) {
            emit(out, u_isalnum(c) ? (char)u_tolower(c) : ' ');
        } else if (u_isalnum(c)) { /* a script that ICU cannot write in Latin stays itself */
            char bytes[4];
            int32_t n = 0;
            U8_APPEND_UNSAFE(bytes, n, c);
            buf_add(out, bytes, (size_t)n);
        } else if (!(U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_CF_MASK))) {
            emit(out, ' ');
        }
    }
    free(w.p);
}

static struct folded *table_entry(UChar32 c)
{
    if (c < LATIN_END)
        return c >= LATIN_FIRST ? &table[c - LATIN_FIRST] : NULL;
    if (c >= CYRILLIC_FIRST && c < CYRILLIC_END)
        return &table[c - CYRILLIC_FIRST + LATIN_END - LATIN_FIRST];
    return NULL;
}

static void table_fill(void)
{
    struct buf out;
    buf_init(&out, 256);
    for (UChar32 c = LATIN_FIRST; c < CYRILLIC_END; c++) {
        struct folded *entry = table_entry(c);
        if (!entry)
            continue;
        /* Between two letters, so that blanks at its own ends are seen. */
        char around[8] = {'x'};
        int32_t n = 1;
        U8_APPEND_UNSAFE(around, n, c);
        around[n++] = 'x';
        out.n = 0;
        by_icu(&out, (struct str){around, (size_t)n});
        check(out.n >= 2 && out.n - 2 <= sizeof(entry->p));
        entry->n = (uint8_t)(out.n - 2);
        memcpy(entry->p, out.p + 1, entry->n);
    }
    buf_free(&out);
}

/* False: something is not in the table. */
static bool by_table(struct buf *out, struct str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    for (size_t i = 0; i < s.n;) {
        if (p[i] < 0x80) {
            char c = s.p[i++];
            if (c >= 'A' && c <= 'Z')
                c = (char)(c + 32);
            emit(out, (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : ' ');
            continue;
        }
        UChar32 c;
        U8_NEXT(p, i, s.n, c);
        const struct folded *entry = table_entry(c);
        if (!entry)
            return false;
        for (uint8_t k = 0; k < entry->n; k++)
            emit(out, entry->p[k]);
    }
    return true;
}

/* Letters and digits of ASCII alone, as most texts are. False: something else is there. */
static bool plain(struct buf *out, struct str s)
{
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

void text_fold_by_icu(struct buf *out, struct str s)
{
    out->n = 0;
    by_icu(out, cut(s));
    end(out);
}

void text_fold_into(struct buf *out, struct str s)
{
    pthread_once(&table_once, table_fill);
    s = cut(s);
    out->n = 0;
    if (plain(out, s))
        return;
    if (!by_table(out, s)) {
        out->n = 0;
        by_icu(out, s);
    }
    end(out);
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
