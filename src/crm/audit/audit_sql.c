/* Every statement of the audit log. */
#include "audit_sql.h"

const struct db_statement audit_add = {"audit_add",
                                       "INSERT INTO audit (merchant_id, id, at_us, staff_id, "
                                       "actor, action, entity, entity_id, address,"
                                       " detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                                       "iiiitttitt", ""};

/* Newest first: ids grow with time. An empty text, a 0 = no such filter. */
const struct db_statement audit_page = {
    "audit_page",
    "SELECT id, at_us, staff_id, actor, action, entity, entity_id, address, detail FROM audit"
    " WHERE merchant_id = $1 AND id < $2 AND ($3 = '' OR entity = $3) AND ($4 = '' OR action = $4)"
    " AND ($5 = 0 OR staff_id = $5) ORDER BY id DESC LIMIT $6",
    "iittii", "iiitttitt"};

const struct db_statement *const audit_statements[] = {&audit_add, &audit_page, NULL};
