/* Certificates for many: who is at the limit of the type, and who comes after the stock is out, is
 * left out; undo voids those that nothing was redeemed of. */
#include "../../base/check.h"
#include "../certificate/certificate.h"
#include "bulk_action.h"

struct certificates {
    struct certificate_type type;
    int64_t *held;             /* of each item: how many of the type, without void ones */
    struct certificate *given; /* of each item: what the action gave; id 0: nothing */
    enum bulk_outcome *outcomes;
};

static void take(struct bulk_turn *t, const struct db_rows *r)
{
    struct certificates *c = t->state;
    size_t i = (size_t)(bulk_item_of(t, db_int(r, 0)) - t->items);
    bool is_void = db_int(r, 3) == CERTIFICATE_VOID;
    if (db_int(r, 1) == c->type.id && !is_void)
        c->held[i]++;
    if (db_int(r, 2) == t->bulk->id && t->bulk->id)
        c->given[i] = (struct certificate){.id = db_int(r, 4),
                                           .customer_id = t->items[i].id,
                                           .state = (enum certificate_state)db_int(r, 3),
                                           .version = db_int(r, 5),
                                           .value_minor = db_int(r, 6),
                                           .left_minor = db_int(r, 7),
                                           .type_name = c->type.name};
}

/* In the order of the chunk: the first come are served while there are some. */
static void judge_all(const struct bulk_turn *t, struct certificates *c)
{
    const struct certificate_type *type = &c->type;
    bool over = type->valid_until != DAY_NONE && type->valid_until < t->today;
    int64_t room = certificate_room(type);
    room = over || type->deleted ? 0 : room == INT64_MAX ? room : room - t->before.of[BULK_CHANGED];
    for (size_t i = 0; i < t->n; i++) {
        if (!t->items[i].there)
            continue;
        bool full = type->per_customer && c->held[i] >= type->per_customer;
        c->outcomes[i] = full ? BULK_FULL : room <= 0 ? BULK_OUT : BULK_CHANGED;
        room -= c->outcomes[i] == BULK_CHANGED && room != INT64_MAX;
    }
}

static enum err read_certificates(struct bulk_turn *t)
{
    struct certificates *c = arena_make(t->arena, struct certificates);
    t->state = c;
    c->held = arena_array(t->arena, int64_t, t->n + 1);
    c->given = arena_array(t->arena, struct certificate, t->n + 1);
    c->outcomes = arena_array(t->arena, enum bulk_outcome, t->n + 1);
    enum err e =
        certificate_type_get(t->tx, t->merchant_id, t->bulk->target_id, t->arena, &c->type);
    if (e == ERR_NOT_FOUND && c->type.id) /* deleted meanwhile: nobody gets one, undo goes on */
        e = OK;
    if (e == OK)
        e = bulk_read_customers(t);
    if (e == OK)
        e = bulk_each(t, &bulk_certificates, take);
    judge_all(t, c);
    return e;
}

static enum bulk_outcome judge(const struct bulk_turn *t, struct bulk_item *i)
{
    const struct certificates *c = t->state;
    return c->outcomes[i - t->items];
}

static enum bulk_outcome judge_back(const struct bulk_turn *t, struct bulk_item *i)
{
    const struct certificate *given = &((const struct certificates *)t->state)->given[i - t->items];
    bool untouched =
        given->id && given->state == CERTIFICATE_OPEN && given->left_minor == given->value_minor;
    return untouched ? BULK_CHANGED : BULK_SINCE;
}

static struct certificate_actor actor_of(const struct bulk_turn *t)
{
    return (struct certificate_actor){
        .by = {.staff_id = t->own->staff_id, .name = arena_cstr(t->arena, t->own->staff_name)},
        .today = t->today,
        .arena = t->arena};
}

static enum err give(struct bulk_turn *t)
{
    const struct certificates *c = t->state;
    const struct certificate_actor who = actor_of(t);
    const struct certificate_issue how = {
        .origin = "bulk", .bulk_id = t->bulk->id, .reason = STR(""), .message = STR("")};
    int64_t *customers = arena_array(t->arena, int64_t, t->n + 1);
    int64_t *made = arena_array(t->arena, int64_t, t->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].outcome == BULK_CHANGED)
            customers[n++] = t->items[i].id;
    return n ? certificate_issue_many(t->tx, t->merchant_id, &c->type, customers, n, &how, &who,
                                      made)
             : OK;
}

static enum err take_back(struct bulk_turn *t)
{
    const struct certificates *c = t->state;
    const struct certificate_actor who = actor_of(t);
    struct certificate *undone = arena_array(t->arena, struct certificate, t->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].outcome == BULK_CHANGED)
            undone[n++] = c->given[i];
    return n ? certificate_void_many(t->tx, t->merchant_id, c->type.id, undone, n, STR(""), &who)
             : OK;
}

const struct bulk_way bulk_certificate_way = {read_certificates, judge, give, judge_back,
                                              take_back};
