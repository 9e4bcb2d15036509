/* Routes of the profiles. */
#include "../../base/check.h"
#include "../../base/varint.h"
#include "../batch.h"
#include "../customer/customer_view.h"
#include "../int_list.h"
#include "../store/store.h"
#include "../word/word.h"
#include "profile_body.h"
#include "profile_message.h"
#include "profile_say.h"
#include "profile_sql.h"

enum { SAME_MAX = 20, TAGS_AT_ONCE = 20 };

struct profile_call {
    struct request *r;
    struct profile_actor who;
    struct profile before, after;
    char country[4];
    bool is_new;
};

static void call_init(struct request *r, const struct audience_use *use, struct profile_call *c)
{
    *c = (struct profile_call){
        .r = r, .who = {.by = audit_by_request(r), .today = use->today, .arena = r->arena}};
    memcpy(c->country, use->country, strnlen(use->country, 3));
}

/* Who may see the customer may edit them; nobody waits for a commit with an audience in hand. */
static enum err call_begin(struct request *r, struct profile_call *c)
{
    struct audience_use use = {0};
    struct audience_hit hit;
    enum err e = customer_seen(r, &use, &hit);
    if (e != OK)
        return e;
    call_init(r, &use, c);
    audiences_done(&use);
    return OK;
}

static enum err call_begin_new(struct request *r, struct profile_call *c)
{
    struct app *app = r->app;
    struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    call_init(r, &use, c);
    audiences_done(&use);
    return OK;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct profile_call *c = arg;
    return profile_get(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->arena, &c->before);
}

/* ---- answers ---- */

static void contacts_json(struct request *r, const struct profile *p, int kind)
{
    struct json *j = &r->json;
    json_key(j, kind ? "emails" : "phones");
    json_list(j);
    for (size_t i = 0; i < p->ncontacts[kind]; i++) {
        const struct profile_contact *c = &p->contacts[kind][i];
        json_open(j);
        json_kv_text(j, "value", c->value);
        json_kv_cstr(j, "label", c->label < 0 ? NULL : customer_labels[c->label]);
        json_close(j);
    }
    json_end(j);
}

static void addresses_json(struct json *j, const struct profile *p)
{
    json_key(j, "addresses");
    json_list(j);
    for (size_t i = 0; i < p->naddresses; i++) {
        const struct profile_address *d = &p->addresses[i];
        json_open(j);
        json_kv_cstr(j, "kind", d->kind < 0 ? NULL : customer_place_kinds[d->kind]);
        customer_text_json(j, "street", d->street);
        customer_text_json(j, "postcode", d->postcode);
        customer_text_json(j, "city", d->city);
        customer_text_json(j, "country", d->country);
        json_close(j);
    }
    json_end(j);
}

static void dates_json(struct json *j, const struct profile *p)
{
    json_key(j, "dates");
    json_list(j);
    for (size_t i = 0; i < p->ndates; i++) {
        const struct profile_date *d = &p->dates[i];
        json_open(j);
        json_kv_text(j, "name", d->name);
        json_kv_int(j, "month", d->month);
        json_kv_int(j, "day", d->day);
        json_key(j, "year");
        if (d->year)
            json_int(j, d->year);
        else
            json_nil(j);
        json_close(j);
    }
    json_end(j);
}

static void profile_json(struct request *r, const struct profile *p)
{
    struct json *j = &r->json;
    r->etag = arena_printf(r->arena, "%lld", (long long)p->version);
    json_open(j);
    json_kv_id(j, "id", p->id);
    json_kv_int(j, "number", p->number);
    json_kv_bool(j, "anonymous", p->anonymous);
    for (int i = 0; i < PROFILE_TEXTS; i++)
        customer_text_json(j, profile_text_names[i], p->texts[i]);
    json_kv_cstr(j, "gender", gender_names[p->gender]);
    customer_text_json(j, "birthday", profile_birthday(r->arena, p));
    json_kv_id(j, "store_id", p->store_id);
    customer_text_json(j, "store", p->store_name);
    contacts_json(r, p, 0);
    contacts_json(r, p, 1);
    addresses_json(j, p);
    dates_json(j, p);
    json_kv_int(j, "version", p->version);
    json_close(j);
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct profile_call c;
    enum err e = call_begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_one, &c);
    if (e == OK)
        profile_json(r, &c.before);
    return e;
}

/* ---- saving ---- */

/* The store by its id, one of the caller's own where they see no other. */
static enum err check_store(struct db_tx *tx, struct profile_call *c)
{
    struct request *r = c->r;
    const struct caller *who = &r->caller;
    struct store store;
    bool own = who->sees_chain;
    if (c->after.store_id == c->before.store_id && !c->is_new)
        return OK;
    if (c->after.store_id == 0) {
        c->after.store_name = STR("");
        return own ? OK : request_fail(r, ERR_INVALID, "field_required", "store_id", NULL);
    }
    enum err e = store_get(tx, who->merchant_id, c->after.store_id, r->arena, &store);
    if (e == ERR_NOT_FOUND)
        return request_fail(r, ERR_INVALID, "profile_store_unknown", "store_id", NULL);
    for (size_t i = 0; i < who->nstores; i++)
        own |= who->stores[i] == c->after.store_id;
    if (e == OK && !own)
        return request_fail(r, ERR_INVALID, "profile_store_not_yours", "store_id", NULL);
    if (e == OK)
        c->after.store_name = str_c(store.name);
    return e;
}

static enum err save(struct db_tx *tx, void *arg)
{
    struct profile_call *c = arg;
    struct request *r = c->r;
    enum err e = check_store(tx, c);
    if (e == OK)
        e = c->is_new ? profile_create(tx, r->caller.merchant_id, &c->after, &c->who)
                      : profile_save(tx, r->caller.merchant_id, &c->before, &c->after, &c->who,
                                     &r->problem);
    /* as it is stored: a known source keeps its own writing */
    if (e == OK)
        e = profile_get(tx, r->caller.merchant_id, c->after.id, r->arena, &c->before);
    return e;
}

static enum err read_body(struct profile_call *c)
{
    struct request *r = c->r;
    const struct profile_args *args = r->args;
    if (args->has_store)
        c->after.store_id = args->store_id;
    return profile_read(r, args, c->country, c->who.today, &c->after);
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    struct profile_call c;
    enum err e = call_begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_one, &c);
    if (e == OK)
        e = request_check_version(r, c.before.version);
    if (e != OK)
        return e;
    c.after = c.before;
    e = read_body(&c);
    if (e == OK)
        e = db_write(app->db, save, &c);
    if (e == OK)
        profile_json(r, &c.before);
    return e;
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    struct profile_call c;
    enum err e = call_begin_new(r, &c);
    if (e != OK)
        return e;
    c.is_new = true;
    if (!r->caller.sees_chain && r->caller.nstores == 1)
        c.after.store_id = r->caller.stores[0];
    e = read_body(&c);
    const struct profile *p = &c.after;
    if (e == OK && profile_name(r->arena, p).n + p->ncontacts[0] + p->ncontacts[1] == 0)
        e = request_fail(r, ERR_INVALID, "profile_nobody", "first_name", NULL);
    if (e == OK)
        e = db_write(app->db, save, &c);
    if (e == OK) {
        r->location = arena_printf(r->arena, "/api/v1/customers/%lld", (long long)c.after.id);
        profile_json(r, &c.before);
    }
    return e;
}

/* ---- the same phone or e-mail ---- */

struct same_args {
    json_t *phones, *emails;
    int64_t except;
};
static const struct spec same_spec[] = {
    {"phones", SPEC_JSON, offsetof(struct same_args, phones), .doc = "[\"06 12 34 56 78\"]"},
    {"emails", SPEC_JSON, offsetof(struct same_args, emails), .doc = "[\"anna@example.com\"]"},
    {"except", SPEC_ID, offsetof(struct same_args, except), .doc = "a customer not to be told"},
    {0},
};
struct same {
    struct request *r;
    struct db_value keys[BATCH_KEYS];
    size_t nkeys, n;
    struct {
        bool email;
        struct str value;
        int64_t customer_id;
    } found[100];
};

/* What cannot be read is nobody's: whoever saves it is told. */
static enum err same_keys(struct same *s, json_t *list, const char *field, const char *country)
{
    struct request *r = s->r;
    bool email = strcmp(field, "emails") == 0;
    if (list && !json_is_array(list) && !json_is_null(list))
        return request_fail(r, ERR_INVALID, "profile_not_list", field, NULL);
    if (json_array_size(list) > CUSTOMER_CONTACTS_MAX)
        return request_fail(r, ERR_INVALID, "field_too_many", field, "limit", "10", NULL);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *v = json_array_get(list, i);
        struct profile_contact c;
        struct str clean;
        if (!json_is_string(v) || json_string_length(v) > 254)
            return request_fail(r, ERR_INVALID, "field_not_text", field, NULL);
        enum err e =
            text_clean(r->arena, (struct str){json_string_value(v), json_string_length(v)}, &clean);
        if (e == OK)
            e = email ? profile_read_email(r, clean, field, &c)
                      : profile_read_phone(r, clean, country, field, &c);
        if (e == OK)
            s->keys[s->nkeys++] = db_t(c.match_key);
    }
    r->problem = (struct problem){.from = -1};
    return OK;
}

static enum err read_same(struct db_tx *tx, void *arg)
{
    struct same *s = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    s->n = 0;
    enum err e = batch_query(tx, &profile_same, &rows, s->r->caller.merchant_id, s->keys, s->nkeys);
    if (e != OK)
        return e;
    for (; s->n < ARRAY_LEN(s->found) && db_next(rows); s->n++) {
        s->found[s->n].email = str_eq(db_text(rows, 0), STR("email"));
        s->found[s->n].value = db_text_in(rows, 1, s->r->arena);
        s->found[s->n].customer_id = db_int(rows, 2);
    }
    return db_error(rows);
}

static enum err same_json(struct same *s, const struct audience_use *use, int64_t except)
{
    struct json *j = &s->r->json;
    struct audience_viewer viewer = customer_viewer(&s->r->caller, false);
    int64_t hidden = 0, told = 0;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < s->n; i++) {
        struct audience_hit hit;
        int64_t id = s->found[i].customer_id;
        if (id == except || told == SAME_MAX)
            continue;
        enum err e = audience_get(use->audience, &viewer, id, s->r->arena, &hit);
        if (e == ERR_NOT_FOUND)
            hidden++;
        else if (e != OK)
            return e;
        else {
            told++;
            json_open(j);
            json_kv_cstr(j, "by", s->found[i].email ? "email" : "phone");
            json_kv_text(j, "value", s->found[i].value);
            json_key(j, "customer");
            customer_row_json(j, use, &hit);
            json_close(j);
        }
    }
    json_end(j);
    json_kv_int(j, "hidden", hidden);
    json_close(j);
    return OK;
}

static enum err same_route(struct request *r)
{
    struct app *app = r->app;
    const struct same_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    struct same *s = arena_make(r->arena, struct same);
    s->r = r;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e == OK)
        e = same_keys(s, args->phones, "phones", use.country);
    if (e == OK)
        e = same_keys(s, args->emails, "emails", use.country);
    if (e == OK && s->nkeys > 0)
        e = db_read(app->db, read_same, s);
    return e == OK ? same_json(s, &use, args->except) : e;
}

/* ---- tags ---- */

struct tags_args {
    json_t *add, *remove;
};
static const struct spec tags_spec[] = {
    {"add", SPEC_JSON, offsetof(struct tags_args, add), .doc = "names; new ones are made"},
    {"remove", SPEC_JSON, offsetof(struct tags_args, remove), .doc = "names"},
    {0},
};
struct tagging {
    struct profile_call call;
    struct profile_tags tags;
};

static enum err read_names(struct request *r, json_t *list, const char *field,
                           const struct str **ret, size_t *ret_n)
{
    size_t n = json_array_size(list);
    if (list && !json_is_array(list) && !json_is_null(list))
        return request_fail(r, ERR_INVALID, "profile_not_list", field, NULL);
    if (n > TAGS_AT_ONCE)
        return request_fail(r, ERR_INVALID, "field_too_many", field, "limit", "20", NULL);
    struct str *names = arena_array(r->arena, struct str, n + 1);
    for (size_t i = 0; i < n; i++) {
        json_t *v = json_array_get(list, i);
        struct str raw = {json_string_value(v), json_string_length(v)};
        if (!json_is_string(v) || text_clean(r->arena, raw, &names[i]) != OK)
            return request_fail(r, ERR_INVALID, "field_not_text", field, NULL);
        if (names[i].n == 0)
            return request_fail(r, ERR_INVALID, "field_required", field, NULL);
        if (text_length(names[i]) > WORD_NAME_MAX)
            return request_fail(r, ERR_INVALID, "field_too_long", field, "limit", "100", NULL);
    }
    *ret = names;
    *ret_n = n;
    return OK;
}

static enum err write_tags(struct db_tx *tx, void *arg)
{
    struct tagging *t = arg;
    struct request *r = t->call.r;
    return profile_tag(tx, r->caller.merchant_id, r->ids[0], &t->tags, &t->call.who, &r->problem);
}

static enum err tags_route(struct request *r)
{
    const struct app *app = r->app;
    const struct tags_args *args = r->args;
    struct tagging t = {0};
    enum err e = call_begin(r, &t.call);
    if (e == OK)
        e = read_names(r, args->add, "add", &t.tags.add, &t.tags.nadd);
    if (e == OK)
        e = read_names(r, args->remove, "remove", &t.tags.remove, &t.tags.nremove);
    if (e == OK)
        e = db_write(app->db, write_tags, &t);
    return e;
}

/* ---- deleting and bringing back ---- */

static enum err remove_one(struct db_tx *tx, void *arg)
{
    struct profile_call *c = arg;
    return profile_delete(tx, c->r->caller.merchant_id, c->r->ids[0], &c->who);
}

static enum err delete_route(struct request *r)
{
    const struct app *app = r->app;
    struct profile_call c;
    enum err e = call_begin(r, &c);
    if (e == OK)
        e = db_write(app->db, remove_one, &c);
    return e;
}

struct restoring {
    struct profile_call call;
    struct profile_deleted gone;
};

static enum err read_deleted(struct db_tx *tx, void *arg)
{
    struct restoring *s = arg;
    struct request *r = s->call.r;
    return profile_deleted_get(tx, r->caller.merchant_id, r->ids[0], r->arena, &s->gone);
}

static enum err restore_one(struct db_tx *tx, void *arg)
{
    struct restoring *s = arg;
    struct request *r = s->call.r;
    return profile_restore(tx, r->caller.merchant_id, r->ids[0], &s->call.who, &r->problem);
}

/* Deleted customers are in no audience: their stores say who may see them. */
static bool deleted_seen(struct request *r, const struct profile_deleted *gone)
{
    struct int_list stores = {0};
    if (r->caller.sees_chain)
        return true;
    if (gone->stores.n == 0 || varint_unpack(r->arena, gone->stores, &stores.v, &stores.n) != OK)
        return false;
    for (size_t i = 0; i < r->caller.nstores; i++)
        if (int_list_has(&stores, r->caller.stores[i]))
            return true;
    return false;
}

static enum err begin_deleted(struct request *r, struct restoring *s)
{
    const struct app *app = r->app;
    *s = (struct restoring){0};
    enum err e = call_begin_new(r, &s->call);
    if (e == OK)
        e = db_read(app->db, read_deleted, s);
    if (e == OK && !deleted_seen(r, &s->gone))
        e = ERR_NOT_FOUND;
    return e;
}

static enum err deleted_route(struct request *r)
{
    struct restoring s;
    enum err e = begin_deleted(r, &s);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_id(&r->json, "id", r->ids[0]);
    json_kv_int(&r->json, "number", s.gone.number);
    json_kv_text(&r->json, "name", s.gone.name);
    json_kv_instant(&r->json, "deleted_at", s.gone.deleted_us);
    json_close(&r->json);
    return OK;
}

static enum err restore_route(struct request *r)
{
    const struct app *app = r->app;
    struct restoring s;
    enum err e = begin_deleted(r, &s);
    return e == OK ? db_write(app->db, restore_one, &s) : e;
}

const struct http_route profile_routes[] = {
    {"POST", "/api/v1/customers", PERM_CUSTOMERS_WRITE, create_route, .body = profile_spec,
     .args_size = sizeof(struct profile_args), .summary = "Makes a customer by hand",
     .answer = "Profile", .status = 201},
    {"POST", "/api/v1/customers/same", PERM_CUSTOMERS_READ, same_route, .body = same_spec,
     .args_size = sizeof(struct same_args),
     .summary = "Who has one of these phones or e-mails already", .answer = "SameContacts"},
    {"GET", "/api/v1/customers/{id}/profile", PERM_CUSTOMERS_READ, get_route,
     .summary = "The personal data of a customer, as they are edited", .answer = "Profile"},
    {"PATCH", "/api/v1/customers/{id}/profile", PERM_CUSTOMERS_WRITE, patch_route,
     .body = profile_spec, .args_size = sizeof(struct profile_args), .needs_version = true,
     .summary = "Changes the personal data of a customer", .answer = "Profile"},
    {"POST", "/api/v1/customers/{id}/tags", PERM_CUSTOMERS_WRITE, tags_route, .body = tags_spec,
     .args_size = sizeof(struct tags_args), .summary = "Puts tags on a customer, takes some off"},
    {"GET", "/api/v1/customers/{id}/message", PERM_CUSTOMERS_READ, profile_message_route,
     .summary = "A ready message: asks for an opinion, or invites to buy",
     .answer = "ReadyMessage"},
    {"DELETE", "/api/v1/customers/{id}", PERM_CUSTOMERS_DELETE, delete_route,
     .summary = "Deletes a customer, who can be brought back"},
    {"GET", "/api/v1/customers/{id}/deleted", PERM_CUSTOMERS_DELETE, deleted_route,
     .summary = "Who a deleted customer was", .answer = "DeletedCustomer"},
    {"POST", "/api/v1/customers/{id}/restore", PERM_CUSTOMERS_DELETE, restore_route,
     .summary = "Brings a deleted customer back"},
    {0},
};
