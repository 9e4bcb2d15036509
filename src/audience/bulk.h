/* Loading: which rows have which entry of a dictionary is gathered over a block, and told to the
 * dictionary entry by entry: its memory is walked once a block instead of once a row.
 * Threads: the audience's lock. */
#pragma once
#include <stdint.h>
#include <stddef.h>

struct pairs {
    uint64_t *v; /* entry << BLOCK_BITS | place in the block */
    size_t n, cap;
};
void pairs_free(struct pairs *p);
void pairs_add(struct pairs *p, uint32_t entry, uint32_t row);
/* 64 words of 64 bits each: bit i of word k becomes bit k of word i. */
void bits_turn(uint64_t words[static 64]);
/* Calls back with each entry below `entries` that has rows and their places, ascending if they were
 * added so; then there are none. */
typedef void (*pairs_fn)(void *ctx, uint32_t entry, const uint16_t *places, uint32_t n);
void pairs_flush(struct pairs *p, uint32_t entries, pairs_fn fn, void *ctx);
