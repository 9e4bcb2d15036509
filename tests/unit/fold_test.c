#include "test.h"
#include "src/base/fold.h"
#include "src/base/text.h"
#include <unicode/utf8.h>

static void examples(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Иван", "ivan"},
        {"Łódź", "lodz"},
        {"Straße", "strasse"},
        {"STRASSE", "strasse"},
        {"cœur ŒUVRE", "coeur oeuvre"},
        {"Ærøskøbing", "aeroskobing"},
        {"Þórður", "thordur"},
        {"İstanbul ISPARTA ılık", "istanbul isparta ilik"},
        {"Ольга Щербакова", "olga serbakova"},
        {"ЁЛКА ёлка", "elka elka"},
        {"Γιώργος Παπαδόπουλος", "giorgos papadopoulos"},
        {"ＡＢＣ１２３", "abc123"},
        {"ﬁnancé", "finance"},
        {"e\xCC\x81te\xCC\x81", "ete"},
        {"O'Neil d’Angelo", "o neil d angelo"},
        {"Jean-Pierre  (Dupont)", "jean pierre dupont"},
        {"北京", "bei jing"},
        {"한국", "hangug"},
        {"محمد", "mhmd"},
        {"ad\xC2\xADmin", "admin"}, /* a soft hyphen is nothing */
        {"x\xE2\x80\x8Dy", "xy"},
        {"a\xFFz", "a z"},
        {"", ""},
        {" - ", ""},
        {"😀 Léa 😀", "lea"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_str(text_fold(a, str_c(cases[i][0])), cases[i][1]);
    arena_free(&a);
}

static void same(struct str s)
{
    static struct buf quick, slow;
    if (!quick.max) {
        buf_init(&quick, 1 << 16);
        buf_init(&slow, 1 << 16);
    }
    text_fold_into(&quick, s);
    fold_by_icu(&slow, s);
    if (!str_eq(buf_str(&quick), buf_str(&slow)))
        fail_msg("%.*s: by table '%s', by ICU '%s'", (int)s.n, s.p, buf_cstr(&quick),
                 buf_cstr(&slow));
}

static int32_t put(char *out, UChar32 c)
{
    int32_t n = 0;
    U8_APPEND_UNSAFE(out, n, c);
    return n;
}

static void every_code_point(void **state)
{
    (void)state;
    for (UChar32 c = 1; c < FOLD_NUMERO_END; c++) {
        char text[16];
        if (c >= FOLD_LATIN && fold_at(c) < 0)
            continue;
        int32_t n = put(text, c);
        same((struct str){text, (size_t)n});
        char around[16] = {'a'};
        n = 1 + put(around + 1, c);
        around[n++] = 'b';
        same((struct str){around, (size_t)n});
        n = put(around, c);
        n += put(around + n, c);
        same((struct str){around, (size_t)n});
    }
}

/* Neighbours do not change what a code point becomes. */
static void random_texts(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (int i = 0; i < 8000; i++) {
        char text[128];
        size_t n = 0;
        /* names are of one script; some lines mix all */
        unsigned script = (unsigned)(test_random(&seed) % 4);
        for (size_t k = test_random(&seed) % 24; k--;) {
            unsigned block = script == 3 ? (unsigned)(test_random(&seed) % 3) : script;
            UChar32 c = block == 0   ? (UChar32)(0x20 + test_random(&seed) % 0x5F)
                        : block == 1 ? (UChar32)(0xA0 + test_random(&seed) % 0xE0)
                                     : (UChar32)(0x400 + test_random(&seed) % 0x100);
            if (test_random(&seed) % 8 == 0)
                c = (UChar32)(FOLD_MARKS + test_random(&seed) % (FOLD_MARKS_END - FOLD_MARKS));
            n += (size_t)put(text + n, c);
        }
        same((struct str){text, n});
    }
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    size_t n = 3 << 20;
    char *p = arena_alloc(a, n);
    for (size_t i = 0; i + 1 < n; i += 2)
        memcpy(p + i, "é", 2);
    struct str folded = text_fold(a, (struct str){p, n});
    assert_int_equal(folded.n, 1 << 19);
    assert_null(memchr(folded.p, ' ', folded.n));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(random_texts),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
