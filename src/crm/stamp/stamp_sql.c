/* Every statement of the stamp cards. */
#include "stamp_sql.h"

#define PROGRAM                                                                                    \
    "SELECT id, name, description, stamps, per_day, reward, reward_points, reward_type_id,"        \
    " reward_gift, created_us, updated_us, version, deleted_us FROM stamp_program"                 \
    " WHERE merchant_id = $1"
#define PROGRAM_COLUMNS "ittiitiitiiii"

const struct db_statement stamp_program_all = {
    "stamp_program_all",
    PROGRAM
    " AND (deleted_us IS NULL OR deleted_us >= $2)"
    " ORDER BY CASE WHEN deleted_us IS NULL THEN 0 ELSE 1 END, deleted_us DESC, name_key, id",
    "ii", PROGRAM_COLUMNS};

const struct db_statement stamp_program_one = {"stamp_program_one", PROGRAM " AND id = $2", "ii",
                                               PROGRAM_COLUMNS};

const struct db_statement stamp_program_counts = {
    "stamp_program_counts",
    "SELECT program_id, CAST(SUM(CASE WHEN completed_us IS NULL AND stamps > 0 THEN 1 ELSE 0 END)"
    " AS BIGINT), CAST(SUM(CASE WHEN completed_us IS NULL THEN 0 ELSE 1 END) AS BIGINT)"
    " FROM stamp_card WHERE merchant_id = $1 GROUP BY program_id",
    "i", "iii"};

const struct db_statement stamp_program_add = {
    "stamp_program_add",
    "INSERT INTO stamp_program (merchant_id, id, name, name_key, description, stamps, per_day,"
    " reward, reward_points, reward_type_id, reward_gift, created_us, updated_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
    "iitttiitiiti", ""};

const struct db_statement stamp_program_change = {
    "stamp_program_change",
    "UPDATE stamp_program SET name = $1, name_key = $2, description = $3, stamps = $4, per_day = "
    "$5,"
    " reward = $6, reward_points = $7, reward_type_id = $8, reward_gift = $9, updated_us = $10,"
    " version = version + 1 WHERE merchant_id = $11 AND id = $12",
    "tttiitiitiii", ""};

const struct db_statement stamp_program_remove = {
    "stamp_program_remove",
    "UPDATE stamp_program SET deleted_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

const struct db_statement stamp_card_all = {
    "stamp_card_all",
    "SELECT id, program_id, size, stamps, begun_us, completed_us, reward, reward_points,"
    " reward_gift, certificate_id, points_id, rounds FROM stamp_card WHERE merchant_id = $1"
    " AND customer_id = $2 ORDER BY CASE WHEN completed_us IS NULL THEN 0 ELSE 1 END,"
    " completed_us DESC, stamps DESC, id DESC LIMIT $3",
    "iii", "iiiiiititiii"};

const struct db_statement stamp_card_add = {
    "stamp_card_add",
    "INSERT INTO stamp_card (merchant_id, customer_id, id, program_id, size, stamps, begun_us,"
    " reward, reward_points, reward_gift) VALUES ($1, $2, $3, $4, $5, 0, $6, '', 0, '')",
    "iiiiii", ""};

const struct db_statement stamp_card_set = {
    "stamp_card_set",
    "UPDATE stamp_card SET stamps = $1, completed_us = $2, reward = $3, reward_points = $4,"
    " reward_gift = $5, certificate_id = $6, points_id = $7, rounds = $8"
    " WHERE merchant_id = $9 AND customer_id = $10 AND id = $11",
    "iititiiiiii", ""};

/* A card that nothing stands on, beside another one that was opened again. */
const struct db_statement stamp_card_drop = {
    "stamp_card_drop",
    "DELETE FROM stamp_card WHERE merchant_id = $1 AND customer_id = $2 AND id = $3 AND stamps = 0"
    " AND completed_us IS NULL AND rounds = 0",
    "iii", ""};

const struct db_statement stamp_entry_page = {
    "stamp_entry_page",
    "SELECT e.id, e.program_id, e.amount, e.at_us, o.name, s.name, e.reason FROM stamp_entry e"
    " LEFT JOIN store o ON o.merchant_id = e.merchant_id AND o.id = e.store_id"
    " LEFT JOIN staff s ON s.merchant_id = e.merchant_id AND s.id = e.staff_id"
    " WHERE e.merchant_id = $1 AND e.customer_id = $2 ORDER BY e.id DESC LIMIT $3",
    "iii", "iiiittt"};

const struct db_statement stamp_entry_add = {
    "stamp_entry_add",
    "INSERT INTO stamp_entry (merchant_id, customer_id, id, program_id, amount, at_us, day, "
    "staff_id,"
    " store_id, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    "iiiiiiiiit", ""};

const struct db_statement stamp_of_day = {
    "stamp_of_day",
    "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM stamp_entry WHERE merchant_id = $1"
    " AND customer_id = $2 AND program_id = $3 AND day = $4",
    "iiii", "i"};

const struct db_statement stamp_living = {
    "stamp_living",
    "SELECT id FROM customer WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL", "ii", "i"};

const struct db_statement *const stamp_statements[] = {
    &stamp_program_all, &stamp_program_one,    &stamp_program_counts,
    &stamp_program_add, &stamp_program_change, &stamp_program_remove,
    &stamp_card_all,    &stamp_card_add,       &stamp_card_set,
    &stamp_card_drop,   &stamp_entry_page,     &stamp_entry_add,
    &stamp_of_day,      &stamp_living,         NULL,
};
