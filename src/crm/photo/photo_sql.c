/* Every statement of the photos. */
#include "photo_sql.h"

const struct db_statement photo_add = {
    "photo_add",
    "INSERT INTO photo (merchant_id, customer_id, id, small, large, created_us)"
    " VALUES ($1, $2, $3, $4, $5, $6)",
    "iiibbi", ""};

/* All but one. */
const struct db_statement photo_others = {
    "photo_others", "DELETE FROM photo WHERE merchant_id = $1 AND customer_id = $2 AND id <> $3",
    "iii", ""};

const struct db_statement photo_show = {
    "photo_show",
    "UPDATE customer SET photo_id = $1, updated_us = $2, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4 AND deleted_us IS NULL",
    "iiii", ""};

const struct db_statement photo_hide = {
    "photo_hide",
    "UPDATE customer SET photo_id = NULL, updated_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3 AND deleted_us IS NULL AND photo_id IS NOT NULL",
    "iii", ""};

#define PHOTO " FROM photo WHERE merchant_id = $1 AND customer_id = $2 AND id = $3"
const struct db_statement photo_small = {"photo_small", "SELECT small" PHOTO, "iii", "b"};
const struct db_statement photo_large = {"photo_large", "SELECT large" PHOTO, "iii", "b"};

const struct db_statement *const photo_statements[] = {
    &photo_add, &photo_others, &photo_show, &photo_hide, &photo_small, &photo_large, NULL};
