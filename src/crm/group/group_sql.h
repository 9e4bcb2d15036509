#pragma once
#include "group.h"
extern const struct db_statement group_all, group_add, group_change, group_remove, group_back,
    group_member_add, group_member_remove, group_find, group_members_of, group_member_insert;
