#include "../../base/check.h"
#include "../../base/day.h"
#include "points_ledger.h"

bool points_entry_read(const struct db_rows *r, struct arena *a, struct points_entry *ret)
{
    struct str kind = db_text(r, 8);
    *ret = (struct points_entry){.id = db_int(r, 0),
                                 .posting_id = db_int(r, 1),
                                 .account_id = db_int(r, 2),
                                 .place = db_int(r, 3),
                                 .customer_id = db_int(r, 4),
                                 .amount = db_int(r, 5),
                                 .balance = db_int(r, 6),
                                 .total = db_int(r, 7),
                                 .reason = db_text_in(r, 9, a),
                                 .message = db_text_in(r, 10, a),
                                 .store_id = db_int(r, 11),
                                 .staff_id = db_int(r, 12),
                                 .transaction_id = db_int(r, 13),
                                 .cites_id = db_int(r, 14),
                                 .day = (int32_t)db_int(r, 15),
                                 .at_us = db_int(r, 16),
                                 .expires_day = (int32_t)db_int_or(r, 17, DAY_NONE),
                                 .usable_day = (int32_t)db_int_or(r, 18, DAY_NONE)};
    for (int k = 0; k < POINTS_KINDS; k++)
        if (str_eq(kind, str_c(points_kinds[k]))) {
            ret->kind = k;
            return true;
        }
    return false;
}

struct points_entry points_entry_row(const struct db_rows *r, struct arena *a)
{
    struct points_entry e;
    check(points_entry_read(r, a, &e));
    e.staff_name = db_text_in(r, 19, a);
    return e;
}

static struct points_entry told_entry(const struct db_rows *r, struct arena *a)
{
    struct points_entry e = points_entry_row(r, a);
    e.reversed = db_int(r, 20) > 0;
    return e;
}

enum err points_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                    struct points_entry *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &points_entry_by_id, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_NOT_FOUND : e;
    }
    *ret = told_entry(rows, a);
    return OK;
}

enum err points_posting_amount(struct db_tx *tx, int64_t merchant_id, int64_t posting_id,
                               int64_t *ret)
{
    return db_query_int(tx, &points_posting_sum, ret, db_i(merchant_id), db_i(posting_id));
}

static enum err take_entries(struct db_rows *rows, int64_t limit, struct arena *a,
                             struct points_entry *ret, size_t *ret_n)
{
    *ret_n = 0;
    while ((int64_t)*ret_n < limit && db_next(rows))
        ret[(*ret_n)++] = told_entry(rows, a);
    return db_error(rows);
}

enum err points_latest(struct db_tx *tx, int64_t merchant_id, int64_t limit, struct arena *a,
                       struct points_entry *ret, size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret_n = 0;
    enum err e = db_query(tx, &points_latest_entries, &rows, db_i(merchant_id), db_i(limit));
    return e == OK ? take_entries(rows, limit, a, ret, ret_n) : e;
}

enum err points_list(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int only,
                     int64_t before, int64_t limit, struct arena *a, struct points_entry *ret,
                     size_t *ret_n)
{
    static const struct db_statement *const groups[] = {[POINTS_CAME] = &points_entries_came,
                                                        [POINTS_WENT] = &points_entries_went,
                                                        [POINTS_ALL] = &points_entries};
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret_n = 0;
    enum err e = only >= POINTS_KINDS ? db_query(tx, groups[only], &rows, db_i(merchant_id),
                                                 db_i(customer_id), db_i(before), db_i(limit))
                                      : db_query(tx, &points_entries_kind, &rows, db_i(merchant_id),
                                                 db_i(customer_id), db_i(before),
                                                 db_tc(points_kinds[only]), db_i(limit));
    return e == OK ? take_entries(rows, limit, a, ret, ret_n) : e;
}

enum err points_balance(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int32_t today,
                        struct points_balance *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct points_balance b = {.expiring_day = DAY_NONE, .unlocking_day = DAY_NONE};
    enum err e =
        db_query(tx, &points_left, &rows, db_i(today), db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    if (db_next(rows)) {
        b.total = db_int(rows, 0);
        b.usable = db_int(rows, 1);
        b.locked = b.total - b.usable;
        b.unlocking_day = (int32_t)db_int_or(rows, 2, DAY_NONE);
        b.expiring_day = (int32_t)db_int_or(rows, 3, DAY_NONE);
    }
    e = db_error(rows);
    db_done(&rows);
    if (b.expiring_day == POINTS_NEVER)
        b.expiring_day = DAY_NONE;
    if (e == OK && b.expiring_day != DAY_NONE)
        e = db_query_int(tx, &points_left_until, &b.expiring, db_i(merchant_id), db_i(customer_id),
                         db_i(b.expiring_day));
    *ret = b;
    return e;
}

enum err points_balance_on(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int32_t day,
                           int64_t *ret)
{
    return db_query_int(tx, &points_sum_on, ret, db_i(merchant_id), db_i(customer_id), db_i(day));
}

enum err points_earned(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int32_t from,
                       int32_t to, int64_t *ret)
{
    return db_query_int(tx, &points_sum_earned, ret, db_i(merchant_id), db_i(customer_id),
                        db_i(from), db_i(to));
}

/* ---- what the merchant owes ---- */

static void add_owed(struct points_liability *l, int32_t from, int32_t day, struct str kind,
                     int64_t amount)
{
    int k = 0;
    l->points += amount;
    if (day < from) {
        l->before += amount;
        return;
    }
    l->days[day - from] += amount;
    while (k < POINTS_KINDS && !str_eq(kind, str_c(points_kinds[k])))
        k++;
    check(k < POINTS_KINDS);
    l->kinds[k] += amount;
}

static enum err read_expiring(struct db_tx *tx, int64_t merchant_id, int32_t today,
                              struct points_liability *l)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &points_expiring, &rows, db_i(merchant_id), db_i(today),
                          db_i(today + POINTS_EXPIRING_DAYS - 1));
    if (e != OK)
        return e;
    while (db_next(rows))
        l->expiring[db_int(rows, 0) - today] = db_int(rows, 1);
    e = db_error(rows);
    return e == OK ? db_query_int(tx, &points_holders, &l->customers, db_i(merchant_id)) : e;
}

enum err points_liability(struct db_tx *tx, int64_t merchant_id, int32_t from, int32_t to,
                          int32_t today, struct points_liability *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    memset(ret, 0, sizeof *ret);
    check(from <= to && to - from < POINTS_LIABILITY_DAYS);
    enum err e = db_query(tx, &points_owed, &rows, db_i(merchant_id), db_i(to));
    if (e != OK)
        return e;
    while (db_next(rows))
        add_owed(ret, from, (int32_t)db_int(rows, 0), db_text(rows, 1), db_int(rows, 2));
    e = db_error(rows);
    db_done(&rows);
    int64_t sum = ret->before;
    for (int32_t i = 0; i <= to - from; i++)
        ret->days[i] = sum += ret->days[i];
    return e == OK ? read_expiring(tx, merchant_id, today, ret) : e;
}
