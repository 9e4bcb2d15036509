/* The server over real sockets: bodies, refusals, streams, uploads, stop. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "src/base/check.h"
#include "src/base/day.h"
#include "src/base/log.h"
#include "src/http/http.h"

/* ---- a small application ---- */

struct thing {
    struct str name;
    int64_t count;
    bool big, has_count;
    int colour;
    int32_t day;
    struct spec_ids ids;
    json_t *extra;
};
static const char *const colours[] = {"red", "green", NULL};
#define AT(field) offsetof(struct thing, field)
static const struct spec thing_spec[] = {
    {"name", SPEC_TEXT, AT(name), .required = true, .min = 2, .max = 10},
    {"count", SPEC_INT, AT(count), .min = 1, .max = 100, .present_offset = AT(has_count) + 1},
    {"big", SPEC_BOOL, AT(big)},
    {"colour", SPEC_CHOICE, AT(colour), .choices = colours},
    {"day", SPEC_DAY, AT(day)},
    {"ids", SPEC_IDS, AT(ids), .max = 3},
    {"extra", SPEC_JSON, AT(extra)},
    {0},
};
static const struct spec query_spec[] = {
    {"name", SPEC_TEXT, AT(name), .max = 10},
    {"count", SPEC_INT, AT(count), .min = 1, .max = 100},
    {"ids", SPEC_IDS, AT(ids)},
    {0},
};

static enum err thing_route(struct request *r)
{
    struct thing *t = r->args;
    json_open(&r->json);
    json_kv_text(&r->json, "name", t->name);
    json_kv_int(&r->json, "count", t->count);
    json_kv_bool(&r->json, "has_count", t->has_count);
    json_kv_int(&r->json, "colour", t->colour);
    json_kv_day(&r->json, "day", t->day);
    json_kv_int(&r->json, "ids", (int64_t)t->ids.n);
    json_kv_int(&r->json, "extra", (int64_t)json_object_size(t->extra));
    json_kv_id(&r->json, "id", r->ids[0]);
    json_close(&r->json);
    r->etag = "7";
    return OK;
}

static enum err patch_route(struct request *r)
{
    return request_check_version(r, 7);
}

static enum err upload_route(struct request *r)
{
    char piece[8192];
    size_t n, total = 0;
    do {
        enum err e = request_read(r, piece, sizeof piece, &n);
        if (e != OK)
            return e;
        total += n;
    } while (n > 0);
    json_open(&r->json);
    json_kv_int(&r->json, "bytes", (int64_t)total);
    json_close(&r->json);
    return OK;
}

static enum err refusing_route(struct request *r)
{
    return request_fail(r, ERR_CONFLICT, "conflict", NULL, NULL);
}

static bool tick(void *state, struct buf *out)
{
    int *n = state;
    usleep(20000);
    buf_printf(out, "data: %d\n\n", ++*n);
    return *n < 5;
}

static enum err events_route(struct request *r)
{
    r->content_type = "text/event-stream";
    request_stream(r, tick, free, calloc(1, sizeof(int)));
    return OK;
}

static bool flood(void *state, struct buf *out)
{
    int *n = state;
    char line[1000];
    memset(line, 'x', sizeof line);
    for (int i = 0; i < 1000; i++)
        buf_add(out, line, sizeof line);
    return ++*n < 20;
}

static enum err flood_route(struct request *r)
{
    r->content_type = "text/csv";
    request_stream(r, flood, free, calloc(1, sizeof(int)));
    return OK;
}

static enum err slow_route(struct request *r)
{
    usleep(300000);
    buf_adds(&r->out, "{}");
    return OK;
}

/* Handlers wait here until the test lets them go. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int waiting;
    bool open;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};

static enum err gate_route(struct request *r)
{
    pthread_mutex_lock(&gate.lock);
    gate.waiting++;
    pthread_cond_broadcast(&gate.changed);
    while (!gate.open)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    buf_adds(&r->out, "{}");
    return OK;
}

static enum err long_route(struct request *r)
{
    json_open(&r->json);
    json_key(&r->json, "all");
    json_list(&r->json);
    for (int i = 0; i < 5000; i++)
        json_int(&r->json, i);
    json_end(&r->json);
    json_close(&r->json);
    return OK;
}

static enum err fake_authenticate(void *app, struct request *r)
{
    const char *cookie = request_header(r, "Cookie");
    (void)app;
    if (!cookie)
        return OK;
    r->caller = (struct caller){.merchant_id = 1, .staff_id = 2, .csrf = "secret"};
    r->caller.role = strstr(cookie, "owner") ? ROLE_OWNER : ROLE_ASSOCIATE;
    r->by_cookie = true;
    return OK;
}

static bool fake_allowed(enum role role, enum permission p)
{
    return role == ROLE_OWNER || p == PERM_SIGNED_IN;
}

static const struct http_route table[] = {
    {"GET", "/api/things", PERM_PUBLIC, thing_route, .query = query_spec,
     .args_size = sizeof(struct thing), .answer = "Thing", .summary = "s"},
    {"POST", "/api/things", PERM_PUBLIC, thing_route, .body = thing_spec,
     .args_size = sizeof(struct thing), .answer = "Thing", .status = 201, .summary = "s"},
    {"GET", "/api/things/{id}", PERM_PUBLIC, thing_route, .args_size = sizeof(struct thing),
     .answer = "Thing", .summary = "s"},
    {"PATCH", "/api/things/{id}", PERM_PUBLIC, patch_route, .needs_version = true, .summary = "s"},
    {"POST", "/api/uploads", PERM_SIGNED_IN, upload_route, .raw_body = true,
     .body_max = 64 * 1024 * 1024, .answer = "Upload", .status = 201, .summary = "s"},
    {"POST", "/api/refusals", PERM_SIGNED_IN, refusing_route, .raw_body = true,
     .body_max = 64 * 1024 * 1024, .summary = "s"},
    {"GET", "/api/events", PERM_PUBLIC, events_route, .answer = "text/event-stream",
     .summary = "s"},
    {"GET", "/api/flood", PERM_PUBLIC, flood_route, .answer = "text/csv", .summary = "s"},
    {"GET", "/api/slow", PERM_PUBLIC, slow_route, .answer = "Thing", .summary = "s"},
    {"GET", "/api/gate", PERM_PUBLIC, gate_route, .answer = "Thing", .summary = "s"},
    {"GET", "/api/long", PERM_PUBLIC, long_route, .answer = "Thing", .summary = "s"},
    {"POST", "/api/settings", PERM_SETTINGS, slow_route, .answer = "Thing", .summary = "s"},
    {"POST", "/api/secrets", PERM_SIGNED_IN, slow_route, .confirm_password = true,
     .answer = "Thing", .summary = "s"},
    {0},
};
static const struct http_route *const tables[] = {table, NULL};
static const struct http_asset assets[] = {
    {"/index.html",
     "text/html; charset=utf-8",
     "abc",
     {"<p>page</p>", 11},
     {"", 0},
     {"", 0},
     false},
    {"/assets/app.1.js", "text/javascript", "def", {"let a", 5}, {"zipped", 6}, {"", 0}, true},
    {0},
};

static int start(void **state)
{
    struct http *h;
    struct problem p = {0};
    struct http_options o = {.address = "127.0.0.1",
                             .threads = 2,
                             .tables = tables,
                             .authenticate = fake_authenticate,
                             .allowed = fake_allowed,
                             .assets = assets};
    if (http_start(&o, &h, &p) != OK)
        return -1;
    *state = h;
    return 0;
}

static int stop(void **state)
{
    struct http *h = *state;
    http_stop(&h);
    return h != NULL;
}

/* ---- a small client ---- */

struct reply {
    int status;
    char *text; /* headers and body */
    size_t n;
    const char *body;
};

static int dial(struct http *h)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(h))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
        if (done <= 0)
            return;
        p += done;
        n -= (size_t)done;
    }
}

/* Reads until the other side closes. */
static struct reply hear(int fd)
{
    struct reply r = {.text = malloc(64 * 1024 * 1024)};
    ssize_t n;
    while ((n = recv(fd, r.text + r.n, 64 * 1024 * 1024 - 1 - r.n, 0)) > 0)
        r.n += (size_t)n;
    r.text[r.n] = 0;
    close(fd);
    r.status = r.n > 12 ? (int)strtol(r.text + 9, NULL, 10) : 0;
    const char *end = strstr(r.text, "\r\n\r\n");
    r.body = end ? end + 4 : "";
    return r;
}

static struct reply ask_n(struct http *h, const char *text, size_t n)
{
    int fd = dial(h);
    say(fd, text, n);
    return hear(fd);
}

#define CLOSE "Host: shop\r\nConnection: close\r\n"

static struct reply ask(struct http *h, const char *line, const char *headers, const char *body)
{
    struct buf b;
    buf_init(&b, 1 << 22);
    buf_printf(&b, "%s HTTP/1.1\r\n" CLOSE "%s", line, headers);
    if (body)
        buf_printf(&b, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
    buf_printf(&b, "\r\n%s", body ? body : "");
    struct reply r = ask_n(h, b.p, b.n);
    buf_free(&b);
    return r;
}

static void expect(struct http *h, const char *line, const char *headers, const char *body,
                   int status, const char *contains)
{
    struct reply r = ask(h, line, headers, body);
    if (r.status != status || (contains && !strstr(r.text, contains)))
        fail_msg("%s %s: wanted %d with %s, got\n%s", line, body ? body : "", status,
                 contains ? contains : "", r.text);
    free(r.text);
}

/* ---- tests ---- */

static void bodies_fill_structs(void **state)
{
    struct http *h = *state;
    expect(h, "POST /api/things", "",
           "{\"name\":\"  Zoe\\u0301 \",\"count\":5,\"colour\":\"green\",\"day\":\"2026-02-28\","
           "\"ids\":[\"1\",\"9223372036854775807\"],\"extra\":{\"a\":1}}",
           201,
           "{\"name\":\"Zo\xc3\xa9\",\"count\":5,\"has_count\":true,\"colour\":1,\"day\":\"2026-02-"
           "28\","
           "\"ids\":2,\"extra\":1,\"id\":null}");
    expect(h, "POST /api/things", "", "{\"name\":\"Zoe\"}", 201,
           "\"count\":0,\"has_count\":false,\"colour\":-1,\"day\":null");
    expect(h, "GET /api/things?name=a%20b+c&count=100&ids=3,4", "", NULL, 200,
           "\"name\":\"a b c\"");
    expect(h, "GET /api/things/42", "", NULL, 200, "\"id\":\"42\"");
    expect(h, "HEAD /api/things/42", "", NULL, 200, "ETag: \"7\"");
    expect(h, "GET /api/things/42", "If-None-Match: \"7\"\r\n", NULL, 304, NULL);
}

static void wrong_bodies_are_refused(void **state)
{
    struct http *h = *state;
    static const struct {
        const char *body, *code;
        int status;
    } cases[] = {
        {"{}", "field_required", 422},
        {"", "field_required", 422},
        {"{\"name\":1}", "field_not_text", 422},
        {"{\"name\":null}", "field_required", 422},
        {"{\"name\":\"x\"}", "field_too_short", 422},
        {"{\"name\":\"12345678901\"}", "field_too_long", 422},
        {"{\"name\":\"ab\",\"count\":0}", "field_too_small", 422},
        {"{\"name\":\"ab\",\"count\":101}", "field_too_large", 422},
        {"{\"name\":\"ab\",\"count\":1.5}", "field_not_integer", 422},
        {"{\"name\":\"ab\",\"count\":99999999999999999999}", "body_not_json", 400},
        {"{\"name\":\"ab\",\"colour\":\"blue\"}", "field_choice", 422},
        {"{\"name\":\"ab\",\"day\":\"2026-02-30\"}", "field_not_day", 422},
        {"{\"name\":\"ab\",\"ids\":[1]}", "field_not_ids", 422},
        {"{\"name\":\"ab\",\"ids\":[\"0\"]}", "field_not_ids", 422},
        {"{\"name\":\"ab\",\"ids\":[\"1\",\"2\",\"3\",\"4\"]}", "field_too_many", 422},
        {"{\"name\":\"ab\",\"nome\":1}", "field_unknown", 422},
        {"{\"name\":\"ab\",\"name\":\"cd\"}", "body_field_twice", 400},
        {"{\"name\":\"a\\u0000b\"}", "body_not_json", 400},
        {"{\"name\":\"ab\"", "body_not_json", 400},
        {"[1]", "body_not_object", 400},
        {"{\"name\":\"\xff\xfe\"}", "body_not_utf8", 400},
        {"{\"name\":\"\xed\xa0\x80\"}", "body_not_utf8", 400},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char code[64];
        snprintf(code, sizeof code, "\"code\":\"%s\"", cases[i].code);
        expect(h, "POST /api/things", "", cases[i].body, cases[i].status, code);
    }
    expect(h, "POST /api/things", "", "{\"name\":1,\"count\":\"a\",\"zzz\":0}", 422,
           "\"fields_wrong\"");
    expect(h, "POST /api/things", "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", NULL,
           415, "body_content_type");
    expect(h, "GET /api/things/42", "Content-Length: 2\r\n\r\n{}", NULL, 422, "body_unexpected");
}

static void huge_and_endless_bodies_are_refused(void **state)
{
    struct http *h = *state;
    expect(h, "POST /api/things", "Content-Length: 99999999999\r\n", NULL, 413, "body_too_large");
    expect(h, "POST /api/things", "Content-Length: 99999999999999999999999\r\n", NULL, 413, NULL);
    size_t n = 60000;
    char *nested = malloc(n + 1);
    memset(nested, '[', n);
    nested[n] = 0;
    expect(h, "POST /api/things", "", nested, 400, "body_too_deep");
    free(nested);
    /* chunked: the size is known only as it comes */
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_adds(&b, "POST /api/things HTTP/1.1\r\n" CLOSE
                 "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    char line[1001];
    memset(line, 'x', 1000);
    line[1000] = 0;
    for (int i = 0; i < 100; i++)
        buf_printf(&b, "3e8\r\n%s\r\n", line);
    buf_adds(&b, "0\r\n\r\n");
    struct reply r = ask_n(h, b.p, b.n);
    assert_int_equal(r.status, 413);
    free(r.text);
    buf_free(&b);
}

static void wrong_targets_are_refused(void **state)
{
    struct http *h = *state;
    expect(h, "GET /api/nothing", "", NULL, 404, "not_found");
    expect(h, "GET /api/things/0", "", NULL, 404, "not_found");
    expect(h, "GET /api/things/-1", "", NULL, 404, NULL);
    expect(h, "GET /api/things/012", "", NULL, 404, NULL);
    expect(h, "GET /api/things/9223372036854775808", "", NULL, 404, NULL);
    expect(h, "GET /api/things/abc", "", NULL, 404, NULL);
    expect(h, "GET /api/things/%31", "", NULL, 404, NULL);
    expect(h, "GET /api/th%00ings", "", NULL, 400, "path_bad");
    expect(h, "GET /api/%ff", "", NULL, 400, "path_bad");
    expect(h, "GET /api/%zz", "", NULL, 400, "path_bad");
    expect(h, "GET /../../etc/passwd.x", "", NULL, 404, NULL);
    expect(h, "GET /api/things?name=%ff", "", NULL, 400, "query_bad_encoding");
    expect(h, "GET /api/things?name=a%00b", "", NULL, 400, "query_bad_encoding");
    expect(h, "GET /api/things?nome=a", "", NULL, 422, "field_unknown");
    expect(h, "GET /api/things?name=a&name=b", "", NULL, 422, "field_twice");
    expect(h, "GET /api/things?count=x", "", NULL, 422, "field_not_integer");
    expect(h, "DELETE /api/things", "", NULL, 405, "Allow: GET, HEAD, POST");
    expect(h, "BREW /api/things", "", NULL, 405, "method_not_allowed");
    expect(h, "PATCH /api/things/1", "", NULL, 428, "version_missing");
    expect(h, "PATCH /api/things/1", "If-Match: 7\r\n", NULL, 400, "version_bad");
    expect(h, "PATCH /api/things/1", "If-Match: \"8\"\r\n", NULL, 412, "\"stale\"");
    expect(h, "PATCH /api/things/1", "If-Match: \"7\"\r\n", NULL, 204, NULL);
}

static void rights_and_forgery(void **state)
{
    struct http *h = *state;
    const char *owner = "Cookie: owner\r\nX-CSRF: secret\r\n";
    expect(h, "POST /api/settings", "", NULL, 401, "unauthenticated");
    expect(h, "POST /api/settings", "Cookie: owner\r\n", NULL, 403, "csrf_missing");
    expect(h, "POST /api/settings", "Cookie: owner\r\nX-CSRF: secreT\r\n", NULL, 403,
           "csrf_missing");
    expect(h, "POST /api/settings", "Cookie: clerk\r\nX-CSRF: secret\r\n", NULL, 403, "\"denied\"");
    expect(h, "POST /api/settings", owner, NULL, 200, NULL);
    expect(h, "POST /api/secrets", owner, NULL, 403, "confirm_password");
    expect(h, "POST /api/things", "Origin: https://evil.example\r\n", "{\"name\":\"ab\"}", 403,
           "csrf_origin");
    expect(h, "POST /api/things", "Origin: null\r\n", "{\"name\":\"ab\"}", 403, "csrf_origin");
    expect(h, "POST /api/things", "Origin: http://shop\r\n", "{\"name\":\"ab\"}", 201, NULL);
    expect(h, "POST /api/things", "Sec-Fetch-Site: cross-site\r\n", "{\"name\":\"ab\"}", 403, NULL);
    expect(h, "POST /api/things", "Sec-Fetch-Site: same-origin\r\n", "{\"name\":\"ab\"}", 201,
           NULL);
}

static void files_and_own_pages(void **state)
{
    struct http *h = *state;
    expect(h, "GET /", "", NULL, 200, "<p>page</p>");
    expect(h, "GET /customers/12", "", NULL, 200, "Content-Security-Policy: default-src 'self'");
    expect(h, "GET /assets/app.1.js", "", NULL, 200, "immutable");
    expect(h, "GET /assets/app.1.js", "Accept-Encoding: br, gzip;q=0.5\r\n", NULL, 200,
           "Content-Encoding: gzip");
    expect(h, "GET /assets/app.1.js", "Accept-Encoding: gzip;q=0\r\n", NULL, 200, "let a");
    expect(h, "GET /assets/app.1.js", "If-None-Match: W/\"def-gzip\"\r\n", NULL, 304, NULL);
    expect(h, "GET /assets/gone.js", "", NULL, 404, NULL);
    expect(h, "POST /index.html", "", NULL, 405, NULL);
    expect(h, "GET /healthz", "", NULL, 200, "ok");
    expect(h, "GET /readyz", "", NULL, 200, "ready");
    expect(h, "GET /metrics", "", NULL, 200, "habitue_http_requests_total{");
    expect(h, "GET /api/long", "Accept-Encoding: gzip\r\n", NULL, 200, "Content-Encoding: gzip");
    expect(h, "GET /api/long", "", NULL, 200, "4998,4999]}");
}

static void streams_arrive(void **state)
{
    struct http *h = *state;
    expect(h, "GET /api/events", "", NULL, 200, "data: 5");
    struct reply r = ask(h, "GET /api/flood", "", NULL);
    assert_true(r.n > 20 * 1000 * 1000);
    free(r.text);
}

static void uploads_are_read_as_they_come(void **state)
{
    struct http *h = *state;
    const char *who = "Cookie: owner\r\nX-CSRF: secret\r\n";
    size_t n = 20 * 1000 * 1000;
    struct buf b;
    buf_init(&b, n + 1000);
    buf_printf(&b, "POST /api/uploads HTTP/1.1\r\n" CLOSE "%sContent-Length: %zu\r\n\r\n", who, n);
    memset(buf_reserve(&b, n), 'u', n);
    b.n += n;
    struct reply r = ask_n(h, b.p, b.n);
    assert_int_equal(r.status, 201);
    assert_non_null(strstr(r.body, "20000000"));
    free(r.text);
    b.n = 0;
    buf_printf(&b, "POST /api/refusals HTTP/1.1\r\n" CLOSE "%sContent-Length: %zu\r\n\r\n", who, n);
    memset(buf_reserve(&b, n), 'u', n);
    b.n += n;
    r = ask_n(h, b.p, b.n);
    assert_int_equal(r.status, 409);
    free(r.text);
    buf_free(&b);
    expect(h, "POST /api/uploads", "Content-Length: 50000000\r\n", NULL, 401, NULL);
    expect(h, "POST /api/uploads",
           "Cookie: owner\r\nX-CSRF: secret\r\nContent-Length: 999999999\r\n", NULL, 413, NULL);
    /* a client that goes away in the middle */
    for (int i = 0; i < 3; i++) {
        int fd = dial(h);
        const char *half =
            "POST /api/uploads HTTP/1.1\r\n" CLOSE
            "Cookie: owner\r\nX-CSRF: secret\r\nContent-Length: 50000000\r\n\r\nhalf";
        say(fd, half, strlen(half));
        close(fd);
    }
}

static void *ask_slowly(void *arg)
{
    struct reply r = ask(arg, "GET /api/slow", "", NULL);
    return (void *)(intptr_t)(free(r.text), r.status);
}

static void *ask_at_gate(void *arg)
{
    struct reply r = ask(arg, "GET /api/gate", "", NULL);
    return (void *)(intptr_t)(free(r.text), r.status);
}

static void slow_handlers_do_not_hold_up_others(void **state)
{
    struct http *h = *state;
    pthread_t ids[8];
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        assert_int_equal(pthread_create(&ids[i], NULL, ask_at_gate, h), 0);
    pthread_mutex_lock(&gate.lock);
    while (gate.waiting < (int)ARRAY_LEN(ids))
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    /* all eight wait for us: who answers now was not held up */
    expect(h, "GET /healthz", "", NULL, 200, NULL);
    expect(h, "GET /api/things", "", NULL, 200, NULL);
    pthread_mutex_lock(&gate.lock);
    gate.open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        void *status;
        pthread_join(ids[i], &status);
        assert_int_equal((intptr_t)status, 200);
    }
}

static void keeps_connections_alive(void **state)
{
    struct http *h = *state;
    int fd = dial(h);
    char answer[4096];
    for (int i = 0; i < 50; i++) {
        const char *q = i % 2 ? "GET /api/things HTTP/1.1\r\nHost: shop\r\n\r\n"
                              : "GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n";
        say(fd, q, strlen(q));
        ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
        assert_true(n > 0);
        answer[n] = 0;
        assert_non_null(strstr(answer, "200 OK"));
        assert_null(strstr(answer, "Connection: close"));
    }
    close(fd);
}

static void stops_when_what_runs_is_finished(void **state)
{
    void *server = NULL;
    (void)state;
    assert_int_equal(start(&server), 0);
    struct http *h = server;
    pthread_t id;
    assert_int_equal(pthread_create(&id, NULL, ask_slowly, h), 0);
    usleep(50000);
    int quiet = dial(h);
    say(quiet, "GET /api/th", 11);
    int watcher = dial(h);
    const char *q = "GET /api/events HTTP/1.1\r\nHost: shop\r\n\r\n";
    say(watcher, q, strlen(q));
    usleep(30000);
    http_stop(&h);
    void *status;
    pthread_join(id, &status);
    assert_int_equal((intptr_t)status, 200);
    close(quiet);
    close(watcher);
}

/* Asks again and again over one connection, until the server is gone. */
static void *ask_to_the_end(void *arg)
{
    const char *q = "GET /api/things HTTP/1.1\r\nHost: shop\r\n\r\n";
    int fd = *(const int *)arg;
    char answer[4096];
    unsigned pause_us = 100 + 37 * (unsigned)fd % 800;
    while (send(fd, q, strlen(q), MSG_NOSIGNAL) == (ssize_t)strlen(q) &&
           recv(fd, answer, sizeof answer, 0) > 0)
        usleep(pause_us);
    return NULL;
}

static void stops_while_others_go_on_asking(void **state)
{
    enum { ASKING = 6, ROUNDS = 40 };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        void *server = NULL;
        int fds[ASKING];
        pthread_t ids[ASKING];
        assert_int_equal(start(&server), 0);
        struct http *h = server;
        for (int i = 0; i < ASKING; i++) {
            fds[i] = dial(h);
            assert_int_equal(pthread_create(&ids[i], NULL, ask_to_the_end, &fds[i]), 0);
        }
        usleep(3000);
        http_stop(&h);
        for (int i = 0; i < ASKING; i++) {
            pthread_join(ids[i], NULL);
            close(fds[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_fill_structs),
        cmocka_unit_test(wrong_bodies_are_refused),
        cmocka_unit_test(huge_and_endless_bodies_are_refused),
        cmocka_unit_test(wrong_targets_are_refused),
        cmocka_unit_test(rights_and_forgery),
        cmocka_unit_test(files_and_own_pages),
        cmocka_unit_test(streams_arrive),
        cmocka_unit_test(uploads_are_read_as_they_come),
        cmocka_unit_test(slow_handlers_do_not_hold_up_others),
        cmocka_unit_test(keeps_connections_alive),
        cmocka_unit_test(stops_when_what_runs_is_finished),
        cmocka_unit_test(stops_while_others_go_on_asking),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, start, stop);
}
