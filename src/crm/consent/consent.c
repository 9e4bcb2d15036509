#include "consent.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "../change/change.h"
#include "../customer/customer_sql.h"
#include "consent_sql.h"

const char *const consent_act_names[CONSENT_ACTS + 1] = {"never_asked", "granted",  "refused",
                                                         "suppressed",  "released", NULL};
const char *const consent_hows[] = {"paper", "phone", "spoken", "web",
                                    "card",  "till",  "email",  NULL};
const char *const consent_reasons[] = {"bounce", "complaint", "stop", "other", NULL};

#define CARRIER "carrier" /* told by those who deliver */
#define UNDO "undo"       /* how an act that takes another one back came about */
#define UNDO_US (CONSENT_UNDO_HOURS * 3600LL * 1000000)
#define WRITTEN(number) WRITTEN_AS(number) /* the macro's value, not its name */
#define WRITTEN_AS(number) #number

/* What stands in the customer's row. */
struct standing {
    int state; /* CONSENT_NEVER_ASKED, _GRANTED or _REFUSED */
    bool suppressed;
};

static bool about_suppression(enum consent_act act)
{
    return act == CONSENT_ACT_SUPPRESSED || act == CONSENT_ACT_RELEASED;
}

static enum err read_standing(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              int channel, struct standing *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &consent_now, &rows, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    *ret = (struct standing){(int)db_int(rows, channel), db_int(rows, CHANNELS + channel) != 0};
    return OK;
}

struct latest {
    int64_t id, at_us; /* 0 = there is none */
};

static enum err read_latest(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int channel,
                            struct latest *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret = (struct latest){0};
    enum err e = db_query(tx, &consent_latest, &rows, db_i(merchant_id), db_i(customer_id),
                          db_tc(channel_names[channel]));
    if (e == OK && db_next(rows))
        *ret = (struct latest){db_int(rows, 0), db_int(rows, 1)};
    return e != OK ? e : db_error(rows);
}

static enum err check_text(struct db_tx *tx, int64_t merchant_id, const struct consent_record *act,
                           struct problem *p)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    if (act->text_id == 0)
        return OK;
    enum err e = db_query(tx, &consent_text_one, &rows, db_i(merchant_id), db_i(act->text_id));
    if (e != OK)
        return e;
    if (db_next(rows) && str_eq(db_text(rows, 0), str_c(channel_names[act->channel])))
        return OK;
    e = db_error(rows);
    return e != OK ? e : problem_set(p, NULL, ERR_INVALID, "consent_text_unknown", "text_id", NULL);
}

static enum err check_bound(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            struct problem *p)
{
    int64_t n;
    enum err e = db_query_int(tx, &consent_count, &n, db_i(merchant_id), db_i(customer_id));
    if (e != OK || n < CONSENT_ACTS_MAX)
        return e;
    return problem_set(p, NULL, ERR_CONFLICT, "consent_too_many", NULL, NULL);
}

/* What the act makes of the channel; false: nothing that was not so before. */
static bool turn(struct standing *now, enum consent_act act)
{
    struct standing before = *now;
    if (about_suppression(act))
        now->suppressed = act == CONSENT_ACT_SUPPRESSED;
    else
        now->state = (int)act;
    return now->state != before.state || now->suppressed != before.suppressed;
}

static enum err write_trace(struct db_tx *tx, int64_t merchant_id, const struct consent_record *act,
                            int64_t undoes_id)
{
    cleanup(audit_detail_free) struct audit_detail d = {0};
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "channel", str_c(channel_names[act->channel]));
    audit_detail_value(&d, "state", str_c(consent_act_names[act->act]));
    if (act->reason)
        audit_detail_value(&d, "reason", str_c(act->reason));
    const char *detail = audit_detail_end(&d);
    struct activity_event event = {.customer_id = act->customer_id,
                                   .kind = "consent",
                                   .at_us = act->at_us,
                                   .day = act->day,
                                   .staff_id = act->by.staff_id,
                                   .amount_minor = INT64_MIN,
                                   .detail = detail};
    enum err e = activity_add(tx, merchant_id, "staff", act->now_us, &event, 1);
    if (e == OK)
        e = audit_write(tx, merchant_id, &act->by, undoes_id ? "consent.undo" : "consent.record",
                        "customer", act->customer_id, detail);
    return e == OK ? change_note(tx, merchant_id, "customer", &act->customer_id, 1) : e;
}

static enum err write_act(struct db_tx *tx, int64_t merchant_id, const struct consent_record *act,
                          const struct standing *now, int64_t undoes_id)
{
    enum err e =
        db_exec(tx, &consent_add, NULL, db_i(merchant_id), db_i(act->customer_id), db_i(id_new()),
                db_tc(channel_names[act->channel]), db_tc(consent_act_names[act->act]),
                db_i(act->at_us), db_i(act->now_us), db_tc(act->how),
                db_i_or_null(act->by.staff_id, 0), db_i_or_null(act->text_id, 0),
                db_tc(act->reason), act->note.n ? db_t(act->note) : db_null(),
                db_tc(act->by.address), db_i_or_null(undoes_id, 0));
    if (e == OK)
        e = db_exec(tx, &consent_set[act->channel], NULL, db_i(now->state), db_i(now->suppressed),
                    db_i(act->now_us), db_i(merchant_id), db_i(act->customer_id));
    return e == OK ? write_trace(tx, merchant_id, act, undoes_id) : e;
}

enum err consent_record(struct db_tx *tx, int64_t merchant_id, const struct consent_record *given,
                        struct problem *p)
{
    struct consent_record act = *given;
    struct standing now;
    struct latest latest;

    check(act.channel >= 0 && act.channel < CHANNELS && act.act > CONSENT_ACT_NEVER_ASKED);
    enum err e = read_standing(tx, merchant_id, act.customer_id, act.channel, &now);
    if (e == OK)
        e = read_latest(tx, merchant_id, act.customer_id, act.channel, &latest);
    if (e == OK)
        e = check_text(tx, merchant_id, &act, p);
    if (e == OK)
        e = check_bound(tx, merchant_id, act.customer_id, p);
    if (e != OK)
        return e;
    if (act.after_id >= 0 && act.after_id != latest.id)
        return problem_set(p, NULL, ERR_STALE, "stale", NULL, NULL);
    if (latest.at_us > act.at_us && latest.at_us / US_PER_DAY > act.at_us / US_PER_DAY)
        return problem_set(p, NULL, ERR_INVALID, "consent_before_last", "given_on", NULL);
    if (latest.at_us >= act.at_us) /* a day alone was told: after what was said on that day */
        act.at_us = latest.at_us + 1;
    if (!turn(&now, act.act))
        return problem_set(p, NULL, ERR_CONFLICT, "consent_same", "state", NULL);
    return write_act(tx, merchant_id, &act, &now, 0);
}

struct undone {
    int channel;
    enum consent_act act;
    int64_t recorded_us, staff_id;
};

static enum err read_undone(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t id,
                            struct undone *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &consent_one, &rows, db_i(merchant_id), db_i(customer_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    *ret = (struct undone){
        .channel = name_index(channel_names, CHANNELS, db_text(rows, 0)),
        .act = (enum consent_act)name_index(consent_act_names, CONSENT_ACTS, db_text(rows, 1)),
        .recorded_us = db_int(rows, 3),
        .staff_id = db_int(rows, 5)};
    return OK;
}

/* What was there before it becomes the act that takes it back. */
static enum err read_before(struct db_tx *tx, int64_t merchant_id, int64_t act_id,
                            const struct undone *undone, struct consent_record *act)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    bool suppression = about_suppression(undone->act);
    act->act = suppression ? CONSENT_ACT_RELEASED : CONSENT_ACT_NEVER_ASKED;
    enum err e = db_query(tx, &consent_before, &rows, db_i(merchant_id), db_i(act->customer_id),
                          db_tc(channel_names[undone->channel]), db_i(act_id), db_i(suppression));
    if (e != OK)
        return e;
    if (db_next(rows)) {
        act->act = (enum consent_act)name_index(consent_act_names, CONSENT_ACTS, db_text(rows, 0));
        if (act->act == CONSENT_ACT_SUPPRESSED && !db_is_null(rows, 1))
            act->reason = arena_cstr(db_arena(tx), db_text(rows, 1));
    }
    return db_error(rows);
}

enum err consent_undo(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t act_id,
                      int32_t day, int64_t now_us, const struct audit_actor *by, struct problem *p)
{
    struct undone undone;
    struct standing now;
    struct latest latest;
    enum err e = read_undone(tx, merchant_id, customer_id, act_id, &undone);
    if (e == OK)
        e = read_standing(tx, merchant_id, customer_id, undone.channel, &now);
    if (e == OK)
        e = read_latest(tx, merchant_id, customer_id, undone.channel, &latest);
    if (e == OK)
        e = check_bound(tx, merchant_id, customer_id, p);
    if (e != OK)
        return e;
    if (latest.id != act_id)
        return problem_set(p, NULL, ERR_CONFLICT, "consent_undo_not_last", NULL, NULL);
    if (undone.staff_id == 0)
        return problem_set(p, NULL, ERR_CONFLICT, "consent_undo_others", NULL, NULL);
    if (now_us - undone.recorded_us > UNDO_US)
        return problem_set(p, NULL, ERR_CONFLICT, "consent_undo_late", NULL, "hours",
                           WRITTEN(CONSENT_UNDO_HOURS), NULL);
    struct consent_record act = {.customer_id = customer_id,
                                 .channel = undone.channel,
                                 .at_us = now_us > latest.at_us ? now_us : latest.at_us + 1,
                                 .day = day,
                                 .now_us = now_us,
                                 .how = UNDO,
                                 .by = *by};
    e = read_before(tx, merchant_id, act_id, &undone, &act);
    if (e != OK)
        return e;
    (void)turn(&now, act.act);
    return write_act(tx, merchant_id, &act, &now, act_id);
}

enum err consent_suppress(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int channel,
                          const char *reason, int64_t at_us, int64_t now_us)
{
    struct standing now;
    enum err e = read_standing(tx, merchant_id, customer_id, channel, &now);
    if (e != OK || !turn(&now, CONSENT_ACT_SUPPRESSED))
        return e;
    e = db_exec(tx, &consent_add, NULL, db_i(merchant_id), db_i(customer_id), db_i(id_new()),
                db_tc(channel_names[channel]), db_tc(consent_act_names[CONSENT_ACT_SUPPRESSED]),
                db_i(at_us), db_i(now_us), db_tc(CARRIER), db_null(), db_null(), db_tc(reason),
                db_null(), db_null(), db_null());
    return e == OK ? db_exec(tx, &consent_set[channel], NULL, db_i(now.state), db_i(now.suppressed),
                             db_i(now_us), db_i(merchant_id), db_i(customer_id))
                   : e;
}
