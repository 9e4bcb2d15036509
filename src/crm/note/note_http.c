/* Routes of the notes. */
#include "../customer/customer_view.h"
#include "../staff/staff.h"
#include "note.h"

struct note_args {
    struct str text;
    bool pinned, has_text, has_pinned;
};
#define AT(field) offsetof(struct note_args, field)
static const struct spec create_spec[] = {
    {"text", SPEC_TEXT, AT(text), .required = true, .max = NOTE_TEXT_MAX},
    {"pinned", SPEC_BOOL, AT(pinned), .doc = "shown first, and on the overview"},
    {0},
};
static const struct spec patch_spec[] = {
    {"text", SPEC_TEXT, AT(text), .min = 1, .max = NOTE_TEXT_MAX,
     .present_offset = AT(has_text) + 1},
    {"pinned", SPEC_BOOL, AT(pinned), .present_offset = AT(has_pinned) + 1},
    {0},
};

struct note_call {
    struct request *r;
    struct note_actor who;
    struct note *all, before, after;
    size_t n;
    bool deleted;
};

static enum err begin(struct request *r, struct note_call *c)
{
    int32_t today;
    enum err e = customer_allowed(r, &today);
    if (e != OK)
        return e;
    *c = (struct note_call){.r = r,
                            .who = {.by = audit_by_request(r),
                                    .manages = r->caller.role >= ROLE_MANAGER,
                                    .today = today,
                                    .arena = r->arena}};
    return OK;
}

static void note_json(struct request *r, const struct note *n)
{
    struct json *j = &r->json;
    bool own = n->staff_id == r->caller.staff_id;
    json_open(j);
    json_kv_id(j, "id", n->id);
    json_kv_text(j, "text", n->text);
    json_kv_bool(j, "pinned", n->pinned);
    json_kv_id(j, "author_id", n->staff_id);
    json_kv_text(j, "author", n->author);
    json_kv_bool(j, "may_change", own);
    json_kv_bool(j, "may_delete", own || r->caller.role >= ROLE_MANAGER);
    json_kv_instant(j, "created_at", n->created_us);
    json_kv_instant(j, "updated_at", n->updated_us);
    json_kv_int(j, "version", n->version);
    json_close(j);
}

static void one_json(struct request *r, const struct note *n)
{
    r->etag = arena_printf(r->arena, "%lld", (long long)n->version);
    note_json(r, n);
}

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct note_call *c = arg;
    struct request *r = c->r;
    return note_list(tx, r->caller.merchant_id, r->ids[0], r->arena, &c->all, &c->n);
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct note_call *c = arg;
    struct request *r = c->r;
    return note_get(tx, r->caller.merchant_id, r->ids[0], r->ids[1], r->arena, &c->before);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    struct note_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_all, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < c.n; i++)
        note_json(r, &c.all[i]);
    json_end(&r->json);
    json_close(&r->json);
    return OK;
}

static enum err write_new(struct db_tx *tx, void *arg)
{
    struct note_call *c = arg;
    return note_add(tx, c->r->caller.merchant_id, &c->after, &c->who, &c->r->problem);
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    const struct note_args *args = r->args;
    struct note_call c;
    enum err e = begin(r, &c);
    if (e != OK)
        return e;
    c.after = (struct note){.customer_id = r->ids[0],
                            .staff_id = r->caller.staff_id,
                            .author = str_c(r->caller.name),
                            .text = args->text,
                            .pinned = args->pinned};
    e = db_write(app->db, write_new, &c);
    if (e == OK)
        one_json(r, &c.after);
    return e;
}

static enum err write_change(struct db_tx *tx, void *arg)
{
    struct note_call *c = arg;
    return note_save(tx, c->r->caller.merchant_id, &c->before, &c->after, &c->who, &c->r->problem);
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    const struct note_args *args = r->args;
    struct note_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_one, &c);
    if (e == OK && c.before.deleted)
        e = ERR_NOT_FOUND;
    if (e == OK)
        e = request_check_version(r, c.before.version);
    if (e != OK)
        return e;
    c.after = c.before;
    if (args->has_text)
        c.after.text = args->text;
    if (args->has_pinned)
        c.after.pinned = args->pinned;
    e = db_write(app->db, write_change, &c);
    if (e == OK)
        one_json(r, &c.after);
    return e;
}

static enum err write_deleted(struct db_tx *tx, void *arg)
{
    struct note_call *c = arg;
    enum err e = read_one(tx, c);
    if (e == OK)
        e = note_delete(tx, c->r->caller.merchant_id, &c->before, c->deleted, &c->who,
                        &c->r->problem);
    return e == OK && !c->deleted ? read_one(tx, c) : e;
}

static enum err set_deleted(struct request *r, bool deleted)
{
    const struct app *app = r->app;
    struct note_call c;
    enum err e = begin(r, &c);
    c.deleted = deleted;
    if (e == OK)
        e = db_write(app->db, write_deleted, &c);
    if (e == OK && !deleted)
        one_json(r, &c.before);
    return e;
}

static enum err delete_route(struct request *r)
{
    return set_deleted(r, true);
}

static enum err restore_route(struct request *r)
{
    return set_deleted(r, false);
}

const struct http_route note_routes[] = {
    {"GET", "/api/v1/customers/{id}/notes", PERM_CUSTOMERS_READ, list_route,
     .summary = "The notes on a customer, pinned ones first", .answer = "NoteList"},
    {"POST", "/api/v1/customers/{id}/notes", PERM_CUSTOMERS_WRITE, create_route,
     .body = create_spec, .args_size = sizeof(struct note_args), .summary = "Writes a note",
     .answer = "Note", .status = 201},
    {"PATCH", "/api/v1/customers/{id}/notes/{id}", PERM_CUSTOMERS_WRITE, patch_route,
     .body = patch_spec, .args_size = sizeof(struct note_args), .needs_version = true,
     .summary = "Changes the text of one's own note, or pins a note", .answer = "Note"},
    {"DELETE", "/api/v1/customers/{id}/notes/{id}", PERM_CUSTOMERS_WRITE, delete_route,
     .summary = "Deletes a note"},
    {"POST", "/api/v1/customers/{id}/notes/{id}/restore", PERM_CUSTOMERS_WRITE, restore_route,
     .summary = "Brings a deleted note back", .answer = "Note"},
    {0},
};
