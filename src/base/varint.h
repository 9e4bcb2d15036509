/* Ascending lists of integers as bytes: differences in LEB128 (7 bits a byte, low first), the first
 * against 0 (days: 0 = 1970-01-01), so none is negative. Used for customer_facts' blobs. */
#pragma once
#include "arena.h"
void varint_pack(struct buf *out, const int64_t *ascending, size_t n);
/* ERR_INVALID: not such a list (truncated, overflow, not ascending). */
enum err must_use varint_unpack(struct arena *a, struct str blob, int64_t **ret, size_t *ret_n);
