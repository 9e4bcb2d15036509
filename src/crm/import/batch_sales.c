/* A batch of sales lines: whose they are, which invoice, then transactions with their lines. */
#include "batch.h"
#include <stdlib.h>
#include "../../base/check.h"
#include "../customer/customer.h"
#include "../earning/earning.h"
#include "../transaction/transaction.h"
#include "match.h"
#include "former_sales.h"
#include "known_sales.h"

struct sales {
    struct applying *a;
    struct batch *b;
    struct matcher *matcher;
    struct sale *list;
    size_t n;
    uint32_t *slots; /* by identity: index + 1 */
    size_t nslots;
    struct customer_change *newcomers;
    size_t nnewcomers;
    struct match last; /* of the row before, which is mostly the same customer */
    const struct row_customer *last_customer;
};

static bool same_customer(const struct row_customer *x, const struct row_customer *y)
{
    return x && x->external_id.n > 0 && str_eq(x->external_id, y->external_id) &&
           x->ncontacts == 0 && y->ncontacts == 0;
}

/* The row's customer, made if new. False: a conflict, told. */
static bool customer_of(struct sales *s, struct batch_row *r, int64_t *ret)
{
    const struct row_customer *c = &r->row.customer;
    if (!same_customer(s->last_customer, c)) {
        matcher_find(s->matcher, c, &s->last);
        s->last_customer = c;
        if (s->last.created) {
            struct customer_change *to = &s->newcomers[s->nnewcomers++];
            *to = customer_change_empty(s->last.id);
            to->create = true;
            to->external_id = c->external_id;
            to->first_name = c->first_name;
            to->last_name = c->last_name;
            memcpy(to->country, c->country, sizeof to->country);
            to->contacts = contacts_for_change(s->a->arena, c);
            to->ncontacts = (size_t)c->ncontacts;
        }
    }
    *ret = s->last.id;
    if (s->last.conflict)
        row_reject_conflict(s->a, r, s->last.id, s->last.other);
    return !s->last.conflict;
}

static enum err line_of(struct sales *s, const struct row_sale *row, int64_t *ret_store,
                        struct transaction_line *ret)
{
    struct applying *a = s->a;
    *ret = (struct transaction_line){.product_code = row->product_code,
                                     .product = row->product,
                                     .url = row->url,
                                     .quantity_milli = row->quantity_milli,
                                     .price_micro = row->price_micro,
                                     .amount_minor = row->amount_minor};
    enum err e =
        import_names_id(a->names, a->tx, a->merchant_id, WORD_STORE, row->store, ret_store);
    if (e == OK)
        e = import_names_id(a->names, a->tx, a->merchant_id, WORD_CATEGORY, row->category,
                            &ret->category_id);
    return e == OK ? import_names_id(a->names, a->tx, a->merchant_id, WORD_SIZE, row->size,
                                     &ret->size_id)
                   : e;
}

static struct sale *sale_of(struct sales *s,
                            const uint8_t identity[static TRANSACTION_IDENTITY_BYTES])
{
    uint64_t h;
    memcpy(&h, identity, sizeof h);
    size_t at = (size_t)h & (s->nslots - 1);
    while (s->slots[at] > 0) {
        struct sale *sale = &s->list[s->slots[at] - 1];
        if (memcmp(sale->head.identity, identity, TRANSACTION_IDENTITY_BYTES) == 0)
            return sale;
        at = (at + 1) & (s->nslots - 1);
    }
    struct sale *sale = &s->list[s->n];
    s->slots[at] = (uint32_t)++s->n;
    memcpy(sale->head.identity, identity, TRANSACTION_IDENTITY_BYTES);
    return sale;
}

static void add_line(struct sales *s, struct sale *sale, struct batch_row *r,
                     const struct transaction_line *line)
{
    if (sale->n == sale->cap) {
        size_t cap = sale->cap ? sale->cap * 2 : 4;
        struct transaction_line *lines = arena_array(s->a->arena, struct transaction_line, cap);
        struct batch_row **rows = arena_array(s->a->arena, struct batch_row *, cap);
        if (sale->n > 0) {
            memcpy(lines, sale->lines, sale->n * sizeof *lines);
            memcpy(rows, sale->rows, sale->n * sizeof *rows);
        }
        sale->head.lines = sale->lines = lines;
        sale->rows = rows;
        sale->cap = cap;
    }
    sale->lines[sale->n] = *line;
    sale->rows[sale->n++] = r;
    sale->head.nlines = sale->n;
}

/* Puts a good row where it belongs. */
static enum err place(struct sales *s, struct batch_row *r)
{
    const struct row_sale *row = &r->row.sale;
    struct transaction_line line;
    uint8_t identity[TRANSACTION_IDENTITY_BYTES];
    int64_t customer, store;
    if (!customer_of(s, r, &customer))
        return OK;
    enum err e = line_of(s, row, &store, &line);
    if (e)
        return e;
    if (row->invoice.n > 0)
        transaction_identity_of_invoice(store, row->day, row->invoice, identity);
    else
        transaction_identity_of_line(customer, store, row->at_us, &line, r->occurrence, identity);
    struct sale *sale = sale_of(s, identity);
    struct transaction_head *h = &sale->head;
    if (sale->n == 0) {
        h->customer_id = customer;
        h->store_id = store;
        h->invoice = row->invoice;
        h->at_us = row->at_us;
        h->day = row->day;
    }
    if (h->customer_id == 0)
        h->customer_id = customer;
    if (customer != 0 && h->customer_id != customer)
        row_reject(r, "import_invoice_two_customers", "invoice", NULL, NULL);
    else
        add_line(s, sale, r, &line);
    return OK;
}

static void count_day(struct import_report *report, int32_t day)
{
    if (report->first_day == DAY_NONE || day < report->first_day)
        report->first_day = day;
    if (report->last_day == DAY_NONE || day > report->last_day)
        report->last_day = day;
}

static void count_booked(struct applying *a, const struct sale *sale)
{
    struct import_report *report = a->report;
    for (size_t i = 0; i < sale->n; i++) {
        sale->rows[i]->verdict = ROW_ADD;
        report->total_minor += sale->rows[i]->row.sale.amount_minor;
        report->value_nano += sale->rows[i]->row.sale.value_nano;
    }
    if (sale->head.customer_id == 0)
        report->without_customer += (int64_t)sale->n;
    count_day(report, sale->head.day);
    if (sale->head.verdict != TRANSACTION_ADDED)
        return;
    report->invoices++;
    report->cancellations += sale->head.kind == TRANSACTION_CANCELLATION;
    report->returns += sale->head.kind == TRANSACTION_RETURN;
}

static void count_sale(struct applying *a, const struct sale *sale)
{
    switch (sale->head.verdict) {
    case TRANSACTION_ADDED:
    case TRANSACTION_EXTENDED:
        count_booked(a, sale);
        break;
    case TRANSACTION_KNOWN:
        for (size_t i = 0; i < sale->n; i++) {
            sale->rows[i]->verdict = ROW_SKIP;
            report_reason(a->report, "import_known_sale", NULL);
        }
        break;
    case TRANSACTION_MISMATCH:
        for (size_t i = 0; i < sale->n; i++)
            row_reject(sale->rows[i], "import_invoice_two_customers", "invoice", NULL, NULL);
        break;
    case TRANSACTION_TOO_LONG:
        for (size_t i = 0; i < sale->n; i++)
            row_reject(sale->rows[i], "import_invoice_too_long", "invoice", "max",
                       arena_printf(a->batch_arena, "%d", TRANSACTION_LINES_MAX));
        break;
    }
}

static enum err place_all(struct sales *s)
{
    for (size_t i = 0; i < s->b->n; i++) {
        struct batch_row *r = s->b->rows[i];
        if (r->row.nproblems > 0) {
            r->verdict = ROW_INVALID;
        } else if (r->row.blank) {
            r->verdict = ROW_SKIP;
            report_reason(s->a->report, "import_blank_row", NULL);
        } else {
            enum err e = place(s, r);
            if (e)
                return e;
        }
    }
    return OK;
}

static enum err apply_newcomers(struct sales *s)
{
    struct applying *a = s->a;
    struct customer_origin origin = {
        .how = "import", .staff_id = a->staff_id, .import_id = a->import_id, .now_us = a->now_us};
    if (s->nnewcomers == 0)
        return OK;
    a->report->customers_added += (int64_t)s->nnewcomers;
    return customer_apply(a->tx, a->merchant_id, &origin, s->newcomers, s->nnewcomers);
}

static enum err note_customers(struct sales *s)
{
    int64_t *ids = arena_array(s->a->arena, int64_t, s->n + s->nnewcomers + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->nnewcomers; i++)
        ids[n++] = s->newcomers[i].id;
    for (size_t i = 0; i < s->n; i++) {
        const struct transaction_head *h = &s->list[i].head;
        bool changed = s->list[i].n > 0 &&
                       (h->verdict == TRANSACTION_ADDED || h->verdict == TRANSACTION_EXTENDED);
        if (changed && h->customer_id != 0 && (n == 0 || ids[n - 1] != h->customer_id))
            ids[n++] = h->customer_id;
    }
    return batch_note_changes(s->a, ids, n);
}

enum err batch_apply_sales(struct applying *a, struct batch *b)
{
    size_t ngood;
    struct row **good = batch_good_rows(a, b, &ngood);
    struct sales s = {.a = a, .b = b};
    enum err e = matcher_new(a->tx, a->merchant_id, good, ngood, a->arena, &s.matcher);
    if (e)
        return e;
    s.list = arena_array(a->arena, struct sale, b->n + 1);
    s.newcomers = arena_array(a->arena, struct customer_change, b->n + 1);
    for (s.nslots = 64; s.nslots < 2 * b->n; s.nslots *= 2)
        ;
    s.slots = arena_array(a->arena, uint32_t, s.nslots);
    if ((e = place_all(&s)) || (e = apply_newcomers(&s)) || (e = former_sales(a, s.list, s.n)) ||
        (e = known_sales(a, s.list, s.n)))
        return e;
    struct transaction_head *heads = arena_array(a->arena, struct transaction_head, s.n + 1);
    size_t nheads = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.list[i].n > 0)
            heads[nheads++] = s.list[i].head;
    e = nheads > 0 ? transactions_add(a->tx, a->merchant_id, a->import_id, a->now_us, heads, nheads)
                   : OK;
    if (e == OK && nheads > 0)
        e = earning_record(a->tx, a->merchant_id, a->today, heads, nheads, "import", a->arena);
    if (e)
        return e;
    for (size_t i = 0, k = 0; i < s.n; i++) {
        if (s.list[i].n == 0)
            continue;
        s.list[i].head = heads[k++];
        count_sale(a, &s.list[i]);
    }
    return note_customers(&s);
}
