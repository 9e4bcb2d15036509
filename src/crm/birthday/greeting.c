#include "greeting.h"
#include "../../base/check.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "../batch.h"
#include "../change/change.h"
#include "../points/points.h"
#include "../staff/staff.h"
#include "birthday_sql.h"

enum { FILLED_MAX = 4096 };
#define KEY "birthday:" /* act ':' customer ':' occasion */

/* ---- words ---- */

/* The next {field} of a text: its place and length, braces included. False: none. */
static bool next_field(struct str s, size_t from, size_t *ret_at, struct str *ret_name)
{
    const char *open = from < s.n ? memchr(s.p + from, '{', s.n - from) : NULL;
    const char *close = open ? memchr(open, '}', (size_t)(s.p + s.n - open)) : NULL;
    if (!close)
        return false;
    *ret_at = (size_t)(open - s.p);
    *ret_name = (struct str){open + 1, (size_t)(close - open) - 1};
    return true;
}

static const struct str first_name_field = {"first_name", 10}, points_field = {"points", 6};

enum err greeting_check(struct str message, const char *field, struct arena *a, struct problem *p)
{
    size_t at = 0, from = 0;
    struct str name;
    for (; next_field(message, from, &at, &name); from = at + name.n + 2)
        if (!str_eq(name, first_name_field) && !str_eq(name, points_field))
            return problem_set(p, a, ERR_INVALID, "birthday_field_unknown", field, "name",
                               arena_cstr(a, name), NULL);
    return OK;
}

struct str greeting_fill(struct arena *a, struct str message, struct str first_name, int64_t points)
{
    struct buf b;
    struct str name;
    size_t at = 0, from = 0;
    buf_init(&b, FILLED_MAX);
    while (next_field(message, from, &at, &name)) {
        buf_add(&b, message.p + from, at - from);
        from = at + name.n + 2;
        if (str_eq(name, points_field))
            buf_int(&b, points);
        else if (first_name.n)
            buf_add(&b, first_name.p, first_name.n);
        else
            while (b.n && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == ','))
                b.n--;
    }
    buf_add(&b, message.p + from, message.n - from);
    struct str filled = b.failed ? message : arena_str(a, buf_str(&b));
    buf_free(&b);
    return filled;
}

struct str greeting_words(const struct greeting_how *how, struct str language)
{
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        if (str_eq(language, str_c(language_names[i])) && how->messages[i].n)
            return how->messages[i];
    if (how->messages[how->fallback].n)
        return how->messages[how->fallback];
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        if (how->messages[i].n)
            return how->messages[i];
    return STR("");
}

/* ---- giving ---- */

struct person {
    struct str first_name, language;
    int64_t consents;
    bool there, blocked;
};
struct giving {
    struct db_tx *tx;
    int64_t merchant_id;
    const struct greeting_how *how;
    struct arena *arena;
    struct greeting_outcome *outcome;
    struct problem *p;
    int64_t changed[GREETING_MOST];
    size_t nchanged;
};

static void take_person(const struct db_rows *rows, struct arena *a, struct person *ret)
{
    *ret = (struct person){.there = true,
                           .first_name = db_text_in(rows, 1, a),
                           .language = db_text_in(rows, 2, a),
                           .blocked = db_int(rows, 3) != 0};
    for (int channel = 0; channel < CHANNELS; channel++)
        if (db_int(rows, 4 + channel) == CONSENT_GRANTED && db_int(rows, 7 + channel) == 0)
            ret->consents |= 1 << channel;
}

/* As they are now, by place in the list. */
static enum err read_people(struct giving *g, const struct greeting_one *list, size_t n,
                            struct person *ret)
{
    int64_t ids[BATCH_KEYS];
    enum err e = OK;
    for (size_t from = 0; e == OK && from < n; from += BATCH_KEYS) {
        cleanup(db_done) struct db_rows *rows = NULL;
        size_t k = batch_size(n, from);
        for (size_t i = 0; i < k; i++)
            ids[i] = list[from + i].customer_id;
        e = batch_query_ids(g->tx, &greeting_people, &rows, g->merchant_id, ids, k);
        while (e == OK && db_next(rows))
            for (size_t i = 0; i < k; i++)
                if (ids[i] == db_int(rows, 0))
                    take_person(rows, g->arena, &ret[from + i]);
        if (e == OK)
            e = db_error(rows);
    }
    return e;
}

/* Where there are points they tell of the message, too. */
static enum err tell(struct giving *g, const struct greeting_one *one, struct str message)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    const struct audit_actor *by = g->how->by;
    audit_detail_begin(&d, g->arena);
    audit_detail_value(&d, "text", message);
    const struct activity_event event = {.customer_id = one->customer_id,
                                         .kind = "greeting",
                                         .at_us = now_us(),
                                         .day = g->how->today,
                                         .staff_id = by ? by->staff_id : 0,
                                         .amount_minor = INT64_MIN,
                                         .detail = audit_detail_end(&d)};
    enum err e = activity_add(g->tx, g->merchant_id, "staff", event.at_us, &event, 1);
    if (e == OK && by)
        e = audit_write(g->tx, g->merchant_id, by, "birthday.greet", "customer", one->customer_id,
                        event.detail);
    return e;
}

static const char *key_of(struct arena *a, int64_t act_id, int64_t customer_id, int64_t occasion)
{
    return arena_printf(a, KEY "%lld:%lld:%lld", (long long)act_id, (long long)customer_id,
                        (long long)occasion);
}

/* *ret_entry 0: the customer has all the points that can be, or they wait for a second person. */
static enum err give_points(struct giving *g, const struct greeting_one *one, int64_t occasion,
                            struct str message, int64_t *ret_entry)
{
    struct problem problem = {.from = -1};
    struct points_entry entry;
    const struct points_new what = {
        .customer_id = one->customer_id,
        .amount = g->how->points,
        .kind = POINTS_BIRTHDAY,
        .message = message,
        .day = g->how->today,
        .today = g->how->today,
        .idempotency = key_of(g->arena, g->outcome->act_id, one->customer_id, occasion),
        .by = g->how->by,
        .origin = "staff"};
    enum err e = points_post(g->tx, g->merchant_id, &what, g->arena, &entry, &problem);
    *ret_entry = e == OK ? entry.id : 0;
    g->outcome->waiting += e == OK && entry.held_id;
    if (e == ERR_CONFLICT && problem.code && strcmp(problem.code, "points_too_many") == 0)
        return OK;
    if (e != OK && problem.code)
        *g->p = problem;
    return e;
}

static enum err greet(struct giving *g, const struct greeting_one *one, const struct person *person)
{
    const struct greeting_how *how = g->how;
    struct str words = greeting_words(how, person->language), message = STR("");
    int64_t occasion = greeting_occasion(day_to_civil(how->day).year, one->year_day);
    int64_t added = 0, entry = 0;
    if (person->consents && words.n)
        message = greeting_fill(g->arena, words, person->first_name, how->points);
    if (how->points == 0 && message.n == 0) {
        g->outcome->nothing++;
        return OK;
    }
    enum err e = db_exec(g->tx, &greeting_add, &added, db_i(g->merchant_id), db_i(one->customer_id),
                         db_i(occasion), db_i(how->day), db_i(how->points),
                         message.n ? db_t(message) : db_null(), db_i(person->consents),
                         db_i_or_null(how->by ? how->by->staff_id : 0, 0), db_i(now_us()),
                         db_i(g->outcome->act_id));
    if (e != OK)
        return e;
    if (!added) {
        g->outcome->already++;
        return OK;
    }
    if (how->points > 0) {
        e = give_points(g, one, occasion, message, &entry);
        if (e == OK)
            e = db_exec(g->tx, &greeting_entry, NULL, db_i_or_null(entry, 0),
                        db_i(entry ? how->points : 0), db_i(g->merchant_id), db_i(one->customer_id),
                        db_i(occasion));
    } else {
        e = tell(g, one, message);
    }
    g->outcome->greeted++;
    g->outcome->points += entry ? how->points : 0;
    g->outcome->told += message.n > 0;
    g->outcome->silent += words.n && message.n == 0;
    g->changed[g->nchanged++] = one->customer_id;
    return e;
}

enum err greeting_booked(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                         const char *idempotency, int64_t entry_id, int64_t points)
{
    int64_t occasion;
    const char *last = strrchr(idempotency, ':');
    if (strncmp(idempotency, KEY, sizeof KEY - 1) != 0 || !str_int64(str_c(last + 1), &occasion))
        return OK;
    return db_exec(tx, &greeting_entry, NULL, db_i(entry_id), db_i(points), db_i(merchant_id),
                   db_i(customer_id), db_i(occasion));
}

enum err greeting_give(struct db_tx *tx, int64_t merchant_id, const struct greeting_how *how,
                       const struct greeting_one *list, size_t n, struct arena *a,
                       struct greeting_outcome *ret, struct problem *p)
{
    struct giving g = {
        .tx = tx, .merchant_id = merchant_id, .how = how, .arena = a, .outcome = ret, .p = p};
    struct person *people = arena_array(a, struct person, n + 1);
    check(n <= GREETING_MOST);
    *ret = (struct greeting_outcome){.act_id = id_new()};
    enum err e = read_people(&g, list, n, people);
    for (size_t i = 0; e == OK && i < n; i++) {
        if (!people[i].there)
            ret->absent++;
        else if (people[i].blocked)
            ret->blocked++;
        else
            e = greet(&g, &list[i], &people[i]);
    }
    if (e != OK || g.nchanged == 0)
        return e;
    qsort(g.changed, g.nchanged, sizeof(*g.changed), id_compare);
    return change_note(tx, merchant_id, "customer", g.changed, g.nchanged);
}

/* ---- taking back ---- */

struct undoing {
    struct db_tx *tx;
    int64_t merchant_id, act_id;
    int32_t today;
    const struct audit_actor *by;
    struct arena *arena;
    struct given {
        int64_t customer_id, occasion, entry_id;
    } list[2 * GREETING_MOST]; /* a merge may have brought further ones */
    size_t n;
    int64_t changed[2 * GREETING_MOST];
    size_t nchanged;
};

static enum err read_given(struct undoing *u, int64_t staff_id)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(u->tx, &greeting_of_act, &rows, db_i(u->merchant_id), db_i(u->act_id),
                          db_i(staff_id), db_i(ARRAY_LEN(u->list)));
    while (e == OK && u->n < ARRAY_LEN(u->list) && db_next(rows))
        u->list[u->n++] = (struct given){db_int(rows, 0), db_int(rows, 1), db_int_or(rows, 2, 0)};
    return e == OK ? db_error(rows) : e;
}

/* *ret_back false: the ledger refuses. */
static enum err take_points(const struct undoing *u, const struct given *one, bool *ret_back)
{
    struct problem refused = {.from = -1};
    struct points_entry made;
    const struct points_back back = {
        .entry_id = one->entry_id,
        .reason = STR(""),
        .message = STR(""),
        .today = u->today,
        .idempotency = arena_printf(u->arena, "greeting-undo:%lld", (long long)one->entry_id),
        .by = u->by,
        .origin = "staff"};
    enum err e = points_reverse(u->tx, u->merchant_id, &back, u->arena, &made, &refused);
    *ret_back = e == OK;
    return e == ERR_CONFLICT && refused.code ? OK : e;
}

static enum err undo_one(struct undoing *u, const struct given *one, bool *ret_back)
{
    enum err e = OK;
    *ret_back = true;
    if (one->entry_id)
        e = take_points(u, one, ret_back);
    else
        e = db_exec(u->tx, &greeting_withdraw, NULL, db_i(now_us()), db_i(u->by->staff_id),
                    db_i(u->merchant_id),
                    db_tc(key_of(u->arena, u->act_id, one->customer_id, one->occasion)));
    if (e != OK || !*ret_back)
        return e;
    u->changed[u->nchanged++] = one->customer_id;
    e = db_exec(u->tx, &greeting_remove, NULL, db_i(u->merchant_id), db_i(one->customer_id),
                db_i(one->occasion));
    return e == OK ? audit_write(u->tx, u->merchant_id, u->by, "birthday.undo", "customer",
                                 one->customer_id, NULL)
                   : e;
}

enum err greeting_undo(struct db_tx *tx, int64_t merchant_id, int64_t act_id, int64_t staff_id,
                       int32_t today, const struct audit_actor *by, struct arena *a,
                       int64_t *ret_undone, int64_t *ret_left, struct problem *p)
{
    struct undoing *u = arena_make(a, struct undoing);
    *u = (struct undoing){.tx = tx,
                          .merchant_id = merchant_id,
                          .act_id = act_id,
                          .today = today,
                          .by = by,
                          .arena = a};
    *ret_undone = *ret_left = 0;
    enum err e = read_given(u, staff_id);
    if (e == OK && u->n == 0)
        return problem_set(p, a, ERR_NOT_FOUND, "not_found", NULL, NULL);
    for (size_t i = 0; e == OK && i < u->n; i++) {
        bool back;
        e = undo_one(u, &u->list[i], &back);
        *ret_undone += back;
        *ret_left += !back;
    }
    return e == OK && u->nchanged
               ? change_note(tx, merchant_id, "customer", u->changed, u->nchanged)
               : e;
}
