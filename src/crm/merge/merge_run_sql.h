#pragma once
#include "../../db/db.h"
extern const struct db_statement merge_run_add, merge_run_pair_add, merge_run_one, merge_run_page,
    merge_run_counts_of, merge_run_next, merge_run_next_back, merge_run_set, merge_run_set_back,
    merge_run_set_undo, merge_run_page_pairs, merge_run_pair_now, merge_run_customers;
