#include <stdlib.h>
#include "../base/check.h"
#include "lexicon.h"

#define POOL_MAX (UINT32_MAX - 1)
enum { SQUEEZE_MIN = 65536 }; /* dead bytes worth a rebuild */

static uint64_t hash_of(const void *ctx, uint32_t number)
{
    struct str s = lexicon_text(ctx, number);
    return hash_bytes(s.p, s.n);
}

static bool is_equal(const void *ctx, uint32_t number, const void *key)
{
    return str_eq(lexicon_text(ctx, number), *(const struct str *)key);
}

void lexicon_init(struct lexicon *l)
{
    *l = (struct lexicon){0};
    buf_init(&l->pool, POOL_MAX);
}

void lexicon_free(struct lexicon *l)
{
    free(l->text);
    free(l->spare);
    free(l->places);
    free(l->recent);
    buf_free(&l->pool);
    item_set_free(&l->by_text);
}

static void *grown(void *p, uint32_t *cap, size_t size)
{
    *cap = *cap ? *cap + *cap / 2 : 64;
    p = realloc(p, *cap * size);
    check(p);
    return p;
}

static void place_text(struct lexicon *l, uint32_t number, struct str text)
{
    if (l->nplaces == l->places_cap)
        l->places = grown(l->places, &l->places_cap, sizeof(*l->places));
    l->text[number] = (struct lexicon_text){(uint32_t)l->pool.n, (uint32_t)text.n};
    l->places[l->nplaces++] = (struct lexicon_place){(uint32_t)l->pool.n, number};
    buf_add(&l->pool, text.p, text.n);
    buf_addc(&l->pool, '\n');
    check(!l->pool.failed);
}

uint32_t lexicon_find(const struct lexicon *l, struct str text)
{
    return item_find(&l->by_text, hash_bytes(text.p, text.n), is_equal, l, &text);
}

void lexicon_remember(struct lexicon *l, bool recent)
{
    free(l->recent);
    l->recent = recent ? calloc(RECENT, sizeof(*l->recent)) : NULL; /* it can be done without */
}

static struct lexicon_recent *recent_of(const struct lexicon *l, uint64_t hash)
{
    return &l->recent[hash % RECENT];
}

void lexicon_foresee(const struct lexicon *l, struct str text)
{
    uint64_t hash = hash_bytes(text.p, text.n);
    if (l->recent)
        __builtin_prefetch(recent_of(l, hash));
    item_foresee(&l->by_text, hash);
}

static uint32_t get(struct lexicon *l, struct str text, uint64_t hash, bool *ret_new)
{
    uint32_t number = item_find(&l->by_text, hash, is_equal, l, &text);
    *ret_new = number == ITEM_NONE;
    if (!*ret_new)
        return number;
    if (l->nspare == 0 && l->n == l->cap)
        l->text = grown(l->text, &l->cap, sizeof(*l->text));
    number = l->nspare ? l->spare[--l->nspare] : l->n++;
    place_text(l, number, text);
    item_add(&l->by_text, number, hash_of, l);
    return number;
}

uint32_t lexicon_get(struct lexicon *l, struct str text, bool *ret_new)
{
    uint64_t hash = hash_bytes(text.p, text.n);
    if (!l->recent || text.n > RECENT_BYTES)
        return get(l, text, hash, ret_new);
    struct lexicon_recent *r = recent_of(l, hash);
    *ret_new = false;
    if (r->n == text.n && memcmp(r->text, text.p, text.n) == 0)
        return r->number;
    r->number = get(l, text, hash, ret_new);
    r->n = (uint8_t)text.n;
    memcpy(r->text, text.p, text.n);
    return r->number;
}

static void squeeze(struct lexicon *l)
{
    struct buf old = l->pool;
    buf_init(&l->pool, POOL_MAX);
    l->nplaces = 0;
    l->dead_bytes = 0;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->text[i].n)
            place_text(l, i, (struct str){old.p + l->text[i].at, l->text[i].n});
    buf_free(&old);
}

static struct lexicon_place *place_at(const struct lexicon *l, uint32_t at)
{
    uint32_t low = 0, high = l->nplaces;
    while (low + 1 < high) {
        uint32_t mid = (low + high) / 2;
        if (l->places[mid].at <= at)
            low = mid;
        else
            high = mid;
    }
    return &l->places[low];
}

void lexicon_forget(struct lexicon *l, uint32_t number)
{
    struct lexicon_text *t = &l->text[number];
    if (l->recent) {
        struct lexicon_recent *r = recent_of(l, hash_of(l, number));
        r->n = r->number == number ? 0 : r->n;
    }
    item_remove(&l->by_text, number, hash_of, l);
    memset(l->pool.p + t->at, '\n', t->n);
    place_at(l, t->at)->number = LEXICON_NONE;
    l->dead_bytes += t->n + 1;
    *t = (struct lexicon_text){0};
    if (l->nspare == l->spare_cap)
        l->spare = grown(l->spare, &l->spare_cap, sizeof(*l->spare));
    l->spare[l->nspare++] = number;
    if (l->dead_bytes > SQUEEZE_MIN && l->dead_bytes > l->pool.n / 2)
        squeeze(l);
}

void lexicon_search(const struct lexicon *l, const struct simd *simd, struct str part,
                    void (*fn)(void *ctx, uint32_t number, struct str text, size_t where),
                    void *ctx)
{
    size_t at = 0, n = l->pool.n;
    uint32_t k = 0;
    while ((at = simd->find(l->pool.p, n, at, part.p, part.n)) < n) {
        while (k + 1 < l->nplaces && l->places[k + 1].at <= at)
            k++;
        uint32_t number = l->places[k].number;
        fn(ctx, number, lexicon_text(l, number), at - l->places[k].at);
        at = k + 1 < l->nplaces ? l->places[k + 1].at : n;
    }
}

size_t lexicon_bytes(const struct lexicon *l)
{
    return l->cap * sizeof(*l->text) + l->spare_cap * sizeof(*l->spare) + l->pool.cap +
           l->places_cap * sizeof(*l->places) + l->by_text.cap * 5;
}
