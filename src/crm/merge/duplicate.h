/* The standing queue of likely pairs: two cards that may be one person (FEATURES B14).
 *
 * It follows the change feed, so whatever changes a customer keeps it, and nobody who writes waits
 * for it: an import is not slowed down. Of each customer a few keys are kept (duplicate_key); only
 * those who share one are compared (duplicate_score.h), and a key that many share is passed over,
 * so the work per change is bounded. A base that the feed cannot tell of any more (new to this
 * program, or behind by more than CHANGES_KEPT) is scanned in batches that commit how far they are.
 * What somebody said about a pair stays, whatever its score becomes.
 * Threads: any. Never call it inside db_read() or db_write(), where a struct app is taken. */
#pragma once
#include "../audit/audit.h"
#include "duplicate_score.h"

struct job;
extern const struct db_statement *const duplicate_statements[];
extern const struct http_route duplicate_routes[];

#define DUPLICATE_JOB "duplicates"
#define DUPLICATE_PERCENT_MIN 50 /* less likely pairs are not kept */
#define DUPLICATE_PAIRS_PER_CUSTOMER 20

/* One step in a transaction of its own: up to DUPLICATE_STEP customers. *ret_more: there is more to
 * do. ERR_NOT_FOUND: no such merchant. */
enum { DUPLICATE_STEP = 256 };
enum err must_use duplicate_step(struct app *app, int64_t merchant_id, bool *ret_more);
/* Steps until nothing is left, at most `steps`; *ret_more as above. */
enum err must_use duplicate_follow(struct app *app, int64_t merchant_id, int steps, bool *ret_more);
/* Follows all merchants, the little by itself, more by a job; for work_tick(). */
void duplicate_look(void *app);
/* The job's function: job_kind {DUPLICATE_JOB, duplicate_job}. Ends early where an import begins.
 */
enum err duplicate_job(const struct job *job, struct arena *a, void *app, struct problem *p);

struct duplicate_pair {
    int64_t a_id, b_id; /* a < b */
    int percent;
    struct str reasons; /* JSON */
    int64_t found_us, decided_us;
    struct str decided_by;
};
/* A place in the list: the likeliest first, then by ids. */
struct duplicate_place {
    int64_t percent, a_id, b_id;
};
#define DUPLICATE_FIRST ((struct duplicate_place){101, 0, 0})
/* Pairs after that place; `decided`: those of which somebody said that they are two people; else
 * the open ones. customer_id 0: of everybody. `ret` has room for `limit`. */
enum err must_use duplicate_list(struct db_tx *tx, int64_t merchant_id, bool decided,
                                 int64_t customer_id, const struct duplicate_place *after,
                                 int64_t limit, struct arena *a, struct duplicate_pair *ret,
                                 size_t *ret_n);
/* Says that they are two people, or takes that back. ERR_NOT_FOUND: no such pair. Audited. */
enum err must_use duplicate_decide(struct db_tx *tx, int64_t merchant_id, int64_t a_id,
                                   int64_t b_id, bool two_people, const struct audit_actor *by,
                                   int64_t now_us);
/* Whether everybody has been looked at once; *ret_done: how many of a scan. */
struct duplicate_progress {
    bool scanning;
    int64_t scan_after;
};
enum err must_use duplicate_progress_get(struct db_tx *tx, int64_t merchant_id,
                                         struct duplicate_progress *ret);
