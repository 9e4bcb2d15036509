/* Routes of the pictures of signed papers. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../photo/image_upload.h"
#include "consent_http.h"
#include "consent_sql.h"

struct evidence_call {
    struct request *r;
    struct audit_actor by;
    struct str jpeg;
};

/* Of a customer whom the caller sees. */
static enum err begin(struct request *r, struct evidence_call *c)
{
    *c = (struct evidence_call){.r = r, .by = audit_by_request(r)};
    return customer_allowed(r, NULL);
}

static enum err write_evidence(struct db_tx *tx, void *arg)
{
    struct evidence_call *c = arg;
    return consent_evidence_add(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->ids[1], c->jpeg,
                                now_us(), &c->by, &c->r->problem);
}

static enum err add_route(struct request *r)
{
    const struct app *app = r->app;
    struct buf body cleanup(buf_free) = {0};
    struct evidence_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = image_upload(r, &body);
    if (e == OK)
        e = image_page(r->arena, buf_str(&body), &c.jpeg, &r->problem);
    if (e == OK)
        e = db_write(app->db, write_evidence, &c);
    return e == OK ? consent_history_answer(r) : e;
}

static enum err write_none(struct db_tx *tx, void *arg)
{
    struct evidence_call *c = arg;
    return consent_evidence_remove(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->ids[1],
                                   &c->by);
}

static enum err remove_route(struct request *r)
{
    const struct app *app = r->app;
    struct evidence_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_write(app->db, write_none, &c);
    return e == OK ? consent_history_answer(r) : e;
}

static enum err read_evidence(struct db_tx *tx, void *arg)
{
    struct evidence_call *c = arg;
    return consent_evidence_get(tx, c->r->caller.merchant_id, c->r->ids[0], c->r->ids[1],
                                c->r->arena, &c->jpeg);
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct evidence_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_evidence, &c);
    if (e != OK)
        return e;
    image_answer(r, c.jpeg, arena_printf(r->arena, "%lld", (long long)r->ids[1]));
    return OK;
}

const struct http_route evidence_routes[] = {
    {"POST", "/api/v1/customers/{id}/consents/{id}/evidence", PERM_CUSTOMERS_WRITE, add_route,
     .raw_body = true, .body_max = IMAGE_BYTES_MAX,
     .summary = "Adds a picture of the signed paper to an act of consent: a JPEG, PNG or WebP",
     .answer = "ConsentHistory", .status = 201},
    {"GET", "/api/v1/customers/{id}/evidence/{id}", PERM_CUSTOMERS_READ, get_route,
     .summary = "The picture of a signed paper", .answer = "image/jpeg"},
    {"DELETE", "/api/v1/customers/{id}/evidence/{id}", PERM_CUSTOMERS_WRITE, remove_route,
     .confirm_password = true, .summary = "Takes the picture of a signed paper away for good",
     .answer = "ConsentHistory"},
    {0},
};
