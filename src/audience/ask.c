/* Questions: block by block the query, the facets and the sums; then the page. */
#include <stdlib.h>
#include "../base/check.h"
#include "../base/id.h"
#include "facets.h"
#include "order.h"

enum { ROWS_KEPT = 128 }; /* a 128th of all rows */

struct asking {
    const struct audience *a;
    const struct audience_ask *ask;
    struct arena *arena;
    struct audience_answer *answer;
    struct conjunction query;
    struct facet_counts facets;
    uint64_t *mask; /* of all blocks: who matches */
    uint32_t *rows; /* the same, if they are rows_max or fewer; else NULL in the end */
    int64_t rows_max;
    uint16_t *room; /* for select_rows() */
    int64_t places_max;
    struct pair_mask *scratch;
    /* Fields that are both asked for as facets and in the query: each with its own parts. */
    enum field_id groups[FIELDS];
    int ngroups;
    struct pair_mask *group_masks;
    struct plan **group_parts;
    uint64_t grouped; /* bit per field */
};

static bool in_group(const struct asking *q, const struct plan *part)
{
    return part->field < FIELDS && q->grouped >> part->field & 1;
}

static void find_groups(struct asking *q)
{
    for (int i = 0; i < q->query.n; i++) {
        enum field_id f = q->query.parts[i]->field;
        if (f == FIELDS || !fields[f].facet || !(q->ask->facets >> f & 1) || q->grouped >> f & 1)
            continue;
        q->grouped |= 1ull << f;
        q->groups[q->ngroups++] = f;
    }
    if (q->ngroups)
        q->group_masks = arena_array(q->arena, struct pair_mask, (size_t)q->ngroups);
}

static bool wants_unknowns(const struct asking *q)
{
    return q->query.unknowns && !q->ask->only_count;
}

static void narrow(struct asking *q, uint32_t block, enum field_id group, struct pair_mask *m)
{
    const struct narrowing of = {q->a, block, wants_unknowns(q)};
    int n = 0;
    for (int i = 0; i < q->query.n; i++) {
        struct plan *part = q->query.parts[i];
        if (group == FIELDS ? !in_group(q, part) : part->field == group)
            q->group_parts[n++] = part;
    }
    plan_narrow(&of, q->group_parts, n, m, q->scratch);
}

/* `maybe` is only kept up where somebody wants the unknown. */
static void copy(const struct asking *q, struct pair_mask *to, const struct pair_mask *from,
                 size_t words)
{
    memcpy(to->match, from->match, words * sizeof(uint64_t));
    if (wants_unknowns(q))
        memcpy(to->maybe, from->maybe, words * sizeof(uint64_t));
}

static void intersect(const struct asking *q, struct pair_mask *to, const struct pair_mask *a,
                      const struct pair_mask *b, size_t words)
{
    q->a->simd->both(to->match, a->match, b->match, words);
    if (wants_unknowns(q))
        q->a->simd->both(to->maybe, a->maybe, b->maybe, words);
}

/* Who is in all groups but one; in `room` if it has to be made. */
static const struct pair_mask *in_others(const struct asking *q, int but,
                                         const struct pair_mask *common, struct pair_mask *room,
                                         size_t words)
{
    const struct pair_mask *in = NULL;
    for (int k = 0; k < q->ngroups; k++) {
        if (k == but)
            continue;
        if (in)
            intersect(q, room, in, &q->group_masks[k], words);
        in = in ? room : &q->group_masks[k];
    }
    return in ? in : common;
}

/* A facet of a field in the query counts under all other groups. `m`: in, who has the rest of the
 * query; out, who is in all groups too. */
static void count_groups(struct asking *q, uint32_t block, struct pair_mask *m)
{
    const size_t n = block_words(&q->a->blocks[block]);
    const struct pair_mask *others = m;
    for (int g = 0; g < q->ngroups; g++) {
        copy(q, &q->group_masks[g], m, n);
        narrow(q, block, q->groups[g], &q->group_masks[g]);
    }
    for (int g = 0; g < q->ngroups; g++) {
        const uint64_t which = 1ull << q->groups[g];
        others = in_others(q, g, m, q->scratch, n);
        struct selection s =
            select_rows(q->a, block, others->match, q->room, facets_rows_max(&q->facets, which));
        facets_add(&q->facets, &s, which);
    }
    intersect(q, m, others, &q->group_masks[q->ngroups - 1], n);
}

/* Sums what did not fit into 32 bits; the others were summed as raw values. */
static int64_t spent_of_escapes(const struct asking *q)
{
    const struct map *m = &q->a->escapes;
    int64_t sum = 0;
    for (size_t i = 0; i < m->cap; i++) {
        uint64_t key = m->keys[i] - 1;
        uint32_t row = (uint32_t)key;
        if (!m->keys[i] || key >> 32 != NARROWS + WIDE_SPENT ||
            !(q->mask[row / 64] >> (row % 64) & 1))
            continue;
        sum += m->values[i] - (int64_t)(UINT32_MAX - 1 + WIDE_SPENT_BASE);
    }
    return sum;
}

static void add_spent(struct asking *q, const struct block *b, const struct selection *s)
{
    const uint32_t *spent = b->wide[WIDE_SPENT];
    uint64_t sum = 0;
    if (!s->places)
        sum = q->a->simd->sum32(spent, s->mask, block_words(b));
    for (int64_t i = 0; s->places && i < s->n; i++)
        sum += spent[s->places[i]];
    q->answer->spent_minor += (int64_t)sum + s->n * (WIDE_SPENT_BASE - 1);
}

/* Keeps the rows themselves as long as they are few, and do not come so densely that they will be
 * many. */
static void keep_rows(struct asking *q, const struct selection *s)
{
    const int64_t most = q->rows_max / q->a->nblocks * (s->block + 1) * 3 / 2 + ROWS_KEPT;
    if (s->n && (!s->places || q->answer->matching > q->rows_max || q->answer->matching > most))
        q->rows = NULL;
    if (!q->rows)
        return;
    uint32_t *to = q->rows + q->answer->matching - s->n;
    for (int64_t i = 0; i < s->n; i++)
        to[i] = s->block * BLOCK_ROWS + s->places[i];
}

static void ask_block(struct asking *q, uint32_t block)
{
    const struct audience *a = q->a;
    const struct block *b = &a->blocks[block];
    size_t words = block_words(b);
    struct pair_mask m;
    plan_visible(a, &q->query, block, m.match);
    int64_t visible = (int64_t)a->simd->count(m.match, words);
    q->answer->total += visible;
    if (visible == 0) {
        if (q->mask)
            memset(q->mask + (size_t)block * BLOCK_WORDS, 0, words * sizeof(uint64_t));
        return;
    }
    if (wants_unknowns(q))
        memcpy(m.maybe, m.match, words * sizeof(uint64_t));
    narrow(q, block, FIELDS, &m);
    if (q->ngroups)
        count_groups(q, block, &m);
    struct selection s =
        select_rows(a, block, m.match, q->room, q->rows ? FEW_PLACES : q->places_max);
    q->answer->matching += s.n;
    if (wants_unknowns(q))
        q->answer->unknown += (int64_t)a->simd->count(m.maybe, words) - s.n;
    if (!q->ask->only_count)
        add_spent(q, b, &s);
    facets_add(&q->facets, &s, ~q->grouped);
    keep_rows(q, &s);
    if (q->mask)
        memcpy(q->mask + (size_t)block * BLOCK_WORDS, m.match, words * sizeof(uint64_t));
}

static void ask_everybody(struct asking *q)
{
    const struct audience *a = q->a;
    for (uint32_t i = 0; q->mask && i < a->nblocks; i++)
        memcpy(q->mask + (size_t)i * BLOCK_WORDS, a->blocks[i].live,
               BLOCK_WORDS * sizeof(uint64_t));
    q->answer->matching = q->answer->total = a->count;
    if (!q->ask->only_count)
        q->answer->spent_minor +=
            (int64_t)facets_spent_of_all(a) + a->count * (WIDE_SPENT_BASE - 1);
    facets_of_all(&q->facets);
    q->rows = NULL;
}

/* One row for a person */
static void take_texts(const struct audience *a, uint32_t row, const struct record *r,
                       struct arena *arena, struct audience_hit *h)
{
    enum { DIGITS = 15 };
    const struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    h->first_name = arena_str(arena, names_text(&a->names, b->first[at]));
    h->last_name = arena_str(arena, names_text(&a->names, b->last[at]));
    h->nickname = arena_str(arena, names_text(&a->names, nick_of(r->part[PART_NICK])));
    h->phone = arena_str(arena, r->part[PART_PHONE]);
    if (b->phone[at]) {
        char *p = arena_alloc(arena, DIGITS + 2);
        size_t n = 0;
        p[n++] = '+';
        for (int i = DIGITS - 1; i >= 0 && (b->phone[at] >> (4 * i) & 15); i--)
            p[n++] = (char)('0' + (b->phone[at] >> (4 * i) & 15) - 1);
        h->phone = (struct str){p, n};
    }
    h->email = arena_str(arena, r->part[PART_EMAIL]);
    if (h->email.n == 0 && b->domain[at] != SLOT_NONE) {
        struct str local = r->part[PART_LOCAL],
                   domain = a->words[DICT_DOMAIN].word[b->domain[at]].name;
        h->email = str_c(arena_printf(arena, "%.*s%s%.*s", (int)local.n, local.p,
                                      domain.n ? "@" : "", (int)domain.n, domain.p));
    }
    const struct small *s = &b->small[at];
    h->city = arena_str(arena, r->part[PART_CITY]);
    if (h->city.n == 0 && s->city)
        h->city = arena_str(arena, a->words[DICT_CITY].word[s->city - 1].name);
    struct str language =
        s->language ? a->words[DICT_LANGUAGE].word[s->language - 1].name : STR("");
    struct str country = s->country ? a->words[DICT_COUNTRY].word[s->country - 1].name : STR("");
    memcpy(h->language, language.p, language.n < 4 ? language.n : 3);
    memcpy(h->country, country.p, country.n < 4 ? country.n : 3);
}

static int32_t whole_years(struct civil born, int32_t today)
{
    struct civil t = day_to_civil(today);
    int32_t years = t.year - born.year;
    while (years > 0 && day_from_civil(born) > birth_at_least(today, years))
        years--;
    return years < 0 ? 0 : years;
}

static void take_birth(const struct audience *a, uint32_t row, const struct record *r,
                       struct audience_hit *h)
{
    int64_t birth = narrow_get(a, row, NARROW_BIRTH);
    h->age = -1;
    if (birth != VALUE_NONE) {
        struct civil c = day_to_civil((int32_t)birth);
        h->birth_year = c.year;
        h->birth_month = c.month;
        h->birth_day = c.day;
        h->age = whole_years(c, a->now.today);
    } else if (r->part[PART_YEAR].n) {
        const uint8_t *p = (const uint8_t *)r->part[PART_YEAR].p, *end = p + r->part[PART_YEAR].n;
        h->birth_year = (int32_t)varint_next(&p, end);
        h->birth_month = (int32_t)varint_next(&p, end);
        h->birth_day = (int32_t)varint_next(&p, end);
    }
}

static int32_t day_or_none(int64_t v)
{
    return v == VALUE_NONE ? DAY_NONE : (int32_t)v;
}

static void take_numbers(const struct audience *a, uint32_t row, const struct record *r,
                         struct audience_hit *h)
{
    tallies_of(r->part[PART_TALLIES], h->tallies);
    h->points = narrow_get(a, row, NARROW_POINTS);
    h->registered_day = day_or_none(narrow_get(a, row, NARROW_REGISTERED));
    h->last_visit_day = day_or_none(narrow_get(a, row, NARROW_LAST_VISIT));
    h->last_purchase_day = day_or_none(narrow_get(a, row, NARROW_LAST_PURCHASE));
    h->visits = narrow_get(a, row, NARROW_VISITS);
    h->operations = narrow_get(a, row, NARROW_OPERATIONS);
    h->spent_minor = wide_get(a, row, WIDE_SPENT);
    h->average_minor = column_value(a, COL_AVERAGE, row);
    int64_t interval = narrow_get(a, row, NARROW_INTERVAL);
    h->interval_tenths = interval == VALUE_NONE ? -1 : (int32_t)interval;
    h->visits_per_month_tenths = calendar_per_month(a, row, &a->now);
    h->has_profile = h->operations > 0 || h->last_purchase_day != DAY_NONE;
}

static bool is_favourite(const struct audience *a, int64_t staff, uint32_t row)
{
    for (size_t i = 0; staff && i < a->nstaff; i++)
        if (a->staff[i].staff == staff)
            return posting_has(&a->staff[i].rows, row);
    return false;
}

void row_hit(const struct audience *a, const struct audience_viewer *viewer, uint32_t row,
             struct arena *arena, struct audience_hit *h)
{
    const struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row), f = b->small[at].flags;
    const struct small *s = &b->small[at];
    struct record r;
    uint8_t type = 0;
    while (type < TYPES_ALL - 1 && !row_bit(a, row, BIT_TYPE + type))
        type++;
    heap_get(&b->heap, b->record[at], &r);
    *h = (struct audience_hit){.id = b->id[at],
                               .number = wide_get(a, row, WIDE_NUMBER),
                               .gender = f >> FLAG_GENDER & 3,
                               .device = f >> FLAG_DEVICE & 7,
                               .typology = type,
                               .active = row_bit(a, row, BIT_ACTIVE),
                               .blocked = f >> FLAG_BLOCKED & 1,
                               .anonymous = f >> FLAG_ANONYMOUS & 1,
                               .has_photo = f >> (FLAG_HAS + 2) & 1,
                               .favourite = is_favourite(a, viewer->staff_id, row)};
    for (int i = 0; i < CHANNELS; i++)
        h->consent[i] = f >> (FLAG_CONSENT + 2 * i) & 3;
    h->home_store = s->home ? a->words[DICT_STORE].word[s->home - 1].id : 0;
    h->tier = s->tier ? a->words[DICT_TIER].word[s->tier - 1].id : 0;
    h->source = s->source ? a->words[DICT_SOURCE].word[s->source - 1].id : 0;
    if (type >= TYPES)
        h->own_type = arena_str(arena, a->types.own[type - TYPES].name);
    take_texts(a, row, &r, arena, h);
    take_birth(a, row, &r, h);
    take_numbers(a, row, &r, h);
}

static void take_page(struct asking *q)
{
    const struct audience_ask *ask = q->ask;
    struct audience_answer *answer = q->answer;
    size_t limit = ask->ids_only ? (size_t)answer->matching : (size_t)ask->limit;
    int64_t offset = ask->ids_only ? 0 : ask->offset;
    uint32_t *rows = arena_array(q->arena, uint32_t, limit + 1);
    const struct found found = {q->mask, answer->matching, q->rows};
    size_t n = order_page(q->a, q->arena, &found, ask->sort, ask->descending, offset, limit, rows);
    if (ask->ids_only) {
        answer->ids = arena_array(q->arena, int64_t, n + 1);
        for (size_t i = 0; i < n; i++)
            answer->ids[i] = row_block(q->a, rows[i])->id[ROW_AT(rows[i])];
        return;
    }
    answer->hits = arena_array(q->arena, struct audience_hit, n + 1);
    answer->nhits = (int)n;
    for (size_t i = 0; i < n; i++)
        row_hit(q->a, &ask->viewer, rows[i], q->arena, &answer->hits[i]);
}

static void answer(struct asking *q)
{
    const struct audience *a = q->a;
    q->query = plan_query(a, q->arena, q->ask->query, &q->ask->viewer);
    bool page = q->ask->limit > 0 || q->ask->ids_only;
    if (page || (!q->ask->only_count && a->escapes.n)) /* see spent_of_escapes() */
        q->mask = arena_room(q->arena, (size_t)a->nblocks * BLOCK_WORDS, sizeof(uint64_t));
    q->scratch = arena_array(q->arena, struct pair_mask, PLAN_SCRATCH(q->query.depth) + 1);
    q->rows_max = a->nrows / ROWS_KEPT + ROWS_KEPT;
    if (page)
        q->rows = arena_room(q->arena, (size_t)q->rows_max + 1, sizeof(uint32_t));
    q->room = arena_room(q->arena, FEW_PLACES + PLACES_MORE, sizeof(uint16_t));
    q->group_parts = arena_array(q->arena, struct plan *, (size_t)q->query.n + 1);
    facets_open(&q->facets, a, q->arena, q->ask);
    find_groups(q);
    q->places_max = q->ask->only_count ? facets_rows_max(&q->facets, ~q->grouped) : FEW_PLACES;
    if (q->query.n == 0 && q->query.nstores < 0)
        ask_everybody(q);
    else
        for (uint32_t i = 0; i < a->nblocks; i++)
            ask_block(q, i);
    if (!q->ask->only_count && a->escapes.n)
        q->answer->spent_minor += spent_of_escapes(q);
    q->answer->facets = facets_close(&q->facets, q->arena, q->ask->query);
    q->answer->nfacets = q->facets.n;
    if (page)
        take_page(q);
}

static bool compares_per_month(const struct query_node *n)
{
    bool yes = n->kind == NODE_TERM && n->field == FIELD_VISITS_PER_MONTH;
    for (int i = 0; i < n->nchildren; i++)
        yes = yes || compares_per_month(n->children[i]);
    return yes;
}

/* Visits per month follow the calendar, and are wanted seldom: the first to want them waits. */
static void want_per_month(struct audience *a, const struct audience_ask *ask)
{
    if (ask->sort != FIELD_VISITS_PER_MONTH && !(ask->facets >> FIELD_VISITS_PER_MONTH & 1) &&
        !(ask->query && compares_per_month(ask->query->root)))
        return;
    pthread_rwlock_wrlock(&a->lock);
    if (a->per_month_today != a->now.today) {
        for (uint32_t row = 0; row < a->nrows; row++)
            if (row_small(a, row)->flags >> FLAG_LIVE & 1)
                narrow_set(a, row, NARROW_PER_MONTH, calendar_per_month(a, row, &a->now));
        a->per_month_today = a->now.today;
        column_recut(a, COL_PER_MONTH);
    }
    pthread_rwlock_unlock(&a->lock);
}

enum err audience_ask(struct audience *a, const struct audience_ask *ask, struct arena *arena,
                      struct audience_answer *ret)
{
    if (ask->offset < 0 || ask->limit < 0 || ask->limit > AUDIENCE_PAGE_MAX ||
        ask->sort >= FIELDS || (ask->sort != FIELD_TEXT && !fields[ask->sort].sortable))
        return ERR_INVALID;
    want_per_month(a, ask);
    *ret = (struct audience_answer){0};
    struct asking q = {.a = a, .ask = ask, .arena = arena, .answer = ret};
    pthread_rwlock_rdlock(&a->lock);
    answer(&q);
    pthread_rwlock_unlock(&a->lock);
    return OK;
}

bool row_seen_by(const struct audience *a, const struct audience_viewer *v, uint32_t row)
{
    bool sees = !v->stores;
    for (size_t i = 0; v->stores && i < v->nstores && !sees; i++) {
        uint32_t slot = words_slot(&a->words[DICT_STORE], v->stores[i]);
        sees = slot != SLOT_NONE && posting_has(&a->words[DICT_STORE].word[slot].rows, row);
    }
    return sees;
}

enum err audience_get(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                      struct arena *arena, struct audience_hit *ret)
{
    enum err e = ERR_NOT_FOUND;
    pthread_rwlock_rdlock(&a->lock);
    uint32_t row = row_of(a, id);
    if (row != ROW_NONE && row_seen_by(a, viewer, row)) {
        row_hit(a, viewer, row, arena, ret);
        e = OK;
    }
    pthread_rwlock_unlock(&a->lock);
    return e;
}

enum err audience_words_of(struct audience *a, int64_t id, enum word_kind kind, struct arena *arena,
                           const int64_t **ret, size_t *ret_n)
{
    pthread_rwlock_rdlock(&a->lock);
    const struct words *w = &a->words[kind];
    uint32_t row = row_of(a, id);
    int64_t *ids = arena_array(arena, int64_t, (size_t)w->n + 1);
    size_t n = 0;
    for (uint32_t slot = 0;
         row != ROW_NONE && kind != WORD_SOURCE && kind != WORD_TIER && slot < w->n; slot++)
        if (posting_has(&w->word[slot].rows, row))
            ids[n++] = w->word[slot].id;
    pthread_rwlock_unlock(&a->lock);
    qsort(ids, n, sizeof(*ids), id_compare);
    *ret = ids;
    *ret_n = n;
    return row == ROW_NONE ? ERR_NOT_FOUND : OK;
}
