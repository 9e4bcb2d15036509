/* Every statement of the notes. */
#include "note_sql.h"

#define NOTE                                                                                       \
    "SELECT n.id, n.customer_id, n.staff_id, n.created_us, n.updated_us, n.version, n.text,"       \
    " s.name, n.pinned, n.deleted_us FROM note n JOIN staff s"                                     \
    " ON s.merchant_id = n.merchant_id AND s.id = n.staff_id"                                      \
    " WHERE n.merchant_id = $1 AND n.customer_id = $2"
#define TYPES "iiiiiittii"

const struct db_statement note_all = {
    "note_all", NOTE " AND n.deleted_us IS NULL ORDER BY n.pinned DESC, n.id DESC LIMIT 500", "ii",
    TYPES};

const struct db_statement note_one = {"note_one", NOTE " AND n.id = $3", "iii", TYPES};

const struct db_statement note_count = {
    "note_count",
    "SELECT COUNT(*) FROM note WHERE merchant_id = $1 AND customer_id = $2 AND deleted_us IS NULL",
    "ii", "i"};

const struct db_statement note_insert = {
    "note_insert",
    "INSERT INTO note (merchant_id, customer_id, id, staff_id, text, pinned, created_us,"
    " updated_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
    "iiiitii", ""};

const struct db_statement note_change = {
    "note_change",
    "UPDATE note SET text = $1, pinned = $2, updated_us = $3, version = version + 1"
    " WHERE merchant_id = $4 AND customer_id = $5 AND id = $6",
    "tiiiii", ""};

const struct db_statement note_remove = {"note_remove",
                                         "UPDATE note SET deleted_us = $1, version = version + 1"
                                         " WHERE merchant_id = $2 AND customer_id = $3 AND id = $4",
                                         "iiii", ""};

const struct db_statement *const note_statements[] = {
    &note_all, &note_one, &note_count, &note_insert, &note_change, &note_remove, NULL};
