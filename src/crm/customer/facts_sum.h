/* One customer's facts while they are added up, and as the row that is stored. For facts*.c only.
 * Threads: one. Memory: everything lives in the arena given. */
#pragma once
#include "../batch.h"
#include "../int_list.h"
#include "facts.h"

struct facts_sum {
    int64_t customer_id;
    bool there; /* the customer, or the stored row, was found */
    int32_t first_day, first_purchase_day, last_purchase_day, last_visit_day; /* DAY_NONE = never */
    int64_t operations, spent_minor, purchase_days, visits, tallies[ACTIVITY_TALLIES];
    struct int_list visit_days, bought_days, tags, stores, categories, sizes;
    struct str phone, email;
    struct str contact_text; /* the others, blank-separated */
};
struct facts_sum facts_sum_begin(int64_t customer_id);  /* of nobody's history yet */
void facts_sum_first(struct facts_sum *s, int32_t day); /* something happened on it */
/* A transaction. `bought`: a purchase that nothing took back. */
struct facts_head {
    int32_t day;
    bool bought;
    int64_t total_minor, store_id; /* 0 = none */
};
void facts_sum_head(struct arena *a, struct facts_sum *s, const struct facts_head *head);
/* Of a line that was bought; 0 = none. */
void facts_sum_words(struct arena *a, struct facts_sum *s, int64_t category_id, int64_t size_id);
/* A day's activity. */
struct facts_day {
    int32_t day;
    bool visited;
    int64_t bookings, booked_minor, tallies[ACTIVITY_TALLIES];
};
void facts_sum_day(struct arena *a, struct facts_sum *s, const struct facts_day *day);
/* Sorts the lists, counts the visits; with `from_scratch` purchase days come from bought_days. */
void facts_sum_finish(struct facts_sum *s, bool from_scratch);

enum { FACTS_COLUMNS = 21 };
extern const char *const facts_column_names[FACTS_COLUMNS];
/* The row as values of facts_write, packed into the arena. */
void facts_sum_values(struct arena *a, int64_t merchant_id, const struct facts_sum *s,
                      struct db_value values[static FACTS_COLUMNS]);

/* At most BATCH_KEYS customers at once; ids ascending, each once; sums[i] belongs to ids[i]. */
enum err must_use facts_gather(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                               const int64_t *ids, size_t n, struct facts_sum *sums);
enum err must_use facts_stored(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                               const int64_t *ids, size_t n, struct facts_sum *sums);

/* The next customers after one id, ascending; none: *ret_n is 0. */
enum err must_use facts_next_ids(struct db_tx *tx, int64_t merchant_id, int64_t after,
                                 int64_t ids[static BATCH_KEYS], size_t *ret_n);

/* facts_sql.c */
extern const struct db_statement facts_home, facts_heads, facts_words, facts_events, facts_contacts,
    facts_tags, facts_read, facts_write, facts_profile_update, facts_tags_update, facts_ids_after;
