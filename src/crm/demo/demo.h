/* The demo chain: stores, staff, customers and three years of what they did, all from a seed. */
#pragma once
#include "../app.h"

extern const struct db_statement *const demo_statements[];

#define DEMO_SLUG "demo"
#define DEMO_CUSTOMERS 20000
#define DEMO_CUSTOMERS_MAX 10000000
#define DEMO_FULL_MAX 50000 /* up to here three years of history each: more would fill the disk */
struct demo_options {
    int64_t
        customers; /* 1…DEMO_CUSTOMERS_MAX; beyond DEMO_FULL_MAX each has one year, thinned out */
    uint64_t seed;
    int32_t today; /* the last day of the history; DAY_NONE = today in the chain's zone */
};
extern const struct demo_login demo_logins[]; /* ends with {0} */
/* Called after each committed batch; false stops (ERR_CANCELED). */
typedef bool (*demo_progress)(void *arg, int64_t done, int64_t total);
/* Fills the base, in batches, each durable; a run that was cut off is taken up again where it
 * stopped with the same options. OK at once when the same demo is complete. ERR_CONFLICT:
 * demo_slug_taken (a merchant "demo" that the demo did not make), demo_other_options (a demo of
 * another size or seed). */
enum err must_use demo_fill(struct app *app, const struct demo_options *o, demo_progress progress,
                            void *arg, struct arena *a, struct problem *p);
/* True when this merchant was made by the demo. */
enum err must_use demo_is(struct db_tx *tx, int64_t merchant_id, bool *ret);
