/* The rules themselves: checked, put in force, tried out. */
#include <pthread.h>
#include "../base/check.h"
#include "../base/text.h"
#include "verdict.h"

const struct typology_set typology_defaults = {
    .numbers = {.vip_months = 3,
                .vip_visits = 3,
                .new_months = 3,
                .new_visits_max = 1,
                .occasional_months = 3,
                .occasional_max = 2,
                .at_risk_days = 90,
                .active_months = 12},
    .order = {TYPE_VIP, TYPE_NEW, TYPE_OCCASIONAL, TYPE_AT_RISK},
    .norder = 4,
    .currency_decimals = 2};

#define NUMBER(name, least, most) {#name, offsetof(struct typology_rules, name), least, most},
const struct typology_number typology_numbers[TYPOLOGY_NUMBERS] = {TYPOLOGY_NUMBER_LIST(NUMBER)};

static int32_t number_of(const struct typology_rules *r, int i)
{
    return *(const int32_t *)(const void *)((const char *)r + typology_numbers[i].offset);
}

static enum err check_numbers(const struct typology_set *s, struct arena *a, struct problem *p)
{
    for (int i = 0; i < TYPOLOGY_NUMBERS; i++) {
        const struct typology_number *n = &typology_numbers[i];
        int32_t v = number_of(&s->numbers, i);
        if (v < n->least || v > n->most)
            return problem_set(p, a, ERR_INVALID, "typology_number", n->name, "least",
                               arena_printf(a, "%d", n->least), "most",
                               arena_printf(a, "%d", n->most), NULL);
    }
    return OK;
}

bool typology_order_is_whole(const struct typology_set *s)
{
    bool seen[TYPES_ALL] = {[TYPE_REGULAR] = true};
    for (int i = 0; i < s->norder && i < TYPES_ALL; i++) {
        int t = s->order[i];
        if (t >= TYPES + s->nown || seen[t])
            return false;
        seen[t] = true;
    }
    return s->norder == TYPES - 1 + s->nown;
}

bool typology_may_use(const struct query_node *n)
{
    bool may = n->kind != NODE_TERM || (n->field != FIELD_TYPE && n->field != FIELD_FAVOURITE);
    for (int i = 0; i < n->nchildren; i++)
        may = may && typology_may_use(n->children[i]);
    return may;
}

static enum err check_name(const struct typology_set *s, int place, struct arena *a,
                           struct problem *p)
{
    static const char *const reserved[] = {"any", "none"};
    struct str name = s->own[place].name, folded = text_fold(a, name);
    const char *field = arena_printf(a, "own.%d.name", place);
    bool taken = folded.n == 0 || text_length(name) > OWN_TYPE_NAME_MAX;
    for (int i = 0; i < TYPES; i++)
        taken = taken || str_eq(folded, text_fold(a, str_c(fields[FIELD_TYPE].choices[i])));
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        taken = taken || str_ieq_ascii(folded, str_c(reserved[i]));
    if (taken)
        return problem_set(p, a, ERR_INVALID, "typology_name", field, "name", arena_cstr(a, name),
                           "most", arena_printf(a, "%d", OWN_TYPE_NAME_MAX), NULL);
    for (int i = 0; i < place; i++)
        if (str_eq(folded, text_fold(a, s->own[i].name)))
            return problem_set(p, a, ERR_INVALID, "typology_name_twice", field, "name",
                               arena_cstr(a, name), NULL);
    return OK;
}

/* The first term that may not stand in it. */
static const struct query_node *refused_term(const struct query_node *n)
{
    if (n->kind == NODE_TERM)
        return typology_may_use(n) ? NULL : n;
    for (int i = 0; i < n->nchildren; i++) {
        const struct query_node *found = refused_term(n->children[i]);
        if (found)
            return found;
    }
    return NULL;
}

static enum err check_query(const struct typology_set *s, int place, const struct query_context *c,
                            struct arena *a, struct problem *p)
{
    const struct query *q;
    struct str text = s->own[place].query;
    const char *field = arena_printf(a, "own.%d.query", place);
    if (text.n > OWN_TYPE_QUERY_MAX)
        return problem_set(p, a, ERR_INVALID, "query_too_long", field, "expected",
                           arena_printf(a, "%d", OWN_TYPE_QUERY_MAX), NULL);
    enum err e = query_parse(a, text, c, &q, p);
    if (e != OK) {
        if (p)
            p->field = field;
        return e;
    }
    if (q->root->kind == NODE_ALL)
        return problem_set(p, a, ERR_INVALID, "typology_query_empty", field, NULL);
    const struct query_node *refused = refused_term(q->root);
    if (!refused)
        return OK;
    e = problem_set(p, a, ERR_INVALID, "typology_query_field", field, "found",
                    fields[refused->field].name, NULL);
    if (p) {
        p->from = refused->from;
        p->to = refused->to;
    }
    return e;
}

enum err typology_check(const struct typology_set *s, const struct query_context *c,
                        struct arena *a, struct problem *p)
{
    enum err e = check_numbers(s, a, p);
    if (e == OK && s->nown > OWN_TYPES_MAX)
        e = problem_set(p, a, ERR_INVALID, "typology_own_many", "order", "most",
                        arena_printf(a, "%d", OWN_TYPES_MAX), NULL);
    if (e == OK && !typology_order_is_whole(s))
        e = problem_set(p, a, ERR_INVALID, "typology_order", "order", NULL);
    for (int i = 0; e == OK && i < s->nown; i++) {
        e = check_name(s, i, a, p);
        if (e == OK)
            e = check_query(s, i, c, a, p);
    }
    return e;
}

bool typology_same(const struct typology_set *x, const struct typology_set *y)
{
    bool same = memcmp(&x->numbers, &y->numbers, sizeof(x->numbers)) == 0 &&
                x->norder == y->norder && memcmp(x->order, y->order, (size_t)x->norder) == 0 &&
                x->nown == y->nown && x->currency_decimals == y->currency_decimals;
    for (int i = 0; same && i < x->nown; i++)
        same = str_eq(x->own[i].name, y->own[i].name) && str_eq(x->own[i].query, y->own[i].query);
    return same;
}

struct typology_set typology_copy(struct arena *a, const struct typology_set *s)
{
    struct typology_set copy = *s;
    for (int i = 0; i < s->nown; i++) {
        copy.own[i].name = arena_str(a, s->own[i].name);
        copy.own[i].query = arena_str(a, s->own[i].query);
    }
    return copy;
}

/* The own queries as trees; NULL where one is none any more. Under the lock. */
static void parse_own(struct audience *a, const struct typology_set *s,
                      const struct query_segments *segments, struct arena *arena,
                      const struct query_node *ret[OWN_TYPES_MAX])
{
    const struct query_words words = audience_words_locked(a);
    const struct query_context c = {a->now.today, s->currency_decimals, &words, segments,
                                    .lenient = true};
    for (int i = 0; i < OWN_TYPES_MAX; i++) {
        const struct query *q;
        bool good = i < s->nown && query_parse(arena, s->own[i].query, &c, &q, NULL) == OK;
        ret[i] = good && typology_may_use(q->root) ? q->root : NULL;
    }
}

void audience_set_typologies(struct audience *a, const struct typology_set *s,
                             const struct query_segments *segments)
{
    audience_write_lock(a);
    bool same = typology_same(s, &a->types);
    if (!same || a->types.nown) {
        struct arena *old = a->types_arena;
        a->types_arena = arena_new();
        a->types = typology_copy(a->types_arena, s);
        arena_free(&old);
        parse_own(a, &a->types, segments, a->types_arena, a->own);
        if (same)
            calendar_new_words(a);
        else
            calendar_new_rules(a);
    }
    pthread_rwlock_unlock(&a->lock);
}

struct typology_set audience_typologies(struct audience *a, struct arena *arena)
{
    pthread_rwlock_rdlock(&a->lock);
    struct typology_set s = typology_copy(arena, &a->types);
    pthread_rwlock_unlock(&a->lock);
    return s;
}

/* ---- trying rules out ---- */

struct preview {
    struct audience *a;
    const struct typology_set *set;
    const struct query_segments *segments;
    const struct typology_movers *of;
    struct arena *arena;
    struct typology_preview *ret;
    uint64_t *own[OWN_TYPES_MAX]; /* of the blocks there were at first */
    uint32_t nblocks;
};

static int type_now(const struct audience *a, uint32_t row)
{
    int type = 0;
    while (type < TYPES_ALL - 1 && !row_bit(a, row, BIT_TYPE + type))
        type++;
    return type;
}

static int type_then(const struct preview *p, uint32_t row)
{
    for (int i = 0; i < p->set->norder; i++) {
        int t = p->set->order[i];
        if (t < TYPES ? calendar_fits(p->a, row, &p->a->now, &p->set->numbers, (enum typology)t)
                      : p->own[t - TYPES][row / 64] >> (row % 64) & 1)
            return t;
    }
    return TYPE_REGULAR;
}

static void preview_row(struct preview *p, uint32_t row)
{
    static const struct audience_viewer everybody = {0};
    int from = type_now(p->a, row), to = type_then(p, row);
    p->ret->before[from]++;
    p->ret->after[to]++;
    p->ret->moves[from][to]++;
    if (p->ret->nhits < p->of->limit && (p->of->from < 0 || p->of->from == from) &&
        (p->of->to < 0 || p->of->to == to) && (p->of->from >= 0 || p->of->to >= 0))
        row_hit(p->a, &everybody, row, p->arena, &p->ret->hits[p->ret->nhits++]);
}

static void preview_begin(struct preview *p)
{
    const struct query_node *own[OWN_TYPES_MAX];
    parse_own(p->a, p->set, p->segments, p->arena, own);
    struct judge j = judge_now(p->a, p->arena);
    j.types = p->set;
    j.own = own;
    judge_own(&j, p->own);
    p->nblocks = p->a->nblocks;
}

void audience_preview_typologies(struct audience *a, const struct typology_set *s,
                                 const struct query_segments *segments,
                                 const struct typology_movers *of, struct arena *arena,
                                 struct typology_preview *ret)
{
    struct preview p = {
        .a = a, .set = s, .segments = segments, .of = of, .arena = arena, .ret = ret};
    *ret = (struct typology_preview){0};
    check(of->limit >= 0 && of->limit <= TYPOLOGY_MOVERS_MAX);
    ret->hits = arena_array(arena, struct audience_hit, (size_t)of->limit + 1);
    pthread_rwlock_rdlock(&a->lock);
    preview_begin(&p);
    pthread_rwlock_unlock(&a->lock);
    for (uint32_t i = 0; i < p.nblocks; i++) {
        pthread_rwlock_rdlock(&a->lock);
        const struct block *b = &a->blocks[i];
        for (uint32_t at = 0; at < b->n; at++)
            if (b->live[at / 64] >> (at % 64) & 1)
                preview_row(&p, i * BLOCK_ROWS + at);
        pthread_rwlock_unlock(&a->lock);
    }
}
