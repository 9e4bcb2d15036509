/* Answers: JSON, problem documents (RFC 9457), headers, gzip. */
#include <stdlib.h>
#include <zlib.h>
#include "../base/check.h"
#include "../base/log.h"
#include "call.h"

#define GZIP_MIN 1024 /* smaller answers fit a packet anyway */

int http_status(enum err err)
{
    switch (err) {
    case OK:
        return 200;
    case ERR_INVALID:
        return 422;
    case ERR_UNAUTHENTICATED:
        return 401;
    case ERR_DENIED:
        return 403;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_CONFLICT:
        return 409;
    case ERR_STALE:
        return 412;
    case ERR_TOO_LARGE:
        return 413;
    case ERR_BUSY:
    case ERR_CANCELED:
        return 503;
    case ERR_IO:
    case ERR_INTERNAL:
        break;
    }
    return 500;
}

static const char *phrase(int status)
{
    const char *s = MHD_get_reason_phrase_for((unsigned)status);
    return s ? s : "Error";
}

static void write_errors(struct json *j, struct arena *a, const char *language,
                         const struct spec_errors *errors)
{
    json_key(j, "errors");
    json_list(j);
    for (int i = 0; i < errors->n; i++) {
        const struct problem *p = &errors->list[i];
        json_open(j);
        json_kv_cstr(j, "code", p->code);
        json_kv_cstr(j, "field", p->field);
        json_kv_cstr(j, "detail", message_problem(a, language, p));
        json_close(j);
    }
    json_end(j);
}

static void write_problem(struct json *j, struct arena *a, const char *language,
                          const struct problem *p, int status, const struct spec_errors *errors)
{
    json_open(j);
    json_kv_cstr(j, "type", arena_printf(a, "urn:habitue:problem:%s", p->code));
    json_kv_cstr(j, "title", phrase(status));
    json_kv_int(j, "status", status);
    json_kv_cstr(j, "code", p->code);
    json_kv_cstr(j, "detail", message_problem(a, language, p));
    if (p->field)
        json_kv_cstr(j, "field", p->field);
    if (p->line > 0)
        json_kv_int(j, "line", p->line);
    if (p->from >= 0 && p->to > p->from) {
        json_kv_int(j, "from", p->from);
        json_kv_int(j, "to", p->to);
    }
    if (p->nargs > 0) {
        json_key(j, "args");
        json_open(j);
        for (int i = 0; i < p->nargs; i++)
            json_kv_cstr(j, p->args[i].name, p->args[i].value);
        json_close(j);
    }
    if (errors && errors->n > 0)
        write_errors(j, a, language, errors);
    json_close(j);
}

void http_problem_json(struct json *j, struct arena *a, const char *language,
                       const struct problem *p, int status)
{
    write_problem(j, a, language, p, status, NULL);
}

bool accepts_coding(const char *accept, const char *coding)
{
    size_t n = strlen(coding);
    while (accept && *accept) {
        while (*accept == ' ' || *accept == ',')
            accept++;
        const char *end = accept + strcspn(accept, ",");
        if (strncasecmp(accept, coding, n) == 0 && strchr(" ;,", accept[n])) {
            const char *q = strstr(accept, "q=0");
            return !(q && q < end && strspn(q + 3, ".0") == (size_t)(end - q - 3));
        }
        accept = end;
    }
    return false;
}

void answer_add_security(struct MHD_Response *m, const struct http *h, bool page)
{
    MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(m, "Referrer-Policy", "same-origin");
    MHD_add_response_header(m, "Cross-Origin-Resource-Policy", "same-origin");
    MHD_add_response_header(
        m, "Content-Security-Policy",
        page ? "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
               "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
             : "default-src 'none'; frame-ancestors 'none'");
    if (page) {
        MHD_add_response_header(m, "Cross-Origin-Opener-Policy", "same-origin");
        MHD_add_response_header(m, "Permissions-Policy", "geolocation=(), microphone=()");
    }
    if (h->tls || h->o.trust_proxy)
        MHD_add_response_header(m, "Strict-Transport-Security", "max-age=31536000");
}

/* gzip (RFC 1952) of r.out into `packed`; false when it did not get smaller. Level 1: the time of
 * higher ones is not won back on a shop's network. */
static bool pack(struct call *c)
{
    struct str plain = buf_str(&c->r.out);
    z_stream z = {0};
    if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t bound = deflateBound(&z, plain.n);
    buf_init(&c->packed, bound);
    char *out = buf_reserve(&c->packed, bound);
    check(out != NULL);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)bound;
    int rc = deflate(&z, Z_FINISH);
    c->packed.n = z.total_out;
    deflateEnd(&z);
    return rc == Z_STREAM_END && c->packed.n < plain.n;
}

static void respond(struct call *c, int status, const char *content_type)
{
    const char *coding = request_header(&c->r, "Accept-Encoding");
    bool text =
        strncmp(content_type, "application/", 12) == 0 || strncmp(content_type, "text/", 5) == 0;
    bool packs = text && c->r.out.n >= GZIP_MIN;
    struct str body = buf_str(&c->r.out);
    bool packed = packs && accepts_coding(coding, "gzip") && pack(c);
    if (packed)
        body = buf_str(&c->packed);
    /* the bytes are the call's, which lives until libmicrohttpd is through */
    c->response = MHD_create_response_from_buffer_with_free_callback_cls(
        body.n, (void *)(uintptr_t)body.p, NULL, NULL);
    check(c->response != NULL);
    if (body.n > 0)
        MHD_add_response_header(c->response, "Content-Type", content_type);
    if (packed)
        MHD_add_response_header(c->response, "Content-Encoding", "gzip");
    if (packs)
        MHD_add_response_header(c->response, "Vary", "Accept-Encoding");
    c->status = status;
}

static void common_headers(struct call *c)
{
    struct request *r = &c->r;
    MHD_add_response_header(c->response, "Cache-Control", r->cache ? r->cache : "no-store");
    answer_add_security(c->response, c->http, false);
    if (r->etag)
        MHD_add_response_header(c->response, "ETag", arena_printf(r->arena, "\"%s\"", r->etag));
    if (r->set_cookie)
        MHD_add_response_header(c->response, "Set-Cookie", r->set_cookie);
    if (r->location)
        MHD_add_response_header(c->response, "Location", r->location);
    if (r->disposition)
        MHD_add_response_header(
            c->response, "Content-Disposition",
            arena_printf(r->arena, "attachment; filename=\"%s\"", r->disposition));
    if (atomic_load(&c->http->stopping))
        MHD_add_response_header(c->response, "Connection", "close");
}

static const char *problem_arg(const struct problem *p, const char *name)
{
    for (int i = 0; i < p->nargs; i++) {
        if (strcmp(p->args[i].name, name) == 0)
            return p->args[i].value;
    }
    return NULL;
}

static const char *fallback_code(enum err e)
{
    switch (e) {
    case ERR_UNAUTHENTICATED:
        return "unauthenticated";
    case ERR_DENIED:
        return "denied";
    case ERR_NOT_FOUND:
        return "not_found";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_STALE:
        return "stale";
    case ERR_TOO_LARGE:
        return "too_large";
    case ERR_BUSY:
    case ERR_CANCELED:
        return "busy";
    case ERR_INVALID:
        return "invalid";
    default:
        return "internal";
    }
}

static void failure(struct call *c, enum err e)
{
    struct request *r = &c->r;
    struct problem *p = &r->problem;
    bool moved = r->status == 308 && r->location; /* request_moved() */
    int status = r->status >= 400 || moved ? r->status : http_status(e);
    if (!p->code || status >= 500) {
        if (e == ERR_IO || e == ERR_INTERNAL || (!p->code && e != ERR_NOT_FOUND))
            log_event(e == ERR_BUSY || e == ERR_CANCELED ? LOG_WARN : LOG_ERROR, "request_failed",
                      "route", c->r.route ? c->r.route->pattern : "", "error", err_name(e), "code",
                      p->code ? p->code : "", "cause", p->cause ? p->cause : "", NULL);
        if (!p->code || e == ERR_INTERNAL)
            (void)problem_set(p, r->arena, e, fallback_code(e), NULL, NULL);
    }
    r->out.n = 0;
    r->out.failed = false;
    json_init(&r->json, &r->out);
    write_problem(&r->json, r->arena, r->language, p, status, &c->errors);
    r->etag = r->disposition = r->cache = NULL;
    if (!moved)
        r->location = NULL;
    respond(c, status, "application/problem+json");
    common_headers(c);
    MHD_add_response_header(c->response, "Content-Language", r->language);
    const char *seconds = problem_arg(p, "seconds");
    if (status == 503 || status == 429)
        MHD_add_response_header(c->response, "Retry-After", seconds ? seconds : "1");
    if (status == 401)
        MHD_add_response_header(c->response, "WWW-Authenticate", "Session");
    if (status == 405)
        MHD_add_response_header(c->response, "Allow", c->allow);
}

static void stream(struct call *c)
{
    struct request *r = &c->r;
    c->response =
        stream_start(c->http, c->connection, c->stream_fn, c->stream_free, c->stream_state);
    c->stream_fn = NULL;
    if (!c->response) {
        (void)problem_set(&r->problem, r->arena, ERR_BUSY, "busy", NULL, NULL);
        failure(c, ERR_BUSY);
        return;
    }
    c->status = r->status;
    MHD_add_response_header(c->response, "Content-Type",
                            r->content_type ? r->content_type : "application/octet-stream");
    MHD_add_response_header(c->response, "X-Accel-Buffering",
                            "no"); /* nginx: pass events on at once */
    common_headers(c);
}

void answer_result(struct call *c, enum err e)
{
    struct request *r = &c->r;
    if (e == OK && r->out.failed)
        e = ERR_INTERNAL;
    if (e != OK) {
        failure(c, e);
        return;
    }
    if (c->stream_fn) {
        stream(c);
        return;
    }
    const char *known = r->etag ? request_header(r, "If-None-Match") : NULL;
    if (known && strstr(known, arena_printf(r->arena, "\"%s\"", r->etag)) && r->status == 200) {
        r->out.n = 0;
        r->status = 304;
    }
    respond(c, r->status, r->content_type ? r->content_type : "application/json");
    common_headers(c);
}

void answer_problem(struct call *c, int status, enum err err, const char *code)
{
    check(call_ensure_arena(c) == OK);
    (void)problem_set(&c->r.problem, c->r.arena, err, code, NULL, NULL);
    c->r.status = status;
    failure(c, err);
}

void answer_text(struct call *c, int status, const char *content_type, struct str text)
{
    check(call_ensure_arena(c) == OK);
    c->r.out.n = 0;
    buf_add(&c->r.out, text.p, text.n);
    respond(c, status, content_type);
    common_headers(c);
}
