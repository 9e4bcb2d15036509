/* A query made ready for one audience: negations at the terms (so that what is unknown can be told
 * from what is false by one further mask), ranges as codes, searches done. */
#pragma once
#include "internal.h"

enum atom_kind {
    ATOM_BIT,     /* a bitset */
    ATOM_POSTING, /* NULL: nobody */
    ATOM_RANGE,   /* a column's values low..high */
    ATOM_KNOWN,   /* the column has a value */
    ATOM_MASK,    /* search hits of all blocks */
    ATOM_ALL,
};
struct atom {
    enum atom_kind kind;
    bool inverted;
    int bit;
    const struct posting *posting;
    enum column column;
    int64_t low, high;
    struct simd_codes codes;
    const uint64_t *mask;
};
/* Rows that have one of the atoms. Unknown are those without any of the `known` atoms; none: all
 * are known. */
struct term {
    const struct atom *atoms, *known;
    int natoms, nknown;
    bool negated;
};
enum plan_kind { PLAN_TERM, PLAN_AND, PLAN_OR };
struct plan {
    enum plan_kind kind;
    struct term term;
    struct plan **children;
    int nchildren;
    int depth;           /* of the tree below, itself included */
    bool unknowns;       /* can rows be unknown to it */
    enum field_id field; /* on which all its terms are; FIELDS: several */
};
/* What is asked: the conjuncts of the query. No conjunct: everybody. */
struct conjunction {
    struct plan **parts;
    int n, depth;
    bool unknowns;
    const struct posting **stores; /* the viewer's; nstores < 0: all */
    int nstores;
};
struct conjunction plan_query(const struct audience *a, struct arena *arena, const struct query *q,
                              const struct audience_viewer *viewer);
/* A query kept from another day: its days and words are looked up again. */
struct conjunction plan_tree_on(const struct audience *a, struct arena *arena,
                                const struct query_node *root, int32_t today);
/* The bits of a choice field, from the first on, and how many; -1: it has none. */
int choice_bits(enum field_id f, int *ret_n);
const struct posting *favourites_of(const struct audience *a, int64_t staff);
/* From `today` until so many days later, as month * 32 + day: one range, or two around New Year. */
struct birthdays {
    int64_t low, high;
};
int birthday_ranges(int32_t today, int64_t days, struct birthdays ret[2]);

/* Two masks of a block: who matches, and who matches or might if more were known. */
struct pair_mask {
    uint64_t match[BLOCK_WORDS], maybe[BLOCK_WORDS];
};
/* Narrows `m` to what all the plans leave of it. `maybe` is kept up only if `unknowns`. `scratch`
 * has PLAN_SCRATCH(the greatest depth) pairs. */
#define PLAN_SCRATCH(depth) (2 * (size_t)(depth))
struct narrowing {
    const struct audience *a;
    uint32_t block;
    bool unknowns;
};
void plan_narrow(const struct narrowing *of, struct plan *const *plans, int n, struct pair_mask *m,
                 struct pair_mask *scratch);
/* Whom the viewer sees. */
void plan_visible(const struct audience *a, const struct conjunction *c, uint32_t block,
                  uint64_t *ret);
