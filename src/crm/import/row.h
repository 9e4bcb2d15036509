/* Records to customers and sales lines: every cell read by its field's rules, every fault told with
 * its field. Knows no database. Threads: a struct row_reader is used by one at a time. Ownership:
 * texts live in the arena given with each row or in the record. */
#pragma once
#include "../../audience/audience.h"
#include "../../base/day.h"
#include "reader.h"
#include "vocabulary.h"

#define ROW_PROBLEMS_MAX 4

struct row_context {
    enum import_kind kind;
    const struct reading *reading;
    const char *country, *currency; /* the merchant's */
    int currency_decimals;
    struct zone *zone;
    int32_t today, latest_day; /* in the zone; no sale after the latter */
    struct vocabulary *words;
    /* the last local time turned into an instant, since neighbours share it */
    int32_t cached_day, cached_second;
    int64_t cached_us;
};

struct row_problem {
    const char *code, *field;
    const char *name, *value; /* one argument, or NULL */
};
struct row_contact {
    bool email;
    struct str value, match_key, label;
};
struct customer_place; /* ../customer/customer.h */
struct customer_date;
/* What both kinds say about a customer. Empty: nothing. */
struct row_customer {
    struct str external_id, first_name, last_name, nickname;
    struct row_contact *contacts;
    int ncontacts;
    char country[4], language[4];
    struct str address, postcode, city, store, source;
    struct str address_kind, blocked_reason;
    struct str *tags, *groups;
    int ntags, ngroups;
    struct str facebook, twitter, google, instagram, website;
    int64_t number;                      /* Habitué's own, 0: not said */
    bool names_said;                     /* the file has a column for the name */
    bool blocked, not_blocked;           /* what it says of that */
    const struct customer_place *places; /* further addresses */
    const struct customer_date *dates;
    int nplaces, ndates;
    uint8_t gender, device;
    int32_t birth_year, birth_month, birth_day;
    int32_t registered_day;
    int64_t points;             /* an opening balance; 0: none */
    uint8_t consents[CHANNELS]; /* CONSENT_NEVER_ASKED: says nothing */
};
struct row_sale {
    struct str invoice, store, product_code, product, category, size, url;
    int64_t at_us;
    int32_t day;
    int64_t quantity_milli, price_micro, amount_minor;
    __int128 value_nano; /* exactly quantity × price, or the amount as written; 10^-9 of the major
                            unit */
};
struct row {
    int64_t line;
    bool blank;           /* no cell is filled */
    bool country_unknown; /* a country nobody knows was passed over */
    struct row_customer customer;
    struct row_sale sale;
    struct row_problem problems[ROW_PROBLEMS_MAX];
    int nproblems; /* 0: the row is good */
};
void row_read(struct row_context *c, const struct record *rec, struct arena *a, struct row *ret);
/* A bad record as a row. */
void row_problem_add(struct row *row, const char *code, const char *field, const char *name,
                     const char *value);
