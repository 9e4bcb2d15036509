/* Points for many: a posting each, taken back by a posting each. */
#include "bulk_action.h"
#include "../../base/check.h"
#include "../points/points.h"
#include "../watch/watch.h"

static void take_left(struct bulk_turn *t, const struct db_rows *r)
{
    if (db_int(r, 1) <= t->today && db_int(r, 2) >= t->today)
        bulk_item_of(t, db_int(r, 0))->value += db_int(r, 3);
}

/* Above the limit the first of the chunk wait, as many as there is room for. */
static enum err read_waits(struct bulk_turn *t)
{
    bool holds;
    int64_t room = 0;
    enum err e = watch_holds(t->tx, t->merchant_id, t->own->staff_id, t->bulk->target_id, &holds);
    if (e != OK || !holds)
        return e;
    e = watch_room(t->tx, t->merchant_id, t->today, &room);
    room -= t->before.of[BULK_WAITS];
    for (size_t i = 0; i < t->n; i++) {
        struct bulk_item *item = &t->items[i];
        item->waits = item->there && room > 0;
        item->unasked = !item->waits;
        room -= item->waits;
    }
    return e;
}

static enum err read(struct bulk_turn *t)
{
    bool credit = t->bulk->action->on;
    enum err e = bulk_read_customers(t);
    for (size_t i = 0; i < t->n; i++)
        t->items[i].value = 0;
    if (e == OK && credit)
        e = read_waits(t);
    return e == OK && !credit ? bulk_each(t, &bulk_points_left, take_left) : e;
}

static enum bulk_outcome judge(const struct bulk_turn *t, struct bulk_item *i)
{
    if (t->bulk->action->on)
        return i->waits ? BULK_WAITS : i->unasked ? BULK_UNASKED : BULK_CHANGED;
    return i->value >= t->bulk->target_id ? BULK_CHANGED : BULK_SHORT;
}

/* Whether it can be taken back is the ledger's to say. */
static enum bulk_outcome judge_back(const struct bulk_turn *t, struct bulk_item *i)
{
    (void)t;
    (void)i;
    return BULK_CHANGED;
}

static const char *key_of(const struct bulk_turn *t, const struct bulk *b,
                          const struct bulk_item *i)
{
    return arena_printf(t->arena, "bulk:%lld:%lld", (long long)b->id, (long long)i->id);
}

static enum err write_one(struct bulk_turn *t, struct bulk_item *i, const struct audit_actor *by)
{
    const struct bulk *b = t->bulk;
    struct points_entry made;
    struct problem p = {0};
    const struct points_new what = {.customer_id = i->id,
                                    .amount = b->action->on ? b->target_id : -b->target_id,
                                    .kind = b->action->on ? POINTS_CREDIT : POINTS_DEBIT,
                                    .reason = b->target,
                                    .message = b->message,
                                    .at_us = t->now_us,
                                    .day = t->today,
                                    .today = t->today,
                                    .idempotency = key_of(t, t->own, i),
                                    .by = by,
                                    .origin = "staff"};
    enum err e = points_post(t->tx, t->merchant_id, &what, t->arena, &made, &p);
    if (e == ERR_CONFLICT && p.code) {
        bool unasked = strcmp(p.code, "watch_too_many") == 0;
        i->outcome = unasked ? BULK_UNASKED : b->action->on ? BULK_FULL : BULK_SHORT;
        return OK;
    }
    if (e == OK && made.held_id)
        i->outcome = BULK_WAITS;
    else if (e == OK)
        i->was = str_c(arena_printf(t->arena, "%lld", (long long)made.id));
    return e;
}

static enum err write_back_one(struct bulk_turn *t, struct bulk_item *i,
                               const struct audit_actor *by)
{
    struct points_entry made;
    struct problem p = {0};
    struct points_back what = {.reason = t->bulk->target,
                               .today = t->today,
                               .idempotency = key_of(t, t->own, i),
                               .by = by,
                               .origin = "staff"};
    enum err e = OK;
    if (i->waits) { /* a second person has agreed meanwhile, or is not asked any more */
        e = watch_withdraw(t->tx, t->merchant_id, key_of(t, t->bulk, i), by->staff_id,
                           &what.entry_id);
        if (e == OK && !what.entry_id)
            return OK;
    } else if (!str_int64(i->was, &what.entry_id)) {
        e = ERR_INTERNAL;
    }
    if (e == OK)
        e = points_reverse(t->tx, t->merchant_id, &what, t->arena, &made, &p);
    if (e == ERR_NOT_FOUND || (e == ERR_CONFLICT && p.code)) {
        i->outcome = BULK_SINCE; /* spent, expired, or taken back one by one */
        return OK;
    }
    return e;
}

static enum err each(struct bulk_turn *t, enum err (*one)(struct bulk_turn *, struct bulk_item *,
                                                          const struct audit_actor *))
{
    const struct audit_actor by = {.staff_id = t->own->staff_id,
                                   .name = arena_cstr(t->arena, t->own->staff_name)};
    enum err e = OK;
    for (size_t k = 0; e == OK && k < t->n; k++)
        if (t->items[k].outcome == BULK_CHANGED || t->items[k].outcome == BULK_WAITS)
            e = one(t, &t->items[k], &by);
    return e;
}

static enum err write(struct bulk_turn *t)
{
    return each(t, write_one);
}

static enum err write_back(struct bulk_turn *t)
{
    return each(t, write_back_one);
}

const struct bulk_way bulk_points_way = {read, judge, write, judge_back, write_back};
