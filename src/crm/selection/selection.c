#include "selection.h"
#include "../../base/check.h"
#include "../customer/as_of.h"
#include "../customer/customer_view.h"
#include "../int_list.h"

const char *const selection_scopes[] = {"all", "mine", NULL};

static enum err by_query(struct request *r, const struct selection_args *args,
                         struct selection *ret)
{
    struct app *app = r->app;
    cleanup(as_of_done) struct as_of_use use = {0};
    struct audience_reader reader;
    struct audience_answer answer;
    struct audience_ask ask = {.viewer = customer_viewer(&r->caller, args->scope == 1),
                               .ids_only = true};
    struct int_list except = {0};

    enum err e =
        as_of_use(app->as_of, r->caller.merchant_id, args->as_of, r->arena, &use, &r->problem);
    if (e != OK)
        return e;
    audience_reader(&use.then, r->caller.staff_id, &reader);
    e = query_parse(r->arena, args->q, &reader.context, &ask.query, &r->problem);
    if (e != OK)
        r->problem.field = "q"; /* the parameter's name here */
    else
        e = audience_ask(use.then.audience, &ask, r->arena, &answer);
    if (e != OK)
        return e;
    for (size_t i = 0; i < args->except.n; i++)
        int_list_add(r->arena, &except, args->except.ids[i]);
    int_list_sort(&except);
    *ret = (struct selection){.ids = answer.ids};
    for (int64_t i = 0; i < answer.matching; i++)
        if (!except.n || !int_list_has(&except, answer.ids[i]))
            ret->ids[ret->n++] = answer.ids[i];
    return OK;
}

static enum err by_ids(struct request *r, const struct selection_args *args, struct selection *ret)
{
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    cleanup(arena_free) struct arena *scratch = arena_new();
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct int_list given = {0};
    struct audience_hit hit;

    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    for (size_t i = 0; i < args->ids.n; i++)
        int_list_add(r->arena, &given, args->ids.ids[i]);
    int_list_sort(&given);
    *ret = (struct selection){.ids = given.v};
    for (size_t i = 0; i < given.n; i++) {
        arena_reset(scratch);
        if (audience_get(use.audience, &viewer, given.v[i], scratch, &hit) == OK)
            ret->ids[ret->n++] = given.v[i];
    }
    ret->unseen = (int64_t)(given.n - ret->n);
    return OK;
}

enum err selection_resolve(struct request *r, const struct selection_args *args,
                           struct selection *ret)
{
    if (args->has_q == args->has_ids || (args->has_ids && args->except.n))
        return request_fail(r, ERR_INVALID, "selection_needed", "q", NULL);
    return args->has_q ? by_query(r, args, ret) : by_ids(r, args, ret);
}

/* ---- its sums: for the panel beside the list ---- */

struct sums_args {
    struct selection_args selection;
};
static const struct spec sums_spec[] = {SELECTION_SPECS(struct sums_args, selection), {0}};

struct sums {
    int64_t customers, visits, operations, spent_minor, phones, emails, blocked, favourites,
        consent[CHANNELS];
    int32_t last_visit_day; /* the latest */
};

static void add_up(struct sums *s, const struct audience_hit *h)
{
    s->customers++;
    s->visits += h->visits;
    s->operations += h->operations;
    s->spent_minor += h->spent_minor;
    s->phones += h->phone.n > 0;
    s->emails += h->email.n > 0;
    s->blocked += h->blocked;
    s->favourites += h->favourite;
    for (int i = 0; i < CHANNELS; i++)
        s->consent[i] += h->consent[i] == CONSENT_GRANTED;
    if (h->last_visit_day != DAY_NONE &&
        (s->last_visit_day == DAY_NONE || h->last_visit_day > s->last_visit_day))
        s->last_visit_day = h->last_visit_day;
}

static void sums_json(struct json *j, const struct sums *s)
{
    json_open(j);
    json_kv_int(j, "customers", s->customers);
    json_kv_int(j, "visits", s->visits);
    json_kv_int(j, "operations", s->operations);
    json_kv_int(j, "spent_minor", s->spent_minor);
    json_kv_day(j, "last_visit", s->last_visit_day);
    json_kv_int(j, "phones", s->phones);
    json_kv_int(j, "emails", s->emails);
    json_key(j, "consent");
    json_open(j);
    for (int i = 0; i < CHANNELS; i++)
        json_kv_int(j, channel_names[i], s->consent[i]);
    json_close(j);
    json_kv_int(j, "blocked", s->blocked);
    json_kv_int(j, "favourites", s->favourites);
    json_close(j);
}

static enum err sums_route(struct request *r)
{
    struct app *app = r->app;
    const struct sums_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    cleanup(arena_free) struct arena *scratch = arena_new();
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct selection chosen;
    struct sums sums = {.last_visit_day = DAY_NONE};
    struct audience_hit hit;

    enum err e = selection_resolve(r, &args->selection, &chosen);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    for (size_t i = 0; i < chosen.n; i++) {
        arena_reset(scratch);
        if (audience_get(use.audience, &viewer, chosen.ids[i], scratch, &hit) == OK)
            add_up(&sums, &hit);
    }
    sums_json(&r->json, &sums);
    return OK;
}

const struct http_route selection_routes[] = {
    {"POST", "/api/v1/customers/sums", PERM_CUSTOMERS_READ, sums_route, .body = sums_spec,
     .args_size = sizeof(struct sums_args), .body_max = SELECTION_BODY_MAX,
     .summary = "Sums over chosen customers", .answer = "SelectionSums"},
    {0},
};
