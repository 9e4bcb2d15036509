/* Credits that wait for a second person. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../birthday/greeting.h"
#include "../change/change.h"
#include "watch_sql.h"

static void take(const struct db_rows *r, int32_t today, struct arena *a, struct watch_request *ret)
{
    struct str state = db_text(r, 8);
    *ret = (struct watch_request){
        .id = db_int(r, 0),
        .customer_id = db_int(r, 1),
        .amount = db_int(r, 2),
        .reason = db_text_in(r, 3, a),
        .message = db_text_in(r, 4, a),
        .staff_id = db_int(r, 5),
        .made_us = db_int(r, 6),
        .until_day = (int32_t)db_int(r, 7),
        .note = db_text_in(r, 9, a),
        .decided_us = db_int(r, 10),
        .entry_id = db_int(r, 11),
        .staff = db_text_in(r, 12, a),
        .decider = db_text_in(r, 13, a),
        .kind = str_eq(db_text(r, 14), STR("birthday")) ? POINTS_BIRTHDAY : POINTS_CREDIT,
        .store_id = db_int(r, 15),
        .idempotency = db_is_null(r, 16) ? NULL : arena_cstr(a, db_text(r, 16))};
    while (!str_eq(state, str_c(watch_request_states[ret->state])) && ret->state < WATCH_EXPIRED)
        ret->state++;
    if (ret->state == WATCH_WAITING && ret->until_day < today)
        ret->state = WATCH_EXPIRED;
}

enum err watch_requests(struct db_tx *tx, int64_t merchant_id, bool waiting, int32_t today,
                        struct arena *a, struct watch_request *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    size_t n = 0;
    enum err e = db_query(tx, waiting ? &watch_requests_waiting : &watch_requests_decided, &rows,
                          db_i(merchant_id), db_i(today), db_i(WATCH_TOLD_MAX));
    while (e == OK && n < WATCH_TOLD_MAX && db_next(rows))
        take(rows, today, a, &ret[n++]);
    *ret_n = n;
    return e == OK ? db_error(rows) : e;
}

static enum err tell(struct db_tx *tx, int64_t merchant_id, const struct watch_request *r,
                     const struct audit_actor *by, const char *action)
{
    cleanup(audit_detail_free) struct audit_detail d = {0};
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "points",
                       str_c(arena_printf(db_arena(tx), "%lld", (long long)r->amount)));
    if (r->reason.n)
        audit_detail_value(&d, "reason", r->reason);
    if (r->note.n)
        audit_detail_value(&d, "note", r->note);
    return audit_write(tx, merchant_id, by, action, "customer", r->customer_id,
                       audit_detail_end(&d));
}

/* ---- the limit ---- */

static enum err is_owner(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, bool *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &watch_role, &rows, db_i(merchant_id), db_i(staff_id));
    *ret = e == OK && db_next(rows) && str_eq(db_text(rows, 0), STR("owner"));
    return e == OK ? db_error(rows) : e;
}

enum err watch_holds(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, int64_t amount,
                     bool *ret)
{
    struct watch_rules rules;
    bool owner = false;
    *ret = false;
    enum err e = watch_rules_read(tx, merchant_id, &rules);
    if (e != OK || rules.limit_points == 0 || amount <= rules.limit_points)
        return e;
    e = is_owner(tx, merchant_id, staff_id, &owner);
    *ret = e == OK && !owner;
    return e;
}

enum err watch_room(struct db_tx *tx, int64_t merchant_id, int32_t today, int64_t *ret)
{
    int64_t waiting;
    enum err e = db_query_int(tx, &watch_waiting, &waiting, db_i(merchant_id), db_i(today));
    *ret = e == OK && waiting < WATCH_WAITING_MAX ? WATCH_WAITING_MAX - waiting : 0;
    return e;
}

static struct db_value text(struct str s) /* never NULL */
{
    return db_t(s.n ? s : STR(""));
}

static enum err hold(struct db_tx *tx, int64_t merchant_id, const struct points_new *what,
                     struct arena *a, int64_t *ret_id, struct problem *p)
{
    struct watch_rules rules;
    int64_t room;
    enum err e = watch_rules_read(tx, merchant_id, &rules);
    if (e == OK)
        e = watch_room(tx, merchant_id, what->today, &room);
    if (e == OK && room == 0)
        return problem_set(p, a, ERR_CONFLICT, "watch_too_many", NULL, NULL);
    const struct watch_request r = {.id = id_new(),
                                    .customer_id = what->customer_id,
                                    .amount = what->amount,
                                    .reason = what->reason};
    if (e == OK)
        e = db_exec(tx, &watch_request_add, NULL, db_i(merchant_id), db_i(r.id),
                    db_i(what->customer_id), db_i(what->amount), text(what->reason),
                    text(what->message), db_i(what->by->staff_id), db_i(now_us()),
                    db_i(what->today + (int32_t)rules.request_days),
                    db_tc(points_kinds[what->kind]), db_i_or_null(what->store_id, 0),
                    db_tc(what->idempotency));
    *ret_id = r.id;
    return e == OK ? tell(tx, merchant_id, &r, what->by, "watch.ask") : e;
}

/* The same credit told again waits under the request it has. ERR_NOT_FOUND: it has none. */
static enum err find_held(struct db_tx *tx, int64_t merchant_id, const struct points_new *what,
                          struct arena *a, int64_t *ret_id, struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    if (!what->idempotency)
        return ERR_NOT_FOUND;
    enum err e =
        db_query(tx, &watch_request_by_key, &rows, db_i(merchant_id), db_tc(what->idempotency));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    if (db_int(rows, 1) != what->amount ||
        !str_eq(db_text(rows, 2), str_c(points_kinds[what->kind])))
        return problem_set(p, a, ERR_CONFLICT, "points_repeated", NULL, NULL);
    *ret_id = db_int(rows, 0);
    return OK;
}

enum err watch_guard(struct db_tx *tx, int64_t merchant_id, const struct points_new *what,
                     struct arena *a, int64_t *ret_held, struct problem *p)
{
    bool holds;
    if (what->approved || what->amount <= 0 || !what->by || what->by->staff_id == 0 ||
        (what->kind != POINTS_CREDIT && what->kind != POINTS_BIRTHDAY))
        return OK;
    enum err e = watch_holds(tx, merchant_id, what->by->staff_id, what->amount, &holds);
    if (e != OK || !holds)
        return e;
    e = find_held(tx, merchant_id, what, a, ret_held, p);
    return e == ERR_NOT_FOUND ? hold(tx, merchant_id, what, a, ret_held, p) : e;
}

/* ---- deciding ---- */

static enum err find(struct db_tx *tx, int64_t merchant_id, int64_t id, int32_t today,
                     struct arena *a, struct watch_request *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &watch_request_one, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    bool found = db_next(rows);
    if (found)
        take(rows, today, a, ret);
    e = db_error(rows);
    return e == OK && !found ? ERR_NOT_FOUND : e;
}

static enum err may_answer(const struct watch_request *r, enum watch_request_state state,
                           const struct audit_actor *by, struct arena *a, struct problem *p)
{
    bool mine = r->staff_id == by->staff_id;
    if (r->state == WATCH_EXPIRED)
        return problem_set(p, a, ERR_CONFLICT, "watch_expired", NULL, NULL);
    if (r->state != WATCH_WAITING)
        return problem_set(p, a, ERR_CONFLICT, "watch_decided", NULL, NULL);
    if (state == WATCH_WITHDRAWN && !mine)
        return problem_set(p, a, ERR_DENIED, "watch_not_yours", NULL, NULL);
    if (state != WATCH_WITHDRAWN && mine)
        return problem_set(p, a, ERR_DENIED, "watch_yourself", NULL, NULL);
    return OK;
}

static enum err book(struct db_tx *tx, int64_t merchant_id, const struct watch_request *r,
                     int32_t today, const struct audit_actor *by, struct arena *a,
                     int64_t *ret_entry, struct problem *p)
{
    struct points_entry made;
    const struct points_new what = {
        .customer_id = r->customer_id,
        .amount = r->amount,
        .kind = r->kind,
        .reason = r->reason,
        .message = r->message,
        .store_id = r->store_id,
        .day = today,
        .today = today,
        .idempotency =
            r->idempotency ? r->idempotency : arena_printf(a, "watch:%lld", (long long)r->id),
        .by = by,
        .origin = "staff",
        .approved = true};
    enum err e = points_post(tx, merchant_id, &what, a, &made, p);
    *ret_entry = e == OK ? made.id : 0;
    return e == OK && r->kind == POINTS_BIRTHDAY && r->idempotency
               ? greeting_booked(tx, merchant_id, r->customer_id, r->idempotency, made.id,
                                 r->amount)
               : e;
}

enum err watch_answer(struct db_tx *tx, int64_t merchant_id, int64_t id,
                      enum watch_request_state state, struct str note, int32_t today,
                      const struct audit_actor *by, struct arena *a, struct watch_request *ret,
                      struct problem *p)
{
    static const char *const actions[] = {[WATCH_APPROVED] = "watch.approve",
                                          [WATCH_REFUSED] = "watch.refuse",
                                          [WATCH_WITHDRAWN] = "watch.withdraw"};
    int64_t entry = 0;
    check(state != WATCH_WAITING);
    enum err e = find(tx, merchant_id, id, today, a, ret);
    if (e == OK)
        e = may_answer(ret, state, by, a, p);
    if (e == OK && state == WATCH_APPROVED)
        e = book(tx, merchant_id, ret, today, by, a, &entry, p);
    if (e == OK)
        e = db_exec(tx, &watch_request_decide, NULL, db_tc(watch_request_states[state]), db_t(note),
                    db_i(now_us()), db_i(by->staff_id), db_i_or_null(entry, 0), db_i(merchant_id),
                    db_i(id));
    if (e != OK)
        return e;
    ret->note = note;
    e = tell(tx, merchant_id, ret, by, actions[state]);
    if (e == OK)
        e = find(tx, merchant_id, id, today, a, ret);
    return e == OK && entry ? change_note(tx, merchant_id, "customer", &ret->customer_id, 1) : e;
}

enum err watch_withdraw(struct db_tx *tx, int64_t merchant_id, const char *idempotency,
                        int64_t staff_id, int64_t *ret_entry)
{
    int64_t withdrawn = 0;
    *ret_entry = 0;
    enum err e = db_exec(tx, &watch_request_withdraw, &withdrawn, db_i(now_us()), db_i(staff_id),
                         db_i(merchant_id), db_tc(idempotency));
    return e != OK || withdrawn ? e
                                : db_query_int(tx, &watch_request_entry, ret_entry,
                                               db_i(merchant_id), db_tc(idempotency));
}
