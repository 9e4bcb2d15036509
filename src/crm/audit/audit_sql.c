/* Every statement of the audit log. */
#include "audit_sql.h"

const struct db_statement audit_add = {"audit_add",
                                       "INSERT INTO audit (merchant_id, id, at_us, staff_id, "
                                       "actor, action, entity, entity_id, address,"
                                       " detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                                       "iiiitttitt", ""};

/* Newest first: ids grow with time. Each by an index of its own. */
#define PAGE                                                                                       \
    "SELECT id, at_us, staff_id, actor, action, entity, entity_id, address, detail FROM audit"     \
    " WHERE merchant_id = $1 AND id >= $2 AND id < $3"
#define TYPES "iiitttitt"

const struct db_statement audit_page = {"audit_page", PAGE " ORDER BY id DESC LIMIT $4", "iiii",
                                        TYPES};

const struct db_statement audit_page_entity = {
    "audit_page_entity", PAGE " AND entity = $4 ORDER BY id DESC LIMIT $5", "iiiti", TYPES};

const struct db_statement audit_page_staff = {
    "audit_page_staff", PAGE " AND staff_id = $4 ORDER BY id DESC LIMIT $5", "iiiii", TYPES};

const struct db_statement audit_page_subject = {
    "audit_page_subject", PAGE " AND entity_id = $4 ORDER BY id DESC LIMIT $5", "iiiii", TYPES};

/* Of the merchant, whose feature stands above this one. */
const struct db_statement audit_zone = {"audit_zone",
                                        "SELECT time_zone FROM merchant WHERE id = $1", "i", "t"};

const struct db_statement *const audit_statements[] = {
    &audit_add,  &audit_page, &audit_page_entity, &audit_page_staff, &audit_page_subject,
    &audit_zone, NULL};
