/* Facets of numbers, amounts and days; that every count is what the query gives is in
 * audience_test. */
#include "../../src/audience/audience.h"
#include "../../src/audience/query.h"
#include "../../src/base/check.h"
#include "test.h"

#define TODAY 20815 /* 2026-12-28 */

static const struct audience_row nobody = {.registered_day = DAY_NONE,
                                           .last_visit_day = DAY_NONE,
                                           .last_purchase_day = DAY_NONE,
                                           .first_purchase_day = DAY_NONE};

static struct audience *audience_of(const struct audience_row *rows, size_t n)
{
    const struct audience_options o = {.language = "en", .today = TODAY};
    struct audience *a;
    check(audience_new(&o, &a) == OK);
    audience_load_begin(a);
    for (size_t i = 0; i < n; i++) {
        struct audience_row r = rows[i];
        r.id = (int64_t)i + 1;
        check(audience_put(a, &r) == OK);
    }
    audience_load_end(a);
    return a;
}

/* "key count, …; unknown", chosen ones with a star. */
static const char *facet(struct audience *a, struct arena *arena, enum field_id field, int decimals,
                         const char *text)
{
    struct query_context c = {TODAY, decimals, audience_words(a)};
    struct audience_ask ask = {.facets = 1ull << field, .currency_decimals = decimals};
    struct audience_answer answer;
    check(query_parse(arena, str_c(text), &c, &ask.query, NULL) == OK);
    check(audience_ask(a, &ask, arena, &answer) == OK && answer.nfacets == 1);
    const struct audience_facet *f = &answer.facets[0];
    const char *ret = "";
    for (int i = 0; i < f->n; i++)
        ret =
            arena_printf(arena, "%s%.*s%s %lld, ", ret, (int)f->values[i].key.n, f->values[i].key.p,
                         f->values[i].chosen ? "*" : "", (long long)f->values[i].count);
    return arena_printf(arena, "%sunknown %lld", ret, (long long)f->unknown);
}

static void numbers(void **state)
{
    static const int64_t visits[] = {0,  0,  1,  2,  4,     5,         9,
                                     10, 19, 49, 50, 70000, 999999999, 1000000000};
    struct audience_row rows[ARRAY_LEN(visits)];
    cleanup(arena_free) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(visits); i++) {
        rows[i] = nobody;
        rows[i].visits = visits[i];
    }
    cleanup(audience_free) struct audience *a = audience_of(rows, ARRAY_LEN(rows));
    assert_string_equal(facet(a, arena, FIELD_VISITS, 2, ""),
                        "0 2, 1 1, 2..4 2, 5..9 2, 10..19 2, 20..49 1, 50..99 1, 50000..99999 1, "
                        "500000000..999999999 1, >=1000000000 1, unknown 0");
    /* under the other filters; what is asked for stays, also where nobody is */
    assert_string_equal(facet(a, arena, FIELD_VISITS, 2, "visits:5..9,100..199"),
                        "0 2, 1 1, 2..4 2, 5..9* 2, 10..19 2, 20..49 1, 50..99 1, 100..199* 0, "
                        "50000..99999 1, 500000000..999999999 1, >=1000000000 1, unknown 0");
}

static void amounts(void **state)
{
    static const int64_t spent[] = {-500, 0, 1, 99, 100, 199, 4999, 5000, 123456};
    struct audience_row rows[ARRAY_LEN(spent)];
    cleanup(arena_free) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(spent); i++) {
        rows[i] = nobody;
        rows[i].spent_minor = spent[i];
    }
    cleanup(audience_free) struct audience *a = audience_of(rows, ARRAY_LEN(rows));
    assert_string_equal(facet(a, arena, FIELD_SPENT, 2, "spent:<=0"),
                        "<=0* 2, 0.01..0.99 2, 1..1.99 2, 20..49.99 1, 50..99.99 1, 1000..1999.99 "
                        "1, unknown 0");
    assert_string_equal(facet(a, arena, FIELD_SPENT, 0, ""),
                        "<=0 2, 1 1, 50..99 1, 100..199 2, 2000..4999 1, 5000..9999 1, "
                        "100000..199999 1, unknown 0");
    assert_string_equal(facet(a, arena, FIELD_SPENT, 3, ""),
                        "<=0 2, 0.001..0.999 4, 2..4.999 1, 5..9.999 1, 100..199.999 1, unknown 0");
}

static void days(void **state)
{
    static const int32_t ago[] = {0, 6, 7, 29, 30, 89, 90, 364, 365, 4000};
    struct audience_row rows[ARRAY_LEN(ago) + 1];
    cleanup(arena_free) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ago); i++) {
        rows[i] = nobody;
        rows[i].registered_day = rows[i].last_visit_day = TODAY - ago[i];
    }
    rows[ARRAY_LEN(ago)] = nobody;
    cleanup(audience_free) struct audience *a = audience_of(rows, ARRAY_LEN(rows));
    assert_string_equal(facet(a, arena, FIELD_LAST_VISIT, 2, "last_visit:<90d"),
                        "<7d 2, <30d 4, <90d* 6, this_month 3, this_year 7, >=90d 4, >=1y 2, "
                        "unknown 1");
    assert_string_equal(facet(a, arena, FIELD_REGISTERED, 2, ""),
                        "<7d 2, <30d 4, <90d 6, this_month 3, this_year 7, unknown 1");
}

static void birthdays(void **state)
{
    static const struct {
        int32_t month, day;
    } born[] = {{12, 28}, {12, 31}, {1, 4}, {1, 5}, {1, 28}, {1, 29}, {2, 29}, {12, 27}};
    struct audience_row rows[ARRAY_LEN(born) + 1];
    cleanup(arena_free) struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(born); i++) {
        rows[i] = nobody;
        rows[i].birth_year = 1988;
        rows[i].birth_month = born[i].month;
        rows[i].birth_day = born[i].day;
    }
    rows[ARRAY_LEN(born)] = nobody;
    cleanup(audience_free) struct audience *a = audience_of(rows, ARRAY_LEN(rows));
    assert_string_equal(facet(a, arena, FIELD_BIRTHDAY, 2, "birthday:next_7d"),
                        "today 1, next_7d* 3, next_1m 5, month=1 4, month=2 1, month=3 0, month=4 "
                        "0, month=5 0, month=6 0, month=7 0, month=8 0, month=9 0, month=10 0, "
                        "month=11 0, month=12 3, unknown 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(amounts),
                                       cmocka_unit_test(days), cmocka_unit_test(birthdays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
