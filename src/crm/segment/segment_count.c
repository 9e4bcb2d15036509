#include "segment_count.h"
#include "../../base/check.h"

/* Both: a query of its own above two trees. */
static const struct query *both(struct arena *a, const struct query *x, const struct query *y)
{
    if (x->root->kind == NODE_ALL)
        return y;
    struct query_node *root = arena_make(a, struct query_node);
    *root = (struct query_node){.kind = NODE_AND, .nchildren = 2};
    root->children = arena_array(a, struct query_node *, 2);
    root->children[0] = x->root;
    root->children[1] = y->root;
    struct query *q = arena_make(a, struct query);
    *q = (struct query){.root = root, .text = y->text};
    return q;
}

static enum err count(const struct audience_reader *reader, const struct audience_viewer *viewer,
                      struct arena *a, const struct query *q, int64_t *ret)
{
    const struct audience_ask ask = {.query = q, .viewer = *viewer, .only_count = true};
    struct audience_answer answer;
    enum err e = audience_ask(reader->use->audience, &ask, a, &answer);
    if (e == OK)
        *ret = answer.matching;
    return e;
}

enum err segment_count(const struct audience_reader *reader, const struct audience_viewer *viewer,
                       struct arena *a, struct str text, const struct query *within,
                       struct segment_count *ret)
{
    const struct query *q;
    *ret = (struct segment_count){.problem = {.from = -1}};
    if (query_parse(a, text, &reader->context, &q, &ret->problem) != OK)
        return OK;
    ret->good = true;
    enum err e = count(reader, viewer, a, q, &ret->customers);
    if (e == OK && within)
        e = count(reader, viewer, a, both(a, within, q), &ret->within);
    return e;
}

/* The reader's segments, one of them as it is to become. */
struct changed {
    const struct audience_reader *reader;
    struct query_segment self;
    struct str key;
};

static bool find_changed(void *ctx, struct str key, struct query_segment *ret)
{
    const struct changed *c = ctx;
    const struct query_segments *others = &c->reader->segments;
    if (c->self.id && str_eq(key, c->key)) {
        *ret = c->self;
        return true;
    }
    return others->find(others->ctx, key, ret) && ret->id != c->self.id;
}

static void each_changed(void *ctx, void (*fn)(void *arg, struct str name), void *arg)
{
    const struct changed *c = ctx;
    c->reader->segments.each(c->reader->segments.ctx, fn, arg);
}

static bool is_bound(const char *code)
{
    static const char *const bounds[] = {"query_too_many_terms", "query_too_deep", "query_too_long",
                                         "query_segments_deep"};
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        if (strcmp(code, bounds[i]) == 0)
            return true;
    return false;
}

enum err segment_check(const struct audience_reader *reader, const struct segment *s,
                       struct arena *a, struct problem *p)
{
    struct changed c = {reader, {s->id, s->name, s->text}, query_segment_key(a, s->name)};
    const struct query_segments segments = {&c, find_changed, each_changed};
    struct query_context context = reader->context;
    const struct query *q;
    context.segments = &segments;
    context.self = c.self;
    enum err e = query_parse(a, s->text, &context, &q, p);
    if (e != OK)
        return e;
    if (q->root->kind == NODE_ALL)
        return problem_set(p, a, ERR_INVALID, "field_required", "query", NULL);

    size_t n;
    const struct audience_segment *all = audience_use_segments(reader->use, &n);
    context.self = (struct query_segment){0};
    for (size_t i = 0; s->id && i < n; i++) {
        struct problem now = {.from = -1};
        if (all[i].id == s->id ||
            !segments.find(segments.ctx, all[i].key, &(struct query_segment){0}))
            continue;
        if (query_parse(a, all[i].text, &context, &q, &now) != OK && is_bound(now.code) &&
            query_parse(a, all[i].text, &reader->context, &q, NULL) == OK)
            return problem_set(p, a, ERR_INVALID, "segment_breaks", "query", "segment",
                               arena_cstr(a, all[i].name), NULL);
    }
    return OK;
}
