/* Compares where customers stand with what follows from facts, entries and the day. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../batch.h"
#include "tier_sql.h"

struct comparing {
    struct db_tx *tx;
    int64_t merchant_id;
    struct tier_ladder ladder;
    struct arena *arena; /* of a page */
    int64_t ids[BATCH_KEYS];
    struct tier_state rows[BATCH_KEYS];
    size_t n;
    struct tier_report *report;
};

static enum err read_page(struct comparing *c, int64_t after)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e =
        db_query(c->tx, &tier_next_ids, &rows, db_i(c->merchant_id), db_i(after), db_i(BATCH_KEYS));
    c->n = 0;
    while (e == OK && c->n < BATCH_KEYS && db_next(rows)) {
        c->rows[c->n] = (struct tier_state){.next_day = DAY_NONE, .until_day = DAY_NONE};
        c->ids[c->n++] = db_int(rows, 0);
    }
    return e == OK ? db_error(rows) : e;
}

static enum err read_rows(struct comparing *c)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = batch_query_ids(c->tx, &tier_rows_of, &rows, c->merchant_id, c->ids, c->n);
    while (e == OK && db_next(rows))
        for (size_t i = 0; i < c->n; i++)
            if (c->ids[i] == db_int(rows, 0))
                c->rows[i] = (struct tier_state){.tier_id = db_int(rows, 1),
                                                 .by_hand = db_int(rows, 3) != 0,
                                                 .until_day = (int32_t)db_int_or(rows, 4, DAY_NONE),
                                                 .next_day = (int32_t)db_int_or(rows, 5, DAY_NONE),
                                                 .next_id = db_int(rows, 6)};
    return e == OK ? db_error(rows) : e;
}

/* Who waits for the job is on the way. */
static bool differs(const struct comparing *c, const struct tier_state *row,
                    const struct tier_state *is)
{
    if (row->next_day != DAY_NONE && row->next_day <= c->ladder.day)
        return false;
    return row->tier_id != is->tier_id || row->by_hand != is->by_hand ||
           row->until_day != is->until_day || row->next_day != is->next_day ||
           row->next_id != is->next_id;
}

static enum err compare_page(struct comparing *c)
{
    struct tier_state is[BATCH_KEYS];
    struct tier_history histories[BATCH_KEYS];
    enum err e = read_rows(c);
    if (e == OK)
        e = tier_states(c->tx, c->merchant_id, &c->ladder, c->ladder.day, c->ids, c->n, c->arena,
                        is, histories);
    for (size_t i = 0; e == OK && i < c->n; i++) {
        if (!differs(c, &c->rows[i], &is[i]))
            continue;
        if (c->report->differing++ == 0)
            c->report->customer_id = c->ids[i];
    }
    arena_reset(c->arena);
    return e;
}

enum err tier_check(struct db_tx *tx, int64_t merchant_id, struct tier_report *ret)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct comparing *c = arena_make(db_arena(tx), struct comparing);
    *c = (struct comparing){.tx = tx, .merchant_id = merchant_id, .arena = a, .report = ret};
    *ret = (struct tier_report){0};
    enum err e = tier_ladder_read(tx, merchant_id, db_arena(tx), &c->ladder);
    if (e != OK || c->ladder.version == 0 || c->ladder.sweeping)
        return e;
    int64_t after = 0;
    do {
        e = read_page(c, after);
        if (e == OK && c->n) {
            after = c->ids[c->n - 1];
            e = compare_page(c);
        }
    } while (e == OK && c->n == BATCH_KEYS);
    return e;
}
