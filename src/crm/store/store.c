#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "store_sql.h"

struct str store_key(struct arena *a, struct str name)
{
    struct str folded = text_fold(a, name);
    return folded.n > 0 ? folded : name;
}

static enum err add(struct db_tx *tx, int64_t merchant_id, struct str name, struct str key,
                    struct str city, int64_t *ret_id)
{
    int64_t count, id = id_new();
    enum err e = db_query_int(tx, &store_count, &count, db_i(merchant_id));
    if (e == OK && count >= STORES_MAX)
        return ERR_TOO_LARGE;
    if (e == OK)
        e = db_exec(tx, &store_add, NULL, db_i(merchant_id), db_i(id), db_t(name), db_t(key),
                    city.n > 0 ? db_t(city) : db_null(), db_i(now_us()));
    if (e == OK)
        *ret_id = id;
    return e;
}

enum err store_by_name(struct db_tx *tx, int64_t merchant_id, struct str name, int64_t *ret_id,
                       bool *ret_new)
{
    int64_t id;
    struct str key = store_key(db_arena(tx), name);
    enum err e = db_query_int(tx, &store_by_key, &id, db_i(merchant_id), db_t(key));
    bool is_new = e == ERR_NOT_FOUND;
    if (is_new)
        e = add(tx, merchant_id, name, key, STR(""), &id);
    if (e != OK)
        return e;
    *ret_id = id;
    *ret_new = is_new;
    return OK;
}

enum err store_create(struct db_tx *tx, int64_t merchant_id, struct str name, struct str city,
                      int64_t *ret_id, struct problem *p)
{
    struct arena *a = db_arena(tx);
    struct str key = store_key(a, name);
    int64_t there;
    enum err e = db_query_int(tx, &store_by_key, &there, db_i(merchant_id), db_t(key));
    if (e == OK)
        return problem_set(p, NULL, ERR_CONFLICT, "store_name_taken", "name", NULL);
    if (e == ERR_NOT_FOUND)
        e = add(tx, merchant_id, name, key, city, ret_id);
    return e == ERR_TOO_LARGE
               ? problem_set(p, NULL, ERR_CONFLICT, "store_too_many", NULL, "limit", "1000", NULL)
               : e;
}

static void read_row(const struct db_rows *row, struct arena *a, struct store *s)
{
    *s = (struct store){db_int(row, 0), db_int(row, 3), arena_cstr(a, db_text(row, 1)),
                        db_is_null(row, 2) ? NULL : arena_cstr(a, db_text(row, 2))};
}

enum err store_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                   struct store *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &store_by_id, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    read_row(rows, a, ret);
    return OK;
}

enum err store_list(struct db_tx *tx, int64_t merchant_id, struct arena *a, struct store **ret,
                    size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct store *all = arena_array(a, struct store, STORES_MAX);
    size_t n = 0;
    enum err e = db_query(tx, &store_all, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    while (n < STORES_MAX && db_next(rows))
        read_row(rows, a, &all[n++]);
    if (n < STORES_MAX && (e = db_error(rows)) != OK)
        return e;
    *ret = all;
    *ret_n = n;
    return OK;
}
