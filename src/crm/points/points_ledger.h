/* One customer's accounts while a transaction works on them; for points*.c only. Threads: one. */
#pragma once
#include "../batch.h"
#include "points_sql.h"

#define POINTS_HASH_BYTES 32
#define POINTS_SALT_BYTES 16

struct points_account {
    int64_t id, balance, entries;
    uint8_t hash[POINTS_HASH_BYTES]; /* zeros before the first entry */
};
struct points_ledger {
    struct db_tx *tx;
    int64_t merchant_id, customer_id;
    struct arena *arena;
    struct points_account *accounts; /* by id */
    size_t n;
    int64_t total;
};
/* Of a lot: what an entry takes, or gives back (less than 0). */
struct points_draw {
    int64_t lot_id, account_id, amount;
};
struct points_draws {
    struct points_draw *list;
    size_t n, cap;
    int64_t sum;
};
void points_draws_add(struct arena *a, struct points_draws *d, struct points_draw one);

enum err must_use points_ledger_open(struct points_ledger *ret, struct db_tx *tx,
                                     int64_t merchant_id, int64_t customer_id, struct arena *a);
/* What stands in every entry of a posting; id, posting, account, place, balances are set by it. */
struct points_text {
    struct points_entry entry;
    const char *idempotency; /* of the first entry */
};
/* Writes an entry that brings points, and its lot. *ret: as written. */
enum err must_use points_ledger_bring(struct points_ledger *l, const struct points_text *t,
                                      int64_t amount, struct points_entry *ret);
/* Writes what these draws take or give back: an entry in each account concerned. What a reversal
 * cites stands in the first alone. *ret: the first, with the amount of all. */
enum err must_use points_ledger_draw(struct points_ledger *l, const struct points_text *t,
                                     const struct points_draws *d, struct points_entry *ret);
/* Chooses lots until `amount` is reached, what expires first before what expires later; `usable_on`
 * DAY_NONE: locked ones too. d->sum is less when there is not as much. `except`: a lot to pass
 * over. */
enum err must_use points_ledger_choose(const struct points_ledger *l, int64_t amount,
                                       int32_t usable_on, int64_t except, struct points_draws *d);
/* Books what has expired before `today`, on the day after each date, but not before `floor_day`. */
enum err must_use points_ledger_settle(struct points_ledger *l, int32_t today, int32_t floor_day,
                                       int64_t *ret_expired);

/* ---- the chain (points_chain.c) ---- */

void points_text_hash(const uint8_t salt[static POINTS_SALT_BYTES], struct str reason,
                      struct str message, uint8_t ret[static POINTS_HASH_BYTES]);
void points_entry_hash(const uint8_t before[static POINTS_HASH_BYTES], int64_t merchant_id,
                       const struct points_entry *e, struct str idempotency,
                       const uint8_t text_hash[static POINTS_HASH_BYTES],
                       uint8_t ret[static POINTS_HASH_BYTES]);

/* SHA-256 of what was before, the numbers, what ends it. `ret` may be `before`. */
void points_link_hash(const uint8_t before[static POINTS_HASH_BYTES], const int64_t *numbers,
                      size_t n, const uint8_t end[static POINTS_HASH_BYTES],
                      uint8_t ret[static POINTS_HASH_BYTES]);
void points_hash_hex(const uint8_t hash[static POINTS_HASH_BYTES],
                     char ret[static 2 * POINTS_HASH_BYTES + 1]);

/* ---- the seal (points_seal.c) ---- */

/* Takes the ends of chains in the order of their accounts. */
struct points_digest {
    int64_t accounts, entries, points;
    int64_t newest; /* place of the seal, perhaps still under way, that noted something last */
    uint8_t state[POINTS_HASH_BYTES]; /* of all before */
};
/* A row of points_sealed_all, as it stood under the seal `place`. */
void points_digest_add(struct points_digest *d, const struct db_rows *row, int64_t place);
/* The last seal, its digest, and whether all of them follow from each other. */
struct points_seals {
    struct points_seal last;
    uint8_t digest[POINTS_HASH_BYTES], hash[POINTS_HASH_BYTES];
    bool chained;
};
enum err must_use points_seals_read(struct db_tx *tx, int64_t merchant_id,
                                    struct points_seals *ret);
/* Is that what the last seal says? */
bool points_seals_hold(const struct points_seals *s, const struct points_digest *d);

/* What was posted with that idempotency: its first entry with the amount of the whole posting,
 * `repeated`. ERR_NOT_FOUND: nothing was. */
enum err must_use points_posted(struct db_tx *tx, int64_t merchant_id, const char *idempotency,
                                struct arena *a, struct points_entry *ret);

/* ---- reading (points_read.c) ---- */

/* The columns that every statement of entries begins with. False: a kind that there is not. */
bool points_entry_read(const struct db_rows *r, struct arena *a, struct points_entry *ret);
/* A row of the statements that begin with ENTRY (points_sql.c). */
struct points_entry points_entry_row(const struct db_rows *r, struct arena *a);
/* The sum of a posting's entries, whoever has them now. */
enum err must_use points_posting_amount(struct db_tx *tx, int64_t merchant_id, int64_t posting_id,
                                        int64_t *ret);

/* ---- telling (points_tell.c) ---- */

/* The row on the customer's timeline, in the audit log when `by` is given, and what follows from
 * points (tiers) where it counts as earned. */
enum err must_use points_tell(struct points_ledger *l, const struct points_entry *e,
                              const struct audit_actor *by, const char *origin);
