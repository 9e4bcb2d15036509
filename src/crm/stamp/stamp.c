/* Stamps given and taken back, and what full cards give. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "../change/change.h"
#include "stamp_sql.h"

/* ---- reading ---- */

static struct stamp_card read_card(const struct db_rows *r, struct arena *a)
{
    return (struct stamp_card){.id = db_int(r, 0),
                               .program_id = db_int(r, 1),
                               .size = db_int(r, 2),
                               .stamps = db_int(r, 3),
                               .begun_us = db_int(r, 4),
                               .completed_us = db_int(r, 5),
                               .reward = {.kind = reward_kind_of(db_text(r, 6)),
                                          .points = db_int(r, 7),
                                          .gift = db_text_in(r, 8, a)},
                               .certificate_id = db_int(r, 9),
                               .points_id = db_int(r, 10),
                               .rounds = db_int(r, 11)};
}

enum err stamp_cards(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, struct arena *a,
                     struct stamp_card **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct stamp_card *all = arena_array(a, struct stamp_card, STAMP_CARDS_TOLD);
    size_t n = 0;
    enum err e = db_query(tx, &stamp_card_all, &rows, db_i(merchant_id), db_i(customer_id),
                          db_i(STAMP_CARDS_TOLD));
    while (e == OK && db_next(rows))
        all[n++] = read_card(rows, a);
    *ret = all;
    *ret_n = n;
    return e == OK ? db_error(rows) : e;
}

enum err stamp_entries(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t limit,
                       struct arena *a, struct stamp_entry *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    size_t n = 0;
    enum err e =
        db_query(tx, &stamp_entry_page, &rows, db_i(merchant_id), db_i(customer_id), db_i(limit));
    while (e == OK && db_next(rows))
        ret[n++] = (struct stamp_entry){.id = db_int(rows, 0),
                                        .program_id = db_int(rows, 1),
                                        .amount = db_int(rows, 2),
                                        .at_us = db_int(rows, 3),
                                        .store = db_text_in(rows, 4, a),
                                        .staff_name = db_text_in(rows, 5, a),
                                        .reason = db_text_in(rows, 6, a)};
    *ret_n = n;
    return e == OK ? db_error(rows) : e;
}

/* ---- one act ---- */

struct act {
    struct db_tx *tx;
    int64_t merchant_id, customer_id, now_us;
    const struct certificate_actor *who;
    struct problem *problem;
    struct stamp_program program;
    struct stamp_card *cards; /* all of the customer, open ones first */
    size_t n;
};

static enum err act_begin(struct act *c, int64_t program_id)
{
    int64_t living;
    struct arena *a = db_arena(c->tx);
    c->now_us = certificate_at(c->who);
    enum err e = stamp_program_get(c->tx, c->merchant_id, program_id, a, &c->program);
    if (e == ERR_NOT_FOUND)
        return problem_set(c->problem, NULL, ERR_INVALID, "stamp_program_unknown", "program_id",
                           NULL);
    if (e == OK)
        e = db_query_int(c->tx, &stamp_living, &living, db_i(c->merchant_id), db_i(c->customer_id));
    return e == OK ? stamp_cards(c->tx, c->merchant_id, c->customer_id, a, &c->cards, &c->n) : e;
}

static struct stamp_card *open_card(struct act *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->cards[i].program_id == c->program.id && c->cards[i].completed_us == 0)
            return &c->cards[i];
    return NULL;
}

static enum err store(struct act *c, const struct stamp_card *card)
{
    const struct reward *r = &card->reward;
    return db_exec(
        c->tx, &stamp_card_set, NULL, db_i(card->stamps), db_i_or_null(card->completed_us, 0),
        db_tc(r->kind == REWARD_NONE ? "" : reward_kinds[r->kind]), db_i(r->points), db_t(r->gift),
        db_i_or_null(card->certificate_id, 0), db_i_or_null(card->points_id, 0), db_i(card->rounds),
        db_i(c->merchant_id), db_i(c->customer_id), db_i(card->id));
}

static enum err add_card(struct act *c, struct stamp_card *ret)
{
    *ret = (struct stamp_card){.id = id_new(),
                               .program_id = c->program.id,
                               .size = c->program.stamps,
                               .begun_us = c->now_us,
                               .reward = {.gift = STR(""), .type = STR("")}};
    return db_exec(c->tx, &stamp_card_add, NULL, db_i(c->merchant_id), db_i(c->customer_id),
                   db_i(ret->id), db_i(ret->program_id), db_i(ret->size), db_i(ret->begun_us));
}

static enum err complete(struct act *c, struct stamp_card *card)
{
    struct reward_given given;
    const struct reward_cause why = {.kind = "stamp",
                                     .idempotency =
                                         arena_printf(db_arena(c->tx), "stamp:%lld:%lld",
                                                      (long long)card->id, (long long)card->rounds),
                                     .reason = c->program.name};
    card->reward = c->program.reward;
    card->completed_us = c->now_us;
    card->rounds++;
    enum err e = reward_give(c->tx, c->merchant_id, c->customer_id, &card->reward, &why, c->who,
                             &given, c->problem);
    card->certificate_id = given.certificate_id;
    card->points_id = given.points_id;
    return e;
}

/* Opened again: what it gave goes back. */
static enum err reopen(struct act *c, struct stamp_card *card, struct str reason)
{
    const struct reward_given given = {.points_id = card->points_id,
                                       .certificate_id = card->certificate_id};
    const struct reward_cause why = {.kind = "stamp", .reason = reason};
    enum err e = reward_take_back(c->tx, c->merchant_id, &given, &why, c->who, c->problem);
    card->completed_us = card->certificate_id = card->points_id = 0;
    card->reward = (struct reward){.gift = STR(""), .type = STR("")};
    return e;
}

/* ---- what is told ---- */

static const char *detail_of(struct act *c, const char *what, int64_t n)
{
    struct buf text;
    struct json j;
    buf_init(&text, 4096);
    json_init(&j, &text);
    json_open(&j);
    json_kv_cstr(&j, "what", what);
    json_kv_text(&j, "name", c->program.name);
    json_kv_int(&j, "stamps", n);
    json_close(&j);
    const char *detail = arena_cstr(db_arena(c->tx), buf_str(&text));
    buf_free(&text);
    return detail;
}

static enum err tell(struct act *c, int64_t amount, struct str reason, int64_t completed)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct arena *a = db_arena(c->tx);
    struct activity_event events[2];
    const struct certificate_actor *who = c->who;
    bool back = amount < 0;
    for (int i = 0; i < 2; i++)
        events[i] = (struct activity_event){
            .customer_id = c->customer_id,
            .kind = "stamp",
            .store_id = who->store_id,
            .at_us = c->now_us + i,
            .day = who->today,
            .staff_id = who->by.staff_id,
            .amount_minor = INT64_MIN,
            .subject_id = c->program.id,
            .detail = i ? detail_of(c, "completed", completed)
                        : detail_of(c, back ? "back" : "given", back ? -amount : amount)};
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "program", c->program.name);
    audit_detail_value(&d, "stamps", str_c(arena_printf(a, "%lld", (long long)amount)));
    if (reason.n)
        audit_detail_value(&d, "reason", reason);
    enum err e = db_exec(c->tx, &stamp_entry_add, NULL, db_i(c->merchant_id), db_i(c->customer_id),
                         db_i(id_new()), db_i(c->program.id), db_i(amount), db_i(c->now_us),
                         db_i(who->today), db_i_or_null(who->by.staff_id, 0),
                         db_i_or_null(who->store_id, 0), db_t(reason));
    if (e == OK)
        e = audit_write(c->tx, c->merchant_id, &who->by, back ? "stamp.take_back" : "stamp.apply",
                        "customer", c->customer_id, audit_detail_end(&d));
    if (e == OK)
        e = activity_add(c->tx, c->merchant_id, "staff", c->now_us, events, completed ? 2 : 1);
    return e == OK ? change_note(c->tx, c->merchant_id, "customer", &c->customer_id, 1) : e;
}

/* ---- giving, taking back ---- */

static enum err check_day(struct act *c, int64_t n)
{
    int64_t today, left;
    if (c->program.per_day == 0)
        return OK;
    enum err e = db_query_int(c->tx, &stamp_of_day, &today, db_i(c->merchant_id),
                              db_i(c->customer_id), db_i(c->program.id), db_i(c->who->today));
    left = c->program.per_day - (today > 0 ? today : 0);
    if (e != OK || n <= left)
        return e;
    return problem_set(c->problem, NULL, ERR_CONFLICT, "stamp_per_day", "stamps", "limit",
                       arena_printf(c->who->arena, "%lld", (long long)c->program.per_day), "left",
                       arena_printf(c->who->arena, "%lld", (long long)(left > 0 ? left : 0)), NULL);
}

enum err stamp_apply(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t program_id,
                     int64_t n, const struct certificate_actor *who, int64_t *ret_completed,
                     struct problem *p)
{
    struct act c = {
        .tx = tx, .merchant_id = merchant_id, .customer_id = customer_id, .who = who, .problem = p};
    int64_t left = n;
    *ret_completed = 0;
    check(n >= 1 && n <= STAMPS_AT_ONCE_MAX);
    enum err e = act_begin(&c, program_id);
    if (e == OK)
        e = check_day(&c, n);
    while (e == OK && left > 0) {
        struct stamp_card fresh, *card = open_card(&c);
        if (!card) {
            e = add_card(&c, &fresh);
            card = &fresh;
        }
        int64_t room = card->size - card->stamps;
        int64_t put = left < room ? left : room;
        card->stamps += put;
        left -= put;
        if (e == OK && card->stamps == card->size) {
            e = complete(&c, card);
            ++*ret_completed;
        }
        if (e == OK)
            e = store(&c, card);
    }
    return e == OK ? tell(&c, n, STR(""), *ret_completed) : e;
}

/* The card that stamps are taken from: an open one that has some, else the latest full one. */
static struct stamp_card *stamped_card(struct act *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->cards[i].program_id == c->program.id && c->cards[i].stamps > 0)
            return &c->cards[i];
    return NULL;
}

/* Open ones that were emptied give way to the one that was opened again. */
static enum err drop_empty(struct act *c, const struct stamp_card *but)
{
    enum err e = OK;
    for (size_t i = 0; e == OK && i < c->n; i++) {
        const struct stamp_card *card = &c->cards[i];
        if (card != but && card->program_id == c->program.id && card->stamps == 0)
            e = db_exec(c->tx, &stamp_card_drop, NULL, db_i(c->merchant_id), db_i(c->customer_id),
                        db_i(card->id));
    }
    return e;
}

enum err stamp_take_back(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                         int64_t program_id, int64_t n, struct str reason,
                         const struct certificate_actor *who, struct problem *p)
{
    struct act c = {
        .tx = tx, .merchant_id = merchant_id, .customer_id = customer_id, .who = who, .problem = p};
    int64_t left = n;
    check(n >= 1 && n <= STAMPS_AT_ONCE_MAX);
    enum err e = act_begin(&c, program_id);
    while (e == OK && left > 0) {
        struct stamp_card *card = stamped_card(&c);
        if (!card)
            return problem_set(p, NULL, ERR_CONFLICT, "stamp_not_so_many", "stamps", NULL);
        if (card->completed_us) {
            e = reopen(&c, card, reason);
            if (e == OK)
                e = drop_empty(&c, card);
        }
        int64_t taken = left < card->stamps ? left : card->stamps;
        card->stamps -= taken;
        left -= taken;
        if (e == OK)
            e = store(&c, card);
    }
    return e == OK ? tell(&c, -n, reason, 0) : e;
}
