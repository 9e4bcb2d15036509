/* Every statement of the facts. */
#include "../batch.h"
#include "facts_sum.h"

const struct db_statement facts_home = {
    "facts_home", "SELECT id, store_id FROM customer WHERE merchant_id = $1 AND id IN " BATCH_IN,
    BATCH_TYPES_I, "ii"};

const struct db_statement facts_heads = {"facts_heads",
                                         "SELECT customer_id, day, CAST(CASE WHEN kind = "
                                         "'purchase' AND canceled_by IS NULL THEN 1 ELSE 0 END"
                                         " AS BIGINT), total_minor, store_id FROM transactions"
                                         " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
                                         " ORDER BY customer_id, day",
                                         BATCH_TYPES_I, "iiiii"};

const struct db_statement facts_words = {
    "facts_words",
    "SELECT DISTINCT t.customer_id, l.category_id, l.size_id FROM transactions t"
    " JOIN transaction_line l ON l.merchant_id = t.merchant_id AND l.transaction_id = t.id"
    " WHERE t.merchant_id = $1 AND t.customer_id IN " BATCH_IN
    " AND t.kind = 'purchase' AND t.canceled_by IS NULL AND l.quantity_milli > 0"
    " AND (l.category_id IS NOT NULL OR l.size_id IS NOT NULL)",
    BATCH_TYPES_I, "iii"};

/* One row a day: how many visits and kept bookings, how many bookings, their value, the tallies. */
const struct db_statement facts_events = {
    "facts_events",
    "SELECT customer_id, day,"
    " CAST(SUM(CASE WHEN kind = 'visit' OR kind = 'booking' THEN 1 ELSE 0 END) AS BIGINT),"
    " CAST(SUM(CASE WHEN kind = 'booking' THEN 1 ELSE 0 END) AS BIGINT),"
    " CAST(SUM(CASE WHEN kind = 'booking' THEN COALESCE(amount_minor, 0) ELSE 0 END) AS BIGINT),"
    " CAST(SUM(CASE WHEN kind = 'share' THEN 1 ELSE 0 END) AS BIGINT),"
    " CAST(SUM(CASE WHEN kind = 'comment' THEN 1 ELSE 0 END) AS BIGINT),"
    " CAST(SUM(CASE WHEN kind = 'push' THEN 1 ELSE 0 END) AS BIGINT)"
    " FROM activity WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
    " AND kind NOT IN " FACTS_STAFF_KINDS " GROUP BY customer_id, day ORDER BY customer_id, day",
    BATCH_TYPES_I, "iiiiiiii"};

const struct db_statement facts_contacts = {"facts_contacts",
                                            "SELECT customer_id, CAST(CASE WHEN kind = 'email' "
                                            "THEN 1 ELSE 0 END AS BIGINT), value FROM contact"
                                            " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
                                            " ORDER BY customer_id, kind, position",
                                            BATCH_TYPES_I, "iit"};

const struct db_statement facts_tags = {"facts_tags",
                                        "SELECT customer_id, tag_id FROM customer_tag WHERE "
                                        "merchant_id = $1 AND customer_id IN " BATCH_IN
                                        " ORDER BY customer_id, tag_id",
                                        BATCH_TYPES_I, "ii"};

#define COLUMNS                                                                                    \
    "merchant_id, customer_id, first_day, last_visit_day, last_purchase_day, visits, operations,"  \
    " spent_minor, purchase_days, first_purchase_day, visit_days, tags, stores, categories, "      \
    "sizes,"                                                                                       \
    " phone, email, contact_text, shares, comments, pushes"

const struct db_statement facts_read = {
    "facts_read",
    "SELECT " COLUMNS " FROM customer_facts WHERE merchant_id = $1 AND customer_id IN " BATCH_IN,
    BATCH_TYPES_I, "iiiiiiiiiibbbbbtttiii"};

const struct db_statement facts_write = {
    "facts_write",
    "INSERT INTO customer_facts (" COLUMNS ")"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20, $21)"
    " ON CONFLICT (merchant_id, customer_id) DO UPDATE SET first_day = excluded.first_day,"
    " last_visit_day = excluded.last_visit_day, last_purchase_day = excluded.last_purchase_day,"
    " visits = excluded.visits, operations = excluded.operations, spent_minor = "
    "excluded.spent_minor,"
    " purchase_days = excluded.purchase_days, first_purchase_day = excluded.first_purchase_day,"
    " visit_days = excluded.visit_days, tags = excluded.tags, stores = excluded.stores,"
    " categories = excluded.categories, sizes = excluded.sizes, phone = excluded.phone,"
    " email = excluded.email, contact_text = excluded.contact_text, shares = excluded.shares,"
    " comments = excluded.comments, pushes = excluded.pushes",
    "iiiiiiiiiibbbbbtttiii", ""};

const struct db_statement facts_profile_update = {
    "facts_profile_update",
    "UPDATE customer_facts SET tags = $1, phone = $2, email = $3, contact_text = $4"
    " WHERE merchant_id = $5 AND customer_id = $6",
    "btttii", ""};

const struct db_statement facts_tags_update = {
    "facts_tags_update",
    "UPDATE customer_facts SET tags = $1 WHERE merchant_id = $2 AND customer_id = $3", "bii", ""};

const struct db_statement facts_ids_after = {
    "facts_ids_after",
    "SELECT id FROM customer WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3", "iii", "i"};

const struct db_statement *const facts_statements[] = {
    &facts_home,           &facts_heads,     &facts_words,       &facts_events,
    &facts_contacts,       &facts_tags,      &facts_read,        &facts_write,
    &facts_profile_update, &facts_ids_after, &facts_tags_update, NULL,
};
