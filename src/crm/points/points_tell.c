#include "../../base/check.h"
#include "../../base/day.h"
#include "../activity/activity.h"
#include "../customer/facts.h"
#include "../customer/facts.h"
#include "points_ledger.h"

/* For the timeline, which links to the entry, or for the audit log. */
static const char *detail_of(struct points_ledger *l, const struct points_entry *e, bool timeline)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, l->arena);
    if (timeline) {
        json_kv_id(&d.json, "entry_id", e->id);
        json_kv_int(&d.json, "amount", e->amount);
    } else {
        json_kv_int(&d.json, "points", e->amount < 0 ? -e->amount : e->amount);
    }
    json_kv_cstr(&d.json, "kind", points_kinds[e->kind]);
    json_kv_int(&d.json, "balance", e->total);
    if (e->reason.n)
        json_kv_text(&d.json, "reason", e->reason);
    if (timeline && e->message.n)
        json_kv_text(&d.json, "message", e->message);
    return audit_detail_end(&d);
}

/* What a transaction brought or took stands on the timeline by itself. */
static bool is_of_sale(const struct points_entry *e)
{
    return e->kind == POINTS_PURCHASE || e->kind == POINTS_RETURN;
}

static enum err tell_timeline(struct points_ledger *l, const struct points_entry *e,
                              const char *origin)
{
    const struct activity_event event = {.customer_id = l->customer_id,
                                         .kind = "points",
                                         .store_id = e->store_id,
                                         .at_us = e->at_us,
                                         .day = e->day < 0 ? 0 : e->day,
                                         .staff_id = e->staff_id,
                                         .amount_minor = INT64_MIN,
                                         .detail = detail_of(l, e, true)};
    return activity_add(l->tx, l->merchant_id, origin, now_us(), &event, 1);
}

static enum err tell_audit(struct points_ledger *l, const struct points_entry *e,
                           const struct audit_actor *by)
{
    const char *action = e->kind == POINTS_REVERSAL ? "points.reverse"
                         : e->amount > 0            ? "points.add"
                                                    : "points.take";
    return audit_write(l->tx, l->merchant_id, by, action, "customer", l->customer_id,
                       detail_of(l, e, false));
}

/* What was spent, expired or brought along was earned all the same, or never. */
static bool changes_earned(const struct points_entry *e)
{
    return e->kind == POINTS_RETURN || e->kind == POINTS_REVERSAL ||
           (e->amount > 0 && e->kind != POINTS_OPENING && e->kind != POINTS_CERTIFICATE);
}

enum err points_tell(struct points_ledger *l, const struct points_entry *e,
                     const struct audit_actor *by, const char *origin)
{
    enum err err = is_of_sale(e) ? OK : tell_timeline(l, e, origin);
    if (err == OK && by)
        err = tell_audit(l, e, by);
    return err == OK && changes_earned(e)
               ? facts_followed(l->tx, l->merchant_id, &l->customer_id, 1)
               : err;
}
