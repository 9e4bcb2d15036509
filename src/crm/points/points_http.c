/* Routes of the ledger: credit and debit, the entries, taking one back; what points promise, what
 * the merchant owes. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../change/change.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../idempotency/idempotency.h"
#include "../store/store.h"
#include "points.h"

enum { LATEST = 30, LIMIT_DEFAULT = 50, LIMIT_MAX = 200 };

struct post_args {
    int64_t amount, store_id;
    struct str reason, message;
};
struct list_args {
    struct str cursor;
    int64_t limit; /* 0 = absent */
    int kind;      /* -1 absent; a points_kind or a points_only */
};
struct balance_args {
    int32_t day;
};
#define AT(field) offsetof(struct post_args, field)
static const struct spec post_spec[] = {
    {"amount", SPEC_INT, AT(amount), .required = true, .min = -POINTS_AMOUNT_MAX,
     .max = POINTS_AMOUNT_MAX, .doc = "more than 0 credits, less takes off; not 0"},
    {"reason", SPEC_TEXT, AT(reason), .max = POINTS_REASON_MAX, .doc = "for the staff"},
    {"message", SPEC_TEXT, AT(message), .max = POINTS_MESSAGE_MAX,
     .doc = "to the customer: kept with the entry, not sent yet"},
    {"store_id", SPEC_ID, AT(store_id), .doc = "absent: the caller's only store, or none"},
    {0},
};
static const struct spec back_spec[] = {
    {"reason", SPEC_TEXT, AT(reason), .max = POINTS_REASON_MAX},
    {"message", SPEC_TEXT, AT(message), .max = POINTS_MESSAGE_MAX},
    {0},
};
static const char *const list_kinds[POINTS_ALL + 1] = {
    POINTS_KIND_NAMES, [POINTS_CAME] = "credits", [POINTS_WENT] = "debits"};
static const struct spec list_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {"limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = LIMIT_MAX,
     .doc = "50 by default"},
    {"kind", SPEC_CHOICE, offsetof(struct list_args, kind), .choices = list_kinds,
     .doc = "only these; credits: whatever came, debits: whatever went"},
    {0},
};
static const struct spec balance_spec[] = {
    {"day", SPEC_DAY, offsetof(struct balance_args, day), .doc = "today by default"},
    {0},
};

/* ---- telling ---- */

static void entry_json(struct json *j, const struct points_entry *e, struct str store)
{
    json_open(j);
    json_kv_id(j, "id", e->id);
    json_kv_id(j, "customer_id", e->customer_id);
    json_kv_int(j, "amount", e->amount);
    json_kv_int(j, "balance", e->total);
    json_kv_cstr(j, "kind", points_kinds[e->kind]);
    json_kv_text(j, "reason", e->reason);
    json_kv_text(j, "message", e->message);
    customer_text_json(j, "store", store);
    customer_text_json(j, "staff", e->staff_name);
    json_kv_id(j, "transaction_id", e->transaction_id);
    json_kv_id(j, "cites_id", e->cites_id);
    json_kv_day(j, "day", e->day);
    json_kv_instant(j, "at", e->at_us);
    json_kv_day(j, "expires", e->expires_day == POINTS_NEVER ? DAY_NONE : e->expires_day);
    json_kv_day(j, "usable_from", e->usable_day);
    json_kv_bool(j, "reversed", e->reversed);
    json_close(j);
}

static void balance_json(struct json *j, const struct points_balance *b)
{
    json_open(j);
    json_kv_int(j, "total", b->total);
    json_kv_int(j, "usable", b->usable);
    json_kv_int(j, "locked", b->locked);
    json_kv_day(j, "unlocking_on", b->unlocking_day);
    json_kv_int(j, "expiring", b->expiring);
    json_kv_day(j, "expiring_on", b->expiring_day);
    json_close(j);
}

/* ---- posting ---- */

struct points_call {
    struct request *r;
    int32_t today;
    int64_t store_id;
    struct str store_name;
    struct points_entry made;
    struct points_balance balance;
};

/* Sees the caller the customer? Then it begins, with the merchant's today. */
static enum err begin(struct request *r, struct points_call *c)
{
    int32_t today;
    enum err e = customer_allowed(r, &today);
    if (e == OK)
        *c = (struct points_call){.r = r, .today = today};
    return e;
}

/* Where it was done: one of the caller's stores where they see no other. */
static enum err find_store(struct db_tx *tx, struct points_call *c, int64_t asked)
{
    struct request *r = c->r;
    const struct caller *who = &r->caller;
    struct store store;
    bool own = who->sees_chain;
    c->store_id = asked ? asked : who->nstores == 1 ? who->stores[0] : 0;
    c->store_name = STR("");
    if (c->store_id == 0)
        return OK;
    for (size_t i = 0; i < who->nstores; i++)
        own |= who->stores[i] == c->store_id;
    enum err e = store_get(tx, who->merchant_id, c->store_id, r->arena, &store);
    if (e == ERR_NOT_FOUND)
        return request_fail(r, ERR_INVALID, "profile_store_unknown", "store_id", NULL);
    if (e == OK && !own)
        return request_fail(r, ERR_INVALID, "profile_store_not_yours", "store_id", NULL);
    if (e == OK)
        c->store_name = str_c(store.name);
    return e;
}

/* Unique for ever, longer than the answer is kept. */
static const char *ledger_key(struct request *r)
{
    return arena_printf(r->arena, "api:%s", r->idempotency);
}

static enum err finish(struct db_tx *tx, struct points_call *c)
{
    struct request *r = c->r;
    int64_t merchant_id = r->caller.merchant_id, id = c->made.customer_id;
    c->made.staff_name = str_c(r->caller.name);
    enum err e = points_balance(tx, merchant_id, id, c->today, &c->balance);
    return e == OK && !c->made.held_id ? change_note(tx, merchant_id, "customer", &id, 1) : e;
}

static enum err write_post(struct db_tx *tx, void *arg)
{
    struct points_call *c = arg;
    struct request *r = c->r;
    const struct post_args *args = r->args;
    const struct audit_actor by = audit_by_request(r);
    enum err e = find_store(tx, c, args->store_id);
    if (e != OK)
        return e;
    const struct points_new what = {.customer_id = r->ids[0],
                                    .amount = args->amount,
                                    .kind = args->amount > 0 ? POINTS_CREDIT : POINTS_DEBIT,
                                    .reason = args->reason,
                                    .message = args->message,
                                    .store_id = c->store_id,
                                    .day = c->today,
                                    .today = c->today,
                                    .idempotency = ledger_key(r),
                                    .by = &by,
                                    .origin = "staff"};
    e = points_post(tx, r->caller.merchant_id, &what, r->arena, &c->made, &r->problem);
    return e == OK ? finish(tx, c) : e;
}

static enum err posted_json(struct request *r, void *arg)
{
    const struct points_call *c = arg;
    json_open(&r->json);
    json_key(&r->json, "entry");
    if (c->made.held_id)
        json_nil(&r->json);
    else
        entry_json(&r->json, &c->made, c->store_name);
    json_kv_id(&r->json, "request_id", c->made.held_id);
    json_key(&r->json, "balance");
    balance_json(&r->json, &c->balance);
    json_close(&r->json);
    return OK;
}

static enum err post_route(struct request *r)
{
    struct points_call c;
    enum err e = begin(r, &c);
    return e == OK ? idempotent_write(r, write_post, &c, posted_json) : e;
}

static enum err write_back(struct db_tx *tx, void *arg)
{
    struct points_call *c = arg;
    struct request *r = c->r;
    const struct post_args *args = r->args;
    const struct audit_actor by = audit_by_request(r);
    struct points_entry entry;
    const struct points_back what = {.entry_id = r->ids[1],
                                     .reason = args->reason,
                                     .message = args->message,
                                     .today = c->today,
                                     .idempotency = ledger_key(r),
                                     .by = &by,
                                     .origin = "staff"};
    c->store_name = STR("");
    enum err e = points_get(tx, r->caller.merchant_id, r->ids[1], r->arena, &entry);
    if (e == ERR_NOT_FOUND || (e == OK && entry.customer_id != r->ids[0]))
        return request_fail(r, ERR_NOT_FOUND, "not_found", NULL, NULL);
    if (e == OK)
        e = points_reverse(tx, r->caller.merchant_id, &what, r->arena, &c->made, &r->problem);
    return e == OK ? finish(tx, c) : e;
}

static enum err reverse_route(struct request *r)
{
    struct points_call c;
    enum err e = begin(r, &c);
    return e == OK ? idempotent_write(r, write_back, &c, posted_json) : e;
}

/* ---- the entries ---- */

struct listing {
    struct request *r;
    int32_t today, day;
    int64_t before, limit, total;
    int only; /* as points_list() takes it */
    struct points_entry items[LIMIT_MAX + 1];
    size_t n;
    struct points_balance balance;
};

static enum err read_list(struct db_tx *tx, void *arg)
{
    struct listing *l = arg;
    struct request *r = l->r;
    int64_t merchant_id = r->caller.merchant_id, id = r->ids[0];
    enum err e = points_balance(tx, merchant_id, id, l->today, &l->balance);
    return e == OK ? points_list(tx, merchant_id, id, l->only, l->before, l->limit + 1, r->arena,
                                 l->items, &l->n)
                   : e;
}

static void list_json(struct listing *l, const struct audience_use *use, struct str scope)
{
    struct json *j = &l->r->json;
    bool more = l->n > (size_t)l->limit;
    size_t shown = more ? (size_t)l->limit : l->n;
    json_open(j);
    json_key(j, "balance");
    balance_json(j, &l->balance);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < shown; i++)
        entry_json(j, &l->items[i], audience_use_name(use, WORD_STORE, l->items[i].store_id));
    json_end(j);
    json_kv_cstr(j, "next",
                 more ? cursor_make(l->r->arena, scope, &l->items[shown - 1].id, 1) : NULL);
    json_close(j);
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    const struct list_args *args = r->args;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct listing *l = arena_make(r->arena, struct listing);
    enum err e = customer_seen(r, &use, &hit);
    if (e != OK)
        return e;
    struct str scope =
        str_c(arena_printf(r->arena, "points %lld %lld %d", (long long)r->caller.merchant_id,
                           (long long)r->ids[0], args->kind));
    *l = (struct listing){.r = r,
                          .today = use.today,
                          .before = INT64_MAX,
                          .limit = args->limit ? args->limit : LIMIT_DEFAULT,
                          .only = args->kind < 0 ? POINTS_ALL : args->kind};
    if (args->cursor.n && !cursor_read(args->cursor, scope, &l->before, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    e = db_read(app->db, read_list, l);
    if (e == OK)
        list_json(l, &use, scope);
    return e;
}

/* ---- the latest of all customers ---- */

static enum err read_latest(struct db_tx *tx, void *arg)
{
    struct listing *l = arg;
    return points_latest(tx, l->r->caller.merchant_id, l->limit, l->r->arena, l->items, &l->n);
}

/* Of customers whom the caller may see; the erased and deleted ones are passed over. */
static enum err latest_route(struct request *r)
{
    const struct app *app = r->app;
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    cleanup(audiences_done) struct audience_use use = {0};
    struct listing *l = arena_make(r->arena, struct listing);
    struct json *j = &r->json;
    l->r = r;
    l->limit = LATEST;
    enum err e = db_read(app->db, read_latest, l);
    if (e == OK)
        e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    if (e != OK)
        return e;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < l->n; i++) {
        struct audience_hit hit;
        if (audience_get(use.audience, &viewer, l->items[i].customer_id, r->arena, &hit) != OK)
            continue;
        json_open(j);
        json_key(j, "entry");
        entry_json(j, &l->items[i], audience_use_name(&use, WORD_STORE, l->items[i].store_id));
        json_kv_int(j, "number", hit.number);
        customer_name_json(j, &hit);
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return OK;
}

static enum err read_total(struct db_tx *tx, void *arg)
{
    struct listing *l = arg;
    return points_balance_on(tx, l->r->caller.merchant_id, l->r->ids[0], l->day, &l->total);
}

static enum err balance_route(struct request *r)
{
    const struct app *app = r->app;
    const struct balance_args *args = r->args;
    struct points_call c;
    struct listing *l = arena_make(r->arena, struct listing);
    enum err e = begin(r, &c);
    if (e != OK)
        return e;
    l->r = r;
    l->day = args->day == DAY_NONE ? c.today : args->day;
    e = db_read(app->db, read_total, l);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_day(&r->json, "day", l->day);
    json_kv_int(&r->json, "total", l->total);
    json_close(&r->json);
    return OK;
}

const struct http_route points_routes[] = {
    {"POST", "/api/v1/customers/{id}/points", PERM_POINTS, post_route, .body = post_spec,
     .args_size = sizeof(struct post_args), .confirm_password = true, .idempotent = true,
     .summary = "Credits points, or takes them off; a credit above the limit waits for a second"
                " person",
     .answer = "PointsPosted", .status = 201},
    {"POST", "/api/v1/customers/{id}/points/{id}/reverse", PERM_POINTS, reverse_route,
     .body = back_spec, .args_size = sizeof(struct post_args), .confirm_password = true,
     .idempotent = true, .summary = "Takes an entry back, once", .answer = "PointsPosted",
     .status = 201},
    {"GET", "/api/v1/customers/{id}/points", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "A customer's balance and entries, newest first", .answer = "PointsList"},
    {"GET", "/api/v1/points/latest", PERM_LOYALTY, latest_route,
     .summary = "The latest entries of all customers, newest first", .answer = "PointsLatest"},
    {"GET", "/api/v1/customers/{id}/points/balance", PERM_CUSTOMERS_READ, balance_route,
     .query = balance_spec, .args_size = sizeof(struct balance_args),
     .summary = "What a customer had at the end of a day", .answer = "PointsOnDay"},
    {0},
};
