/* kill -9 at random moments of an erasure of many: whoever takes it up erases the rest; nobody is
 * erased by half, or twice. The base in the end equals that of an erasure nobody disturbed. */
#include "import_fixture.h"
#include "src/crm/job/job.h"
#include "src/crm/privacy/retention.h"
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { PEOPLE = 90, KILLS = 5, KILLS_MAX = 60 };

static const struct job_kind kinds[] = {{ERASURE_JOB, erasure_job}};

/* What is left, without ids and times of recording. */
static const struct {
    int columns;
    const char *sql;
} tables[] = {
    {4,
     "SELECT CAST(number AS TEXT), COALESCE(external_id, ''), COALESCE(last_name, ''),"
     " CASE WHEN deleted_us IS NULL THEN 'living' ELSE 'gone' END FROM customer ORDER BY number"},
    {3, "SELECT CAST(c.number AS TEXT), k.kind, k.value FROM contact k JOIN customer c ON c.id ="
        " k.customer_id ORDER BY c.number, k.kind"},
    {3, "SELECT CAST(c.number AS TEXT), k.channel, k.state FROM consent k JOIN customer c ON c.id ="
        " k.customer_id ORDER BY c.number, k.channel"},
    {3, "SELECT t.invoice, CAST(t.total_minor AS TEXT), COALESCE(CAST(c.number AS TEXT), 'nobody')"
        " FROM transactions t LEFT JOIN customer c ON c.id = t.customer_id ORDER BY t.invoice"},
    {2, "SELECT CAST(number AS TEXT), reason FROM erasure ORDER BY number"},
    {2, "SELECT CAST(c.number AS TEXT), i.state FROM erasure_item i JOIN customer c ON c.id ="
        " i.customer_id ORDER BY c.number"},
    {2, "SELECT action, CAST(COUNT(*) AS TEXT) FROM audit GROUP BY action ORDER BY action"},
    {1, "SELECT CAST(COUNT(*) AS TEXT) FROM erased_contact"},
    {2, "SELECT state, CAST(done AS TEXT) FROM job WHERE kind = 'erasure'"},
};

static void people(struct fixture *f)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_adds(&b, "external_id,last_name,phone,email,registered,consent_sms\n");
    for (int i = 0; i < PEOPLE; i++)
        buf_printf(&b, "P%d,Person%d,+336123450%02d,p%d@example.com,%d-01-01,yes\n", i, i, i, i,
                   i % 10 == 9 ? 2026 : 2018);
    import_bytes_of(f, IMPORT_CUSTOMERS, arena_str(f->arena, buf_str(&b)), NULL, false);
    b.n = 0;
    buf_adds(&b, "external_id,invoice,date,amount\n");
    for (int i = 0; i < PEOPLE; i++)
        buf_printf(&b, "P%d,F%03d,2018-02-01,%d.00\n", i, i, i + 1);
    import_bytes_of(f, IMPORT_TRANSACTIONS, arena_str(f->arena, buf_str(&b)), NULL, false);
    buf_free(&b);
    /* an import is no contact, but what it brings was said on the day of the import */
    static char long_ago[] = "UPDATE consent SET at_us = 1500000000000000";
    assert_int_equal(db_write(f->app.db, fixture_sql, long_ago), OK);
}

struct deciding {
    struct fixture *f;
    int64_t job;
};

static enum err decide(struct db_tx *tx, void *arg)
{
    struct deciding *d = arg;
    const struct audit_actor by = {0, "test", NULL};
    struct retention_rule rule;
    int64_t ids[PEOPLE];
    size_t n = 0;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_free_text(tx, "SELECT id FROM customer ORDER BY id", "i", &rows);
    while (e == OK && n < PEOPLE && db_next(rows))
        ids[n++] = db_int(rows, 0);
    db_done(&rows);
    rows = NULL;
    if (e == OK)
        e = retention_rule(d->f->merchant_id, "Europe/Paris", 20600, 36, &rule);
    return e == OK ? retention_erase(tx, &rule, 36, ids, n, &by, &d->job) : e;
}

struct looking {
    struct fixture *f;
    int64_t job;
    struct job_view view;
};

static enum err look(struct db_tx *tx, void *arg)
{
    struct looking *l = arg;
    return job_get(tx, l->f->merchant_id, l->job, l->f->arena, &l->view);
}

static void work_until_done(struct fixture *f, int64_t job)
{
    struct looking l = {.f = f, .job = job};
    struct work *w;
    assert_int_equal(work_start_timed(f->app.db, kinds, 1, 1, &f->app, 100, 5, &w), OK);
    for (;;) {
        assert_int_equal(db_read(f->app.db, look, &l), OK);
        if (job_ended(&l.view))
            break;
        work_wait_change(w, f->merchant_id, job, l.view.state, l.view.done, 1000);
    }
    work_stop(&w);
}

/* True: it came to its end before it was killed. */
static bool run_and_kill(struct fixture *f, int64_t job, int64_t after_us)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct fixture own = {.arena = arena_new(), .url = f->url, .merchant_id = f->merchant_id};
        struct problem p = {0};
        own.app.fixed_today = 20600;
        if (db_open(own.url, &(struct db_options){0}, own.arena, &own.app.db, &p))
            _exit(2);
        work_until_done(&own, job);
        db_close(&own.app.db);
        _exit(0);
    }
    struct timespec t = {after_us / 1000000, after_us % 1000000 * 1000};
    nanosleep(&t, NULL);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return false;
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

static const char **contents(struct fixture *f)
{
    const char **all = arena_array(f->arena, const char *, ARRAY_LEN(tables));
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        all[i] = sql_text(f, tables[i].columns, tables[i].sql);
    return all;
}

static void disturbed(const char *url)
{
    struct fixture calm, wild;
    uint64_t random = 11;
    int kills = 0;
    fixture_start(&calm, url);
    fixture_start(&wild, url);
    calm.app.fixed_today = wild.app.fixed_today = 20600; /* 2026-05-27 */
    people(&calm);
    people(&wild);
    struct deciding quiet = {.f = &calm}, loud = {.f = &wild};
    assert_int_equal(db_write(calm.app.db, decide, &quiet), OK);
    assert_int_equal(db_write(wild.app.db, decide, &loud), OK);
    int64_t began = monotonic_us();
    work_until_done(&calm, quiet.job);
    int64_t whole_us = monotonic_us() - began;
    db_close(&wild.app.db); /* a fork must not share it */
    for (bool ended = false; !ended && kills < KILLS_MAX;) {
        ended = run_and_kill(&wild, loud.job, test_kill_after(&random, whole_us, 2, kills, KILLS));
        kills += !ended;
    }
    wild.app.db = fixture_open(&wild);
    work_until_done(&wild, loud.job);
    const char **expected = contents(&calm), **found = contents(&wild);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        assert_string_equal(found[i], expected[i]);
    assert_non_null(strstr(found[8], "done|81")); /* nine came lately */
    assert_true(kills > 0);                       /* how many is for the machine to say */
    fixture_end(&calm);
    fixture_end(&wild);
}

static void killed_erasure(void **state)
{
    (void)state;
    disturbed(NULL);
    if (getenv("HABITUE_TEST_PG"))
        disturbed(getenv("HABITUE_TEST_PG"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed_erasure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
