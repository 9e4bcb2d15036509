#pragma once
#include "merchant.h"
extern const struct db_statement merchant_by_id, merchant_by_slug, merchant_first, merchant_add,
    merchant_change;
