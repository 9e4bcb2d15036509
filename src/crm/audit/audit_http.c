/* The audit log for people: pages by cursor, and the whole as a file. */
#include <stdlib.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/text.h"
#include "../csv.h"
#include "../cursor.h"
#include "audit_read.h"

#define AUDIT_PAGE 50
#define AUDIT_PAGE_MAX 500

struct audit_args {
    struct str cursor, entity, action, q;
    int64_t limit, staff_id, entity_id;
    int32_t from, to;
};
#define AT(field) offsetof(struct audit_args, field)
#define FILTERS                                                                                    \
    {"entity", SPEC_TEXT, AT(entity), .max = 40, .doc = "what it is about, such as staff"},        \
        {"action", SPEC_TEXT, AT(action), .max = 40}, {"staff_id", SPEC_ID, AT(staff_id)},         \
        {"entity_id", SPEC_ID, AT(entity_id), .doc = "of one customer, one staff member…"},        \
        {"from", SPEC_DAY, AT(from), .doc = "the first day, in the merchant's zone"},              \
        {"to", SPEC_DAY, AT(to), .doc = "the last day"},                                           \
    {                                                                                              \
        "q", SPEC_TEXT, AT(q), .max = 100, .doc = "words in who, from where, old and new values"   \
    }
static const struct spec audit_spec[] = {
    {"cursor", SPEC_TEXT, AT(cursor), .max = 200, .doc = "`next` of the page before"},
    {"limit", SPEC_INT, AT(limit), .min = 1, .max = AUDIT_PAGE_MAX},
    FILTERS,
    {0},
};
static const struct spec file_spec[] = {FILTERS, {0}};
#undef AT

/* The filters that must stay the same from page to page. */
static struct str scope_of(struct request *r)
{
    const struct audit_args *args = r->args;
    return str_c(arena_printf(r->arena, "audit %lld %lld %lld %d %d %.*s %.*s %.*s",
                              (long long)r->caller.merchant_id, (long long)args->staff_id,
                              (long long)args->entity_id, (int)args->from, (int)args->to,
                              (int)args->entity.n, args->entity.p, (int)args->action.n,
                              args->action.p, (int)args->q.n, args->q.p));
}

/* Texts live in `a`. */
static struct audit_filter filter_of(const struct request *r, struct arena *a)
{
    const struct audit_args *args = r->args;
    return (struct audit_filter){.merchant_id = r->caller.merchant_id,
                                 .staff_id = args->staff_id,
                                 .entity_id = args->entity_id,
                                 .entity = arena_str(a, args->entity),
                                 .action = arena_str(a, args->action),
                                 .words = str_trim(text_fold(a, args->q))};
}

static void write_entry(void *arg, const struct db_rows *row)
{
    struct json *j = arg;
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
    struct json *j = &r->json;
    struct audit_filter f = filter_of(r, r->arena);
    int64_t next = 0;
    enum err e = audit_days(tx, &f, args->from, args->to);
    json_open(j);
    json_key(j, "items");
    json_list(j);
    if (e == OK)
        e = audit_read(tx, &f, p->before, p->limit, write_entry, j, &next);
    json_end(j);
    json_kv_cstr(j, "next", next ? cursor_make(r->arena, scope_of(r), &next, 1) : NULL);
    json_close(j);
    return e;
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

/* ---- the whole as a file, a page at a time ---- */

struct file {
    const struct app *app;
    struct arena *arena;
    struct audit_filter filter;
    const char *language; /* of the texts loaded at start: lives as long as the program */
    int64_t before;
    struct buf *out;
    bool begun;
};

static void write_headings(struct file *f)
{
    static const char *const keys[] = {"audit.when",  "audit.who",   "audit.what",
                                       "audit.code",  "audit.about", "audit.about_id",
                                       "audit.where", "audit.values"};
    buf_adds(f->out, CSV_BOM);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        csv_cell(f->out, str_c(message_text(f->language, keys[i])), ',', i == 0);
    buf_adds(f->out, "\r\n");
}

/* "Invited {name}" without the name, which stands among the values. */
static struct str plain_words(const char *language, struct str action)
{
    char key[80];
    snprintf(key, sizeof key, "audit.action.%.*s", (int)action.n, action.p);
    const char *text = message_text(language, key), *name = strstr(text, "{");
    if (strcmp(text, key) == 0)
        return action;
    return str_trim((struct str){text, name ? (size_t)(name - text) : strlen(text)});
}

static void write_row(void *arg, const struct db_rows *row)
{
    struct file *f = arg;
    char at[INSTANT_TEXT_MAX];
    struct str when = {at, instant_format(db_int(row, 1), at)};
    csv_cell(f->out, when, ',', true);
    csv_cell(f->out, db_text(row, 3), ',', false);
    csv_cell(f->out, plain_words(f->language, db_text(row, 4)), ',', false);
    csv_cell(f->out, db_text(row, 4), ',', false);
    csv_cell(f->out, db_text(row, 5), ',', false);
    if (db_is_null(row, 6))
        csv_cell(f->out, STR(""), ',', false);
    else
        csv_int(f->out, db_int(row, 6), ',', false);
    csv_cell(f->out, db_text(row, 7), ',', false);
    csv_cell(f->out, db_text(row, 8), ',', false);
    buf_adds(f->out, "\r\n");
}

static enum err read_part(struct db_tx *tx, void *arg)
{
    struct file *f = arg;
    size_t out_was = f->out->n;
    int64_t next = 0;
    enum err e = audit_read(tx, &f->filter, f->before, AUDIT_PAGE_MAX, write_row, f, &next);
    if (e == OK)
        f->before = next;
    else
        f->out->n = out_was; /* it may run again */
    return e;
}

static bool next_part(void *state, struct buf *out)
{
    struct file *f = state;
    f->out = out;
    if (!f->begun)
        write_headings(f);
    f->begun = true;
    return db_read(f->app->db, read_part, f) == OK && f->before > 0 && !out->failed;
}

static void free_file(void *state)
{
    struct file *f = state;
    arena_free(&f->arena);
    free(f);
}

struct beginning {
    struct request *r;
    struct file *file;
};

static enum err begin_file(struct db_tx *tx, void *arg)
{
    struct beginning *b = arg;
    struct request *r = b->r;
    const struct audit_args *args = r->args;
    struct audit_actor by = audit_by_request(r);
    b->file->filter = filter_of(r, b->file->arena);
    enum err e = audit_days(tx, &b->file->filter, args->from, args->to);
    return e == OK ? audit_write(tx, r->caller.merchant_id, &by, "audit.export", "audit", 0, NULL)
                   : e;
}

static enum err file_route(struct request *r)
{
    const struct app *app = r->app;
    struct file *f = calloc(1, sizeof *f);
    check(f != NULL);
    *f = (struct file){.app = app,
                       .arena = arena_new(),
                       .language = message_language(str_c(r->language)),
                       .before = INT64_MAX};
    struct beginning b = {r, f};
    enum err e = db_write(app->db, begin_file, &b);
    if (e != OK) {
        free_file(f);
        return e;
    }
    r->content_type = "text/csv; charset=utf-8";
    r->disposition = "audit-log.csv";
    request_stream(r, next_part, free_file, f);
    return OK;
}

const struct http_route audit_routes[] = {
    {"GET", "/api/v1/audit", PERM_AUDIT_READ, list_route, .query = audit_spec,
     .args_size = sizeof(struct audit_args), .summary = "The audit log, newest first",
     .answer = "AuditList"},
    {"GET", "/api/v1/audit/file", PERM_AUDIT_READ, file_route, .query = file_spec,
     .args_size = sizeof(struct audit_args), .confirm_password = true,
     .summary = "The audit log by the same filters, as a file", .answer = "text/csv"},
    {0},
};
