/* Slices (pointer and length, not NUL-terminated, not owned) and growable buffers with a maximum.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "err.h"

struct str {
    const char *p;
    size_t n;
};
#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})
static inline struct str str_c(const char *s) /* NULL gives the empty slice */
{
    return (struct str){s ? s : "", s ? strlen(s) : 0};
}
static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_ieq_ascii(struct str a, struct str b);
struct str str_trim(struct str s); /* ASCII and Unicode blanks at both ends */
bool str_starts(struct str s, struct str prefix);
/* The whole slice as a decimal integer: no blanks, no '+', no overflow. False leaves *ret alone. */
bool str_int64(struct str s, int64_t *ret);

/* A growable buffer. Growing beyond `max` makes it `failed` and drops the write; check once, last.
 */
struct buf {
    char *p;
    size_t n, cap, max;
    bool failed;
};
void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *buf_reserve(struct buf *b,
                  size_t n);         /* room for n more bytes or NULL; then b->n += written */
const char *buf_cstr(struct buf *b); /* NUL-terminated view */
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}
