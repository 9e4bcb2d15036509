/* Routes of the certificates: of a customer, of the shop, of the till. A till takes every
 * certificate of the chain; whose it is it learns only where the caller may see the customer. */
#include "certificate_http.h"
#include "../../base/check.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../idempotency/idempotency.h"
#include "../qr/qr.h"
#include "../staff/staff.h"
#include "../store/store.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 100, PAGES_LOOKED = 20, CODE_MAX = 40 };

struct issue_args {
    int64_t type_id;
    struct str reason, message;
};
static const struct spec issue_spec[] = {
    {"type_id", SPEC_ID, offsetof(struct issue_args, type_id), .required = true},
    {"reason", SPEC_TEXT, offsetof(struct issue_args, reason), .max = CERTIFICATE_NOTE_MAX,
     .doc = "for the staff"},
    {"message", SPEC_TEXT, offsetof(struct issue_args, message), .max = CERTIFICATE_TEXT_MAX,
     .doc = "for the customer: kept with the certificate"},
    {0},
};
struct use_args {
    struct str code, note;
    int64_t amount_minor, store_id;
    bool has_amount;
};
#define AT(field) offsetof(struct use_args, field)
static const struct spec redeem_spec[] = {
    {"code", SPEC_TEXT, AT(code), .required = true, .max = CODE_MAX,
     .doc = "as typed or scanned: case, blanks, hyphens, O for 0 and I for 1 are forgiven"},
    {"amount_minor", SPEC_INT, AT(amount_minor), .min = 1, .max = CERTIFICATE_VALUE_MAX,
     .doc = "absent: all that is left"},
    {"note", SPEC_TEXT, AT(note), .max = CERTIFICATE_NOTE_MAX, .doc = "the till's invoice"},
    {"store_id", SPEC_ID, AT(store_id), .doc = "where"},
    {0},
};
static const struct spec code_spec[] = {
    {"code", SPEC_TEXT, AT(code), .required = true, .max = CODE_MAX},
    {0},
};
static const struct spec reason_spec[] = {
    {"reason", SPEC_TEXT, AT(note), .required = true, .max = CERTIFICATE_NOTE_MAX},
    {0},
};
struct list_args {
    struct str cursor;
    int64_t type, limit;
    int state;
};
static const struct spec list_spec[] = {
    {"state", SPEC_CHOICE, offsetof(struct list_args, state), .choices = certificate_states},
    {"type", SPEC_ID, offsetof(struct list_args, type)},
    {"cursor", SPEC_TEXT, offsetof(struct list_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {"limit", SPEC_INT, offsetof(struct list_args, limit), .min = 1, .max = PAGE_MAX,
     .doc = "50 by default"},
    {0},
};

struct certificate_call {
    struct request *r;
    struct certificate_actor who;
    struct certificate_issue how;
    struct certificate one;
    struct certificate_change *changes;
    size_t nchanges;
    struct str code, note;
    int64_t type_id, amount_minor;
    bool known; /* the caller sees the customer */
};

/* ---- who, when, where ---- */

struct place {
    int64_t merchant_id, store_id;
    struct arena *arena;
};

static enum err find_store(struct db_tx *tx, void *arg)
{
    struct place *p = arg;
    struct store s;
    return store_get(tx, p->merchant_id, p->store_id, p->arena, &s);
}

enum err certificate_actor_of(struct request *r, int64_t store_id, struct certificate_actor *ret)
{
    struct app *app = r->app;
    const struct caller *who = &r->caller;
    struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, who->merchant_id, &use);
    if (e != OK)
        return e;
    *ret = (struct certificate_actor){
        .by = audit_by_request(r), .today = use.today, .arena = r->arena};
    audiences_done(&use); /* nobody waits for a commit with an audience in hand */
    ret->store_id = store_id ? store_id : who->nstores == 1 ? who->stores[0] : 0;
    if (store_id == 0)
        return OK;
    bool theirs = who->sees_chain;
    for (size_t i = 0; i < who->nstores; i++)
        theirs = theirs || who->stores[i] == store_id;
    struct place p = {who->merchant_id, store_id, r->arena};
    e = theirs ? db_read(app->db, find_store, &p) : ERR_NOT_FOUND;
    return e == ERR_NOT_FOUND ? request_fail(r, ERR_INVALID, "certificate_store", "store_id", NULL)
                              : e;
}

static enum err begin(struct request *r, int64_t store_id, struct certificate_call *c)
{
    *c = (struct certificate_call){.r = r};
    return certificate_actor_of(r, store_id, &c->who);
}

/* ---- answers ---- */

static void certificate_json(struct request *r, const struct certificate *c, bool known)
{
    struct json *j = &r->json;
    json_open(j);
    json_kv_id(j, "id", c->id);
    json_kv_cstr(j, "code", code_shown(r->arena, c->code));
    json_kv_cstr(j, "state", certificate_states[c->state]);
    json_kv_cstr(j, "kind", certificate_kinds[c->kind]);
    json_kv_int(j, "value_minor", c->value_minor);
    json_kv_int(j, "left_minor", c->left_minor);
    json_kv_text(j, "gift", c->gift);
    json_kv_bool(j, "partial", c->partial);
    json_kv_id(j, "type_id", c->type_id);
    json_kv_text(j, "type", c->type_name);
    json_kv_text(j, "description", c->description);
    json_key(j, "customer");
    if (known) {
        json_open(j);
        json_kv_id(j, "id", c->customer_id);
        json_kv_int(j, "number", c->customer_number);
        json_kv_text(j, "name", c->customer_name);
        json_close(j);
    } else {
        json_nil(j);
    }
    json_kv_day(j, "valid_until", c->valid_until);
    json_kv_instant(j, "issued_at", c->issued_us);
    json_kv_text(j, "origin", c->origin);
    customer_text_json(j, "staff", c->staff_name);
    json_kv_text(j, "reason", c->reason);
    json_kv_text(j, "message", c->message);
    json_kv_int(j, "version", c->version);
    json_close(j);
}

static void change_json(struct json *j, const struct certificate_change *c)
{
    json_open(j);
    json_kv_text(j, "kind", c->kind);
    json_kv_int(j, "amount_minor", c->amount_minor);
    json_kv_instant(j, "at", c->at_us);
    customer_text_json(j, "store", c->store);
    customer_text_json(j, "staff", c->staff_name);
    json_kv_text(j, "note", c->note);
    json_close(j);
}

/* What nobody's name stands on any more is for those who see the whole chain. */
static bool told(const struct request *r, const struct certificate *c, bool known)
{
    return known || (r->caller.sees_chain && c->customer_id == 0);
}

/* May the caller see the customer? */
static enum err look(struct request *r, const struct audience_use *use, int64_t customer_id,
                     bool *ret_known)
{
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    struct audience_hit hit;
    enum err e = customer_id ? audience_get(use->audience, &viewer, customer_id, r->arena, &hit)
                             : ERR_NOT_FOUND;
    *ret_known = e == OK;
    return e == ERR_NOT_FOUND ? OK : e;
}

/* The certificate, and whether its customer is told. */
static enum err read_known(struct certificate_call *c, db_fn read)
{
    struct app *app = c->r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = db_read(app->db, read, c);
    if (e == OK)
        e = audiences_use(app->audiences, c->r->caller.merchant_id, &use);
    return e == OK ? look(c->r, &use, c->one.customer_id, &c->known) : e;
}

/* With what was done with it, and the picture that a scanner reads. */
static enum err detail_json(struct request *r, void *arg)
{
    struct certificate_call *c = arg;
    struct json *j = &r->json;
    r->etag = arena_printf(r->arena, "%lld", (long long)c->one.version);
    json_open(j);
    json_key(j, "certificate");
    certificate_json(r, &c->one, c->known);
    json_key(j, "changes");
    json_list(j);
    for (size_t i = 0; i < c->nchanges; i++)
        change_json(j, &c->changes[i]);
    json_end(j);
    json_key(j, "picture");
    enum err e = qr_json(j, arena_cstr(r->arena, c->one.code));
    json_close(j);
    return e;
}

/* ---- one ---- */

/* `one` as it is now, with its changes. */
static enum err read_whole(struct db_tx *tx, struct certificate_call *c, int64_t id)
{
    struct request *r = c->r;
    int64_t merchant_id = r->caller.merchant_id;
    enum err e = certificate_get(tx, merchant_id, id, c->who.today, r->arena, &c->one);
    return e == OK ? certificate_changes(tx, merchant_id, id, r->arena, &c->changes, &c->nchanges)
                   : e;
}

static enum err read_by_id(struct db_tx *tx, void *arg)
{
    struct certificate_call *c = arg;
    return read_whole(tx, c, c->r->ids[0]);
}

static enum err find_by_code(struct db_tx *tx, struct certificate_call *c)
{
    return certificate_by_code(tx, c->r->caller.merchant_id, c->code, c->who.today, c->r->arena,
                               &c->one, &c->r->problem);
}

static enum err read_by_code(struct db_tx *tx, void *arg)
{
    struct certificate_call *c = arg;
    enum err e = find_by_code(tx, c);
    return e == OK ? read_whole(tx, c, c->one.id) : e;
}

/* Of a customer whom the caller does not see it is not there; the till knows it by its code. */
static enum err read_seen(struct certificate_call *c)
{
    enum err e = read_known(c, read_by_id);
    return e == OK && !told(c->r, &c->one, c->known) ? ERR_NOT_FOUND : e;
}

static enum err get_route(struct request *r)
{
    struct certificate_call c;
    enum err e = begin(r, 0, &c);
    if (e == OK)
        e = read_seen(&c);
    return e == OK ? detail_json(r, &c) : e;
}

static enum err by_code_route(struct request *r)
{
    const struct use_args *args = r->args;
    struct certificate_call c;
    enum err e = begin(r, 0, &c);
    c.code = args->code;
    if (e == OK)
        e = read_known(&c, read_by_code);
    return e == OK ? detail_json(r, &c) : e;
}

/* ---- lists ---- */

struct listing {
    struct request *r;
    struct certificate_filter filter;
    struct certificate *page;
    size_t n;
};

static enum err read_page(struct db_tx *tx, void *arg)
{
    struct listing *l = arg;
    return certificate_list(tx, l->r->caller.merchant_id, &l->filter, l->r->arena, l->page, &l->n);
}

/* Passes over those of customers whom the caller does not see, PAGES_LOOKED pages at most: then the
 * page is short, and its cursor goes on. */
static enum err list_json(struct listing *l, const struct audience_use *use, struct str scope)
{
    struct request *r = l->r;
    const struct app *app = r->app;
    struct json *j = &r->json;
    size_t limit = (size_t)l->filter.limit, given = 0;
    bool more = true;
    enum err e = OK;
    l->page = arena_array(r->arena, struct certificate, limit + 1);
    l->filter.limit++; /* one more says that there are more */
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (int looked = 0; e == OK && more && given < limit && looked < PAGES_LOOKED; looked++) {
        size_t i = 0;
        e = db_read(app->db, read_page, l);
        for (; e == OK && i < l->n && i < limit && given < limit; i++) {
            bool known;
            l->filter.below = l->page[i].id;
            e = look(r, use, l->page[i].customer_id, &known);
            if (e != OK || !told(r, &l->page[i], known))
                continue;
            certificate_json(r, &l->page[i], known);
            given++;
        }
        more = i < l->n;
    }
    json_end(j);
    json_kv_cstr(j, "next", more ? cursor_make(r->arena, scope, &l->filter.below, 1) : NULL);
    json_kv_day(j, "today", l->filter.today);
    json_close(j);
    return e;
}

static enum err list_of(struct request *r, const struct audience_use *use, int64_t customer_id)
{
    const struct list_args *args = r->args;
    struct listing l = {.r = r,
                        .filter = {.customer_id = customer_id,
                                   .type_id = args->type,
                                   .state = args->state,
                                   .below = INT64_MAX,
                                   .limit = args->limit ? args->limit : PAGE_DEFAULT,
                                   .today = use->today}};
    struct str scope = str_c(arena_printf(r->arena, "certificates %lld %lld %lld %d %d",
                                          (long long)r->caller.merchant_id, (long long)customer_id,
                                          (long long)args->type, args->state, use->today));
    if (args->cursor.n && !cursor_read(args->cursor, scope, &l.filter.below, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    return list_json(&l, use, scope);
}

static enum err list_route(struct request *r)
{
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &use);
    return e == OK ? list_of(r, &use, 0) : e;
}

static enum err card_route(struct request *r)
{
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    enum err e = customer_seen(r, &use, &hit);
    return e == OK ? list_of(r, &use, r->ids[0]) : e;
}

/* ---- issuing, using ---- */

static enum err issue(struct db_tx *tx, void *arg)
{
    struct certificate_call *c = arg;
    struct request *r = c->r;
    int64_t id;
    enum err e = certificate_issue(tx, r->caller.merchant_id, c->type_id, r->ids[0], &c->how,
                                   &c->who, &id, &r->problem);
    return e == OK ? read_whole(tx, c, id) : e;
}

static enum err issue_route(struct request *r)
{
    const struct issue_args *args = r->args;
    struct certificate_call c;
    enum err e = customer_allowed(r, NULL);
    if (e != OK)
        return e;
    e = begin(r, 0, &c);
    c.known = true;
    c.type_id = args->type_id;
    c.how = (struct certificate_issue){
        .origin = "staff", .reason = args->reason, .message = args->message};
    return e == OK ? idempotent_write(r, issue, &c, detail_json) : e;
}

static enum err redeem(struct db_tx *tx, void *arg)
{
    struct certificate_call *c = arg;
    struct request *r = c->r;
    enum err e = find_by_code(tx, c);
    if (e == OK)
        e = certificate_redeem(tx, r->caller.merchant_id, c->one.id, c->amount_minor, c->note,
                               &c->who, &c->one, &r->problem);
    return e == OK ? read_whole(tx, c, c->one.id) : e;
}

static enum err redeem_route(struct request *r)
{
    const struct use_args *args = r->args;
    struct certificate_call c;
    enum err e = begin(r, args->store_id, &c);
    c.code = args->code;
    c.note = args->note;
    c.amount_minor = args->amount_minor;
    if (e == OK)
        e = read_known(&c, read_by_code);
    return e == OK ? idempotent_write(r, redeem, &c, detail_json) : e;
}

static enum err void_it(struct db_tx *tx, void *arg)
{
    struct certificate_call *c = arg;
    struct request *r = c->r;
    enum err e = certificate_void(tx, r->caller.merchant_id, r->ids[0], c->note, &c->who, &c->one,
                                  &r->problem);
    return e == OK ? read_by_id(tx, c) : e;
}

static enum err take_back(struct db_tx *tx, void *arg)
{
    struct certificate_call *c = arg;
    struct request *r = c->r;
    enum err e = certificate_take_back(tx, r->caller.merchant_id, r->ids[0], c->note, &c->who,
                                       &c->one, &r->problem);
    return e == OK ? read_by_id(tx, c) : e;
}

static enum err change(struct request *r, db_fn fn)
{
    const struct use_args *args = r->args;
    struct certificate_call c;
    enum err e = begin(r, 0, &c);
    c.note = args->note;
    if (e == OK)
        e = read_seen(&c);
    return e == OK ? idempotent_write(r, fn, &c, detail_json) : e;
}

static enum err void_route(struct request *r)
{
    return change(r, void_it);
}

static enum err take_back_route(struct request *r)
{
    return change(r, take_back);
}

const struct http_route certificate_routes[] = {
    {"GET", "/api/v1/certificates", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args),
     .summary = "The certificates of the customers the caller may see, the latest first",
     .answer = "CertificateList"},
    {"GET", "/api/v1/certificates/by-code", PERM_CUSTOMERS_READ, by_code_route, .query = code_spec,
     .args_size = sizeof(struct use_args),
     .summary = "The certificate with this code, for the till; changes nothing",
     .answer = "CertificateDetail"},
    {"POST", "/api/v1/certificates/redeem", PERM_CUSTOMERS_WRITE, redeem_route, .body = redeem_spec,
     .args_size = sizeof(struct use_args), .idempotent = true,
     .summary = "Redeems a certificate by its code, whole or in part",
     .answer = "CertificateDetail"},
    {"GET", "/api/v1/certificates/{id}", PERM_CUSTOMERS_READ, get_route,
     .summary = "One certificate, with what was done with it", .answer = "CertificateDetail"},
    {"POST", "/api/v1/certificates/{id}/void", PERM_LOYALTY, void_route, .body = reason_spec,
     .args_size = sizeof(struct use_args), .confirm_password = true, .idempotent = true,
     .summary = "Makes a certificate worthless", .answer = "CertificateDetail"},
    {"POST", "/api/v1/certificates/{id}/take-back", PERM_LOYALTY, take_back_route,
     .body = reason_spec, .args_size = sizeof(struct use_args), .confirm_password = true,
     .idempotent = true, .summary = "Takes back the latest redemption or voiding",
     .answer = "CertificateDetail"},
    {"GET", "/api/v1/customers/{id}/certificates", PERM_CUSTOMERS_READ, card_route,
     .query = list_spec, .args_size = sizeof(struct list_args),
     .summary = "A customer's certificates, the latest first", .answer = "CertificateList"},
    {"POST", "/api/v1/customers/{id}/certificates", PERM_CUSTOMERS_WRITE, issue_route,
     .body = issue_spec, .args_size = sizeof(struct issue_args), .confirm_password = true,
     .idempotent = true, .summary = "Issues a certificate to the customer",
     .answer = "CertificateDetail", .status = 201},
    {0},
};
