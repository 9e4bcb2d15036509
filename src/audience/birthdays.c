/* Birthdays: a pass over the codes that rows have by month and day, under the set of rows that the
 * viewer sees; those whose code may be in the range are looked at. */
#include "birthdays.h"
#include <stdlib.h>
#include "../base/check.h"
#include "../base/id.h"
#include "plan.h"

struct birthday_scan {
    const struct audience *a;
    struct conjunction everybody;
    int32_t low, high;
    struct simd_codes codes; /* all of them edges */
};

static struct birthday_scan scan_of(const struct audience *a, const struct birthday_ask *ask,
                                    struct arena *arena)
{
    check(ask->low > 0 && ask->low <= ask->high);
    const struct cuts *cuts = &a->cuts[COL_BIRTHDAY];
    return (struct birthday_scan){
        .a = a,
        .everybody = plan_query(a, arena, NULL, ask->viewer),
        .low = ask->low,
        .high = ask->high,
        .codes = {1, 0, (uint8_t)cuts_code(cuts, ask->low), (uint8_t)cuts_code(cuts, ask->high)},
    };
}

/* A row whose birthday is in the range. */
typedef void (*birthday_fn)(void *arg, const struct audience *a, uint32_t row, int64_t day);

static void scan(const struct birthday_scan *s, birthday_fn found, void *arg)
{
    for (uint32_t i = 0; i < s->a->nblocks; i++) {
        const struct block *b = &s->a->blocks[i];
        uint64_t visible[BLOCK_WORDS], none[BLOCK_WORDS], look[BLOCK_WORDS];
        plan_visible(s->a, &s->everybody, i, visible);
        s->a->simd->codes(b->codes[COL_BIRTHDAY], block_words(b), s->codes, none, look);
        for (size_t w = 0; w < block_words(b); w++)
            for (uint64_t rows = look[w] & visible[w]; rows; rows &= rows - 1) {
                uint32_t row = i * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(rows);
                int64_t day = birthday_of(s->a, row);
                if (day >= s->low && day <= s->high)
                    found(arg, s->a, row, day);
            }
    }
}

struct counting {
    struct birthday_count *counts;
    int32_t low;
};

static void count(void *arg, const struct audience *a, uint32_t row, int64_t day)
{
    struct counting *c = arg;
    struct birthday_count *ret = &c->counts[day - c->low];
    bool blocked = row_bit(a, row, BIT_BLOCKED), granted = false;
    for (int channel = 0; channel < CHANNELS; channel++)
        granted |= row_bit(a, row, BIT_CONSENT + channel);
    ret->customers++;
    ret->blocked += blocked;
    ret->consenting += !blocked && granted;
}

void audience_birthday_counts(struct audience *a, const struct birthday_ask *ask,
                              struct birthday_count *ret)
{
    struct arena *arena cleanup(arena_free) = arena_new();
    struct counting c = {ret, ask->low};
    memset(ret, 0, (size_t)(ask->high - ask->low + 1) * sizeof(*ret));
    pthread_rwlock_rdlock(&a->lock);
    struct birthday_scan s = scan_of(a, ask, arena);
    scan(&s, count, &c);
    pthread_rwlock_unlock(&a->lock);
}

struct gathered {
    struct arena *arena;
    int64_t *ids;
    size_t n, cap;
};

static void gather(void *arg, const struct audience *a, uint32_t row, int64_t day)
{
    (void)day;
    struct gathered *g = arg;
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 1024;
        int64_t *more = arena_array(g->arena, int64_t, cap);
        if (g->n)
            memcpy(more, g->ids, g->n * sizeof(*more));
        g->ids = more;
        g->cap = cap;
    }
    g->ids[g->n++] = row_block(a, row)->id[ROW_AT(row)];
}

void audience_birthday_ids(struct audience *a, const struct birthday_ask *ask, struct arena *arena,
                           int64_t **ret, size_t *ret_n)
{
    struct gathered g = {.arena = arena};
    pthread_rwlock_rdlock(&a->lock);
    struct birthday_scan s = scan_of(a, ask, arena);
    scan(&s, gather, &g);
    pthread_rwlock_unlock(&a->lock);
    if (g.n)
        qsort(g.ids, g.n, sizeof(*g.ids), id_compare);
    *ret = g.ids;
    *ret_n = g.n;
}

void audience_seen(struct audience *a, const struct audience_viewer *viewer, const int64_t *ids,
                   size_t n, bool *ret)
{
    pthread_rwlock_rdlock(&a->lock);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = row_of(a, ids[i]);
        ret[i] = row != ROW_NONE && row_seen_by(a, viewer, row);
    }
    pthread_rwlock_unlock(&a->lock);
}
