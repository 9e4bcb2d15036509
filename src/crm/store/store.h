/* Stores of a chain. */
#pragma once
#include "../app.h"
extern const struct db_statement *const store_statements[];
extern const struct http_route store_routes[];
#define STORES_MAX 1000
/* The store of that folded name, made if new. ERR_TOO_LARGE: STORES_MAX are there. */
enum err must_use store_by_name(struct db_tx *tx, int64_t merchant_id, struct str name,
                                int64_t *ret_id, bool *ret_new);

struct store {
    int64_t id, version;
    const char *name, *city; /* city NULL = not given */
};
#define STORE_NAME_MAX 100
/* What names are matched by. */
struct str store_key(struct arena *a, struct str name);
/* ERR_CONFLICT store_name_taken, store_too_many. The caller notes the change. */
enum err must_use store_create(struct db_tx *tx, int64_t merchant_id, struct str name,
                               struct str city, int64_t *ret_id, struct problem *p);
/* ERR_NOT_FOUND. Texts live in `a`. */
enum err must_use store_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                            struct store *ret);
enum err must_use store_list(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                             struct store **ret, size_t *ret_n);
