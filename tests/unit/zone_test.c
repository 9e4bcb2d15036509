#include "test.h"
#include "src/base/day.h"

static struct zone *open_zone(const char *name)
{
    struct zone *z = NULL;
    assert_int_equal(zone_open(name, &z), OK);
    return z;
}

static int32_t day(const char *text)
{
    int32_t d;
    assert_true(day_parse(str_c(text), &d));
    return d;
}

static int64_t instant(const char *text)
{
    int64_t us;
    assert_true(instant_parse(str_c(text), &us));
    return us;
}

static void assert_instant(int64_t us, const char *expected)
{
    char text[INSTANT_TEXT_MAX];
    instant_format(us, text);
    assert_string_equal(text, expected);
}

static void names(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "Nowhere/City", "GMT+3", "Europe/Paris ",
        "a-name-that-is-longer-than-any-zone-has-ever-been-called-by-anybody-at-all"};
    struct zone *z = NULL;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(zone_open(bad[i], &z), ERR_INVALID);
    assert_null(z);
    zone_close(&z);
    z = open_zone("UTC");
    assert_int_equal(zone_day(z, 0), 0);
    assert_int_equal(zone_day(z, -1), -1);
    zone_close(&z);
    assert_null(z);
}

static void paris(void **state)
{
    (void)state;
    struct zone *z = open_zone("Europe/Paris");
    /* an ordinary winter and summer midnight */
    assert_instant(zone_day_start(z, day("2026-01-15")), "2026-01-14T23:00:00Z");
    assert_instant(zone_day_start(z, day("2026-07-15")), "2026-07-14T22:00:00Z");
    assert_int_equal(zone_day(z, instant("2026-01-14T22:59:59Z")), day("2026-01-14"));
    assert_int_equal(zone_day(z, instant("2026-01-14T23:00:00Z")), day("2026-01-15"));
    /* 2026-03-29: 02:00 becomes 03:00 */
    assert_instant(zone_instant(z, day("2026-03-29"), 7199), "2026-03-29T00:59:59Z");
    assert_instant(zone_instant(z, day("2026-03-29"), 9000), "2026-03-29T01:30:00Z"); /* 03:30 */
    assert_instant(zone_instant(z, day("2026-03-29"), 10800), "2026-03-29T01:00:00Z");
    /* 2026-10-25: 03:00 becomes 02:00; 02:30 comes twice, the first counts */
    assert_instant(zone_instant(z, day("2026-10-25"), 9000), "2026-10-25T00:30:00Z");
    assert_instant(zone_instant(z, day("2026-10-25"), 10800), "2026-10-25T02:00:00Z");
    /* before standard time: local mean time, 9 minutes 21 seconds */
    assert_instant(zone_day_start(z, day("1890-06-01")), "1890-05-31T23:50:39Z");
    zone_close(&z);
}

static void sao_paulo_has_no_midnight(void **state)
{
    (void)state;
    struct zone *z = open_zone("America/Sao_Paulo");
    /* 2018-11-04: 00:00 became 01:00 */
    assert_instant(zone_day_start(z, day("2018-11-04")), "2018-11-04T03:00:00Z");
    assert_int_equal(zone_day(z, instant("2018-11-04T02:59:59Z")), day("2018-11-03"));
    assert_int_equal(zone_day(z, instant("2018-11-04T03:00:00Z")), day("2018-11-04"));
    assert_instant(zone_instant(z, day("2018-11-04"), 1800), "2018-11-04T03:30:00Z");
    /* 2018-02-18: midnight went back to 23:00 of the 17th */
    assert_instant(zone_day_start(z, day("2018-02-18")), "2018-02-18T03:00:00Z");
    zone_close(&z);
}

static void apia_skipped_a_day(void **state)
{
    (void)state;
    struct zone *z = open_zone("Pacific/Apia");
    assert_int_equal(zone_day(z, instant("2011-12-30T09:59:59Z")), day("2011-12-29"));
    assert_int_equal(zone_day(z, instant("2011-12-30T10:00:00Z")), day("2011-12-31"));
    assert_instant(zone_day_start(z, day("2011-12-29")), "2011-12-29T10:00:00Z");
    assert_instant(zone_day_start(z, day("2011-12-30")), "2011-12-30T10:00:00Z");
    assert_instant(zone_day_start(z, day("2011-12-31")), "2011-12-30T10:00:00Z");
    zone_close(&z);
}

/* Where a day begins, the clock shows that day, and an instant before it does not. */
static void starts_are_starts(void **state)
{
    (void)state;
    static const char *const zones[] = {
        "Europe/Paris",     "America/New_York",  "Asia/Kolkata", "Australia/Lord_Howe",
        "America/St_Johns", "Africa/Casablanca", "Asia/Gaza",    "Pacific/Kiritimati"};
    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        struct zone *z = open_zone(zones[i]);
        for (int32_t d = day("1996-01-01"); d < day("2040-01-01"); d++) {
            int64_t start = zone_day_start(z, d);
            assert_int_equal(zone_day(z, start), d);
            assert_true(zone_day(z, start - 1) < d);
            int64_t noon = zone_instant(z, d, 43200);
            assert_int_equal(zone_day(z, noon), d);
        }
        zone_close(&z);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(paris),
        cmocka_unit_test(sao_paulo_has_no_midnight),
        cmocka_unit_test(apia_skipped_a_day),
        cmocka_unit_test(starts_are_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
