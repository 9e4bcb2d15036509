#include "../base/check.h"
#include "../base/day.h"
#include "../base/id.h"
#include "../base/json.h"
#include "work_internal.h"
#include <jansson.h>

enum { PROBLEM_MAX = 16 << 10 };

enum err job_create(struct db_tx *tx, int64_t merchant_id, const char *kind, int64_t subject_id,
                    int64_t staff_id, int64_t total, int64_t *ret_id)
{
    int64_t id = id_new();
    enum err err = db_exec(tx, &work_insert, NULL, db_i(merchant_id), db_i(id), db_tc(kind),
                           db_i_or_null(subject_id, 0), db_i_or_null(staff_id, 0),
                           db_i_or_null(total, -1), db_i(now_us()));
    if (!err)
        *ret_id = id;
    return err;
}

enum err job_progress(struct db_tx *tx, const struct job *job, int64_t done, int64_t total)
{
    struct running *r = (struct running *)(uintptr_t)job;
    struct work *w = r->work;
    pthread_mutex_lock(&w->mutex);
    bool stopping = w->stopping;
    pthread_mutex_unlock(&w->mutex);
    if (stopping) {
        atomic_store(&r->interrupted, true);
        return ERR_CANCELED;
    }
    int64_t cancel;
    enum err err = db_query_int(tx, &work_progress, &cancel, db_i(done), db_i_or_null(total, -1),
                                db_i(now_us() + w->lease_us), db_i(job->merchant_id), db_i(job->id),
                                db_tc(r->owner));
    if (err == ERR_NOT_FOUND) { /* the lease ran out and somebody else has it */
        atomic_store(&r->interrupted, true);
        return ERR_CANCELED;
    }
    if (err)
        return err;
    if (cancel) {
        atomic_store(&r->interrupted, false);
        return ERR_CANCELED;
    }
    db_after_commit(tx, work_changed, w);
    return OK;
}

enum err job_cancel(struct db_tx *tx, int64_t merchant_id, int64_t job_id)
{
    int64_t changed, there;
    enum err err =
        db_exec(tx, &work_cancel, &changed, db_i(now_us()), db_i(merchant_id), db_i(job_id));
    if (err || changed)
        return err;
    err = db_query_int(tx, &work_exists, &there, db_i(merchant_id), db_i(job_id));
    if (err)
        return err;
    return there ? ERR_CONFLICT : ERR_NOT_FOUND;
}

const char *problem_json(struct arena *a, const struct problem *p)
{
    struct buf out;
    struct json j;
    buf_init(&out, PROBLEM_MAX);
    json_init(&j, &out);
    json_open(&j);
    json_kv_int(&j, "err", p->err);
    json_kv_cstr(&j, "code", p->code ? p->code : err_name(p->err));
    json_kv_cstr(&j, "field", p->field);
    json_key(&j, "args");
    json_open(&j);
    for (int i = 0; i < p->nargs; i++)
        json_kv_cstr(&j, p->args[i].name, p->args[i].value);
    json_close(&j);
    json_kv_int(&j, "line", p->line);
    json_kv_int(&j, "from", p->from);
    json_kv_int(&j, "to", p->to);
    json_close(&j);
    const char *text =
        out.failed ? "{\"err\":11,\"code\":\"internal\"}" : arena_cstr(a, buf_str(&out));
    buf_free(&out);
    return text;
}

static const char *text_of(struct arena *a, const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? arena_cstr(a, str_c(s)) : NULL;
}

bool job_problem(struct arena *a, struct str json, struct problem *ret)
{
    json_t *o = json.n ? json_loadb(json.p, json.n, 0, NULL) : NULL;
    const char *code = text_of(a, o, "code");
    json_int_t err = json_integer_value(json_object_get(o, "err"));
    bool known = code && err > OK && err <= ERR_INTERNAL;
    if (known) {
        *ret = (struct problem){
            .err = (enum err)err,
            .code = code,
            .field = text_of(a, o, "field"),
            .line = json_integer_value(json_object_get(o, "line")),
            .from = (int32_t)json_integer_value(json_object_get(o, "from")),
            .to = (int32_t)json_integer_value(json_object_get(o, "to")),
        };
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(o, "args"), name, value)
        {
            if (ret->nargs == PROBLEM_ARGS_MAX || !json_is_string(value))
                continue;
            ret->args[ret->nargs].name = arena_cstr(a, str_c(name));
            ret->args[ret->nargs].value = arena_cstr(a, str_c(json_string_value(value)));
            ret->nargs++;
        }
    }
    json_decref(o);
    return known;
}
