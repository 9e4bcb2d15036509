#include "../batch.h"
#include "../../base/check.h"
#include "facts_sum.h"

static bool same_value(const struct db_value *a, const struct db_value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case 'n':
        return true;
    case 'i':
        return a->i == b->i;
    default:
        return str_eq(a->s, b->s);
    }
}

static void compare(struct arena *a, int64_t merchant_id, const struct facts_sum *truth,
                    const struct facts_sum *stored, struct facts_report *report)
{
    struct db_value x[FACTS_COLUMNS], y[FACTS_COLUMNS];
    int wrong = -1;

    facts_sum_values(a, merchant_id, truth, x);
    facts_sum_values(a, merchant_id, stored, y);
    for (int i = 0; i < FACTS_COLUMNS && wrong < 0; i++)
        if (!same_value(&x[i], &y[i]))
            wrong = i;
    report->customers++;
    if (stored->there && wrong < 0)
        return;
    if (stored->there)
        report->wrong++;
    else
        report->missing++;
    if (report->nsome < FACTS_REPORT_MAX) {
        report->some[report->nsome].customer_id = truth->customer_id;
        report->some[report->nsome++].field = stored->there ? facts_column_names[wrong] : "row";
    }
}

enum err facts_next_ids(struct db_tx *tx, int64_t merchant_id, int64_t after,
                        int64_t ids[static BATCH_KEYS], size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    size_t n = 0;
    enum err err =
        db_query(tx, &facts_ids_after, &rows, db_i(merchant_id), db_i(after), db_i(BATCH_KEYS));
    if (err != OK)
        return err;
    while (db_next(rows))
        ids[n++] = db_int(rows, 0);
    *ret_n = n;
    return db_error(rows);
}

enum err facts_check(struct db_tx *tx, int64_t merchant_id, struct facts_report *ret)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct facts_sum truth[BATCH_KEYS], stored[BATCH_KEYS];
    struct facts_report report = {0};
    int64_t ids[BATCH_KEYS], after = 0;

    for (;;) {
        size_t n = 0;
        enum err err = facts_next_ids(tx, merchant_id, after, ids, &n);
        if (err != OK)
            return err;
        if (n == 0)
            break;
        err = facts_gather(tx, merchant_id, a, ids, n, truth);
        if (err == OK)
            err = facts_stored(tx, merchant_id, a, ids, n, stored);
        if (err != OK)
            return err;
        for (size_t i = 0; i < n; i++)
            compare(a, merchant_id, &truth[i], &stored[i], &report);
        after = ids[n - 1];
        arena_reset(a);
    }
    *ret = report;
    return OK;
}
