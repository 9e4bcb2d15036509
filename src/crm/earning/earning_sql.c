/* Every statement of the earning rules. */
#include "earning_sql.h"
#include "../batch.h"

const struct db_statement earning_plan_one = {
    "earning_plan_one", "SELECT version FROM earning_plan WHERE merchant_id = $1", "i", "i"};

const struct db_statement earning_plan_add = {
    "earning_plan_add",
    "INSERT INTO earning_plan (merchant_id, updated_us, version) VALUES ($1, $2, 1)", "ii", ""};

const struct db_statement earning_plan_change = {
    "earning_plan_change",
    "UPDATE earning_plan SET updated_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND version = $3",
    "iii", ""};

const struct db_statement earning_rule_all = {
    "earning_rule_all",
    "SELECT id, name, kind, points, per_minor, steps, percent, minimum_minor, store_id, tier_id,"
    " from_day, to_day, weekdays, active FROM earning_rule WHERE merchant_id = $1 ORDER BY place",
    "i", "ittiiiiiiiiiii"};

const struct db_statement earning_rule_clear = {
    "earning_rule_clear", "DELETE FROM earning_rule WHERE merchant_id = $1", "i", ""};

const struct db_statement earning_rule_add = {
    "earning_rule_add",
    "INSERT INTO earning_rule (merchant_id, place, id, name, kind, points, per_minor, steps,"
    " percent, minimum_minor, store_id, tier_id, from_day, to_day, weekdays, active)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    "iiittiiiiiiiiiii", ""};

const struct db_statement earning_store = {
    "earning_store", "SELECT name FROM store WHERE merchant_id = $1 AND id = $2", "ii", "t"};

const struct db_statement earning_tier = {
    "earning_tier",
    "SELECT name FROM tier WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL", "ii", "t"};

const struct db_statement earning_tiers_of = {
    "earning_tiers_of",
    "SELECT customer_id, tier_id FROM customer_tier WHERE merchant_id = $1 AND tier_id IS NOT NULL"
    " AND customer_id IN " BATCH_IN,
    BATCH_TYPES_I, "ii"};

/* Of transactions that were recorded: what the ledger must know. */
const struct db_statement earning_recorded = {
    "earning_recorded",
    "SELECT t.id, t.kind, t.total_minor, t.line_count, t.canceled_by, t.cites_id, p.total_minor"
    " FROM transactions t LEFT JOIN transactions p ON p.merchant_id = t.merchant_id"
    " AND p.id = t.cites_id WHERE t.merchant_id = $1 AND t.id IN " BATCH_IN,
    BATCH_TYPES_I, "itiiiii"};

/* For each line that came back the latest purchase of it: by its code, else by its name. */
const struct db_statement earning_returned = {
    "earning_returned",
    "SELECT t.id, t.total_minor, b.amount_minor FROM transaction_line b JOIN transactions t"
    " ON t.merchant_id = b.merchant_id AND t.id = (SELECT p.id FROM transactions p"
    " JOIN transaction_line l ON l.merchant_id = p.merchant_id AND l.transaction_id = p.id"
    " WHERE p.merchant_id = $1 AND p.customer_id = $2 AND p.day <= $3 AND p.kind = 'purchase'"
    " AND p.canceled_by IS NULL AND p.total_minor > 0 AND l.quantity_milli > 0"
    " AND (l.product_code = b.product_code OR (COALESCE(b.product_code, '') = ''"
    " AND l.product = b.product)) ORDER BY p.day DESC, p.id DESC LIMIT 1)"
    " WHERE b.merchant_id = $1 AND b.transaction_id = $4 AND b.amount_minor < 0 ORDER BY b.line",
    "iiii", "iii"};

/* By customer, so that what is counted of one needs no memory of the others. */
const struct db_statement earning_purchases = {
    "earning_purchases",
    "SELECT t.customer_id, t.day, t.store_id, t.total_minor, k.tier_id FROM transactions t"
    " JOIN customer c ON c.merchant_id = t.merchant_id AND c.id = t.customer_id"
    " LEFT JOIN customer_tier k ON k.merchant_id = c.merchant_id AND k.customer_id = c.id"
    " WHERE t.merchant_id = $1 AND t.customer_id IS NOT NULL AND t.day >= $2 AND t.day <= $3"
    " AND t.kind = 'purchase' AND t.canceled_by IS NULL AND t.total_minor > 0"
    " AND c.deleted_us IS NULL ORDER BY t.customer_id, t.day, t.at_us, t.id",
    "iii", "iiiii"};

const struct db_statement *const earning_statements[] = {&earning_plan_one,
                                                         &earning_plan_add,
                                                         &earning_plan_change,
                                                         &earning_rule_all,
                                                         &earning_rule_clear,
                                                         &earning_rule_add,
                                                         &earning_store,
                                                         &earning_tier,
                                                         &earning_tiers_of,
                                                         &earning_returned,
                                                         &earning_purchases,
                                                         &earning_recorded,
                                                         NULL};
