#include "../../base/check.h"
#include "../../base/day.h"
#include "points_sql.h"

const char *const points_expiries[] = {"never", "days", "month_end", "year_end", NULL};

enum err points_policy_read(struct db_tx *tx, int64_t merchant_id, struct points_policy *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret = (struct points_policy){0};
    enum err e = db_query(tx, &points_policy_get, &rows, db_i(merchant_id));
    if (e != OK || !db_next(rows))
        return e == OK ? db_error(rows) : e;
    while (!str_eq(db_text(rows, 0), str_c(points_expiries[ret->expiry])))
        ret->expiry++;
    ret->count = db_int(rows, 1);
    ret->locked_days = db_int(rows, 2);
    ret->worth_points = db_int(rows, 3);
    ret->worth_minor = db_int(rows, 4);
    ret->updated_us = db_int(rows, 5);
    ret->version = db_int(rows, 6);
    return OK;
}

static int32_t end_of_month(int32_t day, int64_t months)
{
    struct civil c = day_to_civil(day);
    int32_t first = day_from_civil((struct civil){c.year, c.month, 1});
    return day_add_months(first, (int)months + 1) - 1;
}

static int32_t end_of_year(int32_t day, int64_t years)
{
    return day_from_civil((struct civil){day_to_civil(day).year + (int)years, 12, 31});
}

void points_promise(const struct points_policy *policy, enum points_kind kind, int32_t day,
                    int32_t *ret_usable_day, int32_t *ret_expires_day)
{
    bool earned = kind == POINTS_PURCHASE || kind == POINTS_VISIT;
    int32_t usable = day + (earned ? (int32_t)policy->locked_days : 0);
    *ret_usable_day = usable;
    switch (policy->expiry) {
    case POINTS_EXPIRE_NEVER:
        *ret_expires_day = POINTS_NEVER;
        return;
    case POINTS_EXPIRE_DAYS:
        *ret_expires_day = usable + (int32_t)policy->count;
        return;
    case POINTS_EXPIRE_MONTH:
        *ret_expires_day = end_of_month(usable, policy->count);
        return;
    case POINTS_EXPIRE_YEAR:
        *ret_expires_day = end_of_year(usable, policy->count);
        return;
    }
    check(false);
}

static enum err check_policy(const struct points_policy *y, struct arena *a, struct problem *p)
{
    static const struct {
        int64_t min, max;
    } counts[] = {[POINTS_EXPIRE_NEVER] = {0, 0},
                  [POINTS_EXPIRE_DAYS] = {1, POINTS_DAYS_MAX},
                  [POINTS_EXPIRE_MONTH] = {0, POINTS_MONTHS_MAX},
                  [POINTS_EXPIRE_YEAR] = {0, POINTS_YEARS_MAX}};
    if (y->count < counts[y->expiry].min || y->count > counts[y->expiry].max)
        return problem_set(p, a, ERR_INVALID, "points_policy_count", "count", "min",
                           arena_printf(a, "%lld", (long long)counts[y->expiry].min), "max",
                           arena_printf(a, "%lld", (long long)counts[y->expiry].max), NULL);
    if ((y->worth_points == 0) != (y->worth_minor == 0))
        return problem_set(p, a, ERR_INVALID, "points_policy_worth", "worth_points", NULL);
    return OK;
}

enum err points_policy_write(struct db_tx *tx, int64_t merchant_id,
                             const struct points_policy *before, struct points_policy *after,
                             const struct audit_actor *by, struct arena *a, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, a);
    enum err e = check_policy(after, a, p);
    if (e != OK)
        return e;
    if (before->expiry != after->expiry)
        audit_detail_change(&d, "expiry", str_c(points_expiries[before->expiry]),
                            str_c(points_expiries[after->expiry]));
    audit_detail_number(&d, "count", before->count, after->count);
    audit_detail_number(&d, "locked_days", before->locked_days, after->locked_days);
    audit_detail_number(&d, "worth_points", before->worth_points, after->worth_points);
    audit_detail_number(&d, "worth_minor", before->worth_minor, after->worth_minor);
    after->version = before->version;
    after->updated_us = before->updated_us;
    if (d.changes == 0)
        return OK;
    after->version++;
    after->updated_us = now_us();
    e = db_exec(tx, &points_policy_put, NULL, db_i(merchant_id),
                db_tc(points_expiries[after->expiry]), db_i(after->count), db_i(after->locked_days),
                db_i(after->worth_points), db_i(after->worth_minor), db_i(after->updated_us),
                db_i(after->version));
    return e == OK ? audit_write(tx, merchant_id, by, "points.policy", "merchant", merchant_id,
                                 audit_detail_end(&d))
                   : e;
}
