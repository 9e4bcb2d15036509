#include "as_of.h"
#include "../../base/check.h"
#include "as_of_read.h"
#include <pthread.h>
#include <stdlib.h>

enum { GAP_SHARE = 4, GAP_MIN = 1000 }; /* changes followed one by one; more: built anew */

/* One day of one merchant. `turn` is held by who builds or follows; refs, place and use are under
 * the cache's lock. */
struct as_of_entry {
    int64_t merchant_id;
    int32_t day;
    pthread_mutex_t turn;
    struct audience *audience; /* NULL: not built, or not well */
    int64_t seq;               /* of the change feed */
    char language[4];          /* of its collation */
    char *time_zone;           /* that its instants were told by; owned */
    int refs;
    uint64_t used;
};
struct as_of_cache {
    struct app *app;
    pthread_mutex_t lock; /* never held across SQL */
    struct as_of_entry *entries[AS_OF_MAX];
    size_t n;
    uint64_t clock;
};

struct as_of_cache *as_of_new(struct app *app)
{
    struct as_of_cache *c = calloc(1, sizeof *c);

    check(c);
    c->app = app;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

static void forget(struct as_of_entry *e)
{
    audience_free(&e->audience);
    free(e->time_zone);
    e->time_zone = NULL;
}

static void free_entry(struct as_of_entry *e)
{
    forget(e);
    pthread_mutex_destroy(&e->turn);
    free(e);
}

void as_of_free(struct as_of_cache **c)
{
    if (!*c)
        return;
    for (size_t i = 0; i < (*c)->n; i++)
        free_entry((*c)->entries[i]);
    pthread_mutex_destroy(&(*c)->lock);
    free(*c);
    *c = NULL;
}

/* ---- places; the lock is held ---- */

static struct as_of_entry *find(const struct as_of_cache *c, int64_t merchant_id, int32_t day)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->entries[i]->merchant_id == merchant_id && c->entries[i]->day == day)
            return c->entries[i];
    return NULL;
}

/* The day unused longest gives way. False: all are in use. */
static bool make_room(struct as_of_cache *c)
{
    size_t oldest = c->n;

    if (c->n < AS_OF_MAX)
        return true;
    for (size_t i = 0; i < c->n; i++)
        if (c->entries[i]->refs == 0 &&
            (oldest == c->n || c->entries[i]->used < c->entries[oldest]->used))
            oldest = i;
    if (oldest == c->n)
        return false;
    free_entry(c->entries[oldest]);
    c->entries[oldest] = c->entries[--c->n];
    return true;
}

static struct as_of_entry *take(struct as_of_cache *c, int64_t merchant_id, int32_t day)
{
    pthread_mutex_lock(&c->lock);
    struct as_of_entry *e = find(c, merchant_id, day);
    if (!e && make_room(c)) {
        e = calloc(1, sizeof *e);
        check(e);
        e->merchant_id = merchant_id;
        e->day = day;
        pthread_mutex_init(&e->turn, NULL);
        c->entries[c->n++] = e;
    }
    if (e) {
        e->refs++;
        e->used = ++c->clock;
    }
    pthread_mutex_unlock(&c->lock);
    return e;
}

/* ---- building and following; the entry's turn is held ---- */

struct work {
    struct as_of_entry *entry;
    const struct audience_names
        *names;                  /* of the present, to see whether what is there still fits */
    struct audience_names *read; /* out: those of the moment that is built or followed to */
    struct audience *built;      /* out */
    int64_t seq;                 /* out */
    int32_t first;               /* out: set when the day is before anything known */
    bool rebuild;                /* out: following is not possible */
};

/* Names and zone as they stand in this transaction: what is told must not be older than the feed.
 */
static enum err read_names(struct db_tx *tx, struct work *w, struct as_of_past *ret)
{
    struct as_of_entry *e = w->entry;

    audience_names_free(&w->read);
    enum err err = audience_names_read(tx, e->merchant_id, &w->read);
    if (err == OK)
        *ret = (struct as_of_past){e->merchant_id, e->day, w->read->zone};
    return err;
}

static enum err build(struct db_tx *tx, void *arg)
{
    struct work *w = arg;
    struct as_of_past past;
    int32_t first;

    audience_free(&w->built); /* the read may be repeated */
    w->first = DAY_NONE;
    enum err err = read_names(tx, w, &past);
    if (err == OK)
        err = db_query_int(tx, &audiences_seq, &w->seq, db_i(past.merchant_id));
    if (err == OK)
        err = as_of_first_day(tx, past.merchant_id, &first);
    if (err != OK)
        return err;
    if (first != DAY_NONE && past.day < first) {
        w->first = first;
        return OK;
    }
    const struct audience_options options = {.language = w->read->language, .today = past.day};
    err = audience_new(&options, &w->built);
    if (err != OK)
        return err;
    audience_names_tell(w->read, w->built);
    audience_load_begin(w->built);
    err = as_of_read_all(tx, &past, w->built);
    audience_load_end(w->built);
    return err == OK ? audience_read_favourites(tx, past.merchant_id, w->built) : err;
}

static enum err follow(struct db_tx *tx, void *arg)
{
    struct work *w = arg;
    struct as_of_entry *e = w->entry;
    struct as_of_past past;
    struct audience_changes changes;
    int64_t now;

    w->rebuild = false;
    w->seq = e->seq;
    enum err err = db_query_int(tx, &audiences_seq, &now, db_i(e->merchant_id));
    if (err != OK || now == e->seq)
        return err;
    int64_t bound = audience_count(e->audience) / GAP_SHARE;
    w->rebuild = now - e->seq > (bound > GAP_MIN ? bound : GAP_MIN);
    if (w->rebuild)
        return OK;
    err = audience_changes_read(tx, e->merchant_id, e->seq, &changes);
    if (err != OK)
        return err;
    w->rebuild = !changes.whole || changes.seq != now;
    if (w->rebuild)
        return OK;
    err = read_names(tx, w, &past);
    if (err != OK)
        return err;
    if (changes.names)
        audience_names_tell(w->read, e->audience);
    err = as_of_read_some(tx, &past, &changes.customers, e->audience);
    for (size_t i = 0; err == OK && i < changes.favourites.n; i++)
        err = audience_read_favourite(tx, e->merchant_id, changes.favourites.v[i], e->audience);
    w->seq = now;
    return err;
}

static bool fits(const struct as_of_entry *e, const struct audience_names *names)
{
    return e->audience && memcmp(e->language, names->language, sizeof e->language) == 0 &&
           strcmp(e->time_zone, names->time_zone) == 0;
}

static void take_built(struct as_of_entry *e, const struct work *w)
{
    forget(e);
    e->audience = w->built;
    memcpy(e->language, w->read->language, sizeof e->language);
    e->time_zone = strdup(w->read->time_zone);
    check(e->time_zone);
}

/* Brings the entry to the feed's end. An audience that others are reading is never thrown away
 * under them: then it is only followed, and built anew when they are done. */
static enum err bring_up(struct as_of_cache *c, struct work *w)
{
    struct as_of_entry *e = w->entry;
    bool follows = fits(e, w->names);
    enum err err = OK;

    if (follows)
        err = db_read(c->app->db, follow, w);
    if (err == OK && (!follows || w->rebuild)) {
        pthread_mutex_lock(&c->lock);
        bool alone = e->refs == 1;
        pthread_mutex_unlock(&c->lock);
        if (e->audience && !alone)
            return ERR_BUSY;
        err = db_read(c->app->db, build, w);
        if (err == OK && w->built)
            take_built(e, w);
        else
            audience_free(&w->built);
    }
    if (err == OK && e->audience)
        e->seq = w->seq;
    return err;
}

static enum err too_early(struct problem *p, struct arena *a, int32_t first)
{
    char day[DAY_TEXT_MAX];
    day_format(first, day);
    return problem_set(p, a, ERR_INVALID, "as_of_too_early", "as_of", "first",
                       arena_cstr(a, str_c(day)), NULL);
}

static enum err look_back(struct as_of_cache *c, int64_t merchant_id, int32_t day, struct arena *a,
                          struct as_of_use *u, struct problem *p)
{
    u->entry = take(c, merchant_id, day);
    if (!u->entry)
        return problem_set(p, a, ERR_BUSY, "as_of_busy", "as_of", NULL);
    u->cache = c;
    struct work w = {.entry = u->entry, .names = u->now.names, .first = DAY_NONE};
    pthread_mutex_lock(&u->entry->turn);
    enum err err = bring_up(c, &w);
    pthread_mutex_unlock(&u->entry->turn);
    audience_names_free(&w.read);
    if (err == ERR_BUSY)
        return problem_set(p, a, ERR_BUSY, "as_of_busy", "as_of", NULL);
    if (err != OK)
        return err;
    if (w.first != DAY_NONE)
        return too_early(p, a, w.first);
    u->then.audience = u->entry->audience;
    u->then.today = day;
    return OK;
}

enum err as_of_use(struct as_of_cache *c, int64_t merchant_id, int32_t day, struct arena *a,
                   struct as_of_use *ret, struct problem *p)
{
    struct as_of_use u = {0};
    char today[DAY_TEXT_MAX];

    enum err err = audiences_use(c->app->audiences, merchant_id, &u.now);
    if (err != OK)
        return err;
    u.then = u.now;
    u.then.owner = NULL; /* held by `now` */
    if (day != DAY_NONE && day > u.now.today) {
        day_format(u.now.today, today);
        err = problem_set(p, a, ERR_INVALID, "as_of_future", "as_of", "today",
                          arena_cstr(a, str_c(today)), NULL);
    } else if (day != DAY_NONE && day < u.now.today) {
        err = look_back(c, merchant_id, day, a, &u, p);
    }
    if (err != OK) {
        as_of_done(&u);
        return err;
    }
    *ret = u;
    return OK;
}

void as_of_done(struct as_of_use *u)
{
    if (u->entry) {
        struct as_of_cache *c = u->cache;
        pthread_mutex_lock(&c->lock);
        u->entry->refs--;
        pthread_mutex_unlock(&c->lock);
    }
    audiences_done(&u->now);
    *u = (struct as_of_use){0};
}
