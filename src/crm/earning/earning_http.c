/* Routes of the earning rules. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../merchant/merchant.h"
#include "../points/points.h"
#include "earning_body.h"
#include "earning_sql.h"

enum { TRY_DAYS_MAX = 366 };

struct plan_args {
    json_t *rules;
    int32_t from, to;
};
#define AT(field) offsetof(struct plan_args, field)
#define RULES_SPEC                                                                                 \
    {                                                                                              \
        "rules", SPEC_JSON, AT(rules),                                                             \
            .required = true,                                                                      \
            .doc = "a list of EarningRule; without id a new one, without from beginning today"     \
    }
static const struct spec save_spec[] = {RULES_SPEC, {0}};
static const struct spec try_spec[] = {
    RULES_SPEC,
    {"from", SPEC_DAY, AT(from), .doc = "the first day of the sales; last month's by default"},
    {"to", SPEC_DAY, AT(to), .doc = "the last day; 366 days at most"},
    {0},
};

struct plan_call {
    struct request *r;
    struct merchant merchant;
    int32_t today, from, to;
    struct earning_plan now, asked;
    struct earning_trial trial;
    struct points_policy policy;
};

static enum err read_now(struct db_tx *tx, void *arg)
{
    struct plan_call *c = arg;
    struct request *r = c->r;
    enum err e = merchant_get(tx, r->caller.merchant_id, r->arena, &c->merchant);
    c->today = merchant_today(r->app, &c->merchant);
    return e == OK ? earning_plan_read(tx, r->caller.merchant_id, r->arena, &c->now) : e;
}

static enum err begin(struct request *r, struct plan_call **ret)
{
    const struct app *app = r->app;
    *ret = arena_make(r->arena, struct plan_call);
    (*ret)->r = r;
    return db_read(app->db, read_now, *ret);
}

static enum err read_asked(struct plan_call *c)
{
    const struct plan_args *args = c->r->args;
    return earning_read_rules(c->r, args->rules, c->today, &c->asked);
}

static void plan_json(struct plan_call *c)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    r->etag = arena_printf(r->arena, "%lld", (long long)c->now.version);
    json_open(j);
    json_key(j, "rules");
    json_list(j);
    for (size_t i = 0; i < c->now.n; i++)
        earning_rule_json(j, &c->now.rules[i]);
    json_end(j);
    json_kv_int(j, "rules_most", EARNING_RULES_MAX);
    json_kv_day(j, "today", c->today);
    json_kv_int(j, "version", c->now.version);
    json_close(j);
}

static enum err get_route(struct request *r)
{
    struct plan_call *c;
    enum err e = begin(r, &c);
    if (e == OK)
        plan_json(c);
    return e;
}

static enum err save(struct db_tx *tx, void *arg)
{
    struct plan_call *c = arg;
    struct request *r = c->r;
    struct earning_plan after = c->asked; /* set anew when the transaction is repeated */
    const struct audit_actor by = audit_by_request(r);
    enum err e = earning_plan_save(tx, r->caller.merchant_id, r->if_match, &after, &by, r->arena,
                                   &r->problem);
    return e == OK ? read_now(tx, c) : e;
}

static enum err put_route(struct request *r)
{
    const struct app *app = r->app;
    struct plan_call *c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = request_check_version(r, c->now.version);
    if (e == OK)
        e = read_asked(c);
    if (e == OK)
        e = db_write(app->db, save, c);
    if (e == OK)
        plan_json(c);
    return e;
}

/* ---- a dry run ---- */

static enum err find_days(struct plan_call *c)
{
    const struct plan_args *args = c->r->args;
    struct civil month = day_to_civil(c->today);
    month.day = 1;
    c->to = day_from_civil(month) - 1;
    c->from = day_add_months(c->to + 1, -1);
    if (args->from == DAY_NONE && args->to == DAY_NONE)
        return OK;
    c->from = args->from;
    c->to = args->to;
    if (c->from == DAY_NONE || c->to == DAY_NONE || c->to < c->from || c->to > c->today ||
        c->to - c->from >= TRY_DAYS_MAX)
        return request_fail(c->r, ERR_INVALID, "earning_days", c->from == DAY_NONE ? "from" : "to",
                            "most", arena_printf(c->r->arena, "%d", TRY_DAYS_MAX), NULL);
    return OK;
}

static enum err try_plans(struct db_tx *tx, void *arg)
{
    struct plan_call *c = arg;
    const struct earning_plan *const plans[2] = {&c->now, &c->asked};
    enum err e = points_policy_read(tx, c->r->caller.merchant_id, &c->policy);
    return e == OK ? earning_try(tx, c->r->caller.merchant_id, c->from, c->to, plans, c->r->arena,
                                 &c->trial)
                   : e;
}

static void sum_json(struct json *j, const struct earning_sum *s)
{
    json_kv_int(j, "points", s->points);
    json_kv_int(j, "customers", s->customers);
    json_kv_int(j, "purchases", s->purchases);
}

static void tried_json(const struct plan_call *c, const char *key, int k,
                       const struct earning_plan *plan)
{
    struct json *j = &c->r->json;
    const struct earning_sum *all = &c->trial.plans[k].all;
    json_key(j, key);
    json_open(j);
    sum_json(j, all);
    json_key(j, "cost_minor");
    if (c->policy.worth_points)
        json_int(j, earning_cost_minor(all->points, c->policy.worth_points, c->policy.worth_minor));
    else
        json_nil(j);
    json_key(j, "rules");
    json_list(j);
    for (size_t i = 0; i < plan->n; i++) {
        json_open(j);
        json_kv_id(j, "id", plan->rules[i].id);
        json_kv_text(j, "name", plan->rules[i].name);
        sum_json(j, &c->trial.plans[k].of[i]);
        json_close(j);
    }
    json_end(j);
    json_close(j);
}

static enum err try_route(struct request *r)
{
    const struct app *app = r->app;
    struct json *j = &r->json;
    struct plan_call *c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = read_asked(c);
    if (e == OK)
        e = find_days(c);
    if (e == OK)
        e = db_read(app->db, try_plans, c);
    if (e != OK)
        return e;
    json_open(j);
    json_kv_day(j, "from", c->from);
    json_kv_day(j, "to", c->to);
    json_kv_int(j, "customers", c->trial.customers);
    json_kv_int(j, "purchases", c->trial.purchases);
    json_kv_int(j, "sales_minor", c->trial.sales_minor);
    tried_json(c, "now", 0, &c->now);
    tried_json(c, "proposed", 1, &c->asked);
    json_close(j);
    return OK;
}

const struct http_route earning_routes[] = {
    {"GET", "/api/v1/earning", PERM_SIGNED_IN, get_route,
     .summary = "The rules by which purchases earn points", .answer = "EarningPlan"},
    {"PUT", "/api/v1/earning", PERM_SETTINGS, put_route, .body = save_spec,
     .args_size = sizeof(struct plan_args), .needs_version = true, .confirm_password = true,
     .summary = "Changes the earning rules, as a whole", .answer = "EarningPlan"},
    {"POST", "/api/v1/earning/try", PERM_SETTINGS, try_route, .body = try_spec,
     .args_size = sizeof(struct plan_args),
     .summary = "What other earning rules would have given for past sales; changes nothing",
     .answer = "EarningTrial"},
    {0},
};
