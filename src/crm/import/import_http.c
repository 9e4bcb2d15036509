/* Routes of the imports. */
#include "../../base/check.h"
#include "../../base/text.h"
#include "../../work/work.h"
#include "../audit/audit.h"
#include "../cursor.h"
#include "import_json.h"
#include "import_sql.h"

enum {
    PREVIEW_ROWS = 1000,
    PREVIEW_SHOWN = 50,
    PAGE_DEFAULT = 20,
    PAGE_MAX = 100,
    FILE_NAME_MAX = 200
};

/* --- one import with its job --- */

struct import_call {
    struct request *r;
    int64_t id;
    struct import_view view;
    int64_t job_id;     /* start */
    struct str mapping; /* reading */
    bool remove;        /* delete: nothing runs, so the rows may go */
};

static enum err view_of(struct db_tx *tx, struct request *r, const struct import *im,
                        struct import_view *ret)
{
    int64_t job_id, merchant_id = r->caller.merchant_id;
    *ret = (struct import_view){.import = *im};
    enum err e = db_query_int(tx, &import_job_of, &job_id, db_i(merchant_id), db_i(im->id));
    if (e == ERR_NOT_FOUND)
        return OK;
    if (e == OK)
        e = job_get(tx, merchant_id, job_id, r->arena, &ret->job);
    ret->has_job = e == OK;
    return e;
}

static enum err read_view(struct db_tx *tx, void *arg)
{
    struct import_call *c = arg;
    struct import im;
    enum err e = import_get(tx, c->r->caller.merchant_id, c->id, c->r->arena, &im);
    return e == OK ? view_of(tx, c->r, &im, &c->view) : e;
}

static enum err answer_view(struct import_call *c)
{
    const struct app *app = c->r->app;
    enum err e = db_read(app->db, read_view, c);
    if (e == OK)
        import_json(&c->r->json, c->r->arena, c->r->language, &c->view);
    return e;
}

static enum err get_route(struct request *r)
{
    struct import_call c = {.r = r, .id = r->ids[0]};
    return answer_view(&c);
}

static bool runs(const struct import_view *v)
{
    return v->has_job && !job_ended(&v->job);
}

/* --- upload --- */

struct upload_args {
    int kind;
    struct str file_name;
};
static const char *const kinds[] = {"customers", "transactions", NULL};
static const struct spec upload_query[] = {
    {"kind", SPEC_CHOICE, offsetof(struct upload_args, kind), .required = true, .choices = kinds},
    {"file_name", SPEC_TEXT, offsetof(struct upload_args, file_name), .max = FILE_NAME_MAX},
    {0},
};

static enum err read_body(void *arg, char *p, size_t size, size_t *ret_n)
{
    return request_read(arg, p, size, ret_n);
}

static enum err audit_created(struct db_tx *tx, void *arg)
{
    struct import_call *c = arg;
    const struct import *im = &c->view.import;
    struct audit_actor by = audit_by_request(c->r);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, c->r->arena);
    audit_detail_value(&d, "file", str_c(im->file_name));
    audit_detail_value(&d, "kind", str_c(import_kind_name(im->kind)));
    return audit_write(tx, c->r->caller.merchant_id, &by, "import.create", "import", im->id,
                       audit_detail_end(&d));
}

static enum err upload_route(struct request *r)
{
    const struct upload_args *args = r->args;
    struct app *app = r->app;
    struct import_call c = {.r = r};
    struct reading_wish wish;
    struct str name;
    reading_wish_init(&wish);
    if (text_clean(r->arena, args->file_name, &name) != OK || name.n == 0)
        name = str_c(kinds[args->kind]);
    struct import_opening o = {.kind = (enum import_kind)args->kind,
                               .file_name = arena_cstr(r->arena, name),
                               .staff_id = r->caller.staff_id,
                               .wish = &wish};
    enum err e = import_receive(app, r->caller.merchant_id, &o, read_body, r, r->arena,
                                &c.view.import, &r->problem);
    if (e == OK)
        e = db_write(app->db, audit_created, &c);
    if (e)
        return e;
    c.id = c.view.import.id;
    r->location = arena_printf(r->arena, "/api/v1/imports/%lld", (long long)c.id);
    return answer_view(&c);
}

/* --- list --- */

struct list_args {
    struct str cursor;
    int64_t limit;
};
static const struct spec list_query[] = {
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200},
    {"limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = PAGE_MAX},
    {0},
};
struct list_call {
    struct request *r;
    int64_t below, limit;
    struct import_view *views;
    int64_t n;
};

static enum err read_list(struct db_tx *tx, void *arg)
{
    struct list_call *c = arg;
    int64_t merchant_id = c->r->caller.merchant_id;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e =
        db_query(tx, &import_list, &rows, db_i(merchant_id), db_i(c->below), db_i(c->limit + 1));
    c->n = 0;
    while (e == OK && db_next(rows))
        e = import_of_row(rows, c->r->arena, &c->views[c->n++].import);
    if (e || (e = db_error(rows)))
        return e;
    for (int64_t i = 0; i < c->n && e == OK; i++)
        e = view_of(tx, c->r, &c->views[i].import, &c->views[i]);
    return e;
}

static enum err list_route(struct request *r)
{
    const struct list_args *args = r->args;
    const struct app *app = r->app;
    struct list_call c = {
        .r = r, .below = INT64_MAX, .limit = args->limit > 0 ? args->limit : PAGE_DEFAULT};
    struct str scope =
        str_c(arena_printf(r->arena, "imports %lld", (long long)r->caller.merchant_id));
    if (args->cursor.n > 0 && !cursor_read(args->cursor, scope, &c.below, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    c.views = arena_array(r->arena, struct import_view, (size_t)c.limit + 1);
    enum err e = db_read(app->db, read_list, &c);
    if (e)
        return e;
    bool more = c.n > c.limit;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (int64_t i = 0; i < c.n - more; i++)
        import_json(&r->json, r->arena, r->language, &c.views[i]);
    json_end(&r->json);
    json_kv_cstr(&r->json, "next",
                 more ? cursor_make(r->arena, scope, &c.views[c.limit - 1].import.id, 1) : NULL);
    json_close(&r->json);
    return OK;
}

/* --- how it is read --- */

struct reading_args {
    int delimiter, encoding, decimal, date_order;
    bool header, has_header;
    json_t *columns;
};
#define AT(field) offsetof(struct reading_args, field)
static const char *const delimiters[] = {",", ";", "\t", "|", " ", NULL};
static const char *const encodings[] = {"utf-8", "utf-16le", "utf-16be", "windows-1252", NULL};
static const char *const decimals[] = {".", ",", NULL};
static const char *const date_orders[] = {"ymd", "dmy", "mdy", NULL};
static const struct spec reading_body[] = {
    {"delimiter", SPEC_CHOICE, AT(delimiter), .choices = delimiters},
    {"encoding", SPEC_CHOICE, AT(encoding), .choices = encodings},
    {"decimal", SPEC_CHOICE, AT(decimal), .choices = decimals},
    {"date_order", SPEC_CHOICE, AT(date_order), .choices = date_orders},
    {"header", SPEC_BOOL, AT(header), .present_offset = AT(has_header) + 1},
    {"columns", SPEC_JSON, AT(columns),
     .doc = "field: index of its column, from 0; the whole mapping"},
    {0},
};

/* What was chosen before stays, unless the table is cut anew: then the columns are others. */
static void wish_of_reading(const struct reading *r, const struct reading_args *args,
                            struct reading_wish *w)
{
    unsigned chosen = r->chosen;
    bool anew = args->delimiter >= 0 || args->encoding >= 0;
    reading_wish_init(w);
    w->delimiter = args->delimiter >= 0        ? delimiters[args->delimiter][0]
                   : chosen & CHOSEN_DELIMITER ? r->delimiter
                                               : 0;
    w->encoding = args->encoding >= 0        ? args->encoding
                  : chosen & CHOSEN_ENCODING ? (int)r->encoding
                                             : -1;
    w->decimal = args->decimal >= 0        ? decimals[args->decimal][0]
                 : chosen & CHOSEN_DECIMAL ? r->decimal
                                           : 0;
    w->date_order = args->date_order >= 0        ? args->date_order
                    : chosen & CHOSEN_DATE_ORDER ? (int)r->date_order
                                                 : -1;
    w->header = args->has_header ? args->header : chosen & CHOSEN_HEADER ? r->header : -1;
    w->whole_mapping = (chosen & CHOSEN_COLUMNS) && !anew;
    for (int f = 0; f < FIELDS_MAX && w->whole_mapping; f++)
        if (r->column_of[f] >= 0)
            w->columns[w->ncolumns++] =
                (struct column_wish){.field = (enum import_field)f, .column = r->column_of[f]};
}

static enum err wish_of_columns(struct request *r, json_t *columns, enum import_kind kind,
                                struct reading_wish *w)
{
    const char *name;
    json_t *index;
    w->whole_mapping = true;
    w->ncolumns = 0;
    if (!json_is_object(columns))
        return request_fail(r, ERR_INVALID, "field_type", "columns", "expected", "{}", NULL);
    json_object_foreach(columns, name, index)
    {
        enum import_field f;
        if (!import_field_by_name(str_c(name), kind, &f) || w->ncolumns == FIELDS_MAX)
            return request_fail(r, ERR_INVALID, "field_unknown", arena_cstr(r->arena, str_c(name)),
                                NULL);
        if (!json_is_integer(index) || json_integer_value(index) < 0 ||
            json_integer_value(index) >= COLUMNS_MAX)
            return request_fail(
                r, ERR_INVALID, "import_no_such_column", import_field_name(f), "column",
                arena_printf(r->arena, "%lld", (long long)json_integer_value(index) + 1), NULL);
        for (int i = 0; i < w->ncolumns; i++)
            if (w->columns[i].column == (int)json_integer_value(index))
                return request_fail(r, ERR_INVALID, "import_column_twice", import_field_name(f),
                                    NULL);
        w->columns[w->ncolumns++] =
            (struct column_wish){.field = f, .column = (int)json_integer_value(index)};
    }
    return OK;
}

static enum err store_mapping(struct db_tx *tx, void *arg)
{
    struct import_call *c = arg;
    int64_t changed = 0;
    enum err e = db_exec(tx, &import_set_reading, &changed, db_t(c->mapping),
                         db_i(c->r->caller.merchant_id), db_i(c->id));
    if (e == OK && changed != 1)
        return request_fail(c->r, ERR_CONFLICT, "import_not_open", NULL, NULL);
    return e;
}

static enum err reading_route(struct request *r)
{
    const struct reading_args *args = r->args;
    struct app *app = r->app;
    struct import_call c = {.r = r, .id = r->ids[0]};
    struct reading_wish wish;
    struct detection d;
    enum err e = db_read(app->db, read_view, &c);
    if (e)
        return e;
    const struct import *im = &c.view.import;
    if (strcmp(im->state, "uploaded") != 0)
        return request_fail(r, ERR_CONFLICT, "import_not_open", NULL, NULL);
    wish_of_reading(&im->reading, args, &wish);
    if (args->columns && (e = wish_of_columns(r, args->columns, im->kind, &wish)))
        return e;
    cleanup(chunk_source_free) struct chunk_source *chunks =
        chunk_source_new(app, r->caller.merchant_id, im);
    e = import_detect(app, r->caller.merchant_id, chunk_source(chunks), &im->reading, im->kind,
                      &wish, r->arena, &d, &r->problem);
    if (e)
        return e;
    c.mapping = import_mapping_text(r->arena, &d, im->kind);
    e = db_write(app->db, store_mapping, &c);
    return e == OK ? answer_view(&c) : e;
}

static enum err preview_route(struct request *r)
{
    struct app *app = r->app;
    struct import_call c = {.r = r, .id = r->ids[0]};
    struct import_preview preview;
    enum err e = db_read(app->db, read_view, &c);
    if (e)
        return e;
    const struct import *im = &c.view.import;
    if (strcmp(im->state, "uploaded") != 0)
        return request_fail(r, ERR_CONFLICT, "import_not_open", NULL, NULL);
    cleanup(chunk_source_free) struct chunk_source *chunks =
        chunk_source_new(app, r->caller.merchant_id, im);
    struct import_run how = {
        .app = app, .merchant_id = r->caller.merchant_id, .source = chunk_source(chunks)};
    e = import_dry_run(&how, im, PREVIEW_ROWS, PREVIEW_SHOWN, r->arena, &preview, &r->problem);
    if (e == OK)
        import_preview_json(&r->json, r->arena, r->language, im->kind, &preview);
    return e;
}

/* --- start, remove --- */

static enum err start_fn(struct db_tx *tx, void *arg)
{
    struct import_call *c = arg;
    struct request *r = c->r;
    int64_t merchant_id = r->caller.merchant_id;
    struct audit_actor by = audit_by_request(r);
    const char *missing[4];
    enum err e = read_view(tx, c);
    if (e)
        return e;
    const struct import *im = &c->view.import;
    bool again = strcmp(im->state, "failed") == 0 || strcmp(im->state, "canceled") == 0;
    if (runs(&c->view) || im->staff_id == 0 || (strcmp(im->state, "uploaded") != 0 && !again))
        return request_fail(r, ERR_CONFLICT, "import_not_open", NULL, NULL);
    if (detect_missing(&im->reading, im->kind, missing, 4) > 0)
        return request_fail(r, ERR_INVALID, "import_missing_field", missing[0], NULL);
    e = job_create(tx, merchant_id, IMPORT_JOB, im->id, r->caller.staff_id, im->file_bytes,
                   &c->job_id);
    if (e == OK)
        e = db_exec(tx, &import_set_state, NULL, db_t(STR("running")), db_null(), db_i(merchant_id),
                    db_i(im->id));
    return e == OK ? audit_write(tx, merchant_id, &by, "import.start", "import", im->id, NULL) : e;
}

static enum err start_route(struct request *r)
{
    struct app *app = r->app;
    struct import_call c = {.r = r, .id = r->ids[0]};
    enum err e = db_write(app->db, start_fn, &c);
    if (e)
        return e;
    if (app->work)
        work_wake(app->work);
    return answer_view(&c);
}

/* While it runs it is only stopped; then it can be removed. */
static enum err delete_fn(struct db_tx *tx, void *arg)
{
    struct import_call *c = arg;
    int64_t merchant_id = c->r->caller.merchant_id;
    struct audit_actor by = audit_by_request(c->r);
    enum err e = read_view(tx, c);
    if (e)
        return e;
    c->remove = !runs(&c->view);
    if (!c->remove)
        e = job_cancel(tx, merchant_id, c->view.job.id);
    return e == OK
               ? audit_write(tx, merchant_id, &by, c->remove ? "import.remove" : "import.cancel",
                             "import", c->id, NULL)
               : e;
}

static enum err delete_route(struct request *r)
{
    struct app *app = r->app;
    struct import_call c = {.r = r, .id = r->ids[0]};
    enum err e = db_write(app->db, delete_fn, &c);
    if (e == OK && c.remove)
        e = import_drop(app, r->caller.merchant_id, c.id, c.view.import.line);
    return e;
}

/* --- the rejected rows --- */

static bool next_piece(void *state, struct buf *out)
{
    return rejected_next(state, out);
}

static void free_stream(void *state)
{
    struct rejected *rows = state;
    rejected_close(&rows);
}

static enum err rejected_route(struct request *r)
{
    struct rejected *rows;
    enum err e = rejected_open(r->app, r->caller.merchant_id, r->ids[0], r->language, &rows);
    if (e)
        return e;
    r->content_type = "text/csv; charset=utf-8; header=present";
    r->disposition = arena_printf(r->arena, "rejected-%lld.csv", (long long)r->ids[0]);
    request_stream(r, next_piece, free_stream, rows);
    return OK;
}

const struct http_route import_routes[] = {
    {"GET", "/api/v1/imports", PERM_IMPORT, list_route, .query = list_query,
     .args_size = sizeof(struct list_args), .summary = "Imports, newest first",
     .answer = "ImportList"},
    {"POST", "/api/v1/imports", PERM_IMPORT, upload_route, .query = upload_query,
     .args_size = sizeof(struct upload_args), .body_max = (size_t)IMPORT_FILE_MAX, .raw_body = true,
     .summary = "Upload a file to import", .answer = "Import", .status = 201},
    {"GET", "/api/v1/imports/{id}", PERM_IMPORT, get_route, .summary = "An import",
     .answer = "Import"},
    {"PUT", "/api/v1/imports/{id}/reading", PERM_IMPORT, reading_route, .body = reading_body,
     .args_size = sizeof(struct reading_args), .summary = "Correct how the file is read",
     .answer = "Import"},
    {"POST", "/api/v1/imports/{id}/preview", PERM_IMPORT, preview_route,
     .summary = "Dry run of the first 1,000 rows", .answer = "ImportPreview"},
    {"POST", "/api/v1/imports/{id}/start", PERM_IMPORT, start_route,
     .summary = "Start it, or go on with a stopped one", .answer = "Import", .status = 202},
    {"GET", "/api/v1/imports/{id}/rejected", PERM_IMPORT, rejected_route,
     .summary = "The rejected rows with the reasons", .answer = "text/csv"},
    {"DELETE", "/api/v1/imports/{id}", PERM_IMPORT, delete_route,
     .summary = "Stop it, or remove it when it does not run", .status = 204},
    {0},
};
