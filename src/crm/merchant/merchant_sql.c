/* Every statement of the merchant. */
#include "merchant_sql.h"

#define COLUMNS                                                                                    \
    "id, slug, name, currency, time_zone, country, language, associates_see_chain, change_seq, "   \
    "version,"                                                                                     \
    " created_us, second_step_from"
#define TYPES "ittttttiiiit"

const struct db_statement merchant_by_id = {
    "merchant_by_id", "SELECT " COLUMNS " FROM merchant WHERE id = $1", "i", TYPES};

const struct db_statement merchant_by_slug = {
    "merchant_by_slug", "SELECT " COLUMNS " FROM merchant WHERE slug = $1", "t", TYPES};

const struct db_statement merchant_first = {
    "merchant_first", "SELECT " COLUMNS " FROM merchant ORDER BY id LIMIT $1", "i", TYPES};

const struct db_statement merchant_add = {
    "merchant_add",
    "INSERT INTO merchant (id, slug, name, currency, time_zone, country, language,"
    " associates_see_chain, created_us, updated_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
    "$9)",
    "ittttttii", ""};

const struct db_statement merchant_change = {
    "merchant_change",
    "UPDATE merchant SET name = $1, currency = $2, time_zone = $3, country = $4, language = $5,"
    " associates_see_chain = $6, second_step_from = $7, updated_us = $8, version = version + 1"
    " WHERE id = $9 AND version = $10",
    "tttttitiii", ""};

const struct db_statement *const merchant_statements[] = {
    &merchant_by_id, &merchant_by_slug, &merchant_first, &merchant_add, &merchant_change, NULL};
