/* GET /departures: counts per day, and the list of the days. */
#include "departure.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../customer/customer_view.h"
#include "../staff/staff.h"

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

const struct http_route departure_routes[] = {
    {"GET", "/api/v1/departures", PERM_CUSTOMERS_READ, departures_route, .query = departure_spec,
     .args_size = sizeof(struct departure_args),
     .summary = "Who turns at risk on which coming day, if they do not come",
     .answer = "Departures"},
    {0},
};
