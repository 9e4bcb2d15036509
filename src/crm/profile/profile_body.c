#include "profile_body.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/text.h"
#include "../word/word.h"
#include <unicode/uloc.h>

static const char *const genders[] = {"female", "male", "other", NULL};

#define AT(field) offsetof(struct profile_args, field)
#define TEXT(name, which, limit)                                                                   \
    {                                                                                              \
        name, SPEC_TEXT, AT(texts[which]), .max = limit,                                           \
                                           .present_offset = AT(has_texts[which]) + 1              \
    }
const struct spec profile_spec[] = {
    TEXT("first_name", PROFILE_FIRST_NAME, CUSTOMER_NAME_MAX),
    TEXT("last_name", PROFILE_LAST_NAME, CUSTOMER_NAME_MAX),
    TEXT("nickname", PROFILE_NICKNAME, CUSTOMER_NAME_MAX),
    TEXT("language", PROFILE_LANGUAGE, 2),
    TEXT("facebook", PROFILE_FACEBOOK, CUSTOMER_NAME_MAX),
    TEXT("twitter", PROFILE_TWITTER, CUSTOMER_NAME_MAX),
    TEXT("instagram", PROFILE_INSTAGRAM, CUSTOMER_NAME_MAX),
    TEXT("google", PROFILE_GOOGLE, CUSTOMER_NAME_MAX),
    TEXT("website", PROFILE_WEBSITE, CUSTOMER_WEBSITE_MAX),
    TEXT("source", PROFILE_SOURCE, WORD_NAME_MAX),
    {"gender", SPEC_CHOICE, AT(gender), .choices = genders, .present_offset = AT(has_gender) + 1},
    {"birthday", SPEC_TEXT, AT(birthday), .max = 10, .present_offset = AT(has_birthday) + 1,
     .doc = "YYYY-MM-DD, --MM-DD without a year, or YYYY alone"},
    {"store_id", SPEC_ID, AT(store_id), .present_offset = AT(has_store) + 1,
     .doc = "the home store"},
    {"phones", SPEC_JSON, AT(phones), .present_offset = AT(has_phones) + 1,
     .doc = "[{value, label}], the main one first; label: mobile, home, work, other or null"},
    {"emails", SPEC_JSON, AT(emails), .present_offset = AT(has_emails) + 1,
     .doc = "[{value, label}], the main one first"},
    {"addresses", SPEC_JSON, AT(addresses), .present_offset = AT(has_addresses) + 1,
     .doc = "[{kind, street, postcode, city, country}], the main one first; kind: home, work, "
            "other or null"},
    {"dates", SPEC_JSON, AT(dates), .present_offset = AT(has_dates) + 1,
     .doc = "[{name, month, day, year}]; year may be null"},
    {0},
};

/* ---- members of a list's objects ---- */

struct reading {
    struct request *r;
    const char *list; /* the field's name */
    size_t i;
    const char *country; /* of phones without one */
};

static const char *place_of(const struct reading *x, const char *key)
{
    return arena_printf(x->r->arena, "%s.%zu.%s", x->list, x->i, key);
}

static enum err wrong(const struct reading *x, const char *key, const char *code)
{
    return request_fail(x->r, ERR_INVALID, code, place_of(x, key), NULL);
}

static enum err wrong_limit(const struct reading *x, const char *key, const char *code, size_t n)
{
    return request_fail(x->r, ERR_INVALID, code, place_of(x, key), "limit",
                        arena_printf(x->r->arena, "%zu", n), NULL);
}

static enum err read_text(const struct reading *x, json_t *object, const char *key, size_t max,
                          struct str *ret)
{
    json_t *v = json_object_get(object, key);
    *ret = STR("");
    if (!v || json_is_null(v))
        return OK;
    if (!json_is_string(v))
        return wrong(x, key, "field_not_text");
    struct str raw = {json_string_value(v), json_string_length(v)};
    if (text_clean(x->r->arena, raw, ret) != OK)
        return wrong(x, key, "field_not_utf8");
    return text_length(*ret) > max ? wrong_limit(x, key, "field_too_long", max) : OK;
}

static enum err read_choice(const struct reading *x, json_t *object, const char *key,
                            const char *const *names, int *ret)
{
    struct str name;
    enum err e = read_text(x, object, key, 20, &name);
    *ret = -1;
    if (e != OK || name.n == 0)
        return e;
    for (int i = 0; names[i]; i++)
        if (str_eq(str_c(names[i]), name)) {
            *ret = i;
            return OK;
        }
    return wrong(x, key, "profile_choice");
}

static enum err read_number(const struct reading *x, json_t *object, const char *key, int32_t *ret)
{
    json_t *v = json_object_get(object, key);
    *ret = 0;
    if (!v || json_is_null(v))
        return OK;
    if (!json_is_integer(v))
        return wrong(x, key, "field_not_integer");
    json_int_t n = json_integer_value(v);
    if (n < 1 || n > 9999)
        return wrong(x, key, "profile_date_bad");
    *ret = (int32_t)n;
    return OK;
}

/* Nothing but the keys that are known: a mistyped one would be lost in silence. */
static enum err only_keys(const struct reading *x, json_t *object, const char *const *keys)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return request_fail(x->r, ERR_INVALID, "profile_not_object",
                            arena_printf(x->r->arena, "%s.%zu", x->list, x->i), NULL);
    json_object_foreach(object, name, value)
    {
        bool known = false;
        for (int i = 0; keys[i]; i++)
            known |= strcmp(keys[i], name) == 0;
        if (!known)
            return request_fail(x->r, ERR_INVALID, "field_unknown",
                                arena_printf(x->r->arena, "%s.%zu", x->list, x->i), NULL);
    }
    return OK;
}

/* ---- phones and e-mails ---- */

enum err profile_read_phone(struct request *r, struct str value, const char *country,
                            const char *field, struct profile_contact *ret)
{
    static const char *const codes[] = {[PHONE_NOT_A_NUMBER] = "profile_phone_not_a_number",
                                        [PHONE_BAD_COUNTRY] = "profile_phone_no_country",
                                        [PHONE_TOO_SHORT] = "profile_phone_too_short",
                                        [PHONE_TOO_LONG] = "profile_phone_too_long",
                                        [PHONE_INVALID] = "profile_phone_invalid"};
    char e164[20], key[20];
    enum phone_verdict verdict = phone_parse(value, country, e164);
    if (verdict != PHONE_OK)
        return request_fail(r, ERR_INVALID, codes[verdict], field, "value",
                            arena_cstr(r->arena, value), NULL);
    phone_match_key(e164, key);
    ret->value = arena_str(r->arena, str_c(e164));
    ret->match_key = arena_str(r->arena, str_c(key));
    return OK;
}

enum err profile_read_email(struct request *r, struct str value, const char *field,
                            struct profile_contact *ret)
{
    if (!email_valid(value))
        return request_fail(r, ERR_INVALID, "profile_email_invalid", field, "value",
                            arena_cstr(r->arena, value), NULL);
    ret->value = value;
    ret->match_key = email_match_key(r->arena, value);
    return OK;
}

static enum err read_contact(const struct reading *x, json_t *object, struct profile *p)
{
    static const char *const keys[] = {"value", "label", NULL};
    int kind = strcmp(x->list, "emails") == 0;
    struct profile_contact *c = &p->contacts[kind][p->ncontacts[kind]];
    struct str value;
    enum err e = only_keys(x, object, keys);
    if (e == OK)
        e = read_text(x, object, "value", 254, &value);
    if (e == OK && value.n == 0)
        e = wrong(x, "value", "field_required");
    if (e == OK)
        e = read_choice(x, object, "label", customer_labels, &c->label);
    if (e == OK)
        e = kind ? profile_read_email(x->r, value, place_of(x, "value"), c)
                 : profile_read_phone(x->r, value, x->country, place_of(x, "value"), c);
    for (size_t i = 0; e == OK && i < p->ncontacts[kind]; i++)
        if (str_eq(p->contacts[kind][i].match_key, c->match_key))
            e = wrong(x, "value", "profile_contact_twice");
    if (e == OK)
        p->ncontacts[kind]++;
    return e;
}

/* ---- addresses, dates ---- */

static bool is_country(struct str s)
{
    for (const char *const *c = uloc_getISOCountries(); *c; c++)
        if (str_eq(str_c(*c), s))
            return true;
    return false;
}

static enum err read_address(const struct reading *x, json_t *object, struct profile *p)
{
    static const char *const keys[] = {"kind", "street", "postcode", "city", "country", NULL};
    struct profile_address *d = &p->addresses[p->naddresses];
    enum err e = only_keys(x, object, keys);
    if (e == OK)
        e = read_choice(x, object, "kind", customer_place_kinds, &d->kind);
    if (e == OK)
        e = read_text(x, object, "street", CUSTOMER_ADDRESS_MAX, &d->street);
    if (e == OK)
        e = read_text(x, object, "postcode", CUSTOMER_POSTCODE_MAX, &d->postcode);
    if (e == OK)
        e = read_text(x, object, "city", CUSTOMER_NAME_MAX, &d->city);
    if (e == OK)
        e = read_text(x, object, "country", 2, &d->country);
    if (e == OK && d->country.n && !is_country(d->country))
        e = wrong(x, "country", "profile_country");
    if (e == OK && d->street.n + d->postcode.n + d->city.n + d->country.n == 0)
        e = wrong(x, "street", "field_required");
    if (e == OK)
        p->naddresses++;
    return e;
}

static enum err read_date(const struct reading *x, json_t *object, struct profile *p)
{
    static const char *const keys[] = {"name", "month", "day", "year", NULL};
    struct profile_date *d = &p->dates[p->ndates];
    enum err e = only_keys(x, object, keys);
    if (e == OK)
        e = read_text(x, object, "name", PROFILE_DATE_NAME_MAX, &d->name);
    if (e == OK && d->name.n == 0)
        e = wrong(x, "name", "field_required");
    if (e == OK)
        e = read_number(x, object, "month", &d->month);
    if (e == OK)
        e = read_number(x, object, "day", &d->day);
    if (e == OK)
        e = read_number(x, object, "year", &d->year);
    if (e == OK && d->year && d->year < 1000)
        e = wrong(x, "year", "profile_date_bad");
    /* 2000 has every day that a year can have */
    if (e == OK && !civil_valid((struct civil){d->year ? d->year : 2000, d->month, d->day}))
        e = wrong(x, "day", "profile_date_bad");
    if (e == OK)
        p->ndates++;
    return e;
}

static enum err read_list(struct reading *x, json_t *list, size_t max, struct profile *p,
                          enum err (*read)(const struct reading *, json_t *, struct profile *))
{
    if (list && !json_is_null(list) && !json_is_array(list))
        return request_fail(x->r, ERR_INVALID, "profile_not_list", x->list, NULL);
    size_t n = json_array_size(list);
    if (n > max)
        return request_fail(x->r, ERR_INVALID, "field_too_many", x->list, "limit",
                            arena_printf(x->r->arena, "%zu", max), NULL);
    enum err e = OK;
    for (x->i = 0; e == OK && x->i < n; x->i++)
        e = read(x, json_array_get(list, x->i), p);
    return e;
}

/* ---- single values ---- */

static bool digits(struct str s, size_t from, size_t n, int32_t *ret)
{
    *ret = 0;
    if (from + n > s.n)
        return false;
    for (size_t i = from; i < from + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        *ret = *ret * 10 + (s.p[i] - '0');
    }
    return true;
}

static bool birthday_parts(struct str s, int32_t *year, int32_t *month, int32_t *day)
{
    *year = *month = *day = 0;
    if (s.n == 0 || (s.n == 4 && digits(s, 0, 4, year)))
        return s.n == 0 || *year > 0;
    bool yearless = str_starts(s, STR("--"));
    size_t at = yearless ? 2 : 5;
    if (s.n != at + 5 || s.p[at + 2] != '-' || (!yearless && s.p[4] != '-'))
        return false;
    return (yearless || (digits(s, 0, 4, year) && *year > 0)) && digits(s, at, 2, month) &&
           digits(s, at + 3, 2, day) &&
           civil_valid((struct civil){*year ? *year : 2000, *month, *day});
}

static enum err read_birthday(struct request *r, struct str s, int32_t today, struct profile *p)
{
    int32_t year, month, day;
    if (!birthday_parts(s, &year, &month, &day))
        return request_fail(r, ERR_INVALID, "profile_birthday_bad", "birthday", NULL);
    if (year && year < CUSTOMER_BIRTH_YEAR_EARLIEST)
        return request_fail(r, ERR_INVALID, "profile_birthday_old", "birthday", NULL);
    if (year && day_from_civil((struct civil){year, month ? month : 1, day ? day : 1}) > today)
        return request_fail(r, ERR_INVALID, "profile_birthday_future", "birthday", NULL);
    p->birth_year = year;
    p->birth_month = month;
    p->birth_day = day;
    return OK;
}

static bool is_language(struct str s)
{
    for (const char *const *c = uloc_getISOLanguages(); *c; c++)
        if (str_eq(str_c(*c), s))
            return true;
    return false;
}

/* An address that a browser may open; "example.com" is taken for https. */
static enum err read_website(struct request *r, struct str s, struct str *ret)
{
    if (s.n && !memmem(s.p, s.n, "://", 3))
        s = str_c(arena_printf(r->arena, "https://%.*s", (int)s.n, s.p));
    bool http = str_starts(s, STR("http://")) || str_starts(s, STR("https://"));
    bool plain = true;
    for (size_t i = 0; i < s.n; i++)
        plain &= (unsigned char)s.p[i] > ' ' && !strchr("\"<>\\", s.p[i]);
    if (s.n && (!http || !plain || !memchr(s.p + 8, '.', s.n > 8 ? s.n - 8 : 0)))
        return request_fail(r, ERR_INVALID, "profile_website", "website", NULL);
    *ret = s;
    return OK;
}

static enum err read_values(struct request *r, const struct profile_args *args, int32_t today,
                            struct profile *p)
{
    enum err e = OK;
    for (int i = 0; i < PROFILE_TEXTS; i++)
        if (args->has_texts[i])
            p->texts[i] = args->texts[i];
    if (args->has_texts[PROFILE_LANGUAGE] && p->texts[PROFILE_LANGUAGE].n &&
        !is_language(p->texts[PROFILE_LANGUAGE]))
        return request_fail(r, ERR_INVALID, "profile_language", "language", NULL);
    if (args->has_texts[PROFILE_WEBSITE])
        e = read_website(r, args->texts[PROFILE_WEBSITE], &p->texts[PROFILE_WEBSITE]);
    if (args->has_gender)
        p->gender = (uint8_t)(args->gender + 1);
    if (e == OK && args->has_birthday)
        e = read_birthday(r, args->birthday, today, p);
    return e;
}

enum err profile_read(struct request *r, const struct profile_args *args, const char *country,
                      int32_t today, struct profile *p)
{
    const struct {
        const char *name;
        json_t *list;
        bool given;
        size_t max, *n;
        enum err (*read)(const struct reading *, json_t *, struct profile *);
    } lists[] = {
        {"phones", args->phones, args->has_phones, CUSTOMER_CONTACTS_MAX, &p->ncontacts[0],
         read_contact},
        {"emails", args->emails, args->has_emails, CUSTOMER_CONTACTS_MAX, &p->ncontacts[1],
         read_contact},
        {"addresses", args->addresses, args->has_addresses, PROFILE_ADDRESSES_MAX, &p->naddresses,
         read_address},
        {"dates", args->dates, args->has_dates, PROFILE_DATES_MAX, &p->ndates, read_date},
    };
    enum err e = read_values(r, args, today, p);
    for (size_t i = 0; e == OK && i < ARRAY_LEN(lists); i++) {
        struct reading x = {.r = r, .list = lists[i].name, .country = country};
        if (!lists[i].given)
            continue;
        *lists[i].n = 0;
        e = read_list(&x, lists[i].list, lists[i].max, p, lists[i].read);
    }
    return e;
}
