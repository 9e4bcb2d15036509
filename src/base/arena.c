#include "arena.h"
#include "check.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGN = 16, BLOCK_FIRST = 4096 - 64, BLOCK_MAX = 1 << 20 };

struct block {
    struct block *older;
    size_t size, used;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    struct block *newest;
    size_t next_size; /* of the next block: they double */
    size_t bytes;     /* handed out */
};

static struct block *block_new(struct block *older, size_t size)
{
    struct block *b = malloc(sizeof(*b) + size);
    check(b);
    b->older = older;
    b->size = size;
    b->used = 0;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof(*a));
    check(a);
    a->next_size = BLOCK_FIRST;
    return a;
}

static void free_blocks(struct block *b)
{
    while (b) {
        struct block *older = b->older;
        free(b);
        b = older;
    }
}

void arena_free(struct arena **a)
{
    if (!a || !*a)
        return;
    free_blocks((*a)->newest);
    free(*a);
    *a = NULL;
}

void arena_reset(struct arena *a)
{
    a->bytes = 0;
    a->next_size = BLOCK_FIRST;
#ifdef DEBUG_ARENA
    free_blocks(a->newest);
    a->newest = NULL;
#else
    if (!a->newest)
        return;
    free_blocks(a->newest->older);
    a->newest->older = NULL;
    if (a->newest->size > BLOCK_MAX) {
        /* One block is kept, but not a huge one: a long-lived arena must not stay at its peak. */
        free_blocks(a->newest);
        a->newest = NULL;
        return;
    }
    a->newest->used = 0;
#endif
}

static void *take(struct arena *a, size_t bytes)
{
    check(bytes <= SIZE_MAX / 2);
    size_t size = bytes ? (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
    a->bytes += size;
#ifdef DEBUG_ARENA
    a->newest = block_new(a->newest, bytes ? bytes : 1);
    return a->newest->bytes;
#else
    struct block *b = a->newest;
    if (!b || b->size - b->used < size) {
        if (size > a->next_size / 2 && b) {
            /* A big piece gets a block of its own, below the newest, whose room stays in use. */
            b->older = block_new(b->older, size);
            b = b->older;
        } else {
            size_t want = size > a->next_size ? size : a->next_size;
            b = a->newest = block_new(b, want);
            if (a->next_size < BLOCK_MAX)
                a->next_size *= 2;
        }
    }
    void *p = b->bytes + b->used;
    b->used += size;
    return p;
#endif
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    return memset(take(a, bytes), 0, bytes);
}

void *arena_room(struct arena *a, size_t n, size_t bytes)
{
    size_t product;
    check(!__builtin_mul_overflow(n, bytes, &product));
    return take(a, product);
}

void *arena_alloc_array(struct arena *a, size_t n, size_t bytes)
{
    size_t product;
    check(!__builtin_mul_overflow(n, bytes, &product));
    return arena_alloc(a, product);
}

void *arena_grow(struct arena *a, const void *list, size_t n, size_t *cap, size_t bytes)
{
    *cap = *cap ? *cap * 2 : 8;
    void *grown = arena_alloc_array(a, *cap, bytes);
    return n ? memcpy(grown, list, n * bytes) : grown;
}

char *arena_cstr(struct arena *a, struct str s)
{
    char *p = take(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

struct str arena_str(struct arena *a, struct str s)
{
    return (struct str){arena_cstr(a, s), s.n};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    check(fmt);
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    check(n >= 0);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

size_t arena_bytes(const struct arena *a)
{
    return a->bytes;
}
