/* Statements of the earning rules, for earning*.c only. */
#pragma once
#include "earning.h"
extern const struct db_statement earning_plan_one, earning_plan_add, earning_plan_change,
    earning_rule_all, earning_rule_clear, earning_rule_add, earning_store, earning_tier,
    earning_tiers_of, earning_returned, earning_purchases, earning_recorded;
