/* Many pairs merged at once: kill -9 at random moments, merging and taking back; each pair is done
 * once, and in the end everybody is as before. On both engines. */
#include "crm_fixture.h"
#include "src/crm/change/change.h"
#include "src/crm/customer/customer.h"
#include "src/crm/job/job.h"
#include "src/crm/merge/merge_features.h"
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { PAIRS = 60, KILLS = 4, KILLS_MAX = 200 };
static const struct job_kind kinds[] = {{MERGE_RUN_JOB, merge_run_job}};
static const struct audit_actor anna = {.name = "Anna Rossi"};

struct merging {
    struct fixture *f;
    struct merge_run run;
    struct merge_run_pair pairs[PAIRS];
    struct problem problem;
};

/* Everybody twice, under one phone. */
static enum err fill(struct db_tx *tx, void *arg)
{
    struct merging *m = arg;
    struct arena *a = m->f->arena;
    const struct customer_origin origin = {.how = "staff", .now_us = 1000, .may_loosen = true};
    struct customer_change *all = arena_array(a, struct customer_change, 2 * PAIRS);
    int64_t ids[2 * PAIRS];
    for (int i = 0; i < 2 * PAIRS; i++) {
        struct customer_contact *phone = arena_make(a, struct customer_contact);
        phone->value = phone->match_key = str_c(arena_printf(a, "+336123456%02d", i % PAIRS));
        all[i] = customer_change_empty(1000 + i);
        all[i].create = true;
        all[i].first_name =
            str_c(arena_printf(a, "Anna%c%c", 'a' + i % PAIRS % 26, 'a' + i % PAIRS / 26));
        all[i].last_name = STR("Rossi");
        all[i].contacts = phone;
        all[i].ncontacts = 1;
        ids[i] = 1000 + i;
    }
    for (int i = 0; i < PAIRS; i++)
        m->pairs[i] = (struct merge_run_pair){1000 + i, 1000 + PAIRS + i, 99};
    enum err e = customer_apply(tx, m->f->merchant_id, &origin, all, 2 * PAIRS);
    return e == OK ? change_note(tx, m->f->merchant_id, "customer", ids, 2 * PAIRS) : e;
}

static enum err start(struct db_tx *tx, void *arg)
{
    struct merging *m = arg;
    m->run = (struct merge_run){.percent = 90, .pairs = PAIRS};
    return merge_run_start(tx, m->f->merchant_id, &m->run, m->pairs, &anna, m->f->arena);
}

static enum err undo(struct db_tx *tx, void *arg)
{
    struct merging *m = arg;
    return merge_run_undo(tx, m->f->merchant_id, m->run.id, &anna, m->f->arena, &m->problem);
}

struct looking {
    struct merging *m;
    struct fixture *f;
    struct job_view job;
};

static enum err look(struct db_tx *tx, void *arg)
{
    struct looking *l = arg;
    struct merge_run *run = &l->m->run;
    enum err e = merge_run_get(tx, l->f->merchant_id, run->id, l->f->arena, run);
    return e == OK
               ? job_get(tx, l->f->merchant_id, run->undo_job_id ? run->undo_job_id : run->job_id,
                         l->f->arena, &l->job)
               : e;
}

static void work_until_done(struct fixture *f, struct merging *m)
{
    struct work *w;
    struct looking l = {m, f, {0}};
    assert_int_equal(work_start_timed(f->app.db, kinds, 1, 1, &f->app, 100, 5, &w), OK);
    for (;;) {
        assert_int_equal(db_read(f->app.db, look, &l), OK);
        if (job_ended(&l.job))
            break;
        work_wait_change(w, f->merchant_id, l.job.id, l.job.state, l.job.done, 1000);
    }
    work_stop(&w);
    assert_string_equal(l.job.state, "done");
}

static bool run_and_kill(struct merging *m, int64_t after_us)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct fixture own = {
            .arena = arena_new(), .url = m->f->url, .merchant_id = m->f->merchant_id};
        struct problem p = {0};
        own.app.fixed_today = DAY_NONE;
        if (db_open(own.url, &(struct db_options){0}, own.arena, &own.app.db, &p))
            _exit(2);
        work_until_done(&own, m);
        db_close(&own.app.db);
        _exit(0);
    }
    struct timespec t = {after_us / 1000000, after_us % 1000000 * 1000};
    nanosleep(&t, NULL);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Processes die in the middle of it until one gets to the end. */
static void disturbed(struct merging *m, db_fn begin)
{
    struct fixture *f = m->f;
    bool ended = false;
    assert_int_equal(db_write(f->app.db, begin, m), OK);
    db_close(&f->app.db); /* a fork must not share it */
    for (int kills = 0; !ended && kills < KILLS; kills++)
        ended = run_and_kill(m, 20000 + fixture_random(f, 60000));
    for (int kills = 0; !ended && kills < KILLS_MAX; kills++)
        ended = run_and_kill(m, 2000000);
    f->app.db = fixture_open(f);
    work_until_done(f, m);
}

static enum err count(struct db_tx *tx, void *arg)
{
    static const struct db_statement merges = {
        "test_merges", "SELECT COUNT(*) FROM customer_merge WHERE merchant_id = $1", "i", "i"};
    static const struct db_statement living = {
        "test_living",
        "SELECT COUNT(*) FROM customer WHERE merchant_id = $1 AND deleted_us IS NULL", "i", "i"};
    int64_t *n = ((void **)arg)[1];
    const struct fixture *f = ((void **)arg)[0];
    enum err e = db_query_int(tx, &merges, &n[0], db_i(f->merchant_id));
    return e == OK ? db_query_int(tx, &living, &n[1], db_i(f->merchant_id)) : e;
}

static void assert_counts(struct fixture *f, int64_t merges, int64_t living)
{
    int64_t n[2];
    assert_int_equal(db_read(f->app.db, count, (void *[]){f, n}), OK);
    assert_int_equal(n[0], merges);
    assert_int_equal(n[1], living);
}

static void each_pair_once(struct fixture *f)
{
    struct merging *m = arena_make(f->arena, struct merging);
    bool more;
    m->f = f;
    assert_int_equal(db_write(f->app.db, fill, m), OK);
    assert_int_equal(duplicate_follow(&f->app, f->merchant_id, 100, &more), OK);
    disturbed(m, start);
    assert_int_equal(m->run.counts.of[MERGE_RUN_DONE], PAIRS);
    assert_counts(f, PAIRS, PAIRS);
    disturbed(m, undo);
    assert_int_equal(m->run.counts.back[MERGE_RUN_DONE], PAIRS);
    assert_counts(f, PAIRS, 2 * PAIRS);
    assert_int_equal(db_write(f->app.db, undo, m), ERR_CONFLICT);
    assert_string_equal(m->problem.code, "merge_run_undone");
}

static void each_pair_once_each(void **state)
{
    (void)state;
    on_each_engine(each_pair_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_pair_once_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
