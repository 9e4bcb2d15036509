#include <jansson.h>
#include "../../base/check.h"
#include "../staff/staff.h"
#include "birthday_sql.h"

enum { SEEN_AT_ONCE = 1024, LEAP = YEAR_DAY(2, 29) };

static bool is_leap(int32_t year)
{
    return civil_valid((struct civil){year, 2, 29});
}

struct birthday_span birthday_span(int32_t day, bool march)
{
    struct civil c = day_to_civil(day);
    struct birthday_span s = {YEAR_DAY(c.month, c.day), YEAR_DAY(c.month, c.day)};
    if (is_leap(c.year))
        return s;
    if (!march && s.high == LEAP - 1)
        s.high = LEAP;
    if (march && s.low == YEAR_DAY(3, 1))
        s.low = LEAP;
    return s;
}

int32_t birthday_kept_on(int32_t year, int32_t month, int32_t day, bool march)
{
    struct civil c = {year, month, day};
    if (YEAR_DAY(month, day) == LEAP && !is_leap(year))
        c = march ? (struct civil){year, 3, 1} : (struct civil){year, 2, 28};
    return day_from_civil(c);
}

/* ---- rules ---- */

static void take_messages(struct str text, struct arena *a, struct birthday_rules *ret)
{
    json_t *all = json_loadb(text.p, text.n, 0, NULL);
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++) {
        const json_t *one = json_object_get(all, language_names[i]);
        ret->messages[i] = arena_str(a, str_c(json_string_value(one)));
    }
    json_decref(all);
}

int birthday_language(const char *language)
{
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        if (strcmp(language, language_names[i]) == 0)
            return i;
    return 0;
}

enum err birthday_rules_read(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                             struct birthday_rules *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = (struct birthday_rules){.hour = 9, .done_until = DAY_NONE};
    enum err e = db_query(tx, &birthday_rules_get, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    if (db_next(rows)) {
        *ret = (struct birthday_rules){.march = str_eq(db_text(rows, 0), STR("march")),
                                       .automatic = db_int(rows, 1) != 0,
                                       .points = db_int(rows, 2),
                                       .hour = db_int(rows, 4),
                                       .days_ahead = db_int(rows, 5),
                                       .done_until = (int32_t)db_int_or(rows, 6, DAY_NONE),
                                       .version = db_int(rows, 7)};
        take_messages(db_text(rows, 3), a, ret);
    }
    return db_error(rows);
}

static struct str messages_text(struct arena *a, const struct birthday_rules *r)
{
    struct buf b;
    struct json j;
    buf_init(&b, 64 * 1024);
    json_init(&j, &b);
    json_open(&j);
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        if (r->messages[i].n)
            json_kv_text(&j, language_names[i], r->messages[i]);
    json_close(&j);
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static const char *changes_of(struct audit_detail *d, const struct birthday_rules *before,
                              const struct birthday_rules *after)
{
    if (before->march != after->march)
        audit_detail_change(d, "leap", before->march ? STR("march") : STR("february"),
                            after->march ? STR("march") : STR("february"));
    if (before->automatic != after->automatic)
        audit_detail_flag(d, "automatic", before->automatic, after->automatic);
    audit_detail_number(d, "points", before->points, after->points);
    audit_detail_number(d, "hour", before->hour, after->hour);
    audit_detail_number(d, "days_ahead", before->days_ahead, after->days_ahead);
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        if (!str_eq(before->messages[i], after->messages[i]))
            audit_detail_change(d, arena_printf(d->arena, "message_%s", language_names[i]),
                                before->messages[i], after->messages[i]);
    return audit_detail_end(d);
}

static enum err check_rules(const struct birthday_rules *r, struct arena *a, struct problem *p)
{
    bool any = r->points > 0;
    enum err e = OK;
    for (int i = 0; e == OK && i < BIRTHDAY_LANGUAGES; i++) {
        any |= r->messages[i].n > 0;
        e = greeting_check(r->messages[i], arena_printf(a, "message_%s", language_names[i]), a, p);
    }
    if (e == OK && r->automatic && !any)
        e = problem_set(p, a, ERR_INVALID, "birthday_nothing", "points", NULL);
    return e;
}

enum err birthday_rules_write(struct db_tx *tx, int64_t merchant_id,
                              const struct birthday_rules *before, struct birthday_rules *after,
                              int32_t today, const struct audit_actor *by, struct arena *a,
                              struct problem *p)
{
    cleanup(audit_detail_free) struct audit_detail d = {0};
    int64_t changed;
    enum err e = check_rules(after, a, p);
    if (e != OK)
        return e;
    after->version = before->version + 1;
    if (after->automatic && !before->automatic)
        after->done_until = today - 1;
    e = db_exec(tx, &birthday_rules_put, &changed, db_i(merchant_id),
                db_tc(after->march ? "march" : "february"), db_i(after->automatic),
                db_i(after->points), db_t(messages_text(a, after)), db_i(after->hour),
                db_i(after->days_ahead), db_i_or_null(after->done_until, DAY_NONE), db_i(now_us()),
                db_i(after->version));
    if (e == OK && !changed)
        e = problem_set(p, a, ERR_STALE, "stale", NULL, NULL);
    if (e == OK)
        e = db_exec(tx, &birthday_rules_again, NULL, db_i(merchant_id), db_tc(BIRTHDAY_JOB));
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    return audit_write(tx, merchant_id, by, "birthday.rules", "merchant", merchant_id,
                       changes_of(&d, before, after));
}

/* ---- important dates ---- */

/* Counts those of `n` that are seen. */
static void count_seen(struct audience *audience, const struct audience_viewer *viewer,
                       const int64_t *ids, const int32_t *places, size_t n, int64_t *ret)
{
    bool seen[SEEN_AT_ONCE];
    audience_seen(audience, viewer, ids, n, seen);
    for (size_t i = 0; i < n; i++)
        ret[places[i]] += seen[i];
}

/* Adds the dates on those days of a month; 29 February to `leap_place`, when that is not -1. */
static enum err add_counts(struct db_tx *tx, int64_t merchant_id, struct audience *audience,
                           const struct audience_viewer *viewer, int32_t month, int32_t from,
                           int32_t to, int32_t leap_place, int64_t *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t ids[SEEN_AT_ONCE];
    int32_t places[SEEN_AT_ONCE];
    size_t n = 0;
    const struct db_value values[] = {db_i(merchant_id), db_i(month), db_i(from), db_i(to)};
    enum err e = db_scan_values(tx, &birthday_date_days, &rows, values, ARRAY_LEN(values));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        int32_t day = (int32_t)db_int(rows, 0);
        bool leap = YEAR_DAY(month, day) == LEAP && leap_place >= 0;
        if (day < 1 || day > 31)
            continue;
        places[n] = leap ? leap_place : day - 1;
        ids[n++] = db_int(rows, 1);
        if (n == SEEN_AT_ONCE) {
            count_seen(audience, viewer, ids, places, n, ret);
            n = 0;
        }
    }
    count_seen(audience, viewer, ids, places, n, ret);
    return db_error(rows);
}

enum err birthday_date_counts(struct db_tx *tx, int64_t merchant_id, struct audience *audience,
                              const struct audience_viewer *viewer, int32_t first_day, bool march,
                              int64_t ret[static 31])
{
    struct civil c = day_to_civil(first_day);
    bool moved = !is_leap(c.year); /* 29 February is kept elsewhere */
    int32_t last = c.month == 2 && moved && march ? 28 : 31;
    int32_t leap_place = c.month == 2 && moved ? 27 : -1;
    memset(ret, 0, 31 * sizeof(*ret));
    enum err e = add_counts(tx, merchant_id, audience, viewer, c.month, 1, last, leap_place, ret);
    if (e == OK && c.month == 3 && moved && march)
        e = add_counts(tx, merchant_id, audience, viewer, 2, 29, 29, 0, ret);
    return e;
}

struct dates {
    struct arena *arena;
    struct important_date *list;
    size_t n, cap;
};

static enum err add_dates(struct db_tx *tx, int64_t merchant_id, int32_t year_day, struct dates *d)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &birthday_dates_of, &rows, db_i(merchant_id), db_i(year_day / 32),
                          db_i(year_day % 32));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (d->n == d->cap) {
            d->cap = d->cap ? d->cap * 2 : 256;
            struct important_date *more = arena_array(d->arena, struct important_date, d->cap);
            if (d->n)
                memcpy(more, d->list, d->n * sizeof(*more));
            d->list = more;
        }
        d->list[d->n++] = (struct important_date){.customer_id = db_int(rows, 0),
                                                  .month = (int32_t)db_int(rows, 1),
                                                  .day = (int32_t)db_int(rows, 2),
                                                  .year = (int32_t)db_int(rows, 3),
                                                  .name = db_text_in(rows, 4, d->arena)};
    }
    return db_error(rows);
}

enum err birthday_dates(struct db_tx *tx, int64_t merchant_id, struct audience *audience,
                        const struct audience_viewer *viewer, int32_t day, bool march,
                        struct arena *a, struct important_date **ret, size_t *ret_n)
{
    struct birthday_span span = birthday_span(day, march);
    struct dates d = {.arena = a};
    enum err e = add_dates(tx, merchant_id, span.low, &d);
    if (e == OK && span.high != span.low)
        e = add_dates(tx, merchant_id, span.high, &d);
    if (e != OK)
        return e;
    int64_t *ids = arena_array(a, int64_t, d.n + 1);
    bool *seen = arena_array(a, bool, d.n + 1);
    for (size_t i = 0; i < d.n; i++)
        ids[i] = d.list[i].customer_id;
    audience_seen(audience, viewer, ids, d.n, seen);
    size_t kept = 0;
    for (size_t i = 0; i < d.n; i++)
        if (seen[i])
            d.list[kept++] = d.list[i];
    *ret = d.list;
    *ret_n = kept;
    return OK;
}
