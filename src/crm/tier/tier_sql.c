/* Every statement of the tiers. */
#include "../batch.h"
#include "tier_sql.h"
#include "../points/points.h"

/* ---- the ladder ---- */

const struct db_statement tier_ladder_get = {
    "tier_ladder_get",
    "SELECT measure, period, months, grace_days, day, version,"
    " CAST(CASE WHEN sweep_after IS NULL THEN 0 ELSE 1 END AS BIGINT), sweep_after"
    " FROM tier_ladder WHERE merchant_id = $1",
    "i", "ttiiiiii"};

const struct db_statement tier_ladder_add = {
    "tier_ladder_add",
    "INSERT INTO tier_ladder (merchant_id, measure, period, months, grace_days, day, sweep_after,"
    " updated_us, version) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 1)",
    "ittiiii", ""};

const struct db_statement tier_ladder_change = {
    "tier_ladder_change",
    "UPDATE tier_ladder SET measure = $1, period = $2, months = $3, grace_days = $4,"
    " sweep_after = 0, updated_us = $5, version = version + 1"
    " WHERE merchant_id = $6 AND version = $7",
    "ttiiiii", ""};

const struct db_statement tier_ladder_reach = {
    "tier_ladder_reach", "UPDATE tier_ladder SET day = $1 WHERE merchant_id = $2 AND day < $1",
    "ii", ""};

const struct db_statement tier_ladder_swept = {
    "tier_ladder_swept", "UPDATE tier_ladder SET sweep_after = $1 WHERE merchant_id = $2", "ii",
    ""};

const struct db_statement tier_levels = {
    "tier_levels",
    "SELECT id, name, colour, threshold, benefits FROM tier WHERE merchant_id = $1"
    " AND deleted_us IS NULL ORDER BY place",
    "i", "ittit"};

const struct db_statement tier_level_add = {
    "tier_level_add",
    "INSERT INTO tier (merchant_id, id, place, name, name_key, colour, threshold, benefits)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iiitttit", ""};

const struct db_statement tier_level_change = {
    "tier_level_change",
    "UPDATE tier SET place = $1, name = $2, name_key = $3, colour = $4, threshold = $5,"
    " benefits = $6, deleted_us = NULL WHERE merchant_id = $7 AND id = $8",
    "itttitii", ""};

const struct db_statement tier_level_remove = {
    "tier_level_remove",
    "UPDATE tier SET deleted_us = $1 WHERE merchant_id = $2 AND deleted_us IS NULL", "ii", ""};

/* ---- what is measured: of up to BATCH_KEYS customers, by day ---- */

const struct db_statement tier_spend_days = {
    "tier_spend_days",
    "SELECT customer_id, day, CAST(SUM(total_minor) AS BIGINT) FROM transactions"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN " GROUP BY customer_id, day"
    " ORDER BY customer_id, day",
    BATCH_TYPES_I, "iii"};

const struct db_statement tier_booked_days = {
    "tier_booked_days",
    "SELECT customer_id, day, CAST(SUM(COALESCE(amount_minor, 0)) AS BIGINT) FROM activity"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN " AND kind = 'booking'"
    " GROUP BY customer_id, day ORDER BY customer_id, day",
    BATCH_TYPES_I, "iii"};

const struct db_statement tier_visit_days = {
    "tier_visit_days",
    "SELECT customer_id, visit_days FROM customer_facts WHERE merchant_id = $1"
    " AND customer_id IN " BATCH_IN " ORDER BY customer_id",
    BATCH_TYPES_I, "ib"};

const struct db_statement tier_point_days = {
    "tier_point_days",
    "SELECT e.customer_id, " POINTS_EARNED_DAY ", CAST(SUM(e.amount) AS BIGINT)" POINTS_EARNED_FROM
    " WHERE e.merchant_id = $1 AND e.customer_id IN " BATCH_IN POINTS_EARNED
    " GROUP BY e.customer_id, " POINTS_EARNED_DAY " ORDER BY 1, 2",
    BATCH_TYPES_I, "iii"};

/* ---- entries and where customers stand ---- */

#define LATEST(condition)                                                                          \
    " FROM tier_entry e JOIN (SELECT customer_id, MAX(id) AS id FROM tier_entry"                   \
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN condition                               \
    " GROUP BY customer_id) m ON m.customer_id = e.customer_id AND m.id = e.id"                    \
    " WHERE e.merchant_id = $1"

const struct db_statement tier_last_entries = {
    "tier_last_entries", "SELECT e.customer_id, e.to_id, e.day" LATEST(""), BATCH_TYPES_I, "iii"};

const struct db_statement tier_last_hands = {
    "tier_last_hands",
    "SELECT e.customer_id, e.cause, e.to_id, e.until_day, e.reason, e.bulk_id" LATEST(
        " AND cause <> 'rule'"),
    BATCH_TYPES_I, "itiiti"};

const struct db_statement tier_living = {
    "tier_living",
    "SELECT id FROM customer WHERE merchant_id = $1 AND id IN " BATCH_IN " AND deleted_us IS NULL",
    BATCH_TYPES_I, "i"};

const struct db_statement tier_entry_add = {
    "tier_entry_add",
    "INSERT INTO tier_entry (merchant_id, customer_id, id, at_us, day, from_id, to_id, cause,"
    " until_day, reason, staff_id, bulk_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    "iiiiiii"
    "titii",
    ""};

const struct db_statement tier_row_put = {
    "tier_row_put",
    "INSERT INTO customer_tier (merchant_id, customer_id, tier_id, since_day, by_hand, until_day,"
    " next_day, next_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (merchant_id, customer_id) DO UPDATE SET tier_id = excluded.tier_id,"
    " since_day = excluded.since_day, by_hand = excluded.by_hand, until_day = excluded.until_day,"
    " next_day = excluded.next_day, next_id = excluded.next_id",
    "iiiiiiii", ""};

const struct db_statement tier_row_remove = {
    "tier_row_remove", "DELETE FROM customer_tier WHERE merchant_id = $1 AND customer_id = $2",
    "ii", ""};

/* To be looked at by the job. */
const struct db_statement tier_row_due = {
    "tier_row_due",
    "INSERT INTO customer_tier (merchant_id, customer_id, since_day, by_hand, next_day)"
    " VALUES ($1, $2, 0, 0, 0)"
    " ON CONFLICT (merchant_id, customer_id) DO UPDATE SET next_day = 0",
    "ii", ""};

const struct db_statement tier_rows_of = {
    "tier_rows_of",
    "SELECT customer_id, tier_id, since_day, by_hand, until_day, next_day, next_id"
    " FROM customer_tier WHERE merchant_id = $1 AND customer_id IN " BATCH_IN,
    BATCH_TYPES_I, "iiiiiii"};

const struct db_statement tier_due_ids = {
    "tier_due_ids",
    "SELECT customer_id FROM customer_tier WHERE merchant_id = $1 AND next_day <= $2"
    " ORDER BY next_day LIMIT $3",
    "iii", "i"};

const struct db_statement tier_next_ids = {
    "tier_next_ids",
    "SELECT id FROM customer WHERE merchant_id = $1 AND id > $2 AND deleted_us IS NULL"
    " ORDER BY id LIMIT $3",
    "iii", "i"};

/* One in so many of the customers, by their numbers. */
const struct db_statement tier_sample_ids = {
    "tier_sample_ids",
    "SELECT id FROM customer WHERE merchant_id = $1 AND id > $2 AND deleted_us IS NULL"
    " AND number % $3 = 0 ORDER BY id LIMIT $4",
    "iiii", "i"};

const struct db_statement tier_living_count = {
    "tier_living_count",
    "SELECT COUNT(*) FROM customer WHERE merchant_id = $1 AND deleted_us IS NULL", "i", "i"};

const struct db_statement tier_counts = {
    "tier_counts",
    "SELECT tier_id, COUNT(*) FROM customer_tier WHERE merchant_id = $1 AND tier_id IS NOT NULL"
    " GROUP BY tier_id",
    "i", "ii"};

const struct db_statement tier_job_waiting = {
    "tier_job_waiting",
    "SELECT COUNT(*) FROM job WHERE merchant_id = $1 AND kind = '" TIER_JOB "'"
    " AND state = 'waiting'",
    "i", "i"};

const struct db_statement tier_entries_of = {
    "tier_entries_of",
    "SELECT e.id, e.at_us, e.day, e.from_id, e.to_id, e.cause, e.until_day, e.reason, f.name,"
    " f.colour, t.name, t.colour, s.name FROM tier_entry e"
    " LEFT JOIN tier f ON f.merchant_id = e.merchant_id AND f.id = e.from_id"
    " LEFT JOIN tier t ON t.merchant_id = e.merchant_id AND t.id = e.to_id"
    " LEFT JOIN staff s ON s.merchant_id = e.merchant_id AND s.id = e.staff_id"
    " WHERE e.merchant_id = $1 AND e.customer_id = $2 ORDER BY e.id DESC LIMIT $3",
    "iii",
    "iiiiitit"
    "ttttt"};

const struct db_statement tier_entries_count = {
    "tier_entries_count",
    "SELECT COUNT(*) FROM tier_entry WHERE merchant_id = $1 AND customer_id = $2", "ii", "i"};

const struct db_statement tier_losses_page = {
    "tier_losses_page",
    "SELECT c.next_day, c.customer_id, c.tier_id, c.next_id FROM customer_tier c"
    " JOIN tier t ON t.merchant_id = c.merchant_id AND t.id = c.tier_id"
    " LEFT JOIN tier n ON n.merchant_id = c.merchant_id AND n.id = c.next_id"
    " WHERE c.merchant_id = $1 AND c.next_day >= $2 AND c.next_day <= $3"
    " AND (c.next_day > $4 OR (c.next_day = $4 AND c.customer_id > $5))"
    " AND (c.next_id IS NULL OR n.place < t.place) ORDER BY c.next_day, c.customer_id LIMIT $6",
    "iiiiii", "iiii"};

const struct db_statement *const tier_statements[] = {
    &tier_ladder_get,
    &tier_ladder_add,
    &tier_ladder_change,
    &tier_ladder_reach,
    &tier_ladder_swept,
    &tier_levels,
    &tier_level_add,
    &tier_level_change,
    &tier_level_remove,
    &tier_spend_days,
    &tier_booked_days,
    &tier_visit_days,
    &tier_point_days,
    &tier_last_entries,
    &tier_last_hands,
    &tier_living,
    &tier_entry_add,
    &tier_row_put,
    &tier_row_remove,
    &tier_row_due,
    &tier_rows_of,
    &tier_due_ids,
    &tier_next_ids,
    &tier_job_waiting,
    &tier_entries_of,
    &tier_entries_count,
    &tier_losses_page,
    &tier_sample_ids,
    &tier_living_count,
    &tier_counts,
    NULL,
};
