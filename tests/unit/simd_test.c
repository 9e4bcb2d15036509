/* Every kernel of every instruction set that this processor has, against one row after the other.
 */
#include "test.h"
#include "src/audience/simd.h"
#include <string.h>

enum { WORDS = 24, ROWS = WORDS * 64, ROUNDS = 300, BITSETS = 9 };

/* A block's worth of anything, and how many of its words are looked at. */
struct world {
    uint64_t seed;
    size_t words, rows;
    uint64_t mask[WORDS], other[WORDS], bits[BITSETS * WORDS], packed[ROWS];
    uint8_t codes[ROWS];
    uint16_t values[ROWS];
    uint32_t wide[ROWS];
};

static uint64_t random_of(struct world *w, uint64_t n)
{
    return test_random(&w->seed) % n;
}

/* From all but empty to all but full. */
static void fill_mask(struct world *w, uint64_t *mask, size_t words)
{
    unsigned kind = (unsigned)random_of(w, 5);
    for (size_t i = 0; i < words; i++) {
        uint64_t a = test_random(&w->seed), b = test_random(&w->seed), c = test_random(&w->seed);
        mask[i] = kind == 0   ? a & b & c & test_random(&w->seed)
                  : kind == 1 ? a & b
                  : kind == 2 ? a
                  : kind == 3 ? a | b | c
                              : (i % 3 ? 0 : ~0ull);
    }
}

static uint64_t random_digits(struct world *w)
{
    uint64_t packed = 0;
    int n = (int)random_of(w, 16);
    for (int i = 0; i < 15; i++)
        packed = packed << 4 | (i < n ? 1 + random_of(w, 3) : 0);
    return packed;
}

static void fill(struct world *w)
{
    w->words = 1 + random_of(w, WORDS);
    w->rows = w->words * 64;
    fill_mask(w, w->mask, WORDS);
    fill_mask(w, w->other, WORDS);
    fill_mask(w, w->bits, ARRAY_LEN(w->bits));
    uint64_t spread = 1 + random_of(w, 256);
    for (size_t i = 0; i < ROWS; i++) {
        w->codes[i] = (uint8_t)random_of(w, spread);
        w->values[i] = (uint16_t)(test_random(&w->seed) >> (48 + random_of(w, 3)));
        w->wide[i] = (uint32_t)test_random(&w->seed);
        w->packed[i] = random_digits(w);
    }
}

static bool has(const uint64_t *mask, size_t row)
{
    return mask[row / 64] >> (row % 64) & 1;
}

static struct simd_codes random_codes(struct world *w)
{
    uint8_t low = (uint8_t)(1 + random_of(w, 254)), high = (uint8_t)(low + random_of(w, 256 - low));
    struct simd_codes c = {low, high, low, high};
    if (random_of(w, 4) == 0)
        c = (struct simd_codes){2, 1, low, low};
    if (random_of(w, 2) && c.edge_low > 1)
        c.edge_low--;
    if (random_of(w, 2) && c.edge_high < 255)
        c.edge_high++;
    return c;
}

static bool code_in(uint8_t code, uint8_t low, uint8_t high)
{
    return code >= low && code <= high;
}

static void codes_agree(const struct simd *s, struct world *w)
{
    const struct simd_codes c = random_codes(w);
    const bool negated = random_of(w, 2), unknown = random_of(w, 2);
    uint64_t match[WORDS], edge[WORDS], kept[WORDS], kept_edge[WORDS], maybe[WORDS];
    uint64_t pair[WORDS], pair_edge[WORDS];
    s->codes(w->codes, w->words, c, match, edge);
    memcpy(kept, w->mask, sizeof(kept));
    s->keep_codes(w->codes, w->words, c, negated, kept, kept_edge);
    memcpy(pair, w->mask, sizeof(pair));
    memcpy(maybe, w->other, sizeof(maybe));
    s->keep_codes_pair(w->codes, w->words, c, negated, unknown, pair, maybe, pair_edge);
    for (size_t i = 0; i < w->rows; i++) {
        uint8_t code = w->codes[i];
        bool in = code_in(code, c.low, c.high);
        bool look = code_in(code, c.edge_low, c.edge_high) && !in, keep = in != negated || look;
        assert_int_equal(has(match, i), in);
        assert_int_equal(has(edge, i), look);
        assert_int_equal(has(kept, i), has(w->mask, i) && keep);
        assert_int_equal(has(kept_edge, i), look);
        assert_int_equal(has(pair, i), has(w->mask, i) && keep);
        assert_int_equal(has(pair_edge, i), look);
        assert_int_equal(has(maybe, i), has(w->other, i) && (keep || (unknown && code == 0)));
    }
}

static void codes_are_counted(const struct simd *s, struct world *w)
{
    uint8_t limits[4], low = (uint8_t)random_of(w, 256),
                       high = (uint8_t)(low + random_of(w, 256 - low));
    uint64_t counts[4] = {1, 2, 3, 4}, expected[4] = {1, 2, 3, 4};
    static uint16_t places[ROWS + PLACES_MORE], split[ROWS + PLACES_MORE];
    uint64_t parts[3] = {4, 5, 6}, expected_parts[3] = {4, 5, 6};
    size_t n = 0;
    for (int k = 0; k < 4; k++)
        limits[k] = (uint8_t)random_of(w, 256);
    s->count_codes(w->codes, w->mask, w->words, limits, counts);
    size_t found = s->collect_codes(w->codes, w->mask, w->words, low, high, places);
    const uint8_t from = low ? low : 1, to = high ? high : 1;
    s->split_codes(w->codes, w->mask, w->words, from, to, split, parts);
    for (size_t i = 0; i < w->rows; i++) {
        if (!has(w->mask, i))
            continue;
        expected_parts[SPLIT_UNKNOWN] += w->codes[i] == 0;
        expected_parts[SPLIT_BELOW] += w->codes[i] > 0 && w->codes[i] < from;
        if (code_in(w->codes[i], from, to))
            assert_int_equal(split[expected_parts[SPLIT_WITHIN]++ - 6], i);
        for (int k = 0; k < 4; k++)
            expected[k] += w->codes[i] >= 1 && w->codes[i] <= limits[k];
        if (code_in(w->codes[i], low, high))
            assert_int_equal(places[n++], i);
    }
    assert_int_equal(found, n);
    assert_memory_equal(counts, expected, sizeof(counts));
    assert_memory_equal(parts, expected_parts, sizeof(parts));
}

static void masks_agree(const struct simd *s, struct world *w)
{
    const uint64_t flip = random_of(w, 2) ? ~0ull : 0;
    uint64_t added[WORDS], kept[WORDS], both[WORDS];
    memcpy(added, w->mask, sizeof(added));
    memcpy(kept, w->mask, sizeof(kept));
    s->add(added, w->other, flip, w->words);
    s->keep(kept, w->other, flip, w->words);
    s->both(both, w->mask, w->other, w->words);
    uint64_t count = 0, common = 0;
    for (size_t i = 0; i < w->rows; i++) {
        bool a = has(w->mask, i), b = has(w->other, i);
        assert_int_equal(has(added, i), a || b != (flip != 0));
        assert_int_equal(has(kept, i), a && b != (flip != 0));
        assert_int_equal(has(both, i), a && b);
        count += a;
        common += a && b;
    }
    assert_int_equal(s->count(w->mask, w->words), count);
    assert_int_equal(s->count_and(w->mask, w->other, w->words), common);
    memcpy(both, w->mask, sizeof(both));
    s->both(both, both, w->other, w->words); /* in place */
    assert_int_equal(s->count(both, w->words), common);
}

static void bitsets_are_counted(const struct simd *s, struct world *w)
{
    int n = (int)random_of(w, BITSETS + 1);
    int64_t counts[BITSETS];
    for (int k = 0; k < BITSETS; k++)
        counts[k] = k;
    s->count_each(w->bits, WORDS, n, w->mask, w->words, counts);
    for (int k = 0; k < BITSETS; k++) {
        uint64_t of = k < n ? s->count_and(w->bits + k * WORDS, w->mask, w->words) : 0;
        assert_int_equal(counts[k], (int64_t)of + k);
    }
}

static void places_are_found(const struct simd *s, struct world *w)
{
    static uint16_t places[ROWS + PLACES_MORE];
    uint16_t common[WORDS];
    size_t n = s->places(w->mask, w->words, places), at = 0, words = 0;
    uint64_t listed = 0;
    for (size_t i = 0; i < w->rows; i++)
        if (has(w->mask, i)) {
            assert_int_equal(places[at++], i);
            listed += has(w->other, i);
        }
    assert_int_equal(n, at);
    assert_int_equal(s->count_list(places, n, w->other), listed);
    size_t found = s->common(w->mask, w->other, w->words, common);
    for (size_t i = 0; i < w->words; i++)
        if (w->mask[i] & w->other[i])
            assert_int_equal(common[words++], i);
    assert_int_equal(found, words);
}

static void values_agree(const struct simd *s, struct world *w)
{
    uint16_t limits[4];
    uint64_t above[4][WORDS], *const ret[4] = {above[0], above[1], above[2], above[3]};
    int n = 1 + (int)random_of(w, 4);
    uint64_t sum = 0;
    for (int k = 0; k < 4; k++)
        limits[k] = (uint16_t)(test_random(&w->seed) >> (48 + random_of(w, 3)));
    s->above16(w->values, w->words, limits, n, ret);
    for (size_t i = 0; i < w->rows; i++) {
        for (int k = 0; k < n; k++)
            assert_int_equal(has(above[k], i), w->values[i] > limits[k]);
        sum += has(w->mask, i) ? w->wide[i] : 0;
    }
    assert_int_equal(s->sum32(w->wide, w->mask, w->words), sum);
}

static bool holds_digits(uint64_t packed, const uint8_t *digits, int n)
{
    for (int from = 0; from + n <= 15; from++) {
        int same = 0;
        while (same < n && (packed >> (4 * (14 - from - same)) & 15) == digits[same])
            same++;
        if (same == n)
            return true;
    }
    return false;
}

static void digits_are_found(const struct simd *s, struct world *w)
{
    uint8_t digits[15];
    uint64_t found[WORDS];
    int n = 1 + (int)random_of(w, 9);
    for (int i = 0; i < n; i++)
        digits[i] = (uint8_t)(1 + random_of(w, 3));
    s->digits(w->packed, w->words, digits, n, found);
    for (size_t i = 0; i < w->rows; i++)
        assert_int_equal(has(found, i), holds_digits(w->packed[i], digits, n));
}

static void needles_are_found(const struct simd *s, struct world *w)
{
    char text[300], needle[6];
    size_t n = random_of(w, sizeof(text)), m = 1 + random_of(w, sizeof(needle));
    size_t from = random_of(w, n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + random_of(w, 3));
    for (size_t i = 0; i < m; i++)
        needle[i] = (char)('a' + random_of(w, 3));
    size_t at = from;
    while (at + m <= n && memcmp(text + at, needle, m) != 0)
        at++;
    assert_int_equal(s->find(text, n, from, needle, m), at + m <= n ? at : n);
}

static void every_set_does_the_same(void **state)
{
    static struct world w;
    static void (*const tests[])(const struct simd *, struct world *) = {
        codes_agree,      codes_are_counted, masks_agree,      bitsets_are_counted,
        places_are_found, values_agree,      digits_are_found, needles_are_found,
    };
    (void)state;
    for (const struct simd *const *s = simd_all(); *s; s++) {
        w.seed = 20;
        for (int round = 0; round < ROUNDS; round++) {
            fill(&w);
            for (size_t t = 0; t < ARRAY_LEN(tests); t++)
                tests[t](*s, &w);
        }
    }
}

static void the_best_is_the_last(void **state)
{
    (void)state;
    const struct simd *const *s = simd_all();
    while (s[1])
        s++;
    assert_ptr_equal(*s, simd_best());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_does_the_same),
        cmocka_unit_test(the_best_is_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
