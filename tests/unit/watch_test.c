/* The till watch, rule by rule: what it finds in the ledger, and credits that wait for a second
 * person. */
#include "crm_fixture.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include "src/crm/watch/watch.h"
#include <pthread.h>

enum { TODAY = 20000, LIMIT = 500, AT_ONCE = 4 };
enum { OWNER = 11, MANAGER = 12, CASHIER = 13 };

struct world {
    struct fixture *f;
    int64_t customer, namesake, number;
    struct points_new post;
    struct points_entry made;
    struct watch_rules rules;
    struct watch_request request;
    struct watch_alert alerts[WATCH_TOLD_MAX];
    size_t n;
    struct watch_decision decision;
    int64_t back, left, id;
    enum watch_request_state state;
    struct audit_actor by;
    int32_t today;
    struct problem p;
};

static void run(struct world *w, const char *sql)
{
    assert_int_equal(db_write(w->f->app.db, fixture_sql, (void *)(uintptr_t)sql), OK);
}

static enum err write_rules(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct watch_rules before;
    enum err e = watch_rules_read(tx, w->f->merchant_id, &before);
    return e == OK
               ? watch_rules_write(tx, w->f->merchant_id, &before, &w->rules,
                                   &(struct audit_actor){OWNER, "Olga", NULL}, w->f->arena, &w->p)
               : e;
}

static void rules(struct world *w, int64_t limit, int64_t again)
{
    w->rules = (struct watch_rules){.again_count = again,
                                    .again_hours = 1,
                                    .own = true,
                                    .limit_points = limit,
                                    .request_days = 7};
    assert_int_equal(db_write(w->f->app.db, write_rules, w), OK);
}

static void world_start(struct world *w, struct fixture *f)
{
    static const struct {
        int64_t id;
        const char *name, *role;
    } staff[] = {{OWNER, "Olga", "owner"},
                 {MANAGER, "Mario Bianchi", "manager"},
                 {CASHIER, "Carla", "associate"}};
    *w = (struct world){.f = f, .customer = 101, .namesake = 102, .today = TODAY};
    for (size_t i = 0; i < ARRAY_LEN(staff); i++)
        run(w,
            arena_printf(f->arena,
                         "INSERT INTO staff (merchant_id, id, email, email_key, name, role,"
                         " language, created_us, updated_us) VALUES (%lld, %lld, '%lld@shop',"
                         " '%lld@shop', '%s', '%s', 'en', 1, 1)",
                         (long long)f->merchant_id, (long long)staff[i].id, (long long)staff[i].id,
                         (long long)staff[i].id, staff[i].name, staff[i].role));
    run(w, arena_printf(f->arena,
                        "INSERT INTO customer (merchant_id, id, number, first_name, last_name,"
                        " created_us, updated_us) VALUES (%lld, 101, 1, 'Anna', 'Rossi', 1, 1),"
                        " (%lld, 102, 2, 'Mario', 'Bianchi', 1, 1)",
                        (long long)f->merchant_id, (long long)f->merchant_id));
    rules(w, LIMIT, 3);
}

static enum err do_post(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    w->p = (struct problem){0};
    return points_post(tx, w->f->merchant_id, &w->post, w->f->arena, &w->made, &w->p);
}

/* True: it waits. */
static bool credit(struct world *w, int64_t staff, int64_t customer, int64_t amount,
                   const char *key)
{
    w->by = (struct audit_actor){staff, "somebody", NULL};
    w->post = (struct points_new){.customer_id = customer,
                                  .amount = amount,
                                  .kind = POINTS_CREDIT,
                                  .reason = STR("sorry"),
                                  .day = w->today,
                                  .today = w->today,
                                  .idempotency = key,
                                  .by = &w->by,
                                  .origin = "staff"};
    assert_int_equal(db_write(w->f->app.db, do_post, w), OK);
    assert_true((w->made.held_id != 0) == (w->made.amount == 0));
    return w->made.held_id != 0;
}

static enum err read_number(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct points_balance b;
    enum err e = points_balance(tx, w->f->merchant_id, w->customer, w->today, &b);
    w->number = b.total;
    return e;
}

static void assert_balance(struct world *w, int64_t points)
{
    assert_int_equal(db_read(w->f->app.db, read_number, w), OK);
    assert_int_equal(w->number, points);
}

static enum err do_answer(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    w->p = (struct problem){0};
    return watch_answer(tx, w->f->merchant_id, w->id, w->state, STR("seen"), w->today, &w->by,
                        w->f->arena, &w->request, &w->p);
}

/* `code`: the refusal that is expected, or NULL. */
static void answer(struct world *w, int64_t staff, int64_t id, enum watch_request_state state,
                   const char *code)
{
    w->by = (struct audit_actor){staff, "somebody", NULL};
    w->id = id;
    w->state = state;
    enum err e = db_write(w->f->app.db, do_answer, w);
    if (!code) {
        assert_int_equal(e, OK);
        assert_int_equal(w->request.state, state);
        return;
    }
    assert_int_not_equal(e, OK);
    assert_string_equal(w->p.code, code);
}

/* ---- a second person ---- */

static void what_is_held_is_booked_once(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    assert_false(credit(&w, CASHIER, w.customer, LIMIT, "a"));
    assert_false(credit(&w, OWNER, w.customer, LIMIT + 1, "b"));
    assert_true(credit(&w, CASHIER, w.customer, 600, "c"));
    int64_t id = w.made.held_id;
    assert_true(credit(&w, CASHIER, w.customer, 600, "c"));
    assert_int_equal(w.made.held_id, id);
    w.post.amount = 601; /* another credit under the same key */
    assert_int_equal(db_write(f->app.db, do_post, &w), ERR_CONFLICT);
    assert_string_equal(w.p.code, "points_repeated");
    assert_balance(&w, 2 * LIMIT + 1);
    answer(&w, CASHIER, id, WATCH_APPROVED, "watch_yourself");
    answer(&w, MANAGER, id, WATCH_WITHDRAWN, "watch_not_yours");
    answer(&w, MANAGER, id, WATCH_APPROVED, NULL);
    assert_balance(&w, 2 * LIMIT + 601);
    answer(&w, OWNER, id, WATCH_APPROVED, "watch_decided");
    assert_false(credit(&w, CASHIER, w.customer, 600, "c")); /* it is that entry now */
    assert_true(w.made.repeated);
    assert_balance(&w, 2 * LIMIT + 601);
}

/* The limit is raised between the request and its answer, and the till tries again. */
static void another_limit_doubles_nothing(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    assert_true(credit(&w, CASHIER, w.customer, 600, "till"));
    int64_t id = w.made.held_id;
    rules(&w, 1000, 3);
    assert_false(credit(&w, CASHIER, w.customer, 600, "till"));
    assert_balance(&w, 600);
    answer(&w, MANAGER, id, WATCH_APPROVED, NULL);
    assert_balance(&w, 600);
}

static void requests_end(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    assert_true(credit(&w, CASHIER, w.customer, 600, NULL));
    answer(&w, MANAGER, w.made.held_id, WATCH_REFUSED, NULL);
    assert_true(credit(&w, CASHIER, w.customer, 600, NULL));
    answer(&w, CASHIER, w.made.held_id, WATCH_WITHDRAWN, NULL);
    assert_true(credit(&w, CASHIER, w.customer, 600, NULL));
    w.today += 8;
    answer(&w, MANAGER, w.made.held_id, WATCH_APPROVED, "watch_expired");
    assert_balance(&w, 0);
}

struct till {
    struct world w;
    pthread_t thread;
    bool approves;
};

static void *at_till(void *arg)
{
    struct till *t = arg;
    cleanup(arena_free) struct arena *own = arena_new();
    struct fixture mine = *t->w.f; /* an arena is one thread's */
    mine.arena = own;
    t->w.f = &mine;
    t->w.by = (struct audit_actor){t->approves ? MANAGER : CASHIER, "somebody", NULL};
    if (t->approves) {
        t->w.state = WATCH_APPROVED;
        (void)!db_write(mine.app.db, do_answer, &t->w);
    } else {
        t->w.post.by = &t->w.by;
        assert_int_equal(db_write(mine.app.db, do_post, &t->w), OK);
    }
    return NULL;
}

/* Many tries of one credit at once are one request; many approvals at once are one credit. */
static void retries_at_once_are_one(struct fixture *f)
{
    struct world w;
    struct till tills[AT_ONCE];
    world_start(&w, f);
    w.post = (struct points_new){.customer_id = w.customer,
                                 .amount = 900,
                                 .kind = POINTS_CREDIT,
                                 .day = TODAY,
                                 .today = TODAY,
                                 .idempotency = "once",
                                 .origin = "staff"};
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < AT_ONCE; i++) {
            tills[i] = (struct till){.w = w, .approves = round == 1};
            assert_int_equal(pthread_create(&tills[i].thread, NULL, at_till, &tills[i]), 0);
        }
        for (int i = 0; i < AT_ONCE; i++)
            assert_int_equal(pthread_join(tills[i].thread, NULL), 0);
        if (round == 0) {
            for (int i = 0; i < AT_ONCE; i++)
                assert_int_equal(tills[i].w.made.held_id, tills[0].w.made.held_id);
            w.id = tills[0].w.made.held_id;
            assert_balance(&w, 0);
        }
    }
    assert_balance(&w, 900);
}

/* ---- alerts ---- */

static enum err read_alerts(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return watch_alerts(tx, w->f->merchant_id, true, w->f->arena, w->alerts, &w->n);
}

static void look(struct world *w, size_t n)
{
    assert_int_equal(watch_follow(w->f->app.db, w->f->merchant_id), OK);
    assert_int_equal(db_read(w->f->app.db, read_alerts, w), OK);
    assert_int_equal(w->n, n);
}

static enum err decide(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    int64_t customer;
    w->p = (struct problem){0};
    return watch_decide(tx, w->f->merchant_id, &w->decision, w->f->arena, &customer, &w->back,
                        &w->left, &w->p);
}

static void one_card_again_and_again(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    for (int i = 0; i < 2; i++) {
        assert_false(credit(&w, CASHIER, w.customer, 5, NULL));
        assert_false(credit(&w, MANAGER, w.customer, 5, NULL));
        look(&w, 0);
    }
    assert_false(credit(&w, CASHIER, w.customer, 5, NULL));
    look(&w, 1);
    look(&w, 1); /* told once */
    assert_string_equal(w.alerts[0].kind, "again");
    assert_int_equal(w.alerts[0].staff_id, CASHIER);
    const struct audit_actor cashier = {CASHIER, "Carla", NULL}, manager = {MANAGER, "Mario", NULL};
    w.decision = (struct watch_decision){.id = w.alerts[0].id,
                                         .take_back = true,
                                         .note = STR("seen"),
                                         .today = TODAY,
                                         .by = &cashier};
    assert_int_equal(db_write(f->app.db, decide, &w), ERR_DENIED);
    w.decision.by = &manager;
    assert_int_equal(db_write(f->app.db, decide, &w), OK);
    assert_int_equal(w.back, 3);
    assert_balance(&w, 10);
    look(&w, 0);
    assert_int_equal(db_write(f->app.db, decide, &w), ERR_CONFLICT);
}

static void credits_to_oneself(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    assert_false(credit(&w, CASHIER, w.namesake, 5, NULL));
    look(&w, 0);
    assert_false(credit(&w, MANAGER, w.namesake, 5, NULL)); /* Mario Bianchi */
    look(&w, 1);
    assert_string_equal(w.alerts[0].kind, "own");
    assert_int_equal(w.alerts[0].customer_id, w.namesake);
}

#define EACH(test)                                                                                 \
    static void test##_each(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
EACH(what_is_held_is_booked_once)
EACH(another_limit_doubles_nothing)
EACH(requests_end)
EACH(retries_at_once_are_one)
EACH(one_card_again_and_again)
EACH(credits_to_oneself)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_is_booked_once_each),
        cmocka_unit_test(another_limit_doubles_nothing_each),
        cmocka_unit_test(requests_end_each),
        cmocka_unit_test(retries_at_once_are_one_each),
        cmocka_unit_test(one_card_again_and_again_each),
        cmocka_unit_test(credits_to_oneself_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
