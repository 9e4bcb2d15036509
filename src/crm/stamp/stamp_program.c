/* Stamp programmes: made, changed, deleted, brought back. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/text.h"
#include "../change/change.h"
#include "stamp_sql.h"

static struct stamp_program read_row(const struct db_rows *r, struct arena *a)
{
    return (struct stamp_program){.id = db_int(r, 0),
                                  .name = db_text_in(r, 1, a),
                                  .description = db_text_in(r, 2, a),
                                  .stamps = db_int(r, 3),
                                  .per_day = db_int(r, 4),
                                  .reward = {.kind = reward_kind_of(db_text(r, 5)),
                                             .points = db_int(r, 6),
                                             .type_id = db_int(r, 7),
                                             .gift = db_text_in(r, 8, a)},
                                  .created_us = db_int(r, 9),
                                  .updated_us = db_int(r, 10),
                                  .version = db_int(r, 11),
                                  .deleted = !db_is_null(r, 12)};
}

enum err stamp_programs_count(struct db_tx *tx, int64_t merchant_id, struct stamp_program *all,
                              size_t n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &stamp_program_counts, &rows, db_i(merchant_id));
    while (e == OK && db_next(rows)) {
        for (size_t i = 0; i < n; i++) {
            if (all[i].id != db_int(rows, 0))
                continue;
            all[i].open = db_int(rows, 1);
            all[i].completed = db_int(rows, 2);
        }
    }
    return e == OK ? db_error(rows) : e;
}

static enum err read_all(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                         struct stamp_program **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct stamp_program *all = arena_array(a, struct stamp_program, 4 * STAMP_PROGRAMS_MAX);
    size_t n = 0;
    enum err e = db_query(tx, &stamp_program_all, &rows, db_i(merchant_id),
                          db_i(now_us() - STAMP_RESTORE_DAYS * US_PER_DAY));
    while (e == OK && n < 4 * STAMP_PROGRAMS_MAX && db_next(rows))
        all[n++] = read_row(rows, a);
    *ret = all;
    *ret_n = n;
    return e == OK ? db_error(rows) : e;
}

enum err stamp_programs(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                        struct stamp_program **ret, size_t *ret_n)
{
    enum err e = read_all(tx, merchant_id, a, ret, ret_n);
    for (size_t i = 0; e == OK && i < *ret_n; i++)
        e = reward_name(tx, merchant_id, a, &(*ret)[i].reward);
    return e;
}

static enum err find(struct db_tx *tx, int64_t merchant_id, int64_t id, bool deleted,
                     struct arena *a, struct stamp_program *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &stamp_program_one, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    *ret = read_row(rows, a);
    return ret->deleted == deleted ? OK : ERR_NOT_FOUND;
}

enum err stamp_program_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                           struct stamp_program *ret)
{
    return find(tx, merchant_id, id, false, a, ret);
}

static enum err check_place(struct db_tx *tx, int64_t merchant_id, const struct stamp_program *s,
                            const struct certificate_actor *who, struct problem *p)
{
    struct stamp_program *all;
    size_t n, living = 0;
    struct str key = text_fold(who->arena, s->name);
    _Static_assert(STAMP_PROGRAMS_MAX == 50, "the number in problem stamp_program_too_many");
    if (key.n == 0)
        return problem_set(p, NULL, ERR_INVALID, "stamp_program_letters", "name", NULL);
    enum err e = read_all(tx, merchant_id, who->arena, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++) {
        if (all[i].deleted || all[i].id == s->id)
            continue;
        living++;
        if (str_eq(text_fold(who->arena, all[i].name), key))
            return problem_set(p, NULL, ERR_CONFLICT, "stamp_program_taken", "name", NULL);
    }
    if (e == OK && living >= STAMP_PROGRAMS_MAX)
        e = problem_set(p, NULL, ERR_CONFLICT, "stamp_program_too_many", NULL, "limit", "50", NULL);
    return e;
}

static enum err note(struct db_tx *tx, int64_t merchant_id, const struct certificate_actor *who,
                     const char *action, const struct stamp_program *s, const char *detail)
{
    enum err e = audit_write(tx, merchant_id, &who->by, action, "stamp_program", s->id, detail);
    return e == OK ? change_note(tx, merchant_id, "stamp_program", &s->id, 1) : e;
}

static enum err note_named(struct db_tx *tx, int64_t merchant_id,
                           const struct certificate_actor *who, const char *action,
                           const struct stamp_program *s)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, who->arena);
    audit_detail_value(&d, "name", s->name);
    return note(tx, merchant_id, who, action, s, audit_detail_end(&d));
}

static enum err note_changes(struct db_tx *tx, int64_t merchant_id,
                             const struct certificate_actor *who, const struct stamp_program *s,
                             const struct stamp_program *before)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, who->arena);
    if (str_eq(before->name, s->name))
        audit_detail_value(&d, "name", s->name);
    else
        audit_detail_change(&d, "name", before->name, s->name);
    if (!str_eq(before->description, s->description))
        audit_detail_change(&d, "description", before->description, s->description);
    audit_detail_number(&d, "stamps", before->stamps, s->stamps);
    audit_detail_number(&d, "per_day", before->per_day, s->per_day);
    enum err e = reward_tell(tx, merchant_id, &d, "reward", &before->reward, &s->reward);
    return e == OK ? note(tx, merchant_id, who, "stamp_program.update", s, audit_detail_end(&d))
                   : e;
}

static enum err add(struct db_tx *tx, int64_t merchant_id, struct stamp_program *s,
                    const struct certificate_actor *who)
{
    s->id = id_new();
    s->version = 1;
    s->created_us = s->updated_us = now_us();
    enum err e =
        db_exec(tx, &stamp_program_add, NULL, db_i(merchant_id), db_i(s->id), db_t(s->name),
                db_t(text_fold(who->arena, s->name)), db_t(s->description), db_i(s->stamps),
                db_i(s->per_day), db_tc(reward_kinds[s->reward.kind]), db_i(s->reward.points),
                db_i_or_null(s->reward.type_id, 0), db_t(s->reward.gift), db_i(s->created_us));
    return e == OK ? note_named(tx, merchant_id, who, "stamp_program.create", s) : e;
}

static enum err change(struct db_tx *tx, int64_t merchant_id, const struct stamp_program *before,
                       struct stamp_program *s, const struct certificate_actor *who)
{
    s->version = before->version + 1;
    s->updated_us = now_us();
    enum err e = db_exec(tx, &stamp_program_change, NULL, db_t(s->name),
                         db_t(text_fold(who->arena, s->name)), db_t(s->description),
                         db_i(s->stamps), db_i(s->per_day), db_tc(reward_kinds[s->reward.kind]),
                         db_i(s->reward.points), db_i_or_null(s->reward.type_id, 0),
                         db_t(s->reward.gift), db_i(s->updated_us), db_i(merchant_id), db_i(s->id));
    return e == OK ? note_changes(tx, merchant_id, who, s, before) : e;
}

enum err stamp_program_save(struct db_tx *tx, int64_t merchant_id,
                            const struct stamp_program *before, struct stamp_program *after,
                            const struct certificate_actor *who, struct problem *p)
{
    struct stamp_program now;
    enum err e = before ? find(tx, merchant_id, before->id, false, who->arena, &now) : OK;
    if (e == OK && before && now.version != before->version)
        e = problem_set(p, NULL, ERR_STALE, "stale", NULL, NULL);
    if (e == OK && after->reward.kind == REWARD_NONE)
        e = problem_set(p, NULL, ERR_INVALID, "reward_needed", "reward", NULL);
    if (e == OK)
        e = reward_check(tx, merchant_id, &after->reward, "reward", p);
    if (e == OK)
        e = check_place(tx, merchant_id, after, who, p);
    if (e != OK)
        return e;
    return before ? change(tx, merchant_id, before, after, who) : add(tx, merchant_id, after, who);
}

enum err stamp_program_delete(struct db_tx *tx, int64_t merchant_id, int64_t id, bool deleted,
                              const struct certificate_actor *who, struct problem *p)
{
    struct stamp_program s;
    enum err e = find(tx, merchant_id, id, !deleted, who->arena, &s);
    if (e == OK && !deleted)
        e = check_place(tx, merchant_id, &s, who, p);
    if (e == OK && !deleted)
        e = reward_check(tx, merchant_id, &s.reward, NULL, p);
    if (e == OK)
        e = db_exec(tx, &stamp_program_remove, NULL, deleted ? db_i(now_us()) : db_null(),
                    db_i(merchant_id), db_i(id));
    return e == OK ? note_named(tx, merchant_id, who,
                                deleted ? "stamp_program.delete" : "stamp_program.restore", &s)
                   : e;
}
