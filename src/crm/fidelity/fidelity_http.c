/* Routes of the fidelity cards: of a customer, by number (tills, scanners), many to print. */
#include "../../base/check.h"
#include "../customer/customer_view.h"
#include "../qr/qr.h"
#include "fidelity.h"

struct card_call {
    struct request *r;
    int32_t today;
    const int64_t *ids; /* whose cards */
    size_t n;
    struct fidelity_card *cards, *former;
    size_t nformer;
    int64_t found;
};

/* The secret is made when somebody first asks. */
static enum err prepare(struct db_tx *tx, void *arg)
{
    const struct card_call *c = arg;
    return fidelity_prepare(tx, c->r->caller.merchant_id);
}

static enum err read_cards(struct db_tx *tx, void *arg)
{
    struct card_call *c = arg;
    enum err e = OK;
    for (size_t i = 0; e == OK && i < c->n; i++)
        e = fidelity_of(tx, c->r->caller.merchant_id, c->ids[i], &c->cards[i]);
    if (e == OK && c->former)
        e = fidelity_former(tx, c->r->caller.merchant_id, c->ids[0], c->r->arena, c->former,
                            &c->nformer);
    return e;
}

static enum err read_prepared(struct card_call *c)
{
    const struct app *app = c->r->app;
    enum err e = db_read(app->db, read_cards, c);
    if (e != ERR_NOT_FOUND)
        return e;
    e = db_write(app->db, prepare, c);
    return e == OK ? db_read(app->db, read_cards, c) : e;
}

/* ---- answers ---- */

static const char *digits_of(struct arena *a, int64_t number)
{
    return arena_printf(a, "%013lld", (long long)number);
}

static enum err pictures_json(struct request *r, const struct fidelity_card *card)
{
    json_kv_cstr(&r->json, "number", digits_of(r->arena, card->number));
    json_key(&r->json, "qr");
    enum err e = qr_json(&r->json, digits_of(r->arena, card->number));
    if (e != OK)
        return e;
    json_key(&r->json, "bars");
    return fidelity_bars_json(&r->json, card->number);
}

static enum err card_json(struct card_call *c)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    json_open(j);
    enum err e = pictures_json(r, &c->cards[0]);
    if (e != OK)
        return e;
    json_kv_instant(j, "issued_at", c->cards[0].issued_us);
    json_key(j, "former");
    json_list(j);
    for (size_t i = 0; i < c->nformer; i++) {
        json_open(j);
        json_kv_cstr(j, "number", digits_of(r->arena, c->former[i].number));
        json_kv_instant(j, "lost_at", c->former[i].lost_us);
        customer_text_json(j, "reason", c->former[i].reason);
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return OK;
}

static enum err begin(struct request *r, struct card_call *c)
{
    struct audience_use use = {0};
    struct audience_hit hit;
    enum err e = customer_seen(r, &use, &hit);
    if (e != OK)
        return e;
    *c = (struct card_call){.r = r,
                            .today = use.today,
                            .ids = r->ids,
                            .n = 1,
                            .cards = arena_make(r->arena, struct fidelity_card),
                            .former =
                                arena_array(r->arena, struct fidelity_card, FIDELITY_REISSUES_MAX)};
    audiences_done(&use); /* nobody waits for a commit with an audience in hand */
    return OK;
}

static enum err get_route(struct request *r)
{
    struct card_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = read_prepared(&c);
    return e == OK ? card_json(&c) : e;
}

/* ---- another card ---- */

struct reissue_args {
    struct str reason;
};
static const struct spec reissue_spec[] = {
    {"reason", SPEC_TEXT, offsetof(struct reissue_args, reason), .max = FIDELITY_REASON_MAX},
    {0},
};

static enum err reissue(struct db_tx *tx, void *arg)
{
    struct card_call *c = arg;
    struct request *r = c->r;
    const struct reissue_args *args = r->args;
    const struct audit_actor by = audit_by_request(r);
    enum err e = fidelity_reissue(tx, r->caller.merchant_id, r->ids[0], c->today, args->reason, &by,
                                  r->arena, &r->problem);
    return e == OK ? read_cards(tx, c) : e;
}

static enum err reissue_route(struct request *r)
{
    const struct app *app = r->app;
    struct card_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_write(app->db, reissue, &c);
    return e == OK ? card_json(&c) : e;
}

/* ---- by number ---- */

static enum err find(struct db_tx *tx, void *arg)
{
    struct card_call *c = arg;
    struct request *r = c->r;
    return fidelity_find(tx, r->caller.merchant_id, r->ids[0], r->arena, &c->found, &r->problem);
}

static enum err number_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct card_call c = {.r = r};
    int64_t number = r->ids[0];
    enum err e = db_read(app->db, find, &c);
    if (e != OK)
        return e;
    r->ids[0] = c.found;
    e = customer_seen(r, &use, &hit);
    if (e == OK)
        e = customer_photos(r->app, r->caller.merchant_id, &hit, 1);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_cstr(&r->json, "number", digits_of(r->arena, number));
    json_key(&r->json, "customer");
    customer_row_json(&r->json, &use, &hit);
    json_close(&r->json);
    return OK;
}

/* ---- many to print ---- */

struct sheet_args {
    struct spec_ids customers;
};
static const struct spec sheet_spec[] = {
    {"customers", SPEC_IDS, offsetof(struct sheet_args, customers), .required = true, .min = 1,
     .max = FIDELITY_SHEET_MAX},
    {0},
};

static enum err sheet_json(struct card_call *c, const struct audience_hit *hits)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    enum err e = OK;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; e == OK && i < c->n; i++) {
        json_open(j);
        json_kv_id(j, "customer_id", hits[i].id);
        customer_name_json(j, &hits[i]);
        json_kv_int(j, "customer_number", hits[i].number);
        e = pictures_json(r, &c->cards[i]);
        if (e == OK)
            json_close(j);
    }
    if (e != OK)
        return e;
    json_end(j);
    json_close(j);
    return OK;
}

static enum err sheet_route(struct request *r)
{
    struct app *app = r->app;
    const struct sheet_args *args = r->args;
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct audience_use use = {0};
    size_t n = args->customers.n;
    struct audience_hit *hits = arena_array(r->arena, struct audience_hit, n + 1);
    struct card_call c = {.r = r,
                          .ids = args->customers.ids,
                          .n = n,
                          .cards = arena_array(r->arena, struct fidelity_card, n + 1)};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    for (size_t i = 0; e == OK && i < n; i++)
        e = audience_get(use.audience, &viewer, c.ids[i], r->arena, &hits[i]);
    audiences_done(&use); /* nobody waits for a commit with an audience in hand */
    if (e == ERR_NOT_FOUND)
        return request_fail(r, e, "not_found", NULL, NULL);
    if (e == OK)
        e = read_prepared(&c);
    return e == OK ? sheet_json(&c, hits) : e;
}

const struct http_route fidelity_routes[] = {
    {"GET", "/api/v1/cards/{id}", PERM_CUSTOMERS_READ, number_route,
     .summary = "Whose fidelity card that number is: for tills and scanners",
     .answer = "CardFound"},
    {"POST", "/api/v1/cards/sheet", PERM_CUSTOMERS_READ, sheet_route, .body = sheet_spec,
     .args_size = sizeof(struct sheet_args), .summary = "Fidelity cards to print",
     .answer = "CardSheet"},
    {"GET", "/api/v1/customers/{id}/card", PERM_CUSTOMERS_READ, get_route,
     .summary = "A customer's fidelity card: number, QR code, bar code", .answer = "FidelityCard"},
    {"POST", "/api/v1/customers/{id}/card", PERM_CUSTOMERS_WRITE, reissue_route,
     .body = reissue_spec, .args_size = sizeof(struct reissue_args), .confirm_password = true,
     .summary = "Takes a lost card out and gives another one", .answer = "FidelityCard",
     .status = 201},
    {0},
};
