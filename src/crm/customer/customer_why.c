/* GET /customers/{id}/why: why a customer matches a query, or is of a type, and until when. */
#include "../../audience/why.h"
#include "../../base/check.h"
#include "customer_view.h"

const struct spec customer_why_spec[] = {
    {"query", SPEC_TEXT, offsetof(struct customer_why_args, query), .max = QUERY_TEXT_MAX,
     .required = true, .doc = "in the query language; a segment by segment:name"},
    {0},
};

struct telling {
    struct json *json;
    const struct audience_use *use;
    struct str text; /* that places are of */
    int32_t today;
};

static const char *verdict_name(enum why_verdict v)
{
    static const char *const names[] = {"no", "unknown", "yes"};
    return names[v];
}

static void words_json(struct json *j, const struct why_value *v)
{
    json_key(j, "words");
    json_list(j);
    for (int i = 0; i < v->nwords; i++)
        json_text(j, v->words[i]);
    json_end(j);
}

static void birthday_json(struct json *j, int64_t month_day)
{
    char text[DAY_TEXT_MAX];
    const struct civil day = {2000, (int32_t)(month_day / 32), (int32_t)(month_day % 32)};
    day_format(day_from_civil(day), text); /* 2000 has every day that there is */
    json_kv_cstr(j, "birthday", text + 5);
}

/* What the customer has, by the field's kind; null: unknown, or a bare word. */
static void value_json(const struct telling *t, enum field_id field, const struct why_value *v)
{
    struct json *j = t->json;
    json_key(j, "value");
    if (!v->known) {
        json_nil(j);
        return;
    }
    json_open(j);
    switch (fields[field].kind) {
    case KIND_DAY:
        json_kv_day(j, "day", (int32_t)v->number);
        break;
    case KIND_MONEY:
        json_kv_int(j, "minor", v->number);
        break;
    case KIND_TENTHS:
        customer_tenths_json(j, "number", (int32_t)v->number);
        break;
    case KIND_BIRTHDAY:
        birthday_json(j, v->number);
        break;
    case KIND_INTEGER:
        json_kv_int(j, "number", v->number);
        break;
    default:
        words_json(j, v);
    }
    json_close(j);
}

static void node_json(const struct telling *t, const struct why_node *y)
{
    static const char *const kinds[] = {"all", "and", "or", "not", "term"};
    struct json *j = t->json;
    const struct query_node *n = y->node;
    bool segment = n->kind == NODE_OR && n->field == FIELD_SEGMENT;
    json_open(j);
    json_kv_cstr(j, "kind", segment ? "segment" : kinds[n->kind]);
    json_kv_text(j, "text", (struct str){t->text.p + n->from, (size_t)(n->to - n->from)});
    json_kv_cstr(j, "verdict", verdict_name(y->verdict));
    json_kv_day(j, "turns", y->turns);
    if (n->kind == NODE_TERM) {
        json_kv_cstr(j, "field", fields[n->field].name);
        value_json(t, n->field, &y->value);
    }
    json_key(j, "parts");
    json_list(j);
    for (int i = 0; i < y->nchildren; i++)
        node_json(t, y->children[i]);
    json_end(j);
    json_close(j);
}

static void tree_json(const struct telling *t, const struct why_node *root)
{
    json_key(t->json, "tree");
    if (root)
        node_json(t, root);
    else
        json_nil(t->json);
}

/* The numbers that a type of the four rests on. */
static void facts_json(struct json *j, const struct why_type *t)
{
    const struct typology_rules *r = t->rules;
    json_key(j, "facts");
    json_open(j);
    if (t->type == TYPE_VIP) {
        json_kv_int(j, "needed", r->vip_visits);
        json_key(j, "months");
        json_list(j);
        for (int m = 0; m < r->vip_months; m++)
            json_int(j, t->months[m]);
        json_end(j);
    } else if (t->type == TYPE_NEW) {
        json_kv_day(j, "registered", t->registered_day);
        json_kv_int(j, "within_months", r->new_months);
        json_kv_int(j, "visits", t->visits);
        json_kv_int(j, "most", r->new_visits_max);
    } else if (t->type == TYPE_OCCASIONAL) {
        json_kv_int(j, "within_months", r->occasional_months);
        json_kv_int(j, "visits", t->recent);
        json_kv_int(j, "most", r->occasional_max);
    } else if (t->type == TYPE_AT_RISK) {
        json_kv_day(j, "last_visit", t->last_visit_day);
        json_kv_day(j, "registered", t->registered_day);
        json_kv_int(j, "days", r->at_risk_days);
    }
    json_close(j);
}

static void type_json(struct telling *t, const struct why_type *y)
{
    struct json *j = t->json;
    json_open(j);
    json_kv_text(j, "type",
                 y->type < TYPES ? str_c(fields[FIELD_TYPE].choices[y->type]) : y->own_name);
    json_kv_bool(j, "own", y->type >= TYPES);
    json_kv_bool(j, "is", y->is);
    json_kv_bool(j, "fits", y->fits);
    json_kv_day(j, "turns", y->turns);
    json_kv_day(j, "becomes", y->becomes);
    facts_json(j, y);
    t->text = y->own_query;
    tree_json(t, y->tree);
    json_close(j);
}

static void segment_json(struct json *j, const struct audience_segment *s, int32_t leaves)
{
    json_open(j);
    json_kv_id(j, "id", s->id);
    json_kv_text(j, "name", s->name);
    json_kv_day(j, "leaves", leaves);
    json_close(j);
}

/* The segments that the caller knows and the customer is in, with the day of leaving. */
static enum err segments_json(struct request *r, const struct audience_reader *reader,
                              const struct audience_viewer *viewer)
{
    enum { SHOWN_MAX = 200 };
    const struct audience_use *use = reader->use;
    size_t n;
    const struct audience_segment *all = audience_use_segments(use, &n);
    int shown = 0;
    json_key(&r->json, "segments");
    json_list(&r->json);
    for (size_t i = 0; i < n && shown < SHOWN_MAX; i++) {
        const struct query *q;
        struct why why;
        if (!all[i].shared && all[i].owner_id != reader->staff_id)
            continue;
        struct query_context c = reader->context;
        c.self = (struct query_segment){all[i].id, all[i].name, all[i].text};
        if (query_parse(r->arena, all[i].text, &c, &q, NULL) != OK)
            continue; /* broken: its page tells */
        if (!audience_matches(use->audience, viewer, r->ids[0], q, r->arena))
            continue;
        enum err e = audience_why(use->audience, viewer, r->ids[0], q, r->arena, &why);
        if (e != OK && e != ERR_TOO_LARGE)
            return e;
        segment_json(&r->json, &all[i], e == OK ? why.turns : DAY_NONE);
        shown++;
    }
    json_end(&r->json);
    return OK;
}

static enum err types_answer(struct request *r, const struct audience_reader *reader,
                             const struct audience_viewer *viewer)
{
    struct why why;
    struct json *j = &r->json;
    enum err e = audience_why_types(reader->use->audience, viewer, r->ids[0], r->arena, &why);
    if (e != OK)
        return e;
    struct telling t = {.json = j, .use = reader->use, .today = why.today};
    json_open(j);
    json_kv_day(j, "today", why.today);
    json_kv_day(j, "turns", why.turns);
    json_key(j, "types");
    json_list(j);
    for (int i = 0; i < why.ntypes; i++)
        type_json(&t, &why.types[i]);
    json_end(j);
    e = segments_json(r, reader, viewer);
    json_close(j);
    return e;
}

static enum err query_answer(struct request *r, const struct audience_reader *reader,
                             const struct audience_viewer *viewer, struct str text)
{
    const struct query *q;
    struct why why;
    struct json *j = &r->json;
    enum err e = query_parse(r->arena, text, &reader->context, &q, &r->problem);
    if (e != OK)
        return e;
    e = audience_why(reader->use->audience, viewer, r->ids[0], q, r->arena, &why);
    if (e == ERR_TOO_LARGE)
        return request_fail(r, ERR_INVALID, "why_too_many_terms", "query", "most",
                            arena_printf(r->arena, "%d", WHY_TERMS_MAX), NULL);
    if (e != OK)
        return e;
    const struct telling t = {j, reader->use, q->text, why.today};
    json_open(j);
    json_kv_day(j, "today", why.today);
    json_kv_bool(j, "matches", why.matches);
    json_kv_day(j, "turns", why.turns);
    tree_json(&t, why.root);
    json_close(j);
    return OK;
}

static enum err why_handler(struct request *r, struct str query)
{
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct audience_reader reader;
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    enum err e = customer_seen(r, &use, &hit);
    if (e != OK)
        return e;
    audience_reader(&use, r->caller.staff_id, &reader);
    return query.n ? query_answer(r, &reader, &viewer, query) : types_answer(r, &reader, &viewer);
}

enum err customer_why_handler(struct request *r)
{
    const struct customer_why_args *args = r->args;
    return why_handler(r, args->query);
}

enum err customer_types_handler(struct request *r)
{
    return why_handler(r, STR(""));
}
