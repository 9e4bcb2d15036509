/* habitue check finds what is damaged, and names it. */
#include "src/crm/customer/audience_check.h"
#include "sql_base.h"
#include <inttypes.h>

struct facts_question {
    int64_t merchant_id;
    struct facts_report report;
};
static enum err check_facts(struct db_tx *tx, void *arg)
{
    struct facts_question *q = arg;
    return facts_check(tx, q->merchant_id, &q->report);
}

static int64_t wrong_facts(struct fixture *f)
{
    struct facts_question q = {.merchant_id = f->merchant_id};
    assert_int_equal(db_read(f->app.db, check_facts, &q), OK);
    assert_int_equal(q.report.nsome, q.report.missing + q.report.wrong);
    return q.report.missing + q.report.wrong;
}

static struct audience_report look(struct fixture *f)
{
    struct audience_report r;
    assert_int_equal(audience_check(&f->app, f->merchant_id, &r), OK);
    return r;
}

static void change(struct fixture *f, const char *sql, int64_t id)
{
    assert_int_equal(
        db_write(f->app.db, fixture_sql,
                 arena_printf(f->arena, "%s AND merchant_id = %" PRId64 " AND %s = %" PRId64, sql,
                              f->merchant_id, strstr(sql, "customer_facts") ? "customer_id" : "id",
                              id)),
        OK);
}

static void finds(struct fixture *f)
{
    static struct base b;
    f->app.fixed_today = SQL_BASE_TODAY;
    b = (struct base){.f = f,
                      .merchant_id = f->merchant_id,
                      .until = SQL_BASE_TODAY,
                      .world = {0xc4ec, SQL_BASE_TODAY, arena_new()}};
    sql_base_make(&b);
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    struct audience_report r = look(f);
    assert_true(r.customers > SQL_BASE_CUSTOMERS * 9 / 10);
    assert_int_equal(r.differing + r.missing + r.surplus, 0);
    assert_int_equal(wrong_facts(f), 0);

    /* behind the audience's back */
    int64_t living = b.ids[0];
    change(f, "UPDATE customer SET city = 'Atlantis', deleted_us = NULL WHERE 1 = 1", living);
    r = look(f);
    assert_int_equal(r.differing + r.missing, 1);
    assert_int_equal(r.some[0].customer_id, living);
    change(f, "UPDATE customer SET deleted_us = 1 WHERE 1 = 1", living);
    r = look(f);
    assert_int_equal(r.surplus, 1);

    /* a fact that lies: the stored row, and what a fresh audience makes of it */
    change(f, "UPDATE customer_facts SET spent_minor = spent_minor + 1 WHERE 1 = 1", b.ids[5]);
    change(f, "UPDATE customer SET deleted_us = NULL WHERE 1 = 1", b.ids[5]);
    assert_int_equal(wrong_facts(f), 1);
    audiences_free(&f->app.audiences);
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    r = look(f);
    assert_int_equal(r.differing, 1);
    assert_int_equal(r.some[0].customer_id, b.ids[5]);
    assert_string_equal(r.some[0].field, "spent_minor");
    change(f, "DELETE FROM customer_facts WHERE 1 = 1", b.ids[6]);
    assert_int_equal(wrong_facts(f), 2);

    /* a set */
    int64_t before = look(f).differing;
    assert_int_equal(db_write(f->app.db, fixture_sql,
                              arena_printf(f->arena,
                                           "DELETE FROM customer_tag WHERE merchant_id = %" PRId64
                                           " AND tag_id = %" PRId64,
                                           f->merchant_id, b.words[WORD_TAG][0])),
                     OK);
    r = look(f);
    assert_true(r.differing > before);
    bool tags = false;
    for (int i = 0; i < r.nsome; i++)
        tags = tags || strcmp(r.some[i].field, "tags") == 0;
    assert_true(tags);
    audiences_free(&f->app.audiences);
    arena_free(&b.world.arena);
}

static void damage_is_named(void **state)
{
    (void)state;
    on_each_engine(finds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(damage_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
