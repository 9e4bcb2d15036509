#include "work_sql.h"

const struct db_statement work_insert = {
    "work_insert",
    "INSERT INTO job (merchant_id, id, kind, state, subject_id, staff_id, total, created_us) "
    "VALUES ($1, $2, $3, 'waiting', $4, $5, $6, $7)",
    "iitiiii", ""};

/* Across merchants, by a plain read: what waits, and what a dead process has left. */
const struct db_statement work_find = {
    "work_find",
    "SELECT merchant_id, id, kind FROM job "
    "WHERE state = 'waiting' OR (state = 'running' AND lease_until_us < $1) "
    "ORDER BY created_us, id LIMIT 100",
    "i", "iit"};

const struct db_statement work_claim = {
    "work_claim",
    "UPDATE job SET state = 'running', lease_owner = $1, lease_until_us = $2, "
    "started_us = COALESCE(started_us, $3) "
    "WHERE merchant_id = $4 AND id = $5 "
    "AND (state = 'waiting' OR (state = 'running' AND lease_until_us < $3)) "
    "RETURNING subject_id, staff_id, done, total, cancel",
    "tiiii", "iiiii"};

const struct db_statement work_progress = {
    "work_progress",
    "UPDATE job SET done = $1, total = $2, lease_until_us = $3 "
    "WHERE merchant_id = $4 AND id = $5 AND lease_owner = $6 AND state = 'running' "
    "RETURNING cancel",
    "iiiiit", "i"};

const struct db_statement work_renew = {
    "work_renew",
    "UPDATE job SET lease_until_us = $1 "
    "WHERE merchant_id = $2 AND id = $3 AND lease_owner = $4 AND state = 'running'",
    "iiit", ""};

const struct db_statement work_release = {
    "work_release",
    "UPDATE job SET state = 'waiting', lease_owner = NULL, lease_until_us = NULL "
    "WHERE merchant_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'running'",
    "iit", ""};

const struct db_statement work_finish = {
    "work_finish",
    "UPDATE job SET state = $1, problem = $2, finished_us = $3, lease_owner = NULL, "
    "lease_until_us = NULL "
    "WHERE merchant_id = $4 AND id = $5 AND lease_owner = $6 AND state = 'running'",
    "ttiiit", ""};

const struct db_statement work_cancel = {
    "work_cancel",
    "UPDATE job SET cancel = 1, "
    "finished_us = CASE WHEN state = 'waiting' THEN $1 ELSE finished_us END, "
    "state = CASE WHEN state = 'waiting' THEN 'canceled' ELSE state END "
    "WHERE merchant_id = $2 AND id = $3 AND state IN ('waiting', 'running')",
    "iii", ""};

const struct db_statement work_exists = {
    "work_exists", "SELECT COUNT(*) FROM job WHERE merchant_id = $1 AND id = $2", "ii", "i"};

const struct db_statement work_state = {
    "work_state", "SELECT state, done FROM job WHERE merchant_id = $1 AND id = $2", "ii", "ti"};

const struct db_statement *const work_statements[] = {
    &work_insert, &work_find,   &work_claim,  &work_progress, &work_renew, &work_release,
    &work_finish, &work_cancel, &work_exists, &work_state,    NULL,
};
