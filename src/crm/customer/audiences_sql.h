/* Statements and parts of the audiences, for audience*.c and as_of*.c only. */
#pragma once
#include "../batch.h"
#include "../int_list.h"
#include "../merchant/merchant.h"
#include "audience_rules.h"
#include "audiences.h"

extern const struct db_statement audiences_seq, audiences_changes, audiences_customers,
    audiences_facts, audiences_touched, audiences_words, audiences_stores, audiences_segments,
    audiences_favourites, audiences_favourite, audiences_groups, audiences_members,
    audiences_members_of, audiences_group_size, audiences_in_group;

/* A customer `c` as audience_take_customer() reads it. */
#define AUDIENCE_CUSTOMER                                                                           \
    "c.id, c.number, c.external_id, c.first_name, c.last_name, c.nickname, c.gender, "             \
    "c.birth_year,"                                                                                \
    " c.birth_month, c.birth_day, c.language, c.country, c.city,"                                  \
    " CAST(CASE WHEN c.address IS NULL THEN 0 ELSE 1 END AS BIGINT), c.store_id, c.source_id,"     \
    " c.device, c.photo_id, c.anonymous, c.blocked, c.registered_day,"                             \
    " CAST(CASE WHEN c.sms_suppressed = 1 THEN 3 ELSE c.sms_consent END AS BIGINT),"               \
    " CAST(CASE WHEN c.email_suppressed = 1 THEN 3 ELSE c.email_consent END AS BIGINT),"           \
    " CAST(CASE WHEN c.push_suppressed = 1 THEN 3 ELSE c.push_consent END AS BIGINT)"
#define AUDIENCE_CUSTOMER_TYPES                                                                             \
    "ii"                                                                                           \
    "tttt"                                                                                         \
    "t"                                                                                            \
    "iii"                                                                                          \
    "ttt"                                                                                          \
    "i"                                                                                            \
    "ii"                                                                                           \
    "t"                                                                                            \
    "iiii"                                                                                         \
    "iii"
enum { CUSTOMER_WIDTH = 24 }; /* columns of it; others follow */

/* What names and settings stood at one moment; never changed, replaced as a whole. */
struct audience_names {
    int refs;
    struct arena *arena;
    struct zone *zone;
    const char *time_zone, *country;
    char language[4];
    int currency_decimals;
    struct audience_name {
        int64_t id;
        struct str name;
    } * words[WORD_KINDS]; /* by id */
    size_t nwords[WORD_KINDS];
    struct audience_segment *segments; /* by key */
    size_t nsegments;
    struct typology_set types;
};
/* ERR_NOT_FOUND: no such merchant. */
enum err must_use audience_names_read(struct db_tx *tx, int64_t merchant_id,
                                      struct audience_names **ret);
/* Reads the segments into `names`. */
enum err must_use audience_segments_read(struct db_tx *tx, int64_t merchant_id,
                                         struct audience_names *names);
void audience_names_free(struct audience_names **names);
void audience_names_tell(struct audience_names *names, struct audience *audience);

struct audience_row audience_row_empty(void); /* unknown days */
void audience_take_customer(const struct db_rows *r, struct audience_row *row);
/* The next row of customer and group belongs to that customer or a later one: gathers the groups of
 * the customer. `*more`: the stream stands at a row. */
void audience_take_groups(struct arena *a, struct db_rows *members, bool *more,
                          struct audience_row *row);
/* Copies the texts: a row that waits outlives what SQLite or PostgreSQL lend for a moment. */
void audience_keep_texts(struct arena *a, struct audience_row *row);

/* What the feed names since an entry. `whole`: nothing is missing at its beginning. `names`: stores,
 * words, segments or settings, read anew as a whole. */
struct audience_changes {
    struct int_list customers, favourites; /* in the transaction's arena; members of groups too */
    bool names, whole;
    int64_t seq;
};
enum err must_use audience_changes_read(struct db_tx *tx, int64_t merchant_id, int64_t after,
                                        struct audience_changes *ret);

/* The last entry of the change feed that the audience has taken: more, as others make it follow. */
int64_t audience_use_seq(const struct audience_use *u);

/* Reading customers into an audience. */
enum err must_use audience_read_all(struct db_tx *tx, int64_t merchant_id,
                                    struct audience *audience);
/* Puts these again, removes those that are gone. */
enum err must_use audience_read_some(struct db_tx *tx, int64_t merchant_id,
                                     const struct int_list *customer_ids,
                                     struct audience *audience);
enum err must_use audience_read_favourites(struct db_tx *tx, int64_t merchant_id,
                                           struct audience *audience);
enum err must_use audience_read_favourite(struct db_tx *tx, int64_t merchant_id,
                                          int64_t customer_id, struct audience *audience);
