/* The merchant's settings. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../audit/audit.h"
#include "../change/change.h"
#include "merchant_sql.h"

void merchant_json(struct json *j, const struct app *app, const struct merchant *m, bool whole)
{
    json_open(j);
    json_kv_id(j, "id", m->id);
    json_kv_cstr(j, "name", m->name);
    json_kv_cstr(j, "slug", m->slug);
    json_kv_cstr(j, "currency", m->currency);
    json_kv_int(j, "currency_decimals", m->currency_decimals);
    json_kv_cstr(j, "time_zone", m->time_zone);
    json_kv_cstr(j, "country", m->country);
    json_kv_cstr(j, "language", m->language);
    json_kv_day(j, "today", merchant_today(app, m));
    json_kv_bool(j, "demo", m->id == app->demo_merchant_id);
    if (whole) {
        json_kv_bool(j, "associates_see_chain", m->associates_see_chain);
        json_kv_cstr(j, "second_step_from", m->second_step_from);
        json_kv_int(j, "version", m->version);
    }
    json_close(j);
}

struct merchant_args {
    struct str name, currency, time_zone, country, language;
    bool has_name, has_currency, has_time_zone, has_country, has_language, has_chain;
    bool associates_see_chain;
    int second_step_from;
};
static const char *const second_step_roles[] = {"nobody", "associate", "manager", "owner", NULL};
#define AT(field) offsetof(struct merchant_args, field)
static const struct spec merchant_spec[] = {
    {"name", SPEC_TEXT, AT(name), .min = 1, .max = MERCHANT_NAME_MAX,
     .present_offset = AT(has_name) + 1},
    {"currency", SPEC_TEXT, AT(currency), .min = 3, .max = 3,
     .present_offset = AT(has_currency) + 1, .doc = "ISO 4217"},
    {"time_zone", SPEC_TEXT, AT(time_zone), .min = 1, .max = 64,
     .present_offset = AT(has_time_zone) + 1, .doc = "IANA name"},
    {"country", SPEC_TEXT, AT(country), .min = 2, .max = 2, .present_offset = AT(has_country) + 1,
     .doc = "ISO 3166 alpha-2, the default for phone numbers"},
    {"language", SPEC_TEXT, AT(language), .min = 2, .max = 2,
     .present_offset = AT(has_language) + 1},
    {"associates_see_chain", SPEC_BOOL, AT(associates_see_chain),
     .present_offset = AT(has_chain) + 1},
    {"second_step_from", SPEC_CHOICE, AT(second_step_from), .choices = second_step_roles,
     .doc = "the least role that must give a code when signing in"},
    {0},
};

struct merchant_change {
    struct request *r;
    struct merchant m;
};

static enum err read_merchant(struct db_tx *tx, void *arg)
{
    struct merchant_change *c = arg;
    return merchant_get(tx, c->r->caller.merchant_id, c->r->arena, &c->m);
}

static enum err answer(struct merchant_change *c)
{
    c->r->etag = arena_printf(c->r->arena, "%lld", (long long)c->m.version);
    merchant_json(&c->r->json, c->r->app, &c->m, true);
    return OK;
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct merchant_change c = {.r = r};
    enum err e = db_read(app->db, read_merchant, &c);
    return e != OK ? e : answer(&c);
}

static void note(struct audit_detail *d, const char *field, const char **at, bool given,
                 struct str to, struct arena *a)
{
    if (!given || str_eq(str_c(*at), to))
        return;
    audit_detail_change(d, field, str_c(*at), to);
    *at = arena_cstr(a, to);
}

static enum err change_merchant(struct db_tx *tx, void *arg)
{
    struct merchant_change *c = arg;
    struct request *r = c->r;
    const struct merchant_args *args = r->args;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    int64_t changed;
    enum err e = read_merchant(tx, c);
    if (e == OK)
        e = request_check_version(r, c->m.version);
    if (e != OK)
        return e;
    struct merchant *m = &c->m;
    const char *old_zone = m->time_zone, *old_currency = m->currency, *old_language = m->language;
    audit_detail_begin(&d, r->arena);
    note(&d, "name", &m->name, args->has_name && args->name.n > 0, args->name, r->arena);
    note(&d, "currency", &m->currency, args->has_currency, args->currency, r->arena);
    note(&d, "time_zone", &m->time_zone, args->has_time_zone, args->time_zone, r->arena);
    note(&d, "country", &m->country, args->has_country, args->country, r->arena);
    note(&d, "language", &m->language, args->has_language, args->language, r->arena);
    if (args->has_chain && args->associates_see_chain != m->associates_see_chain) {
        audit_detail_flag(&d, "associates_see_chain", m->associates_see_chain,
                          args->associates_see_chain);
        m->associates_see_chain = args->associates_see_chain;
    }
    if (args->second_step_from >= 0)
        note(&d, "second_step_from", &m->second_step_from, true,
             str_c(second_step_roles[args->second_step_from]), r->arena);
    if (d.changes == 0)
        return OK;
    e = merchant_check(m, r->arena, &r->problem);
    if (e == OK)
        e = db_exec(tx, &merchant_change, &changed, db_tc(m->name), db_tc(m->currency),
                    db_tc(m->time_zone), db_tc(m->country), db_tc(m->language),
                    db_i(m->associates_see_chain), db_tc(m->second_step_from), db_i(now_us()),
                    db_i(m->id), db_i(m->version));
    if (e == OK) {
        struct audit_actor by = audit_by_request(r);
        e = audit_write(tx, m->id, &by, "merchant.update", "merchant", m->id, audit_detail_end(&d));
    }
    bool audience_differs =
        old_zone != m->time_zone || old_currency != m->currency || old_language != m->language;
    if (e == OK && audience_differs)
        e = change_note(tx, m->id, "merchant", &m->id, 1);
    return e == OK ? read_merchant(tx, c) : e;
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    struct merchant_change c = {.r = r};
    enum err e = db_write(app->db, change_merchant, &c);
    return e != OK ? e : answer(&c);
}

const struct http_route merchant_routes[] = {
    {"GET", "/api/v1/merchant", PERM_SIGNED_IN, get_route, .summary = "The merchant's settings",
     .answer = "Merchant"},
    {"PATCH", "/api/v1/merchant", PERM_SETTINGS, patch_route, .body = merchant_spec,
     .args_size = sizeof(struct merchant_args), .needs_version = true,
     .summary = "Changes the merchant's settings", .answer = "Merchant"},
    {0},
};
