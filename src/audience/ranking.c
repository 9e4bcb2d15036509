#include <stdlib.h>
#include "../base/check.h"
#include "ranking.h"

void ranking_free(struct ranking *r)
{
    free(r->order);
    free(r->rank);
    r->order = r->rank = NULL;
    r->n = r->cap = r->items = 0;
}

static void reserve(struct ranking *r, uint32_t items)
{
    if (r->n + 1 > r->cap || items > r->cap) {
        uint32_t cap = r->cap ? r->cap * 2 : 64;
        r->cap = cap > items ? cap : items;
        r->order = realloc(r->order, (size_t)r->cap * sizeof(*r->order));
        check(r->order);
    }
    if (items > r->items) {
        uint32_t more = items + items / 2 + 64;
        r->rank = realloc(r->rank, (size_t)more * sizeof(*r->rank));
        check(r->rank);
        memset(r->rank + r->items, 0, (more - r->items) * sizeof(*r->rank));
        r->items = more;
    }
}

static int compare(const struct ranking *r, uint32_t a, uint32_t b)
{
    return collation_compare(r->collation, r->text(r->ctx, a), r->text(r->ctx, b));
}

/* Evenly spread; whoever had the number of the one before has it again. */
static void renumber(struct ranking *r)
{
    uint32_t step = UINT32_MAX / (r->n + 1), old = RANK_NONE, at = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        uint32_t item = r->order[i];
        if (i == 0 || r->rank[item] != old)
            at += step;
        old = r->rank[item];
        r->rank[item] = at;
    }
}

struct keyed {
    const char *key;
    size_t n;
    uint32_t item;
};

static int compare_keyed(const void *x, const void *y)
{
    const struct keyed *a = x, *b = y;
    int c = memcmp(a->key, b->key, a->n < b->n ? a->n : b->n);
    return c ? c : (a->n > b->n) - (a->n < b->n);
}

void ranking_build(struct ranking *r, uint32_t items)
{
    reserve(r, items + 1);
    struct keyed *keyed = malloc((items + 1) * sizeof(*keyed));
    struct buf keys;
    buf_init(&keys, SIZE_MAX / 2);
    check(keyed);
    uint32_t n = 0;
    for (uint32_t i = 0; i < items; i++) {
        struct str s = r->text(r->ctx, i);
        if (s.n == 0)
            continue;
        size_t at = keys.n;
        collation_key(r->collation, s, &keys);
        keyed[n++] = (struct keyed){(const char *)at, keys.n - at, i};
    }
    check(!keys.failed);
    for (uint32_t i = 0; i < n; i++)
        keyed[i].key = keys.p + (size_t)keyed[i].key;
    qsort(keyed, n, sizeof(*keyed), compare_keyed);
    r->n = n;
    for (uint32_t i = 0; i < n; i++) {
        r->order[i] = keyed[i].item;
        /* numbered 1, 2, 2, 3 for now: renumber() spreads them */
        r->rank[keyed[i].item] =
            i == 0 ? 1
                   : r->rank[keyed[i - 1].item] + (compare_keyed(&keyed[i], &keyed[i - 1]) != 0);
    }
    renumber(r);
    buf_free(&keys);
    free(keyed);
}

/* The first place whose text is not before the item's. */
static uint32_t place(const struct ranking *r, uint32_t item)
{
    uint32_t low = 0, high = r->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (compare(r, r->order[mid], item) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void insert(struct ranking *r, uint32_t at, uint32_t item)
{
    memmove(r->order + at + 1, r->order + at, (r->n - at) * sizeof(*r->order));
    r->order[at] = item;
    r->n++;
}

bool ranking_add(struct ranking *r, uint32_t item)
{
    enum { END_STEP = 1 << 12 }; /* at the ends there is room for a million more */
    reserve(r, item + 1);
    uint32_t at = place(r, item);
    if (at < r->n && compare(r, r->order[at], item) == 0) {
        r->rank[item] = r->rank[r->order[at]];
        insert(r, at, item);
        return false;
    }
    uint32_t low = at ? r->rank[r->order[at - 1]] : RANK_NONE;
    uint32_t high = at < r->n ? r->rank[r->order[at]] : UINT32_MAX, half = (high - low) / 2;
    insert(r, at, item);
    if (half == 0) {
        r->rank[item] = UINT32_MAX; /* unlike its neighbours */
        renumber(r);
        return true;
    }
    if (at + 1 == r->n && at > 0 && half > END_STEP)
        r->rank[item] = low + END_STEP;
    else if (at == 0 && r->n > 1 && half > END_STEP)
        r->rank[item] = high - END_STEP;
    else
        r->rank[item] = low + half;
    return false;
}

void ranking_remove(struct ranking *r, uint32_t item)
{
    if (item >= r->items || r->rank[item] == RANK_NONE)
        return;
    uint32_t at = place(r, item);
    while (at < r->n && r->order[at] != item)
        at++;
    check(at < r->n);
    memmove(r->order + at, r->order + at + 1, (r->n - at - 1) * sizeof(*r->order));
    r->n--;
    r->rank[item] = RANK_NONE;
}
