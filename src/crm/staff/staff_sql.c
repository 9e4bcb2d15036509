/* Every statement of the staff. */
#include "staff_sql.h"

#define COLUMNS                                                                                    \
    "id, email, name, role, language, password_hash, invitation_expires_us, created_us, version,"  \
    " (SELECT MAX(seen_us) FROM session WHERE session.merchant_id = staff.merchant_id"             \
    " AND session.staff_id = staff.id), totp_since_us"
#define TYPES                                                                                      \
    "ittttti"                                                                                      \
    "iiii"

const struct db_statement staff_all = {
    "staff_all",
    "SELECT " COLUMNS " FROM staff WHERE merchant_id = $1 AND removed_us IS NULL ORDER BY name, id",
    "i", TYPES};

const struct db_statement staff_one = {
    "staff_one",
    "SELECT " COLUMNS " FROM staff WHERE merchant_id = $1 AND id = $2 AND removed_us IS NULL", "ii",
    TYPES};

const struct db_statement staff_one_removed = {
    "staff_one_removed",
    "SELECT " COLUMNS " FROM staff WHERE merchant_id = $1 AND id = $2 AND removed_us IS NOT NULL",
    "ii", TYPES};

const struct db_statement staff_by_key = {
    "staff_by_key",
    "SELECT id FROM staff WHERE merchant_id = $1 AND email_key = $2 AND removed_us IS NULL", "it",
    "i"};

#define STORES                                                                                     \
    "SELECT staff_store.staff_id, store.id, store.name FROM staff_store"                           \
    " JOIN store ON store.merchant_id = staff_store.merchant_id AND store.id = "                   \
    "staff_store.store_id"                                                                         \
    " WHERE staff_store.merchant_id = $1"

const struct db_statement staff_stores_all = {
    "staff_stores_all", STORES " ORDER BY staff_store.staff_id, store.name_key", "i", "iit"};

const struct db_statement staff_stores_one = {
    "staff_stores_one", STORES " AND staff_store.staff_id = $2 ORDER BY store.name_key", "ii",
    "iit"};

const struct db_statement staff_count = {
    "staff_count", "SELECT COUNT(*) FROM staff WHERE merchant_id = $1 AND removed_us IS NULL", "i",
    "i"};

/* Owners who can sign in, but for one. */
const struct db_statement staff_owners = {
    "staff_owners",
    "SELECT COUNT(*) FROM staff WHERE merchant_id = $1 AND role = 'owner' AND removed_us IS NULL"
    " AND password_hash IS NOT NULL AND id <> $2",
    "ii", "i"};

const struct db_statement staff_add = {"staff_add",
                                       "INSERT INTO staff (merchant_id, id, email, email_key, "
                                       "name, role, language, created_us, updated_us)"
                                       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
                                       "iittttti", ""};

const struct db_statement staff_change = {
    "staff_change",
    "UPDATE staff SET email = $1, email_key = $2, name = $3, role = $4, language = $5, updated_us "
    "= $6,"
    " version = version + 1 WHERE merchant_id = $7 AND id = $8",
    "tttttiii", ""};

const struct db_statement staff_password = {
    "staff_password",
    "UPDATE staff SET password_hash = $1, invitation_hash = NULL, invitation_expires_us = NULL,"
    " updated_us = $2, version = version + 1 WHERE merchant_id = $3 AND id = $4",
    "tiii", ""};

const struct db_statement staff_gone = {
    "staff_gone",
    "UPDATE staff SET email_key = '', removed_us = $1, updated_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

const struct db_statement staff_back = {
    "staff_back",
    "UPDATE staff SET email_key = $1, removed_us = NULL, updated_us = $2, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4",
    "tiii", ""};

const struct db_statement staff_store_add = {
    "staff_store_add",
    "INSERT INTO staff_store (merchant_id, staff_id, store_id) VALUES ($1, $2, $3)", "iii", ""};

const struct db_statement staff_stores_clear = {
    "staff_stores_clear", "DELETE FROM staff_store WHERE merchant_id = $1 AND staff_id = $2", "ii",
    ""};

const struct db_statement staff_invite = {
    "staff_invite",
    "UPDATE staff SET invitation_hash = $1, invitation_expires_us = $2, updated_us = $3,"
    " version = version + 1 WHERE merchant_id = $4 AND id = $5 AND removed_us IS NULL",
    "biiii", ""};

const struct db_statement staff_invited = {"staff_invited",
                                           "SELECT id FROM staff WHERE merchant_id = $1 AND "
                                           "invitation_hash = $2 AND invitation_expires_us > $3"
                                           " AND removed_us IS NULL",
                                           "ibi", "i"};

const struct db_statement *const staff_statements[] = {
    &staff_all,          &staff_one,        &staff_by_key,
    &staff_stores_all,   &staff_stores_one, &staff_count,
    &staff_owners,       &staff_add,        &staff_change,
    &staff_password,     &staff_gone,       &staff_store_add,
    &staff_stores_clear, &staff_invite,     &staff_invited,
    &staff_one_removed,  &staff_back,       NULL};
