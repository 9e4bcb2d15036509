/* The rows of a page, in any order, without keeping that order. */
#pragma once
#include "internal.h"

/* Rows to be put in order: a mask of nblocks × BLOCK_WORDS with `n` bits; `rows` are the same, or
 * NULL where they are many. */
struct found {
    const uint64_t *mask;
    int64_t n;
    const uint32_t *rows;
};
/* The rows at offset…offset + limit - 1 of the order; returns how many there are. */
size_t order_page(const struct audience *a, struct arena *arena, const struct found *found,
                  enum field_id field, bool descending, int64_t offset, size_t limit,
                  uint32_t *ret);

/* order_sets.c: fields of few values. */
bool order_is_of_sets(enum field_id field);
size_t order_page_of_sets(const struct audience *a, struct arena *arena, const struct found *found,
                          enum field_id field, bool descending, int64_t offset, size_t limit,
                          uint32_t *ret);
