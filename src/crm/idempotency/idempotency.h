/* What a repeated request gets: the first answer again, and nothing is done twice (DESIGN 5).
 *
 * A route marked `.idempotent` must come with an Idempotency-Key
 * (draft-ietf-httpapi-idempotency-key-header); its handler writes by idempotent_write() instead of
 * db_write(). The answer is kept in the very transaction that it tells of. Only what went well is
 * kept: a refusal changed nothing, so the same key may try again. Kept for IDEMPOTENCY_DAYS.
 * Threads: any. */
#pragma once
#include "../app.h"

struct job;
extern const struct db_statement *const idempotency_statements[];

#define IDEMPOTENCY_DAYS 30
#define IDEMPOTENT_ANSWER_MAX (256 * 1024) /* bytes */

/* `fn(tx, arg)` does the work, `answer(r, arg)` writes r->json (and r->etag) from what it left,
 * reading nothing from the base. Both may run more than once, or not at all when the answer is
 * known already. ERR_INVALID idempotency_reused: the key was used by another request (or by
 * somebody else). */
enum err must_use idempotent_write(struct request *r, db_fn fn, void *arg,
                                   enum err (*answer)(struct request *r, void *arg));

/* Forgets old answers, each day: job_kind {IDEMPOTENCY_JOB, idempotency_job}. */
#define IDEMPOTENCY_JOB "idempotency"
enum err idempotency_job(const struct job *job, struct arena *a, void *app, struct problem *p);
