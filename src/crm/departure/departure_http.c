/* GET /departures: counts per day, and the list of the days; the same of points and tiers. */
#include "departure.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../customer/customer_view.h"
#include "../staff/staff.h"
#include "../tier/tier.h"

struct departure_args {
    int32_t from, to;
    int64_t limit, offset;
};
#define AT(field) offsetof(struct departure_args, field)
static const struct spec departure_spec[] = {
    {"from", SPEC_DAY, AT(from), .required = true, .doc = "the first day, after today"},
    {"to", SPEC_DAY, AT(to), .required = true, .doc = "the last day, at most 400 days from today"},
    {"limit", SPEC_INT, AT(limit), .max = AUDIENCE_PAGE_MAX, .doc = "of `items`; 0 by default"},
    {"offset", SPEC_INT, AT(offset), .max = 1000000000},
    {0},
};

static void days_json(struct json *j, const struct departures_ask *ask, const struct departures *d)
{
    json_key(j, "days");
    json_list(j);
    for (int32_t day = ask->from; day <= ask->to; day++) {
        json_open(j);
        json_kv_day(j, "day", day);
        json_kv_int(j, "customers", d->counts[day - ask->from]);
        json_close(j);
    }
    json_end(j);
}

/* Who is gone meanwhile is left out. */
static enum err items_json(struct request *r, const struct audience_use *use,
                           const struct departures_ask *ask, const struct departures *d)
{
    struct json *j = &r->json;
    json_key(j, "items");
    json_list(j);
    for (int i = 0; i < d->n; i++) {
        struct audience_hit hit;
        enum err e = audience_get(use->audience, ask->viewer, d->list[i].id, r->arena, &hit);
        if (e == ERR_NOT_FOUND)
            continue;
        if (e == OK)
            e = customer_photos(r->app, r->caller.merchant_id, &hit, 1);
        if (e != OK)
            return e;
        json_open(j);
        json_kv_day(j, "day", d->list[i].day);
        json_key(j, "customer");
        customer_row_json(j, use, &hit);
        json_close(j);
    }
    json_end(j);
    return OK;
}

static enum err departures_route(struct request *r)
{
    const struct app *app = r->app;
    const struct departure_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    const struct audience_viewer viewer = rights_viewer(&r->caller);
    const struct departures_ask ask = {&viewer, args->from, args->to, args->offset,
                                       (int)args->limit};
    struct departures d;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    e = audience_departures(use.audience, &ask, r->arena, &d);
    if (e == ERR_INVALID) {
        bool early = args->from <= use.today;
        return request_fail(r, e, "departure_days", early ? "from" : "to", "most",
                            arena_printf(r->arena, "%d", DEPARTURE_DAYS_MAX), NULL);
    }
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_day(&r->json, "today", use.today);
    json_kv_int(&r->json, "total", d.total);
    days_json(&r->json, &ask, &d);
    e = items_json(r, &use, &ask, &d);
    json_close(&r->json);
    return e;
}

/* ---- points and tiers ---- */

struct loss_args {
    int32_t from, to;
    int kind; /* place in loss_kinds */
    int64_t limit, offset;
};
enum { LOSS_POINTS, LOSS_TIERS };
static const char *const loss_kinds[] = {"points", "tiers", NULL};
static const struct spec loss_spec[] = {
    {"kind", SPEC_CHOICE, offsetof(struct loss_args, kind), .required = true,
     .choices = loss_kinds},
    {"from", SPEC_DAY, offsetof(struct loss_args, from), .required = true,
     .doc = "the first day, not before today"},
    {"to", SPEC_DAY, offsetof(struct loss_args, to), .required = true,
     .doc = "the last day, at most 400 days from today"},
    {"limit", SPEC_INT, offsetof(struct loss_args, limit), .max = AUDIENCE_PAGE_MAX,
     .doc = "of `items`, by day, then customer; 0 by default"},
    {"offset", SPEC_INT, offsetof(struct loss_args, offset), .max = 1000000000},
    {0},
};
struct loss_call {
    struct request *r;
    struct audience_use use;
    struct departure_losses losses;
    struct tier_ladder *ladder;
};

static void loss_end(struct loss_call *c)
{
    audiences_done(&c->use);
}

static enum err read_losses(struct db_tx *tx, void *arg)
{
    struct loss_call *c = arg;
    const struct loss_args *args = c->r->args;
    int64_t merchant_id = c->r->caller.merchant_id;
    if (args->kind == LOSS_POINTS)
        return departure_points(tx, merchant_id, &c->losses);
    enum err e = departure_tiers(tx, merchant_id, &c->losses);
    return e == OK ? tier_ladder_read(tx, merchant_id, c->r->arena, c->ladder) : e;
}

static enum err begin_losses(struct request *r, struct loss_call *c)
{
    const struct app *app = r->app;
    const struct loss_args *args = r->args;
    c->r = r;
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &c->use);
    if (e != OK)
        return e;
    bool early = args->from < c->use.today;
    if (early || args->to < args->from || args->to > c->use.today + DEPARTURE_DAYS_MAX)
        return request_fail(r, ERR_INVALID, "departure_days", early ? "from" : "to", "most",
                            arena_printf(r->arena, "%d", DEPARTURE_DAYS_MAX), NULL);
    size_t days = (size_t)(args->to - args->from) + 1;
    c->ladder = arena_make(r->arena, struct tier_ladder);
    c->losses = (struct departure_losses){
        .audience = c->use.audience,
        .viewer = rights_viewer(&r->caller),
        .from = args->from,
        .to = args->to,
        .skip = args->offset,
        .limit = args->limit,
        .customers = arena_array(r->arena, int64_t, days),
        .points = arena_array(r->arena, int64_t, days),
        .list = arena_array(r->arena, struct departure_loss, (size_t)args->limit + 1)};
    return db_read(app->db, read_losses, c);
}

static void tier_json(const struct loss_call *c, const char *key, int64_t id)
{
    int place = id ? tier_place(c->ladder, id) : -1;
    customer_text_json(&c->r->json, key, place >= 0 ? c->ladder->tiers[place].name : STR(""));
}

static enum err loss_items_json(struct loss_call *c)
{
    struct json *j = &c->r->json;
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < c->losses.n; i++) {
        const struct departure_loss *one = &c->losses.list[i];
        struct audience_hit hit;
        enum err e =
            audience_get(c->use.audience, &c->losses.viewer, one->customer_id, c->r->arena, &hit);
        if (e == ERR_NOT_FOUND)
            continue;
        if (e == OK)
            e = customer_photos(c->r->app, c->r->caller.merchant_id, &hit, 1);
        if (e != OK)
            return e;
        json_open(j);
        json_kv_int(j, "points", one->points);
        tier_json(c, "tier", one->from_id);
        tier_json(c, "next_tier", one->to_id);
        json_key(j, "customer");
        customer_row_json(j, &c->use, &hit);
        json_close(j);
    }
    json_end(j);
    return OK;
}

static enum err losses_route(struct request *r)
{
    cleanup(loss_end) struct loss_call c = {0};
    const struct departure_losses *d = &c.losses;
    int64_t customers = 0, points = 0;
    enum err e = begin_losses(r, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_day(&r->json, "today", c.use.today);
    json_key(&r->json, "days");
    json_list(&r->json);
    for (int32_t day = d->from; day <= d->to; day++) {
        json_open(&r->json);
        json_kv_day(&r->json, "day", day);
        json_kv_int(&r->json, "customers", d->customers[day - d->from]);
        json_kv_int(&r->json, "points", d->points[day - d->from]);
        json_close(&r->json);
        customers += d->customers[day - d->from];
        points += d->points[day - d->from];
    }
    json_end(&r->json);
    json_kv_int(&r->json, "customers", customers);
    json_kv_int(&r->json, "points", points);
    e = loss_items_json(&c);
    json_close(&r->json);
    return e;
}

const struct http_route departure_routes[] = {
    {"GET", "/api/v1/departures", PERM_CUSTOMERS_READ, departures_route, .query = departure_spec,
     .args_size = sizeof(struct departure_args),
     .summary = "Who turns at risk on which coming day, if they do not come",
     .answer = "Departures"},
    {"GET", "/api/v1/departures/losses", PERM_CUSTOMERS_READ, losses_route, .query = loss_spec,
     .args_size = sizeof(struct loss_args),
     .summary = "Points that expire and tiers that fall on coming days, if nothing more happens",
     .answer = "DepartureLosses"},
    {0},
};
