#include "erased.h"
#include <sodium.h>
#include <stdlib.h>
#include "../../base/check.h"
#include "../batch.h"

static const struct db_statement key_read = {
    "erased_key_read", "SELECT secret FROM erased_key WHERE merchant_id = $1", "i", "b"};
static const struct db_statement key_add = {"erased_key_add",
                                            "INSERT INTO erased_key (merchant_id, secret) VALUES "
                                            "($1, $2) ON CONFLICT (merchant_id) DO NOTHING",
                                            "ib", ""};
static const struct db_statement contact_add = {
    "erased_contact_add",
    "INSERT INTO erased_contact (merchant_id, hash) VALUES ($1, $2)"
    " ON CONFLICT (merchant_id, hash) DO NOTHING",
    "ib", ""};
static const struct db_statement contact_find = {
    "erased_contact_find",
    "SELECT hash FROM erased_contact WHERE merchant_id = $1 AND hash IN " BATCH_IN, BATCH_TYPES_B,
    "b"};
static const struct db_statement customer_read = {
    "erased_customer_read",
    "SELECT number, at_us FROM erasure WHERE merchant_id = $1 AND customer_id = $2", "ii", "ii"};

const struct db_statement *const erased_statements[] = {&key_read,     &key_add,       &contact_add,
                                                        &contact_find, &customer_read, NULL};

struct key {
    unsigned char bytes[crypto_auth_KEYBYTES];
};
struct hash {
    unsigned char bytes[crypto_auth_BYTES];
};

/* ERR_NOT_FOUND: the merchant never erased anybody. */
static enum err read_key(struct db_tx *tx, int64_t merchant_id, struct key *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &key_read, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    struct str secret = db_blob(rows, 0);
    check(secret.n == sizeof ret->bytes);
    memcpy(ret->bytes, secret.p, secret.n);
    return OK;
}

static enum err make_key(struct db_tx *tx, int64_t merchant_id, struct key *ret)
{
    enum err e = read_key(tx, merchant_id, ret);
    if (e != ERR_NOT_FOUND)
        return e;
    crypto_auth_keygen(ret->bytes);
    e = db_exec(tx, &key_add, NULL, db_i(merchant_id),
                db_b((struct str){(const char *)ret->bytes, sizeof ret->bytes}));
    return e == OK ? read_key(tx, merchant_id, ret) : e;
}

static struct hash hash_of(struct arena *a, const struct key *key, const struct erased_contact *c)
{
    struct hash h;
    size_t n = c->match_key.n + 1;
    char *text = arena_alloc(a, n);
    text[0] = c->email ? 'e' : 'p';
    memcpy(text + 1, c->match_key.p, c->match_key.n);
    crypto_auth(h.bytes, (const unsigned char *)text, n, key->bytes);
    return h;
}

static struct str bytes_of(const struct hash *h)
{
    return (struct str){(const char *)h->bytes, sizeof h->bytes};
}

enum err erased_add(struct db_tx *tx, int64_t merchant_id, const struct erased_contact *contacts,
                    size_t n)
{
    struct key key;
    enum err e = n ? make_key(tx, merchant_id, &key) : OK;
    for (size_t i = 0; e == OK && i < n; i++) {
        struct hash h = hash_of(db_arena(tx), &key, &contacts[i]);
        e = db_exec(tx, &contact_add, NULL, db_i(merchant_id), db_b(bytes_of(&h)));
    }
    return e;
}

static int compare_hashes(const void *x, const void *y)
{
    return memcmp(x, y, sizeof(struct hash));
}

static enum err read_known(struct db_tx *tx, int64_t merchant_id, const struct hash *hashes,
                           size_t n, struct hash *ret, size_t *ret_n)
{
    struct db_value keys[BATCH_KEYS];
    for (size_t i = 0; i < n; i++)
        keys[i] = db_b(bytes_of(&hashes[i]));
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = batch_query(tx, &contact_find, &rows, merchant_id, keys, n);
    if (e != OK)
        return e;
    while (db_next(rows)) {
        check(db_blob(rows, 0).n == sizeof(struct hash));
        memcpy(ret[(*ret_n)++].bytes, db_blob(rows, 0).p, sizeof(struct hash));
    }
    return db_error(rows);
}

enum err erased_find(struct db_tx *tx, int64_t merchant_id, const struct erased_contact *contacts,
                     size_t n, bool *ret)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct key key;
    size_t nknown = 0;

    memset(ret, 0, n * sizeof *ret);
    enum err e = n ? read_key(tx, merchant_id, &key) : ERR_NOT_FOUND;
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    struct hash *hashes = arena_array(a, struct hash, n), *known = arena_array(a, struct hash, n);
    for (size_t i = 0; i < n; i++)
        hashes[i] = hash_of(a, &key, &contacts[i]);
    for (size_t i = 0; e == OK && i < n; i += BATCH_KEYS)
        e = read_known(tx, merchant_id, hashes + i, batch_size(n, i), known, &nknown);
    if (e != OK || nknown == 0)
        return e;
    qsort(known, nknown, sizeof *known, compare_hashes);
    for (size_t i = 0; i < n; i++)
        ret[i] = bsearch(&hashes[i], known, nknown, sizeof *known, compare_hashes) != NULL;
    return OK;
}

enum err erased_customer(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                         struct erased_customer *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &customer_read, &rows, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    *ret = (struct erased_customer){db_int(rows, 0), db_int(rows, 1)};
    return OK;
}
