#include "audience_rules.h"
#include "../../base/check.h"
#include "../batch.h"

static const struct db_statement rules_numbers = {
    "audience_rules_numbers",
    "SELECT version, vip_months, vip_visits, new_months, new_visits_max, occasional_months,"
    " occasional_max, at_risk_days, active_months FROM typology_rules WHERE merchant_id = $1",
    "i", "iiiiiiiii"};

static const struct db_statement rules_order = {
    "audience_rules_order",
    "SELECT kind, name, query FROM typology WHERE merchant_id = $1 ORDER BY place", "i", "ttt"};

const struct db_statement *const audience_rules_statements[] = {&rules_numbers, &rules_order, NULL};

static enum err read_numbers(struct db_tx *tx, int64_t merchant_id, struct audience_rules *r)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &rules_numbers, &rows, db_i(merchant_id));

    if (e != OK || !db_next(rows))
        return e != OK ? e : db_error(rows);
    r->version = db_int(rows, 0);
    for (int i = 0; i < TYPOLOGY_NUMBERS; i++) {
        int64_t n = db_int(rows, 1 + i);
        bool good = n >= typology_numbers[i].least && n <= typology_numbers[i].most;
        char *at = (char *)&r->set.numbers + typology_numbers[i].offset;
        if (good)
            *(int32_t *)(void *)at = (int32_t)n;
    }
    return OK;
}

/* False: there is no room, or no such type. */
static bool take_type(const struct db_rows *row, struct arena *a, struct typology_set *s)
{
    struct str kind = db_text(row, 0);
    if (s->norder == TYPES_ALL - 1)
        return false;
    for (int t = 0; t < TYPES; t++) {
        if (t == TYPE_REGULAR || !str_eq(kind, str_c(fields[FIELD_TYPE].choices[t])))
            continue;
        s->order[s->norder++] = (uint8_t)t;
        return true;
    }
    if (!str_eq(kind, STR("own")) || s->nown == OWN_TYPES_MAX)
        return false;
    s->own[s->nown] =
        (struct own_type){arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 2))};
    s->order[s->norder++] = (uint8_t)(TYPES + s->nown++);
    return true;
}

static enum err read_order(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                           struct typology_set *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct typology_set s = *ret;
    bool good = true;
    enum err e = db_query(tx, &rules_order, &rows, db_i(merchant_id));

    if (e != OK)
        return e;
    s.norder = s.nown = 0;
    while (db_next(rows))
        good = good && take_type(rows, a, &s);
    if (good && typology_order_is_whole(&s))
        *ret = s;
    return db_error(rows);
}

enum err audience_rules_read(struct db_tx *tx, int64_t merchant_id, int currency_decimals,
                             struct arena *a, struct audience_rules *ret)
{
    struct audience_rules r = {.set = typology_defaults};
    enum err e = read_numbers(tx, merchant_id, &r);
    if (e == OK)
        e = read_order(tx, merchant_id, a, &r.set);
    r.set.currency_decimals = currency_decimals;
    if (e == OK)
        *ret = r;
    return e;
}
