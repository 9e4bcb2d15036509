#include "../../base/check.h"
#include "../../base/day.h"
#include "../activity/activity.h"
#include "../change/change.h"
#include "fidelity_sql.h"
#include <sodium.h>

#define FIRST_REISSUED 5000000000LL /* serials below are customers' numbers */

enum err fidelity_prepare(struct db_tx *tx, int64_t merchant_id)
{
    char secret[FIDELITY_SECRET_BYTES];
    randombytes_buf(secret, sizeof secret);
    return db_exec(tx, &fidelity_secret_add, NULL, db_i(merchant_id),
                   db_b((struct str){secret, sizeof secret}));
}

/* ERR_NOT_FOUND: nothing is prepared. */
static enum err read_secret(struct db_tx *tx, int64_t merchant_id,
                            uint8_t ret[static FIDELITY_SECRET_BYTES])
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &fidelity_secret, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    struct str secret = db_blob(rows, 0);
    check(secret.n == FIDELITY_SECRET_BYTES);
    memcpy(ret, secret.p, secret.n);
    return OK;
}

static enum err read_rows(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                          struct arena *a, struct fidelity_card *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    uint8_t secret[FIDELITY_SECRET_BYTES];
    *ret_n = 0;
    enum err e = read_secret(tx, merchant_id, secret);
    if (e == OK)
        e = db_query(tx, &fidelity_rows, &rows, db_i(merchant_id), db_i(customer_id),
                     db_i(FIDELITY_REISSUES_MAX));
    while (e == OK && *ret_n < FIDELITY_REISSUES_MAX && db_next(rows))
        ret[(*ret_n)++] = (struct fidelity_card){.serial = db_int(rows, 0),
                                                 .number = fidelity_number(secret, db_int(rows, 0)),
                                                 .issued_us = db_int(rows, 1),
                                                 .lost_us = db_int(rows, 2),
                                                 .reason = db_text_in(rows, 3, a),
                                                 .customer_id = customer_id};
    return e == OK ? db_error(rows) : e;
}

/* The first card while it is not taken out, then the one that was given last. */
enum err fidelity_of(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                     struct fidelity_card *ret)
{
    struct fidelity_card *all =
        arena_array(db_arena(tx), struct fidelity_card, FIDELITY_REISSUES_MAX);
    uint8_t secret[FIDELITY_SECRET_BYTES];
    int64_t number;
    size_t n;
    bool first = true;
    enum err e =
        db_query_int(tx, &fidelity_customer, &number, db_i(merchant_id), db_i(customer_id));
    if (e == OK)
        e = read_secret(tx, merchant_id, secret);
    if (e == OK)
        e = read_rows(tx, merchant_id, customer_id, db_arena(tx), all, &n);
    if (e != OK)
        return e;
    *ret = (struct fidelity_card){.serial = number,
                                  .number = fidelity_number(secret, number),
                                  .reason = STR(""),
                                  .customer_id = customer_id};
    for (size_t i = 0; i < n; i++)
        first = first && all[i].serial != number;
    for (size_t i = n; !first && i-- > 0;)
        if (!all[i].lost_us)
            *ret = all[i];
    return OK;
}

enum err fidelity_former(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                         struct arena *a, struct fidelity_card *ret, size_t *ret_n)
{
    size_t n, kept = 0;
    enum err e = read_rows(tx, merchant_id, customer_id, a, ret, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        if (ret[i].lost_us)
            ret[kept++] = ret[i];
    *ret_n = kept;
    return e;
}

/* ---- finding ---- */

static enum err refuse_lost(int64_t lost_us, struct arena *a, struct problem *p)
{
    char *text = arena_alloc(a, INSTANT_TEXT_MAX);
    instant_format(lost_us, text);
    text[10] = '\0'; /* the day */
    return problem_set(p, a, ERR_CONFLICT, "card_lost", "number", "day", text, NULL);
}

static enum err find_row(struct db_tx *tx, int64_t merchant_id, int64_t serial, int64_t *ret_id,
                         int64_t *ret_lost_us)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &fidelity_by_serial, &rows, db_i(merchant_id), db_i(serial));
    *ret_id = *ret_lost_us = 0;
    if (e == OK && db_next(rows)) {
        *ret_id = db_int(rows, 0);
        *ret_lost_us = db_int(rows, 1);
    }
    return e == OK ? db_error(rows) : e;
}

enum err fidelity_find(struct db_tx *tx, int64_t merchant_id, int64_t number, struct arena *a,
                       int64_t *ret_customer_id, struct problem *p)
{
    uint8_t secret[FIDELITY_SECRET_BYTES];
    int64_t serial, lost_us = 0;
    enum err e = read_secret(tx, merchant_id, secret);
    if (e == OK && !fidelity_serial(secret, number, &serial))
        return problem_set(p, a, ERR_NOT_FOUND, "card_mistyped", "number", NULL);
    if (e == OK)
        e = find_row(tx, merchant_id, serial, ret_customer_id, &lost_us);
    if (e == OK && lost_us)
        return refuse_lost(lost_us, a, p);
    if (e == OK && *ret_customer_id == 0)
        e = serial < FIRST_REISSUED ? db_query_int(tx, &fidelity_by_number, ret_customer_id,
                                                   db_i(merchant_id), db_i(serial))
                                    : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND)
        return problem_set(p, a, ERR_NOT_FOUND, "card_unknown", "number", NULL);
    return e;
}

/* ---- another card ---- */

static enum err take_out(struct db_tx *tx, int64_t merchant_id, const struct fidelity_card *card,
                         int64_t now, struct str reason, int64_t staff_id)
{
    if (card->issued_us)
        return db_exec(tx, &fidelity_lose, NULL, db_i(now), db_t(reason), db_i(merchant_id),
                       db_i(card->serial));
    return db_exec(tx, &fidelity_add, NULL, db_i(merchant_id), db_i(card->serial),
                   db_i(card->customer_id), db_null(), db_i(now), db_t(reason),
                   db_i_or_null(staff_id, 0));
}

static enum err tell(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int32_t today,
                     int64_t now, struct str reason, const struct audit_actor *by)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, db_arena(tx));
    if (reason.n)
        audit_detail_value(&d, "reason", reason);
    const char *detail = audit_detail_end(&d);
    const struct activity_event event = {.customer_id = customer_id,
                                         .kind = "card",
                                         .at_us = now,
                                         .day = today,
                                         .staff_id = by->staff_id,
                                         .amount_minor = INT64_MIN,
                                         .detail = detail};
    enum err e = activity_add(tx, merchant_id, "staff", now, &event, 1);
    if (e == OK)
        e = audit_write(tx, merchant_id, by, "customer.card", "customer", customer_id, detail);
    return e == OK ? change_note(tx, merchant_id, "customer", &customer_id, 1) : e;
}

enum err fidelity_reissue(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int32_t today,
                          struct str reason, const struct audit_actor *by, struct arena *a,
                          struct problem *p)
{
    struct fidelity_card *former =
        arena_array(db_arena(tx), struct fidelity_card, FIDELITY_REISSUES_MAX);
    struct fidelity_card now;
    int64_t at = now_us(), next;
    size_t n;
    enum err e = fidelity_prepare(tx, merchant_id);
    if (e == OK)
        e = fidelity_of(tx, merchant_id, customer_id, &now);
    if (e == OK)
        e = fidelity_former(tx, merchant_id, customer_id, db_arena(tx), former, &n);
    if (e == OK && n >= FIDELITY_REISSUES_MAX - 1)
        return problem_set(p, a, ERR_CONFLICT, "card_too_many", NULL, NULL);
    if (e == OK)
        e = take_out(tx, merchant_id, &now, at, reason, by->staff_id);
    if (e == OK)
        e = db_query_int(tx, &fidelity_next, &next, db_i(merchant_id));
    if (e == OK)
        e = db_exec(tx, &fidelity_add, NULL, db_i(merchant_id), db_i(FIRST_REISSUED + next),
                    db_i(customer_id), db_i(at), db_null(), db_t(STR("")),
                    db_i_or_null(by->staff_id, 0));
    return e == OK ? tell(tx, merchant_id, customer_id, today, at, reason, by) : e;
}
