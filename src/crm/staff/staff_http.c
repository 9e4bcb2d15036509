/* Routes of the staff. Managers act on associates all of whose stores are theirs; the owner on
 * everybody. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "session.h"

struct staff_args {
    struct str email, name;
    int role, language;
    struct spec_ids store_ids;
    bool has_stores;
};
#define AT(field) offsetof(struct staff_args, field)
static const struct spec create_spec[] = {
    {"email", SPEC_TEXT, AT(email), .required = true, .max = STAFF_EMAIL_MAX},
    {"name", SPEC_TEXT, AT(name), .required = true, .max = STAFF_NAME_MAX},
    {"role", SPEC_CHOICE, AT(role), .required = true, .choices = role_names},
    {"store_ids", SPEC_IDS, AT(store_ids), .max = 1000, .present_offset = AT(has_stores) + 1},
    {"language", SPEC_CHOICE, AT(language), .choices = language_names},
    {0},
};
static const struct spec patch_spec[] = {
    {"email", SPEC_TEXT, AT(email), .max = STAFF_EMAIL_MAX},
    {"name", SPEC_TEXT, AT(name), .min = 1, .max = STAFF_NAME_MAX},
    {"role", SPEC_CHOICE, AT(role), .choices = role_names},
    {"store_ids", SPEC_IDS, AT(store_ids), .max = 1000, .present_offset = AT(has_stores) + 1},
    {"language", SPEC_CHOICE, AT(language), .choices = language_names},
    {0},
};

void staff_json(struct json *j, const struct staff *s)
{
    json_open(j);
    json_kv_id(j, "id", s->id);
    json_kv_cstr(j, "email", s->email);
    json_kv_cstr(j, "name", s->name);
    json_kv_cstr(j, "role", role_name(s->role));
    json_kv_cstr(j, "language", s->language);
    staff_stores_json(j, s);
    json_kv_cstr(j, "state", s->active ? "active" : "invited");
    json_kv_bool(j, "second_step", s->second_step);
    json_kv_instant(j, "last_seen_at", s->seen_us);
    json_kv_instant(j, "created_at", s->created_us);
    json_kv_int(j, "version", s->version);
    json_close(j);
}

struct staff_call {
    struct request *r;
    struct staff *all, one;
    size_t n;
    char token[INVITATION_TOKEN_MAX];
    int64_t expires_us;
};

/* ---- who may act on whom ---- */

static bool is_mine(const struct caller *c, const int64_t *stores, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < c->nstores; k++)
            found = found || c->stores[k] == stores[i];
        if (!found)
            return false;
    }
    return true;
}

enum err staff_check_reach(struct request *r, enum role role, const int64_t *stores, size_t n)
{
    const struct caller *c = &r->caller;
    if (c->role == ROLE_OWNER || (role == ROLE_ASSOCIATE && is_mine(c, stores, n)))
        return OK;
    return request_fail(r, ERR_DENIED, "staff_not_yours", NULL, NULL);
}

/* ---- reading ---- */

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct staff_call *c = arg;
    return staff_list(tx, c->r->caller.merchant_id, c->r->arena, &c->all, &c->n);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    struct staff_call c = {.r = r};
    enum err e = db_read(app->db, read_all, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < c.n; i++)
        staff_json(&r->json, &c.all[i]);
    json_end(&r->json);
    json_close(&r->json);
    return OK;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct staff_call *c = arg;
    return staff_get(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->arena, &c->one);
}

static enum err answer_one(struct staff_call *c)
{
    c->r->etag = arena_printf(c->r->arena, "%lld", (long long)c->one.version);
    staff_json(&c->r->json, &c->one);
    return OK;
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct staff_call c = {.r = r};
    enum err e = db_read(app->db, read_one, &c);
    return e != OK ? e : answer_one(&c);
}

/* ---- changing ---- */

static void write_link(struct json *j, struct staff_call *c)
{
    const struct app *app = c->r->app;
    const char *origin = app->public_url ? app->public_url : request_origin(c->r);
    json_open(j);
    json_kv_cstr(j, "url", invitation_url(c->r->arena, origin, c->token));
    json_kv_instant(j, "expires_at", c->expires_us);
    json_close(j);
}

static enum err create(struct db_tx *tx, void *arg)
{
    struct staff_call *c = arg;
    struct request *r = c->r;
    const struct staff_args *args = r->args;
    struct audit_actor by = audit_by_request(r);
    int64_t merchant_id = r->caller.merchant_id, id;
    struct staff_new s = {.email = args->email,
                          .name = args->name,
                          .role = ROLE_ASSOCIATE + args->role,
                          .language =
                              args->language >= 0 ? language_names[args->language] : r->language,
                          .stores = args->store_ids.ids,
                          .nstores = args->store_ids.n};
    enum err e = staff_create(tx, merchant_id, &s, &by, &id, &r->problem);
    if (e == OK)
        e = invitation_make(tx, merchant_id, id, &by, c->token, &c->expires_us);
    return e == OK ? staff_get(tx, merchant_id, id, r->arena, &c->one) : e;
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    const struct staff_args *args = r->args;
    struct staff_call c = {.r = r};
    enum err e =
        staff_check_reach(r, ROLE_ASSOCIATE + args->role, args->store_ids.ids, args->store_ids.n);
    if (e == OK)
        e = db_write(app->db, create, &c);
    if (e != OK)
        return e;
    struct json *j = &r->json;
    json_open(j);
    json_key(j, "staff");
    staff_json(j, &c.one);
    json_key(j, "invitation");
    write_link(j, &c);
    json_close(j);
    return OK;
}

static enum err change(struct db_tx *tx, void *arg)
{
    struct staff_call *c = arg;
    struct request *r = c->r;
    const struct staff_args *args = r->args;
    struct audit_actor by = audit_by_request(r);
    enum err e = read_one(tx, c);
    if (e == OK)
        e = request_check_version(r, c->one.version);
    if (e == OK)
        e = staff_check_reach(r, c->one.role, c->one.stores, c->one.nstores);
    if (e != OK)
        return e;
    struct staff after = c->one;
    if (args->email.n > 0)
        after.email = arena_cstr(r->arena, args->email);
    if (args->name.n > 0)
        after.name = arena_cstr(r->arena, args->name);
    if (args->role >= 0)
        after.role = ROLE_ASSOCIATE + args->role;
    if (args->language >= 0)
        after.language = language_names[args->language];
    if (args->has_stores) {
        after.stores = args->store_ids.ids;
        after.nstores = args->store_ids.n;
    }
    e = staff_check_reach(r, after.role, after.stores, after.nstores);
    if (e == OK)
        e = staff_update(tx, r->caller.merchant_id, &c->one, &after, &by, &r->problem);
    return e == OK ? read_one(tx, c) : e;
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    struct staff_call c = {.r = r};
    enum err e = db_write(app->db, change, &c);
    return e != OK ? e : answer_one(&c);
}

static enum err remove_one(struct db_tx *tx, void *arg)
{
    struct staff_call *c = arg;
    struct request *r = c->r;
    struct audit_actor by = audit_by_request(r);
    enum err e = read_one(tx, c);
    if (e == OK)
        e = staff_check_reach(r, c->one.role, c->one.stores, c->one.nstores);
    return e == OK ? staff_remove(tx, r->caller.merchant_id, c->one.id, &by, &r->problem) : e;
}

static enum err delete_route(struct request *r)
{
    const struct app *app = r->app;
    struct staff_call c = {.r = r};
    return db_write(app->db, remove_one, &c);
}

static enum err restore_one(struct db_tx *tx, void *arg)
{
    struct staff_call *c = arg;
    struct request *r = c->r;
    struct audit_actor by = audit_by_request(r);
    int64_t merchant_id = r->caller.merchant_id;
    enum err e = staff_get_removed(tx, merchant_id, r->ids[0], r->arena, &c->one);
    if (e == OK)
        e = staff_check_reach(r, c->one.role, c->one.stores, c->one.nstores);
    if (e == OK)
        e = staff_restore(tx, merchant_id, c->one.id, &by, &r->problem);
    return e == OK ? read_one(tx, c) : e;
}

static enum err restore_route(struct request *r)
{
    const struct app *app = r->app;
    struct staff_call c = {.r = r};
    enum err e = db_write(app->db, restore_one, &c);
    return e != OK ? e : answer_one(&c);
}

static enum err invite(struct db_tx *tx, void *arg)
{
    struct staff_call *c = arg;
    struct request *r = c->r;
    struct audit_actor by = audit_by_request(r);
    enum err e = read_one(tx, c);
    if (e == OK)
        e = staff_check_reach(r, c->one.role, c->one.stores, c->one.nstores);
    return e == OK ? invitation_make(tx, r->caller.merchant_id, c->one.id, &by, c->token,
                                     &c->expires_us)
                   : e;
}

static enum err invitation_route(struct request *r)
{
    const struct app *app = r->app;
    struct staff_call c = {.r = r};
    enum err e = db_write(app->db, invite, &c);
    if (e == OK)
        write_link(&r->json, &c);
    return e;
}

const struct http_route staff_routes[] = {
    {"GET", "/api/v1/staff", PERM_STAFF_READ, list_route, .summary = "Everybody who may sign in",
     .answer = "StaffList"},
    {"POST", "/api/v1/staff", PERM_STAFF_MANAGE, create_route, .body = create_spec,
     .args_size = sizeof(struct staff_args), .summary = "Invites somebody",
     .answer = "StaffCreated", .status = 201},
    {"GET", "/api/v1/staff/{id}", PERM_STAFF_READ, get_route, .summary = "One staff member",
     .answer = "Staff"},
    {"PATCH", "/api/v1/staff/{id}", PERM_STAFF_MANAGE, patch_route, .body = patch_spec,
     .args_size = sizeof(struct staff_args), .needs_version = true,
     .summary = "Changes a staff member", .answer = "Staff"},
    {"DELETE", "/api/v1/staff/{id}", PERM_STAFF_MANAGE, delete_route,
     .summary = "Removes a staff member and ends their sessions"},
    {"POST", "/api/v1/staff/{id}/restore", PERM_STAFF_MANAGE, restore_route,
     .summary = "Takes a removal back, while the e-mail is not somebody else's", .answer = "Staff"},
    {"POST", "/api/v1/staff/{id}/invitation", PERM_STAFF_MANAGE, invitation_route,
     .summary = "Makes a new one-time link", .answer = "InvitationLink"},
    {0},
};
