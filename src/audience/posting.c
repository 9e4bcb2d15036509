#include <stdlib.h>
#include <string.h>
#include "../base/check.h"
#include "posting.h"

/* A list of 512 costs an eighth of the bitset; testing it costs several times a population count.
 */
enum { LIST_MAX = 512, BITSET_MIN = 320 };

void posting_free(struct posting *p)
{
    for (uint32_t i = 0; i < p->n; i++)
        free(p->containers[i].list);
    free(p->containers);
    *p = (struct posting){0};
}

/* The first container at or after the block. */
static uint32_t container_place(const struct posting *p, uint32_t block)
{
    if (block < p->n && p->containers[block].block == block) /* where every block has one */
        return block;
    uint32_t low = 0, high = p->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (p->containers[mid].block < block)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct container *posting_block(const struct posting *p, uint32_t block)
{
    uint32_t i = container_place(p, block);
    return i < p->n && p->containers[i].block == block ? &p->containers[i] : NULL;
}

/* A container at place i, with room for that many. */
static struct container *container_insert(struct posting *p, uint32_t i, uint32_t block,
                                          uint32_t cap)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 1;
        p->containers = realloc(p->containers, p->cap * sizeof(*p->containers));
        check(p->containers);
    }
    memmove(p->containers + i + 1, p->containers + i, (p->n - i) * sizeof(*p->containers));
    p->n++;
    p->containers[i] =
        (struct container){.block = block, .cap = cap, .list = malloc(cap * sizeof(uint16_t))};
    check(p->containers[i].list);
    return &p->containers[i];
}

static struct container *container_make(struct posting *p, uint32_t block)
{
    uint32_t i = container_place(p, block);
    bool is = i < p->n && p->containers[i].block == block;
    return is ? &p->containers[i] : container_insert(p, i, block, 4);
}

static uint32_t list_place(const struct container *c, uint16_t at)
{
    uint32_t low = 0, high = c->count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c->list[mid] < at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void to_bitset(struct container *c)
{
    uint64_t *bits = calloc(BLOCK_WORDS, sizeof(*bits));
    check(bits);
    for (uint32_t i = 0; i < c->count; i++)
        bits[c->list[i] / 64] |= 1ull << (c->list[i] % 64);
    free(c->list);
    c->bits = bits;
    c->cap = 0;
}

static void to_list(struct container *c)
{
    uint16_t *list = malloc(LIST_MAX * sizeof(*list));
    check(list);
    uint32_t n = 0;
    for (uint32_t w = 0; w < BLOCK_WORDS; w++)
        for (uint64_t m = c->bits[w]; m; m &= m - 1)
            list[n++] = (uint16_t)(w * 64 + (uint32_t)__builtin_ctzll(m));
    free(c->bits);
    c->list = list;
    c->cap = LIST_MAX;
}

void posting_add(struct posting *p, uint32_t row)
{
    struct container *c = container_make(p, row >> BLOCK_BITS);
    uint16_t at = (uint16_t)row;
    if (c->cap && c->count == LIST_MAX)
        to_bitset(c);
    if (!c->cap) {
        uint64_t bit = 1ull << (at % 64), *word = &c->bits[at / 64];
        bool more = (*word & bit) == 0;
        *word |= bit;
        c->count += more;
        p->total += more;
        return;
    }
    uint32_t i = list_place(c, at);
    if (i < c->count && c->list[i] == at)
        return;
    if (c->count == c->cap) {
        c->cap = c->cap * 2 > LIST_MAX ? LIST_MAX : c->cap * 2;
        c->list = realloc(c->list, c->cap * sizeof(*c->list));
        check(c->list);
    }
    memmove(c->list + i + 1, c->list + i, (c->count - i) * sizeof(*c->list));
    c->list[i] = at;
    c->count++;
    p->total++;
}

void posting_add_many(struct posting *p, uint32_t block, const uint16_t *places, uint32_t n)
{
    uint32_t at = container_place(p, block);
    if (at < p->n && p->containers[at].block == block) {
        for (uint32_t i = 0; i < n; i++)
            posting_add(p, block << BLOCK_BITS | places[i]);
        return;
    }
    struct container *c = container_insert(p, at, block, n < LIST_MAX ? n : LIST_MAX);
    c->count = n < LIST_MAX ? n : LIST_MAX;
    memcpy(c->list, places, c->count * sizeof(*places));
    if (n > LIST_MAX) {
        to_bitset(c);
        for (uint32_t i = LIST_MAX; i < n; i++)
            c->bits[places[i] / 64] |= 1ull << (places[i] % 64);
        c->count = n;
    }
    p->total += n;
}

void posting_remove(struct posting *p, uint32_t row)
{
    uint32_t k = container_place(p, row >> BLOCK_BITS);
    if (k == p->n || p->containers[k].block != row >> BLOCK_BITS)
        return;
    struct container *c = &p->containers[k];
    uint16_t at = (uint16_t)row;
    if (c->cap) {
        uint32_t i = list_place(c, at);
        if (i == c->count || c->list[i] != at)
            return;
        memmove(c->list + i, c->list + i + 1, (c->count - i - 1) * sizeof(*c->list));
    } else {
        uint64_t bit = 1ull << (at % 64), *word = &c->bits[at / 64];
        if (!(*word & bit))
            return;
        *word &= ~bit;
    }
    c->count--;
    p->total--;
    if (!c->cap && c->count < BITSET_MIN)
        to_list(c);
    if (c->count == 0) {
        free(c->list);
        memmove(c, c + 1, (p->n - k - 1) * sizeof(*c));
        p->n--;
    }
}

bool posting_has(const struct posting *p, uint32_t row)
{
    const struct container *c = posting_block(p, row >> BLOCK_BITS);
    uint16_t at = (uint16_t)row;
    if (!c)
        return false;
    if (!c->cap)
        return c->bits[at / 64] >> (at % 64) & 1;
    uint32_t i = list_place(c, at);
    return i < c->count && c->list[i] == at;
}

void container_or(const struct container *c, uint64_t *mask)
{
    if (!c->cap) {
        for (size_t i = 0; i < BLOCK_WORDS; i++)
            mask[i] |= c->bits[i];
        return;
    }
    for (uint32_t i = 0; i < c->count; i++)
        mask[c->list[i] / 64] |= 1ull << (c->list[i] % 64);
}

void posting_or(const struct posting *p, uint64_t *mask)
{
    enum { STEP = 8, LINE = 64 }; /* short lists lie anywhere */
    for (uint32_t i = 0; i < p->n; i++) {
        if (i + STEP < p->n) {
            const char *next = (const char *)p->containers[i + STEP].list;
            __builtin_prefetch(next);
            __builtin_prefetch(next + LINE);
        }
        container_or(&p->containers[i], mask + (size_t)p->containers[i].block * BLOCK_WORDS);
    }
}

uint64_t container_count_and(const struct container *c, const uint64_t *mask, size_t words,
                             const struct simd *simd)
{
    return c->cap ? simd->count_list(c->list, c->count, mask)
                  : simd->count_and(c->bits, mask, words);
}

size_t posting_bytes(const struct posting *p)
{
    size_t n = p->cap * sizeof(*p->containers);
    for (uint32_t i = 0; i < p->n; i++)
        n += p->containers[i].cap ? p->containers[i].cap * sizeof(uint16_t) : BLOCK_WORDS * 8;
    return n;
}
