#pragma once
#include "merge.h"
extern const struct db_statement merge_add, merge_one, merge_page, merge_page_of, merge_in_force_of,
    merge_in_force_count, merge_losers_of, merge_remember, merge_end, merge_row_add, merge_rows_end,
    merge_rows_count, merge_lose, merge_revive, merge_point, merge_point_one, merge_acts_of,
    merge_external_of, merge_made_consents, merge_made_activity, merge_act_made;
