/* The change feed: what the audiences of this and of other processes follow. */
#pragma once
#include "../app.h"
extern const struct db_statement *const change_statements[];
/* The feed keeps this many of a merchant's latest entries; who is further behind reads all again.
 * Older ones go whenever so many have been added. */
#define CHANGES_KEPT 200000
#define CHANGES_PRUNED 64
/* Entities: "customer", "store", "word", "merchant", "segment", "favourite" (entity_id: the
 * customer's), "group" (deleted or brought back: its members change). Takes the merchant's next
 * numbers, so writers of one merchant queue here: call it last in a transaction. */
enum err must_use change_note(struct db_tx *tx, int64_t merchant_id, const char *entity,
                              const int64_t *entity_ids, size_t n);
