#include "test.h"
#include "src/base/text.h"
#include <jansson.h>
#include <pthread.h>

static void utf8(void **state)
{
    (void)state;
    static const char *const good[] = {
        "", "a", "é", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC3",
                                      "\xC0\xAF",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF0\x80\x80\x80",
                                      "\xFF",
                                      "a\xE2\x82",
                                      "\xE2\x82"
                                      "a"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(utf8_valid(str_c(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(utf8_valid(str_c(bad[i])));
    assert_true(utf8_valid((struct str){"\0", 1}));
}

static void cleaning(void **state)
{
    (void)state;
    static const struct {
        struct str in;
        const char *out;
    } cases[] = {
        {STR("  plain  "), "plain"},
        {STR("e\xCC\x81t\xC3\xA9"), "été"}, /* composed */
        {STR("a\0b\x07"
             "c\x7F\r\n\td"),
         "abc\n\td"},                    /* controls go, line feed and tab stay */
        {STR("\xC2\x85x\xC2\x9B"), "x"}, /* C1 controls too */
        {STR("e\x01\xCC\x81"), "é"},     /* composed after the control went */
        {STR("\xEF\xBB\xBF"
             "Zo\xC3\xAB\xC2\xA0"),
         "Zoë"},
        {STR("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"), "한"},
        {STR(""), ""},
        {STR("\n \t"), ""},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str out;
        assert_int_equal(text_clean(a, cases[i].in, &out), OK);
        assert_str(out, cases[i].out);
    }
    struct str untouched = STR("untouched");
    assert_int_equal(text_clean(a, STR("bad \xFF"), &untouched), ERR_INVALID);
    assert_str(untouched, "untouched");
    arena_free(&a);
}

static void nasty_strings(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct str file = test_file(a, "tests/data/nasty-strings/blns.json");
    json_t *list = json_loadb(file.p, file.n, JSON_ALLOW_NUL, NULL);
    assert_int_equal(json_array_size(list), 515);
    struct buf key;
    buf_init(&key, 1 << 20);
    struct collation *c;
    assert_int_equal(collation_open("ru", &c), OK);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        struct str s = {json_string_value(one), json_string_length(one)}, clean, again;
        assert_int_equal(text_clean(a, s, &clean), OK);
        assert_true(utf8_valid(clean));
        assert_null(clean.n ? memchr(clean.p, 0, clean.n) : NULL);
        assert_int_equal(text_clean(a, clean, &again), OK); /* cleaning twice changes nothing */
        assert_true(str_eq(clean, again));
        struct str folded = text_fold(a, s);
        assert_true(utf8_valid(folded));
        if (!str_eq(text_fold(a, folded), folded))
            fail_msg("'%.*s' folds on", (int)folded.n, folded.p);
        assert_true(folded.n == 0 || (folded.p[0] != ' ' && folded.p[folded.n - 1] != ' '));
        assert_null(folded.n ? memmem(folded.p, folded.n, "  ", 2) : NULL);
        text_initial(s);
        key.n = 0;
        collation_key(c, s, &key);
        assert_false(key.failed);
        assert_true(collation_compare(c, s, s) == 0);
    }
    collation_close(&c);
    buf_free(&key);
    json_decref(list);
    arena_free(&a);
}

static void lengths_and_initials(void **state)
{
    (void)state;
    assert_int_equal(text_length(STR("été 😀")), 5);
    static const struct {
        const char *name;
        char initial;
    } cases[] = {{"Émile", 'E'}, {"Жанна", 'Z'},     {"  'd'Angelo", 'D'},
                 {"", '#'},      {"3 Suisses", '#'}, {"😀", '#'},
                 {"ß", 'S'},     {"Ωmega", 'O'},     {"Þór", 'T'}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(text_initial(str_c(cases[i].name)), cases[i].initial);
}

static void collating(void **state)
{
    (void)state;
    struct collation *c = NULL;
    assert_int_equal(collation_open("fr", &c), OK);
    static const char *const sorted[] = {"",     "12",   "abc", "Abc", "cote",  "coté",
                                         "côte", "côté", "Zoé", "ёж",  "яблоко"};
    struct buf before, key;
    buf_init(&before, 4096);
    buf_init(&key, 4096);
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
        key.n = 0;
        collation_key(c, str_c(sorted[i]), &key);
        if (i) {
            assert_int_equal(collation_compare(c, str_c(sorted[i - 1]), str_c(sorted[i])), -1);
            assert_int_equal(collation_compare(c, str_c(sorted[i]), str_c(sorted[i - 1])), 1);
            size_t n = before.n < key.n ? before.n : key.n;
            int by_key = memcmp(before.p ? before.p : "", key.p, n);
            assert_true(by_key < 0 || (by_key == 0 && before.n < key.n));
        }
        before.n = 0;
        buf_add(&before, key.p, key.n);
    }
    /* an appended key leaves what stood before it */
    buf_free(&key);
    buf_adds(&key, "x");
    char longer[2000];
    memset(longer, 'e', sizeof(longer));
    collation_key(c, (struct str){longer, sizeof(longer)}, &key);
    assert_true(key.p[0] == 'x' && key.n > 1000);
    buf_free(&before);
    buf_free(&key);
    collation_close(&c);
    assert_null(c);
    collation_close(&c);
}

static void *fold_much(void *arg)
{
    (void)arg;
    struct arena *a = arena_new();
    for (int i = 0; i < 300; i++) {
        if (!str_eq(text_fold(a, STR("Γιώργος")), STR("giorgos")) ||
            !str_eq(text_fold(a, STR("Łódź")), STR("lodz")))
            return a;
        arena_reset(a);
    }
    arena_free(&a);
    return NULL;
}

static void folding_in_threads(void **state)
{
    (void)state;
    pthread_t threads[8];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fold_much, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            folding_in_threads), /* first: the table and ICU are opened by many at once */
        cmocka_unit_test(utf8),
        cmocka_unit_test(cleaning),
        cmocka_unit_test(nasty_strings),
        cmocka_unit_test(lengths_and_initials),
        cmocka_unit_test(collating),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
