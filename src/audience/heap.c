#include <stdlib.h>
#include "../base/check.h"
#include "heap.h"

enum { SQUEEZE_MIN = 32768, SLACK = 16 };

void heap_free(struct heap *h)
{
    free(h->p);
    *h = (struct heap){0};
}

static uint32_t varint_size(uint64_t v)
{
    uint32_t n = 1;
    for (; v > 127; v >>= 7)
        n++;
    return n;
}

/* How long a record is from its room's first byte on. */
static uint32_t whole_size(const struct heap *h, uint32_t at)
{
    const uint8_t *p = h->p + at, *start = p;
    uint64_t room = varint_next(&p, h->p + h->n);
    return (uint32_t)(p - start) + (uint32_t)room;
}

static uint32_t content_size(const struct record *r, uint16_t *ret_mask)
{
    uint32_t n = 2;
    uint16_t mask = 0;
    for (int i = 0; i < PARTS; i++) {
        if (r->part[i].n == 0)
            continue;
        mask |= (uint16_t)(1 << i);
        n += varint_size(r->part[i].n) + (uint32_t)r->part[i].n;
    }
    *ret_mask = mask;
    return n;
}

static void write_content(uint8_t *p, uint16_t mask, const struct record *r)
{
    memcpy(p, &mask, 2);
    p += 2;
    for (int i = 0; i < PARTS; i++) {
        if (!(mask >> i & 1))
            continue;
        p = varint_write(p, r->part[i].n);
        memcpy(p, r->part[i].p, r->part[i].n);
        p += r->part[i].n;
    }
}

static void reserve(struct heap *h, uint32_t more)
{
    if (h->n == 0)
        h->n = 1; /* place 0 is nobody's */
    if (h->cap - h->n >= more && h->cap >= h->n)
        return;
    uint64_t cap = (uint64_t)h->n + more + h->n / 8 + 256;
    check(cap < UINT32_MAX); /* 64 KiB a row: audience_put() lets less in */
    h->p = realloc(h->p, cap);
    check(h->p);
    h->p[0] = 0;
    h->cap = (uint32_t)cap;
}

uint32_t heap_put(struct heap *h, uint32_t old, const struct record *r)
{
    uint16_t mask;
    uint32_t size = content_size(r, &mask);
    if (old) {
        const uint8_t *p = h->p + old;
        uint64_t room = varint_next(&p, h->p + h->n);
        if (size <= room && room - size <= SLACK) {
            uint8_t *to = h->p + (p - h->p);
            write_content(to, mask, r);
            memset(to + size, 0, room - size);
            return old;
        }
        heap_drop(h, old);
    }
    if (mask == 0)
        return 0;
    reserve(h, size + varint_size(size));
    uint32_t at = h->n;
    uint8_t *p = varint_write(h->p + at, size);
    write_content(p, mask, r);
    h->n = (uint32_t)(p - h->p) + size;
    return at;
}

void heap_fit(struct heap *h)
{
    uint32_t cap = h->n + h->n / 128 + 256;
    if (!h->p || cap >= h->cap)
        return;
    uint8_t *p = realloc(h->p, cap);
    check(p);
    h->p = p;
    h->cap = cap;
}

/* What somebody had erased must not stand in memory that is saved. */
void heap_drop(struct heap *h, uint32_t at)
{
    if (!at)
        return;
    const uint8_t *p = h->p + at;
    uint64_t room = varint_next(&p, h->p + h->n);
    memset(h->p + (p - h->p), 0, room);
    h->dead += whole_size(h, at);
}

void heap_get(const struct heap *h, uint32_t at, struct record *ret)
{
    *ret = (struct record){0};
    if (!at)
        return;
    const uint8_t *p = h->p + at, *end = h->p + h->n;
    varint_next(&p, end);
    uint16_t mask;
    memcpy(&mask, p, 2);
    p += 2;
    for (int i = 0; i < PARTS; i++) {
        if (!(mask >> i & 1))
            continue;
        size_t n = varint_next(&p, end);
        ret->part[i] = (struct str){(const char *)p, n};
        p += n;
    }
}

struct str heap_part(const struct heap *h, uint32_t at, int part)
{
    if (!at)
        return STR("");
    const uint8_t *p = h->p + at, *end = h->p + h->n;
    varint_next(&p, end);
    uint16_t mask;
    memcpy(&mask, p, 2);
    p += 2;
    if (!(mask >> part & 1))
        return STR("");
    size_t n = varint_next(&p, end);
    for (uint32_t before = mask & ((1u << part) - 1); before; before &= before - 1) {
        p += n;
        n = varint_next(&p, end);
    }
    return (struct str){(const char *)p, n};
}

void heap_squeeze(struct heap *h, uint32_t *places, uint32_t n)
{
    if (h->dead < SQUEEZE_MIN || h->dead < h->n / 4)
        return;
    struct heap fresh = {0};
    reserve(&fresh, h->n - h->dead);
    for (uint32_t i = 0; i < n; i++) {
        if (!places[i])
            continue;
        uint32_t size = whole_size(h, places[i]);
        reserve(&fresh, size);
        memcpy(fresh.p + fresh.n, h->p + places[i], size);
        places[i] = fresh.n;
        fresh.n += size;
    }
    free(h->p);
    *h = fresh;
}
