/* Every statement of the audiences. */
#include "audiences_sql.h"

const struct db_statement audiences_seq = {
    "audiences_seq", "SELECT change_seq FROM merchant WHERE id = $1", "i", "i"};

const struct db_statement audiences_changes = {
    "audiences_changes",
    "SELECT seq, entity, entity_id FROM change WHERE merchant_id = $1 AND seq > $2 ORDER BY seq",
    "ii", "iti"};

#define FACTS_COLUMNS                                                                              \
    "f.customer_id, f.first_day, f.last_visit_day, f.last_purchase_day, f.first_purchase_day,"     \
    " f.visits, f.operations, f.purchase_days, f.spent_minor, f.visit_days, f.tags, f.stores,"     \
    " f.categories, f.sizes, f.phone, f.email, f.contact_text, f.shares,"        \
    " f.comments, f.pushes"
#define FACTS_TYPES                                                                                \
    "iiiii"                                                                                        \
    "iiii"                                                                                         \
    "bbbbb"                                                                                        \
    "ttt"                                                                                          \
    "iii"

const struct db_statement audiences_customers = {
    "audiences_customers",
    "SELECT " AUDIENCE_CUSTOMER " FROM customer c WHERE c.merchant_id = $1 AND c.deleted_us IS NULL"
    " ORDER BY c.id",
    "i", AUDIENCE_CUSTOMER_TYPES};

const struct db_statement audiences_facts = {
    "audiences_facts",
    "SELECT " FACTS_COLUMNS
    " FROM customer_facts f WHERE f.merchant_id = $1 ORDER BY f.customer_id",
    "i", FACTS_TYPES};

const struct db_statement audiences_touched = {
    "audiences_touched",
    "SELECT " AUDIENCE_CUSTOMER ", " FACTS_COLUMNS " FROM customer c LEFT JOIN customer_facts f"
    " ON f.merchant_id = c.merchant_id AND f.customer_id = c.id"
    " WHERE c.merchant_id = $1 AND c.id IN " BATCH_IN " AND c.deleted_us IS NULL ORDER BY c.id",
    BATCH_TYPES_I, AUDIENCE_CUSTOMER_TYPES FACTS_TYPES};

const struct db_statement audiences_words = {
    "audiences_words", "SELECT kind, id, name FROM word WHERE merchant_id = $1 ORDER BY kind, id",
    "i", "tit"};

const struct db_statement audiences_stores = {
    "audiences_stores", "SELECT id, name FROM store WHERE merchant_id = $1 ORDER BY id", "i", "it"};

const struct db_statement audiences_segments = {
    "audiences_segments",
    "SELECT id, owner_id, shared, name, query FROM segment WHERE merchant_id = $1"
    " AND deleted_us IS NULL",
    "i", "iiitt"};

const struct db_statement audiences_favourites = {
    "audiences_favourites",
    "SELECT staff_id, customer_id FROM staff_favourite WHERE merchant_id = $1", "i", "ii"};

/* Everybody of the staff, and whether this customer is a favourite of theirs. */
const struct db_statement audiences_favourite = {
    "audiences_favourite",
    "SELECT s.id, CAST(CASE WHEN f.staff_id IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM staff s"
    " LEFT JOIN staff_favourite f ON f.merchant_id = s.merchant_id AND f.staff_id = s.id"
    " AND f.customer_id = $1 WHERE s.merchant_id = $2",
    "ii", "ii"};

/* The deleted ones too, without a name: nobody asks for them. */
const struct db_statement audiences_groups = {
    "audiences_groups",
    "SELECT id, CASE WHEN deleted_us IS NULL THEN name ELSE '' END FROM customer_group"
    " WHERE merchant_id = $1 ORDER BY id",
    "i", "it"};

#define MEMBERS                                                                                    \
    "SELECT m.customer_id, m.group_id FROM group_member m JOIN customer_group g"                   \
    " ON g.merchant_id = m.merchant_id AND g.id = m.group_id AND g.deleted_us IS NULL"             \
    " WHERE m.merchant_id = $1"
#define MEMBERS_END " ORDER BY m.customer_id, m.group_id"

const struct db_statement audiences_members = {"audiences_members", MEMBERS MEMBERS_END, "i", "ii"};

const struct db_statement audiences_members_of = {
    "audiences_members_of", MEMBERS " AND m.customer_id IN " BATCH_IN MEMBERS_END, BATCH_TYPES_I,
    "ii"};

const struct db_statement audiences_group_size = {
    "audiences_group_size",
    "SELECT COUNT(*) FROM group_member WHERE merchant_id = $1 AND group_id = $2", "ii", "i"};

const struct db_statement audiences_in_group = {
    "audiences_in_group",
    "SELECT customer_id FROM group_member WHERE merchant_id = $1 AND group_id = $2", "ii", "i"};

const struct db_statement *const audiences_statements[] = {
    &audiences_seq,       &audiences_changes,
    &audiences_customers, &audiences_facts,
    &audiences_touched,   &audiences_words,
    &audiences_stores,    &audiences_segments,
    &audiences_favourites, &audiences_favourite,
    &audiences_groups,    &audiences_members,
    &audiences_members_of, &audiences_group_size,
    &audiences_in_group,
    NULL,
};
