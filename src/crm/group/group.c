#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/text.h"
#include "../batch.h"
#include "../change/change.h"
#include "../segment/segment.h"
#include "group_sql.h"

bool group_may_change(const struct group *g, const struct group_actor *who)
{
    return who->may_manage || (who->by.staff_id && g->staff_id == who->by.staff_id);
}

static struct group read_row(const struct db_rows *row, struct arena *a)
{
    return (struct group){.id = db_int(row, 0),
                          .name = db_text_in(row, 1, a),
                          .description = db_text_in(row, 2, a),
                          .staff_id = db_int(row, 3),
                          .created_us = db_int(row, 4),
                          .updated_us = db_int(row, 5),
                          .version = db_int(row, 6),
                          .deleted = !db_is_null(row, 7),
                          .staff_name = db_text_in(row, 8, a)};
}

enum err group_list(struct db_tx *tx, int64_t merchant_id, struct arena *a, struct group **ret,
                    size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct group *all = NULL;
    size_t n = 0, cap = 0;
    enum err e = db_query(tx, &group_all, &rows, db_i(merchant_id),
                          db_i(now_us() - GROUP_RESTORE_DAYS * US_PER_DAY));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (n == cap) {
            cap = cap ? cap * 2 : 32;
            struct group *more = arena_array(a, struct group, cap);
            if (n)
                memcpy(more, all, n * sizeof *more);
            all = more;
        }
        all[n++] = read_row(rows, a);
    }
    *ret = all;
    *ret_n = n;
    return db_error(rows);
}

static enum err find(struct db_tx *tx, int64_t merchant_id, int64_t id, bool deleted,
                     struct arena *a, struct group *ret)
{
    struct group *all;
    size_t n;
    enum err e = group_list(tx, merchant_id, a, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++) {
        if (all[i].id != id || all[i].deleted != deleted)
            continue;
        *ret = all[i];
        return OK;
    }
    return e == OK ? ERR_NOT_FOUND : e;
}

enum err group_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                   struct group *ret)
{
    return find(tx, merchant_id, id, false, a, ret);
}

/* Is there room for it, and is the name its own? */
static enum err check_place(struct db_tx *tx, int64_t merchant_id, const struct group *g,
                            const struct group_actor *who, struct problem *p)
{
    struct group *all;
    size_t n, living = 0;
    struct str key = text_fold(who->arena, g->name);
    if (key.n == 0)
        return problem_set(p, NULL, ERR_INVALID, "group_name_letters", "name", NULL);
    enum err e = group_list(tx, merchant_id, who->arena, &all, &n);
    if (e != OK)
        return e;
    for (size_t i = 0; i < n; i++) {
        if (all[i].deleted || all[i].id == g->id)
            continue;
        living++;
        if (str_eq(text_fold(who->arena, all[i].name), key))
            return problem_set(p, NULL, ERR_CONFLICT, "group_name_taken", "name", NULL);
    }
    _Static_assert(GROUPS_MAX == 200, "the number in problem group_too_many");
    return living < GROUPS_MAX
               ? OK
               : problem_set(p, NULL, ERR_CONFLICT, "group_too_many", NULL, "limit", "200", NULL);
}

/* `entity` of the change feed: "word" when names alone change, "group" when members do. */
static enum err note(struct db_tx *tx, int64_t merchant_id, const struct group_actor *who,
                     const char *action, const char *entity, int64_t id, const char *detail)
{
    enum err e = audit_write(tx, merchant_id, &who->by, action, "group", id, detail);
    return e == OK ? change_note(tx, merchant_id, entity, &id, 1) : e;
}

static const char *named(struct arena *a, struct str name)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "name", name);
    return audit_detail_end(&d);
}

static enum err add(struct db_tx *tx, int64_t merchant_id, struct group *g,
                    const struct group_actor *who)
{
    g->id = id_new();
    g->version = 1;
    g->staff_id = who->by.staff_id;
    g->created_us = g->updated_us = now_us();
    enum err e = db_exec(tx, &group_add, NULL, db_i(merchant_id), db_i(g->id), db_t(g->name),
                         db_t(text_fold(who->arena, g->name)), db_t(g->description),
                         db_i_or_null(g->staff_id, 0), db_i(g->created_us));
    return e == OK ? note(tx, merchant_id, who, "group.create", "word", g->id,
                          named(who->arena, g->name))
                   : e;
}

enum err group_save(struct db_tx *tx, int64_t merchant_id, const struct group *before,
                    struct group *after, const struct group_actor *who, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    if (before && !group_may_change(before, who))
        return problem_set(p, NULL, ERR_DENIED, "group_rights", NULL, NULL);
    enum err e = check_place(tx, merchant_id, after, who, p);
    if (e != OK || !before)
        return e != OK ? e : add(tx, merchant_id, after, who);
    audit_detail_begin(&d, who->arena);
    if (!str_eq(before->name, after->name))
        audit_detail_change(&d, "name", before->name, after->name);
    if (!str_eq(before->description, after->description))
        audit_detail_change(&d, "description", before->description, after->description);
    if (d.changes == 0)
        return OK;
    after->version = before->version + 1;
    after->updated_us = now_us();
    e = db_exec(tx, &group_change, NULL, db_t(after->name),
                db_t(text_fold(who->arena, after->name)), db_t(after->description),
                db_i(after->updated_us), db_i(merchant_id), db_i(after->id));
    if (e == OK)
        e = note(tx, merchant_id, who, "group.update", "word", after->id, audit_detail_end(&d));
    const struct segment_actor actor = {
        .staff_id = who->by.staff_id, .arena = who->arena, .by = who->by};
    return e == OK && !str_eq(before->name, after->name)
               ? segment_rename_group(tx, merchant_id, before->name, after->name, &actor, p)
               : e;
}

enum err group_by_name(struct db_tx *tx, int64_t merchant_id, struct str name,
                       const struct group_actor *who, int64_t *ret_id, struct problem *p)
{
    struct str key = text_fold(who->arena, name);
    struct group g = {.name = name, .description = STR("")};
    enum err e = db_query_int(tx, &group_find, &g.id, db_i(merchant_id), db_t(key));
    if (e == ERR_NOT_FOUND)
        e = group_save(tx, merchant_id, NULL, &g, who, p);
    *ret_id = g.id;
    return e;
}

enum err group_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                      const struct group_actor *who, struct problem *p)
{
    struct group g;
    enum err e = find(tx, merchant_id, id, false, who->arena, &g);
    if (e == OK && !group_may_change(&g, who))
        return problem_set(p, NULL, ERR_DENIED, "group_rights", NULL, NULL);
    if (e == OK)
        e = db_exec(tx, &group_remove, NULL, db_i(now_us()), db_i(merchant_id), db_i(id));
    return e == OK
               ? note(tx, merchant_id, who, "group.delete", "group", id, named(who->arena, g.name))
               : e;
}

enum err group_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                       const struct group_actor *who, struct problem *p)
{
    struct group g;
    enum err e = find(tx, merchant_id, id, true, who->arena, &g);
    if (e == OK && !group_may_change(&g, who))
        return problem_set(p, NULL, ERR_DENIED, "group_rights", NULL, NULL);
    if (e == OK)
        e = check_place(tx, merchant_id, &g, who, p);
    if (e == OK)
        e = db_exec(tx, &group_back, NULL, db_i(merchant_id), db_i(id));
    return e == OK
               ? note(tx, merchant_id, who, "group.restore", "group", id, named(who->arena, g.name))
               : e;
}

enum err group_set_member(struct db_tx *tx, int64_t merchant_id, int64_t id, int64_t customer_id,
                          bool on, const struct group_actor *who)
{
    struct group g;
    int64_t changed = 0;
    enum err e = find(tx, merchant_id, id, false, who->arena, &g);
    if (e == OK && on)
        e = db_exec(tx, &group_member_add, &changed, db_i(merchant_id), db_i(id), db_i(now_us()),
                    db_i(customer_id));
    else if (e == OK)
        e = db_exec(tx, &group_member_remove, &changed, db_i(merchant_id), db_i(customer_id),
                    db_i(id));
    if (e != OK || changed == 0)
        return e;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, who->arena);
    audit_detail_value(&d, "group", g.name);
    e = audit_write(tx, merchant_id, &who->by, on ? "group.add" : "group.take_out", "customer",
                    customer_id, audit_detail_end(&d));
    return e == OK ? change_note(tx, merchant_id, "customer", &customer_id, 1) : e;
}

/* Which of these, at most BATCH_KEYS, are there already? */
static enum err find_there(struct db_tx *tx, int64_t merchant_id, struct group_pair *pairs,
                           size_t n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t ids[BATCH_KEYS];
    for (size_t i = 0; i < n; i++)
        ids[i] = pairs[i].customer_id;
    enum err e = batch_query_ids(tx, &group_members_of, &rows, merchant_id, ids, n);
    while (e == OK && db_next(rows))
        for (size_t i = 0; i < n; i++)
            if (pairs[i].customer_id == db_int(rows, 0) && pairs[i].group_id == db_int(rows, 1))
                pairs[i].there = true;
    return e == OK ? db_error(rows) : e;
}

enum err group_join(struct db_tx *tx, int64_t merchant_id, struct group_pair *pairs, size_t n,
                    struct arena *a)
{
    struct batch_rows inserts;
    int64_t now = now_us();
    for (size_t from = 0; from < n; from += BATCH_KEYS) {
        enum err e = find_there(tx, merchant_id, pairs + from, batch_size(n, from));
        if (e != OK)
            return e;
    }
    batch_rows_begin(&inserts, tx, a, &group_member_insert);
    for (size_t i = 0; i < n; i++)
        if (!pairs[i].there)
            batch_rows_add(&inserts,
                           (struct db_value[]){db_i(merchant_id), db_i(pairs[i].customer_id),
                                               db_i(pairs[i].group_id), db_i(now)});
    return batch_rows_end(&inserts);
}
