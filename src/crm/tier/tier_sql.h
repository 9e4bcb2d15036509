#pragma once
#include "tier.h"
extern const struct db_statement tier_ladder_get, tier_ladder_add, tier_ladder_change,
    tier_ladder_reach, tier_ladder_swept, tier_levels, tier_level_add, tier_level_change,
    tier_level_remove, tier_spend_days, tier_booked_days, tier_visit_days, tier_point_days,
    tier_last_entries, tier_last_hands, tier_living, tier_entry_add, tier_row_put, tier_row_remove,
    tier_row_due, tier_rows_of, tier_due_ids, tier_next_ids, tier_job_waiting, tier_entries_of,
    tier_losses_page, tier_sample_ids, tier_living_count, tier_counts, tier_entries_count;
