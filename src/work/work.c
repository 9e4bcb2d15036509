#include "../base/check.h"
#include "../base/day.h"
#include "../base/id.h"
#include "../base/log.h"
#include "work_internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LEASE_MS = 30000,
    POLL_MS = 1000,
    CANDIDATES_MAX = 100, /* the LIMIT of work_find */
    BUSY_TRIES = 5,
    FINISH_TRIES = 5,
    WATCH_MS = 500, /* how often a waiter looks for what other processes changed */
};

/* Waits on `cond` with the work's mutex held. */
static void wait_us(struct work *w, pthread_cond_t *cond, int64_t us)
{
    int64_t until = monotonic_us() + us;
    struct timespec t = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pthread_cond_timedwait(cond, &w->mutex, &t);
}

static const struct job_kind *kind_of(const struct work *w, struct str name)
{
    for (size_t i = 0; i < w->nkinds; i++)
        if (str_eq(str_c(w->kinds[i].name), name))
            return &w->kinds[i];
    return NULL;
}

/* --- finding and claiming --- */

struct candidate {
    int64_t merchant_id, id;
    const struct job_kind *kind;
};

struct search {
    const struct work *work;
    struct candidate list[CANDIDATES_MAX];
    int n;
};

static enum err find(struct db_tx *tx, void *arg)
{
    struct search *s = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    s->n = 0;
    enum err err = db_query(tx, &work_find, &rows, db_i(now_us()));
    if (err)
        return err;
    while (s->n < CANDIDATES_MAX && db_next(rows)) {
        const struct job_kind *kind = kind_of(s->work, db_text(rows, 2));
        if (kind) /* else a job for a program of another version */
            s->list[s->n++] = (struct candidate){db_int(rows, 0), db_int(rows, 1), kind};
    }
    return db_error(rows);
}

struct claim {
    struct running *running;
    bool claimed, canceled; /* out */
};

static enum err claim(struct db_tx *tx, void *arg)
{
    struct claim *c = arg;
    struct running *r = c->running;
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t now = now_us();
    c->claimed = false;
    enum err err = db_query(tx, &work_claim, &rows, db_tc(r->owner), db_i(now + r->work->lease_us),
                            db_i(now), db_i(r->job.merchant_id), db_i(r->job.id));
    if (err)
        return err;
    if (db_next(rows)) {
        c->claimed = true;
        r->job.subject_id = db_int(rows, 0);
        r->job.staff_id = db_int(rows, 1);
        r->job.done = db_int(rows, 2);
        r->job.total = db_int_or(rows, 3, -1);
        c->canceled = db_int(rows, 4) != 0;
    }
    return db_error(rows);
}

/* --- ending --- */

struct ending {
    const struct running *running;
    const char *state, *problem; /* state NULL: back to waiting */
};

static enum err end(struct db_tx *tx, void *arg)
{
    const struct ending *e = arg;
    const struct job *job = &e->running->job;
    db_after_commit(tx, work_changed, e->running->work);
    if (!e->state)
        return db_exec(tx, &work_release, NULL, db_i(job->merchant_id), db_i(job->id),
                       db_tc(e->running->owner));
    return db_exec(tx, &work_finish, NULL, db_tc(e->state), db_tc(e->problem), db_i(now_us()),
                   db_i(job->merchant_id), db_i(job->id), db_tc(e->running->owner));
}

/* Sleeps unless the work stops. */
static void pause_us(struct work *w, int64_t us)
{
    int64_t until = monotonic_us() + us;
    pthread_mutex_lock(&w->mutex);
    for (int64_t left; !w->stopping && (left = until - monotonic_us()) > 0;)
        wait_us(w, &w->wake, left);
    pthread_mutex_unlock(&w->mutex);
}

static void end_job(struct running *r, enum err result, struct problem *p, struct arena *a)
{
    struct ending e = {.running = r};
    if (result == OK) {
        e.state = "done";
    } else if (result == ERR_CANCELED) {
        e.state = atomic_load(&r->interrupted) ? NULL : "canceled";
    } else {
        if (!p->err)
            p->err = result;
        e.state = "failed";
        e.problem = problem_json(a, p);
        log_event(LOG_WARN, "job_failed", "kind", r->job.kind, "code", p->code, "cause", p->cause,
                  NULL);
    }
    /* If it cannot be written the lease runs out, and the job starts again from its own rows. */
    for (int tries = 0; tries < FINISH_TRIES; tries++) {
        if (db_write(r->work->db, end, &e) == OK)
            return;
        pause_us(r->work, 200000LL << tries);
    }
    log_event(LOG_ERROR, "job_end_not_written", "kind", r->job.kind, NULL);
}

/* --- running --- */

static void show_running(struct worker *worker, struct running *r)
{
    pthread_mutex_lock(&worker->work->mutex);
    worker->running = r;
    pthread_mutex_unlock(&worker->work->mutex);
}

static enum err run(struct running *r, job_fn fn, struct arena *a, struct problem *p)
{
    for (int tries = 0;; tries++) {
        *p = (struct problem){.from = -1};
        atomic_store(&r->interrupted, false);
        enum err err = fn(&r->job, a, r->work->app, p);
        if (err != ERR_BUSY || tries == BUSY_TRIES)
            return err;
        pause_us(r->work, r->work->poll_us << tries);
    }
}

/* False: somebody else was quicker. */
static bool try_job(struct worker *worker, const struct candidate *candidate)
{
    struct work *w = worker->work;
    struct running r = {.job = {.merchant_id = candidate->merchant_id,
                                .id = candidate->id,
                                .kind = candidate->kind->name},
                        .work = w};
    /* A name for each claim, not for the process: a thread that lost its lease to another thread of
     * the same process must notice it too. */
    snprintf(r.owner, sizeof(r.owner), "%lld", (long long)id_new());
    struct claim c = {.running = &r};
    if (db_write(w->db, claim, &c) != OK || !c.claimed)
        return false;
    work_changed(w);
    show_running(worker, &r);
    struct arena *a = arena_new();
    struct problem p = {.from = -1};
    enum err err = c.canceled ? ERR_CANCELED : run(&r, candidate->kind->run, a, &p);
    show_running(worker, NULL); /* the keeper must not touch what is about to end */
    end_job(&r, err, &p, a);
    arena_free(&a);
    return true;
}

static void tick_if_due(struct work *w)
{
    pthread_mutex_lock(&w->mutex);
    bool due = w->tick && !w->stopping && monotonic_us() >= w->next_tick_us;
    if (due)
        w->next_tick_us = monotonic_us() + w->tick_us;
    void (*tick)(void *) = w->tick;
    pthread_mutex_unlock(&w->mutex);
    if (due)
        tick(w->app);
}

void work_tick(struct work *w, int every_ms, void (*tick)(void *app))
{
    pthread_mutex_lock(&w->mutex);
    w->tick = tick;
    w->tick_us = every_ms * 1000LL;
    w->next_tick_us = monotonic_us();
    pthread_mutex_unlock(&w->mutex);
    work_wake(w);
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct work *w = worker->work;
    struct search search = {.work = w};
    uint64_t seen = 0;
    for (;;) {
        pthread_mutex_lock(&w->mutex);
        bool stopping = w->stopping;
        seen = w->wakes;
        pthread_mutex_unlock(&w->mutex);
        if (stopping)
            return NULL;
        tick_if_due(w);
        bool ran = false;
        if (db_read(w->db, find, &search) == OK)
            for (int i = 0; i < search.n && !ran; i++)
                ran = try_job(worker, &search.list[i]);
        if (ran)
            continue;
        pthread_mutex_lock(&w->mutex);
        if (!w->stopping && w->wakes == seen)
            wait_us(w, &w->wake, w->poll_us);
        pthread_mutex_unlock(&w->mutex);
    }
}

/* --- keeping leases --- */

struct renewal {
    struct running copies[WORK_THREADS_MAX];
    int n;
    int64_t until_us;
};

static enum err renew(struct db_tx *tx, void *arg)
{
    struct renewal *renewal = arg;
    for (int i = 0; i < renewal->n; i++) {
        const struct running *r = &renewal->copies[i];
        enum err err = db_exec(tx, &work_renew, NULL, db_i(renewal->until_us),
                               db_i(r->job.merchant_id), db_i(r->job.id), db_tc(r->owner));
        if (err)
            return err;
    }
    return OK;
}

/* A job may compute longer than a lease between two of its own transactions. */
static void *keeper_main(void *arg)
{
    struct work *w = arg;
    for (;;) {
        struct renewal renewal = {0};
        pause_us(w, w->lease_us / 3);
        pthread_mutex_lock(&w->mutex);
        bool busy = false;
        for (int i = 0; i < w->nworkers; i++) {
            if (!w->workers[i].running)
                continue;
            busy = true;
            const struct running *r = w->workers[i].running;
            struct running *copy = &renewal.copies[renewal.n++];
            copy->job = r->job;
            memcpy(copy->owner, r->owner, sizeof(copy->owner));
        }
        bool stopping = w->stopping;
        if (stopping && busy) /* still running towards its next progress: keep its lease */
            wait_us(w, &w->changed, w->lease_us / 3);
        pthread_mutex_unlock(&w->mutex);
        if (stopping && !busy)
            return NULL;
        renewal.until_us = now_us() + w->lease_us;
        if (renewal.n && db_write(w->db, renew, &renewal) != OK)
            log_event(LOG_WARN, "job_lease_not_renewed", NULL);
    }
}

/* --- starting and stopping --- */

void work_changed(void *work)
{
    struct work *w = work;
    pthread_mutex_lock(&w->mutex);
    w->changes++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->mutex);
}

void work_wake(struct work *w)
{
    pthread_mutex_lock(&w->mutex);
    w->wakes++;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->mutex);
}

static void make_conditions(struct work *w)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->wake, &attributes);
    pthread_cond_init(&w->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum err work_start_timed(struct db *db, const struct job_kind *kinds, size_t n, int threads,
                          void *app, int lease_ms, int poll_ms, struct work **ret)
{
    check(threads >= 1 && threads <= WORK_THREADS_MAX);
    struct work *w = calloc(1, sizeof(*w));
    check(w);
    w->db = db;
    w->kinds = kinds;
    w->nkinds = n;
    w->app = app;
    w->lease_us = lease_ms * 1000LL;
    w->poll_us = poll_ms * 1000LL;
    make_conditions(w);
    bool started = pthread_create(&w->keeper, NULL, keeper_main, w) == 0;
    if (!started) {
        free(w);
        return ERR_IO;
    }
    for (int i = 0; i < threads && started; i++) {
        struct worker *worker = &w->workers[i];
        worker->work = w;
        started = pthread_create(&worker->thread, NULL, worker_main, worker) == 0;
        pthread_mutex_lock(&w->mutex);
        w->nworkers += started;
        pthread_mutex_unlock(&w->mutex);
    }
    if (!started) {
        work_stop(&w);
        return ERR_IO;
    }
    *ret = w;
    return OK;
}

enum err work_start(struct db *db, const struct job_kind *kinds, size_t n, int threads, void *app,
                    struct work **ret)
{
    return work_start_timed(db, kinds, n, threads, app, LEASE_MS, POLL_MS, ret);
}

void work_stop(struct work **work)
{
    if (!work || !*work)
        return;
    struct work *w = *work;
    *work = NULL;
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    pthread_cond_broadcast(&w->wake);
    pthread_cond_broadcast(&w->changed);
    int n = w->nworkers;
    pthread_mutex_unlock(&w->mutex);
    for (int i = 0; i < n; i++)
        pthread_join(w->workers[i].thread, NULL);
    work_changed(w); /* the keeper has nothing left to keep */
    pthread_join(w->keeper, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->mutex);
    free(w);
}

struct look {
    int64_t merchant_id, job_id;
    const char *state;
    int64_t done;
    bool differs; /* out */
};

static enum err look(struct db_tx *tx, void *arg)
{
    struct look *l = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err err = db_query(tx, &work_state, &rows, db_i(l->merchant_id), db_i(l->job_id));
    if (err)
        return err;
    l->differs =
        !db_next(rows) || !str_eq(db_text(rows, 0), str_c(l->state)) || db_int(rows, 1) != l->done;
    return db_error(rows);
}

void work_wait_change(struct work *w, int64_t merchant_id, int64_t job_id, const char *state,
                      int64_t done, int timeout_ms)
{
    int64_t until = monotonic_us() + timeout_ms * 1000LL;
    struct look l = {merchant_id, job_id, state, done, false};
    for (;;) {
        pthread_mutex_lock(&w->mutex);
        uint64_t seen = w->changes;
        bool stopping = w->stopping;
        pthread_mutex_unlock(&w->mutex);
        if (stopping || db_read(w->db, look, &l) != OK || l.differs)
            return;
        int64_t left = until - monotonic_us();
        if (left <= 0)
            return;
        pthread_mutex_lock(&w->mutex);
        if (!w->stopping && w->changes == seen)
            wait_us(w, &w->changed, left < WATCH_MS * 1000LL ? left : WATCH_MS * 1000LL);
        pthread_mutex_unlock(&w->mutex);
    }
}
