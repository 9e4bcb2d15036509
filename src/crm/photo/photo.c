#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../change/change.h"
#include "photo_sql.h"

static enum err note(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                     const struct audit_actor *by, const char *action)
{
    enum err e = audit_write(tx, merchant_id, by, action, "customer", customer_id, NULL);
    return e == OK ? change_note(tx, merchant_id, "customer", &customer_id, 1) : e;
}

enum err photo_set(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, struct str small,
                   struct str large, const struct audit_actor *by, int64_t *ret_id)
{
    int64_t id = id_new(), now = now_us(), changed;
    enum err e = db_exec(tx, &photo_show, &changed, db_i(id), db_i(now), db_i(merchant_id),
                         db_i(customer_id));
    if (e == OK && changed == 0)
        return ERR_NOT_FOUND;
    if (e == OK)
        e = db_exec(tx, &photo_add, NULL, db_i(merchant_id), db_i(customer_id), db_i(id),
                    db_b(small), db_b(large), db_i(now));
    if (e == OK)
        e = db_exec(tx, &photo_others, NULL, db_i(merchant_id), db_i(customer_id), db_i(id));
    *ret_id = id;
    return e == OK ? note(tx, merchant_id, customer_id, by, "photo.set") : e;
}

enum err photo_remove(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                      const struct audit_actor *by)
{
    int64_t changed;
    enum err e =
        db_exec(tx, &photo_hide, &changed, db_i(now_us()), db_i(merchant_id), db_i(customer_id));
    if (e == OK && changed == 0)
        return ERR_NOT_FOUND;
    if (e == OK)
        e = db_exec(tx, &photo_others, NULL, db_i(merchant_id), db_i(customer_id), db_i(0));
    return e == OK ? note(tx, merchant_id, customer_id, by, "photo.remove") : e;
}

enum err photo_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t id,
                   bool large, struct arena *a, struct str *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, large ? &photo_large : &photo_small, &rows, db_i(merchant_id),
                          db_i(customer_id), db_i(id));
    if (e != OK)
        return e;
    bool found = db_next(rows);
    if (found)
        *ret = arena_str(a, db_blob(rows, 0));
    e = db_error(rows);
    return e == OK && !found ? ERR_NOT_FOUND : e;
}
