/* Statements of the card, and of favourites. */
#include "customer_sql.h"
#include "customer_lists.h"

const struct db_statement customer_card = {
    "customer_card",
    "SELECT c.external_id, c.first_name, c.last_name, c.address, c.postcode, c.facebook, c.twitter,"
    " c.google, c.created_us, c.updated_us, c.version, f.visit_days, f.tags, f.stores,"
    " c.blocked_reason, c.blocked_us, b.name,"
    " c.instagram, c.website, c.address_kind, c.city, c.country"
    " FROM customer c LEFT JOIN customer_facts f ON f.merchant_id = c.merchant_id"
    " AND f.customer_id = c.id LEFT JOIN staff b ON b.merchant_id = c.merchant_id"
    " AND b.id = c.blocked_by WHERE c.merchant_id = $1 AND c.id = $2 AND c.deleted_us IS NULL",
    "ii",
    "ttttt"
    "ttt"
    "iii"
    "bbb"
    "tit"
    "ttttt"};

const struct db_statement customer_card_addresses = {
    "customer_card_addresses",
    "SELECT kind, street, postcode, city, country FROM customer_address"
    " WHERE merchant_id = $1 AND customer_id = $2 ORDER BY position",
    "ii", "ttttt"};

const struct db_statement customer_card_dates = {
    "customer_card_dates",
    "SELECT name, month, day, year FROM customer_date WHERE merchant_id = $1 AND customer_id = $2"
    " ORDER BY position",
    "ii", "tiii"};

const struct db_statement customer_card_contacts = {
    "customer_card_contacts",
    "SELECT CAST(CASE WHEN kind = 'email' THEN 1 ELSE 0 END AS BIGINT), value, label FROM contact"
    " WHERE merchant_id = $1 AND customer_id = $2 ORDER BY kind, position",
    "ii", "itt"};

/* The latest act of each channel, and the latest that suppresses or releases: ids grow with time.
 */
const struct db_statement customer_card_consents = {
    "customer_card_consents",
    "SELECT channel, state, at_us, how, reason, id FROM consent WHERE merchant_id = $1 AND "
    "customer_id = $2"
    " AND id IN (SELECT MAX(id) FROM consent WHERE merchant_id = $1 AND customer_id = $2"
    " GROUP BY channel, CASE WHEN state IN ('suppressed', 'released') THEN 1 ELSE 0 END)",
    "ii", "ttitti"};

const struct db_statement customer_card_activity = {
    "customer_card_activity",
    "SELECT kind, COUNT(*), CAST(SUM(COALESCE(amount_minor, 0)) AS BIGINT), MAX(at_us) FROM "
    "activity"
    " WHERE merchant_id = $1 AND customer_id = $2 GROUP BY kind",
    "ii", "tiii"};

const struct db_statement customer_card_bought = {
    "customer_card_bought",
    "SELECT l.category_id, l.size_id, COUNT(*), CAST(SUM(l.amount_minor) AS BIGINT)"
    " FROM transactions t JOIN transaction_line l ON l.merchant_id = t.merchant_id"
    " AND l.transaction_id = t.id WHERE t.merchant_id = $1 AND t.customer_id = $2"
    " AND t.kind = 'purchase' AND t.canceled_by IS NULL AND l.quantity_milli > 0"
    " AND (l.category_id IS NOT NULL OR l.size_id IS NOT NULL) GROUP BY l.category_id, l.size_id",
    "ii", "iiii"};

const struct db_statement customer_card_baskets = {
    "customer_card_baskets",
    "SELECT COUNT(*), CAST(SUM(total_minor) AS BIGINT) FROM transactions WHERE merchant_id = $1"
    " AND customer_id = $2 AND kind = 'purchase' AND canceled_by IS NULL",
    "ii", "ii"};

const struct db_statement customer_of_number = {
    "customer_of_number",
    "SELECT COALESCE(merged_into, id), CAST(CASE WHEN merged_into IS NULL THEN 0 ELSE 1 END AS "
    "BIGINT)"
    " FROM customer WHERE merchant_id = $1 AND number = $2"
    " AND (deleted_us IS NULL OR merged_into IS NOT NULL)",
    "ii", "ii"};

const struct db_statement customer_merged_into = {
    "customer_merged_into",
    "SELECT merged_into FROM customer WHERE merchant_id = $1 AND id = $2 AND merged_into IS NOT "
    "NULL",
    "ii", "i"};

const struct db_statement customer_favourite_add = {
    "customer_favourite_add",
    "INSERT INTO staff_favourite (merchant_id, staff_id, customer_id) VALUES ($1, $2, $3)"
    " ON CONFLICT (merchant_id, staff_id, customer_id) DO NOTHING",
    "iii", ""};

const struct db_statement customer_favourite_remove = {
    "customer_favourite_remove",
    "DELETE FROM staff_favourite WHERE merchant_id = $1 AND staff_id = $2 AND customer_id = $3",
    "iii", ""};

const struct db_statement customer_photo_ids = {
    "customer_photo_ids",
    "SELECT id, photo_id FROM customer WHERE merchant_id = $1 AND id IN " BATCH_IN
    " AND photo_id IS NOT NULL",
    BATCH_TYPES_I, "ii"};

const struct db_statement *const customer_statements[] = {
    &customer_by_external,      &customer_by_phone,
    &customer_by_email,         &customer_rows,
    &customer_contacts,         &customer_tags,
    &customer_numbers,          &customer_insert,
    &customer_update,           &customer_contacts_delete,
    &customer_contact_insert,   &customer_tag_insert,
    &customer_consent_insert,   &customer_card,
    &customer_card_contacts,    &customer_card_consents,
    &customer_card_activity,    &customer_card_bought,
    &customer_card_baskets,     &customer_favourite_add,
    &customer_favourite_remove, &customer_photo_ids,
    &customer_card_addresses,   &customer_card_dates,
    &customer_merged_into,      &customer_of_number,
    &customer_places_read,      &customer_dates_read,
    &customer_place_insert,     &customer_date_insert,
    &customer_by_number,        NULL,
};
