#include "demo_points.h"
#include "../../base/day.h"
#include "../earning/earning.h"
#include "../points/points.h"

enum { DAYS = 21 }; /* since when purchases earn: every posting takes its time */

static enum err make_policy(struct db_tx *tx, int64_t merchant_id, const struct audit_actor *by,
                            struct problem *p)
{
    struct points_policy now, policy;
    enum err e = points_policy_read(tx, merchant_id, &now);
    policy = now;
    policy.expiry = POINTS_EXPIRE_MONTH;
    policy.count = 12;
    policy.worth_points = 100;
    policy.worth_minor = 500;
    return e == OK ? points_policy_write(tx, merchant_id, &now, &policy, by, db_arena(tx), p) : e;
}

enum err demo_points(struct db_tx *tx, int64_t merchant_id, int32_t today, struct problem *p)
{
    const struct audit_actor by = {.name = "demo"};
    struct earning_plan plan = {.n = 2,
                                .rules = {{.name = STR("Un point par euro"),
                                           .kind = EARNING_AMOUNT,
                                           .points = 1,
                                           .per_minor = 100,
                                           .steps = true,
                                           .from_day = today - DAYS,
                                           .to_day = DAY_NONE,
                                           .weekdays = EARNING_EVERY_DAY,
                                           .active = true},
                                          {.name = STR("Mardis doubles"),
                                           .kind = EARNING_MULTIPLIER,
                                           .percent = 200,
                                           .minimum_minor = 3000,
                                           .from_day = today - DAYS,
                                           .to_day = DAY_NONE,
                                           .weekdays = 1 << 1,
                                           .active = true}}};
    enum err e = make_policy(tx, merchant_id, &by, p);
    return e == OK ? earning_plan_save(tx, merchant_id, 0, &plan, &by, db_arena(tx), p) : e;
}
