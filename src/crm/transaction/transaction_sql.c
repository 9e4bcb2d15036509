/* Every statement of the transactions. */
#include "transaction_sql.h"

const struct db_statement transaction_known = {
    "transaction_known",
    "SELECT identity, id, customer_id, kind, import_id, line_count, canceled_by FROM transactions"
    " WHERE merchant_id = $1 AND identity IN " BATCH_IN,
    BATCH_TYPES_B, "biitiii"};

/* What a cancellation may cite. */
const struct db_statement transaction_open_purchases = {
    "transaction_open_purchases",
    "SELECT customer_id, id, store_id, day, invoice FROM transactions"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
    " AND kind = 'purchase' AND canceled_by IS NULL AND invoice IS NOT NULL",
    BATCH_TYPES_I, "iiiit"};

const struct db_statement transaction_uncited = {
    "transaction_uncited",
    "SELECT customer_id, id, store_id, day, invoice FROM transactions"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
    " AND kind = 'cancellation' AND cites_id IS NULL",
    BATCH_TYPES_I, "iiiit"};

const struct db_statement transaction_insert = {
    "transaction_insert",
    "INSERT INTO transactions (merchant_id, id, customer_id, store_id, invoice, identity, kind, "
    "cites_id,"
    " canceled_by, at_us, day, total_minor, line_count, import_id, recorded_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    "iiiitbtiiiiiiii", ""};

const struct db_statement transaction_extend = {"transaction_extend",
                                                "UPDATE transactions SET kind = $1, total_minor = "
                                                "total_minor + $2, line_count = line_count + $3"
                                                " WHERE merchant_id = $4 AND id = $5",
                                                "tiiii", ""};

const struct db_statement transaction_cite = {
    "transaction_cite", "UPDATE transactions SET cites_id = $1 WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

const struct db_statement transaction_cancel = {
    "transaction_cancel",
    "UPDATE transactions SET canceled_by = $1 WHERE merchant_id = $2 AND id = $3", "iii", ""};

const struct db_statement transaction_line_insert = {
    "transaction_line_insert",
    "INSERT INTO transaction_line (merchant_id, transaction_id, line, product_code, product, "
    "category_id,"
    " size_id, quantity_milli, price_micro, amount_minor, url)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    "iiittiiiiit", ""};

#define PAGE                                                                                       \
    "SELECT id, invoice, kind, canceled_by, at_us, day, store_id, total_minor, line_count"         \
    " FROM transactions WHERE merchant_id = $1 AND customer_id = $2 AND day <= $3"                 \
    " AND (day < $3 OR at_us < $4 OR (at_us = $4 AND id < $5))"

const struct db_statement transaction_page = {
    "transaction_page", PAGE " ORDER BY day DESC, at_us DESC, id DESC LIMIT $6", "iiiiii",
    "ittiiiiii"};

const struct db_statement transaction_page_kind = {
    "transaction_page_kind", PAGE " AND kind = $6 ORDER BY day DESC, at_us DESC, id DESC LIMIT $7",
    "iiiiiti", "ittiiiiii"};

const struct db_statement transaction_lines = {"transaction_lines",
                                               "SELECT transaction_id, product, product_code, "
                                               "category_id, size_id, quantity_milli, price_micro,"
                                               " amount_minor, url FROM transaction_line WHERE "
                                               "merchant_id = $1 AND transaction_id IN " BATCH_IN
                                               " AND line <= 100 ORDER BY transaction_id, line",
                                               BATCH_TYPES_I, "ittiiiiit"};

const struct db_statement *const transaction_statements[] = {
    &transaction_known,     &transaction_open_purchases, &transaction_uncited,
    &transaction_insert,    &transaction_extend,         &transaction_cite,
    &transaction_cancel,    &transaction_line_insert,    &transaction_page,
    &transaction_page_kind, &transaction_lines,          NULL,
};
