/* Durable jobs: rows in `job`, run by a few worker threads, claimed with a lease (conditional
 * UPDATE … RETURNING), resumed by whoever finds them after a crash, cancelable, with progress that
 * event streams follow. Knows no feature: kinds are registered. */
#pragma once
#include "../db/db.h"

struct work;
struct job {
    int64_t merchant_id, id, subject_id, staff_id;
    const char *kind;
    int64_t done, total; /* total -1 = not known */
};
/* Runs until done; `job` is the pointer to hand to job_progress(). Call job_progress() inside each
 * of its own transactions (db_write), so that progress and work are one; it returns ERR_CANCELED
 * when asked to stop or when the lease was lost. Returning OK = done, ERR_CANCELED = canceled, else
 * failed with *p told to people; ERR_BUSY is tried again some times first. Must be able to start
 * again from what its own rows say. */
typedef enum err (*job_fn)(const struct job *job, struct arena *a, void *app, struct problem *p);
struct job_kind {
    const char *name;
    job_fn run;
};
/* `kinds` must live as long as the work. */
enum err must_use work_start(struct db *db, const struct job_kind *kinds, size_t n, int threads,
                             void *app, struct work **ret);
/* The same with other times, for tests. Leases last 30 s; other processes' jobs are looked for each
 * second. */
enum err must_use work_start_timed(struct db *db, const struct job_kind *kinds, size_t n,
                                   int threads, void *app, int lease_ms, int poll_ms,
                                   struct work **ret);
/* From now on one thread at a time calls `tick(app)` about so often, for what makes jobs by the
 * clock. Every process of a base does so: what it makes must say once. */
void work_tick(struct work *w, int every_ms, void (*tick)(void *app));
void work_stop(struct work **w); /* lets running jobs reach their next progress, then returns */
enum err must_use job_create(struct db_tx *tx, int64_t merchant_id, const char *kind,
                             int64_t subject_id, int64_t staff_id, int64_t total, int64_t *ret_id);
enum err must_use job_progress(struct db_tx *tx, const struct job *job, int64_t done,
                               int64_t total);
enum err must_use job_cancel(struct db_tx *tx, int64_t merchant_id,
                             int64_t job_id); /* NOT_FOUND, CONFLICT when ended */
void work_wake(struct work *w);               /* after a commit that created a job */
/* Waits until the job's row differs from the state and progress that the caller has seen, the work
 * is stopping, or timeout_ms passed. */
void work_wait_change(struct work *w, int64_t merchant_id, int64_t job_id, const char *state,
                      int64_t done, int timeout_ms);
/* Reads job.problem back; strings live in `a`. False: no such text. */
bool job_problem(struct arena *a, struct str json, struct problem *ret);
extern const struct db_statement *const work_statements[];
