/* Every statement of the profiles. */
#include "profile_sql.h"
#include "../batch.h"

const struct db_statement profile_row = {
    "profile_row",
    "SELECT c.number, c.version, c.store_id, c.photo_id, c.anonymous, c.gender, c.birth_year,"
    " c.birth_month, c.birth_day, c.first_name, c.last_name, c.nickname, c.language, c.facebook,"
    " c.twitter, c.instagram, c.google, c.website, w.name, c.address_kind, c.address, c.postcode,"
    " c.city, c.country, s.name FROM customer c"
    " LEFT JOIN word w ON w.merchant_id = c.merchant_id AND w.kind = 'source' AND w.id = "
    "c.source_id"
    " LEFT JOIN store s ON s.merchant_id = c.merchant_id AND s.id = c.store_id"
    " WHERE c.merchant_id = $1 AND c.id = $2 AND c.deleted_us IS NULL",
    "ii",
    "iiiiit"
    "iii"
    "ttttttttttt"
    "tttt"
    "t"};

const struct db_statement profile_contacts = {
    "profile_contacts",
    "SELECT CAST(CASE WHEN kind = 'email' THEN 1 ELSE 0 END AS BIGINT), value, match_key, label"
    " FROM contact WHERE merchant_id = $1 AND customer_id = $2 ORDER BY kind, position",
    "ii", "ittt"};

const struct db_statement profile_addresses = {
    "profile_addresses",
    "SELECT kind, street, postcode, city, country FROM customer_address"
    " WHERE merchant_id = $1 AND customer_id = $2 ORDER BY position",
    "ii", "ttttt"};

const struct db_statement profile_dates = {
    "profile_dates",
    "SELECT name, year, month, day FROM customer_date WHERE merchant_id = $1 AND customer_id = $2"
    " ORDER BY position",
    "ii", "tiii"};

const struct db_statement profile_update = {
    "profile_update",
    "UPDATE customer SET first_name = $1, last_name = $2, nickname = $3, language = $4,"
    " facebook = $5, twitter = $6, instagram = $7, google = $8, website = $9, source_id = $10,"
    " gender = $11, birth_year = $12, birth_month = $13, birth_day = $14, store_id = $15,"
    " anonymous = $16, address_kind = $17, address = $18, postcode = $19, city = $20,"
    " country = $21, updated_us = $22, version = version + 1"
    " WHERE merchant_id = $23 AND id = $24 AND deleted_us IS NULL",
    "ttttttttt"
    "it"
    "iii"
    "ii"
    "ttttt"
    "iii",
    ""};

const struct db_statement profile_contacts_delete = {
    "profile_contacts_delete",
    "DELETE FROM contact WHERE merchant_id = $1 AND customer_id = $2 AND kind = $3", "iit", ""};

const struct db_statement profile_contact_add = {
    "profile_contact_add",
    "INSERT INTO contact (merchant_id, customer_id, kind, position, value, match_key, label)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iitittt", ""};

const struct db_statement profile_addresses_delete = {
    "profile_addresses_delete",
    "DELETE FROM customer_address WHERE merchant_id = $1 AND customer_id = $2", "ii", ""};

const struct db_statement profile_address_add = {
    "profile_address_add",
    "INSERT INTO customer_address (merchant_id, customer_id, position, kind, street, postcode,"
    " city, country) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iiittttt", ""};

const struct db_statement profile_dates_delete = {
    "profile_dates_delete", "DELETE FROM customer_date WHERE merchant_id = $1 AND customer_id = $2",
    "ii", ""};

const struct db_statement profile_date_add = {
    "profile_date_add",
    "INSERT INTO customer_date (merchant_id, customer_id, position, name, year, month, day)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iiitiii", ""};

const struct db_statement profile_remove = {
    "profile_remove",
    "UPDATE customer SET deleted_us = $1, updated_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3 AND deleted_us IS NULL",
    "iii", ""};

const struct db_statement profile_back = {
    "profile_back",
    "UPDATE customer SET deleted_us = NULL, updated_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3 AND deleted_us IS NOT NULL AND merged_into IS NULL",
    "iii", ""};

const struct db_statement profile_deleted_row = {
    "profile_deleted_row",
    "SELECT c.number, c.deleted_us, c.first_name, c.last_name, c.nickname, f.stores"
    " FROM customer c LEFT JOIN customer_facts f ON f.merchant_id = c.merchant_id"
    " AND f.customer_id = c.id"
    " WHERE c.merchant_id = $1 AND c.id = $2 AND c.deleted_us IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.merchant_id = c.merchant_id"
    " AND e.customer_id = c.id) AND c.merged_into IS NULL",
    "ii", "iitttb"};

/* Who has the external number of a deleted customer now. */
const struct db_statement profile_external_other = {
    "profile_external_other",
    "SELECT o.number FROM customer c JOIN customer o ON o.merchant_id = c.merchant_id"
    " AND o.external_id = c.external_id AND o.deleted_us IS NULL"
    " WHERE c.merchant_id = $1 AND c.id = $2",
    "ii", "i"};

/* Customers with one of these phones or e-mails ($2…: match keys of both kinds). */
const struct db_statement profile_same = {
    "profile_same",
    "SELECT k.kind, k.value, k.customer_id FROM contact k JOIN customer c"
    " ON c.merchant_id = k.merchant_id AND c.id = k.customer_id AND c.deleted_us IS NULL"
    " WHERE k.merchant_id = $1 AND k.kind IN ('phone', 'email') AND k.match_key IN " BATCH_IN
    " ORDER BY k.customer_id, k.kind, k.position LIMIT 100",
    BATCH_TYPES_T, "tti"};

const struct db_statement profile_tags_of = {
    "profile_tags_of",
    "SELECT COUNT(*) FROM customer_tag WHERE merchant_id = $1 AND customer_id = $2", "ii", "i"};

const struct db_statement profile_tag_find = {
    "profile_tag_find",
    "SELECT id FROM word WHERE merchant_id = $1 AND kind = 'tag' AND name_key = $2", "it", "i"};

const struct db_statement profile_tag_add = {
    "profile_tag_add",
    "INSERT INTO customer_tag (merchant_id, customer_id, tag_id) VALUES ($1, $2, $3)"
    " ON CONFLICT (merchant_id, customer_id, tag_id) DO NOTHING",
    "iii", ""};

const struct db_statement profile_tag_remove = {
    "profile_tag_remove",
    "DELETE FROM customer_tag WHERE merchant_id = $1 AND customer_id = $2 AND tag_id = $3", "iii",
    ""};

/* Tags are of the card too. */
const struct db_statement profile_touch = {
    "profile_touch",
    "UPDATE customer SET updated_us = $1, version = version + 1 WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

const struct db_statement *const profile_statements[] = {
    &profile_row,
    &profile_contacts,
    &profile_addresses,
    &profile_dates,
    &profile_update,
    &profile_contacts_delete,
    &profile_contact_add,
    &profile_addresses_delete,
    &profile_address_add,
    &profile_dates_delete,
    &profile_date_add,
    &profile_remove,
    &profile_back,
    &profile_deleted_row,
    &profile_external_other,
    &profile_same,
    &profile_tags_of,
    &profile_tag_find,
    &profile_tag_add,
    &profile_tag_remove,
    &profile_touch,
    NULL,
};
