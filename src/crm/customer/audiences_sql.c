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
    " f.categories, f.sizes, f.phone, f.email, f.contact_text, f.shares,"                          \
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

const struct db_statement audiences_tiers = {
    "audiences_tiers",
    "SELECT id, CASE WHEN deleted_us IS NULL THEN name ELSE '' END FROM tier WHERE merchant_id = $1"
    " ORDER BY id",
    "i", "it"};

const struct db_statement audiences_ladder = {
    "audiences_ladder",
    "SELECT id FROM tier WHERE merchant_id = $1 AND deleted_us IS NULL ORDER BY place", "i", "i"};

/* Certificates outlive their kind: it keeps its name as long as no other has taken it. */
const struct db_statement audiences_certificate_types = {
    "audiences_certificate_types",
    "SELECT id, CASE WHEN deleted_us IS NULL OR NOT EXISTS (SELECT 1 FROM certificate_type o"
    " WHERE o.merchant_id = t.merchant_id AND o.name_key = t.name_key AND o.id <> t.id"
    " AND (o.deleted_us IS NULL OR o.id > t.id)) THEN name ELSE '' END"
    " FROM certificate_type t WHERE merchant_id = $1 ORDER BY id",
    "i", "it"};

/* Whose certificates have run out from one day until before another. */
const struct db_statement audiences_certificates_over = {
    "audiences_certificates_over",
    "SELECT customer_id FROM certificate WHERE merchant_id = $1 AND valid_until >= $2"
    " AND valid_until < $3 AND state = 0 AND customer_id IS NOT NULL",
    "iii", "i"};

#define MEMBERS                                                                                    \
    "SELECT m.customer_id, m.group_id FROM group_member m JOIN customer_group g"                   \
    " ON g.merchant_id = m.merchant_id AND g.id = m.group_id AND g.deleted_us IS NULL"             \
    " WHERE m.merchant_id = $1"
#define MEMBERS_END " ORDER BY m.customer_id, m.group_id"
#define POINTS                                                                                     \
    "SELECT customer_id, CAST(SUM(balance) AS BIGINT) FROM points_account WHERE merchant_id = $1"
#define TIERS                                                                                      \
    "SELECT customer_id, tier_id FROM customer_tier WHERE merchant_id = $1 AND tier_id IS NOT "    \
    "NULL"
#define STAMPS                                                                                     \
    "SELECT customer_id, CAST(SUM(amount) AS BIGINT) FROM stamp_entry WHERE merchant_id = $1"
#define REFERRALS                                                                                  \
    "SELECT customer_id, COUNT(*) FROM referral WHERE merchant_id = $1 AND customer_id IS NOT "    \
    "NULL"
#define CERTIFICATES                                                                               \
    "SELECT DISTINCT customer_id, type_id FROM certificate WHERE merchant_id = $1"                 \
    " AND state = 0 AND customer_id IS NOT NULL"
#define OF_SOME " AND customer_id IN " BATCH_IN
#define IN_ORDER " ORDER BY customer_id"
#define SUMMED " GROUP BY customer_id ORDER BY customer_id"

const struct db_statement audiences_streams[AUDIENCE_STREAMS] = {
    [STREAM_GROUPS] = {"audiences_members", MEMBERS MEMBERS_END, "i", "ii"},
    [STREAM_POINTS] = {"audiences_points", POINTS SUMMED, "i", "ii"},
    [STREAM_TIERS] = {"audiences_customer_tiers", TIERS IN_ORDER, "i", "ii"},
    [STREAM_STAMPS] = {"audiences_stamps", STAMPS SUMMED, "i", "ii"},
    [STREAM_REFERRALS] = {"audiences_referrals", REFERRALS SUMMED, "i", "ii"},
    [STREAM_CERTIFICATES] = {"audiences_certificates",
                             CERTIFICATES " AND (valid_until IS NULL OR valid_until >= $2)"
                                          " ORDER BY customer_id, type_id",
                             "ii", "ii"},
};

const struct db_statement audiences_streams_of[AUDIENCE_STREAMS] = {
    [STREAM_GROUPS] = {"audiences_members_of",
                       MEMBERS " AND m.customer_id IN " BATCH_IN MEMBERS_END, BATCH_TYPES_I, "ii"},
    [STREAM_POINTS] = {"audiences_points_of", POINTS OF_SOME SUMMED, BATCH_TYPES_I, "ii"},
    [STREAM_TIERS] = {"audiences_customer_tiers_of", TIERS OF_SOME IN_ORDER, BATCH_TYPES_I, "ii"},
    [STREAM_STAMPS] = {"audiences_stamps_of", STAMPS OF_SOME SUMMED, BATCH_TYPES_I, "ii"},
    [STREAM_REFERRALS] = {"audiences_referrals_of", REFERRALS OF_SOME SUMMED, BATCH_TYPES_I, "ii"},
    [STREAM_CERTIFICATES] = {"audiences_certificates_of",
                             CERTIFICATES OF_SOME " AND (valid_until IS NULL OR valid_until >= $66)"
                                                  " ORDER BY customer_id, type_id",
                             BATCH_TYPES_I "i", "ii"},
};

bool audience_stream_takes_day(enum audience_stream s)
{
    return s == STREAM_CERTIFICATES;
}

const struct db_statement audiences_group_size = {
    "audiences_group_size",
    "SELECT COUNT(*) FROM group_member WHERE merchant_id = $1 AND group_id = $2", "ii", "i"};

const struct db_statement audiences_in_group = {
    "audiences_in_group",
    "SELECT customer_id FROM group_member WHERE merchant_id = $1 AND group_id = $2", "ii", "i"};

const struct db_statement *const audiences_statements[] = {
    &audiences_seq,
    &audiences_changes,
    &audiences_customers,
    &audiences_facts,
    &audiences_touched,
    &audiences_words,
    &audiences_stores,
    &audiences_segments,
    &audiences_favourites,
    &audiences_favourite,
    &audiences_groups,
    &audiences_group_size,
    &audiences_in_group,
    &audiences_tiers,
    &audiences_ladder,
    &audiences_certificate_types,
    &audiences_certificates_over,
    &audiences_streams[STREAM_GROUPS],
    &audiences_streams_of[STREAM_GROUPS],
    &audiences_streams[STREAM_POINTS],
    &audiences_streams_of[STREAM_POINTS],
    &audiences_streams[STREAM_TIERS],
    &audiences_streams_of[STREAM_TIERS],
    &audiences_streams[STREAM_STAMPS],
    &audiences_streams_of[STREAM_STAMPS],
    &audiences_streams[STREAM_REFERRALS],
    &audiences_streams_of[STREAM_REFERRALS],
    &audiences_streams[STREAM_CERTIFICATES],
    &audiences_streams_of[STREAM_CERTIFICATES],
    NULL,
};
