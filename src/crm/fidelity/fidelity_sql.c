/* Every statement of the fidelity cards. */
#include "fidelity_sql.h"

const struct db_statement fidelity_secret = {
    "fidelity_secret", "SELECT secret FROM fidelity_key WHERE merchant_id = $1", "i", "b"};

const struct db_statement fidelity_secret_add = {
    "fidelity_secret_add",
    "INSERT INTO fidelity_key (merchant_id, secret, reissued) VALUES ($1, $2, 0)"
    " ON CONFLICT (merchant_id) DO NOTHING",
    "ib", ""};

const struct db_statement fidelity_next = {
    "fidelity_next",
    "UPDATE fidelity_key SET reissued = reissued + 1 WHERE merchant_id = $1 RETURNING reissued",
    "i", "i"};

const struct db_statement fidelity_customer = {
    "fidelity_customer",
    "SELECT number FROM customer WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL", "ii",
    "i"};

/* Who has that number, or whom they were merged into. */
const struct db_statement fidelity_by_number = {
    "fidelity_by_number",
    "SELECT COALESCE(merged_into, id) FROM customer WHERE merchant_id = $1 AND number = $2"
    " AND (deleted_us IS NULL OR merged_into IS NOT NULL)",
    "ii", "i"};

const struct db_statement fidelity_rows = {
    "fidelity_rows",
    "SELECT serial, issued_us, lost_us, reason FROM fidelity_card WHERE merchant_id = $1"
    " AND customer_id = $2 ORDER BY serial DESC LIMIT $3",
    "iii", "iiit"};

const struct db_statement fidelity_by_serial = {
    "fidelity_by_serial",
    "SELECT customer_id, lost_us FROM fidelity_card WHERE merchant_id = $1 AND serial = $2", "ii",
    "ii"};

const struct db_statement fidelity_add = {
    "fidelity_add",
    "INSERT INTO fidelity_card (merchant_id, serial, customer_id, issued_us, lost_us, reason,"
    " staff_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iiiiiti", ""};

const struct db_statement fidelity_lose = {
    "fidelity_lose",
    "UPDATE fidelity_card SET lost_us = $1, reason = $2 WHERE merchant_id = $3 AND serial = $4",
    "itii", ""};

const struct db_statement *const fidelity_statements[] = {
    &fidelity_secret, &fidelity_secret_add, &fidelity_next, &fidelity_customer, &fidelity_by_number,
    &fidelity_rows,   &fidelity_by_serial,  &fidelity_add,  &fidelity_lose,     NULL,
};
