#include "group.h"
#include "../base/day.h"
#include <errno.h>
#include <stdlib.h>

enum {
    BATCH_US =
        20000,       /* after this long a batch takes no more in, so that the first need not wait */
    LEAD_US = 10000, /* nor does a leader, whose own write is done, lead longer */
};

struct group {
    struct db *db;
    group_run_fn run;
    void *engine;
    struct group_write *batch[GROUP_MAX]; /* these four are the leader's */
    struct arena *arenas[GROUP_MAX];      /* made when first needed */
    size_t n;
    int64_t began_us;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t rested; /* nobody leads any more */
    struct group_write *first, **end;
    int waiting;
    bool leading, stopping;
    pthread_t leader; /* while leading */
};

/* The next write that waits, or NULL; the mutex is held. */
static struct group_write *pop(struct group *g)
{
    struct group_write *one = g->first;
    if (one) {
        g->first = one->next;
        if (!g->first)
            g->end = &g->first;
        g->waiting--;
    }
    return one;
}

/* The next write that waits, into the batch. */
static struct group_write *take(struct group *g)
{
    if (g->n == GROUP_MAX)
        return NULL;
    pthread_mutex_lock(&g->mutex);
    struct group_write *one = pop(g);
    pthread_mutex_unlock(&g->mutex);
    if (one)
        g->batch[g->n++] = one;
    return one;
}

struct group_write *group_at(struct group *g, size_t i)
{
    if (i < g->n)
        return g->batch[i];
    return monotonic_us() - g->began_us > BATCH_US ? NULL : take(g);
}

void group_take_all(struct group *g)
{
    while (take(g))
        ;
}

enum err group_run(struct group *g, size_t i, struct db_tx *tx)
{
    struct group_write *one = g->batch[i];
    if (!g->arenas[i])
        g->arenas[i] = arena_new();
    tx_begin(tx, g->db, g->arenas[i], true);
    one->tx = tx;
    int64_t began_us = monotonic_us();
    one->result = tx_run(tx, one->fn, one->arg);
    log_slow_write(one->file, one->line, monotonic_us() - began_us);
    return one->result;
}

static void forget(struct group *g, size_t i)
{
    if (!g->batch[i]->tx)
        return;
    tx_end(g->batch[i]->tx);
    g->batch[i]->tx = NULL;
    arena_reset(g->arenas[i]);
}

void group_again(struct group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        forget(g, i);
        g->batch[i]->result = OK;
    }
}

/* Says how it went. `own` is the leader's, which nobody needs to wake. */
static void finish(struct group *g, enum err failed, const struct group_write *own)
{
    for (size_t i = 0; i < g->n; i++) {
        struct group_write *one = g->batch[i];
        if (!one->result)
            one->result = failed;
        if (!one->result && one->tx)
            tx_after(one->tx);
        forget(g, i);
    }
    for (size_t i = 0; i < g->n; i++)
        if (g->batch[i] != own)
            sem_post(&g->batch[i]->woken); /* from here on it is its caller's again */
}

static void lead(struct group *g, struct group_write *own)
{
    int64_t until_us = monotonic_us() + LEAD_US;
    for (struct group_write *one = own; one;) {
        g->batch[0] = one;
        g->n = 1;
        g->began_us = monotonic_us();
        finish(g, g->run(g, g->engine), own);
        bool long_enough = monotonic_us() > until_us;
        pthread_mutex_lock(&g->mutex);
        one = pop(g);
        if (!one) {
            g->leading = false;
            pthread_cond_signal(&g->rested);
        } else if (long_enough) {
            g->leader = one->thread;
            one->lead = true;
        }
        pthread_mutex_unlock(&g->mutex);
        if (one && long_enough) {
            sem_post(&one->woken);
            break;
        }
    }
}

static void enqueue(struct group *g, struct group_write *one)
{
    sem_init(&one->woken, 0, 0);
    *g->end = one;
    g->end = &one->next;
    g->waiting++;
}

enum err group_write(struct group *g, db_fn fn, void *arg, const char *file, int line)
{
    struct group_write one = {
        .fn = fn, .arg = arg, .file = file, .line = line, .thread = pthread_self()};
    pthread_mutex_lock(&g->mutex);
    check(!g->stopping);
    /* Inside a write there is no other: it would wait for itself. */
    check(!(g->leading && pthread_equal(g->leader, one.thread)));
    bool leads = !g->leading, full = g->waiting >= WAITING_MAX;
    if (leads) {
        g->leading = true;
        g->leader = one.thread;
    } else if (!full) {
        enqueue(g, &one);
    }
    pthread_mutex_unlock(&g->mutex);
    if (!leads && full)
        return ERR_BUSY;
    if (!leads) {
        while (sem_wait(&one.woken) != 0)
            check(errno == EINTR);
        sem_destroy(&one.woken);
    }
    if (leads || one.lead)
        lead(g, &one);
    return one.result;
}

struct db_lane group_load(struct group *g)
{
    pthread_mutex_lock(&g->mutex);
    struct db_lane lane = {1, g->leading, g->waiting};
    pthread_mutex_unlock(&g->mutex);
    return lane;
}

struct group *group_new(struct db *db, group_run_fn run, void *engine)
{
    struct group *g = calloc(1, sizeof(*g));
    check(g);
    g->db = db;
    g->run = run;
    g->engine = engine;
    g->end = &g->first;
    pthread_mutex_init(&g->mutex, NULL);
    pthread_cond_init(&g->rested, NULL);
    return g;
}

void group_free(struct group **gg)
{
    struct group *g = *gg;
    if (!g)
        return;
    *gg = NULL;
    pthread_mutex_lock(&g->mutex);
    g->stopping = true;
    while (g->leading)
        pthread_cond_wait(&g->rested, &g->mutex);
    pthread_mutex_unlock(&g->mutex);
    for (size_t i = 0; i < GROUP_MAX; i++)
        arena_free(&g->arenas[i]);
    pthread_cond_destroy(&g->rested);
    pthread_mutex_destroy(&g->mutex);
    free(g);
}
