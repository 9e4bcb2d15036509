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

/* "Bronze 100.00 | Gold 1000.00": for the audit, in the measure's smallest unit. */
static struct str levels_text(const struct tier_ladder *l, struct arena *a)
{
    struct buf text;
    buf_init(&text, TIERS_MAX * (TIER_NAME_MAX * 4 + TIER_BENEFITS_MAX * 4 + 80));
    for (int i = 0; i < l->rules.n; i++) {
        const struct tier *t = &l->tiers[i];
        buf_printf(&text, "%s%.*s (%s) %lld", i ? " | " : "", (int)t->name.n, t->name.p,
                   tier_colour_names[t->colour], (long long)t->threshold);
        if (t->benefits.n)
            buf_printf(&text, ": %.*s", (int)t->benefits.n, t->benefits.p);
    }
    struct str copy = arena_str(a, buf_str(&text));
    buf_free(&text);
    return copy;
}

static struct str rule_text(const struct tier_rules *r, struct arena *a)
{
    if (r->measure == TIER_NONE)
        return STR("none");
    return str_c(arena_printf(a, "%s %s %d, grace %d", tier_measure_names[r->measure],
                              tier_period_names[r->period],
                              r->period == TIER_MONTHS ? (int)r->months : 1, (int)r->grace_days));
}

static void tell_changes(struct audit_detail *d, const struct tier_ladder *before,
                         const struct tier_ladder *after, struct arena *a)
{
    struct str was = rule_text(&before->rules, a), is = rule_text(&after->rules, a);
    if (!str_eq(was, is) || before->version == 0)
        audit_detail_change(d, "rule", was, is);
    was = levels_text(before, a);
    is = levels_text(after, a);
    if (!str_eq(was, is))
        audit_detail_change(d, "tiers", was, is);
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
    tell_changes(&d, &before, after, db_arena(tx));
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
