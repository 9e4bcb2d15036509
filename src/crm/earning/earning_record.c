/* What sales earn when they are recorded, posted to the ledger. */
#include "../../base/check.h"
#include "../points/points.h"
#include "../batch.h"
#include "earning_sql.h"
#include <stdlib.h>

/* A sale of now as it stands in the base. */
struct recorded {
    const struct transaction_head *head;
    int64_t total_minor, line_count, canceled_by, cites_id, cited_minor, tier_id;
};
struct recording {
    struct db_tx *tx;
    int64_t merchant_id;
    int32_t today;
    const char *origin;
    struct arena *arena;
    const struct earning_plan *plan;
    struct recorded *sales; /* by id, ascending */
    size_t n;
};

/* ---- what there is ---- */

static bool counts(const struct earning_plan *plan, const struct transaction_head *h)
{
    bool written = h->verdict == TRANSACTION_ADDED || h->verdict == TRANSACTION_EXTENDED;
    return written && h->customer_id != 0 && (h->kind != TRANSACTION_PURCHASE || plan->n > 0);
}

static int compare_ids(const void *x, const void *y)
{
    int64_t a = ((const struct recorded *)x)->head->id, b = ((const struct recorded *)y)->head->id;
    return (a > b) - (a < b);
}

static void take_recorded(struct recorded *some, size_t n, const struct db_rows *r)
{
    for (size_t i = 0; i < n; i++) {
        if (some[i].head->id != db_int(r, 0))
            continue;
        some[i].total_minor = db_int(r, 2);
        some[i].line_count = db_int(r, 3);
        some[i].canceled_by = db_int(r, 4);
        some[i].cites_id = db_int(r, 5);
        some[i].cited_minor = db_int(r, 6);
        return;
    }
}

static enum err read_recorded(struct recording *w)
{
    for (size_t from = 0; from < w->n; from += BATCH_KEYS) {
        cleanup(db_done) struct db_rows *rows = NULL;
        size_t some = batch_size(w->n, from);
        int64_t ids[BATCH_KEYS];
        for (size_t i = 0; i < some; i++)
            ids[i] = w->sales[from + i].head->id;
        enum err e = batch_query_ids(w->tx, &earning_recorded, &rows, w->merchant_id, ids, some);
        while (e == OK && db_next(rows))
            take_recorded(w->sales + from, some, rows);
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    return OK;
}

/* Only where a rule asks for it. */
static enum err read_tiers(struct recording *w)
{
    bool asked = false;
    for (size_t i = 0; i < w->plan->n; i++)
        asked |= w->plan->rules[i].tier_id != 0;
    for (size_t from = 0; asked && from < w->n; from += BATCH_KEYS) {
        cleanup(db_done) struct db_rows *rows = NULL;
        size_t some = batch_size(w->n, from);
        int64_t ids[BATCH_KEYS];
        for (size_t i = 0; i < some; i++)
            ids[i] = w->sales[from + i].head->customer_id;
        enum err e = batch_query_ids(w->tx, &earning_tiers_of, &rows, w->merchant_id, ids, some);
        while (e == OK && db_next(rows))
            for (size_t i = 0; i < some; i++)
                if (ids[i] == db_int(rows, 0))
                    w->sales[from + i].tier_id = db_int(rows, 1);
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    return OK;
}

/* ---- purchases ---- */

static struct points_new posting_of(const struct recording *w, const struct recorded *s,
                                    enum points_kind kind, int64_t amount, struct str reason,
                                    const char *idempotency)
{
    const struct transaction_head *h = s->head;
    return (struct points_new){.customer_id = h->customer_id,
                               .amount = amount,
                               .kind = kind,
                               .reason = reason,
                               .store_id = h->store_id,
                               .transaction_id = h->id,
                               .at_us = h->at_us,
                               .day = h->day,
                               .today = w->today,
                               .idempotency = idempotency,
                               .origin = w->origin};
}

/* *ret_other: another sale has had it. Who is gone or full earns nothing: the sale is recorded all
 * the same. */
static enum err post(const struct recording *w, const struct points_new *what, bool *ret_other)
{
    struct points_entry made;
    struct problem p = {0};
    enum err e = points_post(w->tx, w->merchant_id, what, w->arena, &made, &p);
    *ret_other = (e == OK && made.repeated && made.transaction_id != what->transaction_id) ||
                 (e == ERR_CONFLICT && p.code);
    return e == ERR_NOT_FOUND || (e == ERR_CONFLICT && p.code) ? OK : e;
}

/* The names of the rules that gave something, as far as they fit. */
static struct str reason_of(const struct recording *w, const struct earning_result *got)
{
    struct buf text;
    size_t names = 0;
    buf_init(&text, EARNING_RULES_MAX * (EARNING_NAME_MAX * 4 + 2) + 8);
    for (size_t i = 0; i < w->plan->n; i++) {
        const struct earning_rule *r = &w->plan->rules[i];
        if (got->of[i] == 0 || r->kind == EARNING_VISIT)
            continue;
        if (++names > POINTS_REASON_MAX / (EARNING_NAME_MAX + 2) - 1) {
            buf_adds(&text, ", …");
            break;
        }
        if (text.n)
            buf_adds(&text, ", ");
        buf_add(&text, r->name.p, r->name.n);
    }
    struct str copy = arena_str(w->arena, buf_str(&text));
    buf_free(&text);
    return copy;
}

/* A posting for each visit rule, which its key allows once a day. What others have had is noted in
 * `p->taken`. */
static enum err post_visits(const struct recording *w, const struct recorded *s,
                            struct earning_purchase *p)
{
    struct earning_result got;
    earning_evaluate(w->plan, p, &got);
    for (size_t i = 0; i < w->plan->n; i++) {
        const struct earning_rule *r = &w->plan->rules[i];
        bool other;
        if (r->kind != EARNING_VISIT || got.of[i] == 0)
            continue;
        const struct points_new what =
            posting_of(w, s, POINTS_VISIT, got.of[i], r->name,
                       arena_printf(w->arena, "visit:%lld:%lld:%d", (long long)r->id,
                                    (long long)s->head->customer_id, (int)s->head->day));
        enum err e = post(w, &what, &other);
        if (e != OK)
            return e;
        if (other)
            p->taken |= 1u << i;
    }
    return OK;
}

static int64_t without_visits(const struct earning_plan *plan, const struct earning_result *got)
{
    int64_t points = got->points;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->rules[i].kind == EARNING_VISIT)
            points -= got->of[i];
    return points;
}

static enum err earn(const struct recording *w, const struct recorded *s)
{
    const struct transaction_head *h = s->head;
    struct earning_purchase p = {.amount_minor = s->total_minor,
                                 .store_id = h->store_id,
                                 .tier_id = s->tier_id,
                                 .day = h->day};
    struct earning_result got, had = {0};
    bool other, grown = h->verdict == TRANSACTION_EXTENDED;
    enum err e = post_visits(w, s, &p);
    if (e != OK)
        return e;
    earning_evaluate(w->plan, &p, &got);
    if (grown) {
        for (size_t i = 0; i < h->nlines; i++)
            p.amount_minor -= h->lines[i].amount_minor;
        earning_evaluate(w->plan, &p, &had);
    }
    int64_t points = without_visits(w->plan, &got) - without_visits(w->plan, &had);
    if (points <= 0)
        return OK;
    const struct points_new what =
        posting_of(w, s, POINTS_PURCHASE, points, reason_of(w, &got),
                   grown ? arena_printf(w->arena, "purchase:%lld:%lld", (long long)h->id,
                                        (long long)s->line_count)
                         : arena_printf(w->arena, "purchase:%lld", (long long)h->id));
    return post(w, &what, &other);
}

/* ---- what comes back ---- */

/* A purchase and how much of it came back by one return. */
struct returned {
    int64_t purchase_id, total_minor, returned_minor;
};

static enum err take_back(const struct recording *w, const struct recorded *s,
                          const struct returned *of)
{
    const struct points_return back = {.purchase_id = of->purchase_id,
                                       .return_id = s->head->id,
                                       .returned_minor = of->returned_minor < of->total_minor
                                                             ? of->returned_minor
                                                             : of->total_minor,
                                       .total_minor = of->total_minor,
                                       .store_id = s->head->store_id,
                                       .at_us = s->head->at_us,
                                       .today = w->today};
    int64_t taken;
    return points_take_back(w->tx, w->merchant_id, &back, w->arena, &taken, NULL);
}

/* Each line with goods that came back belongs to the latest purchase of the same; lines of one
 * purchase are one sum. What was never bought takes nothing back. Of all lines of the return, also
 * those of an earlier file: the ledger is told how much it is so far. */
static enum err find_returned(const struct recording *w, const struct recorded *s,
                              struct returned **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *r = NULL;
    struct returned *list = arena_array(w->arena, struct returned, (size_t)s->line_count + 1);
    size_t n = 0;
    enum err e = db_query(w->tx, &earning_returned, &r, db_i(w->merchant_id),
                          db_i(s->head->customer_id), db_i(s->head->day), db_i(s->head->id));
    while (e == OK && db_next(r)) {
        size_t i = 0;
        while (i < n && list[i].purchase_id != db_int(r, 0))
            i++;
        if (i == n) {
            check(n <= (size_t)s->line_count);
            list[n++] = (struct returned){.purchase_id = db_int(r, 0), .total_minor = db_int(r, 1)};
        }
        list[i].returned_minor -= db_int(r, 2);
    }
    *ret = list;
    *ret_n = n;
    return e == OK ? db_error(r) : e;
}

static enum err give_back(const struct recording *w, const struct recorded *s)
{
    struct returned *list;
    size_t n = 0;
    const struct returned whole = {s->cites_id, s->cited_minor, s->cited_minor};
    if (s->head->kind == TRANSACTION_CANCELLATION)
        return s->cites_id && s->cited_minor > 0 ? take_back(w, s, &whole) : OK;
    enum err e = s->total_minor < 0 ? find_returned(w, s, &list, &n) : OK;
    for (size_t i = 0; e == OK && i < n; i++)
        e = take_back(w, s, &list[i]);
    return e;
}

enum err earning_record(struct db_tx *tx, int64_t merchant_id, int32_t today,
                        const struct transaction_head *heads, size_t n, const char *origin,
                        struct arena *a)
{
    struct earning_plan *plan = arena_make(a, struct earning_plan);
    struct recording w = {.tx = tx,
                          .merchant_id = merchant_id,
                          .today = today,
                          .origin = origin,
                          .arena = a,
                          .plan = plan,
                          .sales = arena_array(a, struct recorded, n + 1)};
    enum err e = earning_plan_read(tx, merchant_id, a, plan);
    for (size_t i = 0; i < n; i++)
        if (counts(plan, &heads[i]))
            w.sales[w.n++].head = &heads[i];
    if (e == OK && w.n > 0) {
        qsort(w.sales, w.n, sizeof *w.sales, compare_ids);
        e = read_recorded(&w);
    }
    if (e == OK)
        e = read_tiers(&w);
    for (size_t i = 0; e == OK && i < w.n; i++) {
        struct recorded *s = &w.sales[i];
        bool bought = s->head->kind == TRANSACTION_PURCHASE;
        if (!bought)
            e = give_back(&w, s);
        else if (s->canceled_by == 0)
            e = earn(&w, s);
    }
    return e;
}
