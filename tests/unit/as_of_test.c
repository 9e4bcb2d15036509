/* The past against a base frozen then: a merchant whose history ends on a day, asked on that day,
 * and one whose history went on, asked as of that day, must answer alike. */
#include "src/crm/customer/as_of.h"
#include "sql_base.h"
#include <inttypes.h>

enum { QUESTIONS = 60, TODAY = SQL_BASE_TODAY };

static void write_sql(struct fixture *f, const char *sql)
{
    assert_int_equal(db_write(f->app.db, fixture_sql, arena_printf(f->arena, "%s", sql)), OK);
}

static enum err make_frozen(struct db_tx *tx, void *arg)
{
    const struct merchant m = {.slug = "frozen",
                               .name = "Frozen",
                               .currency = "EUR",
                               .time_zone = "Europe/Paris",
                               .country = "FR",
                               .language = "en"};
    return merchant_create(tx, &m, arg, NULL);
}

/* Who was none yet is gone; who registered later was known by what he had done. */
static void unregister(struct fixture *f, int64_t merchant_id, int32_t day)
{
    write_sql(
        f, arena_printf(
               f->arena,
               "UPDATE customer SET deleted_us = 1 WHERE merchant_id = %" PRId64
               " AND registered_day > %d"
               " AND id NOT IN (SELECT customer_id FROM customer_facts WHERE merchant_id = %" PRId64
               " AND first_day IS NOT NULL)",
               merchant_id, (int)day, merchant_id));
    write_sql(f,
              arena_printf(f->arena,
                           "UPDATE customer SET registered_day = NULL WHERE merchant_id = %" PRId64
                           " AND registered_day > %d",
                           merchant_id, (int)day));
}

struct pair {
    struct fixture *f;
    struct base full, frozen;
    struct app frozen_app;
    int32_t day;
};

static void pair_open(struct pair *p, struct fixture *f, uint64_t seed, int32_t day)
{
    struct world world = {seed, TODAY, NULL};
    *p = (struct pair){.f = f, .day = day};
    f->app.fixed_today = TODAY;
    p->full = (struct base){.f = f, .merchant_id = f->merchant_id, .until = TODAY, .world = world};
    p->frozen = (struct base){.f = f, .until = day, .world = world};
    p->full.world.arena = arena_new();
    p->frozen.world.arena = arena_new();
    assert_int_equal(db_write(f->app.db, make_frozen, &p->frozen.merchant_id), OK);
    sql_base_make(&p->full);
    sql_base_make(&p->frozen);
    unregister(f, p->frozen.merchant_id, day);
    p->frozen_app = (struct app){.db = f->app.db, .fixed_today = day};
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    assert_int_equal(audiences_new(&p->frozen_app, &p->frozen_app.audiences), OK);
    f->app.as_of = as_of_new(&f->app);
}

static void pair_close(struct pair *p)
{
    as_of_free(&p->f->app.as_of);
    audiences_free(&p->f->app.audiences);
    audiences_free(&p->frozen_app.audiences);
    arena_free(&p->full.world.arena);
    arena_free(&p->frozen.world.arena);
}

static bool ask(struct fixture *f, const struct audience_use *use, const char *text,
                struct audience_answer *ret, bool ids)
{
    struct audience_reader reader;
    struct problem p = {0};
    struct audience_ask ask = {.viewer.staff_id = 77,
                               .sort = ids ? FIELD_TEXT : FIELD_SPENT,
                               .ids_only = ids,
                               .limit = ids ? 0 : 50,
                               .facets = ids ? 0 : ~0ull};
    audience_reader(use, 77, &reader);
    if (query_parse(f->arena, str_c(text), &reader.context, &ask.query, &p) != OK)
        return false; /* a word that nobody has */
    assert_int_equal(audience_ask(use->audience, &ask, f->arena, ret), OK);
    return true;
}

static void same_hits(const char *text, const struct audience_answer *x,
                      const struct audience_answer *y)
{
    assert_int_equal(x->nhits, y->nhits);
    for (int i = 0; i < x->nhits; i++) {
        const struct audience_hit *h = &x->hits[i], *g = &y->hits[i];
        if (h->id != g->id || h->typology != g->typology || h->visits != g->visits ||
            h->operations != g->operations || h->spent_minor != g->spent_minor ||
            h->registered_day != g->registered_day || h->age != g->age ||
            h->last_visit_day != g->last_visit_day ||
            h->last_purchase_day != g->last_purchase_day ||
            h->interval_tenths != g->interval_tenths ||
            h->visits_per_month_tenths != g->visits_per_month_tenths ||
            memcmp(h->consent, g->consent, sizeof h->consent) != 0)
            fail_msg("[%s]: hit %d: customer %d, frozen %d", text, i, (int)h->id, (int)g->id);
    }
    assert_int_equal(x->nfacets, y->nfacets);
    for (int i = 0; i < x->nfacets; i++) {
        assert_int_equal(x->facets[i].unknown, y->facets[i].unknown);
        assert_int_equal(x->facets[i].n, y->facets[i].n);
        for (int k = 0; k < x->facets[i].n; k++)
            assert_int_equal(x->facets[i].values[k].count, y->facets[i].values[k].count);
    }
}

static bool compare(struct pair *p, const struct audience_use *then,
                    const struct audience_use *frozen, const char *text)
{
    struct audience_answer x, y;
    struct fixture *f = p->f;
    bool asked = ask(f, then, text, &x, true);
    assert_int_equal(asked, ask(f, frozen, text, &y, true));
    if (!asked)
        return false;
    for (int64_t i = 0; i < x.matching && i < y.matching; i++)
        if (x.ids[i] != y.ids[i])
            fail_msg("[%s] as of %d: row %d is customer %d, frozen %d", text, (int)p->day, (int)i,
                     (int)x.ids[i], (int)y.ids[i]);
    if (x.matching != y.matching || x.unknown != y.unknown || x.total != y.total ||
        x.spent_minor != y.spent_minor)
        fail_msg("[%s] as of %d: %d of %d, %d unknown, frozen %d of %d, %d unknown", text,
                 (int)p->day, (int)x.matching, (int)x.total, (int)x.unknown, (int)y.matching,
                 (int)y.total, (int)y.unknown);
    assert_true(ask(f, then, text, &x, false) && ask(f, frozen, text, &y, false));
    same_hits(text, &x, &y);
    return true;
}

/* A sale that is booked late, and what cancels one of long ago: both merchants learn of it. */
static enum err book_late(struct db_tx *tx, void *arg)
{
    struct pair *p = arg;
    const struct base *bases[] = {&p->full, &p->frozen};
    enum err e = OK;
    for (size_t i = 0; i < 2 && e == OK; i++) {
        int64_t merchant_id = bases[i]->merchant_id, id = p->full.ids[3];
        /* whoever bought was a customer, even if nothing else had happened by then */
        e = db_free_text(
            tx,
            arena_printf(db_arena(tx),
                         "UPDATE customer SET deleted_us = NULL WHERE merchant_id = %" PRId64
                         " AND id = %" PRId64,
                         merchant_id, id),
            "", NULL);
        for (int k = 0; k < 2 && e == OK; k++) {
            int32_t day = p->day - 5 + k * 10; /* before it, and after */
            if (i == 1 && day > p->day)
                continue;
            e = db_free_text(tx,
                             arena_printf(db_arena(tx),
                                          "INSERT INTO transactions (merchant_id, id, customer_id, "
                                          "kind, identity, at_us, day,"
                                          " total_minor, line_count, recorded_us) VALUES (%" PRId64
                                          ", %d, %" PRId64
                                          ", 'purchase', '%016d', 0, %d, 12345, 1, 0)",
                                          merchant_id, 900 + k, id, 900 + k, (int)day),
                             "", NULL);
        }
        if (e == OK)
            e = facts_refresh(tx, merchant_id, &id, 1);
        if (e == OK)
            e = change_note(tx, merchant_id, "customer", &id, 1);
    }
    return e;
}

static void ask_pair(struct pair *p, int questions)
{
    struct fixture *f = p->f;
    cleanup(as_of_done) struct as_of_use past = {0};
    cleanup(audiences_done) struct audience_use frozen = {0};
    struct problem problem = {0};
    int asked = 0;
    assert_int_equal(as_of_use(f->app.as_of, f->merchant_id, p->day, f->arena, &past, &problem),
                     OK);
    assert_int_equal(audiences_use(p->frozen_app.audiences, p->frozen.merchant_id, &frozen), OK);
    assert_int_equal(past.then.today, p->day);
    assert_true(compare(p, &past.then, &frozen, ""));
    for (int i = 0; i < questions; i++) {
        struct buf text;
        buf_init(&text, 1 << 16);
        p->full.world.today = p->day;
        world_query(&p->full.world, &text);
        asked += compare(p, &past.then, &frozen, buf_cstr(&text));
        buf_free(&text);
    }
    assert_true(questions == 0 || asked > questions / 2);
}

static void agree_as_of(struct fixture *f, uint64_t seed, int32_t day)
{
    static struct pair p;
    pair_open(&p, f, seed, day);
    ask_pair(&p, getenv("HABITUE_TEST_QUICK") ? QUESTIONS / 3 : QUESTIONS);
    assert_int_equal(db_write(f->app.db, book_late, &p), OK);
    ask_pair(&p, 5); /* followed, not built again */
    pair_close(&p);
}

static void a_month_ago(struct fixture *f)
{
    agree_as_of(f, 0xcafe, TODAY - 31);
}

static void long_ago(struct fixture *f)
{
    agree_as_of(f, 0xfade, TODAY - 380);
}

static void refuses(struct fixture *f)
{
    struct problem p = {0};
    struct as_of_use held[AS_OF_MAX], past = {0};
    f->app.fixed_today = TODAY;
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    f->app.as_of = as_of_new(&f->app);
    assert_int_equal(as_of_use(f->app.as_of, f->merchant_id, TODAY + 1, f->arena, &past, &p),
                     ERR_INVALID);
    assert_string_equal(p.code, "as_of_future");
    /* an empty base has no beginning */
    assert_int_equal(as_of_use(f->app.as_of, f->merchant_id, TODAY - 9, f->arena, &past, &p), OK);
    as_of_done(&past);
    write_sql(
        f,
        arena_printf(
            f->arena,
            "INSERT INTO customer (merchant_id, id, number, registered_day, created_us, updated_us)"
            " VALUES (%" PRId64 ", 5, 1, %d, 1, 1)",
            f->merchant_id, TODAY - 50));
    write_sql(f, arena_printf(f->arena, "UPDATE merchant SET change_seq = change_seq + 100000"));
    assert_int_equal(as_of_use(f->app.as_of, f->merchant_id, TODAY - 51, f->arena, &past, &p),
                     ERR_INVALID);
    assert_string_equal(p.code, "as_of_too_early");
    /* as many days as fit, and no more */
    for (int i = 0; i < AS_OF_MAX; i++) {
        assert_int_equal(
            as_of_use(f->app.as_of, f->merchant_id, TODAY - 10 - i, f->arena, &held[i], &p), OK);
        assert_int_equal(audience_count(held[i].then.audience), 1);
    }
    assert_int_equal(as_of_use(f->app.as_of, f->merchant_id, TODAY - 30, f->arena, &past, &p),
                     ERR_BUSY);
    assert_string_equal(p.code, "as_of_busy");
    for (int i = 0; i < AS_OF_MAX; i++)
        as_of_done(&held[i]);
    assert_int_equal(as_of_use(f->app.as_of, f->merchant_id, TODAY - 30, f->arena, &past, &p), OK);
    as_of_done(&past);
    assert_int_equal(as_of_use(f->app.as_of, 12345, TODAY - 30, f->arena, &past, &p),
                     ERR_NOT_FOUND);
    as_of_free(&f->app.as_of);
    audiences_free(&f->app.audiences);
}

static void test_a_month_ago(void **state)
{
    (void)state;
    on_each_engine(a_month_ago);
}

static void test_long_ago(void **state)
{
    (void)state;
    on_each_engine(long_ago);
}

static void test_refuses(void **state)
{
    (void)state;
    on_each_engine(refuses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_month_ago),
        cmocka_unit_test(test_long_ago),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
