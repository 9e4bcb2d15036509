/* Bulk actions (FEATURES A10): one thing done to many customers as a durable job, with a preview, a
 * result for each customer, and undo.
 *
 * Confirming freezes who is meant: a list of ids in chunks of BULK_CHUNK. The job does a chunk in
 * one transaction: it looks at each customer, changes those that are to change, and writes what
 * came of each and how it was before. So a process killed at any moment leaves whole chunks, and
 * the next one goes on behind them; nothing is done twice. Undo is an action of its own over the
 * same chunks: it gives back what the first one changed and leaves alone what others have changed
 * since. Memory: a chunk at a time, whatever their number. Threads: none of its own.
 *
 * A new action is a row of bulk_actions[] (bulk_action.c). */
#pragma once
#include "../audit/audit.h"
#include "../../work/work.h"

extern const struct db_statement *const bulk_statements[];
extern const struct http_route bulk_routes[];

#define BULK_JOB "bulk"
#define BULK_CHUNK 1000 /* customers of a transaction */
#define BULK_REASON_MAX 300

/* What came of a customer. Stored: only ever add behind the last one. */
enum bulk_outcome {
    BULK_CHANGED,
    BULK_ALREADY, /* was so before */
    BULK_GONE,    /* deleted meanwhile */
    BULK_FULL,    /* has as many as there can be */
    BULK_SINCE,   /* undo: somebody has changed it since */
    BULK_SHORT,   /* has fewer points than would be taken */
    BULK_OUT,     /* there is none left to give */
    BULK_WAITS,   /* points: a second person must agree */
    BULK_UNASKED, /* points: one would have to, but too many requests wait */
    BULK_OUTCOMES
};
extern const char *const bulk_outcome_names[]; /* ends with NULL */

/* What an action needs to know besides whom. */
enum bulk_needs {
    BULK_NOTHING,
    BULK_TAG,
    BULK_GROUP,
    BULK_SOURCE,
    BULK_STORE,
    BULK_REASON,
    BULK_POINTS,
    BULK_TIER,
    BULK_CERTIFICATE
};
struct bulk_action;
extern const char *const bulk_action_names[]; /* ends with NULL; in the order of the actions */
const struct bulk_action *bulk_action_at(int i);
const struct bulk_action *bulk_action_by_name(struct str name); /* NULL: no such */
const char *bulk_action_name(const struct bulk_action *a);
enum bulk_needs bulk_action_needs(const struct bulk_action *a);

struct bulk_counts {
    int64_t of[BULK_OUTCOMES];
};
struct bulk {
    int64_t id, target_id /* tag, group, source, store, certificate type; of favourites the person;
                             how many points */
        ,
        staff_id, selected, job_id, undoes, undone_by, created_us;
    const struct bulk_action *action;
    struct str target, query, staff_name; /* target: its name; of a block, of points the reason */
    struct str message;                   /* of points: to the customers */
    struct str reason;                    /* of a tier */
    int32_t until_day;                    /* of a tier: the last day; DAY_NONE: none */
    bool by_query;
    struct bulk_counts counts;
};
/* Texts live in `a`. ERR_NOT_FOUND */
enum err must_use bulk_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                           struct bulk *ret);
/* Those before `below`, newest first, at most `limit`; staff_id 0: everybody's. */
enum err must_use bulk_list(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, int64_t below,
                            int64_t limit, struct arena *a, struct bulk *ret, size_t *ret_n);

/* Stores the action with its customers (ascending) and makes its job: sets id, job_id, created_us.
 * The target is there: checked in the same transaction. Notes the audit. */
enum err must_use bulk_start(struct db_tx *tx, int64_t merchant_id, struct bulk *b,
                             const int64_t *ids, const struct audit_actor *by, struct arena *a);
/* What it would do, changing nothing: counts, and the first few customers of each outcome. */
#define BULK_EXAMPLES 5
struct bulk_preview {
    struct bulk_counts counts;
    int64_t examples[BULK_OUTCOMES][BULK_EXAMPLES];
};
enum err must_use bulk_preview(struct app *app, int64_t merchant_id, const struct bulk *b,
                               const int64_t *ids, struct bulk_preview *ret);
/* Takes back what `id` has changed so far; an undo that was stopped goes on. ERR_CONFLICT
 * bulk_running, bulk_undone, bulk_is_undo, bulk_target_gone. *ret_id: the undo. */
enum err must_use bulk_undo(struct db_tx *tx, int64_t merchant_id, int64_t id,
                            const struct audit_actor *by, struct arena *a, int64_t *ret_id,
                            struct problem *p);

/* The results in the order of the customers' ids: at most `limit` from place `from` on. */
struct bulk_result {
    int64_t customer_id, place;
    int outcome; /* -1: not done yet */
};
enum err must_use bulk_results(struct db_tx *tx, int64_t merchant_id, int64_t id, int64_t from,
                               int outcome, struct arena *a, struct bulk_result *ret, size_t limit,
                               size_t *ret_n); /* outcome -1: all */

enum err bulk_job(const struct job *job, struct arena *a, void *app, struct problem *p);
