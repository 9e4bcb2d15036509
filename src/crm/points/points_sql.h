#pragma once
#include "points.h"
extern const struct db_statement points_customer, points_accounts, points_account_open,
    points_account_move, points_entry_add, points_entry_by_key, points_entry_by_id,
    points_entry_parts, points_posting_sum, points_entry_reversed, points_entries,
    points_latest_entries, points_entries_kind, points_entries_came, points_entries_went,
    points_lot_add, points_lots_left, points_lots_due, points_lot_one, points_lots_of_purchase,
    points_lot_draw, points_lot_take_back, points_draw_add, points_draws_of, points_returned,
    points_return_put, points_left, points_left_until, points_sum_on, points_sum_earned,
    points_policy_get, points_policy_put, points_owed, points_expiring, points_holders, points_due,
    points_check_entries, points_check_accounts, points_check_lots, points_check_lost,
    points_sealed_all, points_sealed_put, points_sealed_drop, points_seals_drop, points_grown,
    points_seals, points_seal_put;
