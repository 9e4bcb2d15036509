#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "note_sql.h"

static void take(const struct db_rows *r, struct arena *a, struct note *ret)
{
    *ret = (struct note){.id = db_int(r, 0),
                         .customer_id = db_int(r, 1),
                         .staff_id = db_int(r, 2),
                         .created_us = db_int(r, 3),
                         .updated_us = db_int(r, 4),
                         .version = db_int(r, 5),
                         .text = db_text_in(r, 6, a),
                         .author = db_text_in(r, 7, a),
                         .pinned = db_int(r, 8) != 0,
                         .deleted = !db_is_null(r, 9)};
}

enum err note_list(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, struct arena *a,
                   struct note **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct note *all = arena_array(a, struct note, NOTES_MAX);
    size_t n = 0;
    enum err e = db_query(tx, &note_all, &rows, db_i(merchant_id), db_i(customer_id));
    while (e == OK && n < NOTES_MAX && db_next(rows))
        take(rows, a, &all[n++]);
    if (e == OK)
        e = db_error(rows);
    *ret = all;
    *ret_n = n;
    return e;
}

enum err note_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t id,
                  struct arena *a, struct note *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &note_one, &rows, db_i(merchant_id), db_i(customer_id), db_i(id));
    if (e != OK)
        return e;
    bool found = db_next(rows);
    if (found)
        take(rows, a, ret);
    e = db_error(rows);
    return e == OK && !found ? ERR_NOT_FOUND : e;
}

static enum err room(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                     const struct note_actor *who, struct problem *p)
{
    int64_t count;
    enum err e = db_query_int(tx, &note_count, &count, db_i(merchant_id), db_i(customer_id));
    if (e == OK && count >= NOTES_MAX)
        e = problem_set(p, who->arena, ERR_CONFLICT, "note_too_many", NULL, "limit", "500", NULL);
    return e;
}

enum err note_add(struct db_tx *tx, int64_t merchant_id, struct note *n,
                  const struct note_actor *who, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    n->id = id_new();
    n->version = 1;
    if (n->created_us == 0)
        n->created_us = now_us();
    n->updated_us = n->created_us;
    const struct activity_event event = {.customer_id = n->customer_id,
                                         .kind = "note",
                                         .at_us = n->created_us,
                                         .day = who->today,
                                         .staff_id = n->staff_id,
                                         .amount_minor = INT64_MIN,
                                         .subject_id = n->id};
    enum err e = room(tx, merchant_id, n->customer_id, who, p);
    if (e == OK)
        e = db_exec(tx, &note_insert, NULL, db_i(merchant_id), db_i(n->customer_id), db_i(n->id),
                    db_i(n->staff_id), db_t(n->text), db_i(n->pinned), db_i(n->created_us));
    if (e == OK)
        e = activity_add(tx, merchant_id, "staff", n->created_us, &event, 1);
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "text", n->text);
    return audit_write(tx, merchant_id, &who->by, "note.create", "customer", n->customer_id,
                       audit_detail_end(&d));
}

enum err note_save(struct db_tx *tx, int64_t merchant_id, const struct note *before,
                   struct note *after, const struct note_actor *who, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct note now;
    bool rewritten = !str_eq(before->text, after->text);
    enum err e = note_get(tx, merchant_id, before->customer_id, before->id, db_arena(tx), &now);
    if (e != OK || now.deleted)
        return e == OK ? ERR_NOT_FOUND : e;
    if (now.version != before->version)
        return problem_set(p, who->arena, ERR_STALE, "stale", NULL, NULL);
    if (rewritten && now.staff_id != who->by.staff_id)
        return problem_set(p, who->arena, ERR_DENIED, "note_not_yours", NULL, NULL);
    audit_detail_begin(&d, db_arena(tx));
    if (rewritten)
        audit_detail_change(&d, "text", before->text, after->text);
    if (before->pinned != after->pinned)
        audit_detail_flag(&d, "pinned", before->pinned, after->pinned);
    if (d.changes == 0)
        return OK;
    after->version = before->version + 1;
    if (rewritten) /* the time shown is that of the text */
        after->updated_us = now_us();
    e = db_exec(tx, &note_change, NULL, db_t(after->text), db_i(after->pinned),
                db_i(after->updated_us), db_i(merchant_id), db_i(after->customer_id),
                db_i(after->id));
    return e == OK ? audit_write(tx, merchant_id, &who->by, "note.update", "customer",
                                 after->customer_id, audit_detail_end(&d))
                   : e;
}

enum err note_delete(struct db_tx *tx, int64_t merchant_id, const struct note *n, bool deleted,
                     const struct note_actor *who, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct note now;
    enum err e = note_get(tx, merchant_id, n->customer_id, n->id, db_arena(tx), &now);
    if (e != OK || now.deleted == deleted)
        return e == OK ? ERR_NOT_FOUND : e;
    if (now.staff_id != who->by.staff_id && !who->manages)
        return problem_set(p, who->arena, ERR_DENIED, "note_not_yours", NULL, NULL);
    if (!deleted)
        e = room(tx, merchant_id, n->customer_id, who, p);
    if (e == OK)
        e = db_exec(tx, &note_remove, NULL, deleted ? db_i(now_us()) : db_null(), db_i(merchant_id),
                    db_i(n->customer_id), db_i(n->id));
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "text", now.text);
    return audit_write(tx, merchant_id, &who->by, deleted ? "note.delete" : "note.restore",
                       "customer", n->customer_id, audit_detail_end(&d));
}
