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

/* "vip, Friends = tag:friend, new": for the audit. */
static struct str order_text(struct arena *a, const struct typology_set *s)
{
    struct buf text;
    buf_init(&text, 64 * 1024);
    for (int i = 0; i < s->norder; i++) {
        int t = s->order[i];
        buf_adds(&text, i ? ", " : "");
        if (t < TYPES) {
            buf_adds(&text, fields[FIELD_TYPE].choices[t]);
            continue;
        }
        const struct own_type *own = &s->own[t - TYPES];
        buf_add(&text, own->name.p, own->name.n);
        buf_adds(&text, " = ");
        buf_add(&text, own->query.p, own->query.n);
    }
    struct str copy = arena_str(a, buf_str(&text));
    buf_free(&text);
    return copy;
}

static void tell_changes(struct audit_detail *d, const struct typology_set *before,
                         const struct typology_set *after, struct arena *a)
{
    for (int i = 0; i < TYPOLOGY_NUMBERS; i++)
        if (number_of(before, i) != number_of(after, i))
            audit_detail_change(d, typology_numbers[i].name,
                                str_c(arena_printf(a, "%d", number_of(before, i))),
                                str_c(arena_printf(a, "%d", number_of(after, i))));
    struct str was = order_text(a, before), is = order_text(a, after);
    if (!str_eq(was, is))
        audit_detail_change(d, "order", was, is);
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
    tell_changes(&d, &before.set, after, a);
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
