/* Birthdays: a pass over the sixteen bits that a row's month and day have, under the set of rows
 * that the viewer sees. */
#include "birthdays.h"
#include <stdlib.h>
#include "../base/check.h"
#include "../base/id.h"
#include "plan.h"

struct birthday_scan {
    const struct audience *a;
    struct conjunction everybody;
    struct narrow_range range;
};

static struct birthday_scan scan_of(const struct audience *a, const struct birthday_ask *ask,
                                    struct arena *arena)
{
    struct birthday_scan s = {.a = a, .everybody = plan_query(a, arena, NULL, ask->viewer)};
    check(ask->low > 0 && ask->low <= ask->high);
    check(narrow_range(COL_BIRTHDAY, ask->low, ask->high, &s.range));
    return s;
}

/* Those of 64 rows whose birthdays are in the range. */
static uint64_t born(const uint16_t *values, size_t n, const struct narrow_range *range)
{
    uint64_t in = 0;
    uint16_t width = (uint16_t)(range->high - range->low);
    for (size_t i = 0; i < n; i++)
        in |= (uint64_t)((uint16_t)(values[i] - range->low) <= width) << i;
    return in;
}

typedef void (*birthday_fn)(void *arg, const struct birthday_scan *s, uint32_t block, size_t word,
                            uint64_t rows);

static void scan(const struct birthday_scan *s, birthday_fn found, void *arg)
{
    for (uint32_t i = 0; i < s->a->nblocks; i++) {
        const struct block *b = &s->a->blocks[i];
        const uint16_t *values = b->narrow[s->range.narrow];
        uint64_t visible[BLOCK_WORDS];
        plan_visible(s->a, &s->everybody, i, visible);
        for (size_t w = 0; w < block_words(b); w++) {
            size_t left = b->n - w * 64;
            uint64_t rows = born(values + w * 64, left < 64 ? left : 64, &s->range) & visible[w];
            if (rows)
                found(arg, s, i, w, rows);
        }
    }
}

static void count(void *arg, const struct birthday_scan *s, uint32_t block, size_t word,
                  uint64_t rows)
{
    struct birthday_count *ret = arg;
    const struct block *b = &s->a->blocks[block];
    uint64_t blocked = block_bits(b, BIT_BLOCKED)[word], granted = 0;
    for (int channel = 0; channel < CHANNELS; channel++)
        granted |= block_bits(b, BIT_CONSENT + channel)[word];
    for (; rows; rows &= rows - 1) {
        int bit = __builtin_ctzll(rows);
        size_t place = b->narrow[s->range.narrow][word * 64 + (size_t)bit] - s->range.low;
        bool is_blocked = blocked >> bit & 1;
        ret[place].customers++;
        ret[place].blocked += is_blocked;
        ret[place].consenting += !is_blocked && (granted >> bit & 1);
    }
}

void audience_birthday_counts(struct audience *a, const struct birthday_ask *ask,
                              struct birthday_count *ret)
{
    struct arena *arena cleanup(arena_free) = arena_new();
    memset(ret, 0, (size_t)(ask->high - ask->low + 1) * sizeof(*ret));
    pthread_rwlock_rdlock(&a->lock);
    struct birthday_scan s = scan_of(a, ask, arena);
    scan(&s, count, ret);
    pthread_rwlock_unlock(&a->lock);
}

struct gathered {
    struct arena *arena;
    int64_t *ids;
    size_t n, cap;
};

static void gather(void *arg, const struct birthday_scan *s, uint32_t block, size_t word,
                   uint64_t rows)
{
    struct gathered *g = arg;
    if (g->n + 64 > g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 1024;
        int64_t *more = arena_array(g->arena, int64_t, cap);
        if (g->n)
            memcpy(more, g->ids, g->n * sizeof(*more));
        g->ids = more;
        g->cap = cap;
    }
    for (; rows; rows &= rows - 1)
        g->ids[g->n++] = s->a->blocks[block].id[word * 64 + (size_t)__builtin_ctzll(rows)];
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
