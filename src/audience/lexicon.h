/* Different texts, each once, under small numbers; found whole, or by any part of them.
 * Threads: the audience's lock. */
#pragma once
#include "hash.h"
#include "simd.h"
#include "../base/str.h"

#define LEXICON_NONE UINT32_MAX
struct lexicon_text {
    uint32_t at, n; /* in `pool`, before a newline; n 0: a free number */
};
struct lexicon_place {
    uint32_t at, number; /* LEXICON_NONE: forgotten */
};
/* A text lately asked for, while many are: most come again soon, and here the text stands beside
 * its number. */
enum { RECENT = 32768, RECENT_BYTES = 27 };
struct lexicon_recent {
    uint32_t number;
    uint8_t n; /* 0: free */
    char text[RECENT_BYTES];
};
struct lexicon {
    struct lexicon_text *text;
    uint32_t n, cap; /* numbers given, free ones included */
    uint32_t *spare;
    uint32_t nspare, spare_cap;
    struct buf pool;
    struct lexicon_place *places; /* ascending */
    uint32_t nplaces, places_cap;
    size_t dead_bytes;
    struct item_set by_text;
    struct lexicon_recent *recent; /* RECENT of them by hash, or NULL */
};
void lexicon_init(struct lexicon *l);
void lexicon_free(struct lexicon *l);
uint32_t lexicon_find(const struct lexicon *l, struct str text); /* LEXICON_NONE */
/* The text's number; *ret_new: it was made. The text is not empty and has no newline. */
uint32_t lexicon_get(struct lexicon *l, struct str text, bool *ret_new);
/* A text that will be asked for soon: what lexicon_get() looks at first is fetched meanwhile. */
void lexicon_foresee(const struct lexicon *l, struct str text);
void lexicon_remember(struct lexicon *l, bool recent);   /* from now on, or no longer */
void lexicon_forget(struct lexicon *l, uint32_t number); /* may be given to another */
static inline struct str lexicon_text(const struct lexicon *l, uint32_t number)
{
    return (struct str){l->pool.p + l->text[number].at, l->text[number].n};
}
/* Calls back with every text that contains the part (at `where` first). */
void lexicon_search(const struct lexicon *l, const struct simd *simd, struct str part,
                    void (*fn)(void *ctx, uint32_t number, struct str text, size_t where),
                    void *ctx);
size_t lexicon_bytes(const struct lexicon *l);
