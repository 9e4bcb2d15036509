/* The merchant's seal on the ledger: whatever is deleted or changed since is told by name. */
#include "crm_fixture.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include "src/crm/merge/merge.h"
#include "src/crm/points/points.h"
#include "src/crm/privacy/privacy.h"

enum { TODAY = 20000, PEOPLE = 4 };
static const struct audit_actor anna = {0, "Anna", NULL};

struct world {
    struct fixture *f;
    int64_t people[PEOPLE], customer, amount, merge;
    struct points_report report;
    struct points_seal seal;
    struct problem p;
};

static enum err make_people(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    enum err e = OK;
    for (int i = 0; e == OK && i < PEOPLE; i++) {
        w->people[i] = id_new();
        e = db_free_text(
            tx,
            arena_printf(w->f->arena,
                         "INSERT INTO customer (merchant_id, id, number, created_us, updated_us)"
                         " VALUES (%lld, %lld, %d, 1, 1)",
                         (long long)w->f->merchant_id, (long long)w->people[i], i + 1),
            "", NULL);
    }
    return e;
}

static enum err do_credit(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct points_entry made;
    return points_post(tx, w->f->merchant_id,
                       &(struct points_new){.customer_id = w->customer,
                                            .amount = w->amount,
                                            .kind = POINTS_CREDIT,
                                            .day = TODAY,
                                            .today = TODAY,
                                            .origin = "test"},
                       w->f->arena, &made, &w->p);
}

static void credit(struct world *w, int i, int64_t amount)
{
    w->customer = w->people[i];
    w->amount = amount;
    assert_int_equal(db_write(w->f->app.db, do_credit, w), OK);
}

static void seal(struct world *w, bool anew, int64_t place)
{
    assert_int_equal(points_seal(w->f->app.db, w->f->merchant_id, anew, &w->seal), OK);
    assert_int_equal(w->seal.place, place);
}

static enum err read_report(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return points_check(tx, w->f->merchant_id, &w->report);
}

/* `what` NULL: nothing is wrong. `i` < 0: of nobody. */
static void expect(struct world *w, const char *what, int i)
{
    assert_int_equal(db_read(w->f->app.db, read_report, w), OK);
    if (!what) {
        assert_int_equal(w->report.differing, 0);
        return;
    }
    for (int k = 0; k < w->report.nsome; k++)
        if (strcmp(w->report.some[k].what, what) == 0 &&
            w->report.some[k].customer_id == (i < 0 ? 0 : w->people[i]))
            return;
    fail_msg("%s is not told; %s is", what, w->report.nsome ? w->report.some[0].what : "nothing");
}

/* Two entries each, sealed. */
static void world_start(struct world *w, struct fixture *f)
{
    *w = (struct world){.f = f};
    assert_int_equal(db_write(f->app.db, make_people, w), OK);
    for (int i = 0; i < PEOPLE; i++) {
        credit(w, i, 10);
        credit(w, i, 5);
    }
    seal(w, false, 1);
    expect(w, NULL, 0);
}

static void run(struct world *w, const char *sql)
{
    assert_int_equal(db_write(w->f->app.db, fixture_sql, (void *)(uintptr_t)sql), OK);
}

/* `sql` has one %lld for the account. */
#define ON(w, i, sql) run(w, arena_printf((w)->f->arena, sql, (long long)(w)->people[i]))

static void vanish(struct world *w, int i)
{
    ON(w, i, "DELETE FROM points_lot WHERE account_id = %lld");
    ON(w, i, "DELETE FROM points_entry WHERE account_id = %lld");
    ON(w, i, "DELETE FROM points_account WHERE id = %lld");
}

static void cut(struct world *w, int i)
{
    ON(w, i,
       "DELETE FROM points_lot WHERE id IN (SELECT id FROM points_entry WHERE account_id = %lld"
       " AND place = 2)");
    ON(w, i, "DELETE FROM points_entry WHERE account_id = %lld AND place = 2");
    ON(w, i,
       "UPDATE points_account SET entries = 1, balance = 10, hash = (SELECT e.hash FROM"
       " points_entry e WHERE e.account_id = points_account.id) WHERE id = %lld");
}

/* ---- */

static void seals_follow_what_is_new(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    assert_int_equal(w.report.seal.accounts, PEOPLE);
    assert_int_equal(w.report.seal.entries, 2 * PEOPLE);
    assert_int_equal(w.report.seal.points, 15 * PEOPLE);
    seal(&w, false, 1); /* nothing new */
    credit(&w, 1, 7);
    expect(&w, NULL, 0); /* what is not sealed yet is no fault */
    seal(&w, false, 2);
    expect(&w, NULL, 0);
    assert_int_equal(w.report.seal.place, 2);
    assert_int_equal(w.report.seal.points, 15 * PEOPLE + 7);
    assert_string_equal(w.report.seal.hash, w.seal.hash);
}

static void what_is_gone_is_named(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    vanish(&w, 2);
    expect(&w, "vanished", 2);
    assert_int_equal(w.report.differing, 1);
    seal(&w, false, 1); /* what vanished goes on being told */
    credit(&w, 0, 1);
    seal(&w, false, 2);
    expect(&w, "vanished", 2);
    vanish(&w, 3); /* the last of all, and the first */
    vanish(&w, 0);
    expect(&w, "vanished", 3);
    expect(&w, "vanished", 0);
    assert_int_equal(w.report.differing, 3);
    seal(&w, true, 1);
    expect(&w, NULL, 0);
}

static void what_is_cut_or_rewritten_is_named(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    cut(&w, 1);
    expect(&w, "cut", 1);
    assert_int_equal(w.report.differing, 1); /* the chain itself holds */
    credit(&w, 1, 5);                        /* as long as it was, but another */
    expect(&w, "rewritten", 1);
    assert_int_equal(w.report.differing, 1);
    credit(&w, 1, 5);
    seal(&w, false, 1);
    expect(&w, "rewritten", 1);
    /* a whole account made anew, each hash as it should be */
    vanish(&w, 0);
    credit(&w, 0, 10);
    credit(&w, 0, 5);
    expect(&w, "rewritten", 0);
    /* an old entry under its old hash */
    ON(&w, 2,
       "UPDATE points_entry SET amount = 11, balance = 11 WHERE account_id = %lld AND place = 1");
    expect(&w, "chain", 2);
    seal(&w, true, 1);
    expect(&w, "chain", 2); /* no seal hides what is wrong by itself */
}

static void touched_seals_tell(struct fixture *f)
{
    static const char *const touches[] = {
        "UPDATE points_sealed SET balance = balance + 1",
        "UPDATE points_sealed SET entries = 1 WHERE account_id = (SELECT MIN(account_id) FROM "
        "points_sealed)",
        "DELETE FROM points_sealed WHERE account_id = (SELECT MAX(account_id) FROM points_sealed)",
        "UPDATE points_seal SET points = points + 1 WHERE place = 2",
        "UPDATE points_seal SET at_us = at_us + 1 WHERE place = 1",
        "DELETE FROM points_seal WHERE place = 1",
        "DELETE FROM points_seal WHERE place > 1", /* more than one that was under way */
        "DELETE FROM points_seal",
    };
    struct world w;
    world_start(&w, f);
    for (size_t i = 0; i < ARRAY_LEN(touches); i++) {
        for (int place = 2; place <= 3; place++) {
            credit(&w, place, 1);
            seal(&w, false, place);
        }
        run(&w, touches[i]);
        expect(&w, "seal", -1);
        credit(&w, 0, 1);
        assert_int_equal(points_seal(f->app.db, f->merchant_id, false, &w.seal), OK);
        expect(&w, "seal", -1); /* nothing is sealed over it */
        seal(&w, true, 1);
        expect(&w, NULL, 0);
    }
}

/* Stopped between noting the ends of chains and the seal: the seal before still holds, the next
 * goes on. */
static void an_interrupted_seal_goes_on(struct fixture *f)
{
    struct world w;
    world_start(&w, f);
    credit(&w, 1, 3);
    seal(&w, false, 2);
    run(&w, "DELETE FROM points_seal WHERE place = 2");
    expect(&w, NULL, 0);
    assert_int_equal(w.report.seal.place, 1);
    credit(&w, 1, 4);
    credit(&w, 2, 4);
    seal(&w, false, 2);
    expect(&w, NULL, 0);
    assert_int_equal(w.report.seal.entries, 2 * PEOPLE + 3);
}

static enum err erase(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    const struct privacy_erasure x = {.customer_id = w->people[0],
                                      .reason = "request",
                                      .now_us = now_us(),
                                      .today = TODAY,
                                      .by = anna};
    return privacy_erase(tx, w->f->merchant_id, &x);
}

static enum err merge(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    const struct merge_request what = {.survivor_id = w->people[1],
                                       .loser_id = w->people[2],
                                       .survivor_version = -1,
                                       .loser_version = -1,
                                       .now_us = now_us(),
                                       .today = TODAY};
    return merge_customers(tx, w->f->merchant_id, &what, &anna, w->f->arena, NULL, &w->merge,
                           &w->p);
}

static enum err unmerge(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return merge_undo(tx, w->f->merchant_id, w->merge, &anna, now_us(), w->f->arena, &w->p);
}

static void erasures_and_merges_pass(struct fixture *f)
{
    static const db_fn steps[] = {erase, merge, unmerge};
    struct world w;
    world_start(&w, f);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        assert_int_equal(db_write(f->app.db, steps[i], &w), OK);
        expect(&w, NULL, 0);
        credit(&w, 1, 1);
        seal(&w, false, 2 + (int64_t)i);
        expect(&w, NULL, 0);
    }
}

#define EACH(test)                                                                                 \
    static void test##_each(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
EACH(seals_follow_what_is_new)
EACH(what_is_gone_is_named)
EACH(what_is_cut_or_rewritten_is_named)
EACH(touched_seals_tell)
EACH(an_interrupted_seal_goes_on)
EACH(erasures_and_merges_pass)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_follow_what_is_new_each),
        cmocka_unit_test(what_is_gone_is_named_each),
        cmocka_unit_test(what_is_cut_or_rewritten_is_named_each),
        cmocka_unit_test(touched_seals_tell_each),
        cmocka_unit_test(an_interrupted_seal_goes_on_each),
        cmocka_unit_test(erasures_and_merges_pass_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
