/* Every statement of the past. Those for all take merchant and day, those for some BATCH_KEYS
 * customers in between. */
#include "facts.h"
#include "as_of_read.h"

#define BATCH_DAY "$66"

#define CUSTOMERS                                                                                  \
    "SELECT " AUDIENCE_CUSTOMER ", c.created_us FROM customer c WHERE c.merchant_id = $1"
#define CUSTOMERS_END " AND c.deleted_us IS NULL ORDER BY c.id"

#define PROFILES                                                                                   \
    "SELECT customer_id, tags, phone, email, contact_text FROM customer_facts WHERE merchant_id "  \
    "= $1"
#define PROFILES_END " ORDER BY customer_id"

/* A row for each line of a purchase that tells a category or a size, one for what has none such. */
#define SALES                                                                                      \
    "SELECT t.customer_id, t.id, t.day, CAST(CASE WHEN t.kind = 'purchase' THEN 1 ELSE 0 END AS "  \
    "BIGINT), t.total_minor, t.store_id, x.day, l.category_id, l.size_id FROM transactions t"      \
    " LEFT JOIN transactions x ON x.merchant_id = t.merchant_id AND x.id = t.canceled_by"          \
    " LEFT JOIN transaction_line l ON l.merchant_id = t.merchant_id AND l.transaction_id = t.id"   \
    " AND t.kind = 'purchase' AND l.quantity_milli > 0"                                            \
    " AND (l.category_id IS NOT NULL OR l.size_id IS NOT NULL) WHERE t.merchant_id = $1"
#define SALES_END " ORDER BY t.customer_id, t.day, t.id"

#define DAYS                                                                                       \
    "SELECT customer_id, day,"                                                                     \
    " CAST(SUM(CASE WHEN kind = 'visit' OR kind = 'booking' THEN 1 ELSE 0 END) AS BIGINT),"        \
    " CAST(SUM(CASE WHEN kind = 'booking' THEN 1 ELSE 0 END) AS BIGINT),"                          \
    " CAST(SUM(CASE WHEN kind = 'booking' THEN COALESCE(amount_minor, 0) ELSE 0 END) AS BIGINT),"  \
    " CAST(SUM(CASE WHEN kind = 'share' THEN 1 ELSE 0 END) AS BIGINT),"                            \
    " CAST(SUM(CASE WHEN kind = 'comment' THEN 1 ELSE 0 END) AS BIGINT),"                          \
    " CAST(SUM(CASE WHEN kind = 'push' THEN 1 ELSE 0 END) AS BIGINT)"                              \
    " FROM activity WHERE merchant_id = $1 AND kind NOT IN " FACTS_STAFF_KINDS
#define DAYS_END " GROUP BY customer_id, day ORDER BY customer_id, day"

#define CONSENTS "SELECT customer_id, channel, state, at_us FROM consent WHERE merchant_id = $1"
#define CONSENTS_END " ORDER BY customer_id, at_us, id"

#define GROUPS                                                                                     \
    "SELECT m.customer_id, m.group_id FROM group_member m JOIN customer_group g"                   \
    " ON g.merchant_id = m.merchant_id AND g.id = m.group_id AND g.deleted_us IS NULL"             \
    " WHERE m.merchant_id = $1"
#define GROUPS_END " ORDER BY m.customer_id, m.group_id"

/* Ledgers of loyalty, each up to the day. */
#define POINTS                                                                                     \
    "SELECT customer_id, CAST(SUM(amount) AS BIGINT) FROM points_entry WHERE merchant_id = $1"
#define TIERS "SELECT customer_id, to_id FROM tier_entry WHERE merchant_id = $1"
#define STAMPS                                                                                     \
    "SELECT customer_id, CAST(SUM(amount) AS BIGINT) FROM stamp_entry WHERE merchant_id = $1"
#define REFERRALS                                                                                  \
    "SELECT customer_id, COUNT(*) FROM referral WHERE merchant_id = $1 AND customer_id IS NOT "    \
    "NULL"
#define OF_SOME " AND customer_id IN " BATCH_IN
#define SUMMED " GROUP BY customer_id ORDER BY customer_id"
/* What was done with a certificate until the day and not taken back by then leaves some of it. */
#define CERTIFICATES                                                                               \
    "SELECT DISTINCT c.customer_id, c.type_id FROM certificate c WHERE c.merchant_id = $1"         \
    " AND c.customer_id IS NOT NULL"
#define CERTIFICATES_END(day)                                                                      \
    " AND c.issued_day <= " day " AND (c.valid_until IS NULL OR c.valid_until >= " day ")"         \
    " AND NOT EXISTS (SELECT 1 FROM certificate_use u WHERE u.merchant_id = c.merchant_id"         \
    " AND u.certificate_id = c.id AND u.day <= " day                                               \
    " AND (u.kind = 'void' OR (u.kind = 'redeem' AND c.partial = 0)) AND NOT EXISTS (SELECT 1"     \
    " FROM certificate_use b WHERE b.merchant_id = u.merchant_id"                                  \
    " AND b.certificate_id = u.certificate_id AND b.kind = 'back' AND b.cites_id = u.id"           \
    " AND b.day <= " day "))"                                                                      \
    " AND (c.partial = 0 OR c.value_minor > COALESCE((SELECT SUM(CASE WHEN u.kind = 'redeem'"      \
    " THEN u.amount_minor WHEN u.kind = 'back' THEN -u.amount_minor ELSE 0 END)"                   \
    " FROM certificate_use u WHERE u.merchant_id = c.merchant_id AND u.certificate_id = c.id"      \
    " AND u.day <= " day "), 0)) ORDER BY c.customer_id, c.type_id"

const struct db_statement as_of_all[AS_OF_STREAMS] = {
    [AS_OF_CUSTOMERS] = {"as_of_all_customers", CUSTOMERS CUSTOMERS_END, "i",
                         AUDIENCE_CUSTOMER_TYPES "i"},
    [AS_OF_PROFILES] = {"as_of_all_profiles", PROFILES PROFILES_END, "i", "ibttt"},
    [AS_OF_SALES] = {"as_of_all_sales",
                     SALES " AND t.customer_id IS NOT NULL AND t.day <= $2" SALES_END, "ii",
                     "iiiiiiiii"},
    [AS_OF_DAYS] = {"as_of_all_days", DAYS " AND day <= $2" DAYS_END, "ii", "iiiiiiii"},
    [AS_OF_CONSENTS] = {"as_of_all_consents", CONSENTS CONSENTS_END, "i", "itti"},
    [AS_OF_TABLES + STREAM_GROUPS] = {"as_of_all_groups", GROUPS GROUPS_END, "i", "ii"},
    [AS_OF_TABLES +
        STREAM_POINTS] = {"as_of_all_points", POINTS " AND day <= $2" SUMMED, "ii", "ii"},
    [AS_OF_TABLES + STREAM_TIERS] = {"as_of_all_tiers",
                                     TIERS " AND day <= $2 ORDER BY customer_id, id", "ii", "ii"},
    [AS_OF_TABLES +
        STREAM_STAMPS] = {"as_of_all_stamps", STAMPS " AND day <= $2" SUMMED, "ii", "ii"},
    [AS_OF_TABLES +
        STREAM_REFERRALS] = {"as_of_all_referrals", REFERRALS " AND day <= $2" SUMMED, "ii", "ii"},
    [AS_OF_TABLES + STREAM_CERTIFICATES] = {"as_of_all_certificates",
                                            CERTIFICATES CERTIFICATES_END("$2"), "ii", "ii"},
};

const struct db_statement as_of_some[AS_OF_STREAMS] = {
    [AS_OF_CUSTOMERS] = {"as_of_some_customers", CUSTOMERS " AND c.id IN " BATCH_IN CUSTOMERS_END,
                         BATCH_TYPES_I, AUDIENCE_CUSTOMER_TYPES "i"},
    [AS_OF_PROFILES] = {"as_of_some_profiles",
                        PROFILES " AND customer_id IN " BATCH_IN PROFILES_END, BATCH_TYPES_I,
                        "ibttt"},
    [AS_OF_SALES] = {"as_of_some_sales",
                     SALES " AND t.customer_id IN " BATCH_IN " AND t.day <= " BATCH_DAY SALES_END,
                     BATCH_TYPES_I "i", "iiiiiiiii"},
    [AS_OF_DAYS] = {"as_of_some_days",
                    DAYS " AND customer_id IN " BATCH_IN " AND day <= " BATCH_DAY DAYS_END,
                    BATCH_TYPES_I "i", "iiiiiiii"},
    [AS_OF_CONSENTS] = {"as_of_some_consents",
                        CONSENTS " AND customer_id IN " BATCH_IN CONSENTS_END, BATCH_TYPES_I,
                        "itti"},
    [AS_OF_TABLES + STREAM_GROUPS] = {"as_of_some_groups",
                                      GROUPS " AND m.customer_id IN " BATCH_IN GROUPS_END,
                                      BATCH_TYPES_I, "ii"},
    [AS_OF_TABLES + STREAM_POINTS] = {"as_of_some_points",
                                      POINTS OF_SOME " AND day <= " BATCH_DAY SUMMED,
                                      BATCH_TYPES_I "i", "ii"},
    [AS_OF_TABLES + STREAM_TIERS] = {"as_of_some_tiers",
                                     TIERS OF_SOME " AND day <= " BATCH_DAY
                                                   " ORDER BY customer_id, id",
                                     BATCH_TYPES_I "i", "ii"},
    [AS_OF_TABLES + STREAM_STAMPS] = {"as_of_some_stamps",
                                      STAMPS OF_SOME " AND day <= " BATCH_DAY SUMMED,
                                      BATCH_TYPES_I "i", "ii"},
    [AS_OF_TABLES + STREAM_REFERRALS] = {"as_of_some_referrals",
                                         REFERRALS OF_SOME " AND day <= " BATCH_DAY SUMMED,
                                         BATCH_TYPES_I "i", "ii"},
    [AS_OF_TABLES +
        STREAM_CERTIFICATES] = {"as_of_some_certificates",
                                CERTIFICATES
                                " AND c.customer_id IN " BATCH_IN CERTIFICATES_END(BATCH_DAY),
                                BATCH_TYPES_I "i", "ii"},
};

bool as_of_takes_day(enum as_of_stream s)
{
    return s == AS_OF_SALES || s == AS_OF_DAYS || s > AS_OF_TABLES + STREAM_GROUPS;
}

const struct db_statement as_of_first_fact = {
    "as_of_first_fact", "SELECT MIN(first_day) FROM customer_facts WHERE merchant_id = $1", "i",
    "i"};

const struct db_statement as_of_first_registered = {
    "as_of_first_registered",
    "SELECT MIN(registered_day) FROM customer WHERE merchant_id = $1 AND deleted_us IS NULL", "i",
    "i"};

const struct db_statement *const as_of_statements[] = {
    &as_of_all[AS_OF_CUSTOMERS],
    &as_of_all[AS_OF_PROFILES],
    &as_of_all[AS_OF_SALES],
    &as_of_all[AS_OF_DAYS],
    &as_of_all[AS_OF_CONSENTS],
    &as_of_some[AS_OF_CUSTOMERS],
    &as_of_some[AS_OF_PROFILES],
    &as_of_some[AS_OF_SALES],
    &as_of_some[AS_OF_DAYS],
    &as_of_some[AS_OF_CONSENTS],
    &as_of_all[AS_OF_TABLES + STREAM_GROUPS],
    &as_of_some[AS_OF_TABLES + STREAM_GROUPS],
    &as_of_all[AS_OF_TABLES + STREAM_POINTS],
    &as_of_some[AS_OF_TABLES + STREAM_POINTS],
    &as_of_all[AS_OF_TABLES + STREAM_TIERS],
    &as_of_some[AS_OF_TABLES + STREAM_TIERS],
    &as_of_all[AS_OF_TABLES + STREAM_STAMPS],
    &as_of_some[AS_OF_TABLES + STREAM_STAMPS],
    &as_of_all[AS_OF_TABLES + STREAM_REFERRALS],
    &as_of_some[AS_OF_TABLES + STREAM_REFERRALS],
    &as_of_all[AS_OF_TABLES + STREAM_CERTIFICATES],
    &as_of_some[AS_OF_TABLES + STREAM_CERTIFICATES],
    &as_of_first_fact,
    &as_of_first_registered,
    NULL,
};
