#include "engine.h"
#include <stdlib.h>

static size_t hash(const struct db_statement *st, size_t capacity)
{
    return (size_t)(((uintptr_t)st >> 3) * 0x9E3779B97F4A7C15u >> 20) & (capacity - 1);
}

static struct cache_entry *place(struct cache *c, const struct db_statement *st)
{
    size_t i = hash(st, c->capacity);
    while (c->entries[i].st && c->entries[i].st != st)
        i = (i + 1) & (c->capacity - 1);
    return &c->entries[i];
}

static void grow(struct cache *c)
{
    struct cache old = *c;
    c->capacity = old.capacity ? old.capacity * 2 : 64;
    c->entries = calloc(c->capacity, sizeof(*c->entries));
    check(c->entries);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].st)
            *place(c, old.entries[i].st) = old.entries[i];
    free(old.entries);
}

struct cache_entry *cache_find(struct cache *c, const struct db_statement *st)
{
    if (c->n * 2 >= c->capacity)
        grow(c);
    struct cache_entry *e = place(c, st);
    if (!e->st) {
        *e = (struct cache_entry){.st = st, .sql = st->sql};
        c->n++;
    }
    return e;
}

void cache_free(struct cache *c, void (*free_prepared)(void *))
{
    for (size_t i = 0; i < c->capacity; i++)
        if (c->entries[i].prepared)
            free_prepared(c->entries[i].prepared);
    free(c->entries);
    *c = (struct cache){0};
}
