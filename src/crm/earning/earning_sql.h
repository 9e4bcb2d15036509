/* Statements of the earning rules and what their files share, for earning*.c only. */
#pragma once
#include "earning.h"
extern const struct db_statement earning_plan_one, earning_plan_add, earning_plan_change,
    earning_rule_all, earning_rule_clear, earning_rule_add, earning_store, earning_tier,
    earning_tiers_of, earning_returned, earning_purchases, earning_recorded;

/* earning_tell.c: the plans' difference; nothing where there is none. */
enum err must_use earning_tell(struct db_tx *tx, int64_t merchant_id, struct audit_detail *d,
                               const struct earning_plan *before, const struct earning_plan *after);
