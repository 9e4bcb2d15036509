/* Who turns at risk on which coming day: day after day the set of those at risk, less the day
 * before's. */
#include <pthread.h>
#include <stdlib.h>
#include "../base/check.h"
#include "../base/id.h"
#include "verdict.h"

struct leaving {
    struct audience *a;
    const struct departures_ask *ask;
    struct arena *arena;
    struct departures *ret;
};
struct at_risk { /* on one day */
    struct arena *arena;
    uint64_t *rows;
    uint32_t nblocks;
};

static void look(struct audience *a, int32_t day, struct at_risk *ret)
{
    struct moment at = moment_of(day);
    arena_reset(ret->arena);
    struct judge j = judge_now(a, ret->arena);
    j.at = &at;
    ret->nblocks = a->nblocks;
    ret->rows = arena_array(ret->arena, uint64_t, (size_t)a->nblocks * BLOCK_WORDS + 1);
    calendar_at_risk(&j, ret->rows);
}

/* Those who turned stay in now's rows; how many the viewer sees of them. */
static int64_t turned(const struct leaving *l, const struct at_risk *before, struct at_risk *now,
                      uint64_t *seen)
{
    const struct audience *a = l->a;
    struct conjunction everybody = plan_query(a, now->arena, NULL, l->ask->viewer);
    int64_t n = 0;
    for (uint32_t i = 0; i < now->nblocks; i++) {
        uint64_t visible[BLOCK_WORDS];
        plan_visible(a, &everybody, i, visible);
        size_t from = (size_t)i * BLOCK_WORDS;
        for (size_t w = 0; w < block_words(&a->blocks[i]); w++) {
            uint64_t was = i < before->nblocks ? before->rows[from + w] : now->rows[from + w];
            seen[from + w] = now->rows[from + w] & ~was & visible[w];
            n += __builtin_popcountll(seen[from + w]);
        }
    }
    return n;
}

static void list_day(struct leaving *l, const struct at_risk *now, const uint64_t *seen,
                     int32_t day, int64_t n)
{
    const struct departures_ask *ask = l->ask;
    int64_t first = l->ret->total, skip = ask->offset > first ? ask->offset - first : 0;
    if (l->ret->n >= ask->limit || skip >= n)
        return;
    int64_t *ids = arena_array(now->arena, int64_t, (size_t)n + 1), k = 0;
    for (size_t w = 0; w < (size_t)now->nblocks * BLOCK_WORDS; w++)
        for (uint64_t m = seen[w]; m; m &= m - 1) {
            uint32_t row = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(m);
            ids[k++] = row_block(l->a, row)->id[ROW_AT(row)];
        }
    qsort(ids, (size_t)k, sizeof(*ids), id_compare);
    for (int64_t i = skip; i < k && l->ret->n < ask->limit; i++)
        l->ret->list[l->ret->n++] = (struct departure){day, ids[i]};
}

static void take_day(struct leaving *l, const struct at_risk *before, struct at_risk *now,
                     int32_t day)
{
    uint64_t *seen = arena_array(now->arena, uint64_t, (size_t)now->nblocks * BLOCK_WORDS + 1);
    int64_t n = turned(l, before, now, seen);
    list_day(l, now, seen, day, n);
    l->ret->counts[day - l->ask->from] = n;
    l->ret->total += n;
}

enum err audience_departures(struct audience *a, const struct departures_ask *ask,
                             struct arena *arena, struct departures *ret)
{
    struct arena *first cleanup(arena_free) = arena_new(),
                        *second cleanup(arena_free) = arena_new();
    struct at_risk one = {.arena = first}, other = {.arena = second}, *before = &one, *now = &other;
    struct leaving l = {a, ask, arena, ret};
    int32_t today = audience_today(a);
    if (ask->from <= today || ask->to < ask->from || ask->to > today + DEPARTURE_DAYS_MAX ||
        ask->offset < 0 || ask->limit < 0 || ask->limit > AUDIENCE_PAGE_MAX)
        return ERR_INVALID;
    *ret = (struct departures){0};
    ret->counts = arena_array(arena, int64_t, (size_t)(ask->to - ask->from) + 1);
    ret->list = arena_array(arena, struct departure, (size_t)ask->limit + 1);
    pthread_rwlock_rdlock(&a->lock);
    look(a, ask->from - 1, before);
    pthread_rwlock_unlock(&a->lock);
    for (int32_t day = ask->from; day <= ask->to; day++) {
        pthread_rwlock_rdlock(&a->lock);
        look(a, day, now);
        take_day(&l, before, now, day);
        pthread_rwlock_unlock(&a->lock);
        struct at_risk *spare = before;
        before = now;
        now = spare;
    }
    return OK;
}
