#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../activity/activity.h"
#include "../change/change.h"
#include "../customer/customer_sql.h"
#include "../customer/facts.h"
#include "../word/word.h"
#include "profile_say.h"
#include "profile_sql.h"

const char *const profile_text_names[PROFILE_TEXTS] = {
    "first_name", "last_name", "nickname", "language", "facebook",
    "twitter",    "instagram", "google",   "website",  "source"};

/* ---- reading ---- */

static int choice_of(const char *const *names, struct str name)
{
    for (int i = 0; names[i]; i++)
        if (str_eq(str_c(names[i]), name))
            return i;
    return -1;
}

static void take_address(const struct db_rows *r, int col, struct arena *a,
                         struct profile_address *ret)
{
    *ret = (struct profile_address){.kind = choice_of(customer_place_kinds, db_text(r, col)),
                                    .street = db_text_in(r, col + 1, a),
                                    .postcode = db_text_in(r, col + 2, a),
                                    .city = db_text_in(r, col + 3, a),
                                    .country = db_text_in(r, col + 4, a)};
}

static bool address_empty(const struct profile_address *d)
{
    return d->street.n + d->postcode.n + d->city.n + d->country.n == 0;
}

static void take_row(const struct db_rows *r, struct arena *a, struct profile *p)
{
    p->number = db_int(r, 0);
    p->version = db_int(r, 1);
    p->store_id = db_int(r, 2);
    p->photo_id = db_int(r, 3);
    p->anonymous = db_int(r, 4) != 0;
    p->gender = (uint8_t)name_index(gender_names, 4, db_text(r, 5));
    p->birth_year = (int32_t)db_int(r, 6);
    p->birth_month = (int32_t)db_int(r, 7);
    p->birth_day = (int32_t)db_int(r, 8);
    for (int i = 0; i < PROFILE_TEXTS; i++)
        p->texts[i] = db_text_in(r, 9 + i, a);
    take_address(r, 19, a, &p->addresses[0]);
    p->naddresses = !address_empty(&p->addresses[0]);
    p->store_name = db_text_in(r, 24, a);
}

static void take_contact(const struct db_rows *r, struct arena *a, struct profile *p)
{
    int kind = db_int(r, 0) != 0;
    if (p->ncontacts[kind] < CUSTOMER_CONTACTS_MAX)
        p->contacts[kind][p->ncontacts[kind]++] =
            (struct profile_contact){.value = db_text_in(r, 1, a),
                                     .match_key = db_text_in(r, 2, a),
                                     .label = choice_of(customer_labels, db_text(r, 3))};
}

static void take_further_address(const struct db_rows *r, struct arena *a, struct profile *p)
{
    if (p->naddresses < PROFILE_ADDRESSES_MAX)
        take_address(r, 0, a, &p->addresses[p->naddresses++]);
}

static void take_date(const struct db_rows *r, struct arena *a, struct profile *p)
{
    if (p->ndates < PROFILE_DATES_MAX)
        p->dates[p->ndates++] = (struct profile_date){.name = db_text_in(r, 0, a),
                                                      .year = (int32_t)db_int(r, 1),
                                                      .month = (int32_t)db_int(r, 2),
                                                      .day = (int32_t)db_int(r, 3)};
}

enum err profile_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                     struct profile *ret)
{
    static const struct {
        const struct db_statement *st;
        void (*take)(const struct db_rows *, struct arena *, struct profile *);
    } sources[] = {{&profile_row, take_row},
                   {&profile_contacts, take_contact},
                   {&profile_addresses, take_further_address},
                   {&profile_dates, take_date}};

    *ret = (struct profile){.id = id};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err e = db_query(tx, sources[i].st, &rows, db_i(merchant_id), db_i(id));
        while (e == OK && db_next(rows))
            sources[i].take(rows, a, ret);
        if (e == OK)
            e = db_error(rows);
        if (e == OK && ret->number == 0) /* the first of them found nobody */
            e = ERR_NOT_FOUND;
        if (e != OK)
            return e;
    }
    return OK;
}

struct str profile_name(struct arena *a, const struct profile *p)
{
    const struct str *first = &p->texts[PROFILE_FIRST_NAME], *last = &p->texts[PROFILE_LAST_NAME];
    if (first->n + last->n == 0)
        return p->texts[PROFILE_NICKNAME];
    if (first->n == 0 || last->n == 0)
        return first->n ? *first : *last;
    return str_c(arena_printf(a, "%.*s %.*s", (int)first->n, first->p, (int)last->n, last->p));
}

/* ---- writing ---- */

struct act {
    struct db_tx *tx;
    int64_t merchant_id, now_us;
    const struct profile_actor *who;
};

static struct act act_begin(struct db_tx *tx, int64_t merchant_id, const struct profile_actor *who)
{
    return (struct act){tx, merchant_id, now_us(), who};
}

static struct db_value text(struct str s)
{
    return s.n ? db_t(s) : db_null();
}

static struct db_value chosen(const char *const *names, int i)
{
    return i < 0 ? db_null() : db_tc(names[i]);
}

static enum err write_row(struct act *c, const struct profile *p, int64_t source_id)
{
    static const struct profile_address none = {.kind = -1};
    const struct profile_address *d = p->naddresses ? &p->addresses[0] : &none;
    int64_t changed;
    struct db_value v[24];
    for (int i = 0; i < PROFILE_SOURCE; i++)
        v[i] = text(p->texts[i]);
    struct db_value rest[] = {db_i_or_null(source_id, 0),
                              db_tc(gender_names[p->gender]),
                              db_i_or_null(p->birth_year, 0),
                              db_i_or_null(p->birth_month, 0),
                              db_i_or_null(p->birth_day, 0),
                              db_i_or_null(p->store_id, 0),
                              db_i(p->anonymous),
                              chosen(customer_place_kinds, d->kind),
                              text(d->street),
                              text(d->postcode),
                              text(d->city),
                              text(d->country),
                              db_i(c->now_us),
                              db_i(c->merchant_id),
                              db_i(p->id)};
    _Static_assert(PROFILE_SOURCE + ARRAY_LEN(rest) == ARRAY_LEN(v), "as many as parameters");
    memcpy(v + PROFILE_SOURCE, rest, sizeof rest);
    enum err e = db_exec_values(c->tx, &profile_update, &changed, v, ARRAY_LEN(v));
    return e == OK && changed == 0 ? ERR_NOT_FOUND : e;
}

static enum err write_contacts(struct act *c, const struct profile *p, int kind)
{
    static const char *const kinds[] = {"phone", "email"};
    enum err e = db_exec(c->tx, &profile_contacts_delete, NULL, db_i(c->merchant_id), db_i(p->id),
                         db_tc(kinds[kind]));
    for (size_t i = 0; e == OK && i < p->ncontacts[kind]; i++) {
        const struct profile_contact *k = &p->contacts[kind][i];
        e = db_exec(c->tx, &profile_contact_add, NULL, db_i(c->merchant_id), db_i(p->id),
                    db_tc(kinds[kind]), db_i((int64_t)i + 1), db_t(k->value), db_t(k->match_key),
                    chosen(customer_labels, k->label));
    }
    return e;
}

static enum err write_addresses(struct act *c, const struct profile *p)
{
    enum err e = db_exec(c->tx, &profile_addresses_delete, NULL, db_i(c->merchant_id), db_i(p->id));
    for (size_t i = 1; e == OK && i < p->naddresses; i++) {
        const struct profile_address *d = &p->addresses[i];
        e = db_exec(c->tx, &profile_address_add, NULL, db_i(c->merchant_id), db_i(p->id),
                    db_i((int64_t)i + 1), chosen(customer_place_kinds, d->kind), text(d->street),
                    text(d->postcode), text(d->city), text(d->country));
    }
    return e;
}

static enum err write_dates(struct act *c, const struct profile *p)
{
    enum err e = db_exec(c->tx, &profile_dates_delete, NULL, db_i(c->merchant_id), db_i(p->id));
    for (size_t i = 0; e == OK && i < p->ndates; i++) {
        const struct profile_date *d = &p->dates[i];
        e = db_exec(c->tx, &profile_date_add, NULL, db_i(c->merchant_id), db_i(p->id),
                    db_i((int64_t)i + 1), db_t(d->name), db_i_or_null(d->year, 0), db_i(d->month),
                    db_i(d->day));
    }
    return e;
}

/* What a source is called there, and its word; a new one is noted. */
static enum err find_source(struct act *c, struct profile *p, int64_t *ret_id)
{
    bool is_new = false;
    *ret_id = 0;
    if (p->texts[PROFILE_SOURCE].n == 0)
        return OK;
    enum err e =
        word_id(c->tx, c->merchant_id, WORD_SOURCE, p->texts[PROFILE_SOURCE], ret_id, &is_new);
    return e == OK && is_new ? change_note(c->tx, c->merchant_id, "word", ret_id, 1) : e;
}

static enum err write_all(struct act *c, struct profile *p)
{
    int64_t source_id;
    enum err e = find_source(c, p, &source_id);
    if (e == OK)
        e = write_row(c, p, source_id);
    for (int kind = 0; e == OK && kind < 2; kind++)
        e = write_contacts(c, p, kind);
    if (e == OK)
        e = write_addresses(c, p);
    if (e == OK)
        e = write_dates(c, p);
    return e == OK ? facts_refresh(c->tx, c->merchant_id, &p->id, 1) : e;
}

/* The log, the timeline (`kind`, with `detail`), the feed. */
static enum err note(struct act *c, const char *action, const char *kind, const char *detail,
                     int64_t id, const char *audit)
{
    const struct activity_event event = {.customer_id = id,
                                         .kind = kind,
                                         .at_us = c->now_us,
                                         .day = c->who->today,
                                         .staff_id = c->who->by.staff_id,
                                         .amount_minor = INT64_MIN,
                                         .detail = detail};
    enum err e = audit_write(c->tx, c->merchant_id, &c->who->by, action, "customer", id, audit);
    if (e == OK)
        e = activity_add(c->tx, c->merchant_id, "staff", c->now_us, &event, 1);
    return e == OK ? change_note(c->tx, c->merchant_id, "customer", &id, 1) : e;
}

static bool says_who(const struct profile *p)
{
    return p->texts[PROFILE_FIRST_NAME].n || p->texts[PROFILE_LAST_NAME].n || p->ncontacts[0] ||
           p->ncontacts[1];
}

/* {"fields": ["phones", …]}, for the timeline */
static const char *fields_detail(struct arena *a, const bool *differs)
{
    struct buf text;
    struct json j;
    buf_init(&text, 2000);
    json_init(&j, &text);
    json_open(&j);
    json_key(&j, "fields");
    json_list(&j);
    for (int f = 0; f < PROFILE_FIELDS; f++)
        if (differs[f])
            json_text(&j, str_c(profile_field_name(f)));
    json_end(&j);
    json_close(&j);
    const char *ret = arena_cstr(a, buf_str(&text));
    buf_free(&text);
    return ret;
}

enum err profile_save(struct db_tx *tx, int64_t merchant_id, const struct profile *before,
                      struct profile *after, const struct profile_actor *who, struct problem *p)
{
    struct act c = act_begin(tx, merchant_id, who);
    struct arena *a = db_arena(tx);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct profile now;
    bool differs[PROFILE_FIELDS], registers = before->anonymous && says_who(after);

    enum err e = profile_get(tx, merchant_id, before->id, a, &now);
    if (e == OK && now.version != before->version)
        return problem_set(p, who->arena, ERR_STALE, "stale", NULL, NULL);
    if (e != OK)
        return e;
    after->anonymous = before->anonymous && !registers;
    audit_detail_begin(&d, a);
    for (int f = 0; f < PROFILE_FIELDS; f++) {
        differs[f] = profile_differs(before, after, f);
        if (differs[f])
            audit_detail_change(&d, profile_field_name(f), profile_say(a, before, f),
                                profile_say(a, after, f));
    }
    if (d.changes == 0)
        return OK;
    if (registers)
        audit_detail_flag(&d, "anonymous", true, false);
    e = write_all(&c, after);
    after->version = before->version + 1;
    if (e == OK)
        e = note(&c, "customer.update", registers ? "registration" : "edit",
                 fields_detail(a, differs), before->id, audit_detail_end(&d));
    return e;
}

enum err profile_create(struct db_tx *tx, int64_t merchant_id, struct profile *p,
                        const struct profile_actor *who)
{
    struct act c = act_begin(tx, merchant_id, who);
    struct arena *a = db_arena(tx);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    const struct profile none = {0};
    const struct customer_origin origin = {
        .how = "staff", .staff_id = who->by.staff_id, .now_us = c.now_us, .may_loosen = true};

    p->id = id_new();
    struct customer_change first = customer_change_empty(p->id);
    first.create = true;
    first.anonymous = CUSTOMER_NO;
    first.registered_day = who->today;
    enum err e = customer_apply(tx, merchant_id, &origin, &first, 1);
    if (e == OK)
        e = write_all(&c, p);
    if (e != OK)
        return e;
    audit_detail_begin(&d, a);
    for (int f = 0; f < PROFILE_FIELDS; f++) {
        struct str to = profile_say(a, p, f);
        if (!str_eq(to, profile_say(a, &none, f)))
            audit_detail_value(&d, profile_field_name(f), to);
    }
    return note(&c, "customer.create", "registration", NULL, p->id, audit_detail_end(&d));
}

/* ---- deleting ---- */

enum err profile_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                        const struct profile_actor *who)
{
    struct act c = act_begin(tx, merchant_id, who);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct arena *a = db_arena(tx);
    struct profile p;
    enum err e = profile_get(tx, merchant_id, id, a, &p);
    if (e == OK)
        e = db_exec(tx, &profile_remove, NULL, db_i(c.now_us), db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "name", profile_name(a, &p));
    audit_detail_value(&d, "number", str_c(arena_printf(a, "%lld", (long long)p.number)));
    return note(&c, "customer.delete", "edit", "{\"what\":\"deleted\"}", id, audit_detail_end(&d));
}

enum err profile_deleted_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                             struct profile_deleted *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &profile_deleted_row, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_NOT_FOUND : e;
    }
    struct profile p = {.id = id};
    for (int i = 0; i < 3; i++)
        p.texts[PROFILE_FIRST_NAME + i] = db_text_in(rows, 2 + i, a);
    *ret = (struct profile_deleted){.number = db_int(rows, 0),
                                    .deleted_us = db_int(rows, 1),
                                    .name = profile_name(a, &p),
                                    .stores = arena_str(a, db_blob(rows, 5))};
    return OK;
}

enum err profile_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                         const struct profile_actor *who, struct problem *p)
{
    struct act c = act_begin(tx, merchant_id, who);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct profile_deleted gone;
    struct arena *a = db_arena(tx);
    int64_t other;
    enum err e = profile_deleted_get(tx, merchant_id, id, a, &gone);
    if (e != OK)
        return e;
    e = db_query_int(tx, &profile_external_other, &other, db_i(merchant_id), db_i(id));
    if (e == OK)
        return problem_set(p, who->arena, ERR_CONFLICT, "profile_external_taken", NULL, "number",
                           arena_printf(who->arena, "%lld", (long long)other), NULL);
    if (e == ERR_NOT_FOUND)
        e = db_exec(tx, &profile_back, NULL, db_i(c.now_us), db_i(merchant_id), db_i(id));
    if (e == OK)
        e = facts_refresh(tx, merchant_id, &id, 1);
    if (e != OK)
        return e;
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "name", gone.name);
    return note(&c, "customer.restore", "edit", "{\"what\":\"restored\"}", id,
                audit_detail_end(&d));
}
