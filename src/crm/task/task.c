#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "task_sql.h"

static void take(const struct db_rows *r, struct arena *a, struct task *ret)
{
    *ret = (struct task){.id = db_int(r, 0),
                         .customer_id = db_int(r, 1),
                         .assignee_id = db_int(r, 2),
                         .staff_id = db_int(r, 3),
                         .done_us = db_int(r, 4),
                         .done_by = db_int(r, 5),
                         .created_us = db_int(r, 6),
                         .updated_us = db_int(r, 7),
                         .version = db_int(r, 8),
                         .due_day = (int32_t)db_int_or(r, 9, DAY_NONE),
                         .text = db_text_in(r, 10, a),
                         .author = db_text_in(r, 11, a),
                         .assignee = db_text_in(r, 12, a),
                         .doer = db_text_in(r, 13, a),
                         .deleted = !db_is_null(r, 14)};
}

enum err task_list(struct db_tx *tx, int64_t merchant_id, const struct task_filter *f,
                   struct arena *a, struct task **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct task *all = arena_array(a, struct task, TASKS_TOLD_MAX);
    size_t n = 0;
    enum err e = db_query(tx, f->done ? &task_done : &task_open, &rows, db_i(merchant_id),
                          db_i(f->customer_id), db_i(f->assignee_id));
    while (e == OK && n < TASKS_TOLD_MAX && db_next(rows))
        take(rows, a, &all[n++]);
    if (e == OK)
        e = db_error(rows);
    *ret = all;
    *ret_n = n;
    return e;
}

enum err task_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t id,
                  struct arena *a, struct task *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &task_one, &rows, db_i(merchant_id), db_i(customer_id), db_i(id));
    if (e != OK)
        return e;
    bool found = db_next(rows);
    if (found)
        take(rows, a, ret);
    e = db_error(rows);
    return e == OK && !found ? ERR_NOT_FOUND : e;
}

enum err task_count(struct db_tx *tx, int64_t merchant_id, int64_t assignee_id, int32_t day,
                    int64_t *ret_open, int64_t *ret_due)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &task_counts, &rows, db_i(day), db_i(merchant_id), db_i(assignee_id));
    if (e != OK)
        return e;
    *ret_open = *ret_due = 0;
    if (db_next(rows)) {
        *ret_open = db_int(rows, 0);
        *ret_due = db_int(rows, 1);
    }
    return db_error(rows);
}

static enum err room(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                     const struct task_actor *who, struct problem *p)
{
    int64_t count;
    enum err e = db_query_int(tx, &task_of_customer, &count, db_i(merchant_id), db_i(customer_id));
    if (e == OK && count >= TASKS_OPEN_MAX)
        e = problem_set(p, who->arena, ERR_CONFLICT, "task_too_many", NULL, "limit", "200", NULL);
    return e;
}

/* The log and, where `what` is given, the timeline. */
static enum err note(struct db_tx *tx, int64_t merchant_id, const struct task *t,
                     const struct task_actor *who, const char *action, const char *what,
                     struct audit_detail *d)
{
    const struct activity_event event = {
        .customer_id = t->customer_id,
        .kind = "task",
        .at_us = now_us(),
        .day = who->today,
        .staff_id = who->by.staff_id,
        .amount_minor = INT64_MIN,
        .subject_id = t->id,
        .detail = what ? arena_printf(db_arena(tx), "{\"what\":\"%s\"}", what) : NULL};
    enum err e = audit_write(tx, merchant_id, &who->by, action, "customer", t->customer_id,
                             audit_detail_end(d));
    return e == OK && what ? activity_add(tx, merchant_id, "staff", event.at_us, &event, 1) : e;
}

enum err task_add(struct db_tx *tx, int64_t merchant_id, struct task *t,
                  const struct task_actor *who, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    t->id = id_new();
    t->version = 1;
    t->created_us = t->updated_us = now_us();
    enum err e = room(tx, merchant_id, t->customer_id, who, p);
    if (e == OK)
        e = db_exec(tx, &task_insert, NULL, db_i(merchant_id), db_i(t->id), db_i(t->customer_id),
                    db_t(t->text), db_i_or_null(t->due_day, DAY_NONE),
                    db_i_or_null(t->assignee_id, 0), db_i(t->staff_id), db_i(t->created_us));
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "text", t->text);
    return note(tx, merchant_id, t, who, "task.create", "added", &d);
}

static struct str day_words(int32_t day, char text[static DAY_TEXT_MAX])
{
    return day == DAY_NONE ? STR("") : (struct str){text, day_format(day, text)};
}

static void differences(struct audit_detail *d, const struct task *before, const struct task *after)
{
    char from[DAY_TEXT_MAX], to[DAY_TEXT_MAX];
    if (!str_eq(before->text, after->text))
        audit_detail_change(d, "text", before->text, after->text);
    if (before->due_day != after->due_day)
        audit_detail_change(d, "due", day_words(before->due_day, from),
                            day_words(after->due_day, to));
    if (before->assignee_id != after->assignee_id)
        audit_detail_change(d, "assignee", before->assignee, after->assignee);
    if (!before->done_us != !after->done_us)
        audit_detail_flag(d, "done", before->done_us != 0, after->done_us != 0);
}

enum err task_save(struct db_tx *tx, int64_t merchant_id, const struct task *before,
                   struct task *after, const struct task_actor *who, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct task now;
    const char *what = NULL;
    enum err e = task_get(tx, merchant_id, before->customer_id, before->id, db_arena(tx), &now);
    if (e != OK || now.deleted)
        return e == OK ? ERR_NOT_FOUND : e;
    if (now.version != before->version)
        return problem_set(p, who->arena, ERR_STALE, "stale", NULL, NULL);
    audit_detail_begin(&d, db_arena(tx));
    differences(&d, before, after);
    if (d.changes == 0)
        return OK;
    if (!before->done_us != !after->done_us)
        what = after->done_us ? "done" : "open";
    if (what && !after->done_us)
        e = room(tx, merchant_id, after->customer_id, who, p);
    after->version = before->version + 1;
    after->updated_us = now_us();
    if (e == OK)
        e = db_exec(tx, &task_change, NULL, db_t(after->text),
                    db_i_or_null(after->due_day, DAY_NONE), db_i_or_null(after->assignee_id, 0),
                    db_i_or_null(after->done_us, 0), db_i_or_null(after->done_by, 0),
                    db_i(after->updated_us), db_i(merchant_id), db_i(after->id));
    return e == OK ? note(tx, merchant_id, after, who, "task.update", what, &d) : e;
}

enum err task_delete(struct db_tx *tx, int64_t merchant_id, const struct task *t, bool deleted,
                     const struct task_actor *who, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct task now;
    enum err e = task_get(tx, merchant_id, t->customer_id, t->id, db_arena(tx), &now);
    if (e != OK || now.deleted == deleted)
        return e == OK ? ERR_NOT_FOUND : e;
    if (!deleted && !now.done_us)
        e = room(tx, merchant_id, t->customer_id, who, p);
    if (e == OK)
        e = db_exec(tx, &task_remove, NULL, deleted ? db_i(now_us()) : db_null(), db_i(merchant_id),
                    db_i(t->id));
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "text", now.text);
    return note(tx, merchant_id, t, who, deleted ? "task.delete" : "task.restore", NULL, &d);
}
