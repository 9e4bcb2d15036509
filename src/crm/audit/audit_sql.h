#pragma once
#include "audit.h"
extern const struct db_statement audit_add, audit_page, audit_page_entity, audit_page_staff,
    audit_page_subject, audit_zone;
