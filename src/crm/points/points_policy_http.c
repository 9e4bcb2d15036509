/* Routes of what points promise and what the merchant owes. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../merchant/merchant.h"
#include "points.h"

enum { DAYS_DEFAULT = 90 };

/* ---- the policy ---- */

struct policy_args {
    int expiry;
    int64_t count, locked_days, worth_points, worth_minor;
    bool has_count, has_locked, has_worth_points, has_worth_minor;
};
#define AT(field) offsetof(struct policy_args, field)
static const struct spec policy_spec[] = {
    {"expiry", SPEC_CHOICE, AT(expiry), .choices = points_expiries},
    {"count", SPEC_INT, AT(count), .max = POINTS_DAYS_MAX, .present_offset = AT(has_count) + 1,
     .doc = "days; or at the end of the month or year after so many, 0: of the same"},
    {"locked_days", SPEC_INT, AT(locked_days), .max = POINTS_LOCKED_MAX,
     .present_offset = AT(has_locked) + 1,
     .doc = "how long until what a purchase earned can be spent"},
    {"worth_points", SPEC_INT, AT(worth_points), .max = POINTS_AMOUNT_MAX,
     .present_offset = AT(has_worth_points) + 1, .doc = "so many points …"},
    {"worth_minor", SPEC_INT, AT(worth_minor), .max = POINTS_AMOUNT_MAX,
     .present_offset = AT(has_worth_minor) + 1, .doc = "… are worth that much; both 0: not said"},
    {0},
};

struct policy_call {
    struct request *r;
    struct points_policy policy;
};

static void policy_json(struct json *j, const struct points_policy *y)
{
    json_open(j);
    json_kv_cstr(j, "expiry", points_expiries[y->expiry]);
    json_kv_int(j, "count", y->count);
    json_kv_int(j, "locked_days", y->locked_days);
    json_kv_int(j, "worth_points", y->worth_points);
    json_kv_int(j, "worth_minor", y->worth_minor);
    json_kv_instant(j, "updated_at", y->updated_us);
    json_kv_int(j, "version", y->version);
    json_close(j);
}

static enum err answer_policy(struct request *r, const struct points_policy *y)
{
    r->etag = arena_printf(r->arena, "%lld", (long long)y->version);
    policy_json(&r->json, y);
    return OK;
}

static enum err read_policy(struct db_tx *tx, void *arg)
{
    struct policy_call *c = arg;
    return points_policy_read(tx, c->r->caller.merchant_id, &c->policy);
}

static enum err policy_route(struct request *r)
{
    const struct app *app = r->app;
    struct policy_call c = {.r = r};
    enum err e = db_read(app->db, read_policy, &c);
    return e == OK ? answer_policy(r, &c.policy) : e;
}

static enum err write_policy(struct db_tx *tx, void *arg)
{
    struct policy_call *c = arg;
    struct request *r = c->r;
    const struct policy_args *args = r->args;
    const struct audit_actor by = audit_by_request(r);
    struct points_policy after;
    enum err e = read_policy(tx, c);
    if (e == OK)
        e = request_check_version(r, c->policy.version);
    if (e != OK)
        return e;
    after = c->policy;
    if (args->expiry >= 0)
        after.expiry = (enum points_expiry)args->expiry;
    if (args->has_count)
        after.count = args->count;
    if (after.expiry == POINTS_EXPIRE_NEVER)
        after.count = 0;
    if (args->has_locked)
        after.locked_days = args->locked_days;
    if (args->has_worth_points)
        after.worth_points = args->worth_points;
    if (args->has_worth_minor)
        after.worth_minor = args->worth_minor;
    e = points_policy_write(tx, r->caller.merchant_id, &c->policy, &after, &by, r->arena,
                            &r->problem);
    c->policy = after;
    return e;
}

static enum err policy_patch_route(struct request *r)
{
    const struct app *app = r->app;
    struct policy_call c = {.r = r};
    enum err e = db_write(app->db, write_policy, &c);
    return e == OK ? answer_policy(r, &c.policy) : e;
}

/* ---- what the merchant owes ---- */

struct owed_args {
    int32_t from, day;
};
static const struct spec owed_spec[] = {
    {"day", SPEC_DAY, offsetof(struct owed_args, day), .doc = "today by default"},
    {"from", SPEC_DAY, offsetof(struct owed_args, from),
     .doc = "the first day of the series: 90 days by default, a year at most"},
    {0},
};

struct owed_call {
    struct request *r;
    int32_t from, to, today;
    struct merchant merchant;
    struct points_policy policy;
    struct points_liability owed;
};

static enum err read_owed(struct db_tx *tx, void *arg)
{
    struct owed_call *c = arg;
    struct request *r = c->r;
    const struct owed_args *args = r->args;
    int64_t id = r->caller.merchant_id;
    enum err e = merchant_get(tx, id, r->arena, &c->merchant);
    if (e == OK)
        e = points_policy_read(tx, id, &c->policy);
    if (e != OK)
        return e;
    c->today = merchant_today(r->app, &c->merchant);
    c->to = args->day == DAY_NONE ? c->today : args->day;
    c->from = args->from == DAY_NONE ? c->to - DAYS_DEFAULT + 1 : args->from;
    if (c->from > c->to || (int64_t)c->to - c->from >= POINTS_LIABILITY_DAYS)
        return request_fail(r, ERR_INVALID, "points_period", "from", "max", "366", NULL);
    return points_liability(tx, id, c->from, c->to, c->today, &c->owed);
}

/* Rounded half up; only where the merchant has said what points are worth. */
static void worth_json(struct json *j, const struct points_policy *y, int64_t points)
{
    json_key(j, "worth_minor");
    if (y->worth_points == 0)
        json_nil(j);
    else
        json_int(j, (int64_t)(((__int128)points * y->worth_minor * 2 + y->worth_points) /
                              (2 * (__int128)y->worth_points)));
}

static void day_points_json(struct json *j, int32_t day, int64_t points)
{
    json_open(j);
    json_kv_day(j, "day", day);
    json_kv_int(j, "points", points);
    json_close(j);
}

static void lists_json(struct json *j, const struct owed_call *c)
{
    json_key(j, "kinds");
    json_list(j);
    for (int k = 0; k < POINTS_KINDS; k++) {
        if (c->owed.kinds[k] == 0)
            continue;
        json_open(j);
        json_kv_cstr(j, "kind", points_kinds[k]);
        json_kv_int(j, "points", c->owed.kinds[k]);
        json_close(j);
    }
    json_end(j);
    json_key(j, "days");
    json_list(j);
    for (int32_t day = c->from; day <= c->to; day++)
        day_points_json(j, day, c->owed.days[day - c->from]);
    json_end(j);
    json_key(j, "expiring");
    json_list(j);
    for (int i = 0; i < POINTS_EXPIRING_DAYS; i++)
        if (c->owed.expiring[i])
            day_points_json(j, c->today + i, c->owed.expiring[i]);
    json_end(j);
}

static enum err owed_route(struct request *r)
{
    const struct app *app = r->app;
    struct owed_call *c = arena_make(r->arena, struct owed_call);
    struct json *j = &r->json;
    c->r = r;
    enum err e = db_read(app->db, read_owed, c);
    if (e != OK)
        return e;
    json_open(j);
    json_kv_day(j, "from", c->from);
    json_kv_day(j, "day", c->to);
    json_kv_int(j, "before", c->owed.before);
    json_kv_int(j, "points", c->owed.points);
    worth_json(j, &c->policy, c->owed.points);
    json_kv_int(j, "customers", c->owed.customers);
    lists_json(j, c);
    json_close(j);
    return OK;
}

const struct http_route points_policy_routes[] = {
    {"GET", "/api/v1/points/policy", PERM_CUSTOMERS_READ, policy_route,
     .summary = "When points expire and can be spent, and what they are worth",
     .answer = "PointsPolicy"},
    {"PATCH", "/api/v1/points/policy", PERM_SETTINGS, policy_patch_route, .body = policy_spec,
     .args_size = sizeof(struct policy_args), .needs_version = true, .confirm_password = true,
     .summary = "Changes what points promise from now on; no date that stands",
     .answer = "PointsPolicy"},
    {"GET", "/api/v1/points/liability", PERM_LOYALTY, owed_route, .query = owed_spec,
     .args_size = sizeof(struct owed_args),
     .summary = "The points that customers hold at the end of a day, and how it came to that",
     .answer = "PointsLiability"},
    {0},
};
