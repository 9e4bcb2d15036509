#include "token.h"

#include <inttypes.h>
#include <sodium.h>
#include "../../base/check.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define SECRET_TEXT_MAX 64

static void hash_secret(const unsigned char *secret, unsigned char *ret)
{
    _Static_assert(TOKEN_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
    crypto_hash_sha256(ret, secret, TOKEN_SECRET_BYTES);
}

void token_make(int64_t merchant_id, char ret_text[static INVITATION_TOKEN_MAX],
                unsigned char ret_hash[static TOKEN_HASH_BYTES])
{
    unsigned char secret[TOKEN_SECRET_BYTES];
    char text[SECRET_TEXT_MAX];
    randombytes_buf(secret, sizeof secret);
    hash_secret(secret, ret_hash);
    sodium_bin2base64(text, sizeof text, secret, sizeof secret, VARIANT);
    snprintf(ret_text, INVITATION_TOKEN_MAX, "%" PRId64 ".%s", merchant_id, text);
    sodium_memzero(secret, sizeof secret);
}

bool token_read(struct str text, struct token *ret)
{
    const char *dot = memchr(text.p, '.', text.n);
    unsigned char secret[TOKEN_SECRET_BYTES];
    size_t n;
    const char *end;
    if (!dot)
        return false;
    struct str id = {text.p, (size_t)(dot - text.p)};
    size_t left = text.n - id.n - 1;
    if (!str_int64(id, &ret->merchant_id) || ret->merchant_id <= 0 ||
        sodium_base642bin(secret, sizeof secret, dot + 1, left, NULL, &n, &end, VARIANT) != 0 ||
        n != sizeof secret || end != text.p + text.n)
        return false;
    hash_secret(secret, ret->hash);
    return true;
}

const char *token_random(struct arena *a, size_t bytes)
{
    unsigned char secret[64];
    check(bytes <= sizeof secret);
    size_t room = sodium_base64_ENCODED_LEN(bytes, VARIANT);
    char *text = arena_alloc(a, room);
    randombytes_buf(secret, bytes);
    return sodium_bin2base64(text, room, secret, bytes, VARIANT);
}
