/* The ledger of points, rule by rule; what holds whatever happens is points_model_test.c. */
#include "crm_fixture.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include "src/crm/job/job.h"
#include "src/crm/points/points.h"
#include "src/crm/privacy/privacy.h"
#include "src/work/work.h"

enum { TODAY = 20000 };
static const struct audit_actor anna = {0, "Anna", NULL};

struct world {
    struct fixture *f;
    int64_t customer, other;
    struct points_new post;
    struct points_back back;
    struct points_return give;
    struct points_policy policy;
    struct points_entry made;
    struct points_balance balance;
    int64_t number;
    int32_t today;
    struct problem p;
};

static enum err make_customer(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    int64_t id = id_new();
    enum err e = db_free_text(
        tx,
        arena_printf(w->f->arena,
                     "INSERT INTO customer (merchant_id, id, number, created_us, updated_us)"
                     " VALUES (%lld, %lld, %lld, 1, 1)",
                     (long long)w->f->merchant_id, (long long)id, (long long)(id % 1000000000)),
        "", NULL);
    w->number = id;
    return e;
}

static int64_t customer_new(struct world *w)
{
    assert_int_equal(db_write(w->f->app.db, make_customer, w), OK);
    return w->number;
}

static void world_start(struct world *w, struct fixture *f)
{
    *w = (struct world){.f = f, .today = TODAY};
    w->customer = customer_new(w);
    w->other = customer_new(w);
}

static enum err do_post(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    w->p = (struct problem){0};
    return points_post(tx, w->f->merchant_id, &w->post, w->f->arena, &w->made, &w->p);
}

/* Posts with today's date; `code`: the refusal that is expected. */
static void post(struct world *w, struct points_new what, const char *code)
{
    what.customer_id = what.customer_id ? what.customer_id : w->customer;
    what.today = w->today;
    what.day = what.day ? what.day : w->today;
    what.origin = "staff";
    what.by = &anna;
    w->post = what;
    enum err e = db_write(w->f->app.db, do_post, w);
    if (!code) {
        assert_int_equal(e, OK);
        return;
    }
    assert_int_not_equal(e, OK);
    assert_string_equal(w->p.code, code);
}

static void credit(struct world *w, int64_t amount, int32_t expires_day)
{
    post(w,
         (struct points_new){.amount = amount,
                             .kind = POINTS_CREDIT,
                             .dates_given = true,
                             .expires_day = expires_day,
                             .usable_day = w->today},
         NULL);
}

static void debit(struct world *w, int64_t amount, const char *code)
{
    post(w, (struct points_new){.amount = -amount, .kind = POINTS_DEBIT}, code);
}

static enum err do_reverse(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    w->p = (struct problem){0};
    return points_reverse(tx, w->f->merchant_id, &w->back, w->f->arena, &w->made, &w->p);
}

static void reverse(struct world *w, int64_t entry_id, const char *code)
{
    w->back = (struct points_back){
        .entry_id = entry_id, .today = w->today, .by = &anna, .origin = "staff"};
    enum err e = db_write(w->f->app.db, do_reverse, w);
    if (!code) {
        assert_int_equal(e, OK);
        return;
    }
    assert_int_not_equal(e, OK);
    assert_string_equal(w->p.code, code);
}

static enum err do_return(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return points_take_back(tx, w->f->merchant_id, &w->give, w->f->arena, &w->number, &w->p);
}

static int64_t give_back(struct world *w, int64_t purchase, int64_t id, int64_t minor,
                         int64_t total)
{
    w->give = (struct points_return){.purchase_id = purchase,
                                     .return_id = id,
                                     .returned_minor = minor,
                                     .total_minor = total,
                                     .today = w->today};
    assert_int_equal(db_write(w->f->app.db, do_return, w), OK);
    return w->number;
}

static enum err read_balance(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return points_balance(tx, w->f->merchant_id, w->customer, w->today, &w->balance);
}

static void assert_balance(struct world *w, int64_t total, int64_t usable)
{
    assert_int_equal(db_read(w->f->app.db, read_balance, w), OK);
    assert_int_equal(w->balance.total, total);
    assert_int_equal(w->balance.usable, usable);
}

/* ---- */

static void credits_and_debits(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    debit(&w, 1, "points_not_enough");
    post(&w, (struct points_new){.amount = 0, .kind = POINTS_CREDIT}, "points_amount");
    post(&w, (struct points_new){.amount = -1, .kind = POINTS_CREDIT}, "points_amount");
    post(&w, (struct points_new){.amount = 1, .kind = POINTS_DEBIT}, "points_amount");
    post(&w, (struct points_new){.amount = 1000000001, .kind = POINTS_CREDIT}, "points_amount");
    post(&w, (struct points_new){.customer_id = 12345, .amount = 1, .kind = POINTS_CREDIT},
         "not_found");
    credit(&w, 5, POINTS_NEVER);
    assert_int_equal(w.made.total, 5);
    debit(&w, 6, "points_not_enough");
    debit(&w, 2, NULL);
    assert_int_equal(w.made.amount, -2);
    assert_int_equal(w.made.total, 3);
    assert_balance(&w, 3, 3);
    post(&w, (struct points_new){.amount = -10, .kind = POINTS_DEBIT, .up_to = true}, NULL);
    assert_int_equal(w.made.amount, -3);
    post(&w, (struct points_new){.amount = -10, .kind = POINTS_DEBIT, .up_to = true}, NULL);
    assert_int_equal(w.made.amount, 0);
}

static void nothing_twice(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    const struct points_new once = {.amount = 7, .kind = POINTS_STAMP, .idempotency = "stamp:1:1"};
    post(&w, once, NULL);
    assert_false(w.made.repeated);
    post(&w, once, NULL);
    assert_true(w.made.repeated);
    assert_int_equal(w.made.amount, 7);
    assert_balance(&w, 7, 7);
    post(&w, (struct points_new){.amount = 8, .kind = POINTS_STAMP, .idempotency = "stamp:1:1"},
         "points_repeated");
    assert_balance(&w, 7, 7);
}

static void spends_what_expires_first(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    credit(&w, 10, POINTS_NEVER);
    credit(&w, 10, TODAY + 20);
    credit(&w, 10, TODAY + 10);
    debit(&w, 15, NULL);
    int64_t spent = w.made.id;
    assert_balance(&w, 15, 15);
    assert_int_equal(w.balance.expiring_day, TODAY + 20);
    assert_int_equal(w.balance.expiring, 5);
    reverse(&w, spent, NULL);
    reverse(&w, spent, "points_reversed");
    reverse(&w, w.made.id, "points_not_reversible");
    assert_balance(&w, 30, 30);
    assert_int_equal(w.balance.expiring_day, TODAY + 10);
    assert_int_equal(w.balance.expiring, 10);
    w.today = TODAY + 11;
    assert_balance(&w, 20, 20);
    debit(&w, 1, NULL);
    assert_int_equal(w.made.total, 19); /* what expired was booked first */
    assert_balance(&w, 19, 19);
}

/* Points given back into a lot that has expired meanwhile are gone again. */
static void a_late_reversal_expires_at_once(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    credit(&w, 10, TODAY + 1);
    debit(&w, 4, NULL);
    int64_t spent = w.made.id;
    w.today = TODAY + 5;
    reverse(&w, spent, NULL);
    assert_int_equal(w.made.amount, 4);
    assert_balance(&w, 0, 0);
    debit(&w, 1, "points_not_enough");
}

static void locked_points_wait(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    post(&w,
         (struct points_new){.amount = 10,
                             .kind = POINTS_PURCHASE,
                             .dates_given = true,
                             .usable_day = TODAY + 14,
                             .expires_day = POINTS_NEVER},
         NULL);
    assert_balance(&w, 10, 0);
    assert_int_equal(w.balance.unlocking_day, TODAY + 14);
    debit(&w, 1, "points_locked");
    w.today = TODAY + 14;
    debit(&w, 1, NULL);
    assert_balance(&w, 9, 9);
}

static void returns_take_back_pro_rata(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    const struct points_new sale = {.amount = 10, .kind = POINTS_PURCHASE, .transaction_id = 77};
    post(&w, sale, NULL);
    assert_int_equal(give_back(&w, 77, 1, 333, 1000), 3);
    assert_int_equal(give_back(&w, 77, 1, 333, 1000), 0); /* told twice */
    assert_int_equal(give_back(&w, 77, 2, 333, 1000), 3); /* 6.66 in all */
    assert_int_equal(give_back(&w, 77, 3, 5000, 1000), 4);
    assert_int_equal(give_back(&w, 77, 4, 1000, 1000), 0);
    assert_balance(&w, 0, 0);
    /* what was spent is taken from what else there is, and never below zero */
    struct points_new second = sale;
    second.transaction_id = 78;
    post(&w, second, NULL);
    debit(&w, 8, NULL);
    credit(&w, 3, POINTS_NEVER);
    assert_int_equal(give_back(&w, 78, 5, 1000, 1000), 5);
    assert_balance(&w, 0, 0);
    assert_int_equal(give_back(&w, 79, 6, 1000, 1000), 0); /* earned nothing */
}

/* What expired is not taken again. */
static void returns_leave_what_expired(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    post(&w,
         (struct points_new){.amount = 10,
                             .kind = POINTS_PURCHASE,
                             .transaction_id = 80,
                             .dates_given = true,
                             .usable_day = TODAY,
                             .expires_day = TODAY + 1},
         NULL);
    w.today = TODAY + 3;
    credit(&w, 10, POINTS_NEVER);
    assert_int_equal(give_back(&w, 80, 7, 1000, 1000), 0);
    assert_balance(&w, 10, 10);
}

static void credits_can_be_undone(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    credit(&w, 10, POINTS_NEVER);
    int64_t first = w.made.id;
    debit(&w, 4, NULL);
    reverse(&w, first, "points_not_enough");
    credit(&w, 4, POINTS_NEVER);
    reverse(&w, first, NULL);
    assert_int_equal(w.made.amount, -10);
    assert_balance(&w, 0, 0);
    reverse(&w, first, "points_reversed");
}

static enum err read_earned(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return points_earned(tx, w->f->merchant_id, w->customer, TODAY, TODAY + 9, &w->number);
}

static void assert_earned(struct world *w, int64_t points)
{
    assert_int_equal(db_read(w->f->app.db, read_earned, w), OK);
    assert_int_equal(w->number, points);
}

/* What is taken back counts on the day of what it takes back. */
static void what_was_taken_back_was_not_earned(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    credit(&w, 10, POINTS_NEVER);
    int64_t mistyped = w.made.id;
    post(&w, (struct points_new){.amount = 20, .kind = POINTS_PURCHASE, .transaction_id = 90},
         NULL);
    post(&w, (struct points_new){.amount = 40, .kind = POINTS_OPENING}, NULL);
    debit(&w, 30, NULL);
    int64_t spent = w.made.id;
    assert_earned(&w, 30);
    w.today = TODAY + 20;
    reverse(&w, spent, NULL);
    assert_earned(&w, 30);
    assert_int_equal(give_back(&w, 90, 91, 500, 1000), 10);
    assert_earned(&w, 20);
    reverse(&w, mistyped, NULL);
    assert_earned(&w, 10);
}

/* ---- the policy ---- */

static void promises(void **state)
{
    (void)state;
    int32_t usable, expires;
    int32_t day = day_from_civil((struct civil){2024, 1, 31});
    points_promise(&(struct points_policy){0}, POINTS_CREDIT, day, &usable, &expires);
    assert_int_equal(usable, day);
    assert_int_equal(expires, POINTS_NEVER);
    points_promise(&(struct points_policy){.expiry = POINTS_EXPIRE_MONTH, .count = 1},
                   POINTS_CREDIT, day, &usable, &expires);
    assert_int_equal(expires, day_from_civil((struct civil){2024, 2, 29}));
    points_promise(&(struct points_policy){.expiry = POINTS_EXPIRE_MONTH, .locked_days = 1},
                   POINTS_PURCHASE, day, &usable, &expires);
    assert_int_equal(usable, day + 1);
    assert_int_equal(expires, day_from_civil((struct civil){2024, 2, 29}));
    points_promise(&(struct points_policy){.expiry = POINTS_EXPIRE_YEAR, .count = 2}, POINTS_CREDIT,
                   day, &usable, &expires);
    assert_int_equal(expires, day_from_civil((struct civil){2026, 12, 31}));
    points_promise(&(struct points_policy){.expiry = POINTS_EXPIRE_DAYS, .count = 30},
                   POINTS_CREDIT, day, &usable, &expires);
    assert_int_equal(expires, day + 30);
}

static enum err do_policy(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct points_policy before;
    enum err e = points_policy_read(tx, w->f->merchant_id, &before);
    if (e != OK)
        return e;
    return points_policy_write(tx, w->f->merchant_id, &before, &w->policy, &anna, w->f->arena,
                               &w->p);
}

/* A new policy changes no date that stands. */
static void policies_never_rewrite(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    w.policy = (struct points_policy){.expiry = POINTS_EXPIRE_DAYS, .count = 30};
    assert_int_equal(db_write(f->app.db, do_policy, &w), OK);
    post(&w, (struct points_new){.amount = 5, .kind = POINTS_CREDIT}, NULL);
    w.policy = (struct points_policy){.expiry = POINTS_EXPIRE_DAYS, .count = 3};
    assert_int_equal(db_write(f->app.db, do_policy, &w), OK);
    assert_int_equal(w.policy.version, 2);
    assert_balance(&w, 5, 5);
    assert_int_equal(w.balance.expiring_day, TODAY + 30);
    w.policy = (struct points_policy){.expiry = POINTS_EXPIRE_DAYS, .count = 0};
    assert_int_equal(db_write(f->app.db, do_policy, &w), ERR_INVALID);
    assert_string_equal(w.p.code, "points_policy_count");
}

/* ---- the night ---- */

struct night {
    struct fixture *f;
    int64_t job, n;
    const char *sql;
    struct job_view view;
    struct points_report report;
};

static enum err ask(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_free_text(tx, n->sql, "i", &rows);
    n->n = e == OK && db_next(rows) ? db_int(rows, 0) : -1;
    return e;
}

static int64_t count(struct fixture *f, const char *sql)
{
    struct night n = {.f = f, .sql = sql};
    assert_int_equal(db_read(f->app.db, ask, &n), OK);
    return n.n;
}

static enum err make_job(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    return job_create(tx, n->f->merchant_id, POINTS_JOB, 0, 0, -1, &n->job);
}

static enum err see_job(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    return job_get(tx, n->f->merchant_id, n->job, n->f->arena, &n->view);
}

static void one_night(struct fixture *f, int32_t today)
{
    static const struct job_kind kinds[] = {{POINTS_JOB, points_job}};
    struct night n = {.f = f};
    struct work *w;
    f->app.fixed_today = today;
    assert_int_equal(db_write(f->app.db, make_job, &n), OK);
    assert_int_equal(work_start_timed(f->app.db, kinds, 1, 1, &f->app, 100, 5, &w), OK);
    for (;;) {
        assert_int_equal(db_read(f->app.db, see_job, &n), OK);
        if (job_ended(&n.view))
            break;
        work_wait_change(w, f->merchant_id, n.job, n.view.state, n.view.done, 1000);
    }
    work_stop(&w);
    assert_string_equal(n.view.state, "done");
}

/* More customers than a transaction takes; a second night finds nothing more. */
static enum err many_lots(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    enum err e = OK;
    for (int i = 0; e == OK && i < 250; i++) {
        struct points_entry made;
        e = make_customer(tx, w);
        const struct points_new what = {.customer_id = w->number,
                                        .amount = 5,
                                        .kind = POINTS_CREDIT,
                                        .day = TODAY,
                                        .today = TODAY,
                                        .dates_given = true,
                                        .usable_day = TODAY,
                                        .expires_day = TODAY + (i % 2 ? 3 : 30),
                                        .origin = "test"};
        if (e == OK)
            e = points_post(tx, w->f->merchant_id, &what, w->f->arena, &made, &w->p);
    }
    return e;
}

static enum err touch(struct db_tx *tx, void *arg)
{
    (void)arg;
    return db_free_text(tx,
                        "UPDATE points_lot SET remaining = remaining + 1 WHERE id ="
                        " (SELECT MIN(id) FROM points_lot WHERE remaining > 0)",
                        "", NULL);
}

static void nights_expire_once_and_check(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    assert_int_equal(db_write(f->app.db, many_lots, &w), OK);
    one_night(f, TODAY + 3);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM points_entry WHERE kind = 'expiry'"), 0);
    for (int i = 0; i < 2; i++) {
        one_night(f, TODAY + 5);
        assert_int_equal(count(f, "SELECT COUNT(*) FROM points_entry WHERE kind = 'expiry'"
                                  " AND day = 20004 AND amount = -5"),
                         125);
        assert_int_equal(count(f, "SELECT CAST(SUM(balance) AS BIGINT) FROM points_account"), 625);
    }
    assert_int_equal(count(f, "SELECT COUNT(*) FROM audit WHERE action = 'points.check'"), 3);
    assert_int_equal(db_write(f->app.db, touch, NULL), OK);
    one_night(f, TODAY + 6);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM audit WHERE action = 'points.differ'"), 1);
}

static enum err read_report(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    return points_check(tx, n->f->merchant_id, &n->report);
}

static enum err erase(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    const struct privacy_erasure x = {.customer_id = w->customer,
                                      .reason = "request",
                                      .now_us = now_us(),
                                      .today = TODAY,
                                      .by = anna};
    return privacy_erase(tx, w->f->merchant_id, &x);
}

/* What was written goes, what was counted stays, and the chain holds. */
static void the_chain_outlives_a_person(struct fixture *f)
{
    struct world w;
    struct night n = {.f = f};
    world_start(&w, f);
    post(&w, (struct points_new){.amount = 7, .kind = POINTS_CREDIT, .reason = STR("her mother")},
         NULL);
    assert_int_equal(db_write(f->app.db, erase, &w), OK);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM points_entry WHERE salt IS NOT NULL"
                              " OR reason <> '' OR message <> ''"),
                     0);
    assert_int_equal(count(f, "SELECT CAST(SUM(amount) AS BIGINT) FROM points_entry"), 0);
    assert_int_equal(db_read(f->app.db, read_report, &n), OK);
    assert_int_equal(n.report.entries, 2);
    assert_int_equal(n.report.differing, 0);
    post(&w, (struct points_new){.amount = 1, .kind = POINTS_CREDIT}, "not_found");
}

/* Whatever is changed by hand is found. */
static void touched_ledgers_tell(struct fixture *f)
{
    static const struct {
        const char *sql, *back, *what;
    } touches[] = {
        {"UPDATE points_entry SET reason = 'other' WHERE place = 1",
         "UPDATE points_entry SET reason = 'mine' WHERE place = 1", "text"},
        {"UPDATE points_entry SET staff_id = 5 WHERE place = 2",
         "UPDATE points_entry SET staff_id = NULL WHERE place = 2", "chain"},
        {"UPDATE points_entry SET day = day - 1 WHERE place = 1",
         "UPDATE points_entry SET day = day + 1 WHERE place = 1", "chain"},
        {"UPDATE points_account SET balance = balance + 1",
         "UPDATE points_account SET balance = balance - 1", "balance"},
        {"UPDATE points_lot SET expires_day = expires_day - 1",
         "UPDATE points_lot SET expires_day = expires_day + 1", "lots"},
        {"UPDATE points_draw SET amount = amount + 1", "UPDATE points_draw SET amount = amount - 1",
         "draws"},
        {"UPDATE points_account SET entries = entries - 1", /* a cut tail looks like this */
         "UPDATE points_account SET entries = entries + 1", "chain"},
    };
    struct world w;
    struct night n = {.f = f};
    world_start(&w, f);
    post(&w, (struct points_new){.amount = 7, .kind = POINTS_CREDIT, .reason = STR("mine")}, NULL);
    debit(&w, 3, NULL);
    for (size_t i = 0; i < ARRAY_LEN(touches); i++) {
        assert_int_equal(db_write(f->app.db, fixture_sql, (void *)(uintptr_t)touches[i].sql), OK);
        assert_int_equal(db_read(f->app.db, read_report, &n), OK);
        assert_true(n.report.differing > 0);
        assert_string_equal(n.report.some[0].what, touches[i].what);
        assert_int_equal(db_write(f->app.db, fixture_sql, (void *)(uintptr_t)touches[i].back), OK);
        assert_int_equal(db_read(f->app.db, read_report, &n), OK);
        assert_int_equal(n.report.differing, 0);
    }
}

#define EACH(test)                                                                                 \
    static void test##_each(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
EACH(credits_and_debits)
EACH(nothing_twice)
EACH(spends_what_expires_first)
EACH(a_late_reversal_expires_at_once)
EACH(locked_points_wait)
EACH(returns_take_back_pro_rata)
EACH(returns_leave_what_expired)
EACH(credits_can_be_undone)
EACH(what_was_taken_back_was_not_earned)
EACH(policies_never_rewrite)
EACH(nights_expire_once_and_check)
EACH(the_chain_outlives_a_person)
EACH(touched_ledgers_tell)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credits_and_debits_each),
        cmocka_unit_test(nothing_twice_each),
        cmocka_unit_test(spends_what_expires_first_each),
        cmocka_unit_test(a_late_reversal_expires_at_once_each),
        cmocka_unit_test(locked_points_wait_each),
        cmocka_unit_test(returns_take_back_pro_rata_each),
        cmocka_unit_test(returns_leave_what_expired_each),
        cmocka_unit_test(credits_can_be_undone_each),
        cmocka_unit_test(promises),
        cmocka_unit_test(what_was_taken_back_was_not_earned_each),
        cmocka_unit_test(policies_never_rewrite_each),
        cmocka_unit_test(nights_expire_once_and_check_each),
        cmocka_unit_test(the_chain_outlives_a_person_each),
        cmocka_unit_test(touched_ledgers_tell_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
