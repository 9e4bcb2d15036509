#include "query.h"

static const char *const genders[] = {"female", "male", "other", NULL};
static const char *const types[] = {"new", "occasional", "regular", "vip", "at_risk", NULL};
static const char *const consents[] = {"sms",
                                       "email",
                                       "push",
                                       "sms_refused",
                                       "email_refused",
                                       "push_refused",
                                       "sms_never",
                                       "email_never",
                                       "push_never",
                                       "sms_suppressed",
                                       "email_suppressed",
                                       "push_suppressed",
                                       NULL};
static const char *const yes_no[] = {"yes", "no", NULL};
static const char *const devices[] = {"ios", "android", "web", "other", NULL};
static const char *const having[] = {"phone",   "email",    "photo", "birthday",
                                     "address", "purchase", "name",  NULL};
static const char *const initials[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J",
                                       "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T",
                                       "U", "V", "W", "X", "Y", "Z", "#", NULL};

const struct field fields[FIELDS] = {
    [FIELD_TEXT] = {"text", KIND_TEXT, NULL, false, FACET_NONE},
    [FIELD_NAME] = {"name", KIND_NONE, NULL, true, FACET_NONE},
    [FIELD_NUMBER] = {"number", KIND_INTEGER, NULL, true, FACET_NONE},
    [FIELD_INITIAL] = {"initial", KIND_CHOICE, initials, false, FACET_VALUES},
    [FIELD_GENDER] = {"gender", KIND_CHOICE, genders, true, FACET_VALUES},
    [FIELD_AGE] = {"age", KIND_INTEGER, NULL, true, FACET_VALUES},
    [FIELD_BIRTHDAY] = {"birthday", KIND_BIRTHDAY, NULL, true, FACET_RANGES},
    [FIELD_TYPE] = {"type", KIND_CHOICE, types, true, FACET_VALUES},
    [FIELD_CONSENT] = {"consent", KIND_CHOICE, consents, true, FACET_VALUES},
    [FIELD_REGISTERED] = {"registered", KIND_DAY, NULL, true, FACET_RANGES},
    [FIELD_LAST_VISIT] = {"last_visit", KIND_DAY, NULL, true, FACET_RANGES},
    [FIELD_LAST_PURCHASE] = {"last_purchase", KIND_DAY, NULL, true, FACET_RANGES},
    [FIELD_VISITS] = {"visits", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_VISITS_PER_MONTH] = {"visits_per_month", KIND_TENTHS, NULL, true, FACET_RANGES},
    [FIELD_OPERATIONS] = {"operations", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_SHARES] = {"shares", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_COMMENTS] = {"comments", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_PUSHES] = {"pushes", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_POINTS] = {"points", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_STAMPS] = {"stamps", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_REFERRALS] = {"referrals", KIND_INTEGER, NULL, true, FACET_RANGES},
    [FIELD_SPENT] = {"spent", KIND_MONEY, NULL, true, FACET_RANGES},
    [FIELD_AVERAGE] = {"average", KIND_MONEY, NULL, true, FACET_RANGES},
    [FIELD_INTERVAL] = {"interval", KIND_TENTHS, NULL, true, FACET_RANGES},
    [FIELD_TAG] = {"tag", KIND_WORD, NULL, false, FACET_VALUES},
    [FIELD_SOURCE] = {"source", KIND_WORD, NULL, true, FACET_VALUES},
    [FIELD_STORE] = {"store", KIND_WORD, NULL, true, FACET_VALUES},
    [FIELD_FAVOURITE] = {"favourite", KIND_CHOICE, yes_no, false, FACET_VALUES},
    [FIELD_BLOCKED] = {"blocked", KIND_CHOICE, yes_no, true, FACET_VALUES},
    [FIELD_ACTIVE] = {"active", KIND_CHOICE, yes_no, true, FACET_VALUES},
    [FIELD_ANONYMOUS] = {"anonymous", KIND_CHOICE, yes_no, true, FACET_VALUES},
    [FIELD_DEVICE] = {"device", KIND_CHOICE, devices, true, FACET_VALUES},
    [FIELD_LANGUAGE] = {"language", KIND_WORD, NULL, true, FACET_VALUES},
    [FIELD_COUNTRY] = {"country", KIND_WORD, NULL, true, FACET_VALUES},
    [FIELD_CITY] = {"city", KIND_WORD, NULL, true, FACET_VALUES},
    [FIELD_CATEGORY] = {"category", KIND_WORD, NULL, false, FACET_VALUES},
    [FIELD_SIZE] = {"size", KIND_WORD, NULL, false, FACET_VALUES},
    [FIELD_GROUP] = {"group", KIND_WORD, NULL, false, FACET_VALUES},
    [FIELD_TIER] = {"tier", KIND_WORD, NULL, true, FACET_VALUES},
    [FIELD_CERTIFICATE] = {"certificate", KIND_WORD, NULL, false, FACET_VALUES},
    [FIELD_HAS] = {"has", KIND_CHOICE, having, false, FACET_VALUES},
    [FIELD_SEGMENT] = {"segment", KIND_SEGMENT, NULL, false, FACET_NONE},
    [FIELD_PHONE] = {"phone", KIND_NONE, NULL, true, FACET_NONE},
    [FIELD_EMAIL] = {"email", KIND_NONE, NULL, true, FACET_NONE},
};

enum field_id field_by_name(struct str name)
{
    for (int f = 0; f < FIELDS; f++)
        if (str_ieq_ascii(name, str_c(fields[f].name)))
            return (enum field_id)f;
    return FIELDS;
}

uint64_t fields_with(enum facet_kind kind)
{
    _Static_assert(FIELDS <= 64, "a facet is a bit of a uint64_t");
    uint64_t bits = 0;
    for (int f = 0; f < FIELDS; f++)
        if (fields[f].facet == kind)
            bits |= UINT64_C(1) << f;
    return bits;
}

bool field_can_be_unknown(enum field_id f)
{
    return f != FIELD_TAG && f != FIELD_STORE && f != FIELD_CATEGORY && f != FIELD_SIZE &&
           f != FIELD_GROUP && f != FIELD_TIER && f != FIELD_CERTIFICATE && f != FIELD_CONSENT &&
           f != FIELD_HAS;
}
