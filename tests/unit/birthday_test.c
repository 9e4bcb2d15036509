/* Birthdays: the pass over everybody against one by one, 29 February, important dates on both
 * engines. */
#include "audience_world.h"
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/birthday/birthday.h"

/* ---- counted in memory ---- */

enum { WORLD_ROWS = 2500 };

static struct audience *random_audience(struct world *w)
{
    struct audience *a;
    struct audience_options o = {"fr", w->today, 100};
    assert_int_equal(audience_new(&o, &a), OK);
    for (int i = 0; i < WORLD_STORES; i++)
        audience_set_word(a, WORD_STORE, WORLD_STORE_ID(i), world_word(WORD_STORE, i));
    for (int64_t id = 1; id <= WORLD_ROWS; id++) {
        struct audience_row row = world_row(w, id);
        assert_int_equal(audience_put(a, &row), OK);
    }
    for (int i = 0; i < WORLD_ROWS / 5; i++)
        audience_remove(a, 1 + world_random(w, WORLD_ROWS));
    return a;
}

static bool granted(const struct audience_hit *hit)
{
    bool any = false;
    for (int channel = 0; channel < CHANNELS; channel++)
        any |= hit->consent[channel] == CONSENT_GRANTED;
    return any;
}

static void compare(struct audience *a, const struct birthday_ask *ask)
{
    struct arena *arena = arena_new();
    struct birthday_count counts[400], expected[400] = {0};
    int64_t *ids, all[WORLD_ROWS];
    bool seen[WORLD_ROWS];
    size_t n, found = 0;
    audience_birthday_counts(a, ask, counts);
    audience_birthday_ids(a, ask, arena, &ids, &n);
    for (int64_t id = 1; id <= WORLD_ROWS; id++)
        all[id - 1] = id;
    audience_seen(a, ask->viewer, all, WORLD_ROWS, seen);
    for (int64_t id = 1; id <= WORLD_ROWS; id++) {
        struct audience_hit hit;
        bool there = audience_get(a, ask->viewer, id, arena, &hit) == OK;
        assert_int_equal(there, seen[id - 1]);
        int32_t at = there && hit.birth_month && hit.birth_day
                         ? YEAR_DAY(hit.birth_month, hit.birth_day)
                         : 0;
        if (at < ask->low || at > ask->high)
            continue;
        assert_true(found < n);
        assert_int_equal(ids[found++], id);
        expected[at - ask->low].customers++;
        expected[at - ask->low].blocked += hit.blocked;
        expected[at - ask->low].consenting += !hit.blocked && granted(&hit);
    }
    assert_int_equal(found, n);
    assert_memory_equal(counts, expected,
                        (size_t)(ask->high - ask->low + 1) * sizeof(struct birthday_count));
    arena_free(&arena);
}

static void counts_are_those_of_one_by_one(void **state)
{
    (void)state;
    struct world w = {7, 20000, arena_new()};
    struct audience *a = random_audience(&w);
    const int64_t stores[] = {WORLD_STORE_ID(1), WORLD_STORE_ID(3)}, none = 0;
    const struct audience_viewer everybody = {0}, some = {.stores = stores, .nstores = 2},
                                 nobody = {.stores = &none};
    for (int32_t month = 1; month <= 12; month++) {
        compare(a, &(struct birthday_ask){&everybody, YEAR_DAY(month, 1), YEAR_DAY(month, 31)});
        compare(a, &(struct birthday_ask){&some, YEAR_DAY(month, 1), YEAR_DAY(month, 31)});
    }
    compare(a, &(struct birthday_ask){&everybody, YEAR_DAY(2, 28), YEAR_DAY(3, 1)});
    compare(a, &(struct birthday_ask){&nobody, YEAR_DAY(1, 1), YEAR_DAY(12, 31)});
    audience_free(&a);
    arena_free(&w.arena);
}

/* ---- 29 February ---- */

static int32_t on(int32_t year, int32_t month, int32_t day)
{
    return day_from_civil((struct civil){year, month, day});
}

static void assert_span(int32_t day, bool march, int32_t low, int32_t high)
{
    struct birthday_span s = birthday_span(day, march);
    assert_int_equal(s.low, low);
    assert_int_equal(s.high, high);
}

static void leap_days_are_kept_every_year(void **state)
{
    (void)state;
    assert_span(on(2026, 2, 28), false, YEAR_DAY(2, 28), YEAR_DAY(2, 29));
    assert_span(on(2026, 2, 28), true, YEAR_DAY(2, 28), YEAR_DAY(2, 28));
    assert_span(on(2026, 3, 1), true, YEAR_DAY(2, 29), YEAR_DAY(3, 1));
    assert_span(on(2026, 3, 1), false, YEAR_DAY(3, 1), YEAR_DAY(3, 1));
    for (int march = 0; march < 2; march++) {
        assert_span(on(2028, 2, 28), march, YEAR_DAY(2, 28), YEAR_DAY(2, 28));
        assert_span(on(2028, 2, 29), march, YEAR_DAY(2, 29), YEAR_DAY(2, 29));
        assert_span(on(2028, 3, 1), march, YEAR_DAY(3, 1), YEAR_DAY(3, 1));
        /* each day of the year is kept on one day of every year */
        for (int32_t year = 1899; year <= 1904; year++)
            for (int32_t d = on(2000, 1, 1); d <= on(2000, 12, 31); d++) {
                struct civil c = day_to_civil(d);
                int32_t kept = birthday_kept_on(year, c.month, c.day, march);
                struct birthday_span s = birthday_span(kept, march);
                assert_true(s.low <= YEAR_DAY(c.month, c.day) &&
                            YEAR_DAY(c.month, c.day) <= s.high);
            }
    }
}

/* ---- important dates ---- */

static const struct {
    int64_t customer;
    int32_t month, day, year;
    const char *name;
} important[] = {
    {1, 5, 12, 2001, "Wedding"}, {1, 5, 12, 0, "Name day"}, {2, 2, 28, 0, "Shop"},
    {2, 2, 29, 2004, "Leap"},    {3, 3, 1, 0, "March"},     {4, 5, 12, 0, "Of one deleted"},
    {3, 5, 31, 0, "Last day"},
};

static const struct db_statement add_date = {
    "test_add_date",
    "INSERT INTO customer_date (merchant_id, customer_id, position, name, month, day, year)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iiitiii", ""};

static enum err fill(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    struct customer_change changes[4];
    const struct customer_origin origin = {.how = "staff", .now_us = 1};
    for (int i = 0; i < 4; i++) {
        changes[i] = customer_change_empty(i + 1);
        changes[i].create = true;
        changes[i].first_name = STR("Anna");
    }
    enum err e = customer_apply(tx, f->merchant_id, &origin, changes, 4);
    for (size_t i = 0; e == OK && i < ARRAY_LEN(important); i++)
        e = db_exec(tx, &add_date, NULL, db_i(f->merchant_id), db_i(important[i].customer),
                    db_i((int64_t)i + 1), db_tc(important[i].name), db_i(important[i].month),
                    db_i(important[i].day), db_i_or_null(important[i].year, 0));
    if (e == OK)
        e = db_free_text(tx, "UPDATE customer SET deleted_us = 1 WHERE id = 4", "", NULL);
    return e;
}

struct dating {
    struct fixture *f;
    struct audience *audience;
    struct audience_viewer viewer;
    int32_t day;
    bool march;
    int64_t counts[31];
    struct important_date *dates;
    size_t n;
};

static enum err read_dates(struct db_tx *tx, void *arg)
{
    struct dating *d = arg;
    struct civil c = day_to_civil(d->day);
    c.day = 1;
    enum err e = birthday_date_counts(tx, d->f->merchant_id, d->audience, &d->viewer,
                                      day_from_civil(c), d->march, d->counts);
    return e == OK ? birthday_dates(tx, d->f->merchant_id, d->audience, &d->viewer, d->day,
                                    d->march, d->f->arena, &d->dates, &d->n)
                   : e;
}

/* What the month counts for the day is what the day lists. */
static size_t dated(struct dating *d, int32_t day, bool march)
{
    d->day = day;
    d->march = march;
    assert_int_equal(db_read(d->f->app.db, read_dates, d), OK);
    assert_int_equal(d->counts[day_to_civil(day).day - 1], d->n);
    return d->n;
}

static void dates(struct fixture *f)
{
    struct dating d = {.f = f};
    struct audience_use use;
    assert_int_equal(db_write(f->app.db, fill, f), OK);
    f->app.fixed_today = 20000;
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
    d.audience = use.audience;
    assert_int_equal(dated(&d, on(2026, 5, 12), false), 2);
    assert_str(d.dates[0].name, "Wedding");
    assert_int_equal(d.dates[0].year, 2001);
    assert_int_equal(d.dates[1].year, 0);
    assert_int_equal(dated(&d, on(2026, 5, 31), true), 1);
    assert_int_equal(dated(&d, on(2026, 5, 13), true), 0);
    assert_int_equal(dated(&d, on(2026, 2, 28), false), 2);
    assert_int_equal(dated(&d, on(2026, 2, 28), true), 1);
    assert_int_equal(dated(&d, on(2026, 3, 1), true), 2);
    assert_int_equal(dated(&d, on(2026, 3, 1), false), 1);
    assert_int_equal(dated(&d, on(2028, 2, 29), true), 1);
    assert_int_equal(dated(&d, on(2028, 2, 28), false), 1);
    const int64_t nowhere = 0;
    d.viewer = (struct audience_viewer){.stores = &nowhere};
    assert_int_equal(dated(&d, on(2026, 5, 12), false), 0);
    audiences_done(&use);
    audiences_free(&f->app.audiences);
}

static void important_dates(void **state)
{
    (void)state;
    on_each_engine(dates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_one_by_one),
        cmocka_unit_test(leap_days_are_kept_every_year),
        cmocka_unit_test(important_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
