/* The differential test: random bases, random changes, random days, random questions; the audience
 * (loaded from the facts, then following the change feed) and SQL (over the events themselves) must
 * name the same customers, on both engines. HABITUE_TEST_SECONDS: how long (a minute);
 * HABITUE_TEST_QUICK: one small base. */
#include "query_sql.h"
#include "sql_base.h"
#include "src/base/id.h"
#include <inttypes.h>

enum { QUESTIONS = 80 }; /* a base */
static uint64_t seed;

struct asked {
    const char *sql, *text;
    const struct audience_answer *answer;
};

static enum err compare(struct db_tx *tx, void *arg)
{
    const struct asked *q = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t n = 0, unknown = 0;
    enum err e = db_free_text(tx, q->sql, "iii", &rows);
    if (e != OK)
        fail_msg("[%s]: SQL refused: %s", q->text, q->sql);
    while (db_next(rows)) {
        bool matches = db_int(rows, 1);
        unknown += !matches && db_int(rows, 2);
        if (!matches)
            continue;
        if (n == q->answer->matching || q->answer->ids[n] != db_int(rows, 0))
            fail_msg("[%s]: row %d: SQL has customer %d, the audience %d (%d in all): %s", q->text,
                     (int)n, (int)db_int(rows, 0),
                     n < q->answer->matching ? (int)q->answer->ids[n] : -1,
                     (int)q->answer->matching, q->sql);
        n++;
    }
    if (n != q->answer->matching || unknown != q->answer->unknown)
        fail_msg("[%s]: SQL %d and %d unknown, the audience %d and %d: %s", q->text, (int)n,
                 (int)unknown, (int)q->answer->matching, (int)q->answer->unknown, q->sql);
    return db_error(rows);
}

static bool ask(struct base *b, struct audience *audience, const char *text)
{
    struct arena *a = b->f->arena;
    struct audience_ask ask = {.viewer.staff_id = b->staff, .ids_only = true};
    struct audience_answer answer;
    struct problem p = {0};
    struct query_context context = {b->world.today, 2, audience_words(audience),
                                    .segments = world_segments()};
    if (query_parse(a, str_c(text), &context, &ask.query, &p) != OK)
        return false; /* a word that nobody has */
    assert_int_equal(audience_ask(audience, &ask, a, &answer), OK);
    struct query_sql s = {b->f->merchant_id, b->staff, b->world.today};
    struct asked asked = {query_sql(a, &s, ask.query->root), text, &answer};
    assert_int_equal(db_read(b->f->app.db, compare, &asked), OK);
    return true;
}

/* Orders of small fields, as SQL would sort by the value's place; NULL is unknown. */
static const struct {
    enum field_id field;
    const char *sql;
} orders[] = {
    {FIELD_GENDER, "CASE gender WHEN 'female' THEN 0 WHEN 'male' THEN 1 WHEN 'other' THEN 2 END"},
    {FIELD_DEVICE, "CASE device WHEN 'ios' THEN 0 WHEN 'android' THEN 1 WHEN 'web' THEN 2 WHEN "
                   "'other' THEN 3 END"},
    {FIELD_CONSENT, "CASE WHEN sms_suppressed = 1 THEN 3 ELSE (sms_consent + 2) % 3 END * 16"
                    " + CASE WHEN email_suppressed = 1 THEN 3 ELSE (email_consent + 2) % 3 END * 4"
                    " + CASE WHEN push_suppressed = 1 THEN 3 ELSE (push_consent + 2) % 3 END"},
    {FIELD_LANGUAGE, "language"},
    {FIELD_COUNTRY, "country"},
    {FIELD_BLOCKED, "1 - blocked"},
    {FIELD_ANONYMOUS, "1 - anonymous"},
};

static enum err compare_order(struct db_tx *tx, void *arg)
{
    const struct asked *q = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t n = 0;
    assert_int_equal(db_free_text(tx, q->sql, "i", &rows), OK);
    for (; db_next(rows); n++)
        if (n == q->answer->matching || q->answer->ids[n] != db_int(rows, 0))
            fail_msg("sorted by %s: row %d: SQL has customer %d: %s", q->text, (int)n,
                     (int)db_int(rows, 0), q->sql);
    assert_int_equal(n, q->answer->matching);
    return db_error(rows);
}

static void ask_in_order(struct base *b, struct audience *audience, size_t i, bool descending)
{
    struct arena *a = b->f->arena;
    const struct audience_ask ask = {
        .sort = orders[i].field, .descending = descending, .ids_only = true};
    struct audience_answer answer;
    assert_int_equal(audience_ask(audience, &ask, a, &answer), OK);
    const char *sql = arena_printf(
        a,
        "SELECT id FROM customer WHERE merchant_id = %" PRId64 " AND deleted_us IS NULL "
        "ORDER BY CASE WHEN (%s) IS NULL THEN 1 ELSE 0 END, (%s) %s, id",
        b->f->merchant_id, orders[i].sql, orders[i].sql, descending ? "DESC" : "");
    struct asked asked = {sql, fields[ask.sort].name, &answer};
    assert_int_equal(db_read(b->f->app.db, compare_order, &asked), OK);
}

static void change_something(struct base *b)
{
    static const int32_t steps[] = {1, 1, 1, 2, 31, 60, -1, -7};
    if (sql_base_pick(b, 2))
        sql_base_change(b);
    if (sql_base_pick(b, 3) == 0)
        b->f->app.fixed_today = b->world.today += steps[sql_base_pick(b, ARRAY_LEN(steps))];
}

static void agree(struct fixture *f)
{
    static struct base b;
    int asked = 0, questions = getenv("HABITUE_TEST_QUICK") ? QUESTIONS / 2 : QUESTIONS;
    b = (struct base){.f = f,
                      .merchant_id = f->merchant_id,
                      .until = SQL_BASE_TODAY,
                      .world = {seed, SQL_BASE_TODAY, arena_new()}};
    f->app.fixed_today = SQL_BASE_TODAY;
    sql_base_make(&b);
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    for (int i = 0; i < questions; i++) {
        cleanup(audiences_done) struct audience_use use = {0};
        struct buf text;
        buf_init(&text, 1 << 16);
        if (i % 4 == 3)
            change_something(&b);
        assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
        world_query(&b.world, &text);
        asked += ask(&b, use.audience, buf_cstr(&text));
        if (i % 8 == 7)
            ask_in_order(&b, use.audience, sql_base_pick(&b, ARRAY_LEN(orders)),
                         sql_base_pick(&b, 2));
        buf_free(&text);
    }
    assert_true(asked > questions / 2);
    audiences_free(&f->app.audiences);
    arena_free(&b.world.arena);
}

static void audience_and_sql(void **state)
{
    (void)state;
    enum { SECONDS = 60 };
    const char *given = getenv("HABITUE_TEST_SECONDS");
    int64_t seconds = getenv("HABITUE_TEST_QUICK") ? 0 : SECONDS, from = monotonic_us();
    if (given)
        (void)str_int64(str_c(given), &seconds);
    for (seed = 1; seed == 1 || monotonic_us() - from < seconds * 1000000; seed++) {
        print_message("# base %d\n", (int)seed); /* the one that fails is the last one named */
        on_each_engine(agree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(audience_and_sql)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
