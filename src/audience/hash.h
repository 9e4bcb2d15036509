/* Small open-addressing hash maps. Threads: the owner's lock. Out of memory aborts (check()). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64-bit keys (all but UINT64_MAX) to 64-bit values. Zero-initialised is empty. */
struct map {
    uint64_t *keys; /* key + 1; 0 = free */
    int64_t *values;
    size_t cap, n;
};
void map_free(struct map *m);
bool map_get(const struct map *m, uint64_t key, int64_t *ret);
void map_set(struct map *m, uint64_t key, int64_t value);
void map_remove(struct map *m, uint64_t key);

/* 32-bit items found by a hash that the owner computes, compared by the owner. */
struct item_set {
    uint32_t *items; /* item + 1; 0 = free */
    uint8_t *tags;   /* a byte of each hash: others need not be looked at */
    size_t cap, n;
};
typedef bool (*item_equal)(const void *ctx, uint32_t item, const void *key);
typedef uint64_t (*item_hash)(const void *ctx, uint32_t item);
#define ITEM_NONE UINT32_MAX
void item_set_free(struct item_set *s);
uint32_t item_find(const struct item_set *s, uint64_t hash, item_equal equal, const void *ctx,
                   const void *key);
void item_foresee(const struct item_set *s, uint64_t hash); /* fetches its place meanwhile */
/* Items that may have this hash, one after the other; *at begins as 0. ITEM_NONE: no more. */
uint32_t item_next(const struct item_set *s, uint64_t hash, size_t *at);
void item_add(struct item_set *s, uint32_t item, item_hash hash, const void *ctx);
void item_remove(struct item_set *s, uint32_t item, item_hash hash, const void *ctx);
void item_reserve(struct item_set *s, size_t n, item_hash hash, const void *ctx);

uint64_t hash_int(uint64_t x);
uint64_t hash_bytes(const void *p, size_t n);
