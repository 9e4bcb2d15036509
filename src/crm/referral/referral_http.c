/* Routes of the referrals: of a customer, of the shop, the rules. */
#include "../../base/check.h"
#include "../certificate/certificate_http.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../qr/qr.h"
#include "../staff/staff.h"
#include "referral.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 100, PAGES_LOOKED = 20, TOP = 10, CODE_MAX = 40 };

struct rules_args {
    bool active;
    int demand, bringer, brought;
    int64_t new_days, per_month, bringer_points, bringer_type, brought_points, brought_type;
    struct str bringer_gift, brought_gift;
};
#define AT(field) offsetof(struct rules_args, field)
static const struct spec rules_spec[] = {
    {"active", SPEC_BOOL, AT(active), .required = true},
    {"demand", SPEC_CHOICE, AT(demand), .required = true, .choices = referral_demands,
     .doc = "what the one who was brought must have done"},
    {"new_days", SPEC_INT, AT(new_days), .required = true, .min = 1, .max = REFERRAL_NEW_DAYS_MAX,
     .doc = "a customer is new for so many days"},
    {"per_month", SPEC_INT, AT(per_month), .max = REFERRAL_PER_MONTH_MAX,
     .doc = "rewards that one customer gets in a calendar month; 0: any number"},
    {"bringer", SPEC_CHOICE, AT(bringer), .required = true, .choices = reward_kinds},
    {"bringer_points", SPEC_INT, AT(bringer_points), .max = REWARD_POINTS_MAX},
    {"bringer_certificate_type", SPEC_ID, AT(bringer_type)},
    {"bringer_gift", SPEC_TEXT, AT(bringer_gift), .max = REWARD_GIFT_MAX},
    {"brought", SPEC_CHOICE, AT(brought), .required = true, .choices = reward_kinds},
    {"brought_points", SPEC_INT, AT(brought_points), .max = REWARD_POINTS_MAX},
    {"brought_certificate_type", SPEC_ID, AT(brought_type)},
    {"brought_gift", SPEC_TEXT, AT(brought_gift), .max = REWARD_GIFT_MAX},
    {0},
};
struct enter_args {
    struct str code;
    int64_t customer_id;
    int how;
};
static const struct spec enter_spec[] = {
    {"code", SPEC_TEXT, offsetof(struct enter_args, code), .max = CODE_MAX,
     .doc = "of who brought; or give customer_id"},
    {"customer_id", SPEC_ID, offsetof(struct enter_args, customer_id)},
    {"how", SPEC_CHOICE, offsetof(struct enter_args, how), .choices = referral_ways,
     .doc = "card by default"},
    {0},
};
struct list_args {
    struct str cursor;
    int64_t limit;
};
static const struct spec list_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {"limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = PAGE_MAX,
     .doc = "50 by default"},
    {0},
};

struct referral_call {
    struct request *r;
    struct certificate_actor who;
    struct referral_rules rules;
    int64_t version, bringer_id, below;
    const char *how;
    struct str code;
    struct referral *all, came;
    struct referral_count top[TOP];
    size_t n, ntop, limit;
    bool has_came;
};

/* ---- answers ---- */

static bool sees(struct request *r, const struct audience_use *use, int64_t id)
{
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct audience_hit hit;
    return id && audience_get(use->audience, &viewer, id, r->arena, &hit) == OK;
}

/* A side that the caller may not see, or that was erased, is null. */
static void side_json(struct json *j, const char *key, bool known, int64_t id, int64_t number,
                      struct str name)
{
    json_key(j, key);
    if (!known) {
        json_nil(j);
        return;
    }
    json_open(j);
    json_kv_id(j, "id", id);
    json_kv_int(j, "number", number);
    json_kv_text(j, "name", name);
    json_close(j);
}

static void referral_json(struct request *r, const struct audience_use *use,
                          const struct referral *f)
{
    struct json *j = &r->json;
    json_open(j);
    json_kv_id(j, "id", f->id);
    side_json(j, "bringer", sees(r, use, f->bringer_id), f->bringer_id, f->bringer_number,
              f->bringer);
    side_json(j, "brought", sees(r, use, f->brought_id), f->brought_id, f->brought_number,
              f->brought);
    json_kv_text(j, "how", f->how);
    customer_text_json(j, "staff", f->staff_name);
    json_kv_instant(j, "at", f->at_us);
    json_kv_instant(j, "settled_at", f->settled_us);
    json_kv_bool(j, "bringer_rewarded", f->bringer_rewarded);
    json_kv_bool(j, "brought_rewarded", f->brought_rewarded);
    json_close(j);
}

/* ---- of a customer ---- */

static enum err read_customer(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    struct request *r = c->r;
    int64_t merchant_id = r->caller.merchant_id;
    enum err e = referral_code_get(tx, merchant_id, r->ids[0], r->arena, &c->code);
    if (e == OK)
        e = referral_list(tx, merchant_id, r->ids[0], INT64_MAX, REFERRALS_TOLD_MAX, r->arena,
                          c->all, &c->n);
    if (e != OK)
        return e;
    e = referral_of_brought(tx, merchant_id, r->ids[0], r->arena, &c->came);
    c->has_came = e == OK;
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err code_json(struct request *r, struct str code)
{
    struct json *j = &r->json;
    enum err e = OK;
    const char *shown = code_shown(r->arena, code);
    const struct app *app = r->app;
    const char *link = arena_printf(r->arena, "%s/customers/new?brought_by=%s",
                                    app->public_url ? app->public_url : request_origin(r), shown);
    json_key(j, "code");
    if (code.n == 0) {
        json_nil(j);
        return OK;
    }
    json_open(j);
    json_kv_cstr(j, "text", shown);
    json_kv_cstr(j, "link", link);
    json_key(j, "picture");
    e = qr_json(j, link);
    json_close(j);
    return e;
}

static enum err customer_answer(struct referral_call *c)
{
    struct request *r = c->r;
    struct app *app = r->app;
    struct json *j = &r->json;
    cleanup(audiences_done) struct audience_use use = {0};
    c->all = arena_array(r->arena, struct referral, REFERRALS_TOLD_MAX);
    enum err e = db_read(app->db, read_customer, c);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    json_open(j);
    e = code_json(r, c->code);
    json_key(j, "came");
    if (c->has_came)
        referral_json(r, &use, &c->came);
    else
        json_nil(j);
    json_key(j, "brought");
    json_list(j);
    for (size_t i = 0; i < c->n; i++)
        referral_json(r, &use, &c->all[i]);
    json_end(j);
    json_close(j);
    return e;
}

static enum err begin_customer(struct request *r, struct referral_call *c)
{
    *c = (struct referral_call){.r = r};
    enum err e = customer_allowed(r, NULL);
    return e == OK ? certificate_actor_of(r, 0, &c->who) : e;
}

static enum err customer_route(struct request *r)
{
    struct referral_call c;
    enum err e = begin_customer(r, &c);
    return e == OK ? customer_answer(&c) : e;
}

static enum err make_code(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    return referral_code_make(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->arena, &c->code);
}

static enum err code_route(struct request *r)
{
    const struct app *app = r->app;
    struct referral_call c;
    enum err e = begin_customer(r, &c);
    if (e == OK)
        e = db_write(app->db, make_code, &c);
    return e == OK ? customer_answer(&c) : e;
}

static enum err enter(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    struct request *r = c->r;
    int64_t merchant_id = r->caller.merchant_id, id, bringer = c->bringer_id;
    enum err e = bringer ? OK : referral_bringer(tx, merchant_id, c->code, &bringer, &r->problem);
    return e == OK ? referral_enter(tx, merchant_id, bringer, r->ids[0], c->how, &c->who, &id,
                                    &r->problem)
                   : e;
}

static enum err enter_route(struct request *r)
{
    const struct enter_args *args = r->args;
    const struct app *app = r->app;
    struct referral_call c;
    if ((args->code.n > 0) == (args->customer_id > 0))
        return request_fail(r, ERR_INVALID, "referral_who", "code", NULL);
    enum err e = begin_customer(r, &c);
    c.code = args->code;
    c.bringer_id = args->customer_id;
    c.how = referral_ways[args->how > 0 ? args->how : 0];
    if (e == OK)
        e = db_write(app->db, enter, &c);
    return e == OK ? customer_answer(&c) : e;
}

static enum err take_out(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    return referral_remove(tx, c->r->caller.merchant_id, c->r->ids[0], &c->who, &c->r->problem);
}

static enum err remove_route(struct request *r)
{
    const struct app *app = r->app;
    struct referral_call c;
    enum err e = begin_customer(r, &c);
    return e == OK ? db_write(app->db, take_out, &c) : e;
}

/* ---- of the shop ---- */

static enum err read_page(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    return referral_list(tx, c->r->caller.merchant_id, 0, c->below, (int64_t)c->limit + 1,
                         c->r->arena, c->all, &c->n);
}

static enum err read_top(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    return referral_top(tx, c->r->caller.merchant_id, TOP, c->r->arena, c->top, &c->ntop);
}

/* Those of which the caller sees a side; as of the certificates, a page may be short. */
static enum err page_json(struct referral_call *c, const struct audience_use *use, struct str scope)
{
    struct request *r = c->r;
    const struct app *app = r->app;
    size_t given = 0;
    bool more = true;
    enum err e = OK;
    json_key(&r->json, "items");
    json_list(&r->json);
    for (int looked = 0; e == OK && more && given < c->limit && looked < PAGES_LOOKED; looked++) {
        size_t i = 0;
        e = db_read(app->db, read_page, c);
        for (; e == OK && i < c->n && i < c->limit && given < c->limit; i++) {
            const struct referral *f = &c->all[i];
            c->below = f->id;
            if (!sees(r, use, f->bringer_id) && !sees(r, use, f->brought_id))
                continue;
            referral_json(r, use, f);
            given++;
        }
        more = i < c->n;
    }
    json_end(&r->json);
    json_kv_cstr(&r->json, "next", more ? cursor_make(r->arena, scope, &c->below, 1) : NULL);
    return e;
}

static void top_json(struct referral_call *c, const struct audience_use *use)
{
    struct json *j = &c->r->json;
    json_key(j, "top");
    json_list(j);
    for (size_t i = 0; i < c->ntop; i++) {
        const struct referral_count *t = &c->top[i];
        if (!sees(c->r, use, t->customer_id))
            continue;
        json_open(j);
        side_json(j, "customer", true, t->customer_id, t->number, t->name);
        json_kv_int(j, "brought", t->brought);
        json_kv_int(j, "rewarded", t->rewarded);
        json_close(j);
    }
    json_end(j);
}

static enum err list_route(struct request *r)
{
    const struct list_args *args = r->args;
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct referral_call c = {
        .r = r, .below = INT64_MAX, .limit = args->limit ? (size_t)args->limit : PAGE_DEFAULT};
    struct str scope =
        str_c(arena_printf(r->arena, "referrals %lld", (long long)r->caller.merchant_id));
    if (args->cursor.n && !cursor_read(args->cursor, scope, &c.below, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    c.all = arena_array(r->arena, struct referral, c.limit + 1);
    enum err e = db_read(app->db, read_top, &c);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    json_open(&r->json);
    e = page_json(&c, &use, scope);
    top_json(&c, &use);
    json_close(&r->json);
    return e;
}

/* ---- rules ---- */

static enum err read_rules(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    return referral_rules_get(tx, c->r->caller.merchant_id, c->r->arena, &c->rules);
}

static enum err rules_answer(struct referral_call *c)
{
    struct request *r = c->r;
    const struct app *app = r->app;
    struct json *j = &r->json;
    enum err e = db_read(app->db, read_rules, c);
    if (e != OK)
        return e;
    r->etag = arena_printf(r->arena, "%lld", (long long)c->rules.version);
    json_open(j);
    json_kv_bool(j, "active", c->rules.active);
    json_kv_cstr(j, "demand", referral_demands[c->rules.demand]);
    json_kv_int(j, "new_days", c->rules.new_days);
    json_kv_int(j, "per_month", c->rules.per_month);
    json_key(j, "bringer");
    reward_json(j, &c->rules.bringer);
    json_key(j, "brought");
    reward_json(j, &c->rules.brought);
    json_kv_int(j, "version", c->rules.version);
    json_close(j);
    return OK;
}

static enum err rules_route(struct request *r)
{
    struct referral_call c = {.r = r};
    return rules_answer(&c);
}

static enum err save_rules(struct db_tx *tx, void *arg)
{
    struct referral_call *c = arg;
    struct referral_rules after = c->rules; /* set anew when the transaction is repeated */
    return referral_rules_save(tx, c->r->caller.merchant_id, c->version, &after, &c->who,
                               &c->r->problem);
}

static enum err put_rules_route(struct request *r)
{
    const struct rules_args *args = r->args;
    const struct app *app = r->app;
    struct referral_call c = {.r = r};
    enum err e = certificate_actor_of(r, 0, &c.who);
    if (e == OK)
        e = db_read(app->db, read_rules, &c);
    if (e == OK)
        e = request_check_version(r, c.rules.version);
    c.version = c.rules.version;
    c.rules = (struct referral_rules){.active = args->active,
                                      .demand = (enum referral_demand)args->demand,
                                      .new_days = args->new_days,
                                      .per_month = args->per_month,
                                      .bringer = {.kind = (enum reward_kind)args->bringer,
                                                  .points = args->bringer_points,
                                                  .type_id = args->bringer_type,
                                                  .gift = args->bringer_gift},
                                      .brought = {.kind = (enum reward_kind)args->brought,
                                                  .points = args->brought_points,
                                                  .type_id = args->brought_type,
                                                  .gift = args->brought_gift}};
    if (e == OK)
        e = db_write(app->db, save_rules, &c);
    return e == OK ? rules_answer(&c) : e;
}

const struct http_route referral_routes[] = {
    {"GET", "/api/v1/referrals", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "Who brought whom, the latest first, and who brought most",
     .answer = "ReferralList"},
    {"GET", "/api/v1/referral-rules", PERM_CUSTOMERS_READ, rules_route,
     .summary = "What is given for a referral, and when", .answer = "ReferralRules"},
    {"PUT", "/api/v1/referral-rules", PERM_LOYALTY, put_rules_route, .body = rules_spec,
     .args_size = sizeof(struct rules_args), .needs_version = true, .confirm_password = true,
     .summary = "Changes what is given; what was settled stays as it is",
     .answer = "ReferralRules"},
    {"GET", "/api/v1/customers/{id}/referrals", PERM_CUSTOMERS_READ, customer_route,
     .summary = "A customer's code, how they came, and whom they brought",
     .answer = "CustomerReferrals"},
    {"PUT", "/api/v1/customers/{id}/referral-code", PERM_CUSTOMERS_WRITE, code_route,
     .summary = "Makes the customer's code if there is none yet", .answer = "CustomerReferrals"},
    {"PUT", "/api/v1/customers/{id}/brought-by", PERM_CUSTOMERS_WRITE, enter_route,
     .body = enter_spec, .args_size = sizeof(struct enter_args),
     .summary = "Says who brought this customer; settles what is due",
     .answer = "CustomerReferrals"},
    {"DELETE", "/api/v1/customers/{id}/brought-by", PERM_LOYALTY, remove_route,
     .summary = "Takes back who brought this customer, while nothing was given for it"},
    {0},
};
