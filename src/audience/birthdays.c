/* Birthdays: a pass over the codes of month and day, under the set of rows that the viewer sees; of
 * those whose code is in the range the day itself is looked at. */
#include "birthdays.h"
#include <stdlib.h>
#include "../base/check.h"
#include "../base/id.h"
#include "plan.h"

typedef void (*birthday_fn)(void *arg, const struct audience *a, uint32_t row, int64_t day);

static void scan(const struct audience *a, const struct birthday_ask *ask, struct arena *arena,
                 birthday_fn found, void *arg)
{
    const struct conjunction everybody = plan_query(a, arena, NULL, ask->viewer);
    const struct cuts *cuts = &a->cuts[COL_BIRTHDAY];
    uint16_t *places = arena_array(arena, uint16_t, BLOCK_ROWS + PLACES_MORE);
    uint8_t from = (uint8_t)cuts_code(cuts, ask->low), to = (uint8_t)cuts_code(cuts, ask->high);
    check(ask->low > 0 && ask->low <= ask->high);
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t visible[BLOCK_WORDS];
        plan_visible(a, &everybody, i, visible);
        size_t n = a->simd->collect_codes(b->codes[COL_BIRTHDAY], visible, block_words(b), from, to,
                                          places);
        for (size_t k = 0; k < n; k++) {
            uint32_t row = i << BLOCK_BITS | places[k];
            int64_t day = birthday_of(a, row);
            if (day >= ask->low && day <= ask->high)
                found(arg, a, row, day);
        }
    }
}

struct counted {
    int64_t low;
    struct birthday_count *ret;
};

static void count(void *arg, const struct audience *a, uint32_t row, int64_t day)
{
    const struct counted *c = arg;
    struct birthday_count *to = &c->ret[day - c->low];
    bool blocked = row_bit(a, row, BIT_BLOCKED), granted = false;
    for (int channel = 0; channel < CHANNELS; channel++)
        granted = granted || row_bit(a, row, BIT_CONSENT + channel);
    to->customers++;
    to->blocked += blocked;
    to->consenting += !blocked && granted;
}

void audience_birthday_counts(struct audience *a, const struct birthday_ask *ask,
                              struct birthday_count *ret)
{
    struct arena *arena cleanup(arena_free) = arena_new();
    memset(ret, 0, (size_t)(ask->high - ask->low + 1) * sizeof(*ret));
    pthread_rwlock_rdlock(&a->lock);
    struct counted counted = {ask->low, ret};
    scan(a, ask, arena, count, &counted);
    pthread_rwlock_unlock(&a->lock);
}

struct gathered {
    struct arena *arena;
    int64_t *ids;
    size_t n, cap;
};

static void gather(void *arg, const struct audience *a, uint32_t row, int64_t day)
{
    struct gathered *g = arg;
    (void)day;
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
    scan(a, ask, arena, gather, &g);
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
