/* Every statement of the exports. */
#include "export_internal.h"

#define OF " WHERE x.merchant_id = $1 AND x.customer_id >= $2 AND x.customer_id <= $3"

const struct db_statement export_streams[EXPORT_STREAMS] = {
    [EXPORT_CUSTOMERS] =
        {"export_customers",
         "SELECT c.id, c.number, c.external_id, c.first_name, c.last_name,"
         " c.nickname, c.gender, c.birth_year, c.birth_month, c.birth_day,"
         " c.language, c.country, c.city, c.address, c.postcode, s.name, w.name,"
         " c.device, c.anonymous, c.blocked, c.blocked_reason, c.registered_day,"
         " c.sms_consent, c.email_consent, c.push_consent, c.email_suppressed,"
         " c.facebook, c.twitter, c.google, c.instagram, c.website,"
         " c.address_kind FROM customer c"
         " LEFT JOIN store s ON s.merchant_id = c.merchant_id AND s.id = c.store_id"
         " LEFT JOIN word w ON w.merchant_id = c.merchant_id"
         " AND w.kind = 'source' AND w.id = c.source_id"
         " WHERE c.merchant_id = $1 AND c.id >= $2 AND c.id <= $3"
         " AND c.deleted_us IS NULL ORDER BY c.id",
         "iii",
         "iitttttiiittt"
         "ttttt"
         "iitiiiii"
         "tttttt"},
    [EXPORT_FACTS] = {"export_facts",
                      "SELECT x.customer_id, x.first_day, x.last_visit_day, x.last_purchase_day,"
                      " x.visits, x.operations, x.spent_minor FROM customer_facts x" OF
                      " ORDER BY x.customer_id",
                      "iii", "iiiiiii"},
    [EXPORT_CONTACTS] = {"export_contacts",
                         "SELECT x.customer_id, x.kind, x.value, x.label FROM contact x" OF
                         " ORDER BY x.customer_id, x.kind, x.position",
                         "iii", "ittt"},
    [EXPORT_TAGS] = {"export_tags",
                     "SELECT x.customer_id, w.name FROM customer_tag x JOIN word w"
                     " ON w.merchant_id = x.merchant_id AND w.kind = 'tag' AND w.id = x.tag_id" OF
                     " ORDER BY x.customer_id, w.name_key, w.id",
                     "iii", "it"},
    [EXPORT_GROUPS] = {"export_groups",
                       "SELECT x.customer_id, g.name FROM group_member x JOIN customer_group g"
                       " ON g.merchant_id = x.merchant_id AND g.id = x.group_id"
                       " AND g.deleted_us IS NULL" OF " ORDER BY x.customer_id, g.name_key, g.id",
                       "iii", "it"},
    [EXPORT_PLACES] = {"export_places",
                       "SELECT x.customer_id, x.kind, x.street, x.postcode, x.city, x.country"
                       " FROM customer_address x" OF " ORDER BY x.customer_id, x.position",
                       "iii", "ittttt"},
    [EXPORT_DATES] = {"export_dates",
                      "SELECT x.customer_id, x.name, x.month, x.day, x.year FROM customer_date x" OF
                      " ORDER BY x.customer_id, x.position",
                      "iii", "itiii"},
};

const struct db_statement *const export_statements[] = {
    &export_streams[EXPORT_CUSTOMERS], &export_streams[EXPORT_FACTS],
    &export_streams[EXPORT_CONTACTS],  &export_streams[EXPORT_TAGS],
    &export_streams[EXPORT_GROUPS],    &export_streams[EXPORT_PLACES],
    &export_streams[EXPORT_DATES],     NULL,
};
