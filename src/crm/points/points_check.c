/* The ledger against itself: entries in the order of their chains beside what was sealed of them,
 * then what rests on them. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "points_ledger.h"

struct checking {
    struct points_report *report;
    int64_t merchant_id;
    struct arena *arena;
    struct points_seals seals;
    struct points_digest digest; /* of what was sealed, as the last seal knew it */
    struct db_rows *sealed;      /* by account; at the row that comes next … */
    bool more_sealed;            /* … if there is one */
    /* of the account whose chain is being read */
    int64_t place, balance;
    uint8_t hash[POINTS_HASH_BYTES];
    int64_t sealed_place; /* 0: it is not sealed */
    uint8_t sealed_hash[POINTS_HASH_BYTES];
};

static void differs(struct points_report *r, int64_t customer_id, const char *what)
{
    r->differing++;
    if (r->nsome == POINTS_REPORT_MAX)
        return;
    r->some[r->nsome].customer_id = customer_id;
    r->some[r->nsome++].what = what;
}

static bool is_hash(struct str s, const uint8_t hash[static POINTS_HASH_BYTES])
{
    return s.n == POINTS_HASH_BYTES && memcmp(s.p, hash, POINTS_HASH_BYTES) == 0;
}

/* What was erased has no salt, and no text. */
static bool text_agrees(const struct db_rows *row, const struct points_entry *e)
{
    uint8_t hash[POINTS_HASH_BYTES];
    struct str salt = db_blob(row, 20);
    if (db_is_null(row, 20))
        return e->reason.n == 0 && e->message.n == 0;
    if (salt.n != POINTS_SALT_BYTES)
        return false;
    points_text_hash((const uint8_t *)salt.p, e->reason, e->message, hash);
    return is_hash(db_blob(row, 21), hash);
}

static bool chain_agrees(struct checking *c, const struct db_rows *row,
                         const struct points_entry *e)
{
    uint8_t hash[POINTS_HASH_BYTES];
    struct str text_hash = db_blob(row, 21);
    if (text_hash.n != POINTS_HASH_BYTES)
        return false;
    points_entry_hash(c->hash, c->merchant_id, e, db_text(row, 19), (const uint8_t *)text_hash.p,
                      hash);
    return e->place == c->place + 1 && e->balance == c->balance + e->amount && e->balance >= 0 &&
           is_hash(db_blob(row, 22), hash);
}

static void check_entry(struct checking *c, const struct db_rows *row)
{
    struct points_entry e;
    struct str hash = db_blob(row, 22);
    bool known = points_entry_read(row, c->arena, &e);
    c->report->entries++;
    if (!known || !chain_agrees(c, row, &e))
        differs(c->report, e.customer_id, "chain");
    if (!text_agrees(row, &e))
        differs(c->report, e.customer_id, "text");
    if (db_int(row, 23) != (e.expires_day == DAY_NONE ? -e.amount : 0))
        differs(c->report, e.customer_id, "draws");
    if (e.place == c->sealed_place && !is_hash(hash, c->sealed_hash))
        differs(c->report, e.customer_id, "rewritten");
    /* the next one is compared with what stands here, so that one fault is told once */
    c->place = e.place;
    c->balance = e.balance;
    if (hash.n == POINTS_HASH_BYTES)
        memcpy(c->hash, hash.p, POINTS_HASH_BYTES);
}

static void check_account(struct checking *c, const struct db_rows *row)
{
    int64_t customer_id = db_int(row, 1), balance = db_int(row, 2);
    c->report->accounts++;
    c->report->points += balance;
    if (db_int(row, 3) != c->place || !is_hash(db_blob(row, 4), c->hash))
        differs(c->report, customer_id, "chain");
    if (balance != c->balance || balance != db_int(row, 5))
        differs(c->report, customer_id, "balance");
    if (c->sealed_place > c->place)
        differs(c->report, customer_id, "cut");
}

static void next_sealed(struct checking *c)
{
    points_digest_add(&c->digest, c->sealed, c->seals.last.place);
    c->more_sealed = db_next(c->sealed);
}

/* Sealed accounts before `id` are there no more. */
static void pass_vanished(struct checking *c, int64_t id)
{
    for (; c->more_sealed && db_int(c->sealed, 0) < id; next_sealed(c))
        differs(c->report, db_int(c->sealed, 0), "vanished");
}

static void begin_account(struct checking *c, int64_t id)
{
    c->place = c->balance = c->sealed_place = 0;
    memset(c->hash, 0, sizeof c->hash);
    arena_reset(c->arena);
    pass_vanished(c, id);
    if (!c->more_sealed || db_int(c->sealed, 0) != id)
        return;
    struct str hash = db_blob(c->sealed, 4);
    c->sealed_place = db_int(c->sealed, 2);
    memset(c->sealed_hash, 0, sizeof c->sealed_hash);
    if (hash.n == POINTS_HASH_BYTES)
        memcpy(c->sealed_hash, hash.p, POINTS_HASH_BYTES);
    next_sealed(c);
}

/* All by account, side by side; every entry has an account (a foreign key). */
static enum err check_chains(struct db_tx *tx, struct checking *c)
{
    struct db_rows *accounts cleanup(db_done) = NULL, *entries cleanup(db_done) = NULL;
    const struct db_value merchant = db_i(c->merchant_id);
    enum err e = db_scan_values(tx, &points_check_accounts, &accounts, &merchant, 1);
    if (e == OK)
        e = db_scan_values(tx, &points_check_entries, &entries, &merchant, 1);
    if (e != OK)
        return e;
    bool more = db_next(entries);
    while (db_next(accounts)) {
        begin_account(c, db_int(accounts, 0));
        for (; more && db_int(entries, 2) == db_int(accounts, 0); more = db_next(entries))
            check_entry(c, entries);
        check_account(c, accounts);
    }
    if (more)
        differs(c->report, db_int(entries, 4), "chain");
    pass_vanished(c, INT64_MAX);
    e = db_error(accounts);
    return e == OK ? db_error(entries) : e;
}

static enum err check_sealed(struct db_tx *tx, struct checking *c)
{
    const struct db_value merchant = db_i(c->merchant_id);
    enum err e = points_seals_read(tx, c->merchant_id, &c->seals);
    if (e == OK)
        e = db_scan_values(tx, &points_sealed_all, &c->sealed, &merchant, 1);
    c->more_sealed = e == OK && db_next(c->sealed);
    if (e == OK)
        e = check_chains(tx, c);
    if (e == OK)
        e = db_error(c->sealed);
    db_done(&c->sealed);
    c->report->seal = c->seals.last;
    c->report->seal_broken = !points_seals_hold(&c->seals, &c->digest);
    if (c->report->seal_broken)
        differs(c->report, 0, "seal");
    return e;
}

static enum err check_rows(struct db_tx *tx, struct checking *c, const struct db_statement *st)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    const struct db_value merchant = db_i(c->merchant_id);
    enum err e = db_scan_values(tx, st, &rows, &merchant, 1);
    if (e != OK)
        return e;
    while (db_next(rows))
        differs(c->report, db_int(rows, 0), "lots");
    return db_error(rows);
}

enum err points_check(struct db_tx *tx, int64_t merchant_id, struct points_report *ret)
{
    struct arena *a cleanup(arena_free) = arena_new();
    struct checking c = {.report = ret, .merchant_id = merchant_id, .arena = a};
    *ret = (struct points_report){0};
    enum err e = check_sealed(tx, &c);
    if (e == OK)
        e = check_rows(tx, &c, &points_check_lots);
    return e == OK ? check_rows(tx, &c, &points_check_lost) : e;
}
