#include "test.h"
#include "src/base/varint.h"

static void round_trips(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    uint64_t seed = 8;
    for (int round = 0; round < 5000; round++) {
        int64_t list[64], sum = 0;
        size_t n = test_random(&seed) % ARRAY_LEN(list);
        for (size_t i = 0; i < n; i++) {
            uint64_t step = test_random(&seed) >> (1 + test_random(&seed) % 63);
            if (__builtin_add_overflow(sum, (int64_t)step, &sum))
                sum = INT64_MAX;
            list[i] = sum;
        }
        struct buf b;
        buf_init(&b, 4096);
        varint_pack(&b, list, n);
        int64_t *back;
        size_t m;
        assert_int_equal(varint_unpack(a, buf_str(&b), &back, &m), OK);
        assert_int_equal(m, n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(back[i], list[i]);
        if (b.n && n) /* without its last byte it is no such list any more */
            assert_true(varint_unpack(a, (struct str){b.p, b.n - 1}, &back, &m) == ERR_INVALID ||
                        m < n);
        buf_free(&b);
        arena_reset(a);
    }
    arena_free(&a);
}

static void the_bytes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    varint_pack(&b, (int64_t[]){1, 300, 300, INT64_MAX}, 4);
    static const uint8_t expected[] = {1,    0xAB, 2,    0,    0xD3, 0xFD, 0xFF,
                                       0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F};
    assert_int_equal(b.n, sizeof(expected));
    assert_memory_equal(b.p, expected, sizeof(expected));
    buf_free(&b);
}

static void refusals(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    static const struct str bad[] = {
        STR("\x80"),                                         /* truncated */
        STR("\x01\xFF"),                                     /* truncated at the second */
        STR("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),     /* beyond 64 bits */
        STR("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),     /* beyond 63 */
        STR("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), /* eleven bytes */
        STR("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x01"),     /* the sum overflows */
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int64_t *list = NULL;
        size_t n = 99;
        assert_int_equal(varint_unpack(a, bad[i], &list, &n), ERR_INVALID);
        assert_int_equal(n, 99);
    }
    int64_t *list;
    size_t n;
    assert_int_equal(varint_unpack(a, STR(""), &list, &n), OK);
    assert_int_equal(n, 0);
    uint64_t seed = 9;
    for (int i = 0; i < 20000; i++) {
        char bytes[16];
        for (size_t k = 0; k < sizeof(bytes); k++)
            bytes[k] = (char)test_random(&seed);
        if (varint_unpack(a, (struct str){bytes, test_random(&seed) % 17}, &list, &n) == OK)
            for (size_t k = 1; k < n; k++)
                assert_true(list[k] >= list[k - 1]);
        arena_reset(a);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(the_bytes),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
