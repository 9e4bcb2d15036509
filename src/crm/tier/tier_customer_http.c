/* Routes of a customer's tier: where they stand, why, until when; giving one, handing it back. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../batch.h"
#include "../change/change.h"
#include "../customer/customer_view.h"
#include "tier_internal.h"

struct give_args {
    int64_t tier;
    int32_t until;
    struct str reason;
    bool has_tier;
};
#define AT(field) offsetof(struct give_args, field)
static const struct spec give_spec[] = {
    {"tier", SPEC_ID, AT(tier), .present_offset = AT(has_tier) + 1,
     .doc = "must be there; null: no tier"},
    {"until", SPEC_DAY, AT(until), .doc = "the last day; then the rule holds again"},
    {"reason", SPEC_TEXT, AT(reason), .max = TIER_REASON_MAX},
    {0},
};

struct tier_call {
    struct request *r;
    int32_t today;
    bool release;
    struct tier_ladder ladder;
    struct tier_state state;
    struct tier_history history;
    struct tier_entry entries[TIER_ENTRIES_TOLD];
    size_t nentries;
    int64_t version; /* how many entries there are: grows whoever changes what */
};

static enum err read_state(struct db_tx *tx, void *arg)
{
    struct tier_call *c = arg;
    struct request *r = c->r;
    int64_t merchant_id = r->caller.merchant_id;
    enum err e = tier_ladder_read(tx, merchant_id, r->arena, &c->ladder);
    if (e == OK)
        e = tier_states(tx, merchant_id, &c->ladder, c->today, &r->ids[0], 1, r->arena, &c->state,
                        &c->history);
    if (e == OK)
        e = tier_entries(tx, merchant_id, r->ids[0], r->arena, c->entries, &c->nentries,
                         &c->version);
    return e == OK && !c->state.customer_id ? ERR_NOT_FOUND : e;
}

/* ---- answers ---- */

static void level_json(struct json *j, const char *key, const struct tier_ladder *l, int64_t id)
{
    int place = tier_place(l, id);
    json_key(j, key);
    if (place < 0) {
        json_nil(j);
        return;
    }
    const struct tier *t = &l->tiers[place];
    json_open(j);
    json_kv_id(j, "id", t->id);
    json_kv_text(j, "name", t->name);
    json_kv_cstr(j, "colour", tier_colour_names[t->colour]);
    json_kv_int(j, "threshold", t->threshold);
    json_kv_text(j, "benefits", t->benefits);
    json_close(j);
}

/* The nearest level above the one they have that the rule gives; 0: none. */
static int64_t above(const struct tier_ladder *l, int64_t tier_id)
{
    for (int i = tier_place(l, tier_id) + 1; i < l->rules.n; i++)
        if (l->rules.thresholds[i] > 0)
            return l->tiers[i].id;
    return 0;
}

static void rule_json(const struct tier_call *c)
{
    struct json *j = &c->r->json;
    const struct tier_ladder *l = &c->ladder;
    int64_t value = tier_sum(&l->rules, &c->history, c->today), next = above(l, c->state.tier_id);
    int reached = tier_reached(&l->rules, &c->history, c->today);
    json_key(j, "rule");
    if (l->rules.measure == TIER_NONE) {
        json_nil(j);
        return;
    }
    json_open(j);
    json_kv_cstr(j, "measure", tier_measure_names[l->rules.measure]);
    json_kv_cstr(j, "period", tier_period_names[l->rules.period]);
    json_kv_int(j, "months", l->rules.months);
    json_kv_int(j, "value", value);
    level_json(j, "reached", l, reached < 0 ? 0 : l->tiers[reached].id);
    level_json(j, "above", l, next);
    json_key(j, "lacking");
    if (next)
        json_int(j, l->rules.thresholds[tier_place(l, next)] > value
                        ? l->rules.thresholds[tier_place(l, next)] - value
                        : 0);
    else
        json_nil(j);
    json_close(j);
}

static void entry_level_json(struct json *j, const char *key, struct str name, int colour)
{
    json_key(j, key);
    if (name.n == 0) {
        json_nil(j);
        return;
    }
    json_open(j);
    json_kv_text(j, "name", name);
    json_kv_cstr(j, "colour", tier_colour_names[colour]);
    json_close(j);
}

static void entries_json(const struct tier_call *c)
{
    struct json *j = &c->r->json;
    json_key(j, "history");
    json_list(j);
    for (size_t i = 0; i < c->nentries; i++) {
        const struct tier_entry *e = &c->entries[i];
        json_open(j);
        json_kv_id(j, "id", e->id);
        json_kv_instant(j, "at", e->at_us);
        json_kv_day(j, "day", e->day);
        entry_level_json(j, "from", e->from, e->from_colour);
        entry_level_json(j, "to", e->to, e->to_colour);
        json_kv_cstr(j, "cause", e->cause);
        json_kv_day(j, "until", e->until_day);
        customer_text_json(j, "reason", e->reason);
        customer_text_json(j, "staff", e->staff);
        json_close(j);
    }
    json_end(j);
}

/* Who gave what holds now, and why. */
static const struct tier_entry *hand_of(const struct tier_call *c)
{
    for (size_t i = 0; c->state.by_hand && i < c->nentries; i++)
        if (strcmp(c->entries[i].cause, "hand") == 0)
            return &c->entries[i];
    return NULL;
}

static enum err answer(struct tier_call *c)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    const struct tier_entry *hand = hand_of(c);
    r->etag = arena_printf(r->arena, "%lld", (long long)c->version);
    json_open(j);
    level_json(j, "tier", &c->ladder, c->state.tier_id);
    json_kv_day(j, "since", c->state.tier_id ? c->state.since_day : DAY_NONE);
    json_kv_bool(j, "by_hand", c->state.by_hand);
    json_kv_day(j, "until", c->state.until_day);
    customer_text_json(j, "reason", hand ? hand->reason : STR(""));
    customer_text_json(j, "staff", hand ? hand->staff : STR(""));
    json_kv_day(j, "next_day", c->state.next_day);
    level_json(j, "next", &c->ladder, c->state.next_id);
    rule_json(c);
    entries_json(c);
    json_kv_int(j, "tiers", c->ladder.rules.n);
    json_kv_int(j, "version", c->version);
    json_close(j);
    return OK;
}

static enum err begin(struct request *r, struct tier_call *c)
{
    int32_t today;
    enum err e = customer_allowed(r, &today);
    if (e == OK)
        *c = (struct tier_call){.r = r, .today = today};
    return e;
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct tier_call *c = arena_make(r->arena, struct tier_call);
    enum err e = begin(r, c);
    if (e == OK)
        e = db_read(app->db, read_state, c);
    return e == OK ? answer(c) : e;
}

/* ---- by hand ---- */

static const char *audit_text(struct tier_call *c, const struct tier_act *act, struct arena *a)
{
    struct audit_detail d cleanup(audit_detail_free);
    int from = tier_place(&c->ladder, c->state.tier_id);
    int to = tier_place(&c->ladder, act->tier_id);
    char until[DAY_TEXT_MAX];
    audit_detail_begin(&d, a);
    if (!act->release)
        audit_detail_change(&d, "tier", from < 0 ? STR("") : c->ladder.tiers[from].name,
                            to < 0 ? STR("") : c->ladder.tiers[to].name);
    if (act->until_day != DAY_NONE)
        audit_detail_value(&d, "until", (struct str){until, day_format(act->until_day, until)});
    if (act->reason.n)
        audit_detail_value(&d, "reason", act->reason);
    return audit_detail_end(&d);
}

static enum err write_act(struct db_tx *tx, void *arg)
{
    struct tier_call *c = arg;
    struct request *r = c->r;
    const struct give_args *args = c->release ? NULL : r->args;
    const struct audit_actor by = audit_by_request(r);
    int64_t merchant_id = r->caller.merchant_id;
    const struct tier_act act = {.customer_id = r->ids[0],
                                 .release = c->release,
                                 .tier_id = args ? args->tier : 0,
                                 .until_day = args ? args->until : DAY_NONE,
                                 .reason = args ? args->reason : STR("")};
    enum err e = read_state(tx, c);
    if (e == OK)
        e = request_check_version(r, c->version);
    if (e == OK)
        e = tier_act_check(&c->ladder, c->today, &act, r->arena, &r->problem);
    if (e == OK && c->release && !c->state.by_hand)
        return request_fail(r, ERR_CONFLICT, "tier_not_by_hand", NULL, NULL);
    if (e == OK)
        e = tier_act(tx, merchant_id, &c->ladder, c->today, by.staff_id, &act, 1);
    if (e == OK)
        e = audit_write(tx, merchant_id, &by,
                        c->release ? "customer.tier_release" : "customer.tier", "customer",
                        act.customer_id, audit_text(c, &act, db_arena(tx)));
    if (e == OK)
        e = change_note(tx, merchant_id, "customer", &act.customer_id, 1);
    return e == OK ? read_state(tx, c) : e;
}

static enum err act_route(struct request *r, bool release)
{
    const struct app *app = r->app;
    struct tier_call *c = arena_make(r->arena, struct tier_call);
    enum err e = begin(r, c);
    c->release = release;
    if (e == OK)
        e = db_write(app->db, write_act, c);
    return e == OK ? answer(c) : e;
}

static enum err give_route(struct request *r)
{
    const struct give_args *args = r->args;
    if (!args->has_tier)
        return request_fail(r, ERR_INVALID, "field_required", "tier", NULL);
    return act_route(r, false);
}

static enum err release_route(struct request *r)
{
    return act_route(r, true);
}

const struct http_route tier_customer_routes[] = {
    {"GET", "/api/v1/customers/{id}/tier", PERM_CUSTOMERS_READ, get_route,
     .summary = "A customer's tier, why, until when, and its history", .answer = "CustomerTier"},
    {"PUT", "/api/v1/customers/{id}/tier", PERM_CUSTOMERS_WRITE, give_route, .body = give_spec,
     .args_size = sizeof(struct give_args), .needs_version = true, .confirm_password = true,
     .summary = "Gives the customer a tier by hand", .answer = "CustomerTier"},
    {"DELETE", "/api/v1/customers/{id}/tier", PERM_CUSTOMERS_WRITE, release_route,
     .needs_version = true, .confirm_password = true,
     .summary = "Hands the customer's tier back to the rule", .answer = "CustomerTier"},
    {0},
};
