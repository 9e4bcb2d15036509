/* What a worker does with a call: who asks, may they, is the input right, then the handler. */
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../base/log.h"
#include "call.h"

static const char *const permission_names[PERMISSIONS] = {
    [PERM_PUBLIC] = "public",
    [PERM_SIGNED_IN] = "signed_in",
    [PERM_CUSTOMERS_READ] = "customers_read",
    [PERM_CUSTOMERS_WRITE] = "customers_write",
    [PERM_IMPORT] = "import",
    [PERM_EXPORT] = "export",
    [PERM_STAFF_READ] = "staff_read",
    [PERM_STAFF_MANAGE] = "staff_manage",
    [PERM_STORES_MANAGE] = "stores_manage",
    [PERM_SETTINGS] = "settings",
    [PERM_AUDIT_READ] = "audit_read",
    [PERM_PRIVACY] = "privacy",
    [PERM_SEGMENTS_SHARE] = "segments_share",
    [PERM_CUSTOMERS_DELETE] = "customers_delete",
    [PERM_CUSTOMERS_MERGE] = "customers_merge",
    [PERM_POINTS] = "points",
    [PERM_LOYALTY] = "loyalty",
};

const char *permission_name(enum permission p)
{
    check(p < PERMISSIONS && permission_names[p]);
    return permission_names[p];
}

enum err request_fail(struct request *r, enum err err, const char *code, const char *field, ...)
{
    (void)problem_set(&r->problem, r->arena, err, code, field, NULL);
    va_list ap;
    va_start(ap, field);
    const char *name;
    while ((name = va_arg(ap, const char *)) && r->problem.nargs < PROBLEM_ARGS_MAX) {
        const char *value = va_arg(ap, const char *);
        r->problem.args[r->problem.nargs].name = name;
        r->problem.args[r->problem.nargs++].value = arena_cstr(r->arena, str_c(value));
    }
    va_end(ap);
    return err;
}

enum err request_moved(struct request *r, int64_t id, const char *code)
{
    const char *target = call_of(r)->target, *pattern = r->route->pattern;
    size_t before = (size_t)(strstr(pattern, "{id}") - pattern); /* the pattern's words are ASCII */
    check(before < strlen(pattern) && before < strlen(target));
    size_t digits = strspn(target + before, "0123456789");
    r->status = 308;
    r->location = arena_printf(r->arena, "%.*s%" PRId64 "%s", (int)before, target, id,
                               target + before + digits);
    return request_fail(r, ERR_NOT_FOUND, code, NULL, "id", arena_printf(r->arena, "%" PRId64, id),
                        NULL);
}

const char *request_header(struct request *r, const char *name)
{
    const struct call *c = call_of(r);
    if (!c->upload)
        return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name);
    for (const struct call_header *h = c->headers; h; h = h->next) {
        if (strcasecmp(h->name, name) == 0)
            return h->value;
    }
    return NULL;
}

enum err request_read(struct request *r, char *p, size_t size, size_t *ret_n)
{
    struct pipe *upload = call_of(r)->upload;
    check(upload != NULL);
    return pipe_read(upload, p, size, &call_of(r)->http->stopping, ret_n);
}

void request_stream(struct request *r, http_stream_fn fn, void (*free_state)(void *), void *state)
{
    struct call *c = call_of(r);
    check(c->stream_fn == NULL && c->upload == NULL);
    c->stream_fn = fn;
    c->stream_free = free_state;
    c->stream_state = state;
}

enum err request_check_version(struct request *r, int64_t version)
{
    if (r->if_match >= 0 && r->if_match != version)
        return request_fail(r, ERR_STALE, "stale", NULL, NULL);
    return OK;
}

static bool host_ok(const char *host)
{
    size_t n = strlen(host);
    return n > 0 && n < 256 &&
           strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") == n;
}

const char *request_origin(struct request *r)
{
    const struct http *h = call_of(r)->http;
    const char *host = request_header(r, "Host");
    const char *proto = h->o.trust_proxy ? request_header(r, "X-Forwarded-Proto") : NULL;
    bool secure = h->tls || (proto && strcmp(proto, "https") == 0);
    if (!host || !host_ok(host))
        host = arena_printf(r->arena, "%s:%d", h->o.address, h->port);
    return arena_printf(r->arena, "%s://%s", secure ? "https" : "http", host);
}

static bool is_unsafe(const char *method)
{
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
}

/* Another site's page must not make a browser act here. Sec-Fetch-Site says it best; older browsers
 * send Origin; programs send neither. */
static enum err check_origin(struct request *r)
{
    const char *site = request_header(r, "Sec-Fetch-Site");
    if (site)
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0
                   ? OK
                   : request_fail(r, ERR_DENIED, "csrf_origin", NULL, NULL);
    const char *origin = request_header(r, "Origin");
    const char *host = request_header(r, "Host");
    const char *own = origin ? strstr(origin, "://") : NULL;
    if (origin && (!own || !host || strcasecmp(own + 3, host) != 0))
        return request_fail(r, ERR_DENIED, "csrf_origin", NULL, NULL);
    return OK;
}

static enum err check_csrf(struct request *r)
{
    const char *given = request_header(r, "X-CSRF");
    const char *wanted = r->caller.csrf;
    size_t n = strlen(wanted);
    if (!given || strlen(given) != n || sodium_memcmp(given, wanted, n) != 0)
        return request_fail(r, ERR_DENIED, "csrf_missing", NULL, NULL);
    return OK;
}

enum err request_confirmed(struct request *r)
{
    return now_us() - r->caller.confirmed_us > HTTP_CONFIRM_US
               ? request_fail(r, ERR_DENIED, "confirm_password", NULL, NULL)
               : OK;
}

static enum err check_caller(struct call *c)
{
    struct request *r = &c->r;
    const struct http_route *route = r->route;
    if (is_unsafe(c->method) && check_origin(r) != OK)
        return r->problem.err;
    if (route->permission == PERM_PUBLIC)
        return OK;
    enum err e = c->http->o.authenticate(r->app, r);
    if (e != OK)
        return e;
    if (r->caller.merchant_id == 0)
        return request_fail(r, ERR_UNAUTHENTICATED, "unauthenticated", NULL, NULL);
    if (r->caller.language)
        r->language = r->caller.language;
    if (r->by_cookie && is_unsafe(c->method) && check_csrf(r) != OK)
        return r->problem.err;
    if (!c->http->o.allowed(r->caller.role, route->permission))
        return request_fail(r, ERR_DENIED, "denied", NULL, NULL);
    if (r->caller.barred && !route->while_barred)
        return request_fail(r, ERR_DENIED, r->caller.barred, NULL, NULL);
    return route->confirm_password ? request_confirmed(r) : OK;
}

/* If-Match: "7" (RFC 9110, 13.1.1); our tags are versions, one at a time. */
static enum err read_version(struct request *r)
{
    const char *given = request_header(r, "If-Match");
    if (!given) {
        if (!r->route->needs_version)
            return OK;
        r->status = 428;
        return request_fail(r, ERR_INVALID, "version_missing", "If-Match", NULL);
    }
    size_t n = strlen(given);
    if (n > 2 && given[0] == '"' && given[n - 1] == '"' &&
        str_int64((struct str){given + 1, n - 2}, &r->if_match) && r->if_match >= 0)
        return OK;
    r->status = 400;
    return request_fail(r, ERR_INVALID, "version_bad", "If-Match", NULL);
}

static void hash_text(crypto_generichash_state *h, struct str s)
{
    uint64_t n = s.n;
    crypto_generichash_update(h, (const uint8_t *)&n, sizeof n);
    crypto_generichash_update(h, (const uint8_t *)s.p, s.n);
}

/* The key, and what makes this the same request when it comes again: who asked what of which
 * version. */
static enum err read_idempotency(struct call *c)
{
    struct request *r = &c->r;
    crypto_generichash_state h;
    if (!r->route->idempotent)
        return OK;
    const char *key = request_header(r, "Idempotency-Key");
    size_t n = key ? strlen(key) : 0;
    if (n == 0 || n > HTTP_KEY_MAX || strspn(key, HTTP_KEY_BYTES) != n) {
        r->status = 400;
        return request_fail(r, ERR_INVALID, key ? "idempotency_bad" : "idempotency_missing",
                            "Idempotency-Key", NULL);
    }
    r->idempotency = arena_cstr(r->arena, (struct str){key, n});
    crypto_generichash_init(&h, NULL, 0, sizeof r->fingerprint);
    crypto_generichash_update(&h, (const uint8_t *)&r->caller.staff_id, sizeof r->caller.staff_id);
    crypto_generichash_update(&h, (const uint8_t *)&r->if_match, sizeof r->if_match);
    hash_text(&h, str_c(c->method));
    hash_text(&h, str_c(c->target));
    hash_text(&h, buf_str(&c->body));
    crypto_generichash_final(&h, r->fingerprint, sizeof r->fingerprint);
    return OK;
}

static bool is_json(const char *content_type)
{
    return content_type && strncasecmp(content_type, "application/json", 16) == 0 &&
           strchr("; ", content_type[16]);
}

static enum err read_body(struct call *c)
{
    struct request *r = &c->r;
    const struct http_route *route = r->route;
    if (route->raw_body)
        return OK;
    if (c->body_too_large)
        return request_fail(r, ERR_TOO_LARGE, "body_too_large", NULL, "limit",
                            arena_printf(r->arena, "%zu", c->body.max), NULL);
    struct str body = buf_str(&c->body);
    if (!route->body)
        return body.n == 0 ? OK : request_fail(r, ERR_INVALID, "body_unexpected", NULL, NULL);
    if (body.n == 0) {
        body = STR("{}");
    } else if (!is_json(request_header(r, "Content-Type"))) {
        r->status = 415;
        return request_fail(r, ERR_INVALID, "body_content_type", NULL, NULL);
    }
    enum err e =
        spec_body(r->arena, route->body, body, r->args, &c->errors, &c->body_root, &r->problem);
    if (e != OK)
        r->status = 400;
    return e;
}

static enum err read_input(struct call *c)
{
    struct request *r = &c->r;
    const struct http_route *route = r->route;
    r->args = arena_alloc(r->arena, route->args_size ? route->args_size : 1);
    spec_defaults(route->query, r->args);
    spec_defaults(route->body, r->args);
    enum err e = read_version(r);
    if (e == OK)
        e = read_idempotency(c);
    if (e == OK)
        e = read_body(c);
    if (e == OK) {
        e = spec_query(r->arena, route->query, c->query, r->args, &c->errors, &r->problem);
        if (e != OK)
            r->status = 400;
    }
    if (e != OK || c->errors.n == 0)
        return e;
    if (c->errors.n == 1) {
        r->problem = c->errors.list[0];
        return ERR_INVALID;
    }
    return request_fail(r, ERR_INVALID, "fields_wrong", NULL, "count",
                        arena_printf(r->arena, "%d", c->errors.n), NULL);
}

static void log_call(struct call *c)
{
    char status[16], ms[32], merchant[24], staff[24];
    snprintf(status, sizeof status, "%d", c->status);
    snprintf(ms, sizeof ms, "%.3f", (double)(monotonic_us() - c->began_us) / 1000);
    snprintf(merchant, sizeof merchant, "%" PRId64, c->r.caller.merchant_id);
    snprintf(staff, sizeof staff, "%" PRId64, c->r.caller.staff_id);
    /* the path has ids alone; the query string may name people and stays out */
    log_event(LOG_INFO, "request", "method", c->method, "route", c->r.route->pattern, "status",
              status, "ms", ms, "merchant", merchant, "staff", staff, "address", c->address, NULL);
}

enum err call_ensure_arena(struct call *c)
{
    struct request *r = &c->r;
    if (r->arena)
        return OK;
    r->arena = arena_new();
    r->app = c->http->o.app;
    r->internal = c;
    r->if_match = -1;
    r->address = c->address;
    buf_init(&r->out, HTTP_ANSWER_MAX);
    json_init(&r->json, &r->out);
    const char *accept = request_header(r, "Accept-Language");
    r->language = message_language(str_c(accept));
    return OK;
}

void call_authenticate(struct call *c, enum err *ret)
{
    check(call_ensure_arena(c) == OK);
    *ret = check_caller(c);
}

void call_run(struct call *c)
{
    check(call_ensure_arena(c) == OK);
    struct request *r = &c->r;
    /* raw bodies: the caller was checked before the first byte was read */
    enum err e = r->route->raw_body ? OK : check_caller(c);
    if (e == OK)
        e = read_input(c);
    if (e == OK) {
        r->status = r->route->status ? r->route->status : r->route->answer ? 200 : 204;
        e = r->route->handler(r);
    }
    answer_result(c, e);
    log_call(c);
}
