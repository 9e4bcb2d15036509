/* Every statement of the certificates. */
#include "certificate_sql.h"

#define TYPE                                                                                       \
    "SELECT id, name, description, kind, value_minor, gift, partial, valid_days, valid_until,"     \
    " per_customer, stock, issued, created_us, updated_us, version, deleted_us"                    \
    " FROM certificate_type WHERE merchant_id = $1"
#define TYPE_COLUMNS                                                                               \
    "itttitiiii"                                                                                   \
    "iiiiii"

const struct db_statement certificate_type_all = {
    "certificate_type_all",
    TYPE " AND (deleted_us IS NULL OR deleted_us >= $2)"
         " ORDER BY CASE WHEN deleted_us IS NULL THEN 0 ELSE 1 END, deleted_us DESC, name_key, id",
    "ii", TYPE_COLUMNS};

const struct db_statement certificate_type_one = {"certificate_type_one", TYPE " AND id = $2", "ii",
                                                  TYPE_COLUMNS};

/* What became of those issued: open on that day, and what is left on them; redeemed. */
const struct db_statement certificate_type_counts = {
    "certificate_type_counts",
    "SELECT type_id, CAST(SUM(CASE WHEN state = 0 AND (valid_until IS NULL OR valid_until >= $1)"
    " THEN 1 ELSE 0 END) AS BIGINT),"
    " CAST(SUM(CASE WHEN state = 0 AND (valid_until IS NULL OR valid_until >= $1)"
    " THEN left_minor ELSE 0 END) AS BIGINT),"
    " CAST(SUM(CASE WHEN state = 1 THEN 1 ELSE 0 END) AS BIGINT)"
    " FROM certificate WHERE merchant_id = $2 GROUP BY type_id",
    "ii", "iiii"};

const struct db_statement certificate_type_add = {
    "certificate_type_add",
    "INSERT INTO certificate_type (merchant_id, id, name, name_key, description, kind, value_minor,"
    " gift, partial, valid_days, valid_until, per_customer, stock, created_us, updated_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
    "iittttitiiiiii", ""};

const struct db_statement certificate_type_change = {
    "certificate_type_change",
    "UPDATE certificate_type SET name = $1, name_key = $2, description = $3, kind = $4,"
    " value_minor = $5, gift = $6, partial = $7, valid_days = $8, valid_until = $9,"
    " per_customer = $10, stock = $11, updated_us = $12, version = version + 1"
    " WHERE merchant_id = $13 AND id = $14",
    "ttttitiiiiiiii", ""};

const struct db_statement certificate_type_remove = {
    "certificate_type_remove",
    "UPDATE certificate_type SET deleted_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

/* Takes so many out of the stock, or gives them back. */
const struct db_statement certificate_type_take = {
    "certificate_type_take",
    "UPDATE certificate_type SET issued = issued + $1 WHERE merchant_id = $2 AND id = $3", "iii",
    ""};

/* Rewards that are this type, by name. */
const struct db_statement certificate_type_used = {
    "certificate_type_used",
    "SELECT name FROM stamp_program WHERE merchant_id = $1 AND reward_type_id = $2"
    " AND deleted_us IS NULL AND reward = 'certificate' UNION ALL SELECT '' FROM referral_rules"
    " WHERE merchant_id = $1 AND active = 1 AND ((bringer = 'certificate' AND bringer_type_id = $2)"
    " OR (brought = 'certificate' AND brought_type_id = $2))",
    "ii", "t"};

#define CERTIFICATE                                                                                \
    "SELECT c.id, c.customer_id, c.type_id, c.code, c.kind, c.value_minor, c.left_minor, c.gift,"  \
    " c.partial, c.state, c.valid_until, c.issued_us, c.issued_day, c.origin, c.staff_id,"         \
    " c.bulk_id, c.reason, c.message, c.version, t.name, t.description, s.name, o.number,"         \
    " o.first_name, o.last_name, o.nickname FROM certificate c"                                    \
    " JOIN certificate_type t ON t.merchant_id = c.merchant_id AND t.id = c.type_id"               \
    " LEFT JOIN staff s ON s.merchant_id = c.merchant_id AND s.id = c.staff_id"                    \
    " LEFT JOIN customer o ON o.merchant_id = c.merchant_id AND o.id = c.customer_id"              \
    " WHERE c.merchant_id = $1"
#define CERTIFICATE_COLUMNS                                                                        \
    "iiittiitii"                                                                                   \
    "iiitiittit"                                                                                   \
    "ttittt"
/* $2: below this id; $3: a type or 0; $4: a state or -1; $5: today */
#define FILTER                                                                                     \
    " AND c.id < $2 AND (c.type_id = $3 OR $3 = 0) AND ($4 = -1 OR $4 = CASE WHEN c.state = 0"     \
    " AND c.valid_until < $5 THEN 3 ELSE c.state END)"

const struct db_statement certificate_page = {"certificate_page",
                                              CERTIFICATE FILTER " ORDER BY c.id DESC LIMIT $6",
                                              "iiiiii", CERTIFICATE_COLUMNS};
const struct db_statement certificate_page_customer = {
    "certificate_page_customer",
    CERTIFICATE FILTER " AND c.customer_id = $6 ORDER BY c.id DESC LIMIT $7", "iiiiiii",
    CERTIFICATE_COLUMNS};
const struct db_statement certificate_one = {"certificate_one", CERTIFICATE " AND c.id = $2", "ii",
                                             CERTIFICATE_COLUMNS};
const struct db_statement certificate_code = {"certificate_code", CERTIFICATE " AND c.code = $2",
                                              "it", CERTIFICATE_COLUMNS};

const struct db_statement certificate_add = {
    "certificate_add",
    "INSERT INTO certificate (merchant_id, id, customer_id, type_id, code, kind, value_minor,"
    " left_minor, gift, partial, valid_until, issued_us, issued_day, origin, staff_id, bulk_id,"
    " reason, message, idempotency)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    "iiiittitii"
    "iitiittt",
    ""};

/* Only from the version that was read: of two at a time one writes. */
const struct db_statement certificate_set = {
    "certificate_set",
    "UPDATE certificate SET state = $1, left_minor = $2, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4 AND version = $5",
    "iiiii", ""};

const struct db_statement certificate_change_all = {
    "certificate_change_all",
    "SELECT u.id, u.kind, u.amount_minor, u.cites_id, u.at_us, o.name, s.name, u.note"
    " FROM certificate_use u LEFT JOIN staff s ON s.merchant_id = u.merchant_id AND s.id = "
    "u.staff_id"
    " LEFT JOIN store o ON o.merchant_id = u.merchant_id AND o.id = u.store_id"
    " WHERE u.merchant_id = $1 AND u.certificate_id = $2 ORDER BY u.id DESC",
    "ii", "itiiittt"};

const struct db_statement certificate_change_add = {
    "certificate_change_add",
    "INSERT INTO certificate_use (merchant_id, certificate_id, id, kind, amount_minor, cites_id,"
    " at_us, day, staff_id, store_id, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    "iiitiiiiiit", ""};

/* Of a customer, of a type, without the void ones. */
const struct db_statement certificate_count = {
    "certificate_count",
    "SELECT COUNT(*) FROM certificate WHERE merchant_id = $1 AND customer_id = $2 AND type_id = $3"
    " AND state <> 2",
    "iii", "i"};

const struct db_statement certificate_promised = {
    "certificate_promised",
    "SELECT id FROM certificate WHERE merchant_id = $1 AND idempotency = $2", "it", "i"};

const struct db_statement certificate_living = {
    "certificate_living",
    "SELECT id FROM customer WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL", "ii", "i"};

const struct db_statement *const certificate_statements[] = {
    &certificate_type_all,    &certificate_type_counts,
    &certificate_type_one,    &certificate_type_add,
    &certificate_type_change, &certificate_type_remove,
    &certificate_type_take,   &certificate_type_used,
    &certificate_page,        &certificate_page_customer,
    &certificate_one,         &certificate_code,
    &certificate_add,         &certificate_set,
    &certificate_change_all,  &certificate_change_add,
    &certificate_count,       &certificate_living,
    &certificate_promised,    NULL,
};
