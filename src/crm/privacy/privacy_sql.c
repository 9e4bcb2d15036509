/* Statements of erasure and of retention; those of each table stand in privacy_tables.c. */
#include "privacy_sql.h"

const struct db_statement privacy_person = {
    "privacy_person",
    "SELECT number, external_id, first_name, last_name FROM customer c WHERE merchant_id = $1"
    " AND id = $2 AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.merchant_id = c.merchant_id"
    " AND e.customer_id = c.id)",
    "ii", "ittt"};
const struct db_statement privacy_merged = {
    "privacy_merged",
    "SELECT id, number FROM customer WHERE merchant_id = $1 AND merged_into = $2 ORDER BY id", "ii",
    "ii"};
const struct db_statement privacy_contacts = {
    "privacy_contacts",
    "SELECT CAST(CASE WHEN kind = 'email' THEN 1 ELSE 0 END AS BIGINT), value, match_key"
    " FROM contact WHERE merchant_id = $1 AND customer_id = $2",
    "ii", "itt"};
const struct db_statement privacy_shell = {
    "privacy_shell",
    "UPDATE customer SET deleted_us = $1, updated_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

const struct db_statement privacy_erasure_add = {
    "privacy_erasure_add",
    "INSERT INTO erasure (merchant_id, customer_id, number, reason, at_us, staff_id, actor)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iiitiit", ""};
/* Newest first, from an instant and id backwards; a number, or 0 for all. */
const struct db_statement privacy_erasures = {
    "privacy_erasures",
    "SELECT customer_id, number, reason, at_us, actor FROM erasure WHERE merchant_id = $1"
    " AND ($2 = 0 OR number = $2) AND (at_us < $3 OR (at_us = $3 AND customer_id < $4))"
    " ORDER BY at_us DESC, customer_id DESC LIMIT $5",
    "iiiii", "iitit"};

const struct db_statement privacy_audit_redact = {
    "privacy_audit_redact",
    "UPDATE audit SET detail = '{\"erased\":true}' WHERE merchant_id = $1 AND entity = 'customer'"
    " AND entity_id = $2",
    "ii", ""};
const struct db_statement privacy_audit_redact_value = {
    "privacy_audit_redact_value",
    "UPDATE audit SET detail = '{\"erased\":true}' WHERE merchant_id = $1"
    " AND detail LIKE $2 ESCAPE '!'",
    "it", ""};
const struct db_statement privacy_rejection_redact = {
    "privacy_rejection_redact",
    "UPDATE import_rejection SET record = '', args = '{}' WHERE merchant_id = $1"
    " AND (record LIKE $2 ESCAPE '!' OR args LIKE $2 ESCAPE '!')",
    "it", ""};

/* ---- retention ---- */

const struct db_statement retention_get = {
    "retention_get", "SELECT months, version FROM retention WHERE merchant_id = $1", "i", "ii"};
const struct db_statement retention_first = {
    "retention_first",
    "INSERT INTO retention (merchant_id, months, updated_us, version) VALUES ($1, $2, $3, 1)"
    " ON CONFLICT (merchant_id) DO NOTHING",
    "iii", ""};
const struct db_statement retention_put = {
    "retention_put",
    "UPDATE retention SET months = $1, updated_us = $2, version = version + 1"
    " WHERE merchant_id = $3 AND version = $4",
    "iiii", ""};

/* What the customer did: what was sent to them, and what the staff wrote, is no contact. */
#define CONTACTS                                                                                   \
    "('visit', 'booking', 'booking_missed', 'booking_canceled', 'follow', 'share', 'comment',"     \
    " 'app_open', 'message', 'stamp', 'referral', 'consent')"
#define SAID "k.state IN ('granted', 'refused') AND k.how NOT IN ('import', 'erased')"
/* $1 merchant, $2 the first day that counts as lately, $3 its first instant, $4 who was deleted
 * before it comes up whatever the last contact was, $5 today. */
#define SILENT                                                                                     \
    " FROM customer c LEFT JOIN customer_facts f ON f.merchant_id = c.merchant_id"                 \
    " AND f.customer_id = c.id WHERE c.merchant_id = $1 AND ((c.deleted_us IS NULL"                \
    " AND (f.last_visit_day IS NULL OR f.last_visit_day < $2)"                                     \
    " AND (f.last_purchase_day IS NULL OR f.last_purchase_day < $2)"                               \
    " AND (c.registered_day < $2 OR (c.registered_day IS NULL AND c.created_us < $3)"              \
    " OR (c.registered_day IS NULL AND f.first_day < $2))"                                         \
    " AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.merchant_id = c.merchant_id"                \
    " AND a.customer_id = c.id AND a.day >= $2 AND a.kind IN " CONTACTS ")"                        \
    " AND NOT EXISTS (SELECT 1 FROM consent k WHERE k.merchant_id = c.merchant_id"                 \
    " AND k.customer_id = c.id AND k.at_us >= $3 AND " SAID "))"                                   \
    " OR (c.deleted_us < $4 AND c.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM erasure e"     \
    " WHERE e.merchant_id = c.merchant_id AND e.customer_id = c.id)))"                             \
    " AND NOT EXISTS (SELECT 1 FROM retention_keep r WHERE r.merchant_id = c.merchant_id"          \
    " AND r.customer_id = c.id AND r.until_day >= $5)"

const struct db_statement retention_candidates = {
    "retention_candidates",
    "SELECT c.id, c.number, c.first_name, c.last_name, c.nickname, f.phone, f.email,"
    " f.last_visit_day, f.last_purchase_day, c.registered_day, c.created_us, f.spent_minor,"
    " (SELECT MAX(a.day) FROM activity a WHERE a.merchant_id = c.merchant_id"
    " AND a.customer_id = c.id AND a.kind IN " CONTACTS "),"
    " (SELECT MAX(k.at_us) FROM consent k WHERE k.merchant_id = c.merchant_id"
    " AND k.customer_id = c.id AND " SAID "), c.deleted_us" SILENT
    " AND c.id > $6 ORDER BY c.id LIMIT $7",
    "iiiiiii",
    "iittttt"
    "iiiiiiii"};
const struct db_statement retention_count = {"retention_count", "SELECT COUNT(*)" SILENT, "iiiii",
                                             "i"};
const struct db_statement retention_is = {"retention_is", "SELECT COUNT(*)" SILENT " AND c.id = $6",
                                          "iiiiii", "i"};

const struct db_statement retention_keep_put = {
    "retention_keep_put",
    "INSERT INTO retention_keep (merchant_id, customer_id, until_day, reason, staff_id, at_us)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (merchant_id, customer_id) DO UPDATE SET"
    " until_day = excluded.until_day, reason = excluded.reason, staff_id = excluded.staff_id,"
    " at_us = excluded.at_us",
    "iiitii", ""};
const struct db_statement retention_keep_remove = {
    "retention_keep_remove",
    "DELETE FROM retention_keep WHERE merchant_id = $1 AND customer_id = $2", "ii", ""};
const struct db_statement retention_kept = {
    "retention_kept",
    "SELECT c.id, c.number, c.first_name, c.last_name, c.nickname, r.until_day, r.reason, s.name,"
    " r.at_us FROM retention_keep r JOIN customer c ON c.merchant_id = r.merchant_id"
    " AND c.id = r.customer_id LEFT JOIN staff s ON s.merchant_id = r.merchant_id"
    " AND s.id = r.staff_id WHERE r.merchant_id = $1 AND r.until_day >= $2 ORDER BY r.until_day, "
    "c.id"
    " LIMIT $3",
    "iii",
    "iittt"
    "itti"};

const struct db_statement retention_batch_add = {
    "retention_batch_add",
    "INSERT INTO erasure_batch (merchant_id, id, months, staff_id, actor, address, created_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iiiitti", ""};
const struct db_statement retention_batch_one = {
    "retention_batch_one",
    "SELECT months, staff_id, actor, address FROM erasure_batch WHERE merchant_id = $1 AND id = $2",
    "ii", "iitt"};
const struct db_statement retention_item_add = {
    "retention_item_add",
    "INSERT INTO erasure_item (merchant_id, batch_id, customer_id, state)"
    " VALUES ($1, $2, $3, 'waiting') ON CONFLICT (merchant_id, batch_id, customer_id) DO NOTHING",
    "iii", ""};
const struct db_statement retention_items = {
    "retention_items",
    "SELECT customer_id FROM erasure_item WHERE merchant_id = $1 AND batch_id = $2"
    " AND state = 'waiting' ORDER BY customer_id LIMIT $3",
    "iii", "i"};
const struct db_statement retention_item_set = {
    "retention_item_set",
    "UPDATE erasure_item SET state = $1 WHERE merchant_id = $2 AND batch_id = $3"
    " AND customer_id = $4",
    "tiii", ""};
const struct db_statement retention_item_counts = {
    "retention_item_counts",
    "SELECT state, COUNT(*) FROM erasure_item WHERE merchant_id = $1 AND batch_id = $2"
    " GROUP BY state",
    "ii", "ti"};
