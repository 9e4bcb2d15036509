/* Routes of the customers, and the heart (favourite). */
#include "../change/change.h"
#include "customer_view.h"

struct favourite {
    struct request *r;
    bool on;
};

static enum err write_favourite(struct db_tx *tx, void *arg)
{
    const struct favourite *f = arg;
    int64_t merchant_id = f->r->caller.merchant_id, customer_id = f->r->ids[0], changed;
    struct audit_actor by = audit_by_request(f->r);

    enum err err =
        db_exec(tx, f->on ? &customer_favourite_add : &customer_favourite_remove, &changed,
                db_i(merchant_id), db_i(f->r->caller.staff_id), db_i(customer_id));
    if (err != OK || changed == 0)
        return err;
    err = audit_write(tx, merchant_id, &by, f->on ? "favourite.add" : "favourite.remove",
                      "customer", customer_id, NULL);
    return err == OK ? change_note(tx, merchant_id, "favourite", &customer_id, 1) : err;
}

static enum err set_favourite(struct request *r, bool on)
{
    struct app *app = r->app;
    struct favourite f = {r, on};
    struct audience_use use = {0};
    struct audience_hit hit;

    enum err err = customer_seen(r, &use, &hit);
    if (err != OK)
        return err;
    audiences_done(&use); /* nobody waits for a commit with an audience in hand */
    return db_write(app->db, write_favourite, &f);
}

static enum err favourite_put(struct request *r)
{
    return set_favourite(r, true);
}

static enum err favourite_delete(struct request *r)
{
    return set_favourite(r, false);
}

const struct http_route customer_routes[] = {
    {.method = "GET",
     .pattern = "/api/v1/customers",
     .permission = PERM_CUSTOMERS_READ,
     .handler = customer_list_handler,
     .query = customer_list_spec,
     .args_size = sizeof(struct customer_list_args),
     .summary = "Customers that match a query, with facets",
     .answer = "CustomerList"},
    {.method = "GET",
     .pattern = "/api/v1/customers/{id}",
     .permission = PERM_CUSTOMERS_READ,
     .handler = customer_card_handler,
     .summary = "A customer's card",
     .answer = "Customer"},
    {.method = "GET",
     .pattern = "/api/v1/customers/number/{id}",
     .permission = PERM_CUSTOMERS_READ,
     .handler = customer_number_handler,
     .summary = "The card of that number; of a merged one the card that it became",
     .answer = "Customer"},
    {.method = "GET",
     .pattern = "/api/v1/customers/{id}/why",
     .permission = PERM_CUSTOMERS_READ,
     .handler = customer_why_handler,
     .query = customer_why_spec,
     .args_size = sizeof(struct customer_why_args),
     .summary = "Why a customer matches a query or not, and on which day that turns",
     .answer = "Why"},
    {.method = "GET",
     .pattern = "/api/v1/customers/{id}/typology",
     .permission = PERM_CUSTOMERS_READ,
     .handler = customer_types_handler,
     .summary = "Why a customer is of its type and of no other, until when, and its segments",
     .answer = "WhyTypology"},
    {.method = "PUT",
     .pattern = "/api/v1/customers/{id}/favourite",
     .permission = PERM_CUSTOMERS_READ,
     .handler = favourite_put,
     .summary = "Makes the customer a favourite of the caller"},
    {.method = "DELETE",
     .pattern = "/api/v1/customers/{id}/favourite",
     .permission = PERM_CUSTOMERS_READ,
     .handler = favourite_delete,
     .summary = "Takes the customer off the caller's favourites"},
    {0},
};
