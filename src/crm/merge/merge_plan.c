#include "merge_plan.h"
#include "../../audience/audience.h"
#include "../../base/check.h"
#include "../consent/consent.h"

const char *const merge_field_names[MERGE_FIELDS + 1] = {
    "first_name", "last_name", "nickname", "gender",  "birthday",   "language",    "address",
    "store",      "source",    "device",   "photo",   "registered", "external_id", "facebook",
    "twitter",    "instagram", "google",   "website", "phone",      "email",       NULL};

/* ---- choosing ---- */

static bool said(const struct merge_profile *p, enum merge_field field)
{
    if (field >= MERGE_PHONE)
        return p->lists[field - MERGE_PHONE].n > 0;
    for (int i = 0; i < MERGE_COLUMNS; i++)
        if (merge_columns[i].field == field && merge_value_said(i, &p->v[i]))
            return true;
    return false;
}

/* 1: the loser's. */
static int by_rule(const struct merge_profile *const both[2], enum merge_field field)
{
    bool has[2] = {said(both[0], field), said(both[1], field)};
    if (has[0] != has[1])
        return has[1];
    if (field == MERGE_EXTERNAL_ID || !has[0])
        return 0;
    if (field == MERGE_REGISTERED)
        return both[1]->v[COL_REGISTERED].i < both[0]->v[COL_REGISTERED].i;
    return both[1]->updated_us > both[0]->updated_us;
}

static void choose_columns(const struct merge_profile *const both[2], struct merge_plan *plan)
{
    for (int i = 0; i < MERGE_COLUMNS; i++) {
        enum merge_field field = merge_columns[i].field;
        if (field < MERGE_FIELDS)
            plan->after.v[i] = both[plan->taken[field] == MERGE_LOSER]->v[i];
    }
    plan->after.v[COL_ANONYMOUS] = db_i(both[0]->v[COL_ANONYMOUS].i && both[1]->v[COL_ANONYMOUS].i);
    if (both[0]->v[COL_BLOCKED].i == 0 && both[1]->v[COL_BLOCKED].i != 0)
        for (int i = COL_BLOCKED; i <= COL_BLOCKED_BY; i++)
            plan->after.v[i] = both[1]->v[i];
}

static void to_front(struct merge_list *list, struct str key)
{
    for (size_t i = 0; i < list->n; i++) {
        if (!str_eq(list->v[i].key, key))
            continue;
        struct merge_item first = list->v[i];
        memmove(list->v + 1, list->v, i * sizeof *list->v);
        list->v[0] = first;
        return;
    }
}

/* False: more than a card holds. */
static bool unite_lists(const struct merge_profile *const both[2], int kind,
                        struct merge_plan *plan)
{
    struct merge_list *list = &plan->after.lists[kind];
    const struct merge_list *more = &both[1]->lists[kind];
    *list = both[0]->lists[kind];
    for (size_t i = 0; i < more->n; i++) {
        if (merge_list_has(list, more->v[i].key))
            continue;
        if (list->n >= merge_list_max((enum merge_list_kind)kind))
            return false;
        list->v[list->n++] = more->v[i];
    }
    if (kind <= LIST_EMAILS && plan->taken[MERGE_PHONE + kind] == MERGE_LOSER && more->n)
        to_front(list, more->v[0].key);
    return true;
}

/* ---- consent ---- */

static bool surely_later(const struct merge_act *granted, const struct merge_act *refused)
{
    return granted->state == CONSENT_ACT_GRANTED && !granted->imported && refused->id != 0 &&
           granted->id > refused->id && granted->at_us > refused->at_us;
}

/* What the acts of both, read as one ledger, end with: by when they were written, or by when they
 * happened. -1: there is none. */
static int ledger_says(const struct merge_act *a, const struct merge_act *b, bool by_time)
{
    if (a->id == 0 || b->id == 0)
        return a->id ? a->state : b->id ? b->state : -1;
    return (by_time ? b->at_us > a->at_us : b->id > a->id) ? b->state : a->state;
}

static int64_t consent_of(const int64_t states[2], const struct merge_act *const acts[2])
{
    if (states[0] == states[1])
        return states[0];
    if (states[0] && states[1]) {
        bool second = states[1] == CONSENT_GRANTED;
        return surely_later(acts[second], acts[!second]) ? CONSENT_GRANTED : CONSENT_REFUSED;
    }
    bool second = states[1] != 0; /* the one that has a state */
    /* a consent that the other card took back as a slip, later, is in doubt */
    if (states[second] == CONSENT_GRANTED && acts[!second]->id > acts[second]->id)
        return CONSENT_NEVER_ASKED;
    return states[second];
}

static void choose_consent(const struct merge_profile *const both[2],
                           const struct merge_acts acts[2], int channel, struct merge_plan *plan)
{
    const struct merge_act *const said[2] = {&acts[0].consent[channel], &acts[1].consent[channel]};
    const struct merge_act *const stopped[2] = {&acts[0].suppression[channel],
                                                &acts[1].suppression[channel]};
    const int64_t states[2] = {both[0]->v[COL_SMS + channel].i, both[1]->v[COL_SMS + channel].i};
    int64_t state = consent_of(states, said);
    bool suppressed =
        both[0]->v[COL_SMS_SUPPRESSED + channel].i || both[1]->v[COL_SMS_SUPPRESSED + channel].i;

    plan->after.v[COL_SMS + channel] = db_i(state);
    plan->after.v[COL_SMS_SUPPRESSED + channel] = db_i(suppressed);
    plan->refuses[channel] =
        state == CONSENT_REFUSED && (ledger_says(said[0], said[1], false) != CONSENT_ACT_REFUSED ||
                                     ledger_says(said[0], said[1], true) != CONSENT_ACT_REFUSED);
    plan->suppresses[channel] =
        suppressed && ledger_says(stopped[0], stopped[1], false) != CONSENT_ACT_SUPPRESSED;
}

enum err merge_plan_make(const struct merge_profile *survivor, const struct merge_profile *loser,
                         const struct merge_acts acts[2],
                         const enum merge_choice choices[static MERGE_FIELDS], struct arena *a,
                         struct merge_plan *ret, struct problem *p)
{
    const struct merge_profile *const both[2] = {survivor, loser};
    *ret = (struct merge_plan){.after = *survivor};
    for (int field = 0; field < MERGE_FIELDS; field++)
        ret->taken[field] = choices[field] != MERGE_BY_RULE ? choices[field]
                            : by_rule(both, field)          ? MERGE_LOSER
                                                            : MERGE_SURVIVOR;
    choose_columns(both, ret);
    for (int channel = 0; channel < CHANNELS; channel++)
        choose_consent(both, acts, channel, ret);
    for (int kind = 0; kind < MERGE_LISTS; kind++)
        if (!unite_lists(both, kind, ret))
            return problem_set(
                p, a, ERR_CONFLICT, "merge_lists_long", merge_list_names[kind], "max",
                arena_printf(a, "%zu", merge_list_max((enum merge_list_kind)kind)), NULL);
    return OK;
}

/* ---- taking back ---- */

static void undo_value(const struct merge_in_force *gone, struct merge_in_force *others, size_t n,
                       struct merge_profile *survivor, int i)
{
    const struct db_value *was = &gone->before.v[i], *made = &gone->after.v[i];
    for (size_t k = 0; k < n; k++) {
        if (others[k].id < gone->id)
            continue;
        if (!merge_value_eq(&others[k].before.v[i], made))
            return;
        bool unchanged = merge_value_eq(&others[k].after.v[i], made);
        others[k].before.v[i] = *was;
        if (!unchanged)
            return;
        others[k].after.v[i] = *was;
    }
    if (merge_value_eq(&survivor->v[i], made))
        survivor->v[i] = *was;
}

static void without(struct merge_list *list, const struct merge_list *taken)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (!merge_list_has(taken, list->v[i].key))
            list->v[n++] = list->v[i];
    list->n = n;
}

/* What a merge brought, and which other one brings the same: it keeps it from then on. */
struct brought {
    const struct merge_in_force *gone;
    struct merge_list list;
    int64_t heirs[2 * MERGE_ITEMS_MAX]; /* merges; INT64_MAX: none */
};

static int64_t heir_of(struct str key, int kind, const struct merge_in_force *others, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (merge_list_has(&others[k].loser.lists[kind], key))
            return others[k].id;
    return INT64_MAX;
}

/* Takes away what has no heir before `least`: exactly as it was where nothing was added since. */
static void undo_list(const struct brought *b, int kind, int64_t least, struct merge_list *list)
{
    struct merge_list drop = {.n = 0};
    for (size_t i = 0; i < b->list.n; i++)
        if (b->heirs[i] >= least)
            drop.v[drop.n++] = b->list.v[i];
    if (drop.n == b->list.n && merge_list_eq(list, &b->gone->after.lists[kind]))
        *list = b->gone->before.lists[kind];
    else
        without(list, &drop);
}

static void undo_lists(const struct merge_in_force *gone, struct merge_in_force *others, size_t n,
                       struct merge_profile *survivor, int kind)
{
    struct brought b = {.gone = gone, .list = gone->after.lists[kind]};
    without(&b.list, &gone->before.lists[kind]);
    for (size_t i = 0; i < b.list.n; i++)
        b.heirs[i] = heir_of(b.list.v[i].key, kind, others, n);
    for (size_t k = 0; k < n; k++) {
        if (others[k].id < gone->id)
            continue;
        undo_list(&b, kind, others[k].id, &others[k].before.lists[kind]);
        undo_list(&b, kind, others[k].id + 1, &others[k].after.lists[kind]);
    }
    undo_list(&b, kind, INT64_MAX, &survivor->lists[kind]);
}

/* The acts that are left say it; who has none has what stood before the first merge. */
static void undo_consents(const struct merge_in_force *first, const struct merge_acts *left,
                          struct merge_profile *survivor)
{
    for (int i = 0; i < CHANNELS; i++) {
        const struct merge_act *said = &left->consent[i], *stopped = &left->suppression[i];
        survivor->v[COL_SMS + i] = said->id ? db_i(said->state) : first->before.v[COL_SMS + i];
        survivor->v[COL_SMS_SUPPRESSED + i] = stopped->id
                                                  ? db_i(stopped->state == CONSENT_ACT_SUPPRESSED)
                                                  : first->before.v[COL_SMS_SUPPRESSED + i];
    }
}

void merge_plan_undo(const struct merge_in_force *gone, struct merge_in_force *others, size_t n,
                     const struct merge_acts *left, struct merge_profile *survivor)
{
    for (int i = 0; i < MERGE_COLUMNS; i++)
        undo_value(gone, others, n, survivor, i);
    undo_consents(n && others[0].id < gone->id ? &others[0] : gone, left, survivor);
    for (int kind = 0; kind < MERGE_LISTS; kind++)
        undo_lists(gone, others, n, survivor, kind);
}
