#include "idempotency.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../work/work.h"

static const struct db_statement idempotency_find = {
    "idempotency_find",
    "SELECT request, status, etag, answer FROM idempotency WHERE merchant_id = $1"
    " AND request_key = $2",
    "it", "bitt"};

static const struct db_statement idempotency_add = {
    "idempotency_add",
    "INSERT INTO idempotency (merchant_id, request_key, request, status, etag, answer, created_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (merchant_id, request_key) DO NOTHING",
    "itbitti", ""};

static const struct db_statement idempotency_prune = {
    "idempotency_prune", "DELETE FROM idempotency WHERE merchant_id = $1 AND created_us < $2", "ii",
    ""};

const struct db_statement *const idempotency_statements[] = {&idempotency_find, &idempotency_add,
                                                             &idempotency_prune, NULL};

struct writing {
    struct request *r;
    db_fn fn;
    void *arg;
    enum err (*answer)(struct request *r, void *arg);
    int status; /* what the route answers when all is well */
};

static struct str fingerprint(const struct request *r)
{
    return (struct str){(const char *)r->fingerprint, sizeof r->fingerprint};
}

static void begin_answer(struct writing *w)
{
    w->r->out.n = 0;
    json_init(&w->r->json, &w->r->out);
    w->r->status = w->status;
    w->r->etag = NULL;
}

/* ERR_NOT_FOUND: the key is new. */
static enum err answer_again(struct db_tx *tx, struct writing *w)
{
    struct request *r = w->r;
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e =
        db_query(tx, &idempotency_find, &rows, db_i(r->caller.merchant_id), db_tc(r->idempotency));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_NOT_FOUND : e;
    }
    if (!str_eq(db_blob(rows, 0), fingerprint(r)))
        return request_fail(r, ERR_INVALID, "idempotency_reused", "Idempotency-Key", NULL);
    struct str answer = db_text(rows, 3);
    r->status = (int)db_int(rows, 1);
    r->etag = db_is_null(rows, 2) ? NULL : arena_cstr(r->arena, db_text(rows, 2));
    buf_add(&r->out, answer.p, answer.n);
    return OK;
}

static enum err write_once(struct db_tx *tx, void *arg)
{
    struct writing *w = arg;
    struct request *r = w->r;
    begin_answer(w);
    enum err e = answer_again(tx, w);
    if (e != ERR_NOT_FOUND)
        return e;
    e = w->fn(tx, w->arg);
    if (e != OK)
        return e;
    begin_answer(w);
    e = w->answer(r, w->arg);
    if (e != OK)
        return e;
    check(!r->out.failed && r->out.n <= IDEMPOTENT_ANSWER_MAX);
    int64_t added;
    e = db_exec(tx, &idempotency_add, &added, db_i(r->caller.merchant_id), db_tc(r->idempotency),
                db_b(fingerprint(r)), db_i(r->status), db_tc(r->etag), db_t(buf_str(&r->out)),
                db_i(now_us()));
    return e == OK && added != 1 ? ERR_CONFLICT : e;
}

enum err idempotent_write(struct request *r, db_fn fn, void *arg,
                          enum err (*answer)(struct request *r, void *arg))
{
    const struct app *app = r->app;
    struct writing w = {r, fn, arg, answer, r->status};
    check(r->route->idempotent && r->idempotency);
    return db_write(app->db, write_once, &w);
}

/* ---- forgetting ---- */

struct pruning {
    const struct job *job;
};

static enum err prune(struct db_tx *tx, void *arg)
{
    const struct job *job = ((struct pruning *)arg)->job;
    enum err e = db_exec(tx, &idempotency_prune, NULL, db_i(job->merchant_id),
                         db_i(now_us() - IDEMPOTENCY_DAYS * US_PER_DAY));
    return e == OK ? job_progress(tx, job, 1, 1) : e;
}

enum err idempotency_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    (void)a, (void)p;
    struct pruning pruning = {job};
    return db_write(((struct app *)app)->db, prune, &pruning);
}
