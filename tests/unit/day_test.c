#include "test.h"
#include "src/base/day.h"
#include <time.h>

static int32_t day(int32_t y, int32_t m, int32_t d)
{
    return day_from_civil((struct civil){y, m, d});
}

static void every_day_round_trips(void **state)
{
    (void)state;
    struct civil c = {1900, 1, 1};
    int32_t last = day(2200, 12, 31);
    int weekday = 0; /* 1900-01-01 was a Monday */
    for (int32_t d = day(1900, 1, 1); d <= last; d++) {
        struct civil back = day_to_civil(d);
        assert_true(back.year == c.year && back.month == c.month && back.day == c.day);
        assert_int_equal(day_from_civil(back), d);
        assert_int_equal(day_weekday(d), weekday);
        char text[DAY_TEXT_MAX];
        int32_t parsed;
        assert_int_equal(day_format(d, text), 10);
        assert_true(day_parse(str_c(text), &parsed));
        assert_int_equal(parsed, d);
        weekday = (weekday + 1) % 7;
        c.day++;
        if (!civil_valid(c))
            c = (struct civil){c.year, c.month + 1, 1};
        if (!civil_valid(c))
            c = (struct civil){c.year + 1, 1, 1};
    }
    assert_true(c.year == 2201 && c.month == 1 && c.day == 1);
}

/* The C library agrees. */
static void as_timegm(void **state)
{
    (void)state;
    for (int32_t d = day(1900, 1, 1); d < day(2200, 1, 1); d += 97) {
        struct civil c = day_to_civil(d);
        struct tm tm = {.tm_year = c.year - 1900, .tm_mon = c.month - 1, .tm_mday = c.day};
        assert_int_equal(timegm(&tm) / 86400, d);
    }
}

static void far_days(void **state)
{
    (void)state;
    char text[DAY_TEXT_MAX];
    for (int i = 0; i < 2; i++) {
        int32_t d = i ? INT32_MAX : INT32_MIN + 1;
        assert_int_equal(day_from_civil(day_to_civil(d)), d);
        assert_true(day_format(d, text) < DAY_TEXT_MAX);
    }
}

static void adding_months_clamps(void **state)
{
    (void)state;
    assert_int_equal(day_add_months(day(2023, 1, 31), 1), day(2023, 2, 28));
    assert_int_equal(day_add_months(day(2024, 1, 31), 1), day(2024, 2, 29));
    assert_int_equal(day_add_months(day(2024, 3, 31), -1), day(2024, 2, 29));
    assert_int_equal(day_add_months(day(2024, 1, 15), -1), day(2023, 12, 15));
    assert_int_equal(day_add_years(day(2024, 2, 29), 1), day(2025, 2, 28));
    assert_int_equal(day_add_years(day(2024, 2, 29), -4), day(2020, 2, 29));
    assert_int_equal(day_add_months(day(1, 1, 1), -1), day(0, 12, 1));
    assert_int_equal(day_add_months(day(0, 1, 1), -1), day(-1, 12, 1));
    uint64_t seed = 4;
    for (int i = 0; i < 50000; i++) {
        int32_t d = day(1900, 1, 1) + (int32_t)(test_random(&seed) % 110000);
        int months = (int)(test_random(&seed) % 2400) - 1200;
        struct civil a = day_to_civil(d), b = day_to_civil(day_add_months(d, months));
        assert_int_equal(b.year * 12 + b.month, a.year * 12 + a.month + months);
        struct civil longer = {b.year, b.month, b.day + 1};
        assert_true(b.day == a.day || (b.day < a.day && !civil_valid(longer)));
    }
}

static void months_back_are_months_added(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 4000; i++) {
        int32_t d = day(1, 1, 1) + (int32_t)(test_random(&seed) % 1000000), back[30];
        day_months_back(d, (int)ARRAY_LEN(back), back);
        for (int k = 0; k < (int)ARRAY_LEN(back); k++)
            assert_int_equal(back[k], day_add_months(d, -k));
    }
}

static void texts_of_days(void **state)
{
    (void)state;
    int32_t d = 99;
    static const char *const bad[] = {"",           "2024-1-01",  "2024-02-30", "2023-02-29",
                                      "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-01 ",
                                      "24-01-01",   "2024/01/01", "+024-01-01", "20240101"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(day_parse(str_c(bad[i]), &d));
    assert_int_equal(d, 99);
}

static void texts_of_instants(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.5Z", 500000},
        {"1970-01-01T00:00:00.1234567Z", 123456},
        {"1970-01-01t01:00:00+01:00", 0},
        {"1969-12-31 23:00:00-01:00", 0},
        {"2016-12-31T23:59:60Z", 1483228800000000},
        {"2026-03-01T12:30:00Z", 1772368200000000},
    };
    int64_t us = 99;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(instant_parse(str_c(good[i].text), &us));
        assert_int_equal(us, good[i].us);
    }
    static const char *const bad[] = {"",
                                      "2026-03-01",
                                      "2026-03-01T12:30:00",
                                      "2026-03-01T24:00:00Z",
                                      "2026-03-01T12:60:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-03-01T12:30:00.Z",
                                      "2026-03-01T12:30:00+1:00",
                                      "2026-03-01T12:30:00+01:60",
                                      "2026-03-01X12:30:00Z",
                                      "2026-03-01T12:30:00Zx"};
    us = 99;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(instant_parse(str_c(bad[i]), &us));
    assert_int_equal(us, 99);
    uint64_t seed = 5;
    for (int i = 0; i < 20000; i++) {
        int64_t at = (int64_t)(test_random(&seed) % 4000000000000000) - 2000000000000000;
        char text[INSTANT_TEXT_MAX];
        assert_true(instant_format(at, text) < INSTANT_TEXT_MAX);
        assert_true(instant_parse(str_c(text), &us));
        assert_int_equal(us, at);
    }
    char text[INSTANT_TEXT_MAX];
    instant_format(INT64_MAX, text);
    instant_format(INT64_MIN, text);
}

static void clocks(void **state)
{
    (void)state;
    int64_t now = now_us(), mono = monotonic_us();
    assert_true(now > 1700000000000000);
    assert_true(monotonic_us() >= mono);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_round_trips),
        cmocka_unit_test(as_timegm),
        cmocka_unit_test(far_days),
        cmocka_unit_test(adding_months_clamps),
        cmocka_unit_test(months_back_are_months_added),
        cmocka_unit_test(texts_of_days),
        cmocka_unit_test(texts_of_instants),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
