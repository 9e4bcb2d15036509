/* The demo: the same from the same seed, valid contacts, taken up again where it stopped. */
#include "crm_fixture.h"
#include "src/base/text.h"
#include "src/crm/demo/demo.h"
#include "src/crm/demo/demo_belong.h"
#include "src/crm/photo/image.h"
#include "src/crm/watch/watch.h"

enum { CUSTOMERS = 700 };
static const struct demo_options options = {.customers = CUSTOMERS, .seed = 3, .today = 20500};

static enum err fill(struct fixture *f, const struct demo_options *o, demo_progress progress,
                     struct problem *p)
{
    return demo_fill(&f->app, o, progress, NULL, f->arena, p);
}

static bool stop_at_once(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    assert_true(done < total);
    return false;
}

struct seen {
    struct fixture *f;
    int64_t merchant_id, customers;
    uint64_t sum; /* of everything that the seed decides */
};

static enum err look(struct db_tx *tx, void *arg)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct seen *s = arg;
    struct merchant m;
    struct facts_report report;
    bool is = false;
    char e164[20];

    *s = (struct seen){.f = s->f};
    assert_int_equal(merchant_find(tx, DEMO_SLUG, db_arena(tx), &m, NULL), OK);
    assert_int_equal(demo_is(tx, m.id, &is), OK);
    assert_true(is);
    assert_int_equal(
        db_free_text(tx,
                     "SELECT c.first_name, c.last_name, f.spent_minor, f.visits, f.phone, f.email"
                     " FROM customer c JOIN customer_facts f ON f.merchant_id = c.merchant_id"
                     " AND f.customer_id = c.id ORDER BY c.number",
                     "ttiitt", &rows),
        OK);
    while (db_next(rows)) {
        struct str first = db_text(rows, 0), phone = db_text(rows, 4), email = db_text(rows, 5);
        for (size_t i = 0; i < first.n; i++)
            s->sum = s->sum * 31 + (uint8_t)first.p[i];
        s->sum = s->sum * 31 + (uint64_t)db_int(rows, 2) + (uint64_t)db_int(rows, 3);
        if (phone.n)
            assert_int_equal(phone_parse(phone, "FR", e164), PHONE_OK);
        if (email.n)
            assert_true(email_valid(email));
        s->customers++;
    }
    assert_int_equal(db_error(rows), OK);
    assert_int_equal(facts_check(tx, m.id, &report), OK);
    assert_int_equal(report.wrong + report.missing, 0);
    s->merchant_id = m.id;
    return OK;
}

static void the_same_from_the_same_seed(struct fixture *f)
{
    struct problem p = {0};
    struct seen whole = {f}, again = {f};
    struct fixture other;

    /* stopped after a batch, and taken up again */
    assert_int_equal(fill(f, &options, stop_at_once, &p), ERR_CANCELED);
    assert_int_equal(fill(f, &options, NULL, &p), OK);
    assert_int_equal(db_read(f->app.db, look, &whole), OK);
    assert_int_equal(whole.customers, CUSTOMERS);
    /* complete: nothing more is done */
    assert_int_equal(fill(f, &options, stop_at_once, &p), OK);
    fixture_start(&other, NULL);
    assert_int_equal(fill(&other, &options, NULL, &p), OK);
    again.f = &other;
    assert_int_equal(db_read(other.app.db, look, &again), OK);
    assert_int_equal(again.sum, whole.sum);
    fixture_end(&other);
}

static void types_of_all_kinds(struct fixture *f)
{
    struct problem p = {0};
    struct seen seen = {f};
    struct audience_use use = {0};
    struct audience_ask ask = {.sort = FIELD_NAME, .facets = UINT64_C(1) << FIELD_TYPE};
    struct audience_answer answer;

    f->app.fixed_today = options.today;
    assert_int_equal(fill(f, &options, NULL, &p), OK);
    assert_int_equal(db_read(f->app.db, look, &seen), OK);
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    assert_int_equal(audiences_use(f->app.audiences, seen.merchant_id, &use), OK);
    assert_int_equal(audience_ask(use.audience, &ask, f->arena, &answer), OK);
    assert_int_equal(answer.matching, CUSTOMERS);
    assert_int_equal(answer.facets[0].n, TYPES);
    for (int i = 0; i < TYPES; i++)
        assert_true(answer.facets[0].values[i].count >= CUSTOMERS / 100);
    audiences_done(&use);
    audiences_free(&f->app.audiences);
}

static enum err take_the_slug(struct db_tx *tx, void *arg)
{
    int64_t id;
    (void)arg;
    struct merchant m = {.slug = DEMO_SLUG,
                         .name = "Mine",
                         .currency = "EUR",
                         .time_zone = "Europe/Paris",
                         .country = "FR",
                         .language = "en"};
    return merchant_create(tx, &m, &id, NULL);
}

static void others_are_refused(struct fixture *f)
{
    struct problem p = {0};
    struct demo_options small = {.customers = 5, .seed = 1, .today = 20500};
    struct fixture other;

    assert_int_equal(fill(f, &small, NULL, &p), OK);
    small.seed = 2;
    assert_int_equal(fill(f, &small, NULL, &p), ERR_CONFLICT);
    assert_string_equal(p.code, "demo_other_options");
    fixture_start(&other, NULL);
    assert_int_equal(db_write(other.app.db, take_the_slug, NULL), OK);
    assert_int_equal(fill(&other, &small, NULL, &p), ERR_CONFLICT);
    assert_string_equal(p.code, "demo_slug_taken");
    fixture_end(&other);
}

#define ON_EACH(test)                                                                              \
    static void test_##test(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
ON_EACH(the_same_from_the_same_seed)
ON_EACH(types_of_all_kinds)
ON_EACH(others_are_refused)

/* A portrait is drawn from its number alone, and is what a photo may be. */
static void portraits_are_photos(void **state)
{
    struct arena *a = arena_new();
    struct str small, large;
    (void)state;
    assert_true(str_eq(demo_portrait(a, 7), demo_portrait(a, 7)));
    assert_false(str_eq(demo_portrait(a, 7), demo_portrait(a, 8)));
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(image_make(a, demo_portrait(a, i), &small, &large, NULL), OK);
    arena_free(&a);
}

static enum err count_belonging(struct db_tx *tx, void *arg)
{
    static const char *const tables[] = {"group_member", "staff_favourite", "customer_address",
                                         "photo",        "certificate",     "stamp_card",
                                         "referral",     "points_entry"};
    struct fixture *f = arg;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err e = db_free_text(tx, arena_printf(f->arena, "SELECT COUNT(*) FROM %s", tables[i]),
                                  "i", &rows);
        if (e != OK)
            return e;
        assert_true(db_next(rows));
        assert_true(db_int(rows, 0) > 5);
    }
    return OK;
}

static enum err find_demo(struct db_tx *tx, void *arg)
{
    struct merchant m;
    assert_int_equal(merchant_find(tx, DEMO_SLUG, db_arena(tx), &m, NULL), OK);
    *(int64_t *)arg = m.id;
    return OK;
}

/* Certificates to come, used and expired, cards filled and not, points that run out soon, and exact
 * books. */
static enum err look_at_loyalty(struct db_tx *tx, void *arg)
{
    static const char *const some[] = {
        "certificate WHERE state = 0 AND valid_until < 20500",
        "certificate WHERE state = 0 AND valid_until >= 20500",
        "certificate WHERE state = 1",
        "stamp_card WHERE completed_us IS NULL",
        "stamp_card WHERE completed_us IS NOT NULL",
        "referral WHERE bringer_rewarded = 1 AND brought_rewarded = 1",
        "points_entry WHERE kind = 'credit' AND reason <> '' AND staff_id IS NOT NULL",
        "points_lot WHERE remaining > 0 AND expires_day BETWEEN 20500 AND 20580",
        "watch_alert WHERE state = 'open'",
        "watch_request WHERE state = 'waiting' AND amount > 1000",
        "birthday_rules WHERE automatic = 1",
    };
    struct fixture *f = arg;
    struct points_report report;
    int64_t merchant_id;
    for (size_t i = 0; i < ARRAY_LEN(some); i++) {
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err e = db_free_text(tx, arena_printf(f->arena, "SELECT COUNT(*) FROM %s", some[i]),
                                  "i", &rows);
        if (e != OK)
            return e;
        assert_true(db_next(rows));
        if (db_int(rows, 0) == 0)
            fail_msg("no %s", some[i]);
    }
    assert_int_equal(find_demo(tx, &merchant_id), OK);
    assert_int_equal(points_check(tx, merchant_id, &report), OK);
    assert_int_equal(report.differing, 0);
    return OK;
}

/* Of a demo of some size; cut off after its first batches. */
static bool stop_soon(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    (void)total;
    return done < 1000;
}

static void staff_added_to_some(struct fixture *f)
{
    const struct demo_options large = {.customers = DEMO_BELONG_MIN, .seed = 3, .today = 20500};
    struct problem p = {.from = -1};
    assert_int_equal(fill(f, &large, stop_soon, &p), ERR_CANCELED);
    assert_int_equal(db_read(f->app.db, count_belonging, f), OK);
    int64_t merchant_id;
    assert_int_equal(db_read(f->app.db, find_demo, &merchant_id), OK);
    assert_int_equal(watch_follow(f->app.db, merchant_id), OK);
    assert_int_equal(db_read(f->app.db, look_at_loyalty, f), OK);
}

static void staff_added_to_some_each(void **state)
{
    (void)state;
    on_each_engine(staff_added_to_some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portraits_are_photos),
        cmocka_unit_test(staff_added_to_some_each),

        cmocka_unit_test(test_the_same_from_the_same_seed),
        cmocka_unit_test(test_types_of_all_kinds),
        cmocka_unit_test(test_others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
