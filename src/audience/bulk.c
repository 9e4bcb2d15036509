#include "bulk.h"
#include <stdlib.h>
#include "../base/check.h"
#include "posting.h"

void pairs_free(struct pairs *p)
{
    free(p->v);
    *p = (struct pairs){0};
}

void pairs_add(struct pairs *p, uint32_t entry, uint32_t row)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 4096;
        p->v = realloc(p->v, p->cap * sizeof(*p->v));
        check(p->v);
    }
    p->v[p->n++] = (uint64_t)entry << BLOCK_BITS | (row & (BLOCK_ROWS - 1));
}

/* Halves change places across the diagonal, then their halves, and so on (Warren, "Hacker's
 * Delight", 7-3). */
void bits_turn(uint64_t words[static 64])
{
    uint64_t mask = UINT32_MAX;
    for (int half = 32; half; half /= 2, mask ^= mask << half)
        for (int i = 0; i < 64; i = ((i | half) + 1) & ~half) {
            uint64_t differ = (words[i] >> half ^ words[i | half]) & mask;
            words[i | half] ^= differ;
            words[i] ^= differ << half;
        }
}

/* Sorted by counting: end[e] runs from the first place of entry e to that of the next. */
void pairs_flush(struct pairs *p, uint32_t entries, pairs_fn fn, void *ctx)
{
    if (p->n == 0)
        return;
    size_t *end = calloc((size_t)entries + 1, sizeof(*end));
    uint16_t *places = malloc(p->n * sizeof(*places));
    check(end && places);
    for (size_t i = 0; i < p->n; i++)
        end[(p->v[i] >> BLOCK_BITS) + 1]++;
    for (uint32_t e = 0; e < entries; e++)
        end[e + 1] += end[e];
    for (size_t i = 0; i < p->n; i++)
        places[end[p->v[i] >> BLOCK_BITS]++] = (uint16_t)p->v[i];
    for (uint32_t e = 0; e < entries; e++) {
        size_t from = e ? end[e - 1] : 0;
        if (end[e] > from)
            fn(ctx, e, places + from, (uint32_t)(end[e] - from));
    }
    free(end);
    free(places);
    p->n = 0;
}
