/* First, last and nick names, each different one once, ranked in the merchant's language.
 * Threads: the audience's lock. */
#pragma once
#include "lexicon.h"
#include "ranking.h"

#define NAME_NONE LEXICON_NONE
/* What is remembered of a name while rows have it: finding it out takes ICU. */
struct name_use {
    uint32_t n;           /* uses */
    uint32_t token;       /* its only one; NAME_NONE: several, or not known */
    uint64_t signs : 56;  /* with the token */
    uint64_t initial : 8; /* text_initial(), or 0 */
};
struct names {
    struct lexicon lexicon;
    struct ranking ranking;
    struct name_use *use; /* by number */
    uint32_t use_cap;
    bool loading; /* ranks wait for names_loaded() */
};
/* `n` must stay where it is. */
void names_init(struct names *n, struct collation *collation);
void names_free(struct names *n);
/* One more use of the name; NAME_NONE for the empty text. *ret_moved: all ranks have changed. */
uint32_t names_use(struct names *n, struct str text, bool *ret_moved);
void names_release(struct names *n,
                   uint32_t name); /* NAME_NONE is fine; after the last use forgotten */
char names_initial(struct names *n, uint32_t name); /* text_initial(); '#' for NAME_NONE */
void names_loaded(struct names *n);
static inline struct str names_text(const struct names *n, uint32_t name) /* "" for NAME_NONE */
{
    return name == NAME_NONE ? (struct str){"", 0} : lexicon_text(&n->lexicon, name);
}
static inline uint32_t names_rank(const struct names *n, uint32_t name)
{
    return name != NAME_NONE && name < n->ranking.items ? n->ranking.rank[name] : RANK_NONE;
}
size_t names_bytes(const struct names *n);
