#include "known_sales.h"
#include "../../base/check.h"
#include "../batch.h"
#include "import_sql.h"

struct found {
    struct sale *sale;
    bool *known; /* of its lines */
    size_t next; /* where the next one is likely: both come in the order of the file */
};

static bool same_line(const struct transaction_line *l, const struct db_rows *r)
{
    struct str code = db_text(r, 2);
    bool product = code.n > 0 || l->product_code.n > 0 ? str_eq(l->product_code, code)
                                                       : str_eq(l->product, db_text(r, 3));
    return product && l->quantity_milli == db_int(r, 4) && l->amount_minor == db_int(r, 5);
}

static void mark(struct arena *a, struct found *f, const struct db_rows *r)
{
    struct sale *s = f->sale;
    if (!f->known)
        f->known = arena_array(a, bool, s->n);
    if (s->head.customer_id == 0)
        s->head.customer_id = db_int(r, 1);
    s->head.extend = true;
    for (size_t i = 0; i < s->n; i++) {
        size_t at = (f->next + i) % s->n;
        if (f->known[at] || !same_line(&s->lines[at], r))
            continue;
        f->known[at] = true;
        f->next = at + 1;
        return;
    }
}

static enum err mark_some(struct applying *a, struct found *some, size_t n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct db_value values[BATCH_KEYS + 2];
    values[0] = db_i(a->merchant_id);
    for (size_t i = 0; i < BATCH_KEYS; i++)
        values[1 + i] = db_b((struct str){(const char *)some[i < n ? i : n - 1].sale->head.identity,
                                          TRANSACTION_IDENTITY_BYTES});
    values[BATCH_KEYS + 1] = db_i(a->import_id);
    enum err e = db_query_values(a->tx, &import_known_lines, &rows, values, BATCH_KEYS + 2);
    for (size_t last = 0; e == OK && db_next(rows);) {
        for (size_t i = 0; i < n; i++) {
            size_t at = (last + i) % n;
            struct str identity = {(const char *)some[at].sale->head.identity,
                                   TRANSACTION_IDENTITY_BYTES};
            if (!str_eq(db_blob(rows, 0), identity))
                continue;
            mark(a->arena, &some[at], rows);
            last = at;
            break;
        }
    }
    return e == OK ? db_error(rows) : e;
}

static void take_out(struct applying *a, struct found *f)
{
    struct sale *s = f->sale;
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (f->known[i]) {
            s->rows[i]->verdict = ROW_SKIP;
            report_reason(a->report, "import_known_sale", NULL);
            continue;
        }
        s->lines[kept] = s->lines[i];
        s->rows[kept++] = s->rows[i];
    }
    s->n = s->head.nlines = kept;
}

enum err known_sales(struct applying *a, struct sale *sales, size_t n)
{
    struct found *found = arena_array(a->arena, struct found, n + 1);
    size_t invoices = 0;
    enum err e = OK;
    for (size_t i = 0; i < n; i++)
        if (sales[i].n > 0 && sales[i].head.invoice.n > 0)
            found[invoices++].sale = &sales[i];
    for (size_t from = 0; from < invoices && e == OK; from += BATCH_KEYS)
        e = mark_some(a, found + from, batch_size(invoices, from));
    for (size_t i = 0; i < invoices && e == OK; i++)
        if (found[i].known)
            take_out(a, &found[i]);
    return e;
}
