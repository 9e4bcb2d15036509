#pragma once
#include "store.h"
extern const struct db_statement store_all, store_by_id, store_by_key, store_count, store_add,
    store_change;
