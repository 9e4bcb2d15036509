/* Every statement of the till watch. */
#include "watch_sql.h"

const struct db_statement watch_rules_get = {
    "watch_rules_get",
    "SELECT again_count, again_hours, own, limit_points, request_days, version FROM watch_rules"
    " WHERE merchant_id = $1",
    "i", "iiiiii"};

/* Nobody else has written it since: one row changes. */
const struct db_statement watch_rules_put = {
    "watch_rules_put",
    "INSERT INTO watch_rules (merchant_id, again_count, again_hours, own, limit_points,"
    " request_days, updated_us, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (merchant_id) DO UPDATE SET again_count = excluded.again_count,"
    " again_hours = excluded.again_hours, own = excluded.own,"
    " limit_points = excluded.limit_points, request_days = excluded.request_days,"
    " updated_us = excluded.updated_us, version = excluded.version"
    " WHERE watch_rules.version = excluded.version - 1",
    "iiiiiiii", ""};

/* ---- following the ledger ---- */

const struct db_statement watch_progress_get = {
    "watch_progress_get", "SELECT entry_id FROM watch_progress WHERE merchant_id = $1", "i", "i"};

const struct db_statement watch_progress_put = {
    "watch_progress_put",
    "INSERT INTO watch_progress (merchant_id, entry_id) VALUES ($1, $2)"
    " ON CONFLICT (merchant_id) DO UPDATE SET entry_id = excluded.entry_id"
    " WHERE watch_progress.entry_id < excluded.entry_id",
    "ii", ""};

#define ACTS " AND kind IN ('credit', 'debit', 'stamp', 'certificate', 'birthday')"

const struct db_statement watch_new_entries = {
    "watch_new_entries",
    "SELECT id, customer_id, staff_id, at_us, amount FROM points_entry WHERE merchant_id = $1"
    " AND id > $2 AND staff_id IS NOT NULL" ACTS " ORDER BY id LIMIT $3",
    "iii", "iiiii"};

/* What one of the staff did for one customer lately, and nobody has decided on. */
const struct db_statement watch_window = {
    "watch_window",
    "SELECT id FROM points_entry WHERE merchant_id = $1 AND customer_id = $2 AND id <= $3"
    " AND staff_id = $4 AND at_us > $5" ACTS " AND NOT EXISTS (SELECT 1 FROM watch_alert_entry x"
    " JOIN watch_alert a ON a.merchant_id = x.merchant_id AND a.id = x.alert_id"
    " WHERE x.merchant_id = points_entry.merchant_id AND x.entry_id = points_entry.id"
    " AND x.kind = 'again' AND a.state <> 'open') ORDER BY id DESC LIMIT $6",
    "iiiiii", "i"};

const struct db_statement watch_told = {
    "watch_told",
    "SELECT COUNT(*) FROM watch_alert_entry WHERE merchant_id = $1 AND kind = 'own'"
    " AND entry_id = $2",
    "ii", "i"};

/* An e-mail of the customer is that of the staff's account. */
const struct db_statement watch_same_person = {
    "watch_same_person",
    "SELECT COUNT(*) FROM contact k JOIN staff s ON s.merchant_id = k.merchant_id"
    " AND s.id = $1 AND s.email_key <> '' AND s.email_key = k.match_key"
    " WHERE k.merchant_id = $2 AND k.customer_id = $3 AND k.kind = 'email'",
    "iii", "i"};

const struct db_statement watch_names = {
    "watch_names",
    "SELECT s.name, c.first_name, c.last_name FROM staff s JOIN customer c"
    " ON c.merchant_id = s.merchant_id AND c.id = $1 WHERE s.merchant_id = $2 AND s.id = $3",
    "iii", "ttt"};

const struct db_statement watch_open_alert = {
    "watch_open_alert",
    "SELECT id FROM watch_alert WHERE merchant_id = $1 AND state = 'open' AND kind = $2"
    " AND customer_id = $3 AND staff_id = $4",
    "itii", "i"};

const struct db_statement watch_alert_add = {
    "watch_alert_add",
    "INSERT INTO watch_alert (merchant_id, id, kind, customer_id, staff_id, state, note, opened_us)"
    " VALUES ($1, $2, $3, $4, $5, 'open', '', $6)",
    "iitiii", ""};

const struct db_statement watch_entry_add = {
    "watch_entry_add",
    "INSERT INTO watch_alert_entry (merchant_id, kind, entry_id, alert_id) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (merchant_id, kind, entry_id) DO NOTHING",
    "itii", ""};

const struct db_statement watch_merchants = {
    "watch_merchants", "SELECT id FROM merchant WHERE id > $1 ORDER BY id LIMIT 1000", "i", "i"};

const struct db_statement watch_role = {
    "watch_role", "SELECT role FROM staff WHERE merchant_id = $1 AND id = $2", "ii", "t"};

/* ---- alerts ---- */

#define ALERT                                                                                      \
    "SELECT a.id, a.kind, a.customer_id, a.staff_id, a.state, a.note, a.opened_us, a.decided_us,"  \
    " a.version, s.name, d.name FROM watch_alert a JOIN staff s ON s.merchant_id = a.merchant_id"  \
    " AND s.id = a.staff_id LEFT JOIN staff d ON d.merchant_id = a.merchant_id"                    \
    " AND d.id = a.decided_by WHERE a.merchant_id = $1"
#define ALERT_TYPES "itiittiiitt"

const struct db_statement watch_alerts_open = {
    "watch_alerts_open", ALERT " AND a.state = 'open' ORDER BY a.id DESC LIMIT $2", "ii",
    ALERT_TYPES};
const struct db_statement watch_alerts_decided = {
    "watch_alerts_decided",
    ALERT " AND a.state IN ('fine', 'taken_back') ORDER BY a.id DESC LIMIT $2", "ii", ALERT_TYPES};
const struct db_statement watch_alert_one = {"watch_alert_one", ALERT " AND a.id = $2", "ii",
                                             ALERT_TYPES};

const struct db_statement watch_alert_decide = {
    "watch_alert_decide",
    "UPDATE watch_alert SET state = $1, note = $2, decided_us = $3, decided_by = $4,"
    " version = version + 1 WHERE merchant_id = $5 AND id = $6 AND state = 'open'",
    "ttiiii", ""};

const struct db_statement watch_entries = {
    "watch_entries",
    "SELECT entry_id FROM watch_alert_entry WHERE merchant_id = $1 AND alert_id = $2"
    " ORDER BY entry_id DESC LIMIT $3",
    "iii", "i"};

const struct db_statement watch_open_count = {
    "watch_open_count",
    "SELECT COUNT(*) FROM watch_alert WHERE merchant_id = $1 AND state = 'open'", "i", "i"};

/* ---- requests ---- */

#define REQUEST                                                                                    \
    "SELECT r.id, r.customer_id, r.amount, r.reason, r.message, r.staff_id, r.made_us,"            \
    " r.until_day, r.state, r.note, r.decided_us, r.entry_id, s.name, d.name, r.kind, r.store_id," \
    " r.idempotency"                                                                               \
    " FROM watch_request r JOIN staff s ON s.merchant_id = r.merchant_id AND s.id = r.staff_id"    \
    " LEFT JOIN staff d ON d.merchant_id = r.merchant_id AND d.id = r.decided_by"                  \
    " WHERE r.merchant_id = $1"
#define REQUEST_TYPES "iiittiiittiitttit"

const struct db_statement watch_requests_waiting = {
    "watch_requests_waiting",
    REQUEST " AND r.state = 'waiting' AND r.until_day >= $2 ORDER BY r.id DESC LIMIT $3", "iii",
    REQUEST_TYPES};
const struct db_statement watch_requests_decided = {
    "watch_requests_decided",
    REQUEST " AND (r.state <> 'waiting' OR r.until_day < $2) ORDER BY r.id DESC LIMIT $3", "iii",
    REQUEST_TYPES};
const struct db_statement watch_request_one = {"watch_request_one", REQUEST " AND r.id = $2", "ii",
                                               REQUEST_TYPES};

const struct db_statement watch_request_add = {
    "watch_request_add",
    "INSERT INTO watch_request (merchant_id, id, customer_id, amount, reason, message, staff_id,"
    " made_us, until_day, kind, store_id, idempotency, state, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'waiting', '')",
    "iiiittiiitit", ""};

const struct db_statement watch_request_by_key = {
    "watch_request_by_key",
    "SELECT id, amount, kind FROM watch_request WHERE merchant_id = $1 AND idempotency = $2", "it",
    "iit"};

const struct db_statement watch_request_withdraw = {
    "watch_request_withdraw",
    "UPDATE watch_request SET state = 'withdrawn', decided_us = $1, decided_by = $2"
    " WHERE merchant_id = $3 AND idempotency = $4 AND state = 'waiting'",
    "iiit", ""};

const struct db_statement watch_request_entry = {
    "watch_request_entry",
    "SELECT entry_id FROM watch_request WHERE merchant_id = $1 AND idempotency = $2"
    " AND entry_id IS NOT NULL",
    "it", "i"};

const struct db_statement watch_request_decide = {
    "watch_request_decide",
    "UPDATE watch_request SET state = $1, note = $2, decided_us = $3, decided_by = $4,"
    " entry_id = $5 WHERE merchant_id = $6 AND id = $7 AND state = 'waiting'",
    "ttiiiii", ""};

const struct db_statement watch_waiting = {
    "watch_waiting",
    "SELECT COUNT(*) FROM watch_request WHERE merchant_id = $1 AND state = 'waiting'"
    " AND until_day >= $2",
    "ii", "i"};

const struct db_statement watch_alert_customer = {
    "watch_alert_customer",
    "SELECT customer_id FROM watch_alert WHERE merchant_id = $1 AND id = $2", "ii", "i"};
const struct db_statement watch_request_customer = {
    "watch_request_customer",
    "SELECT customer_id FROM watch_request WHERE merchant_id = $1 AND id = $2", "ii", "i"};

const struct db_statement *const watch_statements[] = {
    &watch_rules_get,
    &watch_rules_put,
    &watch_progress_get,
    &watch_progress_put,
    &watch_new_entries,
    &watch_window,
    &watch_told,
    &watch_same_person,
    &watch_names,
    &watch_open_alert,
    &watch_alert_add,
    &watch_entry_add,
    &watch_merchants,
    &watch_role,
    &watch_alerts_open,
    &watch_alerts_decided,
    &watch_alert_one,
    &watch_alert_decide,
    &watch_entries,
    &watch_requests_waiting,
    &watch_requests_decided,
    &watch_request_one,
    &watch_request_add,
    &watch_request_decide,
    &watch_waiting,
    &watch_request_by_key,
    &watch_request_withdraw,
    &watch_request_entry,
    &watch_open_count,
    &watch_alert_customer,
    &watch_request_customer,
    NULL,
};
