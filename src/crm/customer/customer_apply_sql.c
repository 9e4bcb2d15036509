/* Statements that find and change customers. */
#include "customer_sql.h"

/* The id of one who was merged leads to the survivor; a living one of that id comes last, and wins.
 */
const struct db_statement customer_by_external = {
    "customer_by_external",
    "SELECT external_id, id, CAST(1 AS BIGINT) AS living, external_id FROM customer"
    " WHERE merchant_id = $1 AND external_id IN " BATCH_IN " AND deleted_us IS NULL"
    " UNION ALL SELECT external_id, merged_into, CAST(0 AS BIGINT) AS living, external_id"
    " FROM customer WHERE merchant_id = $1 AND external_id IN " BATCH_IN
    " AND merged_into IS NOT NULL ORDER BY living",
    BATCH_TYPES_T, "tiit"};

#define BY_CONTACT(kind)                                                                           \
    "SELECT m.match_key, m.id, m.several, c.external_id FROM"                                      \
    " (SELECT k.match_key AS match_key, MIN(l.id) AS id, COUNT(DISTINCT l.id) AS several"          \
    " FROM contact k JOIN customer l ON l.merchant_id = k.merchant_id AND l.id = k.customer_id"    \
    " WHERE k.merchant_id = $1 AND k.kind = '" kind "' AND k.match_key IN " BATCH_IN               \
    " AND l.deleted_us IS NULL GROUP BY k.match_key) m"                                            \
    " JOIN customer c ON c.merchant_id = $1 AND c.id = m.id"

const struct db_statement customer_by_phone = {"customer_by_phone", BY_CONTACT("phone"),
                                               BATCH_TYPES_T, "tiit"};
const struct db_statement customer_by_email = {"customer_by_email", BY_CONTACT("email"),
                                               BATCH_TYPES_T, "tiit"};

#define COLUMNS                                                                                    \
    "external_id, first_name, last_name, nickname, gender, birth_year, birth_month, birth_day,"    \
    " language, country, city, address, postcode, store_id, source_id, device, anonymous, "        \
    "blocked,"                                                                                     \
    " registered_day, sms_consent, email_consent, push_consent, facebook, twitter, google,"        \
    " instagram, website, address_kind"

const struct db_statement customer_rows = {
    "customer_rows",
    "SELECT id, " COLUMNS " FROM customer WHERE merchant_id = $1 AND id IN " BATCH_IN
    " AND deleted_us IS NULL",
    BATCH_TYPES_I,
    "i"
    "ttttt"
    "iii"
    "ttttt"
    "ii"
    "t"
    "ii"
    "i"
    "iii"
    "tttttt"};

const struct db_statement customer_contacts = {
    "customer_contacts",
    "SELECT customer_id, CAST(CASE WHEN kind = 'email' THEN 1 ELSE 0 END AS BIGINT), value, "
    "match_key, label"
    " FROM contact WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
    " ORDER BY customer_id, kind, position",
    BATCH_TYPES_I, "iittt"};

const struct db_statement customer_tags = {"customer_tags",
                                           "SELECT customer_id, tag_id FROM customer_tag WHERE "
                                           "merchant_id = $1 AND customer_id IN " BATCH_IN
                                           " ORDER BY customer_id, tag_id",
                                           BATCH_TYPES_I, "ii"};

const struct db_statement customer_numbers = {
    "customer_numbers",
    "UPDATE merchant SET next_number = next_number + $1 WHERE id = $2 RETURNING next_number", "ii",
    "i"};

const struct db_statement customer_insert = {
    "customer_insert",
    "INSERT INTO customer (" COLUMNS ", updated_us, merchant_id, id, number, created_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,"
    " $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $29)",
    "tttt"
    "tiii"
    "ttttt"
    "ii"
    "t"
    "ii"
    "i"
    "iii"
    "tttttt"
    "i"
    "iii",
    ""};

const struct db_statement customer_update = {
    "customer_update",
    "UPDATE customer SET external_id = $1, first_name = $2, last_name = $3, nickname = $4, gender "
    "= $5,"
    " birth_year = $6, birth_month = $7, birth_day = $8, language = $9, country = $10, city = $11,"
    " address = $12, postcode = $13, store_id = $14, source_id = $15, device = $16, anonymous = "
    "$17,"
    " blocked = $18, registered_day = $19, sms_consent = $20, email_consent = $21, push_consent = "
    "$22,"
    " facebook = $23, twitter = $24, google = $25, instagram = $26, website = $27,"
    " address_kind = $28, updated_us = $29, version = version + 1"
    " WHERE merchant_id = $30 AND id = $31",
    "tttt"
    "tiii"
    "ttttt"
    "ii"
    "t"
    "ii"
    "i"
    "iii"
    "tttttt"
    "i"
    "ii",
    ""};

const struct db_statement customer_contacts_delete = {
    "customer_contacts_delete",
    "DELETE FROM contact WHERE merchant_id = $1 AND customer_id = $2 AND kind = $3", "iit", ""};

const struct db_statement customer_contact_insert = {
    "customer_contact_insert",
    "INSERT INTO contact (merchant_id, customer_id, kind, position, value, match_key, label)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iitittt", ""};

const struct db_statement customer_tag_insert = {
    "customer_tag_insert",
    "INSERT INTO customer_tag (merchant_id, customer_id, tag_id) VALUES ($1, $2, $3)", "iii", ""};

const struct db_statement customer_consent_insert = {
    "customer_consent_insert",
    "INSERT INTO consent (merchant_id, customer_id, id, channel, state, at_us, recorded_us, how,"
    " staff_id, import_id, text_version, text_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    "iiittiitiiti", ""};
