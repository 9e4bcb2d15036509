/* Running a plan over one block. */
#include "../base/check.h"
#include "plan.h"

static bool in_range(const struct audience *a, const struct atom *t, uint32_t row)
{
    int64_t v = column_value(a, t->column, row);
    return v >= t->low && v <= t->high;
}

static bool has_edges(const struct atom *t)
{
    return t->codes.edge1 || t->codes.edge2;
}

static void add_range(const struct audience *a, const struct atom *t, uint32_t block, const uint64_t *where,
                      uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS];
    size_t words = block_words(b);
    a->simd->codes(b->codes[t->column], words, t->codes, in, edge);
    for (size_t w = 0; has_edges(t) && w < words; w++) {
        for (uint64_t look = edge[w] & where[w] & ~ret[w]; look; look &= look - 1) {
            int bit = __builtin_ctzll(look);
            in[w] |= (uint64_t)in_range(a, t, block * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)bit) << bit;
        }
    }
    a->simd->add(ret, in, 0, words);
}

static void add_known(const struct audience *a, const struct atom *t, uint32_t block, uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS];
    a->simd->codes(b->codes[t->column], block_words(b), (struct simd_codes){1, CODES, 0, 0}, in, edge);
    a->simd->add(ret, in, 0, block_words(b));
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
        a->simd->add(ret, block_bits(b, t->bit), t->inverted ? ~0ull : 0, words);
        return;
    case ATOM_POSTING:
        c = t->posting ? posting_block(t->posting, block) : NULL;
        if (!t->inverted && c) {
            container_or(c, ret);
        } else if (t->inverted) {
            uint64_t has[BLOCK_WORDS] = {0};
            if (c)
                container_or(c, has);
            a->simd->add(ret, has, ~0ull, words);
        }
        return;
    case ATOM_RANGE:
        add_range(a, t, block, where, ret);
        return;
    case ATOM_KNOWN:
        add_known(a, t, block, ret);
        return;
    case ATOM_MASK:
        a->simd->add(ret, t->mask + (size_t)block * BLOCK_WORDS, 0, words);
        return;
    case ATOM_ALL:
        memset(ret, 0xff, words * sizeof(*ret));
        return;
    }
}

/* One range alone, as most are: a single pass over the codes. */
static void narrow_range(const struct audience *a, const struct term *t, uint32_t block, bool unknowns,
                         struct pair_mask *m)
{
    const struct block *b = &a->blocks[block];
    const struct atom *atom = &t->atoms[0];
    uint64_t edge[BLOCK_WORDS];
    size_t words = block_words(b);
    a->simd->keep_codes(b->codes[atom->column], words, atom->codes, t->negated, t->nknown > 0 && !t->negated,
                        m->match, unknowns ? m->maybe : NULL, edge);
    for (size_t w = 0; has_edges(atom) && w < words; w++) {
        for (uint64_t look = edge[w]; look; look &= look - 1) {
            int bit = __builtin_ctzll(look);
            if (in_range(a, atom, block * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)bit) != t->negated)
                continue;
            m->match[w] &= ~(1ull << bit);
            m->maybe[w] &= ~(1ull << bit);
        }
    }
}

static void narrow_term(const struct audience *a, const struct term *t, uint32_t block, bool unknowns,
                        struct pair_mask *m)
{
    const struct block *b = &a->blocks[block];
    size_t words = block_words(b);
    const struct atom *only = t->natoms == 1 ? &t->atoms[0] : NULL;
    const uint64_t *where = unknowns ? m->maybe : m->match, flip = t->negated ? ~0ull : 0;
    bool may = unknowns && t->nknown > 0 && !t->negated;
    uint64_t has[BLOCK_WORDS], unknown[BLOCK_WORDS];
    if (only && only->kind == ATOM_RANGE) {
        narrow_range(a, t, block, unknowns, m);
        return;
    }
    const uint64_t *bits = only && only->kind == ATOM_BIT ? block_bits(b, only->bit) : has;
    if (bits == has) {
        memset(has, 0, sizeof(has));
        for (int i = 0; i < t->natoms; i++)
            add_atom(a, &t->atoms[i], block, where, has);
    }
    const uint64_t turn = bits != has && only->inverted ? ~flip : flip;
    a->simd->keep(m->match, bits, turn, words);
    if (!unknowns)
        return;
    if (!may) {
        a->simd->keep(m->maybe, bits, turn, words);
        return;
    }
    memset(unknown, 0, sizeof(unknown));
    for (int i = 0; i < t->nknown; i++)
        add_atom(a, &t->known[i], block, where, unknown);
    a->simd->keep(unknown, bits, ~turn, words); /* known, and does not match */
    a->simd->keep(m->maybe, unknown, ~0ull, words);
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
        a->simd->add(sum->match, one->match, 0, words);
        if (unknowns)
            a->simd->add(sum->maybe, one->maybe, 0, words);
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
