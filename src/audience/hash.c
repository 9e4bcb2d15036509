#include <stdlib.h>
#include <string.h>
#include "../base/check.h"
#include "hash.h"

/* Source: the finaliser of MurmurHash3 (Austin Appleby, public domain). */
uint64_t hash_int(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ull;
    return x ^ x >> 33;
}

/* Fewer than eight bytes as a number, different for different bytes: some may stand in it twice. */
static uint64_t last_bytes(const char *c, size_t n)
{
    uint32_t low = 0, high = 0;
    if (n >= 4) {
        memcpy(&low, c, 4);
        memcpy(&high, c + n - 4, 4);
    } else if (n) {
        low = (uint8_t)c[0] | (uint32_t)(uint8_t)c[n / 2] << 8 | (uint32_t)(uint8_t)c[n - 1] << 16;
    }
    return low | (uint64_t)high << 32;
}

uint64_t hash_bytes(const void *p, size_t n)
{
    const char *c = p;
    uint64_t h = n * 0x9e3779b97f4a7c15ull;
    for (; n >= 8; n -= 8, c += 8) {
        uint64_t w;
        memcpy(&w, c, 8);
        h = hash_int(h ^ w);
    }
    return hash_int(h ^ last_bytes(c, n));
}

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);
    check(p);
    return p;
}

void map_free(struct map *m)
{
    free(m->keys);
    free(m->values);
    *m = (struct map){0};
}

/* The place of the key, or the free place where it would go. */
static size_t map_place(const struct map *m, uint64_t key)
{
    size_t i = hash_int(key) & (m->cap - 1);
    while (m->keys[i] && m->keys[i] != key + 1)
        i = (i + 1) & (m->cap - 1);
    return i;
}

bool map_get(const struct map *m, uint64_t key, int64_t *ret)
{
    if (m->n == 0)
        return false;
    size_t i = map_place(m, key);
    if (m->keys[i])
        *ret = m->values[i];
    return m->keys[i] != 0;
}

void map_set(struct map *m, uint64_t key, int64_t value)
{
    if ((m->n + 1) * 4 > m->cap * 3) {
        struct map old = *m;
        m->cap = old.cap ? old.cap * 2 : 16;
        m->keys = zeroed(m->cap, sizeof(*m->keys));
        m->values = zeroed(m->cap, sizeof(*m->values));
        for (size_t i = 0; i < old.cap; i++) {
            if (old.keys[i]) {
                size_t to = map_place(m, old.keys[i] - 1);
                m->keys[to] = old.keys[i];
                m->values[to] = old.values[i];
            }
        }
        free(old.keys);
        free(old.values);
    }
    size_t i = map_place(m, key);
    m->n += m->keys[i] == 0;
    m->keys[i] = key + 1;
    m->values[i] = value;
}

/* Who stands behind a freed place moves up, unless it stands where it belongs (Knuth 6.4, R). */
void map_remove(struct map *m, uint64_t key)
{
    if (m->n == 0)
        return;
    size_t hole = map_place(m, key), mask = m->cap - 1;
    if (!m->keys[hole])
        return;
    for (size_t i = (hole + 1) & mask; m->keys[i]; i = (i + 1) & mask) {
        size_t home = hash_int(m->keys[i] - 1) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            m->keys[hole] = m->keys[i];
            m->values[hole] = m->values[i];
            hole = i;
        }
    }
    m->keys[hole] = 0;
    m->n--;
}

static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

void item_set_free(struct item_set *s)
{
    free(s->items);
    free(s->tags);
    *s = (struct item_set){0};
}

/* Where a hash belongs: its share of the places, which need not be a power of two (Lemire, "Fast
 * random integer generation in an interval", 2019). */
static size_t item_home(const struct item_set *s, uint64_t hash)
{
    return (size_t)((unsigned __int128)(hash << 8) * s->cap >>
                    64); /* the tag is of the other bits */
}

static size_t item_after(const struct item_set *s, size_t place)
{
    return place + 1 == s->cap ? 0 : place + 1;
}

/* How many places further, around the end. */
static size_t item_distance(const struct item_set *s, size_t from, size_t to)
{
    return to >= from ? to - from : to + s->cap - from;
}

void item_foresee(const struct item_set *s, uint64_t hash)
{
    if (s->cap == 0)
        return;
    size_t home = item_home(s, hash);
    __builtin_prefetch(&s->items[home], 1);
    __builtin_prefetch(&s->tags[home], 1);
}

uint32_t item_find(const struct item_set *s, uint64_t hash, item_equal equal, const void *ctx,
                   const void *key)
{
    if (s->n == 0)
        return ITEM_NONE;
    for (size_t i = item_home(s, hash); s->items[i]; i = item_after(s, i))
        if (s->tags[i] == tag_of(hash) && equal(ctx, s->items[i] - 1, key))
            return s->items[i] - 1;
    return ITEM_NONE;
}

uint32_t item_next(const struct item_set *s, uint64_t hash, size_t *at)
{
    if (s->n == 0)
        return ITEM_NONE;
    uint32_t item = s->items[(item_home(s, hash) + *at) % s->cap];
    ++*at;
    return item ? item - 1 : ITEM_NONE;
}

static void item_place(struct item_set *s, uint32_t item, uint64_t hash)
{
    size_t i = item_home(s, hash);
    while (s->items[i])
        i = item_after(s, i);
    s->items[i] = item + 1;
    s->tags[i] = tag_of(hash);
}

/* Five bytes a place: it grows by a quarter, and at once to what is asked for, rather than by
 * doubling. */
void item_reserve(struct item_set *s, size_t n, item_hash hash, const void *ctx)
{
    if (n <= s->cap / 8 * 7)
        return;
    struct item_set old = *s;
    size_t need = n / 7 * 8 + 16;
    s->cap = old.cap + old.cap / 4 > need ? old.cap + old.cap / 4 : need;
    s->items = zeroed(s->cap, sizeof(*s->items));
    s->tags = zeroed(s->cap, sizeof(*s->tags));
    for (size_t i = 0; i < old.cap; i++)
        if (old.items[i])
            item_place(s, old.items[i] - 1, hash(ctx, old.items[i] - 1));
    free(old.items);
    free(old.tags);
}

void item_add(struct item_set *s, uint32_t item, item_hash hash, const void *ctx)
{
    item_reserve(s, s->n + 1, hash, ctx);
    item_place(s, item, hash(ctx, item));
    s->n++;
}

/* As in map_remove(). */
void item_remove(struct item_set *s, uint32_t item, item_hash hash, const void *ctx)
{
    if (s->n == 0)
        return;
    size_t hole = item_home(s, hash(ctx, item));
    while (s->items[hole] && s->items[hole] != item + 1)
        hole = item_after(s, hole);
    if (!s->items[hole])
        return;
    for (size_t i = item_after(s, hole); s->items[i]; i = item_after(s, i)) {
        size_t home = item_home(s, hash(ctx, s->items[i] - 1));
        if (item_distance(s, home, i) >= item_distance(s, hole, i)) {
            s->items[hole] = s->items[i];
            s->tags[hole] = s->tags[i];
            hole = i;
        }
    }
    s->items[hole] = 0;
    s->n--;
}
