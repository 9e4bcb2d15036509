/* Row numbers of one dictionary entry: mostly one or a few (a sorted list), seldom many (a
 * posting). Zero-initialised is empty. Threads: the audience's lock. */
#pragma once
#include "posting.h"

struct rowset {
    uint32_t n, cap; /* cap 0: at most one, inline; ROWSET_MANY: a posting */
    union {
        uint32_t one;
        uint32_t *list;
        struct posting *many;
    };
};
#define ROWSET_MANY UINT32_MAX
void rowset_free(struct rowset *r);
void rowset_add(struct rowset *r, uint32_t row); /* not yet in it */
/* Places in one block, ascending, later than all rows in it. */
void rowset_append(struct rowset *r, uint32_t block, const uint16_t *places, uint32_t n);
void rowset_remove(struct rowset *r, uint32_t row);     /* in it */
void rowset_or(const struct rowset *r, uint64_t *mask); /* mask of all rows */
/* The same of several, by their places in `sets`. */
void rowset_or_some(const struct rowset *sets, const uint32_t *which, size_t n, uint64_t *mask);
size_t rowset_bytes(const struct rowset *r);
