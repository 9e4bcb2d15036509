/* Records of a block's rows: what is seldom read, packed one after the other. A record is its room
 * (varint), a mask of its parts (16 bits), and each part with its length. Threads: the owner's
 * lock. */
#pragma once
#include "../base/str.h"

enum part {
    PART_LOCAL,             /* local part of the main e-mail, lower-cased */
    PART_VISITS,            /* visit days, latest first: days_unpack() */
    PART_NICK,              /* number of the nickname in names */
    PART_EXTERNAL,          /* folded */
    PART_CONTACT,           /* lower-cased */
    PART_EMAIL,             /* as typed, where that is not lower-case */
    PART_PHONE,             /* as given, where it is not + and up to 15 digits */
    PART_CITY,              /* as typed, where it differs from the word's name */
    PART_YEAR,              /* of birth, and day and month if known, where it is no whole date */
    PART_TALLIES,           /* tallies_of(), if any is above 0 */
    PART_LISTS,             /* + enum list: slots */
    PARTS = PART_LISTS + 6, /* at most 16: see the mask */
};
struct record {
    struct str part[PARTS];
};
struct heap {
    uint8_t *p;
    uint32_t n, cap, dead;
};
void heap_free(struct heap *h);
/* Writes the record and gives its place (0 is never one); `old` (or 0) is given up. No part may lie
 * in this heap. */
uint32_t heap_put(struct heap *h, uint32_t old, const struct record *r);
void heap_fit(struct heap *h); /* gives back most of the room that is not used */
void heap_drop(struct heap *h, uint32_t at);
void heap_get(const struct heap *h, uint32_t at, struct record *ret); /* 0: an empty one */
struct str heap_part(const struct heap *h, uint32_t at,
                     int part); /* one part alone; empty: it has none */
/* When much is dead: moves every record; `places` of n rows are changed. */
void heap_squeeze(struct heap *h, uint32_t *places, uint32_t n);

/* Varints: 7 bits a byte, low first. */
static inline uint64_t varint_next(const uint8_t **p, const uint8_t *end)
{
    uint64_t v = 0;
    for (int shift = 0; *p < end && shift < 64; shift += 7) {
        uint8_t b = *(*p)++;
        v |= (uint64_t)(b & 127) << shift;
        if (b < 128)
            break;
    }
    return v;
}
enum { VARINT_MAX = 10 };
static inline uint8_t *varint_write(uint8_t *p, uint64_t v)
{
    for (; v > 127; v >>= 7)
        *p++ = (uint8_t)(v | 128);
    *p++ = (uint8_t)v;
    return p;
}
