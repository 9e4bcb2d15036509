/* What each merchant has once a day: a job of each kind in daily_jobs[] (src/crm/features.c) is
 * made when the merchant's day begins, by whichever process finds it first, and once only; a day on
 * which nothing ran is not made up for. */
#pragma once
#include "../app.h"

extern const struct db_statement *const daily_statements[];
extern const char *const daily_jobs[]; /* kinds; ends with NULL */

#define DAILY_LOOK_MS 30000 /* how often it is worth looking */
/* Makes the jobs that are due, of all merchants; for work_tick(). */
void daily_look(void *app);
