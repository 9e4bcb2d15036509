/* The bulk actions: a row each, and the few ways in which they look, judge and write. Another one
 * (points, tier, message…) is another row, with a way of its own where none of these fits. */
#include "bulk_action.h"
#include "../../base/check.h"
#include "../customer/customer.h"
#include "../int_list.h"

const char *const bulk_outcome_names[] = {"changed", "already", "gone",  "full",    "since",
                                          "short",   "out",     "waits", "unasked", NULL};
_Static_assert(ARRAY_LEN(bulk_outcome_names) == BULK_OUTCOMES + 1, "a name for each outcome");

/* ---- looking ---- */

struct bulk_item *bulk_item_of(const struct bulk_turn *t, int64_t id)
{
    size_t i = id_place(t->items, t->n, sizeof *t->items, id);
    check(i < t->n);
    return &t->items[i];
}

enum err bulk_each(struct bulk_turn *t, const struct db_statement *st,
                   void (*take)(struct bulk_turn *t, const struct db_rows *r))
{
    int64_t ids[BATCH_KEYS];
    for (size_t from = 0; from < t->n; from += BATCH_KEYS) {
        cleanup(db_done) struct db_rows *rows = NULL;
        size_t some = batch_size(t->n, from);
        for (size_t i = 0; i < some; i++)
            ids[i] = t->items[from + i].id;
        enum err e = batch_query_ids(t->tx, st, &rows, t->merchant_id, ids, some);
        while (e == OK && db_next(rows))
            take(t, rows);
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    return OK;
}

static void take_customer(struct bulk_turn *t, const struct db_rows *r)
{
    struct bulk_item *i = bulk_item_of(t, db_int(r, 0));
    i->there = true;
    i->blocked = db_int(r, 1) != 0;
    i->blocked_us = db_int(r, 2);
    i->blocked_by = db_int(r, 3);
    i->reason = db_text_in(r, 4, t->arena);
    i->value = db_int(r, t->bulk->action->needs == BULK_STORE ? 5 : 6);
}

enum err bulk_read_customers(struct bulk_turn *t)
{
    return bulk_each(t, &bulk_customers, take_customer);
}

static void take_membership(struct bulk_turn *t, const struct db_rows *r)
{
    struct bulk_item *i = bulk_item_of(t, db_int(r, 0));
    i->held++;
    if (db_int(r, 2) != t->bulk->target_id)
        return;
    i->has = true;
    i->had_bulk = db_int(r, 1);
}

static enum err read_memberships(struct bulk_turn *t)
{
    enum err e = bulk_read_customers(t);
    return e == OK ? bulk_each(t, t->bulk->action->state, take_membership) : e;
}

/* ---- tags, groups, favourites: in or out ---- */

static enum bulk_outcome judge_membership(const struct bulk_turn *t, struct bulk_item *i)
{
    const struct bulk_action *a = t->bulk->action;
    if (i->has == a->on)
        return BULK_ALREADY;
    if (a->on && a->needs == BULK_TAG && i->held >= CUSTOMER_TAGS_MAX)
        return BULK_FULL;
    if (!a->on)
        i->was = str_c(arena_printf(t->arena, "%lld", (long long)i->had_bulk));
    return BULK_CHANGED;
}

static enum bulk_outcome judge_membership_back(const struct bulk_turn *t, struct bulk_item *i)
{
    if (t->bulk->action->on)
        return i->has && i->had_bulk == t->bulk->id ? BULK_CHANGED : BULK_SINCE;
    return i->has ? BULK_SINCE : BULK_CHANGED;
}

/* `given_by`: of each customer the bulk action that is told to have given it. */
static enum err write_membership(struct bulk_turn *t, bool add, bool back)
{
    const struct bulk_action *a = t->bulk->action;
    struct batch_rows rows;
    batch_rows_begin(&rows, t->tx, t->arena, add ? a->add : a->remove);
    for (size_t k = 0; k < t->n; k++) {
        const struct bulk_item *i = &t->items[k];
        int64_t given_by = t->bulk->id;
        if (i->outcome != BULK_CHANGED)
            continue;
        if (back && add && !str_int64(i->was, &given_by))
            given_by = 0;
        batch_rows_add(&rows, (struct db_value[]){db_i(t->merchant_id), db_i(i->id),
                                                  db_i(t->bulk->target_id),
                                                  db_i_or_null(given_by, 0), db_i(t->now_us)});
    }
    return batch_rows_end(&rows);
}

static enum err do_membership(struct bulk_turn *t)
{
    return write_membership(t, t->bulk->action->on, false);
}

static enum err undo_membership(struct bulk_turn *t)
{
    return write_membership(t, !t->bulk->action->on, true);
}

static const struct bulk_way membership = {read_memberships, judge_membership, do_membership,
                                           judge_membership_back, undo_membership};

/* ---- source, store: one value for another ---- */

static enum bulk_outcome judge_value(const struct bulk_turn *t, struct bulk_item *i)
{
    if (i->value == t->bulk->target_id)
        return BULK_ALREADY;
    i->was = str_c(arena_printf(t->arena, "%lld", (long long)i->value));
    return BULK_CHANGED;
}

static enum bulk_outcome judge_value_back(const struct bulk_turn *t, struct bulk_item *i)
{
    return i->value == t->bulk->target_id ? BULK_CHANGED : BULK_SINCE;
}

static enum err write_value(struct bulk_turn *t, bool back)
{
    struct batch_rows rows;
    batch_rows_begin(&rows, t->tx, t->arena, t->bulk->action->add);
    for (size_t k = 0; k < t->n; k++) {
        const struct bulk_item *i = &t->items[k];
        int64_t value = t->bulk->target_id;
        if (i->outcome != BULK_CHANGED)
            continue;
        if (back && !str_int64(i->was, &value))
            value = 0;
        batch_rows_add(&rows, (struct db_value[]){db_i_or_null(value, 0), db_i(t->now_us),
                                                  db_i(t->merchant_id), db_i(i->id)});
    }
    return batch_rows_end(&rows);
}

static enum err do_value(struct bulk_turn *t)
{
    return write_value(t, false);
}

static enum err undo_value(struct bulk_turn *t)
{
    return write_value(t, true);
}

static const struct bulk_way value = {bulk_read_customers, judge_value, do_value, judge_value_back,
                                      undo_value};

/* ---- blocked or not, with reason, instant and person ---- */

static enum bulk_outcome judge_block(const struct bulk_turn *t, struct bulk_item *i)
{
    if (i->blocked == t->bulk->action->on)
        return BULK_ALREADY;
    if (!t->bulk->action->on)
        i->was = str_c(arena_printf(t->arena, "%lld %lld %.*s", (long long)i->blocked_us,
                                    (long long)i->blocked_by, (int)i->reason.n, i->reason.p));
    return BULK_CHANGED;
}

/* A block of this very action: by its instant. */
static enum bulk_outcome judge_block_back(const struct bulk_turn *t, struct bulk_item *i)
{
    if (t->bulk->action->on)
        return i->blocked && i->blocked_us == t->bulk->created_us &&
                       str_eq(i->reason, t->bulk->target)
                   ? BULK_CHANGED
                   : BULK_SINCE;
    return i->blocked ? BULK_SINCE : BULK_CHANGED;
}

struct block_state {
    bool on;
    int64_t at_us, by;
    struct str reason;
};

static struct block_state block_was(struct str text)
{
    struct block_state s = {.on = true};
    const char *first = memchr(text.p, ' ', text.n), *end = text.p + text.n;
    const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (!second || !str_int64((struct str){text.p, (size_t)(first - text.p)}, &s.at_us) ||
        !str_int64((struct str){first + 1, (size_t)(second - first - 1)}, &s.by))
        return s;
    s.reason = (struct str){second + 1, (size_t)(end - second - 1)};
    return s;
}

static enum err write_block(struct bulk_turn *t, bool on, bool back)
{
    struct batch_rows rows;
    batch_rows_begin(&rows, t->tx, t->arena, &bulk_set_blocked);
    for (size_t k = 0; k < t->n; k++) {
        const struct bulk_item *i = &t->items[k];
        struct block_state now = {0};
        if (i->outcome != BULK_CHANGED)
            continue;
        if (on)
            now = back ? block_was(i->was)
                       : (struct block_state){true, t->bulk->created_us, t->bulk->staff_id,
                                              t->bulk->target};
        batch_rows_add(
            &rows, (struct db_value[]){db_i(now.on), now.reason.n ? db_t(now.reason) : db_null(),
                                       db_i_or_null(now.at_us, 0), db_i_or_null(now.by, 0),
                                       db_i(t->now_us), db_i(t->merchant_id), db_i(i->id)});
    }
    return batch_rows_end(&rows);
}

static enum err do_block(struct bulk_turn *t)
{
    return write_block(t, t->bulk->action->on, false);
}

static enum err undo_block(struct bulk_turn *t)
{
    return write_block(t, !t->bulk->action->on, true);
}

static const struct bulk_way block = {bulk_read_customers, judge_block, do_block, judge_block_back,
                                      undo_block};

/* ---- the table ---- */

#define MEMBERSHIP(name, needs, what, state, on, facts, entity)                                    \
    {                                                                                              \
        name, needs, &membership, &state, &what##_add, &what##_remove, on, facts, entity           \
    }

const struct bulk_action bulk_actions[] = {
    MEMBERSHIP("tag_add", BULK_TAG, bulk_tag, bulk_tags, true, true, "customer"),
    MEMBERSHIP("tag_remove", BULK_TAG, bulk_tag, bulk_tags, false, true, "customer"),
    MEMBERSHIP("group_add", BULK_GROUP, bulk_member, bulk_members, true, false, "customer"),
    MEMBERSHIP("group_remove", BULK_GROUP, bulk_member, bulk_members, false, false, "customer"),
    MEMBERSHIP("favourite_add", BULK_NOTHING, bulk_favourite, bulk_favourites, true, false,
               "favourite"),
    MEMBERSHIP("favourite_remove", BULK_NOTHING, bulk_favourite, bulk_favourites, false, false,
               "favourite"),
    {"block", BULK_REASON, &block, NULL, NULL, NULL, true, false, "customer"},
    {"unblock", BULK_NOTHING, &block, NULL, NULL, NULL, false, false, "customer"},
    {"source_set", BULK_SOURCE, &value, NULL, &bulk_set_source, NULL, true, false, "customer"},
    {"store_set", BULK_STORE, &value, NULL, &bulk_set_store, NULL, true, true, "customer"},
    {"points_credit", BULK_POINTS, &bulk_points_way, NULL, NULL, NULL, true, false, "customer"},
    {"points_debit", BULK_POINTS, &bulk_points_way, NULL, NULL, NULL, false, false, "customer"},
    {"tier_set", BULK_TIER, &bulk_tier_way, NULL, NULL, NULL, true, false, "customer"},
    {"tier_release", BULK_TIER, &bulk_tier_way, NULL, NULL, NULL, false, false, "customer"},
    {"certificate", BULK_CERTIFICATE, &bulk_certificate_way, NULL, NULL, NULL, true, false,
     "customer"},
    {0},
};
const char *const bulk_action_names[] = {
    "tag_add",       "tag_remove",       "group_add",     "group_remove",
    "favourite_add", "favourite_remove", "block",         "unblock",
    "source_set",    "store_set",        "points_credit", "points_debit",
    "tier_set",      "tier_release",     "certificate",   NULL};
_Static_assert(ARRAY_LEN(bulk_action_names) == ARRAY_LEN(bulk_actions), "the same actions");

const struct bulk_action *bulk_action_at(int i)
{
    check(i >= 0 && i < (int)ARRAY_LEN(bulk_actions) - 1);
    return &bulk_actions[i];
}

const struct bulk_action *bulk_action_by_name(struct str name)
{
    for (const struct bulk_action *a = bulk_actions; a->name; a++)
        if (str_eq(name, str_c(a->name)))
            return a;
    return NULL;
}

const char *bulk_action_name(const struct bulk_action *a)
{
    return a->name;
}

enum bulk_needs bulk_action_needs(const struct bulk_action *a)
{
    return a->needs;
}
