#include "field.h"
#include "../../base/check.h"

enum { OF_CUSTOMERS = 1, OF_TRANSACTIONS = 2, OF_BOTH = 3 };

static const struct {
    const char *name;
    int kinds;
} fields[FIELDS_MAX] = {
    [F_EXTERNAL_ID] = {"external_id", OF_BOTH},
    [F_FIRST_NAME] = {"first_name", OF_BOTH},
    [F_LAST_NAME] = {"last_name", OF_BOTH},
    [F_FULL_NAME] = {"full_name", OF_BOTH},
    [F_NICKNAME] = {"nickname", OF_CUSTOMERS},
    [F_GENDER] = {"gender", OF_CUSTOMERS},
    [F_BIRTHDAY] = {"birthday", OF_CUSTOMERS},
    [F_PHONE] = {"phone", OF_BOTH},
    [F_PHONE2] = {"phone2", OF_CUSTOMERS},
    [F_PHONE3] = {"phone3", OF_CUSTOMERS},
    [F_PHONE4] = {"phone4", OF_CUSTOMERS},
    [F_EMAIL] = {"email", OF_BOTH},
    [F_EMAIL2] = {"email2", OF_CUSTOMERS},
    [F_EMAIL3] = {"email3", OF_CUSTOMERS},
    [F_ADDRESS] = {"address", OF_CUSTOMERS},
    [F_POSTCODE] = {"postcode", OF_CUSTOMERS},
    [F_CITY] = {"city", OF_CUSTOMERS},
    [F_COUNTRY] = {"country", OF_BOTH},
    [F_LANGUAGE] = {"language", OF_CUSTOMERS},
    [F_STORE] = {"store", OF_BOTH},
    [F_SOURCE] = {"source", OF_CUSTOMERS},
    [F_TAGS] = {"tags", OF_CUSTOMERS},
    [F_REGISTERED] = {"registered", OF_CUSTOMERS},
    [F_CONSENT_SMS] = {"consent_sms", OF_CUSTOMERS},
    [F_CONSENT_EMAIL] = {"consent_email", OF_CUSTOMERS},
    [F_CONSENT_PUSH] = {"consent_push", OF_CUSTOMERS},
    [F_DEVICE] = {"device", OF_CUSTOMERS},
    [F_FACEBOOK] = {"facebook", OF_CUSTOMERS},
    [F_TWITTER] = {"twitter", OF_CUSTOMERS},
    [F_GOOGLE] = {"google", OF_CUSTOMERS},
    [F_POINTS] = {"points", OF_CUSTOMERS},
    [F_INSTAGRAM] = {"instagram", OF_CUSTOMERS},
    [F_WEBSITE] = {"website", OF_CUSTOMERS},
    [F_NUMBER] = {"number", OF_CUSTOMERS},
    [F_ADDRESSES] = {"addresses", OF_CUSTOMERS},
    [F_DATES] = {"dates", OF_CUSTOMERS},
    [F_PHONE_LABELS] = {"phone_labels", OF_CUSTOMERS},
    [F_EMAIL_LABELS] = {"email_labels", OF_CUSTOMERS},
    [F_ADDRESS_KIND] = {"address_kind", OF_CUSTOMERS},
    [F_GROUPS] = {"groups", OF_CUSTOMERS},
    [F_BLOCKED] = {"blocked", OF_CUSTOMERS},
    [F_BLOCKED_REASON] = {"blocked_reason", OF_CUSTOMERS},
    [F_INVOICE] = {"invoice", OF_TRANSACTIONS},
    [F_DATE] = {"date", OF_TRANSACTIONS},
    [F_TIME] = {"time", OF_TRANSACTIONS},
    [F_PRODUCT_CODE] = {"product_code", OF_TRANSACTIONS},
    [F_PRODUCT] = {"product", OF_TRANSACTIONS},
    [F_CATEGORY] = {"category", OF_TRANSACTIONS},
    [F_SIZE] = {"size", OF_TRANSACTIONS},
    [F_QUANTITY] = {"quantity", OF_TRANSACTIONS},
    [F_PRICE] = {"price", OF_TRANSACTIONS},
    [F_AMOUNT] = {"amount", OF_TRANSACTIONS},
    [F_CURRENCY] = {"currency", OF_TRANSACTIONS},
    [F_URL] = {"url", OF_TRANSACTIONS},
};

const char *import_kind_name(enum import_kind kind)
{
    return kind == IMPORT_CUSTOMERS ? "customers" : "transactions";
}

const char *import_field_name(enum import_field f)
{
    check(f < FIELDS_MAX);
    return fields[f].name;
}

bool import_field_of_kind(enum import_field f, enum import_kind kind)
{
    check(f < FIELDS_MAX);
    return fields[f].kinds & (kind == IMPORT_CUSTOMERS ? OF_CUSTOMERS : OF_TRANSACTIONS);
}

bool import_field_by_name(struct str name, enum import_kind kind, enum import_field *ret)
{
    if (str_eq(name, STR("name")))
        name = STR("full_name"); /* what people write on the command line */
    for (int f = 0; f < FIELDS_MAX; f++) {
        if (import_field_of_kind(f, kind) && str_eq(name, str_c(fields[f].name))) {
            *ret = (enum import_field)f;
            return true;
        }
    }
    return false;
}
