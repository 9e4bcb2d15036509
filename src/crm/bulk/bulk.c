/* Bulk actions as they are stored: confirmed, listed, taken back. */
#include "bulk_action.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/varint.h"
#include "../job/job.h"

/* ---- reading ---- */

static struct bulk_counts counts_of(struct str text)
{
    struct bulk_counts c = {{0}};
    for (int i = 0; i < BULK_OUTCOMES && text.n; i++) {
        const char *blank = memchr(text.p, ' ', text.n);
        struct str one = {text.p, blank ? (size_t)(blank - text.p) : text.n};
        if (!str_int64(one, &c.of[i]))
            break;
        size_t used = one.n + (blank != NULL);
        text = (struct str){text.p + used, text.n - used};
    }
    return c;
}

const char *bulk_counts_text(struct arena *a, const struct bulk_counts *c)
{
    const char *text = "";
    for (int i = 0; i < BULK_OUTCOMES; i++)
        text = arena_printf(a, "%s%s%lld", text, i ? " " : "", (long long)c->of[i]);
    return text;
}

static enum err read_row(const struct db_rows *r, struct arena *a, struct bulk *b)
{
    *b = (struct bulk){.id = db_int(r, 0),
                       .action = bulk_action_by_name(db_text(r, 1)),
                       .target_id = db_int(r, 2),
                       .target = db_text_in(r, 3, a),
                       .by_query = !db_is_null(r, 4),
                       .query = db_text_in(r, 4, a),
                       .staff_id = db_int(r, 5),
                       .staff_name = db_text_in(r, 6, a),
                       .selected = db_int(r, 7),
                       .counts = counts_of(db_text(r, 8)),
                       .job_id = db_int(r, 9),
                       .undoes = db_int(r, 10),
                       .undone_by = db_int(r, 11),
                       .created_us = db_int(r, 12),
                       .message = db_text_in(r, 13, a),
                       .until_day = (int32_t)db_int_or(r, 14, DAY_NONE),
                       .reason = db_text_in(r, 15, a)};
    return b->action ? OK : ERR_INTERNAL;
}

enum err bulk_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                  struct bulk *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &bulk_one, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    return read_row(rows, a, ret);
}

enum err bulk_list(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, int64_t below,
                   int64_t limit, struct arena *a, struct bulk *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &bulk_page, &rows, db_i(merchant_id), db_i(below), db_i(staff_id),
                          db_i(limit));
    size_t n = 0;
    while (e == OK && db_next(rows))
        e = read_row(rows, a, &ret[n++]);
    *ret_n = n;
    return e == OK ? db_error(rows) : e;
}

/* ---- confirming ---- */

static enum err add_chunks(struct db_tx *tx, int64_t merchant_id, const struct bulk *b,
                           const int64_t *ids, struct arena *a)
{
    struct batch_rows rows;
    struct buf packed;
    buf_init(&packed, BULK_CHUNK * 10 + 16);
    batch_rows_begin(&rows, tx, a, &bulk_chunk_add);
    for (int64_t from = 0; from < b->selected; from += BULK_CHUNK) {
        int64_t n = b->selected - from < BULK_CHUNK ? b->selected - from : BULK_CHUNK;
        packed.n = 0;
        varint_pack(&packed, ids + from, (size_t)n);
        batch_rows_add(&rows, (struct db_value[]){db_i(merchant_id), db_i(b->id), db_i(from),
                                                  db_b(arena_str(a, buf_str(&packed)))});
    }
    buf_free(&packed);
    return batch_rows_end(&rows);
}

static enum err add(struct db_tx *tx, int64_t merchant_id, struct bulk *b, struct arena *a)
{
    b->id = id_new();
    b->created_us = now_us();
    enum err e = job_create(tx, merchant_id, BULK_JOB, b->id, b->staff_id, b->selected, &b->job_id);
    if (e != OK)
        return e;
    e = db_exec(tx, &bulk_add, NULL, db_i(merchant_id), db_i(b->id), db_tc(b->action->name),
                db_i_or_null(b->target_id, 0), db_t(b->target),
                b->by_query ? db_t(b->query) : db_null(), db_i(b->staff_id), db_i(b->selected),
                db_tc(bulk_counts_text(a, &b->counts)), db_i(b->job_id), db_i_or_null(b->undoes, 0),
                db_i(b->created_us), b->message.n ? db_t(b->message) : db_null());
    if (e != OK || b->action->needs != BULK_TIER)
        return e;
    return db_exec(tx, &bulk_tier_add, NULL, db_i(merchant_id), db_i(b->id),
                   db_i_or_null(b->until_day, DAY_NONE), db_t(b->reason));
}

static bool has_reason(const struct bulk_action *a)
{
    return a->needs == BULK_REASON || a->needs == BULK_POINTS;
}

static enum err tell_audit(struct db_tx *tx, int64_t merchant_id, const struct bulk *b,
                           const char *action, const struct audit_actor *by, struct arena *a)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "action", str_c(b->action->name));
    if (b->target.n)
        audit_detail_value(&d, has_reason(b->action) ? "reason" : "target", b->target);
    if (b->action->needs == BULK_POINTS)
        audit_detail_value(&d, "points", str_c(arena_printf(a, "%lld", (long long)b->target_id)));
    if (b->reason.n)
        audit_detail_value(&d, "reason", b->reason);
    if (b->by_query)
        audit_detail_value(&d, "query", b->query);
    audit_detail_value(&d, "customers", str_c(arena_printf(a, "%lld", (long long)b->selected)));
    return audit_write(tx, merchant_id, by, action, "bulk", b->undoes ? b->undoes : b->id,
                       audit_detail_end(&d));
}

enum err bulk_start(struct db_tx *tx, int64_t merchant_id, struct bulk *b, const int64_t *ids,
                    const struct audit_actor *by, struct arena *a)
{
    enum err e = add(tx, merchant_id, b, a);
    if (e == OK)
        e = add_chunks(tx, merchant_id, b, ids, a);
    return e == OK ? tell_audit(tx, merchant_id, b, "bulk.start", by, a) : e;
}

/* ---- taking back ---- */

/* An undo that was stopped, or failed, goes on with a new job. */
static enum err go_on(struct db_tx *tx, int64_t merchant_id, struct bulk *undo, struct arena *a,
                      struct problem *p)
{
    struct job_view job;
    enum err e = job_get(tx, merchant_id, undo->job_id, a, &job);
    if (e == OK && (!job_ended(&job) || strcmp(job.state, "done") == 0))
        return problem_set(p, a, ERR_CONFLICT, "bulk_undone", NULL, NULL);
    if (e == OK)
        e = job_create(tx, merchant_id, BULK_JOB, undo->id, undo->staff_id, undo->selected,
                       &undo->job_id);
    return e == OK ? db_exec(tx, &bulk_set_job, NULL, db_i(undo->job_id), db_i(merchant_id),
                             db_i(undo->id))
                   : e;
}

/* What was taken away can only be given back while it is there. */
static enum err check_target(struct db_tx *tx, int64_t merchant_id, const struct bulk *b,
                             struct arena *a, struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    if (b->action->needs != BULK_GROUP || b->action->on)
        return OK;
    enum err e = db_query(tx, &bulk_target_group, &rows, db_i(merchant_id), db_i(b->target_id));
    if (e == OK && !db_next(rows) && (e = db_error(rows)) == OK)
        return problem_set(p, a, ERR_CONFLICT, "bulk_target_gone", NULL, "target",
                           arena_cstr(a, b->target), NULL);
    return e;
}

enum err bulk_undo(struct db_tx *tx, int64_t merchant_id, int64_t id, const struct audit_actor *by,
                   struct arena *a, int64_t *ret_id, struct problem *p)
{
    struct bulk b, undo;
    struct job_view job;
    enum err e = bulk_get(tx, merchant_id, id, a, &b);
    if (e == OK && b.undoes)
        return problem_set(p, a, ERR_CONFLICT, "bulk_is_undo", NULL, NULL);
    if (e == OK)
        e = job_get(tx, merchant_id, b.job_id, a, &job);
    if (e == OK && !job_ended(&job))
        return problem_set(p, a, ERR_CONFLICT, "bulk_running", NULL, NULL);
    if (e == OK)
        e = check_target(tx, merchant_id, &b, a, p);
    if (e != OK)
        return e;
    if (b.undone_by) {
        e = bulk_get(tx, merchant_id, b.undone_by, a, &undo);
        *ret_id = b.undone_by;
        return e == OK ? go_on(tx, merchant_id, &undo, a, p) : e;
    }
    undo = b;
    undo.undoes = b.id;
    undo.staff_id = by->staff_id;
    undo.counts = (struct bulk_counts){{0}};
    undo.selected = 0;
    for (int i = 0; i < BULK_OUTCOMES; i++)
        undo.selected += b.counts.of[i];
    e = add(tx, merchant_id, &undo, a);
    if (e == OK)
        e = db_exec(tx, &bulk_chunks_copy, NULL, db_i(undo.id), db_i(merchant_id), db_i(b.id));
    if (e == OK)
        e = db_exec(tx, &bulk_set_undone, NULL, db_i(undo.id), db_i(merchant_id), db_i(b.id));
    *ret_id = undo.id;
    return e == OK ? tell_audit(tx, merchant_id, &undo, "bulk.undo", by, a) : e;
}

/* ---- results ---- */

enum err bulk_results(struct db_tx *tx, int64_t merchant_id, int64_t id, int64_t from, int outcome,
                      struct arena *a, struct bulk_result *ret, size_t limit, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    size_t n = 0;
    enum err e = db_query(tx, &bulk_chunks_from, &rows, db_i(merchant_id), db_i(id),
                          db_i(from - BULK_CHUNK));
    while (e == OK && n < limit && db_next(rows)) {
        int64_t *ids, position = db_int(rows, 0);
        size_t count;
        bool done = !db_is_null(rows, 2);
        e = varint_unpack(a, db_blob(rows, 1), &ids, &count);
        for (size_t i = 0; e == OK && i < count && n < limit; i++) {
            int came = done && i < db_blob(rows, 2).n ? (uint8_t)db_blob(rows, 2).p[i] : -1;
            if (position + (int64_t)i >= from && (outcome < 0 || came == outcome))
                ret[n++] = (struct bulk_result){ids[i], position + (int64_t)i, came};
        }
    }
    *ret_n = n;
    return e == OK ? db_error(rows) : e;
}
