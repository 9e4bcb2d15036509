#include <stdlib.h>
#include <string.h>
#include "../base/check.h"
#include "rowset.h"

enum { LIST_MAX = 1024, MANY_MIN = 512 };

void rowset_free(struct rowset *r)
{
    if (r->cap == ROWSET_MANY) {
        posting_free(r->many);
        free(r->many);
    } else if (r->cap) {
        free(r->list);
    }
    *r = (struct rowset){0};
}

static void to_many(struct rowset *r)
{
    struct posting *p = calloc(1, sizeof(*p));
    check(p);
    for (uint32_t i = 0; i < r->n; i++)
        posting_add(p, r->list[i]);
    free(r->list);
    r->many = p;
    r->cap = ROWSET_MANY;
}

static void to_list(struct rowset *r)
{
    uint32_t *list = malloc(LIST_MAX * sizeof(*list)), n = 0;
    check(list);
    for (uint32_t i = 0; i < r->many->n; i++) {
        const struct container *c = &r->many->containers[i];
        for (uint32_t k = 0; c->cap && k < c->count; k++)
            list[n++] = c->block << BLOCK_BITS | c->list[k];
        for (uint32_t w = 0; !c->cap && w < BLOCK_WORDS; w++)
            for (uint64_t m = c->bits[w]; m; m &= m - 1)
                list[n++] = c->block << BLOCK_BITS | (w * 64 + (uint32_t)__builtin_ctzll(m));
    }
    posting_free(r->many);
    free(r->many);
    r->list = list;
    r->cap = LIST_MAX;
    r->n = n;
}

/* The first place whose row is not before this one; the last rows are asked for most. */
static uint32_t place(const struct rowset *r, uint32_t row)
{
    uint32_t low = 0, high = r->n;
    if (high && r->list[high - 1] < row)
        return high;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (r->list[mid] < row)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void rowset_add(struct rowset *r, uint32_t row)
{
    if (r->cap == ROWSET_MANY) {
        posting_add(r->many, row);
        r->n++;
        return;
    }
    if (r->n == 0 && r->cap == 0) {
        r->one = row;
        r->n = 1;
        return;
    }
    if (r->cap == 0 || r->n == r->cap) {
        uint32_t cap = r->cap ? r->cap + r->cap / 4 + 2 : 3, one = r->one;
        uint32_t *list = realloc(r->cap ? r->list : NULL, cap * sizeof(*list));
        check(list);
        if (r->cap == 0)
            list[0] = one;
        r->list = list;
        r->cap = cap;
    }
    uint32_t at = place(r, row);
    memmove(r->list + at + 1, r->list + at, (r->n - at) * sizeof(*r->list));
    r->list[at] = row;
    if (++r->n > LIST_MAX)
        to_many(r);
}

/* Room for that many and a little more. */
static void list_reserve(struct rowset *r, uint32_t n)
{
    uint32_t one = r->one, cap = n + n / 4;
    if (n <= r->cap)
        return;
    uint32_t *list = realloc(r->cap ? r->list : NULL, cap * sizeof(*list));
    check(list);
    if (r->cap == 0)
        list[0] = one;
    r->list = list;
    r->cap = cap;
}

void rowset_append(struct rowset *r, uint32_t block, const uint16_t *places, uint32_t n)
{
    if (r->cap == 0 && r->n + n == 1) {
        r->one = block << BLOCK_BITS | places[0];
        r->n = 1;
        return;
    }
    if (r->cap != ROWSET_MANY && r->n + n > LIST_MAX) {
        list_reserve(r, r->n + 1); /* one alone stands inline */
        to_many(r);
    }
    if (r->cap == ROWSET_MANY) {
        posting_add_many(r->many, block, places, n);
        r->n += n;
        return;
    }
    list_reserve(r, r->n + n);
    for (uint32_t i = 0; i < n; i++)
        r->list[r->n++] = block << BLOCK_BITS | places[i];
}

void rowset_remove(struct rowset *r, uint32_t row)
{
    check(r->n > 0);
    r->n--;
    if (r->cap == ROWSET_MANY) {
        posting_remove(r->many, row);
        if (r->n < MANY_MIN)
            to_list(r);
    } else if (r->cap) {
        r->n++;
        uint32_t at = place(r, row);
        check(at < r->n && r->list[at] == row);
        memmove(r->list + at, r->list + at + 1, (r->n - at - 1) * sizeof(*r->list));
        r->n--;
    }
}

void rowset_or(const struct rowset *r, uint64_t *mask)
{
    if (r->cap == ROWSET_MANY) {
        posting_or(r->many, mask);
        return;
    }
    const uint32_t *list = r->cap ? r->list : &r->one;
    for (uint32_t i = 0; i < r->n; i++)
        mask[list[i] / 64] |= 1ull << (list[i] % 64);
}

/* They lie anywhere: each is asked for some steps before it is read, and what it points to later.
 */
void rowset_or_some(const struct rowset *sets, const uint32_t *which, size_t n, uint64_t *mask)
{
    enum { STEP = 6 };
    for (size_t i = 0; i < n; i++) {
        if (i + 3 * STEP < n)
            __builtin_prefetch(&sets[which[i + 3 * STEP]]);
        if (i + 2 * STEP < n && sets[which[i + 2 * STEP]].cap)
            __builtin_prefetch(sets[which[i + 2 * STEP]].list); /* or `many` */
        if (i + STEP < n && sets[which[i + STEP]].cap == ROWSET_MANY)
            __builtin_prefetch(sets[which[i + STEP]].many->containers);
        rowset_or(&sets[which[i]], mask);
    }
}

size_t rowset_bytes(const struct rowset *r)
{
    if (r->cap == ROWSET_MANY)
        return sizeof(*r->many) + posting_bytes(r->many);
    return r->cap * sizeof(*r->list);
}
