/* What plans would have given, counted in one pass over the purchases of some days. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "earning_sql.h"

struct trying {
    const struct earning_plan *plans; /* two, whose rules begin before those days */
    struct earning_trial *ret;
    int64_t customer_id; /* whose purchases are being read */
    int32_t day;
    uint32_t taken[2];
    bool earned[2][EARNING_RULES_MAX + 1]; /* of the customer, by rule; the last: by any */
};

static void count(struct earning_sum *s, bool *earned, int64_t points)
{
    if (points == 0)
        return;
    s->points += points;
    s->purchases++;
    s->customers += !*earned;
    *earned = true;
}

static void take_purchase(struct trying *t, const struct db_rows *r)
{
    struct earning_purchase p = {.day = (int32_t)db_int(r, 1),
                                 .store_id = db_int(r, 2),
                                 .amount_minor = db_int(r, 3),
                                 .tier_id = db_int(r, 4)};
    if (db_int(r, 0) != t->customer_id) {
        t->customer_id = db_int(r, 0);
        t->day = DAY_NONE;
        t->ret->customers++;
        memset(t->earned, 0, sizeof t->earned);
    }
    if (p.day != t->day)
        memset(t->taken, 0, sizeof t->taken);
    t->day = p.day;
    t->ret->purchases++;
    t->ret->sales_minor += p.amount_minor;
    for (int k = 0; k < 2; k++) {
        struct earning_result got;
        p.taken = t->taken[k];
        earning_evaluate(&t->plans[k], &p, &got);
        count(&t->ret->plans[k].all, &t->earned[k][EARNING_RULES_MAX], got.points);
        for (size_t i = 0; i < t->plans[k].n; i++) {
            count(&t->ret->plans[k].of[i], &t->earned[k][i], got.of[i]);
            if (got.of[i] && t->plans[k].rules[i].kind == EARNING_VISIT)
                t->taken[k] |= 1u << i;
        }
    }
}

enum err earning_try(struct db_tx *tx, int64_t merchant_id, int32_t from, int32_t to,
                     const struct earning_plan *const plans[2], struct arena *a,
                     struct earning_trial *ret)
{
    cleanup(db_done) struct db_rows *r = NULL;
    const struct db_value values[] = {db_i(merchant_id), db_i(from), db_i(to)};
    struct earning_plan *shifted = arena_array(a, struct earning_plan, 2);
    struct trying t = {.plans = shifted, .ret = ret};
    _Static_assert(EARNING_RULES_MAX <= 32, "a bit of `taken` each");
    *ret = (struct earning_trial){0};
    for (int k = 0; k < 2; k++) {
        shifted[k] = *plans[k];
        for (size_t i = 0; i < shifted[k].n; i++)
            shifted[k].rules[i].from_day = INT32_MIN;
    }
    enum err e = db_scan_values(tx, &earning_purchases, &r, values, ARRAY_LEN(values));
    if (e != OK)
        return e;
    while (db_next(r))
        take_purchase(&t, r);
    return db_error(r);
}
