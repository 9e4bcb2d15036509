/* Tiers (FEATURES D3): levels that customers reach by one measure, or are given by hand.
 *
 * The ladder is the merchant's: its levels from the lowest up, and the rule (tier_rule.h). Where a
 * customer stands follows from three things alone: the facts, the entries (tier_entry, append-only:
 * every change, who gave what until when), and the day. It is kept in customer_tier, so that lists
 * read it in one scan, and written anew
 *   - in the transaction that changes facts (tier_follow(), called by customer/facts.c); of many
 *     customers at once, by an import, as a job right after;
 *   - by the job of each day, for those whose `next_day` has come: with the facts as they are, the
 *     day on which the tier will change next is known beforehand and stands in the row;
 *   - by the same job for everybody when the ladder has changed.
 * What somebody gave by hand holds until its last day, then the rule holds again.
 *
 * A tier about to be lost: customer_tier.next_day is the first day on which it is another one if
 * nothing more happens, next_id which; tier_losses() lists those that fall.
 *
 * After a change that these functions report, the caller notes it (change_note) as ever.
 * Threads: none of its own. */
#pragma once
#include "../audit/audit.h"
#include "../../work/work.h"
#include "tier_rule.h"

extern const struct db_statement *const tier_statements[];
extern const struct http_route tier_routes[], tier_customer_routes[];

#define TIER_NAME_MAX 40 /* characters */
#define TIER_BENEFITS_MAX 1000
#define TIER_REASON_MAX 300
#define TIER_AHEAD_MAX 3660 /* days that a tier can be given for */

extern const char *const tier_measure_names[]; /* end with NULL, as the next two */
extern const char *const tier_period_names[];
extern const char *const tier_colour_names[];

struct tier {
    int64_t id; /* 0: a new one */
    int64_t threshold;
    int colour; /* place in tier_colour_names */
    struct str name, benefits;
};
struct tier_ladder {
    struct tier_rules rules;      /* thresholds and n: those of the levels */
    struct tier tiers[TIERS_MAX]; /* the lowest first */
    int32_t day;                  /* customers stand as on this day; DAY_NONE: there is no ladder */
    int64_t version;              /* 0: nobody made one yet */
    bool sweeping;                /* everybody is being looked at */
    int64_t sweep_after;          /* … done up to this customer */
};
/* Texts live in `a`. */
enum err must_use tier_ladder_read(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                                   struct tier_ladder *ret);
/* The place of a level, -1: none such. */
int tier_place(const struct tier_ladder *l, int64_t tier_id);
/* ERR_INVALID tier_name_letters, tier_name_twice, tier_threshold_order, tier_threshold_missing; the
 * thresholds go into l->rules. `p` tells the level by args. */
enum err must_use tier_ladder_check(struct tier_ladder *l, struct arena *a, struct problem *p);
/* Keeps `after` (checked) in place of what stands there, whose version must be `version`: ERR_STALE
 * stale; ERR_INVALID tier_unknown for an id that is none of the merchant's. Makes the job that
 * looks at everybody. What is the same already changes nothing. */
enum err must_use tier_ladder_save(struct db_tx *tx, int64_t merchant_id, int64_t version,
                                   int32_t today, struct tier_ladder *after,
                                   const struct audit_actor *by, struct arena *a,
                                   struct problem *p);

/* ---- customers ---- */

struct tier_state {
    int64_t customer_id;
    int64_t tier_id;                        /* 0: none */
    int32_t since_day, until_day, next_day; /* DAY_NONE: none */
    int64_t next_id;
    int64_t was_id; /* the tier that was written last; 0: none */
    bool by_hand;
};
/* Where the living ones among these stand on that day, without writing anything. At most BATCH_KEYS
 * ids, ascending; states[i] belongs to ids[i]; customer_id is 0 for who is gone. */
enum err must_use tier_states(struct db_tx *tx, int64_t merchant_id, const struct tier_ladder *l,
                              int32_t day, const int64_t *ids, size_t n, struct arena *a,
                              struct tier_state *states, struct tier_history *histories);
/* Writes where they stand, entries and timeline of those who moved. Any number, any order. `ret`,
 * of room for `n`, may be NULL: whose row is another one now, ascending. */
enum err must_use tier_settle(struct db_tx *tx, int64_t merchant_id, const struct tier_ladder *l,
                              int32_t day, const int64_t *ids, size_t n, int64_t *ret,
                              size_t *ret_n);
/* For customer/facts.c: the facts of these have changed. */
enum err must_use tier_follow(struct db_tx *tx, int64_t merchant_id, const int64_t *ids, size_t n);

/* One act of a person. */
struct tier_act {
    int64_t customer_id, tier_id; /* tier_id 0: no tier */
    bool release;                 /* back to the rule; the rest of these counts for nothing */
    int32_t until_day;            /* the last day; DAY_NONE: until further notice */
    struct str reason;
    int64_t bulk_id; /* 0: none */
};
/* Gives or hands back, for customers that are there; writes entries and timeline. The acts are
 * checked: tier_act_check(). Ascending by customer. */
enum err must_use tier_act(struct db_tx *tx, int64_t merchant_id, const struct tier_ladder *l,
                           int32_t today, int64_t staff_id, const struct tier_act *acts, size_t n);
/* ERR_INVALID tier_unknown, tier_until_past, tier_until_far. */
enum err must_use tier_act_check(const struct tier_ladder *l, int32_t today,
                                 const struct tier_act *act, struct arena *a, struct problem *p);

struct tier_entry {
    int64_t id, at_us, from_id, to_id;
    int32_t day, until_day;
    const char *cause;
    struct str from, to, reason, staff; /* names as they read now; "" = none */
    int from_colour, to_colour;
};
#define TIER_ENTRIES_TOLD 50
/* The latest first, at most TIER_ENTRIES_TOLD; *ret_all: how many there are, which grows by each.
 */
enum err must_use tier_entries(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                               struct arena *a, struct tier_entry *ret, size_t *ret_n,
                               int64_t *ret_all);

/* Customers whose tier falls on a day from `from_day` to `to_day`, both included, if nothing more
 * happens; by day, then customer. The next page begins behind the last one's (day, customer):
 * `after_day` DAY_NONE: from the start. */
struct tier_loss {
    int64_t customer_id, from_id, to_id; /* to_id 0: to none */
    int32_t day;
};
enum err must_use tier_losses(struct db_tx *tx, int64_t merchant_id, int32_t from_day,
                              int32_t to_day, int32_t after_day, int64_t after_customer,
                              struct tier_loss *ret, size_t limit, size_t *ret_n);

/* Compares every row of customer_tier with what tier_states() says; who waits for the job, and a
 * ladder that is just being gone through, are passed over. Writes nothing. */
struct tier_report {
    int64_t differing, customer_id; /* the first one; 0: none */
};
enum err must_use tier_check(struct db_tx *tx, int64_t merchant_id, struct tier_report *ret);

/* ---- the job: of each day, and after the ladder has changed ---- */

#define TIER_JOB "tiers"
enum err tier_job(const struct job *job, struct arena *a, void *app, struct problem *p);
/* Everything that is due by that day, at once: for the demo and tests. */
enum err must_use tier_settle_due(struct db *db, int64_t merchant_id, int32_t today);
