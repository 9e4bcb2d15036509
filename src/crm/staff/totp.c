#include "totp.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "guard.h"
#include "token.h"
#include "totp_sql.h"

/* ---- RFC 4226 and 6238 ---- */

uint32_t totp_hotp(struct str key, uint64_t counter, int digits)
{
    unsigned char text[8], mac[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    uint32_t modulus = 1;
    for (int i = 0; i < 8; i++)
        text[i] = (unsigned char)(counter >> (56 - 8 * i));
    check(HMAC(EVP_sha1(), key.p, (int)key.n, text, sizeof text, mac, &n) != NULL && n == 20);
    unsigned char *at = mac + (mac[19] & 0xf);
    uint32_t cut =
        (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    for (int i = 0; i < digits; i++)
        modulus *= 10;
    return cut % modulus;
}

int64_t totp_match(struct str key, struct str code, int64_t now_us, int64_t after)
{
    int64_t now = now_us / TOTP_STEP_US, found = -1;
    char wanted[16];
    if (code.n != TOTP_DIGITS)
        return -1;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        snprintf(wanted, sizeof wanted, "%0*" PRIu32, TOTP_DIGITS,
                 totp_hotp(key, (uint64_t)step, TOTP_DIGITS));
        if (sodium_memcmp(wanted, code.p, TOTP_DIGITS) == 0 && step > after && found < 0)
            found = step;
    }
    return found;
}

const char *totp_base32(struct arena *a, struct str bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *text = arena_alloc(a, bytes.n * 8 / 5 + 2);
    size_t n = 0;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        bits = bits << 8 | (unsigned char)bytes.p[i];
        for (have += 8; have >= 5; have -= 5)
            text[n++] = alphabet[bits >> (have - 5) & 31];
    }
    if (have > 0)
        text[n++] = alphabet[bits << (5 - have) & 31];
    text[n] = 0;
    return text;
}

/* RFC 3986: everything but the unreserved. */
static void add_encoded(struct buf *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._~", *c);
        if (plain)
            buf_addc(out, (char)*c);
        else
            buf_printf(out, "%%%02X", *c);
    }
}

const char *totp_uri(struct arena *a, const char *shop, const char *email, struct str secret)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_adds(&b, "otpauth://totp/");
    add_encoded(&b, shop);
    buf_addc(&b, ':');
    add_encoded(&b, email);
    buf_printf(&b, "?secret=%s&issuer=", totp_base32(a, secret));
    add_encoded(&b, shop);
    check(!b.failed);
    const char *uri = arena_cstr(a, buf_str(&b));
    buf_free(&b);
    return uri;
}

/* ---- using a code ---- */

/* What was typed without blanks and hyphens, in small letters; "" when it is too long. */
static struct str bare(struct arena *a, struct str typed)
{
    char *text = arena_alloc(a, TOTP_CODE_MAX + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        if (c == ' ' || c == '-')
            continue;
        if (n == TOTP_CODE_MAX)
            return STR("");
        text[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct str){text, n};
}

static enum err use_step(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, struct str code,
                         bool *ret_right)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t step = -1, changed = 0;
    enum err e = db_query(tx, &totp_secret, &rows, db_i(merchant_id), db_i(staff_id));
    if (e != OK)
        return e;
    if (db_next(rows) && !db_is_null(rows, 1))
        step = totp_match(db_blob(rows, 0), code, now_us(), db_int(rows, 2));
    e = db_error(rows);
    db_done(&rows);
    if (e == OK && step >= 0)
        e = db_exec(tx, &totp_step_used, &changed, db_i(step), db_i(merchant_id), db_i(staff_id));
    *ret_right = changed == 1;
    return e;
}

static void hash_code(struct str bare_code, unsigned char *ret)
{
    crypto_hash_sha256(ret, (const unsigned char *)bare_code.p, bare_code.n);
}

static enum err use_recovery(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                             struct str code, bool *ret_right)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    int64_t changed;
    hash_code(code, hash);
    enum err e = db_exec(tx, &recovery_used, &changed, db_i(now_us()), db_i(merchant_id),
                         db_i(staff_id), db_b((struct str){(const char *)hash, sizeof hash}));
    *ret_right = e == OK && changed == 1;
    return e;
}

enum err totp_use(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, struct str code,
                  bool *ret_right)
{
    struct str typed = bare(db_arena(tx), code);
    *ret_right = false;
    if (typed.n == TOTP_DIGITS)
        return use_step(tx, merchant_id, staff_id, typed, ret_right);
    if (typed.n == RECOVERY_CODE_BYTES * 8 / 5)
        return use_recovery(tx, merchant_id, staff_id, typed, ret_right);
    return OK;
}

enum err totp_codes_left(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, int64_t *ret)
{
    return db_query_int(tx, &recovery_left, ret, db_i(merchant_id), db_i(staff_id));
}

enum err totp_clear(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                    const struct audit_actor *by, const char *action, struct problem *p)
{
    int64_t changed;
    enum err e =
        db_exec(tx, &totp_gone, &changed, db_i(now_us()), db_i(merchant_id), db_i(staff_id));
    if (e == OK && changed == 0)
        return problem_set(p, NULL, ERR_CONFLICT, "totp_off", NULL, NULL);
    if (e == OK)
        e = db_exec(tx, &recovery_clear, NULL, db_i(merchant_id), db_i(staff_id));
    return e == OK ? audit_write(tx, merchant_id, by, action, "staff", staff_id, NULL) : e;
}

/* ---- new recovery codes ---- */

enum err totp_new_codes(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                        char ret[RECOVERY_CODES][RECOVERY_CODE_TEXT])
{
    enum err e = db_exec(tx, &recovery_clear, NULL, db_i(merchant_id), db_i(staff_id));
    for (int i = 0; i < RECOVERY_CODES && e == OK; i++) {
        char secret[RECOVERY_CODE_BYTES];
        unsigned char hash[TOKEN_HASH_BYTES];
        randombytes_buf(secret, sizeof secret);
        struct str code = bare(
            db_arena(tx), str_c(totp_base32(db_arena(tx), (struct str){secret, sizeof secret})));
        hash_code(code, hash);
        snprintf(ret[i], RECOVERY_CODE_TEXT, "%.4s-%.4s-%.4s-%.4s", code.p, code.p + 4, code.p + 8,
                 code.p + 12);
        e = db_exec(tx, &recovery_add, NULL, db_i(merchant_id), db_i(staff_id),
                    db_b((struct str){(const char *)hash, sizeof hash}));
    }
    return e;
}

/* ---- guessing ---- */

static struct str guard_key(char *out, size_t size, int64_t merchant_id, int64_t staff_id)
{
    int n = snprintf(out, size, "code %" PRId64 " %" PRId64, merchant_id, staff_id);
    return (struct str){out, (size_t)n};
}

int totp_guard_enter(const struct app *app, const char *address, int64_t merchant_id,
                     int64_t staff_id)
{
    char key[64];
    return guard_enter(app->guard, address, guard_key(key, sizeof key, merchant_id, staff_id),
                       now_us());
}

void totp_guard_passed(const struct app *app, const char *address, int64_t merchant_id,
                       int64_t staff_id)
{
    char key[64];
    guard_passed(app->guard, address, guard_key(key, sizeof key, merchant_id, staff_id));
}
