/* Taking back: an entry by hand, what a purchase earned when goods come back. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "points_ledger.h"

struct lot {
    int64_t id, account_id, amount, remaining, expired, taken_back, customer_id;
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What may still be taken back of it: what expired is gone, what was spent is taken from elsewhere.
 */
static int64_t open_part(const struct lot *lot)
{
    return lot->amount - lot->expired - lot->taken_back;
}

/* Takes `amount` away because of the lot: from itself first, then as spending does, locked ones
 * too. */
static enum err take_from(struct points_ledger *l, const struct lot *lot, int64_t amount,
                          const struct points_text *t, struct points_entry *ret)
{
    struct points_draws d = {0};
    int64_t own = least(lot->remaining, amount);
    enum err e = OK;
    if (own > 0)
        points_draws_add(l->arena, &d, (struct points_draw){lot->id, lot->account_id, own});
    if (own < amount)
        e = points_ledger_choose(l, amount - own, DAY_NONE, lot->id, &d);
    if (e == OK && d.sum != amount)
        return ERR_INTERNAL; /* the accounts say there is more than the lots */
    if (e == OK)
        e = points_ledger_draw(l, t, &d, ret);
    return e == OK ? db_exec(l->tx, &points_lot_take_back, NULL, db_i(amount), db_i(l->merchant_id),
                             db_i(lot->id))
                   : e;
}

/* ---- an entry ---- */

struct reversing {
    struct points_ledger l;
    const struct points_back *what;
    struct points_entry entry;
    struct problem *p;
};

static enum err refuse(const struct reversing *r, const char *code)
{
    return problem_set(r->p, r->l.arena, ERR_CONFLICT, code, NULL, NULL);
}

static struct points_text reversal_text(const struct reversing *r)
{
    const struct points_back *what = r->what;
    return (struct points_text){.entry = {.kind = POINTS_REVERSAL,
                                          .reason = what->reason,
                                          .message = what->message,
                                          .store_id = what->store_id,
                                          .staff_id = what->by ? what->by->staff_id : 0,
                                          .cites_id = r->entry.id,
                                          .day = what->today,
                                          .at_us = now_us()},
                                .idempotency = what->idempotency};
}

static enum err read_lot(const struct points_ledger *l, int64_t id, struct lot *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(l->tx, &points_lot_one, &rows, db_i(l->merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_INTERNAL : e;
    }
    *ret = (struct lot){db_int(rows, 0), db_int(rows, 1), db_int(rows, 2), db_int(rows, 3),
                        db_int(rows, 4), db_int(rows, 5), l->customer_id};
    return OK;
}

/* What came goes. */
static enum err take_away(struct reversing *r, struct points_entry *ret)
{
    struct lot lot;
    const struct points_text t = reversal_text(r);
    enum err e = read_lot(&r->l, r->entry.id, &lot);
    if (e != OK)
        return e;
    int64_t amount = open_part(&lot);
    if (amount <= 0)
        return refuse(r, "points_not_reversible");
    if (amount > r->l.total) {
        const char *left = arena_printf(r->l.arena, "%lld", (long long)r->l.total);
        return problem_set(r->p, r->l.arena, ERR_CONFLICT, "points_not_enough", NULL, "balance",
                           left, "usable", left, NULL);
    }
    return take_from(&r->l, &lot, amount, &t, ret);
}

static enum err read_draws(struct reversing *r, int64_t entry_id, struct points_draws *d)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(r->l.tx, &points_draws_of, &rows, db_i(r->l.merchant_id), db_i(entry_id));
    if (e != OK)
        return e;
    while (db_next(rows))
        points_draws_add(r->l.arena, d,
                         (struct points_draw){db_int(rows, 0), db_int(rows, 1), -db_int(rows, 2)});
    return db_error(rows);
}

/* What went comes back, into the lots that it was drawn from. A posting that went through accounts
 * which an unmerge has parted is given back to the customer of the cited entry as far as it was
 * theirs. */
static enum err give_back(struct reversing *r, struct points_entry *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct points_draws d = {0};
    const struct points_text t = reversal_text(r);
    int64_t expired;
    enum err e = db_query(r->l.tx, &points_entry_parts, &rows, db_i(r->l.merchant_id),
                          db_i(r->entry.posting_id), db_i(r->l.customer_id));
    while (e == OK && db_next(rows))
        e = read_draws(r, db_int(rows, 0), &d);
    if (e == OK)
        e = db_error(rows);
    db_done(&rows);
    if (e == OK)
        e = points_ledger_draw(&r->l, &t, &d, ret);
    return e == OK ? points_ledger_settle(&r->l, r->what->today, r->what->today, &expired) : e;
}

static bool reversible(const struct points_entry *e)
{
    return e->kind != POINTS_EXPIRY && e->kind != POINTS_REVERSAL && e->kind != POINTS_RETURN &&
           e->kind != POINTS_ERASURE;
}

/* The first entry of the posting that the customer has now stands for the whole. */
static enum err find_entry(struct reversing *r, struct db_tx *tx, int64_t merchant_id,
                           struct arena *a)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = points_get(tx, merchant_id, r->what->entry_id, a, &r->entry);
    if (e == ERR_NOT_FOUND)
        return problem_set(r->p, a, e, "not_found", NULL, NULL);
    if (e == OK)
        e = db_query(tx, &points_entry_parts, &rows, db_i(merchant_id), db_i(r->entry.posting_id),
                     db_i(r->entry.customer_id));
    if (e == OK && db_next(rows))
        r->entry = points_entry_row(rows, a);
    return e == OK ? db_error(rows) : e;
}

static enum err check_open(struct reversing *r)
{
    int64_t living, before;
    enum err e = db_query_int(r->l.tx, &points_customer, &living, db_i(r->l.merchant_id),
                              db_i(r->l.customer_id));
    if (e == OK && !living)
        return problem_set(r->p, r->l.arena, ERR_NOT_FOUND, "not_found", NULL, NULL);
    if (e == OK && !reversible(&r->entry))
        return refuse(r, "points_not_reversible");
    if (e == OK)
        e = db_query_int(r->l.tx, &points_entry_reversed, &before, db_i(r->l.merchant_id),
                         db_i(r->entry.id));
    return e == OK && before ? refuse(r, "points_reversed") : e;
}

/* The same reversal told again. */
static enum err repeat(struct reversing *r, struct db_tx *tx, int64_t merchant_id, struct arena *a,
                       struct points_entry *ret)
{
    enum err e = points_posted(tx, merchant_id, r->what->idempotency, a, ret);
    if (e != OK || (ret->kind == POINTS_REVERSAL && ret->cites_id == r->entry.id))
        return e;
    return problem_set(r->p, a, ERR_CONFLICT, "points_repeated", NULL, NULL);
}

enum err points_reverse(struct db_tx *tx, int64_t merchant_id, const struct points_back *what,
                        struct arena *a, struct points_entry *ret, struct problem *p)
{
    struct reversing r = {.what = what, .p = p};
    int64_t expired;
    check(what->origin);
    enum err e = find_entry(&r, tx, merchant_id, a);
    if (e != OK)
        return e;
    e = what->idempotency ? repeat(&r, tx, merchant_id, a, ret) : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e;
    e = points_ledger_open(&r.l, tx, merchant_id, r.entry.customer_id, a);
    if (e == OK)
        e = check_open(&r);
    if (e == OK)
        e = points_ledger_settle(&r.l, what->today, DAY_NONE, &expired);
    if (e == OK)
        e = r.entry.amount > 0 ? take_away(&r, ret) : give_back(&r, ret);
    return e == OK ? points_tell(&r.l, ret, what->by, what->origin) : e;
}

/* ---- a purchase's ---- */

struct returning {
    struct db_tx *tx;
    int64_t merchant_id;
    const struct points_return *what;
    struct arena *arena;
    struct lot *lots;
    size_t n;
};

static enum err read_lots(struct returning *r)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    size_t cap = 0;
    enum err e = db_query(r->tx, &points_lots_of_purchase, &rows, db_i(r->merchant_id),
                          db_i(r->what->purchase_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (r->n == cap) {
            cap = cap ? cap * 2 : 4;
            struct lot *more = arena_array(r->arena, struct lot, cap);
            if (r->n)
                memcpy(more, r->lots, r->n * sizeof *more);
            r->lots = more;
        }
        r->lots[r->n++] =
            (struct lot){db_int(rows, 0), db_int(rows, 1), db_int(rows, 2), db_int(rows, 3),
                         db_int(rows, 4), db_int(rows, 5), db_int(rows, 6)};
    }
    return db_error(rows);
}

/* amount × part / whole, rounded down. */
static int64_t pro_rata(int64_t amount, int64_t part, int64_t whole)
{
    if (part >= whole)
        return amount;
    return part <= 0 ? 0 : (int64_t)((__int128)amount * part / whole);
}

/* Writes down what came back; *ret_share: what goes of the lot for it. */
static enum err note_return(struct returning *r, const struct lot *lot, int64_t *ret_share)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    const struct points_return *what = r->what;
    *ret_share = 0;
    enum err e = db_query(r->tx, &points_returned, &rows, db_i(what->return_id),
                          db_i(r->merchant_id), db_i(lot->id));
    if (e != OK || !db_next(rows))
        return e == OK ? db_error(rows) : e;
    int64_t before = db_int(rows, 0), of_this = db_int(rows, 1);
    db_done(&rows);
    if (what->returned_minor <= of_this)
        return OK;
    int64_t after = before + what->returned_minor - of_this;
    *ret_share = pro_rata(lot->amount, after, what->total_minor) -
                 pro_rata(lot->amount, before, what->total_minor);
    return db_exec(r->tx, &points_return_put, NULL, db_i(r->merchant_id), db_i(lot->id),
                   db_i(what->return_id), db_i(what->returned_minor));
}

static enum err take_lot_back(struct returning *r, struct lot *lot, int64_t *ret_taken)
{
    const struct points_return *what = r->what;
    struct points_ledger l;
    struct points_entry made;
    int64_t share, expired;
    const struct points_text t = {.entry = {.kind = POINTS_RETURN,
                                            .store_id = what->store_id,
                                            .staff_id = what->by ? what->by->staff_id : 0,
                                            .transaction_id = what->return_id,
                                            .cites_id = lot->id,
                                            .day = what->today,
                                            .at_us = what->at_us ? what->at_us : now_us()}};
    enum err e = note_return(r, lot, &share);
    if (e != OK || share <= 0)
        return e;
    e = points_ledger_open(&l, r->tx, r->merchant_id, lot->customer_id, r->arena);
    if (e == OK)
        e = points_ledger_settle(&l, what->today, DAY_NONE, &expired);
    if (e == OK)
        e = read_lot(&l, lot->id, lot); /* it may have expired just now */
    if (e != OK)
        return e;
    int64_t amount = least(least(share, open_part(lot)), l.total);
    if (amount <= 0)
        return OK;
    e = take_from(&l, lot, amount, &t, &made);
    *ret_taken += amount;
    return e == OK ? points_tell(&l, &made, what->by, "points") : e;
}

enum err points_take_back(struct db_tx *tx, int64_t merchant_id, const struct points_return *what,
                          struct arena *a, int64_t *ret_taken, struct problem *p)
{
    struct returning r = {.tx = tx, .merchant_id = merchant_id, .what = what, .arena = a};
    *ret_taken = 0;
    if (what->returned_minor < 0 || what->total_minor < 0)
        return problem_set(p, a, ERR_INVALID, "points_amount", NULL, "max", "1000000000", NULL);
    enum err e = read_lots(&r);
    for (size_t i = 0; e == OK && i < r.n; i++)
        e = take_lot_back(&r, &r.lots[i], ret_taken);
    return e;
}
