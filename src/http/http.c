/* The server: libmicrohttpd's callbacks, the way of a call between the epoll threads and the
 * workers, start and stop. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../base/log.h"
#include "call.h"

/* ---- a call's life ---- */

static void *call_new(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct http *h = cls;
    struct call *c = calloc(1, sizeof *c);
    check(c != NULL);
    c->http = h;
    c->connection = connection;
    c->began_us = monotonic_us();
    c->target = strdup(uri);
    check(c->target != NULL);
    const char *query = strchr(c->target, '?');
    c->raw_path = (struct str){c->target, query ? (size_t)(query - c->target) : strlen(c->target)};
    c->query = str_c(query ? query + 1 : NULL);
    c->route_index = metrics_others(&h->metrics);
    atomic_init(&c->holds, 1);
    atomic_fetch_add(&h->calls, 1);
    return c;
}

static void call_release(struct call *c)
{
    if (atomic_fetch_sub(&c->holds, 1) != 1)
        return;
    struct http *h = c->http;
    if (c->stream_fn && c->stream_free)
        c->stream_free(c->stream_state);
    if (c->response)
        MHD_destroy_response(c->response);
    if (c->upload) {
        pipe_free(c->upload);
        free(c->upload);
    }
    json_decref(c->body_root);
    buf_free(&c->body);
    buf_free(&c->packed);
    buf_free(&c->r.out);
    arena_free(&c->r.arena);
    free(c->target);
    free(c);
    atomic_fetch_sub(&h->calls, 1);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode how)
{
    struct call *c = *con_cls;
    (void)cls;
    (void)connection;
    (void)how;
    if (!c)
        return;
    *con_cls = NULL;
    metrics_count(&c->http->metrics, c->route_index, c->status, monotonic_us() - c->began_us);
    if (c->upload)
        pipe_abandon(c->upload);
    call_release(c);
}

/* ---- who is at the other end ---- */

static void read_address(struct call *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *sa = info ? info->client_addr : NULL;
    if (sa && sa->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, c->address,
                  sizeof c->address);
    else if (sa && sa->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, c->address,
                  sizeof c->address);
    if (!c->http->o.trust_proxy)
        return;
    /* the last address is the one our own proxy saw */
    const char *all =
        MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "X-Forwarded-For");
    const char *last = all ? strrchr(all, ',') : NULL;
    last = last ? last + 1 : all;
    unsigned char parsed[16];
    char text[64];
    if (!last)
        return;
    snprintf(text, sizeof text, "%s", last + strspn(last, " "));
    if (inet_pton(AF_INET, text, parsed) == 1 || inet_pton(AF_INET6, text, parsed) == 1)
        memcpy(c->address, text, sizeof c->address);
}

/* ---- answers of the epoll thread itself ---- */

static enum MHD_Result queue(struct call *c)
{
    c->state = CALL_ANSWERED;
    return MHD_queue_response(c->connection, (unsigned)c->status, c->response);
}

static enum MHD_Result refuse(struct call *c, int status, enum err err, const char *code)
{
    answer_problem(c, status, err, code);
    return queue(c);
}

static enum MHD_Result answer_own(struct call *c, struct str path)
{
    struct http *h = c->http;
    struct buf out;
    buf_init(&out, HTTP_ANSWER_MAX);
    int status = 200;
    const char *type = "text/plain; charset=utf-8";
    if (str_eq(path, STR("/healthz"))) {
        buf_adds(&out, "ok\n");
    } else {
        type = "text/plain; version=0.0.4; charset=utf-8";
        metrics_write(&h->metrics, &h->routes, &out);
        buf_printf(&out,
                   "# TYPE habitue_http_open_requests gauge\nhabitue_http_open_requests %d\n"
                   "# TYPE habitue_http_waiting_requests gauge\nhabitue_http_waiting_requests %zu\n"
                   "# TYPE habitue_http_streams gauge\nhabitue_http_streams %d\n",
                   atomic_load(&h->calls), pool_waiting(h->pool), atomic_load(&h->streams));
        if (h->o.metrics)
            h->o.metrics(h->o.app, &out);
    }
    answer_text(c, status, type, buf_str(&out));
    buf_free(&out);
    return queue(c);
}

static enum err answer_ready(struct request *r)
{
    struct call *c = call_of(r);
    bool ready =
        !atomic_load(&c->http->stopping) && (!c->http->o.ready || c->http->o.ready(r->app));
    if (!ready)
        return request_fail(r, ERR_BUSY, "busy", NULL, NULL);
    r->content_type = "text/plain; charset=utf-8";
    buf_adds(&r->out, "ready\n");
    return OK;
}

/* Asks the database, so it goes through the workers as any route does. */
static const struct http_route ready_table[] = {
    {"GET", "/readyz", PERM_PUBLIC, answer_ready, .answer = "", .summary = "Ready to serve"},
    {0},
};

static bool is_read(const struct call *c)
{
    return strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0;
}

static enum MHD_Result answer_file(struct call *c, const struct asset_entry *a)
{
    if (!is_read(c)) {
        snprintf(c->allow, sizeof c->allow, "GET, HEAD");
        return refuse(c, 405, ERR_INVALID, "method_not_allowed");
    }
    c->route_index = metrics_files(&c->http->metrics);
    c->state = CALL_ANSWERED;
    struct MHD_Response *m = assets_answer(a, c->connection, &c->status);
    return MHD_queue_response(c->connection, (unsigned)c->status, m);
}

/* No route of that path: our own pages, a file, or nothing. */
static enum MHD_Result answer_unrouted(struct call *c)
{
    struct str path = c->raw_path;
    if (is_read(c) && (str_eq(path, STR("/healthz")) || str_eq(path, STR("/metrics"))))
        return answer_own(c, path);
    if (memchr(path.p, '%', path.n)) {
        check(call_ensure_arena(c) == OK);
        if (!route_decode(c->r.arena, path, false, &path))
            return refuse(c, 400, ERR_INVALID, "path_bad");
    }
    const struct asset_entry *a = assets_find(c->http, path);
    return a ? answer_file(c, a) : refuse(c, 404, ERR_NOT_FOUND, "not_found");
}

/* ---- the way to the workers ---- */

static void suspend(void *arg)
{
    struct call *c = arg;
    c->state = CALL_WORKING;
    atomic_fetch_add(&c->http->working, 1);
    MHD_suspend_connection(c->connection);
}

static void count_working(void *arg)
{
    atomic_fetch_add(&((struct http *)arg)->working, 1);
}

static void work_plain(struct pool_job *job)
{
    struct call *c = (struct call *)job;
    struct http *h = c->http;
    call_run(c);
    MHD_resume_connection(c->connection);
    atomic_fetch_sub(&h->working, 1);
}

static void work_raw(struct pool_job *job)
{
    struct call *c = (struct call *)job;
    struct http *h = c->http;
    call_run(c);
    pipe_close(c->upload);
    call_release(c);
    atomic_fetch_sub(&h->uploads, 1);
    atomic_fetch_sub(&h->working, 1);
}

static enum MHD_Result start_plain(struct call *c)
{
    c->job.run = work_plain;
    if (pool_push(c->http->pool, &c->job, suspend, c))
        return MHD_YES;
    return refuse(c, 503, ERR_BUSY, "busy");
}

static enum MHD_Result copy_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct call *c = cls;
    struct call_header *h = arena_make(c->r.arena, struct call_header);
    (void)kind;
    *h = (struct call_header){c->headers, arena_cstr(c->r.arena, str_c(name)),
                              arena_cstr(c->r.arena, str_c(value))};
    c->headers = h;
    return MHD_YES;
}

/* A raw body is read by the handler while it comes. Who asks is checked before the first byte,
 * here: a refusal in the first call closes the connection, so that nobody has to swallow two
 * gigabytes. */
static enum MHD_Result start_raw(struct call *c)
{
    struct http *h = c->http;
    enum err e;
    call_authenticate(c, &e);
    if (e != OK) {
        answer_result(c, e);
        return queue(c);
    }
    MHD_get_connection_values(c->connection, MHD_HEADER_KIND, copy_header, c);
    bool room = atomic_fetch_add(&h->uploads, 1) < HTTP_UPLOADS_MAX;
    if (room) {
        c->upload = malloc(sizeof *c->upload);
        check(c->upload != NULL);
        pipe_init(c->upload);
        c->job.run = work_raw;
        c->state = CALL_BODY;
        atomic_store(&c->holds, 2);
        if (pool_push(h->pool, &c->job, count_working, h))
            return MHD_YES;
        atomic_store(&c->holds, 1);
    }
    atomic_fetch_sub(&h->uploads, 1);
    return refuse(c, 503, ERR_BUSY, "busy");
}

/* ---- libmicrohttpd calls ---- */

static bool body_announced(struct call *c, int64_t *ret_length)
{
    const char *length =
        MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "Content-Length");
    const char *coding =
        MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "Transfer-Encoding");
    *ret_length = 0;
    if (length && !str_int64(str_c(length), ret_length))
        *ret_length = INT64_MAX;
    return coding || *ret_length > 0;
}

/* The first call: headers alone are there. Answering here closes the connection afterwards
 * (0.9.75), so only refusals of requests whose body we do not want are answered here. */
static enum MHD_Result begin(struct call *c, const char *method)
{
    struct http *h = c->http;
    int64_t length;
    c->state = CALL_BODY;
    c->has_body = body_announced(c, &length);
    read_address(c);
    if (strlen(method) >= sizeof c->method)
        return refuse(c, 501, ERR_INVALID, "method_unknown");
    memcpy(c->method, method, strlen(method) + 1);
    size_t index;
    enum route_verdict found =
        route_find(&h->routes, method, c->raw_path, &index, c->r.ids, c->allow);
    if (found != ROUTE_FOUND) {
        if (found == ROUTE_NO_METHOD && c->has_body)
            return refuse(c, 405, ERR_INVALID, "method_not_allowed");
        if (c->has_body)
            return answer_unrouted(c);
        return MHD_YES;
    }
    const struct http_route *route = h->routes.entries[index].route;
    c->r.route = route;
    c->route_index = index;
    int64_t max = route->body_max   ? (int64_t)route->body_max
                  : route->raw_body ? HTTP_RAW_BODY_MAX
                                    : HTTP_BODY_MAX;
    buf_init(&c->body, (size_t)max);
    if (length > max) {
        check(call_ensure_arena(c) == OK);
        answer_result(c, request_fail(&c->r, ERR_TOO_LARGE, "body_too_large", NULL, "limit",
                                      arena_printf(c->r.arena, "%zu", c->body.max), NULL));
        return queue(c);
    }
    return route->raw_body ? start_raw(c) : MHD_YES;
}

static enum MHD_Result take_body(struct call *c, const char *bytes, size_t *n)
{
    if (c->upload && !pipe_is_closed(c->upload)) {
        size_t taken = pipe_offer(c->upload, c->connection, bytes, *n);
        c->drained += taken;
        /* length of a chunked body is known only as it comes; the reader sees a body cut short */
        if (c->drained > c->body.max)
            return MHD_NO;
        *n -= taken;
        return MHD_YES;
    }
    if (c->upload || c->body_too_large || !c->r.route) {
        /* an answer can only be sent after the body; a caller we know may send all of his */
        c->drained += *n;
        *n = 0;
        return c->drained > c->body.max + HTTP_DRAIN_MAX ? MHD_NO : MHD_YES;
    }
    buf_add(&c->body, bytes, *n);
    if (c->body.failed) {
        c->body_too_large = true;
        c->drained = 0;
    }
    *n = 0;
    return MHD_YES;
}

static enum MHD_Result finish(struct call *c)
{
    if (c->upload) {
        pipe_finish(c->upload);
        return pipe_await_close(c->upload, c->connection) ? queue(c) : MHD_YES;
    }
    if (c->state == CALL_WORKING)
        return queue(c);
    if (c->r.route)
        return start_plain(c);
    if (c->allow[0])
        return refuse(c, 405, ERR_INVALID, "method_not_allowed");
    return answer_unrouted(c);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_n, void **con_cls)
{
    struct call *c = *con_cls;
    (void)cls;
    (void)connection;
    (void)url;
    (void)version;
    if (c->state == CALL_NEW)
        return begin(c, method);
    if (*upload_n > 0)
        return take_body(c, upload, upload_n);
    return finish(c);
}

/* ---- start and stop ---- */

/* No new connections while stopping. MHD_quiesce_daemon() would say so too, but ends the program
 * when a thread of its pool is faster than itself (0.9.75). */
static enum MHD_Result on_dial(void *cls, const struct sockaddr *address, socklen_t n)
{
    const struct http *h = cls;
    (void)address;
    (void)n;
    return atomic_load(&h->stopping) ? MHD_NO : MHD_YES;
}

static void on_panic(void *cls, const char *file, unsigned line, const char *reason)
{
    (void)cls;
    check_failed(reason ? reason : "libmicrohttpd", file, (int)line);
}

static void on_message(void *cls, const char *fmt, va_list ap)
{
    char text[500];
    (void)cls;
    vsnprintf(text, sizeof text, fmt, ap);
    text[strcspn(text, "\n")] = 0;
    log_event(LOG_DEBUG, "microhttpd", "message", text, NULL);
}

/* A listening socket of our own: libmicrohttpd would not say why it cannot listen. */
static int listen_on(const struct http_options *o, int *ret_family, int *ret_errno)
{
    char port[16];
    snprintf(port, sizeof port, "%d", o->port);
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int fd = -1;
    *ret_errno = EADDRNOTAVAIL;
    if (getaddrinfo(o->address, port, &hints, &found) != 0)
        return -1;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int on = 1;
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
                        bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, 1024) != 0)) {
            *ret_errno = errno;
            close(fd);
            fd = -1;
        }
        *ret_family = a->ai_family;
    }
    freeaddrinfo(found);
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_storage sa;
    socklen_t n = sizeof sa;
    if (getsockname(fd, (struct sockaddr *)&sa, &n) != 0)
        return 0;
    return ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
                                          : ((struct sockaddr_in *)&sa)->sin_port);
}

static struct MHD_Daemon *start_daemon(struct http *h, int fd, int family, int threads)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (family == AF_INET6 ? MHD_USE_IPv6 : 0) |
                     (h->tls ? MHD_USE_TLS : (unsigned)MHD_USE_TURBO);
    struct MHD_OptionItem options[16];
    int n = 0;
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_message, h};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_LISTEN_SOCKET, fd, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, h};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)call_new, h};
    options[n++] =
        (struct MHD_OptionItem){MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_HEADERS_MAX, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS_MAX, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_TIMEOUT, HTTP_IDLE_SECONDS, NULL};
    if (threads > 1)
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, threads, NULL};
    if (h->tls) {
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, h->tls_cert};
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, h->tls_key};
        options[n++] = (struct MHD_OptionItem){
            MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t) "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"};
    }
    options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return MHD_start_daemon(flags, 0, on_dial, h, on_request, h, MHD_OPTION_ARRAY, options,
                            MHD_OPTION_END);
}

static void init_routes(struct http *h)
{
    const struct http_route *tables[66];
    size_t n = 0;
    for (; h->o.tables[n]; n++) {
        check(n < ARRAY_LEN(tables) - 2);
        tables[n] = h->o.tables[n];
    }
    tables[n++] = ready_table;
    tables[n] = NULL;
    route_table_init(&h->routes, tables);
    metrics_init(&h->metrics, h->routes.n);
}

static void http_free(struct http *h)
{
    pool_free(&h->pool);
    assets_free(h);
    route_table_free(&h->routes);
    metrics_free(&h->metrics);
    free(h->tls_cert);
    free(h->tls_key);
    free(h);
}

enum err http_start(const struct http_options *o, struct http **ret, struct problem *p)
{
    int family = AF_INET, cause;
    int fd = listen_on(o, &family, &cause);
    if (fd < 0)
        return problem_set(p, NULL, ERR_IO, "cannot_listen", NULL, "address", o->address, "cause",
                           strerror(cause), NULL);
    struct http *h = calloc(1, sizeof *h);
    check(h != NULL);
    h->o = *o;
    h->tls = o->tls_cert && o->tls_key;
    h->tls_cert = o->tls_cert ? strdup(o->tls_cert) : NULL;
    h->tls_key = o->tls_key ? strdup(o->tls_key) : NULL;
    h->port = port_of(fd);
    init_routes(h);
    assets_init(h);
    MHD_set_panic_func(on_panic, NULL);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = o->threads > 0 ? o->threads : cores > 4 ? 4 : (int)cores;
    /* workers wait for commits most of the time: more of them than cores */
    enum err e = pool_new(8 + 2 * threads, HTTP_QUEUE_MAX, &h->pool);
    if (e == OK)
        h->daemon = start_daemon(h, fd, family, threads);
    if (!h->daemon) {
        close(fd);
        http_free(h);
        return problem_set(p, NULL, ERR_IO, o->tls_cert ? "cannot_start_tls" : "cannot_start_http",
                           NULL, NULL);
    }
    *ret = h;
    return OK;
}

static bool is_working(const struct http *h)
{
    return atomic_load(&h->working) > 0 || atomic_load(&h->streams) > 0;
}

void http_stop(struct http **hh)
{
    struct http *h = *hh;
    if (!h)
        return;
    *hh = NULL;
    atomic_store(&h->stopping, true);
    /* What runs is finished. A client that went quiet in the middle of its own request, or goes on
     * asking over a connection it has, is waited for only a while. */
    const int patience_ms = 5000;
    for (int waited_ms = 0; is_working(h) || atomic_load(&h->calls) > 0; waited_ms += 5) {
        if (!is_working(h) && waited_ms > patience_ms)
            break;
        usleep(5000);
    }
    /* libmicrohttpd must not be stopped under a suspended connection: nobody is suspended any more
     * to wait for a worker, and who is already gets the answer. */
    pool_close(h->pool);
    while (is_working(h))
        usleep(1000);
    MHD_stop_daemon(h->daemon);
    http_free(h);
}

int http_port(const struct http *h)
{
    return h->port;
}
