/* Orders of small fields: what has few values has a set of rows for each. The sets stand one after
 * the other, only those that the page touches are made, and within one the rows are in order of id.
 */
#include "../base/check.h"
#include "order.h"

/* Which set of several a row is in. Consent is three of them, one within the other. */
struct level {
    int bit, step, n; /* the sets are the bits bit, bit + step… */
    enum dictionary
        words; /* or, if not DICTS, its words in the order of the language; tiers by their ladder */
    bool whole; /* rows in no set are not unknown, but the last value */
};
enum { LEVELS_MAX = CHANNELS };
struct walk {
    const struct audience *a;
    struct arena *arena;
    struct level levels[LEVELS_MAX];
    int nlevels;
    uint64_t *rooms[LEVELS_MAX]; /* a mask for each level */
    bool descending;
};

static int find_levels(enum field_id field, struct level *ret)
{
    switch (field) {
    case FIELD_TYPE:
        ret[0] = (struct level){BIT_TYPE, 1, TYPES_ALL, DICTS, false};
        return 1;
    case FIELD_GENDER:
        ret[0] = (struct level){BIT_GENDER, 1, BIT_DEVICE - BIT_GENDER, DICTS, false};
        return 1;
    case FIELD_DEVICE:
        ret[0] = (struct level){BIT_DEVICE, 1, BIT_CONSENT - BIT_DEVICE, DICTS, false};
        return 1;
    case FIELD_CONSENT: /* granted, refused, never asked, suppressed: as its choices stand */
        for (int i = 0; i < CHANNELS; i++)
            ret[i] = (struct level){BIT_CONSENT + i, CHANNELS, (BIT_HAS - BIT_CONSENT) / CHANNELS,
                                    DICTS, false};
        return CHANNELS;
    case FIELD_BLOCKED:
        ret[0] = (struct level){BIT_BLOCKED, 1, 1, DICTS, true};
        return 1;
    case FIELD_ANONYMOUS:
        ret[0] = (struct level){BIT_ANONYMOUS, 1, 1, DICTS, true};
        return 1;
    case FIELD_ACTIVE:
        ret[0] = (struct level){BIT_ACTIVE, 1, 1, DICTS, true};
        return 1;
    case FIELD_TIER:
    case FIELD_LANGUAGE:
    case FIELD_COUNTRY:
        ret[0] = (struct level){.words = field_dictionary(field)};
        return 1;
    default:
        return 0;
    }
}

bool order_is_of_sets(enum field_id field)
{
    struct level levels[LEVELS_MAX];
    return find_levels(field, levels) > 0;
}

static int sets_of(const struct walk *w, const struct level *l)
{
    if (l->words == DICT_TIER)
        return (int)w->a->words[DICT_TIER].n;
    return l->words == DICTS ? l->n : (int)w->a->words[l->words].ranking.n;
}

static int64_t count_bit(const struct walk *w, int bit, const uint64_t *mask)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < w->a->nblocks; i++) {
        const struct block *b = &w->a->blocks[i];
        n += (int64_t)w->a->simd->count_and(block_bits(b, bit), mask + (size_t)i * BLOCK_WORDS,
                                            block_words(b));
    }
    return n;
}

/* The postings of a word, and of those that are as good as equal to it in the language: they are
 * ties. */
static const struct posting *word_at(const struct walk *w, enum dictionary d, int place)
{
    const struct words *words = &w->a->words[d];
    return &words->word[d == DICT_TIER ? w->a->ladder[place] : words->ranking.order[place]].rows;
}

static bool ties_with_next(const struct walk *w, enum dictionary d, int place)
{
    const struct ranking *r = &w->a->words[d].ranking;
    return place + 1 < (int)r->n && r->rank[r->order[place]] == r->rank[r->order[place + 1]];
}

static int64_t count_word(const struct walk *w, enum dictionary d, int place, const uint64_t *mask)
{
    int64_t n = 0;
    if (place > 0 && ties_with_next(w, d, place - 1))
        return 0; /* counted with the one before */
    for (int p = place;; p++) {
        const struct posting *rows = word_at(w, d, p);
        for (uint32_t i = 0; i < rows->n; i++) {
            const struct container *c = &rows->containers[i];
            n += (int64_t)container_count_and(c, mask + (size_t)c->block * BLOCK_WORDS,
                                              block_words(&w->a->blocks[c->block]), w->a->simd);
        }
        if (!ties_with_next(w, d, p))
            return n;
    }
}

/* Rows of the mask, `n` in all, that are in the set at this place; the last place is of those in
 * none. */
static int64_t count_set(const struct walk *w, const struct level *l, int place,
                         const uint64_t *mask, int64_t n)
{
    if (place < sets_of(w, l))
        return l->words == DICTS ? count_bit(w, l->bit + place * l->step, mask)
                                 : count_word(w, l->words, place, mask);
    if (l->words != DICTS)
        return n - count_bit(w, BIT_KNOWN + (int)l->words, mask);
    for (int i = 0; i < l->n; i++)
        n -= count_bit(w, l->bit + i * l->step, mask);
    return n;
}

static void keep_bit(const struct walk *w, int bit, uint64_t flip, uint64_t *mask)
{
    for (uint32_t i = 0; i < w->a->nblocks; i++) {
        const struct block *b = &w->a->blocks[i];
        w->a->simd->keep(mask + (size_t)i * BLOCK_WORDS, block_bits(b, bit), flip, block_words(b));
    }
}

static void take_set(const struct walk *w, const struct level *l, int place, const uint64_t *mask,
                     uint64_t *m)
{
    size_t words = (size_t)w->a->nblocks * BLOCK_WORDS;
    bool of_none = place == sets_of(w, l);
    if (l->words == DICTS || of_none) {
        memcpy(m, mask, words * sizeof(*m));
        if (l->words != DICTS)
            keep_bit(w, BIT_KNOWN + (int)l->words, ~0ull, m);
        for (int i = 0; l->words == DICTS && of_none && i < l->n; i++)
            keep_bit(w, l->bit + i * l->step, ~0ull, m);
        if (!of_none)
            keep_bit(w, l->bit + place * l->step, 0, m);
        return;
    }
    memset(m, 0, words * sizeof(*m));
    for (int p = place;; p++) {
        posting_or(word_at(w, l->words, p), m);
        if (!ties_with_next(w, l->words, p))
            break;
    }
    for (uint32_t i = 0; i < w->a->nblocks; i++)
        w->a->simd->keep(m + (size_t)i * BLOCK_WORDS, mask + (size_t)i * BLOCK_WORDS, 0,
                         block_words(&w->a->blocks[i]));
}

/* Which set comes at this point of the order: unknowns are last in both directions. */
static int place_at(const struct walk *w, const struct level *l, int at)
{
    int sets = sets_of(w, l);
    if (!w->descending || (at == sets && !l->whole))
        return at;
    return l->whole ? sets - at : sets - 1 - at;
}

static size_t page_of_level(const struct walk *w, int level, const struct found *found,
                            int64_t offset, size_t limit, uint32_t *ret)
{
    if (level == w->nlevels)
        return order_page(w->a, w->arena, found, FIELD_TEXT, false, offset, limit, ret);
    check(level < LEVELS_MAX);
    const struct level *l = &w->levels[level];
    size_t got = 0;
    for (int at = 0; at <= sets_of(w, l) && got < limit; at++) {
        int place = place_at(w, l, at);
        int64_t n = count_set(w, l, place, found->mask, found->n);
        if (offset < n) {
            const struct found within = {w->rooms[level], n, NULL};
            take_set(w, l, place, found->mask, w->rooms[level]);
            got += page_of_level(w, level + 1, &within, offset, limit - got, ret + got);
        }
        offset = offset > n ? offset - n : 0;
    }
    return got;
}

size_t order_page_of_sets(const struct audience *a, struct arena *arena, const struct found *found,
                          enum field_id field, bool descending, int64_t offset, size_t limit,
                          uint32_t *ret)
{
    struct walk w = {.a = a, .arena = arena, .descending = descending};
    w.nlevels = find_levels(field, w.levels);
    for (int i = 0; i < w.nlevels; i++)
        w.rooms[i] = arena_room(arena, (size_t)a->nblocks * BLOCK_WORDS, sizeof(uint64_t));
    return page_of_level(&w, 0, found, offset, limit, ret);
}
