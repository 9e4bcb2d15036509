/* The plan as it is kept. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "earning_sql.h"

static enum earning_kind kind_by_name(struct str name)
{
    for (int i = 0; earning_kind_names[i]; i++)
        if (str_eq(name, str_c(earning_kind_names[i])))
            return (enum earning_kind)i;
    return EARNING_AMOUNT;
}

static enum err read_rules(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                           struct earning_plan *plan)
{
    cleanup(db_done) struct db_rows *r = NULL;
    enum err e = db_query(tx, &earning_rule_all, &r, db_i(merchant_id));
    if (e != OK)
        return e;
    while (plan->n < EARNING_RULES_MAX && db_next(r))
        plan->rules[plan->n++] =
            (struct earning_rule){.id = db_int(r, 0),
                                  .name = db_text_in(r, 1, a),
                                  .kind = kind_by_name(db_text(r, 2)),
                                  .points = db_int(r, 3),
                                  .per_minor = db_int(r, 4),
                                  .steps = db_int(r, 5) != 0,
                                  .percent = db_int(r, 6),
                                  .minimum_minor = db_int(r, 7),
                                  .store_id = db_int(r, 8),
                                  .tier_id = db_int(r, 9),
                                  .from_day = (int32_t)db_int(r, 10),
                                  .to_day = (int32_t)db_int_or(r, 11, DAY_NONE),
                                  .weekdays = (int)db_int(r, 12),
                                  .active = db_int(r, 13) != 0};
    return db_error(r);
}

enum err earning_plan_read(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                           struct earning_plan *ret)
{
    *ret = (struct earning_plan){0};
    enum err e = db_query_int(tx, &earning_plan_one, &ret->version, db_i(merchant_id));
    if (e == ERR_NOT_FOUND)
        return OK;
    return e == OK ? read_rules(tx, merchant_id, a, ret) : e;
}

/* ---- saving ---- */

/* `id` 0: none is asked for. */
static enum err check_place(struct db_tx *tx, int64_t merchant_id, const struct db_statement *st,
                            int64_t id, const char *code, const char *field,
                            const struct earning_rule *rule, struct arena *a, struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = id ? db_query(tx, st, &rows, db_i(merchant_id), db_i(id)) : OK;
    if (e != OK || !rows || db_next(rows))
        return e;
    e = db_error(rows);
    return e == OK ? problem_set(p, a, ERR_INVALID, code, field, "rule", arena_cstr(a, rule->name),
                                 NULL)
                   : e;
}

static enum err check_places(struct db_tx *tx, int64_t merchant_id, const struct earning_plan *plan,
                             struct arena *a, struct problem *p)
{
    enum err e = OK;
    for (size_t i = 0; e == OK && i < plan->n; i++) {
        const struct earning_rule *r = &plan->rules[i];
        e = check_place(tx, merchant_id, &earning_store, r->store_id, "earning_store",
                        arena_printf(a, "rules.%zu.store_id", i), r, a, p);
        if (e == OK)
            e = check_place(tx, merchant_id, &earning_tier, r->tier_id, "earning_tier",
                            arena_printf(a, "rules.%zu.tier_id", i), r, a, p);
    }
    return e;
}

static bool has_rule(const struct earning_plan *plan, int64_t id)
{
    for (size_t i = 0; i < plan->n; i++)
        if (plan->rules[i].id == id)
            return true;
    return false;
}

static enum err write_rule(struct db_tx *tx, int64_t merchant_id, size_t place,
                           const struct earning_rule *r)
{
    return db_exec(tx, &earning_rule_add, NULL, db_i(merchant_id), db_i((int64_t)place),
                   db_i(r->id), db_t(r->name), db_tc(earning_kind_names[r->kind]), db_i(r->points),
                   db_i(r->per_minor), db_i(r->steps), db_i(r->percent), db_i(r->minimum_minor),
                   db_i_or_null(r->store_id, 0), db_i_or_null(r->tier_id, 0), db_i(r->from_day),
                   db_i_or_null(r->to_day, DAY_NONE), db_i(r->weekdays), db_i(r->active));
}

static enum err write_plan(struct db_tx *tx, int64_t merchant_id, int64_t version,
                           const struct earning_plan *plan)
{
    int64_t changed = 1;
    enum err e = version == 0
                     ? db_exec(tx, &earning_plan_add, NULL, db_i(merchant_id), db_i(now_us()))
                     : db_exec(tx, &earning_plan_change, &changed, db_i(now_us()),
                               db_i(merchant_id), db_i(version));
    if (e == OK && changed != 1)
        return ERR_STALE;
    if (e == OK)
        e = db_exec(tx, &earning_rule_clear, NULL, db_i(merchant_id));
    for (size_t i = 0; e == OK && i < plan->n; i++)
        e = write_rule(tx, merchant_id, i, &plan->rules[i]);
    return e;
}

enum err earning_plan_save(struct db_tx *tx, int64_t merchant_id, int64_t version,
                           struct earning_plan *after, const struct audit_actor *by,
                           struct arena *a, struct problem *p)
{
    struct earning_plan before;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = earning_plan_read(tx, merchant_id, a, &before);
    if (e == OK && before.version != version)
        return problem_set(p, a, ERR_STALE, "stale", NULL, NULL);
    if (e == OK)
        e = check_places(tx, merchant_id, after, a, p);
    if (e != OK)
        return e;
    for (size_t i = 0; i < after->n; i++)
        if (!has_rule(&before, after->rules[i].id))
            after->rules[i].id = id_new();
    audit_detail_begin(&d, a);
    e = earning_tell(tx, merchant_id, &d, &before, after);
    if (e != OK || d.changes == 0)
        return e;
    e = write_plan(tx, merchant_id, version, after);
    return e == OK ? audit_write(tx, merchant_id, by, "earning.update", "merchant", merchant_id,
                                 audit_detail_end(&d))
                   : e;
}
