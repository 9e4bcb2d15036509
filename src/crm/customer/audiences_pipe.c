#include "audiences_pipe.h"
#include "../../base/check.h"
#include <pthread.h>
#include <stdlib.h>

enum { BATCHES = 6, ROWS = 512 };

struct row_pipe {
    struct audience *audience;
    pthread_t putter, helper;
    row_helper help;
    void *help_arg;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct row_batch batches[BATCHES]; /* a ring: [put, complete) wait to be put, [complete, given)
                                          to be completed */
    uint64_t given, complete, put;
    bool has_helper, helping; /* its thread was made; it asked for rows */
    bool helper_holds;        /* the batch after `complete` is with it */
    bool helper_ended, ended; /* ended: no more are begun */
    enum err err;
};

static struct row_batch *batch_at(struct row_pipe *p, uint64_t i)
{
    return &p->batches[i % BATCHES];
}

static void *put_all(void *arg)
{
    struct row_pipe *p = arg;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->put == p->complete && !(p->ended && p->put == p->given) && p->err == OK)
            pthread_cond_wait(&p->changed, &p->lock);
        if (p->put == p->complete || p->err != OK)
            break;
        struct row_batch *b = batch_at(p, p->put);
        pthread_mutex_unlock(&p->lock);
        enum err err = audience_put_many(p->audience, b->rows, b->n);
        arena_reset(b->arena);
        b->n = 0;
        pthread_mutex_lock(&p->lock);
        p->put++;
        p->err = p->err == OK ? err : p->err;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void row_pipe_free(struct row_pipe *p)
{
    for (int i = 0; i < BATCHES; i++) {
        arena_free(&p->batches[i].arena);
        free(p->batches[i].rows);
    }
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->changed);
    free(p);
}

enum err row_pipe_start(struct audience *audience, struct row_pipe **ret)
{
    struct row_pipe *p = calloc(1, sizeof *p);

    check(p);
    p->audience = audience;
    for (int i = 0; i < BATCHES; i++) {
        p->batches[i].arena = arena_new();
        p->batches[i].rows = calloc(ROWS, sizeof *p->batches[i].rows);
        check(p->batches[i].rows);
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    if (pthread_create(&p->putter, NULL, put_all, p) != 0) {
        row_pipe_free(p);
        return ERR_BUSY;
    }
    *ret = p;
    return OK;
}

static void *help(void *arg)
{
    struct row_pipe *p = arg;
    enum err err = p->help(p, p->help_arg);

    pthread_mutex_lock(&p->lock);
    p->helper_ended = true;
    if (p->helping && p->err == OK)
        p->err = err;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

bool row_pipe_help(struct row_pipe *p, row_helper fn, void *arg)
{
    p->help = fn;
    p->help_arg = arg;
    p->has_helper = pthread_create(&p->helper, NULL, help, p) == 0;
    if (!p->has_helper)
        return false;
    pthread_mutex_lock(&p->lock);
    while (!p->helping && !p->helper_ended)
        pthread_cond_wait(&p->changed, &p->lock);
    bool helping = p->helping;
    pthread_mutex_unlock(&p->lock);
    return helping;
}

struct row_batch *row_pipe_take(struct row_pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->complete += p->helper_holds;
    p->helping = true;
    pthread_cond_broadcast(&p->changed);
    while (p->complete == p->given && !p->ended && p->err == OK)
        pthread_cond_wait(&p->changed, &p->lock);
    p->helper_holds = p->complete < p->given && p->err == OK;
    struct row_batch *b = p->helper_holds ? batch_at(p, p->complete) : NULL;
    pthread_mutex_unlock(&p->lock);
    return b;
}

struct arena *row_pipe_arena(struct row_pipe *p)
{
    return batch_at(p, p->given)->arena;
}

/* Gives the batch away. */
static void give(struct row_pipe *p)
{
    p->given++;
    if (!p->helping)
        p->complete = p->given;
    pthread_cond_broadcast(&p->changed);
}

/* The same, and waits until there is room for the next. */
static bool give_and_wait(struct row_pipe *p)
{
    pthread_mutex_lock(&p->lock);
    give(p);
    while (p->given - p->put == BATCHES && p->err == OK)
        pthread_cond_wait(&p->changed, &p->lock);
    bool well = p->err == OK;
    pthread_mutex_unlock(&p->lock);
    return well;
}

struct audience_row *row_pipe_row(struct row_pipe *p)
{
    struct row_batch *b = batch_at(p, p->given);

    return &b->rows[b->n];
}

bool row_pipe_put(struct row_pipe *p)
{
    return ++batch_at(p, p->given)->n < ROWS || give_and_wait(p);
}

enum err row_pipe_end(struct row_pipe **pipe)
{
    struct row_pipe *p = *pipe;

    pthread_mutex_lock(&p->lock);
    if (p->err == OK && batch_at(p, p->given)->n > 0)
        give(p);
    p->ended = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    if (p->has_helper)
        pthread_join(p->helper, NULL);
    pthread_join(p->putter, NULL);
    enum err err = p->err;
    row_pipe_free(p);
    *pipe = NULL;
    return err;
}
