/* Routes of the file of a customer, of erasure, and the list of who was erased. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../change/change.h"
#include "../cursor.h"
#include "../customer/audiences_snapshot.h"
#include "../customer/customer_view.h"
#include "../merchant/merchant.h"
#include "../file_answer.h"
#include "privacy_file.h"
#include "privacy_sql.h"
#include <unistd.h>

enum { FILE_MAX = 60 << 20, ERASURES_PAGE = 50 };

static const char *const formats[] = {"zip", "json", "html", NULL};
enum { FORMAT_ZIP, FORMAT_JSON, FORMAT_HTML };

/* ---- the file ---- */

struct file_args {
    int format; /* -1 = absent */
};
static const struct spec file_spec[] = {
    {"format", SPEC_CHOICE, offsetof(struct file_args, format), .choices = formats,
     .doc = "zip: both others with their pictures; json by default; html: a page to read"},
    {0},
};

struct writing {
    struct request *r;
    int format;
    struct buf text;
    int fd; /* of a ZIP; -1 = none */
};

static enum err read_file(struct db_tx *tx, void *arg)
{
    struct writing *w = arg;
    struct request *r = w->r;
    struct merchant m;
    struct json j;

    w->text.n = 0;
    enum err e = merchant_get(tx, r->caller.merchant_id, r->arena, &m);
    if (e != OK)
        return e;
    const struct privacy_file file = {.merchant_id = m.id,
                                      .customer_id = r->ids[0],
                                      .now_us = now_us(),
                                      .merchant_name = m.name,
                                      .language = r->language,
                                      .arena = r->arena};
    json_init(&j, &w->text);
    if (w->format == FORMAT_ZIP)
        e = privacy_file_zip(tx, &file, w->fd);
    else
        e = w->format == FORMAT_HTML ? privacy_file_html(tx, &file, &w->text)
                                     : privacy_file_json(tx, &file, &j);
    if (e == ERR_TOO_LARGE || (e == OK && w->text.failed))
        return request_fail(r, ERR_TOO_LARGE, "privacy_file_large", NULL, NULL);
    return e;
}

static enum err tell_audit(struct db_tx *tx, void *arg)
{
    struct request *r = arg;
    struct audit_actor by = audit_by_request(r);
    return audit_write(tx, r->caller.merchant_id, &by, "customer.file", "customer", r->ids[0],
                       NULL);
}

static void answer_file(struct writing *w, int64_t number)
{
    struct request *r = w->r;
    const char *name =
        arena_printf(r->arena, "customer-%lld.%s", (long long)number, formats[w->format]);
    if (w->format == FORMAT_ZIP) {
        file_answer(r, w->fd, "application/zip", name);
        w->fd = -1;
        return;
    }
    r->disposition = name;
    if (w->format == FORMAT_HTML) {
        r->content_type = "text/html; charset=utf-8";
        buf_add(&r->out, w->text.p, w->text.n);
    } else {
        json_raw(&r->json, buf_str(&w->text));
    }
}

static enum err file_route(struct request *r)
{
    const struct app *app = r->app;
    const struct file_args *args = r->args;
    struct audience_use use = {0};
    struct audience_hit hit;
    struct writing w = {.r = r, .format = args->format >= 0 ? args->format : FORMAT_JSON, .fd = -1};
    enum err e = customer_seen(r, &use, &hit);
    if (e != OK)
        return e;
    int64_t number = hit.number;
    audiences_done(&use); /* nobody waits for a file with an audience in hand */
    buf_init(&w.text, FILE_MAX);
    if (w.format == FORMAT_ZIP)
        e = file_temporary(&w.fd);
    if (e == OK)
        e = db_read(app->db, read_file, &w);
    if (e == OK)
        e = db_write(app->db, tell_audit, r); /* before a byte leaves */
    if (e == OK)
        answer_file(&w, number);
    buf_free(&w.text);
    if (w.fd >= 0)
        close(w.fd);
    return e;
}

/* ---- erasure ---- */

struct erase_args {
    int64_t number;
};
static const struct spec erase_spec[] = {
    {"number", SPEC_INT, offsetof(struct erase_args, number), .required = true, .min = 1,
     .max = INT64_MAX, .doc = "the customer's number, typed, so that nobody else is erased"},
    {0},
};

void privacy_counts_json(struct json *j, const int64_t counts[static PRIVACY_TABLES_MAX])
{
    static const char *const fates[] = {"gone", "emptied", "detached", "kept"};
    json_key(j, "tables");
    json_list(j);
    for (size_t i = 0; privacy_tables[i].table; i++) {
        if (!privacy_tables[i].read || counts[i] == 0)
            continue;
        json_open(j);
        json_kv_cstr(j, "table", privacy_tables[i].table);
        json_kv_cstr(j, "fate", fates[privacy_tables[i].fate]);
        json_kv_int(j, "rows", counts[i]);
        json_close(j);
    }
    json_end(j);
}

struct counting {
    struct request *r;
    int64_t counts[PRIVACY_TABLES_MAX];
};

static enum err count_rows(struct db_tx *tx, void *arg)
{
    struct counting *c = arg;
    memset(c->counts, 0, sizeof c->counts);
    return privacy_count(tx, c->r->caller.merchant_id, c->r->ids[0], c->counts);
}

static enum err preview_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct counting c = {.r = r};
    struct json *j = &r->json;
    enum err e = customer_seen(r, &use, &hit);
    if (e == OK)
        e = db_read(app->db, count_rows, &c);
    if (e != OK)
        return e;
    json_open(j);
    json_key(j, "customer");
    customer_row_json(j, &use, &hit);
    privacy_counts_json(j, c.counts);
    json_close(j);
    return OK;
}

struct erasing {
    struct request *r;
    int32_t today;
};

static enum err erase_one(struct db_tx *tx, void *arg)
{
    const struct erasing *w = arg;
    struct request *r = w->r;
    const struct privacy_erasure x = {.customer_id = r->ids[0],
                                      .reason = "request",
                                      .now_us = now_us(),
                                      .today = w->today,
                                      .by = audit_by_request(r)};
    enum err e = privacy_erase(tx, r->caller.merchant_id, &x);
    if (e == ERR_NOT_FOUND)
        return request_fail(r, e, "not_found", NULL, NULL);
    return e == OK ? change_note(tx, r->caller.merchant_id, "customer", &x.customer_id, 1) : e;
}

static enum err erase_route(struct request *r)
{
    const struct app *app = r->app;
    const struct erase_args *args = r->args;
    struct audience_use use = {0};
    struct audience_hit hit;
    enum err e = customer_seen(r, &use, &hit);
    if (e != OK)
        return e;
    int64_t number = hit.number;
    struct erasing erasing = {r, use.today};
    audiences_done(&use);
    if (args->number != number)
        return request_fail(r, ERR_INVALID, "privacy_other_number", "number", NULL);
    e = db_write(app->db, erase_one, &erasing);
    if (e == OK)
        audience_snapshot_remove(app, r->caller.merchant_id);
    return e;
}

/* ---- who was erased ---- */

struct list_args {
    struct str cursor;
    int64_t number;
};
static const struct spec list_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {"number", SPEC_INT, offsetof(struct list_args, number), .min = 1, .max = INT64_MAX,
     .doc = "a customer's number: was this one erased?"},
    {0},
};

struct page {
    struct request *r;
    int64_t place[2]; /* instant and id of the last one seen */
    struct str scope;
};

static enum err read_page(struct db_tx *tx, void *arg)
{
    struct page *p = arg;
    const struct list_args *args = p->r->args;
    struct json *j = &p->r->json;
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t last[2] = {0};
    bool more = false;
    int n = 0;
    enum err e =
        db_query(tx, &privacy_erasures, &rows, db_i(p->r->caller.merchant_id), db_i(args->number),
                 db_i(p->place[0]), db_i(p->place[1]), db_i(ERASURES_PAGE + 1));
    if (e != OK)
        return e;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (; db_next(rows) && !(more = n == ERASURES_PAGE); n++) {
        last[0] = db_int(rows, 3);
        last[1] = db_int(rows, 0);
        json_open(j);
        json_kv_id(j, "customer_id", db_int(rows, 0));
        json_kv_int(j, "number", db_int(rows, 1));
        json_kv_text(j, "reason", db_text(rows, 2));
        json_kv_instant(j, "at", db_int(rows, 3));
        json_kv_text(j, "actor", db_text(rows, 4));
        json_close(j);
    }
    json_end(j);
    json_kv_cstr(j, "next", more ? cursor_make(p->r->arena, p->scope, last, 2) : NULL);
    json_close(j);
    return more ? OK : db_error(rows);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    const struct list_args *args = r->args;
    struct page p = {
        .r = r,
        .place = {INT64_MAX, INT64_MAX},
        .scope = str_c(arena_printf(r->arena, "erasures %lld %lld",
                                    (long long)r->caller.merchant_id, (long long)args->number))};
    if (args->cursor.n > 0 && !cursor_read(args->cursor, p.scope, p.place, 2))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    return db_read(app->db, read_page, &p);
}

const struct http_route privacy_routes[] = {
    {"POST", "/api/v1/customers/{id}/file", PERM_PRIVACY, file_route, .query = file_spec,
     .args_size = sizeof(struct file_args), .confirm_password = true,
     .summary = "Everything that is held on a customer, to hand over", .answer = "CustomerFile"},
    {"GET", "/api/v1/customers/{id}/erasure", PERM_PRIVACY, preview_route,
     .summary = "What an erasure would take away, and what would stay", .answer = "ErasurePreview"},
    {"POST", "/api/v1/customers/{id}/erasure", PERM_PRIVACY, erase_route, .body = erase_spec,
     .args_size = sizeof(struct erase_args), .confirm_password = true,
     .summary = "Erases a customer for good; the accounts stay right"},
    {"GET", "/api/v1/erasures", PERM_PRIVACY, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args), .summary = "Who was erased, newest first",
     .answer = "ErasureList"},
    {0},
};
