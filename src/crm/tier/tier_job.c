/* What the day brings, and what a changed ladder brings: a few hundred customers a transaction. */
#include "../../base/check.h"
#include "../change/change.h"
#include "../batch.h"
#include "../merchant/merchant.h"
#include "tier_internal.h"
#include "tier_sql.h"

enum {
    STEP = 512,
    AT_ONCE_MAX = 64 /* customers of one transaction; more are the job's work */
};

struct stepping {
    int64_t merchant_id;
    int32_t today;
    const struct job *job; /* NULL: none */
    int64_t done;
    size_t n;   /* out: how many this step looked at */
    bool ended; /* out */
};

enum err tier_job_wanted(struct db_tx *tx, int64_t merchant_id, int64_t staff_id)
{
    int64_t waiting, id;
    enum err e = db_query_int(tx, &tier_job_waiting, &waiting, db_i(merchant_id));
    return e != OK || waiting ? e : job_create(tx, merchant_id, TIER_JOB, 0, staff_id, -1, &id);
}

enum err tier_follow(struct db_tx *tx, int64_t merchant_id, const int64_t *ids, size_t n)
{
    struct tier_ladder l;
    struct batch_rows rows;
    enum err e = n ? tier_ladder_read(tx, merchant_id, db_arena(tx), &l) : OK;
    if (e != OK || n == 0 || l.rules.n == 0)
        return e;
    if (n <= AT_ONCE_MAX)
        return tier_settle(tx, merchant_id, &l, l.day, ids, n, NULL, NULL);
    if (l.rules.measure == TIER_NONE)
        return OK;
    batch_rows_begin(&rows, tx, db_arena(tx), &tier_row_due);
    for (size_t i = 0; i < n; i++)
        batch_rows_add(&rows, (struct db_value[]){db_i(merchant_id), db_i(ids[i])});
    e = batch_rows_end(&rows);
    return e == OK ? tier_job_wanted(tx, merchant_id, 0) : e;
}

/* Whom to look at: everybody from where a sweep is, else those whose day has come. */
static enum err next_ids(struct db_tx *tx, const struct stepping *s, const struct tier_ladder *l,
                         int64_t *ids, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    const struct db_statement *st = l->sweeping ? &tier_next_ids : &tier_due_ids;
    int64_t from = l->sweeping ? l->sweep_after : l->day;
    enum err e = db_query(tx, st, &rows, db_i(s->merchant_id), db_i(from), db_i(STEP));
    *ret_n = 0;
    while (e == OK && *ret_n < STEP && db_next(rows))
        ids[(*ret_n)++] = db_int(rows, 0);
    return e == OK ? db_error(rows) : e;
}

static enum err step(struct db_tx *tx, void *arg)
{
    struct stepping *s = arg;
    struct tier_ladder l;
    int64_t ids[STEP], moved[STEP];
    size_t nmoved = 0;
    s->n = 0;
    s->ended = true;
    enum err e = tier_ladder_read(tx, s->merchant_id, db_arena(tx), &l);
    if (e != OK || l.version == 0)
        return e;
    if (l.day < s->today) {
        e = db_exec(tx, &tier_ladder_reach, NULL, db_i(s->today), db_i(s->merchant_id));
        l.day = s->today;
    }
    if (e == OK)
        e = next_ids(tx, s, &l, ids, &s->n);
    if (e == OK)
        e = tier_settle(tx, s->merchant_id, &l, l.day, ids, s->n, moved, &nmoved);
    bool more = s->n == STEP;
    if (e == OK && l.sweeping)
        e = db_exec(tx, &tier_ladder_swept, NULL, more ? db_i(ids[STEP - 1]) : db_null(),
                    db_i(s->merchant_id));
    s->ended = !more && !l.sweeping;
    if (e == OK && s->job)
        e = job_progress(tx, s->job, s->done + (int64_t)s->n, -1);
    return e == OK ? change_note(tx, s->merchant_id, "customer", moved, nmoved) : e;
}

static enum err run(struct db *db, struct stepping *s)
{
    enum err e;
    do {
        e = db_write(db, step, s);
        s->done += (int64_t)s->n;
    } while (e == OK && !s->ended);
    return e;
}

enum err tier_settle_due(struct db *db, int64_t merchant_id, int32_t today)
{
    struct stepping s = {.merchant_id = merchant_id, .today = today};
    return run(db, &s);
}

struct asking {
    int64_t merchant_id;
    struct arena *arena;
    struct merchant merchant;
};

static enum err read_merchant(struct db_tx *tx, void *arg)
{
    struct asking *k = arg;
    return merchant_get(tx, k->merchant_id, k->arena, &k->merchant);
}

enum err tier_job(const struct job *job, struct arena *a, void *arg, struct problem *p)
{
    const struct app *app = arg;
    struct asking k = {.merchant_id = job->merchant_id, .arena = a};
    enum err e = db_read(app->db, read_merchant, &k);
    struct stepping s = {.merchant_id = job->merchant_id, .job = job, .done = job->done};
    if (e == OK) {
        s.today = merchant_today(app, &k.merchant);
        e = run(app->db, &s);
    }
    if (e == OK || e == ERR_CANCELED || e == ERR_BUSY)
        return e;
    return problem_set(p, a, e, err_name(e), NULL, NULL);
}
