/* Routes of the likely pairs. A caller sees those pairs of which they see both customers. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "duplicate.h"
#include "duplicate_sql.h"

enum {
    LIMIT_DEFAULT = 50,
    LIMIT_MAX = 100,
    CHUNK = 200,
    COUNTED_MAX = 5000, /* pairs looked through for a count under a filter */
    FOLLOWED_STEPS = 4,
};

struct list_args {
    struct str cursor;
    int64_t limit, customer_id, since_us, min;
    bool different;
    int reason; /* -1 absent */
    struct str since;
};
#define AT(field) offsetof(struct list_args, field)
static const struct spec list_spec[] = {
    {"customer", SPEC_ID, AT(customer_id), .doc = "only the pairs of this customer, at most 20"},
    {"different", SPEC_BOOL, AT(different), .doc = "those of which somebody said: two people"},
    {"reason", SPEC_CHOICE, AT(reason), .choices = duplicate_reason_names},
    {"min", SPEC_INT, AT(min), .min = DUPLICATE_PERCENT_MIN, .max = 99, .doc = "percent"},
    {"since", SPEC_TEXT, AT(since), .max = 40, .doc = "found since that instant"},
    {"cursor", SPEC_TEXT, AT(cursor), .max = 200, .doc = "`next` of the page before"},
    {"limit", SPEC_INT, AT(limit), .min = 1, .max = LIMIT_MAX, .doc = "50 by default"},
    {0},
};
struct decide_args {
    int64_t a_id, b_id;
    bool different;
};
static const struct spec decide_spec[] = {
    {"a_id", SPEC_ID, offsetof(struct decide_args, a_id), .required = true},
    {"b_id", SPEC_ID, offsetof(struct decide_args, b_id), .required = true},
    {"different", SPEC_BOOL, offsetof(struct decide_args, different), .required = true,
     .doc = "true: two people; false: takes that back"},
    {0},
};

struct shown {
    struct duplicate_pair pair;
    struct audience_hit a, b;
};
struct list_call {
    struct request *r;
    const struct audience_use *use;
    struct audience_viewer viewer;
    struct duplicate_place after, next; /* next: of the last one shown */
    int64_t limit, count;
    bool more, count_more;
    struct shown list[LIMIT_MAX];
    size_t n;
    struct duplicate_progress progress;
    bool has_job;
    int64_t job_id, done, total;
};

/* ---- reading ---- */

static bool wanted(const struct list_call *c, const struct duplicate_pair *p)
{
    const struct list_args *args = c->r->args;
    if (p->percent < args->min || p->found_us < args->since_us)
        return false;
    if (args->reason < 0)
        return true;
    const char *mark = arena_printf(c->r->arena, "\"%s\"", duplicate_reason_names[args->reason]);
    return memmem(p->reasons.p, p->reasons.n, mark, strlen(mark)) != NULL;
}

static enum err get_both(struct list_call *c, struct shown *s)
{
    enum err e = audience_get(c->use->audience, &c->viewer, s->pair.a_id, c->r->arena, &s->a);
    return e == OK ? audience_get(c->use->audience, &c->viewer, s->pair.b_id, c->r->arena, &s->b)
                   : e;
}

static enum err take(struct list_call *c, const struct duplicate_pair *pair)
{
    struct shown s = {.pair = *pair};
    if (!wanted(c, pair))
        return OK;
    enum err e = get_both(c, &s);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    c->count++;
    if ((int64_t)c->n < c->limit) {
        c->list[c->n++] = s;
        c->next = (struct duplicate_place){pair->percent, pair->a_id, pair->b_id};
    } else {
        c->more = true;
    }
    return OK;
}

/* Goes on after a full page only as far as a count needs. */
static enum err read_pairs(struct db_tx *tx, struct list_call *c)
{
    const struct list_args *args = c->r->args;
    struct duplicate_pair *pairs = arena_array(c->r->arena, struct duplicate_pair, CHUNK);
    struct duplicate_place at = c->after;
    size_t n = CHUNK, seen = 0;
    enum err e = OK;
    while (e == OK && n == CHUNK && seen < COUNTED_MAX) {
        e = duplicate_list(tx, c->r->caller.merchant_id, args->different, args->customer_id, &at,
                           CHUNK, c->r->arena, pairs, &n);
        for (size_t i = 0; e == OK && i < n; i++)
            e = take(c, &pairs[i]);
        if (n)
            at = (struct duplicate_place){pairs[n - 1].percent, pairs[n - 1].a_id,
                                          pairs[n - 1].b_id};
        seen += n;
        if (args->customer_id)
            break;
    }
    c->count_more = n == CHUNK && seen >= COUNTED_MAX;
    return e;
}

static enum err read_job(struct db_tx *tx, struct list_call *c)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &duplicate_job_now, &rows, db_i(c->r->caller.merchant_id));
    if (e != OK)
        return e;
    c->has_job = db_next(rows);
    if (c->has_job) {
        c->job_id = db_int(rows, 0);
        c->done = db_int(rows, 1);
        c->total = db_int_or(rows, 2, -1);
    }
    return db_error(rows);
}

static enum err read_list(struct db_tx *tx, void *arg)
{
    struct list_call *c = arg;
    c->n = 0;
    c->count = 0;
    c->more = false;
    enum err e = read_pairs(tx, c);
    if (e == OK)
        e = read_job(tx, c);
    return e == OK ? duplicate_progress_get(tx, c->r->caller.merchant_id, &c->progress) : e;
}

/* ---- telling ---- */

static void pair_json(struct json *j, const struct audience_use *use, const struct shown *s)
{
    json_open(j);
    json_key(j, "a");
    customer_row_json(j, use, &s->a);
    json_key(j, "b");
    customer_row_json(j, use, &s->b);
    json_kv_int(j, "percent", s->pair.percent);
    json_key(j, "reasons");
    json_raw(j, s->pair.reasons);
    json_kv_instant(j, "found_at", s->pair.found_us);
    json_kv_instant(j, "decided_at", s->pair.decided_us);
    customer_text_json(j, "decided_by", s->pair.decided_by);
    json_close(j);
}

static void searching_json(struct json *j, const struct list_call *c)
{
    json_key(j, "searching");
    if (!c->progress.scanning && !c->has_job) {
        json_nil(j);
        return;
    }
    json_open(j);
    json_kv_id(j, "job_id", c->job_id);
    json_kv_int(j, "done", c->done);
    json_key(j, "total");
    if (c->has_job && c->total >= 0)
        json_int(j, c->total);
    else
        json_nil(j);
    json_close(j);
}

static void list_json(struct list_call *c, struct str scope)
{
    struct json *j = &c->r->json;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < c->n; i++)
        pair_json(j, c->use, &c->list[i]);
    json_end(j);
    json_kv_int(j, "count", c->count);
    json_kv_bool(j, "count_more", c->count_more);
    json_kv_cstr(j, "next",
                 c->more ? cursor_make(c->r->arena, scope,
                                       (int64_t[]){c->next.percent, c->next.a_id, c->next.b_id}, 3)
                         : NULL);
    searching_json(j, c);
    json_close(j);
}

static enum err list_route(struct request *r)
{
    struct list_args *args = r->args;
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct list_call *c = arena_make(r->arena, struct list_call);
    int64_t place[3] = {DUPLICATE_FIRST.percent, 0, 0};
    bool behind;
    struct str scope = str_c(arena_printf(
        r->arena, "duplicates %lld %d %d %lld %lld", (long long)r->caller.merchant_id,
        args->different, args->reason, (long long)args->min, (long long)args->customer_id));
    if (args->since.n && !instant_parse(args->since, &args->since_us))
        return request_fail(r, ERR_INVALID, "duplicate_bad_since", "since", NULL);
    if (args->cursor.n && !cursor_read(args->cursor, scope, place, 3))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    /* who looks first has what changed a moment ago; much of it is a job's work */
    enum err e = duplicate_follow(app, r->caller.merchant_id, FOLLOWED_STEPS, &behind);
    if (e == OK || e == ERR_BUSY)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    *c = (struct list_call){.r = r,
                            .use = &use,
                            .viewer = customer_viewer(&r->caller, false),
                            .after = {place[0], place[1], place[2]},
                            .limit = args->limit ? args->limit : LIMIT_DEFAULT};
    e = db_read(app->db, read_list, c);
    if (e == OK)
        list_json(c, scope);
    return e;
}

/* ---- saying that they are two ---- */

struct deciding {
    struct request *r;
    struct audit_actor by;
};

static enum err decide(struct db_tx *tx, void *arg)
{
    const struct deciding *d = arg;
    const struct decide_args *args = d->r->args;
    return duplicate_decide(tx, d->r->caller.merchant_id, args->a_id, args->b_id, args->different,
                            &d->by, now_us());
}

static enum err decide_route(struct request *r)
{
    const struct app *app = r->app;
    const struct decide_args *args = r->args;
    struct deciding d = {r, audit_by_request(r)};
    struct audience_use use = {0};
    struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct audience_hit hit;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    e = audience_get(use.audience, &viewer, args->a_id, r->arena, &hit);
    if (e == OK)
        e = audience_get(use.audience, &viewer, args->b_id, r->arena, &hit);
    audiences_done(&use);
    if (e == OK)
        e = db_write(app->db, decide, &d);
    return e == ERR_NOT_FOUND ? request_fail(r, e, "not_found", NULL, NULL) : e;
}

const struct http_route duplicate_routes[] = {
    {"GET", "/api/v1/duplicates", PERM_CUSTOMERS_MERGE, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "Pairs that may be one customer, the likeliest first", .answer = "DuplicateList"},
    {"POST", "/api/v1/duplicates/decision", PERM_CUSTOMERS_MERGE, decide_route, .body = decide_spec,
     .args_size = sizeof(struct decide_args),
     .summary = "Says that a pair are two people, or takes that back"},
    {0},
};
