/* Blocking one customer: the rule and its routes. */
#include "block.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../change/change.h"
#include "../customer/customer_view.h"

static const struct db_statement block_read = {
    "block_read",
    "SELECT blocked, blocked_reason FROM customer WHERE merchant_id = $1 AND id = $2"
    " AND deleted_us IS NULL",
    "ii", "it"};

static const struct db_statement block_write = {
    "block_write",
    "UPDATE customer SET blocked = $1, blocked_reason = $2, blocked_us = $3, blocked_by = $4,"
    " updated_us = $5, version = version + 1 WHERE merchant_id = $6 AND id = $7",
    "itiiiii", ""};

const struct db_statement *const block_statements[] = {&block_read, &block_write, NULL};

enum err block_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, struct arena *a,
                   struct block *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &block_read, &rows, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    *ret = (struct block){db_int(rows, 0) != 0, db_text_in(rows, 1, a)};
    return OK;
}

static enum err set(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                    const struct block *now, const struct audit_actor *by, struct arena *a)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct block was;
    int64_t at = now_us();
    enum err e = block_get(tx, merchant_id, customer_id, a, &was);
    if (e != OK || (was.on == now->on && (!now->on || str_eq(was.reason, now->reason))))
        return e;
    e = db_exec(tx, &block_write, NULL, db_i(now->on),
                now->on && now->reason.n ? db_t(now->reason) : db_null(),
                now->on ? db_i(at) : db_null(),
                now->on && by->staff_id ? db_i(by->staff_id) : db_null(), db_i(at),
                db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    audit_detail_begin(&d, a);
    if (was.on != now->on)
        audit_detail_flag(&d, "blocked", was.on, now->on);
    if (now->reason.n)
        audit_detail_value(&d, "reason", now->reason);
    e = audit_write(tx, merchant_id, by, now->on ? "customer.block" : "customer.unblock",
                    "customer", customer_id, audit_detail_end(&d));
    return e == OK ? change_note(tx, merchant_id, "customer", &customer_id, 1) : e;
}

enum err block_set(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, struct str reason,
                   const struct audit_actor *by, struct arena *a)
{
    const struct block now = {true, reason};
    return set(tx, merchant_id, customer_id, &now, by, a);
}

enum err block_lift(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                    const struct audit_actor *by, struct arena *a)
{
    const struct block now = {false, STR("")};
    return set(tx, merchant_id, customer_id, &now, by, a);
}

/* ---- routes ---- */

struct block_args {
    struct str reason;
};
static const struct spec block_spec[] = {
    {"reason", SPEC_TEXT, offsetof(struct block_args, reason), .max = BLOCK_REASON_MAX},
    {0},
};

static enum err write_block(struct db_tx *tx, void *arg)
{
    struct request *r = arg;
    const struct block_args *args = r->route->body ? r->args : NULL; /* DELETE says nothing */
    const struct audit_actor by = audit_by_request(r);
    int64_t merchant_id = r->caller.merchant_id;
    return args ? block_set(tx, merchant_id, r->ids[0], args->reason, &by, r->arena)
                : block_lift(tx, merchant_id, r->ids[0], &by, r->arena);
}

static enum err block_route(struct request *r)
{
    const struct app *app = r->app;
    enum err e = customer_allowed(r, NULL);
    return e == OK ? db_write(app->db, write_block, r) : e;
}

const struct http_route block_routes[] = {
    {"PUT", "/api/v1/customers/{id}/block", PERM_CUSTOMERS_WRITE, block_route, .body = block_spec,
     .args_size = sizeof(struct block_args),
     .summary = "Blocks the customer, or changes the reason"},
    {"DELETE", "/api/v1/customers/{id}/block", PERM_CUSTOMERS_WRITE, block_route,
     .summary = "Unblocks the customer"},
    {0},
};
