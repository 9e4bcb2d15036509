/* The audit log for people: newest first, by cursor. */
#include "../../base/check.h"
#include "../cursor.h"
#include "audit_sql.h"

#define AUDIT_PAGE 50
#define AUDIT_PAGE_MAX 500

struct audit_args {
    struct str cursor, entity, action;
    int64_t limit, staff_id;
};
static const struct spec audit_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct audit_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {"limit", SPEC_INT, offsetof(struct audit_args, limit), .min = 1, .max = AUDIT_PAGE_MAX},
    {"entity", SPEC_TEXT, offsetof(struct audit_args, entity), .max = 40},
    {"action", SPEC_TEXT, offsetof(struct audit_args, action), .max = 40},
    {"staff_id", SPEC_ID, offsetof(struct audit_args, staff_id)},
    {0},
};

/* The filters that must stay the same from page to page. */
static struct str scope_of(struct request *r)
{
    const struct audit_args *args = r->args;
    return str_c(arena_printf(r->arena, "audit %lld %lld %.*s %.*s",
                              (long long)r->caller.merchant_id, (long long)args->staff_id,
                              (int)args->entity.n, args->entity.p, (int)args->action.n,
                              args->action.p));
}

static void write_entry(struct json *j, const struct db_rows *row)
{
    json_open(j);
    json_kv_id(j, "id", db_int(row, 0));
    json_kv_instant(j, "at", db_int(row, 1));
    json_kv_id(j, "staff_id", db_int(row, 2));
    json_kv_text(j, "actor", db_text(row, 3));
    json_kv_text(j, "action", db_text(row, 4));
    json_kv_text(j, "entity", db_text(row, 5));
    json_kv_id(j, "entity_id", db_int(row, 6));
    json_key(j, "address");
    if (db_is_null(row, 7))
        json_nil(j);
    else
        json_text(j, db_text(row, 7));
    json_key(j, "detail");
    json_raw(j, db_text(row, 8));
    json_close(j);
}

struct page {
    struct request *r;
    int64_t before, limit;
};

static enum err read_page(struct db_tx *tx, void *arg)
{
    struct page *p = arg;
    struct request *r = p->r;
    const struct audit_args *args = r->args;
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e =
        db_query(tx, &audit_page, &rows, db_i(r->caller.merchant_id), db_i(p->before),
                 db_t(args->entity), db_t(args->action), db_i(args->staff_id), db_i(p->limit + 1));
    if (e != OK)
        return e;
    struct json *j = &r->json;
    int64_t n = 0, last = 0;
    bool more = false;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    while (db_next(rows)) {
        more = n == p->limit;
        if (more)
            break;
        last = db_int(rows, 0);
        write_entry(j, rows);
        n++;
    }
    json_end(j);
    json_kv_cstr(j, "next", more ? cursor_make(r->arena, scope_of(r), &last, 1) : NULL);
    json_close(j);
    return more ? OK : db_error(rows);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    const struct audit_args *args = r->args;
    struct page p = {r, INT64_MAX, args->limit ? args->limit : AUDIT_PAGE};
    if (args->cursor.n > 0 && !cursor_read(args->cursor, scope_of(r), &p.before, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    return db_read(app->db, read_page, &p);
}

const struct http_route audit_routes[] = {
    {"GET", "/api/v1/audit", PERM_AUDIT_READ, list_route, .query = audit_spec,
     .args_size = sizeof(struct audit_args), .summary = "The audit log, newest first",
     .answer = "AuditList"},
    {0},
};
