/* Pictures of signed papers. */
#include <sodium.h>
#include "../../base/check.h"
#include "../../base/id.h"
#include "consent_sql.h"

#define WRITTEN(number) WRITTEN_AS(number) /* the macro's value, not its name */
#define WRITTEN_AS(number) #number

static enum err write_trace(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            const struct audit_actor *by, const char *action, int64_t act_id,
                            struct str hash)
{
    cleanup(audit_detail_free) struct audit_detail d = {0};
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    check(hash.n == crypto_hash_sha256_BYTES);
    sodium_bin2hex(hex, sizeof hex, (const unsigned char *)hash.p, hash.n);
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "act", str_c(arena_printf(db_arena(tx), "%lld", (long long)act_id)));
    audit_detail_value(&d, "sha256", str_c(hex));
    return audit_write(tx, merchant_id, by, action, "customer", customer_id, audit_detail_end(&d));
}

/* Recorded by somebody, so that there can be a paper. */
static enum err check_act(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                          int64_t act_id, struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e =
        db_query(tx, &consent_one, &rows, db_i(merchant_id), db_i(customer_id), db_i(act_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    for (const char *const *how = consent_hows; *how; how++)
        if (str_eq(db_text(rows, 4), str_c(*how)))
            return OK;
    return problem_set(p, NULL, ERR_CONFLICT, "consent_evidence_nobody", NULL, NULL);
}

static enum err check_room(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                           int64_t act_id, struct str hash, struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &consent_evidence_room, &rows, db_i(act_id), db_b(hash),
                          db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return db_error(rows);
    if (db_int(rows, 2) > 0)
        return problem_set(p, NULL, ERR_CONFLICT, "consent_evidence_same", NULL, NULL);
    if (db_int(rows, 1) >= CONSENT_EVIDENCE_MAX)
        return problem_set(p, NULL, ERR_CONFLICT, "consent_evidence_many", NULL, "limit",
                           WRITTEN(CONSENT_EVIDENCE_MAX), NULL);
    if (db_int(rows, 0) >= CONSENT_EVIDENCE_ALL_MAX)
        return problem_set(p, NULL, ERR_CONFLICT, "consent_evidence_full", NULL, "limit",
                           WRITTEN(CONSENT_EVIDENCE_ALL_MAX), NULL);
    return OK;
}

enum err consent_evidence_add(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              int64_t act_id, struct str jpeg, int64_t now_us,
                              const struct audit_actor *by, struct problem *p)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    struct str hash = {(const char *)sum, sizeof sum};
    crypto_hash_sha256(sum, (const unsigned char *)jpeg.p, jpeg.n);
    enum err e = check_act(tx, merchant_id, customer_id, act_id, p);
    if (e == OK)
        e = check_room(tx, merchant_id, customer_id, act_id, hash, p);
    if (e == OK)
        e = db_exec(tx, &consent_evidence_insert, NULL, db_i(merchant_id), db_i(customer_id),
                    db_i(id_new()), db_i(act_id), db_b(hash), db_b(jpeg), db_i(now_us),
                    db_i_or_null(by->staff_id, 0));
    return e == OK ? write_trace(tx, merchant_id, customer_id, by, "consent.evidence", act_id, hash)
                   : e;
}

enum err consent_evidence_remove(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                 int64_t id, const struct audit_actor *by)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &consent_evidence_delete, &rows, db_i(merchant_id), db_i(customer_id),
                          db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    return write_trace(tx, merchant_id, customer_id, by, "consent.evidence_remove", db_int(rows, 0),
                       db_blob(rows, 1));
}

enum err consent_evidence_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              int64_t id, struct arena *a, struct str *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e =
        db_query(tx, &consent_evidence_one, &rows, db_i(merchant_id), db_i(customer_id), db_i(id));
    if (e != OK)
        return e;
    bool found = db_next(rows);
    if (found)
        *ret = arena_str(a, db_blob(rows, 0));
    e = db_error(rows);
    return e == OK && !found ? ERR_NOT_FOUND : e;
}
