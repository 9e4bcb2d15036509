/* The rule of text_fold, by ICU: NFKC with case folding, any script to Latin, Latin to ASCII, marks
 * removed; what is no letter or digit then becomes a blank. */
#include "check.h"
#include "fold.h"
#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

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

void fold_by_icu(struct buf *out, struct str s)
{
    struct wide w = casefold(s);
    to_ascii(&w);
    out->n = 0;
    for (int32_t i = 0; i < w.n;) {
        UChar32 c;
        U16_NEXT(w.p, i, w.n, c);
        if (c < 0x80) {
            fold_emit(out, u_isalnum(c) ? (char)u_tolower(c) : ' ');
        } else if (u_isalnum(c)) { /* a script that ICU cannot write in Latin stays itself */
            char bytes[4];
            int32_t n = 0;
            U8_APPEND_UNSAFE(bytes, n, c);
            buf_add(out, bytes, (size_t)n);
        } else if (!(U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_CF_MASK))) {
            fold_emit(out, ' ');
        }
    }
    fold_end(out);
    free(w.p);
}
