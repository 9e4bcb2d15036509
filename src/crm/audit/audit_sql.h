#pragma once
#include "audit.h"
extern const struct db_statement audit_add, audit_page;
