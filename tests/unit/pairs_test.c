/* What a load gathers over a block. */
#include "test.h"
#include "src/audience/bulk.h"

enum { ENTRIES = 50, ROWS = 4000 };

static void a_square_is_turned(void **state)
{
    (void)state;
    uint64_t seed = 3, words[64], turned[64];
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 64; i++)
            turned[i] = words[i] = test_random(&seed) & test_random(&seed);
        bits_turn(turned);
        for (int i = 0; i < 64; i++)
            for (int k = 0; k < 64; k++)
                assert_int_equal(turned[i] >> k & 1, words[k] >> i & 1);
    }
}

struct told {
    const uint8_t *has; /* entry × row */
    uint32_t next;      /* entries come in order */
    size_t n;
};

static void tell(void *ctx, uint32_t entry, const uint16_t *places, uint32_t n)
{
    struct told *t = ctx;
    assert_true(entry >= t->next && n > 0);
    t->next = entry + 1;
    for (uint32_t i = 0; i < n; i++) {
        assert_true(t->has[entry * ROWS + places[i]]);
        assert_true(i == 0 || places[i] > places[i - 1]);
    }
    t->n += n;
}

static void each_entry_is_told_its_rows(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct pairs pairs = {0};
    uint64_t seed = 4;
    for (int round = 0; round < 5; round++) {
        uint8_t *has = arena_array(a, uint8_t, (size_t)ENTRIES * ROWS);
        size_t n = 0;
        for (uint32_t row = 0; row < ROWS; row++)
            for (uint32_t e = 0; e < ENTRIES; e++)
                if (test_random(&seed) % (e + 1) == 0 && e % 7 != 6) { /* some have none */
                    pairs_add(&pairs, e, 3 << 16 | row);
                    has[e * ROWS + row] = 1;
                    n++;
                }
        struct told t = {has, 0, 0};
        pairs_flush(&pairs, ENTRIES, tell, &t);
        assert_int_equal(t.n, n);
        pairs_flush(&pairs, ENTRIES, tell, &t); /* then there are none */
        assert_int_equal(t.n, n);
        arena_reset(a);
    }
    pairs_free(&pairs);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_square_is_turned),
        cmocka_unit_test(each_entry_is_told_its_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
