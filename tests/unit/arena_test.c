#include "test.h"

static void zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    uint64_t seed = 1;
    for (int i = 0; i < 5000; i++) {
        size_t n = test_random(&seed) % 3000;
        uint8_t *p = arena_alloc(a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(p[k], 0);
        memset(p, 0xAA, n);
    }
    arena_reset(a);
    assert_int_equal(arena_bytes(a), 0);
    uint8_t *again = arena_alloc(a, 4000);
    for (size_t k = 0; k < 4000; k++)
        assert_int_equal(again[k], 0);
    arena_free(&a);
    assert_null(a);
    arena_free(&a);
}

static void big_pieces_keep_small_ones(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    char *small = arena_cstr(a, STR("small"));
    char *big = arena_alloc(a, 10 << 20);
    memset(big, 1, 10 << 20);
    char *next = arena_cstr(a, STR("next"));
    assert_string_equal(small, "small");
    assert_string_equal(next, "next");
    arena_reset(a);
    arena_reset(a);
    arena_free(&a);
}

static void texts(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct str copy = arena_str(a, (struct str){"abcdef", 3});
    assert_int_equal(copy.n, 3);
    assert_string_equal(copy.p, "abc");
    assert_string_equal(arena_cstr(a, (struct str){NULL, 0}), "");
    assert_string_equal(arena_printf(a, "%d %s", 42, "x"), "42 x");
    int *list = arena_array(a, int, 10);
    assert_int_equal(list[9], 0);
    assert_non_null(arena_make(a, struct str));
    arena_free(&a);
}

static void problems(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct problem p;
    char name[] = "limit";
    enum err err = problem_set(&p, a, ERR_INVALID, "field_range", "age", name, "150", NULL);
    name[0] = 'x'; /* the arena has its own copy */
    assert_int_equal(err, ERR_INVALID);
    assert_int_equal(p.err, ERR_INVALID);
    assert_string_equal(p.code, "field_range");
    assert_string_equal(p.field, "age");
    assert_int_equal(p.nargs, 1);
    assert_string_equal(p.args[0].name, "limit");
    assert_string_equal(p.args[0].value, "150");
    assert_int_equal(p.from, -1);
    assert_int_equal(problem_set(NULL, a, ERR_BUSY, "busy", NULL, NULL), ERR_BUSY);
    for (int e = OK; e <= ERR_INTERNAL; e++)
        assert_true(strlen(err_name((enum err)e)) > 1);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed_and_aligned),
        cmocka_unit_test(big_pieces_keep_small_ones),
        cmocka_unit_test(texts),
        cmocka_unit_test(problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
