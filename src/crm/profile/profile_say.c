#include "profile_say.h"
#include "../../base/check.h"
#include "../customer/customer_sql.h"

enum { SAID_MAX = 20000 };

const char *profile_field_name(int field)
{
    static const char *const rest[] = {"gender", "birthday",  "store", "phones",
                                       "emails", "addresses", "dates"};
    check(field >= 0 && field < PROFILE_FIELDS);
    return field < PROFILE_TEXTS ? profile_text_names[field] : rest[field - PROFILE_TEXTS];
}

struct str profile_birthday(struct arena *a, const struct profile *p)
{
    if (p->birth_month && p->birth_day)
        return str_c(p->birth_year ? arena_printf(a, "%04d-%02d-%02d", p->birth_year,
                                                  p->birth_month, p->birth_day)
                                   : arena_printf(a, "--%02d-%02d", p->birth_month, p->birth_day));
    return p->birth_year ? str_c(arena_printf(a, "%04d", p->birth_year)) : str_c("");
}

static void add(struct buf *out, struct str s)
{
    buf_add(out, s.p, s.n);
}

/* " · " between those that are there */
static void add_part(struct buf *out, size_t from, struct str s, const char *before)
{
    if (s.n == 0)
        return;
    if (out->n > from)
        buf_adds(out, before);
    add(out, s);
}

static void say_contacts(struct buf *out, const struct profile *p, int kind)
{
    for (size_t i = 0; i < p->ncontacts[kind]; i++) {
        const struct profile_contact *c = &p->contacts[kind][i];
        buf_adds(out, i ? ", " : "");
        add(out, c->value);
        if (c->label >= 0)
            buf_printf(out, " (%s)", customer_labels[c->label]);
    }
}

static void say_addresses(struct buf *out, const struct profile *p)
{
    for (size_t i = 0; i < p->naddresses; i++) {
        const struct profile_address *d = &p->addresses[i];
        buf_adds(out, i ? "; " : "");
        size_t from = out->n;
        add_part(out, from, d->street, ", ");
        add_part(out, from, d->postcode, ", ");
        add_part(out, from, d->city, d->postcode.n ? " " : ", ");
        add_part(out, from, d->country, ", ");
        if (d->kind >= 0)
            buf_printf(out, " (%s)", customer_place_kinds[d->kind]);
    }
}

static void say_dates(struct buf *out, const struct profile *p)
{
    for (size_t i = 0; i < p->ndates; i++) {
        const struct profile_date *d = &p->dates[i];
        buf_adds(out, i ? ", " : "");
        add(out, d->name);
        if (d->year)
            buf_printf(out, " %04d-%02d-%02d", d->year, d->month, d->day);
        else
            buf_printf(out, " --%02d-%02d", d->month, d->day);
    }
}

struct str profile_say(struct arena *a, const struct profile *p, int field)
{
    struct buf out;
    if (field < PROFILE_TEXTS)
        return p->texts[field];
    if (field == PROFILE_FIELD_GENDER)
        return str_c(gender_names[p->gender]);
    if (field == PROFILE_FIELD_BIRTHDAY)
        return profile_birthday(a, p);
    if (field == PROFILE_FIELD_STORE)
        return p->store_name;
    buf_init(&out, SAID_MAX);
    if (field == PROFILE_FIELD_PHONES || field == PROFILE_FIELD_EMAILS)
        say_contacts(&out, p, field == PROFILE_FIELD_EMAILS);
    else if (field == PROFILE_FIELD_ADDRESSES)
        say_addresses(&out, p);
    else
        say_dates(&out, p);
    struct str ret = arena_str(a, buf_str(&out));
    buf_free(&out);
    return ret;
}

/* ---- comparing ---- */

static bool contacts_differ(const struct profile *a, const struct profile *b, int kind)
{
    bool differ = a->ncontacts[kind] != b->ncontacts[kind];
    for (size_t i = 0; !differ && i < a->ncontacts[kind]; i++) {
        const struct profile_contact *x = &a->contacts[kind][i], *y = &b->contacts[kind][i];
        differ = x->label != y->label || !str_eq(x->value, y->value);
    }
    return differ;
}

static bool addresses_differ(const struct profile *a, const struct profile *b)
{
    bool differ = a->naddresses != b->naddresses;
    for (size_t i = 0; !differ && i < a->naddresses; i++) {
        const struct profile_address *x = &a->addresses[i], *y = &b->addresses[i];
        differ = x->kind != y->kind || !str_eq(x->street, y->street) ||
                 !str_eq(x->postcode, y->postcode) || !str_eq(x->city, y->city) ||
                 !str_eq(x->country, y->country);
    }
    return differ;
}

static bool dates_differ(const struct profile *a, const struct profile *b)
{
    bool differ = a->ndates != b->ndates;
    for (size_t i = 0; !differ && i < a->ndates; i++) {
        const struct profile_date *x = &a->dates[i], *y = &b->dates[i];
        differ = x->year != y->year || x->month != y->month || x->day != y->day ||
                 !str_eq(x->name, y->name);
    }
    return differ;
}

bool profile_differs(const struct profile *a, const struct profile *b, int field)
{
    switch (field) {
    case PROFILE_FIELD_GENDER:
        return a->gender != b->gender;
    case PROFILE_FIELD_BIRTHDAY:
        return a->birth_year != b->birth_year || a->birth_month != b->birth_month ||
               a->birth_day != b->birth_day;
    case PROFILE_FIELD_STORE:
        return a->store_id != b->store_id;
    case PROFILE_FIELD_PHONES:
        return contacts_differ(a, b, 0);
    case PROFILE_FIELD_EMAILS:
        return contacts_differ(a, b, 1);
    case PROFILE_FIELD_ADDRESSES:
        return addresses_differ(a, b);
    case PROFILE_FIELD_DATES:
        return dates_differ(a, b);
    default:
        check(field >= 0 && field < PROFILE_TEXTS);
        return !str_eq(a->texts[field], b->texts[field]);
    }
}
