#include "departure.h"
#include "../../audience/birthdays.h"
#include "../../base/check.h"
#include "../tier/tier.h"

enum { AT_ONCE = 1024 };

/* A customer's lots of one day together. */
static const struct db_statement departure_lots = {
    "departure_lots",
    "SELECT expires_day, customer_id, CAST(SUM(remaining) AS BIGINT) FROM points_lot"
    " WHERE merchant_id = $1 AND remaining > 0 AND expires_day BETWEEN $2 AND $3"
    " GROUP BY expires_day, customer_id ORDER BY expires_day, customer_id",
    "iii", "iii"};

const struct db_statement *const departure_statements[] = {&departure_lots, NULL};

struct gathering {
    struct departure_losses *into;
    struct departure_loss rows[AT_ONCE];
    int32_t days[AT_ONCE];
    size_t n;
    int64_t passed; /* seen so far, for `skip` */
};

/* Takes those whom the viewer sees. */
static void settle(struct gathering *g)
{
    struct departure_losses *d = g->into;
    int64_t ids[AT_ONCE];
    bool seen[AT_ONCE];
    for (size_t i = 0; i < g->n; i++)
        ids[i] = g->rows[i].customer_id;
    audience_seen(d->audience, &d->viewer, ids, g->n, seen);
    for (size_t i = 0; i < g->n; i++) {
        if (!seen[i])
            continue;
        d->customers[g->days[i] - d->from]++;
        d->points[g->days[i] - d->from] += g->rows[i].points;
        if (g->passed++ >= d->skip && (int64_t)d->n < d->limit)
            d->list[d->n++] = g->rows[i];
    }
    g->n = 0;
}

static void add(struct gathering *g, int32_t day, struct departure_loss loss)
{
    g->days[g->n] = day;
    g->rows[g->n++] = loss;
    if (g->n == AT_ONCE)
        settle(g);
}

static void start(struct gathering *g, struct departure_losses *d)
{
    size_t days = (size_t)(d->to - d->from) + 1;
    memset(d->customers, 0, days * sizeof(*d->customers));
    memset(d->points, 0, days * sizeof(*d->points));
    d->n = 0;
    g->into = d;
    g->n = 0;
    g->passed = 0;
}

enum err departure_points(struct db_tx *tx, int64_t merchant_id, struct departure_losses *d)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct gathering *g = arena_make(db_arena(tx), struct gathering);
    const struct db_value values[] = {db_i(merchant_id), db_i(d->from), db_i(d->to)};
    start(g, d);
    enum err e = db_scan_values(tx, &departure_lots, &rows, values, ARRAY_LEN(values));
    if (e != OK)
        return e;
    while (db_next(rows))
        add(g, (int32_t)db_int(rows, 0),
            (struct departure_loss){.customer_id = db_int(rows, 1), .points = db_int(rows, 2)});
    settle(g);
    return db_error(rows);
}

enum err departure_tiers(struct db_tx *tx, int64_t merchant_id, struct departure_losses *d)
{
    struct gathering *g = arena_make(db_arena(tx), struct gathering);
    struct tier_loss *page = arena_array(db_arena(tx), struct tier_loss, AT_ONCE);
    int32_t after_day = DAY_NONE;
    int64_t after_customer = 0;
    size_t n;
    start(g, d);
    do {
        enum err e = tier_losses(tx, merchant_id, d->from, d->to, after_day, after_customer, page,
                                 AT_ONCE, &n);
        if (e != OK)
            return e;
        for (size_t i = 0; i < n; i++)
            add(g, page[i].day,
                (struct departure_loss){.customer_id = page[i].customer_id,
                                        .from_id = page[i].from_id,
                                        .to_id = page[i].to_id});
        if (n > 0) {
            after_day = page[n - 1].day;
            after_customer = page[n - 1].customer_id;
        }
    } while (n == AT_ONCE);
    settle(g);
    return OK;
}
