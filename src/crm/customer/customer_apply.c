#include "../../base/check.h"
#include "../../base/id.h"
#include "../erased/erased.h"
#include "customer_lists.h"
#include "customer_sql.h"
#include "facts_sum.h"
#include <stdlib.h>

/* A customer as it stands while changes are applied to it. */
struct record {
    struct customer_change now; /* the values, as if one change had said them all */
    bool there, created;
    bool erased; /* was erased under a phone or e-mail that a change brings */
    bool row_changed, store_changed, tags_changed, contacts_changed[2]; /* [1]: e-mails */
    uint8_t consent[CHANNELS];
    struct customer_contact *contacts[2];
    size_t ncontacts[2];
    struct int_list tags; /* ascending */
};
struct applying {
    struct db_tx *tx;
    int64_t merchant_id;
    const struct customer_origin *origin;
    struct arena *arena;
    struct int_list ids; /* ascending; records[i] belongs to ids.v[i] */
    struct record *records;
    /* what was accepted, written after the customers' rows, which these refer to */
    struct accepted_consent {
        int64_t customer_id;
        const struct customer_consent *act;
    } * consents;
    struct accepted_tag {
        int64_t customer_id, tag_id;
    } * tags;
    size_t nconsents, ntags;
    struct customer_lists *lists; /* further addresses, dates */
};

struct customer_change customer_change_empty(int64_t id)
{
    return (struct customer_change){.id = id,
                                    .registered_day = DAY_NONE,
                                    .anonymous = CUSTOMER_SAYS_NOTHING,
                                    .blocked = CUSTOMER_SAYS_NOTHING};
}

static struct record *record_of(struct applying *w, int64_t id)
{
    size_t i = id_place(w->ids.v, w->ids.n, sizeof *w->ids.v, id);
    check(i < w->ids.n);
    return &w->records[i];
}

/* ---- reading what is there ---- */

static const size_t text_offsets[] = {
    offsetof(struct customer_change, first_name), offsetof(struct customer_change, last_name),
    offsetof(struct customer_change, nickname),   offsetof(struct customer_change, city),
    offsetof(struct customer_change, address),    offsetof(struct customer_change, postcode),
    offsetof(struct customer_change, facebook),   offsetof(struct customer_change, twitter),
    offsetof(struct customer_change, google),     offsetof(struct customer_change, instagram),
    offsetof(struct customer_change, website),    offsetof(struct customer_change, address_kind),
};

static void copy_code(char ret[static 4], struct str s)
{
    size_t n = s.n < 3 ? s.n : 3;
    memset(ret, 0, 4);
    memcpy(ret, s.p, n);
}

/* Columns as in customer_rows. */
static void take_row(struct applying *w, const struct db_rows *r)
{
    struct record *c = record_of(w, db_int(r, 0));
    struct arena *a = w->arena;

    c->there = true;
    c->now.external_id = db_text_in(r, 1, a);
    c->now.first_name = db_text_in(r, 2, a);
    c->now.last_name = db_text_in(r, 3, a);
    c->now.nickname = db_text_in(r, 4, a);
    c->now.gender = (uint8_t)name_index(gender_names, 4, db_text(r, 5));
    c->now.birth_year = (int32_t)db_int(r, 6);
    c->now.birth_month = (int32_t)db_int(r, 7);
    c->now.birth_day = (int32_t)db_int(r, 8);
    copy_code(c->now.language, db_text(r, 9));
    copy_code(c->now.country, db_text(r, 10));
    c->now.city = db_text_in(r, 11, a);
    c->now.address = db_text_in(r, 12, a);
    c->now.postcode = db_text_in(r, 13, a);
    c->now.store_id = db_int(r, 14);
    c->now.source_id = db_int(r, 15);
    c->now.device = (uint8_t)name_index(device_names, 5, db_text(r, 16));
    c->now.anonymous = db_int(r, 17) ? CUSTOMER_YES : CUSTOMER_NO;
    c->now.blocked = db_int(r, 18) ? CUSTOMER_YES : CUSTOMER_NO;
    c->now.registered_day = (int32_t)db_int_or(r, 19, DAY_NONE);
    for (int i = 0; i < CHANNELS; i++)
        c->consent[i] = (uint8_t)db_int(r, 20 + i);
    c->now.facebook = db_text_in(r, 23, a);
    c->now.twitter = db_text_in(r, 24, a);
    c->now.google = db_text_in(r, 25, a);
    c->now.instagram = db_text_in(r, 26, a);
    c->now.website = db_text_in(r, 27, a);
    c->now.address_kind = db_text_in(r, 28, a);
}

static void take_contact(struct applying *w, const struct db_rows *r)
{
    struct record *c = record_of(w, db_int(r, 0));
    int kind = db_int(r, 1) != 0;

    if (c->ncontacts[kind] == CUSTOMER_CONTACTS_MAX)
        return;
    if (!c->contacts[kind])
        c->contacts[kind] = arena_array(w->arena, struct customer_contact, CUSTOMER_CONTACTS_MAX);
    c->contacts[kind][c->ncontacts[kind]++] =
        (struct customer_contact){kind != 0, db_text_in(r, 2, w->arena), db_text_in(r, 3, w->arena),
                                  db_text_in(r, 4, w->arena)};
}

static void take_tag(struct applying *w, const struct db_rows *r)
{
    int_list_add(w->arena, &record_of(w, db_int(r, 0))->tags, db_int(r, 1));
}

static enum err load(struct applying *w)
{
    static const struct {
        const struct db_statement *st;
        void (*take)(struct applying *, const struct db_rows *);
    } sources[] = {
        {&customer_rows, take_row}, {&customer_contacts, take_contact}, {&customer_tags, take_tag}};
    int64_t ids[BATCH_KEYS];
    size_t n = 0;

    for (size_t i = 0; i < w->ids.n; i++) {
        if (!w->records[i].created)
            ids[n++] = w->ids.v[i];
        if (n == 0 || (n < BATCH_KEYS && i + 1 < w->ids.n))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(sources); k++) {
            cleanup(db_done) struct db_rows *rows = NULL;
            enum err err = batch_query_ids(w->tx, sources[k].st, &rows, w->merchant_id, ids, n);
            while (err == OK && db_next(rows))
                sources[k].take(w, rows);
            if (err == OK)
                err = db_error(rows);
            if (err != OK)
                return err;
        }
        n = 0;
    }
    return OK;
}

/* ---- applying one change ---- */

static bool set_text(struct str *now, struct str said)
{
    if (said.n == 0 || str_eq(*now, said))
        return false;
    *now = said;
    return true;
}

static bool set_code(char now[static 4], const char said[static 4])
{
    if (said[0] == 0 || memcmp(now, said, 4) == 0)
        return false;
    copy_code(now, (struct str){said, strnlen(said, 3)});
    return true;
}

static bool set_id(int64_t *now, int64_t said)
{
    if (said == 0 || *now == said)
        return false;
    *now = said;
    return true;
}

static bool set_small(uint8_t *now, uint8_t said)
{
    if (said == 0 || *now == said)
        return false;
    *now = said;
    return true;
}

static bool set_flag(int8_t *now, int8_t said)
{
    if (said == CUSTOMER_SAYS_NOTHING || *now == said)
        return false;
    *now = said;
    return true;
}

static bool birth_possible(int32_t year, int32_t month, int32_t day)
{
    if (month == 0 || day == 0)
        return true;
    return civil_valid((struct civil){year ? year : 2000, month, day});
}

/* Part by part, so that a date without a year does not wipe the year; as a whole where the parts of
 * both would make no date. */
static bool set_birth(struct customer_change *now, const struct customer_change *said)
{
    int32_t y = said->birth_year ? said->birth_year : now->birth_year;
    int32_t m = said->birth_month ? said->birth_month : now->birth_month;
    int32_t d = said->birth_day ? said->birth_day : now->birth_day;

    if (!birth_possible(y, m, d)) {
        y = said->birth_year;
        m = said->birth_month;
        d = said->birth_day;
    }
    if (y == now->birth_year && m == now->birth_month && d == now->birth_day)
        return false;
    now->birth_year = y;
    now->birth_month = m;
    now->birth_day = d;
    return true;
}

static bool apply_row(struct record *c, const struct customer_change *said)
{
    struct customer_change *now = &c->now;
    bool changed = false;

    if (now->external_id.n == 0)
        changed |= set_text(&now->external_id, said->external_id);
    for (size_t i = 0; i < ARRAY_LEN(text_offsets); i++)
        changed |= set_text((struct str *)((char *)now + text_offsets[i]),
                            *(const struct str *)((const char *)said + text_offsets[i]));
    changed |= set_code(now->language, said->language);
    changed |= set_code(now->country, said->country);
    changed |= set_small(&now->gender, said->gender);
    changed |= set_small(&now->device, said->device);
    changed |= set_birth(now, said);
    changed |= set_flag(&now->anonymous, said->anonymous);
    changed |= set_flag(&now->blocked, said->blocked);
    changed |= set_id(&now->source_id, said->source_id);
    if (set_id(&now->store_id, said->store_id))
        changed = c->store_changed = true;
    if (said->registered_day != DAY_NONE && said->registered_day != now->registered_day) {
        now->registered_day = said->registered_day;
        changed = true;
    }
    return changed;
}

static struct customer_contact *find_contact(const struct record *c, int kind, struct str match_key)
{
    for (size_t i = 0; i < c->ncontacts[kind]; i++)
        if (str_eq(c->contacts[kind][i].match_key, match_key))
            return &c->contacts[kind][i];
    return NULL;
}

static bool apply_contacts(struct applying *w, struct record *c, struct customer_change *said)
{
    size_t placed[2] = {0};
    bool changed = false;

    for (size_t i = 0; i < said->ncontacts; i++) {
        const struct customer_contact *new = &said->contacts[i];
        int kind = new->email;
        struct customer_contact *there = find_contact(c, kind, new->match_key);
        if (there && set_text(&there->label, new->label))
            c->contacts_changed[kind] = changed = true;
        if (there)
            continue;
        if (c->ncontacts[kind] == CUSTOMER_CONTACTS_MAX) {
            said->contacts_dropped++;
            continue;
        }
        if (!c->contacts[kind])
            c->contacts[kind] =
                arena_array(w->arena, struct customer_contact, CUSTOMER_CONTACTS_MAX);
        struct customer_contact *at = c->contacts[kind] + placed[kind];
        memmove(at + 1, at, (c->ncontacts[kind] - placed[kind]) * sizeof *at);
        *at = *new;
        placed[kind]++;
        c->ncontacts[kind]++;
        c->contacts_changed[kind] = changed = true;
    }
    return changed;
}

static bool apply_tags(struct applying *w, struct record *c, const struct customer_change *said)
{
    bool changed = false;

    for (size_t i = 0; i < said->ntags; i++) {
        if (int_list_has(&c->tags, said->tags[i]) || c->tags.n == CUSTOMER_TAGS_MAX)
            continue;
        int_list_add(w->arena, &c->tags, said->tags[i]);
        int_list_sort(&c->tags);
        w->tags[w->ntags++] = (struct accepted_tag){said->id, said->tags[i]};
        c->tags_changed = changed = true;
    }
    return changed;
}

static bool apply_consents(struct applying *w, struct record *c, struct customer_change *said)
{
    const struct customer_origin *o = w->origin;
    bool changed = false;

    for (size_t i = 0; i < said->nconsents; i++) {
        const struct customer_consent *act = &said->consents[i];
        uint8_t *now = &c->consent[act->channel];
        check(act->state == CONSENT_GRANTED || act->state == CONSENT_REFUSED);
        if (*now == act->state)
            continue;
        bool refused = *now == CONSENT_REFUSED || c->erased;
        if (refused && act->state == CONSENT_GRANTED && !o->may_loosen) {
            said->refusals_kept++;
            continue;
        }
        *now = (uint8_t)act->state;
        w->consents[w->nconsents++] = (struct accepted_consent){said->id, act};
        changed = true;
    }
    return changed;
}

/* Somebody who was erased comes back by an import: nobody may write to them. */
static void refuse_all(struct applying *w, struct record *c, const struct customer_change *said)
{
    for (int i = 0; i < CHANNELS; i++) {
        struct customer_consent *act = arena_make(w->arena, struct customer_consent);
        *act = (struct customer_consent){
            .channel = i, .state = CONSENT_REFUSED, .at_us = w->origin->now_us, .how = "erased"};
        c->consent[i] = CONSENT_REFUSED;
        w->consents[w->nconsents++] = (struct accepted_consent){said->id, act};
    }
}

static void apply_one(struct applying *w, struct customer_change *said)
{
    struct record *c = record_of(w, said->id);

    said->contacts_dropped = 0;
    said->refusals_kept = 0;
    if (!c->there) {
        said->verdict = CUSTOMER_MISSING;
        return;
    }
    if (said->create && c->erased)
        refuse_all(w, c, said);
    bool changed = apply_consents(w, c, said);
    changed |= apply_row(c, said);
    changed |= apply_contacts(w, c, said);
    changed |= apply_tags(w, c, said);
    changed |= customer_lists_apply(w->lists, said);
    said->is_blocked = c->now.blocked == CUSTOMER_YES;
    c->row_changed |= changed; /* the version moves with whatever the card shows */
    if (said->create)
        said->verdict = CUSTOMER_ADDED;
    else
        said->verdict = changed ? CUSTOMER_UPDATED : CUSTOMER_UNCHANGED;
}

/* ---- writing ---- */

static struct db_value text(struct str s)
{
    return s.n ? db_t(s) : db_null();
}

static void row_values(const struct applying *w, const struct record *c, struct db_value *ret)
{
    const struct customer_change *n = &c->now;
    struct db_value values[CUSTOMER_WRITE_COLUMNS] = {
        text(n->external_id),
        text(n->first_name),
        text(n->last_name),
        text(n->nickname),
        db_tc(gender_names[n->gender]),
        db_i_or_null(n->birth_year, 0),
        db_i_or_null(n->birth_month, 0),
        db_i_or_null(n->birth_day, 0),
        text(str_c(n->language)),
        text(str_c(n->country)),
        text(n->city),
        text(n->address),
        text(n->postcode),
        db_i_or_null(n->store_id, 0),
        db_i_or_null(n->source_id, 0),
        db_tc(device_names[n->device]),
        db_i(n->anonymous == CUSTOMER_YES),
        db_i(n->blocked == CUSTOMER_YES),
        db_i_or_null(n->registered_day, DAY_NONE),
        db_i(c->consent[CHANNEL_SMS]),
        db_i(c->consent[CHANNEL_EMAIL]),
        db_i(c->consent[CHANNEL_PUSH]),
        text(n->facebook),
        text(n->twitter),
        text(n->google),
        text(n->instagram),
        text(n->website),
        text(n->address_kind),
        db_i(w->origin->now_us),
    };
    memcpy(ret, values, sizeof values);
}

static enum err take_numbers(struct applying *w, int64_t n, int64_t *ret_first)
{
    int64_t next = 0;
    enum err err = db_query_int(w->tx, &customer_numbers, &next, db_i(n), db_i(w->merchant_id));
    *ret_first = next - n;
    return err;
}

static enum err write_rows(struct applying *w)
{
    struct batch_rows inserts, updates;
    struct db_value values[CUSTOMER_WRITE_COLUMNS + 3];
    int64_t created = 0, number = 0;

    for (size_t i = 0; i < w->ids.n; i++)
        created += w->records[i].created;
    if (created > 0) {
        enum err err = take_numbers(w, created, &number);
        if (err != OK)
            return err;
    }
    batch_rows_begin(&inserts, w->tx, w->arena, &customer_insert);
    batch_rows_begin(&updates, w->tx, w->arena, &customer_update);
    for (size_t i = 0; i < w->ids.n; i++) {
        const struct record *c = &w->records[i];
        if (!c->there || (!c->row_changed && !c->created))
            continue;
        row_values(w, c, values);
        values[CUSTOMER_WRITE_COLUMNS] = db_i(w->merchant_id);
        values[CUSTOMER_WRITE_COLUMNS + 1] = db_i(w->ids.v[i]);
        if (c->created)
            values[CUSTOMER_WRITE_COLUMNS + 2] = db_i(number++);
        batch_rows_add(c->created ? &inserts : &updates, values);
    }
    enum err err = batch_rows_end(&inserts);
    return err != OK ? err : batch_rows_end(&updates);
}

static enum err write_contacts(struct applying *w)
{
    static const char *const kinds[] = {"phone", "email"};
    struct batch_rows deletes, inserts;

    batch_rows_begin(&deletes, w->tx, w->arena, &customer_contacts_delete);
    batch_rows_begin(&inserts, w->tx, w->arena, &customer_contact_insert);
    for (size_t i = 0; i < w->ids.n; i++)
        for (int kind = 0; kind < 2; kind++)
            if (w->records[i].contacts_changed[kind] && !w->records[i].created)
                batch_rows_add(&deletes,
                               (struct db_value[]){db_i(w->merchant_id), db_i(w->ids.v[i]),
                                                   db_tc(kinds[kind])});
    enum err err = batch_rows_end(&deletes);
    if (err != OK)
        return err;
    for (size_t i = 0; i < w->ids.n; i++)
        for (int kind = 0; kind < 2; kind++) {
            const struct record *c = &w->records[i];
            for (size_t k = 0; c->contacts_changed[kind] && k < c->ncontacts[kind]; k++)
                batch_rows_add(&inserts,
                               (struct db_value[]){db_i(w->merchant_id), db_i(w->ids.v[i]),
                                                   db_tc(kinds[kind]), db_i((int64_t)k + 1),
                                                   db_t(c->contacts[kind][k].value),
                                                   db_t(c->contacts[kind][k].match_key),
                                                   text(c->contacts[kind][k].label)});
        }
    return batch_rows_end(&inserts);
}

static enum err write_tags(struct applying *w)
{
    struct batch_rows inserts;

    batch_rows_begin(&inserts, w->tx, w->arena, &customer_tag_insert);
    for (size_t i = 0; i < w->ntags; i++)
        batch_rows_add(&inserts,
                       (struct db_value[]){db_i(w->merchant_id), db_i(w->tags[i].customer_id),
                                           db_i(w->tags[i].tag_id)});
    return batch_rows_end(&inserts);
}

static enum err write_consents(struct applying *w)
{
    const struct customer_origin *o = w->origin;
    struct batch_rows inserts;

    batch_rows_begin(&inserts, w->tx, w->arena, &customer_consent_insert);
    for (size_t i = 0; i < w->nconsents; i++) {
        const struct customer_consent *act = w->consents[i].act;
        batch_rows_add(&inserts,
                       (struct db_value[]){
                           db_i(w->merchant_id), db_i(w->consents[i].customer_id), db_i(id_new()),
                           db_tc(channel_names[act->channel]), db_tc(consent_names[act->state]),
                           db_i(act->at_us), db_i(o->now_us), db_tc(act->how ? act->how : o->how),
                           db_i_or_null(o->staff_id, 0), db_i_or_null(o->import_id, 0),
                           text(act->text_version), db_i_or_null(act->text_id, 0)});
    }
    return batch_rows_end(&inserts);
}

static struct facts_profile profile(struct applying *w, const struct record *c, int64_t id)
{
    struct facts_profile p = {id, c->now.store_id, c->tags.v, c->tags.n, .phone = {0}};
    struct buf others;

    buf_init(&others, 2 * CUSTOMER_CONTACTS_MAX * 400);
    if (c->ncontacts[0])
        p.phone = c->contacts[0][0].value;
    if (c->ncontacts[1])
        p.email = c->contacts[1][0].value;
    for (int kind = 1; kind >= 0; kind--) /* e-mails first, as facts_contacts orders them */
        for (size_t k = 1; k < c->ncontacts[kind]; k++) {
            if (others.n)
                buf_addc(&others, ' ');
            buf_add(&others, c->contacts[kind][k].value.p, c->contacts[kind][k].value.n);
        }
    p.contact_text = arena_str(w->arena, buf_str(&others));
    buf_free(&others);
    return p;
}

static enum err write_facts(struct applying *w)
{
    struct facts_profile *profiles = arena_array(w->arena, struct facts_profile, w->ids.n + 1);
    struct int_list moved = {0};
    enum err err = OK;

    for (int fresh = 1; err == OK && fresh >= 0; fresh--) {
        size_t n = 0;
        for (size_t i = 0; i < w->ids.n; i++) {
            const struct record *c = &w->records[i];
            bool profile_changed =
                c->tags_changed || c->contacts_changed[0] || c->contacts_changed[1];
            if (c->created != fresh || (!fresh && !profile_changed && !c->store_changed))
                continue;
            if (!fresh && c->store_changed)
                int_list_add(w->arena, &moved, w->ids.v[i]);
            else
                profiles[n++] = profile(w, c, w->ids.v[i]);
        }
        err = facts_profile_write(w->tx, w->merchant_id, fresh, profiles, n);
    }
    if (err != OK || moved.n == 0)
        return err;
    return facts_refresh(w->tx, w->merchant_id, moved.v, moved.n);
}

static void prepare(struct applying *w, const struct customer_change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        int_list_add(w->arena, &w->ids, changes[i].id);
    int_list_sort(&w->ids);
    w->records = arena_array(w->arena, struct record, w->ids.n + 1);
    for (size_t i = 0; i < w->ids.n; i++)
        w->records[i].now = customer_change_empty(w->ids.v[i]);
    for (size_t i = 0; i < n; i++)
        if (changes[i].create) {
            struct record *c = record_of(w, changes[i].id);
            check(!c->created);
            c->there = c->created = true;
        }
    size_t nconsents = 0, ntags = 0;
    for (size_t i = 0; i < n; i++) {
        nconsents += changes[i].nconsents + (changes[i].create ? CHANNELS : 0);
        ntags += changes[i].ntags;
    }
    w->consents = arena_array(w->arena, struct accepted_consent, nconsents + 1);
    w->tags = arena_array(w->arena, struct accepted_tag, ntags + 1);
}

/* Whom of those that the changes bring phones or e-mails for was erased under one of them? */
static enum err find_erased(struct applying *w, const struct customer_change *changes, size_t n)
{
    size_t total = 0, at = 0;

    if (w->origin->may_loosen)
        return OK;
    for (size_t i = 0; i < n; i++)
        total += changes[i].ncontacts;
    struct erased_contact *contacts = arena_array(w->arena, struct erased_contact, total + 1);
    bool *erased = arena_array(w->arena, bool, total + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < changes[i].ncontacts; k++)
            contacts[at++] = (struct erased_contact){changes[i].contacts[k].email,
                                                     changes[i].contacts[k].match_key};
    enum err err = erased_find(w->tx, w->merchant_id, contacts, total, erased);
    at = 0;
    for (size_t i = 0; err == OK && i < n; i++)
        for (size_t k = 0; k < changes[i].ncontacts; k++)
            if (erased[at++])
                record_of(w, changes[i].id)->erased = true;
    return err;
}

enum err customer_apply(struct db_tx *tx, int64_t merchant_id, const struct customer_origin *origin,
                        struct customer_change *changes, size_t n)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct applying w = {.tx = tx, .merchant_id = merchant_id, .origin = origin, .arena = a};

    prepare(&w, changes, n);
    enum err err = load(&w);
    if (err == OK)
        err = find_erased(&w, changes, n);
    if (err == OK)
        err = customer_lists_load(tx, merchant_id, changes, n, a, &w.lists);
    if (err != OK)
        return err;
    for (size_t i = 0; i < n; i++)
        apply_one(&w, &changes[i]);
    err = write_rows(&w);
    if (err == OK)
        err = write_contacts(&w);
    if (err == OK)
        err = write_tags(&w);
    if (err == OK)
        err = customer_lists_write(w.lists);
    if (err == OK)
        err = write_consents(&w);
    return err == OK ? write_facts(&w) : err;
}
