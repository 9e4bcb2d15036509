/* A bounded ring of bytes between a thread that may block (a handler, a stream's producer) and the
 * epoll thread, which never may: there, a pipe that is full or empty suspends the connection, and the
 * other side resumes it. Threads: one at each end. */
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include "../base/str.h"

#define PIPE_BYTES (256 * 1024)

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
enum err must_use pipe_read(struct pipe *p, char *out, size_t size, size_t *ret_n); /* 0 = end; ERR_CANCELED */
enum err must_use pipe_write(struct pipe *p, const char *bytes, size_t n);          /* ERR_CANCELED: nobody reads */
void pipe_finish(struct pipe *p);       /* the writer's end of file */
void pipe_close(struct pipe *p);        /* the reader's goodbye; resumes the connection */

/* The epoll thread's side. */
size_t pipe_offer(struct pipe *p, struct MHD_Connection *c, const char *bytes, size_t n); /* 0: suspended */
/* Bytes taken; 0: suspended until there are more; -1: the end. */
ssize_t pipe_take(struct pipe *p, struct MHD_Connection *c, char *out, size_t size);
/* True when the reader has closed; else suspends the connection until it does. */
bool pipe_await_close(struct pipe *p, struct MHD_Connection *c);
bool pipe_is_closed(struct pipe *p);
void pipe_abandon(struct pipe *p); /* the connection is gone: wakes the other side */
