/* Group commit: one thread at a time runs the writes that wait, each in a savepoint of its own, and
 * makes them durable with one commit. While it waits for the disk, the next ones gather.
 *
 * That thread is one of the callers: whoever finds nobody leading leads. So a lone write costs no
 * change of threads, which on a busy machine takes longer than the commit. A leader goes on with
 * what has gathered, for a while; then the first who waits leads. */
#include "../base/day.h"
#include "../base/log.h"
#include "sqlite.h"
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

enum {
    BATCH_MAX = 256,
    BATCH_US =
        20000,       /* after this long a batch takes no more in, so that the first need not wait */
    LEAD_US = 10000, /* nor does a leader, whose own write is done, lead longer */
};

/* One db_write(), on its caller's stack. */
struct wait {
    struct wait *next;
    db_fn fn;
    void *arg;
    const char *file;
    int line;
    enum err result;
    pthread_t thread;
    bool lead;   /* woken to lead; else its write is done */
    sem_t woken; /* no lock is needed to wake, so that the woken do not queue for one */
};

/* What frames a write, prepared once. */
enum frame { BEGIN, COMMIT, SAVEPOINT, RELEASE, ROLLBACK_TO, FRAMES };
static const char *const frame_sql[FRAMES] = {
    [BEGIN] = "BEGIN IMMEDIATE",       [COMMIT] = "COMMIT",
    [SAVEPOINT] = "SAVEPOINT one",     [RELEASE] = "RELEASE one",
    [ROLLBACK_TO] = "ROLLBACK TO one",
};

struct writer {
    struct db *db;
    struct sqlite_connection *c;
    sqlite3_stmt *frames[FRAMES];
    struct sqlite_tx txs[BATCH_MAX]; /* these three are the leader's */
    struct wait *batch[BATCH_MAX];
    struct arena *arenas[BATCH_MAX]; /* made when first needed */
    pthread_mutex_t mutex;           /* guards what follows */
    pthread_cond_t rested;           /* nobody leads any more */
    struct wait *first, **end;
    int waiting;
    bool leading, stopping;
    pthread_t leader; /* while leading */
};

/* The next write that waits, or NULL; the mutex is held. */
static struct wait *pop(struct writer *w)
{
    struct wait *one = w->first;
    if (one) {
        w->first = one->next;
        if (!w->first)
            w->end = &w->first;
        w->waiting--;
    }
    return one;
}

static struct wait *take(struct writer *w)
{
    pthread_mutex_lock(&w->mutex);
    struct wait *one = pop(w);
    pthread_mutex_unlock(&w->mutex);
    return one;
}

static int frame(struct writer *w, enum frame which)
{
    sqlite3_step(w->frames[which]);
    return sqlite3_reset(w->frames[which]);
}

/* Runs one write in its savepoint. False: the whole transaction is gone. */
static bool run_one(struct writer *w, size_t i)
{
    struct wait *one = w->batch[i];
    struct sqlite_tx *t = &w->txs[i];
    if (!w->arenas[i])
        w->arenas[i] = arena_new();
    t->c = w->c;
    tx_begin(&t->tx, w->db, w->arenas[i], true);
    int64_t began = monotonic_us();
    int rc = frame(w, SAVEPOINT);
    if (rc == SQLITE_OK) {
        one->result = tx_run(&t->tx, one->fn, one->arg);
        if (sqlite3_get_autocommit(w->c->db)) /* a full disk and the like roll everything back */
            return false;
        if (one->result)
            rc = frame(w, ROLLBACK_TO);
        if (rc == SQLITE_OK)
            rc = frame(w, RELEASE);
    }
    if (rc != SQLITE_OK)
        one->result = sqlite_failed(w->c, rc, "savepoint");
    log_slow_write(one->file, one->line, monotonic_us() - began);
    return rc == SQLITE_OK;
}

/* Fills and runs the batch; the number of writes in it. *ret_rc: how the commit went. */
static size_t run_batch(struct writer *w, struct wait *first, int *ret_rc)
{
    size_t n = 0;
    int64_t began = monotonic_us();
    int rc = frame(w, BEGIN);     /* other processes write too: waits for them */
    bool begun = rc == SQLITE_OK; /* if not, all that wait fail alike: each would wait as long */
    for (struct wait *one = first; one; one = take(w)) {
        w->batch[n++] = one;
        if (begun && !run_one(w, n - 1)) {
            rc = SQLITE_ABORT;
            break;
        }
        if (n == BATCH_MAX || (begun && monotonic_us() - began > BATCH_US))
            break;
    }
    if (rc == SQLITE_OK)
        rc = frame(w, COMMIT);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(w->c->db))
        sqlite_run(w->c, "ROLLBACK");
    *ret_rc = rc;
    return n;
}

/* What a failed begin or commit means for writes that had gone well. */
static enum err commit_failed(struct writer *w, int rc)
{
    if ((rc & 0xFF) == SQLITE_BUSY)
        return ERR_BUSY;
    enum err err = rc == SQLITE_ABORT ? ERR_IO : sqlite_failed(w->c, rc, "commit");
    return err == ERR_CONFLICT ? err : ERR_IO;
}

/* Says how it went. `own` is the leader's, which nobody needs to wake. */
static void finish(struct writer *w, size_t n, int rc, const struct wait *own)
{
    enum err failed = rc == SQLITE_OK ? OK : commit_failed(w, rc);
    for (size_t i = 0; i < n; i++) {
        struct wait *one = w->batch[i];
        if (!one->result)
            one->result = failed;
        if (w->txs[i].tx.db) { /* else it never began */
            if (!one->result)
                tx_after(&w->txs[i].tx);
            tx_end(&w->txs[i].tx);
            w->txs[i].tx.db = NULL;
            arena_reset(w->arenas[i]);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (w->batch[i] != own)
            sem_post(&w->batch[i]->woken); /* from here on it is its caller's again */
}

static void lead(struct writer *w, struct wait *own)
{
    int64_t until = monotonic_us() + LEAD_US;
    for (struct wait *one = own; one;) {
        int rc;
        size_t n = run_batch(w, one, &rc);
        finish(w, n, rc, own);
        bool long_enough = monotonic_us() > until;
        pthread_mutex_lock(&w->mutex);
        one = pop(w);
        if (!one) {
            w->leading = false;
            pthread_cond_signal(&w->rested);
        } else if (long_enough) {
            w->leader = one->thread;
            one->lead = true;
        }
        pthread_mutex_unlock(&w->mutex);
        if (one && long_enough) {
            sem_post(&one->woken);
            break;
        }
    }
}

static void enqueue(struct writer *w, struct wait *one)
{
    sem_init(&one->woken, 0, 0);
    *w->end = one;
    w->end = &one->next;
    w->waiting++;
}

enum err writer_write(struct db *db, db_fn fn, void *arg, const char *file, int line)
{
    struct writer *w = ((struct sqlite *)db)->writer;
    struct wait one = {.fn = fn, .arg = arg, .file = file, .line = line, .thread = pthread_self()};
    pthread_mutex_lock(&w->mutex);
    check(!w->stopping);
    /* Inside a write there is no other: it would wait for itself. */
    check(!(w->leading && pthread_equal(w->leader, one.thread)));
    bool leads = !w->leading, full = w->waiting >= WAITING_MAX;
    if (leads) {
        w->leading = true;
        w->leader = one.thread;
    } else if (!full) {
        enqueue(w, &one);
    }
    pthread_mutex_unlock(&w->mutex);
    if (!leads && full)
        return ERR_BUSY;
    if (!leads) {
        while (sem_wait(&one.woken) != 0)
            check(errno == EINTR);
        sem_destroy(&one.woken);
    }
    if (leads || one.lead)
        lead(w, &one);
    return one.result;
}

struct db_lane writer_load(struct writer *w)
{
    pthread_mutex_lock(&w->mutex);
    struct db_lane lane = {1, w->leading, w->waiting};
    pthread_mutex_unlock(&w->mutex);
    return lane;
}

static void writer_free(struct writer *w)
{
    for (size_t i = 0; i < FRAMES; i++)
        sqlite3_finalize(w->frames[i]);
    for (size_t i = 0; i < BATCH_MAX; i++)
        arena_free(&w->arenas[i]);
    pthread_cond_destroy(&w->rested);
    pthread_mutex_destroy(&w->mutex);
    free(w);
}

enum err writer_start(struct db *db, struct sqlite_connection *c, struct writer **ret)
{
    struct writer *w = calloc(1, sizeof(*w));
    check(w);
    w->db = db;
    w->c = c;
    w->end = &w->first;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->rested, NULL);
    for (size_t i = 0; i < FRAMES; i++)
        if (sqlite3_prepare_v3(c->db, frame_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &w->frames[i],
                               NULL)) {
            writer_free(w);
            return ERR_IO;
        }
    *ret = w;
    return OK;
}

void writer_stop(struct writer *w)
{
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    while (w->leading)
        pthread_cond_wait(&w->rested, &w->mutex);
    pthread_mutex_unlock(&w->mutex);
    struct sqlite_connection *c = w->c;
    writer_free(w);
    sqlite_disconnect(c);
}
