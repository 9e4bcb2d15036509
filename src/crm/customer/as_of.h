/* A merchant's customers as they stood at the end of an earlier day: the same questions, asked of
 * the past (DESIGN 4).
 *
 * Replayed from what is kept with its day: transactions and cancellations, activity, consent acts,
 * who was registered. What is kept without one (names, contacts, gender, store, tags, groups,
 * favourites, segments' texts) is taken as it is now; who is deleted now is left out.
 * docs/owners/customers.md says it to people. The days of the calendar count from that day.
 *
 * The audiences of the last few days asked for stay in memory and follow the change feed: a late
 * booking or a corrected import is seen at the next question. Building one reads the whole history.
 * Threads: any; who asks first builds, others who want the same day wait. Never call it inside
 * db_read() or db_write(). */
#pragma once
#include "audiences.h"

extern const struct db_statement *const as_of_statements[];
#define AS_OF_MAX 4 /* days in memory, of all merchants; each is as large as the present */

struct as_of_cache;
struct as_of_cache *as_of_new(struct app *app);
void as_of_free(struct as_of_cache **c); /* nobody may use one any more */

struct as_of_entry;
struct as_of_use {
    struct audience_use then; /* to ask; do not give it back by itself */
    /* private */
    struct audience_use now; /* whose names and settings are used */
    struct as_of_cache *cache;
    struct as_of_entry *entry;
};
/* `day` DAY_NONE or today: the present. ERR_INVALID as_of_future {today}, as_of_too_early {first};
 * ERR_BUSY as_of_busy: AS_OF_MAX other days are in use. ERR_NOT_FOUND: no such merchant. */
enum err must_use as_of_use(struct as_of_cache *c, int64_t merchant_id, int32_t day,
                            struct arena *a, struct as_of_use *ret, struct problem *p);
void as_of_done(struct as_of_use *u); /* for cleanup(); all zero is fine */
