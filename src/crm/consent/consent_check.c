/* Do the columns of the customers say what their latest acts say? Two ordered reads side by side.
 */
#include "../../base/check.h"
#include "../customer/customer_sql.h"
#include "consent_sql.h"

struct side {
    struct db_rows *rows;
    bool more;
};

static void step(struct side *s)
{
    s->more = db_next(s->rows);
}

/* Who has no act on a channel may have a state from before acts were recorded. */
static bool agrees(const struct db_rows *row, struct side *acts)
{
    int64_t id = db_int(row, 0), states[CHANNELS], suppressed[CHANNELS] = {0};
    bool good = true;

    for (int i = 0; i < CHANNELS; i++)
        states[i] = db_int(row, 1 + i);
    for (; acts->more && db_int(acts->rows, 0) <= id; step(acts)) {
        if (db_int(acts->rows, 0) < id)
            continue;
        int channel = name_index(channel_names, CHANNELS, db_text(acts->rows, 1));
        int act = name_index(consent_act_names, CONSENT_ACTS, db_text(acts->rows, 2));
        if (act >= CONSENT_ACT_SUPPRESSED)
            suppressed[channel] = act == CONSENT_ACT_SUPPRESSED;
        else
            states[channel] = act;
    }
    for (int i = 0; i < CHANNELS; i++)
        good = good && states[i] == db_int(row, 1 + i) && suppressed[i] == db_int(row, 4 + i);
    return good;
}

enum err consent_check(struct db_tx *tx, int64_t merchant_id, struct consent_report *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL, *of_acts = NULL;
    const struct db_value merchant = db_i(merchant_id);

    *ret = (struct consent_report){0};
    enum err e = db_scan_values(tx, &consent_columns, &rows, &merchant, 1);
    if (e == OK)
        e = db_scan_values(tx, &consent_acts, &of_acts, &merchant, 1);
    if (e != OK)
        return e;
    struct side acts = {of_acts, false};
    step(&acts);
    while (db_next(rows)) {
        if (agrees(rows, &acts))
            continue;
        ret->differing++;
        ret->customer_id = db_int(rows, 0);
    }
    e = db_error(rows);
    return e == OK ? db_error(of_acts) : e;
}
