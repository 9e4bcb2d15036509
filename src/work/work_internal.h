/* Inside src/work: what work.c (threads) and job.c (rows) share. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "work_sql.h"

enum { OWNER_MAX = 24, WORK_THREADS_MAX = 16 };

/* A job that a thread of ours runs. */
struct running {
    struct job job; /* first: a job's pointer is its running's pointer */
    struct work *work;
    char owner[OWNER_MAX];   /* of this claim, in job.lease_owner */
    atomic_bool interrupted; /* by work_stop() or a lost lease, not by a person */
};

struct worker {
    struct work *work;
    pthread_t thread;
    struct running *running; /* guarded by the work's mutex */
};

struct work {
    struct db *db;
    const struct job_kind *kinds;
    size_t nkinds;
    void *app;
    int64_t lease_us, poll_us;
    struct worker workers[WORK_THREADS_MAX];
    int nworkers;
    pthread_t keeper;
    pthread_mutex_t mutex; /* guards what follows, never held across a statement */
    pthread_cond_t wake;   /* there may be a job, or the end */
    pthread_cond_t changed;
    uint64_t changes; /* of jobs that run here */
    uint64_t wakes;
    bool stopping;
    void (*tick)(void *app); /* NULL: none */
    int64_t tick_us, next_tick_us;
};

const char *problem_json(struct arena *a, const struct problem *p);
void work_changed(void *work); /* tells work_wait_change(); for db_after_commit() */
