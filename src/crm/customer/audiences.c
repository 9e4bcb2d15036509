#include "audiences.h"
#include "../../base/check.h"
#include "../int_list.h"
#include "audiences_snapshot.h"
#include "audiences_sql.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    GAP_MIN = 20000, /* changes followed one by one at least before a reload is thought of */
    GAP_SHARE = 4, /* … and at most a quarter of the base: a put costs more than a row of a scan */
};

/* One loaded audience. `refs` under the owner's lock, `seq` written by who holds the seat's turn.
 */
struct audience_base {
    struct audience *audience;
    _Atomic int64_t seq; /* the last entry of the change feed that it has taken */
    int refs;
    struct audience_base *next; /* in audiences.all */
};
/* A merchant's seat: `turn` is held by the one thread that loads or follows. */
struct seat {
    int64_t merchant_id;
    pthread_mutex_t turn;
    struct audience_base *base; /* NULL until loaded; under the owner's lock, as the rest */
    struct audience_names *names;
    int pins;
    uint64_t used;
};
struct audiences {
    struct app *app;
    pthread_mutex_t lock; /* never held across SQL or work on an audience */
    struct seat *seats[AUDIENCES_MAX];
    size_t n;
    uint64_t clock;
    struct audience_base *all; /* also those that a reload replaced and somebody still holds */
};

enum err audiences_new(struct app *app, struct audiences **ret)
{
    struct audiences *as = calloc(1, sizeof *as);

    check(as);
    as->app = app;
    pthread_mutex_init(&as->lock, NULL);
    *ret = as;
    return OK;
}

/* ---- holding and letting go; the owner's lock is held ---- */

static void free_base(struct audiences *as, struct audience_base *base)
{
    struct audience_base **at = &as->all;
    while (*at != base)
        at = &(*at)->next;
    *at = base->next;
    audience_free(&base->audience);
    free(base);
}

static void drop(struct audiences *as, struct audience_base *base, struct audience_names *names)
{
    if (base && --base->refs == 0)
        free_base(as, base);
    if (names && --names->refs == 0)
        audience_names_free(&names);
}

static void free_seat(struct audiences *as, struct seat *seat)
{
    drop(as, seat->base, seat->names);
    pthread_mutex_destroy(&seat->turn);
    free(seat);
}

void audiences_free(struct audiences **a)
{
    struct audiences *as = *a;

    if (!as)
        return;
    for (size_t i = 0; i < as->n; i++)
        free_seat(as, as->seats[i]);
    while (as->all) /* held by audiences_get() */
        free_base(as, as->all);
    pthread_mutex_destroy(&as->lock);
    free(as);
    *a = NULL;
}

/* Makes room by sending away whom nobody asked for longest. False: all are in use. */
static bool make_room(struct audiences *as)
{
    size_t oldest = as->n;

    if (as->n < AUDIENCES_MAX)
        return true;
    for (size_t i = 0; i < as->n; i++)
        if (as->seats[i]->pins == 0 &&
            (oldest == as->n || as->seats[i]->used < as->seats[oldest]->used))
            oldest = i;
    if (oldest == as->n)
        return false;
    free_seat(as, as->seats[oldest]);
    as->seats[oldest] = as->seats[--as->n];
    return true;
}

static struct seat *take_seat(struct audiences *as, int64_t merchant_id)
{
    struct seat *seat = NULL;

    pthread_mutex_lock(&as->lock);
    for (size_t i = 0; i < as->n && !seat; i++)
        if (as->seats[i]->merchant_id == merchant_id)
            seat = as->seats[i];
    if (!seat && make_room(as)) {
        seat = calloc(1, sizeof *seat);
        check(seat);
        seat->merchant_id = merchant_id;
        pthread_mutex_init(&seat->turn, NULL);
        as->seats[as->n++] = seat;
    }
    if (seat) {
        seat->pins++;
        seat->used = ++as->clock;
    }
    pthread_mutex_unlock(&as->lock);
    return seat;
}

/* A seat that never got an audience is given up again: ids that are no merchant's leave nothing. */
static void leave_seat(struct audiences *as, struct seat *seat)
{
    pthread_mutex_lock(&as->lock);
    if (--seat->pins == 0 && !seat->base)
        for (size_t i = 0; i < as->n; i++)
            if (as->seats[i] == seat) {
                as->seats[i] = as->seats[--as->n];
                free_seat(as, seat);
                break;
            }
    pthread_mutex_unlock(&as->lock);
}

static void hold(struct audiences *as, const struct seat *seat, struct audience_use *ret)
{
    pthread_mutex_lock(&as->lock);
    *ret = (struct audience_use){.owner = as, .base = seat->base, .names = seat->names};
    if (seat->base) {
        seat->base->refs++;
        seat->names->refs++;
        ret->audience = seat->base->audience;
        ret->currency_decimals = seat->names->currency_decimals;
        ret->time_zone = seat->names->time_zone;
        ret->country = seat->names->country;
    }
    pthread_mutex_unlock(&as->lock);
}

void audiences_done(struct audience_use *u)
{
    if (!u->owner || !u->base)
        return;
    pthread_mutex_lock(&u->owner->lock);
    drop(u->owner, u->base, u->names);
    pthread_mutex_unlock(&u->owner->lock);
    *u = (struct audience_use){0};
}

/* Puts a new audience and names into the seat; NULL leaves what is there. */
static void seat_set(struct audiences *as, struct seat *seat, struct audience_base *base,
                     struct audience_names *names)
{
    pthread_mutex_lock(&as->lock);
    drop(as, base ? seat->base : NULL, names ? seat->names : NULL);
    if (base) {
        base->refs = 1;
        base->next = as->all;
        as->all = base;
        seat->base = base;
    }
    if (names)
        seat->names = names;
    pthread_mutex_unlock(&as->lock);
}

/* ---- loading and following; the seat's turn is held ---- */

static int32_t today_of(const struct app *app, const struct audience_names *names)
{
    return app->fixed_today != DAY_NONE ? app->fixed_today : zone_day(names->zone, now_us());
}

struct turn {
    struct audiences *as;
    struct seat *seat;
    bool reload;
    bool whole;                 /* loading: not from a file */
    int64_t seq;                /* of the feed, when following: read before the turn began */
    struct audience_base *base; /* out: when loaded anew */
    struct audience_names *names;
};

static enum err read_all(struct db_tx *tx, const struct turn *t, struct audience_base *base)
{
    struct audience_options options = {.language = t->names->language,
                                       .today = today_of(t->as->app, t->names)};
    int64_t merchant_id = t->seat->merchant_id;
    enum err err = audience_new(&options, &base->audience);
    if (err != OK)
        return err;
    audience_names_tell(t->names, base->audience);
    audience_load_begin(base->audience);
    err = audience_read_all(tx, merchant_id, base->audience);
    audience_load_end(base->audience);
    return err == OK ? audience_read_favourites(tx, merchant_id, base->audience) : err;
}

static enum err read_snapshot(struct db_tx *tx, const struct turn *t, struct audience_base *base)
{
    int64_t seq;
    enum err err = audience_snapshot_read(tx, t->as->app, t->seat->merchant_id, t->names->language,
                                          &base->audience, &seq);
    if (err == OK) {
        base->seq = seq;
        audience_names_tell(t->names, base->audience);
    }
    return err;
}

static enum err load(struct db_tx *tx, void *arg)
{
    struct turn *t = arg;
    int64_t merchant_id = t->seat->merchant_id, seq;

    if (t->base) { /* the read is being repeated */
        audience_free(&t->base->audience);
        free(t->base);
        t->base = NULL;
    }
    if (t->names)
        audience_names_free(&t->names);
    enum err err = db_query_int(tx, &audiences_seq, &seq, db_i(merchant_id));
    if (err == OK)
        err = audience_names_read(tx, merchant_id, &t->names);
    if (err != OK)
        return err;
    t->base = calloc(1, sizeof *t->base);
    check(t->base);
    t->base->seq = seq;
    err = t->whole ? ERR_NOT_FOUND : read_snapshot(tx, t, t->base);
    return err == ERR_NOT_FOUND ? read_all(tx, t, t->base) : err;
}

/* `whole`: not from a file, which may leave something to follow. */
static enum err load_seat(struct audiences *as, struct seat *seat, bool whole)
{
    struct turn t = {.as = as, .seat = seat, .whole = whole};
    enum err err = db_read(as->app->db, load, &t);

    if (err == OK) {
        seat_set(as, seat, t.base, t.names);
        return OK;
    }
    if (t.base)
        audience_free(&t.base->audience);
    free(t.base);
    audience_names_free(&t.names);
    return err;
}

/* A group that was deleted or brought back: its members change, and of very many all is read anew.
 */
static enum err add_members(struct db_tx *tx, int64_t merchant_id, int64_t group_id,
                            struct audience_changes *c)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t size;
    enum err err =
        db_query_int(tx, &audiences_group_size, &size, db_i(merchant_id), db_i(group_id));
    if (err == OK && size > GAP_MIN) {
        c->whole = false;
        return OK;
    }
    if (err == OK)
        err = db_query(tx, &audiences_in_group, &rows, db_i(merchant_id), db_i(group_id));
    if (err != OK)
        return err;
    while (db_next(rows))
        int_list_add(db_arena(tx), &c->customers, db_int(rows, 0));
    return db_error(rows);
}

enum err audience_changes_read(struct db_tx *tx, int64_t merchant_id, int64_t after,
                               struct audience_changes *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct arena *a = db_arena(tx);
    struct audience_changes c = {.whole = true, .seq = after};
    struct int_list groups = {0};

    enum err err = db_query(tx, &audiences_changes, &rows, db_i(merchant_id), db_i(after));
    if (err != OK)
        return err;
    while (db_next(rows)) {
        struct str entity = db_text(rows, 1);
        if (db_int(rows, 0) != c.seq + 1)
            c.whole = false;
        c.seq = db_int(rows, 0);
        if (str_eq(entity, STR("customer")))
            int_list_add(a, &c.customers, db_int(rows, 2));
        else if (str_eq(entity, STR("favourite")))
            int_list_add(a, &c.favourites, db_int(rows, 2));
        else if (!str_eq(entity, STR("staff")))
            c.names = true;
        if (str_eq(entity, STR("group")))
            int_list_add(a, &groups, db_int(rows, 2));
    }
    err = db_error(rows);
    int_list_sort(&groups);
    for (size_t i = 0; err == OK && i < groups.n; i++)
        err = add_members(tx, merchant_id, groups.v[i], &c);
    int_list_sort(&c.customers);
    int_list_sort(&c.favourites);
    *ret = c;
    return err;
}

static enum err follow(struct db_tx *tx, void *arg)
{
    struct turn *t = arg;
    struct audience_base *base = t->seat->base;
    int64_t merchant_id = t->seat->merchant_id, now;
    struct audience_changes c;

    t->reload = false;
    if (t->names)
        audience_names_free(&t->names);
    enum err err = db_query_int(tx, &audiences_seq, &now, db_i(merchant_id));
    if (err != OK)
        return err;
    int64_t bound = audience_count(base->audience) / GAP_SHARE;
    if (now - base->seq > (bound > GAP_MIN ? bound : GAP_MIN)) {
        t->reload = true;
        return OK;
    }
    err = audience_changes_read(tx, merchant_id, base->seq, &c);
    if (err != OK)
        return err;
    if (!c.whole || c.seq != now) { /* pruned under our feet */
        t->reload = true;
        return OK;
    }
    if (c.names) {
        err = audience_names_read(tx, merchant_id, &t->names);
        if (err != OK)
            return err;
        if (memcmp(t->names->language, t->seat->names->language, 4) != 0) {
            t->reload = true; /* another collation: every name has a new place */
            return OK;
        }
        audience_names_tell(t->names, base->audience);
    }
    int32_t was = audience_today(base->audience);
    int32_t today = today_of(t->as->app, c.names ? t->names : t->seat->names);
    if (today != was)
        err = audience_read_over(tx, merchant_id, was, today, &c.customers);
    if (err == OK)
        err = audience_read_some(tx, merchant_id, today, &c.customers, base->audience);
    for (size_t i = 0; err == OK && i < c.favourites.n; i++)
        err = audience_read_favourite(tx, merchant_id, c.favourites.v[i], base->audience);
    if (err == OK)
        t->seq = c.seq;
    return err;
}

/* Takes the seat to the feed's end and to today. */
static enum err catch_up(struct audiences *as, struct seat *seat)
{
    enum err err = seat->base ? OK : load_seat(as, seat, false);
    if (err != OK)
        return err;
    struct turn t = {.as = as, .seat = seat, .seq = seat->base->seq};
    err = db_read(as->app->db, follow, &t);
    if (err != OK || t.reload) {
        audience_names_free(&t.names);
        return err != OK ? err : load_seat(as, seat, true);
    }
    seat_set(as, seat, NULL, t.names);
    int32_t today = today_of(as->app, seat->names);
    if (audience_today(seat->base->audience) != today)
        audience_set_today(seat->base->audience, today);
    seat->base->seq = t.seq;
    return OK;
}

struct feed_end {
    int64_t merchant_id, seq;
};
static enum err read_feed_end(struct db_tx *tx, void *arg)
{
    struct feed_end *f = arg;
    return db_query_int(tx, &audiences_seq, &f->seq, db_i(f->merchant_id));
}

static bool up_to(const struct audience_use *u, const struct app *app, int64_t seq)
{
    return u->base && u->base->seq >= seq && audience_today(u->audience) == today_of(app, u->names);
}

enum err audiences_use(struct audiences *as, int64_t merchant_id, struct audience_use *ret)
{
    struct feed_end end = {merchant_id, 0};
    enum err err = db_read(as->app->db, read_feed_end, &end);
    if (err != OK)
        return err;
    struct seat *seat = take_seat(as, merchant_id);
    if (!seat)
        return ERR_BUSY;

    struct audience_use use;
    hold(as, seat, &use);
    if (!up_to(&use, as->app, end.seq)) {
        audiences_done(&use);
        pthread_mutex_lock(&seat->turn);
        hold(as, seat, &use);
        if (!up_to(&use, as->app, end.seq)) { /* nobody did it while we waited */
            audiences_done(&use);
            err = catch_up(as, seat);
            if (err == OK)
                hold(as, seat, &use);
        }
        pthread_mutex_unlock(&seat->turn);
    }
    leave_seat(as, seat);
    if (err != OK)
        return err;
    use.today = audience_today(use.audience);
    *ret = use;
    return OK;
}

void audiences_keep(struct audiences *as)
{
    for (size_t i = 0; as->app->snapshots && i < as->n; i++) {
        const int64_t merchant_id = as->seats[i]->merchant_id;
        cleanup(audiences_done) struct audience_use use = {0};
        if (audiences_use(as, merchant_id, &use) == OK)
            audience_snapshot_write(as->app, merchant_id, use.names->language, use.audience,
                                    use.base->seq);
    }
}

int64_t audience_use_seq(const struct audience_use *u)
{
    return u->base->seq;
}

enum err audiences_get(struct audiences *as, int64_t merchant_id, struct audience **ret)
{
    struct audience_use use;
    enum err err = audiences_use(as, merchant_id, &use);
    if (err != OK)
        return err;
    *ret = use.audience; /* held until audiences_free(); the names are not */
    pthread_mutex_lock(&as->lock);
    drop(as, NULL, use.names);
    pthread_mutex_unlock(&as->lock);
    return OK;
}

struct str audience_use_name(const struct audience_use *u, enum word_kind kind, int64_t id)
{
    const struct audience_name *v = u->names->words[kind];
    size_t n = u->names->nwords[kind], i = id_place(v, n, sizeof *v, id);
    return i < n ? v[i].name : (struct str){"", 0};
}
