/* Group commit: one thread runs the writes that wait, each in a savepoint of its own, and makes them
 * durable with one commit. While it waits for the disk, the next ones gather. */
#include "../base/day.h"
#include "../base/log.h"
#include "sqlite.h"
#include <stdlib.h>

enum {
    BATCH_MAX = 256,
    BATCH_US = 20000, /* after this long a batch takes no more in, so that the first need not wait */
};

/* One db_write(), on its caller's stack. */
struct wait {
    struct wait *next;
    db_fn fn;
    void *arg;
    const char *file;
    int line;
    enum err result;
    bool finished;
    pthread_cond_t woken;
};

struct writer {
    struct db *db;
    struct sqlite_connection *c;
    pthread_t thread;
    struct sqlite_tx txs[BATCH_MAX];
    struct wait *batch[BATCH_MAX];
    struct arena *arenas[BATCH_MAX]; /* made when first needed */
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t work;
    struct wait *first, **end;
    int waiting;
    bool stopping;
};

/* The next write that waits, or NULL. */
static struct wait *take(struct writer *w, bool block)
{
    pthread_mutex_lock(&w->mutex);
    while (block && !w->first && !w->stopping)
        pthread_cond_wait(&w->work, &w->mutex);
    struct wait *one = w->first;
    if (one) {
        w->first = one->next;
        if (!w->first)
            w->end = &w->first;
        w->waiting--;
    }
    pthread_mutex_unlock(&w->mutex);
    return one;
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
    int rc = sqlite_run(w->c, "SAVEPOINT one");
    if (rc == SQLITE_OK) {
        one->result = tx_run(&t->tx, one->fn, one->arg);
        if (sqlite3_get_autocommit(w->c->db)) /* a full disk and the like roll everything back */
            return false;
        rc = sqlite_run(w->c, one->result ? "ROLLBACK TO one; RELEASE one" : "RELEASE one");
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
    int rc = sqlite_run(w->c, "BEGIN IMMEDIATE"); /* other processes write too: waits for them */
    bool begun = rc == SQLITE_OK; /* if not, all that wait fail alike: each would wait as long */
    for (struct wait *one = first; one; one = take(w, false)) {
        w->batch[n++] = one;
        if (begun && !run_one(w, n - 1)) {
            rc = SQLITE_ABORT;
            break;
        }
        if (n == BATCH_MAX || (begun && monotonic_us() - began > BATCH_US))
            break;
    }
    if (rc == SQLITE_OK)
        rc = sqlite_run(w->c, "COMMIT");
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

static void finish(struct writer *w, size_t n, int rc)
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
    pthread_mutex_lock(&w->mutex);
    for (size_t i = 0; i < n; i++) {
        w->batch[i]->finished = true;
        pthread_cond_signal(&w->batch[i]->woken);
    }
    pthread_mutex_unlock(&w->mutex);
}

static void *writer_main(void *arg)
{
    struct writer *w = arg;
    for (struct wait *first; (first = take(w, true));) {
        int rc;
        size_t n = run_batch(w, first, &rc);
        finish(w, n, rc);
    }
    return NULL;
}

enum err writer_write(struct db *db, db_fn fn, void *arg, const char *file, int line)
{
    struct writer *w = ((struct sqlite *)db)->writer;
    /* Inside a write there is no other: it would wait for itself. */
    check(!pthread_equal(pthread_self(), w->thread));
    struct wait one = {.fn = fn, .arg = arg, .file = file, .line = line};
    pthread_cond_init(&one.woken, NULL);
    pthread_mutex_lock(&w->mutex);
    check(!w->stopping);
    if (w->waiting >= WAITING_MAX) {
        one.result = ERR_BUSY;
    } else {
        *w->end = &one;
        w->end = &one.next;
        w->waiting++;
        pthread_cond_signal(&w->work);
        while (!one.finished)
            pthread_cond_wait(&one.woken, &w->mutex);
    }
    pthread_mutex_unlock(&w->mutex);
    pthread_cond_destroy(&one.woken);
    return one.result;
}

static void writer_free(struct writer *w)
{
    for (size_t i = 0; i < BATCH_MAX; i++)
        arena_free(&w->arenas[i]);
    pthread_cond_destroy(&w->work);
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
    pthread_cond_init(&w->work, NULL);
    *ret = w; /* before the thread runs, for check() in writer_write() */
    if (pthread_create(&w->thread, NULL, writer_main, w) != 0) {
        *ret = NULL;
        writer_free(w);
        return ERR_IO;
    }
    return OK;
}

void writer_stop(struct writer *w)
{
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    sqlite_disconnect(w->c);
    writer_free(w);
}
