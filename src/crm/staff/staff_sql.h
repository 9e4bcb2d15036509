#pragma once
#include "staff.h"
extern const struct db_statement staff_all, staff_one, staff_by_key, staff_stores_all,
    staff_stores_one, staff_count, staff_owners, staff_add, staff_change, staff_password,
    staff_gone, staff_store_add, staff_stores_clear, staff_invite, staff_invited, staff_one_removed,
    staff_back;
