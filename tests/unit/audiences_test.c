/* Audiences over a base: loaded once, followed by the change feed, whoever wrote. Two handles on
 * one base stand for two processes. */
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/customer/audiences_sql.h"
#include <pthread.h>

struct writing {
    struct fixture *f;
    struct customer_change *changes;
    size_t n;
};

static enum err do_write(struct db_tx *tx, void *arg)
{
    struct writing *w = arg;
    int64_t *ids = arena_array(db_arena(tx), int64_t, w->n);
    const struct customer_origin origin = {.how = "staff", .now_us = 1};

    for (size_t i = 0; i < w->n; i++)
        ids[i] = w->changes[i].id;
    enum err err = customer_apply(tx, w->f->merchant_id, &origin, w->changes, w->n);
    return err == OK ? change_note(tx, w->f->merchant_id, "customer", ids, w->n) : err;
}

static void save(struct fixture *f, struct db *db, struct customer_change *changes, size_t n)
{
    struct writing w = {f, changes, n};
    assert_int_equal(db_write(db, do_write, &w), OK);
}

static int64_t add(struct fixture *f, struct db *db, const char *first, const char *last)
{
    struct customer_change c = customer_change_empty(id_new());
    c.create = true;
    c.first_name = str_c(first);
    c.last_name = str_c(last);
    c.registered_day = 20000;
    save(f, db, &c, 1);
    return c.id;
}

static int64_t matching(struct audiences *as, struct fixture *f, const char *text)
{
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_ask ask = {.sort = FIELD_NAME, .limit = 1};
    struct audience_answer answer;
    struct problem p = {0};

    assert_int_equal(audiences_use(as, f->merchant_id, &use), OK);
    struct query_context context = {use.today, use.currency_decimals, audience_words(use.audience)};
    if (query_parse(f->arena, str_c(text), &context, &ask.query, &p) != OK)
        return -1;
    assert_int_equal(audience_ask(use.audience, &ask, f->arena, &answer), OK);
    return answer.matching;
}

struct second { /* another process on the same base */
    struct app app;
    struct audiences *audiences;
};

static struct second second_start(struct fixture *f)
{
    struct second s = {.app = {.db = fixture_open(f), .fixed_today = f->app.fixed_today}};
    return s;
}

static void second_end(struct second *s)
{
    audiences_free(&s->audiences);
    db_close(&s->app.db);
}

static enum err mark_favourite(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    int64_t customer;
    static const struct db_statement pick = {
        "test_pick", "SELECT MIN(id) FROM customer WHERE merchant_id = $1", "i", "i"};
    static const struct db_statement person = {
        "test_person",
        "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language, created_us, "
        "updated_us)"
        " VALUES ($1, 5, 'a', 'a', 'a', 'owner', 'en', 1, 1) ON CONFLICT (merchant_id, id) DO "
        "NOTHING",
        "i", ""};
    static const struct db_statement heart = {
        "test_heart",
        "INSERT INTO staff_favourite (merchant_id, staff_id, customer_id) VALUES ($1, 5, $2)", "ii",
        ""};

    enum err err = db_query_int(tx, &pick, &customer, db_i(f->merchant_id));
    if (err == OK)
        err = db_exec(tx, &person, NULL, db_i(f->merchant_id));
    if (err == OK)
        err = db_exec(tx, &heart, NULL, db_i(f->merchant_id), db_i(customer));
    return err == OK ? change_note(tx, f->merchant_id, "favourite", &customer, 1) : err;
}

static enum err add_store(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    int64_t id;
    bool is_new;

    enum err err = store_by_name(tx, f->merchant_id, STR("Lyon"), &id, &is_new);
    return err == OK ? change_note(tx, f->merchant_id, "store", &id, 1) : err;
}

static enum err delete_first(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    int64_t id;
    static const struct db_statement pick = {
        "test_first", "SELECT MIN(id) FROM customer WHERE merchant_id = $1 AND deleted_us IS NULL",
        "i", "i"};
    static const struct db_statement gone = {
        "test_gone", "UPDATE customer SET deleted_us = 1 WHERE merchant_id = $1 AND id = $2", "ii",
        ""};

    enum err err = db_query_int(tx, &pick, &id, db_i(f->merchant_id));
    if (err == OK)
        err = db_exec(tx, &gone, NULL, db_i(f->merchant_id), db_i(id));
    return err == OK ? change_note(tx, f->merchant_id, "customer", &id, 1) : err;
}

static int64_t favourites_of(struct audiences *as, struct fixture *f)
{
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_ask ask = {.viewer = {.staff_id = 5}, .sort = FIELD_NAME, .limit = 5};
    struct audience_answer answer;
    int64_t n = 0;

    assert_int_equal(audiences_use(as, f->merchant_id, &use), OK);
    assert_int_equal(audience_ask(use.audience, &ask, f->arena, &answer), OK);
    for (int i = 0; i < answer.nhits; i++)
        n += answer.hits[i].favourite;
    return n;
}

static void each_reads_what_the_other_wrote(struct fixture *f)
{
    struct second s = second_start(f);

    assert_int_equal(audiences_new(&s.app, &s.audiences), OK);
    assert_int_equal(matching(f->app.audiences, f, ""), 0);
    assert_int_equal(matching(s.audiences, f, ""), 0);
    int64_t anna = add(f, f->app.db, "Anna", "Rossi");
    assert_int_equal(matching(f->app.audiences, f, "anna"), 1);
    assert_int_equal(matching(s.audiences, f, "anna"), 1);
    add(f, s.app.db, "Иван", "Петров");
    assert_int_equal(matching(f->app.audiences, f, "ivan"), 1);
    assert_int_equal(matching(f->app.audiences, f, ""), 2);

    struct customer_change c = customer_change_empty(anna);
    c.first_name = STR("Marta");
    save(f, s.app.db, &c, 1);
    assert_int_equal(matching(f->app.audiences, f, "anna"), 0);
    assert_int_equal(matching(f->app.audiences, f, "marta"), 1);

    assert_int_equal(matching(f->app.audiences, f, "store:lyon"), -1);
    assert_int_equal(db_write(s.app.db, add_store, f), OK);
    assert_int_equal(matching(f->app.audiences, f, "store:lyon"), 0);
    assert_int_equal(favourites_of(f->app.audiences, f), 0);
    assert_int_equal(db_write(s.app.db, mark_favourite, f), OK);
    assert_int_equal(favourites_of(f->app.audiences, f), 1);
    assert_int_equal(db_write(s.app.db, delete_first, f), OK);
    assert_int_equal(matching(f->app.audiences, f, ""), 1);
    second_end(&s);
}

static void a_gap_in_the_feed_is_noticed(struct fixture *f)
{
    assert_int_equal(matching(f->app.audiences, f, ""), 0);
    add(f, f->app.db, "One", "A");
    add(f, f->app.db, "Two", "A");
    assert_int_equal(db_write(f->app.db, fixture_sql,
                              arena_printf(f->arena, "DELETE FROM change WHERE seq <= 1")),
                     OK);
    assert_int_equal(matching(f->app.audiences, f, ""), 2);
}

static void the_calendar_moves(struct fixture *f)
{
    add(f, f->app.db, "Anna", "Rossi"); /* registered on day 20000, never came */
    f->app.fixed_today = 20010;
    assert_int_equal(matching(f->app.audiences, f, "type:new"), 1);
    f->app.fixed_today = 20200;
    assert_int_equal(matching(f->app.audiences, f, "type:new"), 0);
    assert_int_equal(matching(f->app.audiences, f, "type:at_risk"), 1);
}

static void strangers_are_not_found(struct fixture *f)
{
    struct audience_use use = {0};
    assert_int_equal(audiences_use(f->app.audiences, 12345, &use), ERR_NOT_FOUND);
    audiences_done(&use);
}

struct reader {
    struct fixture *f;
    pthread_t thread;
    int64_t last;
    bool went_back;
};

static void *read_on(void *arg)
{
    struct reader *r = arg;
    struct arena *a = arena_new();

    for (int i = 0; i < 60; i++) {
        struct audience_use use = {0};
        struct audience_ask ask = {.sort = FIELD_NAME};
        struct audience_answer answer;
        if (audiences_use(r->f->app.audiences, r->f->merchant_id, &use) != OK ||
            audience_ask(use.audience, &ask, a, &answer) != OK || answer.matching < r->last)
            r->went_back = true;
        else
            r->last = answer.matching;
        audiences_done(&use);
        arena_reset(a);
    }
    arena_free(&a);
    return NULL;
}

static void many_read_while_one_writes(struct fixture *f)
{
    struct reader readers[4];

    for (int i = 0; i < 4; i++) {
        readers[i] = (struct reader){.f = f};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    }
    for (int i = 0; i < 30; i++)
        add(f, f->app.db, "Anna", "Rossi");
    for (int i = 0; i < 4; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_false(readers[i].went_back);
    }
    assert_int_equal(matching(f->app.audiences, f, "anna"), 30);
}

/* ---- a load by two connections ---- */

enum { LOADED = 1300 }; /* several batches */

static void fill(struct fixture *f)
{
    struct customer_change *changes = arena_array(f->arena, struct customer_change, LOADED);

    for (size_t i = 0; i < LOADED; i++) {
        changes[i] = customer_change_empty(id_new());
        changes[i].create = true;
        changes[i].first_name = STR("Anna");
    }
    save(f, f->app.db, changes, LOADED);
}

static enum err set_visits(struct db_tx *tx, void *arg)
{
    (void)arg;
    return db_free_text(tx, "UPDATE customer_facts SET visits = visits + 3", "", NULL);
}

static void one_connection_is_enough(struct fixture *f)
{
    struct second s = {.app = {.fixed_today = f->app.fixed_today}};
    struct problem p = {0};

    fill(f);
    assert_int_equal(db_write(f->app.db, set_visits, NULL), OK);
    assert_int_equal(
        db_open(f->url, &(struct db_options){.read_connections = 1}, f->arena, &s.app.db, &p), OK);
    assert_int_equal(audiences_new(&s.app, &s.audiences), OK);
    assert_int_equal(matching(s.audiences, f, "anna visits:3"), LOADED);
    assert_int_equal(matching(f->app.audiences, f, "anna visits:3"), LOADED);
    second_end(&s);
}

static enum err load_the_past(struct db_tx *tx, void *arg)
{
    const struct audience_options o = {.language = "en", .today = 20000};
    struct fixture *f = arg;
    struct audience *audience = NULL;
    struct audience_ask ask = {.only_count = true};
    struct audience_answer answer;
    struct problem p = {0};
    int64_t seq;

    assert_int_equal(db_query_int(tx, &audiences_seq, &seq, db_i(f->merchant_id)), OK);
    assert_int_equal(db_write(f->app.db, set_visits, NULL), OK);
    add(f, f->app.db, "Marta", "Rossi");

    assert_int_equal(audience_new(&o, &audience), OK);
    audience_load_begin(audience);
    assert_int_equal(audience_read_all(tx, f->merchant_id, audience), OK);
    audience_load_end(audience);
    assert_int_equal(audience_count(audience), LOADED);
    const struct query_context c = {20000, 2, audience_words(audience)};
    assert_int_equal(query_parse(f->arena, STR("visits:0"), &c, &ask.query, &p), OK);
    assert_int_equal(audience_ask(audience, &ask, f->arena, &answer), OK);
    assert_int_equal(answer.matching, LOADED);
    audience_free(&audience);
    return OK;
}

/* Who wrote while it began is not read by half. */
static void a_load_reads_one_state(struct fixture *f)
{
    fill(f);
    assert_int_equal(db_read(f->app.db, load_the_past, f), OK);
    assert_int_equal(matching(f->app.audiences, f, "visits:3"), LOADED);
    assert_int_equal(matching(f->app.audiences, f, "marta visits:0"), 1);
}

static void with_audiences(struct fixture *f, void (*test)(struct fixture *))
{
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    test(f);
    audiences_free(&f->app.audiences);
}

#define ON_EACH(test)                                                                              \
    static void run_##test(struct fixture *f)                                                      \
    {                                                                                              \
        with_audiences(f, test);                                                                   \
    }                                                                                              \
    static void test_##test(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(run_##test);                                                                \
    }
ON_EACH(each_reads_what_the_other_wrote)
ON_EACH(a_gap_in_the_feed_is_noticed)
ON_EACH(the_calendar_moves)
ON_EACH(strangers_are_not_found)
ON_EACH(many_read_while_one_writes)
ON_EACH(one_connection_is_enough)
ON_EACH(a_load_reads_one_state)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reads_what_the_other_wrote),
        cmocka_unit_test(test_a_gap_in_the_feed_is_noticed),
        cmocka_unit_test(test_the_calendar_moves),
        cmocka_unit_test(test_strangers_are_not_found),
        cmocka_unit_test(test_many_read_while_one_writes),
        cmocka_unit_test(test_one_connection_is_enough),
        cmocka_unit_test(test_a_load_reads_one_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
