/* Routes of merging: preview, merge, what was merged, taking back. A preview is the thing itself in
 * a transaction that is given up, so it cannot differ from what a yes does. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../customer/audiences_sql.h"
#include "merge_plan.h"
#include "merge_sql.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 100, RELATIONS_MAX = 40 };

struct merge_args {
    int64_t survivor_id, loser_id, survivor_version, loser_version;
    json_t *choices;
};
#define AT(field) offsetof(struct merge_args, field)
#define CUSTOMERS                                                                                  \
    {"survivor_id", SPEC_ID, AT(survivor_id), .required = true, .doc = "whose card stays"},        \
        {"loser_id", SPEC_ID, AT(loser_id), .required = true, .doc = "whose card goes into it"},   \
    {                                                                                              \
        "choices", SPEC_JSON, AT(choices),                                                         \
            .doc = "an object: field → survivor or loser; by rule where it says nothing"         \
    }
static const struct spec preview_spec[] = {CUSTOMERS, {0}};
static const struct spec merge_spec[] = {
    CUSTOMERS,
    {"survivor_version", SPEC_INT, AT(survivor_version), .required = true, .min = 1,
     .max = INT64_MAX},
    {"loser_version", SPEC_INT, AT(loser_version), .required = true, .min = 1, .max = INT64_MAX},
    {0},
};
struct list_args {
    struct str cursor;
    int64_t limit, customer_id;
};
static const struct spec list_spec[] = {
    {"customer", SPEC_ID, offsetof(struct list_args, customer_id),
     .doc = "in which they won or lost"},
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {"limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = LIMIT_MAX,
     .doc = "50 by default"},
    {0},
};

struct count {
    const char *relation;
    int64_t n;
};
struct merge_call {
    struct request *r;
    struct merge_request what;
    struct audit_actor by;
    bool dry_run;
    int64_t merge_id;
    struct merge_view view;
    /* of a preview */
    bool previewed;
    struct merge_profile before[2];
    struct merge_plan plan;
    struct audience_hit after[2];
    bool has_after[2];
    struct count counts[RELATIONS_MAX];
    int ncounts;
};

/* ---- reading in the transaction ---- */

static enum err read_counts(struct db_tx *tx, struct merge_call *c)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e =
        db_query(tx, &merge_rows_count, &rows, db_i(c->r->caller.merchant_id), db_i(c->merge_id));
    c->ncounts = 0;
    while (e == OK && c->ncounts < RELATIONS_MAX && db_next(rows))
        c->counts[c->ncounts++] =
            (struct count){arena_cstr(c->r->arena, db_text(rows, 0)), db_int(rows, 1)};
    return e == OK ? db_error(rows) : e;
}

static void free_audience(struct audience **a)
{
    audience_free(a);
}

/* The two as the list would show them, read by an audience of their own. */
static enum err read_after(struct db_tx *tx, struct merge_call *c, int64_t one, int64_t other)
{
    cleanup(audience_names_free) struct audience_names *names = NULL;
    cleanup(free_audience) struct audience *small = NULL;
    const int64_t both[2] = {one, other};
    struct int_list ids = {0};
    enum err e = audience_names_read(tx, c->r->caller.merchant_id, &names);
    if (e != OK)
        return e;
    const struct audience_options options = {.language = names->language, .today = c->what.today};
    e = audience_new(&options, &small);
    if (e != OK)
        return e;
    audience_names_tell(names, small);
    for (int i = 0; i < 2; i++)
        int_list_add(c->r->arena, &ids, both[i]);
    int_list_sort(&ids);
    e = audience_read_some(tx, c->r->caller.merchant_id, c->what.today, &ids, small);
    for (int i = 0; e == OK && i < 2; i++) {
        const struct audience_viewer everybody = {0};
        e = audience_get(small, &everybody, both[i], c->r->arena, &c->after[i]);
        c->has_after[i] = e == OK;
        e = e == ERR_NOT_FOUND ? OK : e;
    }
    return e;
}

static enum err read_before(struct db_tx *tx, struct merge_call *c)
{
    enum err e = merge_profile_get(tx, c->r->caller.merchant_id, c->what.survivor_id, c->r->arena,
                                   &c->before[0]);
    return e == OK ? merge_profile_get(tx, c->r->caller.merchant_id, c->what.loser_id, c->r->arena,
                                       &c->before[1])
                   : e;
}

/* ---- preview and merge ---- */

static enum err run_merge(struct db_tx *tx, void *arg)
{
    struct merge_call *c = arg;
    struct request *r = c->r;
    c->previewed = false;
    r->problem = (struct problem){.from = -1};
    enum err e = c->dry_run ? read_before(tx, c) : OK;
    if (e == ERR_NOT_FOUND)
        return request_fail(r, e, "not_found", NULL, NULL);
    if (e == OK)
        e = merge_customers(tx, r->caller.merchant_id, &c->what, &c->by, r->arena, &c->plan,
                            &c->merge_id, &r->problem);
    if (e == OK && !c->dry_run)
        return merge_get(tx, r->caller.merchant_id, c->merge_id, r->arena, &c->view);
    if (e == OK)
        e = read_counts(tx, c);
    if (e == OK)
        e = read_after(tx, c, c->what.survivor_id, c->what.loser_id);
    if (e != OK)
        return e;
    c->previewed = true;
    return ERR_CANCELED; /* nothing happened */
}

static int name_at(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static enum err read_choices(struct request *r, json_t *choices, enum merge_choice *ret)
{
    static const char *const whose[] = {"rule", "survivor", "loser", NULL};
    const char *name;
    json_t *value;
    if (!choices || json_is_null(choices))
        return OK;
    if (!json_is_object(choices))
        return request_fail(r, ERR_INVALID, "merge_bad_choice", "choices", "name", "", NULL);
    json_object_foreach(choices, name, value)
    {
        int field = name_at(merge_field_names, name);
        int choice = json_is_string(value) ? name_at(whose, json_string_value(value)) : -1;
        if (field < 0 || choice < 0)
            return request_fail(r, ERR_INVALID, "merge_bad_choice", "choices", "name", name, NULL);
        ret[field] = (enum merge_choice)choice;
    }
    return OK;
}

/* Both are seen by the caller, or they are not there for them. */
static enum err check_seen(struct request *r, const struct audience_use *use, const int64_t *ids,
                           size_t n)
{
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    for (size_t i = 0; i < n; i++) {
        struct audience_hit hit;
        enum err e = audience_get(use->audience, &viewer, ids[i], r->arena, &hit);
        if (e == ERR_NOT_FOUND)
            return request_fail(r, e, "not_found", NULL, NULL);
        if (e != OK)
            return e;
    }
    return OK;
}

static enum err begin(struct request *r, bool dry_run, struct merge_call *c)
{
    const struct app *app = r->app;
    const struct merge_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    *c = (struct merge_call){.r = r,
                             .dry_run = dry_run,
                             .by = audit_by_request(r),
                             .what = {.survivor_id = args->survivor_id,
                                      .loser_id = args->loser_id,
                                      .survivor_version = dry_run ? -1 : args->survivor_version,
                                      .loser_version = dry_run ? -1 : args->loser_version,
                                      .now_us = now_us()}};
    enum err e = read_choices(r, args->choices, c->what.choices);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e == OK)
        c->what.today = use.today;
    return e == OK ? check_seen(r, &use, &c->what.survivor_id, 2) : e;
}

static void view_json(struct json *j, const struct merge_view *v);
static void preview_json(struct merge_call *c, const struct audience_use *use);

static enum err answer_preview(struct merge_call *c,
                               void (*write)(struct merge_call *, const struct audience_use *))
{
    const struct app *app = c->r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, c->r->caller.merchant_id, &use);
    if (e == OK)
        write(c, &use);
    return e;
}

static enum err preview_route(struct request *r)
{
    const struct app *app = r->app;
    struct merge_call *c = arena_make(r->arena, struct merge_call);
    enum err e = begin(r, true, c);
    if (e == OK)
        e = db_write(app->db, run_merge, c);
    return e == ERR_CANCELED && c->previewed ? answer_preview(c, preview_json) : e;
}

static enum err merge_route(struct request *r)
{
    const struct app *app = r->app;
    struct merge_call *c = arena_make(r->arena, struct merge_call);
    enum err e = begin(r, false, c);
    if (e == OK)
        e = db_write(app->db, run_merge, c);
    if (e == OK)
        view_json(&r->json, &c->view);
    return e;
}

/* ---- taking back ---- */

static enum err run_undo(struct db_tx *tx, void *arg)
{
    struct merge_call *c = arg;
    struct request *r = c->r;
    c->previewed = false;
    r->problem = (struct problem){.from = -1};
    enum err e = c->dry_run ? read_counts(tx, c) : OK;
    if (e == OK)
        e = merge_undo(tx, r->caller.merchant_id, c->merge_id, &c->by, c->what.now_us, r->arena,
                       &r->problem);
    if (e == OK && !c->dry_run)
        return merge_get(tx, r->caller.merchant_id, c->merge_id, r->arena, &c->view);
    if (e == OK)
        e = read_after(tx, c, c->view.survivor_id, c->view.loser_id);
    if (e != OK)
        return e;
    c->previewed = true;
    return ERR_CANCELED; /* nothing happened */
}

static enum err read_view(struct db_tx *tx, void *arg)
{
    struct merge_call *c = arg;
    return merge_get(tx, c->r->caller.merchant_id, c->merge_id, c->r->arena, &c->view);
}

/* The survivor has to be seen; where it was itself merged since, the refusal says so. */
static enum err begin_undo(struct request *r, bool dry_run, struct merge_call *c)
{
    const struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    *c = (struct merge_call){.r = r,
                             .dry_run = dry_run,
                             .by = audit_by_request(r),
                             .merge_id = r->ids[0],
                             .what = {.now_us = now_us()}};
    enum err e = db_read(app->db, read_view, c);
    if (e == ERR_NOT_FOUND)
        return request_fail(r, e, "not_found", NULL, NULL);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    c->what.today = use.today;
    return r->caller.sees_chain ? OK : check_seen(r, &use, &c->view.survivor_id, 1);
}

static void unmerge_json(struct merge_call *c, const struct audience_use *use);

static enum err undo_preview_route(struct request *r)
{
    const struct app *app = r->app;
    struct merge_call *c = arena_make(r->arena, struct merge_call);
    enum err e = begin_undo(r, true, c);
    if (e == OK)
        e = db_write(app->db, run_undo, c);
    return e == ERR_CANCELED && c->previewed ? answer_preview(c, unmerge_json) : e;
}

static enum err undo_route(struct request *r)
{
    const struct app *app = r->app;
    struct merge_call *c = arena_make(r->arena, struct merge_call);
    enum err e = begin_undo(r, false, c);
    if (e == OK)
        e = db_write(app->db, run_undo, c);
    if (e == OK)
        view_json(&r->json, &c->view);
    return e;
}

/* ---- what was merged ---- */

struct listing {
    struct request *r;
    int64_t before, limit;
    struct merge_view list[LIMIT_MAX + 1];
    size_t n;
};

static enum err read_list(struct db_tx *tx, void *arg)
{
    struct listing *l = arg;
    const struct list_args *args = l->r->args;
    return merge_list(tx, l->r->caller.merchant_id, args->customer_id, l->before, l->limit + 1,
                      l->r->arena, l->list, &l->n);
}

static bool listed(const struct request *r, const struct audience_use *use,
                   const struct merge_view *v)
{
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct audience_hit hit;
    return r->caller.sees_chain ||
           audience_get(use->audience, &viewer, v->survivor_id, r->arena, &hit) == OK;
}

static enum err list_route(struct request *r)
{
    const struct list_args *args = r->args;
    const struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct listing *l = arena_make(r->arena, struct listing);
    struct str scope =
        str_c(arena_printf(r->arena, "merges %lld %lld", (long long)r->caller.merchant_id,
                           (long long)args->customer_id));
    *l = (struct listing){
        .r = r, .before = INT64_MAX, .limit = args->limit ? args->limit : LIMIT_DEFAULT};
    if (args->cursor.n && !cursor_read(args->cursor, scope, &l->before, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e == OK)
        e = db_read(app->db, read_list, l);
    if (e != OK)
        return e;
    struct json *j = &r->json;
    bool more = (int64_t)l->n > l->limit;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < l->n - more; i++)
        if (listed(r, &use, &l->list[i]))
            view_json(j, &l->list[i]);
    json_end(j);
    json_kv_cstr(j, "next", more ? cursor_make(r->arena, scope, &l->list[l->n - 2].id, 1) : NULL);
    json_close(j);
    return OK;
}

/* ---- answers ---- */

static void who_json(struct json *j, const char *key, int64_t id, int64_t number, struct str name)
{
    json_key(j, key);
    json_open(j);
    json_kv_id(j, "id", id);
    json_kv_int(j, "number", number);
    json_kv_text(j, "name", name);
    json_close(j);
}

static void view_json(struct json *j, const struct merge_view *v)
{
    json_open(j);
    json_kv_id(j, "id", v->id);
    who_json(j, "survivor", v->survivor_id, v->survivor_number, v->survivor_name);
    who_json(j, "loser", v->loser_id, v->loser_number, v->loser_name);
    json_kv_int(j, "moved", v->moved);
    json_kv_instant(j, "made_at", v->made_us);
    json_kv_text(j, "made_by", v->actor);
    json_kv_instant(j, "undone_at", v->undone_us);
    customer_text_json(j, "undone_by", v->undone_by);
    json_close(j);
}

static void row_json(struct json *j, const char *key, const struct audience_use *use, bool there,
                     const struct audience_hit *hit)
{
    json_key(j, key);
    if (there)
        customer_row_json(j, use, hit);
    else
        json_nil(j);
}

static void counts_json(struct json *j, const struct merge_call *c)
{
    json_key(j, "rows");
    json_list(j);
    for (int i = 0; i < c->ncounts; i++) {
        json_open(j);
        json_kv_cstr(j, "relation", c->counts[i].relation);
        json_kv_int(j, "count", c->counts[i].n);
        json_close(j);
    }
    json_end(j);
}

static void unmerge_json(struct merge_call *c, const struct audience_use *use)
{
    struct json *j = &c->r->json;
    json_open(j);
    json_key(j, "merge");
    view_json(j, &c->view);
    row_json(j, "survivor", use, c->has_after[0], &c->after[0]);
    row_json(j, "loser", use, c->has_after[1], &c->after[1]);
    counts_json(j, c);
    json_close(j);
}

static void add_part(struct buf *b, const char *between, struct str part)
{
    if (part.n == 0)
        return;
    if (b->n)
        buf_adds(b, between);
    buf_add(b, part.p, part.n);
}

static struct str text_at(const struct merge_profile *p, enum merge_column column)
{
    return p->v[column].type == 't' ? p->v[column].s : (struct str){"", 0};
}

static void address_text(struct buf *b, const struct merge_profile *p)
{
    add_part(b, "", text_at(p, COL_ADDRESS));
    add_part(b, ", ", text_at(p, COL_POSTCODE));
    add_part(b, p->v[COL_POSTCODE].type == 't' ? " " : ", ", text_at(p, COL_CITY));
    add_part(b, ", ", text_at(p, COL_COUNTRY));
}

static void birthday_text(struct buf *b, const struct merge_profile *p)
{
    int year = (int)p->v[COL_BIRTH_YEAR].i, month = (int)p->v[COL_BIRTH_MONTH].i;
    if (year)
        buf_printf(b, "%04d", year);
    else if (month)
        buf_adds(b, "-");
    if (month)
        buf_printf(b, "-%02d-%02d", month, (int)p->v[COL_BIRTH_DAY].i);
}

static void contacts_text(struct buf *b, const struct merge_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        add_part(b, "\n", list->v[i].parts[0]);
}

/* A field as text: codes, days and names as the card gives them; lists a line each. */
static void field_text(struct buf *b, const struct audience_use *use, const struct merge_profile *p,
                       enum merge_field field)
{
    char day[DAY_TEXT_MAX];
    b->n = 0;
    switch (field) {
    case MERGE_PHONE:
    case MERGE_EMAIL:
        contacts_text(b, &p->lists[field - MERGE_PHONE]);
        return;
    case MERGE_BIRTHDAY:
        birthday_text(b, p);
        return;
    case MERGE_ADDRESS:
        address_text(b, p);
        return;
    case MERGE_STORE:
        add_part(b, "", audience_use_name(use, WORD_STORE, p->v[COL_STORE].i));
        return;
    case MERGE_SOURCE:
        add_part(b, "", audience_use_name(use, WORD_SOURCE, p->v[COL_SOURCE].i));
        return;
    case MERGE_REGISTERED:
        if (p->v[COL_REGISTERED].type == 'i') {
            day_format((int32_t)p->v[COL_REGISTERED].i, day);
            buf_adds(b, day);
        }
        return;
    default:
        for (int i = 0; i < MERGE_COLUMNS; i++)
            if (merge_columns[i].field == field && p->v[i].type == 't')
                add_part(b, " ", p->v[i].s);
            else if (merge_columns[i].field == field && p->v[i].type == 'i')
                buf_int(b, p->v[i].i);
    }
}

static void fields_json(struct merge_call *c, const struct audience_use *use)
{
    struct json *j = &c->r->json;
    struct buf text cleanup(buf_free);
    buf_init(&text, 65536);
    json_key(j, "fields");
    json_list(j);
    for (int field = 0; field < MERGE_FIELDS; field++) {
        static const char *const sides[] = {"survivor", "loser"};
        json_open(j);
        json_kv_cstr(j, "field", merge_field_names[field]);
        for (int i = 0; i < 2; i++) {
            field_text(&text, use, &c->before[i], (enum merge_field)field);
            customer_text_json(j, sides[i], buf_str(&text));
        }
        field_text(&text, use, &c->plan.after, (enum merge_field)field);
        customer_text_json(j, "after", buf_str(&text));
        json_kv_cstr(j, "taken", sides[c->plan.taken[field] == MERGE_LOSER]);
        json_close(j);
    }
    json_end(j);
}

static void consents_json(struct merge_call *c)
{
    struct json *j = &c->r->json;
    json_key(j, "consents");
    json_list(j);
    for (int i = 0; i < CHANNELS; i++) {
        json_open(j);
        json_kv_cstr(j, "channel", channel_names[i]);
        json_kv_cstr(j, "survivor", consent_names[c->before[0].v[COL_SMS + i].i]);
        json_kv_cstr(j, "loser", consent_names[c->before[1].v[COL_SMS + i].i]);
        json_kv_cstr(j, "after", consent_names[c->plan.after.v[COL_SMS + i].i]);
        json_kv_bool(j, "suppressed", c->plan.after.v[COL_SMS_SUPPRESSED + i].i != 0);
        json_close(j);
    }
    json_end(j);
}

static void preview_json(struct merge_call *c, const struct audience_use *use)
{
    struct json *j = &c->r->json;
    const struct audience_viewer viewer = customer_viewer(&c->r->caller, false);
    static const char *const sides[] = {"survivor", "loser"};
    json_open(j);
    for (int i = 0; i < 2; i++) {
        struct audience_hit hit;
        bool there = audience_get(use->audience, &viewer, c->before[i].id, c->r->arena, &hit) == OK;
        row_json(j, sides[i], use, there, &hit);
    }
    row_json(j, "after", use, c->has_after[0], &c->after[0]);
    json_kv_int(j, "survivor_version", c->before[0].version);
    json_kv_int(j, "loser_version", c->before[1].version);
    fields_json(c, use);
    consents_json(c);
    counts_json(j, c);
    json_close(j);
}

const struct http_route merge_routes[] = {
    {"POST", "/api/v1/merges/preview", PERM_CUSTOMERS_MERGE, preview_route, .body = preview_spec,
     .args_size = sizeof(struct merge_args), .summary = "What two customers would become together",
     .answer = "MergePreview"},
    {"POST", "/api/v1/merges", PERM_CUSTOMERS_MERGE, merge_route, .body = merge_spec,
     .args_size = sizeof(struct merge_args),
     .summary = "Merges a customer into another one; 412 when one has changed since the preview",
     .answer = "Merge", .status = 201},
    {"GET", "/api/v1/merges", PERM_CUSTOMERS_MERGE, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args), .summary = "What was merged, the latest first",
     .answer = "MergeList"},
    {"GET", "/api/v1/merges/{id}/undo", PERM_CUSTOMERS_MERGE, undo_preview_route,
     .summary = "What taking a merge back would leave", .answer = "UnmergePreview"},
    {"POST", "/api/v1/merges/{id}/undo", PERM_CUSTOMERS_MERGE, undo_route,
     .summary = "Takes a merge back: both customers as they were, and what came later stays",
     .answer = "Merge"},
    {0},
};
