/* Every statement of the activity. */
#include "activity_sql.h"

const struct db_statement activity_insert = {
    "activity_insert",
    "INSERT INTO activity (merchant_id, id, customer_id, kind, store_id, at_us, day, recorded_us, "
    "origin,"
    " staff_id, amount_minor, detail, idempotency, subject_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    "iiitiiiitiitti", ""};

/* From (day, at_us, id) backwards. */
#define PLACE(t)                                                                                   \
    " WHERE " t ".merchant_id = $1 AND " t ".customer_id = $2 AND " t ".day <= $3"                 \
    " AND (" t ".day < $3 OR " t ".at_us < $4 OR (" t ".at_us = $4 AND " t ".id < $5))"
#define ORDER(t) " ORDER BY " t ".day DESC, " t ".at_us DESC, " t ".id DESC LIMIT "

#define EVENTS                                                                                     \
    "SELECT a.id, a.kind, a.at_us, a.day, a.store_id, a.amount_minor, s.name, a.origin, a.detail," \
    " COALESCE(n.text, k.text) FROM activity a"                                                    \
    " LEFT JOIN staff s ON s.merchant_id = a.merchant_id AND s.id = a.staff_id"                    \
    " LEFT JOIN note n ON n.merchant_id = a.merchant_id AND n.customer_id = a.customer_id"         \
    " AND n.id = a.subject_id AND a.kind = 'note' AND n.deleted_us IS NULL"                        \
    " LEFT JOIN task k ON k.merchant_id = a.merchant_id AND k.id = a.subject_id"                   \
    " AND a.kind = 'task' AND k.deleted_us IS NULL" PLACE("a")

const struct db_statement activity_page = {"activity_page", EVENTS ORDER("a") "$6", "iiiiii",
                                           "itiiiitttt"};
const struct db_statement activity_page_kind = {
    "activity_page_kind", EVENTS " AND a.kind = $6" ORDER("a") "$7", "iiiiiti", "itiiiitttt"};

#define SALES                                                                                      \
    "SELECT t.id, t.kind, t.at_us, t.day, t.store_id, t.total_minor, t.invoice, t.line_count,"     \
    " t.canceled_by, t.import_id FROM transactions t" PLACE("t")

const struct db_statement activity_sales_page = {"activity_sales_page", SALES ORDER("t") "$6",
                                                 "iiiiii", "itiiiitiii"};
const struct db_statement activity_sales_page_kind = {
    "activity_sales_page_kind", SALES " AND t.kind = $6" ORDER("t") "$7", "iiiiiti", "itiiiitiii"};

const struct db_statement activity_counts = {
    "activity_counts",
    "SELECT kind, COUNT(*) FROM activity WHERE merchant_id = $1 AND customer_id = $2 GROUP BY kind"
    " ORDER BY kind",
    "ii", "ti"};
const struct db_statement activity_sales_counts = {
    "activity_sales_counts",
    "SELECT kind, COUNT(*) FROM transactions WHERE merchant_id = $1 AND customer_id = $2 GROUP BY "
    "kind"
    " ORDER BY kind",
    "ii", "ti"};

const struct db_statement *const activity_statements[] = {
    &activity_insert,          &activity_page,   &activity_page_kind,    &activity_sales_page,
    &activity_sales_page_kind, &activity_counts, &activity_sales_counts, NULL,
};
