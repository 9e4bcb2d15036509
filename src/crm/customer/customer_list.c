/* GET /customers: one question to the audience, and its answer as JSON. */
#include "../../base/check.h"
#include "../cursor.h"
#include "as_of.h"
#include "customer_view.h"

enum { LIMIT_DEFAULT = 50, OFFSET_MAX = 1000000000 };

static const char *const scopes[] = {"all", "mine", NULL};

const struct spec customer_list_spec[] = {
    {.name = "q",
     .type = SPEC_TEXT,
     .offset = offsetof(struct customer_list_args, q),
     .max = QUERY_TEXT_MAX,
     .doc = "the filter, in the query language; empty: everybody"},
    {.name = "sort",
     .type = SPEC_TEXT,
     .offset = offsetof(struct customer_list_args, sort),
     .max = 40,
     .doc = "a sortable field, with - before it for descending; name by default"},
    {.name = "cursor",
     .type = SPEC_TEXT,
     .offset = offsetof(struct customer_list_args, cursor),
     .max = 200,
     .doc = "`next` of the page before"},
    {.name = "offset",
     .type = SPEC_INT,
     .offset = offsetof(struct customer_list_args, offset),
     .max = OFFSET_MAX,
     .doc = "how many matching customers to pass over; a cursor wins"},
    {.name = "limit",
     .type = SPEC_INT,
     .offset = offsetof(struct customer_list_args, limit),
     .max = AUDIENCE_PAGE_MAX,
     .present_offset = offsetof(struct customer_list_args, has_limit) + 1,
     .doc = "50 by default; 0: only counts and facets"},
    {.name = "facets",
     .type = SPEC_TEXT,
     .offset = offsetof(struct customer_list_args, facets),
     .max = 500,
     .doc =
         "fields with commas between them; all stands for those of words and choices, and ranges "
         "of numbers, amounts and days are asked for by name: all,spent"},
    {.name = "scope",
     .type = SPEC_CHOICE,
     .offset = offsetof(struct customer_list_args, scope),
     .choices = scopes,
     .doc = "mine: the customers of the caller's stores"},
    {.name = "as_of",
     .type = SPEC_DAY,
     .offset = offsetof(struct customer_list_args, as_of),
     .doc = "an earlier day: customers as they stood at its end"},
    {0},
};

/* ---- what is asked ---- */

static enum err read_sort(struct request *r, struct str sort, struct audience_ask *ask)
{
    ask->sort = FIELD_NAME;
    if (sort.n == 0)
        return OK;
    ask->descending = sort.p[0] == '-';
    struct str name = {sort.p + ask->descending, sort.n - ask->descending};
    ask->sort = field_by_name(name);
    if (ask->sort != FIELDS && fields[ask->sort].sortable)
        return OK;
    return request_fail(r, ERR_INVALID, "sort_unknown", "sort", "found", arena_cstr(r->arena, sort),
                        NULL);
}

static enum err read_facets(struct request *r, struct str list, struct audience_ask *ask)
{
    while (list.n > 0) {
        const char *comma = memchr(list.p, ',', list.n);
        struct str name = {list.p, comma ? (size_t)(comma - list.p) : list.n};
        enum field_id field = field_by_name(name);
        bool all = str_eq(name, STR("all"));
        if (!all && (field == FIELDS || !fields[field].facet))
            return request_fail(r, ERR_INVALID, "facet_unknown", "facets", "found",
                                arena_cstr(r->arena, name), NULL);
        ask->facets |= all ? fields_with(FACET_VALUES) : UINT64_C(1) << field;
        size_t used = name.n + (comma != NULL);
        list = (struct str){list.p + used, list.n - used};
    }
    return OK;
}

/* What must be the same on the next page. */
static struct str cursor_scope(struct request *r, const struct customer_list_args *args)
{
    return str_c(arena_printf(r->arena, "customers %lld %lld %d %d %.*s\n%.*s",
                              (long long)r->caller.merchant_id, (long long)r->caller.staff_id,
                              args->scope == 1, (int)args->as_of, (int)args->sort.n, args->sort.p,
                              (int)args->q.n, args->q.p));
}

static enum err read_ask(struct request *r, const struct audience_use *use,
                         const struct customer_list_args *args, struct audience_ask *ask)
{
    *ask = (struct audience_ask){.viewer = customer_viewer(&r->caller, args->scope == 1),
                                 .offset = args->offset,
                                 .currency_decimals = use->currency_decimals,
                                 .limit = args->has_limit ? (int)args->limit : LIMIT_DEFAULT};
    enum err err = read_sort(r, args->sort, ask);
    if (err == OK)
        err = read_facets(r, args->facets, ask);
    if (err != OK)
        return err;
    if (args->cursor.n && (!cursor_read(args->cursor, cursor_scope(r, args), &ask->offset, 1) ||
                           ask->offset < 0 || ask->offset > OFFSET_MAX))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);

    struct audience_reader reader;
    audience_reader(use, r->caller.staff_id, &reader);
    err = query_parse(r->arena, args->q, &reader.context, &ask->query, &r->problem);
    if (err != OK)
        r->problem.field = "q"; /* the parameter's name here */
    return err;
}

/* ---- the answer ---- */

static void facet_json(struct json *j, const struct audience_facet *f)
{
    json_open(j);
    json_kv_cstr(j, "field", fields[f->field].name);
    json_key(j, "values");
    json_list(j);
    for (int i = 0; i < f->n; i++) {
        const struct audience_facet_value *v = &f->values[i];
        json_open(j);
        json_kv_text(j, "key", v->key);
        json_kv_text(j, "label", v->label);
        json_kv_int(j, "count", v->count);
        json_kv_bool(j, "chosen", v->chosen);
        json_close(j);
    }
    json_end(j);
    json_kv_int(j, "unknown", f->unknown);
    json_close(j);
}

/* WORD_KINDS: a field without words of the merchant's. */
static enum word_kind word_kind_of(enum field_id field)
{
    switch (field) {
    case FIELD_STORE:
        return WORD_STORE;
    case FIELD_SOURCE:
        return WORD_SOURCE;
    case FIELD_TAG:
        return WORD_TAG;
    case FIELD_CATEGORY:
        return WORD_CATEGORY;
    case FIELD_SIZE:
        return WORD_SIZE;
    case FIELD_GROUP:
        return WORD_GROUP;
    case FIELD_TIER:
        return WORD_TIER;
    case FIELD_CERTIFICATE:
        return WORD_CERTIFICATE;
    default:
        return WORD_KINDS;
    }
}

static void term_values_json(struct json *j, const struct audience_use *use,
                             const struct query_node *t)
{
    enum word_kind kind = word_kind_of(t->field);

    json_key(j, "values");
    json_list(j);
    for (int i = 0; i < t->nvalues; i++) { /* of a term, or of segments */
        const struct query_value *v = &t->values[i];
        json_open(j);
        json_kv_text(j, "text", v->text);
        json_kv_text(j, "label",
                     t->field == FIELD_SEGMENT ? audience_use_segment_name(use, v->number)
                     : kind == WORD_KINDS      ? str_c("")
                                               : audience_use_name(use, kind, v->number));
        json_close(j);
    }
    json_end(j);
}

/* One chip: a term of the top level. */
static void term_json(struct json *j, const struct audience_use *use, struct str q,
                      const struct query_node *node)
{
    static const char *const matches[] = {
        [MATCH_ANY] = "any",     [MATCH_NONE] = "none",     [MATCH_VALUES] = "values",
        [MATCH_RANGE] = "range", [MATCH_MONTHS] = "months", [MATCH_UPCOMING] = "upcoming"};
    const struct query_node *term = node;
    bool negated = false;

    for (; term->kind == NODE_NOT; term = term->children[0])
        negated = !negated;
    bool plain = term->kind == NODE_TERM || term->field == FIELD_SEGMENT;
    json_open(j);
    json_kv_text(j, "text", (struct str){q.p + node->from, (size_t)(node->to - node->from)});
    json_kv_int(j, "from", node->from);
    json_kv_int(j, "to", node->to);
    json_kv_cstr(j, "field",
                 !plain                      ? "group"
                 : term->field == FIELD_TEXT ? "text"
                                             : fields[term->field].name);
    json_kv_bool(j, "negated", negated);
    json_kv_cstr(j, "match", plain ? matches[term->match] : "values");
    term_values_json(j, use, term);
    json_close(j);
}

static void terms_json(struct json *j, const struct audience_use *use, const struct query *query)
{
    const struct query_node *root = query->root;

    json_key(j, "terms");
    json_list(j);
    if (root->kind == NODE_AND)
        for (int i = 0; i < root->nchildren; i++)
            term_json(j, use, query->text, root->children[i]);
    else if (root->kind != NODE_ALL)
        term_json(j, use, query->text, root);
    json_end(j);
}

/* Asked for a number alone, which was that of a card that went into another one. */
static enum err merged_json(struct request *r, const struct audience_use *use,
                            const struct customer_list_args *args)
{
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct json *j = &r->json;
    struct str q = str_trim(args->q);
    struct audience_hit hit;
    int64_t number, id;
    bool merged = false;
    enum err err = ERR_NOT_FOUND;
    if (q.n && q.p[0] != '-' && str_int64(q, &number))
        err = customer_of(r->app, r->caller.merchant_id, number, &id, &merged);
    if (err == OK && merged)
        err = audience_get(use->audience, &viewer, id, r->arena, &hit);
    json_key(j, "merged");
    if (err != OK || !merged) {
        json_nil(j);
        return err == ERR_NOT_FOUND ? OK : err;
    }
    json_open(j);
    json_kv_int(j, "number", number);
    json_key(j, "into");
    json_open(j);
    json_kv_id(j, "id", id);
    json_kv_int(j, "number", hit.number);
    customer_name_json(j, &hit);
    json_close(j);
    json_close(j);
    return OK;
}

static enum err answer_json(struct request *r, const struct audience_use *use,
                            const struct customer_list_args *args, const struct audience_ask *ask,
                            const struct audience_answer *answer)
{
    struct json *j = &r->json;
    int64_t next = ask->offset + answer->nhits;

    json_open(j);
    json_kv_int(j, "matching", answer->matching);
    json_kv_int(j, "total", answer->total);
    json_kv_int(j, "unknown", answer->unknown);
    json_kv_int(j, "spent_minor", answer->spent_minor);
    json_kv_int(j, "offset", ask->offset);
    json_key(j, "items");
    json_list(j);
    for (int i = 0; i < answer->nhits; i++)
        customer_row_json(j, use, &answer->hits[i]);
    json_end(j);
    json_key(j, "facets");
    json_list(j);
    for (int i = 0; i < answer->nfacets; i++)
        facet_json(j, &answer->facets[i]);
    json_end(j);
    terms_json(j, use, ask->query);
    json_kv_day(j, "as_of", args->as_of);
    json_kv_cstr(j, "next",
                 answer->nhits > 0 && next < answer->matching
                     ? cursor_make(r->arena, cursor_scope(r, args), &next, 1)
                     : NULL);
    enum err err = merged_json(r, use, args);
    json_close(j);
    return err;
}

enum err customer_list_handler(struct request *r)
{
    const struct customer_list_args *args = r->args;
    struct app *app = r->app;
    cleanup(as_of_done) struct as_of_use use = {0};
    struct audience_ask ask;
    struct audience_answer answer;

    enum err err =
        as_of_use(app->as_of, r->caller.merchant_id, args->as_of, r->arena, &use, &r->problem);
    if (err == OK)
        err = read_ask(r, &use.then, args, &ask);
    if (err == OK)
        err = audience_ask(use.then.audience, &ask, r->arena, &answer);
    if (err == OK)
        err = customer_photos(app, r->caller.merchant_id, answer.hits, (size_t)answer.nhits);
    if (err == OK)
        err = answer_json(r, &use.then, args, &ask, &answer);
    return err;
}
