#include "demo.h"
#include "../../base/check.h"
#include "../change/change.h"
#include "../earning/earning.h"
#include "../int_list.h"
#include "../merchant/merchant.h"
#include "../segment/segment.h"
#include "../staff/guard.h"
#include "../staff/staff.h"
#include "../store/store.h"
#include "../watch/watch.h"
#include "../word/word.h"
#include "demo_belong.h"
#include "demo_desk.h"
#include "demo_loyalty.h"
#include "demo_points.h"
#include "demo_tiers.h"
#include "demo_consent.h"
#include "demo_history.h"
#include "demo_sql.h"
#include <jansson.h>
#include <stdio.h>

enum { BATCH = 500, YEARS_DAYS = 3 * 365, SHORT_DAYS = 365, LOGINS = 5 };
#define PASSWORD "demo-habitue"
static const char start_action[] = "demo.start";

const struct demo_login demo_logins[] = {
    {"owner@demo.example", PASSWORD, "owner", "Camille Laurent"},
    {"manager@demo.example", PASSWORD, "manager", "Giulia Conti"},
    {"lyon@demo.example", PASSWORD, "associate", "Hugo Martin"},
    {"madrid@demo.example", PASSWORD, "associate", "Lucía Romero"},
    {"nice@demo.example", PASSWORD, "associate", "Анна Соколова"},
    {0},
};
/* Language, and the stores they work in; the owner works in none and sees all. */
static const struct {
    const char *language, *stores[4];
} places_of_work[LOGINS] = {
    {"en", {NULL}},
    {"it", {"Milano Brera", "Torino Centro", "Roma Monti", NULL}},
    {"fr", {"Lyon Bellecour", NULL}},
    {"es", {"Madrid Salamanca", NULL}},
    {"ru", {"Nice Masséna", NULL}},
};

/* What the base says of an earlier run. */
struct state {
    bool exists, ours;
    int64_t merchant_id, customers, done;
    uint64_t seed;
    int32_t today;
};
struct filling {
    struct app *app;
    const struct demo_options *options;
    struct arena *arena;
    const struct demo_data *data;
    struct demo_chain chain;
    struct state state;
    char hash[PASSWORD_HASH_MAX];
    int64_t from, to; /* customers of the batch under way */
    struct problem *problem;
};

/* ---- where it stands ---- */

static enum err first_act(struct db_tx *tx, int64_t merchant_id, struct str *ret_action,
                          struct str *ret_detail)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = db_query(tx, &demo_first_act, &rows, db_i(merchant_id));

    *ret_action = *ret_detail = STR("");
    if (err != OK)
        return err;
    if (db_next(rows)) {
        *ret_action = db_text_in(rows, 0, db_arena(tx));
        *ret_detail = db_text_in(rows, 1, db_arena(tx));
    }
    return db_error(rows);
}

enum err demo_is(struct db_tx *tx, int64_t merchant_id, bool *ret)
{
    struct str action, detail;
    enum err err = first_act(tx, merchant_id, &action, &detail);
    if (err == OK)
        *ret = str_eq(action, str_c(start_action));
    return err;
}

static void read_detail(struct str detail, struct state *s)
{
    json_t *root = json_loadb(detail.p, detail.n, 0, NULL);
    int64_t seed = 0, today = 0;

    s->customers = json_integer_value(json_object_get(root, "customers"));
    s->ours = str_int64(str_c(json_string_value(json_object_get(root, "seed"))), &seed) &&
              (today = json_integer_value(json_object_get(root, "today"))) > 0;
    s->seed = (uint64_t)seed;
    s->today = (int32_t)today;
    json_decref(root);
}

static enum err read_state(struct db_tx *tx, void *arg)
{
    struct filling *f = arg;
    struct merchant m;
    struct str action, detail;

    f->state = (struct state){0};
    enum err err = merchant_find(tx, DEMO_SLUG, db_arena(tx), &m, NULL);
    if (err == ERR_NOT_FOUND)
        return OK;
    if (err == OK)
        err = first_act(tx, m.id, &action, &detail);
    if (err != OK)
        return err;
    f->state.exists = true;
    f->state.merchant_id = m.id;
    if (str_eq(action, str_c(start_action)))
        read_detail(detail, &f->state);
    err = db_query_int(tx, &demo_next_number, &f->state.done, db_i(m.id));
    f->state.done--; /* numbers begin at 1, and nobody else makes customers before it is complete */
    return err;
}

static enum err judge_state(struct filling *f)
{
    const struct demo_options *o = f->options;
    const struct state *s = &f->state;

    if (!s->exists)
        return OK;
    if (!s->ours)
        return problem_set(f->problem, f->arena, ERR_CONFLICT, "demo_slug_taken", NULL, "slug",
                           DEMO_SLUG, NULL);
    if (s->customers != o->customers || s->seed != o->seed ||
        (o->today != DAY_NONE && o->today != s->today))
        return problem_set(f->problem, f->arena, ERR_CONFLICT, "demo_other_options", NULL,
                           "customers", arena_printf(f->arena, "%lld", (long long)s->customers),
                           "seed", arena_printf(f->arena, "%lld", (long long)s->seed), NULL);
    return OK;
}

/* ---- the chain ---- */

static enum err add_staff(struct db_tx *tx, struct filling *f, const struct audit_actor *by)
{
    int64_t id, stores[4];
    bool is_new;

    for (int i = 0; i < LOGINS; i++) {
        const struct demo_login *login = &demo_logins[i];
        struct staff_new new = {.email = str_c(login->email),
                                .name = str_c(login->name),
                                .role = role_by_name(str_c(login->role)),
                                .language = places_of_work[i].language,
                                .stores = stores};
        enum err err = OK;
        for (const char *const *name = places_of_work[i].stores; err == OK && *name; name++)
            err = store_by_name(tx, f->chain.merchant_id, str_c(*name), &stores[new.nstores++],
                                &is_new);
        if (err == OK)
            err = staff_create(tx, f->chain.merchant_id, &new, by, &id, f->problem);
        if (err == OK)
            err = staff_set_password(tx, f->chain.merchant_id, id, f->hash, STR(""));
        if (err != OK)
            return err;
    }
    return OK;
}

static int64_t first_with_role(const struct staff *all, size_t n, struct str role)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(role, str_c(role_name(all[i].role))))
            return all[i].id;
    return 0;
}

static enum err add_segments(struct db_tx *tx, struct filling *f, const struct audit_actor *by)
{
    struct staff *staff;
    size_t n;
    enum err err = staff_list(tx, f->chain.merchant_id, db_arena(tx), &staff, &n);

    for (size_t i = 0; err == OK && i < f->data->nsegments; i++) {
        const struct demo_segment *demo = &f->data->segments[i];
        struct segment s = {.owner_id = first_with_role(staff, n, demo->role),
                            .name = demo->name,
                            .description = demo->description,
                            .text = demo->query,
                            .shared = demo->shared};
        const struct segment_actor who = {
            .staff_id = s.owner_id, .may_share = true, .arena = db_arena(tx), .by = *by};
        err = segment_save(tx, f->chain.merchant_id, NULL, &s, &who, f->problem);
    }
    return err;
}

static bool shows_loyalty(const struct filling *f)
{
    return f->options->customers >= DEMO_BELONG_MIN && !f->chain.thin;
}

static enum err add_chain(struct db_tx *tx, void *arg)
{
    struct filling *f = arg;
    const struct audit_actor by = {.name = "demo"};
    const struct merchant m = {.slug = DEMO_SLUG,
                               .name = "Maison Lumière",
                               .currency = "EUR",
                               .time_zone = "Europe/Paris",
                               .country = "FR",
                               .language = "fr",
                               .associates_see_chain = true};
    int64_t id;

    enum err err = merchant_create(tx, &m, &f->chain.merchant_id, f->problem);
    if (err == OK)
        err = audit_write(
            tx, f->chain.merchant_id, &by, start_action, "merchant", f->chain.merchant_id,
            arena_printf(db_arena(tx), "{\"customers\":%lld,\"seed\":\"%lld\",\"today\":%d}",
                         (long long)f->options->customers, (long long)f->options->seed,
                         (int)f->chain.today));
    for (size_t i = 0; err == OK && i < f->data->nplaces; i++)
        err = store_create(tx, f->chain.merchant_id, f->data->places[i].store,
                           f->data->places[i].city, &id, f->problem);
    if (err == OK)
        err = add_staff(tx, f, &by);
    if (err == OK)
        err = demo_points(tx, f->chain.merchant_id, f->chain.today, f->problem);
    if (err == OK && shows_loyalty(f))
        err = demo_loyalty_begin(tx, f->chain.merchant_id, f->chain.today, f->problem);
    return err == OK ? add_segments(tx, f, &by) : err;
}

static enum err words(struct db_tx *tx, int64_t merchant_id, enum word_kind kind,
                      const char *const *names, size_t n, int64_t *ret_ids, struct int_list *made)
{
    for (size_t i = 0; i < n; i++) {
        bool is_new;
        enum err err = word_id(tx, merchant_id, kind, str_c(names[i]), &ret_ids[i], &is_new);
        if (err != OK)
            return err;
        if (is_new)
            int_list_add(db_arena(tx), made, ret_ids[i]);
    }
    return OK;
}

/* The ids of what the chain has; makes the words that are missing. */
static enum err open_chain(struct db_tx *tx, void *arg)
{
    struct filling *f = arg;
    struct demo_chain *c = &f->chain;
    const char *categories[DEMO_CATEGORIES_MAX];
    struct int_list made = {0};
    struct staff *staff;
    size_t n;
    bool is_new;
    enum err err = OK;

    for (size_t i = 0; err == OK && i < f->data->nplaces; i++)
        err = store_by_name(tx, c->merchant_id, f->data->places[i].store, &c->stores[i], &is_new);
    for (size_t i = 0; i < f->data->ncategories; i++)
        categories[i] = arena_cstr(db_arena(tx), f->data->categories[i].name);
    if (err == OK)
        err = words(tx, c->merchant_id, WORD_SOURCE, demo_source_names, DEMO_SOURCES, c->sources,
                    &made);
    if (err == OK)
        err = words(tx, c->merchant_id, WORD_TAG, demo_tag_names, DEMO_TAGS, c->tags, &made);
    if (err == OK)
        err = words(tx, c->merchant_id, WORD_CATEGORY, categories, f->data->ncategories,
                    c->categories, &made);
    if (err == OK)
        err = words(tx, c->merchant_id, WORD_SIZE, demo_cloth_sizes, DEMO_CLOTH_SIZES, c->cloth,
                    &made);
    if (err == OK)
        err =
            words(tx, c->merchant_id, WORD_SIZE, demo_shoe_sizes, DEMO_SHOE_SIZES, c->shoes, &made);
    if (err == OK)
        err = staff_list(tx, c->merchant_id, db_arena(tx), &staff, &n);
    if (err != OK)
        return err;
    err = demo_consent_texts(tx, f->data, c);
    if (err != OK)
        return err;
    c->nstaff = n < ARRAY_LEN(c->staff) ? n : ARRAY_LEN(c->staff);
    for (size_t i = 0; i < c->nstaff; i++)
        c->staff[i] = staff[i].id;
    return change_note(tx, c->merchant_id, "word", made.v, made.n);
}

/* ---- the customers ---- */

static int32_t first_purchase(const struct demo_history *h, size_t from)
{
    int32_t day = DAY_NONE;
    for (size_t i = from; i < h->nheads; i++)
        if (h->heads[i].lines[0].quantity_milli > 0 && (day == DAY_NONE || h->heads[i].day < day))
            day = h->heads[i].day;
    return day;
}

/* The people of the batch under way, and what they did. */
static void draw_people(const struct filling *f, struct demo_loyal *people,
                        struct customer_change *changes, int64_t *ids, struct demo_history *history)
{
    for (size_t i = 0; i < (size_t)(f->to - f->from); i++) {
        struct demo_person *person = &people[i].person;
        size_t before = history->nheads;
        demo_person(history->arena, f->data, &f->chain, f->from + (int64_t)i, person, &changes[i]);
        demo_history(history, f->data, &f->chain, person);
        people[i].bought = first_purchase(history, before);
        ids[i] = person->id;
    }
}

static enum err add_batch(struct db_tx *tx, void *arg)
{
    static const char *const hows[] = {"web", "card", "till", "staff"};
    const struct filling *f = arg;
    struct arena *a = db_arena(tx);
    size_t n = (size_t)(f->to - f->from);
    struct customer_change *changes = arena_array(a, struct customer_change, n);
    int64_t *ids = arena_array(a, int64_t, n);
    struct demo_history history = {.arena = a};
    int64_t now = now_us(), merchant_id = f->chain.merchant_id;
    struct customer_origin origin = {
        .how = hows[f->from / BATCH % 4], .now_us = now, .may_loosen = true};

    struct demo_loyal *people = arena_array(a, struct demo_loyal, n);
    draw_people(f, people, changes, ids, &history);
    bool belong = f->options->customers >= DEMO_BELONG_MIN;
    if (belong)
        demo_belong_places(a, f->from, changes, n);
    enum err err = customer_apply(tx, merchant_id, &origin, changes, n);
    if (err == OK) /* before the activity: then facts grow, and need no second reading */
        err = transactions_add(tx, merchant_id, 0, now, history.heads, history.nheads);
    if (err == OK)
        err = earning_record(tx, merchant_id, f->chain.today, history.heads, history.nheads, "demo",
                             a);
    if (err == OK)
        err = activity_add(tx, merchant_id, "demo", now, history.events, history.nevents);
    if (err == OK)
        err = demo_desk(tx, f->data, &f->chain, f->from, ids, n);
    if (err == OK && belong)
        err = demo_belong(tx, &f->chain, f->from, ids, n);
    if (err == OK && shows_loyalty(f))
        err = demo_loyalty(tx, &f->chain, people, n);
    if (err == OK)
        err = demo_consent_suppress(tx, &f->chain, f->from, changes, n);
    return err == OK ? change_note(tx, merchant_id, "customer", ids, n) : err;
}

static enum err add_customers(struct filling *f, demo_progress progress, void *arg)
{
    int64_t total = f->options->customers;

    for (f->from = f->state.done; f->from < total; f->from = f->to) {
        f->to = f->from + BATCH - f->from % BATCH;
        if (f->to > total)
            f->to = total;
        enum err err = db_write(f->app->db, add_batch, f);
        if (err != OK)
            return err;
        if (progress && !progress(arg, f->to, total))
            return ERR_CANCELED;
    }
    return OK;
}

static enum err hash_password(struct filling *f)
{
    cleanup(guard_free) struct guard *own = NULL;
    enum err err = f->app->guard ? OK : guard_new(&own);
    if (err == OK)
        err = guard_hash(f->app->guard ? f->app->guard : own, str_c(PASSWORD), f->hash);
    return err;
}

static enum err begin_chain(struct filling *f)
{
    struct demo_chain *c = &f->chain;
    enum err err = zone_open("Europe/Paris", &c->zone);
    if (err != OK)
        return err;
    int32_t now = zone_day(c->zone, now_us());
    if (f->state.exists)
        c->today = f->state.today;
    else
        c->today = f->options->today != DAY_NONE ? f->options->today : now;
    c->merchant_id = f->state.merchant_id;
    c->seed = f->options->seed;
    c->thin = f->options->customers > DEMO_FULL_MAX;
    c->history_days = c->thin ? SHORT_DAYS : YEARS_DAYS;
    c->latest_us = c->today == now ? now_us() : INT64_MAX;
    if (!f->state.exists) {
        err = hash_password(f);
        if (err == OK)
            err = db_write(f->app->db, add_chain, f);
    }
    return err == OK ? db_write(f->app->db, open_chain, f) : err;
}

enum err demo_fill(struct app *app, const struct demo_options *o, demo_progress progress, void *arg,
                   struct arena *a, struct problem *p)
{
    struct filling f = {.app = app, .options = o, .arena = a, .problem = p};

    check(o->customers >= 1 && o->customers <= DEMO_CUSTOMERS_MAX);
    enum err err = db_read(app->db, read_state, &f);
    if (err == OK)
        err = judge_state(&f);
    if (err != OK || f.state.done >= o->customers)
        return err;
    f.data = demo_data_read(a);
    err = begin_chain(&f);
    if (err == OK)
        err = add_customers(&f, progress, arg);
    if (err == OK && !f.chain.thin)
        err = demo_tiers(app, f.chain.merchant_id, f.chain.today);
    if (err == OK && shows_loyalty(&f))
        err = watch_follow(app->db, f.chain.merchant_id);
    zone_close(&f.chain.zone);
    return err;
}
