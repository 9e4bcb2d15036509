/* Every statement of the stores. */
#include "store_sql.h"

const struct db_statement store_all = {
    "store_all",
    "SELECT id, name, city, version FROM store WHERE merchant_id = $1 ORDER BY name_key, id", "i",
    "itti"};

const struct db_statement store_by_id = {
    "store_by_id", "SELECT id, name, city, version FROM store WHERE merchant_id = $1 AND id = $2",
    "ii", "itti"};

const struct db_statement store_by_key = {
    "store_by_key", "SELECT id FROM store WHERE merchant_id = $1 AND name_key = $2", "it", "i"};

const struct db_statement store_count = {
    "store_count", "SELECT COUNT(*) FROM store WHERE merchant_id = $1", "i", "i"};

const struct db_statement store_add = {
    "store_add",
    "INSERT INTO store (merchant_id, id, name, name_key, city, created_us, updated_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $6)",
    "iittti", ""};

const struct db_statement store_change = {
    "store_change",
    "UPDATE store SET name = $1, name_key = $2, city = $3, updated_us = $4, version = version + 1"
    " WHERE merchant_id = $5 AND id = $6",
    "tttiii", ""};

const struct db_statement *const store_statements[] = {
    &store_all, &store_by_id, &store_by_key, &store_count, &store_add, &store_change, NULL};
