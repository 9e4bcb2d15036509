#include "varint.h"
#include "check.h"

enum { BYTES_MAX = 10 };

static size_t put(char *out, uint64_t v)
{
    size_t n = 0;
    while (v >= 0x80) {
        out[n++] = (char)(v | 0x80);
        v >>= 7;
    }
    out[n++] = (char)v;
    return n;
}

void varint_pack(struct buf *out, const int64_t *ascending, size_t n)
{
    int64_t before = 0;
    for (size_t i = 0; i < n; i++) {
        check(ascending[i] >= before);
        char bytes[BYTES_MAX];
        buf_add(out, bytes, put(bytes, (uint64_t)ascending[i] - (uint64_t)before));
        before = ascending[i];
    }
}

/* One number at *at; false: truncated or beyond 64 bits. */
static bool take(struct str blob, size_t *at, uint64_t *ret)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && *at < blob.n; shift += 7) {
        uint8_t b = (uint8_t)blob.p[(*at)++];
        if (shift == 63 && b > 1)
            return false;
        v |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80) {
            *ret = v;
            return true;
        }
    }
    return false;
}

enum err varint_unpack(struct arena *a, struct str blob, int64_t **ret, size_t *ret_n)
{
    int64_t *list = arena_room(a, blob.n, sizeof(*list)); /* no number is less than a byte */
    uint64_t sum = 0;
    size_t n = 0;
    for (size_t at = 0; at < blob.n; n++) {
        uint64_t difference = (uint8_t)blob.p[at];
        if (difference < 0x80) /* most are one byte */
            at++;
        else if (!take(blob, &at, &difference))
            return ERR_INVALID;
        if (__builtin_add_overflow(sum, difference, &sum) || sum > INT64_MAX)
            return ERR_INVALID;
        list[n] = (int64_t)sum;
    }
    *ret = list;
    *ret_n = n;
    return OK;
}
