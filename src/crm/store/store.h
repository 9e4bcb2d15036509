/* Stores of a chain. */
#pragma once
#include "../app.h"
extern const struct db_statement *const store_statements[];
extern const struct http_route store_routes[];
#define STORES_MAX 1000
/* The store of that folded name, made if new. */
enum err must_use store_by_name(struct db_tx *tx, int64_t merchant_id, struct str name,
                                int64_t *ret_id, bool *ret_new);
