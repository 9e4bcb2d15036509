/* GET /typologies/movements: the matrix, and who stands behind one of its cells. */
#include "../../base/check.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "movement.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500 };

struct args {
    int32_t from, to;
    struct str from_type, to_type, cursor;
    int64_t limit;
};
#define AT(field) offsetof(struct args, field)
#define DAYS                                                                                       \
    {.name = "from",                                                                               \
     .type = SPEC_DAY,                                                                             \
     .offset = AT(from),                                                                           \
     .required = true,                                                                             \
     .doc = "the end of this day"},                                                                \
    {                                                                                              \
        .name = "to", .type = SPEC_DAY, .offset = AT(to),                                          \
        .doc = "and of this one; today by default"                                                 \
    }
static const struct spec matrix_spec[] = {DAYS, {0}};
static const struct spec list_spec[] = {
    DAYS,
    {.name = "from_type",
     .type = SPEC_TEXT,
     .offset = AT(from_type),
     .required = true,
     .max = 200,
     .doc = "a typology's key, or none: no customer yet"},
    {.name = "to_type",
     .type = SPEC_TEXT,
     .offset = AT(to_type),
     .required = true,
     .max = 200,
     .doc = "the same"},
    {.name = "cursor",
     .type = SPEC_TEXT,
     .offset = AT(cursor),
     .max = 200,
     .doc = "`next` of the page before"},
    {.name = "limit",
     .type = SPEC_INT,
     .offset = AT(limit),
     .max = LIMIT_MAX,
     .doc = "50 by default"},
    {0},
};

struct both {
    struct as_of_use from, to;
    struct movements m;
};
static void both_done(struct both *b)
{
    as_of_done(&b->from);
    as_of_done(&b->to);
}

static enum err look(struct request *r, struct both *b)
{
    const struct args *args = r->args;
    const struct app *app = r->app;
    int64_t merchant_id = r->caller.merchant_id;
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);

    enum err err = as_of_use(app->as_of, merchant_id, args->to, r->arena, &b->to, &r->problem);
    if (err != OK) {
        r->problem.field = "to";
        return err;
    }
    if (args->from >= b->to.then.today)
        return request_fail(r, ERR_INVALID, "movement_days_order", "from", NULL);
    err = as_of_use(app->as_of, merchant_id, args->from, r->arena, &b->from, &r->problem);
    if (err != OK) {
        r->problem.field = "from";
        return err;
    }
    return movements_between(&b->from, &b->to, &viewer, r->arena, &b->m);
}

/* ---- the matrix ---- */

static void type_json(struct json *j, const char *key, const struct movements *m, int type)
{
    if (type == MOVEMENT_NONE)
        json_kv_cstr(j, key, NULL);
    else
        json_kv_text(j, key, m->types[type]);
}

static enum err matrix_route(struct request *r)
{
    struct both b cleanup(both_done) = {0};
    struct json *j = &r->json;
    enum err err = look(r, &b);

    if (err != OK)
        return err;
    const struct movements *m = &b.m;
    int side = m->ntypes + 1; /* MOVEMENT_NONE is place 0 */
    int64_t *cells = arena_array(r->arena, int64_t, (size_t)(side * side));
    memset(cells, 0, (size_t)(side * side) * sizeof *cells);
    for (size_t i = 0; i < m->n; i++)
        cells[(m->from[i] + 1) * side + m->to[i] + 1]++;
    json_open(j);
    json_kv_day(j, "from", b.from.then.today);
    json_kv_day(j, "to", b.to.then.today);
    json_key(j, "types");
    json_list(j);
    for (int i = 0; i < m->ntypes; i++) {
        json_open(j);
        json_kv_text(j, "key", m->types[i]);
        customer_text_json(j, "name", m->names[i]);
        json_close(j);
    }
    json_end(j);
    json_key(j, "cells");
    json_list(j);
    for (int i = 0; i < side * side; i++) {
        if (cells[i] == 0)
            continue;
        json_open(j);
        type_json(j, "from", m, i / side - 1);
        type_json(j, "to", m, i % side - 1);
        json_kv_int(j, "customers", cells[i]);
        json_close(j);
    }
    json_end(j);
    json_kv_int(j, "customers", (int64_t)m->n);
    json_close(j);
    return OK;
}

/* ---- who moved ---- */

static enum err find_type(struct request *r, const struct movements *m, const char *field,
                          struct str key, int *ret)
{
    *ret = MOVEMENT_NONE;
    for (int i = 0; i < m->ntypes; i++)
        if (str_eq(m->types[i], key))
            *ret = i;
    if (*ret != MOVEMENT_NONE || str_eq(key, STR("none")))
        return OK;
    return request_fail(r, ERR_INVALID, "movement_type_unknown", field, "found",
                        arena_cstr(r->arena, key), NULL);
}

static struct str cursor_scope(struct request *r)
{
    const struct args *args = r->args;
    return str_c(arena_printf(r->arena, "movements %lld %lld %d %d %.*s %.*s",
                              (long long)r->caller.merchant_id, (long long)r->caller.staff_id,
                              (int)args->from, (int)args->to, (int)args->from_type.n,
                              args->from_type.p, (int)args->to_type.n, args->to_type.p));
}

/* The row on the later day, or on the earlier one for those who are no more. */
static enum err row_json(struct request *r, const struct both *b, size_t i)
{
    const struct audience_viewer viewer = customer_viewer(&r->caller, false);
    const struct audience_use *use = b->m.to[i] == MOVEMENT_NONE ? &b->from.then : &b->to.then;
    struct audience_hit hit;
    enum err err = audience_get(use->audience, &viewer, b->m.ids[i], r->arena, &hit);

    if (err == OK)
        err = customer_photos(r->app, r->caller.merchant_id, &hit, 1);
    if (err == OK)
        customer_row_json(&r->json, use, &hit);
    return err == ERR_NOT_FOUND ? OK : err; /* gone since the ids were read */
}

static enum err list_route(struct request *r)
{
    const struct args *args = r->args;
    struct both b cleanup(both_done) = {0};
    int from = 0, to = 0;
    int64_t after = 0, matching = 0, last = 0, limit = args->limit ? args->limit : LIMIT_DEFAULT;

    enum err err = look(r, &b);
    if (err == OK)
        err = find_type(r, &b.m, "from_type", args->from_type, &from);
    if (err == OK)
        err = find_type(r, &b.m, "to_type", args->to_type, &to);
    if (err == OK && args->cursor.n && !cursor_read(args->cursor, cursor_scope(r), &after, 1))
        return request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    if (err != OK)
        return err;
    bool more = false;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < b.m.n && err == OK; i++) {
        if (b.m.from[i] != from || b.m.to[i] != to)
            continue;
        matching++;
        if (b.m.ids[i] <= after)
            continue;
        more = limit == 0;
        if (limit > 0) {
            err = row_json(r, &b, i);
            last = b.m.ids[i];
            limit--;
        }
    }
    json_end(&r->json);
    json_kv_int(&r->json, "matching", matching);
    json_kv_cstr(&r->json, "next", more ? cursor_make(r->arena, cursor_scope(r), &last, 1) : NULL);
    json_close(&r->json);
    return err;
}

const struct http_route movement_routes[] = {
    {"GET", "/api/v1/typologies/movements", PERM_CUSTOMERS_READ, matrix_route, .query = matrix_spec,
     .args_size = sizeof(struct args), .answer = "Movements",
     .summary = "How many customers went from which typology to which between two days"},
    {"GET", "/api/v1/typologies/movements/customers", PERM_CUSTOMERS_READ, list_route,
     .query = list_spec, .args_size = sizeof(struct args), .answer = "MovementCustomers",
     .summary = "Who went from one typology to another between two days"},
    {0},
};
