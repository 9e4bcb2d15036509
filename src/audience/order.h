/* The rows of a page, in any order, without keeping that order. */
#pragma once
#include "internal.h"

/* The rows of `mask` (nblocks × BLOCK_WORDS, `n` bits in all) at offset…offset + limit - 1 of the order;
 * returns how many there are. */
size_t order_page(const struct audience *a, struct arena *arena, const uint64_t *mask, int64_t n,
                  enum field_id field, bool descending, int64_t offset, size_t limit, uint32_t *ret);
