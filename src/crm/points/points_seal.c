/* The merchant's seal: where each chain ended, so that none can go or become shorter unseen. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "points_ledger.h"

enum { AT_ONCE = 500 };

/* ---- what a seal is of ---- */

void points_digest_add(struct points_digest *d, const struct db_rows *row, int64_t place)
{
    int from = db_int(row, 1) <= place ? 2 : 5;
    struct str hash = db_blob(row, from + 2);
    const int64_t numbers[] = {db_int(row, 0), db_int(row, from), db_int(row, from + 1)};
    d->newest = db_int(row, 1) > d->newest ? db_int(row, 1) : d->newest;
    if (db_is_null(row, from) || hash.n != POINTS_HASH_BYTES)
        return;
    d->accounts++;
    d->entries += numbers[1];
    d->points += numbers[2];
    points_link_hash(d->state, numbers, ARRAY_LEN(numbers), (const uint8_t *)hash.p, d->state);
}

static void hash_seal(int64_t merchant_id, const struct points_seal *s,
                      const uint8_t before[static POINTS_HASH_BYTES],
                      const uint8_t digest[static POINTS_HASH_BYTES],
                      uint8_t ret[static POINTS_HASH_BYTES])
{
    const int64_t numbers[] = {merchant_id, s->place, s->at_us, s->accounts, s->entries, s->points};
    points_link_hash(before, numbers, ARRAY_LEN(numbers), digest, ret);
}

/* The next one; false: it does not follow. */
static bool take_seal(struct points_seals *s, int64_t merchant_id, const struct db_rows *row)
{
    uint8_t hash[POINTS_HASH_BYTES];
    struct str digest = db_blob(row, 5), written = db_blob(row, 6);
    int64_t place = s->last.place + 1;
    s->last = (struct points_seal){.place = db_int(row, 0),
                                   .at_us = db_int(row, 1),
                                   .accounts = db_int(row, 2),
                                   .entries = db_int(row, 3),
                                   .points = db_int(row, 4)};
    if (digest.n != POINTS_HASH_BYTES || written.n != POINTS_HASH_BYTES)
        return false;
    memcpy(s->digest, digest.p, POINTS_HASH_BYTES);
    hash_seal(merchant_id, &s->last, s->hash, s->digest, hash);
    memcpy(s->hash, written.p, POINTS_HASH_BYTES);
    return s->last.place == place && memcmp(hash, s->hash, POINTS_HASH_BYTES) == 0;
}

enum err points_seals_read(struct db_tx *tx, int64_t merchant_id, struct points_seals *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    const struct db_value merchant = db_i(merchant_id);
    *ret = (struct points_seals){.chained = true};
    enum err e = db_scan_values(tx, &points_seals, &rows, &merchant, 1);
    if (e != OK)
        return e;
    while (db_next(rows))
        ret->chained &= take_seal(ret, merchant_id, rows);
    points_hash_hex(ret->hash, ret->last.hash);
    return db_error(rows);
}

bool points_seals_hold(const struct points_seals *s, const struct points_digest *d)
{
    return s->chained && d->newest <= s->last.place + 1 && s->last.accounts == d->accounts &&
           s->last.entries == d->entries && s->last.points == d->points &&
           memcmp(s->digest, d->state, POINTS_HASH_BYTES) == 0;
}

/* ---- sealing ---- */

struct sealing {
    int64_t merchant_id, after,
        last;              /* accounts: noted up to `after`, the batch ends with `last` */
    struct arena *arena;   /* of a batch */
    struct db_value *rows; /* of points_sealed_put */
    size_t n, width;
    struct points_seals seals;
    struct points_digest before, now; /* as the last seal knew it; with what was noted since */
};

static enum err read_seals(struct db_tx *tx, void *arg)
{
    struct sealing *s = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    const struct db_value merchant = db_i(s->merchant_id);
    s->before = s->now = (struct points_digest){0};
    enum err e = points_seals_read(tx, s->merchant_id, &s->seals);
    if (e == OK)
        e = db_scan_values(tx, &points_sealed_all, &rows, &merchant, 1);
    if (e != OK)
        return e;
    while (db_next(rows)) {
        points_digest_add(&s->before, rows, s->seals.last.place);
        points_digest_add(&s->now, rows, INT64_MAX);
    }
    return db_error(rows);
}

static enum err read_grown(struct db_tx *tx, void *arg)
{
    struct sealing *s = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    arena_reset(s->arena);
    s->n = 0;
    s->width = strlen(points_sealed_put.params);
    s->rows = arena_array(s->arena, struct db_value, AT_ONCE * s->width);
    enum err e =
        db_query(tx, &points_grown, &rows, db_i(s->merchant_id), db_i(s->after), db_i(AT_ONCE));
    if (e != OK)
        return e;
    while (s->n < AT_ONCE && db_next(rows)) {
        const struct db_value row[] = {
            db_i(s->merchant_id),          db_i(db_int(rows, 0)),
            db_i(s->seals.last.place + 1), db_i(db_int(rows, 1)),
            db_i(db_int(rows, 2)),         db_b(arena_str(s->arena, db_blob(rows, 3)))};
        memcpy(s->rows + s->width * s->n++, row, sizeof row);
        s->last = db_int(rows, 0);
    }
    return db_error(rows);
}

static enum err write_grown(struct db_tx *tx, void *arg)
{
    const struct sealing *s = arg;
    return db_exec_many(tx, &points_sealed_put, s->rows, s->width, s->n);
}

/* Read in one transaction, written in another that nobody waits for. */
static enum err note_grown(struct db *db, struct sealing *s)
{
    enum err e = OK;
    do {
        e = db_read(db, read_grown, s);
        if (e == OK && s->n > 0)
            e = db_write(db, write_grown, s);
        s->after = s->last;
    } while (e == OK && s->n == AT_ONCE);
    return e;
}

static enum err write_seal(struct db_tx *tx, void *arg)
{
    const struct sealing *s = arg;
    const struct points_seal *seal = &s->seals.last;
    return db_exec(tx, &points_seal_put, NULL, db_i(s->merchant_id), db_i(seal->place),
                   db_i(seal->at_us), db_i(seal->accounts), db_i(seal->entries), db_i(seal->points),
                   db_b((struct str){(const char *)s->seals.digest, POINTS_HASH_BYTES}),
                   db_b((struct str){(const char *)s->seals.hash, POINTS_HASH_BYTES}));
}

static enum err put_seal(struct db *db, struct sealing *s)
{
    const struct points_digest *d = &s->now;
    struct points_seals *seals = &s->seals;
    seals->last = (struct points_seal){.place = seals->last.place + 1,
                                       .at_us = now_us(),
                                       .accounts = d->accounts,
                                       .entries = d->entries,
                                       .points = d->points};
    memcpy(seals->digest, d->state, POINTS_HASH_BYTES);
    hash_seal(s->merchant_id, &seals->last, seals->hash, seals->digest, seals->hash);
    points_hash_hex(seals->hash, seals->last.hash);
    return db_write(db, write_seal, s);
}

static enum err drop_seals(struct db_tx *tx, void *arg)
{
    const struct sealing *s = arg;
    enum err e = db_exec(tx, &points_sealed_drop, NULL, db_i(s->merchant_id));
    return e == OK ? db_exec(tx, &points_seals_drop, NULL, db_i(s->merchant_id)) : e;
}

enum err points_seal(struct db *db, int64_t merchant_id, bool anew, struct points_seal *ret)
{
    struct arena *a cleanup(arena_free) = arena_new();
    struct sealing s = {.merchant_id = merchant_id, .arena = a};
    enum err e = anew ? db_write(db, drop_seals, &s) : OK;
    if (e == OK)
        e = db_read(db, read_seals, &s);
    if (e == OK && points_seals_hold(&s.seals, &s.before)) {
        e = note_grown(db, &s);
        if (e == OK)
            e = db_read(db, read_seals, &s);
        if (e == OK && !points_seals_hold(&s.seals, &s.now))
            e = put_seal(db, &s);
    }
    *ret = s.seals.last;
    return e;
}
