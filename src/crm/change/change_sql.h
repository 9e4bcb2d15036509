#pragma once
#include "change.h"
extern const struct db_statement change_take, change_add, change_prune;
