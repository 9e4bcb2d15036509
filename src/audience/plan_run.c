/* Running a plan over one block. */
#include "../base/check.h"
#include "plan.h"

/* Of the rows at the edges of a range that are still of interest, those within it. */
static uint64_t check_edge(const struct audience *a, const struct atom *t, uint32_t first, uint64_t edge)
{
    uint64_t in = 0;
    for (; edge; edge &= edge - 1) {
        int bit = __builtin_ctzll(edge);
        int64_t v = column_value(a, t->column, first + (uint32_t)bit);
        in |= (uint64_t)(v >= t->low && v <= t->high) << bit;
    }
    return in;
}

static void add_range(const struct audience *a, const struct atom *t, uint32_t block, const uint64_t *where,
                      uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS], unknown[BLOCK_WORDS];
    size_t words = block_words(b);
    a->simd->codes(b->codes[t->column], words, t->codes, in, edge, unknown);
    bool edges = t->codes.edge1 || t->codes.edge2;
    for (size_t w = 0; w < words; w++) {
        uint64_t look = edge[w] & where[w] & ~ret[w];
        ret[w] |= in[w];
        if (edges && look)
            ret[w] |= check_edge(a, t, block * BLOCK_ROWS + (uint32_t)w * 64, look);
    }
}

static void add_known(const struct audience *a, const struct atom *t, uint32_t block, uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS], unknown[BLOCK_WORDS];
    size_t words = block_words(b);
    a->simd->codes(b->codes[t->column], words, (struct simd_codes){1, CODES, 0, 0}, in, edge, unknown);
    for (size_t w = 0; w < words; w++)
        ret[w] |= in[w];
}

static void add_bits(const uint64_t *bits, bool inverted, size_t words, uint64_t *ret)
{
    const uint64_t flip = inverted ? ~0ull : 0;
    for (size_t w = 0; w < words; w++)
        ret[w] |= bits[w] ^ flip;
}

/* Adds the rows that have the atom; rows outside of `where` may be right or wrong. */
static void add_atom(const struct audience *a, const struct atom *t, uint32_t block, const uint64_t *where,
                     uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    size_t words = block_words(b);
    const struct container *c;
    switch (t->kind) {
    case ATOM_BIT:
        add_bits(block_bits(b, t->bit), t->inverted, words, ret);
        return;
    case ATOM_POSTING:
        c = t->posting ? posting_block(t->posting, block) : NULL;
        if (!t->inverted && c) {
            container_or(c, ret);
        } else if (t->inverted) {
            uint64_t has[BLOCK_WORDS] = {0};
            if (c)
                container_or(c, has);
            add_bits(has, true, words, ret);
        }
        return;
    case ATOM_RANGE:
        add_range(a, t, block, where, ret);
        return;
    case ATOM_KNOWN:
        add_known(a, t, block, ret);
        return;
    case ATOM_MASK:
        add_bits(t->mask + (size_t)block * BLOCK_WORDS, false, words, ret);
        return;
    case ATOM_ALL:
        memset(ret, 0xff, words * sizeof(*ret));
        return;
    }
}

static void narrow_term(const struct audience *a, const struct term *t, uint32_t block, bool unknowns,
                        struct pair_mask *m)
{
    size_t words = block_words(&a->blocks[block]);
    const uint64_t *where = unknowns ? m->maybe : m->match;
    uint64_t has[BLOCK_WORDS] = {0}, known[BLOCK_WORDS];
    for (int i = 0; i < t->natoms; i++)
        add_atom(a, &t->atoms[i], block, where, has);
    const uint64_t flip = t->negated ? ~0ull : 0;
    if (!unknowns) {
        for (size_t w = 0; w < words; w++)
            m->match[w] &= has[w] ^ flip;
        return;
    }
    bool may = t->nknown > 0 && !t->negated;
    memset(known, may ? 0 : 0xff, sizeof(known));
    for (int i = 0; may && i < t->nknown; i++)
        add_atom(a, &t->known[i], block, where, known);
    for (size_t w = 0; w < words; w++) {
        uint64_t match = has[w] ^ flip;
        m->match[w] &= match;
        m->maybe[w] &= match | ~known[w];
    }
}

void plan_narrow(const struct audience *a, const struct plan *plan, uint32_t block, bool unknowns,
                 struct pair_mask *m, struct pair_mask *scratch)
{
    if (plan->kind == PLAN_TERM) {
        narrow_term(a, &plan->term, block, unknowns, m);
        return;
    }
    if (plan->kind == PLAN_AND) {
        for (int i = 0; i < plan->nchildren; i++)
            plan_narrow(a, plan->children[i], block, unknowns, m, scratch);
        return;
    }
    size_t bytes = block_words(&a->blocks[block]) * sizeof(uint64_t), words = bytes / sizeof(uint64_t);
    struct pair_mask *sum = scratch, *one = scratch + 1;
    memset(sum, 0, sizeof(*sum));
    for (int i = 0; i < plan->nchildren; i++) {
        memcpy(one->match, m->match, bytes);
        if (unknowns)
            memcpy(one->maybe, m->maybe, bytes);
        plan_narrow(a, plan->children[i], block, unknowns, one, scratch + 2);
        for (size_t w = 0; w < words; w++)
            sum->match[w] |= one->match[w];
        for (size_t w = 0; unknowns && w < words; w++)
            sum->maybe[w] |= one->maybe[w];
    }
    memcpy(m->match, sum->match, bytes);
    if (unknowns)
        memcpy(m->maybe, sum->maybe, bytes);
}

void plan_visible(const struct audience *a, const struct conjunction *c, uint32_t block, uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    size_t words = block_words(b);
    if (c->nstores < 0) {
        memcpy(ret, b->live, words * sizeof(*ret));
        return;
    }
    memset(ret, 0, BLOCK_WORDS * sizeof(*ret));
    for (int i = 0; i < c->nstores; i++) {
        const struct container *k = posting_block(c->stores[i], block);
        if (k)
            container_or(k, ret);
    }
}
