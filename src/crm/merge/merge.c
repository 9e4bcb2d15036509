#include "merge.h"
#include "../../audience/audience.h"
#include "../../base/check.h"
#include "../../base/id.h"
#include "../activity/activity_sql.h"
#include "../change/change.h"
#include "../consent/consent.h"
#include "../customer/customer_sql.h"
#include "../customer/facts.h"
#include "../int_list.h"
#include "merge_plan.h"
#include "merge_sql.h"
#include "merge_tables.h"

struct merging {
    struct db_tx *tx;
    int64_t merchant_id, merge_id, now_us;
    int32_t today;
    const struct audit_actor *by;
    struct arena *arena;
    struct merge_profile survivor, loser;
    struct merge_plan plan;
};

static const char *number_text(struct arena *a, int64_t number)
{
    return arena_printf(a, "%lld", (long long)number);
}

/* ---- reading ---- */

static enum err read_living(struct merging *m, int64_t id, int64_t version, struct problem *p,
                            struct merge_profile *ret)
{
    enum err e = merge_profile_get(m->tx, m->merchant_id, id, m->arena, ret);
    if (e == OK && ret->deleted)
        e = ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND)
        return problem_set(p, m->arena, e, "not_found", NULL, NULL);
    if (e == OK && version >= 0 && ret->version != version)
        return problem_set(p, m->arena, ERR_STALE, "stale", NULL, NULL);
    return e;
}

static enum err read_acts(struct merging *m, int64_t customer_id, struct merge_acts *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret = (struct merge_acts){0};
    enum err e = db_query(m->tx, &merge_acts_of, &rows, db_i(m->merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        int channel = name_index(channel_names, CHANNELS, db_text(rows, 1));
        int state = name_index(consent_act_names, CONSENT_ACTS, db_text(rows, 2));
        struct merge_act *act =
            state >= CONSENT_ACT_SUPPRESSED ? &ret->suppression[channel] : &ret->consent[channel];
        *act = (struct merge_act){.id = db_int(rows, 0),
                                  .state = state,
                                  .at_us = db_int(rows, 3),
                                  .imported = str_eq(db_text(rows, 4), STR("import"))};
    }
    return db_error(rows);
}

/* ---- merging ---- */

static enum err check_room(struct merging *m, struct problem *p)
{
    int64_t n;
    enum err e =
        db_query_int(m->tx, &merge_in_force_count, &n, db_i(m->merchant_id), db_i(m->survivor.id));
    if (e != OK || n < MERGES_IN_FORCE_MAX)
        return e;
    return problem_set(p, m->arena, ERR_CONFLICT, "merge_too_many", NULL, "max",
                       number_text(m->arena, MERGES_IN_FORCE_MAX), NULL);
}

static enum err move_ledgers(struct merging *m)
{
    enum err e = OK;
    for (const struct merge_ledger *l = merge_ledgers; e == OK && l->table; l++) {
        if (l->note)
            e = db_exec(m->tx, l->note, NULL, db_i(m->merge_id), db_i(m->merchant_id),
                        db_i(m->loser.id));
        if (e == OK)
            e = db_exec(m->tx, l->move, NULL, db_i(m->survivor.id), db_i(m->merchant_id),
                        db_i(m->loser.id));
    }
    return e;
}

static enum err copy_sets(struct merging *m)
{
    enum err e = OK;
    for (const struct merge_set *s = merge_sets; e == OK && s->table; s++) {
        e = db_exec(m->tx, s->note, NULL, db_i(m->merge_id), db_i(m->merchant_id),
                    db_i(m->loser.id), db_i(m->survivor.id));
        if (e == OK)
            e = db_exec(m->tx, s->copy, NULL, db_i(m->survivor.id), db_i(m->merchant_id),
                        db_i(m->loser.id), db_i(m->merge_id));
    }
    return e;
}

static enum err note_made(struct merging *m, const char *relation, int64_t id)
{
    return db_exec(m->tx, &merge_row_add, NULL, db_i(m->merchant_id), db_i(m->merge_id),
                   db_tc(relation), db_i(id));
}

static enum err write_act(struct merging *m, int channel, enum consent_act act)
{
    int64_t id = id_new();
    enum err e = db_exec(m->tx, &merge_act_made, NULL, db_i(m->merchant_id), db_i(m->survivor.id),
                         db_i(id), db_tc(channel_names[channel]), db_tc(consent_act_names[act]),
                         db_i(m->now_us), db_i_or_null(m->by->staff_id, 0));
    return e == OK ? note_made(m, "made_consent", id) : e;
}

static enum err write_acts(struct merging *m)
{
    enum err e = OK;
    for (int channel = 0; e == OK && channel < CHANNELS; channel++) {
        if (m->plan.refuses[channel])
            e = write_act(m, channel, CONSENT_ACT_REFUSED);
        if (e == OK && m->plan.suppresses[channel])
            e = write_act(m, channel, CONSENT_ACT_SUPPRESSED);
    }
    return e;
}

/* On the survivor's timeline: whom it took in. */
static enum err write_activity(struct merging *m)
{
    int64_t id = id_new();
    const char *detail = arena_printf(m->arena, "{\"merge_id\":\"%lld\",\"number\":%lld}",
                                      (long long)m->merge_id, (long long)m->loser.number);
    enum err e = db_exec(
        m->tx, &activity_insert, NULL, db_i(m->merchant_id), db_i(id), db_i(m->survivor.id),
        db_tc("merge"), db_null(), db_i(m->now_us), db_i(m->today), db_i(m->now_us), db_tc("staff"),
        db_i_or_null(m->by->staff_id, 0), db_null(), db_tc(detail), db_null(), db_null());
    return e == OK ? note_made(m, "made_activity", id) : e;
}

/* The loser goes first, so that the survivor may have its external id. */
static enum err write_customers(struct merging *m)
{
    enum err e = db_exec(m->tx, &merge_lose, NULL, db_i(m->now_us), db_i(m->survivor.id),
                         db_i(m->merchant_id), db_i(m->loser.id));
    if (e == OK)
        e = db_exec(m->tx, &merge_point, NULL, db_i(m->survivor.id), db_i(m->merchant_id),
                    db_i(m->loser.id));
    return e == OK ? merge_profile_put(m->tx, m->merchant_id, m->now_us, &m->plan.after) : e;
}

static enum err write_merge(struct merging *m)
{
    return db_exec(m->tx, &merge_add, NULL, db_i(m->merchant_id), db_i(m->merge_id),
                   db_i(m->survivor.id), db_i(m->loser.id),
                   db_tc(merge_profile_text(m->arena, &m->survivor)),
                   db_tc(merge_profile_text(m->arena, &m->plan.after)),
                   db_i_or_null(m->by->staff_id, 0), db_tc(m->by->name), db_i(m->now_us));
}

static const char *audit_text(struct merging *m)
{
    struct audit_detail d cleanup(audit_detail_free);
    audit_detail_begin(&d, m->arena);
    audit_detail_value(&d, "merge_id", str_c(number_text(m->arena, m->merge_id)));
    audit_detail_value(&d, "survivor", str_c(number_text(m->arena, m->survivor.number)));
    audit_detail_value(&d, "loser", str_c(number_text(m->arena, m->loser.number)));
    return audit_detail_end(&d);
}

/* What rests on the rows, what happened, and who should know, in this order. */
static enum err finish(struct merging *m, const char *action)
{
    int64_t both[2] = {m->survivor.id, m->loser.id};
    enum err e = facts_refresh(m->tx, m->merchant_id, both, 2);
    if (e == OK)
        e = audit_write(m->tx, m->merchant_id, m->by, action, "customer", m->survivor.id,
                        audit_text(m));
    if (e == OK)
        e = change_note(m->tx, m->merchant_id, "customer", both, 2);
    return e == OK ? change_note(m->tx, m->merchant_id, "favourite", both, 2) : e;
}

static enum err merge_rows(struct merging *m)
{
    enum err e = write_merge(m);
    if (e == OK)
        e = move_ledgers(m);
    if (e == OK)
        e = copy_sets(m);
    if (e == OK)
        e = write_acts(m);
    if (e == OK)
        e = write_activity(m);
    if (e == OK)
        e = write_customers(m);
    return e == OK ? finish(m, "customer.merge") : e;
}

enum err merge_customers(struct db_tx *tx, int64_t merchant_id, const struct merge_request *what,
                         const struct audit_actor *by, struct arena *a, struct merge_plan *ret_plan,
                         int64_t *ret_merge_id, struct problem *p)
{
    struct merging *m = arena_make(a, struct merging);
    struct merge_acts acts[2];
    *m = (struct merging){.tx = tx,
                          .merchant_id = merchant_id,
                          .merge_id = id_new(),
                          .now_us = what->now_us,
                          .today = what->today,
                          .by = by,
                          .arena = a};
    if (what->survivor_id == what->loser_id)
        return problem_set(p, a, ERR_INVALID, "merge_same", "loser_id", NULL);
    enum err e = read_living(m, what->survivor_id, what->survivor_version, p, &m->survivor);
    if (e == OK)
        e = read_living(m, what->loser_id, what->loser_version, p, &m->loser);
    if (e == OK)
        e = read_acts(m, what->survivor_id, &acts[0]);
    if (e == OK)
        e = read_acts(m, what->loser_id, &acts[1]);
    if (e == OK)
        e = check_room(m, p);
    if (e == OK)
        e = merge_plan_make(&m->survivor, &m->loser, acts, what->choices, a, &m->plan, p);
    if (e == OK)
        e = merge_rows(m);
    if (e != OK)
        return e;
    *ret_merge_id = m->merge_id;
    if (ret_plan)
        *ret_plan = m->plan;
    return OK;
}

/* ---- taking back ---- */

struct undoing {
    struct merging m;
    struct merge_in_force gone, *others;
    size_t n;
};

static enum err read_in_force(struct undoing *u)
{
    struct merging *m = &u->m;
    struct db_rows *rows cleanup(db_done) = NULL;
    u->others = arena_array(m->arena, struct merge_in_force, MERGES_IN_FORCE_MAX);
    enum err e =
        db_query(m->tx, &merge_in_force_of, &rows, db_i(m->merchant_id), db_i(m->survivor.id));
    while (e == OK && u->n < MERGES_IN_FORCE_MAX && db_next(rows)) {
        bool mine = db_int(rows, 0) == m->merge_id;
        struct merge_in_force *f = mine ? &u->gone : &u->others[u->n++];
        f->id = db_int(rows, 0);
        f->loser_id = db_int(rows, 1);
        e = merge_profile_parse(m->arena, db_text(rows, 2), &f->before);
        if (e == OK)
            e = merge_profile_parse(m->arena, db_text(rows, 3), &f->after);
    }
    return e == OK ? db_error(rows) : e;
}

static enum err read_losers(struct undoing *u)
{
    enum err e = OK;
    for (size_t i = 0; e == OK && i < u->n; i++)
        e = merge_profile_get(u->m.tx, u->m.merchant_id, u->others[i].loser_id, u->m.arena,
                              &u->others[i].loser);
    return e;
}

/* The survivor lost to another one, or was deleted: the later step has to be taken back first. */
static enum err refuse_gone(struct merging *m, struct problem *p)
{
    struct merge_view later;
    size_t n = 0;
    if (m->survivor.merged_into == 0)
        return problem_set(p, m->arena, ERR_CONFLICT, "merge_survivor_gone", NULL, "number",
                           number_text(m->arena, m->survivor.number), NULL);
    enum err e =
        merge_list(m->tx, m->merchant_id, m->survivor.id, INT64_MAX, 1, m->arena, &later, &n);
    if (e != OK || n == 0)
        return e != OK ? e : ERR_INTERNAL;
    return problem_set(p, m->arena, ERR_CONFLICT, "merge_nested", NULL, "number",
                       number_text(m->arena, m->survivor.number), "into",
                       number_text(m->arena, later.survivor_number), "merge_id",
                       number_text(m->arena, later.id), NULL);
}

static enum err take_back_sets(struct undoing *u)
{
    const struct merging *m = &u->m;
    enum err e = OK;
    for (const struct merge_set *s = merge_sets; e == OK && s->table; s++) {
        for (size_t i = 0; e == OK && i < u->n; i++)
            e = db_exec(m->tx, s->hand_over, NULL, db_i(u->others[i].id), db_i(m->merchant_id),
                        db_i(m->merge_id), db_i(u->others[i].loser_id));
        if (e == OK)
            e = db_exec(m->tx, s->drop, NULL, db_i(m->merchant_id), db_i(m->survivor.id),
                        db_i(m->merge_id));
    }
    return e;
}

static enum err take_back_ledgers(const struct merging *m)
{
    enum err e = OK;
    for (const struct merge_ledger *l = merge_ledgers; e == OK && l->table; l++)
        e = db_exec(m->tx, l->back, NULL, db_i(m->loser.id), db_i(m->merchant_id),
                    db_i(m->survivor.id), db_i(m->merge_id));
    if (e == OK)
        e = db_exec(m->tx, &merge_made_consents, NULL, db_i(m->merchant_id), db_i(m->survivor.id),
                    db_i(m->merge_id));
    return e == OK ? db_exec(m->tx, &merge_made_activity, NULL, db_i(m->merchant_id),
                             db_i(m->survivor.id), db_i(m->merge_id))
                   : e;
}

static enum err check_external(struct merging *m, struct problem *p)
{
    int64_t number;
    if (!merge_value_said(COL_EXTERNAL_ID, &m->loser.v[COL_EXTERNAL_ID]))
        return OK;
    enum err e = db_query_int(m->tx, &merge_external_of, &number, db_i(m->merchant_id),
                              m->loser.v[COL_EXTERNAL_ID]);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    return problem_set(p, m->arena, ERR_CONFLICT, "merge_external_taken", NULL, "number",
                       number_text(m->arena, number), NULL);
}

/* Whoever was merged into the loser, at any distance, leads to it again. */
static enum err point_back(struct merging *m)
{
    struct int_list found = {0};
    enum err e = OK;
    int_list_add(m->arena, &found, m->loser.id);
    for (size_t i = 0; e == OK && i < found.n; i++) {
        struct db_rows *rows cleanup(db_done) = NULL;
        e = db_query(m->tx, &merge_losers_of, &rows, db_i(m->merchant_id), db_i(found.v[i]));
        while (e == OK && db_next(rows))
            int_list_add(m->arena, &found, db_int(rows, 0));
        if (e == OK)
            e = db_error(rows);
    }
    for (size_t i = 1; e == OK && i < found.n; i++)
        e = db_exec(m->tx, &merge_point_one, NULL, db_i(m->loser.id), db_i(m->merchant_id),
                    db_i(found.v[i]));
    return e;
}

static enum err remember(struct undoing *u)
{
    const struct merging *m = &u->m;
    enum err e = OK;
    for (size_t i = 0; e == OK && i < u->n; i++)
        if (u->others[i].id > m->merge_id)
            e = db_exec(m->tx, &merge_remember, NULL,
                        db_tc(merge_profile_text(m->arena, &u->others[i].before)),
                        db_tc(merge_profile_text(m->arena, &u->others[i].after)),
                        db_i(m->merchant_id), db_i(u->others[i].id));
    return e;
}

static enum err undo_rows(struct undoing *u, struct problem *p)
{
    struct merging *m = &u->m;
    struct merge_acts left;
    enum err e = take_back_sets(u);
    if (e == OK)
        e = take_back_ledgers(m);
    if (e == OK)
        e = read_acts(m, m->survivor.id, &left);
    if (e != OK)
        return e;
    merge_plan_undo(&u->gone, u->others, u->n, &left, &m->survivor);
    e = remember(u);
    if (e == OK)
        e = merge_profile_put(m->tx, m->merchant_id, m->now_us, &m->survivor);
    if (e == OK)
        e = check_external(m, p);
    if (e == OK)
        e = db_exec(m->tx, &merge_revive, NULL, db_i(m->merchant_id), db_i(m->loser.id));
    if (e == OK)
        e = point_back(m);
    if (e == OK)
        e = db_exec(m->tx, &merge_rows_end, NULL, db_i(m->merchant_id), db_i(m->merge_id));
    if (e == OK)
        e = db_exec(m->tx, &merge_end, NULL, db_i(m->now_us), db_tc(m->by->name),
                    db_i(m->merchant_id), db_i(m->merge_id));
    return e == OK ? finish(m, "customer.unmerge") : e;
}

enum err merge_undo(struct db_tx *tx, int64_t merchant_id, int64_t merge_id,
                    const struct audit_actor *by, int64_t now_us, struct arena *a,
                    struct problem *p)
{
    struct undoing *u = arena_make(a, struct undoing);
    struct merging *m = &u->m;
    struct merge_view view;
    *u = (struct undoing){.m = {.tx = tx,
                                .merchant_id = merchant_id,
                                .merge_id = merge_id,
                                .now_us = now_us,
                                .by = by,
                                .arena = a}};
    enum err e = merge_get(tx, merchant_id, merge_id, a, &view);
    if (e == ERR_NOT_FOUND)
        return problem_set(p, a, e, "not_found", NULL, NULL);
    if (e == OK && view.undone_us)
        return problem_set(p, a, ERR_CONFLICT, "merge_undone", NULL, NULL);
    if (e == OK)
        e = merge_profile_get(tx, merchant_id, view.survivor_id, a, &m->survivor);
    if (e == OK)
        e = merge_profile_get(tx, merchant_id, view.loser_id, a, &m->loser);
    if (e == OK && m->survivor.deleted)
        return refuse_gone(m, p);
    if (e == OK)
        e = read_in_force(u);
    if (e == OK)
        e = read_losers(u);
    if (e != OK)
        return e;
    return undo_rows(u, p);
}

/* ---- telling ---- */

struct str merge_full_name(struct arena *a, struct str first, struct str last)
{
    if (first.n == 0 || last.n == 0)
        return arena_str(a, first.n ? first : last);
    return str_c(arena_printf(a, "%.*s %.*s", (int)first.n, first.p, (int)last.n, last.p));
}

static void take_view(struct arena *a, const struct db_rows *r, struct merge_view *ret)
{
    *ret = (struct merge_view){.id = db_int(r, 0),
                               .survivor_id = db_int(r, 1),
                               .loser_id = db_int(r, 2),
                               .survivor_number = db_int(r, 3),
                               .loser_number = db_int(r, 4),
                               .survivor_name = merge_full_name(a, db_text(r, 5), db_text(r, 6)),
                               .loser_name = merge_full_name(a, db_text(r, 7), db_text(r, 8)),
                               .made_us = db_int(r, 9),
                               .undone_us = db_int(r, 10),
                               .actor = db_text_in(r, 11, a),
                               .undone_by = db_text_in(r, 12, a),
                               .moved = db_int(r, 13)};
}

enum err merge_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                   struct merge_view *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merge_one, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_NOT_FOUND : e;
    }
    take_view(a, rows, ret);
    return OK;
}

enum err merge_list(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t before,
                    int64_t limit, struct arena *a, struct merge_view *ret, size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = customer_id ? db_query(tx, &merge_page_of, &rows, db_i(merchant_id),
                                        db_i(customer_id), db_i(before), db_i(limit))
                             : db_query(tx, &merge_page, &rows, db_i(merchant_id), db_i(before),
                                        db_i(limit));
    *ret_n = 0;
    if (e != OK)
        return e;
    while ((int64_t)*ret_n < limit && db_next(rows))
        take_view(a, rows, &ret[(*ret_n)++]);
    return db_error(rows);
}
