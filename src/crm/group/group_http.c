/* Routes of the groups. */
#include "../../base/check.h"
#include "../customer/customer_view.h"
#include "../staff/staff.h"
#include "group.h"

struct group_args {
    struct str name, description;
    bool has_name, has_description;
};
struct list_args {
    int scope; /* -1 absent, 0 all, 1 mine */
};
static const char *const scopes[] = {"all", "mine", NULL};
#define AT(field) offsetof(struct group_args, field)
static const struct spec create_spec[] = {
    {"name", SPEC_TEXT, AT(name), .required = true, .max = GROUP_NAME_MAX},
    {"description", SPEC_TEXT, AT(description), .max = GROUP_DESCRIPTION_MAX},
    {0},
};
static const struct spec patch_spec[] = {
    {"name", SPEC_TEXT, AT(name), .min = 1, .max = GROUP_NAME_MAX,
     .present_offset = AT(has_name) + 1},
    {"description", SPEC_TEXT, AT(description), .max = GROUP_DESCRIPTION_MAX,
     .present_offset = AT(has_description) + 1},
    {0},
};
static const struct spec list_spec[] = {
    {"scope", SPEC_CHOICE, offsetof(struct list_args, scope), .choices = scopes,
     .doc = "mine: counts the customers of the caller's stores"},
    {0},
};

struct group_call {
    struct request *r;
    struct group_actor who;
    struct group *all, one;
    size_t n;
    bool is_new;
    struct group before, after;
};

static struct group_call call_of_request(struct request *r)
{
    return (struct group_call){
        .r = r,
        .who = {.may_manage = rights_allowed(r->caller.role, PERM_SEGMENTS_SHARE),
                .arena = r->arena,
                .by = audit_by_request(r)}};
}

/* ---- sizes: of those whom the caller sees ---- */

static enum err facet_of(struct request *r, bool mine, struct audience_use *use,
                         const struct audience_facet **ret)
{
    const struct app *app = r->app;
    struct audience_answer answer;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, use);
    const struct audience_ask ask = {.viewer = customer_viewer(&r->caller, mine),
                                     .facets = 1ull << FIELD_GROUP};
    if (e == OK)
        e = audience_ask(use->audience, &ask, r->arena, &answer);
    if (e == OK)
        *ret = answer.facets;
    return e;
}

static int64_t size_of(const struct audience_facet *facet, struct str name)
{
    for (int i = 0; i < facet->n; i++)
        if (str_eq(facet->values[i].label, name))
            return facet->values[i].count;
    return 0;
}

/* ---- answers ---- */

static void group_json(struct group_call *c, const struct group *g, int64_t customers)
{
    struct json *j = &c->r->json;
    struct arena *a = c->r->arena;
    json_open(j);
    json_kv_id(j, "id", g->id);
    json_kv_text(j, "name", g->name);
    json_kv_text(j, "description", g->description);
    json_kv_text(j, "term",
                 str_c(arena_printf(a, "group:%s", arena_cstr(a, query_quoted(a, g->name)))));
    json_kv_int(j, "customers", customers);
    customer_text_json(j, "staff", g->staff_name);
    json_kv_bool(j, "may_change", group_may_change(g, &c->who));
    json_kv_instant(j, "created_at", g->created_us);
    json_kv_instant(j, "updated_at", g->updated_us);
    json_kv_int(j, "version", g->version);
    json_close(j);
}

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct group_call *c = arg;
    return group_list(tx, c->r->caller.merchant_id, c->r->arena, &c->all, &c->n);
}

static void part_json(struct group_call *c, const char *key, bool deleted,
                      const struct audience_facet *facet)
{
    json_key(&c->r->json, key);
    json_list(&c->r->json);
    for (size_t i = 0; i < c->n; i++)
        if (c->all[i].deleted == deleted)
            group_json(c, &c->all[i], deleted ? 0 : size_of(facet, c->all[i].name));
    json_end(&c->r->json);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    const struct list_args *args = r->args;
    struct group_call c = call_of_request(r);
    cleanup(audiences_done) struct audience_use use = {0};
    const struct audience_facet *facet;
    enum err e = db_read(app->db, read_all, &c);
    if (e == OK)
        e = facet_of(r, args->scope == 1, &use, &facet);
    if (e != OK)
        return e;
    json_open(&r->json);
    part_json(&c, "items", false, facet);
    part_json(&c, "deleted", true, facet);
    json_close(&r->json);
    return OK;
}

static enum err answer_one(struct group_call *c, const struct group *g)
{
    cleanup(audiences_done) struct audience_use use = {0};
    const struct audience_facet *facet;
    enum err e = facet_of(c->r, false, &use, &facet);
    if (e != OK)
        return e;
    c->r->etag = arena_printf(c->r->arena, "%lld", (long long)g->version);
    group_json(c, g, size_of(facet, g->name));
    return OK;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct group_call *c = arg;
    return group_get(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->arena, &c->one);
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct group_call c = call_of_request(r);
    enum err e = db_read(app->db, read_one, &c);
    return e == OK ? answer_one(&c, &c.one) : e;
}

/* ---- changing ---- */

static enum err save(struct db_tx *tx, void *arg)
{
    struct group_call *c = arg;
    struct request *r = c->r;
    struct group after = c->after; /* set anew when the transaction is repeated */
    enum err e = c->is_new ? OK : read_one(tx, c);
    if (e == OK && !c->is_new && c->one.version != c->before.version)
        e = request_fail(r, ERR_STALE, "stale", NULL, NULL);
    if (e == OK)
        e = group_save(tx, r->caller.merchant_id, c->is_new ? NULL : &c->before, &after, &c->who,
                       &r->problem);
    c->one = after;
    return e;
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    const struct group_args *args = r->args;
    struct group_call c = call_of_request(r);
    c.is_new = true;
    c.after = (struct group){
        .name = args->name, .description = args->description, .staff_name = str_c(r->caller.name)};
    enum err e = db_write(app->db, save, &c);
    return e == OK ? answer_one(&c, &c.one) : e;
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    const struct group_args *args = r->args;
    struct group_call c = call_of_request(r);
    enum err e = db_read(app->db, read_one, &c);
    if (e == OK)
        e = request_check_version(r, c.one.version);
    if (e != OK)
        return e;
    c.before = c.after = c.one;
    if (args->has_name)
        c.after.name = args->name;
    if (args->has_description)
        c.after.description = args->description;
    e = db_write(app->db, save, &c);
    return e == OK ? answer_one(&c, &c.one) : e;
}

static enum err remove_one(struct db_tx *tx, void *arg)
{
    struct group_call *c = arg;
    return group_delete(tx, c->r->caller.merchant_id, c->r->ids[0], &c->who, &c->r->problem);
}

static enum err delete_route(struct request *r)
{
    const struct app *app = r->app;
    struct group_call c = call_of_request(r);
    return db_write(app->db, remove_one, &c);
}

static enum err restore_one(struct db_tx *tx, void *arg)
{
    struct group_call *c = arg;
    enum err e = group_restore(tx, c->r->caller.merchant_id, c->r->ids[0], &c->who, &c->r->problem);
    return e == OK ? read_one(tx, c) : e;
}

static enum err restore_route(struct request *r)
{
    const struct app *app = r->app;
    struct group_call c = call_of_request(r);
    enum err e = db_write(app->db, restore_one, &c);
    return e == OK ? answer_one(&c, &c.one) : e;
}

/* ---- members, from the card ---- */

struct membership {
    struct group_call call;
    bool on;
};

static enum err write_member(struct db_tx *tx, void *arg)
{
    struct membership *m = arg;
    const struct request *r = m->call.r;
    return group_set_member(tx, r->caller.merchant_id, r->ids[1], r->ids[0], m->on, &m->call.who);
}

static enum err set_member(struct request *r, bool on)
{
    const struct app *app = r->app;
    struct membership m = {call_of_request(r), on};
    enum err e = customer_allowed(r, NULL);
    return e == OK ? db_write(app->db, write_member, &m) : e;
}

static enum err member_put(struct request *r)
{
    return set_member(r, true);
}

static enum err member_delete(struct request *r)
{
    return set_member(r, false);
}

const struct http_route group_routes[] = {
    {"GET", "/api/v1/groups", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "The groups, with how many customers the caller sees in each",
     .answer = "GroupList"},
    {"POST", "/api/v1/groups", PERM_CUSTOMERS_WRITE, create_route, .body = create_spec,
     .args_size = sizeof(struct group_args), .summary = "Makes a group", .answer = "Group",
     .status = 201},
    {"GET", "/api/v1/groups/{id}", PERM_CUSTOMERS_READ, get_route, .summary = "One group",
     .answer = "Group"},
    {"PATCH", "/api/v1/groups/{id}", PERM_CUSTOMERS_WRITE, patch_route, .body = patch_spec,
     .args_size = sizeof(struct group_args), .needs_version = true,
     .summary = "Renames or describes a group", .answer = "Group"},
    {"DELETE", "/api/v1/groups/{id}", PERM_CUSTOMERS_WRITE, delete_route,
     .summary = "Deletes a group; its customers stay"},
    {"POST", "/api/v1/groups/{id}/restore", PERM_CUSTOMERS_WRITE, restore_route,
     .summary = "Brings a deleted group back with its members", .answer = "Group"},
    {"PUT", "/api/v1/customers/{id}/groups/{id}", PERM_CUSTOMERS_WRITE, member_put,
     .summary = "Puts the customer into the group"},
    {"DELETE", "/api/v1/customers/{id}/groups/{id}", PERM_CUSTOMERS_WRITE, member_delete,
     .summary = "Takes the customer out of the group"},
    {0},
};
