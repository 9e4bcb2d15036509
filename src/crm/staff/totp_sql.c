/* Every statement of the second step. */
#include "totp_sql.h"

const struct db_statement totp_secret = {
    "totp_secret",
    "SELECT totp_secret, totp_since_us, totp_step FROM staff"
    " WHERE merchant_id = $1 AND id = $2 AND removed_us IS NULL",
    "ii", "bii"};

/* A secret that waits for its first code; never in the place of one that is asked for. */
const struct db_statement totp_pending = {
    "totp_pending",
    "UPDATE staff SET totp_secret = $1, totp_step = 0, updated_us = $2"
    " WHERE merchant_id = $3 AND id = $4 AND removed_us IS NULL AND totp_since_us IS NULL",
    "biii", ""};

const struct db_statement totp_on = {
    "totp_on",
    "UPDATE staff SET totp_since_us = $1, totp_step = $2, updated_us = $1, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4 AND totp_since_us IS NULL AND totp_secret IS NOT NULL",
    "iiii", ""};

/* The same code never works twice (RFC 6238, 5.2). */
const struct db_statement totp_step_used = {
    "totp_step_used",
    "UPDATE staff SET totp_step = $1 WHERE merchant_id = $2 AND id = $3 AND totp_step < $1", "iii",
    ""};

const struct db_statement totp_gone = {
    "totp_gone",
    "UPDATE staff SET totp_secret = NULL, totp_since_us = NULL, totp_step = 0, updated_us = $1,"
    " version = version + 1 WHERE merchant_id = $2 AND id = $3 AND totp_since_us IS NOT NULL",
    "iii", ""};

const struct db_statement recovery_add = {
    "recovery_add", "INSERT INTO recovery_code (merchant_id, staff_id, hash) VALUES ($1, $2, $3)",
    "iib", ""};

const struct db_statement recovery_used = {
    "recovery_used",
    "UPDATE recovery_code SET used_us = $1 WHERE merchant_id = $2 AND staff_id = $3 AND hash = $4"
    " AND used_us IS NULL",
    "iiib", ""};

const struct db_statement recovery_left = {
    "recovery_left",
    "SELECT COUNT(*) FROM recovery_code WHERE merchant_id = $1 AND staff_id = $2"
    " AND used_us IS NULL",
    "ii", "i"};

const struct db_statement recovery_clear = {
    "recovery_clear", "DELETE FROM recovery_code WHERE merchant_id = $1 AND staff_id = $2", "ii",
    ""};

const struct db_statement *const totp_statements[] = {
    &totp_secret,  &totp_pending,  &totp_on,       &totp_step_used, &totp_gone,
    &recovery_add, &recovery_used, &recovery_left, &recovery_clear, NULL};
