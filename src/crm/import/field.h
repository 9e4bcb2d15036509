/* What a column can mean. One table for both kinds of import; src/crm/import/heading.c has the
 * words by which headings are recognised. */
#pragma once
#include "../../base/str.h"

enum import_kind { IMPORT_CUSTOMERS, IMPORT_TRANSACTIONS };
const char *import_kind_name(enum import_kind kind);

enum import_field {
    /* of a customer */
    F_EXTERNAL_ID,
    F_FIRST_NAME,
    F_LAST_NAME,
    F_FULL_NAME,
    F_NICKNAME,
    F_GENDER,
    F_BIRTHDAY,
    F_PHONE,
    F_PHONE2,
    F_PHONE3,
    F_PHONE4,
    F_EMAIL,
    F_EMAIL2,
    F_EMAIL3,
    F_ADDRESS,
    F_POSTCODE,
    F_CITY,
    F_COUNTRY,
    F_LANGUAGE,
    F_STORE,
    F_SOURCE,
    F_TAGS,
    F_REGISTERED,
    F_CONSENT_SMS,
    F_CONSENT_EMAIL,
    F_CONSENT_PUSH,
    F_DEVICE,
    F_FACEBOOK,
    F_TWITTER,
    F_GOOGLE,
    F_POINTS, /* an opening balance */
    F_INSTAGRAM,
    F_WEBSITE,
    F_NUMBER,       /* Habitué's own, as an export writes it */
    F_ADDRESSES,    /* those besides the main one: home; street; postcode; city; country | … */
    F_DATES,        /* name; 2019-06-12 | name; --03-14 */
    F_PHONE_LABELS, /* mobile, home, work, other: in the order of the row's phones */
    F_EMAIL_LABELS,
    F_ADDRESS_KIND, /* of the main one */
    F_GROUPS,
    F_BLOCKED,
    F_BLOCKED_REASON,
    /* of a transaction */
    F_INVOICE,
    F_DATE,
    F_TIME,
    F_PRODUCT_CODE,
    F_PRODUCT,
    F_CATEGORY,
    F_SIZE,
    F_QUANTITY,
    F_PRICE,
    F_AMOUNT,
    F_CURRENCY,
    F_URL,
    FIELDS_MAX
};

/* The public name: "external_id", "consent_sms"… */
const char *import_field_name(enum import_field f);
bool import_field_by_name(struct str name, enum import_kind kind, enum import_field *ret);
bool import_field_of_kind(enum import_field f, enum import_kind kind);
