#include "points_ledger.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include <sodium.h>

void points_draws_add(struct arena *a, struct points_draws *d, struct points_draw one)
{
    if (d->n == d->cap) {
        d->cap = d->cap ? d->cap * 2 : 16;
        struct points_draw *more = arena_array(a, struct points_draw, d->cap);
        if (d->n)
            memcpy(more, d->list, d->n * sizeof *more);
        d->list = more;
    }
    d->list[d->n++] = one;
    d->sum += one.amount;
}

static void add_account(struct points_ledger *l, struct points_account one)
{
    struct points_account *more = arena_array(l->arena, struct points_account, l->n + 1);
    if (l->n)
        memcpy(more, l->accounts, l->n * sizeof *more);
    more[l->n++] = one;
    l->accounts = more;
}

enum err points_ledger_open(struct points_ledger *ret, struct db_tx *tx, int64_t merchant_id,
                            int64_t customer_id, struct arena *a)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct points_ledger *l = ret;
    *l = (struct points_ledger){
        .tx = tx, .merchant_id = merchant_id, .customer_id = customer_id, .arena = a};
    enum err e = db_query(tx, &points_accounts, &rows, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        struct points_account one = {
            .id = db_int(rows, 0), .balance = db_int(rows, 1), .entries = db_int(rows, 2)};
        struct str hash = db_blob(rows, 3);
        check(hash.n == POINTS_HASH_BYTES);
        memcpy(one.hash, hash.p, POINTS_HASH_BYTES);
        add_account(l, one);
        l->total += one.balance;
    }
    return db_error(rows);
}

static struct points_account *account_of(struct points_ledger *l, int64_t id)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->accounts[i].id == id)
            return &l->accounts[i];
    return NULL;
}

/* The customer's own, opened when it has none. */
static enum err own_account(struct points_ledger *l, struct points_account **ret)
{
    struct points_account fresh = {.id = l->customer_id};
    *ret = account_of(l, l->customer_id);
    if (*ret)
        return OK;
    /* Where another transaction opens it at this moment, PostgreSQL runs this one again. */
    add_account(l, fresh);
    *ret = &l->accounts[l->n - 1];
    return db_exec(l->tx, &points_account_open, NULL, db_i(l->merchant_id), db_i(l->customer_id),
                   db_b((struct str){(const char *)fresh.hash, sizeof fresh.hash}));
}

static struct str bytes_of(struct arena *a, const uint8_t *bytes, size_t n)
{
    return arena_str(a, (struct str){(const char *)bytes, n});
}

static struct db_value text(struct str s) /* never NULL */
{
    return db_t(s.n ? s : STR(""));
}

static enum err insert(struct points_ledger *l, const struct points_entry *e,
                       const char *idempotency, const uint8_t *salt, const uint8_t *text_hash,
                       const uint8_t *hash)
{
    struct arena *a = l->arena;
    int64_t added;
    enum err err =
        db_exec(l->tx, &points_entry_add, &added, db_i(l->merchant_id), db_i(e->id),
                db_i(e->posting_id), db_i(e->account_id), db_i(e->place), db_i(e->customer_id),
                db_i(e->amount), db_i(e->balance), db_i(e->total), db_tc(points_kinds[e->kind]),
                text(e->reason), text(e->message), db_b(bytes_of(a, salt, POINTS_SALT_BYTES)),
                db_b(bytes_of(a, text_hash, POINTS_HASH_BYTES)), db_i_or_null(e->store_id, 0),
                db_i_or_null(e->staff_id, 0), db_i_or_null(e->transaction_id, 0),
                db_i_or_null(e->cites_id, 0), db_i(e->day), db_i(e->at_us),
                db_i_or_null(e->expires_day, DAY_NONE), db_i_or_null(e->usable_day, DAY_NONE),
                db_tc(idempotency), db_b(bytes_of(a, hash, POINTS_HASH_BYTES)));
    return err == OK && added != 1 ? ERR_CONFLICT : err;
}

/* Adds the entry to the end of its account's chain. `e` has everything but place and balance. */
static enum err append(struct points_ledger *l, struct points_account *account,
                       struct points_entry *e, const char *idempotency)
{
    uint8_t salt[POINTS_SALT_BYTES], text_hash[POINTS_HASH_BYTES], hash[POINTS_HASH_BYTES];
    int64_t moved;
    e->account_id = account->id;
    e->customer_id = l->customer_id;
    e->place = account->entries + 1;
    e->balance = account->balance + e->amount;
    check(e->balance >= 0);
    randombytes_buf(salt, sizeof salt);
    points_text_hash(salt, e->reason, e->message, text_hash);
    points_entry_hash(account->hash, l->merchant_id, e, str_c(idempotency), text_hash, hash);
    enum err err = insert(l, e, idempotency, salt, text_hash, hash);
    if (err == OK)
        err = db_exec(l->tx, &points_account_move, &moved, db_i(e->balance), db_i(e->place),
                      db_b(bytes_of(l->arena, hash, sizeof hash)), db_i(l->merchant_id),
                      db_i(account->id));
    if (err != OK)
        return err;
    if (moved != 1)
        return ERR_INTERNAL; /* within a transaction nobody else can */
    account->balance = e->balance;
    account->entries = e->place;
    memcpy(account->hash, hash, sizeof hash);
    return OK;
}

enum err points_ledger_bring(struct points_ledger *l, const struct points_text *t, int64_t amount,
                             struct points_entry *ret)
{
    struct points_account *account;
    struct points_entry e = t->entry;
    enum err err = own_account(l, &account);
    if (err != OK)
        return err;
    l->total += amount;
    e.id = e.posting_id = id_new();
    e.amount = amount;
    e.total = l->total;
    err = append(l, account, &e, t->idempotency);
    if (err == OK)
        err = db_exec(l->tx, &points_lot_add, NULL, db_i(l->merchant_id), db_i(e.id),
                      db_i(e.account_id), db_i(l->customer_id), db_i(amount), db_i(e.expires_day),
                      db_i(e.usable_day));
    *ret = e;
    return err;
}

/* ---- drawing ---- */

static enum err draw_lots(struct points_ledger *l, const struct points_entry *e,
                          const struct points_draws *d)
{
    struct arena *a = l->arena;
    struct batch_rows lots, draws;
    batch_rows_begin(&lots, l->tx, a, &points_lot_draw);
    batch_rows_begin(&draws, l->tx, a, &points_draw_add);
    for (size_t i = 0; i < d->n; i++) {
        const struct points_draw *one = &d->list[i];
        if (one->account_id != e->account_id)
            continue;
        int64_t expired = e->kind == POINTS_EXPIRY ? one->amount : 0;
        batch_rows_add(&lots, (struct db_value[]){db_i(one->amount), db_i(expired),
                                                  db_i(l->merchant_id), db_i(one->lot_id)});
        batch_rows_add(&draws, (struct db_value[]){db_i(l->merchant_id), db_i(e->id),
                                                   db_i(one->lot_id), db_i(one->amount)});
    }
    enum err err = batch_rows_end(&lots);
    return err == OK ? batch_rows_end(&draws) : err;
}

static int64_t sum_of_account(const struct points_draws *d, int64_t account_id)
{
    int64_t sum = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->list[i].account_id == account_id)
            sum += d->list[i].amount;
    return sum;
}

enum err points_ledger_draw(struct points_ledger *l, const struct points_text *t,
                            const struct points_draws *d, struct points_entry *ret)
{
    enum err err = OK;
    int64_t posting_id = 0;
    l->total -= d->sum;
    for (size_t i = 0; err == OK && i < l->n; i++) {
        struct points_entry e = t->entry;
        e.amount = -sum_of_account(d, l->accounts[i].id);
        if (e.amount == 0)
            continue;
        e.id = id_new();
        e.posting_id = posting_id ? posting_id : e.id;
        if (posting_id && e.kind == POINTS_REVERSAL)
            e.cites_id = 0; /* once a reversed entry */
        e.total = l->total;
        e.expires_day = e.usable_day = DAY_NONE;
        err = append(l, &l->accounts[i], &e, posting_id ? NULL : t->idempotency);
        if (err == OK)
            err = draw_lots(l, &e, d);
        if (!posting_id)
            *ret = e;
        posting_id = e.posting_id;
    }
    check(posting_id || err != OK);
    ret->amount = -d->sum;
    return err;
}

enum err points_ledger_choose(const struct points_ledger *l, int64_t amount, int32_t usable_on,
                              int64_t except, struct points_draws *d)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t left = amount;
    enum err e =
        db_query(l->tx, &points_lots_left, &rows, db_i(l->merchant_id), db_i(l->customer_id));
    if (e != OK)
        return e;
    while (left > 0 && db_next(rows)) {
        int64_t id = db_int(rows, 0), remaining = db_int(rows, 2);
        if (id == except || (usable_on != DAY_NONE && db_int(rows, 3) > usable_on))
            continue;
        int64_t take = remaining < left ? remaining : left;
        points_draws_add(l->arena, d, (struct points_draw){id, db_int(rows, 1), take});
        left -= take;
    }
    return db_error(rows);
}

/* ---- expiry ---- */

struct due {
    int32_t expires_day;
    struct points_draw draw;
};

static enum err read_due(const struct points_ledger *l, int32_t today, struct due **ret,
                         size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    size_t n = 0, cap = 0;
    *ret = NULL;
    enum err e = db_query(l->tx, &points_lots_due, &rows, db_i(l->merchant_id),
                          db_i(l->customer_id), db_i(today));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (n == cap) {
            cap = cap ? cap * 2 : 16;
            struct due *more = arena_array(l->arena, struct due, cap);
            if (n)
                memcpy(more, *ret, n * sizeof *more);
            *ret = more;
        }
        (*ret)[n++] = (struct due){(int32_t)db_int(rows, 3),
                                   {db_int(rows, 0), db_int(rows, 1), db_int(rows, 2)}};
    }
    *ret_n = n;
    return db_error(rows);
}

enum err points_ledger_settle(struct points_ledger *l, int32_t today, int32_t floor_day,
                              int64_t *ret_expired)
{
    struct due *due;
    size_t n;
    *ret_expired = 0;
    if (l->total == 0)
        return OK;
    enum err e = read_due(l, today, &due, &n);
    for (size_t i = 0; e == OK && i < n;) { /* a posting for each date */
        struct points_draws d = {0};
        struct points_entry made;
        int32_t date = due[i].expires_day;
        for (; i < n && due[i].expires_day == date; i++)
            points_draws_add(l->arena, &d, due[i].draw);
        const struct points_text t = {.entry = {.kind = POINTS_EXPIRY,
                                                .day = date + 1 > floor_day ? date + 1 : floor_day,
                                                .at_us = now_us()}};
        e = points_ledger_draw(l, &t, &d, &made);
        *ret_expired += d.sum;
        if (e == OK)
            e = points_tell(l, &made, NULL, "points");
    }
    return e;
}
