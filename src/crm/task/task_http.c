/* Routes of the tasks: those of a customer, and those of the staff. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../customer/customer_view.h"
#include "../merchant/merchant.h"
#include "../staff/staff.h"
#include "task.h"

struct task_args {
    struct str text;
    int32_t due;
    int64_t assignee_id;
    bool done, has_text, has_due, has_assignee, has_done;
};
struct list_args {
    int who, state; /* -1 absent */
};
#define AT(field) offsetof(struct task_args, field)
static const struct spec create_spec[] = {
    {"text", SPEC_TEXT, AT(text), .required = true, .max = TASK_TEXT_MAX},
    {"due", SPEC_DAY, AT(due), .present_offset = AT(has_due) + 1},
    {"assignee_id", SPEC_ID, AT(assignee_id), .present_offset = AT(has_assignee) + 1,
     .doc = "of the staff; null: anybody"},
    {0},
};
static const struct spec patch_spec[] = {
    {"text", SPEC_TEXT, AT(text), .min = 1, .max = TASK_TEXT_MAX,
     .present_offset = AT(has_text) + 1},
    {"due", SPEC_DAY, AT(due), .present_offset = AT(has_due) + 1},
    {"assignee_id", SPEC_ID, AT(assignee_id), .present_offset = AT(has_assignee) + 1,
     .doc = "of the staff; null: anybody"},
    {"done", SPEC_BOOL, AT(done), .present_offset = AT(has_done) + 1},
    {0},
};
static const char *const whose[] = {"mine", "all", NULL};
static const char *const states[] = {"open", "done", NULL};
static const struct spec list_spec[] = {
    {"who", SPEC_CHOICE, offsetof(struct list_args, who), .choices = whose,
     .doc = "mine by default; all: of the customers the caller may see"},
    {"state", SPEC_CHOICE, offsetof(struct list_args, state), .choices = states,
     .doc = "open by default"},
    {0},
};

struct task_call {
    struct request *r;
    struct task_actor who;
    struct task_filter filter;
    struct task *all, before, after;
    size_t n;
    bool deleted;
    struct staff assignee;
    struct merchant merchant;
    int64_t open, due;
};

static void call_init(struct request *r, int32_t today, struct task_call *c)
{
    *c = (struct task_call){.r = r,
                            .who = {.by = audit_by_request(r), .today = today, .arena = r->arena}};
}

static enum err begin(struct request *r, struct task_call *c)
{
    int32_t today;
    enum err e = customer_allowed(r, &today);
    if (e == OK)
        call_init(r, today, c);
    return e;
}

/* ---- answers ---- */

/* `customer`: NULL where it is known anyway */
static void task_json(struct request *r, const struct task *t, const struct audience_use *use,
                      const struct audience_hit *customer)
{
    struct json *j = &r->json;
    json_open(j);
    json_kv_id(j, "id", t->id);
    json_kv_id(j, "customer_id", t->customer_id);
    json_key(j, "customer");
    if (customer)
        customer_row_json(j, use, customer);
    else
        json_nil(j);
    json_kv_text(j, "text", t->text);
    json_kv_day(j, "due", t->due_day);
    json_kv_id(j, "assignee_id", t->assignee_id);
    customer_text_json(j, "assignee", t->assignee);
    json_kv_text(j, "author", t->author);
    json_kv_instant(j, "done_at", t->done_us);
    customer_text_json(j, "done_by", t->doer);
    json_kv_instant(j, "created_at", t->created_us);
    json_kv_int(j, "version", t->version);
    json_close(j);
}

static void one_json(struct request *r, const struct task *t)
{
    r->etag = arena_printf(r->arena, "%lld", (long long)t->version);
    task_json(r, t, NULL, NULL);
}

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct task_call *c = arg;
    struct request *r = c->r;
    return task_list(tx, r->caller.merchant_id, &c->filter, r->arena, &c->all, &c->n);
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct task_call *c = arg;
    struct request *r = c->r;
    return task_get(tx, r->caller.merchant_id, r->ids[0], r->ids[1], r->arena, &c->before);
}

/* Open ones, then those done. */
static enum err card_route(struct request *r)
{
    const struct app *app = r->app;
    struct task_call c;
    enum err e = begin(r, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (int done = 0; e == OK && done < 2; done++) {
        c.filter = (struct task_filter){.customer_id = r->ids[0], .done = done};
        e = db_read(app->db, read_all, &c);
        for (size_t i = 0; e == OK && i < c.n; i++)
            task_json(r, &c.all[i], NULL, NULL);
    }
    json_end(&r->json);
    json_close(&r->json);
    return e;
}

/* Those whose customers the caller may see, with them. */
static enum err seen_json(struct task_call *c, const struct audience_use *use)
{
    struct request *r = c->r;
    struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct audience_hit *hits = arena_array(r->arena, struct audience_hit, c->n + 1);
    struct task *seen = arena_array(r->arena, struct task, c->n + 1);
    size_t n = 0;
    enum err e = OK;
    for (size_t i = 0; e == OK && i < c->n; i++) {
        e = audience_get(use->audience, &viewer, c->all[i].customer_id, r->arena, &hits[n]);
        if (e == OK)
            seen[n++] = c->all[i];
        else if (e == ERR_NOT_FOUND)
            e = OK;
    }
    if (e == OK)
        e = customer_photos(r->app, r->caller.merchant_id, hits, n);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < n; i++)
        task_json(r, &seen[i], use, &hits[i]);
    json_end(&r->json);
    json_kv_day(&r->json, "today", use->today);
    json_close(&r->json);
    return OK;
}

static enum err list_route(struct request *r)
{
    struct app *app = r->app;
    const struct list_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    struct task_call c;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    call_init(r, use.today, &c);
    c.filter = (struct task_filter){.assignee_id = args->who == 1 ? 0 : r->caller.staff_id,
                                    .done = args->state == 1};
    e = db_read(app->db, read_all, &c);
    return e == OK ? seen_json(&c, &use) : e;
}

static enum err read_counts(struct db_tx *tx, void *arg)
{
    struct task_call *c = arg;
    return task_count(tx, c->r->caller.merchant_id, c->r->caller.staff_id, c->who.today, &c->open,
                      &c->due);
}

static enum err count_route(struct request *r)
{
    struct app *app = r->app;
    struct audience_use use = {0};
    struct task_call c;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    call_init(r, use.today, &c);
    audiences_done(&use);
    e = db_read(app->db, read_counts, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_int(&r->json, "open", c.open);
    json_kv_int(&r->json, "due", c.due);
    json_close(&r->json);
    return OK;
}

/* ---- who can be given a task ---- */

struct people {
    struct request *r;
    struct staff *all;
    size_t n;
};

static enum err read_people(struct db_tx *tx, void *arg)
{
    struct people *p = arg;
    return staff_list(tx, p->r->caller.merchant_id, p->r->arena, &p->all, &p->n);
}

static enum err assignees_route(struct request *r)
{
    const struct app *app = r->app;
    struct people p = {.r = r};
    enum err e = db_read(app->db, read_people, &p);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < p.n; i++) {
        json_open(&r->json);
        json_kv_id(&r->json, "id", p.all[i].id);
        json_kv_cstr(&r->json, "name", p.all[i].name);
        json_close(&r->json);
    }
    json_end(&r->json);
    json_close(&r->json);
    return OK;
}

static enum err read_assignee(struct db_tx *tx, void *arg)
{
    struct task_call *c = arg;
    struct request *r = c->r;
    enum err e = staff_get(tx, r->caller.merchant_id, c->after.assignee_id, r->arena, &c->assignee);
    return e == OK ? merchant_get(tx, r->caller.merchant_id, r->arena, &c->merchant) : e;
}

/* Somebody of the staff, who may see this customer. */
static enum err check_assignee(struct task_call *c)
{
    struct request *r = c->r;
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    c->after.assignee = STR("");
    if (c->after.assignee_id == 0)
        return OK;
    enum err e = db_read(app->db, read_assignee, c);
    if (e == ERR_NOT_FOUND)
        return request_fail(r, ERR_INVALID, "task_assignee_unknown", "assignee_id", NULL);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    const struct caller they = {.staff_id = c->assignee.id,
                                .stores = c->assignee.stores,
                                .nstores = c->assignee.nstores,
                                .sees_chain = c->assignee.role == ROLE_OWNER ||
                                              c->merchant.associates_see_chain};
    struct audience_viewer viewer = rights_viewer(&they);
    e = audience_get(use.audience, &viewer, c->after.customer_id, r->arena, &hit);
    if (e == ERR_NOT_FOUND)
        return request_fail(r, ERR_INVALID, "task_assignee_blind", "assignee_id", "name",
                            c->assignee.name, NULL);
    c->after.assignee = str_c(c->assignee.name);
    return e;
}

/* ---- writing ---- */

static enum err write_new(struct db_tx *tx, void *arg)
{
    struct task_call *c = arg;
    return task_add(tx, c->r->caller.merchant_id, &c->after, &c->who, &c->r->problem);
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    const struct task_args *args = r->args;
    struct task_call c;
    enum err e = begin(r, &c);
    if (e != OK)
        return e;
    c.after = (struct task){.customer_id = r->ids[0],
                            .staff_id = r->caller.staff_id,
                            .author = str_c(r->caller.name),
                            .text = args->text,
                            .due_day = args->due,
                            .assignee_id = args->assignee_id};
    e = check_assignee(&c);
    if (e == OK)
        e = db_write(app->db, write_new, &c);
    if (e == OK)
        one_json(r, &c.after);
    return e;
}

static enum err write_change(struct db_tx *tx, void *arg)
{
    struct task_call *c = arg;
    return task_save(tx, c->r->caller.merchant_id, &c->before, &c->after, &c->who, &c->r->problem);
}

static void set_done(struct request *r, struct task *t, bool done)
{
    if (done == (t->done_us != 0))
        return;
    t->done_us = done ? now_us() : 0;
    t->done_by = done ? r->caller.staff_id : 0;
    t->doer = done ? str_c(r->caller.name) : STR("");
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    const struct task_args *args = r->args;
    struct task_call c;
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
    if (args->has_due)
        c.after.due_day = args->due;
    if (args->has_done)
        set_done(r, &c.after, args->done);
    if (args->has_assignee && args->assignee_id != c.before.assignee_id) {
        c.after.assignee_id = args->assignee_id;
        e = check_assignee(&c);
    }
    if (e == OK)
        e = db_write(app->db, write_change, &c);
    if (e == OK)
        one_json(r, &c.after);
    return e;
}

static enum err write_deleted(struct db_tx *tx, void *arg)
{
    struct task_call *c = arg;
    enum err e = read_one(tx, c);
    if (e == OK)
        e = task_delete(tx, c->r->caller.merchant_id, &c->before, c->deleted, &c->who,
                        &c->r->problem);
    return e == OK && !c->deleted ? read_one(tx, c) : e;
}

static enum err set_deleted(struct request *r, bool deleted)
{
    const struct app *app = r->app;
    struct task_call c;
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

const struct http_route task_routes[] = {
    {"GET", "/api/v1/tasks", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "Tasks of the caller or of everybody, by day", .answer = "TaskList"},
    {"GET", "/api/v1/tasks/count", PERM_CUSTOMERS_READ, count_route,
     .summary = "How many open tasks the caller has, and how many are due", .answer = "TaskCount"},
    {"GET", "/api/v1/tasks/assignees", PERM_CUSTOMERS_READ, assignees_route,
     .summary = "Who can be given a task", .answer = "AssigneeList"},
    {"GET", "/api/v1/customers/{id}/tasks", PERM_CUSTOMERS_READ, card_route,
     .summary = "The tasks on a customer, open ones first", .answer = "CustomerTasks"},
    {"POST", "/api/v1/customers/{id}/tasks", PERM_CUSTOMERS_WRITE, create_route,
     .body = create_spec, .args_size = sizeof(struct task_args), .summary = "Makes a task",
     .answer = "Task", .status = 201},
    {"PATCH", "/api/v1/customers/{id}/tasks/{id}", PERM_CUSTOMERS_WRITE, patch_route,
     .body = patch_spec, .args_size = sizeof(struct task_args), .needs_version = true,
     .summary = "Changes a task; done or open again", .answer = "Task"},
    {"DELETE", "/api/v1/customers/{id}/tasks/{id}", PERM_CUSTOMERS_WRITE, delete_route,
     .summary = "Deletes a task"},
    {"POST", "/api/v1/customers/{id}/tasks/{id}/restore", PERM_CUSTOMERS_WRITE, restore_route,
     .summary = "Brings a deleted task back", .answer = "Task"},
    {0},
};
