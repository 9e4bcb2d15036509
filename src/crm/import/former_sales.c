#include "former_sales.h"
#include "../../base/check.h"
#include "../batch.h"
#include "../int_list.h"
#include "import_sql.h"

/* Who was merged into whom; by survivor. */
struct merged {
    int64_t into, id;
};
struct former {
    struct applying *a;
    struct merged *merged;
    size_t n, cap;
};
/* One sale as it would stand under one former id. */
struct candidate {
    struct sale *sale;
    uint8_t identity[TRANSACTION_IDENTITY_BYTES];
};
struct candidates {
    struct candidate *list;
    size_t n, cap;
};

static bool has_no_invoice(const struct sale *s)
{
    return s->n > 0 && s->head.invoice.n == 0 && s->head.customer_id != 0;
}

static void add_merged(struct former *f, struct merged m)
{
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 16;
        struct merged *grown = arena_array(f->a->arena, struct merged, cap);
        if (f->n > 0)
            memcpy(grown, f->merged, f->n * sizeof *grown);
        f->merged = grown;
        f->cap = cap;
    }
    f->merged[f->n++] = m;
}

static enum err read_former(struct former *f, const struct sale *sales, size_t n)
{
    struct int_list ids = {0};
    for (size_t i = 0; i < n; i++)
        if (has_no_invoice(&sales[i]))
            int_list_add(f->a->arena, &ids, sales[i].head.customer_id);
    int_list_sort(&ids);
    for (size_t from = 0; from < ids.n; from += BATCH_KEYS) {
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err e = batch_query_ids(f->a->tx, &import_former_ids, &rows, f->a->merchant_id,
                                     ids.v + from, batch_size(ids.n, from));
        while (e == OK && db_next(rows))
            add_merged(f, (struct merged){db_int(rows, 0), db_int(rows, 1)});
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    return OK;
}

static void add_candidate(struct arena *arena, struct candidates *c, struct sale *s, int64_t former)
{
    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 64;
        struct candidate *grown = arena_array(arena, struct candidate, cap);
        if (c->n > 0)
            memcpy(grown, c->list, c->n * sizeof *grown);
        c->list = grown;
        c->cap = cap;
    }
    struct candidate *to = &c->list[c->n++];
    to->sale = s;
    transaction_identity_of_line(former, s->head.store_id, s->head.at_us, &s->lines[0],
                                 s->rows[0]->occurrence, to->identity);
}

static enum err take_known(struct applying *a, struct candidate *some, size_t n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct db_value keys[BATCH_KEYS];
    for (size_t i = 0; i < n; i++)
        keys[i] = db_b((struct str){(const char *)some[i].identity, TRANSACTION_IDENTITY_BYTES});
    enum err e = batch_query(a->tx, &import_known_identities, &rows, a->merchant_id, keys, n);
    while (e == OK && db_next(rows))
        for (size_t i = 0; i < n; i++)
            if (str_eq(db_blob(rows, 0), keys[i].s))
                memcpy(some[i].sale->head.identity, some[i].identity, TRANSACTION_IDENTITY_BYTES);
    return e == OK ? db_error(rows) : e;
}

enum err former_sales(struct applying *a, struct sale *sales, size_t n)
{
    struct former f = {.a = a};
    struct candidates c = {0};
    enum err e = read_former(&f, sales, n);
    for (size_t i = 0; e == OK && f.n > 0 && i < n; i++)
        for (size_t k = 0; k < f.n; k++)
            if (has_no_invoice(&sales[i]) && f.merged[k].into == sales[i].head.customer_id)
                add_candidate(a->arena, &c, &sales[i], f.merged[k].id);
    for (size_t from = 0; e == OK && from < c.n; from += BATCH_KEYS)
        e = take_known(a, c.list + from, batch_size(c.n, from));
    return e;
}
