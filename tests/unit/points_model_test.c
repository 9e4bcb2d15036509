/* Random lives of customers, lived by the real ledger and by a simple reference (points_model.c):
 * credits, debits, purchases, returns, reversals, merges, undos, expiry and retries, from several
 * threads at once and through kill -9, on both engines. Each step must come out alike, each balance
 * must be the reference's, the ledger must hold (points_check), and nothing may happen twice.
 *
 * HABITUE_MODEL_STEPS=2000 makes every life that long; HABITUE_MODEL_SEED makes others. */
#include "crm_fixture.h"
#include "points_model.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include "src/crm/merge/merge.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { LIVES = 4, STEPS = 60, KILLS = 4 };
static const struct audit_actor by = {0, "model", NULL};

static int64_t option(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    int64_t n;
    return text && str_int64(str_c(text), &n) && n > 0 ? n : otherwise;
}

static int64_t steps_of_a_life(void)
{
    int64_t n = option("HABITUE_MODEL_STEPS", STEPS);
    return n < MODEL_STEPS_MAX ? n : MODEL_STEPS_MAX;
}

/* ---- a life ---- */

struct life {
    struct fixture *f;
    struct arena *arena;
    int64_t customers[MODEL_CUSTOMERS]; /* ascending */
    struct model model;
    int tag;
    int64_t steps;
    /* the step under way */
    int i;
    struct model_step step;
    int64_t amount;
    struct problem p;
    int64_t total, usable;
    char fault[300]; /* what went wrong; asserted by the main thread */
};

static const char *key_of(struct life *l, int step)
{
    return arena_printf(l->arena, "model:%d:%d", l->tag, step);
}

/* The lives share no purchase. */
static int64_t transaction_of(const struct life *l, int step)
{
    return (int64_t)l->tag * MODEL_STEPS_MAX + step + 1;
}

static enum err make_customers(struct db_tx *tx, void *arg)
{
    struct life *l = arg;
    enum err e = OK;
    for (int c = 0; e == OK && c < MODEL_CUSTOMERS; c++) {
        l->customers[c] = id_new();
        e = db_free_text(
            tx,
            arena_printf(l->arena,
                         "INSERT INTO customer (merchant_id, id, number, created_us, updated_us)"
                         " VALUES (%lld, %lld, %d, 1, 1)",
                         (long long)l->f->merchant_id, (long long)l->customers[c],
                         l->tag * MODEL_CUSTOMERS + c + 1),
            "", NULL);
    }
    return e == OK ? facts_refresh(tx, l->f->merchant_id, l->customers, MODEL_CUSTOMERS) : e;
}

static void life_begin(struct life *l, struct fixture *f, int tag)
{
    *l = (struct life){.f = f, .arena = arena_new(), .tag = tag, .steps = steps_of_a_life()};
    model_begin(&l->model, l->arena,
                (uint64_t)option("HABITUE_MODEL_SEED", 1) * 1000 + (uint64_t)tag);
    assert_int_equal(db_write(f->app.db, make_customers, l), OK);
}

/* The first integer that a text asks for; 0: none. */
static enum err ask(struct db_tx *tx, const char *sql, int64_t *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret = 0;
    enum err e = db_free_text(tx, sql, "i", &rows);
    if (e == OK && db_next(rows))
        *ret = db_int(rows, 0);
    return e == OK ? db_error(rows) : e;
}

static enum err do_post(struct db_tx *tx, struct life *l, struct points_entry *made)
{
    const struct model_step *s = &l->step;
    const struct points_new what = {.customer_id = l->customers[s->customer],
                                    .amount = s->amount,
                                    .kind = s->kind,
                                    .reason = STR("why not"),
                                    .transaction_id =
                                        s->kind == POINTS_PURCHASE ? transaction_of(l, l->i) : 0,
                                    .day = s->today,
                                    .today = s->today,
                                    .dates_given = true,
                                    .usable_day = s->usable_day,
                                    .expires_day = s->expires_day,
                                    .idempotency = key_of(l, l->i),
                                    .by = &by,
                                    .origin = "test"};
    return points_post(tx, l->f->merchant_id, &what, l->arena, made, &l->p);
}

static enum err do_reverse(struct db_tx *tx, struct life *l, struct points_entry *made)
{
    int64_t id;
    enum err e = ask(tx,
                     arena_printf(l->arena, "SELECT id FROM points_entry WHERE idempotency = '%s'",
                                  key_of(l, l->step.cited)),
                     &id);
    const struct points_back what = {.entry_id = id,
                                     .today = l->step.today,
                                     .idempotency = key_of(l, l->i),
                                     .by = &by,
                                     .origin = "test"};
    return e == OK ? points_reverse(tx, l->f->merchant_id, &what, l->arena, made, &l->p) : e;
}

static enum err do_return(struct db_tx *tx, struct life *l, struct points_entry *made)
{
    int64_t taken = 0;
    const struct points_return what = {.purchase_id = transaction_of(l, l->step.cited),
                                       .return_id = transaction_of(l, l->i),
                                       .returned_minor = l->step.amount,
                                       .total_minor = 1000,
                                       .today = l->step.today};
    enum err e = points_take_back(tx, l->f->merchant_id, &what, l->arena, &taken, &l->p);
    made->amount = -taken;
    return e;
}

static enum err do_merge(struct db_tx *tx, struct life *l)
{
    int64_t id;
    long long survivor = l->customers[l->step.customer], loser = l->customers[l->step.other];
    enum err e = ask(tx,
                     arena_printf(l->arena,
                                  "SELECT id FROM customer_merge WHERE survivor_id = %lld"
                                  " AND loser_id = %lld AND undone_us IS NULL",
                                  survivor, loser),
                     &id);
    bool parts = l->step.act == MODEL_UNMERGE;
    if (e != OK || parts == (id == 0)) /* done before the process was killed */
        return e;
    const struct merge_request what = {.survivor_id = survivor,
                                       .loser_id = loser,
                                       .survivor_version = -1,
                                       .loser_version = -1,
                                       .now_us = now_us(),
                                       .today = l->step.today};
    return parts ? merge_undo(tx, l->f->merchant_id, id, &by, now_us(), l->arena, &l->p)
                 : merge_customers(tx, l->f->merchant_id, &what, &by, l->arena, NULL, &id, &l->p);
}

static enum err do_step(struct db_tx *tx, void *arg)
{
    struct life *l = arg;
    struct points_entry made = {0};
    int64_t expired, note = l->customers[l->step.customer];
    enum err e;
    l->p = (struct problem){0};
    if (l->step.act == MODEL_POST)
        e = do_post(tx, l, &made);
    else if (l->step.act == MODEL_REVERSE)
        e = do_reverse(tx, l, &made);
    else if (l->step.act == MODEL_RETURN)
        e = do_return(tx, l, &made);
    else if (l->step.act == MODEL_SETTLE)
        e = points_settle(tx, l->f->merchant_id, note, l->step.today, l->arena, &expired);
    else
        return do_merge(tx, l);
    l->amount = made.amount;
    return e == OK ? change_note(tx, l->f->merchant_id, "customer", &note, 1) : e;
}

static enum err read_balances(struct db_tx *tx, void *arg)
{
    struct life *l = arg;
    struct model *m = &l->model;
    enum err e = OK;
    for (int c = 0; e == OK && c < MODEL_CUSTOMERS && !l->fault[0]; c++) {
        struct points_balance b;
        int64_t total, usable;
        model_balance(m, c, &total, &usable);
        e = points_balance(tx, l->f->merchant_id, l->customers[c], m->today, &b);
        if (e == OK && (b.total != total || b.usable != usable))
            snprintf(l->fault, sizeof l->fault,
                     "life %d, after step %d, customer %d: %lld (%lld usable), not %lld (%lld)",
                     l->tag, l->i, c, (long long)b.total, (long long)b.usable, (long long)total,
                     (long long)usable);
    }
    return e;
}

/* `again`: it may have been done before. */
static bool comes_out(struct life *l, const struct model_result *wanted, bool again)
{
    enum err e = db_write(l->f->app.db, do_step, l);
    const char *code = e == OK ? NULL : l->p.code ? l->p.code : err_name(e);
    bool posting = l->step.act == MODEL_POST || l->step.act == MODEL_REVERSE;
    bool same = (!code && !wanted->code) || (code && wanted->code && !strcmp(code, wanted->code));
    if (same && !code && (posting || !again) && l->step.act <= MODEL_RETURN)
        same = l->amount == wanted->amount;
    if (!same)
        snprintf(l->fault, sizeof l->fault, "life %d, step %d (act %d): %s %lld, not %s %lld",
                 l->tag, l->i, (int)l->step.act, code ? code : "done", (long long)l->amount,
                 wanted->code ? wanted->code : "done", (long long)wanted->amount);
    return same;
}

/* Lives from a step on (those before it are lived by the reference alone); `told`: a descriptor to
 * which each step is told that was acknowledged, or -1. */
static void live(struct life *l, int from, int told)
{
    for (l->i = 0; l->i < l->steps && !l->fault[0]; l->i++) {
        l->step = model_next(&l->model);
        struct model_result wanted = model_apply(&l->model, &l->step);
        if (l->i < from)
            continue;
        if (!comes_out(l, &wanted, l->i == from && told >= 0))
            return;
        if (told >= 0 && write(told, &l->i, sizeof l->i) != sizeof l->i)
            return;
        if (l->i % 3 == 0 && !wanted.code && l->step.act <= MODEL_REVERSE &&
            !comes_out(l, &wanted, true)) /* a till that got no answer asks again */
            return;
        if (db_read(l->f->app.db, read_balances, l) != OK)
            snprintf(l->fault, sizeof l->fault, "life %d: no balances", l->tag);
    }
}

struct checking {
    int64_t merchant_id;
    struct points_report report;
};

static enum err check_ledger(struct db_tx *tx, void *arg)
{
    struct checking *c = arg;
    return points_check(tx, c->merchant_id, &c->report);
}

static void assert_sound(struct fixture *f)
{
    struct checking c = {.merchant_id = f->merchant_id};
    assert_int_equal(db_read(f->app.db, check_ledger, &c), OK);
    const struct points_report report = c.report;
    if (report.differing)
        fail_msg("%s of customer %lld", report.some[0].what, (long long)report.some[0].customer_id);
    assert_true(report.entries > 0);
}

/* ---- from many threads ---- */

static void *live_in_thread(void *arg)
{
    live(arg, 0, -1);
    return NULL;
}

static void lives_side_by_side(struct fixture *f)
{
    static struct life lives[LIVES];
    pthread_t threads[LIVES];
    for (int i = 0; i < LIVES; i++)
        life_begin(&lives[i], f, i);
    for (int i = 0; i < LIVES; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, live_in_thread, &lives[i]), 0);
    for (int i = 0; i < LIVES; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < LIVES; i++) {
        if (lives[i].fault[0])
            fail_msg("%s", lives[i].fault);
        arena_free(&lives[i].arena);
    }
    assert_sound(f);
}

/* One customer, everybody at once, each act sent by two tills: it happens once. */
enum { TILLS = 6, ACTS = 8 };
struct till {
    struct fixture *f;
    struct arena *arena;
    int64_t customer, came;
    int which;
};

static enum err ring_up(struct db_tx *tx, void *arg)
{
    struct till *t = arg;
    struct points_entry made;
    struct problem p;
    int act = t->which;
    const struct points_new what = {.customer_id = t->customer,
                                    .amount = act % 4 == 3 ? -5 : 3,
                                    .kind = act % 4 == 3 ? POINTS_DEBIT : POINTS_CREDIT,
                                    .day = 20000,
                                    .today = 20000,
                                    .dates_given = true,
                                    .usable_day = 20000,
                                    .expires_day = POINTS_NEVER,
                                    .idempotency = arena_printf(t->arena, "till:%d", act),
                                    .by = &by,
                                    .origin = "till"};
    enum err e = points_post(tx, t->f->merchant_id, &what, t->arena, &made, &p);
    t->came = e == OK && !made.repeated ? made.amount : 0;
    return e == OK ? change_note(tx, t->f->merchant_id, "customer", &t->customer, 1) : e;
}

static void *work_till(void *arg)
{
    struct till *t = arg;
    int64_t sum = 0;
    int first = t->which / 2 * ACTS; /* two tills, the same acts */
    for (int i = 0; i < ACTS; i++) {
        t->which = first + i;
        if (db_write(t->f->app.db, ring_up, t) == OK)
            sum += t->came;
    }
    t->came = sum;
    return NULL;
}

static void tills_do_it_once(struct fixture *f)
{
    struct till tills[TILLS];
    pthread_t threads[TILLS];
    struct life l = {.f = f, .arena = f->arena, .tag = 99};
    int64_t sum = 0;
    assert_int_equal(db_write(f->app.db, make_customers, &l), OK);
    for (int i = 0; i < TILLS; i++) {
        tills[i] = (struct till){f, arena_new(), l.customers[0], 0, i};
        assert_int_equal(pthread_create(&threads[i], NULL, work_till, &tills[i]), 0);
    }
    for (int i = 0; i < TILLS; i++) {
        pthread_join(threads[i], NULL);
        sum += tills[i].came;
        arena_free(&tills[i].arena);
    }
    /* credits all came; a debit came, or found too little each time it was sent */
    assert_true(sum <= TILLS / 2 * (ACTS / 4 * 3 * 3) && sum >= TILLS / 2 * (ACTS / 4) * 4);
    model_begin(&l.model, f->arena, 1);
    l.model.lots[l.model.nlots++] = (struct model_lot){.account = 0,
                                                       .amount = sum,
                                                       .remaining = sum,
                                                       .usable_day = 20000,
                                                       .expires_day = POINTS_NEVER};
    assert_int_equal(db_read(f->app.db, read_balances, &l), OK);
    if (l.fault[0])
        fail_msg("%s", l.fault);
    assert_sound(f);
}

/* ---- through kill -9 ---- */

/* Lives on in a process of its own, which is killed after it has told of `acts` steps (0: never).
 * Returns the step after the last one that it told of. */
static int live_and_die(struct life *l, int from, int acts)
{
    int ends[2], status, step, last = from - 1;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct problem p = {0};
        close(ends[0]);
        if (db_open(l->f->url, &(struct db_options){0}, l->arena, &l->f->app.db, &p))
            _exit(2);
        live(l, from, ends[1]);
        if (l->fault[0])
            fprintf(stderr, "%s\n", l->fault);
        db_close(&l->f->app.db);
        _exit(l->fault[0] ? 1 : 0);
    }
    close(ends[1]);
    while (read(ends[0], &step, sizeof step) == sizeof step) {
        last = step;
        if (acts && step - from + 1 == acts)
            kill(pid, SIGKILL);
    }
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return last + 1;
}

static void a_life_through_kills(struct fixture *f)
{
    static struct life l;
    uint64_t random = 5;
    int from = 0;
    life_begin(&l, f, 50);
    db_close(&f->app.db); /* a fork must not share it */
    for (int i = 0; i < KILLS && from < l.steps; i++)
        from =
            live_and_die(&l, from, 1 + (int)(test_random(&random) % (uint64_t)(l.steps / KILLS)));
    if (from < l.steps)
        from = live_and_die(&l, from, 0);
    assert_int_equal(from, l.steps);
    f->app.db = fixture_open(f);
    for (l.i = 0; l.i < l.steps; l.i++) {
        struct model_step s = model_next(&l.model);
        model_apply(&l.model, &s);
    }
    assert_int_equal(db_read(f->app.db, read_balances, &l), OK);
    if (l.fault[0])
        fail_msg("%s", l.fault);
    assert_sound(f);
    arena_free(&l.arena);
}

#define EACH(test)                                                                                 \
    static void test##_each(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
EACH(lives_side_by_side)
EACH(tills_do_it_once)
EACH(a_life_through_kills)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_side_by_side_each),
        cmocka_unit_test(tills_do_it_once_each),
        cmocka_unit_test(a_life_through_kills_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
