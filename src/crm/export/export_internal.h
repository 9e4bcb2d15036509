/* Rows and columns of an export: for export*.c only. */
#pragma once
#include "../customer/customer.h"
#include "export.h"

/* One customer with everything that a column may show. Texts live until the next one. */
struct export_row {
    int64_t id, number, visits, operations, spent_minor, birth_year, birth_month, birth_day;
    int32_t registered_day, last_visit_day, last_purchase_day;
    uint8_t consent[CHANNELS];
    bool blocked, anonymous, email_suppressed;
    struct str external_id, first_name, last_name, nickname, gender, language, country, city,
        address, postcode, store, source, device, facebook, twitter, google, instagram, website,
        blocked_reason, address_kind, type;
    struct str phones[CUSTOMER_CONTACTS_MAX], emails[CUSTOMER_CONTACTS_MAX];
    struct str phone_labels[CUSTOMER_CONTACTS_MAX], email_labels[CUSTOMER_CONTACTS_MAX];
    int nphones, nemails;
    struct str tags, groups, addresses, dates; /* as src/crm/import/row_lists.c reads them */
};
struct export_cell {
    enum { CELL_EMPTY, CELL_TEXT, CELL_NUMBER } kind;
    struct str text;
    int64_t number; /* in units of 10^-decimals */
    int decimals;
};
struct export_context {
    struct arena *arena; /* of the row */
    int currency_decimals;
};
struct export_column {
    const char *name, *key; /* of the heading's text */
    void (*get)(const struct export_context *x, const struct export_row *r, int i,
                struct export_cell *ret);
    int i;      /* which of several: phone2 */
    bool dated; /* of the day of an export as of an earlier one; the others are of today */
};

/* A file being written. */
struct export_file;
enum err must_use export_file_open(const struct export_ask *ask, int currency_decimals,
                                   struct export_file **ret);
enum err must_use export_file_row(struct export_file *f, const struct export_row *row);
/* *ret_fd stands at the beginning. */
enum err must_use export_file_end(struct export_file *f, int *ret_fd);
void export_file_close(struct export_file **f); /* for cleanup(); NULL is fine */

/* export_sql.c: each by customer; merchant, first and last customer. */
enum export_stream {
    EXPORT_CUSTOMERS,
    EXPORT_FACTS,
    EXPORT_CONTACTS,
    EXPORT_TAGS,
    EXPORT_GROUPS,
    EXPORT_PLACES,
    EXPORT_DATES,
    EXPORT_STREAMS
};
extern const struct db_statement export_streams[EXPORT_STREAMS];
