/* A bulk action being done, a chunk in a transaction. */
#include "bulk_action.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/varint.h"
#include "../change/change.h"
#include "../customer/facts.h"
#include "../merchant/merchant.h"
#include <stdlib.h>

struct chunk {
    int64_t position;
    int64_t *ids;
    size_t n;
};

static struct bulk_item *items_of(struct arena *a, const int64_t *ids, size_t n)
{
    struct bulk_item *items = arena_array(a, struct bulk_item, n + 1);
    for (size_t i = 0; i < n; i++)
        items[i].id = ids[i];
    return items;
}

/* ---- a preview: looks and judges ---- */

struct previewing {
    const struct app *app;
    int64_t merchant_id;
    const struct bulk *bulk;
    const int64_t *ids;
    struct bulk_preview *preview;
};

static void count_preview(struct bulk_preview *p, const struct bulk_turn *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct bulk_item *item = &t->items[i];
        enum bulk_outcome o = item->there ? t->bulk->action->way->judge(t, item) : BULK_GONE;
        if (p->counts.of[o] < BULK_EXAMPLES)
            p->examples[o][p->counts.of[o]] = item->id;
        p->counts.of[o]++;
    }
}

static enum err read_today(struct db_tx *tx, const struct app *app, int64_t merchant_id,
                           struct arena *a, int32_t *ret)
{
    struct merchant m;
    enum err e = merchant_get(tx, merchant_id, a, &m);
    if (e == OK)
        *ret = merchant_today(app, &m);
    return e;
}

static enum err preview(struct db_tx *tx, void *arg)
{
    struct previewing *v = arg;
    int32_t today;
    cleanup(arena_free) struct arena *a = arena_new();
    enum err e = read_today(tx, v->app, v->merchant_id, a, &today);
    if (e != OK)
        return e;
    *v->preview = (struct bulk_preview){0};
    for (int64_t from = 0; from < v->bulk->selected; from += BULK_CHUNK) {
        int64_t n = v->bulk->selected - from < BULK_CHUNK ? v->bulk->selected - from : BULK_CHUNK;
        struct bulk_turn t = {.tx = tx,
                              .merchant_id = v->merchant_id,
                              .arena = a,
                              .bulk = v->bulk,
                              .own = v->bulk,
                              .today = today,
                              .before = v->preview->counts,
                              .items = items_of(a, v->ids + from, (size_t)n),
                              .n = (size_t)n};
        e = v->bulk->action->way->read(&t);
        if (e != OK)
            return e;
        count_preview(v->preview, &t);
        arena_reset(a);
    }
    return OK;
}

enum err bulk_preview(struct app *app, int64_t merchant_id, const struct bulk *b,
                      const int64_t *ids, struct bulk_preview *ret)
{
    struct previewing v = {app, merchant_id, b, ids, ret};
    return db_read(app->db, preview, &v);
}

/* ---- the job ---- */

struct running {
    const struct app *app;
    const struct job *job;
    struct bulk own;   /* what is being done */
    struct bulk first; /* the same; of an undo what it takes back */
    int64_t from;      /* chunks before this are done */
    bool ended;
    struct arena *arena; /* of the transaction */
};

static enum err next_chunk(struct db_tx *tx, struct running *r, struct chunk *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &bulk_chunk_next, &rows, db_i(r->job->merchant_id), db_i(r->own.id),
                          db_i(r->from));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    ret->position = db_int(rows, 0);
    return varint_unpack(r->arena, db_blob(rows, 1), &ret->ids, &ret->n);
}

/* Undo: only what the first one changed, with how it was before, and what it left waiting. */
static enum err keep_changed(struct db_tx *tx, const struct running *r, int64_t position,
                             struct bulk_turn *t, bool *ret_changed)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &bulk_chunk_was, &rows, db_i(r->job->merchant_id), db_i(r->first.id),
                          db_i(position));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_INTERNAL;
    struct str outcomes = db_blob(rows, 0), was = arena_str(t->arena, db_blob(rows, 1));
    for (size_t i = 0, at = 0; i < t->n && i < outcomes.n; i++) {
        t->items[i].waits = outcomes.p[i] == BULK_WAITS;
        ret_changed[i] = t->items[i].waits || outcomes.p[i] == BULK_CHANGED;
        if (outcomes.p[i] != BULK_CHANGED)
            continue;
        size_t n = at + 2 <= was.n ? (uint8_t)was.p[at] | (size_t)(uint8_t)was.p[at + 1] << 8 : 0;
        if (at + 2 + n > was.n)
            return ERR_INTERNAL;
        t->items[i].was = (struct str){was.p + at + 2, n};
        at += 2 + n;
    }
    return OK;
}

/* Customers whom the first one left alone were not this one's to change: they are told as it was.
 */
static enum err judge(struct db_tx *tx, const struct running *r, int64_t position,
                      struct bulk_turn *t)
{
    const struct bulk_way *way = r->first.action->way;
    bool back = r->own.undoes != 0;
    bool *changed = arena_array(t->arena, bool, t->n + 1);
    enum err e = way->read(t);
    if (e == OK && back)
        e = keep_changed(tx, r, position, t, changed);
    for (size_t i = 0; e == OK && i < t->n; i++) {
        struct bulk_item *item = &t->items[i];
        item->outcome = back && !changed[i] ? BULK_ALREADY
                        : !item->there      ? BULK_GONE
                        : back              ? way->judge_back(t, item)
                                            : way->judge(t, item);
    }
    return e == OK ? (back ? way->write_back(t) : way->write(t)) : e;
}

static enum err store_results(struct db_tx *tx, struct running *r, int64_t position,
                              const struct bulk_turn *t, struct bulk_counts *counts)
{
    struct buf was;
    char *outcomes = arena_array(t->arena, char, t->n + 1);
    buf_init(&was, BULK_CHUNK * (BULK_REASON_MAX * 4 + 64));
    for (size_t i = 0; i < t->n; i++) {
        const struct bulk_item *item = &t->items[i];
        outcomes[i] = (char)item->outcome;
        counts->of[item->outcome]++;
        if (item->outcome != BULK_CHANGED)
            continue;
        size_t n = r->own.undoes ? 0 : item->was.n;
        buf_addc(&was, (char)(n & 255));
        buf_addc(&was, (char)(n >> 8));
        buf_add(&was, item->was.p, n);
    }
    check(!was.failed);
    enum err e =
        db_exec(tx, &bulk_chunk_done, NULL, db_b((struct str){outcomes, t->n}), db_b(buf_str(&was)),
                db_i(t->merchant_id), db_i(r->own.id), db_i(position));
    buf_free(&was);
    return e == OK ? db_exec(tx, &bulk_set_counts, NULL, db_tc(bulk_counts_text(t->arena, counts)),
                             db_i(t->merchant_id), db_i(r->own.id))
                   : e;
}

/* What rests on the customers that changed. */
static enum err follow(struct db_tx *tx, const struct bulk_turn *t)
{
    const struct bulk_action *a = t->bulk->action;
    int64_t *ids = arena_array(t->arena, int64_t, t->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].outcome == BULK_CHANGED)
            ids[n++] = t->items[i].id;
    enum err e = OK;
    if (n && a->needs == BULK_TAG)
        e = facts_refresh_tags(tx, t->merchant_id, ids, n);
    else if (n && a->facts)
        e = facts_refresh(tx, t->merchant_id, ids, n);
    return e == OK ? change_note(tx, t->merchant_id, a->entity, ids, n) : e;
}

static enum err do_chunk(struct db_tx *tx, void *arg)
{
    struct running *r = arg;
    struct chunk c;
    struct bulk now;
    int64_t done = 0;
    arena_reset(r->arena);
    enum err e = bulk_get(tx, r->job->merchant_id, r->own.id, r->arena, &now);
    if (e == OK)
        e = next_chunk(tx, r, &c);
    r->ended = e == ERR_NOT_FOUND;
    if (e != OK)
        return r->ended ? OK : e;
    struct bulk_turn t = {.tx = tx,
                          .merchant_id = r->job->merchant_id,
                          .arena = r->arena,
                          .bulk = &r->first,
                          .own = &r->own,
                          .now_us = now_us(),
                          .items = items_of(r->arena, c.ids, c.n),
                          .n = c.n};
    e = read_today(tx, r->app, t.merchant_id, r->arena, &t.today);
    if (e == OK)
        e = judge(tx, r, c.position, &t);
    if (e == OK)
        e = store_results(tx, r, c.position, &t, &now.counts);
    for (int i = 0; i < BULK_OUTCOMES; i++)
        done += now.counts.of[i];
    if (e == OK)
        e = job_progress(tx, r->job, done, r->own.selected);
    if (e == OK)
        e = follow(tx, &t);
    r->from = c.position;
    return e;
}

struct asking {
    struct running *r;
    struct arena *arena;
};

static enum err read_action(struct db_tx *tx, void *arg)
{
    struct asking *k = arg;
    struct running *r = k->r;
    int64_t merchant_id = r->job->merchant_id;
    enum err e = bulk_get(tx, merchant_id, r->job->subject_id, k->arena, &r->own);
    if (e == OK)
        e = bulk_get(tx, merchant_id, r->own.undoes ? r->own.undoes : r->own.id, k->arena,
                     &r->first);
    return e;
}

enum err bulk_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    cleanup(arena_free) struct arena *turns = arena_new();
    struct running r = {.app = app, .job = job, .arena = turns};
    struct asking k = {&r, a};
    struct db *db = ((struct app *)app)->db;
    (void)p;
    enum err e = db_read(db, read_action, &k);
    while (e == OK && !r.ended)
        e = db_write(db, do_chunk, &r);
    return e;
}
