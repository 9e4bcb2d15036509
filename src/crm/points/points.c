#include "../../base/check.h"
#include "../../base/day.h"
#include "points_ledger.h"

const char *const points_kinds[POINTS_KINDS + 1] = {POINTS_KIND_NAMES};

/* What points_post() takes for a kind. */
enum { COMES = 1, GOES = 2 };
static const int signs[POINTS_KINDS] = {
    [POINTS_PURCHASE] = COMES,
    [POINTS_CREDIT] = COMES,
    [POINTS_DEBIT] = GOES,
    [POINTS_OPENING] = COMES,
    [POINTS_CERTIFICATE] = COMES | GOES,
    [POINTS_STAMP] = COMES,
    [POINTS_REFERRAL] = COMES,
    [POINTS_BIRTHDAY] = COMES,
    [POINTS_VISIT] = COMES,
    [POINTS_TIER] = COMES,
};

static const char *number(struct arena *a, int64_t v)
{
    return arena_printf(a, "%lld", (long long)v);
}

static enum err refuse_amount(struct arena *a, struct problem *p)
{
    _Static_assert(POINTS_AMOUNT_MAX == 1000000000, "the number in problem points_amount");
    return problem_set(p, a, ERR_INVALID, "points_amount", "amount", "max", "1000000000", NULL);
}

static enum err check_customer(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                               struct arena *a, struct problem *p)
{
    int64_t living;
    enum err e = db_query_int(tx, &points_customer, &living, db_i(merchant_id), db_i(customer_id));
    if (e == OK && !living)
        return problem_set(p, a, ERR_NOT_FOUND, "not_found", NULL, NULL);
    return e;
}

/* ---- what was posted before ---- */

enum err points_posted(struct db_tx *tx, int64_t merchant_id, const char *idempotency,
                       struct arena *a, struct points_entry *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &points_entry_by_key, &rows, db_i(merchant_id), db_tc(idempotency));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_NOT_FOUND : e;
    }
    *ret = points_entry_row(rows, a);
    db_done(&rows);
    ret->repeated = true;
    return points_posting_amount(tx, merchant_id, ret->posting_id, &ret->amount);
}

static enum err repeat(struct db_tx *tx, int64_t merchant_id, const struct points_new *what,
                       struct arena *a, struct points_entry *ret, struct problem *p)
{
    enum err e = points_posted(tx, merchant_id, what->idempotency, a, ret);
    if (e != OK)
        return e;
    bool same = ret->kind == what->kind && (what->up_to || ret->amount == what->amount) &&
                (ret->customer_id == what->customer_id || ret->account_id == what->customer_id);
    return same ? OK : problem_set(p, a, ERR_CONFLICT, "points_repeated", NULL, NULL);
}

/* ---- coming and going ---- */

static struct points_text text_of(const struct points_new *what)
{
    return (struct points_text){.entry = {.kind = what->kind,
                                          .reason = what->reason,
                                          .message = what->message,
                                          .store_id = what->store_id,
                                          .staff_id = what->by ? what->by->staff_id : 0,
                                          .transaction_id = what->transaction_id,
                                          .cites_id = what->cites_id,
                                          .day = what->day,
                                          .at_us = what->at_us ? what->at_us : now_us()},
                                .idempotency = what->idempotency};
}

static enum err bring(struct points_ledger *l, const struct points_new *what,
                      struct points_entry *ret, struct problem *p)
{
    struct points_text t = text_of(what);
    struct points_policy policy;
    if (l->total > POINTS_BALANCE_MAX - what->amount)
        return problem_set(p, l->arena, ERR_CONFLICT, "points_too_many", "amount", "balance",
                           number(l->arena, l->total), NULL);
    t.entry.expires_day = what->expires_day;
    t.entry.usable_day = what->usable_day;
    if (!what->dates_given) {
        enum err e = points_policy_read(l->tx, l->merchant_id, &policy);
        if (e != OK)
            return e;
        points_promise(&policy, what->kind, what->day, &t.entry.usable_day, &t.entry.expires_day);
    }
    check(t.entry.usable_day <= t.entry.expires_day);
    return points_ledger_bring(l, &t, what->amount, ret);
}

static enum err refuse_spending(struct points_ledger *l, int64_t usable, int64_t wanted,
                                struct problem *p)
{
    const char *code = l->total >= wanted ? "points_locked" : "points_not_enough";
    return problem_set(p, l->arena, ERR_CONFLICT, code, "amount", "balance",
                       number(l->arena, l->total), "usable", number(l->arena, usable), NULL);
}

static enum err spend(struct points_ledger *l, const struct points_new *what,
                      struct points_entry *ret, struct problem *p)
{
    struct points_draws d = {0};
    struct points_text t = text_of(what);
    enum err e = points_ledger_choose(l, -what->amount, what->today, 0, &d);
    t.entry.day = what->today;
    if (e == OK && d.sum < -what->amount && !what->up_to)
        return refuse_spending(l, d.sum, -what->amount, p);
    if (e == OK && d.sum == 0)
        *ret = (struct points_entry){
            .kind = what->kind, .customer_id = what->customer_id, .total = l->total};
    return e == OK && d.sum > 0 ? points_ledger_draw(l, &t, &d, ret) : e;
}

static enum err post(struct points_ledger *l, const struct points_new *what,
                     struct points_entry *ret, struct problem *p)
{
    int64_t expired;
    enum err e = points_ledger_settle(l, what->today, DAY_NONE, &expired);
    if (e == OK)
        e = what->amount > 0 ? bring(l, what, ret, p) : spend(l, what, ret, p);
    if (e == OK && ret->amount != 0)
        e = points_tell(l, ret, what->by, what->origin);
    /* a sale of long ago may have earned what has expired since */
    if (e == OK && what->amount > 0 && ret->expires_day < what->today)
        e = points_ledger_settle(l, what->today, DAY_NONE, &expired);
    return e;
}

enum err points_post(struct db_tx *tx, int64_t merchant_id, const struct points_new *what,
                     struct arena *a, struct points_entry *ret, struct problem *p)
{
    struct points_ledger l;
    int64_t held = 0;
    check(what->kind < POINTS_KINDS && what->origin);
    if (what->amount == 0 || what->amount > POINTS_AMOUNT_MAX ||
        what->amount < -POINTS_AMOUNT_MAX ||
        !(signs[what->kind] & (what->amount > 0 ? COMES : GOES)))
        return refuse_amount(a, p);
    enum err e = what->idempotency ? repeat(tx, merchant_id, what, a, ret, p) : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e;
    e = check_customer(tx, merchant_id, what->customer_id, a, p);
    for (int i = 0; e == OK && !held && points_guards[i]; i++)
        e = points_guards[i](tx, merchant_id, what, a, &held, p);
    if (e == OK && held) {
        *ret = (struct points_entry){
            .kind = what->kind, .customer_id = what->customer_id, .held_id = held};
        return OK;
    }
    if (e == OK)
        e = points_ledger_open(&l, tx, merchant_id, what->customer_id, a);
    return e == OK ? post(&l, what, ret, p) : e;
}

enum err points_settle(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int32_t today,
                       struct arena *a, int64_t *ret_expired)
{
    struct points_ledger l;
    enum err e = points_ledger_open(&l, tx, merchant_id, customer_id, a);
    return e == OK ? points_ledger_settle(&l, today, DAY_NONE, ret_expired) : e;
}

enum err points_close(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int32_t today,
                      struct arena *a)
{
    struct points_ledger l;
    struct points_draws d = {0};
    struct points_entry made;
    int64_t expired;
    const struct points_text t = {
        .entry = {.kind = POINTS_ERASURE, .day = today, .at_us = now_us()}};
    enum err e = points_ledger_open(&l, tx, merchant_id, customer_id, a);
    if (e == OK)
        e = points_ledger_settle(&l, today, DAY_NONE, &expired);
    if (e == OK && l.total > 0)
        e = points_ledger_choose(&l, l.total, DAY_NONE, 0, &d);
    return e == OK && d.sum > 0 ? points_ledger_draw(&l, &t, &d, &made) : e;
}
