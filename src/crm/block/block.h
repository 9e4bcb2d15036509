/* Blocked customers (FEATURES B11): shown as such, found by blocked:yes, left out of what is sent.
 * Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const block_statements[];
extern const struct http_route block_routes[];

#define BLOCK_REASON_MAX 300 /* characters */

struct block {
    bool on;
    struct str reason;
};
/* The reason lives in `a`. ERR_NOT_FOUND: no such living customer. */
enum err must_use block_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            struct arena *a, struct block *ret);
/* The caller saw that the actor may see the customer. Blocking one who is blocked changes the
 * reason. ERR_NOT_FOUND: no such living customer. What is so already writes nothing. */
enum err must_use block_set(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            struct str reason, const struct audit_actor *by, struct arena *a);
enum err must_use block_lift(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                             const struct audit_actor *by, struct arena *a);
