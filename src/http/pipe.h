/* A bounded ring of bytes between a thread that may block (a handler, a stream's producer) and the
 * epoll thread, which never may: there, a pipe that is full or empty suspends the connection, and
 * the other side resumes it. Threads: one at each end. */
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include "../base/str.h"

#define PIPE_BYTES (256 * 1024)
#define PIPE_PATIENCE_S 30

struct pipe {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    char *bytes;
    size_t head, n;
    bool finished; /* the writer wrote the last byte */
    bool closed;   /* the reader reads no more, or the connection is gone */
    struct MHD_Connection *suspended;
};
void pipe_init(struct pipe *p);
void pipe_free(struct pipe *p);

/* The side that may block. */
/* 0 = end. ERR_CANCELED: the other side is gone, sent nothing for PIPE_PATIENCE_S, or nothing for
 * two seconds while the server stops. (libmicrohttpd 0.9.75 can miss the end of a connection that
 * comes together with its last bytes, and tells only after its own timeout.) */
enum err must_use pipe_read(struct pipe *p, char *out, size_t size, const _Atomic bool *stopping,
                            size_t *ret_n);
enum err must_use pipe_write(struct pipe *p, const char *bytes,
                             size_t n); /* ERR_CANCELED: nobody reads */
void pipe_finish(struct pipe *p);       /* the writer's end of file */
void pipe_close(struct pipe *p);        /* the reader's goodbye; resumes the connection */

/* The epoll thread's side. */
/* Bytes taken; fewer than offered: suspended until there is room. */
size_t pipe_offer(struct pipe *p, struct MHD_Connection *c, const char *bytes, size_t n);
/* Bytes taken; 0: suspended until there are more; -1: the end. */
ssize_t pipe_take(struct pipe *p, struct MHD_Connection *c, char *out, size_t size);
/* True when the reader has closed; else suspends the connection until it does. */
bool pipe_await_close(struct pipe *p, struct MHD_Connection *c);
bool pipe_is_closed(struct pipe *p);
void pipe_abandon(struct pipe *p); /* the connection is gone: wakes the other side */
