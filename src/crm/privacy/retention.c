#include "retention.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../change/change.h"
#include "../customer/audiences_snapshot.h"
#include "../merchant/merchant.h"
#include "privacy_sql.h"

enum { ERASED_AT_ONCE = 20 }; /* in one transaction: others wait meanwhile */

enum err retention_read(struct db_tx *tx, int64_t merchant_id, struct retention *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = (struct retention){.months = RETENTION_MONTHS};
    enum err e = db_query(tx, &retention_get, &rows, db_i(merchant_id));
    if (e == OK && db_next(rows))
        *ret = (struct retention){db_int(rows, 0), db_int(rows, 1)};
    return e != OK ? e : db_error(rows);
}

enum err retention_rule(int64_t merchant_id, const char *time_zone, int32_t today, int64_t months,
                        struct retention_rule *ret)
{
    struct zone *zone;
    enum err e = zone_open(time_zone, &zone);
    if (e != OK)
        return e;
    int32_t since = day_add_months(today, (int)-months);
    *ret =
        (struct retention_rule){.merchant_id = merchant_id,
                                .since = since,
                                .since_us = zone_day_start(zone, since),
                                .deleted_us = zone_day_start(zone, today - RETENTION_DELETED_DAYS),
                                .today = today};
    zone_close(&zone);
    return OK;
}

enum err retention_is_silent(struct db_tx *tx, const struct retention_rule *rule,
                             int64_t customer_id, bool *ret)
{
    int64_t n = 0;
    enum err e = db_query_int(tx, &retention_is, &n, db_i(rule->merchant_id), db_i(rule->since),
                              db_i(rule->since_us), db_i(rule->deleted_us), db_i(rule->today),
                              db_i(customer_id));
    *ret = n > 0;
    return e;
}

enum err retention_erase(struct db_tx *tx, const struct retention_rule *rule, int64_t months,
                         const int64_t *ids, size_t n, const struct audit_actor *by,
                         int64_t *ret_job)
{
    cleanup(audit_detail_free) struct audit_detail d = {0};
    int64_t batch = id_new(), merchant_id = rule->merchant_id;
    bool silent;
    size_t chosen = 0;
    enum err e =
        db_exec(tx, &retention_batch_add, NULL, db_i(merchant_id), db_i(batch), db_i(months),
                db_i_or_null(by->staff_id, 0), db_tc(by->name), db_tc(by->address), db_i(now_us()));
    for (size_t i = 0; e == OK && i < n; i++) {
        e = retention_is_silent(tx, rule, ids[i], &silent);
        if (e != OK || !silent)
            continue;
        chosen++;
        e = db_exec(tx, &retention_item_add, NULL, db_i(merchant_id), db_i(batch), db_i(ids[i]));
    }
    if (e == OK && chosen == 0)
        return ERR_NOT_FOUND;
    if (e == OK)
        e = job_create(tx, merchant_id, ERASURE_JOB, batch, by->staff_id, (int64_t)chosen, ret_job);
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "customers", str_c(arena_printf(db_arena(tx), "%zu", chosen)));
    return audit_write(tx, merchant_id, by, "retention.erase", "job", *ret_job,
                       audit_detail_end(&d));
}

/* ---- the job ---- */

struct erasing {
    const struct job *job;
    struct app *app;
    struct arena *arena;
    struct retention_rule rule;
    struct audit_actor by;
    bool more;
};

static enum err read_batch(struct db_tx *tx, void *arg)
{
    struct erasing *w = arg;
    struct merchant m;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = merchant_get(tx, w->job->merchant_id, w->arena, &m);
    if (e == OK)
        e = db_query(tx, &retention_batch_one, &rows, db_i(m.id), db_i(w->job->subject_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    w->by =
        (struct audit_actor){db_int(rows, 1), arena_cstr(w->arena, db_text(rows, 2)),
                             db_is_null(rows, 3) ? NULL : arena_cstr(w->arena, db_text(rows, 3))};
    return retention_rule(m.id, m.time_zone, merchant_today(w->app, &m), db_int(rows, 0), &w->rule);
}

static enum err read_waiting(struct db_tx *tx, const struct erasing *w,
                             int64_t ids[static ERASED_AT_ONCE], size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret_n = 0;
    enum err e = db_query(tx, &retention_items, &rows, db_i(w->job->merchant_id),
                          db_i(w->job->subject_id), db_i(ERASED_AT_ONCE));
    if (e != OK)
        return e;
    while (db_next(rows))
        ids[(*ret_n)++] = db_int(rows, 0);
    return db_error(rows);
}

/* Who came back meanwhile, was kept or erased, is left alone. */
static enum err erase_item(struct db_tx *tx, const struct erasing *w, int64_t id, bool *ret_erased)
{
    const struct privacy_erasure x = {.customer_id = id,
                                      .reason = "retention",
                                      .now_us = now_us(),
                                      .today = w->rule.today,
                                      .by = w->by};
    enum err e = retention_is_silent(tx, &w->rule, id, ret_erased);
    if (e == OK && *ret_erased)
        e = privacy_erase(tx, w->job->merchant_id, &x);
    if (e != OK)
        return e;
    return db_exec(tx, &retention_item_set, NULL, db_tc(*ret_erased ? "erased" : "skipped"),
                   db_i(w->job->merchant_id), db_i(w->job->subject_id), db_i(id));
}

static enum err count_done(struct db_tx *tx, const struct erasing *w, int64_t *ret_done,
                           int64_t *ret_total)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret_done = *ret_total = 0;
    enum err e = db_query(tx, &retention_item_counts, &rows, db_i(w->job->merchant_id),
                          db_i(w->job->subject_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        *ret_total += db_int(rows, 1);
        if (!str_eq(db_text(rows, 0), STR("waiting")))
            *ret_done += db_int(rows, 1);
    }
    return db_error(rows);
}

static enum err erase_some(struct db_tx *tx, void *arg)
{
    struct erasing *w = arg;
    int64_t ids[ERASED_AT_ONCE], erased[ERASED_AT_ONCE], done, total;
    size_t n, nerased = 0;
    bool is_erased;
    enum err e = read_waiting(tx, w, ids, &n);
    for (size_t i = 0; e == OK && i < n; i++) {
        e = erase_item(tx, w, ids[i], &is_erased);
        if (e == OK && is_erased)
            erased[nerased++] = ids[i];
    }
    if (e == OK)
        e = count_done(tx, w, &done, &total);
    if (e == OK)
        e = job_progress(tx, w->job, done, total);
    w->more = e == OK && done < total;
    if (e == OK && nerased > 0)
        e = change_note(tx, w->job->merchant_id, "customer", erased, nerased);
    return e;
}

enum err erasure_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct erasing w = {.job = job, .app = app, .arena = a, .more = true};
    enum err e = db_read(w.app->db, read_batch, &w);
    while (e == OK && w.more)
        e = db_write(w.app->db, erase_some, &w);
    audience_snapshot_remove(w.app, job->merchant_id); /* also if it was canceled midway */
    if (e == OK || e == ERR_CANCELED || e == ERR_BUSY)
        return e;
    return problem_set(p, a, e, err_name(e), NULL, NULL);
}
