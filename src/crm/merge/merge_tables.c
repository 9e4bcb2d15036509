#include "merge_tables.h"

/* A ledger's three statements. note: merge, merchant, loser. move: survivor, merchant, loser. back:
 * loser, merchant, survivor, merge. */
#define LEDGER(t, key)                                                                             \
    static const struct db_statement note_##t = {                                                  \
        "merge_note_" #t,                                                                          \
        "INSERT INTO merge_row (merchant_id, merge_id, relation, row_id)"                          \
        " SELECT merchant_id, CAST($1 AS BIGINT), '" #t "', " key " FROM " #t                      \
        " WHERE merchant_id = $2 AND customer_id = $3",                                            \
        "iii", ""};                                                                                \
    static const struct db_statement move_##t = {                                                  \
        "merge_move_" #t,                                                                          \
        "UPDATE " #t " SET customer_id = $1 WHERE merchant_id = $2 AND customer_id = $3", "iii",   \
        ""};                                                                                       \
    static const struct db_statement back_##t = {                                                  \
        "merge_back_" #t,                                                                          \
        "UPDATE " #t " SET customer_id = $1 WHERE merchant_id = $2 AND customer_id = $3"           \
        " AND " key " IN (SELECT row_id FROM merge_row WHERE merchant_id = $2 AND merge_id = $4"   \
        " AND relation = '" #t "')",                                                               \
        "iiii", ""}

/* A set's four. `rest`: its other columns, each with a comma before it. note: merge, merchant,
 * loser, survivor. copy: survivor, merchant, loser, merge. hand_over: to the merge, merchant, from
 * the merge, that one's loser. drop: merchant, survivor, merge. */
#define SET(t, key, rest)                                                                          \
    static const struct db_statement note_##t = {                                                  \
        "merge_note_" #t,                                                                          \
        "INSERT INTO merge_row (merchant_id, merge_id, relation, row_id)"                          \
        " SELECT merchant_id, CAST($1 AS BIGINT), '" #t "', " key " FROM " #t                      \
        " WHERE merchant_id = $2 AND customer_id = $3 AND " key " NOT IN"                          \
        " (SELECT " key " FROM " #t " WHERE merchant_id = $2 AND customer_id = $4)",               \
        "iiii", ""};                                                                               \
    static const struct db_statement copy_##t = {                                                  \
        "merge_copy_" #t,                                                                          \
        "INSERT INTO " #t " (merchant_id, customer_id, " key rest ")"                              \
        " SELECT merchant_id, CAST($1 AS BIGINT), " key rest " FROM " #t                           \
        " WHERE merchant_id = $2 AND customer_id = $3 AND " key " IN"                              \
        " (SELECT row_id FROM merge_row WHERE merchant_id = $2 AND merge_id = $4"                  \
        " AND relation = '" #t "')",                                                               \
        "iiii", ""};                                                                               \
    static const struct db_statement hand_over_##t = {                                             \
        "merge_hand_over_" #t,                                                                     \
        "UPDATE merge_row SET merge_id = $1 WHERE merchant_id = $2 AND merge_id = $3"              \
        " AND relation = '" #t "' AND row_id IN"                                                   \
        " (SELECT " key " FROM " #t " WHERE merchant_id = $2 AND customer_id = $4)",               \
        "iiii", ""};                                                                               \
    static const struct db_statement drop_##t = {                                                  \
        "merge_drop_" #t,                                                                          \
        "DELETE FROM " #t " WHERE merchant_id = $1 AND customer_id = $2 AND " key " IN"            \
        " (SELECT row_id FROM merge_row WHERE merchant_id = $1 AND merge_id = $3"                  \
        " AND relation = '" #t "')",                                                               \
        "iii", ""}

#define OF_ACCOUNT(t)                                                                              \
    static const struct db_statement move_##t = {                                                  \
        "merge_move_" #t,                                                                          \
        "UPDATE " #t " SET customer_id = $1 WHERE merchant_id = $2 AND customer_id = $3", "iii",   \
        ""};                                                                                       \
    static const struct db_statement back_##t = {                                                  \
        "merge_back_" #t,                                                                          \
        "UPDATE " #t " SET customer_id = $1 WHERE merchant_id = $2 AND customer_id = $3"           \
        " AND account_id IN (SELECT row_id FROM merge_row WHERE merchant_id = $2"                  \
        " AND merge_id = $4 AND relation = 'points_account')",                                     \
        "iiii", ""}

LEDGER(transactions, "id");
LEDGER(activity, "id");
LEDGER(consent, "id");
LEDGER(consent_evidence, "id");
LEDGER(note, "id");
LEDGER(task, "id");
/* Points go with their account, also those that came to it since. */
LEDGER(points_account, "id");
OF_ACCOUNT(points_entry);
OF_ACCOUNT(points_lot);
LEDGER(tier_entry, "id");
LEDGER(fidelity_card, "serial");
LEDGER(certificate, "id");
LEDGER(stamp_card, "id");
LEDGER(stamp_entry, "id");
LEDGER(referral, "id");
SET(customer_tag, "tag_id", ", bulk_id");
SET(staff_favourite, "staff_id", ", bulk_id");
SET(group_member, "group_id", ", added_us, bulk_id");
SET(photo, "id", ", small, large, created_us");
LEDGER(watch_alert, "id");
LEDGER(watch_request, "id");
SET(greeting, "occasion", ", day, points, entry_id, message, consents, staff_id, at_us, act_id");

#define LEDGER_ROW(t)                                                                              \
    {                                                                                              \
#t, &note_##t, &move_##t, &back_##t                                                        \
    }
#define ACCOUNT_ROW(t)                                                                             \
    {                                                                                              \
#t, NULL, &move_##t, &back_##t                                                             \
    }
#define SET_ROW(t)                                                                                 \
    {                                                                                              \
#t, &note_##t, &copy_##t, &hand_over_##t, &drop_##t                                        \
    }
#define LEDGER_STATEMENTS(t) &note_##t, &move_##t, &back_##t
#define SET_STATEMENTS(t) &note_##t, &copy_##t, &hand_over_##t, &drop_##t

/* A line each: what features add side by side stays easy to join. */
const struct merge_ledger merge_ledgers[] = {
    LEDGER_ROW(transactions),     LEDGER_ROW(activity),      LEDGER_ROW(consent),
    LEDGER_ROW(consent_evidence), LEDGER_ROW(note),          LEDGER_ROW(task),
    LEDGER_ROW(watch_alert),      LEDGER_ROW(watch_request), LEDGER_ROW(points_account),
    ACCOUNT_ROW(points_entry),    ACCOUNT_ROW(points_lot),   LEDGER_ROW(tier_entry),
    LEDGER_ROW(fidelity_card),    LEDGER_ROW(certificate),   LEDGER_ROW(stamp_card),
    LEDGER_ROW(stamp_entry),      LEDGER_ROW(referral),      {0},
};
const struct merge_set merge_sets[] = {
    SET_ROW(customer_tag), SET_ROW(staff_favourite), SET_ROW(group_member),
    SET_ROW(photo),        SET_ROW(greeting),        {0},
};

const struct merge_exempt merge_exempt[] = {
    {"contact", "a list with an order: merge_plan.c"},
    {"customer_address", "the same"},
    {"customer_date", "the same"},
    {"customer_tier", "settled anew from entries and facts"},
    {"customer_facts", "recomputed from what they rest on"},
    {"erasure", "who was erased is not merged"},
    {"erasure_item", "a job's list: who is gone is passed over"},
    {"retention_keep", "decided on one card: the survivor comes up anew"},
    {"duplicate_key", "follows the change feed"},
    {"referral_code", "leads to whoever the customer is today: referral_bringer()"},
    {0},
};

const struct db_statement *const merge_table_statements[] = {
    LEDGER_STATEMENTS(transactions),
    LEDGER_STATEMENTS(activity),
    LEDGER_STATEMENTS(consent),
    LEDGER_STATEMENTS(consent_evidence),
    LEDGER_STATEMENTS(note),
    LEDGER_STATEMENTS(task),
    LEDGER_STATEMENTS(points_account),
    &move_points_entry,
    &back_points_entry,
    &move_points_lot,
    &back_points_lot,
    LEDGER_STATEMENTS(tier_entry),
    LEDGER_STATEMENTS(fidelity_card),
    LEDGER_STATEMENTS(certificate),
    LEDGER_STATEMENTS(stamp_card),
    LEDGER_STATEMENTS(stamp_entry),
    LEDGER_STATEMENTS(referral),
    SET_STATEMENTS(customer_tag),
    SET_STATEMENTS(staff_favourite),
    SET_STATEMENTS(group_member),
    SET_STATEMENTS(photo),
    SET_STATEMENTS(greeting),
    LEDGER_STATEMENTS(watch_alert),
    LEDGER_STATEMENTS(watch_request),
    NULL,
};
