#include "customer_view.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../erased/erased.h"
#include <stdio.h>

void customer_text_json(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    if (s.n)
        json_text(j, s);
    else
        json_nil(j);
}

/* By hand: json_number() finds the shortest digits of a double, which 50 rows would feel. */
void customer_tenths_json(struct json *j, const char *key, int32_t tenths)
{
    char text[16];
    size_t n = sizeof text;

    json_key(j, key);
    if (tenths < 0) {
        json_nil(j);
        return;
    }
    if (tenths % 10) {
        text[--n] = (char)('0' + tenths % 10);
        text[--n] = '.';
    }
    int32_t whole = tenths / 10;
    do
        text[--n] = (char)('0' + whole % 10);
    while (whole /= 10);
    json_raw(j, (struct str){text + n, sizeof text - n});
}

void customer_name_json(struct json *j, const struct audience_hit *h)
{
    char name[2 * CUSTOMER_NAME_MAX * 4 + 1];
    size_t n = 0;
    const struct str parts[] = {h->first_name, h->last_name};

    for (int i = 0; i < 2; i++) {
        if (parts[i].n == 0 || n + 1 + parts[i].n > sizeof name)
            continue;
        if (n)
            name[n++] = ' ';
        memcpy(name + n, parts[i].p, parts[i].n);
        n += parts[i].n;
    }
    json_kv_text(j, "name", (struct str){name, n});
}

static void birthday_json(struct json *j, const struct audience_hit *h)
{
    char text[DAY_TEXT_MAX];

    if (h->birth_month == 0 || h->birth_day == 0) {
        json_kv_cstr(j, "birthday", NULL);
    } else {
        /* 2000 has every day that a birthday can fall on */
        int32_t year = h->birth_year ? h->birth_year : 2000;
        day_format(day_from_civil((struct civil){year, h->birth_month, h->birth_day}), text);
        if (h->birth_year == 0)
            text[3] = '-'; /* "200--03-14" */
        json_kv_cstr(j, "birthday", h->birth_year ? text : text + 3);
    }
}

struct str customer_type(const struct audience_hit *h)
{
    return h->typology < TYPES ? str_c(typology_names[h->typology]) : h->own_type;
}

static void consent_json(struct json *j, const struct audience_hit *h)
{
    json_key(j, "consent");
    json_open(j);
    for (int i = 0; i < CHANNELS; i++)
        json_kv_cstr(j, channel_names[i], consent_names[h->consent[i]]);
    json_close(j);
}

static void value_json(struct json *j, const struct audience_hit *h)
{
    json_kv_day(j, "registered", h->registered_day);
    json_kv_day(j, "last_visit", h->last_visit_day);
    json_kv_day(j, "last_purchase", h->last_purchase_day);
    json_kv_int(j, "visits", h->visits);
    customer_tenths_json(j, "visits_per_month", h->visits_per_month_tenths);
    json_kv_int(j, "operations", h->operations);
    json_kv_int(j, "spent_minor", h->spent_minor);
    json_key(j, "average_minor");
    if (h->average_minor == INT64_MIN)
        json_nil(j);
    else
        json_int(j, h->average_minor);
    customer_tenths_json(j, "interval_days", h->interval_tenths);
    json_kv_int(j, "shares", h->tallies[TALLY_SHARES]);
    json_kv_int(j, "comments", h->tallies[TALLY_COMMENTS]);
    json_kv_int(j, "pushes", h->tallies[TALLY_PUSHES]);
    json_kv_int(j, "points", h->points);
    json_kv_int(j, "stamps", h->tallies[TALLY_STAMPS]);
    json_kv_int(j, "referrals", h->tallies[TALLY_REFERRALS]);
}

struct photo_reading {
    int64_t merchant_id;
    struct audience_hit *hits;
    size_t n;
};

static enum err read_photos(struct db_tx *tx, void *arg)
{
    struct photo_reading *p = arg;
    int64_t ids[BATCH_KEYS];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->hits[i].has_photo)
            ids[n++] = p->hits[i].id;
        if (n == 0 || (n < BATCH_KEYS && i + 1 < p->n))
            continue;
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err e = batch_query_ids(tx, &customer_photo_ids, &rows, p->merchant_id, ids, n);
        while (e == OK && db_next(rows))
            for (size_t k = 0; k <= i; k++)
                if (p->hits[k].id == db_int(rows, 0))
                    p->hits[k].photo_id = db_int(rows, 1);
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
        n = 0;
    }
    return OK;
}

enum err customer_photos(struct app *app, int64_t merchant_id, struct audience_hit *hits, size_t n)
{
    struct photo_reading p = {merchant_id, hits, n};
    for (size_t i = 0; i < n; i++)
        if (hits[i].has_photo)
            return db_read(app->db, read_photos, &p);
    return OK;
}

static void photo_json(struct json *j, const struct audience_hit *h)
{
    char url[100];
    snprintf(url, sizeof url, "/api/v1/customers/%lld/photos/%lld", (long long)h->id,
             (long long)h->photo_id);
    json_kv_cstr(j, "photo", h->photo_id ? url : NULL);
}

static void groups_json(struct json *j, const struct audience_use *use, int64_t id)
{
    cleanup(arena_free) struct arena *a = arena_new();
    const int64_t *ids = NULL;
    size_t n = 0;
    json_key(j, "groups");
    json_list(j);
    if (audience_words_of(use->audience, id, WORD_GROUP, a, &ids, &n) == OK)
        for (size_t i = 0; i < n; i++)
            json_text(j, audience_use_name(use, WORD_GROUP, ids[i]));
    json_end(j);
}

void customer_row_json(struct json *j, const struct audience_use *use, const struct audience_hit *h)
{
    json_open(j);
    json_kv_id(j, "id", h->id);
    json_kv_int(j, "number", h->number);
    customer_name_json(j, h);
    customer_text_json(j, "nickname", h->nickname);
    json_kv_bool(j, "anonymous", h->anonymous);
    json_kv_bool(j, "blocked", h->blocked);
    json_kv_bool(j, "favourite", h->favourite);
    json_kv_bool(j, "active", h->active);
    json_kv_bool(j, "has_profile", h->has_profile);
    photo_json(j, h);
    customer_text_json(j, "phone", h->phone);
    customer_text_json(j, "email", h->email);
    json_kv_text(j, "type", customer_type(h));
    json_kv_cstr(j, "gender", gender_names[h->gender]);
    json_key(j, "age");
    if (h->age < 0)
        json_nil(j);
    else
        json_int(j, h->age);
    birthday_json(j, h);
    consent_json(j, h);
    value_json(j, h);
    customer_text_json(j, "store", audience_use_name(use, WORD_STORE, h->home_store));
    customer_text_json(j, "tier", audience_use_name(use, WORD_TIER, h->tier));
    customer_text_json(j, "source", audience_use_name(use, WORD_SOURCE, h->source));
    customer_text_json(j, "city", h->city);
    customer_text_json(j, "country", str_c(h->country));
    customer_text_json(j, "language", str_c(h->language));
    json_kv_cstr(j, "device", device_names[h->device]);
    groups_json(j, use, h->id);
    json_close(j);
}

struct audience_viewer customer_viewer(const struct caller *c, bool mine)
{
    static const int64_t no_store;

    if (c->sees_chain && !(mine && c->nstores > 0))
        return (struct audience_viewer){.staff_id = c->staff_id};
    /* who has no store sees nobody: a NULL would mean everybody */
    return (struct audience_viewer){c->staff_id, c->nstores ? c->stores : &no_store, c->nstores};
}

struct looking {
    const struct request *r;
    struct erased_customer erased;
};

static enum err look_for_erased(struct db_tx *tx, void *arg)
{
    struct looking *k = arg;
    return erased_customer(tx, k->r->caller.merchant_id, k->r->ids[0], &k->erased);
}

/* Nobody of that id is there, or was erased: then that is told. */
static enum err nobody(struct request *r)
{
    const struct app *app = r->app;
    struct looking k = {.r = r};
    char at[INSTANT_TEXT_MAX];
    enum err err = db_read(app->db, look_for_erased, &k);

    if (err == ERR_NOT_FOUND)
        return request_fail(r, err, "not_found", NULL, NULL);
    if (err != OK)
        return err;
    instant_format(k.erased.at_us, at);
    return request_fail(r, ERR_NOT_FOUND, "customer_erased", NULL, "number",
                        arena_printf(r->arena, "%lld", (long long)k.erased.number), "day",
                        arena_printf(r->arena, "%.10s", at), NULL);
}

struct merged {
    int64_t merchant_id, id, into;
};

static enum err read_merged(struct db_tx *tx, void *arg)
{
    struct merged *m = arg;
    return db_query_int(tx, &customer_merged_into, &m->into, db_i(m->merchant_id), db_i(m->id));
}

/* Who was merged is found where they are now, by who may see that one. */
static enum err elsewhere(struct request *r, const struct audience_use *use,
                          const struct audience_viewer *viewer, struct audience_hit *hit)
{
    struct app *app = r->app;
    struct merged m = {r->caller.merchant_id, r->ids[0], 0};
    enum err err = db_read(app->db, read_merged, &m);
    if (err == OK)
        err = audience_get(use->audience, viewer, m.into, r->arena, hit);
    return err == OK ? request_moved(r, m.into, "customer_merged") : err;
}

enum err customer_seen(struct request *r, struct audience_use *use, struct audience_hit *hit)
{
    struct app *app = r->app;
    struct audience_viewer viewer = customer_viewer(&r->caller, false);
    enum err err = audiences_use(app->audiences, r->caller.merchant_id, use);

    if (err != OK)
        return err;
    err = audience_get(use->audience, &viewer, r->ids[0], r->arena, hit);
    if (err == OK)
        return OK;
    if (err == ERR_NOT_FOUND)
        err = elsewhere(r, use, &viewer, hit);
    audiences_done(use);
    return err == ERR_NOT_FOUND && !r->problem.code ? nobody(r) : err;
}

enum err customer_allowed(struct request *r, int32_t *ret_today)
{
    struct audience_use use = {0};
    struct audience_hit hit;
    enum err err = customer_seen(r, &use, &hit);
    if (err != OK)
        return err;
    if (ret_today)
        *ret_today = use.today;
    audiences_done(&use);
    return OK;
}

/* ---- by number ---- */

struct numbered {
    int64_t merchant_id, number, id;
    bool merged;
};

static enum err read_numbered(struct db_tx *tx, void *arg)
{
    struct numbered *n = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = db_query(tx, &customer_of_number, &rows, db_i(n->merchant_id), db_i(n->number));
    if (err == OK && !db_next(rows))
        return (err = db_error(rows)) != OK ? err : ERR_NOT_FOUND;
    if (err == OK) {
        n->id = db_int(rows, 0);
        n->merged = db_int(rows, 1) != 0;
    }
    return err;
}

enum err customer_of(struct app *app, int64_t merchant_id, int64_t number, int64_t *ret_id,
                     bool *ret_merged)
{
    struct numbered n = {merchant_id, number, 0, false};
    enum err err = db_read(app->db, read_numbered, &n);
    *ret_id = n.id;
    *ret_merged = n.merged;
    return err;
}

enum err customer_number_handler(struct request *r)
{
    bool merged;
    enum err err = customer_of(r->app, r->caller.merchant_id, r->ids[0], &r->ids[0], &merged);
    if (err == ERR_NOT_FOUND)
        return nobody(r);
    return err == OK ? customer_card_handler(r) : err;
}

struct str customer_full_name(struct arena *a, struct str first, struct str last,
                              struct str nickname)
{
    if (first.n + last.n == 0)
        return arena_str(a, nickname);
    return str_c(arena_printf(a, "%.*s%s%.*s", (int)first.n, first.p, first.n && last.n ? " " : "",
                              (int)last.n, last.p));
}
