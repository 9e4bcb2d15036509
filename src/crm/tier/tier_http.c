/* Routes of the ladder: as it is, trying another one out, saving it. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/text.h"
#include "../batch.h"
#include "../customer/customer_view.h"
#include "tier_internal.h"
#include "tier_sql.h"

enum { LOOKED_MAX = 100000, MOVERS_MAX = 50, MOVERS_DEFAULT = 10 };

struct ladder_args {
    int measure, period;
    int64_t months, grace_days, limit, behind;
    bool has_limit, exact;
    json_t *tiers;
    struct str from, to;
};
#define AT(field) offsetof(struct ladder_args, field)
#define LADDER_SPEC                                                                                \
    {"measure",                                                                                    \
     SPEC_CHOICE,                                                                                  \
     AT(measure),                                                                                  \
     .required = true,                                                                             \
     .choices = tier_measure_names,                                                                \
     .doc = "none: tiers are given by hand alone"},                                                \
        {"period",                                                                                 \
         SPEC_CHOICE,                                                                              \
         AT(period),                                                                               \
         .required = true,                                                                         \
         .choices = tier_period_names,                                                             \
         .doc = "year: this calendar year or the whole one before; months: the last so many"},     \
        {"months", SPEC_INT, AT(months), .required = true, .min = 1, .max = TIER_MONTHS_MAX},      \
        {"grace_days",          SPEC_INT,                                                          \
         AT(grace_days),        .required = true,                                                  \
         .max = TIER_GRACE_MAX, .doc = "how long a tier stays after it is no longer reached"},     \
        {"tiers", SPEC_JSON, AT(tiers), .required = true,                                          \
         .doc =                                                                                    \
             "from the lowest up: {id of one that is there, name, colour, threshold, benefits};"   \
             " threshold 0: given by hand alone"},
static const struct spec save_spec[] = {LADDER_SPEC{0}};
static const struct spec preview_spec[] = {
    LADDER_SPEC{"from", SPEC_TEXT, AT(from), .max = TIER_NAME_MAX,
                .doc = "a tier's name, or - for none: `items` shows who would leave it"},
    {"to", SPEC_TEXT, AT(to), .max = TIER_NAME_MAX,
     .doc = "the same of the proposed ones: `items` shows who would come to it"},
    {"limit", SPEC_INT, AT(limit), .max = MOVERS_MAX, .present_offset = AT(has_limit) + 1,
     .doc = "of `items`"},
    {"exact", SPEC_BOOL, AT(exact),
     .doc =
         "nothing is estimated: a part of the customers is counted, until 100,000 were looked at or"
         " `limit` items found (0: not listed); then go on with `next`"},
    {"behind", SPEC_ID, AT(behind), .doc = "with exact: `next` of the part before"},
    {0}};

struct ladder_call {
    struct request *r;
    int32_t today;
    struct tier_ladder now, asked;
    int64_t counts[TIERS_MAX]; /* customers of each level that is kept */
};

/* ---- what is asked for ---- */

static enum err wrong_level(struct request *r, size_t i, const char *what)
{
    return request_fail(r, ERR_INVALID, "tier_level_wrong", "tiers", "place",
                        arena_printf(r->arena, "%d", (int)i + 1), "what", what, NULL);
}

static enum err read_text(struct request *r, const json_t *level, const char *key, size_t most,
                          struct str *ret)
{
    const json_t *text = json_object_get(level, key);
    struct str clean;
    if (!json_is_string(text))
        return ERR_INVALID;
    const struct str raw = {json_string_value(text), json_string_length(text)};
    if (text_clean(r->arena, raw, &clean) != OK || text_length(clean) > most)
        return ERR_INVALID;
    *ret = clean;
    return OK;
}

static enum err read_level(struct request *r, const json_t *level, size_t i, struct tier *ret)
{
    const json_t *id = json_object_get(level, "id");
    const json_t *threshold = json_object_get(level, "threshold");
    struct str colour = {0};
    *ret = (struct tier){0};
    if (!json_is_object(level))
        return wrong_level(r, i, "level");
    if (read_text(r, level, "name", TIER_NAME_MAX, &ret->name) != OK || ret->name.n == 0)
        return wrong_level(r, i, "name");
    if (read_text(r, level, "benefits", TIER_BENEFITS_MAX, &ret->benefits) != OK)
        return wrong_level(r, i, "benefits");
    if (read_text(r, level, "colour", TIER_NAME_MAX, &colour) != OK)
        return wrong_level(r, i, "colour");
    ret->colour = tier_name_index(tier_colour_names, colour);
    if (!str_eq(colour, str_c(tier_colour_names[ret->colour])))
        return wrong_level(r, i, "colour");
    if (!json_is_integer(threshold) || json_integer_value(threshold) < 0 ||
        json_integer_value(threshold) > TIER_THRESHOLD_MAX)
        return wrong_level(r, i, "threshold");
    ret->threshold = json_integer_value(threshold);
    if (id && !json_is_null(id) &&
        !(json_is_string(id) && str_int64(str_c(json_string_value(id)), &ret->id) && ret->id > 0))
        return wrong_level(r, i, "id");
    return OK;
}

static bool named_twice(const struct tier_ladder *l, int i)
{
    for (int k = 0; l->tiers[i].id && k < i; k++)
        if (l->tiers[k].id == l->tiers[i].id)
            return true;
    return false;
}

static enum err read_asked(struct ladder_call *c)
{
    struct request *r = c->r;
    const struct ladder_args *args = r->args;
    struct tier_ladder *l = &c->asked;
    size_t n = json_is_array(args->tiers) ? json_array_size(args->tiers) : 0;
    *l = (struct tier_ladder){.day = c->today,
                              .rules = {.measure = (enum tier_measure)args->measure,
                                        .period = (enum tier_period)args->period,
                                        .months = (int32_t)args->months,
                                        .grace_days = (int32_t)args->grace_days}};
    if (!json_is_array(args->tiers) || n > TIERS_MAX)
        return request_fail(r, ERR_INVALID, "tier_levels_many", "tiers", "most",
                            arena_printf(r->arena, "%d", TIERS_MAX), NULL);
    for (size_t i = 0; i < n; i++) {
        enum err e = read_level(r, json_array_get(args->tiers, i), i, &l->tiers[i]);
        if (e != OK)
            return e;
        if (named_twice(l, (int)i))
            return wrong_level(r, i, "id");
        l->rules.n++;
    }
    return tier_ladder_check(l, r->arena, &r->problem);
}

/* ---- answers ---- */

static enum err read_now(struct db_tx *tx, void *arg)
{
    struct ladder_call *c = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    memset(c->counts, 0, sizeof c->counts);
    enum err e = tier_ladder_read(tx, c->r->caller.merchant_id, c->r->arena, &c->now);
    if (e == OK)
        e = db_query(tx, &tier_counts, &rows, db_i(c->r->caller.merchant_id));
    while (e == OK && db_next(rows)) {
        int place = tier_place(&c->now, db_int(rows, 0));
        if (place >= 0)
            c->counts[place] = db_int(rows, 1);
    }
    return e == OK ? db_error(rows) : e;
}

static void levels_json(const struct ladder_call *c)
{
    struct json *j = &c->r->json;
    json_key(j, "tiers");
    json_list(j);
    for (int i = 0; i < c->now.rules.n; i++) {
        const struct tier *t = &c->now.tiers[i];
        json_open(j);
        json_kv_id(j, "id", t->id);
        json_kv_text(j, "name", t->name);
        json_kv_cstr(j, "colour", tier_colour_names[t->colour]);
        json_kv_int(j, "threshold", t->threshold);
        json_kv_text(j, "benefits", t->benefits);
        json_key(j, "customers");
        if (c->r->caller.sees_chain)
            json_int(j, c->counts[i]);
        else
            json_nil(j);
        json_close(j);
    }
    json_end(j);
}

static enum err answer(struct ladder_call *c)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    const struct tier_rules *rules = &c->now.rules;
    r->etag = arena_printf(r->arena, "%lld", (long long)c->now.version);
    json_open(j);
    json_kv_cstr(j, "measure", tier_measure_names[rules->measure]);
    json_kv_cstr(j, "period", tier_period_names[rules->period]);
    json_kv_int(j, "months", rules->months);
    json_kv_int(j, "grace_days", rules->grace_days);
    levels_json(c);
    json_kv_bool(j, "moving", c->now.sweeping);
    json_kv_int(j, "most", TIERS_MAX);
    json_key(j, "colours");
    json_list(j);
    for (int i = 0; tier_colour_names[i]; i++)
        json_text(j, str_c(tier_colour_names[i]));
    json_end(j);
    json_kv_int(j, "version", c->now.version);
    json_close(j);
    return OK;
}

static enum err begin(struct request *r, struct ladder_call *c)
{
    struct app *app = r->app;
    struct audience_use use = {0};
    *c = (struct ladder_call){.r = r};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    c->today = use.today;
    audiences_done(&use); /* nobody waits for a commit with an audience in hand */
    return db_read(app->db, read_now, c);
}

static enum err get_route(struct request *r)
{
    struct ladder_call *c = arena_make(r->arena, struct ladder_call);
    enum err e = begin(r, c);
    return e == OK ? answer(c) : e;
}

/* ---- saving ---- */

static enum err save(struct db_tx *tx, void *arg)
{
    struct ladder_call *c = arg;
    struct request *r = c->r;
    const struct audit_actor by = audit_by_request(r);
    struct tier_ladder after = c->asked; /* set anew when the transaction is repeated */
    enum err e = tier_ladder_save(tx, r->caller.merchant_id, r->if_match, c->today, &after, &by,
                                  r->arena, &r->problem);
    return e == OK ? read_now(tx, c) : e;
}

static enum err put_route(struct request *r)
{
    const struct app *app = r->app;
    struct ladder_call *c = arena_make(r->arena, struct ladder_call);
    enum err e = begin(r, c);
    if (e == OK)
        e = request_check_version(r, c->now.version);
    if (e == OK)
        e = read_asked(c);
    if (e == OK)
        e = db_write(app->db, save, c);
    if (e == OK && app->work)
        work_wake(app->work);
    return e == OK ? answer(c) : e;
}

/* ---- trying out ---- */

struct preview {
    struct ladder_call *call;
    int64_t customers, one_in, looked, by_hand;
    int64_t
        next; /* of a part counted exactly: the last customer looked at; 0: that was everybody */
    int from, to; /* places of the filter: -1 none of the tiers, -2 any */
    int64_t moves[TIERS_MAX + 1][TIERS_MAX + 1]; /* [from][to], 0: none */
    struct mover {
        int64_t customer_id;
        int from, to;
    } movers[MOVERS_MAX];
    int nmovers, limit;
    bool exact;
    int64_t behind;
};

/* New levels have no id yet: they are told apart by their places. */
static void number_asked(struct tier_ladder *l)
{
    for (int i = 0; i < l->rules.n; i++)
        if (!l->tiers[i].id)
            l->tiers[i].id = -1 - i;
}

static void count(struct preview *p, const struct tier_state *s)
{
    const struct ladder_call *c = p->call;
    int from = tier_place(&c->now, s->was_id), to = tier_place(&c->asked, s->tier_id);
    p->looked++;
    p->by_hand += s->by_hand;
    p->moves[from + 1][to + 1]++;
    if (s->was_id == s->tier_id || p->nmovers == p->limit)
        return;
    if ((p->from == -2 || p->from == from) && (p->to == -2 || p->to == to))
        p->movers[p->nmovers++] = (struct mover){s->customer_id, from, to};
}

static enum err sample(struct db_tx *tx, const struct preview *p, int64_t after, int64_t *ids,
                       size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &tier_sample_ids, &rows, db_i(p->call->r->caller.merchant_id),
                          db_i(after), db_i(p->one_in), db_i(BATCH_KEYS));
    *ret_n = 0;
    while (e == OK && *ret_n < BATCH_KEYS && db_next(rows))
        ids[(*ret_n)++] = db_int(rows, 0);
    return e == OK ? db_error(rows) : e;
}

/* Everybody in one request would be too long for it. A full list ends at its last one, wherever the
 * batch did: the next part begins there. */
static bool part_ended(struct preview *p, int64_t last)
{
    bool full = p->limit > 0 && p->nmovers == p->limit;
    if (!p->exact || (!full && p->looked < LOOKED_MAX))
        return false;
    p->next = full ? p->movers[p->nmovers - 1].customer_id : last;
    return true;
}

static enum err look(struct db_tx *tx, void *arg)
{
    struct preview *p = arg;
    const struct ladder_call *c = p->call;
    cleanup(arena_free) struct arena *a = arena_new();
    int64_t merchant_id = c->r->caller.merchant_id, ids[BATCH_KEYS];
    struct tier_state states[BATCH_KEYS];
    struct tier_history histories[BATCH_KEYS];
    size_t n = BATCH_KEYS;
    enum err e = db_query_int(tx, &tier_living_count, &p->customers, db_i(merchant_id));
    p->one_in = p->exact ? 1 : p->customers / LOOKED_MAX + 1;
    ids[BATCH_KEYS - 1] = p->behind;
    while (e == OK && n == BATCH_KEYS && !part_ended(p, ids[BATCH_KEYS - 1])) {
        e = sample(tx, p, ids[BATCH_KEYS - 1], ids, &n);
        if (e == OK && n)
            e = tier_states(tx, merchant_id, &c->asked, c->today, ids, n, a, states, histories);
        for (size_t i = 0; e == OK && i < n; i++)
            count(p, &states[i]);
        arena_reset(a);
    }
    return e;
}

static void place_json(struct json *j, const char *key, const struct tier_ladder *l, int place)
{
    json_key(j, key);
    if (place < 0)
        json_nil(j);
    else
        json_text(j, l->tiers[place].name);
}

/* A level that keeps its id has not moved, whatever its place or name. */
static bool stays(const struct ladder_call *c, int from, int to)
{
    int64_t was = from < 0 ? 0 : c->now.tiers[from].id, is = to < 0 ? 0 : c->asked.tiers[to].id;
    return was == is;
}

static void moves_json(const struct preview *p)
{
    const struct ladder_call *c = p->call;
    struct json *j = &c->r->json;
    int64_t moved = 0;
    json_key(j, "moves");
    json_list(j);
    for (int from = -1; from < c->now.rules.n; from++) {
        for (int to = -1; to < c->asked.rules.n; to++) {
            int64_t n = p->moves[from + 1][to + 1];
            if (n == 0 || stays(c, from, to))
                continue;
            moved += n;
            json_open(j);
            place_json(j, "from", &c->now, from);
            place_json(j, "to", &c->asked, to);
            json_kv_int(j, "customers", n * p->one_in);
            json_close(j);
        }
    }
    json_end(j);
    json_kv_int(j, "moved", moved * p->one_in);
}

static enum err movers_json(const struct preview *p, const struct audience_use *use)
{
    const struct ladder_call *c = p->call;
    struct request *r = c->r;
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    enum err e = OK;
    json_key(&r->json, "items");
    json_list(&r->json);
    for (int i = 0; e == OK && i < p->nmovers; i++) {
        struct audience_hit hit;
        e = audience_get(use->audience, &viewer, p->movers[i].customer_id, r->arena, &hit);
        if (e == ERR_NOT_FOUND) {
            e = OK;
            continue;
        }
        if (e == OK)
            e = customer_photos(r->app, r->caller.merchant_id, &hit, 1);
        if (e != OK)
            break;
        json_open(&r->json);
        json_key(&r->json, "customer");
        customer_row_json(&r->json, use, &hit);
        place_json(&r->json, "from", &c->now, p->movers[i].from);
        place_json(&r->json, "to", &c->asked, p->movers[i].to);
        json_close(&r->json);
    }
    json_end(&r->json);
    return e;
}

static enum err preview_json(const struct preview *p)
{
    struct request *r = p->call->r;
    struct app *app = r->app;
    struct json *j = &r->json;
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    json_open(j);
    json_kv_int(j, "customers", p->customers);
    json_kv_bool(j, "estimated", p->one_in > 1);
    json_kv_int(j, "by_hand", p->by_hand * p->one_in);
    json_key(j, "after");
    json_list(j);
    for (int to = -1; to < p->call->asked.rules.n; to++) {
        int64_t n = 0;
        for (int from = -1; from < TIERS_MAX; from++)
            n += p->moves[from + 1][to + 1];
        json_open(j);
        place_json(j, "tier", &p->call->asked, to);
        json_kv_int(j, "customers", n * p->one_in);
        json_close(j);
    }
    json_end(j);
    moves_json(p);
    e = movers_json(p, &use);
    json_kv_id(j, "next", p->next);
    json_kv_int(j, "looked", p->looked);
    json_close(j);
    return e;
}

static enum err read_filter(struct request *r, const char *field, struct str name,
                            const struct tier_ladder *l, int *ret)
{
    *ret = name.n == 0 ? -2 : -1;
    if (name.n == 0 || str_eq(name, STR("-")))
        return OK;
    for (int i = 0; i < l->rules.n; i++)
        if (str_eq(l->tiers[i].name, name))
            *ret = i;
    return *ret >= 0 ? OK : request_fail(r, ERR_INVALID, "tier_unknown", field, NULL);
}

static enum err preview_route(struct request *r)
{
    const struct app *app = r->app;
    const struct ladder_args *args = r->args;
    struct ladder_call *c = arena_make(r->arena, struct ladder_call);
    struct preview *p = arena_make(r->arena, struct preview);
    enum err e = begin(r, c);
    if (e == OK)
        e = read_asked(c);
    if (e != OK)
        return e;
    *p = (struct preview){.call = c,
                          .exact = args->exact,
                          .behind = args->exact ? args->behind : 0,
                          .limit = args->has_limit ? (int)args->limit : MOVERS_DEFAULT};
    number_asked(&c->asked);
    e = read_filter(r, "from", args->from, &c->now, &p->from);
    if (e == OK)
        e = read_filter(r, "to", args->to, &c->asked, &p->to);
    if (e == OK)
        e = db_read(app->db, look, p);
    return e == OK ? preview_json(p) : e;
}

const struct http_route tier_routes[] = {
    {"GET", "/api/v1/tiers", PERM_SIGNED_IN, get_route,
     .summary = "The tiers, the lowest first, and the rule", .answer = "Tiers"},
    {"PUT", "/api/v1/tiers", PERM_SETTINGS, put_route, .body = save_spec,
     .args_size = sizeof(struct ladder_args), .needs_version = true, .confirm_password = true,
     .summary = "Changes tiers and rule, as a whole; customers move by a job", .answer = "Tiers"},
    {"POST", "/api/v1/tiers/preview", PERM_SETTINGS, preview_route, .body = preview_spec,
     .args_size = sizeof(struct ladder_args),
     .summary = "How many, and who, would move by other tiers or another rule",
     .answer = "TierPreview"},
    {0},
};
