/* How many rows have each value. Threads: one asker. */
#pragma once
#include "plan.h"

/* Rows by what stands in small.flags, several fields together: four steps a row. */
struct flag_counts {
    uint32_t person[1 << 5];  /* gender and device */
    uint32_t consent[1 << 6]; /* of all channels */
    uint32_t marks[1 << 9];   /* blocked, anonymous, and what one has */
    uint32_t initial[1 << 5];
};
/* Rows by the slots of a short list, each place of it: see small_list(). */
struct slot_counts {
    uint32_t at[4][256];
};
struct facet_count {
    enum field_id field;
    int64_t *counts; /* by choice, age band or slot */
    uint32_t n;
    int64_t unknown;
    bool by_rows;                /* the rows are read for it, not its bitsets counted */
    struct flag_counts *flags;   /* rows that are not in `counts` yet, or NULL */
    struct slot_counts *slots;   /* the same */
    struct range_counts *ranges; /* instead of all that: FACET_RANGES */
};
struct facet_counts {
    const struct audience *a;
    const struct audience_viewer *viewer;
    struct arena *arena;
    struct facet_count count[FIELDS];
    int n;
};
void facets_open(struct facet_counts *f, const struct audience *a, struct arena *arena,
                 const struct audience_ask *ask);
/* The rows of one block that are to be counted. */
struct selection {
    uint32_t block;
    const uint64_t *mask;
    int64_t n;
    const uint16_t *places; /* their places, if they are few; else NULL */
};
enum { FEW_PLACES = BLOCK_ROWS / 16 };
/* The places are written to `room` (FEW_PLACES and PLACES_MORE) if they are at most so many. */
struct selection select_rows(const struct audience *a, uint32_t block, const uint64_t *mask,
                             uint16_t *room, int64_t most);
/* The most rows in a block of which it pays to have the places for these facets. */
int64_t facets_rows_max(const struct facet_counts *f, uint64_t which);
/* For the facets of which the bit of their field is in `which`. */
void facets_add(struct facet_counts *f, const struct selection *s, uint64_t which);
/* Everybody is counted, once for all who ask until somebody changes; instead of facets_add(). */
void facets_of_all(struct facet_counts *f);
/* The sum of what everybody spent, raw: see add_spent() in ask.c. */
uint64_t facets_spent_of_all(const struct audience *a);
struct audience_facet *facets_close(struct facet_counts *f, struct arena *arena,
                                    const struct query *q);
