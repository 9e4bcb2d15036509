/* Certificates issued, redeemed, voided. */
#include "certificate.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "../change/change.h"
#include "../customer/customer.h"
#include "certificate_sql.h"

const char *const certificate_states[] = {"open", "redeemed", "void", "expired", NULL};

int64_t certificate_at(const struct certificate_actor *who)
{
    return who->at_us ? who->at_us : now_us();
}

/* ---- reading ---- */

static struct certificate read_row(const struct db_rows *r, int32_t today, struct arena *a)
{
    struct certificate c = {
        .id = db_int(r, 0),
        .customer_id = db_int(r, 1),
        .type_id = db_int(r, 2),
        .code = db_text_in(r, 3, a),
        .kind = str_eq(db_text(r, 4), STR("gift")) ? CERTIFICATE_GIFT : CERTIFICATE_VALUE,
        .value_minor = db_int(r, 5),
        .left_minor = db_int(r, 6),
        .gift = db_text_in(r, 7, a),
        .partial = db_int(r, 8) != 0,
        .state = (enum certificate_state)db_int(r, 9),
        .valid_until = (int32_t)db_int_or(r, 10, DAY_NONE),
        .issued_us = db_int(r, 11),
        .issued_day = (int32_t)db_int(r, 12),
        .origin = db_text_in(r, 13, a),
        .staff_id = db_int(r, 14),
        .bulk_id = db_int(r, 15),
        .reason = db_text_in(r, 16, a),
        .message = db_text_in(r, 17, a),
        .version = db_int(r, 18),
        .type_name = db_text_in(r, 19, a),
        .description = db_text_in(r, 20, a),
        .staff_name = db_text_in(r, 21, a),
        .customer_number = db_int(r, 22),
        .customer_name = customer_full_name(a, db_text(r, 23), db_text(r, 24), db_text(r, 25))};
    if (c.state == CERTIFICATE_OPEN && c.valid_until != DAY_NONE && c.valid_until < today)
        c.state = CERTIFICATE_EXPIRED;
    return c;
}

enum err certificate_list(struct db_tx *tx, int64_t merchant_id, const struct certificate_filter *f,
                          struct arena *a, struct certificate *ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct db_value values[7] = {db_i(merchant_id), db_i(f->below), db_i(f->type_id),
                                 db_i(f->state), db_i(f->today)};
    size_t n = 5;
    if (f->customer_id)
        values[n++] = db_i(f->customer_id);
    values[n++] = db_i(f->limit);
    *ret_n = 0;
    enum err e = db_query_values(
        tx, f->customer_id ? &certificate_page_customer : &certificate_page, &rows, values, n);
    while (e == OK && db_next(rows))
        ret[(*ret_n)++] = read_row(rows, f->today, a);
    return e == OK ? db_error(rows) : e;
}

static enum err read_one(struct db_tx *tx, const struct db_statement *st, int64_t merchant_id,
                         struct db_value key, int32_t today, struct arena *a,
                         struct certificate *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, st, &rows, db_i(merchant_id), key);
    if (e != OK)
        return e;
    if (!db_next(rows))
        return (e = db_error(rows)) != OK ? e : ERR_NOT_FOUND;
    *ret = read_row(rows, today, a);
    return OK;
}

enum err certificate_get(struct db_tx *tx, int64_t merchant_id, int64_t id, int32_t today,
                         struct arena *a, struct certificate *ret)
{
    return read_one(tx, &certificate_one, merchant_id, db_i(id), today, a, ret);
}

enum err certificate_by_code(struct db_tx *tx, int64_t merchant_id, struct str typed, int32_t today,
                             struct arena *a, struct certificate *ret, struct problem *p)
{
    struct code code;
    if (!code_read(typed, CERTIFICATE_SYMBOLS, &code))
        return problem_set(p, NULL, ERR_INVALID, "certificate_mistyped", "code", NULL);
    enum err e = read_one(tx, &certificate_code, merchant_id, db_tc(code.text), today, a, ret);
    return e == ERR_NOT_FOUND ? problem_set(p, NULL, e, "certificate_unknown", "code", NULL) : e;
}

enum err certificate_changes(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                             struct certificate_change **ret, size_t *ret_n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct certificate_change *all =
        arena_array(a, struct certificate_change, CERTIFICATE_CHANGES_MAX);
    size_t n = 0;
    enum err e = db_query(tx, &certificate_change_all, &rows, db_i(merchant_id), db_i(id));
    while (e == OK && n < CERTIFICATE_CHANGES_MAX && db_next(rows))
        all[n++] = (struct certificate_change){.id = db_int(rows, 0),
                                               .kind = db_text_in(rows, 1, a),
                                               .amount_minor = db_int(rows, 2),
                                               .cites_id = db_int(rows, 3),
                                               .at_us = db_int(rows, 4),
                                               .store = db_text_in(rows, 5, a),
                                               .staff_name = db_text_in(rows, 6, a),
                                               .note = db_text_in(rows, 7, a)};
    if (e == OK)
        e = db_error(rows);
    *ret = all;
    *ret_n = n;
    return e;
}

/* ---- what is told of it ---- */

/* Of the timeline: {"what": "issued", "type": name, "amount_minor": …}. */
static const char *detail_of(struct arena *a, const char *what, struct str type, int64_t amount)
{
    struct buf text;
    struct json j;
    buf_init(&text, 4096);
    json_init(&j, &text);
    json_open(&j);
    json_kv_cstr(&j, "what", what);
    json_kv_text(&j, "name", type);
    if (amount)
        json_kv_int(&j, "amount_minor", amount);
    json_close(&j);
    const char *detail = arena_cstr(a, buf_str(&text));
    buf_free(&text);
    return detail;
}

static struct activity_event event_of(const struct certificate_actor *who, int64_t customer_id,
                                      int64_t id, const char *detail, int64_t at_us)
{
    return (struct activity_event){.customer_id = customer_id,
                                   .kind = "certificate",
                                   .store_id = who->store_id,
                                   .at_us = at_us,
                                   .day = who->today,
                                   .staff_id = who->by.staff_id,
                                   .amount_minor = INT64_MIN,
                                   .subject_id = id,
                                   .detail = detail};
}

static enum err log_it(struct db_tx *tx, int64_t merchant_id, const struct certificate *c,
                       const struct certificate_actor *who, const char *action, int64_t amount,
                       struct str reason)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct arena *a = db_arena(tx);
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "type", c->type_name);
    if (amount)
        audit_detail_value(&d, "amount_minor", str_c(arena_printf(a, "%lld", (long long)amount)));
    if (reason.n)
        audit_detail_value(&d, "reason", reason);
    return audit_write(tx, merchant_id, &who->by, action, "certificate", c->id,
                       audit_detail_end(&d));
}

/* The timeline and the change feed, unless the customer was erased. */
static enum err show(struct db_tx *tx, int64_t merchant_id, const struct certificate *c,
                     const struct certificate_actor *who, const char *what, int64_t amount)
{
    int64_t at_us = certificate_at(who), id = c->customer_id;
    const struct activity_event event =
        event_of(who, id, c->id, detail_of(db_arena(tx), what, c->type_name, amount), at_us);
    enum err e = id ? activity_add(tx, merchant_id, "staff", at_us, &event, 1) : OK;
    return e == OK && id ? change_note(tx, merchant_id, "customer", &id, 1) : e;
}

/* ---- issuing ---- */

enum err certificate_issue_many(struct db_tx *tx, int64_t merchant_id,
                                const struct certificate_type *type, const int64_t *customers,
                                size_t n, const struct certificate_issue *how,
                                const struct certificate_actor *who, int64_t *ret_ids)
{
    struct arena *a = db_arena(tx);
    struct batch_rows rows;
    int64_t now = certificate_at(who);
    struct code *codes = arena_array(a, struct code, n + 1);
    struct activity_event *events = arena_array(a, struct activity_event, n + 1);
    const char *detail = detail_of(a, "issued", type->name, type->value_minor);
    check(n <= 1 || !how->idempotency);
    batch_rows_begin(&rows, tx, a, &certificate_add);
    for (size_t i = 0; i < n; i++) {
        ret_ids[i] = id_new();
        codes[i] = code_new(CERTIFICATE_SYMBOLS);
        events[i] = event_of(who, customers[i], ret_ids[i], detail, now);
        batch_rows_add(&rows,
                       (struct db_value[]){
                           db_i(merchant_id), db_i(ret_ids[i]), db_i(customers[i]), db_i(type->id),
                           db_tc(codes[i].text), db_tc(certificate_kinds[type->kind]),
                           db_i(type->value_minor), db_t(type->gift), db_i(type->partial),
                           db_i_or_null(certificate_last_day(type, who->today), DAY_NONE),
                           db_i(now), db_i(who->today), db_tc(how->origin),
                           db_i_or_null(who->by.staff_id, 0), db_i_or_null(how->bulk_id, 0),
                           db_t(how->reason), db_t(how->message), db_tc(how->idempotency)});
    }
    enum err e = batch_rows_end(&rows);
    if (e == OK)
        e = db_exec(tx, &certificate_type_take, NULL, db_i((int64_t)n), db_i(merchant_id),
                    db_i(type->id));
    return e == OK ? activity_add(tx, merchant_id, "staff", now, events, n) : e;
}

static enum err check_limits(struct db_tx *tx, int64_t merchant_id,
                             const struct certificate_type *type, int64_t customer_id,
                             const struct certificate_issue *how,
                             const struct certificate_actor *who, struct problem *p)
{
    int64_t held;
    if (type->valid_until != DAY_NONE && type->valid_until < who->today)
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_type_over", "type_id", NULL);
    if (how->promised)
        return OK;
    if (certificate_room(type) == 0)
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_stock", "type_id", NULL);
    if (type->per_customer == 0)
        return OK;
    enum err e = db_query_int(tx, &certificate_count, &held, db_i(merchant_id), db_i(customer_id),
                              db_i(type->id));
    if (e == OK && held >= type->per_customer)
        e = problem_set(p, NULL, ERR_CONFLICT, "certificate_limit", "type_id", "limit",
                        arena_printf(who->arena, "%lld", (long long)type->per_customer), NULL);
    return e;
}

enum err certificate_issue(struct db_tx *tx, int64_t merchant_id, int64_t type_id,
                           int64_t customer_id, const struct certificate_issue *how,
                           const struct certificate_actor *who, int64_t *ret_id, struct problem *p)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct certificate_type type;
    int64_t living;
    enum err e = how->idempotency ? db_query_int(tx, &certificate_promised, ret_id,
                                                 db_i(merchant_id), db_tc(how->idempotency))
                                  : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e; /* it was given before */
    e = certificate_type_get(tx, merchant_id, type_id, db_arena(tx), &type);
    if (e == ERR_NOT_FOUND)
        return problem_set(p, NULL, ERR_INVALID, "certificate_type_unknown", "type_id", NULL);
    if (e == OK)
        e = db_query_int(tx, &certificate_living, &living, db_i(merchant_id), db_i(customer_id));
    if (e == OK)
        e = check_limits(tx, merchant_id, &type, customer_id, how, who, p);
    if (e == OK)
        e = certificate_issue_many(tx, merchant_id, &type, &customer_id, 1, how, who, ret_id);
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "type", type.name);
    if (how->reason.n)
        audit_detail_value(&d, "reason", how->reason);
    e = audit_write(tx, merchant_id, &who->by, "certificate.issue", "certificate", *ret_id,
                    audit_detail_end(&d));
    return e == OK ? change_note(tx, merchant_id, "customer", &customer_id, 1) : e;
}

/* ---- using ---- */

static enum err add_change(struct db_tx *tx, int64_t merchant_id, int64_t id, const char *kind,
                           int64_t amount, int64_t cites_id, struct str note,
                           const struct certificate_actor *who)
{
    return db_exec(tx, &certificate_change_add, NULL, db_i(merchant_id), db_i(id), db_i(id_new()),
                   db_tc(kind), db_i(amount), db_i_or_null(cites_id, 0), db_i(certificate_at(who)),
                   db_i(who->today), db_i_or_null(who->by.staff_id, 0),
                   db_i_or_null(who->store_id, 0), db_t(note));
}

/* From what was read to what is to be; nobody writes between the two in one transaction. */
static enum err set(struct db_tx *tx, int64_t merchant_id, struct certificate *c,
                    enum certificate_state state, int64_t left_minor)
{
    int64_t changed;
    enum err e = db_exec(tx, &certificate_set, &changed, db_i(state), db_i(left_minor),
                         db_i(merchant_id), db_i(c->id), db_i(c->version));
    if (e == OK && changed != 1)
        return ERR_CONFLICT;
    c->state = state;
    c->left_minor = left_minor;
    c->version++;
    return e;
}

static enum err gone(const struct certificate *c, const struct certificate_actor *who,
                     struct problem *p)
{
    char day[DAY_TEXT_MAX];
    switch (c->state) {
    case CERTIFICATE_REDEEMED:
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_redeemed", "code", NULL);
    case CERTIFICATE_VOID:
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_void", "code", NULL);
    case CERTIFICATE_EXPIRED:
        return problem_set(
            p, who->arena, ERR_CONFLICT, "certificate_expired", "code", "day",
            arena_cstr(who->arena, (struct str){day, day_format(c->valid_until, day)}), NULL);
    default:
        return OK;
    }
}

static enum err check_amount(const struct certificate *c, int64_t amount, struct problem *p)
{
    if (c->kind == CERTIFICATE_GIFT)
        return amount == 0 ? OK
                           : problem_set(p, NULL, ERR_INVALID, "certificate_no_amount",
                                         "amount_minor", NULL);
    if (amount > c->left_minor)
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_too_little", "amount_minor", NULL);
    if (amount < c->left_minor && !c->partial)
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_whole", "amount_minor", NULL);
    return OK;
}

enum err certificate_redeem(struct db_tx *tx, int64_t merchant_id, int64_t id, int64_t amount_minor,
                            struct str note, const struct certificate_actor *who,
                            struct certificate *ret, struct problem *p)
{
    enum err e = certificate_get(tx, merchant_id, id, who->today, who->arena, ret);
    if (e == OK)
        e = gone(ret, who, p);
    if (e == OK && amount_minor == 0)
        amount_minor = ret->left_minor;
    if (e == OK)
        e = check_amount(ret, amount_minor, p);
    if (e == OK)
        e = add_change(tx, merchant_id, id, "redeem", amount_minor, 0, note, who);
    if (e != OK)
        return e;
    int64_t left = ret->left_minor - amount_minor;
    e = set(tx, merchant_id, ret, left > 0 ? CERTIFICATE_OPEN : CERTIFICATE_REDEEMED, left);
    if (e == OK)
        e = log_it(tx, merchant_id, ret, who, "certificate.redeem", amount_minor, note);
    return e == OK ? show(tx, merchant_id, ret, who, "redeemed", amount_minor) : e;
}

/* One of which nothing was redeemed counts against the stock no more when it is void. */
static bool untouched(const struct certificate *c)
{
    return c->left_minor == c->value_minor;
}

static enum err take_stock(struct db_tx *tx, int64_t merchant_id, int64_t type_id, int64_t n)
{
    return db_exec(tx, &certificate_type_take, NULL, db_i(n), db_i(merchant_id), db_i(type_id));
}

enum err certificate_void_many(struct db_tx *tx, int64_t merchant_id, int64_t type_id,
                               const struct certificate *all, size_t n, struct str reason,
                               const struct certificate_actor *who)
{
    struct arena *a = db_arena(tx);
    struct activity_event *events = arena_array(a, struct activity_event, n + 1);
    int64_t now = certificate_at(who), back = 0;
    size_t nevents = 0;
    enum err e = OK;
    for (size_t i = 0; e == OK && i < n; i++) {
        struct certificate c = all[i];
        back += untouched(&c);
        if (c.customer_id)
            events[nevents++] =
                event_of(who, c.customer_id, c.id, detail_of(a, "voided", c.type_name, 0), now);
        e = add_change(tx, merchant_id, c.id, "void", c.left_minor, 0, reason, who);
        if (e == OK)
            e = set(tx, merchant_id, &c, CERTIFICATE_VOID, c.left_minor);
    }
    if (e == OK)
        e = take_stock(tx, merchant_id, type_id, -back);
    return e == OK ? activity_add(tx, merchant_id, "staff", now, events, nevents) : e;
}

enum err certificate_void(struct db_tx *tx, int64_t merchant_id, int64_t id, struct str reason,
                          const struct certificate_actor *who, struct certificate *ret,
                          struct problem *p)
{
    enum err e = certificate_get(tx, merchant_id, id, who->today, who->arena, ret);
    if (e == OK && ret->state != CERTIFICATE_EXPIRED)
        e = gone(ret, who, p);
    if (e == OK)
        e = certificate_void_many(tx, merchant_id, ret->type_id, ret, 1, reason, who);
    if (e == OK)
        e = log_it(tx, merchant_id, ret, who, "certificate.void", 0, reason);
    if (e == OK && ret->customer_id)
        e = change_note(tx, merchant_id, "customer", &ret->customer_id, 1);
    return e == OK ? certificate_get(tx, merchant_id, id, who->today, who->arena, ret) : e;
}

/* The latest redemption or voiding that nothing has taken back. */
static const struct certificate_change *latest(const struct certificate_change *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool taken = str_eq(all[i].kind, STR("back"));
        for (size_t k = 0; k < i && !taken; k++)
            taken = all[k].cites_id == all[i].id;
        if (!taken)
            return &all[i];
    }
    return NULL;
}

enum err certificate_take_back(struct db_tx *tx, int64_t merchant_id, int64_t id, struct str reason,
                               const struct certificate_actor *who, struct certificate *ret,
                               struct problem *p)
{
    struct certificate_change *all;
    size_t n;
    enum err e = certificate_get(tx, merchant_id, id, who->today, who->arena, ret);
    if (e == OK)
        e = certificate_changes(tx, merchant_id, id, db_arena(tx), &all, &n);
    if (e != OK)
        return e;
    const struct certificate_change *last = latest(all, n);
    if (!last)
        return problem_set(p, NULL, ERR_CONFLICT, "certificate_nothing_back", NULL, NULL);
    bool voided = str_eq(last->kind, STR("void"));
    int64_t left = ret->left_minor + (voided ? 0 : last->amount_minor);
    e = add_change(tx, merchant_id, id, "back", last->amount_minor, last->id, reason, who);
    if (e == OK && voided)
        e = take_stock(tx, merchant_id, ret->type_id, untouched(ret));
    int64_t amount = voided ? 0 : last->amount_minor;
    if (e == OK)
        e = set(tx, merchant_id, ret, CERTIFICATE_OPEN, left);
    if (e == OK)
        e = log_it(tx, merchant_id, ret, who, "certificate.take_back", amount, reason);
    if (e == OK)
        e = show(tx, merchant_id, ret, who, voided ? "unvoided" : "back", amount);
    return e == OK ? certificate_get(tx, merchant_id, id, who->today, who->arena, ret) : e;
}
