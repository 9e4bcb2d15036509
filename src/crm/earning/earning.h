/* Earning rules (FEATURES D2): how many points a purchase earns.
 *
 * Rules stand together as one plan with one version. What combines with what:
 *   - rules "amount" and "visit" that fit a purchase add up;
 *   - of the rules "multiplier" that fit, only the one with the highest percentage counts, and it
 *     multiplies that sum; multipliers never multiply each other.
 * What is rounded: an amount rule once, down to whole points (in proportion, or for each full
 * step); what a multiplier adds, once, down. So splitting a purchase never earns more by amount
 * rules. A purchase earns at most EARNING_POINTS_MAX, never less than nothing. A rule fits from its
 * first day to its last one, on its weekdays, in its store, for customers of its tier, from its
 * smallest amount on; a visit rule once a day for a customer: by the first purchase of the day that
 * it fits. A rule is asked when a purchase is recorded, whatever the rules were before; it never
 * reaches back to purchases that are recorded already. Money is in minor units, days are civil days
 * in the merchant's zone. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"
#include "../transaction/transaction.h"

extern const struct db_statement *const earning_statements[];
extern const struct http_route earning_routes[];

#define EARNING_RULES_MAX 30
#define EARNING_NAME_MAX 60 /* characters */
#define EARNING_RULE_POINTS_MAX 100000
#define EARNING_MONEY_MAX 1000000000000
#define EARNING_PERCENT_MIN 101
#define EARNING_PERCENT_MAX 1000
#define EARNING_POINTS_MAX 1000000000 /* what the ledger takes in one posting */
#define EARNING_EVERY_DAY 127

enum earning_kind { EARNING_AMOUNT, EARNING_VISIT, EARNING_MULTIPLIER };
extern const char *const earning_kind_names[]; /* ends with NULL */

struct earning_rule {
    int64_t id; /* 0: a new one */
    struct str name;
    enum earning_kind kind;
    int64_t points, per_minor, percent, minimum_minor;
    int64_t store_id, tier_id; /* 0: all */
    int32_t from_day, to_day;  /* to_day DAY_NONE: no end */
    int weekdays;              /* bit 0: Monday */
    bool steps, active;
};
struct earning_plan {
    int64_t version;
    struct earning_rule rules[EARNING_RULES_MAX];
    size_t n;
};

/* ---- what a purchase earns: pure ---- */

struct earning_purchase {
    int64_t amount_minor, store_id, tier_id; /* 0: none */
    int32_t day;
    uint32_t taken; /* bit i: rule i, a visit rule, was earned by on that day */
};
struct earning_result {
    int64_t of[EARNING_RULES_MAX]; /* by rule, never negative */
    int64_t points;                /* their sum */
};
void earning_evaluate(const struct earning_plan *plan, const struct earning_purchase *p,
                      struct earning_result *ret);

/* ---- the plan ---- */

/* Without one: no rules, version 0. Texts live in `a`. */
enum err must_use earning_plan_read(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                                    struct earning_plan *ret);
/* Puts `after` in place of what stands there, whose version must be `version`: ERR_STALE stale.
 * Rules without id, and those whose id does not stand there, get a new one. ERR_INVALID
 * earning_store, earning_tier: not there. What is the same already changes nothing. */
enum err must_use earning_plan_save(struct db_tx *tx, int64_t merchant_id, int64_t version,
                                    struct earning_plan *after, const struct audit_actor *by,
                                    struct arena *a, struct problem *p);

/* ---- sales that are recorded ---- */

/* To be called in the transaction that records them, behind transactions_add(). Each purchase of a
 * customer earns by the rules of now, once, whatever comes again: what it grows by earns the
 * difference. A cancellation takes back what its purchase earned; goods that come back take back
 * their part of what the customer's latest purchase of the first of them earned. Who is gone, and
 * whoever can hold no more, earns nothing. `origin`: activity's. The caller notes the change of the
 * customers. */
enum err must_use earning_record(struct db_tx *tx, int64_t merchant_id, int32_t today,
                                 const struct transaction_head *heads, size_t n, const char *origin,
                                 struct arena *a);

/* ---- a dry run ---- */

struct earning_sum {
    int64_t points, customers, purchases; /* of those that would have earned */
};
struct earning_trial {
    int64_t customers, purchases, sales_minor; /* of whom and what there was to earn by */
    struct {
        struct earning_sum all, of[EARNING_RULES_MAX];
    } plans[2];
};
/* What two plans would have given for the purchases of these days that are known to be somebody's
 * and were not canceled. A rule's first day is left aside, since it mostly lies after those days;
 * its last one counts. Tiers are those of today. Changes nothing. */
enum err must_use earning_try(struct db_tx *tx, int64_t merchant_id, int32_t from, int32_t to,
                              const struct earning_plan *const plans[2], struct arena *a,
                              struct earning_trial *ret);
/* What so many points are worth when `worth_points` of them are worth that much; rounded half up.
 */
int64_t earning_cost_minor(int64_t points, int64_t worth_points, int64_t worth_minor);
