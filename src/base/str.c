#include "str.h"
#include "check.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

static char lower_ascii(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_ieq_ascii(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower_ascii(a.p[i]) != lower_ascii(b.p[i]))
            return false;
    return true;
}

static bool blank(UChar32 c)
{
    /* The byte-order mark is no blank to Unicode, but it is what programs leave before a text. */
    return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x85 && (u_isUWhiteSpace(c) || c == 0xFEFF));
}

struct str str_trim(struct str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    size_t from = 0, to = s.n;
    while (from < to) {
        size_t next = from;
        UChar32 c;
        U8_NEXT(p, next, to, c);
        if (!blank(c))
            break;
        from = next;
    }
    while (to > from) {
        size_t before = to - 1;
        while (before > from && to - before < 4 && U8_IS_TRAIL(p[before]))
            before--;
        size_t next = before;
        UChar32 c;
        U8_NEXT(p, next, to, c);
        if (!blank(c) || next != to)
            break;
        to = before;
    }
    return (struct str){s.p + from, to - from};
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_int64(struct str s, int64_t *ret)
{
    bool negative = s.n && s.p[0] == '-';
    size_t i = negative;
    if (i == s.n)
        return false;
    int64_t v = 0; /* kept negative: the range is larger there */
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
        return false;
    *ret = v;
    return true;
}

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    if (!b)
        return;
    free(b->p);
    *b = (struct buf){.max = b->max};
}

/* Room for n more bytes and a NUL. */
static bool grow(struct buf *b, size_t n)
{
    check(b->max && b->n <= b->max); /* a buffer that never had buf_init() */
    if (b->failed)
        return false;
    if (n > b->max - b->n) {
        b->failed = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap += cap < (1 << 24) ? cap : cap / 2;
    if (cap > b->max + 1)
        cap = b->max + 1;
    char *p = realloc(b->p, cap);
    check(p);
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || !grow(b, n))
        return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
    if (b->n + 1 < b->cap && !b->failed && b->n < b->max)
        b->p[b->n++] = c;
    else
        buf_add(b, &c, 1);
}

void buf_int(struct buf *b, int64_t v)
{
    char digits[20];
    size_t i = sizeof(digits);
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        digits[--i] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0)
        digits[--i] = '-';
    buf_add(b, digits + i, sizeof(digits) - i);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    check(n >= 0);
    if (grow(b, (size_t)n)) {
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

char *buf_reserve(struct buf *b, size_t n)
{
    return grow(b, n) ? b->p + b->n : NULL;
}

const char *buf_cstr(struct buf *b)
{
    if (!b->p)
        return "";
    b->p[b->n] = 0; /* grow() always leaves room for it */
    return b->p;
}
