/* Statements and parts of the audiences, for audiences*.c only. */
#pragma once
#include "../batch.h"
#include "../int_list.h"
#include "../merchant/merchant.h"
#include "audiences.h"

extern const struct db_statement audiences_seq, audiences_changes, audiences_customers,
    audiences_facts, audiences_touched, audiences_words, audiences_stores, audiences_segments,
    audiences_favourites, audiences_favourite;

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
};
/* ERR_NOT_FOUND: no such merchant. */
enum err must_use audience_names_read(struct db_tx *tx, int64_t merchant_id,
                                      struct audience_names **ret);
/* Reads the segments into `names`. */
enum err must_use audience_segments_read(struct db_tx *tx, int64_t merchant_id,
                                         struct audience_names *names);
void audience_names_free(struct audience_names **names);
void audience_names_tell(const struct audience_names *names, struct audience *audience);

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
