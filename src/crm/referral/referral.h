/* Referrals (FEATURES D6): who brought whom, and what both get for it.
 *
 * Each customer can have a code, made when it is first asked for; it leads to whoever they are
 * today, after a merge too. A referral is settled once: when the one who was brought has done what
 * the rules demand (registered, or bought for the first time), both sides are rewarded, the bringer
 * up to so many times a month. Where no rules were in force nothing is ever given for it
 * afterwards. Nobody brings themselves (the same customer, or one with the same phone or e-mail),
 * nobody is brought twice or in a circle, and who is brought must be new. Threads: none of its own.
 */
#pragma once
#include "../reward/reward.h"
#include "../../work/work.h"

extern const struct db_statement *const referral_statements[];
extern const struct http_route referral_routes[];

#define REFERRAL_SYMBOLS 8 /* 35 bits and a check: not a secret */
#define REFERRAL_NEW_DAYS_MAX 365
#define REFERRAL_PER_MONTH_MAX 1000
#define REFERRAL_CHAIN_MAX 1000 /* how far up a circle is looked for */
#define REFERRALS_TOLD_MAX 200  /* of a customer */

enum referral_demand { REFERRAL_REGISTERED, REFERRAL_FIRST_PURCHASE };
extern const char *const referral_demands[]; /* ends with NULL */
extern const char *const referral_ways[];    /* how it was entered: card registration import till */

struct referral_rules {
    bool active;
    enum referral_demand demand;
    int64_t new_days, per_month; /* per_month 0: any number */
    struct reward bringer, brought;
    int64_t version; /* 0: never saved, the defaults */
};
enum err must_use referral_rules_get(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                                     struct referral_rules *ret);
/* ERR_STALE stale; those of reward_check(). */
enum err must_use referral_rules_save(struct db_tx *tx, int64_t merchant_id, int64_t version,
                                      struct referral_rules *after,
                                      const struct certificate_actor *who, struct problem *p);

/* *ret empty: none yet. */
enum err must_use referral_code_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                    struct arena *a, struct str *ret);
/* Makes it when there is none. ERR_NOT_FOUND: no living customer. */
enum err must_use referral_code_make(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                     struct arena *a, struct str *ret);
/* The living customer whose code it is, as typed. ERR_INVALID referral_mistyped, referral_unknown.
 */
enum err must_use referral_bringer(struct db_tx *tx, int64_t merchant_id, struct str code,
                                   int64_t *ret_id, struct problem *p);

/* Says that `bringer_id` brought `brought_id`, both living, and settles it when that is due.
 * ERR_CONFLICT referral_self, referral_same_contact, referral_already, referral_circle,
 * referral_not_new. */
enum err must_use referral_enter(struct db_tx *tx, int64_t merchant_id, int64_t bringer_id,
                                 int64_t brought_id, const char *how,
                                 const struct certificate_actor *who, int64_t *ret_id,
                                 struct problem *p);
/* Takes back one that is not settled, or that nothing was given for. ERR_NOT_FOUND; ERR_CONFLICT
 * referral_rewarded. */
enum err must_use referral_remove(struct db_tx *tx, int64_t merchant_id, int64_t brought_id,
                                  const struct certificate_actor *who, struct problem *p);

struct referral {
    int64_t id, bringer_id, brought_id, at_us, settled_us; /* 0: erased; not settled */
    int64_t bringer_number, brought_number;
    struct str bringer, brought, how, staff_name;
    bool bringer_rewarded, brought_rewarded;
};
/* Those below the id `below`, the latest first, at most `limit`; bringer_id 0: of all. */
enum err must_use referral_list(struct db_tx *tx, int64_t merchant_id, int64_t bringer_id,
                                int64_t below, int64_t limit, struct arena *a, struct referral *ret,
                                size_t *ret_n);
/* How this customer came. ERR_NOT_FOUND: nobody is said to have brought them. */
enum err must_use referral_of_brought(struct db_tx *tx, int64_t merchant_id, int64_t brought_id,
                                      struct arena *a, struct referral *ret);
struct referral_count {
    int64_t customer_id, number, brought, rewarded;
    struct str name;
};
/* Who brought most, at most `limit`. */
enum err must_use referral_top(struct db_tx *tx, int64_t merchant_id, int64_t limit,
                               struct arena *a, struct referral_count *ret, size_t *ret_n);

/* A facts_follower: whoever of these has bought for the first time is settled, by a job at once. */
enum err referral_follow(struct db_tx *tx, int64_t merchant_id, const int64_t *ids, size_t n);
/* Settles what has become due; when somebody has bought, and each day. Not inside a transaction. */
#define REFERRAL_JOB "referrals"
enum err referral_job(const struct job *job, struct arena *a, void *app, struct problem *p);
