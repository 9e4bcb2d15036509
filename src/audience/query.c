/* Drives lexer and grammar, and builds the tree. */
#include <stdarg.h>
#include <stdlib.h>
#include "../base/check.h"
#include "../base/text.h"
#include "query_parser.h"
#include "query_grammar.h"

void query_place(struct query_parser *p, int32_t from, int32_t to)
{
    if (!p->problem)
        return;
    p->problem->from = from;
    p->problem->to = to;
}

static struct query_node *node_new(struct query_parser *p, enum query_node_kind kind, int32_t from,
                                   int32_t to)
{
    struct query_node *n = arena_make(p->arena, struct query_node);
    n->kind = kind;
    n->from = from;
    n->to = to;
    return n;
}

struct query_node *query_everybody(struct query_parser *p)
{
    return node_new(p, NODE_ALL, 0, 0);
}

/* Room for the children grows in powers of two. */
struct query_node *query_append(struct query_parser *p, struct query_node *list,
                                struct query_node *child)
{
    if (!list || !child)
        return NULL;
    int n = list->nchildren;
    if ((n & (n - 1)) == 0) {
        struct query_node **more =
            arena_array(p->arena, struct query_node *, n ? (size_t)n * 2 : 2);
        if (n)
            memcpy(more, list->children, (size_t)n * sizeof(*more));
        list->children = more;
    }
    list->children[list->nchildren++] = child;
    list->to = child->to;
    return list;
}

struct query_node *query_pair(struct query_parser *p, enum query_node_kind kind,
                              struct query_node *left, struct query_node *right)
{
    if (!left || !right)
        return NULL;
    struct query_node *n = node_new(p, kind, left->from, right->to);
    query_append(p, n, left);
    return query_append(p, n, right);
}

struct query_node *query_negate(struct query_parser *p, struct query_node *child, int32_t from)
{
    if (!child)
        return NULL;
    return query_append(p, node_new(p, NODE_NOT, from, child->to), child);
}

struct query_node *query_enclose(struct query_parser *p, struct query_node *inner, int32_t from,
                                 int32_t to)
{
    (void)p;
    if (inner) {
        inner->from = from;
        inner->to = to;
    }
    return inner;
}

struct query_raw_values query_values(struct query_parser *p, struct query_raw_values values,
                                     const struct query_token *t)
{
    struct query_raw_value *v = arena_make(p->arena, struct query_raw_value);
    v->token = *t;
    if (values.last)
        values.last->next = v;
    else
        values.first = v;
    values.last = v;
    values.n++;
    return values;
}

void query_syntax_error(struct query_parser *p, int token, const struct query_token *t)
{
    if (token != 0)
        query_fail(p, t->from, t->to, "query_syntax", "found", arena_cstr(p->arena, t->text));
    else
        query_fail(p, t->from, t->to, "query_syntax", "found", "");
}

/* How deep the next token is nested: open parentheses and the nots that wait for their operand. */
struct nesting {
    int nots[QUERY_DEPTH_MAX + 2]; /* per open parenthesis */
    int32_t opened[QUERY_DEPTH_MAX + 2];
    int open, depth;
};

static bool nest(struct query_parser *p, struct nesting *n, int token, const struct query_token *t)
{
    if (token == QUERY_OPEN || token == QUERY_NOT) {
        if (++n->depth > QUERY_DEPTH_MAX) {
            query_fail(p, t->from, t->to, "query_too_deep", "expected",
                       arena_printf(p->arena, "%d", QUERY_DEPTH_MAX));
            return false;
        }
        if (token == QUERY_NOT) {
            n->nots[n->open]++;
        } else {
            n->opened[++n->open] = t->from;
            n->nots[n->open] = 0;
        }
        return true;
    }
    if (token == QUERY_COMMA)
        return true;
    n->depth -= n->nots[n->open];
    n->nots[n->open] = 0;
    if (token == QUERY_CLOSE && n->open > 0) {
        n->open--;
        n->depth -= 1 + n->nots[n->open];
        n->nots[n->open] = 0;
    }
    return true;
}

/* What is missing at the end is easier to mend when it is named. */
static void missing_at_end(struct query_parser *p, const struct nesting *n, int last,
                           const struct query_token *last_token)
{
    int32_t end = (int32_t)p->text.n;
    if (last == QUERY_FIELD) {
        struct str name = {last_token->text.p, last_token->text.n - 1};
        query_fail(p, last_token->from, end, "query_missing_value", "field",
                   arena_cstr(p->arena, name));
    } else if (n->open > 0 && last != QUERY_OR && last != QUERY_AND && last != QUERY_NOT &&
               last != QUERY_COMMA && last != QUERY_OPEN) {
        query_fail(p, n->opened[n->open], end, "query_unclosed", "found", "(");
    }
}

static void read_with(struct query_parser *p, void *grammar)
{
    const char *copy = arena_cstr(p->arena, p->text);
    struct query_lexer l = {.parser = p, .start = (const unsigned char *)copy};
    l.cursor = l.start;
    l.end = l.start + p->text.n;
    struct nesting nesting = {0};
    struct query_token t, last_token = {0};
    int token, last = 0;
    do {
        token = query_lex(&l, &t);
        if (token > 0 && !nest(p, &nesting, token, &t))
            return;
        if (token == 0)
            missing_at_end(p, &nesting, last, &last_token);
        if (p->err != OK)
            return;
        QueryGrammar(grammar, token, t, p);
        last = token;
        last_token = t;
    } while (token > 0 && p->err == OK);
}

void query_read(struct query_parser *p)
{
    void *grammar = QueryGrammarAlloc(malloc);
    check(grammar);
    read_with(p, grammar);
    QueryGrammarFree(grammar, free);
    check(p->err != OK || p->root);
}

enum err query_parse(struct arena *a, struct str text, const struct query_context *c,
                     const struct query **ret, struct problem *problem)
{
    struct query_parser p = {.arena = a, .context = c, .problem = problem, .segment = c->self};
    p.text = arena_str(a, text);
    if (text.n > QUERY_TEXT_MAX) {
        query_fail(&p, QUERY_TEXT_MAX, (int32_t)(text.n > INT32_MAX ? INT32_MAX : text.n),
                   "query_too_long", "expected", arena_printf(a, "%d", QUERY_TEXT_MAX));
        return p.err;
    }
    if (!utf8_valid(text)) {
        query_fail(&p, 0, (int32_t)text.n, "query_syntax", "found", "?");
        return p.err;
    }
    query_read(&p);
    if (p.err != OK)
        return p.err;
    struct query *q = arena_make(a, struct query);
    q->root = p.root;
    q->text = p.text;
    *ret = q;
    return OK;
}

struct str query_quoted(struct arena *a, struct str word)
{
    static const char *const reserved[] = {"any", "none", "or", "and", "not"};
    bool plain = word.n > 0;
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        plain = plain && !str_ieq_ascii(word, str_c(reserved[i]));
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.p[i];
        plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '#' || (c == '-' && i > 0));
    }
    if (plain)
        return arena_str(a, word);
    char *out = arena_alloc(a, word.n * 2 + 3);
    size_t n = 0;
    out[n++] = '"';
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == '"' || word.p[i] == '\\')
            out[n++] = '\\';
        out[n++] = word.p[i];
    }
    out[n++] = '"';
    return (struct str){out, n};
}
