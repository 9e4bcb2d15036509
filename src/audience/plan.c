#include "../base/check.h"
#include "plan.h"

struct planning {
    const struct audience *a;
    struct arena *arena;
    const struct audience_viewer *viewer;
    int32_t today;
    bool anew; /* days and words of the query are looked up again: it was parsed on another day */
};

static struct atom bit_atom(int bit, bool inverted)
{
    return (struct atom){.kind = ATOM_BIT, .bit = bit, .inverted = inverted};
}

static struct atom known_atom(enum column c)
{
    return (struct atom){.kind = ATOM_KNOWN, .column = c};
}

/* Codes that lie wholly within the range match; those at its ends are looked at. */
static struct atom range_atom(const struct audience *a, enum column column, int64_t low,
                              int64_t high)
{
    struct atom t = {
        .kind = ATOM_RANGE, .column = column, .low = low, .high = high, .codes = {1, 0, 1, 0}};
    const struct cuts *c = &a->cuts[column];
    if (low > high)
        return t;
    int from = cuts_code(c, low), to = cuts_code(c, high);
    bool from_whole = low <= c->lower[from];
    bool to_whole = to == c->n ? high == INT64_MAX : high == c->lower[to + 1] - 1;
    t.codes.edge_low = (uint8_t)from;
    t.codes.edge_high = (uint8_t)to;
    if (from + !from_whole > to - !to_whole)
        return t;
    t.codes.low = (uint8_t)(from + !from_whole);
    t.codes.high = (uint8_t)(to - !to_whole);
    return t;
}

int choice_bits(enum field_id f, int *ret_n)
{
    switch (f) {
    case FIELD_GENDER:
        *ret_n = 3;
        return BIT_GENDER;
    case FIELD_DEVICE:
        *ret_n = 4;
        return BIT_DEVICE;
    case FIELD_CONSENT:
        *ret_n = CHANNELS; /* granted */
        return BIT_CONSENT;
    case FIELD_TYPE:
        *ret_n = TYPES_ALL;
        return BIT_TYPE;
    case FIELD_HAS:
        *ret_n = 7;
        return BIT_HAS;
    case FIELD_INITIAL:
        *ret_n = 27;
        return BIT_INITIAL;
    case FIELD_ACTIVE:
        *ret_n = 1;
        return BIT_ACTIVE;
    case FIELD_BLOCKED:
        *ret_n = 1;
        return BIT_BLOCKED;
    case FIELD_ANONYMOUS:
        *ret_n = 1;
        return BIT_ANONYMOUS;
    default:
        *ret_n = 0;
        return -1;
    }
}

const struct posting *favourites_of(const struct audience *a, int64_t staff)
{
    for (size_t i = 0; staff && i < a->nstaff; i++)
        if (a->staff[i].staff == staff)
            return &a->staff[i].rows;
    return NULL;
}

/* The atoms that say whether the field is known; 0: it always is. */
static int known_atoms(const struct planning *p, enum field_id f, const struct atom **ret)
{
    int first = -1, n = 1;
    if (f == FIELD_GENDER || f == FIELD_DEVICE || f == FIELD_CONSENT || f == FIELD_HAS)
        first = choice_bits(f, &n);
    else if (fields[f].kind == KIND_WORD)
        first = BIT_KNOWN + (int)field_dictionary(f);
    else if (fields[f].kind == KIND_CHOICE || f == FIELD_TEXT)
        return 0;
    struct atom *known = arena_array(p->arena, struct atom, (size_t)n);
    for (int i = 0; i < n; i++)
        known[i] = first >= 0 ? bit_atom(first + i, false) : known_atom(field_column(f));
    *ret = known;
    return n;
}

static struct atom value_atom(const struct planning *p, enum field_id f,
                              const struct query_value *v)
{
    int n;
    int first = choice_bits(f, &n);
    if (f == FIELD_FAVOURITE)
        return (struct atom){.kind = ATOM_POSTING,
                             .posting = favourites_of(p->a, p->viewer->staff_id),
                             .inverted = v->number == 1};
    if (f == FIELD_ACTIVE || f == FIELD_BLOCKED || f == FIELD_ANONYMOUS)
        return bit_atom(first, v->number == 1);
    if (f == FIELD_TYPE && v->number >= TYPES_ALL) /* a typology that is no more */
        return (struct atom){.kind = ATOM_POSTING};
    if (first >= 0)
        return bit_atom(first + (int)v->number, false);
    const struct words *w = &p->a->words[field_dictionary(f)];
    uint32_t slot = p->anew ? words_find(w, v->key) : words_slot(w, v->number);
    return (struct atom){.kind = ATOM_POSTING,
                         .posting = slot == SLOT_NONE ? NULL : &w->word[slot].rows};
}

static struct atom text_atom(const struct planning *p, const struct query_value *v)
{
    uint64_t *mask = arena_array(p->arena, uint64_t, (size_t)p->a->nblocks * BLOCK_WORDS + 1);
    struct text_query q = {v->text, v->key, email_match_key(p->arena, v->text)};
    search(p->a, p->arena, &q, mask);
    return (struct atom){.kind = ATOM_MASK, .mask = mask};
}

/* Ages are ranges of birth days; who is born after today is 0. */
static struct atom age_atom(const struct planning *p, const struct query_value *v)
{
    int32_t today = p->today;
    int64_t latest = v->low <= 0 ? INT64_MAX : birth_at_least(today, v->low);
    int64_t before = v->high > 3000 ? INT64_MIN : birth_at_least(today, v->high + 1);
    if (v->high < 0 || latest == INT32_MIN)
        return range_atom(p->a, COL_BIRTH, 1, 0);
    return range_atom(p->a, COL_BIRTH, before == INT64_MIN ? before : before + 1, latest);
}

static struct atom range_value_atom(const struct planning *p, enum field_id f,
                                    const struct query_value *v)
{
    return f == FIELD_AGE ? age_atom(p, v) : range_atom(p->a, field_column(f), v->low, v->high);
}

static int64_t month_day(int32_t day, bool ends)
{
    struct civil c = day_to_civil(day);
    /* in a year without 29 February, those born then are greeted on the 28th */
    if (ends && c.month == 2 && c.day == 28 && !civil_valid((struct civil){c.year, 2, 29}))
        c.day = 29;
    return c.month * BIRTHDAY_MONTH + c.day;
}

int birthday_ranges(int32_t today, int64_t days, struct birthdays ret[2])
{
    int64_t from = month_day(today, false), to = month_day(today + (int32_t)days, true);
    bool wraps = day_to_civil(today + (int32_t)days).year > day_to_civil(today).year;
    if (days >= 365 || (wraps && to >= from - 1)) {
        ret[0] = (struct birthdays){0, INT64_MAX};
        return 1;
    }
    ret[0] = (struct birthdays){from, wraps ? INT64_MAX : to};
    ret[1] = (struct birthdays){0, to};
    return wraps ? 2 : 1;
}

static int upcoming_atoms(const struct planning *p, int64_t days, struct atom *ret)
{
    struct birthdays ranges[2];
    int n = birthday_ranges(p->today, days, ranges);
    for (int i = 0; i < n; i++)
        ret[i] = range_atom(p->a, COL_BIRTHDAY, ranges[i].low, ranges[i].high);
    return n;
}

static int value_atoms(const struct planning *p, const struct query_node *n, struct atom *ret)
{
    int made = 0;
    for (int i = 0; i < n->nvalues; i++) {
        const struct query_value moved = p->anew ? query_value_on(n, i, p->today) : n->values[i],
                                 *v = &moved;
        if (n->match == MATCH_UPCOMING)
            made += upcoming_atoms(p, v->low, ret + made);
        else if (n->match == MATCH_MONTHS)
            ret[made++] = range_atom(p->a, COL_BIRTHDAY, v->number * BIRTHDAY_MONTH,
                                     (v->number + 1) * BIRTHDAY_MONTH - 1);
        else if (n->match == MATCH_RANGE)
            ret[made++] = range_value_atom(p, n->field, v);
        else if (n->field == FIELD_TEXT)
            ret[made++] = text_atom(p, v);
        else
            ret[made++] = value_atom(p, n->field, v);
    }
    return made;
}

static struct plan *plan_term(const struct planning *p, const struct query_node *n, bool negated)
{
    struct plan *plan = arena_make(p->arena, struct plan);
    *plan = (struct plan){.kind = PLAN_TERM, .depth = 1, .field = n->field};
    struct term *t = &plan->term;
    const struct atom *known = NULL;
    int nknown = known_atoms(p, n->field, &known);
    t->negated = negated;
    if (n->match == MATCH_ANY || n->match == MATCH_NONE) {
        static const struct atom all = {.kind = ATOM_ALL};
        t->atoms = nknown ? known : &all;
        t->natoms = nknown ? nknown : 1;
        t->negated = negated != (n->match == MATCH_NONE);
        return plan;
    }
    struct atom *atoms = arena_array(p->arena, struct atom, (size_t)n->nvalues * 2);
    t->natoms = value_atoms(p, n, atoms);
    t->atoms = atoms;
    if (field_can_be_unknown(n->field)) {
        t->known = known;
        t->nknown = nknown;
    }
    plan->unknowns = t->nknown > 0 && !negated;
    return plan;
}

static struct plan *plan_node(const struct planning *p, const struct query_node *n, bool negated)
{
    if (n->kind == NODE_NOT)
        return plan_node(p, n->children[0], !negated);
    if (n->kind == NODE_TERM)
        return plan_term(p, n, negated);
    struct plan *plan = arena_make(p->arena, struct plan);
    *plan = (struct plan){.field = FIELDS};
    if (n->field == FIELD_SEGMENT && n->nchildren == 1) { /* one segment is what it means */
        plan = plan_node(p, n->children[0], negated);
        plan->field = FIELD_SEGMENT;
        return plan;
    }
    if (n->kind == NODE_ALL) { /* only at the root, and there it is no plan at all */
        check(!negated);
        return plan;
    }
    plan->kind = (n->kind == NODE_AND) != negated ? PLAN_AND : PLAN_OR;
    plan->children = arena_array(p->arena, struct plan *, (size_t)n->nchildren);
    for (int i = 0; i < n->nchildren; i++) {
        struct plan *c = plan->children[plan->nchildren++] = plan_node(p, n->children[i], negated);
        plan->depth = c->depth > plan->depth ? c->depth : plan->depth;
        plan->unknowns = plan->unknowns || c->unknowns;
        plan->field = i == 0 || plan->field == c->field ? c->field : FIELDS;
    }
    plan->depth++;
    if (n->field == FIELD_SEGMENT) /* its parts' fields have facets under it */
        plan->field = FIELD_SEGMENT;
    return plan;
}

/* What reads least goes first, so that the rest has less to look at. */
static int plan_cost(const struct plan *p)
{
    int cost = 0;
    for (int i = 0; i < p->nchildren; i++)
        cost += 1 + plan_cost(p->children[i]);
    for (int i = 0; p->kind == PLAN_TERM && i < p->term.natoms; i++)
        cost += p->term.atoms[i].kind == ATOM_RANGE || p->term.atoms[i].kind == ATOM_KNOWN ? 8 : 1;
    return cost;
}

static void sort_by_cost(struct plan **parts, int n)
{
    for (int i = 1; i < n; i++) {
        struct plan *p = parts[i];
        int k = i, cost = plan_cost(p);
        for (; k > 0 && plan_cost(parts[k - 1]) > cost; k--)
            parts[k] = parts[k - 1];
        parts[k] = p;
    }
}

static struct conjunction plan_root(const struct planning *p, const struct query_node *root)
{
    const struct audience *a = p->a;
    const struct audience_viewer *viewer = p->viewer;
    struct arena *arena = p->arena;
    struct conjunction c = {.nstores = viewer->stores ? 0 : -1};
    if (viewer->stores) {
        c.stores = arena_array(arena, const struct posting *, viewer->nstores + 1);
        for (size_t i = 0; i < viewer->nstores; i++) {
            uint32_t slot = words_slot(&a->words[DICT_STORE], viewer->stores[i]);
            if (slot != SLOT_NONE)
                c.stores[c.nstores++] = &a->words[DICT_STORE].word[slot].rows;
        }
    }
    if (!root || root->kind == NODE_ALL)
        return c;
    bool several = root->kind == NODE_AND;
    int n = several ? root->nchildren : 1;
    c.parts = arena_array(arena, struct plan *, (size_t)n);
    for (int i = 0; i < n; i++) {
        struct plan *part = c.parts[c.n++] =
            plan_node(p, several ? root->children[i] : root, false);
        c.depth = part->depth > c.depth ? part->depth : c.depth;
        c.unknowns = c.unknowns || part->unknowns;
    }
    sort_by_cost(c.parts, c.n);
    return c;
}

struct conjunction plan_query(const struct audience *a, struct arena *arena, const struct query *q,
                              const struct audience_viewer *viewer)
{
    const struct planning p = {a, arena, viewer, a->now.today, false};
    return plan_root(&p, q ? q->root : NULL);
}

struct conjunction plan_tree_on(const struct audience *a, struct arena *arena,
                                const struct query_node *root, int32_t today)
{
    static const struct audience_viewer everybody = {0};
    const struct planning p = {a, arena, &everybody, today, true};
    return plan_root(&p, root);
}
