#include "pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "../base/check.h"

void pipe_init(struct pipe *p)
{
    *p = (struct pipe){.bytes = malloc(PIPE_BYTES)};
    check(p->bytes != NULL);
    check(pthread_mutex_init(&p->lock, NULL) == 0);
    check(pthread_cond_init(&p->moved, NULL) == 0);
}

void pipe_free(struct pipe *p)
{
    pthread_cond_destroy(&p->moved);
    pthread_mutex_destroy(&p->lock);
    free(p->bytes);
    p->bytes = NULL;
}

static size_t put(struct pipe *p, const char *bytes, size_t n)
{
    size_t room = PIPE_BYTES - p->n;
    if (n > room)
        n = room;
    for (size_t left = n; left > 0;) {
        size_t at = (p->head + p->n) % PIPE_BYTES;
        size_t run = PIPE_BYTES - at < left ? PIPE_BYTES - at : left;
        memcpy(p->bytes + at, bytes, run);
        bytes += run;
        left -= run;
        p->n += run;
    }
    return n;
}

static size_t get(struct pipe *p, char *out, size_t size)
{
    size_t n = p->n < size ? p->n : size;
    for (size_t left = n; left > 0;) {
        size_t run = PIPE_BYTES - p->head < left ? PIPE_BYTES - p->head : left;
        memcpy(out, p->bytes + p->head, run);
        out += run;
        left -= run;
        p->n -= run;
        p->head = (p->head + run) % PIPE_BYTES;
    }
    return n;
}

/* Called with the lock held. A suspended connection cannot go away, so the pointer is good. */
static void resume(struct pipe *p)
{
    if (p->suspended) {
        MHD_resume_connection(p->suspended);
        p->suspended = NULL;
    }
}

static void suspend(struct pipe *p, struct MHD_Connection *c)
{
    check(p->suspended == NULL);
    p->suspended = c;
    MHD_suspend_connection(c);
}

/* Waits for bytes, a second at a time; called with the lock held. */
static void await_bytes(struct pipe *p, const _Atomic bool *stopping)
{
    for (int waited_s = 0; p->n == 0 && !p->finished && !p->closed;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        if (pthread_cond_timedwait(&p->moved, &p->lock, &until) != ETIMEDOUT)
            continue;
        if (++waited_s >= PIPE_PATIENCE_S || (waited_s >= 2 && atomic_load(stopping)))
            p->closed = true;
    }
}

enum err pipe_read(struct pipe *p, char *out, size_t size, const _Atomic bool *stopping,
                   size_t *ret_n)
{
    pthread_mutex_lock(&p->lock);
    await_bytes(p, stopping);
    enum err e = p->closed ? ERR_CANCELED : OK;
    if (e == OK) {
        *ret_n = get(p, out, size);
        if (p->n <= PIPE_BYTES / 2)
            resume(p);
    }
    pthread_mutex_unlock(&p->lock);
    return e;
}

enum err pipe_write(struct pipe *p, const char *bytes, size_t n)
{
    pthread_mutex_lock(&p->lock);
    while (n > 0 && !p->closed) {
        size_t done = put(p, bytes, n);
        bytes += done;
        n -= done;
        if (done > 0)
            resume(p);
        else
            pthread_cond_wait(&p->moved, &p->lock);
    }
    enum err e = p->closed ? ERR_CANCELED : OK;
    pthread_mutex_unlock(&p->lock);
    return e;
}

void pipe_finish(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->finished = true;
    resume(p);
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

void pipe_close(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    resume(p);
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

size_t pipe_offer(struct pipe *p, struct MHD_Connection *c, const char *bytes, size_t n)
{
    pthread_mutex_lock(&p->lock);
    if (!p->closed) {
        size_t offered = n;
        n = put(p, bytes, n);
        /* libmicrohttpd calls again for what is left only after a resume */
        if (n < offered)
            suspend(p, c);
        pthread_cond_broadcast(&p->moved);
    }
    pthread_mutex_unlock(&p->lock);
    return n;
}

ssize_t pipe_take(struct pipe *p, struct MHD_Connection *c, char *out, size_t size)
{
    pthread_mutex_lock(&p->lock);
    ssize_t n = (ssize_t)get(p, out, size);
    if (n > 0)
        pthread_cond_broadcast(&p->moved);
    else if (p->finished || p->closed)
        n = -1;
    else
        suspend(p, c);
    pthread_mutex_unlock(&p->lock);
    return n;
}

bool pipe_await_close(struct pipe *p, struct MHD_Connection *c)
{
    pthread_mutex_lock(&p->lock);
    bool closed = p->closed;
    if (!closed)
        suspend(p, c);
    pthread_mutex_unlock(&p->lock);
    return closed;
}

bool pipe_is_closed(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    bool closed = p->closed;
    pthread_mutex_unlock(&p->lock);
    return closed;
}

void pipe_abandon(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    p->suspended = NULL;
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}
