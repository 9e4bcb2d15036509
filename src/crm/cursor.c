#include "cursor.h"
#include "../base/check.h"
#include <sodium.h>

enum { TAG_BYTES = 16, CURSOR_BYTES_MAX = CURSOR_VALUES_MAX * 8 + TAG_BYTES };
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

static void tag(struct str scope, const uint8_t *values, size_t n, uint8_t *ret)
{
    static const uint8_t domain[] = "habitue cursor 1";
    uint64_t scope_bytes = scope.n;
    crypto_generichash_state state;

    crypto_generichash_init(&state, domain, sizeof domain, TAG_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)&scope_bytes, sizeof scope_bytes);
    crypto_generichash_update(&state, (const uint8_t *)scope.p, scope.n);
    crypto_generichash_update(&state, values, n);
    crypto_generichash_final(&state, ret, TAG_BYTES);
}

const char *cursor_make(struct arena *a, struct str scope, const int64_t *values, size_t n)
{
    uint8_t bytes[CURSOR_BYTES_MAX];
    size_t size = n * 8 + TAG_BYTES;

    check(n > 0 && n <= CURSOR_VALUES_MAX);
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < 8; b++)
            bytes[i * 8 + b] = (uint8_t)((uint64_t)values[i] >> (8 * b));
    tag(scope, bytes, n * 8, bytes + n * 8);

    size_t room = sodium_base64_ENCODED_LEN(size, VARIANT);
    char *text = arena_alloc(a, room);
    return sodium_bin2base64(text, room, bytes, size, VARIANT);
}

bool cursor_read(struct str text, struct str scope, int64_t *ret_values, size_t n)
{
    uint8_t bytes[CURSOR_BYTES_MAX], expected[TAG_BYTES];
    size_t size;
    const char *end;

    check(n > 0 && n <= CURSOR_VALUES_MAX);
    if (sodium_base642bin(bytes, sizeof bytes, text.p, text.n, NULL, &size, &end, VARIANT) != 0 ||
        end != text.p + text.n || size != n * 8 + TAG_BYTES)
        return false;
    tag(scope, bytes, n * 8, expected);
    if (sodium_memcmp(expected, bytes + n * 8, TAG_BYTES) != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t v = 0;
        for (int b = 7; b >= 0; b--)
            v = v << 8 | bytes[i * 8 + b];
        ret_values[i] = (int64_t)v;
    }
    return true;
}
