/* Every different first, last and nick name once, with its folded form, its rank and its rows. A
 * name is found by any part of its folded form. Threads: the audience's lock. */
#pragma once
#include "hash.h"
#include "ranking.h"
#include "simd.h"

#define NAME_NONE UINT32_MAX
struct name {
    uint32_t text_at, text_n;     /* in `texts` */
    uint32_t folded_at, folded_n; /* in `folded`, between newlines */
    uint32_t n, cap;              /* rows; a row that has it twice stands twice */
    union {
        uint32_t one; /* cap 0 */
        uint32_t *rows;
    };
};
struct name_place {
    uint32_t at, name;
};
struct names {
    struct name *name;
    uint32_t n, cap;
    uint32_t *free_names;
    uint32_t nfree, free_cap;
    struct buf texts, folded;
    struct name_place *places; /* of the folded forms, ascending; dead ones have NAME_NONE */
    uint32_t nplaces, places_cap;
    size_t dead_bytes;
    struct item_set by_text;
    struct ranking ranking;
    struct buf scratch;
    bool loading;
};
/* `n` must stay where it is. */
void names_init(struct names *n, struct collation *collation);
void names_free(struct names *n);
/* The name's number, made if new; NAME_NONE for the empty text. *ret_moved: all ranks have changed. */
uint32_t names_get(struct names *n, struct str text, bool *ret_moved);
void names_add_row(struct names *n, uint32_t name, uint32_t row);
void names_remove_row(struct names *n, uint32_t name, uint32_t row); /* the last one forgets the name */
void names_loaded(struct names *n);
struct str names_text(const struct names *n, uint32_t name);   /* "" for NAME_NONE */
struct str names_folded(const struct names *n, uint32_t name);
static inline uint32_t names_rank(const struct names *n, uint32_t name)
{
    return name != NAME_NONE && name < n->ranking.items ? n->ranking.rank[name] : RANK_NONE;
}
/* Calls back with each name whose folded form contains the part (no newline in it). */
void names_search(const struct names *n, const struct simd *simd, struct str part,
                  void (*fn)(void *ctx, const struct name *name), void *ctx);
static inline const uint32_t *name_rows(const struct name *name)
{
    return name->cap ? name->rows : &name->one;
}
size_t names_bytes(const struct names *n);
