#include "verdict.h"
#include "../base/check.h"

struct judge judge_now(const struct audience *a, struct arena *arena)
{
    static const struct audience_viewer nobody = {0};
    return (struct judge){a, arena, &nobody, &a->now, &a->types, a->own, NULL};
}

static bool any_bit(const struct audience *a, uint32_t row, int first, int n)
{
    bool any = false;
    for (int i = 0; i < n; i++)
        any = any || row_bit(a, row, first + i);
    return any;
}

int64_t judge_number(const struct judge *j, uint32_t row, enum field_id f)
{
    if (f == FIELD_AGE) {
        int age = judge_age(j, row);
        return age < 0 ? VALUE_NONE : age;
    }
    if (f == FIELD_VISITS_PER_MONTH)
        return calendar_per_month(j->a, row, j->at);
    return column_value(j->a, field_column(f), row);
}

int judge_age(const struct judge *j, uint32_t row)
{
    int64_t birth = narrow_get(j->a, row, NARROW_BIRTH);
    if (birth == VALUE_NONE)
        return -1;
    int32_t years = day_to_civil(j->at->today).year - day_to_civil((int32_t)birth).year;
    while (years > 0 && birth > birth_at_least(j->at->today, years))
        years--;
    return years < 0 ? 0 : years;
}

static bool is_known(const struct judge *j, uint32_t row, enum field_id f)
{
    int n;
    if (f == FIELD_GENDER || f == FIELD_DEVICE || f == FIELD_CONSENT || f == FIELD_HAS) {
        int first = choice_bits(f, &n);
        return any_bit(j->a, row, first, n);
    }
    if (fields[f].kind == KIND_WORD)
        return row_bit(j->a, row, BIT_KNOWN + (int)field_dictionary(f));
    if (fields[f].kind == KIND_CHOICE || f == FIELD_TEXT)
        return true;
    return judge_number(j, row, f) != VALUE_NONE;
}

static bool has_choice(const struct judge *j, uint32_t row, enum field_id f, int64_t value)
{
    const struct audience *a = j->a;
    bool yes = value == 0;
    int n, first = choice_bits(f, &n);
    if (f == FIELD_TYPE)
        return judge_type(j, row) == value;
    if (f == FIELD_ACTIVE)
        return calendar_active(a, row, j->at, &j->types->numbers) == yes;
    if (f == FIELD_FAVOURITE) {
        const struct posting *p = favourites_of(a, j->viewer->staff_id);
        return (p && posting_has(p, row)) == yes;
    }
    if (f == FIELD_BLOCKED || f == FIELD_ANONYMOUS)
        return row_bit(a, row, first) == yes;
    return row_bit(a, row, first + (int)value);
}

static bool has_word(const struct judge *j, uint32_t row, enum field_id f,
                     const struct query_value *v)
{
    const struct words *w = &j->a->words[field_dictionary(f)];
    uint32_t slot = words_find(w, v->key);
    return slot != SLOT_NONE && posting_has(&w->word[slot].rows, row);
}

static bool has_birthday(const struct judge *j, uint32_t row, const struct query_node *n,
                         const struct query_value *v)
{
    int64_t day = column_value(j->a, COL_BIRTHDAY, row);
    struct birthdays ranges[2];
    if (n->match == MATCH_MONTHS)
        return day / 32 == v->number;
    int k = birthday_ranges(j->at->today, v->low, ranges);
    bool in = false;
    for (int i = 0; i < k; i++)
        in = in || (day >= ranges[i].low && day <= ranges[i].high);
    return in;
}

static bool has_value(const struct judge *j, uint32_t row, const struct query_node *n, int i)
{
    const struct query_value v = query_value_on(n, i, j->at->today);
    if (n->match == MATCH_RANGE) {
        int64_t number = judge_number(j, row, n->field);
        return number >= v.low && number <= v.high;
    }
    if (n->match != MATCH_VALUES)
        return has_birthday(j, row, n, &v);
    if (n->field == FIELD_TEXT) {
        const struct text_query q = {v.text, v.key, email_match_key(j->arena, v.text)};
        return search_row(j->a, j->arena, &q, row);
    }
    return fields[n->field].kind == KIND_WORD ? has_word(j, row, n->field, &v)
                                              : has_choice(j, row, n->field, v.number);
}

enum verdict judge_term(const struct judge *j, uint32_t row, const struct query_node *term)
{
    bool known = is_known(j, row, term->field);
    if (term->match == MATCH_ANY || term->match == MATCH_NONE)
        return known == (term->match == MATCH_ANY) ? VERDICT_YES : VERDICT_NO;
    if (!known && field_can_be_unknown(term->field))
        return VERDICT_UNKNOWN;
    for (int i = 0; i < term->nvalues; i++)
        if (has_value(j, row, term, i))
            return VERDICT_YES;
    return VERDICT_NO;
}

enum verdict judge_truth(const struct judge *j, uint32_t row, const struct query_node *n)
{
    if (n->kind == NODE_ALL)
        return VERDICT_YES;
    if (n->kind == NODE_TERM)
        return judge_term(j, row, n);
    if (n->kind == NODE_NOT)
        return (enum verdict)(VERDICT_YES - judge_truth(j, row, n->children[0]));
    enum verdict all = n->kind == NODE_AND ? VERDICT_YES : VERDICT_NO;
    for (int i = 0; i < n->nchildren; i++) {
        enum verdict one = judge_truth(j, row, n->children[i]);
        all = (n->kind == NODE_AND) == (one < all) ? one : all;
    }
    return all;
}

bool judge_matches(const struct judge *j, uint32_t row, const struct query_node *n)
{
    if (n->kind == NODE_ALL)
        return true;
    if (n->kind == NODE_TERM)
        return judge_term(j, row, n) == VERDICT_YES;
    if (n->kind == NODE_NOT)
        return !judge_matches(j, row, n->children[0]);
    for (int i = 0; i < n->nchildren; i++)
        if (judge_matches(j, row, n->children[i]) != (n->kind == NODE_AND))
            return n->kind == NODE_OR;
    return n->kind == NODE_AND;
}

bool judge_fits(const struct judge *j, uint32_t row, int type)
{
    if (type < TYPES)
        return calendar_fits(j->a, row, j->at, &j->types->numbers, (enum typology)type);
    return j->own[type - TYPES] && judge_matches(j, row, j->own[type - TYPES]);
}

int judge_type(const struct judge *j, uint32_t row)
{
    if (j->type && *j->type >= 0)
        return *j->type;
    int type = TYPE_REGULAR;
    for (int i = 0; i < j->types->norder && type == TYPE_REGULAR; i++)
        if (judge_fits(j, row, j->types->order[i]))
            type = j->types->order[i];
    if (j->type)
        *j->type = type;
    return type;
}

/* Does the tree ask for what the columns have for the audience's own day and rules only, or not at
 * all? */
static bool row_by_row(const struct query_node *n, bool another)
{
    bool yes = n->kind == NODE_TERM &&
               (n->field == FIELD_VISITS_PER_MONTH || (another && n->field == FIELD_ACTIVE));
    for (int i = 0; i < n->nchildren; i++)
        yes = yes || row_by_row(n->children[i], another);
    return yes;
}

enum { ROWS_A_SCRATCH = 4096 };

static void judge_rows(const struct judge *j, const struct query_node *n, uint64_t *mask)
{
    struct arena *scratch cleanup(arena_free) = arena_new();
    struct judge one = *j;
    one.arena = scratch;
    for (uint32_t row = 0; row < j->a->nrows; row++) {
        if (row_small(j->a, row)->flags >> FLAG_LIVE & 1 && judge_matches(&one, row, n))
            mask[row / 64] |= 1ull << (row % 64);
        if (row % ROWS_A_SCRATCH == 0)
            arena_reset(scratch);
    }
}

static void plan_rows(const struct judge *j, const struct query_node *n, uint64_t *mask)
{
    const struct audience *a = j->a;
    struct conjunction c = plan_tree_on(a, j->arena, n, j->at->today);
    struct pair_mask *scratch = arena_array(j->arena, struct pair_mask, PLAN_SCRATCH(c.depth) + 2);
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct narrowing of = {a, i, false};
        size_t bytes = block_words(&a->blocks[i]) * sizeof(uint64_t);
        memcpy(scratch->match, a->blocks[i].live, bytes);
        plan_narrow(&of, c.parts, c.n, scratch, scratch + 1);
        memcpy(mask + (size_t)i * BLOCK_WORDS, scratch->match, bytes);
    }
}

void judge_own(const struct judge *j, uint64_t *ret[OWN_TYPES_MAX])
{
    for (int i = 0; i < j->types->nown; i++) {
        ret[i] = arena_array(j->arena, uint64_t, (size_t)j->a->nblocks * BLOCK_WORDS + 1);
        if (!j->own[i])
            continue;
        if (row_by_row(j->own[i], j->at->today != j->a->now.today || j->types != &j->a->types))
            judge_rows(j, j->own[i], ret[i]);
        else
            plan_rows(j, j->own[i], ret[i]);
    }
}
