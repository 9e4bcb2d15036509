/* Routes of the types of certificates. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../customer/customer_view.h"
#include "../staff/staff.h"
#include "certificate_http.h"

struct type_args {
    struct str name, description, gift;
    int kind;
    int64_t value_minor, valid_days, per_customer, stock;
    int32_t valid_until;
    bool partial;
};
#define AT(field) offsetof(struct type_args, field)
static const struct spec type_spec[] = {
    {"name", SPEC_TEXT, AT(name), .required = true, .max = CERTIFICATE_NAME_MAX},
    {"description", SPEC_TEXT, AT(description), .max = CERTIFICATE_TEXT_MAX,
     .doc = "what the customer reads on it"},
    {"kind", SPEC_CHOICE, AT(kind), .required = true, .choices = certificate_kinds},
    {"value_minor", SPEC_INT, AT(value_minor), .max = CERTIFICATE_VALUE_MAX, .doc = "of a value"},
    {"gift", SPEC_TEXT, AT(gift), .max = CERTIFICATE_GIFT_MAX, .doc = "of a gift: what it is"},
    {"partial", SPEC_BOOL, AT(partial), .doc = "part of the value may be redeemed"},
    {"valid_days", SPEC_INT, AT(valid_days), .max = CERTIFICATE_DAYS_MAX,
     .doc = "days, the day of issue included; 0: no such limit"},
    {"valid_until", SPEC_DAY, AT(valid_until), .doc = "the last day; null: no such limit"},
    {"per_customer", SPEC_INT, AT(per_customer), .max = CERTIFICATE_COUNT_MAX,
     .doc = "how many a customer may be given; 0: any number"},
    {"stock", SPEC_INT, AT(stock), .max = CERTIFICATE_COUNT_MAX,
     .doc = "how many may be issued; 0: any number"},
    {0},
};

struct type_call {
    struct request *r;
    struct certificate_actor who;
    struct certificate_type *all, before, after;
    size_t n;
    bool is_new, deleted;
};

static enum err begin(struct request *r, struct type_call *c)
{
    *c = (struct type_call){.r = r};
    return certificate_actor_of(r, 0, &c->who);
}

/* ---- answers ---- */

static void type_json(struct json *j, const struct certificate_type *t)
{
    json_open(j);
    json_kv_id(j, "id", t->id);
    json_kv_text(j, "name", t->name);
    json_kv_text(j, "description", t->description);
    json_kv_cstr(j, "kind", certificate_kinds[t->kind]);
    json_kv_int(j, "value_minor", t->value_minor);
    json_kv_text(j, "gift", t->gift);
    json_kv_bool(j, "partial", t->partial);
    json_kv_int(j, "valid_days", t->valid_days);
    json_kv_day(j, "valid_until", t->valid_until);
    json_kv_int(j, "per_customer", t->per_customer);
    json_kv_int(j, "stock", t->stock);
    json_kv_int(j, "issued", t->issued);
    json_kv_int(j, "open", t->open);
    json_kv_int(j, "open_minor", t->open_minor);
    json_kv_int(j, "redeemed", t->redeemed);
    json_kv_instant(j, "updated_at", t->updated_us);
    json_kv_int(j, "version", t->version);
    json_close(j);
}

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct type_call *c = arg;
    return certificate_types(tx, c->r->caller.merchant_id, c->who.today, c->r->arena, &c->all,
                             &c->n);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    struct json *j = &r->json;
    struct type_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_all, &c);
    if (e != OK)
        return e;
    json_open(j);
    for (int deleted = 0; deleted < 2; deleted++) {
        json_key(j, deleted ? "deleted" : "items");
        json_list(j);
        for (size_t i = 0; i < c.n; i++)
            if (c.all[i].deleted == deleted)
                type_json(j, &c.all[i]);
        json_end(j);
    }
    json_kv_day(j, "today", c.who.today);
    json_close(j);
    return OK;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct type_call *c = arg;
    enum err e = read_all(tx, c);
    for (size_t i = 0; e == OK && i < c->n; i++) {
        if (c->all[i].id != c->r->ids[0] || c->all[i].deleted)
            continue;
        c->before = c->all[i];
        return OK;
    }
    return e == OK ? ERR_NOT_FOUND : e;
}

static enum err answer_one(struct type_call *c)
{
    struct request *r = c->r;
    const struct app *app = r->app;
    enum err e = db_read(app->db, read_one, c);
    if (e != OK)
        return e;
    r->etag = arena_printf(r->arena, "%lld", (long long)c->before.version);
    type_json(&r->json, &c->before);
    return OK;
}

static enum err get_route(struct request *r)
{
    struct type_call c;
    enum err e = begin(r, &c);
    return e == OK ? answer_one(&c) : e;
}

/* ---- writing ---- */

static struct certificate_type type_of(const struct type_args *args)
{
    bool gift = args->kind == CERTIFICATE_GIFT;
    return (struct certificate_type){.name = args->name,
                                     .description = args->description,
                                     .kind = (enum certificate_kind)args->kind,
                                     .value_minor = gift ? 0 : args->value_minor,
                                     .gift = gift ? args->gift : STR(""),
                                     .partial = !gift && args->partial,
                                     .valid_days = args->valid_days,
                                     .valid_until = args->valid_until,
                                     .per_customer = args->per_customer,
                                     .stock = args->stock};
}

static enum err save(struct db_tx *tx, void *arg)
{
    struct type_call *c = arg;
    struct certificate_type after = c->after; /* set anew when the transaction is repeated */
    enum err e = certificate_type_save(tx, c->r->caller.merchant_id, c->is_new ? NULL : &c->before,
                                       &after, &c->who, &c->r->problem);
    c->r->ids[0] = after.id;
    return e;
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    struct type_call c;
    enum err e = begin(r, &c);
    if (e != OK)
        return e;
    c.is_new = true;
    c.after = type_of(r->args);
    e = db_write(app->db, save, &c);
    return e == OK ? answer_one(&c) : e;
}

static enum err put_route(struct request *r)
{
    const struct app *app = r->app;
    struct type_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_one, &c);
    if (e == OK)
        e = request_check_version(r, c.before.version);
    if (e != OK)
        return e;
    c.after = type_of(r->args);
    c.after.id = c.before.id;
    e = db_write(app->db, save, &c);
    return e == OK ? answer_one(&c) : e;
}

static enum err set_deleted(struct db_tx *tx, void *arg)
{
    struct type_call *c = arg;
    return certificate_type_delete(tx, c->r->caller.merchant_id, c->r->ids[0], c->deleted, &c->who,
                                   &c->r->problem);
}

static enum err delete_route(struct request *r)
{
    const struct app *app = r->app;
    struct type_call c;
    enum err e = begin(r, &c);
    c.deleted = true;
    return e == OK ? db_write(app->db, set_deleted, &c) : e;
}

static enum err restore_route(struct request *r)
{
    const struct app *app = r->app;
    struct type_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_write(app->db, set_deleted, &c);
    return e == OK ? answer_one(&c) : e;
}

const struct http_route certificate_type_routes[] = {
    {"GET", "/api/v1/certificate-types", PERM_CUSTOMERS_READ, list_route,
     .summary = "The types of certificates, with what became of those issued",
     .answer = "CertificateTypeList"},
    {"POST", "/api/v1/certificate-types", PERM_LOYALTY, create_route, .body = type_spec,
     .args_size = sizeof(struct type_args), .summary = "Makes a type of certificates",
     .answer = "CertificateType", .status = 201},
    {"GET", "/api/v1/certificate-types/{id}", PERM_CUSTOMERS_READ, get_route,
     .summary = "One type of certificates", .answer = "CertificateType"},
    {"PUT", "/api/v1/certificate-types/{id}", PERM_LOYALTY, put_route, .body = type_spec,
     .args_size = sizeof(struct type_args), .needs_version = true,
     .summary = "Changes a type; certificates issued before stay as they are",
     .answer = "CertificateType"},
    {"DELETE", "/api/v1/certificate-types/{id}", PERM_LOYALTY, delete_route,
     .summary = "Deletes a type; its certificates stay good"},
    {"POST", "/api/v1/certificate-types/{id}/restore", PERM_LOYALTY, restore_route,
     .summary = "Brings a deleted type back", .answer = "CertificateType"},
    {0},
};
