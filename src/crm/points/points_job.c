/* The night's work: what has expired, and whether the ledger holds. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/log.h"
#include "../../work/work.h"
#include "../change/change.h"
#include "../merchant/merchant.h"
#include "points_sql.h"

enum { AT_ONCE = 100 };

struct night {
    const struct app *app;
    const struct job *job;
    struct arena *arena;
    int32_t today;
    int64_t after, done; /* customers: up to which id, how many: what is committed */
    int64_t last, step;  /* the same of the transaction under way */
    struct points_report report;
};

static enum err read_today(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    struct merchant m;
    enum err e = merchant_get(tx, n->job->merchant_id, n->arena, &m);
    if (e == OK)
        n->today = merchant_today(n->app, &m);
    return e;
}

static enum err read_due(struct db_tx *tx, const struct night *n, int64_t ids[static AT_ONCE],
                         size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret_n = 0;
    enum err e = db_query(tx, &points_due, &rows, db_i(n->job->merchant_id), db_i(n->today),
                          db_i(n->after), db_i(AT_ONCE));
    if (e != OK)
        return e;
    while (*ret_n < AT_ONCE && db_next(rows))
        ids[(*ret_n)++] = db_int(rows, 0);
    return db_error(rows);
}

/* What was booked has nothing left to book, so a job begun anew doubles nothing. */
static enum err expire_some(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    int64_t ids[AT_ONCE], expired, merchant_id = n->job->merchant_id;
    size_t count;
    enum err e = read_due(tx, n, ids, &count);
    for (size_t i = 0; e == OK && i < count; i++)
        e = points_settle(tx, merchant_id, ids[i], n->today, db_arena(tx), &expired);
    if (e == OK)
        e = job_progress(tx, n->job, n->done + (int64_t)count, -1);
    if (e == OK)
        e = change_note(tx, merchant_id, "customer", ids, count);
    n->step = (int64_t)count;
    n->last = count ? ids[count - 1] : n->after;
    return e;
}

static enum err expire_all(struct night *n)
{
    enum err e = OK;
    do {
        e = db_write(n->app->db, expire_some, n);
        n->after = n->last;
        n->done += n->step;
    } while (e == OK && n->step == AT_ONCE);
    return e;
}

static enum err read_report(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    return points_check(tx, n->job->merchant_id, &n->report);
}

static enum err write_report(struct db_tx *tx, void *arg)
{
    struct night *n = arg;
    const struct points_report *r = &n->report;
    const struct audit_actor system = {0, "system", NULL};
    const char *detail =
        arena_printf(db_arena(tx),
                     "{\"accounts\":%lld,\"entries\":%lld,\"points\":%lld,\"differing\":%lld"
                     ",\"seal\":\"%lld %s\"}",
                     (long long)r->accounts, (long long)r->entries, (long long)r->points,
                     (long long)r->differing, (long long)r->seal.place, r->seal.hash);
    enum err e = audit_write(tx, n->job->merchant_id, &system,
                             r->differing ? "points.differ" : "points.check", "merchant",
                             n->job->merchant_id, detail);
    return e == OK ? job_progress(tx, n->job, n->done, n->done) : e;
}

static void log_report(const struct night *n)
{
    const struct points_report *r = &n->report;
    for (int i = 0; i < r->nsome; i++)
        log_event(LOG_ERROR, "points_differ", "merchant",
                  arena_printf(n->arena, "%lld", (long long)n->job->merchant_id), "customer",
                  arena_printf(n->arena, "%lld", (long long)r->some[i].customer_id), "what",
                  r->some[i].what, NULL);
    /* a witness outside the base */
    log_event(LOG_INFO, "points_sealed", "merchant",
              arena_printf(n->arena, "%lld", (long long)n->job->merchant_id), "seal",
              arena_printf(n->arena, "%lld", (long long)r->seal.place), "hash", r->seal.hash, NULL);
}

enum err points_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct night n = {.app = app, .job = job, .arena = a};
    (void)p;
    enum err e = db_read(n.app->db, read_today, &n);
    if (e == OK)
        e = expire_all(&n);
    if (e == OK)
        e = db_read(n.app->db, read_report, &n);
    if (e == OK)
        e = points_seal(n.app->db, job->merchant_id, false, &n.report.seal);
    if (e != OK || n.report.entries + n.report.differing == 0)
        return e;
    log_report(&n);
    return db_write(n.app->db, write_report, &n);
}
