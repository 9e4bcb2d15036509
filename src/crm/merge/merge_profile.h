/* A customer's own values as a merge sees them: read, chosen between, compared, written. For
 * merge*.c only. Threads: none of its own; texts live in the arena given. */
#pragma once
#include "../batch.h"
#include "../customer/customer.h"
#include "merge.h"

/* Columns of customer, in the order of merge_profile_read and merge_profile_write. */
enum merge_column {
    COL_FIRST_NAME,
    COL_LAST_NAME,
    COL_NICKNAME,
    COL_GENDER,
    COL_BIRTH_YEAR,
    COL_BIRTH_MONTH,
    COL_BIRTH_DAY,
    COL_LANGUAGE,
    COL_ADDRESS,
    COL_POSTCODE,
    COL_CITY,
    COL_COUNTRY,
    COL_ADDRESS_KIND,
    COL_STORE,
    COL_SOURCE,
    COL_DEVICE,
    COL_PHOTO,
    COL_REGISTERED,
    COL_EXTERNAL_ID,
    COL_FACEBOOK,
    COL_TWITTER,
    COL_INSTAGRAM,
    COL_GOOGLE,
    COL_WEBSITE,
    COL_ANONYMOUS,
    COL_BLOCKED,
    COL_BLOCKED_REASON,
    COL_BLOCKED_US,
    COL_BLOCKED_BY,
    COL_SMS, /* consent, by CHANNEL_* */
    COL_EMAIL,
    COL_PUSH,
    COL_SMS_SUPPRESSED,
    COL_EMAIL_SUPPRESSED,
    COL_PUSH_SUPPRESSED,
    MERGE_COLUMNS
};
extern const struct merge_column_info {
    const char *name;
    enum merge_field field; /* MERGE_FIELDS: nobody chooses */
} merge_columns[MERGE_COLUMNS];
/* Columns of customer that a merge does not touch. */
extern const char *const merge_columns_kept[]; /* ends with NULL */

/* Lists with an order; the first phone and e-mail are the main ones, the first address is in the
 * columns. */
enum merge_list_kind { LIST_PHONES, LIST_EMAILS, LIST_ADDRESSES, LIST_DATES, MERGE_LISTS };
extern const char *const merge_list_names[MERGE_LISTS];
enum { MERGE_PARTS = 5, MERGE_ITEMS_MAX = 20 };
struct merge_item {
    struct str key;                /* what makes it the same as another one */
    struct str parts[MERGE_PARTS]; /* its columns as text; empty: NULL */
};
struct merge_list {
    struct merge_item v[2 * MERGE_ITEMS_MAX];
    size_t n;
};
/* How many a card holds. */
size_t merge_list_max(enum merge_list_kind kind);
struct merge_profile {
    int64_t id, number, version, updated_us, merged_into;
    bool deleted;
    struct db_value v[MERGE_COLUMNS];
    struct merge_list lists[MERGE_LISTS];
};
/* ERR_NOT_FOUND: no such row; a deleted one is read. */
enum err must_use merge_profile_get(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                    struct arena *a, struct merge_profile *ret);
/* Writes columns and lists, and moves the version. */
enum err must_use merge_profile_put(struct db_tx *tx, int64_t merchant_id, int64_t now_us,
                                    const struct merge_profile *profile);
/* As kept in customer_merge.before and .after. */
const char *merge_profile_text(struct arena *a, const struct merge_profile *profile);
/* ERR_INTERNAL: no such text. Only columns and lists are filled. */
enum err must_use merge_profile_parse(struct arena *a, struct str text, struct merge_profile *ret);

bool merge_value_eq(const struct db_value *a, const struct db_value *b);
bool merge_list_eq(const struct merge_list *a, const struct merge_list *b);
bool merge_list_has(const struct merge_list *list, struct str key);
/* Whether the column says something. */
bool merge_value_said(enum merge_column column, const struct db_value *v);

extern const struct db_statement *const merge_profile_statements[];
