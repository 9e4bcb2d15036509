/* Typologies. All rows at a change of day: what can be said from four 16-bit columns is said by whole
 * blocks; only watched rows need their visit days. Those are the rows
 *   - whose latest visits are dense enough for VIP, now or on a later day without a further visit,
 *   - with a visit or a registration outside of what the columns hold, or after today. */
#include <stdlib.h>
#include "../base/check.h"
#include "internal.h"

const struct typology_rules typology_defaults = {.windows = 3,
                                                 .vip_visits = 3,
                                                 .new_visits_max = 1,
                                                 .occasional_max = 2,
                                                 .at_risk_days = 90,
                                                 .active_months = 12,
                                                 .per_month_months = 12};

const struct age_band calendar_bands[AGE_BANDS] = {
    {"<18", 0, 17},     {"18..24", 18, 24}, {"25..34", 25, 34},        {"35..44", 35, 44},
    {"45..54", 45, 54}, {"55..64", 55, 64}, {">=65", 65, INT64_MAX}};

/* The visit days of a row, latest first. */
struct days {
    const uint8_t *p, *end;
    int64_t day;
    bool first;
};

static struct days days_of(const struct audience *a, uint32_t row)
{
    const struct block *b = row_block(a, row);
    struct record r;
    heap_get(&b->heap, b->record[ROW_AT(row)], &r);
    const uint8_t *p = (const uint8_t *)r.part[PART_VISITS].p;
    return (struct days){p, p + r.part[PART_VISITS].n, 0, true};
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

enum typology calendar_type(const struct audience *a, uint32_t row)
{
    const struct typology_rules *rules = &a->rules;
    int32_t window = 0, visits = 0, recent = 0, start = a->months_ago[rules->windows];
    bool vip = true;
    struct days d = days_of(a, row);
    while (days_next(&d) && d.day > start) {
        if (d.day > a->today)
            continue;
        for (; d.day <= a->months_ago[window + 1]; window++) { /* on to the window of this day */
            vip = vip && visits >= rules->vip_visits;
            visits = 0;
        }
        visits++;
        recent++;
    }
    if (vip && window == rules->windows - 1 && visits >= rules->vip_visits)
        return TYPE_VIP;
    int64_t registered = narrow_get(a, row, NARROW_REGISTERED), last = narrow_get(a, row, NARROW_LAST_VISIT);
    if (registered != VALUE_NONE && registered > start &&
        narrow_get(a, row, NARROW_VISITS) <= rules->new_visits_max)
        return TYPE_NEW;
    if (recent >= 1 && recent <= rules->occasional_max)
        return TYPE_OCCASIONAL;
    if (last == VALUE_NONE)
        last = registered;
    return last != VALUE_NONE && last <= a->today - rules->at_risk_days ? TYPE_AT_RISK : TYPE_REGULAR;
}

bool calendar_active(const struct audience *a, uint32_t row)
{
    int64_t last = narrow_get(a, row, NARROW_LAST_VISIT);
    if (last == VALUE_NONE)
        last = narrow_get(a, row, NARROW_REGISTERED);
    return last != VALUE_NONE && last > a->months_ago[a->rules.active_months];
}

/* Months begun since registration, at most per_month_months, also if nobody knows since when. */
int32_t calendar_per_month(const struct audience *a, uint32_t row)
{
    int32_t months = a->rules.per_month_months, visits = 0;
    int32_t start = a->months_ago[months];
    int64_t registered = narrow_get(a, row, NARROW_REGISTERED);
    if (registered != VALUE_NONE)
        while (months > 1 && registered > a->months_ago[months - 1])
            months--;
    struct days d = days_of(a, row);
    while (days_next(&d) && d.day > start)
        visits += d.day <= a->today;
    return (int32_t)average_of((int64_t)visits * 10, months);
}

/* A watched row. Its latest visit days are kept beside it, so that a change of day reads one array. */
enum { WATCHED_DAYS = 128 };
struct watched {
    uint32_t row;
    uint16_t latest; /* narrow_day() */
    bool exact;      /* what stands here does not do */
    uint64_t days[2]; /* bit i: came i days before the latest visit */
};

static bool has_odd_columns(const struct audience *a, uint32_t row)
{
    const struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    return b->narrow[NARROW_REGISTERED][at] == UINT16_MAX || b->narrow[NARROW_LAST_VISIT][at] == UINT16_MAX ||
           b->narrow[NARROW_NTH_VISIT][at] == UINT16_MAX;
}

/* Do the columns and the latest days not tell everything? */
static bool is_odd(const struct audience *a, uint32_t row)
{
    if (has_odd_columns(a, row))
        return true;
    struct days d = days_of(a, row);
    int64_t latest = days_next(&d) ? d.day : VALUE_NONE;
    return latest != narrow_get(a, row, NARROW_LAST_VISIT) || latest > a->today;
}

bool calendar_may_watch(const struct audience *a, uint32_t row, const struct audience_row *r)
{
    size_t need = (size_t)(a->rules.vip_visits * a->rules.windows), n = r->nvisit_days;
    int64_t latest = n ? r->visit_days[n - 1] : VALUE_NONE, span = 31 * a->rules.windows;
    bool odd = has_odd_columns(a, row) || latest != narrow_get(a, row, NARROW_LAST_VISIT) || latest > a->today;
    return odd || need == 0 || (n >= need && latest - r->visit_days[n - need] < span);
}

/* False: the row need not be watched. */
static bool watched_of(const struct audience *a, uint32_t row, struct watched *ret)
{
    const struct typology_rules *rules = &a->rules;
    int32_t need = rules->vip_visits * rules->windows, n = 0, span = 31 * rules->windows; /* no longer than that */
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

void calendar_forget(struct audience *a, uint32_t row)
{
    int64_t at;
    if (!map_get(&a->watched_at, row, &at))
        return;
    struct watched *w = &a->watched[at], *last = &a->watched[--a->nwatched];
    map_remove(&a->watched_at, row);
    row_small(a, row)->flags &= ~(1u << FLAG_WATCHED);
    if (w != last) {
        *w = *last;
        map_set(&a->watched_at, w->row, at);
    }
}

void calendar_watch(struct audience *a, uint32_t row)
{
    struct watched w;
    bool is = row_small(a, row)->flags >> FLAG_WATCHED & 1;
    int64_t at;
    if (!watched_of(a, row, &w)) {
        if (is)
            calendar_forget(a, row);
        return;
    }
    if (is && map_get(&a->watched_at, row, &at)) {
        a->watched[at] = w;
        return;
    }
    if (a->nwatched == a->watched_cap) {
        a->watched_cap = a->watched_cap ? a->watched_cap + a->watched_cap / 2 : 64;
        a->watched = realloc(a->watched, a->watched_cap * sizeof(*a->watched));
        check(a->watched);
    }
    map_set(&a->watched_at, row, a->nwatched);
    a->watched[a->nwatched++] = w;
    row_small(a, row)->flags |= 1u << FLAG_WATCHED;
}

void calendar_free(struct audience *a)
{
    free(a->watched);
    map_free(&a->watched_at);
}

size_t calendar_bytes(const struct audience *a)
{
    return a->watched_cap * sizeof(*a->watched);
}

/* How many of the bits from `from` on, below `to`. */
static int count_days(const struct watched *w, int32_t from, int32_t to)
{
    int n = 0;
    for (int half = 0; half < 2; half++) {
        int32_t low = from - 64 * half, high = to - 64 * half;
        low = low < 0 ? 0 : low;
        high = high > 64 ? 64 : high;
        if (low < high)
            n += __builtin_popcountll(w->days[half] >> low << low << (64 - high) >> (64 - high));
    }
    return n;
}

static bool is_vip(const struct audience *a, const struct watched *w)
{
    for (int32_t k = 1; k <= a->rules.windows; k++) {
        int32_t from = w->latest - narrow_day(a->months_ago[k - 1]), to = w->latest - narrow_day(a->months_ago[k]);
        if (count_days(w, from, to) < a->rules.vip_visits)
            return false;
    }
    return true;
}

/* The bits of VIPs, a bitset a block. Who has not come since the first window began is no VIP until a
 * visit, and then is watched again. */
static void find_vips(struct audience *a, uint64_t *ret)
{
    uint16_t start = narrow_day(a->months_ago[a->rules.windows]);
    for (uint32_t i = 0; i < a->nwatched;) {
        const struct watched *w = &a->watched[i];
        if (!w->exact && w->latest <= start) {
            calendar_forget(a, w->row); /* another stands here now */
            continue;
        }
        if (!w->exact && is_vip(a, w))
            ret[w->row / 64] |= 1ull << (w->row % 64);
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
    for (int i = 0; i < AGE_BANDS; i++)
        row_set_bit(a, row, BIT_AGE + i, known && i == band_of(a, birth));
}

void calendar_set_bits(struct audience *a, uint32_t row)
{
    bool live = row_small(a, row)->flags >> FLAG_LIVE & 1;
    int type = live ? (int)calendar_type(a, row) : -1;
    for (int i = 0; i < TYPES; i++)
        row_set_bit(a, row, BIT_TYPE + i, i == type);
    row_set_bit(a, row, BIT_ACTIVE, live && calendar_active(a, row));
    set_band(a, row);
}

/* Of the rows in `look`, those that were born after `from` and not after `to`. */
static uint64_t born_within(const struct audience *a, int32_t from, int32_t to, uint32_t first, uint64_t look)
{
    uint64_t within = 0;
    for (; look; look &= look - 1) {
        int bit = __builtin_ctzll(look);
        int64_t birth = narrow_get(a, first + (uint32_t)bit, NARROW_BIRTH);
        within |= (uint64_t)(birth > from && birth <= to) << bit;
    }
    return within;
}

/* Those born between the old and the new day of a band come of its age. */
static void move_band(struct audience *a, uint32_t block, int band, int32_t from, int32_t to)
{
    struct block *b = &a->blocks[block];
    const struct cuts *cuts = &a->cuts[COL_BIRTH];
    struct simd_codes c = {1, 0, (uint8_t)cuts_code(cuts, (int64_t)from + 1), (uint8_t)cuts_code(cuts, to)};
    uint64_t none[BLOCK_WORDS], look[BLOCK_WORDS];
    uint16_t at[BLOCK_WORDS];
    a->simd->codes(b->codes[COL_BIRTH], block_words(b), c, none, look);
    size_t n = a->simd->common(look, look, block_words(b), at);
    for (size_t i = 0; i < n; i++) {
        uint64_t of_age = born_within(a, from, to, block * BLOCK_ROWS + at[i] * 64u, look[at[i]]);
        block_bits(b, BIT_AGE + band - 1)[at[i]] &= ~of_age;
        block_bits(b, BIT_AGE + band)[at[i]] |= of_age;
    }
}

/* Day by day few come of an age; after a jump everybody is looked at. */
static void move_bands(struct audience *a, bool jump)
{
    for (int i = 0; i < AGE_BANDS; i++) {
        int32_t from = a->band_born[i], to = birth_at_least(a->today, calendar_bands[i].low);
        a->band_born[i] = to;
        for (uint32_t k = 0; i > 0 && !jump && k < a->nblocks; k++)
            move_band(a, k, i, from, to);
    }
    for (uint32_t row = 0; jump && row < a->nrows; row++)
        if (row_small(a, row)->flags >> FLAG_LIVE & 1)
            set_band(a, row);
}

/* Bits of one block by whole words. */
struct pass {
    uint64_t visited[BLOCK_WORDS], registered[BLOCK_WORDS], often[BLOCK_WORDS], many[BLOCK_WORDS];
    uint64_t came[BLOCK_WORDS], known[BLOCK_WORDS], fresh[2][BLOCK_WORDS], active[2][BLOCK_WORDS];
};

static void compare_block(const struct audience *a, const struct block *b, struct pass *p)
{
    size_t words = block_words(b);
    const struct typology_rules *rules = &a->rules;
    const uint16_t start = narrow_day(a->months_ago[rules->windows]);
    const uint16_t limits[] = {start, 0, narrow_day(a->today - rules->at_risk_days),
                               narrow_day(a->months_ago[rules->active_months])};
    const uint16_t many = (uint16_t)(rules->new_visits_max + 1);
    uint64_t *const of_last[] = {p->visited, p->came, p->fresh[0], p->active[0]};
    uint64_t *const of_since[] = {p->registered, p->known, p->fresh[1], p->active[1]};
    uint64_t *const of_nth[] = {p->often}, *const of_visits[] = {p->many};
    a->simd->above16(b->narrow[NARROW_LAST_VISIT], words, limits, 4, of_last);
    a->simd->above16(b->narrow[NARROW_REGISTERED], words, limits, 4, of_since);
    a->simd->above16(b->narrow[NARROW_NTH_VISIT], words, &start, 1, of_nth);
    a->simd->above16(b->narrow[NARROW_VISITS], words, &many, 1, of_visits);
}

static void refresh_block(struct audience *a, uint32_t block, const uint64_t *vips, struct pass *p)
{
    struct block *b = &a->blocks[block];
    compare_block(a, b, p);
    for (size_t w = 0; w < block_words(b); w++) {
        uint64_t live = b->live[w], rest = live & ~vips[w], types[TYPES] = {0}, came = p->came[w];
        uint64_t fresh = (came & p->fresh[0][w]) | (~came & p->fresh[1][w]);
        uint64_t active = ((came & p->active[0][w]) | (~came & p->active[1][w])) & live;
        types[TYPE_VIP] = vips[w];
        types[TYPE_NEW] = rest & p->registered[w] & ~p->many[w];
        rest &= ~types[TYPE_NEW];
        types[TYPE_OCCASIONAL] = rest & p->visited[w] & ~p->often[w];
        rest &= ~types[TYPE_OCCASIONAL];
        types[TYPE_AT_RISK] = rest & (came | p->known[w]) & ~fresh;
        types[TYPE_REGULAR] = rest & ~types[TYPE_AT_RISK];
        block_bits(b, BIT_ACTIVE)[w] = active;
        for (int t = 0; t < TYPES; t++)
            block_bits(b, BIT_TYPE + t)[w] = types[t];
    }
}

void calendar_move(struct audience *a, int32_t today)
{
    bool back = today < a->today, jump = back || today == a->today || today - a->today > BIRTH_CUT_DAYS;
    a->today = today;
    a->per_month_today = DAY_NONE;
    for (int k = 0; k <= RULE_MONTHS_MAX; k++)
        a->months_ago[k] = day_add_months(today, -k);
    if (!a->loading && (today < a->birth_cut_today || today - a->birth_cut_today >= BIRTH_CUT_DAYS))
        column_recut(a, COL_BIRTH);
    for (uint32_t row = 0; back && row < a->nrows; row++) /* who was let go may be a VIP again */
        if (row_small(a, row)->flags >> FLAG_LIVE & 1)
            calendar_watch(a, row);
    arena_reset(a->arena);
    struct pass *p = arena_make(a->arena, struct pass);
    uint64_t *vips = arena_array(a->arena, uint64_t, (size_t)a->nblocks * BLOCK_WORDS);
    find_vips(a, vips);
    for (uint32_t i = 0; i < a->nblocks; i++)
        refresh_block(a, i, vips + (size_t)i * BLOCK_WORDS, p);
    move_bands(a, jump);
    for (uint32_t i = 0; i < a->nwatched; i++)
        if (a->watched[i].exact)
            calendar_set_bits(a, a->watched[i].row);
}
