#include "duplicate.h"
#include "../../base/check.h"
#include "duplicate_sql.h"

static void take_pair(struct arena *a, const struct db_rows *r, struct duplicate_pair *ret)
{
    *ret = (struct duplicate_pair){.a_id = db_int(r, 0),
                                   .b_id = db_int(r, 1),
                                   .percent = (int)db_int(r, 2),
                                   .reasons = db_text_in(r, 3, a),
                                   .found_us = db_int(r, 4),
                                   .decided_us = db_int(r, 5),
                                   .decided_by = db_text_in(r, 6, a)};
}

enum err duplicate_list(struct db_tx *tx, int64_t merchant_id, bool decided, int64_t customer_id,
                        const struct duplicate_place *after, int64_t limit, struct arena *a,
                        struct duplicate_pair *ret, size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = customer_id ? db_query(tx, &duplicate_page_of, &rows, db_i(merchant_id),
                                        db_i(customer_id), db_i(limit))
                             : db_query(tx, decided ? &duplicate_page_decided : &duplicate_page,
                                        &rows, db_i(merchant_id), db_i(after->percent),
                                        db_i(after->a_id), db_i(after->b_id), db_i(limit));
    *ret_n = 0;
    if (e != OK)
        return e;
    while ((int64_t)*ret_n < limit && db_next(rows))
        take_pair(a, rows, &ret[(*ret_n)++]);
    return db_error(rows);
}

enum err duplicate_decide(struct db_tx *tx, int64_t merchant_id, int64_t a_id, int64_t b_id,
                          bool two_people, const struct audit_actor *by, int64_t now_us)
{
    int64_t changed, one = a_id < b_id ? a_id : b_id, other = a_id < b_id ? b_id : a_id;
    enum err e = db_exec(tx, &duplicate_say, &changed, two_people ? db_i(now_us) : db_null(),
                         two_people ? db_tc(by->name) : db_null(), db_i(merchant_id), db_i(one),
                         db_i(other));
    if (e != OK || changed == 0)
        return e != OK ? e : ERR_NOT_FOUND;
    struct audit_detail d cleanup(audit_detail_free);
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "other", str_c(arena_printf(db_arena(tx), "%lld", (long long)other)));
    return audit_write(tx, merchant_id, by, two_people ? "duplicate.different" : "duplicate.reopen",
                       "customer", one, audit_detail_end(&d));
}

enum err duplicate_progress_get(struct db_tx *tx, int64_t merchant_id,
                                struct duplicate_progress *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret = (struct duplicate_progress){.scanning = true};
    enum err e = db_query(tx, &duplicate_state, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    if (db_next(rows)) {
        ret->scanning = db_is_null(rows, 1) || !db_is_null(rows, 2);
        ret->scan_after = db_int(rows, 2);
    }
    return db_error(rows);
}
