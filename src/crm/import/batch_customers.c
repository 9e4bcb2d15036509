#include "batch.h"
#include "../../base/check.h"
#include "../block/block.h"
#include "../customer/customer.h"
#include "../group/group.h"
#include "../points/points.h"
#include "match.h"

static enum err names_of(struct applying *a, const struct row_customer *c,
                         struct customer_change *to)
{
    enum err e =
        import_names_id(a->names, a->tx, a->merchant_id, WORD_STORE, c->store, &to->store_id);
    if (e == OK)
        e = import_names_id(a->names, a->tx, a->merchant_id, WORD_SOURCE, c->source,
                            &to->source_id);
    if (e || c->ntags == 0)
        return e;
    int64_t *tags = arena_array(a->arena, int64_t, (size_t)c->ntags);
    for (int i = 0; i < c->ntags && e == OK; i++)
        e = import_names_id(a->names, a->tx, a->merchant_id, WORD_TAG, c->tags[i], &tags[i]);
    to->tags = tags;
    to->ntags = (size_t)c->ntags;
    return e;
}

static void consents_of(struct applying *a, const struct row_customer *c,
                        struct customer_change *to)
{
    struct customer_consent *acts = arena_array(a->arena, struct customer_consent, CHANNELS);
    for (int i = 0; i < CHANNELS; i++)
        if (c->consents[i] != CONSENT_NEVER_ASKED)
            acts[to->nconsents++] = (struct customer_consent){
                .channel = i, .state = c->consents[i], .at_us = a->now_us};
    to->consents = acts;
}

struct customer_contact *contacts_for_change(struct arena *arena, const struct row_customer *c)
{
    struct customer_contact *to =
        arena_array(arena, struct customer_contact, (size_t)c->ncontacts + 1);
    for (int i = 0; i < c->ncontacts; i++)
        to[i] = (struct customer_contact){c->contacts[i].email, c->contacts[i].value,
                                          c->contacts[i].match_key, c->contacts[i].label};
    return to;
}

static enum err change_of(struct applying *a, const struct row_customer *c,
                          struct customer_change *to)
{
    to->external_id = c->external_id;
    to->first_name = c->first_name;
    to->last_name = c->last_name;
    to->nickname = c->nickname;
    to->city = c->city;
    to->address = c->address;
    to->postcode = c->postcode;
    to->address_kind = c->address_kind;
    to->facebook = c->facebook;
    to->twitter = c->twitter;
    to->google = c->google;
    to->instagram = c->instagram;
    to->website = c->website;
    to->places = c->places;
    to->nplaces = (size_t)c->nplaces;
    to->dates = c->dates;
    to->ndates = (size_t)c->ndates;
    memcpy(to->language, c->language, sizeof to->language);
    memcpy(to->country, c->country, sizeof to->country);
    to->gender = c->gender;
    to->device = c->device;
    to->birth_year = c->birth_year;
    to->birth_month = c->birth_month;
    to->birth_day = c->birth_day;
    to->registered_day = c->registered_day;
    to->contacts = contacts_for_change(a->arena, c);
    to->ncontacts = (size_t)c->ncontacts;
    consents_of(a, c, to);
    return names_of(a, c, to);
}

struct pending {
    struct batch_row **rows; /* those that change a customer */
    struct customer_change *changes;
    const int64_t **groups; /* as many as the row names */
    size_t n, ngroups;      /* ngroups: of all rows */
};

/* The row's groups, made where they are new. False: rejected, there are too many. */
static bool groups_of(struct applying *a, struct batch_row *r, const int64_t **ret, enum err *ret_e)
{
    const struct row_customer *c = &r->row.customer;
    int64_t *ids = arena_array(a->arena, int64_t, (size_t)c->ngroups + 1);
    *ret = ids;
    *ret_e = OK;
    for (int i = 0; i < c->ngroups && *ret_e == OK; i++)
        *ret_e =
            import_names_id(a->names, a->tx, a->merchant_id, WORD_GROUP, c->groups[i], &ids[i]);
    if (*ret_e != ERR_TOO_LARGE)
        return true;
    *ret_e = OK;
    _Static_assert(GROUPS_MAX == 200, "the number in the problem");
    row_reject(r, "import_groups", "groups", "max", "200");
    return false;
}

static enum err gather_changes(struct applying *a, struct batch *b, struct matcher *m,
                               struct pending *p)
{
    for (size_t i = 0; i < b->n; i++) {
        struct batch_row *r = b->rows[i];
        if (r->row.nproblems > 0) {
            r->verdict = ROW_INVALID;
            continue;
        }
        if (r->row.blank) {
            r->verdict = ROW_SKIP;
            report_reason(a->report, "import_blank_row", NULL);
            continue;
        }
        enum err e;
        if (!groups_of(a, r, &p->groups[p->n], &e))
            continue;
        if (e)
            return e;
        struct match match;
        matcher_find(m, &r->row.customer, &match);
        if (match.conflict) {
            row_reject_conflict(a, r, match.id, match.other);
            continue;
        }
        struct customer_change *c = &p->changes[p->n];
        *c = customer_change_empty(match.id);
        c->create = match.created;
        if ((e = change_of(a, &r->row.customer, c)))
            return e;
        p->ngroups += (size_t)r->row.customer.ngroups;
        p->rows[p->n++] = r;
    }
    return OK;
}

/* What they bring along from another program: once for a customer, whatever files say later. */
static enum err open_points(struct applying *a, struct pending *p, size_t i, bool *ret_opened)
{
    const struct row_customer *c = &p->rows[i]->row.customer;
    int64_t id = p->changes[i].id;
    struct points_entry made;
    struct problem problem = {0};
    *ret_opened = false;
    if (c->points == 0 || p->changes[i].verdict == CUSTOMER_MISSING)
        return OK;
    const struct points_new what = {.customer_id = id,
                                    .amount = c->points,
                                    .kind = POINTS_OPENING,
                                    .day = a->today,
                                    .today = a->today,
                                    .idempotency =
                                        arena_printf(a->arena, "opening:%lld", (long long)id),
                                    .origin = "import"};
    enum err e = points_post(a->tx, a->merchant_id, &what, a->arena, &made, &problem);
    *ret_opened = e == OK && !made.repeated;
    if (e == ERR_CONFLICT && problem.code) {
        bool full = strcmp(problem.code, "points_too_many") == 0;
        report_reason(a->report, full ? "import_points_too_many" : "import_points_kept", NULL);
        return OK;
    }
    if (*ret_opened) {
        a->report->opened_customers++;
        a->report->opened_points += c->points;
    }
    return e;
}

static void mark_changed(struct customer_change *c)
{
    if (c->verdict == CUSTOMER_UNCHANGED)
        c->verdict = CUSTOMER_UPDATED;
}

/* All rows' customers into their groups. */
static enum err join_groups(struct applying *a, struct pending *p)
{
    struct group_pair *pairs = arena_array(a->arena, struct group_pair, p->ngroups + 1);
    size_t n = 0, k = 0;
    if (p->ngroups == 0)
        return OK;
    for (size_t i = 0; i < p->n; i++)
        for (int g = 0;
             p->changes[i].verdict != CUSTOMER_MISSING && g < p->rows[i]->row.customer.ngroups; g++)
            pairs[n++] = (struct group_pair){p->changes[i].id, p->groups[i][g], false};
    enum err e = group_join(a->tx, a->merchant_id, pairs, n, a->arena);
    for (size_t i = 0; e == OK && i < p->n; i++)
        for (int g = 0;
             p->changes[i].verdict != CUSTOMER_MISSING && g < p->rows[i]->row.customer.ngroups; g++)
            if (!pairs[k++].there)
                mark_changed(&p->changes[i]);
    return e;
}

/* As a person blocks on the card. An import never lifts a block: who blocked knew why. */
static enum err block(struct applying *a, const struct row_customer *said,
                      struct customer_change *c)
{
    struct block now = {.on = c->is_blocked};
    enum err e = OK;
    if (c->verdict == CUSTOMER_MISSING || (!said->blocked && !(said->not_blocked && now.on)))
        return OK;
    if (said->not_blocked) {
        report_reason(a->report, "import_block_kept", NULL);
        return OK;
    }
    if (now.on)
        e = block_get(a->tx, a->merchant_id, c->id, a->arena, &now);
    if (e || (now.on && (said->blocked_reason.n == 0 || str_eq(now.reason, said->blocked_reason))))
        return e;
    mark_changed(c);
    return block_set(a->tx, a->merchant_id, c->id, said->blocked_reason, a->by, a->arena);
}

static void count_verdict(struct applying *a, struct batch_row *r, const struct customer_change *c)
{
    struct import_report *report = a->report;
    switch (c->verdict) {
    case CUSTOMER_ADDED:
        r->verdict = ROW_ADD;
        report->customers_added++;
        break;
    case CUSTOMER_UPDATED:
        r->verdict = ROW_UPDATE;
        report->customers_updated++;
        break;
    case CUSTOMER_UNCHANGED:
        r->verdict = ROW_SKIP;
        report_reason(report, "import_same_row", NULL);
        break;
    case CUSTOMER_MISSING:
        row_reject(r, "import_customer_gone", NULL, NULL, NULL);
        break;
    }
    if (c->contacts_dropped > 0)
        report_reason(report, "import_contacts_dropped", NULL);
    if (c->refusals_kept > 0)
        report_reason(report, "import_refusal_kept", NULL);
}

enum err batch_apply_customers(struct applying *a, struct batch *b)
{
    size_t ngood;
    struct row **good = batch_good_rows(a, b, &ngood);
    struct matcher *m;
    enum err e = matcher_new(a->tx, a->merchant_id, good, ngood, a->arena, &m);
    struct pending p = {arena_array(a->arena, struct batch_row *, b->n + 1),
                        arena_array(a->arena, struct customer_change, b->n + 1),
                        arena_array(a->arena, const int64_t *, b->n + 1), 0, 0};
    if (e || (e = gather_changes(a, b, m, &p)))
        return e;
    struct customer_origin origin = {
        .how = "import", .staff_id = a->staff_id, .import_id = a->import_id, .now_us = a->now_us};
    if (p.n > 0 && (e = customer_apply(a->tx, a->merchant_id, &origin, p.changes, p.n)))
        return e;
    if ((e = join_groups(a, &p)))
        return e;
    int64_t *touched = arena_array(a->arena, int64_t, p.n + 1);
    size_t ntouched = 0;
    for (size_t i = 0; i < p.n; i++) {
        bool opened;
        if ((e = open_points(a, &p, i, &opened)))
            return e;
        if (opened)
            mark_changed(&p.changes[i]);
        if ((e = block(a, &p.rows[i]->row.customer, &p.changes[i])))
            return e;
        count_verdict(a, p.rows[i], &p.changes[i]);
        if (p.changes[i].verdict == CUSTOMER_ADDED || p.changes[i].verdict == CUSTOMER_UPDATED)
            touched[ntouched++] = p.changes[i].id;
    }
    return batch_note_changes(a, touched, ntouched);
}
