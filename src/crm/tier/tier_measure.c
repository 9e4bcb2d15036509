/* What customers have brought by day: money, visit days or points. */
#include "../../base/check.h"
#include "../../base/varint.h"
#include "../batch.h"
#include "../int_list.h"
#include "tier_internal.h"
#include "tier_sql.h"

struct measuring {
    struct db_tx *tx;
    int64_t merchant_id;
    const int64_t *ids;
    size_t n;
    struct arena *arena;
    struct tier_history *ret;
};

static struct tier_history *history_of(const struct measuring *m, int64_t customer_id)
{
    size_t i = id_place(m->ids, m->n, sizeof *m->ids, customer_id);
    check(i < m->n);
    return &m->ret[i];
}

/* Rows of customer, day, amount; by day. */
static enum err read_days(const struct measuring *m, const struct db_statement *st,
                          struct tier_history *into)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = batch_query_ids(m->tx, st, &rows, m->merchant_id, m->ids, m->n);
    while (e == OK && db_next(rows))
        tier_history_add(m->arena, into + (history_of(m, db_int(rows, 0)) - m->ret),
                         (int32_t)db_int(rows, 1), db_int(rows, 2));
    return e == OK ? db_error(rows) : e;
}

static int64_t amount_at(const struct tier_history *h, size_t i)
{
    return h->v[i].total - (i ? h->v[i - 1].total : 0);
}

/* Both by day: so is what comes of them. */
static struct tier_history united(struct arena *a, const struct tier_history *x,
                                  const struct tier_history *y)
{
    struct tier_history both = {0};
    size_t i = 0, k = 0;
    while (i < x->n || k < y->n) {
        bool first = k == y->n || (i < x->n && x->v[i].day <= y->v[k].day);
        const struct tier_history *h = first ? x : y;
        size_t at = first ? i++ : k++;
        tier_history_add(a, &both, h->v[at].day, amount_at(h, at));
    }
    return both;
}

/* Purchases less returns and cancellations, and bookings: as `spent` of the facts. */
static enum err read_spend(const struct measuring *m)
{
    struct tier_history booked[BATCH_KEYS] = {{0}};
    enum err e = read_days(m, &tier_spend_days, m->ret);
    if (e == OK)
        e = read_days(m, &tier_booked_days, booked);
    for (size_t i = 0; e == OK && i < m->n; i++)
        if (booked[i].n)
            m->ret[i] = united(m->arena, &m->ret[i], &booked[i]);
    return e;
}

static enum err read_visits(const struct measuring *m)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = batch_query_ids(m->tx, &tier_visit_days, &rows, m->merchant_id, m->ids, m->n);
    while (e == OK && db_next(rows)) {
        struct tier_history *h = history_of(m, db_int(rows, 0));
        int64_t *days = NULL;
        size_t n = 0;
        if (!db_is_null(rows, 1))
            e = varint_unpack(m->arena, db_blob(rows, 1), &days, &n);
        for (size_t i = 0; e == OK && i < n; i++)
            tier_history_add(m->arena, h, (int32_t)days[i], 1);
    }
    return e == OK ? db_error(rows) : e;
}

enum err tier_histories(struct db_tx *tx, int64_t merchant_id, const struct tier_rules *r,
                        const int64_t *ids, size_t n, struct arena *a, struct tier_history *ret)
{
    const struct measuring m = {tx, merchant_id, ids, n, a, ret};
    check(n > 0 && n <= BATCH_KEYS);
    memset(ret, 0, n * sizeof *ret);
    switch (r->measure) {
    case TIER_SPEND:
        return read_spend(&m);
    case TIER_VISITS:
        return read_visits(&m);
    case TIER_POINTS:
        return read_days(&m, &tier_point_days, ret);
    default:
        return OK;
    }
}
