#include "daily.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/log.h"
#include "../../work/work.h"

enum { ENDED_KEPT_DAYS = 30 };

static const struct db_statement daily_due = {
    "daily_due",
    "SELECT m.id, m.time_zone, d.day, CAST(0 AS BIGINT) FROM merchant m LEFT JOIN daily d"
    " ON d.merchant_id = m.id AND d.kind = $1 ORDER BY m.time_zone, m.id",
    "t", "itii"};

/* Changes a row for the first who comes on a day. */
static const struct db_statement daily_take = {
    "daily_take",
    "INSERT INTO daily (merchant_id, kind, day) VALUES ($1, $2, $3)"
    " ON CONFLICT (merchant_id, kind) DO UPDATE SET day = excluded.day"
    " WHERE daily.day < excluded.day",
    "iti", ""};

static const struct db_statement daily_prune = {
    "daily_prune", "DELETE FROM job WHERE merchant_id = $1 AND kind = $2 AND finished_us < $3",
    "iti", ""};

const struct db_statement *const daily_statements[] = {&daily_due, &daily_take, &daily_prune, NULL};

struct due {
    int64_t merchant_id;
    const char *time_zone, *kind;
    int32_t day; /* the last one, later the one to take */
    int32_t hour;
};
struct looking {
    struct arena *arena;
    const char *kind;
    const struct db_statement *due;
    struct due *list;
    size_t n, cap;
};

static enum err read_due(struct db_tx *tx, void *arg)
{
    struct looking *l = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    l->n = 0;
    enum err e = db_query(tx, l->due, &rows, db_tc(l->kind));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (l->n == l->cap) {
            l->cap = l->cap ? l->cap * 2 : 64;
            struct due *more = arena_array(l->arena, struct due, l->cap);
            if (l->n)
                memcpy(more, l->list, l->n * sizeof *more);
            l->list = more;
        }
        l->list[l->n++] =
            (struct due){db_int(rows, 0), arena_cstr(l->arena, db_text(rows, 1)), l->kind,
                         (int32_t)db_int_or(rows, 2, DAY_NONE), (int32_t)db_int(rows, 3)};
    }
    return db_error(rows);
}

static enum err make_job(struct db_tx *tx, void *arg)
{
    const struct due *d = arg;
    int64_t taken, id;
    enum err e =
        db_exec(tx, &daily_take, &taken, db_i(d->merchant_id), db_tc(d->kind), db_i(d->day));
    if (e != OK || !taken)
        return e;
    e = db_exec(tx, &daily_prune, NULL, db_i(d->merchant_id), db_tc(d->kind),
                db_i(now_us() - ENDED_KEPT_DAYS * US_PER_DAY));
    return e == OK ? job_create(tx, d->merchant_id, d->kind, 0, 0, -1, &id) : e;
}

/* They come by time zone, and each zone is opened once. */
static void make_jobs(const struct app *app, struct looking *l)
{
    struct zone *zone cleanup(zone_close) = NULL;
    const char *opened = "";
    int64_t now = now_us();
    for (size_t i = 0; i < l->n; i++) {
        struct due d = l->list[i];
        if (strcmp(opened, d.time_zone) != 0) {
            zone_close(&zone);
            opened = d.time_zone;
            if (zone_open(opened, &zone) != OK)
                zone = NULL;
        }
        int32_t today = app->fixed_today != DAY_NONE ? app->fixed_today
                        : zone                       ? zone_day(zone, now)
                                                     : (int32_t)(now / US_PER_DAY);
        if (d.day >= today || (app->fixed_today == DAY_NONE && zone &&
                               now < zone_instant(zone, today, d.hour * 3600)))
            continue;
        d.day = today;
        if (db_write(app->db, make_job, &d) != OK)
            log_event(LOG_WARN, "daily_job_not_made", "kind", d.kind, NULL);
        else if (app->work)
            work_wake(app->work);
    }
}

static void look_for(struct app *app, const char *kind, const struct db_statement *due)
{
    struct arena *a cleanup(arena_free) = arena_new();
    struct looking l = {.arena = a, .kind = kind, .due = due};
    if (db_read(app->db, read_due, &l) == OK)
        make_jobs(app, &l);
}

void daily_look(void *app)
{
    for (int i = 0; daily_jobs[i]; i++)
        look_for(app, daily_jobs[i], &daily_due);
    for (int i = 0; daily_timed[i].kind; i++)
        look_for(app, daily_timed[i].kind, daily_timed[i].due);
}
