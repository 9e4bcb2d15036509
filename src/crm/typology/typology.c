#include "../../base/check.h"
#include "../../base/day.h"
#include "../change/change.h"
#include "../merchant/merchant.h"
#include "typology_sql.h"

static int32_t number_of(const struct typology_set *s, int i)
{
    const char *at = (const char *)&s->numbers + typology_numbers[i].offset;
    return *(const int32_t *)(const void *)at;
}

/* For the audit: ["vip", {"name": "Friends", "query": "tag:friend"}, "new"] */
static void write_order_json(struct json *j, const void *value)
{
    const struct typology_set *s = value;
    json_list(j);
    for (int i = 0; i < s->norder; i++) {
        int t = s->order[i];
        if (t < TYPES) {
            json_text(j, str_c(fields[FIELD_TYPE].choices[t]));
            continue;
        }
        json_open(j);
        json_kv_text(j, "name", s->own[t - TYPES].name);
        json_kv_text(j, "query", s->own[t - TYPES].query);
        json_close(j);
    }
    json_end(j);
}

static void tell_changes(struct audit_detail *d, const struct typology_set *before,
                         const struct typology_set *after)
{
    struct typology_set but_numbers = *after;
    for (int i = 0; i < TYPOLOGY_NUMBERS; i++)
        audit_detail_number(d, typology_numbers[i].name, number_of(before, i), number_of(after, i));
    but_numbers.numbers = before->numbers;
    if (!typology_same(before, &but_numbers))
        audit_detail_values(d, "order", write_order_json, before, after);
}

static enum err write_numbers(struct db_tx *tx, int64_t merchant_id, int64_t version,
                              const struct typology_set *s)
{
    const struct typology_rules *n = &s->numbers;
    int64_t changed;
    if (version == 0)
        return db_exec(tx, &typology_numbers_add, NULL, db_i(merchant_id), db_i(n->vip_months),
                       db_i(n->vip_visits), db_i(n->new_months), db_i(n->new_visits_max),
                       db_i(n->occasional_months), db_i(n->occasional_max), db_i(n->at_risk_days),
                       db_i(n->active_months), db_i(now_us()));
    enum err e = db_exec(tx, &typology_numbers_change, &changed, db_i(n->vip_months),
                         db_i(n->vip_visits), db_i(n->new_months), db_i(n->new_visits_max),
                         db_i(n->occasional_months), db_i(n->occasional_max), db_i(n->at_risk_days),
                         db_i(n->active_months), db_i(now_us()), db_i(merchant_id), db_i(version));
    return e == OK && changed != 1 ? ERR_STALE : e;
}

static enum err write_order(struct db_tx *tx, int64_t merchant_id, const struct typology_set *s)
{
    enum err e = db_exec(tx, &typology_clear, NULL, db_i(merchant_id));
    for (int i = 0; e == OK && i < s->norder; i++) {
        int t = s->order[i];
        const struct own_type *own = t < TYPES ? NULL : &s->own[t - TYPES];
        e = db_exec(tx, &typology_add, NULL, db_i(merchant_id), db_i(i),
                    db_tc(own ? "own" : fields[FIELD_TYPE].choices[t]),
                    db_t(own ? own->name : STR("")), db_t(own ? own->query : STR("")));
    }
    return e;
}

enum err typology_save(struct db_tx *tx, int64_t merchant_id, int64_t version,
                       const struct typology_set *after, const struct audit_actor *by,
                       struct arena *a, struct problem *p)
{
    struct audience_rules before;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    enum err e = audience_rules_read(tx, merchant_id, after->currency_decimals, a, &before);
    if (e != OK)
        return e;
    if (before.version != version)
        return problem_set(p, a, ERR_STALE, "stale", NULL, NULL);
    audit_detail_begin(&d, a);
    tell_changes(&d, &before.set, after);
    if (d.changes == 0)
        return OK;
    e = write_numbers(tx, merchant_id, version, after);
    if (e == OK)
        e = write_order(tx, merchant_id, after);
    if (e == OK)
        e = audit_write(tx, merchant_id, by, "typology.update", "merchant", merchant_id,
                        audit_detail_end(&d));
    return e == OK ? change_note(tx, merchant_id, "typology", &merchant_id, 1) : e;
}
