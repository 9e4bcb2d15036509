#include "earning.h"
#include "../../base/check.h"
#include "../../base/day.h"

const char *const earning_kind_names[] = {"amount", "visit", "multiplier", NULL};

static bool fits(const struct earning_rule *r, const struct earning_purchase *p)
{
    return r->active && p->amount_minor >= r->minimum_minor && p->day >= r->from_day &&
           (r->to_day == DAY_NONE || p->day <= r->to_day) &&
           (r->weekdays >> day_weekday(p->day) & 1) &&
           (r->store_id == 0 || r->store_id == p->store_id) &&
           (r->tier_id == 0 || r->tier_id == p->tier_id);
}

static int64_t at_most(__int128 points, int64_t room)
{
    return points < room ? (int64_t)points : room;
}

static int64_t by_itself(const struct earning_rule *r, const struct earning_purchase *p, bool taken,
                         int64_t room)
{
    if (r->kind == EARNING_VISIT)
        return taken ? 0 : at_most(r->points, room);
    return at_most(r->steps ? (__int128)(p->amount_minor / r->per_minor) * r->points
                            : (__int128)p->amount_minor * r->points / r->per_minor,
                   room);
}

void earning_evaluate(const struct earning_plan *plan, const struct earning_purchase *p,
                      struct earning_result *ret)
{
    size_t best = plan->n; /* the multiplier that counts: of equal ones the first */
    *ret = (struct earning_result){0};
    if (p->amount_minor <= 0)
        return;
    for (size_t i = 0; i < plan->n; i++) {
        const struct earning_rule *r = &plan->rules[i];
        if (!fits(r, p))
            continue;
        if (r->kind == EARNING_MULTIPLIER) {
            if (best == plan->n || r->percent > plan->rules[best].percent)
                best = i;
            continue;
        }
        ret->of[i] = by_itself(r, p, p->taken >> i & 1, EARNING_POINTS_MAX - ret->points);
        ret->points += ret->of[i];
    }
    if (best == plan->n)
        return;
    ret->of[best] = at_most((__int128)ret->points * (plan->rules[best].percent - 100) / 100,
                            EARNING_POINTS_MAX - ret->points);
    ret->points += ret->of[best];
}

int64_t earning_cost_minor(int64_t points, int64_t worth_points, int64_t worth_minor)
{
    check(points >= 0 && worth_points > 0 && worth_minor >= 0);
    __int128 minor = ((__int128)points * worth_minor + worth_points / 2) / worth_points;
    return minor < INT64_MAX ? (int64_t)minor : INT64_MAX;
}
