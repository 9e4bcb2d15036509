#include "demo_desk.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../note/note.h"
#include "../task/task.h"
#include "demo_sql.h"

enum { NOTED_MAX = 4000, ONE_IN = 24 }; /* further customers of a large demo have none */

/* In the store's language, which its staff speak. */
static struct str phrase(struct demo_random *r, const struct demo_data *d, enum demo_phrase kind,
                         int64_t number)
{
    const struct demo_phrases *list = &d->phrases[kind][number % DEMO_COUNTRIES];
    return list->texts[demo_below(r, (int64_t)list->n)];
}

static enum err write_note(struct db_tx *tx, const struct demo_data *d,
                           const struct demo_chain *chain, struct demo_random *r, int64_t number,
                           int64_t id)
{
    int32_t day = chain->today - (int32_t)demo_between(r, 1, 120);
    struct note n = {.customer_id = id,
                     .staff_id = chain->staff[demo_below(r, (int64_t)chain->nstaff)],
                     .text = phrase(r, d, DEMO_NOTE, number),
                     .pinned = demo_chance(r, 20),
                     .created_us = zone_instant(chain->zone, day,
                                                (int32_t)demo_between(r, 10 * 3600, 18 * 3600))};
    const struct note_actor who = {
        .by = {n.staff_id, "demo", NULL}, .today = day, .arena = db_arena(tx)};
    return note_add(tx, chain->merchant_id, &n, &who, NULL);
}

static enum err write_task(struct db_tx *tx, const struct demo_data *d,
                           const struct demo_chain *chain, struct demo_random *r, int64_t number,
                           int64_t id)
{
    int32_t day = chain->today - (int32_t)demo_between(r, 1, 14);
    struct task t = {.customer_id = id,
                     .staff_id = chain->staff[demo_below(r, (int64_t)chain->nstaff)],
                     .assignee_id = chain->staff[demo_below(r, (int64_t)chain->nstaff)],
                     .text = phrase(r, d, DEMO_TASK, number),
                     .due_day = chain->today + (int32_t)demo_between(r, -4, 21)};
    const struct task_actor who = {
        .by = {t.staff_id, "demo", NULL}, .today = day, .arena = db_arena(tx)};
    return task_add(tx, chain->merchant_id, &t, &who, NULL);
}

/* An anniversary, a name day: some are within weeks, so that the calendar has them. */
static enum err write_date(struct db_tx *tx, const struct demo_data *d,
                           const struct demo_chain *chain, struct demo_random *r, int64_t number,
                           int64_t id)
{
    bool soon = demo_chance(r, 30);
    struct civil c = day_to_civil(chain->today + (int32_t)demo_between(r, 0, soon ? 40 : 364));
    int64_t year = demo_chance(r, 50) ? c.year - demo_between(r, 1, 25) : 0;
    if (c.month == 2 && c.day == 29)
        year = 0;
    return db_exec(tx, &demo_date, NULL, db_i(chain->merchant_id), db_i(id),
                   db_t(phrase(r, d, DEMO_DATE, number)), db_i(c.month), db_i(c.day),
                   db_i_or_null(year, 0));
}

enum err demo_desk(struct db_tx *tx, const struct demo_data *d, const struct demo_chain *chain,
                   int64_t from, const int64_t *ids, size_t n)
{
    enum err e = OK;
    for (size_t i = 0; e == OK && i < n && from + (int64_t)i < NOTED_MAX; i++) {
        int64_t number = from + (int64_t)i;
        struct demo_random r = {chain->seed ^ (0x6e6f7465ull + (uint64_t)number)};
        if (demo_below(&r, ONE_IN) == 0)
            e = write_note(tx, d, chain, &r, number, ids[i]);
        if (e == OK && demo_below(&r, 4 * ONE_IN) == 0)
            e = write_task(tx, d, chain, &r, number, ids[i]);
        if (e == OK && demo_below(&r, 2 * ONE_IN) == 0)
            e = write_date(tx, d, chain, &r, number, ids[i]);
    }
    return e;
}
