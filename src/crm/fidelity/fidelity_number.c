/* Serials, numbers, check digits, bars. */
#include "../../base/check.h"
#include "fidelity.h"
#include <sodium.h>
#include <zint.h>

enum { HALF = 100000, ROUNDS = 8, MODULES = 95 };
#define TEN_DIGITS 10000000000LL
_Static_assert(FIDELITY_SECRET_BYTES == crypto_shorthash_KEYBYTES, "the key of SipHash");

static int64_t scramble(const uint8_t *secret, int round, int64_t half)
{
    uint8_t in[9] = {(uint8_t)round}, out[crypto_shorthash_BYTES];
    uint64_t sum = 0;
    for (int i = 0; i < 8; i++)
        in[1 + i] = (uint8_t)((uint64_t)half >> 8 * i);
    crypto_shorthash(out, in, sizeof in, secret);
    for (int i = 0; i < 8; i++)
        sum |= (uint64_t)out[i] << 8 * i;
    return (int64_t)(sum % HALF);
}

int fidelity_check_digit(int64_t twelve_digits)
{
    int64_t sum = 0;
    for (int place = 0; place < FIDELITY_DIGITS - 1; place++, twelve_digits /= 10)
        sum += twelve_digits % 10 * (place % 2 ? 1 : 3);
    return (int)((10 - sum % 10) % 10);
}

int64_t fidelity_number(const uint8_t secret[static FIDELITY_SECRET_BYTES], int64_t serial)
{
    check(serial >= 0 && serial < TEN_DIGITS);
    int64_t left = serial / HALF, right = serial % HALF;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t next = (left + scramble(secret, round, right)) % HALF;
        left = right;
        right = next;
    }
    int64_t twelve = FIDELITY_PREFIX * TEN_DIGITS + left * HALF + right;
    return twelve * 10 + fidelity_check_digit(twelve);
}

bool fidelity_serial(const uint8_t secret[static FIDELITY_SECRET_BYTES], int64_t number,
                     int64_t *ret_serial)
{
    int64_t twelve = number / 10, disguised = twelve % TEN_DIGITS;
    if (number < 0 || twelve / TEN_DIGITS != FIDELITY_PREFIX ||
        number % 10 != fidelity_check_digit(twelve))
        return false;
    int64_t left = disguised / HALF, right = disguised % HALF;
    for (int round = ROUNDS; round-- > 0;) {
        int64_t before = (right - scramble(secret, round, left) + HALF) % HALF;
        right = left;
        left = before;
    }
    *ret_serial = left * HALF + right;
    return true;
}

static bool dark(const struct zint_symbol *s, int x)
{
    return s->encoded_data[0][x >> 3] >> (x & 7) & 1;
}

enum err fidelity_bars_json(struct json *j, int64_t number)
{
    char digits[24], path[MODULES * 16];
    size_t at = 0;
    struct zint_symbol *s = ZBarcode_Create();
    int n = snprintf(digits, sizeof digits, "%012lld", (long long)(number / 10));
    if (!s)
        return ERR_INTERNAL;
    s->symbology = BARCODE_EANX;
    if (ZBarcode_Encode(s, (unsigned char *)digits, n) >= ZINT_ERROR || s->width != MODULES) {
        ZBarcode_Delete(s);
        return ERR_INTERNAL;
    }
    for (int x = 0, run; x < MODULES; x += run) {
        for (run = 1; x + run < MODULES && dark(s, x + run) == dark(s, x); run++)
            ;
        if (dark(s, x))
            at += (size_t)snprintf(path + at, sizeof path - at, "M%d 0h%dv1h-%dz", x, run, run);
        check(at < sizeof path);
    }
    ZBarcode_Delete(s);
    json_open(j);
    json_kv_int(j, "size", MODULES);
    json_kv_text(j, "path", (struct str){path, at});
    json_close(j);
    return OK;
}
