/* The ladder: read, checked, saved. */
#include "tier_internal.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/text.h"
#include "../change/change.h"
#include "tier_sql.h"

const char *const tier_measure_names[] = {"none", "spend", "visits", "points", NULL};
const char *const tier_period_names[] = {"year", "months", "ever", NULL};
const char *const tier_colour_names[] = {"bronze", "silver", "gold",  "platinum", "wine",
                                         "green",  "blue",   "slate", NULL};
_Static_assert(ARRAY_LEN(tier_measure_names) == TIER_MEASURES + 1, "a name for each measure");
_Static_assert(ARRAY_LEN(tier_period_names) == TIER_PERIODS + 1, "a name for each period");

int tier_name_index(const char *const *names, struct str name)
{
    for (int i = 0; names[i]; i++)
        if (str_eq(name, str_c(names[i])))
            return i;
    return 0;
}

static enum err read_levels(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                            struct tier_ladder *l)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &tier_levels, &rows, db_i(merchant_id));
    while (e == OK && l->rules.n < TIERS_MAX && db_next(rows)) {
        l->rules.thresholds[l->rules.n] = db_int(rows, 3);
        l->tiers[l->rules.n++] =
            (struct tier){.id = db_int(rows, 0),
                          .name = db_text_in(rows, 1, a),
                          .colour = tier_name_index(tier_colour_names, db_text(rows, 2)),
                          .threshold = db_int(rows, 3),
                          .benefits = db_text_in(rows, 4, a)};
    }
    return e == OK ? db_error(rows) : e;
}

enum err tier_ladder_read(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                          struct tier_ladder *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = (struct tier_ladder){.day = DAY_NONE, .rules = {.months = 12}};
    enum err e = db_query(tx, &tier_ladder_get, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return db_error(rows);
    ret->rules.measure = (enum tier_measure)tier_name_index(tier_measure_names, db_text(rows, 0));
    ret->rules.period = (enum tier_period)tier_name_index(tier_period_names, db_text(rows, 1));
    ret->rules.months = (int32_t)db_int(rows, 2);
    ret->rules.grace_days = (int32_t)db_int(rows, 3);
    ret->day = (int32_t)db_int(rows, 4);
    ret->version = db_int(rows, 5);
    ret->sweeping = db_int(rows, 6) != 0;
    ret->sweep_after = db_int(rows, 7);
    return read_levels(tx, merchant_id, a, ret);
}

int tier_place(const struct tier_ladder *l, int64_t tier_id)
{
    for (int i = 0; tier_id && i < l->rules.n; i++)
        if (l->tiers[i].id == tier_id)
            return i;
    return -1;
}

/* ---- checking ---- */

static enum err wrong(const struct tier *t, struct arena *a, struct problem *p, const char *code)
{
    return problem_set(p, a, ERR_INVALID, code, "tiers", "name", arena_cstr(a, t->name), NULL);
}

static enum err check_names(const struct tier_ladder *l, struct arena *a, struct problem *p)
{
    struct str keys[TIERS_MAX];
    for (int i = 0; i < l->rules.n; i++) {
        keys[i] = text_fold(a, l->tiers[i].name);
        if (keys[i].n == 0)
            return wrong(&l->tiers[i], a, p, "tier_name_letters");
        for (int k = 0; k < i; k++)
            if (str_eq(keys[i], keys[k]))
                return wrong(&l->tiers[i], a, p, "tier_name_twice");
    }
    return OK;
}

enum err tier_ladder_check(struct tier_ladder *l, struct arena *a, struct problem *p)
{
    int64_t below = 0;
    enum err e = check_names(l, a, p);
    if (e != OK)
        return e;
    for (int i = 0; i < l->rules.n; i++) {
        struct tier *t = &l->tiers[i];
        l->rules.thresholds[i] = t->threshold;
        if (t->threshold == 0)
            continue;
        if (t->threshold <= below)
            return wrong(t, a, p, "tier_threshold_order");
        below = t->threshold;
    }
    if (l->rules.measure != TIER_NONE && l->rules.n > 0 && below == 0)
        return wrong(&l->tiers[0], a, p, "tier_threshold_missing");
    return OK;
}

/* ---- saving ---- */

static bool same_level(const struct tier *x, const struct tier *y)
{
    return str_eq(x->name, y->name) && x->colour == y->colour && x->threshold == y->threshold &&
           str_eq(x->benefits, y->benefits);
}

static bool level_stands_in(const struct tier_ladder *l, const struct tier *t)
{
    for (int i = 0; i < l->rules.n; i++)
        if (same_level(&l->tiers[i], t))
            return true;
    return false;
}

/* One ladder beside another, for the audit: the levels that do not stand there as they are, or all
 * where only their order is another. */
struct levels_beside {
    const struct tier_ladder *of, *other; /* NULL: all */
};

static void write_level(struct json *j, const struct tier *t, bool money)
{
    json_open(j);
    json_kv_text(j, "name", t->name);
    json_kv_cstr(j, "colour", tier_colour_names[t->colour]);
    if (t->threshold)
        json_kv_int(j, money ? "threshold_minor" : "threshold", t->threshold);
    if (t->benefits.n)
        json_kv_text(j, "benefits", t->benefits);
    json_close(j);
}

static void write_differing(struct json *j, const void *value)
{
    const struct levels_beside *l = value;
    json_list(j);
    for (int i = 0; i < l->of->rules.n; i++)
        if (!l->other || !level_stands_in(l->other, &l->of->tiers[i]))
            write_level(j, &l->of->tiers[i], l->of->rules.measure == TIER_SPEND);
    json_end(j);
}

static bool same_levels(const struct tier_ladder *x, const struct tier_ladder *y)
{
    bool same = x->rules.n == y->rules.n;
    for (int i = 0; same && i < x->rules.n; i++)
        same = same_level(&x->tiers[i], &y->tiers[i]);
    return same;
}

static int months_counted(const struct tier_rules *r)
{
    return r->period == TIER_MONTHS ? (int)r->months : 0;
}

static void tell_changes(struct audit_detail *d, const struct tier_ladder *before,
                         const struct tier_ladder *after)
{
    const struct tier_rules *was = &before->rules, *is = &after->rules;
    if (was->measure != is->measure || before->version == 0)
        audit_detail_change(d, "measure", str_c(tier_measure_names[was->measure]),
                            str_c(tier_measure_names[is->measure]));
    if (was->period != is->period)
        audit_detail_change(d, "period", str_c(tier_period_names[was->period]),
                            str_c(tier_period_names[is->period]));
    audit_detail_number(d, "months", months_counted(was), months_counted(is));
    audit_detail_number(d, "grace", was->grace_days, is->grace_days);
    if (same_levels(before, after))
        return;
    bool moved = was->n == is->n;
    for (int i = 0; moved && i < is->n; i++)
        moved = level_stands_in(before, &after->tiers[i]);
    audit_detail_values(d, "tiers", write_differing,
                        &(struct levels_beside){before, moved ? NULL : after},
                        &(struct levels_beside){after, moved ? NULL : before});
}

static enum err write_ladder(struct db_tx *tx, int64_t merchant_id, int64_t version, int32_t today,
                             const struct tier_rules *r)
{
    const char *measure = tier_measure_names[r->measure], *period = tier_period_names[r->period];
    int64_t changed;
    if (version == 0)
        return db_exec(tx, &tier_ladder_add, NULL, db_i(merchant_id), db_tc(measure), db_tc(period),
                       db_i(r->months), db_i(r->grace_days), db_i(today), db_i(now_us()));
    enum err e =
        db_exec(tx, &tier_ladder_change, &changed, db_tc(measure), db_tc(period), db_i(r->months),
                db_i(r->grace_days), db_i(now_us()), db_i(merchant_id), db_i(version));
    return e == OK && changed != 1 ? ERR_STALE : e;
}

/* All are taken out, and those that stay come back: no name is ever held twice. */
static enum err write_levels(struct db_tx *tx, int64_t merchant_id, struct tier_ladder *l)
{
    enum err e = db_exec(tx, &tier_level_remove, NULL, db_i(now_us()), db_i(merchant_id));
    for (int i = 0; e == OK && i < l->rules.n; i++) {
        struct tier *t = &l->tiers[i];
        struct str key = text_fold(db_arena(tx), t->name);
        const char *colour = tier_colour_names[t->colour];
        if (t->id) {
            e = db_exec(tx, &tier_level_change, NULL, db_i(i), db_t(t->name), db_t(key),
                        db_tc(colour), db_i(t->threshold), db_t(t->benefits), db_i(merchant_id),
                        db_i(t->id));
            continue;
        }
        t->id = id_new();
        e = db_exec(tx, &tier_level_add, NULL, db_i(merchant_id), db_i(t->id), db_i(i),
                    db_t(t->name), db_t(key), db_tc(colour), db_i(t->threshold), db_t(t->benefits));
    }
    return e;
}

enum err tier_ladder_save(struct db_tx *tx, int64_t merchant_id, int64_t version, int32_t today,
                          struct tier_ladder *after, const struct audit_actor *by, struct arena *a,
                          struct problem *p)
{
    struct tier_ladder before;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = tier_ladder_read(tx, merchant_id, db_arena(tx), &before);
    if (e != OK)
        return e;
    if (before.version != version)
        return problem_set(p, a, ERR_STALE, "stale", NULL, NULL);
    for (int i = 0; i < after->rules.n; i++)
        if (after->tiers[i].id && tier_place(&before, after->tiers[i].id) < 0)
            return problem_set(p, a, ERR_INVALID, "tier_unknown", "tiers", NULL);
    audit_detail_begin(&d, db_arena(tx));
    tell_changes(&d, &before, after);
    if (d.changes == 0)
        return OK;
    e = write_ladder(tx, merchant_id, version, today, &after->rules);
    if (e == OK)
        e = write_levels(tx, merchant_id, after);
    if (e == OK)
        e = tier_job_wanted(tx, merchant_id, by->staff_id);
    if (e == OK)
        e = audit_write(tx, merchant_id, by, "tier.ladder", "merchant", merchant_id,
                        audit_detail_end(&d));
    return e == OK ? change_note(tx, merchant_id, "tier", &merchant_id, 1) : e;
}
