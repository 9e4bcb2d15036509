/* Routes of the photos. */
#include "../../base/check.h"
#include "../customer/customer_view.h"
#include "image_upload.h"
#include "photo.h"

static const char *const sizes[] = {"small", "large", NULL};
struct photo_args {
    int size; /* -1 absent */
};
static const struct spec photo_spec[] = {
    {"size", SPEC_CHOICE, offsetof(struct photo_args, size), .choices = sizes,
     .doc = "small (96 pixels a side) by default; large: 512"},
    {0},
};

struct photo_call {
    struct request *r;
    struct audit_actor by;
    struct str small, large, bytes;
    int64_t id;
};

static enum err begin(struct request *r, struct photo_call *c)
{
    *c = (struct photo_call){.r = r, .by = audit_by_request(r)};
    return customer_allowed(r, NULL);
}

static enum err write_photo(struct db_tx *tx, void *arg)
{
    struct photo_call *c = arg;
    return photo_set(tx, c->r->caller.merchant_id, c->r->ids[0], c->small, c->large, &c->by,
                     &c->id);
}

static enum err set_route(struct request *r)
{
    const struct app *app = r->app;
    struct buf body cleanup(buf_free) = {0};
    struct photo_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = image_upload(r, &body);
    if (e == OK)
        e = image_make(r->arena, buf_str(&body), &c.small, &c.large, &r->problem);
    if (e == OK)
        e = db_write(app->db, write_photo, &c);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_cstr(&r->json, "photo",
                 arena_printf(r->arena, "/api/v1/customers/%lld/photos/%lld", (long long)r->ids[0],
                              (long long)c.id));
    json_close(&r->json);
    return OK;
}

static enum err write_none(struct db_tx *tx, void *arg)
{
    struct photo_call *c = arg;
    return photo_remove(tx, c->r->caller.merchant_id, c->r->ids[0], &c->by);
}

static enum err remove_route(struct request *r)
{
    const struct app *app = r->app;
    struct photo_call c;
    enum err e = begin(r, &c);
    return e == OK ? db_write(app->db, write_none, &c) : e;
}

static enum err read_photo(struct db_tx *tx, void *arg)
{
    struct photo_call *c = arg;
    struct request *r = c->r;
    const struct photo_args *args = r->args;
    return photo_get(tx, r->caller.merchant_id, r->ids[0], r->ids[1], args->size == 1, r->arena,
                     &c->bytes);
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    const struct photo_args *args = r->args;
    struct photo_call c;
    enum err e = begin(r, &c);
    if (e == OK)
        e = db_read(app->db, read_photo, &c);
    if (e != OK)
        return e;
    image_answer(r, c.bytes,
                 arena_printf(r->arena, "%lld-%s", (long long)r->ids[1], sizes[args->size == 1]));
    return OK;
}

const struct http_route photo_routes[] = {
    {"POST", "/api/v1/customers/{id}/photo", PERM_CUSTOMERS_WRITE, set_route, .raw_body = true,
     .body_max = IMAGE_BYTES_MAX, .summary = "Sets the photo of a customer: a JPEG, PNG or WebP",
     .answer = "Photo"},
    {"DELETE", "/api/v1/customers/{id}/photo", PERM_CUSTOMERS_WRITE, remove_route,
     .summary = "Takes the photo of a customer away"},
    {"GET", "/api/v1/customers/{id}/photos/{id}", PERM_CUSTOMERS_READ, get_route,
     .query = photo_spec, .args_size = sizeof(struct photo_args), .summary = "A photo, square",
     .answer = "image/jpeg"},
    {0},
};
