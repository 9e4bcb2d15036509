/* Types of certificates: made, changed, deleted, brought back. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/text.h"
#include "../change/change.h"
#include "certificate_sql.h"

const char *const certificate_kinds[] = {"value", "gift", NULL};

static struct certificate_type read_row(const struct db_rows *r, struct arena *a)
{
    return (struct certificate_type){.id = db_int(r, 0),
                                     .name = db_text_in(r, 1, a),
                                     .description = db_text_in(r, 2, a),
                                     .kind = str_eq(db_text(r, 3), STR("gift")) ? CERTIFICATE_GIFT
                                                                                : CERTIFICATE_VALUE,
                                     .value_minor = db_int(r, 4),
                                     .gift = db_text_in(r, 5, a),
                                     .partial = db_int(r, 6) != 0,
                                     .valid_days = db_int(r, 7),
                                     .valid_until = (int32_t)db_int_or(r, 8, DAY_NONE),
                                     .per_customer = db_int(r, 9),
                                     .stock = db_int(r, 10),
                                     .issued = db_int(r, 11),
                                     .created_us = db_int(r, 12),
                                     .updated_us = db_int(r, 13),
                                     .version = db_int(r, 14),
                                     .deleted = !db_is_null(r, 15)};
}

/* Living ones are bounded, deleted ones by who can make so many in CERTIFICATE_RESTORE_DAYS. */
static enum err read_types(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                           struct certificate_type **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct certificate_type *all =
        arena_array(a, struct certificate_type, 2 * CERTIFICATE_TYPES_MAX);
    size_t n = 0;
    enum err e = db_query(tx, &certificate_type_all, &rows, db_i(merchant_id),
                          db_i(now_us() - CERTIFICATE_RESTORE_DAYS * US_PER_DAY));
    while (e == OK && n < 2 * CERTIFICATE_TYPES_MAX && db_next(rows))
        all[n++] = read_row(rows, a);
    if (e == OK)
        e = db_error(rows);
    *ret = all;
    *ret_n = n;
    return e;
}

enum err certificate_types(struct db_tx *tx, int64_t merchant_id, int32_t today, struct arena *a,
                           struct certificate_type **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = read_types(tx, merchant_id, a, ret, ret_n);
    if (e == OK)
        e = db_query(tx, &certificate_type_counts, &rows, db_i(today), db_i(merchant_id));
    while (e == OK && db_next(rows)) {
        for (size_t i = 0; i < *ret_n; i++) {
            struct certificate_type *t = &(*ret)[i];
            if (t->id != db_int(rows, 0))
                continue;
            t->open = db_int(rows, 1);
            t->open_minor = db_int(rows, 2);
            t->redeemed = db_int(rows, 3);
        }
    }
    return e == OK ? db_error(rows) : e;
}

static enum err find(struct db_tx *tx, int64_t merchant_id, int64_t id, bool deleted,
                     struct arena *a, struct certificate_type *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &certificate_type_one, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    *ret = read_row(rows, a);
    return ret->deleted == deleted ? OK : ERR_NOT_FOUND;
}

enum err certificate_type_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                              struct certificate_type *ret)
{
    return find(tx, merchant_id, id, false, a, ret);
}

int64_t certificate_room(const struct certificate_type *t)
{
    return t->stock == 0 ? INT64_MAX : t->issued >= t->stock ? 0 : t->stock - t->issued;
}

int32_t certificate_last_day(const struct certificate_type *t, int32_t today)
{
    int32_t last = t->valid_until;
    if (t->valid_days && (last == DAY_NONE || today + t->valid_days - 1 < last))
        last = (int32_t)(today + t->valid_days - 1);
    return last;
}

/* ---- what may stand ---- */

static enum err check_content(const struct certificate_type *t,
                              const struct certificate_type *before,
                              const struct certificate_actor *who, struct problem *p)
{
    bool same_day = before && before->valid_until == t->valid_until;
    if (t->kind == CERTIFICATE_VALUE && t->value_minor <= 0)
        return problem_set(p, NULL, ERR_INVALID, "certificate_value_needed", "value_minor", NULL);
    if (t->kind == CERTIFICATE_GIFT && t->gift.n == 0)
        return problem_set(p, NULL, ERR_INVALID, "certificate_gift_needed", "gift", NULL);
    if (t->valid_until != DAY_NONE && t->valid_until < who->today && !same_day)
        return problem_set(p, NULL, ERR_INVALID, "certificate_type_past", "valid_until", NULL);
    return OK;
}

static enum err check_place(struct db_tx *tx, int64_t merchant_id, const struct certificate_type *t,
                            const struct certificate_actor *who, struct problem *p)
{
    struct certificate_type *all;
    size_t n, living = 0;
    struct str key = text_fold(who->arena, t->name);
    _Static_assert(CERTIFICATE_TYPES_MAX == 200, "the number in problem certificate_type_too_many");
    if (key.n == 0)
        return problem_set(p, NULL, ERR_INVALID, "certificate_type_letters", "name", NULL);
    enum err e = read_types(tx, merchant_id, who->arena, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++) {
        if (all[i].deleted || all[i].id == t->id)
            continue;
        living++;
        if (str_eq(text_fold(who->arena, all[i].name), key))
            return problem_set(p, NULL, ERR_CONFLICT, "certificate_type_taken", "name", NULL);
    }
    if (e == OK && living >= CERTIFICATE_TYPES_MAX)
        e = problem_set(p, NULL, ERR_CONFLICT, "certificate_type_too_many", NULL, "limit", "200",
                        NULL);
    return e;
}

/* ---- writing ---- */

static enum err note(struct db_tx *tx, int64_t merchant_id, const struct certificate_actor *who,
                     const char *action, int64_t id, const char *detail)
{
    enum err e = audit_write(tx, merchant_id, &who->by, action, "certificate_type", id, detail);
    return e == OK ? change_note(tx, merchant_id, "certificate_type", &id, 1) : e;
}

static struct str day_words(struct arena *a, int32_t day)
{
    char text[DAY_TEXT_MAX];
    return day == DAY_NONE ? STR("") : arena_str(a, (struct str){text, day_format(day, text)});
}

static void differences(struct audit_detail *d, const struct certificate_type *from,
                        const struct certificate_type *to)
{
    if (!str_eq(from->name, to->name))
        audit_detail_change(d, "name", from->name, to->name);
    if (!str_eq(from->description, to->description))
        audit_detail_change(d, "description", from->description, to->description);
    if (from->kind != to->kind)
        audit_detail_change(d, "kind", str_c(certificate_kinds[from->kind]),
                            str_c(certificate_kinds[to->kind]));
    audit_detail_number(d, "value_minor", from->value_minor, to->value_minor);
    if (!str_eq(from->gift, to->gift))
        audit_detail_change(d, "gift", from->gift, to->gift);
    if (from->partial != to->partial)
        audit_detail_flag(d, "partial", from->partial, to->partial);
    audit_detail_number(d, "valid_days", from->valid_days, to->valid_days);
    if (from->valid_until != to->valid_until)
        audit_detail_change(d, "valid_until", day_words(d->arena, from->valid_until),
                            day_words(d->arena, to->valid_until));
    audit_detail_number(d, "per_customer", from->per_customer, to->per_customer);
    audit_detail_number(d, "stock", from->stock, to->stock);
}

static const char *named(struct arena *a, struct str name)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "name", name);
    return audit_detail_end(&d);
}

static enum err add(struct db_tx *tx, int64_t merchant_id, struct certificate_type *t,
                    const struct certificate_actor *who)
{
    t->id = id_new();
    t->version = 1;
    t->created_us = t->updated_us = now_us();
    enum err e =
        db_exec(tx, &certificate_type_add, NULL, db_i(merchant_id), db_i(t->id), db_t(t->name),
                db_t(text_fold(who->arena, t->name)), db_t(t->description),
                db_tc(certificate_kinds[t->kind]), db_i(t->value_minor), db_t(t->gift),
                db_i(t->partial), db_i(t->valid_days), db_i_or_null(t->valid_until, DAY_NONE),
                db_i(t->per_customer), db_i(t->stock), db_i(t->created_us));
    return e == OK ? note(tx, merchant_id, who, "certificate_type.create", t->id,
                          named(who->arena, t->name))
                   : e;
}

enum err certificate_type_save(struct db_tx *tx, int64_t merchant_id,
                               const struct certificate_type *before,
                               struct certificate_type *after, const struct certificate_actor *who,
                               struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct certificate_type now;
    enum err e = OK;
    if (before) {
        e = find(tx, merchant_id, before->id, false, who->arena, &now);
        if (e == OK && now.version != before->version)
            e = problem_set(p, NULL, ERR_STALE, "stale", NULL, NULL);
    }
    if (e == OK)
        e = check_content(after, before, who, p);
    if (e == OK)
        e = check_place(tx, merchant_id, after, who, p);
    if (e != OK || !before)
        return e != OK ? e : add(tx, merchant_id, after, who);
    audit_detail_begin(&d, who->arena);
    differences(&d, before, after);
    if (d.changes == 0)
        return OK;
    after->version = before->version + 1;
    after->updated_us = now_us();
    e = db_exec(tx, &certificate_type_change, NULL, db_t(after->name),
                db_t(text_fold(who->arena, after->name)), db_t(after->description),
                db_tc(certificate_kinds[after->kind]), db_i(after->value_minor), db_t(after->gift),
                db_i(after->partial), db_i(after->valid_days),
                db_i_or_null(after->valid_until, DAY_NONE), db_i(after->per_customer),
                db_i(after->stock), db_i(after->updated_us), db_i(merchant_id), db_i(after->id));
    return e == OK ? note(tx, merchant_id, who, "certificate_type.update", after->id,
                          audit_detail_end(&d))
                   : e;
}

/* Does a reward give it? */
static enum err check_unused(struct db_tx *tx, int64_t merchant_id, int64_t id,
                             const struct certificate_actor *who, struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &certificate_type_used, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return db_error(rows);
    struct str name = db_text_in(rows, 0, who->arena);
    if (name.n == 0)
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_type_referrals", NULL, NULL);
    return problem_set(p, NULL, ERR_CONFLICT, "certificate_type_used", NULL, "name",
                       arena_cstr(who->arena, name), NULL);
}

enum err certificate_type_delete(struct db_tx *tx, int64_t merchant_id, int64_t id, bool deleted,
                                 const struct certificate_actor *who, struct problem *p)
{
    struct certificate_type t;
    enum err e = find(tx, merchant_id, id, !deleted, who->arena, &t);
    if (e == OK)
        e = deleted ? check_unused(tx, merchant_id, id, who, p)
                    : check_place(tx, merchant_id, &t, who, p);
    if (e == OK)
        e = db_exec(tx, &certificate_type_remove, NULL, deleted ? db_i(now_us()) : db_null(),
                    db_i(merchant_id), db_i(id));
    return e == OK ? note(tx, merchant_id, who,
                          deleted ? "certificate_type.delete" : "certificate_type.restore", id,
                          named(who->arena, t.name))
                   : e;
}
