/* Answers that are written while they are sent: a thread runs the callback and feeds a pipe, the
 * epoll thread takes from it. A slow reader holds up only that thread. */
#include <stdlib.h>
#include "../base/check.h"
#include "call.h"

struct stream {
    struct pipe pipe;
    struct http *http;
    struct MHD_Connection *connection;
    http_stream_fn fn;
    void (*free_state)(void *);
    void *state;
    _Atomic int holds; /* the thread and the response */
};

static void stream_release(struct stream *s)
{
    if (atomic_fetch_sub(&s->holds, 1) != 1)
        return;
    pipe_free(&s->pipe);
    free(s);
}

static void *produce(void *arg)
{
    struct stream *s = arg;
    struct buf piece;
    buf_init(&piece, HTTP_ANSWER_MAX);
    bool more = true;
    while (more && !atomic_load(&s->http->stopping) && !pipe_is_closed(&s->pipe)) {
        piece.n = 0;
        more = s->fn(s->state, &piece);
        if (piece.failed || (piece.n > 0 && pipe_write(&s->pipe, piece.p, piece.n) != OK))
            break;
    }
    pipe_finish(&s->pipe);
    buf_free(&piece);
    if (s->free_state)
        s->free_state(s->state);
    atomic_fetch_sub(&s->http->streams, 1);
    stream_release(s);
    return NULL;
}

static ssize_t take(void *cls, uint64_t pos, char *out, size_t size)
{
    struct stream *s = cls;
    (void)pos;
    ssize_t n = pipe_take(&s->pipe, s->connection, out, size);
    return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static void gone(void *cls)
{
    struct stream *s = cls;
    pipe_abandon(&s->pipe);
    stream_release(s);
}

struct MHD_Response *stream_start(struct http *h, struct MHD_Connection *c, http_stream_fn fn,
                                  void (*free_state)(void *), void *state)
{
    struct stream *s = calloc(1, sizeof *s);
    check(s != NULL);
    *s = (struct stream){
        .http = h, .connection = c, .fn = fn, .free_state = free_state, .state = state};
    pipe_init(&s->pipe);
    atomic_init(&s->holds, 2);
    struct MHD_Response *m = NULL;
    pthread_t id;
    bool room = atomic_fetch_add(&h->streams, 1) < HTTP_STREAMS_MAX;
    if (room && pthread_create(&id, NULL, produce, s) == 0) {
        pthread_detach(id);
        m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 32 * 1024, take, s, gone);
        check(m != NULL);
        return m;
    }
    atomic_fetch_sub(&h->streams, 1);
    if (free_state)
        free_state(state);
    atomic_store(&s->holds, 1);
    stream_release(s);
    return NULL;
}
