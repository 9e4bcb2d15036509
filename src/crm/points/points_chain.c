/* What is hashed of an entry: everything but whose it is now (a merge moves it) and the texts, of
 * which a salted hash stands for them (an erasure empties them). */
#include <sodium.h>
#include "points_ledger.h"

_Static_assert(POINTS_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

static void add_int(crypto_hash_sha256_state *h, int64_t v)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
    crypto_hash_sha256_update(h, bytes, sizeof bytes);
}

static void add_text(crypto_hash_sha256_state *h, struct str s)
{
    add_int(h, (int64_t)s.n);
    crypto_hash_sha256_update(h, (const uint8_t *)s.p, s.n);
}

void points_text_hash(const uint8_t salt[static POINTS_SALT_BYTES], struct str reason,
                      struct str message, uint8_t ret[static POINTS_HASH_BYTES])
{
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, salt, POINTS_SALT_BYTES);
    add_text(&h, reason);
    add_text(&h, message);
    crypto_hash_sha256_final(&h, ret);
}

void points_entry_hash(const uint8_t before[static POINTS_HASH_BYTES], int64_t merchant_id,
                       const struct points_entry *e, struct str idempotency,
                       const uint8_t text_hash[static POINTS_HASH_BYTES],
                       uint8_t ret[static POINTS_HASH_BYTES])
{
    const int64_t numbers[] = {merchant_id,   e->account_id, e->place,          e->id,
                               e->posting_id, e->amount,     e->balance,        e->total,
                               e->store_id,   e->staff_id,   e->transaction_id, e->cites_id,
                               e->day,        e->at_us,      e->expires_day,    e->usable_day};
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, before, POINTS_HASH_BYTES);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        add_int(&h, numbers[i]);
    add_text(&h, str_c(points_kinds[e->kind]));
    add_text(&h, idempotency);
    crypto_hash_sha256_update(&h, text_hash, POINTS_HASH_BYTES);
    crypto_hash_sha256_final(&h, ret);
}

void points_link_hash(const uint8_t before[static POINTS_HASH_BYTES], const int64_t *numbers,
                      size_t n, const uint8_t end[static POINTS_HASH_BYTES],
                      uint8_t ret[static POINTS_HASH_BYTES])
{
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, before, POINTS_HASH_BYTES);
    for (size_t i = 0; i < n; i++)
        add_int(&h, numbers[i]);
    crypto_hash_sha256_update(&h, end, POINTS_HASH_BYTES);
    crypto_hash_sha256_final(&h, ret);
}

void points_hash_hex(const uint8_t hash[static POINTS_HASH_BYTES],
                     char ret[static 2 * POINTS_HASH_BYTES + 1])
{
    sodium_bin2hex(ret, 2 * POINTS_HASH_BYTES + 1, hash, POINTS_HASH_BYTES);
}
