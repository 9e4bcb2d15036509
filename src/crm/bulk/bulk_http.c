/* Routes of the bulk actions. An associate sees their own, others those of the merchant. */
#include "../../base/check.h"
#include "../../base/text.h"
#include "../change/change.h"
#include "../csv.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../idempotency/idempotency.h"
#include "../job/job.h"
#include "../points/points.h"
#include "../selection/selection.h"
#include "../staff/staff.h"
#include "../tier/tier.h"
#include "../word/word.h"
#include "bulk_action.h"
#include <stdlib.h>

enum { PAGE_DEFAULT = 50, PAGE_MAX = 200, FILE_ROWS = 500 };

struct bulk_args {
    struct selection_args selection;
    int action;
    struct str tag, source, reason, message;
    int64_t group, store, tier, points, certificate, expect;
    int32_t until;
    bool has_expect, has_tier;
};
#define AT(field) offsetof(struct bulk_args, field)
static const struct spec bulk_spec[] = {
    {"action", SPEC_CHOICE, AT(action), .required = true, .choices = bulk_action_names},
    SELECTION_SPECS(struct bulk_args, selection),
    {"tag", SPEC_TEXT, AT(tag), .max = WORD_NAME_MAX, .doc = "of tag_add, tag_remove: its name"},
    {"group", SPEC_ID, AT(group), .doc = "of group_add, group_remove"},
    {"source", SPEC_TEXT, AT(source), .max = WORD_NAME_MAX, .doc = "of source_set: its name"},
    {"store", SPEC_ID, AT(store), .doc = "of store_set: the home store"},
    {"reason", SPEC_TEXT, AT(reason), .max = BULK_REASON_MAX,
     .doc = "of block, tier_set, tier_release, points_credit, points_debit; of points at most 200 "
            "characters"},
    {"tier", SPEC_ID, AT(tier), .present_offset = AT(has_tier) + 1,
     .doc = "of tier_set: null for no tier"},
    {"until", SPEC_DAY, AT(until), .doc = "of tier_set: its last day"},
    {"points", SPEC_INT, AT(points), .max = POINTS_AMOUNT_MAX,
     .doc = "of points_credit, points_debit: how many for each"},
    {"message", SPEC_TEXT, AT(message), .max = POINTS_MESSAGE_MAX,
     .doc = "of points_credit, points_debit: to the customers; kept with each entry"},
    {"certificate", SPEC_ID, AT(certificate), .doc = "of certificate: its type"},
    {"expect", SPEC_INT, AT(expect), .max = INT64_MAX, .present_offset = AT(has_expect) + 1,
     .doc = "how many the preview told; another number now is a conflict"},
    {0},
};

struct bulk_call {
    struct request *r;
    struct bulk bulk;
    struct selection selection;
    struct job_view job, undo_job;
    struct bulk undo;
    bool make; /* words that are new are made */
};

/* ---- what is asked for ---- */

static enum err find_word(struct bulk_call *c, enum word_kind kind, struct str name,
                          const char *field)
{
    struct request *r = c->r;
    const struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct str folded = text_fold(r->arena, name);
    if (folded.n == 0)
        return request_fail(r, ERR_INVALID, name.n ? "bulk_word_letters" : "field_required", field,
                            NULL);
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    const struct query_words *words = audience_words(use.audience);
    int64_t id = words->find(words->ctx, kind == WORD_TAG ? FIELD_TAG : FIELD_SOURCE, folded);
    if (id == 0 && kind == WORD_TAG && !c->bulk.action->on)
        return request_fail(r, ERR_INVALID, "bulk_target_unknown", field, "target",
                            arena_cstr(r->arena, name), NULL);
    c->bulk.target_id = id ? id : -1;
    c->bulk.target = id ? arena_str(r->arena, audience_use_name(&use, kind, id)) : name;
    return OK;
}

struct named {
    const struct db_statement *st;
    int64_t merchant_id, id;
    struct arena *arena;
    struct str name;
};

static enum err read_name(struct db_tx *tx, void *arg)
{
    struct named *n = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, n->st, &rows, db_i(n->merchant_id), db_i(n->id));
    if (e == OK && db_next(rows)) {
        n->name = db_text_in(rows, 0, n->arena);
        return OK;
    }
    return e == OK && (e = db_error(rows)) == OK ? ERR_NOT_FOUND : e;
}

static enum err find_row(struct bulk_call *c, const struct db_statement *st, int64_t id,
                         const char *field)
{
    struct request *r = c->r;
    const struct app *app = r->app;
    struct named n = {st, r->caller.merchant_id, id, r->arena, {0}};
    if (id == 0)
        return request_fail(r, ERR_INVALID, "field_required", field, NULL);
    enum err e = db_read(app->db, read_name, &n);
    if (e == ERR_NOT_FOUND)
        return request_fail(r, ERR_INVALID, "bulk_target_unknown", field, "target", "", NULL);
    c->bulk.target_id = id;
    c->bulk.target = n.name;
    return e;
}

static enum err find_store(struct bulk_call *c, int64_t id)
{
    const struct caller *who = &c->r->caller;
    bool theirs = who->sees_chain;
    for (size_t i = 0; i < who->nstores; i++)
        theirs = theirs || who->stores[i] == id;
    if (id && !theirs)
        return request_fail(c->r, ERR_DENIED, "bulk_store_denied", "store", NULL);
    return find_row(c, &bulk_target_store, id, "store");
}

static enum err take_points(struct bulk_call *c, const struct bulk_args *args)
{
    struct request *r = c->r;
    if (args->points == 0)
        return request_fail(r, ERR_INVALID, "field_required", "points", NULL);
    if (text_length(args->reason) > POINTS_REASON_MAX)
        return request_fail(r, ERR_INVALID, "field_too_long", "reason", "limit",
                            arena_printf(r->arena, "%d", POINTS_REASON_MAX), NULL);
    c->bulk.target_id = args->points;
    c->bulk.target = args->reason;
    c->bulk.message = args->message;
    return OK;
}

struct tier_asked {
    struct bulk_call *call;
    const struct bulk_args *args;
    int32_t today;
};

static enum err read_tier(struct db_tx *tx, void *arg)
{
    const struct tier_asked *k = arg;
    struct request *r = k->call->r;
    struct tier_ladder ladder;
    const struct tier_act act = {.tier_id = k->args->tier, .until_day = k->args->until};
    enum err e = tier_ladder_read(tx, r->caller.merchant_id, r->arena, &ladder);
    if (e == OK)
        e = tier_act_check(&ladder, k->today, &act, r->arena, &r->problem);
    int place = tier_place(&ladder, k->args->tier);
    k->call->bulk.target = place < 0 ? STR("") : ladder.tiers[place].name;
    return e;
}

static enum err find_tier(struct bulk_call *c, const struct bulk_args *args)
{
    struct request *r = c->r;
    const struct app *app = r->app;
    struct audience_use use = {0};
    c->bulk.reason = args->reason;
    c->bulk.until_day = DAY_NONE;
    if (!c->bulk.action->on)
        return OK;
    if (!args->has_tier)
        return request_fail(r, ERR_INVALID, "field_required", "tier", NULL);
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    struct tier_asked k = {c, args, use.today};
    audiences_done(&use);
    c->bulk.target_id = args->tier;
    c->bulk.until_day = args->until;
    return db_read(app->db, read_tier, &k);
}

static enum err find_target(struct bulk_call *c, const struct bulk_args *args)
{
    switch (c->bulk.action->needs) {
    case BULK_TAG:
        return find_word(c, WORD_TAG, args->tag, "tag");
    case BULK_SOURCE:
        return find_word(c, WORD_SOURCE, args->source, "source");
    case BULK_GROUP:
        return find_row(c, &bulk_target_group, args->group, "group");
    case BULK_STORE:
        return find_store(c, args->store);
    case BULK_REASON:
        c->bulk.target = args->reason;
        return OK;
    case BULK_POINTS:
        return take_points(c, args);
    case BULK_TIER:
        return find_tier(c, args);
    case BULK_CERTIFICATE:
        return find_row(c, &bulk_target_certificate, args->certificate, "certificate");
    default:
        c->bulk.target_id = c->r->caller.staff_id; /* of favourites: whose */
        return OK;
    }
}

static enum err ask(struct request *r, struct bulk_call *c)
{
    const struct bulk_args *args = r->args;
    *c = (struct bulk_call){.r = r,
                            .bulk = {.action = bulk_action_at(args->action),
                                     .staff_id = r->caller.staff_id,
                                     .staff_name = str_c(r->caller.name),
                                     .target = STR(""),
                                     .query = args->selection.q,
                                     .by_query = args->selection.has_q}};
    enum err e = find_target(c, args);
    if (e == OK)
        e = selection_resolve(r, &args->selection, &c->selection);
    if (e != OK)
        return e;
    c->bulk.selected = (int64_t)c->selection.n;
    if (c->bulk.selected == 0)
        return request_fail(r, ERR_INVALID, "bulk_nobody", "q", NULL);
    if (args->has_expect && args->expect != c->bulk.selected)
        return request_fail(r, ERR_CONFLICT, "bulk_others", NULL, "now",
                            arena_printf(r->arena, "%lld", (long long)c->bulk.selected), NULL);
    return OK;
}

/* ---- answers ---- */

static void person_json(struct json *j, struct audience_use *use, struct arena *a, int64_t id)
{
    static const struct audience_viewer everybody;
    struct audience_hit hit;
    json_open(j);
    json_kv_id(j, "id", id);
    if (audience_get(use->audience, &everybody, id, a, &hit) == OK) {
        json_kv_int(j, "number", hit.number);
        customer_name_json(j, &hit);
    } else {
        json_key(j, "number");
        json_nil(j);
        json_kv_cstr(j, "name", "");
    }
    json_close(j);
}

static void counts_json(struct json *j, const struct bulk_counts *counts)
{
    json_key(j, "counts");
    json_list(j);
    for (int i = 0; i < BULK_OUTCOMES; i++) {
        if (counts->of[i] == 0)
            continue;
        json_open(j);
        json_kv_cstr(j, "outcome", bulk_outcome_names[i]);
        json_kv_int(j, "customers", counts->of[i]);
        json_close(j);
    }
    json_end(j);
}

static bool may_undo(const struct bulk_call *c)
{
    bool stopped =
        !c->bulk.undone_by || (job_ended(&c->undo_job) && strcmp(c->undo_job.state, "done") != 0);
    return !c->bulk.undoes && job_ended(&c->job) && stopped &&
           c->bulk.counts.of[BULK_CHANGED] + c->bulk.counts.of[BULK_WAITS] > 0;
}

static void bulk_json(struct bulk_call *c)
{
    struct json *j = &c->r->json;
    const struct bulk *b = &c->bulk;
    json_open(j);
    json_kv_id(j, "id", b->id);
    json_kv_cstr(j, "action", b->action->name);
    json_kv_text(j, "target", b->target);
    json_key(j, "points");
    if (b->action->needs == BULK_POINTS)
        json_int(j, b->target_id);
    else
        json_nil(j);
    json_key(j, "query");
    if (b->by_query)
        json_text(j, b->query);
    else
        json_nil(j);
    json_kv_text(j, "staff", b->staff_name);
    json_kv_int(j, "selected", b->selected);
    counts_json(j, &b->counts);
    json_key(j, "job");
    job_json(j, c->r->arena, c->r->language, &c->job);
    json_kv_bool(j, "may_undo", may_undo(c));
    json_key(j, "undo");
    if (b->undone_by) {
        json_open(j);
        json_kv_id(j, "id", b->undone_by);
        json_kv_text(j, "staff", c->undo.staff_name);
        counts_json(j, &c->undo.counts);
        json_key(j, "job");
        job_json(j, c->r->arena, c->r->language, &c->undo_job);
        json_close(j);
    } else {
        json_nil(j);
    }
    json_kv_id(j, "undoes", b->undoes);
    json_kv_instant(j, "created_at", b->created_us);
    json_close(j);
}

/* The jobs of an action that was read. */
static enum err read_jobs(struct db_tx *tx, struct bulk_call *c)
{
    int64_t merchant_id = c->r->caller.merchant_id;
    enum err e = job_get(tx, merchant_id, c->bulk.job_id, c->r->arena, &c->job);
    if (e == OK && c->bulk.undone_by)
        e = bulk_get(tx, merchant_id, c->bulk.undone_by, c->r->arena, &c->undo);
    if (e == OK && c->bulk.undone_by)
        e = job_get(tx, merchant_id, c->undo.job_id, c->r->arena, &c->undo_job);
    return e;
}

static bool sees_all(const struct request *r)
{
    return r->caller.role != ROLE_ASSOCIATE;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct bulk_call *c = arg;
    const struct caller *who = &c->r->caller;
    enum err e = bulk_get(tx, who->merchant_id, c->r->ids[0], c->r->arena, &c->bulk);
    if (e == OK && !sees_all(c->r) && c->bulk.staff_id != who->staff_id)
        return ERR_NOT_FOUND;
    return e == OK ? read_jobs(tx, c) : e;
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct bulk_call c = {.r = r};
    enum err e = db_read(app->db, read_one, &c);
    if (e == OK)
        bulk_json(&c);
    return e;
}

struct list_args {
    struct str cursor;
    int64_t limit;
};
static const struct spec list_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200},
    {"limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = PAGE_MAX},
    {0},
};
struct list_call {
    struct request *r;
    int64_t below, limit;
    struct bulk *bulks;
    struct bulk_call *calls;
    size_t n;
};

static enum err read_list(struct db_tx *tx, void *arg)
{
    struct list_call *c = arg;
    const struct caller *who = &c->r->caller;
    enum err e = bulk_list(tx, who->merchant_id, sees_all(c->r) ? 0 : who->staff_id, c->below,
                           c->limit + 1, c->r->arena, c->bulks, &c->n);
    for (size_t i = 0; e == OK && i < c->n; i++) {
        c->calls[i] = (struct bulk_call){.r = c->r, .bulk = c->bulks[i]};
        e = read_jobs(tx, &c->calls[i]);
    }
    return e;
}

static enum err list_route(struct request *r)
{
    const struct list_args *args = r->args;
    const struct app *app = r->app;
    struct list_call c = {
        .r = r, .below = INT64_MAX, .limit = args->limit > 0 ? args->limit : PAGE_DEFAULT};
    struct str scope =
        str_c(arena_printf(r->arena, "bulk %lld %lld", (long long)r->caller.merchant_id,
                           (long long)r->caller.staff_id));
    if (args->cursor.n > 0 && !cursor_read(args->cursor, scope, &c.below, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    c.bulks = arena_array(r->arena, struct bulk, (size_t)c.limit + 1);
    c.calls = arena_array(r->arena, struct bulk_call, (size_t)c.limit + 1);
    enum err e = db_read(app->db, read_list, &c);
    if (e != OK)
        return e;
    bool more = (int64_t)c.n > c.limit;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < c.n - more; i++)
        bulk_json(&c.calls[i]);
    json_end(&r->json);
    json_kv_cstr(&r->json, "next",
                 more ? cursor_make(r->arena, scope, &c.bulks[c.limit - 1].id, 1) : NULL);
    json_close(&r->json);
    return OK;
}

/* ---- preview, start, undo ---- */

static enum err preview_route(struct request *r)
{
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct bulk_call c;
    struct bulk_preview p;
    struct json *j = &r->json;
    enum err e = ask(r, &c);
    if (e == OK)
        e = bulk_preview(app, r->caller.merchant_id, &c.bulk, c.selection.ids, &p);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    json_open(j);
    json_kv_int(j, "selected", c.bulk.selected);
    json_kv_int(j, "unseen", c.selection.unseen);
    json_kv_int(j, "changing", p.counts.of[BULK_CHANGED]);
    json_key(j, "left_out");
    json_list(j);
    for (int i = BULK_CHANGED + 1; i < BULK_OUTCOMES; i++) {
        if (p.counts.of[i] == 0)
            continue;
        json_open(j);
        json_kv_cstr(j, "outcome", bulk_outcome_names[i]);
        json_kv_int(j, "customers", p.counts.of[i]);
        json_key(j, "some");
        json_list(j);
        for (int64_t k = 0; k < p.counts.of[i] && k < BULK_EXAMPLES; k++)
            person_json(j, &use, r->arena, p.examples[i][k]);
        json_end(j);
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return OK;
}

static enum err start(struct db_tx *tx, void *arg)
{
    struct bulk_call *c = arg;
    struct request *r = c->r;
    const struct bulk_action *a = c->bulk.action;
    const struct audit_actor by = audit_by_request(r);
    int64_t merchant_id = r->caller.merchant_id;
    struct bulk b = c->bulk; /* set anew when the transaction is repeated */
    bool is_new = false;
    enum err e = OK;
    if (a->needs == BULK_TAG || a->needs == BULK_SOURCE)
        e = word_id(tx, merchant_id, a->needs == BULK_TAG ? WORD_TAG : WORD_SOURCE, b.target,
                    &b.target_id, &is_new);
    if (e == OK)
        e = bulk_start(tx, merchant_id, &b, c->selection.ids, &by, r->arena);
    if (e == OK && is_new)
        e = change_note(tx, merchant_id, "word", &b.target_id, 1);
    r->ids[0] = b.id;
    return e;
}

static enum err start_route(struct request *r)
{
    const struct app *app = r->app;
    struct bulk_call c;
    enum err e = ask(r, &c);
    if (e == OK && c.bulk.action->needs == BULK_POINTS)
        return request_fail(r, ERR_INVALID, "bulk_points_route", "action", NULL);
    if (e == OK && (c.bulk.action->needs == BULK_TIER || c.bulk.action->needs == BULK_CERTIFICATE))
        e = request_confirmed(r);
    if (e == OK)
        e = db_write(app->db, start, &c);
    if (e != OK)
        return e;
    if (app->work)
        work_wake(app->work);
    r->location = arena_printf(r->arena, "/api/v1/bulk/%lld", (long long)r->ids[0]);
    return get_route(r);
}

/* Points for many: what they are asked for is done once, however often it is asked. */
static enum err start_once(struct db_tx *tx, void *arg)
{
    enum err e = start(tx, arg);
    return e == OK ? read_one(tx, arg) : e;
}

static enum err tell_started(struct request *r, void *arg)
{
    struct bulk_call *c = arg;
    (void)r;
    bulk_json(c);
    return OK;
}

static enum err points_route(struct request *r)
{
    const struct app *app = r->app;
    struct bulk_call c;
    enum err e = ask(r, &c);
    if (e == OK && c.bulk.action->needs != BULK_POINTS)
        return request_fail(r, ERR_INVALID, "field_choice", "action", NULL);
    if (e == OK)
        e = idempotent_write(r, start_once, &c, tell_started);
    if (e == OK && app->work)
        work_wake(app->work);
    return e;
}

static enum err undo(struct db_tx *tx, void *arg)
{
    struct bulk_call *c = arg;
    struct request *r = c->r;
    const struct audit_actor by = audit_by_request(r);
    int64_t id;
    enum err e = read_one(tx, c);
    if (e == OK && c->bulk.action->needs == BULK_POINTS)
        e = rights_allowed(r->caller.role, PERM_POINTS) ? request_confirmed(r) : ERR_DENIED;
    if (e == OK &&
        (c->bulk.action->needs == BULK_TIER || c->bulk.action->needs == BULK_CERTIFICATE))
        e = request_confirmed(r);
    return e == OK
               ? bulk_undo(tx, r->caller.merchant_id, r->ids[0], &by, r->arena, &id, &r->problem)
               : e;
}

static enum err undo_route(struct request *r)
{
    const struct app *app = r->app;
    struct bulk_call c = {.r = r};
    enum err e = db_write(app->db, undo, &c);
    if (e != OK)
        return e;
    if (app->work)
        work_wake(app->work);
    return get_route(r);
}

/* ---- results ---- */

struct results_args {
    struct str cursor;
    int64_t limit;
    int outcome;
};
static const struct spec results_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct results_args, cursor), .max = 200},
    {"limit", SPEC_INT, offsetof(struct results_args, limit), .min = 1, .max = PAGE_MAX},
    {"outcome", SPEC_CHOICE, offsetof(struct results_args, outcome), .choices = bulk_outcome_names},
    {0},
};
struct results_call {
    struct bulk_call call;
    int64_t merchant_id, id, from;
    int outcome;
    struct arena *arena;
    struct bulk_result *list;
    size_t limit, n;
};

static enum err read_results(struct db_tx *tx, void *arg)
{
    struct results_call *c = arg;
    return bulk_results(tx, c->merchant_id, c->id, c->from, c->outcome, c->arena, c->list, c->limit,
                        &c->n);
}

static enum err results_route(struct request *r)
{
    const struct results_args *args = r->args;
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct results_call c = {.call = {.r = r},
                             .merchant_id = r->caller.merchant_id,
                             .id = r->ids[0],
                             .outcome = args->outcome,
                             .arena = r->arena,
                             .limit = (size_t)(args->limit > 0 ? args->limit : PAGE_DEFAULT)};
    struct json *j = &r->json;
    struct str scope =
        str_c(arena_printf(r->arena, "bulk results %lld %d", (long long)c.id, c.outcome));
    if (args->cursor.n > 0 && !cursor_read(args->cursor, scope, &c.from, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    c.list = arena_array(r->arena, struct bulk_result, ++c.limit);
    enum err e = db_read(app->db, read_one, &c.call);
    if (e == OK)
        e = db_read(app->db, read_results, &c);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    bool more = c.n == c.limit;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < c.n - more; i++) {
        json_open(j);
        json_key(j, "customer");
        person_json(j, &use, r->arena, c.list[i].customer_id);
        json_kv_cstr(j, "outcome",
                     c.list[i].outcome < 0 ? NULL : bulk_outcome_names[c.list[i].outcome]);
        json_close(j);
    }
    json_end(j);
    json_kv_cstr(j, "next", more ? cursor_make(r->arena, scope, &c.list[c.n - 1].place, 1) : NULL);
    json_close(j);
    return OK;
}

/* The same as a file, a piece at a time. */
struct results_file {
    struct app *app;
    const char *language; /* of the texts loaded at start: lives as long as the program */
    struct results_call call;
    bool begun;
};

static void result_line(struct results_file *f, const struct audience_use *use,
                        const struct bulk_result *row, struct buf *out)
{
    static const struct audience_viewer everybody;
    struct audience_hit hit = {0};
    const char *key = row->outcome < 0 ? "bulk.outcome.waiting"
                                       : arena_printf(f->call.arena, "bulk.outcome.%s",
                                                      bulk_outcome_names[row->outcome]);
    bool there =
        audience_get(use->audience, &everybody, row->customer_id, f->call.arena, &hit) == OK;
    csv_int(out, there ? hit.number : 0, ',', true);
    csv_cell(out, hit.first_name, ',', false);
    csv_cell(out, hit.last_name, ',', false);
    csv_cell(out, hit.email, ',', false);
    csv_cell(out, hit.phone, ',', false);
    csv_cell(out, str_c(message_text(f->language, key)), ',', false);
    buf_adds(out, "\r\n");
}

static bool next_piece(void *state, struct buf *out)
{
    struct results_file *f = state;
    cleanup(audiences_done) struct audience_use use = {0};
    static const char *const headings[] = {"bulk.file.number",       "import.field.first_name",
                                           "import.field.last_name", "import.field.email",
                                           "import.field.phone",     "bulk.outcome"};
    for (size_t i = 0; !f->begun && i < ARRAY_LEN(headings); i++) {
        if (i == 0)
            buf_adds(out, CSV_BOM);
        csv_cell(out, str_c(message_text(f->language, headings[i])), ',', i == 0);
    }
    if (!f->begun)
        buf_adds(out, "\r\n");
    f->begun = true;
    arena_reset(f->call.arena);
    f->call.list = arena_array(f->call.arena, struct bulk_result, f->call.limit);
    if (db_read(f->app->db, read_results, &f->call) != OK ||
        audiences_use(f->app->audiences, f->call.merchant_id, &use) != OK)
        return false;
    for (size_t i = 0; i < f->call.n; i++)
        result_line(f, &use, &f->call.list[i], out);
    if (f->call.n)
        f->call.from = f->call.list[f->call.n - 1].place + 1;
    return f->call.n == f->call.limit && !out->failed;
}

static void free_file(void *state)
{
    struct results_file *f = state;
    arena_free(&f->call.arena);
    free(f);
}

static enum err file_route(struct request *r)
{
    struct app *app = r->app;
    struct bulk_call c = {.r = r};
    enum err e = db_read(app->db, read_one, &c);
    if (e != OK)
        return e;
    struct results_file *f = calloc(1, sizeof *f);
    check(f);
    *f = (struct results_file){.app = app,
                               .language = message_language(str_c(r->language)),
                               .call = {.merchant_id = r->caller.merchant_id,
                                        .id = r->ids[0],
                                        .outcome = -1,
                                        .arena = arena_new(),
                                        .limit = FILE_ROWS}};
    r->content_type = "text/csv; charset=utf-8; header=present";
    r->disposition = arena_printf(r->arena, "results-%lld.csv", (long long)r->ids[0]);
    request_stream(r, next_piece, free_file, f);
    return OK;
}

const struct http_route bulk_routes[] = {
    {"GET", "/api/v1/bulk", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args), .summary = "Bulk actions, newest first",
     .answer = "BulkList"},
    {"POST", "/api/v1/bulk/preview", PERM_CUSTOMERS_WRITE, preview_route, .body = bulk_spec,
     .args_size = sizeof(struct bulk_args), .body_max = SELECTION_BODY_MAX,
     .summary = "What a bulk action would do", .answer = "BulkPreview"},
    {"POST", "/api/v1/bulk", PERM_CUSTOMERS_WRITE, start_route, .body = bulk_spec,
     .args_size = sizeof(struct bulk_args), .body_max = SELECTION_BODY_MAX,
     .summary = "Does one thing to many customers", .answer = "Bulk", .status = 202},
    {"POST", "/api/v1/bulk/points", PERM_POINTS, points_route, .body = bulk_spec,
     .args_size = sizeof(struct bulk_args), .body_max = SELECTION_BODY_MAX,
     .confirm_password = true, .idempotent = true,
     .summary = "Credits many customers with points, or takes some from them", .answer = "Bulk",
     .status = 202},
    {"GET", "/api/v1/bulk/{id}", PERM_CUSTOMERS_READ, get_route, .summary = "A bulk action",
     .answer = "Bulk"},
    {"POST", "/api/v1/bulk/{id}/undo", PERM_CUSTOMERS_WRITE, undo_route,
     .summary = "Takes back what it changed", .answer = "Bulk", .status = 202},
    {"GET", "/api/v1/bulk/{id}/results", PERM_CUSTOMERS_READ, results_route, .query = results_spec,
     .args_size = sizeof(struct results_args), .summary = "What came of each customer",
     .answer = "BulkResults"},
    {"GET", "/api/v1/bulk/{id}/results/file", PERM_CUSTOMERS_READ, file_route,
     .summary = "The same as a file", .answer = "text/csv"},
    {0},
};
