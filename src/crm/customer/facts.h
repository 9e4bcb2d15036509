/* Facts per customer (DESIGN 5): one row each, recomputed from what they rest on in the transaction
 * that changes it. */
#pragma once
#include "../app.h"
extern const struct db_statement *const facts_statements[];
/* Recomputes the facts of these customers (any number; duplicates are fine) from transactions,
 * activity, contacts, tags. The caller notes the change (change_note). */
enum err must_use facts_refresh(struct db_tx *tx, int64_t merchant_id, const int64_t *customer_ids,
                                size_t n);
