/* Every statement of birthdays. */
#include "../batch.h"
#include "birthday_sql.h"

const struct db_statement birthday_rules_get = {
    "birthday_rules_get",
    "SELECT leap, automatic, points, messages, hour, days_ahead, done_until, version"
    " FROM birthday_rules WHERE merchant_id = $1",
    "i", "tiitiiii"};

/* From the index alone. */
const struct db_statement birthday_date_days = {
    "birthday_date_days",
    "SELECT day, customer_id FROM customer_date WHERE merchant_id = $1 AND month = $2"
    " AND day BETWEEN $3 AND $4",
    "iiii", "ii"};

const struct db_statement birthday_dates_of = {
    "birthday_dates_of",
    "SELECT customer_id, month, day, year, name FROM customer_date WHERE merchant_id = $1"
    " AND month = $2 AND day = $3 ORDER BY customer_id, position",
    "iii", "iiiit"};

const struct db_statement greeting_of = {
    "greeting_of",
    "SELECT g.customer_id, g.occasion, g.points, g.message, g.consents, g.at_us, s.name"
    " FROM greeting g LEFT JOIN staff s ON s.merchant_id = g.merchant_id AND s.id = g.staff_id"
    " WHERE g.merchant_id = $1 AND g.customer_id IN " BATCH_IN,
    BATCH_TYPES_I, "iiitiit"};

/* Nobody else has written it since: one row changes. */
const struct db_statement birthday_rules_put = {
    "birthday_rules_put",
    "INSERT INTO birthday_rules (merchant_id, leap, automatic, points, messages, hour, days_ahead,"
    " done_until, updated_us, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " ON CONFLICT (merchant_id) DO UPDATE SET leap = excluded.leap, automatic = excluded.automatic,"
    " points = excluded.points, messages = excluded.messages, hour = excluded.hour,"
    " days_ahead = excluded.days_ahead, done_until = excluded.done_until,"
    " updated_us = excluded.updated_us, version = excluded.version"
    " WHERE birthday_rules.version = excluded.version - 1",
    "itiitiiiii", ""};

/* What is due is looked for anew, also on a day that had its job. */
const struct db_statement birthday_rules_again = {
    "birthday_rules_again", "DELETE FROM daily WHERE merchant_id = $1 AND kind = $2", "it", ""};

const struct db_statement birthday_done = {
    "birthday_done",
    "UPDATE birthday_rules SET done_until = $1 WHERE merchant_id = $2"
    " AND (done_until IS NULL OR done_until < $1)",
    "ii", ""};

const struct db_statement birthday_due = {
    "birthday_due",
    "SELECT m.id, m.time_zone, d.day, r.hour FROM birthday_rules r JOIN merchant m"
    " ON m.id = r.merchant_id LEFT JOIN daily d ON d.merchant_id = r.merchant_id AND d.kind = $1"
    " WHERE r.automatic = 1 ORDER BY m.time_zone, m.id",
    "t", "itii"};

const struct db_statement greeting_people = {
    "greeting_people",
    "SELECT id, COALESCE(first_name, nickname), language, blocked, sms_consent, email_consent,"
    " push_consent, sms_suppressed, email_suppressed, push_suppressed FROM customer"
    " WHERE merchant_id = $1 AND deleted_us IS NULL AND id IN " BATCH_IN,
    BATCH_TYPES_I, "ittiiiiiii"};

/* Changes nothing for who was greeted. */
const struct db_statement greeting_add = {
    "greeting_add",
    "INSERT INTO greeting (merchant_id, customer_id, occasion, day, points, message, consents,"
    " staff_id, at_us, act_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " ON CONFLICT (merchant_id, customer_id, occasion) DO NOTHING",
    "iiiiitiiii", ""};

/* Of living customers; $3: whose acts alone, 0: anybody's. */
const struct db_statement greeting_of_act = {
    "greeting_of_act",
    "SELECT g.customer_id, g.occasion, g.entry_id FROM greeting g JOIN customer c"
    " ON c.merchant_id = g.merchant_id AND c.id = g.customer_id AND c.deleted_us IS NULL"
    " WHERE g.merchant_id = $1 AND g.act_id = $2 AND g.staff_id IS NOT NULL"
    " AND ($3 = 0 OR g.staff_id = $3) ORDER BY g.customer_id, g.occasion LIMIT $4",
    "iiii", "iii"};

const struct db_statement greeting_remove = {
    "greeting_remove",
    "DELETE FROM greeting WHERE merchant_id = $1 AND customer_id = $2 AND occasion = $3", "iii",
    ""};

/* Its points wait for a second person no longer (crm/watch knows greetings, not the reverse). */
const struct db_statement greeting_withdraw = {
    "greeting_withdraw",
    "UPDATE watch_request SET state = 'withdrawn', decided_us = $1, decided_by = $2"
    " WHERE merchant_id = $3 AND idempotency = $4 AND state = 'waiting'",
    "iiit", ""};

const struct db_statement greeting_entry = {
    "greeting_entry",
    "UPDATE greeting SET entry_id = $1, points = $2 WHERE merchant_id = $3 AND customer_id = $4"
    " AND occasion = $5",
    "iiiii", ""};

/* How many were greeted for their birthdays on those days. */
const struct db_statement greeting_days = {
    "greeting_days",
    "SELECT day, COUNT(*) FROM greeting WHERE merchant_id = $1 AND day BETWEEN $2 AND $3"
    " AND occasion % 512 = 0 GROUP BY day",
    "iii", "ii"};

const struct db_statement greeting_log = {
    "greeting_log",
    "SELECT g.customer_id, g.occasion, g.day, g.points, g.message, g.consents, g.at_us, s.name"
    " FROM greeting g LEFT JOIN staff s ON s.merchant_id = g.merchant_id AND s.id = g.staff_id"
    " WHERE g.merchant_id = $1 AND (g.at_us < $2 OR (g.at_us = $2 AND g.customer_id < $3))"
    " ORDER BY g.at_us DESC, g.customer_id DESC LIMIT $4",
    "iiii", "iiiitiit"};

const struct db_statement *const birthday_statements[] = {
    &birthday_rules_get,
    &birthday_rules_put,
    &birthday_rules_again,
    &birthday_done,
    &birthday_due,
    &birthday_date_days,
    &birthday_dates_of,
    &greeting_of,
    &greeting_people,
    &greeting_add,
    &greeting_entry,
    &greeting_days,
    &greeting_log,
    &greeting_of_act,
    &greeting_remove,
    &greeting_withdraw,
    NULL,
};
