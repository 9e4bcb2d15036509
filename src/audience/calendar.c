/* Typologies. All rows at a change of day: what can be said from four 16-bit columns is said by
 * whole blocks; only watched rows need their visit days. Those are the rows
 *   - whose latest visits are dense enough for VIP, now or on a later day without a further visit,
 *   - with a visit or a registration outside of what the columns hold, or after today. */
#include <stdlib.h>
#include "../base/check.h"
#include "verdict.h"

const struct age_band calendar_bands[AGE_BANDS] = {
    {"<18", 0, 17},     {"18..24", 18, 24}, {"25..34", 25, 34},     {"35..44", 35, 44},
    {"45..54", 45, 54}, {"55..64", 55, 64}, {">=65", 65, INT64_MAX}};

/* The visit days of a row, latest first. */
struct days {
    const uint8_t *p, *end;
    int64_t day;
    bool first;
};

static struct days days_of(const struct audience *a, uint32_t row)
{
    struct str part = row_part(a, row, PART_VISITS);
    const uint8_t *p = (const uint8_t *)part.p;
    return (struct days){p, p + part.n, 0, true};
}

static bool days_next(struct days *d)
{
    if (d->p == d->end)
        return false;
    uint64_t v = varint_next(&d->p, d->end);
    if (d->first)
        d->day = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
    else
        d->day -= (int64_t)v;
    d->first = false;
    return true;
}

struct moment moment_of(int32_t today)
{
    struct moment m = {.today = today};
    day_months_back(today, RULE_MONTHS_MAX + 1, m.months_ago);
    return m;
}

/* Enough visits in each of the months? */
static bool fits_vip(const struct audience *a, uint32_t row, const struct moment *at,
                     const struct typology_rules *rules)
{
    int32_t window = 0, visits = 0, start = at->months_ago[rules->vip_months];
    struct days d = days_of(a, row);
    while (days_next(&d) && d.day > start) {
        if (d.day > at->today)
            continue;
        for (; d.day <= at->months_ago[window + 1]; window++) { /* on to the month of this day */
            if (visits < rules->vip_visits)
                return false;
            visits = 0;
        }
        visits++;
    }
    return window == rules->vip_months - 1 && visits >= rules->vip_visits;
}

static bool fits_occasional(const struct audience *a, uint32_t row, const struct moment *at,
                            const struct typology_rules *rules)
{
    int32_t visits = 0, start = at->months_ago[rules->occasional_months];
    struct days d = days_of(a, row);
    while (visits <= rules->occasional_max && days_next(&d) && d.day > start)
        visits += d.day <= at->today;
    return visits >= 1 && visits <= rules->occasional_max;
}

bool calendar_fits(const struct audience *a, uint32_t row, const struct moment *at,
                   const struct typology_rules *rules, enum typology type)
{
    int64_t registered, last;
    switch (type) {
    case TYPE_VIP:
        return fits_vip(a, row, at, rules);
    case TYPE_NEW:
        registered = narrow_get(a, row, NARROW_REGISTERED);
        return registered != VALUE_NONE && registered > at->months_ago[rules->new_months] &&
               narrow_get(a, row, NARROW_VISITS) <= rules->new_visits_max;
    case TYPE_OCCASIONAL:
        return fits_occasional(a, row, at, rules);
    case TYPE_AT_RISK:
        last = narrow_get(a, row, NARROW_LAST_VISIT);
        if (last == VALUE_NONE)
            last = narrow_get(a, row, NARROW_REGISTERED);
        return last != VALUE_NONE && last <= at->today - rules->at_risk_days;
    case TYPE_REGULAR:
    case TYPES:
        break;
    }
    return true;
}

int32_t calendar_visits(const struct audience *a, uint32_t row, int32_t after, int32_t until)
{
    int32_t visits = 0;
    struct days d = days_of(a, row);
    while (days_next(&d) && d.day > after)
        visits += d.day <= until;
    return visits;
}

bool calendar_active(const struct audience *a, uint32_t row, const struct moment *at,
                     const struct typology_rules *rules)
{
    int64_t last = narrow_get(a, row, NARROW_LAST_VISIT);
    if (last == VALUE_NONE)
        last = narrow_get(a, row, NARROW_REGISTERED);
    return last != VALUE_NONE && last > at->months_ago[rules->active_months];
}

/* Months begun since registration, at most PER_MONTH_MONTHS, also if nobody knows since when. */
int32_t calendar_per_month(const struct audience *a, uint32_t row, const struct moment *at)
{
    int32_t months = PER_MONTH_MONTHS;
    int32_t visits = calendar_visits(a, row, at->months_ago[months], at->today);
    int64_t registered = narrow_get(a, row, NARROW_REGISTERED);
    if (registered != VALUE_NONE)
        while (months > 1 && registered > at->months_ago[months - 1])
            months--;
    return (int32_t)average_of((int64_t)visits * 10, months);
}

static bool has_odd_columns(const struct audience *a, uint32_t row)
{
    const struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    return b->narrow[NARROW_REGISTERED][at] == UINT16_MAX ||
           b->narrow[NARROW_LAST_VISIT][at] == UINT16_MAX ||
           b->narrow[NARROW_NTH_VISIT][at] == UINT16_MAX;
}

/* Do the columns and the latest days not tell everything? */
static bool is_odd(const struct audience *a, uint32_t row)
{
    if (has_odd_columns(a, row))
        return true;
    struct days d = days_of(a, row);
    int64_t latest = days_next(&d) ? d.day : VALUE_NONE;
    return latest != narrow_get(a, row, NARROW_LAST_VISIT) || latest > a->now.today;
}

bool calendar_may_watch(const struct audience *a, uint32_t row, const struct audience_row *r)
{
    const struct typology_rules *rules = &a->types.numbers;
    size_t need = (size_t)(rules->vip_visits * rules->vip_months), n = r->nvisit_days;
    int64_t latest = n ? r->visit_days[n - 1] : VALUE_NONE, span = 31 * rules->vip_months;
    bool odd = has_odd_columns(a, row) || latest != narrow_get(a, row, NARROW_LAST_VISIT) ||
               latest > a->now.today;
    return odd || need == 0 || (n >= need && latest - r->visit_days[n - need] < span);
}

/* False: the row need not be watched. */
static bool watched_of(const struct audience *a, uint32_t row, struct watched *ret)
{
    const struct typology_rules *rules = &a->types.numbers;
    int32_t need = rules->vip_visits * rules->vip_months, n = 0,
            span = 31 * rules->vip_months; /* no longer than that */
    *ret = (struct watched){.row = row, .exact = is_odd(a, row)};
    struct days d = days_of(a, row);
    int64_t latest = 0;
    while (days_next(&d)) {
        latest = n == 0 ? d.day : latest;
        int64_t ago = latest - d.day;
        if (ago >= span)
            break;
        if (ago < WATCHED_DAYS)
            ret->days[ago / 64] |= 1ull << (ago % 64);
        n++;
    }
    ret->latest = n ? narrow_day((int32_t)latest) : 0;
    ret->exact = ret->exact || (n >= need && span > WATCHED_DAYS);
    return ret->exact || n >= need;
}

static uint64_t watched_hash(const void *ctx, uint32_t place)
{
    return hash_int(((const struct audience *)ctx)->watched[place].row);
}

static bool watched_is(const void *ctx, uint32_t place, const void *row)
{
    return ((const struct audience *)ctx)->watched[place].row == *(const uint32_t *)row;
}

static uint32_t watched_place(const struct audience *a, uint32_t row) /* ITEM_NONE */
{
    return item_find(&a->watched_at, hash_int(row), watched_is, a, &row);
}

void calendar_forget(struct audience *a, uint32_t row)
{
    uint32_t at = watched_place(a, row), last = a->nwatched - 1;
    if (at == ITEM_NONE)
        return;
    item_remove(&a->watched_at, at, watched_hash, a);
    row_small(a, row)->flags &= ~(1u << FLAG_WATCHED);
    if (at != last) {
        item_remove(&a->watched_at, last, watched_hash, a);
        a->watched[at] = a->watched[last];
        item_add(&a->watched_at, at, watched_hash, a);
    }
    a->nwatched--;
}

void calendar_watch(struct audience *a, uint32_t row)
{
    struct watched w;
    bool is = row_small(a, row)->flags >> FLAG_WATCHED & 1;
    if (!watched_of(a, row, &w)) {
        if (is)
            calendar_forget(a, row);
        return;
    }
    if (is) {
        uint32_t at = watched_place(a, row);
        check(at != ITEM_NONE);
        a->watched[at] = w;
        return;
    }
    if (a->nwatched == a->watched_cap) {
        a->watched_cap = a->watched_cap ? a->watched_cap + a->watched_cap / 2 : 64;
        a->watched = realloc(a->watched, a->watched_cap * sizeof(*a->watched));
        check(a->watched);
    }
    a->watched[a->nwatched] = w;
    item_add(&a->watched_at, a->nwatched++, watched_hash, a);
    row_small(a, row)->flags |= 1u << FLAG_WATCHED;
}

void calendar_free(struct audience *a)
{
    free(a->watched);
    item_set_free(&a->watched_at);
}

size_t calendar_bytes(const struct audience *a)
{
    return a->watched_cap * sizeof(*a->watched) + a->watched_at.cap * 5;
}

/* The months that a VIP comes in: month k is of the days after limit[k], up to limit[k - 1]. */
struct vip_months {
    int32_t n, visits, limit[RULE_MONTHS_MAX + 1]; /* narrow_day() */
};

static struct vip_months vip_months(const struct audience *a, const struct moment *at)
{
    struct vip_months m = {a->types.numbers.vip_months, a->types.numbers.vip_visits, {0}};
    for (int32_t k = 0; k <= m.n; k++)
        m.limit[k] = narrow_day(at->months_ago[k]);
    return m;
}

/* The days from `from` on, below `to`; a month fits into one word. */
static uint64_t days_between(const struct watched *w, int32_t from, int32_t to)
{
    from = from < 0 ? 0 : from;
    to = to > WATCHED_DAYS ? WATCHED_DAYS : to;
    if (from >= to)
        return 0;
    uint64_t bits = from < 64 ? w->days[0] >> from : w->days[1] >> (from - 64);
    if (from > 0 && from < 64)
        bits |= w->days[1] << (64 - from);
    return bits & ((1ull << (to - from)) - 1);
}

static bool is_vip(const struct watched *w, const struct vip_months *m)
{
    for (int32_t k = 1; k <= m->n; k++) {
        uint64_t days = days_between(w, w->latest - m->limit[k - 1], w->latest - m->limit[k]);
        for (int32_t i = 1; i < m->visits; i++)
            days &= days - 1; /* one less */
        if (!days)
            return false;
    }
    return true;
}

static void mark_vip(const struct watched *w, const struct vip_months *m, uint64_t *ret)
{
    if (!w->exact && is_vip(w, m))
        ret[w->row / 64] |= 1ull << (w->row % 64);
}

/* The bits of VIPs, a bitset a block; but for the rows that need an exact look. */
static void find_vips(const struct audience *a, const struct moment *at, uint64_t *ret)
{
    const struct vip_months m = vip_months(a, at);
    for (uint32_t i = 0; i < a->nwatched; i++)
        mark_vip(&a->watched[i], &m, ret);
}

/* The same of today; who has not come since the first month began is no VIP until a visit, and then
 * is watched again. */
static void find_vips_now(struct audience *a, uint64_t *ret)
{
    const struct vip_months m = vip_months(a, &a->now);
    for (uint32_t i = 0; i < a->nwatched;) {
        const struct watched *w = &a->watched[i];
        if (!w->exact && w->latest <= m.limit[m.n]) {
            calendar_forget(a, w->row); /* another stands here now */
            continue;
        }
        mark_vip(w, &m, ret);
        i++;
    }
}

/* Who is of a band or a later one was born on its day or before. */
static int band_of(const struct audience *a, int64_t birth)
{
    int band = 0;
    while (band < AGE_BANDS - 1 && birth <= a->band_born[band + 1])
        band++;
    return band;
}

static void set_band(struct audience *a, uint32_t row)
{
    int64_t birth = narrow_get(a, row, NARROW_BIRTH);
    bool known = row_small(a, row)->flags >> FLAG_LIVE & 1 && birth != VALUE_NONE;
    int band = known ? band_of(a, birth) : -1;
    for (int i = 0; i < AGE_BANDS; i++)
        row_set_bit(a, row, BIT_AGE + i, i == band);
}

void calendar_set_bits(struct audience *a, uint32_t row)
{
    bool live = row_small(a, row)->flags >> FLAG_LIVE & 1;
    static const struct query_node *const nobody[OWN_TYPES_MAX];
    struct judge j = judge_now(a, a->arena);
    if (a->own_wait)
        j.own = nobody;
    int type = live ? judge_type(&j, row) : -1;
    for (int i = 0; i < TYPES + a->types.nown; i++)
        row_set_bit(a, row, BIT_TYPE + i, i == type);
    row_set_bit(a, row, BIT_ACTIVE, live && calendar_active(a, row, &a->now, &a->types.numbers));
    set_band(a, row);
}

/* Days of birth that come of another band's age: after `from`, up to `to`. */
struct coming {
    int64_t from[AGE_BANDS], to[AGE_BANDS];
};

static bool comes_of_age(const struct coming *c, int64_t birth)
{
    bool does = false;
    for (int i = 1; i < AGE_BANDS; i++)
        does |= birth > c->from[i] && birth <= c->to[i];
    return does;
}

/* Of the rows with these birthdays, and some more, those that come of an age change bands. */
static void move_born(struct audience *a, uint32_t block, const struct birthdays *days,
                      const struct coming *coming)
{
    enum { STEP = 16 };
    const struct block *b = &a->blocks[block];
    const struct cuts *cuts = &a->cuts[COL_BIRTHDAY];
    uint16_t places[BLOCK_ROWS + PLACES_MORE];
    size_t n = a->simd->collect_codes(b->codes[COL_BIRTHDAY], b->live, block_words(b),
                                      (uint8_t)cuts_code(cuts, days->low),
                                      (uint8_t)cuts_code(cuts, days->high), places);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = block * BLOCK_ROWS + places[i];
        if (i + STEP < n)
            __builtin_prefetch(&b->narrow[NARROW_BIRTH][places[i + STEP]]);
        if (comes_of_age(coming, narrow_get(a, row, NARROW_BIRTH)))
            set_band(a, row);
    }
}

/* Who comes of an age has a birthday; after a jump everybody is looked at. */
static void move_bands(struct audience *a, int32_t before, bool jump)
{
    struct birthdays days[2];
    struct coming coming;
    int n = jump ? 0 : birthday_ranges(before + 1, a->now.today - before - 1, days);
    for (int i = 0; i < AGE_BANDS; i++) {
        coming.from[i] = a->band_born[i];
        coming.to[i] = a->band_born[i] = birth_at_least(a->now.today, calendar_bands[i].low);
    }
    for (uint32_t k = 0; k < a->nblocks; k++)
        for (int i = 0; i < n; i++)
            move_born(a, k, &days[i], &coming);
    for (uint32_t row = 0; jump && row < a->nrows; row++)
        if (row_small(a, row)->flags >> FLAG_LIVE & 1)
            set_band(a, row);
}

/* Bits of one block by whole words. */
struct pass {
    uint64_t visited[BLOCK_WORDS], registered[BLOCK_WORDS], often[BLOCK_WORDS], many[BLOCK_WORDS];
    uint64_t came[BLOCK_WORDS], known[BLOCK_WORDS], fresh[2][BLOCK_WORDS], active[2][BLOCK_WORDS];
};

static void compare_block(const struct audience *a, const struct block *b, const struct moment *at,
                          struct pass *p)
{
    size_t words = block_words(b);
    const struct typology_rules *rules = &a->types.numbers;
    const uint16_t occasional = narrow_day(at->months_ago[rules->occasional_months]);
    const uint16_t risk = narrow_day(at->today - rules->at_risk_days);
    const uint16_t active = narrow_day(at->months_ago[rules->active_months]);
    const uint16_t last[] = {occasional, 0, risk, active};
    const uint16_t since[] = {narrow_day(at->months_ago[rules->new_months]), 0, risk, active};
    const uint16_t many = (uint16_t)(rules->new_visits_max + 1);
    uint64_t *const of_last[] = {p->visited, p->came, p->fresh[0], p->active[0]};
    uint64_t *const of_since[] = {p->registered, p->known, p->fresh[1], p->active[1]};
    uint64_t *const of_nth[] = {p->often}, *const of_visits[] = {p->many};
    a->simd->above16(b->narrow[NARROW_LAST_VISIT], words, last, 4, of_last);
    a->simd->above16(b->narrow[NARROW_REGISTERED], words, since, 4, of_since);
    a->simd->above16(b->narrow[NARROW_NTH_VISIT], words, &occasional, 1, of_nth);
    a->simd->above16(b->narrow[NARROW_VISITS], words, &many, 1, of_visits);
}

/* Whom a type fits, the types before it apart. */
static void fit_words(const struct pass *p, int type, const uint64_t *vips,
                      const uint64_t *const *own, size_t words, uint64_t *restrict ret)
{
    switch (type) {
    case TYPE_VIP:
        memcpy(ret, vips, words * sizeof(*ret));
        break;
    case TYPE_NEW:
        for (size_t w = 0; w < words; w++)
            ret[w] = p->registered[w] & ~p->many[w];
        break;
    case TYPE_OCCASIONAL:
        for (size_t w = 0; w < words; w++)
            ret[w] = p->visited[w] & ~p->often[w];
        break;
    case TYPE_AT_RISK:
        for (size_t w = 0; w < words; w++)
            ret[w] = (p->came[w] & ~p->fresh[0][w]) | (~p->came[w] & p->known[w] & ~p->fresh[1][w]);
        break;
    default:
        memcpy(ret, own[type - TYPES], words * sizeof(*ret));
    }
}

/* Each type takes whom it fits of those that the types before it left. `own`: by place, of this
 * block; ret[type] NULL: it is not wanted. */
static void type_block(const struct audience *a, const struct pass *p, const uint64_t *vips,
                       const uint64_t *const *own, const struct block *b,
                       uint64_t *const ret[TYPES_ALL])
{
    uint64_t rest[BLOCK_WORDS], fits[BLOCK_WORDS];
    size_t words = block_words(b);
    memcpy(rest, b->live, words * sizeof(*rest));
    for (int k = 0; k < a->types.norder; k++) {
        uint64_t *restrict of = ret[a->types.order[k]];
        fit_words(p, a->types.order[k], vips, own, words, fits);
        for (size_t w = 0; of && w < words; w++)
            of[w] = rest[w] & fits[w];
        for (size_t w = 0; w < words; w++)
            rest[w] &= ~fits[w];
    }
    if (ret[TYPE_REGULAR])
        memcpy(ret[TYPE_REGULAR], rest, words * sizeof(*rest));
}

struct typing {
    const uint64_t *vips, *own[OWN_TYPES_MAX]; /* of all blocks */
    struct pass pass;
};

static void own_of_block(const struct audience *a, const struct typing *t, uint32_t block,
                         const uint64_t *ret[OWN_TYPES_MAX])
{
    for (int i = 0; i < a->types.nown; i++)
        ret[i] = t->own[i] + (size_t)block * BLOCK_WORDS;
}

static void refresh_block(struct audience *a, uint32_t block, struct typing *t)
{
    struct block *b = &a->blocks[block];
    const uint64_t *vips = t->vips + (size_t)block * BLOCK_WORDS, *own[OWN_TYPES_MAX];
    const struct pass *p = &t->pass;
    own_of_block(a, t, block, own);
    compare_block(a, b, &a->now, &t->pass);
    uint64_t *types[TYPES_ALL] = {NULL}, *active = block_bits(b, BIT_ACTIVE);
    for (int i = 0; i < TYPES + a->types.nown; i++)
        types[i] = block_bits(b, BIT_TYPE + i);
    type_block(a, p, vips, own, b, types);
    for (size_t w = 0; w < block_words(b); w++)
        active[w] = ((p->came[w] & p->active[0][w]) | (~p->came[w] & p->active[1][w])) & b->live[w];
}

/* Own typologies may ask whether one is active: what that is is said first, with nobody in them. */
static void refresh_types(struct audience *a)
{
    arena_reset(a->arena);
    struct typing *t = arena_make(a->arena, struct typing);
    size_t words = (size_t)a->nblocks * BLOCK_WORDS + 1;
    uint64_t *vips = arena_array(a->arena, uint64_t, words), *own[OWN_TYPES_MAX];
    const struct judge j = judge_now(a, a->arena);
    find_vips_now(a, vips);
    t->vips = vips;
    for (int i = 0; i < a->types.nown; i++)
        t->own[i] = own[i] = arena_array(a->arena, uint64_t, words);
    for (int passes = a->types.nown && !a->own_wait ? 2 : 1; passes > 0; passes--) {
        for (uint32_t i = 0; i < a->nblocks; i++)
            refresh_block(a, i, t);
        for (uint32_t i = 0; i < a->nwatched; i++)
            if (a->watched[i].exact)
                calendar_set_bits(a, a->watched[i].row);
        if (passes == 2)
            judge_own(&j, own);
        for (int i = 0; i < a->types.nown; i++)
            t->own[i] = own[i];
    }
}

void calendar_new_words(struct audience *a)
{
    refresh_types(a);
}

static int64_t nth_visit(const struct audience *a, uint32_t row, int32_t nth)
{
    struct days d = days_of(a, row);
    for (int32_t i = 0; i < nth; i++)
        if (!days_next(&d))
            return VALUE_NONE;
    return d.day;
}

void calendar_new_rules(struct audience *a)
{
    for (uint32_t row = 0; row < a->nrows; row++) {
        if (!(row_small(a, row)->flags >> FLAG_LIVE & 1))
            continue;
        narrow_set(a, row, NARROW_NTH_VISIT,
                   nth_visit(a, row, a->types.numbers.occasional_max + 1));
        calendar_watch(a, row);
    }
    for (uint32_t i = 0; i < a->nblocks; i++) /* types that are no more */
        memset(block_bits(&a->blocks[i], BIT_TYPE), 0, TYPES_ALL * BLOCK_WORDS * sizeof(uint64_t));
    refresh_types(a);
}

void calendar_move(struct audience *a, int32_t today)
{
    int32_t before = a->now.today;
    bool back = today < before, jump = back || today == before || today - before > BIRTH_CUT_DAYS;
    a->now = moment_of(today);
    a->per_month_today = DAY_NONE;
    if (!a->loading && (today < a->birth_cut_today || today - a->birth_cut_today >= BIRTH_CUT_DAYS))
        column_recut(a, COL_BIRTH);
    for (uint32_t row = 0; back && row < a->nrows; row++) /* who was let go may be a VIP again */
        if (row_small(a, row)->flags >> FLAG_LIVE & 1)
            calendar_watch(a, row);
    move_bands(a, before, jump);
    refresh_types(a);
}

/* Of a block, whom the columns say to be at risk on another day; rows with an exact look apart. */
static void at_risk_on(const struct audience *a, const struct moment *at, struct typing *t,
                       uint32_t block, uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    const uint64_t *vips = t->vips + (size_t)block * BLOCK_WORDS, *own[OWN_TYPES_MAX];
    own_of_block(a, t, block, own);
    compare_block(a, b, at, &t->pass);
    uint64_t *const types[TYPES_ALL] = {[TYPE_AT_RISK] = ret};
    type_block(a, &t->pass, vips, own, b, types);
}

void calendar_at_risk(const struct judge *j, uint64_t *ret)
{
    const struct audience *a = j->a;
    struct typing *t = arena_make(j->arena, struct typing);
    uint64_t *vips = arena_array(j->arena, uint64_t, (size_t)a->nblocks * BLOCK_WORDS + 1),
             *own[OWN_TYPES_MAX];
    find_vips(a, j->at, vips);
    judge_own(j, own);
    t->vips = vips;
    for (int i = 0; i < a->types.nown; i++)
        t->own[i] = own[i];
    for (uint32_t i = 0; i < a->nblocks; i++)
        at_risk_on(a, j->at, t, i, ret + (size_t)i * BLOCK_WORDS);
    for (uint32_t i = 0; i < a->nwatched; i++) {
        uint32_t row = a->watched[i].row;
        uint64_t one = 1ull << (row % 64);
        if (a->watched[i].exact)
            ret[row / 64] =
                judge_type(j, row) == TYPE_AT_RISK ? ret[row / 64] | one : ret[row / 64] & ~one;
    }
}
