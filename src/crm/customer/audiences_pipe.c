#include "audiences_pipe.h"
#include "../../base/check.h"
#include "../../base/varint.h"
#include <pthread.h>
#include <stdlib.h>

enum { BATCHES = 4, ROWS = 512 };

struct batch {
    struct arena *arena;
    struct audience_row rows[ROWS];
    struct packed_lists packed[ROWS];
    size_t n;
};
struct row_pipe {
    struct audience *audience;
    pthread_t putter;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch *batches; /* a ring: [taken, given) wait to be put */
    uint64_t given, taken;
    bool ended;
    enum err err;
};

static struct batch *filling(struct row_pipe *p)
{
    return &p->batches[p->given % BATCHES];
}

static enum err take(struct arena *a, struct str packed, const int64_t **ret, size_t *ret_n)
{
    int64_t *list = NULL;

    if (packed.n == 0)
        return OK;
    enum err err = varint_unpack(a, packed, &list, ret_n);
    *ret = list;
    return err;
}

enum err packed_lists_take(struct arena *a, const struct packed_lists *packed,
                           struct audience_row *row)
{
    static const enum word_kind kinds[] = {[PACKED_TAGS] = WORD_TAG,
                                           [PACKED_STORES] = WORD_STORE,
                                           [PACKED_CATEGORIES] = WORD_CATEGORY,
                                           [PACKED_SIZES] = WORD_SIZE};
    enum err err = take(a, packed->list[PACKED_DAYS], &row->visit_days, &row->nvisit_days);

    for (int i = PACKED_TAGS; err == OK && i < PACKED_LISTS; i++)
        err = take(a, packed->list[i], &row->words[kinds[i]], &row->nwords[kinds[i]]);
    return err;
}

static enum err put_batch(struct audience *audience, struct batch *b)
{
    enum err err = OK;

    for (size_t i = 0; err == OK && i < b->n; i++)
        err = packed_lists_take(b->arena, &b->packed[i], &b->rows[i]);
    return err == OK ? audience_put_many(audience, b->rows, b->n) : err;
}

static void *put_all(void *arg)
{
    struct row_pipe *p = arg;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->taken == p->given && !p->ended)
            pthread_cond_wait(&p->changed, &p->lock);
        if (p->taken == p->given || p->err != OK)
            break;
        struct batch *b = &p->batches[p->taken % BATCHES];
        pthread_mutex_unlock(&p->lock);
        enum err err = put_batch(p->audience, b);
        arena_reset(b->arena);
        memset(b->packed, 0, sizeof b->packed);
        b->n = 0;
        pthread_mutex_lock(&p->lock);
        p->taken++;
        if (err != OK)
            p->err = err;
        pthread_cond_signal(&p->changed);
    }
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void row_pipe_free(struct row_pipe *p)
{
    for (int i = 0; i < BATCHES; i++)
        arena_free(&p->batches[i].arena);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->changed);
    free(p->batches);
    free(p);
}

enum err row_pipe_start(struct audience *audience, struct row_pipe **ret)
{
    struct row_pipe *p = calloc(1, sizeof *p);

    check(p);
    p->audience = audience;
    p->batches = calloc(BATCHES, sizeof *p->batches);
    check(p->batches);
    for (int i = 0; i < BATCHES; i++)
        p->batches[i].arena = arena_new();
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    if (pthread_create(&p->putter, NULL, put_all, p) != 0) {
        row_pipe_free(p);
        return ERR_BUSY;
    }
    *ret = p;
    return OK;
}

struct arena *row_pipe_arena(struct row_pipe *p)
{
    return filling(p)->arena;
}

/* Gives the batch away and waits until there is room for the next. */
static bool give(struct row_pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->given++;
    pthread_cond_signal(&p->changed);
    while (p->given - p->taken == BATCHES && p->err == OK)
        pthread_cond_wait(&p->changed, &p->lock);
    bool well = p->err == OK;
    pthread_mutex_unlock(&p->lock);
    return well;
}

struct audience_row *row_pipe_row(struct row_pipe *p)
{
    struct batch *b = filling(p);

    return &b->rows[b->n];
}

struct packed_lists *row_pipe_packed(struct row_pipe *p)
{
    struct batch *b = filling(p);

    return &b->packed[b->n];
}

bool row_pipe_put(struct row_pipe *p)
{
    return ++filling(p)->n < ROWS || give(p);
}

enum err row_pipe_end(struct row_pipe **pipe)
{
    struct row_pipe *p = *pipe;

    pthread_mutex_lock(&p->lock);
    if (p->err == OK && filling(p)->n > 0)
        p->given++;
    p->ended = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->putter, NULL);
    enum err err = p->err;
    row_pipe_free(p);
    *pipe = NULL;
    return err;
}
