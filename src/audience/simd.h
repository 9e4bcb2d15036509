/* The inner loops over a block's rows, chosen once for the processor at hand. A mask has a bit a
 * row, 64 rows a word. Threads: any. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Codes low..high match (none if low > high); other codes of edge_low..edge_high, which reach one
 * further at most at each end, are to be looked at. 0 is the code of the unknown. */
struct simd_codes {
    uint8_t low, high, edge_low, edge_high;
};
enum { PLACES_MORE = 64 };
enum split { SPLIT_UNKNOWN, SPLIT_BELOW, SPLIT_WITHIN };
struct simd {
    const char *name;
    void (*codes)(const uint8_t *codes, size_t words, struct simd_codes c, uint64_t *ret_match,
                  uint64_t *ret_edge);
    /* Keeps of `match` the rows whose codes match (with `negated`: do not) and those to be looked
     * at, which `ret_edge` names. */
    void (*keep_codes)(const uint8_t *codes, size_t words, struct simd_codes c, bool negated,
                       uint64_t *match, uint64_t *ret_edge);
    /* The same of a pair: `maybe` also keeps the unknown, if `unknown`. */
    void (*keep_codes_pair)(const uint8_t *codes, size_t words, struct simd_codes c, bool negated,
                            bool unknown, uint64_t *match, uint64_t *maybe, uint64_t *ret_edge);
    /* values > limits[i], for each of up to 4 limits */
    void (*above16)(const uint16_t *values, size_t words, const uint16_t *limits, int n,
                    uint64_t *const *ret);
    /* to |= from ^ flip; to &= from ^ flip */
    void (*add)(uint64_t *to, const uint64_t *from, uint64_t flip, size_t words);
    void (*keep)(uint64_t *to, const uint64_t *from, uint64_t flip, size_t words);
    /* to = x & y; `to` may be either */
    void (*both)(uint64_t *to, const uint64_t *x, const uint64_t *y, size_t words);
    uint64_t (*count)(const uint64_t *a, size_t words);
    uint64_t (*count_and)(const uint64_t *a, const uint64_t *b, size_t words);
    /* Adds to ret[i] the same of the i-th of n bitsets, which begin `step` words after another. */
    void (*count_each)(const uint64_t *bits, size_t step, int n, const uint64_t *mask, size_t words,
                       int64_t *ret);
    /* How many of the places are in the mask. */
    uint64_t (*count_list)(const uint16_t *places, size_t n, const uint64_t *mask);
    /* Adds to ret[i] the rows of the mask with codes 1..limits[i]. */
    void (*count_codes)(const uint8_t *codes, const uint64_t *mask, size_t words,
                        const uint8_t limits[4], uint64_t ret[4]);
    /* The places of the mask's rows with codes low..high; room for PLACES_MORE more. Returns how
     * many. */
    size_t (*collect_codes)(const uint8_t *codes, const uint64_t *mask, size_t words, uint8_t low,
                            uint8_t high, uint16_t *ret);
    /* Adds to ret_n, by enum split, the rows of the mask of unknown code, with codes below low (1
     * or more) and with codes low..high. The places of the last go to `ret`, if that is not NULL;
     * room for all. */
    void (*split_codes)(const uint8_t *codes, const uint64_t *mask, size_t words, uint8_t low,
                        uint8_t high, uint16_t *ret, uint64_t ret_n[3]);
    /* The places of all rows of the mask; room for PLACES_MORE more. Returns how many. */
    size_t (*places)(const uint64_t *mask, size_t words, uint16_t *ret);
    /* The words in which a and b have a bit in common; room for all. Returns how many. */
    size_t (*common)(const uint64_t *a, const uint64_t *b, size_t words, uint16_t *ret);
    uint64_t (*sum32)(const uint32_t *values, const uint64_t *mask, size_t words);
    /* Rows whose 15 nibbles (the first digit highest) hold these digits in a row. */
    void (*digits)(const uint64_t *packed, size_t words, const uint8_t *digits, int n,
                   uint64_t *ret);
    /* The first place of the needle (1 byte or more) at or after `from`; n if there is none. */
    size_t (*find)(const char *text, size_t n, size_t from, const char *needle, size_t m);
};
/* The best for this processor. */
const struct simd *simd_best(void);
/* Every one that this processor can run, best last; for tests. NULL ends. */
const struct simd *const *simd_all(void);
