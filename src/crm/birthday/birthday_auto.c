/* Automatic greetings: from the hour of the merchant's day on, those whose birthday comes in so
 * many days, and the days before that nothing ran on. A greeting is unique, so a job that is taken
 * up again by another process goes through the same list and gives only what is missing. */
#include "../../base/check.h"
#include "../../work/work.h"
#include "../customer/audiences.h"
#include "../merchant/merchant.h"
#include "../staff/staff.h"
#include "birthday_sql.h"

enum { AT_ONCE = 100 }; /* in one transaction: others wait meanwhile */

struct automatic {
    const struct job *job;
    struct arena *arena; /* of the job */
    struct birthday_rules rules;
    struct merchant merchant;
    struct greeting_how how;
    struct greeting_one list[AT_ONCE];
    size_t n;
    int64_t done, total;
    struct problem *p;
};
struct birthdays_of {
    int32_t day;
    int64_t *ids;
    size_t n;
};

static enum err read_rules(struct db_tx *tx, void *arg)
{
    struct automatic *x = arg;
    enum err e = birthday_rules_read(tx, x->job->merchant_id, x->arena, &x->rules);
    return e == OK ? merchant_get(tx, x->job->merchant_id, x->arena, &x->merchant) : e;
}

static enum err give(struct db_tx *tx, void *arg)
{
    struct automatic *x = arg;
    struct greeting_outcome outcome;
    cleanup(arena_free) struct arena *a = arena_new();
    struct problem p = {.from = -1};
    enum err e = greeting_give(tx, x->job->merchant_id, &x->how, x->list, x->n, a, &outcome, &p);
    if (e != OK && p.code)
        return problem_set(x->p, x->arena, e, "birthday_points_failed", NULL, NULL);
    return e == OK ? job_progress(tx, x->job, x->done, x->total) : e;
}

static enum err end_day(struct db_tx *tx, void *arg)
{
    const struct automatic *x = arg;
    return db_exec(tx, &birthday_done, NULL, db_i(x->how.day), db_i(x->job->merchant_id));
}

static enum err greet_day(struct app *app, struct automatic *x, const struct birthdays_of *of)
{
    enum err e = OK;
    x->how.day = of->day;
    for (size_t from = 0; e == OK && from < of->n; from += AT_ONCE) {
        x->n = of->n - from < AT_ONCE ? of->n - from : AT_ONCE;
        for (size_t i = 0; i < x->n; i++)
            x->list[i] = (struct greeting_one){of->ids[from + i], 0};
        x->done += (int64_t)x->n;
        e = db_write(app->db, give, x);
    }
    return e == OK ? db_write(app->db, end_day, x) : e;
}

/* Everybody of the days to do, so that the audience is not held while they are written. */
static enum err find(struct app *app, struct automatic *x, struct birthdays_of *ret, size_t *ret_n)
{
    static const struct audience_viewer everybody;
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, x->job->merchant_id, &use);
    if (e != OK)
        return e;
    int32_t earliest = use.today - BIRTHDAY_LATE_DAYS,
            last = use.today + (int32_t)x->rules.days_ahead;
    int32_t first = x->rules.done_until == DAY_NONE ? use.today : x->rules.done_until + 1;
    x->how.today = use.today;
    *ret_n = 0;
    for (int32_t day = first > earliest ? first : earliest; day <= last; day++) {
        struct birthdays_of *of = &ret[(*ret_n)++];
        struct birthday_span span = birthday_span(day, x->rules.march);
        const struct birthday_ask ask = {&everybody, span.low, span.high};
        of->day = day;
        audience_birthday_ids(use.audience, &ask, x->arena, &of->ids, &of->n);
        x->total += (int64_t)of->n;
    }
    return OK;
}

static enum err greet_all(struct app *app, struct automatic *x)
{
    struct birthdays_of days[BIRTHDAY_LATE_DAYS + BIRTHDAY_AHEAD_MAX + 1];
    size_t n = 0;
    enum err e = db_read(app->db, read_rules, x);
    if (e != OK || !x->rules.automatic)
        return e;
    x->how.points = x->rules.points;
    memcpy(x->how.messages, x->rules.messages, sizeof(x->how.messages));
    x->how.fallback = birthday_language(x->merchant.language);
    e = find(app, x, days, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        e = greet_day(app, x, &days[i]);
    return e;
}

enum err birthday_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct automatic *x = arena_make(a, struct automatic);
    *x = (struct automatic){.job = job, .arena = a, .p = p};
    enum err e = greet_all(app, x);
    if (e == OK || e == ERR_CANCELED || e == ERR_BUSY || p->code)
        return e;
    return problem_set(p, a, e, err_name(e), NULL, NULL);
}
