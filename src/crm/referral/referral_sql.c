/* Every statement of the referrals. */
#include "referral_sql.h"

const struct db_statement referral_rules_one = {
    "referral_rules_one",
    "SELECT active, demand, new_days, per_month, bringer, bringer_points, bringer_type_id,"
    " bringer_gift, brought, brought_points, brought_type_id, brought_gift, version"
    " FROM referral_rules WHERE merchant_id = $1",
    "i", "itiitiittiiti"};

const struct db_statement referral_rules_put = {
    "referral_rules_put",
    "INSERT INTO referral_rules (merchant_id, active, demand, new_days, per_month, bringer,"
    " bringer_points, bringer_type_id, bringer_gift, brought, brought_points, brought_type_id,"
    " brought_gift, updated_us, version)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    " ON CONFLICT (merchant_id) DO UPDATE SET active = $2, demand = $3, new_days = $4,"
    " per_month = $5, bringer = $6, bringer_points = $7, bringer_type_id = $8, bringer_gift = $9,"
    " brought = $10, brought_points = $11, brought_type_id = $12, brought_gift = $13,"
    " updated_us = $14, version = $15",
    "iitiitiittiitii", ""};

const struct db_statement referral_code_one = {
    "referral_code_one",
    "SELECT code FROM referral_code WHERE merchant_id = $1 AND customer_id = $2", "ii", "t"};

const struct db_statement referral_code_add = {
    "referral_code_add",
    "INSERT INTO referral_code (merchant_id, customer_id, code, created_us)"
    " SELECT $1, id, $2, $3 FROM customer WHERE merchant_id = $1 AND id = $4"
    " AND deleted_us IS NULL ON CONFLICT (merchant_id, code) DO NOTHING",
    "itii", ""};

/* Who is merged says who they are today. */
const struct db_statement referral_code_owner = {
    "referral_code_owner",
    "SELECT COALESCE(c.merged_into, c.id) FROM referral_code r JOIN customer c"
    " ON c.merchant_id = r.merchant_id AND c.id = r.customer_id"
    " WHERE r.merchant_id = $1 AND r.code = $2"
    " AND (c.deleted_us IS NULL OR c.merged_into IS NOT NULL)",
    "it", "i"};

/* A living customer: the day from which they are one, the first purchase. */
const struct db_statement referral_person = {
    "referral_person",
    "SELECT c.registered_day, f.first_day, f.first_purchase_day, c.created_us FROM customer c"
    " LEFT JOIN customer_facts f ON f.merchant_id = c.merchant_id AND f.customer_id = c.id"
    " WHERE c.merchant_id = $1 AND c.id = $2 AND c.deleted_us IS NULL",
    "ii", "iiii"};

const struct db_statement referral_contact = {
    "referral_contact",
    "SELECT COUNT(*) FROM contact a JOIN contact b ON b.merchant_id = a.merchant_id"
    " AND b.kind = a.kind AND b.match_key = a.match_key WHERE a.merchant_id = $1"
    " AND a.customer_id = $2 AND b.customer_id = $3",
    "iii", "i"};

#define REFERRAL                                                                                   \
    "SELECT r.id, b.id, w.id, r.at_us, r.settled_us, b.number, w.number, b.first_name,"            \
    " b.last_name, b.nickname, w.first_name, w.last_name, w.nickname, r.how, s.name,"              \
    " r.bringer_rewarded, r.brought_rewarded FROM referral r"                                      \
    " LEFT JOIN customer b0 ON b0.merchant_id = r.merchant_id AND b0.id = r.customer_id"           \
    " LEFT JOIN customer b ON b.merchant_id = r.merchant_id"                                       \
    " AND b.id = COALESCE(b0.merged_into, b0.id)"                                                  \
    " LEFT JOIN customer w0 ON w0.merchant_id = r.merchant_id AND w0.id = r.brought_id"            \
    " LEFT JOIN customer w ON w.merchant_id = r.merchant_id"                                       \
    " AND w.id = COALESCE(w0.merged_into, w0.id)"                                                  \
    " LEFT JOIN staff s ON s.merchant_id = r.merchant_id AND s.id = r.staff_id"                    \
    " WHERE r.merchant_id = $1"
#define REFERRAL_COLUMNS                                                                           \
    "iiiiiiittt"                                                                                   \
    "tttttii"

const struct db_statement referral_page = {
    "referral_page",
    REFERRAL " AND r.id < $2 AND (r.customer_id = $3 OR $3 = 0) ORDER BY r.id DESC LIMIT $4",
    "iiii", REFERRAL_COLUMNS};

/* Who brought this one, whoever they were merged from. */
const struct db_statement referral_of = {
    "referral_of",
    "SELECT r.id, COALESCE(b.merged_into, b.id), r.bringer_rewarded + r.brought_rewarded"
    " FROM referral r JOIN customer w ON w.merchant_id = r.merchant_id AND w.id = r.brought_id"
    " LEFT JOIN customer b ON b.merchant_id = r.merchant_id AND b.id = r.customer_id"
    " WHERE r.merchant_id = $1 AND (w.id = $2 OR w.merged_into = $2) ORDER BY r.id LIMIT 1",
    "ii", "iii"};

const struct db_statement referral_add = {
    "referral_add",
    "INSERT INTO referral (merchant_id, id, customer_id, brought_id, how, staff_id, at_us, day)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iiiitiii", ""};

const struct db_statement referral_drop = {
    "referral_drop", "DELETE FROM referral WHERE merchant_id = $1 AND id = $2", "ii", ""};

const struct db_statement referral_settle = {
    "referral_settle",
    "UPDATE referral SET settled_us = $1, settled_day = $2, bringer_rewarded = $3,"
    " brought_rewarded = $4 WHERE merchant_id = $5 AND id = $6 AND settled_us IS NULL",
    "iiiiii", ""};

/* Rewards that a bringer got from that day on. */
const struct db_statement referral_given = {
    "referral_given",
    "SELECT COUNT(*) FROM referral WHERE merchant_id = $1 AND customer_id = $2"
    " AND bringer_rewarded = 1 AND settled_day >= $3",
    "iii", "i"};

const struct db_statement referral_best = {
    "referral_best",
    "SELECT g.customer_id, c.number, c.first_name, c.last_name, c.nickname, g.brought, g.rewarded"
    " FROM (SELECT customer_id, COUNT(*) AS brought, CAST(SUM(bringer_rewarded) AS BIGINT) AS"
    " rewarded FROM referral WHERE merchant_id = $1 AND customer_id IS NOT NULL"
    " GROUP BY customer_id) g JOIN customer c ON c.merchant_id = $1 AND c.id = g.customer_id"
    " WHERE c.deleted_us IS NULL ORDER BY g.brought DESC, g.customer_id LIMIT $2",
    "ii", "iitttii"};

/* Not settled though the first purchase was made, after this id. */
const struct db_statement referral_due = {
    "referral_due",
    "SELECT r.id, r.customer_id, COALESCE(w.merged_into, w.id) FROM referral r JOIN customer w"
    " ON w.merchant_id = r.merchant_id AND w.id = r.brought_id JOIN customer_facts f"
    " ON f.merchant_id = r.merchant_id AND f.customer_id = COALESCE(w.merged_into, w.id)"
    " WHERE r.merchant_id = $1 AND r.id > $2 AND r.settled_us IS NULL"
    " AND (f.first_purchase_day IS NOT NULL OR $3 = 0) ORDER BY r.id LIMIT 1",
    "iii", "iii"};

/* Those of these customers who were brought, wait, and have bought. */
const struct db_statement referral_ripe = {
    "referral_ripe",
    "SELECT r.id FROM referral r JOIN customer_facts f ON f.merchant_id = r.merchant_id"
    " AND f.customer_id = r.brought_id WHERE r.merchant_id = $1 AND r.settled_us IS NULL"
    " AND f.first_purchase_day IS NOT NULL AND r.brought_id IN " BATCH_IN " LIMIT 1",
    BATCH_TYPES_I, "i"};

const struct db_statement referral_job_waiting = {
    "referral_job_waiting",
    "SELECT COUNT(*) FROM job WHERE merchant_id = $1 AND kind = '" REFERRAL_JOB "'"
    " AND state = 'waiting'",
    "i", "i"};

const struct db_statement *const referral_statements[] = {
    &referral_rules_one, &referral_rules_put,   &referral_code_one,
    &referral_code_add,  &referral_code_owner,  &referral_person,
    &referral_contact,   &referral_of,          &referral_add,
    &referral_drop,      &referral_settle,      &referral_given,
    &referral_page,      &referral_best,        &referral_due,
    &referral_ripe,      &referral_job_waiting, NULL,
};
