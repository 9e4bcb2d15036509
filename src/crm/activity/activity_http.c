/* GET /customers/{id}/activity: one timeline of everything, newest first. Transactions are not
 * repeated in the activity table: two ordered reads are merged here. */
#include "../../base/check.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../transaction/transaction.h"
#include "activity_sql.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 100, KINDS_MAX = 64, KIND_CHARS_MAX = 32 };

struct list_args {
    struct str cursor, kind;
    int64_t limit; /* 0 = absent */
};
static const struct spec list_spec[] = {
    {.name = "cursor",
     .type = SPEC_TEXT,
     .offset = offsetof(struct list_args, cursor),
     .max = 200,
     .doc = "`next` of the page before"},
    {.name = "limit",
     .type = SPEC_INT,
     .offset = offsetof(struct list_args, limit),
     .min = 1,
     .max = LIMIT_MAX,
     .doc = "50 by default"},
    {.name = "kind",
     .type = SPEC_TEXT,
     .offset = offsetof(struct list_args, kind),
     .max = KIND_CHARS_MAX,
     .doc = "only this kind: visit, purchase, booking, share…"},
    {0},
};

struct item {
    int64_t id, at_us, store_id, amount_minor; /* amount INT64_MIN = none */
    int32_t day;
    const char *kind, *actor, *origin;
    struct str detail; /* JSON; empty = {} */
    struct str text;   /* of the note or task as it reads now */
};
struct kind_count {
    const char *kind;
    int64_t count;
};
struct page {
    struct request *r;
    int64_t limit, place[3]; /* day, at_us, id of the last one seen */
    struct str kind;
    struct item events[LIMIT_MAX + 1], sales[LIMIT_MAX + 1];
    size_t nevents, nsales;
    struct kind_count kinds[KINDS_MAX];
    size_t nkinds;
};

static bool is_sale(struct str kind)
{
    for (int i = TRANSACTION_PURCHASE; i <= TRANSACTION_CANCELLATION; i++)
        if (str_eq(kind, str_c(transaction_kind_name((enum transaction_kind)i))))
            return true;
    return false;
}

static void take_common(struct page *p, const struct db_rows *r, struct item *ret)
{
    *ret = (struct item){.id = db_int(r, 0),
                         .kind = arena_cstr(p->r->arena, db_text(r, 1)),
                         .at_us = db_int(r, 2),
                         .day = (int32_t)db_int(r, 3),
                         .store_id = db_int(r, 4),
                         .amount_minor = db_int_or(r, 5, INT64_MIN)};
}

static void take_event(struct page *p, const struct db_rows *r)
{
    struct item *item = &p->events[p->nevents++];

    take_common(p, r, item);
    item->actor = db_is_null(r, 6) ? NULL : arena_cstr(p->r->arena, db_text(r, 6));
    item->origin = arena_cstr(p->r->arena, db_text(r, 7));
    item->detail = db_text_in(r, 8, p->r->arena);
    item->text = db_text_in(r, 9, p->r->arena);
}

static void take_sale(struct page *p, const struct db_rows *r)
{
    struct item *item = &p->sales[p->nsales++];
    struct buf detail;
    struct json j;

    take_common(p, r, item);
    item->origin = db_is_null(r, 9) ? "till" : "import";
    buf_init(&detail, 4096);
    json_init(&j, &detail);
    json_open(&j);
    customer_text_json(&j, "invoice", db_text(r, 6));
    json_kv_int(&j, "line_count", db_int(r, 7));
    json_kv_bool(&j, "canceled", !db_is_null(r, 8));
    json_close(&j);
    item->detail = arena_str(p->r->arena, buf_str(&detail));
    buf_free(&detail);
}

static enum err read_items(struct db_tx *tx, struct page *p, const struct db_statement *all,
                           const struct db_statement *one_kind,
                           void (*take)(struct page *, const struct db_rows *))
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct db_value values[7] = {db_i(p->r->caller.merchant_id), db_i(p->r->ids[0]),
                                 db_i(p->place[0]), db_i(p->place[1]), db_i(p->place[2])};
    size_t n = 5;

    if (p->kind.n)
        values[n++] = db_t(p->kind);
    values[n++] = db_i(p->limit + 1);
    enum err err = db_query_values(tx, p->kind.n ? one_kind : all, &rows, values, n);
    if (err != OK)
        return err;
    while (db_next(rows))
        take(p, rows);
    return db_error(rows);
}

static enum err read_counts(struct db_tx *tx, struct page *p, const struct db_statement *st)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = db_query(tx, st, &rows, db_i(p->r->caller.merchant_id), db_i(p->r->ids[0]));

    if (err != OK)
        return err;
    while (p->nkinds < KINDS_MAX && db_next(rows))
        p->kinds[p->nkinds++] =
            (struct kind_count){arena_cstr(p->r->arena, db_text(rows, 0)), db_int(rows, 1)};
    return db_error(rows);
}

static enum err read_page(struct db_tx *tx, void *arg)
{
    struct page *p = arg;
    enum err err = OK;

    p->nevents = p->nsales = p->nkinds = 0;
    if (p->kind.n == 0 || !is_sale(p->kind))
        err = read_items(tx, p, &activity_page, &activity_page_kind, take_event);
    if (err == OK && (p->kind.n == 0 || is_sale(p->kind)))
        err = read_items(tx, p, &activity_sales_page, &activity_sales_page_kind, take_sale);
    if (err == OK)
        err = read_counts(tx, p, &activity_sales_counts);
    return err == OK ? read_counts(tx, p, &activity_counts) : err;
}

static bool newer(const struct item *a, const struct item *b)
{
    if (a->day != b->day)
        return a->day > b->day;
    if (a->at_us != b->at_us)
        return a->at_us > b->at_us;
    return a->id > b->id;
}

static void item_json(struct json *j, const struct audience_use *use, const struct item *i)
{
    json_open(j);
    json_kv_id(j, "id", i->id);
    json_kv_cstr(j, "kind", i->kind);
    json_kv_instant(j, "at", i->at_us);
    json_kv_day(j, "day", i->day);
    customer_text_json(j, "store", audience_use_name(use, WORD_STORE, i->store_id));
    json_key(j, "amount_minor");
    if (i->amount_minor == INT64_MIN)
        json_nil(j);
    else
        json_int(j, i->amount_minor);
    json_kv_cstr(j, "actor", i->actor);
    json_kv_cstr(j, "origin", i->origin);
    customer_text_json(j, "text", i->text);
    json_key(j, "detail");
    json_raw(j, i->detail.n ? i->detail : STR("{}"));
    json_close(j);
}

static void page_json(struct request *r, const struct audience_use *use, const struct page *p,
                      struct str scope)
{
    struct json *j = &r->json;
    const struct item *last = NULL;
    size_t event = 0, sale = 0;

    json_open(j);
    json_key(j, "items");
    json_list(j);
    while ((int64_t)(event + sale) < p->limit && (event < p->nevents || sale < p->nsales)) {
        bool take_the_sale =
            event == p->nevents || (sale < p->nsales && newer(&p->sales[sale], &p->events[event]));
        last = take_the_sale ? &p->sales[sale++] : &p->events[event++];
        item_json(j, use, last);
    }
    json_end(j);
    json_key(j, "kinds");
    json_list(j);
    for (size_t i = 0; i < p->nkinds; i++) {
        json_open(j);
        json_kv_cstr(j, "kind", p->kinds[i].kind);
        json_kv_int(j, "count", p->kinds[i].count);
        json_close(j);
    }
    json_end(j);
    bool more = event < p->nevents || sale < p->nsales;
    json_kv_cstr(
        j, "next",
        more ? cursor_make(r->arena, scope, (int64_t[]){last->day, last->at_us, last->id}, 3)
             : NULL);
    json_close(j);
}

static enum err list_handler(struct request *r)
{
    const struct list_args *args = r->args;
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct page *p = arena_make(r->arena, struct page);
    struct str scope =
        str_c(arena_printf(r->arena, "activity %lld %lld %.*s", (long long)r->caller.merchant_id,
                           (long long)r->ids[0], (int)args->kind.n, args->kind.p));

    p->r = r;
    p->limit = args->limit ? args->limit : LIMIT_DEFAULT;
    p->kind = args->kind;
    p->place[0] = INT32_MAX;
    p->place[1] = p->place[2] = INT64_MAX;
    enum err err = customer_seen(r, &use, &hit);
    if (err != OK)
        return err;
    if (args->cursor.n && !cursor_read(args->cursor, scope, p->place, ARRAY_LEN(p->place)))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    err = db_read(app->db, read_page, p);
    if (err == OK)
        page_json(r, &use, p, scope);
    return err;
}

const struct http_route activity_routes[] = {
    {.method = "GET",
     .pattern = "/api/v1/customers/{id}/activity",
     .permission = PERM_CUSTOMERS_READ,
     .handler = list_handler,
     .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "A customer's timeline: everything that happened, newest first",
     .answer = "ActivityList"},
    {0},
};
