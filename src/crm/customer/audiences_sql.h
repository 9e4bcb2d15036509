/* Statements and parts of the audiences, for audience*.c and as_of*.c only. */
#pragma once
#include "../batch.h"
#include "../int_list.h"
#include "../merchant/merchant.h"
#include "audience_rules.h"
#include "audiences.h"

/* What stands in tables of its own: streams of rows (customer, value) in the order of the
 * customers, read beside them. */
enum audience_stream {
    STREAM_GROUPS,
    STREAM_POINTS,
    STREAM_TIERS,
    STREAM_STAMPS,
    STREAM_REFERRALS,
    STREAM_CERTIFICATES, /* kinds of those that can be redeemed on a day */
    AUDIENCE_STREAMS
};
/* Merchant, the day; those of some BATCH_KEYS customers in between. */
extern const struct db_statement audiences_streams[AUDIENCE_STREAMS],
    audiences_streams_of[AUDIENCE_STREAMS];
bool audience_stream_takes_day(enum audience_stream s);

extern const struct db_statement audiences_seq, audiences_changes, audiences_customers,
    audiences_facts, audiences_touched, audiences_words, audiences_stores, audiences_segments,
    audiences_favourites, audiences_favourite, audiences_groups, audiences_group_size,
    audiences_in_group, audiences_tiers, audiences_ladder, audiences_certificate_types,
    audiences_certificates_over;

/* A customer `c` as audience_take_customer() reads it. */
#define AUDIENCE_CUSTOMER                                                                          \
    "c.id, c.number, c.external_id, c.first_name, c.last_name, c.nickname, c.gender, "             \
    "c.birth_year,"                                                                                \
    " c.birth_month, c.birth_day, c.language, c.country, c.city,"                                  \
    " CAST(CASE WHEN c.address IS NULL THEN 0 ELSE 1 END AS BIGINT), c.store_id, c.source_id,"     \
    " c.device, c.photo_id, c.anonymous, c.blocked, c.registered_day,"                             \
    " CASE WHEN c.sms_suppressed = 1 THEN 3 ELSE c.sms_consent END,"                               \
    " CASE WHEN c.email_suppressed = 1 THEN 3 ELSE c.email_consent END,"                           \
    " CASE WHEN c.push_suppressed = 1 THEN 3 ELSE c.push_consent END"
#define AUDIENCE_CUSTOMER_TYPES                                                                    \
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
    int64_t *ladder; /* tiers from the lowest to the highest */
    size_t nladder;
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

void audience_row_clear(struct audience_row *row); /* unknown days */
void audience_take_customer(const struct db_rows *r, struct audience_row *row);
/* The stream's next row belongs to that customer or a later one: takes those of the customer, of
 * numbers the last. `*more`: the stream stands at a row. */
void audience_take_stream(enum audience_stream s, struct arena *a, struct db_rows *rows, bool *more,
                          struct audience_row *row);
/* All streams side by side, of everybody or of up to BATCH_KEYS customers, as they are on the day.
 */
struct audience_streams {
    struct db_rows *rows[AUDIENCE_STREAMS];
    bool more[AUDIENCE_STREAMS];
    int64_t next[AUDIENCE_STREAMS]; /* whose row each stream stands at; INT64_MAX: nobody's */
};
enum err must_use audience_streams_all(struct db_tx *tx, int64_t merchant_id, int32_t day,
                                       struct audience_streams *ret);
enum err must_use audience_streams_of(struct db_tx *tx, int64_t merchant_id, int32_t day,
                                      const int64_t *ids, size_t n, struct audience_streams *ret);
/* Of the next customer in the order of ids; the row says as yet that there is nothing. */
void audience_streams_take(struct audience_streams *s, struct arena *a, struct audience_row *row);
enum err must_use audience_streams_error(struct audience_streams *s);
void audience_streams_close(struct audience_streams *s); /* for cleanup() */
/* Copies the texts of the customer, and those that the facts have: a row that waits outlives what
 * SQLite or PostgreSQL lend for a moment. */
void audience_keep_names(struct arena *a, struct audience_row *row);
void audience_keep_contacts(struct arena *a, struct audience_row *row);

/* What the feed names since an entry. `whole`: nothing is missing at its beginning. `names`:
 * stores, words, segments or settings, read anew as a whole. */
struct audience_changes {
    struct int_list customers, favourites; /* in the transaction's arena; members of groups too */
    bool names, whole;
    int64_t seq;
};
enum err must_use audience_changes_read(struct db_tx *tx, int64_t merchant_id, int64_t after,
                                        struct audience_changes *ret);

/* The last entry of the change feed that the audience has taken: more, as others make it follow. */
int64_t audience_use_seq(const struct audience_use *u);

/* Reading customers into an audience, all as they are on its day. */
enum err must_use audience_read_all(struct db_tx *tx, int64_t merchant_id,
                                    struct audience *audience);
/* Puts these again, as they are on the day, removes those that are gone. */
enum err must_use audience_read_some(struct db_tx *tx, int64_t merchant_id, int32_t day,
                                     const struct int_list *customer_ids,
                                     struct audience *audience);
/* Adds those who have certificates that run out between two days, whichever is the later. */
enum err must_use audience_read_over(struct db_tx *tx, int64_t merchant_id, int32_t one,
                                     int32_t other, struct int_list *customer_ids);
enum err must_use audience_read_favourites(struct db_tx *tx, int64_t merchant_id,
                                           struct audience *audience);
enum err must_use audience_read_favourite(struct db_tx *tx, int64_t merchant_id,
                                          int64_t customer_id, struct audience *audience);
