/* How many rows have each value. Threads: one asker. */
#pragma once
#include "plan.h"

struct facet_count {
    enum field_id field;
    int64_t *counts; /* by choice, age band or slot */
    uint32_t n;
    int64_t unknown;
};
struct facet_counts {
    const struct audience *a;
    const struct audience_viewer *viewer;
    struct facet_count count[FIELDS];
    int n;
};
void facets_open(struct facet_counts *f, const struct audience *a, struct arena *arena,
                 const struct audience_viewer *viewer, uint64_t wanted);
/* The rows of one block that are to be counted. */
struct selection {
    uint32_t block;
    const uint64_t *mask;
    int64_t n;
    const uint16_t *places; /* their places, if they are few; else NULL */
};
enum { FEW_PLACES = BLOCK_ROWS / 16 };
/* `room`: FEW_PLACES and PLACES_MORE places; NULL: nobody needs them. */
struct selection select_rows(const struct audience *a, uint32_t block, const uint64_t *mask, uint16_t *room);
/* For the facets of which the bit of their field is in `which`. */
void facets_add(struct facet_counts *f, const struct selection *s, uint64_t which);
struct audience_facet *facets_close(struct facet_counts *f, struct arena *arena, const struct query *q);
