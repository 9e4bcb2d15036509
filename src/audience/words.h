/* A dictionary of words that customers share (stores, tags, cities…): ids to dense slots, names,
 * the rows that have each, and for the sortable ones their rank in the merchant's language.
 * Threads: the audience's lock. */
#pragma once
#include "hash.h"
#include "posting.h"
#include "ranking.h"

#define SLOT_NONE UINT32_MAX
struct word {
    int64_t id;
    struct str name, folded; /* owned */
    struct posting rows;
};
struct words {
    struct word *word; /* by slot */
    uint32_t n, cap;
    struct map by_id;
    struct item_set by_folded;
    struct ranking ranking; /* ranks by slot; ranking.collation NULL: not ranked */
    bool loading;           /* ranks wait for words_loaded() */
};
/* `w` must stay where it is. */
void words_init(struct words *w, struct collation *collation);
void words_free(struct words *w);
uint32_t words_slot(const struct words *w, int64_t id); /* SLOT_NONE */
uint32_t words_find(const struct words *w, struct str folded);
/* Adds or renames; *ret_moved: ranks of other words have changed. */
uint32_t words_set(struct words *w, int64_t id, struct str name, bool *ret_moved);
/* A word known by its name alone: its id is slot + 1. */
uint32_t words_open(struct words *w, struct str name, struct str folded, bool *ret_moved);
/* The row gets the words only in `now` and loses those only in `old`; slots, both ascending. */
void words_change(struct words *w, uint32_t row, const uint32_t *old, uint32_t nold,
                  const uint32_t *now, uint32_t nnow);
void words_loaded(struct words *w);
static inline uint32_t words_rank(const struct words *w, uint32_t slot)
{
    return slot < w->ranking.items ? w->ranking.rank[slot] : RANK_NONE;
}
size_t words_bytes(const struct words *w);
