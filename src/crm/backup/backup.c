#include <libgen.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/log.h"
#include "../../db/migrations.h"
#include "../audit/audit.h"
#include "../merchant/merchant.h"
#include "backup_sql.h"

#define NOTED_MAX 100
#define TAKE_OVER_US (3600LL * 1000000)

struct noting {
    int64_t id, taken;
    const char *day, *file, *problem;
    enum err result;
    struct backup_report report;
};

static enum err note_begin(struct db_tx *tx, void *arg)
{
    struct noting *n = arg;
    int64_t now = now_us();
    enum err e = db_exec(tx, &backup_take, &n->taken, db_i(n->id), db_tc(n->day), db_tc(n->file),
                         db_i(now), db_i(now - TAKE_OVER_US));
    return e == OK ? db_exec(tx, &backup_prune, NULL, db_i(NOTED_MAX)) : e;
}

static enum err note_end(struct db_tx *tx, void *arg)
{
    const struct noting *n = arg;
    return db_exec(tx, &backup_finish, NULL, db_tc(n->result == OK ? "done" : "failed"),
                   db_i(n->report.bytes), db_i(n->report.rows), db_tc(n->problem), db_i(now_us()),
                   db_i(n->id));
}

enum err backup_make(const struct app *app, const char *path, const char *day,
                     const struct backup_watch *watch, struct arena *a, struct backup_report *ret,
                     struct problem *p)
{
    struct problem own = {.from = -1};
    struct noting n = {.id = id_new(), .day = day, .file = basename(arena_cstr(a, str_c(path)))};
    /* who only asks for a copy gets it also when the base cannot take a note */
    enum err noted = db_write(app->db, note_begin, &n);
    if (day && (noted != OK || n.taken == 0))
        return noted != OK ? noted : ERR_CONFLICT;
    n.result = db_backup(app->db, migrations, migrations_count, path, HABITUE_VERSION, watch, a,
                         &n.report, &own);
    n.problem = n.result == OK ? NULL : own.code ? own.code : err_name(n.result);
    if (noted == OK && db_write(app->db, note_end, &n) != OK)
        log_event(LOG_WARN, "backup_not_noted", "file", n.file, NULL);
    if (p)
        *p = own;
    *ret = n.report;
    return n.result;
}

enum err backup_restored(struct db_tx *tx, void *arg)
{
    const struct backup_report *report = arg;
    static const struct audit_actor by = {.name = "command line"};
    struct arena *a = db_arena(tx);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct merchant *all;
    size_t n;
    char at[INSTANT_TEXT_MAX];
    enum err e = db_exec_values(tx, &backup_forget_running, NULL, NULL, 0);
    if (e == OK)
        e = db_exec_values(tx, &backup_forget_snapshots, NULL, NULL, 0);
    if (e == OK)
        e = db_exec(tx, &backup_end_sessions, NULL, db_i(now_us()));
    if (e == OK)
        e = merchant_list(tx, a, &all, &n);
    if (e != OK)
        return e;
    instant_format(report->created_us, at);
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "backup_of", str_c(at));
    const char *detail = audit_detail_end(&d);
    for (size_t i = 0; i < n && e == OK; i++)
        e = audit_write(tx, all[i].id, &by, "base.restore", "base", 0, detail);
    return e;
}
