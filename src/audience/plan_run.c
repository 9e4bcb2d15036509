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
    return t->codes.low != t->codes.edge_low || t->codes.high != t->codes.edge_high;
}

static void add_range(const struct audience *a, const struct atom *t, uint32_t block,
                      const uint64_t *where, uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS];
    size_t words = block_words(b);
    a->simd->codes(b->codes[t->column], words, t->codes, in, edge);
    for (size_t w = 0; has_edges(t) && w < words; w++) {
        for (uint64_t look = edge[w] & where[w] & ~ret[w]; look; look &= look - 1) {
            int bit = __builtin_ctzll(look);
            in[w] |= (uint64_t)in_range(a, t, block * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)bit)
                     << bit;
        }
    }
    a->simd->add(ret, in, 0, words);
}

static void add_known(const struct audience *a, const struct atom *t, uint32_t block, uint64_t *ret)
{
    const struct block *b = &a->blocks[block];
    uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS];
    a->simd->codes(b->codes[t->column], block_words(b), (struct simd_codes){1, CODES, 1, CODES}, in,
                   edge);
    a->simd->add(ret, in, 0, block_words(b));
}

/* Adds the rows that have the atom; rows outside of `where` may be right or wrong. */
static void add_atom(const struct audience *a, const struct atom *t, uint32_t block,
                     const uint64_t *where, uint64_t *ret)
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

/* Rows at the edges of a range are let in for the time being: most of them are out by another term
 * before they have to be looked at. */
struct pending {
    const struct term *term;
    uint64_t edge[BLOCK_WORDS];
};
enum { PENDING_MAX = 4 };

/* A range as raw 16-bit values, where the column has them. */
struct raw_range {
    const uint16_t *values; /* NULL: it has not */
    struct narrow_range range;
};

/* Of the rows in `look`, those that are not in the range. */
static uint64_t outside(const struct narrowing *of, const struct atom *t,
                        const struct raw_range *raw, uint32_t word, uint64_t look)
{
    uint32_t first = of->block * BLOCK_ROWS + word * 64;
    uint64_t out = 0;
    for (; look; look &= look - 1) {
        int bit = __builtin_ctzll(look);
        uint16_t v = raw->values ? raw->values[word * 64 + (uint32_t)bit] : UINT16_MAX;
        bool in = v != UINT16_MAX ? v >= raw->range.low && v <= raw->range.high
                                  : in_range(of->a, t, first + (uint32_t)bit);
        out |= (uint64_t)!in << bit;
    }
    return out;
}

/* Values at the edges lie anywhere: those so many words further are fetched meanwhile. */
enum { AHEAD = 8 };

static void settle(const struct narrowing *of, struct pending *p, struct pair_mask *m)
{
    const uint64_t *where = of->unknowns ? m->maybe : m->match;
    const struct atom *atom = &p->term->atoms[0];
    struct raw_range raw = {0};
    if (narrow_range(atom->column, atom->low, atom->high, &raw.range))
        raw.values = of->a->blocks[of->block].narrow[raw.range.narrow];
    uint16_t at[BLOCK_WORDS + 1];
    size_t n = of->a->simd->common(p->edge, where, block_words(&of->a->blocks[of->block]), at);
    for (size_t i = 0; i < n; i++) {
        uint32_t w = at[i];
        if (raw.values && i + AHEAD < n) {
            uint32_t next = at[i + AHEAD];
            __builtin_prefetch(
                &raw.values[next * 64 + (uint32_t)__builtin_ctzll(p->edge[next] & where[next])]);
        }
        uint64_t look = p->edge[w] & where[w], out = outside(of, atom, &raw, w, look);
        uint64_t drop = p->term->negated ? look & ~out : out;
        m->match[w] &= ~drop;
        if (of->unknowns)
            m->maybe[w] &= ~drop;
    }
}

/* One range alone, as most are: a single pass over the codes. */
static void keep_range(const struct narrowing *of, const struct term *t, struct pair_mask *m,
                       uint64_t *edge)
{
    const struct block *b = &of->a->blocks[of->block];
    const struct atom *atom = &t->atoms[0];
    const uint8_t *codes = b->codes[atom->column];
    if (of->unknowns)
        of->a->simd->keep_codes_pair(codes, block_words(b), atom->codes, t->negated,
                                     t->nknown > 0 && !t->negated, m->match, m->maybe, edge);
    else
        of->a->simd->keep_codes(codes, block_words(b), atom->codes, t->negated, m->match, edge);
}

static void narrow_term(const struct narrowing *of, const struct term *t, struct pair_mask *m)
{
    const struct audience *a = of->a;
    const struct block *b = &a->blocks[of->block];
    size_t words = block_words(b);
    const struct atom *only = t->natoms == 1 ? &t->atoms[0] : NULL;
    const uint64_t *where = of->unknowns ? m->maybe : m->match, flip = t->negated ? ~0ull : 0;
    uint64_t has[BLOCK_WORDS], unknown[BLOCK_WORDS];
    const uint64_t *bits = only && only->kind == ATOM_BIT ? block_bits(b, only->bit) : has;
    if (bits == has) {
        memset(has, 0, sizeof(has));
        for (int i = 0; i < t->natoms; i++)
            add_atom(a, &t->atoms[i], of->block, where, has);
    }
    const uint64_t turn = bits != has && only->inverted ? ~flip : flip;
    a->simd->keep(m->match, bits, turn, words);
    if (!of->unknowns)
        return;
    if (t->nknown == 0 || t->negated) {
        a->simd->keep(m->maybe, bits, turn, words);
        return;
    }
    memset(unknown, 0, sizeof(unknown));
    for (int i = 0; i < t->nknown; i++)
        add_atom(a, &t->known[i], of->block, where, unknown);
    a->simd->keep(unknown, bits, ~turn, words); /* known, and does not match */
    a->simd->keep(m->maybe, unknown, ~0ull, words);
}

static void narrow_any(const struct narrowing *of, const struct plan *plan, struct pair_mask *m,
                       struct pair_mask *scratch)
{
    const struct simd *simd = of->a->simd;
    size_t words = block_words(&of->a->blocks[of->block]), bytes = words * sizeof(uint64_t);
    struct pair_mask *sum = scratch, *one = scratch + 1;
    memset(sum, 0, sizeof(*sum));
    for (int i = 0; i < plan->nchildren; i++) {
        memcpy(one->match, m->match, bytes);
        if (of->unknowns)
            memcpy(one->maybe, m->maybe, bytes);
        plan_narrow(of, &plan->children[i], 1, one, scratch + 2);
        simd->add(sum->match, one->match, 0, words);
        if (of->unknowns)
            simd->add(sum->maybe, one->maybe, 0, words);
    }
    memcpy(m->match, sum->match, bytes);
    if (of->unknowns)
        memcpy(m->maybe, sum->maybe, bytes);
}

/* Apart, so that its masks stand on the stack only while it runs. */
static __attribute__((noinline)) void
keep_ranges(const struct narrowing *of, struct plan *const *plans, int n, struct pair_mask *m)
{
    struct pending pending[PENDING_MAX];
    int waiting = 0;
    for (int i = 0; i < n; i++) {
        pending[waiting].term = &plans[i]->term;
        keep_range(of, &plans[i]->term, m, pending[waiting].edge);
        waiting += has_edges(&plans[i]->term.atoms[0]);
        if (waiting < PENDING_MAX && i + 1 < n)
            continue;
        while (waiting)
            settle(of, &pending[--waiting], m);
    }
}

static bool is_range(const struct plan *p)
{
    return p->kind == PLAN_TERM && p->term.natoms == 1 && p->term.atoms[0].kind == ATOM_RANGE;
}

void plan_narrow(const struct narrowing *of, struct plan *const *plans, int n, struct pair_mask *m,
                 struct pair_mask *scratch)
{
    for (int i = 0; i < n; i++) {
        const struct plan *p = plans[i];
        int ranges = 0;
        while (i + ranges < n && is_range(plans[i + ranges]))
            ranges++;
        if (ranges) {
            keep_ranges(of, plans + i, ranges, m);
            i += ranges - 1;
        } else if (p->kind == PLAN_TERM) {
            narrow_term(of, &p->term, m);
        } else if (p->kind == PLAN_AND) {
            plan_narrow(of, p->children, p->nchildren, m, scratch);
        } else {
            narrow_any(of, p, m, scratch);
        }
    }
}

void plan_visible(const struct audience *a, const struct conjunction *c, uint32_t block,
                  uint64_t *ret)
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
