#include "why.h"
#include "../base/check.h"
#include "verdict.h"

struct asking_why {
    struct judge judge; /* on the audience's day */
    uint32_t row;
    struct arena *arena;
};

static int count_terms(const struct query_node *n)
{
    int terms = n->kind == NODE_TERM;
    for (int i = 0; i < n->nchildren; i++)
        terms += count_terms(n->children[i]);
    return terms;
}

/* The own queries are the audience's, and may go once the lock is given back. */
static struct query_node *copy_tree(struct arena *a, const struct query_node *n)
{
    struct query_node *copy = arena_make(a, struct query_node);
    *copy = *n;
    copy->values = arena_array(a, struct query_value, (size_t)n->nvalues + 1);
    for (int i = 0; i < n->nvalues; i++) {
        copy->values[i] = n->values[i];
        copy->values[i].text = arena_str(a, n->values[i].text);
        copy->values[i].key = arena_str(a, n->values[i].key);
    }
    copy->children = arena_array(a, struct query_node *, (size_t)n->nchildren + 1);
    for (int i = 0; i < n->nchildren; i++)
        copy->children[i] = copy_tree(a, n->children[i]);
    return copy;
}

/* ---- what the customer has ---- */

static void add_word(const struct asking_why *w, struct why_value *v, struct str word)
{
    struct str *words = arena_array(w->arena, struct str, (size_t)v->nwords + 1);
    if (v->nwords)
        memcpy(words, v->words, (size_t)v->nwords * sizeof(*words));
    words[v->nwords++] = arena_str(w->arena, word);
    v->words = words;
    v->known = true;
}

static void take_choices(const struct asking_why *w, enum field_id f, struct why_value *v)
{
    const struct judge *j = &w->judge;
    for (int i = 0; f != FIELD_TYPE && fields[f].choices[i]; i++) {
        const struct query_value value = {.number = i};
        struct query_node term = {
            .kind = NODE_TERM, .field = f, .match = MATCH_VALUES, .nvalues = 1};
        struct query_value values[1] = {value};
        term.values = values;
        if (judge_term(j, w->row, &term) == VERDICT_YES)
            add_word(w, v, str_c(fields[f].choices[i]));
    }
    if (f != FIELD_TYPE)
        return;
    int type = judge_type(j, w->row);
    add_word(w, v,
             type < TYPES ? str_c(fields[f].choices[type]) : j->types->own[type - TYPES].name);
}

static void take_words(const struct asking_why *w, enum field_id f, struct why_value *v)
{
    enum { SHOWN_MAX = 50 };
    const struct audience *a = w->judge.a;
    enum dictionary d = field_dictionary(f);
    for (uint32_t slot = 0; slot < a->words[d].n && v->nwords < SHOWN_MAX; slot++)
        if (posting_has(&a->words[d].word[slot].rows, w->row))
            add_word(w, v, a->words[d].word[slot].name);
}

static struct why_value value_of(const struct asking_why *w, enum field_id f)
{
    struct why_value v = {0};
    switch (fields[f].kind) {
    case KIND_CHOICE:
        take_choices(w, f, &v);
        break;
    case KIND_WORD:
        take_words(w, f, &v);
        break;
    case KIND_TEXT:
    case KIND_SEGMENT:
    case KIND_NONE:
        break;
    default:
        v.number = judge_number(&w->judge, w->row, f);
        v.known = v.number != VALUE_NONE;
    }
    return v;
}

/* ---- today ---- */

static enum why_verdict verdict_of(const struct judge *j, uint32_t row, const struct query_node *n)
{
    if (judge_matches(j, row, n))
        return WHY_YES;
    return judge_truth(j, row, n) == VERDICT_UNKNOWN ? WHY_UNKNOWN : WHY_NO;
}

static struct why_node *tree_of(const struct asking_why *w, const struct query_node *n)
{
    struct why_node *y = arena_make(w->arena, struct why_node);
    *y = (struct why_node){
        .node = n, .verdict = verdict_of(&w->judge, w->row, n), .turns = DAY_NONE};
    if (n->kind == NODE_TERM)
        y->value = value_of(w, n->field);
    y->children = arena_array(w->arena, struct why_node *, (size_t)n->nchildren + 1);
    for (int i = 0; i < n->nchildren; i++)
        y->children[y->nchildren++] = tree_of(w, n->children[i]);
    return y;
}

/* ---- the days to come ---- */

static bool may_turn(const struct query_node *n)
{
    return fields[n->field].kind == KIND_DAY || fields[n->field].kind == KIND_BIRTHDAY ||
           n->field == FIELD_AGE || n->field == FIELD_TYPE || n->field == FIELD_ACTIVE ||
           n->field == FIELD_VISITS_PER_MONTH;
}

/* Does it match on that day; notes the first day on which it does what it does not do today. */
static bool try_day(const struct judge *j, uint32_t row, struct why_node *y)
{
    bool all = true, any = false, matches;
    for (int i = 0; i < y->nchildren; i++) {
        bool one = try_day(j, row, y->children[i]);
        all = all && one;
        any = any || one;
    }
    switch (y->node->kind) {
    case NODE_TERM:
        matches =
            may_turn(y->node) ? judge_term(j, row, y->node) == VERDICT_YES : y->verdict == WHY_YES;
        break;
    case NODE_NOT:
        matches = !all;
        break;
    case NODE_OR:
        matches = any;
        break;
    default:
        matches = all;
    }
    if (y->turns == DAY_NONE && matches != (y->verdict == WHY_YES))
        y->turns = j->at->today;
    return matches;
}

/* Types are settled once a day, however many terms ask for them. */
static void begin_day(const struct asking_why *w, struct moment *at, int *type,
                      struct arena *scratch, struct judge *j)
{
    arena_reset(scratch);
    *type = -1;
    *j = w->judge;
    j->arena = scratch;
    j->at = at;
    j->type = type;
}

static void look_ahead(const struct asking_why *w, struct why_node *root)
{
    struct arena *scratch cleanup(arena_free) = arena_new();
    int32_t today = w->judge.at->today;
    for (int32_t d = 1; d <= WHY_DAYS; d++) {
        struct moment at = moment_of(today + d);
        struct judge j;
        int type;
        begin_day(w, &at, &type, scratch, &j);
        try_day(&j, w->row, root);
    }
}

static enum err begin(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                      struct arena *arena, struct asking_why *ret)
{
    uint32_t row = row_of(a, id);
    if (row == ROW_NONE || !row_seen_by(a, viewer, row))
        return ERR_NOT_FOUND;
    *ret = (struct asking_why){.judge = judge_now(a, arena), .row = row, .arena = arena};
    ret->judge.viewer = viewer;
    return OK;
}

static void why_query(const struct asking_why *w, const struct query *q, struct why *ret)
{
    struct why_node *root = tree_of(w, q->root);
    look_ahead(w, root);
    *ret = (struct why){.today = w->judge.at->today,
                        .root = root,
                        .matches = root->verdict == WHY_YES,
                        .turns = root->turns};
}

enum err audience_why(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                      const struct query *q, struct arena *arena, struct why *ret)
{
    struct asking_why w;
    if (count_terms(q->root) > WHY_TERMS_MAX)
        return ERR_TOO_LARGE;
    pthread_rwlock_rdlock(&a->lock);
    enum err e = begin(a, viewer, id, arena, &w);
    if (e == OK)
        why_query(&w, q, ret);
    pthread_rwlock_unlock(&a->lock);
    return e;
}

bool audience_matches(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                      const struct query *q, struct arena *arena)
{
    struct asking_why w;
    pthread_rwlock_rdlock(&a->lock);
    bool matches = begin(a, viewer, id, arena, &w) == OK && judge_matches(&w.judge, w.row, q->root);
    pthread_rwlock_unlock(&a->lock);
    return matches;
}

/* ---- types ---- */

static void take_type(const struct asking_why *w, int type, int now, struct why_type *ret)
{
    const struct judge *j = &w->judge;
    const struct audience *a = j->a;
    const struct typology_rules *rules = &j->types->numbers;
    int64_t registered = narrow_get(a, w->row, NARROW_REGISTERED),
            last = narrow_get(a, w->row, NARROW_LAST_VISIT);
    struct typology_rules *copy = arena_make(w->arena, struct typology_rules);
    *copy = *rules;
    *ret = (struct why_type){.type = type,
                             .is = type == now,
                             .fits = judge_fits(j, w->row, type),
                             .turns = DAY_NONE,
                             .becomes = DAY_NONE,
                             .rules = copy,
                             .visits = narrow_get(a, w->row, NARROW_VISITS),
                             .registered_day =
                                 registered == VALUE_NONE ? DAY_NONE : (int32_t)registered,
                             .last_visit_day = last == VALUE_NONE ? DAY_NONE : (int32_t)last};
    for (int m = 0; type == TYPE_VIP && m < rules->vip_months; m++)
        ret->months[m] = calendar_visits(a, w->row, j->at->months_ago[m + 1], j->at->months_ago[m]);
    if (type == TYPE_OCCASIONAL)
        ret->recent =
            calendar_visits(a, w->row, j->at->months_ago[rules->occasional_months], j->at->today);
    if (type < TYPES)
        return;
    const struct own_type *own = &j->types->own[type - TYPES];
    const struct query_node *tree = j->own[type - TYPES];
    ret->own_name = arena_str(w->arena, own->name);
    ret->own_query = arena_str(w->arena, own->query);
    if (tree && count_terms(tree) <= WHY_TERMS_MAX)
        ret->tree = tree_of(w, copy_tree(w->arena, tree));
}

static void try_types(const struct judge *j, uint32_t row, int now, struct why *y)
{
    int type = judge_type(j, row);
    for (int i = 0; i < y->ntypes; i++) {
        struct why_type *t = &y->types[i];
        if (t->tree)
            try_day(j, row, t->tree);
        if (t->turns == DAY_NONE && judge_fits(j, row, t->type) != t->fits)
            t->turns = j->at->today;
        if (t->becomes == DAY_NONE && (t->type == type) != (t->type == now))
            t->becomes = j->at->today;
    }
}

static void why_types(const struct asking_why *w, struct why *ret)
{
    const struct typology_set *set = w->judge.types;
    struct arena *scratch cleanup(arena_free) = arena_new();
    int now = judge_type(&w->judge, w->row);
    *ret = (struct why){.today = w->judge.at->today, .turns = DAY_NONE};
    ret->types = arena_array(w->arena, struct why_type, TYPES_ALL);
    for (int i = 0; i <= set->norder; i++)
        take_type(w, i < set->norder ? set->order[i] : TYPE_REGULAR, now,
                  &ret->types[ret->ntypes++]);
    for (int32_t d = 1; d <= WHY_DAYS; d++) {
        struct moment at = moment_of(ret->today + d);
        struct judge j;
        int type;
        begin_day(w, &at, &type, scratch, &j);
        try_types(&j, w->row, now, ret);
    }
    for (int i = 0; i < ret->ntypes; i++)
        if (ret->types[i].is)
            ret->turns = ret->types[i].becomes;
}

enum err audience_why_types(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                            struct arena *arena, struct why *ret)
{
    struct asking_why w;
    pthread_rwlock_rdlock(&a->lock);
    enum err e = begin(a, viewer, id, arena, &w);
    if (e == OK)
        why_types(&w, ret);
    pthread_rwlock_unlock(&a->lock);
    return e;
}
