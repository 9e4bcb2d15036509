/* Which rows have a value: per block of 65,536 rows a sorted list of the few, or a bitset of the
 * many. Threads: the audience's lock. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "simd.h"

enum { BLOCK_BITS = 16, BLOCK_ROWS = 1 << BLOCK_BITS, BLOCK_WORDS = BLOCK_ROWS / 64 };

struct container {
    uint32_t block, count;
    uint32_t cap; /* of the list; 0: a bitset */
    union {
        uint16_t *list;
        uint64_t *bits;
    };
};
struct posting {
    struct container *containers; /* by block, ascending */
    uint32_t n, cap;
    int64_t total;
};
void posting_free(struct posting *p);
void posting_add(struct posting *p, uint32_t row); /* once is enough */
/* The same of many: places in one block, ascending, each once. */
void posting_add_many(struct posting *p, uint32_t block, const uint16_t *places, uint32_t n);
void posting_remove(struct posting *p, uint32_t row); /* also if it is not there */
bool posting_has(const struct posting *p, uint32_t row);
/* NULL: none in this block. */
const struct container *posting_block(const struct posting *p, uint32_t block);
void container_or(const struct container *c, uint64_t *mask); /* of its block */
void posting_or(const struct posting *p, uint64_t *mask);     /* of all blocks */
uint64_t container_count_and(const struct container *c, const uint64_t *mask, size_t words,
                             const struct simd *simd);
size_t posting_bytes(const struct posting *p);
