/* GET /customers/{id}/transactions: a page of heads, newest first, each with its first lines. */
#include "../../base/check.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "transaction_sql.h"

enum { LIMIT_DEFAULT = 25, LIMIT_MAX = BATCH_KEYS };
static const char *const kinds[] = {"purchase", "return", "cancellation", NULL};

struct list_args {
    struct str cursor;
    int64_t limit; /* 0 = absent */
    int kind;      /* -1 absent */
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
     .doc = "25 by default"},
    {.name = "kind",
     .type = SPEC_CHOICE,
     .offset = offsetof(struct list_args, kind),
     .choices = kinds,
     .doc = "only these"},
    {0},
};

struct head {
    int64_t id, canceled_by, at_us, store_id, total_minor, line_count;
    int32_t day;
    const char *invoice, *kind;
};
struct line {
    int64_t transaction_id, category_id, size_id, quantity_milli, price_micro, amount_minor;
    const char *product, *code, *url;
};
struct page {
    struct request *r;
    int64_t limit, place[3]; /* day, at_us, id of the last one seen */
    int kind;
    struct head heads[LIMIT_MAX + 1];
    size_t nheads;
    struct line *lines;
    size_t nlines;
};

static const char *text_in(const struct db_rows *r, int col, struct arena *a)
{
    return db_is_null(r, col) ? NULL : arena_cstr(a, db_text(r, col));
}

static enum err read_heads(struct db_tx *tx, struct page *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct db_value values[7] = {db_i(p->r->caller.merchant_id), db_i(p->r->ids[0]),
                                 db_i(p->place[0]), db_i(p->place[1]), db_i(p->place[2])};
    size_t n = 5;

    if (p->kind >= 0)
        values[n++] = db_tc(kinds[p->kind]);
    values[n++] = db_i(p->limit + 1);
    enum err err = db_query_values(tx, p->kind >= 0 ? &transaction_page_kind : &transaction_page,
                                   &rows, values, n);
    if (err != OK)
        return err;
    while (p->nheads < ARRAY_LEN(p->heads) && db_next(rows))
        p->heads[p->nheads++] = (struct head){
            .id = db_int(rows, 0),
            .invoice = text_in(rows, 1, p->r->arena),
            .kind = arena_cstr(p->r->arena, db_text(rows, 2)),
            .canceled_by = db_int(rows, 3),
            .at_us = db_int(rows, 4),
            .day = (int32_t)db_int(rows, 5),
            .store_id = db_int(rows, 6),
            .total_minor = db_int(rows, 7),
            .line_count = db_int(rows, 8),
        };
    return db_error(rows);
}

static enum err read_lines(struct db_tx *tx, struct page *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    size_t shown = p->nheads < (size_t)p->limit ? p->nheads : (size_t)p->limit, most = 0;
    int64_t ids[LIMIT_MAX];

    if (shown == 0)
        return OK;
    for (size_t i = 0; i < shown; i++) {
        ids[i] = p->heads[i].id;
        most += TRANSACTION_LINES_SHOWN;
    }
    p->lines = arena_array(p->r->arena, struct line, most);
    enum err err =
        batch_query_ids(tx, &transaction_lines, &rows, p->r->caller.merchant_id, ids, shown);
    if (err != OK)
        return err;
    while (p->nlines < most && db_next(rows))
        p->lines[p->nlines++] = (struct line){
            .transaction_id = db_int(rows, 0),
            .product = text_in(rows, 1, p->r->arena),
            .code = text_in(rows, 2, p->r->arena),
            .category_id = db_int(rows, 3),
            .size_id = db_int(rows, 4),
            .quantity_milli = db_int(rows, 5),
            .price_micro = db_int(rows, 6),
            .amount_minor = db_int(rows, 7),
            .url = text_in(rows, 8, p->r->arena),
        };
    return db_error(rows);
}

static enum err read_page(struct db_tx *tx, void *arg)
{
    struct page *p = arg;

    p->nheads = p->nlines = 0;
    enum err err = read_heads(tx, p);
    return err == OK ? read_lines(tx, p) : err;
}

static void line_json(struct json *j, const struct audience_use *use, const struct line *l)
{
    json_open(j);
    json_kv_cstr(j, "product", l->product);
    json_kv_cstr(j, "code", l->code);
    customer_text_json(j, "category", audience_use_name(use, WORD_CATEGORY, l->category_id));
    customer_text_json(j, "size", audience_use_name(use, WORD_SIZE, l->size_id));
    json_key(j, "quantity");
    json_number(j, (double)l->quantity_milli / 1e3);
    json_key(j, "price");
    json_number(j, (double)l->price_micro / 1e6);
    json_kv_int(j, "amount_minor", l->amount_minor);
    json_kv_cstr(j, "url", l->url);
    json_close(j);
}

static void head_json(struct json *j, const struct audience_use *use, const struct page *p,
                      const struct head *h)
{
    json_open(j);
    json_kv_id(j, "id", h->id);
    json_kv_cstr(j, "invoice", h->invoice);
    json_kv_cstr(j, "kind", h->kind);
    json_kv_bool(j, "canceled", h->canceled_by != 0);
    json_kv_instant(j, "at", h->at_us);
    json_kv_day(j, "day", h->day);
    customer_text_json(j, "store", audience_use_name(use, WORD_STORE, h->store_id));
    json_kv_int(j, "total_minor", h->total_minor);
    json_key(j, "lines");
    json_list(j);
    for (size_t i = 0; i < p->nlines; i++)
        if (p->lines[i].transaction_id == h->id)
            line_json(j, use, &p->lines[i]);
    json_end(j);
    json_kv_int(j, "line_count", h->line_count);
    json_close(j);
}

static struct str cursor_scope(struct request *r, int kind)
{
    return str_c(arena_printf(r->arena, "transactions %lld %lld %d",
                              (long long)r->caller.merchant_id, (long long)r->ids[0], kind));
}

static enum err list_handler(struct request *r)
{
    const struct list_args *args = r->args;
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct page *p = arena_make(r->arena, struct page);

    *p = (struct page){.r = r,
                       .limit = args->limit ? args->limit : LIMIT_DEFAULT,
                       .place = {INT32_MAX, INT64_MAX, INT64_MAX},
                       .kind = args->kind};
    enum err err = customer_seen(r, &use, &hit);
    if (err != OK)
        return err;
    struct str scope = cursor_scope(r, args->kind);
    if (args->cursor.n && !cursor_read(args->cursor, scope, p->place, ARRAY_LEN(p->place)))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    err = db_read(app->db, read_page, p);
    if (err != OK)
        return err;

    size_t shown = p->nheads < (size_t)p->limit ? p->nheads : (size_t)p->limit;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < shown; i++)
        head_json(&r->json, &use, p, &p->heads[i]);
    json_end(&r->json);
    const struct head *last = shown ? &p->heads[shown - 1] : NULL;
    json_kv_cstr(&r->json, "next",
                 p->nheads > shown ? cursor_make(r->arena, scope,
                                                 (int64_t[]){last->day, last->at_us, last->id}, 3)
                                   : NULL);
    json_close(&r->json);
    return OK;
}

const struct http_route transaction_routes[] = {
    {.method = "GET",
     .pattern = "/api/v1/customers/{id}/transactions",
     .permission = PERM_CUSTOMERS_READ,
     .handler = list_handler,
     .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "A customer's purchases, returns and cancellations, newest first",
     .answer = "TransactionList"},
    {0},
};
