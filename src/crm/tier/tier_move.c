/* Where customers stand, and the entries that say how they came there. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "../batch.h"
#include "../int_list.h"
#include "tier_internal.h"
#include "tier_sql.h"
#include <jansson.h>

/* What the entries say of a customer. */
struct known {
    bool living;
    int64_t last_id; /* the tier by the latest entry; 0: none */
    int32_t last_day;
    bool by_hand;
    int64_t hand_id;
    int32_t until_day;
    struct tier_state row; /* what is kept; customer_id 0: no row */
};
struct looking {
    struct db_tx *tx;
    int64_t merchant_id;
    const struct tier_ladder *ladder;
    int32_t day;
    const int64_t *ids;
    size_t n;
    struct arena *arena;
    struct known known[BATCH_KEYS];
    struct tier_history histories[BATCH_KEYS];
    struct tier_state states[BATCH_KEYS];
    int64_t *changed; /* whose row was written; NULL: nobody asks */
    size_t nchanged;
};

static struct known *known_of(struct looking *l, int64_t customer_id)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->ids[i] == customer_id)
            return &l->known[i];
    check(false);
    return NULL;
}

static void take_living(struct looking *l, const struct db_rows *r)
{
    known_of(l, db_int(r, 0))->living = true;
}

static void take_last(struct looking *l, const struct db_rows *r)
{
    struct known *k = known_of(l, db_int(r, 0));
    k->last_id = db_int(r, 1);
    k->last_day = (int32_t)db_int(r, 2);
}

static void take_hand(struct looking *l, const struct db_rows *r)
{
    struct known *k = known_of(l, db_int(r, 0));
    k->by_hand = str_eq(db_text(r, 1), STR("hand"));
    k->hand_id = db_int(r, 2);
    k->until_day = (int32_t)db_int_or(r, 3, DAY_NONE);
}

static void take_row(struct looking *l, const struct db_rows *r)
{
    struct known *k = known_of(l, db_int(r, 0));
    k->row = (struct tier_state){.customer_id = db_int(r, 0),
                                 .tier_id = db_int(r, 1),
                                 .since_day = (int32_t)db_int(r, 2),
                                 .by_hand = db_int(r, 3) != 0,
                                 .until_day = (int32_t)db_int_or(r, 4, DAY_NONE),
                                 .next_day = (int32_t)db_int_or(r, 5, DAY_NONE),
                                 .next_id = db_int(r, 6)};
}

static enum err read_each(struct looking *l, const struct db_statement *st,
                          void (*take)(struct looking *, const struct db_rows *))
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = batch_query_ids(l->tx, st, &rows, l->merchant_id, l->ids, l->n);
    while (e == OK && db_next(rows))
        take(l, rows);
    return e == OK ? db_error(rows) : e;
}

static int64_t id_of_place(const struct tier_ladder *l, int place)
{
    return place < 0 ? 0 : l->tiers[place].id;
}

/* What is given by hand counts while its level is there and its last day has not passed. */
static bool hand_holds(const struct looking *l, const struct known *k)
{
    return k->by_hand && (k->until_day == DAY_NONE || k->until_day >= l->day) &&
           (k->hand_id == 0 || tier_place(l->ladder, k->hand_id) >= 0);
}

static void judge(const struct looking *l, size_t i, struct tier_state *ret)
{
    const struct known *k = &l->known[i];
    const struct tier_rules *r = &l->ladder->rules;
    const struct tier_history *h = &l->histories[i];
    int then;
    *ret = (struct tier_state){
        .since_day = l->day, .until_day = DAY_NONE, .next_day = DAY_NONE, .was_id = k->last_id};
    if (!k->living)
        return;
    ret->customer_id = l->ids[i];
    ret->by_hand = hand_holds(l, k);
    if (ret->by_hand) {
        ret->tier_id = k->hand_id;
        ret->until_day = k->until_day;
        if (k->until_day != DAY_NONE) {
            ret->next_day = k->until_day + 1;
            ret->next_id = id_of_place(l->ladder, tier_reached(r, h, ret->next_day));
        }
    } else {
        ret->tier_id = id_of_place(l->ladder, tier_reached(r, h, l->day));
        ret->next_day = tier_turn(r, h, l->day, l->arena, &then);
        ret->next_id = ret->next_day == DAY_NONE ? 0 : id_of_place(l->ladder, then);
    }
    if (ret->tier_id == k->last_id && k->last_day)
        ret->since_day = k->last_day;
}

static enum err look(struct looking *l)
{
    check(l->n > 0 && l->n <= BATCH_KEYS);
    memset(l->known, 0, sizeof l->known);
    enum err e = read_each(l, &tier_living, take_living);
    if (e == OK)
        e = read_each(l, &tier_last_entries, take_last);
    if (e == OK)
        e = read_each(l, &tier_last_hands, take_hand);
    if (e == OK)
        e = tier_histories(l->tx, l->merchant_id, &l->ladder->rules, l->ids, l->n, l->arena,
                           l->histories);
    for (size_t i = 0; e == OK && i < l->n; i++)
        judge(l, i, &l->states[i]);
    return e;
}

enum err tier_states(struct db_tx *tx, int64_t merchant_id, const struct tier_ladder *ladder,
                     int32_t day, const int64_t *ids, size_t n, struct arena *a,
                     struct tier_state *states, struct tier_history *histories)
{
    struct looking *l = arena_make(a, struct looking);
    *l = (struct looking){.tx = tx,
                          .merchant_id = merchant_id,
                          .ladder = ladder,
                          .day = day,
                          .ids = ids,
                          .n = n,
                          .arena = a};
    enum err e = look(l);
    if (e != OK)
        return e;
    memcpy(states, l->states, n * sizeof *states);
    memcpy(histories, l->histories, n * sizeof *histories);
    return OK;
}

/* ---- writing ---- */

/* One change, as an entry and on the timeline. */
struct change {
    int64_t customer_id, from_id, to_id, staff_id, bulk_id;
    const char *cause;
    int32_t until_day;
    struct str reason;
};

static void name_json(struct json *j, const char *key, const struct tier_ladder *l, int64_t id)
{
    int place = tier_place(l, id);
    json_key(j, key);
    if (place < 0)
        json_nil(j);
    else
        json_text(j, l->tiers[place].name);
}

static const char *detail_of(const struct tier_ladder *l, const struct change *c, struct arena *a)
{
    struct buf text;
    struct json j;
    buf_init(&text, (2 * TIER_NAME_MAX + TIER_REASON_MAX) * 6 + 400);
    json_init(&j, &text);
    json_open(&j);
    name_json(&j, "from", l, c->from_id);
    name_json(&j, "to", l, c->to_id);
    json_kv_cstr(&j, "cause", c->cause);
    if (c->until_day != DAY_NONE)
        json_kv_day(&j, "until", c->until_day);
    if (c->reason.n)
        json_kv_text(&j, "reason", c->reason);
    json_close(&j);
    const char *copy = arena_cstr(a, buf_str(&text));
    buf_free(&text);
    return copy;
}

static enum err write_changes(struct db_tx *tx, int64_t merchant_id, const struct tier_ladder *l,
                              int32_t day, const struct change *changes, size_t n, struct arena *a)
{
    struct activity_event *events = arena_array(a, struct activity_event, n + 1);
    struct batch_rows rows;
    int64_t now = now_us();
    batch_rows_begin(&rows, tx, a, &tier_entry_add);
    for (size_t i = 0; i < n; i++) {
        const struct change *c = &changes[i];
        batch_rows_add(
            &rows, (struct db_value[]){db_i(merchant_id), db_i(c->customer_id), db_i(id_new()),
                                       db_i(now), db_i(day), db_i_or_null(c->from_id, 0),
                                       db_i_or_null(c->to_id, 0), db_tc(c->cause),
                                       db_i_or_null(c->until_day, DAY_NONE), db_t(c->reason),
                                       db_i_or_null(c->staff_id, 0), db_i_or_null(c->bulk_id, 0)});
        events[i] = (struct activity_event){.customer_id = c->customer_id,
                                            .kind = "tier",
                                            .at_us = now,
                                            .day = day,
                                            .staff_id = c->staff_id,
                                            .amount_minor = INT64_MIN,
                                            .detail = detail_of(l, c, a)};
    }
    enum err e = batch_rows_end(&rows);
    const char *origin = n && changes[0].staff_id ? "staff" : "system";
    return e == OK && n ? activity_add(tx, merchant_id, origin, now, events, n) : e;
}

static bool same(const struct tier_state *a, const struct tier_state *b)
{
    return a->tier_id == b->tier_id && a->since_day == b->since_day && a->by_hand == b->by_hand &&
           a->until_day == b->until_day && a->next_day == b->next_day && a->next_id == b->next_id;
}

static bool worth_a_row(const struct tier_state *s)
{
    return s->customer_id && (s->tier_id || s->by_hand || s->next_day != DAY_NONE);
}

static void note_changed(struct looking *l, size_t i)
{
    if (l->changed)
        l->changed[l->nchanged++] = l->ids[i];
}

static enum err write_rows(struct looking *l)
{
    struct batch_rows put, remove;
    batch_rows_begin(&put, l->tx, l->arena, &tier_row_put);
    batch_rows_begin(&remove, l->tx, l->arena, &tier_row_remove);
    for (size_t i = 0; i < l->n; i++) {
        const struct tier_state *s = &l->states[i], *was = &l->known[i].row;
        bool keep = worth_a_row(s);
        if (keep ? was->customer_id && same(s, was) : !was->customer_id)
            continue;
        note_changed(l, i);
        if (keep)
            batch_rows_add(&put, (struct db_value[]){db_i(l->merchant_id), db_i(s->customer_id),
                                                     db_i_or_null(s->tier_id, 0),
                                                     db_i(s->since_day), db_i(s->by_hand),
                                                     db_i_or_null(s->until_day, DAY_NONE),
                                                     db_i_or_null(s->next_day, DAY_NONE),
                                                     db_i_or_null(s->next_id, 0)});
        else
            batch_rows_add(&remove,
                           (struct db_value[]){db_i(l->merchant_id), db_i(was->customer_id)});
    }
    enum err e = batch_rows_end(&put);
    enum err other = batch_rows_end(&remove);
    return e != OK ? e : other;
}

static enum err settle_some(struct looking *l)
{
    struct change moved[BATCH_KEYS];
    size_t n = 0;
    enum err e = look(l);
    if (e == OK)
        e = read_each(l, &tier_rows_of, take_row);
    if (e != OK)
        return e;
    for (size_t i = 0; i < l->n; i++)
        if (l->known[i].living && l->states[i].tier_id != l->known[i].last_id)
            moved[n++] = (struct change){.customer_id = l->ids[i],
                                         .from_id = l->known[i].last_id,
                                         .to_id = l->states[i].tier_id,
                                         .cause = "rule",
                                         .until_day = DAY_NONE,
                                         .reason = STR("")};
    e = write_changes(l->tx, l->merchant_id, l->ladder, l->day, moved, n, l->arena);
    return e == OK ? write_rows(l) : e;
}

enum err tier_settle(struct db_tx *tx, int64_t merchant_id, const struct tier_ladder *ladder,
                     int32_t day, const int64_t *ids, size_t n, int64_t *ret, size_t *ret_n)
{
    cleanup(arena_free) struct arena *lists = arena_new(), *a = arena_new();
    struct int_list sorted = {0};
    size_t changed = 0;
    enum err e = OK;
    for (size_t i = 0; i < n; i++)
        int_list_add(lists, &sorted, ids[i]);
    int_list_sort(&sorted);
    struct looking *l = arena_make(lists, struct looking);
    for (size_t from = 0; e == OK && from < sorted.n; from += BATCH_KEYS) {
        *l = (struct looking){.tx = tx,
                              .merchant_id = merchant_id,
                              .ladder = ladder,
                              .day = day,
                              .ids = sorted.v + from,
                              .n = batch_size(sorted.n, from),
                              .arena = a,
                              .changed = ret ? ret + changed : NULL};
        e = settle_some(l);
        changed += l->nchanged;
        arena_reset(a);
    }
    if (ret)
        *ret_n = changed;
    return e;
}

/* ---- by hand ---- */

enum err tier_act_check(const struct tier_ladder *l, int32_t today, const struct tier_act *act,
                        struct arena *a, struct problem *p)
{
    if (act->release)
        return OK;
    if (act->tier_id && tier_place(l, act->tier_id) < 0)
        return problem_set(p, a, ERR_INVALID, "tier_unknown", "tier", NULL);
    if (act->until_day == DAY_NONE)
        return OK;
    if (act->until_day < today)
        return problem_set(p, a, ERR_INVALID, "tier_until_past", "until", NULL);
    if (act->until_day > today + TIER_AHEAD_MAX)
        return problem_set(p, a, ERR_INVALID, "tier_until_far", "until", NULL);
    return OK;
}

static enum err act_some(struct looking *l, const struct tier_act *acts, int64_t staff_id)
{
    struct change changes[BATCH_KEYS];
    enum err e = read_each(l, &tier_last_entries, take_last);
    for (size_t i = 0; i < l->n; i++) {
        const struct tier_act *act = &acts[i];
        int64_t from = l->known[i].last_id;
        changes[i] = (struct change){.customer_id = act->customer_id,
                                     .from_id = from,
                                     .to_id = act->release ? from : act->tier_id,
                                     .staff_id = staff_id,
                                     .bulk_id = act->bulk_id,
                                     .cause = act->release ? "release" : "hand",
                                     .until_day = act->release ? DAY_NONE : act->until_day,
                                     .reason = act->reason};
    }
    return e == OK
               ? write_changes(l->tx, l->merchant_id, l->ladder, l->day, changes, l->n, l->arena)
               : e;
}

enum err tier_act(struct db_tx *tx, int64_t merchant_id, const struct tier_ladder *ladder,
                  int32_t today, int64_t staff_id, const struct tier_act *acts, size_t n)
{
    cleanup(arena_free) struct arena *a = arena_new();
    int64_t *ids = arena_array(a, int64_t, n + 1);
    struct looking *l = arena_make(a, struct looking);
    enum err e = OK;
    for (size_t i = 0; i < n; i++) {
        ids[i] = acts[i].customer_id;
        check(i == 0 || ids[i - 1] < ids[i]);
    }
    for (size_t from = 0; e == OK && from < n; from += BATCH_KEYS) {
        *l = (struct looking){.tx = tx,
                              .merchant_id = merchant_id,
                              .ladder = ladder,
                              .day = today,
                              .ids = ids + from,
                              .n = batch_size(n, from),
                              .arena = a};
        e = act_some(l, acts + from, staff_id);
    }
    return e == OK ? tier_settle(tx, merchant_id, ladder, today, ids, n, NULL, NULL) : e;
}

/* ---- telling ---- */

enum err tier_entries(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, struct arena *a,
                      struct tier_entry *ret, size_t *ret_n, int64_t *ret_all)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &tier_entries_of, &rows, db_i(merchant_id), db_i(customer_id),
                          db_i(TIER_ENTRIES_TOLD));
    *ret_n = 0;
    while (e == OK && *ret_n < TIER_ENTRIES_TOLD && db_next(rows))
        ret[(*ret_n)++] =
            (struct tier_entry){.id = db_int(rows, 0),
                                .at_us = db_int(rows, 1),
                                .day = (int32_t)db_int(rows, 2),
                                .from_id = db_int(rows, 3),
                                .to_id = db_int(rows, 4),
                                .cause = arena_cstr(a, db_text(rows, 5)),
                                .until_day = (int32_t)db_int_or(rows, 6, DAY_NONE),
                                .reason = db_text_in(rows, 7, a),
                                .from = db_text_in(rows, 8, a),
                                .from_colour = tier_name_index(tier_colour_names, db_text(rows, 9)),
                                .to = db_text_in(rows, 10, a),
                                .to_colour = tier_name_index(tier_colour_names, db_text(rows, 11)),
                                .staff = db_text_in(rows, 12, a)};
    if (e == OK)
        e = db_error(rows);
    return e == OK ? db_query_int(tx, &tier_entries_count, ret_all, db_i(merchant_id),
                                  db_i(customer_id))
                   : e;
}

enum err tier_losses(struct db_tx *tx, int64_t merchant_id, int32_t from_day, int32_t to_day,
                     int32_t after_day, int64_t after_customer, struct tier_loss *ret, size_t limit,
                     size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e =
        db_query(tx, &tier_losses_page, &rows, db_i(merchant_id), db_i(from_day), db_i(to_day),
                 db_i(after_day), db_i(after_customer), db_i((int64_t)limit));
    *ret_n = 0;
    while (e == OK && *ret_n < limit && db_next(rows))
        ret[(*ret_n)++] = (struct tier_loss){.day = (int32_t)db_int(rows, 0),
                                             .customer_id = db_int(rows, 1),
                                             .from_id = db_int(rows, 2),
                                             .to_id = db_int(rows, 3)};
    return e == OK ? db_error(rows) : e;
}
