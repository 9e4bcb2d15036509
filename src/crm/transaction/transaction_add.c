#include "../../base/check.h"
#include "../../base/id.h"
#include "../customer/facts.h"
#include "../int_list.h"
#include "transaction_sql.h"
#include <stdlib.h>

/* One head on its way: what is stored under its identity, and what is known so far. */
struct entry {
    struct transaction_head *head;
    int64_t stored_id, stored_customer, stored_import, stored_lines, stored_canceled_by;
    enum transaction_kind stored_kind;
    int64_t total_minor, cites_id, canceled_by;
};
/* A purchase or a cancellation that may find its counterpart. */
struct citable {
    int64_t customer_id, store_id, id;
    int32_t day;
    struct str digits;
    struct entry *entry; /* NULL: stored before */
    bool taken;
};
struct citables {
    struct citable *v;
    size_t n, cap;
};
struct adding {
    struct db_tx *tx;
    int64_t merchant_id, import_id, recorded_us;
    struct arena *arena;
    struct entry *entries; /* in the order of the heads */
    struct entry **by_identity;
    size_t n;
    struct citables purchases, cancellations;
    struct batch_rows cites, cancels;
    struct facts_event *events;
    size_t nevents;
};

static int compare_identity(const void *x, const void *y)
{
    const struct entry *a = *(struct entry *const *)x, *b = *(struct entry *const *)y;
    return memcmp(a->head->identity, b->head->identity, TRANSACTION_IDENTITY_BYTES);
}

/* ---- what is there already ---- */

static enum transaction_kind kind_by_name(struct str name)
{
    if (str_eq(name, STR("return")))
        return TRANSACTION_RETURN;
    return str_eq(name, STR("cancellation")) ? TRANSACTION_CANCELLATION : TRANSACTION_PURCHASE;
}

static void take_known(struct entry *const *sorted, size_t n, const struct db_rows *r)
{
    struct str identity = db_blob(r, 0);

    for (size_t i = 0; i < n; i++) {
        struct entry *e = sorted[i];
        if (!str_eq(identity,
                    (struct str){(const char *)e->head->identity, TRANSACTION_IDENTITY_BYTES}))
            continue;
        e->stored_id = db_int(r, 1);
        e->stored_customer = db_int(r, 2);
        e->stored_kind = kind_by_name(db_text(r, 3));
        e->stored_import = db_int(r, 4);
        e->stored_lines = db_int(r, 5);
        e->stored_canceled_by = db_int(r, 6);
        return;
    }
}

static enum err find_known(struct adding *w)
{
    for (size_t from = 0; from < w->n; from += BATCH_KEYS) {
        size_t some = batch_size(w->n, from);
        struct db_value keys[BATCH_KEYS];
        cleanup(db_done) struct db_rows *rows = NULL;
        for (size_t i = 0; i < some; i++)
            keys[i] = db_b((struct str){(const char *)w->by_identity[from + i]->head->identity,
                                        TRANSACTION_IDENTITY_BYTES});
        enum err err = batch_query(w->tx, &transaction_known, &rows, w->merchant_id, keys, some);
        while (err == OK && db_next(rows))
            take_known(w->by_identity + from, some, rows);
        if (err == OK)
            err = db_error(rows);
        if (err != OK)
            return err;
    }
    return OK;
}

static bool all_negative(const struct transaction_head *h)
{
    for (size_t i = 0; i < h->nlines; i++)
        if (h->lines[i].quantity_milli >= 0)
            return false;
    return true;
}

static void judge(struct adding *w, struct entry *e)
{
    struct transaction_head *h = e->head;

    check(h->nlines > 0 && h->day >= 0);
    for (size_t i = 0; i < h->nlines; i++)
        e->total_minor += h->lines[i].amount_minor;
    if (transaction_is_cancellation(h->invoice))
        h->kind = TRANSACTION_CANCELLATION;
    else
        h->kind = all_negative(h) ? TRANSACTION_RETURN : TRANSACTION_PURCHASE;

    if (e->stored_id == 0) {
        h->id = id_new();
        h->verdict = h->nlines > TRANSACTION_LINES_MAX ? TRANSACTION_TOO_LONG : TRANSACTION_ADDED;
        return;
    }
    h->id = e->stored_id;
    if (!h->extend && (w->import_id == 0 || e->stored_import != w->import_id)) {
        h->verdict = TRANSACTION_KNOWN;
        h->kind = e->stored_kind;
    } else if (e->stored_customer != h->customer_id) {
        h->verdict = TRANSACTION_MISMATCH;
    } else if (e->stored_lines + (int64_t)h->nlines > TRANSACTION_LINES_MAX) {
        h->verdict = TRANSACTION_TOO_LONG;
    } else {
        h->verdict = TRANSACTION_EXTENDED;
        if (e->stored_kind != TRANSACTION_RETURN)
            h->kind = e->stored_kind;
    }
}

/* ---- cancellations and the purchases they cite ---- */

static void add_citable(struct arena *a, struct citables *list, struct citable c)
{
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 64;
        struct citable *grown = arena_array(a, struct citable, cap);
        if (list->n)
            memcpy(grown, list->v, list->n * sizeof *grown);
        list->v = grown;
        list->cap = cap;
    }
    list->v[list->n++] = c;
}

static bool only_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

/* By what must be the same, then by day. */
static int compare_citables(const void *x, const void *y)
{
    const struct citable *a = x, *b = y;
    if (a->customer_id != b->customer_id)
        return a->customer_id < b->customer_id ? -1 : 1;
    if (a->store_id != b->store_id)
        return a->store_id < b->store_id ? -1 : 1;
    if (a->digits.n != b->digits.n)
        return a->digits.n < b->digits.n ? -1 : 1;
    int order = memcmp(a->digits.p, b->digits.p, a->digits.n);
    if (order)
        return order;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static bool same_invoice(const struct citable *a, const struct citable *b)
{
    return a->customer_id == b->customer_id && a->store_id == b->store_id &&
           str_eq(a->digits, b->digits);
}

static struct str digits_of(struct str invoice, bool cancellation)
{
    return cancellation ? (struct str){invoice.p + 1, invoice.n - 1} : invoice;
}

/* Adds what is stored of these customers: open purchases, or cancellations without one. */
static enum err load_citables(struct adding *w, const struct db_statement *st,
                              const struct int_list *customers, struct citables *list)
{
    bool cancellations = st == &transaction_uncited;

    for (size_t from = 0; from < customers->n; from += BATCH_KEYS) {
        size_t some = batch_size(customers->n, from);
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err err = batch_query_ids(w->tx, st, &rows, w->merchant_id, customers->v + from, some);
        while (err == OK && db_next(rows)) {
            struct str digits = digits_of(db_text(rows, 4), cancellations);
            if (only_digits(digits))
                add_citable(w->arena, list,
                            (struct citable){.customer_id = db_int(rows, 0),
                                             .id = db_int(rows, 1),
                                             .store_id = db_int(rows, 2),
                                             .day = (int32_t)db_int(rows, 3),
                                             .digits = arena_str(w->arena, digits)});
        }
        if (err == OK)
            err = db_error(rows);
        if (err != OK)
            return err;
    }
    return OK;
}

static struct int_list customers_of(struct arena *a, const struct citables *list)
{
    struct int_list ids = {0};
    for (size_t i = 0; i < list->n; i++)
        int_list_add(a, &ids, list->v[i].customer_id);
    int_list_sort(&ids);
    return ids;
}

static enum err gather_citables(struct adding *w)
{
    for (size_t i = 0; i < w->n; i++) {
        const struct transaction_head *h = w->entries[i].head;
        bool cancellation = h->kind == TRANSACTION_CANCELLATION;
        if (h->verdict != TRANSACTION_ADDED || h->customer_id == 0 ||
            h->kind == TRANSACTION_RETURN || !only_digits(digits_of(h->invoice, cancellation)))
            continue;
        add_citable(w->arena, cancellation ? &w->cancellations : &w->purchases,
                    (struct citable){h->customer_id, h->store_id, h->id, h->day,
                                     digits_of(h->invoice, cancellation), &w->entries[i], false});
    }
    struct int_list buyers = customers_of(w->arena, &w->purchases);
    struct int_list cancelers = customers_of(w->arena, &w->cancellations);
    enum err err = load_citables(w, &transaction_uncited, &buyers, &w->cancellations);
    if (err != OK)
        return err;
    return load_citables(w, &transaction_open_purchases, &cancelers, &w->purchases);
}

static void pair(struct adding *w, struct citable *cancellation, struct citable *purchase)
{
    purchase->taken = true;
    if (cancellation->entry)
        cancellation->entry->cites_id = purchase->id;
    else
        batch_rows_add(&w->cites, (struct db_value[]){db_i(purchase->id), db_i(w->merchant_id),
                                                      db_i(cancellation->id)});
    if (purchase->entry)
        purchase->entry->canceled_by = cancellation->id;
    else
        batch_rows_add(&w->cancels, (struct db_value[]){db_i(cancellation->id),
                                                        db_i(w->merchant_id), db_i(purchase->id)});
}

static enum err pair_cancellations(struct adding *w)
{
    enum err err = gather_citables(w);
    if (err != OK || w->cancellations.n == 0 || w->purchases.n == 0)
        return err;
    qsort(w->purchases.v, w->purchases.n, sizeof *w->purchases.v, compare_citables);
    qsort(w->cancellations.v, w->cancellations.n, sizeof *w->cancellations.v, compare_citables);
    for (size_t i = 0; i < w->cancellations.n; i++) {
        struct citable *c = &w->cancellations.v[i];
        struct citable upto = *c;
        size_t low = 0, high = w->purchases.n;
        upto.id = INT64_MAX; /* the last purchase of that day or before it */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (compare_citables(&w->purchases.v[middle], &upto) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        while (low > 0 && same_invoice(&w->purchases.v[low - 1], c) &&
               w->purchases.v[low - 1].taken)
            low--;
        if (low > 0 && same_invoice(&w->purchases.v[low - 1], c))
            pair(w, c, &w->purchases.v[low - 1]);
    }
    return OK;
}

/* ---- writing ---- */

static struct db_value text(struct str s)
{
    return s.n ? db_t(s) : db_null();
}

static enum err write_heads(struct adding *w)
{
    struct batch_rows inserts, extends;

    batch_rows_begin(&inserts, w->tx, w->arena, &transaction_insert);
    batch_rows_begin(&extends, w->tx, w->arena, &transaction_extend);
    for (size_t i = 0; i < w->n; i++) {
        const struct entry *e = &w->entries[i];
        const struct transaction_head *h = e->head;
        struct db_value kind = db_tc(transaction_kind_name(h->kind));
        if (h->verdict == TRANSACTION_ADDED)
            batch_rows_add(
                &inserts,
                (struct db_value[]){
                    db_i(w->merchant_id), db_i(h->id), db_i_or_null(h->customer_id, 0),
                    db_i_or_null(h->store_id, 0), text(h->invoice),
                    db_b((struct str){(const char *)h->identity, TRANSACTION_IDENTITY_BYTES}), kind,
                    db_i_or_null(e->cites_id, 0), db_i_or_null(e->canceled_by, 0), db_i(h->at_us),
                    db_i(h->day), db_i(e->total_minor), db_i((int64_t)h->nlines),
                    db_i_or_null(w->import_id, 0), db_i(w->recorded_us)});
        else if (h->verdict == TRANSACTION_EXTENDED)
            batch_rows_add(&extends,
                           (struct db_value[]){kind, db_i(e->total_minor), db_i((int64_t)h->nlines),
                                               db_i(w->merchant_id), db_i(h->id)});
    }
    enum err err = batch_rows_end(&inserts);
    if (err == OK)
        err = batch_rows_end(&extends);
    if (err == OK)
        err = batch_rows_end(&w->cites);
    return err == OK ? batch_rows_end(&w->cancels) : err;
}

static enum err write_lines(struct adding *w)
{
    struct batch_rows inserts;

    batch_rows_begin(&inserts, w->tx, w->arena, &transaction_line_insert);
    for (size_t i = 0; i < w->n; i++) {
        const struct entry *e = &w->entries[i];
        const struct transaction_head *h = e->head;
        if (h->verdict != TRANSACTION_ADDED && h->verdict != TRANSACTION_EXTENDED)
            continue;
        for (size_t k = 0; k < h->nlines; k++) {
            const struct transaction_line *l = &h->lines[k];
            batch_rows_add(
                &inserts,
                (struct db_value[]){db_i(w->merchant_id), db_i(h->id),
                                    db_i(e->stored_lines + (int64_t)k + 1), text(l->product_code),
                                    text(l->product), db_i_or_null(l->category_id, 0),
                                    db_i_or_null(l->size_id, 0), db_i(l->quantity_milli),
                                    db_i(l->price_micro), db_i(l->amount_minor), text(l->url)});
        }
    }
    return batch_rows_end(&inserts);
}

/* ---- what the facts must know ---- */

static void note_words(struct adding *w, const struct transaction_head *h,
                       struct facts_event *event)
{
    int64_t *categories = NULL, *sizes = NULL;

    for (size_t i = 0; i < h->nlines; i++) {
        const struct transaction_line *l = &h->lines[i];
        if (l->quantity_milli <= 0 || (l->category_id == 0 && l->size_id == 0))
            continue;
        if (!categories) {
            categories = arena_array(w->arena, int64_t, h->nlines);
            sizes = arena_array(w->arena, int64_t, h->nlines);
        }
        if (l->category_id)
            categories[event->ncategories++] = l->category_id;
        if (l->size_id)
            sizes[event->nsizes++] = l->size_id;
    }
    event->categories = categories;
    event->sizes = sizes;
}

static void note_event(struct adding *w, const struct entry *e)
{
    const struct transaction_head *h = e->head;
    bool extended = h->verdict == TRANSACTION_EXTENDED;
    bool bought = h->kind == TRANSACTION_PURCHASE;

    if (h->customer_id == 0 || (h->verdict != TRANSACTION_ADDED && !extended))
        return;
    struct facts_event *event = &w->events[w->nevents++];
    *event = (struct facts_event){
        .customer_id = h->customer_id,
        .day = h->day,
        .amount_minor = e->total_minor,
        .visit = bought && !extended,
        .purchase = bought && !extended,
        .operation = bought && !extended,
        .bought = bought,
        .recompute = e->cites_id || e->canceled_by ||
                     (extended && (e->stored_canceled_by || e->stored_kind != h->kind)),
        .store_id = h->store_id,
    };
    if (bought)
        note_words(w, h, event);
}

enum err transactions_add(struct db_tx *tx, int64_t merchant_id, int64_t import_id,
                          int64_t recorded_us, struct transaction_head *heads, size_t n)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct adding w = {.tx = tx,
                       .merchant_id = merchant_id,
                       .import_id = import_id,
                       .recorded_us = recorded_us,
                       .arena = a,
                       .entries = arena_array(a, struct entry, n + 1),
                       .by_identity = arena_array(a, struct entry *, n + 1),
                       .n = n,
                       .events = arena_array(a, struct facts_event, n + 1)};

    for (size_t i = 0; i < n; i++) {
        w.entries[i].head = &heads[i];
        w.by_identity[i] = &w.entries[i];
    }
    qsort(w.by_identity, n, sizeof *w.by_identity, compare_identity);
    for (size_t i = 1; i < n; i++)
        check(compare_identity(&w.by_identity[i - 1], &w.by_identity[i]) != 0);
    batch_rows_begin(&w.cites, tx, a, &transaction_cite);
    batch_rows_begin(&w.cancels, tx, a, &transaction_cancel);

    enum err err = find_known(&w);
    if (err != OK)
        return err;
    for (size_t i = 0; i < n; i++)
        judge(&w, &w.entries[i]);
    err = pair_cancellations(&w);
    if (err == OK)
        err = write_heads(&w);
    if (err == OK)
        err = write_lines(&w);
    if (err != OK)
        return err;
    for (size_t i = 0; i < n; i++)
        note_event(&w, &w.entries[i]);
    return facts_add(tx, merchant_id, w.events, w.nevents);
}
