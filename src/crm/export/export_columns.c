/* What can stand in a column. Importable ones are written as the import reads them back: codes in
 * English, days as 2026-03-14, a birthday without its year as --03-14. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/message.h"
#include "../customer/customer_sql.h"
#include "export_internal.h"

#define GETTER(name)                                                                               \
    static void get_##name(const struct export_context *x, const struct export_row *r, int i,      \
                           struct export_cell *ret)
#define UNUSED (void)x, (void)i

static void text(struct export_cell *ret, struct str s)
{
    *ret = (struct export_cell){.kind = s.n ? CELL_TEXT : CELL_EMPTY, .text = s};
}

static void number(struct export_cell *ret, int64_t v, int decimals)
{
    *ret = (struct export_cell){.kind = CELL_NUMBER, .number = v, .decimals = decimals};
}

#define TEXT(name)                                                                                 \
    GETTER(name)                                                                                   \
    {                                                                                              \
        UNUSED;                                                                                    \
        text(ret, r->name);                                                                        \
    }
#define NUMBER(name)                                                                               \
    GETTER(name)                                                                                   \
    {                                                                                              \
        UNUSED;                                                                                    \
        number(ret, r->name, 0);                                                                   \
    }
TEXT(external_id)
TEXT(first_name)
TEXT(last_name)
TEXT(nickname)
TEXT(gender)
TEXT(address)
TEXT(address_kind)
TEXT(postcode)
TEXT(city)
TEXT(country)
TEXT(language)
TEXT(store)
TEXT(source)
TEXT(tags)
TEXT(groups)
TEXT(device)
TEXT(facebook)
TEXT(twitter)
TEXT(google)
TEXT(instagram)
TEXT(website)
TEXT(addresses)
TEXT(dates)
TEXT(type)
TEXT(blocked_reason)
NUMBER(number)
NUMBER(visits)
NUMBER(operations)

GETTER(birthday)
{
    (void)i;
    bool day = r->birth_month && r->birth_day;
    if (!day && !r->birth_year)
        *ret = (struct export_cell){.kind = CELL_EMPTY};
    else if (!day)
        text(ret, str_c(arena_printf(x->arena, "%04d", (int)r->birth_year)));
    else if (r->birth_year)
        text(ret, str_c(arena_printf(x->arena, "%04d-%02d-%02d", (int)r->birth_year,
                                     (int)r->birth_month, (int)r->birth_day)));
    else
        text(ret,
             str_c(arena_printf(x->arena, "--%02d-%02d", (int)r->birth_month, (int)r->birth_day)));
}

/* The last column of a sort has all that are left, which the import takes apart again. */
static void contact(const struct export_context *x, const struct str *list, int n, int i, int last,
                    struct export_cell *ret)
{
    struct str s = i < n ? list[i] : STR("");
    for (int k = i + 1; i == last && k < n; k++)
        s = str_c(arena_printf(x->arena, "%.*s, %.*s", (int)s.n, s.p, (int)list[k].n, list[k].p));
    text(ret, s);
}

GETTER(phone)
{
    contact(x, r->phones, r->nphones, i, 3, ret);
}

GETTER(email)
{
    contact(x, r->emails, r->nemails, i, 2, ret);
}

/* One for each contact, blank where it has none; nothing where none has one. */
static void labels(const struct export_context *x, const struct str *list, int n,
                   struct export_cell *ret)
{
    struct str all = STR("");
    bool any = false;
    for (int i = 0; i < n; i++) {
        any = any || list[i].n;
        all = str_c(arena_printf(x->arena, "%.*s%s%.*s", (int)all.n, all.p, i ? ", " : "",
                                 (int)list[i].n, list[i].p));
    }
    text(ret, any ? all : STR(""));
}

GETTER(phone_labels)
{
    (void)i;
    labels(x, r->phone_labels, r->nphones, ret);
}

GETTER(email_labels)
{
    (void)i;
    labels(x, r->email_labels, r->nemails, ret);
}

GETTER(consent)
{
    static const char *const words[] = {
        [CONSENT_NEVER_ASKED] = "", [CONSENT_GRANTED] = "yes", [CONSENT_REFUSED] = "no"};
    (void)x;
    text(ret, str_c(words[r->consent[i]]));
}

static void day(const struct export_context *x, struct export_cell *ret, int32_t d)
{
    char out[DAY_TEXT_MAX];
    if (d == DAY_NONE)
        *ret = (struct export_cell){.kind = CELL_EMPTY};
    else
        text(ret, arena_str(x->arena, (struct str){out, day_format(d, out)}));
}

GETTER(registered)
{
    (void)i;
    day(x, ret, r->registered_day);
}

GETTER(last_visit)
{
    (void)i;
    day(x, ret, r->last_visit_day);
}

GETTER(last_purchase)
{
    (void)i;
    day(x, ret, r->last_purchase_day);
}

GETTER(spent)
{
    (void)i;
    number(ret, r->spent_minor, x->currency_decimals);
}

GETTER(average)
{
    (void)i;
    if (r->operations > 0) /* rounded half up, as everywhere */
        number(ret, (2 * r->spent_minor + r->operations) / (2 * r->operations),
               x->currency_decimals);
    else
        *ret = (struct export_cell){.kind = CELL_EMPTY};
}

GETTER(blocked)
{
    UNUSED;
    text(ret, r->blocked ? STR("yes") : STR(""));
}

#define ROW(name, key)                                                                             \
    {                                                                                              \
#name, key, get_##name, 0, false                                                           \
    }
#define DATED(name, key)                                                                           \
    {                                                                                              \
#name, key, get_##name, 0, true                                                            \
    }
static const struct export_column columns[] = {
    ROW(number, "import.field.number"),
    ROW(external_id, "import.field.external_id"),
    ROW(first_name, "import.field.first_name"),
    ROW(last_name, "import.field.last_name"),
    ROW(nickname, "import.field.nickname"),
    ROW(gender, "import.field.gender"),
    ROW(birthday, "import.field.birthday"),
    {"phone", "import.field.phone", get_phone, 0},
    {"phone2", "import.field.phone2", get_phone, 1},
    {"phone3", "import.field.phone3", get_phone, 2},
    {"phone4", "import.field.phone4", get_phone, 3},
    ROW(phone_labels, "import.field.phone_labels"),
    {"email", "import.field.email", get_email, 0},
    {"email2", "import.field.email2", get_email, 1},
    {"email3", "import.field.email3", get_email, 2},
    ROW(email_labels, "import.field.email_labels"),
    ROW(address_kind, "import.field.address_kind"),
    ROW(address, "import.field.address"),
    ROW(postcode, "import.field.postcode"),
    ROW(city, "import.field.city"),
    ROW(country, "import.field.country"),
    ROW(language, "import.field.language"),
    ROW(store, "import.field.store"),
    ROW(source, "import.field.source"),
    ROW(tags, "import.field.tags"),
    ROW(groups, "import.field.groups"),
    ROW(registered, "import.field.registered"),
    {"consent_sms", "import.field.consent_sms", get_consent, CHANNEL_SMS},
    {"consent_email", "import.field.consent_email", get_consent, CHANNEL_EMAIL},
    {"consent_push", "import.field.consent_push", get_consent, CHANNEL_PUSH},
    ROW(device, "import.field.device"),
    ROW(facebook, "import.field.facebook"),
    ROW(twitter, "import.field.twitter"),
    ROW(google, "import.field.google"),
    ROW(instagram, "import.field.instagram"),
    ROW(website, "import.field.website"),
    ROW(addresses, "import.field.addresses"),
    ROW(dates, "import.field.dates"),
    ROW(blocked, "import.field.blocked"),
    ROW(blocked_reason, "import.field.blocked_reason"),
    DATED(type, "field.type"),
    DATED(visits, "field.visits"),
    DATED(last_visit, "field.last_visit"),
    DATED(last_purchase, "field.last_purchase"),
    DATED(operations, "field.operations"),
    DATED(spent, "field.spent"),
    DATED(average, "field.average"),
};
_Static_assert(ARRAY_LEN(columns) <= EXPORT_COLUMNS_MAX, "all columns at once");

const struct export_column *export_column_at(int i)
{
    return i >= 0 && i < (int)ARRAY_LEN(columns) ? &columns[i] : NULL;
}

const struct export_column *export_column_by_name(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (str_eq(name, str_c(columns[i].name)))
            return &columns[i];
    return NULL;
}

bool export_column_dated(const struct export_column *c)
{
    return c->dated;
}

const char *export_column_name(const struct export_column *c)
{
    return c->name;
}

const char *export_column_heading(const struct export_column *c, const char *language)
{
    return message_text(language, c->key);
}
