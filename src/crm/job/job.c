#include "../../base/check.h"
#include "../../work/work.h"
#include "job_sql.h"

enum err job_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                 struct job_view *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &job_one, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    *ret = (struct job_view){.id = id,
                             .kind = arena_cstr(a, db_text(rows, 0)),
                             .state = arena_cstr(a, db_text(rows, 1)),
                             .staff_id = db_int(rows, 2),
                             .subject_id = db_int(rows, 3),
                             .done = db_int(rows, 4),
                             .total = db_int_or(rows, 5, -1),
                             .created_us = db_int(rows, 7),
                             .started_us = db_int(rows, 8),
                             .finished_us = db_int(rows, 9)};
    ret->failed = strcmp(ret->state, "failed") == 0;
    if (ret->failed && !job_problem(a, db_text(rows, 6), &ret->problem))
        (void)problem_set(&ret->problem, a, ERR_INTERNAL, "internal", NULL, NULL);
    return OK;
}

bool job_ended(const struct job_view *job)
{
    return job->finished_us != 0;
}

void job_json(struct json *j, struct arena *a, const char *language, const struct job_view *job)
{
    json_open(j);
    json_kv_id(j, "id", job->id);
    json_kv_cstr(j, "kind", job->kind);
    json_kv_cstr(j, "state", job->state);
    json_kv_id(j, "subject_id", job->subject_id);
    json_kv_int(j, "done", job->done);
    json_key(j, "total");
    if (job->total < 0)
        json_nil(j);
    else
        json_int(j, job->total);
    json_key(j, "problem");
    if (job->failed)
        http_problem_json(j, a, language, &job->problem, 500);
    else
        json_nil(j);
    json_kv_instant(j, "created_at", job->created_us);
    json_kv_instant(j, "started_at", job->started_us);
    json_kv_instant(j, "finished_at", job->finished_us);
    json_close(j);
}
