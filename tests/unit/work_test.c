#include "test_db.h"
#include "src/base/day.h"
#include "src/base/log.h"
#include "src/work/work.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum { MERCHANT = 7, STEPS = 20, LEASE_MS = 1200, POLL_MS = 50 };

static const struct db_statement add_step = {"w_add_step",
                                             "INSERT INTO step (job, n) VALUES ($1, $2)", "ii", ""};
static const struct db_statement steps = {"w_steps", "SELECT COUNT(*) FROM step WHERE job = $1",
                                          "i", "i"};
static const struct db_statement row = {
    "w_row",
    "SELECT state, done, cancel, problem, subject_id, staff_id, started_us, finished_us, total, "
    "lease_owner FROM job WHERE merchant_id = $1 AND id = $2",
    "ii", "tiitiiiiit"};

/* What the jobs of a test are told. */
struct app {
    struct db *db;
    atomic_int runs, running, most;
    int step_us;
    atomic_int busy; /* so many times busy first */
    atomic_int ticks;
};

struct step {
    const struct job *job;
    int64_t n;
    const struct db_statement *check;
    int64_t out;
};

static enum err do_step(struct db_tx *tx, void *arg)
{
    struct step *s = arg;
    enum err err = db_exec(tx, &add_step, NULL, db_i(s->job->id), db_i(s->n));
    return err ? err : job_progress(tx, s->job, s->n + 1, STEPS);
}

static enum err count_steps(struct db_tx *tx, void *arg)
{
    struct step *s = arg;
    return db_query_int(tx, &steps, &s->n, db_i(s->job->id));
}

/* Counts to STEPS, a row each, going on where its rows say. */
static enum err counting(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct app *x = app;
    struct step s = {.job = job};
    atomic_fetch_add(&x->runs, 1);
    enum err err = db_read(x->db, count_steps, &s);
    for (; !err && s.n < STEPS; s.n++) {
        usleep((useconds_t)x->step_us);
        err = db_write(x->db, do_step, &s);
    }
    (void)a;
    (void)p;
    return err;
}

static enum err failing(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    (void)app;
    (void)job;
    problem_set(p, a, ERR_INVALID, "field_range", "age", "min", "1", "max", "150", NULL);
    p->line = 12;
    return ERR_INVALID;
}

static enum err busy(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct app *x = app;
    (void)job;
    (void)a;
    (void)p;
    return atomic_fetch_sub(&x->busy, 1) > 0 ? ERR_BUSY : OK;
}

/* Computes for longer than a lease without a word. */
static enum err silent(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct app *x = app;
    (void)job;
    (void)a;
    (void)p;
    atomic_fetch_add(&x->runs, 1);
    usleep(LEASE_MS * 1000 * 5 / 2);
    return OK;
}

static const struct job_kind kinds[] = {
    {"counting", counting}, {"failing", failing}, {"busy", busy}, {"silent", silent}};

/* --- helpers --- */

struct creation {
    const char *kind;
    int64_t id;
};

static enum err create(struct db_tx *tx, void *arg)
{
    struct creation *c = arg;
    return job_create(tx, MERCHANT, c->kind, 42, 43, -1, &c->id);
}

static int64_t new_job(struct test_db *t, const char *kind)
{
    struct creation c = {.kind = kind};
    assert_int_equal(db_write(t->db, create, &c), OK);
    assert_true(c.id > 0);
    return c.id;
}

struct seen {
    int64_t id;
    char state[16], problem[512], owner[32];
    int64_t done, cancel, subject, staff, started, finished, total;
};

static enum err see(struct db_tx *tx, void *arg)
{
    struct seen *s = arg;
    struct db_rows *r cleanup(db_done) = NULL;
    enum err err = db_query(tx, &row, &r, db_i(MERCHANT), db_i(s->id));
    if (err || !db_next(r))
        return err ? err : ERR_NOT_FOUND;
    snprintf(s->state, sizeof(s->state), "%.*s", (int)db_text(r, 0).n, db_text(r, 0).p);
    snprintf(s->problem, sizeof(s->problem), "%.*s", (int)db_text(r, 3).n, db_text(r, 3).p);
    snprintf(s->owner, sizeof(s->owner), "%.*s", (int)db_text(r, 9).n, db_text(r, 9).p);
    s->done = db_int(r, 1);
    s->cancel = db_int(r, 2);
    s->subject = db_int(r, 4);
    s->staff = db_int(r, 5);
    s->started = db_int(r, 6);
    s->finished = db_int(r, 7);
    s->total = db_int_or(r, 8, -1);
    return OK;
}

static struct seen job_row(struct test_db *t, int64_t id)
{
    struct seen s = {.id = id};
    assert_int_equal(db_read(t->db, see, &s), OK);
    return s;
}

static struct seen wait_for(struct test_db *t, int64_t id, const char *state)
{
    struct seen s = {0};
    for (int i = 0; i < 1000; i++) {
        s = job_row(t, id);
        if (strcmp(s.state, state) == 0)
            return s;
        usleep(10000);
    }
    fail_msg("is %s, not %s", s.state, state);
    return s;
}

static struct work *start(struct app *app, int threads)
{
    struct work *w = NULL;
    assert_int_equal(
        work_start_timed(app->db, kinds, ARRAY_LEN(kinds), threads, app, LEASE_MS, POLL_MS, &w),
        OK);
    return w;
}

static int64_t steps_of(struct test_db *t, int64_t id)
{
    struct job job = {.id = id};
    struct step s = {.job = &job};
    assert_int_equal(db_read(t->db, count_steps, &s), OK);
    return s.n;
}

static int open_with_tables(void **state)
{
    static char sql[] =
        "CREATE TABLE step (job BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (job, n));"
        "INSERT INTO merchant (id, slug, name, currency, time_zone, country, language, "
        "created_us, updated_us) VALUES (7, 'm', 'M', 'EUR', 'UTC', 'FR', 'fr', 1, 1);";
    if (test_db_open_migrated(state))
        return 1;
    return db_write(((struct test_db *)*state)->db, test_db_text, sql);
}

struct cancellation {
    int64_t merchant_id, id;
};

static enum err cancel(struct db_tx *tx, void *arg)
{
    struct cancellation *c = arg;
    return job_cancel(tx, c->merchant_id, c->id);
}

static enum err cancel_job(struct test_db *t, int64_t merchant_id, int64_t id)
{
    struct cancellation c = {merchant_id, id};
    return db_write(t->db, cancel, &c);
}

/* --- tests --- */

static void jobs_run_to_the_end(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db};
    int64_t before = new_job(t, "counting"), stranger = new_job(t, "of_another_version");
    struct work *w = start(&app, 2);
    int64_t later = new_job(t, "counting");
    work_wake(w);
    for (int i = 0; i < 2; i++) {
        struct seen s = wait_for(t, i ? later : before, "done");
        assert_true(s.done == STEPS && s.total == STEPS && s.subject == 42 && s.staff == 43);
        assert_true(s.started > 0 && s.finished >= s.started);
        assert_string_equal(s.owner, "");
        assert_int_equal(steps_of(t, s.id), STEPS);
    }
    assert_int_equal(atomic_load(&app.runs), 2);
    assert_string_equal(job_row(t, stranger).state, "waiting");
    work_stop(&w);
    assert_null(w);
    work_stop(&w);
}

static void failures_tell_why(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db};
    int64_t id = new_job(t, "failing");
    log_set_level(LOG_ERROR);
    struct work *w = start(&app, 1);
    struct seen s = wait_for(t, id, "failed");
    struct problem p;
    assert_true(job_problem(t->arena, str_c(s.problem), &p));
    assert_int_equal(p.err, ERR_INVALID);
    assert_string_equal(p.code, "field_range");
    assert_string_equal(p.field, "age");
    assert_int_equal(p.nargs, 2);
    assert_string_equal(p.args[1].name, "max");
    assert_string_equal(p.args[1].value, "150");
    assert_true(p.line == 12 && p.from == -1);
    static const char *const bad[] = {"", "{", "[]", "{\"code\":\"x\"}",
                                      "{\"err\":99,\"code\":\"x\"}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(job_problem(t->arena, str_c(bad[i]), &p));
    work_stop(&w);
    log_set_level(LOG_INFO);
}

static void busy_is_tried_again(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db};
    atomic_store(&app.busy, 2);
    int64_t id = new_job(t, "busy");
    struct work *w = start(&app, 1);
    wait_for(t, id, "done");
    work_stop(&w);
}

static void canceling(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db, .step_us = 20000};
    int64_t waiting = new_job(t, "counting");
    assert_int_equal(cancel_job(t, MERCHANT + 1, waiting), ERR_NOT_FOUND); /* another merchant's */
    assert_int_equal(cancel_job(t, MERCHANT, waiting), OK);
    assert_string_equal(job_row(t, waiting).state, "canceled");
    assert_true(job_row(t, waiting).finished > 0);
    assert_int_equal(cancel_job(t, MERCHANT, waiting), ERR_CONFLICT);
    assert_int_equal(cancel_job(t, MERCHANT, 1), ERR_NOT_FOUND);

    int64_t id = new_job(t, "counting");
    struct work *w = start(&app, 1);
    wait_for(t, id, "running");
    while (job_row(t, id).done < 2)
        usleep(5000);
    assert_int_equal(cancel_job(t, MERCHANT, id), OK);
    struct seen s = wait_for(t, id, "canceled");
    assert_true(s.done >= 2 && s.done < STEPS);
    assert_int_equal(steps_of(t, id), s.done); /* the step that was told to stop did not happen */
    assert_int_equal(cancel_job(t, MERCHANT, id), ERR_CONFLICT);
    work_stop(&w);
}

static void stopping_and_going_on(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db, .step_us = 20000};
    int64_t id = new_job(t, "counting");
    struct work *w = start(&app, 1);
    while (job_row(t, id).done < 3)
        usleep(5000);
    work_stop(&w);
    struct seen s = job_row(t, id);
    assert_string_equal(s.state, "waiting"); /* given back, not left to its lease */
    assert_true(s.done >= 3 && s.done < STEPS);
    w = start(&app, 1);
    wait_for(t, id, "done");
    assert_int_equal(steps_of(t, id), STEPS);
    work_stop(&w);
}

static void leases_are_kept(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db};
    int64_t id = new_job(t, "silent");
    struct work *a = start(&app, 1), *b = start(&app, 1); /* as two nodes */
    wait_for(t, id, "done");
    assert_int_equal(atomic_load(&app.runs), 1); /* the other never got it */
    work_stop(&a);
    work_stop(&b);
}

static void one_job_one_worker(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db};
    int64_t ids[12];
    struct work *nodes[3];
    for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
        nodes[i] = start(&app, 2);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        ids[i] = new_job(t, "counting");
        for (size_t k = 0; k < ARRAY_LEN(nodes); k++)
            work_wake(nodes[k]);
    }
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        wait_for(t, ids[i], "done");
        assert_int_equal(steps_of(t, ids[i]), STEPS);
    }
    assert_int_equal(atomic_load(&app.runs), ARRAY_LEN(ids));
    for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
        work_stop(&nodes[i]);
}

static void child_main(struct test_db *t)
{
    t->db = test_db_connect(t);
    struct app app = {.db = t->db, .step_us = 10000};
    start(&app, 2);
    pause();
}

/* A process dies in the middle, again and again; others take over, and no step is done twice (its
 * key would break) or left out. */
static void taken_over_after_a_crash(void **state)
{
    struct test_db *t = *state;
    int64_t ids[] = {new_job(t, "counting"), new_job(t, "counting")};
    uint64_t seed = 11;
    for (int kills = 0; kills < 4; kills++) {
        db_close(&t->db);
        pid_t child = fork();
        if (child == 0)
            child_main(t);
        t->db = test_db_connect(t);
        int64_t before = job_row(t, ids[0]).done;
        for (int i = 0; i < 400 && job_row(t, ids[0]).done == before; i++)
            usleep(5000);
        usleep((useconds_t)(test_random(&seed) % 30000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        struct seen s = job_row(t, ids[0]);
        assert_true(s.done > before || strcmp(s.state, "done") == 0);
    }
    struct app app = {.db = t->db};
    struct work *w = start(&app, 2);
    for (int i = 0; i < 2; i++) {
        struct seen s = wait_for(t, ids[i], "done");
        assert_int_equal(s.done, STEPS);
        assert_int_equal(steps_of(t, ids[i]), STEPS);
    }
    work_stop(&w);
}

static void waiting_for_changes(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db, .step_us = 5000};
    struct work *w = start(&app, 1);
    int64_t id = new_job(t, "counting");
    work_wake(w);
    struct seen s = {.id = id};
    snprintf(s.state, sizeof(s.state), "waiting");
    int changes = 0;
    int64_t began = monotonic_us();
    while (strcmp(s.state, "done") != 0 && monotonic_us() - began < 10000000) {
        work_wait_change(w, MERCHANT, id, s.state, s.done, 5000);
        struct seen now = job_row(t, id);
        assert_true(strcmp(now.state, s.state) != 0 || now.done != s.done);
        s = now;
        changes++;
    }
    assert_string_equal(s.state, "done");
    assert_true(changes >= 3);
    began = monotonic_us();
    work_wait_change(w, MERCHANT, id, "done", STEPS, 60); /* no more of it: the time passes */
    assert_true(monotonic_us() - began >= 50000);
    work_wait_change(w, MERCHANT, 1, "done", 0, 5000); /* there is no such job: at once */
    assert_true(monotonic_us() - began < 3000000);
    work_stop(&w);
}

static void count_tick(void *app)
{
    atomic_fetch_add(&((struct app *)app)->ticks, 1);
}

static void ticks(void **state)
{
    struct test_db *t = *state;
    struct app app = {.db = t->db};
    struct work *w = start(&app, 4);
    usleep(3 * POLL_MS * 1000);
    assert_int_equal(atomic_load(&app.ticks), 0); /* none was asked for */
    work_tick(w, 60000, count_tick);
    for (int i = 0; i < 500 && atomic_load(&app.ticks) == 0; i++)
        usleep(10000);
    usleep(5 * POLL_MS * 1000);
    assert_int_equal(atomic_load(&app.ticks), 1); /* four threads, one tick */
    work_tick(w, 1, count_tick);
    for (int i = 0; i < 500 && atomic_load(&app.ticks) < 4; i++)
        usleep(10000);
    assert_true(atomic_load(&app.ticks) >= 4);
    work_stop(&w);
}

static void statements(void **state)
{
    struct test_db *t = *state;
    const char *why;
    for (size_t i = 0; work_statements[i]; i++)
        if (db_verify(t->db, work_statements[i], t->arena, &why))
            fail_msg("%s: %s", work_statements[i]->name, why);
}

int main(void)
{
    static const struct test_case cases[] = {
        {"jobs_run_to_the_end", jobs_run_to_the_end},
        {"failures_tell_why", failures_tell_why},
        {"busy_is_tried_again", busy_is_tried_again},
        {"canceling", canceling},
        {"stopping_and_going_on", stopping_and_going_on},
        {"leases_are_kept", leases_are_kept},
        {"one_job_one_worker", one_job_one_worker},
        {"taken_over_after_a_crash", taken_over_after_a_crash},
        {"waiting_for_changes", waiting_for_changes},
        {"ticks", ticks},
        {"statements", statements},
    };
    return test_db_run(cases, ARRAY_LEN(cases), open_with_tables);
}
