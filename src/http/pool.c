#include "pool.h"

#include <pthread.h>
#include <stdlib.h>
#include "../base/check.h"

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct pool_job *first, **last;
    size_t waiting, max;
    bool stopping;
    int threads;
    pthread_t ids[];
};

static void *worker(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->first && !p->stopping)
            pthread_cond_wait(&p->work, &p->lock);
        struct pool_job *job = p->first;
        if (!job)
            break;
        p->first = job->next;
        if (!p->first)
            p->last = &p->first;
        p->waiting--;
        pthread_mutex_unlock(&p->lock);
        job->run(job);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum err pool_new(int threads, size_t queue_max, struct pool **ret)
{
    struct pool *p = calloc(1, sizeof *p + (size_t)threads * sizeof(pthread_t));
    check(p != NULL);
    check(pthread_mutex_init(&p->lock, NULL) == 0);
    check(pthread_cond_init(&p->work, NULL) == 0);
    p->last = &p->first;
    p->max = queue_max;
    for (; p->threads < threads; p->threads++) {
        if (pthread_create(&p->ids[p->threads], NULL, worker, p) != 0) {
            pool_free(&p);
            return ERR_IO;
        }
    }
    *ret = p;
    return OK;
}

bool pool_push(struct pool *p, struct pool_job *job, void (*before)(void *arg), void *arg)
{
    pthread_mutex_lock(&p->lock);
    bool room = p->waiting < p->max && !p->stopping;
    if (room) {
        if (before)
            before(arg);
        job->next = NULL;
        *p->last = job;
        p->last = &job->next;
        p->waiting++;
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

size_t pool_waiting(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    size_t n = p->waiting;
    pthread_mutex_unlock(&p->lock);
    return n;
}

void pool_close(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
}

void pool_free(struct pool **pp)
{
    struct pool *p = *pp;
    if (!p)
        return;
    *pp = NULL;
    pool_close(p);
    for (int i = 0; i < p->threads; i++)
        pthread_join(p->ids[i], NULL);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
