#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../change/change.h"
#include "segment_graph.h"
#include "segment_sql.h"

bool segment_seen(const struct segment *s, const struct segment_actor *who)
{
    return s->shared || (who->staff_id && s->owner_id == who->staff_id);
}

bool segment_may_change(const struct segment *s, const struct segment_actor *who)
{
    return s->shared ? who->may_share : segment_seen(s, who);
}

static void read_row(const struct db_rows *row, struct arena *a, struct segment *s)
{
    *s = (struct segment){.id = db_int(row, 0),
                          .name = db_text_in(row, 1, a),
                          .description = db_text_in(row, 2, a),
                          .text = db_text_in(row, 3, a),
                          .shared = db_int(row, 4) != 0,
                          .owner_id = db_int(row, 5),
                          .created_us = db_int(row, 6),
                          .updated_us = db_int(row, 7),
                          .version = db_int(row, 8),
                          .deleted = !db_is_null(row, 9),
                          .owner_name = db_text_in(row, 10, a),
                          .owner_gone = !db_is_null(row, 11)};
}

enum err segment_list(struct db_tx *tx, int64_t merchant_id, struct arena *a, struct segment **ret,
                      size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct segment *all = NULL;
    size_t n = 0, cap = 0;
    enum err e = db_query(tx, &segment_all, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (n == cap) {
            cap = cap ? cap * 2 : 32;
            struct segment *more = arena_array(a, struct segment, cap);
            if (n)
                memcpy(more, all, n * sizeof *more);
            all = more;
        }
        read_row(rows, a, &all[n++]);
    }
    *ret = all;
    *ret_n = n;
    return db_error(rows);
}

static const struct segment *by_id(const struct segment *all, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].id == id)
            return &all[i];
    return NULL;
}

enum err segment_get(struct db_tx *tx, int64_t merchant_id, int64_t id,
                     const struct segment_actor *who, struct arena *a, struct segment *ret)
{
    struct segment *all;
    size_t n;
    enum err e = segment_list(tx, merchant_id, a, &all, &n);
    if (e != OK)
        return e;
    const struct segment *s = by_id(all, n, id);
    if (!s || s->deleted || !segment_seen(s, who))
        return ERR_NOT_FOUND;
    *ret = *s;
    return OK;
}

/* One act upon the segments, and what the transaction sees of them. */
struct act {
    struct db_tx *tx;
    int64_t merchant_id;
    struct arena *arena;
    const struct segment_actor *who;
    struct problem *problem;
    struct segment *all;
    size_t n;
    struct own_use {
        int64_t place;
        struct str name, query;
    } own[OWN_TYPES_MAX]; /* the merchant's own typologies */
    size_t nown;
    int64_t now_us;
};

static enum err read_own_types(struct act *c)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(c->tx, &segment_typologies, &rows, db_i(c->merchant_id));
    if (e != OK)
        return e;
    while (db_next(rows) && c->nown < OWN_TYPES_MAX)
        c->own[c->nown++] = (struct own_use){db_int(rows, 0), db_text_in(rows, 1, c->arena),
                                             db_text_in(rows, 2, c->arena)};
    return db_error(rows);
}

static enum err act_begin(struct db_tx *tx, int64_t merchant_id, const struct segment_actor *who,
                          struct problem *p, struct act *ret)
{
    *ret = (struct act){.tx = tx,
                        .merchant_id = merchant_id,
                        .arena = who->arena,
                        .who = who,
                        .problem = p,
                        .now_us = now_us()};
    enum err e = segment_list(tx, merchant_id, ret->arena, &ret->all, &ret->n);
    return e == OK ? read_own_types(ret) : e;
}

/* ---- what stands in the way ---- */

static enum err note(struct act *c, const char *action, int64_t id, const char *detail)
{
    enum err e = audit_write(c->tx, c->merchant_id, &c->who->by, action, "segment", id, detail);
    return e == OK ? change_note(c->tx, c->merchant_id, "segment", &id, 1) : e;
}

/* A private segment of somebody who left is nobody's: it gives its name back. */
static enum err free_name(struct act *c, struct segment *holder)
{
    holder->deleted = true;
    enum err e = db_exec(c->tx, &segment_remove, NULL, db_i(c->now_us), db_i(c->merchant_id),
                         db_i(holder->id));
    return e == OK ? note(c, "segment.delete", holder->id, NULL) : e;
}

static enum err check_place(struct act *c, const struct segment *s)
{
    struct str key = query_segment_key(c->arena, s->name);
    size_t living = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct segment *other = &c->all[i];
        if (other->deleted || other->id == s->id)
            continue;
        living++;
        if (!str_eq(query_segment_key(c->arena, other->name), key))
            continue;
        if (other->shared || !other->owner_gone)
            return problem_set(c->problem, NULL, ERR_CONFLICT, "segment_name_taken", "name", NULL);
        enum err e = free_name(c, other);
        if (e != OK)
            return e;
    }
    if (living >= SEGMENTS_MAX)
        return problem_set(c->problem, NULL, ERR_CONFLICT, "segment_too_many", NULL, "limit", "200",
                           NULL);
    return OK;
}

/* Refuses when living segments or typologies use `s`; those of `but_owner` alone may. */
static enum err check_unused(struct act *c, const struct segment *s, int64_t but_owner)
{
    _Static_assert(SEGMENTS_MAX == 200, "the number in problem segment_too_many");
    struct str key = query_segment_key(c->arena, s->name);
    struct buf users;
    int hidden = 0;
    buf_init(&users, 4096); /* the rest of a very long list is cut off */
    for (size_t i = 0; i < c->n; i++) {
        const struct segment *user = &c->all[i];
        if (user->deleted || user->id == s->id ||
            (but_owner && !user->shared && user->owner_id == but_owner) ||
            !segment_names(c->arena, user->text, key))
            continue;
        if (segment_seen(user, c->who))
            buf_printf(&users, "%s%.*s", users.n ? ", " : "", (int)user->name.n, user->name.p);
        else
            hidden += !user->owner_gone;
    }
    for (size_t i = 0; i < c->nown; i++)
        if (segment_names(c->arena, c->own[i].query, key))
            buf_printf(&users, "%s%.*s", users.n ? ", " : "", (int)c->own[i].name.n,
                       c->own[i].name.p);
    if (hidden && users.n)
        buf_printf(&users, ", +%d", hidden);
    const char *list = arena_cstr(c->arena, buf_str(&users));
    buf_free(&users);
    if (*list)
        return problem_set(c->problem, NULL, ERR_CONFLICT, "segment_used", NULL, "users", list,
                           NULL);
    return hidden
               ? problem_set(c->problem, NULL, ERR_CONFLICT, "segment_used_privately", NULL, NULL)
               : OK;
}

static enum err check_rights(struct act *c, const struct segment *before,
                             const struct segment *after)
{
    if ((after->shared && !c->who->may_share) || (before && !segment_may_change(before, c->who)))
        return problem_set(c->problem, NULL, ERR_DENIED, "segment_shared_rights", NULL, NULL);
    if (!before || !before->shared || after->shared)
        return OK;
    if (after->owner_id != c->who->staff_id)
        return problem_set(c->problem, NULL, ERR_DENIED, "segment_owner_only", "shared", "owner",
                           arena_cstr(c->arena, before->owner_name), NULL);
    return check_unused(c, before, after->owner_id);
}

/* Types are told by typologies, so a typology cannot rest on types: nor may a segment in it. */
static enum err check_typologies(struct act *c, const struct segment *before,
                                 const struct segment *after)
{
    /* who leads here is told by the names as they are now */
    const struct segment_graph now = {c->arena, c->all, c->n, before};
    const struct segment_graph then = {c->arena, c->all, c->n, after};
    if (str_eq(before->text, after->text) || !segment_graph_asks_type(&then, after->text))
        return OK;
    for (size_t i = 0; i < c->nown; i++) {
        if (segment_graph_reaches(&now, c->own[i].query))
            return problem_set(c->problem, NULL, ERR_CONFLICT, "segment_for_typology", "query",
                               "typology", arena_cstr(c->arena, c->own[i].name), NULL);
    }
    return OK;
}

/* ---- writing ---- */

static enum err rewrite(struct act *c, const struct segment *user, struct str text)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    if (text.n > QUERY_TEXT_MAX)
        return problem_set(c->problem, NULL, ERR_CONFLICT, "segment_user_full", "name", "segment",
                           arena_cstr(c->arena, segment_seen(user, c->who) ? user->name : STR("…")),
                           NULL);
    enum err e = db_exec(c->tx, &segment_text, NULL, db_t(text), db_i(c->now_us),
                         db_i(c->merchant_id), db_i(user->id));
    if (e != OK)
        return e;
    audit_detail_begin(&d, c->arena);
    audit_detail_change(&d, "query", user->text, text);
    return note(c, "segment.update", user->id, audit_detail_end(&d));
}

static enum err rename_in_types(struct act *c, enum field_id field, struct str key, struct str name)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = OK;
    audit_detail_begin(&d, c->arena);
    for (size_t i = 0; e == OK && i < c->nown; i++) {
        struct str text = segment_renamed(c->arena, c->own[i].query, field, key, name);
        if (str_eq(text, c->own[i].query))
            continue;
        if (text.n > OWN_TYPE_QUERY_MAX)
            return problem_set(c->problem, NULL, ERR_CONFLICT, "segment_user_full", "name",
                               "segment", arena_cstr(c->arena, c->own[i].name), NULL);
        audit_detail_change(&d, "query", c->own[i].query, text);
        e = db_exec(c->tx, &segment_typology_text, NULL, db_t(text), db_i(c->merchant_id),
                    db_i(c->own[i].place));
    }
    if (e != OK || d.changes == 0)
        return e;
    e = db_exec(c->tx, &segment_typology_version, NULL, db_i(c->now_us), db_i(c->merchant_id));
    if (e == OK)
        e = audit_write(c->tx, c->merchant_id, &c->who->by, "typology.update", "merchant",
                        c->merchant_id, audit_detail_end(&d));
    return e == OK ? change_note(c->tx, c->merchant_id, "typology", &c->merchant_id, 1) : e;
}

/* Deleted ones too: they may come back. */
static enum err rename_in_users(struct act *c, enum field_id field, int64_t but_id,
                                struct str before, struct str after)
{
    struct str old = query_segment_key(c->arena, before);
    enum err e = OK;
    for (size_t i = 0; e == OK && i < c->n; i++) {
        struct str text = segment_renamed(c->arena, c->all[i].text, field, old, after);
        if (c->all[i].id != but_id && !str_eq(text, c->all[i].text))
            e = rewrite(c, &c->all[i], text);
    }
    return e == OK ? rename_in_types(c, field, old, after) : e;
}

enum err segment_rename_group(struct db_tx *tx, int64_t merchant_id, struct str before,
                              struct str after, const struct segment_actor *who, struct problem *p)
{
    struct act c;
    enum err e = act_begin(tx, merchant_id, who, p, &c);
    return e == OK ? rename_in_users(&c, FIELD_GROUP, 0, before, after) : e;
}

static enum err add(struct act *c, struct segment *s)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    s->id = id_new();
    s->version = 1;
    s->created_us = s->updated_us = c->now_us;
    enum err e =
        db_exec(c->tx, &segment_add, NULL, db_i(c->merchant_id), db_i(s->id), db_t(s->name),
                db_t(query_segment_key(c->arena, s->name)), db_t(s->description), db_t(s->text),
                db_i(s->shared), db_i(s->owner_id), db_i(c->now_us));
    if (e != OK)
        return e;
    audit_detail_begin(&d, c->arena);
    audit_detail_value(&d, "name", s->name);
    audit_detail_value(&d, "query", s->text);
    audit_detail_flag(&d, "shared", false, s->shared);
    return note(c, "segment.create", s->id, audit_detail_end(&d));
}

static enum err change(struct act *c, const struct segment *before, struct segment *s)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    bool renamed = !str_eq(before->name, s->name), asks_else = !str_eq(before->text, s->text);
    audit_detail_begin(&d, c->arena);
    if (renamed)
        audit_detail_change(&d, "name", before->name, s->name);
    if (!str_eq(before->description, s->description))
        audit_detail_change(&d, "description", before->description, s->description);
    if (asks_else)
        audit_detail_change(&d, "query", before->text, s->text);
    if (before->shared != s->shared)
        audit_detail_flag(&d, "shared", before->shared, s->shared);
    if (d.changes == 0)
        return OK;
    enum err e =
        db_exec(c->tx, &segment_change, NULL, db_t(s->name),
                db_t(query_segment_key(c->arena, s->name)), db_t(s->description), db_t(s->text),
                db_i(s->shared), db_i(c->now_us), db_i(c->merchant_id), db_i(s->id));
    s->version = before->version + 1;
    s->updated_us = c->now_us;
    if (e == OK && renamed)
        e = rename_in_users(c, FIELD_SEGMENT, s->id, before->name, s->name);
    if (e == OK && asks_else) /* the day's size is counted again; earlier ones were true then */
        e = db_exec(c->tx, &segment_size_forget, NULL, db_i(c->merchant_id), db_i(s->id),
                    db_i(c->who->today));
    return e == OK ? note(c, "segment.update", s->id, audit_detail_end(&d)) : e;
}

enum err segment_save(struct db_tx *tx, int64_t merchant_id, const struct segment *before,
                      struct segment *after, const struct segment_actor *who, struct problem *p)
{
    struct act c;
    enum err e = act_begin(tx, merchant_id, who, p, &c);
    if (e == OK)
        e = check_rights(&c, before, after);
    if (e == OK)
        e = check_place(&c, after);
    if (e != OK)
        return e;
    const struct segment_graph g = {c.arena, c.all, c.n, after};
    e = segment_graph_check(&g, p);
    if (e != OK)
        return e;
    if (!before)
        return add(&c, after);
    e = check_typologies(&c, before, after);
    return e == OK ? change(&c, before, after) : e;
}

/* What was deleted long ago goes for good. */
static enum err purge(struct act *c)
{
    int64_t before = c->now_us - SEGMENT_RESTORE_DAYS * US_PER_DAY;
    enum err e = db_exec(c->tx, &segment_purge_sizes, NULL, db_i(c->merchant_id), db_i(before));
    return e == OK ? db_exec(c->tx, &segment_purge, NULL, db_i(c->merchant_id), db_i(before)) : e;
}

enum err segment_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                        const struct segment_actor *who, struct problem *p)
{
    struct act c;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = act_begin(tx, merchant_id, who, p, &c);
    if (e != OK)
        return e;
    const struct segment *s = by_id(c.all, c.n, id);
    if (!s || s->deleted || !segment_seen(s, who))
        return ERR_NOT_FOUND;
    e = check_rights(&c, s, s);
    if (e == OK)
        e = check_unused(&c, s, 0);
    if (e == OK)
        e = purge(&c);
    if (e == OK)
        e = db_exec(tx, &segment_remove, NULL, db_i(c.now_us), db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    audit_detail_begin(&d, c.arena);
    audit_detail_value(&d, "name", s->name);
    return note(&c, "segment.delete", id, audit_detail_end(&d));
}

/* What it uses may be gone by now, or have become private. */
static enum err check_needs(struct act *c, const struct segment *s)
{
    struct problem inner = {.from = -1};
    const struct segment_graph g = {c->arena, c->all, c->n, s};
    if (segment_graph_check(&g, &inner) == OK)
        return OK;
    return problem_set(
        c->problem, NULL, ERR_CONFLICT, "segment_needs", NULL, "segment",
        arena_cstr(c->arena, (struct str){s->text.p + inner.from, (size_t)(inner.to - inner.from)}),
        NULL);
}

enum err segment_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                         const struct segment_actor *who, struct problem *p)
{
    struct act c;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = act_begin(tx, merchant_id, who, p, &c);
    if (e != OK)
        return e;
    const struct segment *s = by_id(c.all, c.n, id);
    if (!s || !s->deleted || !segment_seen(s, who))
        return ERR_NOT_FOUND;
    e = check_rights(&c, s, s);
    if (e == OK)
        e = check_place(&c, s);
    if (e == OK)
        e = check_needs(&c, s);
    if (e == OK)
        e = db_exec(tx, &segment_back, NULL, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    audit_detail_begin(&d, c.arena);
    audit_detail_value(&d, "name", s->name);
    return note(&c, "segment.restore", id, audit_detail_end(&d));
}
