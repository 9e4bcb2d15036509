#include "segment_graph.h"
#include "../../base/check.h"

static const struct segment *by_key(const struct segment_graph *g, struct str key)
{
    if (str_eq(query_segment_key(g->arena, g->self->name), key))
        return g->self;
    for (size_t i = 0; i < g->n; i++) {
        const struct segment *s = &g->all[i];
        if (!s->deleted && s->id != g->self->id &&
            str_eq(query_segment_key(g->arena, s->name), key))
            return s;
    }
    return NULL;
}

/* The way from a segment to `self`: the segments on it, the first one last. */
struct way {
    const struct segment *steps[SEGMENTS_MAX + 1];
    size_t n;
    const struct segment *seen[SEGMENTS_MAX + 1]; /* that do not lead there */
    size_t nseen;
};

static bool was_seen(const struct way *w, const struct segment *s)
{
    for (size_t i = 0; i < w->nseen; i++)
        if (w->seen[i] == s)
            return true;
    return false;
}

static bool leads_back(const struct segment_graph *g, const struct segment *from, struct way *w)
{
    if (from == g->self)
        return true;
    if (was_seen(w, from) || w->nseen == SEGMENTS_MAX)
        return false;
    w->seen[w->nseen++] = from;
    const struct query_reference *names;
    int n = query_references(g->arena, from->text, &names);
    for (int i = 0; i < n; i++) {
        const struct segment *next = by_key(g, names[i].key);
        if (next && leads_back(g, next, w)) {
            w->steps[w->n++] = from;
            return true;
        }
    }
    return false;
}

static const char *way_text(const struct segment_graph *g, const struct way *w)
{
    struct buf b;
    buf_init(&b, QUERY_TEXT_MAX);
    buf_printf(&b, "%.*s → ", (int)g->self->name.n, g->self->name.p);
    for (size_t i = w->n; i-- > 0;)
        buf_printf(&b, "%.*s → ", (int)w->steps[i]->name.n, w->steps[i]->name.p);
    buf_add(&b, g->self->name.p, g->self->name.n);
    const char *text = arena_cstr(g->arena, buf_str(&b));
    buf_free(&b);
    return text;
}

static enum err check_name(const struct segment_graph *g, const struct query_reference *name,
                           struct problem *p)
{
    struct arena *a = g->arena;
    struct str typed = {g->self->text.p + name->from, (size_t)(name->to - name->from)};
    const struct segment *used = by_key(g, name->key);
    if (!used || (!used->shared && used->owner_id != g->self->owner_id))
        return problem_set(p, a, ERR_INVALID, "query_unknown_value", "query", "found",
                           arena_cstr(a, typed), "field", "segment", "near", "", "expected", "",
                           NULL);
    if (g->self->shared && !used->shared)
        return problem_set(p, a, ERR_INVALID, "segment_uses_private", "query", "segment",
                           arena_cstr(a, used->name), NULL);
    struct way w = {.n = 0};
    if (leads_back(g, used, &w))
        return problem_set(p, a, ERR_INVALID, "query_segment_cycle", "query", "segment",
                           way_text(g, &w), NULL);
    return OK;
}

enum err segment_graph_check(const struct segment_graph *g, struct problem *p)
{
    const struct query_reference *names;
    int n = query_references(g->arena, g->self->text, &names);
    for (int i = 0; i < n; i++) {
        enum err e = check_name(g, &names[i], p);
        if (e != OK) {
            if (p) {
                p->from = names[i].from;
                p->to = names[i].to;
            }
            return e;
        }
    }
    return OK;
}

bool segment_graph_reaches(const struct segment_graph *g, struct str text)
{
    const struct query_reference *names;
    int n = query_references(g->arena, text, &names);
    struct way w = {.n = 0};
    for (int i = 0; i < n; i++) {
        const struct segment *used = by_key(g, names[i].key);
        if (used && leads_back(g, used, &w))
            return true;
    }
    return false;
}

static bool asks_type(const struct segment_graph *g, struct str text, struct way *w)
{
    if (query_names_field(g->arena, text, FIELD_TYPE) ||
        query_names_field(g->arena, text, FIELD_FAVOURITE))
        return true;
    const struct query_reference *names;
    int n = query_references(g->arena, text, &names);
    for (int i = 0; i < n; i++) {
        const struct segment *used = by_key(g, names[i].key);
        if (!used || was_seen(w, used) || w->nseen == SEGMENTS_MAX)
            continue;
        w->seen[w->nseen++] = used;
        if (asks_type(g, used->text, w))
            return true;
    }
    return false;
}

bool segment_graph_asks_type(const struct segment_graph *g, struct str text)
{
    return asks_type(g, text, &(struct way){.n = 0});
}

bool segment_names(struct arena *a, struct str text, struct str key)
{
    const struct query_reference *names;
    int n = query_references(a, text, &names);
    for (int i = 0; i < n; i++)
        if (str_eq(names[i].key, key))
            return true;
    return false;
}

struct str segment_renamed(struct arena *a, struct str text, enum field_id field, struct str key,
                           struct str name)
{
    const struct query_reference *names;
    int n = query_references_to(a, text, field, &names);
    struct str written = query_quoted(a, name);
    char *out = arena_alloc(a, text.n + (size_t)n * written.n + 1);
    size_t length = 0, at = 0;
    for (int i = 0; i < n; i++) {
        if (!str_eq(names[i].key, key))
            continue;
        size_t from = (size_t)names[i].from;
        memcpy(out + length, text.p + at, from - at);
        memcpy(out + length + from - at, written.p, written.n);
        length += from - at + written.n;
        at = (size_t)names[i].to;
    }
    memcpy(out + length, text.p + at, text.n - at);
    return (struct str){out, length + text.n - at};
}
