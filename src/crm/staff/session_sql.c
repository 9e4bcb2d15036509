/* Every statement of the sessions. */
#include "session_sql.h"

/* Who a cookie belongs to. */
const struct db_statement session_who = {
    "session_who",
    "SELECT session.staff_id, session.csrf, session.seen_us, session.expires_us, "
    "session.confirmed_us,"
    " staff.name, staff.role, staff.language, merchant.associates_see_chain, staff.totp_since_us,"
    " merchant.second_step_from FROM session"
    " JOIN staff ON staff.merchant_id = session.merchant_id AND staff.id = session.staff_id"
    " JOIN merchant ON merchant.id = session.merchant_id"
    " WHERE session.merchant_id = $1 AND session.token_hash = $2 AND staff.removed_us IS NULL",
    "ib", "itiiitttiit"};

const struct db_statement session_stores = {
    "session_stores", "SELECT store_id FROM staff_store WHERE merchant_id = $1 AND staff_id = $2",
    "ii", "i"};

const struct db_statement session_seen = {
    "session_seen", "UPDATE session SET seen_us = $1 WHERE merchant_id = $2 AND token_hash = $3",
    "iib", ""};

/* Who may be meant by an e-mail: at sign-in the merchant is not known yet. An empty slug = any. */
const struct db_statement session_login = {
    "session_login",
    "SELECT staff.merchant_id, staff.id, staff.password_hash, staff.totp_since_us FROM staff"
    " JOIN merchant ON merchant.id = staff.merchant_id"
    " WHERE staff.email_key = $1 AND staff.removed_us IS NULL AND staff.password_hash IS NOT NULL"
    " AND ($2 = '' OR merchant.slug = $2) ORDER BY staff.merchant_id LIMIT $3",
    "tti", "iiti"};

const struct db_statement session_add = {
    "session_add",
    "INSERT INTO session (merchant_id, token_hash, staff_id, csrf, created_us, seen_us, expires_us,"
    " confirmed_us, address, agent) VALUES ($1, $2, $3, $4, $5, $5, $6, $5, $7, $8)",
    "ibitiitt", ""};

/* Keeps the sessions seen last. */
const struct db_statement session_oldest = {
    "session_oldest",
    "DELETE FROM session WHERE merchant_id = $1 AND staff_id = $2 AND seen_us <"
    " (SELECT MIN(seen_us) FROM (SELECT seen_us FROM session WHERE merchant_id = $1 AND staff_id = "
    "$2"
    " ORDER BY seen_us DESC LIMIT $3) AS newest)",
    "iii", ""};

/* An ended session stays until newer ones push it out: it tells when somebody was seen last. */
const struct db_statement session_end = {
    "session_end", "UPDATE session SET expires_us = $1 WHERE merchant_id = $2 AND token_hash = $3",
    "iib", ""};

/* All of a person's, but for one. */
const struct db_statement session_end_all = {
    "session_end_all",
    "UPDATE session SET expires_us = $1 WHERE merchant_id = $2 AND staff_id = $3"
    " AND expires_us > $1 AND token_hash <> $4",
    "iiib", ""};

/* Those that are alive: neither ended nor idle for too long. */
const struct db_statement session_alive = {
    "session_alive",
    "SELECT token_hash, created_us, seen_us, address, agent FROM session WHERE merchant_id = $1"
    " AND staff_id = $2 AND expires_us > $3 AND seen_us > $4 ORDER BY seen_us DESC",
    "iiii", "biitt"};

const struct db_statement session_confirmed = {
    "session_confirmed",
    "UPDATE session SET confirmed_us = $1 WHERE merchant_id = $2 AND token_hash = $3", "iib", ""};

const struct db_statement *const session_statements[] = {
    &session_who,       &session_stores, &session_seen, &session_login,
    &session_add,       &session_oldest, &session_end,  &session_end_all,
    &session_confirmed, &session_alive,  NULL};
