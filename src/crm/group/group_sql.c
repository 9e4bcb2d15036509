/* Every statement of the groups. */
#include "group_sql.h"
#include "../batch.h"

const struct db_statement group_all = {
    "group_all",
    "SELECT g.id, g.name, g.description, g.staff_id, g.created_us, g.updated_us, g.version,"
    " g.deleted_us, s.name FROM customer_group g LEFT JOIN staff s"
    " ON s.merchant_id = g.merchant_id AND s.id = g.staff_id"
    " WHERE g.merchant_id = $1 AND (g.deleted_us IS NULL OR g.deleted_us >= $2)"
    " ORDER BY CASE WHEN g.deleted_us IS NULL THEN 0 ELSE 1 END, g.deleted_us DESC, g.name_key,"
    " g.id",
    "ii", "ittiiiiit"};

const struct db_statement group_add = {
    "group_add",
    "INSERT INTO customer_group (merchant_id, id, name, name_key, description, staff_id,"
    " created_us, updated_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
    "iitttii", ""};

const struct db_statement group_find = {
    "group_find",
    "SELECT id FROM customer_group WHERE merchant_id = $1 AND name_key = $2 AND deleted_us IS NULL",
    "it", "i"};

const struct db_statement group_change = {
    "group_change",
    "UPDATE customer_group SET name = $1, name_key = $2, description = $3, updated_us = $4,"
    " version = version + 1 WHERE merchant_id = $5 AND id = $6",
    "tttiii", ""};

const struct db_statement group_remove = {
    "group_remove",
    "UPDATE customer_group SET deleted_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3 AND deleted_us IS NULL",
    "iii", ""};

const struct db_statement group_back = {"group_back",
                                        "UPDATE customer_group SET deleted_us = NULL,"
                                        " version = version + 1 WHERE merchant_id = $1 AND id = $2",
                                        "ii", ""};

const struct db_statement group_member_add = {
    "group_member_add",
    "INSERT INTO group_member (merchant_id, customer_id, group_id, added_us)"
    " SELECT $1, id, $2, $3 FROM customer WHERE merchant_id = $1 AND id = $4"
    " AND deleted_us IS NULL ON CONFLICT (merchant_id, customer_id, group_id) DO NOTHING",
    "iiii", ""};

const struct db_statement group_member_remove = {
    "group_member_remove",
    "DELETE FROM group_member WHERE merchant_id = $1 AND customer_id = $2 AND group_id = $3", "iii",
    ""};

const struct db_statement group_members_of = {"group_members_of",
                                              "SELECT customer_id, group_id FROM group_member "
                                              "WHERE merchant_id = $1 AND customer_id IN " BATCH_IN,
                                              BATCH_TYPES_I, "ii"};

const struct db_statement group_member_insert = {
    "group_member_insert",
    "INSERT INTO group_member (merchant_id, customer_id, group_id, added_us)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (merchant_id, customer_id, group_id) DO NOTHING",
    "iiii", ""};

const struct db_statement *const group_statements[] = {
    &group_all,           &group_add,  &group_change,
    &group_remove,        &group_back, &group_member_add,
    &group_member_remove, &group_find, &group_members_of,
    &group_member_insert, NULL,
};
