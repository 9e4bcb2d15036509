/* A tier for many: given by hand until a day, or handed back to the rule. */
#include "bulk_action.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../tier/tier_sql.h"

static void take_hand(struct bulk_turn *t, const struct db_rows *r)
{
    struct bulk_item *i = bulk_item_of(t, db_int(r, 0));
    i->has = str_eq(db_text(r, 1), STR("hand"));
    i->value = db_int(r, 2);
    i->until_day = (int32_t)db_int_or(r, 3, DAY_NONE);
    i->reason = db_text_in(r, 4, t->arena);
    i->had_bulk = db_int(r, 5);
}

static enum err read(struct bulk_turn *t)
{
    enum err e = bulk_read_customers(t);
    for (size_t i = 0; i < t->n; i++) {
        t->items[i].value = 0;
        t->items[i].until_day = DAY_NONE;
    }
    return e == OK ? bulk_each(t, &tier_last_hands, take_hand) : e;
}

/* What is given by hand and has not ended; else the rule holds. */
static bool by_hand(const struct bulk_turn *t, const struct bulk_item *i)
{
    return i->has && (i->until_day == DAY_NONE || i->until_day >= t->today);
}

static enum bulk_outcome judge(const struct bulk_turn *t, struct bulk_item *i)
{
    const struct bulk *b = t->bulk;
    bool hand = by_hand(t, i);
    if (b->action->on ? hand && i->value == b->target_id && i->until_day == b->until_day : !hand)
        return BULK_ALREADY;
    i->was = hand ? str_c(arena_printf(t->arena, "%lld %d %.*s", (long long)i->value,
                                       (int)i->until_day, (int)i->reason.n, i->reason.p))
                  : STR("rule");
    return BULK_CHANGED;
}

static enum bulk_outcome judge_back(const struct bulk_turn *t, struct bulk_item *i)
{
    return i->had_bulk == t->bulk->id ? BULK_CHANGED : BULK_SINCE;
}

/* "<tier> <last day> <reason>", or "rule". */
static struct tier_act act_of(struct str was)
{
    struct tier_act act = {.release = true, .until_day = DAY_NONE, .reason = STR("")};
    int64_t until;
    const char *end = was.p + was.n, *first = memchr(was.p, ' ', was.n);
    const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (!second || !str_int64((struct str){was.p, (size_t)(first - was.p)}, &act.tier_id) ||
        !str_int64((struct str){first + 1, (size_t)(second - first - 1)}, &until))
        return act;
    act.release = false;
    act.until_day = (int32_t)until;
    act.reason = (struct str){second + 1, (size_t)(end - second - 1)};
    return act;
}

static enum err act(struct bulk_turn *t, bool back)
{
    const struct bulk *b = t->bulk;
    struct tier_ladder ladder;
    struct tier_act *acts = arena_array(t->arena, struct tier_act, t->n + 1);
    size_t n = 0;
    for (size_t k = 0; k < t->n; k++) {
        const struct bulk_item *i = &t->items[k];
        if (i->outcome != BULK_CHANGED)
            continue;
        acts[n] = back ? act_of(i->was)
                       : (struct tier_act){.release = !b->action->on,
                                           .tier_id = b->target_id,
                                           .until_day = b->until_day,
                                           .reason = b->reason};
        acts[n].customer_id = i->id;
        acts[n++].bulk_id = t->own->id;
    }
    enum err e = n ? tier_ladder_read(t->tx, t->merchant_id, t->arena, &ladder) : OK;
    return e == OK && n
               ? tier_act(t->tx, t->merchant_id, &ladder, t->today, t->own->staff_id, acts, n)
               : e;
}

static enum err write(struct bulk_turn *t)
{
    return act(t, false);
}

static enum err write_back(struct bulk_turn *t)
{
    return act(t, true);
}

const struct bulk_way bulk_tier_way = {read, judge, write, judge_back, write_back};
