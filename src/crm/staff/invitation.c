#include "../../base/check.h"
#include "../../base/day.h"
#include "staff_sql.h"
#include "token.h"

static struct str hash_str(const unsigned char *hash)
{
    return (struct str){(const char *)hash, TOKEN_HASH_BYTES};
}

enum err invitation_make(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                         const struct audit_actor *by, char ret_token[static INVITATION_TOKEN_MAX],
                         int64_t *ret_expires_us)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    int64_t now = now_us(), expires = now + INVITATION_LIFE_US, changed;
    token_make(merchant_id, ret_token, hash);
    enum err e = db_exec(tx, &staff_invite, &changed, db_b(hash_str(hash)), db_i(expires),
                         db_i(now), db_i(merchant_id), db_i(staff_id));
    if (e == OK && changed == 0)
        return ERR_NOT_FOUND;
    if (e == OK)
        e = audit_write(tx, merchant_id, by, "staff.invite", "staff", staff_id, NULL);
    if (e == OK)
        *ret_expires_us = expires;
    return e;
}

enum err invitation_find(struct db_tx *tx, struct str token, struct arena *a,
                         int64_t *ret_merchant_id, struct staff *ret)
{
    struct token t;
    int64_t id;
    if (!token_read(token, &t))
        return ERR_NOT_FOUND;
    enum err e = db_query_int(tx, &staff_invited, &id, db_i(t.merchant_id), db_b(hash_str(t.hash)),
                              db_i(now_us()));
    if (e != OK)
        return e;
    *ret_merchant_id = t.merchant_id;
    return staff_get(tx, t.merchant_id, id, a, ret);
}

const char *invitation_url(struct arena *a, const char *origin, const char *token)
{
    return arena_printf(a, "%s/welcome?token=%s", origin, token);
}
