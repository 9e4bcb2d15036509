/* Certificates (FEATURES D4): types are made beforehand; one issued is a promise to a customer with
 * a code that nobody can guess, redeemed once, or in parts where its type allows that.
 *
 * What was promised is copied from the type when it is issued: changing a type changes later ones
 * alone. `left_minor` is what is still to be had; it never goes below zero, and what was done with
 * a certificate stands in an append-only list. Void ones do not count against stock and limits,
 * those partly used do. Who erases a customer leaves the paper in the customer's hand valid,
 * without a name. Money is minor units; days are the merchant's. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"
#include "../code/code.h"

extern const struct db_statement *const certificate_statements[];
extern const struct http_route certificate_routes[], certificate_type_routes[];

#define CERTIFICATE_TYPES_MAX 200 /* living ones of a merchant */
#define CERTIFICATE_NAME_MAX 80   /* characters */
#define CERTIFICATE_TEXT_MAX 500
#define CERTIFICATE_GIFT_MAX 120
#define CERTIFICATE_NOTE_MAX 200
#define CERTIFICATE_VALUE_MAX 1000000000 /* minor units */
#define CERTIFICATE_DAYS_MAX 36500
#define CERTIFICATE_COUNT_MAX 10000000
#define CERTIFICATE_RESTORE_DAYS 30
#define CERTIFICATE_SYMBOLS 13       /* 60 bits and a check */
#define CERTIFICATE_CHANGES_MAX 1000 /* redemptions and the like of one certificate */

enum certificate_kind { CERTIFICATE_VALUE, CERTIFICATE_GIFT };
extern const char *const certificate_kinds[]; /* ends with NULL */

struct certificate_type {
    int64_t id, version, created_us, updated_us;
    struct str name, description, gift;
    enum certificate_kind kind;
    int64_t value_minor;
    bool partial, deleted;
    int64_t valid_days, per_customer, stock; /* 0: no such limit */
    int32_t valid_until;                     /* DAY_NONE: no such limit */
    int64_t issued;
    /* of those issued; told by certificate_types() alone */
    int64_t open, open_minor, redeemed;
};
struct certificate_actor {
    struct audit_actor by;
    int32_t today;
    int64_t store_id;    /* where; 0: not said */
    int64_t at_us;       /* when; 0: now */
    struct arena *arena; /* for what problems tell; outlives the transaction */
};
/* Microseconds since 1970, UTC. */
int64_t certificate_at(const struct certificate_actor *who);
/* Living ones by name, then those that can be brought back. Texts live in `a`. */
enum err must_use certificate_types(struct db_tx *tx, int64_t merchant_id, int32_t today,
                                    struct arena *a, struct certificate_type **ret, size_t *ret_n);
/* A living one. ERR_NOT_FOUND */
enum err must_use certificate_type_get(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                       struct arena *a, struct certificate_type *ret);
/* `before` NULL: a new one; sets id and version. ERR_CONFLICT certificate_type_taken,
 * certificate_type_too_many; ERR_INVALID certificate_type_letters, certificate_value_needed,
 * certificate_gift_needed, certificate_type_past. ERR_STALE stale. */
enum err must_use certificate_type_save(struct db_tx *tx, int64_t merchant_id,
                                        const struct certificate_type *before,
                                        struct certificate_type *after,
                                        const struct certificate_actor *who, struct problem *p);
/* Those issued stay good. ERR_NOT_FOUND: it is so already; ERR_CONFLICT certificate_type_used: a
 * stamp programme or the referrals give it; of bringing back as certificate_type_save(). */
enum err must_use certificate_type_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                          bool deleted, const struct certificate_actor *who,
                                          struct problem *p);

enum certificate_state {
    CERTIFICATE_OPEN,
    CERTIFICATE_REDEEMED,
    CERTIFICATE_VOID,
    CERTIFICATE_EXPIRED /* open, past its last day: never stored */
};
extern const char *const certificate_states[]; /* ends with NULL */

struct certificate {
    int64_t id, customer_id, type_id, value_minor, left_minor, issued_us, staff_id, bulk_id,
        version, customer_number;    /* customer 0: erased */
    int32_t issued_day, valid_until; /* DAY_NONE: no last day */
    enum certificate_kind kind;
    enum certificate_state state; /* of the day asked for */
    bool partial;
    struct str code, gift, type_name, description, origin, staff_name, reason, message,
        customer_name;
};
/* One use, voiding or taking back. */
struct certificate_change {
    int64_t id, amount_minor, cites_id, at_us;
    struct str kind /* redeem void back */, store, staff_name, note;
};
struct certificate_filter {
    int64_t customer_id, type_id; /* 0: of all */
    int state;                    /* CERTIFICATE_*, or -1: all */
    int64_t below;                /* ids: INT64_MAX for the first page */
    int64_t limit;
    int32_t today;
};
/* The latest first; `ret` has room for `limit`. Texts live in `a`. */
enum err must_use certificate_list(struct db_tx *tx, int64_t merchant_id,
                                   const struct certificate_filter *f, struct arena *a,
                                   struct certificate *ret, size_t *ret_n);
enum err must_use certificate_get(struct db_tx *tx, int64_t merchant_id, int64_t id, int32_t today,
                                  struct arena *a, struct certificate *ret);
/* By its code as typed. ERR_INVALID certificate_mistyped (not a code), ERR_NOT_FOUND
 * certificate_unknown (nobody's, or of another merchant). */
enum err must_use certificate_by_code(struct db_tx *tx, int64_t merchant_id, struct str code,
                                      int32_t today, struct arena *a, struct certificate *ret,
                                      struct problem *p);
/* What was done with it, the latest first. */
enum err must_use certificate_changes(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                      struct arena *a, struct certificate_change **ret,
                                      size_t *ret_n);

/* ---- issuing ---- */

struct certificate_issue {
    const char *origin; /* staff bulk stamp referral … */
    int64_t bulk_id;    /* 0: no bulk action */
    struct str reason, message;
    const char
        *idempotency; /* unique of the merchant: what was given for it is given once; or NULL */
    bool promised;    /* a reward earned: given beyond the limit of a customer and the stock */
};
/* To one living customer. Audit, timeline and change feed included. ERR_NOT_FOUND: no such type;
 * ERR_CONFLICT certificate_limit, certificate_stock, certificate_type_over (its last day is
 * past). */
enum err must_use certificate_issue(struct db_tx *tx, int64_t merchant_id, int64_t type_id,
                                    int64_t customer_id, const struct certificate_issue *how,
                                    const struct certificate_actor *who, int64_t *ret_id,
                                    struct problem *p);
/* To many at once, who were looked at before: no limit is checked, and the caller notes the change
 * of the customers. `type` was read in this transaction. */
enum err must_use certificate_issue_many(struct db_tx *tx, int64_t merchant_id,
                                         const struct certificate_type *type,
                                         const int64_t *customers, size_t n,
                                         const struct certificate_issue *how,
                                         const struct certificate_actor *who, int64_t *ret_ids);
/* How many of a type may still be issued; INT64_MAX: any number. */
int64_t certificate_room(const struct certificate_type *type);
/* The last day of one issued today; DAY_NONE: none. */
int32_t certificate_last_day(const struct certificate_type *type, int32_t today);

/* ---- using ---- */

/* amount 0: all that is left. What was done is in *ret, what it was in *ret_change. Exactly once:
 * of several at a time one wins, the others get what follows from it. ERR_CONFLICT
 * certificate_expired, certificate_redeemed, certificate_void, certificate_whole (no part of it),
 * certificate_too_little (less is left); ERR_INVALID certificate_no_amount (of a gift). */
enum err must_use certificate_redeem(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                     int64_t amount_minor, struct str note,
                                     const struct certificate_actor *who, struct certificate *ret,
                                     struct problem *p);
/* ERR_CONFLICT certificate_redeemed, certificate_void. */
enum err must_use certificate_void(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                   struct str reason, const struct certificate_actor *who,
                                   struct certificate *ret, struct problem *p);
/* Takes back the latest redemption or voiding that was not taken back yet. ERR_CONFLICT
 * certificate_nothing_back. */
enum err must_use certificate_take_back(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                        struct str reason, const struct certificate_actor *who,
                                        struct certificate *ret, struct problem *p);
/* Voids many that were read in this transaction (id, customer_id, version, left_minor count), open
 * and untouched; for the undo of a bulk action, whose audit it is. The caller notes the change of
 * the customers. */
enum err must_use certificate_void_many(struct db_tx *tx, int64_t merchant_id, int64_t type_id,
                                        const struct certificate *all, size_t n, struct str reason,
                                        const struct certificate_actor *who);
