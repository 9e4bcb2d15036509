#include "reward.h"
#include "../../base/check.h"
#include "../points/points.h"

const char *const reward_kinds[] = {"none", "points", "certificate", "gift", NULL};

static const struct db_statement reward_type_name = {
    "reward_type_name", "SELECT name FROM certificate_type WHERE merchant_id = $1 AND id = $2",
    "ii", "t"};
const struct db_statement *const reward_statements[] = {&reward_type_name, NULL};

enum reward_kind reward_kind_of(struct str name)
{
    for (int i = 0; reward_kinds[i]; i++)
        if (str_eq(name, str_c(reward_kinds[i])))
            return (enum reward_kind)i;
    return REWARD_NONE;
}

enum err reward_check(struct db_tx *tx, int64_t merchant_id, struct reward *r, const char *field,
                      struct problem *p)
{
    struct certificate_type type;
    const struct reward given = *r;
    *r = (struct reward){.kind = given.kind, .gift = STR(""), .type = STR("")};
    switch (given.kind) {
    case REWARD_POINTS:
        r->points = given.points;
        return r->points > 0
                   ? OK
                   : problem_set(p, NULL, ERR_INVALID, "reward_points_needed", field, NULL);
    case REWARD_GIFT:
        r->gift = given.gift;
        return r->gift.n ? OK
                         : problem_set(p, NULL, ERR_INVALID, "reward_gift_needed", field, NULL);
    case REWARD_CERTIFICATE: {
        r->type_id = given.type_id;
        enum err e = certificate_type_get(tx, merchant_id, r->type_id, db_arena(tx), &type);
        return e == ERR_NOT_FOUND
                   ? problem_set(p, NULL, ERR_INVALID, "certificate_type_unknown", field, NULL)
                   : e;
    }
    default:
        return OK;
    }
}

enum err reward_name(struct db_tx *tx, int64_t merchant_id, struct arena *a, struct reward *r)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    r->type = STR("");
    if (r->kind != REWARD_CERTIFICATE)
        return OK;
    enum err e = db_query(tx, &reward_type_name, &rows, db_i(merchant_id), db_i(r->type_id));
    if (e == OK && db_next(rows))
        r->type = db_text_in(rows, 0, a);
    return e == OK ? db_error(rows) : e;
}

/* "none", {"points": 100}, {"certificate": "…"} or {"gift": "…"} */
static void write_reward(struct json *j, const void *value)
{
    const struct reward *r = value;
    if (r->kind == REWARD_NONE) {
        json_text(j, str_c(reward_kinds[r->kind]));
        return;
    }
    json_open(j);
    if (r->kind == REWARD_POINTS)
        json_kv_int(j, "points", r->points);
    if (r->kind == REWARD_CERTIFICATE)
        json_kv_text(j, "certificate", r->type);
    if (r->kind == REWARD_GIFT)
        json_kv_text(j, "gift", r->gift);
    json_close(j);
}

enum err reward_tell(struct db_tx *tx, int64_t merchant_id, struct audit_detail *d,
                     const char *field, const struct reward *from, const struct reward *to)
{
    struct reward was = *from, is = *to;
    if (was.kind == is.kind && was.points == is.points && was.type_id == is.type_id &&
        str_eq(was.gift, is.gift))
        return OK;
    enum err e = reward_name(tx, merchant_id, d->arena, &was);
    if (e == OK)
        e = reward_name(tx, merchant_id, d->arena, &is);
    if (e == OK)
        audit_detail_values(d, field, write_reward, &was, &is);
    return e;
}

static enum err give_points(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            const struct reward *r, const struct reward_cause *why,
                            const struct certificate_actor *who, struct reward_given *ret,
                            struct problem *p)
{
    struct points_entry entry;
    const struct points_new what = {.customer_id = customer_id,
                                    .amount = r->points,
                                    .kind = strcmp(why->kind, "stamp") == 0 ? POINTS_STAMP
                                                                            : POINTS_REFERRAL,
                                    .reason = why->reason,
                                    .store_id = who->store_id,
                                    .at_us = who->at_us,
                                    .day = who->today,
                                    .today = who->today,
                                    .idempotency = why->idempotency,
                                    .by = &who->by,
                                    .origin = "staff"};
    enum err e = points_post(tx, merchant_id, &what, who->arena, &entry, p);
    if (e == OK)
        ret->points_id = entry.id;
    return e;
}

enum err reward_give(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                     const struct reward *r, const struct reward_cause *why,
                     const struct certificate_actor *who, struct reward_given *ret,
                     struct problem *p)
{
    const struct certificate_issue how = {.origin = why->kind,
                                          .reason = why->reason,
                                          .message = STR(""),
                                          .idempotency = why->idempotency,
                                          .promised = true};
    *ret = (struct reward_given){0};
    if (r->kind == REWARD_POINTS)
        return give_points(tx, merchant_id, customer_id, r, why, who, ret, p);
    if (r->kind == REWARD_CERTIFICATE)
        return certificate_issue(tx, merchant_id, r->type_id, customer_id, &how, who,
                                 &ret->certificate_id, p);
    return OK;
}

static enum err used(enum err e, struct problem *p)
{
    return e == ERR_CONFLICT ? problem_set(p, NULL, e, "reward_used", NULL, NULL) : e;
}

enum err reward_take_back(struct db_tx *tx, int64_t merchant_id, const struct reward_given *given,
                          const struct reward_cause *why, const struct certificate_actor *who,
                          struct problem *p)
{
    struct certificate c;
    struct points_entry entry;
    if (given->points_id) {
        const struct points_back back = {.entry_id = given->points_id,
                                         .reason = why->reason,
                                         .store_id = who->store_id,
                                         .today = who->today,
                                         .by = &who->by,
                                         .origin = "staff"};
        return used(points_reverse(tx, merchant_id, &back, who->arena, &entry, p), p);
    }
    if (given->certificate_id == 0)
        return OK;
    enum err e =
        certificate_get(tx, merchant_id, given->certificate_id, who->today, who->arena, &c);
    if (e == OK && c.left_minor != c.value_minor)
        e = ERR_CONFLICT;
    if (e == OK && c.state != CERTIFICATE_VOID)
        e = certificate_void(tx, merchant_id, c.id, why->reason, who, &c, p);
    return used(e, p);
}

void reward_json(struct json *j, const struct reward *r)
{
    json_open(j);
    json_kv_cstr(j, "kind", reward_kinds[r->kind]);
    json_kv_int(j, "points", r->points);
    json_kv_id(j, "certificate_type", r->type_id);
    json_kv_text(j, "certificate", r->type);
    json_kv_text(j, "gift", r->gift);
    json_close(j);
}
