#include "merge_run.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../batch.h"
#include "../job/job.h"
#include "../merchant/merchant.h"
#include "merge_run_sql.h"

const char *const merge_run_outcome_names[] = {"merged",  "since",   "gone",
                                               "changed", "refused", NULL};

/* ---- confirming ---- */

static enum err tell_audit(struct db_tx *tx, int64_t merchant_id, const struct merge_run *run,
                           const char *action, const struct audit_actor *by, struct arena *a)
{
    struct audit_detail d cleanup(audit_detail_free);
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "percent", str_c(arena_printf(a, "%lld", (long long)run->percent)));
    audit_detail_value(&d, "pairs", str_c(arena_printf(a, "%lld", (long long)run->pairs)));
    return audit_write(tx, merchant_id, by, action, "merge_run", run->id, audit_detail_end(&d));
}

enum err merge_run_start(struct db_tx *tx, int64_t merchant_id, struct merge_run *run,
                         const struct merge_run_pair *pairs, const struct audit_actor *by,
                         struct arena *a)
{
    struct batch_rows rows;
    run->id = id_new();
    run->made_us = now_us();
    enum err e =
        job_create(tx, merchant_id, MERGE_RUN_JOB, run->id, by->staff_id, run->pairs, &run->job_id);
    if (e == OK)
        e = db_exec(tx, &merge_run_add, NULL, db_i(merchant_id), db_i(run->id), db_i(run->percent),
                    db_i(run->pairs), db_i_or_null(by->staff_id, 0), db_tc(by->name),
                    db_i(run->job_id), db_i(run->made_us));
    if (e != OK)
        return e;
    batch_rows_begin(&rows, tx, a, &merge_run_pair_add);
    for (int64_t i = 0; i < run->pairs; i++)
        batch_rows_add(&rows, (struct db_value[]){db_i(merchant_id), db_i(run->id), db_i(i),
                                                  db_i(pairs[i].survivor_id),
                                                  db_i(pairs[i].loser_id), db_i(pairs[i].percent)});
    e = batch_rows_end(&rows);
    return e == OK ? tell_audit(tx, merchant_id, run, "merge_run.start", by, a) : e;
}

/* ---- reading ---- */

static enum err read_counts(struct db_tx *tx, int64_t merchant_id, struct merge_run *run)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merge_run_counts_of, &rows, db_i(merchant_id), db_i(run->id));
    run->counts = (struct merge_run_counts){{0}, {0}};
    while (e == OK && db_next(rows)) {
        int64_t outcome = db_int_or(rows, 0, -1), back = db_int_or(rows, 1, -1);
        check(outcome < MERGE_RUN_OUTCOMES && back < MERGE_RUN_OUTCOMES);
        if (outcome >= 0)
            run->counts.of[outcome] += db_int(rows, 2);
        if (back >= 0)
            run->counts.back[back] += db_int(rows, 2);
    }
    return e == OK ? db_error(rows) : e;
}

static void take_run(struct arena *a, const struct db_rows *r, struct merge_run *run)
{
    *run = (struct merge_run){.id = db_int(r, 0),
                              .percent = db_int(r, 1),
                              .pairs = db_int(r, 2),
                              .staff_id = db_int(r, 3),
                              .actor = db_text_in(r, 4, a),
                              .job_id = db_int(r, 5),
                              .undo_job_id = db_int(r, 6),
                              .undone_by = db_text_in(r, 7, a),
                              .made_us = db_int(r, 8)};
}

enum err merge_run_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                       struct merge_run *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merge_run_one, &rows, db_i(merchant_id), db_i(id));
    if (e == OK && !db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    if (e != OK)
        return e;
    take_run(a, rows, ret);
    db_done(&rows);
    return read_counts(tx, merchant_id, ret);
}

enum err merge_run_list(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, int64_t before,
                        int64_t limit, struct arena *a, struct merge_run *ret, size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merge_run_page, &rows, db_i(merchant_id), db_i(before),
                          db_i(staff_id), db_i(limit));
    *ret_n = 0;
    while (e == OK && (int64_t)*ret_n < limit && db_next(rows))
        take_run(a, rows, &ret[(*ret_n)++]);
    if (e == OK)
        e = db_error(rows);
    db_done(&rows);
    for (size_t i = 0; e == OK && i < *ret_n; i++)
        e = read_counts(tx, merchant_id, &ret[i]);
    return e;
}

enum err merge_run_results(struct db_tx *tx, int64_t merchant_id, int64_t id, int64_t place,
                           int outcome, int64_t limit, struct arena *a,
                           struct merge_run_result *ret, size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merge_run_page_pairs, &rows, db_i(merchant_id), db_i(id),
                          db_i(place), db_i(outcome), db_i(limit));
    *ret_n = 0;
    while (e == OK && (int64_t)*ret_n < limit && db_next(rows))
        ret[(*ret_n)++] = (struct merge_run_result){
            .place = db_int(rows, 0),
            .percent = db_int(rows, 1),
            .outcome = (int)db_int_or(rows, 2, -1),
            .back = (int)db_int_or(rows, 3, -1),
            .reason = db_text_in(rows, 4, a),
            .merge_id = db_int(rows, 5),
            .survivor_id = db_int(rows, 6),
            .survivor_number = db_int(rows, 7),
            .survivor_name = merge_full_name(a, db_text(rows, 8), db_text(rows, 9)),
            .loser_id = db_int(rows, 10),
            .loser_number = db_int(rows, 11),
            .loser_name = merge_full_name(a, db_text(rows, 12), db_text(rows, 13))};
    return e == OK ? db_error(rows) : e;
}

/* ---- taking back ---- */

enum err merge_run_undo(struct db_tx *tx, int64_t merchant_id, int64_t id,
                        const struct audit_actor *by, struct arena *a, struct problem *p)
{
    struct merge_run run;
    struct job_view job, undo = {.state = "none"};
    int64_t undo_id;
    enum err e = merge_run_get(tx, merchant_id, id, a, &run);
    if (e == OK)
        e = job_get(tx, merchant_id, run.job_id, a, &job);
    if (e == OK && run.undo_job_id)
        e = job_get(tx, merchant_id, run.undo_job_id, a, &undo);
    if (e != OK)
        return e;
    if (!job_ended(&job))
        return problem_set(p, a, ERR_CONFLICT, "merge_run_running", NULL, NULL);
    if (run.undo_job_id && (!job_ended(&undo) || strcmp(undo.state, "done") == 0))
        return problem_set(p, a, ERR_CONFLICT, "merge_run_undone", NULL, NULL);
    e = job_create(tx, merchant_id, MERGE_RUN_JOB, id, by->staff_id, run.counts.of[MERGE_RUN_DONE],
                   &undo_id);
    if (e == OK)
        e = db_exec(tx, &merge_run_set_undo, NULL, db_i(undo_id), db_tc(by->name),
                    db_i(merchant_id), db_i(id));
    return e == OK ? tell_audit(tx, merchant_id, &run, "merge_run.undo", by, a) : e;
}

/* ---- the job: a pair in a transaction ---- */

struct running {
    const struct app *app;
    const struct job *job;
    struct merge_run run;
    struct merchant merchant;
    struct audit_actor by;
    bool back, ended;
    int64_t done, place, merge_id; /* of the pair under way */
    struct merge_run_pair pair;
    enum merge_run_outcome outcome;
    struct problem problem;
    struct arena *arena; /* of the pair */
};

static enum err next_pair(struct db_tx *tx, struct running *r)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, r->back ? &merge_run_next_back : &merge_run_next, &rows,
                          db_i(r->job->merchant_id), db_i(r->run.id), db_i(r->place));
    if (e != OK)
        return e;
    r->ended = !db_next(rows);
    if (r->ended)
        return db_error(rows);
    r->place = db_int(rows, 0);
    if (r->back)
        r->merge_id = db_int(rows, 1);
    else
        r->pair = (struct merge_run_pair){db_int(rows, 1), db_int(rows, 2), db_int(rows, 3)};
    return OK;
}

/* Are they still there, and still as likely? */
static enum err look_again(struct db_tx *tx, struct running *r)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t merchant_id = r->job->merchant_id, one = r->pair.survivor_id, other = r->pair.loser_id,
            score = 0;
    bool there[2] = {false, false}, merged = false;
    enum err e =
        db_query(tx, &merge_run_customers, &rows, db_i(merchant_id), db_i(one), db_i(other));
    for (int i = 0; e == OK && i < 2 && db_next(rows); i++) {
        there[i] = db_is_null(rows, 0);
        merged = merged || !db_is_null(rows, 1);
    }
    if (e == OK)
        e = db_error(rows);
    if (e == OK)
        e = db_query_int(tx, &merge_run_pair_now, &score, db_i(merchant_id),
                         db_i(one < other ? one : other), db_i(one < other ? other : one));
    if (e == ERR_NOT_FOUND)
        e = OK;
    r->outcome = merged                   ? MERGE_RUN_SINCE
                 : !there[0] || !there[1] ? MERGE_RUN_GONE
                 : score < r->run.percent ? MERGE_RUN_CHANGED
                                          : MERGE_RUN_DONE;
    return e;
}

static enum err merge_pair(struct db_tx *tx, struct running *r)
{
    const struct merge_request what = {.survivor_id = r->pair.survivor_id,
                                       .loser_id = r->pair.loser_id,
                                       .survivor_version = -1,
                                       .loser_version = -1,
                                       .now_us = now_us(),
                                       .today = merchant_today(r->app, &r->merchant)};
    r->merge_id = 0;
    enum err e = look_again(tx, r);
    if (e != OK || r->outcome != MERGE_RUN_DONE)
        return e;
    return merge_customers(tx, r->job->merchant_id, &what, &r->by, r->arena, NULL, &r->merge_id,
                           &r->problem);
}

/* Notes what came of the pair, together with the progress. */
static enum err note(struct db_tx *tx, struct running *r, const char *reason)
{
    int64_t merchant_id = r->job->merchant_id;
    enum err e =
        r->back ? db_exec(tx, &merge_run_set_back, NULL, db_i(r->outcome), db_tc(reason),
                          db_i(merchant_id), db_i(r->run.id), db_i(r->place))
                : db_exec(tx, &merge_run_set, NULL, db_i(r->outcome), db_i_or_null(r->merge_id, 0),
                          db_tc(reason), db_i(merchant_id), db_i(r->run.id), db_i(r->place));
    return e == OK ? job_progress(tx, r->job, r->done + 1, r->job->total) : e;
}

static enum err do_pair(struct db_tx *tx, void *arg)
{
    struct running *r = arg;
    arena_reset(r->arena);
    r->problem = (struct problem){.from = -1};
    r->outcome = MERGE_RUN_DONE;
    enum err e = next_pair(tx, r);
    if (e != OK || r->ended)
        return e;
    e = r->back ? merge_undo(tx, r->job->merchant_id, r->merge_id, &r->by, now_us(), r->arena,
                             &r->problem)
                : merge_pair(tx, r);
    return e == OK ? note(tx, r, NULL) : e;
}

/* In a transaction of its own: that of the merge was given up. */
static enum err note_refusal(struct db_tx *tx, void *arg)
{
    struct running *r = arg;
    bool undone = r->back && strcmp(r->problem.code, "merge_undone") == 0;
    r->outcome = undone ? MERGE_RUN_GONE : MERGE_RUN_REFUSED;
    r->merge_id = 0;
    return note(tx, r, undone ? NULL : r->problem.code);
}

static enum err open_run(struct db_tx *tx, void *arg)
{
    struct running *r = arg;
    enum err e = merchant_get(tx, r->job->merchant_id, r->arena, &r->merchant);
    return e == OK ? merge_run_get(tx, r->job->merchant_id, r->job->subject_id, r->arena, &r->run)
                   : e;
}

enum err merge_run_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    cleanup(arena_free) struct arena *pairs = arena_new();
    struct running r = {.app = app, .job = job, .arena = a, .done = job->done};
    struct db *db = ((struct app *)app)->db;
    (void)p;
    enum err e = db_read(db, open_run, &r);
    r.arena = pairs;
    r.back = r.run.undo_job_id == job->id;
    r.place = r.back ? INT64_MAX : 0;
    r.by = (struct audit_actor){.staff_id = job->staff_id,
                                .name = arena_cstr(a, r.back ? r.run.undone_by : r.run.actor)};
    while (e == OK) {
        e = db_write(db, do_pair, &r);
        if (e == OK && r.ended)
            break;
        if ((e == ERR_CONFLICT || e == ERR_NOT_FOUND || e == ERR_STALE) && r.problem.code)
            e = db_write(db, note_refusal, &r);
        r.done++;
    }
    return e;
}
