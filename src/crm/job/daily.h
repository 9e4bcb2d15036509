/* What each merchant has once a day: a job of each kind in daily_jobs[] (src/crm/features.c) is
 * made when the merchant's day begins, by whichever process finds it first, and once only; a day on
 * which nothing ran is not made up for. */
#pragma once
#include "../app.h"

extern const struct db_statement *const daily_statements[];
extern const char *const daily_jobs[]; /* kinds; ends with NULL */
/* Those that merchants want at an hour of their day. `due` tells who wants one, by time zone: id,
 * time zone, the last day that had its job or NULL, hour; $1 is the kind. */
struct daily_timed {
    const char *kind;
    const struct db_statement *due;
};
extern const struct daily_timed daily_timed[]; /* ends with {0} */

#define DAILY_LOOK_MS 30000 /* how often it is worth looking */
/* Makes the jobs that are due, of all merchants; for work_tick(). */
void daily_look(void *app);
