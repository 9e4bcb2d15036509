/* Customers as they stood at the end of a day, from what is kept of their history: for as_of*.c
 * only. Threads: one. */
#pragma once
#include "as_of.h"
#include "audiences_sql.h"

struct as_of_past {
    int64_t merchant_id;
    int32_t day;
    struct zone *zone; /* the merchant's: for instants */
};
/* The day of the first thing known of anybody, DAY_NONE when nothing is. */
enum err must_use as_of_first_day(struct db_tx *tx, int64_t merchant_id, int32_t *ret);
/* Puts all who were customers then: ordered scans side by side, one customer in memory at a time.
 */
enum err must_use as_of_read_all(struct db_tx *tx, const struct as_of_past *past,
                                 struct audience *audience);
/* Puts these again, removes those who were none then. */
enum err must_use as_of_read_some(struct db_tx *tx, const struct as_of_past *past,
                                  const struct int_list *customer_ids, struct audience *audience);

/* as_of_sql.c: each stream of rows for all customers, and for a batch of them, by customer. */
enum as_of_stream {
    AS_OF_CUSTOMERS, /* AUDIENCE_CUSTOMER, created_us */
    AS_OF_PROFILES,  /* customer, tags, phone, email, further contacts */
    AS_OF_SALES,    /* customer, transaction, day, is a purchase, total, store, day it was canceled,
                       category and size of one of its lines; by transaction */
    AS_OF_DAYS,     /* customer, day, visits, bookings, their value */
    AS_OF_CONSENTS, /* customer, channel, state, instant; by instant */
    AS_OF_TABLES,   /* + enum audience_stream: customer, value */
    AS_OF_STREAMS = AS_OF_TABLES + AUDIENCE_STREAMS
};
extern const struct db_statement as_of_all[AS_OF_STREAMS], as_of_some[AS_OF_STREAMS];
extern const struct db_statement as_of_first_fact, as_of_first_registered;
/* Whether the stream's statement takes the day as its last parameter. */
bool as_of_takes_day(enum as_of_stream s);
