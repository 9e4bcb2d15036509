/* Routes of the till watch. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../customer/customer_view.h"
#include "../idempotency/idempotency.h"
#include "../staff/staff.h"
#include "watch_sql.h"

struct watch_call {
    struct request *r;
    struct audience_use use;
    struct audience_viewer viewer;
    int32_t today;
    struct audit_actor by;
    struct watch_rules rules, after;
    struct watch_alert *alerts;
    struct watch_request *requests, one;
    size_t n;
    int64_t open, waiting;
    int64_t customer, back, left;
    enum watch_request_state answer;
};

static void call_end(struct watch_call *c)
{
    audiences_done(&c->use);
}

static enum err begin(struct request *r, struct watch_call *c)
{
    const struct app *app = r->app;
    *c =
        (struct watch_call){.r = r, .viewer = rights_viewer(&r->caller), .by = audit_by_request(r)};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &c->use);
    c->today = c->use.today;
    return e;
}

/* Writes `"customer": …`. False: the caller does not see them. */
static enum err customer_json(struct watch_call *c, int64_t id, struct audience_hit *hit)
{
    enum err e = audience_get(c->use.audience, &c->viewer, id, c->r->arena, hit);
    return e == OK ? customer_photos(c->r->app, c->r->caller.merchant_id, hit, 1) : e;
}

/* ---- rules ---- */

struct rules_args {
    int64_t again_count, again_hours, limit_points, request_days;
    bool own, has_again_count, has_again_hours, has_limit, has_days, has_own;
};
#define AT(field) offsetof(struct rules_args, field)
static const struct spec rules_spec[] = {
    {"again_count", SPEC_INT, AT(again_count), .max = WATCH_AGAIN_MAX,
     .present_offset = AT(has_again_count) + 1,
     .doc = "so many acts for one customer by one person …; 0: not watched"},
    {"again_hours", SPEC_INT, AT(again_hours), .min = 1, .max = WATCH_HOURS_MAX,
     .present_offset = AT(has_again_hours) + 1, .doc = "… within so many hours"},
    {"own", SPEC_BOOL, AT(own), .present_offset = AT(has_own) + 1,
     .doc = "staff who credit a customer of their own name or e-mail"},
    {"limit_points", SPEC_INT, AT(limit_points), .max = POINTS_AMOUNT_MAX,
     .present_offset = AT(has_limit) + 1,
     .doc = "credits above it need a second person; 0: none do"},
    {"request_days", SPEC_INT, AT(request_days), .min = 1, .max = WATCH_DAYS_MAX,
     .present_offset = AT(has_days) + 1, .doc = "how long a request waits"},
    {0},
};

static enum err read_rules(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    return watch_rules_read(tx, c->r->caller.merchant_id, &c->rules);
}

static void rules_json(struct request *r, const struct watch_rules *rules)
{
    struct json *j = &r->json;
    r->etag = arena_printf(r->arena, "%lld", (long long)rules->version);
    json_open(j);
    json_kv_int(j, "again_count", rules->again_count);
    json_kv_int(j, "again_hours", rules->again_hours);
    json_kv_bool(j, "own", rules->own);
    json_kv_int(j, "limit_points", rules->limit_points);
    json_kv_int(j, "request_days", rules->request_days);
    json_kv_int(j, "version", rules->version);
    json_close(j);
}

static enum err rules_route(struct request *r)
{
    const struct app *app = r->app;
    struct watch_call c = {.r = r};
    enum err e = db_read(app->db, read_rules, &c);
    if (e == OK)
        rules_json(r, &c.rules);
    return e;
}

static enum err write_rules(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    struct request *r = c->r;
    return watch_rules_write(tx, r->caller.merchant_id, &c->rules, &c->after, &c->by, r->arena,
                             &r->problem);
}

static enum err patch_rules_route(struct request *r)
{
    const struct app *app = r->app;
    const struct rules_args *args = r->args;
    struct watch_call c = {.r = r, .by = audit_by_request(r)};
    enum err e = db_read(app->db, read_rules, &c);
    if (e == OK)
        e = request_check_version(r, c.rules.version);
    if (e != OK)
        return e;
    c.after = c.rules;
    if (args->has_again_count)
        c.after.again_count = args->again_count;
    if (args->has_again_hours)
        c.after.again_hours = args->again_hours;
    if (args->has_own)
        c.after.own = args->own;
    if (args->has_limit)
        c.after.limit_points = args->limit_points;
    if (args->has_days)
        c.after.request_days = args->request_days;
    e = db_write(app->db, write_rules, &c);
    if (e == OK)
        rules_json(r, &c.after);
    return e;
}

/* ---- alerts ---- */

struct list_args {
    int state; /* -1 absent: the open ones */
};
static const char *const alert_lists[] = {"open", "decided", NULL};
static const char *const request_lists[] = {"waiting", "decided", NULL};
static const struct spec alerts_spec[] = {
    {"state", SPEC_CHOICE, offsetof(struct list_args, state), .choices = alert_lists,
     .doc = "open by default"},
    {0},
};
static const struct spec requests_spec[] = {
    {"state", SPEC_CHOICE, offsetof(struct list_args, state), .choices = request_lists,
     .doc = "waiting by default"},
    {0},
};

static enum err read_alerts(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    const struct list_args *args = c->r->args;
    return watch_alerts(tx, c->r->caller.merchant_id, args->state != 1, c->r->arena, c->alerts,
                        &c->n);
}

struct entries_call {
    struct watch_call *c;
    int64_t alert_id;
    struct points_entry *list;
    size_t n;
};

static enum err read_entries(struct db_tx *tx, void *arg)
{
    struct entries_call *x = arg;
    return watch_alert_entries(tx, x->c->r->caller.merchant_id, x->alert_id, x->c->r->arena,
                               x->list, &x->n);
}

static enum err alert_json(struct watch_call *c, const struct watch_alert *a,
                           struct points_entry *room)
{
    const struct app *app = c->r->app;
    struct json *j = &c->r->json;
    struct audience_hit hit;
    struct entries_call x = {c, a->id, room, 0};
    enum err e = customer_json(c, a->customer_id, &hit);
    if (e == ERR_NOT_FOUND) /* gone, or of another store */
        return OK;
    if (e == OK)
        e = db_read(app->db, read_entries, &x);
    if (e != OK)
        return e;
    json_open(j);
    json_kv_id(j, "id", a->id);
    json_kv_cstr(j, "kind", a->kind);
    json_kv_cstr(j, "state", watch_states[a->state]);
    json_kv_text(j, "staff", a->staff);
    json_kv_bool(j, "yourself", a->staff_id == c->r->caller.staff_id);
    json_kv_text(j, "note", a->note);
    json_kv_instant(j, "opened_at", a->opened_us);
    json_kv_instant(j, "decided_at", a->decided_us);
    customer_text_json(j, "decided_by", a->decider);
    json_key(j, "entries");
    json_list(j);
    for (size_t i = 0; i < x.n; i++) {
        json_open(j);
        json_kv_id(j, "id", room[i].id);
        json_kv_int(j, "amount", room[i].amount);
        json_kv_cstr(j, "kind", points_kinds[room[i].kind]);
        json_kv_text(j, "reason", room[i].reason);
        json_kv_instant(j, "at", room[i].at_us);
        json_kv_bool(j, "reversed", room[i].reversed);
        json_close(j);
    }
    json_end(j);
    json_key(j, "customer");
    customer_row_json(j, &c->use, &hit);
    json_close(j);
    return OK;
}

static enum err alerts_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct watch_call c = {0};
    struct points_entry *room = arena_array(r->arena, struct points_entry, WATCH_ENTRIES_TOLD);
    enum err e = watch_follow(app->db, r->caller.merchant_id);
    if (e == OK)
        e = begin(r, &c);
    c.alerts = arena_array(r->arena, struct watch_alert, WATCH_TOLD_MAX);
    if (e == OK)
        e = db_read(app->db, read_alerts, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; e == OK && i < c.n; i++)
        e = alert_json(&c, &c.alerts[i], room);
    json_end(&r->json);
    json_close(&r->json);
    return e;
}

struct decide_args {
    int decision;
    struct str note;
};
static const char *const decisions[] = {"fine", "take_back", NULL};
static const struct spec decide_spec[] = {
    {"decision", SPEC_CHOICE, offsetof(struct decide_args, decision), .required = true,
     .choices = decisions, .doc = "take_back: what can be is reversed"},
    {"note", SPEC_TEXT, offsetof(struct decide_args, note), .max = WATCH_NOTE_MAX},
    {0},
};

static enum err write_decision(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    struct request *r = c->r;
    const struct decide_args *args = r->args;
    const struct watch_decision d = {.id = r->ids[0],
                                     .take_back = args->decision == 1,
                                     .note = args->note,
                                     .today = c->today,
                                     .by = &c->by};
    return watch_decide(tx, r->caller.merchant_id, &d, r->arena, &c->customer, &c->back, &c->left,
                        &r->problem);
}

static enum err decided_json(struct request *r, void *arg)
{
    const struct watch_call *c = arg;
    const struct decide_args *args = r->args;
    json_open(&r->json);
    json_kv_cstr(&r->json, "state",
                 watch_states[args->decision == 1 ? WATCH_TAKEN_BACK : WATCH_FINE]);
    json_kv_int(&r->json, "taken_back", c->back);
    json_kv_int(&r->json, "left", c->left);
    json_close(&r->json);
    return OK;
}

static enum err read_alert_customer(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    return db_query_int(tx, &watch_alert_customer, &c->customer, db_i(c->r->caller.merchant_id),
                        db_i(c->r->ids[0]));
}

static enum err read_request_customer(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    return db_query_int(tx, &watch_request_customer, &c->customer, db_i(c->r->caller.merchant_id),
                        db_i(c->r->ids[0]));
}

/* Of a customer whom the caller sees; else it is not there. */
static enum err begin_one(struct request *r, db_fn read_customer, struct watch_call *c)
{
    const struct app *app = r->app;
    struct audience_hit hit;
    enum err e = begin(r, c);
    if (e == OK)
        e = db_read(app->db, read_customer, c);
    if (e == OK)
        e = audience_get(c->use.audience, &c->viewer, c->customer, r->arena, &hit);
    audiences_done(&c->use); /* nobody waits for a commit with an audience in hand */
    return e;
}

static enum err decide_route(struct request *r)
{
    struct watch_call c = {0};
    enum err e = begin_one(r, read_alert_customer, &c);
    return e == OK ? idempotent_write(r, write_decision, &c, decided_json) : e;
}

/* ---- requests ---- */

/* `hit`: the customer as the caller sees them. */
static void request_json(struct watch_call *c, const struct watch_request *q,
                         const struct audience_hit *hit)
{
    struct json *j = &c->r->json;
    json_open(j);
    json_kv_id(j, "id", q->id);
    json_kv_id(j, "customer_id", q->customer_id);
    json_kv_cstr(j, "state", watch_request_states[q->state]);
    json_kv_int(j, "amount", q->amount);
    json_kv_text(j, "reason", q->reason);
    json_kv_text(j, "message", q->message);
    json_kv_text(j, "staff", q->staff);
    json_kv_bool(j, "yourself", q->staff_id == c->r->caller.staff_id);
    json_kv_instant(j, "made_at", q->made_us);
    json_kv_day(j, "until", q->until_day);
    json_kv_text(j, "note", q->note);
    json_kv_instant(j, "decided_at", q->decided_us);
    customer_text_json(j, "decided_by", q->decider);
    json_key(j, "customer");
    if (hit)
        customer_row_json(j, &c->use, hit);
    else
        json_nil(j);
    json_close(j);
}

static enum err read_requests(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    const struct list_args *args = c->r->args;
    return watch_requests(tx, c->r->caller.merchant_id, args->state != 1, c->today, c->r->arena,
                          c->requests, &c->n);
}

/* Associates see their own. */
static enum err requests_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct watch_call c = {0};
    bool all = rights_allowed(r->caller.role, PERM_LOYALTY);
    enum err e = begin(r, &c);
    c.requests = arena_array(r->arena, struct watch_request, WATCH_TOLD_MAX);
    if (e == OK)
        e = db_read(app->db, read_requests, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; e == OK && i < c.n; i++) {
        struct audience_hit hit;
        if (!all && c.requests[i].staff_id != r->caller.staff_id)
            continue;
        e = customer_json(&c, c.requests[i].customer_id, &hit);
        if (e == OK)
            request_json(&c, &c.requests[i], &hit);
        else if (e == ERR_NOT_FOUND)
            e = OK;
    }
    json_end(&r->json);
    json_close(&r->json);
    return e;
}

static enum err one_json(struct request *r, void *arg)
{
    struct watch_call *c = arg;
    (void)r;
    request_json(c, &c->one, NULL);
    return OK;
}

struct answer_args {
    int answer;
    struct str note;
};
static const char *const answers[] = {"approve", "refuse", "withdraw", NULL};
static const struct spec answer_spec[] = {
    {"answer", SPEC_CHOICE, offsetof(struct answer_args, answer), .required = true,
     .choices = answers,
     .doc = "approve or refuse: managers and owners, never who asked; withdraw: who asked"},
    {"note", SPEC_TEXT, offsetof(struct answer_args, note), .max = WATCH_NOTE_MAX},
    {0},
};

static enum err write_answer(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    struct request *r = c->r;
    const struct answer_args *args = r->args;
    return watch_answer(tx, r->caller.merchant_id, r->ids[0], c->answer, args->note, c->today,
                        &c->by, r->arena, &c->one, &r->problem);
}

static enum err answer_route(struct request *r)
{
    const struct answer_args *args = r->args;
    struct watch_call c = {0};
    enum err e = begin_one(r, read_request_customer, &c);
    c.answer = (enum watch_request_state)(WATCH_APPROVED + args->answer);
    if (e == OK && c.answer != WATCH_WITHDRAWN && !rights_allowed(r->caller.role, PERM_LOYALTY))
        return request_fail(r, ERR_DENIED, "watch_managers_only", NULL, NULL);
    return e == OK ? idempotent_write(r, write_answer, &c, one_json) : e;
}

/* ---- how many wait ---- */

static enum err read_counts(struct db_tx *tx, void *arg)
{
    struct watch_call *c = arg;
    int64_t merchant_id = c->r->caller.merchant_id;
    enum err e = db_query_int(tx, &watch_open_count, &c->open, db_i(merchant_id));
    return e == OK
               ? db_query_int(tx, &watch_waiting, &c->waiting, db_i(merchant_id), db_i(c->today))
               : e;
}

static enum err count_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct watch_call c = {0};
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_counts, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_int(&r->json, "alerts", c.open);
    json_kv_int(&r->json, "requests", c.waiting);
    json_close(&r->json);
    return OK;
}

const struct http_route watch_routes[] = {
    {"GET", "/api/v1/watch/count", PERM_LOYALTY, count_route,
     .summary = "How many alerts are open and how many requests wait", .answer = "WatchCount"},
    {"GET", "/api/v1/watch/rules", PERM_LOYALTY, rules_route,
     .summary = "What the till watch looks for", .answer = "WatchRules"},
    {"PATCH", "/api/v1/watch/rules", PERM_SETTINGS, patch_rules_route, .body = rules_spec,
     .args_size = sizeof(struct rules_args), .needs_version = true, .confirm_password = true,
     .summary = "Changes what the till watch looks for", .answer = "WatchRules"},
    {"GET", "/api/v1/watch/alerts", PERM_LOYALTY, alerts_route, .query = alerts_spec,
     .args_size = sizeof(struct list_args),
     .summary = "What the till watch found, the latest first", .answer = "WatchAlertList"},
    {"POST", "/api/v1/watch/alerts/{id}/decide", PERM_LOYALTY, decide_route, .body = decide_spec,
     .args_size = sizeof(struct decide_args), .confirm_password = true, .idempotent = true,
     .summary = "Decides on an alert: it is fine, or its entries are taken back",
     .answer = "WatchDecided"},
    {"GET", "/api/v1/watch/requests", PERM_POINTS, requests_route, .query = requests_spec,
     .args_size = sizeof(struct list_args),
     .summary = "Credits that wait for a second person; associates see their own",
     .answer = "WatchRequestList"},
    {"POST", "/api/v1/watch/requests/{id}/answer", PERM_POINTS, answer_route, .body = answer_spec,
     .args_size = sizeof(struct answer_args), .confirm_password = true, .idempotent = true,
     .summary = "Approves (and books), refuses or withdraws a request", .answer = "WatchRequest"},
    {0},
};
