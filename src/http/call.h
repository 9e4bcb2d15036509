/* Inside the server: one request from its first byte to its last, and the server itself.
 *
 * A call is made by the epoll thread when the request line is there and freed when both
 * libmicrohttpd and the worker are through with it (`holds`). The epoll thread and the worker hand
 * it to each other by suspend and resume, so only one of them touches it at a time; a raw upload is
 * the exception: then only the pipe is shared. */
#pragma once
#include <microhttpd.h>
#include <stdatomic.h>
#include "http.h"
#include "metrics.h"
#include "pipe.h"
#include "pool.h"
#include "route.h"
#include "spec.h"

#define HTTP_BODY_MAX (64 * 1024)
#define HTTP_RAW_BODY_MAX (2LL * 1024 * 1024 * 1024)
#define HTTP_ANSWER_MAX (64 * 1024 * 1024)
#define HTTP_HEADERS_MAX (32 * 1024)
#define HTTP_CONNECTIONS_MAX 2000
#define HTTP_QUEUE_MAX 1000
#define HTTP_STREAMS_MAX 64
#define HTTP_UPLOADS_MAX 4 /* each holds a worker while it comes */
#define HTTP_IDLE_SECONDS 75
#define HTTP_DRAIN_MAX (1024 * 1024) /* beyond the limit, of a body that nobody wants any more */
#define HTTP_KEY_MAX 200
#define HTTP_KEY_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+=@"
#define HTTP_CONFIRM_US (5LL * 60 * 1000000)

struct asset_entry {
    const struct http_asset *asset;
    struct MHD_Response *plain, *gzip, *brotli; /* gzip and brotli may be NULL */
    struct MHD_Response *same;                  /* 304 */
};

struct http {
    struct http_options o;
    struct MHD_Daemon *daemon;
    struct pool *pool;
    struct route_table routes;
    struct metrics metrics;
    struct asset_entry *assets; /* by path */
    size_t nassets;
    const struct asset_entry *index; /* /index.html or NULL */
    int port;
    bool tls;
    char *tls_cert, *tls_key;
    _Atomic int calls, working, uploads, streams;
    _Atomic bool stopping;
};

struct call_header {
    struct call_header *next;
    const char *name, *value;
};

enum call_state { CALL_NEW, CALL_BODY, CALL_WORKING, CALL_ANSWERED };

struct call {
    struct pool_job job; /* first: the pool gives it back */
    struct request r;
    struct http *http;
    struct MHD_Connection *connection;
    _Atomic int holds;
    enum call_state state;
    char *target; /* as it came */
    struct str raw_path, query;
    char method[12];
    size_t route_index;
    int64_t began_us;
    bool has_body, body_too_large;
    size_t drained;
    struct buf body;
    json_t *body_root;
    struct spec_errors errors;
    struct pipe *upload; /* raw bodies */
    struct call_header
        *headers; /* with `upload`: a copy, since the connection may go away meanwhile */
    http_stream_fn stream_fn;
    void (*stream_free)(void *);
    void *stream_state;
    char address[64];
    char allow[64];
    struct buf packed; /* gzip of r.out */
    struct MHD_Response *response;
    int status;
};

static inline struct call *call_of(struct request *r)
{
    return r->internal;
}

/* answer.c: turns what a handler left in the request, or its problem, into call->response. */
void answer_result(struct call *c, enum err e);
/* The same for refusals before a handler ran. */
void answer_problem(struct call *c, int status, enum err err, const char *code);
void answer_text(struct call *c, int status, const char *content_type, struct str text);
void answer_add_security(struct MHD_Response *m, const struct http *h, bool page);
bool accepts_coding(const char *accept_encoding, const char *coding);

/* asset.c */
void assets_init(struct http *h);
void assets_free(struct http *h);
/* The asset of a path, the page of the client for an unknown page path, or NULL. */
const struct asset_entry *assets_find(const struct http *h, struct str path);
struct MHD_Response *assets_answer(const struct asset_entry *a, struct MHD_Connection *c,
                                   int *ret_status);

/* stream.c: a response fed by a thread of its own; NULL when too many run (state is freed). */
struct MHD_Response *stream_start(struct http *h, struct MHD_Connection *c, http_stream_fn fn,
                                  void (*free_state)(void *), void *state);

/* run.c: what a worker does with a call: who asks, may they, are the inputs right, the handler. */
void call_authenticate(struct call *c, enum err *ret);
void call_run(struct call *c);

enum err call_ensure_arena(struct call *c);
