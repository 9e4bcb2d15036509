/* Terms on segments: each name's own text is read in its place. */
#include "../base/check.h"
#include "../base/text.h"
#include "query_parser.h"
#include "query_grammar.h"

struct str query_segment_key(struct arena *a, struct str name)
{
    struct str folded = text_fold(a, name);
    return folded.n > 0 ? folded : name;
}

/* "Regulars → Good ones → Regulars": from the outermost of `n` parsers on, then `last`. */
static const char *path_text(struct query_parser *p, const struct query_parser *const *chain, int n,
                             struct str last)
{
    struct buf b;
    buf_init(&b, QUERY_TEXT_MAX);
    for (int i = n - 1; i >= 0; i--)
        buf_printf(&b, "%.*s → ", (int)chain[i]->segment.name.n, chain[i]->segment.name.p);
    buf_add(&b, last.p, last.n);
    const char *text = arena_cstr(p->arena, buf_str(&b));
    buf_free(&b);
    return text;
}

/* A segment within itself, and too many within each other. */
static bool check_path(struct query_parser *p, const struct query_token *t,
                       const struct query_segment *s)
{
    const struct query_parser *chain[QUERY_SEGMENTS_DEEP + 1];
    int n = 0;
    for (const struct query_parser *q = p; q && q->segment.id; q = q->outer) {
        chain[n++] = q;
        if (q->segment.id == s->id) {
            query_fail(p, t->from, t->to, "query_segment_cycle", "segment",
                       path_text(p, chain, n, s->name));
            return false;
        }
    }
    if (n < QUERY_SEGMENTS_DEEP)
        return true;
    query_fail(p, t->from, t->to, "query_segments_deep", "segment", path_text(p, chain, n, s->name),
               "expected", arena_printf(p->arena, "%d", QUERY_SEGMENTS_DEEP));
    return false;
}

static const char *problem_arg(const struct problem *p, const char *name)
{
    for (int i = 0; i < p->nargs; i++)
        if (strcmp(p->args[i].name, name) == 0)
            return p->args[i].value;
    return "";
}

/* What is wrong inside is told at the place of the term outside. */
static void pass_on(struct query_parser *p, const struct query_token *t,
                    const struct query_segment *s, const struct problem *inner)
{
    static const char *const whole[] = {"query_segment_cycle", "query_segments_deep",
                                        "query_too_many_terms", "query_too_deep", "query_too_long"};
    for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
        if (strcmp(inner->code, whole[i]) == 0) {
            query_fail(p, t->from, t->to, whole[i], "segment", problem_arg(inner, "segment"),
                       "expected", problem_arg(inner, "expected"));
            return;
        }
    }
    const char *path = arena_cstr(p->arena, s->name);
    if (strcmp(inner->code, "query_segment_broken") == 0)
        path = arena_printf(p->arena, "%s → %s", path, problem_arg(inner, "segment"));
    query_fail(p, t->from, t->to, "query_segment_broken", "segment", path, "found",
               problem_arg(inner, "found"), "field", problem_arg(inner, "field"));
}

static int tree_depth(const struct query_node *n)
{
    int deepest = 0;
    for (int i = 0; i < n->nchildren; i++) {
        int d = tree_depth(n->children[i]);
        deepest = d > deepest ? d : deepest;
    }
    return deepest + 1;
}

static void set_place(struct query_node *n, int32_t from, int32_t to)
{
    n->from = from;
    n->to = to;
    for (int i = 0; i < n->nchildren; i++)
        set_place(n->children[i], from, to);
}

/* NULL and p->err when it cannot be read. */
static struct query_node *expand(struct query_parser *p, const struct query_token *t,
                                 const struct query_segment *s)
{
    struct problem inner = {.from = -1};
    struct query_parser child = {.arena = p->arena,
                                 .context = p->context,
                                 .problem = &inner,
                                 .text = s->text,
                                 .nterms = p->nterms,
                                 .expanded = p->expanded + s->text.n,
                                 .outer = p,
                                 .segment = *s};
    if (child.expanded > QUERY_EXPANDED_MAX) {
        query_fail(p, t->from, t->to, "query_too_long", "expected",
                   arena_printf(p->arena, "%d", QUERY_EXPANDED_MAX));
        return NULL;
    }
    query_read(&child);
    p->nterms = child.nterms;
    p->expanded = child.expanded;
    if (child.err != OK) {
        pass_on(p, t, s, &inner);
        return NULL;
    }
    if (child.root->kind == NODE_ALL) { /* everybody is no filter, and stands nowhere but alone */
        query_fail(p, t->from, t->to, "query_segment_broken", "segment",
                   arena_cstr(p->arena, s->name), "found", "", "field", "");
        return NULL;
    }
    if (tree_depth(child.root) > QUERY_DEPTH_MAX) {
        query_fail(p, t->from, t->to, "query_too_deep", "expected",
                   arena_printf(p->arena, "%d", QUERY_DEPTH_MAX));
        return NULL;
    }
    return child.root;
}

static bool find_segment(struct query_parser *p, const struct query_token *t,
                         struct query_segment *ret)
{
    const struct query_segments *segments = p->context->segments;
    if (!t->quoted && (str_ieq_ascii(t->text, STR("any")) || str_ieq_ascii(t->text, STR("none")))) {
        query_fail(p, t->from, t->to, "query_segment_any", "found", arena_cstr(p->arena, t->text));
        return false;
    }
    struct str key = query_segment_key(p->arena, t->text);
    if (segments && segments->find(segments->ctx, key, ret))
        return check_path(p, t, ret);
    struct query_near near;
    query_near_start(&near, p->arena, t->text);
    if (segments)
        segments->each(segments->ctx, query_near_try, &near);
    query_fail_value(p, t, "query_unknown_value", FIELD_SEGMENT, near.best, "");
    return false;
}

struct query_node *query_segment_term(struct query_parser *p, const struct query_node *like,
                                      const struct query_raw_values *values)
{
    struct query_node *n = arena_make(p->arena, struct query_node);
    *n = *like;
    n->kind = NODE_OR;
    n->match = MATCH_VALUES;
    n->values = arena_array(p->arena, struct query_value, (size_t)values->n);
    for (const struct query_raw_value *raw = values->first; raw; raw = raw->next) {
        struct query_segment s;
        if ((raw != values->first && !query_count_term(p, raw->token.from, raw->token.to)) ||
            !find_segment(p, &raw->token, &s))
            return NULL;
        struct query_node *meaning = expand(p, &raw->token, &s);
        if (!query_append(p, n, meaning))
            return NULL;
        n->values[n->nvalues++] = (struct query_value){.text = raw->token.text, .number = s.id};
    }
    set_place(n, like->from, like->to);
    return n;
}

/* `parser` stays the caller's: the lexer's problems go there. */
static struct query_lexer lexer_of(struct query_parser *parser, struct arena *a, struct str text)
{
    *parser = (struct query_parser){.arena = a, .text = arena_str(a, text)};
    const unsigned char *start = (const unsigned char *)arena_cstr(a, text);
    return (struct query_lexer){
        .parser = parser, .start = start, .cursor = start, .end = start + text.n};
}

bool query_names_field(struct arena *a, struct str text, enum field_id field)
{
    struct query_parser p;
    struct query_lexer l = lexer_of(&p, a, text);
    struct query_token t;
    for (int token; (token = query_lex(&l, &t)) > 0;) {
        if (token == QUERY_FIELD && field_by_name((struct str){t.text.p, t.text.n - 1}) == field)
            return true;
    }
    return false;
}

int query_references(struct arena *a, struct str text, const struct query_reference **ret)
{
    return query_references_to(a, text, FIELD_SEGMENT, ret);
}

int query_references_to(struct arena *a, struct str text, enum field_id field,
                        const struct query_reference **ret)
{
    struct query_parser p;
    struct query_lexer l = lexer_of(&p, a, text);
    struct query_reference *all = NULL;
    struct query_token t;
    bool within = false;
    int n = 0, cap = 0;
    for (int token, last = 0; (token = query_lex(&l, &t)) > 0; last = token) {
        if (token == QUERY_FIELD)
            within = field_by_name((struct str){t.text.p, t.text.n - 1}) == field;
        else if (token == QUERY_VALUE && last != QUERY_FIELD && last != QUERY_COMMA)
            within = false;
        if (!within || token != QUERY_VALUE)
            continue;
        if (n == cap) {
            cap = cap ? cap * 2 : 8;
            struct query_reference *more = arena_array(a, struct query_reference, (size_t)cap);
            if (n)
                memcpy(more, all, (size_t)n * sizeof(*more));
            all = more;
        }
        all[n++] = (struct query_reference){query_segment_key(a, t.text), t.from, t.to};
    }
    *ret = all;
    return n;
}
