/* libFuzzer: any bytes as a query. What is understood is asked of a small audience, whose answer
 * must hold together; what a facet or an error says must be a query again. */
#include "../../src/audience/audience.h"
#include "../../src/base/check.h"
#include "../unit/audience_world.h"

static struct audience *small_audience(void)
{
    struct world w = {42, 20593, arena_new()};
    struct audience_options o = {"fr", w.today, 200};
    struct audience *a;
    check(audience_new(&o, &a) == OK);
    for (int kind = 0; kind < WORD_KINDS; kind++)
        for (int i = 0; i < (kind == WORD_STORE ? WORLD_STORES : WORLD_WORDS); i++)
            audience_set_word(a, (enum word_kind)kind,
                              kind == WORD_STORE ? WORLD_STORE_ID(i) : i + 1,
                              world_word((enum word_kind)kind, i));
    for (int64_t id = 1; id <= 200; id++) {
        struct audience_row r = world_row(&w, id);
        check(audience_put(a, &r) == OK);
    }
    arena_free(&w.arena);
    return a;
}

static void check_tree(const struct query_node *n, size_t size)
{
    check(n->from >= 0 && n->from <= n->to && (size_t)n->to <= size);
    check(n->kind != NODE_TERM || n->field < FIELDS);
    for (int i = 0; i < n->nchildren; i++)
        check_tree(n->children[i], size);
    for (int i = 0; i < n->nvalues; i++)
        check(n->match != MATCH_RANGE || n->values[i].low <= n->values[i].high);
}

static void check_answer(struct audience *audience, struct arena *a, const struct query_context *c,
                         const struct query *q)
{
    struct audience_ask ask = {
        .query = q, .limit = 10, .sort = FIELD_NAME, .facets = ~0ull, .viewer.staff_id = 1};
    struct audience_answer answer;
    check(audience_ask(audience, &ask, a, &answer) == OK);
    check(answer.total == 200 && answer.matching >= 0 &&
          answer.matching + answer.unknown <= answer.total);
    for (int i = 0; i < answer.nfacets; i++) {
        const struct audience_facet *f = &answer.facets[i];
        for (int k = 0; k < f->n && k < 3; k++) {
            const char *text = arena_printf(a, "%s:%.*s", fields[f->field].name,
                                            (int)f->values[k].key.n, f->values[k].key.p);
            const struct query *again = NULL;
            check(query_parse(a, str_c(text), c, &again, NULL) == OK);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct audience *audience;
    if (!audience)
        audience = small_audience();
    struct arena *a = arena_new();
    const struct query_context c = {20593, 2, audience_words(audience),
                                    .segments = world_segments()};
    const struct query_reference *names;
    const struct str text = {(const char *)data, size};
    for (int i = query_references(a, text, &names); i > 0; i--)
        check(names[i - 1].from >= 0 && names[i - 1].from < names[i - 1].to &&
              (size_t)names[i - 1].to <= size);
    const struct query *q = NULL;
    struct problem p = {0};
    if (query_parse(a, text, &c, &q, &p) == OK) {
        check_tree(q->root, size);
        check_answer(audience, a, &c, q);
    } else {
        check(p.code && p.from >= 0 && p.from <= p.to && (size_t)p.to <= size);
    }
    arena_free(&a);
    return 0;
}
