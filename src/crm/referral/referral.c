/* Codes, who brought whom, and what is given for it. */
#include "referral.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "../change/change.h"
#include "../customer/customer.h"
#include "../merchant/merchant.h"
#include "referral_sql.h"

enum { CODE_TRIES = 8 };
const char *const referral_demands[] = {"registered", "first_purchase", NULL};
const char *const referral_ways[] = {"card", "registration", "import", "till", NULL};

/* ---- rules ---- */

static struct reward reward_of(const struct db_rows *r, int col, struct arena *a)
{
    return (struct reward){.kind = reward_kind_of(db_text(r, col)),
                           .points = db_int(r, col + 1),
                           .type_id = db_int(r, col + 2),
                           .gift = db_text_in(r, col + 3, a)};
}

enum err referral_rules_get(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                            struct referral_rules *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = (struct referral_rules){.demand = REFERRAL_FIRST_PURCHASE,
                                   .new_days = 30,
                                   .per_month = 10,
                                   .bringer = {.gift = STR(""), .type = STR("")},
                                   .brought = {.gift = STR(""), .type = STR("")}};
    enum err e = db_query(tx, &referral_rules_one, &rows, db_i(merchant_id));
    if (e == OK && db_next(rows))
        *ret = (struct referral_rules){.active = db_int(rows, 0) != 0,
                                       .demand = str_eq(db_text(rows, 1), STR("registered"))
                                                     ? REFERRAL_REGISTERED
                                                     : REFERRAL_FIRST_PURCHASE,
                                       .new_days = db_int(rows, 2),
                                       .per_month = db_int(rows, 3),
                                       .bringer = reward_of(rows, 4, a),
                                       .brought = reward_of(rows, 8, a),
                                       .version = db_int(rows, 12)};
    if (e == OK)
        e = db_error(rows);
    if (e == OK)
        e = reward_name(tx, merchant_id, a, &ret->bringer);
    return e == OK ? reward_name(tx, merchant_id, a, &ret->brought) : e;
}

static enum err put_rules(struct db_tx *tx, int64_t merchant_id, const struct referral_rules *r)
{
    return db_exec(tx, &referral_rules_put, NULL, db_i(merchant_id), db_i(r->active),
                   db_tc(referral_demands[r->demand]), db_i(r->new_days), db_i(r->per_month),
                   db_tc(reward_kinds[r->bringer.kind]), db_i(r->bringer.points),
                   db_i_or_null(r->bringer.type_id, 0), db_t(r->bringer.gift),
                   db_tc(reward_kinds[r->brought.kind]), db_i(r->brought.points),
                   db_i_or_null(r->brought.type_id, 0), db_t(r->brought.gift), db_i(now_us()),
                   db_i(r->version));
}

enum err referral_rules_save(struct db_tx *tx, int64_t merchant_id, int64_t version,
                             struct referral_rules *after, const struct certificate_actor *who,
                             struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct referral_rules before;
    enum err e = referral_rules_get(tx, merchant_id, db_arena(tx), &before);
    if (e == OK && before.version != version)
        e = problem_set(p, NULL, ERR_STALE, "stale", NULL, NULL);
    if (e == OK)
        e = reward_check(tx, merchant_id, &after->bringer, "bringer", p);
    if (e == OK)
        e = reward_check(tx, merchant_id, &after->brought, "brought", p);
    after->version = version + 1;
    if (e == OK)
        e = put_rules(tx, merchant_id, after);
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    if (before.active != after->active)
        audit_detail_flag(&d, "active", before.active, after->active);
    if (before.demand != after->demand)
        audit_detail_change(&d, "demand", str_c(referral_demands[before.demand]),
                            str_c(referral_demands[after->demand]));
    audit_detail_number(&d, "new_days", before.new_days, after->new_days);
    e = reward_tell(tx, merchant_id, &d, "bringer", &before.bringer, &after->bringer);
    if (e == OK)
        e = reward_tell(tx, merchant_id, &d, "brought", &before.brought, &after->brought);
    return e == OK ? audit_write(tx, merchant_id, &who->by, "referral_rules.update", "merchant",
                                 merchant_id, audit_detail_end(&d))
                   : e;
}

/* ---- codes ---- */

enum err referral_code_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                           struct arena *a, struct str *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = STR("");
    enum err e = db_query(tx, &referral_code_one, &rows, db_i(merchant_id), db_i(customer_id));
    if (e == OK && db_next(rows))
        *ret = db_text_in(rows, 0, a);
    return e == OK ? db_error(rows) : e;
}

enum err referral_code_make(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            struct arena *a, struct str *ret)
{
    enum err e = referral_code_get(tx, merchant_id, customer_id, a, ret);
    for (int i = 0; e == OK && ret->n == 0 && i < CODE_TRIES; i++) {
        struct code code = code_new(REFERRAL_SYMBOLS);
        int64_t made;
        e = db_exec(tx, &referral_code_add, &made, db_i(merchant_id), db_tc(code.text),
                    db_i(now_us()), db_i(customer_id));
        if (e == OK && made)
            *ret = arena_str(a, str_c(code.text));
    }
    return e == OK && ret->n == 0 ? ERR_NOT_FOUND : e;
}

enum err referral_bringer(struct db_tx *tx, int64_t merchant_id, struct str typed, int64_t *ret_id,
                          struct problem *p)
{
    struct code code;
    if (!code_read(typed, REFERRAL_SYMBOLS, &code))
        return problem_set(p, NULL, ERR_INVALID, "referral_mistyped", "code", NULL);
    enum err e =
        db_query_int(tx, &referral_code_owner, ret_id, db_i(merchant_id), db_tc(code.text));
    return e == ERR_NOT_FOUND ? problem_set(p, NULL, ERR_INVALID, "referral_unknown", "code", NULL)
                              : e;
}

/* ---- one referral ---- */

struct act {
    struct db_tx *tx;
    int64_t merchant_id, id, bringer_id, brought_id; /* bringer 0: erased */
    const struct certificate_actor *who;
    struct problem *problem;
    struct referral_rules rules;
};

static enum err refuse(struct act *c, const char *code)
{
    return problem_set(c->problem, NULL, ERR_CONFLICT, code, NULL, NULL);
}

/* *ret_id: who brought the customer; 0: nobody, or an erased one. */
static enum err brought_by(struct act *c, int64_t customer_id, int64_t *ret_referral,
                           int64_t *ret_id, int64_t *ret_rewards)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret_referral = *ret_id = *ret_rewards = 0;
    enum err e = db_query(c->tx, &referral_of, &rows, db_i(c->merchant_id), db_i(customer_id));
    if (e == OK && db_next(rows)) {
        *ret_referral = db_int(rows, 0);
        *ret_id = db_int(rows, 1);
        *ret_rewards = db_int(rows, 2);
    }
    return e == OK ? db_error(rows) : e;
}

static enum err check_circle(struct act *c)
{
    int64_t at = c->bringer_id, referral, rewards;
    enum err e = OK;
    for (int i = 0; e == OK && at && i < REFERRAL_CHAIN_MAX; i++) {
        e = brought_by(c, at, &referral, &at, &rewards);
        if (e == OK && at == c->brought_id)
            return refuse(c, "referral_circle");
    }
    return e;
}

struct person {
    int32_t since, first_purchase; /* DAY_NONE: not known */
};

static enum err read_person(struct act *c, int64_t id, struct person *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(c->tx, &referral_person, &rows, db_i(c->merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    int32_t registered = (int32_t)db_int_or(rows, 0, DAY_NONE);
    int32_t first = (int32_t)db_int_or(rows, 1, DAY_NONE);
    ret->since = registered != DAY_NONE ? registered : first;
    ret->first_purchase = (int32_t)db_int_or(rows, 2, DAY_NONE);
    return OK;
}

static enum err check_new(struct act *c)
{
    struct person p;
    enum err e = read_person(c, c->brought_id, &p);
    bool long_here = p.since != DAY_NONE && p.since <= c->who->today - c->rules.new_days;
    bool bought = p.first_purchase != DAY_NONE && p.first_purchase < c->who->today &&
                  c->rules.demand == REFERRAL_FIRST_PURCHASE;
    return e == OK && (long_here || bought) ? refuse(c, "referral_not_new") : e;
}

static enum err check_referral(struct act *c)
{
    int64_t same, referral, bringer, rewards;
    if (c->bringer_id == c->brought_id)
        return refuse(c, "referral_self");
    enum err e = db_query_int(c->tx, &referral_contact, &same, db_i(c->merchant_id),
                              db_i(c->bringer_id), db_i(c->brought_id));
    if (e == OK && same)
        return refuse(c, "referral_same_contact");
    if (e == OK)
        e = brought_by(c, c->brought_id, &referral, &bringer, &rewards);
    if (e == OK && referral)
        return refuse(c, "referral_already");
    if (e == OK)
        e = check_circle(c);
    return e == OK ? check_new(c) : e;
}

/* ---- what is given ---- */

/* A certificate whose days are over cannot be given: the referral waits until the rules are mended.
 */
static enum err can_be_given(struct act *c, const struct reward *r, bool *ret)
{
    struct certificate_type type;
    *ret = true;
    if (r->kind != REWARD_CERTIFICATE)
        return OK;
    enum err e = certificate_type_get(c->tx, c->merchant_id, r->type_id, db_arena(c->tx), &type);
    *ret = e == OK && (type.valid_until == DAY_NONE || type.valid_until >= c->who->today);
    return e == ERR_NOT_FOUND ? OK : e;
}

/* *ret: whether something was given. Who is there no more gets nothing. */
static enum err give(struct act *c, int64_t customer_id, const struct reward *r, const char *side,
                     bool *ret)
{
    struct reward_given given;
    struct person p;
    const struct reward_cause why = {
        .kind = "referral",
        .idempotency = arena_printf(db_arena(c->tx), "referral:%lld:%s", (long long)c->id, side),
        .reason = STR("")};
    *ret = false;
    if (r->kind == REWARD_NONE || customer_id == 0)
        return OK;
    enum err e = read_person(c, customer_id, &p);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    e = reward_give(c->tx, c->merchant_id, customer_id, r, &why, c->who, &given, c->problem);
    *ret = e == OK;
    return e;
}

static enum err within_month(struct act *c, bool *ret)
{
    struct civil day = day_to_civil(c->who->today);
    int64_t given;
    day.day = 1;
    enum err e = db_query_int(c->tx, &referral_given, &given, db_i(c->merchant_id),
                              db_i(c->bringer_id), db_i(day_from_civil(day)));
    *ret = c->rules.per_month == 0 || given < c->rules.per_month;
    return e;
}

/* Both sides are decided on, once. Merged into one meanwhile, nobody gets anything. */
static enum err settle(struct act *c)
{
    bool ready[2], within = true, bringer = false, brought = false;
    bool one = c->bringer_id == c->brought_id;
    enum err e = can_be_given(c, &c->rules.bringer, &ready[0]);
    if (e == OK)
        e = can_be_given(c, &c->rules.brought, &ready[1]);
    if (e != OK || !ready[0] || !ready[1])
        return e;
    if (c->rules.active && !one) {
        e = within_month(c, &within);
        if (e == OK && within)
            e = give(c, c->bringer_id, &c->rules.bringer, "bringer", &bringer);
        if (e == OK)
            e = give(c, c->brought_id, &c->rules.brought, "brought", &brought);
    }
    return e == OK ? db_exec(c->tx, &referral_settle, NULL, db_i(certificate_at(c->who)),
                             db_i(c->who->today), db_i(bringer), db_i(brought),
                             db_i(c->merchant_id), db_i(c->id))
                   : e;
}

/* ---- entering, taking back ---- */

static enum err tell(struct act *c, const char *action, const char *what, const char *what_brought)
{
    struct arena *a = db_arena(c->tx);
    const struct certificate_actor *who = c->who;
    int64_t ids[2] = {c->bringer_id, c->brought_id}, now = certificate_at(c->who);
    const char *whats[2] = {what, what_brought};
    struct activity_event events[2];
    size_t n = 0;
    for (int i = 0; i < 2; i++)
        if (ids[i])
            events[n++] =
                (struct activity_event){.customer_id = ids[i],
                                        .kind = "referral",
                                        .store_id = who->store_id,
                                        .at_us = now,
                                        .day = who->today,
                                        .staff_id = who->by.staff_id,
                                        .amount_minor = INT64_MIN,
                                        .subject_id = c->id,
                                        .detail = arena_printf(a, "{\"what\":\"%s\"}", whats[i])};
    enum err e =
        audit_write(c->tx, c->merchant_id, &who->by, action, "customer", c->brought_id,
                    arena_printf(a, "{\"bringer_id\":\"%lld\"}", (long long)c->bringer_id));
    if (e == OK)
        e = activity_add(c->tx, c->merchant_id, "staff", now, events, n);
    return e == OK ? change_note(c->tx, c->merchant_id, "customer", ids + (ids[0] == 0),
                                 2 - (ids[0] == 0))
                   : e;
}

enum err referral_enter(struct db_tx *tx, int64_t merchant_id, int64_t bringer_id,
                        int64_t brought_id, const char *how, const struct certificate_actor *who,
                        int64_t *ret_id, struct problem *p)
{
    struct act c = {.tx = tx,
                    .merchant_id = merchant_id,
                    .bringer_id = bringer_id,
                    .brought_id = brought_id,
                    .who = who,
                    .problem = p};
    struct person person;
    enum err e = referral_rules_get(tx, merchant_id, db_arena(tx), &c.rules);
    if (e == OK)
        e = read_person(&c, bringer_id, &person);
    if (e == ERR_NOT_FOUND)
        return problem_set(p, NULL, ERR_INVALID, "referral_unknown", "customer_id", NULL);
    if (e == OK)
        e = check_referral(&c);
    c.id = *ret_id = id_new();
    if (e == OK)
        e = db_exec(tx, &referral_add, NULL, db_i(merchant_id), db_i(c.id), db_i(bringer_id),
                    db_i(brought_id), db_tc(how), db_i_or_null(who->by.staff_id, 0),
                    db_i(certificate_at(who)), db_i(who->today));
    if (e == OK)
        e = tell(&c, "referral.enter", "brought", "brought_by");
    if (e == OK)
        e = read_person(&c, brought_id, &person);
    bool due = !c.rules.active || c.rules.demand == REFERRAL_REGISTERED ||
               person.first_purchase != DAY_NONE;
    return e == OK && due ? settle(&c) : e;
}

enum err referral_remove(struct db_tx *tx, int64_t merchant_id, int64_t brought_id,
                         const struct certificate_actor *who, struct problem *p)
{
    struct act c = {
        .tx = tx, .merchant_id = merchant_id, .brought_id = brought_id, .who = who, .problem = p};
    int64_t rewards;
    enum err e = brought_by(&c, brought_id, &c.id, &c.bringer_id, &rewards);
    if (e == OK && c.id == 0)
        return ERR_NOT_FOUND;
    if (e == OK && rewards)
        return refuse(&c, "referral_rewarded");
    if (e == OK)
        e = db_exec(tx, &referral_drop, NULL, db_i(merchant_id), db_i(c.id));
    return e == OK ? tell(&c, "referral.remove", "removed", "removed") : e;
}

/* ---- lists ---- */

static struct str name_of(const struct db_rows *r, int col, struct arena *a)
{
    return customer_full_name(a, db_text(r, col), db_text(r, col + 1), db_text(r, col + 2));
}

enum err referral_list(struct db_tx *tx, int64_t merchant_id, int64_t bringer_id, int64_t below,
                       int64_t limit, struct arena *a, struct referral *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret_n = 0;
    enum err e = db_query(tx, &referral_page, &rows, db_i(merchant_id), db_i(below),
                          db_i(bringer_id), db_i(limit));
    while (e == OK && db_next(rows))
        ret[(*ret_n)++] = (struct referral){.id = db_int(rows, 0),
                                            .bringer_id = db_int(rows, 1),
                                            .brought_id = db_int(rows, 2),
                                            .at_us = db_int(rows, 3),
                                            .settled_us = db_int(rows, 4),
                                            .bringer_number = db_int(rows, 5),
                                            .brought_number = db_int(rows, 6),
                                            .bringer = name_of(rows, 7, a),
                                            .brought = name_of(rows, 10, a),
                                            .how = db_text_in(rows, 13, a),
                                            .staff_name = db_text_in(rows, 14, a),
                                            .bringer_rewarded = db_int(rows, 15) != 0,
                                            .brought_rewarded = db_int(rows, 16) != 0};
    return e == OK ? db_error(rows) : e;
}

enum err referral_of_brought(struct db_tx *tx, int64_t merchant_id, int64_t brought_id,
                             struct arena *a, struct referral *ret)
{
    struct act c = {.tx = tx, .merchant_id = merchant_id};
    int64_t bringer, rewards;
    size_t n = 0;
    enum err e = brought_by(&c, brought_id, &c.id, &bringer, &rewards);
    if (e == OK && c.id)
        e = referral_list(tx, merchant_id, 0, c.id + 1, 1, a, ret, &n);
    return e == OK && n == 0 ? ERR_NOT_FOUND : e;
}

enum err referral_top(struct db_tx *tx, int64_t merchant_id, int64_t limit, struct arena *a,
                      struct referral_count *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret_n = 0;
    enum err e = db_query(tx, &referral_best, &rows, db_i(merchant_id), db_i(limit));
    while (e == OK && db_next(rows))
        ret[(*ret_n)++] = (struct referral_count){.customer_id = db_int(rows, 0),
                                                  .number = db_int(rows, 1),
                                                  .name = name_of(rows, 2, a),
                                                  .brought = db_int(rows, 5),
                                                  .rewarded = db_int(rows, 6)};
    return e == OK ? db_error(rows) : e;
}

/* ---- the job ---- */

struct settling {
    const struct app *app;
    int64_t merchant_id, from, after; /* from: the last one seen before */
    bool ended;
};

/* One in a transaction, so that a reward that cannot be given holds up nobody else's. */
static enum err settle_next(struct db_tx *tx, void *arg)
{
    struct settling *s = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    struct arena *a = db_arena(tx);
    struct merchant m;
    struct act c = {.tx = tx, .merchant_id = s->merchant_id};
    enum err e = merchant_get(tx, s->merchant_id, a, &m);
    if (e == OK)
        e = referral_rules_get(tx, s->merchant_id, a, &c.rules);
    if (e == OK)
        e = db_query(tx, &referral_due, &rows, db_i(s->merchant_id), db_i(s->from),
                     db_i(c.rules.demand == REFERRAL_FIRST_PURCHASE));
    if (e != OK)
        return e;
    s->ended = !db_next(rows);
    if (s->ended)
        return db_error(rows);
    const struct certificate_actor who = {
        .by = {.name = "system"}, .today = merchant_today(s->app, &m), .arena = a};
    c.who = &who;
    c.id = db_int(rows, 0);
    c.bringer_id = db_int(rows, 1);
    c.brought_id = db_int(rows, 2);
    db_done(&rows); /* before rows that it reads are changed */
    s->after = c.id;
    e = settle(&c);
    return e == OK && c.bringer_id ? change_note(tx, s->merchant_id, "customer", &c.bringer_id, 1)
                                   : e;
}

enum err referral_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct settling s = {.app = app, .merchant_id = job->merchant_id};
    enum err e = OK;
    (void)a;
    (void)p;
    while (e == OK && !s.ended) {
        e = db_write(((struct app *)app)->db, settle_next, &s);
        if (e == ERR_CONFLICT && s.after > s.from) /* its reward cannot be given: it waits */
            e = OK;
        s.from = s.after;
    }
    return e;
}

/* A job, not the sale's own transaction: a reward that cannot be given must not stop a sale. */
enum err referral_follow(struct db_tx *tx, int64_t merchant_id, const int64_t *ids, size_t n)
{
    bool due = false;
    int64_t waiting, id;
    enum err e = OK;
    for (size_t from = 0; e == OK && !due && from < n; from += BATCH_KEYS) {
        cleanup(db_done) struct db_rows *rows = NULL;
        e = batch_query_ids(tx, &referral_ripe, &rows, merchant_id, ids + from,
                            batch_size(n, from));
        due = e == OK && db_next(rows);
        if (e == OK)
            e = db_error(rows);
    }
    if (e != OK || !due)
        return e;
    e = db_query_int(tx, &referral_job_waiting, &waiting, db_i(merchant_id));
    return e != OK || waiting ? e : job_create(tx, merchant_id, REFERRAL_JOB, 0, 0, -1, &id);
}
