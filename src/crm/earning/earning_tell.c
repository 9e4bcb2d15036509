/* What changed in the plan, for the audit log: the rules that are not in the other plan as they
 * are, with the names of their stores and tiers; all of them where only their order is another. */
#include "../../base/check.h"
#include "earning_sql.h"

struct rule_told {
    const struct earning_rule *rule;
    struct str store, tier; /* "" = all of them */
};
struct rules_told {
    struct rule_told of[EARNING_RULES_MAX];
    size_t n;
};

static bool same_rule(const struct earning_rule *x, const struct earning_rule *y)
{
    return x->id == y->id && str_eq(x->name, y->name) && x->kind == y->kind &&
           x->points == y->points && x->per_minor == y->per_minor && x->percent == y->percent &&
           x->minimum_minor == y->minimum_minor && x->store_id == y->store_id &&
           x->tier_id == y->tier_id && x->from_day == y->from_day && x->to_day == y->to_day &&
           x->weekdays == y->weekdays && x->steps == y->steps && x->active == y->active;
}

static bool stands_in(const struct earning_plan *plan, const struct earning_rule *r)
{
    for (size_t i = 0; i < plan->n; i++)
        if (same_rule(&plan->rules[i], r))
            return true;
    return false;
}

static bool all_stand_in(const struct earning_plan *plan, const struct earning_plan *of)
{
    for (size_t i = 0; i < of->n; i++)
        if (!stands_in(plan, &of->rules[i]))
            return false;
    return true;
}

static bool same_rules(const struct earning_plan *x, const struct earning_plan *y)
{
    bool same = x->n == y->n;
    for (size_t i = 0; same && i < x->n; i++)
        same = same_rule(&x->rules[i], &y->rules[i]);
    return same;
}

/* A tier that is gone has no name. */
static enum err name_of(struct db_tx *tx, int64_t merchant_id, const struct db_statement *st,
                        int64_t id, struct arena *a, struct str *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = STR("");
    enum err e = id ? db_query(tx, st, &rows, db_i(merchant_id), db_i(id)) : OK;
    if (e != OK || !rows)
        return e;
    if (db_next(rows))
        *ret = db_text_in(rows, 0, a);
    return db_error(rows);
}

/* `other` NULL: all are told. */
static enum err differing(struct db_tx *tx, int64_t merchant_id, const struct earning_plan *plan,
                          const struct earning_plan *other, struct arena *a, struct rules_told *ret)
{
    enum err e = OK;
    ret->n = 0;
    for (size_t i = 0; e == OK && i < plan->n; i++) {
        if (other && stands_in(other, &plan->rules[i]))
            continue;
        struct rule_told *told = &ret->of[ret->n++];
        told->rule = &plan->rules[i];
        e = name_of(tx, merchant_id, &earning_store, told->rule->store_id, a, &told->store);
        if (e == OK)
            e = name_of(tx, merchant_id, &earning_tier, told->rule->tier_id, a, &told->tier);
    }
    return e;
}

static void write_gift(struct json *j, const struct earning_rule *r)
{
    if (r->kind == EARNING_MULTIPLIER)
        json_kv_int(j, "multiplier", r->percent);
    else
        json_kv_int(j, "points", r->points);
    if (r->kind == EARNING_AMOUNT) {
        json_kv_int(j, "per_minor", r->per_minor);
        json_kv_cstr(j, "rounding", r->steps ? "steps" : "down");
    }
}

static void write_weekdays(struct json *j, int weekdays)
{
    json_key(j, "weekdays");
    json_list(j);
    for (int i = 0; i < 7; i++)
        if (weekdays >> i & 1)
            json_int(j, i + 1);
    json_end(j);
}

static void write_rule(struct json *j, const struct rule_told *told)
{
    const struct earning_rule *r = told->rule;
    json_open(j);
    json_kv_text(j, "name", r->name);
    json_kv_cstr(j, "kind", earning_kind_names[r->kind]);
    write_gift(j, r);
    if (r->minimum_minor)
        json_kv_int(j, "minimum_minor", r->minimum_minor);
    if (told->store.n)
        json_kv_text(j, "store", told->store);
    if (told->tier.n)
        json_kv_text(j, "tier", told->tier);
    json_kv_day(j, "from_day", r->from_day);
    if (r->to_day != DAY_NONE)
        json_kv_day(j, "to_day", r->to_day);
    if (r->weekdays != EARNING_EVERY_DAY)
        write_weekdays(j, r->weekdays);
    if (!r->active)
        json_kv_bool(j, "active", false);
    json_close(j);
}

static void write_rules(struct json *j, const void *value)
{
    const struct rules_told *told = value;
    json_list(j);
    for (size_t i = 0; i < told->n; i++)
        write_rule(j, &told->of[i]);
    json_end(j);
}

enum err earning_tell(struct db_tx *tx, int64_t merchant_id, struct audit_detail *d,
                      const struct earning_plan *before, const struct earning_plan *after)
{
    struct rules_told was, is;
    if (same_rules(before, after))
        return OK;
    bool moved = before->n == after->n && all_stand_in(after, before);
    enum err e = differing(tx, merchant_id, before, moved ? NULL : after, d->arena, &was);
    if (e == OK)
        e = differing(tx, merchant_id, after, moved ? NULL : before, d->arena, &is);
    if (e == OK)
        audit_detail_values(d, "rules", write_rules, &was, &is);
    return e;
}
