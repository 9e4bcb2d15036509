/* Worker threads with a bounded queue. Threads: pool_push() any. */
#pragma once
#include "../base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct pool;
struct pool_job {
    struct pool_job *next;
    void (*run)(struct pool_job *job);
};
enum err must_use pool_new(int threads, size_t queue_max, struct pool **ret);
/* False: the queue is full, or the pool closed. `before` (or NULL) is called with `arg` once it is
 * sure that the job gets its place, before any thread can see it. */
bool pool_push(struct pool *p, struct pool_job *job, void (*before)(void *arg), void *arg);
size_t pool_waiting(struct pool *p);
void pool_close(struct pool *p); /* from now on there is no room; what is queued is run */
void pool_free(struct pool **p); /* runs what is queued, then ends the threads */
