/* Routes of merging many pairs at once. A caller merges pairs of which they see both customers;
 * who does not see the whole chain sees the runs that are their own. */
#include "../../base/check.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../job/job.h"
#include "duplicate.h"
#include "merge_run.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 100, CHUNK = 500, FOLLOWED_STEPS = 8, EXAMPLES = 5 };

struct run_args {
    int64_t min, expect;
};
#define MIN                                                                                        \
    {                                                                                              \
        "min", SPEC_INT, offsetof(struct run_args, min),                                           \
            .required = true, .min = MERGE_RUN_PERCENT_MIN, .max = 99,                             \
            .doc = "percent: pairs at least so likely"                                             \
    }
static const struct spec preview_spec[] = {MIN, {0}};
static const struct spec start_spec[] = {
    MIN,
    {"expect", SPEC_INT, offsetof(struct run_args, expect), .required = true, .min = 1,
     .max = MERGE_RUN_PAIRS_MAX,
     .doc = "how many pairs the preview told; another number now is a conflict"},
    {0},
};

/* ---- which pairs ---- */

struct gathering {
    struct request *r;
    const struct audience_use *use;
    struct audience_viewer viewer;
    int64_t min;
    struct merge_run_pair *pairs;
    size_t n;
    bool more; /* than a run takes */
};

/* Who was here first keeps the card. */
static enum err take(struct gathering *g, const struct duplicate_pair *pair)
{
    struct audience_hit a, b;
    struct audience *audience = g->use->audience;
    enum err e = audience_get(audience, &g->viewer, pair->a_id, g->r->arena, &a);
    if (e == OK)
        e = audience_get(audience, &g->viewer, pair->b_id, g->r->arena, &b);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    bool first = a.number <= b.number;
    if (g->n == MERGE_RUN_PAIRS_MAX)
        g->more = true;
    else
        g->pairs[g->n++] = (struct merge_run_pair){first ? pair->a_id : pair->b_id,
                                                   first ? pair->b_id : pair->a_id, pair->percent};
    return OK;
}

static enum err gather(struct db_tx *tx, void *arg)
{
    struct gathering *g = arg;
    struct duplicate_pair *chunk = arena_array(g->r->arena, struct duplicate_pair, CHUNK);
    struct duplicate_place at = DUPLICATE_FIRST;
    size_t n = CHUNK;
    bool likely = true;
    enum err e = OK;
    g->n = 0;
    g->more = false;
    while (e == OK && n == CHUNK && likely && !g->more) {
        e = duplicate_list(tx, g->r->caller.merchant_id, false, 0, &at, CHUNK, g->r->arena, chunk,
                           &n);
        for (size_t i = 0; e == OK && i < n && (likely = chunk[i].percent >= g->min); i++)
            e = take(g, &chunk[i]);
        if (n)
            at = (struct duplicate_place){chunk[n - 1].percent, chunk[n - 1].a_id,
                                          chunk[n - 1].b_id};
    }
    return e;
}

static enum err ask(struct request *r, int64_t min, struct audience_use *use, struct gathering *g)
{
    struct app *app = r->app;
    bool behind;
    enum err e = duplicate_follow(app, r->caller.merchant_id, FOLLOWED_STEPS, &behind);
    if (e == OK || e == ERR_BUSY)
        e = audiences_use(app->audiences, r->caller.merchant_id, use);
    if (e != OK)
        return e;
    *g = (struct gathering){.r = r,
                            .use = use,
                            .viewer = customer_viewer(&r->caller, false),
                            .min = min,
                            .pairs =
                                arena_array(r->arena, struct merge_run_pair, MERGE_RUN_PAIRS_MAX)};
    return db_read(app->db, gather, g);
}

/* ---- preview ---- */

/* Ids that were met, by open addressing. */
enum { MET = 1 << 15 };
_Static_assert(MET >= 2 * MERGE_RUN_PAIRS_MAX, "room for them all");

static bool met(int64_t *slots, int64_t id, bool add)
{
    size_t at = (uint64_t)id * 0x9E3779B97F4A7C15u >> 49;
    while (slots[at] && slots[at] != id)
        at = (at + 1) % MET;
    bool was = slots[at] == id;
    if (add)
        slots[at] = id;
    return was;
}

/* As the run would go through them: a card that went into another one is not taken again. */
static size_t count_merging(struct arena *a, const struct gathering *g)
{
    int64_t *gone = arena_array(a, int64_t, MET);
    size_t merging = 0;
    for (size_t i = 0; i < g->n; i++) {
        const struct merge_run_pair *pair = &g->pairs[i];
        if (met(gone, pair->survivor_id, false) || met(gone, pair->loser_id, false))
            continue;
        merging++;
        met(gone, pair->loser_id, true);
    }
    return merging;
}

static void person_json(struct json *j, const char *key, int64_t id, int64_t number,
                        struct str name)
{
    json_key(j, key);
    json_open(j);
    json_kv_id(j, "id", id);
    json_kv_int(j, "number", number);
    json_kv_text(j, "name", name);
    json_close(j);
}

static enum err example_json(const struct gathering *g, const struct merge_run_pair *pair)
{
    struct json *j = &g->r->json;
    const int64_t ids[2] = {pair->survivor_id, pair->loser_id};
    static const char *const keys[2] = {"survivor", "loser"};
    struct audience_hit hits[2];
    for (int i = 0; i < 2; i++) {
        enum err e = audience_get(g->use->audience, &g->viewer, ids[i], g->r->arena, &hits[i]);
        if (e != OK)
            return e;
    }
    json_open(j);
    for (int i = 0; i < 2; i++)
        person_json(j, keys[i], ids[i], hits[i].number,
                    merge_full_name(g->r->arena, hits[i].first_name, hits[i].last_name));
    json_kv_int(j, "percent", pair->percent);
    json_close(j);
    return OK;
}

static enum err preview_route(struct request *r)
{
    const struct run_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    struct gathering g;
    struct json *j = &r->json;
    enum err e = ask(r, args->min, &use, &g);
    if (e != OK)
        return e;
    size_t merging = count_merging(r->arena, &g);
    json_open(j);
    json_kv_int(j, "pairs", (int64_t)g.n);
    json_kv_bool(j, "more", g.more);
    json_kv_int(j, "merging", (int64_t)merging);
    json_kv_int(j, "later", (int64_t)(g.n - merging));
    json_key(j, "least_likely"); /* those that are worth a look before a yes */
    json_list(j);
    for (size_t i = g.n; e == OK && i > 0 && g.n - i < EXAMPLES; i--)
        e = example_json(&g, &g.pairs[i - 1]);
    json_end(j);
    json_close(j);
    return e;
}

/* ---- one run ---- */

struct run_call {
    struct request *r;
    const struct gathering *found; /* of a start */
    struct merge_run run;
    struct job_view job, undo_job;
};

static int64_t only_of(const struct request *r)
{
    return r->caller.sees_chain ? 0 : r->caller.staff_id;
}

static enum err read_jobs(struct db_tx *tx, struct run_call *c)
{
    int64_t merchant_id = c->r->caller.merchant_id;
    enum err e = job_get(tx, merchant_id, c->run.job_id, c->r->arena, &c->job);
    return e == OK && c->run.undo_job_id
               ? job_get(tx, merchant_id, c->run.undo_job_id, c->r->arena, &c->undo_job)
               : e;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct run_call *c = arg;
    enum err e = merge_run_get(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->arena, &c->run);
    if (e == OK && only_of(c->r) && c->run.staff_id != only_of(c->r))
        return ERR_NOT_FOUND;
    return e == OK ? read_jobs(tx, c) : e;
}

static void counts_json(struct json *j, const char *key, const int64_t *counts)
{
    json_key(j, key);
    json_list(j);
    for (int i = 0; i < MERGE_RUN_OUTCOMES; i++) {
        if (counts[i] == 0)
            continue;
        json_open(j);
        json_kv_cstr(j, "outcome", merge_run_outcome_names[i]);
        json_kv_int(j, "pairs", counts[i]);
        json_close(j);
    }
    json_end(j);
}

static bool may_undo(const struct run_call *c)
{
    bool stopped =
        !c->run.undo_job_id || (job_ended(&c->undo_job) && strcmp(c->undo_job.state, "done") != 0);
    return job_ended(&c->job) && stopped && c->run.counts.of[MERGE_RUN_DONE] > 0;
}

static void run_json(struct run_call *c)
{
    struct json *j = &c->r->json;
    const struct merge_run *run = &c->run;
    json_open(j);
    json_kv_id(j, "id", run->id);
    json_kv_int(j, "min", run->percent);
    json_kv_int(j, "pairs", run->pairs);
    json_kv_text(j, "staff", run->actor);
    counts_json(j, "counts", run->counts.of);
    counts_json(j, "back", run->counts.back);
    json_key(j, "job");
    job_json(j, c->r->arena, c->r->language, &c->job);
    json_key(j, "undo_job");
    if (run->undo_job_id)
        job_json(j, c->r->arena, c->r->language, &c->undo_job);
    else
        json_nil(j);
    customer_text_json(j, "undone_by", run->undone_by);
    json_kv_bool(j, "may_undo", may_undo(c));
    json_kv_instant(j, "created_at", run->made_us);
    json_close(j);
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct run_call c = {.r = r};
    enum err e = db_read(app->db, read_one, &c);
    if (e == OK)
        run_json(&c);
    return e;
}

/* ---- start and undo ---- */

static enum err start(struct db_tx *tx, void *arg)
{
    struct run_call *c = arg;
    const struct run_args *args = c->r->args;
    const struct audit_actor by = audit_by_request(c->r);
    c->run = (struct merge_run){
        .percent = args->min, .pairs = (int64_t)c->found->n, .staff_id = by.staff_id};
    enum err e =
        merge_run_start(tx, c->r->caller.merchant_id, &c->run, c->found->pairs, &by, c->r->arena);
    c->r->ids[0] = c->run.id;
    return e;
}

/* Wakes the work, and answers with how it stands. */
static enum err set_off(struct request *r)
{
    const struct app *app = r->app;
    if (app->work)
        work_wake(app->work);
    r->location = arena_printf(r->arena, "/api/v1/merge-runs/%lld", (long long)r->ids[0]);
    return get_route(r);
}

static enum err start_route(struct request *r)
{
    const struct app *app = r->app;
    const struct run_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    struct gathering g;
    struct run_call c = {.r = r, .found = &g};
    enum err e = ask(r, args->min, &use, &g);
    audiences_done(&use);
    if (e == OK && (int64_t)g.n != args->expect)
        return request_fail(r, ERR_CONFLICT, "merge_run_others", NULL, "now",
                            arena_printf(r->arena, "%zu", g.n), NULL);
    if (e == OK)
        e = db_write(app->db, start, &c);
    return e == OK ? set_off(r) : e;
}

static enum err undo(struct db_tx *tx, void *arg)
{
    struct run_call *c = arg;
    const struct audit_actor by = audit_by_request(c->r);
    enum err e = read_one(tx, c);
    return e == OK ? merge_run_undo(tx, c->r->caller.merchant_id, c->run.id, &by, c->r->arena,
                                    &c->r->problem)
                   : e;
}

static enum err undo_route(struct request *r)
{
    const struct app *app = r->app;
    struct run_call c = {.r = r};
    enum err e = db_write(app->db, undo, &c);
    return e == OK ? set_off(r) : e;
}

/* ---- lists ---- */

struct list_args {
    struct str cursor;
    int64_t limit;
    int outcome; /* -1 absent */
};
#define PAGE_SPECS                                                                                 \
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200},                         \
    {                                                                                              \
        "limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = PAGE_MAX,           \
                                                              .doc = "50 by default"               \
    }
static const struct spec list_spec[] = {PAGE_SPECS, {0}};
static const struct spec pairs_spec[] = {
    PAGE_SPECS,
    {"outcome", SPEC_CHOICE, offsetof(struct list_args, outcome),
     .choices = merge_run_outcome_names},
    {0},
};
struct list_call {
    struct request *r;
    int64_t from, limit;
    struct run_call *runs;
    struct merge_run_result *pairs;
    size_t n;
};

static enum err begin_list(struct request *r, struct str scope, int64_t first, struct list_call *c)
{
    const struct list_args *args = r->args;
    *c = (struct list_call){
        .r = r, .from = first, .limit = args->limit ? args->limit : PAGE_DEFAULT};
    if (args->cursor.n && !cursor_read(args->cursor, scope, &c->from, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    return OK;
}

static enum err read_runs(struct db_tx *tx, void *arg)
{
    struct list_call *c = arg;
    struct merge_run *runs = arena_array(c->r->arena, struct merge_run, (size_t)c->limit + 1);
    c->runs = arena_array(c->r->arena, struct run_call, (size_t)c->limit + 1);
    enum err e = merge_run_list(tx, c->r->caller.merchant_id, only_of(c->r), c->from, c->limit + 1,
                                c->r->arena, runs, &c->n);
    for (size_t i = 0; e == OK && i < c->n; i++) {
        c->runs[i] = (struct run_call){.r = c->r, .run = runs[i]};
        e = read_jobs(tx, &c->runs[i]);
    }
    return e;
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    struct list_call c;
    struct str scope =
        str_c(arena_printf(r->arena, "merge runs %lld", (long long)r->caller.merchant_id));
    enum err e = begin_list(r, scope, INT64_MAX, &c);
    if (e == OK)
        e = db_read(app->db, read_runs, &c);
    if (e != OK)
        return e;
    bool more = (int64_t)c.n > c.limit;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < c.n - more; i++)
        run_json(&c.runs[i]);
    json_end(&r->json);
    json_kv_cstr(&r->json, "next",
                 more ? cursor_make(r->arena, scope, &c.runs[c.n - 2].run.id, 1) : NULL);
    json_close(&r->json);
    return OK;
}

static enum err read_pairs(struct db_tx *tx, void *arg)
{
    struct list_call *c = arg;
    const struct list_args *args = c->r->args;
    struct run_call one = {.r = c->r};
    c->pairs = arena_array(c->r->arena, struct merge_run_result, (size_t)c->limit + 1);
    enum err e = read_one(tx, &one);
    return e == OK ? merge_run_results(tx, c->r->caller.merchant_id, one.run.id, c->from,
                                       args->outcome, c->limit + 1, c->r->arena, c->pairs, &c->n)
                   : e;
}

static void result_json(struct json *j, const struct merge_run_result *p)
{
    json_open(j);
    person_json(j, "survivor", p->survivor_id, p->survivor_number, p->survivor_name);
    person_json(j, "loser", p->loser_id, p->loser_number, p->loser_name);
    json_kv_int(j, "percent", p->percent);
    json_kv_cstr(j, "outcome", p->outcome < 0 ? NULL : merge_run_outcome_names[p->outcome]);
    json_kv_cstr(j, "back", p->back < 0 ? NULL : merge_run_outcome_names[p->back]);
    customer_text_json(j, "reason", p->reason);
    json_kv_id(j, "merge_id", p->merge_id);
    json_close(j);
}

static enum err pairs_route(struct request *r)
{
    const struct app *app = r->app;
    const struct list_args *args = r->args;
    struct list_call c;
    struct str scope =
        str_c(arena_printf(r->arena, "merge run %lld %d", (long long)r->ids[0], args->outcome));
    enum err e = begin_list(r, scope, 0, &c);
    if (e == OK)
        e = db_read(app->db, read_pairs, &c);
    if (e != OK)
        return e;
    bool more = (int64_t)c.n > c.limit;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < c.n - more; i++)
        result_json(&r->json, &c.pairs[i]);
    json_end(&r->json);
    json_kv_cstr(&r->json, "next",
                 more ? cursor_make(r->arena, scope, &c.pairs[c.n - 1].place, 1) : NULL);
    json_close(&r->json);
    return OK;
}

const struct http_route merge_run_routes[] = {
    {"POST", "/api/v1/merge-runs/preview", PERM_CUSTOMERS_MERGE, preview_route,
     .body = preview_spec, .args_size = sizeof(struct run_args),
     .summary = "What merging all pairs above a score would do", .answer = "MergeRunPreview"},
    {"POST", "/api/v1/merge-runs", PERM_CUSTOMERS_MERGE, start_route, .body = start_spec,
     .args_size = sizeof(struct run_args), .summary = "Merges all pairs above a score",
     .answer = "MergeRun", .status = 202},
    {"GET", "/api/v1/merge-runs", PERM_CUSTOMERS_MERGE, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args), .summary = "What was merged at once, the latest first",
     .answer = "MergeRunList"},
    {"GET", "/api/v1/merge-runs/{id}", PERM_CUSTOMERS_MERGE, get_route,
     .summary = "Many pairs merged at once", .answer = "MergeRun"},
    {"GET", "/api/v1/merge-runs/{id}/pairs", PERM_CUSTOMERS_MERGE, pairs_route, .query = pairs_spec,
     .args_size = sizeof(struct list_args), .summary = "What came of each pair",
     .answer = "MergeRunPairs"},
    {"POST", "/api/v1/merge-runs/{id}/undo", PERM_CUSTOMERS_MERGE, undo_route,
     .summary = "Takes all of its merges back, the last one first", .answer = "MergeRun",
     .status = 202},
    {0},
};
