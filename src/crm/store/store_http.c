/* Routes of the stores. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../audit/audit.h"
#include "../change/change.h"
#include "../customer/audiences.h"
#include "store_sql.h"

struct store_args {
    struct str name, city;
    bool has_name, has_city;
};
#define AT(field) offsetof(struct store_args, field)
static const struct spec create_spec[] = {
    {"name", SPEC_TEXT, AT(name), .required = true, .max = STORE_NAME_MAX},
    {"city", SPEC_TEXT, AT(city), .max = STORE_NAME_MAX},
    {0},
};
static const struct spec patch_spec[] = {
    {"name", SPEC_TEXT, AT(name), .min = 1, .max = STORE_NAME_MAX,
     .present_offset = AT(has_name) + 1},
    {"city", SPEC_TEXT, AT(city), .max = STORE_NAME_MAX, .present_offset = AT(has_city) + 1},
    {0},
};

/* The customers of each store, as the audience counts them: live at it or bought there. */
static enum err count_customers(struct request *r, struct audience_facet *ret)
{
    const struct app *app = r->app;
    struct audience_use use cleanup(audiences_done) = {0};
    struct audience_answer answer;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    const struct audience_ask ask = {.facets = 1ULL << FIELD_STORE, .sort = FIELD_NAME};
    e = audience_ask(use.audience, &ask, r->arena, &answer);
    if (e == OK && answer.nfacets == 1)
        *ret = answer.facets[0];
    return e;
}

static int64_t customers_of(const struct audience_facet *f, const char *name)
{
    for (int i = 0; i < f->n; i++) {
        if (str_eq(f->values[i].label, str_c(name)))
            return f->values[i].count;
    }
    return 0;
}

static void write_store(struct json *j, const struct store *s, const struct audience_facet *counts)
{
    json_open(j);
    json_kv_id(j, "id", s->id);
    json_kv_cstr(j, "name", s->name);
    json_kv_cstr(j, "city", s->city);
    json_kv_int(j, "customers", customers_of(counts, s->name));
    json_kv_int(j, "version", s->version);
    json_close(j);
}

struct store_call {
    struct request *r;
    struct store *all;
    size_t n;
    struct store one;
};

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct store_call *c = arg;
    return store_list(tx, c->r->caller.merchant_id, c->r->arena, &c->all, &c->n);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    struct store_call c = {.r = r};
    struct audience_facet counts = {0};
    enum err e = db_read(app->db, read_all, &c);
    if (e == OK)
        e = count_customers(r, &counts);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < c.n; i++)
        write_store(&r->json, &c.all[i], &counts);
    json_end(&r->json);
    json_close(&r->json);
    return OK;
}

static enum err answer_one(struct store_call *c)
{
    struct audience_facet counts = {0};
    enum err e = count_customers(c->r, &counts);
    if (e != OK)
        return e;
    c->r->etag = arena_printf(c->r->arena, "%lld", (long long)c->one.version);
    write_store(&c->r->json, &c->one, &counts);
    return OK;
}

static enum err create(struct db_tx *tx, void *arg)
{
    struct store_call *c = arg;
    struct request *r = c->r;
    const struct store_args *args = r->args;
    int64_t merchant_id = r->caller.merchant_id, id;
    struct audit_actor by = audit_by_request(r);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = store_create(tx, merchant_id, args->name, args->city, &id, &r->problem);
    if (e != OK)
        return e;
    audit_detail_begin(&d, r->arena);
    audit_detail_value(&d, "name", args->name);
    audit_detail_value(&d, "city", args->city);
    e = audit_write(tx, merchant_id, &by, "store.create", "store", id, audit_detail_end(&d));
    if (e == OK)
        e = change_note(tx, merchant_id, "store", &id, 1);
    return e == OK ? store_get(tx, merchant_id, id, r->arena, &c->one) : e;
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    struct store_call c = {.r = r};
    enum err e = db_write(app->db, create, &c);
    return e != OK ? e : answer_one(&c);
}

static enum err save(struct db_tx *tx, struct request *r, const struct store *s)
{
    struct str name = str_c(s->name), key = store_key(r->arena, name);
    int64_t there, merchant_id = r->caller.merchant_id;
    enum err e = db_query_int(tx, &store_by_key, &there, db_i(merchant_id), db_t(key));
    if (e == OK && there != s->id)
        return request_fail(r, ERR_CONFLICT, "store_name_taken", "name", NULL);
    if (e != OK && e != ERR_NOT_FOUND)
        return e;
    return db_exec(tx, &store_change, NULL, db_t(name), db_t(key), db_tc(s->city), db_i(now_us()),
                   db_i(merchant_id), db_i(s->id));
}

static enum err change(struct db_tx *tx, void *arg)
{
    struct store_call *c = arg;
    struct request *r = c->r;
    const struct store_args *args = r->args;
    int64_t merchant_id = r->caller.merchant_id, id = r->ids[0];
    struct audit_actor by = audit_by_request(r);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = store_get(tx, merchant_id, id, r->arena, &c->one);
    if (e == OK)
        e = request_check_version(r, c->one.version);
    if (e != OK)
        return e;
    audit_detail_begin(&d, r->arena);
    if (args->has_name && args->name.n > 0 && !str_eq(args->name, str_c(c->one.name))) {
        audit_detail_change(&d, "name", str_c(c->one.name), args->name);
        c->one.name = arena_cstr(r->arena, args->name);
    }
    if (args->has_city && !str_eq(args->city, str_c(c->one.city))) {
        audit_detail_change(&d, "city", str_c(c->one.city), args->city);
        c->one.city = args->city.n > 0 ? arena_cstr(r->arena, args->city) : NULL;
    }
    if (d.changes == 0)
        return OK;
    c->one.version++;
    e = save(tx, r, &c->one);
    if (e == OK)
        e = audit_write(tx, merchant_id, &by, "store.update", "store", id, audit_detail_end(&d));
    return e == OK ? change_note(tx, merchant_id, "store", &id, 1) : e;
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    struct store_call c = {.r = r};
    enum err e = db_write(app->db, change, &c);
    return e != OK ? e : answer_one(&c);
}

const struct http_route store_routes[] = {
    {"GET", "/api/v1/stores", PERM_SIGNED_IN, list_route, .summary = "The stores of the chain",
     .answer = "StoreList"},
    {"POST", "/api/v1/stores", PERM_STORES_MANAGE, create_route, .body = create_spec,
     .args_size = sizeof(struct store_args), .summary = "Adds a store", .answer = "Store",
     .status = 201},
    {"PATCH", "/api/v1/stores/{id}", PERM_STORES_MANAGE, patch_route, .body = patch_spec,
     .args_size = sizeof(struct store_args), .needs_version = true, .summary = "Renames a store",
     .answer = "Store"},
    {0},
};
