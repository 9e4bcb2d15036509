/* A customer's photo: one at a time, as image.h made it. Each upload has an id of its own, so what
 * a browser keeps under it stays true for ever. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const photo_statements[];
extern const struct http_route photo_routes[];

/* Takes the place of the one before. ERR_NOT_FOUND: no such customer. */
enum err must_use photo_set(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            struct str small, struct str large, const struct audit_actor *by,
                            int64_t *ret_id);
/* ERR_NOT_FOUND: there is none. */
enum err must_use photo_remove(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                               const struct audit_actor *by);
/* ERR_NOT_FOUND. The bytes live in `a`. */
enum err must_use photo_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t id,
                            bool large, struct arena *a, struct str *ret);
