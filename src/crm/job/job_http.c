/* Routes of the jobs. An associate sees the jobs they started, others those of the merchant. */
#include <stdlib.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../work/work.h"
#include "../audit/audit.h"
#include "job_sql.h"

#define EVENTS_WAIT_MS 1000
#define EVENTS_SILENCE_US 15000000 /* then a comment, so that proxies keep the stream open */
#define EVENTS_LIFE_US (3600LL * 1000000)

struct job_call {
    struct request *r;
    struct job_view job;
};

static enum err read_job(struct db_tx *tx, void *arg)
{
    struct job_call *c = arg;
    const struct caller *who = &c->r->caller;
    enum err e = job_get(tx, who->merchant_id, c->r->ids[0], c->r->arena, &c->job);
    bool hidden = e == OK && who->role == ROLE_ASSOCIATE && c->job.staff_id != who->staff_id;
    return hidden ? ERR_NOT_FOUND : e;
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct job_call c = {.r = r};
    enum err e = db_read(app->db, read_job, &c);
    if (e == OK)
        job_json(&r->json, r->arena, r->language, &c.job);
    return e;
}

static enum err cancel(struct db_tx *tx, void *arg)
{
    struct job_call *c = arg;
    struct audit_actor by = audit_by_request(c->r);
    int64_t merchant_id = c->r->caller.merchant_id;
    enum err e = read_job(tx, c);
    if (e == OK)
        e = job_cancel(tx, merchant_id, c->job.id);
    if (e == ERR_CONFLICT)
        return request_fail(c->r, e, "job_ended", NULL, NULL);
    return e == OK ? audit_write(tx, merchant_id, &by, "job.cancel", "job", c->job.id, NULL) : e;
}

static enum err delete_route(struct request *r)
{
    const struct app *app = r->app;
    struct job_call c = {.r = r};
    return db_write(app->db, cancel, &c);
}

/* ---- events: the Job on each change, until it ends ---- */

struct events {
    const struct app *app;
    int64_t merchant_id, job_id, began_us, told_us, done;
    char state[16];
    const char *language; /* of the texts loaded at start: lives as long as the program */
    struct arena *arena;
    struct job_view job;
};

static enum err read_for_events(struct db_tx *tx, void *arg)
{
    struct events *ev = arg;
    return job_get(tx, ev->merchant_id, ev->job_id, ev->arena, &ev->job);
}

static bool next_event(void *state, struct buf *out)
{
    struct events *ev = state;
    arena_reset(ev->arena);
    if (ev->told_us > 0)
        work_wait_change(ev->app->work, ev->merchant_id, ev->job_id, ev->state, ev->done,
                         EVENTS_WAIT_MS);
    if (db_read(ev->app->db, read_for_events, ev) != OK)
        return false; /* the reader connects again */
    int64_t now = monotonic_us();
    bool changed = strcmp(ev->state, ev->job.state) != 0 || ev->done != ev->job.done;
    if (changed || ev->told_us == 0) {
        struct json j;
        snprintf(ev->state, sizeof ev->state, "%s", ev->job.state);
        ev->done = ev->job.done;
        ev->told_us = now;
        buf_adds(out, "data: ");
        json_init(&j, out);
        job_json(&j, ev->arena, ev->language, &ev->job);
        buf_adds(out, "\n\n");
    } else if (now - ev->told_us > EVENTS_SILENCE_US) {
        ev->told_us = now;
        buf_adds(out, ": still there\n\n");
    }
    return !job_ended(&ev->job) && now - ev->began_us < EVENTS_LIFE_US;
}

static void free_events(void *state)
{
    struct events *ev = state;
    arena_free(&ev->arena);
    free(ev);
}

static enum err events_route(struct request *r)
{
    struct job_call c = {.r = r};
    const struct app *app = r->app;
    enum err e = db_read(app->db, read_job, &c);
    if (e != OK)
        return e;
    struct events *ev = calloc(1, sizeof *ev);
    check(ev != NULL);
    *ev = (struct events){.app = app,
                          .merchant_id = r->caller.merchant_id,
                          .job_id = c.job.id,
                          .began_us = monotonic_us(),
                          .language = message_language(str_c(r->language)),
                          .arena = arena_new()};
    r->content_type = "text/event-stream";
    request_stream(r, next_event, free_events, ev);
    return OK;
}

const struct http_route job_routes[] = {
    {"GET", "/api/v1/jobs/{id}", PERM_SIGNED_IN, get_route, .summary = "A job and how far it is",
     .answer = "Job"},
    {"GET", "/api/v1/jobs/{id}/events", PERM_SIGNED_IN, events_route,
     .summary = "The job on each change, as server-sent events", .answer = "text/event-stream"},
    {"DELETE", "/api/v1/jobs/{id}", PERM_SIGNED_IN, delete_route, .summary = "Asks a job to stop"},
    {0},
};
