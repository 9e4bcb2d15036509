/* Every statement of the consents. */
#include "consent_sql.h"

const struct db_statement consent_add = {
    "consent_add",
    "INSERT INTO consent (merchant_id, customer_id, id, channel, state, at_us, recorded_us, how,"
    " staff_id, text_id, reason, note, address, undoes_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    "iiittiitiittti", ""};

const struct db_statement consent_now = {
    "consent_now",
    "SELECT sms_consent, email_consent, push_consent, sms_suppressed, email_suppressed,"
    " push_suppressed FROM customer WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL",
    "ii", "iiiiii"};

#define SET(channel)                                                                               \
    {                                                                                              \
        "consent_set_" channel,                                                                    \
            "UPDATE customer SET " channel "_consent = $1, " channel "_suppressed = $2,"           \
            " updated_us = $3, version = version + 1 WHERE merchant_id = $4 AND id = $5",          \
            "iiiii", ""                                                                            \
    }
const struct db_statement consent_set[] = {SET("sms"), SET("email"), SET("push")};

const struct db_statement consent_count = {
    "consent_count", "SELECT COUNT(*) FROM consent WHERE merchant_id = $1 AND customer_id = $2",
    "ii", "i"};

/* Ids grow with time. */
const struct db_statement consent_latest = {
    "consent_latest",
    "SELECT id, at_us FROM consent WHERE merchant_id = $1 AND customer_id = $2 AND channel = $3"
    " ORDER BY id DESC LIMIT 1",
    "iit", "ii"};

const struct db_statement consent_one = {
    "consent_one",
    "SELECT channel, state, at_us, recorded_us, how, staff_id, text_id FROM consent"
    " WHERE merchant_id = $1 AND customer_id = $2 AND id = $3",
    "iii", "ttiitii"};

/* What stood before an act, of the same sort: granted and refused, or suppressed and released. */
const struct db_statement consent_before = {
    "consent_before",
    "SELECT state, reason FROM consent WHERE merchant_id = $1 AND customer_id = $2 AND channel = $3"
    " AND id < $4 AND CASE WHEN state IN ('suppressed', 'released') THEN 1 ELSE 0 END = $5"
    " ORDER BY id DESC LIMIT 1",
    "iitii", "tt"};

const struct db_statement consent_history = {
    "consent_history",
    "SELECT c.id, c.channel, c.state, c.at_us, c.recorded_us, c.how, c.staff_id, s.name, c.reason,"
    " c.note, c.address, c.undoes_id, c.import_id, c.text_version, t.id, t.language, t.version, "
    "t.body"
    " FROM consent c LEFT JOIN staff s ON s.merchant_id = c.merchant_id AND s.id = c.staff_id"
    " LEFT JOIN consent_text t ON t.merchant_id = c.merchant_id AND t.id = c.text_id"
    " WHERE c.merchant_id = $1 AND c.customer_id = $2 ORDER BY c.id LIMIT $3",
    "iii",
    "ittiitit"
    "tttii"
    "titit"};

/* Without the pictures themselves. */
const struct db_statement consent_evidence_all = {
    "consent_evidence_all",
    "SELECT e.id, e.act_id, e.sha256, e.created_us, s.name FROM consent_evidence e"
    " LEFT JOIN staff s ON s.merchant_id = e.merchant_id AND s.id = e.staff_id"
    " WHERE e.merchant_id = $1 AND e.customer_id = $2 ORDER BY e.id",
    "ii", "iibit"};

/* How many the customer has, and the act; and whether this one is there. */
const struct db_statement consent_evidence_room = {
    "consent_evidence_room",
    "SELECT COUNT(*), COUNT(CASE WHEN act_id = $1 THEN 1 END),"
    " COUNT(CASE WHEN act_id = $1 AND sha256 = $2 THEN 1 END) FROM consent_evidence"
    " WHERE merchant_id = $3 AND customer_id = $4",
    "ibii", "iii"};

const struct db_statement consent_evidence_insert = {
    "consent_evidence_insert",
    "INSERT INTO consent_evidence (merchant_id, customer_id, id, act_id, sha256, image, created_us,"
    " staff_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iiiibbii", ""};

#define EVIDENCE " WHERE merchant_id = $1 AND customer_id = $2 AND id = $3"
const struct db_statement consent_evidence_one = {
    "consent_evidence_one", "SELECT image FROM consent_evidence" EVIDENCE, "iii", "b"};
const struct db_statement consent_evidence_delete = {
    "consent_evidence_delete", "DELETE FROM consent_evidence" EVIDENCE " RETURNING act_id, sha256",
    "iii", "ib"};

const struct db_statement consent_text_add = {
    "consent_text_add",
    "INSERT INTO consent_text (merchant_id, id, channel, language, version, body, created_us,"
    " staff_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iittitii", ""};

/* Newest first. */
const struct db_statement consent_text_all = {
    "consent_text_all",
    "SELECT t.id, t.channel, t.language, t.version, t.body, t.created_us, s.name FROM consent_text "
    "t"
    " LEFT JOIN staff s ON s.merchant_id = t.merchant_id AND s.id = t.staff_id"
    " WHERE t.merchant_id = $1 ORDER BY t.channel, t.language, t.version DESC",
    "i", "ittitit"};

const struct db_statement consent_text_one = {
    "consent_text_one", "SELECT channel FROM consent_text WHERE merchant_id = $1 AND id = $2", "ii",
    "t"};

const struct db_statement consent_text_latest = {
    "consent_text_latest",
    "SELECT version, body FROM consent_text WHERE merchant_id = $1 AND channel = $2"
    " AND language = $3 ORDER BY version DESC LIMIT 1",
    "itt", "it"};

const struct db_statement consent_text_find = {
    "consent_text_find",
    "SELECT id FROM consent_text WHERE merchant_id = $1 AND channel = $2 AND language = $3"
    " AND body = $4",
    "ittt", "i"};

/* Both by customer, for habitue check; deleted customers too. */
const struct db_statement consent_columns = {
    "consent_columns",
    "SELECT id, sms_consent, email_consent, push_consent, sms_suppressed, email_suppressed,"
    " push_suppressed FROM customer WHERE merchant_id = $1 AND deleted_us IS NULL ORDER BY id",
    "i", "iiiiiii"};
const struct db_statement consent_acts = {
    "consent_acts",
    "SELECT customer_id, channel, state FROM consent WHERE merchant_id = $1"
    " ORDER BY customer_id, id",
    "i", "itt"};

const struct db_statement *const consent_statements[] = {
    &consent_add,
    &consent_now,
    &consent_set[0],
    &consent_set[1],
    &consent_set[2],
    &consent_latest,
    &consent_count,
    &consent_one,
    &consent_before,
    &consent_history,
    &consent_text_add,
    &consent_text_all,
    &consent_text_one,
    &consent_text_latest,
    &consent_text_find,
    &consent_columns,
    &consent_acts,
    &consent_evidence_all,
    &consent_evidence_room,
    &consent_evidence_insert,
    &consent_evidence_one,
    &consent_evidence_delete,
    NULL,
};
