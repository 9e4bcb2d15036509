/* habitue check: the audience, customer by customer, against the database asked independently: the
 * profile as it is stored, everything else recomputed from transactions, activity, contacts and
 * tags, and the typology from that. */
#pragma once
#include "audiences.h"

extern const struct db_statement *const audience_check_statements[];
#define AUDIENCE_CHECK_MAX 20 /* differences that are named */
struct audience_report {
    int64_t customers;                   /* compared */
    int64_t differing, missing, surplus; /* other values; not in memory; in memory alone */
    struct {
        int64_t customer_id;
        const char *field; /* "row": missing */
    } some[AUDIENCE_CHECK_MAX];
    int nsome;
};
/* Both sides at the same moment, though others write meanwhile. ERR_BUSY: they never let go;
 * nothing is said then. Never call it inside db_read() or db_write(). */
enum err must_use audience_check(struct app *app, int64_t merchant_id, struct audience_report *ret);
