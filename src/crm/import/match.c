#include "match.h"
#include "../../base/check.h"
#include "../../base/id.h"
#include "../../base/text.h"
#include "../customer/customer.h"
#include "../int_list.h"

struct person {
    int64_t id;
    bool has_external_id;
};
/* What a key leads to. */
struct key {
    struct str text;       /* n = 0: a free slot */
    char kind;             /* x external id, p phone, e e-mail, i a person's id */
    struct person *person; /* NULL: nobody */
    bool several;
};
struct matcher {
    struct arena *arena;
    struct key *slots;
    size_t nslots;
    struct numbered { /* a row with a number, who has it, ascending by number */
        int64_t number;
        struct person *person;
        struct str name; /* folded */
    } * numbered;
    size_t nnumbered;
};

static struct key *find(struct matcher *m, char kind, struct str text)
{
    uint64_t h = 14695981039346656037u ^ (uint8_t)kind;
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (uint8_t)text.p[i]) * 1099511628211u;
    size_t at = (size_t)(h ^ h >> 32) & (m->nslots - 1);
    while (m->slots[at].text.n > 0 &&
           (m->slots[at].kind != kind || !str_eq(m->slots[at].text, text)))
        at = (at + 1) & (m->nslots - 1);
    return &m->slots[at];
}

static struct person *person_of(struct matcher *m, int64_t id)
{
    struct key *k = find(m, 'i', (struct str){(const char *)&id, sizeof id});
    if (!k->person) {
        k->text = arena_str(m->arena, (struct str){(const char *)&id, sizeof id});
        k->kind = 'i';
        k->person = arena_make(m->arena, struct person);
        k->person->id = id;
    }
    return k->person;
}

struct keys {
    struct str *texts;
    size_t n;
};

static void gather(struct matcher *m, struct keys *keys, char kind, struct str text)
{
    struct key *k = find(m, kind, text);
    if (text.n == 0 || k->text.n > 0)
        return;
    k->text = text;
    k->kind = kind;
    keys->texts[keys->n++] = text;
}

static enum err look_up(struct matcher *m, struct db_tx *tx, int64_t merchant_id, char kind,
                        enum customer_key by, const struct keys *keys)
{
    if (keys->n == 0)
        return OK;
    struct customer_match *found = arena_array(m->arena, struct customer_match, keys->n);
    enum err e = customer_lookup(tx, merchant_id, by, keys->texts, keys->n, found);
    for (size_t i = 0; e == OK && i < keys->n; i++) {
        if (found[i].id == 0)
            continue;
        struct key *k = find(m, kind, keys->texts[i]);
        k->person = person_of(m, found[i].id);
        k->person->has_external_id |= found[i].has_external_id || kind == 'x';
        k->several = found[i].several;
    }
    return e;
}

/* First and last name as they are compared. */
static struct str name_of(struct arena *a, struct str first, struct str last)
{
    return text_fold(
        a, str_c(arena_printf(a, "%.*s %.*s", (int)first.n, first.p, (int)last.n, last.p)));
}

static enum err look_up_numbers(struct matcher *m, struct db_tx *tx, int64_t merchant_id,
                                struct row *const *rows, size_t n)
{
    struct int_list numbers = {0};
    for (size_t i = 0; i < n; i++)
        if (rows[i]->customer.number)
            int_list_add(m->arena, &numbers, rows[i]->customer.number);
    if (numbers.n == 0)
        return OK;
    int_list_sort(&numbers);
    struct customer_numbered *found = arena_array(m->arena, struct customer_numbered, numbers.n);
    enum err e = customer_lookup_numbers(tx, merchant_id, numbers.v, numbers.n, m->arena, found);
    m->numbered = arena_array(m->arena, struct numbered, numbers.n);
    for (size_t i = 0; e == OK && i < numbers.n; i++) {
        if (found[i].id == 0)
            continue;
        struct person *person = person_of(m, found[i].id);
        person->has_external_id = found[i].has_external_id;
        m->numbered[m->nnumbered++] = (struct numbered){
            numbers.v[i], person, name_of(m->arena, found[i].first_name, found[i].last_name)};
    }
    return e;
}

enum err matcher_new(struct db_tx *tx, int64_t merchant_id, struct row *const *rows, size_t n,
                     struct arena *a, struct matcher **ret)
{
    struct matcher *m = arena_make(a, struct matcher);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += 1 + (size_t)rows[i]->customer.ncontacts;
    m->arena = a;
    for (m->nslots = 64; m->nslots < 6 * count; m->nslots *= 2)
        ;
    m->slots = arena_array(a, struct key, m->nslots);
    struct keys ids = {arena_array(a, struct str, count), 0}, phones = ids, emails = ids;
    phones.texts = arena_array(a, struct str, count);
    emails.texts = arena_array(a, struct str, count);
    for (size_t i = 0; i < n; i++) {
        const struct row_customer *c = &rows[i]->customer;
        gather(m, &ids, 'x', c->external_id);
        for (int k = 0; k < c->ncontacts; k++)
            gather(m, c->contacts[k].email ? &emails : &phones, c->contacts[k].email ? 'e' : 'p',
                   c->contacts[k].match_key);
    }
    *ret = m;
    enum err e = look_up(m, tx, merchant_id, 'x', CUSTOMER_BY_EXTERNAL_ID, &ids);
    if (e == OK)
        e = look_up(m, tx, merchant_id, 'p', CUSTOMER_BY_PHONE, &phones);
    if (e == OK)
        e = look_up(m, tx, merchant_id, 'e', CUSTOMER_BY_EMAIL, &emails);
    return e == OK ? look_up_numbers(m, tx, merchant_id, rows, n) : e;
}

static struct key *contact_key(struct matcher *m, const struct row_contact *c)
{
    return find(m, c->email ? 'e' : 'p', c->match_key);
}

/* Phones before e-mails; a second, different one that is sure of itself is *ret_other. */
static struct person *by_contacts(struct matcher *m, const struct row_customer *c, bool has_id,
                                  struct person **ret_other)
{
    struct person *found = NULL;
    bool sure = false;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < c->ncontacts; i++) {
            if (c->contacts[i].email != (pass == 1))
                continue;
            const struct key *k = contact_key(m, &c->contacts[i]);
            if (!k->person || (has_id && k->person->has_external_id))
                continue;
            if (!found) {
                found = k->person;
                sure = !k->several;
            } else if (found != k->person && sure && !k->several) {
                *ret_other = k->person;
            }
        }
    }
    return found;
}

/* Somebody else whom a phone or e-mail of the row means for sure. */
static struct person *contradiction(struct matcher *m, const struct row_customer *c,
                                    const struct person *person)
{
    for (int i = 0; i < c->ncontacts; i++) {
        const struct key *k = contact_key(m, &c->contacts[i]);
        if (k->person && k->person != person && !k->several)
            return k->person;
    }
    return NULL;
}

/* Who has the row's number, when the name is the same and no other key of the row says otherwise:
 * the numbers of another base mean other people. */
static struct person *by_number(struct matcher *m, const struct row_customer *c)
{
    size_t i = id_place(m->numbered, m->nnumbered, sizeof *m->numbered, c->number);
    const struct numbered *found = i < m->nnumbered ? &m->numbered[i] : NULL;
    if (!found ||
        (c->names_said && !str_eq(found->name, name_of(m->arena, c->first_name, c->last_name))))
        return NULL;
    struct person *named = c->external_id.n ? find(m, 'x', c->external_id)->person : NULL;
    bool other =
        named ? named != found->person : c->external_id.n > 0 && found->person->has_external_id;
    return other || contradiction(m, c, found->person) ? NULL : found->person;
}

static void remember(struct matcher *m, const struct row_customer *c, struct person *person)
{
    if (c->external_id.n > 0) {
        person->has_external_id = true;
        find(m, 'x', c->external_id)->person = person;
    }
    for (int i = 0; i < c->ncontacts; i++) {
        struct key *k = contact_key(m, &c->contacts[i]);
        if (!k->person)
            k->person = person;
        else if (k->person != person)
            k->several = true;
    }
}

void matcher_find(struct matcher *m, const struct row_customer *c, struct match *ret)
{
    bool has_id = c->external_id.n > 0;
    struct person *person = NULL, *other = NULL;
    *ret = (struct match){0};
    if (!has_id && c->ncontacts == 0 && c->number == 0)
        return;
    if (c->number)
        person = by_number(m, c);
    bool numbered = person != NULL;
    if (!person && has_id)
        person = find(m, 'x', c->external_id)->person;
    if (numbered)
        other = NULL; /* looked at already */
    else if (person)
        other = contradiction(m, c, person);
    else
        person = by_contacts(m, c, has_id, &other);
    if (other) {
        *ret = (struct match){.id = person->id, .conflict = true, .other = other->id};
        return;
    }
    if (!person) {
        ret->created = true;
        person = person_of(m, id_new());
    }
    ret->id = person->id;
    remember(m, c, person);
}
