/* Texts in the order of a language, as numbers that compare as the texts do: with gaps, so that a
 * new text takes a number between its neighbours. Equal texts share a number. Threads: the owner's
 * lock. */
#pragma once
#include <stdbool.h>
#include "../base/text.h"

#define RANK_NONE 0u /* of no text */

struct ranking {
    uint32_t *order; /* items, ascending */
    uint32_t *rank;  /* by item */
    uint32_t n, cap, items;
    struct collation *collation;
    struct str (*text)(const void *ctx, uint32_t item);
    const void *ctx;
};
void ranking_free(struct ranking *r);
/* Ranks all of 0…items-1 for which `text` is not empty. */
void ranking_build(struct ranking *r, uint32_t items);
/* True: all numbers changed, because there was no room between two. */
bool ranking_add(struct ranking *r, uint32_t item);
void ranking_remove(struct ranking *r, uint32_t item); /* its text must still be there */
