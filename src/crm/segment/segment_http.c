/* Routes of the segments. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../customer/as_of.h"
#include "../customer/customer_view.h"
#include "../staff/staff.h"
#include "segment_count.h"
#include "segment_sql.h"

struct segment_args {
    struct str name, description, query;
    bool shared, has_name, has_description, has_query, has_shared;
};
struct list_args {
    struct str q;
    int64_t limit;
    int scope; /* -1 absent, 0 all, 1 mine */
    int32_t as_of;
    bool history, has_q, has_limit;
};
static const char *const scopes[] = {"all", "mine", NULL};
#define AT(field) offsetof(struct segment_args, field)
static const struct spec create_spec[] = {
    {"name", SPEC_TEXT, AT(name), .required = true, .max = SEGMENT_NAME_MAX},
    {"description", SPEC_TEXT, AT(description), .max = SEGMENT_DESCRIPTION_MAX},
    {"query", SPEC_TEXT, AT(query), .required = true, .max = QUERY_TEXT_MAX,
     .doc = "in the query language; not empty"},
    {"shared", SPEC_BOOL, AT(shared), .doc = "for everybody; needs segments_share"},
    {0},
};
static const struct spec patch_spec[] = {
    {"name", SPEC_TEXT, AT(name), .min = 1, .max = SEGMENT_NAME_MAX,
     .present_offset = AT(has_name) + 1},
    {"description", SPEC_TEXT, AT(description), .max = SEGMENT_DESCRIPTION_MAX,
     .present_offset = AT(has_description) + 1},
    {"query", SPEC_TEXT, AT(query), .min = 1, .max = QUERY_TEXT_MAX,
     .present_offset = AT(has_query) + 1},
    {"shared", SPEC_BOOL, AT(shared), .present_offset = AT(has_shared) + 1},
    {0},
};
static const struct spec list_spec[] = {
    {"q", SPEC_TEXT, offsetof(struct list_args, q), .max = QUERY_TEXT_MAX,
     .present_offset = offsetof(struct list_args, has_q) + 1,
     .doc = "a query: each segment's `matching` is counted under it"},
    {"limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = SEGMENTS_MAX,
     .present_offset = offsetof(struct list_args, has_limit) + 1, .doc = "all by default"},
    {"scope", SPEC_CHOICE, offsetof(struct list_args, scope), .choices = scopes,
     .doc = "mine: the customers of the caller's stores"},
    {"as_of", SPEC_DAY, offsetof(struct list_args, as_of),
     .doc = "an earlier day: counts of the customers as they stood at its end"},
    {"history", SPEC_BOOL, offsetof(struct list_args, history),
     .doc = "with the sizes of the last 90 days"},
    {0},
};

struct size {
    int64_t segment_id, customers;
    int32_t day;
};
struct segment_call {
    struct request *r;
    struct segment_actor who;
    struct as_of_use past;   /* of today when no day was asked for */
    struct audience_use use; /* its `then` */
    struct audience_reader reader;
    struct audience_viewer viewer;
    struct segment *all, one;
    size_t n;
    struct size *sizes; /* by segment and day */
    size_t nsizes;
};

static enum err call_begin(struct request *r, struct segment_call *c, bool mine, int32_t day)
{
    const struct app *app = r->app;
    *c = (struct segment_call){
        .r = r,
        .who = {.staff_id = r->caller.staff_id,
                .may_share = rights_allowed(r->caller.role, PERM_SEGMENTS_SHARE),
                .arena = r->arena,
                .by = audit_by_request(r)}};
    enum err e = as_of_use(app->as_of, r->caller.merchant_id, day, r->arena, &c->past, &r->problem);
    if (e != OK)
        return e;
    c->use = c->past.then;
    c->who.today = c->use.today;
    c->viewer = customer_viewer(&r->caller, mine);
    audience_reader(&c->use, c->who.staff_id, &c->reader);
    return OK;
}

static void call_end(struct segment_call *c)
{
    as_of_done(&c->past);
}

/* ---- reading ---- */

static enum err read_sizes(struct db_tx *tx, struct segment_call *c)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    size_t cap = (size_t)SEGMENTS_MAX * SEGMENT_HISTORY_DAYS;
    c->sizes = arena_array(c->r->arena, struct size, cap);
    c->nsizes = 0;
    enum err e = db_query(tx, &segment_size_since, &rows, db_i(c->r->caller.merchant_id),
                          db_i(c->use.today - SEGMENT_HISTORY_DAYS), db_i(c->use.today));
    if (e != OK)
        return e;
    while (c->nsizes < cap && db_next(rows))
        c->sizes[c->nsizes++] = (struct size){.segment_id = db_int(rows, 0),
                                              .day = (int32_t)db_int(rows, 1),
                                              .customers = db_int(rows, 2)};
    return db_error(rows);
}

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct segment_call *c = arg;
    const struct list_args *args = c->r->args;
    enum err e = segment_list(tx, c->r->caller.merchant_id, c->r->arena, &c->all, &c->n);
    /* sizes are of the whole chain, so they are for those who see it */
    return e == OK && args->history && c->r->caller.sees_chain ? read_sizes(tx, c) : e;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct segment_call *c = arg;
    return segment_get(tx, c->r->caller.merchant_id, c->r->ids[0], &c->who, c->r->arena, &c->one);
}

/* ---- answers ---- */

static void sizes_json(struct json *j, const struct segment_call *c, int64_t id)
{
    json_key(j, "sizes");
    json_list(j);
    for (size_t i = 0; i < c->nsizes; i++) {
        if (c->sizes[i].segment_id != id)
            continue;
        json_open(j);
        json_kv_day(j, "day", c->sizes[i].day);
        json_kv_int(j, "customers", c->sizes[i].customers);
        json_close(j);
    }
    json_end(j);
}

static void count_json(struct request *r, const char *key, bool known, int64_t n)
{
    json_key(&r->json, key);
    if (known)
        json_int(&r->json, n);
    else
        json_nil(&r->json);
}

static enum err segment_json(struct segment_call *c, const struct segment *s,
                             const struct query *within)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    struct segment_count count;
    enum err e = segment_count(&c->reader, &c->viewer, r->arena, s->text, within, &count);
    if (e != OK)
        return e;
    json_open(j);
    json_kv_id(j, "id", s->id);
    json_kv_text(j, "name", s->name);
    json_kv_text(j, "description", s->description);
    json_kv_text(j, "query", s->text);
    json_kv_text(j, "term",
                 str_c(arena_printf(r->arena, "segment:%s",
                                    arena_cstr(r->arena, query_quoted(r->arena, s->name)))));
    json_kv_bool(j, "shared", s->shared);
    json_kv_id(j, "owner_id", s->owner_id);
    json_kv_text(j, "owner", s->owner_name);
    json_kv_bool(j, "may_change", segment_may_change(s, &c->who));
    count_json(r, "customers", count.good, count.customers);
    count_json(r, "matching", count.good && within, count.within);
    json_key(j, "problem");
    if (count.good)
        json_nil(j);
    else
        http_problem_json(j, r->arena, r->language, &count.problem, 422);
    json_kv_instant(j, "created_at", s->created_us);
    json_kv_instant(j, "updated_at", s->updated_us);
    json_kv_int(j, "version", s->version);
    sizes_json(j, c, s->id);
    json_close(j);
    return OK;
}

static enum err total_of(struct segment_call *c, int64_t *ret)
{
    const struct audience_ask ask = {.viewer = c->viewer, .only_count = true};
    struct audience_answer answer;
    enum err e = audience_ask(c->use.audience, &ask, c->r->arena, &answer);
    if (e == OK)
        *ret = answer.total;
    return e;
}

static enum err list_json(struct segment_call *c, const struct query *within)
{
    const struct list_args *args = c->r->args;
    struct json *j = &c->r->json;
    int64_t total, seen = 0;
    enum err e = total_of(c, &total);
    if (e != OK)
        return e;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; e == OK && i < c->n; i++) {
        if (c->all[i].deleted || !segment_seen(&c->all[i], &c->who))
            continue;
        if (++seen <= args->limit || !args->has_limit)
            e = segment_json(c, &c->all[i], within);
    }
    json_end(j);
    json_kv_int(j, "count", seen);
    json_kv_int(j, "total", total);
    json_kv_day(j, "today", c->use.today);
    json_close(j);
    return e;
}

static enum err list_route(struct request *r)
{
    struct app *app = r->app;
    const struct list_args *args = r->args;
    cleanup(call_end) struct segment_call c = {0};
    const struct query *within = NULL;
    /* who looks first on a day counts it */
    enum err e = args->history ? segment_measure(app, r->caller.merchant_id) : OK;
    if (e == OK)
        e = call_begin(r, &c, args->scope == 1, args->as_of);
    if (e == OK && args->has_q) {
        e = query_parse(r->arena, args->q, &c.reader.context, &within, &r->problem);
        if (e != OK)
            r->problem.field = "q";
    }
    if (e == OK)
        e = db_read(app->db, read_all, &c);
    return e == OK ? list_json(&c, within) : e;
}

/* What was written is there to be counted once the audience is asked for anew. */
static enum err answer_one(struct request *r, const struct segment *s)
{
    cleanup(call_end) struct segment_call c = {0};
    enum err e = call_begin(r, &c, false, DAY_NONE);
    if (e != OK)
        return e;
    r->etag = arena_printf(r->arena, "%lld", (long long)s->version);
    return segment_json(&c, s, NULL);
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct segment_call c = {0};
    enum err e = call_begin(r, &c, false, DAY_NONE);
    if (e == OK)
        e = db_read(app->db, read_one, &c);
    return e == OK ? answer_one(r, &c.one) : e;
}

/* ---- changing ---- */

struct saving {
    struct segment_call *call;
    struct segment before, after;
    bool is_new;
};

static enum err save(struct db_tx *tx, void *arg)
{
    struct saving *s = arg;
    struct request *r = s->call->r;
    struct segment after = s->after; /* set anew when the transaction is repeated */
    if (!s->is_new) {
        enum err e = read_one(tx, s->call);
        if (e == OK && s->call->one.version != s->before.version)
            e = request_fail(r, ERR_STALE, "stale", NULL, NULL);
        if (e != OK)
            return e;
    }
    int64_t job;
    enum err e = segment_save(tx, r->caller.merchant_id, s->is_new ? NULL : &s->before, &after,
                              &s->call->who, &r->problem);
    if (e == OK && s->is_new) /* its past */
        e = job_create(tx, r->caller.merchant_id, SEGMENT_JOB, after.id, after.owner_id, -1, &job);
    if (e == OK)
        s->call->one = after;
    return e;
}

/* The text first, where words are known, then the transaction, which knows the names. */
static enum err check_and_save(struct saving *s)
{
    struct request *r = s->call->r;
    const struct app *app = r->app;
    enum err e = segment_check(&s->call->reader, &s->after, r->arena, &r->problem);
    audiences_done(&s->call->use); /* nobody waits for a commit with an audience in hand */
    if (e == OK)
        e = db_write(app->db, save, s);
    if (e == OK && s->is_new && app->work)
        work_wake(app->work);
    return e == OK ? answer_one(r, &s->call->one) : e;
}

static enum err create_route(struct request *r)
{
    const struct segment_args *args = r->args;
    cleanup(call_end) struct segment_call c = {0};
    enum err e = call_begin(r, &c, false, DAY_NONE);
    if (e != OK)
        return e;
    struct saving s = {.call = &c,
                       .is_new = true,
                       .after = {.owner_id = c.who.staff_id,
                                 .owner_name = str_c(r->caller.name),
                                 .name = args->name,
                                 .description = args->description,
                                 .text = args->query,
                                 .shared = args->shared}};
    return check_and_save(&s);
}

static enum err patch_route(struct request *r)
{
    const struct app *app = r->app;
    const struct segment_args *args = r->args;
    cleanup(call_end) struct segment_call c = {0};
    enum err e = call_begin(r, &c, false, DAY_NONE);
    if (e == OK)
        e = db_read(app->db, read_one, &c);
    if (e == OK)
        e = request_check_version(r, c.one.version);
    if (e != OK)
        return e;
    struct saving s = {.call = &c, .before = c.one, .after = c.one};
    if (args->has_name)
        s.after.name = args->name;
    if (args->has_description)
        s.after.description = args->description;
    if (args->has_query)
        s.after.text = args->query;
    if (args->has_shared)
        s.after.shared = args->shared;
    return check_and_save(&s);
}

static enum err remove_one(struct db_tx *tx, void *arg)
{
    struct segment_call *c = arg;
    return segment_delete(tx, c->r->caller.merchant_id, c->r->ids[0], &c->who, &c->r->problem);
}

static enum err delete_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct segment_call c = {0};
    enum err e = call_begin(r, &c, false, DAY_NONE);
    call_end(&c);
    return e == OK ? db_write(app->db, remove_one, &c) : e;
}

static enum err restore_one(struct db_tx *tx, void *arg)
{
    struct segment_call *c = arg;
    enum err e =
        segment_restore(tx, c->r->caller.merchant_id, c->r->ids[0], &c->who, &c->r->problem);
    return e == OK ? read_one(tx, c) : e;
}

static enum err restore_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct segment_call c = {0};
    enum err e = call_begin(r, &c, false, DAY_NONE);
    call_end(&c);
    if (e == OK)
        e = db_write(app->db, restore_one, &c);
    return e == OK ? answer_one(r, &c.one) : e;
}

const struct http_route segment_routes[] = {
    {"GET", "/api/v1/segments", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "The segments the caller may use, with how many customers each has now",
     .answer = "SegmentList"},
    {"POST", "/api/v1/segments", PERM_CUSTOMERS_READ, create_route, .body = create_spec,
     .args_size = sizeof(struct segment_args), .summary = "Saves a query as a segment",
     .answer = "Segment", .status = 201},
    {"GET", "/api/v1/segments/{id}", PERM_CUSTOMERS_READ, get_route, .summary = "One segment",
     .answer = "Segment"},
    {"PATCH", "/api/v1/segments/{id}", PERM_CUSTOMERS_READ, patch_route, .body = patch_spec,
     .args_size = sizeof(struct segment_args), .needs_version = true,
     .summary = "Changes a segment", .answer = "Segment"},
    {"DELETE", "/api/v1/segments/{id}", PERM_CUSTOMERS_READ, delete_route,
     .summary = "Deletes a segment that no other one uses"},
    {"POST", "/api/v1/segments/{id}/restore", PERM_CUSTOMERS_READ, restore_route,
     .summary = "Brings a deleted segment back", .answer = "Segment"},
    {0},
};
