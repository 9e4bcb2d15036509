/* Following the ledger: each new act of the staff is looked at once. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/log.h"
#include "../../base/text.h"
#include "watch_sql.h"

enum { LOOKED_AT_ONCE = 200, MERCHANTS_AT_ONCE = 1000 };
#define LATE_US (60LL * 1000000)  /* what another process commits so much after it made the id */
#define FIRST_US (7 * US_PER_DAY) /* how far back the very first look goes */
#define US_PER_HOUR (3600LL * 1000000)

struct act {
    int64_t id, customer_id, staff_id, at_us, amount;
};
struct following {
    struct db_tx *tx;
    int64_t merchant_id;
    struct watch_rules rules;
    struct act acts[LOOKED_AT_ONCE];
    size_t n;
};

static enum err put_entry(struct following *f, const char *kind, int64_t alert, int64_t entry)
{
    return db_exec(f->tx, &watch_entry_add, NULL, db_i(f->merchant_id), db_tc(kind), db_i(entry),
                   db_i(alert));
}

/* The open alert of that kind, made when there is none. */
static enum err alert_of(struct following *f, const char *kind, const struct act *act, int64_t *ret)
{
    enum err e = db_query_int(f->tx, &watch_open_alert, ret, db_i(f->merchant_id), db_tc(kind),
                              db_i(act->customer_id), db_i(act->staff_id));
    if (e != ERR_NOT_FOUND)
        return e;
    *ret = id_new();
    return db_exec(f->tx, &watch_alert_add, NULL, db_i(f->merchant_id), db_i(*ret), db_tc(kind),
                   db_i(act->customer_id), db_i(act->staff_id), db_i(now_us()));
}

/* The same card again and again by the same person. */
static enum err look_again(struct following *f, const struct act *act)
{
    int64_t ids[WATCH_AGAIN_MAX], alert;
    size_t n = 0;
    struct db_rows *rows = NULL;
    if (f->rules.again_count == 0)
        return OK;
    enum err e =
        db_query(f->tx, &watch_window, &rows, db_i(f->merchant_id), db_i(act->customer_id),
                 db_i(act->id), db_i(act->staff_id),
                 db_i(act->at_us - f->rules.again_hours * US_PER_HOUR), db_i(f->rules.again_count));
    while (e == OK && n < WATCH_AGAIN_MAX && db_next(rows))
        ids[n++] = db_int(rows, 0);
    if (e == OK)
        e = db_error(rows);
    db_done(&rows);
    if (e != OK || (int64_t)n < f->rules.again_count || ids[0] != act->id)
        return e;
    e = alert_of(f, "again", act, &alert);
    for (size_t i = 0; e == OK && i < n; i++)
        e = put_entry(f, "again", alert, ids[i]);
    return e;
}

/* "Anna Rossi" is "ROSSI  Anna". */
static bool same_name(struct arena *a, struct str staff, struct str first, struct str last)
{
    if (first.n == 0 || last.n == 0)
        return false;
    struct str key = text_fold(a, staff), one, other;
    one = text_fold(
        a, str_c(arena_printf(a, "%.*s %.*s", (int)first.n, first.p, (int)last.n, last.p)));
    other = text_fold(
        a, str_c(arena_printf(a, "%.*s %.*s", (int)last.n, last.p, (int)first.n, first.p)));
    return str_eq(key, one) || str_eq(key, other);
}

static enum err is_same_person(struct following *f, const struct act *act, bool *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t n;
    enum err e = db_query_int(f->tx, &watch_same_person, &n, db_i(act->staff_id),
                              db_i(f->merchant_id), db_i(act->customer_id));
    *ret = e == OK && n > 0;
    if (e != OK || *ret)
        return e;
    e = db_query(f->tx, &watch_names, &rows, db_i(act->customer_id), db_i(f->merchant_id),
                 db_i(act->staff_id));
    if (e == OK && db_next(rows)) {
        cleanup(arena_free) struct arena *a = arena_new();
        *ret = same_name(a, db_text(rows, 0), db_text(rows, 1), db_text(rows, 2));
    }
    return e == OK ? db_error(rows) : e;
}

/* Somebody of the staff gives themselves something. */
static enum err look_own(struct following *f, const struct act *act)
{
    bool same = false;
    int64_t alert, told;
    if (!f->rules.own || act->amount <= 0)
        return OK;
    enum err e = db_query_int(f->tx, &watch_told, &told, db_i(f->merchant_id), db_i(act->id));
    if (e != OK || told)
        return e;
    e = is_same_person(f, act, &same);
    if (e != OK || !same)
        return e;
    e = alert_of(f, "own", act, &alert);
    return e == OK ? put_entry(f, "own", alert, act->id) : e;
}

static enum err read_acts(struct following *f, int64_t after)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(f->tx, &watch_new_entries, &rows, db_i(f->merchant_id), db_i(after),
                          db_i(LOOKED_AT_ONCE));
    while (e == OK && f->n < LOOKED_AT_ONCE && db_next(rows))
        f->acts[f->n++] = (struct act){db_int(rows, 0), db_int(rows, 1), db_int(rows, 2),
                                       db_int(rows, 3), db_int(rows, 4)};
    return e == OK ? db_error(rows) : e;
}

struct follow_call {
    int64_t merchant_id;
    int64_t after, next; /* entries behind it; and behind those just looked at */
    bool more;
};

static enum err read_place(struct db_tx *tx, void *arg)
{
    struct follow_call *c = arg;
    int64_t seen, now = id_at(now_us()), late = now - id_at(now_us() - LATE_US);
    struct following *f = arena_make(db_arena(tx), struct following);
    *f = (struct following){.tx = tx, .merchant_id = c->merchant_id};
    enum err e = db_query_int(tx, &watch_progress_get, &seen, db_i(c->merchant_id));
    if (e == ERR_NOT_FOUND)
        seen = id_at(now_us() - FIRST_US);
    else if (e != OK)
        return e;
    c->after = seen > late ? seen - late : 0;
    e = read_acts(f, c->after);
    /* what was looked at already, and long ago, is no reason to write */
    c->more = f->n > 0 && (f->acts[f->n - 1].id > seen || seen > now - 2 * late);
    return e;
}

static enum err follow_some(struct db_tx *tx, void *arg)
{
    struct follow_call *c = arg;
    struct following *f = arena_make(db_arena(tx), struct following);
    *f = (struct following){.tx = tx, .merchant_id = c->merchant_id};
    enum err e = watch_rules_read(tx, c->merchant_id, &f->rules);
    if (e == OK)
        e = read_acts(f, c->after);
    for (size_t i = 0; e == OK && i < f->n; i++) {
        e = look_again(f, &f->acts[i]);
        if (e == OK)
            e = look_own(f, &f->acts[i]);
    }
    c->more = f->n == LOOKED_AT_ONCE;
    if (e != OK || f->n == 0)
        return e;
    c->next = f->acts[f->n - 1].id;
    return db_exec(tx, &watch_progress_put, NULL, db_i(c->merchant_id), db_i(c->next));
}

enum err watch_follow(struct db *db, int64_t merchant_id)
{
    struct follow_call c = {.merchant_id = merchant_id};
    enum err e = db_read(db, read_place, &c);
    while (e == OK && c.more) {
        e = db_write(db, follow_some, &c);
        c.after = c.next;
    }
    return e;
}

struct merchants {
    int64_t ids[MERCHANTS_AT_ONCE], after;
    size_t n;
};

static enum err read_merchants(struct db_tx *tx, void *arg)
{
    struct merchants *m = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    m->n = 0;
    enum err e = db_query(tx, &watch_merchants, &rows, db_i(m->after));
    while (e == OK && m->n < MERCHANTS_AT_ONCE && db_next(rows))
        m->ids[m->n++] = db_int(rows, 0);
    return e == OK ? db_error(rows) : e;
}

void watch_look(void *app)
{
    struct db *db = ((struct app *)app)->db;
    cleanup(arena_free) struct arena *a = arena_new();
    struct merchants *m = arena_make(a, struct merchants);
    do {
        if (db_read(db, read_merchants, m) != OK)
            return;
        for (size_t i = 0; i < m->n; i++) {
            m->after = m->ids[i];
            if (watch_follow(db, m->ids[i]) != OK)
                log_event(LOG_WARN, "till_watch_failed", NULL);
        }
    } while (m->n == MERCHANTS_AT_ONCE);
}
