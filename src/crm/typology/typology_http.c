/* Routes of the typologies. */
#include "../../base/check.h"
#include "../../base/text.h"
#include "../customer/customer_view.h"
#include "../staff/staff.h"
#include "typology_sql.h"

struct rules_args {
    int64_t numbers[TYPOLOGY_NUMBERS]; /* in the order of TYPOLOGY_NUMBER_LIST */
    json_t *order;
    struct str from, to;
    int64_t limit;
    bool has_limit;
};
enum { /* places in `numbers` */
#define PLACE(name, least, most) PLACE_##name,
       TYPOLOGY_NUMBER_LIST(PLACE)
};
#define NUMBER_SPEC(name, least, most)                                                             \
    {#name,                                                                                        \
     SPEC_INT,                                                                                     \
     offsetof(struct rules_args, numbers) + PLACE_##name * sizeof(int64_t),                        \
     .required = true,                                                                             \
     .min = (least),                                                                               \
     .max = (most)},
#define RULES_SPEC                                                                                 \
    TYPOLOGY_NUMBER_LIST(NUMBER_SPEC){                                                             \
        "order", SPEC_JSON, offsetof(struct rules_args, order), .required = true,                  \
        .doc =                                                                                     \
            "types in the order in which they are tested: {type: vip, new, occasional, at_risk, "  \
            "each once, or own with name and query}"},
static const struct spec save_spec[] = {RULES_SPEC{0}};
static const struct spec preview_spec[] = {
    RULES_SPEC{"from", SPEC_TEXT, offsetof(struct rules_args, from), .max = OWN_TYPE_NAME_MAX,
               .doc = "a type of the present rules: `items` shows who would leave it"},
    {"to", SPEC_TEXT, offsetof(struct rules_args, to), .max = OWN_TYPE_NAME_MAX,
     .doc = "a type of the proposed rules: `items` shows who would come to it"},
    {"limit", SPEC_INT, offsetof(struct rules_args, limit), .max = TYPOLOGY_MOVERS_MAX,
     .present_offset = offsetof(struct rules_args, has_limit) + 1, .doc = "of `items`"},
    {0}};

struct rules_call {
    struct request *r;
    struct audience_use use;
    struct audience_reader reader; /* sees what is shared */
    struct audience_rules now;     /* what is kept */
    struct typology_set set;       /* what is asked for */
};

static void call_end(struct rules_call *c)
{
    audiences_done(&c->use);
}

static enum err read_now(struct db_tx *tx, void *arg)
{
    struct rules_call *c = arg;
    return audience_rules_read(tx, c->r->caller.merchant_id, c->use.currency_decimals, c->r->arena,
                               &c->now);
}

static enum err begin(struct request *r, struct rules_call *c)
{
    const struct app *app = r->app;
    *c = (struct rules_call){.r = r};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &c->use);
    if (e != OK)
        return e;
    audience_reader(&c->use, 0, &c->reader);
    return db_read(app->db, read_now, c);
}

/* ---- what is asked for ---- */

static enum err wrong_order(struct request *r)
{
    return request_fail(r, ERR_INVALID, "typology_order", "order", NULL);
}

static enum err text_of(struct request *r, const json_t *object, const char *key, struct str *ret)
{
    const json_t *text = json_object_get(object, key);
    if (!json_is_string(text))
        return wrong_order(r);
    struct str raw = {json_string_value(text), json_string_length(text)};
    return text_clean(r->arena, raw, ret) == OK ? OK : wrong_order(r);
}

static enum err read_type(struct request *r, const json_t *item, struct typology_set *s)
{
    struct str type;
    struct own_type own;
    enum err e = text_of(r, item, "type", &type);
    if (e != OK)
        return e;
    for (int t = 0; t < TYPES; t++) {
        if (!str_eq(type, str_c(fields[FIELD_TYPE].choices[t])))
            continue;
        s->order[s->norder++] = (uint8_t)t;
        return OK;
    }
    if (!str_eq(type, STR("own")))
        return wrong_order(r);
    if (s->nown == OWN_TYPES_MAX)
        return request_fail(r, ERR_INVALID, "typology_own_many", "order", "most",
                            arena_printf(r->arena, "%d", OWN_TYPES_MAX), NULL);
    e = text_of(r, item, "name", &own.name);
    if (e == OK)
        e = text_of(r, item, "query", &own.query);
    own.name = str_trim(own.name);
    if (e == OK) {
        s->order[s->norder++] = (uint8_t)(TYPES + s->nown);
        s->own[s->nown++] = own;
    }
    return e;
}

static enum err read_set(struct rules_call *c)
{
    struct request *r = c->r;
    const struct rules_args *args = r->args;
    struct typology_set *s = &c->set;
    *s = (struct typology_set){.currency_decimals = c->use.currency_decimals};
    for (int i = 0; i < TYPOLOGY_NUMBERS; i++) {
        char *at = (char *)&s->numbers + typology_numbers[i].offset;
        *(int32_t *)(void *)at = (int32_t)args->numbers[i];
    }
    size_t n = json_is_array(args->order) ? json_array_size(args->order) : 0;
    enum err e = n > 0 ? OK : wrong_order(r);
    for (size_t i = 0; e == OK && i < n; i++)
        e = s->norder == TYPES_ALL ? wrong_order(r)
                                   : read_type(r, json_array_get(args->order, i), s);
    if (e != OK)
        return e;
    return typology_check(s, &c->reader.context, r->arena, &r->problem);
}

/* ---- answers ---- */

static struct str type_text(const struct typology_set *s, int type)
{
    return type < TYPES ? str_c(fields[FIELD_TYPE].choices[type]) : s->own[type - TYPES].name;
}

static void problem_of(struct rules_call *c, const struct own_type *own)
{
    struct request *r = c->r;
    struct problem p = {.from = -1};
    struct typology_set alone = typology_defaults;
    alone.own[alone.nown++] = *own;
    alone.order[alone.norder++] = TYPES;
    json_key(&r->json, "problem");
    if (typology_check(&alone, &c->reader.context, r->arena, &p) == OK)
        json_nil(&r->json);
    else
        http_problem_json(&r->json, r->arena, r->language, &p, 422);
}

static void order_json(struct rules_call *c, const struct typology_set *s)
{
    struct json *j = &c->r->json;
    json_key(j, "order");
    json_list(j);
    for (int i = 0; i < s->norder; i++) {
        int t = s->order[i];
        json_open(j);
        json_kv_cstr(j, "type", t < TYPES ? fields[FIELD_TYPE].choices[t] : "own");
        if (t >= TYPES) {
            json_kv_text(j, "name", s->own[t - TYPES].name);
            json_kv_text(j, "query", s->own[t - TYPES].query);
            problem_of(c, &s->own[t - TYPES]);
        }
        json_close(j);
    }
    json_end(j);
}

static void rules_json(struct rules_call *c, const struct typology_set *s)
{
    struct json *j = &c->r->json;
    for (int i = 0; i < TYPOLOGY_NUMBERS; i++) {
        const char *at = (const char *)&s->numbers + typology_numbers[i].offset;
        json_kv_int(j, typology_numbers[i].name, *(const int32_t *)(const void *)at);
    }
    order_json(c, s);
}

static void limits_json(struct json *j)
{
    json_key(j, "limits");
    json_open(j);
    for (int i = 0; i < TYPOLOGY_NUMBERS; i++) {
        json_key(j, typology_numbers[i].name);
        json_open(j);
        json_kv_int(j, "least", typology_numbers[i].least);
        json_kv_int(j, "most", typology_numbers[i].most);
        json_close(j);
    }
    json_close(j);
}

static enum err answer(struct rules_call *c)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    r->etag = arena_printf(r->arena, "%lld", (long long)c->now.version);
    json_open(j);
    json_key(j, "rules");
    json_open(j);
    rules_json(c, &c->now.set);
    json_close(j);
    json_key(j, "defaults");
    json_open(j);
    rules_json(c, &typology_defaults);
    json_close(j);
    limits_json(j);
    json_kv_int(j, "own_most", OWN_TYPES_MAX);
    json_kv_int(j, "version", c->now.version);
    json_close(j);
    return OK;
}

static enum err get_route(struct request *r)
{
    cleanup(call_end) struct rules_call c = {0};
    enum err e = begin(r, &c);
    return e == OK ? answer(&c) : e;
}

/* ---- saving ---- */

static enum err save(struct db_tx *tx, void *arg)
{
    struct rules_call *c = arg;
    struct request *r = c->r;
    struct audit_actor by = audit_by_request(r);
    enum err e =
        typology_save(tx, r->caller.merchant_id, r->if_match, &c->set, &by, r->arena, &r->problem);
    return e == OK ? read_now(tx, c) : e;
}

static enum err put_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct rules_call c = {0};
    enum err e = begin(r, &c);
    if (e == OK)
        e = request_check_version(r, c.now.version);
    if (e == OK)
        e = read_set(&c);
    if (e == OK)
        e = db_write(app->db, save, &c);
    return e == OK ? answer(&c) : e;
}

/* ---- trying out ---- */

/* -1: none was named. */
static enum err read_mover(struct request *r, const char *field, struct str name,
                           const struct typology_set *s, int *ret)
{
    *ret = -1;
    for (int t = 0; name.n && t < TYPES + s->nown; t++)
        if (str_eq(name, type_text(s, t)))
            *ret = t;
    if (name.n == 0 || *ret >= 0)
        return OK;
    return request_fail(r, ERR_INVALID, "typology_unknown", field, "name",
                        arena_cstr(r->arena, name), NULL);
}

static void counts_json(struct json *j, const char *key, const struct typology_set *s,
                        const int64_t *counts)
{
    json_key(j, key);
    json_list(j);
    for (int i = 0; i <= s->norder; i++) {
        int t = i < s->norder ? s->order[i] : TYPE_REGULAR;
        json_open(j);
        json_kv_text(j, "type", type_text(s, t));
        json_kv_int(j, "customers", counts[t]);
        json_close(j);
    }
    json_end(j);
}

/* An own type that keeps its name has not moved, whatever its place. */
static bool same_type(const struct rules_call *c, const struct typology_set *before, int from,
                      int to)
{
    return str_eq(type_text(before, from), type_text(&c->set, to));
}

static void preview_json(struct rules_call *c, const struct typology_set *before,
                         const struct typology_preview *p)
{
    struct json *j = &c->r->json;
    int64_t moved = 0;
    json_open(j);
    counts_json(j, "before", before, p->before);
    counts_json(j, "after", &c->set, p->after);
    json_key(j, "moves");
    json_list(j);
    for (int from = 0; from < TYPES + before->nown; from++) {
        for (int to = 0; to < TYPES + c->set.nown; to++) {
            if (p->moves[from][to] == 0 || same_type(c, before, from, to))
                continue;
            moved += p->moves[from][to];
            json_open(j);
            json_kv_text(j, "from", type_text(before, from));
            json_kv_text(j, "to", type_text(&c->set, to));
            json_kv_int(j, "customers", p->moves[from][to]);
            json_close(j);
        }
    }
    json_end(j);
    json_kv_int(j, "moved", moved);
    json_key(j, "items");
    json_list(j);
    for (int i = 0; i < p->nhits; i++)
        customer_row_json(j, &c->use, &p->hits[i]);
    json_end(j);
    json_close(j);
}

static enum err preview_route(struct request *r)
{
    const struct rules_args *args = r->args;
    cleanup(call_end) struct rules_call c = {0};
    struct typology_preview p;
    struct typology_movers of;
    enum err e = begin(r, &c);
    if (e == OK)
        e = read_set(&c);
    if (e != OK)
        return e;
    const struct typology_set before = audience_typologies(c.use.audience, r->arena);
    e = read_mover(r, "from", args->from, &before, &of.from);
    if (e == OK)
        e = read_mover(r, "to", args->to, &c.set, &of.to);
    if (e != OK)
        return e;
    of.limit = args->has_limit ? (int)args->limit : TYPOLOGY_MOVERS_MAX;
    audience_preview_typologies(c.use.audience, &c.set, &c.reader.segments, &of, r->arena, &p);
    e = customer_photos(r->app, r->caller.merchant_id, p.hits, (size_t)p.nhits);
    if (e == OK)
        preview_json(&c, &before, &p);
    return e;
}

const struct http_route typology_routes[] = {
    {"GET", "/api/v1/typologies", PERM_SIGNED_IN, get_route,
     .summary = "The rules that sort customers into types", .answer = "Typologies"},
    {"PUT", "/api/v1/typologies", PERM_SETTINGS, put_route, .body = save_spec,
     .args_size = sizeof(struct rules_args), .needs_version = true,
     .summary = "Changes the rules, as a whole", .answer = "Typologies"},
    {"POST", "/api/v1/typologies/preview", PERM_SETTINGS, preview_route, .body = preview_spec,
     .args_size = sizeof(struct rules_args),
     .summary = "How many, and who, would move under other rules", .answer = "TypologyPreview"},
    {0},
};
