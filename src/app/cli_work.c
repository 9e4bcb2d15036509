/* Jobs that a command makes and waits for: worked on here, beside a server that may be running. */
#include "cli_work.h"
#include <stdio.h>
#include <unistd.h>
#include "../base/check.h"
#include "../crm/bulk/bulk.h"
#include "../crm/customer/audiences.h"
#include "../crm/job/job.h"
#include "../crm/merge/merge_run.h"
#include "../crm/staff/staff.h"
#include "../work/work.h"

static const struct job_kind kinds[] = {{BULK_JOB, bulk_job}, {MERGE_RUN_JOB, merge_run_job}};
enum { WAIT_MS = 500 };

struct looking {
    int64_t merchant_id, id;
    struct arena *arena;
    struct job_view job;
};

static enum err look(struct db_tx *tx, void *arg)
{
    struct looking *l = arg;
    return job_get(tx, l->merchant_id, l->id, l->arena, &l->job);
}

static void tell(struct cli *c, const struct job_view *job)
{
    if (isatty(STDERR_FILENO) && !c->json)
        fprintf(stderr, "\r%lld / %lld%s", (long long)job->done, (long long)job->total,
                job_ended(job) ? "\n" : "");
}

int cli_work(struct cli *c, int64_t merchant_id, int64_t job_id)
{
    struct looking l = {.merchant_id = merchant_id, .id = job_id, .arena = c->arena};
    struct work *w;
    enum err e = work_start(c->app.db, kinds, ARRAY_LEN(kinds), 1, &c->app, &w);
    if (e != OK)
        return cli_fail(c, e, NULL);
    for (e = db_read(c->app.db, look, &l); e == OK && !job_ended(&l.job);
         e = db_read(c->app.db, look, &l)) {
        tell(c, &l.job);
        work_wait_change(w, merchant_id, job_id, l.job.state, l.job.done, WAIT_MS);
    }
    work_stop(&w);
    if (e != OK)
        return cli_fail(c, e, NULL);
    tell(c, &l.job);
    if (strcmp(l.job.state, "done") == 0)
        return CLI_OK;
    return cli_fail(c, ERR_CANCELED, l.job.failed ? &l.job.problem : NULL);
}

int cli_matching(struct cli *c, const struct audience_use *use, const char *query,
                 const int64_t **ret, size_t *ret_n)
{
    struct problem p = {.from = -1};
    struct audience_reader reader;
    struct audience_ask ask = {.ids_only = true};
    struct audience_answer answer;
    audience_reader(use, 0, &reader);
    enum err e = query_parse(c->arena, str_c(query), &reader.context, &ask.query, &p);
    if (e == ERR_INVALID) {
        cli_fail(c, e, &p);
        return CLI_USAGE;
    }
    if (e == OK)
        e = audience_ask(use->audience, &ask, c->arena, &answer);
    if (e != OK)
        return cli_fail(c, e, &p);
    *ret = answer.ids;
    *ret_n = (size_t)answer.matching;
    return CLI_OK;
}

struct owning {
    int64_t merchant_id, owner_id;
    struct arena *arena;
};

static enum err find_owner(struct db_tx *tx, void *arg)
{
    struct owning *o = arg;
    struct staff *all;
    size_t n;
    enum err e = staff_list(tx, o->merchant_id, o->arena, &all, &n);
    for (size_t i = 0; e == OK && i < n && o->owner_id == 0; i++)
        if (all[i].role == ROLE_OWNER)
            o->owner_id = all[i].id;
    return e == OK && o->owner_id == 0 ? ERR_NOT_FOUND : e;
}

int cli_owner(struct cli *c, int64_t merchant_id, int64_t *ret)
{
    struct owning o = {merchant_id, 0, c->arena};
    enum err e = db_read(c->app.db, find_owner, &o);
    *ret = o.owner_id;
    return e == OK ? CLI_OK : cli_fail(c, e, NULL);
}
