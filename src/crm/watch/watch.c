#include "watch.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../change/change.h"
#include "watch_sql.h"

const char *const watch_states[] = {"open", "fine", "taken_back", NULL};
const char *const watch_request_states[] = {"waiting",   "approved", "refused",
                                            "withdrawn", "expired",  NULL};
static const struct watch_rules defaults = {
    .again_count = 4, .again_hours = 3, .own = true, .request_days = 7};

static int place_of(const char *const *names, struct str name)
{
    int i = 0;
    while (names[i + 1] && !str_eq(name, str_c(names[i])))
        i++;
    return i;
}

/* ---- rules ---- */

enum err watch_rules_read(struct db_tx *tx, int64_t merchant_id, struct watch_rules *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = defaults;
    enum err e = db_query(tx, &watch_rules_get, &rows, db_i(merchant_id));
    if (e == OK && db_next(rows))
        *ret = (struct watch_rules){.again_count = db_int(rows, 0),
                                    .again_hours = db_int(rows, 1),
                                    .own = db_int(rows, 2) != 0,
                                    .limit_points = db_int(rows, 3),
                                    .request_days = db_int(rows, 4),
                                    .version = db_int(rows, 5)};
    return e == OK ? db_error(rows) : e;
}

enum err watch_rules_write(struct db_tx *tx, int64_t merchant_id, const struct watch_rules *before,
                           struct watch_rules *after, const struct audit_actor *by, struct arena *a,
                           struct problem *p)
{
    cleanup(audit_detail_free) struct audit_detail d = {0};
    int64_t changed;
    after->version = before->version + 1;
    enum err e =
        db_exec(tx, &watch_rules_put, &changed, db_i(merchant_id), db_i(after->again_count),
                db_i(after->again_hours), db_i(after->own), db_i(after->limit_points),
                db_i(after->request_days), db_i(now_us()), db_i(after->version));
    if (e == OK && !changed)
        e = problem_set(p, a, ERR_STALE, "stale", NULL, NULL);
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_number(&d, "again_count", before->again_count, after->again_count);
    audit_detail_number(&d, "again_hours", before->again_hours, after->again_hours);
    if (before->own != after->own)
        audit_detail_flag(&d, "own", before->own, after->own);
    audit_detail_number(&d, "limit_points", before->limit_points, after->limit_points);
    audit_detail_number(&d, "request_days", before->request_days, after->request_days);
    return audit_write(tx, merchant_id, by, "watch.rules", "merchant", merchant_id,
                       audit_detail_end(&d));
}

/* ---- alerts ---- */

static void take_alert(const struct db_rows *r, struct arena *a, struct watch_alert *ret)
{
    *ret = (struct watch_alert){.id = db_int(r, 0),
                                .kind = arena_cstr(a, db_text(r, 1)),
                                .customer_id = db_int(r, 2),
                                .staff_id = db_int(r, 3),
                                .state = (enum watch_state)place_of(watch_states, db_text(r, 4)),
                                .note = db_text_in(r, 5, a),
                                .opened_us = db_int(r, 6),
                                .decided_us = db_int(r, 7),
                                .version = db_int(r, 8),
                                .staff = db_text_in(r, 9, a),
                                .decider = db_text_in(r, 10, a)};
}

enum err watch_alerts(struct db_tx *tx, int64_t merchant_id, bool open, struct arena *a,
                      struct watch_alert *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    size_t n = 0;
    enum err e = db_query(tx, open ? &watch_alerts_open : &watch_alerts_decided, &rows,
                          db_i(merchant_id), db_i(WATCH_TOLD_MAX));
    while (e == OK && n < WATCH_TOLD_MAX && db_next(rows))
        take_alert(rows, a, &ret[n++]);
    *ret_n = n;
    return e == OK ? db_error(rows) : e;
}

static enum err entry_ids(struct db_tx *tx, int64_t merchant_id, int64_t alert_id, int64_t *ret,
                          size_t limit, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &watch_entries, &rows, db_i(merchant_id), db_i(alert_id),
                          db_i((int64_t)limit));
    *ret_n = 0;
    while (e == OK && *ret_n < limit && db_next(rows))
        ret[(*ret_n)++] = db_int(rows, 0);
    return e == OK ? db_error(rows) : e;
}

enum err watch_alert_entries(struct db_tx *tx, int64_t merchant_id, int64_t alert_id,
                             struct arena *a, struct points_entry *ret, size_t *ret_n)
{
    int64_t ids[WATCH_ENTRIES_TOLD];
    size_t n;
    enum err e = entry_ids(tx, merchant_id, alert_id, ids, WATCH_ENTRIES_TOLD, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        e = points_get(tx, merchant_id, ids[i], a, &ret[i]);
    *ret_n = n;
    return e;
}

static bool only_refused(enum err e, const struct problem *p)
{
    return e == ERR_CONFLICT && p->code && strncmp(p->code, "points_", 7) == 0;
}

/* The latest first, so that what was credited after it was spent comes back too. */
static enum err take_back(struct db_tx *tx, int64_t merchant_id, const struct watch_decision *d,
                          struct arena *a, int64_t *ret_back, int64_t *ret_left)
{
    int64_t ids[WATCH_AGAIN_MAX];
    size_t n;
    enum err e = entry_ids(tx, merchant_id, d->id, ids, WATCH_AGAIN_MAX, &n);
    for (size_t i = 0; e == OK && i < n; i++) {
        struct problem refused = {.from = -1};
        struct points_entry made;
        const struct points_back back = {
            .entry_id = ids[i],
            .reason = d->note,
            .today = d->today,
            .idempotency = arena_printf(a, "watch:%lld:%lld", (long long)d->id, (long long)ids[i]),
            .by = d->by,
            .origin = "staff"};
        e = points_reverse(tx, merchant_id, &back, a, &made, &refused);
        *ret_back += e == OK;
        if (only_refused(e, &refused)) {
            ++*ret_left;
            e = OK;
        }
    }
    return e;
}

enum err watch_decide(struct db_tx *tx, int64_t merchant_id, const struct watch_decision *d,
                      struct arena *a, int64_t *ret_customer, int64_t *ret_back, int64_t *ret_left,
                      struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    cleanup(audit_detail_free) struct audit_detail detail = {0};
    struct watch_alert alert;
    const char *state = watch_states[d->take_back ? WATCH_TAKEN_BACK : WATCH_FINE];
    *ret_back = *ret_left = 0;
    enum err e = db_query(tx, &watch_alert_one, &rows, db_i(merchant_id), db_i(d->id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return db_error(rows) == OK ? ERR_NOT_FOUND : db_error(rows);
    take_alert(rows, a, &alert);
    db_done(&rows);
    *ret_customer = alert.customer_id;
    if (alert.staff_id == d->by->staff_id)
        return problem_set(p, a, ERR_DENIED, "watch_yourself", NULL, NULL);
    if (alert.state != WATCH_OPEN)
        return problem_set(p, a, ERR_CONFLICT, "watch_decided", NULL, NULL);
    if (d->take_back)
        e = take_back(tx, merchant_id, d, a, ret_back, ret_left);
    if (e == OK)
        e = db_exec(tx, &watch_alert_decide, NULL, db_tc(state), db_t(d->note), db_i(now_us()),
                    db_i(d->by->staff_id), db_i(merchant_id), db_i(d->id));
    if (e != OK)
        return e;
    audit_detail_begin(&detail, db_arena(tx));
    audit_detail_value(&detail, "staff", alert.staff);
    audit_detail_value(&detail, "decision", str_c(state));
    audit_detail_value(&detail, "note", d->note);
    e = audit_write(tx, merchant_id, d->by, "watch.decide", "customer", alert.customer_id,
                    audit_detail_end(&detail));
    return e == OK && *ret_back ? change_note(tx, merchant_id, "customer", ret_customer, 1) : e;
}
