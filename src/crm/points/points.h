/* Points: an append-only ledger that is exact, never below zero, never doubled (FEATURES D1, D2;
 * DESIGN 5).
 *
 * An entry is never changed and never deleted. What came by one entry is a lot with the dates that
 * were promised then; spending draws from the lots that expire first among those that can be used
 * already; what a reversal of a spend gives back goes to the lots it was drawn from, with their old
 * dates. What has expired is booked before anything else is, and each night by a job.
 *
 * Entries are chained by SHA-256, one chain an account (a customer's; after a merge a customer has
 * several): one chain for the whole merchant would make every till wait for every other on
 * PostgreSQL, while a customer is at one till at a time. The account keeps the end of its chain, so
 * that a cut tail is seen too. What touches two accounts is one posting with an entry in each, and
 * an unmerge gives each customer its own account back, never below zero.
 *
 * Everything runs in the caller's transaction. Points are whole numbers. `today` is the merchant's
 * civil day, from the request or job. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const points_statements[];
extern const struct http_route points_routes[], points_policy_routes[];

#define POINTS_AMOUNT_MAX 1000000000LL     /* of one posting, either way */
#define POINTS_BALANCE_MAX 1000000000000LL /* of a customer */
#define POINTS_REASON_MAX 200              /* characters */
#define POINTS_MESSAGE_MAX 500
#define POINTS_IDEMPOTENCY_MAX 200 /* bytes */
#define POINTS_NEVER INT32_MAX     /* expires_day of what does not expire */

enum points_kind {
    POINTS_PURCHASE,    /* + earned by a sale (transaction) */
    POINTS_RETURN,      /* - taken back for what was returned or canceled; cites what was earned */
    POINTS_CREDIT,      /* + by the staff */
    POINTS_DEBIT,       /* - by the staff: spent */
    POINTS_EXPIRY,      /* - by the ledger itself */
    POINTS_OPENING,     /* + brought along from another program */
    POINTS_REVERSAL,    /* ± an entry taken back; points_reverse() alone */
    POINTS_CERTIFICATE, /* ± */
    POINTS_STAMP,       /* + */
    POINTS_REFERRAL,    /* + */
    POINTS_BIRTHDAY,    /* + */
    POINTS_VISIT,       /* + earned by a visit */
    POINTS_TIER,        /* + */
    POINTS_ERASURE,     /* - the customer was erased; points_close() alone */
    POINTS_KINDS
};
#define POINTS_KIND_NAMES                                                                          \
    [POINTS_PURCHASE] = "purchase", [POINTS_RETURN] = "return", [POINTS_CREDIT] = "credit",        \
    [POINTS_DEBIT] = "debit", [POINTS_EXPIRY] = "expiry", [POINTS_OPENING] = "opening",            \
    [POINTS_REVERSAL] = "reversal", [POINTS_CERTIFICATE] = "certificate",                          \
    [POINTS_STAMP] = "stamp", [POINTS_REFERRAL] = "referral", [POINTS_BIRTHDAY] = "birthday",      \
    [POINTS_VISIT] = "visit", [POINTS_TIER] = "tier", [POINTS_ERASURE] = "erasure"
extern const char *const points_kinds[POINTS_KINDS + 1]; /* "purchase"…; ends with NULL */
/* What a list is of: a kind, or whatever came, whatever went, all. */
enum points_only { POINTS_CAME = POINTS_KINDS, POINTS_WENT, POINTS_ALL };

struct points_entry {
    int64_t id, posting_id, account_id, place, customer_id, amount, balance, total;
    enum points_kind kind;
    struct str reason, message;
    int64_t store_id, staff_id, transaction_id, cites_id; /* 0 = none */
    int32_t day, expires_day, usable_day; /* the latter two DAY_NONE where nothing came */
    int64_t at_us;
    bool repeated; /* points_post(): it was there already, nothing was done */
    int64_t
        held_id; /* points_post(): it waits for a second person (crm/watch); nothing was credited */
    /* points_list() and points_get() alone: */
    struct str staff_name;
    bool reversed; /* taken back by a reversal */
};

/* A posting. What is 0 or empty is none. */
struct points_new {
    int64_t customer_id;
    int64_t amount; /* not 0; its sign fits the kind */
    enum points_kind kind;
    struct str reason, message; /* the message to the customer is kept; nothing is sent here */
    int64_t store_id, transaction_id, cites_id;
    int64_t at_us; /* when it happened; 0: now */
    int32_t day;   /* for which it counts: a sale's own day; else today. Spending: today alone */
    int32_t today;
    bool dates_given; /* the two below; else by the merchant's policy of now, from `day` on */
    int32_t expires_day, usable_day;
    bool up_to; /* of what goes: no more than can be spent, and nothing at all if that is 0 */
    const char *idempotency; /* unique per merchant for ever: "stamp:<card>:<n>"; or NULL */
    const struct audit_actor
        *by;            /* who; NULL: the program, and nothing is written to the audit log */
    const char *origin; /* activity's: staff till import web … */
    bool approved;      /* a second person has agreed: points_guards[] let it pass */
};

/* Asked before anything is written, in the same transaction. What one refuses is not done; what one
 * holds
 * (*ret_held: the id under which it waits; else untouched) is not done now. They stand in
 * src/crm/features.c and end with NULL. */
typedef enum err (*points_guard)(struct db_tx *tx, int64_t merchant_id,
                                 const struct points_new *what, struct arena *a, int64_t *ret_held,
                                 struct problem *p);
extern const points_guard points_guards[];

/* Writes the entry (or entries), lots, account, the activity row (not for POINTS_PURCHASE and
 * _RETURN: their transaction is on the timeline), the audit row when `by` is given. The caller
 * notes the change of the customer (change_note "customer") last. *ret is the first entry with the
 * amount of the whole posting; amount 0 when `up_to` found nothing to take, or a guard holds it
 * (`held_id`): then nothing was written here. The same idempotency again: OK, *ret as it was with
 * `repeated`, nothing done. ERR_NOT_FOUND not_found: no living customer. ERR_INVALID points_amount
 * (0, too large, wrong sign for the kind). ERR_CONFLICT points_not_enough (args balance, usable),
 * points_locked (would do, but not yet usable; args usable, balance), points_too_many (balance
 * beyond POINTS_BALANCE_MAX), points_repeated (the idempotency stands for another posting). Strings
 * of problems are in `a`. */
enum err must_use points_post(struct db_tx *tx, int64_t merchant_id, const struct points_new *what,
                              struct arena *a, struct points_entry *ret, struct problem *p);

/* Takes an entry's whole posting back, once: what went is given back to the lots it was drawn from,
 * with their old dates (what has expired meanwhile expires at once); what came is taken away, as
 * far as it has not expired and was not taken back already, from its own lot first. ERR_NOT_FOUND
 * not_found. ERR_CONFLICT points_reversed (args: none), points_not_reversible (an expiry, a
 * reversal, an erasure, or nothing of it is left), points_not_enough (it was spent),
 * points_repeated. *ret: the reversal, the amount of the whole. The same idempotency again: as
 * points_post(). */
struct points_back {
    int64_t entry_id;
    struct str reason, message;
    int64_t store_id;
    int32_t today;
    const char *idempotency; /* or NULL */
    const struct audit_actor *by;
    const char *origin;
};
enum err must_use points_reverse(struct db_tx *tx, int64_t merchant_id,
                                 const struct points_back *what, struct arena *a,
                                 struct points_entry *ret, struct problem *p);

/* Goods of a purchase came back, or it was canceled (returned_minor = total_minor). Of each entry
 * that the purchase earned its part goes: amount × returned / total, both over all returns so far,
 * rounded down. Never more than was earned and not expired or taken back already, never more than
 * the customer has left; what was redeemed stays redeemed. *ret_taken: how many points, 0 when the
 * purchase earned none or nothing is left. Of a return_id that came before only what it has grown
 * by counts: told the same again, *ret_taken = 0 and nothing is done. */
struct points_return {
    int64_t purchase_id, return_id;      /* transactions; a cancellation is a return_id too */
    int64_t returned_minor, total_minor; /* of this return so far, at least 0; of the purchase */
    int64_t store_id, at_us;
    int32_t today;
    const struct audit_actor *by; /* or NULL */
};
enum err must_use points_take_back(struct db_tx *tx, int64_t merchant_id,
                                   const struct points_return *what, struct arena *a,
                                   int64_t *ret_taken, struct problem *p);

/* Takes everything that is left, before the customer is erased. */
enum err must_use points_close(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                               int32_t today, struct arena *a);
/* Books what has expired by that day; *ret_expired: how many points. */
enum err must_use points_settle(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                int32_t today, struct arena *a, int64_t *ret_expired);

/* ---- reading ---- */

struct points_balance {
    int64_t total, usable; /* as the day goes: what has expired by then is in neither */
    int64_t expiring;      /* of the total, on expiring_day: the next on which something does */
    int32_t expiring_day;  /* DAY_NONE: nothing will */
    int64_t locked;        /* total - usable */
    int32_t unlocking_day; /* when the next of it can be used; DAY_NONE: nothing is locked */
};
/* Nobody known has none. */
enum err must_use points_balance(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                 int32_t today, struct points_balance *ret);
/* Sum of the entries that count for that day or an earlier one. */
enum err must_use points_balance_on(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                    int32_t day, int64_t *ret);
/* Newest first, with an id below `before` (INT64_MAX: from the first). `only`: a points_kind or a
 * points_only. `ret` has room for `limit`. Texts live in `a`. */
enum err must_use points_list(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int only,
                              int64_t before, int64_t limit, struct arena *a,
                              struct points_entry *ret, size_t *ret_n);
/* Those of all customers. */
enum err must_use points_latest(struct db_tx *tx, int64_t merchant_id, int64_t limit,
                                struct arena *a, struct points_entry *ret, size_t *ret_n);
/* One entry, with its own amount (not its posting's). ERR_NOT_FOUND. */
enum err must_use points_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                             struct points_entry *ret);
/* What came in those days, both included, and was not taken back since: what tiers count. A return
 * or a reversal counts on the day of what it takes back. Not openings, certificates and what was
 * given back. */
#define POINTS_EARNING_KINDS                                                                       \
    "('purchase', 'visit', 'credit', 'stamp', 'referral', 'birthday', 'tier')"
#define POINTS_EARNED_FROM /* e: the entries, c: what they cite */                                 \
    " FROM points_entry e LEFT JOIN points_entry c ON c.merchant_id = e.merchant_id"               \
    " AND c.id = e.cites_id AND e.kind IN ('return', 'reversal')"
#define POINTS_EARNED_DAY "COALESCE(c.day, e.day)"
#define POINTS_EARNED /* goes on after a WHERE */                                                  \
    " AND (e.amount > 0 AND e.kind IN " POINTS_EARNING_KINDS                                       \
    " OR c.amount > 0 AND c.kind IN " POINTS_EARNING_KINDS ")"
enum err must_use points_earned(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                int32_t from, int32_t to, int64_t *ret);

/* What the merchant owes, day by day: points that were given and not spent, expired or taken back.
 */
#define POINTS_LIABILITY_DAYS 366
#define POINTS_EXPIRING_DAYS 366
struct points_liability {
    int64_t before, points;                 /* at the end of the day before `from`, and of `to` */
    int64_t days[POINTS_LIABILITY_DAYS];    /* at the end of each day, from `from` on */
    int64_t kinds[POINTS_KINDS];            /* what came and went in these days */
    int64_t expiring[POINTS_EXPIRING_DAYS]; /* of what there is now: on `today`, tomorrow… */
    int64_t customers;                      /* who have points now */
};
/* At most POINTS_LIABILITY_DAYS days. */
enum err must_use points_liability(struct db_tx *tx, int64_t merchant_id, int32_t from, int32_t to,
                                   int32_t today, struct points_liability *ret);

/* Does every chain hold, do accounts and lots say what follows from the entries, and is everything
 * still there that was sealed (points_seal())? Only reads. */
#define POINTS_REPORT_MAX 20
struct points_seal {
    int64_t place; /* 0: there is none yet */
    int64_t at_us, accounts, entries, points;
    char hash[65]; /* hexadecimal: who keeps it elsewhere can show that nothing older was changed */
};
struct points_report {
    int64_t accounts, entries, points, differing; /* differing: faults, of which some are named */
    struct {
        int64_t
            customer_id;  /* of a vanished account, for whom it was opened; of the seal itself 0 */
        const char *what; /* chain text draws balance lots, or against the seal: vanished (the
                             account is gone), cut (entries are missing at the end), rewritten (an
                             old one is another), seal (the seal itself was touched) */
    } some[POINTS_REPORT_MAX];
    int nsome;
    struct points_seal seal; /* the last one */
    bool seal_broken;
};
enum err must_use points_check(struct db_tx *tx, int64_t merchant_id, struct points_report *ret);

/* Seals the merchant's ledger as it stands: notes the end of each chain that has grown, in
 * transactions that touch no account, so that no credit waits, then a digest over all of them,
 * chained to the seal before. What is not as it was sealed keeps its old seal, and nothing at all
 * is sealed over a seal that was touched, so that points_check() goes on telling it. Interrupted,
 * it goes on at the next call. `anew`: somebody has looked; the seals of before are dropped, and
 * what stands now counts from here. Nothing new: no new seal. *ret: the last one. */
enum err must_use points_seal(struct db *db, int64_t merchant_id, bool anew,
                              struct points_seal *ret);

/* Each night: books what has expired, 100 customers in a transaction, so that it goes on where it
 * was; then points_check() and points_seal(), told to the log and the audit log. job_kind
 * {POINTS_JOB, points_job}. */
#define POINTS_JOB "points"
struct job;
enum err points_job(const struct job *job, struct arena *a, void *app, struct problem *p);

/* ---- what points promise ---- */

enum points_expiry {
    POINTS_EXPIRE_NEVER,
    POINTS_EXPIRE_DAYS,
    POINTS_EXPIRE_MONTH,
    POINTS_EXPIRE_YEAR
};
extern const char *const points_expiries[]; /* never days month_end year_end; ends with NULL */
struct points_policy {
    enum points_expiry expiry;
    int64_t count;       /* days; or months or years until the one at whose end they expire */
    int64_t locked_days; /* of POINTS_PURCHASE and POINTS_VISIT */
    int64_t worth_points, worth_minor; /* so many points are worth that much money; 0: not said */
    int64_t updated_us, version;       /* version 0: the program's own */
};
#define POINTS_DAYS_MAX 3650
#define POINTS_MONTHS_MAX 120
#define POINTS_YEARS_MAX 10
#define POINTS_LOCKED_MAX 365
enum err must_use points_policy_read(struct db_tx *tx, int64_t merchant_id,
                                     struct points_policy *ret);
/* Changes what is promised from now on, never a date that stands. ERR_INVALID points_policy_count,
 * points_policy_worth. Sets version. Audited. */
enum err must_use points_policy_write(struct db_tx *tx, int64_t merchant_id,
                                      const struct points_policy *before,
                                      struct points_policy *after, const struct audit_actor *by,
                                      struct arena *a, struct problem *p);
/* The dates of what comes on a day: expiry counts from the first day on which it can be spent. */
void points_promise(const struct points_policy *policy, enum points_kind kind, int32_t day,
                    int32_t *ret_usable_day, int32_t *ret_expires_day);
