/* Routes of retention: the rule, who comes up for a decision, keeping and erasing. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../cursor.h"
#include "../customer/audiences.h"
#include "../customer/customer_view.h"
#include "privacy_sql.h"
#include "retention.h"

enum { PAGE = 100, KEPT_LISTED = 200 };

struct retention_call {
    struct request *r;
    struct retention rule;
    struct retention_rule at;
    int64_t matching;
    int64_t after; /* the last customer seen */
    struct str scope;
    const char *time_zone;
    int32_t today;
    int64_t job;
};

static enum err call_begin(struct request *r, struct retention_call *c)
{
    const struct app *app = r->app;
    struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    *c = (struct retention_call){
        .r = r,
        .today = use.today,
        .time_zone = arena_cstr(r->arena, str_c(use.time_zone)),
        .scope = str_c(arena_printf(r->arena, "retention %lld", (long long)r->caller.merchant_id))};
    audiences_done(&use);
    return OK;
}

static enum err read_rule(struct db_tx *tx, struct retention_call *c)
{
    enum err e = retention_read(tx, c->r->caller.merchant_id, &c->rule);
    return e == OK ? retention_rule(c->r->caller.merchant_id, c->time_zone, c->today,
                                    c->rule.months, &c->at)
                   : e;
}

/* ---- the list ---- */

struct list_args {
    struct str cursor;
};
static const struct spec list_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {0},
};

static void name_json(struct request *r, const struct db_rows *rows, int first)
{
    struct str a = db_text(rows, first), b = db_text(rows, first + 1);
    const char *name =
        arena_printf(r->arena, "%.*s %.*s", (int)a.n, a.n ? a.p : "", (int)b.n, b.n ? b.p : "");
    struct str whole = str_trim(str_c(name));
    json_kv_text(&r->json, "name", whole.n ? whole : db_text(rows, first + 2));
}

/* The latest of what counts as contact; else when the customer was registered. */
static int32_t last_contact(const struct db_rows *rows, struct zone *zone, bool *ret_any)
{
    int32_t last = DAY_NONE;
    const int days[] = {7, 8, 12};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        int32_t day = (int32_t)db_int_or(rows, days[i], DAY_NONE);
        last = day > last ? day : last;
    }
    if (!db_is_null(rows, 13)) {
        int32_t day = zone_day(zone, db_int(rows, 13));
        last = day > last ? day : last;
    }
    *ret_any = last != DAY_NONE;
    if (last != DAY_NONE)
        return last;
    return db_is_null(rows, 9) ? zone_day(zone, db_int(rows, 10)) : (int32_t)db_int(rows, 9);
}

static void candidate_json(struct request *r, const struct db_rows *rows, struct zone *zone)
{
    struct json *j = &r->json;
    bool any;
    int32_t last = last_contact(rows, zone, &any);
    json_open(j);
    json_kv_id(j, "id", db_int(rows, 0));
    json_kv_int(j, "number", db_int(rows, 1));
    name_json(r, rows, 2);
    customer_text_json(j, "phone", db_text(rows, 5));
    customer_text_json(j, "email", db_text(rows, 6));
    json_kv_day(j, "last_contact", last);
    json_kv_bool(j, "never", !any);
    json_kv_int(j, "spent_minor", db_int(rows, 11));
    json_kv_instant(j, "deleted_at", db_int_or(rows, 14, 0));
    json_close(j);
}

static enum err candidates_json(struct db_tx *tx, struct retention_call *c)
{
    struct json *j = &c->r->json;
    cleanup(db_done) struct db_rows *rows = NULL;
    cleanup(zone_close) struct zone *zone = NULL;
    int64_t last = 0;
    bool more = false;
    int n = 0;
    enum err e = zone_open(c->time_zone, &zone);
    if (e == OK)
        e = db_query(tx, &retention_candidates, &rows, db_i(c->at.merchant_id), db_i(c->at.since),
                     db_i(c->at.since_us), db_i(c->at.deleted_us), db_i(c->at.today),
                     db_i(c->after), db_i(PAGE + 1));
    if (e != OK)
        return e;
    json_key(j, "items");
    json_list(j);
    for (; db_next(rows) && !(more = n == PAGE); n++) {
        last = db_int(rows, 0);
        candidate_json(c->r, rows, zone);
    }
    json_end(j);
    json_kv_cstr(j, "next", more ? cursor_make(c->r->arena, c->scope, &last, 1) : NULL);
    return more ? OK : db_error(rows);
}

static enum err kept_json(struct db_tx *tx, struct retention_call *c)
{
    struct json *j = &c->r->json;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &retention_kept, &rows, db_i(c->at.merchant_id), db_i(c->today),
                          db_i(KEPT_LISTED));
    if (e != OK)
        return e;
    json_key(j, "kept");
    json_list(j);
    while (db_next(rows)) {
        json_open(j);
        json_kv_id(j, "id", db_int(rows, 0));
        json_kv_int(j, "number", db_int(rows, 1));
        name_json(c->r, rows, 2);
        json_kv_day(j, "until", (int32_t)db_int(rows, 5));
        json_kv_text(j, "reason", db_text(rows, 6));
        customer_text_json(j, "staff", db_text(rows, 7));
        json_kv_instant(j, "at", db_int(rows, 8));
        json_close(j);
    }
    json_end(j);
    return db_error(rows);
}

static enum err read_list(struct db_tx *tx, void *arg)
{
    struct retention_call *c = arg;
    struct json *j = &c->r->json;
    enum err e = read_rule(tx, c);
    if (e == OK)
        e = db_query_int(tx, &retention_count, &c->matching, db_i(c->at.merchant_id),
                         db_i(c->at.since), db_i(c->at.since_us), db_i(c->at.deleted_us),
                         db_i(c->at.today));
    if (e != OK)
        return e;
    json_open(j);
    json_kv_int(j, "months", c->rule.months);
    json_kv_int(j, "version", c->rule.version);
    json_kv_day(j, "before", c->at.since);
    json_kv_int(j, "deleted_days", RETENTION_DELETED_DAYS);
    json_kv_int(j, "matching", c->matching);
    e = candidates_json(tx, c);
    if (e == OK)
        e = kept_json(tx, c);
    json_close(j);
    c->r->etag = arena_printf(c->r->arena, "%lld", (long long)c->rule.version);
    return e;
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    const struct list_args *args = r->args;
    struct retention_call c;
    enum err e = call_begin(r, &c);
    if (e != OK)
        return e;
    if (args && args->cursor.n > 0 && !cursor_read(args->cursor, c.scope, &c.after, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    return db_read(app->db, read_list, &c);
}

static enum err answer_list(struct request *r)
{
    const struct app *app = r->app;
    struct retention_call c;
    enum err e = call_begin(r, &c);
    return e == OK ? db_read(app->db, read_list, &c) : e;
}

/* ---- the rule ---- */

struct rule_args {
    int64_t months;
};
static const struct spec rule_spec[] = {
    {"months", SPEC_INT, offsetof(struct rule_args, months), .required = true, .min = 1,
     .max = RETENTION_MONTHS_MAX},
    {0},
};

static enum err write_rule(struct db_tx *tx, void *arg)
{
    struct request *r = arg;
    const struct rule_args *args = r->args;
    cleanup(audit_detail_free) struct audit_detail d = {0};
    struct audit_actor by = audit_by_request(r);
    struct retention now;
    int64_t merchant_id = r->caller.merchant_id, changed = 0;
    enum err e = retention_read(tx, merchant_id, &now);
    if (e == OK)
        e = request_check_version(r, now.version);
    if (e != OK || now.months == args->months)
        return e;
    if (now.version == 0)
        e = db_exec(tx, &retention_first, &changed, db_i(merchant_id), db_i(args->months),
                    db_i(now_us()));
    else
        e = db_exec(tx, &retention_put, &changed, db_i(args->months), db_i(now_us()),
                    db_i(merchant_id), db_i(now.version));
    if (e == OK && changed == 0)
        return request_fail(r, ERR_STALE, "stale", NULL, NULL);
    if (e != OK)
        return e;
    audit_detail_begin(&d, r->arena);
    audit_detail_number(&d, "months", now.months, args->months);
    return audit_write(tx, merchant_id, &by, "retention.update", "merchant", merchant_id,
                       audit_detail_end(&d));
}

static enum err rule_route(struct request *r)
{
    const struct app *app = r->app;
    enum err e = db_write(app->db, write_rule, r);
    return e == OK ? answer_list(r) : e;
}

/* ---- keeping ---- */

struct keep_args {
    struct spec_ids ids;
    struct str reason;
    int32_t until;
};
static const struct spec keep_spec[] = {
    {"ids", SPEC_IDS, offsetof(struct keep_args, ids), .required = true, .min = 1,
     .max = RETENTION_AT_ONCE},
    {"reason", SPEC_TEXT, offsetof(struct keep_args, reason), .required = true,
     .max = RETENTION_REASON_MAX},
    {"until", SPEC_DAY, offsetof(struct keep_args, until), .required = true},
    {0},
};

static enum err write_keep(struct db_tx *tx, void *arg)
{
    struct retention_call *c = arg;
    struct request *r = c->r;
    const struct keep_args *args = r->args;
    cleanup(audit_detail_free) struct audit_detail d = {0};
    struct audit_actor by = audit_by_request(r);
    char until[DAY_TEXT_MAX];
    bool silent;
    enum err e = read_rule(tx, c);
    day_format(args->until, until);
    audit_detail_begin(&d, r->arena);
    audit_detail_value(&d, "until", str_c(until));
    audit_detail_value(&d, "reason", args->reason);
    const char *detail = audit_detail_end(&d);
    for (size_t i = 0; e == OK && i < args->ids.n; i++) {
        e = retention_is_silent(tx, &c->at, args->ids.ids[i], &silent);
        if (e == OK && !silent)
            return request_fail(r, ERR_NOT_FOUND, "not_found", "ids", NULL);
        if (e == OK)
            e = db_exec(tx, &retention_keep_put, NULL, db_i(c->at.merchant_id),
                        db_i(args->ids.ids[i]), db_i(args->until), db_t(args->reason),
                        db_i_or_null(r->caller.staff_id, 0), db_i(now_us()));
        if (e == OK)
            e = audit_write(tx, c->at.merchant_id, &by, "retention.keep", "customer",
                            args->ids.ids[i], detail);
    }
    return e;
}

static enum err keep_route(struct request *r)
{
    const struct app *app = r->app;
    const struct keep_args *args = r->args;
    struct retention_call c;
    enum err e = call_begin(r, &c);
    if (e != OK)
        return e;
    if (args->until <= c.today || args->until > day_add_years(c.today, RETENTION_KEEP_YEARS))
        return request_fail(r, ERR_INVALID, "retention_bad_until", "until", "years",
                            arena_printf(r->arena, "%d", RETENTION_KEEP_YEARS), NULL);
    e = db_write(app->db, write_keep, &c);
    return e == OK ? answer_list(r) : e;
}

static enum err write_release(struct db_tx *tx, void *arg)
{
    struct request *r = arg;
    struct audit_actor by = audit_by_request(r);
    int64_t changed;
    enum err e =
        db_exec(tx, &retention_keep_remove, &changed, db_i(r->caller.merchant_id), db_i(r->ids[0]));
    if (e == OK && changed == 0)
        return request_fail(r, ERR_NOT_FOUND, "not_found", NULL, NULL);
    return e == OK ? audit_write(tx, r->caller.merchant_id, &by, "retention.release", "customer",
                                 r->ids[0], NULL)
                   : e;
}

static enum err release_route(struct request *r)
{
    const struct app *app = r->app;
    return db_write(app->db, write_release, r);
}

/* ---- erasing several ---- */

struct erase_args {
    struct spec_ids ids;
    int64_t count;
};
static const struct spec preview_spec[] = {
    {"ids", SPEC_IDS, offsetof(struct erase_args, ids), .required = true, .min = 1,
     .max = RETENTION_AT_ONCE},
    {0},
};
static const struct spec erase_spec[] = {
    {"ids", SPEC_IDS, offsetof(struct erase_args, ids), .required = true, .min = 1,
     .max = RETENTION_AT_ONCE},
    {"count", SPEC_INT, offsetof(struct erase_args, count), .required = true, .min = 1,
     .max = RETENTION_AT_ONCE, .doc = "how many they are, typed, so that nobody erases more"},
    {0},
};

struct previewing {
    struct retention_call call;
    int64_t customers, counts[PRIVACY_TABLES_MAX];
};

static enum err count_rows(struct db_tx *tx, void *arg)
{
    struct previewing *p = arg;
    const struct erase_args *args = p->call.r->args;
    bool silent;
    enum err e = read_rule(tx, &p->call);
    p->customers = 0;
    memset(p->counts, 0, sizeof p->counts);
    for (size_t i = 0; e == OK && i < args->ids.n; i++) {
        e = retention_is_silent(tx, &p->call.at, args->ids.ids[i], &silent);
        if (e != OK || !silent)
            continue;
        p->customers++;
        e = privacy_count(tx, p->call.at.merchant_id, args->ids.ids[i], p->counts);
    }
    return e;
}

static enum err preview_route(struct request *r)
{
    const struct app *app = r->app;
    const struct erase_args *args = r->args;
    struct previewing p;
    struct json *j = &r->json;
    enum err e = call_begin(r, &p.call);
    if (e == OK)
        e = db_read(app->db, count_rows, &p);
    if (e != OK)
        return e;
    json_open(j);
    json_kv_int(j, "customers", p.customers);
    json_kv_int(j, "left_out", (int64_t)args->ids.n - p.customers);
    privacy_counts_json(j, p.counts);
    json_close(j);
    return OK;
}

static enum err write_erase(struct db_tx *tx, void *arg)
{
    struct retention_call *c = arg;
    const struct erase_args *args = c->r->args;
    struct audit_actor by = audit_by_request(c->r);
    enum err e = read_rule(tx, c);
    if (e == OK)
        e = retention_erase(tx, &c->at, c->rule.months, args->ids.ids, args->ids.n, &by, &c->job);
    return e == ERR_NOT_FOUND ? request_fail(c->r, e, "not_found", "ids", NULL) : e;
}

static enum err erase_route(struct request *r)
{
    const struct app *app = r->app;
    const struct erase_args *args = r->args;
    struct retention_call c;
    enum err e = call_begin(r, &c);
    if (e != OK)
        return e;
    if (args->count != (int64_t)args->ids.n)
        return request_fail(r, ERR_INVALID, "retention_other_count", "count", NULL);
    e = db_write(app->db, write_erase, &c);
    if (e != OK)
        return e;
    if (app->work)
        work_wake(app->work);
    json_open(&r->json);
    json_kv_id(&r->json, "job_id", c.job);
    json_close(&r->json);
    return OK;
}

const struct http_route retention_routes[] = {
    {"GET", "/api/v1/retention", PERM_SETTINGS, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "Who has not been in contact for longer than people are kept, to decide on",
     .answer = "Retention"},
    {"PATCH", "/api/v1/retention", PERM_SETTINGS, rule_route, .body = rule_spec,
     .args_size = sizeof(struct rule_args), .needs_version = true,
     .summary = "Changes after how many months without contact", .answer = "Retention"},
    {"POST", "/api/v1/retention/keep", PERM_SETTINGS, keep_route, .body = keep_spec,
     .args_size = sizeof(struct keep_args),
     .summary = "Keeps customers all the same, for a reason, until a day", .answer = "Retention"},
    {"DELETE", "/api/v1/retention/keep/{id}", PERM_SETTINGS, release_route,
     .summary = "Lets a customer come up for a decision again"},
    {"POST", "/api/v1/retention/preview", PERM_SETTINGS, preview_route, .body = preview_spec,
     .args_size = sizeof(struct erase_args),
     .summary = "What erasing these customers would take away, and what would stay",
     .answer = "RetentionPreview"},
    {"POST", "/api/v1/retention/erase", PERM_SETTINGS, erase_route, .body = erase_spec,
     .args_size = sizeof(struct erase_args), .confirm_password = true,
     .summary = "Erases customers of the list, as a job", .answer = "JobStarted", .status = 202},
    {0},
};
