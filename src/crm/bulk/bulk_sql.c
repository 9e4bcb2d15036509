/* Every statement of the bulk actions. */
#include "bulk_action.h"

/* ---- how customers stand ---- */

const struct db_statement bulk_customers = {
    "bulk_customers",
    "SELECT id, blocked, blocked_us, blocked_by, blocked_reason, store_id, source_id FROM customer"
    " WHERE merchant_id = $1 AND id IN " BATCH_IN " AND deleted_us IS NULL",
    BATCH_TYPES_I, "iiiitii"};

const struct db_statement bulk_tags = {"bulk_tags",
                                       "SELECT customer_id, bulk_id, tag_id FROM customer_tag"
                                       " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN,
                                       BATCH_TYPES_I, "iii"};

const struct db_statement bulk_members = {"bulk_members",
                                          "SELECT customer_id, bulk_id, group_id FROM group_member"
                                          " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN,
                                          BATCH_TYPES_I, "iii"};

const struct db_statement bulk_favourites = {
    "bulk_favourites",
    "SELECT customer_id, bulk_id, staff_id FROM staff_favourite"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN,
    BATCH_TYPES_I, "iii"};

/* What is left of points, by the days between which it can be spent. */
const struct db_statement bulk_points_left = {
    "bulk_points_left",
    "SELECT customer_id, usable_day, expires_day, CAST(SUM(remaining) AS BIGINT) FROM points_lot"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
    " AND remaining > 0 GROUP BY customer_id, usable_day, expires_day",
    BATCH_TYPES_I, "iiii"};

/* ---- what is written: merchant, customer, target, bulk action ---- */

const struct db_statement bulk_tag_add = {
    "bulk_tag_add",
    "INSERT INTO customer_tag (merchant_id, customer_id, tag_id, bulk_id) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (merchant_id, customer_id, tag_id) DO NOTHING",
    "iiii", ""};

const struct db_statement bulk_tag_remove = {
    "bulk_tag_remove",
    "DELETE FROM customer_tag WHERE merchant_id = $1 AND customer_id = $2 AND tag_id = $3", "iii",
    ""};

const struct db_statement bulk_member_add = {
    "bulk_member_add",
    "INSERT INTO group_member (merchant_id, customer_id, group_id, bulk_id, added_us)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant_id, customer_id, group_id) DO NOTHING",
    "iiiii", ""};

const struct db_statement bulk_member_remove = {
    "bulk_member_remove",
    "DELETE FROM group_member WHERE merchant_id = $1 AND customer_id = $2 AND group_id = $3", "iii",
    ""};

const struct db_statement bulk_favourite_add = {
    "bulk_favourite_add",
    "INSERT INTO staff_favourite (merchant_id, customer_id, staff_id, bulk_id)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (merchant_id, staff_id, customer_id) DO NOTHING",
    "iiii", ""};

const struct db_statement bulk_favourite_remove = {
    "bulk_favourite_remove",
    "DELETE FROM staff_favourite WHERE merchant_id = $1 AND customer_id = $2 AND staff_id = $3",
    "iii", ""};

const struct db_statement bulk_set_blocked = {
    "bulk_set_blocked",
    "UPDATE customer SET blocked = $1, blocked_reason = $2, blocked_us = $3, blocked_by = $4,"
    " updated_us = $5, version = version + 1 WHERE merchant_id = $6 AND id = $7",
    "itiiiii", ""};

const struct db_statement bulk_set_store = {
    "bulk_set_store",
    "UPDATE customer SET store_id = $1, updated_us = $2, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4",
    "iiii", ""};

const struct db_statement bulk_set_source = {
    "bulk_set_source",
    "UPDATE customer SET source_id = $1, updated_us = $2, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4",
    "iiii", ""};

/* ---- the actions ---- */

const struct db_statement bulk_add = {
    "bulk_add",
    "INSERT INTO bulk (merchant_id, id, action, target_id, target, query, staff_id, selected,"
    " counts, job_id, undoes, created_us, message)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    "iititt"
    "iitiiit",
    ""};

const struct db_statement bulk_tier_add = {
    "bulk_tier_add",
    "INSERT INTO tier_bulk (merchant_id, bulk_id, until_day, reason) VALUES ($1, $2, $3, $4)",
    "iiit", ""};

#define BULK                                                                                       \
    "SELECT b.id, b.action, b.target_id, b.target, b.query, b.staff_id, s.name, b.selected,"       \
    " b.counts, b.job_id, b.undoes, b.undone_by, b.created_us, b.message,"                         \
    " q.until_day, q.reason FROM bulk b LEFT JOIN tier_bulk q"                                     \
    " ON q.merchant_id = b.merchant_id AND q.bulk_id = b.id JOIN staff s"                          \
    " ON s.merchant_id = b.merchant_id AND s.id = b.staff_id"
#define BULK_TYPES                                                                                 \
    "itittit"                                                                                      \
    "itiiiitit"

const struct db_statement bulk_one = {"bulk_one", BULK " WHERE b.merchant_id = $1 AND b.id = $2",
                                      "ii", BULK_TYPES};

const struct db_statement bulk_page = {
    "bulk_page",
    BULK " WHERE b.merchant_id = $1 AND b.id < $2 AND b.undoes IS NULL"
         " AND (b.staff_id = $3 OR $3 = 0) ORDER BY b.id DESC LIMIT $4",
    "iiii", BULK_TYPES};

const struct db_statement bulk_set_counts = {
    "bulk_set_counts", "UPDATE bulk SET counts = $1 WHERE merchant_id = $2 AND id = $3", "tii", ""};

const struct db_statement bulk_set_undone = {
    "bulk_set_undone", "UPDATE bulk SET undone_by = $1 WHERE merchant_id = $2 AND id = $3", "iii",
    ""};

const struct db_statement bulk_set_job = {
    "bulk_set_job", "UPDATE bulk SET job_id = $1 WHERE merchant_id = $2 AND id = $3", "iii", ""};

/* ---- chunks ---- */

const struct db_statement bulk_chunk_add = {
    "bulk_chunk_add",
    "INSERT INTO bulk_chunk (merchant_id, bulk_id, position, customers) VALUES ($1, $2, $3, $4)",
    "iiib", ""};

/* The next one that is not done. */
const struct db_statement bulk_chunk_next = {
    "bulk_chunk_next",
    "SELECT position, customers FROM bulk_chunk WHERE merchant_id = $1 AND bulk_id = $2"
    " AND position >= $3 AND outcomes IS NULL ORDER BY position LIMIT 1",
    "iii", "ib"};

const struct db_statement bulk_chunk_was = {
    "bulk_chunk_was",
    "SELECT outcomes, was FROM bulk_chunk WHERE merchant_id = $1 AND bulk_id = $2"
    " AND position = $3",
    "iii", "bb"};

const struct db_statement bulk_chunk_done = {
    "bulk_chunk_done",
    "UPDATE bulk_chunk SET outcomes = $1, was = $2 WHERE merchant_id = $3 AND bulk_id = $4"
    " AND position = $5",
    "bbiii", ""};

/* Of an action, those that are done: for its undo. */
const struct db_statement bulk_chunks_copy = {
    "bulk_chunks_copy",
    "INSERT INTO bulk_chunk (merchant_id, bulk_id, position, customers)"
    " SELECT merchant_id, $1, position, customers FROM bulk_chunk"
    " WHERE merchant_id = $2 AND bulk_id = $3 AND outcomes IS NOT NULL",
    "iii", ""};

const struct db_statement bulk_chunks_from = {
    "bulk_chunks_from",
    "SELECT position, customers, outcomes FROM bulk_chunk WHERE merchant_id = $1 AND bulk_id = $2"
    " AND position > $3 ORDER BY position",
    "iii", "ibb"};

/* ---- what an action is about ---- */

const struct db_statement bulk_target_group = {
    "bulk_target_group",
    "SELECT name FROM customer_group WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL",
    "ii", "t"};

const struct db_statement bulk_target_store = {
    "bulk_target_store", "SELECT name FROM store WHERE merchant_id = $1 AND id = $2", "ii", "t"};

const struct db_statement bulk_target_certificate = {
    "bulk_target_certificate",
    "SELECT name FROM certificate_type WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL",
    "ii", "t"};

/* What these customers have, void ones too: those of the type count, those of the action are
 * undone. */
const struct db_statement bulk_certificates = {
    "bulk_certificates",
    "SELECT customer_id, type_id, bulk_id, state, id, version, value_minor, left_minor"
    " FROM certificate WHERE merchant_id = $1 AND customer_id IN " BATCH_IN,
    BATCH_TYPES_I, "iiiiiiii"};

const struct db_statement *const bulk_statements[] = {
    &bulk_customers,
    &bulk_tags,
    &bulk_members,
    &bulk_favourites,
    &bulk_tag_add,
    &bulk_tag_remove,
    &bulk_member_add,
    &bulk_member_remove,
    &bulk_favourite_add,
    &bulk_favourite_remove,
    &bulk_set_blocked,
    &bulk_set_store,
    &bulk_set_source,
    &bulk_add,
    &bulk_one,
    &bulk_page,
    &bulk_set_counts,
    &bulk_set_undone,
    &bulk_set_job,
    &bulk_chunk_add,
    &bulk_chunk_next,
    &bulk_chunk_was,
    &bulk_chunk_done,
    &bulk_chunks_copy,
    &bulk_chunks_from,
    &bulk_target_group,
    &bulk_target_store,
    &bulk_points_left,
    &bulk_tier_add,
    &bulk_certificates,
    &bulk_target_certificate,
    NULL,
};
