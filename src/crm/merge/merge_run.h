/* Merging all likely pairs above a score at once (FEATURES B14): a durable job with a result for
 * each pair, taken back as a whole.
 *
 * Confirming freezes the pairs, the likeliest first; the card that is older (the smaller number)
 * stays, fields go by the rule of merge.h. Each pair is looked at again in the transaction that
 * merges it: it must still be open and as likely. A card that went into another one in the same run
 * is not carried further: what it became is compared anew, and comes up again with a likelihood of
 * its own, so nobody is merged through a chain of others. A process killed at any moment leaves
 * whole pairs, and the next one goes on behind them. Taking back goes through them from the last to
 * the first. Threads: none of its own. */
#pragma once
#include "../../work/work.h"
#include "merge.h"

extern const struct db_statement *const merge_run_statements[];
extern const struct http_route merge_run_routes[];

#define MERGE_RUN_JOB "merge_run"
#define MERGE_RUN_PAIRS_MAX 10000
#define MERGE_RUN_PERCENT_MIN 80

/* What came of a pair. Stored: only ever add behind the last one. */
enum merge_run_outcome {
    MERGE_RUN_DONE,
    MERGE_RUN_SINCE,   /* one of them went into another card since */
    MERGE_RUN_GONE,    /* deleted since; taking back: the merge was taken back by hand */
    MERGE_RUN_CHANGED, /* said to be two people since, or not as likely any more */
    MERGE_RUN_REFUSED, /* `reason` says why: a problem of merge.h */
    MERGE_RUN_OUTCOMES
};
extern const char *const merge_run_outcome_names[]; /* ends with NULL */

struct merge_run_pair {
    int64_t survivor_id, loser_id, percent;
};
struct merge_run_counts {
    int64_t of[MERGE_RUN_OUTCOMES], back[MERGE_RUN_OUTCOMES];
};
struct merge_run {
    int64_t id, percent, pairs, staff_id, job_id, undo_job_id, made_us; /* undo_job_id 0: none */
    struct str actor, undone_by;
    struct merge_run_counts counts;
};
/* Stores the pairs with their job, audited; sets id and job_id. */
enum err must_use merge_run_start(struct db_tx *tx, int64_t merchant_id, struct merge_run *run,
                                  const struct merge_run_pair *pairs, const struct audit_actor *by,
                                  struct arena *a);
/* Texts live in `a`. ERR_NOT_FOUND. */
enum err must_use merge_run_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                                struct merge_run *ret);
/* Newest first, with an id below `before`; staff_id 0: everybody's. `ret` has room for `limit`. */
enum err must_use merge_run_list(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                                 int64_t before, int64_t limit, struct arena *a,
                                 struct merge_run *ret, size_t *ret_n);
/* Takes back what it merged so far; one that was stopped goes on. ERR_NOT_FOUND; ERR_CONFLICT
 * merge_run_running, merge_run_undone. */
enum err must_use merge_run_undo(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                 const struct audit_actor *by, struct arena *a, struct problem *p);

struct merge_run_result {
    int64_t place, percent, merge_id, survivor_id, loser_id, survivor_number, loser_number;
    struct str survivor_name, loser_name, reason;
    int outcome, back; /* -1: not done yet */
};
/* In their order, at most `limit` from `place` on; outcome -1: all. */
enum err must_use merge_run_results(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                    int64_t place, int outcome, int64_t limit, struct arena *a,
                                    struct merge_run_result *ret, size_t *ret_n);
/* The job's function: job_kind {MERGE_RUN_JOB, merge_run_job}. */
enum err merge_run_job(const struct job *job, struct arena *a, void *app, struct problem *p);
